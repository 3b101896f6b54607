"""Hosts with Django and asyncpg, in transactions of their own and of the kit's, share one database."""

import sqlite3
from typing import Any

from ledger import CREATE, audit
from test_races import USES, mysql_shop, python, redeem, run, sell, shop

__all__ = ["mysql_shop", "shop"]
KINDS = {
    "sqlite": ["django", "django-atomic", "django-atomic", "sqlite3"],
    "postgres": ["django", "django-atomic", "django-atomic-repeatable", "asyncpg", "asyncpg-joined"],
    "mysql": ["django", "django-atomic", "django-atomic-repeatable", "pymysql"],
}


def race(tables: Any, database: str, place: str) -> None:
    commands = [python(kind, place) for kind in KINDS[database]]
    # Buyers for more than twice the uses that there are, so that some are refused.
    sold = sell(commands, buyers=200, limit=100)
    counters = audit(tables)
    assert (counters[USES], counters["code/event:gala:SUMMER/spend/EUR"], counters["pool/all/uses"]) == (
        100,
        20_000,
        100,
    )
    assert len(set(sold.values())) > 1, "one process was alone"

    # Each order is sent to all of them, four times: it is sold once, and no other answer is given.
    count = len(commands)
    answers = run([(command, [redeem(f"p-{n // 4}", 2, 1000) for n in range(16)]) for command in commands])
    outcomes = [(answer["status"], answer["replayed"]) for share in answers for answer in share]
    assert sorted(outcomes) == [("accepted", False)] * 4 + [("accepted", True)] * (16 * count - 4)
    assert audit(tables)[USES] == 108


def test_on_one_sqlite_file(sqlite: str) -> None:
    connection = sqlite3.connect(sqlite)
    connection.execute(CREATE)
    race(connection, "sqlite", sqlite)


def test_on_one_postgres(shop: Any, postgres: str) -> None:
    race(shop, "postgres", postgres)


def test_on_one_mariadb(mysql_shop: Any, mysql: str) -> None:
    race(mysql_shop, "mysql", mysql)
