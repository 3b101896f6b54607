"""The desk's own tables, and how they follow the records: in the transaction of every plan."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lnbits.db import Connection, Database
from sqlalchemy.sql import text

from ..aio import Document
from ..sql import OnDrift
from ._statements import STATEMENTS
from ._store import LnbitsStore

# The reasons after which the money goes back. After the others the host keeps it, or has lost it already.
PAID_BACK = ("buyer_released", "exchanged", "organizer_cancelled", "refunded")


class Closed(Exception):
    """The event is cancelled."""


class SoldOut(Exception):
    """The wave has no seat left."""


class GoneBack(Exception):
    """The payment goes back, as the desk has said before; or `sweep` has, and then the ticket's row may be gone."""


@dataclass(frozen=True)
class Place:
    """A new order, or a changed one, as `DeskStore.place` stores it."""

    id: str
    event_id: str
    ticket_type: str
    claim: str
    seats: int | None


class DeskStore(LnbitsStore):
    """The store whose every plan also writes the desk's tables, and the column `paid` of the extension's tickets."""

    def __init__(self, db: Database, tickets: str | None, on_drift: OnDrift) -> None:
        super().__init__(db, on_drift=on_drift)
        self._tickets = tickets

    async def commit(
        self, ops: Sequence[Document], write: Callable[[Connection, list[Document]], Awaitable[object]] | None = None
    ) -> bool:
        async def both(transaction: Connection, redemptions: list[Document]) -> None:
            if write is not None:
                await write(transaction, redemptions)
            for redemption in redemptions:
                await self._follow(transaction, redemption)

        return await super().commit(ops, both)

    async def run(self, transaction: Connection, name: str, **values: Any) -> Any:
        # Not with `transaction.execute`, which removes what looks like HTML from an id.
        return await transaction.conn.execute(self.statement(STATEMENTS[name]), values)

    async def rows(self, name: str, **values: Any) -> list[Any]:
        async with self._connect() as connection:
            return list(await self.run(connection, name, **values))

    async def change(self, name: str, **values: Any) -> bool:
        """Runs one statement in a transaction of its own, and says whether it changed a row."""
        async with self.transaction() as transaction:
            return bool((await self.run(transaction, name, **values)).rowcount == 1)

    async def place(self, transaction: Connection, place: Place) -> None:
        await self._lock_event(transaction, place.event_id)
        wave = {"event_id": place.event_id, "ticket_type": place.ticket_type}
        await self.run(transaction, "set_seats", **wave, seats=place.seats)
        await self.run(transaction, "place", **wave, id=place.id, claim=place.claim, now_ms=now_ms())

    async def mark_paid(self, transaction: Connection, order_id: str, ticket_id: str | None) -> None:
        """Writes the column `paid` of all of the order's tickets: only `ticket_id` is paid."""
        if self._tickets:
            paid = "CASE WHEN id = :ticket_id THEN TRUE ELSE FALSE END"
            which = "id IN (SELECT id FROM redeemable_payments WHERE order_id = :order_id)"
            statement = self.statement(f"UPDATE {self._tickets} SET paid = {paid} WHERE {which}")
            await transaction.conn.execute(statement, {"ticket_id": ticket_id or "", "order_id": order_id})

    async def write_ticket(self, columns: dict[str, Any]) -> None:
        fields = ", ".join(f'"{name}" = :{name}' for name in columns)
        async with self.transaction() as transaction:
            # Not with LNbits' `execute`, which removes what looks like HTML.
            await transaction.conn.execute(text(f"UPDATE {self._tickets} SET {fields} WHERE id = :id"), columns)

    async def sold(self, event_id: str) -> int:
        async with self._connect() as connection:
            count = (await self.run(connection, "sold", event_id=event_id)).scalar()
            if self._tickets:
                old = f"SELECT COUNT(*) FROM {self._tickets} WHERE event = :event_id AND paid = TRUE"
                old += " AND id NOT IN (SELECT id FROM redeemable_payments WHERE event_id = :event_id)"
                count += (await connection.conn.execute(self.statement(old), {"event_id": event_id})).scalar()
        return int(count)

    async def _follow(self, transaction: Connection, redemption: Document) -> None:
        """The desk's rows become what the record says.

        A plan may change other buyers' orders, too: it may release lapsed holds.
        """
        order_id, state = redemption["id"], redemption["state"]
        before = (await self.run(transaction, "order", id=order_id)).first()
        if before is None:
            return  # It was not sold at the desk.
        had_seat = before.state == "confirmed" or (before.state == "held" and before.expires_at_ms > now_ms())
        await self.run(transaction, "follow", id=order_id, state=state, expires_at_ms=redemption.get("expires_at_ms"))
        if state != "released" and not had_seat:
            await self._take_seat(transaction, before.event_id, before.ticket_type)
        kept = await self._settle(transaction, redemption)
        standing = kept or before.ticket_id
        if kept and kept != before.ticket_id:
            await self.run(transaction, "standing", id=order_id, ticket_id=kept)
        await self.mark_paid(transaction, order_id, standing if state == "confirmed" else None)

    async def _settle(self, transaction: Connection, redemption: Document) -> str | None:
        """The desk's payments become what the record noted; the id of the one that was kept."""
        outcomes = {row.id: row.outcome for row in await self.run(transaction, "payments", order_id=redemption["id"])}
        kept: str | None = None
        for payment in redemption.get("payments") or []:
            id, outcome = payment["id"], payment["outcome"]
            if outcome == "kept":
                kept = id
            if id not in outcomes or outcomes[id] == outcome:
                continue
            done = await self.run(transaction, "keep" if outcome == "kept" else "give_back", id=id)
            if done.rowcount != 1:
                raise GoneBack
        reasons = [ticket["released"]["reason"] for ticket in redemption["tickets"] if ticket.get("released")]
        if kept and redemption["state"] == "released" and reasons[0] in PAID_BACK:
            await self.run(transaction, "owe", id=kept)
        return kept

    async def _take_seat(self, transaction: Connection, event_id: str, ticket_type: str) -> None:
        await self._lock_event(transaction, event_id)
        limits = await self.run(transaction, "seats", event_id=event_id)
        limit = {row.ticket_type: row.seat_limit for row in limits}.get(ticket_type)
        if limit is not None:
            taken = await self.run(transaction, "taken", event_id=event_id, now_ms=now_ms())
            if sum(row.seats for row in taken if row.ticket_type == ticket_type) > limit:
                raise SoldOut

    async def _lock_event(self, transaction: Connection, event_id: str) -> None:
        """The transactions that take a seat at the event wait for each other from here on."""
        if (await self.run(transaction, "lock_event", event_id=event_id)).rowcount != 1:
            raise Closed


def now_ms() -> int:
    return time.time_ns() // 1_000_000
