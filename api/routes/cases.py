"""Cases (案件): what people work on."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.parameters import CaseId, Cases, Cursor, Limit, Retroactive, Total
from api.principals import Judge, Who
from api.shapes import AlertOut, BulkFailed, BulkIn, BulkOut, CaseDetailOut, CaseOut, Chosen, LogOut, Page, TriageIn
from api.state import App
from api.triage import Judgement, end_of, judge, judge_all
from store import questions as q

router = APIRouter(prefix="/cases", tags=["cases"])


@router.get("", summary="List cases")
def list_cases(
    app: App,
    who: Who,
    asked: Cases,
    last_day: Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="JST day of the last event.")] = "",
    retroactive: Retroactive = None,
    sort: Annotated[
        Literal["-last_seen", "last_seen"], Query(description="By the time of the last event.")
    ] = "-last_seen",
    cursor: Cursor = None,
    limit: Limit = 50,
    total: Total = False,
) -> Page[CaseOut]:
    """Cases one by one, the newest first; `/v1/queue` groups those that are alike."""
    where = replace(asked, last_day=last_day, retroactive=retroactive)
    found = q.cases(app.store, who.tenants, where, sort=sort, cursor=cursor, limit=limit, total=total)
    return Page[CaseOut].model_validate(found, context=app.rules)


@router.get("/{case_id}", summary="One case")
def one_case(app: App, who: Who, case_id: CaseId) -> CaseDetailOut:
    """One case with its alerts and everything that was done to it."""
    found = q.case(app.store, who.tenants, case_id)
    return CaseDetailOut(
        **CaseOut.model_validate(found.row, context=app.rules).__dict__,
        joined_into=found.joined_into,
        chain=[AlertOut.model_validate(one, context=app.rules) for one in found.alerts],
        log=[LogOut.model_validate(one) for one in found.log],
    )


@router.post("/triage", summary="Judge several cases alike")
def triage_cases(app: App, who: Judge, said: BulkIn) -> BulkOut:
    """The same judgement on each of several cases, e.g. on a grouped entry. Each is judged on its own or not at all.

    A case whose version has moved is in `failed` with 409: read it and judge it again.
    """
    judgement = Judgement(
        said.status, said.reason, end_of(said.until), said.assignee, said.comment, notified=said.notified
    )
    done, failed = judge_all(app, who, [(one.id, one.version) for one in said.cases], judgement)
    return BulkOut(
        done=[Chosen(id=case_id, version=version) for case_id, version in done],
        failed=[BulkFailed(id=case_id, status=e.status, detail=str(e)) for case_id, e in failed],
    )


@router.post("/{case_id}/triage", summary="Judge a case")
def triage_case(app: App, who: Judge, case_id: CaseId, said: TriageIn) -> CaseOut:
    """Change status, assignee or end, or say something. Dismissing needs a reason, watching an end.

    409 when somebody else was first: `version` is not the one that stands.
    """
    judgement = Judgement(
        said.status, said.reason, end_of(said.until), said.assignee, said.comment, notified=said.notified
    )
    judge(app, who, case_id, said.version, judgement)
    return CaseOut.model_validate(q.case(app.store, who.tenants, case_id).row, context=app.rules)
