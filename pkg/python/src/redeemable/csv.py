"""Writes promos as a table for spreadsheets, and reads them again. If one row is wrong, none is read."""

from __future__ import annotations

import json
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, cast

from ._csv_cells import Told, cell_of
from ._csv_checks import Checks
from ._csv_fields import NAMES, in_order, kind_of, values_of
from ._csv_header import header_of
from ._csv_rows import rows_of, text_of
from ._kit import _shared_engine
from ._report import NUMBERS, STATES
from .engine import Engine
from .errors import InvalidRequest
from .types import Promo, Report

__all__ = ["CsvError", "Imported", "from_csv", "report_csv", "to_csv"]


class CsvError(TypedDict):
    """What is wrong in one line of a file."""

    line: int
    """The line on which the row begins; the header is on line 1."""
    path: str
    """The column, or the place within its cell: `max_uses`, `pools.1.id`, `pools[0].id`; empty for the whole row."""
    message: str


class Imported(TypedDict):
    """All promos of the file; or, if anything is wrong, None and all errors, so that no file is half imported."""

    promos: list[Promo] | None
    errors: list[CsvError]


def to_csv(promos: Sequence[Promo], *, delimiter: str = ",", engine: Engine | None = None) -> str:
    """Writes promos as CSV. `from_csv` reads the same promos from it.

    Each promo is a row. Each field that at least one promo has is a column, named like the field; a field within a
    field is named like `discount.percent`, and in a list, whose entries are numbered from 1, like
    `requires.2.min_tickets`. An empty cell is a field that is not given. Amounts are in minor units, times are ISO 8601
    in UTC, times of day are like `22:00` (`26:00` is 02:00 on the next day), and lists of names are JSON. So is, in one
    column, what columns cannot say: a list of more than nine entries, one without any, and conditions.

    Excel opens and saves the file without changing it. Take `delimiter=";"` where Excel uses a semicolon as list
    separator, as in German and Spanish; percents then have a decimal comma. The text begins with a byte-order mark, by
    which Excel recognises UTF-8. Write it to a file that was opened with `newline=""`, or the line ends change. An
    apostrophe stands before a text that a spreadsheet would execute (`=1+1`), take for a number or a day (`0012`,
    `1E5`, `3-4`, `MAR1`), or cut (12 digits and more); `from_csv` removes it. A cell of Excel holds at most 32 767
    characters.

    If a promo is malformed, it raises the engine's `InvalidRequest`.
    """
    if delimiter not in _DELIMITERS:
        raise InvalidRequest("invalid_request", ("delimiter",), "expected a comma, a semicolon or a tab")
    # A malformed promo could lose fields in the table without an error, so the engine checks all promos first.
    faults = (engine or _shared_engine()).validate_promos({"promos": list(promos)})["faults"]
    # Of two promos with one code both have a fault: the later one is named.
    for fault in [*(fault for fault in faults if fault["code"] != "duplicate_code"), *faults[-1:]][:1]:
        raise InvalidRequest(fault["code"], fault["at"], fault["message"])
    rows = [values_of(promo, ("promos", index)) for index, promo in enumerate(promos)]
    for index, row in enumerate(rows):
        for name in ("id", "currency"):
            if "\0" in (row.get(name) or ""):
                raise InvalidRequest(
                    "invalid_request", ("promos", index, name), "expected no U+0000, which CSV cannot hold"
                )
    names = _filled_last(in_order({"code", *(name for row in rows for name in row)}), rows)
    return text_of(
        [names, *([cell_of(row.get(name), kind_of(name) or "", delimiter) for name in names] for row in rows)],
        delimiter,
    )


def report_csv(report: Report, *, delimiter: str = ",") -> str:
    """Writes the rows of a report as CSV: `code`, `currency`, `person`, then the numbers of each state.

    These are the numbers of `held`, `confirmed` and `released`, such as `confirmed_paid`. Amounts are in minor units.
    An empty code is the row of all orders, an empty person everybody. The text begins with a byte-order mark, and an
    apostrophe stands before a text that a spreadsheet would change, as in `to_csv`.
    """
    if delimiter not in _DELIMITERS:
        raise InvalidRequest("invalid_request", ("delimiter",), "expected a comma, a semicolon or a tab")
    columns = [(state, name) for state in STATES for name in NUMBERS]
    rows = cast(Sequence[Mapping[str, Any]], report["rows"])
    lines = [
        [
            *(cell_of(row[name], "text", delimiter) for name in ("code", "currency", "person")),
            *(cell_of(row[state][name], "count", delimiter) for state, name in columns),
        ]
        for row in rows
    ]
    return text_of([["code", "currency", "person", *(f"{state}_{name}" for state, name in columns)], *lines], delimiter)


