"""The chart of denied rows: everything is in one part, and the parts add up."""

import pytest

from core import time
from dashboards.denied import SPANS, change, chart
from store import questions as q
from tests.dashboards.made import NOW

LAST = time.hour_of(NOW)


def count(hour: int, name: str, rows: int) -> q.HourCount:
    return q.HourCount(hour, name, rows, rows)


@pytest.mark.parametrize("span", SPANS)
def test_the_parts_add_up_to_the_total(span: int) -> None:
    bins = ("alert", "none", "config", "reply", "local", "self", "health", "something new")
    counts = [count(LAST - n, name, n + k) for n in range(span) for k, name in enumerate(bins)]
    made = chart(counts, (), span=span, now=NOW)
    everything = sum(c.rows for c in counts)
    assert made.total == sum(p.total for p in made.parts) == sum(s.total for s in made.steps) == everything
    assert all(s.total == sum(s.values) for s in made.steps)
    assert [sum(p.values[i] for p in made.parts) for i in range(len(made.steps))] == [s.total for s in made.steps]


def test_a_day_is_cut_into_hours_and_ends_with_the_running_one() -> None:
    made = chart([], (), span=24, now=NOW)
    assert [s.label for s in made.steps][::23] == ["11/19 15時台", "11/20 14時台"]
    assert (9, "11/20", True) in made.plot["ticks"]
    assert made.said == "拒否された行はありません。"


def test_a_month_is_cut_into_japanese_days() -> None:
    midnight = time.hour_of(time.day_start(time.day_of(NOW)))
    made = chart([count(midnight, "alert", 3), count(midnight - 1, "alert", 5)], (), span=720, now=NOW)
    assert [(s.label, s.total) for s in made.steps][-2:] == [("11/19", 5), ("11/20", 3)]


def test_hours_outside_the_span_are_left_out() -> None:
    assert chart([count(LAST - 24, "alert", 9), count(LAST + 1, "alert", 9)], (), span=24, now=NOW).total == 0


def test_the_greatest_step_is_told() -> None:
    made = chart([count(LAST, "alert", 5_900), count(LAST - 3, "config", 100)], (), span=24, now=NOW)
    assert made.said == "最大は 11/20 14時台の 5,900 行。"
    assert made.plot["peak"] == [23, "最大 5,900"]


@pytest.mark.parametrize(
    ("now", "before", "word"),
    [(106, 100, "前週同曜日比 +6 %"), (94, 100, "前週同曜日比 −6 %"), (100, 100, "前週同曜日比 ±0 %"), (5, 0, "")],
)
def test_last_week_is_compared_only_where_there_was_one(now: int, before: int, word: str) -> None:
    assert change(now, before) == word
