"""Lets general rule engines decide about each code.

The question is whether the code is active, in its window, for the event, and has enough uses left over all, for each
person and in each pool.

These engines say only yes or no. Their caller must find the promotion of a code and the counters, price the tickets,
charge the counters and commit. Rules that can be parsed in advance are parsed here, and the facts are ready before the
clock starts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

CEL = (
    "active && now >= starts && now < ends && event in events && used + quantity <= max_uses && "
    "mine + quantity <= max_mine && pooled + quantity <= max_pooled"
)
ZEN = CEL.replace("&&", "and")
CEDAR = (
    "permit(principal, action, resource) when { "
    + " && ".join(
        (
            "context.events.contains(context.event)"
            if " in " in clause
            else " ".join(word if word in ("<", "<=", ">=", "+") else f"context.{word}" for word in clause.split())
        )
        for clause in CEL.split(" && ")
    )
    + " };"
)
LOGIC = {
    "and": [
        {"var": "active"},
        {">=": [{"var": "now"}, {"var": "starts"}]},
        {"<": [{"var": "now"}, {"var": "ends"}]},
        {"in": [{"var": "event"}, {"var": "events"}]},
        {"<=": [{"+": [{"var": "used"}, {"var": "quantity"}]}, {"var": "max_uses"}]},
        {"<=": [{"+": [{"var": "mine"}, {"var": "quantity"}]}, {"var": "max_mine"}]},
        {"<=": [{"+": [{"var": "pooled"}, {"var": "quantity"}]}, {"var": "max_pooled"}]},
    ]
}
GRAPH = {
    "nodes": [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {
            "id": "rule",
            "type": "expressionNode",
            "name": "rule",
            "position": {"x": 1, "y": 0},
            "content": {"expressions": [{"id": "1", "key": "allowed", "value": ZEN}]},
        },
        {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
    ],
    "edges": [
        {"id": "a", "sourceId": "in", "targetId": "rule", "type": "edge"},
        {"id": "b", "sourceId": "rule", "targetId": "out", "type": "edge"},
    ],
}

Peer = Callable[[dict[str, Any]], bool]


def peers() -> dict[str, Peer]:
    """By name, a function that takes the facts as a dict, as a host has them."""
    import cedarpy
    import cel
    import celpy
    import json_logic
    import zen

    program = cel.compile(CEL)
    environment = celpy.Environment()
    runner = environment.program(environment.compile(CEL))
    expression = zen.compile_expression(ZEN)
    graph = zen.ZenEngine().create_decision(json.dumps(GRAPH))
    policies = cedarpy.PolicySet.from_str(CEDAR)
    who = {"principal": 'User::"ann"', "action": 'Action::"redeem"', "resource": 'Code::"EARLY20"'}
    return {
        "common-expression-language": lambda facts: program.execute(facts),
        "cel-python": lambda facts: bool(
            runner.evaluate({name: celpy.json_to_cel(value) for name, value in facts.items()})
        ),
        "zen, compiled expression": lambda facts: expression.evaluate(facts),
        "zen, graph": lambda facts: graph.evaluate(facts)["result"]["allowed"],
        "cedarpy, parsed policies": lambda facts: (
            cedarpy.is_authorized({**who, "context": facts}, policies, []).allowed
        ),
        "json-logic-qubit": lambda facts: json_logic.jsonLogic(LOGIC, facts),
    }


TOP = 9_007_199_254_740_991


def least(counters: list[tuple[int, int]]) -> tuple[int, int]:
    return min(counters, key=lambda counter: counter[1] - counter[0], default=(0, TOP))


def facts_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The facts that a host would look up for each code, for the person or pool with the least remaining."""
    order, counters = request["order"], request["usage"]["counters"]
    facts = []
    for typed in request["codes"]:
        promo = next(promo for promo in request["promos"] if promo["code"] == typed.strip().upper())
        scope = f"id:{promo['id']}" if "id" in promo else f"event:{order['event_id']}:{promo['code']}"
        types = promo.get("ticket_types")
        people = (
            [f"{kind}:{value.lower().replace('+gala', '')}" for kind, value in order["identities"].items()]
            if "max_uses_per_identity" in promo
            else []
        )
        mine, max_mine = least(
            [(counters.get(f"code/{scope}/by/{person}", 0), promo["max_uses_per_identity"]) for person in people]
        )
        pooled, max_pooled = least(
            [(counters.get(f"pool/{pool['id']}/uses", 0), pool["max_uses"]) for pool in promo.get("pools", [])]
        )
        facts.append(
            {
                "active": promo.get("active", True),
                "now": request["now_ms"],
                "starts": promo.get("starts_at_ms", 0),
                "ends": promo.get("ends_at_ms", TOP),
                "event": order["event_id"],
                "events": promo.get("events", [order["event_id"]]),
                "quantity": sum(
                    line["quantity"] for line in order["lines"] if types is None or line["ticket_type"] in types
                ),
                "used": counters.get(f"code/{scope}/uses", 0),
                "max_uses": promo.get("max_uses", TOP),
                "mine": mine,
                "max_mine": max_mine,
                "pooled": pooled,
                "max_pooled": max_pooled,
            }
        )
    return facts


def refusals(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Facts that refuse for exactly one reason, one set for every reason."""
    after = facts["quantity"] - 1
    changes: list[dict[str, Any]] = [
        {"active": False},
        {"now": facts["starts"] - 1},
        {"now": facts["ends"]},
        {"event": "other"},
        {"used": facts["max_uses"] - after},
        {"mine": facts["max_mine"] - after},
        {"pooled": facts["max_pooled"] - after},
    ]
    return [{**facts, **change} for change in changes]
