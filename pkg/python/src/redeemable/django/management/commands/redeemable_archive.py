"""`manage.py redeemable_archive --days 400`: run it every month."""

import time
from argparse import ArgumentParser
from typing import Any

from .... import host
from ..common import StoreCommand
from .redeemable_prune import DAY_MS


class Command(StoreCommand):
    help = "Moves old orders that are not held into the archive. What they hold of a limit stays counted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--days", type=int, help="only orders that were made so many days ago")
        parser.add_argument("--event", help="only orders for this event")

    def handle(self, *, database: str, json: bool, days: int | None, event: str | None, **_: Any) -> None:
        before_ms = None if days is None else time.time_ns() // 1_000_000 - days * DAY_MS
        archived = self.call(host.archive, database, before_ms=before_ms, event_id=event)
        self.answer(json, {"archived": archived}, f"{archived} orders are archived")
