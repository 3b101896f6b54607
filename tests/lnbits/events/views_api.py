from datetime import datetime, timezone
from http import HTTPStatus
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
from redeemable.lnbits import Finding, Price, Report, identities

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
    send_ticket_notification_in_background,
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


def selected(event: Event, wave_id: str | None) -> TicketWave:
    waves = get_active_ticket_waves(event)
    if not waves:
        raise HTTPException(410, "No ticket wave is currently open.")
    if not wave_id and len(waves) == 1:
        return waves[0]
    for wave in waves:
        if wave.id == wave_id:
            return wave
    raise HTTPException(400, "Please select a ticket wave.")


@events_api_router.get("")
async def api_events(
    key_info: WalletTypeInfo = Depends(require_invoice_key),
) -> list[Event]:
    """The events of all the user's wallets."""
    user = await get_user(key_info.wallet.user)
    return await get_events(user.wallet_ids if user else [])


@events_api_router.get("/{event_id}", response_model=PublicEvent)
async def api_get_event(event_id: str) -> Event:
    event = await get_event(event_id)
    if not event:
        raise HTTPException(404, "Event does not exist.")
    await purge_unpaid_tickets()
    is_closed = event.closing_date < datetime.now(timezone.utc).date().isoformat()
    too_few = event.extra.conditional and event.sold < event.extra.min_tickets
    if too_few and is_closed:
        await cancel_event(event)
    if event.canceled:
        raise HTTPException(410, "Event is canceled.")
    if event.amount_tickets < 1:
        raise HTTPException(410, "Event is sold out.")
    if not get_active_ticket_waves(event):
        raise HTTPException(410, "No ticket wave is currently open.")
    return event


@events_api_router.post("")
@events_api_router.put("/{event_id}")
async def api_event_create(
    data: CreateEvent,
    event_id: str | None = None,
    wallet: WalletTypeInfo = Depends(require_admin_key),
) -> Event:
    await desk.check(data.extra, ensure_ticket_waves(data))
    if data.wallet != wallet.wallet.id:
        raise HTTPException(403, "Not your wallet.")
    if event_id is None:
        return await create_event(data)
    event = await own_event(event_id, wallet)
    kept = {"canceled": event.canceled, "sold": event.sold}
    return await update_event(Event(**{**event.dict(), **data.dict(), **kept}))


@events_api_router.post("/check", dependencies=[Depends(require_admin_key)])
async def api_event_check(data: CreateEvent) -> list[Finding]:
    return await desk.check(data.extra, ensure_ticket_waves(data))


@events_api_router.get("/{event_id}/report")
async def api_event_report(event_id: str, key=Depends(require_admin_key)) -> Report:
    event = await get_event(event_id)
    if not event or event.wallet != key.wallet.id:
        raise HTTPException(HTTPStatus.NOT_FOUND, "Event does not exist.")
    return await desk.report(event_id, event.extra)


async def cancel_event(event: Event) -> None:
    event.canceled = True
    await update_event(event)
    await refund_tickets(event.id)


@events_api_router.put("/{event_id}/cancel")
async def api_event_cancel(
    event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)
) -> Event:
    event = await own_event(event_id, key_info)
    await cancel_event(event)
    return event


@events_api_router.delete("/{event_id}")
async def api_form_delete(
    event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)
) -> None:
    await own_event(event_id, key_info)
    await desk.cancel(event_id)
    await delete_event(event_id)
    await delete_event_tickets(event_id)


@events_api_router.get("/{event_id}/tickets")
async def api_event_tickets(
    event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)
) -> list[Ticket]:
    await own_event(event_id, key_info)
    return await get_event_tickets(event_id)


@events_api_router.get("/{event_id}/refunds")
async def api_event_refunds(
    event_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)
) -> list[Any]:
    await own_event(event_id, key_info)
    return await desk.refunds(event_id)


@tickets_api_router.post("/{event_id}/preview")
async def api_ticket_preview(
    event_id: str, data: dict[str, str | None], request: Request
) -> Price:
    event = await get_event(event_id)
    if not event:
        raise HTTPException(HTTPStatus.NOT_FOUND, "Event does not exist.")
    for wave in get_active_ticket_waves(event):
        if wave.id == data.get("ticket_wave_id"):
            return await desk.preview(
                event.id, event.extra, wave, data.get("promo_code"), language=request
            )
    raise HTTPException(HTTPStatus.BAD_REQUEST, "Invalid ticket wave selected.")


