"""The rows of a CSV file, with the lines on which they begin, and rows as such a file."""

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
    """Begins with a byte-order mark, by which Excel knows UTF-8."""
    return "\ufeff" + "".join(delimiter.join(map(_quoted, row)) + "\r\n" for row in rows)


def _quoted(cell: str) -> str:
    """For every reader, whichever separator it takes."""
    quoted = cell.replace('"', '""')
    return f'"{quoted}"' if re.search('[\r\n,;\t"]', cell) else cell


def rows_of(text: str) -> tuple[list[Row], list[tuple[int, str]], str]:
    """The rows that are not empty, the line and the message of the first that is no CSV, and what parts the cells."""
    # Some readers stop at U+0000; a file with it is UTF-16, or no text.
    before, nul, _ = text.partition("\0")
    if nul:
        return [], [(len(_LINE_BREAK.split(before)), "expected UTF-8 text, found U+0000")], ","
    # Excel's own first line, which it does not save; another program may have filled it up with delimiters.
    separator = re.match("sep=([,;\t])[,;\t]*(?:\r\n|\r|\n|\\Z)", text, re.IGNORECASE | re.ASCII)
    # The first outside quotes and parentheses.
    delimiter = separator or re.match('[\r\n]*(?:"[^"]*"|\\([^()\r\n]*\\)|[^\r\n,;\t"(])*([,;\t])', text)
    # The limit is the whole process's and guards against unbounded cells; all of the text is here already.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    above = 1 if separator else 0
    sign = delimiter[1] if delimiter else ","
    lines = list(io.StringIO(text[separator.end() if separator else 0 :], newline=""))
    reader = csv.reader(lines, delimiter=sign, strict=True)
    # Python's reader takes a quote within a cell for a letter, others do not.
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
    """Without the empty cells behind its last one, as far as they are more than `least`."""
    last = max((index for index, cell in enumerate(cells) if cell.strip(BLANKS)), default=-1)
    return cells[: max(last + 1, least)]
