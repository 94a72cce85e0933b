"""The queue: cases as an analyst works through them, equal ones grouped, with counts for the filters beside it.

Cases of one rule and day are one entry when they are of ≥ 3 bodies or ≥ 20 entities among those that the reader sees.
A group is a view: nothing of it is stored, and a judgement on it is stored on each of its cases.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from core.errors import InputError
from core.time import DAY_US, JST_OFFSET_US, day_of, day_start
from store.catalogue import Transaction
from store.questions_alerts import severity_rank
from store.questions_case import find
from store.questions_cases import VIEWS, CaseFilter, CaseRow, conditions, finished, view
from store.questions_terms import (
    SEVERITIES,
    UNSETTLED,
    Readable,
    Tenants,
    cursor_of,
    limited,
    read_cursor,
    rows,
    tuples,
)
from store.tables import cases

GROUP_BODIES = 3
GROUP_ENTITIES = 20
MEMBER_CASES = 50
"""Ids of cases that a member of a group names; the rest are found by rule, day and body."""
SORTS = ("due", "severity", "last_seen", "count")
_NEVER = 2**62
_FACETS = {
    "severities": cases.c.severity, "statuses": cases.c.status, "continuities": cases.c.continuity,
    "verdicts": cases.c.verdict, "tenants": cases.c.tenant, "rules": cases.c.rule,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """One body's part of a grouped entry. `added_later`: a case that came after others of the group were judged."""

    tenant: str
    cases: int
    entities: int
    count: int
    first_day: str
    last_day: str
    first_seen: int
    last_seen: int
    continuities: dict[str, int]
    statuses: dict[str, int]
    assignees: tuple[str, ...]
    added_later: bool
    case_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One case, or the cases of one rule and day; then `members` has each body's part and `case` is None."""

    key: str
    rule: str
    day: str
    severity: str
    cases: int
    bodies: int
    entities: int
    count: int
    first_seen: int
    last_seen: int
    due: int | None
    statuses: dict[str, int]
    verdicts: tuple[str, ...]
    case: CaseRow | None
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of the queue, with the exact number of entries and of the cases in them."""

    items: tuple[QueueEntry, ...]
    next: str | None
    previous: str | None
    entries: int
    cases: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Word → number of cases, for each filter; each is counted without itself."""

    severities: dict[str, int]
    statuses: dict[str, int]
    continuities: dict[str, int]
    verdicts: dict[str, int]
    tenants: dict[str, int]
    rules: dict[str, int]


def _entries(tenants: Tenants, where: CaseFilter, sort: str, *, group: bool) -> sa.Subquery | sa.CTE:
    """Every entry of the queue with its sort key k1, k2, k3 (all ascending) and key."""
    c = cases.c
    waiting = sa.case((c.notified.is_(None), c.due))
    base = sa.select(
        c.id, c.rule, c.tenant, c.entity, c.last_day, c["count"], c.first_seen, c.last_seen,
        waiting.label("due"), severity_rank().label("rank"),
    ).where(*conditions(tenants, where)).cte("base")  # fmt: skip
    bodies = sa.func.count(sa.distinct(base.c.tenant))
    entities = sa.func.count(sa.distinct(base.c.tenant + base.c.entity))
    b = base.c
    grouped = (
        sa.select(
            b.rule, b.last_day, sa.func.count().label("cases"), bodies.label("bodies"), entities.label("entities"),
            sa.cast(sa.func.sum(b["count"]), sa.BigInteger).label("count"),
            sa.func.min(b.first_seen).label("first_seen"),
            sa.func.max(b.last_seen).label("last_seen"), sa.func.min(b.due).label("due"),
            sa.func.min(b.rank).label("rank"),
        )
        .group_by(b.rule, b.last_day)
        .having(sa.or_(bodies >= GROUP_BODIES, entities >= GROUP_ENTITIES) if group else sa.false())
        .cte("grouped")
    )  # fmt: skip
    one = sa.literal(1)
    single = sa.select(
        one.label("single"), b.id.label("key"), b.rule, b.last_day, one.label("cases"), one.label("bodies"),
        one.label("entities"), b["count"], b.first_seen, b.last_seen, b.due, b.rank,
    ).where(
        ~sa.exists().where(grouped.c.rule == b.rule, grouped.c.last_day == b.last_day)
    )  # fmt: skip
    g = grouped.c
    several = sa.select(
        sa.literal(0), sa.literal("g:", sa.String) + g.rule + ":" + g.last_day, g.rule, g.last_day, g.cases, g.bodies,
        g.entities, g["count"], g.first_seen, g.last_seen, g.due, g.rank,
    )  # fmt: skip
    e = single.union_all(several).subquery("e").c
    due = sa.func.coalesce(e.due, _NEVER)
    keys: dict[str, tuple[sa.ColumnElement[Any], ...]] = {
        "due": (due, e.rank, -e.last_seen),
        "severity": (e.rank, due, -e.last_seen),
        "last_seen": (-e.last_seen, e.rank, due),
        "count": (-e["count"], e.rank, -e.last_seen),
    }
    if sort not in keys:
        raise InputError(f"sort {sort!r} is none of {', '.join(SORTS)}")
    k1, k2, k3 = keys[sort]
    return sa.select(*e, k1.label("k1"), k2.label("k2"), k3.label("k3")).cte("entries")


