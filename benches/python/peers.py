"""The same verdict by general rule engines: active, in its window, for the event, enough uses left over all and for the person.

They say yes or no; what the code takes off, what is charged and what the host commits is left to whoever calls them.
Whatever they can parse in advance is parsed here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

CEL = "active && now >= starts && now < ends && event in events && used + quantity <= max_uses && mine + quantity <= max_mine"
ZEN = CEL.replace("&&", "and")
CEDAR = "permit(principal, action, resource) when { " + " && ".join(
    ("context.events.contains(context.event)" if " in " in clause else " ".join(word if word in ("<", "<=", ">=", "+") else f"context.{word}" for word in clause.split()))
    for clause in CEL.split(" && ")
) + " };"
LOGIC = {
    "and": [
        {"var": "active"},
        {">=": [{"var": "now"}, {"var": "starts"}]},
        {"<": [{"var": "now"}, {"var": "ends"}]},
        {"in": [{"var": "event"}, {"var": "events"}]},
        {"<=": [{"+": [{"var": "used"}, {"var": "quantity"}]}, {"var": "max_uses"}]},
        {"<=": [{"+": [{"var": "mine"}, {"var": "quantity"}]}, {"var": "max_mine"}]},
    ]
}
GRAPH = {
    "nodes": [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {"id": "rule", "type": "expressionNode", "name": "rule", "position": {"x": 1, "y": 0}, "content": {"expressions": [{"id": "1", "key": "allowed", "value": ZEN}]}},
        {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
    ],
    "edges": [{"id": "a", "sourceId": "in", "targetId": "rule", "type": "edge"}, {"id": "b", "sourceId": "rule", "targetId": "out", "type": "edge"}],
}

Peer = Callable[[dict[str, Any]], bool]


def peers() -> dict[str, Peer]:
    """Each takes the facts as a dict, as a host has them."""
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
        "cel-python": lambda facts: bool(runner.evaluate({name: celpy.json_to_cel(value) for name, value in facts.items()})),
        "zen, compiled expression": lambda facts: expression.evaluate(facts),
        "zen, graph": lambda facts: graph.evaluate(facts)["result"]["allowed"],
        "cedarpy, parsed policies": lambda facts: cedarpy.is_authorized({**who, "context": facts}, policies, []).allowed,
        "json-logic-qubit": lambda facts: json_logic.jsonLogic(LOGIC, facts),
    }
