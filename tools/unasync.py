"""Makes the synchronous half of the Python kit from the asynchronous half: `host.py` from `aio.py`, and so on.

    .venv/bin/python tools/unasync.py            writes the files
    .venv/bin/python tools/unasync.py --check    fails if a file is not what would be written

To change a store or the loop, edit the `aio` file alone. `RULES` lists the differences; a line that ends with
`# aio only` is left out.
"""

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "pkg/python/src/redeemable"
PLAIN = {
    "aio.py": "host.py",
    "_drive_aio.py": "_drive_host.py",
    "_operators_aio.py": "_operators_host.py",
    "_protocols_aio.py": "_protocols_host.py",
    "_sql_aio.py": "_sql_host.py",
    "_postgres_aio.py": "_postgres_host.py",
    "_sqlalchemy_aio.py": "_sqlalchemy_host.py",
}
# Each rule is a pattern and its replacement. They are applied in this order.
RULES = [
    (r".*# aio only\n", ""),
    # `await connection.run_sync(f, x)` becomes `f(connection, x)`: `run_sync` gives `f` a synchronous connection.
    (r"await ([\w.]+)\.run_sync\(([\w.]+), ", r"\2(\1, "),
    (r"await ([\w.]+)\.run_sync\(([\w.]+)\)", r"\2(\1)"),
    (r"\basync (def|with|for) ", r"\1 "),
    (r"\bawait ", ""),
    (r"\bAwaitable\[None\]", "object"),
    (r"\b(?:Awaitable\[|Coroutine\[Any, Any, )(\w+)\]", r"\1"),
    (r"\bAbstractAsync", "Abstract"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\basync(?=contextmanager)|(?<=enter_)async_|\basync_(?=scoped_session)", ""),
    (r"\bsqlalchemy\.ext\.asyncio\.(?:session|scoping)\b", "sqlalchemy.orm"),
    (r"\bsqlalchemy\.ext\.asyncio\b", "sqlalchemy.engine"),
    (r"\basyncio\b", "time"),
    (r"\bawaited\(", "plain("),
    (r"\bimport awaited\b", "import plain"),
    # Words of docstrings that are true of the asynchronous half only.
    (r" and may await", ""),
    (r"\ban asynchronous (?=psycopg|store)", "a "),
    (r"\basynchronous (?=SQLAlchemy)", ""),
    (r"\ban (?=`(?:Connection|Session)`)", "a "),
    (r"an asynchronous database driver", "a synchronous database driver"),
    (r"(?<=for )asynchronous (?=drivers)", "synchronous "),
    (r"\bpostgres import PostgresStore\b", "sqlite import SqliteStore"),
    (r"(?<=store = )PostgresStore\b", "SqliteStore"),
    (r"(?<![a-z])aio\b", "host"),
]


def plain(name: str) -> str:
    text = (PACKAGE / name).read_text(encoding="utf-8")
    for pattern, replacement in RULES:
        text = re.sub(pattern, replacement, text)
    text = (
        f"# Made from {name} by tools/unasync.py, which `make generate` runs: change that file, not this one.\n{text}"
    )
    # Removes imports that only the asynchronous half needs, sorts the others by their new names, and joins lines that
    # have become short enough.
    for command in (["check", "--quiet", "--select", "I,F401,RUF022", "--fix"], ["format", "--quiet"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(PACKAGE / PLAIN[name]), "-"]
        text = subprocess.run(ruff, input=text, capture_output=True, encoding="utf-8", check=True).stdout
    return text


def main() -> int:
    stale = [name for name in PLAIN if not (PACKAGE / PLAIN[name]).is_file() or is_stale(name)]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"{PLAIN[name]} is not what {name} makes: run `make generate`", file=sys.stderr)
        return len(stale) > 0
    for name in stale:
        (PACKAGE / PLAIN[name]).write_text(plain(name), encoding="utf-8")
    return 0


def is_stale(name: str) -> bool:
    return (PACKAGE / PLAIN[name]).read_text(encoding="utf-8") != plain(name)


if __name__ == "__main__":
    sys.exit(main())
