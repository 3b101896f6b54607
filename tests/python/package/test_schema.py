"""The JSON Schema in the package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
from redeemable.schema import schema
shapes = schema()["$defs"]
assert shapes["Promo"]["properties"]["max_uses"]["type"] == ["integer", "null"]
assert shapes["Promo"]["properties"]["pools"]["items"] == {"$ref": "#/$defs/Pool"}
shapes.clear()
assert schema()["$defs"], "each call has its own"
"""


def test_the_installed_package_gives_its_schema(installed: Path) -> None:
    subprocess.run([sys.executable, "-c", CODE], env={"PYTHONPATH": str(installed)}, check=True)
