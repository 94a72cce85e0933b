"""Accounting of denied rows (promise 6): deny rows = in alerts + in traffic classes + in none, exactly, per body and hour.

A producer one level above the rules. A row is in an alert when a fact of a rule has it as evidence: such a row
belongs to the alert of its own day, or is carried by that of the next. Else it is in its traffic class, else in none.
Rules whose entity is a traffic class (`entity_type = "class"`) gather what is classed; their rows stay with the
class. It is due when rows change, when what classes read changes, and when facts of a rule change (touches of class
`alert`).
"""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from core.columns import EventClass
from detections import classes, macs, policy, rows
from detections.loading import Pack
from detections.parts import parts
from detections.references import References, versions
from detections.rows import Part
from detections.vocabulary import registers
from store import Session, Store, facts, ledger, places
from store.catalogue import canonical

PRODUCER = "accounting"
VERSION = 1
ALERT, NONE = "alert", "none"


def standing(pack: Pack, seq: int, from_hour: int) -> tuple[ledger.Standing, str]:
    """The producer as it is registered, and the text of its logic."""
    columns = pack.class_columns("network")
    logic = {
        "producer": PRODUCER, "version": VERSION, "classes": [classes.VERSION, *(c.logic() for c in pack.classes_of("network"))],
        "policy": [policy.VERSION, pack.policy.logic()], "apart": _apart(pack),
    }  # fmt: skip
    text = canonical(logic)
    reads = frozenset({"network", "alert", *registers(columns)})
    mark = hashlib.sha256(text.encode()).hexdigest()
    return ledger.Standing(PRODUCER, mark, seq, from_hour, reads, 0, 0, 2), text


def _apart(pack: Pack) -> list[str]:
    return sorted(r.id for r in pack.rules.values() if r.entity_type == "class")


def run(
    store: Store, session: Session, seq: int, one: ledger.Standing, due: Sequence[ledger.DueCell], pack: Pack,
    refs: References, *, now: int,
) -> int:  # fmt: skip
    """Count the denied rows of these cells anew; how many were marked."""
    wanted: dict[str, set[int]] = {}
    for cell in due:
        for tenant in cell.tenants:
            wanted.setdefault(tenant, set()).add(cell.hour)
    columns = pack.class_columns("network") | {"noise", "traffic_class", "dst_zone"}
    counted: list[dict[str, Any]] = []
    for part, hours in parts(session, EventClass.NETWORK, wanted, 0, 0):
        if rows.materialise(session, part, columns, pack, refs, macs.shared(store, part)):
            counted += _count(store, session, part, sorted(hours), _apart(pack))
    by_hour: dict[int, list[dict[str, Any]]] = {}
    asked = {cell.hour: cell.tenants for cell in due}
    for row in counted:
        if row["tenant"] in asked[row["hour"]]:
            by_hour.setdefault(row["hour"], []).append(row)
    done = 0
    for cell in due:
        try:
            with store.catalogue.write() as tx:
                ledger.unmoved(tx, [cell])
                facts.replace_counts(tx, {cell.hour: cell.tenants}, by_hour.get(cell.hour, []))
                ledger.move(
                    tx, [cell], mark=seq, fingerprint=one.fingerprint, versions=versions(seq, one.reads), now=now
                )
        except ledger.LostRaceError:
            continue
        done += 1
    return done


def _count(
    store: Store, session: Session, part: Part, hours: Sequence[int], apart: Sequence[str]
) -> list[dict[str, Any]]:
    lines: list[Any] = []
    with store.catalogue.read() as tx:
        for hour in hours:
            for _, packed in facts.evidence(tx, hour, part.tenants, without=apart):
                lines.append(places.unpack(packed))
    # A place is one line, and a line may give several rows; all of a line's rows that are evidence lie in one class.
    every = np.unique(np.concatenate(lines), axis=0) if lines else places.NONE
    session.bind("evidence_places", pa.table({"batch": every[:, 0], "line": every[:, 1]}))
    session.bind("due_hours", pa.table({"hour": pa.array(hours, pa.int64())}))
    table = session.sql(f"""SELECT hour, tenant, coalesce(dst_zone, 'UNKNOWN') AS dst_zone,
          CASE WHEN e.line IS NOT NULL THEN '{ALERT}' WHEN r.noise IS NOT NULL THEN r.traffic_class ELSE '{NONE}' END AS bin,
          CASE WHEN e.line IS NULL THEN coalesce(r.noise, '') ELSE '' END AS name,
          count(*) AS rows, CAST(sum(r.events) AS BIGINT) AS events
        FROM rows r JOIN due_hours USING (hour) LEFT JOIN evidence_places e ON e.batch = r.batch AND e.line = r.line
        WHERE r.verdict = 'deny' GROUP BY ALL""")
    found: list[dict[str, Any]] = table.to_pylist()
    return found
