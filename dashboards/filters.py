"""What the list of cases is asked for: parameters of the address → a filter, and links that keep or change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.errors import InputError
from dashboards import wording
from dashboards.visit import Visit, address
from store import questions as q

VIEWS = {
    "todo": "対応が必要", "mine": "自分の担当", "due": "通報期限が近い", "returned": "改訂・再燃", "watching": "静観中",
    "retroactive": "遡及", "closed": "終了(7日)",
}  # fmt: skip
PERIODS = {"1": "1時間", "24": "24時間", "168": "7日", "720": "30日", "": "すべて"}
SORTS = {"due": "通報期限", "severity": "重要度", "last_seen": "最終の時刻", "count": "件数"}
NO_VERDICT = "none"
"""Stands for the empty verdict, which an address can't hold."""
NO_RULE = frozenset({"-"})
"""A rule that is none: where the chosen natures have no rules there is nothing to show, not everything."""
CHOICES = ("severity", "status", "nature", "continuity", "tenant", "verdict", "rule")
"""Parameters that may be given several times."""
SINGLES = ("view", "hours", "q", "sort", "day", "group")
PAGING = ("after", "before", "from", "turn")


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters, known ones only, and the filter that they make."""

    params: Mapping[str, tuple[str, ...]]
    where: q.CaseFilter
    view: str
    sort: str
    group: bool
    cursor: str | None
    before: bool
    start: int
    turned: frozenset[str]

    def href(self, **changes: tuple[str, ...] | str | None) -> str:
        """The same list with some parameters changed; it begins at the first page again."""
        kept = {k: v for k, v in self.params.items() if k not in PAGING}
        for name, value in changes.items():
            kept[name.rstrip("_")] = () if value is None else (value,) if isinstance(value, str) else value
        return address("/cases", {k: v for k, v in kept.items() if v})

    def page(self, *, after: str = "", before: str = "", start: int = 0) -> str:
        """Another page of the same list."""
        return self.href(after=after or None, before=before or None, from_=str(start) if start else None)

    def turn(self, key: str) -> str:
        """The same page with a group opened or closed."""
        turned = self.turned ^ {key}
        kept = {k: v for k, v in self.params.items() if k != "turn"}
        return address("/cases", kept | {"turn": tuple(sorted(turned))})

    def chosen(self, name: str) -> frozenset[str]:
        """What is chosen in a facet by the address itself."""
        return frozenset(self.params.get(name, ()))


def asked(visit: Visit) -> Asked:
    """What a visit asks the list for. Raises InputError for a view, period, sort or number that there isn't."""
    params = {name: tuple(sorted(visit.given(name))) for name in (*CHOICES, "turn") if visit.given(name)}
    params |= {name: (visit.first(name),) for name in (*SINGLES, *PAGING[:3]) if visit.first(name)}
    view, period, sort = visit.first("view", "todo"), visit.first("hours"), visit.first("sort", "due")
    for word, known, what in ((view, VIEWS, "一覧"), (period, PERIODS, "期間"), (sort, SORTS, "並び")):
        if word not in known:
            raise InputError(f"{what} {word} はありません")
    start = visit.first("from", "0")
    if not (start.isascii() and start.isdigit() and len(start) < 9):
        raise InputError(f"位置 {start} はありません")
    where = q.view(view, actor=visit.who.name, now=visit.now)
    rules = visit.given("rule")
    if natures := visit.given("nature"):
        fitting = frozenset(name for name, rule in visit.rules.items() if rule.nature in natures)
        rules = ((rules & fitting) if rules else fitting) or NO_RULE
    where = replace(
        where,
        tenants=visit.given("tenant"),
        rules=rules,
        severities=visit.given("severity"),
        statuses=visit.given("status") or where.statuses,
        continuities=visit.given("continuity"),
        verdicts=frozenset("" if v == NO_VERDICT else v for v in visit.given("verdict")),
        text=visit.first("q").strip(),
        last_day=visit.first("day"),
        since=visit.now - int(period) * wording.HOUR if period else None,
    )
    if "retroactive" in where.continuities:
        where = replace(where, retroactive=None)
    return Asked(
        params=params, where=where, view=view, sort=sort, group=visit.first("group", "1") != "0",
        cursor=visit.first("after") or visit.first("before") or None,
        before=not visit.first("after") and bool(visit.first("before")),
        start=int(start), turned=visit.given("turn"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in force, and the list without it."""

    word: str
    href: str


def chips(a: Asked, names: Mapping[str, str], rules: Mapping[str, str]) -> tuple[Chip, ...]:
    """The conditions that the address itself names."""
    words: dict[str, tuple[str, Mapping[str, str]]] = {
        "severity": ("重要度", wording.SEVERITY),
        "status": ("状態", wording.STATUS),
        "nature": ("性質", wording.NATURE),
        "continuity": ("新規・継続", wording.CONTINUITY),
        "tenant": ("団体", names),
        "verdict": ("判定", wording.VERDICT | {NO_VERDICT: wording.VERDICT[""]}),
        "rule": ("検知規則", rules),
    }
    found = []
    for name, (heading, word) in words.items():
        if chosen := a.chosen(name):
            order = {key: index for index, key in enumerate(word)}
            said = "・".join(word.get(c, c) for c in sorted(chosen, key=lambda c: (order.get(c, 99), c)))
            found.append(Chip(f"{heading}: {said}", a.href(**{name: None})))
    if a.where.text:
        found.append(Chip(f"検索: {a.where.text}", a.href(q=None)))
    if a.where.last_day:
        found.append(Chip(f"最終日: {a.where.last_day}", a.href(day=None)))
    if not a.group:
        found.append(Chip("まとめずに表示", a.href(group=None)))
    return tuple(found)
