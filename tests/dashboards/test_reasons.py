"""検知の理由: limit and observation on one scale."""

import pytest

from dashboards.reasons import reason, versus
from tests.dashboards.made import MINUTE, facts
from tests.dashboards.rulebook import RULES, Layer, Rule


def rule(*layers: Layer, **parameters: object) -> Rule:
    return Rule("X-1", "題", "文", "violation", ["MUN-B"], "条項", layers, parameters)


def test_the_observed_peak_stands_beside_the_limit() -> None:
    made = versus(RULES["lgwan_protocol"], facts(layers=["any", "spread"], peaks={"spread": 23}))
    assert made is not None
    assert (made.limit, made.seen, made.axis) == ("しきい値 5 台", "観測 23 台 / 10分", "通信先の数")
    assert 0 < made.limit_x < made.seen_x < 380
    assert made.seen_x / made.limit_x == pytest.approx(23 / 5, rel=0.01)


def test_parameters_and_written_durations_are_resolved() -> None:
    layer = Layer("main", "threshold", "$window", "$limit", measure="attempts")
    made = versus(rule(layer, window="5m", limit=300), facts(peaks={"main": 4_821}))
    assert made is not None
    assert (made.limit, made.seen) == ("しきい値 300 回", "観測 4,821 回 / 5分")


@pytest.mark.parametrize("kept", [{"peaks": {}}, {"peaks": {"main": 0}}])
def test_where_nothing_was_measured_nothing_is_drawn(kept: dict[str, object]) -> None:
    layer = Layer("main", "threshold", MINUTE, 300, measure="events")
    assert versus(rule(layer), facts(**kept)) is None


def test_a_rule_without_a_limit_has_no_drawing() -> None:
    assert versus(RULES["flow_allowed"], facts()) is None


def test_the_line_of_the_table_that_held_is_told() -> None:
    made = reason(RULES["lgwan_protocol"], facts(severity_line="許可プロトコル以外 × 拒否"), "3f9c21aa")
    assert (made.severity.text, made.fingerprint, made.attack) == (
        "許可プロトコル以外 × 拒否",
        "3f9c21",
        "T1021.002、T1046",
    )


def test_layers_that_fired_are_named_once() -> None:
    layers = [
        Layer(name, "match", title_ja=title) for name, title in (("a", "署名"), ("a", "署名"), ("b", ""), ("c", "多数"))
    ]
    assert reason(rule(*layers), facts(layers=["a", "b"]), "0" * 64).layers == "署名"
