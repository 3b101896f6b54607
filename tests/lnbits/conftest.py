import asyncio
import os
import secrets
import tempfile
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

# This stands before the import of LNbits, whose settings make a folder.
DATA = tempfile.TemporaryDirectory(prefix="redeemable-lnbits-")
os.environ["LNBITS_DATA_FOLDER"] = DATA.name

import asyncpg
import pytest
from ledger import PostgresLedger, SqliteLedger
from lnbits import db as lnbits_db
from lnbits.core.models import Payment
from lnbits.db import Database
from lnbits.settings import settings
from place import Place
from redeemable import aio
from redeemable.lnbits import Desk
from redeemable.lnbits import _till as till
from server import COMPONENT, Outside, Server, first_install
from shop import Shop
from stall import Stall


def pytest_configure() -> None:
    if not os.environ.get("DATABASE_URL"):
        raise pytest.UsageError("DATABASE_URL is not set: run scripts/postgres scripts/test-lnbits")
    if not COMPONENT.is_file():
        raise pytest.UsageError(f"{COMPONENT} is missing: run scripts/build-python")


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder in memory if possible: the migrations of LNbits are hundreds of transactions, each written to disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="redeemable-lnbits-", dir=memory if os.access(memory, os.W_OK) else None
    ) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def database_url() -> str:
    """A database of its own for each run, on the server that `scripts/postgres` started."""
    server = os.environ["DATABASE_URL"]
    name = f"lnbits_{secrets.token_hex(4)}"

    async def create() -> None:
        connection = await asyncpg.connect(server)
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()

    asyncio.run(create())
    return f"{server.rpartition('/')[0]}/{name}"


@pytest.fixture(params=[lnbits_db.SQLITE, lnbits_db.POSTGRES])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[Place]:
    # LNbits chooses its database once for each process.
    monkeypatch.setattr(lnbits_db, "DB_TYPE", request.param)
    monkeypatch.setattr(settings, "lnbits_database_url", database_url if request.param == lnbits_db.POSTGRES else None)
    loop = asyncio.new_event_loop()
    place = Place(Database(f"ext_check{secrets.token_hex(4)}"), loop)
    place.run(place.migrate())
    place.run(place.db.execute(f"CREATE TABLE {place.db.schema}.note (text TEXT)"))
    yield place
    place.run(place.db.engine.dispose())
    loop.close()


@pytest.fixture
def stall(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stall]:
    """After each test the counters must be what the records add up to, whatever the test itself checks."""
    table = f"{place.db.schema}.ticket"
    place.run(place.db.execute(f"CREATE TABLE {table} (id TEXT PRIMARY KEY, event TEXT, paid BOOLEAN, name TEXT)"))
    stall = Stall(place, Desk(place.db, tickets=table))

    async def look(hash: str, incoming: bool, wallet_id: str) -> Payment | None:
        assert incoming and wallet_id == "shop"
        return stall.payments.get(hash)

    monkeypatch.setattr(till, "get_standalone_payment", look)
    monkeypatch.setattr("time.time_ns", lambda: stall.now_ms * 1_000_000)
    monkeypatch.setattr(settings, "lightning_invoice_expiry", 3600)
    yield stall
    assert stall.run(aio.audit(stall.desk.store)) == []


@pytest.fixture(scope="session")
def outside() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Outside) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def sqlite_shop(folder: Path, outside: str) -> Iterator[Shop]:
    server = Server(folder / "sqlite", outside)
    try:
        yield Shop([server], first_install(server), SqliteLedger(server.database))
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres_shop(folder: Path, outside: str, database_url: str) -> Iterator[Shop]:
    """Two LNbits processes on one database."""
    servers: list[Server] = []
    try:
        servers.append(Server(folder / "first", outside, database_url))
        wallets = first_install(servers[0])
        # The second process starts when the first has made the tables: LNbits cannot run its migrations twice at once.
        servers.append(Server(folder / "second", outside, database_url))
        yield Shop(servers, wallets, PostgresLedger(database_url))
    finally:
        for server in servers:
            server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """The shop; after each test, the log of LNbits must have no new traceback, whatever the test itself checks."""
    shop: Shop = request.getfixturevalue(f"{request.param}_shop")
    yield shop
    faults = [fault for server in shop.servers if (fault := server.faults())]
    assert not faults, faults[0]
