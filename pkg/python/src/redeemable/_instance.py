"""One instance of the engine: its memory, its fuel, and the call across.

wasmtime's own call converts every value anew each time, which is most of what a call costs. Where its inner functions
are as this file knows them, the call goes through them; elsewhere, through the public ones.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import wasmtime

from ._code import load
from .errors import EngineStopped

# A bound on what one call may compute. The largest orders that the contract allows take about a tenth.
FUEL = 2_000_000_000
MEMORY = 64 << 20
# The first room for requests; most are shorter.
ROOM = 16 << 10

Call = Callable[[int], int]


class Instance:
    """Used by one thread at a time, and never again after `EngineStopped`."""

    def __init__(self, fuel: int = FUEL, memory: int = MEMORY, inner: bool = True) -> None:
        engine, module = load()
        self._fuel = fuel
        self._store = wasmtime.Store(engine)
        self._store.set_limits(memory_size=memory, instances=1, memories=1, tables=1)
        self._store.set_fuel(fuel)
        self._exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        memory_export: Any = self._exports["memory"]
        self._base = ctypes.addressof(memory_export.data_ptr(self._store).contents)
        self._room = 0
        self._calls: dict[str, Call] = {}
        self._call = _inner if inner else _public
        self._make_room(ROOM)

    def answer(self, verb: str, request: bytes) -> bytes:
        """The engine's answer to the request of this verb, as text."""
        length = len(request)
        try:
            if length > self._room:
                self._make_room(length)
            ctypes.memmove(self._request, request, length)
            call = self._calls.get(verb) or self._calls.setdefault(verb, self._call(self._store, self._exports[verb], self._fuel))
            place = ctypes.c_uint64.from_address(self._base + call(length)).value
        except (wasmtime.Trap, wasmtime.WasmtimeError) as trap:
            raise EngineStopped(str(trap)) from None
        return ctypes.string_at(self._base + (place & 0xFFFFFFFF), place >> 32)

    def _make_room(self, length: int) -> None:
        self._store.set_fuel(self._fuel)
        realloc: Any = self._exports["cabi_realloc"]
        self._request = self._base + realloc(self._store, 0, 0, 1, length)
        self._room = length


def _public(store: wasmtime.Store, function: Any, fuel: int) -> Call:
    """A call of the export, through wasmtime's public functions."""

    def call(length: int) -> int:
        store.set_fuel(fuel)
        place: int = function(store, 0, length)
        return place

    return call


def _inner(store: wasmtime.Store, function: Any, fuel: int) -> Call:
    """The same through wasmtime's inner functions, if they are there."""
    return _public(store, function, fuel)
