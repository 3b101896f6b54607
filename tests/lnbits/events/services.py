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
    create_ticket,
    create_ticket_invoice,
    delete_ticket,
    get_invoice,
    get_ticket,
    get_ticket_invoices,
    is_canceled,
    is_refunded,
    keep_open,
    refund_payment,
    refund_ticket,
    set_ticket_states,
    store,
)
from .models import CreateTicket, Event, Invoice, Ticket, TicketPaymentRequest


def ticket_request(event: Event, data: CreateTicket, order_id: str | None = None) -> dict[str, Any]:
    """What the engine is asked; without an `order_id` it is a preview."""
    return {
        "codes": [data.promo_code] if data.promo_code else [],
        "promos": [
            {key: value for key, value in promo.items() if key != "description"} for promo in event.extra.promo_codes
        ],
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
                id=order_id,
                wallet=event.wallet,
                event=event.id,
                name=data.name,
                email=data.email,
                price=price,
                currency=own["currency"],
                paid=False,
                released=False,
            ),
            transaction,
        )
        await set_ticket_states(transaction, redemptions)

    decision = await aio.redeem(store, request, write=write)
    if decision["status"] == "rejected":
        raise refusal(decision)
    payment = await ticket_invoice(order_id, event.name)
    if payment is None:
        return TicketPaymentRequest(ticket_id=order_id, paid=True)
    return TicketPaymentRequest(
        ticket_id=order_id, paid=False, payment_hash=payment.payment_hash, payment_request=payment.bolt11
    )


async def ticket_invoice(ticket_id: str, memo: str) -> Payment | None:
    """The same order asked again gets the same invoice, while that can be paid. None: nothing is left to pay."""
    await find_payments(ticket_id)
    ticket = await get_ticket(ticket_id)
    assert ticket
    if ticket.paid:
        return None
    earlier = await get_invoice(ticket.payment_hash) if ticket.payment_hash else None
    open_payment = await wallet_payment(earlier) if earlier else None
    if open_payment and open_payment.pending and not open_payment.is_expired:
        return open_payment
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
        payment_hash=payment.payment_hash,
        wallet=payment.wallet_id,
        ticket=ticket.id,
        total=ticket.price,
        currency=ticket.currency,
    )
    if await create_ticket_invoice(ticket, invoice):
        return payment
    # The same order asked twice at once, and the other one's invoice is kept; or it was changed or paid meanwhile.
    return await ticket_invoice(ticket_id, memo)


async def wallet_payment(invoice: Invoice) -> Payment | None:
    """LNbits' payment of the invoice, in the wallet that it was made for: others may have some under the same hash."""
    return await get_standalone_payment(invoice.payment_hash, incoming=True, wallet_id=invoice.wallet)


async def find_payments(ticket_id: str) -> None:
    """LNbits tells an extension once that an invoice was paid; a server that stopped in between is made up for here."""
    for invoice in await get_ticket_invoices(ticket_id):
        payment = await wallet_payment(invoice)
        if payment and payment.success:
            await set_ticket_paid(payment)


async def set_ticket_paid(payment: Payment) -> None:
    """A payment is for what its invoice was made for, as stored here. Others are not ours, whatever they say."""
    invoice = await get_invoice(payment.payment_hash)
    if not invoice or payment.wallet_id != invoice.wallet or not payment.is_in or not payment.success:
        return
    # Where there was no record, only the note remembers that it goes back.
    if await is_refunded(invoice.payment_hash):
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
    """What this release owes, in the currency's smallest unit: the same when it is asked again by its id."""

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
