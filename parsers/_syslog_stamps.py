"""How far the time stamp in front of a syslog line goes."""

from __future__ import annotations

import numpy as np

from parsers._lines import Bools, Ints, Lines
from parsers._views import window

_SPACE, _COLON = 32, 58
STAMP = 24
"""The clock of a time stamp begins and ends within so many bytes."""


def stamp_end(lines: Lines, begin: Ints, end: Ints, iso: Bools, names: tuple[str, ...]) -> Ints:
    """Where a time stamp ends: behind the clock, its fraction and zone, and a year or the zone's name that follow."""
    head = window(lines.text, begin, end, STAMP)
    stop = begin.copy()
    clock = np.where((head[9] == _COLON) & (head[12] == _COLON), 9, 0)
    rest = np.flatnonzero(clock == 0)
    for i in range(4, 20) if len(rest) else ():
        here = (clock[rest] == 0) & (head[i, rest] == _COLON) & (head[i + 3, rest] == _COLON)
        clock[rest[here]] = i
    good = clock > 0
    stop[good] = begin[good] + clock[good] + 6
    first = lines.text[stop]
    tail = good & ((first == 46) | (first == 44) | (iso & ((first == 43) | (first == 45) | (first == 90))))
    if tail.any():
        stop[tail] = np.minimum(lines.following(_SPACE, stop[tail]), end[tail])
        colon = tail & (lines.text[np.maximum(stop - 1, 0)] == _COLON)
        stop[colon] -= 1
    more = good & ~iso & (lines.text[stop] == _SPACE)
    first = lines.text[stop + 1]
    rows = np.flatnonzero(more & ((first == 49) | (first == 50)))
    if len(rows):
        year = window(lines.text, stop[rows], end[rows], 7)
        ends = (year[5] == _SPACE) | (year[5] == 0) | ((year[5] == _COLON) & ((year[6] == _SPACE) | (year[6] == 0)))
        follows = ends & np.logical_and.reduce((year[2:5] >= 48) & (year[2:5] <= 57))
        stop[rows[follows]] += 5
    for name in names:
        rows = np.flatnonzero(more & (lines.text[stop + 1] == ord(name[0])))
        if len(rows):
            zone = window(lines.text, stop[rows], end[rows], len(name) + 2)
            spelt = (zone[-1] == _SPACE) | (zone[-1] == _COLON)
            for i, letter in enumerate(name.encode(), 1):
                spelt &= zone[i] == letter
            stop[rows[spelt]] += len(name) + 1
    return np.minimum(stop, end)
