"""The verbs of the kits (`redeem`, `confirm`, `release` and so on), each as a generator that calls no store itself.

The generator yields a request to the store (`Read`, `Commit`, `Find`, `Scan`, `Ask`) or to the host (`Look`,
`Approve`, `Hand`), or a `Pause`. It is sent the result, and finally returns the answer. So the same verbs serve
`redeemable.host`, which calls a store's plain functions, and `redeemable.aio`, which awaits them.
"""

import random
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from ._deciding import by, decided, in_request, priced, replacing
from ._plans import forgetting, restored
from ._promos import are_found, found
from ._steps import (
    LAPSED_AT_ONCE,
    Approve,
    Busy,
    Commit,
    Document,
    Find,
    Pause,
    R,
    Read,
    RepeatTransaction,
    Step,
    Steps,
)
from .engine import Engine, PreparedRules
from .errors import At, InvalidRequest
from .types import Confirmation, Decision, ExchangeAnswer, PaymentReport, Redemption, ReleaseAnswer

REQUEST = ("codes", "promos", "policy", "order", "rules", "unsound")


class Kit(NamedTuple):
    """The verbs, and the options that they share."""

    engine: Engine
    now: Callable[[], int]
    attempts: int

    def preview(self, request: Any) -> Steps[Decision]:
        now_ms = self.now()
        engine, request = yield from self._asked(request, now_ms)
        if isinstance(request.get("order"), Mapping):
            request = {**request, "order": {**request["order"], "id": None}}
        timed: Any = {**request, "now_ms": now_ms}
        usage = yield Read(engine.usage_keys(timed), None)
        return (yield from decided(by(engine, request, now_ms), usage, now_ms))

    def redeem(self, request: Any) -> Steps[Decision]:
        def decide() -> Steps[tuple[list[Document], Decision]]:
            now_ms = self.now()
            engine, asked = yield from self._asked(request, now_ms)
            timed: Any = {**asked, "now_ms": now_ms}
            keys = engine.usage_keys(timed)
            id = asked["order"].get("id")
            if id is None:
                raise _mistake(("order", "id"), "expected an id, because an order without one is only a preview")
            usage = yield from replacing(keys, id)
            decision = yield from decided(by(engine, asked, now_ms), usage, now_ms)
            yield from _approved(decision)
            return [usage], decision

        return (yield from self._settle(decide))

    def confirm(self, id: str, payment: PaymentReport, over_limit: bool, dry: bool) -> Steps[Confirmation | None]:
        _check_id(id)
        if not isinstance(payment, Mapping):
            raise _mistake(("payment",), f"expected an object, found a value of type {type(payment).__name__}")
        # The check is skipped only if the host says so with None: a total that was forgotten is a mistake.
        if "total" not in payment:
            raise _mistake(("payment", "total"), "expected what was paid, or None to skip the check")

        def decide() -> Steps[tuple[list[Document], Confirmation | None]]:
            usage = yield Read([], id)
            redemption = usage["existing"]
            if redemption is None:
                return [], None
            if redemption["state"] == "released" and any(
                (ticket.get("released") or {}).get("reason") == "hold_expired" for ticket in redemption["tickets"]
            ):
                # The hold has lapsed, and its uses were given back. They must fit under the limits again.
                usage = yield Read([charge["key"] for charge in redemption["charges"]], id)
                redemption = usage["existing"]
            return [usage], self.engine.confirm_redemption(
                {
                    "redemption": redemption,
                    "payment": payment,
                    "usage": {"counters": usage["counters"]},
                    "now_ms": self.now(),
                    "over_limit": over_limit,
                    "dry": dry,
                }
            )

        return (yield from self._settle(decide))

    def release(
        self, id: str, reason: str, tickets: Sequence[int] | None, release_id: str | None
    ) -> Steps[ReleaseAnswer | None]:
        _check_id(id)

        def decide() -> Steps[tuple[list[Document], ReleaseAnswer | None]]:
            usage = yield Read([], id)
            redemption = usage["existing"]
            answer = None if redemption is None else self._release(redemption, reason, tickets, release_id)
            return [usage], answer

        return (yield from self._settle(decide))

    def exchange(
        self, id: str, request: Any, tickets: Sequence[int] | None, payment: Any, refund: bool
    ) -> Steps[ExchangeAnswer | None]:
        _check_id(id)
        if payment is not None and "total" not in payment:
            raise _mistake(("payment", "total"), "expected what was authorised, or None to skip the check")

        def decide() -> Steps[tuple[list[Document], ExchangeAnswer | None]]:
            now_ms = self.now()
            old = yield Read([], id)
            redemption = old["existing"]
            if redemption is None:
                return [], None
            try:
                engine, asked = yield from self._asked(request, now_ms)
                timed: Any = {**asked, "now_ms": now_ms, "redemption": redemption}
                keys = engine.usage_keys(timed)
            except InvalidRequest as error:
                raise in_request(error) from None
            usage = yield from replacing(keys, asked["order"].get("id"))

            def exchanged(read: Document, at_any_price: bool) -> ExchangeAnswer:
                wanted: Any = {
                    "redemption": redemption,
                    "tickets": tickets,
                    "request": {**priced(asked, at_any_price), "usage": read},
                    "payment": payment,
                    "refund": refund,
                    "now_ms": now_ms,
                }
                return engine.exchange_redemption(wanted)

            answer = yield from decided(exchanged, usage, now_ms)
            yield from _approved(answer)
            return [old, usage], answer

        return (yield from self._settle(decide))

    def sweep(self) -> Steps[int]:
        swept = 0
        # The holds that were not released: somebody else changed them, or they cannot be released. The store may find
        # them again, so each `Find` asks for that many more.
        left: set[str | None] = set()
        faults: list[Exception] = []
        while True:
            found = yield Find(self.now(), None, LAPSED_AT_ONCE + len(left))
            holds = [redemption for redemption in found["holds"] if redemption.get("id") not in left]
            if not holds:
                if faults:
                    raise faults[0]
                return swept
            for redemption in holds:
                try:
                    ops = self._release(redemption, "hold_expired", None)["ops"]
                    if not ops:
                        # The row's column `state` says held, but the document in the row does not. The empty plan
                        # would be committed and change nothing, and this sweep would find the row again without end.
                        instead = f"found {redemption['state']}, in the redemption {redemption['id']}"
                        raise _mistake(("redemption", "state"), f"expected held, as its row says, {instead}")
                    stored = yield Commit(ops)
                except RepeatTransaction:
                    raise
                except Exception as fault:
                    faults.append(fault)
                    stored = False
                if stored:
                    swept += 1
                else:
                    # After a conflict the hold is skipped: it may have been paid or extended meanwhile.
                    left.add(redemption.get("id"))

    def _settle(self, decide: Callable[[], Steps[tuple[list[Document], R]]]) -> Steps[R]:
        """Reads and decides again until the plan is committed, or there is nothing to commit."""
        for attempt in range(self.attempts):
            yield from pause(attempt)
            answer: Any
            read, answer = yield from decide()
            if answer is None or not answer["ops"]:
                return answer  # type: ignore[no-any-return]
            plan = answer["ops"]
            changed = {op["id"] for op in plan if op["op"] == "update"}
            for usage in read:
                record = usage["existing"]
                if record is not None and record["id"] in changed:
                    plan = forgetting(plan, record)
                    # A record in the archive comes back before it changes.
                    plan = restored(record, plan) if usage.get("archived") else plan
            if (yield Commit(plan)):
                return answer  # type: ignore[no-any-return]
        raise Busy(self.attempts)

    def _asked(self, request: Any, now_ms: int) -> Steps[tuple[Engine | PreparedRules, Any]]:
        """What decides in this attempt (the engine, or the request's prepared rules), and the request to decide on."""
        for field in request:
            # `now_ms` and `usage` are no fields here: the clock is an option, and usage is read from the store.
            if field not in REQUEST:
                raise _mistake((field,), f"unknown field, expected one of {', '.join(REQUEST)}")
        asked = {field: request[field] for field in request if field not in ("rules", "unsound")}
        rules, unsound = request.get("rules"), request.get("unsound")
        if rules is None:
            if are_found(asked.get("promos")):
                asked["promos"] = yield from found(self.engine, asked, now_ms)
            if unsound is None:
                return self.engine, asked
            return self.engine.prepare(
                promos=asked.pop("promos", None), policy=asked.pop("policy", None), unsound=unsound
            ), asked
        if not isinstance(rules, PreparedRules):
            raise _mistake(("rules",), f"expected PreparedRules, found {type(rules).__name__}")
        for field in ("promos", "policy", "unsound"):
            if request.get(field) is not None:
                raise _mistake((field,), "expected nothing beside rules, which have their own")
            asked.pop(field, None)
        return rules, asked

    def _release(
        self, redemption: Document, reason: Any, tickets: Sequence[int] | None, release_id: str | None = None
    ) -> ReleaseAnswer:
        release: Any = {"id": release_id, "reason": reason, "tickets": tickets}
        return self.engine.apply_release({"redemption": redemption, "release": release, "now_ms": self.now()})


