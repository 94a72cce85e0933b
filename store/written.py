"""What is known of a segment file while it is written: its columns by number, and what the catalogue will say of it."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.columns import EventClass, columns_of


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


def column_number(name: str) -> int:
    """The number by which a column is found in segments (field id of Parquet): it stays when columns are added."""
    return zlib.crc32(name.encode()) >> 1


@cache
def layout(event_class: EventClass) -> str:
    """Digest of a class's columns: tells segments of an earlier table of columns from those of this one."""
    text = ",".join(f"{column_number(c.name)}:{c.name}:{c.type}" for c in columns_of(event_class))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
