"""What the API's answers look like. Times are RFC 3339 in UTC, days are JST; the questions' integers stay inside."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from core import time
from detections.sentence import told

T = TypeVar("T")

Instant = Annotated[
    int,
    PlainSerializer(time.iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""µs inside, RFC 3339 outside."""

Severity = Literal["critical", "high", "medium", "low", "info"]
Verdict = Literal["allow", "blocked_later", "deny", ""]
AlertState = Literal["live", "frozen", "retracted"]
Status = Literal["new", "evaluating", "watching", "in_progress", "incident", "dismissed", "closed"]
Continuity = Literal["new", "continuing", "recurring", "retroactive"]
Reason = Literal["benign", "misconfiguration", "false_positive", "registered_test"]


class Out(BaseModel):
    """Made from the attributes of what a question answers."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Page(Out, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(None, description="Cursor of the next page; null on the last.")
    total: int | None = Field(None, description="Exact number of all rows; only when asked for with `total=true`.")


def facts_out(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts with their instants as texts."""
    out = dict(facts)
    for name in ("first_seen", "last_seen"):
        if isinstance(out.get(name), int):
            out[name] = time.iso(out[name])
    if isinstance(out.get("samples"), list):
        out["samples"] = [
            {**s, "time": time.iso(s["time"])} if isinstance(s.get("time"), int) else s for s in out["samples"]
        ]
    return out


Facts = Annotated[
    dict[str, Any],
    PlainSerializer(facts_out),
    Field(
        description="What happened, as the rule saw it: counts, values, terminals, verdicts (docs: facts of alerts)."
    ),
]


class RevisionOut(Out):
    """What a later evaluation changed."""

    alert: str
    revision: int
    at: Instant
    seq: int = Field(description="Snapshot of the catalogue that it was evaluated on.")
    state: AlertState
    severity: Severity
    changes: dict[str, Any] = Field(description="Fact → [before, after].")
    material: str = Field(description="Why it returned to a person; empty: 継続.")


