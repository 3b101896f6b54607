"""What both stores over SQLAlchemy (1.4 or 2, on SQLite or PostgreSQL) do on a connection.

The asynchronous store calls these functions, too: its connection runs them with `run_sync`.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.elements import TextClause

from . import _sql
from ._sql_host import answered
from ._steps import Document


def refuse_open_transaction(is_open: bool) -> None:
    if is_open:
        raise RuntimeError("the connection has a transaction open: commit it or roll it back first")


def lock(connection: Connection, on_sqlite: str) -> None:
    """Makes sure that a transaction has begun, because some drivers begin it late, or not at all.

    On SQLite, `on_sqlite` is the statement that begins it: BEGIN IMMEDIATE takes the write lock at once.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        if not driver.in_transaction:
            connection.exec_driver_sql(on_sqlite)
    elif connection.dialect.name != "postgresql":
        raise NotImplementedError(f"expected SQLite or PostgreSQL, found {connection.dialect.name}")
    elif getattr(connection.connection.dbapi_connection, "autocommit", False):
        raise RuntimeError("the connection is in AUTOCOMMIT: expected any other isolation level")


def migrate(connection: Connection) -> None:
    for statement in _sql.one_by_one(_sql.tables(_dialect(connection))):
        connection.execute(text(statement))


def read(connection: Connection, keys: Sequence[str], id: str | None) -> Document:
    return _sql.usage(execute(connection, *_sql.read(_is_postgres(connection), keys, id)).fetchone())


def find(connection: Connection, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
    return _sql.found(execute(connection, *_sql.find(_is_postgres(connection), lapsed_by_ms, keys, limit)))


def scan(connection: Connection, visit: Callable[[Document], object]) -> None:
    if _is_postgres(connection):
        execute(connection, "one_moment", {})
    answered(_sql.scan(visit), partial(_rows, connection))


def recount(connection: Connection, key: str, count: Callable[[Iterable[Document]], int]) -> int:
    if _is_postgres(connection):
        execute(connection, "each_statement", {})
    return answered(_sql.recount(key, count), partial(_rows, connection))


def prune(connection: Connection, is_over: Callable[[str], bool]) -> int:
    if _is_postgres(connection):
        execute(connection, "each_statement", {})
    return answered(_sql.prune(is_over), partial(_rows, connection))


def execute(connection: Connection, name: str, values: dict[str, Any]) -> Any:
    return connection.execute(_statements(_dialect(connection))[name], values)


@cache
def _statements(dialect: str) -> dict[str, TextClause]:
    return {name: text(statement) for name, statement in _sql.statements(dialect).items()}


def _dialect(connection: Connection) -> str:
    return "postgres" if _is_postgres(connection) else "sqlite"


def _is_postgres(connection: Connection) -> bool:
    return connection.dialect.name != "sqlite"


def _rows(connection: Connection, name: str, values: dict[str, Any]) -> list[Any]:
    result = execute(connection, name, values)
    return list(result) if result.returns_rows else []


def store_records(connection: Connection, ops: Sequence[Document]) -> None:
    """Stores the plan's records, and sets a mark, which is gone if `write` ends the transaction."""
    if _is_postgres(connection):
        execute(connection, "commit_records", {"ops": _sql.to_json(ops)})
    else:
        _sql.execute_on_sqlite(partial(execute, connection), ops)
        execute(connection, "mark", {})


def count(connection: Connection, ops: Sequence[Document], has_written: bool) -> list[str]:
    """Stores the plan's counters (all of the plan if the host writes nothing); returns the keys that have drifted."""
    if _is_postgres(connection):
        name = "commit_counters" if has_written else "commit"
        return _sql.drifted(execute(connection, name, {"ops": _sql.to_json(ops)}).scalar_one())
    if has_written:
        try:
            execute(connection, "unmark", {})
        except OperationalError as error:
            raise RuntimeError(_sql.ENDED) from error
    return _sql.execute_on_sqlite(partial(execute, connection), ops)
