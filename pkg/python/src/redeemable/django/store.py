"""A store over Django's own database connection."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError, connections, transaction

from .. import _mysql, _sql
from .._kit import redemptions_of
from .._sql_host import answered, repeated
from .._steps import Document, R, RepeatTransaction
from ..types import Redemption
from .operations import dialect_of

_NO_TABLES = (
    "the database {!r} has no tables of redeemable: "
    'add "redeemable.django" to INSTALLED_APPS, and run `manage.py migrate`'
)


class DjangoStore:
    """A store over the database `using` of `DATABASES`: SQLite, PostgreSQL, MariaDB or MySQL.

    Each thread has its own connection, so one store serves all of them.

    Inside `atomic()` (also: `ATOMIC_REQUESTS`, manual transactions) a call joins that transaction, under a savepoint.
    Then it may raise `RepeatTransaction`: leave the outermost `atomic()`, and repeat all of it. Elsewhere a call opens
    a transaction of its own.

    `write` gets Django's connection and may use the ORM. In a coroutine, call `sync_to_async(host.redeem)(store, …)`.
    """

    def __init__(self, using: str = "default", *, on_drift: _sql.OnDrift = _sql.warn) -> None:
        self.using = using
        self._on_drift = on_drift

    def joining(self, connection: Any) -> "DjangoStore":
        """This store, which joins by itself, if `connection` is the one that it uses, with a transaction open."""
        if connection is not self._connection or not _is_open(connection):
            raise ValueError(f"transaction: expected connections[{self.using!r}] inside atomic()")
        return self

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        if id is not None and self._dialect == "sqlite" and _is_open(self._connection):
            # Takes the write lock before it reads. Otherwise the commit would fail if anybody wrote in between. A
            # preview has no id, and needs no lock.
            with _told_to_repeat():
                self._execute("begin_writing", {})
        name, values = _sql.read(self._dialect == "postgres", keys, id)
        rows = self._select(name, values)
        return _mysql.usage(rows) if self._dialect == "mysql" else _sql.usage(rows[0])

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        if self._dialect == "mysql":
            return _sql.found(self._select(*_mysql.find(lapsed_by_ms, keys, limit)))
        return _sql.found(self._select(*_sql.find(self._dialect == "postgres", lapsed_by_ms, keys, limit)))

    def commit(self, ops: Sequence[Document], write: Callable[[Any, list[Redemption]], object] | None = None) -> bool:
        if self._dialect == "postgres":
            _sql.check_text(ops)
        joins = _is_open(self._connection)
        before, after = _sql.around(write, ops)
        try:
            with transaction.atomic(using=self.using):
                if not joins and self._dialect != "postgres":
                    self._begin("each_statement")
                if write is not None:
                    self._store_records(before)
                    write(self._connection, redemptions_of(ops))
                drifted = self._count(after, write is not None)
        except Exception as error:
            if not _sql.is_conflict(error):
                raise
            if joins and not (_is_of_the_plan(error) and self._sees_newer_rows()):
                raise RepeatTransaction from error
            return False
        self._tell(drifted)
        return True

    def scan(self, visit: Callable[[Document], object]) -> None:
        """See `host.Audited.scan`. On SQLite, buyers' commits wait for it unless `journal_mode` is WAL."""
        self._transact("one_moment", _sql.scan(visit))

    def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> int | None:
        queries = _mysql.recount if self._dialect == "mysql" else _sql.recount
        return self._alone(queries(key, count))

    def prune(self, is_over: Callable[[str], bool]) -> int | None:
        return self._alone(_sql.prune(is_over))

    def _alone(self, queries: _sql.Queries[int]) -> int | None:
        """The answer of these queries in one transaction. None after a conflict."""
        try:
            return self._transact("each_statement", queries)
        except Exception as error:
            if _sql.is_conflict(error):
                return None
            raise

    def _transact(self, mode: str, queries: _sql.Queries[R]) -> R:
        """The result of the queries, in a transaction of their own; `mode` says what that transaction sees."""
        if not self._connection.in_atomic_block and _is_open(self._connection):
            raise RuntimeError("the connection has a transaction open: commit it or roll it back first")
        joins = _is_open(self._connection)
        # `durable` refuses an `atomic()` around it, except the one that a `TestCase` has around each test.
        with transaction.atomic(using=self.using, durable=True):
            if not joins:
                self._begin(mode)
            return answered(queries, self._rows)

    def _begin(self, mode: str) -> None:
        """Runs first in a transaction of the store: it says what the transaction sees, and locks SQLite's file."""
        if self._dialect != "sqlite":
            self._execute(mode, {})
        elif mode != "one_moment":
            self._execute("begin_writing", {})
        if self._dialect == "mysql":
            self._execute("begin", {})

    def _store_records(self, ops: Sequence[Document]) -> None:
        """Stores the plan's records, and sets a mark, which is gone if `write` ends the transaction."""
        if self._dialect == "postgres":
            self._execute("commit_records", {"ops": _sql.to_json(ops)})
        else:
            self._execute_ops(ops)
            self._execute("mark", {})

    def _count(self, ops: Sequence[Document], has_written: bool) -> list[str]:
        """Stores the plan's counters (all of the plan if the host writes nothing); returns the keys that drifted."""
        if self._dialect == "postgres":
            name = "commit_counters" if has_written else "commit"
            ((answer,),) = self._rows(name, {"ops": _sql.to_json(ops)})
            return _sql.drifted(answer)
        if has_written and self._dialect == "mysql":
            _mysql.unmark(self._execute)
        elif has_written:
            try:
                self._execute("unmark", {})
            except OperationalError as error:
                raise RuntimeError(_sql.ENDED) from error
        return self._execute_ops(ops)

    def _execute_ops(self, ops: Sequence[Document]) -> list[str]:
        return (_mysql if self._dialect == "mysql" else _sql).execute(self._execute, ops)

    def _sees_newer_rows(self) -> bool:
        """Whether a read that follows in the host's transaction would see what somebody else has just committed."""
        match self._dialect:
            case "sqlite":
                return True  # it has the write lock, so nobody has
            case "mysql":
                level = self._rows("isolation", {})[0][1].replace("-", " ").lower()
            case _:
                ((level,),) = self._rows("isolation", {})
        return level in ("read committed", "read uncommitted")

    def _tell(self, drifted: list[str]) -> None:
        tell = partial(_sql.tell, self._on_drift, drifted)
        if self._connection.in_atomic_block:
            transaction.on_commit(tell, using=self.using)
        else:
            tell()

    def _select(self, name: str, values: dict[str, Any]) -> list[Any]:
        if not _is_open(self._connection):
            return self._select_alone(name, values)
        with _told_to_repeat():
            return self._rows(name, values)

    @repeated
    def _select_alone(self, name: str, values: dict[str, Any]) -> list[Any]:
        if self._dialect == "mysql":
            # The connection may be at READ UNCOMMITTED.
            self._execute("one_moment", {})
        return self._rows(name, values)

    def _rows(self, name: str, values: dict[str, Any]) -> list[Any]:
        cursor = self._execute(name, values)
        return _mysql.text(cursor.fetchall()) if cursor.description else []

    def _execute(self, name: str, values: dict[str, Any]) -> Any:
        cursor = self._connection.cursor()
        try:
            cursor.execute(_statements(self._dialect)[name], values)
        except DatabaseError as error:
            if _is_missing(error):
                raise ImproperlyConfigured(_NO_TABLES.format(self.using)) from error
            raise
        return cursor

    @property
    def _connection(self) -> Any:
        return connections[self.using]

    @property
    def _dialect(self) -> str:
        return dialect_of(self._connection)


