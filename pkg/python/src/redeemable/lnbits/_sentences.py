"""What a buyer reads when he is refused, in his language. The pages of LNbits show the `detail` of an exception."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import HTTPException, Request

from ..types import Decision

Language = str | Request | None

# Sentences of the desk's own. Those about codes are in the catalogues of `redeemable.messages`, which needs Babel, and
# LNbits has none.
OWN = {
    "en": {
        "busy": "Too many people are buying at the moment. Please try again.",
        "canceled": "Event is canceled.",
        "not_sold": "This order cannot be sold.",
        "sold_out": "Event is sold out.",
        "taken_back": "This order was taken back or changed meanwhile.",
    },
    "de": {
        "busy": "Im Moment kaufen zu viele zugleich. Bitte versuchen Sie es noch einmal.",
        "canceled": "Die Veranstaltung ist abgesagt.",
        "not_sold": "Diese Bestellung ist nicht möglich.",
        "sold_out": "Die Veranstaltung ist ausverkauft.",
        "taken_back": "Diese Bestellung wurde inzwischen zurückgenommen oder geändert.",
    },
    "es": {
        "busy": "En este momento hay demasiadas compras a la vez. Inténtelo de nuevo.",
        "canceled": "El evento está cancelado.",
        "not_sold": "Este pedido no es posible.",
        "sold_out": "Las entradas del evento están agotadas.",
        "taken_back": "Este pedido se ha retirado o cambiado entretanto.",
    },
}
STATUS = {"busy": 503, "canceled": 410, "not_sold": 400, "sold_out": 410, "taken_back": 409}


def refusal(language: Language, name: str) -> HTTPException:
    return HTTPException(STATUS[name], OWN[_language(language)][name])


def rejection(language: Language, decision: Decision) -> HTTPException:
    """One sentence for each code, sorted by code: their number or order would tell a guesser which codes exist."""
    reasons = {violation["code"]: violation["public_reason"] for violation in reversed(decision["violations"])}
    sentences = _catalogue(_language(language))["buyer"]
    told = [
        sentences["order" if code is None else "code"][reasons[code]]
        for code in sorted(reasons, key=lambda code: (code is None, code or ""))
    ]
    return HTTPException(409, " ".join(dict.fromkeys(told)))


def _language(wanted: Language) -> str:
    """The first language of `de-AT`, or of `de-AT,de;q=0.9,en;q=0.8`, that there are sentences in; else English."""
    if isinstance(wanted, Request):
        wanted = wanted.headers.get("accept-language")
    for tag in (wanted or "").split(","):
        name = tag.split(";")[0].split("-")[0].strip().lower()
        if name in OWN:
            return name
    return "en"


@cache
def _catalogue(language: str) -> Any:
    return json.loads((files(__package__.rpartition(".")[0]) / "_messages" / f"{language}.json").read_text("utf-8"))
