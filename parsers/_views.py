"""Text columns that point into the chunk instead of copying it, and text columns as one run of bytes.

An Arrow string view is 16 bytes: the length, then either the text itself (up to 12 bytes) or its first four bytes and
its place in a shared buffer. Polars holds strings in this form, so a column costs four gathers and no copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from parsers._lines import PAD, Bools, Ints, Octets

_INLINE = 12
VIEW = np.dtype({
    "names": ["length", "first", "rest", "place", "inline"], "formats": ["<u4", "<u4", "<u8", "<u4", "V12"],
    "offsets": [0, 4, 8, 12, 4], "itemsize": 16,
})  # fmt: skip
"""`inline` is `first` and `rest`; of a text longer than that, `place` is where it begins."""
Views = npt.NDArray[np.void]
_LONG = _INLINE + 1
_HELD = [(1 << 8 * min(n, _INLINE)) - 1 for n in range(_LONG)] + [(1 << 32) - 1]
_KEPT = np.frombuffer(b"".join((held << 32).to_bytes(16, "little") for held in _HELD), "V16")
"""By length: which bytes of a view hold text; of a long one the first four."""
_BLOCK = 1 << 16


def words(text: Octets, kind: Literal["<u4", "<u8", "V12", "V16", "V32", "V48"]) -> npt.NDArray[Any]:
    """The text as overlapping integers or runs of bytes, one starting at every byte of it and a little beyond."""
    return np.ndarray((len(text) - PAD + 17,), kind, buffer=text, strides=(1,))


_ONES, _TOPS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)


def lowest(marks: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    """Which of the eight bytes of each word is the first that is not zero; 8 where all are."""
    return np.bitwise_count(~marks & (marks - np.uint64(1))) >> np.uint8(3)


def found(text: Octets, byte: int, start: Ints, end: Ints) -> Ints:
    """The first place of a byte from `start` on, `end` where it is not before that: for ends that are near."""
    word, same = words(text, "<u8"), np.uint64(byte) * _ONES
    at = start.copy()
    rows: Ints | slice = slice(None)
    while True:
        other = word[at[rows]] ^ same
        marks = (other - _ONES) & ~other & _TOPS
        at[rows] += lowest(marks)
        more = (marks == 0) & (at[rows] < end[rows])
        if not more.any():
            return np.minimum(at, end)
        rows = np.flatnonzero(more) if isinstance(rows, slice) else rows[more]


def views(text: Octets, start: Ints, length: Ints) -> Views:
    """Views of `text[start:start + length]`. Fastest for ascending starts."""
    made = np.empty(len(start), VIEW)
    near = words(text, "V16")
    for at in range(0, len(start), _BLOCK):  # what is worked out for a block stays in the processor's cache
        rows = slice(at, at + _BLOCK)
        _write(near[start[rows] - 4], start[rows], length[rows], made[rows])
    front = np.flatnonzero((start < 4) & (length > 0))
    if len(front):
        head = np.concatenate((np.zeros(4, np.uint8), text[: 4 + PAD]))
        first = np.empty(len(front), VIEW)
        _write(words(head, "V16")[start[front]], start[front], length[front], first)
        made[front] = first
    return made


def _write(near: npt.NDArray[Any], start: Ints, length: Ints, made: Views) -> None:
    """Makes views of the sixteen bytes from four before each text on: it stands there where it does in its view."""
    size = np.minimum(length, _LONG)
    np.bitwise_and(near.view(np.uint64), _KEPT[size].view(np.uint64), out=made.view(np.uint64))
    made["length"] = length
    long = np.flatnonzero(size == _LONG)
    made["place"][long] = start[long]


def packed(texts: tuple[str, ...]) -> Views:
    """Views of short constants, to compare with."""
    return np.frombuffer(b"".join(len(t).to_bytes(4, "little") + t.encode().ljust(_INLINE, b"\0") for t in texts), VIEW)


def not_among(made: Views, valid: Bools | None, nulls: Views) -> Bools | None:
    """`valid` (None: all) without the views that equal one of `nulls`."""
    length = made["length"].copy()
    for null in nulls:
        equal = length == null["length"]
        if equal.any():
            equal &= (made["first"] == null["first"]) & (made["rest"] == null["rest"])
            if equal.any():
                valid = ~equal if valid is None else valid & ~equal
    return valid


def column(text: Octets, made: Views, valid: Bools | None = None) -> pl.Series:
    """A text column over `text`; null where `valid` is false."""
    mask = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
    made = np.ascontiguousarray(made)
    return pl.Series(pa.Array.from_buffers(pa.string_view(), len(made), [mask, pa.py_buffer(made), pa.py_buffer(text)]))


def no_values(count: int, dtype: pl.DataType | type[pl.DataType] = pl.String) -> pl.Series:
    """A column without any value."""
    return pl.Series([None], dtype=dtype).new_from_index(0, count)


def strings(text: Octets, start: Ints, end: Ints, valid: Bools | None = None) -> pl.Series:
    """The texts from `start` to `end`; null where `valid` is false."""
    if valid is not None:
        start, end = np.where(valid, start, 0), np.where(valid, end, 0)
    return column(text, views(text, start, end - start), valid)


def first_bytes(series: pl.Series) -> npt.NDArray[np.uint32]:
    """The first byte of each text of a column, zero where it has none; anything where it is null."""
    return _held(series)["first"] & np.uint32(255)


def begin_with_letters(series: pl.Series) -> bool:
    """Whether a text of a column begins with an ASCII letter."""
    return bool((((first_bytes(series) | 32) - 97) < 26).any())


def detached(df: pl.DataFrame) -> pl.DataFrame:
    """The same rows with a copy of their own texts, so that they do not hold the chunk that these point into."""
    return pl.DataFrame([_detached(s) if s.dtype == pl.String else s for s in df])


def _detached(series: pl.Series) -> pl.Series:
    array = series.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    if (_views_of(array)["length"] > _INLINE).any():
        return pl.Series(series.name, series.to_arrow(compat_level=pl.CompatLevel.oldest()))
    # Short texts stand in the views. These have to be copied: polars hands over what they might point into with them.
    buffers = [part and pa.py_buffer(part.to_pybytes()) for part in array.buffers()[:2]]
    return pl.Series(series.name, pa.Array.from_buffers(array.type, len(array), buffers, offset=array.offset))


@dataclass(frozen=True, slots=True)
class Texts:
    """A text column as bytes: row i is `text[start[i]:end[i]]`, empty where it is null. `text` is padded."""

    text: Octets
    start: Ints
    end: Ints
    valid: Bools

    @classmethod
    def of(cls, series: pl.Series) -> Texts:
        """Copies the column's texts into one run of bytes."""
        array = series.to_arrow()
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        array = array.cast(pa.large_string())
        count = len(array)
        if not count:
            nothing = np.zeros(0, np.int64)
            return cls(np.zeros(PAD, np.uint8), nothing, nothing, np.zeros(0, np.bool_))
        _, offsets, data = array.buffers()
        bounds = np.frombuffer(offsets, np.int64)[array.offset : array.offset + count + 1]
        first, last = int(bounds[0]), int(bounds[-1])
        octets = np.zeros(last - first + PAD, np.uint8)
        if data is not None:
            octets[: last - first] = np.frombuffer(data, np.uint8)[first:last]
        start, end = bounds[:-1] - first, bounds[1:] - first
        valid = np.ones(count, np.bool_)
        if array.null_count:
            valid = series.is_not_null().to_numpy()  # not by Arrow, whose to_numpy imports pandas
            # A null may keep the text that it had before it became one.
            end = np.where(valid, end, start)
        return cls(octets, start, end, valid)

    def __len__(self) -> int:
        return len(self.start)


