"""What the stores share: the tables, the statements on them, and which faults ask for a repetition.

The guards are in the statements, so a limit holds whatever was read before and whoever else writes meanwhile.
Parameters are written `:name`; keys travel as one JSON list.
"""

import asyncio
import json
import logging
import re
import sqlite3
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from ._steps import Document
from .errors import InvalidRequest

P = ParamSpec("P")
R = TypeVar("R")
OnDrift = Callable[[str], object]
"""Told, once it is stored, the key of a counter that held less than was given back and is 0 now."""

SQLITE_READ = """
SELECT
  (SELECT json_group_object(key, used) FROM redeemable_counters WHERE key IN (SELECT value FROM json_each(:keys))),
  (SELECT document FROM redeemable_redemptions WHERE id = :id)"""
# Lapsed holds: the oldest; or some of the oldest that charge one of these counters, at random, so that buyers who look at once meet at few.
# The text is searched first, which is much faster than the JSON in it.
SQLITE_LAPSED = """
SELECT NULL, document FROM redeemable_redemptions
WHERE state = 'held' AND expires_at_ms <= :lapsed_by_ms ORDER BY expires_at_ms, id LIMIT :limit"""
SQLITE_FIND = """
SELECT key, used FROM redeemable_counters WHERE key IN (SELECT value FROM json_each(:keys))
UNION ALL SELECT NULL, document FROM (
  SELECT document FROM (
    SELECT document FROM redeemable_redemptions
    WHERE state = 'held' AND expires_at_ms <= :lapsed_by_ms
      AND CASE WHEN EXISTS (SELECT 1 FROM json_each(:keys) AS key WHERE instr(document, '"' || key.value || '"') > 0)
        THEN EXISTS (
          SELECT 1 FROM json_each(document, '$.charges') AS charge
          WHERE json_extract(charge.value, '$.key') IN (SELECT value FROM json_each(:keys))) ELSE false END
    ORDER BY expires_at_ms, id LIMIT max(:limit, 100))
  ORDER BY random() LIMIT :limit)"""

POSTGRES_READ = """
SELECT
  CAST((SELECT json_object_agg(key, used) FROM redeemable_counters
    WHERE key IN (SELECT json_array_elements_text(CAST(:keys AS json)))) AS text),
  CAST((SELECT document FROM redeemable_redemptions WHERE id = CAST(:id AS text)) AS text)"""
POSTGRES_LAPSED = """
SELECT CAST(NULL AS text), CAST(document AS text) FROM redeemable_redemptions
WHERE state = 'held' AND expires_at_ms <= :lapsed_by_ms ORDER BY expires_at_ms, id LIMIT :limit"""
POSTGRES_FIND = """
SELECT key, CAST(used AS text) FROM redeemable_counters WHERE key IN (SELECT json_array_elements_text(CAST(:keys AS json)))
UNION ALL SELECT NULL, document FROM (
  SELECT document FROM (
    SELECT CAST(document AS text) AS document FROM redeemable_redemptions
    WHERE state = 'held' AND expires_at_ms <= :lapsed_by_ms
      AND CASE WHEN EXISTS (
          SELECT 1 FROM json_array_elements_text(CAST(:keys AS json)) AS key WHERE strpos(CAST(document AS text), '"' || key || '"') > 0)
        THEN EXISTS (
          SELECT 1 FROM json_array_elements(document -> 'charges') AS charge
          WHERE charge ->> 'key' IN (SELECT json_array_elements_text(CAST(:keys AS json)))) ELSE false END
    ORDER BY expires_at_ms, id LIMIT GREATEST(CAST(:limit AS bigint), 100)) AS oldest
  ORDER BY random() LIMIT CAST(:limit AS bigint)) AS chosen"""
POSTGRES_COMMIT = "SELECT CAST(array_to_json(redeemable_commit(CAST(:ops AS json))) AS text)"
# Around the host's own writes: a setting that ends with the transaction tells whether it is still the same one. Null: it is not, and nothing is counted.
POSTGRES_RECORDS = f"{POSTGRES_COMMIT}, set_config('redeemable.transaction', 'open', true)"
POSTGRES_COUNTERS = f"""
SELECT CASE WHEN current_setting('redeemable.transaction', true) = 'open'
  THEN ({POSTGRES_COMMIT}) END"""
ENDED = "write ended the transaction: it must neither commit nor roll back; its records may be stored, and its counters are not"

