"""The synchronous half of the kit is what `tools/unasync.py` makes of the asynchronous half."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "pkg/python/src/redeemable"


def test_the_synchronous_half_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/unasync.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.returncode) == ("", 0)


def test_no_trace_of_the_asynchronous_half_is_left() -> None:
    """If a rule of unasync.py is missing, a word such as `await` is left."""
    made = [path for path in PACKAGE.glob("*.py") if path.read_text().startswith("# Made from ")]
    assert {path.name for path in made} >= {"host.py", "_postgres_host.py", "_sqlalchemy_host.py"}
    traces = {
        path.name: found
        for path in made
        if (
            found := re.findall(
                r"\b(?:async\w*|await\w*|Async\w+|run_sync|\w*_aio)\b", path.read_text().split("\n", 1)[1]
            )
        )
    }
    assert traces == {}
