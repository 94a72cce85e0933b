"""Deliveries: what senders handed over, and the receipt for each."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from api.parameters import ID, Cursor, Limit, Since, Total, Until, instant
from api.principals import Who
from api.shapes import Page
from api.shapes_custody import BatchOut, DeliveryDetailOut, DeliveryOut, RefusalOut, RepeatOut
from api.state import App
from store import questions as q

router = APIRouter(prefix="/deliveries", tags=["custody"])


@router.get("", summary="List deliveries")
def list_deliveries(
    app: App,
    who: Who,
    source: Annotated[str, Query(max_length=64, description="Only those of this feed.")] = "",
    state: Annotated[
        Literal["open", "committed", ""], Query(description="committed: every batch is in the catalogue.")
    ] = "",
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    total: Total = False,
) -> Page[DeliveryOut]:
    """Deliveries by the time of receipt, newest first; a key of one body sees those of feeds that are its alone."""
    where = q.DeliveryFilter(source=source, state=state, since=instant(since), until=instant(until))
    found = q.deliveries(app.store, who.tenants, where, cursor=cursor, limit=limit, total=total)
    return Page[DeliveryOut].model_validate(found)


@router.get("/{delivery_id}", summary="One delivery: its receipt")
def one_delivery(
    app: App, who: Who, delivery_id: Annotated[str, Path(description="Id of the delivery.", pattern=ID)]
) -> DeliveryDetailOut:
    """The receipt: hashes, exact counts, batches with their seqs, refused lines, and when the same came again."""
    found = q.delivery(app.store, who.tenants, delivery_id)
    return DeliveryDetailOut(
        **DeliveryOut.model_validate(found.delivery).__dict__,
        parts=[BatchOut.model_validate(one) for one in found.batches],
        refusals=[RefusalOut.model_validate(one) for one in found.refusals],
        repeats=[RepeatOut.model_validate(one) for one in found.repeats],
    )
