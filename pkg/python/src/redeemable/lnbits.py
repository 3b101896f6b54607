"""A store for `redeemable.aio` over an LNbits extension's own database, on SQLite and PostgreSQL; and what a ticket endpoint needs around it.

    from lnbits.db import Database
    from redeemable import aio
    from redeemable.lnbits import LnbitsStore

    db = Database("ext_events")
    store = LnbitsStore(db)
    decision = await aio.redeem(store, {"codes": codes, "promos": promos, "order": order}, write=write)

Its two tables stand in the extension's schema, beside the extension's own. `write(transaction, redemptions)` gets an LNbits `Connection` whose
statements are stored together with the plan or not at all: write through it, name tables with their schema (`events.ticket`), and do not touch
the `Database` meanwhile, which is locked.
"""

import json
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from importlib.resources import files
from typing import Any

from lnbits.db import POSTGRES, SQLITE, Connection, Database
from lnbits.settings import settings
from lnbits.utils.exchange_rates import currencies
from lnbits.utils.nostr import hex_to_npub, normalize_public_key
from loguru import logger
from sqlalchemy import bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import text

from .aio import Document, redemptions_of

__all__ = ["LnbitsStore", "hold_until_ms", "identities", "major_units", "migrate", "minor_units"]


def _warn(key: str) -> None:
    logger.warning(f"redeemable: the counter {key} held less than was given back, and is 0 now")


class LnbitsStore:
    """`redeemable.aio.AsyncStore` over an extension's database. `on_drift` is told the key of a counter that would have fallen below 0."""

    def __init__(self, db: Database, on_drift: Callable[[str], object] = _warn) -> None:
        if db.type not in (POSTGRES, SQLITE):
            raise ValueError(f"db: expected a database on SQLite or PostgreSQL, found {db.type}")
        self._db = db
        self._on_drift = on_drift
        schema = f"{db.schema}." if db.schema else ""
        self._counters = f"{schema}redeemable_counters"
        self._redemptions = f"{schema}redeemable_redemptions"

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        # One statement, so that everything is as of one moment.
        query = text(f"""
            SELECT key AS name, used, NULL AS document FROM {self._counters} WHERE key IN :keys
            UNION ALL SELECT id, NULL, CAST(document AS text) FROM {self._redemptions} WHERE id = :id
        """).bindparams(bindparam("keys", expanding=True))
        async with self._db.connect() as connection:
            rows = (await connection.conn.execute(query, {"keys": list(keys), "id": id})).all()
        documents = [json.loads(document) for _, _, document in rows if document is not None]
        return {"counters": {name: used for name, used, document in rows if document is None}, "existing": documents[0] if documents else None}

    async def commit(self, ops: Sequence[Document], write: Callable[[Connection, list[Document]], Awaitable[object]] | None = None) -> bool:
        drifted: list[str] = []
        try:
            # What is not committed when the connection is given back is rolled back.
            async with self._db.connect() as connection:
                conn = connection.conn
                if self._db.type == SQLITE:
                    # Python begins a transaction at the first statement that writes: what the host reads belongs in it, too.
                    await conn.execute(text(f"DELETE FROM {self._counters} WHERE false"))
                if write:
                    await write(_transaction(connection), redemptions_of(ops))
                for op in ops:
                    if not await self._run(conn, op, drifted):
                        return False
                await conn.commit()
        except DBAPIError as error:
            if _asks_for_repetition(error):
                return False
            raise
        for key in drifted:
            self._on_drift(key)
        return True

    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> list[Document]:
        charges, key = (
            ("json_array_elements(document -> 'charges')", "value ->> 'key'") if self._db.type == POSTGRES
            else ("json_each(document, '$.charges')", "json_extract(value, '$.key')")
        )
        wanted = "" if keys is None else f"AND EXISTS (SELECT 1 FROM {charges} WHERE {key} IN :keys)"
        query = text(f"""
            SELECT CAST(document AS text) FROM {self._redemptions}
            WHERE state = 'held' AND expires_at_ms <= :lapsed_by_ms {wanted} ORDER BY expires_at_ms, id LIMIT :limit
        """)
        values: dict[str, Any] = {"lapsed_by_ms": lapsed_by_ms, "limit": limit}
        if keys is not None:
            query = query.bindparams(bindparam("keys", expanding=True))
            values["keys"] = list(keys)
        async with self._db.connect() as connection:
            return [json.loads(document) for document in (await connection.conn.execute(query, values)).scalars()]

    async def _run(self, conn: AsyncConnection, op: Document, drifted: list[str]) -> bool:
        """Executes one operation; false when it no longer holds."""

        async def changed(statement: str, **values: Any) -> bool:
            return bool((await conn.execute(text(statement), values)).rowcount == 1)

        match op["op"]:
            case "insert":
                return await changed(f"""
                    INSERT INTO {self._redemptions} (id, revision, state, event_id, expires_at_ms, document)
                    VALUES (:id, :revision, :state, :event_id, :expires_at_ms, :document) ON CONFLICT DO NOTHING
                """, **_row(op["redemption"]))
            case "update":
                return await changed(f"""
                    UPDATE {self._redemptions}
                    SET revision = :revision, state = :state, event_id = :event_id, expires_at_ms = :expires_at_ms, document = :document
                    WHERE id = :id AND revision = :was
                """, **_row(op["redemption"]), was=op["revision"])
            case "add" if op["by"] > 0:
                # Both ways into the table are guarded: a counter's first use by the SELECT, every later one by the UPDATE.
                bound, step = "CAST(:at_most AS bigint)", "CAST(:by AS bigint)"
                return await changed(f"""
                    INSERT INTO {self._counters} AS counter (key, used)
                    SELECT CAST(:key AS text), {step} WHERE {bound} IS NULL OR {step} <= {bound}
                    ON CONFLICT (key) DO UPDATE SET used = counter.used + {step} WHERE {bound} IS NULL OR counter.used + {step} <= {bound}
                """, key=op["key"], by=op["by"], at_most=op["at_most"])
            case "add":
                back = {"key": op["key"], "back": -op["by"]}
                if not await changed(f"UPDATE {self._counters} SET used = used - :back WHERE key = :key AND used >= :back", **back):
                    drifted.append(op["key"])
                    await changed(f"UPDATE {self._counters} SET used = CASE WHEN used > :back THEN used - :back ELSE 0 END WHERE key = :key", **back)
                return True
            case other:
                raise ValueError(f"unknown operation {other}")


