"""Decides on what was read, and looks for lapsed holds where too little of a counter is left."""

from collections.abc import Callable
from typing import Any, TypeVar

from ._periods import is_period
from ._steps import Document, Find, Read, Steps
from .engine import Engine, PreparedRules
from .errors import EngineStopped, InvalidRequest
from .types import Decision

A = TypeVar("A")
# How many lapsed holds are looked at for one buyer, at first and at most: an order needs at most 1000 uses.
LEAST_HOLDS = 10
MOST_HOLDS = 1000
MOST_AT_ONCE = 100_000


def decided(decide: Callable[[Document, bool], A], usage: Document, now_ms: int) -> Steps[A]:
    """Decides with `decide` on what was read.

    If too little of a counter is left, the counter is read again, together with some lapsed holds that charge it: 10
    holds, then 100, then 1000, until they free enough. The order is rejected only if too little is left even then. If
    only promotions that nobody typed lack something, 10 holds are looked at. `decide(usage, True)` decides as if the
    buyer had agreed to any price.
    """
    usage = {"counters": usage["counters"], "existing": usage["existing"]}
    decision: Any = decide(usage, False)
    lapsed: dict[str | None, Document] = {}
    # The counters of which too little stays left: looking at more lapsed holds would not help.
    settled: set[str] = set()
    limit = LEAST_HOLDS
    while True:
        short = _short(decide, decision, usage) - settled
        if not short:
            return decision  # type: ignore[no-any-return]
        found = yield Find(now_ms, sorted(short), limit)
        holds, counters = found["holds"], found["counters"]
        # Somebody has released uses since the first read: that alone may be enough.
        fallen = any(counters.get(key, 0) < usage["counters"].get(key, 0) for key in short)
        usage = {**usage, "counters": {**usage["counters"], **counters}}
        lapsed.update((hold.get("id"), hold) for hold in holds)
        some = few(list(lapsed.values()))
        is_accepted = not decision["violations"]
        if fallen or some:
            decision = _reclaim(decide, decision, usage, some)
        if is_accepted or len(holds) < limit or limit == MOST_HOLDS or len(some) < len(lapsed):
            # Stop when all lapsed holds were looked at, or as many as there is time for: a buyer waits for the answer.
            settled |= short
        limit = min(limit * 10, MOST_HOLDS)


def _short(decide: Callable[[Document, bool], Any], decision: Any, usage: Document) -> set[str]:
    """The counters that leave too little for the order or, if it is accepted, for a promotion that takes no part.

    An order that is only too dear might be cheap enough with such a promotion.
    """
    if any(violation["reason"] == "price_changed" for violation in decision["violations"]):
        decision = decide(usage, True)
    named = {each["counter"] for each in decision["violations"] or decision["passed_over"]}
    return {key for key in named if key is not None}


def _reclaim(decide: Callable[[Document, bool], Any], refusal: Any, usage: Document, holds: list[Document]) -> Any:
    """Decides with the first of these lapsed holds released; if that is not enough, with two, then four, eight, all.

    So at most about twice as many holds are released as the order needs. A malformed record is skipped here: the sweep
    raises its error. An accepted order releases no hold that does not help it.
    """
    decision = refusal
    count = 1
    while True:
        try:
            read = {**usage, "lapsed": holds[:count]}
            decision = decide(read, False)
        except EngineStopped:
            return decision
        except InvalidRequest as error:
            # In an exchange the path begins with `request`.
            at = error.at[1:] if error.at[:1] == ["request"] else error.at
            if at[:2] != ["usage", "lapsed"] or len(at) == 2:
                return decision
            holds = [hold for index, hold in enumerate(holds) if index != at[2]]
            continue
        if not _short(decide, decision, read):
            return decision
        if count >= len(holds):
            helps = decision["quote"]["total"] < refusal["quote"]["total"] or (
                len(decision["applied"]) > len(refusal["applied"])
            )
            return decision if not holds or refusal["violations"] or helps else refusal
        count *= 2


def by(engine: Engine | PreparedRules, request: Any, now_ms: int) -> Callable[[Document, bool], Decision]:
    """Decides on this request with what was read."""

    def decide(usage: Document, at_any_price: bool) -> Decision:
        asked: Any = {**priced(request, at_any_price), "usage": usage, "now_ms": now_ms}
        return engine.validate_redemption(asked)

    return decide


def priced(request: Any, at_any_price: bool) -> Any:
    """The request, of a buyer who agrees to any price."""
    return {**request, "order": {**request["order"], "max_total": None}} if at_any_price else request


def replacing(keys: list[str], id: str | None) -> Steps[Document]:
    """The counters of these keys, and the record under the id.

    If that is a hold, the order replaces it: a code keeps the hold's time and is charged in its periods, so their
    counters count, too.
    """
    usage: Document = yield Read(keys, id)
    existing = usage["existing"] or {}
    charged = existing.get("charges") or [] if existing.get("state") == "held" else []
    periods = {charge["key"] for charge in charged if is_period(charge["key"])}
    if not periods <= set(keys):
        usage = yield Read(sorted(periods | set(keys)), id)
    return usage


def in_request(error: InvalidRequest) -> InvalidRequest:
    """A mistake in an order is one of the field `request`, if the order is in such a field."""
    return (
        error if error.at[:1] == ["redemption"] else InvalidRequest(error.code, ["request", *error.at], error.message)
    )


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
