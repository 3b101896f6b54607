from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException
from lnbits.core.models import WalletTypeInfo
from lnbits.decorators import require_admin_key
from lnbits.helpers import urlsafe_short_hash
from loguru import logger
from redeemable import InvalidRequest, aio

from .crud import create_event, delete_event, get_event, get_event_tickets, get_refunds, get_ticket, store, update_event
from .models import CreateEvent, CreateTicket, Event, PublicEvent, Refund, Ticket, TicketPaymentRequest
from .services import find_payments, purge_unpaid_tickets, refusal, release_ticket, sell_ticket, ticket_request

events_api_router = APIRouter(prefix="/api/v1/events")
tickets_api_router = APIRouter(prefix="/api/v1/tickets")


async def open_event(event_id: str) -> Event:
    event = await get_event(event_id)
    if not event:
        raise HTTPException(404, "Event does not exist.")
    if event.canceled:
        raise HTTPException(410, "Event is canceled.")
    return event


async def own_event(event_id: str, key_info: WalletTypeInfo) -> Event:
    event = await get_event(event_id)
    if not event or event.wallet != key_info.wallet.id:
        raise HTTPException(404, "Event does not exist.")
    return event


async def own_ticket(ticket_id: str, key_info: WalletTypeInfo) -> Ticket:
    ticket = await get_ticket(ticket_id)
    if not ticket or ticket.wallet != key_info.wallet.id:
        raise HTTPException(404, "Ticket does not exist.")
    return ticket


@contextmanager
def buyers_errors() -> Iterator[None]:
    try:
        yield
    except aio.Busy as error:
        raise HTTPException(503, "Too many orders at once, try again.") from error
    except InvalidRequest as error:
        # It may name a code of the organiser's, which is not for the buyer.
        logger.error(error)
        raise HTTPException(400, "This order cannot be sold.") from error


@events_api_router.get("/{event_id}", response_model=PublicEvent)
async def api_get_event(event_id: str) -> Event:
    await purge_unpaid_tickets()
    return await open_event(event_id)


@events_api_router.post("")
@events_api_router.put("/{event_id}")
async def api_event_create(
    data: CreateEvent, event_id: str | None = None, key_info: WalletTypeInfo = Depends(require_admin_key)
) -> Event:
    if data.wallet != key_info.wallet.id:
        raise HTTPException(403, "Not your wallet.")
    event = await own_event(event_id, key_info) if event_id else None
    # A mistake in a code is named now, and not when somebody wants to buy: a preview checks all of them.
    draft = Event(**{**data.dict(), "id": "draft"})
    try:
        await aio.preview(store, ticket_request(draft, CreateTicket(name="draft", email="draft@example.org")))
    except InvalidRequest as error:
        raise HTTPException(400, str(error)) from error
    return await update_event(event.copy(update=data.dict())) if event else await create_event(data)


@events_api_router.put("/{event_id}/cancel")
async def api_event_cancel(event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)) -> Event:
    event = await own_event(event_id, key_info)
    event.canceled = True
    await update_event(event)
    for ticket in await get_event_tickets(event_id):
        await release_ticket(ticket.id, "organizer_cancelled", f"{event_id}.canceled")
    return event


@events_api_router.delete("/{event_id}")
async def api_form_delete(event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)) -> None:
    await api_event_cancel(event_id, key_info)
    await delete_event(event_id)


@events_api_router.get("/{event_id}/tickets")
async def api_event_tickets(event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)) -> list[Ticket]:
    await own_event(event_id, key_info)
    return await get_event_tickets(event_id)


@events_api_router.get("/{event_id}/refunds")
async def api_event_refunds(event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)) -> list[Refund]:
    await own_event(event_id, key_info)
    return await get_refunds(event_id)


@tickets_api_router.post("/{event_id}/preview")
async def api_ticket_preview(event_id: str, data: CreateTicket) -> dict[str, Any]:
    event = await open_event(event_id)
    with buyers_errors():
        decision = await aio.preview(store, ticket_request(event, data))
    if decision["status"] == "rejected":
        raise refusal(decision)
    return decision["quote"]


@tickets_api_router.post("/{event_id}")
async def api_ticket_create(event_id: str, data: CreateTicket) -> TicketPaymentRequest:
    event = await open_event(event_id)
    # Minted before the price is asked for. The event in front of it keeps one event's buyers out of another's orders.
    order_id = f"{event_id}.{data.order_id or urlsafe_short_hash()}"
    with buyers_errors():
        return await sell_ticket(event, data, order_id)


@tickets_api_router.get("/{ticket_id}")
async def api_get_ticket(ticket_id: str) -> Ticket:
    await find_payments(ticket_id)
    ticket = await get_ticket(ticket_id)
    if not ticket:
        raise HTTPException(404, "Ticket does not exist.")
    return ticket


@tickets_api_router.delete("/{ticket_id}")
async def api_ticket_delete(
    ticket_id: str, release_id: UUID | None = None, key_info: WalletTypeInfo = Depends(require_admin_key)
) -> dict[str, int]:
    """`release_id` is made by the page, and sent again when an answer was lost."""
    await own_ticket(ticket_id, key_info)
    return {"refundable": await release_ticket(ticket_id, "organizer_cancelled", release_id and str(release_id))}
