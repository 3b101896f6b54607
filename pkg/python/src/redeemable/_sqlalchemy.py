"""What both stores over SQLAlchemy (1.4 or 2, on SQLite, PostgreSQL, MariaDB or MySQL) do in a transaction.

The asynchronous store calls these functions, too: its connection or session runs them with `run_sync`.
"""

import itertools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache, partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from sqlalchemy.pool import SingletonThreadPool
from sqlalchemy.sql.elements import TextClause

from . import _galera, sql
from ._sqlalchemy_guard import watching
from ._steps import Document, Queries, R

DATABASES: dict[str, sql.Database] = {
    "sqlite": "sqlite",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
}
Transaction = Connection | Session
_numbers = itertools.count()


def refuse_open_transaction(source: Any) -> None:
    """`source` is a connection or a session, also an asynchronous one."""
    if source.in_transaction():
        raise RuntimeError(sql.OPEN_TRANSACTION)
    if any(getattr(source, changes, None) for changes in ("new", "dirty", "deleted")):
        # SQLAlchemy 1.4 begins the transaction later. A repetition after a conflict would forget these changes.
        raise RuntimeError("the session has changes that are not stored: commit it, or pass it as transaction=")


def may_group(engine: Any) -> bool:
    """Whether one thread may store the plans of others: not if each has a database in memory of its own."""
    return not isinstance(engine.pool, SingletonThreadPool)


def may_group_reads(engine: Any) -> bool:
    """On SQLite there is no round trip to save, and MariaDB and MySQL have no statement for it."""
    return bool(engine.dialect.name == "postgresql")


def begin(transaction: Transaction, mode: str | None) -> None:
    """Makes sure that a transaction has begun, because some drivers begin it late, or not at all.

    `mode` names the statement that sets what the transaction sees: `one_moment` if it only reads, `each_statement` if
    it has to see what others have just stored. A plan needs neither, except on MariaDB and MySQL.
    """
    connection = _connection(transaction)
    match _database(connection):
        case "sqlite":
            if not _in_sqlites_transaction(connection):
                # BEGIN IMMEDIATE takes the write lock at once.
                connection.exec_driver_sql("BEGIN" if mode == "one_moment" else "BEGIN IMMEDIATE")
        case "mysql":
            _run(connection, mode or "each_statement", {})
            _run(connection, "begin", {})
        case _:
            if getattr(connection.connection.dbapi_connection, "autocommit", False):
                raise RuntimeError("the connection is in AUTOCOMMIT: expected any other isolation level")
            if mode:
                _run(connection, mode, {})


def begin_reading(transaction: Transaction) -> None:
    """Before a single statement that reads: on MariaDB and MySQL, it must not see what is not committed."""
    connection = _connection(transaction)
    if _database(connection) == "mysql":
        _check(connection)
        _run(connection, "one_moment", {})


def join(transaction: Transaction) -> None:
    """Makes sure that the host's transaction has begun in the driver, too."""
    connection = _connection(transaction)
    match _database(connection):
        case "sqlite":
            lock(transaction)
        case "mysql":
            # Without a transaction, this savepoint is gone at once, and releasing it fails.
            _answered(connection, _savepoint(), number=next(_numbers))
        case _:
            if getattr(connection.connection.dbapi_connection, "autocommit", False):
                raise RuntimeError(sql.NO_TRANSACTION)


def lock(transaction: Transaction) -> None:
    """Before a read in the host's transaction. On SQLite, takes the write lock: later, it might fail to get it."""
    connection = _connection(transaction)
    if _database(connection) == "mysql":
        _check(connection)
    if _database(connection) != "sqlite":
        return
    if _in_sqlites_transaction(connection):
        _run(connection, "begin_writing", {})
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def migrate(transaction: Transaction, schema: str | None) -> None:
    connection = _connection(transaction)
    for statement in sql.one_by_one(sql.tables(_database(connection), schema)):
        connection.execute(text(statement))


def asked(transaction: Transaction, schema: str | None, ask: Callable[..., Queries[R]], *values: Any) -> R:
    """What a function of `sql`, such as `sql.read`, answers for these values."""
    connection = _connection(transaction)
    return _answered(connection, ask(_database(connection), *values), schema)


def scan(transaction: Transaction, schema: str | None, visit: Callable[[Document], object]) -> None:
    _answered(_connection(transaction), sql.scan(visit), schema)


def store_records(
    transaction: Transaction, schema: str | None, ops: Sequence[Document]
) -> tuple[int, AbstractContextManager[None]]:
    """Stores the plan's records. The answer is a number for `count`, and a context for `write`."""
    connection = _connection(transaction)
    number = next(_numbers)
    _answered(connection, sql.records(_database(connection), ops), schema, number)
    return number, watching(connection, transaction if isinstance(transaction, Session) else None)


def count(transaction: Transaction, schema: str | None, ops: Sequence[Document], number: int | None) -> list[str]:
    """Stores the plan's counters (all of the plan if there is no `number`); returns the keys that have drifted."""
    if number is not None and isinstance(transaction, Session):
        # What `write` has added to the session is stored before the counters are locked, and not after the plan.
        transaction.flush()
    connection = _connection(transaction)
    counters = sql.counters(_database(connection), ops, number is not None)
    return _answered(connection, counters, schema, number or 0)


def sees_newer(transaction: Transaction) -> bool:
    connection = _connection(transaction)
    return _database(connection) == "sqlite" or _answered(connection, sql.sees_newer())


def _check(connection: Connection) -> None:
    _galera.check(connection.connection.driver_connection, partial(_answered, connection))


def _savepoint() -> Queries[None]:
    yield "join", {}
    try:
        yield "keep", {}
    except Exception as error:
        raise RuntimeError(sql.NO_TRANSACTION) from error


def _connection(transaction: Transaction) -> Connection:
    return transaction.connection() if isinstance(transaction, Session) else transaction


def _database(source: Any) -> sql.Database:
    """The name of the database in `sql/`; `source` is a connection or an engine."""
    name = source.dialect.name
    if name not in DATABASES:
        raise NotImplementedError(f"expected SQLite, PostgreSQL, MariaDB or MySQL, found {name}")
    return DATABASES[name]


def _in_sqlites_transaction(connection: Connection) -> bool:
    driver: Any = connection.connection.driver_connection
    return bool(driver.in_transaction)


def _answered(connection: Connection, queries: Queries[R], schema: str | None = None, number: int = 0) -> R:
    def run(name: str, values: dict[str, Any]) -> Any:
        result = _run(connection, name, values, schema, number)
        return result.fetchall() if result.returns_rows else result.rowcount

    return sql.answered(queries, run)


def _run(connection: Connection, name: str, values: dict[str, Any], schema: str | None = None, number: int = 0) -> Any:
    statement = _statements(_database(connection), schema)[name]
    return connection.execute(text(sql.savepoint(name, statement.text, number)) if not values else statement, values)


@cache
def _statements(database: sql.Database, schema: str | None) -> dict[str, TextClause]:
    return {name: text(statement) for name, statement in sql.statements(database, schema).items()}
