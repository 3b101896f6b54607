from typing import Any
from uuid import UUID

from pydantic import BaseModel, EmailStr, Field, validator
from redeemable.lnbits import identities


class EventExtra(BaseModel):
    # Dicts, not models: LNbits drops a field, such as a limit, that a nested model does not declare.
    promo_codes: list[dict] = Field(default_factory=list)
    policy: dict[str, Any] = Field(default_factory=dict)


class CreateEvent(BaseModel):
    wallet: str
    name: str
    currency: str = "sat"
    price_per_ticket: float = Field(..., ge=0)
    extra: EventExtra = Field(default_factory=EventExtra)

    @validator("currency")
    def sats_are_sat(cls, currency: str) -> str:
        return "sat" if currency == "sats" else currency


class Event(CreateEvent):
    id: str
    canceled: bool = False


class PublicEvent(BaseModel):
    """What everybody may see: not the codes, and not who may use them."""

    id: str
    name: str
    currency: str
    price_per_ticket: float
    canceled: bool


class CreateTicket(BaseModel):
    name: str
    email: EmailStr
    npub: str | None = None
    promo_code: str | None = None
    order_id: UUID | None = Field(
        None, description="made by the page; sent again with the same order when an answer was lost"
    )

    @validator("npub")
    def is_a_key(cls, npub: str | None) -> str | None:
        identities(npub=npub)
        return npub


class Ticket(BaseModel):
    id: str
    wallet: str
    event: str
    name: str
    email: str
    price: int
    currency: str
    paid: bool
    released: bool
    expires_at_ms: int | None = None
    payment_hash: str | None = None


class Invoice(BaseModel):
    """What a payment is for: written when its invoice is made, and never taken from the payment."""

    payment_hash: str
    wallet: str
    ticket: str
    total: int
    currency: str


class Refund(BaseModel):
    """A payment that goes back to the buyer."""

    payment_hash: str
    ticket: str


class TicketPaymentRequest(BaseModel):
    ticket_id: str
    paid: bool
    payment_hash: str | None = None
    payment_request: str | None = None
