"""The plans that the kit makes by itself: they move records into the archive and back, and erase a person."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import quote

from ._operations import held_of
from ._steps import Document


def archiving(redemptions: Sequence[Document], leave: bool) -> list[Document]:
    """Moves the records into the archive. If they `leave`, only what they hold of their counters stays."""
    ops: list[Document] = []
    for record in redemptions:
        ops.append({"op": "archive", "id": record["id"], "revision": record["revision"]})
        if leave:
            ops.append({"op": "drop", "id": record["id"]})
            ops += [_unnamed(record, person) for person in record.get("identities", [])]
    return ops + _opening(redemptions, 1)


def restoring(redemptions: Sequence[Document]) -> list[Document]:
    """Moves the records back from the archive."""
    return [{"op": "restore", "id": record["id"]} for record in redemptions] + _opening(redemptions, -1)


def returning(redemption: Document) -> list[Document]:
    """Stores a record that has left."""
    return [{"op": "insert", "redemption": redemption}, *_opening([redemption], -1)]


def erasing(redemption: Document, is_archived: bool, person: str, erased: str) -> list[Document]:
    """Writes `erased` in place of the `person`, in the record and in the keys of its counters."""
    end, new_end = f"/{_in_key(person)}", f"/{_in_key(erased)}"

    def renamed(key: str) -> str:
        return key.removesuffix(end) + new_end if key.endswith(end) else key

    after = {
        **redemption,
        "revision": redemption["revision"] + 1,
        "identities": [erased if each == person else each for each in redemption.get("identities", [])],
        "charges": [{**charge, "key": renamed(charge["key"])} for charge in redemption.get("charges", [])],
    }
    held = _held([redemption], lambda key: key.endswith(end))
    adds = {key: -by for key, by in held.items()} | {renamed(key): by for key, by in held.items()}
    update = {"op": "update", "id": redemption["id"], "revision": redemption["revision"], "redemption": after}
    return [
        *([{"op": "restore", "id": redemption["id"]}] if is_archived else []),
        update,
        {**_unnamed(redemption, person), "erased": erased},
        *({"op": "add", "key": key, "by": adds[key], "at_most": None} for key in _in_order(adds) if adds[key] != 0),
        *(_opening([redemption], -1) if is_archived else []),
        *({"op": "forget", "key": key} for key in _in_order(held)),
    ]


def unnaming(redemption: Document, person: str) -> list[Document]:
    """Forgets that the record, which has other identities now, once had this one."""
    return [_unnamed(redemption, person)]


def _unnamed(redemption: Document, person: str) -> Document:
    return {"op": "erase", "id": redemption["id"], "person": person, "erased": None}


def _opening(redemptions: Iterable[Document], sign: int) -> list[Document]:
    held = _held(redemptions)
    return [{"op": "open", "key": key, "by": sign * held[key]} for key in _in_order(held) if held[key] != 0]


def _held(redemptions: Iterable[Document], counts: Callable[[str], bool] = lambda key: True) -> dict[str, int]:
    """What the records hold of each counter."""
    held: dict[str, int] = {}
    for charge in (charge for record in redemptions for charge in record.get("charges", [])):
        if counts(charge["key"]):
            held[charge["key"]] = held.get(charge["key"], 0) + held_of(charge)
    return held


def _in_order(counters: Mapping[str, int]) -> list[str]:
    """The keys as the engine orders them in each plan, so that two plans never wait for each other in a circle."""
    return sorted(counters, key=lambda key: (_breadth(key), key))


def _breadth(key: str) -> int:
    """0 for a counter of persons, 1 for one of a period, 2 for one of a code, 3 for one of a pool."""
    words = key.split("/")
    if words[-2:-1] in (["by"], ["free"], ["tickets"]):
        return 0
    if len(words) == 5 and words[2] in ("day", "week", "month"):
        return 1
    return 3 if words[0] == "pool" else 2


def _in_key(person: str) -> str:
    """The person as the keys of counters end in it."""
    kind, _, value = person.partition(":")
    # `quote` leaves `~` as it is; the engine does not.
    return f"{kind}:{quote(value, safe='@+').replace('~', '%7E')}"
