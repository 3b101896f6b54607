"""What a ticket endpoint of LNbits needs: prices, sales, payments, releases, and what the organiser is told."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypedDict

from lnbits.core.models import Payment
from lnbits.db import Connection, Database

from ..types import ReleaseReason
from ._store import LnbitsStore

Method = Literal["lightning", "fiat", "onchain"]


class Wave(Protocol):
    """A ticket wave, which is a ticket type with a currency and a price of its own."""

    id: str
    currency: str
    price_per_ticket: float


@dataclass(frozen=True)
class Price:
    """What a ticket costs, in the wave's currency as LNbits writes it: 12.5 EUR, 21 sat."""

    price: float
    full_price: float
    currency: str
    code: str | None
    """The code that was applied, as the organiser wrote it, in capitals."""

    @property
    def is_free(self) -> bool:
        """Whether there is nothing to pay, so that no invoice is made."""
        return self.price == 0


@dataclass(frozen=True)
class Sale(Price):
    """An order that was accepted."""

    order_id: str
    is_new: bool
    """Whether the caller makes the invoice and the ticket. If not, `ticket_id` is what was made when the order came
    first."""
    ticket_id: str | None
    paid: bool
    """Whether nothing is left to pay: the ticket is free, or the order was paid before."""
    expiry: int
    """For how many seconds an invoice or a charge may live. The hold is a little longer."""
    total: int
    """The price in the currency's smallest unit."""
    method: Method


@dataclass(frozen=True)
class Paid:
    """Whose the money of a payment is. This is final."""

    ticket_id: str
    kept: bool
    """Whether it pays for the ticket. If not, it goes back to the buyer: see `Desk.refunds`."""
    is_new: bool
    """Whether the ticket became paid by this report, so that the buyer is to be notified: true once for each ticket."""


class Refund(TypedDict):
    """A payment that goes back to the buyer, whole."""

    ticket_id: str
    """The payment hash, or the id of the charge's ticket."""
    amount: float
    currency: str
    done: bool
    """Whether `refunded` was told."""


class Uses(TypedDict):
    """How often a code is used, held uses included."""

    used: int
    limit: int | None


class Finding(TypedDict):
    """Something that the organiser should look at."""

    path: str
    """The field, as the page sends it: `promo_codes[0].discount_percent`, `ticket_waves[1].price_per_ticket`."""
    severity: Literal["danger", "warning", "notice"]
    message: str


class Report(TypedDict):
    """What an event has sold."""

    waves: dict[str, Any]
    codes: dict[str, Any]
    refunds: list[Refund]


