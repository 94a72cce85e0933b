"""From facts to alerts: what a run found is compared with what stands, and only what differs is written.

One producer and one set of due cells at a time, in transactions of at most some thousand rows. Each checks that no
other run has moved the marks; the marks move in the last. An entity's facts and its alert are written together, so a
run that is killed between two transactions leaves nothing that the next one would overlook: cells not marked are due.
"""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core import time
from detections import chaining
from detections.evaluate import Found, Key
from detections.facts import Partial, merge, pure, severity, shown, verdict
from detections.rule import Rule
from store import Store, Transaction, alerts, facts, ledger
from store.alerts import EVERY, Change
from store.catalogue import canonical
from store.facts import Fact

MEMBERS = 1000
"""More entities of one (rule, body, day) are one alert, with their exact number."""
PER_TRANSACTION = 600
"""Entity-days a transaction: each is some rows of facts, an alert, a revision and a case."""

EntityDay = tuple[str, str, str, str]
"""Day, body, entity type, entity."""


@dataclass(slots=True)
class Outcome:
    """What came of one producer's cells."""

    cells: int = 0
    new: int = 0
    revised: int = 0
    retracted: int = 0
    touched: int = 0
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """A rule's due cells, and what the evaluation of a snapshot found in them."""

    rule: Rule
    standing: ledger.Standing
    cells: Sequence[ledger.DueCell]
    found: Mapping[Key, Found]
    seq: int
    """Of the snapshot: what the marks become."""
    versions: Mapping[str, int]


def mark_of(work: Work, tx: Transaction) -> int:
    """The mark that evaluated cells get: the snapshot's seq, whatever has been committed since."""
    return work.seq


def apply(store: Store, work: Work, *, now: int) -> Outcome:
    """Write what was found. A lost race discards the rest, and is no error."""
    outcome = Outcome()
    with store.catalogue.read() as tx:
        changed, gone = _differences(tx, work)
    groups = _groups(changed, gone)
    try:
        for group in groups:
            with store.catalogue.write() as tx:
                ledger.unmoved(tx, work.cells)
                _write_group(tx, work, group, now, outcome)
        with store.catalogue.write() as tx:
            ledger.unmoved(tx, work.cells)
            _floods(tx, work, now, outcome)
            ledger.move(
                tx, work.cells, mark=mark_of(work, tx), fingerprint=work.standing.fingerprint, versions=work.versions,
                now=now,
            )  # fmt: skip
            outcome.cells = len(work.cells)
    except ledger.LostRaceError:
        outcome.lost = True
    return outcome


def fact_of(key: Key, found: Found) -> Fact:
    """A partial as the catalogue keeps it; lists and keys in one order, so that equal facts are equal text."""
    return Fact(
        key.hour, key.tenant, key.entity_type, canonical(list(key.entity)), found.fired, canonical(found.partial.body()),
        found.places,
    )  # fmt: skip


def _differences(tx: Transaction, work: Work) -> tuple[list[Fact], list[Fact]]:
    """Facts to write, and facts that are no longer there.

    Under new logic every fact is written: equal facts may weigh otherwise.
    """
    due = {cell.hour: cell.tenants for cell in work.cells}
    anew = {cell.hour for cell in work.cells if "rule" in cell.causes}
    held = facts.of_cells(tx, work.rule.id, due)
    new = {fact.key: fact for fact in (fact_of(k, f) for k, f in work.found.items())}
    changed = [
        fact for key, fact in sorted(new.items()) if fact.hour in anew or key not in held or held[key].body != fact.body
    ]
    return changed, [fact for key, fact in sorted(held.items()) if key not in new]


@dataclass(slots=True)
class _Group:
    changed: list[Fact] = field(default_factory=list)
    gone: list[Fact] = field(default_factory=list)

    def entity_days(self) -> set[EntityDay]:
        return {(f.day, f.tenant, f.entity_type, f.entity) for f in (*self.changed, *self.gone)}


