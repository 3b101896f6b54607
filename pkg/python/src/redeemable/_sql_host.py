# Made from _sql_aio.py by tools/unasync.py, which `make generate` runs: change that file, not this one.
"""How a store executes its queries."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from ._conflicts import is_conflict
from ._statements import plain_rows
from ._steps import Queries, R

P = ParamSpec("P")


def repeated(read: Callable[P, R]) -> Callable[P, R]:
    """Repeats a read if the database asks for it. PostgreSQL may do so at the isolation level SERIALIZABLE."""

    @wraps(read)
    def reading(*args: P.args, **options: P.kwargs) -> R:
        for attempt in range(7):
            try:
                return read(*args, **options)
            except Exception as error:
                if not is_conflict(error):
                    raise
                # Pause for a random time, so that the read does not meet the same writers again.
                time.sleep(random.uniform(0, 2**attempt) / 1000)
        return read(*args, **options)

    return reading


def answered(queries: Queries[R], run: Callable[[str, dict[str, Any]], Any]) -> R:
    """The result of the queries.

    `run(name, values)` executes each of them and returns its rows or, if it has none, how many rows it has changed.
    """
    proceed: Callable[[Any], tuple[str, dict[str, Any]]] = queries.send
    sent: Any = None
    while True:
        try:
            name, values = proceed(sent)
        except StopIteration as end:
            result: R = end.value
            return result
        try:
            rows = run(name, values)
            proceed, sent = queries.send, rows if isinstance(rows, int) else plain_rows(rows)
        except Exception as error:
            proceed, sent = queries.throw, error
