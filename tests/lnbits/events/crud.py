from lnbits.db import Connection, Database
from lnbits.helpers import urlsafe_short_hash
from redeemable.lnbits import LnbitsStore

from .models import CreateEvent, Event, Invoice, Refund, Ticket

db = Database("ext_events")
store = LnbitsStore(db)


async def create_event(data: CreateEvent) -> Event:
    event = Event(id=urlsafe_short_hash(), **data.dict())
    await db.insert("events.events", event)
    return event


async def update_event(event: Event) -> Event:
    await db.update("events.events", event)
    return event


async def get_event(event_id: str) -> Event | None:
    return await db.fetchone("SELECT * FROM events.events WHERE id = :id", {"id": event_id}, Event)


async def delete_event(event_id: str) -> None:
    await db.execute("DELETE FROM events.events WHERE id = :id", {"id": event_id})


async def get_ticket(ticket_id: str) -> Ticket | None:
    return await db.fetchone("SELECT * FROM events.ticket WHERE id = :id", {"id": ticket_id}, Ticket)


async def delete_ticket(ticket_id: str) -> None:
    await db.execute("DELETE FROM events.ticket WHERE id = :id", {"id": ticket_id})


async def get_event_tickets(event_id: str) -> list[Ticket]:
    return await db.fetchall("SELECT * FROM events.ticket WHERE event = :event", {"event": event_id}, Ticket)


async def keep_open(event_id: str, transaction: Connection) -> bool:
    """Locks the event until the sale is stored.

    False when it was cancelled meanwhile: its tickets have been released, and there must be no more.
    """
    result = await transaction.execute(
        "UPDATE events.events SET canceled = FALSE WHERE id = :id AND NOT canceled", {"id": event_id}
    )
    return result.rowcount == 1


async def is_canceled(ticket_id: str) -> bool:
    """Whether the event of the ticket is, or there is none any more."""
    row = await db.fetchone(
        """
        SELECT event.id FROM events.events AS event JOIN events.ticket ON ticket.event = event.id
        WHERE ticket.id = :id AND NOT event.canceled
        """,
        {"id": ticket_id},
    )
    return row is None


async def create_ticket(ticket: Ticket, transaction: Connection) -> None:
    """Writes the buyer's row. The same order again keeps its invoice as long as it costs the same."""
    await transaction.execute(
        """
        INSERT INTO events.ticket (id, wallet, event, name, email, price, currency, paid, released)
        VALUES (:id, :wallet, :event, :name, :email, :price, :currency, FALSE, FALSE)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email,
            price = excluded.price, currency = excluded.currency, payment_hash = CASE
                WHEN ticket.price = excluded.price AND ticket.currency = excluded.currency THEN ticket.payment_hash END
        """,
        ticket.dict(exclude={"payment_hash", "expires_at_ms", "paid", "released"}),
    )


async def set_ticket_states(transaction: Connection, redemptions: list[dict]) -> None:
    """The rows follow all records: a plan may release other buyers' lapsed tickets; a late payment brings one back."""
    for redemption in redemptions:
        kept = None
        for payment in redemption["payments"]:
            if payment["outcome"] == "kept":
                kept = payment["id"]
            else:
                await refund_payment(payment["id"], redemption["id"], transaction)
        await transaction.execute(
            """
            UPDATE events.ticket SET paid = :paid, released = :released, expires_at_ms = :expires_at_ms,
                payment_hash = COALESCE(:kept, payment_hash)
            WHERE id = :id
            """,
            {
                "id": redemption["id"],
                "paid": redemption["state"] == "confirmed",
                "released": redemption["state"] == "released",
                "expires_at_ms": redemption["expires_at_ms"],
                "kept": kept,
            },
        )


async def create_ticket_invoice(ticket: Ticket, invoice: Invoice) -> bool:
    """Stores what a payment is for, and the ticket's open invoice. False when it has another by now, or is paid."""
    await db.insert("events.invoice", invoice)
    result = await db.execute(
        """
        UPDATE events.ticket SET payment_hash = :new
        WHERE id = :id AND COALESCE(payment_hash, '') = :old AND price = :price AND currency = :currency AND NOT paid
        """,
        {
            "id": ticket.id,
            "new": invoice.payment_hash,
            "old": ticket.payment_hash or "",
            "price": invoice.total,
            "currency": invoice.currency,
        },
    )
    return result.rowcount == 1


async def get_invoice(payment_hash: str) -> Invoice | None:
    return await db.fetchone("SELECT * FROM events.invoice WHERE payment_hash = :hash", {"hash": payment_hash}, Invoice)


async def get_ticket_invoices(ticket_id: str) -> list[Invoice]:
    return await db.fetchall("SELECT * FROM events.invoice WHERE ticket = :ticket", {"ticket": ticket_id}, Invoice)


async def refund_ticket(ticket_id: str, transaction: Connection) -> None:
    """The payment of a ticket that is paid goes back. One payment goes back once, however often it is asked for."""
    await transaction.execute(
        """
        INSERT INTO events.refund (payment_hash, ticket)
        SELECT payment_hash, id FROM events.ticket WHERE id = :id AND paid AND payment_hash IS NOT NULL
        ON CONFLICT DO NOTHING
        """,
        {"id": ticket_id},
    )


async def refund_payment(payment_hash: str, ticket_id: str, connection: Connection | Database = db) -> None:
    values = {"hash": payment_hash, "ticket": ticket_id}
    await connection.execute("INSERT INTO events.refund VALUES (:hash, :ticket) ON CONFLICT DO NOTHING", values)


async def is_refunded(payment_hash: str) -> bool:
    values = {"hash": payment_hash}
    return await db.fetchone("SELECT payment_hash FROM events.refund WHERE payment_hash = :hash", values) is not None


async def get_refunds(event_id: str) -> list[Refund]:
    return await db.fetchall(
        """
        SELECT refund.* FROM events.refund JOIN events.ticket ON ticket.id = refund.ticket
        WHERE ticket.event = :event
        """,
        {"event": event_id},
        Refund,
    )
