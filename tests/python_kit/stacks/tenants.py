import os
import time

from psycopg_pool import ConnectionPool
from redeemable.host import redeem
from redeemable.postgres import PostgresStore

with ConnectionPool(os.environ["DATABASE_URL"]) as pool:

    def store_of(tenant):
        return PostgresStore(pool, schema=f"tenant_{tenant}")

    def buy(tenant, id):
        line = {"unit_price": 4500, "quantity": 1}
        until = int(time.time() * 1000) + 900_000
        order = {"id": id, "event_id": "gala", "currency": "EUR", "hold_until_ms": until, "lines": [line]}
        promos = [{"code": "EARLY", "discount_percent": 20, "max_uses": 1}]
        return redeem(store_of(tenant), {"codes": ["EARLY"], "promos": promos, "order": order})

    for tenant in ("east", "west"):
        store_of(tenant).migrate()
    assert buy("east", "order-1")["status"] == "accepted"
    assert buy("west", "order-1")["status"] == "accepted"
    assert buy("east", "order-2")["violations"][0]["reason"] == "uses_exhausted"
