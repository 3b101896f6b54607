"""Cancels work at one of its awaits."""

from asyncio import CancelledError
from collections.abc import Coroutine, Generator
from typing import Any


class Cut:
    """An awaitable that cancels the work at its await number `at`, from 1; `awaits` counts the awaits so far."""

    def __init__(self, work: Coroutine[Any, Any, Any], at: int) -> None:
        self.work = work
        self.at = at
        self.awaits = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self.work.__await__()
        step, value = steps.send, None
        while True:
            try:
                waited = step(value)
            except StopIteration as end:
                return end.value
            self.awaits += 1
            if self.awaits == self.at:
                if waited is None:
                    step, value = steps.throw, CancelledError()
                    continue
                waited.cancel()  # as a task does: the driver is told of it before the work is
            try:
                step, value = steps.send, (yield waited)
            except BaseException as error:
                step, value = steps.throw, error
