"""Ties the alerts that a run changes to cases: joins and splits chains, and brings judged ones back where it matters."""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from detections import cases as logic
from detections.rule import LEVELS, Rule
from store import Transaction, alerts
from store import cases as kept
from store.alerts import Change

SYSTEM = kept.SYSTEM
WITHDRAWN = "システムが取り下げ: 確認"


def judged(tx: Transaction, ids: Collection[str]) -> set[str]:
    """Of these cases, those that a person has looked at."""
    found = kept.by_id(tx, {i for i in ids if i})
    return {i for i, case in found.items() if case["taken"] is not None or case["triaged"]}


@dataclass(slots=True)
class _Book:
    """What is to be written of the cases of one rule."""

    new: dict[str, dict[str, Any]] = field(default_factory=dict)
    revised: dict[str, dict[str, Any]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    weighty: set[str] = field(default_factory=set)
    log: list[tuple[str, int, str, str, str, str, str]] = field(default_factory=list)


def link(tx: Transaction, rule: Rule, changes: Sequence[Change], *, now: int) -> None:
    """Give every changed alert its case (in `row["case_id"]`) and say what is material; write the cases."""
    book, numbers = _Book(), kept.Numbers(tx, now)
    by_body: dict[str, dict[tuple[str, str], list[Change]]] = {}
    for change in changes:
        entity = (change.row["entity_type"], change.row["entity"])
        by_body.setdefault(change.row["tenant"], {}).setdefault(entity, []).append(change)
    for tenant, entities in sorted(by_body.items()):
        names = {entity for _, entity in entities}
        before: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for row in alerts.of_entities(tx, rule.id, tenant, names):
            before.setdefault((row["entity_type"], row["entity"]), []).append(row)
        known: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for case in kept.of_entities(tx, rule.id, tenant, names):
            known.setdefault((case["entity_type"], case["entity"]), []).append(case)
        for entity, changed in sorted(entities.items()):
            _entity(rule, changed, before.get(entity, []), known.get(entity, []), book, numbers, now)
    kept.write(tx, book.new.values(), book.revised.values(), weighty=book.weighty)
    alerts.assign(tx, book.moved)
    kept.note(tx, book.log)


def _entity(
    rule: Rule, changed: Sequence[Change], before: Iterable[Mapping[str, Any]], known: Sequence[dict[str, Any]],
    book: _Book, numbers: kept.Numbers, now: int,
) -> None:  # fmt: skip
    by_id = {c.row["id"]: c for c in changed}
    rows = {row["id"]: dict(row) for row in before} | {i: c.row for i, c in by_id.items()}
    live = {row["day"]: row for row in rows.values() if row["state"] != "retracted"}
    standing = {case["id"]: case for case in known if not case["joined_into"]}
    owned: set[str] = set()
    previous = False
    for days in logic.chains(live):
        members = [live[day] for day in days]
        mine = {row["case_id"] for row in members} & set(standing) - owned
        case = next((c for c in known if c["id"] in mine), None)
        fresh = [by_id[row["id"]] for row in members if row["id"] in by_id]
        if case is None:
            case = _opened(rule, members, fresh, numbers, now, recurring=previous)
            book.new[case["id"]] = case
        else:
            _continue(rule, case, members, fresh, book, now)
            for other in sorted(mine - {case["id"]}):
                _join(standing[other], case, book, now)
        owned |= mine | {case["id"]}
        for row in members:
            if row["case_id"] != case["id"]:
                row["case_id"] = case["id"]
                if row["id"] not in by_id:
                    book.moved[row["id"]] = case["id"]
        previous = True
    for case in standing.values():
        if case["id"] not in owned:
            _withdraw(case, changed, book, now)


def _totals(members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "severity": logic.gravest(row["severity"] for row in members),
        "verdict": next((v for v in ("allow", "blocked_later", "deny") if any(row["verdict"] == v for row in members)), ""),
        "count": sum(row["count"] for row in members),
        "first_day": members[0]["day"], "last_day": members[-1]["day"],
        "first_seen": min(row["first_seen"] for row in members), "last_seen": max(row["last_seen"] for row in members),
    }  # fmt: skip


def _opened(
    rule: Rule,
    members: Sequence[Mapping[str, Any]],
    fresh: Sequence[Change],
    numbers: kept.Numbers,
    now: int,
    *,
    recurring: bool,
) -> dict[str, Any]:
    totals, first = _totals(members), members[0]
    retroactive = bool(fresh) and all(c.retroactive for c in fresh)
    for change in fresh:
        change.material = ["recurring" if recurring else "new"]
    return {
        "id": numbers.next(), "rule": rule.id, "tenant": first["tenant"], "entity": first["entity"],
        "entity_type": first["entity_type"], "status": "new", "reason": "", "until": None, "assignee": "", **totals,
        "continuity": logic.continuity(
            [row["day"] for row in members], recurring=recurring, retroactive=retroactive
        ),
        "opened": now,
        "due": None if retroactive else logic.deadline(totals["severity"], max(row["received"] for row in members)),
        "taken": None, "notified": None, "triaged": "", "version": 1, "joined_into": "",
    }  # fmt: skip


def _continue(
    rule: Rule,
    case: dict[str, Any],
    members: Sequence[Mapping[str, Any]],
    fresh: Sequence[Change],
    book: _Book,
    now: int,
) -> None:
    before, totals = dict(case), _totals(members)
    spread = any(layer.kind == "spread" for layer in rule.layers)
    reasons: list[str] = []
    seen = json.loads(case["triaged"]) if case["triaged"] else None
    for change in fresh:
        if not change.changes and change.before is not None:
            continue
        if seen is not None:
            change.material = logic.material(change, seen, spread=spread)
        elif change.before is not None and LEVELS.index(change.row["severity"]) < LEVELS.index(
            change.before["severity"]
        ):
            change.material = ["severity"]
        reasons += [word for word in change.material if word not in reasons]
    if logic.expired(case, now) and fresh:
        reasons.append("expired")
    prompt = any(not c.retroactive for c in fresh)
    retroactive = case["continuity"] == "retroactive" and not prompt
    days = [row["day"] for row in members]
    case |= totals | {
        "continuity": logic.continuity(days, recurring=case["continuity"] == "recurring", retroactive=retroactive)
    }
    received = max((c.row["received"] for c in fresh), default=0)
    graver = LEVELS.index(case["severity"]) < LEVELS.index(before["severity"])
    returned = bool(reasons) and case["status"] in logic.SETTLED
    if returned:
        book.log.append((case["id"], now, SYSTEM, "returned", case["status"], "new", ",".join(reasons)))
        case |= {"status": "new", "until": None, "reason": "", "notified": None}
    elif reasons and seen is not None:
        book.log.append((case["id"], now, SYSTEM, "returned", case["status"], case["status"], ",".join(reasons)))
    if before["count"] == 0 and case["status"] == "closed" and not case["triaged"]:
        case |= {"status": "new", "due": logic.deadline(case["severity"], received)}  # the system had closed it
    if not retroactive and (graver or returned or before["continuity"] == "retroactive"):
        limit = logic.deadline(case["severity"], received)
        case["due"] = limit if returned or case["due"] is None or limit is None else min(case["due"], limit)
    if case != before:
        book.revised[case["id"]] = case
    if reasons or any(case[name] != before[name] for name in ("severity", "verdict", "status")):
        book.weighty.add(case["id"])


def _join(other: dict[str, Any], case: dict[str, Any], book: _Book, now: int) -> None:
    """The younger case goes into the older; its history stays with it."""
    other["joined_into"] = case["id"]
    book.revised[other["id"]] = other
    book.weighty |= {other["id"], case["id"]}
    book.log.append((other["id"], now, SYSTEM, "join", other["id"], case["id"], ""))
    book.log.append((case["id"], now, SYSTEM, "join", other["id"], case["id"], ""))


def _withdraw(case: dict[str, Any], changed: Sequence[Change], book: _Book, now: int) -> None:
    """Nothing of a case stands any more. Untouched it is closed; a judged one goes back to a person."""
    if case["count"] == 0:
        return
    touched = case["taken"] is not None or bool(case["triaged"])
    for change in changed:
        if touched and not change.live:
            change.material = ["withdrawn"]
    if not touched:
        book.log.append((case["id"], now, SYSTEM, "status", case["status"], "closed", "システムが取り下げ"))
        case |= {"status": "closed", "due": None}
    elif case["status"] != "incident":
        book.log.append((case["id"], now, SYSTEM, "returned", case["status"], "new", WITHDRAWN))
        case |= {"status": "new", "until": None, "reason": ""}
    case["count"] = 0
    book.revised[case["id"]] = case
    book.weighty.add(case["id"])
