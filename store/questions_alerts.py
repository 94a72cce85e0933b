"""Questions about alerts: lists by key, one alert with what became of it. Every one takes the bodies that are seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from core import time
from core.errors import InputError, NotFoundError
from store.catalogue import Transaction
from store.questions_terms import (
    ALERT_STATES,
    SEVERITIES,
    STATUSES,
    VERDICTS,
    Everyone,
    Listing,
    Readable,
    Tenants,
    begins,
    beside,
    cursor_of,
    limited,
    narrowed,
    one_of,
    plain,
    rank,
    read_cursor,
    rows,
    within,
)
from store.questions_ways import NARROW, Condition, Order, count, page
from store.tables import alerts as table
from store.tables import cases, revisions

SORTS = {
    "-last_seen": Order("last_seen", down=True), "last_seen": Order("last_seen", down=False),
    "-revised": Order("revised", down=True), "revised": Order("revised", down=False),
    "severity": Order("last_seen", down=True, severity=True),
}  # fmt: skip
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: its facts, and where it stands. Times in µs UTC, day in JST."""

    id: str
    rule: str
    tenant: str
    entity: tuple[str, ...]
    entity_type: str
    day: str
    candidate: bool
    state: str
    reason: str
    severity: str
    verdict: str
    count: int
    carried: int
    first_seen: int
    last_seen: int
    facts: dict[str, Any]
    fingerprint: str
    revision: int
    created: int
    revised: int
    received: int
    case_id: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What a later evaluation changed: fact → (before, after). An empty `material` is 継続."""

    alert: str
    revision: int
    at: int
    seq: int
    state: str
    severity: str
    changes: dict[str, Any]
    material: str


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """One alert with its history and the status of the case it belongs to ("" while it has none)."""

    alert: Alert
    revisions: tuple[Revision, ...]
    case_status: str


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts: what is empty does not narrow. Days are JST and inclusive; since and until (µs) ask for overlap."""

    tenants: frozenset[str] = _NOTHING
    rules: frozenset[str] = _NOTHING
    severities: frozenset[str] = _NOTHING
    states: frozenset[str] = frozenset({"live", "frozen"})
    verdicts: frozenset[str] = _NOTHING
    case_statuses: frozenset[str] = _NOTHING
    candidate: bool = False
    day_from: str = ""
    day_to: str = ""
    since: int | None = None
    until: int | None = None
    entity: str = ""
    """What the entity's first value begins with."""
    case_id: str = ""


def alert_of(row: sa.RowMapping) -> Alert:
    """An alert from its row."""
    return Alert(**{
        name: row[name] for name in Alert.__slots__ if name not in ("entity", "facts")
    } | {"entity": entity_of(row["entity"]), "facts": json.loads(row["facts"])})  # fmt: skip


def entity_of(text: str) -> tuple[str, ...]:
    """The values of an entity; a text that is no JSON list stands for itself."""
    try:
        values = json.loads(text)
    except ValueError:
        return (text,)
    return tuple(str(value) for value in values) if isinstance(values, list) else (text,)


def day_from_text(text: str) -> date:
    """A day as a person writes it; InputError for none."""
    try:
        return date.fromisoformat(text)
    except ValueError as e:
        raise InputError(f"{text!r} is no day; e.g. 2026-11-20") from e


def _conditions(tx: Transaction, tenants: Tenants, where: AlertFilter) -> dict[str, Condition]:
    """The filter, condition by condition: those first within which a page is best walked to."""
    c = table.c
    out: dict[str, Condition] = {}

    def words(name: str, column: sa.ColumnElement[str], wanted: frozenset[str], known: Sequence[str] = ()) -> None:
        if wanted:
            found = one_of(column, wanted, known)
            out[name] = Condition(found, one_of(beside(column), wanted, known), within=len(wanted) == 1)

    words("rule", c.rule, where.rules)
    bodies = narrowed(tenants, where.tenants)
    if bodies is not Everyone.ALL:
        out["tenant"] = Condition(within(c.tenant, bodies), within(beside(c.tenant), bodies), within=len(bodies) == 1)
    words("verdict", c.verdict, where.verdicts, (*VERDICTS, ""))
    words("severity", c.severity, where.severities, SEVERITIES)
    if bodies is not Everyone.ALL and len(bodies) == 1 and len(where.rules) == 1:
        both = sa.and_(within(c.tenant, bodies), one_of(c.rule, where.rules))
        out["both"] = Condition(both, sa.true())
    if time_of := _times(where):
        out["time"] = Condition(
            _between(c.last_seen, *time_of), _between(beside(c.last_seen), *time_of),
            implied=where.since is None and where.until is None,
        )  # fmt: skip
    if where.entity:
        prefix = json.dumps([plain(where.entity)], ensure_ascii=False)[:-2]
        out["entity"] = Condition(begins(c.entity, prefix), begins(beside(c.entity), prefix))
    if where.case_id:
        wanted = plain(where.case_id)
        out["case"] = Condition(c.case_id == wanted, beside(c.case_id) == wanted)
    if where.case_statuses:
        out["case_status"] = _of_cases(tx, where.case_statuses)
    if where.states and where.states < set(ALERT_STATES):
        rare = "live" not in where.states
        asked = one_of(c.state, where.states, ALERT_STATES)
        indexed = sa.and_(c.state != sa.literal_column("'live'"), asked) if rare else asked
        out["state"] = Condition(indexed, one_of(beside(c.state), where.states), narrow=rare)
    flag = sa.true() if where.candidate else sa.false()
    out["candidate"] = Condition(c.candidate == flag, beside(c.candidate).is_(where.candidate), narrow=where.candidate)
    if days := _days(where):
        out["days"] = Condition(None, sa.and_(*days))
    if where.until is not None:
        out["rest"] = Condition(None, beside(c.first_seen) < where.until)
    return out


