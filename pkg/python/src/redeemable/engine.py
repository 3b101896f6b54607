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
    ExchangeAnswer,
    Policy,
    PreparedExchangeRequest,
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

# After a request and answer longer than this, the instance is thrown away, because its memory never shrinks.
KEEP = 1 << 20
# How many requests `validate_redemptions` puts into one call. They share the fuel and the memory that a call may use.
BATCH = 32


class Engine(Functions):
    """Decides, prices and plans. One engine serves all threads and tasks of a process.

    Every call raises `InvalidRequest` for a malformed request, and `EngineStopped` for a request that needs more
    computing or memory than one call may use.
    """

    def __init__(self, *, fuel: int = FUEL, memory: int = MEMORY) -> None:
        """One call may use `fuel` WebAssembly instructions and `memory` bytes; `memory` is at most 2 GiB."""
        self._fuel = fuel
        self._memory = memory
        # The instances that nobody uses now. `pop` and `append` are atomic, so no two threads get the same instance.
        self._free = [Instance(self._fuel, self._memory)]

    def prepare(
        self, *, promos: Sequence[Promo], policy: Policy | None = None, unsound: Unsound | None = None
    ) -> PreparedRules:
        """Reads, checks and indexes promos and a policy once, for many orders.

        `unsound` says what happens to a promo in which `validate_promos` finds a fault: with `refuse` (the default) it
        raises, and with `leave_out` its code is unknown to buyers while other codes are sold as usual. A policy with
        faults always raises.
        """
        return PreparedRules(self, promos, policy, unsound)

    def validate_redemptions(self, requests: Iterable[ValidateRequest]) -> list[Decision | InvalidRequest]:
        """Decides on many independent requests, faster than one by one.

        A malformed request has its error in the list, at the place of its decision.
        """
        written = _written(list(requests))
        texts = [text for text in written if isinstance(text, bytes)]
        answers: list[Any] = []
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            try:
                lines = self._cross("validate-redemptions", b"\n".join(batch))
            except EngineStopped:
                # Together the requests need too much, so ask one by one: each may then use all that a call may use.
                answers += [_read(self._cross("validate-redemption", text)) for text in batch]
            else:
                answers += _read(b"[" + lines[:-1].replace(b"\n", b",") + b"]")
        decided = iter(answers)
        return [_decision(next(decided)) if isinstance(text, bytes) else text for text in written]

    def _call(self, verb: str, request: object, rules: PreparedRules | None = None) -> Any:
        if verb == "validate-promos":
            # Here a value that JSON cannot hold is a fault of the document, like any other fault.
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
            # Rules that were prepared before may take too much of the instance's memory. A new instance has all of it.
            instance = Instance(self._fuel, self._memory)
            answer = instance.answer(verb, request, rules)
        if len(request) + len(answer) < KEEP:
            self._free.append(instance)
        return answer


class PreparedRules:
    """Promos and a policy that are read, checked and indexed once. `Engine.prepare` makes them.

    One object serves all threads and tasks of a process. It keeps a copy of the promos, which the caller may change
    later. Its methods answer and raise exactly what the methods of `Engine` with the same names do. Its memory, in
    WebAssembly, is freed when nobody holds the object any more.
    """

    def __init__(self, engine: Engine, promos: Sequence[Promo], policy: Policy | None, unsound: Unsound | None) -> None:
        self._engine = engine
        # Each instance of the engine prepares the document before its first request under these rules. The call below
        # prepares it on one instance, so that mistakes are raised here.
        document = {"promos": promos, "policy": policy, "unsound": unsound}
        self.document, _ = marked(
            document, _write, lambda at: unsound == "leave_out" and at[:1] == ("promos",) and len(at) > 1
        )
        _checked(engine._cross("prepare", b"", self))

    def validate_redemption(self, request: PreparedRequest) -> Decision:
        """Decides whether the order is accepted with these codes, at what price, and what the host commits."""
        decision: Decision = self._engine._call("prepared-validate-redemption", request, self)
        return decision

    def usage_keys(self, request: PreparedKeysRequest | PreparedRequest) -> list[str]:
        """The keys of the counters that the plan for this request may charge, sorted."""
        keys: list[str] = self._engine._call("prepared-usage-keys", request, self)
        return keys

    def exchange_redemption(self, request: PreparedExchangeRequest) -> ExchangeAnswer:
        """Exchanges tickets of a paid order for other ones, and says what is due or left over."""
        answer: ExchangeAnswer = self._engine._call("prepared-exchange-redemption", request, self)
        return answer

    def validate_redemption_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._engine._text("prepared-validate-redemption", request, self)

    def usage_keys_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._engine._text("prepared-usage-keys", request, self)

    def exchange_redemption_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._engine._text("prepared-exchange-redemption", request, self)


def _write(request: object) -> bytes:
    check(request)
    return _encode(request)


def _encode(request: object) -> bytes:
    if orjson is not None:
        try:
            return orjson.dumps(request)
        except TypeError:
            pass  # orjson does not write some values, such as an integer of 20 digits or a subclass of float
    try:
        return json.dumps(request, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:  # a lone surrogate, or an integer of some thousand digits
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
