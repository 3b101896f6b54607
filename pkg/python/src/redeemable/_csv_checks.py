"""Checks the rows of a table of promos."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from ._csv_cells import WrongCell, shown, value_of
from ._csv_fields import document_of, kind_of
from ._csv_header import Column, Found
from ._csv_rows import Row, filled
from ._csv_texts import unguarded
from .engine import Engine
from .errors import At, path_of
from .types import Promo


class Checks:
    """Finds what is wrong with each row, by itself and compared with the rows before it."""

    def __init__(self, engine: Engine, columns: list[Column], missing: Mapping[str, Any]) -> None:
        self._engine = engine
        self._columns = columns
        self._missing = missing
        self._firsts: dict[str, list[tuple[int, Any]]] = {}

    def row(self, row: Row) -> tuple[Promo, Found]:
        cells = filled(row.cells, len(self._columns))
        promo: dict[str, Any] = {}
        found = self._wrong_cells(cells)
        if not found:
            given = {column.name: cell for column, cell in zip(self._columns, cells, strict=True) if cell != ""}
            values, found = self._values(given)
            promo, places = document_of(values)
            found = found or [_with_cell(error, places, given) for error in self._faults(promo)]
        return cast(Promo, promo), found + self._repeated(promo, row.line)

    def _wrong_cells(self, cells: Sequence[str]) -> Found:
        if len(cells) != len(self._columns):
            return [("", f"expected {len(self._columns)} cells, found {len(cells)}: {shown(', '.join(cells))}")]
        lost = [(column.name, cell) for column, cell in zip(self._columns, cells, strict=True) if "\ufffd" in cell]
        return [(name, f"expected UTF-8 text, found characters that were lost: {shown(cell)}") for name, cell in lost]

    def _values(self, given: Mapping[str, str]) -> tuple[dict[str, Any], Found]:
        """The values of a row's cells and the defaults, and an error for each cell that does not fit its column."""
        values: dict[str, Any] = copy.deepcopy(dict(self._missing))
        names = [column.name for column in self._columns]
        found: Found = []

        def text_at(name: str) -> str:
            return given.get(name, "") if name in names else str(values.get(name) or "")

        currency = unguarded(text_at("currency")) or None
        for column in self._columns:
            name, cell = column.name, given.get(column.name)
            if cell is None:
                continue
            try:
                for whole in given:
                    if name.startswith(f"{whole}."):
                        raise WrongCell(f"expected an empty cell beside {whole}, found {shown(cell)}")
                told = column.told._replace(currency=currency, beside=_beside(name, text_at))
                values[name] = value_of(cell, column.kind, told)
            except WrongCell as error:
                found.append((name, str(error)))
        return values, found

    def _faults(self, promo: dict[str, Any]) -> list[tuple[At, str]]:
        """What the engine finds wrong with the promo."""
        faults = self._engine.validate_promos({"promos": [cast(Promo, promo)]})["faults"]
        return [(tuple(fault["at"][2:]), fault["message"]) for fault in faults]

    def _repeated(self, promo: dict[str, Any], line: int) -> Found:
        """Errors if an earlier row has the same id, or a code at the same event that is the same to the engine."""
        found, events = [], promo.get("events")

        def look(path: str, what: str, key: str, events: Any = None) -> None:
            earlier = self._firsts.setdefault(key, [])
            first = next(
                (line for line, others in earlier if events is None or others is None or set(events) & set(others)),
                None,
            )
            earlier.append((line, events))
            if first is not None:
                found.append((path, f"expected {what} that no other promo has, found that of line {first}"))

        code = promo.get("code")
        if not self._faults({"code": code, "discount": {"kind": "none"}}):
            look("code", "a code", f"code {self._engine.canonical_code({'text': str(code)})['canonical']}", events)
        if "id" in promo:
            look("id", "an id", f"id {promo['id']}")
        return found


def _beside(name: str, text_at: Callable[[str], str]) -> str:
    """The text of the cell that says how to read this one: of what tiers are, and where hours begin."""
    if name.endswith(".from"):
        return text_at(re.sub(r"tiers\.[0-9]+\.from$", "by", name))
    return text_at(re.sub("to_minute$", "from_minute", name)) if name.endswith(".to_minute") else ""


def _with_cell(error: tuple[At, str], places: Mapping[str, At], given: Mapping[str, str]) -> tuple[str, str]:
    """The engine's error, showing the cell as it stands in the file, unless it is about a place within the cell."""
    at, message = error

    def shared(name: str) -> int:
        steps = zip((*places.get(name, ()), None), (*at, None), strict=False)
        return next(length for length, (step, other) in enumerate(steps) if step is None or step != other)

    # The column with which the path shares most is the field itself (`requires.2.min_tickets`), a field around it
    # (`pools` of `pools[0].id`), or beside it (`requires.2.max_tickets`): it says how the file numbers the entries.
    name = max(["", *places], key=shared)
    length = shared(name)
    rest = path_of(at[length:])
    path = ("" if rest.startswith("[") else ".").join(
        part for part in (".".join(name.split(".")[:length]), rest) if part
    )
    cell = given.get(name) if length == len(places.get(name, ())) else None
    whole = not rest and kind_of(name) not in ("json", "list", "people", "days")
    before, found, _ = message.partition(", found ")
    if cell is None or (found and not whole):
        return path, message
    return path, f"{before}, found {shown(cell)}"
