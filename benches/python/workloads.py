"""The requests to be measured: those of `benches/workloads.json`, and random ones of the same shape."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

WORKLOADS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent.parent / "workloads.json").read_text())
NOW = 1_800_000_000_000


def crowd(request: dict[str, Any], count: int) -> dict[str, Any]:
    """Copies one promotion under many codes; the typed code stands in the middle."""
    (promo,) = request["promos"]
    others = [{**promo, "code": f"CODE{index:05}"} for index in range(count - 1)]
    half = len(others) // 2
    return {**request, "promos": [*others[:half], promo, *others[half:]]}


WORKLOADS["crowd"] = crowd(WORKLOADS["accept"], 10_000)


def present(**document: Any) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def random_request(dice: random.Random) -> dict[str, Any]:
    """A random request with features of the workloads; about a third of them are accepted."""
    roll, pick = dice.randrange, dice.choice

    def maybe(value: Any) -> Any:
        return value if roll(2) else None

    codes = ["alpha", "Beta ", "ｇａｍｍａ", "delta\u00ad", "ÉTÉ/20"][: 1 + roll(pick([2, 5]))]
    combining = roll(8) > 0
    promos = []
    for index, code in enumerate(codes):
        if roll(30) == 0:
            continue
        percent = bool(roll(2))
        pools = [
            present(id=name, max_uses=maybe(10 + roll(40)), budget=maybe(pick([10**14, roll(120_000)])))
            for name in ["launch", "part/ners", "x~y"][roll(3) :]
        ]
        promos.append(
            present(
                code=code.strip().upper(),
                id=maybe(f"promotion {index}"),
                active=None if roll(40) else False,
                discount_percent=pick([50, 12.5, (1 + roll(1_000_000)) / 10_000]) if percent else None,
                discount=None if percent else {"kind": "amount_per_ticket", "amount": roll(3000)},
                max_uses=maybe(10 + roll(30)),
                max_uses_per_identity=maybe(5 + roll(15)),
                pools=maybe(pools),
                starts_at_ms=None if roll(30) else NOW + roll(2),
                ends_at_ms=None if roll(30) else NOW + roll(2),
                events=None if roll(15) else pick([["gala", "ball"], ["ball"], []]),
                ticket_types=None if roll(8) else pick([["regular"], ["vip", "regular"], []]),
                combines=True if combining else maybe(True),
                priority=maybe(roll(3) * 10),
            )
        )
    identities = present(
        email=maybe(pick(["Ann+x@Example.org", "a.n.n@googlemail.com", "ann", " bob@example.org "])),
        npub=maybe("NPUB1X"),
        card=maybe("12/34:5"),
    )
    lines = [
        present(
            ticket_type=pick(["regular", "vip", None]),
            unit_price=pick([0, 999, 4500, 12_345, 2500 if roll(9) else 9_000_000_000_001]),
            quantity=1 + roll(4),
        )
        for _ in range(1 + roll(3))
    ]
    order = present(
        id="order-1" if roll(6) else None,
        event_id=pick(["gala", "ga la"]),
        currency=pick(["EUR", "€"]),
        lines=lines,
        identities=identities,
        hold_until_ms=NOW + 900_000,
    )
    policy = present(max_free_tickets_per_identity=maybe(3 + roll(9)), max_tickets_per_identity=maybe(8 + roll(20)))
    return {
        "codes": codes if roll(16) else [*codes, "nope"],
        "promos": promos,
        "policy": policy,
        "order": order,
        "usage": {"counters": {}},
        "now_ms": NOW,
    }
