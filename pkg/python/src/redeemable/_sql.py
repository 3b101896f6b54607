"""What the stores share: the tables, the statements, and which of the database's errors ask for a repetition.

The statements themselves check the limits, so a limit holds even if what was read before is out of date.
Parameters are written `:name`; a list of keys is one parameter, a JSON list.
"""

import asyncio
import json
import logging
import re
import sqlite3
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from ._steps import Document
from .errors import InvalidRequest

P = ParamSpec("P")
R = TypeVar("R")
OnDrift = Callable[[str], object]
"""Is called after the commit with the key of each counter that held less than was given back, and is 0 now."""

ENDED = (
    "write ended the transaction: it must neither commit nor roll back; its records may be stored, "
    "and its counters are not"
)
Queries = Generator[tuple[str, dict[str, Any]], Any, R]
"""A generator that yields statements, each as its name and its values. A store sends it the rows of each."""


class Conflict(Exception):
    """An operation of the plan has failed, because somebody else wrote after the read."""


def around(write: object, ops: Sequence[Document]) -> tuple[list[Document], list[Document]]:
    """Splits the plan: its records come before the host's own writes, and its counters after them.

    Because records come first, the second of two requests for one order fails at the record, before the host's rows
    could collide. Because counters come last, a popular counter is locked as briefly as possible. If the host writes
    nothing, all operations come after.
    """
    if write is None:
        return [], list(ops)
    return [op for op in ops if op["op"] != "add"], [op for op in ops if op["op"] == "add"]


def execute(run: Callable[[str, dict[str, Any]], Any], ops: Sequence[Document]) -> list[str]:
    """Executes operations of a plan, one statement each, and returns the keys of the counters that have drifted.

    `run` executes a statement by its name. On PostgreSQL, a function in the database does this work.
    """
    drifted = []
    for op in ops:
        match op["op"]:
            case "insert":
                done = run("insert", _row(op["redemption"])).rowcount == 1
            case "update":
                done = run("update", {**_row(op["redemption"]), "id": op["id"], "was": op["revision"]}).rowcount == 1
            case "add" if op["by"] > 0:
                done = run("charge", {"key": op["key"], "by": op["by"], "at_most": op["at_most"]}).rowcount == 1
            case "add":
                ((drifts,),) = run("drifts", {"key": op["key"], "by": op["by"]}).fetchall()
                if int(drifts):
                    drifted.append(op["key"])
                run("give_back", {"key": op["key"], "by": op["by"]})
                done = True
            case unknown:
                raise ValueError(f"unknown operation {unknown}")
        if not done:
            raise Conflict
    return drifted


def _row(redemption: Document) -> dict[str, Any]:
    columns = {name: redemption[name] for name in ("id", "revision", "state", "event_id", "expires_at_ms")}
    return {**columns, "document": to_json(redemption)}


def is_conflict(error: BaseException) -> bool:
    """Whether the database asks for a repetition: the host then reads and decides again, instead of failing."""
    error = getattr(error, "orig", None) or error  # SQLAlchemy wraps the driver's error.
    if isinstance(error, sqlite3.OperationalError):
        # Python 3.10 has no error codes. 5 is SQLITE_BUSY and 6 SQLITE_LOCKED; the higher bits only say why.
        return getattr(error, "sqlite_errorcode", 5 if "is locked" in str(error) else 0) & 0xFF in (5, 6)
    # RDM01 is raised by our function; the others are serialization failure, deadlock and lock time-out.
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    return isinstance(error, Conflict) or state in ("RDM01", "40001", "40P01", "55P03") or is_mysql(error, REPEAT)


# Deadlock, lock time-out, and conflicts with another host (1020 on MariaDB, 3101 in a group of MySQL servers).
REPEAT = (1213, 1205, 1020, 3101)
DUPLICATE = (1062,)
NO_SAVEPOINT = (1305,)


def is_mysql(error: BaseException, codes: Sequence[int]) -> bool:
    """Whether a driver of MariaDB or MySQL, alone or under SQLAlchemy, reports an error with one of these numbers."""
    error = getattr(error, "orig", None) or error
    driver = type(error).__module__.partition(".")[0]
    return driver in ("pymysql", "MySQLdb", "aiomysql", "asyncmy") and error.args[:1] in [(code,) for code in codes]


@contextmanager
def letting_go() -> Iterator[None]:
    """Releases the lock of a cancelled statement, around an asynchronous connection to SQLite.

    A statement's cursor keeps the file locked as long as the cursor exists, even after its connection was closed. The
    frames of the exception refer to the cursor and to each other: without this function they, and the lock, would exist
    until the next garbage collection.
    """
    try:
        yield
    except BaseException as raised:
        error: BaseException | None = raised
        while error is not None:
            if isinstance(error, asyncio.CancelledError):
                traceback.clear_frames(error.__traceback__)
            error = error.__context__
        raise


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def check_text(ops: Sequence[Document]) -> None:
    # In JSON, \u0000 is U+0000 unless the backslash before the u is itself escaped.
    if re.search(r"(?<!\\)(?:\\\\)*\\u0000", to_json(ops)):
        raise InvalidRequest("invalid_request", (), "expected text without U+0000, which PostgreSQL cannot store")


