"""Works out from the records alone what the kit's tables and the host's own must hold, without the engine."""

import json
from collections import Counter
from typing import Any

CREATE = "CREATE TABLE tickets (order_id text, position integer, state text, PRIMARY KEY (order_id, position))"


def held(charge: Any, tickets: list[Any]) -> int:
    """What a record holds of a counter: its amounts for tickets that have not been given back."""

    def given_back(index: int) -> bool:
        released = tickets[index].get("released")
        if released is None:
            return False
        if charge.get("back") is None:
            return released["reason"] not in ("forfeited", "no_show", "disputed")
        return any(
            back["reason"] == released["reason"] and ("until_ms" not in back or released["at_ms"] < back["until_ms"])
            for back in charge["back"]
        )

    kept = [position for position, index in enumerate(charge["tickets"]) if not given_back(index)]
    if charge.get("each") is None:
        return charge["amount"] if kept else 0
    each = charge["each"] if isinstance(charge["each"], list) else [charge["each"]] * len(charge["tickets"])
    return sum(each[position] for position in kept)


def audit(connection: Any) -> dict[str, int]:
    """Checks counters and tickets against the records, and returns the counters."""
    ledger: Counter[str] = Counter()
    tickets = set()
    for (text,) in connection.execute("SELECT CAST(document AS text) FROM redeemable_redemptions").fetchall():
        record = json.loads(text)
        for charge in record["charges"]:
            ledger[charge["key"]] += held(charge, record["tickets"])
        tickets |= {
            (record["id"], position, record["state"])
            for position, ticket in enumerate(record["tickets"])
            if not ticket.get("released")
        }
    counters = dict(connection.execute("SELECT key, used FROM redeemable_counters").fetchall())
    assert counters == {key: ledger[key] for key in counters.keys() | ledger.keys()}
    assert set(connection.execute("SELECT order_id, position, state FROM tickets").fetchall()) == tickets
    return counters
