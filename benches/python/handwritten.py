"""What a careful programmer would write for the workloads' promotions.

The code makes the same checks as the engine and gives the same whole answer, with the plan and the record.

The code knows windows, events and ticket types; limits over all buyers, per person and of pools; codes that combine;
and the policy's caps. The discounts that it knows are in prices.py; hours, facts and required tickets in conditions.py.
Other features are errors here, as unknown fields are in the engine: replays, lapsed holds, other discounts and release
rules.
White space and upper case are those of Python. check.py compares every answer with the engine's.
"""

from __future__ import annotations

from typing import Any

from conditions import local_time
from fields import TOP, fail, known, time
from judging import Limit, judge, least_of_pools, part, person, refusal, shortage
from read import read_codes, read_order, read_policy, read_promos, read_usage

REQUEST = {"codes", "promos", "policy", "order", "usage", "now_ms"}
RULES = {"promos", "policy"}
ASKED = {"codes", "order", "usage", "now_ms"}
TICKET = ("line", "ticket_type", "unit_price", "price", "codes")
# The longest time that an unpaid order may hold its uses when the policy sets none; the policies here set none.
MAX_HOLD = 48 * 3_600_000


def validate_redemption(request: Any) -> dict[str, Any]:
    known(request, REQUEST, "")
    return decide(read_promos(request.get("promos")), read_policy(request.get("policy")), request)


class Rules:
    """The same functions, with promotions and policy read once."""

    def __init__(self, *, promos: Any, policy: Any = None) -> None:
        self._promos, self._policy = read_promos(promos), read_policy(policy)

    def validate_redemption(self, asked: Any) -> dict[str, Any]:
        return decide(self._promos, self._policy, known(asked, ASKED, ""))


def decide(promos: dict[str, dict[str, Any]], policy: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    codes, order, counters = (
        read_codes(asked.get("codes")),
        read_order(asked.get("order")),
        read_usage(asked.get("usage")),
    )
    now = time(asked.get("now_ms"), "", "now_ms")
    if now is None:
        fail("now_ms", "missing required field")

    violations: list[dict[str, Any]] = []
    for code in codes:
        if code not in promos:
            violations.append(refusal(code, "unknown_code", f"no promotion has the code {code}"))
        elif len(codes) > 1 and not promos[code]["combines"]:
            violations.append(refusal(code, "cannot_combine", f"{code} cannot be combined with other codes"))
    early = {violation["code"] for violation in violations}
    entered = [promos[code] for code in codes if code in promos]
    pools = least_of_pools(entered, order["currency"])
    adds: dict[str, dict[str, Any]] = {}
    charges: list[dict[str, Any]] = []

    def used(key: str) -> int:
        return counters.get(key, 0) + (adds[key]["by"] if key in adds else 0)

    def charge(limit: Limit, code: str | None, amount: int, chosen: list[int], each: Any, groups: Any) -> None:
        _, key, most, _, breadth = limit
        if used(key) + amount > TOP:
            fail(f'usage.counters["{key}"]', "expected a sum in range")
        if key in adds:
            adds[key]["by"] += amount  # a pool has one limit for all
        else:
            adds[key] = {"key": key, "by": amount, "at_most": most, "breadth": breadth}
        # The lists are copied: the caller may change one part of an answer without changing another.
        charge = {"key": key, "code": code, "limit": most, "amount": amount, "tickets": chosen[:], "each": each}
        charge["groups"] = None if groups is None else [group[:] for group in groups]
        charges.append(without_nulls(charge))

    tickets = ticketed(order)
    local = local_time(policy["zone"], now)
    takes = []
    for promo in sorted(entered, key=lambda promo: -promo["priority"]):
        code = promo["code"]
        found, take, limits = judge(promo, order, tickets, pools, used, now, local)
        violations += found
        if found or code in early:
            continue
        chosen, cuts, groups, uses = take
        for index in (index for group in groups or [] for index in group):
            tickets[index]["grouped"] = True
        for index, cut in zip(chosen, cuts, strict=True):
            tickets[index]["price"] -= cut
            tickets[index]["codes"].append(code)
        discount = sum(cuts)
        each = 1 if promo["count_by"] == "ticket" else None
        for limit in limits:
            if limit[3]:
                charge(limit, code, discount, chosen, cuts[:], None)
            else:
                charge(limit, code, uses, chosen, each, groups)
        takes.append((code, len(chosen), uses, discount, limits))

    free = [index for index, ticket in enumerate(tickets) if ticket["price"] == 0]
    needed = []
    for name, folder, chosen in (("free_tickets", "free", free), ("tickets", "tickets", list(range(len(tickets))))):
        most = policy[name]
        if most is None or not chosen:
            continue
        needed.append(most)
        caps: list[Limit] = [
            (name, f"event/{part(order['event_id'])}/{folder}/{person(identity)}", most, False, 1)
            for identity in order["identities"]
        ]
        short = shortage(caps, len(chosen), used, None)
        if short:
            violations.append(short)
            continue
        for cap in caps:
            charge(cap, None, len(chosen), chosen, 1, None)
    if needed and not order["identities"]:
        violations.append(
            {
                **refusal(None, "identity_required", "tickets are limited per person, and the order names none"),
                "limit": min(needed),
            }
        )
    if violations:
        return rejected(order, violations)

    applied = []
    for code, count, uses, discount, limits in takes:
        left = [max(0, most - used(key)) for _, key, most, money, _ in limits if most is not None and not money]
        applied.append(
            {
                "code": code,
                "tickets": count,
                "uses": uses,
                "discount": discount,
                "partial": False,
                "remaining": min(left) if left else None,
            }
        )
    quote = quote_of(order, tickets)
    ops: list[dict[str, Any]] = []
    if order["id"] is not None:
        additions = sorted(adds.values(), key=lambda add: (add["breadth"], add["key"]))
        ops = [{"op": "insert", "redemption": record(order, codes, tickets, applied, charges, quote["total"], now)}]
        ops += [{"op": "add", "key": add["key"], "by": add["by"], "at_most": add["at_most"]} for add in additions]
    return {
        "status": "accepted",
        "replayed": False,
        "quote": quote,
        "applied": applied,
        "violations": violations,
        "ops": ops,
    }


def ticketed(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"line": line, "ticket_type": ticket_type, "unit_price": price, "price": price, "codes": []}
        for line, (ticket_type, price, quantity) in enumerate(order["lines"])
        for _ in range(quantity)
    ]


