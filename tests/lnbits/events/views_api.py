from datetime import date, datetime, timezone
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from lnbits.core.crud import get_user
from lnbits.core.crud.wallets import get_wallet
from lnbits.core.models import WalletTypeInfo
from lnbits.core.models.payments import CreateInvoice
from lnbits.core.services import create_payment_request
from lnbits.decorators import require_admin_key, require_invoice_key
from lnbits.helpers import urlsafe_short_hash
from lnbits.settings import settings
from lnbits.utils.exchange_rates import fiat_amount_as_satoshis, satoshis_amount_as_fiat
from redeemable.lnbits import Finding, Refund, Sale, identities

from .crud import (
    create_event,
    create_ticket,
    delete_event,
    delete_event_tickets,
    delete_ticket,
    desk,
    get_event,
    get_event_tickets,
    get_events,
    get_ticket,
    purge_unpaid_tickets,
    update_event,
    update_ticket,
)
from .models import (
    CreateEvent,
    CreateTicket,
    Event,
    PreviewTicket,
    PublicEvent,
    PublicTicket,
    Ticket,
    TicketPaymentRequest,
    TicketWave,
    ensure_ticket_waves,
    get_active_ticket_waves,
)
from .services import (
    create_satspay_charge,
    get_satspay_charge,
    refund_tickets,
    send_ticket_notification,
    set_charge_paid,
    set_ticket_paid,
)

events_api_router = APIRouter(prefix="/api/v1/events")
tickets_api_router = APIRouter(prefix="/api/v1/tickets")


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


async def open_wave(event_id: str, data: PreviewTicket | CreateTicket) -> tuple[Event, TicketWave]:
    event = await get_event(event_id)
    if not event:
        raise HTTPException(404, "Event does not exist.")
    if event.canceled:
        raise HTTPException(410, "Event is canceled.")
    # The wave that is asked for may be sold out, and the desk says so in the buyer's language.
    waves = [wave for wave in ensure_ticket_waves(event) if wave.id == data.ticket_wave_id]
    waves = waves or (get_active_ticket_waves(event) or ensure_ticket_waves(event))[:1]
    if data.ticket_wave_id and waves[0].id != data.ticket_wave_id:
        raise HTTPException(400, "Invalid ticket wave selected.")
    today = datetime.now(timezone.utc).date()
    if not date.fromisoformat(waves[0].opening_date) <= today <= date.fromisoformat(waves[0].closing_date):
        raise HTTPException(410, "No ticket wave is currently open.")
    return event, waves[0]


@events_api_router.get("")
async def api_events(key_info: WalletTypeInfo = Depends(require_invoice_key)) -> list[Event]:
    """The events of all the user's wallets."""
    user = await get_user(key_info.wallet.user)
    return await get_events(user.wallet_ids if user else [])


@events_api_router.get("/{event_id}", response_model=PublicEvent)
async def api_get_event(event_id: str) -> Event:
    event = await get_event(event_id)
    if not event:
        raise HTTPException(404, "Event does not exist.")
    await purge_unpaid_tickets()
    is_closed = date.fromisoformat(event.closing_date) < datetime.now(timezone.utc).date()
    if event.extra.conditional and event.sold < event.extra.min_tickets and is_closed:
        await cancel_event(event)
    if event.canceled:
        raise HTTPException(410, "Event is canceled.")
    if not get_active_ticket_waves(event):
        raise HTTPException(410, "Event is sold out.")
    return event


@events_api_router.post("")
@events_api_router.put("/{event_id}")
async def api_event_create(
    data: CreateEvent, event_id: str | None = None, key_info: WalletTypeInfo = Depends(require_admin_key)
) -> Event:
    if data.wallet != key_info.wallet.id:
        raise HTTPException(403, "Not your wallet.")
    # A mistake in a code is named now, and not when somebody wants to buy.
    await desk.check(data.extra, ensure_ticket_waves(data))
    if event_id is None:
        return await create_event(data)
    event = await own_event(event_id, key_info)
    changes = {**event.dict(), **data.dict(), "canceled": event.canceled, "sold": event.sold}
    return await update_event(Event(**changes))


@events_api_router.post("/check")
async def api_event_check(data: CreateEvent, key_info: WalletTypeInfo = Depends(require_admin_key)) -> list[Finding]:
    return await desk.check(data.extra, ensure_ticket_waves(data))


