"""Exchanges through the kit: what is due is asked for and paid, and a lost answer is asked for again."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from redeemable import Engine, InvalidRequest, host
from redeemable.sqlite import SqliteStore

NOW = 1_800_000_000_000
USES = "code/event:gala:HALF/uses"
PROMOS: Any = [{"code": "HALF", "discount_percent": 50, "max_uses": 2, "ends_at_ms": NOW + 60_000}]


def order(id: str | None, unit_price: int, quantity: int = 1) -> Any:
    lines = [{"ticket_type": "seat", "unit_price": unit_price, "quantity": quantity}]
    return {"id": id, "event_id": "gala", "currency": "EUR", "lines": lines, "hold_until_ms": NOW + 600_000}


def request(id: str | None, unit_price: int, quantity: int = 1, codes: Any = ("half",)) -> Any:
    return {"codes": list(codes), "promos": PROMOS, "order": order(id, unit_price, quantity)}


def euros(id: str, total: int) -> Any:
    return {"id": id, "total": total, "currency": "EUR"}


@pytest.fixture
def store(sqlite: str) -> Iterator[SqliteStore]:
    connection = sqlite3.connect(sqlite)
    yield SqliteStore(connection)
    connection.close()


def at(now: int = NOW) -> Any:
    return {"now": lambda: now}


def bought(store: SqliteStore, id: str, quantity: int = 2) -> None:
    total = host.redeem(store, request(id, 1000, quantity), **at())["quote"]["total"]
    paid = host.confirm(store, id, euros(f"{id} paid", total), **at())
    assert paid is not None and paid["status"] == "confirmed"


def exchanged(store: SqliteStore, id: str, wanted: Any, tickets: Any = None, now: int = NOW, **options: Any) -> Any:
    return host.exchange(store, id, wanted, tickets, now=lambda: now, **options)


def record(store: SqliteStore, id: str) -> Any:
    return store.read([], id)["existing"]


def test_what_is_due_is_asked_for_and_paid_and_not_paid_twice(store: SqliteStore) -> None:
    bought(store, "a")
    # Two at 500 go back for one at 3000, half of it with the code: 500 are due.
    wanted = request("b", 3000)
    asked = exchanged(store, "a", wanted)
    assert (asked["status"], asked["due"], asked["ops"], asked["money"]) == ("payment_due", 500, [], None)
    assert record(store, "b") is None
    stale = exchanged(store, "a", wanted, payment=euros("pay-0", 400))
    assert (stale["status"], stale["money"]) == ("stale_payment", "returned")
    assert record(store, "a")["payments"][-1]["id"] == "pay-0"
    written: list[Any] = []
    paid = euros("pay-1", 500)
    made = exchanged(store, "a", wanted, payment=paid, write=lambda _, records: written.extend(records))
    assert (made["status"], made["money"], made["replayed"]) == ("accepted", "kept", False)
    assert [(each["id"], each["state"]) for each in written] == [("a", "released"), ("b", "confirmed")]
    assert store.read([USES], None)["counters"] == {USES: 1}
    again = exchanged(store, "a", wanted, payment=paid)
    assert (again["status"], again["due"], again["money"], again["replayed"]) == ("accepted", 500, "kept", True)
    twice = exchanged(store, "a", wanted, payment=euros("pay-2", 500))
    assert (twice["status"], twice["money"]) == ("paid_twice", "returned")
    webhook = host.confirm(store, "b", paid, **at())
    assert webhook is not None and (webhook["status"], webhook["money"]) == ("already_confirmed", "kept")
    cancelled = host.release(store, "b", "organizer_cancelled", **at())
    assert cancelled is not None and cancelled["refundable"] - record(store, "b")["exchanged"]["due"] == 1000
    assert host.audit(store) == []


def test_an_old_code_is_good_for_what_goes_back_and_for_no_more(store: SqliteStore) -> None:
    bought(store, "a")
    late = NOW + 120_000
    many = exchanged(store, "a", request("b", 1000, 2), [0], late)
    assert many["status"] == "rejected"
    assert [violation["reason"] for violation in many["violations"]] == ["ended", "uses_exhausted"]
    one = exchanged(store, "a", request("b", 999), [0], late, refund=True)
    # Half of 999, rounded half up, is payable: 500. 499 are taken off instead of 500.
    assert (one["status"], one["quote"]["total"], one["refundable"]) == ("accepted", 500, 0)
    assert host.audit(store) == []


def test_uses_that_a_lapsed_hold_has_are_reclaimed_for_an_exchange(store: SqliteStore) -> None:
    bought(store, "a", 1)
    lapsing = request("h", 1000)
    lapsing["order"]["hold_until_ms"] = NOW + 1
    host.redeem(store, lapsing, **at())
    wanted = request("b", 600, 2)
    early = exchanged(store, "a", wanted, payment=euros("p", 100))
    assert (early["status"], early["money"]) == ("exchange_refused", "returned")
    later = exchanged(store, "a", wanted, now=NOW + 1, payment=euros("q", 100))
    assert (later["status"], later["money"]) == ("accepted", "kept")
    assert record(store, "h")["state"] == "released"


def test_a_record_in_the_archive_comes_back_to_be_exchanged(store: SqliteStore) -> None:
    bought(store, "a")
    assert host.archive(store, event_id="gala") == 1
    made = exchanged(store, "a", request("b", 1000, codes=()))
    assert (made["status"], made["forgone"]) == ("accepted", 0)
    assert not store.read([], "a")["archived"]
    assert host.audit(store) == []


def test_a_preview_and_mistakes_store_nothing(store: SqliteStore) -> None:
    bought(store, "a")
    shown = exchanged(store, "a", request(None, 400, codes=()), refund=True)
    assert (shown["status"], shown["refundable"], shown["ops"]) == ("accepted", 600, [])
    assert exchanged(store, "nobody", request(None, 400)) is None
    for wanted, options, path in [
        ({**request("b", 400), "usage": {}}, {}, "request.usage"),
        (request("b", 400), {"payment": {"id": "p"}}, "payment.total"),
        (request("a", 400), {}, "request.order.id"),
    ]:
        with pytest.raises(InvalidRequest) as fault:
            exchanged(store, "a", wanted, **options)
        assert fault.value.path == path
    assert record(store, "a")["revision"] == 2


def test_a_hold_that_is_amended_on_another_day_stays_in_its_day(store: SqliteStore) -> None:
    def daily(id: str, unit_price: int) -> Any:
        promo = {"code": "DAY", "discount_percent": 10, "per_period": [{"every": "day", "max_uses": 2}]}
        zone = [{"from_ms": 1_700_000_000_000, "offset_minutes": 60}]
        wanted = {**request(id, unit_price, 2, ["day"]), "promos": [promo], "policy": {"zone": zone}}
        wanted["order"]["hold_until_ms"] = NOW + 30 * 3_600_000
        return wanted

    host.redeem(store, daily("d", 1000), **at())
    friday = at(NOW + 24 * 3_600_000)
    host.redeem(store, daily("e", 1000), **friday)
    amended = host.redeem(store, daily("d", 900), **friday)
    assert (amended["status"], amended["applied"][0]["remaining"]) == ("accepted", 0)
    assert host.audit(store) == []


def test_the_host_may_refuse_that_an_exchange_takes_a_hold_over(store: SqliteStore) -> None:
    bought(store, "a", 1)
    host.redeem(store, request("bob", 500, codes=()), **at())
    wanted = request("bob", 400, codes=())

    def approve(answer: Any) -> None:
        raise PermissionError("not yours")

    with pytest.raises(PermissionError):
        exchanged(store, "a", wanted, approve=approve)
    with pytest.raises(TypeError, match="approve"):
        exchanged(store, "a", wanted, approve=lambda _: False)
    assert (record(store, "a")["revision"], record(store, "bob")["state"]) == (2, "held")
    seen: list[Any] = []
    exchanged(store, "a", wanted, approve=lambda answer: seen.append((answer["quote"]["total"], answer["forgone"])))
    assert (seen, record(store, "bob")["exchanged"]["from"]) == ([(400, 100)], "a")


HALF: Any = {"code": "HALF", "discount_percent": 50, "max_uses": 2}
BAD: Any = {"code": "BAD", "discount_percent": 50, "max_usse": 2}


@pytest.mark.parametrize("kind", ["rules", "rules that leave out", "unsound", "found"])
def test_an_exchange_under_rules_is_that_under_the_promotions(store: SqliteStore, kind: str) -> None:
    bought(store, "a")
    engine = Engine()
    given: Any = {
        "rules": {"rules": engine.prepare(promos=[HALF])},
        "rules that leave out": {"rules": engine.prepare(promos=[BAD, HALF], unsound="leave_out")},
        "unsound": {"promos": [BAD, HALF], "unsound": "leave_out"},
        "found": {"promos": lambda codes: [BAD, HALF], "unsound": "leave_out"},
    }[kind]
    wanted: Any = {"codes": ["half"], "order": order("b", 3000)}
    for payment in (None, euros("q", 400), euros("r", 500)):
        made = host.exchange(store, "a", {**wanted, **given}, payment=payment, **at())
        assert made is not None
        expected = {None: "payment_due", "q": "stale_payment", "r": "accepted"}[payment and payment["id"]]
        assert (made["status"], made["due"]) == (expected, 500)
    assert host.audit(store) == []
    bad: Any = {"codes": ["bad"], "order": order("c", 10), **given}
    refused = host.exchange(store, "b", bad, **at())
    assert refused is not None
    assert [(each["code"], each["public_reason"]) for each in refused["violations"]] == [("BAD", "not_accepted")]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"promos": [BAD]}, "request.promos[0].max_usse"),
        ({"promos": [BAD], "unsound": "leave"}, "request.unsound"),
        ({"rules": 1}, "request.rules"),
        ({"promos": [], "order": order("b", 1, 0)}, "request.order.lines[0].quantity"),
        ({"promos": [], "order": order("a", 1)}, "request.order.id"),
        ({"promos": [], "policy": {"max_free": 1}}, "request.policy.max_free"),
        ({"promos": [], "usage": {}}, "request.usage"),
    ],
)
def test_a_mistake_in_the_request_is_named_there(store: SqliteStore, more: Any, path: str) -> None:
    bought(store, "a")
    with pytest.raises(InvalidRequest) as caught:
        host.exchange(store, "a", {"codes": [], "order": order("b", 1), **more}, **at())
    assert (caught.value.path, caught.value.at[0]) == (path, "request")


def test_an_exchange_into_a_hold_of_yesterday_counts_in_the_holds_day(store: SqliteStore) -> None:
    bought(store, "a")
    next_day = at(NOW + 24 * 3_600_000)

    def day(id: str, quantity: int) -> Any:
        return {
            "codes": ["day"],
            "promos": [{"code": "DAY", "discount_percent": 10, "per_period": [{"every": "day", "max_uses": 3}]}],
            "policy": {"zone": [{"from_ms": 1_700_000_000_000, "offset_minutes": 60}]},
            "order": {**order(id, 1000, quantity), "hold_until_ms": NOW + 30 * 3_600_000},
        }

    # Three uses of the first day: two in the hold, and one of somebody else. Of the next day, three are gone, too.
    host.redeem(store, day("hold", 2), **at())
    host.redeem(store, day("other", 1), **at())
    host.redeem(store, day("late", 3), **next_day)
    made = host.exchange(store, "a", day("hold", 2), payment=euros("q", 800), **next_day)
    assert made is not None
    assert (made["status"], made["applied"][0]["remaining"]) == ("accepted", 0)
    assert host.audit(store, **next_day) == []
