"""The shape of `key=value key="a value"` lines.

A line is a run of words between separators. A word up to its first `=` is a key; a word without `=` says nothing. A
value that begins with `"` goes to the next `"` that no backslash escapes (`\\"` and `\\\\` stand for one character), or
to the line's end where the line was cut; any other value goes to the next separator. Of a key that comes twice the
first counts: what a client can write comes after what the device writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from parsers._lines import LF, PAD, Bools, Ints, Lines, Octets
from parsers._quotes import BACKSLASH, EQUALS, QUOTE, appended, first_of_each, marks
from parsers._views import Views, column, packed, views, words

Words64 = npt.NDArray[np.uint64]
_LONGEST_KEY = 16
_LOW = np.array([(1 << 8 * min(n, 8)) - 1 for n in range(18)], np.uint64)
_HIGH = np.array([(1 << 8 * min(max(n - 8, 0), 8)) - 1 for n in range(18)], np.uint64)


def keyvalue(*keys: str, separator: str = " ", nulls: tuple[str, ...] = ()) -> Callable[[Lines], pl.DataFrame]:
    """A text column for each of `keys` (at most 16 bytes each); a value that equals one of `nulls` is null.

    Besides them `_keys`, how many keys a line has (known or not), and `_cut`.
    """
    return _KeyValue(keys, separator.encode()[0], ("", *nulls))


class _KeyValue:
    def __init__(self, keys: tuple[str, ...], separator: int, nulls: tuple[str, ...]) -> None:
        long = [key for key in keys if not 0 < len(key.encode()) <= _LONGEST_KEY]
        if long or len(set(keys)) != len(keys) or len(keys) > 254:
            raise ValueError(f"keys need 1 to {_LONGEST_KEY} bytes, each once, at most 254: {long or keys}")
        self.keys = keys
        self.separator = separator
        self.nulls = packed(nulls)
        self.known = {key.encode(): i for i, key in enumerate(keys)}
        self.table = _Table.of(tuple(self.known))
        sep = re.escape(bytes([separator]))
        self.word = re.compile(
            rb"%b*(?:([^=%b]*)=(?:\"((?:[^\"\\]|\\.)*)(\"?)[^%b]*|([^%b]*))|[^%b]+)" % (sep, sep, sep, sep, sep),
            re.DOTALL,
        )

    def __call__(self, lines: Lines) -> pl.DataFrame:
        tokens, left = self.simple(lines)
        irregular = np.zeros(0, np.int64)
        if left.any():
            more, irregular = self.regular(lines, left)
            tokens = tokens.joined(more)
        text, cut = lines.text, np.zeros(len(lines), np.bool_)
        count = np.bincount(tokens.row, minlength=len(lines))
        key, tokens = self.of_interest(lines, tokens)
        row, start, end = tokens.row, tokens.start, tokens.end
        if len(irregular):
            side = self.exact(lines, irregular, cut, count)
            text, side_start, side_end = appended(lines, side.values)
            key, row = np.concatenate((key, side.key)), np.concatenate((row, side.row))
            start, end = np.concatenate((start, side_start)), np.concatenate((end, side_end))
        # The views first, in the order of the text: by key they would walk through the chunk once for each.
        made = views(text, start, end - start)
        order = np.argsort(key, kind="stable")
        escaped = len(lines.positions(BACKSLASH)) > 0
        columns = dict(self.columns(text, made[order], key[order], row[order], len(lines), escaped=escaped))
        return pl.DataFrame({**columns, "_keys": count, "_cut": cut})

    def simple(self, lines: Lines) -> tuple[_Tokens, Bools]:
        """Pairs of the lines where every quote encloses a value and no quoted value holds `=`; which lines are left.

        Then the quotes in order are the ends of the quoted values in order, and nothing else has to be looked at.
        """
        text = lines.text[:-PAD]
        at = np.flatnonzero((text == self.separator) | (text == LF) | (text == EQUALS))
        kind = text[at]
        mark = np.flatnonzero(kind == EQUALS)
        equals = at[mark]
        bounds = np.searchsorted(equals, lines.start)
        row = np.repeat(np.arange(len(lines)), np.diff(bounds, append=len(equals)))
        key = np.maximum(at[mark - 1] + 1, lines.body[row])
        if len(mark) and mark[0] == 0:
            key[0] = lines.body[0]
        stop = np.minimum(at[np.minimum(mark + 1, len(at) - 1)], lines.end[row])
        left = np.zeros(len(lines), np.bool_)
        left[row[(kind[mark - 1] == EQUALS) & (mark > 0) | (equals < lines.body[row])]] = True
        quoted = text[equals + 1] == QUOTE
        quotes = lines.positions(QUOTE)
        if len(quotes):
            self.close(lines, equals, row, quoted, quotes, stop, left)
        tokens = _Tokens(row, key, equals, equals + 1 + quoted, stop)
        if left.any():
            tokens = tokens.taken(np.flatnonzero(~left[row] & (equals > key)))
        elif (equals == key).any():
            tokens = tokens.taken(np.flatnonzero(equals > key))
        return tokens, left

    def close(
        self, lines: Lines, equals: Ints, row: Ints, quoted: Bools, quotes: Ints, stop: Ints, left: Bools
    ) -> None:
        """Writes the ends of quoted values into `stop`; adds the lines whose quotes don't simply enclose to `left`."""
        bounds = np.searchsorted(quotes, lines.start)
        found = np.diff(bounds, append=len(quotes))
        pairs = np.bincount(row[quoted], minlength=len(lines))
        left |= found != 2 * pairs
        token = np.flatnonzero(quoted)
        if left.any():
            owner = np.repeat(np.arange(len(lines)), found)
            quotes = quotes[~left[owner]]
            token = token[~left[row[token]]]
        opening, closing, owner = quotes[0::2], quotes[1::2], row[token]
        following = np.append(equals, len(lines.text))[token + 1]
        wrong = (opening != equals[token] + 1) | (following < closing) | (lines.text[closing - 1] == BACKSLASH)
        wrong |= (lines.text[closing + 1] != self.separator) & (closing + 1 != lines.end[owner])
        left[owner[wrong]] = True
        stop[token] = closing

    def regular(self, lines: Lines, wanted: Bools) -> tuple[_Tokens, Ints]:
        """Pairs of the other regular lines: every `=` outside quotes that follows a separator begins a value."""
        found = marks(lines, self.separator, EQUALS, EQUALS, wanted=wanted, at_start=False)
        equals = np.flatnonzero(found.kind == EQUALS)
        at, row = found.at[equals], found.row[equals]
        before, after = equals - 1, equals + 1
        inside = (before >= 0) & (found.row[before] == row)
        starts = np.where(inside, found.at[before] + 1, lines.body[row])
        irregular = found.irregular
        irregular[row[inside & (found.kind[before] == EQUALS)]] = True  # = within an unquoted value
        quoted = found.kind[after] == QUOTE
        stop = np.where(quoted, found.at[np.minimum(after + 1, len(found.at) - 1)], found.at[after])
        tokens = _Tokens(row, starts, at, at + 1 + quoted, np.minimum(stop, lines.end[row]))
        return tokens.taken(np.flatnonzero(~irregular[row] & (at > starts))), np.flatnonzero(irregular)

    def of_interest(self, lines: Lines, tokens: _Tokens) -> tuple[Octets, _Tokens]:
        """Drops the pairs whose key nobody asked for; the number of the key of the others."""
        size = tokens.key_end - tokens.key
        word = words(lines.text, "<u8")
        low = word[tokens.key] & _LOW[np.minimum(size, 17)]
        high = word[tokens.key + 8] & _HIGH[np.minimum(size, 17)]
        key = self.table.number(low, high)
        key[size > _LONGEST_KEY] = 255
        keep = np.flatnonzero(key < 255)
        return key[keep], tokens.taken(keep)

    def exact(self, lines: Lines, rows: Ints, cut: Bools, count: Ints) -> _Side:
        """The same for single lines, character by character."""
        side = _Side([], np.zeros(0, np.uint8), np.zeros(0, np.int64))
        keys: list[int] = []
        owner: list[int] = []
        for row in rows.tolist():
            text = lines.text[lines.body[row] : lines.end[row]].tobytes()
            for got in self.word.finditer(text):
                if not got[1]:
                    continue
                count[row] += 1
                if got[2] is not None and not got[3]:
                    cut[row] = True
                number = self.known.get(got[1])
                if number is not None:
                    keys.append(number)
                    owner.append(row)
                    side.values.append(got[2] if got[2] is not None else got[4])
        side.key, side.row = np.array(keys, np.uint8), np.array(owner, np.int64)
        return side

    def columns(
        self, text: Octets, made: Views, key: Octets, row: Ints, height: int, *, escaped: bool
    ) -> list[tuple[str, pl.Series]]:
        """A column for each key; the pairs come sorted by key."""
        bounds = np.searchsorted(key, np.arange(len(self.keys) + 1))
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, height)
        result = []
        for i, name in enumerate(self.keys):
            part, rows = made[bounds[i] : bounds[i + 1]], row[bounds[i] : bounds[i + 1]]
            if not len(rows):
                result.append((name, nothing))
                continue
            if not (rows[1:] > rows[:-1]).all():
                again = np.argsort(rows, kind="stable")
                again = again[first_of_each(rows[again])]
                part, rows = part[again], rows[again]
            full, valid = part, None
            if len(rows) < height:
                full, valid = np.zeros((height, 4), np.uint32), np.zeros(height, np.bool_)
                full[rows], valid[rows] = part, True
            series = column(text, full, self.not_null(full, valid))
            result.append((name, _unescaped(series) if escaped else series))
        return result

    def not_null(self, made: Views, valid: Bools | None) -> Bools | None:
        for null in self.nulls:
            equal = made[:, 0] == null[0]
            if equal.any():
                equal &= (made[:, 1] == null[1]) & (made[:, 2] == null[2]) & (made[:, 3] == null[3])
                if equal.any():
                    valid = ~equal if valid is None else valid & ~equal
        return valid


