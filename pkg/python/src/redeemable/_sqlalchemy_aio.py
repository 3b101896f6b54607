"""The store over an asynchronous SQLAlchemy engine, connection or session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Generic, TypeVar, overload

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.ext.asyncio.scoping import async_scoped_session
from sqlalchemy.ext.asyncio.session import AsyncSession

from . import _sqlalchemy, sql
from ._calls import awaited
from ._conflicts import has_failed, is_conflict
from ._group_aio import AsyncGroup
from ._letting_go import letting_go
from ._sql_aio import repeated
from ._statements import check_schema
from ._steps import Document, Queries, R, RepeatTransaction
from .types import Redemption

T = TypeVar("T", AsyncConnection, AsyncSession)
Write = Callable[[T, list[Redemption]], Awaitable[None]]


class AsyncSqlAlchemyStore(Generic[T]):
    """A store on SQLite, PostgreSQL, MariaDB or MySQL, over an `AsyncEngine`, `AsyncConnection` or `AsyncSession`.

    `write` gets an `AsyncConnection` in a transaction and may await. If the store is over a session, or over a
    registry of sessions (`async_scoped_session`), `write` gets the session itself, which the store flushes and commits.
    On PostgreSQL, the tables are those of `schema`; without one, the connection's search_path says which.
    `begin` gets the connection first in each transaction that reads or sells, for example to set a tenant.
    Over an engine and without `begin`, plans that come at the same time are stored together, unless `group` is False.
    """

    @overload
    def __init__(
        self: AsyncSqlAlchemyStore[AsyncConnection],
        engine: AsyncEngine | AsyncConnection,
        *,
        on_drift: sql.OnDrift = sql.warn,
        schema: str | None = None,
        begin: Callable[[AsyncConnection], object] | None = None,
        group: bool = True,
    ) -> None: ...

    @overload
    def __init__(
        self: AsyncSqlAlchemyStore[AsyncSession],
        engine: AsyncSession | async_scoped_session[Any],
        *,
        on_drift: sql.OnDrift = sql.warn,
        schema: str | None = None,
        begin: Callable[[AsyncConnection], object] | None = None,
        group: bool = True,
    ) -> None: ...

    def __init__(
        self,
        engine: Any,
        *,
        on_drift: sql.OnDrift = sql.warn,
        schema: str | None = None,
        begin: Callable[[AsyncConnection], object] | None = None,
        group: bool = True,
    ) -> None:
        expected = (AsyncEngine, AsyncConnection, AsyncSession, async_scoped_session)
        if not isinstance(engine, expected):
            names = ", ".join(each.__name__ for each in expected)
            raise TypeError(f"engine: expected one of {names}, found {type(engine).__name__}")
        self._source = engine
        self._on_drift = on_drift
        self._schema = None if schema is None else check_schema("postgres", schema)
        self._first = begin and awaited(begin, "begin")
        may_group = begin is None and isinstance(engine, AsyncEngine) and _sqlalchemy.may_group(engine)
        store: Any = self
        reads = may_group and _sqlalchemy.may_group_reads(engine)
        self._group = AsyncGroup(store, group and may_group, store._asked, reads)

    async def migrate(self) -> None:
        """Creates the tables, unless they exist. Every host may call it when it starts."""
        async with self._begin(self._bind(), first=None) as connection:
            await connection.run_sync(_sqlalchemy.migrate, self._schema)

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        return await self._group.read(keys, id)

    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return await self._asked(sql.find, lapsed_by_ms, keys, limit)

    async def commit(self, ops: Sequence[Document], write: Write[T] | None = None) -> bool:
        return await self._group.commit(ops, write)

    async def _commit(self, ops: Sequence[Document], write: Write[T] | None = None) -> bool:
        try:
            async with self._begin(_session(self._source), first=self._first) as transaction:
                drifted = await _execute(transaction, self._schema, ops, write)
        except Exception as error:
            if is_conflict(error):
                return False
            raise
        sql.tell(self._on_drift, drifted)
        return True

    def joining(self, transaction: T) -> AsyncJoinedSqlAlchemy[T]:
        """This store in a transaction of the host: `transaction` is a connection or a session, whichever the host has.

        If it is a session, the store also flushes what the host has added to the session before.
        """
        return AsyncJoinedSqlAlchemy(_session(transaction), self._on_drift, self._schema)

    async def scan(self, visit: Callable[[Document], object]) -> None:
        """See `AsyncAudited.scan`. On SQLite, buyers' commits wait for it unless `journal_mode` is WAL."""
        async with self._begin(self._bind(), "one_moment", first=self._first) as connection:
            await connection.run_sync(_sqlalchemy.scan, self._schema, visit)

    async def differences(self, *, after: str, limit: int) -> list[Document]:
        return await self._asked(sql.differences, after, limit)

    async def person(self, identity: str) -> list[Document]:
        return await self._asked(sql.person, identity)

    async def old(self, *, after: str, before_ms: int | None, event_id: str | None, limit: int) -> list[Document]:
        return await self._asked(sql.old, after, before_ms, event_id, limit)

    async def prune(self, is_over: Callable[[str], bool]) -> int | None:
        return await self._alone(sql.prune, is_over)

    async def split(self, key: str, parts: int) -> list[str] | None:
        return await self._alone(sql.split, key, parts)

    async def _alone(self, ask: Callable[..., Queries[R]], *values: Any) -> R | None:
        """The answer of these queries in one transaction. None after a conflict."""
        try:
            async with self._begin(self._bind(), "each_statement", first=self._first) as connection:
                answer: R = await connection.run_sync(_sqlalchemy.asked, self._schema, ask, *values)
                return answer
        except Exception as error:
            if is_conflict(error):
                return None
            raise

    @repeated
    async def _asked(self, ask: Callable[..., Queries[R]], *values: Any) -> R:
        async with self._reading() as connection:
            answer: R = await connection.run_sync(_sqlalchemy.asked, self._schema, ask, *values)
            return answer

    def _bind(self) -> Any:
        """The engine or connection, also that of a session: ending a session's transaction would expire its objects."""
        source = _session(self._source)
        if not isinstance(source, AsyncSession):
            return source
        _sqlalchemy.refuse_open_transaction(source)
        bind: Any = source.get_bind()
        # The session answers with the synchronous half of its engine or connection.  # aio only
        bind = source.bind if isinstance(source.bind, AsyncConnection) else AsyncEngine(bind)  # aio only
        return bind

    @asynccontextmanager
    async def _begin(self, source: Any, mode: str | None = None, *, first: Any) -> AsyncIterator[Any]:
        with letting_go():
            if isinstance(source, AsyncEngine):
                async with source.begin() as connection:
                    await connection.run_sync(_sqlalchemy.begin, mode)
                    if first:
                        await first(connection)
                    yield connection
            else:
                _sqlalchemy.refuse_open_transaction(source)
                async with source.begin():
                    await source.run_sync(_sqlalchemy.begin, mode)
                    if first:
                        await first(await source.connection() if isinstance(source, AsyncSession) else source)
                    yield source

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Any]:
        source = _session(self._source)
        with letting_go():
            if not isinstance(source, AsyncEngine) and source.in_transaction():
                yield source
                return
            source = self._bind()
            if isinstance(source, AsyncEngine):
                async with source.connect() as connection:
                    await connection.run_sync(_sqlalchemy.begin_reading)
                    if self._first:
                        await self._first(connection)
                    yield connection
            else:
                async with source.begin():
                    await source.run_sync(_sqlalchemy.begin_reading)
                    if self._first:
                        await self._first(source)
                    yield source


