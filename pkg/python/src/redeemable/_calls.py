"""How the kits call the host's functions: `aio` awaits their results, and `host` refuses asynchronous functions.

Also which store they use: with the option `transaction`, one that works inside that transaction.
"""

from asyncio import Future
from collections.abc import Awaitable, Callable
from inspect import isawaitable, iscoroutine
from typing import Any, ParamSpec

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
    return joining(transaction)
