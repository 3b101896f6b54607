"""The operation of this app's migrations: it runs the package's own script, as the other stores' `migrate` does."""

from typing import Any

from django.db import router
from django.db.migrations.operations.base import Operation

from .. import sql

DATABASES: dict[str, sql.Database] = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql"}
"""Django's names of databases, and their names in `sql/`."""
TABLES = ("redemptions", "counters", "held", "persons", "archive", "parts")


class RunScript(Operation):
    """Makes the tables, unless they exist, and on PostgreSQL the function, in the `version` that the script names.

    When the script gets a new version, a new migration runs it again.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, version: int) -> None:
        self.version = version

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Changes no model: the migration says what the models are."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if router.allow_migrate(schema_editor.connection.alias, app_label):
            for statement in sql.one_by_one(sql.tables(database_of(schema_editor.connection))):
                schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if router.allow_migrate(schema_editor.connection.alias, app_label):
            is_postgres = schema_editor.connection.vendor == "postgresql"
            dropped = [f"DROP TABLE IF EXISTS redeemable_{name}" for name in TABLES]
            for statement in [*dropped, *["DROP FUNCTION redeemable_commit(json)"] * is_postgres]:
                schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Runs redeemable's script, version {self.version}"


def database_of(connection: Any) -> sql.Database:
    """The name of the connection's database in `sql/`."""
    if connection.vendor not in DATABASES:
        raise NotImplementedError(f"expected SQLite, PostgreSQL, MariaDB or MySQL, found {connection.vendor}")
    return DATABASES[connection.vendor]
