"""Every vector: as text, byte for byte, and as dicts; with both ways of calling the engine; alone and in one call."""

from __future__ import annotations

import json
from typing import Any

import pytest
import redeemable
from redeemable import _instance
from support import CALLS, cases, compact, expected

FILES = cases()


def as_text(engine: redeemable.Engine, case: dict[str, Any]) -> str:
    call = getattr(engine, CALLS[case["call"]][0] + "_json")
    try:
        answer = call(json.dumps(case["request"]))
    except redeemable.InvalidRequest as error:
        return compact({"error": {"code": error.code, "path": error.path, "at": error.at, "message": error.message}})
    assert isinstance(answer, str)
    return answer


def as_dicts(engine: redeemable.Engine, case: dict[str, Any]) -> str:
    call = getattr(engine, CALLS[case["call"]][0])
    try:
        return compact(call(case["request"]))
    except redeemable.InvalidRequest as error:
        return compact({"error": {"code": error.code, "path": error.path, "at": error.at, "message": error.message}})


@pytest.mark.parametrize("answer", [as_text, as_dicts])
def test_every_vector_has_exactly_its_answer(engine: redeemable.Engine, answer: Any) -> None:
    wrong = [case["name"] for case in FILES if answer(engine, case) != expected(case)]
    assert not wrong
    assert len(FILES) >= 1000


def test_every_vector_through_the_public_functions_of_wasmtime(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(*arguments: Any) -> Any:
        calls.append(arguments)
        return _instance._public(*arguments)

    monkeypatch.setattr(_instance, "_inner", counted)
    plain = redeemable.Engine()
    wrong = [case["name"] for case in FILES if as_text(plain, case) != expected(case)]
    assert not wrong
    assert len(calls) == len(CALLS), "one call was made for each export"


def test_all_decisions_in_one_call(engine: redeemable.Engine) -> None:
    decisions = [case for case in FILES if case["call"] == "validateRedemption"]
    answers = engine.validate_redemptions(case["request"] for case in decisions)
    texts = [
        compact({"error": {"code": answer.code, "path": answer.path, "at": answer.at, "message": answer.message}})
        if isinstance(answer, redeemable.InvalidRequest)
        else compact(answer)
        for answer in answers
    ]
    assert len(texts) == len(decisions) > 500
    assert [case["name"] for case, text in zip(decisions, texts, strict=True) if text != expected(case)] == []
    assert any(isinstance(answer, redeemable.InvalidRequest) for answer in answers)


def test_a_call_without_requests_has_no_answers() -> None:
    assert redeemable.Engine().validate_redemptions([]) == []
