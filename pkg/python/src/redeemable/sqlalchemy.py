"""Stores over the host's own SQLAlchemy (1.4 or 2), on SQLite, PostgreSQL, MariaDB or MySQL.

Each is over an engine, a connection or a session (Flask-SQLAlchemy's `db.session`, SQLModel's `Session`).
"""

from typing import TYPE_CHECKING, Any

from ._sqlalchemy_host import SqlAlchemyStore
from ._sqlalchemy_tables import tables

if TYPE_CHECKING:
    from ._sqlalchemy_aio import AsyncSqlAlchemyStore

__all__ = ["AsyncSqlAlchemyStore", "SqlAlchemyStore", "tables"]


def __getattr__(name: str) -> Any:
    # Imported only where it is used, because the asynchronous half of SQLAlchemy needs greenlet.
    if name == "AsyncSqlAlchemyStore":
        from ._sqlalchemy_aio import AsyncSqlAlchemyStore

        return AsyncSqlAlchemyStore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
