"""Runs the unchanged component in the WebAssembly runtime of LNbits: over HTTP, every vector has the same answer."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from server import COMPONENT, ROOT
from shop import Shop

FILES = sorted((ROOT / "tests" / "vectors").glob("*.json"))
CASES = {path.stem: json.loads(path.read_text(encoding="utf-8"))["cases"] for path in FILES}
# LNbits reads the body as an object, and merges it with the path and the query.
UNTRANSPORTABLE = {case["name"] for cases in CASES.values() for case in cases if not isinstance(case["request"], dict)}


def route(verb: str) -> str:
    """`usage-keys` for `usageKeys`: `make generate` writes a route for each function into `preview/config.json`."""
    return re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", verb)


def call(shop: Shop, verb: str, request: Any) -> httpx.Response:
    return shop.clients[0].post(f"/api/v1/ext/redeemable/{route(verb)}", json=request)


def expected(case: dict[str, Any]) -> str:
    """LNbits reads the component's answer and writes it again: compact, with its fields in the same order.

    LNbits wraps a list into an object.
    """
    if "error" in case:
        answer = {"error": case["error"]}
    elif isinstance(case["answer"], list):
        answer = {"ok": True, "data": case["answer"]}
    else:
        answer = case["answer"]
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def test_only_one_vector_cannot_be_sent() -> None:
    assert {"errors-root-a-list"} == UNTRANSPORTABLE


@pytest.mark.parametrize("file", CASES)
def test_every_vector_has_exactly_its_answer(sqlite_shop: Shop, file: str) -> None:
    wrong = []
    for case in CASES[file]:
        if case["name"] in UNTRANSPORTABLE:
            continue
        response = call(sqlite_shop, case["call"], case["request"])
        if (response.status_code, response.text) != (200, expected(case)):
            wrong.append(f"{case['name']}: {response.status_code} {response.text}\n  not {expected(case)}")
    assert not wrong, "\n".join(wrong)


def test_the_component_has_no_imports_and_runs_as_it_was_built(sqlite_shop: Shop) -> None:
    [server] = sqlite_shop.servers
    [module] = (server.folder / "data" / "wasm_extensions" / "redeemable").glob("*.wasm")
    assert module.read_bytes() == Path(COMPONENT).read_bytes()


def test_it_previews_for_a_page(sqlite_shop: Shop) -> None:
    request = {
        "codes": ["early20"],
        "promos": [{"code": "EARLY20", "discount_percent": 20, "max_uses": 100}],
        "order": {"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 4500, "quantity": 2}]},
        "now_ms": 1_800_000_000_000,
    }
    answer = call(sqlite_shop, "validateRedemption", request).json()
    assert (answer["status"], answer["quote"]["total"], answer["ops"]) == ("accepted", 7200, [])
    # LNbits merges path, query and body into one object, so an unknown query parameter is an unknown field.
    assert (
        sqlite_shop.clients[0]
        .post("/api/v1/ext/redeemable/validate-redemption?debug=1", json=request)
        .json()["error"]["path"]
        == "debug"
    )