def _groups(changed: Iterable[Fact], gone: Iterable[Fact]) -> list[_Group]:
    """Everything of one entity in one group, days of a body together, at most PER_TRANSACTION entity-days in each."""
    by_entity: dict[tuple[str, str, str], _Group] = {}
    for fact in changed:
        by_entity.setdefault((fact.tenant, fact.entity_type, fact.entity), _Group()).changed.append(fact)
    for fact in gone:
        by_entity.setdefault((fact.tenant, fact.entity_type, fact.entity), _Group()).gone.append(fact)
    groups, size = [], PER_TRANSACTION
    for _, one in sorted(by_entity.items()):
        days = len(one.entity_days())
        if size + days > PER_TRANSACTION:
            groups.append(_Group())
            size = 0
        groups[-1].changed += one.changed
        groups[-1].gone += one.gone
        size += days
    return groups


def _write_group(tx: Transaction, work: Work, group: _Group, now: int, outcome: Outcome) -> None:
    facts.replace(tx, work.rule.id, gone=group.gone, new=group.changed)
    touched = {(f.tenant, f.hour) for f in (*group.changed, *group.gone)}
    wanted = group.entity_days()
    many = {(day, tenant) for day, tenant in {(d, t) for d, t, _, _ in wanted} if _is_flood(tx, work, day, tenant)}
    _bring_in_line(tx, work, wanted, many, now, outcome)
    if touched:
        ledger.touch(tx, "alert", touched, detail={"rule": work.rule.id})
        outcome.touched += len(touched)


def _is_flood(tx: Transaction, work: Work, day: str, tenant: str) -> bool:
    return facts.fired_entities(tx, work.rule.id, day, tenant) > MEMBERS


def _bring_in_line(
    tx: Transaction,
    work: Work,
    wanted: Collection[EntityDay],
    many: Collection[tuple[str, str]],
    now: int,
    outcome: Outcome,
) -> None:
    """Make the alerts of these entity-days what their facts say."""
    parts = facts.of_days(tx, work.rule.id, wanted)
    ids = {key: alerts.alert_id(work.rule.id, key[1], key[2], key[3], key[0]) for key in wanted}
    standing = alerts.by_id(tx, sorted(ids.values()))
    judged = chaining.judged(tx, {str(row["case_id"]) for row in standing.values()})
    changes = []
    for key in sorted(wanted):
        hours = parts.get(key, [])
        held = standing.get(ids[key])
        single = (key[0], key[1]) not in many or (held is not None and held["case_id"] in judged)
        whole = _merged(hours) if single and any(f.fired for f in hours) else None
        if change := _change(work, key, ids[key], whole, held, now):
            changes.append(change)
    _settle(tx, work, changes, now, outcome)


def _settle(tx: Transaction, work: Work, changes: list[Change], now: int, outcome: Outcome) -> None:
    chaining.link(tx, work.rule, changes, now=now)
    alerts.write(tx, changes)
    outcome.new += sum(c.before is None for c in changes)
    outcome.retracted += sum(not c.live for c in changes)
    outcome.revised += sum(c.before is not None and c.live for c in changes)


