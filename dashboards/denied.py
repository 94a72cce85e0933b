"""The chart of denied rows towards LGWAN: hours by what became of the rows, as a legend, a table and data for uPlot.

Every denied row is in exactly one bin (promise 6), so the parts add up to the total that is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core import time
from dashboards import wording
from store import questions as q

SPANS = {24: ("24時間", 1), 168: ("7日", 3), 720: ("30日", 24)}
"""Hours that can be looked at → their name, and how many hours make one step of the chart."""
SERIES = {
    "alert": "検知に含まれる",
    "none": "規則に該当なし",
    "config": "除外: 設定不備",
    "reply": "除外: 戻りパケット",
    "rest": "除外: 局所・機器・監視",
}
"""From the bottom of the chart upwards."""


@dataclass(frozen=True, slots=True)
class Part:
    """One series: its name and number, and the values of the steps."""

    number: int
    name: str
    values: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table."""

    label: str
    values: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Context of the chart. `plot` is what the script draws; it holds nothing that a log wrote."""

    span: int
    step_word: str
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    total: int
    change: str
    said: str
    plot: Mapping[str, object]


def _series(bin_name: str) -> str:
    return bin_name if bin_name in SERIES else "rest"


def _jst_hour(hour: int) -> int:
    return (hour + 9) % 24


def _label(hour: int, width: int) -> str:
    day = wording.short_day(time.day_of_hour(hour))
    if width == 24:
        return day
    start = _jst_hour(hour)
    return f"{day} {start}時台" if width == 1 else f"{day} {start}–{start + width}時"


def _ticks(starts: list[int], width: int) -> list[tuple[int, str, bool]]:
    """Where the axis is labelled: (step, word, strong)."""
    found = []
    for index, hour in enumerate(starts):
        day = wording.short_day(time.day_of_hour(hour))
        if width == 24:
            if (len(starts) - 1 - index) % 5 == 0:
                found.append((index, day, False))
        elif _jst_hour(hour) == 0:
            found.append((index, day, True))
        elif width == 1 and _jst_hour(hour) % 3 == 0:
            found.append((index, f"{_jst_hour(hour)}時", False))
    return found


def change(now_rows: int, before_rows: int) -> str:
    """Against the same days of the week before; nothing where there was nothing then."""
    if not before_rows:
        return ""
    percent = round((now_rows - before_rows) * 100 / before_rows)
    return f"前週同曜日比 {'+' if percent > 0 else '±' if percent == 0 else '−'}{abs(percent)} %"


def chart(counts: Iterable[q.HourCount], before: Iterable[q.HourCount], *, span: int, now: int) -> Chart:
    """The chart of the `span` hours that end with the running one."""
    width = SPANS[span][1]
    last = time.hour_of(now)
    hours = range(last - span + 1, last + 1)
    starts: list[int] = []
    step_of: dict[int, int] = {}
    for hour in hours:
        if not starts or _jst_hour(hour) % width == 0:
            starts.append(hour)
        step_of[hour] = len(starts) - 1
    rows: Counter[tuple[str, int]] = Counter()
    for c in counts:
        if c.hour in step_of:
            rows[_series(c.bin), step_of[c.hour]] += c.rows
    parts = []
    for number, (key, name) in enumerate(SERIES.items(), start=1):
        values = tuple(rows[key, step] for step in range(len(starts)))
        parts.append(Part(number, name, values, sum(values)))
    steps = []
    for index, hour in enumerate(starts):
        values = tuple(p.values[index] for p in parts)
        steps.append(Step(_label(hour, width), values, sum(values)))
    total = sum(s.total for s in steps)
    peak = max(range(len(steps)), key=lambda i: steps[i].total)
    word = "1時間ごと" if width == 1 else f"{width}時間ごと" if width < 24 else "1日ごと"
    said = (
        f"最大は {steps[peak].label}の {wording.count(steps[peak].total)} 行。"
        if total
        else "拒否された行はありません。"
    )
    plot = {
        "labels": [s.label for s in steps],
        "ticks": _ticks(starts, width),
        "series": [{"name": p.name, "values": p.values} for p in parts],
        "peak": [peak, f"最大 {wording.count(steps[peak].total)}"] if total else None,
    }
    return Chart(
        span=span, step_word=word, parts=tuple(parts), steps=tuple(steps), total=total,
        change=change(total, sum(c.rows for c in before)), said=said, plot=plot,
    )  # fmt: skip
