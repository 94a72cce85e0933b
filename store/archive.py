"""Archive objects: the raw bytes of one batch, compressed so that any line can be read alone.

An object is a zstd file of independent frames of about 1 MB of text each, cut after a line end where there is one. Its
tail holds two skippable frames, which plain `zstd -dc` passes over: how many line ends each frame has (ours), and the
seek table of zstd's own seekable format (contrib/seekable_format of the zstd source), which other tools read. Objects
put one behind the other are again a valid zstd file, so that packing the objects of a day copies bytes as they are.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import urllib.parse
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

import zstandard

from core.errors import StoreError

FRAME_BYTES = 1_000_000
LEVEL = 3
_OURS = 0x184D2A51  # skippable frame: line ends per frame
_SEEK = 0x184D2A5E  # skippable frame: seek table
_SEEKABLE = 0x8F92EAB1
_HEAD = struct.Struct("<II")
_FOOT = struct.Struct("<IBI")


def folder_of(source: str) -> str:
    """A source's name as the name of a directory: as it is where that is safe, else percent-encoded or hashed."""
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}", source):
        return source
    quoted = urllib.parse.quote(source, safe="").replace(".", "%2E")
    return quoted if 0 < len(quoted) <= 100 else "sha256-" + hashlib.sha256(source.encode()).hexdigest()[:32]


def object_path(source: str, day: date, name: str) -> str:
    """Where an object lies, relative to the data directory; `day` is the JST day of reception."""
    return f"archive/{folder_of(source)}/{day.isoformat()}/{name}.zst"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: where it lies in the object and in the text, and the line ends before and in it."""

    at: int
    size: int
    text_at: int
    text_size: int
    ends_before: int
    ends: int


class ObjectWriter:
    """Compresses the bytes of one batch into a file that is not yet in its place."""

    def __init__(self, aside: Path) -> None:
        self.aside = aside
        self.bytes = 0
        self.text_bytes = 0
        self._hash = hashlib.sha256()
        self._frames: list[tuple[int, int, int]] = []
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True, write_content_size=True)
        self._pending = bytearray()
        self._file: BinaryIO | None = aside.open("wb")

    def write(self, text: bytes | memoryview) -> None:
        """Append bytes of the batch, however they are cut."""
        self.text_bytes += len(text)
        self._pending += text
        at = 0
        while len(self._pending) - at >= FRAME_BYTES:
            cut = self._pending.rfind(b"\n", at, at + FRAME_BYTES) + 1 or at + FRAME_BYTES
            self._frame(at, cut)
            at = cut
        del self._pending[:at]

    def finish(self, *, sync: bool = True) -> str:
        """Write what is left and the index, fsync, close, make read-only.

        Returns:
            SHA-256 of the whole file, hexadecimal.
        """
        if self._pending:
            self._frame(0, len(self._pending))
        self._put(_tail(self._frames))
        file = self._file
        assert file is not None  # noqa: S101 - finished once
        file.flush()
        os.fchmod(file.fileno(), 0o440)
        if sync:
            os.fsync(file.fileno())
        file.close()
        self._file = None
        return self._hash.hexdigest()

    def discard(self) -> None:
        """Forget it: the file goes."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self.aside.unlink(missing_ok=True)

    def _frame(self, start: int, end: int) -> None:
        with memoryview(self._pending) as whole, whole[start:end] as part:
            packed = self._compressor.compress(part)
        self._frames.append((len(packed), end - start, self._pending.count(b"\n", start, end)))
        self._put(packed)

    def _put(self, data: bytes) -> None:
        assert self._file is not None  # noqa: S101 - not finished yet
        self._file.write(data)
        self._hash.update(data)
        self.bytes += len(data)


def _tail(frames: Sequence[tuple[int, int, int]]) -> bytes:
    ends = b"".join(struct.pack("<I", count) for _, _, count in frames)
    table = b"".join(struct.pack("<II", size, text) for size, text, _ in frames)
    foot = _FOOT.pack(len(frames), 0, _SEEKABLE)
    return b"".join((_HEAD.pack(_OURS, len(ends)), ends, _HEAD.pack(_SEEK, len(table) + len(foot)), table, foot))


