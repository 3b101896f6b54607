"""What only the store over Django does: transactions of Django's, models, migrations and commands."""

import asyncio
import json
import re
import sqlite3
from contextlib import ExitStack, closing
from io import StringIO
from pathlib import Path
from typing import Any

import django_host
import mariadb
import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured, SynchronousOnlyOperation
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.test import override_settings
from redeemable import aio, host, sql
from redeemable._suite import add, held, insert, usage
from redeemable.django import DjangoStore
from redeemable.django.models import Counter, Redemption
from redeemable.mysql import MysqlStore
from redeemable.postgres import PostgresStore
from redeemable.sqlite import SqliteStore
from support import AT, HOLD_MS, SUMMER, USES, Clock
from support import request as order

LAST = {**SUMMER, "max_uses": 1}
LATER = AT + HOLD_MS + 1


@pytest.fixture(params=["django-sqlite", "django-postgres", "django-mysql"])
def shop(request: pytest.FixtureRequest, open_host: Any) -> Any:
    return open_host(request.param)


@pytest.mark.parametrize(
    ("kind", "options", "is_told"),
    [
        # After its first read SQLite lets it write only if nobody else has written since.
        ("sqlite", {}, True),
        ("postgres", {}, False),
        ("postgres", {"isolation_level": psycopg.IsolationLevel.REPEATABLE_READ}, True),
        ("postgres", {"isolation_level": psycopg.IsolationLevel.SERIALIZABLE}, True),
        ("mysql", {}, False),
        ("mysql", {"isolation_level": "repeatable read"}, True),
    ],
)
def test_somebody_else_is_faster(kind: str, options: Any, is_told: bool, request: pytest.FixtureRequest) -> None:
    place = request.getfixturevalue(kind)
    with ExitStack() as stack:
        connection = django_host.connect("test", place, **options)
        stack.callback(connection.close)
        other: Any = {
            "sqlite": lambda: SqliteStore(stack.enter_context(closing(sqlite3.connect(place)))),
            "postgres": lambda: PostgresStore(stack.enter_context(psycopg.connect(place))),
            "mysql": lambda: MysqlStore(stack.enter_context(closing(mariadb.connect(place)))),
        }[kind]()
        store = DjangoStore("test")

        def buy() -> list[str]:
            """Another buyer takes the last use, after this transaction has seen it."""
            with transaction.atomic(using="test"):
                seen = host.preview(store, order(None, promo=LAST), now=Clock())
                host.redeem(other, order("a", promo=LAST), now=Clock())
                decision = host.redeem(store, order("b", promo=LAST), now=Clock())
                django_host.execute(connection, decision["status"])
                return [seen["status"], decision["status"]]

        if is_told:
            with pytest.raises(host.RepeatTransaction):
                buy()
            assert not connection.in_atomic_block
            assert buy() == ["rejected", "rejected"]
        else:
            assert buy() == ["accepted", "rejected"]
        assert store.read([USES], "b") == usage({USES: 1})
        assert host.audit(store) == []
        with connection.cursor() as cursor:
            cursor.execute("SELECT note FROM notes")
            assert cursor.fetchall() in ([("rejected",)], (("rejected",),))


def test_without_autocommit_a_call_joins_and_a_prune_is_refused(shop: Any) -> None:
    transaction.set_autocommit(False, using="test")
    assert shop.redeem(order("a"), write=shop.note_each, now=Clock())["status"] == "accepted"
    assert shop.notes() == []
    with pytest.raises(RuntimeError, match="autocommit is off: a report and prune need a transaction of their own"):
        shop.prune(0)
    transaction.commit(using="test")
    assert (shop.notes(), shop.counters()[USES]) == (["a:held"], 1)
    transaction.set_autocommit(True, using="test")
    assert shop.audit() == []


def test_in_atomic_an_audit_sees_the_transaction_and_a_prune_is_refused(shop: Any) -> None:
    with transaction.atomic(using="test"):
        shop.redeem(order("a"), now=Clock())
        shop.store.commit([add("new", 1)])
        assert shop.audit() == [{"key": "new", "used": 1, "must": 0}] == shop.repair()
        assert shop.audit() == []
        with pytest.raises(RuntimeError, match="cannot be nested"):
            shop.prune(0)
    assert (shop.counters()["new"], shop.audit()) == (0, [])


def test_hooks_of_write_run_after_the_commit(shop: Any) -> None:
    seen: list[Any] = []

    def write(connection: Any, redemptions: list[Any]) -> None:
        shop.note_each(connection, redemptions)
        transaction.on_commit(lambda: seen.append(shop.notes()), using="test")

    shop.redeem(order("a"), write=write, now=Clock())
    with transaction.atomic(using="test"):
        shop.redeem(order("b"), write=write, now=Clock())
        assert seen == [["a:held"]]
    assert seen == [["a:held"], ["a:held", "b:held"]]


