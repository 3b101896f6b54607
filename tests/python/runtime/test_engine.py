"""One engine with many threads and tasks, and with inputs that need too much fuel or memory."""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from typing import Any

import pytest
import redeemable
from redeemable import Engine, EngineStopped, InvalidRequest, _instance
from redeemable.engine import KEEP
from support import cases, compact, heavy, preview

SMALL = [case for case in cases() if case["call"] == "validateRedemption" and "answer" in case][::10]


def used(request: dict[str, Any]) -> int:
    """The fuel that this request needs by itself."""
    instance = _instance.Instance(_instance.FUEL, _instance.MEMORY)
    instance.answer("validate-redemption", compact(request).encode())
    return _instance.FUEL - int(instance._store.get_fuel())


def least_memory() -> int:
    """The size of the engine's memory at its start, in bytes."""
    instance = _instance.Instance(_instance.FUEL, _instance.MEMORY)
    memory: Any = instance._exports["memory"]
    return int(memory.data_len(instance._store))


def test_eight_threads_get_the_answers_that_one_gets() -> None:
    engine = Engine()
    wrong: list[str] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        for _ in range(5):
            for case in SMALL:
                if compact(engine.validate_redemption(case["request"])) != compact(case["answer"]):
                    wrong.append(case["name"])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(SMALL) >= 50
    assert 1 <= len(engine._free) <= 8


def test_an_instance_serves_one_call_at_a_time() -> None:
    engine = Engine()
    first = engine._free.pop()
    engine.validate_redemption(preview())  # type: ignore[arg-type]
    assert first not in engine._free
    assert len(engine._free) == 1


