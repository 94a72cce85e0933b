"""A case in one row, as the queue and the overview show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core import time
from dashboards import wording
from dashboards.hostile import Shown, shown
from dashboards.visit import RuleWords
from detections import evidence
from store import questions as q

URGENT = 5 * wording.MINUTE
SOON = 30 * wording.MINUTE


@dataclass(frozen=True, slots=True)
class Level:
    """A severity: its code for shape and colour, its word."""

    code: str
    word: str


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline: `kind` is now, soon, later, done or none."""

    kind: str
    icon: str
    word: str
    note: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A word in a frame; `kind` colours it."""

    word: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One case. What a log or a register wrote is `Shown`."""

    id: str
    href: str
    version: int
    level: Level
    nature: str
    title: str
    code: str
    tags: tuple[Tag, ...]
    body: Shown
    who: Shown
    who_note: Shown
    to: Shown
    verdict: Tag | None
    count: str
    unit: str
    when: tuple[str, str]
    chain: tuple[str, str]
    due: Due
    owner: Shown
    status: str
    detected: str


def level(code: str) -> Level:
    """A severity; an unknown one is shown as 情報 rather than hidden."""
    return Level(code if code in wording.SEVERITY else "info", wording.SEVERITY.get(code, "情報"))


def title(rule: str, rules: Mapping[str, RuleWords]) -> str:
    """A rule's title; its id where it is no longer loaded."""
    found = rules.get(rule)
    return found.title_ja if found else rule


def nature(rule: str, rules: Mapping[str, RuleWords]) -> str:
    """性質 of a rule, empty where it is no longer loaded."""
    found = rules.get(rule)
    return wording.NATURE.get(found.nature, "") if found else ""


def code(rule: str, rules: Mapping[str, RuleWords]) -> str:
    """The short code of a rule."""
    found = rules.get(rule)
    return found.code if found else rule


def due(
    *, due: int | None, notified: int | None, status: str, severity: str, continuity: str, until: int | None, now: int
) -> Due:
    """How long is left to tell the body, then the hour itself, so that it can be read aloud."""
    if notified is not None:
        return Due("done", "tick", "通報済", wording.moment(notified, now))
    if status in ("closed", "dismissed"):
        return Due("none", "", "—", "")
    if status == "watching":
        return Due("none", "", "静観", f"〜{wording.short_day(time.day_of(until))}" if until else "")
    if continuity == "retroactive":
        return Due("none", "", "対象外", "遡及")
    if due is None:
        return Due("none", "", "月次報告" if severity in ("low", "info") else "期限なし", "")
    return left(due, now)


def left(due: int, now: int) -> Due:
    """How long is left until a deadline."""
    rest = due - now
    hour = f"{wording.moment(due, now)} まで"
    if rest < 0:
        return Due("now", "clock", f"超過 {wording.duration(-rest)}", hour)
    kind = "now" if rest <= URGENT else "soon" if rest <= SOON else "later"
    return Due(kind, "clock", f"残り {wording.duration(rest)}", hour)


def chain(continuity: str, days: int, previous: str | None) -> tuple[str, str]:
    """新規; 継続 3日目; 再燃 前回 10/2."""
    word = wording.CONTINUITY.get(continuity, "")
    if continuity == "recurring" and previous:
        return word, f"前回 {wording.short_day(date.fromisoformat(previous))}"
    if continuity in ("continuing", "recurring") or (continuity == "retroactive" and days > 1):
        return word, f"{days}日目"
    return (wording.CONTINUITY["continuing"], f"{days}日目") if continuity == "new" and days > 1 else (word, "")


def verdict(words: tuple[str, ...]) -> Tag | None:
    """What the device decided, the gravest first: 許可 on a forbidden flow is the loudest."""
    for word in ("allow", "blocked_later", "deny"):
        if word in words:
            return Tag(wording.VERDICT[word], "allow" if word == "allow" else "warn" if word == "blocked_later" else "")
    return None


def who(entity: tuple[str, ...], entity_type: str, facts: evidence.Facts, *, register: bool) -> tuple[Shown, str]:
    """Who it was, and what has to be known about that: the register's name, else the address and that it is in none.

    Args:
        entity: Values of the entity; `*` stands for more than are kept apart.
        entity_type: What they are.
        facts: Of the newest alert.
        register: Whether the body has a terminal register.
    """
    fitting = evidence.identified(entity_type, facts)
    if len(fitting) == 1 and fitting[0].name:
        return shown(fitting[0].name), ""
    if len(fitting) > 1:
        return shown(f"複数候補 {len(fitting)} 台"), "・".join(v for v in entity if v)
    if entity == ("*",):
        return shown("多数の通信元"), ""
    if entity_type == "class":
        members = evidence.terminals(facts)
        return shown(
            wording.CLASS.get(entity[0], entity[0])
        ), f"除外した通信{f' ・ 端末 {len(members)} 台' if members else ''}"
    value = shown(entity[0] if entity and entity[0] else "不明")
    said = evidence.ENTITY.get(entity_type, "")
    if entity_type == "address":
        said = "台帳に記載なし" if register else "端末台帳なし"
    return value, " ・ ".join(part for part in (said, *entity[1:]) if part)


@dataclass(frozen=True, slots=True)
class Known:
    """What a row needs to know of the rest of the world: names of bodies, rules, and who has a terminal register."""

    names: Mapping[str, str]
    rules: Mapping[str, RuleWords]
    registers: frozenset[str]
    now: int


def row(case: q.CaseRow, known: Known) -> Row:
    """The row of one case."""
    names, rules, now = known.names, known.rules, known.now
    tags = []
    if case.revised:
        tags.append(Tag("改訂", "notice"))
    if case.others:
        tags.append(Tag(f"他 {case.others} 団体"))
    if case.status == "dismissed" and case.reason:
        tags.append(Tag(wording.REASON.get(case.reason, case.reason)))
    name, note = who(case.entity, case.entity_type, case.facts, register=case.tenant in known.registers)
    return Row(
        id=case.id,
        href=f"/cases/{case.id}",
        version=case.version,
        level=level(case.severity),
        nature=nature(case.rule, rules),
        title=title(case.rule, rules),
        code=code(case.rule, rules),
        tags=tuple(tags),
        body=shown(names.get(case.tenant, case.tenant)),
        who=name,
        who_note=shown(note),
        to=shown(evidence.to(case.facts)),
        verdict=verdict((case.verdict,)),
        count=wording.count(case.count),
        unit="",
        when=wording.span(case.first_seen, case.last_seen, now),
        chain=chain(case.continuity, case.days, case.previous_last_day),
        due=due(
            due=case.due, notified=case.notified, status=case.status, severity=case.severity,
            continuity=case.continuity, until=case.until, now=now,
        ),
        owner=shown(case.assignee),
        status=wording.STATUS.get(case.status, case.status),
        detected=wording.moment(case.opened, now),
    )  # fmt: skip
