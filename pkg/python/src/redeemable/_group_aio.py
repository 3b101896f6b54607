"""Group commit in an event loop."""

import asyncio
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import copy_context
from typing import Any

from . import sql
from ._group import PATIENCE, Caution, ids_of, is_undone, may_share, merged, take, turn
from ._kit import redemptions_of
from ._steps import Document

Write = Callable[[Any, Any], Awaitable[object]]
# What a waiting caller is told, unless its plan is stored: it stores its plan itself, alone or as the next leader.
ALONE, LEAD = object(), object()
# Before Python 3.11 a task cannot run in the context of another one, so plans with `write` go alone.
HAS_CONTEXTS = sys.version_info >= (3, 11)
# The host's writes of a batch come one after the other. If they take longer than this, each plan goes alone.
SECONDS, SECONDS_EACH = 0.02, 0.005


class AsyncGroup:
    """Commits plans together, by the store's `_commit`, which commits one. Each event loop has a queue of its own."""

    def __init__(self, store: Any, is_on: bool) -> None:
        self._store = store
        self._is_on = is_on
        self._own = threading.local()

    async def commit(self, ops: Sequence[Document], write: Write | None = None) -> bool:
        if not self._is_on or not may_share(ops) or (write is not None and not HAS_CONTEXTS):
            return bool(await self._store._commit(ops, write))
        loop = asyncio.get_running_loop()
        if getattr(self._own, "loop", None) is not loop:
            self._own.loop, self._own.queue = loop, _Queue(self._store, loop)
        queue: _Queue = self._own.queue
        return await queue.commit(ops, write)


class _Plan:
    def __init__(self, ops: Sequence[Document], write: Write | None) -> None:
        self.ops, self.write = ops, write
        self.ids = ids_of(ops)
        self.writes = write is not None
        self.context = copy_context()
        self.told = asyncio.get_running_loop().create_future()
        self.batch: _Batch | None = None


class _Queue:
    """The first caller leads: it commits its plan, and then hands over to the first of those that have come meanwhile.

    That one commits its plan together with the plans of all the others that wait.
    """

    def __init__(self, store: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._store = store
        self._loop = loop
        self._waiting: deque[_Plan] = deque()
        self._leader: _Plan | None = None
        self._caution = Caution()

    async def commit(self, ops: Sequence[Document], write: Write | None) -> bool:
        if self._caution.goes_alone():
            return bool(await self._store._commit(ops, write))
        plan = _Plan(ops, write)
        told = LEAD
        if self._leader is not None:
            self._waiting.append(plan)
            told = await self._told(plan)
        if told is LEAD:
            told = await self._lead(plan)
        return bool(await self._store._commit(ops, write) if told is ALONE else told)

    async def _lead(self, plan: _Plan) -> Any:
        self._leader = plan
        # If this takes too long, the next one goes beside it.
        timer = self._loop.call_later(PATIENCE, self._hand_over, plan)
        try:
            waiting = deque(each for each in self._waiting if not each.told.done())
            plans, self._waiting = take(waiting, plan), waiting
            if len(plans) == 1:
                return await self._store._commit(plan.ops, plan.write)
            plan.told = self._loop.create_future()
            batch = _Batch(plans, self._store, self._caution)
            for each in plans:
                each.batch = batch
            return await self._told(plan)
        finally:
            timer.cancel()
            self._hand_over(plan)

    def _hand_over(self, leader: _Plan) -> None:
        if self._leader is not leader:
            return
        self._leader = None
        while self._waiting and self._leader is None:
            plan = self._waiting.popleft()
            if not plan.told.done():
                self._leader = plan
                plan.told.set_result(LEAD)

    async def _told(self, plan: _Plan) -> Any:
        try:
            return await plan.told
        except asyncio.CancelledError:
            if plan in self._waiting:
                self._waiting.remove(plan)
            elif plan.batch is not None:
                await plan.batch.leave()
            else:
                self._hand_over(plan)
            raise


class _Batch:
    """Plans that are committed as one, in a task of its own, so that a cancelled caller does not cancel the others."""

    def __init__(self, plans: list[_Plan], store: Any, caution: Caution) -> None:
        self._plans = plans
        self._store = store
        self._caution = caution
        self._stay = len(plans)
        self._writing = self._write_failed = False
        self._task = asyncio.ensure_future(self._run())

    async def leave(self) -> None:
        """A caller was cancelled: waits until the batch has ended. If nobody is left, the batch is cancelled, too."""
        self._stay -= 1
        if self._stay == 0:
            self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        plans, told = self._plans, ALONE
        error: Exception | None = None
        try:
            try:
                ops = merged(plan.ops for plan in plans)
                if await self._store._commit(ops, self._write if plans[0].writes else None):
                    told = True
            except Exception as raised:
                if not self._write_failed and not is_undone(raised):
                    raise
            if told is ALONE and self._writing and await self._is_stored():
                raise RuntimeError(sql.ENDED)
        except Exception as raised:
            error = raised
        except BaseException:
            for plan in plans:
                plan.told.cancel()
            raise
        self._caution.note(len(plans), told is True)
        for plan in plans:
            # That of a cancelled caller is done.
            if not plan.told.done():
                plan.told.set_result(told) if error is None else plan.told.set_exception(error)

    async def _write(self, transaction: Any, _: Any) -> None:
        """The writes of the plans, one after the other. If one of them fails, nothing of the batch is stored."""
        loop = asyncio.get_running_loop()
        end = loop.time() + SECONDS + SECONDS_EACH * len(self._plans)
        self._writing = self._write_failed = True
        for plan in sorted(self._plans, key=lambda plan: turn(plan.ops)):
            await _written(plan, transaction, end - loop.time())
        self._write_failed = False

    async def _is_stored(self) -> bool:
        """Whether the batch that failed is stored all the same, because a `write` has committed the transaction."""
        for plan in self._plans[:2]:
            record = next(op["redemption"] for op in plan.ops if "redemption" in op)
            # Somebody else may just have stored the same order, but hardly the same records of two orders.
            if (await self._store.read([], record["id"]))["existing"] != record:
                return False
        return True


async def _written(plan: _Plan, transaction: Any, seconds: float) -> None:
    """Runs the plan's `write` in the context of its caller."""
    write = plan.write
    assert write is not None

    async def writing() -> None:
        await write(transaction, redemptions_of(plan.ops))

    for variable, value in copy_context().items():
        # What the store has set around `write`, for example to watch it.
        if variable.name.startswith("redeemable_"):
            plan.context.run(variable.set, value)
    task = asyncio.get_running_loop().create_task(writing(), context=plan.context)  # type: ignore[call-arg]
    try:
        await asyncio.wait({task}, timeout=max(seconds, 0))
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    if task.cancelled():
        raise TimeoutError("the writes of the batch take too long")
    task.result()
