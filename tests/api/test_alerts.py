"""Alerts: filters against a plain reference, pages that neither overlap nor miss, facts and lines."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from core import time
from store import Store, places, tables
from store import questions as q
from tests.api.conftest import Client
from tests.api.prefecture import NOW, Prefecture, a_case, an_alert, write

BODIES = ("131016", "131024", "131032")
ALL = q.Everyone.ALL


def many(seed: int = 7, number: int = 300) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Alerts and their cases, with ties in time on purpose."""
    draw = random.Random(seed)  # noqa: S311 - the same alerts on every run
    cases, alerts = [], []
    for n in range(number):
        tenant, entity = draw.choice(BODIES), f'["10.{draw.randrange(3)}.0.{n}"]'
        day = f"2026-11-{draw.randrange(10, 20):02d}"
        start = time.day_start(time.day_of(time.parse_instant(f"{day}T12:00:00+09:00")))
        first = start + draw.randrange(20) * 3_600_000_000
        case = a_case(
            tenant=tenant, entity=entity, rule=draw.choice(("p2p", "scan", "flow")), status=draw.choice(q.STATUSES)
        )
        cases.append(case)
        alerts.append(an_alert(
            rule=case["rule"], tenant=tenant, entity=entity, day=day, case_id=case["id"], first_seen=first,
            last_seen=first + draw.randrange(4) * 3_600_000_000, severity=draw.choice(q.SEVERITIES),
            verdict=draw.choice(("allow", "blocked_later", "deny", "")), state=draw.choice(("live", "frozen", "retracted")),
            candidate=draw.random() < 0.1, revised=NOW - draw.randrange(5) * 1_000_000,
        ))  # fmt: skip
    return cases, alerts


@pytest.fixture(scope="module")
def crowd(either: Store) -> tuple[Store, list[dict[str, Any]]]:
    """A store with many alerts, and the same as plain rows with the status of their case."""
    cases, alerts = many()
    status = {case["id"]: case["status"] for case in cases}
    write(either, cases=cases, alerts=alerts)
    return either, [alert | {"status": status[alert["case_id"]]} for alert in alerts]


Keep = Callable[[dict[str, Any]], bool]
FILTERS: list[tuple[str, q.AlertFilter, Keep]] = [
    ("default", q.AlertFilter(), lambda a: a["state"] != "retracted"),
    ("every state", q.AlertFilter(states=frozenset()), lambda a: True),
    ("retracted", q.AlertFilter(states=frozenset({"retracted"})), lambda a: a["state"] == "retracted"),
    ("body", q.AlertFilter(tenants=frozenset({"131024"}), states=frozenset()), lambda a: a["tenant"] == "131024"),
    ("two rules", q.AlertFilter(rules=frozenset({"p2p", "scan"}), states=frozenset()), lambda a: a["rule"] in ("p2p", "scan")),
    ("rule and body", q.AlertFilter(rules=frozenset({"p2p"}), tenants=frozenset({"131016"}), states=frozenset()),
     lambda a: a["rule"] == "p2p" and a["tenant"] == "131016"),
    ("severity", q.AlertFilter(severities=frozenset({"critical"}), states=frozenset()), lambda a: a["severity"] == "critical"),
    ("verdict", q.AlertFilter(verdicts=frozenset({"allow", ""}), states=frozenset()), lambda a: a["verdict"] in ("allow", "")),
    ("status of case", q.AlertFilter(case_statuses=frozenset({"new", "incident"}), states=frozenset()),
     lambda a: a["status"] in ("new", "incident")),
    ("days", q.AlertFilter(day_from="2026-11-12", day_to="2026-11-14", states=frozenset()),
     lambda a: "2026-11-12" <= a["day"] <= "2026-11-14"),
    ("overlap", q.AlertFilter(since=NOW - 5 * time.DAY_US, until=NOW - 4 * time.DAY_US, states=frozenset()),
     lambda a: a["last_seen"] >= NOW - 5 * time.DAY_US and a["first_seen"] < NOW - 4 * time.DAY_US),
    ("entity begins", q.AlertFilter(entity="10.1.", states=frozenset()), lambda a: a["entity"].startswith('["10.1.')),
    ("entity with wildcards", q.AlertFilter(entity="10._", states=frozenset()), lambda a: False),
]  # fmt: skip
ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "-last_seen": lambda a: (-a["last_seen"], _down(a["id"])),
    "last_seen": lambda a: (a["last_seen"], a["id"]),
    "revised": lambda a: (a["revised"], a["id"]),
    "severity": lambda a: (q.SEVERITIES.index(a["severity"]), -a["last_seen"], _down(a["id"])),
}


def _down(text: str) -> tuple[int, ...]:
    return tuple(-ord(c) for c in text)


def walked(store: Store, tenants: q.Tenants, where: q.AlertFilter, sort: str, limit: int) -> list[str]:
    """Ids of every page, in order."""
    found, cursor = [], None
    while True:
        page = q.alerts(store, tenants, where, sort=sort, cursor=cursor, limit=limit)
        assert len(page.items) <= limit
        found += [alert.id for alert in page.items]
        if page.next is None:
            return found
        assert len(page.items) == limit
        cursor = page.next


