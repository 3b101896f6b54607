"""What `redeemable.store_suite` checks of every store."""

from collections.abc import Awaitable
from typing import Any

from ._suite import AT, AWKWARD, LARGEST, Subject, add, confirmed, held, insert, update, usage
from .types import Redemption


def reads_nothing_from_empty_tables(subject: Subject) -> None:
    assert subject.store.read(["a", "b"], "order") == usage({})
    assert subject.store.read([], None) == usage({})
    assert subject.store.find(lapsed_by_ms=LARGEST, keys=None, limit=100) == {"holds": [], "counters": {}}


def stores_a_record_as_it_is(subject: Subject) -> None:
    record = held(AWKWARD, expires_at_ms=LARGEST, keys=[AWKWARD])
    assert subject.store.commit([insert(record), add(AWKWARD, 1)]) is True
    assert subject.store.read([AWKWARD, "other"], AWKWARD) == usage({AWKWARD: 1}, record)
    assert subject.store.read([], AWKWARD) == usage({}, record)
    assert subject.store.read([AWKWARD], None) == usage({AWKWARD: 1})
    assert subject.store.find(lapsed_by_ms=LARGEST, keys=None, limit=1)["holds"] == [record]


def refuses_to_insert_an_id_that_exists(subject: Subject) -> None:
    first = held("order", keys=["first"])
    assert subject.store.commit([insert(first)]) is True
    assert subject.store.commit([insert(held("order", keys=["second"]))]) is False
    assert subject.store.read([], "order")["existing"] == first


def updates_only_the_revision_that_was_read(subject: Subject) -> None:
    assert subject.store.commit([update(confirmed("order", 2), 1)]) is False
    assert subject.store.read([], "order")["existing"] is None
    assert subject.store.commit([insert(held("order"))]) is True
    assert subject.store.commit([update(confirmed("order", 3), 2)]) is False
    assert subject.store.read([], "order")["existing"] == held("order")
    assert subject.store.commit([update(confirmed("order", 2), 1)]) is True
    assert subject.store.read([], "order")["existing"] == confirmed("order", 2)
    assert subject.store.commit([update(confirmed("order", 2), 1)]) is False
    assert subject.store.find(lapsed_by_ms=LARGEST, keys=None, limit=100) == {"holds": [], "counters": {}}


def adds_up_to_the_limit_and_no_further(subject: Subject) -> None:
    def used() -> Any:
        return subject.store.read(["key"], None)["counters"]

    assert subject.store.commit([add("key", 4, 3)]) is False
    assert used() == {}
    assert subject.store.commit([add("key", 1, 0)]) is False
    assert used() == {}
    assert subject.store.commit([add("key", 2, 3)]) is True
    assert used() == {"key": 2}
    assert subject.store.commit([add("key", 2, 3)]) is False
    assert used() == {"key": 2}
    assert subject.store.commit([add("key", 1, 3)]) is True
    assert used() == {"key": 3}
    assert subject.store.commit([add("key", 1, 3)]) is False
    assert subject.store.commit([add("key", 5, None)]) is True
    assert used() == {"key": 8}
    assert subject.store.commit([add("money", LARGEST, LARGEST)]) is True
    assert subject.store.commit([add("money", 1, LARGEST)]) is False
    assert subject.store.read(["money", "key", "none"], None)["counters"] == {"money": LARGEST, "key": 8}


def gives_back_and_reports_what_has_drifted(subject: Subject) -> None:
    assert subject.store.commit([add("one", 5), add("two", 1)]) is True
    assert subject.store.commit([add("one", -3), add("two", -1)]) is True
    assert subject.store.read(["one", "two"], None)["counters"] == {"one": 2, "two": 0}
    assert subject.drifted == []
    assert subject.store.commit([add("one", -3), add("two", 4, 4), add("three", -1)]) is True
    assert subject.store.read(["one", "two"], None)["counters"] == {"one": 0, "two": 4}
    assert subject.store.read(["three"], None)["counters"].get("three", 0) == 0
    assert subject.drifted == ["one", "three"]
    assert subject.store.commit([add("one", -1), add("two", 1, 4)]) is False
    assert subject.drifted == ["one", "three"], "nothing was stored, so nothing has drifted"


