"""Sells on a real LNbits: one process on SQLite, two on PostgreSQL."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ledger import PostgresLedger
from shop import Shop

HALF = {"code": "HALF", "discount_percent": 50}

# What a buyer reads, in English; the German and Spanish sentences are in messages/.
USED_UP = {
    "detail": "This code is used up, or has been used as often as one person may use it, "
    "or too little of it is left for this order."
}
NOT_ELIGIBLE = {"detail": "This code does not apply to this order."}
BEYOND = {"detail": "This order goes beyond what one person may have."}
TAKEN_BACK = {"detail": "This order was taken back or changed meanwhile."}


def paid(sale: dict[str, Any]) -> dict[str, Any]:
    """The answer to an order that was paid before."""
    return {**sale, "paid": True}


def test_a_stampede_takes_exactly_the_uses_there_are(shop: Shop) -> None:
    event = shop.event(price=20, codes=({**HALF, "max_uses": 7},))
    answers = shop.stampede(event, [{"email": f"buyer{i}@example.org", "promo_code": "half"} for i in range(100)])
    assert Counter(answer.status_code for answer in answers) == {200: 7, 409: 93}
    assert all(answer.json() == USED_UP for answer in answers if answer.status_code == 409)
    assert shop.ledger.check(event) == {f"code/event:{event}:HALF/uses": 7, f"code/event:{event}:HALF/spend/sat": 70}
    sales = [answer.json() for answer in answers if answer.status_code == 200]
    assert len({sale["payment_hash"] for sale in sales}) == 7
    for sale in sales:
        shop.pay(sale)
    for sale in sales:
        shop.state(sale, "paid")
    assert [redemption["state"] for redemption in shop.ledger.redemptions(event)] == ["confirmed"] * 7


def test_one_person_is_one_person_however_the_address_is_written(shop: Shop) -> None:
    event = shop.event(codes=({**HALF, "max_uses_per_identity": 2},))
    spellings = [
        "ann@example.org",
        "Ann@Example.org",
        "ANN+gala@example.org",
        "ann+1@EXAMPLE.ORG",
        "aNN+2+3@example.org",
    ]
    answers = shop.stampede(event, [{"email": spellings[i % 5], "promo_code": "HALF"} for i in range(20)])
    assert Counter(answer.status_code for answer in answers) == {200: 2, 409: 18}
    assert shop.buy(event, "bob@example.org", "HALF").status_code == 200
    assert shop.ledger.check(event)[f"code/event:{event}:HALF/by/email:ann@example.org"] == 2


def test_a_free_code_issues_its_tickets_without_an_invoice(shop: Shop) -> None:
    event = shop.event(codes=({"code": "CREW", "discount_percent": 100, "max_uses": 5},))
    answers = shop.stampede(event, [{"email": f"crew{i}@example.org", "promo_code": "CREW"} for i in range(30)])
    assert Counter(answer.status_code for answer in answers) == {200: 5, 409: 25}
    for answer in answers:
        if answer.status_code == 200:
            sale = answer.json()
            assert (sale["paid"], sale["payment_request"]) == (True, None)
            assert shop.ticket(sale["payment_hash"])["paid"]
            shop.state(sale, "paid")
    assert shop.ledger.check(event) == {f"code/event:{event}:CREW/uses": 5, f"code/event:{event}:CREW/spend/sat": 105}


def test_free_tickets_of_a_person_are_counted_with_and_without_a_code(shop: Shop) -> None:
    crew = {"code": "CREW", "discount": {"kind": "free"}, "max_uses": 50, "id": "crew-of-a-free-event"}
    free_event = shop.event(price=0, codes=(crew,), policy={"max_free_tickets_per_identity": 3})
    # A free event is free without a code, so the code has nothing to take off.
    assert shop.buy(free_event, code="CREW").json() == NOT_ELIGIBLE
    answers = shop.stampede(free_event, [{"email": ["ann@example.org", "Ann+x@example.org"][i % 2]} for i in range(12)])
    assert Counter(answer.status_code for answer in answers) == {200: 3, 409: 9}
    assert [answer.json() for answer in answers if answer.status_code == 409] == [BEYOND] * 9
    assert shop.ledger.check(free_event) == {f"event/{free_event}/free/email:ann@example.org": 3}

    event = shop.event(
        codes=({"code": "GUEST", "discount_percent": 100, "max_uses": 50},), policy={"max_free_tickets_per_identity": 3}
    )
    answers = shop.stampede(
        event, [{"email": ["ann@example.org", "Ann+x@example.org"][i % 2], "promo_code": "guest"} for i in range(12)]
    )
    assert Counter(answer.status_code for answer in answers) == {200: 3, 409: 9}
    assert shop.ledger.check(event)[f"code/event:{event}:GUEST/uses"] == 3


def test_a_hold_lapses_and_its_use_is_sold_again(shop: Shop) -> None:
    # The invoice can still be paid here, as when it expires while a payment is under way.
    event = shop.event(price=20, codes=({**HALF, "max_uses": 1},))
    first = shop.buy(event, "ann@example.org", "HALF").raise_for_status().json()
    shop.lapse(first)
    shop.sweep(event)
    shop.state(first, "released")
    assert shop.ledger.check(event) == {}

    # The order is paid late, while the use is free: the ticket comes back.
    shop.pay(first)
    shop.state(first, "paid")
    assert shop.ledger.check(event)[f"code/event:{event}:HALF/uses"] == 1
    shop.refunds(event, [])


def test_a_lapsed_hold_is_reclaimed_by_the_next_buyer_and_a_payment_that_comes_too_late_goes_back(shop: Shop) -> None:
    event = shop.event(price=20, codes=({**HALF, "max_uses": 1},))
    first = shop.buy(event, "ann@example.org", "HALF").raise_for_status().json()
    shop.lapse(first)
    second = shop.buy(event, "bob@example.org", "HALF").raise_for_status().json()
    shop.state(first, "released")
    shop.pay(second)
    shop.state(second, "paid")
    shop.pay(first)
    shop.state(first, "released")
    shop.refunds(event, [first["payment_hash"]])
    # Asking for the ticket finds the same payment again, but the payment goes back only once.
    assert not shop.ticket(first["payment_hash"])["paid"]
    shop.refunds(event, [first["payment_hash"]])
    assert shop.ledger.check(event) == {f"code/event:{event}:HALF/uses": 1, f"code/event:{event}:HALF/spend/sat": 10}


def test_releases_give_back_and_refund(shop: Shop) -> None:
    event = shop.event(price=20, codes=({**HALF, "max_uses": 2},))
    paid = shop.buy(event, "ann@example.org", "HALF").raise_for_status().json()
    held = shop.buy(event, "bob@example.org", "HALF").raise_for_status().json()
    shop.pay(paid)
    shop.state(paid, "paid")
    assert shop.buy(event, "cem@example.org", "HALF").json() == USED_UP

    for _ in range(2):
        assert shop.organiser("DELETE", f"tickets/{held['payment_hash']}").json() == {"refundable": 0}
    assert shop.ledger.check(event)[f"code/event:{event}:HALF/uses"] == 1
    shop.refunds(event, [])
    # The invoice can still be paid, but the organiser has released the ticket: the payment goes back.
    shop.pay(held)
    third = shop.buy(event, "cem@example.org", "HALF").raise_for_status().json()

    for _ in range(2):
        assert shop.organiser("PUT", f"events/{event}/cancel").status_code == 200
    for sale in (paid, held, third):
        shop.state(sale, "released")
        assert not shop.ticket(sale["payment_hash"])["paid"]
    shop.refunds(event, [paid["payment_hash"], held["payment_hash"]])
    assert shop.ledger.check(event) == {}
    assert shop.buy(event, "dora@example.org").status_code == 410


def test_a_ticket_from_before_the_migration_is_deleted_as_it_was(shop: Shop) -> None:
    event = shop.event()
    wallet = shop.wallets.organiser["id"]
    shop.ledger.write(
        f"""
        INSERT INTO {shop.ledger.schema}ticket (id, wallet, event, name, email, registered, paid)
        VALUES ('old-{event}', '{wallet}', '{event}', 'Ann', 'a@example.org', FALSE, TRUE)
        """
    )
    assert shop.organiser("DELETE", f"tickets/old-{event}").status_code == 200
    assert shop.organiser("GET", f"events/{event}/tickets").json() == []


def test_nobody_keeps_a_ticket_if_the_event_is_cancelled_during_the_sale(postgres_shop: Shop) -> None:
    shop, ledger = postgres_shop, postgres_shop.ledger
    assert isinstance(ledger, PostgresLedger)
    event = shop.event(codes=({"code": "CREW", "discount_percent": 100, "max_uses": 5},))
    headers = {"X-Api-Key": shop.wallets.organiser["adminkey"]}
    with ThreadPoolExecutor() as threads:
        with ledger.nobody_counts() as waiting:
            sale = threads.submit(shop.buy, event, code="CREW")
            while waiting() < 1 and not sale.done():
                time.sleep(0.01)
            # The buyer's row is written but not committed yet. The other process cancels the event, and waits.
            cancel = threads.submit(shop.clients[1].put, f"/events/api/v1/events/{event}/cancel", headers=headers)
            while waiting() < 2 and not cancel.done():
                time.sleep(0.01)
        assert cancel.result().status_code == 200
        # The cancel may release the ticket before or after the shop stores its row.
        if sale.result().status_code == 200:
            shop.state(sale.result().json(), "released")
        else:
            assert (sale.result().status_code, sale.result().json()) == (409, TAKEN_BACK)
    assert [redemption["state"] for redemption in ledger.redemptions(event)] == ["released"]
    assert ledger.check(event) == {}
    assert shop.buy(event, code="CREW").status_code == 410


def test_the_same_order_again_is_sold_once(shop: Shop) -> None:
    event = shop.event(price=20, codes=({**HALF, "max_uses": 5},))
    order = {"email": "ann@example.org", "promo_code": "HALF", "order_id": "5b0e5f0e-8a52-4d5e-9d2c-1d6f6a0f3a11"}
    answers = shop.stampede(event, [order] * 10)
    assert [answer.status_code for answer in answers] == [200] * 10
    assert len({answer.json()["payment_hash"] for answer in answers}) == 1
    assert shop.ledger.check(event)[f"code/event:{event}:HALF/uses"] == 1

    # Another order with the same id replaces the first, and the old invoice pays for nothing.
    stale = answers[0].json()
    amended = shop.buy(event, order_id=order["order_id"]).raise_for_status().json()
    assert amended["payment_hash"] != stale["payment_hash"]
    assert shop.order(amended["payment_hash"]) == shop.order(stale["payment_hash"])
    assert shop.ledger.check(event) == {}
    shop.pay(stale)
    shop.pay(amended)
    shop.state(amended, "paid")
    assert shop.buy(event, order_id=order["order_id"]).json() == paid(amended)
    shop.state(stale, "stale")
    shop.refunds(event, [stale["payment_hash"]])


def test_of_several_invoices_with_one_total_the_ticket_has_the_payment_that_confirmed_it(shop: Shop) -> None:
    event = shop.event(price=20, codes=(HALF,))
    for number, also_paid in enumerate([[], [2], [1, 2]]):
        order = {"order_id": f"5b0e5f0e-8a52-4d5e-9d2c-{number:012}"}
        # The order costs 20 sat, then 10 with the code, then 20 again: the ticket's row names the third invoice.
        sales = [shop.buy(event, code=code, **order).raise_for_status().json() for code in (None, "HALF", None)]
        hashes = [sale["payment_hash"] for sale in sales]
        assert len(set(hashes)) == 3 and [shop.sats(sale) for sale in sales] == [20, 10, 20]
        before = shop.refunded(event)
        shop.pay(sales[0])
        shop.state(sales[0], "paid")
        for index in also_paid:
            shop.pay(sales[index])
        shop.refunds(event, before + [hashes[index] for index in also_paid])
        for sale in sales[1:]:
            shop.state(sale, "stale")
        assert shop.buy(event, **order).json() == paid(sales[0])
        # An earlier invoice is no ticket: its row goes, and the ticket stays.
        for index in {1, 2} - set(also_paid):
            assert shop.organiser("DELETE", f"tickets/{hashes[index]}").json() == {"refundable": 0}
        shop.state(sales[0], "paid")
        assert shop.organiser("DELETE", f"tickets/{hashes[0]}").json() == {"refundable": 20}
        shop.refunds(event, before + [hashes[index] for index in [0, *also_paid]])


def test_euros_are_cents_to_the_engine_and_sats_on_the_invoice(shop: Shop) -> None:
    event = shop.event(
        price=12.51,
        currency="EUR",
        codes=({"code": "THIRD", "discount_percent": 33.3333, "currency": "EUR", "budget": 900},),
    )
    # 1251 cents less 33.3333 % are 834.0004…, so 834 to pay; a bitcoin costs 50 000 €, and LNbits cuts off what is
    # below a sat.
    sale = shop.buy(event, code="THIRD").raise_for_status().json()
    assert shop.ledger.check(event)[f"code/event:{event}:THIRD/spend/EUR"] == 417
    assert shop.sats(sale) == 16_680
    shop.pay(sale)
    shop.state(sale, "paid")
    # 900 − 417 = 483 cents of the budget suffice for one more ticket; the 66 that are left then suffice for none.
    assert shop.buy(event, "bob@example.org", "THIRD").status_code == 200
    assert shop.buy(event, "cem@example.org", "THIRD").json() == USED_UP
    assert shop.sats(shop.buy(shop.event(currency="sats"), code=None).json()) == 21


def test_an_order_without_an_invoice_holds_nothing(shop: Shop) -> None:
    # LNbits makes no invoice above 10 000 000 sat.
    event = shop.event(price=30_000_000, codes=({**HALF, "max_uses": 1},))
    answer = shop.buy(event, code="HALF")
    assert (answer.status_code, "too high" in answer.text) == (520, True)
    [redemption] = shop.ledger.redemptions(event)
    assert (redemption["state"], redemption["tickets"][0]["released"]["reason"]) == ("released", "payment_failed")
    assert shop.ledger.check(event) == {}


def test_a_payment_that_lnbits_did_not_report_is_found(shop: Shop) -> None:
    event = shop.event(price=20, codes=({**HALF, "max_uses": 1},))
    sale = shop.buy(event, code="HALF").raise_for_status().json()
    shop.miss(sale)
    assert shop.ticket(sale["payment_hash"])["paid"]
    assert shop.ledger.redemptions(event)[0]["state"] == "confirmed"