def read(on_postgres: bool, keys: Sequence[str], id: str | None) -> tuple[str, dict[str, Any]]:
    """The name and values of the statement that reads. PostgreSQL stores no U+0000: asking for it would be an error."""
    if not on_postgres:
        return "read", {"keys": to_json(list(keys)), "id": id}
    return "read", {"keys": _without_zeros(keys), "id": None if id is None or "\0" in id else id}


def find(on_postgres: bool, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> tuple[str, dict[str, Any]]:
    # On PostgreSQL every parameter is a text, and asyncpg refuses a number for it. LIMIT on SQLite takes no text.
    numbers = {"lapsed_by_ms": lapsed_by_ms, "limit": limit}
    values = {name: str(number) if on_postgres else number for name, number in numbers.items()}
    if keys is None:
        return "lapsed", values
    return "find", {**values, "keys": _without_zeros(keys) if on_postgres else to_json(list(keys))}


def found(rows: Iterable[Any]) -> Document:
    """The answer of a store's `find`, from the rows of `find` or `lapsed`: a row without a key is a hold."""
    seen = [tuple(row) for row in rows]
    return {
        "holds": [json.loads(value) for key, value in seen if key is None],
        "counters": {key: int(value) for key, value in seen if key is not None},
    }


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


def recount(key: str, count: Callable[[Iterable[Document]], int]) -> Queries[int]:
    """Sets the counter to the `count` of the redemptions that charge it, and returns its old value."""
    ((used,),) = yield "lock_counter", {"key": key}
    rows = yield "charging", {"key": key}
    # As a text, because PostgreSQL's parameters are texts; the other databases convert it to the column's type.
    yield "set_counter", {"key": key, "used": str(count(json.loads(document) for (document,) in rows))}
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


def _without_zeros(keys: Sequence[str]) -> str:
    return to_json([key for key in keys if "\0" not in key])


def usage(row: Any) -> Document:
    """The answer of a store's `read`, from the row of the statement `read`."""
    counters, existing = row
    return {"counters": json.loads(counters or "{}"), "existing": json.loads(existing or "null")}


def drifted(answer: str | None) -> list[str]:
    """The keys of the counters that have drifted, from the answer of the statement `commit` or `commit_counters`.

    `answer` is None if the host has ended the transaction that stored the records: the statement ran in another one.
    """
    if answer is None:
        raise RuntimeError(ENDED)
    keys: list[str] = json.loads(answer)
    return keys


def tell(on_drift: OnDrift, drifted: Sequence[str]) -> None:
    """Calls `on_drift`. The plan is stored already, so an error of that function must not look like a failed plan."""
    for key in drifted:
        try:
            on_drift(key)
        except Exception:
            logging.getLogger("redeemable").exception("on_drift failed for the counter %s", key)


def warn(key: str) -> None:
    logging.getLogger("redeemable").warning("the counter %s held less than was given back, and is 0 now", key)


def tables(dialect: str) -> str:
    """The script that makes the tables on `sqlite`, `postgres` or `mysql`."""
    return _script(dialect)


@cache
def statements(dialect: str) -> dict[str, str]:
    """The statements that the kits send to `sqlite`, `postgres` or `mysql`, by name; `:word` is a parameter."""
    named = re.split(r"^-- name: (\w+).*\n", _script(f"{dialect}-statements"), flags=re.MULTILINE)[1:]
    # Comments stand on lines of their own, and a statement ends with its block.
    found: dict[str, str] = {}
    for name, block in zip(named[::2], named[1::2], strict=True):
        text = re.sub(r"^--.*\n", "", block, flags=re.MULTILINE).strip().removesuffix(";")
        # `{word}` is the text of a statement above.
        found[name] = re.sub(r"\{(\w+)\}", lambda match: found[match[1]], text)
    return found


def _script(name: str) -> str:
    """A file of `sql/`: the copy in the package or, in a checkout without such a copy, the original."""
    packaged = files(__package__) / "_sql" / f"{name}.sql"
    checkout = Path(__file__).parents[4] / "sql" / f"{name}.sql"
    return (packaged if packaged.is_file() else checkout).read_text(encoding="utf-8")


def one_by_one(script: str) -> list[str]:
    """The script's statements, for drivers that take one at a time.

    In these scripts, every statement begins at the margin with one of the words below, and no other line does.
    """
    return re.split(r"^(?=CREATE |SELECT |DO )", script, flags=re.MULTILINE)[1:]
