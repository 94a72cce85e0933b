"""The loop of `hinomi bench parse` yields the rows that Hinomi's formats yield: both are measured on the same work."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import parsers
from cli import _bench_loop, _bench_text, bench
from core.columns import EventClass


def written(out: Path, event_class: EventClass) -> pl.DataFrame:
    """What the loop wrote of a class, without the columns that no row fills."""
    files = sorted(out.glob(f"{event_class}-*.parquet"), key=lambda path: int(path.stem.partition("-")[2]))
    rows = pl.concat(pl.read_parquet(path) for path in files)
    return rows.select(values for values in rows if values.null_count() < rows.height)


@pytest.mark.parametrize("name", sorted(bench.MARKS))
def test_the_loop_writes_the_same_columns_with_the_same_values(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_bench_loop, "ROWS", 300)
    text, out = _bench_text.corpus(name, 0.5, tmp_path), tmp_path / "out"
    out.mkdir()
    counted = _bench_loop.read(name, text.path, out)
    (chunk,) = parsers.chunks([text.path.read_bytes()])
    context = parsers.Context(ZoneInfo("Asia/Tokyo"), text.received)
    ours, _ = parsers.parse(parsers.format_called(name), chunk, context, {})
    assert counted == (ours.lines, sum(rows.height for rows in ours.rows.values()))
    assert {path.stem.partition("-")[0] for path in out.iterdir()} == set(ours.rows)
    for event_class, rows in ours.rows.items():
        assert rows.height > 100
        assert_frame_equal(written(out, event_class), rows, check_column_order=False)
