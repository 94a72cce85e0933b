"""Importing a register: one act with a seq, after which rows that had come before are resolved again.

Rows carry the body and the zones that the registers answered when their batch was committed. When an answer changes
for a past time, the segments that were resolved with older registers are read again; rows that change are rewritten
and touched, so that detection sees exactly those hours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from core.columns import EventClass
from core.errors import InputError
from core.registers import Entry
from ingest.deliver import RESOLVED_BY, prefecture
from ingest.registers import check
from ingest.resolve import Resolver, zone_table
from store import Store


@dataclass(frozen=True, slots=True)
class Imported:
    """Seq of an import (None: nothing was new), entries changed, seq under which rows were resolved again."""

    seq: int | None
    changed: int
    resolved: int | None


def import_entries(store: Store, kind: str, entries: Sequence[Entry], *, actor: str) -> Imported:
    """Take in entries of one register and resolve again what they change. Raises RegisterError, taking nothing."""
    before = {(e.tenant, e.key, e.valid_from): e for e in store.entries(kind)}
    new = {(e.tenant, e.key, e.valid_from): e for e in entries}
    changed = [e for key, e in new.items() if before.get(key) != e]
    check(kind, list((before | new).values()))
    if not changed:
        return Imported(None, 0, None)
    seq = store.register(kind, changed, actor)
    return Imported(seq, len(changed), resolve_again(store, actor=actor) if kind in RESOLVED_BY else None)


def resolve_again(store: Store, *, actor: str) -> int | None:
    """Bring the rows that older registers resolved up to date; the seq of the act, None when no row changed.

    Also finds those of batches that were committed while a register was imported; so a detection run begins with it.
    """
    newest = store.newest_seq(RESOLVED_BY)
    return store.rewrite("resolve", _resolve_all(store), network_seq=newest, actor=actor)


def _resolve_all(store: Store) -> Callable[[EventClass, pl.DataFrame], pl.DataFrame]:
    table = zone_table(store.entries("zones"))
    try:
        home = prefecture(store)
    except InputError:
        return lambda _, rows: rows
    resolvers = {e.values["id"]: Resolver(e, table, home) for e in store.entries("sources")}

    def resolve(event_class: EventClass, rows: pl.DataFrame) -> pl.DataFrame:
        numbered = rows.with_row_index("_row")
        parts = []
        for (source,), part in numbered.group_by("source"):
            resolver = resolvers.get(str(source))
            parts.append(resolver(event_class, part).select(numbered.columns) if resolver else part)
        return pl.concat(parts).sort("_row").drop("_row")

    return resolve
