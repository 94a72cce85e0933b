"""What may be removed: files that nobody committed and nobody writes any more, and dropped ones that nobody reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import time
from store import tables
from store.archive import file_hash
from store.catalogue import Transaction
from store.durable import free, plain_errors, remove_spills

if TYPE_CHECKING:
    from store.store import Store


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of each were removed."""

    orphans: int
    dropped: int
    leases: int
    spills: int


@dataclass(frozen=True, slots=True)
class Unlisted:
    """An archive object that no batch lists: its writer was killed between the rename and the transaction.

    It is never removed. Where `same_as` is given its bytes were committed later, as that batch.
    """

    path: str
    folder: str
    day: str
    bytes: int
    sha256: str
    same_as: int | None


def sweep(store: Store) -> Swept:
    """Remove orphans, dropped segments and leases that ran out; see Store.sweep."""
    with plain_errors(store.home):
        leases = _expire(store)
        dropped = _unlink_dropped(store)
        orphans = sum(_remove_orphans(store, writer, files) for writer, files in _by_writer(store).items())
        return Swept(orphans, dropped, leases, remove_spills(store.home / "spill"))


def unlisted(store: Store) -> list[Unlisted]:
    """Archive objects that no batch lists and no writer is about to commit; see Store.unlisted."""
    found: dict[str, list[Path]] = {}
    for path in sorted((store.home / "archive").glob("*/*/*.zst")):
        found.setdefault(_writer_of(path), []).append(path)
    out = []
    for writer, files in found.items():
        known = _known(store, files)
        if len(known) == len(files):
            continue
        with free(store.home / "locks", writer) as gone:
            # Asked again while nobody can be its writer: it may have committed a moment ago.
            known = _known(store, files) if gone else {str(p.relative_to(store.home)) for p in files}
        out += [_unlisted(store, path) for path in files if str(path.relative_to(store.home)) not in known]
    return out


def _unlisted(store: Store, path: Path) -> Unlisted:
    digest = file_hash(path)
    c = tables.chain
    with store.catalogue.read() as tx:
        same = tx.execute(sa.select(c.c.seq).where(c.c.sha256 == digest).order_by(c.c.seq).limit(1)).scalar()
    day, folder = path.parent.name, path.parent.parent.name
    return Unlisted(str(path.relative_to(store.home)), folder, day, path.stat().st_size, digest, same)


def _known(store: Store, files: Iterable[Path]) -> set[str]:
    b = tables.batches
    with store.catalogue.read() as tx:
        return _listed(tx, b.c.object, [str(path.relative_to(store.home)) for path in files])


def _listed(tx: Transaction, column: sa.Column[str], paths: list[str]) -> set[str]:
    known: set[str] = set()
    for at in range(0, len(paths), 500):
        known.update(tx.execute(sa.select(column).where(column.in_(paths[at : at + 500]))).scalars())
    return known


def _expire(store: Store) -> int:
    leases = tables.leases
    with store.catalogue.write() as tx:
        return tx.execute(leases.delete().where(leases.c.until < time.now_us())).rowcount


def _unlink_dropped(store: Store) -> int:
    s, leases = tables.segments, tables.leases
    with store.catalogue.read() as tx:
        # A lease that was taken before a drop counts fewer drops than the dropped segment names.
        oldest = tx.execute(sa.select(sa.func.min(leases.c.drops))).scalar()
        query = sa.select(s.c.path).where(s.c.dropped.is_not(None))
        paths = list(tx.execute(query if oldest is None else query.where(s.c.dropped <= oldest)).scalars())
    for path in paths:
        (store.home / path).unlink(missing_ok=True)
    with store.catalogue.write() as tx:
        for at in range(0, len(paths), 500):
            tx.execute(s.delete().where(s.c.path.in_(paths[at : at + 500])))
    return len(paths)


def _writer_of(path: Path) -> str:
    return path.name.partition("-")[0]


def _by_writer(store: Store) -> dict[str, list[Path]]:
    """The files under way and in place, and the lock files, by the writer whose they are."""
    found: dict[str, list[Path]] = {}
    for lock in (store.home / "locks").glob("writer-*"):
        found.setdefault(lock.name.removeprefix("writer-"), [])
    for path in _files(store.home):
        found.setdefault(_writer_of(path), []).append(path)
    return found


def _files(home: Path) -> Iterator[Path]:
    yield from (home / "archive" / ".aside").glob("*.zst")
    yield from (home / "events" / ".aside").glob("*.parquet")
    yield from (home / "events").glob("class=*/day=*/*.parquet")


def _remove_orphans(store: Store, writer: str, files: list[Path]) -> int:
    """Remove what a dead writer left behind.

    In this order: find the files, be sure that the writer is dead, then ask the catalogue what of them is listed. A
    writer that died just after its commit is found with its files listed.
    """
    with free(store.home / "locks", writer) as gone:
        if not gone:
            return 0
        placed = [str(p.relative_to(store.home)) for p in files if p.parent.name != ".aside"]
        with store.catalogue.read() as tx:
            known = _listed(tx, tables.segments.c.path, placed)
        orphans = [p for p in files if str(p.relative_to(store.home)) not in known]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)
