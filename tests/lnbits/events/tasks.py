from lnbits.core.models import Payment

from .services import set_ticket_paid


async def on_invoice_paid(payment: Payment) -> None:
    if payment.extra and payment.extra.get("tag") == "events" and payment.extra.get("order_id"):
        await set_ticket_paid(payment)
