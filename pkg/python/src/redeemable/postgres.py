"""Stores on PostgreSQL, over the host's own psycopg connection or pool: one for plain functions, one for coroutines."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from typing import Any, Protocol

from psycopg import AsyncConnection, AsyncTransaction, Connection, Transaction
from psycopg.errors import PipelineAborted
from psycopg.pq import PipelineStatus, TransactionStatus
from psycopg.rows import tuple_row

from . import _sql
from ._kit import redemptions_of
from ._steps import Document, R
from .types import Redemption

# psycopg writes parameters its own way.
_STATEMENTS = {
    statement: re.sub(r":(\w+)", r"%(\1)s", statement).encode()
    for statement in (
        _sql.POSTGRES_READ,
        _sql.POSTGRES_LAPSED,
        _sql.POSTGRES_FIND,
        _sql.POSTGRES_COMMIT,
        _sql.POSTGRES_RECORDS,
        _sql.POSTGRES_COUNTERS,
        _sql.PAGE,
        _sql.COUNTERS[True],
        _sql.CREATE,
        _sql.LOCK[True],
        _sql.CHARGING[True],
        _sql.SET,
    )
}
_COMMIT, _RECORDS, _COUNTERS = (
    _STATEMENTS[statement] for statement in (_sql.POSTGRES_COMMIT, _sql.POSTGRES_RECORDS, _sql.POSTGRES_COUNTERS)
)
_ROLLED_BACK = "write rolled the transaction back: to refuse, it raises any exception but psycopg.Rollback"


class Pool(Protocol):
    """What is used of `psycopg_pool.ConnectionPool`."""

    def connection(self) -> AbstractContextManager[Connection[Any]]:
        """A connection of the pool, for as long as it is entered."""
        ...


class AsyncPool(Protocol):
    """What is used of `psycopg_pool.AsyncConnectionPool`."""

    def connection(self) -> AbstractAsyncContextManager[AsyncConnection[Any]]:
        """A connection of the pool, for as long as it is entered."""
        ...


class PostgresStore:
    """With autocommit or without, at any isolation level. `write` gets the connection; psycopg keeps it from committing."""

    def __init__(self, connection: Connection[Any] | Pool, *, on_drift: _sql.OnDrift = _sql.warn) -> None:
        self._source = connection
        self._on_drift = on_drift

    def migrate(self) -> None:
        """Creates the tables and the function that executes plans. Every host does so when it starts."""
        with self._connection() as connection:
            _refuse_open_transaction(connection)
            with connection.transaction():
                connection.execute(_sql.tables("postgres").encode())

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        (row,) = self._select(*_sql.read(True, keys, id))
        return _sql.usage(row)

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return _sql.found(self._select(*_sql.find(True, lapsed_by_ms, keys, limit)))

    def commit(
        self, ops: Sequence[Document], write: Callable[[Connection[Any], list[Redemption]], object] | None = None
    ) -> bool:
        drifted = None
        _sql.check_text(ops)
        with self._connection() as connection:
            _refuse_open_transaction(connection)
            try:
                before, after = _sql.around(write, ops)
                with ExitStack() as stack:
                    with connection.pipeline() as pipeline:
                        # `connection.transaction()` would wait for the answer to BEGIN.
                        stack.enter_context(Transaction(connection))
                        if not connection.autocommit:
                            # It has to: until that is there, psycopg would send another.
                            pipeline.sync()
                        if write is not None:
                            connection.execute(_RECORDS, {"ops": _sql.to_json(before)})
                    if write is not None:
                        write(connection, redemptions_of(ops))
                        _refuse_ended_transaction(connection)
                    # The counters and the COMMIT travel together: what is locked last waits for no journey.
                    with connection.pipeline(), stack.pop_all():
                        counters = _COMMIT if write is None else _COUNTERS
                        cursor = connection.cursor(row_factory=tuple_row).execute(
                            counters, {"ops": _sql.to_json(after)}
                        )
                    drifted = _sql.drifted(cursor.fetchall()[0][0])
            except Exception as error:
                cause = _cause(error)
                if _sql.is_conflict(cause):
                    return False
                raise cause  # noqa: B904 (it is the error, or what the error was made from)
            finally:
                try:
                    if _is_in_transaction(connection):
                        connection.rollback()
                finally:
                    _close_unless_sound(connection)
        if drifted is None:
            raise RuntimeError(_ROLLED_BACK)
        _sql.tell(self._on_drift, drifted)
        return True

    def scan(self, visit: Callable[[Document], object]) -> None:
        self._transact(_sql.ONE_MOMENT, _sql.scan(True, visit))

    def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> int | None:
        try:
            return self._transact(_sql.EACH_STATEMENT, _sql.recount(True, key, count))
        except Exception as error:
            if _sql.is_conflict(error):
                return None
            raise

    def _transact(self, isolation: str, queries: _sql.Queries[R]) -> R:
        """What the queries return, in one transaction."""
        with self._connection() as connection:

            def run(statement: str, values: dict[str, Any]) -> list[Any]:
                cursor = connection.cursor(row_factory=tuple_row).execute(_STATEMENTS[statement], values)
                return cursor.fetchall() if cursor.description else []

            _refuse_open_transaction(connection)
            try:
                with connection.transaction():
                    connection.execute(isolation.encode())
                    return _sql.answered(queries, run)
            finally:
                _close_unless_sound(connection)

    @_sql.repeated
    def _select(self, statement: str, parameters: dict[str, Any]) -> list[Any]:
        # Without autocommit, a statement would begin a transaction and leave it open.
        with self._connection() as connection, nullcontext() if connection.autocommit else connection.transaction():
            return connection.cursor(row_factory=tuple_row).execute(_STATEMENTS[statement], parameters).fetchall()

    @contextmanager
    def _connection(self) -> Iterator[Connection[Any]]:
        if isinstance(self._source, Connection):
            yield self._source
        else:
            with self._source.connection() as connection:
                yield connection


class AsyncPostgresStore:
    """The same over an `AsyncConnection` or an `AsyncConnectionPool`; `write` may await."""

    def __init__(self, connection: AsyncConnection[Any] | AsyncPool, *, on_drift: _sql.OnDrift = _sql.warn) -> None:
        self._source = connection
        self._on_drift = on_drift

    async def migrate(self) -> None:
        """Creates the tables and the function that executes plans. Every host does so when it starts."""
        async with self._connection() as connection:
            _refuse_open_transaction(connection)
            async with connection.transaction():
                await connection.execute(_sql.tables("postgres").encode())

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        (row,) = await self._select(*_sql.read(True, keys, id))
        return _sql.usage(row)

    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return _sql.found(await self._select(*_sql.find(True, lapsed_by_ms, keys, limit)))

    async def commit(
        self,
        ops: Sequence[Document],
        write: Callable[[AsyncConnection[Any], list[Redemption]], Awaitable[None]] | None = None,
    ) -> bool:
        drifted = None
        _sql.check_text(ops)
        async with self._connection() as connection:
            _refuse_open_transaction(connection)
            try:
                before, after = _sql.around(write, ops)
                async with AsyncExitStack() as stack:
                    async with connection.pipeline() as pipeline:
                        # `connection.transaction()` would wait for the answer to BEGIN.
                        await stack.enter_async_context(AsyncTransaction(connection))
                        if not connection.autocommit:
                            # It has to: until that is there, psycopg would send another.
                            await pipeline.sync()
                        if write is not None:
                            await connection.execute(_RECORDS, {"ops": _sql.to_json(before)})
                    if write is not None:
                        await write(connection, redemptions_of(ops))
                        _refuse_ended_transaction(connection)
                    # The counters and the COMMIT travel together: what is locked last waits for no journey.
                    async with connection.pipeline(), stack.pop_all():
                        counters = _COMMIT if write is None else _COUNTERS
                        cursor = await connection.cursor(row_factory=tuple_row).execute(
                            counters, {"ops": _sql.to_json(after)}
                        )
                    drifted = _sql.drifted((await cursor.fetchall())[0][0])
            except Exception as error:
                cause = _cause(error)
                if _sql.is_conflict(cause):
                    return False
                raise cause  # noqa: B904 (it is the error, or what the error was made from)
            finally:
                try:
                    if _is_in_transaction(connection):
                        await connection.rollback()
                finally:
                    _close_unless_sound(connection)
        if drifted is None:
            raise RuntimeError(_ROLLED_BACK)
        _sql.tell(self._on_drift, drifted)
        return True

    async def scan(self, visit: Callable[[Document], object]) -> None:
        await self._transact(_sql.ONE_MOMENT, _sql.scan(True, visit))

    async def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> int | None:
        try:
            return await self._transact(_sql.EACH_STATEMENT, _sql.recount(True, key, count))
        except Exception as error:
            if _sql.is_conflict(error):
                return None
            raise

    async def _transact(self, isolation: str, queries: _sql.Queries[R]) -> R:
        """What the queries return, in one transaction."""
        async with self._connection() as connection:

            async def run(statement: str, values: dict[str, Any]) -> list[Any]:
                cursor = await connection.cursor(row_factory=tuple_row).execute(_STATEMENTS[statement], values)
                return await cursor.fetchall() if cursor.description else []

            _refuse_open_transaction(connection)
            try:
                async with connection.transaction():
                    await connection.execute(isolation.encode())
                    return await _sql.async_answered(queries, run)
            finally:
                _close_unless_sound(connection)

    @_sql.async_repeated
    async def _select(self, statement: str, parameters: dict[str, Any]) -> list[Any]:
        async with (
            self._connection() as connection,
            nullcontext() if connection.autocommit else connection.transaction(),
        ):
            cursor = await connection.cursor(row_factory=tuple_row).execute(_STATEMENTS[statement], parameters)
            return await cursor.fetchall()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        if isinstance(self._source, AsyncConnection):
            yield self._source
        else:
            async with self._source.connection() as connection:
                yield connection


def _refuse_open_transaction(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    if connection.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN):
        raise RuntimeError("the connection has a transaction open: commit it or roll it back first")


def _is_in_transaction(connection: Connection[Any] | AsyncConnection[Any]) -> bool:
    """Whether there is something to roll back, and a connection to do it on."""
    status = connection.info.transaction_status
    return (
        status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)
        and connection.info.pipeline_status == PipelineStatus.OFF
    )


def _close_unless_sound(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    """A cancellation may leave libpq in pipeline mode, where the host's next statement would answer nothing, and store nothing."""
    if (
        connection.info.transaction_status != TransactionStatus.IDLE
        or connection.info.pipeline_status != PipelineStatus.OFF
    ):
        # Not `close()`, by which some pools take a connection back.
        connection.pgconn.finish()


def _refuse_ended_transaction(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    """psycopg refuses `commit()`, but not the statement; after that the counters would be on their own."""
    if connection.info.transaction_status == TransactionStatus.IDLE:
        raise RuntimeError(_sql.ENDED)


def _cause(error: BaseException) -> BaseException:
    """What failed: the COMMIT that was skipped after it may have been reported on top."""
    return _cause(error.__context__) if isinstance(error, PipelineAborted) and error.__context__ else error
