"""The databases of a round, with empty tables of the kit and of the host."""

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from ledger import CREATE
from mariadb import TABLES
from redeemable.postgres import PostgresStore
from redeemable.sqlite import SqliteStore

from faults import hosts
from faults.cluster import Cluster


class Postgres:
    name, kinds = "postgres", hosts.POSTGRES

    def __init__(self) -> None:
        self.on_disk, self.in_memory = Cluster(), Cluster(disk=128)
        for cluster in (self.in_memory, self.on_disk):
            self.cluster = cluster
            with self.connect() as connection:
                PostgresStore(connection).migrate()
                connection.execute(CREATE)
                connection.execute("CREATE TABLE seats (id integer, sold integer)")
                if cluster is self.in_memory:
                    # Each record fills a page, so that the disk is soon full.
                    connection.execute("ALTER TABLE redeemable_redemptions SET (fillfactor = 10)")

    @property
    def place(self) -> str:
        return self.cluster.url

    def connect(self) -> Any:
        return closing(psycopg.connect(self.place, autocommit=True, options="-c lock_timeout=0 -c statement_timeout=0"))

    def store(self, connection: Any) -> Any:
        return PostgresStore(connection)

    @contextmanager
    def emptied(self, kind: str) -> Iterator[None]:
        """Makes empty tables, on the small disk if the round fills it."""
        self.cluster = self.in_memory if kind == "disk_full" else self.on_disk
        with self.connect() as connection:
            connection.execute(f"TRUNCATE {', '.join(TABLES)}, tickets, seats")
            connection.execute("INSERT INTO seats SELECT generate_series(0, 3), 0")
        self.cluster.states()
        yield
        with self.connect() as connection:
            connection.execute("ALTER DATABASE postgres RESET ALL")

    def wait_until_quiet(self) -> None:
        """Waits, because the transaction of a killed host may still be under way."""
        with self.connect() as connection:
            while connection.execute(
                "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchone():
                time.sleep(0.005)

    def settle(self, name: str, value: str) -> None:
        with self.connect() as connection:
            connection.execute(f"ALTER DATABASE postgres SET {name} = '{value}'")

    def remove(self) -> None:
        self.on_disk.remove()
        self.in_memory.remove()


class Sqlite:
    name, kinds = "sqlite", hosts.SQLITE

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="redeemable-faults-"))
        self.small = self.folder / "small"
        self.small.mkdir()
        self.is_mounted = not os.system(f"mount -t tmpfs -o size=8m tmpfs {self.small} 2>/dev/null")

    def connect(self) -> Any:
        return closing(sqlite3.connect(self.place, timeout=30, isolation_level=None))

    def store(self, connection: Any) -> Any:
        return SqliteStore(connection)

    @contextmanager
    def emptied(self, kind: str, on_small_disk: bool = False) -> Iterator[None]:
        folder = Path(tempfile.mkdtemp(dir=self.small if on_small_disk else self.folder))
        self.place = str(folder / "host.sqlite")
        with self.connect() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            SqliteStore(connection).migrate()
            connection.execute(CREATE)
            connection.execute("CREATE TABLE seats (id integer, sold integer)")
        try:
            yield
        finally:
            shutil.rmtree(folder)

    def wait_until_quiet(self) -> None:
        """Does nothing: the transaction of a killed host has ended with it."""

    def remove(self) -> None:
        if self.is_mounted:
            os.system(f"umount -l {self.small}")
        shutil.rmtree(self.folder, ignore_errors=True)
