"""What each check of `redeemable.store_suite` gets (a `Subject`), and the records and operations that checks store."""

from collections.abc import Callable, Sequence
from inspect import isawaitable
from typing import Any, NamedTuple, Protocol

from ._audit import audited
from ._calls import awaited, joined
from ._steps import Document
from .aio import AsyncStore
from .host import Store, Write
from .types import Redemption

# A text with characters that mean something to a driver, a template or JSON: a store must store it unchanged.
AWKWARD = """<VIP> & "Ünï" 'quoted' \\ back\\u0041slash :name %s %(x)s $1 ? {0} ; -- 😀 \u2028"""
LARGEST = 9_007_199_254_740_991
AT = 1_800_000_000_000


class HostTransaction(Protocol):
    """A transaction that the host has begun, on a connection of its own."""

    transaction: Any
    """What the host passes as `transaction`."""

    def commit(self) -> object:
        """Commits the transaction."""
        ...

    def rollback(self) -> object:
        """Rolls the transaction back."""
        ...


class Subject(NamedTuple):
    """A store on empty tables, and what a check needs to test it."""

    store: Store[Any]
    """The store that is tested."""
    note: Callable[[Any, str], object]
    """Writes a row of the host in the transaction that it gets; for an asynchronous store it may be a coroutine."""
    notes: Callable[[], list[str]]
    """The rows of the host that are stored."""
    drifted: list[str]
    """The keys that the store has passed to its `on_drift`."""
    begin: Callable[[], HostTransaction] | None = None
    """Begins a transaction of the host; only `JOINING_CHECKS` need it."""

    def writer(self, text: str) -> Write[Any]:
        """A `write` that writes one row of the host."""
        return lambda transaction, _: self.note(transaction, text)

    def begun(self) -> HostTransaction:
        """A new transaction of the host, in which the host has written the row "before"."""
        assert self.begin is not None, "begin: expected a function that begins a transaction of the host"
        opened = self.begin()
        noted = self.note(opened.transaction, "before")
        if isawaitable(noted):
            assert isinstance(self.store, Blocking)
            self.store.run(noted)
        return opened


class Blocking:
    """Makes an asynchronous store look like a synchronous one; `run` runs a coroutine to its end."""

    def __init__(self, store: AsyncStore[Any], run: Callable[[Any], Any]) -> None:
        self.store = store
        self.run = run

    def read(self, keys: Sequence[str], id: str | None) -> Any:
        return self.run(self.store.read(keys, id))

    def commit(self, ops: Sequence[Document], write: Callable[[Any, list[Redemption]], object] | None = None) -> Any:
        return self.run(self.store.commit(ops, write and awaited(write)))

    def joining(self, transaction: Any) -> "Blocking":
        """The store in the host's transaction, with synchronous functions, too."""
        return Blocking(joined(self.store, transaction), self.run)

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Any:
        return self.run(self.store.find(lapsed_by_ms=lapsed_by_ms, keys=keys, limit=limit))

    def scan(self, visit: Callable[[Document], object]) -> None:
        self.run(audited(self.store, "scan")(visit))

    def prune(self, is_over: Callable[[str], bool]) -> Any:
        return self.run(audited(self.store, "prune")(is_over))

    def differences(self, *, after: str, limit: int) -> Any:
        return self.run(audited(self.store, "differences")(after=after, limit=limit))

    def person(self, identity: str) -> Any:
        return self.run(audited(self.store, "person")(identity))

    def old(self, *, after: str, before_ms: int | None, event_id: str | None, limit: int) -> Any:
        return self.run(audited(self.store, "old")(after=after, before_ms=before_ms, event_id=event_id, limit=limit))


def held(id: str, *, revision: int = 1, expires_at_ms: int = AT, keys: Sequence[str] = ()) -> Document:
    """A record of one unpaid ticket that charges each of these counters 1."""
    return {
        "schema": 2,
        "id": id,
        "revision": revision,
        "state": "held",
        "event_id": AWKWARD,
        "currency": "EUR",
        "codes": ["CODE"],
        "identities": ["email:ann@example.org"],
        "tickets": [
            {
                "line": 0,
                "ticket_type": AWKWARD,
                "unit_price": LARGEST,
                "price": LARGEST,
                "codes": ["CODE"],
            }
        ],
        "applied": [],
        "charges": [
            {"key": key, "code": "CODE", "limit": 1000, "amount": 1, "tickets": [0], "each": 1, "back": []}
            for key in keys
        ],
        "created_at_ms": AT,
        "expires_at_ms": expires_at_ms,
    }


def confirmed(id: str, revision: int) -> Document:
    record = {**held(id, revision=revision), "state": "confirmed", "confirmed_at_ms": AT}
    del record["expires_at_ms"]
    return record


def usage(counters: dict[str, int], existing: Document = None, *, archived: bool = False) -> Document:
    """What a store's `read` answers."""
    return {"counters": counters, "existing": existing, "archived": archived}


def insert(record: Document) -> Document:
    return {"op": "insert", "redemption": record}


def update(record: Document, was: int) -> Document:
    return {"op": "update", "id": record["id"], "revision": was, "redemption": record}


def add(key: str, by: int, at_most: int | None = None) -> Document:
    return {"op": "add", "key": key, "by": by, "at_most": at_most}
