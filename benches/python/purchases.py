"""Purchases a second, through the kit with and without group commit, and by hand with the same statements.

    POSTGRES_SETTINGS="-c fsync=on" scripts/postgres .venv/bin/python benches/python/purchases.py [--only PART] …

By hand, each purchase has one transaction of its own. The three take turns within one run, so that other work on the
machine slows all of them; the ratios are medians of the rounds' ratios. The last columns are the processor time of the
host and the database for one purchase, which hardly depends on other work.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import psycopg_pool
import sqlalchemy
import sqlalchemy.ext.asyncio
from redeemable import aio, host
from redeemable.asyncpg import AsyncpgStore
from redeemable.postgres import AsyncPostgresStore, PostgresStore
from redeemable.sqlalchemy import AsyncSqlAlchemyStore, SqlAlchemyStore

LIMIT, PRICE, QUANTITY, HOLD_MS = 1_000_000_000, 4500, 2, 900_000
AT_ONCE = (1, 8, 32)
CODES = {"one code": 1, "10000 codes": 10_000}
WAYS = ("by hand", "kit", "kit, alone")
TABLES = "redeemable_redemptions, redeemable_counters, redeemable_held, redeemable_persons"
READ = """SELECT (SELECT json_object_agg(key, used)::text FROM redeemable_counters WHERE key = ANY ({0})),
  (SELECT document::text FROM redeemable_redemptions WHERE id = {1})"""
COMMIT = "SELECT redeemable_commit({0}::json)::text"
INSERT = """INSERT INTO redeemable_redemptions (id, revision, state, event_id, expires_at_ms, document)
  VALUES (:id, 1, 'held', :event_id, :expires_at_ms, :document)"""
CHARGE = """INSERT INTO redeemable_counters (key, used) SELECT :key, :by WHERE :at_most IS NULL OR :by <= :at_most
  ON CONFLICT DO UPDATE SET used = used + :by WHERE :at_most IS NULL OR used + :by <= :at_most"""
USED = "SELECT key, used FROM redeemable_counters WHERE key IN (:uses, :spend)"
ONE = "SELECT document FROM redeemable_redemptions WHERE id = :id"
orders = itertools.count()
# The process of the server, whose children serve the connections.
SERVER = (Path(os.environ["POSTGRES_DATA"]) / "postmaster.pid").read_text().split()[0]


def request(code: str, id: str) -> Any:
    return {
        "codes": [code],
        "promos": [{"code": code, "discount_percent": 20, "max_uses": LIMIT}],
        "order": {
            "id": id,
            "event_id": "gala",
            "currency": "EUR",
            "lines": [{"ticket_type": "regular", "unit_price": PRICE, "quantity": QUANTITY}],
            "identities": {"email": f"{id}@example.org"},
            "hold_until_ms": int(time.time() * 1000) + HOLD_MS,
        },
    }


def keys_by_hand(code: str) -> list[str]:
    return [f"code/event:gala:{code}/spend/EUR", f"code/event:gala:{code}/uses"]


def decide_by_hand(asked: Any, counters: dict[str, int], existing: Any) -> list[Any]:
    """For this kind of promotion alone: check, price, and a record that can be released later."""
    (promo,), order = asked["promos"], asked["order"]
    code, line = promo["code"], order["lines"][0]
    quantity, unit_price = line["quantity"], line["unit_price"]
    spend, uses = keys_by_hand(code)
    if existing is not None or counters.get(uses, 0) + quantity > promo["max_uses"]:
        raise ValueError("refused")
    price = round(unit_price * (100 - promo["discount_percent"]) / 100)
    off = unit_price - price
    indexes = list(range(quantity))
    redemption = {
        "schema": 2,
        "id": order["id"],
        "revision": 1,
        "state": "held",
        "event_id": order["event_id"],
        "currency": order["currency"],
        "codes": [code],
        "identities": [f"email:{order['identities']['email']}"],
        "tickets": [
            {"line": 0, "ticket_type": line["ticket_type"], "unit_price": unit_price, "price": price, "codes": [code]}
            for _ in indexes
        ],
        "charges": [
            {"key": uses, "code": code, "limit": promo["max_uses"], "amount": quantity, "tickets": indexes, "each": 1},
            {"key": spend, "code": code, "amount": off * quantity, "tickets": indexes, "each": [off] * quantity},
        ],
        "created_at_ms": int(time.time() * 1000),
        "expires_at_ms": order["hold_until_ms"],
    }
    return [
        {"op": "insert", "redemption": redemption},
        {"op": "add", "key": spend, "by": off * quantity, "at_most": None},
        {"op": "add", "key": uses, "by": quantity, "at_most": promo["max_uses"]},
    ]


def read_rows(row: Any) -> tuple[dict[str, int], Any]:
    return json.loads(row[0] or "{}"), row[1] and json.loads(row[1])


def on_sqlite(connection: Any, asked: Any) -> None:
    """One purchase by hand on SQLite."""
    spend, uses = keys_by_hand(asked["codes"][0])
    id = asked["order"]["id"]

    def run(statement: str, **values: Any) -> Any:
        return connection.execute(sqlalchemy.text(statement), values)

    counters = {row.key: row.used for row in run(USED, uses=uses, spend=spend)}
    (insert, *adds) = decide_by_hand(asked, counters, run(ONE, id=id).scalar())
    connection.rollback()
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    record = insert["redemption"]
    columns = {name: record[name] for name in ("id", "event_id", "expires_at_ms")}
    run(INSERT, **columns, document=json.dumps(record))
    for add in adds:
        if run(CHARGE, key=add["key"], by=add["by"], at_most=add["at_most"]).rowcount != 1:
            raise ValueError("sold out")
    connection.commit()


Sell = Callable[[str, str], Any]
Shop = dict[str, Sell]


def kits(store: Any, alone: Any) -> Shop:
    return {
        "kit": lambda code, id: host.redeem(store, request(code, id)),
        "kit, alone": lambda code, id: host.redeem(alone, request(code, id)),
    }


def kits_async(store: Any, alone: Any) -> dict[str, Callable[[str, str], Awaitable[Any]]]:
    return {
        "kit": lambda code, id: aio.redeem(store, request(code, id)),
        "kit, alone": lambda code, id: aio.redeem(alone, request(code, id)),
    }


async def psycopg_threads(url: str, stack: AsyncExitStack, size: int) -> Shop:
    pool = stack.enter_context(psycopg_pool.ConnectionPool(url, min_size=size, kwargs={"autocommit": True}))

    def by_hand(code: str, id: str) -> None:
        asked = request(code, id)
        with pool.connection() as connection:
            row = connection.execute(READ.format("%s", "%s"), (keys_by_hand(code), id)).fetchone()
            ops = decide_by_hand(asked, *read_rows(row))
            with connection.transaction():
                connection.execute(COMMIT.format("%s"), (json.dumps(ops),))

    return {"by hand": by_hand, **kits(PostgresStore(pool), PostgresStore(pool, group=False))}


async def psycopg_tasks(url: str, stack: AsyncExitStack, size: int) -> Shop:
    pool = await stack.enter_async_context(
        psycopg_pool.AsyncConnectionPool(url, min_size=size, kwargs={"autocommit": True})
    )

    async def by_hand(code: str, id: str) -> None:
        asked = request(code, id)
        async with pool.connection() as connection:
            cursor = await connection.execute(READ.format("%s", "%s"), (keys_by_hand(code), id))
            ops = decide_by_hand(asked, *read_rows(await cursor.fetchone()))
            async with connection.transaction():
                await connection.execute(COMMIT.format("%s"), (json.dumps(ops),))

    return {"by hand": by_hand, **kits_async(AsyncPostgresStore(pool), AsyncPostgresStore(pool, group=False))}


async def asyncpg_tasks(url: str, stack: AsyncExitStack, size: int) -> Shop:
    pool = await stack.enter_async_context(asyncpg.create_pool(url, min_size=size, max_size=size))

    async def by_hand(code: str, id: str) -> None:
        asked = request(code, id)
        async with pool.acquire() as connection:
            row = await connection.fetchrow(READ.format("$1::text[]", "$2"), keys_by_hand(code), id)
            ops = decide_by_hand(asked, *read_rows(row))
            async with connection.transaction():
                await connection.fetch(COMMIT.format("$1"), json.dumps(ops))

    return {"by hand": by_hand, **kits_async(AsyncpgStore(pool), AsyncpgStore(pool, group=False))}


def set_full(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def sqlite_threads(file: str, stack: AsyncExitStack, size: int) -> Shop:
    engine = sqlalchemy.create_engine(f"sqlite:///{file}", pool_size=size)
    stack.callback(engine.dispose)
    sqlalchemy.event.listen(engine, "connect", set_full)
    store = SqlAlchemyStore(engine)
    store.migrate()

    def by_hand(code: str, id: str) -> None:
        with engine.connect() as connection:
            on_sqlite(connection, request(code, id))

    return {"by hand": by_hand, **kits(store, SqlAlchemyStore(engine, group=False))}


async def sqlite_tasks(file: str, stack: AsyncExitStack, size: int) -> Shop:
    engine = sqlalchemy.ext.asyncio.create_async_engine(f"sqlite+aiosqlite:///{file}", pool_size=size)
    stack.push_async_callback(engine.dispose)
    sqlalchemy.event.listen(engine.sync_engine, "connect", set_full)
    store = AsyncSqlAlchemyStore(engine)
    await store.migrate()

    async def by_hand(code: str, id: str) -> None:
        async with engine.connect() as connection:
            await connection.run_sync(on_sqlite, request(code, id))

    return {"by hand": by_hand, **kits_async(store, AsyncSqlAlchemyStore(engine, group=False))}


SHOPS = {
    "psycopg, threads": psycopg_threads,
    "psycopg, tasks": psycopg_tasks,
    "asyncpg, tasks": asyncpg_tasks,
    "SQLite FULL, threads": sqlite_threads,
    "SQLite FULL, tasks": sqlite_tasks,
}


def processor_seconds() -> float:
    """Of this process and, on PostgreSQL, of the server's processes."""
    seconds = time.process_time()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            status = (process / "stat").read_text().rpartition(")")[2].split()
            if status[1] == SERVER:
                seconds += int((process / "schedstat").read_text().split()[0]) / 1e9
    return seconds


