"""The store on PostgreSQL over an asynchronous psycopg connection or pool."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from typing import Any, Protocol

from psycopg import AsyncConnection, AsyncTransaction
from psycopg.rows import tuple_row

from . import sql
from ._conflicts import has_failed, is_conflict
from ._owners import refuse_managed
from ._postgres import (
    ROLLED_BACK,
    STATEMENTS,
    cause_of,
    close_unless_sound,
    is_idle,
    is_in_transaction,
    refuse_ended_transaction,
    refuse_open_transaction,
    refuse_without_transaction,
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
    """

    def __init__(self, connection: AsyncConnection[Any] | AsyncPool, *, on_drift: sql.OnDrift = sql.warn) -> None:
        refuse_managed(connection)
        self._source = connection
        self._on_drift = on_drift

    async def migrate(self) -> None:
        """Creates the tables and the function that executes plans. Every host may call it when it starts."""
        async with self._connection() as connection:
            refuse_open_transaction(connection)
            async with connection.transaction():
                await connection.execute(sql.tables("postgres").encode())

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        return await self._select("read", keys, id)

    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return await self._select("find", lapsed_by_ms, keys, limit)

    async def commit(
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
                        if write is not None:
                            await connection.execute(STATEMENTS["commit_records"], {"ops": sql.to_json(before)})
                    if write is not None:
                        await write(connection, sql.redemptions_of(ops))
                        refuse_ended_transaction(connection)
                    # The counters and the COMMIT are sent together, so the lock of a popular counter is not held during
                    # a round trip.
                    async with connection.pipeline(), stack.pop_all():
                        counters = STATEMENTS["commit" if write is None else "commit_counters"]
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
        return AsyncJoinedPostgres(transaction, self._on_drift)

    async def scan(self, visit: Callable[[Document], object]) -> None:
        await self._transact("one_moment", sql.scan(visit))

    async def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> int | None:
        try:
            return await self._transact("each_statement", sql.recount("postgres", key, count))
        except Exception as error:
            if is_conflict(error):
                return None
            raise

    async def prune(self, is_over: Callable[[str], bool]) -> int | None:
        try:
            return await self._transact("each_statement", sql.prune(is_over))
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
                    await connection.execute(STATEMENTS[mode])
                    return await _answered(connection, queries)
            finally:
                close_unless_sound(connection)

    @repeated
    async def _select(self, name: str, *asked: Any) -> Document:
        # Without autocommit, a statement begins a transaction, which would stay open: end it here.
        async with (
            self._connection() as connection,
            nullcontext() if connection.autocommit else connection.transaction(),
        ):
            return await _answered(connection, getattr(sql, name)("postgres", *asked))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        if isinstance(self._source, AsyncConnection):
            yield self._source
        else:
            async with self._source.connection() as connection:
                yield connection


class AsyncJoinedPostgres:
    """The store in a transaction that the host has begun, and that the host ends."""

    def __init__(self, connection: AsyncConnection[Any], on_drift: sql.OnDrift) -> None:
        if not isinstance(connection, AsyncConnection):
            raise TypeError(f"transaction: expected psycopg's AsyncConnection, found {type(connection).__name__}")
        refuse_without_transaction(connection)
        self.connection = connection
        self._on_drift = on_drift

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
                before, after = sql.around(write, ops)
                if write is not None:
                    await _answered(self.connection, sql.records("postgres", before))
                    await write(self.connection, sql.redemptions_of(ops))
                    refuse_ended_transaction(self.connection)
                drifted = await _answered(self.connection, sql.counters("postgres", after, write is not None))
        except Exception as error:
            if has_failed(error) and await _answered(self.connection, sql.sees_newer()):
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
            return await _answered(self.connection, queries)
        except Exception as error:
            if is_conflict(error):
                raise RepeatTransaction from error
            raise


async def _answered(connection: AsyncConnection[Any], queries: Queries[R]) -> R:
    async def run(name: str, values: dict[str, Any]) -> Any:
        cursor = await connection.cursor(row_factory=tuple_row).execute(STATEMENTS[name], values)
        return await cursor.fetchall() if cursor.description else cursor.rowcount

    return await answered(queries, run)
