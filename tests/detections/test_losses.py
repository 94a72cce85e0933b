"""A minute in which a device said that it dropped or rate-limited log lines: alerts say that there was more."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from core.columns import EventClass
from detections import engine, proving
from store import Store
from store import questions as q
from store.questions import Everyone
from tests.promises.pack_of_trials import THRESHOLD, trial_pack

T = 1_775_055_600_000_000 + 10 * 3_600_000_000
MINUTE = 60_000_000
A, B = "131016", "131024"
PACK = trial_pack(THRESHOLD)

Rows = list[dict[str, Any]]


def flood(tenant: str = A, **columns: Any) -> Rows:
    """Twelve denied packets within one minute."""
    flow = {"src_ip": "10.1.0.1", "dst_ip": "10.2.0.1", "protocol": "udp", "dst_port": 445, "verdict": "deny"}
    named = {"tenant": tenant, "source": "fw1", "device": "a", **flow, **columns}
    return [{"event_time": T + n * 1_000_000, "src_port": 1024 + n, **named} for n in range(12)]


def notice(**columns: Any) -> Rows:
    """What the device says: half a minute later, in the same minute."""
    named = {"tenant": A, "source": "fw1", "device": "a", "operation": "log_loss", **columns}
    return [{"class": "system", "event_time": T + 30_000_000, **named}]


def told(*deliveries: Rows) -> dict[str, str]:
    """Body → `count_quality` of its alert, with detection after each delivery."""
    with Store.temporary(threads=1) as store:
        for number, rows in enumerate(deliveries):
            proving.deliver(store, EventClass.NETWORK, rows, name=str(number))
            engine.run(store, PACK)
        found = q.alerts(store, Everyone.ALL).items
        return {alert.tenant: alert.facts["count_quality"] for alert in found}


def test_what_is_counted_in_a_minute_with_a_notice_is_a_lower_bound_whichever_came_first() -> None:
    assert told(flood()) == {A: "exact"}
    assert told(flood() + notice()) == {A: "lower_bound"}
    for order in permutations((flood()[:6], flood()[6:], notice())):
        assert told(*order) == {A: "lower_bound"}


@pytest.mark.parametrize(
    ("columns", "quality"),
    [
        ({}, "lower_bound"),
        ({"event_time": T + 59_999_999}, "lower_bound"),
        ({"event_time": T + MINUTE}, "exact"),
        ({"event_time": T - 1}, "exact"),
        ({"source": "fw2"}, "exact"),
        ({"device": "b"}, "exact"),
        ({"device": None}, "lower_bound"),
        ({"tenant": B}, "exact"),
        ({"operation": "reboot"}, "exact"),
        ({"tenant": B, "tenant_quality": "unattributed"}, "lower_bound"),
    ],
)
def test_a_notice_holds_for_its_minute_source_and_device(columns: dict[str, Any], quality: str) -> None:
    assert told(flood(), notice(**columns)) == {A: quality}
    assert told(notice(**columns), flood()) == {A: quality}


def test_a_notice_of_a_source_of_several_bodies_holds_for_each_of_them() -> None:
    shared = notice(tenant_quality="unattributed")
    for order in permutations((flood(A), flood(B), shared)):
        assert told(*order) == {A: "lower_bound", B: "lower_bound"}
    assert told(flood(A), flood(B), notice()) == {A: "lower_bound", B: "exact"}


def test_a_line_that_is_a_bound_itself_needs_no_notice() -> None:
    assert told(flood(count_quality="aggregated")) == {A: "aggregated"}
    assert told(flood()[1:] + flood(count_quality="lower_bound")[:1]) == {A: "lower_bound"}


def test_a_rule_can_ask_for_it() -> None:
    rule = THRESHOLD.model_copy(update={"where": "verdict = 'deny' AND NOT log_lost"})
    with Store.temporary(threads=1) as store:
        proving.deliver(store, EventClass.NETWORK, flood() + notice(), name="all")
        engine.run(store, trial_pack(rule))
        assert not q.alerts(store, Everyone.ALL).items


def test_coverage_tells_the_minutes_that_were_lost() -> None:
    again = (
        notice(event_time=T + 5 * MINUTE) + notice(event_time=T + 5 * MINUTE + 1) + notice(device=None, source="fw2")
    )
    with Store.temporary(threads=1) as store:
        proving.deliver(store, EventClass.NETWORK, notice() + again + notice(tenant=B), name="all")
        engine.run(store, PACK)
        found = q.lost(store, frozenset({A}), first_hour=T // (60 * MINUTE), last_hour=T // (60 * MINUTE))
        assert [(n.tenant, n.source, n.device, n.minutes) for n in found] == [
            (A, "fw1", "a", (T, T + 5 * MINUTE)),
            (A, "fw2", "", (T,)),
        ]
        assert len(q.lost(store, Everyone.ALL, first_hour=0, last_hour=10**6)) == 3
        assert q.lost(store, Everyone.ALL, first_hour=0, last_hour=T // (60 * MINUTE) - 1) == ()


def test_the_command_tells_them_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HINOMI_HOME", str(tmp_path))
    with Store.open(tmp_path, create=True, durable=False) as store:
        proving.deliver(store, EventClass.NETWORK, flood() + notice(), name="all")
        engine.run(store, PACK)
    assert run(["coverage", "--jsonl"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    lost = {"body": A, "source": "fw1", "device": "a", "lost": ["2026-04-02T01:00:00Z"]}
    assert [record for record in found if "lost" in record] == [lost]
    assert run(["coverage"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split("\t")[:4] == [A, "fw1", "a", "1"]