async def cancel_event(event: Event) -> None:
    event.canceled = True
    await update_event(event)
    await desk.cancel(event.id)
    await refund_tickets(event.id)


@events_api_router.put("/{event_id}/cancel")
async def api_event_cancel(event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)) -> Event:
    event = await own_event(event_id, key_info)
    await cancel_event(event)
    return event


@events_api_router.delete("/{event_id}")
async def api_form_delete(event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)) -> None:
    await cancel_event(await own_event(event_id, key_info))
    await delete_event(event_id)
    await delete_event_tickets(event_id)


@events_api_router.get("/{event_id}/tickets")
async def api_event_tickets(event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)) -> list[Ticket]:
    await own_event(event_id, key_info)
    return await get_event_tickets(event_id)


@events_api_router.get("/{event_id}/refunds")
async def api_event_refunds(event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)) -> list[Refund]:
    await own_event(event_id, key_info)
    return await desk.refunds(event_id)


@events_api_router.get("/{event_id}/report")
async def api_event_report(event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)) -> dict[str, Any]:
    event = await own_event(event_id, key_info)
    return {**await desk.report(event_id), "uses": await desk.uses(event_id, event.extra)}


@tickets_api_router.post("/{event_id}/preview")
async def api_ticket_preview(event_id: str, data: PreviewTicket, request: Request) -> dict[str, Any]:
    event, wave = await open_wave(event_id, data)
    language = request.headers.get("accept-language")
    price = await desk.preview(event.id, event.extra, wave, data.promo_code, language=language)
    return {"price": price.price, "full_price": price.full_price, "currency": price.currency, "code": price.code}


@tickets_api_router.post("/{event_id}")
async def api_ticket_create(event_id: str, data: CreateTicket, request: Request) -> TicketPaymentRequest:
    event, wave = await open_wave(event_id, data)
    payment_method: Any = (data.payment_method or "lightning").lower()
    if payment_method not in ("lightning", "fiat", "onchain"):
        raise HTTPException(400, "Unsupported payment method.")
    if payment_method == "fiat" and not wave.allow_fiat:
        raise HTTPException(400, "Fiat payments are not enabled for this event.")
    sale = await desk.sell(
        event.id,
        event.extra,
        wave,
        data.promo_code,
        identities(email=data.email, nip05=data.nostr_identifier),
        method=payment_method,
        seats=wave.amount_tickets,
        order_id=str(data.order_id) if data.order_id else None,
        language=request.headers.get("accept-language"),
    )
    if not sale.is_new:
        return await issued_before(sale)
    async with desk.dropped_on_error(sale):
        return await issue_ticket(event, wave, data, sale, str(request.base_url).rstrip("/"))


async def issued_before(sale: Sale) -> TicketPaymentRequest:
    ticket = await get_ticket(sale.ticket_id or "")
    if not ticket:
        raise HTTPException(409, "This order was taken back.")
    if sale.paid:
        return TicketPaymentRequest(payment_hash=ticket.id, paid=True)
    return payment_request(ticket)


