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
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from core.columns import EventClass
from detections import classes, losses, macs, policy, rows
from detections.loading import Pack
from detections.parts import parts
from detections.references import References, versions
from detections.vocabulary import registers
from store import Session, Store, facts, ledger, places
from store.catalogue import canonical

ROWS_KEPT = 8_000_000
"""Rows that a run keeps at most (some 50 bytes each); what is more is read twice."""
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


@dataclass(slots=True)
class Classed:
    """Denied rows with their classes as the rules of a run have read them, so that nobody reads and classes them twice."""

    seq: int = 0
    """The snapshot that they are of."""
    tables: list[tuple[frozenset[tuple[str, int]], pa.Table]] = field(default_factory=list)
    """Whole hours of bodies, each in one table: (tenant, hour, dst_zone, noise, events, batch, line)."""

    def keep(self, session: Session, seq: int, pairs: frozenset[tuple[str, int]]) -> None:
        """Keep the denied rows of the table `rows` in these hours of bodies, if there is room."""
        self.seq = seq
        if sum(table.num_rows for _, table in self.tables) > ROWS_KEPT:
            return
        session.bind("kept_cells", _cells(pairs))
        table = session.sql("""SELECT tenant, hour, dst_zone, noise, events, batch, line
            FROM rows JOIN kept_cells USING (tenant, hour) WHERE verdict = 'deny'""")
        for name in ("tenant", "dst_zone", "noise"):
            at = table.column_names.index(name)
            table = table.set_column(at, name, table[name].dictionary_encode())
        self.tables.append((pairs, table))


def _cells(pairs: Collection[tuple[str, int]]) -> pa.Table:
    ordered = sorted(pairs)
    tenants, hours = pa.array([t for t, _ in ordered], pa.string()), pa.array([h for _, h in ordered], pa.int64())
    return pa.table({"tenant": tenants, "hour": hours})


def run(
    store: Store, session: Session, seq: int, one: ledger.Standing, due: Sequence[ledger.DueCell], pack: Pack,
    refs: References, sharing: macs.Sharing, classed: Classed, *, now: int,
) -> int:  # fmt: skip
    """Count the denied rows of these cells anew; how many were marked."""
    wanted = {(tenant, cell.hour) for cell in due for tenant in cell.tenants}
    with store.catalogue.read() as tx:
        newer = one.reads - {"alert"} if classed.tables else frozenset[str]()
        changed = ledger.touched(tx, newer, after=classed.seq, up_to=seq)
    counted: list[dict[str, Any]] = []
    for pairs, table in classed.tables:
        if known := (wanted - changed) & pairs:
            session.bind("classed", table)
            counted += _count(store, session, "classed", known, pack)
            wanted -= known
    hours_of: dict[str, set[int]] = {}
    for tenant, hour in wanted:
        hours_of.setdefault(tenant, set()).add(hour)
    named = frozenset({"noise", "dst_zone"})
    columns = pack.class_columns("network") | named
    for part, mine in parts(session, EventClass.NETWORK, hours_of, 0, 0):
        if rows.materialise(session, part, columns, pack, refs, sharing.of(part), named, losses.of(store, part)):
            counted += _count(store, session, "rows", mine, pack)
    by_hour: dict[int, list[dict[str, Any]]] = {}
    for row in counted:
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
    store: Store, session: Session, table: str, cells: Collection[tuple[str, int]], pack: Pack
) -> list[dict[str, Any]]:
    """Count the rows of a table in these hours of bodies, by zone they went to, bin and class."""
    tenants: dict[int, set[str]] = {}
    for tenant, hour in cells:
        tenants.setdefault(hour, set()).add(tenant)
    lines: list[Any] = [places.NONE]
    with store.catalogue.read() as tx:
        for hour, mine in sorted(tenants.items()):
            lines += [places.unpack(packed) for _, packed in facts.evidence(tx, hour, mine, without=_apart(pack))]
    every = np.concatenate(lines)
    session.bind("evidence_places", pa.table({"batch": every[:, 0], "line": every[:, 1]}))
    session.bind("counted_cells", _cells(cells))
    # A place is one line, and a line may give several rows; all of a line's rows that are evidence lie in one class.
    found: list[dict[str, Any]] = (
        session.sql(f"""SELECT hour, tenant, coalesce(CAST(dst_zone AS VARCHAR), 'UNKNOWN') AS dst_zone,
          e.line IS NOT NULL AS alert, CASE WHEN e.line IS NULL THEN coalesce(CAST(noise AS VARCHAR), '') ELSE '' END AS name,
          count(*) AS rows, CAST(sum(r.events) AS BIGINT) AS events
        FROM {table} r JOIN counted_cells USING (tenant, hour)
        LEFT JOIN (SELECT DISTINCT batch, line FROM evidence_places) e ON e.batch = r.batch AND e.line = r.line
        {"WHERE r.verdict = 'deny'" if table == "rows" else ""} GROUP BY ALL""").to_pylist()
    )
    groups = {c.name: c.group for c in pack.classes}
    for row in found:
        row["bin"] = ALERT if row.pop("alert") else groups[row["name"]] if row["name"] else NONE
    return found