def _is_open(connection: Any) -> bool:
    """Whether the host has a transaction open, or keeps one open at all times."""
    return connection.in_atomic_block or not connection.get_autocommit()


@contextmanager
def _told_to_repeat() -> Iterator[None]:
    """Around a statement in the host's transaction: after a conflict, the host has to repeat all of it."""
    try:
        yield
    except Exception as error:
        if _sql.is_conflict(error):
            raise RepeatTransaction from error
        raise


def _is_of_the_plan(error: Exception) -> bool:
    """Whether an operation of the plan has failed: the database itself goes on."""
    return isinstance(error, _sql.Conflict) or _state(error) == "RDM01"


def _state(error: Exception) -> str | None:
    """PostgreSQL's code of an error, from psycopg 3 or 2."""
    cause = _sql.drivers_error(error)
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)


def _is_missing(error: DatabaseError) -> bool:
    """Whether a table or function of the kit is missing."""
    numbered = _state(error) in ("42P01", "42883") or _sql.is_mysql(error, (1146,))
    return "redeemable_" in str(error) and (numbered or str(error).startswith("no such table"))


@cache
def _statements(dialect: str) -> dict[str, str]:
    """The statements in Django's notation, which writes a parameter as %(name)s."""
    return {
        name: re.sub(r":(\w+)", r"%(\1)s", statement.replace("%", "%%"))
        for name, statement in _sql.statements(dialect).items()
    }
