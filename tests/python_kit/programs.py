"""Runs the programs of the pages in docs/stacks/; tests/docs/stacks.test.js checks that the pages show them whole."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(__file__).parent / "stacks"


def run_program(name: str, folder: Path, **environment: str) -> None:
    """It must exit with 0 and print nothing on stderr."""
    program = "node" if name.endswith(".mjs") else sys.executable
    environment = {**os.environ, **environment}
    done = subprocess.run([program, str(PROGRAMS / name)], env=environment, capture_output=True, text=True, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
