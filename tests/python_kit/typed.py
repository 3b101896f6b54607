"""How hosts use the kit, checked by mypy. Each `type: ignore` marks a mistake, or mypy reports it as unused."""

import sqlite3
from typing import Any

import psycopg
import sqlalchemy
import sqlalchemy.orm
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from redeemable import Engine, aio, host
from redeemable.postgres import AsyncPostgresStore, PostgresStore
from redeemable.sqlalchemy import SqlAlchemyStore
from redeemable.sqlite import SqliteStore
from redeemable.types import Decision, Promo, Redemption


def nothing() -> list[Promo]:
    return []


def write_sqlite(connection: sqlite3.Connection, redemptions: list[Redemption]) -> None:
    connection.execute("INSERT INTO sold VALUES (?)", (redemptions[0]["id"],))


async def write_postgres(connection: psycopg.AsyncConnection[Any], redemptions: list[Redemption]) -> None:
    await connection.execute("INSERT INTO sold VALUES (%s)", (redemptions[0]["ID"],))  # type: ignore[typeddict-item]


def write_session(session: sqlalchemy.orm.Session, redemptions: list[Redemption]) -> None:
    session.add(redemptions)


async def sell(
    file: sqlite3.Connection,
    connection: psycopg.Connection[Any],
    pool: ConnectionPool,
    async_pool: AsyncConnectionPool,
    engine: sqlalchemy.engine.Engine,
    session: sqlalchemy.orm.Session,
) -> None:
    request: host.RequestWithPromos = {
        "codes": ["summer"],
        "promos": [{"code": "SUMMER", "discount_percent": 20}],
        "order": {"id": "a", "event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 1000, "quantity": 1}]},
    }
    decision: Decision = host.redeem(SqliteStore(file), request, write=write_sqlite)
    host.redeem(SqliteStore(file), request, approve=lambda decision: decision["quote"]["total"])
    host.redeem(SqliteStore(file), request, approve=7200)  # type: ignore[arg-type]
    host.redeem(PostgresStore(pool), request, write=write_sqlite)  # type: ignore[arg-type]
    host.redeem(AsyncPostgresStore(async_pool), request)  # type: ignore[arg-type]
    await aio.redeem(AsyncPostgresStore(async_pool), request, write=write_postgres)
    store: host.Store[sqlalchemy.engine.Connection] = SqlAlchemyStore(engine)
    host.redeem(SqliteStore(file), request, write=write_sqlite, transaction=file)
    host.redeem(SqliteStore(file), request, write=write_sqlite, transaction=connection)  # type: ignore[arg-type]
    host.sweep(SqlAlchemyStore(session), write=write_session, transaction=session)
    host.redeem(SqlAlchemyStore(engine), request, write=write_session)  # type: ignore[arg-type]
    joining: host.Joining[sqlite3.Connection] = SqliteStore(file)
    joining.joining(session)  # type: ignore[arg-type]
    answer = host.confirm(store, "a", {"id": "p-1", "total": decision["quote"]["total"], "currency": "EUR"})
    assert answer is not None and answer["money"] == "kept"
    host.release(PostgresStore(connection), "a", "lost")  # type: ignore[arg-type]
    host.redeem(SqliteStore(file), {"codes": []})  # type: ignore[arg-type]
    rules = Engine().prepare(promos=request["promos"])
    host.redeem(
        SqliteStore(file),
        {"codes": ["summer"], "promos": lambda codes: [code["loose"] for code in codes], "order": request["order"]},
    )
    host.redeem(
        SqliteStore(file),
        {"codes": ["summer"], "promos": request["promos"], "unsound": "leave_out", "order": request["order"]},
    )
    host.redeem(SqliteStore(file), {"codes": ["summer"], "promos": nothing, "order": request["order"]})  # type: ignore
    Engine().prepare(promos=request["promos"], unsound="leave_out")
    Engine().prepare(promos=[7])  # type: ignore[list-item]
    host.redeem(SqliteStore(file), {"codes": ["summer"], "rules": rules, "order": request["order"]})
    await aio.preview(AsyncPostgresStore(async_pool), {"codes": ["summer"], "rules": rules, "order": request["order"]})
    rules.validate_redemption({"codes": ["summer"], "order": request["order"]})  # type: ignore[typeddict-item]
