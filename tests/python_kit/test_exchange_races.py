"""Exchanges raced by hosts in Python and in Node, some of which are killed: no use and no money is made or lost."""

import json
import random
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import ExitStack, closing
from typing import Any

import mariadb
import psycopg
import pytest
from kinds import through
from ledger import CREATE, audit
from test_races import node, python, run

USES = "code/event:gala:HALF/uses"
PRICES = {"seat": 1000, "stall": 2000, "side": 800}
# Ten tickets for each way to fight over one, and what 40 other buyers may take: fewer uses than they want.
WAYS = ("two exchanges", "exchange or release", "sent twice", "one use more", "paid")
OLD, OTHERS, LEFT = 50, 40, 20
HALF = {"code": "HALF", "discount_percent": 50, "max_uses": OLD + LEFT}


def order(id: str, ticket_type: str, quantity: int = 1, codes: Any = ("half",)) -> Any:
    lines = [{"ticket_type": ticket_type, "unit_price": PRICES[ticket_type], "quantity": quantity}]
    held = int(time.time() * 1000) + 3_600_000
    return {
        "codes": list(codes),
        "promos": [HALF],
        "order": {"id": id, "event_id": "gala", "currency": "EUR", "lines": lines, "hold_until_ms": held},
    }


def euros(id: str, total: int) -> Any:
    return {"id": id, "total": total, "currency": "EUR"}


def exchange(old: str, wanted: Any, payment: Any = None, refund: bool = False) -> Any:
    return {"verb": "exchange", "args": [old, wanted, None], "options": {"payment": payment, "refund": refund}}


def fights() -> list[Any]:
    """What buyers ask for: the order `o-N` is one seat at 5.00, half its price."""
    calls = []
    for number in range(OLD):
        old, new, way = f"o-{number}", f"x-{number}", WAYS[number % len(WAYS)]
        if way == "two exchanges":
            calls += [exchange(old, order(f"{new}-{each}", "side"), refund=True) for each in "ab"]
        elif way == "exchange or release":
            calls += [exchange(old, order(new, "side")), {"verb": "release", "args": [old, "refunded", None]}]
        elif way == "sent twice":
            calls += [exchange(old, order(new, "side", codes=()), euros(f"due {new}", 300))] * 4
        elif way == "one use more":
            calls += [exchange(old, order(new, "seat", 2), euros(f"due {new}", 500))] * 2
        else:
            calls += [exchange(old, order(new, "stall"), euros(f"{way} {new}", 500)) for way in ("due", "due", "more")]
    others = [{"verb": "redeem", "args": [order(f"n-{number}", "seat")]} for number in range(OTHERS)]
    # Buyers and exchanges take turns, so that both find uses.
    calls += others
    random.Random(7).shuffle(calls)
    return calls


def sell(command: list[str]) -> None:
    """Sells the orders and takes their payments."""
    ids = [f"o-{number}" for number in range(OLD)]
    [sold] = run([(command, [{"verb": "redeem", "args": [order(id, "seat")]} for id in ids])])
    [paid] = run([(command, [{"verb": "confirm", "args": [id, euros(f"paid {id}", 500)]} for id in ids])])
    assert {answer["status"] for answer in sold} == {"accepted"}
    assert {answer["status"] for answer in paid} == {"confirmed"}


def records(connection: Any) -> dict[str, Any]:
    rows = connection.execute("SELECT CAST(document AS text) FROM redeemable_redemptions").fetchall()
    return {record["id"]: record for record in (json.loads(text) for (text,) in rows)}


def check(connection: Any, owed: dict[str, int]) -> dict[str, Any]:
    """Uses and money are where they must be. `owed` is what buyers were told that they get back for each order."""
    assert audit(connection)[USES] <= HALF["max_uses"]
    found = records(connection)
    for number in range(OLD):
        old = found[f"o-{number}"]
        new = [record for record in found.values() if (record.get("exchanged") or {}).get("from") == old["id"]]
        both = [old, *new]
        kept = [each for record in both for each in record.get("payments", []) if each["outcome"] == "kept"]
        worth = sum(ticket["price"] for record in both for ticket in record["tickets"] if not ticket.get("released"))
        back = owed.get(old["id"], 0)
        [exchanged] = [record["exchanged"] for record in new] or [None]
        if exchanged:
            (order,) = new
            total = sum(ticket["price"] for ticket in order["tickets"])
            assert exchanged["due"] == max(0, total - exchanged["credit"])
            back += max(0, exchanged["credit"] - total)
            assert old["state"] == "released" and order["state"] == "confirmed"
        assert sum(each["total"] for each in kept) == worth + back, (old, new)
    return found


def is_settled(connection: Any) -> bool:
    """Whether the counters fit the records. A server may still be committing what a killed host has sent."""
    try:
        audit(connection)
    except AssertionError:
        return False
    return True


def answered(commands: list[list[str]], calls: list[Any]) -> list[tuple[Any, Any]]:
    """Each call with its answer. Who was told "busy" asks again."""
    told = []
    while calls:
        shares = [calls[index :: len(commands)] for index in range(len(commands))]
        answers = run(list(zip(commands, shares, strict=True)))
        pairs = [pair for share, asked in zip(answers, shares, strict=True) for pair in zip(asked, share, strict=True)]
        told += [(call, answer) for call, answer in pairs if answer.get("error") != "busy"]
        calls = [call for call, answer in pairs if answer.get("error") == "busy"]
    return told


