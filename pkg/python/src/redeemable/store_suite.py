"""What every store must do, as functions that fail with an AssertionError.

For a store of your own, with any test runner:

    @pytest.mark.parametrize("check", store_suite.CHECKS)
    def test_store(check):
        check(store_suite.Subject(store, note, notes, drifted))

each time on empty tables; and `AUDIT_CHECKS` if it has `scan` and `recount`. An asynchronous store is passed as
`Blocking(store, loop.run_until_complete)`. They make no two calls at once: that no limit is exceeded then is yours to
test, with several processes.
"""

from ._suite import Blocking, Subject
from ._suite_audit import AUDIT_CHECKS
from ._suite_checks import CHECKS

__all__ = ["AUDIT_CHECKS", "CHECKS", "Blocking", "Subject"]
