"""The wheel: its files, its size, and its dependencies."""

from __future__ import annotations

import json
import math
import re
import zipfile
from email.parser import Parser
from pathlib import Path

from support import ROOT

SIZES = ROOT / "tests/sizes.json"


def test_the_wheel_has_the_needed_files_and_no_others(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = sorted(name for name in archive.namelist() if ".dist-info/" not in name)
    sources = ROOT / "pkg/python/src"
    modules = sorted(str(path.relative_to(sources)) for path in (sources / "redeemable").rglob("*.py"))
    others = [
        f"redeemable/{name}"
        for name in (
            *(f"_sql/{path.name}" for path in (ROOT / "sql").glob("*.sql")),
            "_wasm/redeemable.wasm",
            "_wasm/version.txt",
            "py.typed",
            "_contract/schema.json",
        )
    ]
    others += [f"redeemable/_messages/{path.name}" for path in (ROOT / "messages").glob("*.json")]
    others += [f"redeemable/_commands/{path.name}" for path in (ROOT / "commands").glob("*.txt")]
    assert names == sorted(modules + others)
    assert {
        "redeemable/__init__.py",
        "redeemable/engine.py",
        "redeemable/host.py",
        "redeemable/lnbits/__init__.py",
    } < set(modules)


def test_the_tables_the_messages_and_the_schema_are_those_of_the_repository(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for path in (ROOT / "sql").glob("*.sql"):
            assert archive.read(f"redeemable/_sql/{path.name}") == path.read_bytes()
        assert archive.read("redeemable/_contract/schema.json") == (ROOT / "contract/schema.json").read_bytes()
        for path in (ROOT / "messages").glob("*.json"):
            assert archive.read(f"redeemable/_messages/{path.name}") == path.read_bytes()
        for path in (ROOT / "commands").glob("*.txt"):
            assert archive.read(f"redeemable/_commands/{path.name}") == path.read_bytes()


def test_it_is_for_every_platform_and_depends_on_wasmtime_alone(wheel: Path) -> None:
    version = re.findall(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[0]
    assert wheel.name == f"redeemable-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        folder = f"redeemable-{version}.dist-info"
        about = Parser().parsestr(archive.read(f"{folder}/METADATA").decode())
        assert archive.read(f"{folder}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert about["Version"] == version
    assert about["Requires-Python"] == ">=3.10"
    needed = [line for line in about.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert needed == ["wasmtime<51,>=45"]
    assert "validate_redemption" in str(about.get_payload())


def test_the_sizes_are_within_their_bounds(wheel: Path) -> None:
    """The same rule as tests/sizes.mjs: a bound is 3 % above what was measured when it was set."""
    with zipfile.ZipFile(wheel) as archive:
        wasm = archive.getinfo("redeemable/_wasm/redeemable.wasm").file_size
    bounds = json.loads(SIZES.read_text())
    for name, size in {"wheel": wheel.stat().st_size, "redeemable.wasm": wasm}.items():
        following = math.ceil(size * 1.03 / 1000) * 1000
        found = f"{name} has {size} bytes, its bound in tests/sizes.json is {bounds[name]}"
        assert size <= bounds[name], (
            f"{found}: make it lighter, or set {following} and say in the commit what the bytes are for"
        )
        assert size >= bounds[name] * 0.85, f"{found}: set {following}"
