"""A stampede: hosts in Node and in Python sell a promotion that nobody types beside a code that many type.

Both have a limit, and every buyer pays the total that they have agreed to.
"""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import Any

import mariadb
import psycopg
from kinds import through
from ledger import CREATE, audit
from test_races import EVENT_ENDS, node, python, run

BUYERS = 500
AUTO = {"code": "AUTO", "automatic": True, "discount_percent": 20, "max_uses": 50, "combines": True}
HALF = {"code": "HALF", "discount_percent": 50, "max_uses": 20, "combines": True}
# The price of a ticket of 1000 by the codes that took something off: half of 800 is 400, and 20 % off 500 is 400, too.
PRICES = {(): 1000, ("AUTO",): 800, ("HALF",): 500, ("AUTO", "HALF"): 400}


def buyer(number: int) -> Any:
    """All buyers looked at the price before anybody bought. Every fifth types HALF."""
    types = number % 5 == 0
    return {
        "verb": "buy",
        "args": [
            {
                "codes": ["half"] if types else [],
                "promos": [AUTO, HALF],
                "order": {
                    "id": f"o-{number}",
                    "event_id": "gala",
                    "currency": "EUR",
                    "hold_until_ms": EVENT_ENDS,
                    "lines": [{"unit_price": 1000, "quantity": 1}],
                    "max_total": 400 if types else 800,
                },
            }
        ],
    }


def stampede(commands: list[list[str]], connection: Any) -> None:
    calls = [buyer(number) for number in range(BUYERS)]
    answers = run([(command, calls[index :: len(commands)]) for index, command in enumerate(commands)])
    sold = {}
    for index, share in enumerate(answers):
        for number, answer in zip(range(index, BUYERS, len(commands)), share, strict=True):
            assert (answer["status"], answer["replayed"]) == ("accepted", False), answer
            sold[f"o-{number}"] = answer
    counters = audit(connection)
    assert (counters["code/event:gala:AUTO/uses"], counters["code/event:gala:HALF/uses"]) == (50, 20)
    uses: Counter[str] = Counter()
    for (text,) in connection.execute("SELECT CAST(document AS text) FROM redeemable_redemptions").fetchall():
        record = json.loads(text)
        [ticket] = record["tickets"]
        codes = tuple(sorted(ticket["codes"]))
        uses.update(codes)
        answer = sold.pop(record["id"])
        # No use comes back in this sale, so no price falls: everybody pays exactly what they agreed to last.
        assert ticket["price"] == PRICES[codes] == answer["agreed"], (codes, ticket, answer)
        # Who did not get what everybody saw at first was asked again, and nobody else was.
        first = ("AUTO", "HALF") if int(record["id"][2:]) % 5 == 0 else ("AUTO",)
        assert (answer["asked"] == 1) == (codes == first), (codes, answer)
    assert sold == {}
    assert uses == {"AUTO": 50, "HALF": 20}


def test_on_one_sqlite_file(sqlite: str) -> None:
    connection = sqlite3.connect(sqlite)
    connection.execute(CREATE)
    alchemy = python("sqlalchemy", f"sqlite:///{sqlite}?timeout=30")
    stampede([python("sqlite3", sqlite), alchemy, node(sqlite), node(sqlite)], connection)


def test_on_one_postgres(postgres: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS tickets")
        connection.execute(CREATE)
        pools = [python(kind, postgres) for kind in ("psycopg-pool", "psycopg-async-pool")]
        stampede([*pools, node(postgres), node(postgres)], connection)


def test_on_one_mariadb(mysql: str) -> None:
    with closing(mariadb.Look(mysql)) as look:
        look.execute("DROP TABLE IF EXISTS tickets")
        look.execute(CREATE.replace("order_id text", "order_id varchar(256)"))
        stampede([python("pymysql", mysql), python("sqlalchemy", through("mysql+pymysql", mysql)), node(mysql)], look)
