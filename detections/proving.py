"""Runs the tests that rules and traffic classes carry, through the real engine on a store that lives for one test."""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from core import registers, time
from core.columns import EventClass, columns_of, polars_schema
from core.errors import HinomiError
from core.zones import address_bits
from detections import engine, rows
from detections.classes import ClassTest, TrafficClass
from detections.loading import Pack
from detections.references import References
from detections.rule import Rule, RuleTest
from detections.schema import Test
from store import Store, tables
from store.alerts import by_id

REFUSED = {"line": pl.Int64, "offset": pl.Int64, "length": pl.Int64, "reason": pl.String}
TENANT = "131016"
"""The body of events that name none."""
SOURCE = "test"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one test came out; `problem` is empty where it passed."""

    owner: str
    test: str
    problem: str


def prove(given: Pack, *, ids: Iterable[str] = ()) -> Iterator[Verdict]:
    """Run the tests of these rules and classes; of all when none is named."""
    wanted = set(ids)
    for rule in given.rules.values():
        if not wanted or rule.id in wanted:
            yield from (prove_rule(given, rule, test) for test in rule.tests)
    for one in given.classes:
        if not wanted or one.name in wanted:
            yield from (prove_class(given, one, test) for test in one.tests)


def prove_rule(given: Pack, rule: Rule, test: RuleTest) -> Verdict:
    """One test of a rule: as its deliveries say, and all at once; both have to give the same alerts."""
    alone = given.only([rule.id])
    try:
        found = alerts_of(alone, rule, test)
        if not isinstance(test.alerts, int) and (problem := _compared(found, test.alerts)):
            return Verdict(rule.id, test.name, problem)
        if isinstance(test.alerts, int) and len(found) != test.alerts:
            return Verdict(rule.id, test.name, f"{test.alerts} alerts expected, found {_listed(found)}")
        if len({delivery for delivery, _ in test.rows()}) > 1:
            at_once = alerts_of(alone, rule, test, at_once=True)
            if [_fixed(a) for a in found] != [_fixed(a) for a in at_once]:
                return Verdict(rule.id, test.name, f"in one delivery it gives {_listed(at_once)}, not {_listed(found)}")
    except HinomiError as e:
        return Verdict(rule.id, test.name, str(e))
    return Verdict(rule.id, test.name, "")


def prove_class(given: Pack, one: TrafficClass, test: ClassTest) -> Verdict:
    """One test of a traffic class, among all the others."""
    try:
        found = classes_of(given, EventClass(one.input[0]), test)
    except HinomiError as e:
        return Verdict(one.name, test.name, str(e))
    if isinstance(test.expect, str):
        expected = [test.expect] * len(found)
    else:
        sizes = [int(event.get("n", 1)) for event in test.events]
        if len(sizes) != len(test.expect):
            return Verdict(
                one.name, test.name, f"expect: {len(test.expect)} answers for {len(sizes)} entries of events"
            )
        expected = [answer for answer, n in zip(test.expect, sizes, strict=True) for _ in range(n)]
    for number, (is_, should) in enumerate(zip(found, expected, strict=True), 1):
        if is_ != should:
            return Verdict(one.name, test.name, f"row {number} is {is_ or 'of no class'}, expected {should or 'none'}")
    return Verdict(one.name, test.name, "")


def alerts_of(given: Pack, rule: Rule, test: Test, *, at_once: bool = False) -> list[dict[str, Any]]:
    """The live alerts that a test's rows give, by day and entity, facts parsed."""
    deliveries: dict[int, list[dict[str, Any]]] = {}
    for delivery, row in test.rows():
        deliveries.setdefault(0 if at_once else delivery, []).append(row)
    with Store.temporary(threads=1) as store:
        register(store, test.registers)
        for number, events in sorted(deliveries.items()):
            deliver(store, EventClass(rule.input), events, name=f"delivery {number}")
            engine.run(store, given, only=[rule.id], days=None)
        with store.catalogue.read() as tx:
            ids = [row.id for row in tx.execute(tables.alerts.select().where(tables.alerts.c.state == "live"))]
            found = by_id(tx, ids).values()
        out = [{**a, "entity": json.loads(a["entity"]), "facts": json.loads(a["facts"])} for a in found]
        return sorted(out, key=lambda a: (a["day"], a["tenant"], a["entity_type"], a["entity"]))


def classes_of(given: Pack, event_class: EventClass, test: Test) -> list[str]:
    """The class of each row of a test, in their order; empty for none."""
    events = [row for _, row in test.rows()]
    with Store.temporary(threads=1) as store:
        register(store, test.registers)
        deliver(store, event_class, events, name="events")
        bare = given.only(())
        hours = [time.hour_of(e["event_time"]) for e in events]
        bodies = tuple(sorted({e.get("tenant", TENANT) for e in events}))
        with store.snapshot() as snapshot, snapshot.session() as session:
            part = rows.Part(event_class, bodies, min(hours), max(hours))
            columns = bare.class_columns(event_class) | {"noise"}
            rows.materialise(session, part, columns, bare, References(snapshot))
            return [noise or "" for noise in session.sql("SELECT noise FROM rows ORDER BY line")["noise"].to_pylist()]


