# Made from _postgres_aio.py by tools/unasync.py, which `make generate` runs: change that file, not this one.
"""The store on PostgreSQL over a psycopg connection or pool."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any, Protocol

from psycopg import Connection, Transaction
from psycopg.rows import tuple_row

from . import sql
from ._calls import plain
from ._conflicts import has_failed, is_conflict
from ._group_host import Group
from ._owners import refuse_managed
from ._postgres import (
    ROLLED_BACK,
    cause_of,
    close_unless_sound,
    is_idle,
    is_in_transaction,
    is_open,
    refuse_ended_transaction,
    refuse_open_transaction,
    refuse_without_transaction,
    statements,
)
from ._sql_host import answered, repeated
from ._steps import Document, Queries, R, RepeatTransaction
from .types import Redemption


class Pool(Protocol):
    """The part of `psycopg_pool.ConnectionPool` that the store uses."""

    def connection(self) -> AbstractContextManager[Connection[Any]]:
        """A connection of the pool, which the context manager returns at its end."""
        ...


class PostgresStore:
    """A store over the host's `Connection` or `ConnectionPool`, with or without autocommit.

    The connection may have any isolation level. `write` gets it; psycopg does not let `write` commit.
    The tables are those of `schema`; without one, the connection's search_path says which.
    `begin` gets the connection first in each transaction that reads or sells, for example to set a tenant.
    Over a pool and without `begin`, plans that come at the same time are stored together, unless `group` is False.
    """

    def __init__(
        self,
        connection: Connection[Any] | Pool,
        *,
        on_drift: sql.OnDrift = sql.warn,
        schema: str | None = None,
        begin: Callable[[Connection[Any]], object] | None = None,
        group: bool = True,
    ) -> None:
        refuse_managed(connection)
        self._source = connection
        self._on_drift = on_drift
        self._schema = schema
        self._statements = statements(schema)
        self._begin = begin and plain(begin, "begin")
        is_pool = not isinstance(connection, Connection)
        self._group = Group(self, group and is_pool and begin is None, self._select)

    def migrate(self) -> None:
        """Creates the tables and the function that executes plans. Every host may call it when it starts."""
        with self._connection() as connection:
            refuse_open_transaction(connection)
            with connection.transaction():
                connection.execute(sql.tables("postgres", self._schema).encode())

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        return self._group.read(keys, id)

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return self._select(sql.find, lapsed_by_ms, keys, limit)

    def commit(
        self,
        ops: Sequence[Document],
        write: Callable[[Connection[Any], list[Redemption]], object] | None = None,
    ) -> bool:
        return self._group.commit(ops, write)

    def _commit(
        self,
        ops: Sequence[Document],
        write: Callable[[Connection[Any], list[Redemption]], object] | None = None,
    ) -> bool:
        drifted = None
        sql.check_text(ops)
        with self._connection() as connection:
            refuse_open_transaction(connection)
            try:
                before, after = sql.around(write, ops)
                with ExitStack() as stack:
                    with connection.pipeline() as pipeline:
                        # `connection.transaction()` would wait for the answer to BEGIN, so it is not used here.
                        stack.enter_context(Transaction(connection))
                        if not connection.autocommit:
                            # Without autocommit psycopg itself sends BEGIN before a statement, until it has read the
                            # server's answer to the first one: so wait for that answer.
                            pipeline.sync()
                        if self._begin:
                            self._begin(connection)
                        if write is not None:
                            connection.execute(self._statements["commit_records"], {"ops": sql.to_json(before)})
                    if write is not None:
                        write(connection, sql.redemptions_of(ops))
                        refuse_ended_transaction(connection)
                    # The counters and the COMMIT are sent together, so the lock of a popular counter is not held during
                    # a round trip.
                    with connection.pipeline(), stack.pop_all():
                        counters = self._statements["commit" if write is None else "commit_counters"]
                        cursor = connection.cursor(row_factory=tuple_row).execute(counters, {"ops": sql.to_json(after)})
                    ((answer,),) = cursor.fetchall()
                    drifted = sql.drifted(answer)
            except Exception as error:
                cause = cause_of(error)
                if is_conflict(cause):
                    return False
                raise cause  # noqa: B904 (it is the error, or what the error was made from)
            finally:
                try:
                    if is_in_transaction(connection):
                        connection.rollback()
                finally:
                    close_unless_sound(connection)
        if drifted is None:
            raise RuntimeError(ROLLED_BACK)
        sql.tell(self._on_drift, drifted)
        return True

    def joining(self, transaction: Connection[Any]) -> "JoinedPostgres":
        """This store in a transaction of the host: `transaction` is the connection, which may be any one."""
        return JoinedPostgres(transaction, self._on_drift, self._statements)

    def scan(self, visit: Callable[[Document], object]) -> None:
        self._transact("one_moment", sql.scan(visit))

    def differences(self, *, after: str, limit: int) -> list[Document]:
        return self._select(sql.differences, after, limit)

    def person(self, identity: str) -> list[Document]:
        return self._select(sql.person, identity)

    def old(self, *, after: str, before_ms: int | None, event_id: str | None, limit: int) -> list[Document]:
        return self._select(sql.old, after, before_ms, event_id, limit)

    def prune(self, is_over: Callable[[str], bool]) -> int | None:
        return self._alone(sql.prune("postgres", is_over))

    def split(self, key: str, parts: int) -> list[str] | None:
        return self._alone(sql.split("postgres", key, parts))

    def _alone(self, queries: Queries[R]) -> R | None:
        """The answer of these queries in one transaction. None after a conflict."""
        try:
            return self._transact("each_statement", queries)
        except Exception as error:
            if is_conflict(error):
                return None
            raise

    def _transact(self, mode: str, queries: Queries[R]) -> R:
        """The result of the queries, in one transaction; the statement `mode` says what that transaction sees."""
        with self._connection() as connection:
            refuse_open_transaction(connection)
            try:
                with connection.transaction():
                    connection.execute(self._statements[mode])
                    if self._begin:
                        self._begin(connection)
                    return _answered(connection, self._statements, queries)
            finally:
                close_unless_sound(connection)

    @repeated
    def _select(self, ask: Callable[..., Queries[R]], *asked: Any) -> R:
        with self._connection() as connection:
            begin = None if is_open(connection) else self._begin
            # Without autocommit, a statement begins a transaction, which would stay open: end it here.
            with connection.transaction() if begin or not connection.autocommit else nullcontext():
                if begin:
                    begin(connection)
                return _answered(connection, self._statements, ask("postgres", *asked))

    @contextmanager
    def _connection(self) -> Iterator[Connection[Any]]:
        if isinstance(self._source, Connection):
            yield self._source
        else:
            with self._source.connection() as connection:
                yield connection


class JoinedPostgres:
    """The store in a transaction that the host has begun, and that the host ends."""

    def __init__(self, connection: Connection[Any], on_drift: sql.OnDrift, statements: dict[str, bytes]) -> None:
        if not isinstance(connection, Connection):
            raise TypeError(f"transaction: expected psycopg's Connection, found {type(connection).__name__}")
        refuse_without_transaction(connection)
        self.connection = connection
        self._on_drift = on_drift
        self._statements = statements

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        return self._select(sql.read("postgres", keys, id))

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        return self._select(sql.find("postgres", lapsed_by_ms, keys, limit))

    def commit(
        self,
        ops: Sequence[Document],
        write: Callable[[Connection[Any], list[Redemption]], object] | None = None,
    ) -> bool:
        sql.check_text(ops)
        drifted = None
        if is_idle(self.connection):
            # Without autocommit, psycopg begins the transaction at the first statement, and `transaction()` would
            # commit it: make it begin.
            self._select(sql.sees_newer())
        try:
            with self.connection.transaction():
                before, after = sql.around(write, ops, own=False)
                if write is not None:
                    _answered(self.connection, self._statements, sql.records("postgres", before))
                    write(self.connection, sql.redemptions_of(ops))
                    refuse_ended_transaction(self.connection)
                drifted = _answered(
                    self.connection, self._statements, sql.counters("postgres", after, write is not None)
                )
        except Exception as error:
            if has_failed(error) and _answered(self.connection, self._statements, sql.sees_newer()):
                return False
            if is_conflict(error):
                raise RepeatTransaction from error
            raise
        if drifted is None:
            raise RuntimeError(ROLLED_BACK)
        sql.tell(self._on_drift, drifted)
        return True

    def _select(self, queries: Queries[R]) -> R:
        try:
            return _answered(self.connection, self._statements, queries)
        except Exception as error:
            if is_conflict(error):
                raise RepeatTransaction from error
            raise


def _answered(connection: Connection[Any], statements: dict[str, bytes], queries: Queries[R]) -> R:
    def run(name: str, values: dict[str, Any]) -> Any:
        cursor = connection.cursor(row_factory=tuple_row).execute(statements[name], values)
        return cursor.fetchall() if cursor.description else cursor.rowcount

    return answered(queries, run)
