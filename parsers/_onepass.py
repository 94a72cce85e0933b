"""Regular expressions that leave no choice, read for a whole column at once by vector operations.

Most expressions of messages are one-pass: at each byte there is only one way on. A column of texts is then read by
steps over places in it (bytes that have to stand there, a run of bytes of a class, a part that its first byte tells),
in a fraction of the time of `extract_groups`, and with the same answers. Other expressions are left to that, and texts
with runs of more than `_LONGEST` bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from re import _constants as sre  # type: ignore[attr-defined]  # the stubs leave it out
from re import _parser as sre_parser  # type: ignore[attr-defined]  # the stubs leave it out
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from parsers._assemble import overlaid
from parsers._lines import PAD, Bools, Ints
from parsers._views import Texts, lowest, strings

Words = npt.NDArray[np.uint64]
Bytes = frozenset[int]
_EVERY = frozenset(range(256))
_EACH = 0x0101010101010101
_LONGEST = 256
"""Bytes of a run that are read eight by eight."""
_FEW = 2048
"""Texts for which an expression costs less than its steps."""
_CLASSES = 8
"""Classes of bytes that an expression may have: the bits of a byte."""


@dataclass(frozen=True, slots=True)
class _Text:
    """Bytes that have to stand here."""

    text: bytes


@dataclass(frozen=True, slots=True)
class _Run:
    """As many bytes of a class as there are, at least and at most so many.

    `bit` is the number of the class, negative for all that is left.
    """

    bit: int
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class _Group:
    """A part with a name."""

    name: str
    steps: _Steps


@dataclass(frozen=True, slots=True)
class _Choice:
    """One of some parts, by the byte it begins with; `needed`: it can't be none of them."""

    parts: tuple[tuple[Bytes, _Steps], ...]
    needed: bool


_Steps = tuple["_Text | _Run | _Group | _Choice", ...]


class _Unclear(Exception):
    """An expression that leaves a choice, or has parts that are not read here."""


@dataclass(frozen=True, slots=True)
class _Follow:
    """Bytes with which what follows may begin: `soft` with, `hard` without the runs that may be empty."""

    soft: Bytes
    hard: Bytes


class _Program:
    """An expression as steps.

    Raises:
        _Unclear: It can't be read by steps.
    """

    def __init__(self, pattern: str) -> None:
        tree = sre_parser.parse(pattern)
        begin, *inner, end = tree.data
        if begin != (sre.AT, sre.AT_BEGINNING) or end != (sre.AT, sre.AT_END) or tree.state.flags != re.U.value:
            raise _Unclear
        self.classes: list[Bytes] = []
        self.groups = tuple(tree.state.groupdict)
        if len(self.groups) != tree.state.groups - 1:
            raise _Unclear
        self.steps, _ = self._steps(inner, _Follow(frozenset(), frozenset()))
        if not any(isinstance(step, _Group) for step in self.steps):
            raise _Unclear
        table = np.zeros(256, np.uint8)
        for bit, members in enumerate(self.classes):
            table[[byte for byte in range(256) if byte not in members]] |= np.uint8(1 << bit)
        self.table = table.tobytes()
        """For each byte, of which classes it is none."""

    def _steps(self, ops: Any, follow: _Follow) -> tuple[_Steps, _Follow]:
        """The steps of a sequence in front of what follows, and what begins it then."""
        made: list[_Text | _Run | _Group | _Choice] = []
        step: _Run | _Choice
        for op, given in reversed(ops):
            if op is sre.LITERAL:
                text = chr(given).encode()
                if made and isinstance(made[0], _Text):
                    text += made[0].text
                    del made[0]
                made.insert(0, _Text(text))
                if len(text) > PAD - 8:
                    raise _Unclear
                follow = _Follow(frozenset(text[:1]), frozenset(text[:1]))
            elif op is sre.SUBPATTERN:
                number, added, removed, part = given
                if added or removed:
                    raise _Unclear
                steps, follow = self._steps(part, follow)
                names = {at: name for name, at in part.state.groupdict.items()}
                made[:0] = steps if number is None else (_Group(names[number], steps),)
            elif op is sre.BRANCH:
                step, follow = self._choice(given[1], follow, needed=True)
                made.insert(0, step)
            elif op is sre.MAX_REPEAT:
                least, most, part = given
                if len(part) == 1 and part[0][0] in _CLASS_OPS:
                    step, follow = self._run(_members(part[0]), least, None if most is sre.MAXREPEAT else most, follow)
                    made.insert(0, step)
                elif least == most:
                    for _ in range(least):
                        steps, follow = self._steps(part, follow)
                        made[:0] = steps
                elif (least, most) == (0, 1):
                    step, follow = self._choice([part], follow, needed=False)
                    made.insert(0, step)
                else:
                    raise _Unclear
            else:
                step, follow = self._run(_members((op, given)), 1, 1, follow)
                made.insert(0, step)
        return tuple(made), follow

    def _run(self, members: Bytes, least: int, most: int | None, follow: _Follow) -> tuple[_Run, _Follow]:
        if (least != most and members & follow.hard) or (most is not None and max(members) > 127):
            raise _Unclear
        if members == _EVERY:
            step = _Run(-1, least, most)
        else:
            if members not in self.classes:
                self.classes.append(members)
            if len(self.classes) > _CLASSES:
                raise _Unclear
            step = _Run(self.classes.index(members), least, most)
        return step, _Follow(members, members) if least else _Follow(members | follow.soft, follow.hard)

    def _choice(self, parts: Any, follow: _Follow, *, needed: bool) -> tuple[_Choice, _Follow]:
        made = []
        taken: Bytes = frozenset() if needed else follow.soft
        for part in parts:
            steps, begins = self._steps(part, follow)
            if part.getwidth()[0] == 0 or begins.soft & taken:
                raise _Unclear
            made.append((begins.soft, steps))
            taken |= begins.soft
        first: Bytes = reduce(or_, (bytes_ for bytes_, _ in made))
        return _Choice(tuple(made), needed), (
            _Follow(first, first) if needed else _Follow(first | follow.soft, first | follow.hard)
        )


