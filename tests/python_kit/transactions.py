"""A transaction that the host begins and ends, for each kind of store, on a connection beside that of the store."""

import sqlite3
from typing import Any

import asyncpg
import mariadb
import psycopg
import sqlalchemy.engine
import sqlalchemy.ext.asyncio
import sqlalchemy.orm

ALCHEMY = (sqlalchemy.engine.Connection, sqlalchemy.ext.asyncio.AsyncConnection)


class Begun:
    """`transaction` is what the host passes to the kit."""

    def __init__(self, run: Any, transaction: Any, ending: Any = None) -> None:
        self.run = run
        self.transaction = transaction
        self.ending = ending or transaction

    def commit(self) -> None:
        self._end(self.ending.commit())

    def rollback(self) -> None:
        self._end(self.ending.rollback())

    def _end(self, result: Any) -> None:
        if hasattr(result, "__await__"):
            self.run(result)


def begin(host: Any, level: str = "", timeout: float = 5) -> Begun:
    """Begins a transaction as a host with this kind of store does; `host` is a `conftest.Host`.

    `level` is an isolation level; `timeout` is for SQLite.
    """

    def waited(result: Any) -> Any:
        return host.run(result) if hasattr(result, "__await__") else result

    def closing(connection: Any) -> Any:
        host.stack.callback(lambda: waited(connection.close()))
        return connection

    kind, is_auto = host.kind, host.kind.endswith("autocommit")
    if kind.startswith("sqlite3"):
        options: dict[str, Any] = (
            {"autocommit": True} if "true" in kind else {"isolation_level": None} if is_auto else {}
        )
        connection = closing(sqlite3.connect(host.place, timeout=timeout, **options))
        if is_auto:
            connection.execute("BEGIN")
        return Begun(host.run, connection)
    if kind.startswith("psycopg"):
        connect = psycopg.AsyncConnection.connect if host.is_async else psycopg.connect
        connection = closing(waited(connect(host.place, autocommit=is_auto)))
        if is_auto:
            waited(connection.execute("BEGIN"))
        if level:
            waited(connection.execute(f"SET TRANSACTION ISOLATION LEVEL {level}"))
        return Begun(host.run, connection)
    if kind.startswith("pymysql"):
        connection = closing(mariadb.connect(host.place, autocommit=is_auto))
        if level:
            connection.cursor().execute(f"SET SESSION TRANSACTION ISOLATION LEVEL {level}")
        if is_auto:
            connection.begin()
        return Begun(host.run, connection)
    if kind.startswith("asyncpg"):
        connection = closing(waited(asyncpg.connect(host.place)))
        transaction = connection.transaction()
        waited(transaction.start())
        return Begun(host.run, connection, transaction)
    if kind.startswith("django"):
        from django_host import Block

        return Begun(host.run, host.store._connection, Block("test"))
    source = host.store._source
    if kind.endswith("session"):
        new = sqlalchemy.ext.asyncio.AsyncSession if host.is_async else sqlalchemy.orm.Session
        bind = source.bind.execution_options(isolation_level=level) if level else source.bind
        if kind == "sqlalchemy-sqlite-session":
            bind = sqlalchemy.create_engine(bind.url, connect_args={"timeout": timeout})
        return Begun(host.run, closing(new(bind)))
    connection = waited((source.engine if isinstance(source, ALCHEMY) else source).connect())
    closing(connection)
    begun = connection.begin()
    return Begun(host.run, connection, waited(begun) if host.is_async else begun)
