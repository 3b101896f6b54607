"""How the kits call the host's functions: `aio` awaits their results, and `host` refuses asynchronous functions."""

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
