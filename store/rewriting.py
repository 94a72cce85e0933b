"""New segments for old: an act with a seq that gives rows new values, with touches where they differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from core import time
from core.columns import EventClass
from core.errors import ConflictError
from store import tables
from store.catalogue import Transaction
from store.durable import make_directory, plain_errors, publish
from store.segment_files import Segments, in_order, narrowed
from store.segments import Segment, record
from store.snapshots import snapshot
from store.written import Written

if TYPE_CHECKING:
    from store.store import Store

_ATTEMPTS = 5

Transform = Callable[[EventClass, pl.DataFrame], pl.DataFrame]


def rewrite(
    store: Store, kind: str, transform: Transform, *, network_seq: int, concerns: Callable[[Segment], bool], actor: str
) -> int | None:
    """Give the rows of stale segments new values; see Store.rewrite."""
    for attempt in range(_ATTEMPTS):
        try:
            with snapshot(store) as snap:
                stale = [s for s in snap.segments if s.network_seq < network_seq]
                return _rewrite(store, kind, transform, stale, network_seq, concerns, actor) if stale else None
        except ConflictError:
            if attempt == _ATTEMPTS - 1:
                raise
    return None


def _rewrite(
    store: Store, kind: str, transform: Transform, stale: Sequence[Segment], network_seq: int,
    concerns: Callable[[Segment], bool], actor: str,
) -> int | None:  # fmt: skip
    new = begin(store, level=1)
    replaced: list[Segment] = []
    touched: set[tuple[str, str, int]] = set()
    with placed(store, new):
        for segment in filter(concerns, stale):
            before = len(new.written)
            hours = _changed(store, segment, transform, new)
            new.finish()
            if hours:
                replaced.append(segment)
                touched |= {(str(segment.event_class), tenant, hour) for tenant, hour in hours}
            else:
                for same in new.written[before:]:
                    same.aside.unlink()
                del new.written[before:]
    try:
        with store.catalogue.write() as tx:
            _refresh(tx, [s for s in stale if s not in set(replaced)], network_seq)
            if not replaced:
                return None
            drop(tx, replaced)
            seq = tx.seq(kind, actor=actor, detail={"network_seq": network_seq, "segments": len(replaced)})
            add(tx, new.written, network_seq=network_seq)
            tx.execute(
                tables.touches.insert(),
                [{"seq": seq, "class": c, "tenant": t, "hour": h} for c, t, h in sorted(touched)],
            )
            return seq
    except ConflictError:
        new.discard(store.home)
        raise


@contextmanager
def placed(store: Store, new: Segments) -> Iterator[None]:
    """Finish the segments written in this context and put them into their places; an error leaves none."""
    try:
        with plain_errors(store.home):
            yield
            new.finish()
            publish(new.moves(store.home), sync=store.durable)
    except BaseException:
        new.discard(store.home)
        raise


def _changed(store: Store, segment: Segment, transform: Transform, new: Segments) -> set[tuple[str, int]]:
    """Write a segment's transformed rows; (body, hour) of the rows that differ, as they were and as they are."""
    hours: set[tuple[str, int]] = set()
    names = columns_in(store, segment)
    for given in rows_of(store, segment):
        rows = narrowed(segment.event_class, given)
        after = narrowed(segment.event_class, transform(segment.event_class, rows))
        places = ["event_time", "batch", "line"]
        if not after.select(places).equals(rows.select(places)):
            raise ValueError("a transformation keeps the rows, their order, times and places")
        differ = _differ(rows, after)
        for frame in (rows, after):
            some = frame.filter(differ).select("tenant", hour=pl.col("event_time").to_physical() // time.HOUR_US)
            hours.update(some.unique().iter_rows())
        new.write(segment.event_class, in_order(after), later=names)
    return hours


def _differ(one: pl.DataFrame, other: pl.DataFrame) -> pl.Series:
    """Which rows of two frames of the same rows differ in any column; a missing column is empty."""
    out = pl.Series([False]).new_from_index(0, one.height)
    for name in {*one.columns, *other.columns}:
        if name not in one.columns:
            out |= other[name].is_not_null()
        elif name not in other.columns:
            out |= one[name].is_not_null()
        else:
            out |= one[name].ne_missing(other[name])
    return out


def begin(store: Store, *, level: int) -> Segments:
    """Segments of an act that replaces others."""
    aside = store.home / "events" / ".aside"
    with plain_errors(store.home):
        make_directory(aside)
    return Segments(aside, store.writer.name, sync=store.durable, level=level)


def drop(tx: Transaction, old: Sequence[Segment]) -> None:
    """Mark segments as dropped, if every one is still live; ConflictError otherwise."""
    drops, now = tx.count("drops"), time.now_us()
    s = tables.segments
    for some in _portions([x.path for x in old]):
        values = {"dropped": drops, "dropped_at": now}
        found = tx.execute(s.update().where(s.c.path.in_(some), s.c.dropped.is_(None)).values(values)).rowcount
        if found != len(some):
            raise ConflictError("a segment was dropped by somebody else meanwhile")


def add(tx: Transaction, new: Iterable[Written], *, network_seq: int) -> None:
    """List segments whose rows say of which batch they are."""
    now = time.now_us()
    records = [record(w, seqs=w.seqs, network_seq=network_seq, added=now) for w in new]
    tx.execute(tables.segments.insert(), records)


def _refresh(tx: Transaction, segments: Sequence[Segment], network_seq: int) -> None:
    """Nothing changes in these: they count as looked at."""
    s = tables.segments
    for some in _portions([x.path for x in segments]):
        tx.execute(s.update().where(s.c.path.in_(some), s.c.dropped.is_(None)).values(network_seq=network_seq))


def _portions(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    return (paths[at : at + 500] for at in range(0, len(paths), 500))


def frame_of(table: pa.Table) -> pl.DataFrame:
    """An Arrow table as a frame."""
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table gives a frame
    return frame


def columns_in(store: Store, segment: Segment) -> set[str]:
    """The columns that a segment fills, and `batch`."""
    return {*pq.read_schema(store.home / segment.path).names, "batch"}


def rows_of(store: Store, segment: Segment, columns: Collection[str] | None = None) -> Iterator[pl.DataFrame]:
    """The rows of a segment, some at a time, with `batch` filled in."""
    with pq.ParquetFile(store.home / segment.path) as file:
        for part in file.iter_batches(batch_size=131_072, columns=None if columns is None else sorted(columns)):
            rows = frame_of(pa.Table.from_batches([part]))
            if segment.only_seq is not None and (columns is None or "batch" in columns):
                rows = rows.with_columns(batch=pl.lit(segment.only_seq, dtype=pl.Int64))
            yield rows
