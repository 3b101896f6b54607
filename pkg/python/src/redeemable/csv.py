"""Promos as a table for spreadsheets, and back: each row is checked by the engine, and all are taken or none."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypedDict, cast

from ._kit import _shared_engine
from .engine import Engine
from .errors import InvalidRequest
from .types import Promo

__all__ = ["CsvError", "Imported", "from_csv", "to_csv"]


class CsvError(TypedDict):
    """What is wrong in one line of a file."""

    line: int
    """On which the row begins; the header is on line 1."""
    path: str
    """The column, or the place within its cell: `max_uses`, `pools[0].id`; empty for the whole row."""
    message: str


class Imported(TypedDict):
    """All promos and no errors, or None and everything that is wrong: nothing is half imported."""

    promos: list[Promo] | None
    errors: list[CsvError]


def to_csv(promos: Sequence[Promo], *, delimiter: str = ",", engine: Engine | None = None) -> str:
    """The promos as CSV; `from_csv` gives back the same. Raises what the engine raises about promos that are not well-formed.

    One row each, with a column for every field that one of them has, named as the field; those of `discount` are `discount.kind`, `discount.percent`,
    `discount.amount` and `discount.price`. An empty cell is a field that is not given. Amounts are in minor units, times in milliseconds since 1970;
    `pools`, `events`, `ticket_types`, `only_for` and `release` are JSON.

    It begins with a byte-order mark, by which Excel knows UTF-8, so write it with `newline=""`. A text that a spreadsheet would take for a formula (one that
    begins with = + - @, a tab or a line break) has an apostrophe before it, which `from_csv` takes away. A spreadsheet that saves may still change a code that
    looks like a number or a date (`007`, `MAR1`): format that column as text.
    """
    if delimiter not in _DELIMITERS:
        raise InvalidRequest("invalid_request", "delimiter", "expected a comma, a semicolon or a tab")
    # What the engine does not read would be lost here in silence.
    (engine or _shared_engine()).usage_keys({"codes": [], "promos": list(promos), "order": _ORDER})
    rows = [_flat(promo, f"promos[{index}]") for index, promo in enumerate(promos)]
    names = [name for name in _COLUMNS if name == "code" or any(row.get(name) is not None for row in rows)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([_cell(row.get(name), _COLUMNS[name]) for name in names] for row in rows)
    return "\ufeff" + text.getvalue()


def from_csv(text: str, *, engine: Engine | None = None) -> Imported:
    """The promos of a CSV file, in any order of columns, or everything that is wrong with it, by line. Nothing is stored.

    The first row names the columns; whether comma, semicolon or tab parts the cells is seen from it. A column that no promo has, a row with more or fewer
    cells, a promo that the engine does not read, and a code or an id that an earlier row has are errors, and so are numbers other than in plain digits
    (`1.8E+12`, `1,000`), of which a spreadsheet may have dropped some. Rows whose cells are all empty are passed over.
    Read a file with `newline=""`, or a line break within a cell changes.
    """
    if not isinstance(text, str):
        raise InvalidRequest("invalid_request", "", "expected text")
    rows, broken = _rows(text.removeprefix("\ufeff"))
    header = rows.pop(0) if rows else _Row(1, [])
    errors = broken or _header_errors(header)
    promos: list[Promo] = []
    checks = _Checks(engine or _shared_engine())
    if not errors:
        for row in rows:
            promo, found = checks.row(header.cells, row)
            errors += [{"line": row.line, "path": path, "message": message} for path, message in found]
            promos.append(promo)
    return {"promos": None if errors else promos, "errors": errors}


# Each field of a promo by how its cell is written; a promo with another field is not exported.
_COLUMNS = {
    "code": "text", "id": "text", "active": "bool", "discount.kind": "text", "discount.percent": "number", "discount.amount": "number",
    "discount.price": "number", "discount_percent": "number", "currency": "text", "count_by": "text", "max_uses": "number", "single_use": "bool",
    "max_uses_per_identity": "number", "max_tickets_per_order": "number", "max_discount": "number", "budget": "number", "pools": "json", "when_short": "text",
    "starts_at_ms": "number", "ends_at_ms": "number", "events": "json", "ticket_types": "json", "min_tickets": "number", "max_tickets": "number",
    "min_subtotal": "number", "only_for": "json", "combines": "bool", "priority": "number", "rounding": "text", "release": "json",
}  # fmt: skip
_EXPECTED = {"number": "a number in plain digits", "bool": "true or false", "json": "JSON with each field once"}
_DISCOUNT = "discount."
_DELIMITERS = (",", ";", "\t")
_ORDER: Any = {"event_id": "csv", "currency": "csv", "lines": [{"unit_price": 0, "quantity": 1}]}
# A spreadsheet would execute a text that begins like a formula: an apostrophe goes before it, and before apostrophes that stand before one.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
Found = list[tuple[str, str]]


class _Row(NamedTuple):
    line: int
    cells: list[str]


def _rows(text: str) -> tuple[list[_Row], list[CsvError]]:
    """The rows that are not empty, each with the line it begins on, and the row that is no CSV, after which nothing is read."""
    # Some readers stop at U+0000; a file with it is UTF-16, or no text.
    before, nul, _ = text.partition("\0")
    if nul:
        return [], [{"line": 1 + len(re.findall("\r\n|\r|\n", before)), "path": "", "message": "expected UTF-8 text, found U+0000"}]
    first = re.match("[\r\n]*[^\r\n,;\t]*([,;\t])", text)
    delimiter = first[1] if first else ","
    # The limit is the whole process's and guards against unbounded cells; a guest list is long, and all of the text is here already.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    line = 1
    try:
        for cells in reader:
            if any(cells):
                rows.append(_Row(line, cells))
            line = reader.line_num + 1
    except csv.Error:
        return rows, [{"line": line, "path": "", "message": "expected CSV: quotes around the whole cell, and each quote within it twice"}]
    return rows, []


def _header_errors(header: _Row) -> list[CsvError]:
    found: Found = []
    for index, name in enumerate(header.cells):
        if name not in _COLUMNS:
            found.append((name, f"unknown column, expected one of {', '.join(_COLUMNS)}"))
        elif name in header.cells[:index]:
            found.append((name, "expected each column once"))
    if "code" not in header.cells:
        found.append(("code", "missing required column"))
    return [{"line": header.line, "path": path, "message": message} for path, message in found]


class _Checks:
    """What is wrong with a row, by itself and beside those before it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._firsts: dict[str, int] = {}

    def row(self, names: Sequence[str], row: _Row) -> tuple[Promo, Found]:
        found = _wrong_cells(names, row.cells)
        promo: dict[str, Any] = {}
        if not found:
            promo, found = _promo(names, row.cells)
        if not found:
            found = self._fault(promo)
        return cast(Promo, promo), found + self._repeated(promo, row.line)

    def _fault(self, promo: dict[str, Any]) -> Found:
        """What the engine says against the promo."""
        try:
            self._keys([], promo)
        except InvalidRequest as error:
            if not error.path.startswith("promos[0]"):
                raise
            return [(error.path.removeprefix("promos[0]").removeprefix("."), error.message)]
        return []

    def _repeated(self, promo: dict[str, Any], line: int) -> Found:
        """Whether an earlier row has the same code, as the engine compares them, or the same id."""
        keys = []
        terms = {"code": promo.get("code"), "discount": {"kind": "none"}}
        if not self._fault(terms):
            keys.append(("code", "a code", f"code {self._keys([terms['code']], terms)[0]}"))
        if "id" in promo:
            keys.append(("id", "an id", f"id {promo['id']}"))
        firsts = [(path, what, self._firsts.setdefault(key, line)) for path, what, key in keys]
        return [(path, f"expected {what} that no other promo has, found that of line {first}") for path, what, first in firsts if first != line]

    def _keys(self, codes: list[Any], promo: Any) -> list[str]:
        return self._engine.usage_keys({"codes": codes, "promos": [promo], "order": _ORDER})


