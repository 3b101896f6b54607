from lnbits.core.models import Payment

from .crud import desk, get_ticket
from .services import set_ticket_paid


async def on_invoice_paid(payment: Payment) -> None:
    paid = await desk.paid(payment)
    ticket = await get_ticket(payment.payment_hash)
    if not ticket:
        return
    ticket = await set_ticket_paid(ticket, paid)
