r"""The shape of lines that are JSON objects.

A path names a value: `alert.signature` is the member `signature` of the member `alert`, or a member of the line itself
that is called so. A string is given without its quotes and escapes (control characters come out as `\xNN`), a number,
`true` and `false` as they are written, an object or an array as JSON whose numbers are strings; `null` is null. Of a
path that comes twice the first value counts: what a client can write comes after what the device writes. A line that
is no JSON (cut short, a byte that was no text) is read as far as it goes; one that ends too early is `_cut`.

The members of regular lines are found for whole chunks at once (see _json_tokens); other lines are read one by one,
token by token. Both give the same answer on regular lines (tested).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from parsers._json_tokens import OBJECT, Members, holding, members
from parsers._lines import PAD, Bools, Ints, Lines, Octets, written_out
from parsers._pairs import UNKNOWN, Keys, Side, text_columns
from parsers._quotes import BACKSLASH, appended
from parsers._views import Texts, packed, views

_TOKEN = re.compile(r'[ \t]+|"((?:[^"\\]|\\.)*+)("?)|[{}\[\]:,]|[^ \t{}\[\]:,"]+', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))")
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "/": "/"}
_NOWHERE, _ROOT = 0, 1


def json_lines(*paths: str) -> Callable[[Lines], pl.DataFrame]:
    """A text column for each of `paths`; besides them `_json`, whether the line is an object at all, and `_cut`.

    Raises:
        ValueError: The name of a member is empty or too long.
    """
    tree = _tree(paths)
    return lambda lines: tree.read(lines.text, lines.body, lines.end)


def json_columns(series: pl.Series, *paths: str) -> pl.DataFrame:
    """The same for a text column of JSON objects without line feeds; the row of anything else is null throughout."""
    texts = Texts.of(series.fill_null("") + "\n")
    return _tree(paths).read(texts.text, texts.start, texts.end - 1).select(paths)


@lru_cache
def _tree(paths: tuple[str, ...]) -> _Tree:
    return _Tree(paths)


class _Tree:
    """The paths as nodes of a tree, for one line and as tables for whole chunks."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = paths
        self.below: dict[tuple[int, str], int] = {}
        self.number: dict[int, int] = {}
        for number, path in enumerate(paths):
            node = _ROOT
            for part in path.split("."):
                node = self.below.setdefault((node, part), len(self.below) + _ROOT + 1)
            self.number[node] = number
        self.deepest = max((path.count(".") + 1 for path in paths), default=0)
        count = len(self.below) + _ROOT + 1
        self.names = Keys(sorted({part for _, part in self.below}))
        self.child = np.zeros((count, UNKNOWN + 1), np.uint16)
        for (node, part), child in self.below.items():
            self.child[node, self.names.known[part.encode()]] = child
        self.path = np.full(count, UNKNOWN, np.uint8)
        self.path[list(self.number)] = list(self.number.values())
        dotted = {paths[number]: node for node, number in self.number.items() if "." in paths[number]}
        self.dotted = Keys(list(dotted))
        self.dotted_child = np.zeros(UNKNOWN + 1, np.uint16)
        self.dotted_child[: len(dotted)] = list(dotted.values())
        self.below |= {(_ROOT, path): node for path, node in dotted.items()}

    def read(self, text: Octets, begin: Ints, end: Ints) -> pl.DataFrame:
        """A text column for each path, `_json` and `_cut`, of the lines `text[begin:end]`."""
        there = (begin < end) & (text[begin] == OBJECT)
        irregular = ~there
        escapes = np.flatnonzero(text[:-PAD] == BACKSLASH)
        found = members(text, begin, escapes, irregular)
        number = self.path[self.nodes(text, found)]
        asked = np.flatnonzero(number != UNKNOWN)
        number, row = number[asked], found.row[asked]
        start, stop, nested = found.start[asked], found.end[asked], found.nested[asked]

        odd = nested.copy()
        odd[holding(start, stop, escapes)] = True
        odd_rows = np.flatnonzero(odd)
        values = _rewritten(text, start[odd_rows], stop[odd_rows], nested[odd_rows])
        side, cut = self.one_by_one(text, begin, end, irregular & there)
        if values or side.values:
            text, side_start, side_stop = appended(text, values + side.values)
            count = len(values)
            start[odd_rows], stop[odd_rows] = side_start[:count], side_stop[:count]
            start, stop = np.concatenate((start, side_start[count:])), np.concatenate((stop, side_stop[count:]))
            row = np.concatenate((row, np.array(side.row, np.int64)))
            number = np.concatenate((number, np.array(side.key, np.uint8)))
        # The views first, in the order of the text: by path they would walk through the chunk once for each.
        made = views(text, start, stop - start)
        order = np.argsort(number, kind="stable")
        made, number, row = made.take(order, axis=0), number[order], row[order]
        columns = text_columns(text, made, number, row, self.paths, len(begin), packed(()))
        return pl.DataFrame({**columns, "_json": there, "_cut": cut})

    def nodes(self, text: Octets, found: Members) -> npt.NDArray[np.uint16]:
        """The node of each member."""
        name = self.names.numbers(text, found.key, found.key_end)
        top = above = found.depth == 1
        node = np.where(top, self.child[_ROOT, name], np.uint16(_NOWHERE))
        for level in range(2, self.deepest + 1):
            at = np.flatnonzero(found.depth == level)
            if not len(at):
                break
            # They belong to the last member before them that is not so deep.
            parent = np.maximum.accumulate(np.where(above, np.arange(len(name), dtype=np.int32), np.int32(0)))
            node[at] = self.child[node[parent[at]], name[at]]
            above = found.depth == level
        at = np.flatnonzero(top & (name == UNKNOWN))
        node[at] = self.dotted_child[self.dotted.numbers(text, found.key[at], found.key_end[at])]
        return node

    def one_by_one(self, text: Octets, begin: Ints, end: Ints, which: Bools) -> tuple[Side, Bools]:
        """The values of some lines by their paths' numbers; which of them end too early."""
        side, cut = Side([], [], []), np.zeros(len(begin), np.bool_)
        for line in np.flatnonzero(which).tolist():
            found, cut[line] = self.exact(text[begin[line] : end[line]].tobytes().decode())
            side.row += [line] * len(found)
            side.key += found
            side.values += [value.encode() for value in found.values()]
        return side, cut

    def exact(self, text: str) -> tuple[dict[int, str], bool]:
        """The same for one line, token by token as far as it goes."""
        values: dict[int, str] = {}
        stack: list[tuple[str, int, int]] = []  # the bracket, whose value it is, where it opened
        key: str | None = None
        place: int | None = None  # of the value that is expected; None: a key is

        def put(node: int, value: str) -> None:
            if node in self.number:
                values.setdefault(self.number[node], value)

        for token in _TOKEN.finditer(text):
            first = token[0][0]
            in_object = bool(stack) and stack[-1][0] == "{"
            if first in "{[":
                stack.append((first, (place or _NOWHERE) if stack else _ROOT, token.start()))
                key, place = None, None if first == "{" else _NOWHERE
            elif first in "}]":
                bracket, node, opened = stack.pop()
                if (bracket == "{") != (first == "}"):
                    return values, True
                if node in self.number:
                    put(node, _normal(text[opened : token.end()]))
                if not stack:
                    return values, False
                place = _NOWHERE
            elif first == ",":
                key, place = None, None if in_object else _NOWHERE
            elif first == ":":
                if in_object and key is not None and place is None:
                    place = self.below.get((stack[-1][1], key), _NOWHERE)
            elif first == '"':
                if place is None:
                    key = _unescaped(token[1])
                else:
                    put(place, _unescaped(token[1]))
                    place = _NOWHERE
            elif first not in " \t" and place is not None:
                if token[0] != "null":
                    put(place, token[0])
                place = _NOWHERE
        return values, True


