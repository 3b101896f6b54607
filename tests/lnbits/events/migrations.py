from lnbits.db import Connection
from redeemable.lnbits import migrate


async def m001_initial(db: Connection) -> None:
    await db.execute("""
        CREATE TABLE events.events (
            id TEXT PRIMARY KEY, wallet TEXT NOT NULL, name TEXT NOT NULL,
            closing_date TEXT NOT NULL, currency TEXT NOT NULL,
            allow_fiat BOOLEAN NOT NULL DEFAULT FALSE,
            fiat_currency TEXT NOT NULL DEFAULT 'GBP', amount_tickets INTEGER NOT NULL,
            price_per_ticket REAL NOT NULL, sold INTEGER NOT NULL DEFAULT 0,
            canceled BOOLEAN NOT NULL DEFAULT FALSE, extra TEXT
        )
    """)
    await db.execute(f"""
        CREATE TABLE events.ticket (
            id TEXT PRIMARY KEY, wallet TEXT NOT NULL, event TEXT NOT NULL,
            name TEXT NOT NULL, email TEXT NOT NULL, registered BOOLEAN NOT NULL,
            paid BOOLEAN NOT NULL,
            time TIMESTAMP NOT NULL DEFAULT {db.timestamp_now},
            reg_timestamp TIMESTAMP, extra TEXT
        )
    """)
    # What this extension has sent to whom, instead of sending it.
    await db.execute(
        "CREATE TABLE events.sent (what TEXT NOT NULL, ticket TEXT NOT NULL)"
    )


async def m009_redeemable(db):
    await migrate(db)
