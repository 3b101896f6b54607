"""One purchase in three ways: by hand with the kit's statements, and through the kit with and without group commit."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
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
READ = """SELECT (SELECT json_object_agg(key, used)::text FROM redeemable_counters WHERE key = ANY ({0})),
  (SELECT document::text FROM redeemable_redemptions WHERE id = {1})"""
COMMIT = "SELECT redeemable_commit({0}::json)::text"
INSERT = """INSERT INTO redeemable_redemptions (id, revision, state, event_id, expires_at_ms, document)
  VALUES (:id, 1, 'held', :event_id, :expires_at_ms, :document)"""
CHARGE = """INSERT INTO redeemable_counters (key, used) SELECT :key, :by WHERE :at_most IS NULL OR :by <= :at_most
  ON CONFLICT DO UPDATE SET used = used + :by WHERE :at_most IS NULL OR used + :by <= :at_most"""
USED = "SELECT key, used FROM redeemable_counters WHERE key IN (:uses, :spend)"
ONE = "SELECT document FROM redeemable_redemptions WHERE id = :id"


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
