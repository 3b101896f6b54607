"""For operators: `audit` compares the counters with the records, and `repair` corrects the counters."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypedDict

from ._kit import Kit, pause
from ._periods import KEPT, end_of
from ._steps import Ask, Busy, Commit, Document, Prune, Steps
from .errors import InvalidRequest

COUNTERS_AT_ONCE = 5000


class Drift(TypedDict):
    """A counter `key` whose value `used` is not the sum `must` of what the records charged to it."""

    key: str
    used: int
    must: int


def audit(kit: Kit) -> Steps[list[Drift]]:
    return [_drift(each) for each in (yield from _differences(kit))]


def repair(kit: Kit) -> Steps[list[Drift]]:
    """Adds to each counter what it differs by. That stays the same while buyers buy, so nothing needs to be locked."""
    done = []
    for attempt in range(kit.attempts):
        yield from pause(attempt)
        is_done = True
        for each in (yield from _differences(kit)):
            by = each["must"] - each["used"]
            op = {"op": "correct", "key": each["key"], "by": by, "corrected": each["corrected"]}
            if (yield Commit([op], is_plain=True)):
                done.append(_drift(each))
            else:
                # Somebody else has corrected the counter, or holds its lock: look again.
                is_done = False
        if is_done:
            return done
    raise Busy(kit.attempts)


def _differences(kit: Kit) -> Steps[list[Document]]:
    since = kit.now() - KEPT
    found: list[Document] = []
    after = ""
    while True:
        page = yield Ask("differences", {"after": after, "limit": COUNTERS_AT_ONCE})
        # Counters of periods that ended long ago are left out, because `prune` may delete them.
        found += [each for each in page if not _ended_before(since, each["key"])]
        if len(page) < COUNTERS_AT_ONCE:
            return found
        after = page[-1]["key"]


def _drift(difference: Document) -> Drift:
    return Drift(key=difference["key"], used=difference["used"], must=difference["must"])


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


def audited(store: Any, name: str) -> Callable[..., Any]:
    """The store's function of this name. A store that a host has written may lack it."""
    function = getattr(store, name, None)
    if not callable(function):
        needed = "which operators need besides read, commit and find"
        raise TypeError(f"store: expected a function {name}, {needed}")
    return function  # type: ignore[no-any-return]
