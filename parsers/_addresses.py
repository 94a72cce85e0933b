"""Addresses of network and hardware in their one canonical form.

IPv4 takes four decimal numbers from 0 to 255 without leading zeros (`010` is octal to some and decimal to others: such
a text is no address). IPv6 is compressed, in lower case, without scope id; IPv4-mapped is IPv4. Hardware addresses are
six pairs of lower-case hex digits with colons.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from parsers._lines import PAD, Bools, Ints, Octets
from parsers._views import Texts, no_values, words

_V4_PREFIX = bytes(10) + b"\xff\xff"
_BLANK, _DOT, _COLON = 32, 46, 58
_LONGEST = 39
"""Bytes of an IPv6 address in its canonical form."""


def addresses(series: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series | None]:
    """(address in canonical text, its 16 bytes, the text where it is no address); each null where it doesn't apply.

    The third is None where every text is an address.
    """
    texts = Texts.of(series)
    octets, known = _ipv4(texts)
    others = np.flatnonzero(texts.valid & ~known)
    start, end = texts.start[others], texts.end[others]
    places = np.flatnonzero(texts.text[:-PAD] == _COLON)
    first, behind = np.searchsorted(places, start), np.searchsorted(places, end)
    colons = behind - first
    rows = np.flatnonzero((colons >= 2) & (colons <= 8) & (end - start <= _LONGEST))
    six = others[rows]
    octets[six], known[six] = _ipv6(texts.text, start[rows], end[rows], places, first[rows], colons[rows])
    if known[others].all():
        return series, _packed(octets, known), None
    # Everything else that has a colon, or is wrapped in blanks, may be an address in a rarer form.
    wrapped = (texts.text[start] == _BLANK) | (texts.text[np.maximum(end - 1, 0)] == _BLANK)
    rows = others[~known[others] & ((colons > 0) | wrapped)]
    given = series.gather(rows).to_list()
    found = [address_of(text) for text in given]
    good = np.array([got is not None for got in found], np.bool_)
    known[rows[good]] = True
    octets[rows[good]] = np.frombuffer(b"".join(got[1] for got in found if got), np.uint8).reshape(-1, 16)
    nothing = no_values(len(series))
    text = series if (known | ~texts.valid).all() else series.zip_with(pl.Series(known), nothing)
    changed = [i for i, (got, was) in enumerate(zip(found, given, strict=True)) if got and got[0] != was]
    if changed:
        # scatter changes the column itself, which is still the caller's.
        text = text.clone().scatter(rows[changed], [got[0] for i in changed if (got := found[i])])
    hosts = pl.Series(texts.valid & ~known & (texts.end > texts.start))
    host = series.zip_with(hosts, nothing).str.strip_chars() if hosts.any() else None
    return text, _packed(octets, known), host


def _packed(octets: Octets, known: Bools) -> pl.Series:
    """A column of views of 16 bytes each; null where not known."""
    made = np.empty((len(known), 4), np.uint32)
    made[:, 0], made[:, 2] = 16, 0
    made[:, 1] = octets.view(np.uint32)[:, 0]
    made[:, 3] = np.arange(0, 16 * len(known), 16)
    mask = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    buffers = [mask, pa.py_buffer(made), pa.py_buffer(octets)]
    return pl.Series(pa.Array.from_buffers(pa.binary_view(), len(known), buffers))


_SIZES = np.array([(0, 0, 0, 0), *itertools.product((1, 2, 3), repeat=4)], np.uint32)
"""How many digits the four numbers of an IPv4 address can have; row 0: it is none."""


def _forms() -> npt.NDArray[np.uint8]:
    """Bits where dots stand, and one where the text ends → the row of `_SIZES`."""
    table = np.zeros(1 << 16, np.uint8)
    for number, sizes in enumerate(_SIZES[1:].tolist(), 1):
        table[sum(1 << sum(sizes[: i + 1]) + i for i in range(4))] = number
    return table


_FORM = _forms()
_WITHIN = np.array([(1 << n) - 1 if 7 <= n <= 15 else 0 for n in range(17)], np.uint64)
_END = np.array([1 << n if 7 <= n <= 15 else 0 for n in range(17)], np.uint64)
"""By length of the text: the bits of its bytes, and the one behind them."""
_SHIFT = 8 * (4 - _SIZES)
_ZEROS = np.uint32(0x30303030) << _SHIFT
_LEAST = np.array([0, 0, 10, 100], np.uint32)[_SIZES]
_SECOND, _FOURTH = (8 * (_SIZES[:, i] + 1).astype(np.uint64) for i in (0, 2))
_THIRD = (_SIZES[:, 0] + _SIZES[:, 1] + 2).astype(np.int64)
"""For each form and number: what brings its digits to the end of four bytes, what zeros they are then, and its least
value without a leading zero; and where the second number stands behind the first, the third in the text, the fourth
behind the third."""


def _ipv4(texts: Texts) -> tuple[Octets, Bools]:
    """16 bytes a text (IPv4 mapped), and whether it is an IPv4 address."""
    count = len(texts)
    size = np.minimum(texts.end - texts.start, 16)
    both = words(texts.text, "V16")[texts.start].view(np.uint64).reshape(count, 2)
    front = both[:, 0]
    dots = _dots(front) | _dots(both[:, 1]) << np.uint64(8)
    form = _FORM.take((dots & _WITHIN.take(size) | _END.take(size)).view(np.int64))
    known: Bools = form > 0
    back = words(texts.text, "<u8")[texts.start + _THIRD.take(form)]
    digits = np.empty((count, 4), np.uint32)
    digits[:, 0], digits[:, 1] = front, front >> _SECOND.take(form)
    digits[:, 2], digits[:, 3] = back, back >> _FOURTH.take(form)
    digits <<= _SHIFT.take(form, axis=0)
    digits ^= _ZEROS.take(form, axis=0)
    good = ((digits + 0x76767676 | digits) & 0x80808080) == 0
    number = digits * (10 << 8 | 1) >> 24
    number += (digits >> 8 & 255) * 100
    good &= (number <= 255) & (number >= _LEAST.take(form, axis=0))
    known &= good.view(np.uint32)[:, 0] == 0x01010101
    packed = np.zeros((count, 4), np.uint32)
    packed[:, 2] = 0xFFFF0000
    packed[:, 3] = number.astype(np.uint8).view(np.uint32)[:, 0]
    return packed.view(np.uint8), known & texts.valid


_ONES = 0x0101010101010101


def _dots(word: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """A bit for each of eight bytes: whether it is a dot."""
    word = word ^ np.uint64(_DOT * _ONES)
    some = (word & np.uint64(0x7F * _ONES)) + np.uint64(0x7F * _ONES) | word
    return (~some >> np.uint64(7) & np.uint64(_ONES)) * np.uint64(0x0102040810204080) >> np.uint64(56)


_HEX = np.full(256, 1 << 16, np.uint32)
_HEX[list(b"0123456789abcdef")] = range(16)
_FILL = np.array([0x30303030, 0x303030, 0x3030, 0x30, 0], np.uint32)
_LEAST_HEX = np.array([0, 0, 1 << 4, 1 << 8, 1 << 12], np.uint32)
"""By count of hex digits: zeros in front of them, and the least number without a leading zero."""


def _zero_runs() -> npt.NDArray[np.int64]:
    """Bits of the groups that are zero, the first one highest → begin and size of the run that `::` stands for."""
    table = np.zeros((256, 2), np.int64)
    for bits in range(256):
        runs = [(run.start(), run.end() - run.start()) for run in re.finditer("11+", f"{bits:08b}")]
        table[bits] = max(runs, key=lambda run: run[1], default=(-1, 0))
    return table


_ZERO_RUNS = _zero_runs()


def _ipv6(text: Octets, start: Ints, end: Ints, places: Ints, first: Ints, colons: Ints) -> tuple[Octets, Bools]:
    """16 bytes of each text[start:end], and whether it is an IPv6 address in its canonical form, IPv4 mapped left out.

    The colons of a text are `places[first:first + colons]`.
    """
    count = len(start)
    # Groups of hex digits: in each text one more than colons.
    head = np.cumsum(colons + 1) - colons - 1
    tail = head + colons
    owner = np.repeat(np.arange(count), colons + 1)
    place = (first - head)[owner] + np.arange(len(owner))
    begin, stop = places.take(place - 1, mode="clip") + 1, places.take(place, mode="clip")
    begin[head], stop[tail] = start, end
    size = np.minimum(stop - begin, 4)
    digits = words(text, "<u4")[begin] << 8 * (4 - size).astype(np.uint32) | _FILL[size]
    values = _HEX[digits.view(np.uint8)].reshape(-1, 4)
    value = values[:, 0] << 12 | values[:, 1] << 8 | values[:, 2] << 4 | values[:, 3]
    told = size > 0
    good = ~told | (value >= _LEAST_HEX[size]) & (value < 1 << 16) & (stop - begin <= 4)
    # At an end of a text `::` leaves an empty group more, and no other colon stands there.
    good[head] &= told[head] | ~told[head + 1]
    good[tail] &= told[tail] | ~told[tail - 1]
    gap = ~told
    gap[head] = gap[tail] = False
    given, gaps = np.add.reduceat(told, head, dtype=np.int64), np.add.reduceat(gap, head, dtype=np.int64)
    known = np.logical_and.reduceat(good, head) & np.where(gaps == 0, given == 8, (gaps == 1) & (given <= 6))
    number = np.cumsum(told) - told
    number -= number[head][owner]
    opened = np.full(count, -1)
    opened[owner[gap]] = number[gap]
    behind = number >= np.where(opened < 0, 8, opened)[owner]
    groups = np.zeros((count, 8), ">u2")
    taken = np.flatnonzero(told & known[owner])
    groups[owner[taken], (number + behind * (8 - given)[owner])[taken]] = value[taken]
    zeros = _ZERO_RUNS[np.packbits(groups == 0, axis=1)[:, 0]]
    known &= (zeros[:, 0] == opened) & ((opened < 0) | (zeros[:, 1] == 8 - given))
    octets = groups.view(np.uint8)
    known &= (octets[:, :12] != np.frombuffer(_V4_PREFIX, np.uint8)).any(axis=1)
    return octets, known


@lru_cache(65536)
def address_of(text: str) -> tuple[str, bytes] | None:
    """Canonical text and 16 bytes of one address, None when it is none."""
    text = text.strip().removeprefix("[").removesuffix("]").partition("%")[0]
    if not 2 <= len(text) <= 45:
        return None
    if ":" not in text or "." in text:
        return _by_library(text)
    # The library takes eight times as long, and a scan brings as many new addresses as lines.
    head, gap, tail = text.lower().partition("::")
    before, after = head.split(":") if head else [], tail.split(":") if tail else []
    given = len(before) + len(after)
    if (given > 7 if gap else given != 8) or not _HEXTETS.fullmatch(":".join(before + after) or "0"):
        return None
    groups = [group.zfill(4) for group in before] + ["0000"] * (8 - given) + [group.zfill(4) for group in after]
    packed = bytes.fromhex("".join(groups))
    if packed.startswith(_V4_PREFIX):
        return _by_library(text)
    plain = ":".join([group.lstrip("0") or "0" for group in groups])
    zeros = max(_ZERO_RUN.finditer(plain), key=_length, default=None)
    if zeros is None:
        return plain, packed
    return f"{plain[: zeros.start()].rstrip(':')}::{plain[zeros.end() :].lstrip(':')}", packed


_HEXTETS = re.compile(r"[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*")
_ZERO_RUN = re.compile(r"\b0(?::0)+\b")


def _length(run: re.Match[str]) -> int:
    return run.end() - run.start()


def _by_library(text: str) -> tuple[str, bytes] | None:
    try:
        made = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(made, ipaddress.IPv6Address):
        if made.ipv4_mapped is None:
            return str(made), made.packed
        made = made.ipv4_mapped
    return str(made), _V4_PREFIX + made.packed


_MAC = re.compile(
    r"([0-9a-f]{2})[:-]?([0-9a-f]{2})[:.-]?([0-9a-f]{2})[:-]?([0-9a-f]{2})[:.-]?([0-9a-f]{2})[:-]?([0-9a-f]{2})"
)


@lru_cache(65536)
def mac_of(text: str) -> str | None:
    """`aa:bb:cc:dd:ee:ff` of a hardware address (also AA-BB-…, aabb.ccdd.eeff, aabbccddeeff), None when it is none."""
    got = _MAC.fullmatch(text.strip().lower())
    return ":".join(got.groups()) if got else None
