"""Every question finds its rows by an index: what SQLite says of each statement that is really sent.

Without statistics the plan does not depend on the number of rows, so few rows tell what a million would; `make test-long`
asks again over 200,000 alerts, where the narrowest condition wins by count.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from core.municipalities import code
from core.time import DAY_US, hour_of
from store import Store
from store import questions as q
from tests.api.prefecture import NOW, Prefecture, a_case, an_alert, prefecture, write

LARGE = ("alerts", "cases", "facts", "batches", "deliveries", "repeats", "revisions", "case_log", "touches", "counts", "cells",
         "refusals", "sessions", "audit")  # fmt: skip
WHOLE = re.compile(r"^SCAN (\w+)(?! USING (COVERING )?INDEX)")
ALL, ONE = q.Everyone.ALL, frozenset({"131016"})
F = frozenset


def crowd(store: Store, number: int) -> None:
    """Alerts over 40 bodies, 60 rules and a year, most of their cases settled."""
    draw = random.Random(3)  # noqa: S311 - the same crowd on every run
    towns = [code(f"13{n}") for n in range(101, 141)]
    log: list[dict[str, Any]] = []
    for start in range(0, number, 10_000):
        cases, alerts = [], []
        for n in range(start, min(number, start + 10_000)):
            ago = draw.randrange(365) * DAY_US
            case = a_case(
                id=f"K-{n:08d}", rule=f"rule_{draw.randrange(60)}", tenant=draw.choice(towns), entity=json.dumps([f"10.0.{n >> 8}.{n & 255}"]),
                status=draw.choice(q.OPEN) if ago < 2 * DAY_US else draw.choice(("closed", "dismissed")),
                first_seen=NOW - ago - 1000, last_seen=NOW - ago, opened=NOW - ago, severity=draw.choice(q.SEVERITIES),
            )  # fmt: skip
            cases.append(case)
            log.append(
                {
                    "case_id": case["id"],
                    "at": NOW - ago,
                    "actor": "a",
                    "act": "status",
                    "before": "new",
                    "after": case["status"],
                    "comment": "",
                }
            )
            alerts.append(an_alert(
                rule=case["rule"], tenant=case["tenant"], entity=case["entity"], case_id=case["id"], severity=case["severity"],
                first_seen=NOW - ago - 1000, last_seen=NOW - ago, verdict=draw.choice(("deny", "allow")),
            ))  # fmt: skip
        write(store, cases=cases, alerts=alerts, case_log=log)
        log.clear()


@pytest.fixture(scope="module", params=[2_000, pytest.param(200_000, marks=pytest.mark.long)])
def town(request: pytest.FixtureRequest) -> Iterator[tuple[Store, Prefecture]]:
    """A prefecture with a crowd of alerts."""
    with Store.temporary() as store:
        made = prefecture(store)
        crowd(store, request.param)
        yield store, made


A, C = q.AlertFilter, q.CaseFilter
ALERTS: list[tuple[q.Tenants, q.AlertFilter, str]] = [
    (tenants, where, sort)
    for tenants in (ALL, ONE, F({"131016", code("13140")}))
    for where in (
        A(), A(rules=F({"rule_1"})), A(rules=F({"rule_1", "rule_2"})), A(severities=F({"high"})), A(verdicts=F({"allow"})),
        A(states=F({"retracted"})), A(states=F()), A(candidate=True), A(case_statuses=F({"new"})), A(case_statuses=F({"closed"})),
        A(day_from="2026-03-01", day_to="2026-03-02"), A(since=NOW - DAY_US, until=NOW), A(entity="10.0."), A(case_id="K-00000001"),
        A(rules=F({"rule_1"}), severities=F({"low"}), verdicts=F({"allow"}), day_from="2026-10-01"),
    )
    for sort in ("-last_seen", "severity", "revised")
]  # fmt: skip
CASES = [
    C(), C(text="10.0.1.7"), C(verdicts=F({"allow"})), C(due_before=NOW), C(returned=True), C(rules=F({"rule_1"})),
    C(statuses=F({"closed"}), since=NOW - DAY_US), C(statuses=F(), since=NOW - DAY_US, until=NOW),
    q.view("closed", actor="", now=NOW), q.view("mine", actor="a", now=NOW),
]  # fmt: skip


def questions(store: Store, made: Prefecture) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every question, in the ways in which pages and API ask it."""
    for tenants, where, sort in ALERTS:
        page = q.alerts(store, tenants, where, sort=sort, limit=5)
        yield (
            f"alerts {where} {sort}",
            lambda t=tenants, w=where, s=sort: q.alerts(store, t, w, sort=s, total=not w.case_statuses),
        )  # type: ignore[misc]  # bound now
        if page.next:
            yield (
                f"alerts, on {where} {sort}",
                lambda t=tenants, w=where, s=sort, c=page.next: q.alerts(store, t, w, sort=s, cursor=c),
            )  # type: ignore[misc]  # bound now
    for tenants in (ALL, ONE):
        for where_cases in CASES:
            for name, ask in (("queue", q.queue), ("facets", q.facets), ("cases", q.cases)):
                yield f"{name} {where_cases}", lambda t=tenants, w=where_cases, f=ask: f(store, t, w)  # type: ignore[misc]  # bound now
        yield "views", lambda t=tenants: q.views(store, t, actor="a", now=NOW)  # type: ignore[misc]  # bound now
        yield "severities", lambda t=tenants: q.open_severities(store, t)  # type: ignore[misc]  # bound now
        yield "opened", lambda t=tenants: q.opened_per_day(store, t, now=NOW)  # type: ignore[misc]  # bound now
        yield "sources", lambda t=tenants: q.sources(store, t, now=NOW)  # type: ignore[misc]  # bound now
        yield "matrix", lambda t=tenants: q.matrix(store, t, now=NOW)  # type: ignore[misc]  # bound now
        yield "deliveries", lambda t=tenants: q.deliveries(store, t, q.DeliveryFilter(since=0))  # type: ignore[misc]  # bound now
        yield "lines", lambda t=tenants: q.lines_read(store, t, since=NOW - DAY_US, until=NOW)  # type: ignore[misc]  # bound now
        yield "denied", lambda t=tenants: q.denied(store, t, first_hour=hour_of(NOW) - 24, last_hour=hour_of(NOW))  # type: ignore[misc]  # bound now
        yield "lost", lambda t=tenants: q.lost(store, t, first_hour=hour_of(NOW) - 24, last_hour=hour_of(NOW))  # type: ignore[misc]  # bound now
        yield "health", lambda t=tenants: q.health(store, t, (), now=NOW)  # type: ignore[misc]  # bound now
    case, alert = made.one.cases[0], made.one.alerts[0]
    yield "case", lambda: q.case(store, ALL, case)
    yield "others", lambda: q.others(store, ALL, case)
    yield "past", lambda: q.past(store, ALL, case, now=NOW)
    yield "neighbours", lambda: q.neighbours(store, ALL, case)
    yield "alert", lambda: q.alert(store, ALL, alert)
    yield "evidence", lambda: q.evidence(store, ALL, alert, actor="test")
    yield "samples", lambda: q.samples(store, ALL, alert, actor="test")
    yield "delivery", lambda: q.delivery(store, ALL, made.one.deliveries[0])
    yield "coverage", lambda: q.coverage(store, (), now=NOW)


@pytest.mark.parametrize("narrow", [5_000, 0])
def test_no_question_reads_a_large_table_from_end_to_end(
    town: tuple[Store, Prefecture], narrow: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.questions_ways.NARROW", narrow)
    monkeypatch.setattr("store.questions_alerts.NARROW", narrow)
    store, made = town
    sent: dict[str, tuple[Any, str]] = {}
    asking = ""

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent.setdefault(statement, (parameters, asking))

    event.listen(store.catalogue.engine, "before_cursor_execute", note)
    try:
        for name, ask in questions(store, made):
            asking = name
            ask()
    finally:
        event.remove(store.catalogue.engine, "before_cursor_execute", note)
    assert len(sent) > 150
    whole = set()
    with store.catalogue.read() as tx:
        for statement, (parameters, name) in sent.items():
            for *_, step in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
                found = WHOLE.match(step)
                if found and found[1] in LARGE:
                    whole.add(f"{step}: {name}")
    assert whole == set()
