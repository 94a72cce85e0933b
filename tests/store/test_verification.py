"""Verification finds whatever is changed, lost, added or out of order, and names its place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from core.errors import StoreError
from store import Store, chain, tables
from store.verification import Report, verify_archive
from tests.store.making import NOW, A, B, commit, rows_of

b, s, a, c = tables.batches, tables.segments, tables.acts, tables.chain
Damage = Callable[[Store], object]


def change(path: Path, act: Callable[[bytes], bytes]) -> None:
    path.chmod(0o640)
    path.write_bytes(act(path.read_bytes()))


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def an_object(store: Store) -> Path:
    return sorted((store.home / "archive").rglob("*.zst"))[0]


def a_segment(store: Store) -> Path:
    """The one of the first batch."""
    with store.catalogue.read() as tx:
        path = tx.execute(sa.select(s.c.path).where(s.c.first_seq == 1)).scalar_one()
    return store.home / str(path)


def run(store: Store, statement: sa.Executable) -> None:
    with store.catalogue.write() as tx:
        tx.execute(statement)


def forged(store: Store) -> None:
    """A record that is right in itself, but not what the next one follows."""
    c = tables.chain
    with store.catalogue.write() as tx:
        record = dict(tx.execute(sa.select(c).where(c.c.seq == 1)).mappings().one())
        record["sha256"] = "f" * 64
        record["hash"] = chain.record_hash(record)
        tx.execute(c.update().where(c.c.seq == 1).values(record))


def fewer_rows(store: Store) -> None:
    table = pq.read_table(a_segment(store), partitioning=None)
    a_segment(store).chmod(0o640)
    pq.write_table(table.slice(1), a_segment(store))


def another_body(store: Store) -> None:
    """As many rows and bytes, but of a body that the catalogue doesn't list for the file."""
    run(store, tables.segments.update().where(tables.segments.c.path == relative(store)).values(tenants='["999999"]'))


def relative(store: Store) -> str:
    return str(a_segment(store).relative_to(store.home))


def moved_line(store: Store) -> None:
    path = chain.file_of(store.home)
    first, second, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([second, first, *rest]))


DAMAGES: dict[str, tuple[Damage, bool, set[str]]] = {
    "a byte of an object": (lambda x: change(an_object(x), flipped), False, {"object"}),
    "an object cut short": (lambda x: change(an_object(x), lambda t: t[:-1]), False, {"object"}),
    "a lost object": (lambda x: an_object(x).unlink(), False, {"object"}),
    "an object that nobody knows": (
        lambda x: shutil.copy(an_object(x), an_object(x).with_name("0-1.zst")) and None, False, set()
    ),
    "an unknown object of other content": (
        lambda x: an_object(x).with_name("0-1.zst").write_bytes(b"x"), False, {"unlisted"}
    ),
    "a lost segment": (lambda x: a_segment(x).unlink(), False, {"segment"}),
    "a segment that is none": (lambda x: change(a_segment(x), lambda t: b"x" * len(t)), False, {"segment"}),
    "a segment with fewer rows": (fewer_rows, False, {"segment"}),
    "a segment that is not listed any more": (
        lambda x: run(x, s.delete().where(s.c.path == relative(x))), False, {"segment"}
    ),
    "rows of another body": (another_body, True, {"segment"}),
    "rows of another time": (
        lambda x: run(x, s.update().where(s.c.path == relative(x)).values(first_event=NOW + 1)), True, {"segment"}
    ),
    "rows of another batch": (
        lambda x: run(x, s.update().where(s.c.path == relative(x)).values(first_seq=2, last_seq=2)), True, {"segment"}
    ),
    "an act that is gone": (
        lambda x: run(x, a.delete().where(a.c.kind == "register")), False, {"seq"}
    ),
    "a counter that ran ahead": (
        lambda x: run(x, tables.counters.update().where(tables.counters.c.name == "seq").values(value=9)), False, {"seq"}
    ),
    "a record that was changed": (
        lambda x: run(x, c.update().where(c.c.seq == 2).values(sha256="0" * 64)), False, {"chain", "object"}
    ),
    "a record that was forged": (forged, False, {"chain", "object"}),
    "a record that was removed": (lambda x: run(x, c.delete().where(c.c.seq == 2)), False, {"chain"}),
    "a batch that names another object": (
        lambda x: run(x, b.update().where(b.c.seq == 2).values(object="archive/x")), False, {"chain"}
    ),
    "counts that don't add up": (lambda x: run(x, b.update().where(b.c.seq == 2).values(skipped=1)), False, {"accounting"}),
    "a refused line without a place": (
        lambda x: run(x, b.update().where(b.c.seq == 2).values(parsed=1, refused=1)), False, {"accounting"}
    ),
    "a line of the chain file that was changed": (
        lambda x: change(chain.file_of(x.home), lambda t: t.replace(b'"bytes":', b'"bytes":1', 1)), False, {"chain"}
    ),
    "a line of the chain file that was moved": (moved_line, False, {"chain"}),
    "a line of the chain file that is none": (
        lambda x: change(chain.file_of(x.home), lambda t: b"x\n" + t), False, {"chain"}
    ),
}  # fmt: skip


