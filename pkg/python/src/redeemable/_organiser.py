"""What organisers ask and are told. `types` has it for hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from ._documents import Policy, Promo
from ._requests import ValidateRequest


class ViewRequest(ValidateRequest, total=False):
    """At most one code, and an order without an id, of which the quantities play no part."""

    reveal_up_to: int | None


class _CheckRequest(TypedDict):
    promos: Sequence[Promo]


class CheckRequest(_CheckRequest, total=False):
    """All promotions that are sold under one policy: they are compared with each other.

    Without `now_ms` nothing is said of what has passed. `sharded`: each event has a database of its own, so that nothing is
    counted over several events.
    """

    policy: Policy | None
    now_ms: int | None
    sharded: bool | None


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
    "shared_kind_counted",
    "limit_per_event",
    "spans_databases",
    "pool_limits_differ",
    "pool_without_limit",
    "limit_never_reached",
    "amounts_without_currency",
    "currency_spelling",
    "amount_below_one_unit",
    "percent_below_one",
    "discount_above_limit",
    "admits_nobody",
    "zero_refuses",
    "empty_window",
    "min_above_max",
    "min_above_limit",
    "email_without_at",
    "email_malformed",
    "same_loose_form",
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
