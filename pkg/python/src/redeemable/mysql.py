"""A store on MariaDB or MySQL, over the host's own PyMySQL connection."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from itertools import count
from typing import Any

from pymysql.connections import Connection  # type: ignore[import-untyped]
from pymysql.cursors import Cursor  # type: ignore[import-untyped]

from . import _galera, sql
from ._conflicts import NO_SAVEPOINT, has_failed, is_conflict, is_mysql
from ._owners import refuse_managed
from ._steps import Document, Queries, R, RepeatTransaction
from .types import Redemption

_IN_TRANSACTION = (1568,)
_numbers = count()
Write = Callable[[Connection, list[Redemption]], object]
"""Writes the host's own rows; its arguments are the connection and the plan's records."""


class _OpenTransaction(RuntimeError):
    """The host has a transaction open on the connection."""


class MysqlStore:
    """A store over a connection with or without autocommit, for one thread at a time, like the connection itself.

    The connection may have any isolation level: the store sets that of its own transactions.

    `write` gets the connection. It must not commit, and most statements that create, alter or drop something do so.
    """

    def __init__(self, connection: Connection, *, on_drift: sql.OnDrift = sql.warn) -> None:
        refuse_managed(connection)
        self.connection = connection
        self._on_drift = on_drift

    def migrate(self) -> None:
        """Creates the tables, unless they exist. Every host may call it when it starts."""
        self._set("each_statement")
        for statement in sql.one_by_one(sql.tables("mysql")):
            self.connection.cursor(Cursor).execute(statement)

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        return self._select(sql.read("mysql", keys, id))

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return self._select(sql.find("mysql", lapsed_by_ms, keys, limit), together=len(keys or ()) > 1)

    def commit(self, ops: Sequence[Document], write: Write | None = None) -> bool:
        try:
            with self._transaction("each_statement"):
                drifted = _execute(self.connection, ops, write)
        except Exception as error:
            if is_conflict(error):
                return False
            raise
        sql.tell(self._on_drift, drifted)
        return True

    def joining(self, transaction: Connection) -> "JoinedMysql":
        """This store in a transaction of the host: `transaction` is the connection, which may be another one."""
        return JoinedMysql(transaction, self._on_drift)

    def scan(self, visit: Callable[[Document], object]) -> None:
        with self._transaction("one_moment"):
            _answered(self.connection, sql.scan(visit))

    def differences(self, *, after: str, limit: int) -> list[Document]:
        return self._select(sql.differences("mysql", after, limit))

    def person(self, identity: str) -> list[Document]:
        return self._select(sql.person("mysql", identity))

    def old(self, *, after: str, before_ms: int | None, event_id: str | None, limit: int) -> list[Document]:
        return self._select(sql.old("mysql", after, before_ms, event_id, limit))

    def prune(self, is_over: Callable[[str], bool]) -> int | None:
        return self._alone(sql.prune("mysql", is_over))

    def split(self, key: str, parts: int) -> list[str] | None:
        return self._alone(sql.split("mysql", key, parts))

    def _alone(self, queries: Queries[R]) -> R | None:
        """The answer of these queries in one transaction. None after a conflict."""
        try:
            with self._transaction("each_statement"):
                return _answered(self.connection, queries)
        except Exception as error:
            if is_conflict(error):
                return None
            raise

    @contextmanager
    def _transaction(self, mode: str) -> Iterator[None]:
        self._set(mode)
        had_autocommit = self.connection.get_autocommit()
        try:
            # A deadlock ends the transaction. With autocommit, what `write` sent then would be stored by itself.
            self.connection.autocommit(False)
            _run(self.connection, "begin", {})
            yield
            self.connection.commit()
        except BaseException:
            # A connection that cannot roll back is broken, and PyMySQL has closed it.
            with suppress(Exception):
                self.connection.rollback()
            raise
        finally:
            with suppress(Exception):
                self.connection.autocommit(had_autocommit)

    def _set(self, mode: str) -> None:
        """Says what the next transaction sees. The server refuses that in a transaction, which the host has open."""
        try:
            _run(self.connection, mode, {})
        except Exception as error:
            if is_mysql(error, _IN_TRANSACTION):
                raise _OpenTransaction(sql.OPEN_TRANSACTION) from error
            raise

    def _select(self, queries: Queries[R], together: bool = False) -> R:
        """The result of one statement or, with `together`, of several that see one moment."""
        _check(self.connection)
        try:
            self._set("one_moment")
        except _OpenTransaction:
            # The statement sees what the host's transaction sees.
            return _answered(self.connection, queries)
        try:
            if together:
                _run(self.connection, "begin", {})
            return _answered(self.connection, queries)
        finally:
            # Without autocommit, the statement has begun a transaction, and later ones would see the same moment.
            if self.connection.open and (together or not self.connection.get_autocommit()):
                self.connection.rollback()


class JoinedMysql:
    """The store in a transaction that the host has begun, and that the host ends."""

    def __init__(self, connection: Connection, on_drift: sql.OnDrift) -> None:
        if not isinstance(connection, Connection):
            raise TypeError(f"transaction: expected a connection of PyMySQL, found {type(connection).__name__}")
        _refuse_without_transaction(connection)
        self.connection = connection
        self._on_drift = on_drift

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        return self._select(sql.read("mysql", keys, id))

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return self._select(sql.find("mysql", lapsed_by_ms, keys, limit))

    def commit(self, ops: Sequence[Document], write: Write | None = None) -> bool:
        number = next(_numbers)
        _run(self.connection, "join", {}, number)
        try:
            drifted = _execute(self.connection, ops, write, own=False)
            _run(self.connection, "keep", {}, number)
        except BaseException as error:
            # The savepoint is gone if `write` has ended the transaction, or the server has, after a deadlock.
            with suppress(Exception):
                _run(self.connection, "undo", {}, number)
                _run(self.connection, "keep", {}, number)
                if has_failed(error) and _answered(self.connection, sql.sees_newer()):
                    return False
            if is_conflict(error):
                raise RepeatTransaction from error
            raise
        sql.tell(self._on_drift, drifted)
        return True

    def _select(self, queries: Queries[R]) -> R:
        _check(self.connection)
        try:
            return _answered(self.connection, queries)
        except Exception as error:
            if is_conflict(error):
                raise RepeatTransaction from error
            raise


def _check(connection: Connection) -> None:
    _galera.check(connection, partial(_answered, connection))


def _refuse_without_transaction(connection: Connection) -> None:
    """Raises if no transaction is open: a savepoint would then be gone at once, and each statement be stored alone."""
    number = next(_numbers)
    _run(connection, "join", {}, number)
    try:
        _run(connection, "keep", {}, number)
    except Exception as error:
        if is_mysql(error, NO_SAVEPOINT):
            raise RuntimeError(sql.NO_TRANSACTION) from error
        raise


def _execute(connection: Connection, ops: Sequence[Document], write: Write | None, *, own: bool = True) -> list[str]:
    """Executes the plan, with `write` in between, and returns the counters that have drifted."""
    before, after = sql.around(write, ops, own=own)
    number = next(_numbers)
    if write is not None:
        _answered(connection, sql.records("mysql", before), number)
        write(connection, sql.redemptions_of(ops))
    return _answered(connection, sql.counters("mysql", after, write is not None), number)


def _answered(connection: Connection, queries: Queries[R], number: int = 0) -> R:
    def run(name: str, values: dict[str, Any]) -> Any:
        cursor = _run(connection, name, values, number)
        return cursor.fetchall() if cursor.description else cursor.rowcount

    return sql.answered(queries, run)


def _run(connection: Connection, name: str, values: dict[str, Any], number: int = 0) -> Any:
    # The class is named, because the host may have chosen one whose rows are dictionaries.
    cursor = connection.cursor(Cursor)
    cursor.execute(sql.savepoint(name, _statements()[name], number), values)
    return cursor


@cache
def _statements() -> dict[str, str]:
    """The statements in PyMySQL's notation."""
    return {name: sql.pyformat(statement) for name, statement in sql.statements("mysql").items()}
