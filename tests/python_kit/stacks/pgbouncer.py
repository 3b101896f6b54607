import os
import time

from psycopg_pool import ConnectionPool
from redeemable.host import redeem
from redeemable.postgres import PostgresStore

with ConnectionPool(os.environ["POOLER_URL"], kwargs={"prepare_threshold": None}) as pool:
    store = PostgresStore(pool, schema="shop")
    store.migrate()
    until = int(time.time() * 1000) + 900_000
    line = {"unit_price": 4500, "quantity": 1}
    order = {"id": "order-2", "event_id": "gala", "currency": "EUR", "hold_until_ms": until, "lines": [line]}
    promos = [{"code": "LATE", "discount_percent": 20, "max_uses": 1}]
    assert redeem(store, {"codes": ["LATE"], "promos": promos, "order": order})["status"] == "accepted"
