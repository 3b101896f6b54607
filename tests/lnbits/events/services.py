from typing import Any

from fastapi import HTTPException
from lnbits.core.crud import get_standalone_payment
from lnbits.core.models import Payment
from lnbits.core.services import create_invoice
from lnbits.db import Connection
from loguru import logger
from redeemable import aio
from redeemable.lnbits import hold_until_ms, identities, major_units, minor_units

from .crud import create_ticket, delete_ticket, get_ticket, keep_open, keep_payment_hash, refund_payment, refund_ticket, set_payment_hash, set_ticket_states, store
from .models import CreateTicket, Event, Ticket, TicketPaymentRequest


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
            "hold_until_ms": hold_until_ms() if event.hold_seconds is None else hold_until_ms(event.hold_seconds, grace=0),
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
                paid=False, released=False,
            ),
            transaction,
        )
        await set_ticket_states(transaction, redemptions)

    decision = await aio.redeem(store, request, write=write)
    if decision["status"] == "rejected":
        raise refusal(decision)
    ticket = await get_ticket(order_id)
    assert ticket
    payment = await ticket_invoice(event, ticket)
    if payment is None:
        return TicketPaymentRequest(ticket_id=order_id, paid=True)
    return TicketPaymentRequest(ticket_id=order_id, paid=False, payment_hash=payment.payment_hash, payment_request=payment.bolt11)


async def ticket_invoice(event: Event, ticket: Ticket) -> Payment | None:
    """One invoice per ticket: the same order asked again gets the same one, unless that has expired. None: nothing is left to pay."""
    if ticket.paid:
        return None
    earlier = await get_standalone_payment(ticket.payment_hash, incoming=True) if ticket.payment_hash else None
    if earlier and not earlier.is_expired:
        return earlier
    try:
        payment = await create_invoice(
            wallet_id=event.wallet,
            amount=major_units(ticket.price, event.currency),
            currency=event.currency,
            memo=event.name,
            extra={"tag": "events", "order_id": ticket.id, "total": ticket.price},
        )
    except Exception:
        # Nobody can pay for it, so it holds nothing.
        await aio.release(store, ticket.id, "payment_failed", write=set_ticket_states)
        raise
    if await set_payment_hash(ticket, payment.payment_hash):
        return payment
    # The same order asked twice at once, and the other one's invoice is kept; or an earlier invoice was paid meanwhile.
    latest = await get_ticket(ticket.id)
    assert latest
    return await ticket_invoice(event, latest)


async def set_ticket_paid(payment: Payment) -> None:
    """Payment arrived. Unless it is the one that confirms the ticket, the money goes back to the buyer."""
    order_id, total = payment.extra["order_id"], payment.extra["total"]

    async def write(transaction: Connection, redemptions: list[dict]) -> None:
        # An order that was changed and changed back has several invoices for its total, and any of them may be paid.
        await keep_payment_hash(order_id, payment.payment_hash, transaction)
        await set_ticket_states(transaction, redemptions)

    answer = await aio.confirm(store, order_id, total, write=write)
    status = answer and answer["status"]
    if status == "already_confirmed":
        ticket = await get_ticket(order_id)
        is_for_ticket = ticket is not None and ticket.payment_hash == payment.payment_hash
    else:
        is_for_ticket = status == "confirmed"
    if not is_for_ticket:
        logger.warning(f"payment {payment.payment_hash} goes back: {status}")
        await refund_payment(payment.payment_hash, order_id)


async def release_ticket(ticket_id: str, reason: str) -> None:
    async def write(transaction: Connection, redemptions: list[dict]) -> None:
        await refund_ticket(ticket_id, transaction)
        await set_ticket_states(transaction, redemptions)

    if await aio.release(store, ticket_id, reason, write=write) is None:
        # It was sold before there were records.
        await delete_ticket(ticket_id)


async def purge_unpaid_tickets() -> None:
    await aio.sweep(store, write=set_ticket_states)
