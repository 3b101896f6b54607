"""A store for `redeemable.aio` over an LNbits extension's own database, and helpers for a ticket endpoint.

    from lnbits.db import Database
    from redeemable import aio
    from redeemable.lnbits import LnbitsStore

    db = Database("ext_events")
    store = LnbitsStore(db)
    decision = await aio.redeem(store, {"codes": codes, "promos": promos, "order": order}, write=write)

The database may be on SQLite or PostgreSQL. The kit's two tables are in the extension's schema, beside its own tables.
`write(transaction, redemptions)` gets an LNbits `Connection`. Everything written through it is stored together with the
plan, or not at all. Write through this connection only, with the schema before each table's name (`events.ticket`): the
`Database` itself is locked until `write` returns.
"""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from lnbits.db import POSTGRES, SQLITE, Connection, Database
from lnbits.settings import settings
from lnbits.utils.exchange_rates import currencies
from lnbits.utils.nostr import hex_to_npub, normalize_public_key
from loguru import logger
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import text

from . import _sql
from ._currencies import DECIMALS
from ._sql_aio import answered
from ._steps import R
from .aio import Document, redemptions_of
from .errors import InvalidRequest

__all__ = ["LnbitsStore", "hold_until_ms", "identities", "invoice_expiry", "major_units", "migrate", "minor_units"]


def _warn(key: str) -> None:
    logger.warning(f"redeemable: the counter {key} held less than was given back, and is 0 now")


class LnbitsStore:
    """A `redeemable.aio.AsyncStore` over an extension's database.

    `on_drift` is called with the key of a counter that held less than was given back, and is 0 now.
    """

    def __init__(self, db: Database, *, on_drift: _sql.OnDrift = _warn) -> None:
        self._on_postgres = _on_postgres(db)
        self._db = db
        self._on_drift = on_drift

    async def read(self, keys: Sequence[str], id: str | None) -> Document:
        name, values = _sql.read(self._on_postgres, keys, id)
        async with self._connect() as connection:
            return _sql.usage((await connection.conn.execute(self._statement(name), values)).one())

    async def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        name, values = _sql.find(self._on_postgres, lapsed_by_ms, keys, limit)
        async with self._connect() as connection:
            return _sql.found(await connection.conn.execute(self._statement(name), values))

    async def commit(
        self, ops: Sequence[Document], write: Callable[[Connection, list[Document]], Awaitable[object]] | None = None
    ) -> bool:
        if self._on_postgres:
            _sql.check_text(ops)
        try:
            # If the block ends without a commit, the transaction is rolled back.
            async with self._connect() as connection:
                if not self._on_postgres:
                    # Python's driver begins a transaction only at the first statement that writes. Begin it here, so
                    # that what `write` reads belongs to the transaction, too.
                    await connection.conn.execute(self._statement("begin_writing"))
                before, after = _sql.around(write, ops)
                if write is not None:
                    await self._execute(connection.conn, before, "commit_records")
                    await write(_uncommitted(connection), redemptions_of(ops))
                drifted = await self._execute(connection.conn, after, "commit" if write is None else "commit_counters")
                await connection.conn.commit()
        except Exception as error:
            if _sql.is_conflict(error):
                return False
            raise
        _sql.tell(self._on_drift, drifted)
        return True

    async def scan(self, visit: Callable[[Document], object]) -> None:
        async with self._past_lock("BEGIN") as conn:
            if self._on_postgres:
                await conn.execute(self._statement("one_moment"))
            await self._answered(conn, _sql.scan(visit))

    async def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> int | None:
        try:
            async with self._past_lock("BEGIN IMMEDIATE") as conn:
                if self._on_postgres:
                    await conn.execute(self._statement("each_statement"))
                used = await self._answered(conn, _sql.recount(key, count))
                await conn.commit()
                return used
        except Exception as error:
            if _sql.is_conflict(error):
                return None
            raise

    @asynccontextmanager
    async def _past_lock(self, on_sqlite: str) -> AsyncIterator[AsyncConnection]:
        """A connection that bypasses the lock of `db.connect()`, so that the extension's buyers do not wait.

        Changes that are not committed at the end are rolled back.
        """
        with _sql.letting_go():
            async with self._db.engine.connect() as conn:
                if not self._on_postgres:
                    # Here the extension's file is the main database and is not attached a second time under the
                    # schema's name, so table names need no schema.
                    await conn.exec_driver_sql(on_sqlite)
                yield conn

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[Connection]:
        with _sql.letting_go():
            async with self._db.connect() as connection:
                yield connection

    async def _answered(self, conn: AsyncConnection, queries: _sql.Queries[R]) -> R:
        async def run(name: str, values: dict[str, Any]) -> list[Any]:
            statement = self._statement(name) if self._on_postgres else text(_sql.statements("sqlite")[name])
            result = await conn.execute(statement, values)
            return list(result) if result.returns_rows else []

        return await answered(queries, run)

    async def _execute(self, conn: AsyncConnection, ops: Sequence[Document], name: str) -> list[str]:
        """Executes operations (on PostgreSQL with the statement `name`); returns the counters that have drifted."""
        if self._on_postgres:
            plan = {"ops": _without_html(_sql.to_json(ops))}
            return _sql.drifted((await conn.execute(self._statement(name), plan)).one()[0])

        def on_sqlite(sync: Any) -> list[str]:
            def run(name: str, values: dict[str, Any]) -> Any:
                if "document" in values:
                    values["document"] = _without_html(values["document"])
                return sync.execute(self._statement(name), values)

            return _sql.execute_on_sqlite(run, ops)

        return list(await conn.run_sync(on_sqlite))

    def _statement(self, name: str) -> Any:
        """The statement with the schema's name before each table.

        On SQLite, LNbits opens the extension's file twice: as the main database, and attached under the schema's name.
        A transaction that used both would wait for its own lock. The extension's own statements use the attached one,
        so those of the store use it, too.
        """
        statement = _sql.statements("postgres" if self._on_postgres else "sqlite")[name]
        return text(
            re.sub(r"\bredeemable_\w+", rf"{self._db.schema}.\g<0>", statement) if self._db.schema else statement
        )