_CLASS_OPS = (sre.IN, sre.LITERAL, sre.NOT_LITERAL, sre.ANY)


def _members(op: tuple[Any, Any]) -> Bytes:
    """The bytes of a class; all bytes of characters beyond ASCII are in it, or none."""
    kind, given = op
    if kind is sre.ANY:
        return _EVERY
    if kind is sre.IN:
        parts = given
    elif kind in (sre.LITERAL, sre.NOT_LITERAL):
        parts = [(sre.NEGATE, None)] if kind is sre.NOT_LITERAL else []
        parts = [*parts, (sre.LITERAL, given)]
    else:
        raise _Unclear
    negated = parts[0][0] is sre.NEGATE
    found: set[int] = set()
    for what, value in parts[negated:]:
        low, high = value if what is sre.RANGE else (value, value)
        if what not in (sre.RANGE, sre.LITERAL) or high > 127:
            raise _Unclear
        found.update(range(low, high + 1))
    return _EVERY - found if negated else frozenset(found)


@lru_cache(1024)
def _program(pattern: str) -> _Program | None:
    try:
        return _Program(pattern)
    except (_Unclear, re.error):  # Rust has flags where Python allows none
        return None


def extract(texts: pl.Series, pattern: str) -> tuple[pl.DataFrame, Bools]:
    """The named groups of an expression (`^…$`), null where it doesn't fit, and where it fits (one has a value)."""
    program = _program(pattern) if len(texts) >= _FEW else None
    if program is None:
        return _by_expression(texts, pattern)
    reading = _Reading(Texts.of(texts), program)
    made = pl.DataFrame(reading.columns())
    if reading.long.any():
        rows = pl.Series(reading.long)
        found, reading.fits[reading.long] = _by_expression(texts.filter(rows), pattern)
        made = overlaid(made, rows, found)
    return made, reading.fits


def _by_expression(texts: pl.Series, pattern: str) -> tuple[pl.DataFrame, Bools]:
    found = texts.str.extract_groups(pattern).struct.unnest()
    fits: Bools = pl.select(pl.any_horizontal(values.is_not_null() for values in found)).to_series().to_numpy()
    return found, fits


