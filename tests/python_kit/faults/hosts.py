"""A host process of a round: makes its calls in turn, reports each answer, and repeats calls that a fault cut off."""

import asyncio
import logging
import random
import re
import sqlite3
import time
import traceback
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import aiosqlite  # noqa: F401 (all drivers are loaded once, before the hosts are forked)
import asyncpg
import psycopg
import psycopg2
import psycopg_pool
import sqlalchemy
import sqlalchemy.ext.asyncio
from proxy import Proxy
from redeemable import aio, host
from redeemable._kit import _shared_engine
from redeemable.postgres import AsyncPostgresStore, PostgresStore
from redeemable.sqlalchemy import AsyncSqlAlchemyStore, SqlAlchemyStore
from redeemable.sqlite import SqliteStore

_shared_engine()
# psycopg tells of each connection that a fault has broken.
logging.getLogger("psycopg").setLevel(logging.ERROR)
# A host whose kind ends with a number makes so many calls at once, and its plans go together.
POSTGRES = ["psycopg", "psycopg-async", "sqlalchemy-psycopg2", "sqlalchemy-asyncpg"]
POSTGRES += ["psycopg-async-pool-6", "sqlalchemy-asyncpg-6"]
SQLITE = ["sqlite3", "sqlalchemy-sqlite", "sqlalchemy-aiosqlite", "sqlalchemy-aiosqlite-6"]
FAULTS = (
    sqlite3.Error,
    psycopg.Error,
    psycopg2.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    sqlalchemy.exc.DBAPIError,
    OSError,
)
FORGET = "DELETE FROM tickets WHERE order_id = :id"
ISSUE = "INSERT INTO tickets (order_id, position, state) VALUES (:id, :position, :state)"
SEAT = "UPDATE seats SET sold = sold + 1 WHERE id = :id"
SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n"


class Spec(NamedTuple):
    kind: str
    place: str
    seed: str
    calls: list[dict[str, Any]]
    clock_off_ms: int = 0
    attempts: int = 8
    patience: float = 5
    lose: float = 0
    """The probability that a COMMIT, or the answer to one, is lost."""
    seats: bool = False
    """Whether the host locks its own rows in random order."""
    slow: float = 0
    """The probability that the host's own statement takes longer than the limit."""
    pages: int = 0
    """How many pages the SQLite file may have."""
    reads_first: bool = False
    """Whether the host's transactions begin with a read, and become writers later."""


class Recorded(sqlite3.Connection):
    """A connection that reports each error of the file, and can lose the answer to a COMMIT."""

    tell: Any = staticmethod(lambda *_: None)
    prepare: Any = staticmethod(lambda *_: None)
    armed: str | None = None
    lost = ""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        Recorded.prepare(self)

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(RecordedCursor)

    def execute(self, statement: str, *parameters: Any) -> Any:
        if statement == "COMMIT":
            return self.commit()
        if statement == "ROLLBACK":
            return self.rollback()
        return self.cursor().execute(statement, *parameters)

    def rollback(self) -> None:
        Recorded.armed = None
        super().rollback()

    def commit(self) -> None:
        armed, Recorded.armed = Recorded.armed, None
        if armed == "question":
            self.rollback()
        else:
            recorded(super().commit)
        if armed:
            Recorded.lost = armed
            raise sqlite3.OperationalError("disk I/O error")


class RecordedCursor(sqlite3.Cursor):
    def execute(self, *arguments: Any) -> Any:
        return recorded(super().execute, *arguments)