class ObjectReader:
    """Reads lines and ranges of one object; holds one frame in memory at a time.

    Line n begins after the (n-1)th line end and runs to the next: the rule by which parsers count.
    """

    def __init__(self, path: Path, *, at: int = 0, size: int | None = None) -> None:
        """Open the object.

        Args:
            path: The file.
            at: Where the object begins in it (in a packed file).
            size: Its bytes; to the end of the file when not given.

        Raises:
            StoreError: Missing, or not an object.
        """
        self.path = path
        self._base = at
        try:
            self._file = path.open("rb")
        except OSError as e:
            raise StoreError(f"{path}: archive object can't be read: {e.strerror}") from e
        try:
            self.frames = self._index(at + size if size is not None else self._file.seek(0, os.SEEK_END))
        except BaseException:
            self._file.close()
            raise
        self._ends = [f.ends_before + f.ends for f in self.frames]
        self._starts = [f.text_at for f in self.frames]
        self._held: tuple[int, bytes] = (-1, b"")

    def __enter__(self) -> ObjectReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def text_bytes(self) -> int:
        """Bytes of text in the object."""
        return self.frames[-1].text_at + self.frames[-1].text_size if self.frames else 0

    @property
    def line_ends(self) -> int:
        """How many LF the text holds."""
        return self._ends[-1] if self._ends else 0

    def text(self, number: int) -> bytes:
        """The text of one frame; StoreError when its checksum is wrong."""
        if self._held[0] != number:
            frame = self.frames[number]
            self._file.seek(self._base + frame.at)
            try:
                text = zstandard.ZstdDecompressor().decompress(
                    self._file.read(frame.size), max_output_size=frame.text_size
                )
            except zstandard.ZstdError as e:
                raise StoreError(f"{self.path}: frame {number + 1} is damaged: {e}") from e
            if len(text) != frame.text_size:
                raise StoreError(f"{self.path}: frame {number + 1} is damaged: {len(text)} bytes of {frame.text_size}")
            self._held = (number, text)
        return self._held[1]

    def read(self, offset: int, length: int) -> bytes:
        """`length` bytes of the text from `offset`; fewer where it ends before."""
        parts = []
        number = max(0, bisect_right(self._starts, offset) - 1)
        while length > 0 and number < len(self.frames):
            frame = self.frames[number]
            part = self.text(number)[offset - frame.text_at : offset - frame.text_at + length]
            parts.append(part)
            offset += len(part)
            length -= len(part)
            number += 1
        return b"".join(parts)

    def line(self, number: int) -> bytes:
        """Line `number` (from 1), without its line end LF or CR LF; b"" beyond the last."""
        start = self._after_end(number - 1)
        if start is None:
            return b""
        stop = self._after_end(number)
        text = self.read(start, (self.text_bytes if stop is None else stop) - start)
        return text.removesuffix(b"\n").removesuffix(b"\r") if stop is not None else text

    def _after_end(self, count: int) -> int | None:
        """Offset just after the `count`th line end; None when there are fewer."""
        if count == 0:
            return 0
        if count > self.line_ends:
            return None
        number = bisect_left(self._ends, count)
        text, at = self.text(number), -1
        for _ in range(count - self.frames[number].ends_before):
            at = text.index(b"\n", at + 1)
        return self.frames[number].text_at + at + 1

    def _index(self, end: int) -> list[Frame]:
        def bad(why: str) -> StoreError:
            return StoreError(f"{self.path}: not an archive object, or cut short: {why}")

        if end - self._base < 2 * _HEAD.size + _FOOT.size:
            raise bad("too small")
        self._file.seek(end - _FOOT.size)
        count, descriptor, magic = _FOOT.unpack(self._file.read(_FOOT.size))
        if magic != _SEEKABLE or descriptor != 0:
            raise bad("no seek table at its end")
        size = 2 * _HEAD.size + 12 * count + _FOOT.size
        if end - size < self._base:
            raise bad("its seek table is longer than it is")
        self._file.seek(end - size)
        tail = self._file.read(size)
        ours, seek = _HEAD.unpack_from(tail, 0), _HEAD.unpack_from(tail, _HEAD.size + 4 * count)
        if ours != (_OURS, 4 * count) or seek != (_SEEK, 8 * count + _FOOT.size):
            raise bad("its index contradicts itself")
        frames, at, text_at, before = [], 0, 0, 0
        for n in range(count):
            (ends,) = struct.unpack_from("<I", tail, _HEAD.size + 4 * n)
            packed, text = struct.unpack_from("<II", tail, 2 * _HEAD.size + 4 * count + 8 * n)
            frames.append(Frame(at, packed, text_at, text, before, ends))
            at, text_at, before = at + packed, text_at + text, before + ends
        if at != end - size - self._base:
            raise bad("its frames don't fill it")
        return frames


def file_hash(path: Path, *, at: int = 0, size: int | None = None) -> str:
    """SHA-256 of (a part of) a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(at)
        left = size if size is not None else os.fstat(file.fileno()).st_size - at
        while left > 0 and (block := file.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()
