"""The shape of lines of tokens by position: `a "b c" [d e] f`, and CSV.

A token that begins with a quote goes to the closing quote that a separator or the line's end follows; a backslash in
front of a quote keeps it inside (CSV: a doubled quote). A token that begins with `[` goes to a `]` that a separator or
the line's end follows. Quotes and brackets are left out. A quote or bracket anywhere else is an ordinary character.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import polars as pl

from parsers._lines import CR, LF, PAD, Bools, Ints, Lines, Octets
from parsers._quotes import QUOTE, appended, marks
from parsers._views import VIEW, column, no_values, not_among, packed, views

_OPEN, _CLOSE = 91, 93


def delimited(
    *names: str, separator: str = " ", quotes: bool = True, brackets: bool = True, collapse: bool = True,
    nulls: tuple[str, ...] = ("-",),
) -> Callable[[Lines], pl.DataFrame]:  # fmt: skip
    """A text column for each of `names`, in order; null where a line has fewer tokens or one of `nulls`.

    `collapse`: a run of separators is one. `separator=","` with `brackets=False, collapse=False, nulls=()` is CSV (a
    doubled quote is one). Without `quotes` brackets are ordinary characters too. Besides the names: `_count`, how many
    tokens a line has, and `_cut`.
    """
    return Delimited(names, separator.encode()[0], quotes, brackets, collapse, ("", *nulls))


class Delimited:
    """The tokeniser of one form of lines."""

    def __init__(
        self,
        names: tuple[str, ...],
        separator: int,
        quotes: bool,
        brackets: bool,
        collapse: bool,
        nulls: tuple[str, ...],
    ) -> None:
        self.names, self.separator, self.quotes = names, separator, quotes
        self.brackets, self.collapse = brackets, collapse
        self.nulls = packed(nulls)
        s = re.escape(bytes([separator]))
        quoted = (
            rb'"((?:[^"]|"")*)("|\Z)(?=%b|\Z)' % s
            if separator == 44
            else rb'"((?:[^"\\]|\\.|"(?!%b|\Z))*)("|\Z)(?=%b|\Z)' % (s, s)
        )
        forms = [quoted] if quotes else []
        if brackets:
            forms.append(rb"\[((?:[^\]]|\](?!%b|\Z))*)(\])(?=%b|\Z)" % (s, s))
        self.token = re.compile(b"(?:" + b"|".join([*forms, rb"([^%b]*)" % s]) + b")(?:%b|\\Z)" % s, re.DOTALL)

    def __call__(self, lines: Lines) -> pl.DataFrame:
        text, cut = lines.text, np.zeros(len(lines), np.bool_)
        if not self.quotes:
            start, end, count = self.plain(lines)
            return pl.DataFrame({**self.columns(text, start, end, count), "_count": count, "_cut": cut})
        start, end, row, irregular = self.regular(lines)
        rows = np.flatnonzero(irregular)
        if len(rows):
            values, owner = self.exact(lines, rows, cut)
            text, side_start, side_end = appended(lines.text, values)
            start, end = np.concatenate((start, side_start)), np.concatenate((end, side_end))
            row = np.concatenate((row, owner))
            order = np.argsort(row, kind="stable")
            start, end, row = start[order], end[order], row[order]
        count = np.bincount(row, minlength=len(lines))
        return pl.DataFrame({**self.columns(text, start, end, count), "_count": count, "_cut": cut})

    def plain(self, lines: Lines) -> tuple[Ints, Ints, Ints]:
        """All tokens where neither quotes nor brackets mean anything: start, end; and how many each line has."""
        text = lines.text[:-PAD]
        end = np.flatnonzero((text == self.separator) | (text == LF))
        last = np.flatnonzero(text[end] == LF)
        start = np.empty_like(end)
        start[:1] = 0
        start[1:] = end[:-1] + 1
        end[last] = lines.end
        keep = end > start if self.collapse else np.ones(len(end), np.bool_)
        if lines.body is not lines.start:
            body = np.repeat(lines.body, np.diff(last, prepend=-1))
            start = np.maximum(start, body)
            keep &= end > start if self.collapse else end >= start
        count = np.diff(np.cumsum(keep)[last], prepend=0)
        if not keep.all():
            rows = np.flatnonzero(keep)
            start, end = start.take(rows), end.take(rows)
        return start, end, count

    def regular(self, lines: Lines) -> tuple[Ints, Ints, Ints, Bools]:
        """Tokens of the regular lines: start, end, line; and which lines are not."""
        found = marks(lines, self.separator, None, self.separator, at_start=True)
        at, kind, row, irregular = found.at, found.kind, found.row, found.irregular
        bounds = kind != QUOTE
        at, row = at[bounds], row[bounds]
        if self.brackets:
            at, row = self.outside_brackets(lines, at, row, irregular)
        start = np.empty_like(at)
        start[:1] = lines.body[:1]
        start[1:] = at[:-1] + 1
        if lines.body is not lines.start:
            new = np.flatnonzero(np.diff(row, prepend=-1) > 0)
            start[new] = lines.body[row[new]]
        end = np.minimum(at, lines.end[row]) if len(lines.positions(CR)) else at
        keep = end > start if self.collapse else np.ones(len(at), np.bool_)
        if irregular.any():
            keep &= ~irregular[row]
        if not keep.all():
            rows = np.flatnonzero(keep)
            start, end, row = start[rows], end[rows], row[rows]
        first = lines.text[start]
        wrapped = (first == QUOTE) & (end > start)
        if self.brackets:
            wrapped |= (first == _OPEN) & (lines.text[np.maximum(end - 1, 0)] == _CLOSE) & (end > start)
        return start + wrapped, end - wrapped, row, irregular

    def outside_brackets(self, lines: Lines, at: Ints, row: Ints, irregular: Bools) -> tuple[Ints, Ints]:
        """Drops the separators within brackets; a line where brackets don't simply pair is irregular."""
        opened = lines.positions(_OPEN)
        begins = opened[(lines.text[np.maximum(opened - 1, 0)] == self.separator) | np.isin(opened, lines.body)]
        if not len(begins):
            return at, row
        index = np.searchsorted(at, begins)
        token = index[(index < len(at)) & self.at_start(lines, at, row, index, begins)]
        begins = begins[(index < len(at)) & self.at_start(lines, at, row, index, begins)]
        owner = row[token]
        close = lines.following(_CLOSE, begins)
        after = lines.text[np.minimum(close + 1, len(lines.text) - 1)]
        paired = (close < lines.end[owner]) & ((after == self.separator) | (close + 1 == lines.end[owner]))
        paired &= np.searchsorted(lines.positions(QUOTE), begins) == np.searchsorted(lines.positions(QUOTE), close)
        irregular[owner[~paired]] = True
        until = np.searchsorted(at, close[paired])
        drop = np.zeros(len(at) + 1, np.int64)
        np.add.at(drop, token[paired], 1)
        np.add.at(drop, until, -1)
        keep = np.cumsum(drop[:-1]) <= 0
        return at[keep], row[keep]

    @staticmethod
    def at_start(lines: Lines, at: Ints, row: Ints, index: Ints, begins: Ints) -> Bools:
        """Whether a bracket is the first byte of a token that no quote encloses."""
        index = np.minimum(index, len(at) - 1)
        previous = np.where(index > 0, at[np.maximum(index - 1, 0)] + 1, 0)
        result: Bools = (previous == begins) | (lines.body[row[index]] == begins)
        return result

    def exact(self, lines: Lines, rows: Ints, cut: Bools) -> tuple[list[bytes], Ints]:
        """The tokens of single lines, character by character."""
        values: list[bytes] = []
        owner: list[int] = []
        for row in rows.tolist():
            text = lines.text[lines.body[row] : lines.end[row]].tobytes()
            at = 0
            while at <= len(text):
                got = self.token.match(text, at)
                if got is None:  # a quote that never closes
                    values.append(text[at + 1 :])
                    owner.append(row)
                    cut[row] = True
                    break
                groups = [g for g in got.groups() if g is not None]
                quoted = got.lastindex != self.token.groups
                value = groups[0]
                if quoted and groups[1] == b"":
                    cut[row] = True
                if quoted and self.separator == 44:
                    value = value.replace(b'""', b'"')
                if value or quoted or not self.collapse:
                    values.append(value)
                    owner.append(row)
                if got.end() == len(text) and not text.endswith(bytes([self.separator]), got.end() - 1):
                    break
                at = got.end() if got.end() > at else at + 1
        return values, np.array(owner, np.int64)

    def columns(self, text: Octets, start: Ints, end: Ints, count: Ints) -> dict[str, pl.Series]:
        height = len(count)
        least, most = (int(count.min()), int(count.max())) if height else (0, 0)
        first = np.cumsum(count) - count
        every = views(text, start, end - start)
        result = {}
        for i, name in enumerate(self.names):
            if i >= most:
                result[name] = no_values(height)
                continue
            there = None if i < least else count > i
            made = every[i::most] if least == most else every.take(np.minimum(first + i, len(every) - 1))
            if there is not None:
                made[~there] = np.zeros((), VIEW)
            valid = not_among(made, None, self.nulls)
            if there is not None:
                valid = there if valid is None else there & valid
            result[name] = column(text, made, valid)
        return result
