"""Verification: is everything that was ever committed still there, unchanged, in order and complete?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from core.errors import StoreError
from store import chain, tables
from store.archive import ObjectReader, file_hash
from store.datasets import dataset
from store.segments import live
from store.snapshots import Snapshot, snapshot
from store.sweeping import unlisted

if TYPE_CHECKING:
    from store.store import Store


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be."""

    kind: str
    """seq | chain | object | unlisted | segment | accounting"""
    place: str
    message: str


@dataclass(slots=True)
class Report:
    """What was looked at, and what was found. `notes` are no errors: leftovers of a kill that cost nothing."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        """Nothing was found."""
        return not self.findings

    def found(self, kind: str, place: object, message: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(kind, str(place), message))


Progress = Callable[[str], None]
_PAGE = 5_000


def verify(store: Store, *, full: bool = False, progress: Progress = lambda _: None) -> Report:
    """Check the whole store; see Store.verify."""
    report = Report()
    with snapshot(store) as snap:
        try:
            chain.extend(store.catalogue, store.home, sync=store.durable)  # a commit may be between its two last steps
        except StoreError as e:
            report.found("chain", chain.file_of(store.home), str(e))
        _seqs(store, snap.seq, report)
        _accounting(store, snap.seq, report)
        for record in _chain(store, snap.seq, report):
            progress(record["object"])
            check_object(store.home, record, report, full=full)
        _segments(store, snap, report, full=full, progress=progress)
    for one in unlisted(store):
        report.checked["unlisted objects"] += 1
        if one.same_as is None:
            report.found("unlisted", one.path, "no batch lists it; `hinomi ingest --adopt` takes it in")
        else:
            why = f"left by a kill; committed later as batch {one.same_as}"
            report.notes.append(Finding("unlisted", one.path, why))
    return report


def verify_archive(archive: Path, *, full: bool = False, progress: Progress = lambda _: None) -> Report:
    """Check an exported archive by its own chain.jsonl, without a catalogue.

    Args:
        archive: The directory `archive`, with chain.jsonl in it.
        full: Also decompress every frame.
        progress: Is told each object.

    Raises:
        StoreError: There is no chain.jsonl.
    """
    path = archive / "chain.jsonl"
    if not path.exists():
        raise StoreError(f"{path}: there is no chain here to verify by")
    report = Report()
    for record in _linked(_read(path, report), report, place=str(path)):
        progress(record["object"])
        check_object(archive.parent, record, report, full=full, root=archive)
    return report


def _seqs(store: Store, newest: int, report: Report) -> None:
    """Every number up to the counter belongs to an act."""
    seq = tables.acts.c.seq
    with store.catalogue.read() as tx:
        found = tx.execute(sa.select(sa.func.count()).where(seq >= 1, seq <= newest)).scalar_one()
    report.checked["seqs"] += found
    if found != newest:
        report.found("seq", "catalogue", f"{newest - found} of {newest} seqs belong to no act")


def _chain(store: Store, newest: int, report: Report) -> Iterator[dict[str, Any]]:
    """The chain of the catalogue in itself, against the batches, and against the chain on disk; gives its records."""
    path = chain.file_of(store.home)
    on_disk = _read(path, report)
    other = next(on_disk, None)
    for record in _linked(_records(store, newest, report), report, place="catalogue"):
        while other is not None and other["seq"] < record["seq"]:
            report.found("chain", path, f"seq {other['seq']} is not in the catalogue")
            other = next(on_disk, None)
        if other is None or other["seq"] != record["seq"]:
            report.found("chain", path, f"seq {record['seq']} is missing")
        else:
            if other != record:
                report.found("chain", path, f"seq {record['seq']} differs from the catalogue")
            other = next(on_disk, None)
        yield record
    for rest in (other, *on_disk):
        if rest is not None and rest["seq"] <= newest:
            report.found("chain", path, f"seq {rest['seq']} is not in the catalogue, or stands twice")


def _records(store: Store, newest: int, report: Report) -> Iterator[dict[str, Any]]:
    """The chain records of the catalogue in the order of seq, a page at a time, each compared with its batch."""
    c, b = tables.chain, tables.batches
    query = (
        sa.select(c, b.c.seq.label("batch"), b.c.object.label("of"), b.c.bytes.label("size"), b.c.source.label("feed"))
        .select_from(b.outerjoin(c, c.c.seq == b.c.seq))
        .order_by(b.c.seq)
        .limit(_PAGE)
    )
    reached = 0
    while True:
        with store.catalogue.read() as tx:
            page = tx.execute(query.where(b.c.seq > reached, b.c.seq <= newest)).mappings().all()
        for row in page:
            record = dict(row)
            reached = record.pop("batch")
            batch = (record.pop("of"), record.pop("size"), record.pop("feed"))
            if record["seq"] is None:
                report.found("chain", f"seq {reached}", "the batch has no chain record")
                continue
            if batch != (record["object"], record["bytes"], record["source"]):
                report.found("chain", f"seq {reached}", "the batch and its chain record name different objects")
            yield record
        if len(page) < _PAGE:
            return


def _read(path: Path, report: Report) -> Iterator[dict[str, Any]]:
    for number, record in chain.records(path):
        if record is None:
            report.found("chain", f"{path}:{number}", "no chain record")
        else:
            yield record


def _linked(records: Any, report: Report, *, place: str) -> Iterator[dict[str, Any]]:
    """Records as they come, each checked against the one before."""
    before, last = chain.GENESIS, 0
    for record in records:
        report.checked["chain records"] += 1
        where = f"{place}, seq {record['seq']}"
        if chain.record_hash(record) != record["hash"]:
            report.found("chain", where, "its hash is not that of its content: the record was changed")
        if record["previous"] != before:
            report.found("chain", where, "it does not follow the record before it: one was removed, added or moved")
        if record["seq"] <= last:
            report.found("chain", where, f"it stands after seq {last}")
        before, last = record["hash"], record["seq"]
        yield record


def check_object(
    home: Path, record: Mapping[str, Any], report: Report, *, full: bool, root: Path | None = None
) -> None:
    """One archive object against its chain record: there, of its size and hash; with `full` every frame unpacks."""
    name = str(record["object"])
    path = root / name.removeprefix("archive/") if root is not None else home / name
    report.checked["objects"] += 1
    try:
        size = path.stat().st_size
        if size != record["bytes"]:
            report.found("object", name, f"{size} bytes instead of {record['bytes']}")
        elif file_hash(path) != record["sha256"]:
            report.found("object", name, "its SHA-256 is not the one in the chain: its bytes were changed")
        elif full:
            with ObjectReader(path) as reader:
                for number in range(len(reader.frames)):
                    reader.text(number)
            report.checked["bytes of text"] += reader.text_bytes
    except FileNotFoundError:
        report.found("object", name, "missing")
    except OSError as e:
        report.found("object", name, f"can't be read: {e.strerror}")
    except StoreError as e:
        report.found("object", name, str(e))


def _accounting(store: Store, newest: int, report: Report) -> None:
    """Promise 1: lines = parsed + refused + skipped, and every refused line has its place."""
    b, r = tables.batches, tables.refusals
    places = sa.select(r.c.seq, sa.func.sum(r.c.lines).label("lines")).group_by(r.c.seq).subquery()
    refused = sa.func.coalesce(places.c.lines, 0)
    wrong = (
        sa.select(b.c.seq, b.c.lines, b.c.parsed, b.c.refused, b.c.skipped, refused.label("places"))
        .select_from(b.outerjoin(places, places.c.seq == b.c.seq))
        .where(b.c.seq <= newest)
        .where(sa.or_(b.c.lines != b.c.parsed + b.c.refused + b.c.skipped, b.c.refused != refused))
        .order_by(b.c.seq)
    )
    with store.catalogue.read() as tx:
        total = tx.execute(sa.select(sa.func.sum(b.c.lines)).where(b.c.seq <= newest)).scalar()
        rows = tx.execute(wrong).all()
    report.checked["lines"] += int(total or 0)
    for row in rows:
        report.found(
            "accounting", f"seq {row.seq}",
            f"{row.lines} lines are not {row.parsed} parsed + {row.refused} refused ({row.places} places kept) "
            f"+ {row.skipped} skipped",
        )  # fmt: skip


def _segments(store: Store, snap: Snapshot, report: Report, *, full: bool, progress: Progress) -> None:
    """Listed segments are there with their rows, and together hold every row that was committed."""
    for s in snap.segments:
        progress(s.path)
        report.checked["segments"] += 1
        path = store.home / s.path
        try:
            size, rows = path.stat().st_size, pq.read_metadata(path).num_rows
        except FileNotFoundError:
            report.found("segment", s.path, "listed, but missing: its rows can't be read")
            continue
        except (OSError, pa.ArrowException) as e:
            report.found("segment", s.path, f"can't be read: {e}")
            continue
        if (size, rows) != (s.bytes, s.rows):
            report.found("segment", s.path, f"{rows} rows in {size} bytes instead of {s.rows} in {s.bytes}")
    b = tables.batches
    with store.catalogue.read() as tx:
        listed = sum(s.rows for s in live(tx))
        committed = int(tx.execute(sa.select(sa.func.sum(b.c.rows))).scalar() or 0)
    report.checked["rows"] += listed
    if committed != listed:
        report.found("segment", "catalogue", f"live segments hold {listed} rows, batches committed {committed}")
    if full and report.clean:
        _rows(store, snap, report)


def _rows(store: Store, snap: Snapshot, report: Report) -> None:
    """Read every segment: each batch has its rows, and no row lies outside of what the catalogue says of its file."""
    b = tables.batches
    with store.catalogue.read() as tx:
        batches = tx.execute(sa.select(b.c.seq, b.c.rows).where(b.c.seq <= snap.seq)).all()
    committed: dict[int, int] = {batch.seq: batch.rows for batch in batches}
    counted: Counter[int] = Counter()
    for s in snap.segments:
        source = dataset(s.event_class, [(store.home / s.path, s.only_seq)])
        for part in source.to_batches(columns=["batch", "tenant", "event_time"]):
            if not part.num_rows:
                continue
            counted.update({x["values"]: x["counts"] for x in part.column("batch").value_counts().to_pylist()})
            bounds = pc.min_max(part.column("event_time").cast(pa.int64())).as_py()
            outside = bounds["min"] < s.first_event or bounds["max"] > s.last_event
            if outside or not set(part.column("tenant").unique().to_pylist()) <= s.tenants:
                report.found("segment", s.path, "holds rows of bodies or times that the catalogue doesn't list for it")
    for seq in sorted(counted.keys() | committed.keys()):
        if counted[seq] != committed.get(seq, 0):
            report.found("segment", f"seq {seq}", f"{counted[seq]} rows of {committed.get(seq, 0)} that were committed")