def _wrong_cells(names: Sequence[str], cells: Sequence[str]) -> Found:
    if len(cells) != len(names):
        return [("", f"expected {len(names)} cells, found {len(cells)}")]
    return [(name, "expected UTF-8 text, found characters that were lost") for name, cell in zip(names, cells) if "\ufffd" in cell]


def _promo(names: Sequence[str], cells: Sequence[str]) -> tuple[dict[str, Any], Found]:
    """The promo of a row, and each cell that is not as its column wants it."""
    promo: dict[str, Any] = {}
    found: Found = []
    for name, cell in zip(names, cells):
        if cell == "":
            continue
        try:
            value = _value(cell, _COLUMNS[name])
        except (ValueError, RecursionError):
            found.append((name, f"expected {_EXPECTED[_COLUMNS[name]]}"))
            continue
        if name.startswith(_DISCOUNT):
            promo.setdefault("discount", {})[name.removeprefix(_DISCOUNT)] = value
        else:
            promo[name] = value
    return promo, found


def _flat(promo: Promo, path: str) -> dict[str, Any]:
    fields: dict[str, Any] = dict(promo)
    fields.update({_DISCOUNT + name: value for name, value in (fields.pop("discount", None) or {}).items()})
    for name in fields:
        if name not in _COLUMNS:
            raise InvalidRequest("invalid_request", f"{path}.{name}", f"unknown field, expected one of {', '.join(_COLUMNS)}")
    for name in ("id", "currency"):
        if "\0" in (fields.get(name) or ""):
            raise InvalidRequest("invalid_request", f"{path}.{name}", "expected no U+0000, which CSV cannot hold")
    return fields


def _cell(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if kind == "json":
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if kind == "bool":
        return "true" if value else "false"
    if kind == "number":
        return str(int(value) if value == int(value) else value)
    return f"'{value}" if _FORMULA.match(value) else str(value)


def _value(cell: str, kind: str) -> Any:
    """Raises ValueError for a cell that is not as its column wants it."""
    if kind == "json":
        return json.loads(cell, object_pairs_hook=_object, parse_constant=_constant)
    if kind == "bool":
        return ["false", "true"].index(cell.lower()) == 1
    if kind == "number":
        if not re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,16})?", cell):
            raise ValueError
        return float(cell) if "." in cell else int(cell)
    return cell[1:] if cell[0] == "'" and _FORMULA.match(cell) else cell


def _object(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    fields = list(fields)
    if len({name for name, _ in fields}) < len(fields):
        raise ValueError
    return dict(fields)


def _constant(name: str) -> None:
    raise ValueError