def window(text: Octets, start: Ints, end: Ints, width: int) -> Octets:
    """`width` (≤ PAD) bytes from each start, zero from its end on; `[i]` is byte i of all rows.

    A start may lie behind the end of the text, where a line ends with what is looked behind: it has no bytes.
    """
    length = end - start
    last = len(text) - PAD
    rows = np.ndarray((last + 1,), f"V{width}", buffer=text, strides=(1,))[np.minimum(start, last)]
    made = rows.view(np.uint8).reshape(len(start), width)
    if len(start):
        shortest, longest = int(length.min()), int(length.max())
        for i in range(max(shortest, 0), min(longest, width)):
            made[length <= i, i] = 0
        made[:, max(longest, 0) :] = 0
    return made.T


def lowered(text: Octets) -> Octets:
    """The text with its ASCII letters in lower case, the same array if it has no capitals."""
    capital = (text - 65) < 26
    return text | (capital.view(np.uint8) << np.uint8(5)) if capital.any() else text


def holds(series: pl.Series, some: bytes) -> bool:
    """Whether one of these bytes stands anywhere in a text column."""
    octets = _octets(series)
    return any(bool((octets == byte).any()) for byte in some)


def lower(series: pl.Series) -> pl.Series:
    """A text column in lower case; most hold no capital, and a look is cheaper than the change."""
    octets = _octets(series)
    return series.str.to_lowercase() if ((octets - 65) < 26).any() or (octets > 127).any() else series


def upper(series: pl.Series) -> pl.Series:
    """A text column in upper case, the same way."""
    octets = _octets(series)
    return series.str.to_uppercase() if ((octets - 97) < 26).any() or (octets > 127).any() else series


def _octets(series: pl.Series) -> Octets:
    """All bytes of a text column, in no order, and zeros."""
    made = _held(series)
    short = made["length"] <= _INLINE
    inline = made["inline"][short].view(np.uint8)
    return inline if short.all() else np.append(inline, Texts.of(series.filter(pl.Series(~short))).text)


def _held(series: pl.Series) -> Views:
    """The views of a text column; anything where it is null."""
    return _views_of(series.rechunk().to_arrow(compat_level=pl.CompatLevel.newest()))


def _views_of(array: pa.Array) -> Views:
    if not len(array):
        return np.zeros(0, VIEW)
    return np.frombuffer(array.buffers()[1], VIEW)[array.offset : array.offset + len(array)]
