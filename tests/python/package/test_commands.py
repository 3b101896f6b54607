"""`python -m redeemable` from the wheel. tests/docs compares the commands with those of the npm package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

PROMO = {"code": "EARLY20", "discount_percent": 20, "max_uses": 100}


def run(installed: Path, folder: Path, *words: str, without: str = "") -> tuple[int, str, str]:
    """What the command does. `without` names a module that is not installed."""
    start = "import runpy, sys; sys.modules.update(dict.fromkeys(sys.argv.pop(1).split()))"
    script = f"{start}; runpy.run_module('redeemable', run_name='__main__', alter_sys=True)"
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", script, without, *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_the_commands_run_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "promos.json").write_text(json.dumps(PROMO))
    (tmp_path / "promos.csv").write_text("code,discount_percent,max_uses\nEARLY20,20,100\n")
    for file in ("promos.json", "promos.csv"):
        assert run(installed, tmp_path, "check", file) == (0, "1 promotion: nothing found\n", "")
    assert run(installed, tmp_path, "schema") == (0, (ROOT / "contract/schema.json").read_text(), "")
    assert run(installed, tmp_path, "migrate", "sqlite:shop.sqlite") == (0, "the tables are there\n", "")
    sound = "no counter differs from what the records say\n"
    assert run(installed, tmp_path, "audit", "--url", "sqlite:shop.sqlite") == (0, sound, "")


@pytest.mark.parametrize(
    ("url", "module", "message"),
    [
        ("postgres://localhost/shop", "psycopg", "psycopg: pip install 'psycopg[binary]'"),
        ("mysql://localhost/shop", "pymysql", "PyMySQL: pip install PyMySQL"),
    ],
)
def test_a_command_says_which_driver_it_needs(
    installed: Path, tmp_path: Path, url: str, module: str, message: str
) -> None:
    kind = url.split("//")[0]
    told = f"redeemable: {kind}// needs the package {message}\n"
    assert run(installed, tmp_path, "audit", "--url", url, without=module) == (2, "", told)
