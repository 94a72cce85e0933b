"""Segment files: sorted, cut at bodies, small where nothing is in them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.columns import EventClass, arrow_schema
from store import segment_files
from store.segment_files import SegmentWriter, groups, narrowed
from tests.store.making import NETWORK, NOW, A, B, rows_of


@given(st.lists(st.integers(1, 50), max_size=30), st.integers(1, 20), st.integers(20, 40))
def test_row_groups_hold_every_row_within_the_cap_and_cut_at_bodies(runs: list[int], large: int, cap: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment_files, "_LARGE", large)
        patch.setattr(segment_files, "GROUP_ROWS", cap)
        sizes = list(groups([(str(k), n) for k, n in enumerate(runs)]))
    assert sum(sizes) == sum(runs)
    assert all(0 < size <= cap for size in sizes)
    bodies = {sum(runs[:k]) for k in range(len(runs) + 1)}
    at = 0
    for size in sizes[:-1]:
        at += size
        # Cut where a body ends, or because the cap is reached.
        assert at in bodies or size == cap


def write(path: Path, rows: pl.DataFrame, event_class: EventClass = NETWORK) -> pq.ParquetFile:
    writer = SegmentWriter(path, event_class, "2026-11-20", level=1)
    writer.write(rows)
    writer.finish(sync=False)
    return pq.ParquetFile(path)


def test_statistics_tell_bodies_and_times_of_each_row_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_files, "_LARGE", 10)
    rows = rows_of([NOW + k for k in range(40)], [A] * 20 + [B] * 20, src_addr=[bytes([k]) * 16 for k in range(40)])
    with write(tmp_path / "s.parquet", rows) as file:
        names = file.schema_arrow.names
        assert file.schema_arrow.remove_metadata() == arrow_schema(NETWORK)
        told = []
        for n in range(file.num_row_groups):
            group = file.metadata.row_group(n)
            body, address = (group.column(names.index(c)).statistics for c in ("tenant", "src_addr"))
            told.append((group.num_rows, body.min, body.max, address.min[:1], address.max[:1]))
    assert told == [(20, A, A, b"\0", bytes([19])), (20, B, B, bytes([20]), bytes([39]))]


@pytest.mark.parametrize("event_class", list(EventClass))
def test_every_class_can_be_written_and_columns_without_values_cost_little(
    tmp_path: Path, event_class: EventClass
) -> None:
    with write(tmp_path / "s.parquet", rows_of([NOW + k for k in range(20_000)]), event_class) as file:
        names = file.schema_arrow.names
        group = file.metadata.row_group(0)
        empty = [group.column(names.index(n)).total_compressed_size for n in names if n not in rows_of([]).columns]
    assert max(empty) < 200


def test_a_column_of_another_type_is_taken_if_it_fits() -> None:
    rows = narrowed(NETWORK, rows_of([NOW], dst_port=[443], length=[26]).with_columns(pl.col("length").cast(pl.Int64)))
    assert (rows.schema["dst_port"], rows.schema["length"]) == (pl.UInt16, pl.Int32)
    with pytest.raises(pl.exceptions.InvalidOperationError):
        narrowed(NETWORK, rows_of([NOW], dst_port=[70_000]))
