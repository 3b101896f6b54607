"""Django in the tests: the settings of a project with the app, and connections to the databases of the session."""

from typing import Any
from urllib.parse import urlsplit

import django
import pymysql
from django.conf import settings
from django.db import connections, transaction

ENGINES = {"postgres": "postgresql", "mysql": "mysql"}
INSERT = "INSERT INTO notes (note) VALUES (%s)"

if not settings.configured:
    # PyMySQL in the place of mysqlclient, which needs a compiler and the headers of MariaDB.
    pymysql.install_as_MySQLdb()
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=["redeemable.django"],
        USE_TZ=True,
    )
    django.setup()


def described(place: str, **options: Any) -> dict[str, Any]:
    """An entry of DATABASES, for a URL or for the path of a SQLite file."""
    if "://" not in place:
        # As the page in docs/stacks says.
        options = {"init_command": "PRAGMA journal_mode = WAL", "timeout": 30, **options}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": place, "OPTIONS": options}
    parts = urlsplit(place)
    return {
        "ENGINE": f"django.db.backends.{ENGINES[parts.scheme]}",
        "NAME": parts.path[1:],
        "USER": parts.username,
        "HOST": parts.hostname,
        "PORT": parts.port,
        "OPTIONS": options,
    }


def connect(alias: str, place: str, **options: Any) -> Any:
    """Puts the database into DATABASES as `alias`, and opens a connection, whose `close` the caller calls."""
    connections.settings[alias] = connections.configure_settings({"default": {}, alias: described(place, **options)})[
        alias
    ]
    if hasattr(connections._connections, alias):
        del connections[alias]
    return connections[alias]


def execute(connection: Any, note: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [note])


class Block:
    """An `atomic()` that has begun, and ends later."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.atomic = transaction.atomic(using=alias)
        self.atomic.__enter__()

    def commit(self) -> None:
        self.atomic.__exit__(None, None, None)

    def rollback(self) -> None:
        transaction.set_rollback(True, using=self.alias)
        self.commit()