@tickets_api_router.post("/{event_id}")
@desk.dropped_on_error()
async def api_ticket_create(
    event_id: str, data: CreateTicket, request: Request
) -> TicketPaymentRequest:
    event = await get_event(event_id)
    if not event:
        raise HTTPException(404, "Event does not exist.")
    if event.canceled:
        raise HTTPException(410, "Event is canceled.")
    email, nostr_identifier = data.email, data.nostr_identifier
    payment_method = (data.payment_method or "lightning").lower()
    if payment_method not in ("lightning", "fiat", "onchain"):
        raise HTTPException(400, "Unsupported payment method.")
    selected_wave = selected(event, data.ticket_wave_id)
    sale = await desk.sell(
        event.id,
        event.extra,
        selected_wave,
        data.promo_code,
        identities(email=email, nip05=nostr_identifier),
        method=payment_method,
        seats=selected_wave.amount_tickets,
        order_id=data.order_id,
        language=request,
    )
    if not sale.is_new:
        return TicketPaymentRequest(**{**sale.answer, "paid": sale.paid})
    price, promo_code, payment_method = sale.price, sale.code, sale.method
    currency, fiat_provider = sale.currency, None
    ticket_extra: dict[str, Any] = {
        "applied_promo_code": promo_code,
        "ticket_wave_id": selected_wave.id,
        "refund_address": data.refund_address,
        "nostr_identifier": nostr_identifier,
    }
    if payment_method != "fiat" and currency != "sat":
        price, currency = await fiat_amount_as_satoshis(price, currency), "sat"
    if payment_method == "onchain":
        ticket_id, sats = urlsafe_short_hash(), int(price)
        base = str(request.base_url).rstrip("/")
        webhook = f"{base}/events/api/v1/tickets/{ticket_id}/satspay-webhook"
        charge = await create_satspay_charge(
            {
                "amount": sats,
                "webhook": webhook,
                "time": sale.expiry // 60,
            }
        )
        ticket_extra |= {"satspay_charge_id": charge["id"], "sats_paid": sats}
        ticket_extra["onchain"] = True
        await create_ticket(
            ticket_id, event.wallet, event.id, data.name, email, ticket_extra
        )
        answer = TicketPaymentRequest(
            payment_hash=ticket_id,
            onchain_amount_sat=sats,
            satspay_charge_url=f"/satspay/{charge['id']}",
        )
        await desk.issued(sale, ticket_id, event.wallet, answer.dict())
        return answer
    if payment_method == "fiat":
        wallet = await get_wallet(event.wallet)
        providers = settings.get_fiat_providers_for_user(wallet.user) if wallet else []
        fiat_provider = data.fiat_provider or (providers[0] if providers else None)
        if not selected_wave.allow_fiat or not fiat_provider:
            raise HTTPException(400, "Fiat payments are not enabled for this event.")
        if currency == "sat":
            currency = selected_wave.fiat_currency
            price = await satoshis_amount_as_fiat(price, currency)
    payment = sale.free_payment(event.wallet) or await create_payment_request(
        wallet_id=event.wallet,
        invoice_data=CreateInvoice(
            out=False,
            amount=price,
            unit=currency,
            fiat_provider=fiat_provider,
            memo=event.name,
            expiry=sale.expiry,
            extra={"tag": "events"},
        ),
    )
    ticket_extra["sats_paid"] = payment.sat
    ticket = await create_ticket(
        payment.payment_hash, event.wallet, event.id, data.name, email, ticket_extra
    )
    fiat_url = payment.extra.get("fiat_payment_request")
    answer = TicketPaymentRequest(
        payment_hash=payment.payment_hash,
        paid=sale.is_free,
        payment_request=fiat_url or payment.bolt11 or None,
    )
    await desk.issued(sale, ticket.id, payment.wallet_id, answer.dict())
    if sale.is_free:
        send_ticket_notification_in_background(ticket)
    return answer


@tickets_api_router.get("/{ticket_id}", response_model=PublicTicket)
async def api_get_ticket(ticket_id: str) -> Ticket:
    ticket = await get_ticket(ticket_id)
    if not ticket:
        raise HTTPException(404, "Ticket does not exist.")
    paid = await desk.paid(ticket_id)
    return await set_ticket_paid(ticket, paid) if paid else ticket


@tickets_api_router.delete("/{ticket_id}")
async def api_ticket_delete(
    ticket_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)
) -> dict[str, float | None]:
    await own_ticket(ticket_id, key_info)
    if await desk.release(ticket_id) is None:
        await delete_ticket(ticket_id)
    return {"refundable": await desk.release(ticket_id)}


@tickets_api_router.post("/{ticket_id}/satspay-webhook")
async def api_ticket_satspay_webhook(ticket_id: str) -> None:
    """Anybody may call it: whether the charge is paid, its server says."""
    ticket = await get_ticket(ticket_id)
    if not ticket or not ticket.extra.satspay_charge_id:
        raise HTTPException(404, "Ticket does not exist.")
    if not (await get_satspay_charge(ticket.extra.satspay_charge_id)).get("paid"):
        return
    ticket = await set_ticket_paid(ticket, await desk.charge_paid(ticket.id))


@tickets_api_router.put("/{ticket_id}/onchain-confirm")
async def api_ticket_onchain_confirm(
    ticket_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)
) -> Ticket:
    ticket = await own_ticket(ticket_id, key_info)
    if not ticket.extra.onchain:
        raise HTTPException(400, "Ticket is not an onchain payment.")
    ticket = await set_ticket_paid(ticket, await desk.charge_paid(ticket.id))
    return ticket


@tickets_api_router.post("/{ticket_id}/resend-email")
async def api_ticket_resend_email(
    ticket_id: str, key_info: WalletTypeInfo = Depends(require_admin_key)
) -> Ticket:
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
