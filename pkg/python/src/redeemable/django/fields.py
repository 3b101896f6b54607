"""Columns that Django has no field for: `sql/` says which type each has on which database."""

import json
from typing import Any

from django.db import models

from .. import sql


class IdField(models.CharField):
    """An order's id. On MariaDB and MySQL it is stored as bytes in UTF-8."""

    def db_type(self, connection: Any) -> str:
        return {"postgresql": 'text COLLATE "C"', "mysql": "varbinary(1024)"}.get(connection.vendor, "text")

    def rel_db_type(self, connection: Any) -> str:
        """The type of a `ForeignKey` to an order."""
        return self.db_type(connection)

    def from_db_value(self, value: Any, *_: object) -> Any:
        return value.decode() if isinstance(value, bytes) else value


class DocumentField(models.Field):
    """A redemption as a dict, which the engine has made and the store has written."""

    def db_type(self, connection: Any) -> str:
        return {"postgresql": "json", "mysql": "longtext"}.get(connection.vendor, "text")

    def from_db_value(self, value: Any, *_: object) -> Any:
        # psycopg has read the column's JSON already.
        return json.loads(value) if isinstance(value, str | bytes) else value

    def get_prep_value(self, value: Any) -> Any:
        return sql.to_json(value)

    def value_to_string(self, obj: Any) -> Any:
        """For `dumpdata`: the document itself, as Django's own JSONField gives it."""
        return self.value_from_object(obj)
