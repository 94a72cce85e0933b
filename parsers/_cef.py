r"""The shapes of CEF and LEEF: a header of fields between bars, then pairs of key and value.

`CEF:0|vendor|product|version|signature|name|severity|key=value key=value`: a value is not quoted and goes to the blank
before the next key; `\=`, `\\`, `\n` and `\r` are escaped in it, `\|` and `\\` in the header.
`LEEF:1.0|vendor|product|version|event|` and pairs between tabs; `LEEF:2.0|…|event|delimiter|` names another delimiter.
rsyslog writes a tab that it received as `#011`, and a CR at the end as `#015`.

References: ArcSight Common Event Format, implementation standard, version 26; IBM QRadar, Log Event Extended Format
version 2. Of a key that comes twice the first counts: what a client can write comes after what the device writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from parsers._lines import PAD, SPACE, Bools, Ints, Lines, Octets, written_out
from parsers._pairs import UNKNOWN, Keys, Pairs, null_texts, text_columns
from parsers._quotes import BACKSLASH, EQUALS
from parsers._views import strings, views

_BAR, _TAB, _CARET = 124, 9, 94
_WRITTEN_TAB = b"#011"
_WRITTEN_CR = np.frombuffer(b"#015", np.uint8)
_WRITTEN = 0
"""The delimiter of a line whose tabs are written out."""
_CODE = re.compile(rb"(?:0?x|\\x)([0-9a-fA-F]{2,4})")
_KEY = np.zeros(256, np.bool_)
_KEY[list(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-[]")] = True
HEADER = ("_vendor", "_product", "_version", "_signature", "_name", "_severity")
_ESCAPE = re.compile(r"\\([\\=|nr])")
_MEANS = {"n": "\n", "r": "\r"}


def cef(*keys: str, nulls: tuple[str, ...] = ()) -> Callable[[Lines], pl.DataFrame]:
    """A text column for each of `keys`, the six fields of the header, and `_cef`: whether the line is CEF at all.

    A value that equals one of `nulls` is null.
    """
    wanted, empty = Keys(keys), null_texts(nulls)

    def shape(lines: Lines) -> pl.DataFrame:
        lines = _ended(lines)
        begin = begins(lines, b"CEF:")
        there, bars = _header(lines, begin, 7)
        heads = _fields(lines, begin, bars, there, HEADER)
        pairs = _pairs(lines, np.where(there, bars[6] + 1, 0), there)
        return pl.DataFrame({**heads, **value_columns(lines, pairs, wanted, empty), "_cef": there})

    return shape


def leef(*keys: str) -> Callable[[Lines], pl.DataFrame]:
    """A text column for each of `keys`, the four fields of the header, and `_leef`: whether the line is LEEF at all."""
    wanted, nulls = Keys(keys), null_texts(())

    def shape(lines: Lines) -> pl.DataFrame:
        lines = _ended(lines)
        begin = begins(lines, b"LEEF:")
        there, bars = _header(lines, begin, 5)
        heads = _fields(lines, begin, bars[:5], there, ("_vendor", "_product", "_version", "_event"))
        pairs = _between(lines, begin, bars[4] + 1, there)
        return pl.DataFrame({**heads, **value_columns(lines, pairs, wanted, nulls), "_leef": there})

    return shape


def _ended(lines: Lines) -> Lines:
    """The lines without the CR that rsyslog wrote out at their ends."""
    first = lines.end - len(_WRITTEN_CR)
    written = first > lines.start
    for i, byte in enumerate(_WRITTEN_CR):
        written &= lines.text[np.maximum(first, 0) + i] == byte
    return replace(lines, end=np.where(written, first, lines.end)) if written.any() else lines


def begins(lines: Lines, mark: bytes) -> Ints:
    """Where the mark stands first in each line, −1 where it doesn't. What stands before it is the syslog header's."""
    first = _all(lines, mark)
    begin = np.full(len(lines), -1, np.int64)
    if len(first):
        index = np.searchsorted(first, lines.start)
        found = first[np.minimum(index, len(first) - 1)]
        begin = np.where((index < len(first)) & (found < lines.end), found, -1)
    return begin


def _all(lines: Lines, mark: bytes) -> Ints:
    """Every place of the mark."""
    at = lines.positions(mark[0])
    for i, byte in enumerate(mark[1:], 1):
        at = at[lines.text[at + i] == byte]
    return at


def unescaped_places(lines: Lines, byte: int) -> Ints:
    """Where a byte stands behind an even number of backslashes."""
    at, slashes = lines.positions(byte), lines.positions(BACKSLASH)
    if not len(slashes) or not len(at):
        return at
    behind = np.flatnonzero(lines.text[at - 1] == BACKSLASH)
    begins = np.ones(len(slashes), np.bool_)
    begins[1:] = np.diff(slashes) != 1
    run = slashes[np.maximum.accumulate(np.where(begins, np.arange(len(slashes)), 0))]
    odd = (at[behind] - run[np.searchsorted(slashes, at[behind] - 1)]) & 1
    keep = np.ones(len(at), np.bool_)
    keep[behind[odd == 1]] = False
    return at[keep]


def _header(lines: Lines, begin: Ints, count: int) -> tuple[Bools, list[Ints]]:
    """Which lines have the bars of a header, and where these stand."""
    at = unescaped_places(lines, _BAR)
    there = begin >= 0
    bars: list[Ints] = []
    index = np.searchsorted(at, np.maximum(begin, 0))
    for i in range(count):
        place = at[np.minimum(index + i, len(at) - 1)] if len(at) else np.zeros(len(lines), np.int64)
        there = there & (index + i < len(at)) & (place < lines.end)
        bars.append(place)
    return there, bars


def _fields(lines: Lines, begin: Ints, bars: list[Ints], there: Bools, names: tuple[str, ...]) -> dict[str, pl.Series]:
    made = {}
    for name, first, second in zip(names, bars, bars[1:], strict=False):
        series = strings(lines.text, first + 1, second, there)
        if len(lines.positions(BACKSLASH)):
            rows = np.flatnonzero(there & (lines.following(BACKSLASH, first) < second))
            series = _unescaped(series, rows) if len(rows) else series
        made[name] = series
    return made


def _pairs(lines: Lines, first: Ints, there: Bools) -> Pairs:
    """Key and value of CEF's extension: an `=` behind a word that begins the extension or follows a blank."""
    text = lines.text
    at = unescaped_places(lines, EQUALS)
    row = np.searchsorted(lines.start, at, side="right") - 1
    keep = (row >= 0) & there[row] & (at > first[row]) & (at < lines.end[row])
    at, row = at[keep], row[keep]
    # The word before each =: from the last byte that belongs to no key.
    odd = np.flatnonzero(~_KEY[text[:-PAD]])
    before = odd[np.searchsorted(odd, at) - 1]
    key = np.maximum(before + 1, first[row])
    keep = (key < at) & ((key == first[row]) | (text[key - 1] == SPACE))
    at, row, key = at[keep], row[keep], key[keep]
    end = lines.end[row]
    same = row[1:] == row[:-1]
    end[:-1][same] = key[1:][same] - 1
    return Pairs(row, key, at, at + 1, _trimmed(text, at + 1, end))


