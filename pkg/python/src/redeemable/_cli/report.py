"""What each code was used for, from the records alone."""

import re
from typing import Any
from urllib.parse import unquote

from .._kit import _shared_engine
from .._sums import add_up
from .words import money, table

_STATES = ("held", "confirmed", "released")
_USES = re.compile("code/([^/]+)/uses")
_SPEND = re.compile("code/([^/]+)/spend/(.+)")


def reported(store: Any, event: str | None) -> list[dict[str, Any]]:
    """For each code's scope and each state of orders: how many orders, and what they hold of the code's counters.

    The event None is every event.
    """
    rows: dict[tuple[str, int], tuple[set[str], list[int]]] = {}
    held: dict[str, dict[str, int]] = {state: {} for state in _STATES}

    def visit(batch: Any) -> None:
        for place, state in enumerate(_STATES):
            alike = [
                one
                for one in batch["redemptions"]
                if one["state"] == state and (event is None or one["event_id"] == event)
            ]
            add_up(_shared_engine(), held[state], alike)
            for charge in (charge for one in alike for charge in one["charges"]):
                if key := _USES.fullmatch(charge["key"]):
                    codes, orders = rows.setdefault((key[1], place), (set(), [0]))
                    codes.add(charge["code"])
                    orders[0] += 1

    store.scan(visit)
    spent = [_spent(sums) for sums in held.values()]
    return [
        {
            "codes": sorted(codes, key=_in_utf16),
            "counted_for": _said(scope),
            "state": _STATES[place],
            "orders": orders,
            "uses": held[_STATES[place]].get(f"code/{scope}/uses", 0),
            "discount": dict(sorted(spent[place].get(scope, []), key=lambda one: _in_utf16(one[0]))),
        }
        for (scope, place), (codes, (orders,)) in sorted(rows.items())
    ]


def _spent(sums: dict[str, int]) -> dict[str, list[tuple[str, int]]]:
    """For each scope, what was taken off in which currency."""
    spent: dict[str, list[tuple[str, int]]] = {}
    for key, amount in sums.items():
        if amount > 0 and (found := _SPEND.fullmatch(key)):
            spent.setdefault(found[1], []).append((unquote(found[2]), amount))
    return spent


def _in_utf16(text: str) -> bytes:
    """JavaScript compares texts by these bytes."""
    return text.encode("utf-16-be")


def _said(scope: str) -> str:
    """`event gala` for `event:gala:TEN`, and `id spring` for `id:spring`."""
    kind, name = scope.split(":")[:2]
    return f"{kind} {unquote(name)}"


def lines_of(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return ["no order has a code"]
    return table(
        ["code", "counted for", "state", "orders", "uses", "taken off"],
        [
            [
                " ".join(row["codes"]),
                row["counted_for"],
                row["state"],
                row["orders"],
                row["uses"],
                ", ".join(money(amount, currency) for currency, amount in row["discount"].items()) or "nothing",
            ]
            for row in rows
        ],
    )
