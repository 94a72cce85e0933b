"""Archive objects: any line alone, any cut of the bytes, nothing damaged goes unnoticed."""

from __future__ import annotations

import hashlib
import io
import subprocess
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StoreError
from store import archive
from store.archive import ObjectReader, ObjectWriter, file_hash, folder_of


def written(path: Path, *pieces: bytes) -> str:
    path.unlink(missing_ok=True)
    writer = ObjectWriter(path)
    for piece in pieces:
        writer.write(piece)
    return writer.finish(sync=False)


def lines_of(text: bytes) -> list[bytes]:
    """What a parser calls lines: ended by LF (a CR before it is dropped); what follows the last LF if not empty."""
    *ended, rest = text.split(b"\n")
    return [line.removesuffix(b"\r") for line in ended] + ([rest] if rest else [])


@given(
    pieces=st.lists(st.lists(st.sampled_from([b"\n", b"\r\n", b"a", b"bcd" * 40, b"\0"]), max_size=30).map(b"".join)),
    frame=st.integers(1, 200),
)
def test_any_line_and_any_range_of_any_cut_comes_back(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], frame: int
) -> None:
    text = b"".join(pieces)
    path = tmp_path_factory.mktemp("object") / "o.zst"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "FRAME_BYTES", frame)
        digest = written(path, *pieces)
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    with ObjectReader(path) as reader:
        assert reader.text_bytes == len(text)
        assert [reader.line(n) for n in range(1, len(lines_of(text)) + 1)] == lines_of(text)
        assert reader.line(len(lines_of(text)) + 1) == b""
        for at in range(0, len(text) + 1, max(1, len(text) // 7)):
            assert reader.read(at, 13) == text[at : at + 13]
        assert reader.read(0, len(text) + 5) == text


def test_a_plain_zstd_reads_objects_put_one_behind_the_other(tmp_path: Path) -> None:
    first, second = tmp_path / "1.zst", tmp_path / "2.zst"
    digests = [written(first, b"one\n" * 400_000), written(second, b"two\n", b"three")]
    packed = tmp_path / "packed.zst"
    packed.write_bytes(first.read_bytes() + second.read_bytes())
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed.read_bytes()), read_across_frames=True) as stream:
        assert stream.read() == b"one\n" * 400_000 + b"two\nthree"
    sizes = [path.stat().st_size for path in (first, second)]
    with ObjectReader(packed, at=sizes[0], size=sizes[1]) as reader:
        assert reader.line(2) == b"three"
    with ObjectReader(packed, at=0, size=sizes[0]) as reader:
        assert (len(reader.frames), reader.line(400_000)) == (2, b"one")
    assert [file_hash(packed, at=0, size=sizes[0]), file_hash(packed, at=sizes[0])] == digests


def test_an_object_can_only_be_read(tmp_path: Path) -> None:
    written(tmp_path / "o.zst", b"x\n")
    assert (tmp_path / "o.zst").stat().st_mode & 0o777 == 0o440


def test_the_command_zstd_reads_it(tmp_path: Path) -> None:
    written(tmp_path / "o.zst", b"x\n" * 600_000)
    try:
        done = subprocess.run(["zstd", "-dcq", str(tmp_path / "o.zst")], capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("zstd is not installed")
    assert done.stdout == b"x\n" * 600_000


@pytest.mark.parametrize("left", [0, 3, 20, 60, -1, -20])
def test_an_object_cut_short_is_refused_with_its_place(tmp_path: Path, left: int) -> None:
    path = tmp_path / "o.zst"
    written(path, b"some text\n" * 100)
    path.chmod(0o640)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(StoreError, match=r"o\.zst: not an archive object, or cut short"):
        ObjectReader(path)


def test_a_changed_byte_is_noticed_when_the_line_is_read(tmp_path: Path) -> None:
    path = tmp_path / "o.zst"
    written(path, bytes(range(256)) * 40)
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.chmod(0o640)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"), ObjectReader(path) as reader:
        reader.read(0, 10)


def test_a_missing_object_is_a_plain_message(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"gone\.zst: archive object can't be read: No such file"):
        ObjectReader(tmp_path / "gone.zst")


def test_a_line_longer_than_a_frame_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "o.zst"
    long = b"y" * 2_500_000
    written(path, b"first\n" + long, long + b"\nlast")
    with ObjectReader(path) as reader:
        assert len(reader.frames) >= 5
        assert (reader.line(1), reader.line(2), reader.line(3)) == (b"first", long + long, b"last")


@given(st.text(min_size=1, max_size=64))
def test_no_source_leads_out_of_its_folder(name: str) -> None:
    folder = folder_of(name)
    assert folder not in {".", ".."}
    assert not set(folder) & set("/\0\\")
    assert 0 < len(folder.encode()) <= 255
    assert not folder.startswith(".")


def test_different_sources_have_different_folders() -> None:
    names = ["fw", "FW", "fw/..", "..", ".", "fw%2F", "fw/", "a b", "消防", "x" * 64, "火" * 40, "火" * 41]
    assert len({folder_of(n) for n in names}) == len(names)
