"""Questions about deliveries: what was handed over, and what became of its lines.

A delivery is shown to who sees every body, or where each of its lines belongs to a body that is seen: its feed has one
body, and never had another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.errors import InputError, NotFoundError
from store.catalogue import Transaction
from store.questions_feeds import is_shared
from store.questions_terms import (
    Everyone,
    Listing,
    Readable,
    Tenants,
    cursor_of,
    limited,
    plain,
    read_cursor,
    rows,
    tuples,
    within,
)
from store.tables import batches, refusals, register, repeats
from store.tables import deliveries as table

REFUSALS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a sender handed over, with the counts of its batches."""

    id: str
    source: str
    name: str
    received: int
    sha256_sent: str
    sha256_content: str
    bytes: int
    skip_bytes: int
    state: str
    torn: bool
    batches: int
    lines: int
    parsed: int
    refused: int
    skipped: int
    rows: int
    first_seq: int | None
    last_seq: int | None


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch of a delivery."""

    seq: int
    part: int
    received: int
    lines: int
    parsed: int
    refused: int
    skipped: int
    rows: int
    first_event: int | None
    last_event: int | None
    parser: str
    object: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Lines that could not be read, `lines` of them from `line` on: their place and the reason."""

    seq: int
    line: int
    lines: int
    offset: int
    length: int
    reason: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same content, received again."""

    id: str
    name: str
    received: int
    sha256_sent: str


@dataclass(frozen=True, slots=True)
class DeliveryDetail:
    """One delivery with its batches, its first refusals (`refused` counts all), and its repeats."""

    delivery: Delivery
    batches: tuple[BatchRow, ...]
    refusals: tuple[Refusal, ...]
    repeats: tuple[Repeat, ...]


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries; since and until (µs) bound the time of receipt, half-open."""

    source: str = ""
    state: str = ""
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class LinesRead:
    """Lines of a time of receipt by what became of them: lines = parsed + refused + skipped."""

    lines: int
    parsed: int
    refused: int
    skipped: int


def own_sources(tx: Transaction, tenants: Tenants) -> frozenset[str] | None:
    """Feeds whose every line belongs to these bodies, by every registration they ever had; None means all of them."""
    if tenants is Everyone.ALL:
        return None
    c = register.c
    owned: dict[str, bool] = {}
    for row in rows(tx, sa.select(c.tenant, c["values"]).where(c.kind == "sources", c.replaced.is_(None))):
        values = json.loads(row["values"])
        mine = not is_shared(values) and row["tenant"] in tenants
        owned[values["id"]] = owned.get(values["id"], True) and mine
    return frozenset(source for source, mine in owned.items() if mine)


def _seen(tx: Transaction, tenants: Tenants) -> sa.ColumnElement[bool]:
    owned = own_sources(tx, tenants)
    return sa.true() if owned is None else within(table.c.source, owned)


def _with_counts() -> sa.Select[Any]:
    def total(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return sa.select(column).where(batches.c.delivery == table.c.id).correlate(table).scalar_subquery()

    summed = {
        name: total(sa.func.coalesce(sa.func.sum(batches.c[name]), 0)).label(name)
        for name in ("lines", "parsed", "refused", "skipped", "rows")
    }
    return sa.select(
        table, total(sa.func.count()).label("batches"), *summed.values(),
        total(sa.func.min(batches.c.seq)).label("first_seq"), total(sa.func.max(batches.c.seq)).label("last_seq"),
    )  # fmt: skip


def _delivery(row: sa.RowMapping) -> Delivery:
    return Delivery(**{name: row[name] for name in Delivery.__slots__})


def deliveries(
    store: Readable,
    tenants: Tenants,
    where: DeliveryFilter | None = None,
    *,
    cursor: str | None = None,
    limit: int = 50,
    total: bool = False,
) -> Listing[Delivery]:
    """Deliveries by the feeds of these bodies, newest receipt first.

    Raises:
        InputError: A wrong cursor, state or limit.
    """
    where, limit = where or DeliveryFilter(), limited(limit)
    if where.state not in ("", "open", "committed"):
        raise InputError(f"state {where.state!r} is none of open, committed")
    with store.catalogue.read() as tx:
        asked = [_seen(tx, tenants)]
        if where.source:
            asked.append(table.c.source == plain(where.source))
        if where.state:
            asked.append(table.c.state == where.state)
        if where.since is not None:
            asked.append(table.c.received >= where.since)
        if where.until is not None:
            asked.append(table.c.received < where.until)
        statement = _with_counts().where(*asked).order_by(table.c.received.desc(), table.c.id.desc()).limit(limit + 1)
        if cursor:
            at, last = read_cursor(cursor, "-received", (int, str))
            there = sa.tuple_(sa.literal(at, sa.BigInteger), sa.literal(last, sa.String))
            statement = statement.where(sa.tuple_(table.c.received, table.c.id) < there, table.c.received <= at)
        found = rows(tx, statement)
        counted = (
            tx.execute(sa.select(sa.func.count()).select_from(table).where(*asked)).scalar_one() if total else None
        )
    page = tuple(_delivery(row) for row in found[:limit])
    following = cursor_of("-received", [page[-1].received, page[-1].id]) if len(found) > limit else None
    return Listing(page, following, counted)


def delivery(store: Readable, tenants: Tenants, delivery_id: str) -> DeliveryDetail:
    """One delivery with its batches; NotFoundError when it is not by a feed of these bodies alone."""
    with store.catalogue.read() as tx:
        asked = _with_counts().where(table.c.id == plain(delivery_id), _seen(tx, tenants))
        row = tx.execute(asked).mappings().one_or_none()
        if row is None:
            raise NotFoundError(f"no delivery {delivery_id}")
        parts = rows(tx, sa.select(batches).where(batches.c.delivery == row["id"]).order_by(batches.c.part))
        refused = rows(tx, sa.select(refusals).join(batches, batches.c.seq == refusals.c.seq).where(
            batches.c.delivery == row["id"]
        ).order_by(refusals.c.seq, refusals.c.line).limit(REFUSALS_SHOWN))  # fmt: skip
        again = rows(tx, sa.select(repeats).where(repeats.c.delivery == row["id"]).order_by(repeats.c.received))
    return DeliveryDetail(
        _delivery(row),
        tuple(BatchRow(**{name: r[name] for name in BatchRow.__slots__}) for r in parts),
        tuple(Refusal(**{name: r[name] for name in Refusal.__slots__}) for r in refused),
        tuple(Repeat(**{name: r[name] for name in Repeat.__slots__}) for r in again),
    )


def lines_read(store: Readable, tenants: Tenants, *, since: int, until: int) -> LinesRead:
    """Lines received in [since, until) (µs) by feeds of these bodies alone."""
    with store.catalogue.read() as tx:
        owned = own_sources(tx, tenants)
        mine = sa.true() if owned is None else within(batches.c.source, owned)
        names = ("lines", "parsed", "refused", "skipped")
        (found,) = tuples(tx, sa.select(*(sa.func.coalesce(sa.func.sum(batches.c[n]), 0) for n in names)).where(
            mine, batches.c.received >= since, batches.c.received < until
        ))  # fmt: skip
    return LinesRead(*(int(number) for number in found))
