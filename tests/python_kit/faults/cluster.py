"""Starts a PostgreSQL server that tests may kill and start again, on a disk that they may fill."""

import atexit
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "16MB",
    "max_wal_size": "16MB",
    "min_wal_size": "4MB",
    "deadlock_timeout": "10ms",
    "autovacuum": "off",
    "log_line_prefix": "%e ",
    "log_min_messages": "error",
}


def programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)) or [
        Path(shutil.which("initdb") or "").parent
    ]
    assert (found[-1] / "postgres").exists(), "no PostgreSQL server is installed: run scripts/setup databases"
    return found[-1]


class Cluster:
    """A server in a folder of its own, or, if mounting is permitted, on a disk of `disk` megabytes in memory."""

    def __init__(self, disk: int | None = None) -> None:
        self.server: Any = None
        self.folder = Path(tempfile.mkdtemp(prefix="redeemable-faults-"))
        atexit.register(self.remove)
        self.is_mounted = (
            disk is not None
            and subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={disk}m", "tmpfs", self.folder], stderr=subprocess.DEVNULL
            ).returncode
            == 0
        )
        self.as_user: list[str] = []
        if os.getuid() == 0:
            # PostgreSQL refuses to run as root.
            shutil.chown(self.folder, "postgres")
            self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"postgres://redeemable@127.0.0.1:{self.port}/postgres"
        self.log = Path(f"{self.folder}.log")  # on another disk, because the log must say when this one is full
        self.read_to = 0
        subprocess.run(
            [
                *self.as_user,
                programs() / "initdb",
                "-D",
                self.folder / "data",
                "-U",
                "redeemable",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--wal-segsize=1",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
        )
        self.start()

    def start(self) -> None:
        """Starts the server, and waits until it answers."""
        for _ in range(60):
            with self.log.open("ab") as log:
                settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
                self.server = subprocess.Popen(
                    [
                        *self.as_user,
                        programs() / "postgres",
                        "-D",
                        self.folder / "data",
                        "-p",
                        str(self.port),
                        *settings,
                    ],
                    stdout=log,
                    stderr=log,
                    cwd=self.folder,
                )
            if self.answers():
                return
            time.sleep(0.1)  # a process of the killed server may still exist
        raise AssertionError(self.log.read_text()[-2000:])

    def answers(self) -> bool:
        """Waits until the server accepts connections; False if it has ended."""
        while self.server.poll() is None:
            try:
                psycopg.connect(self.url).close()
                return True
            except psycopg.OperationalError:
                time.sleep(0.02)
        return False

    def kill(self) -> None:
        """`kill -9` of all processes of the server at once, so that no process can react to the end of another."""
        os.kill(self.server.pid, signal.SIGSTOP)
        for pid in [*self.children(), self.server.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.wait()

    def children(self) -> list[int]:
        return [
            int(pid) for pid in Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
        ]

    def kill_one(self) -> None:
        """`kill -9` of one process that serves a host. The server ends the others; waits until it has recovered."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute("""SELECT pid FROM pg_stat_activity
                WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
                ORDER BY random() LIMIT 1""").fetchone()
        if row:
            with contextlib.suppress(ProcessLookupError):
                os.kill(row[0], signal.SIGKILL)
            # Before the server has noticed, it would still accept connections.
            while Path(f"/proc/{row[0]}").exists():
                time.sleep(0.001)
            assert self.answers()

    def fill(self) -> None:
        """Stops the server and removes its files."""
        try:
            with (self.folder / "ballast").open("wb", buffering=0) as ballast:
                while ballast.write(bytes(1 << 20)):
                    pass
        except OSError:
            pass

    def free(self) -> None:
        (self.folder / "ballast").unlink(missing_ok=True)

    def limit_files(self, size: int) -> None:
        """Limits the size of files for all processes that serve hosts: a full disk without a mount."""
        for pid in self.children():
            # Only the server's own user may set the limit of its processes.
            subprocess.run(
                [*self.as_user, "prlimit", "--pid", str(pid), f"--fsize={size}:"],
                stderr=subprocess.DEVNULL,
                check=False,
            )

    def states(self) -> Counter[str]:
        """The SQLSTATEs that the server has logged since the last time."""
        with self.log.open("rb") as log:
            log.seek(self.read_to)
            text = log.read().decode(errors="replace")
            self.read_to = log.tell()
        return Counter(re.findall(r"^([0-9A-Z]{5}) (?:ERROR|FATAL|PANIC)", text, re.MULTILINE))

    def remove(self) -> None:
        atexit.unregister(self.remove)
        if self.server and self.server.poll() is None:
            self.kill()
        if self.is_mounted:
            subprocess.run(["umount", "-l", self.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.log.unlink(missing_ok=True)
