"""県全体: is everything sending, what burns, what has not been told yet. A body's key sees the same of itself alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core import time
from core.errors import InputError
from dashboards import caserow, denied, wording
from dashboards.frame import surroundings
from dashboards.gaps import gaps
from dashboards.hostile import Shown, shown
from dashboards.matrix import matrix
from dashboards.templating import fill
from dashboards.visit import Rendered, Visit, address
from store import Store
from store import questions as q

LATEST = 6
RULES_SHOWN = 6
URGENT = frozenset({"critical", "high"})
SPARK_HEIGHT = 30.0


@dataclass(frozen=True, slots=True)
class Note:
    """One word under a key figure."""

    text: Shown
    icon: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a sparkline, in SVG units."""

    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure; `href` is empty where nothing lies behind it."""

    name: str
    value: str
    unit: str
    notes: tuple[Note, ...]
    href: str = ""
    spark: tuple[Bar, ...] = ()
    spark_said: str = ""


def spark(days: Sequence[tuple[str, int]]) -> tuple[tuple[Bar, ...], str]:
    """Bars and words of a number a day, the last one today's."""
    most = max((n for _, n in days), default=0) or 1
    bars = []
    for index, (_, number) in enumerate(days):
        height = max(round(number / most * (SPARK_HEIGHT - 2), 1), 1.5)
        bars.append(Bar(index * 9, round(SPARK_HEIGHT - height, 1), height))
    counts = [str(n) for _, n in days]
    return tuple(
        bars
    ), f"直近{len(days)}日の新しい案件: {'、'.join(counts[:-1])}、本日 {counts[-1]} 件" if counts else ""


def new_cases(facets: q.Facets, first: q.Queue, per_day: Sequence[tuple[str, int]], now: int) -> Figure:
    """未着手の案件, with the nearest deadline among them."""
    number = sum(facets.severities.values())
    notes = [
        Note(
            shown(f"うち{wording.SEVERITY[code]} {facets.severities[code]}"),
            kind="is-bad" if code == "critical" else "",
        )
        for code in ("critical", "high")
        if facets.severities.get(code)
    ]
    nearest = first.items[0].due if first.items else None
    if nearest is not None:
        left = nearest - now
        if left < 0:
            notes.append(Note(shown(f"通報期限を {wording.duration(-left)} 超過"), "clock", "is-bad"))
        else:
            notes.append(Note(shown(f"通報期限まで最短 {wording.duration(left)}"), "clock"))
    bars, said = spark(per_day)
    return Figure("未着手の案件", wording.count(number), "件", tuple(notes), "/cases?status=new", bars, said)


def silent(sources: Sequence[q.Source], names: Mapping[str, str], now: int) -> Figure:
    """途絶しているログ送信元, the longest first."""
    gone = sorted((s for s in sources if s.state == "silent"), key=lambda s: s.last_received or 0)
    notes = []
    for index, source in enumerate(gone[:2]):
        whose = names.get(source.tenant, "") or wording.SOURCE.get(source.kind, source.id)
        ago = wording.duration(now - source.last_received) if source.last_received is not None else ""
        notes.append(Note(shown(f"{whose} {ago}"), *(("silent", "is-bad") if not index else ())))
    waiting = sum(1 for s in sources if s.state == "waiting")
    if waiting:
        notes.append(Note(shown(f"未受信 {waiting}")))
    if not notes and sources:
        notes.append(Note(shown("すべて受信中"), "on", "is-well"))
    return Figure("途絶しているログ送信元", wording.count(len(gone)), f"/ {len(sources)}", tuple(notes))


def overdue(health: q.Health, views: Mapping[str, int]) -> Figure:
    """通報期限を過ぎた案件: `due` of the views holds those of the next hour too."""
    soon = max(views.get("due", 0) - health.overdue, 0)
    notes = (
        [Note(shown(f"1時間以内に期限 {soon} 件"), "clock")] if soon else [Note(shown("1時間以内の期限はありません"))]
    )
    if health.overdue:
        notes.insert(0, Note(shown("通報が必要です"), "warn", "is-bad"))
    return Figure("通報期限を過ぎた案件", wording.count(health.overdue), "件", tuple(notes), "/cases?view=due")


