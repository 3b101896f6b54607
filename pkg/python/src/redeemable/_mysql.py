"""What the stores on MariaDB and MySQL share: how they read rows and execute the operations of a plan."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from . import _sql
from ._steps import Document


def text(rows: Iterable[Any]) -> list[tuple[Any, ...]]:
    """The rows, with text in place of bytes: the statements return UTF-8, whatever character set the connection has."""
    return [tuple(value.decode() if isinstance(value, bytes) else value for value in row) for row in rows]


def usage(rows: Iterable[Any]) -> Document:
    """The answer of a store's `read`, from the rows of the statement `read`: a row without a key is the record."""
    seen = _sql.found(text(rows))
    return {"counters": seen["counters"], "existing": next(iter(seen["holds"]), None)}


def find(lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> tuple[str, dict[str, Any]]:
    name, values = _sql.find(False, lapsed_by_ms, keys, limit)
    # LIMIT takes no expression, so the number of oldest holds among which some are drawn is a value of its own.
    return name, values if keys is None else {**values, "among": max(limit, 100)}


def execute(run: Callable[[str, dict[str, Any]], Any], ops: Sequence[Document]) -> list[str]:
    """Executes operations of a plan as `_sql.execute` does; a counter's first use has a statement of its own."""

    def tried(name: str, values: dict[str, Any]) -> Any:
        try:
            result = run(name, values)
            return run("first_charge", values) if name == "charge" and result.rowcount == 0 else result
        except Exception as error:
            if _sql.is_mysql(error, _sql.DUPLICATE):
                raise _sql.Conflict from error
            raise

    return _sql.execute(tried, ops)


def unmark(run: Callable[[str, dict[str, Any]], Any]) -> None:
    """Raises if `write` has ended the transaction: the counters would be stored in another one than the records."""
    try:
        run("unmark", {})
    except Exception as error:
        if _sql.is_mysql(error, _sql.NO_SAVEPOINT):
            raise RuntimeError(_sql.ENDED) from error
        raise
