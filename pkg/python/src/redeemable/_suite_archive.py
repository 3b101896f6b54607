"""What `redeemable.store_suite` checks of a store with an archive, that finds persons."""

from typing import Any

from ._audit import audited
from ._steps import Document
from ._suite import AT, AWKWARD, Subject, add, confirmed, held, insert, update, usage

ANN, BEN = "email:ann@example.org", "email:ben@example.org"


def archive(id: str, revision: int) -> Document:
    return {"op": "archive", "id": id, "revision": revision}


def restore(id: str) -> Document:
    return {"op": "restore", "id": id}


def opened(key: str, by: int) -> Document:
    return {"op": "open", "key": key, "by": by}


def erase(id: str, person: str, erased: str | None) -> Document:
    return {"op": "erase", "id": id, "person": person, "erased": erased}


def paid(id: str, keys: list[str], revision: int = 1, **fields: Any) -> Document:
    """A record that is not held, and charges each of these counters 1."""
    return {**confirmed(id, revision), "charges": held(id, keys=keys)["charges"], **fields}


def differ(subject: Subject) -> list[tuple[str, int, int]]:
    found = audited(subject.store, "differences")(after="", limit=10)
    return [(each["key"], each["used"], each["must"]) for each in found]


def archives_a_record_and_restores_it(subject: Subject) -> None:
    record = paid(AWKWARD, ["a", AWKWARD])
    assert subject.store.commit([insert(record), add("a", 1), add(AWKWARD, 1)]) is True
    assert subject.store.commit([archive(AWKWARD, 1), opened("a", 1), opened(AWKWARD, 1)]) is True
    assert subject.store.read(["a"], AWKWARD) == usage({"a": 1}, record, archived=True)
    assert (differ(subject), audited(subject.store, "old")(after="", before_ms=None, event_id=None, limit=9)) == (
        [],
        [],
    )
    assert subject.store.commit([update({**record, "revision": 2}, 1)]) is False, "only a live record is updated"
    assert subject.store.commit([add("a", 1, 1)]) is False, "the limit still knows of it"
    assert subject.store.commit([restore(AWKWARD), opened("a", -1), opened(AWKWARD, -1)]) is True
    assert subject.store.read(["a"], AWKWARD) == usage({"a": 1}, record)
    assert differ(subject) == []
    assert subject.store.commit([update({**record, "revision": 2}, 1)]) is True


def archives_only_what_is_there_and_not_held(subject: Subject) -> None:
    assert subject.store.commit([insert(held("held")), insert(paid("paid", [])), insert(paid("other", []))]) is True
    for ops in ([archive("held", 1)], [archive("paid", 2)], [archive("none", 1)], [restore("paid")], [restore("none")]):
        assert subject.store.commit([archive("other", 1), *ops, opened("a", 1)]) is False
        assert subject.store.read(["a"], "other") == usage({}, paid("other", []))
    assert subject.store.read([], "held")["existing"] == held("held")
    assert subject.store.commit([archive("paid", 1), opened("a", 2)]) is True
    assert subject.store.commit([archive("paid", 1)]) is False, "it is archived already"
    assert subject.store.commit([restore("paid"), opened("a", -2)]) is True
    assert subject.store.commit([restore("paid")]) is False, "it is back already"


def lets_a_record_leave(subject: Subject) -> None:
    record = paid("order", ["a"])
    assert subject.store.commit([insert(record), add("a", 1)]) is True
    assert subject.store.commit([{"op": "drop", "id": "order"}]) is False, "it is not in the archive"
    gone = [archive("order", 1), {"op": "drop", "id": "order"}, erase("order", ANN, None), opened("a", 1)]
    assert subject.store.commit(gone) is True
    assert subject.store.read(["a"], "order") == usage({"a": 1})
    assert (audited(subject.store, "person")(ANN), differ(subject)) == ([], [])
    assert subject.store.commit([insert(record), opened("a", -1)]) is True
    assert (audited(subject.store, "person")(ANN), differ(subject)) == ([{"redemption": record, "archived": False}], [])


def forgets_a_counter_of_which_nothing_is_held(subject: Subject) -> None:
    def used() -> Any:
        return subject.store.read(["used", "archived", "empty", "never"], None)["counters"]

    forget: list[Document] = [{"op": "forget", "key": key} for key in ("used", "archived", "empty", "never", "none")]
    assert subject.store.commit([add("used", 1), opened("archived", 1), add("empty", 2), add("never", 1)]) is True
    assert subject.store.commit([add("empty", -2), opened("empty", 1), add("never", -1)]) is True
    assert subject.store.commit([opened("empty", -1), *forget]) is True
    assert used() == {"used": 1, "archived": 0}


