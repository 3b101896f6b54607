"""What `redeemable.store_suite` checks of a store with `scan`, `recount` and `prune`."""

from collections.abc import Iterable
from typing import Any

from ._audit import audited
from ._steps import Document
from ._suite import AWKWARD, LARGEST, Subject, add, confirmed, held, insert


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


DAY, WEEK = "code/id:a%2Fb/day/2026-11-29/uses", "code/event:gala:A/week/2026-W48/by/email:ann@example.org"


def prunes_the_counters_of_periods_that_are_over(subject: Subject) -> None:
    months = [f"code/id:x/month/{number:04}-01/uses" for number in range(1000, 2203)]
    others = ["code/id:day/uses", "code/id:x/by/day:x", "pool/day/uses", AWKWARD, "day/week/month/day/x"]
    counters = [DAY, WEEK, *months, *others]
    assert subject.store.commit([add(key, 1) for key in counters]) is True
    asked: list[str] = []

    def is_over(key: str) -> bool:
        asked.append(key)
        return key != WEEK

    assert audited(subject.store, "prune")(is_over) == len(months) + 1
    assert sorted(asked) == sorted([DAY, WEEK, *months]), "only keys of periods, each once"
    assert subject.store.read(counters, None)["counters"] == dict.fromkeys([WEEK, *others], 1)
    assert audited(subject.store, "prune")(lambda _: False) == 0


def gives_back_to_a_counter_that_was_pruned(subject: Subject) -> None:
    assert subject.store.commit([add(DAY, 2), add(WEEK, 1)]) is True
    assert audited(subject.store, "prune")(lambda key: key == DAY) == 1
    assert subject.store.commit([add(WEEK, -1), add(DAY, -2)]) is True
    assert subject.drifted == [], "a period's counter that is not there has not drifted"
    assert subject.store.read([DAY, WEEK], None)["counters"] == {WEEK: 0}
    assert subject.store.commit([add(WEEK, -1), add("code/id:x/uses", -1)]) is True
    assert subject.drifted == [WEEK, "code/id:x/uses"], "one that is there, and one of no period, have"


AUDIT_CHECKS = [
    shows_every_redemption_and_then_every_counter,
    shows_nothing_of_empty_tables,
    recounts_from_the_redemptions_that_charge_the_counter,
    leaves_all_as_it_was_when_a_visit_or_a_count_raises,
    prunes_the_counters_of_periods_that_are_over,
    gives_back_to_a_counter_that_was_pruned,
]
"""The checks of a store that has `scan`, `recount` and `prune`."""
