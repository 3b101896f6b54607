"""Splits counters into parts, and adds to them on MariaDB and MySQL; on PostgreSQL, a function in the database does.

The comment in sql/postgres.sql says why the parts together stay within the limit.
"""

import json
import random
import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from ._conflicts import DUPLICATE, is_mysql
from ._statements import Database
from ._steps import Document, Queries
from .errors import InvalidRequest

MOST_PARTS = 256
ELSEWHERE = "expected a store on PostgreSQL, MariaDB or MySQL: elsewhere one writer comes at a time"

# Into how many parts the counters were split when this process last saw them. A charge of these goes to a part at once
# and does not touch the counter's row, which all would wait for. It is only a hint: the database has the last word.
_seen: dict[str, int] = {}
_MOST_SEEN = 10_000


def note_parts(rows: Iterable[Any]) -> None:
    """Remembers what rows of counters, each its key, its value and its parts, say of their parts."""
    for key, _, parts in rows:
        if key and parts is None:
            _seen.pop(key, None)
        elif key:
            _remember(key, int(parts))


def _remember(key: str, parts: int) -> None:
    if len(_seen) >= _MOST_SEEN:
        _seen.clear()
    _seen[key] = parts


def split(database: Database, key: str, parts: int) -> Queries[list[str]]:
    """What a store's `split` answers: the keys of the counters that it has split into so many parts."""
    if database == "sqlite":
        raise InvalidRequest("invalid_request", ("store",), ELSEWHERE)
    owner = re.fullmatch("((?:code|pool)/[^/]+)/uses", key)
    spending = (yield "spending", {"prefix": f"{owner[1]}/spend"}) if owner else []
    # In the order in which a plan locks them.
    keys = [*(row[0] for row in spending), key]
    if database == "postgres":
        yield "commit", {"ops": json.dumps([{"op": "split", "key": each, "parts": parts} for each in keys])}
    else:
        for each in keys:
            yield from _split_into(each, parts)
    return keys


def add(op: Document, drifted: list[str]) -> Queries[bool]:
    """Executes an `add`. Returns False if it does not fit any more; the key is `drifted` if the counter held less."""
    key, values = op["key"], {"key": op["key"], "by": op["by"], "at_most": op["at_most"]}
    hinted = (yield from _in_parts(op, _seen[key], drifted)) if key in _seen else None
    if hinted is not None:
        return hinted
    if op["by"] > 0:
        if (yield "charge", values):
            return True
        try:
            if (yield "first_charge", values):
                return True
        except Exception as error:
            if not is_mysql(error, DUPLICATE):
                raise
    elif (yield "give_back", values):
        return True
    # It is split, full, missing, or holds less than is given back.
    rows = yield "parts", {"key": key}
    if rows and rows[0][0] is not None:
        return (yield from _in_parts(op, int(rows[0][0]), drifted)) or False
    if op["by"] > 0:
        return False
    ((drifts, parts),) = yield "drifts", values
    if parts is not None:
        return False
    if int(drifts):
        drifted.append(key)
    yield "clamp", values
    return True


def _in_parts(op: Document, parts: int, drifted: list[str]) -> Queries[bool | None]:
    """Adds to a part of a split counter, or to all together. Returns None if the counter is not split any more."""
    key, by, at_most = op["key"], op["by"], op["at_most"]
    values = {"hash": _hash_of(key), "by": by, "at_most": at_most}
    _remember(key, parts)
    among = {"random": random.randrange(1_000_000)}
    # First any part that nobody else has locked, beginning among those of this server; then one to wait for.
    chosen = (
        (yield "free_part", {**values, **among, "parts": parts})
        or (yield "free_part", {**values, **among, "parts": 0})
        or (yield "some_part", values)
    )
    if chosen:
        return bool((yield "add_to_part", {**values, "part": int(chosen[0][0])}))
    # No part has enough by itself, or the limit is another one: all parts together.
    row = yield "lock_counter", {"hash": values["hash"]}
    if not row or row[0][1] is None:
        _seen.pop(key, None)
        return None
    total, bound = yield from _lock_parts(values["hash"])
    total += by
    if by > 0 and at_most is not None and total > at_most:
        return False
    yield from _share(values["hash"], int(row[0][1]), max(0, total), at_most if by > 0 else bound)
    if total < 0:
        drifted.append(key)
        yield "note_drift", {"hash": values["hash"]}
    return True


def correct(op: Document) -> Queries[bool]:
    """After `correct` has changed the counter's row: corrects the parts, if it is split. False if they hold less."""
    ((parts,),) = yield "parts", {"key": op["key"]}
    if parts is None:
        return True
    total, bound = yield from _lock_parts(_hash_of(op["key"]))
    if total + op["by"] < 0:
        return False
    yield from _share(_hash_of(op["key"]), int(parts), total + op["by"], bound)
    return True


def join(key: str) -> Queries[None]:
    """Joins the parts of the counter, if it is split."""
    rows = yield "parts", {"key": key}
    if rows and rows[0][0] is not None:
        yield from _split_into(key, 1)


def _split_into(key: str, parts: int) -> Queries[None]:
    yield "make_counter", {"key": key}
    by_hash = {"hash": _hash_of(key)}
    ((used, _),) = yield "lock_counter", by_hash
    held, _ = yield from _lock_parts(by_hash["hash"])
    total = int(used) + held
    yield "drop_parts", by_hash
    is_whole = parts == 1
    yield "set_parts", {**by_hash, "used": total if is_whole else 0, "parts": None if is_whole else parts}
    if not is_whole:
        # The first charge makes the caps.
        yield "make_parts", {**by_hash, "numbers": json.dumps(list(range(parts))), "used": total}


def _lock_parts(hash: str) -> Queries[tuple[int, int | None]]:
    """Locks all parts, in order; the caller has locked the counter's row. Returns their sum, and their limit."""
    rows = yield "lock_parts", {"hash": hash}
    bound = rows[0][1] if rows else None
    return sum(int(used) for used, _ in rows), None if bound is None else int(bound)


def _share(hash: str, parts: int, total: int, bound: int | None) -> Queries[None]:
    """Shares out anew what is used and, of a limit, what is left."""
    yield "share", {"hash": hash, "parts": parts, "sum": total, "bound": bound}


def _hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()