def _between(lines: Lines, begin: Ints, first: Ints, there: Bools) -> Pairs:
    """Key and value of LEEF: up to the delimiter, which is a tab unless a header of version 2 names another."""
    rows = np.flatnonzero(there)
    first, end = first[rows], lines.end[rows]
    first, delimiter = _delimiters(lines, begin[rows], first, end)
    parts = [
        pieces(lines, rows[delimiter == byte], first[delimiter == byte], *_places(lines, int(byte)))
        for byte in np.unique(delimiter)
    ]
    row, start, stop = (np.concatenate([part[i] for part in parts] or [rows]) for i in range(3))
    order = np.argsort(start, kind="stable")
    row, start, stop = row[order], start[order], stop[order]
    for _ in range(4):
        start = start + ((lines.text[start] == SPACE) & (start < stop))
    equals = lines.following(EQUALS, start)
    keep = np.flatnonzero((equals < stop) & (equals > start))
    return Pairs(row, start, equals, equals + 1, stop).taken(keep)


def _places(lines: Lines, delimiter: int) -> tuple[Ints, int]:
    """Where a delimiter stands, and how many bytes it has."""
    if delimiter != _WRITTEN:
        return lines.positions(delimiter), 1
    return _all(lines, _WRITTEN_TAB), len(_WRITTEN_TAB)


