"""Cancels a call at each await in turn: connections stay usable, and each plan is stored whole or not at all."""

import asyncio
import contextlib
import gc
import sqlite3
from collections.abc import Iterator
from typing import Any

import asyncpg
import psycopg
import psycopg_pool
import pytest
import sqlalchemy
import sqlalchemy.ext.asyncio
from cut import Cut
from kinds import INSERT
from psycopg.pq import PipelineStatus, TransactionStatus
from redeemable._suite import add, held, insert
from redeemable.asyncpg import AsyncpgStore
from redeemable.postgres import AsyncPostgresStore, PostgresStore
from redeemable.sqlalchemy import AsyncSqlAlchemyStore


@pytest.fixture
def busy_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes psycopg give way to the event loop after every step, as it does when the loop has been busy for a while."""
    monkeypatch.setattr("psycopg.waiting.MAX_BUSY_TIME", 0, raising=False)


async def write(connection: Any, _: Any) -> None:
    await connection.execute(INSERT.format("%s"), ("the plan's",))


async def write_numbered(connection: Any, _: Any) -> None:
    await connection.execute(INSERT.format("$1"), "the plan's")


async def is_cut(store: Any, at: int, write: Any = write) -> bool:
    """Whether the call was cancelled; False if its plan (one record, one use) had no await of this number."""
    cut = Cut(store.commit([insert(held(f"o-{at}")), add("key", 1)], write), at)
    with contextlib.suppress(asyncio.CancelledError):
        await cut
    return cut.awaits >= at


def hosts_rows(url: str) -> int:
    """The number of the host's rows that another connection sees."""
    with psycopg.connect(url) as look:
        (rows,) = look.execute("SELECT count(*) FROM notes WHERE note = 'the host''s'").fetchone()  # type: ignore[misc]
        return int(rows)


def not_by_halves(url: str) -> None:
    """Checks that each plan is stored whole or not at all."""
    with psycopg.connect(url) as look:
        notes = [note for (note,) in look.execute("SELECT note FROM notes").fetchall()]
        (plans,) = look.execute("SELECT count(*) FROM redeemable_redemptions").fetchone()  # type: ignore[misc]
        assert notes.count("the plan's") == plans > 0
        assert look.execute("SELECT used FROM redeemable_counters").fetchall() == [(plans,)]


def test_a_cancelled_plan_leaves_the_pool_no_connection_that_stores_nothing(postgres: str, busy_loop: None) -> None:
    async def main() -> int:
        async with psycopg_pool.AsyncConnectionPool(
            postgres, min_size=1, max_size=1, kwargs={"autocommit": True}
        ) as pool:
            at = 1
            while await is_cut(AsyncPostgresStore(pool), at):
                async with pool.connection() as connection:
                    await connection.execute(INSERT.format("%s"), ("the host's",))
                    assert hosts_rows(postgres) == at, f"cancelled at await {at}"
                at += 1
        return at

    assert asyncio.run(main()) > 10
    not_by_halves(postgres)


@pytest.mark.parametrize("autocommit", [True, False])
def test_a_cancelled_plan_leaves_a_connection_that_is_sound_or_closed(
    postgres: str, busy_loop: None, autocommit: bool
) -> None:
    async def main() -> tuple[int, int]:
        sound = closed = 0
        while True:
            connection = await psycopg.AsyncConnection.connect(postgres, autocommit=autocommit)
            if not await is_cut(AsyncPostgresStore(connection), sound + closed + 1):
                await connection.close()
                return sound, closed
            if connection.closed:
                closed += 1
                continue
            assert (connection.info.transaction_status, connection.info.pipeline_status) == (
                TransactionStatus.IDLE,
                PipelineStatus.OFF,
            )
            await connection.execute(INSERT.format("%s"), ("the host's",))
            if not autocommit:
                await connection.commit()
            sound += 1
            assert hosts_rows(postgres) == sound
            await connection.close()

    sound, closed = asyncio.run(main())
    assert sound > closed, "a cancellation costs a connection only where it has to"
    not_by_halves(postgres)


def test_an_interruption_that_leaves_a_pipeline_open_closes_the_connection(postgres: str) -> None:
    def interrupted(connection: Any, _: Any) -> None:
        # This stands for an exception from a signal between psycopg's steps, which no test can time.
        connection.pgconn.enter_pipeline_mode()
        raise KeyboardInterrupt

    with psycopg.connect(postgres) as connection:
        with pytest.raises(KeyboardInterrupt):
            PostgresStore(connection).commit([insert(held("order"))], interrupted)
        assert connection.closed


@pytest.mark.parametrize("is_pool", [True, False])
def test_a_cancelled_plan_over_asyncpg_is_whole_or_not_at_all(postgres: str, is_pool: bool) -> None:
    async def main() -> int:
        at = 1
        while True:
            source = await (
                asyncpg.create_pool(postgres, min_size=1, max_size=1) if is_pool else asyncpg.connect(postgres)
            )
            was_cut = await is_cut(AsyncpgStore(source), at, write_numbered)
            # A connection that could not be rolled back is closed, and the pool opens another one.
            if is_pool or not source.is_closed():
                await source.execute(INSERT.format("$1"), "the host's")
                await source.close()
            if not was_cut:
                return at
            at += 1

    assert asyncio.run(main()) > 5
    not_by_halves(postgres)


def test_a_cancelled_plan_leaves_the_hosts_transaction_as_it_was(postgres: str) -> None:
    async def main() -> int:
        at = 1
        while True:
            connection = await asyncpg.connect(postgres)
            async with connection.transaction():
                await connection.execute(INSERT.format("$1"), "the host's")
                was_cut = await is_cut(AsyncpgStore(connection).joining(connection), at, write_numbered)
            await connection.close()
            assert hosts_rows(postgres) == at
            if not was_cut:
                return at
            at += 1

    assert asyncio.run(main()) > 5
    not_by_halves(postgres)


ON_SQLITE = {
    "commit": lambda store, at: store.commit([insert(held(f"o-{at}")), add("key", 1), add("key", -1)], look),
    "read": lambda store, at: store.read(["key"], "order"),
    "find": lambda store, at: store.find(lapsed_by_ms=1, keys=["key"], limit=1),
    "scan": lambda store, at: store.scan(lambda batch: None),
    "differences": lambda store, at: store.differences(after="", limit=9),
}


async def look(connection: Any, _: Any) -> None:
    await connection.execute(sqlalchemy.text("SELECT 1"))


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("call", ON_SQLITE)
def test_a_cancelled_call_leaves_no_file_of_sqlalchemy_locked(sqlite: str, no_collector: None, call: str) -> None:
    def lock() -> None:
        # A connection may be closed in another thread, so this waits, but not for ever.
        other = sqlite3.connect(sqlite, timeout=5)
        other.execute("BEGIN EXCLUSIVE")
        other.close()

    async def main() -> int:
        engine = sqlalchemy.ext.asyncio.create_async_engine(f"sqlite+aiosqlite:///{sqlite}")
        for at in range(1, 100):
            cut = Cut(ON_SQLITE[call](AsyncSqlAlchemyStore(engine), at), at)
            with contextlib.suppress(asyncio.CancelledError):
                await cut
            await asyncio.to_thread(lock)
            if cut.awaits < at:
                await engine.dispose()
                return cut.awaits
        raise AssertionError("it does not end")

    assert asyncio.run(main()) > 3
