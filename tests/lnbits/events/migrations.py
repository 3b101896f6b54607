from lnbits.db import POSTGRES, Connection
from redeemable.lnbits import migrate


async def m001_initial(db: Connection) -> None:
    await db.execute("""
        CREATE TABLE events.events (
            id TEXT PRIMARY KEY, wallet TEXT NOT NULL, name TEXT NOT NULL, currency TEXT NOT NULL,
            price_per_ticket REAL NOT NULL,
            canceled BOOLEAN NOT NULL DEFAULT FALSE, extra TEXT NOT NULL
        )
    """)
    await db.execute("""
        CREATE TABLE events.ticket (
            id TEXT PRIMARY KEY, wallet TEXT NOT NULL, event TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
            paid BOOLEAN NOT NULL
        )
    """)


async def m002_redeemable(db: Connection) -> None:
    await migrate(db)
    for column in (
        "price BIGINT NOT NULL DEFAULT 0",
        "currency TEXT NOT NULL DEFAULT 'sat'",
        "released BOOLEAN NOT NULL DEFAULT FALSE",
        "expires_at_ms BIGINT",
        "payment_hash TEXT",
    ):
        await db.execute(f"ALTER TABLE events.ticket ADD COLUMN {column}")
    # A ticket's id was the payment hash of its invoice; now it is the id of its order, which exists before the invoice.
    await db.execute("UPDATE events.ticket SET payment_hash = id")
    await db.execute("""
        CREATE TABLE events.invoice (
            payment_hash TEXT PRIMARY KEY, wallet TEXT NOT NULL, ticket TEXT NOT NULL,
            total BIGINT NOT NULL, currency TEXT NOT NULL
        )
    """)
    await db.execute("CREATE TABLE events.refund (payment_hash TEXT PRIMARY KEY, ticket TEXT NOT NULL)")
    if db.type == POSTGRES:
        # REAL has four bytes there, and a price of 12.51 would come back as 12.510000228881836.
        column = "price_per_ticket TYPE DOUBLE PRECISION USING CAST(CAST(price_per_ticket AS text) AS DOUBLE PRECISION)"
        await db.execute(f"ALTER TABLE events.events ALTER COLUMN {column}")
