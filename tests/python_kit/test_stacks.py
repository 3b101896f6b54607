"""Runs the pages of stacks: all Python blocks of a page are one program, on SQLite and on PostgreSQL."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from kinds import through

ROOT = Path(__file__).parents[2]
PAGES = ["docs/stacks/flask-sqlalchemy.md", "docs/stacks/sqlalchemy.md", "docs/stacks/sqlmodel.md"]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("page", PAGES)
def test_the_page_runs(page: str, kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 2
    program = tmp_path / "app.py"
    program.write_text("\n".join(blocks))
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "pkg/python/src")}
    environment.pop("DATABASE_URL")
    if kind == "postgres":
        environment["DATABASE_URL"] = through("postgresql+psycopg2", request.getfixturevalue("postgres"))
    # Starlette warns that the HTTP client of its test client has a successor.
    command = [sys.executable, "-W", "error", "-W", "ignore::UserWarning:fastapi.testclient", str(program)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
