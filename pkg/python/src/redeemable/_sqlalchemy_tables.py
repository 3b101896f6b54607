"""The kit's two tables for SQLAlchemy, so that Alembic knows them and drops nothing."""

from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, Integer, MetaData, Table, Text, event, text
from sqlalchemy.dialects.mysql import BINARY, LONGTEXT, TEXT, VARBINARY, VARCHAR

from ._sqlalchemy import DATABASES, migrate

_HELD = text("state = 'held'")


def tables(metadata: MetaData, dialect: str) -> tuple[Table, Table]:
    """Adds `redeemable_redemptions` and `redeemable_counters`, as the script in `sql/` makes them, to the metadata.

    `dialect` is the name of the engine's (`engine.dialect.name`): the columns differ. The tables are there to be read;
    only the kit writes them. `metadata.create_all(engine)` makes them, if it is the host's way, together with the
    function that PostgreSQL needs.
    """
    if dialect not in DATABASES:
        raise ValueError(f"dialect: expected one of {', '.join(DATABASES)}, found {dialect!r}")
    make = {"postgres": _on_postgres, "sqlite": _on_sqlite, "mysql": _on_mysql}[DATABASES[dialect]]
    redemptions, counters = make(metadata)
    event.listen(counters, "after_create", lambda _, connection, **__: migrate(connection, counters.schema))
    return redemptions, counters


def _on_postgres(metadata: MetaData) -> tuple[Table, Table]:
    id = Column("id", Text(collation="C"), primary_key=True)
    redemptions = _redemptions(metadata, id, BigInteger(), JSON())
    return redemptions, _counters(metadata, Text(collation="C"), BigInteger())


def _on_sqlite(metadata: MetaData) -> tuple[Table, Table]:
    # SQLite alone takes NULL as a primary key, unless the table says NOT NULL.
    id = Column("id", Text, primary_key=True, nullable=True)
    redemptions = _redemptions(metadata, id, Integer(), Text(), CheckConstraint("json_valid(document)"))
    return redemptions, _counters(metadata, Text(), Integer(), sqlite_with_rowid=False)


def _redemptions(metadata: MetaData, id: Column[Any], number: Any, document: Any, *more: Any) -> Table:
    return Table(
        "redeemable_redemptions",
        metadata,
        id,
        Column("revision", number, nullable=False),
        Column("state", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        Column("expires_at_ms", number),
        Column("document", document, nullable=False),
        Index("redeemable_holds", "expires_at_ms", postgresql_where=_HELD, sqlite_where=_HELD),
        *more,
    )


def _counters(metadata: MetaData, key: Any, number: Any, **options: Any) -> Table:
    used = Column("used", number, CheckConstraint("used >= 0"), nullable=False)
    return Table("redeemable_counters", metadata, Column("key", key, primary_key=True), used, **options)


def _on_mysql(metadata: MetaData) -> tuple[Table, Table]:
    text = LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin")
    redemptions = Table(
        "redeemable_redemptions",
        metadata,
        Column("id", VARBINARY(1024), primary_key=True),
        Column("revision", BigInteger, nullable=False),
        Column("state", VARCHAR(16, charset="ascii"), nullable=False),
        Column("event_id", TEXT(charset="utf8mb4"), nullable=False),
        Column("expires_at_ms", BigInteger),
        Column("document", text, nullable=False),
        Index("redeemable_holds", "state", "expires_at_ms"),
        mysql_engine="InnoDB",
    )
    counters = Table(
        "redeemable_counters",
        metadata,
        Column("hash", BINARY(32), primary_key=True),
        Column("key", text, nullable=False),
        Column("used", BigInteger, CheckConstraint("used >= 0"), nullable=False),
        mysql_engine="InnoDB",
    )
    return redemptions, counters
