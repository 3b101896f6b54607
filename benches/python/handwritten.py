"""What a careful programmer would write for the benchmark's one kind of promotion: the same checks, the same whole answer.

A percent, limits over all buyers and per person, a window, events; one code, no replay, no release rules. Everything else
is refused, as the engine refuses what it does not know. The benchmark asserts that the answers are the engine's.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

TOP = 9_007_199_254_740_991
DROP = {c: None for c in [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF]}
DROP |= {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)}  # full-width ASCII
KIND = re.compile("[a-z0-9_]{1,32}")
GIVE_BACK = ("buyer_released", "hold_expired", "organizer_cancelled", "payment_failed", "refunded")

REQUEST = {"codes", "promos", "order", "usage", "now_ms"}
PROMO = {"code", "discount_percent", "max_uses", "max_uses_per_identity", "starts_at_ms", "ends_at_ms", "events"}
ORDER = {"id", "event_id", "currency", "lines", "identities", "hold_until_ms"}
LINE = {"ticket_type", "unit_price", "quantity"}


class Invalid(ValueError):
    pass


def known(value: Any, fields: set[str], path: str) -> dict[str, Any]:
    if type(value) is not dict:
        raise Invalid(f"{path}: expected an object")
    if not value.keys() <= fields:
        raise Invalid(f"{path}.{next(iter(value.keys() - fields))}: unknown field")
    return value


def integer(value: Any, path: str, least: int = 0) -> int:
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not least <= value <= TOP:
        raise Invalid(f"{path}: expected an integer from {least}")
    return value


def text(value: Any, path: str, most: int = 256) -> str:
    if type(value) is not str or not 1 <= len(value) <= most:
        raise Invalid(f"{path}: expected a string of 1 to {most} characters")
    return value


def items(value: Any, path: str) -> list[Any]:
    if type(value) is not list:
        raise Invalid(f"{path}: expected a list")
    return value


def canonical(code: str) -> str:
    return code.translate(DROP).strip().upper()


def part(value: str) -> str:
    return quote(value, safe="@+").replace("~", "%7E")


def email(value: str) -> str:
    value = value.strip().lower()
    local, at, domain = value.rpartition("@")
    local = local.split("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", "") or local, "gmail.com"
    return local + at + domain


def read_promo(value: Any, path: str) -> dict[str, Any]:
    promo = known(value, PROMO, path)
    code = canonical(text(promo.get("code"), f"{path}.code"))
    if not 1 <= len(code) <= 64 or not code.isprintable():
        raise Invalid(f"{path}.code: expected 1 to 64 characters")
    percent = promo.get("discount_percent")
    if type(percent) not in (int, float) or not 0 <= percent <= 100 or round(percent * 10_000) / 10_000 != percent:
        raise Invalid(f"{path}.discount_percent: expected a number from 0 to 100")
    read: dict[str, Any] = {"code": code, "n": round(percent * 10_000)}
    for field in ("max_uses", "max_uses_per_identity"):
        limit = promo.get(field)
        read[field] = None if limit is None else integer(limit, f"{path}.{field}")
    for field in ("starts_at_ms", "ends_at_ms"):
        time = promo.get(field)
        read[field] = None if time is None else integer(time, f"{path}.{field}", 100_000_000_000)
    events = promo.get("events")
    read["events"] = None if events is None else [text(event, f"{path}.events[{i}]") for i, event in enumerate(items(events, f"{path}.events"))]
    return read


def validate_redemption(request: Any) -> dict[str, Any]:
    request = known(request, REQUEST, "")
    now = integer(request.get("now_ms"), "now_ms", 100_000_000_000)
    typed = [text(code, f"codes[{i}]", 10_000) for i, code in enumerate(items(request.get("codes"), "codes"))]
    if len(typed) != 1:
        raise Invalid("codes: expected one code")
    promos = [read_promo(promo, f"promos[{i}]") for i, promo in enumerate(items(request.get("promos"), "promos"))]
    by_code = {promo["code"]: promo for promo in promos}
    if len(by_code) != len(promos):
        raise Invalid("promos: expected a code that no other promo has")

    order = known(request.get("order"), ORDER, "order")
    order_id, event = text(order.get("id"), "order.id"), text(order.get("event_id"), "order.event_id")
    currency = text(order.get("currency"), "order.currency", 16)
    until = integer(order.get("hold_until_ms"), "order.hold_until_ms", 100_000_000_000)
    people: dict[str, str] = {}
    for kind, value in known(order.get("identities") or {}, set(order.get("identities") or {}), "order.identities").items():
        if not KIND.fullmatch(kind) or not text(value, f"order.identities.{kind}", 320).strip():
            raise Invalid(f"order.identities.{kind}: expected a kind and a value")
        people[kind] = email(value) if kind == "email" else value.strip()
    tickets = []
    for i, line in enumerate(items(order.get("lines"), "order.lines")):
        line = known(line, LINE, f"order.lines[{i}]")
        kind, price = line.get("ticket_type"), integer(line.get("unit_price"), f"order.lines[{i}].unit_price")
        if kind is not None:
            text(kind, f"order.lines[{i}].ticket_type")
        for _ in range(integer(line.get("quantity"), f"order.lines[{i}].quantity", 1)):
            tickets.append((i, kind, price))
            if len(tickets) > 1000:
                raise Invalid("order.lines: expected at most 1000 tickets")
    subtotal = sum(ticket[2] for ticket in tickets)
    if not tickets or subtotal > TOP:
        raise Invalid("order.lines: expected 1 to 1000 tickets")
    counters = {}
    for key, value in known(request.get("usage") or {}, {"counters"}, "usage").get("counters", {}).items():
        counters[key] = integer(value, f"usage.counters[{key}]")

    code = canonical(typed[0])
    promo = by_code.get(code)
    violations: list[dict[str, Any]] = []

    def refuse(reason: str, public: str, message: str, *numbers: Any) -> None:
        counter, limit, used, remaining = numbers or (None, None, None, None)
        violations.append(
            {"code": code, "reason": reason, "public_reason": public, "counter": counter, "limit": limit, "used": used, "remaining": remaining, "message": message}
        )

    if promo is None:
        refuse("unknown_code", "not_accepted", f"no promotion has the code {code}")
        return rejected(currency, subtotal, tickets, violations)
    if promo["starts_at_ms"] is not None and now < promo["starts_at_ms"]:
        refuse("not_started", "not_accepted", f"{code} starts at {promo['starts_at_ms']} ms")
    if promo["ends_at_ms"] is not None and now >= promo["ends_at_ms"]:
        refuse("ended", "not_accepted", f"{code} ended at {promo['ends_at_ms']} ms")
    if promo["events"] is not None and event not in promo["events"]:
        refuse("wrong_event", "not_accepted", f"{code} is not for the event {event}")

    prices = [(price * (1_000_000 - promo["n"]) + 500_000) // 1_000_000 for _, _, price in tickets]
    chosen = [i for i, (_, _, price) in enumerate(tickets) if prices[i] < price]
    if not chosen:
        raise Invalid("the benchmark has no order from which nothing is taken off")
    need, cuts = len(chosen), [tickets[i][2] - prices[i] for i in chosen]
    discount = sum(cuts)
    scope = f"code/event:{part(event)}:{part(code)}"
    limits = [(f"{scope}/uses", promo["max_uses"], need, 1)]
    if promo["max_uses_per_identity"] is not None:
        if not people:
            refuse("identity_required", "identity_required", f"{code} is limited per person, and the order names none")
        limits += [(f"{scope}/by/{kind}:{part(people[kind])}", promo["max_uses_per_identity"], need, 1) for kind in sorted(people)]
    remaining = None
    for key, limit, _, _ in limits:
        if limit is None:
            continue
        used = counters.get(key, 0)
        left = max(0, limit - used)
        if left < need:
            reason, what = ("uses_exhausted", "") if key.endswith("/uses") else ("identity_uses_exhausted", " for this person,")
            refuse(reason, "used_up", f"{code} has {left} of {limit} uses left{what or ','} the order needs {need}", key, limit, used, left)
        remaining = left - need if remaining is None else min(remaining, left - need)
    if violations:
        if any(violation["public_reason"] == "not_accepted" for violation in violations):
            for violation in violations:
                violation["public_reason"] = "not_accepted"
        return rejected(currency, subtotal, tickets, violations)

    marked = set(chosen)
    applied = {"code": code, "tickets": need, "uses": need, "discount": discount, "partial": False, "remaining": remaining}
    charged = [*limits, (f"{scope}/spend/{part(currency)}", None, discount, cuts)]
    record = {
        "schema": 1, "id": order_id, "revision": 1, "state": "held", "event_id": event, "currency": currency, "codes": [code],
        "identities": [f"{kind}:{people[kind]}" for kind in sorted(people)],
        "tickets": [
            {"line": line, "ticket_type": kind, "unit_price": price, "price": prices[i], "codes": [code] if i in marked else [], "released": None}
            for i, (line, kind, price) in enumerate(tickets)
        ],
        "applied": [applied],
        "charges": [
            {
                "key": key, "code": code, "limit": limit, "amount": amount, "tickets": chosen, "each": each,
                "back": [{"reason": reason, "until_ms": None} for reason in GIVE_BACK],
            }
            for key, limit, amount, each in charged
        ],
        "created_at_ms": now, "expires_at_ms": until, "confirmed_at_ms": None,
    }
    adds = [{"op": "add", "key": key, "by": amount, "at_most": limit} for key, limit, amount, _ in charged]
    adds.sort(key=lambda add: ("/by/" not in str(add["key"]), add["key"]))
    return {
        "status": "accepted",
        "replayed": False,
        "quote": {
            "currency": currency, "subtotal": subtotal, "discount": discount, "total": subtotal - discount, "payment": "required" if subtotal > discount else "none",
            "tickets": [
                {"line": line, "ticket_type": kind, "unit_price": price, "discount": price - prices[i], "price": prices[i], "codes": [code] if i in marked else []}
                for i, (line, kind, price) in enumerate(tickets)
            ],
        },
        "applied": [applied],
        "violations": [],
        "ops": [{"op": "insert", "redemption": record}, *adds],
    }


def rejected(currency: str, subtotal: int, tickets: list[Any], violations: list[Any]) -> dict[str, Any]:
    shown = [{"line": line, "ticket_type": kind, "unit_price": price, "discount": 0, "price": price, "codes": []} for line, kind, price in tickets]
    quote = {"currency": currency, "subtotal": subtotal, "discount": 0, "total": subtotal, "payment": "required" if subtotal else "none", "tickets": shown}
    return {"status": "rejected", "replayed": False, "quote": quote, "applied": [], "violations": violations, "ops": []}
