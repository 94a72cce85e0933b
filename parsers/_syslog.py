"""The syslog header in front of a line, whoever wrote it, read by vector operations.

Read: `<PRI>` alone; RFC 5424 (structured data is stepped over, a byte order mark before the message too); RFC 3164 with
and without year, fraction or zone; ISO 8601 time stamps (rsyslog's file format); each with or without `<PRI>`; host;
program[pid]:. None of it has to be there. The time is read by `_times`.
What rsyslog wrote once for several (`message repeated 5 times: [ … ]`, its $RepeatedMsgReduction) is unwrapped;
Solaris's `[ID 801593 mail.info]` in front of the message is stepped over.

A line without `<PRI>` whose ISO time is followed by no host and program[pid]: has no header: the time is the message's
own. The same holds for a word that holds `=`, begins like a message (`[ % " {`) or is a number and a comma: it is no
host. A format may know more such words (`Format.not_a_host`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from core.time import from_us
from parsers._digits import number_of
from parsers._distinct import distinct_of
from parsers._format import Context
from parsers._lines import PAD, TAB, Bools, Ints, Lines
from parsers._quotes import BACKSLASH, QUOTE
from parsers._syslog_stamps import STAMP, stamp_end
from parsers._times import Times, read_texts
from parsers._views import Texts, found, no_values, strings, window, words
from parsers._zones import zone_names

SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug")
_SPACE, _COMMA, _DASH, _COLON, _OPENING, _EQUALS, _CLOSING, _OPEN, _CLOSE, _BRACE = b" ,-:<=>[]{"
_NUMBER = 20
"""A comma behind a number stands within so many bytes."""


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
    # rsyslog keeps the blank that follows the tag; no object begins with one.
    at = np.minimum(at + ((lines.text[at] == _SPACE) & (lines.text[at + 1] == _BRACE)), lines.end)
    if not np.array_equal(at, lines.start):
        lines.body = at
    _unwrap(lines)
    named = (fields["host"][1] > fields["host"][0]) | (fields["program"][1] > fields["program"][0])
    readable = times.valid & (named | begun)
    return Header(pri, times, readable, _columns(lines, pri, fields))


_REPEATED = re.compile(rb"message repeated ([0-9]{1,9}) times: \[ ?")
_REPEATED_BEGINS = np.frombuffer(b"message ", np.uint64)[0]
_MARK = re.compile(rb"\[ID [0-9]{1,10} [a-z0-9]{1,20}\.[a-z]{1,20}\] ")
_MARK_BEGINS = np.frombuffer(b"[ID ", np.uint32)[0]


def _unwrap(lines: Lines) -> None:
    """Moves body and end to the message that was repeated, and sets `lines.times`; steps over Solaris's message id."""
    marked = np.flatnonzero(words(lines.text, "<u4")[lines.body] == _MARK_BEGINS)
    if len(marked):
        lines.body = lines.body.copy()
    for row in marked.tolist():
        got = _MARK.match(lines.text[lines.body[row] : lines.end[row]].tobytes())
        lines.body[row] += got.end() if got else 0
    for row in np.flatnonzero(words(lines.text, "<u8")[lines.body] == _REPEATED_BEGINS).tolist():
        got = _REPEATED.match(lines.text[lines.body[row] : lines.end[row]].tobytes())
        if not got:
            continue
        if lines.times is None:
            lines.times, lines.body, lines.end = np.ones(len(lines), np.int64), lines.body.copy(), lines.end.copy()
        lines.times[row] = int(got[1])
        lines.body[row] += got.end()
        lines.end[row] -= lines.text[lines.end[row] - 1] == _CLOSE


def _nothing(lines: Lines) -> Header:
    """No line has a header: none begins with `<` or a letter, and no number is followed by `-`, `/` or a blank."""
    count = len(lines)
    zeros, never = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    names = ("host", "program", "pid", "severity", "facility")
    nothing = no_values(count)
    times = Times(zeros, np.zeros(count, np.uint8), never)
    return Header(zeros - 1, times, never, {f"syslog_{name}": nothing for name in names})


def _columns(lines: Lines, pri: Ints, fields: dict[str, tuple[Ints, Ints]]) -> dict[str, pl.Series]:
    made: dict[str, pl.Series] = {}
    for name, (start, end) in fields.items():
        there = end > start
        made[f"syslog_{name}"] = strings(lines.text, start, end, there) if there.any() else no_values(len(lines))
    made["syslog_severity"] = made["syslog_facility"] = no_values(len(lines))
    if (pri >= 0).any():
        words = pl.Series([*SEVERITIES, None], dtype=pl.String)
        made["syslog_severity"] = words.gather(pl.Series(np.where(pri >= 0, pri & 7, 8)))
        numbers = pl.Series([*map(str, range(24)), None], dtype=pl.String)
        made["syslog_facility"] = numbers.gather(pl.Series(np.where(pri >= 0, pri >> 3, 24)))
    return made


