"""Reads what an organiser has written: promotions and policies as JSON, and promotions as tables."""

import errno
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .._csv_times import instant_of
from ..csv import from_csv
from ..errors import InvalidRequest
from .arguments import Options, Refused


class Documents(NamedTuple):
    """Everything in the files. A table with errors has no promotions."""

    promos: list[Any]
    places: list[tuple[str, int]]
    """For each promotion its file and its number in it."""
    errors: list[tuple[str, Any]]
    """The errors of tables, each with its file."""
    policy: Any
    policy_file: str | None


def text_of(file: str) -> str:
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "unknown error")
        raise Refused(
            f"{file}: {'there is no such file' if name == 'ENOENT' else f'it cannot be read ({name})'}"
        ) from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(f'{file}: expected UTF-8; save a table as "CSV UTF-8"') from None


def json_of(file: str) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(f"unexpected {constant}")

    try:
        return json.loads(text_of(file).removeprefix("\ufeff"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{file}: expected JSON ({error})") from None


def is_table(file: str) -> bool:
    return file.lower().endswith(".csv")


def documents_of(files: Sequence[str], options: Options) -> Documents:
    found = Documents([], [], [], None, None)
    policies: list[tuple[str, Any]] = []
    for file in files:
        if is_table(file):
            read = _table_of(file, options)
            found.errors.extend((file, error) for error in read["errors"])
            promos = read["promos"] or []
        else:
            whole = json_of(file)
            if isinstance(whole, dict) and "promos" in whole:
                for extra in whole.keys() - {"promos", "policy"}:
                    raise Refused(f"{file}: unknown field {extra}, expected promos and policy")
                if not isinstance(whole["promos"], list):
                    raise Refused(f"{file}: promos: expected a list")
                if whole.get("policy") is not None:
                    policies.append((file, whole["policy"]))
                promos = whole["promos"]
            else:
                promos = whole if isinstance(whole, list) else [whole]
        found.promos.extend(promos)
        found.places.extend((file, number) for number in range(1, len(promos) + 1))
    if options.get("policy"):
        policies.append((options["policy"], json_of(options["policy"])))
    if len(policies) > 1:
        raise Refused(f"expected one policy, found {', '.join(file for file, _ in policies)}")
    return found if not policies else found._replace(policy=policies[0][1], policy_file=policies[0][0])


def _table_of(file: str, options: Options) -> Any:
    told = {name: options[name] for name in ("amounts", "decimal", "zone") if options.get(name) is not None}
    if options.get("defaults") is not None:
        told["defaults"] = json_of(options["defaults"])
    text = text_of(file)
    try:
        return from_csv(text, **told)
    except InvalidRequest as error:
        raise Refused(f"--{error.path}: {error.message}") from None


def time_of(text: str | None, option: str = "--at") -> int:
    """The time of an option in milliseconds; by default the present."""
    if text is None:
        return time.time_ns() // 1_000_000
    if re.fullmatch("[0-9]{12,15}", text):
        return int(text)
    return instant_of(text, None, False, lambda expected: Refused(f"{option}: expected {expected}, found {text}"))
