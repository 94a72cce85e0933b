"""What the API's answers about bodies, feeds, deliveries, coverage and rules look like."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.shapes import Instant, Out


class BodyOut(Out):
    """A body (団体)."""

    code: str
    name: str
    kind: Literal["municipality", "prefecture", "union"]
    model: str
    contact: str


class SourceOut(Out):
    """A feed, and whether it sends."""

    id: str
    tenant: str = Field(description="Its body; empty where it belongs to one that is not seen.")
    shared: bool = Field(description="It serves several bodies.")
    kind: Literal["lgwan_firewall", "proxy", "mail", "dns", "web", "sensor", "host"]
    format: str
    title: str
    transport: str
    line: str
    encoding: str
    deny_only: bool = Field(description="Only denied packets are sent: what was allowed can't be told.")
    devices: tuple[str, ...]
    state: Literal["receiving", "silent", "waiting"] = Field(description="waiting: registered, nothing came yet.")
    last_received: Instant | None
    last_event: Instant | None
    silent_since: Instant | None
    lines_day: int | None = Field(description="Lines of the last 24 hours; null of a shared feed for a single body.")
    refused_day: int | None


class FeedOut(Out):
    """What one body sends of one kind."""

    tenant: str
    kind: str
    state: Literal["receiving", "silent", "waiting", "unregistered"]
    last_received: Instant | None
    last_event: Instant | None
    silent_since: Instant | None
    deny_only: bool
    shared: bool
    sources: tuple[str, ...]


class DeliveryOut(Out):
    """What a sender handed over: lines = parsed + refused + skipped."""

    id: str
    source: str
    name: str
    received: Instant
    sha256_sent: str
    sha256_content: str
    bytes: int
    skip_bytes: int = Field(description="Of these, delivered before (a growing file).")
    state: Literal["open", "committed"]
    torn: bool
    batches: int
    lines: int
    parsed: int
    refused: int
    skipped: int
    rows: int
    first_seq: int | None
    last_seq: int | None


class BatchOut(Out):
    """One batch: the unit of commit."""

    seq: int
    part: int
    received: Instant
    lines: int
    parsed: int
    refused: int
    skipped: int
    rows: int
    first_event: Instant | None
    last_event: Instant | None
    parser: str
    object: str = Field(description="Its object in the archive.")
    bytes: int


class RefusalOut(Out):
    """Lines that could not be read: their place, and why."""

    seq: int
    line: int
    lines: int = Field(description="How many, from `line` on.")
    offset: int
    length: int
    reason: str


class RepeatOut(Out):
    """The same content, received again."""

    id: str
    name: str
    received: Instant
    sha256_sent: str


class DeliveryDetailOut(DeliveryOut):
    """A delivery with its batches."""

    parts: list[BatchOut]
    refusals: list[RefusalOut] = Field(description="The first hundred places; `refused` counts all lines.")
    repeats: list[RepeatOut]


class HourOut(Out):
    """Denied rows of an hour in one bin."""

    hour: Instant = Field(description="Its beginning.")
    bin: str = Field(description="alert, a traffic class, or none: each denied row is in exactly one.")
    rows: int
    events: int


class DueOut(Out):
    """A gap: a cell that has not seen everything yet."""

    producer: str
    hour: Instant
    since: Instant = Field(description="When the oldest that it has not seen was committed.")


class CoverageDayOut(Out):
    """Cells of a JST day by state."""

    day: str
    done: int
    due: int
    learning: int
    frozen: int
    failed: int


class CoverageOut(Out):
    """What detection has and has not yet seen."""

    days: list[CoverageDayOut] = Field(description="Oldest first.")
    due: list[DueOut] = Field(description="The oldest gaps, at most 500.")
    due_cells: int = Field(description="Exact number of gaps.")
    producers: int


class LostOut(Out):
    """Minutes in which a device said that it dropped or rate-limited log lines: counts of them are lower bounds."""

    tenant: str
    source: str
    device: str = Field(description="Empty where the line doesn't name it.")
    minutes: list[Instant] = Field(description="Beginnings of the minutes, oldest first.")


class RunOut(Out):
    """One run of detection."""

    started: Instant
    ended: Instant | None
    failed: bool


class StandingOut(Out):
    """How Hinomi itself stands."""

    now: Instant
    last_received: Instant | None
    last_run: RunOut | None
    evaluated_to: Instant | None = Field(description="What was committed until then has been seen by every rule.")
    due: int = Field(description="Cells with a gap.")
    failed: int
    sources: int
    silent: int
    waiting: int
    overdue: int = Field(description="Cases whose body should have been told by now.")


class HealthOut(Out):
    """The server answers, and its catalogue too."""

    status: Literal["ok"] = "ok"


class RuleOut(Out):
    """A rule as people read it."""

    id: str
    code: str
    title: str
    title_ja: str
    sentence_ja: str
    runbook: str
    runbook_ja: str
    action: str
    action_ja: str
    clause: list[str] = Field(description="Requirement it serves.")
    clause_quote: str
    function: str
    nature: str
    attack: list[str]
    false_positives_ja: list[str]
    incident_class: int | None
    deny_only: str = Field(description="How it fares on a feed of denied packets only: works | reduced | impossible.")
    deny_only_ja: str
    scope: str
    input: str
    entity: list[str]
    parameters: dict[str, Any]
    layers: list[dict[str, Any]]
    severity: list[dict[str, Any]]