def _skip_spaces(lines: Lines, at: Ints) -> Ints:
    for _ in range(4):
        space = lines.text[at] == _SPACE
        if not space.any():
            break
        at = at + space
    return at


def _priorities(lines: Lines, at: Ints, pri: Ints) -> None:
    """Reads `<PRI>` (0 to 191) and moves behind it and a space; of two the second counts, the device's own."""
    rows = np.flatnonzero(lines.text[at] == _OPENING)
    if len(rows):
        rows = rows[_priority(lines, at, pri, rows)]
        twice = rows[lines.text[at[rows]] == _OPENING]
        if len(twice):
            _priority(lines, at, pri, twice)


def _priority(lines: Lines, at: Ints, pri: Ints, rows: Ints) -> Bools:
    """The same for some lines that have a `<`; which of them have a priority."""
    begin = at[rows] + 1
    width = found(lines.text, _CLOSING, begin, begin + 4) - begin
    number, good = number_of(words(lines.text, "<u8")[begin], width)
    good &= (width < 4) & (number <= 191)
    pri[rows] = np.where(good, number, pri[rows])
    at[rows] = _skip_spaces(lines, at[rows] + np.where(good, width + 2, 0))
    return good


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


class _Front(NamedTuple):
    """Time stamps and the words behind them; places are counted from where the stamp begins.

    `colon`: one stands right behind the stamp. `message`: the message begins with the word, which is no host.
    `reach`: so many bytes were looked at.
    """

    us: npt.NDArray[Any]
    quality: npt.NDArray[Any]
    valid: npt.NDArray[Any]
    colon: npt.NDArray[Any]
    word: npt.NDArray[Any]
    after: npt.NDArray[Any]
    has_host: npt.NDArray[Any]
    message: npt.NDArray[Any]
    reach: npt.NDArray[Any]

    def taken(self, rows: Ints | Bools) -> _Front:
        """The fronts of some lines, or of lines again."""
        return _Front(*(values[rows] for values in self))


def _plain(
    lines: Lines, rows: Ints, iso: Bools, pri: Ints, at: Ints, fields: dict[str, tuple[Ints, Ints]], times: Times,
    context: Context, kind: Literal["program", "host", "none"], not_a_host: str, begun: Bools,
) -> None:  # fmt: skip
    """RFC 3164 and ISO stamps: time, host, program[pid]:; `begun`: time, and a message that can't be a host."""
    if not len(rows):
        return
    front = _fronts(lines, at[rows], lines.end[rows], iso[rows], context, kind, not_a_host)
    if not front.valid.all():
        rows, front = rows[front.valid], front.taken(front.valid)
        if not len(rows):
            return
    begin, end, has_host = at[rows], lines.end[rows], front.has_host
    word, after = begin + front.word, begin + front.after
    tag = np.where(has_host, np.minimum(_skip_spaces(lines, np.minimum(after + 1, end)), end), word)
    tagged = np.zeros(len(rows), np.bool_)
    if kind == "program":
        tag_end = found(lines.text, _SPACE, tag, np.minimum(end, tag + _LONG_TAG))
        tagged, bracket = _tags(lines, tag, tag_end)
    # An ISO time without PRI and without host and tag is the message's own.
    header = ~iso[rows] | (pri[rows] >= 0) | (has_host & tagged) | front.colon
    if kind == "host":
        header |= has_host | front.message
    begun[rows[header & front.message]] = True
    body = tag
    if tagged.any():
        body = np.where(tagged, np.minimum(_skip_spaces(lines, np.minimum(tag_end + 1, end)), end), tag)
        some = np.flatnonzero(tagged & header)
        _put(fields["program"], rows[some], tag[some], np.minimum(bracket, tag_end - 1)[some])
        some = np.flatnonzero(tagged & header & (bracket < tag_end) & (bracket > tag))
        _put(fields["pid"], rows[some], bracket[some] + 1, tag_end[some] - 2)
    body += 2 * ((lines.text[body] == _COLON) & (lines.text[body + 1] == _SPACE))
    # A colon after the host, as Cisco writes it, is no part of the name.
    trim = lines.text[np.maximum(after - 1, 0)] == _COLON
    some = np.flatnonzero(has_host & header)
    _put(fields["host"], rows[some], word[some], (after - trim)[some])
    rows = rows[header]
    at[rows] = body[header]
    _put_times(times, rows, Times(front.us[header], front.quality[header], front.valid[header]))


