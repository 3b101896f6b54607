"""Writes of other hosts between a read and its commit, and connections that break."""

import asyncio
import re
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from conftest import Host
from kinds import MYSQL, POSTGRES, SQLITE
from proxy import Proxy
from redeemable import aio, host
from redeemable.sqlite import SqliteStore
from support import USES, Clock, request

RIVAL = f"INSERT INTO redeemable_counters (key, used) VALUES ('{USES}', 2) ON CONFLICT (key) DO UPDATE SET used = 2"


class Meddled:
    """A store in which another host writes just before the first commit."""

    def __init__(self, store: Any, meddle: Callable[[], object]) -> None:
        self.store = store
        self.meddle = meddle
        self.commits = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def commit(self, ops: Any, write: Any = None) -> Any:
        self.commits += 1
        if self.commits == 1:
            self.meddle()
        return self.store.commit(ops, write)


def test_after_a_write_of_another_host_the_order_is_decided_anew(shop: Host) -> None:
    shop.store = store = Meddled(shop.store, lambda: shop.look.execute(RIVAL))
    written: list[str] = []

    def write(transaction: Any, redemptions: list[Any]) -> Any:
        written.append(redemptions[0]["id"])
        return shop.note(transaction, "a")

    approved: list[int] = []
    refused = shop.redeem(
        request("a", 2), write=write, approve=lambda decision: approved.append(decision["quote"]["total"]), now=Clock()
    )
    assert (refused["status"], refused["violations"][0]["used"]) == ("rejected", 2)
    assert (store.commits, written, approved) == (1, ["a"], [1600]), (
        "what was decided anew is refused, and needs no approval"
    )
    assert (shop.counters(), shop.notes(), shop.record("a")) == ({USES: 2}, [], None)
    assert shop.redeem(request("a", 1), write=write, now=Clock())["applied"][0]["remaining"] == 0
    assert (shop.counters()[USES], shop.notes()) == (3, ["a"])


class Unlucky:
    """A store in which another host writes just before every commit."""

    def __init__(self, store: Any) -> None:
        self.read, self.find, self.commits = store.read, store.find, 0

    def commit(self, ops: Any, write: Any = None) -> Any:
        self.commits += 1
        return False


class AsyncUnlucky(Unlucky):
    async def commit(self, ops: Any, write: Any = None) -> Any:
        return super().commit(ops, write)


