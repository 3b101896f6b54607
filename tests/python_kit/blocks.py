"""Runs the programs of a page in docs/stacks/, unchanged."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def page(name: str) -> str:
    return (ROOT / "docs/stacks" / f"{name}.md").read_text(encoding="utf-8")


def blocks(name: str) -> list[tuple[str, str]]:
    """The programs of the page in JavaScript and Python, each as its language and its text."""
    found = re.findall(r"^```(js|python)\b.*?\n(.*?)^```$", page(name), re.DOTALL | re.MULTILINE)
    assert {language for language, _ in found} == {"js", "python"}
    return found


def run_block(block: tuple[str, str], folder: Path, **environment: str) -> None:
    """It must exit with 0 and print nothing on stderr."""
    language, text = block
    # Inside the repository, so that programs in it find `redeemable`; git ignores it.
    place = ROOT / "target/docs-blocks"
    place.mkdir(parents=True, exist_ok=True)
    file = place / f"stack-{os.getpid()}.{'mjs' if language == 'js' else 'py'}"
    file.write_text(text, encoding="utf-8")
    program = "node" if language == "js" else sys.executable
    try:
        done = subprocess.run(
            [program, str(file)], env={**os.environ, **environment}, capture_output=True, text=True, cwd=folder
        )
    finally:
        file.unlink()
    assert (done.returncode, done.stderr) == (0, "")
