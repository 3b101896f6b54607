"""One promotion and its orders. The figures in the tests are worked out by hand from these.

SUMMER takes 20 % off 1000: a ticket costs 800, and adds 1 to USES and 200 to SPEND. At most three are sold with it.
"""

from typing import Any

AT = 1_800_000_000_000
HOLD_MS = 900_000
SUMMER = {"code": "SUMMER", "discount_percent": 20, "max_uses": 3}
USES = "code/event:gala:SUMMER/uses"
SPEND = "code/event:gala:SUMMER/spend/EUR"


def request(
    id: str | None, quantity: int = 1, code: str = "summer", promo: dict[str, Any] = SUMMER, at: int = AT
) -> dict[str, Any]:
    return {
        "codes": [code],
        "promos": [promo, {"code": "WINTER", "discount": {"kind": "free"}, "max_uses": 1}],
        "order": {
            "id": id,
            "event_id": "gala",
            "currency": "EUR",
            "hold_until_ms": at + HOLD_MS,
            "lines": [{"ticket_type": "regular", "unit_price": 1000, "quantity": quantity}],
        },
    }


class Clock:
    """The host's clock, which stands still unless a test moves it."""

    def __init__(self) -> None:
        self.ms = AT

    def __call__(self) -> int:
        return self.ms
