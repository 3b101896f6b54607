"""Group commit without a database: which plans go together, what they become, and who is told what."""

import asyncio
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pytest
from redeemable import _group, _group_aio, _group_host, _lane_aio, _lane_host
from redeemable._suite import add, held, insert


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets how long a call in an event loop waits; by default for ever, because this machine may stand still."""
    monkeypatch.setattr(_group_aio, "SECONDS", 60)

    def set_patience(seconds: float) -> None:
        monkeypatch.setattr(_lane_aio, "PATIENCE", seconds)

    set_patience(60)
    return set_patience


def buy(id: str, key: str = "code/A/uses", by: int = 1, at_most: int | None = None) -> list[Any]:
    return [insert(held(id)), {"op": "add", "key": key, "by": by, "at_most": at_most}]


def ids(ops: Any) -> list[str]:
    return [op["redemption"]["id"] for op in ops if "redemption" in op]


class Waits:
    def __init__(self, ops: Any) -> None:
        self.ops, self.ids, self.writes = ops, _group.ids_of(ops), False


def taken(*plans: list[Any]) -> tuple[list[list[str]], list[list[str]]]:
    """The records of the plans that go with the first, and of those that stay."""
    waiting = deque(Waits(plan) for plan in plans[1:])
    batch = _group.take(waiting, Waits(plans[0]))
    return [ids(plan.ops) for plan in batch], [ids(plan.ops) for plan in waiting]


def test_plans_become_one_with_records_by_id_and_counters_in_the_order_of_the_engine() -> None:
    of_pool, of_day, of_event = "pool/all/uses", "code/A/day/2026-11-30/uses", "event/gala/tickets/email:b"
    of_person, of_spend = "code/A/by/email:b", "code/A/spend/EUR"
    first = [insert(held("o-2")), add(of_person, 2), add(of_day, 1), add("code/A/uses", 1), add(of_pool, 1)]
    second = [insert(held("o-1")), add(of_event, 4), add(of_spend, 500), add("code/A/uses", 2), add(of_pool, -3)]
    ops = _group.merged([first, second])
    assert ids(ops) == ["o-1", "o-2"]
    assert [(op["key"], op["by"]) for op in ops[2:]] == [
        (of_person, 2),
        (of_event, 4),
        (of_day, 1),
        (of_spend, 500),
        ("code/A/uses", 3),
        # What is given back comes first, so that the charge finds it.
        (of_pool, -3),
        (of_pool, 1),
    ]


def test_the_smallest_limit_counts_and_a_charge_without_a_limit_does_not_lift_it() -> None:
    plans = [[{"op": "add", "key": "k", "by": 2, "at_most": limit}] for limit in (9, None, 7)]
    assert _group.merged(plans) == [{"op": "add", "key": "k", "by": 6, "at_most": 7}]
    assert plans[0] == [{"op": "add", "key": "k", "by": 2, "at_most": 9}], "the plans themselves stay as they were"


@pytest.mark.parametrize(
    ("key", "breadth"),
    [
        ("code/id:by/uses", _group.CODE),
        ("code/A/spend/EUR", _group.CODE),
        ("code/A/by/email:day", _group.PERSON),
        ("code/by/week/2026-W48/uses", _group.PERIOD),
        ("code/A/month/2026-11/by/phone:1", _group.PERSON),
        ("event/pool/free/email:a", _group.PERSON),
        ("event/gala/tickets/email:a", _group.PERSON),
        ("pool/by/uses", _group.POOL),
        ("pool/p/spend/EUR", _group.POOL),
        ("pool/p/by/email:a", _group.PERSON),
    ],
)
def test_breadth_of_a_key(key: str, breadth: int) -> None:
    assert _group.breadth(key) == breadth


def test_two_plans_of_one_record_share_no_batch_and_keep_their_order() -> None:
    both = [insert(held("o-1")), insert(held("o-3"))]
    # The last one may not overtake the one of o-1 and o-3, which waits for the first.
    assert taken(buy("o-1"), buy("o-2"), both, buy("o-4"), buy("o-3")) == (
        [["o-1"], ["o-2"], ["o-4"]],
        [["o-1", "o-3"], ["o-3"]],
    )


def test_a_batch_has_at_most_64_plans_and_a_bounded_weight() -> None:
    plans = [buy(f"o-{number}") for number in range(100)]
    assert [len(part) for part in taken(*plans)] == [64, 36]
    heavy = buy("heavy")
    heavy[0]["redemption"]["tickets"] *= 1000
    # 1 000 tickets and at least 2 operations weigh over 1 000, so there is no room for a second one.
    assert [len(part) for part in taken(heavy, *plans[:9])] == [10, 0]
    other = buy("other")
    other[0]["redemption"]["tickets"] *= 1000
    assert taken(heavy, other, buy("o-1")) == ([["heavy"]], [["other"], ["o-1"]])


def test_an_operators_plan_goes_alone() -> None:
    assert _group.may_share(buy("o"))
    for op in ("archive", "restore", "erase", "open", "correct", "forget"):
        assert not _group.may_share([*buy("o"), {"op": op}])
    assert not _group.may_share([])


def test_caution_doubles_while_batches_fail_and_ends_when_one_is_stored() -> None:
    caution = _group.Caution()

    def alone() -> int:
        return next(number for number in range(5000) if not caution.goes_alone())

    assert alone() == 0
    numbers = []
    for _ in range(6):
        caution.note(32, False)
        numbers.append(alone())
    assert numbers == [64, 128, 256, 512, 1024, 1024]
    caution.note(2, True)
    assert alone() == 0


class Server(Exception):
    sqlstate = ""


def server(state: str) -> Server:
    error = Server()
    error.sqlstate = state
    return error


def pymysql(code: int) -> Exception:
    import pymysql

    return pymysql.err.OperationalError(code, "…")


@pytest.mark.parametrize(
    ("error", "is_undone"),
    [
        (ValueError(), True),
        (server("22003"), True),
        (server("23505"), True),
        (server("57014"), True),
        (server("57P01"), False),
        (server("08006"), False),
        (server("40003"), False),
        (sqlite3.IntegrityError(), True),
        (sqlite3.OperationalError("disk I/O error"), False),
        (pymysql(1406), True),
        (pymysql(2013), False),
        (pymysql(1053), False),
        (OSError(104, "reset"), False),
        (ConnectionResetError(), False),
        (TimeoutError(), False),
        (RuntimeError("write ended the transaction"), False),
    ],
)
def test_plans_go_again_only_if_nothing_of_them_is_stored(error: Exception, is_undone: bool) -> None:
    assert _group.is_undone(error) == is_undone


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


class Gated(Table):
    """Commits in threads; each waits until the test lets it go."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.began: list[threading.Event] = [threading.Event() for _ in range(20)]
        self.gates: list[threading.Event] = [threading.Event() for _ in range(20)]
        self.calls = 0

    def _commit(self, ops: Any, write: Any = None) -> bool:
        with self.lock:
            number = self.calls
            self.calls += 1
        self.began[number].set()
        assert self.gates[number].wait(60)
        with self.lock:
            return self.store(ops)


