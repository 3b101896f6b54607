"""Refuses what a host's `write` does on another connection or session than the plan's.

A `write` that uses, for example, Flask-SQLAlchemy's `db.session` although the store is over an engine would store its
rows in another transaction than the plan, or never.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import UnboundExecutionError
from sqlalchemy.orm import Session

from . import sql

_OTHER = (
    "write uses another connection of the engine: its rows would not be stored together with the plan; "
    "write to the transaction that it gets, or make the store over the session that it uses"
)


@dataclass
class _Own:
    connection: Connection
    session: Session | None
    is_writing: bool = True
    """False after `write`, in whose context a task may have been started that goes on."""


_writing: ContextVar[_Own | None] = ContextVar("redeemable_writing", default=None)


@contextmanager
def watching(connection: Connection, session: Session | None) -> Iterator[None]:
    """While `write` runs: it may use this connection, this session, and other databases."""
    begun = () if session is None else (session.get_transaction(), session.get_nested_transaction())
    own = _Own(connection, session)
    token = _writing.set(own)
    try:
        yield
    finally:
        _writing.reset(token)
        own.is_writing = False
    # After `session.commit()` or `session.rollback()`, the counters would be stored in another transaction.
    if any(transaction is not None and not transaction.is_active for transaction in begun):
        raise RuntimeError(sql.ENDED)


@event.listens_for(Engine, "before_cursor_execute")
def _execute(connection: Connection, *_: Any) -> None:
    own = _writing.get()
    if own and own.is_writing and _is_beside(own.connection, connection):
        raise RuntimeError(_OTHER)


@event.listens_for(Session, "before_attach")
def _attach(session: Session, instance: Any) -> None:
    """A row that was added to another session would be stored only when the host commits that session."""
    own = _writing.get()
    if own is None or not own.is_writing or session is own.session:
        return
    try:
        bind = session.get_bind(mapper=inspect(instance).mapper)
    except UnboundExecutionError:
        return
    if _is_beside(own.connection, bind):
        raise RuntimeError(_OTHER)


def _is_beside(own: Connection, other: Any) -> bool:
    """Whether `other` is, or would open, another connection of the same engine."""
    if isinstance(other, Connection) and other.connection.dbapi_connection is own.connection.dbapi_connection:
        return False
    # Engines that share a pool are the same engine with other options.
    return other.engine.pool is own.engine.pool
