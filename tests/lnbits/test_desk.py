"""The desk sells, and takes payments and tickets back: one event, and a clock that the test moves."""

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from fastapi import HTTPException
from lnbits import db as lnbits_db
from lnbits.db import Database
from redeemable.lnbits import Desk, Paid, identities
from stall import CREW, HOUR, NOW, Stall, TicketRow, Wave, payment

ORDER = "5b0e5f0e-8a52-4d5e-9d2c-1d6f6a0f3a11"


def test_a_sale_says_the_price_as_lnbits_writes_it(stall: Stall) -> None:
    sale = stall.sell("half", wave=Wave("vip", "EUR", 12.51))
    # 1251 cents less 50 % are 625.5, rounded half up.
    assert (sale.price, sale.full_price, sale.currency, sale.total) == (6.26, 12.51, "EUR", 626)
    assert (sale.code, sale.is_free, sale.is_new, sale.paid, sale.ticket_id) == ("HALF", False, True, False, None)
    sale = stall.sell("crew", wave=Wave(currency="sats"))
    assert (sale.price, sale.currency, sale.is_free, sale.paid, sale.expiry) == (0, "sat", True, True, 0)


@pytest.mark.parametrize(
    ("method", "held_ms", "expiry"),
    [("lightning", 3_720_000, 3600), ("fiat", 86_520_000, 86_400), ("onchain", 86_520_000, 86_400)],
)
def test_a_hold_follows_the_method_of_payment(stall: Stall, method: Any, held_ms: int, expiry: int) -> None:
    sale = stall.sell(method=method)
    assert (stall.record(sale)["expires_at_ms"] - NOW, sale.expiry) == (held_ms, expiry)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": -20_000},
        {"status": "pending"},
        {"status": "failed"},
        {"wallet_id": "other"},
        {"payment_hash": "other"},
    ],
)
def test_only_money_that_came_in_counts_whoever_reports_it(stall: Stall, changes: dict[str, Any]) -> None:
    sale = stall.issue(stall.sell(), "hash")
    forged = {"tag": "events", "order_id": sale.order_id, "ticket_id": "hash", "payment_hash": "hash", "total": 20}
    assert stall.pay("hash", **{"extra": forged, **changes}) is None
    assert (stall.record(sale).get("payments"), stall.rows()) == (None, {"hash": False})
    assert stall.pay("hash") == Paid("hash", True, True)
    assert stall.pay("hash") == Paid("hash", True, False)
    [noted] = stall.record(sale)["payments"]
    assert (noted["id"], noted["total"], noted["currency"], noted["outcome"]) == ("hash", 20, "sat", "kept")
    assert stall.rows() == {"hash": True}


def test_a_payment_that_was_not_reported_is_looked_up_in_the_wallet_that_sells(stall: Stall) -> None:
    stall.issue(stall.sell(), "hash")
    assert stall.run(stall.desk.paid("hash")) is None
    stall.payments["hash"] = payment("hash", status="pending")
    assert stall.run(stall.desk.paid("hash")) is None
    stall.payments["hash"] = payment("hash")
    assert stall.run(stall.desk.paid("hash")) == Paid("hash", True, True)
    assert stall.run(stall.desk.paid("unknown")) is None


def test_an_onchain_charge_is_paid_by_its_own_report_alone(stall: Stall) -> None:
    stall.issue(stall.sell(method="onchain"), "charge")
    stall.issue(stall.sell(email="bob@example.org"), "hash")
    # A payment of LNbits under the charge's id, and a charge of that name, are none of its.
    assert stall.pay("charge") is None
    assert stall.run(stall.desk.charge_paid("hash")) is None
    assert stall.run(stall.desk.charge_paid("unknown")) is None
    assert stall.run(stall.desk.charge_paid("charge")) == Paid("charge", True, True)
    assert stall.run(stall.desk.charge_paid("charge")) == Paid("charge", True, False)
    assert stall.rows() == {"charge": True, "hash": False}


