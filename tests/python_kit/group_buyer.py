"""A host process of the races of group commit: 16 threads or tasks share one store, and so its batches.

group_buyer.py KIND PLACE     stdin: {"requests": […], "writes": bool}, and a line when all processes shall start
                              stdout: a line when it is ready, and {"sold": [ids], "merged": plans that went together}
"""

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import Any

from redeemable import aio, host

AT_ONCE = 16


def counting(store: Any) -> list[int]:
    """Notes how many records each of the store's transactions wrote."""
    records: list[int] = []
    commit = store._commit

    def committing(ops: Any, write: Any = None) -> Any:
        records.append(sum(op["op"] == "insert" for op in ops))
        return commit(ops, write)

    store._commit = committing
    return records


INSERT = "INSERT INTO tickets (order_id, position, state) VALUES ({}, {}, 'held')"


def rows(redemptions: list[Any]) -> list[tuple[str, int]]:
    return [(record["id"], position) for record in redemptions for position in range(len(record["tickets"]))]


def issue(connection: Any, redemptions: list[Any]) -> None:
    for row in rows(redemptions):
        connection.execute(INSERT.format("%s", "%s"), row)


async def issue_async(connection: Any, redemptions: list[Any]) -> None:
    for row in rows(redemptions):
        await connection.execute(INSERT.format("%s", "%s"), row)


async def issue_numbered(connection: Any, redemptions: list[Any]) -> None:
    await connection.executemany(INSERT.format("$1", "$2"), rows(redemptions))


def issue_text(connection: Any, redemptions: list[Any]) -> None:
    from sqlalchemy import text

    for id, position in rows(redemptions):
        connection.execute(text(INSERT.format(":id", ":position")), {"id": id, "position": position})


async def issue_text_async(connection: Any, redemptions: list[Any]) -> None:
    await connection.run_sync(issue_text, redemptions)


async def opened(kind: str, place: str, stack: AsyncExitStack) -> tuple[Any, Any]:
    """The store and its `write`."""
    if kind == "psycopg-pool":
        from psycopg_pool import ConnectionPool
        from redeemable.postgres import PostgresStore

        return PostgresStore(stack.enter_context(ConnectionPool(place, min_size=AT_ONCE))), issue
    if kind == "psycopg-async-pool":
        from psycopg_pool import AsyncConnectionPool
        from redeemable.postgres import AsyncPostgresStore

        pool = await stack.enter_async_context(AsyncConnectionPool(place, min_size=AT_ONCE))
        return AsyncPostgresStore(pool), issue_async
    if kind == "asyncpg":
        import asyncpg
        from redeemable.asyncpg import AsyncpgStore

        return AsyncpgStore(await stack.enter_async_context(asyncpg.create_pool(place))), issue_numbered
    if kind == "sqlalchemy":
        from redeemable.sqlalchemy import SqlAlchemyStore
        from sqlalchemy import create_engine

        return SqlAlchemyStore(create_engine(place, pool_size=AT_ONCE)), issue_text
    from redeemable.sqlalchemy import AsyncSqlAlchemyStore
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(place, pool_size=AT_ONCE)
    stack.push_async_callback(engine.dispose)
    return AsyncSqlAlchemyStore(engine), issue_text_async


async def main(kind: str, place: str) -> None:
    asked = json.loads(sys.stdin.readline())
    async with AsyncExitStack() as stack:
        store, issuing = await opened(kind, place, stack)
        write = issuing if asked["writes"] else None
        is_async = asyncio.iscoroutinefunction(store.commit)
        records = counting(store)
        at_once = asyncio.Semaphore(AT_ONCE)

        def sell(request: Any) -> Any:
            try:
                return host.redeem(store, request, write=write, attempts=50)
            except host.Busy:
                return {"status": "busy"}

        async def sell_async(request: Any) -> Any:
            async with at_once:
                try:
                    return await aio.redeem(store, request, write=write, attempts=50)
                except aio.Busy:
                    return {"status": "busy"}

        # Connects before the start.
        await store.read([], "") if is_async else store.read([], "")
        print("ready", flush=True)
        sys.stdin.readline()
        if is_async:
            answers = await asyncio.gather(*map(sell_async, asked["requests"]))
        else:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                answers = list(pool.map(sell, asked["requests"]))
        sold = [
            request["order"]["id"]
            for request, answer in zip(asked["requests"], answers, strict=True)
            if answer["status"] == "accepted"
        ]
        statuses = sorted({answer["status"] for answer in answers})
        print(json.dumps({"sold": sold, "statuses": statuses, "merged": sum(many for many in records if many > 1)}))


asyncio.run(main(*sys.argv[1:]))