def pieces(lines: Lines, rows: Ints, first: Ints, at: Ints, width: int = 1) -> tuple[Ints, Ints, Ints]:
    """The pieces between delimiters of `width` bytes that stand `at`: line, begin, end."""
    low, high = np.searchsorted(at, first), np.searchsorted(at, lines.end[rows])
    count = high - low + 1
    row, number = np.repeat(rows, count), np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    index = np.repeat(low, count) + number
    padded = np.append(at, len(lines.text))
    start = np.where(number == 0, np.repeat(first, count), padded[np.maximum(index - 1, 0)] + width)
    stop = np.where(number == np.repeat(count - 1, count), lines.end[row], padded[np.minimum(index, len(at))])
    return row, start, stop


def _delimiters(lines: Lines, begin: Ints, first: Ints, end: Ints) -> tuple[Ints, Ints]:
    r"""Where the pairs begin, and the byte between them.

    A header of version 2 names it: the character, or its code as `x09`, `0x09` or `\x09`. Some products write `^` for
    the tab of version 1.
    """
    delimiter = np.full(len(begin), _TAB)
    bar = lines.following(_BAR, first)
    named = (lines.text[begin + 5] == ord("2")) & (bar < end) & (bar - first <= 6)
    named &= lines.following(EQUALS, first) > bar
    for row in np.flatnonzero(named & (bar > first)).tolist():
        text = lines.text[first[row] : bar[row]].tobytes()
        code = _CODE.fullmatch(text)
        byte = int(code[1], 16) if code else _WRITTEN if text == _WRITTEN_TAB else text[0]
        delimiter[row] = byte if byte < 128 else _TAB
    first = np.where(named, bar + 1, first)
    tabless = (delimiter == _TAB) & (lines.following(_TAB, first) >= end)
    delimiter[tabless & (lines.following(_CARET, first) < end)] = _CARET
    if tabless.any():
        written = np.append(_all(lines, _WRITTEN_TAB), len(lines.text))
        delimiter[tabless & (written[np.searchsorted(written, first)] < end)] = _WRITTEN
    return first, delimiter


def _trimmed(text: Octets, start: Ints, end: Ints) -> Ints:
    """The ends without the blanks before them."""
    end = end.copy()
    rows = np.flatnonzero((end > start) & (text[np.maximum(end - 1, 0)] == SPACE))
    while len(rows):
        end[rows] -= 1
        rows = rows[(end[rows] > start[rows]) & (text[np.maximum(end[rows] - 1, 0)] == SPACE)]
    return end


def value_columns(
    lines: Lines, pairs: Pairs, wanted: Keys, nulls: np.ndarray, escape: re.Pattern[str] = _ESCAPE
) -> dict[str, pl.Series]:
    """A text column for each wanted key, without the escapes; `pairs` in the order of the text."""
    number = wanted.numbers(lines.text, pairs.key, pairs.key_end)
    keep = np.flatnonzero(number != UNKNOWN)
    number, pairs = number[keep], pairs.taken(keep)
    made = views(lines.text, pairs.start, np.maximum(pairs.end - pairs.start, 0))
    order = np.argsort(number, kind="stable")
    columns = text_columns(lines.text, made[order], number[order], pairs.row[order], wanted.names, len(lines), nulls)
    slashes = lines.positions(BACKSLASH)
    if len(slashes) and len(pairs.start):
        # The pairs are in the order of the text: only values that hold a backslash are looked at.
        index = np.searchsorted(pairs.start, slashes, side="right") - 1
        index = np.unique(index[(index >= 0) & (slashes < pairs.end[index])])
        for key in np.unique(number[index]).tolist():
            name = wanted.names[key]
            columns[name] = _unescaped(columns[name], np.unique(pairs.row[index[number[index] == key]]), escape)
    return columns


def _unescaped(series: pl.Series, rows: Ints, escape: re.Pattern[str] = _ESCAPE) -> pl.Series:
    """A text column without the escapes in some rows; a line break comes out as `\\x0a`, as everywhere."""
    plain = [None if text is None else _plain(text, escape) for text in series.gather(rows).to_list()]
    return series.scatter(pl.Series(rows), pl.Series(plain, dtype=pl.String))


def _plain(text: str, escape: re.Pattern[str]) -> str:
    made = escape.sub(lambda got: _MEANS.get(got[1], got[1]), text)
    return written_out(made) if "\n" in made or "\r" in made else made
