"""The answers of the calls that sell. `types` has them for hosts."""

from __future__ import annotations

from typing import Literal, TypedDict

from ._redemption import Applied, Money, Redemption


class QuotedTicket(TypedDict):
    """One ticket of the order, priced."""

    line: int
    ticket_type: str | None
    unit_price: int
    discount: int
    price: int
    codes: list[str]


class Quote(TypedDict):
    """`payment` is `none` exactly when the total is 0."""

    currency: str
    subtotal: int
    discount: int
    total: int
    payment: Literal["required", "none"]
    tickets: list[QuotedTicket]


Reason = Literal[
    "already_confirmed",
    "unknown_code",
    "cannot_combine",
    "inactive",
    "not_started",
    "ended",
    "wrong_event",
    "wrong_currency",
    "not_eligible",
    "below_min_tickets",
    "above_max_tickets",
    "below_min_subtotal",
    "wrong_ticket_type",
    "nothing_to_discount",
    "identity_required",
    "uses_exhausted",
    "identity_uses_exhausted",
    "pool_exhausted",
    "budget_exhausted",
    "pool_budget_exhausted",
    "free_tickets_exhausted",
    "tickets_exhausted",
]
"""Every reason for which an order is refused."""
PublicReason = Literal["not_accepted", "used_up", "order_not_eligible", "identity_required"]
"""What an anonymous buyer may be told of a code: guessing learns nothing from `not_accepted`."""


class AddTickets(TypedDict):
    """So many more tickets, of whichever types."""

    add_tickets: int


class AddTicketsOf(TypedDict):
    """So many more tickets of these types."""

    of: list[str]
    add_tickets: int


class RemoveTickets(TypedDict):
    """So many fewer tickets, whichever of them."""

    remove_tickets: int


class RemoveTicketsOf(TypedDict):
    """So many fewer tickets of these types, which are those that count and that the order holds."""

    of: list[str]
    remove_tickets: int


class AddSubtotal(TypedDict):
    """Tickets of so much more, in minor units before any discount."""

    add_subtotal: int


ToQualify = AddTickets | AddTicketsOf | RemoveTickets | RemoveTicketsOf | AddSubtotal
"""The least change of the order that mends all that speaks against the code; what is left of a limit plays no part."""


class Violation(TypedDict):
    """Why an order was refused: `message` is for the organiser, `public_reason` for the buyer.

    `counter`, `limit`, `used` and `remaining` are those of the counter that leaves least, in uses, tickets or minor units;
    for a bound on the order, `limit` is the bound and `used` the order's figure. `code` is None for the policy's.
    `to_qualify` is None where no one change of the order makes the code apply, or a buyer may not know it.
    """

    code: str | None
    reason: Reason
    public_reason: PublicReason
    counter: str | None
    limit: int | None
    used: int | None
    remaining: int | None
    message: str
    to_qualify: ToQualify | None


class Insert(TypedDict):
    """Fails if the id exists."""

    op: Literal["insert"]
    redemption: Redemption


class Update(TypedDict):
    """Replaces the record whose revision is still `revision`; fails if there is none."""

    op: Literal["update"]
    id: str
    revision: int
    redemption: Redemption


class Add(TypedDict):
    """Above 0: only while the result is at most `at_most` (None: unguarded). Below 0: down to 0, never fails."""

    op: Literal["add"]
    key: str
    by: int
    at_most: int | None


Op = Insert | Update | Add
"""One guarded operation of the plan, run in order in one transaction."""


class Decision(TypedDict):
    """The answer of `validate_redemption`; rejected, its quote is the order without any code and its plan is empty."""

    status: Literal["accepted", "rejected"]
    replayed: bool
    quote: Quote
    applied: list[Applied]
    violations: list[Violation]
    ops: list[Op]


class Confirmation(TypedDict):
    """The answer of `confirm_redemption`: `money` is whose it is, the order's or the payer's, final unless it was `dry`."""

    status: Literal[
        "confirmed",
        "already_confirmed",
        "already_returned",
        "paid_twice",
        "stale_payment",
        "late_payment_conflict",
        "released",
        "too_many_payments",
    ]
    money: Money
    violations: list[Violation]
    ops: list[Op]


class ReleaseAnswer(TypedDict):
    """The answer of `apply_release`: the tickets that it released, by index, and what was paid for them; of a known id, as it was."""

    status: Literal["released", "already_released", "already_confirmed"]
    tickets: list[int]
    refundable: int
    ops: list[Op]


class Audit(TypedDict):
    """What each counter that the records charge must be; 0 where all was given back."""

    counters: dict[str, int]


class CodeForms(TypedDict):
    """The answer of `canonical_code`: what is looked up, and the same without what people leave out when they read a code to each other."""

    canonical: str
    loose: str