def _times(where: AlertFilter) -> tuple[int | None, int | None] | None:
    """Bounds [low, high) of last_seen that the filter implies: an alert's last event lies in its day."""
    low, high = [], []
    if where.day_from:
        low.append(time.day_start(day_from_text(where.day_from)))
    if where.day_to:
        high.append(time.day_start(day_from_text(where.day_to)) + 2 * time.DAY_US)
    if where.since is not None:
        low.append(where.since)
    if where.until is not None:
        high.append(where.until + 2 * time.DAY_US)
    return (max(low, default=None), min(high, default=None)) if low or high else None


def _between(column: sa.ColumnElement[int], low: int | None, high: int | None) -> sa.ColumnElement[bool]:
    bounds = [] if low is None else [column >= low]
    return sa.and_(*bounds, *([] if high is None else [column < high]))


def _days(where: AlertFilter) -> list[sa.ColumnElement[bool]]:
    """The days, which `_times` only bounds, exactly."""
    day, out = beside(table.c.day), []
    if where.day_from:
        out.append(day >= day_from_text(where.day_from).isoformat())
    if where.day_to:
        out.append(day <= day_from_text(where.day_to).isoformat())
    return out


def _of_cases(tx: Transaction, statuses: frozenset[str]) -> Condition:
    """Alerts whose case has one of these statuses: found from few cases, or asked of each alert."""
    asked = one_of(cases.c.status, statuses, STATUSES)
    each = sa.exists().where(cases.c.id == table.c.case_id, one_of(beside(cases.c.status), statuses)).correlate(table)
    some = sa.select(cases.c.id).where(asked).limit(NARROW + 1).subquery()
    if tx.execute(sa.select(sa.func.count()).select_from(some)).scalar_one() > NARROW:
        return Condition(None, each)
    return Condition(table.c.case_id.in_(sa.select(cases.c.id).where(asked)), each)


def alerts(
    store: Readable,
    tenants: Tenants,
    where: AlertFilter | None = None,
    *,
    sort: str = "-last_seen",
    cursor: str | None = None,
    limit: int = 50,
    total: bool = False,
) -> Listing[Alert]:
    """Alerts of these bodies, page by page; ties by id, so that pages do not overlap.

    `sort="revised"` walks from the oldest change to the newest: a tool that keeps the last cursor gets what changed.

    Raises:
        InputError: An unknown word in the filter, a wrong cursor or limit.
    """
    if sort not in SORTS:
        raise InputError(f"sort {sort!r} is none of {', '.join(SORTS)}")
    limit, order = limited(limit), SORTS[sort]
    key = read_cursor(cursor, sort, order.types) if cursor else None
    with store.catalogue.read() as tx:
        conditions = _conditions(tx, tenants, where or AlertFilter())
        found = page(tx, conditions, order, key, limit + 1)
        counted = count(tx, conditions) if total else None
    following = cursor_of(sort, order.key(found[limit - 1])) if len(found) > limit else None
    return Listing(tuple(alert_of(row) for row in found[:limit]), following, counted)


def find(tx: Transaction, tenants: Tenants, alert_id: str) -> Alert:
    """The alert, if one of these bodies has it; NotFoundError says the same of another body's and of none."""
    row = (
        tx.execute(sa.select(table).where(table.c.id == alert_id, within(table.c.tenant, tenants)))
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFoundError(f"no alert {alert_id}")
    return alert_of(row)


def revisions_of(tx: Transaction, ids: Sequence[str]) -> tuple[Revision, ...]:
    """The revisions of these alerts, newest first."""
    found = rows(tx, sa.select(revisions).where(revisions.c.alert.in_(ids)).order_by(
        revisions.c.at.desc(), revisions.c.alert, revisions.c.revision.desc()
    ))  # fmt: skip
    return tuple(
        Revision(
            **{name: r[name] for name in Revision.__slots__ if name != "changes"}, changes=json.loads(r["changes"])
        )
        for r in found
    )


def alert(store: Readable, tenants: Tenants, alert_id: str) -> AlertDetail:
    """One alert with its history; NotFoundError when none of these bodies has it."""
    with store.catalogue.read() as tx:
        found = find(tx, tenants, plain(alert_id))
        status = tx.execute(
            sa.select(cases.c.status).where(cases.c.id == found.case_id, within(cases.c.tenant, tenants))
        ).scalar_one_or_none()
        return AlertDetail(found, revisions_of(tx, [found.id]), status or "")


def newest_of_cases(tx: Transaction, tenants: Tenants, ids: Sequence[str]) -> dict[str, Alert]:
    """Case → its newest alert that was not retracted."""
    newest = (
        sa.select(table.c.id)
        .where(table.c.case_id == cases.c.id, table.c.state != "retracted", within(table.c.tenant, tenants))
        .order_by(table.c.last_seen.desc(), table.c.id.desc())
        .limit(1)
        .correlate(cases)
        .scalar_subquery()
    )
    picked = sa.select(newest.label("id")).select_from(cases).where(cases.c.id.in_(ids))
    found = rows(tx, sa.select(table).where(table.c.id.in_(picked)))
    return {row["case_id"]: alert_of(row) for row in found}


def severity_rank() -> sa.ColumnElement[int]:
    """Severity of a case as a number, the gravest lowest."""
    return rank(cases.c.severity)
