"""Sentences about violations, in the reader's language.

A buyer is told the public reason and what to change; an organiser is told all numbers.

It needs Babel: `pip install 'redeemable[messages]'`. The npm package has the same catalogues and makes the same
sentences.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from importlib.resources import files
from typing import Any, TypedDict, cast

from ._message_format import Part, fault, parse, write
from ._message_locale import Formats, invalid, shortened, supported
from .errors import At
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
"""The catalogues of this package, by language. To change one, copy it."""


class Refusal(TypedDict):
    """What a buyer may be told about one code, or about the order if `code` is None.

    `to_qualify` is what the buyer can change so that the code applies; None if no single change does.
    """

    code: str | None
    public_reason: PublicReason
    to_qualify: ToQualify | None
    message: str


class Messages:
    """Makes sentences in the first of `locales` that has a catalogue.

    For `de-AT` that is the catalogue `de`, with numbers and dates as Austria writes them.

    It raises `InvalidRequest` if no locale has a catalogue, so end the list with your default. Make one object per
    language and keep it.
    `catalogues` are the host's own, by language: one for `de` replaces the package's. `time_zone` is the zone of dates
    and times. `decimals` says how many decimals a currency has that is not in ISO 4217 (`{"BTC": 8}`); such a currency
    that is not listed there has none.
    The sentences are plain text. Nothing is escaped for HTML, and a sentence may contain a code, which may contain `<`.
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
        self._formats = Formats(supported(tag), time_zone, decimals or {})

    def buyer(
        self,
        violation: Violation | Mapping[str, Any],
        *,
        currency: str | None = None,
        ticket_types: Mapping[str, str] | None = None,
    ) -> str:
        """The sentence about one violation for a buyer, without the limit's numbers and the exact reason.

        It says what to change so that the code applies (`to_qualify`), or else the violation's `public_reason`.

        `currency` is the order's. Without it, a sentence says that the order is too small or too large, but not by how
        much.
        `ticket_types` are the types' names as the buyer knows them (`{"vip": "VIP lounge"}`); other types are written
        as they are.
        """
        change = _change(violation)
        if change is None:
            section = "order" if violation.get("code") is None else "code"
            return self._sentence("buyer", section, violation.get("public_reason"), lambda name: "")
        field = next((name for name in _CHANGES if name in change), None)
        if field is None:
            raise invalid(("violation", "to_qualify"), f"expected one of {', '.join(_CHANGES)}")
        number = _integer(change[field], ("violation", "to_qualify", field))
        of = change.get("of")
        if of is not None and not isinstance(of, list):
            raise invalid(("violation", "to_qualify", "of"), "expected a list")
        names = [(ticket_types or {}).get(name, name) for name in of or []]
        unsaid = field.endswith("_subtotal") and currency is None
        message = f"{field}_unsaid" if unsaid else field if of is None else f"{field}_of"

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
        """What a server may tell a buyer about `decision["violations"]`: each code with each public reason, by code."""
        told: dict[tuple[Any, Any], Any] = {}
        for violation in violations:
            key = violation.get("code"), violation.get("public_reason")
            # At most one violation of a code has `to_qualify`, and this change mends all violations of the code.
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
        """The sentence about one violation for the organiser, with its numbers.

        `currency` is the order's; it is needed if the numbers are money. With the code's `promo`, the sentence also
        says when the code starts or ended, or which currency it is for.
        """
        code, reason = violation.get("code"), violation.get("reason")
        terms: Mapping[str, Any] = cast(Mapping[str, Any], promo or {})
        time = terms.get({"not_started": "starts_at_ms", "ended": "ends_at_ms"}.get(str(reason), ""))
        wanted = terms.get("currency")
        more = (time is not None and time < _TOO_LATE) or (
            reason == "wrong_currency" and None not in (currency, wanted) and currency != wanted
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
                raise invalid(("currency",), f"expected the order's currency, because {reason} is about money")
            return self._formats.money(number, currency)

        return self._sentence("organiser", "order" if code is None else "promo" if more else "code", reason, value)

    def _sentence(self, audience: str, section: str, reason: object, value: Callable[[str], str | int]) -> str:
        found = self._sentences[audience][section].get(reason)
        if found is None:
            field = "public_reason" if audience == "buyer" else "reason"
            raise invalid(
                ("violation", field), f"expected one of {', '.join(_SHAPE[audience][section])}, found {reason}"
            )
        return write(found, value, self._formats.count, self._formats.category)


_TOO_LATE = int(datetime(9999, 12, 31, tzinfo=timezone.utc).timestamp()) * 1000
"""Sentences do not tell times from the year 10000 on: some hosts write "never" as such a time."""


_CHANGES = ("add_tickets", "remove_tickets", "add_subtotal", "remove_subtotal")
"""The fields of `to_qualify`, each for something that a buyer can change."""


def _change(violation: Mapping[str, Any]) -> Any:
    """`to_qualify`, if a buyer may see it: only `order_not_eligible` tells the buyer that the code exists."""
    known = violation.get("code") is not None and violation.get("public_reason") == "order_not_eligible"
    return violation.get("to_qualify") if known else None


def _integer(number: object, at: At) -> int:
    if type(number) is not int or not 0 <= number <= 2**53 - 1:
        raise invalid(at, "expected an integer from 0 to 9007199254740991")
    return number


def _place(told: tuple[tuple[Any, Any], Any]) -> tuple[bool, bytes]:
    """Sorts by code: `violations` lists unknown codes first, and that order would tell which of two codes exists.

    JavaScript compares texts by their UTF-16 units; this function does the same, so that both packages agree.
    """
    code = told[0][0]
    return code is None, (code or "").encode("utf-16-be")


def _read(catalogue: Any, locale: str, at: At, wanted: Any = _SHAPE) -> Any:
    """The catalogue with its messages parsed. Raises unless it has exactly the keys of the shape."""
    if isinstance(wanted, list):
        return _read_message(catalogue, locale, at, wanted)
    if not isinstance(catalogue, Mapping):
        raise invalid(at, "expected an object")
    for key in catalogue:
        if key not in wanted:
            raise invalid((*at, key), f"unknown field, expected one of {', '.join(wanted)}")
    for key in wanted:
        if key not in catalogue:
            raise invalid((*at, key), "missing message")
    return {key: _read(value, locale, (*at, key), wanted[key]) for key, value in catalogue.items()}


def _read_message(message: Any, locale: str, at: At, allowed: Sequence[str]) -> list[Part]:
    if not isinstance(message, str):
        raise invalid(at, "expected a message")
    if shortened(locale)[:1] != [locale]:
        raise invalid(at, "expected a language tag such as de, de-AT or zh-Hant")
    try:
        parts = parse(message)
    except ValueError as error:
        raise invalid(at, str(error)) from None
    tags = supported(locale).plural_form.tags
    found = fault(
        parts, allowed, [category for category in ("zero", "one", "two", "few", "many") if category in tags] + ["other"]
    )
    if found:
        raise invalid(at, found)
    return parts


def _choose(locales: Sequence[str], names: Mapping[str, Any]) -> tuple[str, str]:
    """The first locale that has a catalogue, and the catalogue's name."""
    for wanted in locales:
        tags = shortened(wanted)
        for tag in tags:
            if tag in names:
                return tags[0], tag
    raise invalid(("locales",), f"expected one with a catalogue, {', '.join(names)}; found {json.dumps(locales)}")