def read(lines: int, refused: int) -> Figure:
    """How many lines of the last day could be read."""
    notes = [Note(shown(f"読み取れなかった行 {wording.count(refused)}"), *(("warn", "") if refused else ()))]
    return Figure("受信した行(24時間)", wording.count(lines), "行", tuple(notes))


def by_rule(counts: Mapping[str, int], known: caserow.Known) -> list[dict[str, object]]:
    """Rules with cases that need somebody, the most first."""
    order = sorted(counts, key=lambda rule: (-counts[rule], rule))[:RULES_SHOWN]
    return [
        {"title": caserow.title(rule, known.rules), "count": counts[rule], "href": address("/cases", {"rule": (rule,)})}
        for rule in order
    ]


def asked_span(visit: Visit) -> int:
    """Hours that the chart looks back; InputError for any that isn't offered."""
    text = visit.first("hours", "24")
    if text not in {str(span) for span in denied.SPANS}:
        raise InputError(f"期間 {text} はありません")
    return int(text)


def page(store: Store, visit: Visit) -> Rendered:
    """The page, by a fixed number of questions whatever the number of bodies."""
    tenants, now, span = visit.who.tenants, visit.now, asked_span(visit)
    around = surroundings(store, visit, "overview")
    bodies, health, names = around.bodies, around.health, around.names
    sources = q.sources(store, tenants, now=now)
    untouched = q.CaseFilter(statuses=frozenset({"new"}))
    grave = q.CaseFilter(severities=URGENT)
    last = time.hour_of(now)
    week = 7 * 24
    counted = q.denied(store, tenants, first_hour=last - span + 1, last_hour=last)
    before = q.denied(store, tenants, first_hour=last - span + 1 - week, last_hour=last - week) if span <= week else ()
    latest = q.queue(store, tenants, grave, sort="severity", group=False, limit=LATEST)
    lines = q.lines_read(store, tenants, since=now - wording.DAY, until=now)
    municipalities = sum(1 for body in bodies if body.kind != "prefecture")
    own = f"{municipalities} 団体・" if visit.who.whole else ""
    known = caserow.Known(names, visit.rules, q.terminal_registers(store, tenants, now=now), now)
    figures = (
        new_cases(
            q.facets(store, tenants, untouched),
            q.queue(store, tenants, untouched, limit=1),
            q.opened_per_day(store, tenants, now=now),
            now,
        ),
        silent(sources, names, now),
        overdue(health, around.views),
        read(lines.lines, lines.refused),
    )
    html = fill(
        "overview.html",
        frame=around.frame,
        url=address("/overview", {"hours": (str(span),)}),
        heading=shown("県全体") if visit.who.whole else around.frame.place,
        scope=f"{own}ログ送信元 {len(sources)}",
        spans=[
            {"href": f"/overview?hours={hours}", "word": word, "current": hours == span}
            for hours, (word, _) in denied.SPANS.items()
        ],
        figures=figures,
        matrix=matrix(bodies, q.matrix(store, tenants, now=now), q.open_severities(store, tenants), now=now),
        latest={
            "rows": [caserow.row(e.case, known) for e in latest.items if e.case is not None],
            "total": latest.cases,
            "href": "/cases?severity=critical&severity=high&sort=severity",
        },
        chart=denied.chart(counted, before, span=span, now=now),
        chart_scope="全団体" if visit.who.whole else around.frame.place,
        chart_span=denied.SPANS[span][0],
        by_rule=by_rule(q.facets(store, tenants, q.CaseFilter()).rules, known),
        gaps=gaps(q.coverage(store, visit.due, now=now), health.last_run, rules=len(visit.rules), now=now),
    )
    return Rendered(200, html)
