"""Questions about cases (案件): which ones there are, and how they stand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.errors import InputError
from core.time import DAY_US, day_start
from store.catalogue import Transaction
from store.questions_alerts import (
    day_from_text,
    entity_of,
    newest_of_cases,
)
from store.questions_terms import (
    CONTINUITIES,
    OPEN,
    SEVERITIES,
    STATUSES,
    UNSETTLED,
    VERDICTS,
    Everyone,
    Listing,
    Readable,
    T,
    Tenants,
    beside,
    contains,
    cursor_of,
    limited,
    narrowed,
    one_of,
    plain,
    read_cursor,
    rows,
    tuples,
    within,
)
from store.tables import alerts, case_log, cases, register

OTHERS_DAYS = 7
"""A rule that another body's case has within so many days is 他団体でも検知."""
_NOTHING: frozenset[str] = frozenset()
_HOUR = DAY_US // 24


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases: what is empty does not narrow. since and until (µs) ask for overlap with first to last seen."""

    tenants: frozenset[str] = _NOTHING
    rules: frozenset[str] = _NOTHING
    severities: frozenset[str] = _NOTHING
    statuses: frozenset[str] = frozenset(OPEN)
    continuities: frozenset[str] = _NOTHING
    verdicts: frozenset[str] = _NOTHING
    assignee: str | None = None
    text: str = ""
    """In the case's number, rule, entity or facts, or in the name of its body."""
    since: int | None = None
    until: int | None = None
    last_day: str = ""
    due_before: int | None = None
    """To be told to the body before this instant (µs), and not told yet."""
    retroactive: bool | None = False
    returned: bool = False
    """Come back to people: flared up again, or materially changed since the newest judgement."""
    judged_since: int | None = None
    """Its status was changed at or after this instant (µs)."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as a list shows it. Times in µs UTC, days in JST; `facts` are those of its newest alert."""

    id: str
    rule: str
    tenant: str
    entity: tuple[str, ...]
    entity_type: str
    status: str
    reason: str
    until: int | None
    assignee: str
    severity: str
    continuity: str
    verdict: str
    count: int
    alerts: int
    days: int
    first_day: str
    last_day: str
    previous_last_day: str | None
    first_seen: int
    last_seen: int
    opened: int
    due: int | None
    taken: int | None
    notified: int | None
    version: int
    revised: bool
    others: int
    alert_id: str
    revision: int
    facts: dict[str, Any]


def _returned() -> sa.ColumnElement[bool]:
    """Whether the newest of judgement and return is a return, or the case flared up and nobody has judged it."""
    newest = (
        sa.select(case_log.c.act)
        .where(case_log.c.case_id == cases.c.id, case_log.c.act.in_(("status", "returned")))
        .order_by(case_log.c.id.desc())
        .limit(1)
        .correlate(cases)
        .scalar_subquery()
    )
    return sa.or_(newest == "returned", sa.and_(cases.c.continuity == "recurring", cases.c.taken.is_(None)))


def _mentions(text: str) -> sa.ColumnElement[bool]:
    inside = json.dumps(text, ensure_ascii=False)[1:-1]
    said = sa.exists().where(alerts.c.case_id == cases.c.id, contains(alerts.c.facts, inside)).correlate(cases)
    named = sa.select(register.c.tenant).where(
        register.c.kind == "tenants", register.c.replaced.is_(None), contains(register.c["values"], inside)
    )
    return sa.or_(
        contains(cases.c.id, text), contains(cases.c.rule, text), contains(cases.c.entity, inside),
        cases.c.tenant.in_(named), said,
    )  # fmt: skip