def from_csv(
    text: str,
    *,
    amounts: Literal["minor", "major"] = "minor",
    decimal: Literal[".", ","] | None = None,
    zone: str | None = None,
    defaults: Mapping[str, Any] | None = None,
    engine: Engine | None = None,
) -> Imported:
    """Reads the promos of a CSV file, or says line by line what is wrong with it. Nothing is stored.

    The first row names the columns. Their order, upper and lower case, and blanks for underscores (`Max uses`) make no
    difference. The delimiter is found in the first row, or in a line `sep=;` before it. Errors are: a column that is no
    field of a promo, a row with more or fewer cells than the first (empty cells at its end do not count), a promo that
    is malformed, and a code or an id that an earlier row has. Rows whose cells are all empty are skipped. Open a file
    with `newline=""` to read it, or a line break within a cell changes.

    - Counts are whole: `3.0`, `1.000` and `1.8E+12` are errors, which say what to write. Percents may be `12.5`,
      `12,5` and `20 %`.
    - Amounts are whole minor units, or major units (`15.00` is 1500 in EUR) if `amounts` is "major" or the column is
      named `budget (major)`. The promo's currency says how many decimals major units have; it must be in ISO 4217, or
      be sat or msat. `decimal`, or a column `budget (major comma)`, says which sign is the decimal sign; the default is
      a point if commas separate the cells, and otherwise unknown. An amount is an error if its sign may stand before
      decimals or before thousands (`1.000`). Amounts within JSON are always in minor units.
    - Times are milliseconds since 1970 or ISO 8601 with an offset. A time without an offset is a local time of `zone`
      (`Europe/Berlin`), and an error if the clocks there show it twice or never. A date without a time means in
      `starts_at_ms` the first instant of that day, and in `ends_at_ms` the first instant of the next day, so that the
      promo is valid all day.
    - Lists of names may be written `regular; vip`, days of the week `5; 6`, and `only_for`
      `email: ann@example.org; @corp.example`. All of them may be JSON.
    - A field with fields of its own, such as `requires`, has a column for each of them, or is JSON in one cell. An
      entry of a list all of whose cells are empty does not exist. Hours that end at `02:00` and begin later end on the
      next day.
    - True and false may be written as Excel does in English, German and Spanish, as yes and no, or as 1 and 0.

    `defaults` are fields that each promo gets if the file has no column for them (an empty cell is still a field that
    is not given). With defaults, the file may be a list of codes, one per line, without a first row of names.
    """
    if not isinstance(text, str):
        raise InvalidRequest("invalid_request", (), "expected text")
    rows, broken, delimiter = rows_of(text.removeprefix("\ufeff"))
    settings = _settings(defaults)
    told = _told(amounts, decimal, zone, delimiter)
    header = header_of(rows, told, settings is not None)
    errors = [_error(line, "", message) for line, message in broken]
    errors = errors or [_error(header.line, path, message) for path, message in header.errors]
    promos: list[Promo] = []
    if not errors:
        names = [column.name for column in header.columns]
        missing = {
            name: value for name, value in (settings or {}).items() if not any(_meet(one, name) for one in names)
        }
        checks = Checks(engine or _shared_engine(), header.columns, missing)
        for row in header.rows:
            promo, found = checks.row(row)
            errors += [_error(row.line, path, message) for path, message in found]
            promos.append(promo)
    return {"promos": None if errors else promos, "errors": errors}


_DELIMITERS = (",", ";", "\t")


def _error(line: int, path: str, message: str) -> CsvError:
    return {"line": line, "path": path, "message": message}


def _meet(one: str, other: str) -> bool:
    """Whether the columns are about the same field, or about entries of the same list."""
    first, second = (re.sub(r"\.[0-9]+\..*", "", name) + "." for name in (one, other))
    return first.startswith(second) or second.startswith(first)


def _filled_last(names: list[str], rows: list[dict[str, Any]]) -> list[str]:
    """The names in order; from 16 rows on, a column that every row fills stands last.

    Excel saves rows in blocks of 16. In each block after the first it leaves out the cells at the end that are empty in
    all of its rows, and these rows would have too few cells.
    """
    last = (
        names[-1]
        if len(rows) < 16
        else next(name for name in reversed(names) if all(row.get(name) is not None for row in rows))
    )
    return [*(name for name in names if name != last), last]


def _settings(defaults: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if defaults is None:
        return None
    if not isinstance(defaults, Mapping):
        raise _invalid("defaults", "a mapping", defaults)
    return values_of(defaults, ("defaults",), [name for name in NAMES if name != "code"])


def _told(amounts: str, decimal: str | None, zone: str | None, delimiter: str) -> Told:
    """Checks the options. The delimiter decides which decimal sign is the default."""
    if amounts not in ("minor", "major"):
        raise _invalid("amounts", "minor or major", amounts)
    if decimal not in (None, ".", ","):
        raise _invalid("decimal", "a point or a comma", decimal)
    clock = None
    if zone is not None:
        try:
            clock = zoneinfo.ZoneInfo(zone)
        except (KeyError, ValueError, OSError, TypeError, AttributeError):
            if not zoneinfo.available_timezones():
                message = "expected time zones on this system, found none: install the package tzdata"
                raise InvalidRequest("invalid_request", ("zone",), message) from None
            raise _invalid("zone", "a time zone such as Europe/Berlin", zone) from None
    return Told(amounts, decimal or ("." if delimiter == "," else None), clock)


def _invalid(name: str, expected: str, found: object) -> InvalidRequest:
    return InvalidRequest("invalid_request", (name,), f"expected {expected}, found {json.dumps(found, default=str)}")
