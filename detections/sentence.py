"""The plain sentence of an alert: a rule's words, filled with what its facts say."""

from __future__ import annotations

from collections import defaultdict

from core import time
from dashboards import evidence, wording
from dashboards.visit import RuleWords

SHOWN = 3


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
    return f"端末 {value} " if entity_type == "address" else f"{wording.ENTITY.get(entity_type, '')} {value} ".lstrip()


def _clock(facts: evidence.Facts, name: str) -> str:
    at = facts.get(name)
    return wording.minute(at) if isinstance(at, int) else ""


def _day(facts: evidence.Facts) -> str:
    at = facts.get("last_seen")
    return wording.plain_day(time.day_of(at)) if isinstance(at, int) else ""


def sentence(rule: RuleWords, entity: tuple[str, ...], entity_type: str, facts: evidence.Facts) -> str:
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
    made = _terminal(entity, entity_type, facts)
    places |= {
        "terminal": made,
        "entity": "・".join(v for v in entity if v),
        "count": wording.count(int(facts.get("count", 0))),
        "attempts": wording.count(evidence.attempts(facts) or int(facts.get("count", 0))),
        "dst_count": destinations.number,
        "destinations": destinations.first(SHOWN),
        "ports": ports.first(SHOWN),
        "protocols": ports.first(SHOWN),
        "peak": wording.count(int(facts.get("peak") or 0)),
        "first": _clock(facts, "first_seen"),
        "last": _clock(facts, "last_seen"),
        "day": _day(facts),
        "layers": "・".join(evidence.layers(facts)),
        "line": evidence.severity_line(facts),
        "section": next((t.section for t in evidence.terminals(facts)), ""),
    }
    return rule.sentence_ja.format_map(places).strip()
