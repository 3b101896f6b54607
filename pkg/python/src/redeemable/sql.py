"""What the stores are made of. Use it to write a store for another driver; `redeemable.store_suite` then tests it.

`statements(database)` has every statement that a store sends, by name; `pyformat` and `numbered` write it as a driver
takes it. The functions below say which statements to send, with which values, and read the rows. Most are generators
of queries, each a name and its values, which `answered` executes:

    def run(name, values):
        cursor = connection.cursor()
        cursor.execute(sql.pyformat(sql.statements("postgres")[name]), values)
        return cursor.fetchall() if cursor.description else cursor.rowcount

    def read(self, keys, id):
        return sql.answered(sql.read("postgres", keys, id), run)

    def commit(self, ops, write=None):
        before, after = sql.around(write, ops)
        try:
            with transaction():
                if write is not None:
                    sql.answered(sql.records("postgres", before), run)
                    write(connection, sql.redemptions_of(ops))
                drifted = sql.answered(sql.counters("postgres", after, write is not None), run)
        except Exception as error:
            if sql.is_conflict(error):
                return False
            raise
        sql.tell(on_drift, drifted)
        return True

`run` returns the rows, or how many rows were changed if there are none. In an asynchronous store it is a coroutine
function, and `answered_async` takes the place of `answered`. On PostgreSQL every value is a string or None, so that no
driver guesses a type. The statements themselves check the limits: a limit holds even if others wrote after the read.

A store that can join a transaction of the host (`Joining` of `redeemable.host`) asks `has_failed` and `sees_newer` when
it has rolled back to its savepoint. On MariaDB and MySQL, `savepoint` names its savepoints.
"""

import json
import logging
import random
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ._conflicts import NO_SAVEPOINT, Conflict, driver_error, has_failed, is_conflict, is_mysql
from ._kit import redemptions_of
from ._operations import ON_COUNTERS, execute, hash_of, to_json
from ._parts import note_parts, split
from ._sql_aio import answered as answered_async
from ._sql_host import answered
from ._statements import LOCK_SECONDS, Database, numbered, one_by_one, pyformat, savepoint, statements, tables
from ._steps import Document, Queries
from .errors import InvalidRequest

__all__ = [
    "ENDED",
    "NO_TRANSACTION",
    "OPEN_TRANSACTION",
    "Conflict",
    "Database",
    "OnDrift",
    "Queries",
    "answered",
    "answered_async",
    "around",
    "check_text",
    "counters",
    "differences",
    "drifted",
    "driver_error",
    "find",
    "has_failed",
    "is_conflict",
    "numbered",
    "old",
    "one_by_one",
    "person",
    "prune",
    "pyformat",
    "read",
    "records",
    "redemptions_of",
    "savepoint",
    "scan",
    "sees_newer",
    "split",
    "statements",
    "tables",
    "tell",
    "to_json",
    "warn",
]

OnDrift = Callable[[str], object]
"""Is called after the commit with the key of each counter that held less than was given back, and is 0 now."""

ENDED = (
    "write ended the transaction: it must neither commit nor roll back; its records may be stored, "
    "and its counters are not"
)
"""The error of a store whose `write` has ended the transaction."""

OPEN_TRANSACTION = (
    "the connection has a transaction open: commit it or roll it back first, or pass it to the call as transaction="
)
"""The error of a store over a connection in a transaction of the host's."""
NO_TRANSACTION = "transaction: expected one that the host has begun, and will end itself; found none open"
"""The error of a store that is to join a transaction that does not exist."""


def read(database: Database, keys: Sequence[str], id: str | None) -> Queries[Document]:
    """What a store's `read` answers, from one statement, which sees one moment."""
    if database == "mysql":
        rows = yield "read", {"hashes": _hashes(keys), "id": id}
        # One row for each counter; the key of the record is NULL, or '' if it is in the archive.
        seen = [tuple(row) for row in rows]
        note_parts(seen)
        found = {key: json.loads(value) for key, value, _ in seen if not key}
        counters = {key: int(value) for key, value, _ in seen if key}
        return _usage(counters, found.get(None), found.get(""))
    if database == "postgres" and id is not None and "\0" in id:
        # PostgreSQL stores no U+0000, and asking for it would be an error.
        id = None
    ((counted, existing, archived),) = yield "read", {"keys": _names(database, keys), "id": id}
    return _usage(*(json.loads(text or "null") for text in (counted, existing, archived)))


