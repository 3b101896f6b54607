"""What only the store over asyncpg does, and the program of docs/stacks/asyncpg.md."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import asyncpg
import asyncpg_shop
import psycopg
import pytest
from redeemable import aio, host
from redeemable._suite import usage
from redeemable.asyncpg import AsyncpgStore
from redeemable.postgres import PostgresStore
from support import SUMMER, USES, Clock, request

LAST = {**SUMMER, "max_uses": 1}


@pytest.fixture
def shop_tables(postgres: str) -> str:
    with psycopg.connect(postgres) as connection:
        connection.execute("DROP TABLE IF EXISTS tickets, customers, ticket")
    return postgres


@pytest.mark.parametrize("name", ["asyncpg_shop.py", "tortoise_shop.py"])
def test_the_programs_of_the_page_run(name: str, shop_tables: str) -> None:
    program = Path(__file__).with_name(name)
    # Tortoise calls the driver by its name.
    url = shop_tables.replace("postgres://", "asyncpg://") if name == "tortoise_shop.py" else shop_tables
    environment = {**os.environ, "DATABASE_URL": url}
    subprocess.run([sys.executable, program], env=environment, check=True, timeout=60)


def test_an_order_counts_once_for_its_customer(shop_tables: str) -> None:
    async def main() -> int:
        async with asyncpg.create_pool(shop_tables, min_size=1) as pool:
            await pool.execute(asyncpg_shop.TABLES)
            store = AsyncpgStore(pool)
            buy = [
                asyncpg_shop.sell_to_customer(pool, store, "order-1", "regular", 1, ["summer"], "ann@example.org", 2250)
                for _ in range(6)
            ]
            decisions = await asyncio.gather(*buy)
            assert sorted(decision["replayed"] for decision in decisions) == [False] + [True] * 5
            assert await aio.audit(store) == []
            count = await pool.fetchval("SELECT orders FROM customers WHERE email = 'ann@example.org'")
            return int(count)

    assert asyncio.run(main()) == 1


@pytest.mark.parametrize(
    ("isolation", "is_told"), [("read_committed", False), ("repeatable_read", True), ("serializable", True)]
)
def test_somebody_else_is_faster(postgres: str, isolation: str, is_told: bool) -> None:
    async def main() -> list[str]:
        connection = await asyncpg.connect(postgres)
        store = AsyncpgStore(connection)
        async with connection.transaction(isolation=isolation):
            seen = await aio.preview(store, request(None, promo=LAST), transaction=connection, now=Clock())
            with psycopg.connect(postgres) as other:
                host.redeem(PostgresStore(other), request("a", promo=LAST), now=Clock())
            decision = await aio.redeem(store, request("b", promo=LAST), transaction=connection, now=Clock())
        return [seen["status"], decision["status"]]

    if is_told:
        with pytest.raises(aio.RepeatTransaction):
            asyncio.run(main())
    else:
        assert asyncio.run(main()) == ["accepted", "rejected"]
    with psycopg.connect(postgres) as look:
        assert PostgresStore(look).read([USES], "b") == usage({USES: 1})


@pytest.mark.parametrize(
    ("work", "error", "message"),
    [
        (lambda pool: aio.redeem(AsyncpgStore("postgres://"), request("a")), TypeError, "pool: expected a Pool or a"),
        (
            lambda pool: aio.redeem(AsyncpgStore(pool), request("a"), transaction=pool),
            TypeError,
            "transaction: expected a Connection of asyncpg, found Pool",
        ),
    ],
)
def test_what_is_no_connection_is_an_error(
    postgres: str, work: Callable[[Any], Coroutine[Any, Any, Any]], error: type[Exception], message: str
) -> None:
    async def main() -> None:
        async with asyncpg.create_pool(postgres, min_size=1) as pool:
            await work(pool)

    with pytest.raises(error, match=re.escape(message)):
        asyncio.run(main())


def test_a_connection_without_a_transaction_cannot_be_joined(postgres: str) -> None:
    async def main() -> None:
        connection = await asyncpg.connect(postgres)
        with pytest.raises(RuntimeError, match="found none open"):
            await aio.redeem(AsyncpgStore(connection), request("a"), transaction=connection)
        # A transaction that asyncpg itself did not begin is one, too.
        await connection.execute("BEGIN")
        decision = await aio.redeem(AsyncpgStore(connection), request("a"), transaction=connection, now=Clock())
        assert decision["status"] == "accepted"
        await connection.execute("ROLLBACK")
        assert (await AsyncpgStore(connection).read([USES], "a")) == usage({})

    asyncio.run(main())


def test_a_plan_that_cannot_be_undone_cannot_be_committed(postgres: str) -> None:
    """`write` leaves a query behind that it does not await: the connection is in use, also for the plan's undoing."""

    async def main() -> None:
        connection = await asyncpg.connect(postgres)
        store = AsyncpgStore(await asyncpg.connect(postgres))
        await store.migrate()
        left: list[asyncio.Task[Any]] = []

        async def write(transaction: Any, _: Any) -> None:
            left.append(asyncio.create_task(transaction.execute("SELECT pg_sleep(0.5)")))
            await asyncio.sleep(0)

        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):  # noqa: PT012
            async with connection.transaction():
                with pytest.raises(asyncpg.InterfaceError, match="another operation is in progress"):
                    await aio.redeem(store, request("a"), transaction=connection, write=write, now=Clock())
                await asyncio.gather(*left, return_exceptions=True)
        assert (await store.read([], "a"))["existing"] is None
        assert await aio.audit(store) == []

    asyncio.run(main())
