"""Times as devices write them, read by the column.

Layouts that are told apart by where their separators stand (month names in any case):

    2026-11-20T10:00:00   2026/11/20 10:00:00   20261120T100000      (T, space, - or _ between date and time)
    20/Nov/2026:10:00:00   20-Nov-2026 10:00:00   20 Nov 2026 10:00:00   Fri, 20 Nov 2026 10:00:00
    Nov 20 10:00:00   Nov  2 10:00:00   Nov 2 10:00:00   Nov 20 2026 10:00:00   Nov 20 10:00:00 2026
    Fri Nov 20 10:00:00.123456 2026   Fri Nov 20 10:00:00 JST 2026
    1795136400   1795136400.123   …000 (ms)   …000000 (µs)   …000000000 (ns)   epoch

each with a fraction (. or ,) and a zone: Z, UTC, GMT, +09:00, +0900, +09, UTC+09:00, or a name that the source's own
time zone uses in that year. Day before month or month before day in digits is never guessed: such a layout belongs into
its format.

An offset in the line wins (quality exact). Else the source's zone counts (zone_assumed); of a wall-clock time that
comes twice when clocks go back, the first. A missing year is the one that puts the time nearest to the moment of
receipt, over the turn of a year too (year_inferred): right while the line is less than half a year late.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from parsers._digits import number_of
from parsers._format import Context
from parsers._lines import Bools, Ints, Octets
from parsers._views import Texts, window, words
from parsers._zones import EXACT, NONE, SECOND, Zones, instants_of, is_date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERS = {name: number for number, name in enumerate(_MONTHS, 1)}
_WIDTH = 40


@dataclass(slots=True)
class Times:
    """Instants of a column: µs UTC, how they were found, and which rows have one."""

    us: Ints
    quality: npt.NDArray[np.uint8]
    valid: Bools


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the fields stand; `marks`: place → bytes allowed there. year -1: none in front of the rest."""

    year: int
    month: int
    day: int
    hour: int
    end: int
    marks: tuple[tuple[int, bytes], ...]
    named: bool = True
    colons: bool = True


_LAYOUTS = (
    _Layout(0, 5, 8, 11, 19, ((4, b"-/"), (7, b"-/"), (10, b"T _-"), (13, b":"), (16, b":")), named=False),
    _Layout(7, 3, 0, 12, 20, ((2, b"/- "), (6, b"/- "), (11, b": T"), (14, b":"), (17, b":"))),
    _Layout(-1, 0, 4, 7, 15, ((3, b" "), (6, b" "), (9, b":"), (12, b":"))),
    _Layout(7, 0, 4, 12, 20, ((3, b" "), (6, b" "), (11, b" "), (14, b":"), (17, b":"))),
    _Layout(-1, 4, 8, 11, 19, ((3, b" "), (7, b" "), (10, b" "), (13, b":"), (16, b":"))),
    _Layout(12, 8, 5, 17, 25, ((3, b","), (4, b" "), (7, b" "), (11, b" "), (16, b" "), (19, b":"), (22, b":"))),
)


def read(series: pl.Series, context: Context) -> Times:
    """The instants of a text column, each in whichever layout it is written."""
    texts = Texts.of(series)
    us, epochs = _plain_epochs(texts)
    if not epochs.any():
        return read_texts(texts, context)
    found = Times(us, np.zeros(len(us), np.uint8), epochs)
    rest = np.flatnonzero(texts.valid & ~epochs)
    if len(rest):
        other = read_texts(Texts(texts.text, texts.start[rest], texts.end[rest], texts.valid[rest]), context)
        found.us[rest], found.quality[rest], found.valid[rest] = other.us, other.quality, other.valid
    return found


