"""A store on PostgreSQL, over the host's own asyncpg pool or connection."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from itertools import count
from typing import Any

from asyncpg import Connection, InterfaceError, Pool, PostgresError  # type: ignore[import-untyped]
from asyncpg.pool import PoolConnectionProxy  # type: ignore[import-untyped]

from . import sql
from ._calls import awaited
from ._conflicts import has_failed, is_conflict
from ._group_aio import AsyncGroup
from ._sql_aio import answered, repeated
from ._steps import Document, Queries, R, RepeatTransaction
from .types import Redemption

__all__ = ["AsyncpgStore"]

# Of the savepoints, each of which needs a name of its own: a plan may be within the `write` of another.
_numbers = count()
Write = Callable[[Any, list[Redemption]], Awaitable[None]]
Statements = dict[str, tuple[str, list[str]]]


class AsyncpgStore:
    """A store over a `Pool`, or over a `Connection`, whose calls then come one after the other.

    The connection may have any isolation level, and codecs of the host's own. `write` gets it in a transaction, and may
    await.

    The tables are those of `schema`; without one, the connection's search_path says which. `begin` gets the connection
    first in each transaction that reads or sells, for example to set a tenant. Over a pool and without `begin`, plans
    that come at the same time are stored together, unless `group` is False.

    asyncpg prepares every statement. Behind PgBouncer in transaction mode, the host therefore makes the pool with
    `statement_cache_size=0`.
    """

    def __init__(
        self,
        pool: Any,
        *,
        on_drift: sql.OnDrift = sql.warn,
        schema: str | None = None,
        begin: Callable[[Any], object] | None = None,
        group: bool = True,
    ) -> None:
        if not isinstance(pool, Pool) and not _is_connection(pool):
            raise TypeError(f"pool: expected a Pool or a Connection of asyncpg, found {type(pool).__name__}")
        self._source = pool
        self._on_drift = on_drift
        self._schema = schema
        self._statements = _statements(schema)
        self._begin = begin and awaited(begin, "begin")
        may_group = isinstance(pool, Pool) and begin is None
        self._group = AsyncGroup(self, group and may_group, self._select)

    async def migrate(self) -> None:
        """Creates the tables and the function that executes plans. Every host may call it when it starts."""
        async with self._transaction(begins=False) as connection:
            await connection.execute(sql.tables("postgres", self._schema))

    def joining(self, transaction: Any) -> "JoinedAsyncpg":
        """This store in a transaction of the host: `transaction` is the connection, which may be another one."""
        return JoinedAsyncpg(transaction, self._on_drift, self._statements)

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        return await self._group.read(keys, id)

    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return await self._select(sql.find, lapsed_by_ms, keys, limit)

    async def commit(self, ops: Sequence[Document], write: Write | None = None) -> bool:
        return await self._group.commit(ops, write)

    async def _commit(self, ops: Sequence[Document], write: Write | None = None) -> bool:
        sql.check_text(ops)
        try:
            async with self._transaction() as connection:
                drifted = await _execute(connection, self._statements, ops, write)
        except Exception as error:
            if is_conflict(error):
                return False
            raise
        sql.tell(self._on_drift, drifted)
        return True

    async def scan(self, visit: Callable[[Document], object]) -> None:
        async with self._transaction("one_moment") as connection:
            await _answered(connection, self._statements, sql.scan(visit))

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
            async with self._transaction("each_statement") as connection:
                return await _answered(connection, self._statements, queries)
        except Exception as error:
            if is_conflict(error):
                return None
            raise

    @repeated
    async def _select(self, ask: Callable[..., Queries[R]], *asked: Any) -> R:
        queries = ask("postgres", *asked)
        async with self._connection() as connection:
            if self._begin is None or connection.is_in_transaction():
                return await _answered(connection, self._statements, queries)
        async with self._transaction() as connection:
            return await _answered(connection, self._statements, queries)

    @asynccontextmanager
    async def _transaction(self, mode: str | None = None, *, begins: bool = True) -> AsyncIterator[Any]:
        """A transaction of the store's own; the statement `mode` says what it sees."""
        async with self._connection() as connection:
            if connection.is_in_transaction():
                raise RuntimeError(sql.OPEN_TRANSACTION)
            try:
                async with connection.transaction():
                    if mode is not None:
                        await _run(connection, self._statements, mode)
                    if self._begin and begins:
                        await self._begin(connection)
                    yield connection
            finally:
                if connection.is_in_transaction():
                    # A cancelled task may have left it open: the host's next statements would never be stored.
                    connection.terminate()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        if isinstance(self._source, Pool):
            async with self._source.acquire() as connection:
                yield connection
        else:
            yield self._source


