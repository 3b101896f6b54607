"""The files of `sql/`: the tables, the statements by name, and the notations of parameters that drivers want."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

Database = Literal["sqlite", "postgres", "mysql"]
"""A database by its name in `sql/`; `mysql` is MariaDB, too."""


def tables(database: Database, schema: str | None = None) -> str:
    """The script that makes the tables. Every statement of it may be executed alone: see `one_by_one`.

    With `schema`, a schema of PostgreSQL, the script makes them there, whatever the search_path.
    """
    script = _script(database)
    return script if schema is None else script.replace(" := NULL;", f" := '{check_schema(database, schema)}';")


def one_by_one(script: str) -> list[str]:
    """The script's statements, for drivers that take one at a time.

    In these scripts, every statement begins at the margin with one of the words below, and no other line does.
    """
    return re.split(r"^(?=CREATE |SELECT |DO )", script, flags=re.MULTILINE)[1:]


@cache
def statements(database: Database, schema: str | None = None) -> dict[str, str]:
    """The statements that the kits send, by name; `:word` is a parameter.

    With `schema`, a schema of PostgreSQL, they name the tables and the function in it.
    """
    if schema is not None:
        names = r"\bredeemable_(?:redemptions|counters|held|persons|archive|parts|commit)\b"
        place = f'"{check_schema(database, schema)}".'
        unnamed = statements(database).items()
        return {name: re.sub(names, lambda match: place + match[0], text) for name, text in unnamed}
    named = re.split(r"^-- name: (\w+).*\n", _script(f"{database}-statements"), flags=re.MULTILINE)[1:]
    # Comments stand on lines of their own, and a statement ends with its block.
    found: dict[str, str] = {}
    for name, block in zip(named[::2], named[1::2], strict=True):
        text = re.sub(r"^--.*\n", "", block, flags=re.MULTILINE).strip().removesuffix(";")
        # `{word}` is the text of a statement above.
        found[name] = re.sub(r"\{(\w+)\}", lambda match: found[match[1]], text)
    return found


def pyformat(statement: str) -> str:
    """The statement with `%(word)s` for `:word`, as psycopg, PyMySQL and Django's cursors take it."""
    return re.sub(r":(\w+)", r"%(\1)s", statement.replace("%", "%%"))


def numbered(statement: str) -> tuple[str, list[str]]:
    """The statement with `$1` for `:word`, as asyncpg takes it, and the words in the order of their numbers."""
    names = list(dict.fromkeys(re.findall(r":(\w+)", statement)))
    return re.sub(r":(\w+)", lambda match: f"${names.index(match[1]) + 1}", statement), names


def check_schema(database: Database, schema: Any) -> str:
    """Raises unless this can be a schema. PostgreSQL would cut off a longer name, and then two could be one."""
    if database != "postgres":
        raise ValueError(
            "schema: expected a store on PostgreSQL; elsewhere the connection says which database is meant"
        )
    if not isinstance(schema, str) or not re.fullmatch(r"(?!pg_)[A-Za-z0-9_-]{1,63}", schema):
        wanted = "1 to 63 letters of ASCII, digits, _ or -, not beginning with pg_"
        raise ValueError(f"schema: expected {wanted}, found {schema!r}")
    return schema


def savepoint(name: str, statement: str, number: int) -> str:
    """The statement, in which a savepoint gets a name of its own.

    On MariaDB and MySQL, a second savepoint of the same name takes the place of the first, so that a plan within the
    `write` of another would undo too little.
    """
    return f"{statement}_{number}" if name in ("mark", "unmark", "join", "keep", "undo") else statement


def _script(name: str) -> str:
    """A file of `sql/`: the copy in the package or, in a checkout without such a copy, the original."""
    packaged = files(__package__) / "_sql" / f"{name}.sql"
    checkout = Path(__file__).parents[4] / "sql" / f"{name}.sql"
    return (packaged if packaged.is_file() else checkout).read_text(encoding="utf-8")


def plain_rows(rows: Iterable[Any]) -> list[tuple[Any, ...]]:
    """The rows as tuples, with text in place of bytes: on MariaDB and MySQL the statements return UTF-8 as bytes."""
    return [tuple(value.decode() if isinstance(value, bytes) else value for value in row) for row in rows]
