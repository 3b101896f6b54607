"""Plays rounds of faults on real databases, more rounds than the tests.

In tests/python_kit, with the package in PYTHONPATH:

- `python -m faults sqlite|postgres ROUNDS [--seed SEED] [--kind KIND]… [--at-once]`
- `python -m faults sqlite|postgres --again SEED.NUMBER --kind KIND` plays one round again, with the same calls and the
    same fault; the timing may differ.
"""

import argparse
import signal
import sys
import time
from collections import Counter
from typing import Any

from faults import hosts
from faults.databases import Postgres, Sqlite
from faults.rounds import KINDS, Round


def main(name: str, rounds: int, seed: str, kinds: list[str], at_once: bool) -> None:
    """Plays until the fault has happened in so many rounds, and prints the seed of each."""
    database: Any = Postgres() if name == "postgres" else Sqlite()
    if at_once:
        database.kinds = [kind for kind in database.kinds if hosts.at_once(kind) > 1]
    done: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    seen: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    answers = 0
    began = time.monotonic()
    number = 0
    try:
        while sum(done.values()) < rounds:
            kind = kinds[number % len(kinds)]
            round = Round(database, kind, f"{seed}.{number}")
            try:
                evidence = round.play()
            except BaseException:
                print(f"{name} {kind} {seed}.{number}: WRONG", flush=True)
                raise
            print(f"{name} {kind} {seed}.{number}: {dict(evidence) if round.struck else 'did not strike'}", flush=True)
            (done if round.struck else missed)[kind] += 1
            seen[kind] += evidence
            answers += round.answers
            number += 1
            if number > 3 * rounds + 20:
                raise AssertionError(f"too many rounds without a fault: {missed}")
    finally:
        database.remove()
    for kind in kinds:
        print(f"{name} {kind}: {done[kind]} rounds, {missed[kind]} did not strike, {dict(seen[kind])}")
    print(
        f"{name}: {sum(done.values())} rounds, {answers} calls answered, everything added up, "
        f"{time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", choices=["sqlite", "postgres"])
    parser.add_argument("rounds", type=int, nargs="?", default=8)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--again")
    parser.add_argument("--at-once", action="store_true", help="only hosts that make several calls at once")
    parser.add_argument("--kind", choices=KINDS, action="append")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers and disks of the rounds are removed
    if options.again:
        place: Any = Postgres() if options.database == "postgres" else Sqlite()
        try:
            print(dict(Round(place, options.kind[0], options.again).play()))
        finally:
            place.remove()
    else:
        main(options.database, options.rounds, options.seed, options.kind or KINDS, options.at_once)
