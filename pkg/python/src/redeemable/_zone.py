"""`zone`: the offsets of a time zone from UTC, as `policy["zone"]` has them."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from .errors import InvalidRequest
from .types import ZoneOffset

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DAY = 24 * 60 * 60 * 1000
# The first moment of the year 9999 in UTC.
_LATEST = 253_370_764_800_000
_MOST = 400


def zone(name: str, from_ms: int, to_ms: int) -> list[ZoneOffset]:
    """The offsets of the zone `name`, such as `Europe/Berlin`, from `from_ms` to `to_ms`: `policy["zone"]`.

    The last entry is the offset at `to_ms`, so that `check_promo` can tell where the list ends.
    """
    for field, ms in {"from_ms": from_ms, "to_ms": to_ms}.items():
        if not isinstance(ms, int) or isinstance(ms, bool) or not 100_000_000_000 <= ms <= _LATEST:
            raise _mistake(field, f"expected an integer from 100000000000 to {_LATEST}, found {ms}")
    if to_ms <= from_ms:
        raise _mistake("to_ms", "expected a time after from_ms")
    try:
        clock = ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError):
        raise _mistake("name", f"expected a time zone such as Europe/Berlin, found {name}") from None

    def offset(at: int) -> timedelta:
        return (_EPOCH + timedelta(milliseconds=at)).astimezone(clock).utcoffset() or timedelta()

    entries = [(from_ms, offset(from_ms))]
    at = from_ms
    while at < to_ms:
        following, before = min(at + _DAY, to_ms), entries[-1][1]
        if offset(following) == before:
            at = following
            continue
        early, late = at, following
        while late - early > 1:
            middle = (early + late) // 2
            if offset(middle) == before:
                early = middle
            else:
                late = middle
        if late < to_ms:  # a change at `to_ms` itself is in the last entry
            entries.append((late, offset(late)))
        at = late
    entries.append((to_ms, offset(to_ms)))
    if len(entries) > _MOST:
        raise _mistake("to_ms", f"expected an earlier time: a policy has at most {_MOST} offsets")
    if any(difference % timedelta(minutes=15) for _, difference in entries):
        raise _mistake("from_ms", f"expected a time since when {name} differs from UTC by quarters of an hour")
    minute = timedelta(minutes=1)
    return [ZoneOffset(from_ms=at, offset_minutes=difference // minute) for at, difference in entries]


def _mistake(field: str, message: str) -> InvalidRequest:
    return InvalidRequest("invalid_request", (field,), message)