async def issue_ticket(
    event: Event, wave: TicketWave, data: CreateTicket, sale: Sale, base_url: str
) -> TicketPaymentRequest:
    extra: dict[str, Any] = {
        "applied_promo_code": sale.code,
        "ticket_wave_id": wave.id,
        "refund_address": data.refund_address,
        "nostr_identifier": data.nostr_identifier,
        "onchain": sale.method == "onchain",
    }
    price, unit, wallet_id = sale.price, sale.currency, event.wallet
    wallet = await get_wallet(event.wallet)
    if not wallet:
        raise HTTPException(404, "Event wallet does not exist.")
    if sale.is_free:
        ticket_id = sale.order_id
    elif sale.method == "onchain":
        ticket_id = urlsafe_short_hash()
        sats = int(price if unit == "sat" else await fiat_amount_as_satoshis(price, unit))
        webhook = f"{base_url}/events/api/v1/tickets/{ticket_id}/satspay-webhook"
        charge = await create_satspay_charge({"amount": sats, "webhook": webhook, "time": sale.expiry // 60})
        extra |= {"sats_paid": sats, "satspay_charge_id": charge["id"]}
    else:
        provider = None
        if sale.method == "fiat":
            providers = settings.get_fiat_providers_for_user(wallet.user)
            provider = data.fiat_provider or (providers[0] if providers else None)
            if not provider:
                raise HTTPException(400, "No fiat payment provider configured for this event.")
            if unit == "sat":
                price, unit = await satoshis_amount_as_fiat(price, wave.fiat_currency), wave.fiat_currency
        invoice = CreateInvoice(
            out=False,
            amount=price,
            unit=unit,
            fiat_provider=provider,
            memo=event.name,
            # The hold ends after the invoice, never before it: somebody may be paying.
            expiry=sale.expiry,
            extra={"tag": "events"},
        )
        payment = await create_payment_request(event.wallet, invoice)
        # The event's wallet may be one that another user shares.
        ticket_id, wallet_id = payment.payment_hash, payment.wallet_id
        request = payment.extra.get("fiat_payment_request") or payment.bolt11
        extra |= {"sats_paid": payment.sat, "payment_request": request}
    ticket = await create_ticket(ticket_id, event.wallet, event.id, data.name, data.email, extra)
    await desk.issued(sale, ticket_id, wallet_id)
    if sale.is_free:
        await send_ticket_notification(ticket_id)
        return TicketPaymentRequest(payment_hash=ticket_id, paid=True)
    return payment_request(ticket)


def payment_request(ticket: Ticket) -> TicketPaymentRequest:
    extra = ticket.extra
    return TicketPaymentRequest(
        payment_hash=ticket.id,
        payment_request=extra.payment_request,
        onchain_amount_sat=extra.sats_paid if extra.onchain else None,
        satspay_charge_url=f"/satspay/{extra.satspay_charge_id}" if extra.satspay_charge_id else None,
    )


@tickets_api_router.get("/{ticket_id}", response_model=PublicTicket)
async def api_get_ticket(ticket_id: str) -> Ticket:
    # LNbits tells an extension once that an invoice was paid; a server that stopped in between is made up for here.
    await set_ticket_paid(ticket_id)
    ticket = await get_ticket(ticket_id)
    if not ticket:
        raise HTTPException(404, "Ticket does not exist.")
    return ticket


@tickets_api_router.delete("/{ticket_id}")
async def api_ticket_delete(
    ticket_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)
) -> dict[str, float | None]:
    ticket = await own_ticket(ticket_id, key_info)
    refundable = await desk.release(ticket.id, "organizer_cancelled")
    if refundable is None:
        # It was sold before there was a desk. The others' rows stay as long as a payment may come or go back.
        await delete_ticket(ticket.id)
    return {"refundable": refundable}


@tickets_api_router.post("/{ticket_id}/satspay-webhook")
async def api_ticket_satspay_webhook(ticket_id: str) -> None:
    """Anybody may call it: whether the charge is paid, its server says."""
    ticket = await get_ticket(ticket_id)
    if not ticket or not ticket.extra.satspay_charge_id:
        raise HTTPException(404, "Ticket does not exist.")
    if (await get_satspay_charge(ticket.extra.satspay_charge_id)).get("paid"):
        await set_charge_paid(ticket_id)


@tickets_api_router.put("/{ticket_id}/onchain-confirm")
async def api_ticket_onchain_confirm(ticket_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)) -> Ticket:
    ticket = await own_ticket(ticket_id, key_info)
    if not ticket.extra.onchain:
        raise HTTPException(400, "Ticket is not an onchain payment.")
    await set_charge_paid(ticket_id)
    return await own_ticket(ticket_id, key_info)


@tickets_api_router.post("/{ticket_id}/resend-email")
async def api_ticket_resend_email(ticket_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)) -> Ticket:
    ticket = await own_ticket(ticket_id, key_info)
    if not ticket.paid:
        raise HTTPException(403, "Only paid tickets can be resent by email.")
    ticket.extra.email_notification_sent = True
    return await update_ticket(ticket)


@tickets_api_router.put("/register/{ticket_id}", response_model=PublicTicket)
async def api_event_register_ticket(ticket_id: str) -> Ticket:
    ticket = await get_ticket(ticket_id)
    if not ticket:
        raise HTTPException(404, "Ticket does not exist.")
    if not ticket.paid:
        raise HTTPException(403, "Ticket not paid for.")
    if ticket.registered:
        raise HTTPException(403, "Ticket already registered.")
    ticket.registered = True
    ticket.reg_timestamp = datetime.now(timezone.utc)
    return await update_ticket(ticket)