@pytest.fixture
def whole(store: Store) -> Store:
    """Three batches and a gap in the chain's seqs (seq 3 is no batch)."""
    commit(store, rows_of([NOW - 9, NOW - 5], [A, B]), salt="1")
    commit(store, rows_of([NOW - 1, NOW - 2], [A, B]), salt="2", raw=b"other\n" * 2)
    with store.catalogue.write() as tx:
        tx.seq("register")
    commit(store, rows_of([NOW]), salt="4", raw=b"third\n")
    return store


def test_what_nobody_touched_is_clean(whole: Store) -> None:
    seen: list[str] = []
    for full in (False, True):
        report = whole.verify(full=full, progress=seen.append)
        assert (report.findings, report.notes) == ([], [])
        assert report.clean
        checked = {"seqs": 4, "chain records": 3, "objects": 3, "segments": 3, "rows": 5, "lines": 5}
        assert checked.items() <= dict(report.checked).items()
    assert len(seen) == 12


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found(whole: Store, damage: str) -> None:
    act, full, kinds = DAMAGES[damage]
    act(whole)
    if not full:
        assert {f.kind for f in whole.verify().findings} == kinds
    report = whole.verify(full=True)
    assert {f.kind for f in report.findings} >= kinds
    assert report.clean == (not kinds)
    assert all(f.place and f.message for f in report.findings)


def kinds_of(report: Report) -> set[str]:
    return {f.kind for f in report.findings}


def test_an_exported_archive_verifies_without_a_catalogue(whole: Store, tmp_path: Path) -> None:
    export = tmp_path / "cd-rom"
    shutil.copytree(whole.home / "archive", export)
    assert verify_archive(export, full=True).clean
    assert verify_archive(export, full=True).checked["objects"] == 3
    change(sorted(export.rglob("*.zst"))[1], flipped)
    assert kinds_of(verify_archive(export)) == {"object"}
    lines = (export / "chain.jsonl").read_bytes().splitlines(keepends=True)
    (export / "chain.jsonl").write_bytes(lines[0] + lines[2])
    assert "chain" in kinds_of(verify_archive(export))
    (export / "chain.jsonl").unlink()
    with pytest.raises(StoreError, match=r"cd-rom/chain\.jsonl: there is no chain here"):
        verify_archive(export)


def test_the_chain_can_be_recomputed_by_anyone(whole: Store) -> None:
    import hashlib

    previous = "0" * 64
    for line in chain.file_of(whole.home).read_text("utf-8").splitlines():
        record = json.loads(line)
        digest = record.pop("hash")
        text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == digest
        assert record["previous"] == previous
        assert hashlib.sha256((whole.home / record["object"]).read_bytes()).hexdigest() == record["sha256"]
        previous = digest


def test_a_catalogue_older_than_the_archive_refuses_to_start(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Store.open(home, create=True) as store:
        commit(store, rows_of([NOW]), salt="1")
    backup = (home / "catalogue.db").read_bytes()
    with Store.open(home) as store:
        commit(store, rows_of([NOW]), salt="2")
    for file in home.glob("catalogue.db*"):
        file.unlink()
    (home / "catalogue.db").write_bytes(backup)
    before = chain.file_of(home).read_bytes()
    with pytest.raises(StoreError, match="older than the archive"):
        Store.open(home, create=True)
    assert chain.file_of(home).read_bytes() == before


def test_another_history_of_the_same_length_refuses_to_start(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with Store.open(tmp_path / name, create=True) as store:
            commit(store, rows_of([NOW]), raw=name.encode())
    shutil.copy(chain.file_of(tmp_path / "one"), chain.file_of(tmp_path / "two"))
    with pytest.raises(StoreError, match="ends with seq 1"):
        Store.open(tmp_path / "two")
