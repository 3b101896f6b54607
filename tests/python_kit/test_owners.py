"""Connections that a framework owns are refused by the stores over a driver's own connection."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import Any

import mariadb
import psycopg
import pytest
import sqlalchemy
import sqlalchemy.ext.asyncio
from kinds import through
from redeemable import host
from redeemable._suite import usage
from redeemable.mysql import MysqlStore
from redeemable.postgres import AsyncPostgresStore, PostgresStore
from redeemable.sqlite import SqliteStore
from support import USES, Clock
from support import request as order

STORES: dict[str, Any] = {
    "sqlite": (SqliteStore, "sqlite", sqlite3.connect),
    "postgres": (PostgresStore, "postgresql+psycopg", psycopg.connect),
    "mysql": (MysqlStore, "mysql+pymysql", mariadb.connect),
}


@pytest.mark.parametrize("kind", STORES)
def test_a_connection_of_sqlalchemys_is_refused_and_may_be_joined(kind: str, request: pytest.FixtureRequest) -> None:
    """Before its first statement, the driver knows nothing of SQLAlchemy's transaction."""
    make, scheme, connect = STORES[kind]
    place = request.getfixturevalue(kind)
    engine = sqlalchemy.create_engine(f"sqlite:///{place}" if kind == "sqlite" else through(scheme, place))
    with engine.connect() as connection, connection.begin() as transaction, closing(connect(place)) as own:
        wrapper: Any = connection.connection
        for refused in (wrapper, wrapper.driver_connection):
            with pytest.raises(ValueError, match=r"found one of SQLAlchemy.*use redeemable.sqlalchemy.*transaction="):
                make(refused)
        store = make(own)
        raw = wrapper.driver_connection
        assert host.redeem(store, order("a"), transaction=raw, now=Clock())["status"] == "accepted"
        transaction.rollback()
        assert store.read([USES], "a") == usage({})
    engine.dispose()


def test_a_connection_of_sqlalchemys_asynchronous_engine_is_refused(postgres: str) -> None:
    async def run() -> None:
        engine = sqlalchemy.ext.asyncio.create_async_engine(through("postgresql+psycopg", postgres))
        async with engine.begin() as connection:
            raw = await connection.get_raw_connection()
            with pytest.raises(ValueError, match="found one of SQLAlchemy"):
                AsyncPostgresStore(raw.driver_connection)
        await engine.dispose()

    asyncio.run(run())


DJANGO = """
import sys, django
from django.conf import settings
settings.configure(DATABASES={{"default": {database}}}, USE_TZ=True)
django.setup()
from django.db import connection, transaction
from redeemable.{module} import {store}
for atomic in (False, True):
    with transaction.atomic() if atomic else open("/dev/null"):
        connection.ensure_connection()
        try:
            {store}(connection.connection)
        except ValueError as error:
            print(error)
"""
REFUSED = (
    "connection: expected the host's own, found one of Django, which ends its transactions by itself: "
    "use redeemable.django.DjangoStore, or make the store over a connection of its own and pass this one as "
    "transaction=\n"
)


@pytest.mark.parametrize(("kind", "store"), [("sqlite", "SqliteStore"), ("postgres", "PostgresStore")])
def test_a_connection_of_djangos_is_refused(kind: str, store: str, request: pytest.FixtureRequest) -> None:
    """Within `atomic()`, whose rollback would leave the plan stored, and outside of it."""
    place = request.getfixturevalue(kind)
    options: dict[str, Any] = {"ENGINE": "django.db.backends.sqlite3", "NAME": place}
    if kind == "postgres":
        info = psycopg.conninfo.conninfo_to_dict(place)
        options = {"ENGINE": "django.db.backends.postgresql", "NAME": info["dbname"], "HOST": info["host"]}
        options |= {"PORT": info["port"], "USER": info["user"]}
    script = DJANGO.format(database=options, module=kind, store=store)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (REFUSED * 2, "")


def test_a_driver_that_is_always_in_a_transaction_is_joined(sqlite: str) -> None:
    """Python 3.12's `autocommit=False`: the store is over another connection."""

    class Connection(sqlite3.Connection):
        autocommit = False

    with closing(sqlite3.connect(sqlite, factory=Connection)) as connection, closing(sqlite3.connect(sqlite)) as own:
        with pytest.raises(ValueError, match="over another connection, and pass this one as transaction="):
            SqliteStore(connection)
        # The class above has the attribute alone; the driver would have begun.
        connection.execute("BEGIN")
        store = SqliteStore(own)
        assert host.redeem(store, order("a"), transaction=connection, now=Clock())["status"] == "accepted"
        connection.rollback()
        assert store.read([USES], "a") == usage({})
