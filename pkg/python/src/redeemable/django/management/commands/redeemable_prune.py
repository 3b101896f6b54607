"""`manage.py redeemable_prune`: run it every month."""

import time
from argparse import ArgumentParser
from typing import Any

from .... import host
from ..common import StoreCommand

DAY_MS = 24 * 60 * 60 * 1000


class Command(StoreCommand):
    help = "Deletes the counters of days, weeks and months that ended long ago."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--days", type=int, default=400, help="how long ago, from 400 (the default)")

    def handle(self, *, database: str, json: bool, days: int, **_: Any) -> None:
        before_ms = time.time_ns() // 1_000_000 - days * DAY_MS
        pruned = self.call(host.prune, database, before_ms)
        self.answer(json, {"pruned": pruned}, f"{pruned} counters are deleted")
