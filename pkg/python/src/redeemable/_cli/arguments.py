"""Reads the words of a command as its text in commands/ says, which is also what `--help` prints."""

import argparse
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, NoReturn

_PROGRAM = "python -m redeemable"
Options = dict[str, Any]


class Refused(Exception):
    """A mistake of the caller's: the message is printed as it is."""


def _text_of(name: str) -> str:
    return (files(__package__.rpartition(".")[0]) / "_commands" / f"{name}.txt").read_text("utf-8")


def help_of(name: str) -> str:
    return _text_of(name).replace("{redeemable}", _PROGRAM)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Refused(message)


def parsed(name: str, words: Sequence[str]) -> tuple[Options, list[str]]:
    """The options and the other words; argparse itself would report a mistake in other words than Node does."""

    def wrong(message: str) -> Refused:
        return Refused(f"{message}; {_PROGRAM} {name} --help says what there is")

    parser = _Parser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for option, value, more in re.findall(r"^ {2}--([a-z-]+)(?: ([A-Z]+)(…?))?(?: |$)", _text_of(name), re.MULTILINE):
        flags = [f"--{option}", *(["-h"] if option == "help" else [])]
        if value:
            parser.add_argument(*flags, dest=option, action="append" if more else "store")
        else:
            parser.add_argument(*flags, dest=option, action="store_true")
    parser.add_argument("values", nargs="*")
    if {"--help", "-h"} & {*words}:
        return {"help": True}, []
    try:
        found, others = parser.parse_known_intermixed_args(list(words))
    except argparse.ArgumentError as error:
        flag = (error.argument_name or "").split("/")[0]
        takes_none = "ignored explicit argument" in error.message
        raise wrong(f"{flag} takes no value" if takes_none else f"{flag} needs a value") from None
    if others:
        flag = others[0].split("=")[0]
        raise wrong(f"unknown option {flag if flag.startswith('--') else flag[:2]}")
    options = vars(found)
    return options, options.pop("values")


def expect_words(words: Sequence[str], least: int, most: int | None, what: str) -> None:
    """Checks how many words a command has that are no options; `what` names them."""
    if len(words) >= least and (most is None or len(words) <= most):
        return
    raise Refused(f"expected {what}, found {('none', 'one')[len(words)] if len(words) < 2 else len(words)}")
