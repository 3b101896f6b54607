"""What the organiser has stored and is told, and what buyers and everybody may read."""

from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import HTTPException
from lnbits.settings import settings
from redeemable.lnbits import identities, public_extra
from stall import CREW, HALF, HOUR, Stall, Wave

UPSTREAM = [
    HALF,
    {"code": " half ", "discount_percent": 10, "max_uses": 1},
    {"code": "", "discount_percent": 10, "active": True},
    {"code": "THIRD", "discount_percent": 33.333333, "max_uses": 9, "description": "<b>for friends</b>"},
]


def test_what_upstream_has_stored_is_told_and_is_sold(stall: Stall) -> None:
    stall.codes = UPSTREAM
    wave = Wave(price_per_ticket=21.7)
    findings = stall.run(stall.desk.check(stall.extra, [Wave(), wave]))
    assert [(finding["path"], finding["severity"]) for finding in findings] == [
        ("promo_codes[1].code", "danger"),
        ("promo_codes[2].code", "warning"),
        ("promo_codes[3].discount_percent", "notice"),
        ("ticket_waves[1].price_per_ticket", "warning"),
    ]
    assert findings[2]["message"] == "33.3333 counts, with four decimals"
    assert findings[3]["message"].endswith("found 21.7; 22 sat count")
    # 21.7 sat are 22; half of it is 11; 66.6667 % of it are 14.67, so 15.
    assert [stall.sell(code, wave=wave).price for code in (None, "half", "third")] == [22, 11, 15]
    assert stall.run(stall.desk.uses("gala", stall.extra)) == {
        "HALF": {"used": 1, "limit": 7},
        "THIRD": {"used": 1, "limit": 9},
    }
    # What has a price is never free, and REAL of PostgreSQL writes 12.49 like this.
    assert stall.sell(wave=Wave(price_per_ticket=0.2)).price == 1
    assert stall.sell(wave=Wave(currency="EUR", price_per_ticket=12.489999771118164)).price == 12.49


def test_a_document_with_a_mistake_takes_its_own_code_down(stall: Stall) -> None:
    stall.codes = [{**HALF, "max_usse": 5}, CREW]
    with pytest.raises(HTTPException) as error:
        stall.run(stall.desk.check(stall.extra, [Wave(currency="BTC")]))
    assert error.value.status_code == 400
    for path in ("promo_codes[0].max_usse", "ticket_waves[0].currency"):
        assert path in error.value.detail
    assert stall.refused(code="half") == (409, "This code is not accepted.")
    assert stall.sell("crew").is_free and not stall.sell().is_free
    # A policy with a mistake stops the event: a cap that does not hold would be worse.
    stall.policy = {"max_tickets": 1}
    assert stall.refused() == (400, "This order cannot be sold.")
    assert stall.refused(wave=Wave(currency="BTC")) == (400, "This order cannot be sold.")


def test_check_also_tells_what_the_engine_finds(stall: Stall) -> None:
    stall.codes = [{"code": "", "discount_percent": 1}, {"code": "ALL", "discount_percent": 100}]
    findings = stall.run(stall.desk.check(stall.extra, [Wave()]))
    assert [finding["path"].split(".")[0] for finding in findings if finding["severity"] == "danger"] == [
        "promo_codes[1]"
    ]


