"""検知の抜け: a gap is a due cell, and nothing else."""

from core import time
from dashboards.gaps import gaps
from store import questions as q
from tests.dashboards.made import MINUTE, NOW, health

HOUR = time.hour_of(NOW) - 2


def day(name: str, **changes: int) -> q.CoverageDay:
    return q.CoverageDay(**({"day": name, "done": 240, "due": 0, "learning": 0, "frozen": 0, "failed": 0} | changes))


def test_nothing_due_is_no_gap() -> None:
    made = gaps(q.Coverage((day("2026-11-19"), day("2026-11-20")), (), 0, 10), health().last_run, rules=10, now=NOW)
    assert made.headline == "未評価の期間はありません。"
    assert made.good
    assert [d.kind for d in made.strip] == ["done", "done"]
    assert made.rows[0][:2] == ("最後の実行", "14:30")


def test_due_cells_are_said_with_their_age() -> None:
    due = (q.Due("lgwan_protocol", HOUR, NOW - 7 * MINUTE), q.Due("lgwan_p2p", HOUR + 1, NOW - MINUTE))
    made = gaps(q.Coverage((day("2026-11-20", due=2),), due, 2, 10), None, rules=10, now=NOW)
    assert made.headline == "評価待ちの期間が 2 区間あります。"
    assert not made.good
    assert made.rows[:2] == (("評価待ち", "2 規則", "最長 7分"), ("最も古い区間", "12:00", "から1時間"))
    assert made.strip[0].kind == "due"
    assert "11/20 2 区間が評価待ち" in made.strip_said


def test_a_failure_is_worse_than_a_gap() -> None:
    made = gaps(q.Coverage((day("2026-11-20", due=2, failed=1),), (), 0, 10), None, rules=10, now=NOW)
    assert not made.good
    assert made.strip[0].kind == "failed"


def test_a_day_without_logs_is_not_called_evaluated() -> None:
    made = gaps(q.Coverage((day("2026-11-19", done=0), day("2026-11-20")), (), 0, 10), None, rules=10, now=NOW)
    assert [d.kind for d in made.strip] == ["empty", "done"]
    assert made.exceptions == ("灰色の 1 日は評価するログなし",)
