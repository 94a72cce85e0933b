"""What the simulator planted against what detection found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import time

if TYPE_CHECKING:
    from store.questions import Alert

FAMILIES = {
    "a": ("lgwan_illegitimate_source",),
    "b": ("lgwan_protocol",),
    "c": ("lgwan_p2p",),
    "d": ("lgwan_mass_access", "lgwan_mass_access_target", "web_mass_access", "dns_mass_queries"),
    "flow": ("forbidden_flow", "unregistered_specific_flow"),
}
"""Family of planted cases → beginnings of the ids of the rules that look for it."""

GRAVE = ("critical", "high", "medium")


@dataclass(frozen=True, slots=True)
class Planted:
    """One row of truth.jsonl: what happened, where, when (µs), and what is expected of detection."""

    id: str
    kind: str
    family: str
    expected: str
    tenant: str
    entity: tuple[str, ...]
    first: int
    last: int
    note: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """Planted cases found, missed and over-told, and grave alerts on what nobody planted."""

    found: tuple[Planted, ...]
    missed: tuple[Planted, ...]
    too_grave: tuple[tuple[Planted, Alert], ...]
    unplanted: tuple[Alert, ...]

    @property
    def right(self) -> bool:
        """Whether nothing was missed and nothing was told that isn't there."""
        return not (self.missed or self.too_grave or self.unplanted)


def planted(path: Path) -> list[Planted]:
    """The rows of truth.jsonl that name an entity; shares of ordinary noise name none."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [_planted(r) for r in rows if r["entity"]]


def _planted(row: dict[str, Any]) -> Planted:
    return Planted(
        row["id"], row["kind"], row["rule_family"], row["expected"], row["tenant"], tuple(row["entity"]),
        time.parse_instant(row["first"]), time.parse_instant(row["last"]), row["note"],
    )  # fmt: skip


def judge(truth: Sequence[Planted], alerts: Iterable[Alert]) -> Judgement:
    """Hold alerts against the truth.

    A case that is expected as alert is found when a rule of its family has one on its entity while it lasted. One that
    is expected as aggregate or not at all may appear, but not as 中 or graver. A grave alert on an entity that no case
    names is told as unplanted.
    """
    alerts = list(alerts)
    found: list[Planted] = []
    missed: list[Planted] = []
    too_grave: list[tuple[Planted, Alert]] = []
    for case in truth:
        seen = [a for a in alerts if _about(case, a)]
        if case.expected == "alert":
            (found if any(_family(case.family, a) for a in seen) else missed).append(case)
        else:
            others = [t for t in truth if t is not case and t.expected == "alert"]
            too_grave += [(case, a) for a in seen if a.severity in GRAVE and not any(_about(t, a) for t in others)]
    unplanted = [a for a in alerts if a.severity in GRAVE and not any(_about(case, a) for case in truth)]
    return Judgement(tuple(found), tuple(missed), tuple(too_grave), tuple(unplanted))


def _about(case: Planted, alert: Alert) -> bool:
    same = alert.tenant == case.tenant and (set(case.entity) & set(alert.entity) or alert.entity == ("*",))
    return bool(same) and alert.first_seen <= case.last and case.first <= alert.last_seen


def _family(family: str, alert: Alert) -> bool:
    return alert.rule.startswith(FAMILIES[family])
