"""Checks, before anything is timed, that hand-written code and the engine give the same answers and the same errors."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from workloads import WORKLOADS, random_request

Decide = Callable[[Any], dict[str, Any]]
REASONS = [
    "unknown_code",
    "cannot_combine",
    "inactive",
    "not_started",
    "ended",
    "outside_hours",
    "wrong_event",
    "wrong_currency",
    "not_eligible",
    "below_min_tickets",
    "missing_tickets",
    "wrong_ticket_type",
    "nothing_to_discount",
    "identity_required",
    "uses_exhausted",
    "identity_uses_exhausted",
    "period_uses_exhausted",
    "period_identity_uses_exhausted",
    "pool_exhausted",
    "pool_budget_exhausted",
    "free_tickets_exhausted",
    "tickets_exhausted",
]
MISTAKES: list[tuple[str, tuple[Any, ...], list[Any]]] = [
    ("max_usse", ("max_usse",), [None]),
    ("policy.max_usse", ("policy", "max_usse"), [1]),
    ("order.max_usse", ("order", "max_usse"), [None]),
    ("usage.max_usse", ("usage", "max_usse"), [1]),
    ("order.lines[0].max_usse", ("order", "lines", 0, "max_usse"), [1]),
    ("order.lines[0].quantity", ("order", "lines", 0, "quantity"), [0, 1.5, "1", 1001, None, True]),
    ('order.identities["E-Mail"]', ("order", "identities", "E-Mail"), ["ann"]),
    ('order.facts["E-Mail"]', ("order", "facts", "E-Mail"), [True]),
    ("order.currency", ("order", "currency"), ["", "seventeen letters", None, 978]),
    ("now_ms", ("now_ms",), [1_800_000_000, None, "now"]),
    ("codes[0]", ("codes", 0), [1, None, "\ud800", ["alpha"]]),
    ("promos[0].max_usse", ("promos", 0, "max_usse"), [1]),
    ("promos[0].max_uses", ("promos", 0, "max_uses"), [-1, 0.5, "5", 2**53]),
    ("promos[0].priority", ("promos", 0, "priority"), [1001]),
    ("promos[0].code", ("promos", 0, "code"), ["", " \u200b ", "A\tB", "x" * 65, None]),
    ("promos[0].ends_at_ms", ("promos", 0, "ends_at_ms"), [1_800_000_000]),
    ("policy.zone[0].offset_minutes", ("policy", "zone", 0, "offset_minutes"), [7, 900, "60", None]),
    ("promos[0].weekly[0].days[0]", ("promos", 0, "weekly", 0, "days", 0), [0, 8, "1"]),
    ("promos[0].per_period[0].every", ("promos", 0, "per_period", 0, "every"), ["year", None, 1]),
    ("promos[0].requires[0].min_tickets", ("promos", 0, "requires", 0, "min_tickets"), [0, 0.5, "1"]),
    ("promos[0].only_if[0].fact", ("promos", 0, "only_if", 0, "fact"), ["Member", "", 1]),
    ("promos[0].discount.tiers[0].from", ("promos", 0, "discount", "tiers", 0, "from"), [0, 0.5, "1"]),
    ("promos[0].discount.size", ("promos", 0, "discount", "size"), [1, 2.5, "3"]),
    ("promos[0].discounts[0].discount.kind", ("promos", 0, "discounts", 0, "discount", "kind"), ["half", None, 1]),
]


def check(
    hand: list[Decide], engine: list[Decide], usage_keys: Callable[[Any], list[str]], count: int = 1200
) -> Counter[str]:
    for name, request in WORKLOADS.items():
        assert same([*hand, *engine], request)["status"] == ("rejected" if name == "reject" else "accepted"), name
    dice = random.Random(20261122)
    seen: Counter[str] = Counter()
    for _ in range(count):
        request = random_request(dice)
        for key in usage_keys(request):
            if dice.randrange(3):
                request["usage"]["counters"][key] = dice.randrange(40_000 if "spend" in key else 9)
        decision = same([*hand, *engine], request)
        seen.update([decision["status"], *(violation["reason"] for violation in decision["violations"])])
        able = [mistake for mistake in MISTAKES if stands(request, mistake[1][:-1])]
        if "size" not in (request["promos"] or [{}])[0].get("discount", {}):
            able = [mistake for mistake in able if mistake[0] != "promos[0].discount.size"]
        path, place, values = dice.choice(able)
        wrong = changed(request, place, dice.choice(values))
        assert {mistake(decide, wrong) for decide in [*hand, *engine]} == {path}, wrong
        seen[path] += 1
    # The random orders must have led to each of these at least once, or the comparison says nothing about it.
    for what in ["accepted", "rejected", *REASONS, *(path for path, _, _ in MISTAKES)]:
        assert seen[what], f"no random order has led to {what}"
    return seen


def same(decides: list[Decide], request: dict[str, Any]) -> dict[str, Any]:
    answers = [decide(request) for decide in decides]
    texts = {json.dumps(answer) for answer in answers}
    assert len(texts) == 1, json.dumps(request)
    return answers[0]


def stands(document: Any, place: tuple[Any, ...]) -> bool:
    """Whether the document has this object or list."""
    for key in place:
        known = key in document if isinstance(document, dict) else isinstance(key, int) and key < len(document)
        if not known:
            return False
        document = document[key]
    return True


def changed(document: dict[str, Any], place: tuple[Any, ...], to: Any) -> dict[str, Any]:
    document = copy.deepcopy(document)
    inner: Any = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = to
    return document


def mistake(decide: Decide, request: dict[str, Any]) -> str:
    try:
        decide(request)
    except ValueError as error:
        path: str = error.path  # type: ignore[attr-defined]
        return path
    raise AssertionError(f"a mistake passed: {request}")