def refunds(told: list[tuple[Any, Any]]) -> dict[str, int]:
    """What is paid back for tickets that were released; exchanges say in their records what is left over."""
    back = [(call["args"][0], answer) for call, answer in told if call["verb"] == "release"]
    return {id: answer["refundable"] for id, answer in back if answer["status"] == "released"}


def verify_fights(connection: Any, told: list[tuple[Any, Any]]) -> None:
    found = check(connection, refunds(told))
    by_old: dict[str, list[Any]] = {}
    for call, answer in told:
        by_old.setdefault(call["args"][0] if call["verb"] != "redeem" else "", []).append((call, answer))
    grown = 0
    for number in range(OLD):
        way, mine = WAYS[number % len(WAYS)], by_old[f"o-{number}"]
        statuses = sorted(answer["status"] for _, answer in mine)
        firsts = [answer for _, answer in mine if answer["status"] == "accepted" and not answer["replayed"]]
        if way == "two exchanges":
            assert statuses == ["accepted", "already_released"] and len(firsts) == 1
            assert firsts[0]["refundable"] == 100
        elif way == "exchange or release":
            assert statuses in (["accepted", "already_released"], ["already_released", "released"]), statuses
        elif way == "sent twice":
            assert statuses == ["accepted"] * 4 and len(firsts) == 1
            assert {answer["money"] for _, answer in mine} == {"kept"}
        elif way == "one use more":
            made = f"x-{number}" in found
            grown += made
            moneys = {answer["money"] for _, answer in mine}
            assert moneys == ({"kept"} if made else {"returned"}), (statuses, moneys)
        else:
            # Two reports of one payment, and one of another: the first to come pays for the exchange.
            moneys = Counter((call["options"]["payment"]["id"][:4], answer["money"]) for call, answer in mine)
            assert moneys in (
                {("due ", "kept"): 2, ("more", "returned"): 1},
                {("due ", "returned"): 2, ("more", "kept"): 1},
            ), moneys
    others = sum(f"n-{number}" in found for number in range(OTHERS))
    gone = [
        ticket["released"]["reason"]
        for record in found.values()
        for ticket in record["tickets"]
        if "released" in ticket
    ]
    # An order that is sent twice is for tickets without the code, so a use comes back.
    without = OLD // len(WAYS)
    assert audit(connection)[USES] == OLD + grown + others - gone.count("refunded") - without


def race(commands: list[list[str]], connection: Any) -> None:
    sell(commands[0])
    verify_fights(connection, answered(commands, fights()))


def kill_and_repeat(commands: list[list[str]], connection: Any, rounds: int) -> None:
    """Hosts are killed while they exchange, again and again; then every call is sent once more, and is answered."""
    sell(commands[0])
    calls = [call for call in fights() if call["verb"] == "exchange"]
    interrupted = 0
    for number in range(rounds):
        with ExitStack() as stack:
            hosts = []
            for index, command in enumerate(commands):
                pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
                host = stack.enter_context(subprocess.Popen(command, **pipes))
                stack.callback(host.kill)
                # In each round other calls are the first.
                share = calls[index :: len(commands)]
                turned = share[number * 4 :] + share[: number * 4]
                host.stdin.write(json.dumps(turned) + "\n")
                host.stdin.flush()
                hosts.append(host)
            assert [host.stdout.readline() for host in hosts] == ["ready\n"] * len(hosts)
            for host in hosts:
                host.stdin.write("go\n")
                host.stdin.flush()
            time.sleep(0.01 + 0.02 * number)
            for host in hosts:
                interrupted += host.poll() is None
                host.kill()
                host.wait()
        until = time.monotonic() + 20
        while not is_settled(connection):
            assert time.monotonic() < until
            time.sleep(0.05)
        check(connection, {})
    assert interrupted > rounds
    before = len(records(connection))
    told = answered(commands, calls)
    found = check(connection, {})
    assert {answer["status"] for _, answer in told} <= {
        "accepted",
        "already_released",
        "paid_twice",
        "already_returned",
        "already_confirmed",
    }, Counter(answer["status"] for _, answer in told)
    # Each order was exchanged once, and none of the exchanges was lost.
    assert len(found) == 2 * OLD >= before > OLD


@pytest.fixture(params=["SQLite", "PostgreSQL", "MariaDB"])
def place(request: pytest.FixtureRequest) -> Any:
    """The hosts' commands, and a connection that looks at the tables."""
    if request.param == "SQLite":
        sqlite = request.getfixturevalue("sqlite")
        with closing(sqlite3.connect(sqlite, timeout=30)) as connection:
            connection.execute(CREATE)
            alchemy = python("sqlalchemy", f"sqlite:///{sqlite}?timeout=30")
            yield [python("sqlite3", sqlite), alchemy, node(sqlite)], connection
    elif request.param == "PostgreSQL":
        postgres = request.getfixturevalue("postgres")
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS tickets")
            connection.execute(CREATE)
            pools = [python(kind, postgres) for kind in ("psycopg-pool", "psycopg-async-pool")]
            yield [*pools, node(postgres)], connection
    else:
        mysql = request.getfixturevalue("mysql")
        with closing(mariadb.Look(mysql)) as look:
            look.execute("DROP TABLE IF EXISTS tickets")
            look.execute(CREATE.replace("order_id text", "order_id varchar(256)"))
            yield [python("pymysql", mysql), python("sqlalchemy", through("mysql+pymysql", mysql)), node(mysql)], look


def test_everybody_fights_over_the_same_tickets(place: Any) -> None:
    race(*place)


def test_hosts_are_killed_while_they_exchange(place: Any) -> None:
    kill_and_repeat(*place, rounds=6)
