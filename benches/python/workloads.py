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
    """A random request with features of the workloads; about a fifth of them are accepted."""
    roll, pick = dice.randrange, dice.choice

    def maybe(value: Any) -> Any:
        return value if roll(2) else None

    def percent() -> Any:
        return pick([50, 12.5, (1 + roll(1_000_000)) / 10_000])

    def amount(most: int) -> Any:
        return roll(most) if roll(6) else {"EUR": roll(most), "USD": roll(most)}

    def discount() -> dict[str, Any]:
        return pick(
            [
                {"kind": "percent", "percent": percent()},
                {"kind": "percent", "percent": percent(), "of": "order"},
                {"kind": "amount_per_ticket", "amount": amount(3000)},
            ]
        )

    def tiers() -> dict[str, Any]:
        found = [{"from": least, "discount": discount()} for least in (1 + roll(3), 4 + roll(3))]
        return {"kind": "tiers", "by": "tickets", "mode": "volume", "tiers": found}

    def takes() -> dict[str, Any]:
        regular = {"ticket_types": pick([["regular", "vip", "pass"], None]), "discount": discount()}
        by_type = [{"ticket_types": ["vip"], "discount": discount() if roll(4) else tiers()}, regular]
        groups = {"kind": "per_group", "size": 2 + roll(3), "discounted": 1 + roll(2)}
        return pick(
            [
                {"discount_percent": percent()},
                {"discount": discount()},
                {"discounts": by_type},
                {"discount": pick([tiers(), groups])},
            ]
        )

    def some(value: Any) -> Any:
        return None if roll(8) else value

    codes = ["alpha", "Beta ", "ｇａｍｍａ", "delta\u00ad", "ÉTÉ/20"][: 1 + roll(pick([2, 5]))]
    combining = roll(8) > 0
    promos = []
    for index, code in enumerate(codes):
        if roll(30) == 0:
            continue
        pools = [
            present(id=name, max_uses=maybe(10 + roll(40)), budget=maybe(pick([10**14, amount(120_000)])))
            for name in ["launch", "part/ners", "x~y"][roll(3) :]
        ]
        promos.append(
            present(
                code=code.strip().upper(),
                id=maybe(f"promotion {index}"),
                active=None if roll(40) else False,
                **takes(),
                max_uses=maybe(10 + roll(30)),
                max_uses_per_identity=maybe(5 + roll(15)),
                per_period=some(
                    [{"every": "day", "max_uses": 5 + roll(9), "max_uses_per_identity": maybe(4 + roll(6))}]
                ),
                pools=maybe(pools),
                starts_at_ms=None if roll(30) else NOW + roll(2),
                ends_at_ms=None if roll(30) else NOW + roll(2),
                weekly=some(
                    [
                        {"days": [4, 6], "from_minute": 900, "to_minute": 1900 + roll(200)},
                        {"days": [1, 5], "from_minute": 420 + roll(120), "to_minute": 600},
                    ]
                ),
                requires=some([{"ticket_types": pick([["pass"], ["gold", "pass"]]), "min_tickets": 1 + roll(2)}]),
                only_if=some(
                    [{"fact": "member", "is": roll(4) > 0}, {"fact": "orders_before", "at_most": roll(5)}][roll(2) :]
                ),
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
            ticket_type=pick(["regular", "vip", "pass", None]),
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
        facts=present(
            member=True if roll(4) else None,
            orders_before=pick([0, 1, 2, 3, None]),
            groups=maybe(["choir"]),
            role=maybe("crew"),
        ),
        hold_until_ms=NOW + 900_000,
    )
    policy = present(max_free_tickets_per_identity=maybe(3 + roll(9)), max_tickets_per_identity=maybe(8 + roll(20)))
    if roll(4):
        policy["zone"] = [
            {"from_ms": NOW - 9_000_000_000, "offset_minutes": 60},
            {"from_ms": NOW + roll(2), "offset_minutes": pick([0, -60, 120])},
        ]
    return {
        "codes": codes if roll(16) else [*codes, "nope"],
        "promos": promos,
        "policy": policy,
        "order": order,
        "usage": {"counters": {}},
        "now_ms": NOW,
    }
