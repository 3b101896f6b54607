"""Runs the examples of the package's README unchanged.

The examples under "Stores" need a database server; the kit's tests run them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

README, _, STORES = (ROOT / "pkg/python/README.md").read_text().partition("\n## Stores\n")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3 and "```python" in STORES
    assert README.count("```") == 2 * (len(EXAMPLES) + README.count("```sh\n"))


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs(installed: Path, tmp_path: Path, number: int) -> None:
    # Each example continues the examples before it.
    (tmp_path / "example.py").write_text("\n".join(EXAMPLES[: number + 1]))
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "example.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
