"""案件詳細: small parts of the page."""

from dashboards.pages import case
from store import questions as q
from tests.dashboards.made import NOW, alert, facts


def test_a_runbook_is_cut_into_steps() -> None:
    steps = ("端末を特定する。", "切り離してもらう。", "再起動の直後なら攻撃ではない。")
    assert case.runbook("1. 端末を特定する。2. 切り離してもらう。\n\n・再起動の直後なら攻撃ではない。\n") == steps
    assert case.runbook("端末を特定する。\n切り離してもらう。\n再起動の直後なら攻撃ではない。") == steps
    assert case.runbook("10.1.1.1 を調べる。10.1.1.2 も。") == ("10.1.1.1 を調べる。10.1.1.2 も。",)
    assert case.runbook("") == ()


def test_what_fired_is_marked_and_nothing_else() -> None:
    kept = facts(
        destinations=["198.51.100.12"], ports=["tcp/445", "icmp"], nat={"list": ["203.0.113.7:40312"], "more": False}
    )
    found = case.marks(alert(facts=kept, entity=("10.23.12.57",)))
    assert {"10.23.12.57", "198.51.100.12", "445", "203.0.113.7", "deny"} <= set(found)
    allowed = case.marks(alert(facts=facts(verdicts={"allow": 3}), entity=("*",)))
    assert "deny" not in allowed
    assert "*" not in allowed


def test_a_line_that_is_several_samples_says_each() -> None:
    place = {"batch": 812, "line": 7, "time": NOW}
    kept = facts(samples=[{**place, "kind": "first"}, {**place, "kind": "firing"}])
    line = q.Line(812, 7, "kawakami-fw", "utf-8", NOW, NOW, "first", b"raw", "raw", 0)
    (shown,) = case.raw_lines([line], alert(facts=kept), NOW)
    assert shown.name.startswith("初回・しきい値超過 ")
