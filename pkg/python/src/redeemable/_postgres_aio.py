"""The store on PostgreSQL over an asynchronous psycopg connection or pool."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from typing import Any, Protocol

from psycopg import AsyncConnection, AsyncTransaction
from psycopg.rows import tuple_row

from . import sql
from ._calls import awaited
from ._conflicts import has_failed, is_conflict
from ._group_aio import AsyncGroup
from ._owners import refuse_managed
from ._postgres import (
    ROLLED_BACK,
    cause_of,
    close_unless_sound,
    is_idle,
    is_in_transaction,
    is_open,
    refuse_ended_transaction,
    refuse_open_transaction,
    refuse_without_transaction,
    statements,
)
from ._sql_aio import answered, repeated
from ._steps import Document, Queries, R, RepeatTransaction
from .types import Redemption


class AsyncPool(Protocol):
    """The part of `psycopg_pool.AsyncConnectionPool` that the store uses."""

    def connection(self) -> AbstractAsyncContextManager[AsyncConnection[Any]]:
        """A connection of the pool, which the context manager returns at its end."""
        ...


class AsyncPostgresStore:
    """A store over the host's `AsyncConnection` or `AsyncConnectionPool`, with or without autocommit.

    The connection may have any isolation level. `write` gets it and may await; psycopg does not let `write` commit.
    The tables are those of `schema`; without one, the connection's search_path says which.
    `begin` gets the connection first in each transaction that reads or sells, for example to set a tenant.
    Over a pool and without `begin`, plans that come at the same time are stored together, unless `group` is False.
    """

    def __init__(
        self,
        connection: AsyncConnection[Any] | AsyncPool,
        *,
        on_drift: sql.OnDrift = sql.warn,
        schema: str | None = None,
        begin: Callable[[AsyncConnection[Any]], object] | None = None,
        group: bool = True,
    ) -> None:
        refuse_managed(connection)
        self._source = connection
        self._on_drift = on_drift
        self._schema = schema
        self._statements = statements(schema)
        self._begin = begin and awaited(begin, "begin")
        is_pool = not isinstance(connection, AsyncConnection)
        self._group = AsyncGroup(self, group and is_pool and begin is None, self._select)

    async def migrate(self) -> None:
        """Creates the tables and the function that executes plans. Every host may call it when it starts."""
        async with self._connection() as connection:
            refuse_open_transaction(connection)
            async with connection.transaction():
                await connection.execute(sql.tables("postgres", self._schema).encode())

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        return await self._group.read(keys, id)

    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return await self._select(sql.find, lapsed_by_ms, keys, limit)

    async def commit(
        self,
        ops: Sequence[Document],
        write: Callable[[AsyncConnection[Any], list[Redemption]], Awaitable[None]] | None = None,
    ) -> bool:
        return await self._group.commit(ops, write)

    async def _commit(
        self,
        ops: Sequence[Document],
        write: Callable[[AsyncConnection[Any], list[Redemption]], Awaitable[None]] | None = None,
    ) -> bool:
        drifted = None
        sql.check_text(ops)
        async with self._connection() as connection:
            refuse_open_transaction(connection)
            try:
                before, after = sql.around(write, ops)
                async with AsyncExitStack() as stack:
                    async with connection.pipeline() as pipeline:
                        # `connection.transaction()` would wait for the answer to BEGIN, so it is not used here.
                        await stack.enter_async_context(AsyncTransaction(connection))
                        if not connection.autocommit:
                            # Without autocommit psycopg itself sends BEGIN before a statement, until it has read the
                            # server's answer to the first one: so wait for that answer.
                            await pipeline.sync()
                        if self._begin:
                            await self._begin(connection)
                        if write is not None:
                            await connection.execute(self._statements["commit_records"], {"ops": sql.to_json(before)})
                    if write is not None:
                        await write(connection, sql.redemptions_of(ops))
                        refuse_ended_transaction(connection)
                    # The counters and the COMMIT are sent together, so the lock of a popular counter is not held during
                    # a round trip.
                    async with connection.pipeline(), stack.pop_all():
                        counters = self._statements["commit" if write is None else "commit_counters"]
                        cursor = await connection.cursor(row_factory=tuple_row).execute(
                            counters, {"ops": sql.to_json(after)}
                        )
                    ((answer,),) = await cursor.fetchall()
                    drifted = sql.drifted(answer)
            except Exception as error:
                cause = cause_of(error)
                if is_conflict(cause):
                    return False
                raise cause  # noqa: B904 (it is the error, or what the error was made from)
            finally:
                try:
                    if is_in_transaction(connection):
                        await connection.rollback()
                finally:
                    close_unless_sound(connection)
        if drifted is None:
            raise RuntimeError(ROLLED_BACK)
        sql.tell(self._on_drift, drifted)
        return True

    def joining(self, transaction: AsyncConnection[Any]) -> "AsyncJoinedPostgres":
        """This store in a transaction of the host: `transaction` is the connection, which may be any one."""
        return AsyncJoinedPostgres(transaction, self._on_drift, self._statements)

    async def scan(self, visit: Callable[[Document], object]) -> None:
        await self._transact("one_moment", sql.scan(visit))

    async def differences(self, *, after: str, limit: int) -> list[Document]:
        return await self._select(sql.differences, after, limit)

    async def person(self, identity: str) -> list[Document]:
        return await self._select(sql.person, identity)

    async def old(self, *, after: str, before_ms: int | None, event_id: str | None, limit: int) -> list[Document]:
        return await self._select(sql.old, after, before_ms, event_id, limit)

    async def prune(self, is_over: Callable[[str], bool]) -> int | None:
        return await self._alone(sql.prune("postgres", is_over))

    async def split(self, key: str, parts: int) -> list[str] | None:
        return await self._alone(sql.split("postgres", key, parts))

    async def _alone(self, queries: Queries[R]) -> R | None:
        """The answer of these queries in one transaction. None after a conflict."""
        try:
            return await self._transact("each_statement", queries)
        except Exception as error:
            if is_conflict(error):
                return None
            raise

    async def _transact(self, mode: str, queries: Queries[R]) -> R:
        """The result of the queries, in one transaction; the statement `mode` says what that transaction sees."""
        async with self._connection() as connection:
            refuse_open_transaction(connection)
            try:
                async with connection.transaction():
                    await connection.execute(self._statements[mode])
                    if self._begin:
                        await self._begin(connection)
                    return await _answered(connection, self._statements, queries)
            finally:
                close_unless_sound(connection)

    @repeated
    async def _select(self, ask: Callable[..., Queries[R]], *asked: Any) -> R:
        async with self._connection() as connection:
            begin = None if is_open(connection) else self._begin
            # Without autocommit, a statement begins a transaction, which would stay open: end it here.
            async with connection.transaction() if begin or not connection.autocommit else nullcontext():
                if begin:
                    await begin(connection)
                return await _answered(connection, self._statements, ask("postgres", *asked))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        if isinstance(self._source, AsyncConnection):
            yield self._source
        else:
            async with self._source.connection() as connection:
                yield connection


class AsyncJoinedPostgres:
    """The store in a transaction that the host has begun, and that the host ends."""

    def __init__(self, connection: AsyncConnection[Any], on_drift: sql.OnDrift, statements: dict[str, bytes]) -> None:
        if not isinstance(connection, AsyncConnection):
            raise TypeError(f"transaction: expected psycopg's AsyncConnection, found {type(connection).__name__}")
        refuse_without_transaction(connection)
        self.connection = connection
        self._on_drift = on_drift
        self._statements = statements

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        return await self._select(sql.read("postgres", keys, id))

    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return await self._select(sql.find("postgres", lapsed_by_ms, keys, limit))

    async def commit(
        self,
        ops: Sequence[Document],
        write: Callable[[AsyncConnection[Any], list[Redemption]], Awaitable[None]] | None = None,
    ) -> bool:
        sql.check_text(ops)
        drifted = None
        if is_idle(self.connection):
            # Without autocommit, psycopg begins the transaction at the first statement, and `transaction()` would
            # commit it: make it begin.
            await self._select(sql.sees_newer())
        try:
            async with self.connection.transaction():
                before, after = sql.around(write, ops, own=False)
                if write is not None:
                    await _answered(self.connection, self._statements, sql.records("postgres", before))
                    await write(self.connection, sql.redemptions_of(ops))
                    refuse_ended_transaction(self.connection)
                drifted = await _answered(
                    self.connection, self._statements, sql.counters("postgres", after, write is not None)
                )
        except Exception as error:
            if has_failed(error) and await _answered(self.connection, self._statements, sql.sees_newer()):
                return False
            if is_conflict(error):
                raise RepeatTransaction from error
            raise
        if drifted is None:
            raise RuntimeError(ROLLED_BACK)
        sql.tell(self._on_drift, drifted)
        return True

    async def _select(self, queries: Queries[R]) -> R:
        try:
            return await _answered(self.connection, self._statements, queries)
        except Exception as error:
            if is_conflict(error):
                raise RepeatTransaction from error
            raise


async def _answered(connection: AsyncConnection[Any], statements: dict[str, bytes], queries: Queries[R]) -> R:
    async def run(name: str, values: dict[str, Any]) -> Any:
        cursor = await connection.cursor(row_factory=tuple_row).execute(statements[name], values)
        return await cursor.fetchall() if cursor.description else cursor.rowcount

    return await answered(queries, run)
