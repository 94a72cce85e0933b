"""Questions with numbers for answers: denied rows by hour, how far detection has come, and who an address was."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core import time
from core.zones import UNKNOWN, address_bits, prefix_bits
from store import facts, ledger
from store.questions_cases import CaseFilter, conditions
from store.questions_feeds import sources
from store.questions_terms import Everyone, Readable, Tenants, rows, sees, tuples, within
from store.tables import cases, cells, counts, register, runs


@dataclass(frozen=True, slots=True)
class HourCount:
    """Denied rows of an hour in one bin: alert, a traffic class, or none."""

    hour: int
    bin: str
    rows: int
    events: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Minutes (µs) in which a device said that it dropped or rate-limited log lines; "" where it wasn't named."""

    tenant: str
    source: str
    device: str
    minutes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of detection. Times in µs UTC; `ended` is None while it runs, or where it died."""

    started: int
    ended: int | None
    seq: int
    cells: int
    alerts: int
    error: str


@dataclass(frozen=True, slots=True)
class Due:
    """A cell that has not seen everything yet: a gap. `since` (µs): when the oldest it hasn't seen was committed."""

    producer: str
    hour: int
    since: int


@dataclass(frozen=True, slots=True)
class CoverageDay:
    """Cells of a JST day by state."""

    day: str
    done: int
    due: int
    learning: int
    frozen: int
    failed: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """What detection has and has not yet seen, day by day, oldest first; and the gaps, oldest first."""

    days: tuple[CoverageDay, ...]
    due: tuple[Due, ...]
    due_cells: int
    producers: int


