"""Facts of alerts: partial facts of an hour that merge exactly, and the JSON that an alert shows.

A *partial* is what one JST hour adds to (rule, body, entity). It merges by sum, min, max and union, so that the facts of
a day are the same however its hours were evaluated. It holds counts of the evidence whose own time lies in the hour.
Rows of a rule's several inputs merge in the same way: counts add up, episodes are those of each input.

`alerts.facts` (JSON) holds, for the JST day:

| key | value |
|---|---|
| `count` | events of the day's evidence (sum of event_count); never cut |
| `lines`, `attempts` | log lines; attempts (a denied TCP 5-tuple counts once in 30 s) |
| `carried` | events before midnight that a window firing in this day holds; not part of `count` |
| `first_seen`, `last_seen` | µs, of the day's evidence |
| `episodes` | bursts that began in this day (evidence ≥ w after the evidence before it); 0 where one goes on from the day before |
| `hours` | number of hours in which it fired |
| `peak`, `peaks` | highest value of a firing window; by layer: {"fanout": 31} |
| `layers` | names of the layers that fired, sorted |
| `verdicts` | events by verdict: {"allow": 0, "deny": 12, "blocked_later": 0, "none": 0}; blocked_later = let in, then cut |
| `outcomes` | events by outcome, only those that occur: {"attempted": 3} |
| `counts` | the rule's [counts]: {"name": events} |
| `values` | {name: {"list": [texts, earliest first, ≤ 64], "more": there are others}}: destinations, ports ("tcp/443"), dst_zones, |
| | src_zones, sources, devices, users, and the rule's own [values] |
| `terminals` | {"list": [{"address","name","section","room","kind","criticality","contact"}…], "more"}: register entries of src |
| `macs` | {"list": [{"mac", "match": match｜mismatch｜not_logged｜behind_router｜null}…], "more"} |
| `nat` | {"list": ["198.51.100.7:40312"…], "more"}: src after translation |
| `samples` | [{"kind": "first"｜"firing"｜"last", "time": µs, "batch": seq, "line": n}…]: chosen by content; the place is history |
| `time_quality` | the worst of its lines |
| `count_quality` | exact; aggregated: a line stands for several events, so a rate is an upper bound; lower_bound: there were more, |
| | as the line itself says or its device said in the same minute (log lines dropped or rate-limited) |
| `deny_only` | every line is from a source that sends denied packets only |
| `severity_line` | the line of the rule's table that held |
| `entities` | only where the alert stands for more than 1,000 entities (entity ["*"]): their exact number |

What is history and no fact stands in columns of `alerts`: revision, received, case. Lists are ordered by first time seen,
then by value.
"""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.columns import COUNT_QUALITIES, TIME_QUALITIES
from detections.rule import Rule, Severity, When

VERSION = 2
"""Raised when partial facts of the same rows come out otherwise: every cell is then evaluated anew."""
KEPT = 64
"""Distinct values that are kept of each name."""
APART = ("terminals", "macs", "nat")
"""Standard values that stand beside `values` in an alert's facts."""
QUALITIES = ("exact", "zone_assumed", "year_inferred", "received", "implausible")
assert set(QUALITIES) == set(TIME_QUALITIES)  # noqa: S101 - says what can not be otherwise
VERDICTS = ("allow", "deny", "blocked_later", "none")


@dataclass(slots=True)
class Partial:
    """What one hour adds to an alert, or several hours merged."""

    count: int = 0
    lines: int = 0
    attempts: int = 0
    carried: int = 0
    first: int = 2**62
    last: int = -1
    episodes: int = 0
    hours: int = 0
    peaks: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    values: dict[str, tuple[list[tuple[int, str]], bool]] = field(default_factory=dict)
    samples: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    quality: int = 0
    counted: int = 0
    deny_only: bool = True
    # History: of reception, not of what happened.
    received_first: int = 2**62
    received_last: int = -1
    late: int = 0
    prompt: int = 0

    def body(self) -> dict[str, Any]:
        """The facts as JSON holds them."""
        return {
            "count": self.count, "lines": self.lines, "attempts": self.attempts, "carried": self.carried,
            "first": self.first, "last": self.last, "episodes": self.episodes, "hours": self.hours, "peaks": self.peaks,
            "verdicts": self.verdicts, "outcomes": self.outcomes, "counts": self.counts,
            "values": {n: [[list(p) for p in pairs], more] for n, (pairs, more) in self.values.items()},
            "samples": {k: list(v) for k, v in self.samples.items()}, "quality": self.quality, "counted": self.counted,
            "deny_only": self.deny_only, "history": [self.received_first, self.received_last, self.late, self.prompt],
        }  # fmt: skip

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Partial:
        """The partial that `body` was made from."""
        first, last, late, prompt = body["history"]
        return cls(
            body["count"], body["lines"], body["attempts"], body["carried"], body["first"], body["last"],
            body["episodes"], body["hours"], dict(body["peaks"]), dict(body["verdicts"]), dict(body["outcomes"]),
            dict(body["counts"]),
            {n: ([(t, v) for t, v in pairs], more) for n, (pairs, more) in body["values"].items()},
            {k: (v[0], v[1], v[2]) for k, v in body["samples"].items()}, body["quality"], body["counted"], body["deny_only"],
            first, last, late, prompt,
        )  # fmt: skip


