"""`split`, a call for operators."""

import re

from ._kit import Kit, pause
from ._parts import ELSEWHERE, MOST_PARTS
from ._steps import Ask, Busy, Steps
from .errors import InvalidRequest


def split(kit: Kit, store: object, key: str, parts: int) -> Steps[list[str]]:
    if not callable(getattr(store, "split", None)):
        raise _mistake("store", ELSEWHERE)
    if not isinstance(key, str) or not re.match(r"(?:code|pool|event)/[^/]+/.", key):
        raise _mistake("key", f"expected a counter's key, such as code/event:gala:EARLY/uses, found {key}")
    if not isinstance(parts, int) or isinstance(parts, bool) or not 1 <= parts <= MOST_PARTS:
        raise _mistake("parts", f"expected an integer from 1 to {MOST_PARTS}, found {parts}")
    for attempt in range(kit.attempts):
        yield from pause(attempt)
        keys: list[str] | None = yield Ask("split", {"key": key, "parts": parts})
        if keys is not None:
            return keys
    raise Busy(kit.attempts)


def _mistake(field: str, message: str) -> InvalidRequest:
    return InvalidRequest("invalid_request", (field,), message)
