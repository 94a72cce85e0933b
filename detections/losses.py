"""Minutes in which a device said that it dropped or rate-limited log lines: what is counted in them is a lower bound.

Such notices are rows of class `system`, operation `log_loss`. This is a producer of its own, one level below the
rules: it keeps for each body and hour which minutes have a notice, by source and device; where they change, it touches
the hour with the class `log_loss`, and every rule is due (the facts of its alerts tell `count_quality`). Where a source
serves several bodies, its notice holds for each of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa

from core import time
from core.columns import EventClass
from detections.rows import Part
from store import Session, Store, Transaction, facts, ledger
from store.alerts import EVERY
from store.catalogue import canonical
from store.facts import Fact

PRODUCER = facts.LOG_LOSS
CLASS = "log_loss"
VERSION = 1

Notice = tuple[int, str, str, bool]
"""Minute (count since 1970), source, device (empty where none is named), and whether it holds for every body."""
Lost = Mapping[tuple[str, int], set[Notice]]
"""(body, hour) → its notices."""


def standing(seq: int, from_hour: int) -> tuple[ledger.Standing, str]:
    """The producer as it is registered, and the text of its logic."""
    text = canonical({"producer": PRODUCER, "version": VERSION})
    mark = hashlib.sha256(text.encode()).hexdigest()
    return ledger.Standing(PRODUCER, mark, seq, from_hour, frozenset({"system"}), 0, 0, 0), text


def of(store: Store, part: Part) -> pa.Table:
    """(tenant, source, minute, devices) of the minutes with a notice; a notice without a device is the device ''."""
    with store.catalogue.read() as tx:
        found = _kept(facts.between(tx, PRODUCER, part.first, part.last))
    devices: dict[tuple[str, str, int], set[str]] = {}
    for (owner, _), notices in found.items():
        for minute, source, device, everyone in notices:
            for tenant in part.tenants if everyone else {owner}.intersection(part.tenants):
                devices.setdefault((tenant, source, minute), set()).add(device)
    keys = sorted(devices)
    return pa.table(
        {
            "tenant": pa.array([tenant for tenant, _, _ in keys], pa.string()),
            "source": pa.array([source for _, source, _ in keys], pa.string()),
            "minute": pa.array([minute for _, _, minute in keys], pa.int64()),
            "devices": pa.array([sorted(devices[key]) for key in keys], pa.list_(pa.string())),
        }
    )


def read(session: Session, cells: Sequence[ledger.DueCell]) -> Lost:
    """The notices of the bodies and hours that are due."""
    hours = [c.hour for c in cells]
    session.events(
        "notices", EventClass.SYSTEM, tenants=sorted(frozenset[str]().union(*(c.tenants for c in cells))),
        first_hour=min(hours), last_hour=max(hours),
        columns=["tenant", "tenant_quality", "event_time", "source", "device", "operation"],
    )  # fmt: skip
    table = session.sql(f"""SELECT DISTINCT tenant, epoch_us(event_time) // {time.MINUTE_US} AS minute, "source",
          coalesce(device, '') AS device, tenant_quality IS DISTINCT FROM 'given' AS everyone
        FROM notices WHERE operation = 'log_loss'""")
    asked = {(tenant, cell.hour) for cell in cells for tenant in cell.tenants}
    found: dict[tuple[str, int], set[Notice]] = {key: set() for key in asked}
    for tenant, minute, source, device, everyone in zip(*(c.to_pylist() for c in table.columns), strict=True):
        if (key := (tenant, minute // 60)) in asked:
            found[key].add((minute, source, device, everyone))
    return found


def write(tx: Transaction, cells: Sequence[ledger.DueCell], new: Lost) -> None:
    """Keep what was read, and touch the bodies and hours for which it says something new."""
    hours = [c.hour for c in cells]
    held = facts.between(tx, PRODUCER, min(hours), max(hours))
    before = _kept(held)
    changed = {key for key, notices in new.items() if notices != before.get(key, set())}
    facts.replace(
        tx, PRODUCER, gone=[f for f in held if (f.tenant, f.hour) in changed],
        new=[Fact(hour, tenant, "other", EVERY, False, canonical(sorted(new[tenant, hour])))
             for tenant, hour in sorted(changed) if new[tenant, hour]],
    )  # fmt: skip
    touched = set(changed)
    for tenant, hour in changed:
        if any(everyone for *_, everyone in new[tenant, hour] ^ before.get((tenant, hour), set())):
            touched |= {(body, hour) for body in ledger.bodies(tx, hour)}
    if touched:
        ledger.touch(tx, CLASS, touched, detail={"hours": sorted({hour for _, hour in changed})})


def _kept(found: Collection[Fact]) -> Lost:
    return {(f.tenant, f.hour): {tuple(notice) for notice in json.loads(f.body)} for f in found}
