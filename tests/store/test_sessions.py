"""Snapshots and sessions: one state throughout, only the rows asked for, never a file left out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConflictError, StoreError
from core.registers import Entry
from store import Store, segments, tables
from tests.store.making import DAY, HOUR, NETWORK, NOW, A, B, commit, everything, rows_of

H = NOW // HOUR


def count(store: Store, **span: int) -> int:
    with store.snapshot() as snap, snap.session() as session:
        session.events("e", NETWORK, tenants=[A], first_hour=span.get("first", 0), last_hour=span.get("last", 10**6))
        return int(session.sql("SELECT count(*) n FROM e").column("n")[0].as_py())


def test_a_snapshot_sees_nothing_later(either: Store) -> None:
    commit(either, rows_of([NOW]), salt="1")
    with either.snapshot() as snap, snap.session() as session:
        commit(either, rows_of([NOW]), salt="2")
        either.register("zones", [Entry("zones", A, "10.0.0.0/8", {"prefix": "10.0.0.0/8", "zone": "DC"})], "x")
        assert snap.seq == 1
        assert snap.entries("zones") == []
        session.events("e", NETWORK, tenants=[A], first_hour=0, last_hour=10**6)
        assert session.sql("SELECT batch FROM e").to_pylist() == [{"batch": 1}]
    assert count(either) == 2


@given(
    times=st.lists(st.tuples(st.integers(NOW - 2 * DAY, NOW), st.sampled_from([A, B])), min_size=1, max_size=30),
    bodies=st.sets(st.sampled_from([A, B, "999999"])),
    first=st.integers(-50, 2),
    hours=st.integers(0, 60),
)
@settings(max_examples=20)
def test_a_view_holds_the_rows_of_its_bodies_and_hours_and_no_other(
    times: list[tuple[int, str]], bodies: set[str], first: int, hours: int
) -> None:
    low, high = H + first, H + first + hours
    with Store.temporary() as store:
        for at in range(0, len(times), 10):
            some = times[at : at + 10]
            commit(store, rows_of([t for t, _ in some], [b for _, b in some]), salt=str(at))
        with store.snapshot() as snap, snap.session() as session:
            session.events(
                "e", NETWORK, tenants=bodies, first_hour=low, last_hour=high, columns=["tenant", "line", "batch"]
            )
            found = session.sql("SELECT * FROM e").to_pylist()
    expected = [
        {"tenant": b, "line": n % 10 + 1, "batch": n // 10 + 1}
        for n, (t, b) in enumerate(times)
        if b in bodies and low <= t // HOUR <= high
    ]
    key = lambda r: (r["batch"], r["line"])  # noqa: E731 - two lines below
    assert sorted(found, key=key) == sorted(expected, key=key)


def test_times_are_utc_without_a_zone(store: Store) -> None:
    commit(store, rows_of([NOW]))
    (row,) = everything(store)
    assert row["event_time"] == datetime(2026, 11, 20, 5, 0)


def test_reference_tables_and_own_tables_live_as_long_as_the_session(store: Store) -> None:
    commit(store, rows_of([NOW, NOW]))
    with store.snapshot() as snap, snap.session() as session:
        session.bind("known", pa.table({"line": [2]}))
        session.events("e", NETWORK, tenants=[A], first_hour=H, last_hour=H)
        session.run("CREATE TEMP TABLE t AS SELECT * FROM e SEMI JOIN known USING (line) WHERE tenant = $b", {"b": A})
        assert session.sql("SELECT line FROM t WHERE line = ?", [2]).to_pylist() == [{"line": 2}]
        session.events("e", NETWORK, tenants=[], first_hour=H, last_hour=H)
        assert session.sql("SELECT count(*) n FROM e").to_pylist() == [{"n": 0}]
    with pytest.raises(duckdb.ConnectionException):
        session.sql("SELECT 1")
    assert list((store.home / "spill").iterdir()) == []


def test_sql_of_ours_that_is_wrong_is_a_bug(store: Store) -> None:
    with store.snapshot() as snap, snap.session() as session:
        with pytest.raises(duckdb.Error):
            session.sql("SELECT nothing")
        with pytest.raises(ValueError, match="network has no column mail_from"):
            session.events("e", NETWORK, tenants=[A], first_hour=0, last_hour=1, columns=["mail_from"])


def outlived(store: Store) -> None:
    """The lease of every reader runs out, as if it had slept."""
    with store.catalogue.write() as tx:
        tx.execute(tables.leases.update().values(until=0))
    store.compact()
    assert store.sweep().dropped


def test_a_reader_whose_files_are_gone_reads_a_new_list_and_the_same_rows(store: Store) -> None:
    for n in range(3):
        commit(store, rows_of([NOW, NOW + 1]), salt=str(n))
    with store.snapshot() as snap, snap.session() as session:
        session.events("e", NETWORK, tenants=[A], first_hour=H, last_hour=H)
        commit(store, rows_of([NOW]), salt="later")
        outlived(store)
        # The new file holds rows of a batch that this snapshot doesn't see.
        found = session.sql("SELECT batch, count(*) n FROM e GROUP BY ALL ORDER BY ALL").to_pylist()
    assert found == [{"batch": n, "n": 2} for n in (1, 2, 3)]


def test_a_reader_whose_rows_were_rewritten_starts_again(store: Store) -> None:
    commit(store, rows_of([NOW]))
    with store.snapshot() as snap, snap.session() as session:
        session.events("e", NETWORK, tenants=[A], first_hour=H, last_hour=H)
        store.rewrite("resolve", lambda _, rows: rows.with_columns(src_zone=1).cast({"src_zone": str}), network_seq=9)
        outlived(store)
        with pytest.raises(ConflictError, match=r"rewritten .resolve. while"):
            session.sql("SELECT * FROM e")


def test_a_listed_file_that_is_missing_is_never_left_out(store: Store) -> None:
    commit(store, rows_of([NOW]), salt="1")
    commit(store, rows_of([NOW]), salt="2")
    next((store.home / "events").rglob("*.parquet")).unlink()
    with pytest.raises(
        StoreError, match=r"events/class=network/day=2026-11-20/.*parquet: listed in the catalogue, but"
    ):
        count(store)


def test_a_lease_keeps_dropped_files_until_its_reader_is_done(either: Store) -> None:
    for n in range(2):
        commit(either, rows_of([NOW]), salt=str(n))
    with either.snapshot() as snap, snap.session() as session:
        session.events("e", NETWORK, tenants=[A], first_hour=H, last_hour=H)
        assert either.compact() == 1
        assert either.sweep().dropped == 0
        assert session.sql("SELECT count(*) n FROM e").to_pylist() == [{"n": 2}]
        with either.snapshot():
            pass  # a younger reader needs them no more, but the older one does
        assert either.sweep().dropped == 0
    assert either.sweep().dropped == 2
    assert count(either) == 2


def test_a_lease_is_renewed_while_its_reader_works(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(store, rows_of([NOW]))

    def until() -> int:
        with store.catalogue.read() as tx:
            return int(tx.execute(sa.select(tables.leases.c.until)).scalar_one())

    with store.snapshot() as snap, snap.session() as session:
        begun = until()
        session.sql("SELECT 1")
        assert until() == begun
        monkeypatch.setattr("core.time.now_us", lambda: begun - 1)
        session.sql("SELECT 1")
        assert until() > begun


def test_segments_of_an_older_table_of_columns_are_read_with_the_new_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if `message` had been added since: the file lacks it, the view has it."""
    import pyarrow.parquet as pq

    commit(store, rows_of([NOW], message="x"), salt="1")
    (path,) = (store.home / "events").rglob("*.parquet")
    old = pq.read_table(path, partitioning=None).drop_columns(["message"])
    path.chmod(0o640)
    pq.write_table(old, path)
    with store.catalogue.write() as tx:
        tx.execute(tables.segments.update().values(layout="older"))
    commit(store, rows_of([NOW], message="y"), salt="2")
    assert [(r["batch"], r["message"], r["device_time"]) for r in everything(store)] == [
        (1, None, None),
        (2, "y", None),
    ]
    assert store.query("SELECT batch, message FROM network ORDER BY 1").to_pylist() == [
        {"batch": 1, "message": None}, {"batch": 2, "message": "y"},
    ]  # fmt: skip
    assert store.compact() == 1
    assert [(r["batch"], r["message"]) for r in everything(store)] == [(1, None), (2, "y")]


