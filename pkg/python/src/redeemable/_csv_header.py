"""The columns of a table of promos, from its first row."""

from __future__ import annotations

import re
from typing import NamedTuple

from ._csv_cells import Told, shown
from ._csv_fields import columns_beside, kind_of
from ._csv_rows import BLANKS, Row, filled

Found = list[tuple[str, str]]
"""What is wrong with a row: pairs of a column (or a place within its cell) and a message."""


class Column(NamedTuple):
    name: str
    kind: str
    told: Told


class Header(NamedTuple):
    columns: list[Column]
    rows: list[Row]
    line: int
    errors: Found


# Words that people write above a list of codes. If such a word became a code, everybody could guess it.
_TITLE = re.compile(
    "[^0-9]*(?:codes?|c[oóÓ]digos?|coupons?|vouchers?|gutscheine?|cup[oóÓ]n(?:es)?|promos?|names?)"
    "[^a-z0-9(]*(?:\\(.*\\)[^a-z0-9]*)?",
    re.IGNORECASE | re.ASCII,
)


def header_of(rows: list[Row], told: Told, has_defaults: bool) -> Header:
    """The columns, each with what its name and the options say. With defaults, a list of codes needs no first row."""
    line, cells = rows[0] if rows else Row(1, [])
    cells = filled(cells, 0)
    columns = [_column(cell, told) for cell in cells]
    if has_defaults and len(cells) == 1 and isinstance(columns[0], str):
        if not _TITLE.fullmatch(cells[0].strip(BLANKS)):
            return Header([Column("code", "text", told)], rows, line, [])
        message = f"expected the column code or a code, found {shown(cells[0])}; write code"
        return Header([], [], line, [(cells[0], message)])
    found: Found = []
    names: list[str] = []
    for cell, column in zip(cells, columns, strict=True):
        if isinstance(column, str):
            found.append((cell, column))
        elif column.name in names:
            found.append((column.name, f"expected each column once, found {shown(cell)} again"))
        else:
            names.append(column.name)
    if "code" not in names:
        found.append(("code", f"missing required column, found {shown(', '.join(cells))}"))
    return Header([column for column in columns if not isinstance(column, str)], rows[1:], line, found)


_NOTES = "(major), (minor), (major comma) or (major point)"


def _column(cell: str, told: Told) -> Column | str:
    """A column from its name, which `(major)` or `(major comma)` may follow if it holds amounts; or what is wrong."""
    parts = re.fullmatch("([^(]*)(?:\\(([^()]*)\\)[ \u00a0]*)?", cell)
    spelt, note = parts.groups() if parts else (cell, None)
    name = re.sub(f"[{BLANKS}_-]+", "_", spelt.strip(BLANKS).lower())
    kind = kind_of(name)
    if kind is None:
        return f"unknown column, expected one of {', '.join(columns_beside(name))}, found {shown(cell)}"
    if note is None:
        return Column(name, kind, told)
    said = re.fullmatch(" *(major|minor)(?:[ ,;]+(comma|point))? *", note, re.IGNORECASE | re.ASCII)
    if kind not in ("amount", "from"):
        return f"expected nothing behind the column's name, found {shown(cell)}"
    if said is None:
        return f"expected {_NOTES} behind the column's name, found {shown(cell)}"
    decimal = {"comma": ",", "point": "."}.get((said[2] or "").lower(), told.decimal)
    return Column(name, kind, told._replace(amounts=said[1].lower(), decimal=decimal))
