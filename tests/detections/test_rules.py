"""What the shipped rules and traffic classes say of themselves: each test they carry, through the real engine."""

from functools import cache

import pytest

from detections.loading import Pack, load
from detections.proving import prove_class, prove_rule


@cache
def shipped() -> Pack:
    return load()


@pytest.mark.parametrize("rule", sorted(shipped().rules))
def test_a_rule_fires(rule: str) -> None:
    one = shipped().rules[rule]
    first = next(test for test in one.tests if test.about == "fires")
    assert prove_rule(shipped(), one, first).problem == ""


@pytest.mark.long
@pytest.mark.parametrize("rule", sorted(shipped().rules))
def test_a_rule_keeps_what_its_tests_promise(rule: str) -> None:
    one = shipped().rules[rule]
    assert [v for v in (prove_rule(shipped(), one, test) for test in one.tests) if v.problem] == []


@pytest.mark.long
@pytest.mark.parametrize("name", [one.name for one in shipped().classes])
def test_a_traffic_class_keeps_what_its_tests_promise(name: str) -> None:
    one = next(c for c in shipped().classes if c.name == name)
    assert [v for v in (prove_class(shipped(), one, test) for test in one.tests) if v.problem] == []
