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

from ._plans import forgetting, restored
from ._steps import (
    LAPSED_AT_ONCE,
    Approve,
    Busy,
    Commit,
    Document,
    Find,
    Look,
    Pause,
    R,
    Read,
    RepeatTransaction,
    Step,
    Steps,
)
from .engine import Engine, PreparedRules
from .errors import At, EngineStopped, InvalidRequest
from .types import Confirmation, Decision, PaymentReport, Redemption, ReleaseAnswer

REQUEST = ("codes", "promos", "policy", "order", "rules", "unsound")
# How many lapsed holds are looked at for one buyer, at first and at most: an order needs at most 1000 uses.
LEAST_HOLDS = 10
MOST_HOLDS = 1000
MOST_AT_ONCE = 100_000


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
        return (yield from _decided(engine, request, usage, now_ms))

    def redeem(self, request: Any) -> Steps[Decision]:
        def decide() -> Steps[tuple[Document, Decision]]:
            now_ms = self.now()
            engine, asked = yield from self._asked(request, now_ms)
            timed: Any = {**asked, "now_ms": now_ms}
            keys = engine.usage_keys(timed)
            id = asked["order"].get("id")
            if id is None:
                raise _mistake(("order", "id"), "expected an id, because an order without one is only a preview")
            usage = yield Read(keys, id)
            decision = yield from _decided(engine, asked, usage, now_ms)
            if decision["status"] == "accepted" and (yield Approve(decision)) is False:
                # A host may believe that returning False refuses. It would sell what it wanted to refuse.
                raise TypeError("approve: expected an exception in order to refuse, found False")
            return usage, decision

        return (yield from self._settle(decide))

    def confirm(self, id: str, payment: PaymentReport, over_limit: bool, dry: bool) -> Steps[Confirmation | None]:
        _check_id(id)
        if not isinstance(payment, Mapping):
            raise _mistake(("payment",), f"expected an object, found a value of type {type(payment).__name__}")
        # The check is skipped only if the host says so with None: a total that was forgotten is a mistake.
        if "total" not in payment:
            raise _mistake(("payment", "total"), "expected what was paid, or None to skip the check")

        def decide() -> Steps[tuple[Document, Confirmation | None]]:
            usage = yield Read([], id)
            redemption = usage["existing"]
            if redemption is None:
                return usage, None
            if redemption["state"] == "released" and any(
                (ticket.get("released") or {}).get("reason") == "hold_expired" for ticket in redemption["tickets"]
            ):
                # The hold has lapsed, and its uses were given back. They must fit under the limits again.
                usage = yield Read([charge["key"] for charge in redemption["charges"]], id)
                redemption = usage["existing"]
            return usage, self.engine.confirm_redemption(
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

        def decide() -> Steps[tuple[Document, ReleaseAnswer | None]]:
            usage = yield Read([], id)
            redemption = usage["existing"]
            return usage, None if redemption is None else self._release(redemption, reason, tickets, release_id)

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

    def _settle(self, decide: Callable[[], Steps[tuple[Document, R]]]) -> Steps[R]:
        """Reads and decides again until the plan is committed, or there is nothing to commit."""
        for attempt in range(self.attempts):
            yield from pause(attempt)
            answer: Any
            usage, answer = yield from decide()
            if answer is None or not answer["ops"]:
                return answer  # type: ignore[no-any-return]
            was, ops = usage["existing"], answer["ops"]
            ops = ops if was is None else forgetting(ops, was)
            if (yield Commit(restored(was, ops) if usage.get("archived") else ops)):
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
            if callable(asked.get("promos")):
                asked["promos"] = yield from self._found(asked, now_ms)
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

    def _found(self, asked: Any, now_ms: int) -> Steps[Any]:
        """The documents of the typed codes, found by the host's function, unless the request is malformed."""
        # This call raises if the request is malformed; its answer is not needed.
        without: Any = {**asked, "promos": [], "now_ms": now_ms}
        self.engine.usage_keys(without)
        forms = (self.engine.canonical_code({"text": text}) for text in asked["codes"])
        codes = list({code["canonical"]: code for code in forms if code["canonical"]}.values())
        return (yield Look(asked["promos"], codes)) if codes else []

    def _release(
        self, redemption: Document, reason: Any, tickets: Sequence[int] | None, release_id: str | None = None
    ) -> ReleaseAnswer:
        release: Any = {"id": release_id, "reason": reason, "tickets": tickets}
        return self.engine.apply_release({"redemption": redemption, "release": release, "now_ms": self.now()})


def _decide(engine: Engine | PreparedRules, request: Any, usage: Document, now_ms: int) -> Decision:
    asked: Any = {**request, "usage": usage, "now_ms": now_ms}
    return engine.validate_redemption(asked)


def _decided(engine: Engine | PreparedRules, request: Any, usage: Document, now_ms: int) -> Steps[Decision]:
    """Decides on what was read.

    If too little of a counter is left, the counter is read again, together with some lapsed holds that charge it: 10
    holds, then 100, then 1000, until they free enough. The order is rejected only if too little is left even then.
    """
    usage = {"counters": usage["counters"], "existing": usage["existing"]}
    decision = _decide(engine, request, usage, now_ms)
    lapsed: dict[str | None, Document] = {}
    # The counters of which too little stays left: looking at more lapsed holds would not help.
    settled: set[str] = set()
    limit = LEAST_HOLDS
    while True:
        named = {violation["counter"] for violation in decision["violations"]}
        short = {key for key in named if key is not None} - settled
        if not short:
            return decision
        found = yield Find(now_ms, sorted(short), limit)
        holds, counters = found["holds"], found["counters"]
        # Somebody has released uses since the first read: that alone may be enough.
        fallen = any(counters.get(key, 0) < usage["counters"].get(key, 0) for key in short)
        usage = {**usage, "counters": {**usage["counters"], **counters}}
        lapsed.update((hold.get("id"), hold) for hold in holds)
        some = few(list(lapsed.values()))
        if fallen or some:
            decision = _reclaim(engine, decision, request, usage, some, now_ms)
        if len(holds) < limit or limit == MOST_HOLDS or len(some) < len(lapsed):
            # Stop when all lapsed holds were looked at, or as many as there is time for: a buyer waits for the answer.
            settled |= short
        limit = min(limit * 10, MOST_HOLDS)


def _reclaim(
    engine: Engine | PreparedRules, refusal: Decision, request: Any, usage: Document, holds: list[Document], now_ms: int
) -> Decision:
    """Decides with the first of these lapsed holds released; if that is not enough, with two, then four, eight, all.

    So at most about twice as many holds are released as the order needs. A malformed record is skipped here: the sweep
    raises its error.
    """
    decision = refusal
    count = 1
    while True:
        try:
            decision = _decide(engine, request, {**usage, "lapsed": holds[:count]}, now_ms)
        except EngineStopped:
            return decision
        except InvalidRequest as error:
            if error.at[:2] != ["usage", "lapsed"] or len(error.at) == 2:
                return decision
            holds = [hold for index, hold in enumerate(holds) if index != error.at[2]]
            continue
        if decision["status"] == "accepted" or count >= len(holds):
            return decision
        count *= 2


def few(redemptions: list[Document]) -> list[Document]:
    """Returns the first of these records: as many as one call of the engine answers quickly, and at least one.

    The work is estimated: each ticket counts 10, plus 1 for each charge of its record; each ticket that a release in
    the record names counts 1.
    """
    size = 0
    for index, redemption in enumerate(redemptions):
        size += len(redemption.get("tickets") or [None]) * (10 + len(redemption.get("charges") or []))
        size += sum(len(release.get("tickets") or []) for release in redemption.get("releases") or [])
        if size > MOST_AT_ONCE:
            return redemptions[: max(index, 1)]
    return redemptions


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
