"""What a refusal says, in the reader's language.

A buyer is told the public reason and what would mend it; an organiser is told all numbers.

Needs Babel: `pip install 'redeemable[messages]'`. The catalogues and the sentences are those of the npm package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from importlib.resources import files
from typing import Any, TypedDict, cast
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from ._currencies import DECIMALS
from ._message_format import Part, fault, parse, write
from .errors import At, InvalidRequest
from .types import Promo, PublicReason, ToQualify, Violation

__all__ = ["Messages", "Refusal", "catalogues"]

_FILES = {
    path.name[:-5]: json.loads(path.read_text("utf-8"))
    for path in sorted((files(__package__) / "_messages").iterdir(), key=str)
    if path.name.endswith(".json")
}
_SHAPE = _FILES.pop("shape")
del _FILES["currencies"]

catalogues: Mapping[str, Any] = _FILES
"""By language, what this package brings along; copy one to change it."""


class Refusal(TypedDict):
    """What a buyer may be told about a code, or about the order if `code` is None; `to_qualify` would mend it."""

    code: str | None
    public_reason: PublicReason
    to_qualify: ToQualify | None
    message: str


class Messages:
    """Sentences in the first of `locales` that has a catalogue.

    `de-AT` is written with the catalogue `de` and Austria's numbers and dates.

    None of them has one: `InvalidRequest`, so end the list with your default. Make it once per language and keep it.
    `catalogues` are the host's own, by language; `time_zone` is that of the dates; `decimals` says how many decimals
    a currency's amounts have, for currencies that ISO 4217 lacks (`{"BTC": 8}`); others of these have none.
    Nothing is escaped: a sentence may hold the code as it was typed, so it is text, not HTML.
    """

    def __init__(
        self,
        locales: str | Iterable[str],
        *,
        catalogues: Mapping[str, Any] | None = None,
        time_zone: str = "UTC",
        decimals: Mapping[str, int] | None = None,
    ) -> None:
        own = {name: _read(catalogue, name, ("catalogues", name)) for name, catalogue in (catalogues or {}).items()}
        tag, name = _choose([locales] if isinstance(locales, str) else list(locales), {**_FILES, **own})
        self.locale = tag
        """The locale that was chosen."""
        self._sentences = own.get(name) or _read(_FILES[name], name, (name,))
        self._formats = _Formats(_supported(tag), time_zone, decimals or {})

    def buyer(
        self,
        violation: Violation | Mapping[str, Any],
        *,
        currency: str | None = None,
        ticket_types: Mapping[str, str] | None = None,
    ) -> str:
        """One violation for a buyer, without number and reason.

        It says what would mend it (`to_qualify`), or else what its `public_reason` says of the code or the order.

        `currency` is the order's; without it the sentence says that the order is too small, and not by how much.
        `ticket_types` are their names as the buyer knows them; others are written as they are.
        """
        change = _change(violation)
        if change is None:
            section = "order" if violation.get("code") is None else "code"
            return self._sentence("buyer", section, violation.get("public_reason"), lambda name: "")
        field = next((name for name in _CHANGES if name in change), None)
        if field is None:
            raise _invalid(("violation", "to_qualify"), f"expected one of {', '.join(_CHANGES)}")
        number = _integer(change[field], ("violation", "to_qualify", field))
        of = change.get("of")
        if of is not None and not isinstance(of, list):
            raise _invalid(("violation", "to_qualify", "of"), "expected a list")
        names = [(ticket_types or {}).get(name, name) for name in of or []]
        unsaid = field == "add_subtotal" and currency is None
        message = "add_subtotal_unsaid" if unsaid else field if of is None else f"{field}_of"

        def value(name: str) -> str | int:
            if name == "of":
                return self._either(names)
            return number if name == field else self._formats.money(number, cast(str, currency))

        return self._sentence("buyer", "to_qualify", message, value)

    def _either(self, names: list[str]) -> str:
        if len(names) < 2:
            return "".join(names)
        parts = {"some": ", ".join(names[:-1]), "last": names[-1]}
        return self._sentence("buyer", "to_qualify", "or", lambda name: parts[name])

    def refusal(
        self,
        violations: Iterable[Violation] | Iterable[Mapping[str, Any]],
        *,
        currency: str | None = None,
        ticket_types: Mapping[str, str] | None = None,
    ) -> list[Refusal]:
        """What a server may tell a buyer about `decision["violations"]`: each code and reason once, sorted by code."""
        told: dict[tuple[Any, Any], Any] = {}
        for violation in violations:
            key = violation.get("code"), violation.get("public_reason")
            # Of several with one public reason at most one says what mends them all.
            change = _change(violation)
            told[key] = told.get(key) if change is None else change
        refusals: list[Refusal] = []
        for (code, reason), change in sorted(told.items(), key=_place):
            one: dict[str, Any] = {"code": code, "public_reason": reason, "to_qualify": change}
            message = self.buyer(one, currency=currency, ticket_types=ticket_types)
            refusals.append(
                {"code": code, "public_reason": cast(PublicReason, reason), "to_qualify": change, "message": message}
            )
        return refusals

    def organiser(
        self,
        violation: Violation | Mapping[str, Any],
        *,
        currency: str | None = None,
        promo: Promo | Mapping[str, Any] | None = None,
    ) -> str:
        """One violation for the organiser, with its numbers.

        `currency` is the order's, needed where they are money. With the code's `promo` it also says when the code
        starts or ended, or its currency.
        """
        code, reason = violation.get("code"), violation.get("reason")
        terms: Mapping[str, Any] = cast(Mapping[str, Any], promo or {})
        time = terms.get({"not_started": "starts_at_ms", "ended": "ends_at_ms"}.get(str(reason), ""))
        wanted = terms.get("currency")
        more = (time is not None and time < _TOO_LATE) or (
            reason == "wrong_currency" and None not in (currency, wanted)
        )

        def value(name: str) -> str | int:
            match name:
                case "code":
                    return str(code)
                case "date":
                    return self._formats.date(cast(int, time))
                case "time":
                    return self._formats.time(cast(int, time))
                case "zone":
                    return self._formats.zone
                case "wanted":
                    return str(wanted)
                case "currency":
                    return str(currency)
            field = name.removesuffix("_money")
            number = _integer(violation.get(field), ("violation", field))
            if field == name:
                return number
            if currency is None:
                raise _invalid(("currency",), f"expected the order's currency, because {reason} is about money")
            return self._formats.money(number, currency)

        return self._sentence("organiser", "order" if code is None else "promo" if more else "code", reason, value)

    def _sentence(self, audience: str, section: str, reason: object, value: Callable[[str], str | int]) -> str:
        found = self._sentences[audience][section].get(reason)
        if found is None:
            field = "public_reason" if audience == "buyer" else "reason"
            raise _invalid(
                ("violation", field), f"expected one of {', '.join(_SHAPE[audience][section])}, found {reason}"
            )
        return write(found, value, self._formats.count, self._formats.category)


_TOO_LATE = int(datetime(9999, 12, 31, tzinfo=timezone.utc).timestamp()) * 1000
"""From the year 10000 on, which is how some say "never", times are not written."""


class _Formats:
    """How a locale writes numbers, money, dates and times."""

    def __init__(self, locale: Locale, zone: str, decimals: Mapping[str, int]) -> None:
        for currency, places in decimals.items():
            if not isinstance(places, int) or not 0 <= places <= 18:
                raise _invalid(("decimals", currency), "expected an integer from 0 to 18")
        try:
            self._zone = ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise _invalid(
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
        """A currency that ISO 4217 lacks, such as sat, stands behind the number, which is whole without `decimals`."""
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
        # Babel leaves out the space that Unicode wants between a letter and a digit: CHF 5.00.
        return re.sub(r"(?<=[^\W\d_])(?=\d)", "\u00a0", text)

    def _moment(self, ms: int) -> datetime:
        return datetime.fromtimestamp(ms // 1000, self._zone)


_CHANGES = ("add_tickets", "remove_tickets", "add_subtotal")
"""What a buyer can change, by the field of `to_qualify` that says it."""


def _change(violation: Mapping[str, Any]) -> Any:
    """What mends the violation, if it may be told: only a code that the buyer knows says what it asks of the order."""
    known = violation.get("code") is not None and violation.get("public_reason") == "order_not_eligible"
    return violation.get("to_qualify") if known else None


def _integer(number: object, at: At) -> int:
    if type(number) is not int or not 0 <= number <= 2**53 - 1:
        raise _invalid(at, "expected an integer from 0 to 9007199254740991")
    return number


def _place(told: tuple[tuple[Any, Any], Any]) -> tuple[bool, bytes]:
    """By code, because violations list unknown codes before others: their order would tell which of two codes exists.

    As JavaScript sorts, so that both say the same.
    """
    code = told[0][0]
    return code is None, (code or "").encode("utf-16-be")


def _decimal_pattern(locale: Locale, places: int) -> str:
    return _with_places(locale.decimal_formats[None].pattern, places)


def _with_places(pattern: str, places: int) -> str:
    """A number pattern with so many decimals."""
    return re.sub(r"0(?:\.[0#]+)?", "0" + ("." + "0" * places if places else ""), pattern)


def _spaces(text: str) -> str:
    # Unicode has U+202F before AM, which JavaScript's engines write as a space.
    return re.sub("[\u00a0\u202f]", " ", text)


def _read(catalogue: Any, locale: str, at: At, wanted: Any = _SHAPE) -> Any:
    """The catalogue with its messages parsed; raises unless it has each key of the shape, and no other."""
    if isinstance(wanted, list):
        return _read_message(catalogue, locale, at, wanted)
    if not isinstance(catalogue, Mapping):
        raise _invalid(at, "expected an object")
    for key in catalogue:
        if key not in wanted:
            raise _invalid((*at, key), f"unknown field, expected one of {', '.join(wanted)}")
    for key in wanted:
        if key not in catalogue:
            raise _invalid((*at, key), "missing message")
    return {key: _read(value, locale, (*at, key), wanted[key]) for key, value in catalogue.items()}


def _read_message(message: Any, locale: str, at: At, allowed: Sequence[str]) -> list[Part]:
    if not isinstance(message, str):
        raise _invalid(at, "expected a message")
    if _shortened(locale)[:1] != [locale]:
        raise _invalid(at, "expected a language tag such as de, de-AT or zh-Hant")
    try:
        parts = parse(message)
    except ValueError as error:
        raise _invalid(at, str(error)) from None
    tags = _supported(locale).plural_form.tags
    found = fault(
        parts, allowed, [category for category in ("zero", "one", "two", "few", "many") if category in tags] + ["other"]
    )
    if found:
        raise _invalid(at, found)
    return parts


def _choose(locales: Sequence[str], names: Mapping[str, Any]) -> tuple[str, str]:
    """The first locale that has a catalogue, and the catalogue's name."""
    for wanted in locales:
        tags = _shortened(wanted)
        for tag in tags:
            if tag in names:
                return tags[0], tag
    raise _invalid(("locales",), f"expected one with a catalogue, {', '.join(names)}; found {json.dumps(locales)}")


def _shortened(tag: str) -> list[str]:
    """A language tag in its usual spelling and then ever shorter: de-AT, de. What follows a region plays no part."""
    found = re.match(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?(?:-|\Z)", tag, re.ASCII | re.IGNORECASE)
    if found is None:
        return []
    parts = [found[1].lower(), (found[2] or "").title(), (found[3] or "").upper()]
    return list(dict.fromkeys("-".join(filter(None, some)) for some in (parts, parts[:2], parts[:1])))


def _supported(locale: str) -> Locale:
    """The locale as Babel knows it: that of the language where it does not know the region."""
    for tag in _shortened(locale):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    raise _invalid(("locales",), f"expected a language that this platform writes, found {locale}")


def _invalid(at: At, message: str) -> InvalidRequest:
    return InvalidRequest("invalid_request", at, message)