def test_a_write_that_marks_the_transaction_for_rollback_is_an_error(shop: Any) -> None:
    def write(connection: Any, redemptions: list[Any]) -> None:
        transaction.set_rollback(True, using="test")

    with pytest.raises(transaction.TransactionManagementError):
        shop.redeem(order("a"), write=write, now=Clock())
    assert shop.record("a") is None
    assert shop.redeem(order("a"), now=Clock())["status"] == "accepted"


def test_drift_is_told_when_the_hosts_transaction_has_ended(shop: Any) -> None:
    assert shop.store.commit([add("key", 1)]) is True
    for is_kept, told in ((False, []), (True, ["key"])):
        with transaction.atomic(using="test"):
            assert shop.store.commit([add("key", -2)]) is True
            assert shop.drifted == []
            transaction.set_rollback(not is_kept, using="test")
        assert shop.drifted == told


def test_only_the_connection_itself_can_be_joined(shop: Any) -> None:
    with pytest.raises(TypeError, match=re.escape("transaction: expected connections['test'], found")):
        shop.redeem(order("a"), transaction=connections["default"], now=Clock())
    with pytest.raises(RuntimeError, match="found none open"):
        shop.redeem(order("a"), transaction=connections["test"], now=Clock())


@override_settings(DEBUG=True)
def test_a_project_in_debug_mode_logs_the_statements(shop: Any) -> None:
    assert shop.redeem(order("50 % off"), write=shop.note_each, now=Clock())["status"] == "accepted"
    assert shop.audit() == []
    assert any("redeemable_counters" in query["sql"] for query in connections["test"].queries)


def test_a_coroutine_needs_a_thread(shop: Any) -> None:
    async def main() -> str:
        with pytest.raises(SynchronousOnlyOperation):
            await aio.redeem(shop.store, order("a"), now=Clock())

        def sell() -> Any:
            try:
                return host.redeem(shop.store, order("a"), write=shop.note_each, now=Clock())
            finally:
                # The thread lives on, and the next test's database has the same alias.
                connections["test"].close()
                del connections["test"]

        decision = await sync_to_async(sell)()
        return str(decision["status"])

    assert asyncio.run(main()) == "accepted"
    assert shop.notes() == ["a:held"]


def test_the_models_show_the_tables_and_do_not_write_them(shop: Any) -> None:
    shop.redeem(order("ä", 2), now=Clock())
    record, counter = Redemption.objects.using("test").get(id="ä"), Counter.objects.using("test").get(key=USES)
    assert record.document == shop.record("ä")
    assert (record.id, record.revision, record.state, record.event_id) == ("ä", 1, "held", "gala")
    assert (record.expires_at_ms, counter.used) == (AT + HOLD_MS, 2)
    assert (str(record), str(counter)) == ("ä (held)", f"{USES}: 2")
    held_now = Redemption.objects.using("test").filter(state="held", event_id="gala")
    for change in (
        record.save,
        record.delete,
        counter.save,
        held_now.delete,
        lambda: held_now.update(state="released"),
        lambda: Counter.objects.create(key="key", used=1),
    ):
        with pytest.raises(TypeError, match=r"only the calls of redeemable\.host write this table"):
            change()
    assert shop.counters()[USES] == 2


def test_the_tables_are_emptied_and_filled_as_other_tables_are(open_host: Any, tmp_path: Path) -> None:
    """`flush`, which a TransactionTestCase calls, `dumpdata` and `loaddata`."""
    for kind in ("django-sqlite", "django-postgres"):
        shop = open_host(kind)
        call_command("migrate", database="test", verbosity=0)
        shop.redeem(order("ä"), now=Clock())
        record, counters = shop.record("ä"), shop.counters()
        dump = tmp_path / f"{kind}.json"
        call_command("dumpdata", "redeemable", database="test", output=str(dump))
        call_command("flush", database="test", interactive=False, verbosity=0)
        assert (shop.record("ä"), shop.counters()) == (None, {})
        call_command("loaddata", str(dump), database="test", verbosity=0)
        assert (shop.record("ä"), shop.counters()) == (record, counters)
        assert shop.audit() == []
        shop.stack.close()


