"""From an address to a filter, and back to addresses that keep it."""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import pytest

from core.errors import InputError
from dashboards.facets import facets
from dashboards.filters import asked, chips
from dashboards.visit import Visit
from store import questions as q
from store.keys import Everyone, Reader, Role
from tests.dashboards.made import HOUR, NOW, TOWN
from tests.dashboards.rulebook import RULES

READER = Reader("佐藤", Role.ANALYST, Everyone.ALL, "0a1b2c3d")


def visit(**params: Sequence[str]) -> Visit:
    return Visit(READER, NOW, params=params, rules=RULES)


def query(href: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(href).query)


def test_nothing_asked_is_what_needs_somebody() -> None:
    a = asked(visit())
    assert a.where == q.view("todo", actor="佐藤", now=NOW)
    assert (a.sort, a.group, a.cursor, a.href()) == ("due", True, None, "/cases")


def test_every_parameter_reaches_the_filter() -> None:
    a = asked(visit(severity=["high", "critical"], status=["watching"], tenant=[TOWN], verdict=["none", "allow"], rule=["lgwan_p2p"],
                    continuity=["recurring"], q=[" KWK "], hours=["24"], day=["2026-11-20"]))  # fmt: skip
    w = a.where
    assert w.severities == {"high", "critical"}
    assert w.statuses == {"watching"}
    assert w.tenants == {TOWN}
    assert w.verdicts == {"", "allow"}
    assert w.rules == {"lgwan_p2p"}
    assert w.continuities == {"recurring"}
    assert (w.text, w.since, w.last_day) == ("KWK", NOW - 24 * HOUR, "2026-11-20")


def test_a_nature_is_its_rules() -> None:
    assert asked(visit(nature=["precursor"])).where.rules == {"inside_scan"}
    assert asked(visit(nature=["precursor"], rule=["lgwan_p2p"])).where.rules == {"-"}
    assert asked(visit(nature=["fault"])).where.rules == {"-"}, "no rule of this nature: nothing, not everything"


@pytest.mark.parametrize(
    "params",
    [{"view": ["x"]}, {"hours": ["5"]}, {"sort": ["x"]}, {"from": ["-1"]}, {"from": ["٣"]}, {"from": ["9" * 99]}],
)
def test_what_there_is_not_is_an_error(params: dict[str, list[str]]) -> None:
    with pytest.raises(InputError):
        asked(visit(**params))


def test_links_keep_the_filter_and_begin_at_the_first_page() -> None:
    a = asked(visit(severity=["high"], after=["abc"], **{"from": ["50"]}, turn=["g:x"], unknown=["y"]))
    assert query(a.href(sort="count")) == {"severity": ["high"], "sort": ["count"]}
    assert query(a.href(severity=None)) == {}
    assert query(a.page(after="def", start=100)) == {"severity": ["high"], "after": ["def"], "from": ["100"]}
    assert query(a.turn("g:x")) == {"severity": ["high"], "after": ["abc"], "from": ["50"]}
    assert query(a.turn("g:y"))["turn"] == ["g:x", "g:y"]


def test_a_hostile_search_text_stays_a_text_in_links() -> None:
    a = asked(visit(q=['"><script>&severity=high']))
    assert query(a.href()) == {"q": ['"><script>&severity=high']}


def test_chips_name_what_the_address_narrows() -> None:
    a = asked(visit(severity=["high", "critical"], tenant=[TOWN], q=["KWK"], group=["0"]))
    found = chips(a, {TOWN: "川上町"}, {})
    assert [c.word for c in found] == ["重要度: 緊急・高", "団体: 川上町", "検索: KWK", "まとめずに表示"]
    assert "severity" not in query(found[0].href)
    assert chips(asked(visit()), {}, {}) == ()


COUNTS = q.Facets(
    severities={"high": 2}, statuses={"new": 1, "closed": 4}, continuities={"new": 3}, verdicts={"deny": 2, "": 1},
    tenants={TOWN: 3, "479012": 7}, rules={"lgwan_p2p": 2, "inside_scan": 5, "retired": 1},
)  # fmt: skip


def test_facets_count_each_choice_and_know_what_is_chosen() -> None:
    a = asked(visit(tenant=[TOWN]))
    made = {f.name: f for f in facets(a, COUNTS, {TOWN: "川上町", "479012": "青葉市"}, RULES, one_body=False)}
    assert [(c.word.text, c.count) for c in made["severity"].choices][:2] == [("緊急", 0), ("高", 2)]
    assert [c.value for c in made["status"].choices if c.checked] == ["new", "evaluating", "in_progress"]
    assert [(c.value, c.count) for c in made["nature"].choices if c.count] == [("violation", 2), ("precursor", 5)]
    assert [(c.word.text, c.checked) for c in made["tenant"].choices] == [("川上町", True), ("青葉市", False)]
    assert [(c.value, c.count) for c in made["verdict"].choices if c.count] == [("deny", 2), ("none", 1)]
    assert [c.word.text for c in made["rule"].choices] == [
        "内部走査(複数ポート)",
        "ファイル交換ソフト(注８(c))",
        "retired",
    ]


def test_many_choices_are_folded_but_never_the_chosen_ones() -> None:
    many = {f"47{n:04d}": n for n in range(33)}
    a = asked(visit(tenant=["470000"]))
    counts = q.Facets({}, {}, {}, {}, many, {})
    (tenant,) = (f for f in facets(a, counts, {}, RULES, one_body=False) if f.name == "tenant")
    assert [c.value for c in tenant.choices] == ["470000", "470032", "470031", "470030", "470029"]
    assert (len(tenant.more), tenant.more_word) == (28, "ほか 28 団体")


def test_a_body_alone_has_no_facet_of_bodies() -> None:
    assert "tenant" not in {f.name for f in facets(asked(visit()), COUNTS, {}, RULES, one_body=True)}
