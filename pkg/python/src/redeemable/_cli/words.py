"""How the commands write numbers and amounts."""

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from .._currencies import DECIMALS


class Answer(NamedTuple):
    """What a command found: as JSON, and as lines or one text for people."""

    json: Any
    lines: Sequence[str] = ()
    text: str | None = None
    code: int = 0


def count(number: int, one: str, more: str | None = None) -> str:
    """`1 ticket`, `2 tickets`."""
    return f"{number} {one if number == 1 else more or f'{one}s'}"


def money(amount: int, currency: str) -> str:
    """`18.00 EUR`; a currency that is not in ISO 4217 has no decimals: `1800 sat`."""
    decimals = DECIMALS.get(currency, 0)
    if decimals == 0:
        return f"{amount} {currency}"
    digits = str(amount).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]} {currency}"


# Also what turns the direction of text around: a line would then read in another order than it has.
_CONTROL = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"


def plain(line: str) -> str:
    """One line that no control character leaves: it may contain what buyers or organisers wrote."""
    return re.sub(_CONTROL, lambda control: f"\\u{ord(control[0]):04x}", line)


def json_text(value: Any) -> str:
    """JSON with the same characters escaped; those that are left stand between its lines."""
    lines = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    return "".join(f"{plain(line)}\n" for line in lines)


def table(names: Sequence[str], rows: Sequence[Sequence[str | int]]) -> list[str]:
    """Lines of a table; columns of numbers stand at the right."""
    cells = [list(names), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(names))]

    def pad(text: str, column: int) -> str:
        return text.rjust(widths[column]) if isinstance(rows[0][column], int) else text.ljust(widths[column])

    return ["  ".join(pad(text, column) for column, text in enumerate(row)).rstrip() for row in cells]
