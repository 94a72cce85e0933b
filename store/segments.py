"""Segments as the catalogue lists them: which files are live, and what they can hold.

A segment is an immutable Parquet file of the rows of one class and JST day. Nobody globs. A fresh one belongs to one
batch, whose seq is not known when it is written: its column `batch` is empty, and readers fill it in from the list.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.columns import EventClass, columns_of
from store import tables
from store.catalogue import Transaction, canonical


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


@dataclass(frozen=True, slots=True)
class Written:
    """A segment that is complete and fsynced, with what the catalogue will say of it.

    `path` (relative to the data directory) is where it belongs; `aside` where it lies until it is published.
    """

    aside: Path
    path: str
    event_class: EventClass
    day: str
    rows: int
    bytes: int
    first_event: int
    last_event: int
    tenants: tuple[str, ...]
    seqs: tuple[int, ...]

    def record(self, *, seqs: Sequence[int], network_seq: int, added: int) -> dict[str, Any]:
        """The row of the catalogue."""
        return {
            "path": self.path, "class": str(self.event_class), "day": self.day, "rows": self.rows,
            "bytes": self.bytes, "first_event": self.first_event, "last_event": self.last_event,
            "tenants": canonical(list(self.tenants)), "seqs": canonical(list(seqs)), "first_seq": min(seqs),
            "last_seq": max(seqs), "network_seq": network_seq, "layout": layout(self.event_class), "added": added,
        }  # fmt: skip


def column_number(name: str) -> int:
    """The number by which a column is found in segments (field id of Parquet): it stays when columns are added."""
    return zlib.crc32(name.encode()) >> 1


@cache
def layout(event_class: EventClass) -> str:
    """Digest of a class's columns: tells segments of an earlier table of columns from those of this one."""
    text = ",".join(f"{column_number(c.name)}:{c.name}:{c.type}" for c in columns_of(event_class))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
