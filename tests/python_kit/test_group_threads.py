"""Plans that go together in threads."""

import os
import threading
from typing import Any

import pytest
from group_table import Table, buy
from redeemable import _group, _group_host, _lane_host


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