def test_tasks_of_an_event_loop_and_its_threads_get_right_answers() -> None:
    engine = Engine()

    async def one(case: dict[str, Any]) -> bool:
        here = engine.validate_redemption(case["request"])
        there = await asyncio.to_thread(engine.validate_redemption, case["request"])
        return compact(here) == compact(there) == compact(case["answer"])

    async def all_of_them() -> list[bool]:
        return await asyncio.gather(*(one(case) for case in SMALL))

    assert all(asyncio.run(all_of_them()))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_decides_for_itself() -> None:
    engine = Engine()
    before = engine.validate_redemption_json(compact(preview(max_uses=1)))
    child = os.fork()
    if child == 0:
        same = engine.validate_redemption_json(compact(preview(max_uses=1))) == before
        os._exit(0 if same and Engine().validate_redemption_json(compact(preview(max_uses=1))) == before else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert engine.validate_redemption_json(compact(preview(max_uses=1))) == before


@pytest.mark.parametrize("inner", [True, False])
def test_a_call_that_computes_too_long_stops_and_the_next_call_works(
    monkeypatch: pytest.MonkeyPatch, inner: bool
) -> None:
    if not inner:
        monkeypatch.setattr(_instance, "_inner", _instance._public)
    engine = Engine(fuel=2_000_000)
    expected = engine.validate_redemption(preview())  # type: ignore[arg-type]
    for _ in range(3):
        with pytest.raises(EngineStopped, match="fuel"):
            engine.validate_redemptions([preview(), heavy(1, 1)])  # type: ignore[list-item]
        assert engine._free == []
        with pytest.raises(EngineStopped, match="fuel"):
            engine.validate_redemption(heavy(1, 1))  # type: ignore[arg-type]
        assert engine.validate_redemption(preview()) == expected  # type: ignore[arg-type]
    assert len(engine._free) == 1


def test_requests_that_need_too_much_together_are_decided_one_by_one() -> None:
    # One request needs three quarters of the fuel, so two requests in one call stop.
    one = Engine()
    fuel = 4 * used(heavy(2, 10)) // 3
    malformed = {**preview(), "now_ms": None}
    requests = [preview(), heavy(2, 10), malformed, heavy(2, 10), *[preview()] * 40, heavy(2, 10), heavy(2, 10)]
    with pytest.raises(EngineStopped, match="fuel"):
        Engine(fuel=fuel)._cross(
            "validate-redemptions", "\n".join(compact(requests[place]) for place in (1, 3)).encode()
        )
    answers = Engine(fuel=fuel).validate_redemptions(requests)  # type: ignore[arg-type]
    assert len(answers) == 46
    for request, answer in zip(requests, answers, strict=True):
        if request is malformed:
            assert isinstance(answer, InvalidRequest) and answer.path == "now_ms"
        else:
            assert answer == one.validate_redemption(request)  # type: ignore[arg-type]


def test_only_a_request_that_stops_alone_stops_the_others() -> None:
    engine = Engine(fuel=4 * used(heavy(2, 10)) // 3)
    with pytest.raises(EngineStopped, match="fuel"):
        engine.validate_redemptions([preview(), heavy(2, 24)])  # type: ignore[list-item]
    assert len(engine.validate_redemptions([heavy(2, 10)] * 2)) == 2  # type: ignore[list-item]


@pytest.mark.parametrize("inner", [True, False])
def test_each_call_has_all_the_fuel(monkeypatch: pytest.MonkeyPatch, inner: bool) -> None:
    if not inner:
        monkeypatch.setattr(_instance, "_inner", _instance._public)
    engine = Engine(fuel=1_000_000)
    instance = engine._free[0]
    engine.validate_redemption(preview())  # type: ignore[arg-type]
    once = 1_000_000 - instance._store.get_fuel()
    assert 10_000 < once < 500_000
    for _ in range(30):
        engine.validate_redemption(preview())  # type: ignore[arg-type]
    assert engine._free == [instance]


@pytest.mark.parametrize("inner", [True, False])
def test_a_call_that_needs_too_much_memory_stops_and_the_next_works(
    monkeypatch: pytest.MonkeyPatch, inner: bool
) -> None:
    if not inner:
        monkeypatch.setattr(_instance, "_inner", _instance._public)
    engine = Engine(memory=2 << 20)
    expected = engine.validate_redemption(preview())  # type: ignore[arg-type]
    for _ in range(3):
        with pytest.raises(EngineStopped):
            engine.validate_redemption(heavy(2, 24))  # type: ignore[arg-type]
        with pytest.raises(EngineStopped):
            engine.validate_redemption_json(b" " * (8 << 20))
        assert engine.validate_redemption(preview()) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("codes", "pools"), [(2, 24), (1, 49), (16, 2)])
def test_the_heaviest_order_is_sold_paid_and_given_back(codes: int, pools: int) -> None:
    """Codes and pools count uses and money each: 2 × 50, 1 × 100 and 16 × 6 charges, each of 1000 tickets."""
    engine: Any = Engine()
    request = heavy(codes, pools)
    decision = engine.validate_redemption(request)
    assert decision["status"] == "accepted"
    assert decision["quote"]["total"] < decision["quote"]["subtotal"] == 1_000_000_000
    assert len(decision["ops"]) == 1 + codes * (2 + pools * 2)
    held = decision["ops"][0]["redemption"]
    now = {"now_ms": 1800000900000}
    again = engine.validate_redemption({**request, "usage": {"existing": held}})
    assert (again["replayed"], again["quote"]) == (True, decision["quote"])
    other = {
        **request,
        "order": {**request["order"], "id": "o-2", "hold_until_ms": 1800001800000},
        "usage": {"lapsed": [held]},
        **now,
    }
    assert [op["op"] for op in engine.validate_redemption(other)["ops"]] == ["update", "insert"]
    lapsed = engine.apply_release({"redemption": held, "release": {"reason": "hold_expired"}, **now})
    assert len(lapsed["tickets"]) == 1000
    late = engine.confirm_redemption(
        {
            "redemption": lapsed["ops"][0]["redemption"],
            "payment": {"id": "p-1", "total": decision["quote"]["total"], "currency": "EUR"},
            "usage": {"counters": {}},
            **now,
        }
    )
    paid = late["ops"][0]["redemption"]
    assert (late["status"], paid["state"]) == ("confirmed", "confirmed")
    assert (
        engine.apply_release({"redemption": paid, "release": {"reason": "refunded"}, **now})["refundable"]
        == decision["quote"]["total"]
    )
    counters = engine.audit_usage({"redemptions": [paid]})["counters"]
    assert len(counters) == codes * (2 + pools * 2) and counters["code/event:gala:C0/uses"] == 1000


def test_an_order_that_is_even_heavier_is_an_error_and_takes_no_longer() -> None:
    for codes, pools, found in [(1, 50, 102_000), (16, 100, 202_000)]:
        with pytest.raises(
            InvalidRequest, match=f"order.lines: expected at most 100000 ticket references in charges, found {found}$"
        ):
            Engine().validate_redemption(heavy(codes, pools))  # type: ignore[arg-type]


def test_a_text_that_does_not_fit_into_the_engine_is_an_error() -> None:
    engine = Engine()
    with pytest.raises(EngineStopped):
        engine.validate_redemption_json(b"[" + b"1," * 10_000_000 + b"1]")
    assert engine.validate_redemption(preview())["status"] == "accepted"  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [4 << 20, 2**31, 2**32, 2**32 + 100])
