"""Addresses of network and hardware in their one canonical form.

IPv4 takes four decimal numbers from 0 to 255 without leading zeros (`010` is octal to some and decimal to others: such
a text is no address). IPv6 is compressed, in lower case, without scope id; IPv4-mapped is IPv4. Hardware addresses are
six pairs of lower-case hex digits with colons.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from parsers._distinct import by_distinct as by_distinct  # formats look for it here
from parsers._distinct import distinct_of
from parsers._lines import PAD, Bools, Ints, Octets
from parsers._views import Texts, words

_V4_PREFIX = bytes(10) + b"\xff\xff"
_COLON, _DOT = 58, 46


def addresses(series: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series | None]:
    """(address in canonical text, its 16 bytes, the text where it is no address); each null where it doesn't apply.

    The third is None where every text is an address.
    """
    sample = series.head(_SAMPLE)
    if len(series) <= 4 * _SAMPLE or sample.n_unique() > _SAMPLE // 2:
        text, octets, known, host = _each(series)
        return text, _packed(octets, known, None), host
    distinct, index = distinct_of(series)
    text, octets, known, host = _each(distinct)
    there = index.is_not_null().to_numpy()
    code = index.fill_null(0).to_numpy().astype(np.int64)
    same = text is distinct
    return (
        series if same else text.gather(index),
        _packed(octets, known[code] & there, code),
        None if host is None else host.gather(index),
    )


_SAMPLE = 512


def _each(series: pl.Series) -> tuple[pl.Series, Octets, Bools, pl.Series | None]:
    """Text, 16 bytes, which are addresses, and what the others are."""
    texts = Texts.of(series)
    octets, known = _ipv4(texts)
    if (known | ~texts.valid).all():
        return series, octets, known, None
    colons = np.flatnonzero(texts.text[:-PAD] == _COLON)
    place = np.searchsorted(colons, texts.start)
    others = texts.valid & ~known
    # Everything else that has a colon, or is wrapped in blanks, may be an address in a rarer form.
    first = texts.text[texts.start]
    maybe = others & (np.append(colons, len(texts.text))[place] < texts.end)
    maybe |= others & ((first == 32) | (texts.text[np.maximum(texts.end - 1, 0)] == 32))
    rows = np.flatnonzero(maybe)
    given = series.gather(pl.Series(rows)).to_list()
    found = [address_of(text) for text in given]
    good = np.array([got is not None for got in found], np.bool_)
    known[rows[good]] = True
    octets[rows[good]] = np.frombuffer(b"".join(got[1] for got in found if got), np.uint8).reshape(-1, 16)
    hosts = pl.Series(texts.valid & ~known & (texts.end > texts.start))
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(series))
    text = series if (known | ~texts.valid).all() else series.zip_with(pl.Series(known), nothing)
    changed = [i for i, (got, was) in enumerate(zip(found, given, strict=True)) if got and got[0] != was]
    if changed:
        # scatter changes the column itself, which is still the caller's.
        text = text.clone().scatter(rows[changed], [got[0] for i in changed if (got := found[i])])
    return text, octets, known, series.zip_with(hosts, nothing).str.strip_chars() if hosts.any() else None


def _packed(octets: Octets, known: Bools, code: Ints | None) -> pl.Series:
    """A column of views of 16 bytes, row i of `octets[code[i]]`, or `octets[i]` without code; null where not known."""
    made = np.empty((len(known), 4), np.uint32)
    made[:, 0], made[:, 2] = 16, 0
    prefix = np.ascontiguousarray(octets).view(np.uint32)[:, 0]
    made[:, 1] = prefix if code is None else prefix[code]
    made[:, 3] = np.arange(0, 16 * len(known), 16) if code is None else code * 16
    mask = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    buffers = [mask, pa.py_buffer(made), pa.py_buffer(octets)]
    return pl.Series(pa.Array.from_buffers(pa.binary_view(), len(known), buffers))


def _numbers() -> npt.NDArray[np.uint32]:
    """Low nibbles of three digits and their count → the number; 256 where it is none from 0 to 255."""
    table = np.full(1 << 15, 256, np.uint32)
    for number in range(256):
        digits = str(number)
        table[sum(int(d) << 4 * i for i, d in enumerate(digits)) | len(digits) << 12] = number
    return table


_NUMBER = _numbers()
_DIGITS = np.array([0, 0xF0, 0xF0F0, 0xF0F0F0, 0], np.uint32)
_ZEROS = np.array([1, 0x30, 0x3030, 0x303030, 1], np.uint32)
"""By count of digits: which nibbles say that a byte is a digit, and what they say; never true for 0 and for 4."""
_COUNT = np.arange(5, dtype=np.uint32) << np.uint32(12)


def _ipv4(texts: Texts) -> tuple[Octets, Bools]:
    """16 bytes a text (IPv4 mapped), and whether it is an IPv4 address."""
    count = len(texts)
    dots = np.append(np.flatnonzero(texts.text[:-PAD] == _DOT), np.full(4, len(texts.text)))
    place = np.searchsorted(dots, texts.start)
    length = texts.end - texts.start
    known = (
        texts.valid & (length >= 7) & (length <= 15) & (dots[place + 2] < texts.end) & (dots[place + 3] >= texts.end)
    )
    packed = np.zeros((count, 4), np.uint32)
    if known.all():
        packed[:, 3], good = _four(texts, texts.start, texts.end, dots, place)
        known &= good
    elif known.any():
        rows = np.flatnonzero(known)
        packed[rows, 3], known[rows] = _four(texts, texts.start[rows], texts.end[rows], dots, place[rows])
    packed[:, 2] = 0xFFFF0000
    return packed.view(np.uint8), known


def _four(texts: Texts, begin: Ints, end: Ints, dots: Ints, place: Ints) -> tuple[npt.NDArray[np.uint32], Bools]:
    """The four numbers between three dots, as the bytes of a word, and whether all are numbers."""
    word = words(texts.text, "<u4")
    value, good = np.zeros(len(begin), np.uint32), np.ones(len(begin), np.bool_)
    for i in range(4):
        stop = dots[place + i] if i < 3 else end
        number = _number(word[begin], np.minimum(stop - begin, 4))
        good &= number <= 255
        value |= number << np.uint32(8 * i)
        begin = stop + 1
    return value, good


def _number(word: npt.NDArray[np.uint32], size: Ints) -> npt.NDArray[np.uint32]:
    """The numbers of `size` (at most 4) decimal digits at the low end of each word; 256 for what is none."""
    mask = _DIGITS[size]
    digits = (word & mask) == _ZEROS[size]
    word = word & (mask >> np.uint32(4))
    index = word & np.uint32(0xF) | word >> np.uint32(4) & np.uint32(0xF0) | word >> np.uint32(8) & np.uint32(0xF00)
    index |= _COUNT[size]
    return np.where(digits, _NUMBER[index], np.uint32(256))


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
