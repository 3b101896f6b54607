"""A round: host processes buy, a fault happens, and then everything must add up.

A round's seed decides everything in it except the timing.
"""

import contextlib
import multiprocessing
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ledger import audit
from redeemable import host

from faults import hosts

KINDS = [
    "host_killed",
    "server_killed",
    "answer_lost",
    "lock_timeout",
    "statement_timeout",
    "disk_full",
    "serialization",
    "clock_skew",
]
LEVELS = ["read committed", "repeatable read", "serializable"]
SKEW_MS = 600_000
# The errors that a host may get instead of an answer. The kit repeats a call when the database asks for it, so a host
# gets no errors about locks and conflicts. On a full disk, PostgreSQL's code for a file that may not grow is XX000, and
# SQLite cannot enlarge the index of its log.
BROKEN = {"broken", "08000", "08003", "08006", "57P01", "57P02", "57P03"}
HEARD = {
    "host_killed": set(),
    "server_killed": BROKEN,
    "answer_lost": {*BROKEN, "SQLITE_IOERR"},
    "lock_timeout": set(),
    "serialization": set(),
    "clock_skew": set(),
    "statement_timeout": {"57014", "SQLITE_INTERRUPT"},
    "disk_full": {"53100", "XX000", "SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_WRITE", *BROKEN},
}

hosts_of = multiprocessing.get_context("forkserver")
hosts_of.set_forkserver_preload(["faults.hosts"])
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])


class Wrong(AssertionError):
    """Something that the kit promises was not true in this round."""


class Process:
    """A host process, as the round sees it."""

    def __init__(self, spec: hosts.Spec) -> None:
        self.spec = spec
        self.pipe, other = hosts_of.Pipe()
        self.process = hosts_of.Process(target=hosts.main, args=(spec, other), daemon=True)
        self.process.start()
        other.close()
        self.said: list[tuple[Any, ...]] = []

    def hear(self) -> bool:
        """Reads one message of the host; False when the host has ended."""
        try:
            self.said.append(self.pipe.recv())
        except (EOFError, OSError):
            return False
        return self.said[-1] != ("done",)

    def listen(self) -> None:
        while self.hear():
            pass
        self.process.join(30)

    def of(self, word: str) -> list[tuple[Any, ...]]:
        return [message for message in self.said if message[0] == word]

    def unanswered(self) -> list[int]:
        ended = {message[1] for message in self.of("end")}
        return [index for _, index in self.of("begin") if index not in ended]


