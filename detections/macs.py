"""Hardware addresses that stand for many: seen with at least four addresses of a body in a JST day.

Behind a router every terminal shows the router's hardware address, so a pair of address and hardware address says
nothing about a terminal. Which hardware addresses those are is known only over the day, while cells are hours; so
this is a producer of its own, one level below the rules. It keeps for each body and hour which addresses each
hardware address was seen with (no more than four of each); when a day's answer changes, it touches that body's hours
with the class `mac`, and what asks for it (`mac_match`, the flow policy) is due.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa

from core import time
from core.columns import EventClass
from detections.joins import SHARED_BY
from detections.rows import Part
from store import Session, Store, Transaction, facts, ledger
from store.alerts import EVERY
from store.catalogue import canonical
from store.facts import Fact

PRODUCER = "mac_sharing"
CLASS = "mac"
VERSION = 1

Seen = dict[tuple[str, int], dict[str, list[str]]]
"""(body, hour) → hardware address → the addresses that it was seen with, four at most."""


def standing(seq: int, from_hour: int) -> tuple[ledger.Standing, str]:
    """The producer as it is registered, and the text of its logic."""
    text = canonical({"producer": PRODUCER, "version": VERSION, "shared_by": SHARED_BY})
    mark = hashlib.sha256(text.encode()).hexdigest()
    return ledger.Standing(PRODUCER, mark, seq, from_hour, frozenset({"network"}), 0, 0, 0), text


class Sharing:
    """Which hardware addresses stand for many; what was asked is remembered, since a day is read in many parts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, str], set[str]] = {}

    def of(self, part: Part) -> pa.Table:
        """(tenant, day, mac) of the hardware addresses that stand for many, for the days of a part."""
        days = sorted({time.day_of_hour(hour) for hour in range(part.first, part.last + 1)})
        rows: list[tuple[str, int, str]] = []
        with self._store.catalogue.read() as tx:
            for day in days:
                text = day.isoformat()
                asked = [tenant for tenant in part.tenants if (text, tenant) not in self._known]
                found = _shared(_seen(tx, text, asked))
                self._known |= {(text, tenant): found.get(tenant, set()) for tenant in asked}
                number = (time.day_start(day) + time.JST_OFFSET_US) // time.DAY_US
                rows += [(tenant, number, mac) for tenant in part.tenants for mac in self._known[text, tenant]]
        return pa.table(
            {
                "tenant": pa.array([r[0] for r in rows], pa.string()),
                "day": pa.array([r[1] for r in rows], pa.int64()),
                "mac": pa.array([r[2] for r in rows], pa.string()),
            }
        )


def read(session: Session, cells: Sequence[ledger.DueCell]) -> Seen:
    """What was seen in the bodies and hours that are due."""
    tenants = sorted(frozenset[str]().union(*(c.tenants for c in cells)))
    hours = [c.hour for c in cells]
    session.events(
        "hardware_seen", EventClass.NETWORK, tenants=tenants, first_hour=min(hours), last_hour=max(hours),
        columns=["tenant", "event_time", "src_mac", "src_ip"],
    )  # fmt: skip
    table = session.sql(f"""SELECT tenant, hour, src_mac, min(src_ip, {SHARED_BY}) AS ips FROM (
          SELECT DISTINCT tenant, epoch_us(event_time) // {time.HOUR_US} AS hour, src_mac, src_ip FROM hardware_seen
          WHERE src_mac IS NOT NULL AND src_ip IS NOT NULL)
        GROUP BY tenant, hour, src_mac""")
    asked = _cells(cells)
    found: Seen = {}
    for tenant, hour, mac, ips in zip(*(column.to_pylist() for column in table.columns), strict=True):
        if (tenant, hour) in asked:
            found.setdefault((tenant, hour), {})[mac] = ips
    return found


def _cells(cells: Sequence[ledger.DueCell]) -> set[tuple[str, int]]:
    return {(tenant, cell.hour) for cell in cells for tenant in cell.tenants}


def write(tx: Transaction, cells: Sequence[ledger.DueCell], new: Seen) -> None:
    """Keep what was read of hours of one day, and touch the body's hours of it whose answer is another."""
    day = time.day_of_hour(cells[0].hour).isoformat()
    asked = _cells(cells)
    before = _seen(tx, day, {tenant for tenant, _ in asked})
    after = {key: macs for key, macs in before.items() if key not in asked} | new
    gone = [_fact(key, {}) for key in before if key not in after]
    changed = [_fact(key, macs) for key, macs in new.items() if before.get(key) != macs]
    facts.replace(tx, PRODUCER, gone=gone, new=changed)
    were, are = _shared(before), _shared(after)
    flipped = {tenant: were.get(tenant, set()) ^ are.get(tenant, set()) for tenant, _ in asked}
    if touched := {
        (tenant, hour)
        for (tenant, hour), macs in (*before.items(), *after.items())
        if not flipped[tenant].isdisjoint(macs)
    }:
        ledger.touch(tx, CLASS, touched, detail={"day": day})


def _fact(key: tuple[str, int], macs: Mapping[str, list[str]]) -> Fact:
    tenant, hour = key
    return Fact(hour, tenant, "other", EVERY, False, canonical(macs))


def _seen(tx: Transaction, day: str, tenants: Collection[str]) -> Seen:
    """What the facts of a day hold."""
    wanted = [(day, tenant, "other", EVERY) for tenant in tenants]
    found = facts.of_days(tx, PRODUCER, wanted)
    return {(fact.tenant, fact.hour): json.loads(fact.body) for hours in found.values() for fact in hours}


def _shared(seen: Seen) -> dict[str, set[str]]:
    """Body → hardware addresses that stand for many in these hours together."""
    together: dict[str, dict[str, list[str]]] = {}
    for (tenant, _), macs in seen.items():
        mine = together.setdefault(tenant, {})
        for mac, ips in macs.items():
            # Nearly all have one address, and always the same.
            if (held := mine.setdefault(mac, ips)) != ips:
                mine[mac] = [*{*held, *ips}]
    return {t: {mac for mac, ips in macs.items() if len(ips) >= SHARED_BY} for t, macs in together.items()}
