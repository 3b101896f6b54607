"""Every store sends each statement of `sql/`, unchanged.

tests/kit/sql.test.js checks the JavaScript stores, and that no store of either kit has a statement of its own.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Host
from kinds import SQLITE, fixture_of
from redeemable import _postgres, _sqlalchemy, mysql, sql
from redeemable._statements import statements
from redeemable._suite import add, confirmed, held, insert, update, usage
from redeemable.django import store as django

# What a store sends only in a transaction of the host, unless its driver makes savepoints by itself.
JOINING = {"begin_writing", "join", "keep", "undo", "isolation"}
# What a store over a pool sends when several callers read at the same time: see test_group_races.py.
TOGETHER = {"read_many"}
SQL = Path(__file__).parents[2] / "sql"


def script(database: Any) -> str:
    """The script, in which each statement stands whole: one may be within others."""
    file = (SQL / f"{database}-statements.sql").read_text(encoding="utf-8")
    return re.sub(r"\{(\w+)\}", lambda match: statements(database).get(match[1], match[0]), file)


def test_every_store_sends_every_statement(any_store: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: set[str] = set()

    class Watched(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            # The same statement in a transaction of the store's own, where it says how long it waits for a lock.
            sent.add(name.removeprefix("own_"))
            return super().__getitem__(name)

    if hasattr(any_store.store, "_statements"):
        any_store.store._statements = Watched(any_store.store._statements)
    for module, name in (
        (sql, "statements"),
        (_sqlalchemy, "_statements"),
        (mysql, "_statements"),
        (django, "_statements"),
    ):
        original = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *database, original=original: Watched(original(*database)))

    subject = any_store.subject()
    record = held("order", expires_at_ms=1, keys=["a"])
    assert subject.store.commit([insert(record), add("a", 2)], subject.writer("stored")) is True
    assert subject.store.read(["a"], "order") == usage({"a": 2}, record)
    assert subject.store.find(lapsed_by_ms=1, keys=None, limit=10) == {"holds": [record], "counters": {}}
    assert subject.store.find(lapsed_by_ms=1, keys=["a"], limit=10) == {"holds": [record], "counters": {"a": 2}}
    assert subject.store.commit([update(held("order", revision=2, keys=["a"]), 1), add("a", -1)]) is True
    subject.store.scan(lambda batch: None)
    assert subject.store.differences(after="", limit=9) == []
    assert subject.store.commit([update(confirmed("order", 3), 2), {"op": "archive", "id": "order", "revision": 3}])
    assert subject.store.commit([{"op": "restore", "id": "order"}, {"op": "open", "key": "a", "by": 1}]) is True
    assert subject.store.commit([{"op": "correct", "key": "b", "by": 1, "corrected": 0}]) is True
    erase = {"op": "erase", "id": "order", "person": "email:ann@example.org", "erased": "email:erased"}
    assert [one["archived"] for one in subject.store.person("email:ann@example.org")] == [False]
    assert subject.store.commit([erase, {"op": "forget", "key": "b"}]) is True
    assert [one["id"] for one in subject.store.old(after="", before_ms=None, event_id=None, limit=9)] == ["order"]
    assert subject.store.commit([add("code/id:x/day/2026-11-29/uses", 1)]) is True
    assert subject.store.prune(lambda key: True) == 1

    if any_store.kind not in SQLITE:
        key = "code/id:x/uses"
        assert any_store.split(key, 2) == [key]
        charge = {"op": "add", "key": key, "by": 1, "at_most": 5}
        for op in (charge, charge, add(key, -9), add("a", -9)):
            assert subject.store.commit([op]) is True
        assert subject.store.read([key, "a"], None)["counters"] == {key: 0, "a": 0}

    text = script(fixture_of(any_store.kind))
    names = re.findall(r"^-- name: (\w+)(?!.*(?:in JavaScript alone|within other))", text, re.MULTILINE)
    assert sent - JOINING == set(names) - JOINING - TOGETHER


@pytest.mark.parametrize("database", ["sqlite", "postgres", "mysql"])
def test_the_statements_are_those_of_the_file(database: Any) -> None:
    named = {name: text for name, text in statements(database).items() if not name.startswith("own_")}
    assert len(named) == script(database).count("\n-- name: ") >= 20
    for statement in named.values():
        assert f"\n{statement};\n" in script(database)
        assert "--" not in statement and not re.search(r"\{\w", statement)


def test_pymysql_gets_the_same_text_with_its_own_style_of_parameters() -> None:
    for name, statement in mysql._statements().items():
        named = re.sub(r"%\((\w+)\)s", r":\1", statement).replace("%%", "%")
        if name.startswith("own_"):
            named = re.sub(r"^/\*M! SET STATEMENT .* FOR \*/ ", "", named)
        assert f"\n{named};\n" in script("mysql")


def test_psycopg_gets_the_same_text_with_its_own_style_of_parameters() -> None:
    for statement in _postgres.statements(None).values():
        named = re.sub(r"%\((\w+)\)s", r":\1", statement.decode())
        assert f"\n{named};\n" in script("postgres")
