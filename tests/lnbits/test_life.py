"""Random life: buyers, an organiser and late payments at once. In the end rows, records and counters agree.

`REDEEMABLE_LIFE=5000` makes it longer (so many steps instead of 160), `REDEEMABLE_SEED` repeats a run's choices. A
longer run has several events, one after the other, because an event is soon sold out.
"""

import os
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from shop import Shop

STEPS = int(os.environ.get("REDEEMABLE_LIFE", "160"))
STEPS_PER_EVENT = 400
SEED = int(os.environ.get("REDEEMABLE_SEED", str(random.SystemRandom().randrange(10**9))))
WAVES = (
    {"id": "early", "price_per_ticket": 20, "amount_tickets": 12},
    {"id": "euro", "currency": "EUR", "price_per_ticket": 10, "amount_tickets": 15, "allow_fiat": True},
)
CODES = (
    {"code": "HALF", "discount_percent": 50, "max_uses": 9},
    {"code": "CREW", "discount_percent": 100, "max_uses": 6},
    {"code": "ONCE", "discount_percent": 25, "max_uses_per_identity": 1, "id": None},
)
POLICY = {"max_tickets_per_identity": 8, "max_free_tickets_per_identity": 2}


class Life:
    """One event; each thread takes one step after the other, chosen at random."""

    def __init__(self, shop: Shop, event: str) -> None:
        self.shop = shop
        self.event = event
        self.sales: list[dict[str, Any]] = []
        self.orders: list[str] = []
        self.seen: dict[str, int] = {}
        self.lock = threading.Lock()

    def step(self, dice: random.Random) -> None:
        steps: list[Callable[[random.Random], object]] = [self.buy] * 6 + [self.pay] * 5
        steps += [self.again, self.lapse, self.miss, self.look, self.look, self.release, self.mail, self.check_in]
        steps += [self.put, self.sweep]
        chosen = dice.choice(steps)
        chosen(dice)
        with self.lock:
            self.seen[chosen.__name__] = self.seen.get(chosen.__name__, 0) + 1

    def buy(self, dice: random.Random) -> None:
        order = str(UUID(int=dice.getrandbits(128)))
        self.orders.append(order)
        self._order(dice, order)

    def again(self, dice: random.Random) -> None:
        """The same order again, or with another code, another wave or another way to pay."""
        if self.orders:
            self._order(dice, dice.choice(self.orders))

    def _order(self, dice: random.Random, order: str) -> None:
        answer = self.shop.buy(
            self.event,
            f"buyer{dice.randrange(9)}@example.org",
            dice.choice([None, "HALF", "crew", "ONCE", "nope"]),
            order_id=order,
            ticket_wave_id=dice.choice(["early", "euro"]),
            payment_method=dice.choice(["lightning", "lightning", "fiat", "onchain"]),
            refund_address=self.shop.address(f"life-{self.event}"),
        )
        # 400: the wave takes no fiat.
        assert answer.status_code in (200, 400, 409, 410), answer.text
        if answer.status_code == 200:
            self.sales.append(answer.json())

    def some(self, dice: random.Random) -> dict[str, Any] | None:
        return dice.choice(self.sales) if self.sales else None

    def pay(self, dice: random.Random) -> None:
        sale = self.some(dice)
        if not sale or sale["paid"]:
            return
        if sale["satspay_charge_url"]:
            self.shop.pay_charge(sale, told=dice.random() < 0.8)
        elif sale["payment_request"].startswith("https"):
            self.shop.pay_fiat(sale)
        else:
            self.shop.try_to_pay(sale)

    def lapse(self, dice: random.Random) -> None:
        """Somebody else may change the record at the same time: then it stays as it is."""
        if sale := self.some(dice):
            self.shop.lapse_if_held(sale)

    def miss(self, dice: random.Random) -> None:
        sale = self.some(dice)
        if sale and sale["payment_request"] and sale["payment_request"].startswith("ln"):
            self.shop.miss(sale)

    def look(self, dice: random.Random) -> None:
        if sale := self.some(dice):
            self._organise("GET", f"tickets/{sale['payment_hash']}")

    def release(self, dice: random.Random) -> None:
        if (sale := self.some(dice)) and dice.random() < 0.5:
            self._organise("DELETE", f"tickets/{sale['payment_hash']}")

    def mail(self, dice: random.Random) -> None:
        if sale := self.some(dice):
            self._organise("POST", f"tickets/{sale['payment_hash']}/resend-email")

    def check_in(self, dice: random.Random) -> None:
        if sale := self.some(dice):
            self._organise("PUT", f"tickets/register/{sale['payment_hash']}")

    def put(self, dice: random.Random) -> None:
        body = {
            "wallet": self.shop.wallets.organiser["id"],
            "name": f"Gala {dice.randrange(100)}",
            "price_per_ticket": 20,
            "extra": {"promo_codes": list(CODES), "policy": POLICY, "ticket_waves": list(WAVES)},
        }
        assert self._organise("PUT", f"events/{self.event}", body) == 200

    def sweep(self, _: random.Random) -> None:
        assert self._organise("GET", f"events/{self.event}") in (200, 410)

    def _organise(self, method: str, path: str, body: Any = None) -> int:
        status = self.shop.organiser(method, path, body).status_code
        # 403: not paid, or checked in already.
        assert status in (200, 403, 410), status
        return status


