"""What the hand-written code knows of discounts.

Percents of each ticket or of the order, amounts by currency, discounts by ticket type, tiers, and groups of which one
ticket is free.
"""

from __future__ import annotations

from typing import Any

from fields import fail, integer, known, names, some, text

FIELDS = {
    "percent": {"kind", "percent", "of"},
    "amount_per_ticket": {"kind", "amount"},
    "tiers": {"kind", "by", "mode", "tiers"},
    "per_group": {"kind", "size", "discounted"},
}
ENTRY = {"ticket_types", "discount"}
TIER = {"from", "discount"}

# An amount, or an amount by currency.
Amount = "int | dict[str, int]"
# A discount: its kind and what belongs to it. `percent` in ten-thousandths, and whether it is of the order.
Discount = tuple[str, Any, bool]


def read_amount(value: Any, path: str, name: str) -> int | dict[str, int]:
    if type(value) is not dict:
        return integer(value, path, name)
    amounts = {}
    for currency, amount in sorted(value.items()):
        if amount is not None:
            text(currency, f"{path}{name}.", currency, 16)
            amounts[currency] = integer(amount, f"{path}{name}.", currency)
    if not 1 <= len(amounts) <= 32:
        fail(path + name, "expected 1 to 32 currencies")
    return amounts


def amount_in(amount: int | dict[str, int] | None, currency: str) -> int | None:
    return amount.get(currency) if type(amount) is dict else amount  # type: ignore[return-value]


def percent(value: Any, path: str, name: str) -> int:
    if type(value) not in (int, float) or not 0 <= value <= 100 or round(value * 10_000) / 10_000 != value:
        fail(path + name, "expected a number from 0 to 100 with at most 4 decimals")
    n: int = round(value * 10_000)
    if n == 0:
        fail(path + name, "expected a percent above 0: the workloads have no codes that take nothing off")
    return n


def read_one(value: Any, at: str, kinds: tuple[str, ...]) -> Discount:
    kind = known(value, None, at).get("kind")
    if kind not in kinds:
        fail(f"{at}.kind", f"expected one of {', '.join(kinds)}, the kinds that the workloads have")
    known(value, FIELDS[kind], at)
    if kind == "percent":
        of = value.get("of") or "ticket"
        if of not in ("ticket", "order"):
            fail(f"{at}.of", "expected ticket or order")
        return kind, percent(value.get("percent"), at, ".percent"), of == "order"
    if kind == "amount_per_ticket":
        return kind, read_amount(value.get("amount"), at, ".amount"), False
    if kind == "per_group":
        size = integer(value.get("size"), at, ".size", 2)
        return kind, (size, integer(value.get("discounted"), at, ".discounted", 1, size)), False
    if value.get("by") != "tickets":
        fail(f"{at}.by", "expected tickets")
    if value.get("mode") != "volume":
        fail(f"{at}.mode", "expected volume")

    def read(entry: Any, place: str) -> tuple[int, Discount]:
        tier = known(entry, TIER, place)
        discount = read_one(tier.get("discount"), f"{place}.discount", ("percent", "amount_per_ticket"))
        return integer(tier.get("from"), place, ".from", 1), discount

    tiers = some(value.get("tiers"), at, ".tiers", 32, read) or []
    for index in range(1, len(tiers)):
        if tiers[index][0] <= tiers[index - 1][0]:
            fail(f"{at}.tiers[{index}].from", "expected a larger one")
    return kind, tiers, False


def read_discounts(promo: dict[str, Any], path: str) -> list[tuple[list[str] | None, Discount]]:
    """The discounts of a promotion, each with the ticket types that it is for; None is every type."""
    discount, short, by_type = promo.get("discount"), promo.get("discount_percent"), promo.get("discounts")
    if [discount, short, by_type].count(None) != 2:
        fail(f"{path}discount", "expected exactly one of discount, discount_percent and discounts")
    if short is not None:
        return [(None, ("percent", percent(short, path, "discount_percent"), False))]
    if discount is not None:
        return [(None, read_one(discount, f"{path}discount", tuple(FIELDS)))]

    def read(entry: Any, at: str) -> tuple[list[str] | None, Discount]:
        known(entry, ENTRY, at)
        kinds = ("percent", "amount_per_ticket", "tiers")
        return names(entry.get("ticket_types"), at, ".ticket_types"), read_one(
            entry.get("discount"), f"{at}.discount", kinds
        )

    return some(by_type, path, "discounts", 32, read) or []


def leaves(discounts: list[tuple[list[str] | None, Discount]]) -> list[Discount]:
    found: list[Discount] = []
    for _, discount in discounts:
        found += [tier for _, tier in discount[1]] if discount[0] == "tiers" else [discount]
    return found


