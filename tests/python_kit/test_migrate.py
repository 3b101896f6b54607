"""A host that has not called `migrate` is told so, by each call and on each database."""

import sqlite3
from contextlib import closing
from typing import Any

import mariadb
import psycopg
import pytest
from redeemable import host
from redeemable.mysql import MysqlStore
from redeemable.postgres import PostgresStore
from redeemable.sqlalchemy import SqlAlchemyStore
from redeemable.sqlite import SqliteStore
from sqlalchemy import create_engine
from support import Clock, request

TOLD = r"^the kit's tables are not there: call the store's migrate\(\)$"


def is_told(store: Any) -> None:
    now = Clock()
    for call in (
        lambda: host.preview(store, request("a"), now=now),
        lambda: host.redeem(store, request("a"), now=now),
        lambda: host.release(store, "a", "refunded", now=now),
        lambda: host.sweep(store, now=now),
        lambda: host.audit(store, now=now),
    ):
        with pytest.raises(RuntimeError, match=TOLD):
            call()


def test_on_sqlite() -> None:
    is_told(SqliteStore(sqlite3.connect(":memory:")))
    is_told(SqlAlchemyStore(create_engine("sqlite://")))


def test_on_postgres(postgres: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        is_told(PostgresStore(connection, schema="nobody"))


def test_on_mariadb(mysql: str) -> None:
    with closing(mariadb.connect(mysql)) as connection:
        # The tests' own database has the tables.
        cursor = connection.cursor()
        cursor.execute("CREATE DATABASE without_tables")
        try:
            cursor.execute("USE without_tables")
            is_told(MysqlStore(connection))
        finally:
            cursor.execute("DROP DATABASE without_tables")


def test_a_table_of_the_hosts_own_that_is_missing_is_another_error() -> None:
    store = SqliteStore(sqlite3.connect(":memory:"))
    store.migrate()
    with pytest.raises(sqlite3.OperationalError, match=r"^no such table: tickets$"):
        host.redeem(
            store,
            request("a"),
            write=lambda connection, _: connection.execute("INSERT INTO tickets VALUES (1)"),
            now=Clock(),
        )
