"""Answers of the store, made by hand: every field has a value, and a test names those that matter to it."""

from __future__ import annotations

from typing import Any

from core import time
from store import questions as q

NOW = time.parse_instant("2026-11-20T14:32:10+09:00")
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
TOWN = "479047"


def at(text: str) -> int:
    """µs of a Japanese clock time, on the day of NOW where no day is given."""
    return time.parse_instant(text if "T" in text else f"2026-11-20T{text}+09:00", time.JST)


def facts(**changes: Any) -> dict[str, Any]:
    """Facts of an alert; `destinations=["…"]` and the like set values."""
    values: dict[str, Any] = {
        "destinations": ["198.51.100.12"],
        "ports": ["tcp/445"],
        "src_zones": ["LGC"],
        "dst_zones": ["LGWAN"],
    }
    values |= {name: changes.pop(name) for name in list(changes) if name in (*values, "sources", "devices", "users")}
    made: dict[str, Any] = {
        "count": 12, "lines": 12, "attempts": 4, "carried": 0, "first_seen": at("11:31:44"), "last_seen": at("14:20:41"),
        "episodes": 1, "hours": 1, "peak": 0, "peaks": {}, "layers": ["main"],
        "verdicts": {"allow": 0, "deny": 12, "blocked_later": 0, "none": 0}, "outcomes": {"attempted": 12}, "counts": {},
        "values": {name: {"list": found, "more": False} for name, found in values.items()},
        "terminals": {"list": [], "more": False}, "macs": {"list": [], "more": False}, "nat": {"list": [], "more": False},
        "samples": [], "time_quality": "exact", "count_quality": "exact", "deny_only": False, "severity_line": "拒否 × 試行のみ",
    }  # fmt: skip
    return made | changes


def case(**changes: Any) -> q.CaseRow:
    """A case of 川上町, seen today."""
    made: dict[str, Any] = {
        "id": "K-2611-0412", "rule": "lgwan_protocol", "tenant": TOWN, "entity": ("10.23.12.57",), "entity_type": "address",
        "status": "new", "reason": "", "until": None, "assignee": "", "severity": "high", "continuity": "new",
        "verdict": "deny", "count": 428, "alerts": 1, "days": 1, "first_day": "2026-11-20", "last_day": "2026-11-20",
        "previous_last_day": None, "first_seen": at("11:31:44"), "last_seen": at("14:20:41"), "opened": at("11:52:31"),
        "due": at("12:22"), "taken": None, "notified": None, "version": 3, "revised": False, "others": 0, "alert_id": "a" * 64,
        "revision": 1, "facts": facts(),
    }  # fmt: skip
    return q.CaseRow(**(made | changes))


def alert(**changes: Any) -> q.Alert:
    """The alert of that case."""
    made: dict[str, Any] = {
        "id": "a" * 64, "rule": "lgwan_protocol", "tenant": TOWN, "entity": ("10.23.12.57",), "entity_type": "address",
        "day": "2026-11-20", "candidate": False, "state": "live", "reason": "", "severity": "high", "verdict": "deny", "count": 12,
        "carried": 0, "first_seen": at("11:31:44"), "last_seen": at("14:20:41"), "facts": facts(), "fingerprint": "f" * 64,
        "revision": 1, "created": at("11:52:31"), "revised": at("14:25:08"), "received": at("14:21:00"), "case_id": "K-2611-0412",
    }  # fmt: skip
    return q.Alert(**(made | changes))


def revision(**changes: Any) -> q.Revision:
    """A revision of that alert."""
    made: dict[str, Any] = {
        "alert": "a" * 64, "revision": 2, "at": at("13:36"), "seq": 7, "state": "live", "severity": "high", "changes": {},
        "material": "",
    }  # fmt: skip
    return q.Revision(**(made | changes))


def health(**changes: Any) -> q.Health:
    """Everything well."""
    run = q.Run(started=NOW - 2 * MINUTE, ended=NOW - MINUTE, seq=9, cells=3, alerts=0, error="")
    made: dict[str, Any] = {
        "now": NOW, "last_received": NOW - 3_000_000, "last_run": run, "evaluated_to": NOW - 2 * MINUTE, "due": 0, "failed": 0,
        "silent": 0, "waiting": 0, "sources": 5, "overdue": 0,
    }  # fmt: skip
    return q.Health(**(made | changes))


def feed(**changes: Any) -> q.Feed:
    """A firewall that sends."""
    made: dict[str, Any] = {
        "tenant": TOWN, "kind": "lgwan_firewall", "state": "receiving", "last_received": NOW - 14_000_000,
        "last_event": NOW - 15_000_000, "silent_since": None, "deny_only": False, "shared": False, "sources": ("kwk-lgfw",),
    }  # fmt: skip
    return q.Feed(**(made | changes))


def body(**changes: Any) -> q.Body:
    """川上町."""
    made = {"code": TOWN, "name": "川上町", "kind": "municipality", "model": "alpha", "contact": ""}
    return q.Body(**(made | changes))


def source(**changes: Any) -> q.Source:
    """Its firewall as a source."""
    made: dict[str, Any] = {
        "id": "kwk-lgfw", "tenant": TOWN, "shared": False, "kind": "lgwan_firewall", "format": "fortinet_fortigate", "title": "",
        "transport": "syslog", "line": "", "encoding": "utf-8", "deny_only": True, "devices": ("KWK-LGFW-01",),
        "state": "receiving", "last_received": NOW - 14_000_000, "last_event": NOW - 15_000_000, "silent_since": None,
        "silent_after": 30 * MINUTE, "lines_day": 1_000, "refused_day": 0,
    }  # fmt: skip
    return q.Source(**(made | changes))
