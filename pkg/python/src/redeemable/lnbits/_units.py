"""Prices in the smallest unit of their currency, and how long an unpaid order is held."""

import time
from decimal import ROUND_HALF_UP, Decimal

from lnbits.settings import settings
from lnbits.utils.exchange_rates import currencies

from .._currencies import DECIMALS
from ..errors import InvalidRequest

DAY = 24 * 60 * 60  # in seconds, as LNbits counts the life of an invoice

# Currencies of LNbits that ISO 4217's list of minor units lacks. Any other one that it lacks has two decimals.
_WHOLE = ("sat", "sats", "BYR")
_WITHOUT_MINOR_UNIT = ("XAG", "XAU", "XDR", "XPD", "XPT")


def _decimals(currency: str) -> int:
    if currency in _WHOLE:
        return 0
    if currency not in currencies or currency in _WITHOUT_MINOR_UNIT:
        raise InvalidRequest(
            "invalid_request",
            ("currency",),
            f"expected sat or a currency of LNbits that has a minor unit, found {currency}",
        )
    return DECIMALS.get(currency, 2)


def minor_units(price: float, currency: str) -> int:
    """A price of LNbits in the currency's smallest unit: 12.5 EUR are 1250, 21 sat are 21.

    It raises `InvalidRequest` if the price is not a whole number of these units.
    """
    decimals = _decimals(currency)
    # `repr` writes the shortest decimal that is read as this float: that is what the organiser typed.
    amount = Decimal(repr(price)).scaleb(decimals)
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 <= amount <= 2**53 - 1:
        raise InvalidRequest(
            "invalid_request",
            ("price",),
            f"expected an amount from 0 with at most {decimals} decimals in {currency}, found {price!r}",
        )
    return int(amount)


def whole_units(price: float, currency: str) -> int:
    """Like `minor_units`, but a price between two amounts is the nearer one: 21.7 sat are 22, and 0.2 sat are 1.

    What has a price never becomes free. A column of four bytes has 12.489999771 for 12.49.
    """
    amount = Decimal(repr(price)).scaleb(_decimals(currency))
    if not amount.is_finite() or not 0 < amount <= 2**53 - 1:
        return minor_units(price, currency)
    return max(1, int(amount.to_integral_value(ROUND_HALF_UP)))


def major_units(amount: int, currency: str) -> float:
    """The inverse of `minor_units`, for LNbits' `create_invoice(amount=…, currency=…)`."""
    return float(Decimal(amount).scaleb(-_decimals(currency)))


def hold_until_ms(expiry: int | None = None, grace: int = 120, now_ms: int | None = None) -> int:
    """When an unpaid order lapses: `grace` seconds after its invoice expires, because a payment may be on its way.

    `expiry` is how long the invoice may live, in seconds; the default is LNbits' setting.
    """
    now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    return now_ms + ((settings.lightning_invoice_expiry if expiry is None else expiry) + grace) * 1000


def invoice_expiry(expires_at_ms: int, grace: int = 120, now_ms: int | None = None) -> int:
    """How many seconds an invoice made now may live: the rest of the hold less `grace`, at least half of the rest."""
    now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    left = (expires_at_ms - now_ms) // 1000
    return max(1, left - min(grace, left // 2))
