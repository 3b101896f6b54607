"""Sees to it that a request is what JSON can carry, so that nothing is changed on the way into the engine.

The encoders convert in silence: keys like `1` or `None` become strings, NaN becomes null, an enum its value.
"""

from __future__ import annotations

import re
from typing import Any

from .errors import ErrorCode, InvalidRequest

# The engine reads no deeper; a list that contains itself ends here too.
DEPTH = 128
# As bytes, a request of so many values is more than an engine may hold.
VALUES = 1_000_000

_LEAVES = frozenset({str, int, bool, type(None)})


def check(request: object) -> None:
    """Raises `InvalidRequest` unless the request is made of dicts, lists, tuples, strings, finite numbers and null."""
    level: list[Any] = [request]
    count = 0
    for _ in range(DEPTH):
        deeper: list[Any] = []
        for value in level:
            kind = type(value)
            if kind in _LEAVES:
                continue
            if kind is dict:
                try:
                    "".join(value)  # the fastest way to see that every key is a string
                except TypeError:
                    raise find(request) from None
                deeper += value.values()
            elif kind is list:
                deeper += value
            elif kind is float:
                if value - value != 0:
                    raise find(request)
            elif isinstance(value, dict):
                if not all(isinstance(key, str) for key in value):
                    raise find(request)
                deeper += value.values()
            elif isinstance(value, (list, tuple)):
                deeper += value
            elif _found(value) is not None:
                raise find(request)
        if not deeper:
            return
        count += len(deeper)
        if count > VALUES:
            break
        level = deeper
    raise find(request)


def find(request: object) -> InvalidRequest:
    """The fault in a request that is known to have one, with its path."""
    stack: list[tuple[str, int, Any]] = [("", 0, request)]
    count = 0
    while stack:
        path, depth, value = stack.pop()
        count += 1
        if depth >= DEPTH or count > VALUES:
            break
        fault = _found(value)
        if fault is not None:
            return _error(path, fault)
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    return _error(path, f"expected strings as keys, found {_name(key)}")
            stack += [(_field(path, key), depth + 1, item) for key, item in reversed(value.items())]
        elif isinstance(value, (list, tuple)):
            stack += [(f"{path}[{index}]", depth + 1, item) for index, item in enumerate(value)][::-1]
    return _error("", f"expected at most {DEPTH} levels and {VALUES} values")