def _grouped_cases(
    tx: Transaction, tenants: Tenants, where: CaseFilter, groups: Collection[tuple[str, str]]
) -> dict[tuple[str, str], list[sa.RowMapping]]:
    """(rule, last day) → the cases of that group."""
    c = cases.c
    out: dict[tuple[str, str], list[sa.RowMapping]] = {group: [] for group in groups}
    if groups:
        asked = sa.select(
            c.id, c.rule, c.tenant, c.entity, c.status, c.continuity, c.assignee, c.verdict, c["count"], c.first_day,
            c.last_day, c.first_seen, c.last_seen, c.opened, c.taken,
        ).where(*conditions(tenants, where), c.last_day.in_({day for _, day in groups}))  # fmt: skip
        for row in rows(tx, asked.order_by(c.tenant, c.last_seen.desc(), c.id)):
            if (group := (row["rule"], row["last_day"])) in out:
                out[group].append(row)
    return out


def _members(found: Sequence[sa.RowMapping]) -> tuple[Member, ...]:
    judged = [row["taken"] for row in found if row["taken"] is not None]
    by_body: dict[str, list[sa.RowMapping]] = {}
    for row in found:
        by_body.setdefault(row["tenant"], []).append(row)
    return tuple(
        Member(
            tenant=tenant, cases=len(part), entities=len({row["entity"] for row in part}),
            count=sum(row["count"] for row in part),
            first_day=min(row["first_day"] for row in part), last_day=max(row["last_day"] for row in part),
            first_seen=min(row["first_seen"] for row in part), last_seen=max(row["last_seen"] for row in part),
            continuities=_tally(row["continuity"] for row in part), statuses=_tally(row["status"] for row in part),
            assignees=tuple(sorted({row["assignee"] for row in part} - {""})),
            added_later=bool(judged) and any(row["taken"] is None and row["opened"] > min(judged) for row in part),
            case_ids=tuple(row["id"] for row in part[:MEMBER_CASES]),
        )
        for tenant, part in by_body.items()
    )  # fmt: skip


def _tally(words: Any) -> dict[str, int]:
    out: dict[str, int] = {}
    for word in words:
        out[word] = out.get(word, 0) + 1
    return out


def _entry(row: sa.RowMapping, one: CaseRow | None, found: Sequence[sa.RowMapping]) -> QueueEntry:
    return QueueEntry(
        key=row["key"], rule=row["rule"], day=row["last_day"], severity=SEVERITIES[row["rank"]], cases=row["cases"],
        bodies=row["bodies"], entities=row["entities"], count=int(row["count"]), first_seen=row["first_seen"],
        last_seen=row["last_seen"], due=row["due"],
        statuses={one.status: 1} if one else _tally(r["status"] for r in found),
        verdicts=tuple(sorted(({one.verdict} if one else {r["verdict"] for r in found}) - {""})),
        case=one, members=_members(found),
    )  # fmt: skip


def queue(
    store: Readable,
    tenants: Tenants,
    where: CaseFilter,
    *,
    sort: str = "due",
    group: bool = True,
    cursor: str | None = None,
    before: bool = False,
    limit: int = 50,
) -> Queue:
    """One page of the queue.

    Args:
        store: Where the cases are.
        tenants: The bodies that are seen.
        where: Which cases.
        sort: due (what must be told first, then severity) | severity | last_seen | count.
        group: Whether equal cases are one entry.
        cursor: `next` of a page, or `previous` with `before`.
        before: The page that ends before the cursor.
        limit: Entries of the page, at most.

    Raises:
        InputError: An unknown word in the filter, a wrong cursor or limit; settled cases without a beginning.
    """
    limit = limited(limit)
    if not (where.statuses and where.statuses <= set(UNSETTLED)) and where.since is None and where.judged_since is None:
        raise InputError("the queue of settled cases needs a beginning: say since")
    entries = _entries(tenants, where, sort, group=group)
    order = f"{sort}:{int(group)}"
    e = entries.c
    key = (e.k1, e.k2, e.k3, e.key)
    number, inside = (
        sa.select(number).select_from(entries).correlate(None).scalar_subquery()
        for number in (sa.func.count(), sa.func.sum(e.cases))
    )
    statement = sa.select(entries, number.label("entries"), inside.label("inside")).limit(limit + 1)
    statement = statement.order_by(*(part.desc() for part in key) if before else key)
    if cursor:
        at = read_cursor(cursor, order, (int, int, int, str))
        here = sa.tuple_(*key)
        there = sa.tuple_(*(sa.literal(v, sa.BigInteger if isinstance(v, int) else sa.String) for v in at))
        statement = statement.where(here < there if before else here > there)
    with store.catalogue.read() as tx:
        found = list(rows(tx, statement))
        if found:
            total, total_cases = found[0]["entries"], found[0]["inside"]
        else:  # behind the end there is no row that could carry the totals
            ((total, total_cases),) = tuples(tx, sa.select(number, inside))
        more = len(found) > limit
        page = found[:limit][::-1] if before else found[:limit]
        made = finished(tx, tenants, [row["key"] for row in page if row["single"]])
        groups = _grouped_cases(
            tx, tenants, where, [(row["rule"], row["last_day"]) for row in page if not row["single"]]
        )
    items = tuple(
        _entry(row, made[row["key"]], ()) if row["single"] else _entry(row, None, groups[row["rule"], row["last_day"]])
        for row in page
    )
    ends = (
        [cursor_of(order, [row[k] for k in ("k1", "k2", "k3", "key")]) for row in (page[0], page[-1])] if page else []
    )
    following = ends[1] if ends and (more or before) else None
    previous = ends[0] if ends and (more if before else cursor is not None) else None
    return Queue(items, following, previous, total, int(total_cases or 0))


