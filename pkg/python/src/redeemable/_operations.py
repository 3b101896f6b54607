"""Executes the operations of a plan, one statement each. On PostgreSQL, a function in the database does this work."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from . import _parts
from ._conflicts import DUPLICATE, Conflict, is_mysql
from ._statements import Database
from ._steps import Document, Queries

ON_COUNTERS = ("add", "open", "correct", "forget")
"""The operations that come after the host's own writes, because they lock counters."""


def execute(database: Database, ops: Sequence[Document]) -> Queries[list[str]]:
    """Executes the operations in their order, and returns the keys of the counters that have drifted."""
    drifted: list[str] = []
    prefix = ""
    for op in ops:
        if op["op"] == "wait":
            # On SQLite, the host's busy time-out says how long.
            prefix = "own_" if database == "mysql" else ""
            continue
        queries = _on_counter(database, op, drifted) if op["op"] in ON_COUNTERS else _on_record(database, op)
        try:
            done = yield from _prefixed(queries, prefix)
        except Exception as error:
            if is_mysql(error, DUPLICATE):
                raise Conflict from error
            raise
        if not done:
            raise Conflict
    return drifted


def _prefixed(queries: Queries[Any], prefix: str) -> Queries[Any]:
    """The same queries, with other names."""
    try:
        name, values = next(queries)
        while True:
            try:
                answer = yield prefix + name, values
            except Exception as error:
                name, values = queries.throw(error)
            else:
                name, values = queries.send(answer)
    except StopIteration as end:
        return end.value


def _on_record(database: Database, op: Document) -> Queries[Any]:
    match op["op"]:
        case "insert":
            done = yield "insert", _row(op["redemption"])
            if done:
                yield from _hold(database, op["redemption"])
                yield from _name(database, op["redemption"]["id"], op["redemption"].get("identities", []))
            return done
        case "update":
            was = yield from _replaced(database, op["redemption"])
            if database == "sqlite":
                # No index has the id alone.
                for key in ("", *(charge["key"] for charge in was.get("charges", []))):
                    yield "unhold", {"id": op["id"], "key": key}
            done = yield "update", {**_row(op["redemption"]), "id": op["id"], "was": op["revision"]}
            if done:
                if database == "mysql":
                    yield "unhold", {"id": op["id"]}
                before, now = was.get("identities", []), op["redemption"].get("identities", [])
                for person in before:
                    if person not in now:
                        yield "erase", {"id": op["id"], **_person(database, person)}
                yield from _hold(database, op["redemption"])
                yield from _name(database, op["id"], [person for person in now if person not in before])
            return done
        case "archive":
            record = {"id": op["id"], "revision": op["revision"]}
            return (yield "archive", record) and (yield "drop", record)
        case "restore":
            return (yield "restore", {"id": op["id"]}) and (yield "drop_archived", {"id": op["id"]})
        case "drop":
            return (yield "drop_archived", {"id": op["id"]})
        case "erase":
            yield "erase", {"id": op["id"], **_person(database, op["person"])}
            yield from _name(database, op["id"], [] if op["erased"] is None else [op["erased"]])
            return True
        case unknown:
            raise ValueError(f"unknown operation {unknown}")


def _hold(database: Database, record: Document) -> Queries[None]:
    """Writes the rows by which a hold is found."""
    if record["state"] == "held":
        keys = ["", *(charge["key"] for charge in record.get("charges", []) if _is_sought(charge))]
        held = {"id": record["id"], "expires_at_ms": record["expires_at_ms"]}
        for named in _named(database, "key", keys):
            yield "hold", {**held, **named}


def _replaced(database: Database, record: Document) -> Queries[Document]:
    """The record that this one replaces, if the order may be placed anew: then it charged and named others before.

    For every other update it is the new record itself.
    """
    if not _is_placed(record):
        return record
    if database == "sqlite":
        rows = yield "read_record", {"id": record["id"]}
        found = [document for (document,) in rows]
    else:
        rows = yield "read", {"hashes": "[]", "id": record["id"]}
        found = [document for key, document, _ in rows if key is None]
    return json.loads(found[0]) if found else record


def _is_placed(record: Document) -> bool:
    """Whether an update may have placed the order anew, perhaps in other names: it is held, or confirmed at once.

    An order is confirmed at once if it is free, or exchanged. No other update changes whom a record names, but that of
    `erase`, which has an operation for it.
    """
    is_free = all(ticket["price"] == 0 for ticket in record.get("tickets", []))
    at_once = is_free or record.get("exchanged") is not None
    return record["state"] == "held" or (record["state"] == "confirmed" and at_once)


def _person(database: Database, person: str) -> dict[str, str]:
    return {"hash": hash_of(person)} if database == "mysql" else {"person": person}


def _name(database: Database, id: str, persons: Sequence[str]) -> Queries[None]:
    for named in _named(database, "person", persons):
        yield "name", {"id": id, **named}


def _named(database: Database, name: str, texts: Sequence[str]) -> list[dict[str, str]]:
    """The values of the statements for these texts: on MariaDB and MySQL, all of them, by their hashes, are one."""
    if database == "mysql":
        return [{"hashes": to_json([hash_of(text) for text in texts])}] if texts else []
    return [{name: text} for text in texts]


def _on_counter(database: Database, op: Document, drifted: list[str]) -> Queries[Any]:
    key = op["key"]
    match op["op"]:
        case "add" if database == "mysql":
            return (yield from _parts.add(op, drifted))
        case "add" if op["by"] > 0:
            return (yield "charge", {"key": key, "by": op["by"], "at_most": op["at_most"]})
        case "add":
            ((drifts,),) = yield "drifts", {"key": key, "by": op["by"]}
            if int(drifts):
                drifted.append(key)
            yield "give_back", {"key": key, "by": op["by"]}
        case "open":
            yield "open", {"key": key, "by": op["by"]}
        case "correct":
            correction = {"key": key, "by": op["by"], "corrected": op["corrected"]}
            done = (yield "correct", correction) or (database == "mysql" and (yield "first_correct", correction))
            return done and (database != "mysql" or (yield from _parts.correct(op)))
        case "forget":
            if database == "mysql":
                yield from _parts.join(key)
            yield "forget", {"key": key}
    return True


def _row(redemption: Document) -> dict[str, Any]:
    columns = {name: redemption[name] for name in ("id", "revision", "state", "event_id")}
    return {**columns, "expires_at_ms": redemption.get("expires_at_ms"), "document": to_json(redemption)}


def _is_sought(charge: Document) -> bool:
    """Whether a hold is found by this counter: not by the money of a code without a budget, which refuses nobody."""
    return held_of(charge) > 0 and (charge.get("limit") is not None or "/spend/" not in charge["key"])


def held_of(charge: Document) -> int:
    """What is still held of the charge's amount."""
    held: int = charge.get("held", charge["amount"])
    return held


def hash_of(text: str) -> str:
    """The name of a key or of a person on MariaDB and MySQL."""
    return sha256(text.encode()).hexdigest()


def to_json(value: Any) -> str:
    """The value as the statements take it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
