"""Plans in a transaction that the host has begun, and that it ends itself."""

import asyncio
import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any

import pytest
import sqlalchemy
import transactions
from conftest import Host
from kinds import MYSQL, SQLITE, STORES, VARIANTS
from redeemable import aio, host, store_suite
from support import HOLD_MS, SPEND, USES, Clock, request

# On this engine `begin()` begins nothing: see test_a_transaction_that_is_not_open_is_refused.
JOINING = [kind for kind in STORES if kind != "sqlalchemy-mysql-autocommit"]


@pytest.mark.parametrize("check", store_suite.JOINING_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", JOINING)
def test_joining(kind: str, check: Callable[[store_suite.Subject], None], open_host: Any) -> None:
    check(open_host(kind).subject())


@pytest.fixture(params=[kind for kind in JOINING if kind not in VARIANTS])
def shop(request: pytest.FixtureRequest, open_host: Any) -> Host:
    return open_host(request.param)  # type: ignore[no-any-return]


def test_every_call_joins(shop: Host) -> None:
    """An order is sold, changed, paid, taken back and swept within the host's transactions."""
    clock = Clock()

    def within(call: Callable[[Any], Any], end: str = "commit") -> Any:
        opened = transactions.begin(shop)
        answer = call({"transaction": opened.transaction, "now": clock})
        getattr(opened, end)()
        return answer

    write = {"write": shop.note_each}
    refused = within(lambda joined: shop.redeem(request("a", 4), **joined, **write))
    assert [violation["reason"] for violation in refused["violations"]] == ["uses_exhausted"]
    assert within(lambda joined: shop.redeem(request("a", 2), **joined, **write), "rollback")["status"] == "accepted"
    assert (shop.notes(), shop.counters()) == ([], {})

    def buy(joined: Any) -> Any:
        assert shop.preview(request(None, 3), **joined)["quote"]["total"] == 2400
        assert shop.redeem(request("a", 2), **joined, **write)["status"] == "accepted"
        assert shop.redeem(request("b", 2), **joined, **write)["status"] == "rejected", "it sees its own order"
        assert shop.redeem(request("b", 1), **joined, **write)["status"] == "accepted"
        return shop.redeem(request("a", 2), **joined, **write)

    assert within(buy)["replayed"] is True
    assert (shop.notes(), shop.counters()) == (["a:held", "b:held"], {USES: 3, SPEND: 600})
    paid = {"id": "p", "total": 1600, "currency": "EUR"}
    assert within(lambda joined: shop.confirm("a", paid, **joined), "rollback")["money"] == "kept"
    assert shop.record("a")["state"] == "held"
    assert within(lambda joined: shop.confirm("a", paid, **joined))["status"] == "confirmed"
    released = within(lambda joined: shop.release("a", "refunded", [0], **joined))
    assert (released["refundable"], shop.counters()) == (800, {USES: 2, SPEND: 400})
    clock.ms += HOLD_MS
    assert within(lambda joined: shop.sweep(**joined, **write), "rollback") == 1
    assert shop.record("b")["state"] == "held"
    assert within(lambda joined: shop.sweep(**joined, **write)) == 1
    assert (shop.record("b")["state"], shop.counters()) == ("released", {USES: 1, SPEND: 200})
    assert shop.audit(now=clock) == []


@pytest.mark.parametrize(
    "kind",
    [
        "sqlite3-autocommit",
        "psycopg-autocommit",
        "psycopg-async-autocommit",
        "pymysql-autocommit",
        "sqlalchemy-connection",
        "sqlalchemy-async-connection",
        "sqlalchemy-mysql-autocommit",
    ],
)
def test_a_transaction_that_is_not_open_is_refused(kind: str, open_host: Any) -> None:
    """Otherwise the call would be stored at once, and nothing would be left for the host to end."""
    shop = open_host(kind)
    opened = transactions.begin(shop)
    if kind != "sqlalchemy-mysql-autocommit":
        opened.rollback()
    with pytest.raises(RuntimeError, match=r"transaction: expected one that the host has begun.*found none open"):
        shop.redeem(request("a"), transaction=opened.transaction, write=shop.note_each, now=Clock())
    assert (shop.notes(), shop.counters()) == ([], {})


def test_a_store_that_cannot_join_is_named(open_host: Any) -> None:
    class Alone:
        read = commit = find = None

    with pytest.raises(TypeError, match=re.escape("transaction: expected a store that has joining(), found Alone")):
        host.redeem(Alone(), request("a"), transaction=object(), now=Clock())


@pytest.mark.parametrize("kind", JOINING)
def test_a_write_that_ends_the_hosts_transaction_is_an_error(kind: str, open_host: Any) -> None:
    shop = open_host(kind)
    endings = [["ROLLBACK"], ["COMMIT"], ["ROLLBACK", "BEGIN"], ["COMMIT", "BEGIN"]]
    for number, statements in enumerate(endings):
        opened = transactions.begin(shop)

        def write(transaction: Any, _: Any, statements: list[str] = statements) -> Any:
            target = transaction.cursor() if kind.startswith(("pymysql", "django")) else transaction
            is_orm = kind.startswith("sqlalchemy")
            made = [target.execute(sqlalchemy.text(each) if is_orm else each) for each in statements]

            async def wait() -> None:
                for each in made:
                    await each

            return wait() if shop.is_async else None

        with pytest.raises(RuntimeError, match="write ended the transaction"):
            shop.redeem(request(f"order {number}"), transaction=opened.transaction, write=write, now=Clock())
        with suppress(Exception):
            opened.rollback()
    assert shop.counters() == {}


@pytest.mark.parametrize("kind", JOINING)
def test_a_plan_within_the_write_of_another(kind: str, open_host: Any) -> None:
    """`write` gets a transaction that the kit can join. If the inner plan is refused, the outer one is stored."""
    shop = open_host(kind)
    inner: list[Any] = []
    promo = {"code": "SUMMER", "discount_percent": 20, "max_uses": 2}

    def write(transaction: Any, redemptions: list[Any]) -> Any:
        options = {"transaction": transaction, "now": Clock(), "write": shop.note_each}
        asked = request(f"inner of {redemptions[0]['id']}", 1, promo=promo)
        if not shop.is_async:
            inner.append(host.redeem(shop.store, asked, **options)["status"])
            return None

        async def wait() -> None:
            inner.append((await aio.redeem(shop.store, asked, **options))["status"])

        return wait()

    for id in ("a", "b"):
        assert shop.redeem(request(id, 1, promo={**promo, "max_uses": 3}), write=write, now=Clock())["ops"]
    assert inner == ["accepted", "rejected"]
    assert shop.counters()[USES] == 3
    assert shop.notes() == ["inner of a:held"]
    assert shop.audit(now=Clock()) == []


@pytest.mark.parametrize("kind", JOINING)
def test_a_plan_that_fails_undoes_the_plan_within_its_write(kind: str, open_host: Any) -> None:
    """The inner plan takes the last use, so the outer one does not fit any more, as often as it is made."""
    shop = open_host(kind)
    promo = {"code": "SUMMER", "discount_percent": 20, "max_uses": 1}
    made: list[Any] = []

    def write(transaction: Any, redemptions: list[Any]) -> Any:
        options = {"transaction": transaction, "now": Clock(), "write": shop.note_each}
        asked = request("inner", 1, promo=promo)
        if not shop.is_async:
            made.append(host.redeem(shop.store, asked, **options)["status"])
            return None

        async def wait() -> None:
            made.append((await aio.redeem(shop.store, asked, **options))["status"])

        return wait()

    opened = transactions.begin(shop)
    with pytest.raises((host.Busy, host.RepeatTransaction)):
        shop.redeem(request("outer", promo=promo), transaction=opened.transaction, write=write, now=Clock(), attempts=2)
    opened.commit()
    assert set(made) == {"accepted"}
    assert (shop.record("outer"), shop.record("inner"), shop.counters(), shop.notes()) == (None, None, {}, [])


ASYNC = ["psycopg-async", "psycopg-async-autocommit", "sqlalchemy-async-connection"]


@pytest.mark.parametrize("kind", ASYNC)
def test_of_two_calls_at_once_one_is_refused(kind: str, open_host: Any) -> None:
    """Otherwise each would end or undo the other's savepoint, and an order that was accepted could be gone."""
    shop = open_host(kind)
    opened = transactions.begin(shop)
    joined = {"transaction": opened.transaction, "now": Clock()}

    async def slow(transaction: Any, redemptions: list[Any]) -> None:
        await shop.note_each(transaction, redemptions)
        await asyncio.sleep(0.01)
        raise ValueError("no such seat")

    async def both() -> list[Any]:
        first = aio.redeem(shop.store, request("a"), write=shop.note_each, **joined)
        second = aio.redeem(shop.store, request("b"), write=slow, **joined)
        return await asyncio.gather(first, second, return_exceptions=True)

    sold, refused = shop.run(both())
    assert sold["status"] == "accepted"
    assert str(refused) == "transaction: expected one call after the other, or one that write awaits"
    opened.commit()
    assert (shop.notes(), shop.counters()[USES]) == (["a:held"], 1)
    assert shop.audit(now=Clock()) == []


def sells_out_meanwhile(shop: Any, joined: Any) -> Any:
    """The host's transaction has read the counter; then somebody else buys all; what does the host hear?"""
    assert shop.preview(request(None), **joined)["status"] == "accepted"
    assert shop.redeem(request("other", 3), now=Clock())["status"] == "accepted"
    return shop.redeem(request("a"), write=shop.note_each, **joined)


LEVELS = [
    ("psycopg", "READ COMMITTED", False),
    ("psycopg", "REPEATABLE READ", True),
    ("psycopg", "SERIALIZABLE", True),
    ("psycopg-async", "REPEATABLE READ", True),
    ("sqlalchemy-session", "READ COMMITTED", False),
    ("sqlalchemy-session", "REPEATABLE READ", True),
    ("sqlalchemy-async-session", "SERIALIZABLE", True),
    ("pymysql", "READ COMMITTED", False),
    ("pymysql", "REPEATABLE READ", True),
    ("sqlalchemy-mysql-session", "REPEATABLE READ", True),
    ("sqlite3-autocommit", "", True),
]


@pytest.mark.parametrize(("kind", "level", "repeats"), LEVELS)
def test_who_reads_one_moment_repeats_the_transaction(kind: str, level: str, repeats: bool, open_host: Any) -> None:
    shop = open_host(kind)
    opened = transactions.begin(shop, level)
    joined = {"transaction": opened.transaction, "now": Clock()}
    if repeats:
        # Whether the plan is made at all: with one moment, the host still sees three uses.
        with pytest.raises(host.RepeatTransaction) as raised:
            sells_out_meanwhile(shop, joined)
        assert raised.value.__cause__ is not None and raised.value.code == "repeat_transaction"
        opened.rollback()
        opened = transactions.begin(shop, level)
        decision = shop.redeem(request("a"), write=shop.note_each, transaction=opened.transaction, now=Clock())
    else:
        decision = sells_out_meanwhile(shop, joined)
    assert [violation["reason"] for violation in decision["violations"]] == ["uses_exhausted"]
    opened.commit()
    assert (shop.notes(), shop.counters()[USES]) == ([], 3)
    assert shop.audit(now=Clock()) == []


@pytest.mark.parametrize("kind", ["psycopg", "pymysql", "sqlalchemy-session", "sqlalchemy-mysql-session"])
def test_a_deadlock_of_two_hosts_repeats_one_of_their_transactions(kind: str, open_host: Any) -> None:
    """Each has locked the counter that the other wants: the host's own order of plans is a circle."""
    shop = open_host(kind)
    # At REPEATABLE READ, its default, MariaDB would make the second wait already for the first's new counter.
    level = "READ COMMITTED" if kind in MYSQL else ""

    def buy(opened: Any, id: str, code: str) -> Any:
        try:
            return shop.redeem(request(id, 1, code), transaction=opened.transaction, now=Clock())["status"]
        except host.RepeatTransaction:
            opened.rollback()
            return "repeat"

    first, second = transactions.begin(shop, level), transactions.begin(shop, level)
    assert (buy(first, "a", "summer"), buy(second, "b", "winter")) == ("accepted", "accepted")
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(buy, *wanted) for wanted in ((first, "c", "winter"), (second, "d", "summer"))]
        heard = [answer.result(timeout=60) for answer in answers]
    assert sorted(heard) == ["accepted", "repeat"]
    (first if heard[1] == "repeat" else second).commit()
    assert shop.audit(now=Clock()) == []


