"""The part of ICU MessageFormat that the catalogues use: `{name}` and `{name, plural, =0 {…} one {…} other {…}}`.

No maintained library exists in both languages of this project. The npm package's message-format.js is this file in
JavaScript.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, NoReturn

# The arguments that are whole numbers of things; only these may choose a plural form.
_COUNTS = ("limit", "used", "remaining", "add_tickets", "remove_tickets")


class Number(NamedTuple):
    """`#`, which stands for the number of the plural around it."""


class Argument(NamedTuple):
    """`{name}`, or with `forms` the plural `{name, plural, one {…} other {…}}`."""

    name: str
    forms: dict[str, list[Part]] | None


Part = str | Number | Argument


def parse(text: str) -> list[Part]:
    """The message as a list of texts, arguments and plurals. Raises a ValueError that says what is wrong with it."""
    reader = _Reader(text)
    parts = reader.message(plural=False)
    if reader.at < len(text):
        reader.expected("no }")
    return parts


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def message(self, *, plural: bool) -> list[Part]:
        parts: list[Part] = []
        plain = ""
        while (character := self.peek()) not in ("", "}"):
            special: Part | None = None
            if character == "{":
                special = self.argument()
            elif character == "#" and plural:
                special = Number()
            elif character == "'":
                plain += self.quoted(plural=plural)
            else:
                plain += character
            if special is not None:
                parts += [plain, special] if plain else [special]
                plain = ""
            self.at += 1
        return [*parts, plain] if plain else parts

    def quoted(self, *, plural: bool) -> str:
        """Reads from an apostrophe to the end of what it quotes: `''` is an apostrophe, and `'{'` is a brace."""
        if self.peek(1) == "'":
            self.at += 1
            return "'"
        if self.peek(1) == "" or self.peek(1) not in ("{}#" if plural else "{}"):
            return "'"
        inside = ""
        self.at += 1
        while self.peek() != "":
            if self.peek() == "'":
                if self.peek(1) != "'":
                    return inside
                self.at += 1
            inside += self.peek()
            self.at += 1
        self.expected("an apostrophe")

    def argument(self) -> Argument:
        """Reads from a brace to the brace that closes it."""
        self.at += 1
        name = self.take(r"\s*(\w+)\s*", "the name of an argument")
        if self.peek() == "}":
            return Argument(name, None)
        self.take(r"(,)\s*plural\s*,\s*", "} or , plural,")
        forms: dict[str, list[Part]] = {}
        while self.peek() != "}":
            form = self.take(r"(=\d+|\w+)\s*", "a form such as one or =0")
            if form in forms:
                self.expected(f"the form {form} once")
            self.take(r"(\{)", "{")
            forms[form] = self.message(plural=True)
            self.take(r"(\})\s*", "}")
        return Argument(name, forms)

    def peek(self, ahead: int = 0) -> str:
        return self.text[self.at + ahead : self.at + ahead + 1]

    def take(self, pattern: str, what: str) -> str:
        found = re.compile(pattern, re.ASCII).match(self.text, self.at)
        if found is None:
            self.expected(what)
        self.at = found.end()
        return found[1]

    def expected(self, what: str) -> NoReturn:
        raise ValueError(f"expected {what} at character {self.at + 1} of {json.dumps(self.text, ensure_ascii=False)}")


def fault(parts: Sequence[Part], allowed: Sequence[str], categories: Sequence[str]) -> str:
    """The first mistake in the arguments and plurals of a parsed message, or an empty text.

    `allowed` lists the arguments that it may have, and `categories` the plural categories of the language.
    """
    for part in parts:
        if not isinstance(part, Argument):
            continue
        if part.name not in allowed:
            return f"expected {f'only the arguments {_list(allowed)}' if allowed else 'no argument'}, found {part.name}"
        if part.forms is None:
            continue
        if part.name not in _COUNTS:
            return f"expected a plural of one of {_list(_COUNTS)}, found {part.name}"
        for category in categories:
            if category not in part.forms:
                return f"expected the plural form {category} of {part.name}"
        for form, inner in part.forms.items():
            if not form.startswith("=") and form not in categories:
                return f"expected one of the plural forms {_list(categories)}, found {form}"
            found = fault(inner, allowed, categories)
            if found:
                return found
    return ""


def write(
    parts: Sequence[Part],
    value: Callable[[str], str | int],
    count: Callable[[int], str],
    category: Callable[[int], str],
    number: int = 0,
) -> str:
    """The sentence. `value` returns an argument, `count` writes a number, `category` returns its plural category."""

    def one(part: Part) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Number):
            return count(number)
        given = value(part.name)
        if part.forms is not None and isinstance(given, int):
            form = f"={given}" if f"={given}" in part.forms else category(given)
            return write(part.forms[form], value, count, category, given)
        return count(given) if isinstance(given, int) else given

    return "".join(map(one, parts))


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
