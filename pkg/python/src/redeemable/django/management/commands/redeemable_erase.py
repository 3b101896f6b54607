"""`manage.py redeemable_erase email:ann@example.org --write shop.sales.issue_tickets`."""

from argparse import ArgumentParser
from typing import Any

from .... import host
from ..common import StoreCommand


class Command(StoreCommand):
    help = "Takes a person out of all orders, the archived ones too, and out of all counters."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("identity", help="as it is written in the orders: email:ann@example.org")
        parser.add_argument("--write", required=True, help="the shop's function `write`, as module.function, or none")

    def handle(self, *, database: str, json: bool, identity: str, write: str, **_: Any) -> None:
        changed = self.call(host.erase, database, identity, write=self.imported(write))
        self.answer(json, {"changed": changed}, f"{changed} orders are changed")
