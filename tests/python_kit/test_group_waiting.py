"""Callers of a batch in an event loop that are cancelled, or wait for a slow one."""

import asyncio
from collections.abc import Callable

import pytest
from group_table import Held, buy, settle, started
from redeemable import _group_aio

pytestmark = pytest.mark.usefixtures("patience")


def test_a_cancelled_waiter_is_taken_out_and_one_under_way_does_not_cancel_the_others() -> None:
    async def main() -> None:
        table = Held()
        group = _group_aio.AsyncGroup(table, True)
        tasks = await started(group, 5)
        tasks[2].cancel()
        table.gates[0].set_result(None)
        await settle()
        tasks[3].cancel()
        await settle()
        assert not tasks[3].done(), "its batch is under way"
        table.gates[1].set_result(None)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        cancelled = [isinstance(outcome, asyncio.CancelledError) for outcome in outcomes]
        assert cancelled == [False, False, True, True, False]
        assert table.committed == [["o-0"], ["o-1", "o-3", "o-4"]]

    asyncio.run(main())


@pytest.mark.parametrize("victim", [0, 1])
def test_a_leader_that_is_cancelled_hands_over(victim: int) -> None:
    """The first is cancelled in its own commit; the second just when it is told to lead."""

    async def main() -> None:
        table = Held()
        group = _group_aio.AsyncGroup(table, True)
        tasks = await started(group, 4)
        if victim == 0:
            tasks[0].cancel()
        else:
            table.gates[0].set_result(None)
            # This runs after the first has handed over, and before the second goes on.
            asyncio.get_running_loop().call_soon(tasks[1].cancel)
        await settle()
        table.gates[1].set_result(None)
        await asyncio.wait(tasks, timeout=60)
        assert [task.cancelled() for task in tasks] == [number == victim for number in range(4)]
        assert sorted(table.records) == [f"o-{number}" for number in range(4) if number != victim]

    asyncio.run(main())


def test_a_batch_whose_callers_are_all_cancelled_is_cancelled_and_the_next_one_goes_on() -> None:
    async def main() -> None:
        table = Held()
        group = _group_aio.AsyncGroup(table, True)
        tasks = await started(group, 3)
        table.gates[0].set_result(None)
        await settle()
        last = asyncio.create_task(group.commit(buy("o-3")))
        await settle()
        tasks[1].cancel()
        tasks[2].cancel()
        await settle()
        assert table.gates[1].cancelled()
        table.gates[2].set_result(None)
        assert await last is True
        assert table.records == ["o-0", "o-3"]

    asyncio.run(main())


def test_a_commit_that_takes_long_holds_nobody_up(patience: Callable[[float], None]) -> None:
    async def main() -> None:
        table = Held()
        group = _group_aio.AsyncGroup(table, True)
        patience(0.02)
        first = asyncio.create_task(group.commit(buy("o-0")))
        await settle()
        patience(60)
        others = [asyncio.create_task(group.commit(buy(f"o-{number}"))) for number in (1, 2)]
        while len(table.gates) < 2:  # noqa: ASYNC110 (the queue has no event for it)
            await asyncio.sleep(0.001)
        table.gates[1].set_result(None)
        assert await asyncio.gather(*others) == [True, True]
        assert not first.done()
        # The first one still is under way when the queue has long been led by others; it must not lead it again.
        table.gates[0].set_result(None)
        assert await first is True
        assert table.committed == [["o-1", "o-2"], ["o-0"]]

    asyncio.run(main())


def test_a_slow_leader_does_not_hand_over_for_the_one_that_leads_now(patience: Callable[[float], None]) -> None:
    async def main() -> None:
        table = Held()
        group = _group_aio.AsyncGroup(table, True)
        patience(0.02)
        tasks = await started(group, 1)
        patience(60)
        tasks.append(asyncio.create_task(group.commit(buy("o-1"))))
        while len(table.gates) < 2:  # noqa: ASYNC110 (the queue has no event for it)
            await asyncio.sleep(0.001)
        tasks.append(asyncio.create_task(group.commit(buy("o-2"))))
        await settle()
        # The first ends while the second is under way: the third goes on waiting for the second.
        table.gates[0].set_result(None)
        await settle()
        assert len(table.gates) == 2
        table.gates[1].set_result(None)
        await settle()
        table.gates[2].set_result(None)
        assert await asyncio.gather(*tasks) == [True, True, True]

    asyncio.run(main())


def test_each_event_loop_has_its_own_queue() -> None:
    """A loop that has stopped in the middle of a commit holds no other up."""
    table = Held()
    group = _group_aio.AsyncGroup(table, True)
    stopped = asyncio.new_event_loop()
    first = stopped.create_task(group.commit(buy("o-0")))
    stopped.run_until_complete(settle())

    async def main() -> bool:
        call = asyncio.create_task(group.commit(buy("o-1")))
        await settle()
        table.gates[1].set_result(None)
        return await call

    assert asyncio.run(main()) is True
    table.gates[0].set_result(None)
    assert stopped.run_until_complete(first) is True
    stopped.close()
