"""What operators ask for: whether the counters are what the records say, and that they be so again."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, TypedDict

from ._kit import Kit, few, pause
from ._steps import Busy, Document, Recount, Scan, Steps
from .engine import Engine
from .errors import EngineStopped, InvalidRequest

RECORDS_AT_ONCE = 500


class Drift(TypedDict):
    """A counter that is not what the records say."""

    key: str
    used: int
    must: int


def audit(kit: Kit) -> Steps[list[Drift]]:
    must: dict[str, int] = {}
    used: dict[str, int] = {}

    def visit(batch: Document) -> None:
        _add_up(kit.engine, must, batch["redemptions"])
        used.update(batch["counters"])

    yield Scan(visit)
    counters = [
        Drift(key=key, used=used.get(key, 0), must=must.get(key, 0)) for key in sorted(used.keys() | must.keys())
    ]
    return [counter for counter in counters if counter["used"] != counter["must"]]


def repair(kit: Kit) -> Steps[list[Drift]]:
    done = []
    for drift in (yield from audit(kit)):
        done.append((yield from _recount(kit, drift["key"])))
    # Somebody else's repair may have been faster.
    return [drift for drift in done if drift["used"] != drift["must"]]


def _recount(kit: Kit, key: str) -> Steps[Drift]:
    must = 0

    def count(redemptions: Iterable[Document]) -> int:
        nonlocal must
        sums: dict[str, int] = {}
        records = iter(redemptions)
        while batch := list(islice(records, RECORDS_AT_ONCE)):
            _add_up(kit.engine, sums, batch)
        must = sums.get(key, 0)
        return must

    for attempt in range(kit.attempts):
        yield from pause(attempt)
        used = yield Recount(key, count)
        if used is not None:
            return Drift(key=key, used=used, must=must)
    raise Busy(kit.attempts)


def _add_up(engine: Engine, sums: dict[str, int], redemptions: Sequence[Document]) -> None:
    """Adds what the records hold of each counter, in shares that one call takes."""
    most = len(redemptions)
    while redemptions:
        share = few(list(redemptions[:most]))
        try:
            counters = engine.audit_usage({"redemptions": share})["counters"]
        except EngineStopped:
            if len(share) == 1:
                raise
            # An engine of the host's own may take less.
            most = len(share) // 2
            continue
        except InvalidRequest as error:
            # Its place in a share tells an operator nothing.
            match error.at:
                case ["redemptions", int(index), *_]:
                    message = f"{error.message}, in the redemption {share[index].get('id')}"
                    raise InvalidRequest(error.code, error.at, message) from None
            raise
        for key, held in counters.items():
            sums[key] = sums.get(key, 0) + held
        redemptions = redemptions[len(share) :]


def audited(store: Any, name: str) -> Callable[..., Any]:
    """One of the two functions for operators, which a host's own store may lack."""
    function = getattr(store, name, None)
    if not callable(function):
        raise TypeError(f"store: expected a function {name}, which audit and repair need besides read, commit and find")
    return function  # type: ignore[no-any-return]
