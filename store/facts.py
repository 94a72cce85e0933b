"""Partial facts of detection in the catalogue, by (producer, hour, body, entity), and the counts of denied rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from core import time
from store import tables
from store.catalogue import Transaction

T = TypeVar("T")
_CHUNK = 400
LOG_LOSS = "log_loss"
"""The producer of lost log lines; `body` is a list of [minute since 1970, source, device or "", for every body]."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row: what an hour adds to an alert. `body` is JSON; `places` is packed (see `store.places`)."""

    hour: int
    tenant: str
    entity_type: str
    entity: str
    fired: bool
    body: str
    places: bytes = b""

    @property
    def key(self) -> tuple[int, str, str, str]:
        """What it is about."""
        return self.hour, self.tenant, self.entity_type, self.entity

    @property
    def day(self) -> str:
        """The JST day of its hour."""
        return time.day_of_hour(self.hour).isoformat()


def of_cells(
    tx: Transaction, producer: str, due: Mapping[int, Collection[str]], *, candidate: bool = False
) -> dict[tuple[int, str, str, str], Fact]:
    """The facts of a producer in these hours and bodies, without places."""
    if not due:
        return {}
    f = tables.facts
    rows = tx.execute(
        sa.select(f.c.hour, f.c.tenant, f.c.entity_type, f.c.entity, f.c.fired, f.c.body).where(
            f.c.producer == producer, f.c.candidate.is_(candidate), f.c.hour.between(min(due), max(due))
        )
    )
    found = (_fact(row) for row in rows if row.hour in due and row.tenant in due[row.hour])
    return {one.key: one for one in found}


def between(tx: Transaction, producer: str, first: int, last: int) -> list[Fact]:
    """The facts of a producer in a span of hours with both ends, by hour and body; without places."""
    f = tables.facts
    rows = tx.execute(
        sa.select(f.c.hour, f.c.tenant, f.c.entity_type, f.c.entity, f.c.fired, f.c.body)
        .where(f.c.producer == producer, f.c.candidate.is_(False), f.c.hour.between(first, last))
        .order_by(f.c.hour, f.c.tenant)
    )
    return [_fact(row) for row in rows]


def of_days(
    tx: Transaction, producer: str, wanted: Collection[tuple[str, str, str, str]], *, candidate: bool = False
) -> dict[tuple[str, str, str, str], list[Fact]]:
    """The facts of all hours of (day, tenant, entity type, entity), each list in the order of hours; without places."""
    f = tables.facts
    asked: dict[tuple[str, str], set[str]] = {}
    for day, tenant, _, entity in wanted:
        asked.setdefault((day, tenant), set()).add(entity)
    out: dict[tuple[str, str, str, str], list[Fact]] = {}
    for (day, tenant), entities in sorted(asked.items()):
        for chunk in chunks(sorted(entities)):
            rows = tx.execute(
                sa.select(f.c.hour, f.c.tenant, f.c.entity_type, f.c.entity, f.c.fired, f.c.body)
                .where(
                    f.c.producer == producer, f.c.day == day, f.c.tenant == tenant, f.c.entity.in_(chunk),
                    f.c.candidate.is_(candidate),
                )
                .order_by(f.c.hour)
            )  # fmt: skip
            for row in rows:
                key = (day, tenant, row.entity_type, row.entity)
                if key in wanted:
                    out.setdefault(key, []).append(_fact(row))
    return out


def fired_entities(tx: Transaction, producer: str, day: str, tenant: str, *, candidate: bool = False) -> int:
    """How many entities of a body fired on a day."""
    f = tables.facts
    distinct = (
        sa.select(f.c.entity_type, f.c.entity)
        .where(
            f.c.producer == producer, f.c.day == day, f.c.tenant == tenant, f.c.fired.is_(True),
            f.c.candidate.is_(candidate),
        )
        .distinct()
    )  # fmt: skip
    number: int = tx.execute(sa.select(sa.func.count()).select_from(distinct.subquery())).scalar_one()
    return number


def of_day(tx: Transaction, producer: str, day: str, tenant: str, *, candidate: bool = False) -> list[Fact]:
    """Every fact of a body on a day, by entity and hour; without places."""
    f = tables.facts
    rows = tx.execute(
        sa.select(f.c.hour, f.c.tenant, f.c.entity_type, f.c.entity, f.c.fired, f.c.body)
        .where(f.c.producer == producer, f.c.day == day, f.c.tenant == tenant, f.c.candidate.is_(candidate))
        .order_by(f.c.entity_type, f.c.entity, f.c.hour)
    )
    return [_fact(row) for row in rows]


def replace(
    tx: Transaction, producer: str, *, gone: Iterable[Fact], new: Iterable[Fact], candidate: bool = False
) -> None:
    """Take facts away and put others in their place."""
    f = tables.facts
    new = list(new)
    keys = {one.key for one in (*gone, *new)}
    if keys:
        here = [f.c.producer == producer, f.c.candidate.is_(candidate)]
        names = ("hour", "tenant", "entity_type", "entity")
        tx.execute(
            f.delete().where(*here, *(f.c[n] == sa.bindparam(f"b_{n}") for n in names)),
            [{f"b_{n}": value for n, value in zip(names, key, strict=True)} for key in sorted(keys)],
        )
    if new:
        tx.execute(
            f.insert(),
            [
                {"producer": producer, "hour": one.hour, "candidate": candidate, "tenant": one.tenant, "day": one.day,
                 "entity_type": one.entity_type, "entity": one.entity, "fired": one.fired, "body": one.body,
                 "places": one.places}
                for one in new
            ],
        )  # fmt: skip


def evidence(
    tx: Transaction, hour: int, tenants: Collection[str], *, without: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    """(tenant, packed places) of every fact of an hour in these bodies, but of these producers."""
    f = tables.facts
    rows = tx.execute(sa.select(f.c.tenant, f.c.places, f.c.producer).where(f.c.hour == hour, f.c.candidate.is_(False)))
    return ((row.tenant, row.places) for row in rows if row.tenant in tenants and row.producer not in without)


def replace_counts(tx: Transaction, due: Mapping[int, Collection[str]], rows: Sequence[Mapping[str, Any]]) -> None:
    """Put the counts of denied rows of these hours and bodies in the place of those that were there."""
    c = tables.counts
    for hour, tenants in sorted(due.items()):
        for chunk in chunks(sorted(tenants)):
            tx.execute(c.delete().where(c.c.hour == hour, c.c.tenant.in_(chunk)))
    if rows:
        tx.execute(c.insert(), list(rows))


def denied_by_day(tx: Transaction) -> list[tuple[str, str, str, str, int, int]]:
    """(tenant, JST day, bin, class, rows, events) of denied rows, in that order."""
    c = tables.counts
    day = (c.c.hour + time.JST_OFFSET_US // time.HOUR_US) // 24
    query = sa.select(c.c.tenant, day, c.c.bin, c.c.name, sa.func.sum(c.c.rows), sa.func.sum(c.c.events))
    keys = (c.c.tenant, day, c.c.bin, c.c.name)
    return [
        (row[0], time.day_of_hour(int(row[1]) * 24).isoformat(), row[2], row[3], int(row[4]), int(row[5]))
        for row in map(tuple, tx.execute(query.group_by(*keys).order_by(*keys)))
    ]


def _fact(row: sa.Row[Any]) -> Fact:
    return Fact(row.hour, row.tenant, row.entity_type, row.entity, row.fired, row.body)


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Pieces that a statement can name."""
    return (values[i : i + _CHUNK] for i in range(0, len(values), _CHUNK))
