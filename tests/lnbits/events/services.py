from typing import Any

from fastapi import HTTPException
from lnbits.core.crud import get_standalone_payment
from lnbits.core.models import Payment
from lnbits.core.services import create_invoice
from lnbits.db import Connection
from loguru import logger
from redeemable import aio
from redeemable.lnbits import hold_until_ms, identities, invoice_expiry, major_units, minor_units
from redeemable.types import ReleaseReason

from .crud import (
    create_ticket, create_ticket_invoice, delete_ticket, get_invoice, get_ticket, is_canceled, keep_open, refund_payment, refund_ticket,
    set_ticket_states, store,
)
from .models import CreateTicket, Event, Invoice, Ticket, TicketPaymentRequest


def ticket_request(event: Event, data: CreateTicket, order_id: str | None = None) -> dict[str, Any]:
    """What the engine is asked; without an `order_id` it is a preview."""
    return {
        "codes": [data.promo_code] if data.promo_code else [],
        "promos": [{key: value for key, value in promo.items() if key != "description"} for promo in event.extra.promo_codes],
        "policy": event.extra.policy,
        "order": {
            "id": order_id,
            "event_id": event.id,
            "currency": event.currency,
            "lines": [{"unit_price": minor_units(event.price_per_ticket, event.currency), "quantity": 1}],
            "identities": identities(email=data.email, npub=data.npub),
            "hold_until_ms": hold_until_ms(),
        },
    }


def refusal(decision: dict) -> HTTPException:
    """One public reason per code, sorted by code: their number or order would tell a guesser which codes exist."""
    reasons = {violation["code"] or "": violation["public_reason"] for violation in reversed(decision["violations"])}
    return HTTPException(409, detail=[{"code": code or None, "reason": reasons[code]} for code in sorted(reasons)])


async def sell_ticket(event: Event, data: CreateTicket, order_id: str) -> TicketPaymentRequest:
    request = ticket_request(event, data, order_id)

    async def write(transaction: Connection, redemptions: list[dict]) -> None:
        if not await keep_open(event.id, transaction):
            raise HTTPException(410, "Event is canceled.")
        own = next(redemption for redemption in redemptions if redemption["id"] == order_id)
        price = sum(ticket["price"] for ticket in own["tickets"])
        await create_ticket(
            Ticket(
                id=order_id, wallet=event.wallet, event=event.id, name=data.name, email=data.email, price=price,
                currency=own["currency"], paid=False, released=False,
            ),
            transaction,
        )
        await set_ticket_states(transaction, redemptions)

    decision = await aio.redeem(store, request, write=write)
    if decision["status"] == "rejected":
        raise refusal(decision)
    ticket = await get_ticket(order_id)
    assert ticket
    payment = await ticket_invoice(ticket, event.name)
    if payment is None:
        return TicketPaymentRequest(ticket_id=order_id, paid=True)
    return TicketPaymentRequest(ticket_id=order_id, paid=False, payment_hash=payment.payment_hash, payment_request=payment.bolt11)


async def ticket_payment(ticket: Ticket) -> Payment | None:
    """LNbits' payment of the ticket's latest invoice, in the wallet that it was made for."""
    invoice = await get_invoice(ticket.payment_hash) if ticket.payment_hash else None
    return await get_standalone_payment(invoice.payment_hash, incoming=True, wallet_id=invoice.wallet) if invoice else None


async def ticket_invoice(ticket: Ticket, memo: str) -> Payment | None:
    """One invoice per ticket: the same order asked again gets the same one, while it can be paid. None: nothing is left to pay."""
    earlier = None if ticket.paid else await ticket_payment(ticket)
    if earlier and earlier.success:
        ticket = await found_paid(earlier, ticket)
    if ticket.paid:
        return None
    if earlier and earlier.pending and not earlier.is_expired:
        return earlier
    if ticket.expires_at_ms is None:
        raise HTTPException(409, "This order was taken back.")
    try:
        payment = await create_invoice(
            wallet_id=ticket.wallet,
            amount=major_units(ticket.price, ticket.currency),
            currency=ticket.currency,
            memo=memo,
            # The hold ends after the invoice, never before it: somebody may be paying.
            expiry=invoice_expiry(ticket.expires_at_ms),
            extra={"tag": "events"},
        )
    except Exception:
        # Nobody can pay for it, so it holds nothing.
        await aio.release(store, ticket.id, "payment_failed", write=set_ticket_states)
        raise
    invoice = Invoice(
        payment_hash=payment.payment_hash, wallet=payment.wallet_id, ticket=ticket.id, total=ticket.price, currency=ticket.currency
    )
    if await create_ticket_invoice(ticket, invoice):
        return payment
    # The same order asked twice at once, and the other one's invoice is kept; or it was changed or paid meanwhile.
    latest = await get_ticket(ticket.id)
    assert latest
    return await ticket_invoice(latest, memo)


async def found_paid(payment: Payment, ticket: Ticket) -> Ticket:
    """LNbits tells an extension once that an invoice was paid; a server that stopped in between is made up for when somebody asks."""
    await set_ticket_paid(payment)
    return await get_ticket(ticket.id) or ticket


async def set_ticket_paid(payment: Payment) -> None:
    """Money arrived. What it is for was written when its invoice was made; any other payment, whatever it says of itself, is nobody's here."""
    invoice = await get_invoice(payment.payment_hash)
    if not invoice or payment.wallet_id != invoice.wallet or not payment.is_in or not payment.success:
        return
    report = {"id": invoice.payment_hash, "total": invoice.total, "currency": invoice.currency}
    answer = await aio.confirm(store, invoice.ticket, report, write=set_ticket_states)
    if answer is None or answer["money"] == "returned":
        logger.warning(f"payment {invoice.payment_hash} goes back: {answer and answer['status']}")
        await refund_payment(invoice.payment_hash, invoice.ticket)
    elif await is_canceled(invoice.ticket):
        # It had lapsed when the event was cancelled, and this payment has brought it back.
        await release_ticket(invoice.ticket, "organizer_cancelled")


async def release_ticket(ticket_id: str, reason: ReleaseReason, release_id: str | None = None) -> int:
    """What is owed for the ticket, in the currency's smallest unit: the same when the release is asked again by its id, and otherwise 0."""

    async def write(transaction: Connection, redemptions: list[dict]) -> None:
        await refund_ticket(ticket_id, transaction)
        await set_ticket_states(transaction, redemptions)

    answer = await aio.release(store, ticket_id, reason, release_id=release_id, write=write)
    if answer is None:
        # It was sold before there were records.
        await delete_ticket(ticket_id)
        return 0
    return answer["refundable"]


async def purge_unpaid_tickets() -> None:
    await aio.sweep(store, write=set_ticket_states)
