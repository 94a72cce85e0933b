"""Registers: an import is one act; it touches exactly the hours whose answers may differ."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import RegisterError
from core.registers import FOREVER, Entry
from store import Store, tables
from tests.store.making import HOUR, NOW, A, B, commit, rows_of

H = NOW // HOUR


def a_zone(
    prefix: str = "10.0.0.0/8", zone: str = "LGC", *, tenant: str = A, start: int = 0, end: int = FOREVER
) -> Entry:
    return Entry("zones", tenant, prefix, {"prefix": prefix, "zone": zone}, start, end)


def touched(store: Store, seq: int | None) -> set[tuple[str, int]]:
    t = tables.touches
    with store.catalogue.read() as tx:
        rows = tx.execute(sa.select(t).where(t.c.seq == seq)).all()
    assert {r[1] for r in rows} <= {"zones", "sources", "tenants"}
    return {(r.tenant, r.hour) for r in rows}


def test_an_import_is_one_act_and_nothing_new_is_none(either: Store) -> None:
    assert either.register("zones", [a_zone(), a_zone("192.0.2.0/24", "LGWAN")], "kato") == 1
    assert either.register("zones", [a_zone()], "kato") is None
    assert either.register("zones", [], "kato") is None
    assert either.register("zones", [a_zone(), a_zone("192.0.2.0/24", "DC")], "sato") == 2
    assert [(e.key, e.values["zone"]) for e in either.entries("zones")] == [
        ("10.0.0.0/8", "LGC"),
        ("192.0.2.0/24", "DC"),
    ]
    assert [e.values["zone"] for e in either.entries("zones", as_of_seq=1)] == ["LGC", "LGWAN"]
    assert either.entries("zones", as_of_seq=0) == []
    assert either.entries("zones", tenant=B) == []
    assert (either.newest_seq(["zones", "flows"]), either.newest_seq(["flows"])) == (2, 0)
    with either.catalogue.read() as tx:
        assert tx.execute(sa.select(tables.acts.c.actor).order_by(tables.acts.c.seq)).scalars().all() == [
            "kato",
            "sato",
        ]


def test_every_field_of_an_entry_comes_back(either: Store) -> None:
    entry = Entry("flows", A, "7", {"id": "7", "peer": "火"}, 5, 9, "承認者", "第二", "文書1号")
    either.register("flows", [entry], "x")
    assert either.entries("flows") == [entry]


def test_a_later_import_of_an_earlier_state_is_a_change_again(either: Store) -> None:
    for n, zone in enumerate(["LGC", "DC", "LGC"], 1):
        assert either.register("zones", [a_zone(zone=zone)], "x") == n
    for n, zone in enumerate(["LGC", "DC", "LGC"], 1):
        assert [e.values["zone"] for e in either.entries("zones", as_of_seq=n)] == [zone]


def test_what_contradicts_itself_changes_nothing(either: Store) -> None:
    either.register("zones", [a_zone(end=NOW)], "x")
    before = either.entries("zones")
    bad: list[tuple[str, Sequence[Entry], str]] = [
        ("zones", [a_zone(zone="DC", start=NOW - 1)], "10.0.0.0/8 is LGC and DC at the same time"),
        ("zones", [a_zone("10.1.0.0/16"), a_zone("10.1.0.0/16", "DC")], "stands twice"),
        ("zones", [Entry("assets", A, "k", {})], "another register"),
        ("zonen", [], "none of tenants"),
    ]
    for kind, entries, message in bad:
        with pytest.raises(RegisterError, match=message):
            either.register(kind, entries, "x")
    assert either.entries("zones") == before
    with either.catalogue.read() as tx:
        assert tx.newest() == 1


def test_one_zone_after_the_other_and_one_body_beside_the_other(either: Store) -> None:
    either.register("zones", [a_zone(end=NOW), a_zone(zone="DC", start=NOW), a_zone(zone="MNU", tenant=B)], "x")
    assert len(either.entries("zones")) == 3


@given(
    events=st.lists(st.tuples(st.integers(0, 6), st.sampled_from([A, B])), max_size=12),
    imports=st.lists(
        st.tuples(
            st.sampled_from(["10.0.0.0/8", "10.1.0.0/16"]), st.sampled_from([A, B]), st.sampled_from(["LGC", "DC"]),
            st.sampled_from([0, NOW + 2 * HOUR]), st.sampled_from([NOW + HOUR, NOW + 3 * HOUR + 1, FOREVER]),
        ),
        min_size=1, max_size=5,
    ),
)  # fmt: skip
@settings(max_examples=25)
def test_touches_are_the_hours_with_events_in_the_spans_of_what_changed(
    events: list[tuple[int, str]], imports: list[tuple[str, str, str, int, int]]
) -> None:
    with Store.temporary() as store:
        if events:
            commit(store, rows_of([NOW + h * HOUR for h, _ in events], [b for _, b in events]))
        known: dict[tuple[str, str, int], Entry] = {}
        for prefix, body, zone, start, end in imports:
            if start >= end:
                continue
            entry = a_zone(prefix, zone, tenant=body, start=start, end=end)
            place = (body, prefix, start)
            try:
                seq = store.register("zones", [entry], "x")
            except RegisterError:
                continue
            old = known.get(place)
            known[place] = entry
            if old == entry:
                assert seq is None
                continue
            spans = [(e.valid_from, e.valid_to) for e in (old, entry) if e]
            expected = {
                (b, H + h)
                for h, b in events
                if b == body and any(low < (H + h + 1) * HOUR and high > (H + h) * HOUR for low, high in spans)
            }
            assert touched(store, seq) == expected


def test_a_feed_touches_every_body(either: Store) -> None:
    commit(either, rows_of([NOW, NOW + HOUR], [A, B]))
    source = Entry("sources", "", "fw", {"id": "fw"})
    assert touched(either, either.register("sources", [source], "x")) == {(A, H), (B, H + 1)}


def test_a_flow_that_has_run_out_still_touches_what_comes_after() -> None:
    end = (H + 1) * HOUR
    flow = Entry("flows", A, "T-1", {"id": "T-1"}, 0, end)
    with Store.temporary() as store:
        commit(store, rows_of([H * HOUR, (H + 5) * HOUR]))
        hours = {}
        for kind, entry in (("flows", flow), ("zones", a_zone(end=end))):
            seq = store.register(kind, [entry], "kato")
            with store.catalogue.read() as tx:
                t = tables.touches
                hours[kind] = set(tx.execute(sa.select(t.c.hour).where(t.c.seq == seq)).scalars())
    assert hours == {"flows": {H, H + 5}, "zones": {H}}
