"""Writing segments: Parquet files of rows sorted by body and time, row groups cut where the body changes.

A file has only the columns that its rows fill; readers find them by number (`written.column_number`), and what a file
lacks is empty. Minima and maxima are kept of the columns that prune row groups, and not of texts that can't.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from core.columns import EventClass, arrow_schema, polars_schema
from core.time import DAY_US, JST_OFFSET_US
from store.written import Written, column_number

FILE_ROWS = 4_194_304
"""Rows of a segment after which another one is begun."""
GROUP_ROWS = 131_072
"""Rows of a row group at most; groups are cut where the body changes once they are large."""
_LARGE = 65_536
SORT = ("tenant", "event_time", "batch", "line")
RUN = ("tenant", "event_time", "line")
"""The same where all rows are of one batch, whose number is not known yet."""
_PIECES = 64
"""As many pieces of rows, moved as they are, cost less than a copy of all rows."""

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


def in_order(rows: pl.DataFrame, by: Sequence[str] = SORT) -> pl.DataFrame:
    """Rows sorted by body and time. Those of a log are so already but for a few: its long pieces are not copied."""
    order = rows.select(pl.arg_sort_by(*by)).to_series().to_numpy().astype(np.int64)
    begins = np.flatnonzero(np.diff(order, prepend=-2) != 1).tolist()
    if not 0 < len(begins) <= _PIECES:
        return rows[order]
    ends = [*begins[1:], rows.height]
    return pl.concat(rows.slice(int(order[at]), end - at) for at, end in zip(begins, ends, strict=True))


def widened(rows: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    """Rows as an Arrow table of some columns; what is not given is empty."""
    given = rows.to_arrow(compat_level=pl.CompatLevel.newest())
    return pa.table(
        [
            given.column(field.name) if field.name in rows.columns else pa.nulls(given.num_rows, field.type)
            for field in schema
        ],
        schema=schema,
    )  # fmt: skip


def file_schema(event_class: EventClass, names: Collection[str]) -> pa.Schema:
    """Some columns of a class, in its order, as a segment is written: texts as views, which polars hands over as is."""
    views = {pa.string(): pa.string_view(), pa.binary(): pa.binary_view()}
    return pa.schema(
        field.with_type(views.get(field.type, field.type)).with_metadata(
            {"PARQUET:field_id": str(column_number(field.name))}
        )
        for field in arrow_schema(event_class)
        if field.name in names
    )


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

    def __init__(self, aside: Path, event_class: EventClass, day: str, names: Collection[str], *, level: int) -> None:
        self.aside = aside
        self.rows = 0
        self._class = event_class
        self._day = day
        self._first: int | None = None
        self._last: int | None = None
        self._tenants: set[str] = set()
        self._seqs: set[int] = set()
        self._schema = file_schema(event_class, names)
        self._file = aside.open("wb")
        self._writer = pq.ParquetWriter(
            self._file, self._schema, compression="zstd", compression_level=level, store_schema=False,
            data_page_size=1 << 20, **_options(self._schema),
        )  # fmt: skip

    def takes(self, rows: pl.DataFrame) -> bool:
        """Whether the file has every column of these rows."""
        return set(rows.columns) <= set(self._schema.names)

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
            self._writer.write_table(widened(rows.slice(at, size), self._schema), row_group_size=size)
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

    def write(self, event_class: EventClass, rows: pl.DataFrame, *, later: Collection[str] = ()) -> None:
        """Append a run of rows, sorted by body and time; each JST day goes into its own file.

        Rows with a column that their file lacks begin another one; `later` are columns that rows to come will fill.
        """
        days = rows.select(day=jst_day()).to_series()
        found = days.unique().sort().to_list()
        for day in found:
            some = rows if len(found) == 1 else rows.filter(days == day)
            self._of(event_class, day, some, later).write(some)

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

    def _of(self, event_class: EventClass, day: int, rows: pl.DataFrame, later: Collection[str]) -> SegmentWriter:
        key = (event_class, day)
        if key in self._open and (self._open[key].rows >= FILE_ROWS or not self._open[key].takes(rows)):
            self._close(key)
        if key not in self._open:
            text = (date(1970, 1, 1) + timedelta(days=day)).isoformat()
            aside = self._aside / f"{self._names()}.parquet"
            names = {*rows.columns, *later}
            self._open[key] = SegmentWriter(aside, event_class, text, names, level=self._level)
        return self._open[key]

    def _close(self, key: tuple[EventClass, int]) -> None:
        self.written.append(self._open[key].finish(sync=self._sync))
        del self._open[key]


_MOSTLY_DIFFERENT = frozenset(
    {"session_id", "message", "url", "url_query", "queue_id", "message_id", "src_port", "size"}
)
"""Columns whose values hardly repeat: a dictionary of them is written in vain (2 bytes a row, 6 % of the time)."""
_AMOUNTS = frozenset({"bytes_out", "bytes_in", "duration_ms", "delay_ms"})
"""Numbers whose high bytes are mostly zero: byte by byte they are smaller than with a dictionary, in half the time."""
_PRUNING_TEXTS = frozenset({"tenant", "source", "verdict"})
"""Texts of which a row group may hold one value, so that minimum and maximum say something."""


def _options(schema: pa.Schema) -> dict[str, Any]:
    names = schema.names
    rising = [f.name for f in schema if f.type in (pa.timestamp("us"), pa.int32()) or f.name in ("line", "offset")]
    amounts = [name for name in names if name in _AMOUNTS]
    return {
        "use_dictionary": [n for n in names if n not in {*rising, *amounts, *_MOSTLY_DIFFERENT}],
        "column_encoding": dict.fromkeys(rising, "DELTA_BINARY_PACKED") | dict.fromkeys(amounts, "BYTE_STREAM_SPLIT"),
        "write_statistics": [f.name for f in schema if f.type != pa.string_view() or f.name in _PRUNING_TEXTS],
    }
