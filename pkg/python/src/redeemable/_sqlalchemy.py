"""What both stores over SQLAlchemy (1.4 or 2, on SQLite, PostgreSQL, MariaDB or MySQL) do on a connection.

The asynchronous store calls these functions, too: its connection runs them with `run_sync`.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.elements import TextClause

from . import _mysql, _sql
from ._sql_host import answered
from ._steps import Document


def refuse_open_transaction(is_open: bool) -> None:
    if is_open:
        raise RuntimeError("the connection has a transaction open: commit it or roll it back first")


def begin(connection: Connection, mode: str) -> None:
    """Makes sure that a transaction has begun, because some drivers begin it late, or not at all.

    `mode` is `one_moment` for a transaction that only reads, otherwise `each_statement`.
    """
    match dialect_of(connection):
        case "sqlite":
            driver: Any = connection.connection.driver_connection
            if not driver.in_transaction:
                # BEGIN IMMEDIATE takes the write lock at once.
                connection.exec_driver_sql("BEGIN" if mode == "one_moment" else "BEGIN IMMEDIATE")
        case "mysql":
            execute(connection, mode, {})
            execute(connection, "begin", {})
        case _:
            if getattr(connection.connection.dbapi_connection, "autocommit", False):
                raise RuntimeError("the connection is in AUTOCOMMIT: expected any other isolation level")


def begin_reading(connection: Connection) -> None:
    """Before a single statement that reads: on MariaDB and MySQL, it must not see what is not committed."""
    if dialect_of(connection) == "mysql":
        execute(connection, "one_moment", {})


def migrate(connection: Connection) -> None:
    for statement in _sql.one_by_one(_sql.tables(dialect_of(connection))):
        connection.execute(text(statement))


def read(connection: Connection, keys: Sequence[str], id: str | None) -> Document:
    if dialect_of(connection) == "mysql":
        return _mysql.usage(execute(connection, *_sql.read(False, keys, id)))
    return _sql.usage(execute(connection, *_sql.read(_is_postgres(connection), keys, id)).fetchone())


def find(connection: Connection, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
    if dialect_of(connection) == "mysql":
        return _sql.found(_rows(connection, *_mysql.find(lapsed_by_ms, keys, limit)))
    return _sql.found(execute(connection, *_sql.find(_is_postgres(connection), lapsed_by_ms, keys, limit)))


def scan(connection: Connection, visit: Callable[[Document], object]) -> None:
    if _is_postgres(connection):
        execute(connection, "one_moment", {})
    answered(_sql.scan(visit), partial(_rows, connection))


def recount(connection: Connection, key: str, count: Callable[[Iterable[Document]], int]) -> int:
    if _is_postgres(connection):
        execute(connection, "each_statement", {})
    queries = _sql.recount(key, count, locks_rows=dialect_of(connection) != "sqlite")
    return answered(queries, partial(_rows, connection))


def prune(connection: Connection, is_over: Callable[[str], bool]) -> int:
    if _is_postgres(connection):
        execute(connection, "each_statement", {})
    return answered(_sql.prune(is_over), partial(_rows, connection))


def execute(connection: Connection, name: str, values: dict[str, Any]) -> Any:
    return connection.execute(_statements(dialect_of(connection))[name], values)


@cache
def _statements(dialect: str) -> dict[str, TextClause]:
    return {name: text(statement) for name, statement in _sql.statements(dialect).items()}


def dialect_of(connection: Connection) -> str:
    """The name of the database in `sql/`."""
    name = connection.dialect.name
    if name not in DIALECTS:
        raise NotImplementedError(f"expected SQLite, PostgreSQL, MariaDB or MySQL, found {name}")
    return DIALECTS[name]


DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}


def _is_postgres(connection: Connection) -> bool:
    return dialect_of(connection) == "postgres"


def _rows(connection: Connection, name: str, values: dict[str, Any]) -> list[Any]:
    result = execute(connection, name, values)
    return _mysql.text(result) if result.returns_rows else []


def store_records(connection: Connection, ops: Sequence[Document]) -> None:
    """Stores the plan's records, and sets a mark, which is gone if `write` ends the transaction."""
    if _is_postgres(connection):
        execute(connection, "commit_records", {"ops": _sql.to_json(ops)})
    else:
        _execute_ops(connection, ops)
        execute(connection, "mark", {})


def count(connection: Connection, ops: Sequence[Document], has_written: bool) -> list[str]:
    """Stores the plan's counters (all of the plan if the host writes nothing); returns the keys that have drifted."""
    if _is_postgres(connection):
        name = "commit_counters" if has_written else "commit"
        return _sql.drifted(execute(connection, name, {"ops": _sql.to_json(ops)}).scalar_one())
    if has_written and dialect_of(connection) == "mysql":
        _mysql.unmark(partial(execute, connection))
    elif has_written:
        try:
            execute(connection, "unmark", {})
        except OperationalError as error:
            raise RuntimeError(_sql.ENDED) from error
    return _execute_ops(connection, ops)


def _execute_ops(connection: Connection, ops: Sequence[Document]) -> list[str]:
    execute_each = _mysql.execute if dialect_of(connection) == "mysql" else _sql.execute
    return execute_each(partial(execute, connection), ops)
