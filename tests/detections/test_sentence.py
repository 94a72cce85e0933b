"""The plain sentence: who, whereto, by which means; and never more than the facts know."""

from detections.loading import load
from detections.sentence import sentence, told
from tests.dashboards.made import facts
from tests.dashboards.rulebook import RULES

TERMINAL = {"address": "10.23.12.57", "name": "KWK-SOMU-014", "section": "総務課"}
SIXTY = [f"198.51.100.{n}" for n in range(61)]


def test_a_registered_terminal_has_its_name_and_section() -> None:
    said = sentence(
        RULES["lgwan_protocol"], ("10.23.12.57",), "address",
        facts(destinations=SIXTY, ports=["tcp/445", "tcp/3389"], terminals={"list": [TERMINAL], "more": False}),
    )  # fmt: skip
    assert said == (
        "総務課の端末 KWK-SOMU-014 が、LGWAN の 61 台に、許可されていない方式(445/tcp・3389/tcp)で"
        "接続しようとして、ファイアウォールで止められました。"
    )


def test_an_unregistered_one_has_its_address() -> None:
    assert sentence(RULES["lgwan_source"], ("192.168.11.1",), "address", facts()).startswith("端末 192.168.11.1 が、")


def test_several_candidates_are_never_one() -> None:
    two = facts(terminals={"list": [TERMINAL, TERMINAL | {"name": "KWK-SOMU-015"}], "more": False})
    assert "2 台の候補があり、1台に定まらない" in sentence(RULES["lgwan_source"], ("10.23.12.57",), "address", two)


def test_what_is_not_known_stays_empty() -> None:
    said = sentence(RULES["web_mass"], ("*",), "address", {"count": 12})
    assert said == "多数の端末から  へ 12 回の要求がありました。"


def test_braces_in_a_value_are_text() -> None:
    assert "{terminal}" in sentence(RULES["web_mass"], ("x",), "forwarded", facts(destinations=["{terminal}"]))


def test_an_alert_is_told_in_the_words_of_the_rule_that_bears_its_name_now() -> None:
    rules = load().rules
    seen = facts(destinations=SIXTY, terminals={"list": [TERMINAL], "more": False})
    now = told(rules, "lgwan_p2p", ("10.23.12.57",), "address", seen)
    assert now.sentence_ja.startswith(
        "総務課の端末 KWK-SOMU-014 が、ファイル交換ソフト(Winny 等)とみられる通信で 61 台に"
    )
    assert (now.action, now.title_ja) == ("delete_software", rules["lgwan_p2p"].title_ja)
    assert told(rules, "lgwan_p2p_signature", ("10.23.12.57",), "address", seen) == now
    assert not any(vars_of(told(rules, "gone", ("x",), "address", seen)))


def vars_of(one: object) -> list[str]:
    return [getattr(one, name) for name in ("title_ja", "sentence_ja", "action", "action_ja")]