def test_the_last_seat_is_sold_once_and_a_late_payment_does_not_take_it(stall: Stall) -> None:
    first = stall.issue(stall.sell(seats=1), "first")
    assert stall.refused(seats=1, email="bob@example.org") == (410, "Event is sold out.")
    # Another wave has its own seats.
    stall.sell(wave=Wave("vip"), seats=1, email="vic@example.org")
    stall.now_ms += 2 * HOUR
    second = stall.issue(stall.sell(seats=1, email="bob@example.org"), "second")
    assert stall.run(stall.desk.taken("gala")) == {"regular": 1}
    assert stall.pay("first") == Paid("first", False, False)
    assert stall.pay("second") == Paid("second", True, True)
    # The answer is final, and the money of the first goes back.
    stall.run(stall.desk.release("second"))
    assert stall.pay("first") == Paid("first", False, False)
    refunds = stall.run(stall.desk.refunds("gala"))
    assert [(refund["ticket_id"], refund["amount"]) for refund in refunds] == [("first", 20), ("second", 20)]
    assert (stall.record(first)["state"], stall.record(second)["state"]) == ("held", "released")
    assert stall.rows() == {"first": False, "second": False}


def test_a_late_payment_takes_a_seat_that_is_free(stall: Stall) -> None:
    stall.issue(stall.sell(seats=1), "first")
    stall.now_ms += 2 * HOUR
    assert stall.run(stall.desk.taken("gala")) == {}
    stall.run(stall.desk.sweep())
    assert stall.pay("first") == Paid("first", True, True)
    assert stall.refused(seats=1, email="bob@example.org") == (410, "Event is sold out.")
    # The organiser adds a seat, and takes it away again: what is sold stays sold.
    stall.issue(stall.sell(seats=2, email="bob@example.org"), "second")
    assert stall.refused(seats=1, email="cem@example.org") == (410, "Event is sold out.")
    assert stall.pay("second") == Paid("second", True, True)
    assert stall.run(stall.desk.taken("gala")) == {"regular": 2}


# On SQLite one transaction writes at a time.
@pytest.mark.parametrize("place", [lnbits_db.POSTGRES], indirect=True)
def test_a_late_payment_and_a_buyer_at_another_process_do_not_share_a_seat(stall: Stall) -> None:
    other = Desk(Database(stall.place.db.name))

    async def at_once(event: str, number: int) -> list[Any]:
        buyer = identities(email="bob@example.org")
        sale = other.sell(event, stall.extra, Wave(), None, buyer, seats=1)
        late = stall.desk.paid(payment(f"late{number}"))
        return await asyncio.gather(*([late, sale] if number % 2 else [sale, late]), return_exceptions=True)

    for number in range(12):
        event = f"gala{number}"
        buyer = identities(email="ann@example.org")
        sale = stall.run(stall.desk.sell(event, stall.extra, Wave(), None, buyer, seats=1))
        stall.issue(sale, f"late{number}")
        stall.now_ms += 2 * HOUR
        stall.run(at_once(event, number))
        assert stall.run(stall.desk.taken(event)) == {"regular": 1}
    stall.run(other.store._db.engine.dispose())


def test_a_comped_seat_that_is_released_gives_use_and_seat_back(stall: Stall) -> None:
    codes = [{**CREW, "max_uses": 1}]
    stall.codes = codes
    sale = stall.sell("crew", seats=1)
    stall.issue(sale, sale.order_id)
    assert (stall.uses("CREW"), stall.rows()) == (1, {sale.order_id: True})
    assert stall.run(stall.desk.release(sale.order_id)) == 0
    assert (stall.uses("CREW"), stall.rows()) == (0, {sale.order_id: False})
    again = stall.sell("crew", seats=1, email="bob@example.org")
    assert (again.is_free, stall.run(stall.desk.refunds("gala"))) == (True, [])


