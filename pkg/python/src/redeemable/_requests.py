"""The requests of the calls that sell. `types` has them for hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from ._documents import Order, Policy, Promo, ReleaseReason
from ._redemption import Redemption


Unsound = Literal["refuse", "leave_out"]
"""What becomes of promos that `validate_promos` finds fault with."""


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


class CodeRequest(TypedDict):
    """A code as it was typed, or as the organiser wrote it."""

    text: str
