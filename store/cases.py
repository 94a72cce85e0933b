"""Cases (案件) in the catalogue, and what people do to them."""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import time
from core.errors import ConflictError, InputError, NotFoundError
from store import tables
from store.catalogue import Transaction, canonical
from store.facts import chunks

if TYPE_CHECKING:
    from store.questions_terms import Readable

STATUSES = ("new", "evaluating", "watching", "in_progress", "incident", "dismissed", "closed")
REASONS = ("benign", "misconfiguration", "false_positive", "registered_test")
SYSTEM = "hinomi"
SEVERITIES = ("critical", "high", "medium", "low", "info")


def of_entities(tx: Transaction, rule: str, tenant: str, entities: Collection[str]) -> list[dict[str, Any]]:
    """The cases of a rule about these entities (canonical JSON) of a body, joined ones too, oldest first."""
    c = tables.cases
    found: list[dict[str, Any]] = []
    for chunk in chunks(sorted(entities)):
        rows = tx.execute(sa.select(c).where(c.c.rule == rule, c.c.tenant == tenant, c.c.entity.in_(chunk))).mappings()
        found += [dict(row) for row in rows]
    return sorted(found, key=lambda row: (row["opened"], row["id"]))


def by_id(tx: Transaction, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Cases by id."""
    c = tables.cases
    found: dict[str, dict[str, Any]] = {}
    for chunk in chunks(sorted(ids)):
        found |= {row["id"]: dict(row) for row in tx.execute(sa.select(c).where(c.c.id.in_(chunk))).mappings()}
    return found


class Numbers:
    """Hands out case ids, K-yymm-nnnn by the month (JST) in which a case is opened."""

    def __init__(self, tx: Transaction, now: int) -> None:
        month = (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=now)).astimezone(time.JST)
        self._prefix = f"K-{month:%y%m}-"
        self._tx = tx
        self._last: int | None = None

    def next(self) -> str:
        """The next id."""
        if self._last is None:
            c = tables.cases.c.id
            # By length first: after 9999 come five digits.
            newest = self._tx.execute(
                sa.select(c).where(c.like(f"{self._prefix}%")).order_by(sa.func.length(c).desc(), c.desc()).limit(1)
            ).scalar_one_or_none()
            self._last = int(newest[len(self._prefix) :]) if newest else 0
        self._last += 1
        return f"{self._prefix}{self._last:04d}"


def write(
    tx: Transaction, new: Iterable[Mapping[str, Any]], revised: Iterable[Mapping[str, Any]], *,
    weighty: Collection[str] = (),
) -> None:  # fmt: skip
    """Write cases. The version rises only for the `weighty` ones: what a person has to look at again before deciding."""
    c = tables.cases
    if rows := [dict(row) for row in new]:
        tx.execute(c.insert(), rows)
    if rows := [dict(row) for row in revised]:
        columns = [col.name for col in c.columns if col.name not in ("id", "version")]
        tx.execute(
            c.update()
            .where(c.c.id == sa.bindparam("b_id"))
            .values(version=c.c.version + sa.bindparam("b_more"), **{n: sa.bindparam(f"b_{n}") for n in columns}),
            [
                {"b_more": int(row["id"] in weighty), **{f"b_{name}": row[name] for name in ("id", *columns)}}
                for row in rows
            ],
        )


def watched_out(tx: Transaction, now: int) -> int:
    """Bring back the cases whose watching has ended; how many."""
    c = tables.cases
    rows = tx.execute(
        sa.select(c.c.id).where(c.c.status == "watching", c.c.until <= now, c.c.joined_into == "")
    ).scalars().all()  # fmt: skip
    for chunk in chunks(list(rows)):
        tx.execute(c.update().where(c.c.id.in_(chunk)).values(status="new", until=None, version=c.c.version + 1))
    note(tx, [(case, now, SYSTEM, "returned", "watching", "new", "expired") for case in rows])
    return len(rows)


def note(tx: Transaction, entries: Iterable[tuple[str, int, str, str, str, str, str]]) -> None:
    """Log acts: (case, at, actor, act, before, after, comment)."""
    names = ("case_id", "at", "actor", "act", "before", "after", "comment")
    if rows := [dict(zip(names, entry, strict=True)) for entry in entries]:
        tx.execute(tables.case_log.insert(), rows)


def seen(alerts: Iterable[Mapping[str, Any]], *, at: int) -> dict[str, Any]:
    """What there was to see in a case's live alerts: what a later revision is measured against."""
    live = [(a, json.loads(a["facts"])) for a in alerts if a["state"] != "retracted"]

    def values(name: str) -> list[str]:
        return sorted({v for _, f in live for v in f["values"].get(name, {}).get("list", ())})

    return {
        "at": at,
        "severity": min((a["severity"] for a, _ in live), key=SEVERITIES.index, default="info"),
        "count": max((a["count"] for a, _ in live), default=0),
        "allow": sum(f["verdicts"]["allow"] for _, f in live),
        "zones": values("dst_zones"), "ports": values("ports"), "peers": values("destinations"),
    }  # fmt: skip


def triage(
    store: Readable, case_id: str, *, actor: str, now: int, version: int, status: str | None = None,
    reason: str | None = None, until: int | None = None, assignee: str | None = None, comment: str = "",
    notified: bool = False,
) -> int:  # fmt: skip
    """Record what a person decided. None leaves a field as it is.

    Args:
        store: The store.
        case_id: Which case.
        actor: Who decides.
        now: When (µs).
        version: The version of the case that the person saw.
        status: One of STATUSES. `dismissed` needs a reason, `watching` an end.
        reason: One of REASONS.
        until: µs; end of watching, or of a known misconfiguration.
        assignee: Who works on it; "" for nobody.
        comment: What there is to say.
        notified: The body has been told; the first time counts.

    Returns:
        The new version.

    Raises:
        NotFoundError: There is no such case.
        ConflictError: Somebody else, or a run of detection, changed it first.
        InputError: Unknown word, missing reason or end, end in the past.
    """
    c = tables.cases
    with store.catalogue.write() as tx:
        found = tx.execute(sa.select(c).where(c.c.id == case_id)).mappings().one_or_none()
        if found is None:
            raise NotFoundError(f"no case {case_id}")
        row = dict(found)
        if row["version"] != version or row["joined_into"]:
            raise ConflictError(f"case {case_id} was changed by somebody else; look again")
        after = _decided(row, status=status, reason=reason, until=until, assignee=assignee, now=now)
        a = tables.alerts
        alerts = [dict(r) for r in tx.execute(sa.select(a).where(a.c.case_id == case_id)).mappings()]
        if status is not None:
            after["triaged"] = canonical(seen(alerts, at=now))
            if row["taken"] is None and after["status"] != "new":
                after["taken"] = now
        told = notified and row["notified"] is None
        if told:
            after["notified"] = now
        changed = tx.execute(
            c.update().where(c.c.id == case_id, c.c.version == version).values(version=version + 1, **after)
        ).rowcount
        if changed != 1:
            raise ConflictError(f"case {case_id} was changed by somebody else; look again")
        entries = []
        if status is not None:
            entries.append((case_id, now, actor, "status", row["status"], after["status"], comment))
        if assignee is not None and assignee != row["assignee"]:
            entries.append((case_id, now, actor, "assign", row["assignee"], assignee, "" if entries else comment))
        if told:
            entries.append((case_id, now, actor, "notify", "", "", "" if entries else comment))
        if not entries and comment:
            entries.append((case_id, now, actor, "comment", "", "", comment))
        note(tx, entries)
        return version + 1


def _decided(
    row: Mapping[str, Any], *, status: str | None, reason: str | None, until: int | None, assignee: str | None, now: int
) -> dict[str, Any]:
    after: dict[str, Any] = {
        "status": row["status"] if status is None else status,
        "reason": row["reason"] if reason is None else reason,
        "until": row["until"] if until is None else until,
        "assignee": row["assignee"] if assignee is None else assignee,
    }
    if after["status"] not in STATUSES:
        raise InputError(f"status {after['status']!r} is none of {', '.join(STATUSES)}")
    if after["reason"] and after["reason"] not in REASONS:
        raise InputError(f"reason {after['reason']!r} is none of {', '.join(REASONS)}")
    if after["status"] == "dismissed" and not after["reason"]:
        raise InputError(f"dismissing needs a reason: {', '.join(REASONS)}")
    if after["status"] == "watching" and after["until"] is None:
        raise InputError("watching needs an end")
    if until is not None and until <= now:
        raise InputError("the end lies in the past")
    if status is not None and status not in ("dismissed", "closed"):
        after["reason"] = ""
    if status is not None and status not in ("watching", "dismissed"):
        after["until"] = None
    return after
