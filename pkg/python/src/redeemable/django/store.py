"""A store over Django's own database connection."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import count
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections, transaction

from .. import _galera, sql
from .._conflicts import has_failed, is_conflict, is_missing
from .._sql_host import repeated
from .._steps import Document, Queries, R, RepeatTransaction
from ..types import Redemption
from .operations import database_of

_NO_TABLES = (
    "the database {!r} has no tables of redeemable: "
    'add "redeemable.django" to INSTALLED_APPS, and run `manage.py migrate`'
)

_numbers = count()


class DjangoStore:
    """A store over the database `using` of `DATABASES`: SQLite, PostgreSQL, MariaDB or MySQL.

    Each thread has its own connection, so one store serves all of them.

    Inside `atomic()` (also: `ATOMIC_REQUESTS`, manual transactions) a call joins that transaction, under a savepoint.
    Then it may raise `RepeatTransaction`: leave the outermost `atomic()`, and repeat all of it. Elsewhere a call opens
    a transaction of its own.

    `write` gets Django's connection and may use the ORM. In a coroutine, call `sync_to_async(host.redeem)(store, …)`.
    """

    def __init__(self, using: str = "default", *, on_drift: sql.OnDrift = sql.warn) -> None:
        self.using = using
        self._on_drift = on_drift

    def joining(self, connection: Any) -> "DjangoStore":
        """This store, which joins by itself, if `connection` is the one that it uses, with a transaction open."""
        if connection is not self._connection:
            raise TypeError(f"transaction: expected connections[{self.using!r}], found {connection!r}")
        if not _is_open(connection):
            raise RuntimeError(sql.NO_TRANSACTION)
        return self

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        if id is not None and self._database == "sqlite" and _is_open(self._connection):
            # Takes the write lock before it reads. Otherwise the commit would fail if anybody wrote in between. A
            # preview has no id, and needs no lock.
            self._select(_lock)
        return self._select(partial(sql.read, self._database, keys, id))

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        ask = partial(sql.find, self._database, lapsed_by_ms, keys, limit)
        return self._select(ask, together=self._database == "mysql" and len(keys or ()) > 1)

    def commit(self, ops: Sequence[Document], write: Callable[[Any, list[Redemption]], object] | None = None) -> bool:
        if self._database == "postgres":
            sql.check_text(ops)
        joins = _is_open(self._connection)
        before, after = sql.around(write, ops, own=not joins)
        run = partial(self._run, number=next(_numbers))
        try:
            with transaction.atomic(using=self.using):
                if not joins and self._database != "postgres":
                    self._begin("each_statement")
                if write is not None:
                    sql.answered(sql.records(self._database, before), run)
                    write(self._connection, sql.redemptions_of(ops))
                    # It raises if `write` has called `set_rollback`, which would undo the plan without a word.
                    self._connection.validate_no_broken_transaction()
                drifted = sql.answered(sql.counters(self._database, after, write is not None), run)
        except Exception as error:
            if not is_conflict(error):
                raise
            if joins and not (has_failed(error) and self._sees_newer()):
                raise RepeatTransaction from error
            return False
        self._tell(drifted)
        return True

    def scan(self, visit: Callable[[Document], object]) -> None:
        """See `host.Audited.scan`. On SQLite, buyers' commits wait for it unless `journal_mode` is WAL."""
        self._transact("one_moment", sql.scan(visit))

    def differences(self, *, after: str, limit: int) -> list[Document]:
        return self._select(partial(sql.differences, self._database, after, limit))

    def person(self, identity: str) -> list[Document]:
        return self._select(partial(sql.person, self._database, identity))

    def old(self, *, after: str, before_ms: int | None, event_id: str | None, limit: int) -> list[Document]:
        return self._select(partial(sql.old, self._database, after, before_ms, event_id, limit))

    def prune(self, is_over: Callable[[str], bool]) -> int | None:
        return self._alone(sql.prune(self._database, is_over))

    def split(self, key: str, parts: int) -> list[str] | None:
        return self._alone(sql.split(self._database, key, parts))

    def _alone(self, queries: Queries[R]) -> R | None:
        """The answer of these queries in one transaction. None after a conflict."""
        try:
            return self._transact("each_statement", queries)
        except Exception as error:
            if is_conflict(error):
                return None
            raise

    def _transact(self, mode: str, queries: Queries[R]) -> R:
        """The result of the queries, in a transaction of their own; `mode` says what that transaction sees."""
        joins = _is_open(self._connection)
        if joins and not self._connection.in_atomic_block:
            raise RuntimeError("autocommit is off: a report and prune need a transaction of their own")
        # `durable` refuses an `atomic()` around it, except the one that a `TestCase` has around each test.
        with transaction.atomic(using=self.using, durable=True):
            if not joins:
                self._begin(mode)
            return self._answered(queries)

    def _begin(self, mode: str) -> None:
        """Runs first in a transaction of the store: it says what the transaction sees, and locks SQLite's file."""
        if self._database != "sqlite":
            self._run(mode, {})
        elif mode != "one_moment":
            self._run("begin_writing", {})
        if self._database == "mysql":
            self._run("begin", {})

    def _sees_newer(self) -> bool:
        # On SQLite the transaction has the write lock, so nobody else has written.
        return self._database == "sqlite" or self._answered(sql.sees_newer())

    def _tell(self, drifted: list[str]) -> None:
        tell = partial(sql.tell, self._on_drift, drifted)
        if self._connection.in_atomic_block:
            transaction.on_commit(tell, using=self.using)
        else:
            tell()

    def _select(self, ask: Callable[[], Queries[R]], together: bool = False) -> R:
        """The result of one statement or, with `together`, of several that see one moment."""
        if self._database == "mysql":
            self._connection.ensure_connection()
            _galera.check(self._connection.connection, self._answered)
        if not _is_open(self._connection):
            return self._select_alone(ask, together)
        try:
            return self._answered(ask())
        except Exception as error:
            if is_conflict(error):
                raise RepeatTransaction from error
            raise

    @repeated
    def _select_alone(self, ask: Callable[[], Queries[R]], together: bool) -> R:
        if together:
            return self._transact("one_moment", ask())
        if self._database == "mysql":
            # The connection may be at READ UNCOMMITTED.
            self._run("one_moment", {})
        return self._answered(ask())

    def _answered(self, queries: Queries[R]) -> R:
        return sql.answered(queries, self._run)

    def _run(self, name: str, values: dict[str, Any], number: int = 0) -> Any:
        statement = _statements(self._database)[name]
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(sql.savepoint(name, statement, number), values)
            except DatabaseError as error:
                if is_missing(error):
                    raise ImproperlyConfigured(_NO_TABLES.format(self.using)) from error
                raise
            return cursor.fetchall() if cursor.description else cursor.rowcount

    @property
    def _connection(self) -> Any:
        return connections[self.using]

    @property
    def _database(self) -> sql.Database:
        return database_of(self._connection)


def _is_open(connection: Any) -> bool:
    """Whether the host has a transaction open, or keeps one open at all times."""
    return connection.in_atomic_block or not connection.get_autocommit()


def _lock() -> Queries[None]:
    yield "begin_writing", {}


@cache
def _statements(database: sql.Database) -> dict[str, str]:
    return {name: sql.pyformat(statement) for name, statement in sql.statements(database).items()}
