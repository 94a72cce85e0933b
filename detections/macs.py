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
from collections.abc import Collection, Iterable, Mapping, Sequence

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
                found = _of_day(tx, text, asked)
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


def run(
    store: Store, session: Session, seq: int, one: ledger.Standing, due: Sequence[ledger.DueCell], *, now: int
) -> int:
    """Evaluate these cells; how many were marked."""
    done = 0
    days: dict[str, list[ledger.DueCell]] = {}
    for cell in due:
        days.setdefault(time.day_of_hour(cell.hour).isoformat(), []).append(cell)
    for day, cells in sorted(days.items()):
        new = _hours(session, cells)
        try:
            with store.catalogue.write() as tx:
                _write(tx, day, cells, new)
                ledger.move(tx, cells, mark=seq, fingerprint=one.fingerprint, versions={}, now=now)
        except ledger.LostRaceError:
            continue
        done += len(cells)
    return done


def _hours(session: Session, cells: Sequence[ledger.DueCell]) -> list[Fact]:
    """For each body and hour that is due: hardware address → addresses."""
    tenants = sorted(frozenset[str]().union(*(c.tenants for c in cells)))
    hours = [c.hour for c in cells]
    session.events(
        "hardware_seen", EventClass.NETWORK, tenants=tenants, first_hour=min(hours), last_hour=max(hours),
        columns=["tenant", "event_time", "src_mac", "src_ip"],
    )  # fmt: skip
    table = session.sql(f"""SELECT tenant, hour, src_mac, list(src_ip ORDER BY src_ip) AS ips FROM (
          SELECT *, row_number() OVER (PARTITION BY tenant, hour, src_mac ORDER BY src_ip) AS n FROM (
            SELECT DISTINCT tenant, epoch_us(event_time) // {time.HOUR_US} AS hour, src_mac, src_ip FROM hardware_seen
            WHERE src_mac IS NOT NULL AND src_ip IS NOT NULL))
        WHERE n <= {SHARED_BY} GROUP BY tenant, hour, src_mac""")
    asked = {(c.hour, t) for c in cells for t in c.tenants}
    found: dict[tuple[int, str], dict[str, list[str]]] = {}
    for tenant, hour, mac, ips in zip(*(column.to_pylist() for column in table.columns), strict=True):
        if (hour, tenant) in asked:
            found.setdefault((hour, tenant), {})[mac] = ips
    return [
        Fact(hour, tenant, "other", EVERY, False, canonical(macs)) for (hour, tenant), macs in sorted(found.items())
    ]


def _write(tx: Transaction, day: str, cells: Sequence[ledger.DueCell], new: Sequence[Fact]) -> None:
    tenants = sorted(frozenset[str]().union(*(c.tenants for c in cells)))
    before = _of_day(tx, day, tenants)
    held = facts.of_cells(tx, PRODUCER, {c.hour: c.tenants for c in cells})
    there = {fact.key for fact in new}
    changed = [f for f in new if f.key not in held or held[f.key].body != f.body]
    facts.replace(tx, PRODUCER, gone=[f for key, f in held.items() if key not in there], new=changed)
    after = _of_day(tx, day, tenants)
    flipped = {t: before.get(t, set()) ^ after.get(t, set()) for t in tenants}
    if touched := _where_seen(tx, day, {t: macs for t, macs in flipped.items() if macs}, held.values()):
        ledger.touch(tx, CLASS, touched, detail={"day": day})


def _of_day(tx: Transaction, day: str, tenants: Collection[str]) -> dict[str, set[str]]:
    """Body → hardware addresses that stand for many on a day."""
    found: dict[str, set[str]] = {}
    for tenant, hours in _seen(tx, day, tenants).items():
        together: dict[str, set[str]] = {}
        for _, macs in hours:
            for mac, ips in macs.items():
                together.setdefault(mac, set()).update(ips)
        found[tenant] = {mac for mac, ips in together.items() if len(ips) >= SHARED_BY}
    return found


def _seen(tx: Transaction, day: str, tenants: Collection[str]) -> dict[str, list[tuple[int, Mapping[str, list[str]]]]]:
    wanted = [(day, tenant, "other", EVERY) for tenant in tenants]
    rows = facts.of_days(tx, PRODUCER, wanted)
    return {key[1]: [(fact.hour, json.loads(fact.body)) for fact in hours] for key, hours in rows.items()}


def _where_seen(
    tx: Transaction, day: str, flipped: Mapping[str, Collection[str]], gone: Iterable[Fact]
) -> set[tuple[str, int]]:
    """(body, hour) in which one of these hardware addresses was or is seen."""
    rows = [(t, hour, macs) for t, hours in _seen(tx, day, flipped).items() for hour, macs in hours]
    rows += [(f.tenant, f.hour, json.loads(f.body)) for f in gone if f.tenant in flipped]
    return {(t, hour) for t, hour, macs in rows if any(mac in macs for mac in flipped[t])}
