# Made from _sqlalchemy_aio.py by tools/unasync.py, which `make generate` runs: change that file, not this one.
"""The store over an SQLAlchemy engine, connection or session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Generic, TypeVar, overload

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session, scoped_session

from . import _sqlalchemy, sql
from ._calls import plain
from ._conflicts import has_failed, is_conflict
from ._group_host import Group
from ._letting_go import letting_go
from ._sql_host import repeated
from ._statements import check_schema
from ._steps import Document, Queries, R, RepeatTransaction
from .types import Redemption

T = TypeVar("T", Connection, Session)
Write = Callable[[T, list[Redemption]], object]


class SqlAlchemyStore(Generic[T]):
    """A store on SQLite, PostgreSQL, MariaDB or MySQL, over an `Engine`, `Connection` or `Session`.

    `write` gets a `Connection` in a transaction. If the store is over a session, or over a
    registry of sessions (`scoped_session`), `write` gets the session itself, which the store flushes and commits.
    On PostgreSQL, the tables are those of `schema`; without one, the connection's search_path says which.
    `begin` gets the connection first in each transaction that reads or sells, for example to set a tenant.
    Over an engine and without `begin`, plans that come at the same time are stored together, unless `group` is False.
    """

    @overload
    def __init__(
        self: SqlAlchemyStore[Connection],
        engine: Engine | Connection,
        *,
        on_drift: sql.OnDrift = sql.warn,
        schema: str | None = None,
        begin: Callable[[Connection], object] | None = None,
        group: bool = True,
    ) -> None: ...

    @overload
    def __init__(
        self: SqlAlchemyStore[Session],
        engine: Session | scoped_session[Any],
        *,
        on_drift: sql.OnDrift = sql.warn,
        schema: str | None = None,
        begin: Callable[[Connection], object] | None = None,
        group: bool = True,
    ) -> None: ...

    def __init__(
        self,
        engine: Any,
        *,
        on_drift: sql.OnDrift = sql.warn,
        schema: str | None = None,
        begin: Callable[[Connection], object] | None = None,
        group: bool = True,
    ) -> None:
        expected = (Engine, Connection, Session, scoped_session)
        if not isinstance(engine, expected):
            names = ", ".join(each.__name__ for each in expected)
            raise TypeError(f"engine: expected one of {names}, found {type(engine).__name__}")
        self._source = engine
        self._on_drift = on_drift
        self._schema = None if schema is None else check_schema("postgres", schema)
        self._first = begin and plain(begin, "begin")
        may_group = begin is None and isinstance(engine, Engine) and _sqlalchemy.may_group(engine)
        store: Any = self
        reads = may_group and _sqlalchemy.may_group_reads(engine)
        self._group = Group(store, group and may_group, store._asked, reads)

    def migrate(self) -> None:
        """Creates the tables, unless they exist. Every host may call it when it starts."""
        with self._begin(self._bind(), first=None) as connection:
            _sqlalchemy.migrate(connection, self._schema)

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        return self._group.read(keys, id)

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return self._asked(sql.find, lapsed_by_ms, keys, limit)

    def commit(self, ops: Sequence[Document], write: Write[T] | None = None) -> bool:
        return self._group.commit(ops, write)

    def _commit(self, ops: Sequence[Document], write: Write[T] | None = None) -> bool:
        try:
            with self._begin(_session(self._source), first=self._first) as transaction:
                drifted = _execute(transaction, self._schema, ops, write)
        except Exception as error:
            if is_conflict(error):
                return False
            raise
        sql.tell(self._on_drift, drifted)
        return True

    def joining(self, transaction: T) -> JoinedSqlAlchemy[T]:
        """This store in a transaction of the host: `transaction` is a connection or a session, whichever the host has.

        If it is a session, the store also flushes what the host has added to the session before.
        """
        return JoinedSqlAlchemy(_session(transaction), self._on_drift, self._schema)

    def scan(self, visit: Callable[[Document], object]) -> None:
        """See `Audited.scan`. On SQLite, buyers' commits wait for it unless `journal_mode` is WAL."""
        with self._begin(self._bind(), "one_moment", first=self._first) as connection:
            _sqlalchemy.scan(connection, self._schema, visit)

    def differences(self, *, after: str, limit: int) -> list[Document]:
        return self._asked(sql.differences, after, limit)

    def person(self, identity: str) -> list[Document]:
        return self._asked(sql.person, identity)

    def old(self, *, after: str, before_ms: int | None, event_id: str | None, limit: int) -> list[Document]:
        return self._asked(sql.old, after, before_ms, event_id, limit)

    def prune(self, is_over: Callable[[str], bool]) -> int | None:
        return self._alone(sql.prune, is_over)

    def split(self, key: str, parts: int) -> list[str] | None:
        return self._alone(sql.split, key, parts)

    def _alone(self, ask: Callable[..., Queries[R]], *values: Any) -> R | None:
        """The answer of these queries in one transaction. None after a conflict."""
        try:
            with self._begin(self._bind(), "each_statement", first=self._first) as connection:
                answer: R = _sqlalchemy.asked(connection, self._schema, ask, *values)
                return answer
        except Exception as error:
            if is_conflict(error):
                return None
            raise

    @repeated
    def _asked(self, ask: Callable[..., Queries[R]], *values: Any) -> R:
        with self._reading() as connection:
            answer: R = _sqlalchemy.asked(connection, self._schema, ask, *values)
            return answer

    def _bind(self) -> Any:
        """The engine or connection, also that of a session: ending a session's transaction would expire its objects."""
        source = _session(self._source)
        if not isinstance(source, Session):
            return source
        _sqlalchemy.refuse_open_transaction(source)
        bind: Any = source.get_bind()
        return bind

    @contextmanager
    def _begin(self, source: Any, mode: str | None = None, *, first: Any) -> Iterator[Any]:
        with letting_go():
            if isinstance(source, Engine):
                with source.begin() as connection:
                    _sqlalchemy.begin(connection, mode)
                    if first:
                        first(connection)
                    yield connection
            else:
                _sqlalchemy.refuse_open_transaction(source)
                with source.begin():
                    _sqlalchemy.begin(source, mode)
                    if first:
                        first(source.connection() if isinstance(source, Session) else source)
                    yield source

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        source = _session(self._source)
        with letting_go():
            if not isinstance(source, Engine) and source.in_transaction():
                yield source
                return
            source = self._bind()
            if isinstance(source, Engine):
                with source.connect() as connection:
                    _sqlalchemy.begin_reading(connection)
                    if self._first:
                        self._first(connection)
                    yield connection
            else:
                with source.begin():
                    _sqlalchemy.begin_reading(source)
                    if self._first:
                        self._first(source)
                    yield source


