"""The commands of `python -m redeemable`. The npm package has the same commands, which print the same."""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import resources
from typing import NamedTuple

from ..errors import InvalidRequest
from .arguments import Options, Refused, help_of, parsed
from .operators import archive, audit, erase, migrate, repair, report, split, sweep
from .organiser import check, generate, schema, simulate
from .words import Answer, json_text, plain

_COMMANDS: dict[str, Callable[[list[str], Options], Answer]] = {
    "check": check,
    "generate": generate,
    "simulate": simulate,
    "schema": schema,
    "migrate": migrate,
    "audit": audit,
    "repair": repair,
    "report": report,
    "sweep": sweep,
    "archive": archive,
    "erase": erase,
    "split": split,
}


class _Printed(NamedTuple):
    text: str
    code: int = 0


def main(words: Sequence[str]) -> int:
    """Runs a command, prints its answer or its error, and returns the exit code."""
    try:
        text, code = _run(words)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        print(plain(f"redeemable: {_told(error)}"), file=sys.stderr)
        return 2
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever reads the output, such as `head`, has stopped before its end. Python would flush once more and fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _run(words: Sequence[str]) -> _Printed:
    if not words:
        return _Printed(help_of("overview"), 2)
    name = words[0]
    if name in ("--help", "-h", "help"):
        return _Printed(help_of("overview"))
    if name == "--version":
        return _Printed((resources.files(__package__.rpartition(".")[0]) / "_wasm" / "version.txt").read_text("utf-8"))
    if name not in _COMMANDS:
        raise Refused(f"unknown command {name}, expected one of {', '.join(_COMMANDS)}")
    options, values = parsed(name, words[1:])
    if options.get("help"):
        return _Printed(help_of(name))
    answer = _COMMANDS[name](values, options)
    if answer.text is not None and not (options.get("json") and answer.json is not None):
        return _Printed(answer.text, answer.code)
    if options.get("json"):
        return _Printed(json_text(answer.json), answer.code)
    return _Printed("".join(f"{plain(line)}\n" for line in answer.lines), answer.code)


def _told(error: Exception) -> str:
    """The error in one line. Errors of the engine name a field."""
    text = error.message if isinstance(error, InvalidRequest) else str(error) or type(error).__name__
    if isinstance(error, InvalidRequest) and error.path:
        text = f"{error.path}: {text}"
    return " ".join(text.split())
