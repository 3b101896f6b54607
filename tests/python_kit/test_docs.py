"""Runs the Python examples of both READMEs, from top to bottom."""

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("readme", "count"), [("README.md", 1), ("pkg/python/README.md", 9)])
def test_the_examples_run(
    readme: str, count: int, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", postgres)
    examples = re.findall(r"^```python\n(.*?)^```$", (ROOT / readme).read_text(), re.DOTALL | re.MULTILINE)
    assert len(examples) == count
    names: dict[str, Any] = {"__name__": "example"}
    for number, example in enumerate(examples, 1):
        exec(compile(example, f"{readme}, example {number}", "exec"), names)
    names["connection"].close()
