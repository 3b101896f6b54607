"""The requests that the kits take, and the steps that a verb of the kits asks of the store or the host."""

from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, NamedTuple, TypedDict, TypeVar

from .engine import PreparedRules
from .types import CodeForms, Decision, Order, Policy, Promo, Redemption, Unsound

Document = Any
"""A document of the engine, which the stores pass on unchanged; `redeemable.types` has the types."""
R = TypeVar("R")

LAPSED_AT_ONCE = 100


class _Request(TypedDict):
    codes: Sequence[str]
    order: Order


class _RequestWithPromos(_Request):
    promos: Sequence[Promo]


class RequestWithPromos(_RequestWithPromos, total=False):
    """What a buyer asks for: `codes`, the organiser's `promos`, the `order` and the `policy`.

    With `unsound` `"leave_out"`, a document with faults makes its own code unknown, and other codes are sold as usual.
    """

    policy: Policy | None
    unsound: Unsound | None


FindPromos = Callable[[list[CodeForms]], Sequence[Any] | Awaitable[Sequence[Any]]]


class Finders(TypedDict):
    """How documents are found: `find` is called if a code was typed, and `always` for every order.

    `always` returns all automatic promotions, which nobody types. `find` may return them, too.
    """

    always: Callable[[], Sequence[Any] | Awaitable[Sequence[Any]]]
    find: FindPromos


class _RequestThatFinds(_Request):
    promos: FindPromos | Finders


class RequestThatFinds(_RequestThatFinds, total=False):
    """The same as `RequestWithPromos`, but `promos` is a function that finds the documents of the typed codes.

    The function gets both forms of each code. It is called in each attempt, and only if a code was typed. So a shop
    with many documents reads only these few, and sells none that was switched off meanwhile. Automatic promotions are
    in every order, so they need a function of their own: see `Finders`.
    """

    policy: Policy | None
    unsound: Unsound | None


class RequestUnderRules(_Request):
    """The same as `RequestWithPromos`, with `rules`, made by `Engine.prepare`, in place of `promos` and `policy`.

    The rules decide in their own engine; the option `engine` is not used.
    """

    rules: PreparedRules


RedeemRequest = RequestWithPromos | RequestThatFinds | RequestUnderRules
"""What a buyer asks for, in one of three forms."""


class Read(NamedTuple):
    """Asks the store for the counters and the record as of one moment: `{counters, existing, archived}`."""

    keys: Sequence[str]
    id: str | None


class Commit(NamedTuple):
    """Asks the store to commit the plan together with the host's own writes; it answers whether they are stored.

    `is_plain` says that the host writes nothing, because the plan changes no order.
    """

    ops: Sequence[Document]
    is_plain: bool = False


class Find(NamedTuple):
    """Asks the store for lapsed holds and the counters of `keys` as of one moment: `{holds, counters}`.

    With keys, the answer has some holds that charge one of them; without keys, the oldest holds.
    """

    lapsed_by_ms: int
    keys: Sequence[str] | None
    limit: int = LAPSED_AT_ONCE


class Approve(NamedTuple):
    """Shows the host an accepted decision before it is committed. The answer is what the host's `approve` returns."""

    decision: Decision


class Look(NamedTuple):
    """Asks a function of the host's for documents: with the typed codes, or with nothing."""

    find: Callable[..., Any]
    given: tuple[Any, ...]


class Hand(NamedTuple):
    """Gives the host records that are about to leave the database."""

    to: Callable[[list[Redemption]], object]
    redemptions: list[Redemption]


class Scan(NamedTuple):
    """Asks the store to pass `visit` every redemption, in batches, and then every counter."""

    visit: Callable[[Document], object]


class Ask(NamedTuple):
    """Asks the store's function `name` (`differences`, `person` or `old`) with these values."""

    name: str
    values: dict[str, Any]


class Prune(NamedTuple):
    """Asks the store to delete the counters of periods for whose key `is_over` is true. It answers how many.

    The answer is None if the database asks for a repetition.
    """

    is_over: Callable[[str], bool]


class Pause(NamedTuple):
    seconds: float


Step = Read | Commit | Find | Approve | Look | Hand | Scan | Ask | Prune | Pause
Steps = Generator[Step, Any, R]
Queries = Generator[tuple[str, dict[str, Any]], Any, R]
"""A generator that yields statements, each as its name and its values, and is sent the rows of each."""


class Busy(Exception):
    """In every attempt somebody else wrote first. Nothing was stored: the same call may be made again."""

    code = "busy"

    def __init__(self, attempts: int) -> None:
        super().__init__(f"somebody else was faster {attempts} times, nothing was stored")
        self.attempts = attempts


class RepeatTransaction(Exception):
    """The host's transaction cannot go on: roll it back, and repeat all of it. `__cause__` is the database's error."""

    code = "repeat_transaction"

    def __init__(self) -> None:
        super().__init__("somebody else was faster: roll this transaction back, and repeat all of it")
