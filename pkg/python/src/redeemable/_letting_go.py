"""How a store lets go of a cancelled statement."""

import asyncio
import traceback
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def letting_go() -> Iterator[None]:
    """Releases the lock of a cancelled statement, around an asynchronous connection to SQLite.

    A statement's cursor keeps the file locked as long as the cursor exists, even after its connection was closed. The
    frames of the exception refer to the cursor and to each other: without this function they, and the lock, would exist
    until the next garbage collection.
    """
    try:
        yield
    except BaseException as raised:
        error: BaseException | None = raised
        while error is not None:
            if isinstance(error, asyncio.CancelledError):
                traceback.clear_frames(error.__traceback__)
            error = error.__context__
        raise
