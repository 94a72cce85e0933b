"""A case in one row: deadlines, who it was, and where it was going."""

from typing import Any

import pytest

from dashboards import caserow
from dashboards.caserow import Known
from tests.dashboards.made import DAY, MINUTE, NOW, TOWN, case, facts
from tests.dashboards.rulebook import RULES

TERMINAL = {"address": "10.23.12.57", "name": "KWK-SOMU-014", "section": "総務課"}


def known(*registers: str) -> Known:
    return Known({TOWN: "川上町"}, RULES, frozenset(registers), NOW)


@pytest.mark.parametrize(
    ("changes", "kind", "word", "note"),
    [
        ({"due": NOW + 4 * MINUTE}, "now", "残り 4分", "14:36 まで"),
        ({"due": NOW + 5 * MINUTE + 1}, "soon", "残り 5分", "14:37 まで"),
        ({"due": NOW + 11 * MINUTE}, "soon", "残り 11分", "14:43 まで"),
        ({"due": NOW + 41 * MINUTE}, "later", "残り 41分", "15:13 まで"),
        ({"due": NOW - 12 * MINUTE}, "now", "超過 12分", "14:20 まで"),
        ({"due": NOW - 12 * MINUTE, "notified": NOW - 20 * MINUTE}, "done", "通報済", "14:12"),
        ({"due": None, "severity": "low"}, "none", "月次報告", ""),
        ({"due": None, "severity": "high"}, "none", "期限なし", ""),
        ({"due": NOW, "continuity": "retroactive"}, "none", "対象外", "遡及"),
        ({"due": NOW, "status": "watching", "until": NOW + 7 * DAY}, "none", "静観", "〜11/27"),
        ({"due": NOW, "status": "dismissed"}, "none", "—", ""),
    ],
)  # fmt: skip
def test_a_deadline_says_what_is_left_and_then_the_hour(
    changes: dict[str, Any], kind: str, word: str, note: str
) -> None:
    found = caserow.row(case(**changes), known()).due
    assert (found.kind, found.word, found.note) == (kind, word, note)


@pytest.mark.parametrize(
    ("changes", "registers", "who", "note"),
    [
        ({"facts": facts(terminals={"list": [TERMINAL], "more": False})}, (TOWN,), "KWK-SOMU-014", ""),
        ({"facts": facts(terminals={"list": [TERMINAL, TERMINAL | {"name": "B"}], "more": False})}, (TOWN,), "複数候補 2 台", "10.23.12.57"),
        ({}, (TOWN,), "10.23.12.57", "台帳に記載なし"),
        ({}, (), "10.23.12.57", "端末台帳なし"),
        ({"entity_type": "nat"}, (TOWN,), "10.23.12.57", "団体の出口"),
        ({"entity_type": "user", "entity": ("tanaka",)}, (TOWN,), "tanaka", "利用者"),
        ({"entity": ("*",)}, (TOWN,), "多数の通信元", ""),
    ],
)  # fmt: skip
def test_who_it_was_is_never_more_than_is_known(
    changes: dict[str, Any], registers: tuple[str, ...], who: str, note: str
) -> None:
    found = caserow.row(case(**changes), known(*registers))
    assert (found.who.text, found.who_note.text) == (who, note)


@pytest.mark.parametrize(
    ("destinations", "ports", "word"),
    [
        (["203.0.113.77"], ["tcp/443"], "203.0.113.77 443/tcp"),
        (["203.0.113.77"], ["icmp"], "203.0.113.77 icmp"),
        ([f"198.51.100.{n}" for n in range(24)], ["tcp/22", "tcp/80", "tcp/445"], "24 台・3 ポート"),
        ([f"198.51.100.{n}" for n in range(61)], ["tcp/445", "tcp/3389"], "61 台 445/tcp ほか"),
        ([], ["tcp/445"], "445/tcp"),
        ([], [], ""),
    ],
)  # fmt: skip
def test_where_it_was_going(destinations: list[str], ports: list[str], word: str) -> None:
    assert caserow.row(case(facts=facts(destinations=destinations, ports=ports)), known()).to.text == word


def test_a_number_that_was_cut_says_so() -> None:
    kept = facts()
    kept["values"]["destinations"] = {"list": [f"198.51.100.{n}" for n in range(64)], "more": True}
    assert caserow.row(case(facts=kept), known()).to.text == "64 台以上 445/tcp"


@pytest.mark.parametrize(
    ("changes", "chain"),
    [
        ({}, ("新規", "")),
        ({"days": 2}, ("継続", "2日目")),
        ({"continuity": "continuing", "days": 3}, ("継続", "3日目")),
        ({"continuity": "recurring", "previous_last_day": "2026-10-02"}, ("再燃", "前回 10/2")),
        ({"continuity": "retroactive"}, ("遡及", "")),
    ],
)  # fmt: skip
def test_new_and_continuing(changes: dict[str, Any], chain: tuple[str, str]) -> None:
    assert caserow.row(case(**changes), known()).chain == chain


def test_an_allowed_forbidden_flow_is_the_loudest_verdict() -> None:
    found = caserow.row(case(verdict="allow"), known()).verdict
    assert found is not None
    assert (found.word, found.kind) == ("許可", "allow")
    assert caserow.row(case(verdict=""), known()).verdict is None
    gravest = caserow.verdict(("deny", "allow"))
    assert gravest is not None
    assert gravest.word == "許可"


def test_a_case_of_a_rule_that_is_gone_still_shows() -> None:
    found = caserow.row(case(rule="retired_rule"), known())
    assert (found.title, found.code, found.nature) == ("retired_rule", "retired_rule", "")


def test_tags_say_that_history_moved_and_that_others_have_it_too() -> None:
    assert [t.word for t in caserow.row(case(revised=True, others=2), known()).tags] == ["改訂", "他 2 団体"]


def test_terminals_of_an_aggregate_are_members_not_candidates() -> None:
    two = facts(terminals={"list": [TERMINAL, TERMINAL | {"name": "KWK-SOMU-015"}], "more": False})
    found = caserow.row(case(entity=("config",), entity_type="class", facts=two), known(TOWN))
    assert (found.who.text, found.who_note.text) == ("設定不備", "除外した通信 ・ 端末 2 台")


def test_an_entity_of_several_values_shows_the_first_and_names_the_rest() -> None:
    found = caserow.row(case(entity=("10.23.12.57", "F16")), known(TOWN))
    assert (found.who.text, found.who_note.text) == ("10.23.12.57", "台帳に記載なし ・ F16")
