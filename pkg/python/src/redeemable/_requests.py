"""The requests of the calls that sell. `types` has them for hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from ._documents import Order, Policy, Promo, ReleaseReason
from ._redemption import StoredRedemption

Unsound = Literal["refuse", "leave_out"]
"""What becomes of promos that `validate_promos` finds fault with."""


class Usage(TypedDict, total=False):
    """What the host read from its two tables."""

    counters: Mapping[str, int | None] | None
    lapsed: Sequence[StoredRedemption] | None
    existing: StoredRedemption | None


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


class _PreparedKeysRequest(TypedDict):
    codes: Sequence[str]
    order: Order


class _PreparedRequest(_PreparedKeysRequest):
    now_ms: int


class PreparedRequest(_PreparedRequest, total=False):
    """What is asked of `PreparedRules`: a request without what they hold."""

    usage: Usage | None


class PreparedKeysRequest(_PreparedKeysRequest, total=False):
    """`usage` and `now_ms` play no part."""

    usage: Usage | None
    now_ms: int | None


class _PaymentReport(TypedDict):
    id: str


class PaymentReport(_PaymentReport, total=False):
    """A payment under its own id, never the order's; a `total` of None skips the check, any other needs its `currency`."""

    total: int | None
    currency: str | None


class _ConfirmRequest(TypedDict):
    redemption: StoredRedemption
    payment: PaymentReport
    now_ms: int


class ConfirmRequest(_ConfirmRequest, total=False):
    """What was paid. `over_limit` confirms a late payment although a limit is exceeded, `dry` only asks."""

    usage: Usage | None
    over_limit: bool | None
    dry: bool | None


class _Release(TypedDict):
    reason: ReleaseReason


class Release(_Release, total=False):
    """`tickets` by index; None is all that are left. By its own `id`, an answer that was lost can be asked for again."""

    id: str | None
    tickets: Sequence[int] | None


class ReleaseRequest(TypedDict):
    """Which tickets come back, and why."""

    redemption: StoredRedemption
    release: Release
    now_ms: int


class AuditRequest(TypedDict):
    """The records of a scope, or a share of them: the sums of shares may be added up."""

    redemptions: Sequence[StoredRedemption]


class CodeRequest(TypedDict):
    """A code as it was typed, or as the organiser wrote it."""

    text: str