def _floods(tx: Transaction, work: Work, now: int, outcome: Outcome) -> None:
    """The days on which more entities fired than are listed: one alert for all; and back, when they are fewer again.

    While the groups were written, or by a run that was killed then, their number may have crossed the limit and come
    back: what stands is looked at, not what has changed.
    """
    days = {(time.day_of_hour(cell.hour).isoformat(), tenant) for cell in work.cells for tenant in cell.tenants}
    every = (work.rule.entity_type, EVERY)
    for day, tenant in sorted(days):
        number = facts.fired_entities(tx, work.rule.id, day, tenant)
        live = alerts.live_entities(tx, work.rule.id, tenant, day)
        wanted = live - {every}
        if number > MEMBERS or every in live:
            found = facts.of_day(tx, work.rule.id, day, tenant)
            fired = {(f.entity_type, f.entity) for f in found if f.fired}
            whole = _merged([f for f in found if (f.entity_type, f.entity) in fired]) if number > MEMBERS else None
            ident = alerts.alert_id(work.rule.id, tenant, *every, day)
            held = alerts.by_id(tx, [ident]).get(ident)
            change = _change(work, (day, tenant, *every), ident, whole, held, now, entities=number)
            _settle(tx, work, [change] if change else [], now, outcome)
        if number <= MEMBERS:
            if len(wanted) == number:
                continue
            found = facts.of_day(tx, work.rule.id, day, tenant)
            wanted = {(f.entity_type, f.entity) for f in found if f.fired}
        many = {(day, tenant)} if number > MEMBERS else ()
        _bring_in_line(tx, work, {(day, tenant, *entity) for entity in wanted}, many, now, outcome)


def _merged(hours: Iterable[Fact]) -> Partial:
    return merge(Partial.of(json.loads(fact.body)) for fact in hours)


def _change(
    work: Work,
    key: EntityDay,
    ident: str,
    whole: Partial | None,
    held: Mapping[str, Any] | None,
    now: int,
    *,
    entities: int = 0,
) -> Change | None:
    """What has to be written of one alert, or None where it stands as it shall."""
    day, tenant, type_, entity = key
    if whole is None:
        if held is None or held["state"] == "retracted":
            return None
        row = {
            **held, "state": "retracted", "reason": _reason(work, day, tenant), "revision": held["revision"] + 1,
            "seq": work.seq, "revised": now,
        }  # fmt: skip
        return Change(row, held, {"state": [held["state"], "retracted"]})
    told = shown(work.rule, whole, entities=entities)
    text = canonical(told)
    row = {
        "id": ident, "rule": work.rule.id, "tenant": tenant, "entity_type": type_, "entity": entity, "day": day,
        "candidate": False, "state": "live", "reason": "", "severity": severity(work.rule, whole).level,
        "verdict": verdict(whole), "count": whole.count, "carried": whole.carried, "first_seen": whole.first,
        "last_seen": whole.last, "facts": text, "fingerprint": work.standing.fingerprint, "revision": 1,
        "seq": work.seq, "created": now, "revised": now, "received": whole.received_last, "case_id": "",
    }  # fmt: skip
    retroactive = whole.prompt == 0 or (
        work.standing.from_hour > 0 and whole.last < _registered(work) - 48 * time.HOUR_US
    )
    if held is None:
        return Change(row, None, {}, retroactive=retroactive)
    before = json.loads(held["facts"])
    changes = {name: [before.get(name), value] for name, value in pure(told).items() if pure(before).get(name) != value}
    changes |= {name: [held[name], row[name]] for name in ("state", "severity", "verdict") if held[name] != row[name]}
    row |= {"created": held["created"], "case_id": held["case_id"], "revision": held["revision"] + bool(changes)}
    if not changes:
        row["revised"] = held["revised"]
        unchanged = all(row[name] == held[name] for name in ("facts", "received", "fingerprint"))
        return None if unchanged else Change(row, held, {}, retroactive=retroactive)
    return Change(row, held, changes, retroactive=retroactive, late=row["received"] - whole.first > time.HOUR_US)


def _registered(work: Work) -> int:
    return time.hour_start(work.standing.from_hour)


def _reason(work: Work, day: str, tenant: str) -> str:
    """Why an alert is retracted: new logic, other reference data, or other events."""
    causes = {
        cause
        for cell in work.cells
        if time.day_of_hour(cell.hour).isoformat() == day and tenant in cell.tenants
        for cause in cell.causes
    }
    if "rule" in causes:
        return "rule"
    return "evidence" if causes & ledger.EVENTS or not causes else "reference"
