"""Segments as the catalogue lists them: which files are live, and what they can hold.

A segment is an immutable Parquet file of the rows of one class and JST day. Nobody globs. A fresh one belongs to one
batch, whose seq is not known when it is written: its column `batch` is empty, and readers fill it in from the list.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.columns import EventClass
from store import tables
from store.catalogue import Transaction, canonical
from store.written import Written, layout


@dataclass(frozen=True, slots=True)
class Segment:
    """A live segment as the catalogue lists it. Times are µs UTC, both ends included."""

    path: str
    event_class: EventClass
    day: str
    rows: int
    bytes: int
    first_event: int
    last_event: int
    tenants: frozenset[str]
    first_seq: int
    last_seq: int
    network_seq: int
    layout: str

    @property
    def only_seq(self) -> int | None:
        """The batch that made the file by itself; None where the file holds several, and says which."""
        return self.first_seq if self.first_seq == self.last_seq else None

    def holds(self, tenants: frozenset[str] | None, first: int, last: int) -> bool:
        """Whether it can hold rows of these bodies (None: any) in [first, last) µs."""
        return (
            self.first_event < last and self.last_event >= first
            and (tenants is None or not tenants.isdisjoint(self.tenants))
        )  # fmt: skip


def live(tx: Transaction) -> tuple[Segment, ...]:
    """The segments that the catalogue lists as live, in the order of their paths."""
    s = tables.segments
    columns = (
        s.c.path, s.c["class"].label("of"), s.c.day, s.c.rows, s.c.bytes, s.c.first_event, s.c.last_event, s.c.tenants,
        s.c.first_seq, s.c.last_seq, s.c.network_seq, s.c.layout,
    )  # fmt: skip
    rows = tx.execute(sa.select(*columns).where(s.c.dropped.is_(None)).order_by(s.c.path))
    return tuple(
        Segment(
            r.path, EventClass(r.of), r.day, r.rows, r.bytes, r.first_event, r.last_event,
            frozenset(json.loads(r.tenants)), r.first_seq, r.last_seq, r.network_seq, r.layout,
        )
        for r in rows
    )  # fmt: skip


def record(written: Written, *, seqs: Sequence[int], network_seq: int, added: int) -> dict[str, Any]:
    """The row of the catalogue for a segment that was written."""
    w = written
    return {
        "path": w.path, "class": str(w.event_class), "day": w.day, "rows": w.rows, "bytes": w.bytes,
        "first_event": w.first_event, "last_event": w.last_event, "tenants": canonical(list(w.tenants)),
        "seqs": canonical(list(seqs)), "first_seq": min(seqs), "last_seq": max(seqs), "network_seq": network_seq,
        "layout": layout(w.event_class), "added": added,
    }  # fmt: skip
