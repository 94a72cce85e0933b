"""Compaction: the small segments of a class and day become few large ones, sorted by body and time. No row changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from core.columns import EventClass
from core.errors import ConflictError
from store import segment_files
from store.durable import Spill
from store.rewriting import add, begin, columns_in, drop, frame_of, placed, rows_of
from store.segment_files import file_schema, in_order, narrowed, widened
from store.segments import Segment, live
from store.snapshots import snapshot

if TYPE_CHECKING:
    from store.store import Store

SLICE_ROWS = 131_072
"""Rows sorted at a time: some 330 MB while it lasts."""
_MINUTE = pl.col("event_time").to_physical() // 60_000_000


def compact(store: Store, day: str | None = None) -> int:
    """Join the small segments of each class and day; see Store.compact."""
    with store.catalogue.read() as tx:
        found = live(tx)
    small = [(s.event_class, s.day) for s in found if _is_small(s) and day in (None, s.day)]
    return sum(_compact(store, *key) for key in sorted(set(small)) if small.count(key) > 1)


def _is_small(segment: Segment) -> bool:
    return segment.rows < segment_files.FILE_ROWS // 2


def _compact(store: Store, event_class: EventClass, day: str) -> bool:
    """Join the small segments of one class and day. False: somebody else dropped one of them meanwhile."""
    with snapshot(store) as snap:  # its lease keeps the old files while they are read
        old = [s for s in snap.segments if (s.event_class, s.day) == (event_class, day) and _is_small(s)]
        if len(old) < 2:
            return False
        new = begin(store, level=3)
        with placed(store, new):
            names = set().union(*(columns_in(store, s) for s in old))
            for rows in _sorted(store, event_class, old, names):
                new.write(event_class, rows, later=names)
        try:
            with store.catalogue.write() as tx:
                drop(tx, old)
                add(tx, new.written, network_seq=min(s.network_seq for s in old))
        except ConflictError:
            new.discard(store.home)
            return False
    return True


def _sorted(
    store: Store, event_class: EventClass, old: Sequence[Segment], names: Collection[str]
) -> Iterator[pl.DataFrame]:
    """All rows of some segments in the order of body and time, a slice at a time. `names`: the columns they fill.

    Each file is read once for the sizes of the slices and once for its rows, which wait for their slice in files of
    their own: reading every file again for every slice takes six times as long.
    """
    slices = _slices(_sizes(store, old))
    schema = file_schema(event_class, names)
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    spill = Spill(store.home / "spill")
    try:
        with ExitStack() as stack:
            waiting: dict[int, pa.RecordBatchFileWriter] = {}
            for segment in old:
                for rows in rows_of(store, segment):
                    for number, part in _parted(rows, slices):
                        table = widened(part, schema)
                        if number not in waiting:
                            file = stack.enter_context(pa.OSFile(str(spill.path / str(number)), "wb"))
                            waiting[number] = stack.enter_context(pa.ipc.new_file(file, schema, options=options))
                        waiting[number].write_table(table)
        for number in sorted(waiting):
            with pa.OSFile(str(spill.path / str(number)), "rb") as file:
                yield in_order(narrowed(event_class, frame_of(pa.ipc.open_file(file).read_all())))
            (spill.path / str(number)).unlink()
    finally:
        spill.close()


def _parted(rows: pl.DataFrame, slices: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Rows by the number of their slice."""
    numbers = rows.select("tenant", minute=_MINUTE).join(
        slices, on=["tenant", "minute"], how="left", maintain_order="left"
    )["slice"]
    for number in numbers.unique().to_list():
        yield number, rows.filter(numbers == number)


def _sizes(store: Store, segments: Sequence[Segment]) -> pl.DataFrame:
    """Rows of each body and minute, in order: tenant, minute, len."""
    parts = [
        rows.group_by("tenant", minute=_MINUTE).len()
        for segment in segments
        for rows in rows_of(store, segment, {"tenant", "event_time"})
    ]
    return pl.concat(parts).group_by("tenant", "minute").agg(pl.col("len").sum()).sort("tenant", "minute")


def _slices(sizes: pl.DataFrame) -> pl.DataFrame:
    """Number of the slice of each body and minute: several bodies together, or some minutes of a large one."""
    numbers, number, held = [], 0, 0
    for size in sizes["len"].to_list():
        if held and held + size > SLICE_ROWS:
            number, held = number + 1, 0
        held += size
        numbers.append(number)
    return sizes.select("tenant", "minute", slice=pl.Series(numbers, dtype=pl.Int64))
