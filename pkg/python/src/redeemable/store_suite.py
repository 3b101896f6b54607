"""Checks of everything that a store must do: functions that raise an AssertionError if it does not.

Run them for a store that you write, with any test runner, each check on empty tables:

    @pytest.mark.parametrize("check", store_suite.CHECKS)
    def test_store(check):
        check(store_suite.Subject(store, note, notes, drifted))

If the store has `scan`, `differences`, `prune`, `person` and `old`, run `AUDIT_CHECKS`, too. If it has `joining`, run
`JOINING_CHECKS` with a `Subject` that has `begin`. Pass an asynchronous store as
`Blocking(store, loop.run_until_complete)`. The checks never make two calls at the same time. Write your own test, with
several processes, that no limit is exceeded then.
"""

from ._suite import Blocking, HostTransaction, Subject
from ._suite_audit import AUDIT_CHECKS
from ._suite_checks import CHECKS
from ._suite_joining import JOINING_CHECKS

__all__ = ["AUDIT_CHECKS", "CHECKS", "JOINING_CHECKS", "Blocking", "HostTransaction", "Subject"]
