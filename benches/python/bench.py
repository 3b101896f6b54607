"""Measures one decision in Python, in paired rounds of one process.

The candidates are every way of calling this engine, hand-written code, and general rule engines.

    python benches/python/bench.py [--rounds 25] [--ms 20] [--only accept,combine] [--json FILE]

A candidate keeps the answers of a turn in memory, as a host keeps an answer until it has committed.
Trust the ratios: each round measures every candidate once, a ratio divides two times of one round, and its median over
all rounds is reported.
"""

from __future__ import annotations

import argparse
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
from check import check
from peers import facts_of, peers, refusals
from redeemable import _instance
from redeemable import engine as module
from workloads import WORKLOADS

BATCH = 32
HAND, PREPARED = "by hand", "by hand, prepared"
Call = Callable[[], Any]


def split(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Splits a request into promotions and policy, and the rest."""
    rules: dict[str, Any] = {name: request[name] for name in ("promos", "policy") if name in request}
    return rules, {name: value for name, value in request.items() if name not in rules}


def contestants(request: dict[str, Any], engine: redeemable.Engine) -> dict[str, tuple[Call, int]]:
    """By name, a function that gives whole answers, and how many answers one call gives."""
    plain = redeemable.Engine()
    plain._free = [_instance.Instance(plain._fuel, plain._memory, inner=False)]
    orjson = module.orjson
    assert orjson is not None, "the benchmark needs orjson"

    def standard(call: Call) -> Call:
        def timed() -> Any:
            module.orjson = None
            try:
                return call()
            finally:
                module.orjson = orjson

        return timed

    rules, asked = split(request)
    by_hand, ours = handwritten.Rules(**rules), engine.prepare(**rules)
    batch, text = [request] * BATCH, json.dumps(request)
    calls: dict[str, tuple[Call, int]] = {
        HAND: (lambda: handwritten.validate_redemption(request), 1),
        PREPARED: (lambda: by_hand.validate_redemption(asked), 1),
        "redeemable, with orjson": (lambda: engine.validate_redemption(request), 1),
        "redeemable, with json": (standard(lambda: engine.validate_redemption(request)), 1),
        "redeemable, JSON text": (lambda: engine.validate_redemption_json(text), 1),
        "redeemable, public wasmtime calls, with orjson": (lambda: plain.validate_redemption(request), 1),
        "redeemable, prepared, with orjson": (lambda: ours.validate_redemption(asked), 1),
        "redeemable, prepared, with json": (standard(lambda: ours.validate_redemption(asked)), 1),
    }
    if len(request["promos"]) == 1:
        calls["redeemable, 32 at once, with orjson"] = (lambda: engine.validate_redemptions(batch), BATCH)
    expected = handwritten.validate_redemption(request)
    for name, (call, many) in calls.items():
        answer = json.dumps(expected, separators=(",", ":")) if "text" in name else expected
        assert call() == (answer if many == 1 else [answer] * many), name
    return calls


def verdicts(name: str) -> dict[str, tuple[Call, int]]:
    """The peers' verdict functions for a request. Each has given the right verdicts before it is returned."""
    # The peers are asked these only: a verdict does not depend on the tickets, a host finds a promotion in a dict, and
    # the peers' rules do not have the conditions and prices of the others.
    if name not in ("accept", "reject", "combine"):
        return {}
    facts = facts_of(WORKLOADS[name])
    calls: dict[str, tuple[Call, int]] = {}
    for peer, decide in peers().items():
        for fact in facts:
            assert decide(fact) is (name != "reject"), f"{peer}: {name}"
            for other in refusals(fact):
                assert decide(other) is False, f"{peer}: {other}"
        calls[peer] = (lambda decide=decide: all(decide(fact) for fact in facts), 1)  # type: ignore[misc]
    return calls


def turn(call: Call, count: int) -> float:
    # The processor time of all threads of this process: other programs on the machine are not measured.
    start = time.process_time()
    answers = [call() for _ in range(count)]
    took = time.process_time() - start
    del answers
    return took


def calibrate(call: Call, seconds: float) -> int:
    count = 1
    while (took := turn(call, count)) < seconds:
        count *= 2
    return max(1, round(count * seconds / took))


def measure(name: str, engine: redeemable.Engine, rounds: int, seconds: float) -> list[dict[str, Any]]:
    whole, others = contestants(WORKLOADS[name], engine), verdicts(name)
    calls = {**whole, **others}
    counts = {who: calibrate(call, seconds) for who, (call, _) in calls.items()}
    times: dict[str, list[float]] = {who: [] for who in calls}
    for number in range(rounds):
        for who in list(calls) if number % 2 else reversed(list(calls)):
            call, many = calls[who]
            times[who].append(turn(call, counts[who]) / counts[who] / many * 1e6)

    def ratio(who: str, base: str) -> float:
        return rounded(statistics.median(own / other for own, other in zip(times[who], times[base], strict=True)))

    return [
        {
            "who": who,
            "us": rounded(statistics.median(times[who])),
            "to_hand": ratio(who, HAND),
            "to_prepared": ratio(who, PREPARED),
            "answers": "whole" if who in whole else "verdict",
        }
        for who in calls
    ]


def rounded(value: float) -> float:
    return float(f"{value:.4g}")


def starts(rounds: int) -> dict[str, float]:
    """The milliseconds that a new process needs to import the package and make an engine."""
    script = "; ".join(
        [
            "import time",
            "a = time.perf_counter()",
            "import {0}",
            "b = time.perf_counter()",
            "{1}",
            "print((b - a) * 1e3, (time.perf_counter() - b) * 1e3)",
        ]
    )

    def run(what: str, then: str, cache: str) -> tuple[float, float]:
        out = subprocess.run(
            [sys.executable, "-c", script.format(what, then)],
            env={**os.environ, "REDEEMABLE_CACHE_DIR": cache},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        first, second = out.split()
        return float(first), float(second)

    found: dict[str, list[float]] = {
        "import wasmtime": [],
        "import redeemable": [],
        "first engine, compiled": [],
        "first engine, from the cache": [],
    }
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
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--ms", type=float, default=20, help="of each turn")
    parser.add_argument("--only", default=",".join(WORKLOADS), help="workloads")
    parser.add_argument("--json", help="a file for the same numbers")
    options = parser.parse_args()
    packages = [
        "redeemable",
        "wasmtime",
        "orjson",
        "cedarpy",
        "cel-python",
        "common-expression-language",
        "zen-engine",
        "json-logic-qubit",
    ]
    engine = redeemable.Engine()

    def by_hand(request: Any) -> dict[str, Any]:
        rules, asked = split(request)
        return handwritten.Rules(**rules).validate_redemption(asked)

    def prepared(request: Any) -> Any:
        rules, asked = split(request)
        return engine.prepare(**rules).validate_redemption(asked)

    seen = check([handwritten.validate_redemption, by_hand], [engine.validate_redemption, prepared], engine.usage_keys)
    result: dict[str, Any] = {
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {package: version(package) for package in packages},
        "rounds": options.rounds,
        "ms": options.ms,
        "decisions": {},
    }
    print(
        f"Python {result['python']}, {result['machine']}; "
        + ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    )
    print(
        f"by hand and by the engine the same on {seen['accepted']} orders accepted and {seen['rejected']} rejected, "
        "and as many with a mistake"
    )
    for name in options.only.split(","):
        rows = measure(name, engine, options.rounds, options.ms / 1000)
        result["decisions"][name] = rows
        print(f"\n{name:<48}{'µs':>12}{'to hand':>12}{'to prepared':>14}")
        for row in rows:
            note = " (verdict only)" if row["answers"] == "verdict" else ""
            print(f"{row['who'] + note:<48}{row['us']:>12}{row['to_hand']:>12}{row['to_prepared']:>14}")
    result["start_ms"] = starts(9)
    print(f"\n{'start':<48}{'ms':>12}")
    for name, number in result["start_ms"].items():
        print(f"{name:<48}{number:>12}")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(result, file, indent=2)
            file.write("\n")


if __name__ == "__main__":
    main()
