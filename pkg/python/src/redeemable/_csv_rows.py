"""Reads the rows of a CSV file, each with the line on which it begins, and writes rows as a file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ._csv_cells import shown

BLANKS = " \t\r\n\u00a0"
_LINE_BREAK = re.compile("\r\n|\r|\n")


class Row(NamedTuple):
    line: int
    cells: list[str]


def text_of(rows: Iterable[Sequence[str]], delimiter: str) -> str:
    """The rows as CSV. It begins with a byte-order mark, by which Excel recognises UTF-8."""
    return "\ufeff" + "".join(delimiter.join(map(_quoted, row)) + "\r\n" for row in rows)


def _quoted(cell: str) -> str:
    """The cell in quotes if it contains any of the separators: the reader may take another one than ours."""
    quoted = cell.replace('"', '""')
    return f'"{quoted}"' if re.search('[\r\n,;\t"]', cell) else cell


def rows_of(text: str) -> tuple[list[Row], list[tuple[int, str]], str]:
    """The rows that are not empty, the line and the message of the first row that is no CSV, and the delimiter."""
    # A file that contains U+0000 is UTF-16, or no text. Some CSV readers would stop there.
    before, nul, _ = text.partition("\0")
    if nul:
        return [], [(len(_LINE_BREAK.split(before)), "expected UTF-8 text, found U+0000")], ","
    # `sep=;` is Excel's own first line. Another program may have added delimiters to it, one for each column.
    separator = re.match("sep=([,;\t])[,;\t]*(?:\r\n|\r|\n|\\Z)", text, re.IGNORECASE | re.ASCII)
    # The delimiter is the first one outside quotes and parentheses: `budget (major, comma)` is one name.
    delimiter = separator or re.match('[\r\n]*(?:"[^"]*"|\\([^()\r\n]*\\)|[^\r\n,;\t"(])*([,;\t])', text)
    # Python limits the length of a cell for the whole process, to protect readers of unbounded streams. This text is
    # already in memory, so the limit is raised to its length.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    above = 1 if separator else 0
    sign = delimiter[1] if delimiter else ","
    lines = list(io.StringIO(text[separator.end() if separator else 0 :], newline=""))
    reader = csv.reader(lines, delimiter=sign, strict=True)
    # Python's reader accepts a quote in the middle of a cell, but other readers do not. This pattern matches quoted
    # cells; a quote that remains after their removal is an error.
    quoted = re.compile(f'(?:^|(?<=[{sign}\r\n]))"(?:[^"]|"")*"(?=[{sign}\r\n]|\\Z)')
    rows: list[Row] = []
    at = 0
    try:
        for cells in reader:
            if '"' in quoted.sub("", "".join(lines[at : reader.line_num])):
                raise csv.Error
            if any(cells):
                rows.append(Row(above + at + 1, cells))
            at = reader.line_num
    except csv.Error:
        found = shown(lines[at].rstrip("\r\n"))
        message = f"expected CSV: quotes around the whole cell, and each quote within it twice, found {found}"
        return rows, [(above + at + 1, message)], sign
    return rows, [], sign


def filled(cells: list[str], least: int) -> list[str]:
    """The cells without the empty ones at the end, but at least `least` of them."""
    last = max((index for index, cell in enumerate(cells) if cell.strip(BLANKS)), default=-1)
    return cells[: max(last + 1, least)]
