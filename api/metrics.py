"""/metrics for Prometheus: how Hinomi stands, counted over all bodies, and how requests went."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from api.principals import Meter
from api.state import App, Hinomi
from core import time
from store import questions as q

router = APIRouter(tags=["operation"])


def _gauges(app: Hinomi) -> CollectorRegistry:
    now, everyone = app.clock(), q.Everyone.ALL
    registry = CollectorRegistry()

    def gauge(name: str, meaning: str, value: float | None) -> None:
        if value is not None:
            Gauge(name, meaning, registry=registry).set(value)

    def seconds(instant: int | None) -> float | None:
        return None if instant is None else instant / 1e6

    standing = q.health(app.store, everyone, app.due(everyone), now=now)
    feeds = q.sources(app.store, everyone, now=now)
    lines = q.lines_read(app.store, everyone, since=now - time.DAY_US, until=now + 1)
    with app.store.catalogue.read() as tx:
        gauge("hinomi_seq", "Newest seq of the catalogue", tx.newest())
    gauge("hinomi_time_seconds", "Clock of this server", now / 1e6)
    gauge(
        "hinomi_last_received_timestamp_seconds", "When the newest line was received", seconds(standing.last_received)
    )
    gauge(
        "hinomi_last_run_timestamp_seconds",
        "When detection last began",
        seconds(standing.last_run.started if standing.last_run else None),
    )
    gauge(
        "hinomi_last_run_failed",
        "Whether the newest run of detection failed",
        float(bool(standing.last_run and standing.last_run.error)),
    )
    gauge(
        "hinomi_evaluated_to_timestamp_seconds",
        "What was committed until then has been seen by every rule",
        seconds(standing.evaluated_to),
    )
    gauge("hinomi_due_cells", "Cells of detection that have not seen everything", standing.due)
    gauge("hinomi_failed_cells", "Cells of detection that failed", standing.failed)
    gauge("hinomi_cases_overdue", "Cases whose body should have been told by now", standing.overdue)
    for name, value in (
        ("read", lines.lines),
        ("parsed", lines.parsed),
        ("refused", lines.refused),
        ("skipped", lines.skipped),
    ):
        gauge(f"hinomi_lines_{name}_24h", f"Lines {name} in the last 24 hours", value)
    states = Gauge("hinomi_sources", "Registered feeds by state", ["state"], registry=registry)
    for state in ("receiving", "silent", "waiting"):
        states.labels(state).set(sum(feed.state == state for feed in feeds))
    newest = Gauge(
        "hinomi_source_last_received_timestamp_seconds", "When the newest line of a feed was received",
        ["source", "kind"], registry=registry,
    )  # fmt: skip
    for feed in feeds:
        if feed.last_received is not None:
            newest.labels(feed.id, feed.kind).set(feed.last_received / 1e6)
    open_cases = Gauge("hinomi_cases_open", "Unsettled cases by severity", ["severity"], registry=registry)
    by_body = q.open_severities(app.store, everyone).values()
    for severity in q.SEVERITIES:
        open_cases.labels(severity).set(sum(body.get(severity, 0) for body in by_body))
    return registry


@router.get("/metrics", summary="Metrics for Prometheus", response_class=Response, responses={
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text format."}
})  # fmt: skip
def show_metrics(app: App, who: Meter) -> Response:
    """How Hinomi stands and how requests went, counted over all bodies. Needs the role metrics or prefecture."""
    text = generate_latest(_gauges(app)) + generate_latest(app.meters.registry)
    return Response(text, media_type=CONTENT_TYPE_PLAIN_1_0_0)
