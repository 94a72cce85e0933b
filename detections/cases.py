"""Cases: chains of alerts on which people work, and what is material enough to bring a judged one back.

A case is the chain of live alerts of one (rule, body, entity) whose days are at most CONTINUATION_DAYS apart: a function
of the alerts, so it comes out the same in any order; its id, log and judgements are history. Reasons why a revision is
material, as `revisions.material` names them:

| word | |
|---|---|
| new | the first alert of a case |
| recurring | it comes again after a break longer than CONTINUATION_DAYS (再燃) |
| severity | it is graver than what was judged |
| allowed | a first row that was allowed |
| zone, port, peer | a first destination zone, port or peer beyond those judged (`spread`: twice as many) |
| tenfold | ten times the count |
| late | evidence from before the judgement came more than an hour after it happened |
| expired | watching, or the term of a known misconfiguration, has ended |
| withdrawn | an alert that a person had judged is retracted |
"""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from core import time
from detections.rule import LEVELS
from store.alerts import Change

CONTINUATION_DAYS = 7
SETTLED = ("watching", "dismissed", "closed")
"""Statuses from which a material change takes a case back into the queue; in the others somebody is at work."""


@dataclass(frozen=True, slots=True)
class Target:
    """How long the body may be left untold, from reception (µs); None: no clock runs (monthly)."""

    within: int | None


@cache
def targets() -> Mapping[str, Target]:
    """The targets by severity, from detections/targets.toml."""
    given = tomllib.loads((Path(__file__).parent / "targets.toml").read_text("utf-8"))
    minutes = {level: given.get(level, {}).get("minutes") for level in LEVELS}
    return {level: Target(m * 60_000_000 if m else None) for level, m in minutes.items()}


def chains(days: Iterable[str]) -> list[list[str]]:
    """Days (ISO) as chains, each in order: a break of more than CONTINUATION_DAYS begins another."""
    out: list[list[str]] = []
    for day in sorted(set(days)):
        if out and date.fromisoformat(day) - date.fromisoformat(out[-1][-1]) <= timedelta(days=CONTINUATION_DAYS):
            out[-1].append(day)
        else:
            out.append([day])
    return out


def gravest(levels: Iterable[str]) -> str:
    """The gravest of some severities."""
    return min(levels, key=LEVELS.index, default="info")


def continuity(days: Sequence[str], *, recurring: bool, retroactive: bool) -> str:
    """new | continuing | recurring | retroactive."""
    if retroactive:
        return "retroactive"
    if len(days) > 1:
        return "continuing"
    return "recurring" if recurring else "new"


def deadline(level: str, received: int) -> int | None:
    """When the body has to be told, by the severity, counted from when the evidence was received (µs)."""
    within = targets()[level].within
    return None if within is None else received + within


def material(change: Change, seen: Mapping[str, Any], *, spread: bool) -> list[str]:
    """Why a change of an alert is more than a continuation of what was judged (`seen`, see `store.cases.seen`)."""
    row, facts = change.row, json.loads(change.row["facts"])
    reasons = []
    if LEVELS.index(row["severity"]) < LEVELS.index(seen["severity"]):
        reasons.append("severity")
    if facts["verdicts"]["allow"] and not seen["allow"]:
        reasons.append("allowed")
    for word, name, known in (
        ("zone", "dst_zones", "zones"),
        ("port", "ports", "ports"),
        ("peer", "destinations", "peers"),
    ):
        values = set(facts["values"].get(name, {}).get("list", ()))
        fresh = values - set(seen[known])
        if fresh and (word == "zone" or not spread or len(values) >= 2 * max(1, len(seen[known]))):
            reasons.append(word)
    if row["count"] >= 10 * max(1, seen["count"]):
        reasons.append("tenfold")
    if change.late and row["first_seen"] < seen["at"]:
        reasons.append("late")
    return reasons


def expired(case: Mapping[str, Any], now: int) -> bool:
    """Whether the end that a person set has passed."""
    return case["until"] is not None and case["until"] <= now and case["status"] in SETTLED


def jst_day(instant: int) -> str:
    """The JST day of an instant, ISO."""
    return time.day_of(instant).isoformat()
