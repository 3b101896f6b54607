"""The kit for hosts with an asynchronous database driver: read, decide, commit, and ask again after a lost race.

    from redeemable import aio
    from redeemable.postgres import AsyncPostgresStore

    store = AsyncPostgresStore(connection)
    decision = await aio.redeem(store, {"codes": codes, "promos": promos, "order": order}, write=issue_tickets)

Every call answers what the engine answers, as a dict. All raise `InvalidRequest` for a request with a mistake in it,
and whatever the store or `write` raises; those that store something raise `Busy` when `attempts` were not enough. After
any exception nothing was stored, with one exception: when the connection broke, it is not known. Make the same call
again, it is answered from the record.

Options of all: `now` is the clock in milliseconds, `engine` the `redeemable.Engine` to ask (by default a shared one).
`write(transaction, redemptions)` writes the host's own rows in the plan's transaction, after the records and before the
counters. It gets what the store writes through and those records, and may be called once per attempt: it must do
nothing that a rollback does not undo.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from . import _audit
from ._audit import Drift, audited
from ._calls import awaited
from ._kit import check_callable, kit, redemptions_of
from ._steps import (
    Approve,
    Busy,
    Commit,
    Document,
    Find,
    Look,
    R,
    Read,
    Recount,
    RedeemRequest,
    RequestThatFinds,
    RequestUnderRules,
    RequestWithPromos,
    Scan,
    Step,
    Steps,
)
from .engine import Engine
from .types import Confirmation, Decision, PaymentReport, Redemption, ReleaseAnswer, ReleaseReason

__all__ = [
    "AsyncAudited",
    "AsyncStore",
    "Busy",
    "Document",
    "Drift",
    "RedeemRequest",
    "RequestThatFinds",
    "RequestUnderRules",
    "RequestWithPromos",
    "Write",
    "audit",
    "awaited",  # aio only
    "confirm",
    "preview",
    "redeem",
    "redemptions_of",
    "release",
    "repair",
    "sweep",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Write = Callable[[T, list[Redemption]], object]
"""The host's own writes: what they go through, and the plan's records."""
Clock = Callable[[], int]


class AsyncStore(Protocol[T_co]):
    """Three functions over the host's own connection; `T_co` is what the host writes through."""

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        """`{counters, existing}` as of one moment: each counter that exists, and the redemption under `id`."""
        ...

    async def commit(
        self, ops: Sequence[Document], write: Callable[[T_co, list[Redemption]], Awaitable[None]] | None = None
    ) -> bool:
        """Stores the plan's records, runs `write`, and adds to the counters, in one transaction.

        False: an operation no longer holds, and nothing is stored.
        """
        ...

    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        """`{holds, counters}` as of one moment: at most `limit` held redemptions that lapsed by `lapsed_by_ms`.

        `keys` None: the oldest, oldest first, and no counters. With `keys`: some that charge one of these counters, at
        random (it may be among the 100 oldest, if `limit` is less), and the value of each of these counters that
        exists.
        """
        ...


class AsyncAudited(Protocol):
    """Two more functions of a store, for operators: what `audit` and `repair` need."""

    async def scan(self, visit: Callable[[Document], object]) -> None:
        """`visit({redemptions, counters})` with every redemption, at most 500 at once, and then with every counter.

        All are as of one moment.
        """
        ...

    async def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> int | None:
        """Locks the counter, created with 0 if need be; then sets it to `count` of the redemptions that charge it.

        What it was; None when the database asks for a repetition, and nothing is stored. `count` may be called again.
        """
        ...


async def preview(
    store: AsyncStore[Any], request: RedeemRequest, *, now: Clock | None = None, engine: Engine | None = None
) -> Decision:
    """The decision on `{codes, promos, policy, order}`, or `{codes, rules, order}`, as `redeem` would decide it.

    Nothing is stored, whatever id the order has.
    """
    return await _drive(store, None, kit(engine, now, 1).preview(request))


async def redeem(
    store: AsyncStore[T],
    request: RedeemRequest,
    *,
    write: Write[T] | None = None,
    approve: Callable[[Decision], object] | None = None,
    now: Clock | None = None,
    attempts: int = 8,
    engine: Engine | None = None,
) -> Decision:
    """Decides on `{codes, promos, policy, order}`, or `{codes, rules, order}`, and stores what was decided.

    A refusal stores nothing.

    `order.id` is the idempotency key: the same order again is answered again (`replayed`) and sold once.
    `approve(decision)` sees each accepted decision before it is committed, a replayed one too; what it raises is
    raised, and nothing is stored.
    It refuses by raising: False is a TypeError.
    """
    return await _drive(store, write, kit(engine, now, attempts).redeem(request), approve)


