"""What the kits are asked, and what a verb of theirs wants from the store or the host, step by step."""

from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from .engine import PreparedRules
from .types import CodeForms, Decision, Policy, Unsound, _PreparedKeysRequest, _UsageKeysRequest

Document = Any
"""The engine's JSON, as the stores pass it on; its shapes are in `redeemable.types`."""
R = TypeVar("R")

LAPSED_AT_ONCE = 100


class RequestWithPromos(_UsageKeysRequest, total=False):
    """What a buyer asks for: `codes`, the organiser's `promos`, the `order` and the `policy`.

    With `unsound` `"leave_out"` a document with faults takes its own code down and no other.
    """

    policy: Policy | None
    unsound: Unsound | None


class _RequestThatFinds(_PreparedKeysRequest):
    promos: Callable[[list[CodeForms]], Sequence[Any] | Awaitable[Sequence[Any]]]


class RequestThatFinds(_RequestThatFinds, total=False):
    """The same with `promos` as a function that finds the documents of the typed codes, by either form.

    The function is asked anew at each attempt, and only if a code was typed. So a shop with many documents reads only
    these few, and sells none that was switched off meanwhile.
    """

    policy: Policy | None
    unsound: Unsound | None


class RequestUnderRules(_PreparedKeysRequest):
    """The same with `rules`, as `Engine.prepare` makes them, in place of `promos` and `policy`.

    The rules are asked, and not the `engine`.
    """

    rules: PreparedRules


RedeemRequest = RequestWithPromos | RequestThatFinds | RequestUnderRules
"""What a buyer asks for, in one of three forms."""


class Read(NamedTuple):
    """The counters and the record as of one moment: `{counters, existing}`."""

    keys: Sequence[str]
    id: str | None


class Commit(NamedTuple):
    """The plan and the host's own writes, all or nothing: whether it is stored."""

    ops: Sequence[Document]


class Find(NamedTuple):
    """Lapsed holds and the counters of `keys` as of one moment: `{holds, counters}`.

    With keys, some holds that charge one of them; without, the oldest holds.
    """

    lapsed_by_ms: int
    keys: Sequence[str] | None
    limit: int = LAPSED_AT_ONCE


class Approve(NamedTuple):
    """An accepted decision, before it is committed."""

    decision: Decision


class Look(NamedTuple):
    """The documents of the typed codes, as the host finds them."""

    find: Callable[[list[CodeForms]], Any]
    codes: list[CodeForms]


class Scan(NamedTuple):
    """Every redemption, in batches, and then every counter."""

    visit: Callable[[Document], object]


class Recount(NamedTuple):
    """Sets the counter to what `count` makes of its redemptions. Answers what it was, or None for a repetition."""

    key: str
    count: Callable[[Iterable[Document]], int]


class Pause(NamedTuple):
    seconds: float


Step = Read | Commit | Find | Approve | Look | Scan | Recount | Pause
Steps = Generator[Step, Any, R]


class Busy(Exception):
    """Every attempt met somebody else's write. Nothing was stored: the same call may be made again."""

    code = "busy"

    def __init__(self, attempts: int) -> None:
        super().__init__(f"somebody else was faster {attempts} times, nothing was stored")
        self.attempts = attempts
