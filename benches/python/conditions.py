"""What the hand-written code knows of hours and days, of facts, and of tickets that must stand in the order as well."""

from __future__ import annotations

from datetime import date
from typing import Any

from fields import by_kind, fail, flag, integer, items, kind_of, known, limit, names, some, text, time

OFFSET = {"from_ms", "offset_minutes"}
HOURS = {"days", "from_minute", "to_minute"}
PERIOD = {"every", "max_uses", "max_uses_per_identity"}
CONDITION = {"fact", "is", "at_most"}
REQUIREMENT = {"ticket_types", "min_tickets"}
DAY = 1440
EPOCH = date(1970, 1, 1).toordinal()

# A day, counted from 1970-01-01, and a minute of it, as local clocks show them.
Local = tuple[int, int]


def read_zone(value: Any) -> list[tuple[int, int]] | None:
    def read(entry: Any, at: str) -> tuple[int, int]:
        offset = known(entry, OFFSET, at)
        minutes = integer_below(offset.get("offset_minutes"), f"{at}.offset_minutes")
        from_ms = time(offset.get("from_ms"), at, ".from_ms")
        return fail(f"{at}.from_ms", "missing required field") if from_ms is None else (from_ms, minutes)

    zone = some(value, "policy.", "zone", 400, read)
    for index in range(1, len(zone or [])):
        if zone and zone[index][0] <= zone[index - 1][0]:
            fail(f"policy.zone[{index}].from_ms", "expected a later time")
    return zone


def integer_below(value: Any, path: str) -> int:
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not -840 <= value <= 840 or value % 15 != 0:
        fail(path, "expected a multiple of 15 from -840 to 840")
    return value


def read_weekly(value: Any, path: str) -> list[tuple[list[int], int, int]] | None:
    def read(entry: Any, at: str) -> tuple[list[int], int, int]:
        hours = known(entry, HOURS, at)
        days = enumerate(items(hours.get("days"), at, ".days"))
        listed = [integer(day, at, f".days[{index}]", 1, 7) for index, day in days]
        start = integer(hours.get("from_minute"), at, ".from_minute", 0, DAY - 1)
        return listed, start, integer(hours.get("to_minute"), at, ".to_minute", start + 1, 2879)

    return some(value, path, "weekly", 50, read)


def read_period(value: Any, path: str) -> tuple[int | None, int | None] | None:
    """The limits of one day, over all and per person; the workloads count by no other period."""

    def read(entry: Any, at: str) -> tuple[int | None, int | None]:
        period = known(entry, PERIOD, at)
        if period.get("every") != "day":
            fail(f"{at}.every", "expected day")
        uses = limit(period.get("max_uses"), at, ".max_uses")
        by = limit(period.get("max_uses_per_identity"), at, ".max_uses_per_identity")
        return fail(at, "expected at least one limit") if uses is None and by is None else (uses, by)

    periods = some(value or None, path, "per_period", 1, read)
    return periods[0] if periods else None


def read_conditions(value: Any, path: str) -> list[tuple[str, bool | None, int | None]] | None:
    """The conditions on facts: the fact's name, and either what it is or the most that it is."""

    def read(entry: Any, at: str) -> tuple[str, bool | None, int | None]:
        condition = known(entry, CONDITION, at)
        fact, wanted, most = kind_of(condition.get("fact"), at, ".fact"), condition.get("is"), condition.get("at_most")
        if (wanted is None) == (most is None):
            fail(at, "expected exactly one operator")
        return fact, None if wanted is None else flag(wanted, at, ".is", False), limit(most, at, ".at_most")

    return some(value, path, "only_if", 16, read)


def read_required(value: Any, path: str) -> tuple[list[str], int] | None:
    """Which tickets must stand in the order as well: so many of these types. The workloads ask for one thing only."""

    def read(entry: Any, at: str) -> tuple[list[str], int]:
        requirement = known(entry, REQUIREMENT, at)
        types = names(requirement.get("ticket_types"), at, ".ticket_types")
        if types is None:
            fail(at, "expected ticket types")
        return types, integer(requirement.get("min_tickets"), at, ".min_tickets", 1)

    required = some(value, path, "requires", 1, read)
    return required[0] if required else None


def read_facts(value: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, fact in by_kind(value, "order.facts"):
        at = f"order.facts.{name}"
        if type(fact) is bool:
            facts[name] = fact
        elif type(fact) in (int, float):
            facts[name] = integer(fact, at, "")
        elif type(fact) is str:
            facts[name] = text(fact, at, "")
        else:
            facts[name] = names(fact, at, "")
    return facts


def local_time(zone: list[tuple[int, int]] | None, now: int) -> Local | None:
    """What local clocks show, or None without a zone."""
    if zone is None:
        return None
    offset = zone[0][1]
    for from_ms, minutes in zone:
        if from_ms <= now:
            offset = minutes
    return divmod(now // 60_000 + offset, DAY)


def date_of(local: Local) -> str:
    return date.fromordinal(EPOCH + local[0]).isoformat()


def is_in_hours(promo: dict[str, Any], local: Local | None) -> bool:
    weekly = promo["weekly"]
    if weekly is None and promo["day"] is None:
        return True
    if local is None:
        return False
    day, minute = local
    today = (day + 3) % 7 + 1
    yesterday = 7 if today == 1 else today - 1
    return weekly is None or any(
        (today in days and start <= minute < end) or (yesterday in days and start <= minute + DAY < end)
        for days, start, end in weekly
    )


def is_eligible(conditions: list[tuple[str, bool | None, int | None]] | None, facts: dict[str, Any]) -> bool:
    def holds(fact: Any, wanted: bool | None, most: int | None) -> bool:
        return fact is wanted if most is None else type(fact) is int and fact <= most

    return conditions is None or all(holds(facts.get(name), wanted, most) for name, wanted, most in conditions)


def stands_beside(types: list[str], lines: list[Any]) -> int:
    """How many tickets of these types the order has."""
    return sum(quantity for ticket_type, _, quantity in lines if ticket_type in types)
