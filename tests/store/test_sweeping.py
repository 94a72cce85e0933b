"""What is removed, and above all what is not: files of a writer that lives, archive objects, files that are read."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from core.errors import StoreError
from store import Store, batches, chain
from store.durable import Spill, Writer, free, make_directory, publish
from tests.store.making import NETWORK, NO_REFUSALS, NOW, a_delivery, commit, everything, rows_of, text_of


def files(home: Path) -> set[str]:
    return {p.name for p in home.rglob("*") if p.suffix in {".zst", ".parquet"}}


def stop_at(home: Path, step: str, where: Connection) -> None:
    """Commit one batch, and stop for ever at a step of the commit."""
    store = Store.open(home, create=True, durable=False)

    def halt() -> None:
        where.send(step)
        threading.Event().wait()

    def published(*arguments: object, **named: object) -> None:
        publish(*arguments, **named)  # type: ignore[arg-type]  # passed on
        if step == "published":
            halt()

    batches.publish = published  # type: ignore[assignment]  # this process lives for nothing else
    delivery = a_delivery(store, b"content")
    with store.batch(delivery) as batch:
        batch.add(text_of(1), {NETWORK: rows_of([NOW])}, NO_REFUSALS)
        batches.HELD_ROWS = 0
        batch.add(text_of(1), {NETWORK: rows_of([NOW])}, NO_REFUSALS)
        if step == "aside":
            halt()
        chain.extend = lambda *_, **__: halt()  # type: ignore[assignment, return-value]  # the same
        batch.commit(lines=2, parsed=2, refused=0, skipped=0, content_from=0, content_to=52, parser="t", state={})


@pytest.fixture
def stopped(tmp_path: Path) -> Callable[[str], multiprocessing.process.BaseProcess]:
    """Starts a process that commits up to a step and stays there."""

    def start(step: str) -> multiprocessing.process.BaseProcess:
        here, there = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(
            target=stop_at, args=(tmp_path, step, there), daemon=True
        )
        process.start()
        assert here.poll(60)
        assert here.recv() == step
        return process

    return start


def kill(process: multiprocessing.process.BaseProcess) -> None:
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()


@pytest.mark.parametrize("step", ["aside", "published", "committed"])
def test_a_writer_that_lives_loses_nothing_and_a_dead_one_what_it_did_not_commit(
    tmp_path: Path, stopped: Callable[[str], multiprocessing.process.BaseProcess], step: str
) -> None:
    process = stopped(step)
    with Store.open(tmp_path, create=True, durable=False) as store:
        before = files(tmp_path)
        assert len(before) == 2
        assert store.sweep().orphans == 0
        assert store.unlisted() == []
        assert files(tmp_path) == before
        kill(process)
        swept = store.sweep()
        left = {p.suffix for p in tmp_path.rglob("*") if p.name in files(tmp_path)}
        # An object in its place is never removed; one under way held nothing that was acknowledged.
        expected = {"aside": set(), "published": {".zst"}, "committed": {".zst", ".parquet"}}[step]
        assert left == expected
        assert swept.orphans == 2 - len(expected)
        assert [u.same_as for u in store.unlisted()] == ([None] if step == "published" else [])
        assert len(everything(store)) == (2 if step == "committed" else 0)
        report = store.verify(full=True)
        assert {f.kind for f in report.findings} == ({"unlisted"} if step == "published" else set())
        assert not list((tmp_path / "locks").glob("writer-*"))


def test_an_object_that_was_left_and_committed_later_is_only_noted(
    tmp_path: Path, stopped: Callable[[str], multiprocessing.process.BaseProcess]
) -> None:
    kill(stopped("published"))
    with Store.open(tmp_path, create=True, durable=False) as store:
        (left,) = store.unlisted()
        assert (left.folder, left.day, left.same_as) == ("fw", "2026-11-20", None)
        with store.open_object(left.path) as reader:
            assert reader.read(0, 100) == text_of(1) * 2
        receipt = commit(store, rows_of([NOW]), raw=text_of(1) * 2)
        (left,) = store.unlisted()
        assert left.same_as == receipt.seq
        report = store.verify()
        assert report.clean
        assert [n.place for n in report.notes] == [left.path]


def test_the_chain_on_disk_catches_up_at_the_next_start(
    tmp_path: Path, stopped: Callable[[str], multiprocessing.process.BaseProcess]
) -> None:
    kill(stopped("committed"))
    path = chain.file_of(tmp_path)
    assert not path.exists()
    for torn in (b"", b'{"seq":'):
        path.write_bytes(torn)
        with Store.open(tmp_path) as store:
            assert store.verify(full=True).clean
        assert path.read_bytes().count(b"\n") == 1


def test_what_was_spilt_by_a_killed_reader_goes_and_by_a_living_one_stays(store: Store) -> None:
    living = Spill(store.home / "spill")
    dead = store.home / "spill" / "dead"
    dead.mkdir()
    (dead / "x.tmp").write_bytes(b"x")
    assert store.sweep().spills == 1
    assert living.path.is_dir()
    living.close()
    assert list((store.home / "spill").iterdir()) == []


def test_a_writer_whose_lock_file_was_swept_in_its_first_moment_takes_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = fcntl.flock
    swept: list[Path] = []

    def sweep_first(descriptor: int, operation: int) -> None:
        if not swept and operation == fcntl.LOCK_EX:
            swept.extend(tmp_path.iterdir())
            swept[0].unlink()
        original(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", sweep_first)
    writer = Writer(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [f"writer-{writer.id}"]
    assert swept[0].name != f"writer-{writer.id}"
    with free(tmp_path, writer.id) as gone:
        assert not gone
    writer.close()
    with free(tmp_path, writer.id) as gone:
        assert gone


def test_new_directories_are_made_durable_with_their_parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("store.durable.fsync_directory", synced.append)
    (tmp_path / "aside").mkdir()
    moves = []
    for n in range(2):
        (tmp_path / "aside" / f"{n}").write_bytes(b"x")
        moves.append((tmp_path / "aside" / f"{n}", tmp_path / "a" / "b" / f"{n}"))
    publish(moves)
    assert sorted(synced) == sorted([tmp_path, tmp_path / "a", tmp_path / "a" / "b"])
    assert make_directory(tmp_path / "a" / "b") == []


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match=r"file/.*Not a directory|file.*File exists"):
        Store.open(tmp_path / "file" / "home", create=True)
