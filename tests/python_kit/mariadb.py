"""MariaDB in the tests: connections by URL, a database for the session, and one connection that looks at the tables."""

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pymysql
import pytest
from redeemable.mysql import MysqlStore

TABLES = [f"redeemable_{name}" for name in ("redemptions", "counters", "held", "persons", "archive", "parts")]


def connect(url: str, **options: Any) -> Any:
    parts = urlsplit(url)
    place = {"host": parts.hostname, "port": parts.port, "user": parts.username, "database": parts.path[1:] or None}
    return pymysql.connect(**place, **options)


def databases() -> Iterator[str]:
    """The URL of a new database on the server of MYSQL_URL."""
    server = os.environ.get("MYSQL_URL")
    if not server:
        pytest.exit(
            "MYSQL_URL names no MariaDB server: "
            "run scripts/postgres scripts/pgbouncer scripts/mariadb scripts/test-python-kit",
            returncode=1,
        )
    name = f"python_kit_{uuid.uuid4().hex}"
    url = server.rpartition("/")[0] + f"/{name}"
    with closing(connect(server)) as connection:
        connection.cursor().execute(f"CREATE DATABASE {name}")
        with closing(connect(url)) as own:
            MysqlStore(own).migrate()
            own.cursor().execute("CREATE TABLE notes (note text CHARACTER SET utf8mb4)")
        yield url
        connection.cursor().execute(f"DROP DATABASE {name}")


def empty(url: str) -> None:
    with closing(connect(url, autocommit=True)) as connection:
        for table in (*TABLES, "notes"):
            connection.cursor().execute(f"DELETE FROM {table}")


class Look:
    """A connection that takes what the tests ask of SQLite and PostgreSQL, and returns text in place of bytes."""

    def __init__(self, url: str) -> None:
        self.connection = connect(url, autocommit=True)
        self.close = self.connection.close

    def execute(self, statement: str, values: Any = None) -> "Look":
        statement = statement.replace("CAST(document AS text)", "document")
        statement = re.sub(r"\bON CONFLICT \(key\) DO UPDATE SET\b", "ON DUPLICATE KEY UPDATE", statement)
        statement = re.sub(r"\bkey\b", "`key`", statement)
        if statement.startswith("INSERT INTO redeemable_counters"):
            statement = re.sub(r"\('([^']+)', (\d+)\)", r"(UNHEX(SHA2('\1', 256)), '\1', \2)", statement)
            statement = statement.replace("(`key`, used)", "(hash, `key`, used)")
        self.cursor = self.connection.cursor()
        self.cursor.execute(statement, values)
        return self

    def fetchall(self) -> list[Any]:
        return [
            tuple(value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in row)
            for row in self.cursor.fetchall()
        ]
