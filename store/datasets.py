"""Segments as one Arrow dataset, already filtered: what the isolated process and the rewriting of segments read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from core.columns import EventClass, arrow_schema

if TYPE_CHECKING:
    import pyarrow.dataset as ds


def dataset(
    event_class: EventClass, files: Iterable[tuple[Path, int | None]], *, tenants: Collection[str] | None = None,
    first: int | None = None, last: int | None = None, newest: int | None = None,
) -> ds.Dataset:  # fmt: skip
    """The rows of some segments, as a dataset from which nothing else can be read.

    Args:
        event_class: Class of the segments.
        files: (path, seq of the batch where one batch made the file, else None: then the file says it).
        tenants: Bodies whose rows are let through; None: all.
        first: Earliest event_time (µs).
        last: The event_time (µs) before which rows are let through.
        newest: Rows of later batches are left out.
    """
    # Here, since it brings pandas along, which most commands have no use for.
    import pyarrow.dataset as ds
    from pyarrow.fs import LocalFileSystem

    parquet, local = ds.ParquetFileFormat(), LocalFileSystem()
    batch = ds.field("batch")
    fragments = [
        parquet.make_fragment(
            str(path), local, partition_expression=None if seq is None else batch == pa.scalar(seq, pa.int64())
        )
        for path, seq in files
    ]
    found: ds.Dataset = ds.FileSystemDataset(fragments, arrow_schema(event_class), parquet, local)
    conditions = []
    if tenants is not None:
        conditions.append(ds.field("tenant").isin(pa.array(sorted(tenants), pa.string())))
    if first is not None:
        conditions.append(ds.field("event_time") >= pa.scalar(first, pa.timestamp("us")))
    if last is not None:
        conditions.append(ds.field("event_time") < pa.scalar(last, pa.timestamp("us")))
    if newest is not None:
        conditions.append(batch <= pa.scalar(newest, pa.int64()))
    for condition in conditions:
        found = found.filter(condition)
    return found
