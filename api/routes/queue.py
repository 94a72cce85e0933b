"""The queue: cases as an analyst works through them, equal ones grouped."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.parameters import (
    Continuities,
    Cursor,
    Limit,
    Retroactive,
    Rules,
    Severities,
    Since,
    Statuses,
    Tenants,
    Text,
    Until,
    Verdicts,
    instant,
    verdicts,
)
from api.principals import Who
from api.shapes import QueueOut
from api.state import App
from store import questions as q

router = APIRouter(prefix="/queue", tags=["cases"])


@router.get("", summary="The queue")
def list_queue(
    app: App,
    who: Who,
    tenant: Tenants = [],  # noqa: B006 - FastAPI copies it
    rule: Rules = [],  # noqa: B006 - FastAPI copies it
    severity: Severities = [],  # noqa: B006 - FastAPI copies it
    status: Statuses = [],  # noqa: B006 - FastAPI copies it
    continuity: Continuities = [],  # noqa: B006 - FastAPI copies it
    verdict: Verdicts = [],  # noqa: B006 - FastAPI copies it
    assignee: Annotated[str | None, Query(max_length=80, description="Who works on it; empty: nobody.")] = None,
    text: Text = "",
    since: Since = None,
    until: Until = None,
    retroactive: Retroactive = False,
    overdue: Annotated[bool, Query(description="Only those whose body should have been told by now.")] = False,
    sort: Annotated[
        Literal["due", "severity", "last_seen", "count"],
        Query(description="due: what must be told first, then severity."),
    ] = "due",
    group: Annotated[
        bool, Query(description="Cases of one rule and day over ≥ 3 bodies or ≥ 20 entities as one entry.")
    ] = True,
    cursor: Cursor = None,
    before: Annotated[bool, Query(description="The page that ends before `cursor` (`previous` of a page).")] = False,
    limit: Limit = 50,
) -> QueueOut:
    """Entries of the queue with exact counts; open cases unless `status` says otherwise.

    Settled cases (closed, dismissed) are shown only with a beginning: `since`.
    """
    where = q.CaseFilter(
        tenants=frozenset(tenant), rules=frozenset(rule), severities=frozenset(severity),
        statuses=frozenset(status or q.OPEN), continuities=frozenset(continuity), verdicts=verdicts(verdict),
        assignee=assignee, text=text, since=instant(since), until=instant(until), retroactive=retroactive,
        due_before=app.clock() if overdue else None,
    )  # fmt: skip
    found = q.queue(app.store, who.tenants, where, sort=sort, group=group, cursor=cursor, before=before, limit=limit)
    return QueueOut.model_validate(found)