class Round:
    def __init__(self, database: Any, kind: str, seed: str) -> None:
        self.database, self.kind, self.seed = database, kind, seed
        self.random = random.Random(f"{database.name} {kind} {seed}")
        self.on_postgres = database.name == "postgres"
        self.limits = {
            "uses": self.random.randint(3, 14),
            "pool": self.random.randint(4, 16),
            "identity": self.random.randint(2, 6),
            "budget": 200 * self.random.randint(3, 14),
            "crew": self.random.randint(1, 5),
            "free": self.random.randint(1, 3),
        }
        self.evidence: Counter[str] = Counter()
        self.level = self.random.choice(LEVELS)
        self.way = self.random.choice(["disk", "limit"])
        # If repeated calls must be answered from the record, no other host may work on the same order.
        self.is_private = kind in ("answer_lost", "host_killed", "disk_full")

    def request(self, id: str, buyer: int, quantity: int, free: bool) -> Any:
        limits = self.limits
        return {
            "codes": ["CREW" if free else "SUMMER"],
            "promos": [
                {
                    "code": "SUMMER",
                    "discount_percent": 20,
                    "max_uses": limits["uses"],
                    "max_uses_per_identity": limits["identity"],
                    "budget": limits["budget"],
                    "currency": "EUR",
                    "pools": [{"id": "all", "max_uses": limits["pool"]}],
                },
                {
                    "code": "CREW",
                    "discount": {"kind": "free"},
                    "max_uses": limits["crew"],
                    "pools": [{"id": "all", "max_uses": limits["pool"]}],
                },
            ],
            "policy": {"max_free_tickets_per_identity": limits["free"]},
            "order": {
                "id": id,
                "event_id": "gala",
                "currency": "EUR",
                "lines": [{"unit_price": 1000, "quantity": quantity}],
                "identities": {"email": f"buyer{buyer}@example.org"},
            },
        }

    def calls(self, number: int) -> list[Any]:
        """The calls of one host, on orders of its own or of all hosts: buy (again), pay, release and sweep."""
        made = []
        pick = self.random
        for _ in range(12):
            order = pick.randrange(8 if self.is_private else 16)
            id = f"o-{number if self.is_private else 'all'}-{order}"
            quantity, free = order % 3 + 1, order % 4 == 3
            what = (
                "redeem"
                if not made
                else pick.choices(
                    ["redeem", "confirm", "release", "sweep"],
                    [60, 22, 12, 0 if self.is_private else 20 if self.kind == "clock_skew" else 6],
                )[0]
            )
            if what == "redeem":
                amended = quantity if self.is_private else pick.choice([quantity] * 5 + [1])
                holds = (
                    [3_600_000]
                    if self.is_private
                    else [5, 60_000, 60_000, 3_600_000]
                    if self.kind == "clock_skew"
                    else [5, 50, 300, 3_600_000]
                )
                hold = pick.choice(holds)
                made.append({"verb": what, "args": [self.request(id, order % 5, amended, free)], "hold_ms": hold})
            elif what == "confirm":
                payment = {
                    "id": f"p-{number}-{len(made)}",
                    "total": None if free else 800 * quantity,
                    "currency": "EUR",
                }
                made.append({"verb": what, "args": [id, payment]})
            elif what == "release":
                made.append(
                    {
                        "verb": what,
                        "args": [
                            id,
                            pick.choice(["buyer_released", "refunded", "forfeited"]),
                            pick.choice([None, [0]]),
                        ],
                    }
                )
            else:
                made.append({"verb": what, "args": []})
        return made

    def spec(self, number: int) -> hosts.Spec:
        spec = hosts.Spec(
            self.random.choice(self.database.kinds), self.database.place, f"{self.seed} {number}", self.calls(number)
        )
        if self.kind == "answer_lost":
            # A batch is lost with each of its plans.
            return spec._replace(lose=0.3 if hosts.at_once(spec.kind) == 1 else 0.1)
        if self.kind == "clock_skew":
            return spec._replace(clock_off_ms=(-SKEW_MS, 0, SKEW_MS)[number])
        if self.kind == "statement_timeout":
            return spec._replace(slow=0.15)
        if self.kind == "lock_timeout" and not self.on_postgres:
            return spec._replace(patience=0.002, attempts=4)
        if self.kind == "serialization":
            return spec._replace(
                seats=True, **({} if self.on_postgres else {"kind": "sqlalchemy-sqlite", "reads_first": True})
            )
        if self.kind == "disk_full" and not self.on_postgres and self.way == "limit":
            return spec._replace(pages=self.random.randint(9, 12))
        return spec

    def play(self) -> Counter[str]:
        """What was seen of the fault; nothing if it did not happen. Raises `Wrong` with all that is known."""
        options = (
            {}
            if self.on_postgres
            else {"on_small_disk": self.kind == "disk_full" and self.way == "disk" and self.database.is_mounted}
        )
        with self.database.emptied(self.kind, **options):
            self.prepare()
            self.hosts = [Process(self.spec(number)) for number in range(3)]
            try:
                for process in self.hosts:
                    process.hear()
                    if process.said[-1:] != [("ready",)]:
                        raise Wrong(f"a host did not start: {process.said}")
                for process in self.hosts:
                    process.pipe.send("go")
                listeners = [threading.Thread(target=process.listen) for process in self.hosts]
                for listener in listeners:
                    listener.start()
                self.strike(lambda: any(listener.is_alive() for listener in listeners))
                for listener in listeners:
                    listener.join(120)
                    if listener.is_alive():
                        raise Wrong("a host does not end")
            finally:
                for process in self.hosts:
                    process.process.kill()
            self.check()
        return self.evidence

    def prepare(self) -> None:
        if not self.on_postgres:
            return
        if self.kind == "lock_timeout":
            self.database.settle("lock_timeout", "5ms")
        elif self.kind == "statement_timeout":
            self.database.settle("statement_timeout", "20ms")
        elif self.kind == "serialization":
            self.database.settle("default_transaction_isolation", self.level)
        elif self.kind == "disk_full" and self.way == "limit":
            # The growth of files can be forbidden only when this table's file is larger than one file of the log.
            with self.database.connect() as connection:
                connection.execute("""INSERT INTO redeemable_redemptions (id, revision, state, event_id, document)
                    SELECT 'filler ' || n, 1, 'released', 'filler', to_json(repeat('x', 1500))
                    FROM generate_series(1, 200) AS n""")
                connection.execute("DELETE FROM redeemable_redemptions")

    def strike(self, are_buying: Callable[[], bool]) -> None:
        """Makes the fault happen, at a moment that the seed chooses."""
        pause = self.random.uniform(0.005, 0.12)
        if self.kind == "host_killed" or (self.kind == "server_killed" and not self.on_postgres):
            time.sleep(pause)
            if self.random.random() < 0.7:
                # The host is killed in the middle of a transaction.
                said = len(self.hosts[0].said)
                while are_buying() and ("writing",) not in self.hosts[0].said[said:]:
                    time.sleep(0.0005)
                time.sleep(self.random.uniform(0, 0.006))
            # SQLite has no server: all processes that have the file open die together.
            for process in self.hosts[: 1 if self.kind == "host_killed" else 3]:
                process.process.kill()
        elif self.kind == "server_killed":
            time.sleep(pause)
            if self.random.random() < 0.7:
                self.database.cluster.kill()
                self.database.cluster.start()
            else:
                self.database.cluster.kill_one()
        elif self.kind == "lock_timeout" or (self.kind == "statement_timeout" and self.on_postgres):
            with self.database.connect() as rival:
                while are_buying():
                    rival.execute("BEGIN" if self.on_postgres else "BEGIN IMMEDIATE")
                    if self.on_postgres:
                        rival.execute("LOCK TABLE redeemable_counters IN EXCLUSIVE MODE")
                    time.sleep(0.03)
                    rival.execute("COMMIT")
                    time.sleep(self.random.uniform(0.005, 0.03))
        elif self.kind == "disk_full":
            self.fill(pause, are_buying)

    def fill(self, pause: float, are_buying: Callable[[], bool]) -> None:
        def until_a_host_is_told() -> Iterator[None]:
            end = time.monotonic() + 1
            while time.monotonic() < end and are_buying() and not any(process.of("fault") for process in self.hosts):
                yield
                time.sleep(0.01)

        time.sleep(pause / 4)
        if self.on_postgres:
            if self.way == "limit" or not self.database.cluster.is_mounted:
                with self.database.connect() as connection:
                    size = connection.execute("SELECT pg_relation_size('redeemable_redemptions')").fetchone()[0]
                for _ in until_a_host_is_told():
                    # The limit is not at the end of a page, so PostgreSQL reports a full disk, not a file too large.
                    self.database.cluster.limit_files(size + 4096)
                return
            self.database.cluster.fill()
            for _ in until_a_host_is_told():
                pass
            self.database.cluster.free()
            if self.database.cluster.server.poll() is not None:
                self.database.cluster.start()
        elif self.way == "disk" and self.database.is_mounted:
            ballast = self.database.small / "ballast"
            with contextlib.suppress(OSError):
                ballast.write_bytes(bytes(9 << 20))
            for _ in until_a_host_is_told():
                pass
            ballast.unlink()

    def check(self) -> None:
        for process in self.hosts:
            if wrong := process.of("wrong"):
                raise Wrong(
                    f"{process.spec.kind}: {wrong[0]}, after {Counter(fault for *_, fault in process.of('fault'))}"
                )
            heard = {message[2] for message in process.of("fault")}
            if not heard <= HEARD[self.kind]:
                raise Wrong(f"a {process.spec.kind} host was told {heard - HEARD[self.kind]}")
        self.database.wait_until_quiet()
        with self.database.connect() as connection:
            self.add_up(connection)
            self.repeat_what_was_cut_off()
            self.add_up(connection)
        self.gather()

    def add_up(self, connection: Any) -> None:
        """Compares counters, tickets, limits and answers with the records, and asks the kit's audit."""
        try:
            counters = audit(connection)
        except AssertionError as difference:
            raise Wrong(f"the ledger differs: {difference}") from difference
        for key, used in counters.items():
            for part, limit in [
                ("SUMMER/uses", "uses"),
                ("SUMMER/spend", "budget"),
                ("SUMMER/by/", "identity"),
                ("CREW/uses", "crew"),
                ("pool/all/uses", "pool"),
                ("/free/", "free"),
            ]:
                if part in key and used > self.limits[limit]:
                    raise Wrong(f"{key} is {used}, its limit {self.limits[limit]}")
        revisions = dict(connection.execute("SELECT id, revision FROM redeemable_redemptions").fetchall())
        for process in self.hosts:
            for _, index, answer, _ in process.of("end"):
                for id, revision in answer.get("revisions", {}).items():
                    if revisions.get(id, 0) < revision:
                        raise Wrong(
                            f"call {index} of a {process.spec.kind} host was answered with revision {revision} of {id}"
                            f", and {revisions.get(id)} is stored"
                        )
        if found := host.audit(self.database.store(connection)):
            raise Wrong(f"the kit's audit differs: {found}")

    def repeat_what_was_cut_off(self) -> None:
        """Another host repeats what a killed one had begun: what is stored already must not be stored again."""
        other = hosts.Host(
            hosts.Spec(
                {"postgres": "psycopg", "sqlite": "sqlite3"}[self.database.name], self.database.place, self.seed, []
            ),
            lambda *_: None,
        )
        other.open()
        for process in self.hosts:
            for index in process.unanswered():
                call = process.spec.calls[index]
                if call["verb"] != "redeem":
                    other.make(call)
                    continue
                order = call["args"][0]["order"]
                before = other.store.read([], order["id"])["existing"]
                answer = other.make(call)
                is_sold = (
                    before
                    and before["state"] != "released"
                    and len(before["tickets"]) == order["lines"][0]["quantity"]
                    and not any(ticket.get("released") for ticket in before["tickets"])
                )
                if self.is_private and is_sold:
                    if not answer["replayed"]:
                        raise Wrong(f"{order['id']} was sold again: {answer['status']}")
                    self.evidence["replayed"] += 1
        other.close()

    def gather(self) -> None:
        """Whether the fault has happened, as the database, the operating system or the records say."""
        seen = Counter(message[1] for process in self.hosts for message in process.of("state"))
        if self.on_postgres:
            seen += self.database.cluster.states()
        cut_off = [index for process in self.hosts for index in process.unanswered()]
        if self.kind == "disk_full":
            seen = Counter(message[2] for process in self.hosts for message in process.of("fault"))
        faults = {(number, index) for number, process in enumerate(self.hosts) for _, index, _ in process.of("fault")}
        if self.kind == "host_killed" or (self.kind == "server_killed" and not self.on_postgres):
            self.evidence["cut off"] += len(cut_off)
            self.evidence["cut off in the transaction"] += sum(
                process.said[-1:] == [("writing",)] for process in self.hosts
            )
        elif self.kind == "server_killed":
            self.evidence["cut off"] += len(faults)
        elif self.kind == "answer_lost":
            self.answered_again()
            self.evidence += Counter({what: seen[what] for what in ("answer lost", "question lost")})
        else:
            wanted = {
                "lock_timeout": ["55P03", "SQLITE_BUSY"],
                "statement_timeout": ["57014", "SQLITE_INTERRUPT"],
                "disk_full": ["53100", "XX000", "SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_WRITE"],
                "clock_skew": ["lapsed by another clock"],
                "serialization": ["40001", "40P01", "SQLITE_BUSY_SNAPSHOT"],
            }[self.kind]
            for state in wanted:
                self.evidence[
                    f"{self.level} {state}" if self.kind == "serialization" and self.on_postgres else state
                ] += seen[state]
        if self.kind == "disk_full":
            self.evidence = Counter({f"{state}, {self.way}": times for state, times in self.evidence.items()})
        self.evidence["together"] = seen["together"]
        self.evidence = +self.evidence
        self.answers = sum(len(process.of("end")) for process in self.hosts)
        self.struck = any(what not in ("replayed", "together") for what in self.evidence)

    def answered_again(self) -> None:
        """A call was stored and its answer was lost: when it is repeated, the answer comes from the record."""
        for process in self.hosts:
            for _, index, answer, lost in process.of("end"):
                if lost == "answer":
                    again = {
                        "redeem": answer.get("replayed"),
                        "confirm": answer["status"] in ("already_confirmed", "already_returned"),
                        "release": answer["status"] == "already_released",
                    }
                    if not again[process.spec.calls[index]["verb"]]:
                        raise Wrong(
                            f"call {index} of a {process.spec.kind} host was committed, and answered anew: {answer}"
                        )
                    self.evidence["answer lost"] += 1
                elif lost == "question":
                    self.evidence["question lost"] += 1