def _put(field: tuple[Ints, Ints], rows: Ints, start: Ints, end: Ints) -> None:
    field[0][rows], field[1][rows] = start, end


_SAME = 24
"""Bytes by which neighbouring lines are compared: a time stamp, and some more."""
_ALIKE = 64
"""As many bytes may be looked at in lines that are read once."""
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)


def _fronts(
    lines: Lines, begin: Ints, end: Ints, iso: Bools, context: Context,
    kind: Literal["program", "host", "none"], not_a_host: str,
) -> _Front:  # fmt: skip
    """The fronts of lines; neighbours that are the same as far as is looked at are read once."""
    word = words(lines.text, "<u8")
    first = np.ones(len(begin), np.bool_)
    for offset in range(0, _SAME, 8):
        key = word[np.minimum(begin + offset, len(word) - 1)]
        first[1:] &= key[1:] == key[:-1]
    first[1:] = ~first[1:]
    rows = np.flatnonzero(first)
    front = _front(lines, begin[rows], end[rows], iso[rows], context, kind, not_a_host)
    if len(rows) == len(begin):
        return front
    run = np.cumsum(first) - 1
    front = front.taken(run)
    leader = begin[rows][run]
    alike = (front.reach <= end - begin) & (front.reach <= _ALIKE)
    for offset in range(_SAME, min(int(front.reach.max()), _ALIKE), 8):
        other = word[np.minimum(begin + offset, len(word) - 1)] ^ word[np.minimum(leader + offset, len(word) - 1)]
        alike &= other & _MASKS[np.clip(front.reach - offset, 0, 8)] == 0
    rest = np.flatnonzero(~(alike | first))
    if len(rest):
        order = np.where(alike | first, np.arange(len(begin)), 0)
        order[rest] = len(begin) + np.arange(len(rest))
        own = _front(lines, begin[rest], end[rest], iso[rest], context, kind, not_a_host)
        front = _Front(*(np.concatenate(both) for both in zip(front, own, strict=True))).taken(order)
    return front


def _front(
    lines: Lines, begin: Ints, end: Ints, iso: Bools, context: Context,
    kind: Literal["program", "host", "none"], not_a_host: str,
) -> _Front:  # fmt: skip
    """Each line by itself."""
    stop = stamp_end(lines, begin, end, iso, zone_names(context.timezone, from_us(context.received).year))
    got = read_texts(Texts(lines.text, begin, stop, stop > begin), context)
    colon = lines.text[stop] == _COLON
    word = np.minimum(_skip_spaces(lines, stop + colon), end)
    after = found(lines.text, _SPACE, word, np.minimum(end, word + _LONG_HOST))
    has_host = ~colon & _is_host(lines, word, after)
    if kind == "program":
        has_host &= ~_tags(lines, word, after)[0]
    message = _begins_message(lines, word, after, has_host, not_a_host)
    reach = np.maximum(np.maximum(stop + 10, after + 1) - begin, STAMP)
    return _Front(
        got.us, got.quality, got.valid, colon, word - begin, after - begin, has_host & ~message, message, reach
    )


_TAG_BEGIN = np.zeros(256, np.bool_)
_TAG_BEGIN[[*b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_(/\\"]] = True


_LONG_TAG, _LONG_HOST = 81, 256
"""No tag and no host has so many bytes."""


def _tags(lines: Lines, start: Ints, end: Ints) -> tuple[Bools, Ints]:
    """Whether it is `program:` or `program[pid]:`, and where the bracket stands (the end: nowhere).

    A message in capitals such as %ASA-6-302013: is none.
    """
    last = lines.text[np.maximum(end - 1, 0)]
    size = end - start
    tag: Bools = (size >= 2) & (size < _LONG_TAG) & (last == _COLON) & _TAG_BEGIN[lines.text[start]]
    bracket = end.copy()
    rows = np.flatnonzero(tag)
    if len(rows):
        start, end = start[rows], end[rows]
        bracket[rows] = opened = found(lines.text, _OPEN, start, end)
        closed = lines.text[end - 2] == _CLOSE
        tag[rows] = ((opened == end) | closed) & (found(lines.text, _EQUALS, start, end) == end)
    return tag, bracket


def _is_host(lines: Lines, start: Ints, end: Ints) -> Bools:
    first = lines.text[start]
    begins = (first < 127) & (_TAG_BEGIN[first] | (first == _COLON)) & (first != 40) | (first >= 0xC2)
    host: Bools = (end > start) & (end - start < _LONG_HOST) & begins
    host &= found(lines.text, _EQUALS, start, end) == end
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
