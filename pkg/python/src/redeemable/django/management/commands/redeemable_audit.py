"""`manage.py redeemable_audit`: run it every night."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from .... import host
from ..common import StoreCommand


class Command(StoreCommand):
    help = (
        "Compares the counters with the orders, while buyers buy. "
        "Exits with 0 if they agree (or are repaired), with 1 if they differ, with 2 if it fails."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--repair", action="store_true", help="set the counters to what the orders add up to")

    def handle(self, *, database: str, json: bool, repair: bool, **_: Any) -> None:
        drifts = self.call(host.repair if repair else host.audit, database)
        lines = [f"{drift['key']}: {drift['used']}, and the orders add up to {drift['must']}" for drift in drifts]
        self.answer(json, drifts, "\n".join(lines) or "every counter agrees with the orders")
        if drifts and not repair:
            raise CommandError(f"{len(drifts)} counters differ from the orders", returncode=1)
