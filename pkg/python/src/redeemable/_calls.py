"""How the kits call the host's functions: `aio` awaits what they return, `host` refuses what it would have to await."""

from asyncio import Future
from collections.abc import Awaitable, Callable
from inspect import isawaitable, iscoroutine
from typing import Any, ParamSpec

P = ParamSpec("P")


def awaited(function: Callable[P, object], name: str = "write") -> Callable[P, Awaitable[Any]]:
    """The function as a coroutine function, in any case. It needs no `name`; `plain` does, and is called alike."""

    async def call(*args: P.args, **options: P.kwargs) -> Any:
        result = function(*args, **options)
        return await result if isawaitable(result) else result

    return call


def plain(function: Callable[P, object], name: str = "write") -> Callable[P, Any]:
    """The function as it is, except that an asynchronous one is a `TypeError` that calls it by `name`."""

    def call(*args: P.args, **options: P.kwargs) -> Any:
        result = function(*args, **options)
        if isawaitable(result):
            # Nobody would await it. It is ended here, so that Python does not warn of it, too.
            if iscoroutine(result):
                result.close()
            elif isinstance(result, Future):
                result.cancel()
            raise TypeError(f"{name} is asynchronous, and would do nothing here: use redeemable.aio")
        return result

    return call
