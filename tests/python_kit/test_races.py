"""Processes in Python and in Node share one database: no limit is exceeded, and nothing is lost."""

import json
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import mariadb
import psycopg
import pytest
from kinds import through
from ledger import CREATE, audit

HERE = Path(__file__).parent
EVENT_ENDS = int(time.time() * 1000) + 86_400_000
USES = "code/event:gala:SUMMER/uses"


def redeem(id: str, quantity: int, limit: int) -> Any:
    """A request for SUMMER, which takes 20 % off 1000.

    Twenty people buy. The limit per person is as high as the limit for all: it only adds `by` counters for the auditor.
    """
    return {
        "verb": "redeem",
        "args": [
            {
                "codes": ["SUMMER"],
                "promos": [
                    {
                        "code": "SUMMER",
                        "discount_percent": 20,
                        "max_uses": limit,
                        "max_uses_per_identity": limit,
                        "pools": [{"id": "all", "max_uses": limit}],
                    }
                ],
                "order": {
                    "id": id,
                    "event_id": "gala",
                    "currency": "EUR",
                    "hold_until_ms": EVENT_ENDS,
                    "lines": [{"unit_price": 1000, "quantity": quantity}],
                    "identities": {"email": f"buyer{int(id[2:]) % 20}@example.org"},
                },
            }
        ],
    }


def run(processes: list[tuple[list[str], list[Any]]]) -> list[list[Any]]:
    """Lets all processes make their calls at the same time, and returns their answers."""
    with ExitStack() as stack:
        hosts = []
        for command, calls in processes:
            process = stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            stack.callback(process.kill)
            process.stdin.write(json.dumps(calls) + "\n")
            process.stdin.flush()
            hosts.append(process)
        assert [host.stdout.readline() for host in hosts] == ["ready\n"] * len(hosts)
        for host in hosts:
            host.stdin.write("go\n")
            host.stdin.flush()
        return [json.loads(host.stdout.readline()) for host in hosts]


def python(kind: str, place: str) -> list[str]:
    return [sys.executable, str(HERE / "buyer.py"), kind, place]


def node(url: str) -> list[str]:
    return ["node", str(HERE / "buyer.mjs"), url]


def sell(commands: list[list[str]], buyers: int, limit: int) -> dict[str, int]:
    """Lets so many buyers buy, spread over the processes; returns which process sold to each buyer with tickets."""
    # Orders of 1 to 4 tickets. The last orders are of one ticket, so that in the end every use is taken.
    orders = [redeem(f"o-{number}", number % 4 + 1 if number < buyers * 0.9 else 1, limit) for number in range(buyers)]
    shares = [orders[index :: len(commands)] for index in range(len(commands))]
    answers = run(list(zip(commands, shares, strict=True)))
    assert {answer.get("error") for share in answers for answer in share} <= {None, "busy"}
    return {
        call["args"][0]["order"]["id"]: index
        for index, (share, calls) in enumerate(zip(answers, shares, strict=True))
        for answer, call in zip(share, calls, strict=True)
        if answer.get("status") == "accepted"
    }


def test_python_processes_on_one_sqlite_file(sqlite: str) -> None:
    connection = sqlite3.connect(sqlite)
    connection.execute(CREATE)
    sold = sell(
        [python("sqlite3", sqlite)] * 3 + [python("sqlalchemy", f"sqlite:///{sqlite}?timeout=30")],
        buyers=400,
        limit=100,
    )
    counters = audit(connection)
    assert (counters[USES], counters["code/event:gala:SUMMER/spend/EUR"], counters["pool/all/uses"]) == (
        100,
        20_000,
        100,
    )
    assert len(set(sold.values())) > 1, "one process was alone"


@pytest.fixture
def shop(postgres: str) -> Any:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS tickets")
        connection.execute(CREATE)
        yield connection


def test_python_processes_on_one_postgres(shop: Any, postgres: str) -> None:
    url = through("postgresql+psycopg2", postgres)
    commands = [
        python("psycopg-pool", postgres),
        python("psycopg-async-pool", postgres),
        python("sqlalchemy", url),
        python("sqlalchemy-serializable", url),
    ]
    sold = sell(commands, buyers=400, limit=100)
    assert audit(shop)[USES] == 100
    assert len(set(sold.values())) > 1, "one process was alone"


