"""Every question that pages and API ask, by name. Each takes the store and the bodies that are seen, in this order.

There is no question without bodies: `Reader.tenants` says which, and nothing else here leads to a row. Another body's
id and one that doesn't exist get the same answer, NotFoundError.
"""

from __future__ import annotations

from store.questions_alerts import Alert, AlertDetail, AlertFilter, Revision, alert, alerts
from store.questions_case import CaseDetail, Judgement, LogEntry, Others, case, others, past
from store.questions_cases import VIEWS, CaseFilter, CaseRow, open_severities, view
from store.questions_cases import cases_listed as cases
from store.questions_counts import (
    Coverage,
    CoverageDay,
    Due,
    Health,
    HourCount,
    Identity,
    Lost,
    Run,
    coverage,
    denied,
    denied_by_body,
    due,
    health,
    identity,
    lost,
    terminal_registers,
)
from store.questions_deliveries import (
    BatchRow,
    Delivery,
    DeliveryDetail,
    DeliveryFilter,
    LinesRead,
    Refusal,
    Repeat,
    deliveries,
    delivery,
    lines_read,
)
from store.questions_feeds import Body, Feed, Source, bodies, matrix, sources
from store.questions_lines import Line, evidence, legible, samples
from store.questions_queue import Facets, Member, Queue, QueueEntry, facets, neighbours, opened_per_day, queue, views
from store.questions_terms import (
    CONTINUITIES,
    OPEN,
    SEVERITIES,
    STATUSES,
    UNSETTLED,
    VERDICTS,
    Everyone,
    Listing,
    Tenants,
)

__all__ = [
    "CONTINUITIES", "OPEN", "SEVERITIES", "STATUSES", "UNSETTLED", "VERDICTS", "VIEWS",
    "Alert", "AlertDetail", "AlertFilter", "BatchRow", "Body", "CaseDetail", "CaseFilter", "CaseRow", "Coverage",
    "CoverageDay", "Delivery", "DeliveryDetail", "DeliveryFilter", "Due", "Everyone", "Facets", "Feed", "Health",
    "HourCount", "Identity", "Judgement", "Line", "LinesRead", "Listing", "LogEntry", "Lost", "Member", "Others",
    "Queue", "QueueEntry", "Refusal", "Repeat", "Revision", "Run", "Source", "Tenants",
    "alert", "alerts", "bodies", "case", "cases", "coverage", "deliveries", "delivery", "denied", "denied_by_body",
    "due", "evidence", "facets", "health", "identity", "legible", "lines_read", "lost", "matrix", "neighbours",
    "open_severities", "opened_per_day", "others", "past", "queue", "samples", "sources", "terminal_registers",
    "view", "views",
]  # fmt: skip
