"""Whoever holds a counter, for example in a console, does not hold the shop: a plan waits for it two seconds at most.

A smaller limit of the host's stays. In a transaction of the host's, a plan waits as the host says.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import mariadb
import psycopg
import pytest
import transactions
from conftest import Host
from redeemable import host, sql
from support import AT, request

POSTGRES = [
    "psycopg-pool",
    "psycopg-async",
    "asyncpg-pool",
    "django-postgres",
    "sqlalchemy-psycopg2",
    "sqlalchemy-asyncpg",
]
MYSQL = ["pymysql", "django-mysql", "sqlalchemy-pymysql", "sqlalchemy-aiomysql"]
ASKS = {True: "SELECT @@innodb_lock_wait_timeout", False: "SELECT current_setting('lock_timeout')"}


@pytest.fixture(params=[*POSTGRES, *MYSQL])
def held(
    request: pytest.FixtureRequest, open_host: Callable[[str], Host], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """A shop that has sold one order, and a function by which another session lets all counters go."""
    # On PostgreSQL the tests wait less than hosts do. MariaDB counts whole seconds.
    monkeypatch.setattr(sql, "LOCK_SECONDS", 0.05)
    shop = open_host(request.param)
    sell(shop, "first")
    with holding(shop) as let_go:
        yield shop, let_go


@contextmanager
def holding(shop: Host) -> Iterator[Callable[[], None]]:
    connection = mariadb.connect(shop.place) if is_mysql(shop) else psycopg.connect(shop.place)
    try:
        connection.cursor().execute("SELECT * FROM redeemable_counters FOR UPDATE")
        yield connection.commit
    finally:
        connection.close()


def is_mysql(shop: Host) -> bool:
    return shop.kind in MYSQL


def sell(shop: Host, id: str, **options: Any) -> Any:
    return shop.redeem(request(id), now=lambda: AT, **options)


def test_a_plan_waits_for_a_counter_only_so_long(held: Any) -> None:
    shop, let_go = held
    # The counters are let go only afterwards, so without a limit this call would wait for ever.
    with pytest.raises(host.Busy):
        sell(shop, "held", write=shop.note_each, attempts=1)
    let_go()
    assert sell(shop, "held", write=shop.note_each)["status"] == "accepted"
    assert shop.notes() == ["held:held"]
    assert shop.audit(now=lambda: AT) == []


def test_in_a_transaction_of_the_hosts_a_plan_waits_as_the_host_says(held: Any) -> None:
    shop, let_go = held
    seen = []

    def look() -> None:
        """Lets the counters go when the plan waits for them, and on PostgreSQL for longer than its own limit."""
        with_texts = (
            "SELECT info FROM information_schema.processlist"
            if is_mysql(shop)
            else "SELECT query, wait_event_type FROM pg_stat_activity"
        )
        look = mariadb.Look(shop.place) if is_mysql(shop) else psycopg.connect(shop.place, autocommit=True)
        while not seen:
            time.sleep(0.05)
            rows = [row for row in look.execute(with_texts).fetchall() if "redeemable" in str(row[0])]
            seen.extend(str(row[0]) for row in rows if is_waiting(row))
        time.sleep(0.5)
        look.close()
        let_go()

    def is_waiting(row: Any) -> bool:
        return "UPDATE redeemable_counters" in row[0] if is_mysql(shop) else row[1] == "Lock"

    looking = threading.Thread(target=look)
    looking.start()
    begun = transactions.begin(shop)
    assert sell(shop, "joined", transaction=begun.transaction)["status"] == "accepted"
    begun.commit()
    looking.join()
    assert all("innodb_lock_wait_timeout" not in text for text in seen)
    assert shop.audit(now=lambda: AT) == []


@pytest.mark.parametrize("kind", ["psycopg", "pymysql"])
def test_the_hosts_own_limit_is_in_force_in_write_and_afterwards(kind: str, open_host: Callable[[str], Host]) -> None:
    shop = open_host(kind)
    is_maria = kind == "pymysql"
    connection = shop.store.connection if is_maria else shop.store._source

    def ask() -> str:
        cursor = connection.cursor()
        cursor.execute(ASKS[is_maria])
        return str(cursor.fetchone()[0])

    def set_to(value: str) -> None:
        name = "innodb_lock_wait_timeout" if is_maria else "lock_timeout"
        connection.cursor().execute(f"SET {name} = {value}")
        connection.commit()

    seen = []
    for value in ("3600", "1"):
        set_to(value)
        sell(shop, value, write=lambda *_: seen.append(ask()))
        seen.append(ask())
        connection.commit()
    assert seen == (["3600", "3600", "1", "1"] if is_maria else ["3600ms", "3600ms", "1ms", "1ms"])
    with holding(shop), pytest.raises(host.Busy):
        sell(shop, "held", attempts=1)
