"""Questions about one case (案件): what was done to it, what else was judged like it, and where else it was seen."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from core.errors import NotFoundError
from core.time import DAY_US
from store.catalogue import Transaction
from store.questions_alerts import Alert, Revision, alert_of, entity_of, revisions_of
from store.questions_cases import OTHERS_DAYS, CaseRow, finished
from store.questions_terms import Readable, Tenants, beside, plain, rows, sees, within
from store.tables import alerts, case_log, cases


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One act on a case: status, assign, comment, notify, join, returned."""

    at: int
    actor: str
    act: str
    before: str
    after: str
    comment: str


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """A case with its alerts (newest day first), what was done to it (newest first), and its alerts' revisions."""

    row: CaseRow
    alerts: tuple[Alert, ...]
    log: tuple[LogEntry, ...]
    revisions: tuple[Revision, ...]
    joined_into: str


@dataclass(frozen=True, slots=True)
class Others:
    """Other bodies with a case of the rule: how many, and those cases that the reader may see."""

    bodies: int
    seen: tuple[CaseRow, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """How an earlier case of the same rule was settled."""

    case_id: str
    tenant: str
    entity: tuple[str, ...]
    status: str
    reason: str
    at: int
    actor: str
    comment: str
    same_entity: bool


def find(tx: Transaction, tenants: Tenants, case_id: str) -> sa.RowMapping:
    """The case, if one of these bodies has it; NotFoundError says the same of another body's and of none."""
    asked = sa.select(cases).where(cases.c.id == plain(case_id), within(cases.c.tenant, tenants))
    row = tx.execute(asked).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"no case {case_id}")
    return row


def case(store: Readable, tenants: Tenants, case_id: str) -> CaseDetail:
    """One case with its alerts and its log; NotFoundError when none of these bodies has it."""
    with store.catalogue.read() as tx:
        row = find(tx, tenants, case_id)
        made = finished(tx, tenants, [row["id"]])[row["id"]]
        chained = tuple(alert_of(r) for r in rows(
            tx,
            sa.select(alerts).where(alerts.c.case_id == row["id"], within(alerts.c.tenant, tenants))
            .order_by(alerts.c.day.desc(), alerts.c.last_seen.desc(), alerts.c.id),
        ))  # fmt: skip
        log = tuple(LogEntry(**{name: r[name] for name in LogEntry.__slots__}) for r in rows(
            tx, sa.select(case_log).where(case_log.c.case_id == row["id"]).order_by(case_log.c.id.desc())
        ))  # fmt: skip
        history = revisions_of(tx, [one.id for one in chained])
    return CaseDetail(made, chained, log, history, row["joined_into"])


def others(store: Readable, tenants: Tenants, case_id: str, *, limit: int = 10) -> Others:
    """Other bodies with a case of the rule within 7 days: the number of all, and the cases of those that are seen."""
    margin = OTHERS_DAYS * DAY_US
    with store.catalogue.read() as tx:
        row = find(tx, tenants, case_id)
        near = rows(tx, sa.select(cases.c.id, cases.c.tenant).where(
            cases.c.rule == row["rule"], cases.c.tenant != row["tenant"], cases.c.joined_into == "",
            cases.c.last_seen >= row["first_seen"] - margin, cases.c.first_seen <= row["last_seen"] + margin,
        ).order_by(cases.c.last_seen.desc(), cases.c.id))  # fmt: skip
        seen = [other["id"] for other in near if sees(tenants, other["tenant"])][:limit]
        made = finished(tx, tenants, seen)
    return Others(len({other["tenant"] for other in near}), tuple(made[one] for one in seen))


def past(
    store: Readable, tenants: Tenants, case_id: str, *, now: int, days: int = 365, limit: int = 10
) -> tuple[Judgement, ...]:
    """How earlier cases of the rule were settled among these bodies: those of the same entity, then the newest."""
    c = cases.c
    with store.catalogue.read() as tx:
        row = find(tx, tenants, case_id)
        settled = [
            within(beside(c.tenant), tenants), c.id != row["id"], beside(c.status).in_(("closed", "dismissed")),
            beside(c.joined_into) == "", c.last_seen >= now - days * DAY_US,
        ]  # fmt: skip
        newest = sa.select(c.id).where(c.rule == row["rule"], *settled).order_by(c.last_seen.desc(), c.id).limit(limit)
        same = newest.where(c.tenant == row["tenant"], c.entity == row["entity"])
        ids = list(dict.fromkeys([*tx.execute(same).scalars(), *tx.execute(newest).scalars()]))[:limit]
        found = {r["id"]: r for r in rows(
            tx,
            sa.select(cases, case_log.c.at, case_log.c.actor, case_log.c.comment)
            .join(case_log, case_log.c.case_id == c.id)
            .where(c.id.in_(ids), case_log.c.act == "status")
            .order_by(case_log.c.id),
        )}  # fmt: skip
    return tuple(
        Judgement(
            r["id"], r["tenant"], entity_of(r["entity"]), r["status"], r["reason"], r["at"], r["actor"], r["comment"],
            (r["tenant"], r["entity"]) == (row["tenant"], row["entity"]),
        )
        for r in (found[one] for one in ids if one in found)
    )  # fmt: skip
