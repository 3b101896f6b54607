"""What both stores over SQLAlchemy do on a connection, version 1.4 or 2, on SQLite or PostgreSQL.

An awaited connection runs these functions, too: by `run_sync`.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from . import _sql
from ._sql_host import answered
from ._steps import Document


def refuse_open_transaction(is_open: bool) -> None:
    if is_open:
        raise RuntimeError("the connection has a transaction open: commit it or roll it back first")


def lock(connection: Connection, on_sqlite: str) -> None:
    """Makes sure that a transaction has begun, and on SQLite takes its write lock unless it only reads: drivers begin late, or not at all."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        if not driver.in_transaction:
            connection.exec_driver_sql(on_sqlite)
    elif connection.dialect.name != "postgresql":
        raise NotImplementedError(f"expected SQLite or PostgreSQL, found {connection.dialect.name}")
    elif getattr(connection.connection.dbapi_connection, "autocommit", False):
        raise RuntimeError("the connection is in AUTOCOMMIT: expected any other isolation level")


def migrate(connection: Connection) -> None:
    for statement in _sql.statements(_sql.tables("sqlite" if connection.dialect.name == "sqlite" else "postgres")):
        connection.execute(text(statement))


def read(connection: Connection, keys: Sequence[str], id: str | None) -> Document:
    statement, values = _sql.read(connection.dialect.name != "sqlite", keys, id)
    return _sql.usage(connection.execute(text(statement), values).fetchone())


def find(connection: Connection, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
    statement, values = _sql.find(connection.dialect.name != "sqlite", lapsed_by_ms, keys, limit)
    return _sql.found(connection.execute(text(statement), values))


def scan(connection: Connection, visit: Callable[[Document], object]) -> None:
    on_postgres = connection.dialect.name != "sqlite"
    if on_postgres:
        connection.execute(text(_sql.ONE_MOMENT))
    answered(_sql.scan(on_postgres, visit), partial(_rows, connection))


def recount(connection: Connection, key: str, count: Callable[[Iterable[Document]], int]) -> int:
    on_postgres = connection.dialect.name != "sqlite"
    if on_postgres:
        connection.execute(text(_sql.EACH_STATEMENT))
    return answered(_sql.recount(on_postgres, key, count), partial(_rows, connection))


def _rows(connection: Connection, statement: str, values: dict[str, Any]) -> list[Any]:
    result = connection.execute(text(statement), values)
    return list(result) if result.returns_rows else []


def store_records(connection: Connection, ops: Sequence[Document]) -> None:
    """The plan up to the host's own writes, and what tells afterwards whether they have ended the transaction."""
    if connection.dialect.name == "sqlite":
        _execute_on_sqlite(connection, ops)
        connection.exec_driver_sql("SAVEPOINT redeemable")
    else:
        connection.execute(text(_sql.POSTGRES_RECORDS), {"ops": _sql.to_json(ops)})


def count(connection: Connection, ops: Sequence[Document], has_written: bool) -> list[str]:
    if connection.dialect.name != "sqlite":
        statement = _sql.POSTGRES_COUNTERS if has_written else _sql.POSTGRES_COMMIT
        return _sql.drifted(connection.execute(text(statement), {"ops": _sql.to_json(ops)}).scalar_one())
    if has_written:
        try:
            connection.exec_driver_sql("RELEASE redeemable")
        except OperationalError as error:
            raise RuntimeError(_sql.ENDED) from error
    return _execute_on_sqlite(connection, ops)


def _execute_on_sqlite(connection: Connection, ops: Sequence[Document]) -> list[str]:
    return _sql.execute_on_sqlite(lambda statement, parameters: connection.execute(text(statement), parameters), ops)