def _rewritten(text: Octets, start: Ints, end: Ints, nested: Bools) -> list[bytes]:
    """Values with escapes, and those that are objects or arrays (`nested`)."""
    known: dict[bytes, bytes] = {}
    values = []
    for first, last, whole in zip(start.tolist(), end.tolist(), nested.tolist(), strict=True):
        raw = text[first:last].tobytes()
        value = known.get(raw)
        if value is None:
            value = known[raw] = (_normal(raw.decode()) if whole else _unescaped(raw.decode())).encode()
        values.append(value)
    return values


def _unescaped(content: str) -> str:
    def one(got: re.Match[str]) -> str:
        if got[1]:
            return chr(0x10000 + ((int(got[1], 16) - 0xD800) << 10) + int(got[2], 16) - 0xDC00)
        return chr(int(got[3], 16)) if got[3] else _SHORT.get(got[4], got[0])

    return written_out(_ESCAPE.sub(one, content)) if "\\" in content else content


def _normal(text: str) -> str:
    """An object or array without blanks and with its numbers as strings; as it is written where it is no JSON."""
    try:
        found = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return text
    return written_out(json.dumps(found, ensure_ascii=False, separators=(",", ":")))


def _first(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else dict(reversed(pairs))


_DECODER = json.JSONDecoder(object_pairs_hook=_first, parse_float=str, parse_int=str, strict=False)
