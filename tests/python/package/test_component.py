"""The component: it has the interface of its WIT and no imports, and gives every vector's answer."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import wasmtime
from support import CALLS, ROOT, cases, compact, expected, heavy
from wasmtime import component

BUILT = ROOT / "component/dist/redeemable.component.wasm"
WIT = ROOT / "component/redeemable.wit"


@pytest.fixture(scope="module")
def core(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read("redeemable/_wasm/redeemable.wasm")


def sections(wasm: bytes) -> Iterator[tuple[int, bytes]]:
    """The number and the content of each section of a wasm module or component."""
    position = 8
    while position < len(wasm):
        number, position, size, shift = wasm[position], position + 1, 0, 0
        while True:
            byte = wasm[position]
            size |= (byte & 0x7F) << shift
            position, shift = position + 1, shift + 7
            if byte < 0x80:
                break
        yield number, wasm[position : position + size]
        position += size


def test_the_core_module_imports_nothing(core: bytes) -> None:
    assert core.startswith(b"\0asm\1\0\0\0")
    assert 2 not in [number for number, _ in sections(core)]
    assert wasmtime.Module(wasmtime.Engine(), core).imports == []


def test_the_component_imports_nothing_and_holds_the_same_core_module(core: bytes) -> None:
    built = BUILT.read_bytes()
    assert built.startswith(b"\0asm\x0d\0\1\0")
    numbers = [number for number, _ in sections(built)]
    assert 10 not in numbers, "10 is the section of imports"
    assert numbers.count(1) == 1, "1 is a core module"
    (inner,) = [contents for number, contents in sections(built) if number == 1]
    # Compares all sections except notes, which name the tools and the features that the compiler might use.
    assert [section for section in sections(inner) if section[0] != 0] == [
        section for section in sections(core) if section[0] != 0
    ]
    engine = wasmtime.Engine()
    assert list(component.Component(engine, built).type.imports(engine)) == []


def test_it_exports_the_functions_of_the_wit() -> None:
    declared = re.findall(r"^  export ([a-z-]+): func\(request: string\) -> string;$", WIT.read_text(), re.MULTILINE)
    assert sorted(declared) == sorted(export for _, export in CALLS.values())
    assert WIT.read_text().count("export ") == len(declared) and "import " not in WIT.read_text()
    engine = wasmtime.Engine()
    exports = component.Component(engine, BUILT.read_bytes()).type.exports(engine)
    assert sorted(exports) == sorted(declared)
    for function in (exports[name].ty for name in declared):
        assert isinstance(function, component.FuncType)
        assert [(name, type(kind)) for name, kind in function.params] == [("request", component.String)]
        assert isinstance(function.result, component.String)


def test_every_vector_has_exactly_its_answer() -> None:
    engine = wasmtime.Engine()
    built = component.Component(engine, BUILT.read_bytes())
    # The linker offers nothing, not even WASI.
    store = wasmtime.Store(engine)
    instance = component.Linker(engine).instantiate(store, built)
    functions = {call: instance.get_func(store, export) for call, (_, export) in CALLS.items()}
    wrong = []
    for case in cases():
        function = functions[case["call"]]
        assert function is not None
        answer = function(store, json.dumps(case["request"], ensure_ascii=False))
        function.post_return(store)
        if answer != expected(case):
            wrong.append(case["name"])
    assert wrong == []


def test_errors_name_code_path_and_message_in_that_order() -> None:
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    instance = component.Linker(engine).instantiate(store, component.Component(engine, BUILT.read_bytes()))
    for _, export in CALLS.values():
        function = instance.get_func(store, export)
        assert function is not None
        for text in ("", "nonsense", "{}", "[]"):
            assert re.fullmatch(
                r'\{"error":\{"code":"invalid_request","path":"[a-z_]*","at":\[("[a-z_]+")?\],"message":"[^{}]+"\}\}',
                function(store, text),
            )
            function.post_return(store)


def test_the_heaviest_order_is_sold_and_given_back() -> None:
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    instance = component.Linker(engine).instantiate(store, component.Component(engine, BUILT.read_bytes()))

    def ask(call: str, request: object) -> Any:
        function = instance.get_func(store, CALLS[call][1])
        assert function is not None
        answer = json.loads(function(store, compact(request)))
        function.post_return(store)
        return answer

    held = ask("validateRedemption", heavy(2, 24))["ops"][0]["redemption"]
    assert sum(len(charge["tickets"]) for charge in held["charges"]) == 100_000
    assert len(ask("auditUsage", {"redemptions": [held]})["counters"]) == 100
    released = ask("applyRelease", {"redemption": held, "release": {"reason": "hold_expired"}, "now_ms": 1800000900000})
    assert (released["status"], len(released["tickets"]), len(released["ops"])) == ("released", 1000, 101)
    assert ask("validateRedemption", heavy(2, 25))["error"]["path"] == "order.lines"
