"""The engine of the commands for organisers: their files are their own, and may be a whole catalogue of codes."""

from functools import cache

from ..engine import Engine


@cache
def engine() -> Engine:
    """An engine with a thousand times the fuel of a shop's, and all the memory that an engine may have."""
    return Engine(fuel=4_000_000_000_000, memory=2 << 30)
