"""A prefecture for tests: two bodies with a feed each and one that both share, their lines, alerts and cases.

Raw lines and rows go in through the store, as ingest brings them; alerts and cases are rows of the catalogue, as
detection writes them. Every text of a body carries its mark, so that a search finds what leaked.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from core import time
from core.columns import EventClass
from core.registers import Entry
from store import Store, places, tables
from store.alerts import EVERY
from store.facts import LOG_LOSS

NOW = time.parse_instant("2026-11-20T14:00:00+09:00")
DAY = "2026-11-20"
A, B, PREFECTURE = "131016", "131024", "130001"
NO_REFUSALS = pl.DataFrame(schema={"line": pl.Int64, "offset": pl.Int64, "length": pl.Int64, "reason": pl.String})


@dataclass
class Body:
    """One body and everything that is its alone."""

    code: str
    name: str
    mark: str
    """Part of every name and text of the body."""
    address: str
    mac: str
    source: str
    alerts: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    deliveries: list[str] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that nobody else may see."""
        own = (self.code, self.name, self.mark, self.address, self.mac, self.source)
        return (*own, *self.alerts, *self.cases, *self.deliveries, *self.hashes)


@dataclass
class Prefecture:
    """Both bodies, and the feed that they share."""

    one: Body
    other: Body
    shared: str = "kyodo-proxy"

    @property
    def bodies(self) -> tuple[Body, Body]:
        """Both."""
        return self.one, self.other


_number = itertools.count(1)


def an_alert(**changes: Any) -> dict[str, Any]:
    """A row of `alerts` with defaults; its id comes from what makes an alert."""
    row: dict[str, Any] = {
        "rule": "mass_access", "tenant": A, "entity_type": "address", "entity": '["10.1.1.5"]', "day": DAY,
        "candidate": False, "state": "live", "reason": "", "severity": "high", "verdict": "deny", "count": 12,
        "carried": 0, "first_seen": NOW - 3_600_000_000, "last_seen": NOW - 60_000_000, "fingerprint": "f" * 64,
        "revision": 1, "seq": 1, "created": NOW, "revised": NOW, "received": NOW, "case_id": "K-2611-0001",
        "facts": {},
    } | changes  # fmt: skip
    row["facts"] = row["facts"] if isinstance(row["facts"], str) else json.dumps(row["facts"], ensure_ascii=False)
    key = json.dumps([row["rule"], row["tenant"], row["entity"], row["day"], row["candidate"]])
    return {"id": hashlib.sha256(key.encode()).hexdigest()} | row


def a_case(**changes: Any) -> dict[str, Any]:
    """A row of `cases` with defaults."""
    return {
        "id": f"K-2611-{next(_number):04d}", "rule": "mass_access", "tenant": A, "entity": '["10.1.1.5"]',
        "entity_type": "address", "status": "new", "reason": "", "until": None, "assignee": "", "severity": "high",
        "verdict": "deny", "continuity": "new", "count": 12, "first_day": DAY, "last_day": DAY,
        "first_seen": NOW - 3_600_000_000, "last_seen": NOW - 60_000_000, "opened": NOW - 50_000_000,
        "due": NOW + 1_800_000_000, "taken": None, "notified": None, "triaged": "{}", "version": 1, "joined_into": "",
    } | changes  # fmt: skip


def write(store: Store, **rows: list[dict[str, Any]]) -> None:
    """Write rows of the catalogue's tables, by the name of the table."""
    with store.catalogue.write() as tx:
        for name in ("cases", "alerts", "revisions", "facts", "counts", "case_log", "cells", "runs"):
            if rows.get(name):
                tx.execute(getattr(tables, name).insert(), rows[name])


def commit(
    store: Store, source: str, lines: list[bytes], tenants: list[str], *, name: str, columns: Mapping[str, Any]
) -> tuple[int, str, str]:
    """Deliver lines as rows of class network; returns seq, delivery id and hash of the content."""
    raw = b"".join(line + b"\n" for line in lines)
    offsets = list(itertools.accumulate((len(line) + 1 for line in lines), initial=0))[:-1]
    n = len(lines)
    rows = pl.DataFrame({
        "event_time": pl.Series([NOW - 3_600_000_000 + i * 1_000_000 for i in range(n)]).cast(pl.Datetime("us")),
        "tenant": tenants, "source": [source] * n, "line": range(1, n + 1), "offset": offsets,
        "length": [len(line) for line in lines], **columns,
    })  # fmt: skip
    digest = hashlib.sha256(raw).hexdigest()
    delivery = store.deliver(source, name, NOW - 1_000_000, digest, digest, len(raw))
    with store.batch(delivery) as batch:
        batch.add(raw, {EventClass.NETWORK: rows}, NO_REFUSALS)
        receipt = batch.commit(
            lines=n, parsed=n, refused=0, skipped=0, content_from=0, content_to=len(raw), parser="test 1", state={}
        )
    store.finish(delivery)
    store.deliver(source, name, NOW, digest, digest, len(raw))
    return receipt.seq, delivery.id, digest


