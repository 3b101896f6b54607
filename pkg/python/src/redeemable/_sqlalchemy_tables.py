"""The kit's tables for SQLAlchemy, so that Alembic knows them and drops nothing."""

from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    event,
)
from sqlalchemy.dialects.mysql import BINARY, LONGTEXT, TEXT, VARBINARY, VARCHAR

from . import sql
from ._sqlalchemy import DATABASES, migrate


class _Types(NamedTuple):
    """The types of the columns on one database."""

    number: Any
    id: Any
    state: Any
    event_id: Any
    document: Any
    key: Any
    # A key or a person in the tables that point to records.
    name: Any


_C, _UTF8 = Text(collation="C"), LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin")
_TYPES: dict[sql.Database, _Types] = {
    "postgres": _Types(BigInteger(), _C, Text(), Text(), JSON(), _C, LargeBinary()),
    "sqlite": _Types(Integer(), Text(), Text(), Text(), Text(), Text(), Text()),
    "mysql": _Types(
        BigInteger(),
        VARBINARY(1024),
        VARCHAR(16, charset="ascii"),
        TEXT(charset="utf8mb4"),
        _UTF8,
        _UTF8,
        BINARY(8),
    ),
}


def tables(metadata: MetaData, dialect: str) -> tuple[Table, ...]:
    """Adds the tables to the metadata, as the script in `sql/` makes them.

    They are `redeemable_redemptions`, `redeemable_counters`, `redeemable_held`, `redeemable_persons`,
    `redeemable_archive` and, except on SQLite, `redeemable_parts`.

    `dialect` is the name of the engine's (`engine.dialect.name`): the columns differ. The tables are there to be read;
    only the kit writes them. `metadata.create_all(engine)` makes them, if it is the host's way, together with the
    function that PostgreSQL needs.
    """
    if dialect not in DATABASES:
        raise ValueError(f"dialect: expected one of {', '.join(DATABASES)}, found {dialect!r}")
    made = _made(metadata, DATABASES[dialect])

    def complete(_: MetaData, connection: Any, *, tables: Any = (), **__: Any) -> None:
        if any(table in made for table in tables or ()):
            migrate(connection, made[0].schema)

    event.listen(metadata, "after_create", complete)
    return made


def _made(metadata: MetaData, database: sql.Database) -> tuple[Table, ...]:
    types = _TYPES[database]
    # SQLite alone takes NULL as a primary key, unless the table says NOT NULL.
    id = partial(Column, "id", types.id, primary_key=True, nullable=database == "sqlite")
    options: Any = {"mysql_engine": "InnoDB"}
    # On MariaDB and MySQL, a key may be too long for an index.
    key = partial(Column, *(("hash", BINARY(32)) if database == "mysql" else ("key", types.key)), primary_key=True)
    long_key = [Column("key", types.key, nullable=False)] if database == "mysql" else []

    def number(name: str, **options: Any) -> Column[Any]:
        return Column(name, types.number, **options)

    def used() -> Column[Any]:
        return Column("used", types.number, CheckConstraint("used >= 0"), nullable=False)

    def record() -> list[Column[Any]]:
        state, event_id = (
            Column("state", types.state, nullable=False),
            Column("event_id", types.event_id, nullable=False),
        )
        return [id(), number("revision", nullable=False), state, event_id]

    document = partial(Column, "document", types.document, nullable=False)
    is_json = [CheckConstraint("json_valid(document)")] if database == "sqlite" else []
    redemptions = Table(
        "redeemable_redemptions", metadata, *record(), number("expires_at_ms"), document(), *is_json, **options
    )
    archive = Table("redeemable_archive", metadata, *record(), document(), **options)
    split = [] if database == "sqlite" else [Column("parts", Integer)]
    options["sqlite_with_rowid"] = False
    notes = [number("archived"), number("corrected")]
    counters = Table("redeemable_counters", metadata, key(), *long_key, used(), *notes, *split, **options)
    pointed = partial(Column, "id", types.id, primary_key=True)
    held = Table(
        "redeemable_held",
        metadata,
        Column("key", types.name, primary_key=True),
        number("expires_at_ms", primary_key=True, autoincrement=False),
        pointed(),
        *([Index("redeemable_held_by", "id")] if database == "mysql" else []),
        **options,
    )
    persons = Table(
        "redeemable_persons", metadata, Column("person", types.name, primary_key=True), pointed(), **options
    )
    if database == "sqlite":
        return redemptions, counters, held, persons, archive
    part = Column("part", Integer, primary_key=True, autoincrement=False)
    parts = Table("redeemable_parts", metadata, key(), part, used(), number("cap"), number("bound"), **options)
    if database == "postgres":
        spacious: Any = DDL("ALTER TABLE %(fullname)s SET (fillfactor = 50)")  # type: ignore[no-untyped-call]
        event.listen(parts, "after_create", spacious)
    return redemptions, counters, held, persons, archive, parts
