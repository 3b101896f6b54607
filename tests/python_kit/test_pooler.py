"""Hosts behind PgBouncer in transaction mode: what a host has to set, and that limits hold then."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import psycopg_pool
import pytest
import sqlalchemy.ext.asyncio
from kinds import Opened, execute_text, through
from ledger import CREATE, audit
from programs import run_program
from redeemable import host, store_suite
from redeemable.postgres import PostgresStore
from redeemable.sqlalchemy import AsyncSqlAlchemyStore
from support import USES, Clock, request
from test_races import USES as SOLD
from test_races import node, python, sell

MIXED_UP = "a connection pooler has mixed up prepared statements: .* prepare_threshold=None"


@pytest.fixture
def pooler(postgres: str) -> str:
    """The URL of the database with empty tables, through PgBouncer, whose clients share two connections."""
    url = os.environ.get("POOLER_URL")
    assert url, "POOLER_URL names no pooler: run scripts/postgres scripts/pgbouncer scripts/test-python-kit"
    return url.rpartition("/")[0] + "/" + postgres.rpartition("/")[2]


def open_psycopg(opened: Opened, url: str) -> Any:
    return opened.psycopg(url, prepare_threshold=None)


def open_asyncpg(opened: Opened, url: str) -> Any:
    engine = sqlalchemy.ext.asyncio.create_async_engine(
        through("postgresql+asyncpg", url), connect_args={"statement_cache_size": 0}
    )
    opened.stack.callback(lambda: opened.loop.run_until_complete(engine.dispose()))
    return AsyncSqlAlchemyStore(engine, **opened.drift), execute_text  # type: ignore[arg-type]


STORES: dict[str, Callable[[Opened, str], Any]] = {
    "psycopg": open_psycopg,
    "psycopg-async": lambda opened, url: opened.psycopg_async(url, prepare_threshold=None, autocommit=True),
    "sqlalchemy-psycopg": lambda opened, url: opened.engine(
        through("postgresql+psycopg", url), connect_args={"prepare_threshold": None}
    ),
    "sqlalchemy-asyncpg": open_asyncpg,
    "asyncpg-pool": lambda opened, url: opened.asyncpg_pool(url, statement_cache_size=0),
}


@pytest.mark.parametrize("check", [*store_suite.CHECKS, *store_suite.AUDIT_CHECKS], ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", STORES)
def test_a_store_behind_a_pooler_is_a_store(
    kind: str, check: Callable[[store_suite.Subject], None], postgres: str, pooler: str
) -> None:
    with ExitStack() as stack:
        look = stack.enter_context(psycopg.connect(postgres, autocommit=True))
        drifted: list[str] = []
        opened = Opened(stack, drifted.append)
        store, note = STORES[kind](opened, pooler)
        is_async = "async" in kind
        run = opened.loop.run_until_complete
        notes = lambda: sorted(text for (text,) in look.execute("SELECT note FROM notes"))  # noqa: E731
        check(store_suite.Subject(store_suite.Blocking(store, run) if is_async else store, note, notes, drifted))


def test_hosts_behind_a_pooler_sell_exactly_the_limit(postgres: str, pooler: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as look:
        look.execute("DROP TABLE IF EXISTS tickets")
        look.execute(CREATE)
        commands = [
            python("psycopg-pool-pooler", pooler),
            python("psycopg-async-pool-pooler", pooler),
            python("asyncpg-pooler", pooler),
            node(pooler),
        ]
        sold = sell(commands, buyers=1200, limit=400)
        assert audit(look)[SOLD] == 400
        assert len(set(sold.values())) > 1, "one process was alone"


PLAN = [{"op": "add", "key": "a", "by": 1, "at_most": None}]


def mix_up(pooler: str) -> tuple[ExitStack, psycopg.Connection[Any]]:
    """A connection through the pooler that prepared the store's statements on a server connection it lost since."""
    stack = ExitStack()
    first, second, client = (stack.enter_context(psycopg.connect(pooler)) for _ in range(3))
    client.autocommit = True
    # PgBouncer has two connections: while one transaction is open, the client uses the other one.
    first.execute("SELECT 1")
    for _ in range(8):
        PostgresStore(client).read([USES], "o-1")
        PostgresStore(client).commit(PLAN, write)
    second.execute("SELECT 1")
    first.commit()
    return stack, client


def write(connection: Any, _: Any) -> None:
    connection.execute("INSERT INTO notes VALUES ('sold')")


def test_an_error_says_what_to_set(postgres: str, pooler: str) -> None:
    stack, client = mix_up(pooler)
    with stack, psycopg.connect(postgres, autocommit=True) as look:
        store = PostgresStore(client)
        for call in (
            lambda: store.read([USES], "o-1"),
            lambda: host.redeem(store, request("o-1"), now=Clock(), write=write),
            lambda: store.commit(PLAN, write),
        ):
            with pytest.raises(RuntimeError, match=MIXED_UP) as raised:
                call()
            assert isinstance(raised.value.__cause__, psycopg.errors.InvalidSqlStatementName)
        counts = "SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM redeemable_redemptions), used "
        assert look.execute(f"{counts} FROM redeemable_counters").fetchall() == [(8, 0, 8)]
        client.prepare_threshold = None
        assert store.commit(PLAN, write) is True


def test_the_hosts_own_settings_of_a_transaction_end_with_it(postgres: str, pooler: str) -> None:
    """The mark of the store's transaction is no other client's, also not after a plan that failed."""
    with psycopg_pool.ConnectionPool(pooler, min_size=4, kwargs={"prepare_threshold": None}) as pool:
        store = PostgresStore(pool)
        plan = [{"op": "add", "key": "a", "by": 1, "at_most": 1}]
        assert [store.commit(plan, write), store.commit(plan, write)] == [True, False]
        with psycopg.connect(pooler) as first, psycopg.connect(pooler) as second:
            for client in (first, second):
                client.execute("SELECT 1")
                mark = client.execute("SELECT current_setting('redeemable.transaction', true)").fetchone()
                assert mark in ((None,), ("",))


@pytest.mark.parametrize("name", ["pgbouncer.mjs", "pgbouncer.py"])
def test_the_programs_of_the_page_run(name: str, postgres: str, pooler: str, tmp_path: Path) -> None:
    try:
        run_program(name, tmp_path, POOLER_URL=pooler)
    finally:
        with psycopg.connect(postgres, autocommit=True) as look:
            look.execute("DROP SCHEMA shop CASCADE")
