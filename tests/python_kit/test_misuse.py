"""Hosts that make mistakes, or that have set up their connection in their own way."""

import asyncio
import re
import sqlite3
from contextlib import closing
from typing import Any

import mariadb
import psycopg
import pytest
import sqlalchemy
from kinds import MYSQL, POSTGRES, SQLITE
from redeemable import InvalidRequest, _suite, host
from redeemable._suite import usage
from redeemable.mysql import MysqlStore
from redeemable.sqlite import SqliteStore
from support import AT, USES, Clock, request


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in {**SQLITE, **POSTGRES, **MYSQL}
        if "connection" in kind
        or kind.endswith("session")
        or kind in ("sqlite3", "sqlite3-autocommit", "psycopg", "psycopg-autocommit", "psycopg-async")
        or kind in ("pymysql", "pymysql-autocommit")
    ],
)
def test_a_transaction_that_the_host_has_open_is_left_alone(kind: str, open_host: Any) -> None:
    shop = open_host(kind)
    source = getattr(shop.store, "connection" if kind.startswith(("sqlite3", "pymysql")) else "_source")
    is_orm = kind.startswith("sqlalchemy")

    def finish(result: Any) -> Any:
        return shop.run(result) if shop.is_async else result

    if is_orm:
        finish(source.begin().start() if shop.is_async and "connection" in kind else source.begin())
    elif kind.startswith("asyncpg"):
        begun = source.transaction()
        finish(begun.start())
    elif "autocommit" in kind:
        source.begin() if kind in MYSQL else source.execute("BEGIN")
    finish(shop.note(source, "the host's"))
    assert shop.preview(request(None, 1), now=Clock())["status"] == "accepted"
    for call in [lambda: shop.redeem(request("a", 1), now=Clock()), lambda: finish(shop.store.migrate())]:
        with pytest.raises(
            RuntimeError, match="the connection has a transaction open: commit it or roll it back first"
        ):
            call()
    assert shop.notes() == [], "the kit committed it"
    transaction = begun if kind.startswith("asyncpg") else source.get_transaction() if "connection" in kind else source
    finish(transaction.commit())
    assert shop.notes() == ["the host's"], "the kit rolled it back"
    assert shop.redeem(request("a", 1), now=Clock())["status"] == "accepted"
    assert shop.counters()[USES] == 1


@pytest.mark.parametrize("end", ["commit", "rollback", "script"])
@pytest.mark.parametrize("isolation_level", ["", None, "IMMEDIATE"])
def test_a_write_that_ends_sqlites_transaction_is_refused(end: str, isolation_level: str | None, sqlite: str) -> None:
    connection = sqlite3.connect(sqlite, isolation_level=isolation_level)  # type: ignore[call-overload]

    def write(connection: sqlite3.Connection, _: Any) -> None:
        connection.execute("INSERT INTO notes VALUES ('first')")
        if end == "script":
            connection.executescript("SELECT 1")  # executescript begins with a COMMIT
        else:
            getattr(connection, end)()
        connection.execute("INSERT INTO notes VALUES ('second')")

    with pytest.raises(RuntimeError, match="write ended the transaction"):
        host.redeem(SqliteStore(connection), request("a", 1), write=write, now=Clock())
    assert SqliteStore(connection).read([USES], "a") == usage({})
    assert not connection.in_transaction


@pytest.mark.parametrize("end", ["commit", "rollback", "raise"])
def test_a_write_that_ends_postgres_transaction_is_refused(end: str, open_host: Any) -> None:
    shop = open_host("psycopg")

    def write(connection: Any, _: Any) -> None:
        shop.note(connection, "rolled back")
        if end == "raise":
            raise psycopg.Rollback
        getattr(connection, end)()

    with pytest.raises(RuntimeError if end == "raise" else psycopg.ProgrammingError):
        shop.redeem(request("a", 1), write=write, now=Clock())
    assert (shop.counters(), shop.notes()) == ({}, [])
    assert shop.redeem(request("a", 1), now=Clock())["status"] == "accepted"


