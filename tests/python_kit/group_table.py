"""Stores without a database, for the tests of group commit."""

import asyncio
from typing import Any

from redeemable import _group_aio
from redeemable._suite import held, insert


def buy(id: str, key: str = "code/A/uses", by: int = 1, at_most: int | None = None) -> list[Any]:
    return [insert(held(id)), {"op": "add", "key": key, "by": by, "at_most": at_most}]


def ids(ops: Any) -> list[str]:
    return [op["redemption"]["id"] for op in ops if "redemption" in op]


class Table:
    """A store's own commit: plans that conflict are those of a record that exists. Each waits until `go` is called."""

    def __init__(self) -> None:
        self.committed: list[list[str]] = []
        self.records: list[str] = []
        self.faults: dict[str, Exception] = {}

    def store(self, ops: Any) -> bool:
        self.committed.append(ids(ops))
        for id in ids(ops):
            if id in self.faults:
                raise self.faults[id]
        if set(ids(ops)) & set(self.records):
            return False
        self.records += ids(ops)
        return True


class Slow(Table):
    """Commits in an event loop; `turns` says how many turns of the loop each takes."""

    turns = 5

    def __init__(self) -> None:
        super().__init__()
        self.existing: dict[str, Any] = {}

    async def read(self, keys: Any, id: str) -> Any:
        return {"counters": {}, "existing": self.existing.get(id)}

    async def _commit(self, ops: Any, write: Any = None) -> bool:
        for _ in range(self.turns):
            await asyncio.sleep(0)
        if write is not None:
            await write("transaction", [op["redemption"] for op in ops if "redemption" in op])
        return self.store(ops)


def gather(table: Slow, *plans: Any) -> list[Any]:
    group = _group_aio.AsyncGroup(table, True)

    return asyncio.run(first_alone([group.commit(plan) for plan in plans]))


async def first_alone(calls: list[Any]) -> list[Any]:
    """The first is under way when the others come."""
    first = asyncio.ensure_future(calls[0])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return await asyncio.gather(first, *calls[1:], return_exceptions=True)


class Held(Slow):
    """Each commit waits until the test lets it go."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: list[asyncio.Future[None]] = []

    async def _commit(self, ops: Any, write: Any = None) -> bool:
        gate = asyncio.get_running_loop().create_future()
        self.gates.append(gate)
        await gate
        return self.store(ops)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def started(group: Any, buyers: int) -> list[Any]:
    """The first one's commit is under way, and the others wait."""
    tasks = []
    for number in range(buyers):
        tasks.append(asyncio.create_task(group.commit(buy(f"o-{number}"))))
        await settle()
    return tasks
