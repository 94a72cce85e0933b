"""検知の理由: the limit beside what was seen, the clause, and what else it may have been."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards import wording
from dashboards.hostile import Shown, shown
from dashboards.visit import RuleWords
from detections import evidence

WIDTH = 380
"""Of the drawing, in SVG units."""
COUNTED = {
    "dst_ip": ("通信先の数", "台"),
    "dst_port": ("ポートの数", "個"),
    "src_ip": ("通信元の数", "台"),
    "url_host": ("相手の数", "個"),
    "qname": ("問い合わせた名前の数", "個"),
    "attempts": ("試行の数", "回"),
    "events": ("件数", "件"),
}
_DURATION = re.compile(r"^(\d+)([smhd])$")
_UNITS = {"s": wording.SECOND, "m": wording.MINUTE, "h": wording.HOUR, "d": wording.DAY}


@dataclass(frozen=True, slots=True)
class Versus:
    """Limit and observation on one scale: x positions in SVG units, and their words."""

    limit_x: float
    seen_x: float
    limit: str
    seen: str
    axis: str
    said: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Context of the card."""

    code: str
    title: str
    versus: Versus | None
    layers: str
    severity: Shown
    clause: str
    quote: str
    attack: str
    benign: Shown
    fingerprint: str


def _resolved(value: Any, parameters: Mapping[str, Any]) -> Any:
    """A number or a duration of a layer, a parameter's where it names one; durations in µs."""
    if isinstance(value, str) and value.startswith("$"):
        value = parameters.get(value[1:])
    if isinstance(value, str) and (found := _DURATION.match(value)):
        return int(found[1]) * _UNITS[found[2]]
    return value


def _fired(rule: RuleWords, facts: evidence.Facts) -> Sequence[Any]:
    """The layers of the rule that fired, those with a limit first."""
    names = evidence.layers(facts)
    fired = [layer for layer in rule.layers if layer.name in names] or list(rule.layers)
    return sorted(fired, key=lambda layer: layer.at_least is None)


def versus(rule: RuleWords, facts: evidence.Facts) -> Versus | None:
    """The drawing; None where the rule has no limit, or nothing was measured against it."""
    fired = _fired(rule, facts)
    seen = evidence.peak(facts, fired[0].name) if fired else 0
    limit = _resolved(fired[0].at_least, rule.parameters) if fired else None
    if not isinstance(limit, int) or limit < 1 or not seen:
        return None
    layer = fired[0]
    counted = (layer.distinct or [layer.measure or "events"])[0]
    axis, unit = COUNTED.get(counted, ("異なる値の数", "個"))
    window = _resolved(layer.window, rule.parameters)
    span = f" / {wording.duration(window)}" if isinstance(window, int) else ""
    most = max(limit, seen) * 1.25
    return Versus(
        limit_x=round(limit / most * WIDTH, 1),
        seen_x=round(seen / most * WIDTH, 1),
        limit=f"しきい値 {wording.count(limit)} {unit}",
        seen=f"観測 {wording.count(seen)} {unit}{span}",
        axis=axis,
        said=f"{span.replace(' / ', '')}に: しきい値 {wording.count(limit)} {unit}、観測 {wording.count(seen)} {unit}",
    )


def reason(rule: RuleWords, facts: evidence.Facts, fingerprint: str) -> Reason:
    """The card of one alert."""
    fired = "、".join(dict.fromkeys(layer.title_ja for layer in _fired(rule, facts) if layer.title_ja))
    return Reason(
        code=rule.code,
        title=rule.title_ja,
        versus=versus(rule, facts),
        layers=fired,
        severity=shown(evidence.severity_line(facts)),
        clause="・".join(rule.clause),
        quote=rule.clause_quote,
        attack="、".join(rule.attack),
        benign=shown("。".join(text.rstrip("。") for text in rule.false_positives_ja)),
        fingerprint=fingerprint[:6],
    )
