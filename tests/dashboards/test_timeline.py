"""Clock, revisions and acts of a case."""

from typing import Any

from dashboards import timeline
from store import questions as q
from tests.dashboards.made import MINUTE, NOW, at, case, revision

TAKEN = q.LogEntry(at("11:58"), "佐藤 (0a1b2c3d)", "status", "new", "evaluating", "")


def steps(
    row: q.CaseRow, *revisions: q.Revision, log: tuple[q.LogEntry, ...] = (), received: int | None = None
) -> list[tuple[str, str, str, bool]]:
    return [(s.name, s.value, s.note.text, s.next) for s in timeline.clock(row, revisions, log, received, NOW)]


def test_what_has_no_time_yet_is_what_runs() -> None:
    assert steps(case(), received=at("11:47:12")) == [
        ("発生", "11:31:44", "", False), ("受信", "11:47:12", "最初の行", False), ("検知", "11:52:31", "受信から 5分19秒", False),
        ("着手", "未着手", "", True), ("通報", "未通報", "期限 12:22(2時間10分 超過)", False),
    ]  # fmt: skip


def test_taken_and_told_in_time() -> None:
    row = case(status="in_progress", taken=at("11:58"), notified=at("12:14"))
    assert steps(row, log=(TAKEN,))[2:] == [
        ("着手", "11:58", "佐藤", False),
        ("通報", "12:14", "期限 12:22 に間に合い", False),
    ]


def test_taken_and_still_to_be_told() -> None:
    row = case(status="evaluating", taken=at("11:58"), due=NOW + 11 * MINUTE)
    assert steps(row, log=(TAKEN,))[-1] == ("通報", "未通報", "期限 14:43(残り 11分)", True)


def test_a_settled_case_runs_no_more() -> None:
    assert [s[0] for s in steps(case(status="closed", taken=at("11:58")), log=(TAKEN,))] == ["発生", "検知", "着手"]


def test_late_lines_move_the_beginning_and_the_old_one_is_struck_out() -> None:
    late = revision(changes={"first_seen": [at("11:47:09"), at("11:31:44")]}, material="late")
    (first, *_) = timeline.clock(case(), [late], (), None, NOW)
    assert (first.value, first.was, first.note.text) == ("11:31:44", "11:47:09", "から改訂")


def test_revisions_say_what_changed_and_why_that_matters() -> None:
    found = timeline.versions(
        [
            revision(revision=1, at=at("11:52"), material="new"),
            revision(
                revision=3,
                changes={"first_seen": [at("11:47:09"), at("11:31:44")], "samples": [[], []]},
                material="late",
            ),
            revision(revision=4, at=at("14:25"), changes={"count": [391, 428]}),
        ],
        NOW,
    )
    assert [(v.word, v.when, v.note.text, v.late) for v in found] == [
        ("第4版", "14:25", "継続(重要な変化なし)", False), ("第3版", "13:36", "着手前の証拠のため再確認", True), ("第1版", "11:52", "検知", False),
    ]  # fmt: skip
    assert [(c.name, c.before.text, c.after.text) for v in found for c in v.changes] == [
        ("件数", "391", "428"), ("初回", "11:47:09", "11:31:44"),
    ]  # fmt: skip


def test_a_withdrawn_alert_asks_for_a_look() -> None:
    assert timeline.versions([revision(state="retracted")], NOW)[0].note.text == "システムが取り下げ: 確認"


def changed(**changes: Any) -> list[tuple[str, str, str]]:
    found = timeline.versions([revision(changes=changes)], NOW)[0].changes
    return [(c.name, c.before.text, c.after.text) for c in found]


def test_facts_of_every_shape_are_words() -> None:
    sixty = {"list": [f"198.51.100.{n}" for n in range(61)], "more": False}
    before = {
        "ports": {"list": ["tcp/445"], "more": False},
        "destinations": {"list": [], "more": False},
        "devices": {"list": []},
    }
    after = {
        "ports": {"list": ["tcp/445", "tcp/3389"], "more": False},
        "destinations": sixty,
        "devices": {"list": ["x"]},
    }
    assert changed(values=[before, after]) == [("通信先", "なし", "61 台"), ("方式", "445/tcp", "445/tcp・3389/tcp")]
    assert changed(values=[None, {"ports": {"list": ["a"] * 64, "more": True}}]) == [("方式", "なし", "64 件以上")]
    assert changed(verdicts=[{"allow": 0, "deny": 9, "none": 2}, {"allow": 1, "deny": 12}]) == [
        ("判定", "拒否 9", "許可 1・拒否 12")
    ]
    named = {"list": [{"name": "KWK-SOMU-014", "address": "10.23.12.57"}], "more": False}
    assert changed(terminals=[{"list": [], "more": False}, named]) == [("端末", "なし", "KWK-SOMU-014")]
    assert changed(macs=[None, {"list": [{"mac": "00:00:5e:00:53:1c", "match": None}]}]) == [
        ("MAC", "なし", "00:00:5e:00:53:1c")
    ]
    assert changed(deny_only=[True, False]) == [("拒否ログのみ", "あり", "なし")]


def test_what_changes_with_every_line_is_not_told() -> None:
    assert (
        changed(
            last_seen=[1, 2],
            lines=[1, 2],
            peaks=[{}, {"a": 1}],
            hours=[1, 2],
            samples=[[], [1]],
            unheard_of=[1, 2],
            count=3,
        )
        == []
    )


def test_acts_name_the_person_not_the_key() -> None:
    found = timeline.acts(
        [q.LogEntry(at("13:37"), "hinomi", "returned", "in_progress", "in_progress", "late"), TAKEN,
         q.LogEntry(at("12:20"), "佐藤 (0a1b2c3d)", "comment", "", "", "電話した")],
        NOW,
    )  # fmt: skip
    assert [(a.what.text, a.detail.text, a.who.text, a.comment.text) for a in found] == [
        ("一覧に戻った", "着手前の証拠のため再確認", "火の見", ""), ("状態", "未着手 → 評価中", "佐藤", ""), ("コメント", "", "佐藤", "電話した"),
    ]  # fmt: skip
