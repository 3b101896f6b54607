"""These tests run on every CPython that is found, in an environment with the built wheel and its dependencies."""

from __future__ import annotations

import importlib.util
import platform
from importlib.metadata import version
from pathlib import Path

import pytest
import redeemable


def pytest_report_header() -> str:
    orjson = f"orjson {version('orjson')}" if importlib.util.find_spec("orjson") else "without orjson"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"redeemable {version('redeemable')} on {python}, wasmtime {version('wasmtime')}, {orjson}"


def pytest_sessionstart() -> None:
    assert "site-packages" in Path(redeemable.__file__).parts, "the tests are of the installed wheel"


@pytest.fixture(scope="session")
def engine() -> redeemable.Engine:
    return redeemable.Engine()
