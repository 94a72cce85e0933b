"""Batches: exact counts, times that can't be true, too many days, nothing left of what was not committed."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns import EventClass, arrow_schema
from core.errors import NotFoundError
from store import Store, batches, tables
from store.times import MOST_DAYS, TOO_MANY_DAYS
from tests.store.making import (
    DAY,
    HOUR,
    NETWORK,
    NO_REFUSALS,
    NOW,
    STEP,
    A,
    B,
    a_delivery,
    commit,
    everything,
    rows_of,
    text_of,
)


def touches(store: Store, seq: int) -> set[tuple[str, str, int]]:
    t = tables.touches
    with store.catalogue.read() as tx:
        return {(r[1], r.tenant, r.hour) for r in tx.execute(sa.select(t).where(t.c.seq == seq))}


def files(home: Path) -> list[Path]:
    return [p for p in home.rglob("*") if p.suffix in {".zst", ".parquet"}]


def test_what_goes_in_comes_out_with_its_batch_and_its_line(either: Store) -> None:
    rows = rows_of(
        [NOW - 5, NOW - 7], [B, A], src_ip=["2001:db8::1", "10.0.0.1"], src_addr=[b"\1" * 16, b"\2" * 16],
        dst_port=[53, 65535], event_count=3, message="火の見", device_time=None,
    )  # fmt: skip
    first = commit(either, rows, salt="1")
    second = commit(either, rows, salt="2")
    assert (first.seq, second.seq, first.rows, first.segments) == (1, 2, 2, 1)
    found = everything(either)
    assert [(r["batch"], r["line"], r["tenant"], r["dst_port"]) for r in found] == [
        (1, 1, B, 53), (1, 2, A, 65535), (2, 1, B, 53), (2, 2, A, 65535),
    ]  # fmt: skip
    assert list(found[0]) == arrow_schema(NETWORK).names
    assert found[0]["src_addr"] == b"\1" * 16
    assert (found[1]["message"], found[1]["event_count"], found[1]["user"]) == ("火の見", 3, None)
    assert either.lines([(2, 2), (1, 1)]) == [b"line 000002 of a firewall", b"line 000001 of a firewall"]
    assert either.raw(1, STEP, 4) == b"line"
    with pytest.raises(NotFoundError):
        either.lines([(3, 1)])


def test_the_counts_of_a_batch_have_to_add_up(store: Store) -> None:
    delivery = a_delivery(store, b"x")
    for lines, refused in ((3, 0), (2, 1)):
        with store.batch(delivery) as batch:
            batch.add(text_of(1), {NETWORK: rows_of([NOW])}, NO_REFUSALS)
            with pytest.raises(ValueError, match="lines are not"):
                batch.commit(
                    lines=lines,
                    parsed=1,
                    refused=refused,
                    skipped=0,
                    content_from=0,
                    content_to=1,
                    parser="t",
                    state={},
                )
    assert files(store.home) == []


@given(
    reasons=st.lists(st.sampled_from(["", "no readable structure", "over 1 MiB"]), min_size=1, max_size=40),
    cuts=st.sets(st.integers(1, 39)),
)
@settings(max_examples=20)
def test_every_refused_line_has_its_place_and_its_reason(reasons: list[str], cuts: set[int]) -> None:
    """Lines without a reason are parsed. However a batch is cut into chunks, each refused line is found again."""
    text, spans = bytearray(), []
    for n in range(len(reasons)):
        line = b"x" * (n * 7 % 11)
        spans.append((len(text), len(line)))
        text += line + (b"\r\n" if n % 2 else b"\n")
    refused = pl.DataFrame(
        [(n + 1, *spans[n], r) for n, r in enumerate(reasons) if r], schema=NO_REFUSALS.schema, orient="row"
    )
    good = [n for n, r in enumerate(reasons) if not r]
    rows = rows_of([NOW] * len(good)).with_columns(line=pl.Series([n + 1 for n in good], dtype=pl.Int64))
    bounds = sorted({0, len(reasons), *(c for c in cuts if c < len(reasons))})
    with Store.temporary() as store:
        delivery = a_delivery(store, bytes(text))
        with store.batch(delivery) as batch:
            for low, high in pairwise(bounds):
                inside = pl.col("line").is_between(low + 1, high)
                end = spans[high][0] if high < len(spans) else len(text)
                batch.add(bytes(text[spans[low][0] : end]), {NETWORK: rows.filter(inside)}, refused.filter(inside))
            receipt = batch.commit(
                lines=len(reasons), parsed=len(good), refused=refused.height, skipped=0, content_from=0,
                content_to=len(text), parser="t", state={},
            )  # fmt: skip
        assert (receipt.lines, receipt.parsed, receipt.refused) == (len(reasons), len(good), refused.height)
        found = []
        for r in store.refusals([receipt.seq]):
            raw = store.raw(r["seq"], r["offset"], r["length"]).split(b"\n")
            assert len(raw) == r["lines"]
            found += [(r["line"] + k, raw[k].removesuffix(b"\r"), r["reason"]) for k in range(r["lines"])]
        expected = [(n + 1, bytes(text[spans[n][0] :][: spans[n][1]]), r) for n, r in enumerate(reasons) if r]
        assert found == expected
        assert store.verify().clean


def test_a_flood_of_refused_lines_is_one_entry(store: Store) -> None:
    n = 50_000
    refused = pl.DataFrame(
        {
            "line": range(1, n + 1),
            "offset": range(0, STEP * n, STEP),
            "length": [STEP - 1] * n,
            "reason": ["not a firewall"] * n,
        }
    )
    receipt = commit(store, {}, raw=text_of(n), refused=refused)
    (entry,) = store.refusals([receipt.seq])
    assert (entry["line"], entry["lines"], entry["offset"], entry["length"]) == (1, n, 0, STEP * n - 1)


EDGE = 400 * DAY


@pytest.mark.parametrize(
    ("time", "implausible"),
    [(NOW - EDGE, False), (NOW - EDGE - 1, True), (NOW + DAY, False), (NOW + DAY + 1, True), (0, True), (NOW, False)],
)
def test_a_time_that_cannot_be_true_gives_way_to_the_received_time(store: Store, time: int, implausible: bool) -> None:
    commit(store, rows_of([time], time_quality="exact"))
    with store.snapshot() as snap, snap.session() as session:
        session.events("e", NETWORK, tenants=[A], first_hour=-(10**6), last_hour=10**6)
        (row,) = session.sql(
            "SELECT epoch_us(event_time) t, epoch_us(device_time) d, time_quality q FROM e"
        ).to_pylist()
    assert row == {"t": NOW if implausible else time, "d": time if implausible else None,
                   "q": "implausible" if implausible else "exact"}  # fmt: skip


def test_the_received_time_of_the_row_counts_not_that_of_the_delivery(store: Store) -> None:
    late = rows_of([NOW - 2 * DAY], received=NOW - 3 * DAY + 1)
    commit(store, late, received=NOW, salt="1")
    (row,) = everything(store)
    assert row["time_quality"] is None
    commit(store, rows_of([NOW - 2 * DAY + 2], received=NOW - 3 * DAY + 1), received=NOW, salt="2")
    assert everything(store)[1]["time_quality"] == "implausible"


def test_a_row_without_a_time_takes_the_received_time(store: Store) -> None:
    commit(store, rows_of([None, NOW - HOUR], received=None))
    commit(store, rows_of([None], received=None).drop("event_time"), salt="2")
    found = everything(store)
    assert [r["time_quality"] for r in found] == ["received", None, "received"]
    assert found[0]["event_time"] == found[0]["received_time"] == found[2]["event_time"] != found[1]["event_time"]


def test_the_days_of_a_batch_are_limited_and_the_counts_stay_exact(store: Store) -> None:
    days = 70
    times = [NOW - k * DAY for k in range(days) for _ in range(2)]
    refused = pl.DataFrame(
        [(2 * days + 1, STEP * 2 * days, STEP - 1, "unreadable")], schema=NO_REFUSALS.schema, orient="row"
    )
    delivery = a_delivery(store, text_of(2 * days + 1))
    rows, half = rows_of(times), days
    second = {NETWORK: rows[half:], EventClass.FINDING: rows[-1:]}  # a line with two rows goes as a whole
    with store.batch(delivery) as batch:
        batch.add(text_of(half), {NETWORK: rows[:half]}, NO_REFUSALS)
        batch.add(text_of(half + 1, first=half + 1), second, refused)
        receipt = batch.commit(
            lines=2 * days + 1,
            parsed=2 * days,
            refused=1,
            skipped=0,
            content_from=0,
            content_to=1,
            parser="t",
            state={},
        )
    over = days - MOST_DAYS
    assert (receipt.parsed, receipt.refused, receipt.rows) == (2 * days - 2 * over, 1 + 2 * over, 2 * MOST_DAYS)
    reasons = Counter({r["reason"]: r["lines"] for r in store.refusals([receipt.seq])})
    assert reasons == {TOO_MANY_DAYS: 2 * over, "unreadable": 1}
    assert {r["line"] for r in everything(store)} == set(range(1, 2 * MOST_DAYS + 1))
    assert store.verify(full=True).clean


def test_touches_say_which_hours_of_which_bodies_changed(store: Store) -> None:
    before_midnight = 1_795_186_799_999_999  # 23:59:59.999999 JST
    rows = rows_of([before_midnight, before_midnight + 1, NOW, NOW + 1, 0], [A, A, B, B, B])
    receipt = commit(store, {NETWORK: rows, EventClass.DNS: rows[:1]})
    assert touches(store, receipt.seq) == {
        ("network", A, before_midnight // HOUR), ("network", A, before_midnight // HOUR + 1),
        ("network", B, NOW // HOUR), ("dns", A, before_midnight // HOUR),
    }  # fmt: skip  # the row of 1970 took the received time


@given(
    st.lists(
        st.tuples(st.integers(NOW - 3 * DAY, NOW), st.sampled_from([A, B]), st.sampled_from(list(EventClass)[:3])),
        min_size=1,
        max_size=60,
    ),
    st.integers(1, 20),
)
@settings(max_examples=15)
def test_rows_are_the_same_however_few_are_held_in_memory(events: list[tuple[int, str, EventClass]], held: int) -> None:
    frame = rows_of([t for t, _, _ in events], [b for _, b, _ in events])
    by_class = {
        c: part
        for c in {c for _, _, c in events}
        if not (part := frame.filter([x == c for _, _, x in events])).is_empty()
    }
    with pytest.MonkeyPatch.context() as patch, Store.temporary() as store:
        patch.setattr(batches, "HELD_ROWS", held)
        delivery = a_delivery(store, b"x")
        with store.batch(delivery) as batch:
            for at in range(0, len(events), 7):
                some = pl.col("line").is_between(at + 1, at + 7)
                batch.add(b"", {c: f.filter(some) for c, f in by_class.items()}, NO_REFUSALS)
            n = len(events)
            receipt = batch.commit(
                lines=n, parsed=n, refused=0, skipped=0, content_from=0, content_to=1, parser="t", state={}
            )
        found = {
            (int(r["line"]), r["tenant"], str(c)) for c in by_class for r in everything(store, c)
        }  # fmt: skip
        assert found == {(k + 1, b, str(c)) for k, (_, b, c) in enumerate(events)}
        assert touches(store, receipt.seq) == {(str(c), b, t // HOUR) for t, b, c in events}
        assert store.verify(full=True).clean


def test_a_batch_that_is_left_leaves_nothing(store: Store) -> None:
    delivery = a_delivery(store, b"x")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "HELD_ROWS", 1)
        with pytest.raises(RuntimeError), store.batch(delivery) as batch:  # noqa: PT012 - what is left is the context
            batch.add(text_of(1), {NETWORK: rows_of([NOW])}, NO_REFUSALS)
            assert len(files(store.home)) == 2
            raise RuntimeError
    assert files(store.home) == []
    assert everything(store) == []


def test_rows_of_a_wrong_shape_are_a_bug_that_is_named(store: Store) -> None:
    delivery = a_delivery(store, b"x")
    with store.batch(delivery) as batch:
        with pytest.raises(ValueError, match="network has no column mail_from"):
            batch.add(b"", {NETWORK: rows_of([NOW], mail_from="x")}, NO_REFUSALS)
        with pytest.raises(ValueError, match="network rows without tenant"):
            batch.add(b"", {NETWORK: rows_of([NOW]).with_columns(tenant=pl.lit(None, pl.String))}, NO_REFUSALS)


def test_the_object_lies_by_source_and_jst_day_of_reception(store: Store) -> None:
    receipt = commit(store, rows_of([NOW]), received=1_795_186_800_000_000, source="fw/1")
    assert receipt.object.startswith("archive/fw%2F1/2026-11-21/")
    assert [p.parent.name for p in (store.home / "events").rglob("*.parquet")] == ["day=2026-11-20"]
