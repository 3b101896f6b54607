"""What the databases of the shop and of LNbits say, and how a test changes that: as time or the host would."""

import json
import time
from typing import Any

from ledger import Ledger
from server import Outside, Wallets


class Books:
    def __init__(self, wallets: Wallets, ledger: Ledger) -> None:
        self.wallets = wallets
        self.ledger = ledger

    def tell(self, sale: dict[str, Any], extra: dict[str, Any]) -> None:
        """Changes the notes in a payment, as the wallet's owner can."""
        self._rewrite_payment(sale, "extra", json.dumps(extra))

    def move(self, sale: dict[str, Any], payee: str) -> None:
        """Gives the invoice to another wallet."""
        self._rewrite_payment(sale, "wallet_id", getattr(self.wallets, payee)["id"])

    def paid_back(self, buyer: str) -> list[int]:
        """How many sats have arrived at the buyer, payment by payment."""
        rows = self.ledger.core_rows(
            f"SELECT amount FROM apipayments WHERE memo = 'refund {buyer}' AND amount > 0 AND status = 'success'"
        )
        return [amount // 1000 for (amount,) in rows]

    def order(self, ticket: str) -> str:
        """The order of a ticket: its id is the payment hash, which is younger than the order."""
        mark, schema = self.ledger.placeholder, self.ledger.schema
        [(order,)] = self.ledger.rows(f"SELECT order_id FROM {schema}redeemable_payments WHERE id = {mark}", ticket)
        return str(order)

    def record(self, sale: dict[str, Any]) -> dict[str, Any]:
        order = self.order(sale["payment_hash"])
        mark, schema = self.ledger.placeholder, self.ledger.schema
        text = f"SELECT CAST(document AS text) FROM {schema}redeemable_redemptions WHERE id = {mark}"
        [(document,)] = self.ledger.rows(text, order)
        return dict(json.loads(document))

    def set_times(self, sale: dict[str, Any], **fields: int) -> None:
        """Changes the times in a record, as if the order had been placed at another time."""
        order = self.order(sale["payment_hash"])
        self.ledger.rewrite(order, **fields)
        column = f"expires_at_ms = {fields['expires_at_ms']}"
        tables = (f"{self.ledger.schema}redeemable_{name}" for name in ("orders", "held"))
        self.ledger.write(*(f"UPDATE {table} SET {column} WHERE id = '{order}'" for table in tables))

    def lapse(self, sale: dict[str, Any]) -> None:
        """Makes the order's hold lapse; a payment may still be under way."""
        self.set_times(sale, expires_at_ms=int(time.time() * 1000) - 1)

    def lapse_if_held(self, sale: dict[str, Any]) -> None:
        """Like `lapse`, while others sell, pay and release: in one transaction, and only what is held."""
        self.ledger.lapse(self.order(sale["payment_hash"]), int(time.time() * 1000) - 1)

    def age(self, sale: dict[str, Any]) -> None:
        """Makes the invoice two days older: nobody can pay it any more, and `sweep` may say so."""
        days = 2 * 24 * 3600 * 1000
        self.ledger.write(
            f"UPDATE {self.ledger.schema}redeemable_payments SET ends_at_ms = ends_at_ms - {days} "
            f"WHERE id = '{sale['payment_hash']}'"
        )

    def expire(self, sale: dict[str, Any]) -> None:
        """Makes the invoice expire, as LNbits does when it looks through invoices that wait."""
        self._rewrite_payment(sale, "status", "failed")

    def miss(self, sale: dict[str, Any]) -> None:
        """Pays as if LNbits had stopped before it reported the payment: LNbits knows of it, its listeners do not."""
        self._rewrite_payment(sale, "status", "success")

    def _rewrite_payment(self, sale: dict[str, Any], column: str, value: str) -> None:
        which = f"payment_hash = '{sale['payment_hash']}'"
        self.ledger.write_core(f"UPDATE apipayments SET {column} = '{value}' WHERE {which}")

    def _state(self, ticket: str) -> str:
        schema = self.ledger.schema
        [(state, standing, paid)] = self.ledger.rows(
            f"""
            SELECT redemption.state, ordered.ticket_id, ticket.paid FROM {schema}redeemable_payments AS payment
            JOIN {schema}redeemable_orders AS ordered ON ordered.id = payment.order_id
            JOIN {schema}redeemable_redemptions AS redemption ON redemption.id = payment.order_id
            LEFT JOIN {schema}ticket AS ticket ON ticket.id = payment.id
            WHERE payment.id = {self.ledger.placeholder}
            """,
            ticket,
        )
        found = {"confirmed": "paid"}.get(state, state) if standing == ticket or state == "released" else "stale"
        # None: the row was deleted, because nobody can pay for it any more.
        assert paid is None or bool(paid) == (found == "paid")
        return str(found)

    def sent(self, event: str) -> list[tuple[Any, ...]]:
        """What was sent about the event's tickets: tickets to their buyers, and refunds."""
        schema, mark = self.ledger.schema, self.ledger.placeholder
        which = f"SELECT id FROM {schema}ticket WHERE event = {mark}"
        return sorted(self.ledger.rows(f"SELECT what, ticket FROM {schema}sent WHERE ticket IN ({which})", event))

    def tickets(self, event: str) -> list[tuple[Any, ...]]:
        """Every invoice and charge of the event's orders: (id, order, state, the order's ticket, outcome, owed, total,
        `paid` in the ticket's row or None)."""
        schema = self.ledger.schema
        return self.ledger.rows(
            f"""
            SELECT payment.id, payment.order_id, ordered.state, ordered.ticket_id, payment.outcome, payment.owed,
                payment.total, ticket.paid
            FROM {schema}redeemable_payments AS payment
            JOIN {schema}redeemable_orders AS ordered ON ordered.id = payment.order_id
            LEFT JOIN {schema}ticket AS ticket ON ticket.id = payment.id
            WHERE payment.event_id = {self.ledger.placeholder}
            """,
            event,
        )

    def stray_tickets(self, event: str) -> list[Any]:
        """The paid rows that no payment or free order explains."""
        schema = self.ledger.schema
        rows = self.ledger.rows(f"SELECT id, paid FROM {schema}ticket WHERE event = {self.ledger.placeholder}", event)
        known = {row[0] for row in self.tickets(event)}
        return [id for id, paid in rows if paid and id not in known]

    def has_arrived(self, ticket: str) -> bool:
        """Whether LNbits has received the payment, or the server of charges the charge."""
        rows = self.ledger.core_rows(
            f"SELECT status FROM apipayments WHERE payment_hash = '{ticket}' AND amount > 0 "
            f"AND wallet_id = '{self.wallets.organiser['id']}'"
        )
        charges = [charge for charge in Outside.charges.values() if f"/{ticket}/" in charge.get("webhook", "")]
        return ("success",) in rows or any(charge["paid"] for charge in charges)