def stores_all_of_a_plan_or_nothing(subject: Subject) -> None:
    assert subject.store.commit([insert(held("first")), add("full", 1)]) is True
    plan = [insert(held("second")), update(confirmed("first", 2), 1), add("other", 1, 1), add("full", 1, 1)]
    assert subject.store.commit(plan, subject.writer("rolled back")) is False
    assert subject.store.read(["other", "full"], "second") == usage({"full": 1})
    assert subject.store.read([], "first")["existing"] == held("first")
    assert subject.notes() == []
    plan[3] = add("full", 1, 2)
    assert subject.store.commit(plan, subject.writer("stored")) is True
    assert subject.store.read(["other", "full"], "second") == usage({"other": 1, "full": 2}, held("second"))
    assert subject.store.read([], "first")["existing"] == confirmed("first", 2)
    assert subject.notes() == ["stored"]


def hands_the_host_the_records(subject: Subject) -> None:
    given: list[list[Redemption]] = []

    def write(transaction: Any, redemptions: list[Redemption]) -> object:
        given.append(redemptions)
        return subject.note(transaction, AWKWARD)

    assert subject.store.commit([insert(held("first"))]) is True
    assert (
        subject.store.commit([insert(held("second")), update(confirmed("first", 2), 1), add("key", 1)], write) is True
    )
    assert given == [[held("second"), confirmed("first", 2)]]
    assert subject.notes() == [AWKWARD]


def stores_nothing_when_the_host_raises(subject: Subject) -> None:
    class SoldOut(Exception):
        pass

    def write(transaction: Any, _: list[Redemption]) -> object:
        noted = subject.note(transaction, "rolled back")
        if not isinstance(noted, Awaitable):
            raise SoldOut

        async def wait() -> None:
            await noted
            raise SoldOut

        return wait()

    try:
        subject.store.commit([insert(held("order")), add("key", 1)], write)
    except SoldOut:
        pass
    else:
        raise AssertionError("the host's exception was lost")
    assert subject.store.read(["key"], "order") == usage({})
    assert subject.notes() == []
    assert subject.store.commit([insert(held("order")), add("key", 1)], subject.writer("stored")) is True
    assert subject.notes() == ["stored"]


def tells_that_a_record_no_longer_holds_before_the_hosts_own_rows_collide(subject: Subject) -> None:
    def write(transaction: Any, _: list[Redemption]) -> object:
        noted = subject.note(transaction, "rolled back")
        if not isinstance(noted, Awaitable):
            raise AssertionError("that row is there already")

        async def wait() -> None:
            await noted
            raise AssertionError("that row is there already")

        return wait()

    assert subject.store.commit([insert(held("order"))]) is True
    for op in [insert(held("order")), update(confirmed("order", 8), 7), update(confirmed("none", 2), 1)]:
        assert subject.store.commit([op, add("key", 1)], write) is False
    assert subject.store.read(["key"], "order") == usage({}, held("order"))
    assert subject.notes() == []


def lets_the_host_write_before_the_counters(subject: Subject) -> None:
    written: list[str] = []

    def write(transaction: Any, redemptions: list[Redemption]) -> object:
        written.append(redemptions[0]["id"])
        return subject.note(transaction, "rolled back")

    assert subject.store.commit([insert(held("order")), add("full", 2, 1)], write) is False
    assert written == ["order"]
    assert subject.store.read(["full"], "order") == usage({})
    assert subject.notes() == []


def raises_on_an_operation_it_does_not_know(subject: Subject) -> None:
    try:
        subject.store.commit(
            [insert(held("order")), {"op": "subtract", "key": "key", "by": 1}], subject.writer("rolled back")
        )
    except Exception as error:
        assert "subtract" in str(error)
    else:
        raise AssertionError("an unknown operation was taken for done")
    assert subject.store.read([], "order")["existing"] is None
    assert subject.notes() == []


