"""Checks that JSON can hold a request, so that no value is changed on its way into the engine.

JSON encoders convert some values in silence: a key `1` or `None` becomes a string, NaN becomes null, and an enum
becomes its value. Here each of these is an `InvalidRequest` with the path of the value.
"""

from __future__ import annotations

import re
from typing import Any

from .errors import At, ErrorCode, InvalidRequest

# How deep values may be nested; the engine reads no deeper. This bound also ends a list that contains itself.
DEPTH = 127
# How many values a request may have; the engine's memory would not hold more.
VALUES = 1_000_000

_LEAVES = frozenset({str, int, bool, type(None)})
_SURROGATE = re.compile("[\ud800-\udfff]")


def check(request: object) -> None:
    """Raises `InvalidRequest` unless JSON can hold all of the request. The encoder checks the strings.

    Every request passes here, so this walk is fast and knows no paths; `fault` walks again to find the place.
    """
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
                    raise fault(request) from None
                deeper += value.values()
            elif kind is list:
                deeper += value
            elif isinstance(value, dict):
                if not all(isinstance(key, str) for key in value):
                    raise fault(request)
                deeper += value.values()
            elif isinstance(value, (list, tuple)):
                deeper += value
            elif _found(value):
                raise fault(request)
        if not deeper:
            return
        count += len(deeper)
        if count > VALUES:
            break
        level = deeper
    raise fault(request)


def fault(request: object) -> InvalidRequest:
    """The first value in the request that JSON cannot hold, with its path."""
    stack: list[tuple[At, Any]] = [((), request)]
    count = 0
    while stack:
        at, value = stack.pop()
        count += 1
        found = _found(value)
        if found:
            return _error(at, found)
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    return _error(at, f"expected strings as keys, found {_name(key)}")
                if _SURROGATE.search(key):
                    return _error((*at, _step(key)), _found(key))
            inner: list[tuple[At, Any]] = [((*at, key), item) for key, item in value.items()]
        elif isinstance(value, (list, tuple)):
            inner = [((*at, index), item) for index, item in enumerate(value)]
        else:
            continue
        if (inner and len(at) == DEPTH) or count + len(inner) > VALUES:
            break
        stack += reversed(inner)
    return _error((), f"expected at most {DEPTH} levels and {VALUES} values")


def _found(value: object) -> str:
    """What is wrong with this value itself, or an empty text; its contents are not looked at."""
    if value is None or isinstance(value, (dict, list, tuple)):
        return ""
    if isinstance(value, str):
        return "expected Unicode text, found a lone surrogate" if _SURROGATE.search(value) else ""
    if isinstance(value, int):
        # Python itself refuses to convert an integer of several thousand digits to text.
        return "expected a number, found one of too many digits" if value.bit_length() > 4096 else ""
    if isinstance(value, float):
        # NaN - NaN and inf - inf are NaN, which equals nothing.
        return "" if value - value == 0 else "expected a number, found a number that is not finite"
    return f"expected a value that JSON has, found {_name(value)}"


def _name(value: object) -> str:
    return "null" if value is None else f"a value of type {type(value).__name__}"


def _step(key: str) -> str:
    """The key as JSON can hold it: each lone surrogate is replaced."""
    return _SURROGATE.sub("\ufffd", key)


def _error(at: At, message: str) -> InvalidRequest:
    # In an exchange, the path begins with `request`.
    below = at[1:] if at[:1] == ("request",) else at
    code: ErrorCode = "invalid_promo" if below[:1] == ("promos",) and len(below) > 1 else "invalid_request"
    return InvalidRequest(code, at, message)
