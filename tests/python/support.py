"""The vectors, the complete example documents, and where things are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests/vectors"
# Each function of one request; those under prepared rules are methods of these.
FUNCTIONS: dict[str, dict[str, Any]] = {
    function["name"]: function
    for function in json.loads((ROOT / "contract/functions.json").read_text())["functions"]
    if not function["name"].startswith("prepare")
}


def spaced(name: str, sign: str) -> str:
    """`usageKeys` as its words are joined in another language."""
    return "".join(sign + letter.lower() if letter.isupper() else letter for letter in name)


# Of the vectors' calls: the method, and the export of the component.
CALLS = {name: (spaced(name, "_"), spaced(name, "-")) for name in FUNCTIONS}
Place = tuple[Any, ...]


def compact(value: object) -> str:
    """JSON as the engine writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def cases() -> list[dict[str, Any]]:
    """Every vector of every file."""
    files = [json.loads(path.read_text("utf-8")) for path in sorted(VECTORS.glob("*.json"))]
    return [case for file in files for case in file["cases"]]


def expected(case: dict[str, Any]) -> str:
    """The whole answer, or the whole error as an object with the one field `error`."""
    answer, error = case.get("answer"), case.get("error")
    assert (answer is None) != (error is None), case["name"]
    return compact(answer) if error is None else compact({"error": error})


def documents() -> dict[str, Any]:
    """By call, a request that gives every field."""
    found: dict[str, Any] = json.loads((ROOT / "tests/documents.json").read_text("utf-8"))
    return found


def preview(**promo: Any) -> dict[str, Any]:
    """A preview of two tickets with one code."""
    return {
        "codes": ["SUMMER"],
        "promos": [{"code": "SUMMER", "discount": {"kind": "free"}, **promo}],
        "order": {"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 1000, "quantity": 2}]},
        "now_ms": 1800000000000,
    }


def nodes(value: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value in a document, with its path."""
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from nodes(item, (*path, key))


def edited(document: Any, path: Place, value: Any) -> Any:
    """A copy in which the value at the path is another."""
    if not path:
        return value
    copied = document.copy()
    copied[path[0]] = edited(document[path[0]], path[1:], value)
    return copied


def spelt(path: Place) -> str:
    """The path as the engine writes it."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        elif key.replace("_", "a").isalnum() and key.isascii():
            text += f".{key}" if text else key
        else:
            text += f"[{json.dumps(key)}]"
    return text


def heavy(codes: int, pools: int, price: int = 1_000_000) -> dict[str, Any]:
    """1000 tickets, each charged to every pool of every code."""
    many = [{"id": f"p{pool}", "budget": 1000 * price} for pool in range(pools)]
    promos = [
        {
            "code": f"C{code}",
            "discount_percent": 1,
            "combines": True,
            "pools": [{**pool, "id": f"{code}-{pool['id']}"} for pool in many],
        }
        for code in range(codes)
    ]
    line = {"unit_price": price, "quantity": 1000}
    order = {"id": "o-1", "event_id": "gala", "currency": "EUR", "lines": [line], "hold_until_ms": 1800000900000}
    return {"codes": [promo["code"] for promo in promos], "promos": promos, "order": order, "now_ms": 1800000000000}
