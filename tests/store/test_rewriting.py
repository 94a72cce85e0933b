"""Compaction changes no row; rewriting changes rows as one act and touches where they differ."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns import EventClass
from store import Store, compaction, rewriting, segment_files, snapshots, tables
from store.segments import Segment, live
from tests.store.making import DAY, HOUR, NETWORK, NOW, A, B, commit, everything, rows_of

H = NOW // HOUR


def listed(store: Store) -> tuple[Segment, ...]:
    with store.catalogue.read() as tx:
        return live(tx)


def touched(store: Store) -> set[tuple[int, str, str, int]]:
    with store.catalogue.read() as tx:
        return {tuple(r) for r in tx.execute(sa.select(tables.touches))}  # type: ignore[misc]  # four columns


@given(
    commits=st.lists(
        st.lists(st.tuples(st.integers(NOW - DAY, NOW), st.sampled_from([A, B])), min_size=1, max_size=25),
        min_size=1, max_size=6,
    ),
    slice_rows=st.integers(1, 30),
    file_rows=st.integers(2, 40),
)  # fmt: skip
@settings(max_examples=12)
def test_compaction_changes_no_row_and_is_no_act(
    commits: list[list[tuple[int, str]]], slice_rows: int, file_rows: int
) -> None:
    with Store.temporary() as store, pytest.MonkeyPatch.context() as patch:
        for n, events in enumerate(commits):
            rows = rows_of([t for t, _ in events], [b for _, b in events], message=f"batch {n}")
            commit(store, rows, salt=str(n))
        before, touches = everything(store), touched(store)
        patch.setattr(compaction, "SLICE_ROWS", slice_rows)
        patch.setattr(segment_files, "FILE_ROWS", file_rows)
        store.compact()
        assert everything(store) == before
        assert touched(store) == touches
        assert store.sweep().orphans == 0
        report = store.verify(full=True)
        assert report.clean, report.findings
        with store.catalogue.read() as tx:
            assert tx.newest() == len(commits)
        store.compact()
        assert everything(store) == before


def test_compaction_joins_each_class_and_day_once(either: Store) -> None:
    for n in range(3):
        commit(either, {NETWORK: rows_of([NOW, NOW - DAY]), EventClass.DNS: rows_of([NOW])}, salt=str(n))
    assert len(listed(either)) == 9
    assert either.compact("2026-11-19") == 1
    assert either.compact() == 2
    assert either.compact() == 0
    found = listed(either)
    assert sorted((s.event_class, s.day, s.rows, s.first_seq, s.last_seq) for s in found) == [
        ("dns", "2026-11-20", 3, 1, 3), ("network", "2026-11-19", 3, 1, 3), ("network", "2026-11-20", 3, 1, 3),
    ]  # fmt: skip
    assert {r["batch"] for r in everything(either)} == {1, 2, 3}


def test_a_compacted_segment_is_sorted_by_body_and_time(store: Store) -> None:
    for n in range(4):
        commit(store, rows_of([NOW - n * 7 * HOUR // 60, NOW - 5], [B, A]), salt=str(n))
    store.compact()
    (segment,) = listed(store)
    frame = pl.read_parquet(store.home / segment.path, hive_partitioning=False)
    assert frame.select("tenant", "event_time", "batch", "line").equals(
        frame.select("tenant", "event_time", "batch", "line").sort("tenant", "event_time", "batch", "line")
    )


def test_of_two_compactions_at_once_one_gives_way(opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch) -> None:
    store, other = opened(), opened()
    for n in range(3):
        commit(store, rows_of([NOW]), salt=str(n))
    original = rewriting.publish

    def meanwhile(moves: object, *, sync: bool) -> None:
        monkeypatch.setattr(rewriting, "publish", original)
        assert other.compact() == 1
        original(moves, sync=sync)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(rewriting, "publish", meanwhile)
    assert store.compact() == 0
    assert [s.rows for s in listed(store)] == [3]
    assert len(everything(store)) == 3
    store.sweep()
    assert len(list((store.home / "events").rglob("*.parquet"))) == 1


def to_dc(event_class: EventClass, rows: pl.DataFrame) -> pl.DataFrame:
    """Line 2 of every batch lies in DC, and belongs to B."""
    second = pl.col("line") == 2
    return rows.with_columns(
        src_zone=pl.when(second).then(pl.lit("DC")).otherwise(pl.lit("LGC")),
        tenant=pl.when(second).then(pl.lit(B)).otherwise(pl.col("tenant")),
    )


def test_rewriting_is_one_act_that_touches_what_differs_before_and_after(either: Store) -> None:
    for n in range(2):
        commit(either, rows_of([NOW, NOW - 3 * HOUR, NOW - DAY], src_zone=["LGC", "INC", "LGC"]), salt=str(n))
    before = touched(either)
    assert either.rewrite("resolve", to_dc, network_seq=50) == 3
    assert touched(either) - before == {(3, "network", A, H - 3), (3, "network", B, H - 3)}
    found = everything(either)
    assert [(r["batch"], r["line"], r["tenant"], r["src_zone"]) for r in found] == [
        (n, line, B if line == 2 else A, "DC" if line == 2 else "LGC") for n in (1, 2) for line in (1, 2, 3)
    ]
    assert {s.network_seq for s in listed(either)} == {50}
    assert either.rewrite("resolve", to_dc, network_seq=51) is None  # looked at, nothing differs
    assert {s.network_seq for s in listed(either)} == {51}
    assert either.rewrite("resolve", to_dc, network_seq=51) is None  # nothing is stale
    either.sweep()
    assert len(list((either.home / "events").rglob("*.parquet"))) == len(listed(either))
    assert either.verify(full=True).clean


def test_only_segments_that_are_concerned_are_read(store: Store) -> None:
    commit(store, rows_of([NOW]), salt="1")
    commit(store, rows_of([NOW], B), salt="2")
    seen: list[str] = []

    def look(event_class: EventClass, rows: pl.DataFrame) -> pl.DataFrame:
        seen.extend(rows["tenant"])
        return rows

    assert store.rewrite("resolve", look, network_seq=5, concerns=lambda s: B in s.tenants) is None
    assert seen == [B]
    assert {s.network_seq for s in listed(store)} == {5}


def test_a_batch_that_was_resolved_with_older_registers_is_found_later(store: Store) -> None:
    commit(store, rows_of([NOW]), salt="1", network_seq=7)
    assert store.rewrite("resolve", to_dc, network_seq=7) is None
    commit(store, rows_of([NOW, NOW]), salt="2", network_seq=6)
    assert store.rewrite("resolve", to_dc, network_seq=7) == 3
    assert [(r["batch"], r["src_zone"]) for r in everything(store)] == [(1, None), (2, "LGC"), (2, "DC")]


def test_rewriting_starts_again_when_a_segment_is_dropped_under_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(2):
        commit(store, rows_of([NOW, NOW]), salt=str(n))
    original = rewriting.publish

    def meanwhile(moves: object, *, sync: bool) -> None:
        monkeypatch.setattr(rewriting, "publish", original)
        assert store.compact() == 1
        original(moves, sync=sync)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(rewriting, "publish", meanwhile)
    assert store.rewrite("resolve", to_dc, network_seq=9) == 3
    assert [r["src_zone"] for r in everything(store)] == ["LGC", "DC"] * 2
    assert len(listed(store)) == 1
    assert store.verify(full=True).clean


def test_a_transformation_may_not_move_or_lose_rows(store: Store) -> None:
    commit(store, rows_of([NOW, NOW - 1]))
    for bad in (lambda _, rows: rows[:1], lambda _, rows: rows.reverse(), lambda _, rows: rows.with_columns(line=7)):
        with pytest.raises(ValueError, match="keeps the rows, their order, times and places"):
            store.rewrite("resolve", bad, network_seq=9)
    assert [s.network_seq for s in listed(store)] == [0]
    assert len(list((store.home / "events").rglob("*.parquet"))) == 1


def test_the_lease_of_an_act_is_given_back(store: Store) -> None:
    for n in range(2):
        commit(store, rows_of([NOW]), salt=str(n))
    store.compact()
    store.rewrite("resolve", to_dc, network_seq=9)
    with store.catalogue.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(tables.leases)).scalar() == 0
    assert snapshots.LEASE_US > 0
