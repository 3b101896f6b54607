"""The store of `redeemable.aio` over an extension's own database."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from lnbits.db import POSTGRES, SQLITE, Connection, Database
from loguru import logger
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import text

from .. import sql
from .._letting_go import letting_go
from .._operations import held_of
from .._steps import Queries, R
from ..aio import Document, redemptions_of
from ._statements import POINTERS, STATEMENTS, TABLES


def warn(key: str) -> None:
    logger.warning(f"redeemable: the counter {key} held less than was given back, and is 0 now")


class LnbitsStore:
    """A `redeemable.aio.AsyncStore` over an extension's database.

    `on_drift` is called with the key of a counter that held less than was given back, and is 0 now.
    """

    def __init__(self, db: Database, *, on_drift: sql.OnDrift = warn) -> None:
        self._on_postgres = _on_postgres(db)
        self._database: sql.Database = "postgres" if self._on_postgres else "sqlite"
        self._db = db
        self._on_drift = on_drift

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        async with self._connect() as connection:
            return await self._answered(connection.conn, sql.read(self._database, keys, id), self._statement)

    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        queries = sql.find(self._database, lapsed_by_ms, keys, limit)
        async with self._connect() as connection:
            return await self._answered(connection.conn, queries, self._statement)

    async def commit(
        self, ops: Sequence[Document], write: Callable[[Connection, list[Document]], Awaitable[object]] | None = None
    ) -> bool:
        try:
            async with self.transaction() as transaction:
                before, after = sql.around(write, ops)
                if write is not None:
                    await self._answered(transaction.conn, sql.records(self._database, before), self._statement)
                    await write(transaction, redemptions_of(ops))
                counters = sql.counters(self._database, after, write is not None)
                drifted = await self._answered(transaction.conn, counters, self._statement)
        except Exception as error:
            if sql.is_conflict(error):
                return False
            raise
        sql.tell(self._on_drift, drifted)
        return True

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection whose statements are stored together at the end, or not at all if the block raises."""
        async with self._connect() as connection:
            if not self._on_postgres:
                # Python's driver begins a transaction only at the first statement that writes. Begin it here, so that
                # what is read belongs to the transaction, too.
                await connection.conn.execute(self._statement("begin_writing"))
            yield _uncommitted(connection)
            await connection.conn.commit()

    async def scan(self, visit: Callable[[Document], object]) -> None:
        async with self._past_lock("BEGIN") as conn:
            if self._on_postgres:
                await conn.execute(self._statement("one_moment"))
            await self._answered(conn, sql.scan(visit))

    async def differences(self, *, after: str, limit: int) -> list[Document]:
        return await self._looked(sql.differences(self._database, after, limit))

    async def person(self, identity: str) -> list[Document]:
        return await self._looked(sql.person(self._database, identity))

    async def old(self, *, after: str, before_ms: int | None, event_id: str | None, limit: int) -> list[Document]:
        return await self._looked(sql.old(self._database, after, before_ms, event_id, limit))

    async def _looked(self, queries: Queries[R]) -> R:
        async with self._past_lock("BEGIN") as conn:
            return await self._answered(conn, queries)

    async def prune(self, is_over: Callable[[str], bool]) -> int | None:
        return await self._alone(sql.prune(self._database, is_over))

    async def split(self, key: str, parts: int) -> list[str] | None:
        return await self._alone(sql.split(self._database, key, parts))

    async def _alone(self, queries: Queries[R]) -> R | None:
        """The answer of these queries in one transaction. None after a conflict."""
        try:
            async with self._past_lock("BEGIN IMMEDIATE") as conn:
                if self._on_postgres:
                    await conn.execute(self._statement("each_statement"))
                answer = await self._answered(conn, queries)
                await conn.commit()
                return answer
        except Exception as error:
            if sql.is_conflict(error):
                return None
            raise

    @asynccontextmanager
    async def _past_lock(self, on_sqlite: str) -> AsyncIterator[AsyncConnection]:
        """A connection that bypasses the lock of `db.connect()`, so that the extension's buyers do not wait.

        Changes that are not committed at the end are rolled back.
        """
        with letting_go():
            async with self._db.engine.connect() as conn:
                if not self._on_postgres:
                    # Here the extension's file is the main database and is not attached a second time under the
                    # schema's name, so table names need no schema.
                    await conn.exec_driver_sql(on_sqlite)
                yield conn

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[Connection]:
        with letting_go():
            async with self._db.connect() as connection:
                yield connection

    async def _answered(
        self, conn: AsyncConnection, queries: Queries[R], statement: Callable[[str], Any] | None = None
    ) -> R:
        """The result of the queries. Without `statement`, on a connection that is past the lock: see `_past_lock`."""
        written = statement or (self._statement if self._on_postgres else self._plain)

        async def run(name: str, values: dict[str, Any]) -> Any:
            safe = {key: _without_html(value) if key in ("ops", "document") else value for key, value in values.items()}
            result = await conn.execute(written(name), safe)
            if result.returns_rows:
                return result.fetchall()
            if name in ("insert", "update") and result.rowcount and not self._on_postgres:
                await self._point_to(conn, json.loads(values["document"]), is_new=name == "insert")
            return result.rowcount

        return await sql.answered_async(queries, run)

    async def _point_to(self, conn: AsyncConnection, record: Any, *, is_new: bool) -> None:
        """Writes the rows by which a record is found, on SQLite: see `POINTERS`."""
        id, is_held = record["id"], record["state"] == "held"

        async def run(name: str, **values: Any) -> None:
            await conn.execute(self.statement(STATEMENTS[name]), {"id": id, **values})

        if not is_new:
            await run("unhold")
        if is_held:
            for key in {charge["key"] for charge in record.get("charges", []) if held_of(charge) > 0} | {""}:
                await run("hold", key=key, expires_at_ms=record["expires_at_ms"])
        # A record's persons change only while it is held.
        if is_new or is_held:
            await run("unname")
            for person in set(record.get("identities", [])):
                await run("name", person=person)

    def _plain(self, name: str) -> Any:
        return text(sql.statements(self._database)[name])

    def _statement(self, name: str) -> Any:
        return self.statement(sql.statements(self._database)[name])

    def statement(self, statement: str) -> Any:
        """The statement with the schema's name before each table.

        On SQLite, LNbits opens the extension's file twice: as the main database, and attached under the schema's name.
        A transaction that used both would wait for its own lock. The extension's own statements use the attached one,
        so those of the store use it, too. (`redeemable_write` is a savepoint.)
        """
        return text(
            re.sub(r"\bredeemable_(?!write\b)\w+", rf"{self._db.schema}.\g<0>", statement)
            if self._db.schema
            else statement
        )


