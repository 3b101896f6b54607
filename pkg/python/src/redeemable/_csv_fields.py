"""The columns of a promotion's fields.

A field within an object is a column of its own, such as `discount.percent`, and so is a field of an entry in a list:
`requires.2.min_tickets`, with the entries numbered from 1. What columns cannot say is JSON in the column of the whole,
such as `requires`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ._csv_columns import COLUMNS
from .errors import At, InvalidRequest

# A longer list is JSON in one column: nobody fills in so many columns.
_MOST = 9
_NUMBERS = re.compile(r"\.([1-9][0-9]?)(?=\.)", re.ASCII)

# The names of the fields within a field, such as `requires`; those of the promotion stand under the empty name.
_FIELDS: dict[str, list[str]] = {}
for _column in COLUMNS:
    _around, _, _own = _column.replace(".#", "").rpartition(".")
    _FIELDS.setdefault(_around, []).append(_own)

NAMES = _FIELDS[""]
"""The fields of a promotion."""


def kind_of(name: str) -> str | None:
    """How the cells of a column are written; None if there is no such column."""
    return None if "#" in name else COLUMNS.get(_NUMBERS.sub(".#", name))


def columns_beside(name: str) -> list[str]:
    """The columns of which an unknown one may be meant: those within the same field, or all of the promotion."""
    parts = [part for part in name.split(".") if not re.fullmatch("[0-9#]+", part)]
    for length in range(len(parts) - 1, 0, -1):
        around = ".".join(parts[:length])
        if around in _FIELDS:
            columns = ((column, column.replace(".#", "").rpartition(".")[0]) for column in COLUMNS)
            return [column.replace("#", "1") for column, outer in columns if outer == around]
    return NAMES


def values_of(document: Mapping[str, Any], at: At, names: Sequence[str] = NAMES) -> dict[str, Any]:
    """The values of a document, by column. `at` leads to the document; `names` are the fields that it may have."""
    return dict(_within(document, "", "", at, names))


_Cells = list[tuple[str, Any]]


def _within(entry: Mapping[str, Any], around: str, outer: str, at: At, names: Sequence[str]) -> _Cells:
    cells: _Cells = []
    for own, value in entry.items():
        if own not in names:
            expected = f"unknown field, expected one of {', '.join(names)}"
            raise InvalidRequest("invalid_request", (*at, str(own)), expected)
        if value is None:
            continue
        column, field = (f"{name}.{own}" if name else own for name in (around, outer))
        parts = _parts(value, column, field, (*at, own))
        inner = [cell for part in parts for cell in part]
        # CSV cannot hold U+0000, and JSON can.
        is_text = not any(isinstance(cell, str) and "\0" in cell for _, cell in inner)
        cells += inner if 0 < len(parts) <= _MOST and all(parts) and is_text else [(column, value)]
    return cells


def _parts(value: Any, column: str, field: str, at: At) -> list[_Cells]:
    """The cells of an object, or of each entry of a list; none if the field has no fields of its own."""
    names = _FIELDS.get(field)
    if names is None:
        return []
    if isinstance(value, Mapping):
        return [_within(value, column, field, at, names)]
    if not isinstance(value, (list, tuple)):
        return []
    return [
        _within(entry, f"{column}.{number}", field, (*at, number - 1), names) if isinstance(entry, Mapping) else []
        for number, entry in enumerate(value, 1)
    ]


def in_order(columns: Iterable[str]) -> list[str]:
    """The columns in the order of the fields, and of the entries within a list."""

    def place_of(column: str) -> list[int]:
        place, around = [], ""
        for part in column.split("."):
            if part.isdigit():
                place.append(int(part))
                continue
            place.append(_FIELDS[around].index(part))
            around = f"{around}.{part}" if around else part
        return place

    return sorted(columns, key=place_of)


def document_of(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, At]]:
    """The document of these values, and where the value of each column stands in it. Entries left out are none."""
    entries: dict[str, set[int]] = {}
    for column in values:
        for number in _NUMBERS.finditer(column):
            entries.setdefault(column[: number.start()], set()).add(int(number[1]))
    document: dict[str, Any] = {}
    places: dict[str, At] = {}
    # In the order of the entries, so that each one is added at the end of its list.
    for column in in_order(values):
        path: list[str | int] = []
        parts = column.split(".")
        for index, part in enumerate(parts):
            others = entries.get(".".join(parts[:index]), set())
            path.append(sum(other < int(part) for other in others) if part.isdigit() else part)
        places[column] = tuple(path)
        place: Any = document
        for step, after in itertools.pairwise(path):
            empty: Any = [] if isinstance(after, int) else {}
            if isinstance(step, int):
                if step == len(place):
                    place.append(empty)
                place = place[step]
            else:
                place = place.setdefault(step, empty)
        place[path[-1]] = values[column]
    return document, {column: places[column] for column in values}
