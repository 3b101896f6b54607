"""What JSON cannot carry, in documents whose faults are told and not raised."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ._plain import _field
from .errors import InvalidRequest
from .types import Fault, PromosAnswer

# In place of such a value: the engine finds fault with it wherever it stands.
_MARK = {"": None}
_SURROGATE = re.compile("[\ud800-\udfff]")


def validate(request: Any, write: Callable[[object], bytes], ask: Callable[[bytes], PromosAnswer]) -> PromosAnswer:
    """The answer to the request, in which what cannot cross is a fault like any other."""
    text, told = marked(request, write, r"promos\[|policy")
    answer = ask(text)
    faults: list[Fault] = []
    for found in answer["faults"]:
        path = next(
            (path for path in told if found["path"] == path or found["path"].startswith((f"{path}.", f"{path}["))), None
        )
        if path is None:
            faults.append(found)
        elif all(fault["path"] != path for fault in faults):
            at = found["at"] if found["path"] == path else found["at"][:-1]
            faults.append({"path": path, "at": at, "code": found["code"], "message": told[path].message})
    return {"faults": faults, "sound": answer["sound"]}


def marked(request: Any, write: Callable[[object], bytes], where: str) -> tuple[bytes, dict[str, InvalidRequest]]:
    """The request as it crosses, with a mark for each value that cannot, and what is wrong with that, by path.

    Only where the path matches.
    """
    told: dict[str, InvalidRequest] = {}
    while True:
        try:
            return write(request), told
        except InvalidRequest as fault:
            if fault.path in told or not re.match(where, fault.path):
                raise
            told[fault.path] = fault
            request = _marked(request, "", fault.path)


def _marked(value: Any, path: str, target: str) -> Any:
    """A copy with the mark at the path, under a key that JSON can carry."""
    if isinstance(value, dict) and path != target:
        marked = {}
        for key, item in value.items():
            inner = _field(path, key) if isinstance(key, str) else ""
            marked[_SURROGATE.sub("\ufffd", key) if inner == target else key] = _marked(item, inner, target)
        return marked
    if isinstance(value, (list, tuple)) and path != target:
        return [_marked(item, f"{path}[{index}]", target) for index, item in enumerate(value)]
    return _MARK if path == target else value
