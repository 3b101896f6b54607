"""What JSON cannot carry, in documents whose faults are told and not raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._plain import _step
from .errors import At, InvalidRequest
from .types import Fault, PromosAnswer

# In place of such a value: the engine finds fault with it wherever it stands.
_MARK = {"": None}


def validate(request: Any, write: Callable[[object], bytes], ask: Callable[[bytes], PromosAnswer]) -> PromosAnswer:
    """The answer to the request, in which what cannot cross is a fault like any other."""
    text, told = marked(request, write, lambda at: at[:1] == ("policy",) or (at[:1] == ("promos",) and len(at) > 1))
    answer = ask(text)
    faults: list[Fault] = []
    for found in answer["faults"]:
        at = next((at for at in told if found["at"][: len(at)] == list(at)), None)
        if at is None:
            faults.append(found)
        elif all(fault["path"] != told[at].path for fault in faults):
            # Where the mark has no such field, the fault is one step further in than what could not cross.
            place = found["at"] if len(found["at"]) == len(at) else found["at"][:-1]
            faults.append({"path": told[at].path, "at": place, "code": found["code"], "message": told[at].message})
    return {"faults": faults, "sound": answer["sound"]}


def marked(
    request: Any, write: Callable[[object], bytes], is_told: Callable[[At], bool]
) -> tuple[bytes, dict[At, InvalidRequest]]:
    """The request as it crosses, with a mark for each value that cannot, and what is wrong with those, by place."""
    told: dict[At, InvalidRequest] = {}
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
    """A copy with the mark at this place, under a key that JSON can carry."""
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