def finds_lapsed_holds_oldest_first(subject: Subject) -> None:
    holds = {
        name: held(name, expires_at_ms=AT + after, keys=keys)
        for name, after, keys in [
            ("third", 30, ["a", "b"]),
            ("first", 10, ["a"]),
            ("second", 20, ["b"]),
            ("later", 31, ["a", "b"]),
        ]
    }
    assert subject.store.commit([insert(record) for record in holds.values()]) is True
    assert subject.store.commit([insert({**confirmed("paid", 1), "charges": holds["first"]["charges"]})]) is True

    def found(limit: int = 100) -> list[str]:
        look = subject.store.find(lapsed_by_ms=AT + 30, keys=None, limit=limit)
        assert look == {"holds": [holds[record["id"]] for record in look["holds"]], "counters": {}}
        return [record["id"] for record in look["holds"]]

    assert found() == ["first", "second", "third"]
    assert found(2) == ["first", "second"]


def finds_some_of_the_lapsed_holds_on_a_counter_at_random(subject: Subject) -> None:
    a, b, other = "code/event:gala:A/uses", "code/event:gala:A/by/email:ann@example.org", "code/event:gala:A%25/uses"
    holds = [
        held(f"hold {number}", expires_at_ms=AT + number, keys=[a, b] if number % 2 else [b]) for number in range(8)
    ]
    assert (
        subject.store.commit(
            [
                *map(insert, holds),
                insert(held("later", expires_at_ms=AT + 8, keys=[a, b])),
                insert(held("other", keys=[other])),
            ]
        )
        is True
    )
    assert (
        subject.store.commit([insert({**confirmed("paid", 1), "charges": holds[1]["charges"]}), add(a, 5), add(b, 9)])
        is True
    )

    def found(keys: list[str], limit: int = 100) -> list[str]:
        look = subject.store.find(lapsed_by_ms=AT + 7, keys=keys, limit=limit)
        assert look["counters"] == {key: used for key, used in {a: 5, b: 9}.items() if key in keys}
        assert all(record in holds for record in look["holds"])
        return [record["id"] for record in look["holds"]]

    assert sorted(found([b])) == [f"hold {number}" for number in range(8)]
    assert sorted(found([a, "none"])) == ["hold 1", "hold 3", "hold 5", "hold 7"]
    assert found(["code/event:gala:A"]) == found([]) == []
    assert len(found([a, b], 3)) == 3
    assert found([a], 1)[0] in ["hold 1", "hold 3", "hold 5", "hold 7"]
    # Buyers who look at the same time must not all get the same hold. A random store draws one hold 60 times in a row
    # in only one of 8^59 runs.
    assert len({found([b], 1)[0] for _ in range(60)}) > 1


def reads_many_counters(subject: Subject) -> None:
    keys = [f"key/{number}" for number in range(300)]
    assert subject.store.commit([add(key, number + 1) for number, key in enumerate(keys)]) is True
    assert subject.store.read([*keys, "none"], None)["counters"] == {key: number + 1 for number, key in enumerate(keys)}


CHECKS = [
    reads_nothing_from_empty_tables,
    stores_a_record_as_it_is,
    refuses_to_insert_an_id_that_exists,
    updates_only_the_revision_that_was_read,
    adds_up_to_the_limit_and_no_further,
    gives_back_and_reports_what_has_drifted,
    stores_all_of_a_plan_or_nothing,
    hands_the_host_the_records,
    stores_nothing_when_the_host_raises,
    tells_that_a_record_no_longer_holds_before_the_hosts_own_rows_collide,
    lets_the_host_write_before_the_counters,
    raises_on_an_operation_it_does_not_know,
    finds_lapsed_holds_oldest_first,
    finds_some_of_the_lapsed_holds_on_a_counter_at_random,
    reads_many_counters,
]
"""The checks of every store. Each is a function that takes a `Subject`."""
