"""Bodies, feeds, deliveries, counts and coverage, on either database."""

from __future__ import annotations

from typing import Any

import pytest

from core.registers import WATCHED_KINDS, Entry
from core.time import DAY_US, HOUR_US, MINUTE_US, day_start, hour_of, iso, parse_instant
from store import Store
from store import questions as q
from tests.api.conftest import Client
from tests.api.prefecture import DAY, NOW, A, B, Prefecture, a_case, prefecture, write
from tests.api.test_app import is_problem

ALL = q.Everyone.ALL


@pytest.fixture(scope="module")
def town(either: Store) -> tuple[Store, Prefecture]:
    """A prefecture of two bodies, with what detection counted."""
    made = prefecture(either)
    hour = hour_of(NOW)
    write(
        either,
        counts=[
            {"hour": hour - back, "tenant": tenant, "dst_zone": zone, "bin": name, "name": name, "rows": rows, "events": rows * 2}
            for back, tenant, zone, name, rows in (
                (0, A, "LGWAN", "none", 7), (0, A, "LGWAN", "health", 3), (0, B, "LGWAN", "health", 5), (30, A, "LGWAN", "none", 1),
                (2, A, "INET", "none", 11),
            )
        ],
        cells=[
            {"producer": rule, "hour": hour - back, "candidate": False, "mark": 1, "fingerprint": "f", "state": state,
             "versions": "{}", "evaluated": NOW}
            for rule, back, state in (("a", 0, "done"), ("b", 0, "failed"), ("a", 24, "done"), ("b", 24, "done"), ("a", 48, "frozen"))
        ],
    )  # fmt: skip
    return either, made


def test_a_feed_is_receiving_until_its_time_is_over(town: tuple[Store, Prefecture]) -> None:
    store, made = town
    found = {s.id: s for s in q.sources(store, ALL, now=NOW)}
    assert set(found) == {made.one.source, made.other.source, made.shared}
    own = found[made.one.source]
    assert (own.state, own.last_received, own.silent_since) == ("receiving", NOW, None)
    assert (own.lines_day, own.refused_day, own.deny_only, own.shared) == (5, 0, True, False)
    late = {s.id: s for s in q.sources(store, ALL, now=NOW + 27 * HOUR_US)}[made.one.source]
    assert (late.state, late.silent_since, late.lines_day) == ("silent", NOW, 0)
    assert late.last_event == own.last_event


def test_a_shared_feed_is_shown_without_its_counts(town: tuple[Store, Prefecture]) -> None:
    store, made = town
    found = {s.id: s for s in q.sources(store, frozenset({A}), now=NOW)}
    assert set(found) == {made.one.source, made.shared}
    shared = found[made.shared]
    assert (shared.tenant, shared.lines_day, shared.devices, shared.state) == ("", None, (), "receiving")


def test_each_body_has_five_kinds_of_feeds(town: tuple[Store, Prefecture]) -> None:
    store, _ = town
    feeds = q.matrix(store, ALL, now=NOW)
    assert set(feeds) == {(body, kind) for body in (A, B) for kind in WATCHED_KINDS}
    assert {kind: feeds[A, kind].state for kind in WATCHED_KINDS} == {
        "lgwan_firewall": "receiving", "proxy": "receiving", "mail": "unregistered", "dns": "unregistered", "web": "unregistered",
    }  # fmt: skip
    assert feeds[A, "proxy"].shared
    assert feeds[A, "lgwan_firewall"].deny_only
    assert {body for body, _ in q.matrix(store, frozenset({B}), now=NOW)} == {B}


def test_the_worst_source_speaks_for_its_kind(store: Store) -> None:
    def feed(name: str, **values: Any) -> Entry:
        given = {
            "id": name,
            "kind": "mail",
            "format": "postfix",
            "timezone": "Asia/Tokyo",
            "body_by": "fixed",
            **values,
        }
        return Entry("sources", A, name, given)

    store.register("tenants", [Entry("tenants", A, A, {"code": A, "name": "甲野市"})], "test")
    store.register("sources", [feed("m1"), feed("m2", transport="syslog"), feed("m3")], "test")
    for source in ("m1", "m2"):
        store.finish(store.deliver(source, "x", NOW - HOUR_US, source, source, 0))
    states = {s.id: s.state for s in q.sources(store, ALL, now=NOW)}
    assert states == {"m1": "receiving", "m2": "silent", "m3": "waiting"}
    assert q.matrix(store, ALL, now=NOW)[A, "mail"].state == "silent"


