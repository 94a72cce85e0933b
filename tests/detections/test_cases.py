"""Cases: chains of alerts, what brings a judged one back, and what people decide."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.columns import EventClass
from core.errors import ConflictError, InputError, NotFoundError
from core.time import now_us
from detections import cases as logic
from detections import engine, proving
from store import Store, tables
from store.cases import triage
from tests.promises.pack_of_trials import THRESHOLD, trial_pack
from tests.promises.reference import DAY
from tests.promises.trial import MIDNIGHT

NOON = MIDNIGHT + DAY // 2


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.temporary(threads=1) as store:
        yield store


def burst(store: Store, day: int, *, now: int | None = None, **changes: Any) -> None:
    """Twelve attempts at noon of a day (0: 2026-04-02), and a run at an instant (µs)."""
    rows = [
        {"event_time": NOON + day * DAY + i, "src_ip": "10.1.0.5", "dst_ip": "10.2.0.1", "dst_port": 443, "src_port": i,
         "protocol": "tcp", "verdict": "deny", "dst_zone": "LGWAN", **changes}
        for i in range(12)
    ]  # fmt: skip
    proving.deliver(store, EventClass.NETWORK, rows, name=f"day {day} {changes}")
    engine.run(store, trial_pack(THRESHOLD), accounts=False, now=now)


def every_case(store: Store) -> list[Any]:
    with store.catalogue.read() as tx:
        return list(tx.execute(tables.cases.select().order_by(tables.cases.c.id)))


def test_days_at_most_a_week_apart_are_one_case(store: Store) -> None:
    burst(store, 0)
    burst(store, 7)
    (case,) = every_case(store)
    assert (case.first_day, case.last_day, case.count, case.continuity) == (
        "2026-04-02",
        "2026-04-09",
        24,
        "continuing",
    )


def test_a_longer_break_begins_another_case(store: Store) -> None:
    burst(store, 0)
    burst(store, 8)
    assert [case.continuity for case in every_case(store)] == ["new", "recurring"]


def test_a_late_alert_joins_two_cases_into_the_older(store: Store) -> None:
    burst(store, 0)
    burst(store, 10)
    burst(store, 5)
    first, second = every_case(store)
    assert (second.joined_into, first.joined_into, first.count) == (first.id, "", 36)


def test_the_same_going_on_is_no_reason_to_come_back(store: Store) -> None:
    burst(store, 0)
    (case,) = every_case(store)
    triage(store, case.id, actor="a", now=NOON + DAY // 4, version=case.version, status="dismissed", reason="benign")
    burst(store, 1)
    (case,) = every_case(store)
    assert (case.status, case.last_day) == ("dismissed", "2026-04-03")


@pytest.mark.parametrize(
    "changes", [{"dst_port": 3389}, {"dst_ip": "10.2.0.9"}, {"dst_zone": "INET"}, {"event_count": 30}]
)
def test_what_is_new_brings_a_judged_case_back(store: Store, changes: dict[str, Any]) -> None:
    burst(store, 0)
    (case,) = every_case(store)
    triage(store, case.id, actor="a", now=NOON + DAY // 4, version=case.version, status="dismissed", reason="benign")
    burst(store, 1, **changes)
    assert every_case(store)[0].status == "new"


def returns(store: Store) -> list[tuple[str, str, str]]:
    with store.catalogue.read() as tx:
        log = tx.execute(tables.case_log.select().where(tables.case_log.c.act == "returned")).all()
    return [(entry.before, entry.after, entry.comment) for entry in log]


def test_a_watch_that_has_ended_comes_back_in_the_next_run_once(store: Store) -> None:
    burst(store, 0)
    (case,) = every_case(store)
    until = now_us() + DAY
    version = triage(store, case.id, actor="a", now=NOON, version=case.version, status="watching", until=until)
    pack = trial_pack(THRESHOLD)
    engine.run(store, pack, accounts=False, now=until - 1)
    (case,) = every_case(store)
    assert (case.status, case.until, case.version, returns(store)) == ("watching", until, version, [])
    for later in (0, 1):
        engine.run(store, pack, accounts=False, now=until + later)
        (case,) = every_case(store)
        assert (case.status, case.until, case.version) == ("new", None, version + 1)
        assert returns(store) == [("watching", "new", "expired")]
    with pytest.raises(ConflictError):
        triage(store, case.id, actor="a", now=until, version=version, status="closed")


def test_a_watch_without_its_end_does_not_come_back_while_the_same_goes_on(store: Store) -> None:
    burst(store, 0)
    (case,) = every_case(store)
    until = now_us() + DAY
    version = triage(
        store, case.id, actor="a", now=NOON + DAY // 4, version=case.version, status="watching", until=until
    )
    burst(store, 1)
    (case,) = every_case(store)
    assert (case.status, case.count, case.version, returns(store)) == ("watching", 24, version, [])


def test_a_known_misconfiguration_comes_back_after_its_term_if_it_still_goes_on(store: Store) -> None:
    burst(store, 0)
    (case,) = every_case(store)
    until = now_us() + DAY
    version = triage(
        store, case.id, actor="a", now=NOON + DAY // 4, version=case.version, status="dismissed",
        reason="misconfiguration", until=until,
    )  # fmt: skip
    burst(store, 1)
    engine.run(store, trial_pack(THRESHOLD), accounts=False, now=until)
    (case,) = every_case(store)
    assert (case.status, case.version) == ("dismissed", version)
    burst(store, 2, now=until + 1)
    (case,) = every_case(store)
    assert (case.status, case.reason, case.until, case.version) == ("new", "", None, version + 1)
    assert returns(store) == [("dismissed", "new", "expired")]


@pytest.mark.parametrize("status", ["evaluating", "in_progress", "incident"])
def test_the_version_rises_only_for_what_a_person_has_to_look_at(store: Store, status: str) -> None:
    burst(store, 0)
    (case,) = every_case(store)
    version = triage(store, case.id, actor="a", now=NOON + DAY // 4, version=case.version, status=status)
    burst(store, 1)
    (case,) = every_case(store)
    assert (case.status, case.count, case.version) == (status, 24, version)
    burst(store, 2, dst_port=3389)
    (case,) = every_case(store)
    assert (case.status, case.count, case.version) == (status, 36, version + 1)
    assert returns(store) == [(status, status, "port")]


def test_who_comes_second_is_told(store: Store) -> None:
    burst(store, 0)
    (case,) = every_case(store)
    triage(store, case.id, actor="a", now=NOON, version=case.version, status="evaluating")
    with pytest.raises(ConflictError):
        triage(store, case.id, actor="b", now=NOON, version=case.version, status="closed")


def test_a_decision_says_what_it_needs(store: Store) -> None:
    burst(store, 0)
    (case,) = every_case(store)
    for wrong in (
        {"status": "dismissed"},
        {"status": "watching"},
        {"status": "x"},
        {"status": "watching", "until": NOON - 1},
    ):
        with pytest.raises(InputError):
            triage(store, case.id, actor="a", now=NOON, version=case.version, **wrong)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(NotFoundError):
        triage(store, "K-0000-0000", actor="a", now=NOON, version=1, status="closed")


def test_a_notification_counts_once_and_is_written_down(store: Store) -> None:
    burst(store, 0)
    (case,) = every_case(store)
    assert case.notified is None
    version = triage(store, case.id, actor="a", now=NOON, version=case.version, notified=True, comment="電話")
    triage(store, case.id, actor="b", now=NOON + 5, version=version, notified=True)
    (case,) = every_case(store)
    assert (case.notified, case.status) == (NOON, "new")
    with store.catalogue.read() as tx:
        acts = [(r.act, r.actor, r.comment) for r in tx.execute(tables.case_log.select())]
    assert acts.count(("notify", "a", "電話")) == 1
    assert not any(act == "notify" and actor == "b" for act, actor, _ in acts)


def test_chains_of_days() -> None:
    assert logic.chains(["2026-04-09", "2026-04-01", "2026-04-17", "2026-04-02"]) == [
        ["2026-04-01", "2026-04-02", "2026-04-09"], ["2026-04-17"],
    ]  # fmt: skip
