"""What both stores on PostgreSQL share: the statements in psycopg's notation, and checks of a connection's state."""

from functools import cache
from typing import Any

from psycopg import AsyncConnection, Connection
from psycopg.errors import PipelineAborted
from psycopg.pq import PipelineStatus, TransactionStatus

from . import sql

ROLLED_BACK = "write rolled the transaction back: to refuse, it raises any exception but psycopg.Rollback"


@cache
def statements(schema: str | None) -> dict[str, bytes]:
    """The statements as psycopg takes them. It prepares a statement that is sent often, and knows it by its bytes."""
    return {name: sql.pyformat(statement).encode() for name, statement in sql.statements("postgres", schema).items()}


def is_open(connection: Connection[Any] | AsyncConnection[Any]) -> bool:
    """Whether the host has a transaction open."""
    return connection.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)


def refuse_open_transaction(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    if is_open(connection):
        raise RuntimeError(sql.OPEN_TRANSACTION)


def refuse_without_transaction(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    """Raises unless a transaction is open, or psycopg begins one at the next statement."""
    if connection.autocommit and is_idle(connection):
        raise RuntimeError(sql.NO_TRANSACTION)


def is_idle(connection: Connection[Any] | AsyncConnection[Any]) -> bool:
    return connection.info.transaction_status == TransactionStatus.IDLE


def is_in_transaction(connection: Connection[Any] | AsyncConnection[Any]) -> bool:
    """Whether there is a transaction that the connection can roll back."""
    status = connection.info.transaction_status
    return (
        status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)
        and connection.info.pipeline_status == PipelineStatus.OFF
    )


def close_unless_sound(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    """Closes a connection that a cancelled task left unusable.

    libpq may still be in pipeline mode. The host's next statement would then seem to work and store nothing.
    """
    if (
        connection.info.transaction_status != TransactionStatus.IDLE
        or connection.info.pipeline_status != PipelineStatus.OFF
    ):
        # Some pools replace `close()` by a function that returns the connection to the pool; `finish()` closes it.
        connection.pgconn.finish()


def refuse_ended_transaction(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    """Raises if `write` has ended the transaction: the counters would be stored in another one than the records.

    In `write`, psycopg itself refuses `connection.commit()`, but not the statement COMMIT.
    """
    if is_idle(connection):
        raise RuntimeError(sql.ENDED)


def cause_of(error: BaseException) -> BaseException:
    """The first error. psycopg may raise a later one in its place, which says only that the COMMIT was skipped."""
    return cause_of(error.__context__) if isinstance(error, PipelineAborted) and error.__context__ else error