def _plain_epochs(texts: Texts) -> tuple[Ints, Bools]:
    """µs of texts of ten digits, or of ten digits, a dot and one to six digits: what most epochs are; and which are."""
    size = texts.end - texts.start
    maybe: Bools = texts.valid & (size >= 10) & (size <= 17) & (size != 11)
    if not maybe.any():
        return size, maybe
    word = words(texts.text, "<u8")
    (high, good), (low, also) = number_of(word[texts.start], 8), number_of(word[texts.start + 8], 2)
    maybe &= good & also & ((size == 10) | (texts.text[texts.start + 10] == 46))
    us = (high * 100 + low) * SECOND
    places = size - 11
    if (places[maybe] > 0).any():
        fraction, good = number_of(word[texts.start + 11], places)
        maybe &= good | (size == 10)
        us += np.where(places > 0, fraction * _PLACES[np.clip(places, 0, 6)], 0)
    return us, maybe


_PLACES = 10 ** (6 - np.arange(7))
"""By count of digits behind the dot: µs of the last one."""


def read_texts(texts: Texts, context: Context) -> Times:
    """The same for texts that lie in one run of bytes."""
    count = len(texts)
    found = Times(np.zeros(count, np.int64), np.zeros(count, np.uint8), np.zeros(count, np.bool_))
    open_ = np.flatnonzero(texts.valid & (texts.end - texts.start >= 9))
    if not len(open_):
        return found
    wide = window(texts.text, texts.start[open_], texts.end[open_], _WIDTH)
    digits_first = np.logical_and.reduce([wide[i] - 48 <= 9 for i in (0, 2, 3, 4, 6, 8)])
    rest = open_
    if digits_first.any():
        rest, wide = _epochs(texts, open_, wide, found)
    for layout in _LAYOUTS:
        if not len(rest):
            return found
        left = _fixed(texts, rest, wide, layout, context, found)
        if left is not None:
            rest, wide = rest[left], wide[:, left]
    _single(texts, rest, context, found)
    return found


