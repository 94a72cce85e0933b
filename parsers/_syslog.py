"""The syslog header in front of a line, whoever wrote it, read by vector operations.

Read: `<PRI>` alone; RFC 5424 (structured data is stepped over, a byte order mark before the message too); RFC 3164 with
and without year, fraction or zone; ISO 8601 time stamps (rsyslog's file format); each with or without `<PRI>`; host;
program[pid]:. None of it has to be there. The time is read by `_times`.

A line without `<PRI>` whose ISO time is followed by no host and program[pid]: has no header: the time is the message's
own. The same holds for a word that holds `=`, begins like a message (`[ % " {`) or is a number and a comma: it is no
host. A format may know more such words (`Format.not_a_host`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from core.time import from_us
from parsers._distinct import distinct_of
from parsers._format import Context
from parsers._lines import PAD, TAB, Bools, Ints, Lines
from parsers._quotes import BACKSLASH, QUOTE
from parsers._times import Times, read_texts
from parsers._views import Texts, strings, window, words
from parsers._zones import zone_names

SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug")
_SPACE, _COMMA, _DASH, _COLON, _OPEN, _CLOSE = 32, 44, 45, 58, 91, 93
_NUMBER = 20
"""A comma behind a number stands within so many bytes."""
_STAMP = 24
"""The clock of a time stamp begins and ends within so many bytes."""


@dataclass(slots=True)
class Header:
    """What the headers say. `readable`: a time, and a host or a program. Ranges with start == end are missing."""

    pri: Ints
    times: Times
    readable: Bools
    columns: dict[str, pl.Series]


def read_header(
    lines: Lines, context: Context, kind: Literal["program", "host", "none"], not_a_host: str = ""
) -> Header:
    """Reads the headers and moves `lines.body` behind them. `kind` and `not_a_host` are those of `Format`."""
    count = len(lines)
    first = lines.text[lines.start]
    number = (first >= 48) & (first <= 57)
    if kind == "none" or (number.all() and not (lines.text[lines.start + 4] <= 47).any()):
        return _nothing(lines)
    at = lines.start.copy()
    pri = np.full(count, -1, np.int64)
    nothing = np.zeros(count, np.int64)
    fields = {name: (nothing.copy(), nothing.copy()) for name in ("host", "program", "pid")}
    times = Times(nothing.copy(), np.zeros(count, np.uint8), np.zeros(count, np.bool_))
    begun = np.zeros(count, np.bool_)
    if count:
        _priorities(lines, at, pri)
        first = lines.text[at]
        second = lines.text[at + 1]
        digits = (first >= 48) & (first <= 57)
        named = ((first | 32) >= 97) & ((first | 32) <= 122) & (lines.text[at + 3] == _SPACE)
        newer = digits & (second == _SPACE) & (pri >= 0) | ((first == 49) & (second == _SPACE))
        iso = digits & ((lines.text[at + 4] == 45) | (lines.text[at + 4] == 47)) & ~newer
        _structured(lines, np.flatnonzero(newer), at, fields, times, context)
        _plain(lines, np.flatnonzero(named | iso), iso, pri, at, fields, times, context, kind, not_a_host, begun)
    at = np.minimum(at, lines.end)
    if not np.array_equal(at, lines.start):
        lines.body = at
    named = (fields["host"][1] > fields["host"][0]) | (fields["program"][1] > fields["program"][0])
    readable = times.valid & (named | begun)
    return Header(pri, times, readable, _columns(lines, pri, fields))


def _nothing(lines: Lines) -> Header:
    """No line has a header: none begins with `<` or a letter, and no number is followed by `-`, `/` or a blank."""
    count = len(lines)
    zeros, never = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    names = ("host", "program", "pid", "severity", "facility")
    nothing = _nulls(count)
    times = Times(zeros, np.zeros(count, np.uint8), never)
    return Header(zeros - 1, times, never, {f"syslog_{name}": nothing for name in names})


def _columns(lines: Lines, pri: Ints, fields: dict[str, tuple[Ints, Ints]]) -> dict[str, pl.Series]:
    made: dict[str, pl.Series] = {}
    for name, (start, end) in fields.items():
        there = end > start
        made[f"syslog_{name}"] = strings(lines.text, start, end, there) if there.any() else _nulls(len(lines))
    made["syslog_severity"] = made["syslog_facility"] = _nulls(len(lines))
    if (pri >= 0).any():
        words = pl.Series([*SEVERITIES, None], dtype=pl.String)
        made["syslog_severity"] = words.gather(pl.Series(np.where(pri >= 0, pri & 7, 8)))
        numbers = pl.Series([*map(str, range(24)), None], dtype=pl.String)
        made["syslog_facility"] = numbers.gather(pl.Series(np.where(pri >= 0, pri >> 3, 24)))
    return made


def _nulls(count: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, count)


def _skip_spaces(lines: Lines, at: Ints) -> Ints:
    for _ in range(4):
        space = lines.text[at] == _SPACE
        if not space.any():
            break
        at = at + space
    return at


def _priorities(lines: Lines, at: Ints, pri: Ints) -> None:
    """Reads `<PRI>` (0 to 191) and moves behind it and a space."""
    rows = np.flatnonzero(lines.text[at] == 60)
    if not len(rows):
        return
    head = window(lines.text, at[rows] + 1, lines.end[rows], 4)
    for width in (1, 2, 3):
        ok = head[width] == 62
        value = np.zeros(len(rows), np.int64)
        for i in range(width):
            digit = head[i] - 48
            ok &= digit <= 9
            value = value * 10 + digit
        ok &= value <= 191
        pri[rows[ok]] = value[ok]
        at[rows[ok]] += width + 2
    at[rows] = _skip_spaces(lines, at[rows])


_DATA = re.compile(rb'(?:\[(?:[^"\]]++|"(?:[^"\\]++|\\.)*+")*+\])+(?= |$)')
_BOM = (0xEF, 0xBB, 0xBF)


def _structured(
    lines: Lines, rows: Ints, at: Ints, fields: dict[str, tuple[Ints, Ints]], times: Times, context: Context
) -> None:
    """RFC 5424: version, time, host, program, pid and message id between single spaces, then the structured data."""
    if not len(rows):
        return
    spaces = lines.positions(_SPACE)
    gaps = spaces[np.minimum(np.searchsorted(spaces, at[rows])[:, None] + np.arange(6), len(spaces) - 1)]
    data, end = gaps[:, 5] + 1, lines.end[rows]
    good = (data <= end) & (lines.following(TAB, at[rows]) > gaps[:, 5])
    for i in range(5):
        good &= gaps[:, i + 1] > gaps[:, i] + 1
    rows, gaps, data, end = rows[good], gaps[good], data[good], end[good]
    stop = _data_end(lines, data, end)
    good = (stop == end) | ((stop < end) & (lines.text[stop] == _SPACE))
    rows, gaps, data, end, stop = rows[good], gaps[good], data[good], end[good], stop[good]
    for number, name in enumerate(("host", "program", "pid"), 1):
        start, behind = gaps[:, number] + 1, gaps[:, number + 1]
        there = (behind - start > 1) | (lines.text[start] != _DASH)
        fields[name][0][rows[there]], fields[name][1][rows[there]] = start[there], behind[there]
    stamps = Texts(lines.text, gaps[:, 0] + 1, gaps[:, 1], np.ones(len(rows), np.bool_))
    _put_times(times, rows, read_texts(stamps, context))
    there = stop > data + 1  # more than `-`
    if there.any():
        lines.data = np.zeros(len(lines), np.int64), np.zeros(len(lines), np.int64)
        lines.data[0][rows[there]], lines.data[1][rows[there]] = data[there], stop[there]
    after = np.minimum(stop + 1, end)
    marked = np.logical_and.reduce([lines.text[after + i] == byte for i, byte in enumerate(_BOM)])
    at[rows] = after + 3 * marked


def _data_end(lines: Lines, begin: Ints, end: Ints) -> Ints:
    """Where structured data ends: behind the first `]` that is outside of quotes and no `[` follows; or beyond `end`.

    Only lines that escape something in it are looked at one by one.
    """
    beyond = len(lines.text) - PAD
    quotes, close = lines.positions(QUOTE), lines.positions(_CLOSE)
    owner = np.searchsorted(begin, close, side="right") - 1
    close, owner = close[owner >= 0], owner[owner >= 0]
    within = (np.searchsorted(quotes, close) - np.searchsorted(quotes, begin)[owner]) & 1
    last = np.append(close[(within == 0) & (lines.text[close + 1] != _OPEN)], beyond)
    stop = last[np.searchsorted(last, begin)] + 1
    first = lines.text[begin]
    stop = np.where(first == _OPEN, stop, np.where((first == _DASH) & (begin < end), begin + 1, beyond))
    for row in np.flatnonzero((first == _OPEN) & (lines.following(BACKSLASH, begin) < np.minimum(stop, end))).tolist():
        got = _DATA.match(lines.text[begin[row] : end[row]].tobytes())
        stop[row] = begin[row] + got.end() if got else beyond
    return stop


def _put_times(times: Times, rows: Ints, got: Times) -> None:
    times.us[rows], times.quality[rows], times.valid[rows] = got.us, got.quality, got.valid


def _plain(
    lines: Lines, rows: Ints, iso: Bools, pri: Ints, at: Ints, fields: dict[str, tuple[Ints, Ints]], times: Times,
    context: Context, kind: Literal["program", "host", "none"], not_a_host: str, begun: Bools,
) -> None:  # fmt: skip
    """RFC 3164 and ISO stamps: time, host, program[pid]:; `begun`: time, and a message that can't be a host."""
    if not len(rows):
        return
    begin, end = at[rows], lines.end[rows]
    stop, got = _stamps(lines, begin, end, iso[rows], context)
    keep = got.valid
    rows, begin, end, stop = rows[keep], begin[keep], end[keep], stop[keep]
    got = Times(got.us[keep], got.quality[keep], got.valid[keep])
    if not len(rows):
        return
    colon = lines.text[stop] == _COLON
    word = _skip_spaces(lines, stop + colon)
    after = np.minimum(lines.following(_SPACE, word), end)
    tagged = _is_tag(lines, word, after) if kind == "program" else np.zeros(len(rows), np.bool_)
    has_host = ~tagged & ~colon & _is_host(lines, word, after)
    message = _begins_message(lines, word, after, has_host, not_a_host)
    has_host &= ~message
    tag = np.where(has_host, np.minimum(_skip_spaces(lines, np.minimum(after + 1, end)), end), word)
    tag_end = np.minimum(lines.following(_SPACE, tag), end)
    if kind == "program":
        tagged |= has_host & _is_tag(lines, tag, tag_end)
    # An ISO time without PRI and without host and tag is the message's own.
    header = ~iso[rows] | (pri[rows] >= 0) | (has_host & tagged) | ((kind == "host") & (has_host | message)) | colon
    begun[rows[header & message]] = True
    rows, has_host, tagged = rows[header], has_host[header], tagged[header]
    word, after, tag, tag_end, end = word[header], after[header], tag[header], tag_end[header], end[header]
    _put_times(times, rows, Times(got.us[header], got.quality[header], got.valid[header]))
    hosts, programs, pids = fields["host"], fields["program"], fields["pid"]
    at[rows] = np.where(tagged, np.minimum(_skip_spaces(lines, np.minimum(tag_end + 1, end)), end), tag)
    loose = (lines.text[at[rows]] == _COLON) & (lines.text[at[rows] + 1] == _SPACE)
    at[rows[loose]] += 2
    # A colon after the host, as Cisco writes it, is no part of the name.
    trim = has_host & (lines.text[np.maximum(after - 1, 0)] == _COLON)
    hosts[0][rows[has_host]], hosts[1][rows[has_host]] = word[has_host], (after - trim)[has_host]
    bracket = np.minimum(lines.following(_OPEN, tag), tag_end)
    with_pid = tagged & (bracket < tag_end) & (bracket > tag)
    name_end = np.where(with_pid, bracket, tag_end - 1)
    programs[0][rows[tagged]], programs[1][rows[tagged]] = tag[tagged], name_end[tagged]
    pids[0][rows[with_pid]], pids[1][rows[with_pid]] = (bracket + 1)[with_pid], (tag_end - 2)[with_pid]


