"""The promotions of a request, where functions of the host find them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ._steps import Look, Steps
from .engine import Engine
from .errors import InvalidRequest


def are_found(promos: Any) -> bool:
    """Whether functions find them. If not, they are a list, or a mistake that the engine names."""
    return callable(promos) or isinstance(promos, Mapping)


def found(engine: Engine, asked: Any, now_ms: int) -> Steps[Any]:
    """The documents that are asked for in every order, and then those of the typed codes, each once.

    The host's functions are not called for a malformed request.
    """
    # This call raises if the request is malformed; its answer is not needed.
    without: Any = {**asked, "promos": [], "now_ms": now_ms}
    engine.usage_keys(without)
    promos = asked["promos"]
    if callable(promos):
        return (yield from _typed(engine, promos, asked["codes"]))
    always, find = _functions(promos)
    everywhere = _listed((yield Look(always, ())), "always")
    typed = _listed((yield from _typed(engine, find, asked["codes"])), "find")
    # Somebody may have typed the code of one that is asked for anyway. What was found just now counts: `always` may
    # have answered from a cache.
    return [*(document for document in everywhere if _code(document) not in map(_code, typed)), *typed]


def _functions(promos: Mapping[str, Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    for name in promos:
        if name not in ("always", "find"):
            raise _mistake(("promos", name), "unknown field, expected one of always, find")
    for name in ("always", "find"):
        if not callable(promos.get(name)):
            raise _mistake(("promos", name), f"expected a function, found {type(promos.get(name)).__name__}")
    return promos["always"], promos["find"]


def _typed(engine: Engine, find: Callable[..., Any], codes: Sequence[str]) -> Steps[Any]:
    """What the function finds. It is not called without a code: a list of no codes is an error in many a database."""
    forms = (engine.canonical_code({"text": text}) for text in codes)
    each = list({code["canonical"]: code for code in forms if code["canonical"]}.values())
    return (yield Look(find, (each,))) if each else []


def _listed(answer: Any, name: str) -> Sequence[Any]:
    if not isinstance(answer, Sequence) or isinstance(answer, str | bytes):
        raise _mistake(("promos", name), "expected it to return a list")
    return answer


def _code(document: Any) -> Any:
    return document.get("code") if isinstance(document, Mapping) else None


def _mistake(at: tuple[str, ...], message: str) -> InvalidRequest:
    return InvalidRequest("invalid_request", at, message)
