"""事実: what is shown is what the log says, and limits are said."""

from dashboards import factcard
from detections import evidence
from detections.facts import APART
from detections.loading import texts
from tests.dashboards.made import NOW, alert, case, facts, source
from tests.dashboards.rulebook import RULES

TERMINAL = {"address": "10.23.12.57", "name": "KWK-SOMU-014", "section": "総務課"}
FEEDS = {"kwk-lgfw": source()}


def card(**kept: object) -> dict[str, tuple[str, str]]:
    made = factcard.facts(alert(facts=facts(**kept)), FEEDS, None)
    return {f.name: (f"{f.value.text}{f.unit}", f.note.text) for f in made}


def test_a_registered_terminal_comes_with_its_addresses() -> None:
    found = card(
        terminals={"list": [TERMINAL], "more": False},
        macs={"list": [{"mac": "00:00:5e:00:53:1c", "match": "match"}], "more": False},
    )
    assert found["通信元端末"] == ("KWK-SOMU-014", "10.23.12.57 / 00:00:5e:00:53:1c")


def test_one_destination_is_named_and_many_are_counted() -> None:
    assert card()["通信先(LGWAN)"] == ("198.51.100.12", "445/tcp")
    many = card(destinations=[f"198.51.100.{n}" for n in range(12, 73)], ports=["tcp/445", "tcp/3389"])
    assert many["通信先(LGWAN)"] == ("61 台", "198.51.100.12 ほか、445/tcp・3389/tcp")


def test_lines_and_attempts_are_told_where_they_differ() -> None:
    assert card()["件数"] == ("12件", "試行 4 回")
    assert card(lines=9, attempts=12)["件数"] == ("12件", "9 行")


def test_a_count_that_is_a_bound_is_called_one() -> None:
    assert card(count_quality="lower_bound")["件数の確からしさ"][0] == "下限"
    assert card(count_quality="aggregated")["件数の確からしさ"] == ("まとめた行を含む", "速さは上限です")
    assert "件数の確からしさ" not in card()


def test_a_feed_of_denied_packets_says_what_it_can_not_show() -> None:
    assert card(deny_only=True)["受信の種類"] == ("拒否ログのみ", "許可の有無は判断できません")
    assert "受信の種類" not in card()
    told = alert(facts=facts(deny_only=True))
    assert (
        factcard.limit(RULES["lgwan_protocol"], told)
        == "許可の有無は判断できません。同じ端末の許可された通信は、団体に確かめてください。"
    )
    assert factcard.limit(RULES["lgwan_protocol"], alert()) == ""


def test_what_no_log_says_is_left_out() -> None:
    empty = facts(time_quality="", episodes=0)
    empty["values"] = {}
    made = factcard.facts(alert(facts=empty), {}, None)
    assert [f.name for f in made] == ["通信元", "件数", "判定・結果"]


def test_the_summary_counts_the_days_of_a_chain() -> None:
    assert factcard.summary(case(), 1, NOW) == "428 件、本日 11:31:44 〜 14:20:41。"
    assert factcard.summary(case(), 3, NOW).endswith("3 日分の検知からなる案件です。")
    again = case(continuity="recurring", previous_last_day="2026-10-02")
    assert factcard.summary(again, 1, NOW).endswith("再燃(前回 10/2)。")


def test_what_else_a_rule_keeps_is_not_lost() -> None:
    kept = facts(users=["tanaka"])
    kept["values"]["policies"] = {"list": ["F16"], "more": False}
    kept["values"]["something"] = {"list": [str(n) for n in range(20)], "more": True}
    kept["values"]["empty"] = {"list": [], "more": False}
    found = dict(factcard.others(kept))
    assert found["利用者"].text == "tanaka"
    assert found["通信の決まりの行"].text == "F16"
    assert found["something"].text.endswith("11 ほか")
    assert len(found) == 3


def test_members_of_an_aggregate_are_named() -> None:
    many = [TERMINAL | {"name": f"KWK-{n}"} for n in range(14)]
    found = dict(factcard.others(facts(terminals={"list": many, "more": False})))
    assert found["端末台帳にある端末"].text.startswith("総務課 KWK-0・総務課 KWK-1")
    assert found["端末台帳にある端末"].text.endswith("ほか 2 台")


def test_whatever_a_shipped_rule_keeps_has_a_word_for_people() -> None:
    kept = {name for rule in texts().values() for name in rule.kept}
    assert kept - evidence.SHOWN_APART - set(APART) - set(factcard.KEPT) == set()
