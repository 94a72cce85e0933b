"""Where the members of JSON objects stand, for whole chunks at once.

Tokens are the brackets, colons, commas and strings of a line; what else stands between two of them is a word (a
number, `true`, `null`) or blank. A line is *regular* when each token may follow the one before it, its brackets match,
no blank comes twice before a value, and no backslash stands outside of strings or in a key.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from parsers._lines import LF, PAD, SPACE, TAB, Bools, Ints, Octets
from parsers._quotes import QUOTE
from parsers._views import words

COLON, COMMA, ARRAY, OBJECT, END = 58, 44, 91, 123, 125
_NULL = int.from_bytes(b"null", "little")
_BLOCK = 1 << 17
_DEEPEST = 200
"""Brackets in each other in a regular line."""

_KEY = 7
_CODES = {LF: 0, OBJECT: 1, END: 2, COLON: 3, COMMA: 4, QUOTE: 5, ARRAY: 6}
_CODE = np.zeros(128, np.uint8)
_CODE[list(_CODES)] = list(_CODES.values())
_FOLLOWS = np.zeros(64, np.bool_)
"""Code of a token * 8 + code of the next: whether that may be. A string before a colon is a key, an array one token."""
for _this, _next in enumerate(((0, 1), (2, _KEY), (0, 2, 4), (1, 2, 4, 5, 6), (_KEY,), (2, 4), (2, 4), (3,))):
    _FOLLOWS[[_this * 8 + code for code in _next]] = True


@dataclass(slots=True)
class Members:
    """Members in the order of the text, without those in arrays.

    `row`: the line; `depth`: 1 for a member of the line's object, 0 where nothing can be said (null, irregular); the
    key is `text[key:key_end]`, the value `text[start:end]`, of a string without its quotes; `nested`: whether that is
    an object or an array.
    """

    row: Ints
    depth: Ints
    key: Ints
    key_end: Ints
    start: Ints
    end: Ints
    nested: Bools


@dataclass(slots=True)
class _Tokens:
    """`at`: the place; `kind`: the byte; `until`: where the string ends that it opens, or what its bracket holds.

    `ends`: which of them are the LF of a line.
    """

    at: Ints
    kind: Octets
    until: Ints
    ends: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.ends = np.flatnonzero(self.kind == LF)

    def lines(self, which: Ints) -> Ints:
        """The lines of some tokens."""
        return np.searchsorted(self.ends, which)


def members(text: Octets, begin: Ints, escapes: Ints, irregular: Bools) -> Members:
    """The members of the objects that begin at `begin`, one in each line of the text, whose backslashes are `escapes`.

    Lines that are irregular are added to `irregular`.
    """
    tokens = _strings(text, begin, escapes, irregular)
    depth, beside = _brackets(tokens, irregular)
    at, kind = tokens.at, tokens.kind
    colon = np.flatnonzero(kind == COLON)
    depth = depth[np.cumsum(kind >= ARRAY, dtype=np.int32)[colon]]
    # Behind a colon a word begins at once or after one blank, and ends with the next token or blank.
    after = colon + 1
    blank = (kind == SPACE) | (kind == TAB)
    between = np.flatnonzero(blank)
    between = between[~irregular[tokens.lines(between)]]
    if len(between):
        beside[between] = True
        after += blank[after] & (at[after] == at[colon] + 1)
        twice = blank[after] & (at[after] == at[after - 1] + 1)
        irregular[tokens.lines(colon[twice])] = True
    word, stop = at[after - 1] + 1, at[after]
    if beside.any():
        outside, rest = np.flatnonzero(~beside[colon]), np.flatnonzero(~beside)
        depth, word, stop = depth[outside], word[outside], stop[outside]
        tokens = _Tokens(at[rest], kind[rest], tokens.until[rest])
        at, kind = tokens.at, tokens.kind
        colon = np.flatnonzero(kind == COLON)
    irregular[tokens.lines(_misplaced(kind))] = True

    # Of irregular lines all that follows may be nonsense.
    row = np.repeat(np.arange(len(begin)), np.diff(np.searchsorted(colon, tokens.ends), prepend=0))
    before, value, is_word = np.maximum(colon - 1, 0), colon + 1, stop > word
    first = kind[value]
    quoted, nested = first == QUOTE, (first == ARRAY) | (first == OBJECT)
    irregular[row[is_word & (quoted | nested)]] = True
    key = at[before] + 1
    key_end = np.maximum(key, tokens.until[before])
    irregular[row[holding(key, key_end, escapes)]] = True
    short = np.flatnonzero(stop - word == len("null"))
    is_word[short[words(text, "<u4")[word[short]] == _NULL]] = False
    depth[irregular[row] | ~(is_word | quoted | nested)] = 0
    start, end = at[value] + quoted, tokens.until[value]
    np.copyto(start, word, where=is_word)
    np.copyto(end, stop, where=is_word)
    return Members(row, depth, key, key_end, start, end, nested)


def holding(start: Ints, end: Ints, escapes: Ints) -> Ints:
    """Which of some texts hold one of `escapes`; a text that begins within another has its own."""
    if not len(escapes) or not len(start):
        return np.zeros(0, np.int64)
    which = np.searchsorted(start, escapes, side="right") - 1
    return which[(which >= 0) & (escapes < end[which])]


def _places(text: Octets) -> Ints:
    """Where a quote, a bracket, a colon, a comma, a blank or a LF stands."""
    hit = np.empty(len(text), np.bool_)
    for block in range(0, len(text), _BLOCK):  # what is worked out for a block stays in the processor's cache
        part, found = text[block : block + _BLOCK], hit[block : block + _BLOCK]
        np.equal(part, QUOTE, out=found)
        found |= part == COLON
        found |= part == COMMA
        found |= part <= SPACE
        curly = part | 32  # [ and { differ in this bit, and so do ] and }
        found |= curly == OBJECT
        found |= curly == END
    return np.flatnonzero(hit)


def _strings(text: Octets, begin: Ints, escapes: Ints, irregular: Bools) -> _Tokens:
    """The tokens and blanks outside of strings; a string is its opening quote, and ends with its line."""
    at = _places(text[:-PAD])
    kind = text[at]
    ends = np.flatnonzero(kind == LF)
    if begin[:1].any() or (begin[1:] > at[ends[:-1]] + 1).any():
        behind = np.flatnonzero(at >= np.repeat(begin, np.diff(ends, prepend=-1)))
        at, kind = at[behind], kind[behind]
        ends = np.flatnonzero(kind == LF)
    if len(escapes):
        quotes = _escaped_quotes(text, escapes)
        index = np.searchsorted(at, quotes)
        kind[index[at[index] == quotes]] = SPACE  # as good as any other character within a string
    quote = (kind == QUOTE).view(np.uint8)
    within = np.bitwise_xor.accumulate(quote)
    odd = np.diff(within[ends], prepend=np.uint8(0)) & 1
    if odd.any():
        irregular |= odd.view(np.bool_)
        quote[ends] = odd
        within = np.bitwise_xor.accumulate(quote)
    before = within ^ quote
    if len(escapes):
        row = np.searchsorted(at[ends], escapes)
        outside = (escapes >= begin[row]) & (before[np.searchsorted(at, escapes)] == 0)
        irregular[row[outside]] = True
    before[ends] = 0
    keep = np.flatnonzero(before == 0)
    until = np.zeros(len(keep), np.int64)
    kind = kind[keep]
    until[np.flatnonzero(kind == QUOTE)] = at[np.flatnonzero(quote > within)]
    return _Tokens(at[keep], kind, until)


def _escaped_quotes(text: Octets, escapes: Ints) -> Ints:
    """The quotes behind an odd number of backslashes."""
    first = escapes[np.diff(escapes, prepend=-2) != 1]
    last = escapes[np.diff(escapes, append=-2) != 1]
    found: Ints = last[((last - first) & 1 == 0) & (text[last + 1] == QUOTE)] + 1
    return found


def _brackets(tokens: _Tokens, irregular: Bools) -> tuple[Ints, Bools]:
    """Writes where brackets end into `until`.

    Returns:
        How deep a text stands that has so many brackets before it in the chunk; which tokens stand in an array.
    """
    bracket = np.flatnonzero(tokens.kind >= ARRAY)
    kind = tokens.kind[bracket]
    step = (kind & 2).astype(np.int64) - 1  # an opening bracket has this bit, a closing one has not
    bounds = np.searchsorted(bracket, tokens.ends)
    row = np.repeat(np.arange(len(bounds)), np.diff(bounds, prepend=0))
    depth = np.cumsum(step)
    total = np.concatenate(([0], depth))[np.concatenate(([0], bounds))]
    irregular |= np.diff(total) != 0
    depth -= total[row]
    level = depth + (step < 0)
    outmost = (depth - step < 1) & (np.diff(row, prepend=-1) == 0)  # no object of its own may follow the line's
    irregular[row[outmost | (level > _DEEPEST)]] = True
    sound = np.flatnonzero(~irregular[row])
    # On one level of sound lines, an opening bracket is followed by the one that closes it.
    order = sound[np.argsort(level[sound].astype(np.uint8), kind="stable")]
    opening, closing = order[0::2], order[1::2]
    irregular[row[opening[kind[opening] + 2 != kind[closing]]]] = True
    tokens.until[bracket[opening]] = tokens.at[bracket[closing]] + 1
    inside = np.zeros(len(tokens.at), np.bool_)
    array = kind[opening] == ARRAY
    if array.any():
        change = np.zeros(len(inside) + 1, np.int64)
        change[bracket[opening[array]] + 1] = 1
        change[bracket[closing[array]] + 1] = -1
        inside = np.cumsum(change[:-1]) > 0
    return np.concatenate(([0], depth)), inside


def _misplaced(kind: Octets) -> Ints:
    """The tokens that may not follow the one before them."""
    code = _CODE[kind]
    is_key = (kind[:-1] == QUOTE) & (kind[1:] == COLON)
    code[:-1] += is_key.view(np.uint8) * np.uint8(_KEY - _CODES[QUOTE])
    return np.flatnonzero(~_FOLLOWS[code[:-1] << np.uint8(3) | code[1:]]) + 1
