"""The cache of machine code: only undamaged files of the user's own are used, and a bad cache is never an error."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import wasmtime
from redeemable import _code

# Prints whether the code was compiled or loaded, and an answer of the engine.
SCRIPT = """
import wasmtime
how = []
class Module(wasmtime.Module):
    def __init__(self, *arguments):
        how.append("compiled")
        super().__init__(*arguments)
    @classmethod
    def deserialize(cls, *arguments):
        module = super().deserialize(*arguments)
        how.append("loaded")
        return module
wasmtime.Module = Module
import redeemable
order = '{"event_id":"e","currency":"EUR","lines":[{"unit_price":5,"quantity":1}]}'
answer = redeemable.Engine().usage_keys_json('{"codes":[],"promos":[],"now_ms":1800000000000,"order":' + order + "}")
print(*how, answer)
"""


def start(folder: Path | str, **more: str) -> str:
    """Whether a new process compiled the code or loaded it."""
    environment = {**os.environ, "REDEEMABLE_CACHE_DIR": str(folder), **more}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    how, answer = done.stdout.split()
    assert answer == "[]"
    return how


def cached(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_the_second_process_loads_the_code_that_the_first_compiled(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cache"
    assert start(folder) == "compiled"
    assert start(folder) == "loaded"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(cached(folder).stat().st_mode) == 0o600


def test_the_default_folder_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDEEMABLE_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    expected = "Library/Caches" if sys.platform == "darwin" else ".cache"
    assert _code._folder() == str(tmp_path / expected / "redeemable")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert _code._folder() == str(tmp_path / "xdg" / "redeemable")


def test_an_empty_folder_name_switches_the_cache_off(tmp_path: Path) -> None:
    assert start("", HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path)) == "compiled"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "grown"])
def test_a_damaged_file_is_compiled_anew_and_replaced(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "cache"
    start(folder)
    file = cached(folder)
    whole = file.read_bytes()
    middle = len(whole) // 2
    damaged = {
        "cut": whole[:-1],
        "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "empty": b"",
        "grown": whole + b"\0",
    }
    file.write_bytes(damaged[damage])
    assert start(folder) == "compiled"
    assert start(folder) == "loaded"


def test_a_file_with_a_right_checksum_and_wrong_code_is_compiled_anew(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    start(folder)
    file = cached(folder)
    for other in (b"", b"\0asm\1\0\0\0", b"x" * 1000):
        file.write_bytes(hashlib.sha256(other).digest() + other)
        assert start(folder) == "compiled"
        assert start(folder) == "loaded"


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o750, 0o701])
def test_a_folder_that_others_can_enter_is_not_used(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "cache"
    start(folder)
    folder.chmod(mode)
    assert start(folder) == "compiled"
    folder.chmod(0o700)
    assert start(folder) == "loaded"


def test_a_file_that_others_can_read_or_write_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    start(folder)
    cached(folder).chmod(0o620)
    assert start(folder) == "compiled"
    assert stat.S_IMODE(cached(folder).stat().st_mode) == 0o600
    assert start(folder) == "loaded"


def test_links_are_not_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    start(real)
    (tmp_path / "link").symlink_to(real)
    assert start(tmp_path / "link") == "compiled"
    file = cached(real)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert start(real) == "compiled"
    assert not file.is_symlink()


def test_another_users_folder_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cache"
    start(folder)
    monkeypatch.setenv("REDEEMABLE_CACHE_DIR", str(folder))
    assert _code._folder() == str(folder)
    real = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: real + 1)
    assert _code._folder() is None
    assert _code._read(str(cached(folder))) is None


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert start(tmp_path / "file") == "compiled"
    assert start(tmp_path / "file" / "cache") == "compiled"
    assert start("/proc/redeemable") == "compiled"


def test_if_the_code_cannot_be_written_each_process_compiles_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    monkeypatch.setenv("REDEEMABLE_CACHE_DIR", str(folder))

    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "no space left on device")

    wasm = wasmtime.wat2wasm("(module)")
    monkeypatch.setattr(os, "replace", full)
    _code._module(wasmtime.Engine(_code._config()), wasm)
    assert list(folder.iterdir()) == []


def test_the_name_of_a_file_depends_on_wasmtime_platform_and_wasm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDEEMABLE_CACHE_DIR", str(tmp_path / "cache"))
    engine = wasmtime.Engine(_code._config())

    def names() -> int:
        _code._module(engine, wasmtime.wat2wasm("(module)"))
        return len(list((tmp_path / "cache").iterdir()))

    assert [names(), names()] == [1, 1]
    _code._module(engine, wasmtime.wat2wasm('(module (func (export "f")))'))
    assert names() == 2
    monkeypatch.setattr(_code, "version", lambda _: "0.0.0")
    assert names() == 3
    monkeypatch.setattr(_code.platform, "machine", lambda: "other")
    assert names() == 4


def test_threads_that_start_together_compile_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    made: list[object] = []
    real = _code._module
    monkeypatch.setattr(_code, "_loaded", None)
    monkeypatch.setattr(_code, "_module", lambda *arguments: made.append(1) or real(*arguments))
    threads = [threading.Thread(target=_code.load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
