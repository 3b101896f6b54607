"""How a locale writes numbers, money, dates and times, for the sentences of messages.py."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from ._currencies import DECIMALS
from .errors import At, InvalidRequest


class Formats:
    """How a locale writes numbers, money, dates and times."""

    def __init__(self, locale: Locale, zone: str, decimals: Mapping[str, int]) -> None:
        for currency, places in decimals.items():
            if not isinstance(places, int) or not 0 <= places <= 18:
                raise invalid(("decimals", currency), "expected an integer from 0 to 18")
        try:
            self._zone = ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise invalid(
                ("time_zone",), f"expected a time zone such as Europe/Berlin, found {json.dumps(zone)}"
            ) from None
        self.zone = zone
        self._locale = locale
        self._decimals = decimals

    def count(self, number: int) -> str:
        return format_decimal(number, locale=self._locale)

    def category(self, number: int) -> str:
        return self._locale.plural_form(number)

    def date(self, ms: int) -> str:
        return _spaces(format_date(self._moment(ms), "long", locale=self._locale))

    def time(self, ms: int) -> str:
        return _spaces(format_time(self._moment(ms), "short", locale=self._locale))

    def money(self, amount: int, currency: str) -> str:
        """`12,50 €`. A currency that is not in ISO 4217 follows the number: `21 sat`."""
        places = self._decimals.get(currency, DECIMALS.get(currency, 0))
        number = Decimal(amount).scaleb(-places)
        if currency not in DECIMALS:
            return (
                f"{format_decimal(number, _decimal_pattern(self._locale, places), locale=self._locale)}\u00a0{currency}"
            )
        pattern = self._locale.currency_formats["standard"].pattern
        text = format_currency(
            number, currency, _with_places(pattern, places), locale=self._locale, currency_digits=False
        )
        # Unicode wants a space between a letter and a digit (CHF 5.00), which Babel leaves out.
        return re.sub(r"(?<=[^\W\d_])(?=\d)", "\u00a0", text)

    def _moment(self, ms: int) -> datetime:
        return datetime.fromtimestamp(ms // 1000, self._zone)


def _decimal_pattern(locale: Locale, places: int) -> str:
    return _with_places(locale.decimal_formats[None].pattern, places)


def _with_places(pattern: str, places: int) -> str:
    """The number pattern with so many decimals."""
    return re.sub(r"0(?:\.[0#]+)?", "0" + ("." + "0" * places if places else ""), pattern)


def _spaces(text: str) -> str:
    # Unicode's data has U+202F before AM; JavaScript engines write a plain space there, so this package does, too.
    return re.sub("[\u00a0\u202f]", " ", text)


def shortened(tag: str) -> list[str]:
    """A language tag in its usual spelling, then shorter ones: de-AT, de. Anything after the region is left out."""
    found = re.match(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?(?:-|\Z)", tag, re.ASCII | re.IGNORECASE)
    if found is None:
        return []
    parts = [found[1].lower(), (found[2] or "").title(), (found[3] or "").upper()]
    return list(dict.fromkeys("-".join(filter(None, some)) for some in (parts, parts[:2], parts[:1])))


def supported(locale: str) -> Locale:
    """The locale in Babel; if Babel does not know the region, the locale of the language."""
    for tag in shortened(locale):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    raise invalid(("locales",), f"expected a language that this platform writes, found {locale}")


def invalid(at: At, message: str) -> InvalidRequest:
    return InvalidRequest("invalid_request", at, message)
