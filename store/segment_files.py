"""Writing segments: Parquet files of rows sorted by body and time, row groups cut where the body changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from core.columns import EventClass, arrow_schema, columns_of, polars_schema
from core.time import DAY_US, JST_OFFSET_US
from store.segments import Written

FILE_ROWS = 4_194_304
"""Rows of a segment after which another one is begun."""
GROUP_ROWS = 131_072
"""Rows of a row group at most; groups are cut where the body changes once they are large."""
_LARGE = 65_536
SORT = ("tenant", "event_time", "batch", "line")

# src_addr and dst_addr as BLOB of 16 bytes, measured on DuckDB 2.0.0 with 2 M addresses in 16 row groups, 2 threads
# (ms; sum over a /16 of sorted rows · over a range that no row group reaches · over a /16 of unsorted rows):
#   BLOB of 16 bytes          5.9 · 0.9 · 68      (all rows: 16; bytes a row on disk 7.8)
#   two unsigned 64-bit       4.0 · 0.9 · 42      (8.4)
#   text, LIKE '10.16.%'      9.9 · –   · 102     (9.1; no prefix but /8, /16, /24, nothing pruned)
# So row groups are pruned by a BLOB as by numbers (its minimum and maximum are in the file's statistics). It stays.


def narrowed(event_class: EventClass, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in the types of their class, without the columns that are empty throughout: those cost nothing in a file,
    but sixteen bytes a row in memory.

    Raises:
        ValueError: A column that the class doesn't have, or a type that can't be taken.
    """
    schema = polars_schema(event_class)
    if unknown := [name for name in rows.columns if name not in schema]:
        raise ValueError(f"{event_class} has no column {', '.join(unknown)}")
    given = [name for name in schema if name in rows.columns and rows[name].null_count() < rows.height]
    return rows.select(
        pl.col(name).cast(schema[name]) if rows.schema[name] != schema[name] else pl.col(name) for name in given
    )


def widened(event_class: EventClass, rows: pl.DataFrame, names: Sequence[str] | None = None) -> pa.Table:
    """Rows as an Arrow table with exactly these columns of the class (None: all); what is not given is empty."""
    schema = arrow_schema(event_class)
    if names is not None:
        schema = pa.schema([schema.field(name) for name in names])
    given = rows.to_arrow()
    return pa.table(
        [
            given.column(field.name).cast(field.type)
            if field.name in rows.columns
            else pa.nulls(given.num_rows, field.type)
            for field in schema
        ],
        schema=schema,
    )  # fmt: skip


def jst_day(column: str = "event_time") -> pl.Expr:
    """The JST day of a time column, as days since 1970."""
    return (pl.col(column).to_physical() + JST_OFFSET_US).floordiv(DAY_US)


def groups(tenants: Sequence[tuple[str, int]]) -> Iterator[int]:
    """Sizes of row groups for runs of (body, rows) in sorted order: whole bodies together, large ones alone."""
    held = 0
    for _, rows in tenants:
        if held and (held >= _LARGE or held + rows > GROUP_ROWS):
            yield held
            held = 0
        while held + rows > GROUP_ROWS:
            yield GROUP_ROWS
            rows -= GROUP_ROWS
        held += rows
    if held:
        yield held


