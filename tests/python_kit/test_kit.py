"""The answers of each call, and what it stores, on every store."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Host
from redeemable import Engine, InvalidRequest
from support import AT, HOLD_MS, SPEND, SUMMER, USES, Clock, request


@pytest.fixture
def clock() -> Clock:
    return Clock()


def sold(count: int) -> dict[str, int]:
    """The counters while so many tickets are held or paid."""
    return {USES: count, SPEND: 200 * count}


def paid(total: int, id: str = "p-1", currency: str = "EUR") -> dict[str, object]:
    return {"id": id, "total": total, "currency": currency}


def test_an_order_is_redeemed_with_the_hosts_own_writes(shop: Host, clock: Clock) -> None:
    decision = shop.redeem(request("a", 2), write=shop.note_each, now=clock)
    assert (decision["status"], decision["replayed"], decision["quote"]["total"]) == ("accepted", False, 1600)
    assert decision["applied"][0]["remaining"] == 1
    assert shop.counters() == sold(2)
    record = shop.record("a")
    assert (record["state"], record["revision"], record["created_at_ms"], record["expires_at_ms"]) == (
        "held",
        1,
        AT,
        AT + HOLD_MS,
    )
    assert record == decision["ops"][0]["redemption"]
    assert shop.notes() == ["a:held"]


def test_an_order_under_every_limit_is_sold_and_gives_back_what_it_has_charged(shop: Host, clock: Clock) -> None:
    # The request has every field that there is, so a limit for which the kit lacks something fails here.
    asked = json.loads((Path(__file__).parents[1] / "documents.json").read_text("utf-8"))["validateRedemption"]
    del asked["usage"]
    clock.ms = asked.pop("now_ms")
    id = asked["order"]["id"]
    assert shop.preview(asked, now=clock)["status"] == "accepted"
    assert shop.redeem(asked, now=clock)["status"] == "accepted"
    assert shop.audit() == []
    shop.release(id, "buyer_released", now=clock)
    assert set(shop.counters().values()) == {0}


def test_the_same_order_again_is_answered_again_and_sold_once(shop: Host, clock: Clock) -> None:
    first = shop.redeem(request("a", 2), write=shop.note_each, now=clock)
    again = shop.redeem(request("a", 2), write=shop.note_each, now=clock)
    assert (again["status"], again["replayed"], again["ops"]) == ("accepted", True, [])
    assert again["quote"] == first["quote"]
    assert shop.counters() == sold(2)
    assert shop.notes() == ["a:held"]


def test_a_refusal_stores_nothing(shop: Host, clock: Clock) -> None:
    shop.redeem(request("a", 2), now=clock)
    refused = shop.redeem(request("b", 2), write=shop.note_each, now=clock)
    (violation,) = refused["violations"]
    assert (refused["status"], refused["ops"], refused["quote"]["total"]) == ("rejected", [], 2000)
    assert (violation["reason"], violation["limit"], violation["used"], violation["remaining"]) == (
        "uses_exhausted",
        3,
        2,
        1,
    )
    assert shop.counters() == sold(2)
    assert shop.record("b") is None
    assert shop.notes() == []


def test_an_order_that_changed_replaces_its_hold(shop: Host, clock: Clock) -> None:
    shop.redeem(request("a", 2), now=clock)
    clock.ms += 1
    assert shop.redeem(request("a", 3), now=clock)["quote"]["total"] == 2400
    assert shop.counters() == sold(3)
    assert (shop.record("a")["revision"], shop.record("a")["created_at_ms"]) == (2, AT)
    (violation,) = shop.redeem(request("a", 4), now=clock)["violations"]
    assert (violation["used"], violation["remaining"]) == (0, 3), "its own charges are not in its way"
    assert shop.counters() == sold(3)
    assert shop.redeem(request("a", 1), now=clock)["quote"]["total"] == 800
    assert shop.counters() == sold(1)


def test_approve_sees_every_decision_that_would_be_sold_and_its_refusal_stores_nothing(
    shop: Host, clock: Clock
) -> None:
    seen: list[Any] = []

    class Dearer(Exception):
        pass

    def approve(decision: Any) -> Any:
        seen.append((decision["status"], decision["replayed"], decision["quote"]["total"]))

    async def approve_later(decision: Any) -> None:
        approve(decision)

    def refuse(_: Any) -> None:
        raise Dearer

    with pytest.raises(Dearer):
        shop.redeem(request("a"), write=shop.note_each, approve=refuse, now=clock)

    async def disagree_later(_: Any) -> bool:
        return False

    for disagree in (lambda decision: decision["quote"]["total"] == 700, *([disagree_later] if shop.is_async else [])):
        with pytest.raises(TypeError, match="approve: expected an exception in order to refuse, found False"):
            shop.redeem(request("a"), write=shop.note_each, approve=disagree, now=clock)
    assert (shop.counters(), shop.notes(), shop.record("a")) == ({}, [], None)
    shop.redeem(request("a"), approve=approve, now=clock)
    shop.redeem(request("a"), approve=approve_later if shop.is_async else approve, now=clock)
    assert seen == [("accepted", False, 800), ("accepted", True, 800)]
    with pytest.raises(Dearer):
        shop.redeem(request("a"), approve=refuse, now=clock)
    assert shop.redeem(request("b", code="nope"), approve=approve, now=clock)["status"] == "rejected"
    assert len(seen) == 2, "a refusal needs no approval"
    assert shop.counters() == sold(1)


def test_a_preview_stores_nothing(shop: Host, clock: Clock) -> None:
    shop.redeem(request("a", 2), now=clock)
    for id in ("a", "b", None):
        decision = shop.preview(request(id, 1), now=clock)
        assert (decision["status"], decision["replayed"], decision["ops"]) == ("accepted", False, [])
        assert (decision["quote"]["total"], decision["applied"][0]["remaining"]) == (800, 0)
    assert shop.preview(request(None, 2), now=clock)["status"] == "rejected"
    assert shop.counters() == sold(2)


def test_lapsed_holds_are_reclaimed_when_their_uses_are_needed(shop: Host, clock: Clock) -> None:
    shop.redeem(request("a", 2), now=clock)
    other = {**SUMMER, "code": "OTHER"}
    shop.redeem(request("x", 1, "other", other), now=clock)
    clock.ms = AT + HOLD_MS - 1
    assert shop.redeem(request("b", 3, at=clock.ms), now=clock)["status"] == "rejected"
    clock.ms = AT + HOLD_MS
    assert shop.redeem(request("b", 1, at=clock.ms), write=shop.note_each, now=clock)["status"] == "accepted"
    assert shop.record("a")["state"] == "held", "there was enough without it"
    assert shop.redeem(request("c", 2, at=clock.ms), write=shop.note_each, now=clock)["status"] == "accepted"
    assert shop.record("a")["state"] == "released"
    assert shop.record("a")["tickets"][0]["released"] == {"reason": "hold_expired", "at_ms": clock.ms}
    assert shop.record("x")["state"] == "held", "it charges none of the counters that were short"
    assert shop.counters() == {**sold(3), "code/event:gala:OTHER/uses": 1, "code/event:gala:OTHER/spend/EUR": 200}
    assert shop.notes() == ["a:released c:held", "b:held"]


def test_a_lapsed_hold_makes_room_for_a_promotion_that_nobody_typed_if_that_helps(shop: Host, clock: Clock) -> None:
    early = {"code": "EARLY", "discount_percent": 20, "max_uses": 2, "automatic": True}

    def buy(id: str, quantity: int) -> Any:
        asked = request(id, quantity, at=clock.ms)
        return shop.redeem({**asked, "codes": [], "promos": [early]}, now=clock)

    assert buy("a", 2)["quote"]["total"] == 1600
    full = buy("b", 1)
    assert (full["status"], full["quote"]["total"]) == ("accepted", 1000)
    counter = "code/event:gala:EARLY/uses"
    assert full["passed_over"] == [{"code": "EARLY", "reason": "uses_exhausted", "counter": counter}]
    clock.ms = AT + HOLD_MS
    assert buy("c", 3)["quote"]["total"] == 3000
    assert shop.record("a")["state"] == "held", "three do not fit, whatever is released"
    decision = buy("d", 2)
    assert (decision["quote"]["total"], decision["passed_over"]) == (1600, [])
    assert (shop.record("a")["state"], shop.counters()[counter]) == ("released", 2)


def test_a_payment_confirms_once(shop: Host, clock: Clock) -> None:
    shop.redeem(request("a", 2), now=clock)
    stale = shop.confirm("a", paid(1599, "p-0"), write=shop.note_each, now=clock)
    assert (stale["status"], stale["money"]) == ("stale_payment", "returned")
    assert shop.confirm("a", paid(1600, "p-0"), now=clock)["status"] == "already_returned", (
        "known by its id, whatever its total"
    )
    clock.ms = AT + HOLD_MS + 1
    assert shop.confirm("a", paid(1600), write=shop.note_each, now=clock)["status"] == "confirmed", (
        "its uses were still held"
    )
    assert shop.confirm("a", paid(1600), write=shop.note_each, now=clock)["status"] == "already_confirmed"
    twice = shop.confirm("a", paid(1600, "p-2"), now=clock)
    assert (twice["status"], twice["money"]) == ("paid_twice", "returned")
    assert (shop.record("a")["state"], shop.record("a")["confirmed_at_ms"]) == ("confirmed", clock.ms)
    assert [(payment["id"], payment["outcome"]) for payment in shop.record("a")["payments"]] == [
        ("p-0", "returned"),
        ("p-1", "kept"),
        ("p-2", "returned"),
    ]
    assert shop.notes() == ["a:confirmed", "a:held"]
    assert shop.counters() == sold(2)
    assert shop.confirm("nobody", paid(1600), now=clock) is None


def test_a_returned_payment_buys_nothing_and_a_kept_one_is_not_sent_back(shop: Host, clock: Clock) -> None:
    shop.redeem(request("a", 2), now=clock)
    assert shop.confirm("a", paid(1600), now=clock)["money"] == "kept"
    assert shop.release("a", "refunded", release_id="r-1", now=clock)["refundable"] == 1600
    again = shop.release("a", "refunded", release_id="r-1", now=clock)
    assert (again["status"], again["tickets"], again["refundable"], again["ops"]) == (
        "already_released",
        [0, 1],
        1600,
        [],
    )
    assert shop.confirm("a", paid(1600), now=clock)["money"] == "kept", (
        "what is owed for the tickets was said by the release"
    )
    assert shop.confirm("a", paid(1600, "p-2"), now=clock)["status"] == "released"

    shop.redeem(request("b", 2), now=clock)
    assert shop.confirm("b", paid(1600, currency="SEK"), now=clock)["status"] == "stale_payment"
    shop.redeem(request("b", 1), now=clock)
    shop.redeem(request("b", 2), now=clock)
    assert shop.confirm("b", paid(1600), now=clock)["status"] == "already_returned", "changed back"
    assert shop.record("b")["state"] == "held"


def test_a_late_payment_brings_the_order_back_if_it_still_fits(shop: Host, clock: Clock) -> None:
    shop.redeem(request("a", 2), now=clock)
    clock.ms = AT + HOLD_MS
    assert shop.sweep(write=shop.note_each, now=clock) == 1
    assert shop.counters() == sold(0)
    assert shop.confirm("a", paid(1600), write=shop.note_each, now=clock)["status"] == "confirmed"
    assert shop.counters() == sold(2)
    assert shop.notes() == ["a:confirmed", "a:released"]


def test_a_late_payment_that_no_longer_fits_is_the_hosts_to_decide(shop: Host, clock: Clock) -> None:
    shop.redeem(request("a", 2), now=clock)
    clock.ms = AT + HOLD_MS
    shop.sweep(now=clock)
    shop.redeem(request("b", 2, at=clock.ms), now=clock)
    asked = shop.confirm("a", paid(1600), dry=True, write=shop.note_each, now=clock)
    assert (asked["status"], asked["money"], asked["ops"], shop.record("a").get("payments")) == (
        "late_payment_conflict",
        "returned",
        [],
        None,
    )
    late = shop.confirm("a", paid(1600), write=shop.note_each, now=clock)
    (violation,) = late["violations"]
    assert (late["status"], violation["limit"], violation["used"], violation["remaining"]) == (
        "late_payment_conflict",
        3,
        2,
        1,
    )
    assert shop.counters() == sold(2)
    assert shop.confirm("a", paid(1600), over_limit=True, now=clock)["status"] == "already_returned"
    assert shop.confirm("a", paid(1600, "p-2"), over_limit=True, now=clock)["status"] == "confirmed"
    assert shop.counters() == sold(4)


def test_tickets_come_back(shop: Host, clock: Clock) -> None:
    shop.redeem(request("a", 2), now=clock)
    shop.confirm("a", paid(1600), now=clock)
    back = shop.release("a", "buyer_released", (0,), write=shop.note_each, now=clock)
    assert (back["status"], back["tickets"], back["refundable"]) == ("released", [0], 800)
    assert shop.counters() == sold(1)
    assert shop.release("a", "buyer_released", [0], now=clock)["status"] == "already_released"
    assert shop.release("a", "refunded", now=clock)["refundable"] == 800
    assert shop.release("a", "hold_expired", now=clock)["status"] == "already_released"
    assert shop.counters() == sold(0)
    assert shop.release("nobody", "refunded", now=clock) is None
    assert shop.notes() == ["a:confirmed"]
    assert shop.drifted == []


def test_a_sweep_releases_lapsed_holds(shop: Host, clock: Clock) -> None:
    for number, id in enumerate(["a", "b", "c"]):
        shop.redeem(request(id, at=AT + number), now=clock)
    clock.ms = AT + HOLD_MS + 1
    assert shop.sweep(write=shop.note_each, now=clock) == 2
    assert shop.notes() == ["a:released", "b:released"]
    assert shop.sweep(now=clock) == 0
    assert shop.counters() == sold(1)


def test_a_sweep_releases_more_holds_than_one_batch_has(open_host: Any, clock: Clock) -> None:
    shop = open_host("sqlite3")
    unlimited = {**SUMMER, "max_uses": None}
    for number in range(201):
        shop.redeem(request(f"{number}", 1, promo=unlimited), now=clock)
    clock.ms = AT + HOLD_MS
    assert shop.sweep(now=clock) == 201
    assert shop.counters() == sold(0)


def test_a_drifted_counter_is_reported(shop: Host, clock: Clock) -> None:
    shop.redeem(request("a", 2), now=clock)
    shop.look.execute(f"UPDATE redeemable_counters SET used = 1 WHERE key = '{USES}'")
    shop.release("a", "buyer_released", now=clock)
    assert shop.drifted == [USES]
    assert shop.counters() == sold(0)


def test_an_error_raised_by_on_drift_does_not_make_a_stored_plan_look_as_if_it_were_not_stored(
    shop: Host, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_: str) -> None:
        raise OSError("the disk is full")

    shop.redeem(request("a", 2), now=clock)
    shop.look.execute("UPDATE redeemable_counters SET used = 0")
    shop.store._on_drift = full
    assert shop.release("a", "buyer_released", now=clock)["status"] == "released"
    assert sorted(record.getMessage() for record in caplog.records) == [
        f"on_drift failed for the counter {key}" for key in (SPEND, USES)
    ]


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda shop: shop.redeem(request(None)), "order.id"),
        (lambda shop: shop.redeem({**request("a"), "now_ms": AT}), "now_ms"),
        (lambda shop: shop.preview({**request("a"), "usage": None}), "usage"),
        (lambda shop: shop.redeem({**request("a"), "order": {"id": "a"}}), "order.event_id"),
        (lambda shop: shop.redeem({"codes": [], "promos": []}), "order"),
        (lambda shop: shop.confirm("", paid(1)), "id"),
        (lambda shop: shop.confirm("\ud800", paid(1)), "id"),
        (lambda shop: shop.confirm("x" * 257, paid(1)), "id"),
        (lambda shop: shop.confirm("a", 1600), "payment"),
        (lambda shop: shop.confirm("a", {"id": "p-1", "currency": "EUR"}), "payment.total"),
        (lambda shop: shop.release(7, "refunded"), "id"),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite3", "psycopg-async"])
def test_a_mistake_in_a_request_names_its_field(kind: str, open_host: Any, call: Any, path: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        call(open_host(kind))
    assert (raised.value.code, raised.value.path) == ("invalid_request", path)


@pytest.mark.parametrize("wrong", [AT // 1000, float("nan"), float(AT), str(AT), None, True, AT * 1000 * 1000])
def test_a_clock_that_does_not_count_milliseconds_is_a_mistake(wrong: Any, open_host: Any) -> None:
    shop = open_host("sqlite3")
    shop.redeem(request("a"), now=Clock())
    for call in (
        lambda: shop.sweep(now=lambda: wrong),
        lambda: shop.redeem(request("b"), now=lambda: wrong),
        lambda: shop.confirm("a", paid(800), now=lambda: wrong),
    ):
        with pytest.raises(InvalidRequest, match="expected a clock of milliseconds since 1970") as raised:
            call()
        assert (raised.value.code, raised.value.path) == ("invalid_request", "now")
    assert shop.counters() == sold(1)


def test_options_are_checked(open_host: Any) -> None:
    with pytest.raises(TypeError, match="now: expected a function, found 1"):
        open_host("sqlite3").sweep(now=1)
    with pytest.raises(ValueError, match="attempts: expected an integer from 1, found 0"):
        open_host("sqlite3").redeem(request("a"), attempts=0)


@pytest.mark.parametrize("kind", ["sqlite3", "psycopg-async"])
@pytest.mark.parametrize("option", ["approve", "write"])
def test_an_option_that_must_be_a_function_and_is_none_is_a_mistake(kind: str, option: str, open_host: Any) -> None:
    shop = open_host(kind)
    shop.store = None
    for wrong in (True, False, "yes"):
        with pytest.raises(TypeError, match=f"{option}: expected a function, found {wrong!r}"):
            shop.redeem(request("a"), **{option: wrong})
    with pytest.raises(TypeError, match="approve"):
        shop.confirm("a", paid(800), approve=print)


@pytest.mark.parametrize("kind", ["sqlite3", "psycopg-async"])
def test_prepared_rules_give_the_same_decisions(kind: str, open_host: Any, clock: Clock) -> None:
    shop = open_host(kind)
    with_promos, policy = request("a", 2), {"max_tickets_per_identity": 2}
    rules = Engine().prepare(promos=with_promos["promos"], policy=policy)  # type: ignore[arg-type]

    def buyer(id: str | None, quantity: int, email: str) -> Any:
        asked = request(id, quantity, at=clock.ms)
        return {
            "codes": asked["codes"],
            "order": {**asked["order"], "identities": {"email": email}},
            "rules": rules,
            "promos": None,
        }

    def without(asked: Any) -> Any:
        return {**asked, "promos": with_promos["promos"], "policy": policy, "rules": None}

    ann = buyer("a", 2, "ann@example.org")
    # Both decisions are the same; the test stores only one.
    assert shop.preview(ann, now=clock) == shop.preview(without(ann), now=clock)
    first = shop.redeem(ann, now=clock)
    assert (first["quote"]["total"], [op["op"] for op in first["ops"]]) == (1600, ["insert", "add", "add", "add"])
    assert shop.redeem(ann, now=clock)["replayed"] and shop.redeem(without(ann), now=clock)["replayed"]
    # There are three uses, and two tickets per person. Ann holds two and may have no third. Bob wants two, and only one
    # is left until Ann's hold lapses.
    for asked, reason in (
        (buyer("c", 1, "ann@example.org"), "tickets_exhausted"),
        (buyer("b", 2, "bob@example.org"), "uses_exhausted"),
    ):
        refused = shop.redeem(asked, now=clock)
        assert refused["violations"][0]["reason"] == reason
        assert refused == shop.redeem(without(asked), now=clock)
    clock.ms += HOLD_MS
    assert shop.redeem(buyer("b", 2, "bob@example.org"), now=clock)["status"] == "accepted"
    assert shop.counters()[USES] == 2


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"promos": []}, "promos"),
        ({"policy": {}}, "policy"),
        ({"rules": None}, "promos"),
        ({"rules": {"promos": []}}, "rules"),
        ({"usage": {}}, "usage"),
    ],
)
def test_rules_in_place_of_promos_and_policy(more: Any, path: str, open_host: Any, clock: Clock) -> None:
    asked = request("a")
    rules = Engine().prepare(promos=asked.pop("promos"))
    for call in (open_host("sqlite3").preview, open_host("sqlite3").redeem):
        with pytest.raises(InvalidRequest) as raised:
            call({**asked, "rules": rules, **more}, now=clock)
        assert (raised.value.code, raised.value.path) == ("invalid_request", path)


@pytest.mark.parametrize("encoder", ["orjson", "json"])
def test_the_heaviest_order_is_sold_answered_again_paid_given_back_and_swept(
    open_host: Any, monkeypatch: pytest.MonkeyPatch, encoder: str
) -> None:
    if encoder == "json":
        monkeypatch.setattr("redeemable.engine.orjson", None)
    assert encoder == "json" or importlib.util.find_spec("orjson")
    shop, clock = open_host("sqlite3"), Clock()
    # Two codes with 24 pools each; codes and pools count uses and money: 100 counters, and each of 1000 tickets
    # charges all of them.
    promos = [
        {
            "code": code,
            "discount_percent": 1,
            "combines": True,
            "pools": [{"id": f"{code}{n}", "budget": 1_000_000} for n in range(24)],
        }
        for code in "AB"
    ]

    def heavy(id: str) -> Any:
        return {**request(id, 1000), "codes": ["A", "B"], "promos": promos}

    record = shop.redeem(heavy("a"), now=clock)["ops"][0]["redemption"]
    assert sum(len(charge["tickets"]) for charge in record["charges"]) == 100_000
    assert shop.redeem(heavy("a"), now=clock)["replayed"] is True
    # 1 % off 1000 leaves 990, and 1 % off 990 leaves 980.1, which is rounded to 980.
    assert shop.confirm("a", paid(980_000), now=clock)["status"] == "confirmed"
    assert shop.release("a", "refunded", [0], now=clock)["refundable"] == 980
    assert shop.redeem(heavy("b"), now=clock)["status"] == "accepted"
    clock.ms += HOLD_MS
    assert (shop.sweep(now=clock), shop.audit()) == (1, [])
    counters = shop.counters()
    assert (counters["code/event:gala:A/uses"], counters["pool/B23/uses"], counters["pool/B23/spend/EUR"]) == (
        999,
        999,
        9990,
    )
    promos[1]["pools"].append({"id": "one more"})
    with pytest.raises(
        InvalidRequest, match=r"order\.lines: expected at most 100000 ticket references in charges, found 102000"
    ):
        shop.redeem(heavy("c"), now=clock)


@pytest.mark.parametrize("kind", ["sqlite3", "psycopg-async"])
def test_promos_may_be_a_function_that_finds_the_documents_of_the_typed_codes(
    kind: str, open_host: Any, clock: Clock
) -> None:
    shop, asked = open_host(kind), request("a")
    seen: list[Any] = []

    def find(codes: Any) -> Any:
        seen.append(codes)
        return [SUMMER]

    async def find_later(codes: Any) -> Any:
        return find(codes)

    whole = {**asked, "codes": [" sum\u200bmer", "SUMMER", " ", "o’neil-7"]}
    decision = shop.preview(whole, now=clock)
    for promos in (find, find_later) if kind == "psycopg-async" else (find, find):
        assert shop.preview({**whole, "promos": promos}, now=clock) == decision
    # The function gets each code once, and no blank ones.
    assert seen == [[{"canonical": "SUMMER", "loose": "SUMMER"}, {"canonical": "O’NEIL-7", "loose": "ONEIL7"}]] * 2
    assert shop.redeem({**asked, "promos": find}, now=clock)["quote"]["total"] == 800
    assert shop.redeem({**request("b"), "codes": [" "], "promos": never}, now=clock)["quote"]["total"] == 1000


def never(codes: Any) -> Any:
    raise AssertionError("not to be asked")


@pytest.mark.parametrize("kind", ["sqlite3", "psycopg-async"])
def test_documents_are_found_anew_at_each_attempt(kind: str, open_host: Any, clock: Clock) -> None:
    shop = open_host(kind)
    looks: list[Any] = []
    stored = iter([False])
    commit = shop.store.commit

    def lost(ops: Any, write: Any = None) -> Any:
        return commit(ops, write) if next(stored, True) else False

    async def lost_later(ops: Any, write: Any = None) -> Any:
        return await commit(ops, write) if next(stored, True) else False

    def find(codes: Any) -> Any:
        looks.append(codes)
        return [{**SUMMER, "active": len(looks) == 1}]

    # Another host was faster; meanwhile the code is switched off.
    shop.store.commit = lost if kind == "sqlite3" else lost_later
    decision = shop.redeem({**request("a"), "promos": find}, now=clock)
    assert (decision["status"], decision["violations"][0]["reason"], len(looks)) == ("rejected", "inactive", 2)
    assert shop.record("a") is None


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"codes": ["SUMMER", 7]}, "codes[1]"),
        ({"codes": "SUMMER"}, "codes"),
        ({"codes": ["SUMMER"] * 17}, "codes"),
        ({"order": None}, "order"),
        ({"policy": {"max_ticket": 1}}, "policy.max_ticket"),
        ({"promos": lambda codes: None}, "promos"),
        ({"promos": lambda codes: {}}, "promos"),
    ],
)
def test_a_malformed_request_does_not_call_the_hosts_function(
    more: Any, path: str, open_host: Any, clock: Clock
) -> None:
    shop = open_host("sqlite3")
    for call in (shop.preview, shop.redeem):
        with pytest.raises(InvalidRequest) as raised:
            call({**request("a"), "promos": never, **more}, now=clock)
        assert (raised.value.code, raised.value.path) == ("invalid_request", path)
        with pytest.raises(ZeroDivisionError):
            call({**request("a"), "promos": lambda codes: 1 / 0}, now=clock)
    assert shop.record("a") is None


def test_an_asynchronous_function_needs_the_asynchronous_kit(open_host: Any, clock: Clock) -> None:
    async def find(codes: Any) -> Any:
        return [SUMMER]

    with pytest.raises(TypeError, match="promos is asynchronous"):
        open_host("sqlite3").redeem({**request("a"), "promos": find}, now=clock)


@pytest.mark.parametrize("kind", ["sqlite3", "psycopg-async"])
def test_a_document_with_faults_makes_only_its_own_code_unknown(kind: str, open_host: Any, clock: Clock) -> None:
    shop = open_host(kind)
    promos = [
        SUMMER,
        {"code": "BAD", "discount_percent": "10"},
        7,
        {"code": "NAN", "discount_percent": float("nan")},
        {"code": "a\ud800", "id\ud800": 1},
    ]

    def asked(code: str = "summer", **more: Any) -> Any:
        return {**request("a"), "codes": [code], "promos": promos, **more}

    def fails(call: Any, request: Any, code: str, path: str) -> None:
        with pytest.raises(InvalidRequest) as raised:
            call(request, now=clock)
        assert (raised.value.code, raised.value.path) == (code, path)

    for call in (shop.preview, shop.redeem):
        for unsound in (None, "refuse"):
            fails(call, asked(unsound=unsound, promos=promos[:3]), "invalid_promo", "promos[1].discount_percent")
        fails(call, asked(unsound="leave_them_out", promos=promos[:3]), "invalid_request", "unsound")
        fails(call, asked(unsound="leave_out", policy={"max_ticket": 1}), "invalid_request", "policy.max_ticket")
        fails(call, asked(unsound="leave_out", promos=None), "invalid_request", "promos")
        fails(
            call,
            asked(unsound="leave_out", promos=None, rules=Engine().prepare(promos=[])),
            "invalid_request",
            "unsound",
        )
        refused = call(asked("bad", unsound="leave_out"), now=clock)
        assert [(v["reason"], v["public_reason"], v["message"]) for v in refused["violations"]] == [
            ("unknown_code", "not_accepted", "BAD is left out, because its document has faults"),
        ]
        assert call(asked(unsound="leave_out"), now=clock)["quote"]["total"] == 800
        assert call(asked(unsound="leave_out", promos=lambda codes: promos), now=clock)["quote"]["total"] == 800
    assert shop.record("a")["state"] == "held"
