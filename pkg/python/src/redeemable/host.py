# Made from aio.py by tools/unasync.py, which `make generate` runs: change that file, not this one.
"""The kit for hosts with a synchronous database driver: read, decide, commit, and begin again after a lost race.

    from redeemable import host
    from redeemable.sqlite import SqliteStore

    store = SqliteStore(connection)
    decision = host.redeem(store, {"codes": codes, "promos": promos, "order": order}, write=issue_tickets)

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

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from . import _audit
from ._audit import Drift, audited
from ._calls import joined, plain
from ._conflicts import explained
from ._kit import check_callable, kit, redemptions_of
from ._protocols_host import Audited, Joining, Store
from ._steps import (
    Approve,
    Ask,
    Busy,
    Commit,
    Document,
    Find,
    Look,
    Prune,
    R,
    Read,
    RedeemRequest,
    RepeatTransaction,
    RequestThatFinds,
    RequestUnderRules,
    RequestWithPromos,
    Scan,
    Step,
    Steps,
)
from ._zone import zone
from .engine import Engine
from .types import Confirmation, Decision, PaymentReport, Redemption, ReleaseAnswer, ReleaseReason

__all__ = [
    "Audited",
    "Busy",
    "Document",
    "Drift",
    "Joining",
    "RedeemRequest",
    "RepeatTransaction",
    "RequestThatFinds",
    "RequestUnderRules",
    "RequestWithPromos",
    "Store",
    "Write",
    "audit",
    "confirm",
    "preview",
    "prune",
    "redeem",
    "redemptions_of",
    "release",
    "repair",
    "sweep",
    "zone",
]

T = TypeVar("T")
Write = Callable[[T, list[Redemption]], object]
"""Writes the host's own rows; its arguments are the transaction and the plan's records."""
Clock = Callable[[], int]


def preview(
    store: Store[T],
    request: RedeemRequest,
    *,
    transaction: T | None = None,
    now: Clock | None = None,
    engine: Engine | None = None,
) -> Decision:
    """Decides on `{codes, promos, policy, order}`, or `{codes, rules, order}`, as `redeem` would.

    It stores nothing, and ignores the order's id.
    """
    return _drive(joined(store, transaction), None, kit(engine, now, 1).preview(request))


def redeem(
    store: Store[T],
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
    return _drive(joined(store, transaction), write, kit(engine, now, attempts).redeem(request), approve)


def confirm(
    store: Store[T],
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
    return _drive(joined(store, transaction), write, kit(engine, now, attempts).confirm(id, payment, over_limit, dry))


def release(
    store: Store[T],
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
    return _drive(
        joined(store, transaction), write, kit(engine, now, attempts).release(id, reason, tickets, release_id)
    )


def sweep(
    store: Store[T],
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
    return _drive(joined(store, transaction), write, kit(engine, now, 1).sweep())


def audit(store: Audited, *, now: Clock | None = None, engine: Engine | None = None) -> list[Drift]:
    """Returns the counters that differ from what the records add up to: `[{key, used, must}]`, sorted by key.

    Counters of a day, week or month that ended more than 400 days ago are left out, because `prune` may delete them.

    It changes nothing. If the host commits every plan as it is, the list is empty at any moment, even while buyers buy.
    """
    return _drive(store, None, _audit.audit(kit(engine, now, 1)))


def repair(store: Audited, *, now: Clock | None = None, attempts: int = 8, engine: Engine | None = None) -> list[Drift]:
    """Adds to each counter what it differs by from the records. Returns these counters, as `audit` does.

    It is safe while buyers buy, and none of them waits longer than for another buyer.

    A counter may then be above its limit: what was sold stays sold, and the next order is rejected.
    """
    return _drive(store, None, _audit.repair(kit(engine, now, attempts)))


def prune(
    store: Audited, before_ms: int, *, now: Clock | None = None, attempts: int = 8, engine: Engine | None = None
) -> int:
    """Deletes the counters of days, weeks and months that ended before `before_ms`, and returns how many.

    That must be at least 400 days ago: `audit` and `repair` look at later ones.
    """
    return _drive(store, None, _audit.prune(kit(engine, now, attempts), before_ms))


def _drive(
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
                answer = store.read(step.keys, step.id)
            elif isinstance(step, Commit):
                answer = store.commit(step.ops, None if write is None or step.is_plain else plain(write))
            elif isinstance(step, Find):
                answer = store.find(lapsed_by_ms=step.lapsed_by_ms, keys=step.keys, limit=step.limit)
            elif isinstance(step, Look):
                answer = plain(step.find, "promos")(step.codes)
            elif isinstance(step, Scan):
                answer = audited(store, "scan")(step.visit)
            elif isinstance(step, Ask):
                answer = audited(store, step.name)(**step.values)
            elif isinstance(step, Prune):
                answer = audited(store, "prune")(step.is_over)
            elif isinstance(step, Approve):
                answer = None if approve is None else plain(approve, "approve")(step.decision)
            else:
                answer = None
                time.sleep(step.seconds)
            proceed = steps.send
        except Exception as fault:
            # Raise the exception inside the generator: a sweep catches it, and goes on with the next hold.
            proceed, answer = steps.throw, explained(fault)
