"""The shape of `key=value key="a value"` lines.

A line is a run of words between separators. A word up to its first `=` is a key; a word without `=` says nothing. A
value that begins with `"` goes to the next `"` that no backslash escapes (`\\"` and `\\\\` stand for one character), or
to the line's end where the line was cut; any other value goes to the next separator. Of a key that comes twice the
first counts: what a client can write comes after what the device writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import polars as pl

from parsers._lines import LF, PAD, Bools, Ints, Lines
from parsers._pairs import UNKNOWN, Keys, Pairs, Side, null_texts, text_columns
from parsers._quotes import BACKSLASH, EQUALS, QUOTE, appended, marks
from parsers._views import views


def keyvalue(
    *keys: str, separator: str = " ", nulls: tuple[str, ...] = (), escaped: str = '"\\'
) -> Callable[[Lines], pl.DataFrame]:
    """A text column for each of `keys`; a value that equals one of `nulls` is null.

    Besides them `_keys`, how many keys a line has (known or not), and `_cut`. `escaped` are the characters before which
    a backslash falls away.
    """
    return _KeyValue(keys, separator.encode()[0], nulls, escaped)


class _KeyValue:
    def __init__(self, keys: tuple[str, ...], separator: int, nulls: tuple[str, ...], escaped: str) -> None:
        self.keys = Keys(keys)
        self.separator = separator
        self.nulls = null_texts(nulls)
        self.escape = rf"\\([{re.escape(escaped)}])"
        sep = re.escape(bytes([separator]))
        self.word = re.compile(
            rb"(?:([^=%b]*)=(?:\"((?:[^\"\\]|\\.)*)(\"?)[^%b]*|([^%b]*))|[^%b]+)" % (sep, sep, sep, sep),
            re.DOTALL,
        )

    def __call__(self, lines: Lines) -> pl.DataFrame:
        tokens, left = self.simple(lines)
        irregular = np.zeros(0, np.int64)
        if left.any():
            more, irregular = self.regular(lines, left)
            tokens = tokens.joined(more)
        text, cut = lines.text, np.zeros(len(lines), np.bool_)
        nameless = np.flatnonzero(tokens.key_end == tokens.key)
        count = np.bincount(tokens.row, minlength=len(lines)) - np.bincount(tokens.row[nameless], minlength=len(lines))
        key = self.keys.numbers(lines.text, tokens.key, tokens.key_end)
        keep = np.flatnonzero(key != UNKNOWN)
        key, tokens = key[keep], tokens.taken(keep)
        row, start, end = tokens.row, tokens.start, tokens.end
        if len(irregular):
            side = self.exact(lines, irregular, cut, count)
            text, side_start, side_end = appended(lines.text, side.values)
            key = np.concatenate((key, np.array(side.key, np.uint8)))
            row = np.concatenate((row, np.array(side.row, np.int64)))
            start, end = np.concatenate((start, side_start)), np.concatenate((end, side_end))
        # The views first, in the order of the text: by key they would walk through the chunk once for each.
        made = views(text, start, end - start)
        order = np.argsort(key, kind="stable")
        if left.any():  # what was read later stands behind the rest
            order = np.argsort(row, kind="stable")
            order = order[np.argsort(key[order], kind="stable")]
        columns = text_columns(text, made[order], key[order], row[order], self.keys.names, len(lines), self.nulls)
        slashes = lines.positions(BACKSLASH)
        if len(slashes):
            escaping = np.zeros(len(lines), np.bool_)
            escaping[np.searchsorted(lines.start, slashes, side="right") - 1] = True
            some = np.flatnonzero(escaping[row])
            # What was read one by one stands behind the text.
            some = some[(lines.following(BACKSLASH, start[some]) < end[some]) | (some >= len(tokens.row))]
            for number in np.unique(key[some]).tolist():
                name = self.keys.names[number]
                columns[name] = self.unescaped(columns[name], np.unique(row[some[key[some] == number]]))
        return pl.DataFrame({**columns, "_keys": count, "_cut": cut})

    def unescaped(self, series: pl.Series, rows: Ints) -> pl.Series:
        return series.scatter(pl.Series(rows), series.gather(rows).str.replace_all(self.escape, "$1"))

    def simple(self, lines: Lines) -> tuple[Pairs, Bools]:
        """Pairs of the lines where every quote encloses a value and no quoted value holds `=`; which lines are left.

        Then the quotes in order are the ends of the quoted values in order, and nothing else has to be looked at. A
        pair with an empty key is none.
        """
        text = lines.text[:-PAD]
        at = np.flatnonzero((text == self.separator) | (text == LF) | (text == EQUALS))
        mark = np.flatnonzero(text[at] == EQUALS)
        equals = at[mark]
        bounds = np.searchsorted(equals, lines.start)
        count = np.diff(bounds, append=len(equals))
        row = np.repeat(np.arange(len(lines)), count)
        body, end = np.repeat(lines.body, count), np.repeat(lines.end, count)
        key = np.maximum(at[mark - 1] + 1, body)
        if len(mark) and mark[0] == 0:
            key[0] = body[0]
        stop = np.minimum(at[mark + 1], end)
        inside = (equals >= body) & (equals < end)
        left = np.zeros(len(lines), np.bool_)
        left[row[np.flatnonzero(np.diff(mark, prepend=-2) == 1)]] = True
        quoted = (text[equals + 1] == QUOTE) & inside
        if len(lines.positions(QUOTE)):
            self.close(lines, equals, row, count, quoted, stop, left)
        key_end = np.where(inside & ~np.repeat(left, count), equals, key)
        return Pairs(row, key, key_end, equals + 1 + quoted, stop), left

    def close(self, lines: Lines, equals: Ints, row: Ints, count: Ints, quoted: Bools, stop: Ints, left: Bools) -> None:
        """Writes the ends of quoted values into `stop`; adds the lines whose quotes don't simply enclose to `left`."""
        quotes = lines.positions(QUOTE)
        first = np.searchsorted(quotes, lines.body)
        found = np.searchsorted(quotes, lines.end) - first
        left |= found != 2 * np.diff(np.append(0, np.cumsum(quoted))[np.append(0, np.cumsum(count))])
        token = np.flatnonzero(quoted & ~np.repeat(left, count))
        if 2 * len(token) < len(quotes):
            found[left] = 0
            quotes = quotes[np.repeat(first - np.cumsum(found) + found, found) + np.arange(2 * len(token))]
        opening, closing = quotes[0::2], quotes[1::2]
        following = np.append(equals, len(lines.text))[token + 1]
        wrong = (opening != equals[token] + 1) | (following < closing) | (lines.text[closing - 1] == BACKSLASH)
        behind = np.flatnonzero(lines.text[closing + 1] != self.separator)
        wrong[behind] |= closing[behind] + 1 != lines.end[row[token[behind]]]
        left[row[token[wrong]]] = True
        stop[token] = closing

    def regular(self, lines: Lines, wanted: Bools) -> tuple[Pairs, Ints]:
        """Pairs of the other regular lines: every `=` outside quotes that follows a separator begins a value."""
        rows = np.flatnonzero(wanted)
        some = lines.bodies(rows)
        found = marks(some, self.separator, EQUALS, EQUALS, at_start=False)
        equals = np.flatnonzero(found.kind == EQUALS)
        at, row = found.at[equals], found.row[equals]
        before, after = equals - 1, equals + 1
        inside = (before >= 0) & (found.row[before] == row)
        starts = np.where(inside, found.at[before] + 1, some.body[row])
        irregular = found.irregular
        irregular[row[inside & (found.kind[before] == EQUALS)]] = True  # = within an unquoted value
        quoted = found.kind[after] == QUOTE
        stop = np.where(quoted, found.at[np.minimum(after + 1, len(found.at) - 1)], found.at[after])
        moved = (lines.body[rows] - some.start)[row]
        tokens = Pairs(rows[row], starts + moved, at + moved, at + moved + 1 + quoted, stop + moved)
        return tokens.taken(np.flatnonzero(~irregular[row] & (at > starts))), rows[irregular]

    def exact(self, lines: Lines, rows: Ints, cut: Bools, count: Ints) -> Side:
        """The same for single lines, character by character."""
        side = Side([], [], [])
        for row in rows.tolist():
            text = lines.text[lines.body[row] : lines.end[row]].tobytes()
            for got in self.word.finditer(text):
                if not got[1]:
                    continue
                count[row] += 1
                if got[2] is not None and not got[3]:
                    cut[row] = True
                number = self.keys.known.get(got[1])
                if number is not None:
                    side.key.append(number)
                    side.row.append(row)
                    side.values.append(got[2] if got[2] is not None else got[4])
        return side
