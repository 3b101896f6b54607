"""Plans in a transaction that the host has begun, and that it ends itself."""

from collections.abc import Callable
from typing import Any

import pytest
from kinds import STORES
from redeemable import store_suite

# On this engine `begin()` begins nothing: see test_a_transaction_that_is_not_open_is_refused.
JOINING = [kind for kind in STORES if kind != "sqlalchemy-mysql-autocommit"]


@pytest.mark.parametrize("check", store_suite.JOINING_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", JOINING)
def test_joining(kind: str, check: Callable[[store_suite.Subject], None], open_host: Any) -> None:
    check(open_host(kind).subject())
