"""For operators: what each code was used for and what came in, from the records."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from ._deciding import few
from ._steps import Document, Scan, Steps
from .engine import Engine
from .errors import EngineStopped, InvalidRequest
from .types import Report, ReportRow

STATES = ("held", "confirmed", "released")
NUMBERS = ("orders", "tickets", "uses", "list", "discount", "paid")

Rows = dict[tuple[str | None, str, str | None], Document]


def report(
    engine: Engine, event_id: str | None, code: str | None, from_ms: int | None, to_ms: int | None, by_person: bool
) -> Steps[Report]:
    """Adds up what the records say, a share at a time: a popular code has more than one call of the engine takes."""
    _check(event_id, code, from_ms, to_ms, by_person)
    canonical = None if code is None else engine.canonical_code({"text": code})["canonical"]
    is_chosen = _choice(event_id, canonical, from_ms, to_ms)
    rows: Rows = {}

    def visit(batch: Document) -> None:
        add_up(engine, rows, [one for one in batch["redemptions"] if is_chosen(one)], by_person)

    yield Scan(visit)
    asked = [row for row in rows.values() if canonical is None or row["code"] in (None, canonical)]
    return {"rows": cast(list[ReportRow], sorted(asked, key=_place))}


def add_up(engine: Engine, rows: Rows, redemptions: Sequence[Document], by_person: bool = False) -> None:
    """Adds to `rows` what these records say."""
    for row in (row for share in _shares(engine, redemptions, by_person) for row in share):
        key = (row["code"], row["currency"], row["person"])
        sums = rows.setdefault(key, {**row, **{state: dict.fromkeys(NUMBERS, 0) for state in STATES}})
        for state in STATES:
            for name in NUMBERS:
                sums[state][name] += row[state][name]


def _shares(engine: Engine, redemptions: Sequence[Document], by_person: bool) -> Iterator[list[Document]]:
    most = len(redemptions)
    while redemptions:
        share = few(list(redemptions[:most]))
        try:
            answer: Any = engine.report_usage({"redemptions": cast(Any, share), "by_person": by_person})
        except EngineStopped:
            if len(share) == 1:
                raise
            # The host may have made its engine with less fuel or memory than the default: try half of the share.
            most = len(share) // 2
            continue
        except InvalidRequest as error:
            # The error names a position in the share, which tells an operator nothing: so add the order's id.
            match error.at:
                case ["redemptions", int(index), *_]:
                    message = f"{error.message}, in the redemption {share[index].get('id')}"
                    raise InvalidRequest(error.code, error.at, message) from None
            raise
        yield answer["rows"]
        redemptions = redemptions[len(share) :]


def _choice(
    event_id: str | None, code: str | None, from_ms: int | None, to_ms: int | None
) -> Callable[[Document], bool]:
    def is_chosen(redemption: Document) -> bool:
        return (
            (event_id is None or redemption["event_id"] == event_id)
            and (code is None or any(applied["code"] == code for applied in redemption["applied"]))
            and (from_ms is None or redemption["created_at_ms"] >= from_ms)
            and (to_ms is None or redemption["created_at_ms"] < to_ms)
        )

    return is_chosen


def _check(event_id: object, code: object, from_ms: object, to_ms: object, by_person: object) -> None:
    for name, text in (("event_id", event_id), ("code", code)):
        if text is not None and not isinstance(text, str):
            raise InvalidRequest("invalid_request", (name,), f"expected a string, found {text}")
    for name, time in (("from_ms", from_ms), ("to_ms", to_ms)):
        if time is not None and (not isinstance(time, int) or isinstance(time, bool)):
            raise InvalidRequest("invalid_request", (name,), f"expected a time in milliseconds, found {time}")
    if not isinstance(by_person, bool):
        raise InvalidRequest("invalid_request", ("by_person",), f"expected True or False, found {by_person}")


def _place(row: Document) -> tuple[bytes, ...]:
    """JavaScript compares texts by these bytes. None comes first."""
    return tuple((row[name] or "").encode("utf-16-be") for name in ("code", "currency", "person"))
