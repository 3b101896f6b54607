from django.core.management import call_command
from django.test import TestCase

from .customers import sell_to_customer
from .models import Customer, Promo, Ticket
from .sales import payment_arrived, sell


class Selling(TestCase):
    def setUp(self):
        half = {"code": "SUMMER", "discount_percent": 50, "max_uses": 1}
        Promo.objects.create(code="SUMMER", document=half)

    def test_the_last_use_is_sold_once(self):
        decision = sell("order-1", "regular", 1, ["summer"], "ann@example.org", 2250)
        self.assertEqual((decision["status"], decision["quote"]["total"]), ("accepted", 2250))
        self.assertEqual(sell("order-2", "regular", 1, ["summer"], "bo@example.org", 2250)["status"], "rejected")
        self.assertEqual(payment_arrived("order-1", "payment-1", 2250), "kept")
        self.assertEqual(list(Ticket.objects.values_list("order_id", "state")), [("order-1", "confirmed")])
        call_command("redeemable_audit")

    def test_an_order_counts_once_for_its_customer(self):
        for _ in range(2):
            sell_to_customer("order-1", "regular", 1, ["summer"], "ann@example.org", 2250)
        self.assertEqual(Customer.objects.get(email="ann@example.org").orders, 1)
