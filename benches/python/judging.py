"""Whether the hand-written code lets a code be used: the conditions, the discounts, and the counters' limits."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from conditions import Local, date_of, is_eligible, is_in_hours, stands_beside
from prices import amount_in, groups_of, lacking, scope_of, takes_off

PUBLIC = {
    "unknown_code": "not_accepted",
    "inactive": "not_accepted",
    "not_started": "not_accepted",
    "ended": "not_accepted",
    "outside_hours": "not_accepted",
    "wrong_event": "not_accepted",
    "not_eligible": "not_accepted",
    "wrong_currency": "order_not_eligible",
    "missing_tickets": "order_not_eligible",
    "below_min_tickets": "order_not_eligible",
    "cannot_combine": "order_not_eligible",
    "wrong_ticket_type": "order_not_eligible",
    "nothing_to_discount": "order_not_eligible",
    "identity_required": "identity_required",
}
SHORT = {
    "uses": ("uses_exhausted", "{code} has {has} uses left"),
    "by": ("identity_uses_exhausted", "{code} has {has} uses left for this person"),
    "day": ("period_uses_exhausted", "{code} has {has} uses left in this period"),
    "day_by": ("period_identity_uses_exhausted", "{code} has {has} uses left in this period for this person"),
    "pool": ("pool_exhausted", "a pool of {code} has {has} uses left"),
    "pool_budget": ("pool_budget_exhausted", "a pool budget of {code} has {has} left"),
    "free_tickets": ("free_tickets_exhausted", "this person has {has} free tickets left"),
    "tickets": ("tickets_exhausted", "this person has {has} tickets left"),
}
PLAIN = re.compile("[A-Za-z0-9._@+-]*")

# A counter that may be charged: what it is to the order, its key, its limit, whether it counts money, and its breadth.
Limit = tuple[str, str, "int | None", bool, int]
# What a code takes off: the tickets, what it takes off each, its groups, and how many uses that is.
Take = tuple[list[int], list[int], "list[list[int]] | None", int]


def judge(
    promo: dict[str, Any],
    order: dict[str, Any],
    tickets: list[dict[str, Any]],
    pools: dict[str, int],
    used: Any,
    now: int,
    local: Local | None,
) -> tuple[list[Any], Take, list[Limit]]:
    """Whether a code may be used at the prices that earlier codes left; what it takes off, and its counters."""
    code, nothing = promo["code"], ([], [], None, 0)
    found = standing(promo, order, now, local)
    if lacking(promo, order["currency"]) is not None:
        return found, nothing, []
    scope = scope_of(promo, order["lines"], tickets)
    if not scope:
        wrong = refusal(code, "wrong_ticket_type", f"{code} is for none of the ticket types in the order")
        return [*found, {**wrong, "to_qualify": add(promo, 1, tickets)}], nothing, []
    by_group = promo["count_by"] == "group"
    if by_group:
        none, take = takes_groups(promo, scope, tickets)
        if none:
            return [*found, none], nothing, []
    else:
        chosen, cuts = takes_off(promo, scope, tickets, order["currency"])
        if not chosen:
            none = refusal(code, "nothing_to_discount", f"{code} takes nothing off this order")
            return [*found, none], nothing, []
        take = (chosen, cuts, None, 1 if promo["count_by"] == "order" else len(chosen))
    chosen, cuts, groups, needed = take
    caps = [promo["max_uses_per_identity"], promo["day"] and promo["day"][1]]
    least = min((cap for cap in caps if cap is not None), default=None)
    if least is not None and not order["identities"]:
        required = refusal(code, "identity_required", f"{code} is limited per person, and the order names none")
        found.append({**required, "limit": least})
    limits = limits_of(promo, order, local, pools)
    for name in ("uses", "by", "day", "day_by", "pool", "budget", "pool_budget"):
        need = sum(cuts) if name.endswith("budget") else needed
        short = shortage([limit for limit in limits if limit[0] == name], need, used, code)
        if short:
            found.append(short)
    if sum(cuts) == 0:
        found.append(refusal(code, "nothing_to_discount", f"{code} takes nothing off this order"))
    # A ticket of which rounding leaves no part of the discount is not counted, unless it belongs to a group.
    if not by_group and 0 in cuts:
        chosen = [index for index, cut in zip(chosen, cuts, strict=True) if cut > 0]
        cuts = [cut for cut in cuts if cut > 0]
        needed = len(chosen) if promo["count_by"] == "ticket" else needed
    return found, (chosen, cuts, groups, needed), limits


def takes_groups(promo: dict[str, Any], scope: list[Any], tickets: list[Any]) -> tuple[dict[str, Any] | None, Take]:
    """What a code takes off its groups, or why there is no group."""
    code, (size, discounted) = promo["code"], promo["discounts"][0][1][1]
    able, groups = groups_of(size, discounted, scope, tickets)
    if not groups:
        message = f"{code} needs at least {size} tickets in its scope, the order has {len(able)}"
        none = {**refusal(code, "below_min_tickets", message), "limit": size, "used": len(able)}
        # More tickets do not help where the codes before this one use tickets up.
        if all(index in able or tickets[index]["unit_price"] == 0 for index, _ in scope):
            none["to_qualify"] = add(promo, size - len(able), tickets)
        return none, ([], [], None, 0)
    marked = sorted(pair for members, cuts in groups for pair in zip(members, cuts, strict=True))
    take = ([index for index, _ in marked], [cut for _, cut in marked], [members for members, _ in groups], len(groups))
    return None, take


def standing(promo: dict[str, Any], order: dict[str, Any], now: int, local: Local | None) -> list[dict[str, Any]]:
    """What the order does not meet, however often the code was used."""
    code, starts, ends = promo["code"], promo["starts_at_ms"], promo["ends_at_ms"]
    found = []
    if not promo["active"]:
        found.append(refusal(code, "inactive", f"{code} is not active"))
    if starts is not None and now < starts:
        found.append(refusal(code, "not_started", f"{code} starts at {starts} ms"))
    if ends is not None and now >= ends:
        found.append(refusal(code, "ended", f"{code} ended at {ends} ms"))
    if not is_in_hours(promo, local):
        found.append(refusal(code, "outside_hours", f"{code} is not valid at this hour"))
    if promo["events"] is not None and order["event_id"] not in promo["events"]:
        found.append(refusal(code, "wrong_event", f"{code} is not for the event {order['event_id']}"))
    currencies = lacking(promo, order["currency"])
    if currencies is not None:
        rest = f"{code} is for orders in {currencies}, not {order['currency']}"
        found.append(refusal(code, "wrong_currency", rest))
    if not is_eligible(promo["only_if"], order["facts"]):
        found.append(refusal(code, "not_eligible", f"{code} is only for listed buyers"))
    if promo["required"] is not None:
        types, least = promo["required"]
        has = stands_beside(types, order["lines"])
        if has < least:
            rest = f"{code} needs at least {least} tickets of {' or '.join(types)}, the order has {has}"
            short = {**refusal(code, "missing_tickets", rest), "limit": least, "used": has}
            if order["count"] + least - has <= 1000:
                short["to_qualify"] = {"of": types[:], "add_tickets": least - has}
            found.append(short)
    return found


def add(promo: dict[str, Any], count: int, tickets: list[Any]) -> dict[str, Any] | None:
    """The change "add so many tickets of those that the code is for"."""
    types = promo["types"]
    if types == [] or len(tickets) + count > 1000:
        return None
    return {"add_tickets": count} if types is None else {"of": types[:], "add_tickets": count}


def part(value: str) -> str:
    return value if PLAIN.fullmatch(value) else quote(value, safe="@+").replace("~", "%7E")


def person(identity: tuple[str, str]) -> str:
    return f"{identity[0]}:{part(identity[1])}"


def limits_of(promo: dict[str, Any], order: dict[str, Any], local: Local | None, pools: dict[str, int]) -> list[Limit]:
    """Every counter that a code charges, in the order in which charges are recorded."""
    scope = (
        f"event:{part(order['event_id'])}:{part(promo['code'])}" if promo["id"] is None else f"id:{part(promo['id'])}"
    )
    currency = part(order["currency"])
    limits: list[Limit] = [("uses", f"code/{scope}/uses", promo["max_uses"], False, 3)]

    def per_person(name: str, folder: str, most: int | None) -> None:
        if most is not None:
            for identity in order["identities"]:
                limits.append((name, f"code/{scope}/{folder}by/{person(identity)}", most, False, 1))

    per_person("by", "", promo["max_uses_per_identity"])
    if promo["day"] is not None and local is not None:
        (uses, by), folder = promo["day"], f"day/{date_of(local)}/"
        if uses is not None:
            limits.append(("day", f"code/{scope}/{folder}uses", uses, False, 2))
        per_person("day_by", folder, by)
    keys = [(f"pool/{part(pool['id'])}/uses", f"pool/{part(pool['id'])}/spend/{currency}") for pool in promo["pools"]]
    limits += [("pool", uses, pools.get(uses), False, 4) for uses, _ in keys]
    limits.append(("budget", f"code/{scope}/spend/{currency}", None, True, 3))
    limits += [("pool_budget", spend, pools.get(spend), True, 4) for _, spend in keys]
    return limits


def least_of_pools(entered: list[dict[str, Any]], currency: str) -> dict[str, int]:
    """The limits of each pool: the lowest that any entered code gives it."""
    least: dict[str, int] = {}
    for promo in entered:
        for pool in promo["pools"]:
            name = part(pool["id"])
            for key, most in (
                (f"pool/{name}/uses", pool["max_uses"]),
                (f"pool/{name}/spend/{part(currency)}", amount_in(pool["budget"], currency)),
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
