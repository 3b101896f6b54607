"""Tenants in one PostgreSQL database: a schema for each, or shared tables with row-level security."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import psycopg_pool
import pytest
import sqlalchemy
from kinds import Opened, through
from ledger import CREATE, audit
from mariadb import TABLES
from programs import PROGRAMS, run_program
from redeemable import host, store_suite
from redeemable.postgres import PostgresStore
from support import SPEND, USES, Clock, request
from test_races import USES as SOLD
from test_races import node, python, redeem, run

TENANT = "Tenant-1"
# How SQLAlchemy's stores reach the database.
DRIVER = {
    "engine": "postgresql+psycopg2",
    "async_engine": "postgresql+asyncpg",
    "async_connection": "postgresql+asyncpg",
}


@pytest.fixture
def place(database: str) -> Iterator[Any]:
    """A connection to the database, in which no tenant has tables, but the schema public has."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {', '.join(TABLES)}, notes")
        yield connection
        for (name,) in connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' "
            "AND nspname NOT IN ('public', 'information_schema')"
        ).fetchall():
            connection.execute(f'DROP SCHEMA "{name}" CASCADE')


def rows(connection: Any, schema: str, table: str = "counters") -> Any:
    columns = "key, used" if table == "counters" else "*"
    return connection.execute(f'SELECT {columns} FROM "{schema}".redeemable_{table} ORDER BY 1').fetchall()


