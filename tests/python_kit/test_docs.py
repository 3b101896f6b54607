"""The examples in HOST.md run, in the order in which they are read."""

import re
from pathlib import Path
from typing import Any

import pytest

HOST = Path(__file__).parents[2] / "pkg" / "python" / "HOST.md"


def test_the_examples_run(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", postgres)
    examples = re.findall(r"^```python\n(.*?)^```", HOST.read_text(), re.DOTALL | re.MULTILINE)
    assert len(examples) == 4
    names: dict[str, Any] = {"__name__": "example"}
    for number, example in enumerate(examples, 1):
        exec(compile(example, f"HOST.md, example {number}", "exec"), names)
    names["connection"].close()