@pytest.mark.parametrize("kind", ["sqlite3", "psycopg-async"])
def test_after_eight_attempts_the_kit_gives_up(kind: str, open_host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        # A group begins at the loop's next turn.
        if seconds > 0:
            pauses.append(seconds)

    monkeypatch.setattr("redeemable._drive_host.time.sleep", pauses.append)
    monkeypatch.setattr("redeemable._drive_aio.asyncio.sleep", pause)
    monkeypatch.setattr("redeemable._kit.random.uniform", lambda least, most: (least, most)[1])
    shop = open_host(kind)
    shop.redeem(request("paid", 1), now=Clock())
    shop.store = store = (AsyncUnlucky if shop.is_async else Unlucky)(shop.store)
    for attempts, call in [
        (8, lambda: shop.redeem(request("a", 1), now=Clock())),
        (3, lambda: shop.redeem(request("a", 1), now=Clock(), attempts=3)),
        (8, lambda: shop.confirm("paid", {"id": "p-1", "total": 800, "currency": "EUR"}, now=Clock())),
        (8, lambda: shop.release("paid", "buyer_released", now=Clock())),
    ]:
        pauses.clear()
        store.commits = 0
        with pytest.raises(host.Busy) as raised:
            call()
        assert (raised.value.code, raised.value.attempts, store.commits) == ("busy", attempts, attempts)
        assert [round(seconds * 1000) for seconds in pauses] == [20, 40, 80, 160, 160, 160, 160][: attempts - 1]
    clock = Clock()
    clock.ms += 10**9
    store.commits = 0
    assert (shop.sweep(now=clock), store.commits) == (0, 1)
    assert aio.Busy is host.Busy


@pytest.mark.parametrize("kind", [*POSTGRES, *MYSQL])
def test_a_connection_that_is_cut_before_the_commit(kind: str, open_host: Any) -> None:
    shop = open_host(kind)
    attempts = 0

    def cut(*_: Any) -> None:
        nonlocal attempts
        attempts += 1
        if kind in MYSQL:
            others = "FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
            for (id,) in shop.look.execute(f"SELECT id {others}").fetchall():
                shop.look.execute(f"KILL {id}")
            return
        shop.look.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    with pytest.raises(Exception) as raised:  # noqa: PT011 (each driver has an error of its own)
        shop.redeem(request("a", 1), write=cut, now=Clock())
    assert not isinstance(raised.value, host.Busy)
    assert attempts == 1, "what is unknown is not tried again"
    assert shop.counters() == {}
    assert open_host(kind).redeem(request("a", 1), now=Clock())["replayed"] is False
    assert shop.counters()[USES] == 1


@pytest.mark.parametrize(
    "kind", ["psycopg", "psycopg-pool", "psycopg-async", "sqlalchemy-psycopg2", "sqlalchemy-asyncpg"]
)
def test_an_order_whose_answer_was_lost_can_be_asked_again(kind: str, postgres: str, open_host: Any) -> None:
    proxy = Proxy(postgres)
    with ExitStack() as stack:
        stack.callback(proxy.listener.close)
        shop = Host(kind, proxy.url, stack)

        def armed(transaction: Any, _: Any) -> Any:
            proxy.armed = "answer"
            return shop.note(transaction, "sold")

        with pytest.raises(Exception) as raised:  # noqa: PT011 (each driver has an error of its own)
            shop.redeem(request("a", 1), write=armed, now=Clock())
        assert not isinstance(raised.value, host.Busy)
        assert proxy.lost == "answer"
    shop = Host(kind, postgres, ExitStack())
    again = shop.redeem(request("a", 1), write=armed, now=Clock())
    assert (again["status"], again["replayed"], again["quote"]["total"]) == ("accepted", True, 800)
    assert (shop.counters()[USES], shop.notes()) == (1, ["sold"])


@pytest.mark.parametrize("kind", ["psycopg-autocommit", "psycopg-async-autocommit"])
def test_the_plan_needs_no_round_trips_of_its_own(kind: str, postgres: str) -> None:
    proxy = Proxy(postgres)
    with ExitStack() as stack:
        stack.callback(proxy.listener.close)
        shop = Host(kind, proxy.url, stack)
        shop.preview(request(None), now=Clock())
        proxy.directions.clear()
        shop.redeem(request("a", 1), write=lambda transaction, _: shop.note(transaction, "a"), now=Clock())
        # Four round trips: the read, BEGIN with the records, the host's write, and the counters with the COMMIT.
        assert proxy.directions == [False, True] * 4


@pytest.mark.parametrize("kind", ["psycopg-async", "psycopg-async-pool", "sqlalchemy-asyncpg"])
def test_a_task_that_is_cancelled_stores_nothing(kind: str, open_host: Any) -> None:
    shop = open_host(kind)

    async def cancelled() -> None:
        async def write(connection: Any, _: Any) -> None:
            await shop.note(connection, "rolled back")
            task.cancel()
            await asyncio.sleep(0)

        task = asyncio.ensure_future(aio.redeem(shop.store, request("a", 1), write=write, now=Clock()))
        with pytest.raises(asyncio.CancelledError):
            await task

    shop.run(cancelled())
    assert (shop.counters(), shop.notes()) == ({}, [])
    assert shop.redeem(request("a", 1), now=Clock())["replayed"] is False, "the connection is as good as before"
    assert shop.counters()[USES] == 1


@pytest.mark.parametrize("kind", ["psycopg", "psycopg-async", "sqlalchemy-psycopg2", "sqlalchemy-asyncpg"])
def test_a_read_is_repeated_when_the_database_asks_for_it(kind: str, open_host: Any) -> None:
    """A view replaces the counters' table and fails some times; a rollback does not reset its sequence."""
    shop = open_host(kind)
    shop.look.execute("""
        CREATE SEQUENCE reads; ALTER TABLE redeemable_counters RENAME TO kept;
        CREATE FUNCTION fail(times bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
          IF nextval('reads') <= times THEN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END IF;
          RETURN true; END $$""")
    try:
        for times, fails in [(7, False), (8, True)]:
            shop.look.execute(
                f"CREATE OR REPLACE VIEW redeemable_counters AS SELECT * FROM kept WHERE (SELECT fail({times}))"
            )
            shop.look.execute("ALTER SEQUENCE reads RESTART; INSERT INTO kept VALUES ('key', 1) ON CONFLICT DO NOTHING")
            if fails:
                with pytest.raises(Exception, match="again"):
                    shop.preview(request(None), now=Clock())
            else:
                assert shop.preview(request(None), now=Clock())["status"] == "accepted"
    finally:
        shop.look.execute(
            "DROP VIEW redeemable_counters; ALTER TABLE kept RENAME TO redeemable_counters; "
            "DROP FUNCTION fail(bigint); DROP SEQUENCE reads"
        )


@pytest.mark.parametrize("kind", SQLITE)
def test_sqlite_is_locked_for_other_writers_while_write_runs(kind: str, open_host: Any) -> None:
    shop = open_host(kind)
    rival = sqlite3.connect(shop.place, timeout=0, isolation_level=None)

    def write(*_: Any) -> None:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            rival.execute("INSERT INTO notes VALUES ('meanwhile')")

    assert shop.redeem(request("a", 1), write=write, now=Clock())["status"] == "accepted"
    rival.execute("INSERT INTO notes VALUES ('afterwards')")
    rival.close()


def test_a_locked_file_counts_as_a_lost_race(sqlite: str) -> None:
    rival = sqlite3.connect(sqlite, isolation_level=None)
    rival.execute("BEGIN IMMEDIATE")
    store = SqliteStore(sqlite3.connect(sqlite, timeout=0))
    with pytest.raises(host.Busy):
        host.redeem(store, request("a", 1), now=Clock(), attempts=2)
    rival.execute("COMMIT")
    assert host.redeem(store, request("a", 1), now=Clock(), attempts=2)["status"] == "accepted"


@pytest.mark.parametrize("code", ["40001", "40P01", "55P03"])
@pytest.mark.parametrize(
    "kind",
    [kind for kind in POSTGRES if kind in ("psycopg", "psycopg-async") or re.fullmatch("sqlalchemy-.*p.*g.*", kind)],
)
def test_a_commit_is_repeated_when_the_database_asks_for_it(kind: str, code: str, open_host: Any) -> None:
    shop = open_host(kind)
    shop.look.execute(f"""CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '{code}'; END $$""")
    shop.look.execute("CREATE OR REPLACE TRIGGER fail BEFORE INSERT ON redeemable_counters EXECUTE FUNCTION fail()")
    try:
        for write in [None, shop.note_each] * 5:
            with pytest.raises(host.Busy):
                shop.redeem(request("a", 1), write=write, now=Clock(), attempts=1)
        assert shop.notes() == []
    finally:
        shop.look.execute("DROP TRIGGER fail ON redeemable_counters")
    assert shop.redeem(request("a", 1), now=Clock(), attempts=1)["status"] == "accepted"
