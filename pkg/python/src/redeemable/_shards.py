"""What both sharded stores know: which event a counter is of, and what is wrong with an order of two shards."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from ._steps import Document
from .errors import InvalidRequest

_OF_SHARD = ("scan", "prune", "differences", "person", "old")


class Asked(NamedTuple):
    """Which of the host's functions is asked for a shard, with what, and the words for it in an error."""

    function: str
    given: str
    what: str


def event_of(key: str) -> str | None:
    """The event that alone has this counter, or None if events may share it: by a promotion's id, or by a pool."""
    found = re.match("(?:code/event:|event/)([^:/]+)[:/]", key)
    return None if found is None else unquote(found[1])


def order(id: str) -> Asked:
    return Asked("of_order", id, f"the order {json.dumps(id, ensure_ascii=False)}")


def event(id: str) -> Asked:
    return Asked("of_event", id, f"the event {json.dumps(id, ensure_ascii=False)}")


def counter(key: str, functions: Mapping[str, object]) -> Asked:
    own = event_of(key)
    if own is not None:
        return Asked("of_event", own, f"the counter {key}")
    kind, id = re.findall("^(code/id:|pool/)([^/]+)/", key)[0]
    name = "of_pool" if kind == "pool/" else "of_promotion"
    if name in functions:
        return Asked(name, unquote(id), f"the counter {key}")
    expected = "expected no promotion with an id or a pool, because events of several shards may share"
    message = f"{expected} the counter {key}; the option {name} may say in which shard it is"
    raise InvalidRequest("invalid_request", ("promos",), message)


def named(ops: Sequence[Document]) -> list[Asked]:
    """The orders and events that the operations name."""
    records = [op["redemption"] for op in ops if "redemption" in op]
    ids = [op["id"] if "id" in op else op["redemption"]["id"] for op in ops if "id" in op or "redemption" in op]
    return [*map(order, ids), *(event(record["event_id"]) for record in records)]


def checked(stores: Mapping[str, object], functions: Mapping[str, Any]) -> dict[str, Callable[[str], object]]:
    """The functions that were given, after a check of all."""
    if not stores:
        raise ValueError("stores: expected at least one")
    for name, function in functions.items():
        if not callable(function) and (function is not None or name in ("of_event", "of_order")):
            raise TypeError(f"{name}: expected a function, found {type(function).__name__}")
    return {name: function for name, function in functions.items() if function is not None}


def known(asked: Asked, shard: Any, stores: Mapping[str, object]) -> str | None:
    """The shard, if it is one; None only for an order."""
    if shard in stores or (shard is None and asked.function == "of_order"):
        return shard  # type: ignore[no-any-return]
    raise ValueError(f"{asked.function}: expected one of {', '.join(stores)} for {asked.what}, found {shard}")


def only(found: Iterable[tuple[str | None, str]]) -> str:
    """The one shard of all these."""
    (first, what), *others = found
    if first is None:
        raise InvalidRequest("invalid_request", ("order", "id"), f"expected the id of an order in a shard: {what}")
    for shard, other in others:
        if shard != first:
            message = f"expected one shard, found {what} in {first} and {other} in {shard}"
            raise InvalidRequest("invalid_request", ("order",), message)
    return first


def missing(store: object, name: str) -> Exception:
    if name in _OF_SHARD:
        return TypeError("audit, repair, prune, archive and erase need the store of one shard: call them once for each")
    return AttributeError(f"{type(store).__name__!r} object has no attribute {name!r}")
