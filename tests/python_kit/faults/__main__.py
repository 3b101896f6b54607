"""Rounds of faults on real databases, beyond those of the tests.

    python -m faults sqlite|postgres ROUNDS [--seed SEED] [--kind KIND]…    in tests/python_kit
    python -m faults sqlite|postgres --again SEED.NUMBER --kind KIND        plays one round again
"""

import argparse

from faults.rounds import KINDS, Postgres, Round, Sqlite, main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", choices=["sqlite", "postgres"])
    parser.add_argument("rounds", type=int, nargs="?", default=8)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--again")
    parser.add_argument("--kind", choices=KINDS, action="append")
    options = parser.parse_args()
    if options.again:
        place = Postgres() if options.database == "postgres" else Sqlite()
        try:
            round = Round(place, options.kind[0], options.again)
            print(dict(round.play()))
        finally:
            place.remove()
    else:
        main(options.database, options.rounds, options.seed, options.kind or KINDS)
