"""Stores on PostgreSQL, over the host's own psycopg connection or pool: one for plain functions, one for coroutines."""

from ._postgres_aio import AsyncPool, AsyncPostgresStore
from ._postgres_host import Pool, PostgresStore

__all__ = ["AsyncPool", "AsyncPostgresStore", "Pool", "PostgresStore"]
