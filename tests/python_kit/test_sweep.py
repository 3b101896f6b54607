"""Lapsed holds, not all of which can be released."""

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Host
from redeemable import Engine, EngineStopped, InvalidRequest, aio, host
from support import AT, HOLD_MS, SPEND, SUMMER, USES, Clock, request

KINDS = ["sqlite3", "psycopg-async"]


@pytest.fixture
def later() -> Clock:
    """A clock at which holds from AT have lapsed."""
    clock = Clock()
    clock.ms = AT + HOLD_MS
    return clock


def meddled(
    shop: Host, *, found: Callable[[Any], Any] = lambda hold: hold, is_busy: Callable[[Any], bool] = lambda ops: False
) -> Any:
    """A store whose `find` changes the records, or whose commits fail as if another host were faster."""
    inner = shop.store

    class Plain:
        read = inner.read

        def find(self, **query: Any) -> Any:
            look = inner.find(**query)
            return {**look, "holds": [found(hold) for hold in look["holds"]]}

        def commit(self, ops: Any, write: Any = None) -> Any:
            return False if is_busy(ops) else inner.commit(ops, write)

    class Awaited(Plain):
        async def find(self, **query: Any) -> Any:
            look = await inner.find(**query)
            return {**look, "holds": [found(hold) for hold in look["holds"]]}

        async def commit(self, ops: Any, write: Any = None) -> Any:
            return False if is_busy(ops) else await inner.commit(ops, write)

    return Awaited() if shop.is_async else Plain()


def held(shop: Host, *ids: str, **more: Any) -> None:
    for id in ids:
        assert shop.redeem(request(id, **more), now=Clock())["status"] == "accepted"


def newer(hold: Any) -> Any:
    """Gives the oldest record a schema that this engine does not know."""
    return {**hold, "schema": 3} if hold["id"] == "a" else hold


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_that_the_engine_cannot_read_does_not_stop_a_sweep(kind: str, open_host: Any, later: Clock) -> None:
    shop = open_host(kind)
    held(shop, "a", "b", "c")
    inner = shop.store
    shop.store = meddled(shop, found=newer)
    # Lapsed holds have all three uses. The engine cannot read one of the records, so a buyer can have two and no third.
    assert shop.preview(request(None, 2), now=later)["status"] == "accepted"
    refused = shop.redeem(request("d", 3), now=later)
    assert [(violation["reason"], violation["remaining"]) for violation in refused["violations"]] == [
        ("uses_exhausted", 2)
    ]
    with pytest.raises(InvalidRequest) as raised:
        shop.sweep(write=shop.note_each, now=later)
    assert raised.value.path == "redemption.schema"
    assert (shop.counters(), shop.notes()) == ({USES: 1, SPEND: 200}, ["b:released", "c:released"])
    shop.store = inner
    assert shop.sweep(now=later) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_write_that_fails_does_not_stop_a_sweep_and_the_first_fault_is_raised(
    kind: str, open_host: Any, later: Clock
) -> None:
    shop = open_host(kind)
    held(shop, "a", "b", "c")

    def write(transaction: Any, redemptions: Any) -> Any:
        if redemptions[0]["id"] != "c":
            raise LookupError(redemptions[0]["id"])
        return shop.note_each(transaction, redemptions)

    with pytest.raises(LookupError, match="a"):
        shop.sweep(write=write, now=later)
    assert (shop.counters(), shop.notes()) == ({USES: 2, SPEND: 400}, ["c:released"])


def test_if_the_lapsed_holds_are_too_much_for_the_engine_the_refusal_stands(open_host: Any, later: Clock) -> None:
    class Stopping(Engine):
        def validate_redemption(self, request: Any) -> Any:
            if request["usage"].get("lapsed"):
                raise EngineStopped("fuel")
            return super().validate_redemption(request)

    shop = open_host("sqlite3")
    held(shop, "a", "b", "c")
    assert shop.redeem(request("d", at=later.ms), now=later, engine=Stopping())["status"] == "rejected"
    assert shop.redeem(request("d", at=later.ms), now=later)["status"] == "accepted"


