"""A delivered file as blocks of its bytes, unpacked where its first bytes (not its name) say gzip or zstd."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Protocol

import zstandard

from core.errors import Exit, InputError

BLOCK = 1 << 20
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_UNREAD = {b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"PK\x03\x04": "zip", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_ZSTD_INPUT = 1 << 10
"""Packed bytes taken at once: a hostile frame makes at most 128 KiB of every four of them."""


class TornError(InputError):
    """The packed stream ends too early or is damaged; everything before that place was given out.

    `read`: how many unpacked bytes that were. `rest`: the packed bytes that could not be unpacked, in blocks, to
    be read once.
    """

    exit = Exit.FINDINGS

    def __init__(self, name: str, kind: str, read: int, why: str, rest: Iterator[bytes]) -> None:
        super().__init__(f"{name}: torn {kind} stream: {why} after {read:,} unpacked bytes; deliver the file again")
        self.read = read
        self.rest = rest


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


def open_stream(path: Path | str) -> Iterator[bytes]:
    """Blocks of the unpacked content of a file; `-` is standard input.

    Raises:
        InputError: The file can't be opened, or is packed in a way that is not read.
        TornError: After the last block of a packed stream that ends too early.
    """
    name = str(path)
    if name == "-":
        yield from unpacked(_blocks(sys.stdin.buffer), "standard input")
        return
    yield from unpacked(_file_blocks(Path(path)), name)


def _file_blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from _blocks(file)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def unpacked(blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The same for any stream of blocks; `name` is for the messages."""
    source = iter(blocks)
    head = b""
    for block in source:
        head += block
        if len(head) >= 6:
            break
    for magic, kind in _UNREAD.items():
        if head.startswith(magic):
            raise InputError(f"{name}: {kind} is not read; deliver plain text, gzip or zstd")
    blocks = chain([head] if head else [], source)
    if head.startswith(_GZIP):
        yield from _members(blocks, name, "gzip", _GZIP, _gunzip)
    elif head.startswith(_ZSTD):
        yield from _members(blocks, name, "zstd", _ZSTD, _unzstd)
    else:
        yield from blocks


def _gunzip() -> tuple[_Unpacker, Callable[[bytes], Iterator[bytes]]]:
    unpacker = zlib.decompressobj(wbits=31)

    def feed(data: bytes) -> Iterator[bytes]:
        while data and not unpacker.eof:
            yield unpacker.decompress(data, BLOCK)
            data = unpacker.unconsumed_tail

    return unpacker, feed


def _unzstd() -> tuple[_Unpacker, Callable[[bytes], Iterator[bytes]]]:
    unpacker = zstandard.ZstdDecompressor().decompressobj()

    def feed(data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), _ZSTD_INPUT):
            yield unpacker.decompress(data[at : at + _ZSTD_INPUT])
            if unpacker.eof:
                rest.append(data[at + _ZSTD_INPUT :])
                return

    rest: list[bytes] = []
    return _Rest(unpacker, rest), feed


class _Rest:
    """A zstd unpacker that also knows what was never handed to it."""

    def __init__(self, unpacker: zstandard.ZstdDecompressionObj, rest: list[bytes]) -> None:
        self.unpacker, self.rest = unpacker, rest

    @property
    def eof(self) -> bool:
        return self.unpacker.eof

    @property
    def unused_data(self) -> bytes:
        return self.unpacker.unused_data + b"".join(self.rest)


def _members(
    blocks: Iterable[bytes], name: str, kind: str, magic: bytes,
    new: Callable[[], tuple[_Unpacker, Callable[[bytes], Iterator[bytes]]]],
) -> Iterator[bytes]:  # fmt: skip
    """Members (gzip) or frames (zstd) one after another, as `cat` makes them; zero bytes may pad the end."""
    read, data = 0, b""
    unpacker, feed = new()
    fresh = False
    blocks = iter(blocks)
    for block in blocks:
        data += block
        while data:
            if fresh:
                data = data.lstrip(b"\0") if not data.startswith(magic) else data
                if len(data) < len(magic):
                    break
                if not data.startswith(magic):
                    raise TornError(name, kind, read, "something else follows", chain([data], blocks))
                unpacker, feed = new()
                fresh = False
            try:
                for piece in feed(data):
                    read += len(piece)
                    if piece:
                        yield piece
            except (zlib.error, zstandard.ZstdError) as error:
                raise TornError(name, kind, read, f"damaged ({error})", chain([data], blocks)) from error
            fresh = unpacker.eof
            data = unpacker.unused_data if fresh else b""
    if not fresh or data.strip(b"\0"):
        raise TornError(name, kind, read, "it ends", iter([data]))