def finds_the_records_of_a_person(subject: Subject) -> None:
    def named(person: str) -> list[tuple[str, bool]]:
        return sorted((one["redemption"]["id"], one["archived"]) for one in audited(subject.store, "person")(person))

    both = held("both", keys=["a"])
    both["identities"] = [ANN, AWKWARD]
    assert named(ANN) == []
    assert subject.store.commit([insert(both), insert(paid("paid", [])), insert(paid("old", []))]) is True
    assert subject.store.commit([archive("old", 1)]) is True
    assert (named(ANN), named(AWKWARD), named(BEN)) == (
        [("both", False), ("old", True), ("paid", False)],
        [("both", False)],
        [],
    )
    found = {one["redemption"]["id"]: one["redemption"] for one in audited(subject.store, "person")(ANN)}
    assert (found["both"], found["paid"], found["old"]) == (both, paid("paid", []), paid("old", []))
    # A hold that is placed again may name others.
    again = {**both, "revision": 2, "identities": [BEN]}
    assert subject.store.commit([update(again, 1)]) is True
    assert named(BEN) == [("both", False)]
    assert (named(ANN), named(AWKWARD)) == ([("old", True), ("paid", False)], [])
    # So may an order that is free, and confirmed at once.
    free = paid("both", [], revision=3, identities=[AWKWARD], tickets=[{**again["tickets"][0], "price": 0}])
    assert subject.store.commit([update(free, 2)]) is True
    assert (named(AWKWARD), named(BEN)) == ([("both", False)], [])
    # The record is found by the name in place of the person's, and by the person's no more.
    nameless = paid("paid", [], revision=2, identities=["email:erased"])
    assert subject.store.commit([update(nameless, 1), erase("paid", ANN, "email:erased")]) is True
    assert (named(ANN), named("email:erased")) == ([("old", True)], [("paid", False)])
    assert subject.store.commit([restore("old")]) is True
    assert named(ANN) == [("old", False)]
    assert subject.store.commit([erase("old", ANN, None)]) is True
    assert named(ANN) == []


def finds_a_hold_that_is_placed_again_by_what_it_charges_now(subject: Subject) -> None:
    def found(*keys: str) -> int:
        return len(subject.store.find(lapsed_by_ms=2**53 - 1, keys=list(keys) or None, limit=9)["holds"])

    def sought() -> list[int]:
        return [found("a"), found("b"), found("c"), found()]

    assert subject.store.commit([insert(held("held", keys=["a", "b"]))]) is True
    assert sought() == [1, 1, 0, 1]
    assert subject.store.commit([update(held("held", revision=2, keys=["b", "c"], expires_at_ms=7), 1)]) is True
    assert sought() == [0, 1, 1, 1]
    assert subject.store.commit([update(paid("held", ["b", "c"], revision=3), 2)]) is True
    assert sought() == [0, 0, 0, 0]


def finds_old_records(subject: Subject) -> None:
    def old(after: str = "", before_ms: int | None = None, event_id: str | None = None, limit: int = 9) -> list[str]:
        found = audited(subject.store, "old")(after=after, before_ms=before_ms, event_id=event_id, limit=limit)
        assert all(each == records[each["id"]] for each in found)
        return [each["id"] for each in found]

    records = {
        "b": paid("b", [], created_at_ms=AT + 1),
        "c": paid("c", [], created_at_ms=AT + 2, event_id="gala"),
        "a": paid("a", [], created_at_ms=AT + 3, state="released"),
        "held": held("held"),
        "archived": paid("archived", [], created_at_ms=AT),
    }
    assert subject.store.commit([insert(record) for record in records.values()]) is True
    assert subject.store.commit([archive("archived", 1)]) is True
    assert old() == ["a", "b", "c"]
    assert (old("a"), old(limit=2), old("c")) == (["b", "c"], ["a", "b"], [])
    assert (old(before_ms=AT + 2), old(before_ms=AT + 3), old(before_ms=AT)) == (["b"], ["b", "c"], [])
    assert (old(event_id="gala"), old(event_id=AWKWARD), old(event_id="GALA")) == (["c"], ["a", "b"], [])
    assert (old(event_id="gala", before_ms=AT + 2), old(event_id="gala", before_ms=AT + 3)) == ([], ["c"])


def finds_holds_by_what_they_hold_now(subject: Subject) -> None:
    def found(key: str, lapsed_by_ms: int = AT) -> list[str]:
        look = subject.store.find(lapsed_by_ms=lapsed_by_ms, keys=[key], limit=10)
        return [record["id"] for record in look["holds"]]

    record = held("order", keys=["a", "b"])
    record["charges"][0]["held"] = 0
    assert subject.store.commit([insert(record)]) is True
    assert (found("a"), found("b")) == ([], ["order"])
    later = held("order", revision=2, expires_at_ms=AT + 9, keys=["a", "c"])
    assert subject.store.commit([update(later, 1)]) is True
    assert (found("a"), found("b"), found("c")) == ([], [], [])
    assert (found("a", AT + 9), found("b", AT + 9), found("c", AT + 9)) == (["order"], [], ["order"])
    assert subject.store.find(lapsed_by_ms=AT + 9, keys=None, limit=10)["holds"] == [later]
    assert subject.store.commit([update(paid("order", ["a"], revision=3), 2)]) is True
    assert found("a", AT + 9) == []
    assert subject.store.commit([update(held("order", revision=4, keys=["c"]), 3)]) is True
    assert (found("a"), found("c")) == ([], ["order"])


ARCHIVE_CHECKS = [
    archives_a_record_and_restores_it,
    archives_only_what_is_there_and_not_held,
    lets_a_record_leave,
    forgets_a_counter_of_which_nothing_is_held,
    finds_the_records_of_a_person,
    finds_a_hold_that_is_placed_again_by_what_it_charges_now,
    finds_old_records,
    finds_holds_by_what_they_hold_now,
]
"""The checks of a store that has `person` and `old`, and whose `commit` archives, restores and erases."""
