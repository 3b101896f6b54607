"""For operators: `audit` compares the counters with the records, and `repair` corrects the counters."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypedDict

from ._kit import Kit, few, pause
from ._periods import KEPT, end_of
from ._steps import Busy, Document, Prune, Recount, Scan, Steps
from .engine import Engine
from .errors import EngineStopped, InvalidRequest

RECORDS_AT_ONCE = 500


class Drift(TypedDict):
    """A counter `key` whose value `used` is not the sum `must` of what the records charged to it."""

    key: str
    used: int
    must: int


def audit(kit: Kit) -> Steps[list[Drift]]:
    since = kit.now() - KEPT
    must: dict[str, int] = {}
    used: dict[str, int] = {}

    def visit(batch: Document) -> None:
        add_up(kit.engine, must, batch["redemptions"])
        used.update(batch["counters"])

    yield Scan(visit)
    counters = [
        Drift(key=key, used=used.get(key, 0), must=must.get(key, 0)) for key in sorted(used.keys() | must.keys())
    ]
    # Counters of periods that ended long ago are left out, because `prune` may delete them.
    return [
        counter
        for counter in counters
        if counter["used"] != counter["must"] and not _ended_before(since, counter["key"])
    ]


def repair(kit: Kit) -> Steps[list[Drift]]:
    done = []
    for drift in (yield from audit(kit)):
        done.append((yield from _recount(kit, drift["key"])))
    # Leave out the counters that somebody else has repaired meanwhile.
    return [drift for drift in done if drift["used"] != drift["must"]]


def prune(kit: Kit, before_ms: int) -> Steps[int]:
    latest = kit.now() - KEPT
    if not isinstance(before_ms, int) or isinstance(before_ms, bool) or before_ms > latest:
        message = f"expected a time at least 400 days ago, at most {latest}, found {before_ms}"
        raise InvalidRequest("invalid_request", ("before_ms",), message)
    for attempt in range(kit.attempts):
        yield from pause(attempt)
        pruned: int | None = yield Prune(partial(_ended_before, before_ms))
        if pruned is not None:
            return pruned
    raise Busy(kit.attempts)


def _ended_before(before_ms: int, key: str) -> bool:
    end = end_of(key)
    return end is not None and end < before_ms


def _recount(kit: Kit, key: str) -> Steps[Drift]:
    must = 0

    def count(redemptions: Iterable[Document]) -> int:
        nonlocal must
        sums: dict[str, int] = {}
        records = iter(redemptions)
        while batch := list(islice(records, RECORDS_AT_ONCE)):
            add_up(kit.engine, sums, batch)
        must = sums.get(key, 0)
        return must

    for attempt in range(kit.attempts):
        yield from pause(attempt)
        used = yield Recount(key, count)
        if used is not None:
            return Drift(key=key, used=used, must=must)
    raise Busy(kit.attempts)


def add_up(engine: Engine, sums: dict[str, int], redemptions: Sequence[Document]) -> None:
    """Adds to `sums` what the records hold of each counter. It asks about a share of the records at a time."""
    most = len(redemptions)
    while redemptions:
        share = few(list(redemptions[:most]))
        try:
            counters = engine.audit_usage({"redemptions": share})["counters"]
        except EngineStopped:
            if len(share) == 1:
                raise
            # The host may have made its engine with less fuel or memory than the default: try half of the share.
            most = len(share) // 2
            continue
        except InvalidRequest as error:
            # The error names a position in the share, which tells an operator nothing: so add the order's id.
            match error.at:
                case ["redemptions", int(index), *_]:
                    message = f"{error.message}, in the redemption {share[index].get('id')}"
                    raise InvalidRequest(error.code, error.at, message) from None
            raise
        for key, held in counters.items():
            sums[key] = sums.get(key, 0) + held
        redemptions = redemptions[len(share) :]


def audited(store: Any, name: str) -> Callable[..., Any]:
    """The store's function `scan`, `recount` or `prune`. A store that a host has written may lack them."""
    function = getattr(store, name, None)
    if not callable(function):
        needed = "which audit, repair and prune need besides read, commit and find"
        raise TypeError(f"store: expected a function {name}, {needed}")
    return function  # type: ignore[no-any-return]
