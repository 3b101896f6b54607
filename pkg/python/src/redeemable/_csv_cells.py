"""Writes each kind of cell in a form that spreadsheets do not change, and reads it again.

A cell that may mean two things (1.000) is an error that says what to write instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ._csv_texts import WITHIN_JSON, guarded, kept, unguarded
from ._csv_times import instant_of, time_of
from ._currencies import DECIMALS


class WrongCell(ValueError):
    """A cell that does not fit its column."""


class Told(NamedTuple):
    """What is known of a cell beside its text: how the file writes amounts and decimals, its time zone, the
    currency of the row, and the text of the cell that says how to read this one.
    """

    amounts: str
    decimal: str | None
    zone: ZoneInfo | None
    currency: str | None = None
    beside: str = ""


def shown(cell: str) -> str:
    """The cell as error messages show it: on one line, and shortened to 60 characters."""
    letters = re.sub("[\0-\x1f\x7f]+", " ", cell)
    if not letters.strip(" "):
        return "an empty cell"
    return f"{letters[:60]}…" if len(letters) > 60 else letters


def cell_of(value: Any, kind: str, delimiter: str) -> str:
    """The cell of a value of this kind, None included."""
    if value is None:
        return ""
    if kind == "text":
        return guarded(value)
    if kind == "bool" or isinstance(value, bool):
        return "true" if value else "false"
    if kind == "either":
        return str(value)
    # Amounts by currency are JSON.
    if kind in ("count", "amount", "from") and not isinstance(value, dict):
        return kept(str(int(value)))
    if kind == "percent":
        # A spreadsheet that separates cells by semicolons has decimal commas, and would read 12.5 as the 12th of May.
        return str(_whole(value)).replace(".", "," if delimiter == ";" else ".")
    if kind in ("start", "end"):
        return kept(time_of(int(value)))
    if kind in ("clock", "until"):
        return f"{int(value) // 60:02}:{int(value) % 60:02}"
    return _json_text(value)


def value_of(cell: str, kind: str, told: Told) -> Any:
    """The value of a cell that is not empty; raises WrongCell."""
    if kind == "text":
        return unguarded(cell)
    bare = cell.strip(_BLANKS)
    if kind == "json" or (kind, bare[:1]) in _JSON:
        return _json_of(bare)
    if kind == "list":
        return _names_of(bare, bare, _NOT_IN_NAMES, 'regular; vip or ["regular", "vip"]')
    if kind == "days":
        return _days_of(bare)
    if kind == "people":
        return _people_of(bare)
    plain = bare.removeprefix("'")
    if kind == "either":
        return plain if plain == "per_ticket" else _truth_of(plain, "true, false or per_ticket")
    if kind == "bool":
        return _truth_of(plain)
    if kind == "percent":
        return _percent_of(plain)
    if kind == "count":
        return _count_of(plain)
    # Tiers begin at a number of tickets, or by subtotal at an amount.
    if kind == "from" and told.beside != "subtotal":
        return _count_of(plain)
    if kind in ("amount", "from"):
        return _amount_of(plain, told)
    if kind == "clock":
        return _minute_of(plain)
    if kind == "until":
        return _until_of(plain, told.beside)
    if _DIGITS.fullmatch(plain):
        return _safe(plain, plain)
    return instant_of(plain, told.zone, kind == "end", lambda *message: _wrong(plain, *message))


# What is JSON if it begins like this, and otherwise a shorter text.
_JSON = (("list", "["), ("days", "["), ("people", "{"), ("amount", "{"), ("from", "{"))


def _wrong(cell: str, expected: str, write: str = "") -> WrongCell:
    return WrongCell(f"expected {expected}, found {shown(cell)}" + (f"; write {write}" if write else ""))


_BLANKS = " \t\r\n\u00a0\u202f"
_DIGITS = re.compile("[0-9]+")
_PARTS = re.compile("([0-9]+)([.,])([0-9]+)")

_TRUTH = {
    **dict.fromkeys(("true", "wahr", "verdadero", "yes", "ja", "sí", "si", "1"), True),
    **dict.fromkeys(("false", "falsch", "falso", "no", "nein", "0"), False),
}


def _truth_of(cell: str, expected: str = "true or false") -> bool:
    truth = _TRUTH.get(cell.lower())
    if truth is None:
        raise _wrong(cell, expected)
    return truth


def _percent_of(cell: str) -> int | float:
    """Reads a percent. It is at most 100, so a point or a comma in it can only be the decimal sign."""
    found = re.fullmatch("([0-9]{1,16}(?:[.,][0-9]{1,16})?)[ \u00a0\u202f]?%?", cell)
    if found is None:
        raise _wrong(cell, "a percent such as 20 or 12.5")
    return _whole(float(found[1].replace(",", ".")))  # type: ignore[no-any-return]


def _safe(digits: str, cell: str) -> int:
    if len(digits.lstrip("0")) > 16 or int(digits) > 2**53 - 1:
        raise _wrong(cell, "at most 9007199254740991")
    return int(digits)


def _count_of(cell: str) -> int:
    if _DIGITS.fullmatch(cell):
        return _safe(cell, cell)
    raise _wrong(cell, "a whole number in plain digits", " or ".join(whole for whole, _ in _readings(cell, 0)))


def _readings(cell: str, decimals: int) -> list[tuple[str, str]]:
    """The ways to read `15.00` or `1.000` in a currency with so many decimals: the sign precedes them, or thousands."""
    parts = _PARTS.fullmatch(cell)
    if parts is None:
        return []
    whole, _, rest = parts.groups()
    decimal = rest.rstrip("0")
    found = [] if len(decimal) > decimals else [(whole, decimal.ljust(decimals, "0"))]
    return [*found, (whole + rest, "0" * decimals)] if _is_group(whole, rest) else found


def _is_group(whole: str, rest: str) -> bool:
    return len(rest) == 3 and re.fullmatch("[1-9][0-9]{0,2}", whole) is not None


def _written(whole: str, decimal: str, sign: str) -> str:
    return f"{whole}{sign}{decimal}" if decimal else whole


def _amount_of(cell: str, told: Told) -> int:
    currency = told.currency
    decimals = DECIMALS.get(currency or "", 0 if currency in ("sat", "msat") else None)
    if told.amounts == "major":
        return _major_of(cell, told.decimal, currency, decimals)
    if _DIGITS.fullmatch(cell):
        return _safe(cell, cell)
    found = [] if decimals is None else _readings(cell, decimals)
    if not found:
        raise _wrong(cell, "a whole number of minor units (1500 for 15.00 EUR, 15 for 15 JPY)")
    choices = [
        f"{(whole + decimal).lstrip('0') or '0'} for {_written(whole, decimal, '.')} {currency}"
        for whole, decimal in found
    ]
    raise _wrong(cell, "a whole number of minor units", " or ".join(choices))


def _major_of(cell: str, declared: str | None, currency: str | None, decimals: int | None) -> int:
    """Reads an amount in major units, digit by digit, because a double does not hold every cent exactly."""
    because = "because the amount is in major units"
    if currency is None:
        raise _wrong(cell, f"a currency in the same row, {because}")
    if decimals is None:
        raise _wrong(f"{cell} {currency}", f"a currency of ISO 4217, sat or msat, {because}")
    parts = _PARTS.fullmatch(cell)
    if parts is None and not _DIGITS.fullmatch(cell):
        example = _written("15", "0" * decimals, declared or ".")
        raise _wrong(cell, f"an amount such as {example} for {example} {currency}, without a sign between thousands")
    whole, sign, rest = parts.groups() if parts else (cell, declared, "")
    choices = " or ".join(_written(*one, declared or ".") for one in _readings(cell, decimals))
    if len(rest) > decimals:
        raise _wrong(cell, f"an amount with at most {decimals} decimals, as {currency} has", choices)
    if sign != declared and _is_group(whole, rest):
        if declared is None:
            raise _wrong(
                cell, "(major comma) or (major point) behind the column's name, to say which is the decimal sign"
            )
        raise _wrong(cell, f"an amount with the decimal sign {declared}", choices)
    return _safe(whole + rest.ljust(decimals, "0"), cell)


# These are errors in `regular; vip`: a comma may be part of a name, and quotes and brackets may be JSON.
_NOT_IN_NAMES = ',"[]{}\t\r\n'


def _names_of(cell: str, whole: str, other: str, such: str) -> list[str]:
    names = [name for name in (part.strip(_BLANKS) for part in cell.split(";")) if name]
    if not names or any(sign in cell for sign in other):
        raise _wrong(whole, f"a list such as {such}")
    return names


def _days_of(cell: str) -> list[int]:
    days = [day.strip(_BLANKS) for day in cell.split(";")]
    if not all(_DIGITS.fullmatch(day) for day in days):
        raise _wrong(cell, "days from 1 (Monday) to 7, such as 5; 6")
    return [int(day) for day in days]


# Times of day: 22:00, and 26:00 for 02:00 on the next day. A spreadsheet may save them as 26:00:00.
_CLOCK = re.compile("([0-9]{1,2}):([0-5][0-9])(?::00)?")


def _minute_of(cell: str) -> int:
    found = _CLOCK.fullmatch(cell)
    if found is None:
        raise _wrong(cell, "a time of day such as 22:00")
    return int(found[1]) * 60 + int(found[2])


def _until_of(cell: str, begin: str) -> int:
    """Where hours end: a time that is not later than where they begin is one of the next day."""
    minute = _minute_of(cell)
    found = _CLOCK.fullmatch(begin.strip(_BLANKS).removeprefix("'"))
    return minute + 1440 if found and minute <= int(found[1]) * 60 + int(found[2]) else minute


def _people_of(cell: str) -> dict[str, list[str]]:
    found = re.fullmatch("([a-z0-9_]{1,32})[ ]*:(.*)", cell, re.IGNORECASE | re.ASCII | re.DOTALL)
    kind, names = found.groups() if found else ("", "")
    such = 'email: ann@example.org; @corp.example or {"email": ["ann@example.org"]}'
    return {kind.lower(): _names_of(names, cell, f":{_NOT_IN_NAMES}", such)}


def _json_text(value: Any) -> str:
    """JSON with a blank after each comma and signs escaped: a reader that splits it at commas finds no formula."""
    text = json.dumps(_whole(value), ensure_ascii=False)
    return WITHIN_JSON.sub(lambda found: f"{found[1]}\\u{ord(found[2]):04x}", text)


def _whole(value: Any) -> Any:
    """The value with 3 in place of 3.0, also inside lists and dicts, so that it is written as the npm package does."""
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _json_of(cell: str) -> Any:
    """Reads JSON, and refuses what would change without an error: a field given twice, and `15.00`, read as 15."""
    points: list[str] = []

    def number(text: str) -> float:
        points.extend(re.findall(r"^-?([0-9]+\.0+)$", text))
        return float(text)

    try:
        value = json.loads(cell, object_pairs_hook=_object, parse_constant=_constant, parse_float=number)
    except (ValueError, RecursionError):
        raise _wrong(cell, "JSON with each field once") from None
    if points:
        raise _wrong(points[0], "whole numbers without a decimal point")
    return value


def _object(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    fields = list(fields)
    if len({name for name, _ in fields}) < len(fields):
        raise ValueError
    return dict(fields)


def _constant(name: str) -> None:
    raise ValueError
