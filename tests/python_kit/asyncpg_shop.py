import asyncio
import os
import time

import asyncpg
from redeemable import aio
from redeemable.asyncpg import AsyncpgStore

PROMOS = [{"code": "SUMMER", "discount_percent": 50, "max_uses": 1}]
PRICES = {"regular": 4500, "student": 2000}  # in cents
HOLD_MS = 17 * 60_000  # the payment expires after 15 minutes; the rest lets a payment of the last second arrive
TABLES = """
    CREATE TABLE IF NOT EXISTS tickets (order_id text, seat integer, state text, PRIMARY KEY (order_id, seat));
    CREATE TABLE IF NOT EXISTS customers (email text PRIMARY KEY, orders integer NOT NULL DEFAULT 0);
"""


async def issue_tickets(connection, redemptions):
    """The tickets that each record still has. It runs in the plan's transaction, so a crash loses neither."""
    for record in redemptions:
        kept = [
            (record["id"], seat, record["state"])
            for seat, ticket in enumerate(record["tickets"])
            if not ticket.get("released")
        ]
        await connection.execute("DELETE FROM tickets WHERE order_id = $1", record["id"])
        await connection.executemany("INSERT INTO tickets VALUES ($1, $2, $3)", kept)


async def sell(store, id, kind, quantity, codes, max_total, transaction=None):
    order = {
        "id": id,
        "event_id": "gala",
        "currency": "EUR",
        "lines": [{"ticket_type": kind, "unit_price": PRICES[kind], "quantity": quantity}],
        "hold_until_ms": time.time_ns() // 1_000_000 + HOLD_MS,
        "max_total": max_total,  # nobody pays more than they agreed to: a dearer order is refused as price_changed
    }
    request = {"codes": codes, "promos": PROMOS, "order": order}
    return await aio.redeem(store, request, write=issue_tickets, transaction=transaction)


async def sell_to_customer(pool, store, id, kind, quantity, codes, email, max_total):
    """The order and the customer's row are stored together, or neither is."""
    for _ in range(8):
        try:
            async with pool.acquire() as connection, connection.transaction():
                decision = await sell(store, id, kind, quantity, codes, max_total, transaction=connection)
                if decision["status"] == "accepted" and not decision["replayed"]:
                    await connection.execute(
                        "INSERT INTO customers VALUES ($1, 1) "
                        "ON CONFLICT (email) DO UPDATE SET orders = customers.orders + 1",
                        email,
                    )
                return decision
        except aio.RepeatTransaction:
            continue
    raise aio.Busy(8)


async def main():
    async with asyncpg.create_pool(os.environ["DATABASE_URL"]) as pool:
        store = AsyncpgStore(pool)
        await store.migrate()
        await pool.execute(TABLES)
        decision = await sell(store, "order-1", "regular", 1, ["summer"], 2250)
        assert decision["quote"]["total"] == 2250
        assert (await sell(store, "order-2", "regular", 1, ["summer"], 2250))["status"] == "rejected"
        payment = {"id": "payment-1", "total": 2250, "currency": "EUR"}
        answer = await aio.confirm(store, "order-1", payment, write=issue_tickets)
        assert answer["money"] == "kept"
        assert [tuple(row) for row in await pool.fetch("SELECT * FROM tickets")] == [("order-1", 0, "confirmed")]
        assert await aio.audit(store) == []


if __name__ == "__main__":
    asyncio.run(main())
