"""What the shipped traffic classes say: the catalogue of ordinary noise, and when each entry stops being noise."""

from __future__ import annotations

import re

import pytest

from detections.classes import TrafficClass
from detections.loading import load

CLASSES = {c.name: c for c in load().classes}
TREATMENT = {
    "N01": {"local"}, "N02": {"local"}, "N03": {"config"}, "N04": {"local"}, "N05": {"local"}, "N06": {"local", "self"},
    "N07": {"local"}, "N08": {"local", "config"}, "N09": {"config"}, "N10": {"config"}, "N11": {"config"}, "N12": {"config"},
    "N13": {"config"}, "N14": {"config"}, "N15": {"config"}, "N16": {"config"}, "N17": {"config"}, "N18": {"config"},
    "N19": {"local", "config"}, "N20": {"config"}, "N21": {"reply", "health", "config"}, "N22": {"reply"}, "N23": {"reply"},
    "N24": {"local"},
}  # fmt: skip
"""The catalogue: number → groups that its classes have."""
JAPANESE = re.compile("[぀-ヿ一-鿿]")


def test_the_catalogue_is_complete() -> None:
    found: dict[str, set[str]] = {}
    for one in CLASSES.values():
        found.setdefault(one.number, set()).add(one.group)
    assert {number: found.get(number) for number in TREATMENT} == TREATMENT


@pytest.mark.parametrize("one", CLASSES.values(), ids=lambda c: c.name)
class TestEveryClass:
    def test_says_in_japanese_what_it_is_why_and_until_when(self, one: TrafficClass) -> None:
        assert all(JAPANESE.search(text) for text in (one.title_ja, one.reason_ja, one.until_ja))

    def test_is_named_by_its_number(self, one: TrafficClass) -> None:
        if one.number != "-":
            assert one.name.startswith(f"{one.number.lower()}_")

    def test_shows_that_it_ends(self, one: TrafficClass) -> None:
        answers = [[t.expect] if isinstance(t.expect, str) else t.expect for t in one.tests]
        assert any(set(a) - {one.name} for a in answers)
        if one.unless != "false":
            numbers = {n for n in one.aggregates if re.search(rf"\b{n}\b", one.unless)}
            assert numbers, "an exit over other rows counts something"

    def test_leaves_allowed_rows_alone(self, one: TrafficClass) -> None:
        assert not one.allowed, "only a health check of what may be spoken to would say so"


def test_nothing_of_the_number_layer_is_a_setting() -> None:
    """Whatever leaves マイナンバー利用事務系 for another layer or the Internet stays with the rules."""
    never = CLASSES["never_mnu_crossing"]
    assert never.group == "never"
    assert "src_zone = 'MNU'" in never.where


def test_classes_of_automatic_internet_traffic_ask_the_same_numbers() -> None:
    several = [CLASSES[n] for n in CLASSES if re.match(r"n1[34578]_", n)]
    asked = [{k.partition("_")[2]: a.model_dump() for k, a in c.aggregates.items()} for c in several]
    assert len(several) == 5
    assert all(a == asked[0] for a in asked)
    assert all(c.parameters == several[0].parameters for c in several)