def test_a_list_of_segments_is_pruned_by_body_and_time(store: Store) -> None:
    commit(store, rows_of([NOW]), salt="1")
    commit(store, rows_of([NOW - DAY], B), salt="2")
    with store.snapshot() as snap:

        def found(tenants: list[str] | None, first: int, last: int) -> list[int]:
            return [s.first_seq for s in snap.find(NETWORK, tenants=tenants, first=first, last=last)]

        assert sorted(found(None, 0, NOW + 1)) == [1, 2]
        assert found([A], 0, NOW + 1) == [1]
        assert found([A], 0, NOW) == []
        assert found([B], NOW - DAY, NOW) == [2]
        assert found(None, NOW - DAY + 1, NOW) == []
    assert all(isinstance(s, segments.Segment) for s in snap.segments)


def test_a_query_that_needs_more_memory_spills_into_the_data_directory(tmp_path: Path) -> None:
    with Store.open(tmp_path, create=True, memory="200MB", durable=False) as store, store.snapshot() as snap:
        with snap.session() as session:
            session.run("CREATE TEMP TABLE t AS SELECT range AS a, md5(range::VARCHAR) AS b FROM range(6000000)")
            assert session.sql("SELECT count(*) n FROM t").to_pylist() == [{"n": 6_000_000}]
            assert any((tmp_path / "spill").rglob("*.tmp"))
        assert list((tmp_path / "spill").iterdir()) == []
