"""The money: payments that arrive, tickets that are taken back, and what goes back to the buyers."""

from typing import Any

from lnbits.core.crud import get_standalone_payment
from lnbits.core.models import Payment
from lnbits.db import model_to_dict
from loguru import logger
from pydantic import BaseModel

from .. import aio
from ..types import PaymentReport, ReleaseReason
from ._answers import Paid, Refund
from ._tables import Closed, DeskStore, GoneBack, SoldOut, now_ms
from ._units import DAY, major_units


class Till:
    store: DeskStore

    async def paid(self, payment: Payment | str) -> Paid | None:
        """A payment of LNbits has arrived; or, with the id of a ticket, look whether it has. None: not for a ticket.

        The payment may be any that LNbits reports. It counts by its hash, in the wallet for which its invoice was made,
        whatever its `extra` says. It may be reported any number of times.
        """
        id = payment if isinstance(payment, str) else payment.payment_hash
        for row in await self.store.rows("payment", id=id):
            if row.outcome in ("kept", "returned"):
                return Paid(id, row.outcome == "kept", False)
            if row.method == "onchain":
                return None
            found = await self._payment(row) if isinstance(payment, str) else payment
            if found and found.wallet_id == row.wallet_id and found.is_in and found.success:
                return await self._arrived(row)
        return None

    async def charge_paid(self, ticket_id: str) -> Paid | None:
        """The on-chain charge of this ticket is paid: the host has asked the server of the charge, or its organiser.

        None: no ticket of the desk has such a charge.
        """
        for row in await self.store.rows("payment", id=ticket_id):
            if row.method == "onchain":
                return await self._arrived(row)
        return None

    async def has(self, ticket_id: str) -> bool:
        """Whether the desk sold the ticket. If not, it is from before the desk, and the extension treats it as then."""
        return bool(await self.store.rows("payment", id=ticket_id))

    async def update_ticket(self, ticket: BaseModel) -> None:
        """Writes the ticket's whole row, as `db.update` does, but `paid` only if the desk did not sell the ticket.

        The copy in `ticket` may be old: somebody may have paid or released the ticket meanwhile.
        """
        columns = model_to_dict(ticket)
        if await self.has(columns["id"]):
            del columns["paid"]
        await self.store.write_ticket(columns)

    async def _arrived(self, row: Any) -> Paid:
        report: PaymentReport = {"id": row.id, "total": row.total, "currency": row.currency}
        try:
            answer = await aio.confirm(self.store, row.order_id, report)
        except (Closed, GoneBack, SoldOut):
            answer = None
        if answer and answer["money"] == "kept":
            return Paid(row.id, True, answer["status"] == "confirmed")
        if await self.store.change("give_back", id=row.id):
            logger.warning(f"payment {row.id} goes back: {answer['status'] if answer else row.outcome}")
        # Of two reports at once, the other one may have kept it.
        [row] = await self.store.rows("payment", id=row.id)
        return Paid(row.id, row.outcome == "kept", False)

    async def _payment(self, row: Any) -> Payment | None:
        """LNbits' payment, in the wallet that its invoice was made for: others may have some under the same hash."""
        return await get_standalone_payment(row.id, incoming=True, wallet_id=row.wallet_id)

    async def release(self, ticket_id: str, reason: ReleaseReason = "organizer_cancelled") -> float | None:
        """Takes the ticket back, and says how much money goes back (see `refunds`), in the currency of its wave.

        Uses and seats are free again, for the reasons that give them back. Asked again, the answer is the same. None:
        it was sold before there was a desk, and the host deletes it as before.
        """
        for payment in await self.store.rows("payment", id=ticket_id):
            for order in await self.store.rows("order", id=payment.order_id):
                # An earlier invoice of a changed order is no ticket, and takes nothing back.
                if order.ticket_id == ticket_id:
                    await aio.release(self.store, order.id, reason)
            [payment] = await self.store.rows("payment", id=ticket_id)
            return major_units(payment.owed, payment.currency)
        return None

    async def cancel(self, event_id: str) -> None:
        """Ends the event: no sale and no payment after it, and every ticket is taken back as `organizer_cancelled`.

        It may be called again, if it was interrupted.
        """
        await self.store.change("close_event", event_id=event_id)
        for row in await self.store.rows("live_orders", event_id=event_id):
            await aio.release(self.store, row.id, "organizer_cancelled")

    async def sweep(self) -> list[str]:
        """Releases what was held too long, and returns the ids of tickets that nobody can pay any more.

        Their rows may be deleted. No limit depends on when it is called.
        """
        await aio.sweep(self.store)
        over = await self.store.rows("open", before_ms=now_ms() - DAY * 1000)
        return [row.id for row in over if await self.store.change("close", id=row.id)]

    async def refunds(self, event_id: str) -> list[Refund]:
        """The payments that go back to their buyers: late ones, surplus ones, and those of tickets taken back."""
        return [
            Refund(
                ticket_id=row.id,
                amount=major_units(row.owed, row.currency),
                currency=row.currency,
                done=bool(row.refunded),
            )
            for row in await self.store.rows("owed", event_id=event_id)
        ]

    async def refunded(self, ticket_id: str, done: bool = True) -> bool:
        """Notes that the payment goes back now. True once: call it before the money is sent, and send it if true.

        If sending it failed, call it with `done` false.
        """
        return await self.store.change("refund", id=ticket_id, done=done)
