"""A store for a driver that the package does not know (psycopg2), made of `redeemable.sql` as its text says."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import pytest
from redeemable import sql, store_suite
from redeemable.host import RepeatTransaction

TEXTS = {name: sql.pyformat(statement) for name, statement in sql.statements("postgres").items()}


class Store:
    def __init__(self, connection: Any, on_drift: Callable[[str], object]) -> None:
        self.connection = connection
        self.on_drift = on_drift

    def run(self, name: str, values: dict[str, Any]) -> Any:
        cursor = self.connection.cursor()
        cursor.execute(TEXTS[name], values)
        return cursor.fetchall() if cursor.description else cursor.rowcount

    @contextmanager
    def transaction(self, mode: str = "each_statement") -> Iterator[None]:
        with self.connection:
            self.run(mode, {})
            yield

    def read(self, keys: Any, id: str | None) -> Any:
        return self.alone(sql.read("postgres", keys, id))

    def find(self, *, lapsed_by_ms: int, keys: Any, limit: int) -> Any:
        return self.alone(sql.find("postgres", lapsed_by_ms, keys, limit))

    def alone(self, queries: Any) -> Any:
        with self.transaction():
            return sql.answered(queries, self.run)

    def execute(self, ops: Any, write: Any) -> list[str]:
        before, after = sql.around(write, ops)
        if write is not None:
            sql.answered(sql.records("postgres", before), self.run)
            write(self.connection, sql.redemptions_of(ops))
        return sql.answered(sql.counters("postgres", after, write is not None), self.run)

    def commit(self, ops: Any, write: Any = None) -> bool:
        try:
            with self.transaction():
                drifted = self.execute(ops, write)
        except Exception as error:
            if sql.is_conflict(error):
                return False
            raise
        sql.tell(self.on_drift, drifted)
        return True

    def scan(self, visit: Any) -> None:
        with self.transaction("one_moment"):
            sql.answered(sql.scan(visit), self.run)

    def differences(self, *, after: str, limit: int) -> Any:
        return self.alone(sql.differences("postgres", after, limit))

    def person(self, identity: str) -> Any:
        return self.alone(sql.person("postgres", identity))

    def old(self, *, after: str, before_ms: Any, event_id: Any, limit: int) -> Any:
        return self.alone(sql.old("postgres", after, before_ms, event_id, limit))

    def prune(self, is_over: Any) -> int | None:
        return self.alone(sql.prune("postgres", is_over))  # type: ignore[no-any-return]

    def joining(self, transaction: Any) -> "Joined":
        if not hasattr(transaction, "cursor"):
            raise TypeError(f"transaction: expected a connection of psycopg2, found {type(transaction).__name__}")
        return Joined(transaction, self.on_drift)


class Joined(Store):
    def alone(self, queries: Any) -> Any:
        return sql.answered(queries, self.run)

    def commit(self, ops: Any, write: Any = None) -> bool:
        self.run("join", {})
        try:
            drifted = self.execute(ops, write)
        except BaseException as error:
            self.run("undo", {})
            if sql.has_failed(error) and sql.answered(sql.sees_newer(), self.run):
                return False
            if sql.is_conflict(error):
                raise RepeatTransaction from error
            raise
        self.run("keep", {})
        sql.tell(self.on_drift, drifted)
        return True


class Begun:
    def __init__(self, connection: Any) -> None:
        self.transaction = connection
        self.commit = connection.commit
        self.rollback = connection.rollback


@pytest.mark.parametrize(
    "check",
    [*store_suite.CHECKS, *store_suite.AUDIT_CHECKS, *store_suite.JOINING_CHECKS],
    ids=lambda check: check.__name__,
)
def test_a_store_for_another_driver(check: Any, postgres: str) -> None:
    drifted: list[str] = []

    def note(connection: Any, text: str) -> None:
        connection.cursor().execute("INSERT INTO notes (note) VALUES (%s)", (text,))

    def notes() -> list[str]:
        with look, look.cursor() as cursor:
            cursor.execute("SELECT note FROM notes")
            return sorted(note for (note,) in cursor.fetchall())

    with (
        closing(psycopg2.connect(postgres)) as connection,
        closing(psycopg2.connect(postgres)) as other,
        closing(psycopg2.connect(postgres)) as look,
    ):
        check(store_suite.Subject(Store(connection, drifted.append), note, notes, drifted, lambda: Begun(other)))
