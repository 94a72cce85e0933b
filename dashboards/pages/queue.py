"""案件: what must be told to whom next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dashboards import caserow, wording
from dashboards.caserow import Due, Known, Row, Tag
from dashboards.facets import facets
from dashboards.filters import PERIODS, SORTS, VIEWS, Asked, asked, chips
from dashboards.frame import surroundings
from dashboards.hostile import Shown, shown
from dashboards.templating import fill
from dashboards.visit import Rendered, Visit
from store import Store
from store import questions as q

LIMIT = 50
OPEN_BODIES = 4
"""A group of so few bodies shows them at once."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One body's part of a group."""

    href: str
    name: Shown
    later: bool
    who: str
    count: str
    when: str
    chain: str
    owner: Shown


@dataclass(frozen=True, slots=True)
class Group:
    """Cases of one rule and day over several bodies or many terminals."""

    key: str
    anchor: str
    href: str
    turn: str
    open: bool
    level: caserow.Level
    nature: str
    title: str
    code: str
    said: str
    body: str
    who: str
    verdicts: tuple[Tag, ...]
    count: str
    when: tuple[str, str]
    chain: tuple[str, str]
    due: Due
    statuses: tuple[str, ...]
    members: tuple[MemberRow, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list: a case or a group."""

    row: Row | None
    group: Group | None


def _days(first_day: str, last_day: str) -> int:
    return (date.fromisoformat(last_day) - date.fromisoformat(first_day)).days + 1


def _member(m: q.Member, entry: q.QueueEntry, a: Asked, known: Known) -> MemberRow:
    first, last = wording.span(m.first_seen, m.last_seen, known.now)
    continuity = max(m.continuities, key=lambda c: m.continuities[c], default="new")
    word, days = caserow.chain(continuity, _days(m.first_day, m.last_day), None)
    if len(m.case_ids) == 1:
        href = f"/cases/{m.case_ids[0]}"
    else:
        href = a.href(rule=entry.rule, day=entry.day, tenant=m.tenant, group="0")
    return MemberRow(
        href=href,
        name=shown(known.names.get(m.tenant, m.tenant)),
        later=m.added_later,
        who=f"{m.entities} 台" if m.entities > 1 else "1 台",
        count=wording.count(m.count),
        when=first + last if last.startswith("–") else f"{first} {last}".strip(),
        chain=days or word,
        owner=shown("・".join(m.assignees)),
    )


def _group(entry: q.QueueEntry, a: Asked, known: Known) -> Group:
    rules, now = known.rules, known.now
    opened = (len(entry.members) <= OPEN_BODIES) != (entry.key in a.turned)
    verdicts = (caserow.verdict((word,)) for word in entry.verdicts)
    first_day = min((m.first_day for m in entry.members), default=entry.day)
    days = _days(first_day, entry.day)
    statuses = tuple(f"{word} {entry.statuses[s]}" for s, word in wording.STATUS.items() if entry.statuses.get(s))
    return Group(
        key=entry.key,
        anchor=f"g-{entry.rule}-{entry.day}",
        href=a.href(rule=entry.rule, day=entry.day, group="0"),
        turn=a.turn(entry.key),
        open=opened,
        level=caserow.level(entry.severity),
        nature=caserow.nature(entry.rule, rules),
        title=caserow.title(entry.rule, rules),
        code=caserow.code(entry.rule, rules),
        said=f"{wording.count(entry.cases)} 案件",
        body=f"{entry.bodies} 団体" if entry.bodies > 1 else "",
        who=f"{wording.count(entry.entities)} 台",
        verdicts=tuple(v for v in verdicts if v),
        count=wording.count(entry.count),
        when=wording.span(entry.first_seen, entry.last_seen, now),
        chain=caserow.chain("continuing" if days > 1 else "new", days, None),
        due=caserow.left(entry.due, now) if entry.due is not None else Due("none", "", "—", ""),
        statuses=statuses,
        members=tuple(_member(m, entry, a, known) for m in entry.members) if opened else (),
    )


def entries(queue: q.Queue, a: Asked, known: Known) -> tuple[Entry, ...]:
    """The lines of a page."""
    return tuple(
        Entry(caserow.row(e.case, known), None) if e.case is not None else Entry(None, _group(e, a, known))
        for e in queue.items
    )


def pager(queue: q.Queue, a: Asked) -> dict[str, str]:
    """Where this page stands, and its neighbours. The place is told by the address and may be wrong; cursors aren't."""
    shown_now = len(queue.items)
    start = min(a.start, max(queue.entries - shown_now, 0))
    said = f"{wording.count(queue.entries)} 行中 {wording.count(start + 1)}–{wording.count(start + shown_now)} 行"
    return {
        "said": said if shown_now else "",
        "previous": a.page(before=queue.previous, start=max(start - LIMIT, 0)) if queue.previous else "",
        "next": a.page(after=queue.next, start=start + shown_now) if queue.next else "",
    }


def sorts(a: Asked) -> dict[str, dict[str, str]]:
    """Column → where its heading leads, and how it is sorted now."""
    up = {"due": "ascending", "severity": "descending", "last_seen": "descending", "count": "descending"}
    return {
        name: {"href": a.href(sort=None if name == "due" else name), "now": up[name] if a.sort == name else ""}
        for name in SORTS
    }


def page(store: Store, visit: Visit) -> Rendered:
    """The list; the same number of questions however many cases there are."""
    tenants, now, a = visit.who.tenants, visit.now, asked(visit)
    around = surroundings(store, visit, "cases")
    names, views = around.names, around.views
    queue = q.queue(store, tenants, a.where, sort=a.sort, group=a.group, cursor=a.cursor, before=a.before, limit=LIMIT)
    known = Known(names, visit.rules, q.terminal_registers(store, tenants, now=now), now)
    titles = {name: rule.title_ja for name, rule in visit.rules.items()}
    applied = chips(a, names, titles)
    html = fill(
        "queue.html",
        frame=around.frame,
        url=a.href(),
        heading=f"{wording.count(queue.cases)} 件",
        folded=f"{wording.count(queue.entries)} 行にまとめて表示" if queue.entries != queue.cases else "",
        views=[
            {"href": f"/cases?view={name}", "word": word, "count": views.get(name, 0), "current": name == a.view}
            for name, word in VIEWS.items()
        ],
        facets=facets(
            a, q.facets(store, tenants, a.where), names, visit.rules, one_body=not visit.who.whole and len(names) < 2
        ),
        hidden={name: a.params[name][0] for name in ("view", "hours", "sort", "day", "group") if name in a.params},
        text=shown(a.where.text),
        periods=[
            {"href": a.href(hours=hours or None), "word": word, "current": hours == visit.first("hours")}
            for hours, word in PERIODS.items()
        ],
        chips=applied,
        sort_said=SORTS[a.sort],
        sorts=sorts(a),
        entries=entries(queue, a, known),
        pager=pager(queue, a),
        retroactive=views.get("retroactive", 0) if a.view == "todo" else 0,
        may=visit.who.may_triage,
        me=shown(visit.who.name),
        one_body=not visit.who.whole and len(names) < 2,
        reasons=wording.REASON,
    )
    return Rendered(409 if visit.problem else 200, html)