def test_the_report_and_the_uses(stall: Stall) -> None:
    vip = Wave("vip", "EUR", 12.51)
    stall.issue(stall.sell("half", "a@example.org", seats=100), "a")
    stall.issue(stall.sell(None, "b@example.org", seats=100), "b")
    stall.issue(stall.sell("half", "c@example.org", vip), "c")
    free = stall.sell("crew", "d@example.org", seats=100)
    stall.issue(free, free.order_id)
    stall.issue(stall.sell("half", "e@example.org", seats=100), "e")
    for ticket in "ace":
        stall.pay(ticket)
    for ticket in ("e", free.order_id):
        stall.run(stall.desk.release(ticket))
    regular = {"sold": 1, "held": 1, "taken_back": 2, "seats": 100, "income": {"sat": 10}}
    report = {
        "waves": {
            "regular": regular,
            "vip": {"sold": 1, "held": 0, "taken_back": 0, "seats": None, "income": {"EUR": 6.26}},
        },
        "codes": {
            "CREW": {"sold": 0, "held": 0, "taken_back": 1, "discount": {}, "income": {}},
            "HALF": {
                "sold": 2,
                "held": 0,
                "taken_back": 1,
                "discount": {"sat": 10, "EUR": 6.25},
                "income": {"sat": 10, "EUR": 6.26},
            },
        },
        "uses": {"HALF": {"used": 2, "limit": 7}, "CREW": {"used": 0, "limit": 5}},
        "refunds": [{"ticket_id": "e", "amount": 10, "currency": "sat", "done": False}],
    }
    assert stall.run(stall.desk.report("gala", stall.extra)) == report
    assert stall.run(stall.desk.uses("gala", stall.extra)) == report["uses"]
    # A hold that has lapsed is neither held nor sold.
    stall.now_ms += 2 * HOUR
    assert stall.run(stall.desk.report("gala", stall.extra))["waves"]["regular"] == {**regular, "held": 0}


def test_a_preview_tells_nothing_about_real_persons(stall: Stall) -> None:
    stall.codes = [{**HALF, "max_uses_per_identity": 1}]
    stall.policy = {"identity_kinds": ["npub"]}
    price = stall.run(stall.desk.preview("gala", stall.extra, Wave(), "half"))
    assert (price.price, price.full_price, price.currency, price.code) == (10, 20, "sat", "HALF")
    stall.policy = {}
    stall.sell("half")
    assert stall.run(stall.desk.preview("gala", stall.extra, Wave(), "half")).price == 10
    with pytest.raises(HTTPException, match="used up"):
        stall.run(stall.desk.preview("gala", stall.extra, Wave(), "half", identities(email="ann@example.org")))
    assert stall.run(stall.desk.preview("gala", stall.extra, Wave(), None)).code is None


@pytest.mark.parametrize(
    ("language", "not_accepted", "sold_out"),
    [
        (None, "This code is not accepted.", "Event is sold out."),
        ("fr, en;q=0.5", "This code is not accepted.", "Event is sold out."),
        ("de-AT,de;q=0.9,en;q=0.8", "Dieser Code wird nicht angenommen.", "Die Veranstaltung ist ausverkauft."),
        ("es", "Este código no se acepta.", "Las entradas del evento están agotadas."),
    ],
)
def test_a_refusal_is_a_sentence_in_the_buyers_language(
    stall: Stall, language: str | None, not_accepted: str, sold_out: str
) -> None:
    assert stall.refused(language, code="nope") == (409, not_accepted)
    assert stall.refused(language, seats=0) == (410, sold_out)


def test_identities() -> None:
    assert identities("ann@example.org", nip05=" Ann@Example.org ") == {
        "email": "ann@example.org",
        "nip05": "ann@example.org",
    }
    for name in ("ann", "npub1abc", "a b@example.org", "@example.org"):
        with pytest.raises(HTTPException, match="nip05"):
            identities(nip05=name)


def test_a_users_id_is_stored_only_as_a_keyed_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    account: Any = SimpleNamespace(wallet=SimpleNamespace(user="u1"))
    monkeypatch.setattr(settings, "auth_secret_key", "secret")
    # printf 'redeemable account u1' | openssl dgst -sha256 -hmac secret
    hashed = "ba0a612d6391dffd4eabaf18456f1157ed544513c5e07b1a094c1f235c728d33"
    assert identities(account=account) == {"account": hashed}
    monkeypatch.setattr(settings, "auth_secret_key", "")
    with pytest.raises(ValueError, match="AUTH_SECRET_KEY"):
        identities(account=account)


def test_what_everybody_may_read_has_no_secrets() -> None:
    extra = {
        "promo_codes": [HALF],
        "policy": {"max_tickets_per_identity": 1},
        "onchain_wallet_id": "wallet",
        "notification_body": "secret",
        "anything_new": 1,
        "ticket_waves": [{"id": "regular"}],
        "conditional": True,
        "onchain_enabled": True,
    }
    assert public_extra(extra) == {"ticket_waves": [{"id": "regular"}], "conditional": True, "onchain_enabled": True}
    assert public_extra(SimpleNamespace(dict=lambda: extra)) == public_extra(extra)
