# Made from _sqlalchemy_aio.py by tools/unasync.py, which `make generate` runs: change that file, not this one.
"""The store over an SQLAlchemy engine or connection."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.engine import Connection, Engine

from . import _sql, _sqlalchemy
from ._kit import redemptions_of
from ._sql_host import repeated
from ._steps import Document
from .types import Redemption


class SqlAlchemyStore:
    """A store over the host's `Engine` or `Connection`, on SQLite, PostgreSQL, MariaDB or MySQL.

    `write` gets an `Connection` in a transaction.

    A host that uses the ORM makes its `Session(bind=connection)` in `write`, and flushes it there.
    """

    def __init__(self, engine: Engine | Connection, *, on_drift: _sql.OnDrift = _sql.warn) -> None:
        self._source = engine
        self._on_drift = on_drift

    def migrate(self) -> None:
        """Creates the tables, unless they exist. Every host may call it when it starts."""
        with self._begin() as connection:
            _sqlalchemy.migrate(connection)

    @repeated
    def read(self, keys: Sequence[str], id: str | None) -> Document:
        with self._reading() as connection:
            return _sqlalchemy.read(connection, keys, id)

    @repeated
    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        with self._reading() as connection:
            return _sqlalchemy.find(connection, lapsed_by_ms, keys, limit)

    def commit(
        self,
        ops: Sequence[Document],
        write: Callable[[Connection, list[Redemption]], object] | None = None,
    ) -> bool:
        if self._source.dialect.name == "postgresql":
            _sql.check_text(ops)
        try:
            before, after = _sql.around(write, ops)
            with self._begin() as connection:
                if write is not None:
                    _sqlalchemy.store_records(connection, before)
                    write(connection, redemptions_of(ops))
                drifted = _sqlalchemy.count(connection, after, write is not None)
        except Exception as error:
            if _sql.is_conflict(error):
                return False
            raise
        _sql.tell(self._on_drift, drifted)
        return True

    def scan(self, visit: Callable[[Document], object]) -> None:
        """See `Audited.scan`. On SQLite, buyers' commits wait for it unless `journal_mode` is WAL."""
        with self._begin("one_moment") as connection:
            _sqlalchemy.scan(connection, visit)

    def recount(self, key: str, count: Callable[[Iterable[Document]], int]) -> int | None:
        try:
            with self._begin() as connection:
                return _sqlalchemy.recount(connection, key, count)
        except Exception as error:
            if _sql.is_conflict(error):
                return None
            raise

    def prune(self, is_over: Callable[[str], bool]) -> int | None:
        try:
            with self._begin() as connection:
                return _sqlalchemy.prune(connection, is_over)
        except Exception as error:
            if _sql.is_conflict(error):
                return None
            raise

    @contextmanager
    def _begin(self, mode: str = "each_statement") -> Iterator[Connection]:
        with _sql.letting_go():
            if isinstance(self._source, Connection):
                _sqlalchemy.refuse_open_transaction(self._source.in_transaction())
                with self._source.begin():
                    _sqlalchemy.begin(self._source, mode)
                    yield self._source
            else:
                with self._source.begin() as connection:
                    _sqlalchemy.begin(connection, mode)
                    yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _sql.letting_go():
            if not isinstance(self._source, Connection):
                with self._source.connect() as connection:
                    _sqlalchemy.begin_reading(connection)
                    yield connection
            elif self._source.in_transaction():
                yield self._source
            else:
                with self._source.begin():
                    _sqlalchemy.begin_reading(self._source)
                    yield self._source
