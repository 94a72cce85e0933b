"""From the wall clock to UTC: offsets and names behind a time, the zone of the source, and the year that is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from core.time import from_us
from parsers._format import Context
from parsers._lines import Bools, Ints
from parsers._views import Texts, words

QUALITIES = ("exact", "zone_assumed", "year_inferred", "received")
EXACT, ZONE_ASSUMED, YEAR_INFERRED, RECEIVED = range(4)
SECOND = 1_000_000
NONE = np.iinfo(np.int64).min


Small = npt.NDArray[np.uint8]
_DAYS_IN = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0])


def days_of(year: Ints, month: Small, day: Small) -> Ints:
    """Days since 1970 of Gregorian dates; the lines of a chunk mostly share one."""
    if len(year) > 1 and (year == year[0]).all() and (month == month[0]).all() and (day == day[0]).all():
        return np.broadcast_to(days_of(year[:1], month[:1], day[:1]), year.shape)
    of = month.astype(np.int64)
    y = year - (of <= 2)
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (of + np.where(of > 2, -3, 9)) + 2) // 5 + day - 1
    days: Ints = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
    return days


def is_date(year: Ints, month: Small, day: Small) -> Bools:
    """Which of them exist."""
    last = _DAYS_IN[np.minimum(month, 13)]
    february = month == 2
    if february.any():
        last = last + (february & (((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)))
    exists: Bools = (month >= 1) & (day >= 1) & (day <= last) & (year >= 1) & (year <= 9998)
    return exists


@dataclass(slots=True)
class Zones:
    """What stands behind the times: distinct texts, which of them each row has, and which can be read at all."""

    names: list[str]
    index: Ints
    known: Bools

    @classmethod
    def of(cls, texts: Texts, start: Ints, end: Ints, wanted: Bools) -> Zones:
        """What stands from `start` to `end` of the wanted rows."""
        length = np.minimum(np.where(wanted, end - start, 0), 17)
        if not length.any():
            return cls([""], np.zeros(len(start), np.int64), np.ones(len(start), np.bool_))
        word = words(texts.text, "<u8")
        place = np.where(length > 0, start, 0)
        low, high = word[place] & _LOW[length], word[place + 8] & _HIGH[length]
        if (low == low[0]).all() and (high == high[0]).all():
            first, index = np.zeros(1, np.int64), np.zeros(len(low), np.int64)
        else:
            mixed = low * np.uint64(0x9E3779B97F4A7C15) ^ high
            _, first, index = np.unique(mixed, return_index=True, return_inverse=True)
        names = [
            texts.text[place[i] : place[i] + min(length[i], 16)].tobytes().decode("utf-8", "replace").strip()
            for i in first.tolist()
        ]
        readable = np.array([_is_zone(name) for name in names], np.bool_)
        return cls(names, index, readable[index] & (length <= 16))

    def taken(self, rows: Ints) -> Zones:
        return Zones(self.names, self.index[rows], self.known[rows])


_LOW = np.array([(1 << 8 * min(n, 8)) - 1 for n in range(18)], np.uint64)
_HIGH = np.array([(1 << 8 * min(max(n - 8, 0), 8)) - 1 for n in range(18)], np.uint64)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?(?::\d\d)?", re.ASCII)
_NAME = re.compile(r"[A-Za-z]{1,5}")


@lru_cache(4096)
def _is_zone(name: str) -> bool:
    """Whether a text behind a time says a zone (or nothing)."""
    name = name.strip("[]() ")
    return not name or bool(_NAME.fullmatch(name) or _OFFSET.fullmatch(name))


@lru_cache(256)
def zone_names(zone: ZoneInfo, year: int) -> tuple[str, ...]:
    """Names that stand behind times of this zone in that year: its own and those of UTC."""
    own = {datetime(year, month, 1, tzinfo=zone).tzname() or "" for month in (1, 7)}
    return tuple(sorted(name for name in {"UTC", "GMT", *own} if name.isalpha() and name.isascii() and len(name) <= 5))


@lru_cache(65536)
def offset_of(name: str, zone: ZoneInfo, year: int) -> int | None:
    """Seconds east of UTC that a text means, None when it says nothing or is a name that the zone doesn't use."""
    name = name.strip("[]() ")
    if name.upper() in ("Z", "UTC", "GMT", "UT"):
        return 0
    if numeric := _OFFSET.fullmatch(name):
        hours, minutes = int(numeric[2]), int(numeric[3] or 0)
        if hours > 14 or minutes > 59:
            return None
        return (hours * 3600 + minutes * 60) * (-1 if numeric[1] == "-" else 1)
    for month in (1, 7):
        moment = datetime(year, month, 1, tzinfo=zone)
        if name and name.upper() == (moment.tzname() or "").upper():
            return int((moment.utcoffset() or timedelta()).total_seconds())
    return None


