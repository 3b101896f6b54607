"""`manage.py redeemable_sweep --write shop.sales.issue_tickets`: run it every minute."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.module_loading import import_string

from .... import host
from ..common import StoreCommand


class Command(StoreCommand):
    help = "Releases every hold that has lapsed: its uses, and what the shop's own function does with its tickets."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--write", required=True, help="the shop's function `write`, as module.function, or none")

    def handle(self, *, database: str, json: bool, write: str, **_: Any) -> None:
        function = None if write == "none" else self.imported(write)
        swept = self.call(host.sweep, database, write=function)
        self.answer(json, {"swept": swept}, f"{swept} holds had lapsed, and are released")

    def imported(self, name: str) -> Any:
        try:
            return import_string(name)
        except ImportError as error:
            raise CommandError(f"--write: expected a function such as shop.sales.issue_tickets: {error}") from error
