"""A forked process has only the thread that forked, so it must not wait for what other threads were doing."""

from __future__ import annotations

import os
import subprocess
import sys

ASK = """
import os, signal, threading, wasmtime, redeemable
from redeemable import _code

def ask():
    order = '{"event_id":"e","currency":"EUR","lines":[{"unit_price":5,"quantity":1}]}'
    return redeemable.Engine().usage_keys_json('{"codes":[],"promos":[],"now_ms":1800000000000,"order":' + order + "}")

def forked():
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        os._exit(0 if ask() == "[]" else 1)
    return child

def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""

WHILE_COMPILING = """
compiling = threading.Event()
class Module(wasmtime.Module):
    def __init__(self, *arguments):
        compiling.set()
        super().__init__(*arguments)
wasmtime.Module = Module
thread = threading.Thread(target=redeemable.Engine)
thread.start()
compiling.wait()
child = forked()
print("compiling" if _code._lock.locked() else "compiled", ended(child))
thread.join()
print(ask())
"""

AFTER_ANOTHER = """
# By default, wasmtime compiles with threads and keeps them for the next module.
functions = "".join(f'(func (export "f{n}") (result i32) i32.const {n})' for n in range(100))
wasmtime.Module(wasmtime.Engine(), wasmtime.wat2wasm(f"(module {functions})"))
print(ended(forked()))
"""


def run(script: str) -> list[str]:
    environment = {**os.environ, "REDEEMABLE_CACHE_DIR": ""}
    done = subprocess.run(
        [sys.executable, "-c", ASK + script], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_process_forked_while_another_thread_compiles() -> None:
    assert run(WHILE_COMPILING) == ["compiling 0", "[]"]


def test_a_process_forked_after_another_module_was_compiled() -> None:
    assert run(AFTER_ANOTHER) == ["0"]
