"""The engine's machine code: compiled once a process, and kept in a folder of the user's for the next one.

Loading machine code is running it. A cached file is therefore believed only in a folder and a file that nobody but
this user can write to, and only whole, as a checksum says. Anything else is compiled anew.
`REDEEMABLE_CACHE_DIR` names another folder; set to nothing, it switches the cache off.
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
    """The thread that held the lock, and what it was compiling, are not in a forked process: it starts anew."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _config() -> wasmtime.Config:
    config = wasmtime.Config()
    config.consume_fuel = True
    # The addresses that the host keeps of an instance stay true when its memory grows.
    config.memory_may_move = False
    # The threads that wasmtime would compile with are not in a forked process, which would wait for them for ever.
    config.parallel_compilation = False
    return config


def _module(engine: wasmtime.Engine, wasm: bytes) -> wasmtime.Module:
    folder = _folder()
    if folder is None:
        return wasmtime.Module(engine, wasm)
    build = f"{version('wasmtime')} {platform.machine()} {sys.platform}".encode()
    path = os.path.join(folder, hashlib.sha256(build + wasm).hexdigest() + ".cwasm")
    code = _read(path)
    if code is not None:
        try:
            return wasmtime.Module.deserialize(engine, code)
        except wasmtime.WasmtimeError:
            pass  # of another processor, say; what is compiled now replaces it
    module = wasmtime.Module(engine, wasm)
    _write(folder, path, bytes(module.serialize()))
    return module


def _folder() -> str | None:
    """A folder that only this user can look into; None where there is none to be had."""
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
        found = os.lstat(folder)
    except OSError:
        return None
    return folder if stat.S_ISDIR(found.st_mode) and _private(found) else None


def _private(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _read(path: str) -> bytes | None:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or not _private(found):
                return None
            digest, code = file.read(32), file.read()
    except OSError:
        return None
    return code if hashlib.sha256(code).digest() == digest else None


def _write(folder: str, path: str, code: bytes) -> None:
    """In one go, so that a process beside this one never reads half of it; a full disk is no reason to fail."""
    import tempfile  # only now, since most processes find the code in the folder

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
