"""Every store does what a store must do."""

import pytest
from conftest import Host
from redeemable import store_suite


@pytest.mark.parametrize("check", store_suite.CHECKS, ids=lambda check: check.__name__)
def test_store(shop: Host, check) -> None:
    check(shop.subject())
