"""Payments in a real LNbits: forged ones, late and repeated ones, and when invoices expire."""

import json
import time
from typing import Any

import pytest
from shop import Shop

HALF = {"code": "HALF", "discount_percent": 50, "max_uses": 1}
ORDER = "5b0e5f0e-8a52-4d5e-9d2c-1d6f6a0f3a11"


def forged(shop: Shop, sale: dict[str, Any], total: int = 1000) -> dict[str, Any]:
    """Notes that name the order and the ticket: code that trusted them could be deceived."""
    ticket = sale["payment_hash"]
    return {
        "tag": "events",
        "order_id": shop.order(ticket),
        "ticket_id": ticket,
        "payment_hash": ticket,
        "total": total,
        "currency": "sat",
    }


def nothing_was_paid(shop: Shop, event: str, sale: dict[str, Any]) -> None:
    """Checks that the ticket is not paid, once LNbits has reported all earlier payments: it reports them in order."""
    other = shop.event(price=1)
    last = shop.buy(other, "last@example.org").raise_for_status().json()
    shop.pay(last)
    shop.state(last, "paid")
    assert not shop.ticket(sale["payment_hash"])["paid"]
    shop.state(sale, "held")
    [record] = shop.ledger.redemptions(event)
    assert (record["state"], record.get("payments"), shop.refunded(event)) == ("held", None, [])
    assert shop.sent(event) == []


@pytest.mark.parametrize("payee", ["payer", "organiser"])
def test_a_sat_that_names_the_order_buys_nothing(shop: Shop, payee: str) -> None:
    # The attacker pays to a wallet of his own; then to the selling wallet, with an invoice of another extension.
    event = shop.event(price=1000)
    sale = shop.buy(event).raise_for_status().json()
    shop.pay(shop.invoice(payee, 1, forged(shop, sale)))
    nothing_was_paid(shop, event, sale)


def test_a_total_that_the_payment_names_itself_changes_nothing(shop: Shop) -> None:
    event = shop.event(price=1000)
    sale = shop.buy(event).raise_for_status().json()
    shop.tell(sale, forged(shop, sale, 1))
    shop.pay(sale)
    shop.state(sale, "paid")
    [record] = shop.ledger.redemptions(event)
    [payment] = record["payments"]
    assert (payment["id"], payment["total"], payment["outcome"]) == (sale["payment_hash"], 1000, "kept")


def test_a_payment_by_the_selling_wallet_itself_buys_nothing(shop: Shop) -> None:
    event = shop.event(price=1000)
    sale = shop.buy(event).raise_for_status().json()
    shop.pay(shop.invoice("organiser", 2, {}))  # so that the selling wallet has money
    shop.pay(shop.invoice("payer", 1, {}), "organiser", forged(shop, sale))
    nothing_was_paid(shop, event, sale)


def test_a_payment_for_one_order_does_not_pay_another(shop: Shop) -> None:
    dear, cheap = shop.event(price=1000), shop.event(price=1)
    wanted = shop.buy(dear).raise_for_status().json()
    sale = shop.buy(cheap).raise_for_status().json()
    shop.tell(sale, forged(shop, wanted))
    shop.pay(sale)
    shop.state(sale, "paid")
    nothing_was_paid(shop, dear, wanted)


def test_asking_for_a_ticket_finds_only_payments_to_the_selling_wallet(shop: Shop) -> None:
    # LNbits writes fees and hold invoices into other wallets, with the hash of the payment to which they belong.
    event = shop.event(price=1000)
    sale = shop.buy(event).raise_for_status().json()
    shop.ledger.write_core(f"""
        INSERT INTO apipayments
            (checking_id, payment_hash, wallet_id, amount, fee, bolt11, status, extra, time, created_at, updated_at)
        SELECT 'service_fee_{event}', payment_hash, '{shop.wallets.payer["id"]}', 1000, 0, bolt11, 'success',
            '{json.dumps(forged(shop, sale))}', time, created_at, updated_at
        FROM apipayments WHERE payment_hash = '{sale["payment_hash"]}'
    """)
    nothing_was_paid(shop, event, sale)
    # The payment to the selling wallet is found, although the other one has the same hash.
    shop.miss(sale)
    assert shop.ticket(sale["payment_hash"])["paid"]


def test_a_payment_to_another_wallet_with_the_same_hash_buys_nothing(shop: Shop) -> None:
    event = shop.event(price=1000)
    sale = shop.buy(event).raise_for_status().json()
    shop.move(sale, "payer")
    shop.pay(sale)
    nothing_was_paid(shop, event, sale)


def test_lnbits_makes_no_second_invoice_for_a_hash(shop: Shop) -> None:
    event = shop.event(price=1000)
    sale = shop.buy(event).raise_for_status().json()
    answer = shop.ask_invoice("payer", 1, forged(shop, sale), payment_hash=sale["payment_hash"])
    assert (answer.status_code, "not supported" in answer.text) == (520, True)


