"""Alerts and cases as JSON objects, the same for every command that prints them, and pages of questions in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from core import time

if TYPE_CHECKING:
    from detections.rule import Rule
    from store import Store
    from store.questions import Alert, CaseRow, Listing

T = TypeVar("T")
PAGE = 500


def every(page: Callable[[str | None], Listing[T]]) -> Iterator[T]:
    """All rows of a question, page by page; `page` takes a cursor."""
    cursor: str | None = None
    while True:
        found = page(cursor)
        yield from found.items
        if found.next is None:
            return
        cursor = found.next


def words(text: str) -> frozenset[str]:
    """The words of an option that takes several, separated by commas."""
    return frozenset(w.strip() for w in text.split(",") if w.strip())


def alerts(store: Store, where: Any) -> Iterator[Alert]:
    """All alerts that a filter of store.questions lets through, oldest first."""
    from store import questions

    everyone = questions.Everyone.ALL
    return every(lambda c: questions.alerts(store, everyone, where, sort="last_seen", cursor=c, limit=PAGE))


def words_of_rules() -> Mapping[str, Rule]:
    """The rules of this installation, for what they say to people."""
    from core.settings import load as settings
    from detections.loading import texts

    return texts(settings().rules)


def _told(one: Alert | CaseRow, rules: Mapping[str, Rule]) -> dict[str, str]:
    from detections.sentence import told

    return asdict(told(rules, one.rule, one.entity, one.entity_type, one.facts))


def alert_record(a: Alert, rules: Mapping[str, Rule]) -> dict[str, Any]:
    """Every fact of an alert, and what is told of it; times as RFC 3339 in UTC."""
    return {
        "id": a.id, "rule": a.rule, "severity": a.severity, "tenant": a.tenant, "entity": list(a.entity),
        "entity_type": a.entity_type, "day": a.day, "first_seen": time.iso(a.first_seen),
        "last_seen": time.iso(a.last_seen), "count": a.count, "carried": a.carried, "verdict": a.verdict,
        "state": a.state, "reason": a.reason, "revision": a.revision, "case": a.case_id, "fingerprint": a.fingerprint,
        **_told(a, rules), "facts": a.facts,
    }  # fmt: skip


def case_record(c: CaseRow, rules: Mapping[str, Rule]) -> dict[str, Any]:
    """Every fact of a case, those of its newest alert, and what is told of it; times as RFC 3339 in UTC."""
    times = {name: getattr(c, name) for name in ("first_seen", "last_seen", "opened", "due", "taken", "notified")}
    return {
        "id": c.id, "rule": c.rule, "severity": c.severity, "tenant": c.tenant, "entity": list(c.entity),
        "entity_type": c.entity_type, "status": c.status, "reason": c.reason, "assignee": c.assignee,
        "continuity": c.continuity, "verdict": c.verdict, "first_day": c.first_day, "last_day": c.last_day,
        "alerts": c.alerts, "count": c.count, "version": c.version,
        **{name: None if at is None else time.iso(at) for name, at in times.items()},
        "alert": c.alert_id, **_told(c, rules), "facts": c.facts,
    }  # fmt: skip


def clock(instant: int) -> str:
    """An instant as people in Japan read it."""
    return time.from_us(instant).astimezone(time.JST).strftime("%m-%d %H:%M:%S")
