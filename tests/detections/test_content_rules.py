"""What the shipped rules say: to whom, in which words, by which clause, how gravely."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from detections import facts
from detections.facts import Partial
from detections.loading import load
from detections.rule import LEVELS, Rule

RULES = load().rules
CLAUSES: dict[str, str] = tomllib.loads((Path(__file__).parent / "clauses.toml").read_text("utf-8"))["clauses"]
WANTED = (
    "lgwan_illegitimate_source", "lgwan_protocol", "lgwan_p2p", "lgwan_mass_access", "lgwan_mass_access_target",
    "web_mass_access_client", "web_mass_access_vhost", "dns_mass_queries", "forbidden_flow_allowed",
    "forbidden_flow_cut", "forbidden_flow_denied", "unregistered_specific_flow", "config_noise",
)  # fmt: skip
JAPANESE = re.compile("[぀-ヿ一-鿿]")
NEVER_ON_SCREENS = ("テナント", "ゾーン", "アラート発報")


def test_the_four_findings_and_the_forbidden_flows_have_their_rules() -> None:
    assert set(WANTED) <= set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
class TestEveryRule:
    def test_is_told_in_both_languages(self, rule: Rule) -> None:
        assert JAPANESE.search(rule.title_ja)
        assert not JAPANESE.search(rule.title.replace("特定通信", ""))
        for japanese in (rule.sentence_ja, rule.runbook_ja, rule.action_ja, rule.deny_only_ja):
            assert JAPANESE.search(japanese)
            assert not any(word in japanese for word in NEVER_ON_SCREENS)
        assert len(rule.runbook.split("\n")) >= 4, "a runbook has steps"
        assert re.findall(r"^\d\.", rule.runbook.strip(), re.M) == re.findall(r"^\d\.", rule.runbook_ja.strip(), re.M)

    def test_asks_the_body_for_something_in_one_plain_sentence(self, rule: Rule) -> None:
        assert "お願い: " in rule.sentence_ja
        assert rule.sentence_ja.endswith(("ください。", "お願いします。", "なくなります。"))
        assert "{first}" in rule.sentence_ja
        assert "{last}" in rule.sentence_ja

    def test_cites_a_clause_with_a_quote(self, rule: Rule) -> None:
        assert not [c for c in rule.clause if c not in CLAUSES]
        assert any(rule.clause_quote in CLAUSES[c] for c in rule.clause)

    def test_says_what_else_it_may_be_and_what_a_deny_only_feed_hides(self, rule: Rule) -> None:
        assert all(JAPANESE.search(text) for text in rule.false_positives_ja)
        assert len(rule.deny_only_ja) >= 10

    def test_names_techniques_by_their_ids(self, rule: Rule) -> None:
        assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", technique) for technique in rule.attack)
        assert rule.attack or rule.nature == "misconfiguration"

    def test_proves_itself_on_the_edge_and_with_a_late_arrival(self, rule: Rule) -> None:
        about = [test.about for test in rule.tests]
        assert about.count("fires") >= 1
        assert "near_miss" in about
        assert "late" in about
        assert "edge" in about or not rule.windowed

    def test_shows_each_line_of_its_severity_table(self, rule: Rule) -> None:
        assert all(JAPANESE.search(line.line_ja) for line in rule.severity)
        assert len({line.line_ja for line in rule.severity}) == len(rule.severity)

    def test_stands_beside_the_figure_of_ordinary_traffic(self, rule: Rule) -> None:
        assert rule.benign.note
        if rule.windowed:
            assert rule.benign.peak is not None
            limits = [int(str(layer.own(rule.parameters).model_dump()["at_least"])) for layer in rule.layers
                      if layer.window is not None]  # fmt: skip
            assert rule.benign.peak * 2 <= min(limits), "a threshold is at least twice what is ordinary"


def facts_of(**given: object) -> Partial:
    """Merged facts with ten attempts unless something else is given; layers as peaks of 1."""
    layers = given.pop("layers", ())
    values = given.pop("values", {})
    assert isinstance(layers, tuple)
    assert isinstance(values, dict)
    base = {"count": 10, "lines": 10, "attempts": 10}
    return Partial(
        **{**base, **given},  # type: ignore[arg-type]  # names of facts, as the tables below give them
        peaks=dict.fromkeys(layers, 1),
        values={name: ([(n, str(n)) for n in range(count)], False) for name, count in values.items()},
    )


TABLE = [
    ("lgwan_illegitimate_source", {"verdicts": {"allow": 1}, "counts": {"forged": 1}, "layers": ("impossible",)}, "critical"),
    ("lgwan_illegitimate_source", {"verdicts": {"allow": 1}, "layers": ("unregistered",)}, "high"),
    ("lgwan_illegitimate_source", {"layers": ("no_zone", "scan")}, "high"),
    ("lgwan_illegitimate_source", {"layers": ("mac_of_another",), "attempts": 1}, "medium"),
    ("lgwan_illegitimate_source", {"layers": ("no_zone",), "attempts": 9}, "low"),
    ("lgwan_protocol", {"verdicts": {"allow": 1}, "counts": {"let_through": 1}, "layers": ("single",)}, "critical"),
    ("lgwan_protocol", {"verdicts": {"blocked_later": 1}, "layers": ("single",)}, "high"),
    ("lgwan_protocol", {"layers": ("single", "fanout")}, "high"),
    ("lgwan_protocol", {"layers": ("single", "repeat")}, "medium"),
    ("lgwan_protocol", {"layers": ("single",)}, "low"),
    ("lgwan_protocol", {"layers": ("icmp",)}, "low"),
    ("lgwan_p2p", {"layers": ("signature",)}, "high"),
    ("lgwan_p2p", {"layers": ("fanout",)}, "high"),
    ("lgwan_p2p", {"layers": ("fanout", "known_ports")}, "high"),
    ("lgwan_p2p", {"layers": ("known_ports",)}, "low"),
    ("lgwan_p2p", {"verdicts": {"allow": 1}, "layers": ("fanout",)}, "critical"),
    ("lgwan_mass_access", {"layers": ("burst",)}, "high"),
    ("lgwan_mass_access_target", {"layers": ("attempts",), "values": {"initiators": 5}}, "high"),
    ("lgwan_mass_access_target", {"layers": ("attempts",), "values": {"initiators": 4}}, "low"),
    ("forbidden_flow_allowed", {"verdicts": {"allow": 1}, "counts": {"mnu": 1}, "layers": ("allowed",)}, "critical"),
    ("forbidden_flow_allowed", {"verdicts": {"allow": 1}, "counts": {"internet": 1}, "layers": ("allowed",)}, "critical"),
    ("forbidden_flow_allowed", {"verdicts": {"allow": 1}, "layers": ("allowed",)}, "high"),
    ("forbidden_flow_cut", {"counts": {"mnu": 1}, "layers": ("cut",), "count": 1}, "high"),
    ("forbidden_flow_cut", {"layers": ("cut",), "count": 1}, "medium"),
    ("forbidden_flow_denied", {"counts": {"mnu": 1, "mnu_layers": 1}, "layers": ("denied",), "attempts": 3}, "high"),
    ("forbidden_flow_denied", {"counts": {"mnu": 1}, "layers": ("denied",), "attempts": 1}, "medium"),
    ("forbidden_flow_denied", {"layers": ("denied", "wide")}, "high"),
    ("forbidden_flow_denied", {"layers": ("denied", "lateral")}, "high"),
    ("forbidden_flow_denied", {"layers": ("denied",)}, "low"),
    ("unregistered_specific_flow", {"verdicts": {"allow": 1}, "counts": {"allowed_mnu": 1}, "layers": ("mnu",)}, "high"),
    ("unregistered_specific_flow", {"counts": {"foreign": 1}, "layers": ("mismatch",)}, "medium"),
    ("unregistered_specific_flow", {"layers": ("mnu",)}, "medium"),
    ("unregistered_specific_flow", {"layers": ("mismatch",)}, "low"),
    ("unregistered_specific_flow", {"layers": ("no_register",)}, "low"),
    ("config_noise", {"layers": ("config",)}, "low"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "given", "level"), TABLE)
def test_severity_follows_the_table(rule: str, given: dict[str, object], level: str) -> None:
    assert facts.severity(RULES[rule], facts_of(**given)).level == level


def test_allowed_is_graver_than_cut_and_cut_graver_than_denied() -> None:
    for counts in ({"mnu": 1}, {}):
        grades = [
            LEVELS.index(facts.severity(RULES[rule], facts_of(count=1, attempts=1, counts=counts)).level)
            for rule in ("forbidden_flow_allowed", "forbidden_flow_cut", "forbidden_flow_denied")
        ]
        assert grades == sorted(set(grades)), "each graver than the next"


def test_only_the_collective_case_of_settings_reads_config() -> None:
    classed = [r.id for r in RULES.values() if "traffic_class = 'config'" in r.where]
    assert classed == ["config_noise"]
    assert RULES["config_noise"].entity == ["noise"]
    assert {line.level for line in RULES["config_noise"].severity} == {"low"}


def test_the_sets_of_lgwan_protocols_of_rule_and_policy_are_one() -> None:
    assert RULES["lgwan_protocol"].parameters["services"] == load().policy.parameters["lgwan_services"]
