from datetime import datetime, timezone
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel, EmailStr, Field, validator
from redeemable.lnbits import public_extra


class TicketWave(BaseModel):
    id: str = Field(default_factory=lambda: uuid4().hex[:8])
    title: str = "Tickets"
    opening_date: str = "2020-01-01"
    closing_date: str = "2099-12-31"
    currency: str = "sat"
    allow_fiat: bool = False
    fiat_currency: str = "GBP"
    amount_tickets: int = Field(1000, ge=0)
    price_per_ticket: float = Field(0, ge=0)
    left: int | None = None


class EventExtra(BaseModel):
    promo_codes: list[dict] = Field(default_factory=list)
    policy: dict[str, object] = Field(default_factory=dict)
    ticket_waves: list[TicketWave] = Field(default_factory=list)
    conditional: bool = False
    min_tickets: int = 1
    email_notifications: bool = False
    onchain_enabled: bool = False
    onchain_wallet_id: str | None = None


class CreateEvent(BaseModel):
    wallet: str
    name: str
    closing_date: str = "2099-12-31"
    currency: str = "sat"
    allow_fiat: bool = False
    fiat_currency: str = "GBP"
    amount_tickets: int = Field(1000, ge=0)
    price_per_ticket: float = Field(..., ge=0)
    extra: EventExtra = Field(default_factory=EventExtra)


class Event(CreateEvent):
    id: str
    canceled: bool = False
    sold: int = 0


class PublicEvent(BaseModel):
    """What everybody may see."""

    id: str
    name: str
    closing_date: str
    canceled: bool
    currency: str
    price_per_ticket: float
    extra: dict = Field(default_factory=dict)

    @validator("extra", pre=True)
    def without_secrets(cls, extra):
        return public_extra(extra)


class CreateTicket(BaseModel):
    name: str
    email: EmailStr
    ticket_wave_id: str | None = None
    promo_code: str | None = None
    refund_address: str | None = None
    nostr_identifier: str | None = None
    payment_method: str | None = None
    fiat_provider: str | None = None
    order_id: UUID | None = None


class TicketExtra(BaseModel):
    applied_promo_code: str | None = None
    ticket_wave_id: str | None = None
    sats_paid: int | None = None
    refund_address: str | None = None
    nostr_identifier: str | None = None
    email_notification_sent: bool = False
    refunded: bool = False
    onchain: bool = False
    satspay_charge_id: str | None = None


class Ticket(BaseModel):
    id: str
    wallet: str
    event: str
    name: str
    email: str
    registered: bool
    paid: bool
    time: datetime
    reg_timestamp: datetime | None = None
    extra: TicketExtra = Field(default_factory=TicketExtra)


class PublicTicket(BaseModel):
    event: str
    name: str
    registered: bool
    paid: bool
    time: datetime


class TicketPaymentRequest(BaseModel):
    """How to pay for the ticket; its id is the payment hash."""

    payment_hash: str
    paid: bool = False
    payment_request: str | None = None
    fiat_payment_request: str | None = None
    onchain_amount_sat: int | None = None
    satspay_charge_url: str | None = None


def ensure_ticket_waves(event: CreateEvent) -> list[TicketWave]:
    """An event without waves has one, with its own price."""
    fields = (
        "closing_date",
        "currency",
        "allow_fiat",
        "fiat_currency",
        "amount_tickets",
        "price_per_ticket",
    )
    return event.extra.ticket_waves or [
        TicketWave(id="primary", **{name: getattr(event, name) for name in fields}),
    ]


def sync_event_ticket_waves(event: Any) -> Any:
    """The event's own fields follow its waves."""
    waves = event.extra.ticket_waves = ensure_ticket_waves(event)
    event.closing_date = max(wave.closing_date for wave in waves)
    event.amount_tickets = sum(wave.amount_tickets for wave in waves)
    event.price_per_ticket = waves[0].price_per_ticket
    return event


def get_active_ticket_waves(event: Event) -> list[TicketWave]:
    today = datetime.now(timezone.utc).date().isoformat()
    return [
        wave
        for wave in ensure_ticket_waves(event)
        if wave.opening_date <= today <= wave.closing_date and wave.amount_tickets > 0
    ]