@dataclass(slots=True)
class _Tokens:
    """Pairs: the line, the key from `key` to `key_end`, the value from `start` to `end`."""

    row: Ints
    key: Ints
    key_end: Ints
    start: Ints
    end: Ints

    def taken(self, keep: Ints) -> _Tokens:
        return _Tokens(self.row[keep], self.key[keep], self.key_end[keep], self.start[keep], self.end[keep])

    def joined(self, other: _Tokens) -> _Tokens:
        return _Tokens(*(np.concatenate((getattr(self, name), getattr(other, name))) for name in self.__slots__))


@dataclass(slots=True)
class _Side:
    """Pairs of irregular lines, with the values in the order of the pairs."""

    values: list[bytes]
    key: Octets
    row: Ints


def _unescaped(series: pl.Series) -> pl.Series:
    if not series.str.contains("\\", literal=True).any():
        return series
    return series.str.replace_all(r'\\(["\\])', "$1")


@dataclass(frozen=True, slots=True)
class _Table:
    """A hash table without collisions from a key's 16 bytes to its number; 255: unknown."""

    low: Words64
    high: Words64
    slot: npt.NDArray[np.uint8]
    factors: tuple[np.uint64, np.uint64]

    @classmethod
    def of(cls, keys: tuple[bytes, ...]) -> _Table:
        padded = np.frombuffer(b"".join(key.ljust(16, b"\0") for key in keys), "<u8").reshape(len(keys), 2)
        low, high = np.append(padded[:, 0], np.uint64(0)), np.append(padded[:, 1], np.uint64(0))
        generator = np.random.default_rng(1)
        while True:
            a, b = (np.uint64(int(x) | 1) for x in generator.integers(0, 2**63, 2, np.int64))
            place = cls.hashed(low[:-1], high[:-1], (a, b))
            if len(set(place.tolist())) == len(keys):
                break
        slot = np.full(1 << 14, 255, np.uint8)
        slot[place] = np.arange(len(keys))
        return cls(low, high, slot, (a, b))

    @staticmethod
    def hashed(low: Words64, high: Words64, factors: tuple[np.uint64, np.uint64]) -> Words64:
        return (low * factors[0] ^ high * factors[1]) >> np.uint64(50)

    def number(self, low: Words64, high: Words64) -> Octets:
        """The number of each key, 255 where it is unknown."""
        guess = self.slot[self.hashed(low, high, self.factors)]
        last = np.minimum(guess, len(self.low) - 1)
        right = (self.low[last] == low) & (self.high[last] == high)
        return np.where(right, guess, np.uint8(255))
