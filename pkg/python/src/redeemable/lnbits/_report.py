"""What the organiser is told about an event."""

import json
from typing import Any

from ..engine import Engine
from ..errors import InvalidRequest
from ._answers import CodeReport, Refund, Report, Uses, WaveReport
from ._documents import Documents
from ._tables import DeskStore, now_ms
from ._units import major_units


async def uses(store: DeskStore, engine: Engine, event_id: str, documents: Documents) -> dict[str, Uses]:
    keys: dict[str, str] = {}
    limits: dict[str, int | None] = {}
    for promo in documents.promos:
        code = promo.get("code")
        try:
            # The other fields play no part in the counter's key, and may have mistakes.
            plain: Any = {"code": code, "id": promo.get("id"), "discount": {"kind": "none"}}
            line: Any = {"unit_price": 0, "quantity": 1}
            order: Any = {"event_id": event_id, "currency": "sat", "lines": [line]}
            # Without limits per period, any time will do.
            asked: Any = {"codes": [str(code)], "promos": [plain], "order": order, "now_ms": 1_800_000_000_000}
            found = engine.usage_keys(asked)
        except InvalidRequest:
            continue
        keys[str(code)] = next(key for key in found if key.startswith("code/") and key.endswith("/uses"))
        limits[str(code)] = 1 if promo.get("single_use") else promo.get("max_uses")
    counters = (await store.read(list(keys.values()), None))["counters"]
    return {code: Uses(used=counters.get(key, 0), limit=limits[code]) for code, key in keys.items()}


async def report(store: DeskStore, event_id: str, uses: dict[str, Uses], refunds: list[Refund]) -> Report:
    waves: dict[str, WaveReport] = {
        row.ticket_type: WaveReport(sold=0, held=0, taken_back=0, seats=row.seat_limit, income={})
        for row in await store.rows("seats", event_id=event_id)
    }
    codes: dict[str, CodeReport] = {}
    after = ""
    while rows := await store.rows("documents", event_id=event_id, after=after):
        after = rows[-1].id
        for row in rows:
            _add(json.loads(row.document), waves, codes)
    sums = [row["income"] for row in waves.values()]
    sums += [sums for row in codes.values() for sums in (row["income"], row["discount"])]
    for amounts in sums:
        # They were added up in the smallest unit, because sums of floats are not exact.
        amounts.update({currency: major_units(int(amount), currency) for currency, amount in amounts.items()})
    return Report(waves=waves, codes=dict(sorted(codes.items())), uses=uses, refunds=refunds)


def _add(redemption: Any, waves: dict[str, WaveReport], codes: dict[str, CodeReport]) -> None:
    state = redemption["state"]
    if state == "held":
        column = "held" if redemption["expires_at_ms"] > now_ms() else None
    else:
        column = "sold" if state == "confirmed" else "taken_back" if redemption.get("confirmed_at_ms") else None
    if column is None:
        return
    for ticket in redemption["tickets"]:
        rows: list[Any] = [waves[ticket["ticket_type"]]]
        for code in ticket["codes"]:
            rows.append(codes.setdefault(code, CodeReport(sold=0, held=0, taken_back=0, discount={}, income={})))
        for row in rows:
            row[column] += 1
            if column == "sold":
                off = ticket["unit_price"] - ticket["price"]
                for name, amount in (("income", ticket["price"]), ("discount", off)):
                    if name in row:
                        _sum(row[name], redemption["currency"], amount)


def _sum(sums: dict[str, float], currency: str, amount: int) -> None:
    sums[currency] = sums.get(currency, 0) + amount