def recorded(call: Any, *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except sqlite3.Error as error:
        if error.sqlite_errorname:
            Recorded.tell("state", error.sqlite_errorname)
        raise


class Host:
    def __init__(self, spec: Spec, tell: Any) -> None:
        self.spec, self.tell = spec, tell
        self.random = random.Random(spec.seed)
        self.loop = asyncio.new_event_loop()
        self.proxy = Proxy(spec.place) if spec.lose and spec.kind in POSTGRES else None
        self.fault: Any = self.proxy or Recorded
        self.is_async = "async" in spec.kind or "aio" in spec.kind
        self.at_once = at_once(spec.kind)
        self.close: Any = None
        self.renew: Any = None
        self.reopened = 0
        Recorded.tell, Recorded.prepare = tell, self.prepare

    def open(self) -> None:
        kind, url = self.spec.kind, self.proxy.url if self.proxy else self.spec.place
        if kind == "psycopg":
            connection = psycopg.connect(url)
            self.store: Any = PostgresStore(connection)
            self.close = connection.close
        elif kind == "psycopg-async":
            awaited = self.loop.run_until_complete(psycopg.AsyncConnection.connect(url))
            self.store = AsyncPostgresStore(awaited)
            self.close = lambda: self.loop.run_until_complete(awaited.close())
        elif kind == "psycopg-async-pool-6":
            pool = psycopg_pool.AsyncConnectionPool(url, min_size=2, max_size=4, open=False)
            self.loop.run_until_complete(pool.open())
            self.store = AsyncPostgresStore(pool)
            self.renew = pool.drain
            self.close = lambda: self.loop.run_until_complete(pool.close())
        elif kind == "sqlite3":
            file = self.connect()
            self.store = SqliteStore(file)
            self.close = file.close
        elif not self.is_async:
            create = {"creator": self.connect, "poolclass": sqlalchemy.pool.NullPool} if kind in SQLITE else {}
            engine = sqlalchemy.create_engine(
                "sqlite://" if create else re.sub("^postgres:", "postgresql+psycopg2:", url), **create
            )
            if self.spec.reads_first:
                sqlalchemy.event.listen(engine, "begin", read_first)
            self.store = SqlAlchemyStore(engine)
            self.close = engine.dispose
        else:
            options = {"connect_args": {"factory": Recorded, "timeout": self.spec.patience}} if kind in SQLITE else {}
            place = f"sqlite+aiosqlite:///{url}" if options else re.sub("^postgres:", "postgresql+asyncpg:", url)
            async_engine = sqlalchemy.ext.asyncio.create_async_engine(place, **options)
            self.store = AsyncSqlAlchemyStore(async_engine)
            self.renew = async_engine.dispose
            self.close = lambda: self.loop.run_until_complete(async_engine.dispose())

        if self.at_once > 1:
            commit = self.store._commit

            def committing(ops: Any, write: Any = None) -> Any:
                if sum(op["op"] != "add" for op in ops) > 1:
                    self.tell("state", "together")
                return commit(ops, write)

            self.store._commit = committing

    def connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.spec.place, timeout=self.spec.patience, factory=Recorded)

    def prepare(self, connection: sqlite3.Connection) -> None:
        if self.spec.pages:
            connection.execute(f"PRAGMA max_page_count = {self.spec.pages}")
        if self.spec.slow:
            # A statement may take 5 ms.
            began = [0.0]
            connection.set_trace_callback(lambda _: began.__setitem__(0, time.monotonic()))
            connection.set_progress_handler(lambda: time.monotonic() - began[0] > 0.005, 1000)

    def now(self) -> int:
        return int(time.time() * 1000) + self.spec.clock_off_ms

    def writes(self, redemptions: list[Any]) -> list[tuple[str, dict[str, Any]]]:
        """The host's own write: its rows follow the records."""
        statements = [(SEAT, {"id": seat}) for seat in self.random.sample(range(4), 2) if self.spec.seats]
        for record in redemptions:
            statements.append((FORGET, {"id": record["id"]}))
            statements += [
                (ISSUE, {"id": record["id"], "position": position, "state": record["state"]})
                for position, ticket in enumerate(record["tickets"])
                if not ticket.get("released")
            ]
        if self.random.random() < self.spec.slow:
            statements.append((SLOW, {}))
        return statements

    def before_write(self, redemptions: list[Any]) -> None:
        self.tell("writing")
        for record in redemptions:
            late = [
                ticket["released"]["at_ms"] - record["created_at_ms"]
                for ticket in record["tickets"]
                if ticket.get("released", {}).get("reason") == "hold_expired"
            ]
            if any(after > 300_000 for after in late):
                # The hold has lapsed by this host's clock, but by the clock of the host that made it, minutes are left.
                self.tell("state", "lapsed by another clock")
        if self.random.random() < self.spec.lose:
            self.fault.armed = self.random.choice(["answer", "answer", "question"])
        time.sleep(self.random.choice([0, 0, 0.002, 0.004]))

    def statement(self, statement: str) -> Any:
        if self.spec.kind.startswith("sqlalchemy"):
            return sqlalchemy.text(statement)
        return re.sub(r":(\w+)", r"%(\1)s", statement) if self.spec.kind in POSTGRES else statement

    def write(self, transaction: Any, redemptions: list[Any]) -> None:
        self.before_write(redemptions)
        for statement, values in self.writes(redemptions):
            transaction.execute(self.statement(statement), values)

    async def write_async(self, transaction: Any, redemptions: list[Any]) -> None:
        self.before_write(redemptions)
        for statement, values in self.writes(redemptions):
            await transaction.execute(self.statement(statement), values)

    def make(self, call: dict[str, Any]) -> Any:
        made = self.call(call)
        return self.loop.run_until_complete(made) if self.is_async else made

    def call(self, call: dict[str, Any]) -> Any:
        verb, arguments = call["verb"], call["args"]
        if verb == "redeem":
            order = {**arguments[0]["order"], "hold_until_ms": self.now() + call["hold_ms"]}
            arguments = [{**arguments[0], "order": order}]
        options: dict[str, Any] = {"write": self.write_async if self.is_async else self.write, "now": self.now}
        if verb != "sweep":
            options["attempts"] = self.spec.attempts
        if verb == "redeem":
            # This gives others time to commit between the read and the commit.
            options["approve"] = lambda _: time.sleep(self.random.choice([0, 0.002, 0.005]))
        return getattr(aio if self.is_async else host, verb)(self.store, *arguments, **options)

    def until_answered(self, index: int, call: dict[str, Any]) -> None:
        self.tell("begin", index)
        end = time.monotonic() + 60
        lost = ""
        while time.monotonic() < end:
            try:
                if self.close is None:
                    self.open()
                answer = self.make(call)
                self.tell("end", index, summary(call["verb"], answer), lost)
                return
            except host.Busy:
                self.tell("end", index, {"status": "busy"}, "")
                return
            except FAULTS as error:
                # The host repeats the whole call on another connection, as KIT.md tells it to.
                lost, self.fault.lost, self.fault.armed = self.fault.lost or lost, "", None
                self.tell("fault", index, code_of(error))
                self.reopen()
        self.tell("wrong", index, "no answer in 60 seconds")

    async def answer_all(self) -> None:
        """Makes several calls at once; those of one order come one after the other."""
        orders: dict[str, list[int]] = {}
        for index, call in enumerate(self.spec.calls):
            of = call["args"][0]["order"]["id"] if call["verb"] == "redeem" else (call["args"] or ["sweep"])[0]
            orders.setdefault(of, []).append(index)
        free = asyncio.Semaphore(self.at_once)

        async def answer_each(indexes: list[int]) -> None:
            async with free:
                for index in indexes:
                    await self.until_answered_at_once(index, self.spec.calls[index])

        await asyncio.gather(*map(answer_each, orders.values()))

    async def until_answered_at_once(self, index: int, call: dict[str, Any]) -> None:
        """As `until_answered`, on one pool, which replaces connections that have broken."""
        self.tell("begin", index)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                answer = await self.call(call)
                self.tell("end", index, summary(call["verb"], answer), "")
                return
            except host.Busy:
                self.tell("end", index, {"status": "busy"}, "")
                return
            except FAULTS as error:
                if self.fault.lost:
                    self.tell("state", f"{self.fault.lost} lost")
                self.fault.lost, self.fault.armed = "", None
                self.tell("fault", index, code_of(error))
                self.reopened += 1
                if self.reopened >= 3 and code_of(error) in ("XX000", "53100", "SQLITE_FULL"):
                    self.reopened = 0
                    # A connection that is not broken goes on with a file that may not grow, until it is replaced.
                    self.spec = self.spec._replace(pages=0)
                    await self.renew()
                await asyncio.sleep(0.01)
        self.tell("wrong", index, "no answer in 60 seconds")

    def reopen(self) -> None:
        try:
            if self.close is not None:
                self.close()
        except FAULTS:
            pass
        self.close = None
        self.reopened += 1
        if self.reopened == 3:
            # From now on the file may grow again, as if somebody had made room on the disk.
            self.spec = self.spec._replace(pages=0)
        time.sleep(0.01)


