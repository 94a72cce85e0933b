"""From bytes to lines of clean UTF-8 that every shape may index: the front end of all formats.

A line ends at LF; a CR before it is dropped. VT, FF, NEL, U+2028 end nothing. Only a chunk with something wrong in it
pays for looking at single lines: a byte that is no text in the source's encoding, and every control character except
tab, is written `\\xNN` where it stands, so that it can neither hide the line from the rules nor act in a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from parsers._format import LONGEST, Chunk

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Octets = npt.NDArray[np.uint8]

PAD = 64
"""Zero bytes after the text, so that a window of so many bytes may be read at any place in it."""
LF, CR, TAB, SPACE = 10, 13, 9, 32


@dataclass(slots=True)
class Lines:
    """All lines of a chunk. `text[start:end]` is a line; `line`, `offset`, `length` are its place in the batch.

    `text` is UTF-8, each line followed by LF, with `PAD` zero bytes at the end. `body` is where the syslog header ends;
    it is `start` itself where no line has one. `data` are begins and ends of the structured data in RFC 5424 headers
    (equal: a line has none), None where no line has any. `times`: how often a syslog daemon counted the message that it
    wrapped, None where it wrapped none.
    Oversize lines are here with an empty text.
    """

    text: Octets
    start: Ints
    end: Ints
    line: Ints
    offset: Ints
    length: Ints
    repaired: Bools
    oversize: Bools
    body: Ints = field(init=False)
    data: tuple[Ints, Ints] | None = field(init=False, default=None)
    times: Ints | None = field(init=False, default=None)
    _found: dict[int, Ints] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.body = self.start

    def __len__(self) -> int:
        return len(self.start)

    def positions(self, byte: int) -> Ints:
        """Where a byte stands in the text, ascending."""
        found = self._found.get(byte)
        if found is None:
            found = self._found[byte] = np.flatnonzero(self.text[:-PAD] == byte)
        return found

    def following(self, byte: int, at: Ints) -> Ints:
        """The first place of `byte` at or after each of `at`; the text's end where there is none."""
        found = self.positions(byte)
        if not len(found):
            return np.full(len(at), len(self.text), np.int64)
        index = np.searchsorted(found, at)
        inside = index < len(found)
        return np.where(inside, found[np.minimum(index, len(found) - 1)], len(self.text))

    def bodies(self, rows: Ints) -> Lines:
        """The bodies of some lines, as lines of their own."""
        begin, finish = self.body[rows], self.end[rows]
        pieces = [self.text[a:b].tobytes() for a, b in zip(begin.tolist(), finish.tolist(), strict=True)]
        end = np.cumsum(finish - begin + 1) - 1
        text = np.frombuffer(b"\n".join([*pieces, bytes(PAD)]), np.uint8)
        place = (self.line[rows], self.offset[rows], self.length[rows])
        return Lines(text, end - finish + begin, end, *place, self.repaired[rows], self.oversize[rows])

    @property
    def blank(self) -> Bools:
        """Lines of nothing but spaces and tabs; an oversize line is not blank."""
        blank: Bools = self.start == self.end
        maybe = np.flatnonzero((self.text[self.start] <= SPACE) & ~blank)
        for i in maybe.tolist():
            blank[i] = not self.text[self.start[i] : self.end[i]].tobytes().strip(b" \t")
        result: Bools = blank & ~self.oversize
        return result


def lines_of(chunk: Chunk, encoding: str) -> Lines:
    """The lines of a chunk that was kept (`chunk.oversize` is 0)."""
    data = chunk.data if chunk.data.endswith(b"\n") or not chunk.data else chunk.data + b"\n"
    raw = np.frombuffer(data + bytes(PAD), np.uint8)
    start, end = _cut(raw)
    count = len(start)
    oversize = end - start > LONGEST
    bad = _bad_lines(raw, start, encoding) | oversize
    line = np.arange(chunk.line, chunk.line + count, dtype=np.int64)
    lines = Lines(raw, start, end, line, chunk.offset + start, end - start, bad & ~oversize, oversize)
    if encoding != "utf-8":
        _replace(lines, _transcoded(data, lines, encoding, bad))
    elif bad.any():
        _repair(data, lines, bad)
    return lines


def _cut(raw: Octets) -> tuple[Ints, Ints]:
    end = np.flatnonzero(raw[:-PAD] == LF)
    start = np.empty_like(end)
    if len(end):
        start[0] = 0
        start[1:] = end[:-1] + 1
        end = end - ((raw[end - 1] == CR) & (end > start))
    return start, end


def _bad_lines(raw: Octets, start: Ints, encoding: str) -> Bools:
    """Lines with a control character, and for UTF-8 those that don't decode."""
    body = raw[:-PAD]
    bad = np.zeros(len(start), np.bool_)
    # In most chunks the line feeds are the only bytes that are not printable ASCII.
    if len(body) and int(body.max()) < 127 and np.count_nonzero(body < SPACE) == len(start):
        return bad
    odd = (body - SPACE) > 126 - SPACE
    odd &= body != LF
    at = np.flatnonzero(odd)
    value = body[at]
    control = (value < 128) & (value != TAB)
    ends = np.flatnonzero(value == CR)
    control[ends[raw[at[ends] + 1] == LF]] = False
    places = [at[control]]
    if encoding == "utf-8" and (value > 127).any():
        places.append(_c1_controls(body))
        if not _is_utf8(body):
            places.append(_undecodable(raw, start, at[value > 127]))
    for place in places:
        bad[np.searchsorted(start, place, side="right") - 1] = True
    return bad