def _usage(counters: Document, existing: Document, archived: Document) -> Document:
    is_archived = existing is None and archived is not None
    return {"counters": counters or {}, "existing": archived if is_archived else existing, "archived": is_archived}


def find(database: Database, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Queries[Document]:
    """What a store's `find` answers, from one statement.

    On MariaDB and MySQL, there is a statement for each key: the store runs them in a transaction that sees one moment.
    """
    values: dict[str, Any] = {"lapsed_by_ms": lapsed_by_ms, "limit": limit}
    if database == "postgres":
        values = {name: str(value) for name, value in values.items()}
    if keys is None:
        return _found((yield "lapsed", values))
    if database != "mysql":
        return _found((yield "find", {**values, "keys": _names(database, keys)}))
    # LIMIT takes no expression, so the number of oldest holds among which some are drawn is a value of its own.
    values["among"] = max(limit, 100)
    counters: dict[str, int] = {}
    holds: dict[str, Document] = {}
    for key in keys:
        rows = [tuple(row) for row in (yield "find", {**values, "hash": hash_of(key)})]
        note_parts(rows)
        found = _found(row[:2] for row in rows)
        counters.update(found["counters"])
        holds.update((hold["id"], hold) for hold in found["holds"])
    if len(keys) > 1:
        # A transaction of the host's may see others' changes at each statement. If the counters were older than the
        # holds, a buyer could be refused a use that was given back in between.
        counters = (yield from read(database, keys, None))["counters"]
    return {"holds": random.sample(list(holds.values()), min(limit, len(holds))), "counters": counters}


def differences(database: Database, after: str, limit: int) -> Queries[list[Document]]:
    """What a store's `differences` answers, from one statement."""
    rows = yield "differences", {"after": after, "limit": str(limit) if database == "postgres" else limit}
    names = ("used", "must", "corrected")
    return [{"key": row[0], **dict(zip(names, map(int, row[1:]), strict=True))} for row in rows]


def person(database: Database, identity: str) -> Queries[list[Document]]:
    """What a store's `person` answers."""
    if database == "postgres" and "\0" in identity:
        return []
    rows = yield "person", {"hash": hash_of(identity)} if database == "mysql" else {"person": identity}
    found = [{"redemption": json.loads(document), "archived": bool(int(archived))} for document, archived in rows]
    # Some databases find a person by a part of a hash, and a hold may have named others before.
    return [each for each in found if identity in each["redemption"].get("identities", [])]


def old(
    database: Database, after: str, before_ms: int | None, event_id: str | None, limit: int
) -> Queries[list[Document]]:
    """What a store's `old` answers."""
    values: dict[str, Any] = {"after": after, "before_ms": before_ms, "event_id": event_id, "limit": limit}
    if database == "postgres":
        values = {name: value if value is None else str(value) for name, value in values.items()}
    return [json.loads(document) for (document,) in (yield "old", values)]


def around(write: object, ops: Sequence[Document], *, own: bool = True) -> tuple[list[Document], list[Document]]:
    """Splits the plan: its records come before the host's own writes, and its counters after them.

    In a transaction of the store's `own`, no statement waits longer than two seconds for a lock: else whoever holds a
    counter in a console would hold all its buyers. In the host's transaction only the host's settings count.

    Because records come first, the second of two requests for one order fails at the record, before the host's rows
    could collide. Because counters come last, a popular counter is locked as briefly as possible. If the host writes
    nothing, all operations come after.
    """
    first: list[Document] = [{"op": "wait", "ms": LOCK_SECONDS * 1000}] if own else []
    if write is None:
        return [], [*first, *ops]
    counters = [op for op in ops if op["op"] in ON_COUNTERS or op["op"] == "wait"]
    return [*first, *(op for op in ops if op["op"] not in ON_COUNTERS)], [*first, *counters]


def records(database: Database, ops: Sequence[Document]) -> Queries[None]:
    """Stores the records of a plan, before `write`, and sets a mark, which is gone if `write` ends the transaction."""
    if database == "postgres":
        check_text(ops)
        yield "commit_records", {"ops": to_json(ops)}
    else:
        yield from execute(database, ops)
        yield "mark", {}


def counters(database: Database, ops: Sequence[Document], has_written: bool) -> Queries[list[str]]:
    """Stores the counters of a plan, or all of the plan if the host writes nothing. Returns the keys that have drifted.

    It raises if `write` has ended the transaction: the counters would be stored in another one than the records.
    """
    if database == "postgres":
        check_text(ops)
        ((answer,),) = yield "commit_counters" if has_written else "commit", {"ops": to_json(ops)}
        return drifted(answer)
    if has_written:
        try:
            yield "unmark", {}
        except Exception as error:
            # MariaDB names the missing savepoint by a number; on SQLite nothing else can fail here.
            if database == "mysql" and not is_mysql(error, NO_SAVEPOINT):
                raise
            raise RuntimeError(ENDED) from error
    return (yield from execute(database, ops))


def scan(visit: Callable[[Document], object]) -> Queries[None]:
    """Passes every redemption, then every counter, to `visit`, in a transaction that sees one moment."""
    after = ""
    while True:
        rows = yield "page", {"after": after}
        if not rows:
            break
        visit({"redemptions": [json.loads(document) for _, document in rows], "counters": {}})
        after = rows[-1][0]
    counters: dict[str, int] = {}
    for row in (yield "counters", {}):
        # One row with all counters as JSON or, on MariaDB and MySQL, a row for each.
        counters.update({row[0]: int(row[1])} if len(row) == 2 else json.loads(row[0] or "{}"))
    visit({"redemptions": [], "counters": counters})


def prune(database: Database, is_over: Callable[[str], bool]) -> Queries[int]:
    """Deletes the counters of days, weeks and months for whose key `is_over` is true, and returns how many."""
    after, pruned = "", 0
    while True:
        keys = [key for (key,) in (yield "periods", {"after": after})]
        if not keys:
            return pruned
        over = [key for key in keys if is_over(key)]
        yield "prune", {"hashes": _hashes(over)} if database == "mysql" else {"keys": to_json(over)}
        pruned += len(over)
        after = keys[-1]


def sees_newer() -> Queries[bool]:
    """Whether a new read in this transaction would see what others have committed since (on SQLite: always)."""
    rows = yield "isolation", {}
    return any(row[-1].upper().replace("-", " ") in ("READ COMMITTED", "READ UNCOMMITTED") for row in rows)


def drifted(answer: str | None) -> list[str]:
    """The keys of the counters that have drifted, from the answer of the statement `commit` or `commit_counters`.

    `answer` is None if the host has ended the transaction that stored the records: the statement ran in another one.
    """
    if answer is None:
        raise RuntimeError(ENDED)
    keys: list[str] = json.loads(answer)
    return keys


def check_text(ops: Sequence[Document]) -> None:
    """Raises `InvalidRequest` for a text that PostgreSQL cannot store."""
    # In JSON, \u0000 is U+0000 unless the backslash before the u is itself escaped.
    text = to_json(ops)
    if "\\u0000" in text and re.search(r"(?<!\\)(?:\\\\)*\\u0000", text):
        raise InvalidRequest("invalid_request", (), "expected text without U+0000, which PostgreSQL cannot store")


def tell(on_drift: OnDrift, drifted: Sequence[str]) -> None:
    """Calls `on_drift`. The plan is stored already, so an error of that function must not look like a failed plan."""
    for key in drifted:
        try:
            on_drift(key)
        except Exception:
            logging.getLogger("redeemable").exception("on_drift failed for the counter %s", key)


def warn(key: str) -> None:
    """What a store does with a drift, unless the host passes a function of its own."""
    logging.getLogger("redeemable").warning("the counter %s held less than was given back, and is 0 now", key)


def _names(database: Database, keys: Sequence[str]) -> str:
    return to_json([key for key in keys if database != "postgres" or "\0" not in key])


def _hashes(keys: Iterable[str]) -> str:
    return to_json([hash_of(key) for key in keys])


def _found(rows: Iterable[Any]) -> Document:
    """The rows of `find` or `lapsed`: a row without a key is a hold."""
    seen = [tuple(row) for row in rows]
    return {
        "holds": [json.loads(value) for key, value in seen if key is None],
        "counters": {key: int(value) for key, value in seen if key is not None},
    }