async def migrate(db: Connection) -> None:
    """Creates the tables, unless they exist. Call it in a function of the extension's `migrations.py`.

    They are those of the kit, and those of `Desk`.
    """
    driver = (await db.conn.get_raw_connection()).driver_connection
    if not _on_postgres(db):
        # LNbits opens the extension's file as the main database, so table names need no schema here. It also attaches
        # the same file under the schema's name.
        tables = "".join(each for each in sql.one_by_one(sql.tables("sqlite")) if not each.startswith("CREATE TRIGGER"))
        await driver.executescript(f"BEGIN; {tables} {POINTERS} {TABLES} COMMIT;")
        return
    async with driver.transaction():
        if db.schema:
            await driver.execute(f"SET LOCAL search_path TO {db.schema}")
        # Later connections of LNbits look for tables in the schema `public`; the function remembers its own schema.
        await driver.execute(sql.tables("postgres") + TABLES)


class _Uncommitted:
    """A connection whose `commit` does nothing: LNbits' own `Connection` calls it after every statement."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    async def commit(self) -> None:
        pass


def _uncommitted(connection: Connection) -> Connection:
    return Connection(_Uncommitted(connection.conn), connection.type, connection.name, connection.schema)


def _on_postgres(db: Database | Connection) -> bool:
    if db.type not in (POSTGRES, SQLITE):
        raise ValueError(f"db: expected a database on SQLite or PostgreSQL, found {db.type}")
    return db.type == POSTGRES


def _without_html(document: str) -> str:
    """The same JSON with `<`, `>` and `&` escaped: LNbits removes what looks like a tag from every string it stores."""
    return document.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
