"""What people are told of an alert: its rule's words, filled with what its facts say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from core import time
from detections import evidence
from detections.rule import Rule

SHOWN = 3


class Words(Protocol):
    """What is read of a rule."""

    @property
    def sentence_ja(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Told:
    """An alert in its rule's words; empty where the rule is not among those loaded."""

    title_ja: str = ""
    sentence_ja: str = ""
    action: str = ""
    action_ja: str = ""


def told(
    rules: Mapping[str, Rule], rule: str, entity: tuple[str, ...], entity_type: str, facts: evidence.Facts
) -> Told:
    """The words of the rule that found it, or that bears its name now.

    Args:
        rules: Those loaded, by id.
        rule: Id in the alert.
        entity: Values of the alert's entity.
        entity_type: What they are.
        facts: Of the alert.
    """
    found = rules.get(rule) or next((one for one in rules.values() if rule in one.former_ids), None)
    if found is None:
        return Told()
    return Told(found.title_ja, sentence(found, entity, entity_type, facts), found.action, found.action_ja)


def _terminal(entity: tuple[str, ...], entity_type: str, facts: evidence.Facts) -> str:
    fitting = evidence.identified(entity_type, facts)
    if len(fitting) == 1:
        named = fitting[0].name or fitting[0].address
        return f"{fitting[0].section}の端末 {named} " if fitting[0].section else f"端末 {named} "
    if len(fitting) > 1:
        return f"端末({len(fitting)} 台の候補があり、1台に定まらない)"
    value = next((v for v in entity if v), "不明な通信元")
    if entity == ("*",):
        return "多数の端末"
    if entity_type == "class":
        return f"{len(evidence.terminals(facts)) or '複数'} 台の端末"
    return f"端末 {value} " if entity_type == "address" else f"{evidence.ENTITY.get(entity_type, '')} {value} ".lstrip()


def _clock(facts: evidence.Facts, name: str) -> str:
    at = facts.get(name)
    return f"{time.from_us(at).astimezone(time.JST):%H:%M}" if isinstance(at, int) else ""


def _day(facts: evidence.Facts) -> str:
    at = facts.get("last_seen")
    day = time.day_of(at) if isinstance(at, int) else None
    return f"{day.month}月{day.day}日" if day else ""


def sentence(rule: Words, entity: tuple[str, ...], entity_type: str, facts: evidence.Facts) -> str:
    """The sentence; a place that the facts know nothing of stays empty rather than breaking the page.

    Args:
        rule: Whose `sentence_ja` is filled.
        entity: Values of the alert's entity.
        entity_type: What they are.
        facts: Of the alert.
    """
    kept = facts.get("values") or {}
    places: defaultdict[str, str] = defaultdict(str)
    for name in kept:
        found = evidence.values(facts, name)
        places[name] = found.first(SHOWN)
        places[f"{name}_count"] = found.number
    destinations, ports = evidence.destinations(facts), evidence.ports(facts)
    count = int(facts.get("count", 0))
    made = _terminal(entity, entity_type, facts)
    places |= {
        "terminal": made,
        "entity": "・".join(v for v in entity if v),
        "count": f"{count:,}",
        "attempts": f"{evidence.attempts(facts) or count:,}",
        "dst_count": destinations.number,
        "destinations": destinations.first(SHOWN),
        "ports": ports.first(SHOWN),
        "protocols": ports.first(SHOWN),
        "peak": f"{int(facts.get('peak') or 0):,}",
        "first": _clock(facts, "first_seen"),
        "last": _clock(facts, "last_seen"),
        "day": _day(facts),
        "layers": "・".join(evidence.layers(facts)),
        "line": evidence.severity_line(facts),
        "section": next((t.section for t in evidence.terminals(facts)), ""),
    }
    return rule.sentence_ja.format_map(places).strip()