def test_a_late_payment_that_went_back_does_not_confirm_when_it_is_found_again(shop: Shop) -> None:
    event = shop.event(price=20, codes=(HALF,))
    first = shop.buy(event, "ann@example.org", "HALF").raise_for_status().json()
    shop.lapse(first)
    second = shop.buy(event, "bob@example.org", "HALF").raise_for_status().json()
    shop.pay(first)
    shop.refunds(event, [first["payment_hash"]])
    # The use is free again, and the buyer may ask for the ticket again.
    shop.lapse(second)
    shop.sweep(event)
    for _ in range(2):
        assert not shop.ticket(first["payment_hash"])["paid"]
        shop.state(first, "released")
    assert shop.refunded(event) == [first["payment_hash"]]
    assert shop.ledger.check(event) == {}

    # Another order of the same buyer needs a payment of its own.
    again = shop.buy(event, "ann@example.org", "HALF").raise_for_status().json()
    shop.pay(again)
    shop.state(again, "paid")
    assert shop.refunded(event) == [first["payment_hash"]]


def test_an_order_whose_payment_went_back_gets_an_invoice_that_can_be_paid(shop: Shop) -> None:
    event = shop.event(price=20, codes=(HALF,))
    first = shop.buy(event, "ann@example.org", "HALF", order_id=ORDER).raise_for_status().json()
    shop.lapse(first)
    second = shop.buy(event, "bob@example.org", "HALF").raise_for_status().json()
    shop.pay(first)
    shop.refunds(event, [first["payment_hash"]])
    shop.lapse(second)
    again = shop.buy(event, "ann@example.org", "HALF", order_id=ORDER).raise_for_status().json()
    assert again["payment_hash"] != first["payment_hash"]
    assert shop.order(again["payment_hash"]) == shop.order(first["payment_hash"])
    shop.ticket(first["payment_hash"])
    shop.state(first, "stale")
    shop.state(again, "held")
    shop.pay(again)
    shop.state(again, "paid")
    assert shop.refunded(event) == [first["payment_hash"]]


def test_a_payment_for_an_order_that_was_changed_goes_back_for_good(shop: Shop) -> None:
    event = shop.event(price=20, codes=(HALF,))
    sale = shop.buy(event, order_id=ORDER).raise_for_status().json()
    shop.buy(event, code="HALF", order_id=ORDER).raise_for_status()
    shop.pay(sale)
    shop.refunds(event, [sale["payment_hash"]])
    # The order is what it was before, and the payment is looked at once more.
    again = shop.buy(event, order_id=ORDER).raise_for_status().json()
    shop.ticket(sale["payment_hash"])
    shop.state(sale, "stale")
    shop.state(again, "held")
    assert shop.refunded(event) == [sale["payment_hash"]]


def test_a_payment_for_an_order_that_became_free_goes_back(shop: Shop) -> None:
    event = shop.event(price=20, codes=({"code": "CREW", "discount_percent": 100, "max_uses": 1},))
    sale = shop.buy(event, order_id=ORDER).raise_for_status().json()
    free = shop.buy(event, code="CREW", order_id=ORDER).raise_for_status().json()
    shop.pay(sale)
    shop.refunds(event, [sale["payment_hash"]])
    shop.state(sale, "stale")
    shop.state(free, "paid")
    [payment] = shop.record(free)["payments"]
    assert (payment["id"], payment["outcome"]) == (sale["payment_hash"], "returned")


def test_a_payment_is_in_the_currency_of_its_invoice(shop: Shop) -> None:
    event = shop.event(price=20)
    sats = shop.buy(event, order_id=ORDER).raise_for_status().json()
    shop.change_event(event, currency="EUR", price_per_ticket=0.2)
    # The ticket now costs 20 cents, which are 400 sat. The payment was 20 sat: the same number in another currency.
    cents = shop.buy(event, order_id=ORDER).raise_for_status().json()
    assert (shop.sats(sats), shop.sats(cents)) == (20, 400)
    shop.pay(sats)
    shop.refunds(event, [sats["payment_hash"]])
    shop.pay(cents)
    shop.state(cents, "paid")
    assert shop.refunded(event) == [sats["payment_hash"]]


def test_a_payment_goes_back_once_after_its_release(shop: Shop) -> None:
    event = shop.event(price=20)
    sale = shop.buy(event).raise_for_status().json()
    shop.pay(sale)
    shop.state(sale, "paid")
    # The organiser asks again, because an answer was lost.
    for _ in range(3):
        answer = shop.organiser("DELETE", f"tickets/{sale['payment_hash']}")
        assert (answer.status_code, answer.json()) == (200, {"refundable": 20})
    for _ in range(2):
        shop.ticket(sale["payment_hash"])
        shop.state(sale, "released")
    assert shop.refunded(event) == [sale["payment_hash"]]
    [record] = shop.ledger.redemptions(event)
    assert [payment["outcome"] for payment in record["payments"]] == ["kept"]


