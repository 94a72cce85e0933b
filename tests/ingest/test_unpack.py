"""Unpacking: the same bytes whatever they are packed in, in bounded pieces, and a torn end that is told."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Exit, InputError
from ingest.unpack import BLOCK, TornError, open_stream, unpacked

TEXT = b"".join(b"%d one line of a log file, like many others\n" % i for i in range(60_000))


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_content_size=False, write_checksum=True).compress(data)


PACKS: dict[str, Any] = {
    "plain": lambda data: data, "gzip": gzip.compress, "zstd": zstd,
    "gzip of two members": lambda data: gzip.compress(data[:1000]) + gzip.compress(data[1000:]),
    "zstd of two frames": lambda data: zstd(data[:1000]) + zstd(data[1000:]),
    "gzip with zero bytes behind": lambda data: gzip.compress(data) + bytes(2000),
}  # fmt: skip


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def drain(blocks: Iterator[bytes], into: bytearray) -> None:
    for block in blocks:
        into += block


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("size", [1, 7, 4096, 1 << 24])
def test_the_same_bytes_come_out(name: str, size: int) -> None:
    text = TEXT if size > 100 else TEXT[:5000]
    assert b"".join(unpacked(pieces(PACKS[name](text), size), "x")) == text


@given(st.binary(max_size=3000), st.sampled_from(sorted(set(PACKS) - {"plain"})), st.integers(1, 50))
def test_any_bytes_come_out(data: bytes, name: str, size: int) -> None:
    assert b"".join(unpacked(pieces(PACKS[name](data), size), "x")) == data


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
@pytest.mark.parametrize("lost", [1, 5, 500, 20_000])
def test_a_torn_stream_gives_out_what_it_can_and_then_says_so(pack: Any, lost: int) -> None:
    packed = pack(TEXT)
    found = bytearray()
    message = r"x: torn (gzip|zstd) stream: it ends after [\d,]+ unpacked bytes; deliver the file again"
    with pytest.raises(TornError, match=message) as told:
        drain(unpacked([packed[:-lost]], "x"), found)
    assert TEXT.startswith(found)
    assert told.value.read == len(found)
    assert told.value.exit == Exit.FINDINGS
    assert lost > 500 or len(found) > len(TEXT) // 2


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_a_damaged_stream_is_torn(pack: Any) -> None:
    packed = bytearray(pack(TEXT))
    middle = slice(len(packed) // 2, len(packed) // 2 + 40)
    packed[middle] = bytes(byte ^ 0x55 for byte in packed[middle])
    with pytest.raises(TornError, match=r"damaged|it ends"):
        list(unpacked([bytes(packed)], "x"))


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_what_follows_a_stream_is_not_thrown_away_in_silence(pack: Any) -> None:
    with pytest.raises(TornError, match="something else follows"):
        list(unpacked([pack(b"a\n") + b"more lines\n"], "x"))


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_a_bomb_comes_out_in_bounded_pieces(pack: Any) -> None:
    packed = pack(bytes(400 << 20))
    assert len(packed) < 1 << 20
    read = 0
    for block in unpacked([packed], "x"):
        assert len(block) <= 64 << 20
        read += len(block)
    assert read == 400 << 20


@pytest.mark.parametrize("head", [b"BZh91AY&SY", b"\xfd7zXZ\0\0", b"PK\x03\x04\x14\0", b"\xff\xfea\0b\0"])
def test_another_kind_of_file_is_refused_by_name(head: bytes) -> None:
    with pytest.raises(InputError, match=r"x: (bzip2|xz|zip|UTF-16) is not read; deliver plain text, gzip or zstd"):
        list(unpacked([head + b"rest"], "x"))


def test_a_file_is_read_in_blocks(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(TEXT)
    blocks = list(open_stream(path))
    assert b"".join(blocks) == TEXT
    assert max(map(len, blocks)) <= BLOCK


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    assert list(open_stream(tmp_path / "a")) == []


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        list(open_stream(tmp_path / "gone"))
