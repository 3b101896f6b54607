"""The reader of the hand-written code: it checks the workloads' fields as strictly as the engine does."""

from __future__ import annotations

from typing import Any
from unicodedata import category

from conditions import read_conditions, read_facts, read_period, read_required, read_weekly, read_zone
from fields import TOP, by_kind, fail, flag, integer, items, known, limit, names, text, time, unicode
from prices import count_by, read_amount, read_discounts, types_of

DROP: dict[int, int | None] = dict.fromkeys(
    [173, *range(8203, 8208), *range(8234, 8239), 8288, *range(8294, 8298), 65279]
)
DROP |= {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)}  # full-width ASCII

PROMO = {
    "code",
    "id",
    "active",
    "discount",
    "discount_percent",
    "discounts",
    "max_uses",
    "max_uses_per_identity",
    "per_period",
    "pools",
    "starts_at_ms",
    "ends_at_ms",
    "weekly",
    "events",
    "ticket_types",
    "requires",
    "only_if",
    "combines",
    "priority",
}
POOL = {"id", "max_uses", "budget"}
POLICY = {"max_free_tickets_per_identity", "max_tickets_per_identity", "zone"}
ORDER = {"id", "event_id", "currency", "lines", "identities", "facts", "hold_until_ms"}
LINE = {"ticket_type", "unit_price", "quantity"}
USAGE = {"counters"}


def canonical_code(typed: Any, path: str, name: str) -> str:
    code = unicode(typed, path, name)
    if not code.isascii():
        code = code.translate(DROP)
    return code.strip().upper()


def read_pools(value: Any, path: str) -> list[dict[str, Any]]:
    if value is None:
        return []
    seen: set[str] = set()
    pools = []
    for index, entry in enumerate(items(value, path, "pools")):
        at = f"{path}pools[{index}]."
        pool = known(entry, POOL, at[:-1])
        name = text(pool.get("id"), at, "id")
        if name in seen:
            fail(f"{at}id", "expected each pool once")
        seen.add(name)
        pools.append(
            {
                "id": name,
                "max_uses": limit(pool.get("max_uses"), at, "max_uses"),
                "budget": None if pool.get("budget") is None else read_amount(pool["budget"], at, "budget"),
            }
        )
    if len(pools) > 100:
        fail(f"{path}pools", "expected at most 100 pools")
    return pools


def read_promo(value: Any, index: int) -> dict[str, Any]:
    path = f"promos[{index}]."
    promo = known(value, PROMO, path[:-1])
    code = canonical_code(promo.get("code"), path, "code")
    if not 1 <= len(code) <= 64 or (not code.isprintable() and any(category(character) == "Cc" for character in code)):
        fail(f"{path}code", "expected 1 to 64 characters in canonical form and no control character")
    name, priority = promo.get("id"), promo.get("priority")
    discounts = read_discounts(promo, path)
    ticket_types = names(promo.get("ticket_types"), path, "ticket_types")
    return {
        "code": code,
        "id": None if name is None else text(name, path, "id"),
        "active": flag(promo.get("active"), path, "active", True),
        "discounts": discounts,
        "count_by": count_by(discounts),
        "types": types_of(discounts, ticket_types),
        "max_uses": limit(promo.get("max_uses"), path, "max_uses"),
        "max_uses_per_identity": limit(promo.get("max_uses_per_identity"), path, "max_uses_per_identity"),
        "day": read_period(promo.get("per_period"), path),
        "pools": read_pools(promo.get("pools"), path),
        "starts_at_ms": time(promo.get("starts_at_ms"), path, "starts_at_ms"),
        "ends_at_ms": time(promo.get("ends_at_ms"), path, "ends_at_ms"),
        "weekly": read_weekly(promo.get("weekly"), path),
        "events": names(promo.get("events"), path, "events"),
        "ticket_types": ticket_types,
        "required": read_required(promo.get("requires"), path),
        "only_if": read_conditions(promo.get("only_if"), path),
        "combines": flag(promo.get("combines"), path, "combines", False),
        "priority": 0 if priority is None else integer(priority, path, "priority", 0, 1000),
    }


