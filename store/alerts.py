"""Alerts in the catalogue: live, retracted, frozen, with every revision. What their facts are is said elsewhere.

An alert's id is SHA-256 over a JSON array, never over joined text: values are hostile.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from store import tables
from store.catalogue import Transaction, canonical
from store.facts import chunks

EVERY = canonical(["*"])
"""Entity of an alert that stands for too many to list."""


def alert_id(rule: str, tenant: str, entity_type: str, entity: str, day: str) -> str:
    """The id of an alert; `entity` is the canonical JSON list of its values."""
    text = canonical([rule, tenant, entity_type, json.loads(entity), day])
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class Change:
    """What a run makes of one alert: the row as it shall be, and as it was (None: there was none)."""

    row: dict[str, Any]
    before: Mapping[str, Any] | None
    changes: dict[str, list[Any]]
    material: list[str] = field(default_factory=list)
    """Why it goes back to a person (see `detections.cases`); empty: 継続."""
    retroactive: bool = False
    """All its evidence came more than 48 h late, or a new rule looked back."""
    late: bool = False
    """Lines that came more than an hour after they happened brought the change."""

    @property
    def live(self) -> bool:
        """Whether it stands after the change."""
        return bool(self.row["state"] != "retracted")


def by_id(tx: Transaction, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Alerts by id."""
    a = tables.alerts
    found: dict[str, Mapping[str, Any]] = {}
    for chunk in chunks(list(ids)):
        found |= {row["id"]: dict(row) for row in tx.execute(sa.select(a).where(a.c.id.in_(chunk))).mappings()}
    return found


def live_entities(
    tx: Transaction, rule: str, tenant: str, day: str, *, candidate: bool = False
) -> set[tuple[str, str]]:  # fmt: skip
    """(entity type, entity) of the live alerts of a rule on a body's day."""
    a = tables.alerts
    rows = tx.execute(
        sa.select(a.c.entity_type, a.c.entity).where(
            a.c.candidate.is_(candidate), a.c.state == "live", a.c.tenant == tenant, a.c.rule == rule, a.c.day == day
        )
    )
    return {(row.entity_type, row.entity) for row in rows}


def of_entities(
    tx: Transaction, rule: str, tenant: str, entities: Collection[str], *, candidate: bool = False
) -> list[Mapping[str, Any]]:
    """The alerts of a rule about these entities of a body, of all days, retracted ones too."""
    a = tables.alerts
    found: list[Mapping[str, Any]] = []
    for chunk in chunks(sorted(entities)):
        rows = tx.execute(
            sa.select(a).where(
                a.c.rule == rule, a.c.tenant == tenant, a.c.entity.in_(chunk), a.c.candidate.is_(candidate)
            )
        )
        found += [dict(row) for row in rows.mappings()]
    return found


def write(tx: Transaction, changes: Iterable[Change]) -> None:
    """Write alerts and their revisions."""
    a, given = tables.alerts, list(changes)
    new = [c.row for c in given if c.before is None]
    revised = [c.row for c in given if c.before is not None]
    if new:
        tx.execute(a.insert(), new)
    if revised:
        columns = [c.name for c in a.columns if c.name != "id"]
        tx.execute(
            a.update().where(a.c.id == sa.bindparam("b_id")).values({n: sa.bindparam(f"b_{n}") for n in columns}),
            [{f"b_{name}": row[name] for name in ("id", *columns)} for row in revised],
        )
    noted = [
        {"alert": c.row["id"], "revision": c.row["revision"], "at": c.row["revised"], "seq": c.row["seq"],
         "state": c.row["state"], "severity": c.row["severity"], "changes": canonical(c.changes),
         "material": ",".join(c.material)}
        for c in given if c.before is None or c.before["revision"] != c.row["revision"]
    ]  # fmt: skip
    if noted:
        tx.execute(tables.revisions.insert(), noted)


def assign(tx: Transaction, moved: Mapping[str, str]) -> None:
    """Give alerts (id → case) to other cases; no fact of theirs changes."""
    a = tables.alerts
    if moved:
        tx.execute(
            a.update().where(a.c.id == sa.bindparam("b_id")).values(case_id=sa.bindparam("b_case")),
            [{"b_id": alert, "b_case": case} for alert, case in sorted(moved.items())],
        )
