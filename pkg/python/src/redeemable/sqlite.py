"""A store on SQLite, over the host's own `sqlite3` connection."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from . import sql
from ._conflicts import has_failed, is_conflict
from ._owners import refuse_managed
from ._steps import Document, Queries, R, RepeatTransaction
from .types import Redemption

Write = Callable[[sqlite3.Connection, list[Redemption]], object]
"""Writes the host's own rows; its arguments are the connection and the plan's records."""


class SqliteStore:
    """A store over a connection with any isolation level, for one thread at a time, like the connection itself.

    The host chooses the connection's settings. With `journal_mode = WAL` readers do not wait for a writer; `timeout` is
    how long a writer waits for another; with `synchronous = FULL` a plan that was committed survives a power cut.

    `write` gets the connection. It must not commit, and must not call `executescript`, which commits. The store sets an
    authorizer on the connection, which replaces one that the host has set.
    """

    def __init__(self, connection: sqlite3.Connection, *, on_drift: sql.OnDrift = sql.warn) -> None:
        if getattr(connection, "autocommit", None) is False:
            raise ValueError(
                "connection: expected one without autocommit=False, which keeps a transaction open at all times: "
                "make the store over another connection, and pass this one as transaction="
            )
        refuse_managed(connection)
        self.connection = connection
        self._on_drift = on_drift

    def migrate(self) -> None:
        """Creates the tables, unless they exist. Every host may call it when it starts."""
        self._refuse_open_transaction()
        try:
            self.connection.executescript(f"BEGIN IMMEDIATE; {sql.tables('sqlite')} COMMIT;")
        finally:
            self._rollback()

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        # One statement sees one moment, whether or not the host has a transaction open.
        return _answered(self.connection, sql.read("sqlite", keys, id))

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return _answered(self.connection, sql.find("sqlite", lapsed_by_ms, keys, limit))

    def commit(self, ops: Sequence[Document], write: Write | None = None) -> bool:
        self._refuse_open_transaction()
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            drifted = _execute(self.connection, ops, write)
            self.connection.execute("COMMIT")
        except Exception as error:
            if is_conflict(error):
                return False
            raise
        finally:
            self._rollback()
        sql.tell(self._on_drift, drifted)
        return True

    def joining(self, transaction: sqlite3.Connection) -> "JoinedSqlite":
        """This store in a transaction of the host: `transaction` is the connection, which may be another one."""
        return JoinedSqlite(transaction, self._on_drift)

    def scan(self, visit: Callable[[Document], object]) -> None:
        """See `host.Audited.scan`. Buyers' commits wait for it unless `journal_mode` is WAL."""
        self._refuse_open_transaction()
        try:
            self.connection.execute("BEGIN")
            _answered(self.connection, sql.scan(visit))
        finally:
            self._rollback()

    def differences(self, *, after: str, limit: int) -> list[Document]:
        return _answered(self.connection, sql.differences("sqlite", after, limit))

    def person(self, identity: str) -> list[Document]:
        return _answered(self.connection, sql.person("sqlite", identity))

    def old(self, *, after: str, before_ms: int | None, event_id: str | None, limit: int) -> list[Document]:
        return _answered(self.connection, sql.old("sqlite", after, before_ms, event_id, limit))

    def prune(self, is_over: Callable[[str], bool]) -> int | None:
        return self._alone(sql.prune("sqlite", is_over))

    def _alone(self, queries: Queries[int]) -> int | None:
        """The answer of these queries in one transaction that no other may write beside. None after a conflict."""
        self._refuse_open_transaction()
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            answer = _answered(self.connection, queries)
            self.connection.execute("COMMIT")
        except Exception as error:
            if is_conflict(error):
                return None
            raise
        finally:
            self._rollback()
        return answer

    def _refuse_open_transaction(self) -> None:
        if self.connection.in_transaction:
            raise RuntimeError(sql.OPEN_TRANSACTION)

    def _rollback(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")


class JoinedSqlite:
    """The store in a transaction that the host has begun, and that the host ends."""

    def __init__(self, connection: sqlite3.Connection, on_drift: sql.OnDrift) -> None:
        if not isinstance(connection, sqlite3.Connection):
            raise TypeError(f"transaction: expected a sqlite3.Connection, found {type(connection).__name__}")
        # Without autocommit, Python's driver begins a transaction at the first statement that writes.
        begins_by_itself = connection.isolation_level is not None and getattr(connection, "autocommit", -1) == -1
        if not connection.in_transaction and not begins_by_itself:
            raise RuntimeError(sql.NO_TRANSACTION)
        self.connection = connection
        self._on_drift = on_drift

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        if id is not None:
            # A plan will follow. After a read, SQLite would not wait for the write lock, but fail if somebody has
            # written meanwhile: so take it first.
            self._answered(_lock())
        return self._answered(sql.read("sqlite", keys, id))

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return self._answered(sql.find("sqlite", lapsed_by_ms, keys, limit))

    def commit(self, ops: Sequence[Document], write: Write | None = None) -> bool:
        self._answered(_lock())
        _run(self.connection, "join", {})
        try:
            drifted = _execute(self.connection, ops, write)
            _run(self.connection, "keep", {})
        except BaseException as error:
            # The savepoint is gone if `write` has ended the transaction, or an error such as a full disk has.
            with suppress(sqlite3.OperationalError):
                _run(self.connection, "undo", {})
                _run(self.connection, "keep", {})
                if has_failed(error):
                    return False  # This transaction has the write lock, and a new read sees everything.
            if is_conflict(error):
                raise RepeatTransaction from error
            raise
        sql.tell(self._on_drift, drifted)
        return True

    def _answered(self, queries: Queries[R]) -> R:
        try:
            return _answered(self.connection, queries)
        except sqlite3.OperationalError as error:
            if is_conflict(error):
                raise RepeatTransaction from error
            raise


def _lock() -> Queries[None]:
    yield "begin_writing", {}


def _execute(connection: sqlite3.Connection, ops: Sequence[Document], write: Write | None) -> list[str]:
    """Executes the plan, with `write` in between, and returns the counters that have drifted."""
    before, after = sql.around(write, ops)
    if write is not None:
        _answered(connection, sql.records("sqlite", before))
        connection.set_authorizer(_keep_transaction)
        try:
            write(connection, sql.redemptions_of(ops))
        except sqlite3.DatabaseError as error:
            if str(error) != "not authorized":
                raise
            raise RuntimeError(sql.ENDED) from error
        finally:
            connection.set_authorizer(_allow)
    # `OR ROLLBACK` and a full disk end the transaction, too, and `counters` notices that.
    return _answered(connection, sql.counters("sqlite", after, write is not None))


def _answered(connection: sqlite3.Connection, queries: Queries[R]) -> R:
    def run(name: str, values: dict[str, Any]) -> Any:
        cursor = _run(connection, name, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount

    factory = connection.text_factory
    # The host may have set a `text_factory` for its own rows; the store needs plain strings.
    connection.text_factory = str
    try:
        return sql.answered(queries, run)
    finally:
        connection.text_factory = factory


def _run(connection: sqlite3.Connection, name: str, values: dict[str, Any]) -> sqlite3.Cursor:
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(sql.statements("sqlite")[name], values)


def _keep_transaction(action: int, *_: object) -> int:
    """The authorizer during `write`. It forbids COMMIT, which would store the records without their counters."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_TRANSACTION else sqlite3.SQLITE_OK


def _allow(*_: object) -> int:
    """The authorizer after `write`. It allows everything, because Python 3.10 cannot remove an authorizer."""
    return sqlite3.SQLITE_OK