def registers(store: Store, bodies: tuple[Body, ...], shared: str) -> None:
    """Bodies, feeds, networks and terminals."""
    store.register("tenants", [
        Entry("tenants", PREFECTURE, PREFECTURE, {"code": PREFECTURE, "name": "東京都", "body": "prefecture"}),
        *(Entry("tenants", b.code, b.code, {
            "code": b.code, "name": b.name, "body": "municipality", "contact": f"{b.mark}-contact",
        }) for b in bodies),
    ], "test")  # fmt: skip
    store.register("sources", [
        *(Entry("sources", b.code, b.source, {
            "id": b.source, "kind": "lgwan_firewall", "format": "fortinet_fortigate", "timezone": "Asia/Tokyo",
            "title": f"{b.mark} LGWAN", "body_by": "fixed", "deny_only": True, "devices": [f"{b.mark}-fw-1"],
        }) for b in bodies),
        Entry("sources", PREFECTURE, shared, {
            "id": shared, "kind": "proxy", "format": "squid", "timezone": "Asia/Tokyo", "body_by": "address",
            "bodies": {f"172.16.{i}.0/24": b.code for i, b in enumerate(bodies)}, "devices": ["proxy-1"],
        }),
    ], "test")  # fmt: skip
    store.register("zones", [
        Entry("zones", b.code, b.address + "/32", {"prefix": b.address + "/32", "zone": "LGC", "name": f"{b.mark}-net"})
        for b in bodies
    ], "test")  # fmt: skip
    store.register("assets", [
        Entry("assets", b.code, f"{b.address}/32|{b.mac}", {
            "address": b.address + "/32", "mac": b.mac, "name": f"{b.mark}-PC-1", "section": f"{b.mark}-ka",
        }) for b in bodies
    ], "test")  # fmt: skip


def detected(store: Store, body: Body, batch: int, first_line: int, lines: int, *, hours_ago: int = 1) -> None:
    """A case with an alert on these lines, with history, counts and a judgement."""
    hour = time.hour_of(NOW) - hours_ago
    entity = json.dumps([body.address])
    case = a_case(tenant=body.code, entity=entity, assignee=f"{body.mark}-tanto")
    facts = {
        "count": lines, "lines": lines, "attempts": lines, "carried": 0, "first_seen": NOW - 3_600_000_000,
        "last_seen": NOW - 60_000_000, "verdicts": {"allow": 0, "deny": lines, "blocked_later": 0, "none": 0}, "outcomes": {"attempted": lines}, "layers": ["main"],
        "values": {"destinations": {"list": [f"{body.mark}.example.lg.jp"], "more": False},
                   "sources": {"list": [body.source], "more": False}},
        "terminals": {"list": [{"address": body.address, "name": f"{body.mark}-PC-1"}], "more": False},
        "macs": {"list": [{"mac": body.mac, "match": "match"}], "more": False}, "nat": {"list": [], "more": False},
        "samples": [{"kind": "first", "time": NOW - 3_600_000_000, "batch": batch, "line": first_line}],
        "episodes": 1, "hours": 1, "peak": lines, "peaks": {"main": lines}, "time_quality": "exact", "count_quality": "exact",
        "deny_only": True, "severity_line": "", "counts": {},
    }  # fmt: skip
    alert = an_alert(tenant=body.code, entity=entity, case_id=case["id"], facts=facts, count=lines)
    write(
        store, cases=[case], alerts=[alert],
        revisions=[{"alert": alert["id"], "revision": 1, "at": NOW, "seq": batch, "state": "live", "severity": "high",
                    "changes": json.dumps({"destinations": [[], [f"{body.mark}.example.lg.jp"]]}), "material": ""}],
        facts=[{"producer": "mass_access", "hour": hour, "candidate": False, "tenant": body.code,
                "entity_type": "address", "entity": entity, "day": DAY, "fired": True, "body": "{}",
                "places": places.pack([(batch, first_line + i) for i in range(lines)])},
               {"producer": LOG_LOSS, "hour": hour, "candidate": False, "tenant": body.code, "entity_type": "other",
                "entity": EVERY, "day": DAY, "fired": False, "places": b"",
                "body": json.dumps([[hour * 60 + 7, body.source, f"{body.mark}-fw-1", False]])}],
        counts=[{"hour": hour, "tenant": body.code, "dst_zone": "LGWAN", "bin": "alert", "name": "", "rows": lines,
                 "events": lines}],
        case_log=[{"case_id": case["id"], "at": NOW, "actor": f"{body.mark}-tanto", "act": "comment", "before": "",
                   "after": "", "comment": f"{body.mark} said so"}],
    )  # fmt: skip
    body.alerts.append(alert["id"])
    body.cases.append(case["id"])


def prefecture(store: Store) -> Prefecture:
    """Both bodies in a store."""
    one = Body(A, "甲野市", "KOUNO", "10.1.1.5", "00:00:5e:00:53:0a", "kouno-lgfw")
    other = Body(B, "乙川町", "OTSUKAWA", "10.2.2.7", "00:00:5e:00:53:0b", "otsukawa-lgfw")
    made = Prefecture(one, other)
    registers(store, made.bodies, made.shared)
    for body in made.bodies:
        lines = [f"srcip={body.address} {body.mark} line {i} ".encode() + b"\xff\x00" for i in range(1, 6)]
        columns = {"src_ip": [body.address] * 5, "src_mac": [body.mac] * 5, "verdict": ["deny"] * 5}
        seq, delivery, digest = commit(
            store, body.source, lines, [body.code] * 5, name=f"{body.mark}.log", columns=columns
        )
        body.deliveries.append(delivery)
        body.hashes.append(digest)
        detected(store, body, seq, 1, 5)
    # The shared feed: lines of both bodies in one batch, and an alert of each on its own half.
    lines = [f"{body.address} GET {body.mark} {i}".encode() for i in range(3) for body in made.bodies]
    tenants = [body.code for _ in range(3) for body in made.bodies]
    _, delivery, digest = commit(
        store, made.shared, lines, tenants, name="kyodo.log",
        columns={"src_ip": [b.address for _ in range(3) for b in made.bodies]},
    )  # fmt: skip
    other.deliveries.append(delivery)
    other.hashes.append(digest)
    write(store, runs=[{"started": NOW - 5_000_000, "ended": NOW, "seq": 9, "cells": 4, "alerts": 2, "error": ""}])
    return made
