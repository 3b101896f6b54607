# Made from _drive_aio.py by tools/unasync.py, which `make generate` runs: change that file, not this one.
"""Runs the verbs of the kit over a store."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from ._audit import audited
from ._calls import plain
from ._conflicts import explained
from ._kit import check_callable
from ._steps import Approve, Ask, Commit, Find, Hand, Look, Prune, R, Read, Scan, Step, Steps
from .types import Decision, Redemption

T = TypeVar("T")
Write = Callable[[T, list[Redemption]], object]
"""Writes the host's own rows; its arguments are the transaction and the plan's records."""
Clock = Callable[[], int]


def drive(
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
                answer = plain(step.find, "promos")(*step.given)
            elif isinstance(step, Hand):
                answer = plain(step.to, "to")(step.redemptions)
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