def test_a_hold_that_was_released_by_an_id_and_is_sold_again_can_be_released_when_it_is_paid(shop: Shop) -> None:
    event = shop.event(price=20)
    sale = shop.buy(event, order_id=ORDER).raise_for_status().json()
    assert shop.organiser("DELETE", f"tickets/{sale['payment_hash']}").json() == {"refundable": 0}
    again = shop.buy(event, order_id=ORDER).raise_for_status().json()
    shop.pay(again)
    shop.state(again, "paid")
    assert shop.organiser("PUT", f"events/{event}/cancel").status_code == 200
    shop.state(again, "released")
    assert shop.refunded(event) == [again["payment_hash"]]


def test_a_payment_for_an_order_without_a_record_goes_back_once(shop: Shop) -> None:
    event = shop.event(price=20)
    sale = shop.buy(event, order_id=ORDER).raise_for_status().json()
    shop.ledger.write(f"DELETE FROM {shop.ledger.schema}redeemable_redemptions WHERE id = '{event}.{ORDER}'")
    shop.pay(sale)
    shop.refunds(event, [sale["payment_hash"]])
    shop.ticket(sale["payment_hash"])
    assert shop.refunded(event) == [sale["payment_hash"]]
    # The order is placed again. It is not paid, and can be paid.
    again = shop.buy(event, order_id=ORDER).raise_for_status().json()
    assert (shop.order(again["payment_hash"]), again["paid"]) == (shop.order(sale["payment_hash"]), False)
    assert again["payment_hash"] != sale["payment_hash"] and not shop.ticket(sale["payment_hash"])["paid"]
    shop.pay(again)
    shop.state(again, "paid")
    assert shop.refunded(event) == [sale["payment_hash"]]


def test_a_payment_for_an_order_that_was_changed_is_found_when_lnbits_did_not_report_it(shop: Shop) -> None:
    event = shop.event(price=20, codes=(HALF,))
    sale = shop.buy(event, order_id=ORDER).raise_for_status().json()
    amended = shop.buy(event, code="HALF", order_id=ORDER).raise_for_status().json()
    shop.miss(sale)
    assert not shop.ticket(sale["payment_hash"])["paid"]
    assert shop.refunded(event) == [sale["payment_hash"]]
    # A payment for the order as it is now is found, too, when the same order is asked again.
    shop.miss(amended)
    assert shop.buy(event, code="HALF", order_id=ORDER).raise_for_status().json()["paid"]
    assert shop.refunded(event) == [sale["payment_hash"]]


def test_a_late_payment_does_not_bring_a_ticket_of_a_cancelled_event_back(shop: Shop) -> None:
    event = shop.event(price=20)
    sale = shop.buy(event).raise_for_status().json()
    shop.lapse(sale)
    shop.sweep(event)
    shop.state(sale, "released")
    assert shop.organiser("PUT", f"events/{event}/cancel").status_code == 200
    shop.pay(sale)
    shop.refunds(event, [sale["payment_hash"]])
    shop.state(sale, "released")
    assert shop.ledger.check(event) == {}


def test_a_hold_ends_however_often_it_is_asked_for(shop: Shop) -> None:
    event = shop.event(price=20, codes=(HALF,))
    sale = shop.buy(event, code="HALF", order_id=ORDER).raise_for_status().json()
    # The order was first asked for 48 hours less ten minutes ago, and again in every hour since.
    now = int(time.time() * 1000)
    end = now + 600_000
    shop.set_times(sale, created_at_ms=end - 172_800_000, expires_at_ms=now + 60_000)
    shop.expire(sale)
    last = shop.buy(event, code="HALF", order_id=ORDER).raise_for_status().json()
    [record] = shop.ledger.redemptions(event)
    assert (shop.order(last["payment_hash"]), record["expires_at_ms"]) == (record["id"], end)
    assert last["payment_hash"] != sale["payment_hash"]
    # The invoice expires two minutes before the hold, so that a payment under way can arrive; LNbits counts in seconds.
    assert end - 122_000 < shop.expires_at_ms(last) <= end - 120_000 + 1_000
    # Then the hold is over, and the next buyer gets the use.
    shop.set_times(last, created_at_ms=now - 172_800_001, expires_at_ms=now - 1)
    assert shop.buy(event, "bob@example.org", "HALF").status_code == 200


def test_an_invoice_ends_before_its_hold(shop: Shop) -> None:
    for policy, most in [({}, 3_720_000), ({"max_hold_ms": 1_800_000}, 1_800_000), ({"max_hold_ms": 60_000}, 60_000)]:
        event = shop.event(price=20, policy=policy)
        sale = shop.buy(event).raise_for_status().json()
        [record] = shop.ledger.redemptions(event)
        held = record["expires_at_ms"] - record["created_at_ms"]
        assert held <= most and (held == most or not policy)
        ends_before = record["expires_at_ms"] - min(120_000, most // 2) + 1_000  # LNbits counts in seconds
        assert record["created_at_ms"] < shop.expires_at_ms(sale) <= ends_before
