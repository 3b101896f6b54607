"""Refuses connections to a Galera cluster whose reads may be behind what another node has stored."""

from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from ._steps import Queries

_sound: WeakSet[Any] = WeakSet()


def check(connection: Any, ask: Callable[[Queries[None]], None]) -> None:
    """Looks at the driver's connection once, before its first read; `ask` executes queries on it.

    An order that another node has sold a moment ago would not be there, and its payment would go back to the buyer.
    """
    if connection not in _sound:
        ask(_settings())
        _sound.add(connection)


def _settings() -> Queries[None]:
    settings = {str(name): str(value) for name, value in (yield "settings", {})}
    if settings.get("wsrep_on") == "ON" and not int(settings["wsrep_sync_wait"]) & 1:
        raise RuntimeError(
            "what the connection reads may be behind the other nodes of the Galera cluster: "
            f"expected wsrep_sync_wait = 1, found {settings['wsrep_sync_wait']}"
        )
