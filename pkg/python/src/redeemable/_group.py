"""What both halves of group commit share: which plans may go together, and the one plan that they are merged into.

Commits that come while another one is under way wait for it, and then go together, in one transaction. If that
transaction fails, nothing of it is stored, and each of its plans goes alone.
"""

import json
import sqlite3
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from . import sql
from ._conflicts import driver_error
from ._steps import Document, Queries
from .errors import InvalidRequest

MOST = 64
"""The most plans of a batch."""
HEAVIEST = 2000
"""The most that the plans of a batch weigh: each operation, each ticket and each charge of a record weighs 1."""
PATIENCE = 0.02
"""Who has waited for so many seconds goes beside what is under way: a slow commit holds nobody else up."""
TOGETHER = {"insert", "update", "add"}
# The order in which every plan locks counters: those that most orders share come last, and are locked most briefly.
PERSON, PERIOD, CODE, POOL = range(4)
PERIODS = ("day", "week", "month")


# What a waiting call is told instead of its answer: it goes by itself, or it leads those that wait.
ALONE, LEAD = object(), object()


class Waiting(Protocol):
    """A plan that waits for its batch."""

    @property
    def ops(self) -> Sequence[Document]: ...

    @property
    def ids(self) -> set[str]: ...

    @property
    def writes(self) -> bool: ...


P = TypeVar("P", bound=Waiting)
R = TypeVar("R")


def may_share(ops: Sequence[Document]) -> bool:
    """Whether the plan may go with others: it writes a record, and none of its operations is an operator's."""
    return any("redemption" in op for op in ops) and all(op["op"] in TOGETHER for op in ops)


def ids_of(ops: Iterable[Document]) -> set[str]:
    """The records that the plan writes."""
    return {op["redemption"]["id"] for op in ops if "redemption" in op}


def take(waiting: deque[P], first: P) -> list[P]:
    """Takes from the queue what goes together with `first`, in the order of arrival.

    Two plans that write one record never share a batch. The later one stays in the queue, and so do those behind it
    that write the same record. Plans with and without the host's `write` do not share a batch either.
    """
    batch, left, ids, weight = [first], [], set(first.ids), _weight(first)
    while waiting and len(batch) < MOST and weight + _weight(waiting[0]) <= HEAVIEST:
        plan = waiting.popleft()
        if ids.isdisjoint(plan.ids) and plan.writes == first.writes:
            batch.append(plan)
            weight += _weight(plan)
        else:
            left.append(plan)
        ids |= plan.ids
    waiting.extendleft(reversed(left))
    return batch


def _weight(plan: Waiting) -> int:
    records = (op["redemption"] for op in plan.ops if "redemption" in op)
    return len(plan.ops) + sum(
        len(record[part]) for record in records for part in ("tickets", "charges") if part in record
    )


# If somebody holds the counter of one of the plans, the others go on without it.
_BRIEFLY: Document = {"op": "wait", "ms": 250}


def merged(plans: Iterable[Sequence[Document]]) -> list[Document]:
    """One plan that stores what these plans store, in the order that every plan of the engine has.

    Records come by id, then counters by breadth and key, so that the batches of two hosts do not wait for each other in
    a circle. What is given back to a counter is added up and comes first; what is charged is added up under the
    lowest of the limits.
    """
    records: list[Document] = []
    sums: dict[tuple[str, bool], Document] = {}
    for op in (op for plan in plans for op in plan):
        if op["op"] != "add":
            records.append(op)
            continue
        sum = sums.setdefault((op["key"], op["by"] > 0), {**op, "by": 0})
        sum["by"] += op["by"]
        limits = [limit for limit in (sum["at_most"], op["at_most"]) if limit is not None]
        sum["at_most"] = min(limits, default=None)
    records.sort(key=lambda op: op["redemption"]["id"])
    counters = sorted(sums.values(), key=lambda op: (breadth(op["key"]), op["key"], op["by"] > 0))
    return [_BRIEFLY, *records, *counters]