def test_deliveries_are_receipts(town: tuple[Store, Prefecture]) -> None:
    store, made = town
    whole = q.deliveries(store, ALL, total=True)
    assert whole.total == len(whole.items) == 3
    first = q.deliveries(store, ALL, limit=2)
    second = q.deliveries(store, ALL, limit=2, cursor=first.next)
    assert [d.id for d in (*first.items, *second.items)] == [d.id for d in whole.items]
    own = q.deliveries(store, frozenset({A}), total=True)
    assert [d.id for d in own.items] == made.one.deliveries
    detail = q.delivery(store, frozenset({A}), made.one.deliveries[0])
    assert (detail.delivery.lines, detail.delivery.parsed, detail.delivery.rows, detail.delivery.state) == (
        5,
        5,
        5,
        "committed",
    )
    assert len(detail.batches) == len(detail.repeats) == 1
    assert q.deliveries(store, ALL, q.DeliveryFilter(source=made.shared)).items[0].lines == 6
    assert q.deliveries(store, ALL, q.DeliveryFilter(since=NOW)).items == ()
    assert q.lines_read(store, frozenset({A}), since=0, until=NOW) == q.LinesRead(5, 5, 0, 0)
    assert q.lines_read(store, ALL, since=0, until=NOW).lines == 16


def test_denied_rows_by_hour_and_bin(town: tuple[Store, Prefecture], client: Client) -> None:
    store, _ = town
    hour = hour_of(NOW)
    day = {"first_hour": hour - 23, "last_hour": hour}
    assert [(h.hour - hour, h.bin, h.rows, h.events) for h in q.denied(store, ALL, **day)] == [
        (-1, "alert", 10, 10), (0, "health", 8, 16), (0, "none", 7, 14)
    ]  # fmt: skip
    assert [h.rows for h in q.denied(store, frozenset({B}), **day)] == [5, 5]
    assert sum(h.rows for h in q.denied(store, ALL, **day, dst_zone=None)) == 36
    assert q.denied_by_body(store, ALL, **day) == {
        A: {"alert": 5, "health": 3, "none": 18},
        B: {"alert": 5, "health": 5},
    }
    is_problem(
        client("auditor").get("/v1/denied", params={"since": "2026-11-20T00:00:00Z", "until": "2026-11-19T00:00:00Z"}),
        400,
    )
    is_problem(client("auditor").get("/v1/denied", params={"since": "2020-11-20T00:00:00Z"}), 400)


def test_minutes_with_lost_log_lines(town: tuple[Store, Prefecture]) -> None:
    store, _ = town
    hour = hour_of(NOW) - 1
    found = q.lost(store, ALL, first_hour=hour, last_hour=hour)
    assert [(one.tenant, one.minutes) for one in found] == [(b, (hour * HOUR_US + 7 * MINUTE_US,)) for b in (A, B)]
    assert q.lost(store, frozenset({B}), first_hour=hour, last_hour=hour) == found[1:]
    assert q.lost(store, ALL, first_hour=hour + 1, last_hour=hour + 9) == ()


def test_minutes_with_lost_log_lines_are_told(made: Prefecture, client: Client) -> None:
    minute = iso((hour_of(NOW) - 1) * HOUR_US + 7 * MINUTE_US)
    lost = {"tenant": A, "source": made.one.source, "device": f"{made.one.mark}-fw-1", "minutes": [minute]}
    assert client("municipality", A).get("/v1/lost").json() == [lost]
    assert len(client("auditor").get("/v1/lost").json()) == 2
    earlier = {"since": "2026-11-18T00:00:00Z", "until": "2026-11-19T00:00:00Z"}
    assert client("auditor").get("/v1/lost", params=earlier).json() == []
    is_problem(client("auditor").get("/v1/lost", params={"since": "2020-11-20T00:00:00Z"}), 400)


