"""Buyers in several processes ask at once for the uses of lapsed holds: each buyer must be served."""

import os
import sqlite3
import time
from collections import Counter
from typing import Any

import psycopg
import pytest
from kinds import through
from ledger import CREATE, audit
from test_races import node, python, run

ROUNDS = int(os.environ.get("ROUNDS", 8))


def order(id: str, quantity: int, code: str, limit: int | None, hold_until_ms: int) -> Any:
    return {
        "verb": "redeem",
        "args": [
            {
                "codes": [code],
                "promos": [{"code": code, "discount_percent": 20, "max_uses": limit}],
                "order": {
                    "id": id,
                    "event_id": "gala",
                    "currency": "EUR",
                    "hold_until_ms": hold_until_ms,
                    "lines": [{"unit_price": 1000, "quantity": quantity}],
                },
            }
        ],
    }


# (holds, tickets in each, buyers, tickets for each): lapsed holds have as many tickets as the buyers want in all.
SCENES = [(40, 1, 40, 1), (40, 1, 10, 4), (4, 10, 40, 1)]


def everybody_is_served(look: Any, commands: list[list[str]]) -> None:
    """Lapsed holds have exactly the uses that the buyers want; each round has another code."""
    look.execute(CREATE)
    now_ms = time.time_ns() // 1_000_000
    codes = {f"L{number}-{scene}": figures for number in range(ROUNDS) for scene, figures in enumerate(SCENES)}
    # The first orders lapse at once. The limit of a code is the number of tickets that the buyers want.
    lapsed = [
        order(f"{code}-{hold}", held, code, None, now_ms)
        for code, (holds, held, _, _) in codes.items()
        for hold in range(holds)
    ]
    assert {answer.get("status") for share in run([(commands[0], lapsed)]) for answer in share} == {"accepted"}
    orders = [
        order(f"{code}-buyer-{buyer}", wanted, code, holds * held, now_ms + 86_400_000)
        for code, (holds, held, buyers, wanted) in codes.items()
        for buyer in range(buyers)
    ]
    answers = run([(command, orders[index :: len(commands)]) for index, command in enumerate(commands)])
    told = Counter(
        (orders[index :: len(commands)][number]["args"][0]["codes"][0], answer.get("status", answer.get("error")))
        for index, share in enumerate(answers)
        for number, answer in enumerate(share)
    )
    assert told == {(code, "accepted"): buyers for code, (_, _, buyers, _) in codes.items()}
    counters = audit(look)
    assert [counters[f"code/event:gala:{code}/uses"] for code in codes] == [40] * len(codes)


def test_on_sqlite(sqlite: str) -> None:
    everybody_is_served(
        sqlite3.connect(sqlite),
        [python("sqlite3", sqlite)] * 3 + [python("sqlalchemy", f"sqlite:///{sqlite}?timeout=30")],
    )


@pytest.mark.parametrize("kind", ["psycopg-pool", "psycopg-async-pool", "sqlalchemy"])
def test_on_postgres(postgres: str, kind: str) -> None:
    place = through("postgresql+psycopg2", postgres) if kind == "sqlalchemy" else postgres
    with psycopg.connect(postgres, autocommit=True) as look:
        look.execute("DROP TABLE IF EXISTS tickets")
        everybody_is_served(look, [python(kind, place)] * 4 + [node(postgres)])