def instants_of(
    year: Ints, month: Small, day: Small, clock: Ints, zones: Zones, context: Context
) -> tuple[Ints, Small]:
    """µs UTC and quality; a year of -1 is found from the moment of receipt. NONE where no year has such a day."""
    quality = np.full(len(year), EXACT, np.uint8)
    missing = year < 0
    if not missing.any():
        return _at(year, month, day, clock, zones, context.timezone, quality), quality
    rows = np.flatnonzero(missing)
    found = year.copy()
    found[rows] = _nearest_years(month[rows], day[rows], clock[rows], zones.taken(rows), context)
    us = _at(np.where(found < 0, 1970, found), month, day, clock, zones, context.timezone, quality)
    quality[rows] = YEAR_INFERRED
    return np.where(found < 0, NONE, us), quality


def _at(
    year: Ints, month: Small, day: Small, clock: Ints, zones: Zones, zone: ZoneInfo, quality: Small
) -> Ints:  # fmt: skip
    wall = days_of(year, month, day) * (86_400 * SECOND) + clock
    return _to_utc(wall, year, zones, zone, quality)


def _nearest_years(month: Small, day: Small, clock: Ints, zones: Zones, context: Context) -> Ints:
    """The year that puts each time nearest to the moment of receipt, -1 where none has such a day."""
    if len(month) > 2 and len(zones.names) == 1 and (month == month[0]).all() and (day == day[0]).all():
        # Within a day the nearer year changes at most once: where both ends agree, all agree.
        ends = np.array([clock.argmin(), clock.argmax()])
        year = _nearest_years(month[ends], day[ends], clock[ends], zones.taken(ends), context)
        if year[0] == year[1]:
            return np.full(len(month), year[0])
    now = from_us(context.received).astimezone(context.timezone).year
    leap = ((month == 2) & (day == 29)).any()
    best, year = np.full(len(month), NONE, np.int64), np.full(len(month), -1, np.int64)
    for candidate in range(now - 8, now + 9) if leap else (now - 1, now, now + 1):
        at = np.full(len(month), candidate)
        us = _at(at, month, day, clock, zones, context.timezone, np.empty(len(month), np.uint8))
        nearer = (best == NONE) | (np.abs(us - context.received) < np.abs(best - context.received))
        nearer &= is_date(at, month, day)
        best, year = np.where(nearer, us, best), np.where(nearer, candidate, year)
    return year


def _to_utc(wall: Ints, year: Ints, zones: Zones, zone: ZoneInfo, quality: npt.NDArray[np.uint8]) -> Ints:
    """Wall-clock µs to UTC µs, by the offset in the line or else the source's zone; writes the quality."""
    us = wall.copy()
    assumed = np.ones(len(wall), np.bool_)
    for i, name in enumerate(zones.names):
        if not name:
            continue
        rows = zones.index == i if len(zones.names) > 1 else np.ones(len(wall), np.bool_)
        # Only a name may mean another offset in another year.
        years = [1970] if name.strip("[]() ")[:1] in "+-" else np.unique(year[rows]).tolist()
        for y in years:
            offset = offset_of(name, zone, y)
            if offset is not None:
                these = rows & (year == y) if len(years) > 1 else rows
                us[these] -= offset * SECOND
                assumed[these] = False
    if assumed.any():
        us[assumed] -= _zone_offsets(wall[assumed], zone)
        quality[assumed] = ZONE_ASSUMED
    return us


def _zone_offsets(wall: Ints, zone: ZoneInfo) -> Ints:
    """µs east of UTC at wall-clock times; by the minute, since clocks change at minutes."""
    if zone.key in ("UTC", "Etc/UTC"):
        return np.zeros(len(wall), np.int64)
    if zone.key in ("Asia/Tokyo", "Japan") and wall.min() > -500_000_000 * SECOND:
        return np.full(len(wall), 9 * 3600 * SECOND, np.int64)
    minutes, index = np.unique(wall // (60 * SECOND), return_inverse=True)
    offsets = [_offset_at(minute, zone) for minute in minutes.tolist()]
    return np.array(offsets, np.int64)[index]


@lru_cache(65536)
def _offset_at(minute: int, zone: ZoneInfo) -> int:
    moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)).replace(tzinfo=zone)
    return (moment.utcoffset() or timedelta()) // timedelta(microseconds=1)
