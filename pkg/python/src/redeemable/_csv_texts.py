"""Texts in cells. A spreadsheet executes a text that begins like a formula (=1+1), and turns a text that looks like a
number or a day (0012, MAR1) into one, which it then saves in another form. An apostrophe before the text prevents both.
"""

from __future__ import annotations

import re

# A reader that expects another separator splits a text at it, so an apostrophe also stands within texts, where a
# formula would begin.
_SIGNS = "=+\\-@＝＋－＠"
_MONTHS = (
    "jan(?:uary?)?|feb(?:ruary?|rero)?|mar(?:ch|zo)?|m[äÄ]rz?|mrz|a[pb]r(?:il)?|mayo?|mai|jun(?:e|io?)?|"
    "jul(?:y|io?)?|aug(?:ust)?|ago(?:sto)?|sept?(?:ember|iembre)?|set(?:iembre)?|o[ck]t(?:ober|ubre)?|"
    "nov(?:ember|iembre)?|de[cz](?:ember)?|dic(?:iembre)?|ene(?:ro)?"
)
_NUMBER = "[ \u00a0($€£¥%.,+-]*[0-9][0-9 \u00a0.,:/%)$€£¥eapm+-]*"
_DAY = f"[0-9]+[ .,/-]*(?:{_MONTHS})[ .,/-]*[0-9]*|(?:{_MONTHS})[ .,/-]*[0-9][0-9 .,:/-]*"
_CHANGED = re.compile(
    f"[\"']*[{_SIGNS}\t\r\n]|'*(?:{_NUMBER}|{_DAY}|true|false|wahr|falsch|verdadero|falso)\\Z",
    re.IGNORECASE | re.ASCII,
)
_WITHIN = re.compile(f"(?<=[,;\t\r\n])(?=[\"']*[{_SIGNS}])")
_WITHIN_GUARDED = re.compile(f"(?<=[,;\t\r\n])'(?=[\"']*[{_SIGNS}])")
WITHIN_JSON = re.compile(f"([,;][\"'\\\\]*)([{_SIGNS}])")


def guarded(text: str) -> str:
    """The cell of a text."""
    return ("'" if _CHANGED.match(text) else "") + _WITHIN.sub("'", text)


def unguarded(cell: str) -> str:
    """The text of a cell, without the apostrophes that `guarded` adds."""
    text = _WITHIN_GUARDED.sub("", cell)
    return text[1:] if text[:1] == "'" and _CHANGED.match(text[1:]) else text


def kept(digits: str) -> str:
    """Puts an apostrophe before 12 digits and more: a spreadsheet would show and save only the first of them."""
    return f"'{digits}" if len(digits) > 11 and digits.isdecimal() else digits