def merge(parts: Iterable[Partial]) -> Partial:
    """The facts of several hours, or of several entities, together."""
    out = Partial()
    lists: dict[str, list[list[tuple[int, str]]]] = {}
    more: dict[str, bool] = {}
    for p in parts:
        for name in ("count", "lines", "attempts", "carried", "episodes", "hours", "late", "prompt"):
            setattr(out, name, getattr(out, name) + getattr(p, name))
        for name in ("first", "received_first"):
            setattr(out, name, min(getattr(out, name), getattr(p, name)))
        for name in ("last", "quality", "counted", "received_last"):
            setattr(out, name, max(getattr(out, name), getattr(p, name)))
        out.deny_only = out.deny_only and p.deny_only
        for layer, peak in p.peaks.items():
            out.peaks[layer] = max(out.peaks.get(layer, 0), peak)
        for mine, theirs in ((out.verdicts, p.verdicts), (out.outcomes, p.outcomes), (out.counts, p.counts)):
            for key, number in theirs.items():
                mine[key] = mine.get(key, 0) + number
        for name, (pairs, cut) in p.values.items():
            lists.setdefault(name, []).append(pairs)
            more[name] = more.get(name, False) or cut
        for kind, sample in p.samples.items():
            held = out.samples.get(kind)
            later = held is not None and ((sample[0] > held[0]) if kind == "last" else (sample[0] < held[0]))
            if held is None or later:
                out.samples[kind] = sample
    for name, several in lists.items():
        pairs = several[0] if len(several) == 1 else _earliest(several)
        out.values[name] = (pairs[:KEPT], more[name] or len(pairs) > KEPT)
    return out


def _earliest(several: Iterable[list[tuple[int, str]]]) -> list[tuple[int, str]]:
    first: dict[str, int] = {}
    for pairs in several:
        for at, value in pairs:
            if at < first.get(value, 2**62):
                first[value] = at
    return sorted((at, value) for value, at in first.items())


def verdict(p: Partial) -> str:
    """The gravest verdict: allow, blocked_later, deny, or empty."""
    return next((v for v in ("allow", "blocked_later", "deny") if p.verdicts.get(v)), "")


def severity(rule: Rule, p: Partial) -> Severity:
    """The first line of the rule's table that holds."""
    return next(line for line in rule.severity if holds(line.when, p))


def holds(when: When, p: Partial) -> bool:
    """Whether every condition of a severity line holds."""
    least = (
        (when.min_count, p.count), (when.min_attempts, p.attempts), (when.min_lines, p.lines),
        (when.min_peak, max(p.peaks.values(), default=0)), (when.min_episodes, p.episodes), (when.min_hours, p.hours),
        (when.min_allow, p.verdicts.get("allow", 0)), (when.min_deny, p.verdicts.get("deny", 0)),
        (when.min_blocked_later, p.verdicts.get("blocked_later", 0)),
        (when.min_established, p.outcomes.get("established", 0)),
        *((wanted, p.peaks.get(name, 0)) for name, wanted in when.peaks.items()),
        *((wanted, p.counts.get(name, 0)) for name, wanted in when.counts.items()),
        *((wanted, len(p.values.get(name, ([], False))[0])) for name, wanted in when.distinct.items()),
    )  # fmt: skip
    return (
        all(value >= limit for limit, value in least)
        and set(when.layers) <= set(p.peaks)
        and not set(when.without_layers) & set(p.peaks)
        and all(
            {v for _, v in p.values.get(name, ([], False))[0]} & set(wanted) for name, wanted in when.has.items()
        )
    )  # fmt: skip


def shown(rule: Rule, p: Partial, *, entities: int = 0) -> dict[str, Any]:
    """The facts as an alert keeps them; see the table above."""
    lists: dict[str, Any] = {}
    for name in sorted({*rule.kept, *APART}):
        pairs, more = p.values.get(name, ([], False))
        lists[name] = {"list": [v for _, v in pairs], "more": more}
    apart: dict[str, Any] = {name: lists.pop(name) for name in APART}
    apart["terminals"]["list"] = [json.loads(text) for text in apart["terminals"]["list"]]
    apart["macs"]["list"] = [
        {"mac": m, "match": s or None} for m, _, s in (t.partition(" ") for t in apart["macs"]["list"])
    ]
    out = {
        "count": p.count, "lines": p.lines, "attempts": p.attempts, "carried": p.carried, "first_seen": p.first,
        "last_seen": p.last, "episodes": p.episodes, "hours": p.hours, "peak": max(p.peaks.values(), default=0),
        "peaks": dict(sorted(p.peaks.items())), "layers": sorted(p.peaks),
        "verdicts": {v: p.verdicts.get(v, 0) for v in VERDICTS}, "outcomes": dict(sorted(p.outcomes.items())),
        "counts": {name: p.counts.get(name, 0) for name in sorted(rule.counts)}, "values": lists, **apart,
        "samples": [
            {"kind": kind, "time": s[0], "batch": s[1], "line": s[2]}
            for kind in ("first", "firing", "last") if (s := p.samples.get(kind))
        ],
        "time_quality": QUALITIES[p.quality], "count_quality": COUNT_QUALITIES[p.counted], "deny_only": p.deny_only,
        "severity_line": severity(rule, p).line_ja,
    }  # fmt: skip
    return out | {"entities": entities} if entities else out


def pure(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts without the places of samples, which are history."""
    samples = [{"kind": s["kind"], "time": s["time"]} for s in facts["samples"]]
    return {**facts, "samples": samples}
