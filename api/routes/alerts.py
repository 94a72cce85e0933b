"""Alerts: what rules found, with the facts and the lines behind them."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.parameters import (
    AlertId,
    Cursor,
    Limit,
    Rules,
    Severities,
    Since,
    States,
    Statuses,
    Tenants,
    Total,
    Until,
    Verdicts,
    instant,
    verdicts,
)
from api.principals import Who
from api.shapes import AlertDetailOut, AlertOut, LineOut, Page, RevisionOut
from api.state import App
from store import questions as q

router = APIRouter(prefix="/alerts", tags=["alerts"])

Day = Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="JST day, included.")]


@router.get("", summary="List alerts")
def list_alerts(
    app: App,
    who: Who,
    tenant: Tenants = [],  # noqa: B006 - FastAPI copies it
    rule: Rules = [],  # noqa: B006 - FastAPI copies it
    severity: Severities = [],  # noqa: B006 - FastAPI copies it
    state: States = [],  # noqa: B006 - FastAPI copies it
    verdict: Verdicts = [],  # noqa: B006 - FastAPI copies it
    case_status: Annotated[Statuses, Query(alias="case_status")] = [],  # noqa: B006 - FastAPI copies it
    case: Annotated[str, Query(max_length=20, description="Only those of this case.")] = "",
    candidate: Annotated[bool, Query(description="Those of rules on trial, which are held apart.")] = False,
    day_from: Day = "",
    day_to: Day = "",
    since: Since = None,
    until: Until = None,
    entity: Annotated[str, Query(max_length=200, description="What the entity begins with, e.g. `10.1.2.`.")] = "",
    sort: Annotated[
        Literal["-last_seen", "last_seen", "severity", "revised", "-revised"],
        Query(
            description="`revised` walks from the oldest change on: keep the last cursor and get what changed since."
        ),
    ] = "-last_seen",
    cursor: Cursor = None,
    limit: Limit = 50,
    total: Total = False,
) -> Page[AlertOut]:
    """Alerts of the bodies that the key sees, newest first, page by page; pages don't overlap."""
    where = q.AlertFilter(
        tenants=frozenset(tenant), rules=frozenset(rule), severities=frozenset(severity),
        states=frozenset(state or ("live", "frozen")), verdicts=verdicts(verdict), case_statuses=frozenset(case_status),
        case_id=case, candidate=candidate, day_from=day_from, day_to=day_to, since=instant(since), until=instant(until),
        entity=entity,
    )  # fmt: skip
    found = q.alerts(app.store, who.tenants, where, sort=sort, cursor=cursor, limit=limit, total=total)
    return Page[AlertOut].model_validate(found, context=app.rules)


@router.get("/{alert_id}", summary="One alert")
def one_alert(app: App, who: Who, alert_id: AlertId) -> AlertDetailOut:
    """One alert with its facts, its revisions, and the status of its case."""
    found = q.alert(app.store, who.tenants, alert_id)
    return AlertDetailOut(
        **AlertOut.model_validate(found.alert, context=app.rules).__dict__,
        case_status=found.case_status,
        revisions=[RevisionOut.model_validate(one) for one in found.revisions],
    )


def line_out(line: q.Line) -> LineOut:
    """A line, with its bytes where its text does not say all of them."""
    exact = b64encode(line.raw).decode() if line.repaired else None
    return LineOut(
        batch=line.batch, line=line.line, source=line.source, received=line.received, time=line.time, kind=line.kind,
        text=line.text, repaired=line.repaired, encoding=line.encoding, base64=exact,
    )  # fmt: skip


@router.get("/{alert_id}/lines", summary="The lines behind an alert")
def alert_lines(app: App, who: Who, alert_id: AlertId, cursor: Cursor = None, limit: Limit = 100) -> Page[LineOut]:
    r"""Every raw line that the alert rests on, out of the archive, hour by hour; `total` is exact.

    Bytes that are no text are written \xNN. Reading lines is recorded with the key's name.
    """
    found = q.evidence(app.store, who.tenants, alert_id, actor=who.actor, cursor=cursor, limit=limit)
    return Page[LineOut](items=[line_out(line) for line in found.items], next=found.next, total=found.total)


@router.get("/{alert_id}/samples", summary="The lines that stand for an alert")
def alert_samples(app: App, who: Who, alert_id: AlertId) -> list[LineOut]:
    """The first line, the one at which the rule fired, and the last. Reading lines is recorded."""
    return [line_out(line) for line in q.samples(app.store, who.tenants, alert_id, actor=who.actor)]
