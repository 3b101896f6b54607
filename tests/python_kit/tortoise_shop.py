import os

from redeemable import aio, sql
from redeemable.asyncpg import AsyncpgStore
from tortoise import Tortoise, fields, run_async
from tortoise.models import Model
from tortoise.transactions import in_transaction

PROMOS = [{"code": "SUMMER", "discount_percent": 50, "max_uses": 2}]
HELD_UNTIL_MS = 4_000_000_000_000  # until then nobody else gets the use, paid or not


class Ticket(Model):
    id = fields.IntField(primary_key=True)
    order_id = fields.CharField(256)
    seat = fields.IntField()


async def sell(id):
    order = {"id": id, "event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 4500, "quantity": 2}]}
    request = {"codes": ["summer"], "promos": PROMOS, "order": {**order, "hold_until_ms": HELD_UNTIL_MS}}
    for _ in range(8):
        try:
            async with in_transaction() as db:
                # Tortoise's own calls wait until the connection is given back.
                async with db.acquire_connection() as connection:
                    decision = await aio.redeem(AsyncpgStore(connection), request, transaction=connection)
                if decision["status"] == "accepted" and not decision["replayed"]:
                    for seat, _ticket in enumerate(decision["quote"]["tickets"]):
                        await Ticket.create(order_id=id, seat=seat, using_db=db)
                return decision
        except aio.RepeatTransaction:
            continue
    raise aio.Busy(8)


async def main():
    await Tortoise.init(db_url=os.environ["DATABASE_URL"], modules={"models": [__name__]})
    await Tortoise.generate_schemas()
    async with in_transaction() as db, db.acquire_connection() as connection:
        await connection.execute(sql.tables("postgres"))
    assert (await sell("order-1"))["quote"]["total"] == 4500
    assert (await sell("order-1"))["replayed"] is True
    assert (await sell("order-2"))["status"] == "rejected"
    assert await Ticket.all().values_list("order_id", "seat") == [("order-1", 0), ("order-1", 1)]


if __name__ == "__main__":
    run_async(main())
