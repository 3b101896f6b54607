"""A store on SQLite, over the host's own `sqlite3` connection."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from . import _sql
from ._kit import redemptions_of
from ._sql_host import answered
from ._steps import Document
from .types import Redemption

_ENDED = "write ended the transaction: it must neither commit nor roll back, nor call executescript"


class SqliteStore:
    """A store over a connection with any isolation level, for one thread at a time, like the connection itself.

    The host chooses the connection's settings. With `journal_mode = WAL` readers do not wait for a writer; `timeout` is
    how long a writer waits for another; with `synchronous = FULL` a plan that was committed survives a power cut.

    `write` gets the connection. It must not commit, and must not call `executescript`, which commits. The store sets an
    authorizer on the connection, which replaces one that the host has set.
    """

    def __init__(self, connection: sqlite3.Connection, *, on_drift: _sql.OnDrift = _sql.warn) -> None:
        if getattr(connection, "autocommit", None) is False:
            raise ValueError(
                "connection: expected one without autocommit=False, which keeps a transaction open at all times"
            )
        self.connection = connection
        self._on_drift = on_drift

    def migrate(self) -> None:
        """Creates the tables, unless they exist. Every host may call it when it starts."""
        self._refuse_open_transaction()
        try:
            self.connection.executescript(f"BEGIN IMMEDIATE; {_sql.tables('sqlite')} COMMIT;")
        finally:
            self._rollback()

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        # One statement sees one moment, whether or not the host has a transaction open.
        (row,) = self._rows(*_sql.read(False, keys, id))
        return _sql.usage(row)

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return _sql.found(self._rows(*_sql.find(False, lapsed_by_ms, keys, limit)))

    def commit(
        self, ops: Sequence[Document], write: Callable[[sqlite3.Connection, list[Redemption]], object] | None = None
    ) -> bool:
        self._refuse_open_transaction()
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            before, after = _sql.around(write, ops)
            _sql.execute(self._run, before)
            if write is not None:
                self._write(write, ops)
            drifted = _sql.execute(self._run, after)
            self.connection.execute("COMMIT")
        except Exception as error:
            if _sql.is_conflict(error):
                return False
            raise
        finally:
            self._rollback()
        _sql.tell(self._on_drift, drifted)
        return True

    def scan(self, visit: Callable[[Document], object]) -> None:
        """See `host.Audited.scan`. Buyers' commits wait for it unless `journal_mode` is WAL."""
        self._refuse_open_transaction()
        try:
            self.connection.execute("BEGIN")
            answered(_sql.scan(visit), self._rows)
        finally:
            self._rollback()

    def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> int | None:
        return self._alone(_sql.recount(key, count, locks_rows=False))

    def prune(self, is_over: Callable[[str], bool]) -> int | None:
        return self._alone(_sql.prune(is_over))

    def _alone(self, queries: _sql.Queries[int]) -> int | None:
        """The answer of these queries in one transaction that no other may write beside. None after a conflict."""
        self._refuse_open_transaction()
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            answer = answered(queries, self._rows)
            self.connection.execute("COMMIT")
        except Exception as error:
            if _sql.is_conflict(error):
                return None
            raise
        finally:
            self._rollback()
        return answer

    def _write(self, write: Callable[[sqlite3.Connection, list[Redemption]], object], ops: Sequence[Document]) -> None:
        self._run("mark", {})
        self.connection.set_authorizer(_keep_transaction)
        try:
            write(self.connection, redemptions_of(ops))
        except sqlite3.DatabaseError as error:
            if str(error) != "not authorized":
                raise
            raise RuntimeError(_ENDED) from error
        finally:
            self.connection.set_authorizer(_allow)
        try:
            # `OR ROLLBACK` and a full disk end the transaction, too, and the savepoint `mark` with it. Without this
            # check the counters would be stored without their record.
            self._run("unmark", {})
        except sqlite3.OperationalError as error:
            raise RuntimeError(_ENDED) from error

    def _run(self, name: str, values: dict[str, Any]) -> sqlite3.Cursor:
        cursor = self.connection.cursor()
        cursor.row_factory = None
        return cursor.execute(_sql.statements("sqlite")[name], values)

    def _rows(self, name: str, values: dict[str, Any]) -> list[Any]:
        factory = self.connection.text_factory
        # The host may have set a `text_factory` for its own rows; the store needs plain strings.
        self.connection.text_factory = str
        try:
            return self._run(name, values).fetchall()
        finally:
            self.connection.text_factory = factory

    def _refuse_open_transaction(self) -> None:
        if self.connection.in_transaction:
            raise RuntimeError("the connection has a transaction open: commit it or roll it back first")

    def _rollback(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")


def _keep_transaction(action: int, *_: object) -> int:
    """The authorizer during `write`. It forbids COMMIT, which would store the records without their counters."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_TRANSACTION else sqlite3.SQLITE_OK


def _allow(*_: object) -> int:
    """The authorizer after `write`. It allows everything, because Python 3.10 cannot remove an authorizer."""
    return sqlite3.SQLITE_OK
