"""Snapshots: what a reader sees, fixed at one seq, with a lease that keeps its files on disk."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import time
from core.columns import EventClass
from core.errors import ConflictError
from core.registers import Entry
from store import registers, tables
from store.segments import Segment, live

if TYPE_CHECKING:
    from store.sessions import Session
    from store.store import Store

LEASE_US = 30 * 60_000_000
"""A lease is renewed while its reader works; one that was killed keeps dropped files for half an hour."""


class Snapshot:
    """The live segments and the registers as of `seq`; nothing later is seen through it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.lease = uuid.uuid4().hex
        with store.catalogue.write() as tx:
            if tx.on_postgresql:
                # No batch and no drop commits between the reading of the counters and of the list.
                counters = tables.counters
                tx.execute(sa.select(counters.c.name).order_by(counters.c.name).with_for_update(read=True))
            self.seq = tx.newest()
            now = time.now_us()
            self._until = now + LEASE_US
            tx.execute(
                tables.leases.insert(),
                {"id": self.lease, "seq": self.seq, "drops": tx.counter("drops"), "taken": now, "until": self._until},
            )
            self._segments = live(tx)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Every live segment."""
        return self._segments

    def find(self, event_class: EventClass, *, tenants: Collection[str] | None, first: int, last: int) -> list[Segment]:
        """The segments that can hold rows of these bodies (None: all) in [first, last) µs."""
        wanted = None if tenants is None else frozenset(tenants)
        return [s for s in self._segments if s.event_class == event_class and s.holds(wanted, first, last)]

    def entries(self, kind: str, tenant: str | None = None) -> list[Entry]:
        """The entries of a register as of the snapshot, in the order of body, key and time."""
        with self._store.catalogue.read() as tx:
            return registers.entries(tx, kind, tenant=tenant, as_of_seq=self.seq)

    def session(self) -> Session:
        """A DuckDB of its own over this snapshot; close it, or use it as a context manager."""
        from store.sessions import Session

        return Session(self._store, self)

    def renew(self) -> None:
        """Prolong the lease once half of it is over."""
        now = time.now_us()
        if now < self._until - LEASE_US // 2:
            return
        leases = tables.leases
        with self._store.catalogue.write() as tx:
            found = tx.execute(leases.update().where(leases.c.id == self.lease).values(until=now + LEASE_US)).rowcount
        if found:
            self._until = now + LEASE_US

    def refresh(self) -> None:
        """Read the list again: a file is missing, for the lease ran out while the reader slept.

        Raises:
            ConflictError: Rows were rewritten or erased since; the reader has to start again from a new snapshot.
        """
        with self._store.catalogue.read() as tx:
            acts = tables.acts
            since = tx.execute(
                sa.select(acts.c.kind)
                .where(acts.c.seq > self.seq, acts.c.kind.in_(("resolve", "reparse", "erase")))
                .limit(1)
            ).first()
            if since is not None:
                raise ConflictError(f"rows were rewritten ({since.kind}) while they were read; start again")
            self._segments = tuple(s for s in live(tx) if s.first_seq <= self.seq)

    def close(self) -> None:
        """Give the lease back."""
        leases = tables.leases
        with self._store.catalogue.write() as tx:
            tx.execute(leases.delete().where(leases.c.id == self.lease))


@contextmanager
def snapshot(store: Store) -> Iterator[Snapshot]:
    """A snapshot for as long as the context lasts."""
    taken = Snapshot(store)
    try:
        yield taken
    finally:
        taken.close()
