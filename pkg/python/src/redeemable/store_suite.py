"""What every store must do, as functions that fail with an AssertionError.

For a store of your own, with any test runner:

    @pytest.mark.parametrize("check", store_suite.CHECKS)
    def test_store(check):
        check(store_suite.Subject(store, note, notes, drifted))

each time on empty tables; and `AUDIT_CHECKS` if it has `scan` and `recount`. An asynchronous store is passed as
`Blocking(store, loop.run_until_complete)`. They make no two calls at once: that no limit is exceeded then is yours to
test, with several processes.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple

from ._audit import audited
from ._calls import awaited
from ._steps import Document
from .aio import AsyncStore
from .host import Store, Write
from .types import Redemption

__all__ = ["AUDIT_CHECKS", "CHECKS", "Blocking", "Subject"]

# Whatever a driver, a template or JSON could take for its own.
AWKWARD = """<VIP> & "Ünï" 'quoted' \\ back\\u0041slash :name %s %(x)s $1 ? {0} ; -- 😀 \u2028"""
LARGEST = 9_007_199_254_740_991
AT = 1_800_000_000_000


class Subject(NamedTuple):
    """A store on empty tables, with what a check needs beside it."""

    store: Store[Any]
    """The one that is tested."""
    note: Callable[[Any, str], object]
    """Writes a row of the host's in the transaction that it gets; may be a coroutine function if the store awaits."""
    notes: Callable[[], list[str]]
    """Those rows that are stored."""
    drifted: list[str]
    """What the store's `on_drift` was told."""

    def writer(self, text: str) -> Write[Any]:
        """A `write` that writes one row of the host's."""
        return lambda transaction, _: self.note(transaction, text)


class Blocking:
    """An asynchronous store as a synchronous one."""

    def __init__(self, store: AsyncStore[Any], run: Callable[[Any], Any]) -> None:
        self.store = store
        self.run = run

    def read(self, keys: Sequence[str], id: str | None) -> Any:
        return self.run(self.store.read(keys, id))

    def commit(self, ops: Sequence[Document], write: Callable[[Any, list[Redemption]], object] | None = None) -> Any:
        return self.run(self.store.commit(ops, write and awaited(write)))

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Any:
        return self.run(self.store.find(lapsed_by_ms=lapsed_by_ms, keys=keys, limit=limit))

    def scan(self, visit: Callable[[Document], object]) -> None:
        self.run(audited(self.store, "scan")(visit))

    def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> Any:
        return self.run(audited(self.store, "recount")(key, count))


def held(id: str, *, revision: int = 1, expires_at_ms: int = AT, keys: Sequence[str] = ()) -> Document:
    """A record of one unpaid ticket that charges each of these counters 1."""
    return {
        "schema": 2,
        "id": id,
        "revision": revision,
        "state": "held",
        "event_id": AWKWARD,
        "currency": "EUR",
        "codes": ["CODE"],
        "identities": ["email:ann@example.org"],
        "tickets": [
            {
                "line": 0,
                "ticket_type": AWKWARD,
                "unit_price": LARGEST,
                "price": LARGEST,
                "codes": ["CODE"],
                "released": None,
            }
        ],
        "applied": [],
        "charges": [
            {"key": key, "code": "CODE", "limit": None, "amount": 1, "tickets": [0], "each": 1, "back": []}
            for key in keys
        ],
        "created_at_ms": AT,
        "expires_at_ms": expires_at_ms,
        "confirmed_at_ms": None,
        "payments": [],
        "releases": [],
    }


def confirmed(id: str, revision: int) -> Document:
    return {**held(id, revision=revision), "state": "confirmed", "expires_at_ms": None, "confirmed_at_ms": AT}


def insert(record: Document) -> Document:
    return {"op": "insert", "redemption": record}


def update(record: Document, was: int) -> Document:
    return {"op": "update", "id": record["id"], "revision": was, "redemption": record}


def add(key: str, by: int, at_most: int | None = None) -> Document:
    return {"op": "add", "key": key, "by": by, "at_most": at_most}


def reads_nothing_from_empty_tables(subject: Subject) -> None:
    assert subject.store.read(["a", "b"], "order") == {"counters": {}, "existing": None}
    assert subject.store.read([], None) == {"counters": {}, "existing": None}
    assert subject.store.find(lapsed_by_ms=LARGEST, keys=None, limit=100) == {"holds": [], "counters": {}}


def stores_a_record_as_it_is(subject: Subject) -> None:
    record = held(AWKWARD, expires_at_ms=LARGEST, keys=[AWKWARD])
    assert subject.store.commit([insert(record), add(AWKWARD, 1)]) is True
    assert subject.store.read([AWKWARD, "other"], AWKWARD) == {"counters": {AWKWARD: 1}, "existing": record}
    assert subject.store.read([], AWKWARD) == {"counters": {}, "existing": record}
    assert subject.store.read([AWKWARD], None) == {"counters": {AWKWARD: 1}, "existing": None}
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
    assert subject.store.read(["other", "full"], "second") == {"counters": {"full": 1}, "existing": None}
    assert subject.store.read([], "first")["existing"] == held("first")
    assert subject.notes() == []
    plan[3] = add("full", 1, 2)
    assert subject.store.commit(plan, subject.writer("stored")) is True
    assert subject.store.read(["other", "full"], "second") == {
        "counters": {"other": 1, "full": 2},
        "existing": held("second"),
    }
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
    assert subject.store.read(["key"], "order") == {"counters": {}, "existing": None}
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
    assert subject.store.read(["key"], "order") == {"counters": {}, "existing": held("order")}
    assert subject.notes() == []


