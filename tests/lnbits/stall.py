"""An organiser with a desk of his own, without an LNbits around it."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import HTTPException
from lnbits.core.models import Payment
from place import Place
from pydantic import BaseModel
from redeemable.lnbits import Desk, Paid, Sale, identities

NOW = 1_800_000_000_000
HOUR = 3_600_000
HALF = {"code": "HALF", "discount_percent": 50, "max_uses": 7}
CREW = {"code": "CREW", "discount_percent": 100, "max_uses": 5}


@dataclass
class Wave:
    id: str = "regular"
    currency: str = "sat"
    price_per_ticket: float = 20


class TicketRow(BaseModel):
    id: str
    event: str
    paid: bool
    name: str | None = None


@dataclass
class Stall:
    """An organiser with a desk, and the invoices that he makes."""

    place: Place
    desk: Desk
    now_ms: int = NOW
    codes: list[dict[str, Any]] = field(default_factory=lambda: [HALF, CREW])
    policy: dict[str, Any] = field(default_factory=dict)
    # LNbits' payments by their hash, for the desk to look up.
    payments: dict[str, Payment] = field(default_factory=dict)

    @property
    def extra(self) -> dict[str, Any]:
        return {"promo_codes": self.codes, "policy": self.policy}

    def sell(
        self, code: str | None = None, email: str = "ann@example.org", wave: Wave | None = None, **more: Any
    ) -> Sale:
        buyer = identities(email=email)
        return self.run(self.desk.sell("gala", self.extra, wave or Wave(), code, buyer, **more))

    def issue(self, sale: Sale, ticket: str, wallet: str = "shop", answer: Any = None) -> Sale:
        table = f"{self.place.db.schema}.ticket"
        self.run(
            self.place.db.execute(f"INSERT INTO {table} (id, event, paid) VALUES (:id, 'gala', FALSE)", {"id": ticket})
        )
        self.run(self.desk.issued(sale, ticket, wallet, answer))
        return sale

    def pay(self, ticket: str, **changes: Any) -> Paid | None:
        return self.run(self.desk.paid(payment(ticket, **changes)))

    def rows(self) -> dict[str, bool]:
        rows = self.run(self.place.db.fetchall(f"SELECT id, paid FROM {self.place.db.schema}.ticket"))
        return {row["id"]: bool(row["paid"]) for row in rows}

    def record(self, sale: Sale) -> dict[str, Any]:
        return dict(self.run(self.desk.store.read([], sale.order_id))["existing"])

    def uses(self, code: str = "HALF") -> int:
        return int(self.run(self.desk.uses("gala", self.extra))[code]["used"])

    def refused(self, language: str | None = None, **sale: Any) -> tuple[int, str]:
        with pytest.raises(HTTPException) as refusal:
            self.sell(language=language, **sale)
        return refusal.value.status_code, str(refusal.value.detail)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.place.run(work)


def payment(hash: str, **changes: Any) -> Payment:
    fields = {"checking_id": "id", "payment_hash": hash, "wallet_id": "shop", "amount": 20_000, "fee": 0, "bolt11": ""}
    return Payment(**{**fields, "status": "success", **changes})
