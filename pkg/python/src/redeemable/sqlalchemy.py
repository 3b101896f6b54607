"""Stores over the host's own SQLAlchemy engine or connection, version 1.4 or 2, on SQLite or PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from . import _sql
from ._kit import redemptions_of
from ._steps import Document
from .types import Redemption


class SqlAlchemyStore:
    """`write` gets a `Connection` in a transaction; an ORM host makes its `Session(bind=connection)` there, and flushes it."""

    def __init__(self, engine: Engine | Connection, *, on_drift: _sql.OnDrift = _sql.warn) -> None:
        self._source = engine
        self._on_drift = on_drift

    def migrate(self) -> None:
        """Creates the tables. Every host does so when it starts; where they exist, nothing changes."""
        with self._begin() as connection:
            _migrate(connection)

    @_sql.repeated
    def read(self, keys: Sequence[str], id: str | None) -> Document:
        with self._reading() as connection:
            return _read(connection, keys, id)

    @_sql.repeated
    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        with self._reading() as connection:
            return _find(connection, lapsed_by_ms, keys, limit)

    def commit(
        self, ops: Sequence[Document], write: Callable[[Connection, list[Redemption]], object] | None = None
    ) -> bool:
        if self._source.dialect.name != "sqlite":
            _sql.check_text(ops)
        try:
            before, after = _sql.around(write, ops)
            with self._begin() as connection:
                if write is not None:
                    _store_records(connection, before)
                    write(connection, redemptions_of(ops))
                drifted = _count(connection, after, write is not None)
        except Exception as error:
            if _sql.is_conflict(error):
                return False
            raise
        _sql.tell(self._on_drift, drifted)
        return True

    def scan(self, visit: Callable[[Document], object]) -> None:
        """On SQLite, without hindering buyers where `journal_mode` is WAL; in any other mode, their commits wait."""
        with self._begin("BEGIN") as connection:
            _scan(connection, visit)

    def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> int | None:
        try:
            with self._begin() as connection:
                return _recount(connection, key, count)
        except Exception as error:
            if _sql.is_conflict(error):
                return None
            raise

    @contextmanager
    def _begin(self, on_sqlite: str = "BEGIN IMMEDIATE") -> Iterator[Connection]:
        if isinstance(self._source, Connection):
            _refuse_open_transaction(self._source.in_transaction())
            with self._source.begin():
                _lock(self._source, on_sqlite)
                yield self._source
        else:
            with self._source.begin() as connection:
                _lock(connection, on_sqlite)
                yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if not isinstance(self._source, Connection):
            with self._source.connect() as connection:
                yield connection
        elif self._source.in_transaction():
            yield self._source
        else:
            # SQLAlchemy 2 would begin a transaction and leave it open.
            with self._source.begin():
                yield self._source


class AsyncSqlAlchemyStore:
    """The same over an `AsyncEngine` or an `AsyncConnection`; `write` may await."""

    def __init__(self, engine: AsyncEngine | AsyncConnection, *, on_drift: _sql.OnDrift = _sql.warn) -> None:
        self._source = engine
        self._on_drift = on_drift

    async def migrate(self) -> None:
        """Creates the tables. Every host does so when it starts; where they exist, nothing changes."""
        async with self._begin() as connection:
            await connection.run_sync(_migrate)

    @_sql.async_repeated
    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        async with self._reading() as connection:
            return await connection.run_sync(_read, keys, id)

    @_sql.async_repeated
    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        async with self._reading() as connection:
            return await connection.run_sync(_find, lapsed_by_ms, keys, limit)

    async def commit(
        self,
        ops: Sequence[Document],
        write: Callable[[AsyncConnection, list[Redemption]], Awaitable[None]] | None = None,
    ) -> bool:
        if self._source.dialect.name != "sqlite":
            _sql.check_text(ops)
        try:
            before, after = _sql.around(write, ops)
            async with self._begin() as connection:
                if write is not None:
                    await connection.run_sync(_store_records, before)
                    await write(connection, redemptions_of(ops))
                drifted = await connection.run_sync(_count, after, write is not None)
        except Exception as error:
            if _sql.is_conflict(error):
                return False
            raise
        _sql.tell(self._on_drift, drifted)
        return True

    async def scan(self, visit: Callable[[Document], object]) -> None:
        """On SQLite, without hindering buyers where `journal_mode` is WAL; in any other mode, their commits wait."""
        async with self._begin("BEGIN") as connection:
            await connection.run_sync(_scan, visit)

    async def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> int | None:
        try:
            async with self._begin() as connection:
                return await connection.run_sync(_recount, key, count)
        except Exception as error:
            if _sql.is_conflict(error):
                return None
            raise

    @asynccontextmanager
    async def _begin(self, on_sqlite: str = "BEGIN IMMEDIATE") -> AsyncIterator[AsyncConnection]:
        with _sql.letting_go():
            if isinstance(self._source, AsyncConnection):
                _refuse_open_transaction(self._source.in_transaction())
                async with self._source.begin():
                    await self._source.run_sync(_lock, on_sqlite)
                    yield self._source
            else:
                async with self._source.begin() as connection:
                    await connection.run_sync(_lock, on_sqlite)
                    yield connection

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        with _sql.letting_go():
            if not isinstance(self._source, AsyncConnection):
                async with self._source.connect() as connection:
                    yield connection
            elif self._source.in_transaction():
                yield self._source
            else:
                async with self._source.begin():
                    yield self._source


def _refuse_open_transaction(is_open: bool) -> None:
    if is_open:
        raise RuntimeError("the connection has a transaction open: commit it or roll it back first")


def _lock(connection: Connection, on_sqlite: str) -> None:
    """Makes sure that a transaction has begun, and on SQLite takes its write lock unless it only reads: drivers begin late, or not at all."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        if not driver.in_transaction:
            connection.exec_driver_sql(on_sqlite)
    elif connection.dialect.name != "postgresql":
        raise NotImplementedError(f"expected SQLite or PostgreSQL, found {connection.dialect.name}")
    elif getattr(connection.connection.dbapi_connection, "autocommit", False):
        raise RuntimeError("the connection is in AUTOCOMMIT: expected any other isolation level")


