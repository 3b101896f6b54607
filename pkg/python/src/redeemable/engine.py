"""The engine for Python: dicts in, dicts out."""

from __future__ import annotations

import json
from typing import Any

from ._instance import FUEL, MEMORY, Instance
from ._plain import check, fault
from .errors import InvalidRequest

try:
    import orjson
except ImportError:
    orjson = None  # type: ignore[assignment]

# An instance that was used for more than this is not kept: its memory never shrinks.
KEEP = 1 << 18


class Engine:
    """Decides, prices and plans. One serves all threads and tasks of a process."""

    def __init__(self) -> None:
        self._fuel = FUEL
        self._memory = MEMORY
        # Taking from a list and appending to it are atomic: each instance is used by one thread at a time.
        self._free: list[Instance] = [Instance()]

    def validate_redemption(self, request: Any) -> Any:
        """Decides whether the order may be had with these codes, at what price, and what the host commits."""
        return self._dict("validate-redemption", request)

    def confirm_redemption(self, request: Any) -> Any:
        """Confirms what was paid for: a hold even past its expiry, and one that lapsed if its charges still fit."""
        return self._dict("confirm-redemption", request)

    def apply_release(self, request: Any) -> Any:
        """Releases tickets, and gives back what the terms in the record say for the reason."""
        return self._dict("apply-release", request)

    def usage_keys(self, request: Any) -> Any:
        """The keys of the counters that the plan for this request may charge, sorted."""
        return self._dict("usage-keys", request)

    def _dict(self, verb: str, request: object) -> Any:
        return self._loads(self._text(verb, self._dumps(request)))

    def _text(self, verb: str, request: bytes) -> bytes:
        try:
            instance = self._free.pop()
        except IndexError:
            instance = Instance(self._fuel, self._memory)
        answer = instance.answer(verb, request)
        if len(request) + len(answer) < KEEP:
            self._free.append(instance)
        if answer.startswith(b'{"error":'):
            error = json.loads(answer)["error"]
            raise InvalidRequest(error["code"], error["path"], error["message"])
        return answer

    def _dumps(self, request: object) -> bytes:
        check(request)
        if orjson is not None:
            try:
                return orjson.dumps(request)
            except TypeError:
                pass  # a larger integer than it writes, or half of a surrogate pair
        try:
            return json.dumps(request, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except (UnicodeEncodeError, ValueError):
            raise fault(request) from None

    def _loads(self, text: bytes) -> Any:
        return json.loads(text) if orjson is None else orjson.loads(text)
