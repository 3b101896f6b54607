"""The stores on a Galera cluster, that of scripts/galera. Only scripts/test-clusters runs this."""

import os
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import mariadb
import pytest
import sqlalchemy
from redeemable import host
from redeemable.mysql import MysqlStore
from redeemable.sqlalchemy import SqlAlchemyStore
from support import Clock, request

WAITS = {"init_command": "SET SESSION wsrep_sync_wait = 1"}


def node(number: int) -> str:
    return os.environ["GALERA_URLS"].split(" ")[number]


def pymysql_store(url: str, options: dict[str, str]) -> Any:
    return MysqlStore(mariadb.connect(url, **options))


def sqlalchemy_store(url: str, options: dict[str, str]) -> Any:
    return SqlAlchemyStore(sqlalchemy.create_engine(url.replace("mysql:", "mysql+pymysql:"), connect_args=options))


@pytest.fixture(params=[pymysql_store, sqlalchemy_store])
def store(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Makes a store on a node; the tables are empty."""
    MysqlStore(mariadb.connect(node(0))).migrate()
    with closing(mariadb.connect(node(0), autocommit=True)) as connection:
        for table in ("redemptions", "counters", "held", "persons", "archive", "parts"):
            connection.cursor().execute(f"DELETE FROM redeemable_{table}")
    made: Callable[..., Any] = request.param
    return made


def test_a_payment_is_known_at_a_node_that_is_behind_the_node_that_sold(store: Any) -> None:
    there, here = store(node(0), WAITS), store(node(1), WAITS)
    host.redeem(here, request("first", 1), now=Clock())
    with closing(mariadb.connect(node(1), autocommit=True)) as behind:
        cursor = behind.cursor()
        # While this lock is held, the node stores nothing that others send.
        cursor.execute("FLUSH TABLES WITH READ LOCK")
        host.redeem(there, request("order", 1), now=Clock())
        cursor.execute("SELECT id FROM redeemable_redemptions")
        assert cursor.fetchall() == ((b"first",),)
        # Meanwhile the read waits: without waiting it would not find the order.
        letting_go = threading.Timer(0.3, cursor.execute, ["UNLOCK TABLES"])
        letting_go.start()
        paid = host.confirm(here, "order", {"id": "p", "total": 800, "currency": "EUR"}, now=Clock())
        letting_go.join()
    assert paid is not None and paid["status"] == "confirmed"


def test_a_store_refuses_a_connection_whose_reads_may_be_behind(store: Any) -> None:
    with pytest.raises(RuntimeError, match=r"may be behind .*: expected wsrep_sync_wait = 1, found 0$"):
        host.redeem(store(node(1), {}), request("a", 1), now=Clock())
