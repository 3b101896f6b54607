"""What `redeemable.store_suite` checks of a store with `scan`, `differences` and `prune`."""

from typing import Any

from ._audit import audited
from ._steps import Document
from ._suite import AWKWARD, LARGEST, Subject, add, confirmed, held, insert
from ._suite_archive import ARCHIVE_CHECKS


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


def finds_the_counters_that_differ(subject: Subject) -> None:
    def differences(after: str = "", limit: int = 10) -> list[tuple[Any, ...]]:
        found = audited(subject.store, "differences")(after=after, limit=limit)
        return [(each["key"], each["used"], each["must"], each["corrected"]) for each in found]

    assert differences() == []
    # A record that holds 2 of 3 of `a`, and nothing any more of `b`.
    part = held("part", keys=["a", "b"])
    part["charges"][0].update(amount=3, held=2)
    part["charges"][1].update(held=0)
    records = [insert(part), insert(held("whole", keys=["a", "b", AWKWARD]))]
    assert subject.store.commit([*records, add("a", 3), add("b", 1), add(AWKWARD, 1)]) is True
    assert differences() == []
    assert subject.store.commit([insert(held("uncounted", keys=["a", "new"])), add("b", 4), add("none", 5)]) is True
    assert differences() == [("a", 3, 4, 0), ("b", 5, 1, 0), ("new", 0, 1, 0), ("none", 5, 0, 0)]
    assert differences("a", 2) == [("b", 5, 1, 0), ("new", 0, 1, 0)]
    assert differences("none") == []
    assert subject.store.commit([add("none", -6)]) is True
    assert differences("new") == [], "the counter is 0 now, as it must be"
    assert subject.store.commit([add("none", 7)]) is True
    assert differences("new") == [("none", 7, 0, 1)], "that more was given back than it held is counted"


def corrects_what_nobody_has_corrected_since(subject: Subject) -> None:
    def correct(key: str, by: int, corrected: int) -> Any:
        return subject.store.commit([{"op": "correct", "key": key, "by": by, "corrected": corrected}])

    def used() -> Any:
        return subject.store.read(["a", "new", "below"], None)["counters"]

    assert subject.store.commit([add("a", 9)]) is True
    assert correct("a", -2, 0) is True
    assert correct("a", -2, 0) is False
    assert used() == {"a": 7}
    assert correct("a", 3, 1) is True
    assert correct("a", -11, 2) is False, "it would be below 0"
    assert used() == {"a": 10}
    assert correct("new", 4, 1) is False, "a counter that is missing was never corrected"
    assert correct("below", -1, 0) is False
    assert used() == {"a": 10}
    assert correct("new", 4, 0) is True
    assert correct("new", 4, 0) is False
    assert used() == {"a": 10, "new": 4}
    # The record is undone with the correction that does not fit any more.
    late = {"op": "correct", "key": "new", "by": 1, "corrected": 0}
    assert subject.store.commit([insert(held("order")), late], subject.writer("rolled back")) is False
    assert subject.store.read([], "order")["existing"] is None
    assert subject.notes() == []
    # More is given back than it held, so what it differed by has changed.
    assert subject.store.commit([add("a", -12)]) is True
    assert correct("a", 1, 2) is False
    assert correct("a", 1, 3) is True
    assert used() == {"a": 1, "new": 4}


def leaves_all_as_it_was_when_a_visit_raises(subject: Subject) -> None:
    class Wrong(Exception):
        pass

    def fail(*_: Any) -> None:
        raise Wrong

    assert subject.store.commit([insert(held("order", keys=["key"])), add("key", 5)]) is True
    try:
        audited(subject.store, "scan")(fail)
    except Wrong:
        pass
    else:
        raise AssertionError("the exception was lost")
    assert subject.store.read(["key"], None)["counters"] == {"key": 5}
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
    *ARCHIVE_CHECKS,
    shows_every_redemption_and_then_every_counter,
    shows_nothing_of_empty_tables,
    finds_the_counters_that_differ,
    corrects_what_nobody_has_corrected_since,
    leaves_all_as_it_was_when_a_visit_raises,
    prunes_the_counters_of_periods_that_are_over,
    gives_back_to_a_counter_that_was_pruned,
]
"""The checks of a store that has `scan`, `differences`, `prune`, `person` and `old`."""
