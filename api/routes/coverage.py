"""Coverage: what detection has seen, what was denied, and how Hinomi itself stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.parameters import Since, Until, instant
from api.principals import Who
from api.shapes_custody import CoverageDayOut, CoverageOut, DueOut, HourOut, LostOut, RunOut, StandingOut
from api.state import App
from core import time
from core.errors import InputError
from store import questions as q

router = APIRouter(tags=["coverage"])
GAPS_SHOWN = 500
LONGEST_US = 92 * time.DAY_US


@router.get("/coverage", summary="What detection has and has not yet seen")
def show_coverage(
    app: App, who: Who, days: Annotated[int, Query(ge=1, le=400, description="Days back from today.")] = 30
) -> CoverageOut:
    """Cells by day, and the gaps. A gap is a cell that has not seen everything that came for it; nothing else is."""
    found = q.coverage(app.store, app.due(who.tenants), now=app.clock(), days=days)
    return CoverageOut(
        days=[CoverageDayOut.model_validate(day) for day in found.days],
        due=[
            DueOut(producer=one.producer, hour=time.hour_start(one.hour), since=one.since)
            for one in found.due[:GAPS_SHOWN]
        ],
        due_cells=found.due_cells,
        producers=found.producers,
    )


@router.get("/denied", summary="Denied rows by hour")
def show_denied(
    app: App,
    who: Who,
    since: Since = None,
    until: Until = None,
    dst_zone: Annotated[str, Query(max_length=16, description="Network zone of the destination; empty: all.")] = "",
) -> list[HourOut]:
    """Denied rows of the bodies that the key sees, by hour and bin: in an alert, in a traffic class, or in neither."""
    first, last = _hours(app, since, until)
    found = q.denied(app.store, who.tenants, first_hour=first, last_hour=last, dst_zone=dst_zone or None)
    return [HourOut(hour=time.hour_start(h.hour), bin=h.bin, rows=h.rows, events=h.events) for h in found]


@router.get("/lost", summary="Minutes with lost log lines")
def show_lost(app: App, who: Who, since: Since = None, until: Until = None) -> list[LostOut]:
    """Minutes of these hours in which a device of a body that the key sees said that it had lost log lines."""
    first, last = _hours(app, since, until)
    found = q.lost(app.store, who.tenants, first_hour=first, last_hour=last)
    return [LostOut.model_validate(one) for one in found]


def _hours(app: App, since: Since, until: Until) -> tuple[int, int]:
    """The hours that are asked for, both inclusive; the last day where nothing is said."""
    end = instant(until) or app.clock()
    start = instant(since) or end - time.DAY_US
    if not 0 <= end - start <= LONGEST_US:
        raise InputError("since must lie before until, by at most 92 days")
    return time.hour_of(start), time.hour_of(end - 1)


@router.get("/status", summary="How Hinomi stands")
def show_status(app: App, who: Who) -> StandingOut:
    """Whether it receives, whether detection keeps up, and whether bodies are told in time."""
    found = q.health(app.store, who.tenants, app.due(who.tenants), now=app.clock())
    run = found.last_run
    return StandingOut(
        now=found.now, last_received=found.last_received, evaluated_to=found.evaluated_to, due=found.due,
        last_run=RunOut(started=run.started, ended=run.ended, failed=bool(run.error)) if run else None,
        failed=found.failed, sources=found.sources, silent=found.silent, waiting=found.waiting, overdue=found.overdue,
    )  # fmt: skip