_INSERT = """
INSERT INTO redeemable_redemptions (id, revision, state, event_id, expires_at_ms, document)
VALUES (:id, :revision, :state, :event_id, :expires_at_ms, :document) ON CONFLICT DO NOTHING"""
_UPDATE = """
UPDATE redeemable_redemptions
SET revision = :revision, state = :state, event_id = :event_id, expires_at_ms = :expires_at_ms, document = :document
WHERE id = :id AND revision = :was"""
# Both ways into the table are guarded: a counter's first use by the SELECT, every later one by the UPDATE.
_CHARGE = """
INSERT INTO redeemable_counters (key, used) SELECT :key, :by WHERE :at_most IS NULL OR :by <= :at_most
ON CONFLICT (key) DO UPDATE SET used = used + :by WHERE :at_most IS NULL OR used + :by <= :at_most"""
_GIVE_BACK = "UPDATE redeemable_counters SET used = max(0, used + :by) WHERE key = :key"
_USED = "SELECT used FROM redeemable_counters WHERE key = :key"


# What an operator asks for; the same on both databases. A store executes each before it asks for the next.
Queries = Generator[tuple[str, dict[str, Any]], Any, R]
PAGE = "SELECT id, CAST(document AS text) FROM redeemable_redemptions WHERE id > :after ORDER BY id LIMIT 500"
COUNTERS = {
    False: "SELECT json_group_object(key, used) FROM redeemable_counters",
    True: "SELECT CAST(json_object_agg(key, used) AS text) FROM redeemable_counters",
}
CREATE = "INSERT INTO redeemable_counters (key, used) VALUES (:key, 0) ON CONFLICT DO NOTHING"
LOCK = {False: _USED, True: _USED + " FOR UPDATE"}
# One statement, and so one moment: a plan may move uses from one record to another without a change of the counter.
CHARGING = {
    False: """
SELECT document FROM redeemable_redemptions
WHERE EXISTS (SELECT 1 FROM json_each(document, '$.charges') AS charge WHERE json_extract(charge.value, '$.key') = :key)""",
    True: """
SELECT CAST(document AS text) FROM redeemable_redemptions
WHERE EXISTS (SELECT 1 FROM json_array_elements(document -> 'charges') AS charge WHERE charge ->> 'key' = :key)""",
}
SET = "UPDATE redeemable_counters SET used = :used WHERE key = :key"
# What PostgreSQL needs of the transaction: one moment for all, or what was committed before each statement began.
ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
EACH_STATEMENT = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE"


class Conflict(Exception):
    """An operation of the plan no longer holds."""


def around(write: object, ops: Sequence[Document]) -> tuple[list[Document], list[Document]]:
    """The plan's operations before the host's own writes, which are its records, and those after, its counters; all of them, where nothing is in between.

    So requests for one order meet at its record, before the host's rows could collide, and the hottest counter is locked last.
    """
    if write is None:
        return [], list(ops)
    return [op for op in ops if op["op"] != "add"], [op for op in ops if op["op"] == "add"]


def execute_on_sqlite(run: Callable[[str, dict[str, Any]], Any], ops: Sequence[Document]) -> list[str]:
    """Runs operations of a plan, one statement each, and returns the counters that have drifted. PostgreSQL has a function for it."""
    drifted = []
    for op in ops:
        match op["op"]:
            case "insert":
                done = run(_INSERT, _row(op["redemption"])).rowcount == 1
            case "update":
                done = run(_UPDATE, {**_row(op["redemption"]), "id": op["id"], "was": op["revision"]}).rowcount == 1
            case "add" if op["by"] > 0:
                done = run(_CHARGE, {"key": op["key"], "by": op["by"], "at_most": op["at_most"]}).rowcount == 1
            case "add":
                held = run(_USED, {"key": op["key"]}).fetchone()
                if (held[0] if held else 0) + op["by"] < 0:
                    drifted.append(op["key"])
                run(_GIVE_BACK, {"key": op["key"], "by": op["by"]})
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
    """Whether the call should be made again from the start, rather than fail."""
    error = getattr(error, "orig", None) or error  # SQLAlchemy wraps the driver's error.
    if isinstance(error, sqlite3.OperationalError):
        # Python 3.10 has no error codes; 5 is SQLITE_BUSY, 6 SQLITE_LOCKED, whatever the higher bits say.
        return getattr(error, "sqlite_errorcode", 5 if "is locked" in str(error) else 0) & 0xFF in (5, 6)
    # RDM01 is raised by our function; the others are serialization failure, deadlock and lock time-out.
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    return isinstance(error, Conflict) or state in ("RDM01", "40001", "40P01", "55P03")