def test_coverage_counts_cells_and_names_gaps(town: tuple[Store, Prefecture]) -> None:
    store, _ = town
    gap = q.Due("a", hour_of(NOW) - 24, NOW - HOUR_US)
    found = q.coverage(store, (gap,), now=NOW, days=3)
    assert [(d.day, d.done, d.due, d.failed, d.frozen) for d in found.days] == [
        ("2026-11-18", 0, 0, 0, 1), ("2026-11-19", 1, 1, 0, 0), (DAY, 1, 0, 1, 0)
    ]  # fmt: skip
    assert (found.due, found.due_cells, found.producers) == ((gap,), 1, 2)


def test_health_says_what_is_late(town: tuple[Store, Prefecture]) -> None:
    store, _ = town
    found = q.health(store, ALL, (), now=NOW)
    assert (found.sources, found.silent, found.failed, found.due, found.overdue) == (3, 0, 1, 0, 0)
    assert found.last_run is not None
    assert found.evaluated_to == found.last_run.started
    late = q.health(store, ALL, (q.Due("a", 1, NOW - 5),), now=NOW + 2 * DAY_US)
    assert (late.silent, late.evaluated_to, late.overdue) == (3, NOW - 5, 2)


def test_who_an_address_was(town: tuple[Store, Prefecture]) -> None:
    store, made = town
    one = made.one
    known = q.identity(store, ALL, tenant=A, address=one.address, at=NOW, mac=one.mac)
    assert (known.zone, known.prefix_name, known.registered) == ("LGC", "KOUNO-net", 1)
    assert [terminal["name"] for terminal in known.assets] == ["KOUNO-PC-1"]
    assert q.identity(store, ALL, tenant=A, address="10.9.9.9", at=NOW).assets == ()
    assert q.identity(store, ALL, tenant=A, address="no address", at=NOW).zone == "UNKNOWN"
    assert q.identity(store, frozenset({B}), tenant=A, address=one.address, at=NOW) == q.Identity(
        "UNKNOWN", "", "", (), 0, None
    )
    assert q.terminal_registers(store, ALL, now=NOW) == {A, B}
    assert q.terminal_registers(store, frozenset({B}), now=NOW) == {B}


def test_several_candidates_are_never_one(store: Store) -> None:
    def terminal(prefix: str, name: str, mac: str = "") -> Entry:
        return Entry("assets", A, f"{prefix}|{mac}", {"address": prefix, "name": name, **({"mac": mac} if mac else {})})

    store.register("assets", [
        terminal("10.0.0.0/24", "floor"), terminal("10.0.0.7/32", "one", "00:00:5e:00:53:01"),
        terminal("10.0.0.7/32", "two", "00:00:5e:00:53:02"),
    ], "test")  # fmt: skip
    ask: dict[str, Any] = {"tenant": A, "address": "10.0.0.7", "at": NOW}
    assert [a["name"] for a in q.identity(store, ALL, **ask).assets] == ["one", "two"]
    assert [a["name"] for a in q.identity(store, ALL, **ask, mac="00:00:5e:00:53:02").assets] == ["two"]
    assert [a["name"] for a in q.identity(store, ALL, **ask, mac="00:00:5e:00:53:09").assets] == ["one", "two"]


def test_cases_opened_per_day_are_counted_by_japanese_days(store: Store) -> None:
    midnight = day_start(parse_day(DAY))
    write(store, cases=[a_case(opened=at) for at in (midnight - 1, midnight, midnight + 1, NOW)])
    assert q.opened_per_day(store, ALL, now=NOW, days=3) == (("2026-11-18", 0), ("2026-11-19", 1), (DAY, 3))
    assert q.opened_per_day(store, frozenset({B}), now=NOW, days=1) == ((DAY, 0),)


def parse_day(text: str) -> Any:
    from datetime import date

    assert parse_instant(f"{text}T00:00:00+09:00") == day_start(date.fromisoformat(text))
    return date.fromisoformat(text)
