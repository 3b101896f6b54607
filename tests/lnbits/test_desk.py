"""The desk without an LNbits around it: one event, a clock that the test moves, and payments that the test makes."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import HTTPException
from lnbits.core.models import Payment
from lnbits.settings import settings
from place import Place
from redeemable import aio
from redeemable.lnbits import Desk, Paid, Sale, identities, public_extra
from redeemable.lnbits import _till as till

NOW = 1_800_000_000_000
HOUR = 3_600_000
HALF = {"code": "HALF", "discount_percent": 50, "max_uses": 7}
CREW = {"code": "CREW", "discount_percent": 100, "max_uses": 5}
ORDER = "5b0e5f0e-8a52-4d5e-9d2c-1d6f6a0f3a11"


@dataclass
class Wave:
    id: str = "regular"
    currency: str = "sat"
    price_per_ticket: float = 20


@dataclass
class Stall:
    """An organiser with a desk, and the invoices that he makes."""

    place: Place
    desk: Desk
    now_ms: int = NOW
    codes: list[dict[str, Any]] = field(default_factory=lambda: [HALF, CREW])
    policy: dict[str, Any] = field(default_factory=dict)
    # LNbits' payments by their hash, for the desk to look up.
    payments: dict[str, Payment] = field(default_factory=dict)

    @property
    def extra(self) -> dict[str, Any]:
        return {"promo_codes": self.codes, "policy": self.policy}

    def sell(
        self, code: str | None = None, email: str = "ann@example.org", wave: Wave | None = None, **more: Any
    ) -> Sale:
        buyer = identities(email=email)
        return self.run(self.desk.sell("gala", self.extra, wave or Wave(), code, buyer, **more))

    def issue(self, sale: Sale, ticket: str, wallet: str = "shop") -> Sale:
        table = f"{self.place.db.schema}.ticket"
        self.run(self.place.db.execute(f"INSERT INTO {table} VALUES (:id, FALSE)", {"id": ticket}))
        self.run(self.desk.issued(sale, ticket, wallet))
        return sale

    def pay(self, ticket: str, **changes: Any) -> Paid | None:
        return self.run(self.desk.paid(payment(ticket, **changes)))

    def rows(self) -> dict[str, bool]:
        rows = self.run(self.place.db.fetchall(f"SELECT id, paid FROM {self.place.db.schema}.ticket"))
        return {row["id"]: bool(row["paid"]) for row in rows}

    def record(self, sale: Sale) -> dict[str, Any]:
        return dict(self.run(self.desk.store.read([], sale.order_id))["existing"])

    def uses(self, code: str = "HALF") -> int:
        return int(self.run(self.desk.uses("gala", self.extra))[code]["used"])

    def refused(self, language: str | None = None, **sale: Any) -> tuple[int, str]:
        with pytest.raises(HTTPException) as refusal:
            self.sell(language=language, **sale)
        return refusal.value.status_code, str(refusal.value.detail)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.place.run(work)


def payment(hash: str, **changes: Any) -> Payment:
    fields = {"checking_id": "id", "payment_hash": hash, "wallet_id": "shop", "amount": 20_000, "fee": 0, "bolt11": ""}
    return Payment(**{**fields, "status": "success", **changes})


@pytest.fixture
def stall(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stall]:
    """After each test the counters must be what the records add up to, whatever the test itself checks."""
    table = f"{place.db.schema}.ticket"
    place.run(place.db.execute(f"CREATE TABLE {table} (id TEXT PRIMARY KEY, paid BOOLEAN NOT NULL)"))
    stall = Stall(place, Desk(place.db, tickets=table))

    async def look(hash: str, incoming: bool, wallet_id: str) -> Payment | None:
        assert incoming and wallet_id == "shop"
        return stall.payments.get(hash)

    monkeypatch.setattr(till, "get_standalone_payment", look)
    monkeypatch.setattr("time.time_ns", lambda: stall.now_ms * 1_000_000)
    monkeypatch.setattr(settings, "lightning_invoice_expiry", 3600)
    yield stall
    assert stall.run(aio.audit(stall.desk.store)) == []


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
    assert (stall.record(sale)["payments"], stall.rows()) == ([], {"hash": False})
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
    async def fail(sale: Sale, error: BaseException) -> None:
        async with stall.desk.dropped_on_error(sale):
            raise error

    for code, error in [("half", ValueError()), ("crew", HTTPException(400)), ("half", asyncio.CancelledError())]:
        sale = stall.sell(code)
        with pytest.raises(type(error)):
            stall.run(fail(sale, error))
        assert (stall.uses("HALF"), stall.uses("CREW"), stall.run(stall.desk.taken("gala"))) == (0, 0, {})
    # Once it is issued somebody may be paying, whatever fails then.
    sale = stall.issue(stall.sell("half"), "hash")
    with pytest.raises(ValueError):  # noqa: PT011 (the one that was raised inside)
        stall.run(fail(sale, ValueError()))
    assert stall.uses() == 1


def test_the_same_order_again_gets_what_was_made_for_it(stall: Stall) -> None:
    sale = stall.issue(stall.sell("half", order_id=ORDER), "hash")
    stall.payments["hash"] = payment("hash", status="pending")
    again = stall.sell("half", order_id=ORDER)
    assert (again.is_new, again.ticket_id, again.paid, again.order_id) == (False, "hash", False, sale.order_id)
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
    assert (third.is_new, third.ticket_id, third.paid) == (False, "hash", True)
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
        "refunds": [{"ticket_id": "e", "amount": 10, "currency": "sat", "done": False}],
    }
    assert stall.run(stall.desk.report("gala")) == report
    assert stall.run(stall.desk.uses("gala", stall.extra)) == {
        "HALF": {"used": 2, "limit": 7},
        "CREW": {"used": 0, "limit": 5},
    }
    # A hold that has lapsed is neither held nor sold.
    stall.now_ms += 2 * HOUR
    assert stall.run(stall.desk.report("gala"))["waves"]["regular"] == {**regular, "held": 0}


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
        with pytest.raises(ValueError, match="nip05"):
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