def conditions(tenants: Tenants, where: CaseFilter, *, without: str = "") -> list[sa.ColumnElement[bool]]:
    """The filter as conditions on `cases`; `without` leaves one out, to count its facet.

    One of them is left to an index: what was judged lately, unsettled statuses (few cases have one), the time, who
    works on it, a single rule (within a single body), the body, in this order. The others stand beside it.
    """
    bodies, c = narrowed(tenants, where.tenants if without != "tenants" else _NOTHING), cases.c
    unsettled = bool(where.statuses) and where.statuses <= set(UNSETTLED) and without != "statuses"
    if where.judged_since is not None:
        by = {"judged"}
    elif unsettled:
        by = {"statuses"}
    elif where.since is not None or where.until is not None or where.last_day:
        by = {"times"}
    elif where.assignee:
        by = {"assignee"}
    elif len(where.rules) == 1 and without != "rules":
        by = {"rules"} if bodies is Everyone.ALL or len(bodies) > 1 else {"rules", "tenants"}
    else:
        by = {"tenants"}

    def served(column: sa.ColumnElement[T], name: str) -> sa.ColumnElement[T]:
        return column if name in by else beside(column)

    parts: dict[str, sa.ColumnElement[bool]] = {
        "joined": beside(c.joined_into) == "",
        "bodies": within(served(c.tenant, "tenants"), bodies),
        "rules": one_of(served(c.rule, "rules"), where.rules),
        "severities": one_of(beside(c.severity), where.severities, SEVERITIES),
        "statuses": one_of(served(c.status, "statuses"), where.statuses, STATUSES),
        "continuities": one_of(beside(c.continuity), where.continuities, CONTINUITIES),
        "verdicts": one_of(beside(c.verdict), where.verdicts, (*VERDICTS, "")),
    }
    if where.assignee is not None:
        parts["assignee"] = served(c.assignee, "assignee") == plain(where.assignee)
    if where.text:
        parts["text"] = _mentions(plain(where.text))
    if where.since is not None:
        parts["since"] = served(c.last_seen, "times") >= where.since
    if where.until is not None:
        parts["until"] = beside(c.first_seen) < where.until
    if where.last_day:
        start = day_start(day_from_text(where.last_day))  # the last event of a case lies in its last day
        seen = served(c.last_seen, "times")
        parts["last_day"] = sa.and_(beside(c.last_day) == where.last_day, seen >= start, seen < start + 2 * DAY_US)
    if where.due_before is not None:
        parts["due"] = sa.and_(beside(c.due) < where.due_before, c.notified.is_(None))
    if where.retroactive is not None:
        parts["retroactive"] = (
            beside(c.continuity) == "retroactive" if where.retroactive else beside(c.continuity) != "retroactive"
        )
    if where.returned:
        parts["returned"] = _returned()
    if where.judged_since is not None:
        judged = sa.select(case_log.c.case_id).where(case_log.c.at >= where.judged_since, case_log.c.act == "status")
        parts["judged"] = c.id.in_(judged)
    return [part for name, part in parts.items() if name != without]


def view(name: str, *, actor: str, now: int) -> CaseFilter:
    """The filter of a tab: todo, mine, due, returned, watching, retroactive or closed (7 days)."""
    return {
        "todo": CaseFilter(),
        "mine": CaseFilter(statuses=frozenset(UNSETTLED), assignee=actor, retroactive=None),
        "due": CaseFilter(due_before=now + _HOUR),
        "returned": CaseFilter(returned=True),
        "watching": CaseFilter(statuses=frozenset({"watching"}), retroactive=None),
        "retroactive": CaseFilter(statuses=frozenset(UNSETTLED), retroactive=True),
        "closed": CaseFilter(
            statuses=frozenset({"closed", "dismissed"}), judged_since=now - 7 * DAY_US, retroactive=None
        ),
    }[name]


VIEWS = ("todo", "mine", "due", "returned", "watching", "retroactive", "closed")


# ------------------------------------------------------------------------------------------------------------ the rows


def _others() -> sa.ScalarSelect[int]:
    """Number of other bodies with a case of this one's rule within OTHERS_DAYS, counted over every body."""
    margin = OTHERS_DAYS * DAY_US
    first = sa.select(sa.func.min(cases.c.tenant).label("code")).cte("body", recursive=True)
    another = sa.select(sa.func.min(cases.c.tenant)).where(cases.c.tenant > first.c.code).scalar_subquery()
    body = first.union_all(sa.select(another).where(first.c.code.is_not(None)))
    near = cases.alias("near")
    seen = sa.exists().where(
        near.c.rule == cases.c.rule, near.c.tenant == body.c.code, near.c.last_seen >= cases.c.first_seen - margin,
        beside(near.c.first_seen) <= cases.c.last_seen + margin, beside(near.c.joined_into) == "",
    ).correlate(cases, body)  # fmt: skip
    return (
        sa.select(sa.func.count())
        .select_from(body)
        .where(body.c.code != cases.c.tenant, seen)
        .correlate(cases)
        .scalar_subquery()
    )


