"""Files become deliveries: exact counts, bytes kept as they came, repeats, growth, torn files, going on after a kill."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ingest.deliver as module
from core.errors import InputError, NotFoundError
from ingest.deliver import deliver
from store import Store

LINE = (
    b"1763600400.123    180 10.250.1.7 TCP_MISS/200 1234 GET http://www.example.jp/%d - HIER_DIRECT/192.0.2.1 text/html"
)
NOW = 1763600500_000000


def lines(first: int, count: int) -> bytes:
    return b"".join(LINE % n + b"\n" for n in range(first, first + count))


def archived(store: Store, seqs: tuple[int, ...]) -> bytes:
    sizes = {b: s for row in store.deliveries() for b, s in zip(row["seqs"], row["batch_bytes"], strict=True)}
    return b"".join(store.raw(seq, 0, sizes[seq]) for seq in seqs)


def test_plain_gzip_and_zstd_of_one_content_are_one_delivery(store: Store, tmp_path: Path) -> None:
    content = lines(0, 50) + b"no squid line\n\n"
    forms = {"a.log": content, "a.log.gz": gzip.compress(content), "a.log.zst": zstandard.compress(content)}
    receipts = []
    for name, data in forms.items():
        (tmp_path / name).write_bytes(data)
        receipts.append(deliver(store, "proxy", tmp_path / name, received=NOW))
    first, *others = receipts
    assert (first.lines, first.parsed, first.refused, first.skipped) == (52, 50, 1, 1)
    assert not first.repeat
    assert all(r.repeat and (r.delivery, r.seqs, r.lines) == (first.delivery, first.seqs, 52) for r in others)
    (row,) = store.deliveries()
    assert row["repeats"] == 2
    assert archived(store, first.seqs) == content


def test_a_file_that_has_grown_counts_only_its_new_part(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    file.write_bytes(lines(0, 10))
    deliver(store, "proxy", file, received=NOW)
    file.write_bytes(lines(0, 25))
    grown = deliver(store, "proxy", file, received=NOW)
    assert (grown.lines, grown.parsed, grown.repeat) == (15, 15, False)
    assert archived(store, grown.seqs) == lines(10, 15)
    assert store.lines([(grown.seqs[0], 1)]) == [LINE % 10]


def test_equal_lines_are_never_merged(store: Store, tmp_path: Path) -> None:
    for n, name in enumerate(("a", "b")):
        (tmp_path / name).write_bytes((LINE % 1 + b"\n") * (3 + n))
        deliver(store, "proxy", tmp_path / name, received=NOW)
    # The second file begins with the first one's content: one new line.
    assert [row["rows"] for row in store.deliveries()] in ([1, 3], [3, 1])


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_torn_gzip_gives_its_readable_lines_and_one_refusal(store: Store, tmp_path: Path, cut: float) -> None:
    packed = gzip.compress(lines(0, 3000))
    file = tmp_path / "a.gz"
    file.write_bytes(packed[: int(len(packed) * cut)])
    receipt = deliver(store, "proxy", file, received=NOW)
    readable = zlib.decompressobj(wbits=31).decompress(packed[: int(len(packed) * cut)])
    assert receipt.torn
    assert receipt.lines == receipt.parsed + receipt.refused + receipt.skipped == readable.count(b"\n") + 2
    assert receipt.parsed >= readable.count(b"\n")
    assert archived(store, receipt.seqs) == readable


def test_a_damaged_gzip_keeps_what_can_not_be_unpacked(store: Store, tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(lines(0, 3000)))
    packed[len(packed) // 2 : len(packed) // 2 + 64] = b"\xff" * 64
    file = tmp_path / "a.gz"
    file.write_bytes(packed)
    receipt = deliver(store, "proxy", file, received=NOW)
    (refusal,) = [r for r in store.refusals(receipt.seqs) if "torn" in r["reason"]]
    assert receipt.torn
    assert refusal["length"] > 0
    rest = store.raw(refusal["seq"], refusal["offset"], refusal["length"])
    assert bytes(packed).endswith(rest)


def test_a_killed_run_goes_on_behind_its_last_batch(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_BYTES", 1)
    monkeypatch.setattr(module, "CHUNK_BYTES", 1000)
    content = lines(0, 200)
    file = tmp_path / "a.log"
    file.write_bytes(content)
    commits = 0
    real = module.Batch.commit

    def dies(self: module.Batch, **given: object) -> object:
        nonlocal commits
        commits += 1
        if commits == 4:
            raise KeyboardInterrupt
        return real(self, **given)  # type: ignore[arg-type]  # passed on as given

    with monkeypatch.context() as m:
        m.setattr(module.Batch, "commit", dies)
        with pytest.raises(KeyboardInterrupt):
            deliver(store, "proxy", file, received=NOW)
    (half,) = store.deliveries()
    assert half["state"] == "open"
    assert 0 < half["lines"] < 200
    whole = deliver(store, "proxy", file, received=NOW + 1)
    assert not whole.repeat
    assert (whole.lines, whole.parsed) == (200, 200)
    assert archived(store, whole.seqs) == content
    (row,) = store.deliveries()
    assert (row["state"], row["received"]) == ("committed", NOW)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=80), st.just(LINE % 1), st.just(b"\xef\xbb\xbf"), st.just(b"\x00\xff\r")), max_size=12),
       st.booleans())  # fmt: skip
def test_every_line_of_any_bytes_is_accounted_for_and_every_byte_kept(
    store: Store, tmp_path: Path, pieces: list[bytes], ends: bool
) -> None:
    content = b"\n".join(pieces) + (b"\n" if ends else b"")
    file = tmp_path / "any"
    file.write_bytes(b"# " + content)  # never taken for gzip
    content = b"# " + content
    receipt = deliver(store, "proxy", file, received=NOW)
    if not receipt.repeat:
        skipped = next(r for r in store.deliveries() if r["id"] == receipt.delivery)["skip_bytes"]
        new = content[skipped:]
        assert receipt.lines == new.count(b"\n") + (not new.endswith(b"\n") and new != b"")
        assert receipt.lines == receipt.parsed + receipt.refused + receipt.skipped
        assert archived(store, receipt.seqs) == new


def test_an_unknown_source_and_a_missing_file_say_what_to_do(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"'fw1' is not registered; registered are proxy"):
        deliver(store, "fw1", tmp_path / "x", received=NOW)
    with pytest.raises(InputError, match="No such file"):
        deliver(store, "proxy", tmp_path / "x", received=NOW)