async def confirm(
    store: AsyncStore[T],
    id: str,
    payment: PaymentReport,
    *,
    over_limit: bool = False,
    dry: bool = False,
    write: Write[T] | None = None,
    now: Clock | None = None,
    attempts: int = 8,
    engine: Engine | None = None,
) -> Confirmation | None:
    """The `payment` `{id, total, currency}` arrived for the order `id`: `{status, money, violations, ops}`, or None.

    None: there is no such order.

    `money` says whose it is, however often it is reported: `kept` is the order's, `returned` goes back, once for each
    payment's id, as it does after None.
    The payment's id is its own, as the host's payment system knows it; a total of None is not checked. `over_limit`
    confirms a late payment although a limit is exceeded; `dry` only asks, and nothing is stored.
    """
    return await _drive(store, write, kit(engine, now, attempts).confirm(id, payment, over_limit, dry))


async def release(
    store: AsyncStore[T],
    id: str,
    reason: ReleaseReason,
    tickets: Sequence[int] | None = None,
    *,
    release_id: str | None = None,
    write: Write[T] | None = None,
    now: Clock | None = None,
    attempts: int = 8,
    engine: Engine | None = None,
) -> ReleaseAnswer | None:
    """Takes tickets of the order `id` back, all that are left unless `tickets` names some.

    The answer is `{status, tickets, refundable, ops}`, or None: there is no such order.

    With a `release_id` of its own, a release that is asked again is answered as it was, and what is `refundable` is not
    owed twice.
    """
    return await _drive(store, write, kit(engine, now, attempts).release(id, reason, tickets, release_id))


async def sweep(
    store: AsyncStore[T], *, write: Write[T] | None = None, now: Clock | None = None, engine: Engine | None = None
) -> int:
    """Releases every hold that has lapsed, each in a transaction of its own; how many.

    A hold that somebody changed meanwhile is left to them.

    One that cannot be released does not keep the others: what it raised is raised when they are done.
    """
    return await _drive(store, write, kit(engine, now, 1).sweep())


async def audit(store: AsyncAudited, *, engine: Engine | None = None) -> list[Drift]:
    """The counters that are not what the records say: `[{key, used, must}]`, sorted by key. Changes nothing.

    Empty is what a host that commits its plans sees at any moment, whoever buys meanwhile.
    """
    return await _drive(store, None, _audit.audit(kit(engine, None, 1)))


async def repair(store: AsyncAudited, *, attempts: int = 8, engine: Engine | None = None) -> list[Drift]:
    """Sets each counter that has drifted to what the records say, and returns those it set, as `audit` does.

    It is safe while buyers buy.

    What was sold stays sold: a counter above its limit refuses, and nothing more.
    """
    return await _drive(store, None, _audit.repair(kit(engine, None, attempts)))


async def _drive(
    store: Any, write: Write[T] | None, steps: Steps[R], approve: Callable[[Decision], object] | None = None
) -> R:
    check_callable("write", write)
    check_callable("approve", approve)
    answer: Any = None
    proceed: Callable[[Any], Step] = steps.send
    while True:
        try:
            step = proceed(answer)
        except StopIteration as end:
            result: R = end.value
            return result
        try:
            if isinstance(step, Read):
                answer = await store.read(step.keys, step.id)
            elif isinstance(step, Commit):
                answer = await store.commit(step.ops, None if write is None else awaited(write))
            elif isinstance(step, Find):
                answer = await store.find(lapsed_by_ms=step.lapsed_by_ms, keys=step.keys, limit=step.limit)
            elif isinstance(step, Look):
                answer = await awaited(step.find, "promos")(step.codes)
            elif isinstance(step, Scan):
                answer = await audited(store, "scan")(step.visit)
            elif isinstance(step, Recount):
                answer = await audited(store, "recount")(step.key, step.count)
            elif isinstance(step, Approve):
                answer = None if approve is None else await awaited(approve, "approve")(step.decision)
            else:
                answer = None
                await asyncio.sleep(step.seconds)
            proceed = steps.send
        except Exception as fault:
            # The kit is told, because a sweep goes on with the next hold.
            proceed, answer = steps.throw, fault