@pytest.mark.parametrize("narrow", [5_000, 0], ids=["by the narrowest", "along the order"])
@pytest.mark.parametrize("sort", ORDERS)
@pytest.mark.parametrize(("name", "where", "keep"), FILTERS, ids=[name for name, _, _ in FILTERS])
def test_pages_are_what_a_plain_filter_and_sort_give(
    crowd: tuple[Store, list[dict[str, Any]]], name: str, where: q.AlertFilter, keep: Keep, sort: str, narrow: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("store.questions_ways.NARROW", narrow)
    monkeypatch.setattr("store.questions_alerts.NARROW", narrow)
    store, rows = crowd
    for tenants in (ALL, frozenset({"131016"}), frozenset({"131016", "131032"}), frozenset[str]()):
        seen = [a for a in rows if not a["candidate"] and keep(a) and (tenants is ALL or a["tenant"] in tenants)]
        expected = [a["id"] for a in sorted(seen, key=ORDERS[sort])]
        assert walked(store, tenants, where, sort, limit=17) == expected
        assert q.alerts(store, tenants, where, sort=sort, limit=1, total=True).total == len(expected)


def test_alerts_of_rules_on_trial_are_held_apart(crowd: tuple[Store, list[dict[str, Any]]]) -> None:
    store, rows = crowd
    found = walked(store, ALL, q.AlertFilter(candidate=True, states=frozenset()), "-last_seen", 10)
    assert set(found) == {a["id"] for a in rows if a["candidate"]}


def test_an_alert_shows_its_facts_with_times_as_text(client: Client, made: Prefecture) -> None:
    answer = client("prefecture").get(f"/v1/alerts/{made.one.alerts[0]}").json()
    assert answer["tenant"] == made.one.code
    assert answer["entity"] == [made.one.address]
    assert answer["case_status"] == "new"
    assert answer["last_seen"] == time.iso(NOW - 60_000_000)
    assert answer["facts"]["first_seen"] == "2026-11-20T04:00:00Z"
    assert answer["facts"]["samples"][0]["time"] == "2026-11-20T04:00:00Z"
    assert answer["revisions"][0]["changes"] == {"destinations": [[], ["KOUNO.example.lg.jp"]]}


def test_an_alert_leads_to_its_bytes(client: Client, made: Prefecture, store: Store) -> None:
    auditor = client("auditor")
    address, got, cursor = f"/v1/alerts/{made.one.alerts[0]}/lines", [], None
    while True:
        page = auditor.get(address, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        assert page["total"] == 5
        got += page["items"]
        if (cursor := page["next"]) is None:
            break
    assert [line["line"] for line in got] == [1, 2, 3, 4, 5]
    assert got[0]["text"] == r"srcip=10.1.1.5 KOUNO line 1 \xff\x00"
    assert got[0]["repaired"]
    assert base64.b64decode(got[0]["base64"]) == b"srcip=10.1.1.5 KOUNO line 1 \xff\x00"
    assert got[0]["source"] == made.one.source
    assert (got[0]["kind"], got[1]["kind"]) == ("first", "")
    (sample,) = auditor.get(f"/v1/alerts/{made.one.alerts[0]}/samples").json()
    assert sample == got[0]
    with store.catalogue.read() as tx:
        trail = tx.execute(sa.select(tables.audit).order_by(tables.audit.c.id)).mappings().all()
    assert [row["act"] for row in trail] == ["read_lines"] * 4
    assert {row["object"] for row in trail} == {made.one.alerts[0]}
    assert all(row["actor"].startswith("auditor of test (") for row in trail)


def test_lines_of_several_hours_and_entities_come_once_each(store: Store, made: Prefecture) -> None:
    batch = 1 + min(q.delivery(store, ALL, made.one.deliveries[0]).delivery.first_seq or 0, 0)
    del batch
    seq = q.delivery(store, ALL, made.one.deliveries[0]).delivery.first_seq
    assert seq is not None
    alert = an_alert(rule="every", entity='["*"]', case_id=made.one.cases[0])
    hour = time.hour_of(NOW)
    parts = [(hour - 1, '["x"]', [1, 2]), (hour - 1, '["y"]', [2, 3]), (hour, '["x"]', [4, 5])]
    write(store, alerts=[alert], facts=[
        {"producer": "every", "hour": h, "candidate": False, "tenant": "131016", "entity_type": "address", "entity": e,
         "day": "2026-11-20", "fired": True, "body": "{}", "places": places.pack([(seq, n) for n in lines])}
        for h, e, lines in parts
    ])  # fmt: skip
    for limit in (1, 2, 3, 5, 500):
        got, cursor = [], None
        while True:
            page = q.evidence(store, ALL, alert["id"], actor="test", cursor=cursor, limit=limit)
            assert page.total == 5
            got += [line.line for line in page.items]
            if (cursor := page.next) is None:
                break
        assert got == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("raw", "encoding", "text", "repaired"),
    [
        (b"plain\ttab", "utf-8", "plain\ttab", False),
        ("端末 甲".encode(), "utf-8", "端末 甲", False),
        ("端末".encode("cp932"), "cp932", "端末", False),
        ("端末".encode("cp932"), "utf-8", r"\x92[\x96\x96", True),
        (b"a\x1b[2Jb\x00", "utf-8", r"a\x1b[2Jb\x00", True),
        ("a\u202eb".encode(), "utf-8", r"a\xe2\x80\xaeb", True),
        (b"\xe3\x81", "utf-8", r"\xe3\x81", True),
    ],
)
def test_a_line_is_shown_with_its_bad_bytes_in_place(raw: bytes, encoding: str, text: str, repaired: bool) -> None:
    assert q.legible(raw, encoding) == (text, repaired)
