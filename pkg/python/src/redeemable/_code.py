"""The engine's machine code. A process compiles it once, and keeps it in a folder of the user for later processes.

Whoever can change a file of machine code can make this process run anything. A cached file is therefore loaded only if
nobody but this user can write to the file and its folder, and if its checksum shows that it is complete. Otherwise the
engine is compiled again. The environment variable `REDEEMABLE_CACHE_DIR` names another folder; an empty value switches
the cache off.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import stat
import sys
import threading
from importlib.metadata import version
from importlib.resources import files

import wasmtime

_lock = threading.Lock()
_loaded: tuple[wasmtime.Engine, wasmtime.Module] | None = None


def load() -> tuple[wasmtime.Engine, wasmtime.Module]:
    """The same engine and module for every caller of this process."""
    global _loaded
    with _lock:
        if _loaded is None:
            engine = wasmtime.Engine(_config())
            _loaded = engine, _module(engine, files(__package__).joinpath("_wasm/redeemable.wasm").read_bytes())
        return _loaded


def _forked() -> None:
    """Replaces the lock in a forked process: the thread that held it, and would release it, was not copied."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _config() -> wasmtime.Config:
    config = wasmtime.Config()
    config.consume_fuel = True
    # _instance.py keeps addresses within an instance's memory: they must stay valid when the memory grows.
    config.memory_may_move = False
    # A forked process does not get the threads with which wasmtime compiles, and would wait for them for ever.
    config.parallel_compilation = False
    return config


def _module(engine: wasmtime.Engine, wasm: bytes) -> wasmtime.Module:
    folder = _folder()
    if folder is None:
        return wasmtime.Module(engine, wasm)
    # Machine code fits only one version of wasmtime, one kind of processor and one system.
    build = f"{version('wasmtime')} {platform.machine()} {sys.platform}".encode()
    path = os.path.join(folder, hashlib.sha256(build + wasm).hexdigest() + ".cwasm")
    code = _read(path)
    if code is not None:
        try:
            return wasmtime.Module.deserialize(engine, code)
        except wasmtime.WasmtimeError:
            pass  # It may be from a processor with other features. The file is replaced below.
    module = wasmtime.Module(engine, wasm)
    _write(folder, path, bytes(module.serialize()))
    return module


def _folder() -> str | None:
    """A folder that only this user can read and write; None if there is no such folder."""
    # Windows has no owners and modes to check, so nothing is cached there.
    if not hasattr(os, "geteuid"):
        return None
    folder = os.environ.get("REDEEMABLE_CACHE_DIR")
    if folder is None:
        home = os.path.expanduser("~")
        if not os.path.isabs(home):
            return None
        default = os.path.join(home, "Library/Caches" if sys.platform == "darwin" else ".cache")
        folder = os.path.join(os.environ.get("XDG_CACHE_HOME") or default, "redeemable")
    if not folder:
        return None
    try:
        os.makedirs(os.path.dirname(os.path.abspath(folder)), mode=0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        # lstat, because a link could be changed to point elsewhere after this check.
        found = os.lstat(folder)
    except OSError:
        return None
    return folder if stat.S_ISDIR(found.st_mode) and _private(found) else None


def _private(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _read(path: str) -> bytes | None:
    try:
        # O_NOFOLLOW refuses a link, and O_NONBLOCK does not wait if the path is a pipe.
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or not _private(found):
                return None
            digest, code = file.read(32), file.read()
    except OSError:
        return None
    return code if hashlib.sha256(code).digest() == digest else None


def _write(folder: str, path: str, code: bytes) -> None:
    """Writes a temporary file and renames it, so that no other process reads half of it. A full disk is no error."""
    import tempfile  # imported here, because most processes find the code in the folder and need no temporary file

    name = None
    try:
        handle, name = tempfile.mkstemp(dir=folder)  # mode 0600
        with open(handle, "wb") as file:
            file.write(hashlib.sha256(code).digest() + code)
        os.replace(name, path)
    except OSError:
        if name is not None:
            with contextlib.suppress(OSError):
                os.unlink(name)
