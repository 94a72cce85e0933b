"""Bad rules: every problem is listed, with file and key, before anything runs."""

import shutil
from pathlib import Path

import pytest

from core.errors import RuleError
from detections.loading import SHIPPED, load

RULE = "lgwan_mass_access.toml"


def changed(home: Path, before: str, after: str) -> Path:
    text = (SHIPPED / "rules" / RULE).read_text("utf-8")
    assert before in text
    (home / RULE).write_text(text.replace(before, after, 1), "utf-8")
    return home


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('nature = "', 'natur = "', "natur: unknown key"),
        ("dst_zone = 'LGWAN'", "dst_zon = 'LGWAN'", "no column 'dst_zon'"),
        ("dst_zone = 'LGWAN'", "(SELECT true)", "a subquery"),
        ("dst_zone = 'LGWAN'", "random() < 1", "function random"),
        ('id = "lgwan_mass_access"', 'id = "other"', "is not the name of the file"),
        ('kind = "threshold"', 'kind = "treshold"', "is none of match, spread, threshold"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, before: str, after: str, said: str) -> None:
    with pytest.raises(RuleError) as problem:
        load(changed(tmp_path, before, after))
    assert RULE in str(problem.value)
    assert said in str(problem.value)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("coalesce(signature, app)", "coalesce(signatur, app)", "values.signatures: no column 'signatur'"),
        ('entity = ["src_ip"]', 'entity = ["signature"]', "entity.1: no column 'signature'"),
        ('input = "finding"\n', "", "two of one input have the same name"),
    ],
)
def test_with_two_inputs_a_value_has_to_hold_in_one_and_an_entity_in_both(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    text = (SHIPPED / "rules" / "lgwan_p2p.toml").read_text("utf-8")
    assert before in text
    (tmp_path / "lgwan_p2p.toml").write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(RuleError) as problem:
        load(tmp_path)
    assert said in str(problem.value)


def test_a_rule_reads_only_the_columns_of_each_input() -> None:
    made = load().producers["lgwan_p2p"]
    assert {"network", "finding"} <= made.reads
    assert "signature" in made.readings["finding"].columns
    assert "signature" not in made.readings["network"].columns
    assert [layer.name for layer in made.readings["finding"].rule.layers] == ["signature"]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    for name in ("a_rule", "b_rule"):
        (tmp_path / f"{name}.toml").write_text('id = "x"\nwrong = 1\n', "utf-8")
    with pytest.raises(RuleError) as problem:
        load(tmp_path)
    assert "a_rule.toml: wrong: unknown key" in str(problem.value)
    assert "b_rule.toml: wrong: unknown key" in str(problem.value)


def test_titles_and_tests_are_no_logic(tmp_path: Path) -> None:
    shutil.copy(SHIPPED / "rules" / RULE, tmp_path)
    first = load(tmp_path).producers["lgwan_mass_access"].fingerprint
    second = load(changed(tmp_path, 'title = "', 'title = "New: ')).producers["lgwan_mass_access"].fingerprint
    assert first == second
    third = (
        load(changed(tmp_path, "dst_zone = 'LGWAN'", "true AND dst_zone = 'LGWAN'"))
        .producers["lgwan_mass_access"]
        .fingerprint
    )
    assert third != first
