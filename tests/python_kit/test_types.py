"""The kit is typed, and the types tell a host's mistakes."""

import subprocess
import sys
from pathlib import Path

import redeemable

HERE = Path(__file__).parent
PACKAGE = Path(redeemable.__file__).parent
MODULES = [
    "_kit", "_audit", "_sql", "host", "aio", "sqlite", "postgres", "sqlalchemy", "store_suite", "messages", "_message_format", "csv",
    "_csv_cells", "_csv_columns", "_csv_header", "_csv_rows", "_csv_times",
]  # fmt: skip


def test_mypy_finds_nothing(tmp_path: Path) -> None:
    files = [str(PACKAGE / f"{module}.py") for module in MODULES] + [
        str(HERE / name) for name in ("typed.py", "typed_words.py")
    ]
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--python-version",
        "3.10",
        "--follow-imports",
        "silent",
        "--cache-dir",
        str(tmp_path),
        *files,
    ]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True)
    assert (done.stdout.splitlines()[-1:], done.returncode) == (
        [f"Success: no issues found in {len(files)} source files"],
        0,
    ), done.stdout
