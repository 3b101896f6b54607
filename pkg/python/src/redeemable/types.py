"""The shapes of requests and answers; tests pin them to what the engine knows.

Amounts are whole minor units of the currency (1 cent, 1 sat), names ending in `_ms` milliseconds since the Unix
epoch. None and absent mean the same in a request; an answer has every field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict, Union

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


Discount = Union[PercentDiscount, AmountDiscount, FixedPriceDiscount, PlainDiscount]
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
    """What the event says, whatever the code."""

    max_free_tickets_per_identity: int | None
    max_tickets_per_identity: int | None
    identity_kinds: Sequence[str] | None
    email_aliases: Literal["fold", "exact"] | None
    release: ReleaseRules | None


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


class Usage(TypedDict, total=False):
    """What the host read from its two tables."""

    counters: Mapping[str, int | None] | None
    lapsed: Sequence[Redemption] | None
    existing: Redemption | None


class _UsageKeysRequest(TypedDict):
    codes: Sequence[str]
    promos: Sequence[Promo]
    order: Order


class _ValidateRequest(_UsageKeysRequest):
    now_ms: int


class ValidateRequest(_ValidateRequest, total=False):
    """`codes` are what the buyer typed."""

    policy: Policy | None
    usage: Usage | None


class UsageKeysRequest(_UsageKeysRequest, total=False):
    """`usage` and `now_ms` play no part."""

    policy: Policy | None
    usage: Usage | None
    now_ms: int | None


class _RulesKeysRequest(TypedDict):
    codes: Sequence[str]
    order: Order


class _RulesRequest(_RulesKeysRequest):
    now_ms: int


class RulesRequest(_RulesRequest, total=False):
    """What is asked of `Rules`: a request without what they hold."""

    usage: Usage | None


class RulesKeysRequest(_RulesKeysRequest, total=False):
    """`usage` and `now_ms` play no part."""

    usage: Usage | None
    now_ms: int | None


class ViewRequest(ValidateRequest, total=False):
    """At most one code, and an order without an id, of which the quantities play no part."""

    reveal_up_to: int | None


class _ConfirmRequest(TypedDict):
    redemption: Redemption
    now_ms: int


class ConfirmRequest(_ConfirmRequest, total=False):
    """`total` is what was paid; without it the check is skipped."""

    total: int | None
    usage: Usage | None
    over_limit: bool | None


class _Release(TypedDict):
    reason: ReleaseReason


class Release(_Release, total=False):
    """`tickets` by index; None is all that are left."""

    tickets: Sequence[int] | None


class ReleaseRequest(TypedDict):
    """Which tickets come back, and why."""

    redemption: Redemption
    release: Release
    now_ms: int


class AuditRequest(TypedDict):
    """The records of a scope, or a share of them: the sums of shares may be added up."""

    redemptions: Sequence[Redemption]


class _CheckRequest(TypedDict):
    promos: Sequence[Promo]


class CheckRequest(_CheckRequest, total=False):
    """All promotions that are sold under one policy: they are compared with each other.

    Without `now_ms` nothing is said of what has passed.
    """

    policy: Policy | None
    now_ms: int | None


class _SimulateRequest(TypedDict):
    promo: Promo
    change: Promo


class SimulateRequest(_SimulateRequest, total=False):
    """A promotion as it is stored, and the whole document that would replace it; `counters` is what is used, by key.

    `event_id` is required where one of the documents has no id, `currency` where one with a budget names none.
    """

    counters: Mapping[str, int | None] | None
    event_id: str | None
    currency: str | None


class _GenerateRequest(TypedDict):
    count: int
    entropy: str


class GenerateRequest(_GenerateRequest, total=False):
    """`entropy` are random bytes in hexadecimal, never used before: 16, and 2 for each random character of each code."""

    bits: int | None
    prefix: str | None
    check_character: bool | None
    existing: Sequence[str] | None


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


class Back(TypedDict):
    """A release reason that gives a charge back, before `until_ms`."""

    reason: ReleaseReason
    until_ms: int | None


class Charge(TypedDict):
    """What one redemption added to a counter; `each` is the amount per ticket, None when charged once for the order."""

    key: str
    code: str | None
    limit: int | None
    amount: int
    tickets: list[int]
    each: int | list[int] | None
    back: list[Back]


class Applied(TypedDict):
    """What a code did to the order; `remaining` is the least uses left after it."""

    code: str
    tickets: int
    uses: int
    discount: int
    partial: bool
    remaining: int | None


class Redemption(TypedDict):
    """The record that the host stores as it is."""

    schema: Literal[1]
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


class Violation(TypedDict):
    """Why an order was refused: `message` is for the organiser, `public_reason` for the buyer.

    `counter`, `limit`, `used` and `remaining` are those of the counter that leaves least, in uses, tickets or minor units;
    for a bound on the order, `limit` is the bound and `used` the order's figure. `code` is None for the policy's.
    """

    code: str | None
    reason: Reason
    public_reason: PublicReason
    counter: str | None
    limit: int | None
    used: int | None
    remaining: int | None
    message: str


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


Op = Union[Insert, Update, Add]
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
    """The answer of `confirm_redemption`."""

    status: Literal["confirmed", "already_confirmed", "stale_payment", "late_payment_conflict", "released"]
    violations: list[Violation]
    ops: list[Op]


class ReleaseAnswer(TypedDict):
    """The answer of `apply_release`: the tickets that this call released, by index, and what was paid for them."""

    status: Literal["released", "already_released", "already_confirmed"]
    tickets: list[int]
    refundable: int
    ops: list[Op]


class Audit(TypedDict):
    """What each counter that the records charge must be; 0 where all was given back."""

    counters: dict[str, int]


class PublicView(TypedDict):
    """The answer of `public_view`: what `validate_redemption` takes in a browser, with an order and with nothing read."""

    codes: list[str]
    promos: list[Promo]
    policy: Policy


Severity = Literal["danger", "warning", "notice"]
"""Danger: seats can be had for nothing without end. Warning: it does something else than it seems to say. Notice: it may well be meant."""
Problem = Literal[
    "free_without_limit",
    "free_whole_orders",
    "free_without_total",
    "nearly_free_without_limit",
    "guessable_code",
    "aliases_count_apart",
    "caps_count_nobody",
    "caps_miss_listed",
    "limit_per_event",
    "pool_limits_differ",
    "pool_without_limit",
    "limit_never_reached",
    "amounts_without_currency",
    "discount_above_limit",
    "admits_nobody",
    "zero_refuses",
    "empty_window",
    "min_above_max",
    "min_above_limit",
    "email_without_at",
    "look_alike_codes",
    "look_alike_characters",
    "combines_with_free",
    "priority_without_combines",
    "amount_can_be_whole_price",
    "rounds_to_free",
    "keeps_group_price",
    "gives_lost_uses_back",
    "code_not_ascii",
    "ended",
]
"""What is suspicious; DESIGN.md says when."""


class Finding(TypedDict):
    """Something that the organiser should look at: `path` is the field, and one that is missing names itself."""

    path: str
    problem: Problem
    severity: Severity
    message: str


class Standing(TypedDict):
    """How a limit stands; a limit per person has no one counter, and only `limit` is given."""

    counter: str | None
    limit: int | None
    used: int | None
    left: int | None


class LimitChange(TypedDict):
    """A limit that changes, or is counted elsewhere; None before for a pool that was not named, after for one that is no longer."""

    limit: Literal["max_uses", "max_uses_per_identity", "budget", "pool_max_uses", "pool_budget"]
    before: Standing | None
    after: Standing | None
    message: str


class FieldChange(TypedDict):
    """A field of the document that changes."""

    field: str
    message: str


class Simulation(TypedDict):
    """What changes for the next buyers; who holds a ticket keeps it, its price and its terms."""

    limits: list[LimitChange]
    changes: list[FieldChange]


class GeneratedCodes(TypedDict):
    """The answer of `generate_codes`; `bits` is how many a guess has to hit."""

    codes: list[str]
    bits: int