async def migrate(db: Connection) -> None:
    """Creates the two tables: the body of a function in the extension's `migrations.py`. Calling it again does nothing."""
    if db.type not in (POSTGRES, SQLITE):
        raise ValueError(f"db: expected a database on SQLite or PostgreSQL, found {db.type}")
    script = (files("redeemable") / "_sql" / ("postgres.sql" if db.type == POSTGRES else "sqlite.sql")).read_text()
    driver = (await db.conn.get_raw_connection()).driver_connection
    if db.type == SQLITE:
        # LNbits opens the extension's file as the main database, where bare names go, and attaches it under the schema's name as well.
        await driver.executescript(script)
        return
    async with driver.transaction():
        if db.schema:
            await driver.execute(f"SET LOCAL search_path TO {db.schema}")
        await driver.execute(script)


def identities(email: str | None = None, npub: str | None = None) -> dict[str, str]:
    """Who buys, as an order names it. A Nostr key may be given as `npub1…` or in hex, and is one person; what is not a key is a `ValueError`."""
    named = {}
    if email and email.strip():
        named["email"] = email
    if npub and npub.strip():
        try:
            # LNbits checks neither the checksum of every form nor its length.
            key = normalize_public_key(npub.strip().lower())
            if not re.fullmatch("[0-9a-f]{64}", key):
                raise ValueError
        except (AssertionError, ValueError):
            raise ValueError("npub: expected npub1… or 64 hexadecimal digits") from None
        named["npub"] = hex_to_npub(key)
    return named


# Currencies without two decimals, from ISO 4217's list of minor units; what LNbits knows besides is counted in sats or in two decimals.
_DECIMALS = {
    **dict.fromkeys("sat sats BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    "CLF": 4,
}
_WITHOUT_MINOR_UNIT = ("XAG", "XAU", "XDR", "XPD", "XPT")


def _decimals(currency: str) -> int:
    if currency in _DECIMALS:
        return _DECIMALS[currency]
    if currency not in currencies or currency in _WITHOUT_MINOR_UNIT:
        raise ValueError(f"currency: expected sat or a currency of LNbits that has a minor unit, found {currency}")
    return 2


def minor_units(price: float, currency: str) -> int:
    """A price as LNbits keeps it, in the currency's smallest unit: 12.5 EUR are 1250, 21 sat are 21. Exact, or a `ValueError`."""
    decimals = _decimals(currency)
    # The shortest decimal that reads as this float is what the organiser typed.
    amount = Decimal(repr(price)).scaleb(decimals)
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 <= amount <= 2**53 - 1:
        raise ValueError(f"price: expected an amount from 0 with at most {decimals} decimals in {currency}, found {price!r}")
    return int(amount)


def major_units(amount: int, currency: str) -> float:
    """The way back, for LNbits' `create_invoice(amount=…, currency=…)`."""
    return float(Decimal(amount).scaleb(-_decimals(currency)))


def hold_until_ms(expiry: int | None = None, grace: int = 120, now_ms: int | None = None) -> int:
    """When an unpaid order lapses: after its invoice has, and `grace` seconds for a payment under way. `expiry` is the invoice's, in seconds."""
    now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    return now_ms + ((settings.lightning_invoice_expiry if expiry is None else expiry) + grace) * 1000


class _Uncommitted:
    """A connection whose `commit` does nothing, because LNbits commits after every statement."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    async def commit(self) -> None:
        pass


def _transaction(connection: Connection) -> Connection:
    return Connection(_Uncommitted(connection.conn), connection.type, connection.name, connection.schema)  # type: ignore[arg-type]


def _row(redemption: Document) -> dict[str, Any]:
    # LNbits drops what looks like HTML from the strings that pass through it.
    document = json.dumps(redemption, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return {column: redemption[column] for column in ("id", "revision", "state", "event_id", "expires_at_ms")} | {"document": document}


def _asks_for_repetition(error: DBAPIError) -> bool:
    # PostgreSQL: serialization failure, deadlock, lock time-out. SQLite: somebody else writes for longer than Python waits.
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01", "55P03") or "is locked" in str(error.orig)
