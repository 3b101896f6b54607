import time

from redeemable import host
from redeemable.django import DjangoStore

from .models import Promo, Ticket

store = DjangoStore()
PRICES = {"regular": 4500, "student": 2000}  # in cents
HOLD_MS = 17 * 60_000  # the payment expires after 15 minutes; the rest lets a payment of the last second arrive


def issue_tickets(connection, redemptions):
    """The tickets that each record still has. It runs in the plan's transaction, so a crash loses neither."""
    for record in redemptions:
        Ticket.objects.filter(order_id=record["id"]).delete()
        Ticket.objects.bulk_create(
            Ticket(order_id=record["id"], seat=seat, state=record["state"])
            for seat, ticket in enumerate(record["tickets"])
            if not ticket.get("released")
        )


def promos_of(codes):
    typed = [code["canonical"] for code in codes]
    return list(Promo.objects.filter(code__in=typed).values_list("document", flat=True))


def sell(id, kind, quantity, codes, email, max_total):
    order = {
        "id": id,
        "event_id": "gala",
        "currency": "EUR",
        "lines": [{"ticket_type": kind, "unit_price": PRICES[kind], "quantity": quantity}],
        "identities": {"email": email},
        "hold_until_ms": time.time_ns() // 1_000_000 + HOLD_MS,
        "max_total": max_total,
    }
    asked = {"codes": codes, "promos": promos_of, "order": order}
    return host.redeem(store, asked, write=issue_tickets)


def payment_arrived(id, payment_id, total):
    """Call it when your payment system reports a payment. If the answer is "returned", send the money back."""
    payment = {"id": payment_id, "total": total, "currency": "EUR"}
    answer = host.confirm(store, id, payment, write=issue_tickets)
    return "returned" if answer is None else answer["money"]
