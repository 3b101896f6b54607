"""A host process of the races: it makes the calls that it reads from stdin, four at once, and prints the answers.

buyer.py KIND PLACE [TENANT]    stdin: [{"verb": "redeem", "args": [...]}, …], and a line when all processes shall start
                                              stdout: a line when it is ready, and [{"status", "replayed", "error"}, …]
A call may have `options`, which it takes by name.
The verb `buy` is the buyer of agreeing.py.
"""

import asyncio
import json
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from agreeing import buy, buy_async
from redeemable import aio, host

DELETE = "DELETE FROM tickets WHERE order_id = {}"
INSERT = "INSERT INTO tickets (order_id, position, state) VALUES ({}, {}, {})"

NOTHING = {
    "codes": [],
    "promos": [],
    "order": {"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 1, "quantity": 1}]},
}


def rows(record: Any) -> list[tuple[str, int, str]]:
    return [
        (record["id"], position, record["state"])
        for position, ticket in enumerate(record["tickets"])
        if not ticket.get("released")
    ]


def issue(connection: Any, redemptions: list[Any]) -> None:
    """The host's own write: one row for each ticket in the records that is not released."""
    mark = "?" if isinstance(connection, sqlite3.Connection) else "%s"
    for record in redemptions:
        connection.execute(DELETE.format(mark), (record["id"],))
        for row in rows(record):
            connection.execute(INSERT.format(mark, mark, mark), row)


def issue_by_cursor(connection: Any, redemptions: list[Any]) -> None:
    for record in redemptions:
        connection.cursor().execute(DELETE.format("%s"), (record["id"],))
        for row in rows(record):
            connection.cursor().execute(INSERT.format("%s", "%s", "%s"), row)


async def issue_async(connection: Any, redemptions: list[Any]) -> None:
    for record in redemptions:
        await connection.execute(DELETE.format("%s"), (record["id"],))
        for row in rows(record):
            await connection.execute(INSERT.format("%s", "%s", "%s"), row)


def issue_text(connection: Any, redemptions: list[Any]) -> None:
    from sqlalchemy import text

    for record in redemptions:
        connection.execute(text(DELETE.format(":id")), {"id": record["id"]})
        for id, position, state in rows(record):
            connection.execute(
                text(INSERT.format(":id", ":position", ":state")), {"id": id, "position": position, "state": state}
            )


def outcome(answer: Any) -> Any:
    told = {key: answer[key] for key in ("agreed", "asked", "refundable", "money") if key in (answer or ())}
    return {"status": answer and answer["status"], "replayed": bool(answer and answer.get("replayed")), **told}


def options_of(tenant: str) -> dict[str, Any]:
    """Options of a store: `schema:NAME`, or `row:NAME` for row-level security."""
    kind, _, name = tenant.partition(":")
    return {"schema": name} if kind == "schema" else {"begin": lambda c: c.execute("SELECT set_tenant(%s)", (name,))}


def wait_for_start() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def call_joined(begin: Any) -> Any:
    """`begin(store)` is a context manager of a transaction, which the call joins, and which it commits."""

    def perform(store: Any, call: Any, write: Any) -> Any:
        while True:
            try:
                with begin(store) as transaction:
                    return getattr(host, call["verb"])(store, *call["args"], write=write, transaction=transaction)
            except host.RepeatTransaction:
                continue

    return perform


def call_alone(store: Any, call: Any, write: Any) -> Any:
    verb = buy if call["verb"] == "buy" else getattr(host, call["verb"])
    return verb(store, *call["args"], write=write, **call.get("options", {}))


def call_in_atomic(store: Any, call: Any, write: Any) -> Any:
    """In a transaction of the host, which repeats all of it as often as it is told to."""
    from django.db import DatabaseError, transaction
    from redeemable.sql import is_conflict

    while True:
        try:
            with transaction.atomic(using=store.using):
                return call_alone(store, call, write)
        except host.RepeatTransaction:
            continue
        except DatabaseError as error:  # at the host's own commit
            if not is_conflict(error):
                raise


def in_threads(make_store: Callable[[], Any], write: Any, calls: list[Any], perform: Any = call_alone) -> list[Any]:
    own = threading.local()

    def make(call: Any) -> Any:
        try:
            return outcome(perform(own.store, call, write))
        except host.Busy:
            return {"error": "busy"}

    def prepare() -> None:
        own.store = make_store()
        host.preview(own.store, NOTHING)
        prepared.wait()

    prepared = threading.Barrier(5)
    with ThreadPoolExecutor(4, initializer=prepare) as pool:
        for _ in range(4):
            pool.submit(lambda: None)
        prepared.wait()
        wait_for_start()
        return list(pool.map(make, calls))


async def in_tasks(url: str, calls: list[Any], tenant: dict[str, Any], **options: Any) -> list[Any]:
    from psycopg_pool import AsyncConnectionPool
    from redeemable.postgres import AsyncPostgresStore

    async with AsyncConnectionPool(url, min_size=4, max_size=4, **options) as pool:
        store = AsyncPostgresStore(pool, **tenant)

        at_once = asyncio.Semaphore(4)

        async def make(call: Any) -> Any:
            try:
                verb = buy_async if call["verb"] == "buy" else getattr(aio, call["verb"])
                async with at_once:
                    answer = await verb(store, *call["args"], write=issue_async, **call.get("options", {}))
                return outcome(answer)
            except aio.Busy:
                return {"error": "busy"}

        await aio.preview(store, NOTHING)
        wait_for_start()
        return await asyncio.gather(*map(make, calls))


@contextmanager
def begun(connection: Any) -> Iterator[Any]:
    """A transaction of the host's, which locks nothing before the kit does."""
    connection.begin() if hasattr(connection, "begin") else connection.execute("BEGIN")
    try:
        yield connection
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def in_joined_threads(kind: str, place: str, calls: list[Any]) -> list[Any]:
    if kind == "joined-sqlite3":
        from redeemable.sqlite import SqliteStore

        def connect() -> Any:
            return SqliteStore(sqlite3.connect(place, timeout=30, isolation_level=None))

        return in_threads(connect, issue, calls, call_joined(lambda store: begun(store.connection)))
    if kind == "joined-pymysql":
        import mariadb
        from redeemable.mysql import MysqlStore

        return in_threads(
            lambda: MysqlStore(mariadb.connect(place, autocommit=True)),
            issue_by_cursor,
            calls,
            call_joined(lambda store: begun(store.connection)),
        )
    if kind == "joined-session":
        from redeemable.sqlalchemy import SqlAlchemyStore
        from sqlalchemy import create_engine
        from sqlalchemy.orm import Session, sessionmaker

        make: Any = sessionmaker(create_engine(place), class_=Session)
        return in_threads(lambda: SqlAlchemyStore(make()), issue_text, calls, call_joined(lambda _: make.begin()))
    import psycopg
    from redeemable.postgres import PostgresStore

    level = psycopg.IsolationLevel.REPEATABLE_READ if "repeatable" in kind else None

    def connect_postgres() -> Any:
        connection = psycopg.connect(place, autocommit=True)
        connection.isolation_level = level
        return PostgresStore(connection)

    @contextmanager
    def begin_postgres(store: Any) -> Iterator[Any]:
        with store._source.transaction():
            yield store._source

    return in_threads(connect_postgres, issue, calls, call_joined(begin_postgres))


async def issue_numbered(connection: Any, redemptions: list[Any]) -> None:
    for record in redemptions:
        await connection.execute(DELETE.format("$1"), record["id"])
        await connection.executemany(INSERT.format("$1", "$2", "$3"), rows(record))


async def in_tasks_of_asyncpg(url: str, calls: list[Any], joins: bool, **options: Any) -> list[Any]:
    import asyncpg
    from redeemable.asyncpg import AsyncpgStore

    async with asyncpg.create_pool(url, min_size=4, max_size=4, **options) as pool:
        store = AsyncpgStore(pool)
        at_once = asyncio.Semaphore(4)

        async def call_joined(call: Any) -> Any:
            while True:
                try:
                    async with pool.acquire() as connection, connection.transaction():
                        verb = getattr(aio, call["verb"])
                        return await verb(store, *call["args"], write=issue_numbered, transaction=connection)
                except aio.RepeatTransaction:
                    continue

        async def make(call: Any) -> Any:
            try:
                async with at_once:
                    if joins:
                        return outcome(await call_joined(call))
                    return outcome(await getattr(aio, call["verb"])(store, *call["args"], write=issue_numbered))
            except aio.Busy:
                return {"error": "busy"}

        await aio.preview(store, NOTHING)
        wait_for_start()
        return await asyncio.gather(*map(make, calls))


def main(kind: str, place: str, *names: str) -> None:
    calls = json.loads(sys.stdin.readline())
    options: dict[str, Any] = {}
    # Behind a pooler, no statement may be prepared.
    if kind.endswith("-pooler"):
        options = {"statement_cache_size": 0} if "asyncpg" in kind else {"kwargs": {"prepare_threshold": None}}
    kind = kind.removesuffix("-pooler")
    tenant = options_of(*names) if names else {}
    if kind.startswith("joined"):
        answers = in_joined_threads(kind, place, calls)
    elif kind == "sqlite3":
        from redeemable.sqlite import SqliteStore

        answers = in_threads(lambda: SqliteStore(sqlite3.connect(place, timeout=30)), issue, calls)
    elif kind == "pymysql":
        import mariadb
        from redeemable.mysql import MysqlStore

        answers = in_threads(lambda: MysqlStore(mariadb.connect(place)), issue_by_cursor, calls)
    elif kind.startswith("django"):
        import django_host
        from redeemable.django import DjangoStore

        options = {"isolation_level": "repeatable read"} if "repeatable" in kind else {}
        if options and place.startswith("postgres"):
            from psycopg import IsolationLevel

            options = {"isolation_level": IsolationLevel.REPEATABLE_READ}
        django_host.connect("test", place, **options)
        perform = call_in_atomic if "atomic" in kind else call_alone
        answers = in_threads(lambda: DjangoStore("test"), issue_by_cursor, calls, perform)
    elif kind.startswith("asyncpg"):
        answers = asyncio.run(in_tasks_of_asyncpg(place, calls, "joined" in kind, **options))
    elif kind == "psycopg-pool":
        from psycopg_pool import ConnectionPool
        from redeemable.postgres import PostgresStore

        with ConnectionPool(place, min_size=4, max_size=4, **options) as pool:
            answers = in_threads(lambda: PostgresStore(pool, **tenant), issue, calls)
    elif kind == "psycopg-async-pool":
        answers = asyncio.run(in_tasks(place, calls, tenant, **options))
    else:
        from redeemable.sqlalchemy import SqlAlchemyStore
        from sqlalchemy import create_engine

        engine = create_engine(place, **({"isolation_level": "SERIALIZABLE"} if "serializable" in kind else {}))
        answers = in_threads(lambda: SqlAlchemyStore(engine), issue_text, calls)
    print(json.dumps(answers))


main(*sys.argv[1:])
