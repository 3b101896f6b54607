"""Runs the suite for stores on `LnbitsStore`, which uses the database layer of LNbits, on both databases."""

import asyncio
import gc
import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lnbits import db as lnbits_db
from lnbits.db import Connection, Database
from redeemable import aio, store_suite
from redeemable._suite import AT, AWKWARD, add, held, insert, usage
from redeemable.lnbits import Desk, LnbitsStore
from redeemable.lnbits._store import _without_html

sys.path.append(str(Path(__file__).parents[1] / "python_kit"))
import contextlib

from cut import Cut
from place import Note, Place

CHECKS = pytest.mark.parametrize(
    "check", [*store_suite.CHECKS, *store_suite.AUDIT_CHECKS], ids=lambda check: check.__name__
)


@CHECKS
def test_store_suite(place: Place, check: Any) -> None:
    drifted: list[str] = []
    store = LnbitsStore(place.db, on_drift=drifted.append)
    check(store_suite.Subject(store_suite.Blocking(store, place.run), place.note, place.notes, drifted))


@CHECKS
def test_store_suite_at_the_desk(place: Place, check: Any) -> None:
    drifted: list[str] = []
    store = Desk(place.db, on_drift=drifted.append).store
    check(store_suite.Subject(store_suite.Blocking(store, place.run), place.note, place.notes, drifted))


def test_migrating_again_changes_nothing(place: Place) -> None:
    store = LnbitsStore(place.db)
    assert place.run(store.commit([insert(held("order")), add("key", 3, 3)]))
    place.run(place.migrate())
    place.run(place.migrate())
    assert place.run(store.read(["key"], "order")) == usage({"key": 3}, held("order"))


def test_a_document_survives_what_lnbits_does_to_strings(place: Place) -> None:
    store = LnbitsStore(place.db)
    record = {**held("order"), "event_id": f"{AWKWARD}<b>&amp;</b>"}
    assert place.run(store.commit([insert(record)]))
    table = f"{place.db.schema}.redeemable_redemptions"
    text = place.run(place.db.fetchone(f"SELECT CAST(document AS text) AS document FROM {table}"))["document"]
    assert not set("<>&") & set(text)
    # LNbits binds the document here, as a copy made with its own functions would.
    column = "CAST(:document AS json)" if place.db.type == lnbits_db.POSTGRES else ":document"
    place.run(place.db.execute(f"UPDATE {table} SET document = {column}", {"document": text}))
    assert place.run(store.read([], "order"))["existing"] == record


def test_all_of_lnbits_writing_methods_wait_for_the_plan(place: Place) -> None:
    async def write(transaction: Connection, _: list[dict[str, Any]]) -> None:
        table = f"{place.db.schema}.note"
        await transaction.insert(table, Note(text="one"))
        await transaction.update(table, Note(text="one"), "WHERE text = :text")
        await transaction.execute(f"INSERT INTO {table} VALUES ('two')")

    store = LnbitsStore(place.db)
    assert not place.run(store.commit([add("key", 2, 1)], write))
    assert place.notes() == []
    assert place.run(store.commit([add("key", 1, 1)], write))
    assert place.notes() == ["one", "two"]


# On PostgreSQL, hosts use isolation levels and locks for this.
@pytest.mark.parametrize("place", [lnbits_db.SQLITE], indirect=True)
def test_on_sqlite_nobody_writes_between_what_the_host_reads_and_writes(place: Place) -> None:
    seen: list[int] = []

    async def write(transaction: Connection, _: list[dict[str, Any]]) -> None:
        seen.append(len(await transaction.fetchall(f"SELECT * FROM {place.db.schema}.note")))
        await asyncio.sleep(0.05)
        await place.note(transaction, "note")

    async def both() -> list[bool]:
        return await asyncio.gather(*(LnbitsStore(Database(place.db.name)).commit([], write) for _ in range(3)))

    assert place.run(both()) == [True] * 3
    assert sorted(seen) == [0, 1, 2]