def _migrate(connection: Connection) -> None:
    for statement in _sql.statements(_sql.tables("sqlite" if connection.dialect.name == "sqlite" else "postgres")):
        connection.execute(text(statement))


def _read(connection: Connection, keys: Sequence[str], id: str | None) -> Document:
    statement, values = _sql.read(connection.dialect.name != "sqlite", keys, id)
    return _sql.usage(connection.execute(text(statement), values).fetchone())


def _find(connection: Connection, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
    statement, values = _sql.find(connection.dialect.name != "sqlite", lapsed_by_ms, keys, limit)
    return _sql.found(connection.execute(text(statement), values))


def _scan(connection: Connection, visit: Callable[[Document], object]) -> None:
    on_postgres = connection.dialect.name != "sqlite"
    if on_postgres:
        connection.execute(text(_sql.ONE_MOMENT))
    _sql.answered(_sql.scan(on_postgres, visit), partial(_rows, connection))


def _recount(connection: Connection, key: str, count: Callable[[Iterable[Document]], int]) -> int:
    on_postgres = connection.dialect.name != "sqlite"
    if on_postgres:
        connection.execute(text(_sql.EACH_STATEMENT))
    return _sql.answered(_sql.recount(on_postgres, key, count), partial(_rows, connection))


def _rows(connection: Connection, statement: str, values: dict[str, Any]) -> list[Any]:
    result = connection.execute(text(statement), values)
    return list(result) if result.returns_rows else []


def _store_records(connection: Connection, ops: Sequence[Document]) -> None:
    """The plan up to the host's own writes, and what tells afterwards whether they have ended the transaction."""
    if connection.dialect.name == "sqlite":
        _execute_on_sqlite(connection, ops)
        connection.exec_driver_sql("SAVEPOINT redeemable")
    else:
        connection.execute(text(_sql.POSTGRES_RECORDS), {"ops": _sql.to_json(ops)})


def _count(connection: Connection, ops: Sequence[Document], has_written: bool) -> list[str]:
    if connection.dialect.name != "sqlite":
        statement = _sql.POSTGRES_COUNTERS if has_written else _sql.POSTGRES_COMMIT
        return _sql.drifted(connection.execute(text(statement), {"ops": _sql.to_json(ops)}).scalar_one())
    if has_written:
        try:
            connection.exec_driver_sql("RELEASE redeemable")
        except OperationalError as error:
            raise RuntimeError(_sql.ENDED) from error
    return _execute_on_sqlite(connection, ops)


def _execute_on_sqlite(connection: Connection, ops: Sequence[Document]) -> list[str]:
    return _sql.execute_on_sqlite(lambda statement, parameters: connection.execute(text(statement), parameters), ops)
