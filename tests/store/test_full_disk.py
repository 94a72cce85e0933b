"""What the file system refuses becomes a plain message with its place; nothing is lost, nothing half."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import run
from core.errors import Exit, StoreError
from store import Store
from tests.store.making import NETWORK, NO_REFUSALS, NOW, a_delivery, commit, everything, rows_of, text_of

ROWS = 5_000


def take(store: Store, salt: bytes) -> None:
    """Commit incompressible lines."""
    raw = b"".join(os.urandom(40).replace(b"\n", b"") + salt + b"\n" for _ in range(ROWS))
    with store.batch(a_delivery(store, raw)) as batch:
        batch.add(raw, {NETWORK: rows_of([NOW - k for k in range(ROWS)], session_id=[str(os.urandom(9)) for _ in range(ROWS)])},
                  NO_REFUSALS)  # fmt: skip
        batch.commit(
            lines=ROWS, parsed=ROWS, refused=0, skipped=0, content_from=0, content_to=len(raw), parser="t", state={}
        )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(mount)], check=True)
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


@pytest.mark.root
def test_a_full_disk_loses_nothing_that_was_committed(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = small_disk / "home"
    done = 0
    with Store.open(home, create=True) as store:

        def fill() -> None:
            nonlocal done
            while done < 100:
                take(store, str(done).encode())
                done += 1

        with pytest.raises(StoreError, match=r"No space left on device|disk is full|disk I/O error") as caught:
            fill()
        assert str(small_disk) in str(caught.value)
        assert caught.value.exit == Exit.STORE
        assert 2 <= done < 100
    # A restart on the full disk says the same, or works; after room was made all is there.
    monkeypatch.setenv("HINOMI_HOME", str(home))
    assert run(["verify"]) in (Exit.OK, Exit.STORE)
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    with Store.open(home, create=True) as store:
        assert len(everything(store)) == done * ROWS
        store.sweep()
        report = store.verify(full=True)
        assert (report.findings, report.notes) == ([], [])
        take(store, b"more")
        assert len(everything(store)) == (done + 1) * ROWS


@pytest.mark.root
def test_a_read_only_disk_is_a_plain_message(small_disk: Path) -> None:
    home = small_disk / "home"
    with Store.open(home, create=True) as store:
        commit(store, rows_of([NOW]))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    try:
        for create in (True, False):
            with pytest.raises(StoreError, match=r"disk/home.*: Read-only file system"):
                Store.open(home, create=create)
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    with Store.open(home) as store:
        assert store.verify(full=True).clean


LIMITED = """
import resource, sys
from pathlib import Path
from tests.store.making import NOW, commit, rows_of
from tests.store.test_full_disk import take
from store import Store
from core.errors import StoreError
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store.open(sys.argv[1], create=True)
commit(store, rows_of([NOW]))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    take(store, b"x")
except StoreError as e:
    print(e)
    sys.exit(int(e.exit))
"""


def test_a_file_that_may_not_grow_is_a_plain_message_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, check=False,
                          cwd=Path(__file__).parents[2])  # fmt: skip
    assert done.returncode == Exit.STORE, done.stderr
    assert re.match(rf"{tmp_path}/.*: (File too large|disk I/O error)", done.stdout)
    with Store.open(tmp_path) as store:
        assert len(everything(store)) == 1
        assert store.verify(full=True).clean
        store.sweep()
        assert len([p for p in tmp_path.rglob("*") if p.suffix in {".zst", ".parquet"}]) == 2


def test_what_cannot_be_written_aside_is_not_half_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error at any fsync of the commit: nothing is visible, and the same delivery commits afterwards."""
    with Store.open(tmp_path, create=True) as store:
        commit(store, rows_of([NOW]), salt="0")
        calls = 0
        original = os.fsync

        def failing(descriptor: int) -> None:
            nonlocal calls
            calls += 1
            if calls == limit:
                raise OSError(5, "Input/output error")
            original(descriptor)

        limit = 0
        for limit in range(1, 12):
            calls = 0
            monkeypatch.setattr(os, "fsync", failing)
            before = len(everything(store))
            try:
                commit(store, rows_of([NOW]), raw=text_of(1, first=limit), salt=str(limit))
            except StoreError as e:
                assert "Input/output error" in str(e)  # noqa: PT017 - whether it fails depends on the turn
                assert len(everything(store)) == before
            else:
                assert calls < limit
                break
            finally:
                monkeypatch.setattr(os, "fsync", original)
            commit(store, rows_of([NOW]), raw=text_of(1, first=limit), salt=str(limit))
            assert len(everything(store)) == before + 1
        assert 4 < limit < 11
        report = store.verify(full=True)
        assert (report.findings, report.notes) == ([], [])
