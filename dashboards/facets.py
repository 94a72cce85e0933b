"""The filters beside the list: a plain GET form, each choice with the number of cases it would show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from dashboards import caserow, wording
from dashboards.filters import NO_VERDICT, Asked
from dashboards.hostile import Shown, shown
from dashboards.visit import RuleWords
from store import questions as q

FIRST = 5
"""Choices of a long facet that are shown at once; the others are folded."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One checkbox."""

    value: str
    word: Shown
    count: int
    checked: bool
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """One group of checkboxes; `more` are folded away under `more_word`."""

    name: str
    legend: str
    choices: tuple[Choice, ...]
    more: tuple[Choice, ...] = ()
    more_word: str = ""


def _fixed(
    a: Asked, name: str, legend: str, words: Mapping[str, str], counts: Mapping[str, int], checked: frozenset[str]
) -> Facet:
    icons = words is wording.SEVERITY
    return Facet(
        name,
        legend,
        tuple(
            Choice(code, shown(word), counts.get(code, 0), code in checked, code if icons else "")
            for code, word in words.items()
        ),
    )


def _long(a: Asked, name: str, legend: str, words: Mapping[str, str], counts: Mapping[str, int], unit: str) -> Facet:
    chosen = a.chosen(name)
    order = sorted(set(counts) | chosen, key=lambda c: (c not in chosen, -counts.get(c, 0), c))
    made = tuple(Choice(c, shown(words.get(c, c)), counts.get(c, 0), c in chosen) for c in order)
    first = max(FIRST, len(chosen))
    # One more line is shorter than the line that would fold it.
    if len(made) <= first + 1:
        return Facet(name, legend, made)
    return Facet(name, legend, made[:first], made[first:], f"ほか {len(made) - first} {unit}")


def facets(
    a: Asked, found: q.Facets, names: Mapping[str, str], rules: Mapping[str, RuleWords], *, one_body: bool
) -> tuple[Facet, ...]:
    """The facets of the list; a body's own reader has no use for the one of bodies."""
    natures: Counter[str] = Counter()
    for rule, number in found.rules.items():
        if rule in rules:
            natures[rules[rule].nature] += number
    verdicts = {code or NO_VERDICT: number for code, number in found.verdicts.items()}
    verdict_words = {code or NO_VERDICT: word for code, word in wording.VERDICT.items()}
    continuity = (
        wording.CONTINUITY
        if a.view == "retroactive"
        else {code: word for code, word in wording.CONTINUITY.items() if code != "retroactive"}
    )
    made = [
        _fixed(a, "severity", "重要度", wording.SEVERITY, found.severities, a.chosen("severity")),
        _fixed(a, "status", "状態", wording.STATUS, found.statuses, a.where.statuses),
        _fixed(a, "nature", "性質", wording.NATURE, natures, a.chosen("nature")),
        _fixed(a, "continuity", "新規・継続", continuity, found.continuities, a.chosen("continuity")),
    ]
    if not one_body:
        made.append(_long(a, "tenant", "団体", names, found.tenants, "団体"))
    made.append(_fixed(a, "verdict", "判定", verdict_words, verdicts, a.chosen("verdict")))
    titles = {rule: caserow.title(rule, rules) for rule in {*found.rules, *a.chosen("rule")}}
    made.append(_long(a, "rule", "検知規則", titles, found.rules, "規則"))
    return tuple(made)
