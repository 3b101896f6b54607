"""Which errors of a database ask for a repetition, and what a store answers when it has joined a transaction."""

import sqlite3
from collections.abc import Sequence

# Deadlock, lock time-out, and conflicts with another host (1020 on MariaDB, 3101 in a group of MySQL servers).
REPEAT = (1213, 1205, 1020, 3101)
DUPLICATE = (1062,)
NO_SAVEPOINT = (1305,)
POOLER = (
    "a connection pooler has mixed up prepared statements: in its transaction mode, a connection must prepare none. "
    "Connect with prepare_threshold=None (psycopg) or statement_cache_size=0 (asyncpg)"
)
NO_TABLE = (1146,)


class Conflict(Exception):
    """An operation of the plan has failed, because somebody else wrote after the read."""


def is_conflict(error: BaseException) -> bool:
    """Whether the database asks for a repetition: the host then reads and decides again, instead of failing.

    Raises if a pooler's mistake is the reason: a repetition would meet it again.
    """
    error = driver_error(error)
    # A prepared statement that is missing, that exists already, or that has other parameters than the one meant.
    if _state(error) in ("26000", "42P05") or (_state(error) == "08P01" and "bind message supplies" in str(error)):
        raise RuntimeError(POOLER) from error
    if isinstance(error, sqlite3.OperationalError):
        # Python 3.10 has no error codes. 5 is SQLITE_BUSY and 6 SQLITE_LOCKED; the higher bits only say why.
        return getattr(error, "sqlite_errorcode", 5 if "is locked" in str(error) else 0) & 0xFF in (5, 6)
    # Serialization failure, deadlock and lock time-out.
    return has_failed(error) or _state(error) in ("40001", "40P01", "55P03") or is_mysql(error, REPEAT)


def has_failed(error: BaseException) -> bool:
    """Whether it was an operation of the plan that failed; RDM01 is raised by the function in PostgreSQL."""
    error = driver_error(error)
    return isinstance(error, Conflict) or _state(error) == "RDM01"


def is_mysql(error: BaseException, codes: Sequence[int]) -> bool:
    """Whether a driver of MariaDB or MySQL reports an error with one of these numbers."""
    error = driver_error(error)
    driver = type(error).__module__.partition(".")[0]
    return driver in ("pymysql", "MySQLdb", "aiomysql", "asyncmy") and error.args[:1] in [(code,) for code in codes]


def is_missing(error: BaseException) -> bool:
    """Whether a table or the function of the kit does not exist."""
    error = driver_error(error)
    numbered = _state(error) in ("42P01", "42883") or is_mysql(error, NO_TABLE)
    return "redeemable_" in str(error) and (numbered or str(error).startswith("no such table"))


class NotMigrated(RuntimeError):
    """The host has not made the kit's tables."""

    def __init__(self) -> None:
        super().__init__("the kit's tables are not there: call the store's migrate()")


def explained(error: Exception) -> Exception:
    """The error, or one that says what to do if the host has not made the kit's tables."""
    if not is_missing(error):
        return error
    told = NotMigrated()
    told.__cause__ = error
    return told


def driver_error(error: BaseException) -> BaseException:
    """The driver's error: SQLAlchemy keeps it in `orig`, and Django raises its own error from it."""
    if type(error).__module__.startswith("django.db."):
        return error.__cause__ or error
    return getattr(error, "orig", None) or error


def _state(error: BaseException) -> str | None:
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
