# Made from _protocols_aio.py by tools/unasync.py, which `make generate` runs: change that file, not this one.
"""What the kit for synchronous drivers needs of a store."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from ._steps import Document
from .types import Redemption

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Store(Protocol[T_co]):
    """The functions of a store, over the host's own connection; `T_co` is the transaction that `write` gets."""

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        """`{counters, existing, archived}` as of one moment: the counters that exist, and the redemption `id` or None.

        `archived` is true if the redemption is in the archive.
        """
        ...

    def commit(self, ops: Sequence[Document], write: Callable[[T_co, list[Redemption]], object] | None = None) -> bool:
        """Stores the plan's records, runs `write`, and changes the counters, in one transaction.

        If an operation of the plan fails, or the database asks for a repetition (as after a deadlock), it stores
        nothing and returns False.
        """
        ...

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        """`{holds, counters}` as of one moment: at most `limit` held redemptions that lapsed by `lapsed_by_ms`.

        If `keys` is None: those that lapsed first, in that order, and no counters. If `keys` is a list: holds that
        charge one of these counters, and the values of those of the counters that exist. If there are more such holds
        than `limit`, the store chooses at random (for a `limit` below 100 perhaps among the 100 that lapsed first).
        """
        ...


class Joining(Store[T], Protocol[T]):
    """A store that can also work inside a transaction of the host, as the option `transaction` asks."""

    def joining(self, transaction: T) -> Store[T]:
        """The same functions on that open transaction, which they never end; `commit` works under a savepoint.

        If an operation of the plan fails, `commit` rolls back to the savepoint. It returns False if a new read in this
        transaction would see newer rows, otherwise it raises `RepeatTransaction`, as it does after a deadlock, a
        serialization failure or a lock time-out.
        """
        ...


class Audited(Protocol):
    """More functions of a store, for operators: `audit`, `repair`, `prune`, `archive` and `erase` need them."""

    def scan(self, visit: Callable[[Document], object]) -> None:
        """Calls `visit({redemptions, counters})` with every redemption, at most 500 at once, then with every counter.

        All are as of one moment, and no buyer waits for the scan.
        """
        ...

    def differences(self, *, after: str, limit: int) -> list[Document]:
        """The counters that differ from the records, as of one moment: `[{key, used, must, corrected}]`.

        At most `limit`, sorted by key, with a key greater than `after`. `must` is what live records hold of the
        counter, and what was opened for archived ones. `corrected` says how often the counter was corrected, or more
        was given back than it held.
        """
        ...

    def person(self, identity: str) -> list[Document]:
        """The redemptions that have this identity, or had it while they were held: `[{redemption, archived}]`."""
        ...

    def old(self, *, after: str, before_ms: int | None, event_id: str | None, limit: int) -> list[Document]:
        """The next redemptions that may be archived: those that are not held, by id, with an id greater than `after`.

        At most `limit`: those created before `before_ms`, and those of the event, unless these are None.
        """
        ...

    def prune(self, is_over: Callable[[str], bool]) -> int | None:
        """Deletes the counters of days, weeks and months for whose key `is_over` is true, and returns how many.

        If the database asks for a repetition, it deletes nothing and returns None.
        """
        ...


class Divided(Protocol):
    """One more function of a store, where the database can split a counter: `split` needs it."""

    def split(self, key: str, parts: int) -> list[str] | None:
        """Splits the counter, and those of what its code or pool spends, into so many parts, and returns their keys.

        If the database asks for a repetition, it changes nothing and returns None.
        """
        ...
