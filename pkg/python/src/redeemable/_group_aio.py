"""Group commit in an event loop, and grouped reads."""

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextvars import copy_context
from typing import Any

from . import sql
from ._group import ALONE, Caution, ids_of, is_undone, may_share, merged, read_many, share, take, take_reads, turn
from ._kit import redemptions_of
from ._lane_aio import Call, Lane
from ._steps import Document

Write = Callable[[Any, Any], Awaitable[object]]
# Before Python 3.11 a task cannot run in the context of another one, so plans with `write` go alone.
HAS_CONTEXTS = sys.version_info >= (3, 11)
# The host's writes of a batch come one after the other. If they take longer than this, each plan goes alone.
SECONDS, SECONDS_EACH = 0.02, 0.005


class AsyncGroup:
    """Commits plans together, by the store's `_commit`, which commits one. With `reads`, it groups reads, too.

    `ask(queries, *values)` answers queries of `sql`.
    """

    def __init__(self, store: Any, is_on: bool, ask: Any = None, reads: bool = True) -> None:
        self._store = store
        self._is_on = is_on
        self._ask = ask
        self._reads_too = is_on and reads
        self._caution = Caution()
        # Each event loop has queues of its own.
        self._own = threading.local()

    async def commit(self, ops: Sequence[Document], write: Write | None = None) -> bool:
        alone = not self._is_on or not may_share(ops) or (write is not None and not HAS_CONTEXTS)
        if alone or self._caution.goes_alone():
            return bool(await self._store._commit(ops, write))
        lane: Lane[_Plan] = self._lane("commits", lambda: Lane(self._alone, self._together, take))
        return bool(await lane.answer(_Plan(ops, write)))

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        if not self._reads_too:
            return await self._read(_Read(keys, id))
        lane: Lane[_Read] = self._lane("reads", lambda: Lane(self._read, self._read_together, take_reads))
        return await lane.answer(_Read(keys, id))

    def _lane(self, name: str, make: Callable[[], Any]) -> Any:
        lane = getattr(self._own, name, None)
        if lane is None or not lane.is_of(asyncio.get_running_loop()):
            lane = make()
            setattr(self._own, name, lane)
        return lane

    async def _alone(self, plan: "_Plan") -> Any:
        return await self._store._commit(plan.ops, plan.write)

    async def _together(self, plans: list["_Plan"]) -> list[Any]:
        told = await _Batch(self._store, plans).told()
        self._caution.note(len(plans), told is True)
        return [told] * len(plans)

    async def _read(self, read: "_Read") -> Document:
        return await self._ask(sql.read, read.keys, read.id)

    async def _read_together(self, reads: list["_Read"]) -> list[Any]:
        try:
            found = await self._ask(read_many, [read.keys for read in reads], [read.id for read in reads])
        except Exception:
            return [ALONE] * len(reads)
        return [share(found, read.keys, read.id) for read in reads]


class _Read(Call):
    def __init__(self, keys: Sequence[str], id: str | None) -> None:
        super().__init__()
        self.keys, self.id = keys, id


class _Plan(Call):
    def __init__(self, ops: Sequence[Document], write: Write | None) -> None:
        super().__init__()
        self.ops, self.write, self.writes = ops, write, write is not None
        self.ids = ids_of(ops)
        self.context = copy_context()


class _Batch:
    """Plans that are committed as one."""

    def __init__(self, store: Any, plans: list[_Plan]) -> None:
        self._store = store
        self._plans = plans
        self._writing = self._write_failed = False

    async def told(self) -> Any:
        """True if they are stored, `ALONE` if certainly none of them is, or the error that every caller gets."""
        try:
            try:
                ops = merged(plan.ops for plan in self._plans)
                if await self._store._commit(ops, self._write if self._plans[0].writes else None):
                    return True
            except Exception as error:
                if not self._write_failed and not is_undone(error):
                    raise
            if self._writing and await self._is_stored():
                raise RuntimeError(sql.ENDED)
        except Exception as error:
            return error
        return ALONE

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
