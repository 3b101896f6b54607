"""Runs the verbs of the kit over a store."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from ._audit import audited
from ._calls import awaited
from ._conflicts import explained
from ._kit import check_callable
from ._steps import Approve, Ask, Commit, Find, Hand, Look, Prune, R, Read, Scan, Step, Steps
from .types import Decision, Redemption

T = TypeVar("T")
Write = Callable[[T, list[Redemption]], object]
"""Writes the host's own rows; its arguments are the transaction and the plan's records."""
Clock = Callable[[], int]


async def drive(
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
                answer = await store.commit(step.ops, None if write is None or step.is_plain else awaited(write))
            elif isinstance(step, Find):
                answer = await store.find(lapsed_by_ms=step.lapsed_by_ms, keys=step.keys, limit=step.limit)
            elif isinstance(step, Look):
                answer = await awaited(step.find, "promos")(*step.given)
            elif isinstance(step, Hand):
                answer = await awaited(step.to, "to")(step.redemptions)
            elif isinstance(step, Scan):
                answer = await audited(store, "scan")(step.visit)
            elif isinstance(step, Ask):
                answer = await audited(store, step.name)(**step.values)
            elif isinstance(step, Prune):
                answer = await audited(store, "prune")(step.is_over)
            elif isinstance(step, Approve):
                answer = None if approve is None else await awaited(approve, "approve")(step.decision)
            else:
                answer = None
                await asyncio.sleep(step.seconds)
            proceed = steps.send
        except Exception as fault:
            # Raise the exception inside the generator: a sweep catches it, and goes on with the next hold.
            proceed, answer = steps.throw, explained(fault)
