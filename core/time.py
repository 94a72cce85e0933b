"""Instants and JST days: integers of microseconds since 1970 UTC, and the days on which Hinomi counts.

The only module below the command line that reads the clock.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")
JST_OFFSET_US = 9 * 3_600_000_000
"""Japan has had no daylight saving since 1952, so a JST hour is a UTC hour."""
MINUTE_US = 60_000_000
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def now_us() -> int:
    """The instant, in microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def to_us(instant: datetime) -> int:
    """Microseconds since 1970 UTC; a time without a zone is an error, not a guess."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no zone")
    return (instant - _EPOCH) // _MICROSECOND


def from_us(instant: int) -> datetime:
    """The instant as a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=instant)


def iso(instant: int) -> str:
    """RFC 3339 in UTC, with microseconds only where there are any."""
    return from_us(instant).isoformat().replace("+00:00", "Z")


def parse_instant(text: str, zone: ZoneInfo | None = None) -> int:
    """Microseconds of an RFC 3339 text; without an offset it needs `zone`. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        if zone is None:
            raise ValueError(f"{text}: say the zone, e.g. {text}+09:00")
        instant = instant.replace(tzinfo=zone)
    return to_us(instant)


def hour_of(instant: int) -> int:
    """The JST hour as a count of hours since 1970 UTC (JST hours and UTC hours are the same hours)."""
    return instant // HOUR_US


def hour_start(hour: int) -> int:
    """The first instant of an hour."""
    return hour * HOUR_US


def day_of(instant: int) -> date:
    """The JST day of an instant."""
    return date(1970, 1, 1) + timedelta(days=(instant + JST_OFFSET_US) // DAY_US)


def day_of_hour(hour: int) -> date:
    """The JST day to which an hour belongs."""
    return day_of(hour * HOUR_US)


def day_start(day: date) -> int:
    """The first instant of a JST day."""
    return (day - date(1970, 1, 1)).days * DAY_US - JST_OFFSET_US