@pytest.mark.parametrize("limit", [3, 0])
@pytest.mark.parametrize(
    "kind",
    [
        "sqlalchemy-sqlite",
        "sqlalchemy-aiosqlite",
        "django-sqlite",
        "django-sqlite-immediate",
        *(kind for kind in {**POSTGRES, **MYSQL} if "connection" not in kind),
    ],
)
def test_a_write_that_ends_the_transaction_by_statements_is_an_error(kind: str, limit: int, open_host: Any) -> None:
    """An error even if the counters do not fit: a repeated call would find a record whose uses were never counted."""
    shop = open_host(kind)
    endings = [["ROLLBACK"], ["COMMIT"], ["ROLLBACK", "BEGIN"], ["COMMIT", "BEGIN"]]
    # MariaDB commits before this statement, and says nothing of it.
    for statements in endings + ([["ALTER TABLE notes COMMENT 'seats'"]] if kind in MYSQL else []):

        def write(transaction: Any, _: Any, statements: list[str] = statements) -> Any:
            # psycopg itself notices the end of the transaction; to the other drivers it is a statement like any other.
            target = transaction.cursor() if kind.startswith(("pymysql", "django")) else transaction
            made = [
                target.execute(sqlalchemy.text(statement) if kind.startswith("sqlalchemy") else statement)
                for statement in statements
            ]

            async def wait() -> None:
                for each in made:
                    await each

            return wait() if shop.is_async else None

        plan = [_suite.insert(_suite.held(" ".join(statements))), _suite.add(USES, 1, limit)]
        with pytest.raises(RuntimeError, match="write ended the transaction"):
            shop.subject().store.commit(plan, write)
    assert shop.counters() == {}
    assert shop.redeem(request("b", 1), now=Clock())["status"] == "accepted", "the connection is as good as before"


@pytest.mark.parametrize("kind", ["pymysql", "pymysql-odd", "sqlalchemy-pymysql", "sqlalchemy-aiomysql"])
def test_texts_that_mariadb_could_take_for_the_same_are_kept_apart(kind: str, open_host: Any) -> None:
    """Collations do not tell case, accents or trailing blanks apart, and an index takes 3072 bytes of a text."""
    store = open_host(kind).subject().store
    ids = ["a", "A", "a ", "á", "a\0", "ss", "ß", "o' OR 1=1 -- \\' OR 1=1 -- "]
    keys = [*ids, "x" * 4000, "x" * 4000 + "y"]
    for number, key in enumerate(keys, 1):
        assert store.commit([_suite.add(key, number, number)]) is True
        assert store.commit([_suite.add(key, 1, number)]) is False
    assert store.commit([_suite.insert(_suite.held(id)) for id in ids]) is True
    assert store.read(keys, None)["counters"] == {key: number for number, key in enumerate(keys, 1)}
    assert [store.read([], id)["existing"]["id"] for id in ids] == ids


def test_a_connection_in_another_character_set_stores_utf_8(mysql: str) -> None:
    with closing(mariadb.connect(mysql, charset="latin1")) as connection, closing(mariadb.connect(mysql)) as other:
        latin, plain = MysqlStore(connection), MysqlStore(other)
        record = {**_suite.held("ü"), "event_id": "ü", "tickets": []}
        assert latin.commit([_suite.insert(record), _suite.add("ü", 1)]) is True
        assert plain.read(["ü"], "ü") == latin.read(["ü"], "ü")
        assert plain.read(["ü"], "ü")["existing"]["event_id"] == "ü"
        with pytest.raises(UnicodeEncodeError):
            latin.commit([_suite.insert(_suite.held("🎟️"))])
        assert plain.commit([_suite.insert(_suite.held("🎟️"))]) is True
        assert latin.read([], "ü")["existing"]["id"] == "ü", "the connection is as good as before"


