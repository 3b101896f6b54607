"""One decision in Python: this engine, hand-written code, and general rule engines, in paired rounds of one process.

    python benches/python/bench.py [--rounds 30] [--json FILE]

Everybody answers 100 requests and keeps the answers, as a host keeps one until it has committed.
Trust the ratios: each round measures everybody once, and a ratio is the median over the rounds of the two times in one.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import handwritten
import redeemable
from peers import peers
from redeemable import _instance, engine as module

REQUEST: dict[str, Any] = {
    "codes": ["early20"],
    "promos": [
        {
            "code": "EARLY20", "discount_percent": 20, "max_uses": 100, "max_uses_per_identity": 4,
            "starts_at_ms": 1700000000000, "ends_at_ms": 1900000000000, "events": ["gala", "opening"],
        }
    ],
    "order": {
        "id": "order-1", "event_id": "gala", "currency": "EUR", "lines": [{"ticket_type": "regular", "unit_price": 4500, "quantity": 2}],
        "identities": {"email": "ann@example.org"}, "hold_until_ms": 1800000900000,
    },
    "usage": {"counters": {"code/event:gala:EARLY20/uses": 90, "code/event:gala:EARLY20/by/email:ann@example.org": 1}},
    "now_ms": 1800000000000,
}
FACTS: dict[str, Any] = {
    "active": True, "now": 1800000000000, "starts": 1700000000000, "ends": 1900000000000, "event": "gala", "events": ["gala", "opening"],
    "used": 90, "quantity": 2, "max_uses": 100, "mine": 1, "max_mine": 4,
}
BATCH = 100
HAND = "hand-written"


def changed(document: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    document = copy.deepcopy(document)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return document


# By refusal, the request and the facts that lead to it.
REFUSED = {
    "uses_exhausted": (changed(REQUEST, "usage", "counters", "code/event:gala:EARLY20/uses", to=99), {**FACTS, "used": 99}),
    "identity_uses_exhausted": (changed(REQUEST, "usage", "counters", "code/event:gala:EARLY20/by/email:ann@example.org", to=3), {**FACTS, "mine": 3}),
    "ended": (changed(REQUEST, "now_ms", to=1900000000000), {**FACTS, "now": 1900000000000}),
    "not_started": (changed(REQUEST, "now_ms", to=1600000000000), {**FACTS, "now": 1600000000000}),
    "wrong_event": (changed(REQUEST, "order", "event_id", to="other"), {**FACTS, "event": "other"}),
}


def contestants() -> dict[str, Callable[[], list[Any]]]:
    """By name, what makes all the decisions; each has shown before that it decides right."""
    fast, plain = redeemable.Engine(), redeemable.Engine()
    plain._free = [_instance.Instance(plain._fuel, plain._memory, inner=False)]
    orjson = module.orjson
    assert orjson is not None, "the benchmark needs orjson"

    def each(call: Callable[[], Any]) -> Callable[[], list[Any]]:
        return lambda: [call() for _ in range(BATCH)]

    def standard(call: Callable[[], list[Any]]) -> Callable[[], list[Any]]:
        def timed() -> list[Any]:
            module.orjson = None
            try:
                return call()
            finally:
                module.orjson = orjson

        return timed

    expected = fast.validate_redemption(REQUEST)
    assert expected["status"] == "accepted"
    assert json.dumps(handwritten.validate_redemption(REQUEST)) == json.dumps(expected)
    for reason, (request, _) in REFUSED.items():
        answer = fast.validate_redemption(request)
        assert [violation["reason"] for violation in answer["violations"]] == [reason]
        assert json.dumps(handwritten.validate_redemption(request)) == json.dumps(answer), reason
    for path in (("promos", 0, "max_usse"), ("order", "idd"), ("order", "lines", 0, "prize")):
        for decide in (fast.validate_redemption, handwritten.validate_redemption):
            try:
                decide(changed(REQUEST, *path, to=1))
            except ValueError:
                continue
            raise AssertionError(f"{decide} accepts an unknown field")

    batch = [REQUEST] * BATCH
    text = json.dumps(REQUEST)
    ours = {
        "redeemable, with orjson": each(lambda: fast.validate_redemption(REQUEST)),
        "redeemable, at once, with orjson": lambda: fast.validate_redemptions(batch),
        "redeemable, with json": standard(each(lambda: fast.validate_redemption(REQUEST))),
        "redeemable, at once, with json": standard(lambda: fast.validate_redemptions(batch)),
        "redeemable, JSON text": each(lambda: fast.validate_redemption_json(text)),
        "redeemable, public wasmtime calls, with orjson": each(lambda: plain.validate_redemption(REQUEST)),
    }
    for name, call in ours.items():
        answer = json.dumps(expected, separators=(",", ":")) if "text" in name else expected
        assert call() == [answer] * BATCH, name
    others: dict[str, Callable[[], list[Any]]] = {}
    for name, peer in peers().items():
        assert peer(FACTS) is True, name
        for reason, (_, facts) in REFUSED.items():
            assert peer(facts) is False, f"{name}: {reason}"
        others[f"{name} (verdict only)"] = each(lambda peer=peer: peer(FACTS))  # type: ignore[misc]
    return {HAND: each(lambda: handwritten.validate_redemption(REQUEST)), **ours, **others}


def measure(rounds: int) -> dict[str, dict[str, float]]:
    calls = contestants()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            # The processor's time, of all threads: whoever else uses the machine is not measured.
            start = time.process_time()
            call()
            call()
            times[name].append((time.process_time() - start) / 2 / BATCH * 1e6)
    ratios = {name: [mine / hand for mine, hand in zip(own, times[HAND])] for name, own in times.items()}
    return {name: {"us": round(statistics.median(times[name]), 2), "ratio": round(statistics.median(ratios[name]), 2)} for name in times}


def starts(rounds: int) -> dict[str, float]:
    """Milliseconds from a new process's import to its first engine."""
    script = "import time; a = time.perf_counter(); import {0}; b = time.perf_counter(); {1}; print((b - a) * 1e3, (time.perf_counter() - b) * 1e3)"

    def run(what: str, then: str, cache: str) -> tuple[float, float]:
        out = subprocess.run([sys.executable, "-c", script.format(what, then)], env={**os.environ, "REDEEMABLE_CACHE_DIR": cache}, capture_output=True, text=True, check=True).stdout
        first, second = out.split()
        return float(first), float(second)

    found: dict[str, list[float]] = {"import wasmtime": [], "import redeemable": [], "first engine, compiled": [], "first engine, from the cache": []}
    with tempfile.TemporaryDirectory() as cache:
        run("redeemable", "redeemable.Engine()", cache + "/warm")
        for _ in range(rounds):
            found["import wasmtime"].append(run("wasmtime", "0", "")[0])
            found["first engine, compiled"].append(run("redeemable", "redeemable.Engine()", "")[1])
            whole, ready = run("redeemable", "redeemable.Engine()", cache + "/warm")
            found["import redeemable"].append(whole)
            found["first engine, from the cache"].append(ready)
    return {name: round(statistics.median(values), 1) for name, values in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", help="a file for the same numbers")
    options = parser.parse_args()
    packages = ["redeemable", "wasmtime", "orjson", "cedarpy", "cel-python", "common-expression-language", "zen-engine", "json-logic-qubit"]
    result = {
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {package: version(package) for package in packages},
        "decision": measure(options.rounds),
        "start_ms": starts(max(3, options.rounds // 6)),
    }
    print(f"Python {result['python']}, {result['machine']}; " + ", ".join(f"{name} {number}" for name, number in result["versions"].items()))
    print(f"\n| one decision, {options.rounds} rounds | µs of the processor | to hand-written |\n|---|---|---|")
    for name, numbers in result["decision"].items():
        print(f"| {name} | {numbers['us']} | {numbers['ratio']} |")
    print("\n| start | ms |\n|---|---|")
    for name, number in result["start_ms"].items():
        print(f"| {name} | {number} |")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(result, file, indent=2)
            file.write("\n")


if __name__ == "__main__":
    main()
