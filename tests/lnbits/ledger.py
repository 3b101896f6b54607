"""Reads the two tables without LNbits and the kit, and works out from the records what the counters must be."""

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

COUNTERS = "SELECT key, used FROM {}redeemable_counters"
DOCUMENTS = "SELECT CAST(document AS text) FROM {}redeemable_redemptions WHERE event_id = {}"


class Ledger:
    schema = ""
    placeholder = "?"

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def counters(self, event_id: str) -> dict[str, int]:
        return {key: used for key, used in self.rows(COUNTERS.format(self.schema)) if event_id in key}

    def redemptions(self, event_id: str) -> list[dict[str, Any]]:
        return [json.loads(text) for (text,) in self.rows(DOCUMENTS.format(self.schema, self.placeholder), event_id)]

    def check(self, event_id: str) -> dict[str, int]:
        """Checks that the counters of an event's codes are what its records hold, and returns them."""
        stored = {key: used for key, used in self.counters(event_id).items() if used}
        assert stored == held(self.redemptions(event_id))
        return stored

    def rewrite(self, order_id: str, **fields: Any) -> None:
        """Changes the times in a record, as if it had been written at another time."""
        table, mark = f"{self.schema}redeemable_redemptions", self.placeholder
        [(text,)] = self.rows(f"SELECT CAST(document AS text) FROM {table} WHERE id = {mark}", order_id)
        document = json.dumps({**json.loads(text), **fields}).replace("'", "''")
        columns = f"document = '{document}', expires_at_ms = {fields['expires_at_ms']}"
        self.write(f"UPDATE {table} SET {columns} WHERE id = '{order_id}'")

    def lapse(self, order_id: str, expires_at_ms: int) -> None:
        """Makes a hold lapse, in the record and at the desk, at once. What is not held stays as it is."""
        tables = (f"{self.schema}redeemable_redemptions", f"{self.schema}redeemable_orders")
        which = f"WHERE id = '{order_id}' AND state = 'held'"
        document = self.with_field("document", "expires_at_ms", expires_at_ms)
        self.write(
            f"UPDATE {tables[0]} SET document = {document}, expires_at_ms = {expires_at_ms} {which}",
            f"UPDATE {tables[1]} SET expires_at_ms = {expires_at_ms} {which}",
            f"UPDATE {self.schema}redeemable_held SET expires_at_ms = {expires_at_ms} WHERE id = '{order_id}'",
        )

    def with_field(self, column: str, field: str, value: int) -> str:
        raise NotImplementedError

    def write(self, *statements: str) -> None:
        """Executes the statements in one transaction."""
        raise NotImplementedError

    def core_rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Reads the tables of LNbits itself."""
        raise NotImplementedError

    def write_core(self, statement: str) -> None:
        """Writes into the tables of LNbits itself."""
        raise NotImplementedError


class SqliteLedger(Ledger):
    def __init__(self, file: Path) -> None:
        self._file = file
        self._core = file.with_name("database.sqlite3")

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._rows(self._file, statement, *values)

    def core_rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self._rows(self._core, statement)

    def _rows(self, file: Path, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(file, timeout=30)
        try:
            return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def with_field(self, column: str, field: str, value: int) -> str:
        return f"json_set({column}, '$.{field}', {value})"

    def write(self, *statements: str) -> None:
        self._write(self._file, *statements)

    def write_core(self, statement: str) -> None:
        self._write(self._core, statement)

    def _write(self, file: Path, *statements: str) -> None:
        connection = sqlite3.connect(file, timeout=30)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()


class PostgresLedger(Ledger):
    schema = "events."
    placeholder = "$1"

    def __init__(self, url: str) -> None:
        self._url = url

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async def fetch() -> list[tuple[Any, ...]]:
            connection = await asyncpg.connect(self._url)
            try:
                return [tuple(row) for row in await connection.fetch(statement, *values)]
            finally:
                await connection.close()

        return asyncio.run(fetch())

    core_rows = rows

    def with_field(self, column: str, field: str, value: int) -> str:
        return f"CAST(CAST({column} AS jsonb) || jsonb_build_object('{field}', {value}) AS json)"

    def write(self, *statements: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self._url)
            try:
                # Several statements in one text are one transaction.
                await connection.execute("; ".join(statements))
            finally:
                await connection.close()

        asyncio.run(execute())

    write_core = write

    @contextmanager
    def nobody_counts(self) -> Iterator[Callable[[], int]]:
        """Makes plans stop before their first counter, and gives a function that counts the sessions that wait."""
        loop = asyncio.new_event_loop()
        connection = loop.run_until_complete(asyncpg.connect(self._url))
        loop.run_until_complete(connection.execute("BEGIN; LOCK TABLE events.redeemable_counters IN EXCLUSIVE MODE"))
        waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
        try:
            yield lambda: int(loop.run_until_complete(connection.fetchval(waiting)))
        finally:
            loop.run_until_complete(connection.close())
            loop.close()


def gives_back(released: dict[str, Any] | None, until: dict[str, int | None]) -> bool:
    if released is None or released["reason"] not in until:
        return False
    end = until[released["reason"]]
    return end is None or released["at_ms"] < end


def held(redemptions: list[dict[str, Any]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for redemption in redemptions:
        for charge in redemption["charges"]:
            table = ("buyer_released", "exchanged", "hold_expired", "organizer_cancelled", "payment_failed", "refunded")
            until = (
                dict.fromkeys(table)
                if charge.get("back") is None
                else {term["reason"]: term.get("until_ms") for term in charge["back"]}
            )
            releases = [redemption["tickets"][index].get("released") for index in charge["tickets"]]
            kept = [position for position, released in enumerate(releases) if not gives_back(released, until)]
            if charge.get("each") is None:
                total[charge["key"]] += charge["amount"] if kept else 0
            elif isinstance(charge["each"], list):
                total[charge["key"]] += sum(charge["each"][position] for position in kept)
            else:
                total[charge["key"]] += charge["each"] * len(kept)
    return {key: used for key, used in total.items() if used}
