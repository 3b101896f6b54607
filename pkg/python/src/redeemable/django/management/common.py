"""What the commands share."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS
from django.utils.module_loading import import_string

from ..store import DjangoStore


class StoreCommand(BaseCommand):
    """A command on one database. It exits with 0, or with 2 if it fails; `redeemable_audit` has a meaning for 1."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="the entry of DATABASES (default: default)")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def call(self, verb: Callable[..., Any], database: str, *args: Any, **options: Any) -> Any:
        """The answer of the kit's `verb`. An exception is passed on under an exit code of its own."""
        try:
            return verb(DjangoStore(database), *args, **options)
        except Exception as error:
            raise CommandError(f"{type(error).__name__}: {error}", returncode=2) from error

    def imported(self, name: str) -> Any:
        """The shop's function of this name, or None."""
        try:
            return None if name == "none" else import_string(name)
        except ImportError as error:
            raise CommandError(f"--write: expected a function such as shop.sales.issue_tickets: {error}") from error

    def answer(self, as_json: bool, value: Any, text: str) -> None:
        self.stdout.write(json.dumps(value) if as_json else text)