def rejected(order: dict[str, Any], violations: list[dict[str, Any]]) -> dict[str, Any]:
    secret = {violation["code"] for violation in violations if violation["public_reason"] == "not_accepted"}
    for violation in violations:
        if violation["code"] in secret:
            violation["public_reason"] = "not_accepted"
        # `to_qualify` (such as one more ticket) stays only in the one violation of a code: else it would not help.
        if violation["to_qualify"] and sum(other["code"] == violation["code"] for other in violations) > 1:
            violation["to_qualify"] = None
    return {
        "status": "rejected",
        "replayed": False,
        "quote": quote_of(order, ticketed(order)),
        "applied": [],
        "violations": violations,
        "ops": [],
    }


def quote_of(order: dict[str, Any], tickets: list[dict[str, Any]]) -> dict[str, Any]:
    total = sum(ticket["price"] for ticket in tickets)
    quoted = [
        {
            "line": ticket["line"],
            "ticket_type": ticket["ticket_type"],
            "unit_price": ticket["unit_price"],
            "discount": ticket["unit_price"] - ticket["price"],
            "price": ticket["price"],
            "codes": ticket["codes"][:],
        }
        for ticket in tickets
    ]
    subtotal = order["subtotal"]
    return {
        "currency": order["currency"],
        "subtotal": subtotal,
        "discount": subtotal - total,
        "total": total,
        "payment": "required" if total else "none",
        "tickets": quoted,
    }


def without_nulls(part: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if value is not None}


def record(
    order: dict[str, Any],
    codes: list[str],
    tickets: list[Any],
    applied: list[Any],
    charges: list[Any],
    total: int,
    now: int,
) -> dict[str, Any]:
    if total > 0 and order["hold_until_ms"] is None:
        fail("order.hold_until_ms", "expected a time, because the order has an id and a total above 0")
    return {
        "schema": 2,
        "id": order["id"],
        "revision": 1,
        "state": "held" if total else "confirmed",
        "event_id": order["event_id"],
        "currency": order["currency"],
        "codes": codes,
        "identities": [f"{kind}:{value}" for kind, value in order["identities"]],
        "tickets": [without_nulls({name: ticket[name] for name in TICKET}) for ticket in tickets],
        "applied": [without_nulls(entry) for entry in applied],
        "charges": charges,
        "created_at_ms": now,
        **({"expires_at_ms": min(order["hold_until_ms"], now + MAX_HOLD)} if total else {"confirmed_at_ms": now}),
    }
