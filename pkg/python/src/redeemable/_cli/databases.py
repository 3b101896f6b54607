"""Opens the store at a database's address. The drivers are the host's own, and optional."""

import os
import re
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from .._conflicts import NotMigrated, explained
from .._statements import check_schema
from .arguments import Options, Refused

T = TypeVar("T")
_Opened = tuple[Any, Callable[[], object]]
_Opening = Callable[[str, bool, str | None], _Opened]
_MIGRATE = "the tables are not there: migrate makes them"
# A password with one of these characters: drivers take a part of it for a host or a port, and print it.
_AMBIGUOUS = r"^//[^/?#@]*?:(?:[^@]*?[/?#\[\]]|[^@]*?%(?![0-9A-Fa-f]{2})|[^/?#]*?@).*@"
_PASSWORD = (
    "no connection: in the URL's password, write @ as %40, / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D, % as %25"
)


def store_at(options: Options, work: Callable[[Any], T], *, create: bool = False) -> T:
    """Runs `work` on the store that `url` and `schema` of a command's options say, and closes the connection.

    `create` makes the file of a new SQLite database.
    """
    url, schema = options["url"] or os.environ.get("DATABASE_URL"), options["schema"]
    if not url:
        raise Refused("expected --url or the environment variable DATABASE_URL")
    # SQLAlchemy writes the driver behind the database: postgresql+psycopg://…
    kind = re.fullmatch(r"(postgres|postgresql|mysql|mariadb|sqlite)(?:\+\w+)?:(.*)", url, re.DOTALL)
    if not kind:
        raise Refused("expected a URL that begins with postgres://, mysql:// or sqlite:")
    opening: _Opening = {"sqlite": _sqlite, "mysql": _mysql, "mariadb": _mysql}.get(kind[1], _postgres)
    if schema is not None and opening is not _postgres:
        raise Refused("--schema is for PostgreSQL alone")
    name = schema_of(schema)
    try:
        store, close = opening(kind[2], create, name)
        try:
            return work(store)
        finally:
            close()
    except Refused:
        raise
    except Exception as error:
        if isinstance(explained(error), NotMigrated):
            raise Refused(_MIGRATE) from None
        if opening is not _sqlite and re.search(_AMBIGUOUS, kind[2], re.DOTALL):
            raise Refused(_PASSWORD) from None
        raise


def schema_of(schema: str | None) -> str | None:
    """The schema; a name that a store refuses is refused here, too."""
    try:
        return None if schema is None else check_schema("postgres", schema)
    except ValueError as error:
        expected = str(error).removeprefix("schema: ").split(", found ")[0]
        raise Refused(f"--schema: {expected}, found {schema}") from None


def _tell(key: str) -> None:
    print(f"redeemable: {key} held less than was given back", file=sys.stderr)


def _postgres(rest: str, _: bool, schema: str | None) -> _Opened:
    try:
        import psycopg
    except ImportError:
        raise Refused("postgres:// needs the package psycopg: pip install 'psycopg[binary]'") from None
    from ..postgres import PostgresStore

    connection = psycopg.connect(f"postgresql:{rest}", autocommit=True)
    return PostgresStore(connection, on_drift=_tell, schema=schema), connection.close


def _mysql(rest: str, _: bool, __: object) -> _Opened:
    try:
        import pymysql  # type: ignore[import-untyped]
    except ImportError:
        raise Refused("mysql:// needs the package PyMySQL: pip install PyMySQL") from None
    from ..mysql import MysqlStore

    url = urlsplit(f"mysql:{rest}")
    connection = pymysql.connect(
        host=url.hostname or "localhost",
        port=url.port or 3306,
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        database=unquote(url.path[1:]) or None,
        autocommit=True,
    )
    return MysqlStore(connection, on_drift=_tell), connection.close


def _sqlite(rest: str, create: bool, _: object) -> _Opened:
    from ..sqlite import SqliteStore

    # SQLAlchemy writes sqlite:///shop.sqlite for a file in this folder.
    path = re.sub("^///?", "", rest)
    if path == "":
        raise Refused("expected the path of a file, as in sqlite:shop.sqlite")
    if not create and not Path(path).exists():
        raise Refused(f"{path}: there is no such file")
    connection = sqlite3.connect(path)
    return SqliteStore(connection, on_drift=_tell), connection.close