def take_reads(waiting: deque[R], first: R) -> list[R]:
    return [first, *(waiting.popleft() for _ in range(min(len(waiting), MOST - 1)))]


def read_many(
    database: sql.Database, keys: Sequence[Sequence[str]], ids: Sequence[str | None]
) -> Queries[dict[str, dict[str, str]]]:
    """What several reads find, from one statement, which sees one moment: see `share`."""
    wanted = {"keys": {key for each in keys for key in each}, "ids": {id for id in ids if id is not None}}
    # PostgreSQL stores no U+0000, and asking for it would be an error.
    values = {name: sql.to_json([text for text in texts if "\0" not in text]) for name, texts in wanted.items()}
    found: dict[str, dict[str, str]] = {"counter": {}, "record": {}, "archive": {}}
    for kind, name, value in (yield "read_many", values):
        found[kind][name] = value
    return found


def share(found: dict[str, dict[str, str]], keys: Sequence[str], id: str | None) -> Document:
    """What one of these reads answers."""
    counters = {key: int(found["counter"][key]) for key in keys if key in found["counter"]}
    record, archived = (found[kind].get(id or "") for kind in ("record", "archive"))
    return {
        "counters": counters,
        "existing": json.loads(record or archived or "null"),
        "archived": record is None and archived is not None,
    }


def turn(ops: Sequence[Document]) -> tuple[Any, ...]:
    """The order of the host's own writes in a batch, the same on every host, because they may lock rows of the host."""
    record = next(op["redemption"] for op in ops if "redemption" in op)
    return record["event_id"], record.get("codes") or [], record["id"]


def breadth(key: str) -> int:
    """How many orders share the counter, as the engine says it in src/documents/counter.rs."""
    words = key.split("/")
    if "by" in words[2::2] or words[0] == "event":
        return PERSON
    if words[0] == "pool":
        return POOL
    return PERIOD if words[2:3] and words[2] in PERIODS else CODE


class Caution:
    """After a batch has failed, the next plans go alone, so that failing together does not cost more than it gains.

    These are twice as many as the batch had, and twice as many again after each further failure.
    """

    def __init__(self) -> None:
        self._alone = 0
        self._next = 0

    def goes_alone(self) -> bool:
        if self._alone == 0:
            return False
        self._alone -= 1
        return True

    def note(self, plans: int, is_stored: bool) -> None:
        self._next = 0 if is_stored else min(max(2 * plans, 2 * self._next), 1024)
        self._alone = self._next


class Interrupted(RuntimeError):
    """The thread that stored this plan together with its own was interrupted."""

    def __init__(self) -> None:
        super().__init__(
            "the thread that stored this plan together with its own was interrupted: "
            "nobody knows whether it is stored, so make the same call again"
        )


def is_undone(error: BaseException) -> bool:
    """Whether it is certain that nothing of the failed transaction is stored.

    Otherwise, as after a connection that was lost at the COMMIT, the plans must not go again: each caller is told.
    """
    if isinstance(error, (InvalidRequest, ValueError, TypeError, LookupError)):
        return True
    error = driver_error(error)
    state: Any = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    if state is not None:
        # 08 is a broken connection, 57P a server that stops, 40003 and 58 an outcome that the server does not know.
        return not state.startswith(("08", "57P", "58", "40003", "XX"))
    if isinstance(error, sqlite3.Error):
        return not isinstance(error, sqlite3.OperationalError)
    # MariaDB and MySQL number a server's errors from 1000 and 3000, and those of a broken connection from 2000. 1053 is
    # a server that stops, 1317 and 1927 a statement or connection that somebody has killed.
    code = error.args[0] if error.args else None
    return isinstance(code, int) and (1000 <= code < 2000 or 3000 <= code < 5000) and code not in (1053, 1317, 1927)
