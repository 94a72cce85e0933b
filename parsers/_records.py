"""The shape of CSV of several record kinds: what stands at which place depends on the kind of the line.

Each line's kind is chosen from its first tokens and its count of tokens; then the places of its kind's layout are read
and nothing else, so a line of 120 tokens costs what the 30 wanted ones cost. Quotes are those of `_delimited` for CSV.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from parsers._delimited import Delimited
from parsers._lines import LF, PAD, Bools, Ints, Lines, Octets
from parsers._quotes import QUOTE, appended, marks
from parsers._views import VIEW, column, no_values, views

_COMMA = 44
_BLOCK = 1 << 14
"""Values that are gathered at a time: the processor has at hand what it worked out of them."""
Layout = Mapping[str, int]
"""Name of a column → place of its token, from 0."""


@dataclass(slots=True)
class _Tokens:
    """Token j of line i ends at `at[first[i] + j]`, or at `limit[i]` if that comes before.

    The first one begins at `begin[i]`, every other one byte behind the end of the one before. Quotes are included.
    """

    text: Octets
    at: Ints
    first: Ints
    count: Ints
    begin: Ints
    limit: Ints
    exact: Bools
    """Lines whose tokens were read one by one: their quotes are off already."""
    cut: Bools


def records(
    heads: Sequence[int], kind_of: Callable[[pl.DataFrame], Ints], layouts: tuple[Layout, ...]
) -> Callable[[Lines], pl.DataFrame]:
    """A text column for each name of the layouts that occur; null where a line's layout does not have it.

    `kind_of` gets the tokens at the places `heads` as `_0`, `_1` … and `_count`, and answers which of `layouts` each
    line has, −1 for none. These columns stay in the frame, `_kind` and `_cut` are added.
    """
    names = tuple(dict.fromkeys(name for layout in layouts for name in layout))
    places = np.array([[layout.get(name, -1) for name in names] for layout in layouts] + [[-1] * len(names)])
    split = Delimited((), _COMMA, quotes=True, brackets=False, collapse=False, nulls=())

    def shape(lines: Lines) -> pl.DataFrame:
        tokens = _tokens(lines, split)
        front = _columns(lines, tokens, tuple(f"_{i}" for i in heads), np.array(heads)[None, :])
        head = pl.DataFrame({**front, "_count": tokens.count})
        kind = kind_of(head)
        present = np.unique(kind)
        most = int(tokens.count.max(initial=0))
        wanted = np.flatnonzero(((places[present] >= 0) & (places[present] < most)).any(axis=0))
        place = places[kind][:, wanted] if len(present) > 1 else places[present][:, wanted]
        made = _columns(lines, tokens, tuple(names[i] for i in wanted), place)
        nothing = no_values(len(lines))
        return head.with_columns(
            *(made.get(name, nothing).alias(name) for name in names),
            pl.Series("_kind", kind, dtype=pl.Int64),
            pl.Series("_cut", tokens.cut),
        )

    return shape


def _tokens(lines: Lines, split: Delimited) -> _Tokens:
    """Where the tokens of all lines stand."""
    text = lines.text
    exact = cut = np.zeros(len(lines), np.bool_)
    if len(lines.positions(QUOTE)):
        found = marks(lines, _COMMA, None, _COMMA, at_start=True)
        exact, cut = found.irregular, cut.copy()
        at = found.at[found.kind != QUOTE]
    else:
        at = np.flatnonzero((text[:-PAD] == _COMMA) | (text[:-PAD] == LF))
    last = np.flatnonzero(text[at] == LF)
    first = np.zeros(len(lines), np.int64)
    first[1:] = last[:-1] + 1
    if lines.body is not lines.start:
        first = np.maximum(first, np.searchsorted(at, lines.body))
    count = last - first + 1
    rows = np.flatnonzero(exact)
    if not len(rows):
        return _Tokens(text, at, first, count, lines.body, lines.end, exact, cut)
    values, owner = split.exact(lines, rows, cut)
    head = np.searchsorted(owner, rows)
    text, start, end = appended(lines.text, values, gap=1)
    begin, limit = lines.body.copy(), lines.end.copy()
    begin[rows], limit[rows] = start[head], len(text)
    first[rows], count[rows] = len(at) + head, np.bincount(owner, minlength=len(lines))[rows]
    return _Tokens(text, np.append(at, end), first, count, begin, limit, exact, cut)


def _columns(lines: Lines, tokens: _Tokens, names: tuple[str, ...], place: Ints) -> dict[str, pl.Series]:
    """The tokens at these places, one row for each line or one for all of them; null where a line has none."""
    quoted = len(lines.positions(QUOTE)) > 0
    made = np.empty((len(names), len(lines)), VIEW)
    filled = np.empty(made.shape, np.bool_)
    step = max(1, _BLOCK // max(1, len(names)))
    for i in range(0, len(lines), step):
        some = slice(i, i + step)
        nth = place[some].T if len(place) > 1 else place.T
        index = tokens.first[some] + nth
        start, end = tokens.at.take(index - 1, mode="clip") + 1, tokens.at.take(index, mode="clip")
        np.copyto(start, tokens.begin[some], where=nth == 0)
        np.minimum(end, tokens.limit[some], out=end)
        if quoted:
            wrapped = (tokens.text[start] == QUOTE) & (end > start) & ~tokens.exact[some]
            start, end = start + wrapped, end - wrapped
        length = (end - start) * ((nth >= 0) & (nth < tokens.count[some]))
        made[:, some] = views(tokens.text, start.ravel(), length.ravel()).reshape(length.shape)
        filled[:, some] = length > 0
    nothing = no_values(len(lines))
    return {
        name: column(tokens.text, values, None if valid.all() else valid)
        if valid.any() else nothing
        for name, values, valid in zip(names, made, filled, strict=True)
    }  # fmt: skip