class SegmentWriter:
    """Writes runs of rows of one class and day into a file that lies aside; each run is sorted."""

    def __init__(self, aside: Path, event_class: EventClass, day: str, *, level: int) -> None:
        self.aside = aside
        self.rows = 0
        self._class = event_class
        self._day = day
        self._first: int | None = None
        self._last: int | None = None
        self._tenants: set[str] = set()
        self._seqs: set[int] = set()
        self._file = aside.open("wb")
        self._writer = pq.ParquetWriter(
            self._file, arrow_schema(event_class), compression="zstd", compression_level=level, store_schema=False,
            write_statistics=True, data_page_size=1 << 20, **_encodings(event_class),
        )  # fmt: skip

    def write(self, rows: pl.DataFrame) -> None:
        """Append a run of rows, sorted by body and time. Columns that are missing are empty."""
        if rows.is_empty():
            return
        times = rows["event_time"].to_physical()
        low, high = int(times.min()), int(times.max())  # type: ignore[arg-type]  # no row is without a time
        self._first = low if self._first is None else min(low, self._first)
        self._last = high if self._last is None else max(high, self._last)
        runs = rows["tenant"].rle().struct.unnest()
        self._tenants.update(runs["value"].to_list())
        if "batch" in rows.columns:
            self._seqs.update(rows["batch"].unique().to_list())
        at = 0
        for size in groups(list(zip(runs["value"].to_list(), runs["len"].to_list(), strict=True))):
            self._writer.write_table(widened(self._class, rows.slice(at, size)), row_group_size=size)
            at += size
        self.rows += rows.height

    def finish(self, *, sync: bool) -> Written:
        """Close and fsync the file, and make it read-only."""
        self._writer.close()
        self._file.flush()
        os.fchmod(self._file.fileno(), 0o440)
        if sync:
            os.fsync(self._file.fileno())
        size = self._file.tell()
        self._file.close()
        assert self._first is not None and self._last is not None  # noqa: S101, PT018 - a segment has rows
        return Written(
            self.aside, f"events/class={self._class}/day={self._day}/{self.aside.name}", self._class, self._day,
            self.rows, size, self._first, self._last, tuple(sorted(self._tenants)), tuple(sorted(self._seqs)),
        )  # fmt: skip

    def discard(self) -> None:
        """Forget it: the file goes."""
        if not self._file.closed:
            self._writer.is_open = False  # its footer would be written by the garbage collector
            self._file.close()
        self.aside.unlink(missing_ok=True)


class Segments:
    """The segments that one act writes: an open file for each class and day, none in its place before `publish`."""

    def __init__(self, aside: Path, names: Callable[[], str], *, sync: bool, level: int = 1) -> None:
        """Begin with none.

        Args:
            aside: Directory for files under way, on the file system of the segments.
            names: Gives new file names (of the writer whose lock is held).
            sync: False for stores that live as long as the process.
            level: Compression of zstd.
        """
        self.written: list[Written] = []
        self._aside = aside
        self._names = names
        self._sync = sync
        self._level = level
        self._open: dict[tuple[EventClass, int], SegmentWriter] = {}

    def write(self, event_class: EventClass, rows: pl.DataFrame) -> None:
        """Append a run of rows, sorted by body and time; each JST day goes into its own file."""
        days = rows.select(day=jst_day()).to_series()
        for day in days.unique().sort().to_list():
            self._of(event_class, day).write(rows.filter(days == day))

    def finish(self) -> None:
        """Close every file; `written` is complete after it."""
        for key in list(self._open):
            self._close(key)

    def moves(self, home: Path) -> list[tuple[Path, Path]]:
        """(aside, final) of every file."""
        return [(w.aside, home / w.path) for w in self.written]

    def discard(self, home: Path) -> None:
        """Nothing of it is listed, and nothing will be: its files go, wherever they are."""
        for writer in self._open.values():
            writer.discard()
        for w in self.written:
            w.aside.unlink(missing_ok=True)
            (home / w.path).unlink(missing_ok=True)

    def _of(self, event_class: EventClass, day: int) -> SegmentWriter:
        key = (event_class, day)
        if key in self._open and self._open[key].rows >= FILE_ROWS:
            self._close(key)
        if key not in self._open:
            text = (date(1970, 1, 1) + timedelta(days=day)).isoformat()
            aside = self._aside / f"{self._names()}.parquet"
            self._open[key] = SegmentWriter(aside, event_class, text, level=self._level)
        return self._open[key]

    def _close(self, key: tuple[EventClass, int]) -> None:
        self.written.append(self._open[key].finish(sync=self._sync))
        del self._open[key]


_MOSTLY_DIFFERENT = frozenset(
    {"session_id", "message", "url", "url_query", "queue_id", "message_id", "src_port", "size"}
)
"""Columns whose values hardly repeat: a dictionary of them is written in vain (2 bytes a row, 6 % of the time)."""


@cache
def _encodings(event_class: EventClass) -> dict[str, Any]:
    columns = columns_of(event_class)
    rising = [c.name for c in columns if c.type in ("timestamp[us]", "int32") or c.name in ("line", "offset")]
    return {
        "use_dictionary": [c.name for c in columns if c.name not in {*rising, *_MOSTLY_DIFFERENT}],
        "column_encoding": dict.fromkeys(rising, "DELTA_BINARY_PACKED"),
    }