class JoinedAsyncpg:
    """The store in a transaction that the host has begun, and that the host ends."""

    def __init__(self, connection: Any, on_drift: sql.OnDrift, statements: Statements) -> None:
        if not _is_connection(connection):
            raise TypeError(f"transaction: expected a Connection of asyncpg, found {type(connection).__name__}")
        if not connection.is_in_transaction():
            raise RuntimeError(sql.NO_TRANSACTION)
        self.connection = connection
        self._on_drift = on_drift
        self._statements = statements

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        return await self._select(sql.read("postgres", keys, id))

    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return await self._select(sql.find("postgres", lapsed_by_ms, keys, limit))

    async def commit(self, ops: Sequence[Document], write: Write | None = None) -> bool:
        sql.check_text(ops)
        # The savepoint is not released: after a cancelled RELEASE nobody knows whether it is there, and ROLLBACK TO
        # a savepoint that is gone makes PostgreSQL undo the host's whole transaction.
        number = next(_numbers)
        await _run(self.connection, self._statements, "join", number)
        try:
            drifted = await _execute(self.connection, self._statements, ops, write, own=False)
        except BaseException as error:
            # The savepoint is gone if `write` has ended the transaction, and then nothing can be read either.
            with suppress(PostgresError):
                try:
                    await _run(self.connection, self._statements, "undo", number)
                except InterfaceError:
                    # Somebody uses the connection at the same time. A part of the plan must not be committed.
                    self.connection.terminate()
                    raise error from None
                if has_failed(error) and await _answered(self.connection, self._statements, sql.sees_newer()):
                    return False
            if is_conflict(error):
                raise RepeatTransaction from error
            raise
        sql.tell(self._on_drift, drifted)
        return True

    async def _select(self, queries: Queries[R]) -> R:
        try:
            return await _answered(self.connection, self._statements, queries)
        except Exception as error:
            if is_conflict(error):
                raise RepeatTransaction from error
            raise


def _is_connection(source: Any) -> bool:
    return isinstance(source, Connection | PoolConnectionProxy)


async def _execute(
    connection: Any, statements: Statements, ops: Sequence[Document], write: Write | None, *, own: bool = True
) -> list[str]:
    """Executes the plan, with `write` in between, and returns the counters that have drifted."""
    before, after = sql.around(write, ops, own=own)
    if write is not None:
        await _answered(connection, statements, sql.records("postgres", before))
        await write(connection, sql.redemptions_of(ops))
    return await _answered(connection, statements, sql.counters("postgres", after, write is not None))


async def _run(connection: Any, statements: Statements, name: str, number: int = 0) -> None:
    await connection.execute(sql.savepoint(name, statements[name][0], number))


async def _answered(connection: Any, statements: Statements, queries: Queries[R]) -> R:
    async def run(name: str, values: dict[str, Any]) -> Any:
        statement, names = statements[name]
        return await connection.fetch(statement, *[values[name] for name in names])

    return await answered(queries, run)


@cache
def _statements(schema: str | None) -> Statements:
    """The statements in asyncpg's notation."""
    return {name: sql.numbered(statement) for name, statement in sql.statements("postgres", schema).items()}
