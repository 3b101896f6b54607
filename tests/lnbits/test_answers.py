"""What buyers, organisers and strangers are told, in a real LNbits."""

import pytest
from shop import Shop

HALF = {"code": "HALF", "discount_percent": 50, "max_uses": 4}


def test_a_preview_prices_and_counts_nothing(shop: Shop) -> None:
    event = shop.event(price=21, codes=({**HALF, "max_uses": 1},))
    for _ in range(3):
        price = shop.preview(event, code="half").raise_for_status().json()
        assert price == {"price": 11, "full_price": 21, "currency": "sat", "code": "HALF"}
    assert shop.preview(event, code="nope").json() == {"detail": "This code is not accepted."}
    assert shop.ledger.redemptions(event) == []


@pytest.mark.parametrize(
    ("language", "told"),
    [("de-DE,de;q=0.9", "Dieser Code wird nicht angenommen."), ("es", "Este código no se acepta.")],
)
def test_a_refusal_is_in_the_buyers_language(shop: Shop, language: str, told: str) -> None:
    answer = shop.buy_in(language, shop.event(), promo_code="nope")
    assert (answer.status_code, answer.json()) == (409, {"detail": told})


def test_a_buyer_learns_nothing_from_mistakes(shop: Shop) -> None:
    event = shop.event(codes=(HALF,))
    assert shop.buy(event, nostr_identifier="npub1nonsense").status_code == 400
    raw = '{"name": "Ann", "email": "ann@example.org", "promo_code": "\\ud800"}'
    answer = shop.clients[0].post(f"/events/api/v1/tickets/{event}", content=raw)
    assert (answer.status_code, answer.json()) == (400, {"detail": "This order cannot be sold."})


def test_codes_stay_with_the_organiser(shop: Shop) -> None:
    event = shop.event(codes=({**HALF, "description": "for the <b>crew</b>", "max_uses": 2},))
    public = shop.clients[0].get(f"/events/api/v1/events/{event}")
    assert public.status_code == 200 and "HALF" not in public.text and "promo" not in public.text


def test_public_answers_have_no_secrets(shop: Shop) -> None:
    secret = {"code": "SECRET", "discount_percent": 50, "max_uses": 5, "only_for": {"email": ["@example.org"]}}
    event = shop.event(
        price=20, codes=(HALF, secret), policy={"max_tickets_per_identity": 7}, extra={"onchain_wallet_id": "my-wallet"}
    )
    sale = shop.buy(event, code="HALF", refund_address="ann@ln.example").raise_for_status().json()
    shop.pay(sale)
    shop.state(sale, "paid")
    ticket = sale["payment_hash"]
    answers = [
        shop.clients[0].get(f"/events/api/v1/events/{event}"),
        shop.clients[0].get(f"/events/api/v1/tickets/{ticket}"),
        shop.clients[0].put(f"/events/api/v1/tickets/register/{ticket}"),
        shop.preview(event, code="nope"),
        shop.buy(event, "bob@example.org", "nope"),
        shop.buy(event, "bob@elsewhere.example", "SECRET"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 409, 409, 409]
    wallet = shop.wallets.organiser
    for answer in answers:
        for word in ("HALF", "SECRET", "promo", "max_tickets", "my-wallet", "@", wallet["id"], wallet["inkey"]):
            assert word not in answer.text
    for path in ("report", "refunds", "tickets"):
        assert shop.clients[0].get(f"/events/api/v1/events/{event}/{path}").status_code == 401


def test_a_mistake_in_a_code_is_named_when_the_event_is_saved(shop: Shop) -> None:
    body = {
        "wallet": shop.wallets.organiser["id"],
        "name": "Gala",
        "price_per_ticket": 21,
        "extra": {"promo_codes": [{**HALF, "max_usse": 5}]},
    }
    answer = shop.create_event(body)
    assert answer.status_code == 400 and "promo_codes[0].max_usse" in answer.text
    answer = shop.create_event({**body, "currency": "BTC", "extra": {}})
    assert answer.status_code == 400 and "ticket_waves[0].currency" in answer.text


def test_the_organiser_sees_findings_and_the_report(shop: Shop) -> None:
    event = shop.event(waves=({"id": "early", "price_per_ticket": 20, "amount_tickets": 3},), codes=(HALF,))
    sale = shop.buy(event, code="HALF").raise_for_status().json()
    shop.pay(sale)
    shop.state(sale, "paid")
    assert shop.organiser("GET", f"events/{event}/report").json() == {
        "waves": {"early": {"sold": 1, "held": 0, "taken_back": 0, "seats": 3, "income": {"sat": 10}}},
        "codes": {"HALF": {"sold": 1, "held": 0, "taken_back": 0, "discount": {"sat": 10}, "income": {"sat": 10}}},
        "refunds": [],
        "uses": {"HALF": {"used": 1, "limit": 4}},
    }
    body = {"wallet": shop.wallets.organiser["id"], "name": "Gala", "price_per_ticket": 0.5}
    body["extra"] = {"promo_codes": [HALF, {**HALF, "code": "half"}, {"code": " ", "discount_percent": 5}]}
    findings = shop.organiser("POST", "events/check", body).json()
    assert [finding["path"] for finding in findings] == [
        "promo_codes[1].code",
        "promo_codes[2].code",
        "ticket_waves[0].price_per_ticket",
    ]
    # They do not stop the event, and not its sales.
    saved = shop.create_event(body).raise_for_status().json()["id"]
    assert shop.sats(shop.buy(saved).json()) == 1
