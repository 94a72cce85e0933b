"""Questions about bodies and their feeds: who there is, what sends, what fell silent.

A feed that serves several bodies (one proxy of the prefecture) is shown to each of them with its state; how much it
brings, only to who sees every body.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.registers import SOURCE_KINDS, WATCHED_KINDS
from core.time import DAY_US
from store.catalogue import Transaction
from store.questions_terms import (
    Everyone,
    Readable,
    Tenants,
    beside,
    rows,
    sees,
    tuples,
)
from store.tables import batches, deliveries, register, repeats

SILENT_AFTER_US = {"file": 26 * 3_600_000_000, "syslog": 1_800_000_000, "https": 1_800_000_000}
"""Transport → how long nothing may come: files are brought once a day, the others all the time."""
_WORST = ("silent", "waiting", "receiving", "unregistered")


@dataclass(frozen=True, slots=True)
class Body:
    """A body (団体) as registered."""

    code: str
    name: str
    kind: str
    model: str
    contact: str


@dataclass(frozen=True, slots=True)
class Source:
    """A feed (ログ送信元) and whether it sends. Times in µs UTC; counts None where they are not the reader's to see."""

    id: str
    tenant: str
    shared: bool
    kind: str
    format: str
    title: str
    transport: str
    line: str
    encoding: str
    deny_only: bool
    devices: tuple[str, ...]
    state: str
    last_received: int | None
    last_event: int | None
    silent_since: int | None
    silent_after: int
    lines_day: int | None
    refused_day: int | None


@dataclass(frozen=True, slots=True)
class Feed:
    """What one body sends of one kind: the worst of its sources. `sources` is empty where none is registered."""

    tenant: str
    kind: str
    state: str
    last_received: int | None
    last_event: int | None
    silent_since: int | None
    deny_only: bool
    shared: bool
    sources: tuple[str, ...]


def in_force(tx: Transaction, kind: str, at: int) -> dict[tuple[str, str], dict[str, Any]]:
    """(body, key) → values of a register's entries that hold at an instant (µs)."""
    c = register.c
    found = rows(tx, sa.select(c.tenant, c.key, c["values"], c.valid_from).where(
        c.kind == kind, c.replaced.is_(None), c.valid_from <= at, c.valid_to > at
    ).order_by(c.valid_from, c.seq, c.number))  # fmt: skip
    return {(row["tenant"], row["key"]): json.loads(row["values"]) for row in found}


def bodies(store: Readable, tenants: Tenants, *, now: int) -> tuple[Body, ...]:
    """The bodies that are registered and seen, by code."""
    with store.catalogue.read() as tx:
        found = in_force(tx, "tenants", now)
    return tuple(
        Body(code, v.get("name", code), v.get("body", "municipality"), v.get("model", ""), v.get("contact", ""))
        for (code, _), v in sorted(found.items())
        if sees(tenants, code)
    )


def _serves(values: dict[str, Any]) -> frozenset[str]:
    """The bodies that a shared feed is known to serve."""
    return frozenset(str(code) for code in (values.get("bodies") or {}).values())


def is_shared(values: dict[str, Any]) -> bool:
    return bool(values.get("body_by", "fixed") != "fixed")


def _visible(tenants: Tenants, tenant: str, values: dict[str, Any]) -> bool:
    if tenants is Everyone.ALL:
        return True
    return bool(tenants & _serves(values)) if is_shared(values) else tenant in tenants


