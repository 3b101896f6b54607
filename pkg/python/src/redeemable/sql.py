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
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ._conflicts import DUPLICATE, NO_SAVEPOINT, Conflict, driver_error, has_failed, is_conflict, is_mysql
from ._kit import redemptions_of
from ._sql_aio import answered as answered_async
from ._sql_host import answered
from ._statements import Database, numbered, one_by_one, pyformat, savepoint, statements, tables
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
    "drifted",
    "driver_error",
    "find",
    "has_failed",
    "is_conflict",
    "numbered",
    "one_by_one",
    "prune",
    "pyformat",
    "read",
    "records",
    "recount",
    "redemptions_of",
    "savepoint",
    "scan",
    "sees_newer",
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
    if database == "postgres" and id is not None and "\0" in id:
        # PostgreSQL stores no U+0000, and asking for it would be an error.
        id = None
    rows = yield "read", {"keys": _names(database, keys), "id": id}
    if database == "mysql":
        # One row for each counter, and the record's key is NULL.
        seen = _found(rows)
        return {"counters": seen["counters"], "existing": next(iter(seen["holds"]), None)}
    ((counters, existing),) = rows
    return {"counters": json.loads(counters or "{}"), "existing": json.loads(existing or "null")}


def find(database: Database, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Queries[Document]:
    """What a store's `find` answers, from one statement."""
    values: dict[str, Any] = {"lapsed_by_ms": lapsed_by_ms, "limit": limit}
    if database == "postgres":
        values = {name: str(value) for name, value in values.items()}
    if keys is None:
        return _found((yield "lapsed", values))
    if database == "mysql":
        # LIMIT takes no expression, so the number of oldest holds among which some are drawn is a value of its own.
        values["among"] = max(limit, 100)
    return _found((yield "find", {**values, "keys": _names(database, keys)}))


def around(write: object, ops: Sequence[Document]) -> tuple[list[Document], list[Document]]:
    """Splits the plan: its records come before the host's own writes, and its counters after them.

    Because records come first, the second of two requests for one order fails at the record, before the host's rows
    could collide. Because counters come last, a popular counter is locked as briefly as possible. If the host writes
    nothing, all operations come after.
    """
    if write is None:
        return [], list(ops)
    return [op for op in ops if op["op"] != "add"], [op for op in ops if op["op"] == "add"]


def records(database: Database, ops: Sequence[Document]) -> Queries[None]:
    """Stores the records of a plan, before `write`, and sets a mark, which is gone if `write` ends the transaction."""
    if database == "postgres":
        check_text(ops)
        yield "commit_records", {"ops": to_json(ops)}
    else:
        yield from _execute(database, ops)
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
    return (yield from _execute(database, ops))


def _execute(database: Database, ops: Sequence[Document]) -> Queries[list[str]]:
    """Executes operations of a plan, one statement each. On PostgreSQL, a function in the database does this work."""
    drifted = []
    for op in ops:
        done: Any = True
        try:
            match op["op"]:
                case "insert":
                    done = yield "insert", _row(op["redemption"])
                case "update":
                    done = yield "update", {**_row(op["redemption"]), "id": op["id"], "was": op["revision"]}
                case "add" if op["by"] > 0:
                    charge = {"key": op["key"], "by": op["by"], "at_most": op["at_most"]}
                    done = yield "charge", charge
                    if done == 0 and database == "mysql":
                        # There a counter's first use has a statement of its own.
                        done = yield "first_charge", charge
                case "add":
                    ((drifts,),) = yield "drifts", {"key": op["key"], "by": op["by"]}
                    if int(drifts):
                        drifted.append(op["key"])
                    yield "give_back", {"key": op["key"], "by": op["by"]}
                case unknown:
                    raise ValueError(f"unknown operation {unknown}")
        except Exception as error:
            if is_mysql(error, DUPLICATE):
                raise Conflict from error
            raise
        if not done:
            raise Conflict
    return drifted


def _row(redemption: Document) -> dict[str, Any]:
    columns = {name: redemption.get(name) for name in ("id", "revision", "state", "event_id", "expires_at_ms")}
    return {**columns, "document": to_json(redemption)}


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


def recount(database: Database, key: str, count: Callable[[Iterable[Document]], int]) -> Queries[int]:
    """Sets the counter to the `count` of the redemptions that charge it, and returns its old value."""
    if database != "sqlite":
        # A counter that is missing has no row to lock; SQLite locks the whole file.
        yield "make_counter", {"key": key}
    ((used,),) = yield "lock_counter", {"key": key}
    rows = yield "charging", {"key": key}
    must = count(json.loads(document) for (document,) in rows)
    yield "set_counter", {"key": key, "used": str(must) if database == "postgres" else must}
    return int(used)


def prune(is_over: Callable[[str], bool]) -> Queries[int]:
    """Deletes the counters of days, weeks and months for whose key `is_over` is true, and returns how many."""
    after, pruned = "", 0
    while True:
        keys = [key for (key,) in (yield "periods", {"after": after})]
        if not keys:
            return pruned
        over = [key for key in keys if is_over(key)]
        yield "prune", {"keys": to_json(over)}
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
    if re.search(r"(?<!\\)(?:\\\\)*\\u0000", to_json(ops)):
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


def to_json(value: Any) -> str:
    """The value as the statements take it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _names(database: Database, keys: Sequence[str]) -> str:
    return to_json([key for key in keys if database != "postgres" or "\0" not in key])


def _found(rows: Iterable[Any]) -> Document:
    """The rows of `find` or `lapsed`: a row without a key is a hold."""
    seen = [tuple(row) for row in rows]
    return {
        "holds": [json.loads(value) for key, value in seen if key is None],
        "counters": {key: int(value) for key, value in seen if key is not None},
    }
