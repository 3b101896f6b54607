"""The stores on which the tests of this folder run, each with a function that writes a row of the host."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Any

import asyncpg
import mariadb
import psycopg
import psycopg_pool
import pymysql
import sqlalchemy
import sqlalchemy.ext.asyncio
import sqlalchemy.orm
from redeemable.asyncpg import AsyncpgStore
from redeemable.mysql import MysqlStore
from redeemable.postgres import AsyncPostgresStore, PostgresStore
from redeemable.sqlalchemy import AsyncSqlAlchemyStore, SqlAlchemyStore
from redeemable.sqlite import SqliteStore

VERSION = int(sqlalchemy.__version__.partition(".")[0])
INSERT = "INSERT INTO notes (note) VALUES ({})"


def execute(connection: Any, note: str) -> Any:
    mark = "?" if isinstance(connection, sqlite3.Connection) else "%s"
    return connection.execute(INSERT.format(mark), (note,))


def execute_cursor(connection: Any, note: str) -> None:
    connection.cursor().execute(INSERT.format("%s"), (note,))


def execute_numbered(connection: Any, note: str) -> Any:
    return connection.execute(INSERT.format("$1"), note)


async def with_codecs(connection: asyncpg.Connection) -> None:
    """A host's own types, as many hosts have them, and an isolation level."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    await connection.execute("SET default_transaction_isolation = 'serializable'")


def execute_text(connection: Any, note: str) -> Any:
    return connection.execute(sqlalchemy.text(INSERT.format(":note")), {"note": note})


class Opened:
    """Opens stores of each kind, and closes them after the test."""

    def __init__(self, stack: ExitStack, drifted: Callable[[str], object]) -> None:
        self.stack = stack
        self.drift = {"on_drift": drifted}
        self.loop = asyncio.new_event_loop()
        stack.callback(self.loop.close)

    def awaited(self, opening: Any, close: str) -> Any:
        opened = self.loop.run_until_complete(opening)
        self.stack.callback(lambda: self.loop.run_until_complete(getattr(opened, close)()))
        return opened

    def sqlite(self, file: str, **options: Any) -> Any:
        connection = sqlite3.connect(file, **options)
        self.stack.callback(connection.close)
        return SqliteStore(connection, **self.drift), execute

    def psycopg(self, url: str, **options: Any) -> Any:
        connection = self.stack.enter_context(psycopg.connect(url, **options))
        return PostgresStore(connection, **self.drift), execute

    def psycopg_pool(self, url: str) -> Any:
        return PostgresStore(
            self.stack.enter_context(psycopg_pool.ConnectionPool(url, min_size=1)), **self.drift
        ), execute

    def psycopg_async(self, url: str, **options: Any) -> Any:
        connection = self.awaited(psycopg.AsyncConnection.connect(url, **options), "close")
        return AsyncPostgresStore(connection, **self.drift), execute

    def psycopg_async_pool(self, url: str) -> Any:
        pool = psycopg_pool.AsyncConnectionPool(url, min_size=1, open=False)

        async def opening() -> Any:
            await pool.open()
            return pool

        return AsyncPostgresStore(self.awaited(opening(), "close"), **self.drift), execute

    def pymysql(self, url: str, **options: Any) -> Any:
        connection = self.stack.enter_context(closing(mariadb.connect(url, **options)))
        return MysqlStore(connection, **self.drift), execute_cursor

    def asyncpg(self, url: str, **options: Any) -> Any:
        return AsyncpgStore(self.awaited(asyncpg.connect(url, **options), "close"), **self.drift), execute_numbered

    def asyncpg_pool(self, url: str, **options: Any) -> Any:
        async def opening() -> Any:
            return await asyncpg.create_pool(url, min_size=1, max_size=4, **options)

        return AsyncpgStore(self.awaited(opening(), "close"), **self.drift), execute_numbered

    def django(self, place: str, **options: Any) -> Any:
        # SQLAlchemy 1.4 is tested without Django.
        import django_host
        from redeemable.django import DjangoStore

        connection = django_host.connect("test", place, **options)
        self.stack.callback(connection.close)
        return DjangoStore("test", **self.drift), django_host.execute

    def engine(self, url: str, **options: Any) -> Any:
        engine = sqlalchemy.create_engine(url, **options)
        self.stack.callback(engine.dispose)
        return SqlAlchemyStore(engine, **self.drift), execute_text

    def connection(self, url: str, **options: Any) -> Any:
        connection = self.stack.enter_context(sqlalchemy.create_engine(url, **options).connect())
        return SqlAlchemyStore(connection, **self.drift), execute_text

    def async_engine(self, url: str) -> Any:
        engine = sqlalchemy.ext.asyncio.create_async_engine(url)
        self.stack.callback(lambda: self.loop.run_until_complete(engine.dispose()))
        return AsyncSqlAlchemyStore(engine, **self.drift), execute_text

    def session(self, url: str) -> Any:
        engine = sqlalchemy.create_engine(url)
        self.stack.callback(engine.dispose)
        session = self.stack.enter_context(sqlalchemy.orm.Session(engine))
        return SqlAlchemyStore(session, **self.drift), execute_text

    def async_session(self, url: str) -> Any:
        engine = sqlalchemy.ext.asyncio.create_async_engine(url)
        self.stack.callback(lambda: self.loop.run_until_complete(engine.dispose()))

        async def opening() -> Any:
            return sqlalchemy.ext.asyncio.AsyncSession(engine)

        return AsyncSqlAlchemyStore(self.awaited(opening(), "close"), **self.drift), execute_text

    def async_connection(self, url: str) -> Any:
        engine = sqlalchemy.ext.asyncio.create_async_engine(url)
        self.stack.callback(lambda: self.loop.run_until_complete(engine.dispose()))

        async def opening() -> Any:
            return await engine.connect()

        return AsyncSqlAlchemyStore(self.awaited(opening(), "close"), **self.drift), execute_text