_SAME = 24
"""Bytes by which neighbouring lines are compared: a time stamp of RFC 3164, a year or zone behind it, and some more."""


def _stamps(lines: Lines, begin: Ints, end: Ints, iso: Bools, context: Context) -> tuple[Ints, Times]:
    """Where the time stamps end, and the times: neighbours with the same bytes are read once."""
    names = zone_names(context.timezone, from_us(context.received).year)
    word = words(lines.text, "<u8")
    first = np.ones(len(begin), np.bool_)
    first[1:] = end[1:] - begin[1:] < _SAME
    for at in range(0, _SAME, 8):
        key = word[begin + at]
        first[1:] |= key[1:] != key[:-1]
    rows = np.flatnonzero(first)
    if len(rows) < len(begin):
        stop = _stamp_end(lines, begin[rows], end[rows], iso[rows], names)
        if int((stop - begin[rows]).max()) + 8 <= _SAME:
            got = read_texts(Texts(lines.text, begin[rows], stop, stop > begin[rows]), context)
            run = np.cumsum(first) - 1
            return begin + (stop - begin[rows])[run], Times(got.us[run], got.quality[run], got.valid[run])
    stop = _stamp_end(lines, begin, end, iso, names)
    return stop, read_texts(Texts(lines.text, begin, stop, stop > begin), context)