async def turn(sell: Sell, codes: int, at_once: int, seconds: float, in_threads: bool) -> tuple[float, float]:
    """Sells for a while, and returns the purchases a second and the microseconds of processor time for each."""
    sold = [0] * at_once
    used = processor_seconds()
    begin = time.perf_counter()

    def asked() -> tuple[str, str]:
        order = next(orders)
        # 7919 is a prime number that does not divide the number of codes, so every code has its turn.
        return f"CODE{order * 7919 % codes}", f"o-{order}"

    def thread(number: int) -> None:
        while time.perf_counter() - begin < seconds:
            sell(*asked())
            sold[number] += 1

    async def task(number: int) -> None:
        while time.perf_counter() - begin < seconds:
            await sell(*asked())
            sold[number] += 1

    if in_threads:
        threads = [threading.Thread(target=thread, args=(number,)) for number in range(at_once)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    else:
        await asyncio.gather(*map(task, range(at_once)))
    took = time.perf_counter() - begin
    return sum(sold) / took, (processor_seconds() - used) / sum(sold) * 1e6


async def measure(name: str, place: str, codes: int, at_once: int, options: Any) -> dict[str, Any]:
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    costs: dict[str, list[float]] = {way: [] for way in WAYS}
    async with AsyncExitStack() as stack:
        shop = await SHOPS[name](place, stack, at_once)
        # A counter's first use is not raced for: by hand, it would fail.
        await turn(shop["by hand"], codes, 1, 0.05, "threads" in name)
        for number in range(options.rounds + 1):
            for way in WAYS if number % 2 else reversed(WAYS):
                rate, cost = await turn(shop[way], codes, at_once, options.ms / 1000, "threads" in name)
                # The first round warms up and is not counted.
                if number:
                    rates[way].append(rate)
                    costs[way].append(cost)
    ratios = {way: [own / hand for own, hand in zip(rates[way], rates["by hand"], strict=True)] for way in WAYS[1:]}
    return {
        "store": name,
        "codes": codes,
        "at_once": at_once,
        "per_second": {way: round(statistics.median(rates[way])) for way in WAYS},
        "ratio": {way: round(statistics.median(ratios[way]), 2) for way in ratios},
        "least": {way: round(min(ratios[way]), 2) for way in ratios},
        "most": {way: round(max(ratios[way]), 2) for way in ratios},
        "cpu_us": {way: round(statistics.median(costs[way])) for way in WAYS},
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--ms", type=float, default=300, help="of each turn")
    parser.add_argument("--only", default="", help="part of the name of a store")
    parser.add_argument("--json", help="a file for the same numbers")
    options = parser.parse_args()
    rows = asyncio.run(measure_all(options))
    if options.json:
        result = {"rounds": options.rounds, "ms": options.ms, "rows": rows}
        Path(options.json).write_text(json.dumps(result, indent=2) + "\n")


async def measure_all(options: Any) -> list[dict[str, Any]]:
    url = os.environ["DATABASE_URL"]
    async with asyncpg.create_pool(url, min_size=1, max_size=1) as pool:
        await AsyncpgStore(pool).migrate()
    rows = []
    print(f"{'':<24}{'codes':<14}{'at once':>8}" + "".join(f"{way + '/s':>14}" for way in WAYS), end="")
    print(f"{'ratio':>8}{'from to':>14}{'alone':>8}" + "".join(f"{way + ' CPU':>16}" for way in WAYS))
    with tempfile.TemporaryDirectory() as folder:
        for name in (name for name in SHOPS if options.only in name):
            for codes, at_once in itertools.product(CODES, AT_ONCE):
                place = url
                if "SQLite" in name:
                    place = str(Path(folder) / f"{len(rows)}.sqlite")
                else:
                    connection = await asyncpg.connect(url)
                    await connection.execute(f"TRUNCATE {TABLES}")
                    await connection.close()
                row = await measure(name, place, CODES[codes], at_once, options)
                rows.append(row)
                rates = "".join(f"{row['per_second'][way]:>14}" for way in WAYS)
                spread = f"{row['least']['kit']} to {row['most']['kit']}"
                costs = "".join(f"{row['cpu_us'][way]:>13} µs" for way in WAYS)
                print(f"{name:<24}{codes:<14}{at_once:>8}{rates}{row['ratio']['kit']:>8}", end="")
                print(f"{spread:>14}{row['ratio']['kit, alone']:>8}{costs}", flush=True)
    return rows


if __name__ == "__main__":
    main()