def register(store: Store, given: Mapping[Any, Sequence[Mapping[str, Any]]]) -> None:
    """Import the registers of a test; body and approvers are filled in."""
    for kind, records in given.items():
        filled = {"tenant": TENANT, "approver": "試験", "second_approver": "試験2"}
        if kind == "tenants":
            filled |= {"code": TENANT, "name": "試験市"}
        entries = [
            registers.entry(kind, {**filled, **record}, where=f"registers.{kind}.{n}", recorded=0)
            for n, record in enumerate(records, 1)
        ]
        store.register(kind, entries, "test")


def deliver(store: Store, event_class: EventClass, events: Sequence[Mapping[str, Any]], *, name: str) -> int:
    """Commit rows as one batch; its seq. Missing columns are empty; `class` says of a row that it is of another class."""
    texts = [json.dumps(e, ensure_ascii=False, default=str, sort_keys=True) for e in events]
    raw = "".join(f"{text}\n" for text in texts).encode()
    digest = hashlib.sha256(f"{name}\n".encode() + raw).hexdigest()
    last = max(e["event_time"] for e in events)
    delivery = store.deliver(SOURCE, name, last + 1_000_000, digest, digest, len(raw))
    if delivery.repeat:
        return 0
    with store.batch(delivery) as batch:
        batch.add(raw, _frames(event_class, events, texts), pl.DataFrame(schema=REFUSED))
        receipt = batch.commit(
            lines=len(events), parsed=len(events), refused=0, skipped=0, content_from=0, content_to=len(raw),
            parser="test", state={}, network_seq=0,
        )  # fmt: skip
    store.finish(delivery)
    return receipt.seq


def _frames(
    event_class: EventClass, events: Sequence[Mapping[str, Any]], texts: Sequence[str]
) -> dict[EventClass, pl.DataFrame]:
    """Events as a parser and ingest would hand them to the store, by class; each event is a line, as `texts` has it."""
    found: dict[EventClass, list[dict[str, Any]]] = {}
    offset = 0
    for number, (event, text) in enumerate(zip(events, texts, strict=True), 1):
        row = dict(event)
        mine = EventClass(row.pop("class", event_class))
        length = len(text.encode())
        found.setdefault(mine, []).append(_row(mine, row) | {"line": number, "offset": offset, "length": length})
        offset += length + 1
    frames = {}
    for mine, rows_ in found.items():
        schema = {name: kind for name, kind in polars_schema(mine).items() if name != "batch"}
        typed = [{name: _typed(row.get(name), kind) for name, kind in schema.items()} for row in rows_]
        frames[mine] = pl.DataFrame(typed, schema=schema, strict=True)
    return frames


def _row(event_class: EventClass, event: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(event) - {c.name for c in columns_of(event_class)}):
        raise HinomiError(f"events: {event_class} has no column {unknown[0]!r}")
    row = {
        "tenant": TENANT, "source": SOURCE, "event_count": 1, "time_quality": "exact", "count_quality": "exact",
        "text_quality": "clean", "tenant_quality": "given", "format": "test",
        "received_time": event["event_time"] + 1_000_000, **event,
    }  # fmt: skip
    for end in ("src", "dst"):
        if row.get(f"{end}_ip"):
            row[f"{end}_addr"] = address_bits(str(row[f"{end}_ip"])).to_bytes(16, "big")
    return row


def _typed(value: Any, kind: Any) -> Any:
    if value is None:
        return None
    if kind == pl.Datetime("us"):
        return time.from_us(int(value)).replace(tzinfo=None)
    if kind in (pl.Int64, pl.Int32, pl.UInt16):
        return int(value)
    return value


def _compared(found: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]]) -> str:
    left = list(found)
    for number, wanted in enumerate(expected, 1):
        best = min(left, key=lambda a: len(_differences(a, wanted)), default=None)
        if best is None:
            return f"alert {number} is missing; found {_listed(found)}"
        if differences := _differences(best, wanted):
            return f"alert {number}: {'; '.join(differences)}"
        left.remove(best)
    return f"{len(left)} alerts more than expected: {_listed(left)}" if left else ""


def _differences(alert: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    out = []
    for key, value in wanted.items():
        is_ = alert[key] if key in alert else alert["facts"].get(key)
        if key == "entity" and isinstance(value, str):
            value = [value]
        if key in ("verdicts", "outcomes", "counts", "peaks"):
            is_ = {name: (is_ or {}).get(name, 0) for name in value}
        elif key == "values":
            lists = {**alert["facts"]["values"], **{n: alert["facts"][n] for n in ("nat", "macs", "terminals")}}
            is_ = {name: lists.get(name, {}).get("list") for name in value}
        if is_ != value:
            out.append(f"{key} is {is_!r}, expected {value!r}")
    return out


def _fixed(alert: Mapping[str, Any]) -> dict[str, Any]:
    samples = [{"kind": s["kind"], "time": s["time"]} for s in alert["facts"]["samples"]]
    return {
        **{k: alert[k] for k in ("id", "severity", "verdict", "count", "carried", "first_seen", "last_seen")},
        "facts": {**alert["facts"], "samples": samples},
    }


def _listed(alerts: Sequence[Mapping[str, Any]]) -> str:
    told = [f"{'/'.join(a['entity'])} on {a['day']} ({a['severity']}, count {a['count']})" for a in alerts[:5]]
    return f"{len(alerts)}: {', '.join(told)}" if alerts else "none"
