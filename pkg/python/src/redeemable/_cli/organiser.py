"""The commands for organisers: check, generate, simulate and schema."""

import math
import re
import secrets
from importlib.resources import files
from typing import Any

from .. import host
from .arguments import Options, Refused, expect_words
from .bounds import engine
from .databases import store_at
from .files import documents_of, is_table, json_of, text_of, time_of
from .findings import faults_of, placed, sentence
from .words import Answer, count, money

_SEVERITIES = ("fault", "danger", "warning", "notice")
# How many codes one command makes, and how many one call of the engine.
_MOST_CODES = 1_000_000
_AT_ONCE = 10_000


def check(words: list[str], options: Options) -> Answer:
    expect_words(words, 1, None, "the files to check")
    now_ms = time_of(options["at"])
    documents = documents_of(words, options)
    found = faults_of(documents)
    if not found:
        asked: Any = {"promos": documents.promos, "policy": documents.policy, "now_ms": now_ms}
        found = [placed(documents, finding) for finding in engine().check_promo(asked)]
    number = {severity: sum(one["severity"] == severity for one in found) for severity in _SEVERITIES}
    told = ", ".join(count(number[severity], severity) for severity in _SEVERITIES if number[severity] > 0)
    total = "" if number["fault"] > 0 else f"{count(len(documents.promos), 'promotion')}: "
    is_bad = number["fault"] + number["danger"] + (number["warning"] if options["strict"] else 0) > 0
    return Answer(
        {"promotions": len(documents.promos), "findings": found},
        [*(sentence(one) for one in found), f"{total}{told or 'nothing found'}"],
        code=int(is_bad),
    )


def generate(words: list[str], options: Options) -> Answer:
    expect_words(words, 1, 1, "the number of codes")
    wanted = _number("COUNT", words[0])
    if not 1 <= wanted <= _MOST_CODES:
        raise Refused(f"COUNT: expected a number from 1 to {_MOST_CODES}, found {wanted}")
    bits = 50 if options["bits"] is None else _number("--bits", options["bits"])
    # Each character is one of 23, which are 4.52 bits. The engine itself says which numbers are too large.
    characters = math.ceil(min(bits, 128) / 4.5)
    existing = [code for file in options["existing"] or [] for code in _codes_of(file)]
    # The engine would read the codes that exist again in each call. One that comes twice is left out here.
    taken = {engine().canonical_code({"text": code})["canonical"] for code in existing}
    codes: list[str] = []
    made: Any = {}
    while len(codes) < wanted:
        number = min(wanted - len(codes), _AT_ONCE)
        made = engine().generate_codes(
            {
                "count": number,
                "bits": bits,
                "prefix": options["prefix"],
                "check_character": options["check-character"],
                "entropy": secrets.token_hex(16 + 2 * characters * number),
            }
        )
        fresh = [code for code in made["codes"] if code not in taken]
        taken.update(fresh)
        codes += fresh
    return Answer({"codes": codes, "bits": made["bits"]}, codes)


def _number(name: str, text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise Refused(f"{name}: expected a number, found {text}")
    return int(text)


def _codes_of(file: str) -> list[str]:
    """The codes in a file: of promotions, in a list as JSON, or one a line."""
    if not is_table(file) and not file.lower().endswith(".json"):
        return [line for line in re.split("\r?\n", text_of(file).removeprefix("\ufeff")) if line.strip()]
    documents = documents_of([file], {})
    for _, error in documents.errors:
        raise Refused(f"{file}: line {error['line']}: {error['message']}")
    codes = []
    for number, promo in enumerate(documents.promos, 1):
        code = promo.get("code") if isinstance(promo, dict) else promo
        if not isinstance(code, str):
            raise Refused(f"{file}: promotion {number}: expected a code")
        codes.append(code)
    return codes


def simulate(words: list[str], options: Options) -> Answer:
    expect_words(words, 1, None, "the files with the promotions")
    if options["order"] is None:
        raise Refused("--order is missing: a file with the order, as JSON")
    now_ms = time_of(options["at"])
    documents = documents_of(words, options)
    for fault in faults_of(documents):
        raise Refused(sentence(fault))
    order = json_of(options["order"])
    # An order with an id would be decided as one to store. Everything but an object is the engine's to refuse.
    asked: Any = {
        "codes": options["code"] or [],
        "promos": documents.promos,
        "policy": documents.policy,
        "order": {**order, "id": None} if isinstance(order, dict) else order,
    }
    decision: Any
    if options["url"] is None:
        asked["now_ms"] = now_ms
        decision = engine().validate_redemption(asked)
    else:
        decision = store_at(options, lambda store: host.preview(store, asked, now=lambda: now_ms, engine=engine()))
    return Answer(decision, _accepted(decision) if decision["status"] == "accepted" else _rejected(decision))


def _accepted(decision: Any) -> list[str]:
    quote = decision["quote"]

    def in_money(amount: int) -> str:
        return money(amount, quote["currency"])

    lines = [f"accepted: {in_money(quote['total'])} to pay, {in_money(quote['discount'])} off"]
    for one in decision["applied"]:
        left = "without a limit" if one["remaining"] is None else f"{one['remaining']} left"
        less = "; fewer tickets than the order has, because too little is left" if one["partial"] else ""
        took = f"{in_money(one['discount'])} off {count(one['tickets'], 'ticket')}"
        lines.append(f"{one['code']}: {took}; {count(one['uses'], 'use')}, {left}{less}")
    # Tickets of one line that cost the same are one line here.
    alike: dict[tuple[int, int], list[Any]] = {}
    for ticket in quote["tickets"]:
        alike.setdefault((ticket["line"], ticket["price"]), []).append(ticket)
    for (_, price), tickets in alike.items():
        kind, before = tickets[0]["ticket_type"], tickets[0]["unit_price"]
        instead = "" if price == before else f" instead of {in_money(before)}"
        lines.append(f"{len(tickets)} × {'ticket' if kind is None else kind}: {in_money(price)}{instead}")
    return lines


def _rejected(decision: Any) -> list[str]:
    quote = decision["quote"]
    return [
        f"rejected: without a code the order costs {money(quote['total'], quote['currency'])}",
        *(
            f"{one['message']} ({one['reason']}; the buyer is told {one['public_reason']})"
            for one in decision["violations"]
        ),
    ]


def schema(words: list[str], options: Options) -> Answer:
    expect_words(words, 0, 0, "no further word")
    contract = files(__package__.rpartition(".")[0]) / "_contract" / "schema.json"
    return Answer(None, text=contract.read_text("utf-8"))