def test_many_at_once_take_what_there_is(place: Place) -> None:
    async def stampede() -> list[str]:
        async def buy(i: int) -> str:
            store = LnbitsStore(Database(place.db.name))  # each store has a lock of its own, as in other processes
            decision = await aio.redeem(
                store,
                {
                    "codes": ["HALF"],
                    "promos": [{"code": "HALF", "discount_percent": 50, "max_uses": 3}],
                    "order": {
                        "id": f"o{i}",
                        "event_id": "gala",
                        "currency": "sat",
                        "lines": [{"unit_price": 20, "quantity": 1}],
                        "hold_until_ms": AT,
                    },
                },
                attempts=40,
                now=lambda: AT - 1,
            )
            await store._db.engine.dispose()
            return str(decision["status"])

        return await asyncio.gather(*(buy(i) for i in range(12)))

    assert sorted(place.run(stampede())) == ["accepted"] * 3 + ["rejected"] * 9
    counters = place.run(
        LnbitsStore(place.db).read(["code/event:gala:HALF/uses", "code/event:gala:HALF/spend/sat"], None)
    )["counters"]
    assert counters == {"code/event:gala:HALF/uses": 3, "code/event:gala:HALF/spend/sat": 30}


@pytest.mark.parametrize("place", [lnbits_db.SQLITE], indirect=True)
@pytest.mark.parametrize("call", ["commit", "read", "find", "scan", "differences", "prune"])
def test_a_call_that_is_cancelled_at_any_await_leaves_the_file_unlocked(place: Place, call: str) -> None:
    store = LnbitsStore(place.db)

    async def write(transaction: Connection, _: list[dict[str, Any]]) -> None:
        await transaction.fetchall(f"SELECT * FROM {place.db.schema}.note")

    calls: dict[str, Callable[[int], Any]] = {
        "commit": lambda at: store.commit([insert(held(f"o-{at}")), add("key", 1), add("key", -1)], write),
        "read": lambda at: store.read(["key"], "order"),
        "find": lambda at: store.find(lapsed_by_ms=AT, keys=["key"], limit=1),
        "scan": lambda at: store.scan(lambda batch: None),
        "differences": lambda at: store.differences(after="", limit=9),
        "prune": lambda at: store.prune(lambda key: True),
    }

    def lock() -> None:
        # A connection may be closed in another thread, so this waits, but not for ever.
        other = sqlite3.connect(place.db.path, timeout=5)
        other.execute("BEGIN EXCLUSIVE")
        other.close()

    async def cancelled() -> int:
        for at in range(1, 100):
            cut = Cut(calls[call](at), at)
            with contextlib.suppress(asyncio.CancelledError):
                await cut
            await asyncio.to_thread(lock)
            if cut.awaits < at:
                return cut.awaits
        raise AssertionError("it does not end")

    gc.disable()
    try:
        assert place.run(cancelled()) > 3
    finally:
        gc.enable()


def test_an_audit_does_not_wait_for_the_extensions_lock(place: Place) -> None:
    store = LnbitsStore(place.db)
    record = held("order", keys=["code/id:a/uses"])
    assert place.run(store.commit([insert(record), add("code/id:a/uses", 5)]))

    async def meanwhile() -> None:
        async with place.db.connect():
            assert await asyncio.wait_for(aio.audit(store), 60) == [{"key": "code/id:a/uses", "used": 5, "must": 1}]

    place.run(meanwhile())
    assert place.run(aio.repair(store)) == [{"key": "code/id:a/uses", "used": 5, "must": 1}]
    assert place.run(store.read(["code/id:a/uses"], "order")) == usage({"code/id:a/uses": 1}, record)
    assert place.run(aio.audit(store)) == []


def test_prune_does_not_wait_for_the_extensions_lock(place: Place) -> None:
    store = LnbitsStore(place.db)
    day, week = "code/event:a<b>&:A/day/2026-11-29/uses", "code/event:a<b>&:A/week/2026-W49/uses"
    assert place.run(store.commit([add(day, 2), add(week, 2), add("key", 2)]))

    # Sunday, 29 November 2026, is over everywhere on earth on Monday at 14:00 in UTC; its next week is not.
    over = 1_796_047_200_000

    async def meanwhile() -> None:
        async with place.db.connect():
            pruned = aio.prune(store, over + 1, now=lambda: over + 1 + 400 * 24 * 60 * 60 * 1000)
            assert await asyncio.wait_for(pruned, 60) == 1

    place.run(meanwhile())
    assert place.run(store.read([day, week, "key"], None))["counters"] == {week: 2, "key": 2}


def test_cockroach_is_refused(place: Place) -> None:
    place.db.type = lnbits_db.COCKROACH
    with pytest.raises(ValueError, match="expected a database on SQLite or PostgreSQL, found COCKROACH"):
        LnbitsStore(place.db)


def test_json_changes_only_its_spelling() -> None:
    assert json.loads(_without_html(json.dumps(AWKWARD))) == AWKWARD
