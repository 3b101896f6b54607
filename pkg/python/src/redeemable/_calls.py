"""How the kits call the host's functions: `aio` awaits their results, and `host` refuses asynchronous functions.

Also which store they use: with the option `transaction`, one that works inside that transaction.
"""

from asyncio import Future
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from inspect import isawaitable, iscoroutine, iscoroutinefunction
from typing import Any, ClassVar, ParamSpec

P = ParamSpec("P")


def awaited(function: Callable[P, object], name: str = "write") -> Callable[P, Awaitable[Any]]:
    """The function as a coroutine function, if it is none yet. `name` is unused: only `plain` needs it."""

    async def call(*args: P.args, **options: P.kwargs) -> Any:
        result = function(*args, **options)
        return await result if isawaitable(result) else result

    return call


def plain(function: Callable[P, object], name: str = "write") -> Callable[P, Any]:
    """The function as it is. If it turns out to be asynchronous, it raises a `TypeError` that contains `name`."""

    def call(*args: P.args, **options: P.kwargs) -> Any:
        result = function(*args, **options)
        if isawaitable(result):
            # Nobody will await the result. It is closed here, or Python would warn about it in addition.
            if iscoroutine(result):
                result.close()
            elif isinstance(result, Future):
                result.cancel()
            raise TypeError(f"{name} is asynchronous, and would do nothing here: use redeemable.aio")
        return result

    return call


def joined(store: Any, transaction: object) -> Any:
    """The store that a call works on: inside the host's `transaction` if there is one."""
    if transaction is None:
        return store
    joining = getattr(store, "joining", None)
    if joining is None:
        raise TypeError(f"transaction: expected a store that has joining(), found {type(store).__name__}")
    inside = joining(transaction)
    return _Alone(inside, transaction) if iscoroutinefunction(inside.commit) else inside


class _Alone:
    """The store in a transaction, for one plan at a time, or for one in the `write` of another.

    Of two plans at once, each would end or undo the savepoint of the other.
    """

    _plans: ClassVar[dict[int, object]] = {}
    _writing: ClassVar[ContextVar[object]] = ContextVar("redeemable_writing", default=None)

    def __init__(self, store: Any, transaction: object) -> None:
        self._store, self._transaction = store, transaction
        self.read, self.find = store.read, store.find

    async def commit(self, ops: Any, write: Any) -> bool:
        key, plan = id(self._transaction), object()
        outer = self._plans.get(key)
        if outer is not None and self._writing.get() is not outer:
            raise RuntimeError("transaction: expected one call after the other, or one that write awaits")

        async def noting(transaction: Any, redemptions: Any) -> None:
            token = self._writing.set(plan)
            try:
                await write(transaction, redemptions)
            finally:
                self._writing.reset(token)
            if self._plans[key] is not plan:
                raise RuntimeError("write has to await a call in its transaction before it ends")

        self._plans[key] = plan
        try:
            stored: bool = await self._store.commit(ops, write and noting)
            return stored
        finally:
            if outer is None:
                del self._plans[key]
            else:
                self._plans[key] = outer
