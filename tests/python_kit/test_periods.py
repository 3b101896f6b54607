"""`zone`, `prune`, and what `audit` says of counters of days, weeks and months."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Host
from redeemable import InvalidRequest, aio, host

ZONES = json.loads((Path(__file__).parents[1] / "zones.json").read_text(encoding="utf-8"))

# Sunday, 29 November 2026, 11:00 in UTC. Clocks in Berlin show 12:00.
NOW = 1_795_950_000_000
DAY = 24 * 60 * 60 * 1000
ANN = "email:ann@example.org"
SCOPE = "code/event:gala:TEN"
KEYS = [
    f"{SCOPE}/day/2026-11-29/uses",
    f"{SCOPE}/day/2026-11-29/by/{ANN}",
    f"{SCOPE}/week/2026-W48/uses",
    f"{SCOPE}/month/2026-11/uses",
]
# The moments at which these periods are over everywhere on earth, 14 hours after their end in UTC:
# 30 November (the end of the Sunday, and of its week) and 1 December, each at 14:00.
DAY_OVER, MONTH_OVER = 1_796_047_200_000, 1_796_133_600_000
KEPT = 400 * DAY


@pytest.mark.parametrize("case", ZONES["cases"], ids=lambda case: str(case["about"]))
def test_zone_lists_the_offsets(case: Any) -> None:
    answer = host.zone(case["name"], case["from_ms"], case["to_ms"])
    assert json.dumps(answer) == json.dumps(case["zone"])
    assert aio.zone is host.zone


@pytest.mark.parametrize("case", ZONES["errors"], ids=lambda case: f"{case['name']} {case['path']}")
def test_zone_refuses(case: Any) -> None:
    with pytest.raises(InvalidRequest) as mistake:
        host.zone(case["name"], case["from_ms"], case["to_ms"])
    assert (mistake.value.path, mistake.value.message) == (case["path"], case["message"])


def order(shop: Host, id: str, now: int) -> Any:
    per_period = [
        {"every": "month", "max_uses": 50},
        {"every": "day", "max_uses": 3, "max_uses_per_identity": 2},
        {"every": "week", "max_uses": 9},
    ]
    request = {
        "codes": ["TEN"],
        "promos": [{"code": "TEN", "discount_percent": 10, "per_period": per_period}],
        "policy": {"zone": host.zone("Europe/Berlin", NOW - DAY, NOW + DAY)},
        "order": {
            "id": id,
            "event_id": "gala",
            "currency": "EUR",
            "identities": {"email": "ann@example.org"},
            "lines": [{"unit_price": 1000, "quantity": 2}],
            "hold_until_ms": now + 1000,
        },
    }
    return shop.redeem(request, now=lambda: now)


def periods(shop: Host) -> dict[str, int]:
    return {key: used for key, used in shop.counters().items() if key in KEYS}


def test_what_is_sold_on_a_day_is_counted_on_that_day(shop: Host) -> None:
    assert order(shop, "a", NOW)["status"] == "accepted"
    assert periods(shop) == dict.fromkeys(KEYS, 2)
    short = [(violation["reason"], violation["counter"]) for violation in order(shop, "b", NOW)["violations"]]
    assert short == [("period_uses_exhausted", KEYS[0]), ("period_identity_uses_exhausted", KEYS[1])]
    # Twelve hours later, at Monday 00:00, nobody has used the code yet.
    assert order(shop, "c", NOW + DAY // 2)["status"] == "accepted"


def test_audit_leaves_out_what_prune_may_delete(shop: Host) -> None:
    def differing(now: int) -> list[str]:
        return [drift["key"] for drift in shop.audit(now=lambda: now)]

    def prune(before_ms: int, now: int) -> int:
        return shop.prune(before_ms, now=lambda: now)

    order(shop, "a", NOW)
    shop.look.execute("UPDATE redeemable_counters SET used = 3 WHERE key LIKE '%/2026-%'")
    assert differing(DAY_OVER + KEPT) == sorted(KEYS)
    assert differing(DAY_OVER + KEPT + 1) == [KEYS[3]]
    assert differing(MONTH_OVER + KEPT + 1) == []
    assert shop.repair(now=lambda: MONTH_OVER + KEPT + 1) == []

    with pytest.raises(InvalidRequest) as mistake:
        prune(DAY_OVER + 1, DAY_OVER + KEPT)
    assert mistake.value.path == "before_ms"
    assert prune(DAY_OVER, DAY_OVER + KEPT) == 0
    assert prune(DAY_OVER + 1, DAY_OVER + 1 + KEPT) == 3
    assert periods(shop) == {KEYS[3]: 3}
    assert prune(MONTH_OVER + 1, MONTH_OVER + 1 + KEPT) == 1

    # What comes back for a period that was pruned has nothing to come back to.
    shop.release("a", "payment_failed", now=lambda: MONTH_OVER + 1 + KEPT)
    assert (shop.drifted, periods(shop)) == ([], {})
    assert differing(MONTH_OVER + 1 + KEPT) == []
