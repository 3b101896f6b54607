"""Stores over the host's own SQLAlchemy engine or connection, version 1.4 or 2, on SQLite or PostgreSQL."""

from ._sqlalchemy_aio import AsyncSqlAlchemyStore
from ._sqlalchemy_host import SqlAlchemyStore

__all__ = ["AsyncSqlAlchemyStore", "SqlAlchemyStore"]