def _last(tx: Transaction, wanted: Iterable[str], now: int) -> dict[str, tuple[int | None, int | None, int, int]]:
    """Source → newest receipt, newest event, lines and refused lines of the last 24 hours.

    One statement each for the last day; only a source that was silent in it is looked up by itself.
    """
    b, d = batches.c, deliveries.c
    day = now - DAY_US
    recent = {
        row["source"]: row
        for row in rows(tx, sa.select(
            b.source, sa.func.max(b.received).label("received"), sa.func.max(b.last_event).label("event"),
            sa.func.coalesce(sa.func.sum(b.lines), 0).label("lines"),
            sa.func.coalesce(sa.func.sum(b.refused), 0).label("refused"),
        ).where(beside(b.source) != "", b.received > day).group_by(b.source))
    }  # fmt: skip
    came: dict[str, list[int]] = {}
    for asked in (
        sa.select(d.source, sa.func.max(d.received)).where(d.received > day).group_by(d.source),
        sa.select(d.source, sa.func.max(repeats.c.received))
        .join(repeats, repeats.c.delivery == d.id)
        .where(repeats.c.received >= now - 7 * DAY_US)
        .group_by(d.source),
    ):
        for source, received in tuples(tx, asked):
            came.setdefault(source, []).append(received)
    out = {}
    for source in wanted:
        row = recent.get(source)
        received, event = (row["received"], row["event"]) if row else (None, None)
        if row is None:
            received = tx.execute(sa.select(sa.func.max(b.received)).where(b.source == source)).scalar_one()
            older = tx.execute(sa.select(sa.func.max(d.received)).where(d.source == source)).scalar_one()
            came.setdefault(source, []).extend([] if older is None else [older])
        if event is None and received is not None:
            newest = sa.select(sa.func.max(b.last_event)).where(b.source == source, b.received == received)
            event = tx.execute(newest).scalar_one()
        times = [*came.get(source, []), *([] if received is None else [received])]
        lines, refused = (int(row["lines"]), int(row["refused"])) if row else (0, 0)
        out[source] = (max(times, default=None), event, lines, refused)
    return out


def sources(store: Readable, tenants: Tenants, *, now: int) -> tuple[Source, ...]:
    """The registered feeds that are seen, by body, kind and id."""
    with store.catalogue.read() as tx:
        return tuple(source for source, _ in _sources(tx, tenants, now))


def _sources(tx: Transaction, tenants: Tenants, now: int) -> list[tuple[Source, frozenset[str]]]:
    found = {key: v for key, v in in_force(tx, "sources", now).items() if _visible(tenants, key[0], v)}
    last = _last(tx, {v["id"] for v in found.values()}, now)
    out = []
    for (tenant, _), v in found.items():
        received, event, lines, refused = last[v["id"]]
        silent_after = SILENT_AFTER_US[v.get("transport") or "file"]
        state = "waiting" if received is None else "silent" if now - received > silent_after else "receiving"
        shared = is_shared(v)
        counted = not shared or tenants is Everyone.ALL
        owner = tenant if sees(tenants, tenant) else ""
        out.append((Source(
            id=v["id"], tenant=owner, shared=shared, kind=v["kind"], format=v["format"], title=v.get("title", ""),
            transport=v.get("transport") or "file", line=v.get("line", ""), encoding=v.get("encoding", "utf-8"),
            deny_only=bool(v.get("deny_only", False)), devices=tuple(v.get("devices", ())) if counted else (),
            state=state, last_received=received, last_event=event, silent_since=received if state == "silent" else None,
            silent_after=silent_after, lines_day=lines if counted else None, refused_day=refused if counted else None,
        ), _serves(v)))  # fmt: skip
    return sorted(out, key=lambda pair: (pair[0].tenant, SOURCE_KINDS.index(pair[0].kind), pair[0].id))


def matrix(store: Readable, tenants: Tenants, *, now: int) -> dict[tuple[str, str], Feed]:
    """(body, kind) → what it sends: every municipality and union that is seen × the five kinds."""
    everyone = bodies(store, tenants, now=now)
    with store.catalogue.read() as tx:
        found = _sources(tx, tenants, now)
    out = {}
    for body in everyone:
        for kind in WATCHED_KINDS:
            mine = [
                s for s, serves in found
                if s.kind == kind and (body.code in serves if s.shared else s.tenant == body.code)
            ]  # fmt: skip
            if body.kind == "prefecture" and not mine:
                continue
            worst = min(mine, key=lambda s: (_WORST.index(s.state), s.last_received or 0), default=None)
            out[body.code, kind] = Feed(
                body.code, kind, worst.state if worst else "unregistered", worst.last_received if worst else None,
                worst.last_event if worst else None, worst.silent_since if worst else None,
                any(s.deny_only for s in mine), any(s.shared for s in mine), tuple(s.id for s in mine),
            )  # fmt: skip
    return out
