"""The reader's checks of single values, which are those of the engine."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

TOP = 9_007_199_254_740_991
TIME = 100_000_000_000
KIND = re.compile("[a-z0-9_]{1,32}")
Read = TypeVar("Read")


class Invalid(ValueError):
    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: {expected}")
        self.path = path


def fail(path: str, expected: str) -> NoReturn:
    raise Invalid(path, expected)


def known(value: Any, fields: set[str] | None, path: str) -> dict[str, Any]:
    """Expects an object, which has only these fields unless it is a map."""
    if type(value) is not dict:
        fail(path, "expected an object")
    if fields is not None and not value.keys() <= fields:
        name = next(iter(value.keys() - fields))
        fail(f"{path}.{name}" if path else name, "unknown field")
    return value


def items(value: Any, path: str, name: str) -> list[Any]:
    if type(value) is not list:
        fail(path + name, "expected a list")
    return value


def some(value: Any, path: str, name: str, most: int, read: Callable[[Any, str], Read]) -> list[Read] | None:
    """A list of 1 to so many entries, each read by `read`. None is absent."""
    if value is None:
        return None
    entries = [read(entry, f"{path}{name}[{index}]") for index, entry in enumerate(items(value, path, name))]
    if not 1 <= len(entries) <= most:
        fail(path + name, f"expected 1 to {most} entries")
    return entries


def integer(value: Any, path: str, name: str, least: int = 0, most: int = TOP) -> int:
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is int and least <= value <= most:
        return value
    fail(path + name, f"expected an integer from {least} to {most}")


def limit(value: Any, path: str, name: str) -> int | None:
    return None if value is None else integer(value, path, name)


def time(value: Any, path: str, name: str) -> int | None:
    return None if value is None else integer(value, path, name, TIME)


def flag(value: Any, path: str, name: str, otherwise: bool) -> bool:
    if value is None:
        return otherwise
    if type(value) is not bool:
        fail(path + name, "expected true or false")
    return value


def unicode(value: Any, path: str, name: str) -> str:
    if type(value) is not str:
        fail(path + name, "expected a string")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            fail(path + name, "expected Unicode text, found a lone surrogate")
    return value


def text(value: Any, path: str, name: str, most: int = 256) -> str:
    string = unicode(value, path, name)
    if not 1 <= len(string) <= most:
        fail(path + name, f"expected 1 to {most} characters")
    return string


def names(value: Any, path: str, name: str) -> list[str] | None:
    if value is None:
        return None
    return [text(entry, path, f"{name}[{index}]") for index, entry in enumerate(items(value, path, name))]


def kind_of(value: Any, path: str, name: str) -> str:
    if not KIND.fullmatch(kind := text(value, path, name)):
        fail(path + name, "expected a kind of 1 to 32 characters from a-z, 0-9 and _")
    return kind


def by_kind(value: Any, path: str) -> list[tuple[str, Any]]:
    """The entries of a map from kinds of identity, or names of facts. An entry that is None is absent."""
    if value is None:
        return []
    entries = [entry for entry in known(value, None, path).items() if entry[1] is not None]
    if len(entries) > 100:
        fail(path, "expected at most 100 entries")
    for kind, _ in entries:
        if not KIND.fullmatch(kind):
            fail(
                f"{path}.{kind}" if re.fullmatch(r"\w+", kind, re.ASCII) else f'{path}["{kind}"]',
                "expected a kind of 1 to 32 characters from a-z, 0-9 and _",
            )
    return entries
