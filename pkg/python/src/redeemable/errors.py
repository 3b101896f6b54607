"""The exceptions of the engine. A rejected code is no exception: the decision says why it was rejected."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .types import ErrorCode

__all__ = ["EngineStopped", "ErrorCode", "InvalidRequest"]


At = tuple[str | int, ...]
"""The fields and positions that lead to a value: `("promos", 2, "max_uses")`."""


class InvalidRequest(ValueError):
    """The request is malformed: `at` leads to the field with the mistake, and `message` says what was expected there.

    `at` is a list of fields and positions, `["promos", 2, "max_usse"]`, and `path` is its text, `promos[2].max_usse`.
    """

    def __init__(self, code: ErrorCode, at: Sequence[str | int], message: str) -> None:
        super().__init__(code, at, message)
        self.code: ErrorCode = code
        self.path = path_of(at)
        self.at = list(at)
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class EngineStopped(RuntimeError):
    """The request needs more time or memory than one call may use. Nothing was decided, and the next call works."""


def path_of(at: Sequence[str | int]) -> str:
    """A path as text, as the engine writes it: `promos[2].max_uses`. A key that is no plain word stands in brackets."""
    path = ""
    for step in at:
        if isinstance(step, int):
            path += f"[{step}]"
        elif re.fullmatch("[A-Za-z0-9_]+", step):
            path += f".{step}" if path else str(step)
        else:
            key = step.replace("\\", "\\\\").replace('"', '\\"')
            key = re.sub("[\x00-\x1f\x7f-\x9f]", lambda control: f"\\u{ord(control[0]):04x}", key)
            path += f'["{key}"]'
    return path
