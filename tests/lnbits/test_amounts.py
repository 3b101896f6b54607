"""Prices, holds and identities, as an endpoint of LNbits that sells tickets needs them."""

import pytest
from fastapi import HTTPException
from lnbits.settings import settings
from redeemable import InvalidRequest
from redeemable.lnbits import hold_until_ms, identities, invoice_expiry, major_units, minor_units


@pytest.mark.parametrize(
    ("price", "currency", "amount"),
    [
        (21, "sat", 21),
        (21.0, "sats", 21),
        (0, "EUR", 0),
        (12.5, "EUR", 1250),
        (0.07, "USD", 7),
        (19.99, "EUR", 1999),
        (4.35, "GBP", 435),
        (1500, "JPY", 1500),
        (1.234, "KWD", 1234),
        (0.0001, "CLF", 1),
        (1e15, "sat", 10**15),
        (9007199254740991, "sat", 2**53 - 1),
    ],
)
def test_a_price_is_exact_in_the_smallest_unit_and_back(price: float, currency: str, amount: int) -> None:
    assert minor_units(price, currency) == amount
    assert major_units(amount, currency) == price


@pytest.mark.parametrize(
    ("price", "currency"),
    [
        (0.5, "sat"),
        (12.345, "EUR"),
        (0.1 + 0.2, "EUR"),
        (1.5, "JPY"),
        (0.0001, "KWD"),
        (-1, "EUR"),
        (float("nan"), "EUR"),
        (float("inf"), "EUR"),
        (9007199254740992, "sat"),
        (1e14, "EUR"),
    ],
)
def test_a_price_that_the_currency_cannot_express_is_an_error(price: float, currency: str) -> None:
    with pytest.raises(InvalidRequest, match=r"price: expected an amount from 0 with at most \d decimals in"):
        minor_units(price, currency)


@pytest.mark.parametrize("currency", ["BTC", "eur", "", "XAU"])
def test_a_currency_without_a_known_minor_unit_is_an_error(currency: str) -> None:
    with pytest.raises(InvalidRequest, match="currency: expected sat or a currency of LNbits"):
        minor_units(1, currency)


# The two spellings of one key that NIP-19 gives as an example.
HEX = "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e"
NPUB = "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg"


def test_identities_are_those_that_the_buyer_gave() -> None:
    assert identities() == identities("", " ") == {}
    assert identities(email="Ann+x@Example.org") == {"email": "Ann+x@Example.org"}
    for spelling in (NPUB, NPUB.upper(), HEX, f" {HEX.upper()} "):
        assert identities("ann@example.org", spelling) == {"email": "ann@example.org", "npub": NPUB}


@pytest.mark.parametrize(
    "npub",
    [NPUB[:-1] + "q", "npub1", HEX[:-1], "0x" + HEX[2:], "_".join([HEX[:31], HEX[32:]]), "z" * 64, "ann@example.org"],
)
def test_a_text_that_is_no_key_is_an_error(npub: str) -> None:
    with pytest.raises(HTTPException, match="npub: expected npub1… or 64 hexadecimal digits"):
        identities(npub=npub)


def test_a_hold_outlasts_its_invoice() -> None:
    assert hold_until_ms(600, grace=30, now_ms=1_800_000_000_000) == 1_800_000_630_000
    assert hold_until_ms(now_ms=0) == (settings.lightning_invoice_expiry + 120) * 1000


@pytest.mark.parametrize(
    ("left_ms", "expiry"),
    [
        (3_720_000, 3_600),
        (240_999, 120),
        (240_000, 120),
        (239_000, 120),
        (100_000, 50),
        (61_000, 31),
        (1_999, 1),
        (0, 1),
        (-5_000, 1),
    ],
)
def test_an_invoice_ends_before_its_order_lapses(left_ms: int, expiry: int) -> None:
    assert invoice_expiry(1_800_000_000_000 + left_ms, now_ms=1_800_000_000_000) == expiry


def test_the_invoice_of_a_new_order_has_its_usual_time() -> None:
    now_ms = 1_800_000_000_000
    assert invoice_expiry(hold_until_ms(600, grace=30, now_ms=now_ms), grace=30, now_ms=now_ms) == 600
