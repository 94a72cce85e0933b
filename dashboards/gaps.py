"""検知の抜け: what has and has not been evaluated, day by day. A gap is a due cell, and nothing else is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core import time
from dashboards import wording
from store import questions as q

STRIP_WIDTH = 300


@dataclass(frozen=True, slots=True)
class Day:
    """One bar of the strip: where it stands (SVG units) and what state it has."""

    x: float
    width: float
    kind: str


@dataclass(frozen=True, slots=True)
class Gaps:
    """Context of the card."""

    headline: str
    good: bool
    scope: str
    strip: tuple[Day, ...]
    strip_said: str
    first: str
    last: str
    exceptions: tuple[str, ...]
    rows: tuple[tuple[str, str, str], ...]


def _kind(day: q.CoverageDay) -> tuple[str, str]:
    if day.failed:
        return "failed", f"{wording.count(day.failed)} 区間の評価に失敗"
    if day.due:
        return "due", f"{wording.count(day.due)} 区間が評価待ち"
    if not day.done + day.learning + day.frozen:
        return "empty", ""
    return "done", ""


def gaps(coverage: q.Coverage, run: q.Run | None, *, rules: int, now: int) -> Gaps:
    """The card, from coverage and from the newest run."""
    slot = STRIP_WIDTH / max(len(coverage.days), 1)
    strip, exceptions, empty = [], [], 0
    for index, day in enumerate(coverage.days):
        kind, said = _kind(day)
        strip.append(Day(round(index * slot, 1), round(slot * 0.86, 1), kind))
        if kind == "empty":
            empty += 1
        elif said:
            exceptions.append(f"{wording.short_day(date.fromisoformat(day.day))} {said}")
    if empty:
        exceptions.append(f"灰色の {empty} 日は評価するログなし")
    due = coverage.due_cells
    rows = []
    if not coverage.due:
        headline = "未評価の期間はありません。"
    else:
        waiting = len({d.producer for d in coverage.due})
        oldest = min(d.hour for d in coverage.due)
        headline = f"評価待ちの期間が {wording.count(due)} 区間あります。"
        rows.append(("評価待ち", f"{waiting} 規則", f"最長 {wording.duration(now - coverage.due[0].since)}"))
        rows.append(("最も古い区間", wording.moment(time.hour_start(oldest), now), "から1時間"))
    learning = sum(d.learning for d in coverage.days)
    if learning:
        rows.append(("学習中", f"{wording.count(learning)} 区間", ""))
    if run is not None:
        ended = "実行中" if run.ended is None else wording.exact_duration(run.ended - run.started)
        rows.append(("最後の実行", wording.moment(run.started, now), f"({'失敗' if run.error else ended})"))
        rows.append(
            ("その実行で", f"{wording.count(run.cells)} 区間を評価", f"検知の改訂 {wording.count(run.alerts)} 件")
        )
    days = [date.fromisoformat(d.day) for d in coverage.days]
    return Gaps(
        headline=headline,
        good=not due and not any(d.failed for d in coverage.days),
        scope=f"{rules} 規則・直近{len(days)}日",
        strip=tuple(strip),
        strip_said=f"直近{len(days)}日の評価の状況。" + ("、".join(exceptions) or "すべて評価済み"),
        first=wording.short_day(days[0]) if days else "",
        last=wording.short_day(days[-1]) if days else "",
        exceptions=tuple(exceptions),
        rows=tuple(rows),
    )