class Told(Out):
    """What is seen of an alert or a case in its rule's words: the rules are the context that it is validated with."""

    title_ja: str = Field("", description="Of the rule; empty where it is no longer loaded, as with what follows.")
    sentence_ja: str = Field("", description="One plain sentence for the body: who did what, and what is asked.")
    action: str = Field(
        "", description="What is recommended: delete_software | isolate | check_infection | fix_setting | ask."
    )
    action_ja: str = ""

    @model_validator(mode="wrap")
    @classmethod
    def _told(cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        made = handler(value)
        if info.context is None:
            return made
        about: Any = made  # a subclass has what is asked for
        said = told(info.context, about.rule, about.entity, about.entity_type, about.facts)
        return made.model_copy(update=asdict(said))


class AlertOut(Told):
    """One alert: a rule, a body, an entity and a JST day."""

    id: str
    rule: str
    tenant: str = Field(description="団体コード of the body.")
    entity: tuple[str, ...] = Field(description='Who it is about; ["*"] stands for more than 1,000 entities.')
    entity_type: str
    day: str = Field(description="JST day.")
    candidate: bool = Field(description="Of a rule that is still on trial.")
    state: AlertState
    reason: str = Field(description="Of a retraction: evidence | rule | reference.")
    severity: Severity
    verdict: Verdict = Field(description="The gravest of its rows; empty where none says.")
    count: int = Field(description="Events of the day; never cut.")
    carried: int = Field(description="Events before midnight in a window that fired on this day; not in `count`.")
    first_seen: Instant
    last_seen: Instant
    facts: Facts
    fingerprint: str = Field(description="Of the rule's logic that found it.")
    revision: int
    created: Instant
    revised: Instant
    received: Instant = Field(description="When the newest of its lines was received.")
    case_id: str


class AlertDetailOut(AlertOut):
    """One alert with its history."""

    case_status: str
    revisions: list[RevisionOut] = Field(description="Newest first.")


class LineOut(Out):
    """One raw line with its place in the archive."""

    batch: int = Field(description="seq of the batch that brought it.")
    line: int = Field(description="Its number in the batch, from 1.")
    source: str
    received: Instant
    time: Instant | None = Field(description="Time of the event; known of samples only.")
    kind: str = Field(description="first | firing | last, for samples.")
    text: str = Field(description=r"The line; bytes that are no text, and control characters, as \xNN.")
    repaired: bool = Field(description=r"Whether anything had to be written as \xNN.")
    encoding: str
    base64: str | None = Field(description="The bytes as they came, where `repaired`.")


class CaseOut(Told):
    """A case: the chain of alerts that people work on."""

    id: str
    rule: str
    tenant: str
    entity: tuple[str, ...]
    entity_type: str
    status: Status
    reason: str = Field(description="Why it was dismissed.")
    until: Instant | None = Field(description="End of watching, or of a known misconfiguration.")
    assignee: str
    severity: Severity
    continuity: Continuity
    verdict: Verdict
    count: int
    alerts: int = Field(description="Number of its alerts.")
    days: int = Field(description="Days from the first to the last, both counted (n日目).")
    first_day: str
    last_day: str
    previous_last_day: str | None = Field(description="Last day of the chain before, where it flared up again.")
    first_seen: Instant
    last_seen: Instant
    opened: Instant
    due: Instant | None = Field(description="By when the body has to be told.")
    taken: Instant | None
    notified: Instant | None
    version: int = Field(description="To be sent with a judgement: it is refused when somebody else was first.")
    revised: bool = Field(description="Materially changed since the newest judgement.")
    others: int = Field(description="Other bodies with a case of the rule within 7 days.")
    alert_id: str = Field(description="Its newest alert.")
    facts: Facts


class LogOut(Out):
    """One act on a case."""

    at: Instant
    actor: str
    act: str = Field(description="status | assign | comment | notify | join | returned")
    before: str
    after: str
    comment: str


class CaseDetailOut(CaseOut):
    """A case with its alerts and what was done to it."""

    joined_into: str = Field(description="Id of the older case that it was joined into; empty: none.")
    chain: list[AlertOut] = Field(description="Its alerts, newest day first.")
    log: list[LogOut] = Field(description="Newest first.")


class MemberOut(Out):
    """One body's part of a grouped entry."""

    tenant: str
    cases: int
    entities: int
    count: int
    first_day: str
    last_day: str
    first_seen: Instant
    last_seen: Instant
    continuities: dict[str, int]
    statuses: dict[str, int]
    assignees: tuple[str, ...]
    added_later: bool = Field(description="A case came after others of the group were judged: asks again.")
    case_ids: tuple[str, ...] = Field(description="At most 50; the rest by rule, day and body.")


class EntryOut(Out):
    """One case, or the cases of one rule and day over several bodies or many entities."""

    key: str
    rule: str
    day: str
    severity: Severity
    cases: int
    bodies: int
    entities: int
    count: int
    first_seen: Instant
    last_seen: Instant
    due: Instant | None
    statuses: dict[str, int]
    verdicts: tuple[str, ...]
    case: CaseOut | None = Field(description="Where the entry is one case.")
    members: list[MemberOut] = Field(description="Where it is several: each body's part.")


class QueueOut(Out):
    """One page of the queue."""

    items: list[EntryOut]
    next: str | None
    previous: str | None
    entries: int = Field(description="Exact number of entries.")
    cases: int = Field(description="Exact number of cases in them.")


class JudgementIn(BaseModel):
    """What somebody decides on a case; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = None
    reason: Reason | None = Field(None, description="Needed with `dismissed`.")
    until: Annotated[
        str | None, Field(description="Needed with `watching`: RFC 3339, or a JST day that is included.", max_length=40)
    ] = None
    assignee: str | None = Field(None, max_length=80)
    comment: str = Field("", max_length=4000)
    notified: bool = Field(False, description="The body has been told (通報): stops the clock of its deadline.")


class TriageIn(JudgementIn):
    """A judgement of one case."""

    version: int = Field(description="The version that was read: compare and set.", ge=0, lt=2**31)


class Chosen(BaseModel):
    """A case as it was read."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(max_length=20)
    version: int = Field(ge=0, lt=2**31)


class BulkIn(JudgementIn):
    """The same judgement of several cases: it is stored on each."""

    cases: list[Chosen] = Field(min_length=1, max_length=500)


class BulkFailed(Out):
    """A case that was not judged, and why."""

    id: str
    status: int
    detail: str


class BulkOut(Out):
    """What became of each."""

    done: list[Chosen] = Field(description="Judged, with their new versions.")
    failed: list[BulkFailed]
