"""Alembic leaves the kit's tables alone: its autogenerate finds nothing to drop or to change."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import mariadb
import psycopg
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from redeemable.sqlalchemy import SqlAlchemyStore, tables

FILES = Path(__file__).parent / "alembic_shop"
ON_SQLITE = tuple(f"redeemable_{name}" for name in ("redemptions", "counters", "held", "persons", "archive"))
NAMES = {"sqlite": ON_SQLITE}
ELSEWHERE = (*ON_SQLITE, "redeemable_parts")
DRIVERS = {"postgres": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
ON_MYSQL = """
        SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, collation_name)
        FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name LIKE 'redeemable%'
        UNION ALL SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name)
        FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name LIKE 'redeemable%'
        UNION ALL SELECT CONCAT_WS(' ', table_name, check_clause)
        FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()
        UNION ALL SELECT CONCAT_WS(' ', table_name, engine)
        FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'redeemable%'
        ORDER BY 1"""
# What each database says of the tables and, on PostgreSQL, of the function.
CATALOGUE = {
    "postgresql": """
        SELECT table_name || column_name || data_type || coalesce(collation_name, '') || is_nullable
        FROM information_schema.columns WHERE table_name LIKE 'redeemable%'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'redeemable%'
        UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE CAST(CAST(conrelid AS regclass) AS text) LIKE 'redeemable%'
        UNION ALL SELECT CAST(to_regprocedure('redeemable_commit(json)') AS text)
        ORDER BY 1""",
    "mysql": ON_MYSQL,
    "mariadb": ON_MYSQL,
    # Without what SQLAlchemy writes in another place: PRIMARY KEY and CHECK.
    "sqlite": """
        SELECT m.name, c.name, c.type, c."notnull", c.pk,
          m.sql LIKE '%WITHOUT ROWID%', m.sql LIKE '%CHECK (used >= 0)%', m.sql LIKE '%CHECK (json_valid(document))%'
        FROM sqlite_master AS m, pragma_table_info(m.name) AS c
        WHERE m.type = 'table'
        UNION ALL SELECT name, sql, '', '', '', '', '', '' FROM sqlite_master
        WHERE type IN ('index', 'trigger') AND sql NOTNULL ORDER BY 1, 2""",
}


@pytest.fixture(params=["sqlite", "postgres", "mysql", "mariadb"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/shop.sqlite"
        return
    session = request.getfixturevalue("database" if request.param == "postgres" else "mysql_database")
    name = f"alembic_{os.urandom(8).hex()}"
    opened = psycopg.connect(session, autocommit=True) if request.param == "postgres" else mariadb.connect(session)
    with closing(opened) as server:
        server.cursor().execute(f"CREATE DATABASE {name}")
        yield DRIVERS[request.param] + "://" + session.partition("://")[2].rpartition("/")[0] + f"/{name}"
        server.cursor().execute(f"DROP DATABASE {name}")


def compared(engine: sqlalchemy.Engine, metadata: sqlalchemy.MetaData) -> Any:
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


def test_the_tables_are_those_of_the_script(empty: str) -> None:
    engine = sqlalchemy.create_engine(empty, poolclass=sqlalchemy.NullPool)
    metadata = sqlalchemy.MetaData()
    names = NAMES.get(engine.dialect.name, ELSEWHERE)
    assert tuple(table.name for table in tables(metadata, engine.dialect.name)) == names

    def look() -> Any:
        with engine.connect() as connection:
            return connection.execute(sqlalchemy.text(CATALOGUE[engine.dialect.name])).fetchall()

    SqlAlchemyStore(engine).migrate()
    made = look()
    assert compared(engine, metadata) == []
    dropped = compared(engine, sqlalchemy.MetaData())
    assert sorted(change[1].name for change in dropped if change[0] == "remove_table") == sorted(names), (
        "without the tables in its metadata, Alembic drops them"
    )

    with engine.begin() as connection:
        for name in names:
            connection.execute(sqlalchemy.text(f"DROP TABLE {name}"))
        if engine.dialect.name == "postgresql":
            connection.execute(sqlalchemy.text("DROP FUNCTION redeemable_commit(json)"))
    metadata.create_all(engine)
    assert look() == made
    assert compared(engine, metadata) == []


def test_an_unknown_dialect_is_an_error() -> None:
    message = "dialect: expected one of sqlite, postgresql, mysql, mariadb, found 'postgres'"
    with pytest.raises(ValueError, match=message):
        tables(sqlalchemy.MetaData(), "postgres")


@pytest.mark.parametrize("empty", ["sqlite", "postgres", "mysql"], indirect=True)
def test_a_project_from_its_first_revision_to_its_first_sale(empty: str, tmp_path: Path) -> None:
    def run(*commands: str) -> str:
        """Runs these commands of Alembic in one process, which takes less time, or a program."""
        script = f"from alembic.config import main\nfor command in {commands!r}: main(command.split())"
        done = subprocess.run(
            [sys.executable, *(commands if commands[0].endswith(".py") else ["-c", script])],
            cwd=tmp_path,
            env={**os.environ, "DATABASE_URL": empty, "PYTHONPATH": f"{os.environ['PYTHONPATH']}:{tmp_path}"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def newest(message: str) -> Path:
        (file,) = (tmp_path / "migrations/versions").glob(f"*_{message}.py")
        return file

    run("init migrations", "revision -m redeemable")
    for name in ("models.py", "shop.py"):
        shutil.copy(FILES / name, tmp_path)
    env = tmp_path / "migrations/env.py"
    text = env.read_text()
    assert text.count("target_metadata = None\n") == 1
    env.write_text(text.replace("target_metadata = None\n", (FILES / "env.py").read_text()))

    revision = newest("redeemable")
    head, body = re.split(r"(?=^def upgrade)", revision.read_text(), maxsplit=1, flags=re.MULTILINE)
    assert body.count("    pass\n") == 2
    ours = (FILES / "revision.py").read_text()
    database = {"sqlite": "sqlite", "mysql": "mysql"}.get(empty.partition(":")[0].partition("+")[0], "postgres")
    revision.write_text(head + ours.replace('"postgres"', f'"{database}"'))

    told = run("upgrade head", "revision --autogenerate -m tickets", "upgrade head", "check")
    assert "No new upgrade operations detected." in told
    generated = newest("tickets").read_text()
    assert re.findall(r"op\.(\w+)\('(\w+)'", generated) == [("create_table", "tickets"), ("drop_table", "tickets")]
    run("shop.py")