def test_a_request_longer_than_the_memory_never_crosses(length: int) -> None:
    # Pages of zeros take no memory until they are read. A length of 2**32 + 100 would look like 100 in 32 bits.
    engine = Engine(memory=4 << 20)
    with pytest.raises(EngineStopped, match=r"^the request is longer than the memory of a call$"):
        engine.validate_redemption_json(bytes(length))
    assert engine.validate_redemption(preview())["status"] == "accepted"  # type: ignore[arg-type]


def test_an_instance_that_grew_is_not_kept() -> None:
    engine = Engine()
    engine.validate_redemption(preview())  # type: ignore[arg-type]
    assert len(engine._free) == 1
    assert len(engine.validate_redemption_json(json.dumps(heavy(2, 24, 10**12)))) > KEEP
    assert engine._free == []


def test_the_engine_is_called_in_the_fast_way() -> None:
    # This must hold with every wasmtime that the package allows; other tests cover the slower way.
    instance = Engine()._free[0]
    instance.answer("usage-keys", b"{}")
    assert instance._calls["usage-keys"].__qualname__ == "_inner.<locals>.call"


def test_without_wasmtimes_inner_functions_the_public_ones_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(_instance.wasmtime, "_ffi")
    engine = Engine()
    assert engine.validate_redemption(preview())["status"] == "accepted"  # type: ignore[arg-type]
    assert engine._free[0]._calls["validate-redemption"].__qualname__ == "_public.<locals>.call"


def test_the_host_may_set_the_bounds() -> None:
    assert redeemable.Engine(fuel=10**9, memory=1 << 24).usage_keys(preview()) == [  # type: ignore[arg-type]
        "code/event:gala:SUMMER/spend/EUR",
        "code/event:gala:SUMMER/uses",
    ]


def test_impossible_bounds_are_errors() -> None:
    fuel = "^fuel: expected an integer from 1 to 18446744073709551615, found "
    for number in (-1, 0, 2**64, 1.5, True, None):
        with pytest.raises(ValueError, match=fuel + re.escape(repr(number)) + "$"):
            Engine(fuel=number)  # type: ignore[arg-type]
    memory = f"^memory: expected an integer from {least_memory()} to 2147483648, found "
    for number in (-1, 0, 1, least_memory() - 1, 2**31 + 1, 2**64, 1e9, None):
        with pytest.raises(ValueError, match=memory + re.escape(repr(number)) + "$"):
            Engine(memory=number)  # type: ignore[arg-type]


def test_the_lowest_and_the_highest_bounds_are_accepted() -> None:
    engine: Any = Engine(fuel=2**64 - 1, memory=2**31)
    assert engine.validate_redemption(preview())["status"] == "accepted"
    for engine in (Engine(fuel=1), Engine(memory=least_memory())):
        with pytest.raises(EngineStopped):
            engine.validate_redemption_json(json.dumps(heavy(1, 1)))
