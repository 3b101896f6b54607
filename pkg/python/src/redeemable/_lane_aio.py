"""Calls in an event loop, of which those that come while others are under way wait and then go together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from ._group import ALONE, LEAD, PATIENCE


class Call:
    """A call that waits to be told its answer, `ALONE` (it goes by itself) or `LEAD` (it goes with all that wait)."""

    def __init__(self) -> None:
        self.told: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.batch: _Batch | None = None


C = TypeVar("C", bound=Call)
Together = Callable[[list[C]], Awaitable[Sequence[Any]]]
"""Answers several calls: with an answer for each, an exception for each, or `ALONE` if each has to go by itself."""


class Lane(Generic[C]):
    """The first call leads: it goes with those that come in the same turn of the loop, and then hands over.

    The first of those that have come meanwhile leads next, and so on. `take(waiting, first)` takes from the queue what
    goes together.
    """

    def __init__(
        self, alone: Callable[[C], Awaitable[Any]], together: Together[C], take: Callable[[deque[C], C], list[C]]
    ) -> None:
        self._alone, self._together, self._take = alone, together, take
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[C] = deque()
        self._leader: C | None = None

    def is_of(self, loop: asyncio.AbstractEventLoop) -> bool:
        return self._loop is loop

    async def answer(self, call: C) -> Any:
        told = LEAD
        if self._leader is not None:
            self._waiting.append(call)
            told = await self._told(call)
        if told is LEAD:
            told = await self._lead(call)
        return await self._alone(call) if told is ALONE else told

    async def _lead(self, call: C) -> Any:
        self._leader = call
        # If this takes too long, the next one goes beside it.
        timer = self._loop.call_later(PATIENCE, self._hand_over, call)
        try:
            await asyncio.sleep(0)
            waiting = deque(each for each in self._waiting if not each.told.done())
            calls, self._waiting = self._take(waiting, call), waiting
            if len(calls) == 1:
                return await self._alone(call)
            call.told = self._loop.create_future()
            batch = _Batch(calls, self._together)
            for each in calls:
                each.batch = batch
            return await self._told(call)
        finally:
            timer.cancel()
            self._hand_over(call)

    def _hand_over(self, leader: C) -> None:
        if self._leader is not leader:
            return
        self._leader = None
        while self._waiting and self._leader is None:
            call = self._waiting.popleft()
            if not call.told.done():
                self._leader = call
                call.told.set_result(LEAD)

    async def _told(self, call: C) -> Any:
        try:
            return await call.told
        except asyncio.CancelledError:
            # If it still waits, it is passed over from now on, because `told` is done.
            if call.batch is not None:
                await call.batch.leave()
            else:
                self._hand_over(call)
            raise


class _Batch:
    """Calls that go together, in a task of its own, so that a cancelled caller does not cancel the others."""

    def __init__(self, calls: list[C], together: Together[C]) -> None:
        self._stay = len(calls)
        self._task = asyncio.ensure_future(self._run(calls, together))

    async def leave(self) -> None:
        """A caller was cancelled: waits until the batch has ended. If nobody is left, the batch is cancelled, too."""
        self._stay -= 1
        if self._stay == 0:
            self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self, calls: list[C], together: Together[C]) -> None:
        try:
            answers = await together(calls)
        except BaseException:
            for call in calls:
                call.told.cancel()
            raise
        for call, answer in zip(calls, answers, strict=True):
            # That of a cancelled caller is done.
            if not call.told.done():
                call.told.set_exception(answer) if isinstance(answer, Exception) else call.told.set_result(answer)
