"""For extensions of LNbits that sell tickets: a desk for their endpoints, and the store below it.

    from lnbits.db import Database
    from redeemable.lnbits import Desk, identities

    db = Database("ext_events")
    desk = Desk(db, tickets="events.ticket")

    async with desk.dropped_on_error():
        sale = await desk.sell(event.id, event.extra, wave, data.promo_code, identities(email=data.email))
        payment = await create_invoice(wallet_id=event.wallet, amount=sale.price, currency=wave.currency, ...)
        await create_ticket(id=payment.payment_hash, paid=False, ...)
        await desk.issued(sale, payment.payment_hash, payment.wallet_id)

`Desk` says what each of its functions does. `LnbitsStore` is the store for the functions of `redeemable.aio`. The
database may be on SQLite or PostgreSQL; `migrate` makes the tables in the extension's own schema, beside its tables.
"""

from ._answers import CodeReport, Paid, Price, Refund, Report, Sale, Uses, WaveReport
from ._buyers import identities
from ._desk import Desk
from ._documents import Finding, Wave
from ._public import public_extra
from ._store import LnbitsStore, migrate
from ._units import hold_until_ms, invoice_expiry, major_units, minor_units

__all__ = [
    "CodeReport",
    "Desk",
    "Finding",
    "LnbitsStore",
    "Paid",
    "Price",
    "Refund",
    "Report",
    "Sale",
    "Uses",
    "Wave",
    "WaveReport",
    "hold_until_ms",
    "identities",
    "invoice_expiry",
    "major_units",
    "migrate",
    "minor_units",
    "public_extra",
]