def _stamp_end(lines: Lines, begin: Ints, end: Ints, iso: Bools, names: tuple[str, ...]) -> Ints:
    """Where a time stamp ends: behind the clock, its fraction and zone, and a year or the zone's name that follow."""
    head = window(lines.text, begin, end, _STAMP)
    stop = begin.copy()
    clock = np.where((head[9] == _COLON) & (head[12] == _COLON), 9, 0)
    rest = np.flatnonzero(clock == 0)
    for i in range(4, 20) if len(rest) else ():
        here = (clock[rest] == 0) & (head[i, rest] == _COLON) & (head[i + 3, rest] == _COLON)
        clock[rest[here]] = i
    good = clock > 0
    stop[good] = begin[good] + clock[good] + 6
    first = lines.text[stop]
    tail = good & ((first == 46) | (first == 44) | (iso & ((first == 43) | (first == 45) | (first == 90))))
    if tail.any():
        stop[tail] = np.minimum(lines.following(_SPACE, stop[tail]), end[tail])
        colon = tail & (lines.text[np.maximum(stop - 1, 0)] == _COLON)
        stop[colon] -= 1
    more = good & ~iso & (lines.text[stop] == _SPACE)
    first = lines.text[stop + 1]
    rows = np.flatnonzero(more & ((first == 49) | (first == 50)))
    if len(rows):
        year = window(lines.text, stop[rows], end[rows], 7)
        ends = (year[5] == _SPACE) | (year[5] == 0) | ((year[5] == _COLON) & ((year[6] == _SPACE) | (year[6] == 0)))
        follows = ends & np.logical_and.reduce((year[2:5] >= 48) & (year[2:5] <= 57))
        stop[rows[follows]] += 5
    for name in names:
        rows = np.flatnonzero(more & (lines.text[stop + 1] == ord(name[0])))
        if len(rows):
            zone = window(lines.text, stop[rows], end[rows], len(name) + 2)
            spelt = (zone[-1] == _SPACE) | (zone[-1] == _COLON)
            for i, letter in enumerate(name.encode(), 1):
                spelt &= zone[i] == letter
            stop[rows[spelt]] += len(name) + 1
    return np.minimum(stop, end)


