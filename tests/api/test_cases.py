"""Cases and the queue: grouping with exact counts, pages both ways, and judgements that can't overwrite each other."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from core import municipalities
from core.time import DAY_US
from store import Store, tables
from store import questions as q
from store.questions_terms import cursor_of
from tests.api.conftest import Client
from tests.api.prefecture import NOW, Prefecture, a_case, an_alert, write
from tests.api.test_app import is_problem

ALL = q.Everyone.ALL
TOWNS = [municipalities.code(f"13{n}") for n in range(101, 125)]
MINUTE = 60_000_000


def campaign() -> list[dict[str, Any]]:
    """A rule over three bodies, one over twenty terminals of one, one over two bodies, and singles."""
    return [
        *(a_case(rule="wide", tenant=TOWNS[n], entity=f'["10.0.{n}.1"]', count=10 + n, severity="medium",
                 due=NOW + (20 - n) * MINUTE, taken=NOW - 40 * MINUTE if n == 0 else None,
                 opened=NOW - (60 - n) * MINUTE, status="evaluating" if n == 0 else "new") for n in range(3)),
        *(a_case(rule="deep", tenant=TOWNS[5], entity=f'["10.5.0.{n}"]', severity="low", due=None) for n in range(20)),
        *(a_case(rule="two", tenant=TOWNS[n], entity='["10.9.9.9"]', due=NOW + 90 * MINUTE) for n in range(2)),
        a_case(rule="hot", tenant=TOWNS[7], severity="critical", due=NOW + 5 * MINUTE, verdict="allow"),
        a_case(rule="told", tenant=TOWNS[7], severity="critical", due=NOW - 5 * MINUTE, notified=NOW - 10 * MINUTE),
        a_case(rule="wide", tenant=TOWNS[9], status="closed", due=NOW),
        a_case(rule="old", tenant=TOWNS[9], continuity="retroactive"),
        a_case(rule="gone", tenant=TOWNS[9], joined_into="K-2611-0001"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def busy(either: Store) -> Store:
    """A store with a campaign in it."""
    write(either, cases=campaign())
    return either


def test_equal_cases_of_three_bodies_or_twenty_terminals_are_one_entry(busy: Store) -> None:
    found = q.queue(busy, ALL, q.CaseFilter())
    assert [(e.rule, e.cases, e.bodies, e.entities) for e in found.items] == [
        ("hot", 1, 1, 1), ("wide", 3, 3, 3), ("two", 1, 1, 1), ("two", 1, 1, 1), ("told", 1, 1, 1), ("deep", 20, 1, 20),
    ]  # fmt: skip
    assert (found.entries, found.cases) == (6, 27)
    wide = found.items[1]
    assert (wide.count, wide.due, wide.severity) == (10 + 11 + 12, NOW + 18 * MINUTE, "medium")
    assert wide.statuses == {"evaluating": 1, "new": 2}
    assert wide.case is None
    assert [(m.tenant, m.cases, m.count, m.added_later) for m in wide.members] == [
        (TOWNS[0], 1, 10, False), (TOWNS[1], 1, 11, False), (TOWNS[2], 1, 12, False)
    ]  # fmt: skip
    assert found.items[0].case is not None
    assert found.items[0].verdicts == ("allow",)


def test_a_body_sees_its_part_of_a_group_as_its_own_case(busy: Store) -> None:
    found = q.queue(busy, frozenset({TOWNS[1]}), q.CaseFilter())
    assert [(e.rule, e.cases) for e in found.items] == [("wide", 1), ("two", 1)]
    assert found.items[0].case is not None
    assert found.items[0].case.others == 3
    assert (found.entries, found.cases) == (2, 2)


def test_a_case_that_joins_a_judged_group_asks_again(store: Store) -> None:
    write(store, cases=[
        a_case(rule="wide", tenant=TOWNS[n], opened=NOW - (9 - n) * MINUTE, taken=NOW - 5 * MINUTE if n < 3 else None)
        for n in range(8)
    ])  # fmt: skip
    (entry,) = q.queue(store, ALL, q.CaseFilter()).items
    assert [m.added_later for m in entry.members] == [False] * 5 + [True] * 3


@pytest.mark.parametrize("sort", ["due", "severity", "last_seen", "count"])
@pytest.mark.parametrize("group", [True, False])
def test_the_queue_can_be_walked_both_ways(busy: Store, sort: str, group: bool) -> None:
    whole = [e.key for e in q.queue(busy, ALL, q.CaseFilter(), sort=sort, group=group, limit=500).items]
    forth: list[str] = []
    page = q.queue(busy, ALL, q.CaseFilter(), sort=sort, group=group, limit=2)
    assert page.previous is None
    while True:
        forth += [e.key for e in page.items]
        if page.next is None:
            break
        page = q.queue(busy, ALL, q.CaseFilter(), sort=sort, group=group, limit=2, cursor=page.next)
    assert forth == whole
    back = [e.key for e in page.items]
    while page.previous is not None:
        page = q.queue(busy, ALL, q.CaseFilter(), sort=sort, group=group, limit=2, cursor=page.previous, before=True)
        back = [e.key for e in page.items] + back
    assert back == whole


def test_settled_cases_need_a_beginning(busy: Store, client: Client) -> None:
    assert "say since" in is_problem(client("auditor").get("/v1/queue", params={"status": "closed"}), 400)["detail"]
    where = q.CaseFilter(statuses=frozenset({"closed"}), since=NOW - DAY_US)
    assert [e.rule for e in q.queue(busy, ALL, where).items] == ["wide"]


def test_facets_count_what_each_choice_would_show(busy: Store) -> None:
    facets = q.facets(busy, ALL, q.CaseFilter(severities=frozenset({"critical"})))
    assert facets.severities == {"critical": 2, "high": 2, "low": 20, "medium": 3}
    assert facets.rules == {"hot": 1, "told": 1}
    assert facets.tenants == {TOWNS[7]: 2}
    assert facets.statuses == {"new": 2}
    assert facets.verdicts == {"allow": 1, "deny": 1}


def test_tabs_count_cases(busy: Store) -> None:
    tabs = q.views(busy, ALL, actor="佐藤", now=NOW)
    assert tabs == {
        "todo": 27, "mine": 0, "due": 4, "returned": 0, "watching": 0, "retroactive": 1, "closed": 0
    }  # fmt: skip
    assert q.view("due", actor="", now=NOW).due_before == NOW + 60 * MINUTE


@pytest.mark.parametrize("before", [False, True])
def test_a_page_outside_the_queue_has_its_totals_still(busy: Store, before: bool) -> None:
    whole = q.queue(busy, ALL, q.CaseFilter())
    outside = cursor_of("due:1", [-1, 0, 0, ""] if before else [2**62, 9, 0, "z"])
    page = q.queue(busy, ALL, q.CaseFilter(), cursor=outside, before=before)
    assert (page.items, page.entries, page.cases) == ((), whole.entries, whole.cases)
    nothing = q.queue(busy, frozenset(), q.CaseFilter())
    assert (nothing.items, nothing.entries, nothing.cases) == ((), 0, 0)


def test_neighbours_follow_the_queue(busy: Store) -> None:
    flat = [e.key for e in q.queue(busy, ALL, q.CaseFilter(), group=False, limit=500).items]
    assert q.neighbours(busy, ALL, flat[3]) == (flat[2], flat[4])
    assert q.neighbours(busy, ALL, flat[0]) == (None, flat[1])
    assert q.neighbours(busy, ALL, flat[-1]) == (flat[-2], None)


@pytest.mark.parametrize(
    ("where", "rules"),
    [
        (q.CaseFilter(statuses=frozenset(), retroactive=None), {"wide", "deep", "two", "hot", "told", "old"}),
        (q.CaseFilter(text="10.5.0.1"), {"deep"}),
        (q.CaseFilter(text="HOT"), {"hot"}),
        (q.CaseFilter(text="%"), set()),
        (q.CaseFilter(tenants=frozenset({TOWNS[7]}), due_before=NOW + 10 * MINUTE), {"hot"}),
        (q.CaseFilter(assignee="nobody"), set()),
        (q.CaseFilter(verdicts=frozenset({"allow"})), {"hot"}),
        (q.CaseFilter(last_day="2026-11-19"), set()),
        (q.CaseFilter(retroactive=True), {"old"}),
    ],
)
def test_cases_can_be_found(busy: Store, where: q.CaseFilter, rules: set[str]) -> None:
    page = q.cases(busy, ALL, where, limit=100, total=True)
    assert {row.rule for row in page.items} == rules
    assert page.total == len(page.items)


def test_a_case_is_found_by_what_its_alerts_say(store: Store, made: Prefecture) -> None:
    found = q.cases(store, ALL, q.CaseFilter(text="otsukawa-pc"))
    assert [row.id for row in found.items] == made.other.cases
    assert [row.id for row in q.cases(store, ALL, q.CaseFilter(text="甲野")).items] == made.one.cases
    assert q.cases(store, frozenset({made.one.code}), q.CaseFilter(text="OTSUKAWA-PC")).items == ()


def test_a_case_shows_its_chain_and_its_log(client: Client, made: Prefecture) -> None:
    answer = client("analyst").get(f"/v1/cases/{made.one.cases[0]}").json()
    assert [alert["id"] for alert in answer["chain"]] == made.one.alerts
    assert answer["log"][0]["comment"] == "KOUNO said so"
    assert (answer["alerts"], answer["days"], answer["version"], answer["others"]) == (1, 1, 1, 1)
    assert answer["facts"]["values"]["destinations"]["list"] == ["KOUNO.example.lg.jp"]


# ----------------------------------------------------------------------------------------------------------- judgements


def judge(client: Client, case: str, role: str = "analyst", **said: Any) -> Any:
    return client(role).post(f"/v1/cases/{case}/triage", json={"version": 1, **said})


def test_a_judgement_is_stored_logged_and_recorded(client: Client, made: Prefecture, store: Store) -> None:
    case = made.one.cases[0]
    answer = judge(client, case, status="dismissed", reason="benign", assignee="佐藤", comment="業務の通信")
    assert answer.status_code == 200
    row = answer.json()
    assert (row["status"], row["reason"], row["assignee"], row["version"]) == ("dismissed", "benign", "佐藤", 2)
    assert row["taken"] == "2026-11-20T05:00:00Z"
    log = client("auditor").get(f"/v1/cases/{case}").json()["log"]
    assert {(entry["act"], entry["actor"]) for entry in log[:2]} == {
        ("status", "analyst of test"), ("assign", "analyst of test")
    }  # fmt: skip
    with store.catalogue.read() as tx:
        trail = tx.execute(sa.select(tables.audit)).mappings().one()
    assert (trail["act"], trail["object"]) == ("triage", case)
    assert "業務の通信" not in trail["detail"]
    (past,) = q.past(store, ALL, made.other.cases[0], now=NOW)
    assert (past.case_id, past.reason, past.actor, past.same_entity) == (case, "benign", "analyst of test", False)


def test_who_was_second_is_told_so(client: Client, made: Prefecture) -> None:
    case = made.one.cases[0]
    assert judge(client, case, status="evaluating").status_code == 200
    is_problem(judge(client, case, status="closed"), 409)
    assert client("analyst").get(f"/v1/cases/{case}").json()["status"] == "evaluating"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"status": "dismissed"}, 400),
        ({"status": "watching"}, 400),
        ({"status": "watching", "until": "2026-11-19"}, 400),
        ({"status": "watching", "until": "tomorrow"}, 400),
        ({}, 400),
        ({"status": "asleep"}, 422),
        ({"status": "dismissed", "reason": "because"}, 422),
        ({"stauts": "closed"}, 422),
        ({"version": "x"}, 422),
    ],
)
def test_a_judgement_that_is_not_whole_changes_nothing(
    client: Client, made: Prefecture, said: dict[str, Any], status: int
) -> None:
    is_problem(judge(client, made.one.cases[0], **said), status)
    assert client("auditor").get(f"/v1/cases/{made.one.cases[0]}").json()["version"] == 1


def test_watching_lasts_to_the_end_of_its_day(client: Client, made: Prefecture) -> None:
    answer = judge(client, made.one.cases[0], status="watching", until="2026-11-27")
    assert answer.json()["until"] == "2026-11-27T15:00:00Z"


@pytest.mark.parametrize("role", ["auditor", "municipality"])
def test_who_only_reads_does_not_judge(client: Client, made: Prefecture, role: str) -> None:
    asking = client(role, made.one.code)
    is_problem(asking.post(f"/v1/cases/{made.one.cases[0]}/triage", json={"version": 1, "status": "closed"}), 403)
    is_problem(asking.post("/v1/cases/triage", json={"cases": [{"id": "x", "version": 1}], "status": "closed"}), 403)


def test_a_judgement_reaches_only_what_the_key_sees(client: Client, made: Prefecture) -> None:
    asking = client("analyst", made.one.code)
    answer = asking.post(f"/v1/cases/{made.other.cases[0]}/triage", json={"version": 1, "status": "closed"})
    is_problem(answer, 404)
    said = {"cases": [{"id": c, "version": 1} for c in (*made.one.cases, *made.other.cases)], "status": "in_progress"}
    done = asking.post("/v1/cases/triage", json=said).json()
    assert done["done"] == [{"id": made.one.cases[0], "version": 2}]
    assert [(one["id"], one["status"]) for one in done["failed"]] == [(made.other.cases[0], 404)]
    assert client("auditor").get(f"/v1/cases/{made.other.cases[0]}").json()["status"] == "new"


def test_a_case_that_flared_up_shows_the_chain_before(store: Store) -> None:
    earlier = a_case(first_day="2026-10-01", last_day="2026-10-02", status="closed", last_seen=NOW - 49 * DAY_US)
    again = a_case(continuity="recurring")
    write(store, cases=[earlier, again], alerts=[an_alert(case_id=again["id"])])
    row = q.case(store, ALL, again["id"]).row
    assert row.previous_last_day == "2026-10-02"
    assert row.revised
    assert q.views(store, ALL, actor="", now=NOW)["returned"] == 1