class JoinedSqlAlchemy(Generic[T]):
    """The store in a transaction that the host has begun, and that the host ends."""

    def __init__(self, transaction: T, on_drift: sql.OnDrift, schema: str | None) -> None:
        if not isinstance(transaction, (Connection, Session)):
            found = type(transaction).__name__
            raise TypeError(f"transaction: expected an Connection or an Session, found {found}")
        # A session begins by itself, except an old one with autocommit.
        begins = isinstance(transaction, Session) and not getattr(transaction, "autocommit", False)
        if not begins and not transaction.in_transaction():
            raise RuntimeError(sql.NO_TRANSACTION)
        self._transaction: T = transaction
        self._on_drift = on_drift
        self._schema = schema

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        if id is not None:
            # A plan will follow.
            self._select(_sqlalchemy.lock)
        return self._select(_sqlalchemy.asked, self._schema, sql.read, keys, id)

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return self._select(_sqlalchemy.asked, self._schema, sql.find, lapsed_by_ms, keys, limit)

    def commit(self, ops: Sequence[Document], write: Write[T] | None = None) -> bool:
        self._select(_sqlalchemy.join)
        savepoint: Any = None
        with letting_go():
            try:
                # It flushes what the host has added to its session.
                savepoint = self._transaction.begin_nested()
                drifted = _execute(self._transaction, self._schema, ops, write, own=False)
                savepoint.commit()
            except BaseException as error:
                # The savepoint is gone if `write` has ended the transaction, or the server has, after a deadlock.
                with suppress(Exception):
                    savepoint.rollback()
                    if has_failed(error) and _sqlalchemy.sees_newer(self._transaction):
                        return False
                if is_conflict(error):
                    raise RepeatTransaction from error
                raise
        sql.tell(self._on_drift, drifted)
        return True

    def _select(self, work: Callable[..., R], *values: Any) -> R:
        try:
            result: R = work(self._transaction, *values)
            return result
        except Exception as error:
            if is_conflict(error):
                raise RepeatTransaction from error
            raise


def _session(source: Any) -> Any:
    """The session of this thread or task, if `source` is a registry of sessions, otherwise the same."""
    return source() if isinstance(source, scoped_session) else source


def _execute(
    transaction: T, schema: str | None, ops: Sequence[Document], write: Write[T] | None, *, own: bool = True
) -> list[str]:
    """Executes the plan, with `write` in between, and returns the counters that have drifted."""
    before, after = sql.around(write, ops, own=own)
    number = None
    if write is not None:
        number, watching = _sqlalchemy.store_records(transaction, schema, before)
        with watching:
            write(transaction, sql.redemptions_of(ops))
    return _sqlalchemy.count(transaction, schema, after, number)
