"""A stream of byte blocks cut into chunks of whole lines, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from parsers._format import LONGEST, Chunk

BOM = b"\xef\xbb\xbf"


def chunks(blocks: Iterable[bytes], size: int = 8_000_000, *, begins: bool = True, record: str = "") -> Iterator[Chunk]:
    """Chunks of about `size` bytes, cut after a line feed; a byte order mark where a file `begins` is left out.

    `record` (`Format.record`): a chunk is cut before a line that this matches, so that a record of several lines stays
    whole; where none came for `LONGEST` bytes, after any line.

    Never holds more than `size` bytes and one slice of a block: of a line that is longer than `LONGEST` and not yet
    ended, only the length is kept.
    """
    cutter = _Cutter(size, re.compile(record.encode(), re.MULTILINE) if record else None, started=not begins)
    for block in blocks:
        for at in range(0, len(block), size):
            yield from cutter.feed(block[at : at + size])
    yield from cutter.rest()


class _Cutter:
    """The bytes that wait for their line feed, and the place of the first of them."""

    def __init__(self, size: int, record: re.Pattern[bytes] | None, *, started: bool) -> None:
        self.size = size
        self.record = record
        self.held = bytearray()
        self.line, self.offset = 1, 0
        self.swallowed = 0
        """Bytes so far of a line that is too long to be held."""
        self.last = 0
        """The last of them: a CR before the LF belongs to the line end."""
        self.started = started

    def feed(self, block: bytes) -> Iterator[Chunk]:
        if self.swallowed:
            end = block.find(b"\n")
            if end < 0:
                self.swallowed += len(block)
                self.last = block[-1]
                return
            self.last = block[end - 1] if end else self.last
            yield self.giant(self.swallowed + end, ended=True)
            block = block[end + 1 :]
        self.held += block
        if not self.started and len(self.held) >= len(BOM):
            self.skip_mark()
        if len(self.held) >= self.size:
            cut = self.held.rfind(b"\n") + 1
            if cut and self.record:
                cut = self.before_record(cut)
            if cut:
                yield self.chunk(cut)
            whole = self.held.rfind(b"\n") + 1  # of a record that goes on
            if len(self.held) - whole > LONGEST:
                if whole:
                    yield self.chunk(whole)
                self.swallowed, self.last = len(self.held), self.held[-1]
                self.held.clear()

    def rest(self) -> Iterator[Chunk]:
        if self.swallowed:
            yield self.giant(self.swallowed, ended=False)
        elif self.held:
            yield self.chunk(len(self.held))

    def before_record(self, end: int) -> int:
        """Where the last record of the complete lines begins; 0 while it is the first one and may still go on."""
        assert self.record is not None  # noqa: S101 - asked for only then
        place = 0
        for found in self.record.finditer(self.held, max(1, end - LONGEST), end):
            place = found.start()
        return place or (end if end > LONGEST else 0)

    def skip_mark(self) -> None:
        self.started = True
        if self.held.startswith(BOM):
            del self.held[: len(BOM)]
            self.offset = len(BOM)

    def chunk(self, length: int) -> Chunk:
        with memoryview(self.held) as held:
            made = Chunk(bytes(held[:length]), self.line, self.offset)
        del self.held[:length]
        self.line += made.lines
        self.offset += length
        return made

    def giant(self, length: int, *, ended: bool) -> Chunk:
        made = Chunk(b"", self.line, self.offset, oversize=length - (self.last == 13))
        self.line += 1
        self.offset += length + ended
        self.swallowed = 0
        return made
