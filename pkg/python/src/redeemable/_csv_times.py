"""Times in a table, written as ISO 8601 in UTC, which spreadsheets do not change. Local times are read, too."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MS = timedelta(milliseconds=1)
_DATE = re.compile(
    r"((?:19[7-9][0-9]|[2-9][0-9]{3})-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,3}))?)? ?(?:(Z)|([+-])([0-9]{2}):?([0-9]{2}))?)?",
    re.IGNORECASE | re.ASCII,
)
_WRITTEN = "2026-07-25T18:00:00+02:00"


def time_of(ms: int) -> str:
    """The instant as ISO 8601; from the year 10000 on, where ISO 8601 begins with a plus, as milliseconds in digits."""
    if ms > 253_402_300_799_999:
        return str(ms)
    return (_EPOCH + ms * _MS).isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")


def instant_of(cell: str, zone: ZoneInfo | None, end: bool, wrong: Callable[..., Exception]) -> int:
    """The instant of a cell. `wrong` makes the error.

    A date without a time is the first instant of that day, or with `end` the first of the next day.
    """
    found = _DATE.fullmatch(cell)
    if found is None:
        raise wrong(f"a time such as {_WRITTEN} or milliseconds since 1970")
    date, minutes, seconds, fraction, utc, sign, hours, rest = found.groups()
    try:
        local = (
            datetime.fromisoformat(f"{date}T{minutes or '00:00'}:{seconds or '00'}")
            + int((fraction or "0").ljust(3, "0")) * _MS
        )
    except ValueError:
        local = None
    if local is None or (hours or "") > "23" or (rest or "") > "59":
        raise wrong("a day and time that exist")
    if utc is not None or sign is not None:
        ahead = int(f"{sign or '+'}1") * (int(hours or 0) * 60 + int(rest or 0))
        return (local.replace(tzinfo=timezone.utc) - _EPOCH) // _MS - ahead * 60_000
    if zone is None:
        raise wrong(f"a time with its offset, such as {_WRITTEN}, because no zone is given")
    if local.year == 9999:
        raise wrong("a year before 9999, or an empty cell")
    if end and minutes is None:
        local += timedelta(days=1)
    instants = _instants_of(local, zone)
    if not instants:
        raise wrong(f"a time that there is in {zone.key}, where the clocks go forward then")
    if len(instants) == 1:
        return (instants[0] - _EPOCH) // _MS
    choices = [one.astimezone(zone).isoformat(timespec="seconds") for one in instants]
    raise wrong(f"a time that there is once in {zone.key}, where the clocks go back then", " or ".join(choices))


def _instants_of(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """The instants at which the zone's clocks show this time: one, none (they go forward) or two (they go back)."""
    instants = {local.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc) for fold in (0, 1)}
    return sorted(one for one in instants if one.astimezone(zone).replace(tzinfo=None) == local)