@pytest.mark.parametrize(
    ("reason", "back", "uses"),
    [("organizer_cancelled", 10, 0), ("refunded", 10, 0), ("forfeited", 0, 1), ("no_show", 0, 1)],
)
def test_the_reason_of_a_release_says_what_comes_back(stall: Stall, reason: Any, back: float, uses: int) -> None:
    stall.issue(stall.sell("half"), "hash")
    stall.pay("hash")
    for _ in range(2):
        assert stall.run(stall.desk.release("hash", reason)) == back
        assert stall.uses() == uses
    assert [refund["amount"] for refund in stall.run(stall.desk.refunds("gala"))] == [back] * (back > 0)
    assert stall.rows() == {"hash": False}
    assert stall.run(stall.desk.release("unknown")) is None


def test_what_goes_back_is_paid_once(stall: Stall) -> None:
    stall.issue(stall.sell(), "hash")
    assert stall.run(stall.desk.refunded("hash")) is False
    stall.pay("hash")
    assert stall.run(stall.desk.refunded("hash")) is False
    stall.run(stall.desk.release("hash"))
    told = [stall.run(stall.desk.refunded("hash", done)) for done in (True, True, False, True)]
    assert told == [True, False, True, True]
    assert stall.run(stall.desk.refunds("gala")) == [
        {"ticket_id": "hash", "amount": 20, "currency": "sat", "done": True}
    ]


def test_nothing_is_sold_or_paid_after_a_cancellation(stall: Stall) -> None:
    lapsed = stall.issue(stall.sell(), "lapsed")
    stall.now_ms += 2 * HOUR
    stall.run(stall.desk.sweep())
    stall.issue(stall.sell(email="bob@example.org"), "held")
    stall.issue(stall.sell(email="cem@example.org"), "paid")
    stall.pay("paid")
    for _ in range(2):
        stall.run(stall.desk.cancel("gala"))
    assert stall.refused(email="dora@example.org") == (410, "Event is canceled.")
    for ticket in ("lapsed", "held"):
        assert stall.pay(ticket) == Paid(ticket, False, False)
    assert stall.pay("paid") == Paid("paid", True, False)
    assert [refund["ticket_id"] for refund in stall.run(stall.desk.refunds("gala"))] == ["held", "lapsed", "paid"]
    assert stall.rows() == {"lapsed": False, "held": False, "paid": False}
    assert stall.record(lapsed)["state"] == "released"


def test_of_two_reports_at_once_both_say_the_same(stall: Stall) -> None:
    sale = stall.issue(stall.sell(), "hash")
    [unsettled] = stall.run(stall.desk.store.rows("payment", id="hash"))
    # One report finds no seat. The other one has read the payment before, and finds a seat afterwards.
    assert stall.run(stall.desk.store.change("give_back", id="hash"))
    assert stall.run(stall.desk._arrived(unsettled)) == Paid("hash", False, False)
    assert (stall.record(sale)["state"], stall.rows()) == ("held", {"hash": False})
    # And the other way round.
    stall.issue(stall.sell(email="bob@example.org"), "other")
    [unsettled] = stall.run(stall.desk.store.rows("payment", id="other"))
    assert stall.pay("other") == Paid("other", True, True)
    assert not stall.run(stall.desk.store.change("give_back", id="other"))
    assert stall.run(stall.desk._arrived(unsettled)) == Paid("other", True, False)


def test_a_sale_that_was_cancelled_before_its_invoice_gets_none(stall: Stall) -> None:
    sale = stall.sell()
    stall.run(stall.desk.cancel("gala"))
    with pytest.raises(HTTPException, match="taken back"):
        stall.issue(sale, "hash")
    assert stall.pay("hash") is None


