"""For operators: `archive` moves old records out of the table, and `erase` takes a person out of every record."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from ._kit import Kit, pause
from ._plans import archiving, erasing, returning
from ._steps import Ask, Busy, Commit, Document, Hand, Read, Steps
from .errors import At, InvalidRequest

# How many records one plan moves: their counters are locked until it is stored.
RECORDS_AT_ONCE = 50


def archive(before_ms: Any, event_id: Any, to: Callable[..., object] | None) -> Steps[int]:
    if before_ms is None and event_id is None:
        raise _mistake(("before_ms",), "expected before_ms, event_id or both: which records shall be archived?")
    if before_ms is not None and (not isinstance(before_ms, int) or isinstance(before_ms, bool)):
        raise _mistake(("before_ms",), f"expected a time in milliseconds, found {before_ms!r}")
    if event_id is not None and not isinstance(event_id, str):
        raise _mistake(("event_id",), f"expected a string, found {event_id!r}")
    if to is not None and not callable(to):
        raise _mistake(("to",), f"expected a function, found {to!r}")
    moved, after = 0, ""
    while True:
        asked = {"after": after, "before_ms": before_ms, "event_id": event_id, "limit": RECORDS_AT_ONCE}
        redemptions = yield Ask("old", asked)
        if not redemptions:
            return moved
        if to is not None:
            yield Hand(to, redemptions)
        if (yield Commit(archiving(redemptions, to is not None), is_plain=True)):
            moved += len(redemptions)
        else:
            # Somebody has changed one of them. It stays, and the others go one by one.
            for one in redemptions:
                moved += yield Commit(archiving([one], to is not None), is_plain=True)
        after = redemptions[-1]["id"]


def restore_records(kit: Kit, redemptions: Sequence[Document]) -> Steps[int]:
    for index, redemption in enumerate(redemptions):
        state = redemption.get("state")
        if state not in ("confirmed", "released"):
            raise _mistake(("redemptions", index, "state"), f"expected confirmed or released, found {state}")
        for attempt in range(kit.attempts):
            yield from pause(attempt)
            if (yield Commit(returning(redemption), is_plain=True)):
                break
            if (yield Read([], redemption["id"]))["existing"] is not None:
                message = f"expected an id that is not there, found {redemption['id']}"
                raise _mistake(("redemptions", index, "id"), message)
        else:
            raise Busy(kit.attempts)
    return len(redemptions)


def erase(kit: Kit, identity: Any) -> Steps[int]:
    if not isinstance(identity, str) or not re.fullmatch(r"[A-Za-z0-9_]+:[^\0\ud800-\udfff]+", identity, re.DOTALL):
        raise _mistake(("identity",), 'expected an identity such as "email:ann@example.org"')
    erased = f"{identity.partition(':')[0]}:erased-{uuid4()}"
    changed = 0
    for attempt in range(kit.attempts):
        yield from pause(attempt)
        is_done = True
        # Somebody may buy under the name meanwhile: look again until nobody has it.
        while is_done:
            found = yield Ask("person", {"identity": identity})
            if not found:
                return changed
            for one in found:
                if (yield Commit(erasing(one["redemption"], one["archived"], identity, erased))):
                    changed += 1
                else:
                    is_done = False
    raise Busy(kit.attempts)


def _mistake(at: At, message: str) -> InvalidRequest:
    return InvalidRequest("invalid_request", at, message)
