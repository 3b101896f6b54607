"""Waves, seats and the three ways to pay, in a real LNbits: what the original extension does around a sale."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from server import Outside
from shop import Shop

HALF = {"code": "HALF", "discount_percent": 50, "max_uses": 4}
EARLY = {"id": "early", "title": "Early", "price_per_ticket": 20, "amount_tickets": 3}
EURO = {"id": "euro", "currency": "EUR", "price_per_ticket": 10, "amount_tickets": 5, "allow_fiat": True}
SOLD_OUT = {"detail": "Event is sold out."}


def buyers(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"email": f"buyer{number}@example.org", **more} for number in range(count)]


def test_a_stampede_takes_exactly_the_seats_there_are(shop: Shop) -> None:
    event = shop.event(waves=(EARLY, EURO))
    waves = ["early", "euro"] * 30
    answers = shop.stampede(
        event, [{**buyer, "ticket_wave_id": wave} for buyer, wave in zip(buyers(60), waves, strict=True)]
    )
    sold = Counter((answer.status_code, wave) for answer, wave in zip(answers, waves, strict=True))
    assert sold == {(200, "early"): 3, (410, "early"): 27, (200, "euro"): 5, (410, "euro"): 25}
    assert all(answer.json() == SOLD_OUT for answer in answers if answer.status_code == 410)
    sales = [(answer.json(), wave) for answer, wave in zip(answers, waves, strict=True) if answer.status_code == 200]
    # A bitcoin costs 50 000 €, so 10 € are 20 000 sat.
    assert {(wave, shop.sats(sale)) for sale, wave in sales} == {("early", 20), ("euro", 20_000)}
    assert shop.clients[0].get(f"/events/api/v1/events/{event}").status_code == 410
    # A hold that lapses gives its seat back, and a late payment for it goes back once somebody has the seat.
    first = next(sale for sale, wave in sales if wave == "early")
    shop.lapse(first)
    [left] = [
        wave["left"]
        for wave in shop.clients[0].get(f"/events/api/v1/events/{event}").json()["extra"]["ticket_waves"]
        if wave["id"] == "early"
    ]
    assert left == 1
    shop.buy(event, "late@example.org", ticket_wave_id="early").raise_for_status()
    shop.pay(first)
    shop.refunds(event, [first["payment_hash"]])
    shop.state(first, "released")


def test_who_saves_an_event_reads_what_is_left(shop: Shop) -> None:
    event = shop.event(waves=(EARLY,))
    shop.buy(event).raise_for_status()
    # The page sends the number that it has read before.
    waves = [{**EARLY, "amount_tickets": 7, "left": 2}]
    extra = {"ticket_waves": waves}
    body = {"wallet": shop.wallets.organiser["id"], "name": "Gala", "price_per_ticket": 20, "extra": extra}
    saved = shop.organiser("PUT", f"events/{event}", body).raise_for_status().json()
    assert [wave["left"] for wave in saved["extra"]["ticket_waves"]] == [6]
    made = shop.create_event(body).raise_for_status().json()
    assert [wave["left"] for wave in made["extra"]["ticket_waves"]] == [7]


def test_late_payments_and_new_buyers_share_the_seats(shop: Shop) -> None:
    event = shop.event(waves=({**EARLY, "amount_tickets": 6},))
    late = [answer.raise_for_status().json() for answer in shop.stampede(event, buyers(6))]
    for sale in late:
        shop.lapse(sale)
    with ThreadPoolExecutor(7) as threads:
        payments = [threads.submit(shop.pay, sale) for sale in late]
        answers = threads.submit(shop.stampede, event, buyers(8))
        for payment in payments:
            payment.result()
    shop.settle()
    sold = [answer.json()["payment_hash"] for answer in answers.result() if answer.status_code == 200]
    back = shop.refunded(event)
    assert set(back) <= {sale["payment_hash"] for sale in late}
    assert len(sold) + len(late) - len(back) == 6
    # The page of the event sweeps, and says that it is sold out.
    assert shop.organiser("GET", f"events/{event}").status_code == 410
    for sale in late:
        shop.state(sale, "released" if sale["payment_hash"] in back else "paid")


def test_seats_and_uses_hold_at_once(shop: Shop) -> None:
    event = shop.event(waves=({**EARLY, "amount_tickets": 6},), codes=(HALF,))
    answers = shop.stampede(event, [*buyers(30, promo_code="HALF"), *buyers(30)])
    assert Counter(answer.status_code for answer in answers)[200] == 6
    halves = [answer.json() for answer in answers[:30] if answer.status_code == 200]
    assert len(halves) == shop.ledger.check(event).get(f"code/event:{event}:HALF/uses", 0) <= 4
    refused = {answer.status_code for answer in answers} - {200}
    assert refused <= {409, 410}


def test_a_code_is_for_the_waves_that_it_names(shop: Shop) -> None:
    event = shop.event(waves=(EARLY, EURO), codes=({**HALF, "ticket_types": ["early"]},))
    assert shop.sats(shop.buy(event, code="HALF", ticket_wave_id="early").json()) == 10
    answer = shop.buy(event, code="HALF", ticket_wave_id="euro")
    assert (answer.status_code, answer.json()) == (409, {"detail": "This code does not apply to this order."})
    assert shop.buy(event, ticket_wave_id="other").status_code == 400


def test_fiat(shop: Shop) -> None:
    event = shop.event(waves=(EARLY, EURO), codes=(HALF,))
    more = {"ticket_wave_id": "euro", "payment_method": "fiat"}
    sale = shop.buy(event, code="HALF", **more).raise_for_status().json()
    [charge] = [
        charge
        for charge in Outside.charges.values()
        if charge.get("metadata", {}).get("payment_hash") == sale["payment_hash"]
    ]
    # 10 € less 50 %, in cents.
    assert (charge["amount_total"], charge["currency"], sale["payment_request"]) == (500, "eur", charge["url"])
    # The charge lives a day, and the hold two minutes longer.
    record = shop.record(sale)
    assert 86_400_000 < record["expires_at_ms"] - record["created_at_ms"] <= 86_520_000
    shop.state(sale, "held")
    for _ in range(2):
        shop.pay_fiat(sale)
        shop.state(sale, "paid")
    shop.was_sent(event, [("ticket", sale["payment_hash"])])
    assert shop.buy(event, ticket_wave_id="early", payment_method="fiat").status_code == 400


def test_onchain(shop: Shop) -> None:
    event = shop.event(waves=(EARLY, EURO), codes=(HALF,))
    more = {"ticket_wave_id": "euro", "payment_method": "onchain"}
    sale = shop.buy(event, code="HALF", **more).raise_for_status().json()
    charge = Outside.charges[sale["satspay_charge_url"].rpartition("/")[2]]
    # 5 € are 10 000 sat; the charge lives 1440 minutes, or a minute less if the second has changed.
    assert (sale["onchain_amount_sat"], charge["amount"], sale["payment_request"]) == (10_000, 10_000, None)
    assert charge["time"] in (1439, 1440)
    webhook = f"/events/api/v1/tickets/{sale['payment_hash']}/satspay-webhook"
    # Anybody may call the webhook, but the charge is not paid yet.
    assert shop.clients[0].post(webhook).status_code == 200
    shop.state(sale, "held")
    for _ in range(2):
        shop.pay_charge(sale)
        shop.state(sale, "paid")
    shop.was_sent(event, [("ticket", sale["payment_hash"])])
    # The organiser has seen a payment in his own wallet.
    other = shop.buy(event, "bob@example.org", **more).raise_for_status().json()
    path = f"tickets/{other['payment_hash']}/onchain-confirm"
    assert shop.clients[0].put(f"/events/api/v1/{path}").status_code == 401
    assert shop.organiser("PUT", path).json()["paid"]
    shop.state(other, "paid")
    lightning = shop.buy(event, "cem@example.org", ticket_wave_id="euro").raise_for_status().json()
    assert shop.organiser("PUT", f"tickets/{lightning['payment_hash']}/onchain-confirm").status_code == 400
    shop.state(lightning, "held")


def test_a_charge_that_is_paid_too_late_goes_back(shop: Shop) -> None:
    event = shop.event(price=20, codes=({**HALF, "max_uses": 1},))
    first = shop.buy(event, code="HALF", payment_method="onchain").raise_for_status().json()
    shop.lapse(first)
    second = shop.buy(event, "bob@example.org", "HALF").raise_for_status().json()
    shop.pay_charge(first)
    shop.refunds(event, [first["payment_hash"]])
    shop.pay(second)
    shop.state(second, "paid")
    shop.state(first, "released")
    shop.was_sent(event, [("ticket", second["payment_hash"])])


def test_a_charge_that_cannot_be_made_holds_nothing(shop: Shop) -> None:
    event = shop.event(price=20, codes=({**HALF, "max_uses": 1},), allow_fiat=True)
    # Nobody has this provider.
    answer = shop.buy(event, code="HALF", payment_method="fiat", fiat_provider="nobody")
    assert answer.status_code == 400
    shop.servers[0].faults()  # LNbits writes a traceback for the answer
    assert shop.ledger.check(event) == {}
    assert shop.buy(event, code="HALF").status_code == 200


def test_a_row_that_is_written_again_loses_no_sale(shop: Shop) -> None:
    event = shop.event(waves=({**EARLY, "amount_tickets": 8},))
    body = {
        "wallet": shop.wallets.organiser["id"],
        "name": "Ball",
        "price_per_ticket": 20,
        "extra": {"ticket_waves": [{**EARLY, "amount_tickets": 8}]},
    }
    with ThreadPoolExecutor() as threads:
        answers = threads.submit(shop.stampede, event, buyers(40))
        puts = [threads.submit(shop.organiser, "PUT", f"events/{event}", body) for _ in range(10)]
        assert {put.result().status_code for put in puts} == {200}
    sales = [answer.json() for answer in answers.result() if answer.status_code == 200]
    assert len(sales) == 8
    for sale in sales:
        shop.pay(sale)
    for sale in sales:
        shop.state(sale, "paid")
    saved = shop.organiser("PUT", f"events/{event}", body).json()
    [wave] = saved["extra"]["ticket_waves"]
    assert (saved["sold"], wave["amount_tickets"]) == (8, 8)
    # Two more seats are two more.
    body["extra"]["ticket_waves"] = [{**EARLY, "amount_tickets": 10}]
    shop.organiser("PUT", f"events/{event}", body).raise_for_status()
    answers_now = shop.stampede(event, buyers(10))
    assert Counter(answer.status_code for answer in answers_now) == {200: 2, 410: 8}


def test_the_rows_of_tickets_that_nobody_can_pay_are_purged(shop: Shop) -> None:
    event = shop.event(price=20)
    sale = shop.buy(event).raise_for_status().json()
    kept = shop.buy(event, "bob@example.org").raise_for_status().json()
    shop.lapse(sale)
    shop.sweep(event)
    assert not shop.ticket(sale["payment_hash"])["paid"]
    shop.age(sale)
    shop.sweep(event)
    assert shop.organiser("GET", f"events/{event}/tickets").json()[0]["id"] == kept["payment_hash"]
    # Somebody had paid all the same.
    shop.pay(sale)
    shop.refunds(event, [sale["payment_hash"]])


def test_an_event_that_sells_too_few_is_cancelled(shop: Shop) -> None:
    conditional = {"conditional": True, "min_tickets": 2}
    event = shop.event(price=20, extra=conditional)
    address = shop.address(f"conditional-{event}")
    sale = shop.buy(event, refund_address=address).raise_for_status().json()
    shop.pay(sale)
    shop.state(sale, "paid")
    shop.sweep(event)
    shop.change_event(event, price_per_ticket=20, closing_date="2020-01-01", extra=conditional)
    for _ in range(2):
        answer = shop.clients[0].get(f"/events/api/v1/events/{event}")
        assert (answer.status_code, answer.json()) == (410, {"detail": "Event is canceled."})
    shop.state(sale, "released")
    shop.was_sent(event, [("ticket", sale["payment_hash"])])
    assert shop.paid_back(f"conditional-{event}") == [20]


def test_an_event_that_had_enough_buyers_is_not_cancelled_later(shop: Shop) -> None:
    conditional = {"conditional": True, "min_tickets": 2}
    event = shop.event(price=20, extra=conditional)
    sales = [answer.raise_for_status().json() for answer in shop.stampede(event, buyers(2))]
    for sale in sales:
        shop.pay(sale)
        shop.state(sale, "paid")
    shop.organiser("DELETE", f"tickets/{sales[0]['payment_hash']}").raise_for_status()
    shop.change_event(event, price_per_ticket=20, closing_date="2020-01-01", extra=conditional)
    answer = shop.clients[0].get(f"/events/api/v1/events/{event}")
    assert (answer.status_code, answer.json()) == (410, {"detail": "No ticket wave is currently open."})
    shop.state(sales[1], "paid")


def test_what_goes_back_is_sent_once_and_again_only_if_it_failed(shop: Shop) -> None:
    event = shop.event(price=20)
    sales = []
    for buyer in (f"ann-{event}", f"bob-{event}", "nowhere", None):
        address = shop.address(buyer) if buyer else None
        sale = shop.buy(event, f"x{len(sales)}@example.org", refund_address=address).raise_for_status().json()
        shop.pay(sale)
        shop.state(sale, "paid")
        sales.append(sale["payment_hash"])
    with ThreadPoolExecutor() as threads:
        cancels = [threads.submit(shop.organiser, "PUT", f"events/{event}/cancel") for _ in range(4)]
        assert {cancel.result().status_code for cancel in cancels} == {200}
    refunds = shop.organiser("GET", f"events/{event}/refunds").json()
    done = {refund["ticket_id"]: refund["done"] for refund in refunds}
    assert [done[sale] for sale in sales] == [True, True, False, False]
    assert [shop.paid_back(buyer) for buyer in (f"ann-{event}", f"bob-{event}", "nowhere")] == [[20], [20], []]


def test_check_in_and_mail_do_not_pay_a_ticket_again(shop: Shop) -> None:
    event = shop.event(price=20)
    sale = shop.buy(event, refund_address="ann@example.org").raise_for_status().json()
    ticket = sale["payment_hash"]
    assert shop.clients[0].put(f"/events/api/v1/tickets/register/{ticket}").status_code == 403
    assert shop.organiser("POST", f"tickets/{ticket}/resend-email").status_code == 403
    shop.pay(sale)
    shop.state(sale, "paid")
    assert shop.organiser("POST", f"tickets/{ticket}/resend-email").status_code == 200
    assert shop.clients[-1].put(f"/events/api/v1/tickets/register/{ticket}").json()["registered"]
    assert shop.clients[0].put(f"/events/api/v1/tickets/register/{ticket}").status_code == 403
    shop.state(sale, "paid")
    assert shop.organiser("DELETE", f"tickets/{ticket}").json() == {"refundable": 20}
    assert shop.clients[0].put(f"/events/api/v1/tickets/register/{ticket}").status_code == 403
    shop.state(sale, "released")


def test_an_invoice_from_before_the_desk_is_paid_as_it_was(shop: Shop) -> None:
    event = shop.event(price=20)
    wallet = shop.wallets.organiser["id"]
    old = shop.invoice("organiser", 20, {"tag": "events"})
    ticket = old["payment_hash"]
    shop.ledger.write(
        f"""
        INSERT INTO {shop.ledger.schema}ticket (id, wallet, event, name, email, registered, paid)
        VALUES ('{ticket}', '{wallet}', '{event}', 'Ann', 'a@example.org', FALSE, FALSE)
        """
    )
    assert not shop.ticket(ticket)["paid"]
    shop.pay(old)
    shop.was_sent(event, [("ticket", ticket)])
    assert shop.ticket(ticket)["paid"]
    # It is deleted as before, because the desk has nothing to take back.
    assert shop.organiser("DELETE", f"tickets/{ticket}").json() == {"refundable": None}
    assert shop.clients[0].get(f"/events/api/v1/tickets/{ticket}").status_code == 404


def test_the_rows_of_an_event_that_is_deleted_stay_while_somebody_may_pay(shop: Shop) -> None:
    event = shop.event(price=20)
    sale = shop.buy(event).raise_for_status().json()
    shop.organiser("DELETE", f"events/{event}").raise_for_status()
    assert shop.clients[0].get(f"/events/api/v1/events/{event}").status_code == 404
    shop.pay(sale)
    shop.settle()
    [(ticket, _, state, _, outcome, owed, _, paid)] = shop.tickets(event)
    assert (ticket, state, outcome, owed, bool(paid)) == (sale["payment_hash"], "released", "returned", 20, False)
