"""Values that only Python has. Values that JSON would change silently, and too many values, are errors with a path."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import uuid
from collections import OrderedDict
from types import MappingProxyType
from typing import Any

import pytest
import redeemable
from redeemable import Engine, InvalidRequest
from support import CALLS, compact, preview


class Text(str):
    pass


class Fraction(float):
    pass


class Colour(enum.Enum):
    RED = "SUMMER"


class Kind(str, enum.Enum):
    SUMMER = "SUMMER"


def refused(engine: Engine, request: Any) -> tuple[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        engine.validate_redemption(request)
    engine.validate_redemption(preview())  # type: ignore[arg-type]
    return caught.value.path, caught.value.message


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (decimal.Decimal(1), "a value of type Decimal"),
        (b"SUMMER", "a value of type bytes"),
        ({"SUMMER"}, "a value of type set"),
        (datetime.datetime(2026, 1, 1), "a value of type datetime"),
        (uuid.UUID(int=0), "a value of type UUID"),
        (Colour.RED, "a value of type Colour"),
        (object(), "a value of type object"),
        (iter(["SUMMER"]), "a value of type list_iterator"),
        (MappingProxyType({"a": 1}), "a value of type mappingproxy"),
        (1 + 2j, "a value of type complex"),
    ],
)
def test_a_value_that_json_does_not_have(engine: Engine, value: object, found: str) -> None:
    message = f"expected a value that JSON has, found {found}"
    assert refused(engine, {**preview(), "codes": [value]}) == ("codes[0]", message)
    assert refused(engine, {**preview(), "usage": {"counters": {"a/b": value}}}) == ('usage.counters["a/b"]', message)
    assert refused(engine, value) == ("", message)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), Fraction("nan")])
def test_a_number_that_is_not_finite_is_never_null(engine: Engine, number: float) -> None:
    # JSON writers may turn such a number into null, which would mean: no limit.
    fault = ("promos[0].max_uses", "expected a number, found a number that is not finite")
    assert refused(engine, preview(max_uses=number)) == fault


@pytest.mark.parametrize(
    ("key", "found"),
    [
        (1, "a value of type int"),
        (True, "a value of type bool"),
        (None, "null"),
        (1.5, "a value of type float"),
        ((), "a value of type tuple"),
    ],
)
def test_a_key_that_is_no_string(engine: Engine, key: object, found: str) -> None:
    message = f"expected strings as keys, found {found}"
    assert refused(engine, {**preview(), "usage": {"counters": {key: 1}}}) == ("usage.counters", message)
    assert refused(engine, {**preview(), key: 1}) == ("", message)
    assert refused(engine, OrderedDict({**preview(), key: 1})) == ("", message)


def test_true_is_no_number_and_1_is_no_boolean(engine: Engine) -> None:
    assert refused(engine, preview(max_uses=True))[0] == "promos[0].max_uses"
    assert refused(engine, preview(active=1)) == ("promos[0].active", "expected true or false, found 1")


@pytest.mark.parametrize("number", [2**53, 2**63, 2**64, 10**30])
def test_an_integer_above_the_range(engine: Engine, number: int) -> None:
    expected = "expected an integer from 0 to 9007199254740991, found "
    assert refused(engine, preview(max_uses=number)) == (
        "promos[0].max_uses",
        expected + "a number above 9007199254740991",
    )
    assert refused(engine, preview(max_uses=-number)) == ("promos[0].max_uses", expected + "a negative number")


def test_an_integer_of_many_digits(engine: Engine) -> None:
    fault = ("promos[0].max_uses", "expected a number, found one of too many digits")
    assert refused(engine, preview(max_uses=10**5000)) == fault


def test_subclasses_of_strings_numbers_lists_and_dicts_are_read_like_their_bases(engine: Engine) -> None:
    plain = engine.validate_redemption(preview(priority=3))  # type: ignore[arg-type]
    request = OrderedDict(preview(priority=Fraction(3.0)))
    request["codes"] = (Text("SUMMER"),)
    request["promos"] = tuple(
        OrderedDict((Text(key), value) for key, value in promo.items()) for promo in request["promos"]
    )
    assert engine.validate_redemption(request) == plain  # type: ignore[arg-type]
    request: Any = {**preview(priority=3), "codes": [Kind.SUMMER]}
    assert engine.validate_redemption(request) == plain


def test_two_keys_with_the_same_text_are_an_error(engine: Engine) -> None:
    class Other(str):
        def __hash__(self) -> int:
            return 1

        def __eq__(self, other: object) -> bool:
            return self is other

    assert refused(engine, preview(**{"max_uses": 1, Other("max_uses"): 100})) == (
        "promos[0].max_uses",
        "expected each field once",
    )


def test_half_of_a_surrogate_pair(engine: Engine) -> None:
    lone = "expected Unicode text, found a lone surrogate"
    assert refused(engine, {**preview(), "codes": ["SUMMER\udc00"]}) == ("codes[0]", lone)
    assert refused(engine, {**preview(), "usage": {"counters": {"\ud800": 1}}}) == ('usage.counters["\ufffd"]', lone)
    with pytest.raises(InvalidRequest, match=lone):
        engine.validate_redemption_json('{"\ud800": 1}')
    with pytest.raises(InvalidRequest, match="expected JSON: "):
        engine.validate_redemption_json(r'{"codes": ["\ud800"]}')


def test_a_list_that_contains_itself_and_one_that_is_too_deep_are_errors(engine: Engine) -> None:
    too_much = ("", "expected at most 127 levels and 1000000 values")
    itself: list[Any] = []
    itself += [itself, itself]
    assert refused(engine, {**preview(), "codes": itself}) == too_much
    loop = preview()
    loop["order"]["lines"] = loop
    assert refused(engine, loop) == too_much
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert refused(engine, {**preview(), "codes": deep}) == too_much
    for levels in (100, 125, 126, 127, 128, 129):
        nested: list[Any] = []
        for _ in range(levels):
            nested = [nested]
        assert refused(engine, {**preview(), "codes": nested})[0] in ("codes[0]", "")
    deep_text = '{"codes":' + "[" * 100_000 + "]" * 100_000 + "}"
    with pytest.raises(InvalidRequest, match="expected JSON: "):
        engine.validate_redemption_json(deep_text)


def test_too_many_values_are_an_error(engine: Engine) -> None:
    assert refused(engine, {**preview(), "codes": ["A"] * 2_000_000}) == (
        "",
        "expected at most 127 levels and 1000000 values",
    )
    assert refused(engine, {**preview(), "codes": ["A"] * 900_000})[1].startswith("expected at most 16 codes")


@pytest.mark.parametrize(
    "text", ["", " ", "nul", "[", "{'a': 1}", "{}x", '{"a":1,}', "NaN", '{"now_ms": NaN}', b"\xff", b"\x00", "\ufeff{}"]
)
def test_text_that_is_no_json(engine: Engine, text: str | bytes) -> None:
    for method, _ in CALLS.values():
        with pytest.raises(InvalidRequest, match=r"^expected JSON: ") as caught:
            getattr(engine, f"{method}_json")(text)
        assert (caught.value.code, caught.value.path) == ("invalid_request", "")


def test_an_empty_text_as_the_first_request_is_an_error() -> None:
    for text in ("", b""):
        with pytest.raises(InvalidRequest, match=r"^expected JSON: ") as caught:
            Engine().validate_redemption_json(text)
        assert (caught.value.code, caught.value.path) == ("invalid_request", "")


def test_each_malformed_request_among_many_has_its_error_at_its_place(engine: Engine) -> None:
    right, nan, unknown, lone = (
        preview(),
        preview(max_uses=float("nan")),
        preview(max_usse=1),
        {**preview(), "codes": ["\ud800"]},
    )
    one = engine.validate_redemption(right)  # type: ignore[arg-type]
    requests = [nan, right, unknown, right, lone, *[right] * 100, b"", nan]
    answers = engine.validate_redemptions(requests)  # type: ignore[arg-type]
    paths = [answer.path if isinstance(answer, InvalidRequest) else answer for answer in answers]
    fault = "promos[0].max_uses"
    assert paths == [fault, one, "promos[0].max_usse", one, "codes[0]", *[one] * 100, "", fault]


def test_a_request_is_not_changed(engine: Engine) -> None:
    request = preview()
    before = compact(request)
    engine.validate_redemption(request)  # type: ignore[arg-type]
    assert compact(request) == before


def test_text_with_every_kind_of_character_arrives_unchanged(engine: Engine) -> None:
    for text in ("ü", "😀", "\x00\x1f", "\u2028", '"\\/', "<VIP>&"):
        request = {
            **preview(),
            "order": {**preview()["order"], "lines": [{"unit_price": 1, "quantity": 1, "ticket_type": text}]},
        }
        decision = engine.validate_redemption(request)  # type: ignore[arg-type]
        assert decision["quote"]["tickets"][0]["ticket_type"] == text
        assert json.loads(engine.validate_redemption_json(json.dumps(request))) == decision


def test_an_error_says_where_and_what() -> None:
    error = InvalidRequest("invalid_promo", ["promos", 0, "code"], "missing required field")
    assert (error.path, error.at) == ("promos[0].code", ["promos", 0, "code"])
    assert str(error) == "promos[0].code: missing required field"
    assert (
        str(InvalidRequest("invalid_request", [], "expected an object, found a list"))
        == "expected an object, found a list"
    )
    odd = InvalidRequest("invalid_request", ["usage", "counters", 'a"\\\n/', 2], "")
    assert odd.path == r'usage.counters["a\"\\\u000a/"][2]'
    assert isinstance(error, ValueError) and isinstance(redeemable.EngineStopped(), RuntimeError)


def test_a_value_that_json_cannot_hold_is_a_fault_of_its_document(engine: Engine) -> None:
    deep: list[Any] = []
    promos = [
        {"code": "A", "discount_percent": 10},
        {"code": "B\ud800", "discount_percent": float("nan"), "pools": float("inf"), "max_usse": 5, "id\udfff": 1},
        {
            "code": "C",
            "discount_percent": 10,
            "only_for": {"e-\ud800": ["a"]},
            "pools": [object(), {"id": "p", "max_uses": -1}],
        },
        {1: "D"},
        {"code": "E", "discount_percent": 10, "events": [b"gala"]},
    ]
    answer = engine.validate_promos({"promos": promos, "policy": {"max_tickets_per_identity": 10**5000}})
    assert answer["sound"] == [0]
    assert [(fault["path"], fault["at"]) for fault in answer["faults"]] == [
        ("promos[1].max_usse", ["promos", 1, "max_usse"]),
        ('promos[1]["id\ufffd"]', ["promos", 1, "id\ufffd"]),
        ("promos[1].code", ["promos", 1, "code"]),
        ("promos[1].discount_percent", ["promos", 1, "discount_percent"]),
        ("promos[1].pools", ["promos", 1, "pools"]),
        ("promos[2].pools[0]", ["promos", 2, "pools", 0]),
        ("promos[2].pools[1].max_uses", ["promos", 2, "pools", 1, "max_uses"]),
        ('promos[2].only_for["e-\ufffd"]', ["promos", 2, "only_for", "e-\ufffd"]),
        ("promos[3]", ["promos", 3]),
        ("promos[4].events[0]", ["promos", 4, "events", 0]),
        ("policy.max_tickets_per_identity", ["policy", "max_tickets_per_identity"]),
    ]
    said = {fault["path"]: fault["message"] for fault in answer["faults"]}
    assert said["promos[1].code"] == "expected Unicode text, found a lone surrogate"
    assert said['promos[1]["id\ufffd"]'] == "expected Unicode text, found a lone surrogate"
    assert said["promos[1].discount_percent"] == "expected a number, found a number that is not finite"
    assert said["promos[3]"] == "expected strings as keys, found a value of type int"
    assert said["promos[4].events[0]"] == "expected a value that JSON has, found a value of type bytes"
    for _ in range(200):
        deep = [deep]
    for wrong, path in (
        ({"promos": float("nan")}, "promos"),
        ({"promos": [], "now": float("nan")}, "now"),
        ({"promos": [deep]}, ""),
    ):
        with pytest.raises(InvalidRequest) as caught:
            engine.validate_promos(wrong)  # type: ignore[arg-type]
        assert caught.value.path == path


def test_a_document_that_json_cannot_hold_is_left_out_of_rules(engine: Engine) -> None:
    request = preview()
    promos = [{"code": "B", "discount_percent": float("nan")}, *request.pop("promos")]
    with pytest.raises(InvalidRequest) as caught:
        engine.prepare(promos=promos)
    assert caught.value.path == "promos[0].discount_percent"
    rules = engine.prepare(promos=promos, unsound="leave_out")
    assert rules.validate_redemption(request)["quote"]["total"] == 0
    policy: Any = {"max_tickets_per_identity": float("nan")}
    with pytest.raises(InvalidRequest) as caught:
        engine.prepare(promos=promos, policy=policy, unsound="leave_out")
    assert caught.value.path == "policy.max_tickets_per_identity"
