"""The record of a redemption. `types` has it for hosts."""

from __future__ import annotations

from typing import Literal, TypedDict

from ._documents import ReleaseReason


class Released(TypedDict):
    """Why and when a ticket was released."""

    reason: ReleaseReason
    at_ms: int


class Ticket(TypedDict):
    """One ticket of a redemption; `price` is what is paid for it."""

    line: int
    ticket_type: str | None
    unit_price: int
    price: int
    codes: list[str]
    released: Released | None


Money = Literal["kept", "returned"]
"""Whose a payment's money is: the order's, or it goes back."""


class NotedPayment(TypedDict):
    """A payment that was reported, and whose its money is; a `total` of None was not checked."""

    id: str
    total: int | None
    currency: str | None
    outcome: Money
    at_ms: int


class NotedRelease(TypedDict):
    """A release that had an id, and its answer."""

    id: str
    reason: ReleaseReason
    tickets: list[int]
    refundable: int
    at_ms: int


class Back(TypedDict):
    """A release reason that gives a charge back, before `until_ms`."""

    reason: ReleaseReason
    until_ms: int | None


class Charge(TypedDict):
    """What one redemption added to a counter; `each` is the amount per ticket, None when charged once for the order.

    `back` are the reasons that give it back, None those of the table: all but `forfeited`, `no_show` and `disputed`.
    """

    key: str
    code: str | None
    limit: int | None
    amount: int
    tickets: list[int]
    each: int | list[int] | None
    back: list[Back] | None


class Applied(TypedDict):
    """What a code did to the order; `remaining` is the least uses left after it."""

    code: str
    tickets: int
    uses: int
    discount: int
    partial: bool
    remaining: int | None


class _Record(TypedDict):
    id: str
    revision: int
    state: Literal["held", "confirmed", "released"]
    event_id: str
    currency: str
    codes: list[str]
    identities: list[str]
    tickets: list[Ticket]
    applied: list[Applied]
    charges: list[Charge]
    created_at_ms: int
    expires_at_ms: int | None
    confirmed_at_ms: int | None


class Redemption(_Record):
    """The record that the host stores as it is."""

    schema: Literal[2]
    payments: list[NotedPayment]
    releases: list[NotedRelease]


class EarlierRedemption(_Record):
    """A record of schema 1, which remembers neither payments nor releases."""

    schema: Literal[1]


StoredRedemption = Redemption | EarlierRedemption
"""A record as the host has stored it: those of an earlier schema are read, too."""
