"""Prepared rules: every vector under them, mistakes in them, and how long an instance of the engine keeps them."""

from __future__ import annotations

import gc
import json
import os
import threading
from typing import Any

import pytest
import redeemable
from redeemable import Engine, EngineStopped, InvalidRequest, _instance
from redeemable.engine import KEEP
from support import CALLS, cases, compact, expected, preview

ASKED = [case for case in cases() if case["call"] in ("usageKeys", "validateRedemption", "exchangeRedemption")]


def parts(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Splits a request into promotions and policy, and the rest. In an exchange the rules are part of the order."""
    if "request" in request:
        document, order = parts(request["request"])
        return document, {**request, "request": order}
    return (
        {"promos": request["promos"], "policy": request.get("policy")},
        {field: value for field, value in request.items() if field not in ("promos", "policy")},
    )


def prepared(engine: Engine, promo: dict[str, Any]) -> redeemable.PreparedRules:
    return engine.prepare(promos=[promo])  # type: ignore[list-item]


def summer(**promo: Any) -> dict[str, Any]:
    return {"code": "SUMMER", "discount": {"kind": "free"}, **promo}


REQUEST: Any = parts(preview())[1]


def reason(rules: redeemable.PreparedRules) -> str:
    """The reason why two tickets with the code SUMMER are refused, or "accepted"."""
    decision = rules.validate_redemption(REQUEST)
    return decision["violations"][0]["reason"] if decision["violations"] else decision["status"]


def said(error: InvalidRequest) -> dict[str, Any]:
    return {"error": {"code": error.code, "path": error.path, "at": error.at, "message": error.message}}


def under_rules(engine: Engine, case: dict[str, Any], text: bool) -> str:
    document, asked = parts(case["request"])
    method = CALLS[case["call"]][0]
    try:
        rules = engine.prepare(**document)
        return (
            str(getattr(rules, method + "_json")(json.dumps(asked))) if text else compact(getattr(rules, method)(asked))
        )
    except InvalidRequest as error:
        return compact(said(error))


@pytest.mark.parametrize("inner", [True, False])
@pytest.mark.parametrize("text", [True, False])
def test_every_vector_under_rules(monkeypatch: pytest.MonkeyPatch, inner: bool, text: bool) -> None:
    if not inner:
        monkeypatch.setattr(_instance, "_inner", _instance._public)
    engine = Engine()
    compared = 0
    for case in ASKED:
        if not isinstance(case["request"], dict) or "promos" not in case["request"].get("request", case["request"]):
            continue
        error = case.get("error")
        if error and error["at"][0] == "request" and error["at"][1] in ("promos", "policy"):
            # The path of a mistake in the rules themselves begins there.
            continue
        if error and "." not in error["path"] and error["message"].startswith("unknown field"):
            # Under rules a request has fewer fields, so the message about an unknown field lists fewer.
            assert json.loads(under_rules(engine, case, text))["error"]["path"] == error["path"]
        else:
            assert under_rules(engine, case, text) == expected(case), case["name"]
        compared += 1
    assert compared > 600
    (instance,) = engine._free
    instance.answer("usage-keys", b"{}")
    assert instance._numbers == {}, "rules that nobody holds are dropped"


def test_a_mistake_in_rules_is_an_error_when_they_are_made(engine: Engine) -> None:
    good: Any = summer()
    made: list[tuple[Any, str, str]] = [
        (
            lambda: engine.prepare(promos=[good, {**good, "code": "B", "max_usse": 1}]),
            "invalid_promo",
            "promos[1].max_usse",
        ),
        (lambda: engine.prepare(promos=[good, good]), "duplicate_code", "promos[1].code"),
        (lambda: engine.prepare(promos=None), "invalid_request", "promos"),  # type: ignore[arg-type]
        (
            lambda: engine.prepare(promos=[], policy={"max_tickets_per_identity": -1}),
            "invalid_request",
            "policy.max_tickets_per_identity",
        ),
        (lambda: engine.prepare(promos=[{**good, "max_uses": float("nan")}]), "invalid_promo", "promos[0].max_uses"),
        (
            lambda: engine.prepare(promos=[good]).validate_redemption({**REQUEST, "promos": []}),
            "invalid_request",
            "promos",
        ),
        (
            lambda: engine.prepare(promos=[good]).validate_redemption({**REQUEST, "policy": None}),
            "invalid_request",
            "policy",
        ),
        (lambda: engine.prepare(promos=[good]).validate_redemption_json("{}"), "invalid_request", "codes"),
        (
            lambda: engine.prepare(promos=[good]).usage_keys({**REQUEST, "order": {**REQUEST["order"], "lines": []}}),
            "invalid_request",
            "order.lines",
        ),
        (lambda: engine.prepare(promos=[good]).usage_keys_json("nonsense"), "invalid_request", ""),
    ]
    for make, code, path in made:
        with pytest.raises(InvalidRequest) as caught:
            make()
        assert (caught.value.code, caught.value.path) == (code, path)


def test_rules_keep_a_copy_of_their_documents() -> None:
    engine = Engine()
    promo = summer(max_uses=2)
    one, other = prepared(engine, promo), prepared(engine, summer(code="WINTER"))
    promo["max_uses"] = 0
    assert (reason(one), reason(other)) == ("accepted", "unknown_code")
    assert one.usage_keys(REQUEST) == ["code/event:gala:SUMMER/spend/EUR", "code/event:gala:SUMMER/uses"]


def test_the_place_of_dropped_rules_is_used_again_and_other_rules_keep_theirs() -> None:
    engine = Engine()
    gone, kept = prepared(engine, summer(active=False)), prepared(engine, summer(max_uses=1))
    (instance,) = engine._free
    assert sorted(instance._numbers.values()) == [0, 1]
    assert reason(gone) == "inactive"
    del gone
    gc.collect()
    following = prepared(engine, summer(max_uses=2))
    assert (reason(kept), reason(following)) == ("uses_exhausted", "accepted")
    assert engine._free == [instance] and sorted(instance._numbers.values()) == [0, 1]
    for _ in range(1000):
        assert reason(prepared(engine, summer(active=False))) == "inactive"
    gc.collect()
    assert reason(kept) == "uses_exhausted"
    assert len(instance._numbers) == 2, "as many as are held"


def test_a_number_that_names_no_rules_is_an_error() -> None:
    (instance,) = Engine()._free
    for verb in ("prepared-validate-redemption", "prepared-usage-keys"):
        for number in (0, 2**31):
            assert (
                json.loads(instance._ask(verb, b"{}", number))["error"]["message"] == "expected rules that are prepared"
            )
    assert instance._ask("drop-rules", b"", 7) == b""


def test_eight_threads_decide_under_rules_of_their_own_and_under_shared_rules() -> None:
    engine = Engine()
    shared = prepared(engine, summer(max_uses=1))
    wrong: list[str] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        for round in range(60):
            own = prepared(engine, summer(max_uses=1 + round % 2))
            found = [reason(own), reason(shared)]
            if found != [["uses_exhausted", "accepted"][round % 2], "uses_exhausted"]:
                wrong.append(str(found))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    gc.collect()
    for instance in engine._free:
        instance.answer("usage-keys", b"{}")
        assert set(instance._numbers.values()) <= {0, 1, 2, 3, 4, 5, 6, 7, 8} and len(instance._numbers) <= 1


def test_each_instance_prepares_the_rules_once() -> None:
    engine = Engine()
    rules = prepared(engine, summer())
    first = engine._free.pop()
    assert reason(rules) == "accepted"
    (second,) = engine._free
    asked: list[str] = []
    ask = second._ask
    second._ask = lambda verb, *arguments: asked.append(verb) or ask(verb, *arguments)  # type: ignore
    engine._free.insert(0, first)
    assert [reason(rules) for _ in range(3)] == ["accepted"] * 3
    assert asked == ["prepared-validate-redemption"] * 3


def heavy(tickets: int, pools: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A promo with many pools, and an order whose tickets all charge each of the pools."""
    order = {
        "id": "o-1",
        "event_id": "gala",
        "currency": "EUR",
        "lines": [{"unit_price": 10**6, "quantity": tickets}],
        "hold_until_ms": 1800000900000,
    }
    pool = [{"id": f"p{number}", "budget": 10**9} for number in range(pools)]
    return {"code": "SUMMER", "discount_percent": 1, "pools": pool}, {
        "codes": ["SUMMER"],
        "order": order,
        "now_ms": 1800000000000,
    }


@pytest.mark.parametrize("inner", [True, False])
def test_an_instance_that_stopped_is_replaced_and_prepares_the_rules_anew(
    monkeypatch: pytest.MonkeyPatch, inner: bool
) -> None:
    if not inner:
        monkeypatch.setattr(_instance, "_inner", _instance._public)
    engine = Engine(fuel=2_000_000)
    promo, much = heavy(1000, 5)
    rules = prepared(engine, promo)
    before = rules.validate_redemption(REQUEST)
    for _ in range(3):
        with pytest.raises(EngineStopped, match="fuel"):
            rules.validate_redemption(much)  # type: ignore[arg-type]
        assert engine._free == []
        assert rules.validate_redemption(REQUEST) == before


def test_rules_that_need_too_much_are_an_error_when_they_are_made() -> None:
    engine = Engine(fuel=200_000)
    with pytest.raises(EngineStopped, match="fuel"):
        engine.prepare(promos=[{"code": f"C{number}", "discount_percent": 10} for number in range(1000)])
    assert reason(prepared(engine, summer())) == "accepted"


def test_other_rules_do_not_reduce_the_memory_of_a_call() -> None:
    engine = Engine(memory=16 << 20)
    held = []
    for number in range(40):
        # Each set of rules takes a part of the 16 MiB; together they would take more.
        held.append(
            engine.prepare(
                promos=[{"code": f"C{number}-{code}", "discount_percent": 10} for code in range(2000)] + [summer()]
            )
        )  # type: ignore[list-item]
        assert reason(held[-1]) == "accepted"
    (instance,) = engine._free
    assert len(instance._numbers) < 40, "one instance held them all: the test is of nothing"
    assert [reason(rules) for rules in held] == ["accepted"] * 40


def test_large_rules_are_kept_by_their_instance() -> None:
    engine = Engine()
    rules = engine.prepare(
        promos=[{"code": f"C{number}", "discount_percent": 10} for number in range(40_000)] + [summer()]
    )  # type: ignore[list-item]
    assert len(rules.document) > KEEP
    (instance,) = engine._free
    assert reason(rules) == "accepted"
    assert engine._free == [instance]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_the_rules_too() -> None:
    engine = Engine()
    rules, dropped = prepared(engine, summer(max_uses=1)), prepared(engine, summer(active=False))
    assert (reason(rules), reason(dropped)) == ("uses_exhausted", "inactive")
    child = os.fork()
    if child == 0:
        del dropped
        gc.collect()
        right = reason(rules) == "uses_exhausted" and reason(prepared(engine, summer())) == "accepted"
        os._exit(0 if right and len(engine._free[0]._numbers) <= 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert (reason(rules), reason(dropped)) == ("uses_exhausted", "inactive")