async def migrate(db: Connection) -> None:
    """Creates the tables, unless they exist. Call it in a function of the extension's `migrations.py`."""
    driver = (await db.conn.get_raw_connection()).driver_connection
    if not _on_postgres(db):
        # LNbits opens the extension's file as the main database, so table names need no schema here. It also attaches
        # the same file under the schema's name.
        await driver.executescript(f"BEGIN; {_sql.tables('sqlite')} COMMIT;")
        return
    async with driver.transaction():
        if db.schema:
            await driver.execute(f"SET LOCAL search_path TO {db.schema}")
        await driver.execute(_sql.tables("postgres"))
        # Later connections of LNbits look for tables in the schema `public`: make the function remember its own schema.
        await driver.execute("ALTER FUNCTION redeemable_commit(json) SET search_path FROM CURRENT")


def identities(email: str | None = None, npub: str | None = None) -> dict[str, str]:
    """The `identities` of an order: who buys.

    A Nostr key may be given as `npub1…` or in hex; both are the same person. Any other `npub` raises a `ValueError`.
    """
    named = {}
    if email and email.strip():
        named["email"] = email
    if npub and npub.strip():
        try:
            # LNbits' `normalize_public_key` accepts some texts that are no keys: shorter ones, and ones with spaces or
            # underscores. They are refused here.
            key = normalize_public_key(npub.strip().lower())
            if not re.fullmatch("[0-9a-f]{64}", key):
                raise ValueError
        except (AssertionError, ValueError):
            raise ValueError("npub: expected npub1… or 64 hexadecimal digits") from None
        named["npub"] = hex_to_npub(key)
    return named


# Currencies of LNbits that ISO 4217's list of minor units lacks. Any other one that it lacks has two decimals.
_WHOLE = ("sat", "sats", "BYR")
_WITHOUT_MINOR_UNIT = ("XAG", "XAU", "XDR", "XPD", "XPT")


def _decimals(currency: str) -> int:
    if currency in _WHOLE:
        return 0
    if currency not in currencies or currency in _WITHOUT_MINOR_UNIT:
        raise InvalidRequest(
            "invalid_request",
            ("currency",),
            f"expected sat or a currency of LNbits that has a minor unit, found {currency}",
        )
    return DECIMALS.get(currency, 2)


def minor_units(price: float, currency: str) -> int:
    """A price of LNbits in the currency's smallest unit: 12.5 EUR are 1250, 21 sat are 21.

    It raises `InvalidRequest` if the price is not a whole number of these units.
    """
    decimals = _decimals(currency)
    # `repr` writes the shortest decimal that is read as this float: that is what the organiser typed.
    amount = Decimal(repr(price)).scaleb(decimals)
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 <= amount <= 2**53 - 1:
        raise InvalidRequest(
            "invalid_request",
            ("price",),
            f"expected an amount from 0 with at most {decimals} decimals in {currency}, found {price!r}",
        )
    return int(amount)


def major_units(amount: int, currency: str) -> float:
    """The inverse of `minor_units`, for LNbits' `create_invoice(amount=…, currency=…)`."""
    return float(Decimal(amount).scaleb(-_decimals(currency)))


def hold_until_ms(expiry: int | None = None, grace: int = 120, now_ms: int | None = None) -> int:
    """When an unpaid order lapses: `grace` seconds after its invoice expires, because a payment may be on its way.

    `expiry` is how long the invoice may live, in seconds; the default is LNbits' setting.
    """
    now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    return now_ms + ((settings.lightning_invoice_expiry if expiry is None else expiry) + grace) * 1000


def invoice_expiry(expires_at_ms: int, grace: int = 120, now_ms: int | None = None) -> int:
    """How many seconds an invoice made now may live: the rest of the hold less `grace`, at least half of the rest."""
    now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    left = (expires_at_ms - now_ms) // 1000
    return max(1, left - min(grace, left // 2))


class _Uncommitted:
    """A connection whose `commit` does nothing: LNbits' own `Connection` calls it after every statement."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    async def commit(self) -> None:
        pass


def _uncommitted(connection: Connection) -> Connection:
    return Connection(_Uncommitted(connection.conn), connection.type, connection.name, connection.schema)


def _on_postgres(db: Database | Connection) -> bool:
    if db.type not in (POSTGRES, SQLITE):
        raise ValueError(f"db: expected a database on SQLite or PostgreSQL, found {db.type}")
    return db.type == POSTGRES


def _without_html(document: str) -> str:
    """The same JSON with `<`, `>` and `&` escaped: LNbits removes what looks like a tag from every string it stores."""
    return document.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
