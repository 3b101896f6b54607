"""Makes a database for the session, and opens the hosts on which the tests of this folder run."""

import asyncio
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import mariadb
import psycopg
import pytest
import transactions
from kinds import MYSQL, SQLITE, STORES, VARIANTS, Opened, fixture_of
from redeemable import _group_aio, _lane_aio, aio, host
from redeemable.mysql import MysqlStore
from redeemable.postgres import PostgresStore
from redeemable.sqlite import SqliteStore
from redeemable.store_suite import Blocking, Subject


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """The URL of a new database on the server of DATABASE_URL."""
    server = os.environ.get("DATABASE_URL")
    if not server:
        pytest.exit(
            "DATABASE_URL names no PostgreSQL server: run scripts/postgres scripts/test-python-kit", returncode=1
        )
    name = f"python_kit_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        url = server.rpartition("/")[0] + f"/{name}"
        with psycopg.connect(url, autocommit=True) as own:
            PostgresStore(own).migrate()
            own.execute("CREATE TABLE notes (note text)")
        yield url
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres(database: str) -> str:
    """The URL of that database, with empty tables."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {', '.join(mariadb.TABLES)}, notes")
    return database


@pytest.fixture(scope="session")
def mysql_database() -> Iterator[str]:
    yield from mariadb.databases()


@pytest.fixture
def mysql(mysql_database: str) -> str:
    """The URL of a database on MariaDB, with empty tables."""
    mariadb.empty(mysql_database)
    return mysql_database


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """The path of a SQLite file with empty tables, in the journal mode that hosts should use."""
    file = str(tmp_path / "host.sqlite")
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode = WAL")
    SqliteStore(connection).migrate()
    connection.execute("CREATE TABLE notes (note text)")
    connection.close()
    return file


class Host:
    """The kit on a store with empty tables, synchronous or asynchronous; `look` is another connection to the tables."""

    def __init__(self, kind: str, place: str, stack: ExitStack) -> None:
        self.kind = kind
        self.place = place
        self.stack = stack
        self.drifted: list[str] = []
        opened = Opened(stack, self.drifted.append)
        self.run = opened.loop.run_until_complete
        self.store, self.note = STORES[kind](opened, place)
        self.is_async = asyncio.iscoroutinefunction(self.store.read)
        self.look: Any = (
            sqlite3.connect(place, isolation_level=None)
            if kind in SQLITE
            else mariadb.Look(place)
            if kind in MYSQL
            else psycopg.connect(place, autocommit=True)
        )
        stack.callback(self.look.close)

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        """Calls preview, redeem, confirm, release, sweep, audit or repair on this store."""
        if not self.is_async:
            return lambda *args, **options: getattr(host, verb)(self.store, *args, **options)
        return lambda *args, **options: self.run(getattr(aio, verb)(self.store, *args, **options))

    def note_each(self, transaction: Any, redemptions: list[Any]) -> Any:
        """A host's own write: one row."""
        return self.note(transaction, " ".join(f"{record['id']}:{record['state']}" for record in redemptions))

    def notes(self) -> list[str]:
        return sorted(note for (note,) in self.look.execute("SELECT note FROM notes").fetchall())

    def counters(self) -> dict[str, int]:
        return dict(self.look.execute("SELECT key, used FROM redeemable_counters").fetchall())

    def record(self, id: str) -> Any:
        """The redemption as another connection sees it."""
        if self.kind in MYSQL:
            return MysqlStore(self.look.connection).read([], id)["existing"]
        look = SqliteStore(self.look) if self.kind in SQLITE else PostgresStore(self.look)
        return look.read([], id)["existing"]

    def subject(self) -> Subject:
        return Subject(
            Blocking(self.store, self.run) if self.is_async else self.store,
            self.note,
            self.notes,
            self.drifted,
            lambda: transactions.begin(self),
        )


@pytest.fixture
def open_host(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Host]]:
    with ExitStack() as stack:
        yield lambda kind: Host(kind, request.getfixturevalue(fixture_of(kind)), stack)


@pytest.fixture(params=STORES)
def any_store(request: pytest.FixtureRequest, open_host: Callable[[str], Host]) -> Host:
    return open_host(request.param)


@pytest.fixture(params=[kind for kind in STORES if kind not in VARIANTS])
def shop(request: pytest.FixtureRequest, open_host: Callable[[str], Host]) -> Host:
    return open_host(request.param)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets how long a call in an event loop waits; by default for ever, because a machine may stand still."""
    monkeypatch.setattr(_group_aio, "SECONDS", 60)

    def set_patience(seconds: float) -> None:
        monkeypatch.setattr(_lane_aio, "PATIENCE", seconds)

    set_patience(60)
    return set_patience
