"""Holds that have lapsed, and cannot all be released."""

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Host
from redeemable import Engine, EngineStopped, InvalidRequest
from support import AT, HOLD_MS, SPEND, SUMMER, USES, Clock, request

KINDS = ["sqlite3", "psycopg-async"]


@pytest.fixture
def later() -> Clock:
    """When what was held at AT has lapsed."""
    clock = Clock()
    clock.ms = AT + HOLD_MS
    return clock


def meddled(shop: Host, *, found: Callable[[Any], Any] = lambda hold: hold, is_busy: Callable[[Any], bool] = lambda ops: False) -> Any:
    """The store, with other records found in it, or somebody else's writes in the way."""
    inner = shop.store

    class Plain:
        read = inner.read

        def find(self, **query: Any) -> Any:
            return [found(hold) for hold in inner.find(**query)]

        def commit(self, ops: Any, write: Any = None) -> Any:
            return False if is_busy(ops) else inner.commit(ops, write)

    class Awaited(Plain):
        async def find(self, **query: Any) -> Any:
            return [found(hold) for hold in await inner.find(**query)]

        async def commit(self, ops: Any, write: Any = None) -> Any:
            return False if is_busy(ops) else await inner.commit(ops, write)

    return Awaited() if shop.is_async else Plain()


def held(shop: Host, *ids: str, **more: Any) -> None:
    for id in ids:
        assert shop.redeem(request(id, **more), now=Clock())["status"] == "accepted"


def newer(hold: Any) -> Any:
    """The oldest is of a schema that this engine does not know."""
    return {**hold, "schema": 2} if hold["id"] == "a" else hold


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_that_the_engine_does_not_read_keeps_no_other(kind: str, open_host: Any, later: Clock) -> None:
    shop = open_host(kind)
    held(shop, "a", "b", "c")
    inner = shop.store
    shop.store = meddled(shop, found=newer)
    # All three uses are held. Deciding with the lapsed holds fails, and the refusal stands.
    refused = shop.redeem(request("d", at=later.ms), now=later)
    assert (refused["status"], refused["violations"][0]["reason"]) == ("rejected", "uses_exhausted")
    with pytest.raises(InvalidRequest) as raised:
        shop.sweep(write=shop.note_each, now=later)
    assert raised.value.path == "redemption.schema"
    assert (shop.counters(), shop.notes()) == ({USES: 1, SPEND: 200}, ["b:released", "c:released"])
    shop.store = inner
    assert shop.sweep(now=later) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_write_that_fails_keeps_no_other_hold_and_the_first_fault_is_told(kind: str, open_host: Any, later: Clock) -> None:
    shop = open_host(kind)
    held(shop, "a", "b", "c")

    def write(transaction: Any, redemptions: Any) -> Any:
        if redemptions[0]["id"] != "c":
            raise LookupError(redemptions[0]["id"])
        return shop.note_each(transaction, redemptions)

    with pytest.raises(LookupError, match="a"):
        shop.sweep(write=write, now=later)
    assert (shop.counters(), shop.notes()) == ({USES: 2, SPEND: 400}, ["c:released"])


def test_an_engine_that_stops_over_the_lapsed_holds_leaves_the_refusal(open_host: Any, later: Clock) -> None:
    class Stopping(Engine):
        def validate_redemption(self, request: Any) -> Any:
            if request["usage"].get("lapsed"):
                raise EngineStopped("fuel")
            return super().validate_redemption(request)

    shop = open_host("sqlite3")
    held(shop, "a", "b", "c")
    assert shop.redeem(request("d", at=later.ms), now=later, engine=Stopping())["status"] == "rejected"
    assert shop.redeem(request("d", at=later.ms), now=later)["status"] == "accepted"


def test_a_sweep_passes_by_more_holds_than_it_looks_at_in_one_go(open_host: Any, later: Clock) -> None:
    shop = open_host("sqlite3")
    held(shop, *(f"o-{number:03}" for number in range(130)), promo={**SUMMER, "max_uses": None})
    # Somebody else is at the 110 oldest: the other 20 are given back all the same.
    shop.store = meddled(shop, is_busy=lambda ops: ops[0]["id"] < "o-110")
    assert shop.sweep(now=later) == 20
    assert shop.counters() == {USES: 110, SPEND: 22_000}


def test_of_large_holds_as_many_tickets_are_given_back_for_a_buyer_as_an_order_may_have(open_host: Any, later: Clock) -> None:
    shop = open_host("sqlite3")
    promo = {**SUMMER, "max_uses": 1200}
    for id, quantity in [("a", 500), ("b", 500), ("c", 200)]:
        held(shop, id, quantity=quantity, promo=promo)
    decision = shop.redeem(request("d", 900, promo=promo, at=later.ms), now=later)
    assert decision["status"] == "accepted"
    # 500 + 500 tickets; the 200 of the third stay for the sweep.
    assert [op["id"] for op in decision["ops"] if op["op"] == "update"] == ["a", "b"]
    assert shop.counters() == {USES: 1100, SPEND: 220_000}
