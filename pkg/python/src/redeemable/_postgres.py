"""What both stores on PostgreSQL share: the statements as psycopg takes them, and what state a connection is in."""

import re
from typing import Any

from psycopg import AsyncConnection, Connection
from psycopg.errors import PipelineAborted
from psycopg.pq import PipelineStatus, TransactionStatus

from . import _sql

# psycopg writes parameters its own way. It prepares a statement that is sent often, and knows it by these bytes.
STATEMENTS = {
    name: re.sub(r":(\w+)", r"%(\1)s", statement.replace("%", "%%")).encode()
    for name, statement in _sql.statements("postgres").items()
}
ROLLED_BACK = "write rolled the transaction back: to refuse, it raises any exception but psycopg.Rollback"


def refuse_open_transaction(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    if connection.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN):
        raise RuntimeError("the connection has a transaction open: commit it or roll it back first")


def is_in_transaction(connection: Connection[Any] | AsyncConnection[Any]) -> bool:
    """Whether there is something to roll back, and a connection to do it on."""
    status = connection.info.transaction_status
    return (
        status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)
        and connection.info.pipeline_status == PipelineStatus.OFF
    )


def close_unless_sound(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    """A cancellation may leave libpq in pipeline mode: the host's next statement would answer and store nothing."""
    if (
        connection.info.transaction_status != TransactionStatus.IDLE
        or connection.info.pipeline_status != PipelineStatus.OFF
    ):
        # Not `close()`: some pools replace it by a function that takes the connection back.
        connection.pgconn.finish()


def refuse_ended_transaction(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    """psycopg refuses `commit()`, but not the statement COMMIT. The counters would then be stored by themselves."""
    if connection.info.transaction_status == TransactionStatus.IDLE:
        raise RuntimeError(_sql.ENDED)


def cause_of(error: BaseException) -> BaseException:
    """The error that came first. psycopg may report on top of it that the COMMIT behind it was skipped."""
    return cause_of(error.__context__) if isinstance(error, PipelineAborted) and error.__context__ else error
