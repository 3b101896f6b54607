"""What the host hands in: promotions, policy and order. `types` has them for hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

Rounding = Literal["half_up", "half_even", "down", "up"]
"""Half a minor unit goes away from 0, to the even one, always down, always up."""
Give = Literal["restore", "keep"]
"""Whether a release gives back what was charged."""
ReleaseReason = Literal[
    "hold_expired",
    "payment_failed",
    "buyer_released",
    "organizer_cancelled",
    "refunded",
    "exchanged",
    "forfeited",
    "no_show",
    "disputed",
]
"""Why tickets come back; the first two end holds only, and leave a confirmed redemption as it is."""


class ReleaseRule(TypedDict, total=False):
    """What one release reason gives back, until a time; `uses` is also for pools and spend."""

    uses: Give | None
    identity: Give | None
    until_ms: int | None


class ReleaseRules(TypedDict, total=False):
    """By reason; `hold_expired` and `payment_failed` always give back and take no rule."""

    buyer_released: ReleaseRule | None
    organizer_cancelled: ReleaseRule | None
    refunded: ReleaseRule | None
    exchanged: ReleaseRule | None
    forfeited: ReleaseRule | None
    no_show: ReleaseRule | None
    disputed: ReleaseRule | None


class PercentDiscount(TypedDict):
    """0 to 100, at most 4 decimals."""

    kind: Literal["percent"]
    percent: float


class AmountDiscount(TypedDict):
    """Off each ticket, or off the order."""

    kind: Literal["amount_per_ticket", "amount_per_order"]
    amount: int


class FixedPriceDiscount(TypedDict):
    """What a ticket costs instead."""

    kind: Literal["fixed_price"]
    price: int


class PlainDiscount(TypedDict):
    """`none` is counted and takes nothing off."""

    kind: Literal["free", "none"]


Discount = PercentDiscount | AmountDiscount | FixedPriceDiscount | PlainDiscount
"""What a code takes off, by kind; amounts in minor units."""


class _Pool(TypedDict):
    id: str


class Pool(_Pool, total=False):
    """A limit shared with every other code that names the same pool."""

    max_uses: int | None
    budget: int | None


class _Promo(TypedDict):
    code: str


class Promo(_Promo, total=False):
    """What the organiser wrote about a code: exactly one of `discount` and `discount_percent`, and never a count."""

    id: str | None
    active: bool | None
    discount: Discount | None
    discount_percent: float | None
    currency: str | None
    count_by: Literal["ticket", "order"] | None
    max_uses: int | None
    single_use: bool | None
    max_uses_per_identity: int | None
    max_tickets_per_order: int | None
    max_discount: int | None
    budget: int | None
    pools: Sequence[Pool] | None
    when_short: Literal["reject", "partial"] | None
    starts_at_ms: int | None
    ends_at_ms: int | None
    events: Sequence[str] | None
    ticket_types: Sequence[str] | None
    min_tickets: int | None
    max_tickets: int | None
    min_subtotal: int | None
    only_for: Mapping[str, Sequence[str] | None] | None
    combines: bool | None
    priority: int | None
    rounding: Rounding | None
    release: ReleaseRules | None


class Policy(TypedDict, total=False):
    """What the event says, whatever the code. `max_hold_ms`, 60 000 to 31 622 400 000, is how long an unpaid order holds at most; default 48 hours."""

    max_free_tickets_per_identity: int | None
    max_tickets_per_identity: int | None
    identity_kinds: Sequence[str] | None
    email_aliases: Literal["fold", "exact"] | None
    release: ReleaseRules | None
    max_hold_ms: int | None


class _Line(TypedDict):
    unit_price: int
    quantity: int


class Line(_Line, total=False):
    """So many tickets of one type and price."""

    ticket_type: str | None


class _Order(TypedDict):
    event_id: str
    currency: str
    lines: Sequence[Line]


class Order(_Order, total=False):
    """`id` is the idempotency key; without one the order is a preview, answered without a plan."""

    id: str | None
    identities: Mapping[str, str | None] | None
    hold_until_ms: int | None
