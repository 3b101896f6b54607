"""Promotions that functions of the host find: those of the typed codes, and those that are in every order."""

from typing import Any

import pytest
from redeemable import InvalidRequest
from support import Clock, request

TENTH = {"code": "TENTH", "discount_percent": 10, "automatic": True, "combines": True, "max_uses": 1}
HALF = {"code": "HALF", "discount_percent": 50, "combines": True}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("kind", ["sqlite3", "psycopg-async"])
def test_automatic_promotions_are_asked_for_in_every_order(kind: str, open_host: Any, clock: Clock) -> None:
    shop = open_host(kind)
    calls: list[Any] = []

    def always() -> Any:
        calls.append("always")
        return [TENTH]

    def find(codes: Any) -> Any:
        typed = [code["canonical"] for code in codes]
        calls.append(typed)
        # As a table with all promotions would find them: the automatic one, too, if it was typed.
        return [promo for promo in (TENTH, HALF) if promo["code"] in typed]

    async def find_later(codes: Any) -> Any:
        return find(codes)

    promos = {"always": always, "find": find_later if kind == "psycopg-async" else find}

    def total(call: Any, id: str, codes: list[str]) -> Any:
        return call({**request(id), "codes": codes, "promos": promos}, now=clock)["quote"]["total"]

    # 10 % of 1000 come off; then half of the 900 that are left, or of 1000 first: both ways 450.
    assert total(shop.preview, "a", []) == 900
    assert total(shop.preview, "a", [" "]) == 900
    assert total(shop.preview, "a", ["half"]) == 450
    assert total(shop.preview, "a", ["tenth", "half"]) == 450
    assert calls == ["always", "always", "always", ["HALF"], "always", ["TENTH", "HALF"]]
    # The automatic promotion has one use.
    assert [total(shop.redeem, id, []) for id in ("a", "b")] == [900, 1000]


def test_a_promotion_that_was_typed_is_the_one_that_was_found(open_host: Any, clock: Clock) -> None:
    shop = open_host("sqlite3")
    promos = {"always": lambda: [TENTH], "find": lambda _: [{**TENTH, "active": False}]}

    def ask(codes: list[str]) -> Any:
        return shop.preview({**request("a"), "codes": codes, "promos": promos}, now=clock)

    assert ask([])["quote"]["total"] == 900
    assert [violation["reason"] for violation in ask(["tenth"])["violations"]] == ["inactive"]


def test_a_mistake_in_the_functions_is_told(open_host: Any, clock: Clock) -> None:
    shop = open_host("sqlite3")

    def never(*_: Any) -> Any:
        raise AssertionError("not to be asked")

    def none(*_: Any) -> list[Any]:
        return []

    for promos, path, message in (
        ({"always": none}, "promos.find", "expected a function, found NoneType"),
        ({"find": none}, "promos.always", "expected a function, found NoneType"),
        ({"always": [], "find": none}, "promos.always", "expected a function, found list"),
        ({"always": none, "find": none, "finds": none}, "promos.finds", "unknown field, expected one of always, find"),
        ({"always": lambda: None, "find": never}, "promos.always", "expected it to return a list"),
        ({"always": none, "find": lambda _: "TEN"}, "promos.find", "expected it to return a list"),
    ):
        for call in (shop.preview, shop.redeem):
            with pytest.raises(InvalidRequest) as raised:
                call({**request("a"), "promos": promos}, now=clock)
            assert (raised.value.path, raised.value.message) == (path, message)
    with pytest.raises(InvalidRequest) as raised:
        shop.preview({**request("a"), "codes": [7], "promos": {"always": never, "find": never}}, now=clock)
    assert raised.value.path == "codes[0]"