def test_a_mysql_write_that_commits_is_refused(open_host: Any) -> None:
    shop = open_host("pymysql")
    for end in ("commit", "rollback", "begin"):

        def write(connection: Any, _: Any, end: str = end) -> None:
            getattr(connection, end)()

        with pytest.raises(RuntimeError, match="write ended the transaction"):
            shop.redeem(request(end, 1), write=write, now=Clock())
    assert shop.counters() == {}
    assert shop.redeem(request("a", 1), now=Clock())["status"] == "accepted"


def test_a_coroutine_function_needs_the_asynchronous_kit(open_host: Any) -> None:
    async def later(*_: Any) -> None: ...

    shop = open_host("sqlite3")
    for option in ("write", "approve"):
        with pytest.raises(TypeError, match=f"{option} is asynchronous, and would do nothing here: use redeemable.aio"):
            shop.redeem(request("a", 1), now=Clock(), **{option: later})
    assert shop.counters() == {}


def test_every_awaitable_needs_the_asynchronous_kit(open_host: Any) -> None:
    shop = open_host("sqlite3")
    loop = asyncio.new_event_loop()
    ran = []

    async def later() -> None:
        ran.append("later")

    class Later:
        def __await__(self) -> Any:
            raise AssertionError

    task, future = loop.create_task(later()), loop.create_future()
    for option in ("write", "approve"):
        for result in (task, future, Later()):
            with pytest.raises(TypeError, match=f"{option} is asynchronous"):
                shop.redeem(request("a", 1), now=Clock(), **{option: lambda *_, result=result: result})
    loop.run_until_complete(asyncio.sleep(0))
    assert (task.cancelled(), future.cancelled(), ran, shop.counters()) == (True, True, [], {})
    loop.close()


@pytest.mark.parametrize("kind", POSTGRES)
def test_text_that_postgres_cannot_store_is_the_callers_mistake(kind: str, open_host: Any) -> None:
    shop = open_host(kind)
    store, ran = shop.subject().store, []

    def plan(email: str) -> Any:
        return [_suite.insert({**_suite.held("o"), "identities": [email]}), _suite.add("a", 1)]

    for write in (None, lambda *_: ran.append("write")):
        with pytest.raises(
            InvalidRequest, match=re.escape("expected text without U+0000, which PostgreSQL cannot store")
        ) as raised:
            store.commit(plan("email:\\\0"), write)
        assert (raised.value.code, raised.value.path) == ("invalid_request", "")
    assert (ran, shop.counters()) == ([], {})
    assert store.commit(plan("email:\\u0000")) is True, "a backslash and letters are no such character"
    assert store.read(["a", "a\0"], "o\0") == usage({"a": 1})
    assert store.find(lapsed_by_ms=2 * AT, keys=["a\0"], limit=1) == {"holds": [], "counters": {}}
    assert shop.confirm("o\0", {"id": "p-1", "total": None}, now=Clock()) is None


def test_a_connection_that_is_always_in_a_transaction_is_refused() -> None:
    class Connection(sqlite3.Connection):
        autocommit = False  # the attribute that Python 3.12 added

    with pytest.raises(ValueError, match="autocommit=False"):
        SqliteStore(sqlite3.connect(":memory:", factory=Connection))


def test_rows_are_read_whatever_row_factory_the_connection_has(sqlite: str) -> None:
    connection = sqlite3.connect(sqlite)
    connection.row_factory = lambda cursor, row: {"row": row}
    connection.text_factory = bytes
    store = SqliteStore(connection)
    host.redeem(store, request("a", 1), now=Clock())
    assert host.redeem(store, request("a", 1), now=Clock())["replayed"] is True
    assert store.find(lapsed_by_ms=AT * 2, keys=None, limit=1)["holds"][0]["id"] == "a"
    assert host.preview(store, request(None, 1), now=Clock())["applied"][0]["remaining"] == 1