class _Reading:
    """A column on its way through a program."""

    def __init__(self, texts: Texts, program: _Program) -> None:
        self.texts, self.program = texts, program
        size = (len(texts.text) - 7,)
        self.word = np.ndarray(size, "<u8", buffer=texts.text, strides=(1,))
        self.alien = np.ndarray(size, "<u8", buffer=texts.text.tobytes().translate(program.table), strides=(1,))
        self.long = np.zeros(len(texts), np.bool_)
        self.found: dict[str, tuple[Ints, Ints]] = {}
        at, self.fits = self._go(program.steps, None, texts.start)
        self.fits &= texts.valid & (at == texts.end)

    def columns(self) -> dict[str, pl.Series]:
        """The groups."""
        made = {}
        for name in self.program.groups:
            if name not in self.found:
                made[name] = pl.Series([None], dtype=pl.String).new_from_index(0, len(self.texts))
                continue
            begin, end = self.found[name]
            there = self.fits & (begin >= 0)
            made[name] = strings(self.texts.text, begin, end, None if there.all() else there)
        return made

    def _go(self, steps: _Steps, rows: Ints | None, at: Ints) -> tuple[Ints, Bools]:
        """Where the steps end that begin at `at` in some rows (None: all of them), and which fit."""
        end = self.texts.end if rows is None else self.texts.end[rows]
        fits = np.ones(len(at), np.bool_)
        for number, step in enumerate(steps):
            if isinstance(step, _Text):
                here = self._stands(step.text, at) & (at + len(step.text) <= end)
                if here.all():
                    at = at + len(step.text)
                    continue
                fits &= here
                at = at + fits * len(step.text)
                if number + 1 < len(steps) and 2 * np.count_nonzero(fits) < len(fits):
                    few = np.flatnonzero(fits)
                    at[few], fits[few] = self._go(steps[number + 1 :], few if rows is None else rows[few], at[few])
                    return at, fits
            elif isinstance(step, _Run):
                stop = end if step.bit < 0 else self._run(step, rows, at, end)
                fits &= stop - at >= step.least
                at = stop
            elif isinstance(step, _Group):
                begin = at
                at, good = self._go(step.steps, rows, at)
                fits &= good
                self._put(step.name, rows, begin, at)
            else:
                at = self._choose(step, rows, at, end, fits)
        return at, fits

    def _put(self, name: str, rows: Ints | None, begin: Ints, end: Ints) -> None:
        if rows is None:
            self.found[name] = begin, end
            return
        if name not in self.found:
            self.found[name] = np.full(len(self.texts), -1, np.int64), np.zeros(len(self.texts), np.int64)
        self.found[name][0][rows], self.found[name][1][rows] = begin, end

    def _stands(self, text: bytes, at: Ints) -> Bools:
        if len(text) == 1:
            here: Bools = self.texts.text[at] == text[0]
            return here
        made = np.ones(len(at), np.bool_)
        for first in range(0, len(text), 8):
            piece = text[first : first + 8]
            word = self.word[at + first if first else at]
            if len(piece) < 8:
                word &= np.uint64((1 << 8 * len(piece)) - 1)
            made &= word == np.uint64(int.from_bytes(piece, "little"))
        return made

    def _run(self, step: _Run, rows: Ints | None, at: Ints, end: Ints) -> Ints:
        mask = np.uint64(_EACH << step.bit)
        alien = self.alien[at] & mask
        stop = at + lowest(alien)
        more = np.flatnonzero(alien == 0) if step.most is None or step.most > 8 else at[:0]
        more = more[stop[more] < end[more]]
        for _ in range(8, _LONGEST, 8):
            if not len(more):
                break
            alien = self.alien[stop[more]] & mask
            stop[more] += lowest(alien)
            more = more[(alien == 0) & (stop[more] < end[more])]
        self.long[more if rows is None else rows[more]] = True
        np.minimum(stop, end, out=stop)
        if step.most is not None:
            stop = np.minimum(stop, at + step.most)
        return stop

    def _choose(self, step: _Choice, rows: Ints | None, at: Ints, end: Ints, fits: Bools) -> Ints:
        """Where the part ends that stands in each row."""
        first = self.texts.text[at]
        chosen = np.full(len(at), not step.needed)
        at = at.copy()
        for bytes_, steps in step.parts:
            begins = reduce(or_, (first == byte for byte in bytes_)) if len(bytes_) < 4 else _table(bytes_)[first]
            some = np.flatnonzero(begins & (at < end) & fits)
            if len(some):
                at[some], chosen[some] = self._go(steps, some if rows is None else rows[some], at[some])
        fits &= chosen
        return at


@lru_cache(256)
def _table(members: Bytes) -> Bools:
    made = np.zeros(256, np.bool_)
    made[list(members)] = True
    return made
