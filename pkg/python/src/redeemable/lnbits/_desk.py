"""What a ticket endpoint of LNbits needs: prices, sales, payments and releases."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any
from uuid import UUID

from lnbits.db import Connection, Database
from lnbits.helpers import urlsafe_short_hash
from loguru import logger

from .. import aio
from .._kit import kit
from ..aio import Document
from ..errors import EngineStopped, InvalidRequest
from ..sql import OnDrift
from ..types import Decision, ReleaseReason
from . import _documents
from ._answers import Price, Sale
from ._buyers import somebody
from ._documents import Wave, currency_of, unit_price
from ._office import Office
from ._sentences import Language, refusal, rejection
from ._store import warn
from ._tables import Closed, DeskStore, Place, SoldOut, now_ms
from ._units import DAY, hold_until_ms, invoice_expiry, major_units

# Fiat and on-chain charges live so long at their servers. A Lightning invoice lives as LNbits is set.
EXPIRY: dict[str, int | None] = {"lightning": None, "fiat": DAY, "onchain": DAY}
# Whoever makes an invoice has so many seconds for it. Then the next request for the same order makes one.
ISSUING = 15

# What is sold in the innermost `dropped_on_error`.
_selling: ContextVar[list[Sale] | None] = ContextVar("selling", default=None)


class Desk(Office):
    """Sells the tickets of an extension; one for each `Database`.

    The records, the counters and the desk's own tables are in the extension's database. `migrate` makes them.

    `tickets` names the extension's table of tickets (`events.ticket`), which has columns `id`, `event` and `paid`. The
    desk writes `paid` in the transaction that pays or releases a ticket, so nobody else may write that column (see
    `update_ticket`). A ticket's id is the id of its payment: the payment hash, or what `issued` was given.

    Every refusal is an `HTTPException` whose `detail` is a sentence in the buyer's language, which the pages of LNbits
    show: 409 for a code or a limit, 410 for what is sold out or cancelled, 503 if too many buy at once. `language` is
    a language, the header `Accept-Language`, or the request that has it: English, German or Spanish.

    An `event_id` is any text that names the event. `extra` is the event's `extra`: a model or a dict with `promo_codes`
    (models or dicts) and, if there is one, the engine's `policy` (a dict). What upstream's forms have stored does not
    stop sales: of two promotions with one code the first counts, a blank code never applies, a percent is rounded to
    four decimals, and a price to the currency's smallest unit. `check` tells of them.
    """

    def __init__(self, db: Database, *, tickets: str | None = None, on_drift: OnDrift = warn) -> None:
        self.store = DeskStore(db, tickets, on_drift)
        self.engine = kit(None, None, 1).engine

    async def preview(
        self,
        event_id: str,
        extra: Any,
        wave: Wave,
        code: str | None,
        buyer: Mapping[str, str] | None = None,
        *,
        language: Language = None,
    ) -> Price:
        """What a ticket would cost, for the page to show while the buyer types. It stores nothing.

        Without a `buyer` the price is that of somebody who has bought nothing yet and is on no list. Pass only
        identities that the host has verified: the answer tells what they have used.
        """
        try:
            documents = _documents.read(self.engine, extra)
            who = somebody(documents.policy) if buyer is None else buyer
            request = _request(documents, event_id, wave, code, who)
            decision = await aio.preview(self.store, request)
        except (EngineStopped, InvalidRequest) as error:
            raise _not_sold(event_id, error, language) from error
        if decision["status"] == "rejected":
            raise rejection(language, decision)
        return Price(**_price(decision))

    async def sell(
        self,
        event_id: str,
        extra: Any,
        wave: Wave,
        code: str | None,
        buyer: Mapping[str, str],
        *,
        method: str = "lightning",
        seats: int | None = None,
        order_id: UUID | str | None = None,
        language: Language = None,
    ) -> Sale:
        """Sells one ticket of the wave, or refuses. Call it before there is an invoice, with who buys (`identities`).

        The ticket is held for as long as its `method` of payment needs: an invoice (`lightning`) as LNbits lets it
        live, a `fiat` or `onchain` charge 24 hours. A free ticket is confirmed at once, and counts like any other.

        `seats` is how many tickets the wave has in all. It is checked in the transaction that sells, and tickets that
        are held take a seat, too. None: seats are not counted here.

        `order_id` is made by the page for each purchase, and sent again when an answer was lost. The same order is sold
        once; the second time `is_new` is false. Nobody may be able to guess it, so it has 16 to 100 letters, digits,
        `-` and `_` (`crypto.randomUUID()`). Without it, every call is a new order.
        """
        if method not in EXPIRY:
            raise ValueError(f"method: expected one of {', '.join(EXPIRY)}, found {method}")
        if order_id is not None and not re.fullmatch("[A-Za-z0-9_-]{16,100}", str(order_id)):
            raise refusal(language, "not_sold")
        # The event in front of it keeps one event's buyers out of another's orders.
        id = f"{event_id}.{order_id or urlsafe_short_hash()}"
        place = Place(id, event_id, wave.id, urlsafe_short_hash(), seats)
        replayed = False

        def look(decision: Decision) -> None:
            nonlocal replayed
            replayed = decision["replayed"]

        async def write(transaction: Connection, _: list[Document]) -> None:
            if not replayed:
                await self.store.place(transaction, place)

        try:
            documents = _documents.read(self.engine, extra)
            more = {"id": id, "hold_until_ms": hold_until_ms(EXPIRY[method])}
            request = _request(documents, event_id, wave, code, buyer, **more)
            decision = await aio.redeem(self.store, request, approve=look, write=write)
        except aio.Busy as error:
            raise refusal(language, "busy") from error
        except (EngineStopped, InvalidRequest) as error:
            raise _not_sold(event_id, error, language) from error
        except Closed as error:
            raise refusal(language, "canceled") from error
        except SoldOut as error:
            raise refusal(language, "sold_out") from error
        if decision["status"] == "rejected":
            raise rejection(language, decision)
        return await self._sale(place, decision, method, language)

    async def _sale(self, place: Place, decision: Decision, method: str, language: Language) -> Sale:
        """Who makes the invoice: the first who sold the order, or the next if there is none that can be paid."""
        for _ in range(ISSUING * 10):
            rows = await self.store.rows("order", id=place.id)
            if not rows or rows[0].state == "released":
                raise refusal(language, "taken_back")
            row = rows[0]
            paid, mine = row.state == "confirmed", row.claim == place.claim
            sale = Sale(
                **_price(decision),
                order_id=place.id,
                event_id=place.event_id,
                is_new=mine,
                ticket_id=row.ticket_id,
                paid=paid,
                expiry=0 if paid else invoice_expiry(row.expires_at_ms),
                total=decision["quote"]["total"],
                method="free" if decision["quote"]["total"] == 0 else method,
                claim=place.claim,
            )
            if mine:
                if (selling := _selling.get()) is not None:
                    selling.append(sale)
                return sale
            if row.ticket_id:
                [issued] = await self.store.rows("payment", id=row.ticket_id)
                sale = replace(sale, answer=json.loads(issued.answer))
            if paid and row.ticket_id:
                return sale
            if row.ticket_id:
                arrived = await self.paid(row.ticket_id)
                if arrived and arrived.kept:
                    return replace(sale, paid=True)
                if not arrived and await self._payable(row.ticket_id, method):
                    return sale
            if row.ticket_id or row.claimed_at_ms < now_ms() - ISSUING * 1000:
                await self.store.change("claim", id=place.id, claim=place.claim, now_ms=now_ms(), was=row.claim)
            else:
                await asyncio.sleep(0.1)
        raise refusal(language, "busy")

    async def _payable(self, ticket_id: str, method: str) -> bool:
        """Whether the buyer can still pay the invoice that he was given, and has not asked for another kind now."""
        [row] = await self.store.rows("payment", id=ticket_id)
        if row.method != method:
            return False
        if row.method == "onchain":
            return bool(row.ends_at_ms > now_ms())
        payment = await self._payment(row)
        return payment is not None and payment.pending and not payment.is_expired

    @asynccontextmanager
    async def dropped_on_error(self) -> AsyncIterator[None]:
        """Around `sell` and the making of the invoice and the ticket, as a decorator of the endpoint or with
        `async with`: if something fails before `issued`, nobody can pay, so what was sold in it holds nothing.
        """
        outer = _selling.get()
        sales: list[Sale] = []
        _selling.set(sales)
        try:
            yield
        except BaseException:
            for sale in sales:
                [row] = await self.store.rows("order", id=sale.order_id)
                if row.claim == sale.claim and row.ticket_id is None:
                    reason: ReleaseReason = "payment_failed" if sale.total else "organizer_cancelled"
                    await aio.release(self.store, sale.order_id, reason)
            raise
        finally:
            _selling.set(outer)

    async def issued(
        self, sale: Sale, ticket_id: str, wallet_id: str, answer: Any = None, *, language: Language = None
    ) -> None:
        """From now on the payment `ticket_id` in the wallet `wallet_id` is for this order.

        Call it when the ticket's row is stored, with `paid` false, and before anybody sees the invoice. If the order is
        free, the row is paid now. The wallet is that of LNbits' payment (`payment.wallet_id`): the wallet of the event
        may be one that another user shares.

        `answer` is what the buyer is told, as JSON data. If the order comes again, its `sale.answer` is the same.
        """
        payment = {
            "id": ticket_id,
            "order_id": sale.order_id,
            "event_id": sale.event_id,
            "wallet_id": wallet_id,
            "method": sale.method,
            "total": sale.total,
            "currency": sale.currency,
            "ends_at_ms": now_ms() + sale.expiry * 1000,
            "answer": json.dumps(answer),
            "outcome": "kept" if sale.total == 0 else None,
        }
        async with self.store.transaction() as transaction:
            issue = {"id": sale.order_id, "ticket_id": ticket_id, "claim": sale.claim}
            if (await self.store.run(transaction, "issue", **issue)).rowcount != 1:
                raise refusal(language, "taken_back")
            if (await self.store.run(transaction, "add_payment", **payment)).rowcount != 1:
                raise ValueError(f"ticket_id: {ticket_id} is another order's already")
            if sale.total == 0:
                await self.store.mark_paid(transaction, sale.order_id, ticket_id)


def _request(
    documents: _documents.Documents, event_id: str, wave: Wave, code: str | None, who: Mapping[str, str], **more: Any
) -> Any:
    order = {
        **more,
        "event_id": event_id,
        "currency": currency_of(wave),
        "lines": [{"ticket_type": wave.id, "unit_price": unit_price(wave), "quantity": 1}],
        "identities": dict(who),
    }
    codes = [code] if code else []
    return {
        "codes": codes,
        "promos": documents.promos,
        "policy": documents.policy,
        "order": order,
        # A document with a mistake takes its own code down, and not the shop.
        "unsound": "leave_out",
    }


def _price(decision: Decision) -> dict[str, Any]:
    quote, applied = decision["quote"], decision["applied"]
    return {
        "price": major_units(quote["total"], quote["currency"]),
        "full_price": major_units(quote["subtotal"], quote["currency"]),
        "currency": quote["currency"],
        "code": applied[0]["code"] if applied else None,
    }


def _not_sold(event_id: str, error: Exception, language: Language) -> Exception:
    # The error may name a code of the organiser's, which is not for the buyer.
    logger.error(f"event {event_id}: {error}")
    return refusal(language, "not_sold")