def _c1_controls(body: Octets) -> Ints:
    """Where UTF-8 text has a control character of U+0080 to U+009F (NEL is one)."""
    lead = np.flatnonzero(body[:-1] == 0xC2)
    after = body[lead + 1]
    return lead[(after >= 0x80) & (after <= 0x9F)]


def _is_utf8(body: Octets) -> bool:
    ends = np.array([0, len(body)], np.int64)
    text = pa.Array.from_buffers(pa.large_string(), 1, [None, pa.py_buffer(ends), pa.py_buffer(body)])
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _undecodable(raw: Octets, start: Ints, high: Ints) -> Ints:
    """First places of the lines that are not UTF-8, of those with bytes above 127 at `high`."""
    ends = np.append(start[1:], len(raw) - PAD)
    found = []
    owner = np.searchsorted(start, high, side="right") - 1
    waiting = [owner[np.diff(owner, prepend=-1) > 0]]
    while waiting:
        rows = waiting.pop()
        # Few lines are bad: most halves are done with at once.
        if len(rows) > _FEW:
            if not _is_utf8(raw[start[rows[0]] : ends[rows[-1]]]):
                waiting += np.array_split(rows, 2)
            continue
        for i in rows.tolist():
            try:
                raw[start[i] : ends[i]].tobytes().decode("utf-8")
            except UnicodeDecodeError:
                found.append(start[i])
    return np.array(found, np.int64)


_FEW = 16
"""So many lines are quickly looked at one by one."""


@cache
def _escapes(encoding: str) -> dict[int, str]:
    """Control character → its bytes in the source's encoding, written out."""
    table = {}
    for code in [*range(32), *range(127, 160)]:
        if code != TAB:
            table[code] = "".join(
                f"\\x{b:02x}" for b in chr(code).encode(encoding, "replace" if code < 128 else "ignore")
            )
    if encoding == "cp932":
        table |= _CP932_HOLES
    return {code: text or f"\\x{code:02x}" for code, text in table.items()}


_CP932_HOLES = {0xF8F0: "\\xa0", 0xF8F1: "\\xfd", 0xF8F2: "\\xfe", 0xF8F3: "\\xff"}
"""Bytes that mean nothing in CP932; Python reads them as private characters without a word."""


def written_out(text: str) -> str:
    """Text with its control characters as `\\xNN`; what has no UTF-8 (a lone surrogate) is written out too."""
    return text.translate(_escapes("utf-8")).encode("utf-8", "backslashreplace").decode()


def _readable(raw: bytes, encoding: str, escapes: dict[int, str]) -> bytes:
    return raw.decode(encoding, "backslashreplace").translate(escapes).encode("utf-8", "backslashreplace")


def _repair(data: bytes, lines: Lines, bad: Bools) -> None:
    """Rewrites the bad lines and empties oversize ones; the others only move."""
    escapes = _escapes("utf-8")
    rows = np.flatnonzero(bad)
    pieces, done = [], 0
    grown = np.zeros(len(lines), np.int64)
    for i in rows.tolist():
        start, end = int(lines.start[i]), int(lines.end[i])
        made = b"" if lines.oversize[i] else _readable(data[start:end], "utf-8", escapes)
        pieces += [data[done:start], made]
        grown[i] = len(made) - (end - start)
        done = end
    lines.text = np.frombuffer(b"".join([*pieces, data[done:], bytes(PAD)]), np.uint8)
    moved = np.cumsum(grown)
    lines.end = lines.end + moved
    lines.body = lines.start = lines.start + moved - grown


def _transcoded(data: bytes, lines: Lines, encoding: str, bad: Bools) -> bytes:
    """The chunk in UTF-8; marks the lines that had to be repaired.

    ISO-2022-JP switches character sets by escape sequences, which must not leak into the next line: line by line.
    """
    if encoding != "iso2022_jp" and not bad.any():
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            pass
        else:
            made = text.encode("utf-8", "backslashreplace")
            octets = np.frombuffer(made, np.uint8)
            odd = len(_c1_controls(octets)) or any(chr(hole) in text for hole in _CP932_HOLES)
            if not odd and made.count(b"\n") == len(lines):
                return made
    escapes = _escapes(encoding)
    pieces = []
    for i in range(len(lines)):
        raw = data[lines.start[i] : lines.end[i]]
        if lines.oversize[i]:
            pieces.append(b"")
            continue
        made = _readable(raw, encoding, escapes)
        pieces.append(made)
        try:
            strict = raw.decode(encoding)
        except UnicodeDecodeError:
            lines.repaired[i] = True
        else:
            lines.repaired[i] = strict.encode("utf-8", "backslashreplace") != made
    return b"".join(piece + b"\n" for piece in pieces)


def _replace(lines: Lines, text: bytes) -> None:
    """Puts another text under the same lines."""
    lines.text = np.frombuffer(text + bytes(PAD), np.uint8)
    lines.start, lines.end = _cut(lines.text)
    lines.body = lines.start
    lines._found.clear()
