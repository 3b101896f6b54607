"""What an organiser has stored, as the engine reads it, and what to tell him about it."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypedDict

from fastapi import HTTPException

from ..engine import Engine
from ..errors import InvalidRequest
from ._units import major_units, minor_units, whole_units


class Wave(Protocol):
    """A ticket wave, which is a ticket type with a currency and a price of its own."""

    @property
    def id(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def price_per_ticket(self) -> float: ...


class Finding(TypedDict):
    """Something that the organiser should look at."""

    path: str
    """The field, as the page sends it: `promo_codes[0].discount_percent`, `ticket_waves[1].price_per_ticket`."""
    severity: Literal["danger", "warning", "notice"]
    message: str


@dataclass(frozen=True)
class Documents:
    """An event's promotions and its policy."""

    promos: list[dict[str, Any]]
    places: list[int]
    """Where each of them stands in `promo_codes`."""
    policy: Mapping[str, Any] | None
    findings: list[Finding]


def currency_of(wave: Wave) -> str:
    """LNbits' name of the wave's currency; upstream writes `sats`, too."""
    return "sat" if wave.currency.lower() in ("sat", "sats") else wave.currency


def unit_price(wave: Wave) -> int:
    """The price in the currency's smallest unit, rounded."""
    return whole_units(wave.price_per_ticket, currency_of(wave))


def read(engine: Engine, extra: Any) -> Documents:
    """What upstream has stored is read as it was meant there; the findings tell of it."""
    fields: Mapping[str, Any] = extra if isinstance(extra, Mapping) else vars(extra)
    found = Documents([], [], fields.get("policy") or None, [])
    seen: set[str] = set()
    for place, promo in enumerate(fields.get("promo_codes") or []):
        document = dict(promo if isinstance(promo, Mapping) else promo.dict())
        # A note of the organiser's own, which the engine does not know.
        document.pop("description", None)
        canonical = _canonical(engine, document.get("code"))
        if canonical == "":
            _tell(found, place, "code", "warning", "the code is blank, so nobody can use it")
            continue
        if canonical in seen:
            _tell(found, place, "code", "danger", "a promotion above has the same code, and only that one counts")
            continue
        if canonical is not None:
            seen.add(canonical)
        percent = document.get("discount_percent")
        if isinstance(percent, float) and math.isfinite(percent) and round(percent, 4) != percent:
            document["discount_percent"] = round(percent, 4)
            _tell(found, place, "discount_percent", "notice", f"{round(percent, 4)} counts, with four decimals")
        found.promos.append(document)
        found.places.append(place)
    return found


def check(engine: Engine, extra: Any, waves: Sequence[Wave], now_ms: int) -> list[Finding]:
    documents = read(engine, extra)
    findings = list(documents.findings)
    faults = list(_faults(documents, engine))
    for place, wave in enumerate(waves):
        path, currency = f"ticket_waves[{place}]", currency_of(wave)
        try:
            minor_units(wave.price_per_ticket, currency)
        except InvalidRequest as error:
            try:
                price = unit_price(wave)
            except InvalidRequest:
                field = "currency" if error.path == "currency" else "price_per_ticket"
                faults.append(f"{path}.{field}: {error.message}")
                continue
            counts = repr(major_units(price, currency)).removesuffix(".0")
            message = f"{error.message}; {counts} {currency} count"
            findings.append({"path": f"{path}.price_per_ticket", "severity": "warning", "message": message})
    if faults:
        raise HTTPException(400, "; ".join(faults))
    policy: Any = documents.policy
    promos: Any = documents.promos
    for finding in engine.check_promo({"promos": promos, "policy": policy, "now_ms": now_ms}):
        path = _path(documents, finding["path"])
        findings.append({"path": path, "severity": finding["severity"], "message": finding["message"]})
    return findings


def _faults(documents: Documents, engine: Engine) -> Iterator[str]:
    for fault in engine.validate_promos({"promos": documents.promos, "policy": documents.policy})["faults"]:
        yield f"{_path(documents, fault['path'])}: {fault['message']}"


def _path(documents: Documents, path: str) -> str:
    """A path of the engine as the organiser's page knows it: `promos[0].code` is `promo_codes[1].code`."""
    return re.sub(r"^promos\[(\d+)\]", lambda match: f"promo_codes[{documents.places[int(match[1])]}]", path)


def _canonical(engine: Engine, code: object) -> str | None:
    """The code as it is compared, or None if it is no text: then `_faults` tells."""
    try:
        return engine.canonical_code({"text": code})["canonical"] if isinstance(code, str) else None
    except InvalidRequest:
        return None


def _tell(
    found: Documents, place: int, field: str, severity: Literal["danger", "warning", "notice"], message: str
) -> None:
    found.findings.append({"path": f"promo_codes[{place}].{field}", "severity": severity, "message": message})