def facets(store: Readable, tenants: Tenants, where: CaseFilter) -> Facets:
    """How many cases each choice of each filter would show, the other filters held.

    Of the statuses only those of unsettled cases are counted, and those that the filter names.
    """
    with store.catalogue.read() as tx:
        out = {}
        for name, column in _FACETS.items():
            held = replace(where, statuses=where.statuses | set(UNSETTLED)) if name == "statuses" else where
            without = "" if name == "statuses" else name
            asked = sa.select(column.label("word")).where(*conditions(tenants, held, without=without)).subquery()
            counted = sa.select(asked.c.word, sa.func.count()).group_by(asked.c.word).order_by(asked.c.word)
            out[name] = {str(word): int(number) for word, number in tuples(tx, counted)}
    return Facets(**out)


def views(store: Readable, tenants: Tenants, *, actor: str, now: int) -> dict[str, int]:
    """Tab → number of its cases. One walk over the unsettled cases counts all tabs but that of the settled ones."""
    asked = {name: sa.and_(*conditions(tenants, view(name, actor=actor, now=now))) for name in VIEWS}
    walked = [name for name in VIEWS if name != "closed"]
    unsettled = conditions(tenants, CaseFilter(statuses=frozenset(UNSETTLED), retroactive=None))
    tabs: list[sa.ColumnElement[Any]] = [sa.func.count(sa.case((asked[name], 1))) for name in walked]
    counted: sa.Select[Any] = sa.select(*tabs).where(*unsettled)
    closed = sa.select(sa.func.count()).select_from(cases).where(asked["closed"])
    with store.catalogue.read() as tx:
        (numbers,) = tuples(tx, counted)
        return dict(zip(walked, numbers, strict=True)) | {"closed": tx.execute(closed).scalar_one()}


def neighbours(store: Readable, tenants: Tenants, case_id: str) -> tuple[str | None, str | None]:
    """The cases before and after this one in the open queue, one by one; None at its ends, or where it isn't open."""
    with store.catalogue.read() as tx:
        row = find(tx, tenants, case_id)
        entries = _entries(tenants, CaseFilter(), "due", group=False)
        e = entries.c
        key = (e.k1, e.k2, e.k3, e.key)
        here = tx.execute(sa.select(*key).where(e.key == row["id"])).one_or_none()
        if here is None:
            return None, None
        there = sa.tuple_(*(sa.literal(v, sa.BigInteger if isinstance(v, int) else sa.String) for v in here))
        earlier = sa.select(e.key).where(sa.tuple_(*key) < there).order_by(*(part.desc() for part in key)).limit(1)
        later = sa.select(e.key).where(sa.tuple_(*key) > there).order_by(*key).limit(1)
        return tx.execute(earlier).scalar_one_or_none(), tx.execute(later).scalar_one_or_none()


def opened_per_day(store: Readable, tenants: Tenants, *, now: int, days: int = 10) -> tuple[tuple[str, int], ...]:
    """JST day → cases opened on it, 遡及 left out; the last `days` days with today, oldest first."""
    today = day_of(now)
    first = day_start(today) - (days - 1) * DAY_US
    number = (cases.c.opened + JST_OFFSET_US) // DAY_US
    asked = conditions(tenants, CaseFilter(statuses=frozenset()))
    with store.catalogue.read() as tx:
        found = {
            int(day): count
            for day, count in tuples(
                tx, sa.select(number.label("d"), sa.func.count()).where(*asked, cases.c.opened >= first).group_by("d")
            )
        }
    return tuple(
        (day_of(first + n * DAY_US).isoformat(), found.get((first + JST_OFFSET_US) // DAY_US + n, 0))
        for n in range(days)
    )
