"""Pairs of a key and a value in a chunk, as text columns: what the shapes of named values share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from parsers._lines import Ints, Octets
from parsers._quotes import first_of_each
from parsers._views import VIEW, Views, column, no_values, not_among, packed, words

UNKNOWN = 255
LONGEST_KEY = 48
_SHORT = 16
"""Bytes of the keys that are looked up by two words; longer ones take four or six."""
Words64 = npt.NDArray[np.uint64]


@dataclass(slots=True)
class Pairs:
    """The line, the key from `key` to `key_end`, the value from `start` to `end`."""

    row: Ints
    key: Ints
    key_end: Ints
    start: Ints
    end: Ints

    def taken(self, keep: Ints) -> Pairs:
        """Some of them."""
        return Pairs(self.row[keep], self.key[keep], self.key_end[keep], self.start[keep], self.end[keep])

    def joined(self, other: Pairs) -> Pairs:
        """These, and then the others."""
        return Pairs(*(np.concatenate((getattr(self, name), getattr(other, name))) for name in self.__slots__))


class Keys:
    """The keys that somebody asked for: from the bytes of a key to its number, without collisions."""

    def __init__(self, keys: Sequence[str]) -> None:
        encoded = [key.encode() for key in keys]
        bad = [key for key in encoded if not 0 < len(key) <= LONGEST_KEY]
        if bad or len(set(keys)) != len(keys) or len(keys) >= UNKNOWN:
            raise ValueError(f"keys need 1 to {LONGEST_KEY} bytes, each once, at most {UNKNOWN - 1}: {bad or keys}")
        self.names = tuple(keys)
        self.known = {key: i for i, key in enumerate(encoded)}
        longest = max(map(len, encoded), default=0)
        self._short = _Table.of({k: i for k, i in self.known.items() if len(k) <= _SHORT}, "V16")
        self._long = _Table.of(
            {k: i for k, i in self.known.items() if len(k) > _SHORT}, "V32" if longest <= 32 else "V48"
        )

    def numbers(self, text: Octets, start: Ints, end: Ints) -> Octets:
        """The number of each key `text[start:end]`, UNKNOWN where nobody asked for it."""
        size = end - start
        number = self._short.numbers(text, start, size)
        if len(self._long):
            rows = np.flatnonzero(size > _SHORT)
            if len(rows):
                number[rows] = self._long.numbers(text, start[rows], size[rows])
        return number


@dataclass(frozen=True, slots=True)
class _Table:
    """A hash table without collisions from the words of a key to its number."""

    kind: Literal["V16", "V32", "V48"]
    parts: Words64
    number: Octets
    slot: npt.NDArray[np.uint16]
    factors: Words64
    masks: Words64
    """By length: which bytes of the words belong to a key; none of one that is too long."""

    def __len__(self) -> int:
        return len(self.number)

    @classmethod
    def of(cls, keys: dict[bytes, int], kind: Literal["V16", "V32", "V48"]) -> _Table:
        width = np.dtype(kind).itemsize // 8
        padded = np.frombuffer(b"".join(key.ljust(8 * width, b"\0") for key in keys), "<u8")
        parts = padded.reshape(len(keys), width)
        masks = b"".join((b"\xff" * n).ljust(8 * width, b"\0") for n in (*range(8 * width + 1), 0))
        generator = np.random.default_rng(1)
        while True:
            factors = generator.integers(0, 2**63, width, np.uint64) | np.uint64(1)
            place = cls.hashed(parts, factors)
            if len(set(place.tolist())) == len(keys):
                break
        # What is in no slot points at the key 0, and does not compare equal.
        slot = np.zeros(1 << 14, np.uint16)
        slot[place] = np.arange(len(keys))
        numbers = np.array(list(keys.values()), np.uint8)
        return cls(kind, parts.T.copy(), numbers, slot, factors, np.frombuffer(masks, "<u8").reshape(-1, width))

    @staticmethod
    def hashed(parts: Words64, factors: Words64) -> Words64:
        total: Words64 = parts[:, 0] * factors[0]
        for i in range(1, len(factors)):
            total ^= parts[:, i] * factors[i]
        total >>= np.uint64(50)
        return total

    def numbers(self, text: Octets, start: Ints, size: Ints) -> Octets:
        if not len(self):
            return np.full(len(start), UNKNOWN, np.uint8)
        parts = words(text, self.kind)[start].view("<u8").reshape(-1, len(self.factors))
        parts &= self.masks.take(size, axis=0, mode="clip")
        guess = self.slot.take(self.hashed(parts, self.factors))
        found = self.number.take(guess)
        for i, known in enumerate(self.parts):
            found[known.take(guess) != parts[:, i]] = UNKNOWN
        return found


@dataclass(slots=True)
class Side:
    """Pairs of lines that were read one by one, with the values in the order of the pairs."""

    values: list[bytes]
    key: list[int]
    row: list[int]


def text_columns(
    text: Octets, made: Views, key: Octets, row: Ints, names: Sequence[str], height: int, nulls: Views
) -> dict[str, pl.Series]:
    """A text column for each of `names`: of a key that comes twice in a line, the first value.

    Args:
        text: What the views point into.
        made: The values.
        key: Their keys' numbers, ascending.
        row: Their lines; ascending within a key, except for those that were read one by one.
        names: Number → name.
        height: How many lines there are.
        nulls: Values that say nothing.
    """
    bounds = np.searchsorted(key, np.arange(len(names) + 1))
    nothing = no_values(height)
    result = {}
    for i, name in enumerate(names):
        part, rows = made[bounds[i] : bounds[i + 1]], row[bounds[i] : bounds[i + 1]]
        if not len(rows):
            result[name] = nothing
            continue
        if not (rows[1:] > rows[:-1]).all():
            again = np.argsort(rows, kind="stable")
            again = again[first_of_each(rows[again])]
            part, rows = part[again], rows[again]
        full, valid = part, None
        if len(rows) < height:
            full, valid = np.zeros(height, VIEW), np.zeros(height, np.bool_)
            full[rows], valid[rows] = part, True
        result[name] = column(text, full, not_among(full, valid, nulls))
    return result


def null_texts(nulls: tuple[str, ...]) -> Views:
    """The texts that say nothing; the empty one is always among them."""
    return packed(("", *nulls))
