"""The kit for hosts with an asynchronous database driver: read, decide, commit, and begin again after a lost race.

    from redeemable import aio
    from redeemable.postgres import AsyncPostgresStore

    store = AsyncPostgresStore(connection)
    decision = await aio.redeem(store, {"codes": codes, "promos": promos, "order": order}, write=issue_tickets)

Every call returns the engine's answer, as a dict. It raises `InvalidRequest` for a mistake in the request, and passes
on the exceptions of the store and of `write`. A call that stores something raises `Busy` if somebody else wrote first
in each of its `attempts`. After an exception nothing was stored. Only if the connection broke, nobody knows whether the
call was stored. Then, and after `Busy`, make the same call again: if the first call was stored, the answer comes from
its record.

Options: `now` is the clock in milliseconds since 1970. `engine` is the `redeemable.Engine` that decides (by default a
shared one). `write(transaction, redemptions)` writes the host's own rows in the plan's transaction, after the records
and before the counters. `transaction` is what the store itself writes through, such as its connection, and
`redemptions` are the plan's records. `write` is called once per attempt, so it may run several times for one order, and
must do nothing that a rollback does not undo (it must not send an e-mail).

With `transaction`, the call works inside a transaction that the host has opened, and that the host ends itself; it is
what `write` would get. The answer holds once the host has committed. `RepeatTransaction` says that the host has to roll
back, and to repeat its whole transaction.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ._audit import Drift
from ._calls import awaited, joined
from ._drive_aio import Clock, Write, drive
from ._kit import kit, redemptions_of
from ._operators_aio import archive, audit, erase, prune, repair, report, restore_records, split
from ._protocols_aio import AsyncAudited, AsyncDivided, AsyncJoining, AsyncStore
from ._shards import event_of
from ._shards_aio import AsyncShardedStore
from ._steps import (
    Busy,
    Document,
    Finders,
    RedeemRequest,
    RepeatTransaction,
    RequestThatFinds,
    RequestUnderRules,
    RequestWithPromos,
)
from ._zone import zone
from .engine import Engine
from .types import Confirmation, Decision, ExchangeAnswer, PaymentReport, ReleaseAnswer, ReleaseReason

__all__ = [
    "AsyncAudited",
    "AsyncDivided",
    "AsyncJoining",
    "AsyncShardedStore",
    "AsyncStore",
    "Busy",
    "Document",
    "Drift",
    "Finders",
    "RedeemRequest",
    "RepeatTransaction",
    "RequestThatFinds",
    "RequestUnderRules",
    "RequestWithPromos",
    "Write",
    "archive",
    "audit",
    "awaited",  # aio only
    "confirm",
    "erase",
    "event_of",
    "exchange",
    "preview",
    "prune",
    "redeem",
    "redemptions_of",
    "release",
    "repair",
    "report",
    "restore_records",
    "split",
    "sweep",
    "zone",
]

T = TypeVar("T")


async def preview(
    store: AsyncStore[T],
    request: RedeemRequest,
    *,
    transaction: T | None = None,
    now: Clock | None = None,
    engine: Engine | None = None,
) -> Decision:
    """Decides on `{codes, promos, policy, order}`, or `{codes, rules, order}`, as `redeem` would.

    It stores nothing, and ignores the order's id.
    """
    return await drive(joined(store, transaction), None, kit(engine, now, 1).preview(request))


async def redeem(
    store: AsyncStore[T],
    request: RedeemRequest,
    *,
    write: Write[T] | None = None,
    approve: Callable[[Decision], object] | None = None,
    transaction: T | None = None,
    now: Clock | None = None,
    attempts: int = 8,
    engine: Engine | None = None,
) -> Decision:
    """Decides on `{codes, promos, policy, order}`, or `{codes, rules, order}`, and stores the plan.

    A rejection stores nothing.

    `order.id` is the idempotency key: the same order asked again gets the same answer (`replayed`), and is sold once.

    `approve(decision)` is called with each accepted decision before it is committed, once per attempt; a replayed
    decision, too. To refuse, it raises: `redeem` raises the same exception, and nothing is stored. If it returns False,
    `redeem` raises a TypeError.
    """
    return await drive(joined(store, transaction), write, kit(engine, now, attempts).redeem(request), approve)


async def confirm(
    store: AsyncStore[T],
    id: str,
    payment: PaymentReport,
    *,
    over_limit: bool = False,
    dry: bool = False,
    write: Write[T] | None = None,
    transaction: T | None = None,
    now: Clock | None = None,
    attempts: int = 8,
    engine: Engine | None = None,
) -> Confirmation | None:
    """Reports that the `payment` `{id, total, currency}` arrived for the order `id`.

    The same payment may be reported any number of times. The answer is `{status, money, violations, ops}`, or None if
    there is no such order.

    `money` says what to do with the payment: `kept` pays for the order, `returned` goes back to the buyer, once for
    each payment's id. After None, the money goes back, too.
    The payment's id is its own id in the host's payment system, never the order's. A total of None is not checked.
    `over_limit` confirms a late payment even if a limit is then exceeded. With `dry` nothing is stored.
    """
    return await drive(
        joined(store, transaction), write, kit(engine, now, attempts).confirm(id, payment, over_limit, dry)
    )


async def release(
    store: AsyncStore[T],
    id: str,
    reason: ReleaseReason,
    tickets: Sequence[int] | None = None,
    *,
    release_id: str | None = None,
    write: Write[T] | None = None,
    transaction: T | None = None,
    now: Clock | None = None,
    attempts: int = 8,
    engine: Engine | None = None,
) -> ReleaseAnswer | None:
    """Takes tickets of the order `id` back: the indexes in `tickets`, or all that are not released yet.

    The answer is `{status, tickets, refundable, ops}`, or None if there is no such order.

    Give each release a `release_id` of its own: asked again, it gets the same answer, and what is `refundable` is not
    owed twice.
    """
    return await drive(
        joined(store, transaction), write, kit(engine, now, attempts).release(id, reason, tickets, release_id)
    )


async def exchange(
    store: AsyncStore[T],
    id: str,
    request: RedeemRequest,
    tickets: Sequence[int] | None = None,
    *,
    payment: PaymentReport | None = None,
    refund: bool = False,
    approve: Callable[[Decision], object] | None = None,
    write: Write[T] | None = None,
    transaction: T | None = None,
    now: Clock | None = None,
    attempts: int = 8,
    engine: Engine | None = None,
) -> ExchangeAnswer | None:
    """Exchanges tickets of the paid order `id` for those of the order in `request`, which has an id of its own.

    `tickets` are the indexes of those that go back, or None for all that are left. The answer is None if there is no
    order `id`. If the new order has no id, nothing is stored.

    If the answer is `payment_due`, nothing is stored: have exactly `due` authorised, ask again with the `payment`
    `{id, total, currency}`, and capture it afterwards. What is left over is `refundable` with `refund`, else forgone.
    Asked again after an answer was lost, the exchange is answered as it was.

    The new order may be somebody's hold: check that the buyer owns both orders, for example in `approve`, which is
    called as that of `redeem`.
    """
    steps = kit(engine, now, attempts).exchange(id, request, tickets, payment, refund)
    return await drive(joined(store, transaction), write, steps, approve)


async def sweep(
    store: AsyncStore[T],
    *,
    write: Write[T] | None = None,
    transaction: T | None = None,
    now: Clock | None = None,
    engine: Engine | None = None,
) -> int:
    """Releases every hold that has lapsed, each in a transaction (or savepoint) of its own, and returns how many.

    A hold that somebody else changed meanwhile is skipped.

    A hold that cannot be released does not stop the others: its exception is raised after all are done.
    """
    return await drive(joined(store, transaction), write, kit(engine, now, 1).sweep())