def sell_almost_all(commands: list[list[str]], connection: Any) -> None:
    """The buyers want 470 tickets and 400 are sold, so that every process sells some, even the slowest."""
    sold = sell(commands, buyers=200, limit=400)
    # At the end there may be up to three uses left, but only orders of more tickets.
    assert 397 <= audit(connection)[USES] <= 400
    assert set(sold.values()) == set(range(len(commands)))


def test_transactions_of_hosts_on_one_sqlite_file(sqlite: str) -> None:
    connection = sqlite3.connect(sqlite)
    connection.execute(CREATE)
    session = python("joined-session", f"sqlite:///{sqlite}?timeout=30")
    sell_almost_all([python("joined-sqlite3", sqlite), session, python("sqlite3", sqlite)], connection)


def test_transactions_of_hosts_on_one_postgres(shop: Any, postgres: str) -> None:
    """At REPEATABLE READ a host repeats its transaction whenever somebody else has used the counter meanwhile."""
    session = python("joined-session", through("postgresql+psycopg2", postgres))
    kinds = ("joined-psycopg", "joined-psycopg-repeatable", "psycopg-pool")
    sell_almost_all([session, *(python(kind, postgres) for kind in kinds)], shop)


def test_transactions_of_hosts_on_one_mariadb(mysql_shop: Any, mysql: str) -> None:
    """At REPEATABLE READ, MariaDB's default, a transaction whose plan fails is repeated."""
    session = python("joined-session", through("mysql+pymysql", mysql))
    sell_almost_all([python("joined-pymysql", mysql), session, python("pymysql", mysql)], mysql_shop)


