"""Segment files: sorted, cut at bodies, without the columns in which nothing is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.columns import COLUMNS, EventClass, arrow_schema, columns_of, polars_schema
from store import Store, batches, segment_files
from store.segment_files import RUN, Segments, SegmentWriter, groups, in_order, narrowed
from store.segments import Segment
from store.sessions import scan
from store.written import column_number, layout
from tests.store.making import NETWORK, NO_REFUSALS, NOW, A, B, a_delivery, everything, rows_of, text_of


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
    writer = SegmentWriter(path, event_class, "2026-11-20", rows.columns, level=1)
    writer.write(rows)
    writer.finish(sync=False)
    return pq.ParquetFile(path)


def test_statistics_tell_bodies_and_times_of_each_row_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_files, "_LARGE", 10)
    rows = rows_of([NOW + k for k in range(40)], [A] * 20 + [B] * 20, src_addr=[bytes([k]) * 16 for k in range(40)])
    with write(tmp_path / "s.parquet", rows) as file:
        names = file.schema_arrow.names
        assert file.schema_arrow == pa.schema(f for f in arrow_schema(NETWORK) if f.name in rows.columns)
        told = []
        for n in range(file.num_row_groups):
            group = file.metadata.row_group(n)
            body, address = (group.column(names.index(c)).statistics for c in ("tenant", "src_addr"))
            told.append((group.num_rows, body.min, body.max, address.min[:1], address.max[:1]))
    assert told == [(20, A, A, b"\0", bytes([19])), (20, B, B, bytes([20]), bytes([39]))]


@pytest.mark.parametrize("event_class", list(EventClass))
def test_every_column_of_every_class_is_written_and_read_by_its_number(tmp_path: Path, event_class: EventClass) -> None:
    """In three files: all columns, none but the needed, all but one; as one they read like one."""
    values = {
        "timestamp[us]": pl.Series([NOW], dtype=pl.Int64).cast(pl.Datetime("us")), "dictionary": "x", "string": "火",
        "int64": 2**40, "int32": 9, "uint16": 65_535, "bool": True, "binary[16]": b"\x01" * 16,
    }  # fmt: skip
    whole = pl.DataFrame({c.name: values[c.type] for c in columns_of(event_class)})
    whole = narrowed(event_class, whole.with_columns(event_time=values["timestamp[us]"]))
    needed = whole.select("event_time", "tenant", "line")
    lacking = whole.drop("message")
    frames = [whole, needed, lacking]
    for n, frame in enumerate(frames):
        write(tmp_path / f"{n}.parquet", frame, event_class).close()
    segments = [
        Segment(f"{n}.parquet", event_class, "2026-11-20", 1, 1, NOW, NOW, frozenset(), 1, 2, 0, layout(event_class))
        for n in range(3)
    ]
    sql = scan(SimpleNamespace(home=tmp_path), event_class, segments, newest=2**50)  # type: ignore[arg-type]  # only its home is used
    read = pl.DataFrame(pl.from_arrow(duckdb.sql(sql).to_arrow_table()))
    assert read.schema == polars_schema(event_class)
    assert read.equals(pl.concat(frames, how="diagonal").select(read.columns))


def test_no_two_columns_have_one_number() -> None:
    assert len({column_number(c.name) for c in COLUMNS}) == len(COLUMNS)


def test_rows_with_one_more_column_begin_a_file(tmp_path: Path) -> None:
    names = iter("abc")
    segments = Segments(tmp_path, lambda: next(names), sync=False)
    segments.write(NETWORK, rows_of([NOW], message="x"))
    segments.write(NETWORK, rows_of([NOW]))
    segments.write(NETWORK, rows_of([NOW], src_ip="192.0.2.1"), later=["dst_ip"])
    segments.write(NETWORK, rows_of([NOW], dst_ip="192.0.2.1"))
    segments.finish()
    assert [w.rows for w in segments.written] == [2, 2]
    assert [pq.read_table(w.aside, columns=["message"])["message"].to_pylist() for w in segments.written[:1]] == [
        ["x", None]
    ]


def test_a_batch_that_fills_more_and_more_columns_reads_the_same_also_compacted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "HELD_ROWS", 2)
    parts = [{"message": "x"}, {"message": "y"}, {"src_ip": "192.0.2.1"}, {"message": "z", "dst_port": 53}]
    frames = [
        rows_of([NOW - n, NOW - n], **part).with_columns(line=pl.Series([2 * n + 1, 2 * n + 2]))
        for n, part in enumerate(parts)
    ]
    delivery = a_delivery(store, text_of(8))
    with store.batch(delivery) as batch:
        for n, frame in enumerate(frames):
            batch.add(text_of(2, first=2 * n + 1), {NETWORK: frame}, NO_REFUSALS)
        batch.commit(
            lines=8, parsed=8, refused=0, skipped=0, content_from=0, content_to=1, parser="test 1", state={}
        )  # fmt: skip
    store.finish(delivery)
    given = [(r["line"], r.get("message"), r.get("src_ip"), r.get("dst_port"))
             for r in pl.concat(frames, how="diagonal").to_dicts()]  # fmt: skip

    def found() -> list[tuple[Any, ...]]:
        return [(r["line"], r["message"], r["src_ip"], r["dst_port"]) for r in everything(store)]

    assert found() == given
    assert store.compact() == 1
    assert found() == given


@given(st.lists(st.tuples(st.sampled_from([A, B]), st.integers(0, 3)), max_size=20), st.sampled_from([0, 3, 64]))
def test_rows_are_put_in_order(keys: list[tuple[str, int]], pieces: int) -> None:
    rows = rows_of([NOW + t for _, t in keys], [b for b, _ in keys])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment_files, "_PIECES", pieces)
        assert in_order(rows, RUN).equals(rows.sort(RUN))


def test_a_column_of_another_type_is_taken_if_it_fits() -> None:
    rows = narrowed(NETWORK, rows_of([NOW], dst_port=[443], length=[26]).with_columns(pl.col("length").cast(pl.Int64)))
    assert (rows.schema["dst_port"], rows.schema["length"]) == (pl.UInt16, pl.Int32)
    with pytest.raises(pl.exceptions.InvalidOperationError):
        narrowed(NETWORK, rows_of([NOW], dst_port=[70_000]))
