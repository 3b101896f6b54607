"""Runs the suite for stores on every store."""

from collections.abc import Callable

import pytest
from conftest import Host
from kinds import POSTGRES, STORES
from redeemable import store_suite
from redeemable._suite_checks import stores_all_of_a_plan_or_nothing


@pytest.mark.parametrize("check", [*store_suite.CHECKS, *store_suite.AUDIT_CHECKS], ids=lambda check: check.__name__)
def test_store(any_store: Host, check: Callable[[store_suite.Subject], None]) -> None:
    check(any_store.subject())


# Django makes the tables by a migration, which test_django.py runs.
@pytest.mark.parametrize("kind", [kind for kind in STORES if not kind.startswith("django")])
def test_the_tables_are_made_once(kind: str, open_host: Callable[[str], Host]) -> None:
    any_store = open_host(kind)
    for table in ("redeemable_redemptions", "redeemable_counters"):
        any_store.look.execute(f"DROP TABLE {table}")
    if any_store.kind in POSTGRES:
        any_store.look.execute("DROP FUNCTION redeemable_commit(json)")
    for _ in range(2):
        migrated = any_store.store.migrate()
        if any_store.is_async:
            any_store.run(migrated)
    stores_all_of_a_plan_or_nothing(any_store.subject())
