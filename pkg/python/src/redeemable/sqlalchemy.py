"""Stores over the host's own SQLAlchemy (1.4 or 2) engine or connection, on SQLite, PostgreSQL, MariaDB or MySQL."""

from ._sqlalchemy_aio import AsyncSqlAlchemyStore
from ._sqlalchemy_host import SqlAlchemyStore

__all__ = ["AsyncSqlAlchemyStore", "SqlAlchemyStore"]
