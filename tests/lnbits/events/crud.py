from lnbits.db import Connection, Database
from lnbits.helpers import urlsafe_short_hash
from redeemable.lnbits import LnbitsStore

from .models import CreateEvent, Event, Refund, Ticket

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
    """Locks the event until the sale is stored. False when it was cancelled meanwhile: its tickets have been released, and there must be no more."""
    result = await transaction.execute("UPDATE events.events SET canceled = FALSE WHERE id = :id AND NOT canceled", {"id": event_id})
    return result.rowcount == 1


async def create_ticket(ticket: Ticket, transaction: Connection) -> None:
    """Writes the buyer's row. The same order again keeps its invoice as long as it costs the same."""
    await transaction.execute(
        """
        INSERT INTO events.ticket (id, wallet, event, name, email, price, paid, released)
        VALUES (:id, :wallet, :event, :name, :email, :price, FALSE, FALSE)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, price = excluded.price,
            payment_hash = CASE WHEN ticket.price = excluded.price THEN ticket.payment_hash END
        """,
        ticket.dict(exclude={"payment_hash", "paid", "released"}),
    )


async def set_ticket_states(transaction: Connection, redemptions: list[dict]) -> None:
    """The rows follow the records, whoever's they are: a plan may release other buyers' lapsed tickets, and a late payment brings one back."""
    for redemption in redemptions:
        await transaction.execute(
            "UPDATE events.ticket SET paid = :paid, released = :released WHERE id = :id",
            {"id": redemption["id"], "paid": redemption["state"] == "confirmed", "released": redemption["state"] == "released"},
        )


async def keep_payment_hash(ticket_id: str, payment_hash: str, transaction: Connection) -> None:
    """The payment that confirmed the ticket is the one that goes back when the ticket is released."""
    await transaction.execute("UPDATE events.ticket SET payment_hash = :hash WHERE id = :id", {"id": ticket_id, "hash": payment_hash})


async def set_payment_hash(ticket: Ticket, payment_hash: str) -> bool:
    """The ticket's open invoice. False when somebody else has set one since the ticket was read, or it is paid."""
    result = await db.execute(
        "UPDATE events.ticket SET payment_hash = :new WHERE id = :id AND COALESCE(payment_hash, '') = :old AND NOT paid",
        {"id": ticket.id, "new": payment_hash, "old": ticket.payment_hash or ""},
    )
    return result.rowcount == 1


async def refund_ticket(ticket_id: str, transaction: Connection) -> None:
    """The payment of a ticket that is paid goes back. One payment goes back once, however often it is asked for."""
    await transaction.execute(
        """
        INSERT INTO events.refund (payment_hash, ticket)
        SELECT payment_hash, id FROM events.ticket WHERE id = :id AND paid AND payment_hash IS NOT NULL ON CONFLICT DO NOTHING
        """,
        {"id": ticket_id},
    )


async def refund_payment(payment_hash: str, ticket_id: str) -> None:
    await db.execute("INSERT INTO events.refund VALUES (:hash, :ticket) ON CONFLICT DO NOTHING", {"hash": payment_hash, "ticket": ticket_id})


async def get_refunds(event_id: str) -> list[Refund]:
    return await db.fetchall(
        "SELECT refund.* FROM events.refund JOIN events.ticket ON ticket.id = refund.ticket WHERE ticket.event = :event", {"event": event_id}, Refund
    )
