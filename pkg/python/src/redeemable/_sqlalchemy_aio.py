"""The store over an asynchronous SQLAlchemy engine or connection."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from . import _sql, _sqlalchemy
from ._kit import redemptions_of
from ._sql_aio import repeated
from ._steps import Document
from .types import Redemption


class AsyncSqlAlchemyStore:
    """A store over the host's `AsyncEngine` or `AsyncConnection`, on SQLite, PostgreSQL, MariaDB or MySQL.

    `write` gets an `AsyncConnection` in a transaction and may await.

    A host that uses the ORM makes its `AsyncSession(bind=connection)` in `write`, and flushes it there.
    """

    def __init__(self, engine: AsyncEngine | AsyncConnection, *, on_drift: _sql.OnDrift = _sql.warn) -> None:
        self._source = engine
        self._on_drift = on_drift

    async def migrate(self) -> None:
        """Creates the tables, unless they exist. Every host may call it when it starts."""
        async with self._begin() as connection:
            await connection.run_sync(_sqlalchemy.migrate)

    @repeated
    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        async with self._reading() as connection:
            return await connection.run_sync(_sqlalchemy.read, keys, id)

    @repeated
    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        async with self._reading() as connection:
            return await connection.run_sync(_sqlalchemy.find, lapsed_by_ms, keys, limit)

    async def commit(
        self,
        ops: Sequence[Document],
        write: Callable[[AsyncConnection, list[Redemption]], Awaitable[None]] | None = None,
    ) -> bool:
        if self._source.dialect.name == "postgresql":
            _sql.check_text(ops)
        try:
            before, after = _sql.around(write, ops)
            async with self._begin() as connection:
                if write is not None:
                    await connection.run_sync(_sqlalchemy.store_records, before)
                    await write(connection, redemptions_of(ops))
                drifted = await connection.run_sync(_sqlalchemy.count, after, write is not None)
        except Exception as error:
            if _sql.is_conflict(error):
                return False
            raise
        _sql.tell(self._on_drift, drifted)
        return True

    async def scan(self, visit: Callable[[Document], object]) -> None:
        """See `AsyncAudited.scan`. On SQLite, buyers' commits wait for it unless `journal_mode` is WAL."""
        async with self._begin("one_moment") as connection:
            await connection.run_sync(_sqlalchemy.scan, visit)

    async def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> int | None:
        try:
            async with self._begin() as connection:
                return await connection.run_sync(_sqlalchemy.recount, key, count)
        except Exception as error:
            if _sql.is_conflict(error):
                return None
            raise

    async def prune(self, is_over: Callable[[str], bool]) -> int | None:
        try:
            async with self._begin() as connection:
                return await connection.run_sync(_sqlalchemy.prune, is_over)
        except Exception as error:
            if _sql.is_conflict(error):
                return None
            raise

    @asynccontextmanager
    async def _begin(self, mode: str = "each_statement") -> AsyncIterator[AsyncConnection]:
        with _sql.letting_go():
            if isinstance(self._source, AsyncConnection):
                _sqlalchemy.refuse_open_transaction(self._source.in_transaction())
                async with self._source.begin():
                    await self._source.run_sync(_sqlalchemy.begin, mode)
                    yield self._source
            else:
                async with self._source.begin() as connection:
                    await connection.run_sync(_sqlalchemy.begin, mode)
                    yield connection

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        with _sql.letting_go():
            if not isinstance(self._source, AsyncConnection):
                async with self._source.connect() as connection:
                    await connection.run_sync(_sqlalchemy.begin_reading)
                    yield connection
            elif self._source.in_transaction():
                yield self._source
            else:
                async with self._source.begin():
                    await self._source.run_sync(_sqlalchemy.begin_reading)
                    yield self._source