class Desk:
    """Sells the tickets of an extension; one for each `Database`.

    The records, the counters and the desk's own tables are in the extension's database. `migrate` makes them.

    `tickets` names the extension's table of tickets (`events.ticket`), which has columns `id` and `paid`. The desk
    writes `paid` in the transaction that pays or releases a ticket, so nobody else may write that column. A ticket's id
    is the id of its payment: the payment hash, or what `issued` was given.

    Every refusal is an `HTTPException` whose `detail` is a sentence in the buyer's language, which the pages of LNbits
    show: 409 for a code or a limit, 410 for what is sold out or cancelled, 503 if too many buy at once. `language` is
    a language or the header `Accept-Language`: English, German or Spanish.

    An `event_id` is any text that names the event. `extra` is the event's `extra`: a model or a dict with `promo_codes`
    (models or dicts) and, if there is one, the engine's `policy` (a dict). What upstream's forms have stored does not
    stop sales: of two promos with one code the first counts, one without a code never applies, a percent is rounded to
    four decimals, and a price is rounded down to the currency's smallest unit. `check` tells of them.
    """

    store: LnbitsStore

    def __init__(self, db: Database, *, tickets: str | None = None) -> None:
        raise NotImplementedError

    async def preview(
        self,
        event_id: str,
        extra: Any,
        wave: Wave,
        code: str | None,
        buyer: Mapping[str, str] | None = None,
        *,
        language: str | None = None,
    ) -> Price:
        """What a ticket would cost, for the page to show while the buyer types. It stores nothing.

        Without a `buyer` the price is that of somebody who has bought nothing yet. Pass only identities that the host
        has verified: the answer tells what they have used.
        """
        raise NotImplementedError

    async def sell(
        self,
        event_id: str,
        extra: Any,
        wave: Wave,
        code: str | None,
        buyer: Mapping[str, str],
        *,
        method: Method = "lightning",
        seats: int | None = None,
        order_id: str | None = None,
        language: str | None = None,
    ) -> Sale:
        """Sells one ticket of the wave, or refuses. Call it before there is an invoice, with who buys (`identities`).

        The ticket is held for as long as its `method` of payment needs: an invoice as LNbits lets it live, a fiat or
        on-chain charge 24 hours. A free ticket is confirmed at once, and counts like any other.

        `seats` is how many tickets the wave has in all. It is checked in the transaction that sells, and tickets that
        are held take a seat, too. None: seats are not counted here.

        `order_id` is made by the page for each purchase, and sent again when an answer was lost. The same order is sold
        once; the second time `is_new` is false. Nobody may be able to guess it. Without it, every call is a new order.
        """
        raise NotImplementedError

    def dropped_on_error(self, sale: Sale) -> AbstractAsyncContextManager[None]:
        """Around the making of the invoice and the ticket: if that fails, nobody can pay, and the order holds nothing.

        async with desk.dropped_on_error(sale): ...
        """
        raise NotImplementedError

    async def issued(self, sale: Sale, ticket_id: str, wallet_id: str) -> None:
        """From now on the payment `ticket_id` in the wallet `wallet_id` is for this order.

        Call it when the ticket's row is stored, with `paid` false, and before anybody sees the invoice. If the order is
        free, the row is paid now.
        """
        raise NotImplementedError

    async def paid(self, payment: Payment | str) -> Paid | None:
        """A payment of LNbits has arrived; or, with the id of a ticket, look whether it has. None: not for a ticket.

        The payment may be any that LNbits reports. It counts by its hash, in the wallet for which its invoice was made,
        whatever its `extra` says. It may be reported any number of times.
        """
        raise NotImplementedError

    async def charge_paid(self, ticket_id: str) -> Paid | None:
        """The on-chain charge of this ticket is paid: the host has asked the server of the charge, or its organiser.

        None: no ticket of the desk has such a charge.
        """
        raise NotImplementedError

    async def release(self, ticket_id: str, reason: ReleaseReason = "organizer_cancelled") -> float | None:
        """Takes the ticket back, and says how much money goes back (see `refunds`), in the currency of its wave.

        Uses and seats are free again, for the reasons that give them back. Asked again, the answer is the same. None:
        it was sold before there was a desk, and the host deletes it as before.
        """
        raise NotImplementedError

    async def cancel(self, event_id: str) -> None:
        """Ends the event: no sale and no payment after it, and every ticket is taken back as `organizer_cancelled`.

        It may be called again, if it was interrupted.
        """
        raise NotImplementedError

    async def sweep(self) -> list[str]:
        """Releases what was held too long, and returns the ids of tickets that nobody can pay any more.

        Their rows may be deleted. No limit depends on when it is called.
        """
        raise NotImplementedError

    async def check(self, extra: Any, waves: Sequence[Wave]) -> list[Finding]:
        """What the organiser should look at, when an event is saved.

        A mistake that upstream's forms cannot make, such as an unknown field, is an `HTTPException` 400 that names it.
        """
        raise NotImplementedError

    async def uses(self, event_id: str, extra: Any) -> dict[str, Uses]:
        """How often each code is used, by the code as the organiser wrote it."""
        raise NotImplementedError

    async def taken(self, event_id: str) -> dict[str, int]:
        """How many seats of each wave are sold or held."""
        raise NotImplementedError

    async def report(self, event_id: str) -> Report:
        """What the event has sold, by wave and by code, and which payments go back."""
        raise NotImplementedError

    async def refunds(self, event_id: str) -> list[Refund]:
        """The payments that go back to their buyers: late ones, surplus ones, and those of tickets taken back."""
        raise NotImplementedError

    async def refunded(self, ticket_id: str, done: bool = True) -> bool:
        """Notes that the payment goes back now. True once: call it before the money is sent, and send it if true.

        If sending it failed, call it with `done` false.
        """
        raise NotImplementedError


async def make_tables(db: Connection) -> None:
    """Creates the desk's tables, unless they exist."""
