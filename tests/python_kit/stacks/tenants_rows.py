import os

from psycopg_pool import ConnectionPool
from redeemable.host import preview
from redeemable.postgres import PostgresStore

with ConnectionPool(os.environ["SHOP_URL"]) as pool:

    def store_of(tenant):
        return PostgresStore(pool, begin=lambda connection: connection.execute("SELECT set_tenant(%s)", (tenant,)))

    order = {"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 4500, "quantity": 1}]}
    promos = [{"code": "EARLY", "discount_percent": 20, "max_uses": 1}]
    assert preview(store_of("north"), {"codes": ["EARLY"], "promos": promos, "order": order})["status"] == "accepted"
