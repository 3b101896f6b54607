import asyncio
import os
from typing import Any

import httpx
from lnbits.core.services import get_pr_from_lnurl, pay_invoice
from loguru import logger
from redeemable.lnbits import Paid

from .crud import desk, get_event_tickets, get_ticket, note_sent, update_ticket
from .models import Ticket

# The server of on-chain charges; in LNbits it is the extension SatsPay.
SATSPAY = os.environ.get("SATSPAY_URL", "")
# Tasks that nobody else holds would be collected.
SENDING: set[asyncio.Task] = set()


async def create_satspay_charge(data: dict[str, Any]) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        response = await client.post(f"{SATSPAY}/satspay/api/v1/charge", json=data)
        return dict(response.raise_for_status().json())


async def get_satspay_charge(charge_id: str) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        response = await client.get(f"{SATSPAY}/satspay/api/v1/charge/{charge_id}")
        return dict(response.raise_for_status().json())


async def set_ticket_paid(ticket: Ticket, paid: Paid | None) -> Ticket:
    if await desk.has(ticket.id):
        if paid and paid.is_new:
            send_ticket_notification_in_background(ticket)
        return await get_ticket(ticket.id) or ticket
    # A ticket from before the desk.
    if not ticket.paid:
        ticket.paid = True
        await update_ticket(ticket)
    send_ticket_notification_in_background(ticket)
    return ticket


def send_ticket_notification_in_background(ticket: Ticket) -> None:
    SENDING.add(task := asyncio.create_task(send_ticket_notification(ticket)))
    task.add_done_callback(SENDING.discard)


async def send_ticket_notification(ticket: Ticket) -> None:
    await note_sent("ticket", ticket.id)
    ticket.extra.email_notification_sent = True
    await update_ticket(ticket)


async def refund_tickets(event_id: str) -> None:
    await desk.cancel(event_id)
    for ticket in await get_event_tickets(event_id):
        if ticket.extra.refunded:
            continue
        address, sats = ticket.extra.refund_address, ticket.extra.sats_paid
        if address and sats and await desk.refunded(ticket.id):
            try:
                invoice = await get_pr_from_lnurl(address, sats * 1000)
                await pay_invoice(wallet_id=ticket.wallet, payment_request=invoice)
            except Exception as error:
                logger.error(f"ticket {ticket.id} is not refunded: {error}")
                await desk.refunded(ticket.id, False)
                continue
            ticket.extra.refunded = True
            await update_ticket(ticket)
