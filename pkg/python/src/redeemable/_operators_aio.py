"""The calls for operators."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from . import _archive, _audit, _report, _splitting
from ._audit import Drift
from ._drive_aio import Clock, Write, drive
from ._kit import _shared_engine, kit
from ._protocols_aio import AsyncAudited, AsyncDivided, AsyncStore
from .engine import Engine
from .types import Redemption, Report

T = TypeVar("T")


async def audit(store: AsyncAudited, *, now: Clock | None = None, engine: Engine | None = None) -> list[Drift]:
    """Returns the counters that differ from what the records add up to: `[{key, used, must}]`, sorted by key.

    Counters of a day, week or month that ended more than 400 days ago are left out, because `prune` may delete them.

    It changes nothing. If the host commits every plan as it is, the list is empty at any moment, even while buyers buy.
    """
    return await drive(store, None, _audit.audit(kit(engine, now, 1)))


async def repair(
    store: AsyncAudited, *, now: Clock | None = None, attempts: int = 8, engine: Engine | None = None
) -> list[Drift]:
    """Adds to each counter what it differs by from the records. Returns these counters, as `audit` does.

    It is safe while buyers buy, and none of them waits longer than for another buyer.

    A counter may then be above its limit: what was sold stays sold, and the next order is rejected.
    """
    return await drive(store, None, _audit.repair(kit(engine, now, attempts)))


async def prune(
    store: AsyncAudited, before_ms: int, *, now: Clock | None = None, attempts: int = 8, engine: Engine | None = None
) -> int:
    """Deletes the counters of days, weeks and months that ended before `before_ms`, and returns how many.

    That must be at least 400 days ago: `audit` and `repair` look at later ones.
    """
    return await drive(store, None, _audit.prune(kit(engine, now, attempts), before_ms))


async def split(store: AsyncDivided, key: str, parts: int, *, attempts: int = 8) -> list[str]:
    """Splits the counter `key` into so many rows, so that buyers do not wait for one; 1 joins them again.

    With the uses of a code or of a pool, it also splits what it spends, in every currency that was sold in. It returns
    the keys of these counters. On SQLite, where one writer comes at a time, it raises `InvalidRequest`.
    """
    return await drive(store, None, _splitting.split(kit(None, None, attempts), store, key, parts))


async def archive(
    store: AsyncAudited,
    *,
    before_ms: int | None = None,
    event_id: str | None = None,
    to: Callable[[list[Redemption]], object] | None = None,
) -> int:
    """Moves records that are confirmed or released to the archive, and returns how many.

    They are those that were created before `before_ms`, those of the event, or both. What they hold of a counter stays
    counted. `confirm` and `release` bring a record back by themselves.

    With `to`, that function of the host's gets them first, and the database keeps nothing of them but what they hold:
    `restore_records` brings them back. It may get a record twice, if somebody changes it meanwhile: the later one
    counts.
    """
    return await drive(store, None, _archive.archive(before_ms, event_id, to))


async def restore_records(
    store: AsyncStore[T], redemptions: Sequence[Redemption], *, attempts: int = 8, engine: Engine | None = None
) -> int:
    """Brings back records that `archive` has given to the host's function `to`, and returns how many."""
    return await drive(store, None, _archive.restore_records(kit(engine, None, attempts), redemptions))


async def report(
    store: AsyncAudited,
    *,
    event_id: str | None = None,
    code: str | None = None,
    from_ms: int | None = None,
    to_ms: int | None = None,
    by_person: bool = False,
    engine: Engine | None = None,
) -> Report:
    """Says what each code was used for and what came in: `Engine.report_usage` over the records of the store.

    Records in the archive count, too. All are read page by page, as of one moment if the database can, so a large shop
    needs no more memory than a small one. No buyer waits.

    `event_id` chooses the orders for this event, `code` those with this code (in any spelling), `from_ms` and `to_ms`
    those that were first accepted in this time: from the first, before the second. With a code, the rows of other codes
    are left out, and the rows of all orders are those of the orders with the code. With `by_person`, each person gets
    rows, too: names of buyers are then in the report. `redeemable.csv.report_csv` writes the rows as a table.
    """
    steps = _report.report(engine or _shared_engine(), event_id, code, from_ms, to_ms, by_person)
    return await drive(store, None, steps)


async def erase(
    store: AsyncAudited,
    identity: str,
    *,
    write: Write[T] | None = None,
    attempts: int = 8,
    engine: Engine | None = None,
) -> int:
    """Takes the person out of every record, those in the archive, too, and of every counter.

    It returns how many records it has changed. `identity` is written as in the records: `email:ann@example.org`. In its
    place stands a name that says nothing, the same in all of these records, so that the limits of a person hold among
    them as before.
    """
    return await drive(store, write, _archive.erase(kit(engine, None, attempts), identity))