def lets_the_host_write_before_the_counters(subject: Subject) -> None:
    written: list[str] = []

    def write(transaction: Any, redemptions: list[Redemption]) -> object:
        written.append(redemptions[0]["id"])
        return subject.note(transaction, "rolled back")

    assert subject.store.commit([insert(held("order")), add("full", 2, 1)], write) is False
    assert written == ["order"]
    assert subject.store.read(["full"], "order") == {"counters": {}, "existing": None}
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
    # Buyers who look at once do not all meet at one hold. By chance, one in 8^59 runs says the same 60 times.
    assert len({found([b], 1)[0] for _ in range(60)}) > 1


def reads_many_counters(subject: Subject) -> None:
    keys = [f"key/{number}" for number in range(300)]
    assert subject.store.commit([add(key, number + 1) for number, key in enumerate(keys)]) is True
    assert subject.store.read([*keys, "none"], None)["counters"] == {key: number + 1 for number, key in enumerate(keys)}


def shows_every_redemption_and_then_every_counter(subject: Subject) -> None:
    records = [held(f"order {number:04}", keys=["key", AWKWARD]) for number in range(1203)] + [confirmed(AWKWARD, 7)]
    assert subject.store.commit([insert(record) for record in records]) is True
    assert subject.store.commit([add("key", 3), add(AWKWARD, LARGEST), add("none", 1), add("none", -1)]) is True
    batches: list[Document] = []
    audited(subject.store, "scan")(batches.append)
    assert max(len(batch["redemptions"]) for batch in batches) <= 500
    shown = [redemption for batch in batches for redemption in batch["redemptions"]]
    assert sorted(shown, key=lambda record: str(record["id"])) == sorted(records, key=lambda record: str(record["id"]))
    first = next(index for index, batch in enumerate(batches) if batch["counters"])
    assert not any(batch["redemptions"] for batch in batches[first + 1 :]), "a redemption after the counters"
    counters: dict[str, int] = {}
    for batch in batches:
        assert not counters.keys() & batch["counters"].keys(), "a counter shown twice"
        counters.update(batch["counters"])
    assert counters == {"key": 3, AWKWARD: LARGEST, "none": 0}


def shows_nothing_of_empty_tables(subject: Subject) -> None:
    batches: list[Document] = []
    audited(subject.store, "scan")(batches.append)
    assert not any(batch["redemptions"] or batch["counters"] for batch in batches)


def recounts_from_the_redemptions_that_charge_the_counter(subject: Subject) -> None:
    def recount(key: str, must: int) -> tuple[Any, list[str]]:
        counted: list[str] = []

        def count(redemptions: Iterable[Document]) -> int:
            counted[:] = sorted(redemption["id"] for redemption in redemptions)
            return must

        return audited(subject.store, "recount")(key, count), counted

    released = {**held("released", keys=["a"]), "state": "released", "expires_at_ms": None}
    other = held("other", keys=["a/b", "A", " a", AWKWARD])
    assert (
        subject.store.commit(
            [insert(held("held", keys=["b", "a"])), insert(released), insert(other), add("a", 9), add("b", 8)]
        )
        is True
    )
    assert recount("a", 2) == (9, ["held", "released"])
    assert subject.store.read(["a", "b"], None)["counters"] == {"a": 2, "b": 8}
    assert recount(AWKWARD, LARGEST) == (0, ["other"]), "a counter that is missing is 0"
    assert recount("nobody's", 0) == (0, [])
    assert subject.store.read([AWKWARD, "nobody's"], "held") == {
        "counters": {AWKWARD: LARGEST, "nobody's": 0},
        "existing": held("held", keys=["b", "a"]),
    }
    assert subject.store.commit([add("a", 1, 3)]) is True, "the guard counts from there"
    assert subject.store.commit([add("a", 1, 3)]) is False


def leaves_all_as_it_was_when_a_visit_or_a_count_raises(subject: Subject) -> None:
    class Wrong(Exception):
        pass

    def fail(*_: Any) -> int:
        raise Wrong

    assert subject.store.commit([insert(held("order", keys=["key"])), add("key", 5)]) is True
    for name, arguments in [("scan", (fail,)), ("recount", ("key", fail)), ("recount", ("new", fail))]:
        try:
            audited(subject.store, name)(*arguments)
        except Wrong:
            pass
        else:
            raise AssertionError("the exception was lost")
    assert subject.store.read(["key", "new"], None)["counters"] == {"key": 5}
    assert subject.store.commit([add("key", 1, 6)], subject.writer("stored")) is True, "the store is as good as before"


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
"""Of every store: each is a function of a `Subject`."""
AUDIT_CHECKS = [
    shows_every_redemption_and_then_every_counter,
    shows_nothing_of_empty_tables,
    recounts_from_the_redemptions_that_charge_the_counter,
    leaves_all_as_it_was_when_a_visit_or_a_count_raises,
]
"""Of a store with `scan` and `recount`."""