@pytest.mark.parametrize("kind", ["sqlite3", "sqlalchemy-sqlite-session"])
def test_a_locked_file_repeats_the_transaction(kind: str, open_host: Any) -> None:
    shop = open_host(kind)
    opened = transactions.begin(shop, timeout=0.05)
    shop.look.execute("BEGIN IMMEDIATE")
    with pytest.raises(host.RepeatTransaction) as raised:
        shop.redeem(request("a"), transaction=opened.transaction, write=shop.note_each, now=Clock())
    assert "locked" in str(raised.value.__cause__)
    shop.look.execute("ROLLBACK")
    opened.rollback()
    assert shop.counters() == {}


@pytest.mark.parametrize("kind", [kind for kind in SQLITE if kind in JOINING])
def test_sqlites_lock_is_taken_before_the_read(kind: str, open_host: Any) -> None:
    """After a read, SQLite would not wait for the lock, but fail if somebody has written meanwhile."""
    shop = open_host(kind)
    opened = transactions.begin(shop)
    tried: list[str] = []

    def write_meanwhile(_: Any = None) -> None:
        with closing(sqlite3.connect(shop.place, timeout=0, isolation_level=None)) as other:
            try:
                other.execute("INSERT INTO notes VALUES ('meanwhile')")
                tried.append("written")
            except sqlite3.OperationalError as error:
                tried.append(str(error))

    shop.preview(request(None), transaction=opened.transaction, now=Clock())
    if not kind.startswith("django-sqlite-immediate"):
        write_meanwhile()
        assert tried == ["written"], "a preview locks nothing"
    opened.rollback()
    opened = transactions.begin(shop)
    shop.redeem(request("a"), approve=write_meanwhile, transaction=opened.transaction, now=Clock())
    assert tried[-1] == "database is locked"
    opened.commit()
    assert shop.counters()[USES] == 1
