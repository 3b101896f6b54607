"""Plans that go together in an event loop: who is told what, and the host's own writes."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pytest
from group_table import Slow, buy, first_alone, gather, ids
from redeemable import _group, _group_aio
from redeemable._suite import held

pytestmark = pytest.mark.usefixtures("patience")


def test_what_comes_while_a_commit_is_under_way_goes_together() -> None:
    table = Slow()
    assert gather(table, *(buy(f"o-{number}") for number in range(9))) == [True] * 9
    assert table.committed == [["o-0"], [f"o-{number}" for number in range(1, 9)]]


def test_what_comes_in_one_turn_of_the_loop_goes_together() -> None:
    table = Slow()
    group = _group_aio.AsyncGroup(table, True)

    async def main() -> list[bool]:
        return await asyncio.gather(*(group.commit(buy(f"o-{number}")) for number in range(3)))

    assert asyncio.run(main()) == [True] * 3
    assert table.committed == [["o-0", "o-1", "o-2"]]


def test_a_conflict_in_the_middle_of_a_batch_is_only_its_own_buyers() -> None:
    table = Slow()
    table.records = ["o-2"]
    assert gather(table, *(buy(f"o-{number}") for number in range(5))) == [True, True, False, True, True]
    assert table.committed == [["o-0"], ["o-1", "o-2", "o-3", "o-4"], ["o-1"], ["o-2"], ["o-3"], ["o-4"]]


def test_a_fault_of_one_plan_is_only_its_own_buyers() -> None:
    table = Slow()
    table.faults = {"o-3": ValueError("a text that cannot be stored")}
    stored = gather(table, *(buy(f"o-{number}") for number in range(5)))
    assert stored == [True, True, True, table.faults["o-3"], True]
    assert sorted(table.records) == ["o-0", "o-1", "o-2", "o-4"]


def test_after_a_lost_connection_nobody_goes_again_and_everybody_is_told() -> None:
    table = Slow()
    lost = table.faults["o-2"] = ConnectionResetError("lost at the COMMIT")
    assert gather(table, *(buy(f"o-{number}") for number in range(4))) == [True, lost, lost, lost]
    assert table.committed == [["o-0"], ["o-1", "o-2", "o-3"]]


def test_the_same_order_twice_is_committed_one_after_the_other() -> None:
    table = Slow()
    assert gather(table, buy("o-0"), buy("o-1"), buy("o-1"), buy("o-2")) == [True, True, False, True]
    assert table.committed == [["o-0"], ["o-1", "o-2"], ["o-1"]]


def test_without_the_option_and_for_operators_each_plan_goes_alone_at_once() -> None:
    table = Slow()
    group = _group_aio.AsyncGroup(table, False)

    async def main(*plans: Any) -> None:
        await asyncio.gather(*(group.commit(plan) for plan in plans))

    asyncio.run(main(buy("o-0"), buy("o-1")))
    archive = {"op": "archive", "id": "o-2", "revision": 1}
    gather(table, [*buy("o-2"), archive], [*buy("o-3"), archive])
    assert table.committed == [["o-0"], ["o-1"], ["o-2"], ["o-3"]]


name: ContextVar[str] = ContextVar("name")
watched: ContextVar[str] = ContextVar("redeemable_watched", default="")


class Writer(Slow):
    """Sets what a store watches during `write`."""

    async def _commit(self, ops: Any, write: Any = None) -> bool:
        token = watched.set(f"store of {len(ids(ops))}")
        try:
            return await super()._commit(ops, write)
        finally:
            watched.reset(token)


async def sell(group: Any, id: str, write: Any) -> Any:
    name.set(id)
    return await group.commit(buy(id), write)


def sell_all(table: Slow, write: Callable[[str], Any], buyers: int) -> list[Any]:
    group = _group_aio.AsyncGroup(table, True)

    ids = [f"o-{number}" for number in range(buyers)]
    return asyncio.run(first_alone([sell(group, id, write(id)) for id in ids]))


def test_writes_of_a_batch_run_one_after_the_other_each_in_the_context_of_its_caller() -> None:
    table = Writer()
    seen: list[Any] = []

    def writing(id: str) -> Any:
        async def write(transaction: Any, redemptions: Any) -> None:
            seen.append(("begin", name.get(), watched.get()))
            await asyncio.sleep(0)
            seen.append(("end", name.get(), [record["id"] for record in redemptions]))

        return write

    assert sell_all(table, writing, 4) == [True] * 4
    assert seen == [
        ("begin", "o-0", "store of 1"),
        ("end", "o-0", ["o-0"]),
        ("begin", "o-1", "store of 3"),
        ("end", "o-1", ["o-1"]),
        ("begin", "o-2", "store of 3"),
        ("end", "o-2", ["o-2"]),
        ("begin", "o-3", "store of 3"),
        ("end", "o-3", ["o-3"]),
    ]


def test_before_python_3_11_a_plan_with_write_goes_alone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_group_aio, "HAS_CONTEXTS", False)
    table = Slow()

    def writing(_: str) -> Any:
        async def write(*_: Any) -> None:
            pass

        return write

    assert sell_all(table, writing, 3) == [True] * 3
    assert table.committed == [["o-0"], ["o-1"], ["o-2"]]


def test_a_write_that_raises_is_only_its_own_buyers() -> None:
    table = Slow()
    refused = ConnectionRefusedError("the host's own, which might be one of the database's")
    wrote: list[str] = []

    def writing(id: str) -> Any:
        async def write(*_: Any) -> None:
            wrote.append(id)
            if id == "o-2":
                raise refused

        return write

    assert sell_all(table, writing, 5) == [True, True, refused, True, True]
    # The batch of four stops at o-2, and then each goes alone.
    assert wrote == ["o-0", "o-1", "o-2", "o-1", "o-2", "o-3", "o-4"]
    assert sorted(table.records) == ["o-0", "o-1", "o-3", "o-4"]


def test_a_write_that_commits_is_told_to_everybody_whose_record_it_has_stored() -> None:
    table = Slow()

    def writing(id: str) -> Any:
        async def write(*_: Any) -> None:
            if id == "o-2":
                # The host's own COMMIT, after which its write fails: the records are stored, the counters are not.
                table.existing = {f"o-{number}": held(f"o-{number}") for number in (1, 2, 3)}
                raise ValueError("a mistake")

        return write

    told = sell_all(table, writing, 4)
    assert told[0] is True
    assert [str(error)[:27] for error in told[1:]] == ["write ended the transaction"] * 3
    assert table.records == ["o-0"]


def test_the_writes_of_a_batch_come_in_one_order_on_every_host() -> None:
    assert sorted([buy("o-3"), buy("o-1"), buy("o-2")], key=_group.turn) == [buy("o-1"), buy("o-2"), buy("o-3")]
    gala, ball = buy("o-1"), buy("o-9")
    gala[0]["redemption"]["event_id"], ball[0]["redemption"]["event_id"] = "gala", "ball"
    assert sorted([gala, ball], key=_group.turn) == [ball, gala]


def test_a_write_that_waits_for_another_buyer_of_its_batch_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_group_aio, "SECONDS", 0.02)
    table = Slow()

    async def main() -> list[Any]:
        group = _group_aio.AsyncGroup(table, True)
        lock = asyncio.Lock()

        async def nothing(*_: Any) -> None:
            pass

        async def locked(*_: Any) -> None:
            async with lock:
                pass

        async def holds() -> Any:
            async with lock:
                return await group.commit(buy("o-2"), nothing)

        calls = [group.commit(buy("o-0")), group.commit(buy("o-1"), locked), holds()]
        return await asyncio.wait_for(first_alone(calls), 60)

    assert asyncio.run(main()) == [True, True, True]
    assert table.committed == [["o-0"], ["o-2"], ["o-1"]]