def test_sweep_names_the_tickets_that_nobody_can_pay_any_more(stall: Stall) -> None:
    stall.issue(stall.sell("half"), "hash")
    stall.issue(stall.sell(email="bob@example.org", method="onchain"), "charge")
    paid = stall.issue(stall.sell(email="cem@example.org"), "paid")
    stall.pay("paid")
    stall.now_ms += 2 * HOUR
    assert (stall.run(stall.desk.sweep()), stall.uses()) == ([], 0)
    # One hour for the invoice and a day for a payment on its way.
    stall.now_ms = NOW + 25 * HOUR
    assert stall.run(stall.desk.sweep()) == []
    stall.now_ms += 1
    assert stall.run(stall.desk.sweep()) == ["hash"]
    assert stall.run(stall.desk.sweep()) == []
    # Its row may be gone by now, so a payment goes back.
    assert stall.pay("hash") == Paid("hash", False, False)
    stall.now_ms = NOW + 48 * HOUR + 1
    assert stall.run(stall.desk.sweep()) == ["charge"]
    assert [refund["ticket_id"] for refund in stall.run(stall.desk.refunds("gala"))] == ["hash"]
    assert stall.record(paid)["state"] == "confirmed"


def test_an_order_without_an_invoice_holds_nothing(stall: Stall) -> None:
    @stall.desk.dropped_on_error()
    async def endpoint(code: str, error: BaseException, ticket: str | None = None) -> None:
        sale = await stall.desk.sell("gala", stall.extra, Wave(), code, identities(email="ann@example.org"))
        if ticket:
            await stall.desk.issued(sale, ticket, "shop")
        raise error

    for code, error in [("half", ValueError()), ("crew", HTTPException(400)), ("half", asyncio.CancelledError())]:
        with pytest.raises(type(error)):
            stall.run(endpoint(code, error))
        assert (stall.uses("HALF"), stall.uses("CREW"), stall.run(stall.desk.taken("gala"))) == (0, 0, {})
    # A sale elsewhere is not dropped.
    stall.sell("half")
    with pytest.raises(KeyError):
        stall.run(endpoint("half", KeyError()))
    assert stall.uses() == 1
    # Once it is issued somebody may be paying, whatever fails then.
    with pytest.raises(KeyError):
        stall.run(endpoint("half", KeyError(), "hash"))
    assert stall.uses() == 2


def test_the_row_of_a_ticket_is_written_without_paid(stall: Stall) -> None:
    sale = stall.issue(stall.sell(), "hash")
    old = TicketRow(id="old", event="gala", paid=False)
    table = f"{stall.place.db.schema}.ticket"
    stall.run(stall.place.db.insert(table, old))
    assert [stall.run(stall.desk.has(id)) for id in ("hash", "old", "nobody's")] == [True, False, False]
    stall.pay("hash")
    # Both copies were read before: the desk's says unpaid, and that of before the desk becomes paid now.
    stall.run(stall.desk.update_ticket(TicketRow(id="hash", event="gala", paid=False, name="<b>Ann</b>")))
    stall.run(stall.desk.update_ticket(TicketRow(id="old", event="gala", paid=True)))
    assert stall.rows() == {"hash": True, "old": True}
    [row] = stall.run(stall.place.db.fetchall(f"SELECT name FROM {table} WHERE id = 'hash'"))
    assert row["name"] == "<b>Ann</b>"
    # A ticket that is taken back was sold all the same, and so was one from before the desk.
    assert stall.run(stall.desk.sold("gala")) == 2
    stall.run(stall.desk.release("hash"))
    stall.run(stall.desk.update_ticket(TicketRow(id="hash", event="gala", paid=True)))
    assert (stall.rows(), stall.record(sale)["state"]) == ({"hash": False, "old": True}, "released")
    assert (stall.run(stall.desk.sold("gala")), stall.run(stall.desk.sold("other"))) == (2, 0)


