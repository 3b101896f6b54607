"""The checks of a store that can join a transaction of the host. Each is a function that takes a `Subject`."""

from collections.abc import Callable
from typing import Any

from ._calls import joined
from ._steps import RepeatTransaction
from ._suite import Subject, add, held, insert, usage


def is_stored_with_the_hosts_transaction(subject: Subject) -> None:
    opened = subject.begun()
    store = joined(subject.store, opened.transaction)
    assert store.read(["key"], "order") == usage({})
    assert store.commit([insert(held("order", keys=["key"])), add("key", 1, 1)], subject.writer("within")) is True
    assert store.read(["key"], "order") == usage({"key": 1}, held("order", keys=["key"]))
    assert subject.notes() == [], "the store has ended the host's transaction"
    opened.commit()
    assert subject.notes() == ["before", "within"]
    assert subject.store.read(["key"], "order") == usage({"key": 1}, held("order", keys=["key"]))


def is_gone_with_the_hosts_transaction(subject: Subject) -> None:
    opened = subject.begun()
    store = joined(subject.store, opened.transaction)
    assert store.commit([insert(held("first")), add("key", 1)], subject.writer("within")) is True
    assert store.commit([insert(held("second")), add("key", 1)]) is True
    opened.rollback()
    assert subject.notes() == []
    assert subject.store.read(["key"], "first") == usage({})
    assert subject.store.read([], "second")["existing"] is None


def undoes_its_plan_alone(subject: Subject) -> None:
    """If an operation fails, the host's rows before it stay. The host may go on, or is told to repeat everything."""
    assert subject.store.commit([insert(held("order")), add("full", 1)]) is True
    opened = subject.begun()
    store = joined(subject.store, opened.transaction)
    for plan in (
        [insert(held("other")), add("new", 1), add("full", 1, 1)],
        [insert(held("other")), add("new", 1, 0)],
        [insert(held("order")), add("new", 1)],
    ):
        for write in (None, subject.writer("rolled back")):
            try:
                assert store.commit(plan, write) is False
            except RepeatTransaction as error:
                assert error.code == "repeat_transaction" and error.__cause__ is not None
    assert store.read(["full", "new"], "other") == usage({"full": 1})
    opened.commit()
    assert subject.notes() == ["before"]
    assert subject.store.read(["full", "new"], "other") == usage({"full": 1})


def leaves_nothing_of_a_plan_whose_write_raises(subject: Subject) -> None:
    class SoldOut(Exception):
        pass

    def write(transaction: Any, _: Any) -> Any:
        noted: Any = subject.note(transaction, "rolled back")

        async def wait() -> None:
            await noted
            raise SoldOut

        if hasattr(noted, "__await__"):
            return wait()
        raise SoldOut

    opened = subject.begun()
    store = joined(subject.store, opened.transaction)
    try:
        store.commit([insert(held("order")), add("key", 1)], write)
    except SoldOut:
        pass
    else:
        raise AssertionError("the host's exception was lost")
    assert store.commit([insert(held("order")), add("key", 2)], subject.writer("within")) is True
    opened.commit()
    assert subject.notes() == ["before", "within"]
    assert subject.store.read(["key"], "order") == usage({"key": 2}, held("order"))


def finds_and_gives_back_in_the_hosts_transaction(subject: Subject) -> None:
    assert subject.store.commit([add("key", 1)]) is True
    opened = subject.begun()
    store = joined(subject.store, opened.transaction)
    assert store.commit([insert(held("order", expires_at_ms=1, keys=["key"]))]) is True
    found = {"holds": [held("order", expires_at_ms=1, keys=["key"])], "counters": {"key": 1}}
    assert store.find(lapsed_by_ms=1, keys=["key"], limit=10) == found
    assert store.commit([add("key", -2)], subject.writer("within")) is True
    opened.commit()
    assert subject.drifted == ["key"]
    assert subject.store.read(["key"], None)["counters"] == {"key": 0}


def refuses_what_is_no_transaction(subject: Subject) -> None:
    try:
        joined(subject.store, "no transaction")
    except TypeError as error:
        assert str(error).startswith("transaction: expected "), error
    else:
        raise AssertionError("a text was taken for a transaction")


JOINING_CHECKS: list[Callable[[Subject], None]] = [
    is_stored_with_the_hosts_transaction,
    is_gone_with_the_hosts_transaction,
    undoes_its_plan_alone,
    leaves_nothing_of_a_plan_whose_write_raises,
    finds_and_gives_back_in_the_hosts_transaction,
    refuses_what_is_no_transaction,
]
"""The checks of a store that can join a transaction of the host's."""