class AsyncJoinedSqlAlchemy(Generic[T]):
    """The store in a transaction that the host has begun, and that the host ends."""

    def __init__(self, transaction: T, on_drift: sql.OnDrift, schema: str | None) -> None:
        if not isinstance(transaction, (AsyncConnection, AsyncSession)):
            found = type(transaction).__name__
            raise TypeError(f"transaction: expected an AsyncConnection or an AsyncSession, found {found}")
        # A session begins by itself, except an old one with autocommit.
        begins = isinstance(transaction, AsyncSession) and not getattr(transaction, "autocommit", False)
        if not begins and not transaction.in_transaction():
            raise RuntimeError(sql.NO_TRANSACTION)
        self._transaction: T = transaction
        self._on_drift = on_drift
        self._schema = schema

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        if id is not None:
            # A plan will follow.
            await self._select(_sqlalchemy.lock)
        return await self._select(_sqlalchemy.asked, self._schema, sql.read, keys, id)

    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return await self._select(_sqlalchemy.asked, self._schema, sql.find, lapsed_by_ms, keys, limit)

    async def commit(self, ops: Sequence[Document], write: Write[T] | None = None) -> bool:
        await self._select(_sqlalchemy.join)
        savepoint: Any = None
        with letting_go():
            try:
                # It flushes what the host has added to its session.
                savepoint = await self._transaction.begin_nested()
                drifted = await _execute(self._transaction, self._schema, ops, write, own=False)
                await savepoint.commit()
            except BaseException as error:
                # The savepoint is gone if `write` has ended the transaction, or the server has, after a deadlock.
                with suppress(Exception):
                    await savepoint.rollback()
                    if has_failed(error) and await self._transaction.run_sync(_sqlalchemy.sees_newer):
                        return False
                if is_conflict(error):
                    raise RepeatTransaction from error
                raise
        sql.tell(self._on_drift, drifted)
        return True

    async def _select(self, work: Callable[..., R], *values: Any) -> R:
        try:
            result: R = await self._transaction.run_sync(work, *values)
            return result
        except Exception as error:
            if is_conflict(error):
                raise RepeatTransaction from error
            raise


def _session(source: Any) -> Any:
    """The session of this thread or task, if `source` is a registry of sessions, otherwise the same."""
    return source() if isinstance(source, async_scoped_session) else source


async def _execute(
    transaction: T, schema: str | None, ops: Sequence[Document], write: Write[T] | None, *, own: bool = True
) -> list[str]:
    """Executes the plan, with `write` in between, and returns the counters that have drifted."""
    before, after = sql.around(write, ops, own=own)
    number = None
    if write is not None:
        number, watching = await transaction.run_sync(_sqlalchemy.store_records, schema, before)
        with watching:
            await write(transaction, sql.redemptions_of(ops))
    return await transaction.run_sync(_sqlalchemy.count, schema, after, number)