def test_an_event_is_counted_when_it_is_read(stall: Stall) -> None:
    wave = SimpleNamespace(id="regular", amount_tickets=3, left=None)
    vip = SimpleNamespace(id="vip", amount_tickets=2, left=None)
    event = SimpleNamespace(id="gala", amount_tickets=5, sold=0, extra=SimpleNamespace(ticket_waves=[wave, vip]))
    stall.issue(stall.sell(), "paid")
    stall.issue(stall.sell(), "held")
    stall.pay("paid")
    assert stall.run(stall.desk.counted(event)) is event
    assert (wave.left, vip.left, event.amount_tickets, event.sold) == (1, 2, 3, 1)
    # The organiser has fewer seats now, and upstream had sold seven tickets before.
    wave.amount_tickets, event.sold = 1, 7
    stall.run(stall.desk.counted(event))
    assert (wave.left, event.amount_tickets, event.sold) == (0, 2, 7)


def test_a_free_ticket_has_something_that_stands_for_the_payment(stall: Stall) -> None:
    sale = stall.sell("crew", method="onchain")
    free = sale.free_payment("shop")
    assert free is not None
    assert (sale.method, free.sat, free.wallet_id, free.bolt11, len(free.payment_hash)) == ("free", 0, "shop", "", 64)
    assert stall.sell("half").free_payment("shop") is None
    with pytest.raises(ValueError, match="method"):
        stall.sell(method="cash")


def test_the_same_order_again_gets_what_was_made_for_it(stall: Stall) -> None:
    answer = {"payment_request": "lnbc1", "name": "<b>Ann</b> & co", "paid": None}
    sale = stall.issue(stall.sell("half", order_id=ORDER), "hash", answer=answer)
    stall.payments["hash"] = payment("hash", status="pending")
    again = stall.sell("half", order_id=UUID(ORDER))
    assert (again.is_new, again.ticket_id, again.paid, again.order_id) == (False, "hash", False, sale.order_id)
    assert (sale.answer, again.answer) == (None, answer)
    # Who makes a second invoice all the same is not heard.
    with pytest.raises(HTTPException, match="taken back"):
        stall.issue(again, "second")
    # The buyer wants to pay in another way: there is another charge, and the order is the same.
    onchain = stall.sell("half", order_id=ORDER, method="onchain")
    assert (onchain.is_new, onchain.order_id, stall.uses()) == (True, sale.order_id, 1)
    stall.issue(onchain, "charge")
    # Whichever is paid first pays for it, and is the ticket; the other goes back.
    assert stall.pay("hash") == Paid("hash", True, True)
    assert stall.run(stall.desk.charge_paid("charge")) == Paid("charge", False, False)
    assert stall.rows() == {"hash": True, "second": False, "charge": False}
    third = stall.sell("half", order_id=ORDER)
    assert (third.is_new, third.ticket_id, third.paid, third.answer) == (False, "hash", True, answer)
    # The charge is no ticket, and to delete it takes nothing back.
    assert stall.run(stall.desk.release("charge")) == 10
    assert stall.rows()["hash"] and stall.record(sale)["state"] == "confirmed"


def test_an_order_whose_first_seller_stopped_is_made_by_the_next(stall: Stall, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stall.sell("half", order_id=ORDER)

    async def tick(_: float) -> None:
        stall.now_ms += 1000

    monkeypatch.setattr(asyncio, "sleep", tick)
    second = stall.sell("half", order_id=ORDER)
    assert (second.is_new, stall.now_ms) == (True, NOW + 16_000)
    with pytest.raises(HTTPException, match="taken back"):
        stall.issue(first, "first")
    stall.issue(second, "second")
    assert stall.pay("second") == Paid("second", True, True)
    # The same for a free ticket.
    stall.sell("crew", order_id=ORDER[::-1])
    assert stall.sell("crew", order_id=ORDER[::-1]).is_new


@pytest.mark.parametrize("order_id", ["", "short", "5b0e5f0e-8a52.4d5e-9d2c", "5b0e5f0e-8a52 4d5e-9d2c", "x" * 101])
def test_an_order_id_that_can_be_guessed_or_means_another_event_is_refused(stall: Stall, order_id: str) -> None:
    assert stall.refused(order_id=order_id) == (400, "This order cannot be sold.")
