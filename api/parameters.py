"""Parameters that several operations share, with the words that the OpenAPI document says of them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Path, Query
from pydantic import AwareDatetime

from api.shapes import AlertState, Continuity, Severity, Status
from core import time
from core.errors import InputError
from store import questions as q

ID = r"^[^\x00-\x1f\x7f]{1,80}$"

Tenants = Annotated[
    list[Annotated[str, Query(pattern=r"^[0-9]{6}$")]],
    Query(alias="tenant", description="Only these bodies (団体コード); those that the key doesn't see have no rows."),
]
Rules = Annotated[
    list[Annotated[str, Query(max_length=64)]], Query(alias="rule", description="Only these rules, by id.")
]
Severities = Annotated[list[Severity], Query(alias="severity", description="Only these severities.")]
States = Annotated[
    list[AlertState], Query(alias="state", description="Only these states; live and frozen when none is named.")
]
Verdicts = Annotated[
    list[Literal["allow", "blocked_later", "deny", "none"]],
    Query(alias="verdict", description="The gravest verdict among the rows; none: no row says."),
]
Statuses = Annotated[list[Status], Query(alias="status", description="Only cases of these statuses.")]
Continuities = Annotated[list[Continuity], Query(alias="continuity", description="Only these: 新規・継続・再燃・遡及.")]
Since = Annotated[
    AwareDatetime | None,
    Query(description="What was seen at or after this (RFC 3339 with offset; write + as %2B)."),
]
Until = Annotated[AwareDatetime | None, Query(description="What was first seen before this (RFC 3339 with offset).")]
Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=600)]
Limit = Annotated[int, Query(ge=1, le=500, description="Rows of a page, at most.")]
Total = Annotated[bool, Query(description="Also count all rows, exactly.")]
Retroactive = Annotated[bool | None, Query(description="遡及: true only these, false none of them, nothing said both.")]
Text = Annotated[
    str, Query(max_length=200, description="In the case's number, rule, entity or facts, or its body's name.")
]
Assignee = Annotated[str | None, Query(max_length=80, description="Who works on it; empty: nobody.")]
AlertId = Annotated[str, Path(description="Id of the alert.", pattern=ID)]
CaseId = Annotated[str, Path(description="Id of the case, K-yymm-nnnn.", pattern=ID)]


def instant(given: AwareDatetime | None) -> int | None:
    """A parameter's time in µs."""
    if given is None:
        return None
    try:
        return time.to_us(given)
    except (OverflowError, ValueError) as e:
        raise InputError(f"{given} is no time that can be asked for") from e


def verdicts(given: list[Literal["allow", "blocked_later", "deny", "none"]]) -> frozenset[str]:
    """Verdicts as the catalogue writes them."""
    return frozenset("" if word == "none" else word for word in given)


def _cases(
    tenant: Tenants = [],  # noqa: B006 - FastAPI copies it
    rule: Rules = [],  # noqa: B006 - FastAPI copies it
    severity: Severities = [],  # noqa: B006 - FastAPI copies it
    status: Statuses = [],  # noqa: B006 - FastAPI copies it
    continuity: Continuities = [],  # noqa: B006 - FastAPI copies it
    verdict: Verdicts = [],  # noqa: B006 - FastAPI copies it
    assignee: Assignee = None,
    text: Text = "",
    since: Since = None,
    until: Until = None,
) -> q.CaseFilter:
    return q.CaseFilter(
        tenants=frozenset(tenant), rules=frozenset(rule), severities=frozenset(severity), statuses=frozenset(status),
        continuities=frozenset(continuity), verdicts=verdicts(verdict), assignee=assignee, text=text,
        since=instant(since), until=instant(until),
    )  # fmt: skip


Cases = Annotated[q.CaseFilter, Depends(_cases)]
"""Which cases: the parameters of every list of them. No status named: all."""