def _epochs(texts: Texts, rows: Ints, wide: Octets, found: Times) -> tuple[Ints, Octets]:
    """Seconds since 1970 with or without fraction, or milli-, micro-, nanoseconds by their count of digits."""
    length = np.minimum(texts.end[rows] - texts.start[rows], _WIDTH)
    number = np.zeros(len(rows), np.int64)
    places = np.zeros(len(rows), np.int64)
    whole = np.zeros(len(rows), np.int64)
    ok = (length >= 9) & (length <= 20)
    dotted = np.zeros(len(rows), np.bool_)
    for i in range(int(length.max(initial=0))):
        inside = i < length
        digit = wide[i] - 48
        is_digit = digit <= 9
        dot = inside & (wide[i] == 46) & ~dotted
        ok &= ~inside | is_digit | dot
        dotted |= dot
        take = inside & is_digit & (places < 6) & (whole < 19)
        number[take] = number[take] * 10 + digit[take]
        inside &= is_digit
        places += inside & dotted
        whole += inside & ~dotted
    scale = _SCALES[np.minimum(whole, 20)]
    ok &= (scale > 0) & (number >= 0) & (~dotted | ((whole <= 10) & (places >= 1) & (places <= 9)))
    seconds = whole <= 10
    scale[seconds] = 10 ** np.maximum(6 - places[seconds], 0)
    us = np.where(whole >= 18, number // 1000, number * scale)
    good = rows[ok]
    found.us[good], found.quality[good], found.valid[good] = us[ok], EXACT, True
    return rows[~ok], wide[:, ~ok]


_SCALES = np.array([0] * 9 + [SECOND, SECOND, 0, 1000, 1000, 0, 1, 1, 0, 1, 1, 0])
"""By count of digits: µs in a unit; 18 and 19 are nanoseconds. Other counts are no epoch of our age (14: a date)."""


def _two(wide: Octets, at: int, ok: Bools, *, padded: bool = False) -> Octets:
    """Two digits; a space may stand for a leading zero."""
    tens, units = wide[at] - 48, wide[at + 1] - 48
    if padded:
        tens[tens == 240] = 0
    ok &= (tens <= 9) & (units <= 9)
    made: Octets = tens * 10 + units
    return made


def _month(wide: Octets, at: int, ok: Bools) -> Octets:
    key = (
        ((wide[at].astype(np.int64) | 32) << 16)
        | ((wide[at + 1].astype(np.int64) | 32) << 8)
        | (wide[at + 2].astype(np.int64) | 32)
    )
    if len(key) and (key == key[0]).all():
        key = key[:1]
    month = np.zeros(len(key), np.uint8)
    for number, name in enumerate(_MONTHS, 1):
        month[key == int.from_bytes(name.encode(), "big")] = number
    month = np.broadcast_to(month, ok.shape)
    ok &= month > 0
    return month


def _fixed(texts: Texts, rows: Ints, wide: Octets, layout: _Layout, context: Context, found: Times) -> Ints | None:
    """Reads the rows that are written in this layout; the indices of those that are not, None for all of them."""
    ok = np.ones(len(rows), np.bool_)
    for at, allowed in layout.marks:
        mark = wide[at] == allowed[0]
        for other in allowed[1:]:
            mark |= wide[at] == other
        ok &= mark
    if not ok.any():
        return None
    day = _two(wide, layout.day, ok, padded=layout.named)
    month = _month(wide, layout.month, ok) if layout.named else _two(wide, layout.month, ok)
    hour = _two(wide, layout.hour, ok, padded=layout.named)
    minute, second = _two(wide, layout.hour + 3, ok), _two(wide, layout.hour + 6, ok)
    year = np.full(len(rows), -1, np.int64)
    if layout.year >= 0:
        year = _two(wide, layout.year, ok) * np.int64(100) + _two(wide, layout.year + 2, ok)
    ok &= (hour <= 23) & (minute <= 59) & (second <= 60)
    fraction, end = _fraction(wide, layout.end)
    start = texts.start[rows] + end
    if layout.year < 0:
        year, after = _year_behind(texts, start, texts.end[rows])
        ok &= (year >= 0) | (layout.month == 0)
        start = np.where(year >= 0, after, start)
    ok &= is_date(np.where(year < 0, 2000, year) if layout.year < 0 else year, month, day)
    zones = Zones.of(texts, start, texts.end[rows], ok)
    ok &= zones.known
    clock = (hour * np.int64(3600) + minute * np.int64(60) + second) * SECOND + fraction
    if ok.all():
        us, quality = instants_of(year, month, day, clock, zones, context)
        good = rows
    else:
        pick = np.flatnonzero(ok)
        good = rows[pick]
        us, quality = instants_of(year[pick], month[pick], day[pick], clock[pick], zones.taken(pick), context)
    found.us[good], found.quality[good], found.valid[good] = us, quality, us != NONE
    return np.flatnonzero(~ok)


def _fraction(wide: Octets, at: int) -> tuple[Ints, Ints]:
    """Microseconds of a fraction that begins at `at`, and where it ends; further digits are cut off."""
    count = wide.shape[1]
    value, end = np.zeros(count, np.int64), np.full(count, at, np.int64)
    going = (wide[at] == 46) | (wide[at] == 44)
    if not going.any():
        return value, end
    going &= wide[at + 1] - 48 <= 9
    end[going] += 1
    scale = 100_000
    for i in range(at + 1, min(at + 10, _WIDTH)):
        going = going & (wide[i] - 48 <= 9)
        value[going] += (wide[i][going].astype(np.int64) - 48) * scale
        end[going] += 1
        scale //= 10
    return value, end


def _year_behind(texts: Texts, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """The year in `10:00:00 2026` and where it ends; -1 where there is none. `… JST 2026` is left to `_single`."""
    rest = window(texts.text, start, end, 6)
    year = np.full(len(start), -1, np.int64)
    ok = (rest[0] == 32) & ((rest[5] == 0) | (rest[5] == 32))
    value = _two(rest, 1, ok) * np.int64(100) + _two(rest, 3, ok)
    ok &= value >= 1000
    year[ok] = value[ok]
    return year, start + 5


_DATE = r"(?:(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)|(?P<y1>\d{4})([-/])(?P<m1>\d{1,2})\5(?P<d1>\d{1,2}))[T _-]"
_CLOCK = r"(?P<h>\d{1,2}):(?P<i>\d\d):(?P<s>\d\d)(?:[.,](?P<f>\d{1,9})\d*)?"
_TAIL = r"(?: ?(?P<z>[\[(]?(?:[A-Za-z]{1,5}|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d\d){0,2})[\])]?))?"
_ANY: tuple[re.Pattern[str], ...] = tuple(re.compile(pattern, re.ASCII) for pattern in (
    _DATE + _CLOCK + _TAIL,
    r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)T?(?P<h>\d\d)(?P<i>\d\d)(?P<s>\d\d)(?:[.,](?P<f>\d{1,9})\d*)?" + _TAIL,
    r"(?:[A-Za-z]{3},? )?(?P<d>\d{1,2})[/ -](?P<b>[A-Za-z]{3})[/ -](?P<y>\d{4})[: T]" + _CLOCK + _TAIL,
    r"(?:[A-Za-z]{3},? +)?(?P<b>[A-Za-z]{3}) +(?P<d>\d{1,2}) +(?:(?P<y>\d{4}) +)?" + _CLOCK
    + r"(?: (?P<z>[A-Za-z]{1,5}))?(?: (?P<y1>\d{4}))?" + _TAIL.replace("<z>", "<z1>"),
))  # fmt: skip


def _single(texts: Texts, rows: Ints, context: Context, found: Times) -> None:
    """Reads what is left one by one: rarer widths of the same layouts, the reference for all of them."""
    for row in rows.tolist():
        text = texts.text[texts.start[row] : texts.end[row]].tobytes().decode("utf-8", "replace").strip()
        got = read_one(text, context.timezone, context.received)
        if got is not None:
            found.us[row], found.quality[row], found.valid[row] = *got, True


@lru_cache(16384)
def read_one(text: str, zone: ZoneInfo, received: int) -> tuple[int, int] | None:
    """(µs, quality) of one text by regular expressions, None when it is no time."""
    if len(text) > 64:
        return None
    if re.fullmatch(r"\d{9,10}(\.\d{1,9})?|\d{12,13}|\d{15,16}|\d{18,19}", text, re.ASCII):
        return _epoch_one(text), EXACT
    for pattern in _ANY:
        got = pattern.fullmatch(text)
        if got is None:
            continue
        part = {k.rstrip("1"): v for k, v in got.groupdict().items() if v is not None}
        month = int(part["m"]) if "m" in part else _NUMBERS.get(part["b"].lower(), 0)
        clock = [int(part[k]) for k in "his"]
        if clock[0] > 23 or clock[1] > 59 or clock[2] > 60:
            return None
        one, small = np.ones(1, np.int64), np.ones(1, np.uint8)
        year, day = int(part.get("y", -1)), int(part["d"])
        if not is_date(one * (2000 if year < 0 else year), small * month, small * day)[0]:
            return None
        us = (clock[0] * 3600 + clock[1] * 60 + clock[2]) * SECOND + int(part.get("f", "").ljust(6, "0")[:6])
        zones = Zones([part.get("z", "")], one * 0, one == 1)
        at, quality = instants_of(one * year, small * month, small * day, one * us, zones, Context(zone, received))
        return None if at[0] == NONE else (int(at[0]), int(quality[0]))
    return None


def _epoch_one(text: str) -> int:
    whole, _, fraction = text.partition(".")
    number = int(whole)
    if len(whole) <= 10:
        return number * SECOND + int(fraction.ljust(6, "0")[:6])
    if len(whole) <= 13:
        return number * 1000
    return number if len(whole) <= 16 else number // 1000