_TAG_BEGIN = np.zeros(256, np.bool_)
_TAG_BEGIN[[*b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_(/\\"]] = True


def _is_tag(lines: Lines, start: Ints, end: Ints) -> Bools:
    """`program:` or `program[pid]:`; a message in capitals such as %ASA-6-302013: is none."""
    last = lines.text[np.maximum(end - 1, 0)]
    tag: Bools = (end - start >= 2) & (end - start <= 80) & (last == _COLON) & _TAG_BEGIN[lines.text[start]]
    rows = np.flatnonzero(tag)
    if len(rows):
        start, end = start[rows], end[rows]
        bracket = np.minimum(lines.following(_OPEN, start), end)
        closed = lines.text[end - 2] == _CLOSE
        tag[rows] = ((bracket == end) | closed) & ~_holds(lines, 61, start, end)
    return tag


def _is_host(lines: Lines, start: Ints, end: Ints) -> Bools:
    first = lines.text[start]
    begins = (first < 127) & (_TAG_BEGIN[first] | (first == _COLON)) & (first != 40) | (first >= 0xC2)
    host: Bools = (end > start) & (end - start <= 255) & begins & ~_holds(lines, 61, start, end)
    rows = np.flatnonzero(host & ((first - 48) <= 9))
    if len(rows):
        # A message of values between commas, which no host stands before: its first value is a number.
        host[rows] = ~(window(lines.text, start[rows], end[rows], _NUMBER) == _COMMA).any(axis=0)
    return host


def _begins_message(lines: Lines, start: Ints, end: Ints, which: Bools, not_a_host: str) -> Bools:
    """Whether a word is one with which a message of the format begins."""
    if not not_a_host or not which.any():
        return np.zeros(len(start), np.bool_)
    distinct, index = distinct_of(strings(lines.text, start, end, which))
    begins: Bools = distinct.str.contains(not_a_host).gather(index).fill_null(value=False).to_numpy()
    return begins


def _holds(lines: Lines, byte: int, start: Ints, end: Ints) -> Bools:
    return lines.following(byte, start) < end
