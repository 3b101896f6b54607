import time

from models import Ticket, engine
from redeemable import host
from redeemable.sqlalchemy import SqlAlchemyStore
from sqlalchemy import delete
from sqlalchemy.orm import Session

HOLD_MS = 17 * 60_000  # the payment expires after 15 minutes; the rest lets a payment of the last second arrive
store = SqlAlchemyStore(engine)
half = {"code": "SUMMER", "discount_percent": 50, "max_uses": 1}


def issue_tickets(connection, redemptions):
    """The tickets that each record still has. It runs in the plan's transaction, so a crash loses neither."""
    with Session(connection) as session:
        for record in redemptions:
            session.execute(delete(Ticket).where(Ticket.order_id == record["id"]))
            for seat, ticket in enumerate(record["tickets"]):
                if not ticket.get("released"):
                    session.add(Ticket(order_id=record["id"], seat=seat, state=record["state"]))
        session.flush()


def sell(id):
    order = {"id": id, "event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 4500, "quantity": 1}]}
    order["hold_until_ms"] = time.time_ns() // 1_000_000 + HOLD_MS  # until then nobody else gets the use
    return host.redeem(store, {"codes": ["summer"], "promos": [half], "order": order}, write=issue_tickets)


assert sell("order-1")["quote"]["total"] == 2250
assert sell("order-2")["status"] == "rejected"
assert host.audit(store) == []