def test_node_and_python_processes_together(shop: Any, postgres: str) -> None:
    commands = [
        python("psycopg-pool", postgres),
        python("psycopg-async-pool", postgres),
        node(postgres),
        node(postgres),
    ]
    other = {0: 2, 1: 3, 2: 0, 3: 1}
    sold = sell(commands, buyers=1000, limit=100)
    counters = audit(shop)
    assert (counters[USES], counters["code/event:gala:SUMMER/spend/EUR"], counters["pool/all/uses"]) == (
        100,
        20_000,
        100,
    )
    assert {index // 2 for index in sold.values()} == {0, 1}, "one language was alone"

    # Both languages report each payment at the same time: one confirms the order, and the other finds it confirmed,
    # whichever language has sold it.
    prices = dict(shop.execute("SELECT order_id, count(*) * 800 FROM tickets GROUP BY order_id").fetchall())
    assert prices.keys() == sold.keys()
    payments: list[list[Any]] = [[] for _ in commands]
    for id, index in sold.items():
        for process in {index, other[index]}:
            payments[process].append(
                {"verb": "confirm", "args": [id, {"id": f"paid-{id}", "total": prices[id], "currency": "EUR"}]}
            )
    answers = run(list(zip(commands, payments, strict=True)))
    statuses: dict[str, list[str]] = {id: [] for id in sold}
    for calls, share in zip(payments, answers, strict=True):
        for call, answer in zip(calls, share, strict=True):
            statuses[call["args"][0]].append(answer["status"])
    assert all(sorted(both) == ["already_confirmed", "confirmed"] for both in statuses.values()), statuses
    assert audit(shop)[USES] == 100

    # Each language takes back what the other sold: the first ticket of each order, for a reason that frees its use or
    # for one that keeps it.
    returns: list[list[Any]] = [[] for _ in commands]
    for number, (id, index) in enumerate(sold.items()):
        returns[other[index]].append({"verb": "release", "args": [id, "refunded" if number % 2 else "forfeited", [0]]})
    answers = run(list(zip(commands, returns, strict=True)))
    assert {answer["status"] for share in answers for answer in share} == {"released"}
    assert audit(shop)[USES] == 100 - len(sold) // 2

    # The freed uses are sold once more, in both languages.
    again = [redeem(f"p-{number}", 1, 100) for number in range(80)]
    answers = run([(command, again[index::4]) for index, command in enumerate(commands)])
    assert sum(answer["status"] == "accepted" for share in answers for answer in share) == len(sold) // 2
    assert audit(shop)[USES] == 100


@pytest.fixture
def mysql_shop(mysql: str) -> Any:
    with closing(mariadb.Look(mysql)) as look:
        look.execute("DROP TABLE IF EXISTS tickets")
        look.execute(CREATE.replace("order_id text", "order_id varchar(256)"))
        yield look


def test_node_and_python_processes_on_one_mariadb(mysql_shop: Any, mysql: str) -> None:
    url = through("mysql+pymysql", mysql)
    commands = [
        python("pymysql", mysql),
        python("sqlalchemy", url),
        python("sqlalchemy-serializable", url),
        node(mysql),
    ]
    # So many uses that Node, which starts more slowly, sells some of them.
    sold = sell(commands, buyers=800, limit=400)
    counters = audit(mysql_shop)
    assert (counters[USES], counters["code/event:gala:SUMMER/spend/EUR"]) == (400, 80_000)
    assert {index == 3 for index in sold.values()} == {False, True}, "one language was alone"

    # Each language takes back what the other sold: half of the orders free the use of their first ticket.
    returns: list[list[Any]] = [[] for _ in commands]
    for number, (id, index) in enumerate(sold.items()):
        other = 0 if index == 3 else 3
        returns[other].append({"verb": "release", "args": [id, "refunded" if number % 2 else "forfeited", [0]]})
    answers = run(list(zip(commands, returns, strict=True)))
    assert {answer["status"] for share in answers for answer in share} == {"released"}
    assert audit(mysql_shop)[USES] == 400 - len(sold) // 2

    # An order that is sent again and again, to hosts in both languages, makes one hold.
    answers = run([(command, [redeem(f"p-{number // 4}", 1, 1000) for number in range(32)]) for command in commands])
    outcomes = Counter((answer["status"], answer["replayed"]) for share in answers for answer in share)
    assert outcomes == {("accepted", False): 8, ("accepted", True): 120}
    assert audit(mysql_shop)[USES] == 408 - len(sold) // 2


def test_one_order_asked_for_many_times_at_once(shop: Any, postgres: str) -> None:
    """An order that is sent again and again, to hosts in both languages, makes one hold.

    Every call is answered with this hold, and ticket rows never collide.
    """
    url = through("postgresql+psycopg2", postgres)
    commands = [
        python("psycopg-pool", postgres),
        python("psycopg-async-pool", postgres),
        python("sqlalchemy", url),
        node(postgres),
    ]
    answers = run([(command, [redeem(f"o-{number // 4}", 3, 100) for number in range(32)]) for command in commands])
    outcomes = Counter((answer["status"], answer["replayed"]) for share in answers for answer in share)
    assert outcomes == {("accepted", False): 8, ("accepted", True): 120}
    assert audit(shop)[USES] == 24


def test_hosts_that_start_together(postgres: str, tmp_path: Path) -> None:
    """Each process makes the tables, in a database that has none yet."""
    empty = postgres.rpartition("/")[2] + "_start"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {empty}")
        url = postgres.rpartition("/")[0] + f"/{empty}"
        script = (
            "import sys, psycopg, sqlite3, sqlalchemy\nfrom redeemable import postgres, sqlite, sqlalchemy as alchemy\n"
        )
        stores = [
            f"sqlite.SqliteStore(sqlite3.connect('{tmp_path}/new.sqlite'))",
            f"alchemy.SqlAlchemyStore(sqlalchemy.create_engine('sqlite:///{tmp_path}/new.sqlite'))",
            f"postgres.PostgresStore(psycopg.connect('{url}'))",
            f"alchemy.SqlAlchemyStore(sqlalchemy.create_engine('{through('postgresql+psycopg2', url)}'))",
        ]
        hosts = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    f"{script}store = {store}; store.migrate(); store.migrate(); "
                    "assert store.read(['a'], 'b')['existing'] is None",
                ],
                stderr=subprocess.PIPE,
                text=True,
            )
            for store in stores * 2
        ]
        try:
            assert [(host.communicate(timeout=60)[1], host.returncode) for host in hosts] == [("", 0)] * 8
        finally:
            connection.execute(f"DROP DATABASE {empty} WITH (FORCE)")
