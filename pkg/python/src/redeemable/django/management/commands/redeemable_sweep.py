"""`manage.py redeemable_sweep --write shop.sales.issue_tickets`: run it every minute."""

from argparse import ArgumentParser
from typing import Any

from .... import host
from ..common import StoreCommand


class Command(StoreCommand):
    help = "Releases every hold that has lapsed: its uses, and what the shop's own function does with its tickets."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--write", required=True, help="the shop's function `write`, as module.function, or none")

    def handle(self, *, database: str, json: bool, write: str, **_: Any) -> None:
        swept = self.call(host.sweep, database, write=self.imported(write))
        self.answer(json, {"swept": swept}, f"{swept} holds had lapsed, and are released")