def through(driver: str, url: str) -> str:
    return f"{driver}://{url.partition('://')[2]}"


SQLITE: dict[str, Callable[[Opened, str], Any]] = {
    "sqlite3": lambda opened, file: opened.sqlite(file),
    "sqlite3-autocommit": lambda opened, file: opened.sqlite(file, isolation_level=None),
    "sqlalchemy-sqlite": lambda opened, file: opened.engine(f"sqlite:///{file}"),
    "sqlalchemy-sqlite-connection": lambda opened, file: opened.connection(f"sqlite:///{file}"),
    "sqlalchemy-sqlite-session": lambda opened, file: opened.session(f"sqlite:///{file}"),
    "django-sqlite": lambda opened, file: opened.django(file),
    "django-sqlite-immediate": lambda opened, file: opened.django(file, transaction_mode="IMMEDIATE"),
    "sqlalchemy-aiosqlite": lambda opened, file: opened.async_engine(f"sqlite+aiosqlite:///{file}"),
}
POSTGRES: dict[str, Callable[[Opened, str], Any]] = {
    "psycopg": lambda opened, url: opened.psycopg(url),
    "psycopg-autocommit": lambda opened, url: opened.psycopg(url, autocommit=True),
    "psycopg-dict-row": lambda opened, url: opened.psycopg(
        url, row_factory=psycopg.rows.dict_row, cursor_factory=psycopg.ClientCursor
    ),
    "psycopg-pool": lambda opened, url: opened.psycopg_pool(url),
    "psycopg-async": lambda opened, url: opened.psycopg_async(url),
    "psycopg-async-autocommit": lambda opened, url: opened.psycopg_async(url, autocommit=True),
    "psycopg-async-pool": lambda opened, url: opened.psycopg_async_pool(url),
    "asyncpg-pool": lambda opened, url: opened.asyncpg_pool(url),
    "asyncpg-connection": lambda opened, url: opened.asyncpg(url, statement_cache_size=0),
    "asyncpg-odd": lambda opened, url: opened.asyncpg_pool(url, init=with_codecs),
    "django-postgres": lambda opened, url: opened.django(url),
    "django-postgres-serializable": lambda opened, url: opened.django(
        url, isolation_level=psycopg.IsolationLevel.SERIALIZABLE, server_side_binding=True
    ),
    "sqlalchemy-psycopg2": lambda opened, url: opened.engine(through("postgresql+psycopg2", url)),
    "sqlalchemy-serializable": lambda opened, url: opened.engine(
        through("postgresql+psycopg2", url), isolation_level="SERIALIZABLE"
    ),
    "sqlalchemy-connection": lambda opened, url: opened.connection(through("postgresql+psycopg2", url)),
    "sqlalchemy-session": lambda opened, url: opened.session(through("postgresql+psycopg2", url)),
    "sqlalchemy-async-session": lambda opened, url: opened.async_session(through("postgresql+asyncpg", url)),
    "sqlalchemy-asyncpg": lambda opened, url: opened.async_engine(through("postgresql+asyncpg", url)),
    "sqlalchemy-async-connection": lambda opened, url: opened.async_connection(through("postgresql+asyncpg", url)),
}
# Settings of a host's that change how texts are written and numbers are read, and what a transaction sees.
ODD_MYSQL: dict[str, Any] = {
    "conv": pymysql.converters.encoders,
    "cursorclass": pymysql.cursors.DictCursor,
    "client_flag": pymysql.constants.CLIENT.FOUND_ROWS,
    "sql_mode": "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT",
    "init_command": "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
}
MYSQL: dict[str, Callable[[Opened, str], Any]] = {
    "pymysql": lambda opened, url: opened.pymysql(url),
    "pymysql-odd": lambda opened, url: opened.pymysql(url, **ODD_MYSQL),
    "pymysql-autocommit": lambda opened, url: opened.pymysql(url, autocommit=True),
    "django-mysql": lambda opened, url: opened.django(url),
    "django-mysql-uncommitted": lambda opened, url: opened.django(url, isolation_level="read uncommitted"),
    "sqlalchemy-pymysql": lambda opened, url: opened.engine(through("mysql+pymysql", url)),
    "sqlalchemy-pymysql-connection": lambda opened, url: opened.connection(through("mysql+pymysql", url)),
    "sqlalchemy-mysql-session": lambda opened, url: opened.session(through("mysql+pymysql", url)),
    "sqlalchemy-mysql-serializable": lambda opened, url: opened.engine(
        through("mysql+pymysql", url), isolation_level="SERIALIZABLE"
    ),
    "sqlalchemy-mysql-autocommit": lambda opened, url: opened.engine(
        through("mysql+pymysql", url), isolation_level="AUTOCOMMIT"
    ),
    "sqlalchemy-aiomysql": lambda opened, url: opened.async_engine(through("mysql+aiomysql", url)),
}
if sys.version_info >= (3, 12):
    SQLITE["sqlite3-true-autocommit"] = lambda opened, file: opened.sqlite(file, autocommit=True)
if VERSION >= 2:
    MYSQL["sqlalchemy-asyncmy"] = lambda opened, url: opened.async_engine(through("mysql+asyncmy", url))
    MYSQL["sqlalchemy-mariadb-async-connection"] = lambda opened, url: opened.async_connection(
        through("mariadb+asyncmy", url)
    )
    POSTGRES["sqlalchemy-psycopg"] = lambda opened, url: opened.engine(through("postgresql+psycopg", url))
else:
    SQLITE["sqlalchemy-sqlite-future"] = lambda opened, file: opened.connection(f"sqlite:///{file}", future=True)
STORES = {**SQLITE, **POSTGRES, **MYSQL}
# The same stores, opened in another way. Only the suite for stores runs on them, not every test of the kit.
SUFFIXES = "autocommit dict-row connection serializable future -pool -odd asyncmy session immediate uncommitted"
VARIANTS = {kind for kind in STORES if kind.endswith(tuple(SUFFIXES.split()))} - {"psycopg-pool", "asyncpg-pool"}


def fixture_of(kind: str) -> str:
    """The name of the fixture with empty tables, which is also the database's name in `sql/`."""
    return "sqlite" if kind in SQLITE else "mysql" if kind in MYSQL else "postgres"