def read_promos(value: Any) -> dict[str, dict[str, Any]]:
    """The promotions by canonical code."""
    by_code: dict[str, dict[str, Any]] = {}
    ids: set[str] = set()
    for index, entry in enumerate(items(value, "", "promos")):
        promo = read_promo(entry, index)
        if promo["code"] in by_code:
            fail(f"promos[{index}].code", "expected a code that no other promo has")
        by_code[promo["code"]] = promo
        if promo["id"] is not None:
            if promo["id"] in ids:
                fail(f"promos[{index}].id", "expected an id that no other promo has")
            ids.add(promo["id"])
    return by_code


def read_policy(value: Any) -> dict[str, Any]:
    policy = {} if value is None else known(value, POLICY, "policy")
    caps = {
        name: limit(policy.get(f"max_{name}_per_identity"), "policy.", f"max_{name}_per_identity")
        for name in ("free_tickets", "tickets")
    }
    return {**caps, "zone": read_zone(policy.get("zone"))}


def read_codes(value: Any) -> list[str]:
    """The typed codes in canonical form, each once."""
    codes = items(value, "", "codes")
    if len(codes) > 16:
        fail("codes", "expected at most 16 codes")
    entered = dict.fromkeys(canonical_code(typed, "", f"codes[{index}]") for index, typed in enumerate(codes))
    return [code for code in entered if code]


def canonical_identity(kind: str, value: str) -> str:
    value = value.strip()
    if kind == "npub":
        return value.lower()
    if kind != "email":
        return value
    local, at, domain = value.lower().rpartition("@")
    if not at:
        return domain
    local = local.split("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


def read_identities(value: Any) -> list[tuple[str, str]]:
    read = []
    for kind, identity in by_kind(value, "order.identities"):
        if not text(identity, "order.identities.", kind, 320).strip():
            fail(f"order.identities.{kind}", "expected a string that is not blank")
        read.append((kind, canonical_identity(kind, identity)))
    return sorted(read)


def read_order(value: Any) -> dict[str, Any]:
    order = known(value, ORDER, "order")
    lines = items(order.get("lines"), "order.", "lines")
    if not 1 <= len(lines) <= 100:
        fail("order.lines", "expected 1 to 100 lines")
    count = subtotal = 0
    read = []
    for index, entry in enumerate(lines):
        at = f"order.lines[{index}]."
        line = known(entry, LINE, at[:-1])
        ticket_type, price, quantity = (
            line.get("ticket_type"),
            integer(line.get("unit_price"), at, "unit_price"),
            integer(line.get("quantity"), at, "quantity", 1, 1000),
        )
        count += quantity
        subtotal += price * quantity
        read.append((None if ticket_type is None else text(ticket_type, at, "ticket_type"), price, quantity))
    if count > 1000:
        fail("order.lines", "expected at most 1000 tickets")
    if subtotal > TOP:
        fail("order.lines", "expected a sum in range")
    name = order.get("id")
    return {
        "id": None if name is None else text(name, "order.", "id"),
        "event_id": text(order.get("event_id"), "order.", "event_id"),
        "currency": text(order.get("currency"), "order.", "currency", 16),
        "lines": read,
        "count": count,
        "subtotal": subtotal,
        "identities": read_identities(order.get("identities")),
        "facts": read_facts(order.get("facts")),
        "hold_until_ms": time(order.get("hold_until_ms"), "order.", "hold_until_ms"),
    }


def read_usage(value: Any) -> dict[str, int]:
    """The counters, by key."""
    usage = {} if value is None else known(value, USAGE, "usage")
    counters = usage.get("counters")
    if counters is None:
        return {}
    return {
        key: limit(used, "", f'usage.counters["{key}"]') or 0
        for key, used in known(counters, None, "usage.counters").items()
    }
