"""mypy accepts every vector with the package's types, and finds misuse. `make lint` checks the package itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import FUNCTIONS, cases


def named(shape: dict[str, Any]) -> str:
    """The name of what a function takes or answers."""
    if "$ref" in shape:
        return str(shape["$ref"]).rpartition("/")[2]
    return f"list[{named(shape['items'])}]" if shape["type"] == "array" else {"string": "str"}[shape["type"]]


TYPES = {call: (named(function["request"]), named(function["answer"])) for call, function in FUNCTIONS.items()}


def mypy(installed: Path, folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--follow-imports=silent",
            "--python-version=3.10",
            "--no-error-summary",
            "--cache-dir",
            str(folder / "cache"),
            *arguments,
        ],
        env={**os.environ, "MYPYPATH": str(installed)},
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def fits(case: dict[str, Any]) -> bool:
    """Whether a vector fits the types: vectors of mistakes do not."""
    return "answer" in case


def test_the_requests_and_answers_of_the_vectors_fit_the_types(installed: Path, tmp_path: Path) -> None:
    names = {name for pair in TYPES.values() for name in re.findall(r"[A-Z]\w+", " ".join(pair))}
    lines = [f"from redeemable.types import {', '.join(sorted(names))}"]
    count = 0
    for case in filter(fits, cases()):
        request, answer = TYPES[case["call"]]
        lines += [f"a{count}: {answer} = {case['answer']!r}", f"r{count}: {request} = {whole(case['request'])!r}"]
        count += 1
    assert count > 500
    (tmp_path / "vectors.py").write_text("\n".join(lines) + "\n")
    assert mypy(installed, tmp_path, "vectors.py") == (0, "")


def whole(value: Any) -> Any:
    """Replaces 3.0 by 3: JSON has only one kind of number."""
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


CONSUMER = """
from redeemable import Engine, InvalidRequest, PreparedRules
from redeemable.types import Decision, Promo, Redemption, PreparedRequest, ValidateRequest

promo: Promo = {"code": "EARLY20", "discount_percent": 20, "max_uses": 100}
emails: dict[str, str] = {"email": "ann@example.org"}
request: ValidateRequest = {
    "codes": ["early20"],
    "promos": [promo],
    "order": {
        "event_id": "gala",
        "currency": "EUR",
        "lines": [{"unit_price": 4500, "quantity": 2}],
        "identities": emails,
    },
    "now_ms": 1_800_000_000_000,
}

def sell(engine: Engine) -> list[Redemption]:
    try:
        decision = engine.validate_redemption(request)
    except InvalidRequest as error:
        raise SystemExit(f"{error.code} at {error.path}: {error.message}")
    keys: list[str] = engine.usage_keys(request)
    answers: list[Decision | InvalidRequest] = engine.validate_redemptions([request])
    rules: PreparedRules = engine.prepare(promos=[promo], policy={"identity_kinds": ["email"]})
    asked: PreparedRequest = {"codes": request["codes"], "order": request["order"], "now_ms": request["now_ms"]}
    keys += rules.usage_keys({**asked, "codes": []}) + [rules.validate_redemption(asked)["status"]]
    text: str = engine.validate_redemption_json("{}")
    print(keys, answers, text, decision["quote"]["total"] + 1)
    return [op["redemption"] for op in decision["ops"] if op["op"] != "add"]
"""


def test_a_host_type_checks_in_strict_mode(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "consumer.py").write_text("from __future__ import annotations\n" + CONSUMER)
    assert mypy(installed, tmp_path, "consumer.py") == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('"max_uses": 100', '"max_usse": 100', 'Extra key "max_usse"'),
        ('"max_uses": 100', '"max_uses": "100"', "Incompatible types"),
        ('"code": "EARLY20", ', "", 'Missing key "code"'),
        ('"currency": "EUR",', "", 'Missing key "currency"'),
        ('["total"] + 1', '["totl"] + 1', 'has no key "totl"'),
        ("error.path", "error.paths", 'has no attribute "paths"'),
        (' if op["op"] != "add"', "", 'has no key "redemption"'),
    ],
)
def test_mypy_finds_a_mistake(installed: Path, tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert CONSUMER.count(right) == 1
    (tmp_path / "consumer.py").write_text("from __future__ import annotations\n" + CONSUMER.replace(right, wrong))
    status, output = mypy(installed, tmp_path, "consumer.py")
    assert status == 1 and said in output, output