def _approved(decision: Any) -> Steps[None]:
    if decision["status"] == "accepted" and (yield Approve(decision)) is False:
        # A host may believe that returning False refuses. It would sell what it wanted to refuse.
        raise TypeError("approve: expected an exception in order to refuse, found False")


@cache
def _shared_engine() -> Engine:
    return Engine()


def _system_clock() -> int:
    return time.time_ns() // 1_000_000


def _milliseconds(now: Callable[[], int]) -> int:
    """The host's time. A clock in seconds is refused: no hold would ever lapse, and nobody would notice."""
    ms = now()
    if not isinstance(ms, int) or not 100_000_000_000 <= ms <= 2**53 - 1:
        raise _mistake(("now",), f"expected a clock of milliseconds since 1970, in integers, found {ms!r}")
    return ms


def kit(engine: Engine | None, now: Callable[[], int] | None, attempts: int) -> Kit:
    """The verbs of `redeemable.host` and `redeemable.aio`. None means the shared engine, or the system's clock."""
    if attempts < 1:
        raise ValueError(f"attempts: expected an integer from 1, found {attempts}")
    check_callable("now", now)
    return Kit(engine or _shared_engine(), partial(_milliseconds, now or _system_clock), attempts)


def check_callable(name: str, option: object) -> None:
    if option is not None and not callable(option):
        raise TypeError(f"{name}: expected a function, found {option!r}")


def pause(attempt: int) -> Generator[Step, Any, None]:
    """A random pause before each attempt but the first, so that two hosts do not write at the same time again."""
    if attempt > 0:
        yield Pause(random.uniform(0, min(20 << min(attempt - 1, 3), 160)) / 1000)


def redemptions_of(ops: Sequence[Document]) -> list[Redemption]:
    """The records of a plan, which the host's `write` gets."""
    return [op["redemption"] for op in ops if "redemption" in op]


def _mistake(at: At, message: str) -> InvalidRequest:
    return InvalidRequest("invalid_request", at, message)


def _check_id(id: str) -> None:
    # A lone surrogate would make the driver fail, and every driver fails differently.
    if not isinstance(id, str) or not 1 <= len(id) <= 256 or any("\ud800" <= character <= "\udfff" for character in id):
        raise _mistake(("id",), "expected a string of 1 to 256 characters")
