"""Files that survive a kill and a power cut: written aside, fsynced, renamed, and their directories fsynced."""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StoreError


def fsync_directory(path: Path) -> None:
    """Make the entries of a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path) -> list[Path]:
    """Create a directory with its parents; returns the directories that got a new entry and need an fsync."""
    changed: list[Path] = []
    missing: list[Path] = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for directory in reversed(missing):
        directory.mkdir(exist_ok=True)
        changed.append(directory.parent)
    return changed


def publish(moves: Iterable[tuple[Path, Path]], *, sync: bool = True) -> None:
    """Rename fsynced files to where they belong, then fsync each directory that changed, once.

    Args:
        moves: (aside, final) pairs. The aside files are complete and fsynced; no final name exists yet.
        sync: False only for stores that live as long as the process.
    """
    changed: dict[Path, None] = {}
    for aside, final in moves:
        changed.update(dict.fromkeys(make_directory(final.parent)))
        aside.rename(final)
        changed[final.parent] = None
    if sync:
        for directory in changed:
            fsync_directory(directory)


@contextmanager
def plain_errors(place: Path) -> Iterator[None]:
    """Say of an error of the file system where it happened, as a StoreError."""
    try:
        yield
    except OSError as e:
        where = e.filename if isinstance(e.filename, str) else place
        raise StoreError(f"{where}: {e.strerror or e}") from e


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`; waits for whoever has it. Freed by the kernel when the process ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Writer:
    """A name under which files are written, and the lock that says its holder lives.

    Only files whose writer's lock is free may be taken for orphans: taken plainly ("remove what the catalogue doesn't
    list"), a starting process removes what its neighbour has renamed and is about to commit.
    """

    def __init__(self, locks: Path) -> None:
        """Take a fresh name below the directory of locks."""
        while True:
            self.id = uuid.uuid4().hex[:12]
            self._path = locks / f"writer-{self.id}"
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            # A sweep may have seen the file between its creation and its lock, and have removed it.
            if _is_at(self._descriptor, self._path):
                return
            os.close(self._descriptor)

    def name(self) -> str:
        """A new file name (without suffix) of this writer: <writer>-<id>."""
        return f"{self.id}-{uuid.uuid4().hex[:12]}"

    def close(self) -> None:
        """Free the lock; the file goes with it, for nothing of this writer is under way."""
        if self._descriptor >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return there.st_ino == os.fstat(descriptor).st_ino


@contextmanager
def free(locks: Path, writer: str) -> Iterator[bool]:
    """Whether the writer is gone, for as long as the context lasts. Its lock file goes at the end."""
    path = locks / f"writer-{writer}"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        yield True
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
        path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


class Spill:
    """A directory for what a query can't hold in memory, locked while its reader lives."""

    def __init__(self, parent: Path) -> None:
        self.path = parent / uuid.uuid4().hex
        with plain_errors(parent):
            self.path.mkdir()
            self._descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def close(self) -> None:
        """Remove it with what is in it."""
        if self._descriptor >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._descriptor)
            self._descriptor = -1


def remove_spills(parent: Path) -> int:
    """Remove the directories of readers that were killed; returns how many."""
    removed = 0
    for path in parent.iterdir():
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
            removed += 1
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)
    return removed