def at_once(kind: str) -> int:
    number = kind.rpartition("-")[2]
    return int(number) if number.isdigit() else 1


def read_first(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")
    connection.exec_driver_sql("SELECT count(*) FROM tickets").fetchall()
    time.sleep(0.002)


def summary(verb: str, answer: Any) -> Any:
    if verb == "sweep":
        return {"status": "swept", "count": answer}
    if answer is None:
        return {"status": None}
    revisions = {op["redemption"]["id"]: op["redemption"]["revision"] for op in answer["ops"] if "redemption" in op}
    return {"status": answer["status"], "replayed": answer.get("replayed"), "revisions": revisions}


def code_of(error: Any) -> str:
    """The database's own code for the fault, if it has one; a broken connection has none."""
    cause = getattr(error, "orig", None) or error
    for name in ("sqlstate", "pgcode", "sqlite_errorname"):
        if getattr(cause, name, None):
            return str(getattr(cause, name))
    broken = isinstance(cause, OSError) or type(cause).__name__ in (
        "OperationalError",
        "InterfaceError",
        "ConnectionDoesNotExistError",
    )
    return "broken" if broken else f"{type(cause).__name__}: {cause}"


def main(spec: Spec, pipe: Connection) -> None:
    def tell(*message: Any) -> None:
        pipe.send(message)

    made = Host(spec, tell)
    index = -1
    try:
        made.open()
        tell("ready")
        pipe.recv()
        if made.at_once > 1:
            made.loop.run_until_complete(made.answer_all())
        else:
            for index, call in enumerate(spec.calls):
                made.until_answered(index, call)
    except EOFError:
        pass
    except BaseException:
        tell("wrong", index, traceback.format_exc())
    tell("done")
