"""What the desk answers."""

import secrets
from dataclasses import dataclass
from typing import Any, TypedDict

from lnbits.core.models import Payment


@dataclass(frozen=True)
class Price:
    """What a ticket costs, in the wave's currency as LNbits writes it: 12.5 EUR, 21 sat."""

    price: float
    full_price: float
    currency: str
    code: str | None
    """The code that was applied, in capitals."""

    @property
    def is_free(self) -> bool:
        """Whether there is nothing to pay, so that no invoice is made."""
        return self.price == 0


@dataclass(frozen=True)
class Sale(Price):
    """An order that was accepted."""

    order_id: str
    event_id: str
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
    method: str
    """How it is paid: as it was asked for, or `free`."""
    claim: str
    """Known to the caller alone who makes the invoice."""
    answer: Any = None
    """What `Desk.issued` was given to answer with, if `is_new` is false."""

    def free_payment(self, wallet_id: str) -> Payment | None:
        """What stands for the payment of a free ticket, because LNbits makes no invoice of 0. None: it is not free.

        LNbits does not know this payment. Its hash is for the ticket's id.
        """
        if not self.is_free:
            return None
        hash = secrets.token_hex(32)
        nothing = {"amount": 0, "fee": 0, "bolt11": "", "status": "success"}
        return Payment.parse_obj({"checking_id": hash, "payment_hash": hash, "wallet_id": wallet_id, **nothing})


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


class WaveReport(TypedDict):
    """The tickets of one wave."""

    sold: int
    held: int
    """Unpaid, and not lapsed."""
    taken_back: int
    """Sold, and released afterwards."""
    seats: int | None
    """How many there are in all, if they are counted."""
    income: dict[str, float]
    """What is paid for the tickets that are sold, by currency."""


class CodeReport(TypedDict):
    """The tickets with one code."""

    sold: int
    held: int
    taken_back: int
    discount: dict[str, float]
    """What the code takes off the tickets that are sold, by currency."""
    income: dict[str, float]


class Report(TypedDict):
    """What an event has sold at the desk."""

    waves: dict[str, WaveReport]
    codes: dict[str, CodeReport]
    uses: dict[str, Uses]
    refunds: list[Refund]
