# Made from _shards_aio.py by tools/unasync.py, which `make generate` runs: change that file, not this one.
"""One store over several databases (shards), for synchronous drivers.

An event is in one shard, with its orders and counters; the host's own functions say in which. A plan that would need
two databases is refused, because no transaction spans them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from . import _shards
from ._calls import plain
from ._protocols_host import Store
from ._steps import Document
from .types import Redemption

T = TypeVar("T")


class ShardedStore(Generic[T]):
    """`preview`, `redeem`, `confirm`, `release` and `sweep` find the shard by the event and the order.

    `stores` are the stores of the shards, by names of the host's choice. `of_event` says in which shard an event is,
    and must never answer otherwise. `of_order` says in which an order is: the same as its event; None means in none,
    so there is no such order. `of_promotion` and `of_pool` say in which shard a promotion with this id, or a pool, is
    counted; without them, such promotions raise `InvalidRequest`.
    Call `audit`, `repair`, `prune`, `archive` and `erase`, and pass `transaction`, with the store of a shard.
    """

    def __init__(
        self,
        stores: Mapping[str, Store[T]],
        *,
        of_event: Callable[[str], object],
        of_order: Callable[[str], object],
        of_promotion: Callable[[str], object] | None = None,
        of_pool: Callable[[str], object] | None = None,
    ) -> None:
        self._stores = dict(stores)
        given = {"of_event": of_event, "of_order": of_order, "of_promotion": of_promotion, "of_pool": of_pool}
        self._functions = {
            name: plain(function, name) for name, function in _shards.checked(self._stores, given).items()
        }

    def migrate(self) -> None:
        """Creates the tables of each shard."""
        for store in self._stores.values():
            migrating: Any = store
            migrating.migrate()

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        # There is nothing to read: in a preview without a code, or of an order of no shard, which does not exist.
        if not keys and (id is None or self._shard(_shards.order(id)) is None):
            return {"counters": {}, "existing": None}
        named = [] if id is None else [_shards.order(id)]
        store = self._only([*named, *map(self._counter, keys)])
        return store.read(keys, id)

    def commit(self, ops: Sequence[Document], write: Callable[[T, list[Redemption]], object] | None = None) -> bool:
        store = self._only([*_shards.named(ops), *(self._counter(op["key"]) for op in ops if "key" in op)])
        return store.commit(ops, write)

    def find(self, *, lapsed_by_ms: int, keys: Sequence[str] | None, limit: int) -> Document:
        if keys is not None:
            store = self._only(map(self._counter, keys))
            return store.find(lapsed_by_ms=lapsed_by_ms, keys=keys, limit=limit)
        found = [store.find(lapsed_by_ms=lapsed_by_ms, keys=None, limit=limit) for store in self._stores.values()]
        holds = [hold for one in found for hold in one["holds"]]
        return {"holds": sorted(holds, key=lambda hold: hold["expires_at_ms"])[:limit], "counters": {}}

    def __getattr__(self, name: str) -> Any:
        raise _shards.missing(self, name)

    def _counter(self, key: str) -> _shards.Asked:
        return _shards.counter(key, self._functions)

    def _shard(self, asked: _shards.Asked) -> str | None:
        return _shards.known(asked, self._functions[asked.function](asked.given), self._stores)

    def _only(self, asked: Iterable[_shards.Asked]) -> Store[T]:
        """The store of the one shard in which all of these are."""
        return self._stores[_shards.only([(self._shard(one), one.what) for one in asked])]
