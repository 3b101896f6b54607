"""A store on MariaDB or MySQL, over the host's own PyMySQL connection."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from pymysql.connections import Connection  # type: ignore[import-untyped]
from pymysql.cursors import Cursor  # type: ignore[import-untyped]

from . import _mysql, _sql
from ._kit import redemptions_of
from ._sql_host import answered
from ._steps import Document
from .types import Redemption

_IN_TRANSACTION = (1568,)


class _OpenTransaction(RuntimeError):
    """The host has a transaction open on the connection."""


class MysqlStore:
    """A store over a connection with or without autocommit, for one thread at a time, like the connection itself.

    The connection may have any isolation level: the store sets that of its own transactions.

    `write` gets the connection. It must not commit, and most statements that create, alter or drop something do so.
    """

    def __init__(self, connection: Connection, *, on_drift: _sql.OnDrift = _sql.warn) -> None:
        self.connection = connection
        self._on_drift = on_drift

    def migrate(self) -> None:
        """Creates the tables, unless they exist. Every host may call it when it starts."""
        self._set("each_statement")
        for statement in _sql.one_by_one(_sql.tables("mysql")):
            self.connection.cursor(Cursor).execute(statement)

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        return _mysql.usage(self._select(*_sql.read(False, keys, id)))

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return _sql.found(self._select(*_mysql.find(lapsed_by_ms, keys, limit)))

    def commit(
        self, ops: Sequence[Document], write: Callable[[Connection, list[Redemption]], object] | None = None
    ) -> bool:
        try:
            with self._transaction("each_statement"):
                before, after = _sql.around(write, ops)
                if write is not None:
                    _mysql.execute(self._run, before)
                    self._run("mark", {})
                    write(self.connection, redemptions_of(ops))
                    _mysql.unmark(self._run)
                drifted = _mysql.execute(self._run, after)
        except Exception as error:
            if _sql.is_conflict(error):
                return False
            raise
        _sql.tell(self._on_drift, drifted)
        return True

    def scan(self, visit: Callable[[Document], object]) -> None:
        with self._transaction("one_moment"):
            answered(_sql.scan(visit), self._rows)

    def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> int | None:
        return self._alone(_sql.recount(key, count))

    def prune(self, is_over: Callable[[str], bool]) -> int | None:
        return self._alone(_sql.prune(is_over))

    def _alone(self, queries: _sql.Queries[int]) -> int | None:
        """The answer of these queries in one transaction. None after a conflict."""
        try:
            with self._transaction("each_statement"):
                return answered(queries, self._rows)
        except Exception as error:
            if _sql.is_conflict(error):
                return None
            raise

    @contextmanager
    def _transaction(self, mode: str) -> Iterator[None]:
        self._set(mode)
        try:
            self._run("begin", {})
            yield
            self.connection.commit()
        except BaseException:
            # A connection that cannot roll back is broken, and PyMySQL has closed it.
            with suppress(Exception):
                self.connection.rollback()
            raise

    def _set(self, mode: str) -> None:
        """Says what the next transaction sees. The server refuses that in a transaction, which the host has open."""
        try:
            self._run(mode, {})
        except Exception as error:
            if _sql.is_mysql(error, _IN_TRANSACTION):
                raise _OpenTransaction(
                    "the connection has a transaction open: commit it or roll it back first"
                ) from error
            raise

    def _select(self, name: str, values: dict[str, Any]) -> list[Any]:
        try:
            self._set("one_moment")
        except _OpenTransaction:
            # The statement sees what the host's transaction sees.
            return self._rows(name, values)
        try:
            return self._rows(name, values)
        finally:
            # Without autocommit, the statement has begun a transaction, and later ones would see the same moment.
            if self.connection.open and not self.connection.get_autocommit():
                self.connection.rollback()

    def _rows(self, name: str, values: dict[str, Any]) -> list[Any]:
        return _mysql.text(self._run(name, values).fetchall())

    def _run(self, name: str, values: dict[str, Any]) -> Any:
        # The class is named, because the host may have chosen one whose rows are dictionaries.
        cursor = self.connection.cursor(Cursor)
        cursor.execute(_statements()[name], values)
        return cursor


@cache
def _statements() -> dict[str, str]:
    """The statements in PyMySQL's notation, which writes a parameter as %(name)s."""
    return {
        name: re.sub(r":(\w+)", r"%(\1)s", statement.replace("%", "%%"))
        for name, statement in _sql.statements("mysql").items()
    }
