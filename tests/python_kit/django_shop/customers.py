from django.db import transaction
from django.db.models import F
from redeemable import host

from .models import Customer
from .sales import sell


def sell_to_customer(id, kind, quantity, codes, email, max_total):
    """The order and the customer's row are stored together, or neither is."""
    for _ in range(8):
        try:
            with transaction.atomic():
                Customer.objects.get_or_create(email=email)
                decision = sell(id, kind, quantity, codes, email, max_total)
                if decision["status"] == "accepted" and not decision["replayed"]:
                    Customer.objects.filter(email=email).update(orders=F("orders") + 1)
                return decision
        except host.RepeatTransaction:
            continue
    raise host.Busy(8)