class Buyers:
    """Threads that commit, each started when the one before it waits or commits."""

    def __init__(self, table: Gated, patience: float, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_lane_host, "PATIENCE", patience)
        self.table, self.group = table, _group_host.Group(table, True)
        self.told: dict[str, Any] = {}
        self.threads: list[threading.Thread] = []

    def start(self, *names: str) -> None:
        for id in names:
            waiting = len(self.group._commits._waiting)
            thread = threading.Thread(target=self.buy, args=(id,))
            thread.start()
            self.threads.append(thread)
            if len(self.threads) > 1:
                while len(self.group._commits._waiting) == waiting:
                    pass
            else:
                assert self.table.began[0].wait(60)

    def buy(self, id: str) -> None:
        try:
            self.told[id] = self.group.commit(buy(id))
        except BaseException as error:
            self.told[id] = error

    def go(self, *numbers: int) -> None:
        for number in numbers:
            self.table.gates[number].set()

    def join(self) -> dict[str, Any]:
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()
        return self.told


LONG = 60.0


def test_threads_go_together_and_a_conflict_is_only_its_own_buyers(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Gated()
    table.records = ["o-2"]
    buyers = Buyers(table, LONG, monkeypatch)
    buyers.start("o-0", "o-1", "o-2", "o-3")
    buyers.go(*range(20))
    assert buyers.join() == {"o-0": True, "o-1": True, "o-2": False, "o-3": True}
    assert table.committed[:2] == [["o-0"], ["o-1", "o-2", "o-3"]]
    assert sorted(table.committed[2:]) == [["o-1"], ["o-2"], ["o-3"]]


def test_a_fault_of_one_plan_is_only_its_own_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Gated()
    table.faults["o-1"] = ValueError("a text that cannot be stored")
    buyers = Buyers(table, LONG, monkeypatch)
    buyers.start("o-0", "o-1", "o-2")
    buyers.go(*range(20))
    assert buyers.join() == {"o-0": True, "o-1": table.faults["o-1"], "o-2": True}


def test_threads_are_all_told_of_a_lost_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Gated()
    lost = table.faults["o-1"] = ConnectionResetError()
    buyers = Buyers(table, LONG, monkeypatch)
    buyers.start("o-0", "o-1", "o-2")
    buyers.go(*range(20))
    assert buyers.join() == {"o-0": True, "o-1": lost, "o-2": lost}


def test_a_thread_that_is_interrupted_leaves_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Gated()
    table.faults["o-1"] = KeyboardInterrupt()  # type: ignore[assignment]
    buyers = Buyers(table, LONG, monkeypatch)
    buyers.start("o-0", "o-1", "o-2")
    buyers.go(0)
    assert table.began[1].wait(60)
    buyers.start("o-3")
    buyers.go(*range(20))
    told = buyers.join()
    assert (told["o-0"], told["o-3"]) == (True, True)
    assert isinstance(told["o-1"], KeyboardInterrupt)
    assert isinstance(told["o-2"], _group.Interrupted)


def test_a_thread_that_is_interrupted_while_it_waits_is_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Gated()
    buyers = Buyers(table, LONG, monkeypatch)
    buyers.start("o-0")

    class Interrupts:
        def acquire(self, timeout: float = -1) -> bool:
            raise KeyboardInterrupt

    class Plan(_group_host._Plan):
        def __init__(self, ops: Any) -> None:
            super().__init__(ops)
            self.is_told = Interrupts()  # type: ignore[assignment]

    with monkeypatch.context() as patched:
        patched.setattr(_group_host, "_Plan", Plan)
        with pytest.raises(KeyboardInterrupt):
            buyers.group.commit(buy("o-1"))
    buyers.start("o-2")
    buyers.go(*range(20))
    assert buyers.join() == {"o-0": True, "o-2": True}
    assert table.committed == [["o-0"], ["o-2"]]


def test_a_thread_that_takes_long_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Gated()
    buyers = Buyers(table, 0.05, monkeypatch)
    buyers.start("o-0", "o-1")
    # The second one does not wait for the first, whose gate is closed.
    assert table.began[1].wait(60)
    buyers.go(1)
    buyers.threads[1].join(60)
    assert buyers.told == {"o-1": True}
    buyers.go(0)
    assert buyers.join() == {"o-0": True, "o-1": True}


def test_a_plan_with_write_goes_alone_in_its_own_thread() -> None:
    threads: list[Any] = []

    class Store:
        def _commit(self, ops: Any, write: Any = None) -> bool:
            threads.append((threading.current_thread(), write))
            return True

    group = _group_host.Group(Store(), True)
    group._commits._leader = _group_host._Plan(buy("o-0"))  # somebody's commit is under way

    def write(*_: Any) -> None:
        pass

    assert group.commit(buy("o-1"), write)
    assert threads == [(threading.current_thread(), write)]


def test_a_forked_process_waits_for_no_thread_of_its_parent() -> None:
    gated = Gated()
    gated.gates[0].set()
    group = _group_host.Group(gated, True)
    group._commits._leader = _group_host._Plan(buy("o-0"))
    with group._commits._lock:
        child = os.fork()
        if child == 0:
            os._exit(0 if group._commits._leader is None and group.commit(buy("o-1")) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
