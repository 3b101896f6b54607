"""Counters that are split into parts: what each store does with them, and processes that sell one code from 16 rows."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import mariadb
import psycopg
import pytest
from conftest import Host
from kinds import MYSQL, SQLITE, through
from ledger import CREATE, audit
from redeemable import InvalidRequest, host
from redeemable.mysql import MysqlStore
from redeemable.postgres import PostgresStore
from support import SPEND, SUMMER, USES, Clock, request
from test_races import mysql_shop as mysql_shop
from test_races import node, python, redeem, run

ROOMY = {**SUMMER, "max_uses": 10}


@pytest.fixture
def postgres_shop(postgres: str) -> Iterator[Any]:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS tickets")
        connection.execute(CREATE)
        yield connection


def parts_of(shop: Host, key: str) -> list[int]:
    where = "hash = UNHEX(SHA2(%s, 256))" if shop.kind in MYSQL else "key = %s"
    rows = shop.look.execute(f"SELECT used FROM redeemable_parts WHERE {where} ORDER BY part", (key,)).fetchall()
    return [int(used) for (used,) in rows]


def used(shop: Host) -> Any:
    read = shop.store.read([USES, SPEND], None)
    return (shop.run(read) if shop.is_async else read)["counters"]


def test_a_store_splits_and_joins(shop: Host) -> None:
    shop.redeem(request("a", 4, promo=ROOMY), now=Clock())
    if shop.kind in SQLITE:
        with pytest.raises(InvalidRequest, match="expected a store on PostgreSQL, MariaDB or MySQL"):
            shop.split(USES, 3)
        return
    assert shop.split(USES, 3) == [SPEND, USES]
    assert (parts_of(shop, USES), used(shop)) == ([4, 0, 0], {USES: 4, SPEND: 800})
    shop.redeem(request("b", 5, promo=ROOMY), now=Clock())
    # All parts together, because none has enough by itself: 9 of 10 are shared out.
    assert (parts_of(shop, USES), used(shop)) == ([3, 3, 3], {USES: 9, SPEND: 1800})
    assert shop.redeem(request("c", 2, promo=ROOMY), now=Clock())["violations"][0]["remaining"] == 1
    shop.redeem(request("d", 1, promo=ROOMY), now=Clock())
    assert shop.redeem(request("e", 1, promo=ROOMY), now=Clock())["status"] == "rejected"
    # No part holds the four by itself.
    shop.release("a", "buyer_released", now=Clock())
    assert (sum(parts_of(shop, USES)), used(shop), shop.audit()) == (6, {USES: 6, SPEND: 1200}, [])
    assert shop.split(USES, 1) == [SPEND, USES]
    assert (parts_of(shop, USES), shop.counters()) == ([], {USES: 6, SPEND: 1200})
    with pytest.raises(InvalidRequest, match="parts: expected an integer from 1 to 256, found 0"):
        shop.split(USES, 0)
    with pytest.raises(InvalidRequest, match="key: expected a counter's key"):
        shop.split("EARLY20", 2)


def test_a_split_counter_that_differs_is_repaired(shop: Host) -> None:
    if shop.kind in SQLITE:
        return
    shop.redeem(request("a", 4, promo=ROOMY), now=Clock())
    shop.split(USES, 2)
    shop.look.execute("UPDATE redeemable_parts SET used = used + 3 WHERE used = 4")
    assert shop.audit() == [{"key": USES, "used": 7, "must": 4}]
    assert shop.repair() == [{"key": USES, "used": 7, "must": 4}]
    assert (parts_of(shop, USES), used(shop), shop.audit()) == ([2, 2], {USES: 4, SPEND: 800}, [])
    # Somebody has taken too much away: more is given back than the parts hold.
    shop.look.execute("UPDATE redeemable_parts SET used = 1 WHERE used = 2")
    shop.release("a", "buyer_released", now=Clock())
    assert (used(shop), shop.audit(), shop.drifted) == ({USES: 0, SPEND: 0}, [], [USES])


@contextmanager
def operated(split: Callable[[int], object], repair: Callable[[], object]) -> Iterator[None]:
    """An operator splits, joins and repairs as long as the block runs."""
    over = threading.Event()
    faults: list[BaseException] = []

    def operate() -> None:
        try:
            while not over.is_set():
                for parts in (16, 3, 1):
                    split(parts)
                    repair()
                    over.wait(0.05)
        except BaseException as fault:
            faults.append(fault)

    operator = threading.Thread(target=operate)
    operator.start()
    try:
        yield
    finally:
        over.set()
        operator.join()
    assert faults == []


def sell_out(commands: list[list[str]], look: Any, store: Any) -> None:
    """Buyers want 600 tickets, of 200. A ticket of each third order comes back, while others want 80 more."""
    orders = [redeem(f"o-{number}", number % 3 + 1, 200) for number in range(300)]
    calls = [orders[index :: len(commands)] for index in range(len(commands))]
    with operated(lambda parts: host.split(store, USES, parts), lambda: host.repair(store)):
        sold = run(list(zip(commands, calls, strict=True)))
    held = audit(look)[USES]
    assert 198 <= held <= 200, "up to two uses may be left, but only orders of more tickets"
    host.split(store, USES, 16)
    ids = [id for (id,) in look.execute("SELECT DISTINCT order_id FROM tickets ORDER BY order_id").fetchall()]
    calls = [
        [{"verb": "release", "args": [id, "refunded", [0]]} for id in ids[index * 3 :: len(commands) * 3]]
        + [redeem(f"p-{number}", 1, 200) for number in range(index, 80, len(commands))]
        for index in range(len(commands))
    ]
    again = run(list(zip(commands, calls, strict=True)))
    assert {answer.get("error") for share in sold + again for answer in share} <= {None, "busy"}
    statuses = [answer.get("status") for share in again for answer in share]
    held += statuses.count("accepted") - statuses.count("released")
    assert audit(look)[USES] == held <= 200
    # The rest is sold one by one, to the last.
    while host.redeem(store, *redeem(f"q-{held}", 1, 200)["args"], write=by_cursor)["status"] == "accepted":
        held += 1
    assert (held, audit(look)[USES], host.audit(store)) == (200, 200, [])


def by_cursor(connection: Any, redemptions: list[Any]) -> None:
    for record in redemptions:
        values = (record["id"], 0, record["state"])
        connection.cursor().execute("INSERT INTO tickets (order_id, position, state) VALUES (%s, %s, %s)", values)


def test_processes_sell_a_split_counter_out_on_postgres(postgres_shop: Any, postgres: str) -> None:
    commands = [
        python("psycopg-pool", postgres),
        python("psycopg-async-pool", postgres),
        python("sqlalchemy-serializable", through("postgresql+psycopg2", postgres)),
        node(postgres),
    ]
    with psycopg.connect(postgres, autocommit=True) as connection:
        sell_out(commands, postgres_shop, PostgresStore(connection))


def test_processes_sell_a_split_counter_out_on_mariadb(mysql_shop: Any, mysql: str) -> None:
    url = through("mysql+pymysql", mysql)
    commands = [
        python("pymysql", mysql),
        python("joined-pymysql", mysql),
        python("sqlalchemy", url),
        node(mysql),
    ]
    with closing(mariadb.connect(mysql)) as connection:
        sell_out(commands, mysql_shop, MysqlStore(connection))
