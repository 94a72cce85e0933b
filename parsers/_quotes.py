"""Which separators of a chunk lie outside of quotes, for whole chunks at once; the base of the tokenising shapes.

A line is *regular* when its quotes come in pairs, each pair begins where a value may begin and ends where one may end,
and no quote is escaped. For regular lines a few passes over the positions of the separators decide everything; the
others go to the exact tokeniser of the shape, one by one. Both give the same answer on regular lines (tested), so a
quoted value can neither forge a key nor shift a neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from parsers._lines import LF, PAD, Bools, Ints, Lines, Octets

QUOTE, BACKSLASH, EQUALS = 34, 92, 61


@dataclass(slots=True)
class Marks:
    """The bytes that structure the chunk, quoted ones left out, in order; the last is a LF.

    `at`: place; `kind`: the byte; `row`: its line. Of the lines in `irregular` only the LF is there.
    """

    at: Ints
    kind: Octets
    row: Ints
    irregular: Bools


def marks(lines: Lines, separator: int, extra: int | None, opens_after: int, *, at_start: bool) -> Marks:
    """Separators, `extra` bytes and quotes of all bodies.

    Quotes may open after `opens_after`, and with `at_start` where a body begins.
    """
    text = lines.text[:-PAD]
    hit = (text == separator) | (text == LF)
    if extra is not None:
        hit |= text == extra
    quoted = len(lines.positions(QUOTE)) > 0
    if quoted:
        hit |= text == QUOTE
    at = np.flatnonzero(hit)
    kind = text[at]
    ends = kind == LF
    row = np.cumsum(ends) - ends
    irregular = np.zeros(len(lines), np.bool_)
    if lines.body is not lines.start:
        inside = (at >= lines.body[row]) | ends
        at, kind, row, ends = at[inside], kind[inside], row[inside], ends[inside]
    if not quoted:
        return Marks(at, kind, row, irregular)
    is_quote = kind == QUOTE
    seen = np.cumsum(is_quote)
    at_end = seen[ends]
    if (np.diff(at_end, prepend=0) & 1).any():
        irregular |= (np.diff(at_end, prepend=0) & 1).astype(np.bool_)
        seen = seen - np.concatenate(([0], at_end[:-1]))[row]
    within = ((seen & 1) == 1) & ~is_quote & ~ends
    keep = ~within
    at, kind, row, seen = at[keep], kind[keep], row[keep], seen[keep]
    _judge(lines, Marks(at, kind, row, irregular), seen, separator, opens_after, at_start=at_start)
    if irregular.any():
        regular = ~irregular[row] | (kind == LF)
        at, kind, row = at[regular], kind[regular], row[regular]
    return Marks(at, kind, row, irregular)


def _judge(lines: Lines, found: Marks, seen: Ints, separator: int, opens_after: int, *, at_start: bool) -> None:
    """Marks the lines whose quotes stand where no value begins or ends, or are escaped."""
    quote = np.flatnonzero(found.kind == QUOTE)
    opening = quote[(seen[quote] & 1) == 1]
    closing = quote[(seen[quote] & 1) == 0]
    place = found.at[opening]
    wrong = lines.text[place - 1] != opens_after
    if at_start:
        wrong &= place != lines.body[found.row[opening]]
    found.irregular[found.row[opening[wrong]]] = True
    place = found.at[closing]
    wrong = (lines.text[place + 1] != separator) & (place + 1 != lines.end[found.row[closing]])
    wrong |= lines.text[place - 1] == BACKSLASH
    found.irregular[found.row[closing[wrong]]] = True


def appended(text: Octets, side: list[bytes], gap: int = 0) -> tuple[Octets, Ints, Ints]:
    """The text with the values of irregular lines behind it, and where each of these begins and ends.

    So many bytes lie between two values.
    """
    size = np.array([len(value) for value in side], np.int64)
    end = len(text) - PAD + np.cumsum(size + gap) - gap
    behind = np.frombuffer(bytes(gap).join(side) + bytes(PAD), np.uint8)
    return np.concatenate((text[:-PAD], behind)), end - size, end


def first_of_each(keys: npt.NDArray[np.integer]) -> Bools:
    """Of equal neighbours the first."""
    first = np.ones(len(keys), np.bool_)
    first[1:] = keys[1:] != keys[:-1]
    return first