def finished(tx: Transaction, tenants: Tenants, ids: Sequence[str]) -> dict[str, CaseRow]:
    """Case rows by id, with what other tables say of them; only cases of these bodies."""
    number = sa.select(sa.func.count()).where(alerts.c.case_id == cases.c.id).correlate(cases).scalar_subquery()
    chain = cases.alias("chain")
    before = (
        sa.select(sa.func.max(chain.c.last_day))
        .where(
            chain.c.rule == cases.c.rule, chain.c.tenant == cases.c.tenant, chain.c.entity == cases.c.entity,
            chain.c.joined_into == "", chain.c.last_day < cases.c.first_day, cases.c.continuity == "recurring",
        )
        .correlate(cases)
        .scalar_subquery()
    )  # fmt: skip
    found = rows(tx, sa.select(
        cases, number.label("alerts"), before.label("previous_last_day"), _returned().label("revised"),
        _others().label("others"),
    ).where(cases.c.id.in_(ids), within(cases.c.tenant, tenants)))  # fmt: skip
    newest = newest_of_cases(tx, tenants, [row["id"] for row in found])
    out = {}
    own = [
        name for name in CaseRow.__slots__ if name not in ("entity", "days", "alert_id", "revision", "facts", "revised")
    ]
    for row in found:
        last = newest.get(row["id"])
        out[row["id"]] = CaseRow(
            **{name: row[name] for name in own},
            entity=entity_of(row["entity"]), revised=bool(row["revised"]),
            days=(date.fromisoformat(row["last_day"]) - date.fromisoformat(row["first_day"])).days + 1,
            alert_id=last.id if last else "", revision=last.revision if last else 0, facts=last.facts if last else {},
        )  # fmt: skip
    return out


def cases_listed(
    store: Readable,
    tenants: Tenants,
    where: CaseFilter,
    *,
    sort: str = "-last_seen",
    cursor: str | None = None,
    limit: int = 50,
    total: bool = False,
) -> Listing[CaseRow]:
    """Cases one by one, by the time of their last event; the queue groups them.

    Raises:
        InputError: An unknown word in the filter, a wrong cursor or limit.
    """
    if sort not in ("-last_seen", "last_seen"):
        raise InputError(f"sort {sort!r} is none of -last_seen, last_seen")
    limit, down = limited(limit), sort.startswith("-")
    asked = conditions(tenants, where)
    column = cases.c.last_seen
    statement = sa.select(cases.c.id, column).where(*asked).limit(limit + 1)
    statement = statement.order_by(*((column.desc(), cases.c.id.desc()) if down else (column, cases.c.id)))
    if cursor:
        at, case_id = read_cursor(cursor, sort, (int, str))
        here, there = (
            sa.tuple_(column, cases.c.id),
            sa.tuple_(sa.literal(at, sa.BigInteger), sa.literal(case_id, sa.String)),
        )
        statement = statement.where(here < there if down else here > there)
        statement = statement.where(column <= at if down else column >= at)
    with store.catalogue.read() as tx:
        keys = tx.execute(statement).all()
        made = finished(tx, tenants, [key.id for key in keys[:limit]])
        counted = (
            tx.execute(sa.select(sa.func.count()).select_from(cases).where(*asked)).scalar_one() if total else None
        )
    page = tuple(made[key.id] for key in keys[:limit])
    return Listing(page, cursor_of(sort, [page[-1].last_seen, page[-1].id]) if len(keys) > limit else None, counted)


def open_severities(store: Readable, tenants: Tenants) -> dict[str, dict[str, int]]:
    """Body → severity → cases that are neither closed nor dismissed, 遡及 left out."""
    asked = conditions(tenants, CaseFilter(statuses=frozenset(UNSETTLED)))
    with store.catalogue.read() as tx:
        found = tuples(
            tx,
            sa.select(cases.c.tenant, cases.c.severity, sa.func.count())
            .where(*asked)
            .group_by(cases.c.tenant, cases.c.severity),
        )
    out: dict[str, dict[str, int]] = {}
    for tenant, severity, number in found:
        out.setdefault(tenant, dict.fromkeys(SEVERITIES, 0))[severity] = number
    return out
