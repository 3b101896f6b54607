"""One instance of the engine: its memory, its fuel, and calls of its functions.

wasmtime's public call checks every value and type again in each call, which takes longer than the engine's own work.
`_inner` therefore uses wasmtime's inner functions. If a version of wasmtime lacks one of them, `_public` is used.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Protocol
from weakref import ref

import wasmtime

from ._code import load
from .errors import EngineStopped

# How many instructions one call may use, about a second, and how many bytes. The heaviest order that the engine accepts
# (1000 tickets that are charged to 100 counters) takes 2 % of either; an ordinary order takes 0.005 % and a megabyte.
FUEL = 4_000_000_000
MEMORY = 256 << 20
# wasmtime counts fuel in 64 bits. It returns addresses as signed integers of 32 bits, so only 2 GiB can be addressed.
MOST_FUEL = 2**64 - 1
MOST_MEMORY = 1 << 31
# The first size of the buffer for requests; most requests are shorter.
ROOM = 16 << 10

# A function of the engine. It takes the number of the rules and the length of the request, and returns the address of
# two words: the answer's address and its length.
Call = Callable[[int, int], int]


class Prepared(Protocol):
    """What an instance needs of `engine.PreparedRules`: the document, which it prepares before their first request."""

    document: bytes


class Instance:
    """An instance is used by one thread at a time, and never again after it raised `EngineStopped`."""

    def __init__(self, fuel: int, memory: int, inner: bool = True) -> None:
        engine, module = load()
        _bounded("fuel", fuel, 1, MOST_FUEL)
        _bounded("memory", memory, _least(module), MOST_MEMORY)
        self._fuel = fuel
        self._memory = memory
        self._bind = _inner if inner else _public
        self._store = wasmtime.Store(engine)
        self._store.set_limits(memory_size=memory, instances=1, memories=1, tables=1)
        self._store.set_fuel(fuel)
        self._exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        linear: Any = self._exports["memory"]
        self._base = ctypes.addressof(linear.data_ptr(self._store).contents)
        self._calls: dict[str, Call] = {}
        self._room = -1  # there is no buffer yet, not even for an empty request
        self._numbers: dict[ref[Prepared], int] = {}
        # Rules that Python has collected, perhaps on another thread. The next call on this instance drops them.
        self._collected: list[ref[Prepared]] = []

    def answer(self, verb: str, request: bytes, rules: Prepared | None = None) -> bytes:
        """The engine's answer to the request, as text. The verb `prepare` answers nothing, or an error in the rules."""
        while self._collected:
            self._ask("drop-rules", b"", self._numbers.pop(self._collected.pop()))
        if rules is None:
            return self._ask(verb, request, 0)
        number = self._numbers.get(ref(rules))
        if number is None:
            prepared = self._ask("prepare", rules.document, 0)
            if not prepared.startswith(b'{"rules":'):
                return prepared  # the error in the rules
            number = self._numbers[ref(rules, self._collected.append)] = int(prepared[9:-1])
        return b"" if verb == "prepare" else self._ask(verb, request, number)

    def serves_others(self, rules: Prepared | None) -> bool:
        """Whether other rules than these take a part of the instance's memory."""
        return len(self._numbers) > (rules is not None and ref(rules) in self._numbers)

    def _ask(self, verb: str, request: bytes, number: int) -> bytes:
        length = len(request)
        if length >= self._memory:
            # Refuse it here: the length crosses in 32 bits, so from 4 GiB on the engine would get a smaller one.
            raise EngineStopped("the request is longer than the memory of a call")
        try:
            if length > self._room:
                self._make_room(max(length, ROOM))
            call = self._calls.get(verb)
            if call is None:
                call = self._calls[verb] = self._bind(self._store, self._exports[verb], self._fuel)
            ctypes.memmove(self._request, request, length)
            place = ctypes.c_uint64.from_address(self._base + call(number, length)).value
        except (wasmtime.Trap, wasmtime.WasmtimeError) as trap:
            raise EngineStopped(str(trap)) from None
        return ctypes.string_at(self._base + (place & 0xFFFF_FFFF), place >> 32)

    def _make_room(self, length: int) -> None:
        self._store.set_fuel(self._fuel)
        realloc: Any = self._exports["cabi_realloc"]
        self._request = self._base + realloc(self._store, 0, 0, 1, length)
        self._room = length


def _least(module: wasmtime.Module) -> int:
    """The bytes of memory that the engine has before its first call."""
    (memory,) = [export.type for export in module.exports if isinstance(export.type, wasmtime.MemoryType)]
    return int(memory.limits.min) << 16


def _bounded(name: str, value: object, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{name}: expected an integer from {least} to {most}, found {value!r}")


def _public(store: wasmtime.Store, function: Any, fuel: int) -> Call:
    def call(number: int, length: int) -> int:
        store.set_fuel(fuel)
        place: int = function(store, number, length)
        return place

    return call


def _inner(store: Any, function: Any, fuel: int) -> Call:
    # These names are private to wasmtime: if one is missing or has another type, fall back to the public call.
    try:
        ffi: Any = wasmtime._ffi
        address = ctypes.c_void_p
        set_fuel = ctypes.CFUNCTYPE(address, address, ctypes.c_uint64)(("wasmtime_context_set_fuel", ffi.dll))
        enter = ctypes.CFUNCTYPE(address, address, address, address, ctypes.c_size_t, address)(
            ("wasmtime_func_call_unchecked", ffi.dll)
        )
        context = ctypes.cast(store._context(), address).value
        this = ctypes.addressof(function._func)
        trap = ctypes.POINTER(ffi.wasm_trap_t)()
        trap_at = ctypes.addressof(trap)
        error_type = ctypes.POINTER(ffi.wasmtime_error_t)
        raised: Any = wasmtime.Trap._from_ptr, wasmtime.WasmtimeError._from_ptr
        # Two slots of 16 bytes: the arguments, and afterwards the result in the first.
        if ctypes.sizeof(ffi.wasmtime_val_raw_t) != 16:
            raise AttributeError
    except (AttributeError, TypeError):
        return _public(store, function, fuel)
    slots = (ctypes.c_uint64 * 4)()
    slots_at = ctypes.addressof(slots)

    def call(number: int, length: int) -> int:
        set_fuel(context, fuel)
        slots[0] = number
        slots[2] = length
        error = enter(context, this, slots_at, 2, trap_at)
        if trap:
            raise raised[0](trap)
        if error:
            raise raised[1](ctypes.cast(error, error_type))
        return slots[0] & 0xFFFF_FFFF

    # `call` knows these objects only by their addresses. This reference keeps Python from freeing them.
    call.kept = function, store  # type: ignore[attr-defined]
    return call
