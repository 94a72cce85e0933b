"""The queue: cases as an analyst works through them, equal ones grouped."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.parameters import Cases, Cursor, Limit, Retroactive
from api.principals import Who
from api.shapes import QueueOut
from api.state import App
from store import questions as q

router = APIRouter(prefix="/queue", tags=["cases"])


@router.get("", summary="The queue")
def list_queue(
    app: App,
    who: Who,
    asked: Cases,
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
    where = replace(
        asked,
        statuses=asked.statuses or frozenset(q.OPEN),
        retroactive=retroactive,
        due_before=app.clock() if overdue else None,
    )
    found = q.queue(app.store, who.tenants, where, sort=sort, group=group, cursor=cursor, before=before, limit=limit)
    return QueueOut.model_validate(found, context=app.rules)
