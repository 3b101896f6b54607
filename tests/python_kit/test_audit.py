"""`audit` finds counters that differ from the records, and `repair` sets them right while buyers buy."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import mariadb
import psycopg
import pytest
import sqlalchemy
import sqlalchemy.ext.asyncio
from conftest import Host
from kinds import MYSQL, POSTGRES, SQLITE, through
from ledger import CREATE, audit
from redeemable import Engine, EngineStopped, InvalidRequest, _suite, host
from redeemable._report import add_up
from redeemable.mysql import MysqlStore
from redeemable.postgres import PostgresStore
from redeemable.sqlalchemy import AsyncSqlAlchemyStore, SqlAlchemyStore
from redeemable.sqlite import SqliteStore
from support import AT, SPEND, SUMMER, USES, Clock, request
from test_races import python, sell

UNLIMITED = {**SUMMER, "max_uses": None}


@contextmanager
def rival(shop: Host) -> Iterator[Any]:
    """A store of another host on the same tables, which waits only 200 ms for a lock."""
    if shop.kind in SQLITE:
        with closing(sqlite3.connect(shop.place, timeout=0.2)) as connection:
            yield SqliteStore(connection)
    elif shop.kind in MYSQL:
        # MariaDB counts in seconds.
        hurry = "SET SESSION innodb_lock_wait_timeout = 1"
        with closing(mariadb.connect(shop.place, init_command=hurry)) as connection:
            yield MysqlStore(connection)
    else:
        with psycopg.connect(shop.place, options="-c lock_timeout=200") as connection:
            yield PostgresStore(connection)


def drift(key: str, used: int, must: int) -> dict[str, Any]:
    return {"key": key, "used": used, "must": must}


def test_counters_that_differ_are_reported_and_set(shop: Host) -> None:
    # Seven tickets are sold, with 200 off each. One is refunded and gives its use back; one is forfeited and keeps it.
    for id, quantity in [("a", 4), ("b", 3)]:
        shop.redeem(request(id, quantity, promo=UNLIMITED), now=Clock())
        shop.confirm(id, {"id": f"paid-{id}", "total": 800 * quantity, "currency": "EUR"}, now=Clock())
    shop.release("a", "refunded", [0], now=Clock())
    shop.release("b", "forfeited", [2], now=Clock())
    assert shop.counters() == {USES: 6, SPEND: 1200}
    assert (shop.audit(), shop.repair()) == ([], [])
    shop.look.execute(f"UPDATE redeemable_counters SET used = 9 WHERE key = '{USES}'")
    shop.look.execute(f"DELETE FROM redeemable_counters WHERE key = '{SPEND}'")
    shop.look.execute(
        """INSERT INTO redeemable_counters (key, used)
        VALUES ('code/event:gala:OLD/uses', 4), ('code/event:gala:NONE/uses', 0)"""
    )
    differ = [drift("code/event:gala:OLD/uses", 4, 0), drift(SPEND, 0, 1200), drift(USES, 9, 6)]
    assert shop.audit() == differ
    assert shop.counters()[USES] == 9, "an audit changes nothing"
    assert shop.repair() == differ
    assert shop.counters() == {USES: 6, SPEND: 1200, "code/event:gala:OLD/uses": 0, "code/event:gala:NONE/uses": 0}
    assert (shop.audit(), shop.repair()) == ([], [])


def test_a_repair_does_not_take_back_what_was_oversold(open_host: Any) -> None:
    shop = open_host("sqlite3")
    shop.redeem(request("a", 3), now=Clock())
    shop.look.execute("DELETE FROM redeemable_counters")
    shop.redeem(request("b", 2), now=Clock())
    assert shop.repair() == [drift(SPEND, 400, 1000), drift(USES, 2, 5)]
    refused = shop.redeem(request("c", 1), now=Clock())["violations"][0]
    assert (refused["reason"], refused["used"], refused["remaining"]) == ("uses_exhausted", 5, 0)
    shop.release("a", "buyer_released", now=Clock())
    assert shop.redeem(request("c", 1), now=Clock())["status"] == "accepted"
    assert shop.audit() == []


@contextmanager
def before_corrections(shop: Host, meddle: Callable[[], object]) -> Iterator[None]:
    """Does something between the audit and the first correction of a repair."""
    commit, meddled = shop.store.commit, []

    def later(ops: Any, write: Any = None) -> Any:
        if not meddled:
            meddled.append(meddle())
        return commit(ops, write)

    shop.store.commit = later
    yield
    shop.store.commit = commit
    assert meddled, "nothing was corrected"


def test_a_repair_corrects_by_the_difference_which_buyers_leave_as_it_is(shop: Host) -> None:
    shop.redeem(request("a", 2, promo=UNLIMITED), now=Clock())
    shop.look.execute(f"UPDATE redeemable_counters SET used = 9 WHERE key = '{USES}'")
    with rival(shop) as other:
        with before_corrections(shop, lambda: host.redeem(other, request("b", 1, promo=UNLIMITED), now=Clock())):
            assert shop.repair() == [drift(USES, 9, 2)], "as they were when they were compared"
        assert shop.counters() == {USES: 3, SPEND: 600}
        shop.look.execute(f"UPDATE redeemable_counters SET used = 9 WHERE key = '{USES}'")
        with before_corrections(shop, lambda: host.repair(other)):
            assert shop.repair() == [], "the other repair has corrected it"
        shop.look.execute(f"UPDATE redeemable_counters SET used = 1 WHERE key = '{USES}'")
        with before_corrections(shop, lambda: host.release(other, "a", "buyer_released", now=Clock())):
            # 2 were given back to a counter of 1, which is 0 now, and must be 1.
            assert shop.repair() == [drift(USES, 0, 1)]
    assert shop.counters() == {USES: 1, SPEND: 200}
    assert shop.audit() == []


def test_a_scan_sees_one_moment_and_makes_nobody_wait(shop: Host) -> None:
    shop.redeem(request("a", 2, promo=UNLIMITED), now=Clock())
    batches: list[Any] = []

    def visit(batch: Any) -> None:
        if not batches:
            with rival(shop) as other:
                assert host.redeem(other, request("b", 1, promo=UNLIMITED), now=Clock())["status"] == "accepted"
                assert host.release(other, "a", "buyer_released", now=Clock())["status"] == "released"
        batches.append(batch)

    shop.run(shop.store.scan(visit)) if shop.is_async else shop.store.scan(visit)
    shown = [record["id"] for batch in batches for record in batch["redemptions"]]
    assert (shown, [batch["counters"] for batch in batches if batch["counters"]]) == (["a"], [{USES: 2, SPEND: 400}])
    assert shop.counters() == {USES: 1, SPEND: 200}


@pytest.mark.parametrize("kind", POSTGRES)
def test_a_repair_waits_for_a_locked_counter_and_makes_nobody_else_wait(kind: str, open_host: Any) -> None:
    shop = open_host(kind)
    shop.redeem(request("a", 2, promo=UNLIMITED), now=Clock())
    shop.look.execute(f"UPDATE redeemable_counters SET used = 9 WHERE key = '{USES}'")
    repaired: list[Any] = []
    with psycopg.connect(shop.place) as buyer, psycopg.connect(shop.place, autocommit=True) as other:
        buyer.execute(f"SELECT 1 FROM redeemable_counters WHERE key = '{USES}' FOR UPDATE")
        repair = threading.Thread(target=lambda: repaired.append(shop.repair()))
        repair.start()
        wait_until(lambda: waiting(other) == 1)
        # A buyer with another code does not wait.
        assert host.redeem(PostgresStore(other), request("c", 1, code="winter"), now=Clock())["status"] == "accepted"
        assert repaired == []
        plan = [
            _suite.insert({**shop.record("a"), "id": "b"}),
            _suite.add(USES, 2),
            _suite.add(SPEND, 400),
        ]
        buyer.execute("SELECT redeemable_commit(%s)", [psycopg.types.json.Json(plan)])
        buyer.commit()
        repair.join(60)
    # At REPEATABLE READ and above, the repair meets the other transaction, and looks again.
    assert repaired in ([[drift(USES, 9, 2)]], [[drift(USES, 11, 4)]])
    assert (shop.counters()[USES], shop.audit()) == (4, [])


def waiting(connection: Any) -> int:
    return int(connection.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted").fetchone()[0])


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


@pytest.mark.parametrize(
    "kind",
    [
        "sqlite3",
        "sqlalchemy-sqlite",
        "sqlalchemy-aiosqlite",
        "psycopg",
        "psycopg-async",
        "sqlalchemy-psycopg2",
        "sqlalchemy-asyncpg",
        "pymysql",
        "sqlalchemy-pymysql",
        "sqlalchemy-aiomysql",
    ],
)
def test_a_repair_of_a_locked_counter_is_tried_again(kind: str, open_host: Any) -> None:
    shop = open_host(kind)
    shop.redeem(request("a", 2, promo=UNLIMITED), now=Clock())
    shop.look.execute(f"UPDATE redeemable_counters SET used = 9 WHERE key = '{USES}'")
    if kind in SQLITE:
        shop.store = in_a_hurry(shop)
        shop.look.execute("BEGIN IMMEDIATE")
    else:
        name = shop.place.rpartition("/")[2]
        at_once, as_before = (
            ("SET GLOBAL innodb_lock_wait_timeout = 0", "SET GLOBAL innodb_lock_wait_timeout = DEFAULT")
            if kind in MYSQL
            else (f"ALTER DATABASE {name} SET lock_timeout = '20ms'", f"ALTER DATABASE {name} RESET lock_timeout")
        )
        shop.look.execute(at_once)
        shop = Host(kind, shop.place, shop.stack)
        shop.look.execute("BEGIN")
        shop.look.execute("SELECT 1 FROM redeemable_counters FOR UPDATE")
    try:
        with pytest.raises(host.Busy) as raised:
            shop.repair(attempts=2)
        assert raised.value.attempts == 2
    finally:
        shop.look.execute("COMMIT")
        if kind not in SQLITE:
            shop.look.execute(as_before)
    assert shop.repair(attempts=1) == [drift(USES, 9, 2)]


def in_a_hurry(shop: Host) -> Any:
    """The same store on a connection that does not wait for locks."""
    if shop.kind == "sqlite3":
        return SqliteStore(sqlite3.connect(shop.place, timeout=0))
    if shop.kind == "sqlalchemy-sqlite":
        return SqlAlchemyStore(sqlalchemy.create_engine(f"sqlite:///{shop.place}?timeout=0"))
    return AsyncSqlAlchemyStore(
        sqlalchemy.ext.asyncio.create_async_engine(f"sqlite+aiosqlite:///{shop.place}?timeout=0")
    )


@pytest.mark.parametrize("kind", ["sqlite3", "psycopg-async"])
def test_a_store_without_a_function_for_operators_is_an_error(kind: str, open_host: Any) -> None:
    shop = open_host(kind)
    inner = shop.store

    class Three:
        read, commit, find = inner.read, inner.commit, inner.find

    message = "store: expected a function {}, which operators need besides read, commit and find"
    shop.store = Three()
    for call, name in (
        (shop.audit, "differences"),
        (shop.repair, "differences"),
        (lambda: shop.prune(0), "prune"),
        (lambda: shop.archive(before_ms=AT), "old"),
        (lambda: shop.erase("email:ann@example.org"), "person"),
    ):
        with pytest.raises(TypeError, match=message.format(name)):
            call()


def test_a_report_names_a_record_that_the_engine_cannot_read(open_host: Any) -> None:
    shop = open_host("sqlite3")
    for id in ("a", "b"):
        shop.redeem(request(id), now=Clock())
    shop.look.execute("UPDATE redeemable_redemptions SET document = json_set(document, '$.schema', 3) WHERE id = 'b'")
    with pytest.raises(InvalidRequest, match="in the redemption b") as raised:
        shop.report()
    assert raised.value.path == "redemptions[1].schema"


def test_a_document_that_names_another_order_is_counted_once(open_host: Any) -> None:
    shop = open_host("sqlite3")
    for id in ("a", "b"):
        shop.redeem(request(id), now=Clock())
    shop.look.execute("UPDATE redeemable_redemptions SET document = json_set(document, '$.id', 'A') WHERE id = 'b'")
    assert shop.audit() == []


def test_records_that_are_too_many_for_one_call_go_into_several_calls(open_host: Any) -> None:
    shop = open_host("sqlite3")
    for number in range(50):
        shop.redeem(request(f"o-{number}", 20, promo=UNLIMITED), now=Clock())
    records = shop.store.find(lapsed_by_ms=2 * AT, keys=None, limit=100)["holds"]
    small, rows = Engine(fuel=8_000_000), {}
    with pytest.raises(EngineStopped):
        small.report_usage({"redemptions": records})
    add_up(small, rows, records)
    held = rows["SUMMER", "EUR", None]["held"]
    assert (held["orders"], held["uses"], held["discount"]) == (50, 1000, 200_000)


def test_records_that_are_too_large_for_one_call_together_are_added_up(open_host: Any) -> None:
    shop = open_host("sqlite3")
    record = shop.redeem(request("a", 1000, promo=UNLIMITED), now=Clock())["ops"][0]["redemption"]
    records = [{**record, "id": f"o-{number}"} for number in range(293)]
    assert shop.store.commit([{"op": "insert", "redemption": each} for each in records]) is True
    held = shop.report()["rows"][1]["held"]
    assert (held["orders"], held["uses"], held["discount"]) == (294, 294_000, 58_800_000)
    assert shop.repair() == [drift(SPEND, 200_000, 58_800_000), drift(USES, 1000, 294_000)]


def test_a_text_factory_of_the_host_changes_only_the_hosts_rows(open_host: Any) -> None:
    shop = open_host("sqlite3")
    for number in range(620):
        shop.redeem(request(f"o-{number}", promo=UNLIMITED), now=Clock())
    for id, factory in [("ö", bytes), ("ü", lambda text: text.decode("latin-1"))]:
        shop.store.connection.text_factory = factory
        assert shop.redeem(request(id, promo=UNLIMITED), now=Clock())["replayed"] is False
        assert shop.redeem(request(id, promo=UNLIMITED), now=Clock())["replayed"] is True
        assert shop.audit() == []
        assert shop.store.connection.text_factory is factory


def test_an_open_transaction_of_the_host_is_left_alone(open_host: Any) -> None:
    shop = open_host("sqlite3")
    shop.look.execute("INSERT INTO redeemable_counters (key, used) VALUES ('a', 1)")
    shop.note(shop.store.connection, "the host's")
    for call in (shop.repair, lambda: shop.store.scan(lambda _: None)):
        with pytest.raises(RuntimeError, match="the connection has a transaction open"):
            call()
    shop.store.connection.commit()
    assert (shop.notes(), shop.audit()) == (["the host's"], [drift("a", 1, 0)])


def stampede(commands: list[list[str]], limit: int, meanwhile: Callable[[], object]) -> int:
    """Calls `meanwhile` again and again while the processes sell, and returns how often."""
    faults: list[BaseException] = []

    def selling() -> None:
        try:
            sell(commands, buyers=400, limit=limit)
        except BaseException as fault:
            faults.append(fault)

    thread, times = threading.Thread(target=selling), 0
    thread.start()
    while thread.is_alive():
        meanwhile()
        times += 1
    assert faults == []
    return times


def through_a_stampede(connection: Any, store: Any, commands: list[list[str]]) -> None:
    assert stampede(commands, 60, lambda: assert_empty(host.audit(store))) > 3
    assert audit(connection)[USES] == 60

    # Counters with a limit are only made too high: until the repair, buyers are refused. Only the counter without a
    # limit is made too low: with a limit, too much would be sold.
    spend, seen = "code/event:gala:SUMMER/spend/EUR", []

    def disturb() -> None:
        if connection.execute(f"SELECT key FROM redeemable_counters WHERE key = '{USES}'").fetchone() is None:
            return  # nobody has bought yet, and there is nothing to spoil
        for key, used in [
            (USES, "used + 50"),
            ("pool/all/uses", "used + 7"),
            (spend, "used / 2"),
            ("code/event:gala:SUMMER/by/email:buyer1@example.org", "used + 90"),
        ]:
            connection.execute(f"UPDATE redeemable_counters SET used = {used} WHERE key = '{key}'")
        seen.extend(each["key"] for each in host.repair(store, attempts=40))

    for table in ("redeemable_counters", "redeemable_redemptions", "redeemable_held", "redeemable_persons", "tickets"):
        connection.execute(f"DELETE FROM {table}")
    stampede(commands, 300, disturb)
    assert {USES, spend, "pool/all/uses"} <= set(seen)
    assert host.repair(store, attempts=40) == []
    counters = audit(connection)
    assert counters[USES] <= 300 and counters[USES] == counters["pool/all/uses"] == counters[spend] / 200


def assert_empty(drifts: list[Any]) -> None:
    assert drifts == []


def test_on_a_sqlite_file_while_processes_buy(sqlite: str) -> None:
    connection = sqlite3.connect(sqlite, isolation_level=None, timeout=30)
    connection.execute(CREATE)
    own = SqliteStore(sqlite3.connect(sqlite, timeout=30))
    through_a_stampede(
        connection, own, [python("sqlite3", sqlite)] * 2 + [python("sqlalchemy", f"sqlite:///{sqlite}?timeout=30")]
    )


def test_on_postgres_while_processes_buy(postgres: str) -> None:
    url = through("postgresql+psycopg2", postgres)
    commands = [
        python("psycopg-pool", postgres),
        python("psycopg-async-pool", postgres),
        python("sqlalchemy-serializable", url),
    ]
    with psycopg.connect(postgres, autocommit=True) as connection, psycopg.connect(postgres) as own:
        connection.execute("DROP TABLE IF EXISTS tickets")
        connection.execute(CREATE)
        through_a_stampede(connection, PostgresStore(own), commands)


def test_a_record_that_was_released_and_placed_again_many_times_can_still_be_read() -> None:
    """The record remembers each release of the unpaid order under the release's id.

    The record can still be released, and an audit puts only few of such records into one call.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        store = SqliteStore(connection)
        store.migrate()
        for number in range(100):
            host.redeem(store, request("a", 1000, promo=UNLIMITED), now=Clock())
            host.release(store, "a", "buyer_released", release_id=f"r{number}", now=Clock())
        host.redeem(store, request("a", 1, promo=UNLIMITED), now=Clock())
        with pytest.raises(InvalidRequest) as fault:
            host.release(store, "a", "buyer_released", release_id="another", now=Clock())
        assert fault.value.path == "release.id"
        record = store.read([], "a")["existing"]
        for number in range(11):
            assert store.commit([{"op": "insert", "redemption": {**record, "id": f"b{number}"}}])
        # The records have twelve tickets for 200 off each, and the counters know of one.
        assert host.audit(store) == [drift(SPEND, 200, 2400), drift(USES, 1, 12)]
        assert host.release(store, "a", "buyer_released", now=Clock())["status"] == "released"