@pytest.mark.parametrize("check", [*store_suite.CHECKS, *store_suite.AUDIT_CHECKS], ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", ["psycopg", "engine", "async_engine", "asyncpg_pool"])
def test_a_store_with_a_schema_is_a_store(
    kind: str, check: Callable[[store_suite.Subject], None], place: Any, database: str
) -> None:
    with ExitStack() as stack:
        drifted: list[str] = []
        opened = Opened(stack, drifted.append)
        opened.drift["schema"] = TENANT  # type: ignore[assignment]
        store, note = getattr(opened, kind)(through(DRIVER[kind], database) if kind in DRIVER else database)
        blocking = store_suite.Blocking(store, opened.loop.run_until_complete) if "async" in kind else store
        migrated = store.migrate()
        if "async" in kind:
            opened.loop.run_until_complete(migrated)
        notes = lambda: sorted(text for (text,) in place.execute("SELECT note FROM notes"))  # noqa: E731
        check(store_suite.Subject(blocking, note, notes, drifted))
    assert (rows(place, "public"), rows(place, "public", "redemptions")) == ([], [])


def test_tenants_count_apart_over_one_pool(place: Any, database: str) -> None:
    with psycopg_pool.ConnectionPool(database, min_size=1, max_size=2) as pool:
        tenants = {name: PostgresStore(pool, schema=name) for name in (TENANT, "tenant-1", "t2")}
        for store in [*tenants.values(), *tenants.values()]:
            store.migrate()
        # SUMMER has three uses, for each tenant. The orders have the same ids everywhere.
        for index in range(5):
            for store in tenants.values():
                answer = host.redeem(store, request(f"o-{index}"), now=Clock())
                assert answer["status"] == ("accepted" if index < 3 else "rejected")
        for name, store in tenants.items():
            assert rows(place, name) == [(SPEND, 600), (USES, 3)]
            assert host.audit(store) == []
    assert rows(place, "public") == []


@pytest.mark.parametrize("path", ["", "pg_catalog", "elsewhere", "elsewhere, public", "public", f'"{TENANT}"'])
def test_a_schema_does_not_depend_on_the_search_path(path: str, place: Any, database: str) -> None:
    place.execute("CREATE SCHEMA elsewhere")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SELECT set_config('search_path', %s, false)", (path,))
        store = PostgresStore(connection, schema=TENANT)
        store.migrate()
        assert host.redeem(store, request("o-1"), now=Clock(), write=lambda *_: None)["status"] == "accepted"
        assert connection.execute("SHOW search_path").fetchone() == (path,)
    assert rows(place, TENANT) == [(SPEND, 200), (USES, 1)]
    assert rows(place, "public") == []


def test_the_function_finds_its_tables_by_itself(place: Any, database: str) -> None:
    """Also without the option, and where a temporary table has the name of one of the tables."""
    plan = '[{"op": "add", "key": "a", "by": 2, "at_most": 5}]'
    place.execute("CREATE SCHEMA old")
    with psycopg.connect(database, autocommit=True, options="-c search_path=old") as connection:
        PostgresStore(connection).migrate()
        connection.execute("CREATE TEMPORARY TABLE redeemable_counters (key text PRIMARY KEY, used bigint)")
        connection.execute("SET search_path = public")
        assert connection.execute("SELECT old.redeemable_commit(%s)", (plan,)).fetchone() == ([],)
    assert rows(place, "old") == [("a", 2)]


def test_migrate_leaves_the_transaction_of_a_host_as_it_was(place: Any, database: str) -> None:
    """A tool for migrations runs the script in a transaction of its own, with other statements after it."""
    from redeemable.sql import tables

    with psycopg.connect(database, options="-c search_path=public") as connection:
        connection.execute(tables("postgres", TENANT).encode())
        assert connection.execute("SELECT current_schemas(false)").fetchone() == (["public"],)
        connection.rollback()
    assert place.execute("SELECT to_regnamespace(%s)", (f'"{TENANT}"',)).fetchone() == (None,)


def test_tables_of_another_schema_are_never_taken_for_the_tenants(place: Any, database: str) -> None:
    place.execute("CREATE SCHEMA tenant")
    with psycopg.connect(database, options="-c search_path=tenant,public") as connection:
        with pytest.raises(psycopg.errors.RaiseException) as raised:
            PostgresStore(connection).migrate()
        assert str(raised.value).startswith(
            "the tables are in the schema public, and search_path (tenant,public) would make new ones in tenant\n"
            "HINT:  Name one of the two by the option `schema` of the store."
        )
        connection.rollback()
        assert place.execute("SELECT to_regclass('tenant.redeemable_counters')").fetchone() == (None,)
        for name in ("public", "tenant"):
            PostgresStore(connection, schema=name).migrate()
        PostgresStore(connection).migrate()
        host.redeem(PostgresStore(connection), request("o-1"), now=Clock())
    assert (rows(place, "tenant"), rows(place, "public")) == ([(SPEND, 200), (USES, 1)], [])
    with (
        psycopg.connect(database, options="-c search_path=nowhere") as connection,
        pytest.raises(psycopg.errors.RaiseException, match=r"search_path \(nowhere\) names none that exists"),
    ):
        PostgresStore(connection).migrate()


@pytest.mark.parametrize(
    "name", ["", "x" * 64, "pg_temp", "a.b", 'a"b', "a'b", "ä", "a b", "tenant\n", ":a", "%s", b"tenant", 7]
)
def test_a_name_that_could_mean_another_schema_is_refused(name: Any, database: str) -> None:
    """PostgreSQL cuts off a name after 63 bytes, and drops the tables of pg_temp with the connection."""
    with psycopg.connect(database) as connection:
        with pytest.raises(ValueError, match=r"^schema: expected 1 to 63 letters of ASCII, digits, _ or -, not begi"):
            PostgresStore(connection, schema=name)
        store = PostgresStore(connection, schema="x" * 63)
        store.migrate()
        assert store.commit([{"op": "add", "key": "a", "by": 1, "at_most": 1}]) is True
        connection.execute(f"DROP SCHEMA {'x' * 63} CASCADE")


@pytest.fixture
def secured(place: Any, database: str) -> Iterator[Any]:
    """The URL of a role that row-level security binds, on tables with a column for the tenant, and a look at them."""
    role = f"shop_{uuid.uuid4().hex}"
    place.execute("CREATE SCHEMA shop")
    place.execute("SET search_path = shop")
    PostgresStore(place).migrate()
    place.execute("CREATE TABLE seats (tenant text NOT NULL DEFAULT current_setting('shop.tenant'), seat text)")
    place.execute("ALTER TABLE seats ENABLE ROW LEVEL SECURITY")
    place.execute("CREATE POLICY tenant ON seats USING (tenant = current_setting('shop.tenant'))")
    place.execute((PROGRAMS / "tenants_rows.sql").read_bytes())
    place.execute(f"CREATE ROLE {role} LOGIN")
    place.execute(f"GRANT USAGE ON SCHEMA shop TO {role}")
    place.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shop TO {role}")
    place.execute(f"ALTER ROLE {role} SET search_path = shop")
    yield database.replace("redeemable@", f"{role}@"), place
    place.execute(f"DROP OWNED BY {role}")
    place.execute(f"DROP ROLE {role}")


def secured_store(opened: Opened, kind: str, url: str) -> Any:
    def begin(connection: Any) -> Any:
        statement = "SELECT set_tenant('north')"
        return connection.execute(sqlalchemy.text(statement) if kind in DRIVER else statement)

    opened.drift["begin"] = begin  # type: ignore[assignment]
    return getattr(opened, kind)(through(DRIVER[kind], url) if kind in DRIVER else url)


@pytest.mark.parametrize("check", [*store_suite.CHECKS, *store_suite.AUDIT_CHECKS], ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", ["psycopg", "psycopg_async_pool", "async_connection", "asyncpg_pool"])
def test_a_store_under_row_level_security_is_a_store(
    kind: str, check: Callable[[store_suite.Subject], None], secured: Any
) -> None:
    """Another tenant has a counter and a record of the names that the suite uses, and keeps them."""
    url, look = secured
    look.execute("SELECT set_config('shop.tenant', 'other', false)")
    for index in range(12):
        look.execute("INSERT INTO redeemable_counters (key, used) VALUES (%s, 7)", (chr(97 + index),))
    look.execute(
        "INSERT INTO redeemable_redemptions (id, revision, state, event_id, expires_at_ms, document) "
        """SELECT id, 1, 'held', 'gala', 1, '{"id": "other", "charges": []}' FROM unnest(%s::text[]) AS id""",
        (["a", "b", "o-1", "order", "first", "second"],),
    )
    before = (rows(look, "shop"), rows(look, "shop", "redemptions"))
    with ExitStack() as stack:
        drifted: list[str] = []
        opened = Opened(stack, drifted.append)
        store, _ = secured_store(opened, kind, url)
        run = opened.loop.run_until_complete
        blocking = store_suite.Blocking(store, run) if "async" in kind else store

        def note(connection: Any, text: str) -> Any:
            if kind in DRIVER:
                return connection.execute(sqlalchemy.text("INSERT INTO seats (seat) VALUES (:seat)"), {"seat": text})
            if kind.startswith("asyncpg"):
                return connection.execute("INSERT INTO seats (seat) VALUES ($1)", text)
            return connection.execute("INSERT INTO seats (seat) VALUES (%s)", (text,))

        seen = "SELECT seat FROM seats WHERE tenant = 'north'"
        notes = lambda: sorted(text for (text,) in look.execute(seen).fetchall())  # noqa: E731
        check(store_suite.Subject(blocking, note, notes, drifted))
    for (table, columns), was in zip((("counters", "key, used"), ("redemptions", "*")), before, strict=True):
        query = f"SELECT {columns} FROM redeemable_{table} WHERE tenant = 'other' ORDER BY 1"
        assert look.execute(query).fetchall() == was


def race(urls: dict[str, str], tenants: dict[str, str], look: Any) -> None:
    """Sells to 300 buyers of each tenant, in four processes at once; `look` reads what is stored for a tenant."""
    commands = [
        [*python("psycopg-pool", urls["north"]), tenants["north"]],
        [*node(urls["north"]), tenants["north"]],
        [*python("psycopg-async-pool", urls["south"]), tenants["south"]],
        [*node(urls["south"]), tenants["south"]],
    ]
    # The order ids and the code are those of both tenants; north has 60 uses, south has 90.
    limits = [60, 60, 90, 90]
    shares = [[redeem(f"o-{n * 2 + index % 2}", 1, limit) for n in range(150)] for index, limit in enumerate(limits)]
    answers = run(list(zip(commands, shares, strict=True)))
    assert {answer.get("error") for share in answers for answer in share} <= {None, "busy"}
    for tenant, limit in (("north", 60), ("south", 90)):
        assert audit(look(tenant))[SOLD] == limit


def test_processes_of_two_tenants_with_a_schema_each_sell_exactly_their_limits(place: Any, database: str) -> None:
    for name in ("north", "south"):
        PostgresStore(place, schema=f"tenant_{name}").migrate()
        place.execute(f"CREATE SCHEMA {name}")
        place.execute(CREATE.replace("TABLE ", f"TABLE {name}."))

    def look(tenant: str) -> Any:
        place.execute(f"SET search_path = tenant_{tenant}, {tenant}")
        return place

    # The search path finds the tables of the host, but none of the kit.
    urls = {name: f"{database}?options=-c%20search_path%3D{name}" for name in ("north", "south")}
    race(urls, {name: f"schema:tenant_{name}" for name in urls}, look)
    assert rows(place, "public") == []


def test_processes_of_two_tenants_under_row_level_security_sell_exactly_their_limits(secured: Any) -> None:
    url, admin = secured
    tenant = "tenant text NOT NULL DEFAULT current_setting('shop.tenant')"
    admin.execute(CREATE.replace("(order_id text", f"({tenant}, order_id text").replace("KEY (", "KEY (tenant, "))
    admin.execute("ALTER TABLE tickets ENABLE ROW LEVEL SECURITY")
    admin.execute("CREATE POLICY tenant ON tickets USING (tenant = current_setting('shop.tenant'))")
    admin.execute(f"GRANT SELECT, INSERT, DELETE ON tickets TO {url.split('//')[1].split('@')[0]}")
    with psycopg.connect(url, autocommit=True) as shop:

        def look(tenant: str) -> Any:
            shop.execute("SELECT set_config('shop.tenant', %s, false)", (tenant,))
            return shop

        race({"north": url, "south": url}, {"north": "row:north", "south": "row:south"}, look)


def test_row_level_security_fails_closed(secured: Any, database: str) -> None:
    url, look = secured
    plan = [{"op": "add", "key": "a", "by": 1, "at_most": 1}]
    with psycopg.connect(url) as shop, psycopg.connect(database, options="-c search_path=shop") as superuser:
        north = PostgresStore(shop, begin=lambda connection: connection.execute("SELECT set_tenant('north')"))
        assert north.commit(plan) is True
        assert north.read(["a"], None)["counters"] == {"a": 1}
        without = PostgresStore(shop)
        assert without.read(["a"], None)["counters"] == {}
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            without.commit(plan)
        for call in (lambda store: store.read(["a"], None), lambda store: store.commit(plan)):
            with pytest.raises(psycopg.errors.RaiseException, match="does not bind the role redeemable"):
                call(PostgresStore(superuser, begin=lambda c: c.execute("SELECT set_tenant('north')")))
    assert rows(look, "shop") == [("a", 1)]


def test_a_hook_that_fails_stores_nothing_and_one_of_the_hosts_transactions_runs_without_it(postgres: str) -> None:
    ran = []
    with psycopg.connect(postgres) as connection:

        def begin(connection: Any) -> None:
            ran.append(connection.info.transaction_status.name)
            if len(ran) == 3:
                connection.execute("SELECT 1/0")

        store = PostgresStore(connection, begin=begin)
        plan = [{"op": "add", "key": "a", "by": 1, "at_most": None}]
        assert (store.commit(plan), store.read(["a"], None)["counters"], len(ran)) == (True, {"a": 1}, 2)
        with pytest.raises(psycopg.errors.DivisionByZero):
            store.commit(plan)
        connection.execute("SELECT 1")
        assert (store.read(["a"], None)["counters"], len(ran)) == ({"a": 1}, 3), "in a transaction of the host's"
        connection.rollback()
        host.audit(store)
        host.repair(store)
        assert ran.count("INTRANS") + ran.count("ACTIVE") == len(ran) > 4

    async def later(_: Any) -> None: ...

    with psycopg.connect(postgres) as connection, pytest.raises(TypeError, match="begin is asynchronous"):
        PostgresStore(connection, begin=later).read([], None)


@pytest.mark.parametrize("name", ["tenants.mjs", "tenants.py", "tenants_rows.mjs", "tenants_rows.py"])
def test_the_programs_of_the_page_run(name: str, secured: Any, database: str, tmp_path: Path) -> None:
    run_program(name, tmp_path, DATABASE_URL=database, SHOP_URL=secured[0])
