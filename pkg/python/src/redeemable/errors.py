"""What the engine raises; a code that is refused is no error but part of the answer."""

from __future__ import annotations

from .types import ErrorCode

__all__ = ["EngineStopped", "ErrorCode", "InvalidRequest"]


class InvalidRequest(ValueError):
    """The request is malformed: `path` names the caller's field, `message` what was expected there."""

    def __init__(self, code: ErrorCode, path: str, message: str) -> None:
        super().__init__(code, path, message)
        self.code: ErrorCode = code
        self.path = path
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class EngineStopped(RuntimeError):
    """The request takes more time or memory than one call may use. Nothing was decided, and the next call works."""
