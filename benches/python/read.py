"""The reader of the hand-written code: it checks the workloads' fields as strictly as the engine does."""

from __future__ import annotations

import re
from typing import Any, NoReturn
from unicodedata import category

TOP = 9_007_199_254_740_991
TIME = 100_000_000_000
DROP: dict[int, int | None] = dict.fromkeys(
    [173, *range(8203, 8208), *range(8234, 8239), 8288, *range(8294, 8298), 65279]
)
DROP |= {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)}  # full-width ASCII
KIND = re.compile("[a-z0-9_]{1,32}")

PROMO = {
    "code",
    "id",
    "active",
    "discount",
    "discount_percent",
    "max_uses",
    "max_uses_per_identity",
    "pools",
    "starts_at_ms",
    "ends_at_ms",
    "events",
    "ticket_types",
    "combines",
    "priority",
}
DISCOUNT = {"kind", "amount"}
POOL = {"id", "max_uses", "budget"}
POLICY = {"max_free_tickets_per_identity", "max_tickets_per_identity"}
ORDER = {"id", "event_id", "currency", "lines", "identities", "hold_until_ms"}
LINE = {"ticket_type", "unit_price", "quantity"}
USAGE = {"counters"}


class Invalid(ValueError):
    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: {expected}")
        self.path = path


def fail(path: str, expected: str) -> NoReturn:
    raise Invalid(path, expected)


def known(value: Any, fields: set[str] | None, path: str) -> dict[str, Any]:
    """Expects an object, which has only these fields unless it is a map."""
    if type(value) is not dict:
        fail(path, "expected an object")
    if fields is not None and not value.keys() <= fields:
        name = next(iter(value.keys() - fields))
        fail(f"{path}.{name}" if path else name, "unknown field")
    return value


def items(value: Any, path: str, name: str) -> list[Any]:
    if type(value) is not list:
        fail(path + name, "expected a list")
    return value


def integer(value: Any, path: str, name: str, least: int = 0, most: int = TOP) -> int:
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is int and least <= value <= most:
        return value
    fail(path + name, f"expected an integer from {least} to {most}")


def limit(value: Any, path: str, name: str) -> int | None:
    return None if value is None else integer(value, path, name)


def time(value: Any, path: str, name: str) -> int | None:
    return None if value is None else integer(value, path, name, TIME)


def flag(value: Any, path: str, name: str, otherwise: bool) -> bool:
    if value is None:
        return otherwise
    if type(value) is not bool:
        fail(path + name, "expected true or false")
    return value


def unicode(value: Any, path: str, name: str) -> str:
    if type(value) is not str:
        fail(path + name, "expected a string")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            fail(path + name, "expected Unicode text, found a lone surrogate")
    return value


def text(value: Any, path: str, name: str, most: int = 256) -> str:
    string = unicode(value, path, name)
    if not 1 <= len(string) <= most:
        fail(path + name, f"expected 1 to {most} characters")
    return string


def names(value: Any, path: str, name: str) -> list[str] | None:
    if value is None:
        return None
    return [text(entry, path, f"{name}[{index}]") for index, entry in enumerate(items(value, path, name))]


def canonical_code(typed: Any, path: str, name: str) -> str:
    code = unicode(typed, path, name)
    if not code.isascii():
        code = code.translate(DROP)
    return code.strip().upper()


def percent(value: Any, path: str, name: str) -> int:
    if type(value) not in (int, float) or not 0 <= value <= 100 or round(value * 10_000) / 10_000 != value:
        fail(path + name, "expected a number from 0 to 100 with at most 4 decimals")
    n: int = round(value * 10_000)
    return n


def read_discount(promo: dict[str, Any], path: str) -> tuple[str, int]:
    """The discount of a promotion: a percent in ten-thousandths, or an amount per ticket."""
    discount, short = promo.get("discount"), promo.get("discount_percent")
    if (discount is None) == (short is None):
        fail(f"{path}discount", "expected exactly one of discount and discount_percent")
    if discount is None:
        n = percent(short, path, "discount_percent")
        if n == 0:
            fail(
                f"{path}discount_percent",
                "expected a percent above 0: the workloads have no codes that take nothing off",
            )
        return "percent", n
    known(discount, DISCOUNT, f"{path}discount")
    if discount.get("kind") != "amount_per_ticket":
        fail(f"{path}discount.kind", "expected amount_per_ticket, the one kind that the workloads have")
    return "amount_per_ticket", integer(discount.get("amount"), f"{path}discount.", "amount")


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
                "budget": limit(pool.get("budget"), at, "budget"),
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
    return {
        "code": code,
        "id": None if name is None else text(name, path, "id"),
        "active": flag(promo.get("active"), path, "active", True),
        "discount": read_discount(promo, path),
        "max_uses": limit(promo.get("max_uses"), path, "max_uses"),
        "max_uses_per_identity": limit(promo.get("max_uses_per_identity"), path, "max_uses_per_identity"),
        "pools": read_pools(promo.get("pools"), path),
        "starts_at_ms": time(promo.get("starts_at_ms"), path, "starts_at_ms"),
        "ends_at_ms": time(promo.get("ends_at_ms"), path, "ends_at_ms"),
        "events": names(promo.get("events"), path, "events"),
        "ticket_types": names(promo.get("ticket_types"), path, "ticket_types"),
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


def read_policy(value: Any) -> dict[str, int | None]:
    policy = {} if value is None else known(value, POLICY, "policy")
    return {
        name: limit(policy.get(f"max_{name}_per_identity"), "policy.", f"max_{name}_per_identity")
        for name in ("free_tickets", "tickets")
    }


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
    given = (
        []
        if value is None
        else [entry for entry in known(value, None, "order.identities").items() if entry[1] is not None]
    )
    if len(given) > 100:
        fail("order.identities", "expected at most 100 identities")
    read = []
    for kind, identity in given:
        if not KIND.fullmatch(kind):
            fail(
                f"order.identities.{kind}" if re.fullmatch(r"\w+", kind, re.ASCII) else f'order.identities["{kind}"]',
                "expected a kind of 1 to 32 characters from a-z, 0-9 and _",
            )
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
        "subtotal": subtotal,
        "identities": read_identities(order.get("identities")),
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
