"""Which counters count a day, a week or a month, and when that period is over everywhere on earth."""

import re
from datetime import date, timedelta

_DAY = 24 * 60 * 60 * 1000
_EPOCH = date(1970, 1, 1)
# Somewhere clocks may be so far behind UTC, as far as the engine knows.
_FARTHEST_BEHIND = 840 * 60 * 1000
_KEY = re.compile(
    r"code/[^/]+/(?:day/([0-9]{4}-[0-9]{2}-[0-9]{2})|week/([0-9]{4})-W([0-9]{2})|month/([0-9]{4})-([0-9]{2}))"
    r"/(?:uses|by/[^/]+)"
)
_PERIOD = re.compile(r"code/[^/]+/(?:day|week|month)/")

KEPT = 400 * _DAY
"""How long `audit` and `repair` look at a period after its end. Only after that, `prune` may delete its counters."""


def is_period(key: str) -> bool:
    """Whether the key is that of a counter of a day, week or month."""
    return _PERIOD.match(key) is not None


def end_of(key: str) -> int | None:
    """The moment at which the period of this counter has ended everywhere. None if it counts no period.

    It is also None for a period in the year 9999 or later, which Python's dates do not have: nobody prunes those.
    """
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    day, week_year, week, year, month = found.groups()
    try:
        if day:
            end = date.fromisoformat(day) + timedelta(days=1)
        elif week:
            end = date.fromisocalendar(int(week_year), int(week), 1) + timedelta(days=7)
        else:
            end = (date(int(year), int(month), 1) + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        return None
    return (end - _EPOCH).days * _DAY + _FARTHEST_BEHIND
