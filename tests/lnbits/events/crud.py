from datetime import datetime, timezone
from typing import Any

from lnbits.db import Database
from lnbits.helpers import urlsafe_short_hash
from redeemable.lnbits import Desk

from .models import CreateEvent, Event, Ticket, TicketExtra, sync_event_ticket_waves

db = Database("ext_events")
desk = Desk(db, tickets="events.ticket")


async def create_event(data: CreateEvent) -> Event:
    event = sync_event_ticket_waves(Event(id=urlsafe_short_hash(), **data.dict()))
    await db.insert("events.events", event)
    return await desk.counted(event)


async def update_event(event: Event) -> Event:
    """Writes the whole row. Sales write nothing in it."""
    await db.update("events.events", sync_event_ticket_waves(event))
    return await desk.counted(event)


async def get_event(event_id: str) -> Event | None:
    event = await db.fetchone(
        "SELECT * FROM events.events WHERE id = :id", {"id": event_id}, Event
    )
    return await desk.counted(sync_event_ticket_waves(event)) if event else None


async def get_events(wallet_ids: list[str]) -> list[Event]:
    statement = "SELECT * FROM events.events WHERE wallet = :wallet ORDER BY name"
    events: list[Event] = []
    for id in wallet_ids:
        events += await db.fetchall(statement, {"wallet": id}, Event)
    return [await desk.counted(sync_event_ticket_waves(event)) for event in events]


async def delete_event(event_id: str) -> None:
    await db.execute("DELETE FROM events.events WHERE id = :id", {"id": event_id})


async def create_ticket(
    payment_hash: str, wallet: str, event: str, name: str, email: str, extra: dict
) -> Ticket:
    now = datetime.now(timezone.utc)
    ticket = Ticket(
        id=payment_hash,
        wallet=wallet,
        event=event,
        name=name,
        email=email,
        registered=False,
        paid=False,
        time=now,
        reg_timestamp=now,
        extra=TicketExtra(**extra),
    )
    await db.insert("events.ticket", ticket)
    return ticket


async def update_ticket(ticket: Ticket) -> Ticket:
    await desk.update_ticket(ticket)
    return ticket


async def get_ticket(payment_hash: str) -> Ticket | None:
    return await db.fetchone(
        "SELECT * FROM events.ticket WHERE id = :id", {"id": payment_hash}, Ticket
    )


async def delete_ticket(payment_hash: str) -> None:
    await db.execute("DELETE FROM events.ticket WHERE id = :id", {"id": payment_hash})


async def get_event_tickets(event_id: str) -> list[Ticket]:
    return await db.fetchall(
        "SELECT * FROM events.ticket WHERE event = :event", {"event": event_id}, Ticket
    )


async def delete_event_tickets(event_id: str) -> None:
    await db.execute(
        "DELETE FROM events.ticket WHERE event = :event AND paid", {"event": event_id}
    )


async def purge_unpaid_tickets() -> None:
    for ticket_id in await desk.sweep():
        await delete_ticket(ticket_id)


async def note_sent(what: str, ticket_id: str) -> None:
    await db.execute(
        "INSERT INTO events.sent VALUES (:what, :ticket)",
        {"what": what, "ticket": ticket_id},
    )


async def get_sent(event_id: str) -> list[Any]:
    return await db.fetchall(
        "SELECT sent.what, sent.ticket FROM events.sent "
        "JOIN events.ticket ON ticket.id = sent.ticket WHERE ticket.event = :event",
        {"event": event_id},
    )
