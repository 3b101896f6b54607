from lnbits.core.models import Payment

from .services import set_ticket_paid


async def on_invoice_paid(payment: Payment) -> None:
    await set_ticket_paid(payment)