def count_by(discounts: list[tuple[list[str] | None, Discount]]) -> str:
    """What one use is: a ticket, a group, or the order if every discount looks at the whole order."""
    if discounts[0][1][0] == "per_group":
        return "group"
    return "order" if all(of_order for _, _, of_order in leaves(discounts)) else "ticket"


def types_of(discounts: list[tuple[list[str] | None, Discount]], ticket_types: list[str] | None) -> list[str] | None:
    """The ticket types of a code's scope; None is every type."""
    named: dict[str, None] = {}
    for types, _ in discounts:
        if types is None:
            return ticket_types
        named |= dict.fromkeys(types)
    return [name for name in named if ticket_types is None or name in ticket_types]


def lacking(promo: dict[str, Any], currency: str) -> str | None:
    """The currencies of the first amount that lacks the order's; None if none does."""
    amounts = [amount for kind, amount, _ in leaves(promo["discounts"]) if kind == "amount_per_ticket"]
    for amount in [*amounts, *(pool["budget"] for pool in promo["pools"])]:
        if type(amount) is dict and currency not in amount:
            return ", ".join(amount)
    return None


def off(discount: Discount, price: int, currency: str) -> int:
    """What a discount takes off a price, or off the sum of the prices if it looks at the order."""
    kind, n, _ = discount
    if kind == "amount_per_ticket":
        return min(amount_in(n, currency) or 0, price)
    return price - (price * (1_000_000 - n) + 500_000) // 1_000_000


def share(amount: int, weights: list[int]) -> list[int]:
    """Shares an amount in proportion to the weights; what rounding leaves over goes to the largest remainders."""
    whole = sum(weights)
    if amount >= whole:
        return weights[:]
    parts = [amount * weight // whole for weight in weights]
    left = amount - sum(parts)
    for index in sorted(range(len(weights)), key=lambda index: -(amount * weights[index] % whole))[:left]:
        parts[index] += 1
    return parts


def scope_of(promo: dict[str, Any], lines: list[Any], tickets: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """The tickets that the code is for: for each its index and the place of its discount."""
    admitted = promo["ticket_types"]

    def place(ticket_type: str | None) -> int:
        if admitted is not None and ticket_type not in admitted:
            return -1
        for place, (types, _) in enumerate(promo["discounts"]):
            if types is None or ticket_type in types:
                return place
        return -1

    places = [place(ticket_type) for ticket_type, _, _ in lines]
    return [(index, places[ticket["line"]]) for index, ticket in enumerate(tickets) if places[ticket["line"]] >= 0]


def takes_off(
    promo: dict[str, Any], scope: list[tuple[int, int]], tickets: list[dict[str, Any]], currency: str
) -> tuple[list[int], list[int]]:
    """The tickets that a code discounts, ascending, and what it takes off each; some of it may be 0."""
    found: list[Discount | None] = []
    for place, (_, discount) in enumerate(promo["discounts"]):
        if discount[0] == "tiers":
            count = sum(own == place for _, own in scope)
            reached = [tier for least, tier in discount[1] if least <= count]
            found.append(reached[-1] if reached else None)
        else:
            found.append(discount)
    chosen: list[int] = []
    cuts: list[int] = []
    together: list[list[int]] = [[] for _ in found]
    for index, place in scope:
        own, price = found[place], tickets[index]["price"]
        cut = 0 if own is None else price if own[2] else off(own, price, currency)
        if cut > 0:
            together[place].append(len(chosen))
            chosen.append(index)
            cuts.append(cut)
    for own, positions in zip(found, together, strict=True):
        if own is not None and own[2]:
            prices = [cuts[position] for position in positions]
            for position, cut in zip(positions, share(off(own, sum(prices), currency), prices), strict=True):
                cuts[position] = cut
    return chosen, cuts


def groups_of(
    size: int, discounted: int, scope: list[tuple[int, int]], tickets: list[dict[str, Any]]
) -> tuple[list[int], list[tuple[list[int], list[int]]]]:
    """The tickets that may form groups, and the groups: their tickets, and what is taken off each."""
    able = [index for index, _ in scope if tickets[index]["price"] > 0 and not tickets[index].get("grouped")]
    ordered = sorted(able, key=lambda index: tickets[index]["price"])
    fill, groups = size - discounted, []
    for g in range(len(able) // size):
        free = ordered[g * discounted : (g + 1) * discounted]
        members = sorted(free + ordered[len(ordered) - (g + 1) * fill : len(ordered) - g * fill])
        prices = [tickets[index]["price"] for index in members]
        groups.append((members, share(sum(tickets[index]["price"] for index in free), prices)))
    return able, groups