def test_a_sweep_can_skip_more_holds_than_it_looks_at_in_one_go(open_host: Any, later: Clock) -> None:
    shop = open_host("sqlite3")
    held(shop, *(f"o-{number:03}" for number in range(130)), promo={**SUMMER, "max_uses": None})
    # Another host is changing the 110 oldest holds: the other 20 are given back all the same.
    shop.store = meddled(shop, is_busy=lambda ops: ops[0]["id"] < "o-110")
    assert shop.sweep(now=later) == 20
    assert shop.counters() == {USES: 110, SPEND: 22_000}


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_must_still_be_right_when_the_lapsed_holds_are_looked_for(
    kind: str, open_host: Any, later: Clock
) -> None:
    shop = open_host(kind)
    inner = shop.store

    # A sweep gives all uses back after the buyer's read, and before the kit looks for lapsed holds.
    class Plain:
        find, commit = inner.find, inner.commit

        def read(self, *asked: Any) -> Any:
            read = inner.read(*asked)
            host.sweep(inner, now=later)
            return read

    class Awaited(Plain):
        async def read(self, *asked: Any) -> Any:
            read = await inner.read(*asked)
            await aio.sweep(inner, now=later)
            return read

    for verb, id in [("preview", "a"), ("redeem", "b")]:
        shop.store = inner
        held(shop, id, quantity=3)
        shop.store = Awaited() if shop.is_async else Plain()
        decision = getattr(shop, verb)(request("new", at=later.ms), now=later)
        assert (decision["status"], decision["applied"][0]["remaining"]) == ("accepted", 2)


def reclaimed(decision: Any) -> int:
    assert decision["status"] == "accepted"
    return sum(op["op"] == "update" for op in decision["ops"])


def test_of_many_lapsed_holds_a_buyer_reclaims_a_few_and_more_only_when_these_do_not_suffice(
    open_host: Any, later: Clock
) -> None:
    shop = open_host("sqlite3")
    promo = {**SUMMER, "max_uses": 300}
    held(shop, *(f"o-{number}" for number in range(300)), promo=promo)
    # The kit looks at ten holds first, of one use each. It reclaims 1, 2, 4, 8 or all ten; then it looks at more holds.
    for id, quantity, holds in [("one", 1, 1), ("more", 9, 10), ("most", 120, 128)]:
        assert reclaimed(shop.redeem(request(id, quantity, promo=promo, at=later.ms), now=later)) == holds
    # These three orders hold 130 of 300 uses. Once every lapsed hold is given back, 170 uses are free, but not 171.
    refused = shop.redeem(request("too many", 171, promo=promo, at=later.ms), now=later)
    assert [(violation["used"], violation["remaining"]) for violation in refused["violations"]] == [(130, 170)]
    assert shop.redeem(request("rest", 170, promo=promo, at=later.ms), now=later)["status"] == "accepted"
    assert shop.counters()[USES] == 300


def test_the_only_lapsed_hold_that_helps_is_found_among_many_that_do_not(open_host: Any, later: Clock) -> None:
    """Ann may use the code once, and her own lapsed hold has that use; the other holds charge the code, but not Ann."""
    shop = open_host("sqlite3")
    promo = {**SUMMER, "max_uses": 400, "max_uses_per_identity": 1}

    def order(id: str, email: str, quantity: int = 1) -> Any:
        asked = request(id, quantity, promo=promo, at=later.ms)
        return {**asked, "order": {**asked["order"], "identities": {"email": email}}}

    def hold(id: str, email: str) -> None:
        asked = order(id, email)
        shop.redeem({**asked, "order": {**asked["order"], "hold_until_ms": later.ms}}, now=Clock())

    for number in range(399):
        hold(f"o-{number}", f"{number}@example.org")
    hold("ann's", "ann@example.org")
    assert shop.redeem(order("again", "ann@example.org"), now=later)["status"] == "accepted"
    assert shop.record("ann's")["state"] == "released"


def test_a_row_that_is_held_while_its_document_is_not_is_skipped_and_reported(open_host: Any, later: Clock) -> None:
    """Somebody edited the table by hand, or restored only one column: `find` would return this row for ever."""
    for kind in KINDS:
        shop = open_host(kind)
        held(shop, "a", "b")
        shop.confirm("a", {"id": "p-1", "total": None}, now=later)
        shop.look.execute("UPDATE redeemable_redemptions SET state = 'held', expires_at_ms = 0 WHERE id = 'a'")
        shop.look.execute("INSERT INTO redeemable_held (key, expires_at_ms, id) VALUES ('', 0, 'a')")
        with pytest.raises(
            InvalidRequest, match="expected held, as its row says, found confirmed, in the redemption a"
        ) as raised:
            shop.sweep(now=later)
        assert (raised.value.path, shop.counters()) == ("redemption.state", {USES: 1, SPEND: 200}), "b is released"
