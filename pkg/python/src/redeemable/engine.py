"""The engine for Python: dicts in, dicts out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ._faults import marked, validate
from ._functions import Functions
from ._instance import FUEL, MEMORY, Instance
from ._plain import check, fault
from .errors import EngineStopped, InvalidRequest
from .types import (
    Decision,
    Policy,
    PreparedKeysRequest,
    PreparedRequest,
    Promo,
    Unsound,
    ValidateRequest,
)

try:
    import orjson
except ImportError:
    orjson = None  # type: ignore[assignment]

__all__ = ["Engine", "PreparedRules"]

# An instance whose call was longer than this is not kept: its memory never shrinks.
KEEP = 1 << 20
# So many requests cross at once, and share what one call may use.
BATCH = 32


class Engine(Functions):
    """Decides, prices and plans. One serves all threads and tasks of a process.

    Every call raises `InvalidRequest` for a malformed request, and `EngineStopped` for one that takes more computing
    or memory than a call may use.
    """

    def __init__(self, *, fuel: int = FUEL, memory: int = MEMORY) -> None:
        """`fuel` is how many WebAssembly instructions, and `memory` how many bytes, one call may use, at most 2 GiB."""
        self._fuel = fuel
        self._memory = memory
        # Taking from a list and appending to it are atomic: an instance is used by one thread at a time.
        self._free = [Instance(self._fuel, self._memory)]

    def prepare(
        self, *, promos: Sequence[Promo], policy: Policy | None = None, unsound: Unsound | None = None
    ) -> PreparedRules:
        """Promos and policy, read, checked and indexed once, for many orders.

        `unsound`: a promo that `validate_promos` finds fault with raises (`refuse`, the default), or is left out
        (`leave_out`): to a buyer its code is unknown, and the others are sold. A policy with faults always raises.
        """
        return PreparedRules(self, promos, policy, unsound)

    def validate_redemptions(self, requests: Iterable[ValidateRequest]) -> list[Decision | InvalidRequest]:
        """Many requests that know nothing of each other, at less cost for each.

        A malformed one has its error in the place of its decision.
        """
        written = _written(list(requests))
        texts = [text for text in written if isinstance(text, bytes)]
        answers: list[Any] = []
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            try:
                lines = self._cross("validate-redemptions", b"\n".join(batch))
            except EngineStopped:
                # Too much together; alone, each request has all that a call may use.
                answers += [_read(self._cross("validate-redemption", text)) for text in batch]
            else:
                answers += _read(b"[" + lines[:-1].replace(b"\n", b",") + b"]")
        decided = iter(answers)
        return [_decision(next(decided)) if isinstance(text, bytes) else text for text in written]

    def _call(self, verb: str, request: object, rules: PreparedRules | None = None) -> Any:
        if verb == "validate-promos":
            # What JSON cannot carry is a fault of the document like any other.
            return validate(request, _write, lambda text: _read(_checked(self._cross(verb, text))))
        return _read(_checked(self._cross(verb, _write(request), rules)))

    def _text(self, verb: str, request: str | bytes, rules: PreparedRules | None = None) -> str:
        try:
            text = request if isinstance(request, bytes) else request.encode()
        except UnicodeEncodeError:
            raise fault(request) from None
        return _checked(self._cross(verb, text, rules)).decode()

    def _cross(self, verb: str, request: bytes, rules: PreparedRules | None = None) -> bytes:
        try:
            instance = self._free.pop()
        except IndexError:
            instance = Instance(self._fuel, self._memory)
        try:
            answer = instance.answer(verb, request, rules)
        except EngineStopped:
            if not instance.serves_others(rules):
                raise
            # The memory that other rules took of it: a new one has all that a call may use.
            instance = Instance(self._fuel, self._memory)
            answer = instance.answer(verb, request, rules)
        if len(request) + len(answer) < KEEP:
            self._free.append(instance)
        return answer


class PreparedRules:
    """Promos and policy, read, checked and indexed once: `Engine.prepare` makes them.

    One serves all threads and tasks of a process. What its promos were made of may change later: it keeps what it was
    given. Its calls answer and raise what those of `Engine` of the same names do; its memory, in WebAssembly, is given
    back once nobody holds it any more.
    """

    def __init__(self, engine: Engine, promos: Sequence[Promo], policy: Policy | None, unsound: Unsound | None) -> None:
        self._engine = engine
        # Each instance of the engine prepares them before it first serves them; this one tells of mistakes.
        document = {"promos": promos, "policy": policy, "unsound": unsound}
        self.document, _ = marked(
            document, _write, lambda at: unsound == "leave_out" and at[:1] == ("promos",) and len(at) > 1
        )
        _checked(engine._cross("prepare", b"", self))

    def validate_redemption(self, request: PreparedRequest) -> Decision:
        """Decides whether the order may be had with these codes, at what price, and what the host commits."""
        decision: Decision = self._engine._call("prepared-validate-redemption", request, self)
        return decision

    def usage_keys(self, request: PreparedKeysRequest | PreparedRequest) -> list[str]:
        """The keys of the counters that the plan for this request may charge, sorted."""
        keys: list[str] = self._engine._call("prepared-usage-keys", request, self)
        return keys

    def validate_redemption_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._engine._text("prepared-validate-redemption", request, self)

    def usage_keys_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._engine._text("prepared-usage-keys", request, self)


def _write(request: object) -> bytes:
    check(request)
    return _encode(request)


def _encode(request: object) -> bytes:
    if orjson is not None:
        try:
            return orjson.dumps(request)
        except TypeError:
            pass  # what it does not write, such as an integer of 20 digits or a subclass of float
    try:
        return json.dumps(request, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:  # half of a surrogate pair, or an integer of some thousand digits
        raise fault(request) from None


def _written(requests: list[Any]) -> list[bytes | InvalidRequest]:
    try:
        check(requests)
        return [_encode(request) for request in requests]
    except InvalidRequest:
        return [_written_alone(request) for request in requests]


def _written_alone(request: object) -> bytes | InvalidRequest:
    try:
        return _write(request)
    except InvalidRequest as error:
        return error


def _read(text: bytes) -> Any:
    return json.loads(text) if orjson is None else orjson.loads(text)


def _checked(answer: bytes) -> bytes:
    if answer.startswith(b'{"error":'):
        raise _error(json.loads(answer))
    return answer


def _decision(answer: Any) -> Decision | InvalidRequest:
    if "error" in answer:
        return _error(answer)
    decision: Decision = answer
    return decision


def _error(answer: Any) -> InvalidRequest:
    error = answer["error"]
    return InvalidRequest(error["code"], error["at"], error["message"])