def test_the_migration_makes_and_drops_the_tables(shop: Any) -> None:
    def migrate(*target: str) -> None:
        call_command("migrate", "redeemable", *target, database="test", verbosity=0)

    def tables() -> set[str]:
        return {name for name in connections["test"].introspection.table_names() if name.startswith("redeemable_")}

    names = {f"redeemable_{name}" for name in ("redemptions", "counters", "held", "persons", "archive", "parts")}
    if connections["test"].vendor == "sqlite":
        names.remove("redeemable_parts")
    shop.store.commit([insert(held("a"))])
    migrate()  # the tables are there already, from `migrate` of another store
    assert shop.record("a") is not None
    migrate("zero")
    assert tables() == set()
    with pytest.raises(ImproperlyConfigured, match=re.escape("has no tables of redeemable: add")):
        shop.redeem(order("a"), now=Clock())
    with pytest.raises(ImproperlyConfigured, match=re.escape("run `manage.py migrate`")):
        shop.store.commit([insert(held("a")), add("key", 1)])
    migrate()
    assert tables() == names
    assert shop.redeem(order("a"), now=Clock())["status"] == "accepted"
    assert shop.audit() == []


def test_the_last_migration_runs_the_script_as_it_is() -> None:
    """After a change of the function in `sql/postgres.sql`, projects need a migration that runs the script again."""
    from django.apps import apps
    from django.db.migrations.loader import MigrationLoader

    assert apps.get_app_config("redeemable").name == "redeemable.django"
    loader = MigrationLoader(None)
    (leaf,) = loader.graph.leaf_nodes("redeemable")
    (operation,) = loader.graph.nodes[leaf].operations[0].database_operations
    (version,) = re.findall(r"version constant integer := (\d+)", sql.tables("postgres"))
    assert operation.version == int(version)


def command(name: str, *arguments: str) -> Any:
    out = StringIO()
    call_command(name, *arguments, "--database=test", "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_commands_that_archive_and_erase(shop: Any) -> None:
    asked = order("a", 2)
    asked["order"]["identities"] = {"email": "ann@example.org"}
    shop.redeem(asked, now=Clock())
    shop.release("a", "buyer_released", now=Clock())
    for days in ("--days=0",), ("--event=ball", "--days=-9000"):
        assert command("redeemable_archive", *days) == {"archived": 0}
    assert command("redeemable_archive", "--event=gala") == {"archived": 1}
    assert (shop.look.execute("SELECT count(*) FROM redeemable_archive").fetchall(), shop.audit()) == ([(1,)], [])
    with pytest.raises(CommandError, match="expected before_ms, event_id or both"):
        command("redeemable_archive")
    assert command("redeemable_erase", "email:ann@example.org", "--write=none") == {"changed": 1}
    with pytest.raises(CommandError, match="--write: expected a function such as"):
        command("redeemable_erase", "email:ann@example.org", "--write=nowhere.nothing")
    assert (shop.record("a")["identities"] != ["email:ann@example.org"], shop.audit()) == (True, [])


def test_the_command_that_audits(shop: Any) -> None:
    shop.redeem(order("a", 2), now=Clock())
    assert command("redeemable_audit") == []
    shop.look.execute("UPDATE redeemable_counters SET used = 7 WHERE used = 2")
    out = StringIO()
    with pytest.raises(CommandError, match="1 counters differ from the orders") as raised:
        call_command("redeemable_audit", database="test", stdout=out)
    assert (raised.value.returncode, out.getvalue()) == (1, f"{USES}: 7, and the orders add up to 2\n")
    assert command("redeemable_audit", "--repair") == [{"key": USES, "used": 7, "must": 2}]
    assert command("redeemable_audit") == []
    with pytest.raises(CommandError, match="ConnectionDoesNotExist") as raised:
        call_command("redeemable_audit", database="nowhere")
    assert raised.value.returncode == 2


def note_released(connection: Any, redemptions: list[Any]) -> None:
    for record in redemptions:
        django_host.execute(connection, f"{record['id']}:{record['state']}")


def test_the_command_that_sweeps(shop: Any) -> None:
    shop.redeem(order("a", 1, at=AT - 400_000_000_000), write=shop.note_each, now=lambda: AT - 400_000_000_000)
    shop.redeem(order("b", 1, at=AT + 10**12), now=Clock())
    assert command("redeemable_sweep", "--write=test_django.note_released") == {"swept": 1}
    assert shop.notes() == ["a:held", "a:released"]
    assert command("redeemable_sweep", "--write=none") == {"swept": 0}
    with pytest.raises(CommandError, match=re.escape("--write: expected a function such as shop.sales.issue_tickets")):
        command("redeemable_sweep", "--write=test_django.nothing")
    with pytest.raises(CommandError, match="--write"):
        command("redeemable_sweep")


def test_the_command_that_prunes(shop: Any) -> None:
    old, new = "code/id:a/day/2020-01-01/uses", "code/id:a/day/2999-01-01/uses"
    assert shop.store.commit([add(old, 1), add(new, 1)]) is True
    assert command("redeemable_prune") == {"pruned": 1}
    assert shop.counters() == {new: 1}
    with pytest.raises(CommandError, match="at least 400 days ago"):
        command("redeemable_prune", "--days=399")