@dataclass(frozen=True, slots=True)
class Health:
    """State of Hinomi itself. `evaluated_to` (µs): what was committed until then has been seen by every rule."""

    now: int
    last_received: int | None
    last_run: Run | None
    evaluated_to: int | None
    due: int
    failed: int
    silent: int
    waiting: int
    sources: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an address of a body was at a time, by its registers: every terminal that fits; several is never one."""

    zone: str
    prefix: str
    prefix_name: str
    assets: tuple[dict[str, Any], ...]
    registered: int
    recorded: int | None


def denied(
    store: Readable, tenants: Tenants, *, first_hour: int, last_hour: int, dst_zone: str | None = "LGWAN"
) -> tuple[HourCount, ...]:
    """Denied rows of these bodies per hour (counts of hours since 1970, both inclusive) and bin, in that order."""
    c = counts.c
    asked = [c.hour.between(first_hour, last_hour), within(c.tenant, tenants)]
    if dst_zone is not None:
        asked.append(c.dst_zone == dst_zone)
    with store.catalogue.read() as tx:
        found = tuples(
            tx,
            sa.select(c.hour, c.bin, sa.func.sum(c.rows), sa.func.sum(c.events))
            .where(*asked)
            .group_by(c.hour, c.bin)
            .order_by(c.hour, c.bin),
        )
    return tuple(HourCount(hour, name, int(number), int(events)) for hour, name, number, events in found)


def denied_by_body(
    store: Readable, tenants: Tenants, *, first_hour: int, last_hour: int, dst_zone: str | None = None
) -> dict[str, dict[str, int]]:
    """Body → bin → denied rows of a span of hours (both inclusive)."""
    c = counts.c
    asked = [c.hour.between(first_hour, last_hour), within(c.tenant, tenants)]
    if dst_zone is not None:
        asked.append(c.dst_zone == dst_zone)
    out: dict[str, dict[str, int]] = {}
    with store.catalogue.read() as tx:
        for tenant, name, number in tuples(
            tx,
            sa.select(c.tenant, c.bin, sa.func.sum(c.rows))
            .where(*asked)
            .group_by(c.tenant, c.bin)
            .order_by(c.tenant, c.bin),
        ):
            out.setdefault(tenant, {})[name] = int(number)
    return out


def lost(store: Readable, tenants: Tenants, *, first_hour: int, last_hour: int) -> tuple[Lost, ...]:
    """Minutes of a span of hours (both inclusive) with lost log lines, by body, source and device."""
    found: dict[tuple[str, str, str], list[int]] = {}
    with store.catalogue.read() as tx:
        for fact in facts.between(tx, facts.LOG_LOSS, first_hour, last_hour):
            for minute, source, device, _ in json.loads(fact.body) if sees(tenants, fact.tenant) else ():
                found.setdefault((fact.tenant, source, device), []).append(minute * time.MINUTE_US)
    return tuple(Lost(*key, tuple(minutes)) for key, minutes in sorted(found.items()))


def coverage(store: Readable, due: Sequence[Due], *, now: int, days: int = 30) -> Coverage:
    """The days up to today with their cells; `due` is what the ledger says of the bodies that are seen."""
    today = time.day_of(now)
    first = time.day_start(today) - (days - 1) * time.DAY_US
    c = cells.c
    number = (c.hour + time.JST_OFFSET_US // time.HOUR_US) // 24
    tally: dict[int, dict[str, int]] = {}
    with store.catalogue.read() as tx:
        for day, state, many in tuples(
            tx,
            sa.select(number.label("d"), c.state, sa.func.count())
            .where(c.hour >= time.hour_of(first), c.hour <= time.hour_of(now), c.candidate.is_(False))
            .group_by("d", c.state),
        ):
            tally.setdefault(int(day), {})[state] = many
        producers = tx.execute(sa.select(sa.func.count(sa.distinct(c.producer))).where(
            c.hour >= time.hour_of(now) - 48, c.candidate.is_(False)
        )).scalar_one()  # fmt: skip
    waiting: dict[int, int] = {}
    for one in due:
        day = (one.hour + time.JST_OFFSET_US // time.HOUR_US) // 24
        waiting[day] = waiting.get(day, 0) + 1
    out = []
    for n in range(days):
        start = first + n * time.DAY_US
        key = (start + time.JST_OFFSET_US) // time.DAY_US
        got = tally.get(key, {})
        out.append(CoverageDay(
            time.day_of(start).isoformat(), max(0, got.get("done", 0) - waiting.get(key, 0)), waiting.get(key, 0),
            got.get("learning", 0), got.get("frozen", 0), got.get("failed", 0),
        ))  # fmt: skip
    ordered = tuple(sorted(due, key=lambda d: (d.since, d.hour, d.producer)))
    return Coverage(tuple(out), ordered, len(ordered), producers)


def health(store: Readable, tenants: Tenants, due: Collection[Due], *, now: int) -> Health:
    """How things stand: receiving, detecting, and telling the bodies in time."""
    feeds = sources(store, tenants, now=now)
    late = conditions(tenants, CaseFilter(due_before=now))
    with store.catalogue.read() as tx:
        last = tx.execute(sa.select(runs).order_by(runs.c.id.desc()).limit(1)).mappings().one_or_none()
        failed = tx.execute(
            sa.select(sa.func.count()).select_from(cells).where(cells.c.state == sa.literal_column("'failed'"))
        ).scalar_one()
        overdue = tx.execute(sa.select(sa.func.count()).select_from(cases).where(*late)).scalar_one()
    run = Run(**{name: last[name] for name in Run.__slots__}) if last else None
    to = min((one.since for one in due), default=run.started if run and run.ended and not run.error else None)
    return Health(
        now=now, last_received=max((f.last_received for f in feeds if f.last_received is not None), default=None),
        last_run=run, evaluated_to=to, due=len(due), failed=failed,
        silent=sum(f.state == "silent" for f in feeds), waiting=sum(f.state == "waiting" for f in feeds),
        sources=len(feeds), overdue=overdue,
    )  # fmt: skip


def terminal_registers(store: Readable, tenants: Tenants, *, now: int) -> frozenset[str]:
    """The bodies with at least one terminal in their register (端末台帳) now."""
    c = register.c
    asked = sa.select(c.tenant).where(
        c.kind == "assets", within(c.tenant, tenants), c.replaced.is_(None), c.valid_from <= now, c.valid_to > now
    )
    with store.catalogue.read() as tx:
        return frozenset(tx.execute(asked.distinct()).scalars())


def due(store: Readable, tenants: Tenants) -> tuple[Due, ...]:
    """The gaps as the ledger computes them from what came for these bodies; worth keeping for some seconds."""
    with store.catalogue.read() as tx:
        found = ledger.due(tx, tenants=None if tenants is Everyone.ALL else tenants)
    return tuple(Due(cell.producer, cell.hour, cell.since) for cell in found)


def identity(store: Readable, tenants: Tenants, *, tenant: str, address: str, at: int, mac: str = "") -> Identity:
    """What the registers of a body say of one of its addresses at an instant (µs).

    The longest prefix in force gives the zone. Of the terminals, those with this hardware address win over those that
    merely hold the address; what is left is all there is to say, be it none, one or several.
    """
    c = register.c
    wanted = [c.tenant == tenant, within(c.tenant, tenants), c.replaced.is_(None), c.valid_from <= at, c.valid_to > at]
    with store.catalogue.read() as tx:
        networks = rows(tx, sa.select(c.key, c["values"], c.valid_to).where(c.kind == "zones", *wanted))
        terminals = rows(tx, sa.select(c["values"], c.recorded).where(c.kind == "assets", *wanted).order_by(c.key))
    zone, prefix, name, longest = UNKNOWN, "", "", -1
    assets: list[tuple[int, dict[str, Any]]] = []
    try:
        bits = address_bits(address)
    except ValueError:
        bits = None
    if bits is not None and sees(tenants, tenant):
        for row in networks:
            values = json.loads(row["values"])
            start, length = prefix_bits(values["prefix"])
            if length > longest and bits >> (128 - length) == start >> (128 - length):
                zone, prefix, name, longest = values["zone"], values["prefix"], values.get("name", ""), length
        for row in terminals:
            values = json.loads(row["values"])
            start, length = prefix_bits(values["address"])
            if bits >> (128 - length) == start >> (128 - length):
                assets.append((length, values))
    nearest = max((length for length, _ in assets), default=0)
    fitting = [values for length, values in assets if length == nearest]
    by_mac = [values for values in fitting if mac and values.get("mac") == mac]
    return Identity(
        zone,
        prefix,
        name,
        tuple(by_mac or fitting),
        len(terminals),
        max((row["recorded"] for row in terminals), default=None),
    )