@contextmanager
def letting_go() -> Iterator[None]:
    """Around a connection to SQLite that a task awaits: a statement that is cancelled leaves no lock behind.

    Its cursor keeps the file locked for as long as it is there, even when its connection is closed, and the frames of the exception keep it in a circle.
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


def keys_json(keys: Sequence[str] | None) -> str | None:
    return None if keys is None else to_json(list(keys))


def check_text(ops: Sequence[Document]) -> None:
    if re.search(r"(?<!\\)(?:\\\\)*\\u0000", to_json(ops)):
        raise InvalidRequest("invalid_request", "", "expected text without U+0000, which PostgreSQL cannot store")


def read(on_postgres: bool, keys: Sequence[str], id: str | None) -> tuple[str, dict[str, Any]]:
    """The statement and its parameters. PostgreSQL has nothing under a name with U+0000, and would refuse to look."""
    if not on_postgres:
        return SQLITE_READ, {"keys": keys_json(keys), "id": id}
    return POSTGRES_READ, {"keys": _without_zeros(keys), "id": None if id is None or "\0" in id else id}


def find(on_postgres: bool, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> tuple[str, dict[str, Any]]:
    if keys is None:
        return POSTGRES_LAPSED if on_postgres else SQLITE_LAPSED, {"lapsed_by_ms": lapsed_by_ms, "limit": limit}
    names = _without_zeros(keys) if on_postgres else keys_json(keys)
    return POSTGRES_FIND if on_postgres else SQLITE_FIND, {"lapsed_by_ms": lapsed_by_ms, "keys": names, "limit": limit}


def found(rows: Iterable[Any]) -> Document:
    """What the kit is told, from the rows of these statements: a counter each, and a record each without a key."""
    seen = [tuple(row) for row in rows]
    return {
        "holds": [json.loads(value) for key, value in seen if key is None],
        "counters": {key: int(value) for key, value in seen if key is not None},
    }


def scan(on_postgres: bool, visit: Callable[[Document], object]) -> Queries[None]:
    """Every redemption and then every counter, in a transaction that sees one moment."""
    after = ""
    while True:
        rows = yield PAGE, {"after": after}
        if not rows:
            break
        visit({"redemptions": [json.loads(document) for _, document in rows], "counters": {}})
        after = rows[-1][0]
    ((counters,),) = yield COUNTERS[on_postgres], {}
    visit({"redemptions": [], "counters": json.loads(counters or "{}")})


def recount(on_postgres: bool, key: str, count: Callable[[Iterable[Document]], int]) -> Queries[int]:
    """Sets the counter to what its redemptions say once it is locked: whoever has counted has committed, and whoever comes later waits."""
    yield CREATE, {"key": key}
    ((used,),) = yield LOCK[on_postgres], {"key": key}
    rows = yield CHARGING[on_postgres], {"key": key}
    yield SET, {"key": key, "used": count(json.loads(document) for (document,) in rows)}
    return int(used)


def _without_zeros(keys: Sequence[str] | None) -> str | None:
    return keys_json(None if keys is None else [key for key in keys if "\0" not in key])


def usage(row: Any) -> Document:
    """What the engine is told, from the one row that the READ statements answer."""
    counters, existing = row
    return {"counters": json.loads(counters or "{}"), "existing": json.loads(existing or "null")}


def drifted(answer: str | None) -> list[str]:
    """The counters that have drifted, from what redeemable_commit answers."""
    if answer is None:
        raise RuntimeError(ENDED)
    keys: list[str] = json.loads(answer)
    return keys


def tell(on_drift: OnDrift, drifted: Sequence[str]) -> None:
    """The plan is stored by then: whatever the host's function raises must not make it look as if it were not."""
    for key in drifted:
        try:
            on_drift(key)
        except Exception:
            logging.getLogger("redeemable").exception("on_drift failed for the counter %s", key)


def warn(key: str) -> None:
    logging.getLogger("redeemable").warning("the counter %s held less than was given back, and is 0 now", key)


def tables(dialect: str) -> str:
    """The script that makes the tables on `sqlite` or `postgres`; in a checkout it may not have been copied into the package yet."""
    packaged = files(__package__) / "_sql" / f"{dialect}.sql"
    checkout = Path(__file__).parents[4] / "sql" / f"{dialect}.sql"
    return (packaged if packaged.is_file() else checkout).read_text(encoding="utf-8")


def statements(script: str) -> list[str]:
    """The script's statements, for drivers that take one at a time. Each begins at the margin, and nothing inside one does so with these words."""
    return re.split(r"^(?=CREATE |SELECT |DO )", script, flags=re.MULTILINE)[1:]
