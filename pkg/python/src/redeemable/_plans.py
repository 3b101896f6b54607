"""The plans that the kit makes by itself: they move records into the archive and back, and erase a person."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from ._operations import ON_COUNTERS, held_of
from ._steps import Document


def archiving(redemptions: Sequence[Document], leave: bool) -> list[Document]:
    """Moves the records into the archive. If they `leave`, only what they hold of their counters stays."""
    ops: list[Document] = []
    for record in redemptions:
        id = record["id"]
        ops.append({"op": "archive", "id": id, "revision": record["revision"]})
        if leave:
            ops.append({"op": "drop", "id": id})
            ops += [{"op": "erase", "id": id, "person": each, "erased": None} for each in record.get("identities", [])]
        ops += _opened(record, 1)
    return _in_order(ops)


def restored(redemption: Document, ops: Sequence[Document]) -> list[Document]:
    """The plan for a record in the archive: it comes back first."""
    return _in_order([{"op": "restore", "id": redemption["id"]}, *ops, *_opened(redemption, -1)])


def returning(redemption: Document) -> list[Document]:
    """Stores a record that has left the archive."""
    return _in_order([{"op": "insert", "redemption": redemption}, *_opened(redemption, -1)])


def erasing(redemption: Document, is_archived: bool, person: str, erased: str) -> list[Document]:
    """Writes `erased` in place of the `person`, in the record and in the keys of its counters.

    A record in the archive comes out of it, and goes back.
    """
    id, revision = redemption["id"], redemption["revision"]
    end, new_end = f"/{_in_key(person)}", f"/{_in_key(erased)}"
    after = {
        **redemption,
        "revision": revision + 1,
        "identities": [erased if each == person else each for each in redemption["identities"]],
    }
    ops: list[Document] = [
        *([{"op": "restore", "id": id}] if is_archived else []),
        {"op": "update", "id": id, "revision": revision, "redemption": after},
        {"op": "erase", "id": id, "person": person, "erased": erased},
        *([{"op": "archive", "id": id, "revision": revision + 1}] if is_archived else []),
    ]
    charges = []
    for charge in redemption.get("charges", []):
        key, held = charge["key"], held_of(charge)
        if key.endswith(end):
            charge = {**charge, "key": key.removesuffix(end) + new_end}
            for name, by in ((key, -held), (charge["key"], held)):
                if held > 0:
                    ops.append({"op": "add", "key": name, "by": by, "at_most": None})
                if held > 0 and is_archived:
                    ops.append({"op": "open", "key": name, "by": by})
            ops.append({"op": "forget", "key": key})
        charges.append(charge)
    if charges:
        after["charges"] = charges
    return _in_order(ops)


def forgetting(ops: Sequence[Document], was: Document) -> Sequence[Document]:
    """The plan, which also deletes the counters of persons that the record does not charge any more.

    An order may be placed anew in another name, and the first name shall not stay in a key that counts nothing.
    """
    for op in ops:
        if op["op"] == "update" and op["id"] == was["id"]:
            now = {charge["key"] for charge in op["redemption"].get("charges", [])}
            left = [key for key in (each["key"] for each in was.get("charges", [])) if key not in now]
            forgotten = [{"op": "forget", "key": key} for key in left if _breadth(key) == 0]
            return _in_order([*ops, *forgotten]) if forgotten else ops
    return ops


def _opened(redemption: Document, sign: int) -> list[Document]:
    """What the record holds of its counters, as operations `open`."""
    charges = [charge for charge in redemption.get("charges", []) if held_of(charge) > 0]
    return [{"op": "open", "key": charge["key"], "by": sign * held_of(charge)} for charge in charges]


def _in_order(ops: Iterable[Document]) -> list[Document]:
    """Records first, then counters as the engine orders them in each plan.

    So two plans never wait for each other in a circle. Operations that open one counter become one.
    """
    ops = list(ops)
    counts = [op for op in ops if op["op"] in ON_COUNTERS]
    ordered = [op for op in ops if op["op"] not in ON_COUNTERS]
    for op in sorted(counts, key=lambda op: (_breadth(op["key"]), op["key"])):
        last = ordered[-1]
        if op["op"] == last["op"] == "open" and op["key"] == last["key"]:
            ordered[-1] = {**op, "by": last["by"] + op["by"]}
        else:
            ordered.append(op)
    return ordered


def _breadth(key: str) -> int:
    """0 for a counter of persons, 1 for one of a period, 2 for one of a code, 3 for one of a pool."""
    kind, _, word, *rest = [*key.split("/"), "", ""]
    if kind == "event" or word == "by" or rest[1:2] == ["by"]:
        return 0
    if kind != "code":
        return 3
    return 1 if word in ("day", "week", "month") else 2


def _in_key(person: str) -> str:
    """The person as the keys of counters end in it: see src/base/key.rs."""
    kind, _, value = person.partition(":")
    # `quote` leaves `~` as it is; the engine does not.
    return f"{kind}:{quote(value, safe='@+').replace('~', '%7E')}"
