"""Group commit on real databases: two processes of 16 threads or tasks each, cut connections, and deadlocks."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import mariadb
import psycopg
import psycopg_pool
import pytest
from kinds import through
from ledger import CREATE
from proxy import Proxy
from redeemable import aio, host
from redeemable.mysql import MysqlStore
from redeemable.postgres import AsyncPostgresStore, PostgresStore
from redeemable.sqlite import SqliteStore
from support import SPEND, USES, request
from test_races import run

HERE = Path(__file__).parent
BUYERS, LIMIT = 200, 120


def process(kind: str, place: str) -> list[str]:
    return [sys.executable, str(HERE / "group_buyer.py"), kind, place]


def summer(id: str, quantity: int) -> Any:
    return request(id, quantity, promo={"code": "SUMMER", "discount_percent": 20, "max_uses": LIMIT}, at=2**50)


def sell(kinds: list[tuple[str, str]], writes: bool) -> dict[str, int]:
    """Both processes ask for most orders, one after the other's; returns how many tickets each sold order has."""
    quantities = {f"o-{number}": number % 3 + 1 if number < 160 else 1 for number in range(BUYERS)}
    asked = [summer(id, quantity) for id, quantity in quantities.items()]
    first = {"requests": asked[:160], "writes": writes}
    second = {"requests": asked[40:], "writes": writes}
    answers: Any = run([(process(*kind), calls) for kind, calls in zip(kinds, (first, second), strict=True)])
    merged = {True: 0, False: 0}
    for (kind, _), answer in zip(kinds, answers, strict=True):
        assert set(answer["statuses"]) <= {"accepted", "rejected"}
        merged[writes and kind in ("psycopg-pool", "sqlalchemy")] += answer["merged"]
    # One process may be so slow that the other sells everything.
    assert merged[True] == 0 < merged[False], "plans have gone together, if that is sound"
    return {id: quantities[id] for answer in answers for id in answer["sold"]}


def check(sold: dict[str, int], store: Any, look: Any, writes: bool) -> None:
    """Every use is sold, none twice, and every order that was accepted is stored."""
    counters = dict(look.execute("SELECT key, used FROM redeemable_counters").fetchall())
    assert (counters[USES], counters[SPEND], sum(sold.values())) == (LIMIT, 200 * LIMIT, LIMIT)
    assert host.audit(store) == []
    records = {id for (id,) in look.execute("SELECT id FROM redeemable_redemptions").fetchall()}
    assert records == sold.keys()
    tickets = look.execute("SELECT order_id, count(*) FROM tickets GROUP BY order_id").fetchall()
    assert dict(tickets) == (sold if writes else {})


@pytest.fixture
def shop(postgres: str) -> Any:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS tickets")
        connection.execute(CREATE)
        yield connection


@pytest.mark.parametrize(
    ("one", "other", "writes"),
    [
        ("psycopg-pool", "psycopg-async-pool", False),
        ("psycopg-pool", "psycopg-async-pool", True),
        ("asyncpg", "sqlalchemy", False),
        ("sqlalchemy-async", "asyncpg", True),
    ],
)
def test_two_processes_on_one_postgres(shop: Any, postgres: str, one: str, other: str, writes: bool) -> None:
    drivers = {"sqlalchemy": "postgresql+psycopg2", "sqlalchemy-async": "postgresql+asyncpg"}
    places = [(kind, through(drivers.get(kind, "postgres"), postgres)) for kind in (one, other)]
    check(sell(places, writes), PostgresStore(shop), shop, writes)


def test_two_processes_on_one_mariadb(mysql: str) -> None:
    with closing(mariadb.Look(mysql)) as look:
        look.execute("DROP TABLE IF EXISTS tickets")
        look.execute(CREATE.replace("order_id text", "order_id varchar(256)"))
        places = [
            ("sqlalchemy", through("mysql+pymysql", mysql)),
            ("sqlalchemy-async", through("mysql+aiomysql", mysql)),
        ]
        check(sell(places, True), MysqlStore(look.connection), look, True)


@pytest.mark.parametrize("writes", [False, True])
def test_two_processes_on_one_sqlite_file(sqlite: str, writes: bool) -> None:
    with closing(sqlite3.connect(sqlite, isolation_level=None)) as look:
        look.execute(CREATE)
        places = [
            ("sqlalchemy", f"sqlite:///{sqlite}?timeout=30"),
            ("sqlalchemy-async", f"sqlite+aiosqlite:///{sqlite}?timeout=30"),
        ]
        check(sell(places, writes), SqliteStore(look), look, writes)


def test_batches_of_two_hosts_do_not_wait_for_each_other_in_a_circle(shop: Any, postgres: str) -> None:
    """Each order uses two of twenty codes, so that the batches of both hosts have many counters in common."""
    codes = [f"CODE{number}" for number in range(20)]
    promos = [{"code": code, "discount_percent": 1, "max_uses": 10_000, "combines": True} for code in codes]

    def order(number: int) -> Any:
        asked = request(f"o-{number}", at=2**50)
        pair = [codes[number % 20], codes[number * 7 % 19]]
        return {**asked, "codes": pair, "promos": promos}

    def deadlocks() -> int:
        shop.execute("SELECT pg_stat_force_next_flush()")
        row = shop.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
        return int(row[0])

    before = deadlocks()
    orders = [order(number) for number in range(400)]
    halves = [{"requests": orders[:200], "writes": False}, {"requests": orders[200:], "writes": False}]
    hosts = [process("psycopg-async-pool", postgres), process("asyncpg", postgres)]
    answers: Any = run(list(zip(hosts, halves, strict=True)))
    assert [len(answer["sold"]) for answer in answers] == [200, 200]
    assert all(answer["merged"] > 0 for answer in answers)
    assert deadlocks() == before
    assert host.audit(PostgresStore(shop)) == []


