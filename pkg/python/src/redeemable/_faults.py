"""For calls that list the faults of promos instead of raising: a value that JSON cannot hold is such a fault, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._plain import _step
from .errors import At, InvalidRequest
from .types import Fault, PromosAnswer

# This object takes the place of a value that JSON cannot hold. The engine finds a fault in it wherever it stands.
_MARK = {"": None}


def validate(request: Any, write: Callable[[object], bytes], ask: Callable[[bytes], PromosAnswer]) -> PromosAnswer:
    """Answers the request. A value that JSON cannot hold is a fault in the answer, like any other fault."""
    text, told = marked(request, write, lambda at: at[:1] == ("policy",) or (at[:1] == ("promos",) and len(at) > 1))
    answer = ask(text)
    faults: list[Fault] = []
    for found in answer["faults"]:
        at = next((at for at in told if found["at"][: len(at)] == list(at)), None)
        if at is None:
            faults.append(found)
        elif all(fault["path"] != told[at].path for fault in faults):
            # Where an object is allowed, the engine finds the fault in the mark's field "", one step further in.
            place = found["at"] if len(found["at"]) == len(at) else found["at"][:-1]
            faults.append({"path": told[at].path, "at": place, "code": found["code"], "message": told[at].message})
    return {"faults": faults, "sound": answer["sound"]}


def marked(
    request: Any, write: Callable[[object], bytes], is_told: Callable[[At], bool]
) -> tuple[bytes, dict[At, InvalidRequest]]:
    """The request as bytes, with the mark in place of each value that JSON cannot hold; and the faults of these."""
    told: dict[At, InvalidRequest] = {}
    # `write` stops at the first fault, so it is called again after each mark.
    while True:
        try:
            return write(request), told
        except InvalidRequest as fault:
            at = tuple(fault.at)
            if at in told or not is_told(at):
                raise
            told[at] = fault
            request = _marked(request, at)


def _marked(value: Any, at: At) -> Any:
    """A copy of the value with the mark at this place. A key that JSON cannot hold is changed so that it can."""
    if not at:
        return _MARK
    step, *rest = at
    if isinstance(value, dict):
        keys = ((_step(key) if isinstance(key, str) else key, key, item) for key, item in value.items())
        return {
            plain if plain == step else key: _marked(item, tuple(rest)) if plain == step else item
            for plain, key, item in keys
        }
    return [_marked(item, tuple(rest)) if index == step else item for index, item in enumerate(value)]
