"""Purchases a second, through the kit with and without group commit, and by hand with the same statements.

    POSTGRES_SETTINGS="-c fsync=on" scripts/postgres .venv/bin/python benches/python/purchases.py [--only PART] …

By hand, each purchase has one transaction of its own. The three take turns within one run, so that other work on the
machine slows all of them; the ratios are medians of the rounds' ratios. The last columns are the processor time of the
host and the database for one purchase, which hardly depends on other work.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import statistics
import tempfile
import threading
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
from redeemable.asyncpg import AsyncpgStore
from shops import SHOPS, Sell

AT_ONCE = (1, 8, 32)
CODES = {"one code": 1, "10000 codes": 10_000}
WAYS = ("by hand", "kit", "kit, alone")
TABLES = "redeemable_redemptions, redeemable_counters, redeemable_held, redeemable_persons"
orders = itertools.count()
# The process of the server, whose children serve the connections.
SERVER = (Path(os.environ["POSTGRES_DATA"]) / "postmaster.pid").read_text().split()[0]


def processor_seconds() -> float:
    """Of this process and, on PostgreSQL, of the server's processes."""
    seconds = time.process_time()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            status = (process / "stat").read_text().rpartition(")")[2].split()
            if status[1] == SERVER:
                seconds += int((process / "schedstat").read_text().split()[0]) / 1e9
    return seconds


async def turn(sell: Sell, codes: int, at_once: int, seconds: float, in_threads: bool) -> tuple[float, float]:
    """Sells for a while, and returns the purchases a second and the microseconds of processor time for each."""
    sold = [0] * at_once
    used = processor_seconds()
    begin = time.perf_counter()

    def asked() -> tuple[str, str]:
        order = next(orders)
        # 7919 is a prime number that does not divide the number of codes, so every code has its turn.
        return f"CODE{order * 7919 % codes}", f"o-{order}"

    def thread(number: int) -> None:
        while sold[number] == 0 or time.perf_counter() - begin < seconds:
            sell(*asked())
            sold[number] += 1

    async def task(number: int) -> None:
        while sold[number] == 0 or time.perf_counter() - begin < seconds:
            await sell(*asked())
            sold[number] += 1

    if in_threads:
        threads = [threading.Thread(target=thread, args=(number,)) for number in range(at_once)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    else:
        await asyncio.gather(*map(task, range(at_once)))
    took = time.perf_counter() - begin
    return sum(sold) / took, (processor_seconds() - used) / sum(sold) * 1e6


async def measure(name: str, place: str, codes: int, at_once: int, options: Any) -> dict[str, Any]:
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    costs: dict[str, list[float]] = {way: [] for way in WAYS}
    async with AsyncExitStack() as stack:
        shop = await SHOPS[name](place, stack, at_once)
        # A counter's first use is not raced for: by hand, it would fail.
        await turn(shop["by hand"], codes, 1, 0.05, "threads" in name)
        for number in range(options.rounds + 1):
            for way in WAYS if number % 2 else reversed(WAYS):
                rate, cost = await turn(shop[way], codes, at_once, options.ms / 1000, "threads" in name)
                # The first round warms up and is not counted.
                if number:
                    rates[way].append(rate)
                    costs[way].append(cost)
    ratios = {way: [own / hand for own, hand in zip(rates[way], rates["by hand"], strict=True)] for way in WAYS[1:]}
    return {
        "store": name,
        "codes": codes,
        "at_once": at_once,
        "per_second": {way: round(statistics.median(rates[way])) for way in WAYS},
        "ratio": {way: round(statistics.median(ratios[way]), 2) for way in ratios},
        "least": {way: round(min(ratios[way]), 2) for way in ratios},
        "most": {way: round(max(ratios[way]), 2) for way in ratios},
        "cpu_us": {way: round(statistics.median(costs[way])) for way in WAYS},
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--ms", type=float, default=300, help="of each turn")
    parser.add_argument("--only", default="", help="part of the name of a store")
    parser.add_argument("--json", help="a file for the same numbers")
    options = parser.parse_args()
    rows = asyncio.run(measure_all(options))
    if options.json:
        result = {"rounds": options.rounds, "ms": options.ms, "rows": rows}
        Path(options.json).write_text(json.dumps(result, indent=2) + "\n")


async def measure_all(options: Any) -> list[dict[str, Any]]:
    url = os.environ["DATABASE_URL"]
    async with asyncpg.create_pool(url, min_size=1, max_size=1) as pool:
        await AsyncpgStore(pool).migrate()
    rows = []
    print(f"{'':<24}{'codes':<14}{'at once':>8}" + "".join(f"{way + '/s':>14}" for way in WAYS), end="")
    print(f"{'ratio':>8}{'from to':>14}{'alone':>8}" + "".join(f"{way + ' CPU':>16}" for way in WAYS))
    with tempfile.TemporaryDirectory() as folder:
        for name in (name for name in SHOPS if options.only in name):
            for codes, at_once in itertools.product(CODES, AT_ONCE):
                place = url
                if "SQLite" in name:
                    place = str(Path(folder) / f"{len(rows)}.sqlite")
                else:
                    connection = await asyncpg.connect(url)
                    await connection.execute(f"TRUNCATE {TABLES}")
                    await connection.close()
                row = await measure(name, place, CODES[codes], at_once, options)
                rows.append(row)
                rates = "".join(f"{row['per_second'][way]:>14}" for way in WAYS)
                spread = f"{row['least']['kit']} to {row['most']['kit']}"
                costs = "".join(f"{row['cpu_us'][way]:>13} µs" for way in WAYS)
                print(f"{name:<24}{codes:<14}{at_once:>8}{rates}{row['ratio']['kit']:>8}", end="")
                print(f"{spread:>14}{row['ratio']['kit, alone']:>8}{costs}", flush=True)
    return rows


if __name__ == "__main__":
    main()