@pytest.mark.parametrize("lost", ["question", "answer"])
def test_a_connection_that_is_cut_at_the_commit_of_a_batch(shop: Any, postgres: str, lost: str) -> None:
    """Every caller of the batch gets an error, and the same call again sells each order once."""
    proxy = Proxy(postgres)

    async def buy(store: Any, number: int) -> Any:
        try:
            return await aio.redeem(store, summer(f"o-{number}", 1))
        except Exception as error:
            return error

    async def main() -> tuple[list[Any], list[Any]]:
        async with psycopg_pool.AsyncConnectionPool(proxy.url, min_size=4, max_size=4) as pool:
            store = AsyncPostgresStore(pool)
            commit, batches = store._commit, []

            async def committing(ops: Any, write: Any = None) -> bool:
                batches.append(sum(op["op"] == "insert" for op in ops))
                if len(batches) == 1:
                    proxy.armed = lost
                return await commit(ops, write)

            store._commit = committing  # type: ignore[method-assign]
            first = await asyncio.gather(*(buy(store, number) for number in range(8)))
            again = await asyncio.gather(*(buy(store, number) for number in range(8)))
            assert batches[0] > 1
            return first, again

    first, again = asyncio.run(main())
    cut = [number for number, answer in enumerate(first) if isinstance(answer, Exception)]
    assert len(cut) > 1
    assert proxy.lost == lost
    assert [answer["status"] for answer in again] == ["accepted"] * 8
    replayed = [answer["replayed"] for answer in again]
    assert replayed == [lost == "answer" or number not in cut for number in range(8)]
    counters = dict(shop.execute("SELECT key, used FROM redeemable_counters").fetchall())
    assert counters == {USES: 8, SPEND: 1600}
    assert host.audit(PostgresStore(shop)) == []


def test_a_batch_is_one_transaction_and_reads_go_together(shop: Any, postgres: str) -> None:
    """Ten buyers at once: their reads take two statements, and their plans two transactions."""

    async def main() -> tuple[int, int]:
        async with psycopg_pool.AsyncConnectionPool(postgres, min_size=10, kwargs={"autocommit": True}) as pool:
            store = AsyncPostgresStore(pool)
            asked: list[Any] = []
            ask, commit = store._select, store._commit

            async def asking(queries: Any, *values: Any) -> Any:
                asked.append(queries)
                return await ask(queries, *values)

            async def committing(ops: Any, write: Any = None) -> bool:
                asked.append("commit")
                return await commit(ops, write)

            store._group._ask, store._commit = asking, committing  # type: ignore[method-assign]
            calls = (aio.redeem(store, summer(f"o-{number}", 1)) for number in range(10))
            answers = await asyncio.gather(*calls)
            assert {answer["status"] for answer in answers} == {"accepted"}
            return len(asked), asked.count("commit")

    statements, commits = asyncio.run(main())
    assert commits < 10
    assert statements - commits < 10


def test_the_answers_of_grouped_reads_are_those_of_single_ones(shop: Any, postgres: str) -> None:
    """With ids and keys that exist or not, are asked twice, or cannot be stored."""
    PostgresStore(shop).migrate()
    for id in ("o-1", "o-2"):
        assert host.redeem(PostgresStore(shop), summer(id, 1))["status"] == "accepted"
    shop.execute("""WITH moved AS (DELETE FROM redeemable_redemptions WHERE id = 'o-2' RETURNING *)
        INSERT INTO redeemable_archive SELECT id, revision, state, event_id, document FROM moved""")
    reads: list[tuple[list[str], str | None]] = [
        ([USES, SPEND], "o-1"),
        ([], "o-2"),
        (["none"], "o-3"),
        ([SPEND], None),
        ([USES, "\0"], "\0"),
        ([USES], "o-1"),
    ]

    async def main() -> list[Any]:
        async with psycopg_pool.AsyncConnectionPool(postgres, min_size=1, kwargs={"autocommit": True}) as pool:
            together, alone = AsyncPostgresStore(pool), AsyncPostgresStore(pool, group=False)
            grouped = await asyncio.gather(*(together.read(*read) for read in reads))
            single = [await alone.read(*read) for read in reads]
            assert grouped == single
            return single

    seen = asyncio.run(main())
    assert [read["archived"] for read in seen] == [False, True, False, False, False, False]
    assert [read["existing"] and read["existing"]["id"] for read in seen] == ["o-1", "o-2", None, None, None, "o-1"]
    assert seen[0]["counters"] == {USES: 2, SPEND: 400}
    assert (seen[2]["counters"], seen[4]["counters"]) == ({}, {USES: 2})