def test_rows_records_and_counters_agree_after_a_random_life(shop: Shop) -> None:
    for start in range(0, STEPS, STEPS_PER_EVENT):
        one_event(shop, start, min(STEPS - start, STEPS_PER_EVENT))


def one_event(shop: Shop, start: int, steps: int) -> None:
    event = shop.event(waves=WAVES, codes=CODES, policy=POLICY)
    life = Life(shop, event)

    def live(number: int) -> None:
        dice = random.Random(f"{SEED}/{start}/{number}")
        for _ in range(steps // 4):
            life.step(dice)

    with ThreadPoolExecutor(4) as threads:
        for thread in [threads.submit(live, number) for number in range(4)]:
            thread.result()
    note = f"REDEEMABLE_SEED={SEED}, from step {start}: {dict(sorted(life.seen.items()))}"
    assert sum(life.seen.values()) == steps // 4 * 4 and len(life.sales) > 3, note
    for sale in life.sales:
        life._organise("GET", f"tickets/{sale['payment_hash']}")
        if sale["satspay_charge_url"]:
            shop.call_webhook(sale)
    shop.settle()
    agree(shop, event, note)

    # The organiser cancels everything, twice at once; all of the money goes back, each payment once.
    with ThreadPoolExecutor() as threads:
        for cancel in [threads.submit(shop.organiser, "PUT", f"events/{event}/cancel") for _ in range(2)]:
            assert cancel.result().status_code == 200, note
    for sale in life.sales:
        if sale["payment_request"] and sale["payment_request"].startswith("ln"):
            shop.try_to_pay(sale)
    shop.settle()
    agree(shop, event, note)
    assert shop.ledger.check(event) == {}, note
    refunds = shop.organiser("GET", f"events/{event}/refunds").json()
    arrived = {ticket for ticket, *_ in shop.tickets(event) if shop.has_arrived(ticket)}
    assert {refund["ticket_id"] for refund in refunds} == arrived, note
    # Cancelled once more, it sends back what came after the others. In all, each payment was sent back once.
    assert shop.organiser("PUT", f"events/{event}/cancel").status_code == 200, note
    refunds = shop.organiser("GET", f"events/{event}/refunds").json()
    assert {refund["ticket_id"] for refund in refunds if refund["done"]} == arrived, note
    assert len(shop.paid_back(f"life-{event}")) == len(arrived), note


def agree(shop: Shop, event: str, note: str) -> None:
    now_ms = time.time() * 1000
    records = {record["id"]: record for record in shop.ledger.redemptions(event)}
    counters = shop.ledger.check(event)
    for code, most in (("HALF", 9), ("CREW", 6)):
        assert counters.get(f"code/event:{event}:{code}/uses", 0) <= most, note
    rows = shop.tickets(event)
    paid: dict[str, list[str]] = {}
    for ticket, order, state, standing, outcome, owed, total, row_paid in rows:
        record = records[order]
        noted = {payment["id"]: payment["outcome"] for payment in record.get("payments", [])}
        assert state == record["state"], note
        is_paid = state == "confirmed" and standing == ticket
        assert row_paid is not None and bool(row_paid) == is_paid, note
        if is_paid:
            paid.setdefault(order, []).append(ticket)
            # A free ticket is nobody's payment. An earlier invoice of its order may have been paid late, and goes back.
            kept = [payment for payment, what in noted.items() if what == "kept"]
            assert (outcome, kept) == ("kept", [] if total == 0 else [ticket]), (note, ticket, record)
        if ticket in noted and outcome != "closed":
            assert outcome == noted[ticket], note
        goes_back = outcome == "returned" or (outcome == "kept" and state == "released")
        assert owed == (total if goes_back else 0), note
        # What has arrived at the wallet is accounted for, one way or the other.
        assert outcome is not None or not shop.has_arrived(ticket), note
    confirmed = {order for order, record in records.items() if record["state"] == "confirmed"}
    assert dict.fromkeys(confirmed, 1) == {order: len(tickets) for order, tickets in paid.items()}, note
    for wave in WAVES:
        sold = [r for r in records.values() if r["state"] == "confirmed" or r.get("expires_at_ms", 0) > now_ms]
        assert len([r for r in sold if r["tickets"][0]["ticket_type"] == wave["id"]]) <= wave["amount_tickets"], note
    assert shop.stray_tickets(event) == [], note
    sent = [ticket for what, ticket in shop.sent(event) if what == "ticket"]
    assert len(sent) == len(set(sent)), note
    # Whoever has a paid ticket has been told.
    assert {ticket for tickets in paid.values() for ticket in tickets} <= set(sent), note
