"""What a careful programmer would write for the workloads' promotions.

The code makes the same checks as the engine and gives the same whole answer, with the plan and the record.

The code knows percents and amounts per ticket; limits over all buyers, per person and of pools; windows, events and
ticket types; codes that combine; and the policy's caps. Other features are errors here, as unknown fields are in the
engine: replays, lapsed holds, other discounts and release rules.
White space and upper case are those of Python. check.py compares every answer with the engine's.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from read import TOP, fail, known, read_codes, read_order, read_policy, read_promos, read_usage, time

REQUEST = {"codes", "promos", "policy", "order", "usage", "now_ms"}
RULES = {"promos", "policy"}
ASKED = {"codes", "order", "usage", "now_ms"}
# The longest time that an unpaid order may hold its uses when the policy sets none; the policies here set none.
MAX_HOLD = 48 * 3_600_000
PUBLIC = {
    "unknown_code": "not_accepted",
    "inactive": "not_accepted",
    "not_started": "not_accepted",
    "ended": "not_accepted",
    "wrong_event": "not_accepted",
    "cannot_combine": "order_not_eligible",
    "wrong_ticket_type": "order_not_eligible",
    "nothing_to_discount": "order_not_eligible",
    "identity_required": "identity_required",
}
SHORT = {
    "uses": ("uses_exhausted", "{code} has {has} uses left"),
    "by": ("identity_uses_exhausted", "{code} has {has} uses left for this person"),
    "pool": ("pool_exhausted", "a pool of {code} has {has} uses left"),
    "pool_budget": ("pool_budget_exhausted", "a pool budget of {code} has {has} left"),
    "free_tickets": ("free_tickets_exhausted", "this person has {has} free tickets left"),
    "tickets": ("tickets_exhausted", "this person has {has} tickets left"),
}
PLAIN = re.compile("[A-Za-z0-9._@+-]*")

# A counter that may be charged: what it is to the order, its key, its limit, whether it counts money, and its breadth.
Limit = tuple[str, str, "int | None", bool, int]


def validate_redemption(request: Any) -> dict[str, Any]:
    known(request, REQUEST, "")
    return decide(read_promos(request.get("promos")), read_policy(request.get("policy")), request)


class Rules:
    """The same functions, with promotions and policy read once."""

    def __init__(self, *, promos: Any, policy: Any = None) -> None:
        self._promos, self._policy = read_promos(promos), read_policy(policy)

    def validate_redemption(self, asked: Any) -> dict[str, Any]:
        return decide(self._promos, self._policy, known(asked, ASKED, ""))


def decide(promos: dict[str, dict[str, Any]], policy: dict[str, int | None], asked: dict[str, Any]) -> dict[str, Any]:
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

    def charge(limit: Limit, code: str | None, amount: int, chosen: list[int], each: Any) -> None:
        _, key, most, _, breadth = limit
        if used(key) + amount > TOP:
            fail(f'usage.counters["{key}"]', "expected a sum in range")
        if key in adds:
            adds[key]["by"] += amount  # a pool has one limit for all
        else:
            adds[key] = {"key": key, "by": amount, "at_most": most, "breadth": breadth}
        # The lists are copied: the caller may change one part of an answer without changing another.
        charges.append(
            {
                "key": key,
                "code": code,
                "limit": most,
                "amount": amount,
                "tickets": chosen[:],
                "each": each,
                "back": None,
            }
        )

    tickets = ticketed(order)
    takes = []
    for promo in sorted(entered, key=lambda promo: -promo["priority"]):
        code = promo["code"]
        found, chosen, cuts, limits = judge(promo, order, tickets, pools, used, now)
        violations += found
        if found or code in early:
            continue
        for index, cut in zip(chosen, cuts, strict=True):
            tickets[index]["price"] -= cut
            tickets[index]["codes"].append(code)
        discount = sum(cuts)
        for limit in limits:
            charge(limit, code, discount if limit[3] else len(chosen), chosen, cuts[:] if limit[3] else 1)
        takes.append((code, len(chosen), discount, limits))

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
            charge(cap, None, len(chosen), chosen, 1)
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
    for code, count, discount, limits in takes:
        left = [max(0, most - used(key)) for _, key, most, money, _ in limits if most is not None and not money]
        applied.append(
            {
                "code": code,
                "tickets": count,
                "uses": count,
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


def judge(
    promo: dict[str, Any],
    order: dict[str, Any],
    tickets: list[dict[str, Any]],
    pools: dict[str, int],
    used: Any,
    now: int,
) -> tuple[list[Any], list[int], list[int], list[Limit]]:
    """Whether a code may be used at the prices that earlier codes left; which tickets it discounts, and by how much."""
    code, starts, ends = promo["code"], promo["starts_at_ms"], promo["ends_at_ms"]
    found = []
    if not promo["active"]:
        found.append(refusal(code, "inactive", f"{code} is not active"))
    if starts is not None and now < starts:
        found.append(refusal(code, "not_started", f"{code} starts at {starts} ms"))
    if ends is not None and now >= ends:
        found.append(refusal(code, "ended", f"{code} ended at {ends} ms"))
    if promo["events"] is not None and order["event_id"] not in promo["events"]:
        found.append(refusal(code, "wrong_event", f"{code} is not for the event {order['event_id']}"))
    types = promo["ticket_types"]
    covers = [types is None or ticket_type in types for ticket_type, _, _ in order["lines"]]
    if not any(covers):
        wrong = refusal(code, "wrong_ticket_type", f"{code} is for none of the ticket types in the order")
        if promo["ticket_types"] and len(tickets) < 1000:
            wrong["to_qualify"] = {"of": [*promo["ticket_types"]], "add_tickets": 1}
        return [*found, wrong], [], [], []
    chosen, cuts = [], []
    for index, ticket in enumerate(tickets):
        cut = discount_of(promo["discount"], ticket["price"]) if covers[ticket["line"]] else 0
        if cut > 0:
            chosen.append(index)
            cuts.append(cut)
    if not chosen:
        return [*found, refusal(code, "nothing_to_discount", f"{code} takes nothing off this order")], [], [], []
    if promo["max_uses_per_identity"] is not None and not order["identities"]:
        required = refusal(code, "identity_required", f"{code} is limited per person, and the order names none")
        found.append({**required, "limit": promo["max_uses_per_identity"]})
    limits = limits_of(promo, order, pools)
    for name in ("uses", "by", "pool", "budget", "pool_budget"):
        need = sum(cuts) if name.endswith("budget") else len(chosen)
        short = shortage([limit for limit in limits if limit[0] == name], need, used, code)
        if short:
            found.append(short)
    return found, chosen, cuts, limits


def discount_of(discount: tuple[str, int], price: int) -> int:
    kind, n = discount
    return min(n, price) if kind == "amount_per_ticket" else price - (price * (1_000_000 - n) + 500_000) // 1_000_000


def part(value: str) -> str:
    return value if PLAIN.fullmatch(value) else quote(value, safe="@+").replace("~", "%7E")


def person(identity: tuple[str, str]) -> str:
    return f"{identity[0]}:{part(identity[1])}"


def limits_of(promo: dict[str, Any], order: dict[str, Any], pools: dict[str, int]) -> list[Limit]:
    """Every counter that a code charges, in the order in which charges are recorded."""
    scope = (
        f"event:{part(order['event_id'])}:{part(promo['code'])}" if promo["id"] is None else f"id:{part(promo['id'])}"
    )
    currency, per_person = part(order["currency"]), promo["max_uses_per_identity"]
    limits: list[Limit] = [("uses", f"code/{scope}/uses", promo["max_uses"], False, 2)]
    if per_person is not None:
        limits += [
            ("by", f"code/{scope}/by/{person(identity)}", per_person, False, 1) for identity in order["identities"]
        ]
    keys = [(f"pool/{part(pool['id'])}/uses", f"pool/{part(pool['id'])}/spend/{currency}") for pool in promo["pools"]]
    limits += [("pool", uses, pools.get(uses), False, 3) for uses, _ in keys]
    limits.append(("budget", f"code/{scope}/spend/{currency}", None, True, 2))
    limits += [("pool_budget", spend, pools.get(spend), True, 3) for _, spend in keys]
    return limits


def least_of_pools(entered: list[dict[str, Any]], currency: str) -> dict[str, int]:
    """The limits of each pool: the lowest that any entered code gives it."""
    least: dict[str, int] = {}
    for promo in entered:
        for pool in promo["pools"]:
            name = part(pool["id"])
            for key, most in (
                (f"pool/{name}/uses", pool["max_uses"]),
                (f"pool/{name}/spend/{part(currency)}", pool["budget"]),
            ):
                if most is not None:
                    least[key] = min(most, least.get(key, most))
    return least


def shortage(limits: list[Limit], need: int, used: Any, code: str | None) -> dict[str, Any] | None:
    """The violation of the limit with the least remaining, among those that have less than needed; None if none has."""
    worst = None
    for name, key, most, _, _ in limits:
        if most is None:
            continue
        before = used(key)
        remaining = max(0, most - before)
        if remaining < need and (worst is None or remaining < worst[4]):
            worst = (name, key, most, before, remaining)
    if worst is None:
        return None
    name, key, most, before, remaining = worst
    reason, has = SHORT[name]
    message = f"{has.format(code=code, has=f'{remaining} of {most}')}, the order needs {need}"
    return {
        "code": code,
        "reason": reason,
        "public_reason": "used_up",
        "counter": key,
        "limit": most,
        "used": before,
        "remaining": remaining,
        "message": message,
        "to_qualify": None,
    }


def refusal(code: str | None, reason: str, message: str) -> dict[str, Any]:
    return {
        "code": code,
        "reason": reason,
        "public_reason": PUBLIC[reason],
        "counter": None,
        "limit": None,
        "used": None,
        "remaining": None,
        "message": message,
        "to_qualify": None,
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
        "tickets": [{**ticket, "released": None} for ticket in tickets],
        "applied": [entry.copy() for entry in applied],
        "charges": charges,
        "created_at_ms": now,
        "expires_at_ms": min(order["hold_until_ms"], now + MAX_HOLD) if total else None,
        "confirmed_at_ms": None if total else now,
        "payments": [],
        "releases": [],
    }
