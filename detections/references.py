"""Registers as of a snapshot, ready to be joined to rows: what was in force when a row happened.

Registers are dated, and a change may lie within the hours that are read. Time is therefore cut at every instant at
which an answer may change (mostly there is none): each *period* has its own answers, and a row belongs to one.
"""

# ruff: noqa: E501 - SQL and tables read better unbroken

from __future__ import annotations

import ipaddress
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pyarrow as pa

from core.registers import Entry
from core.zones import prefix_bits
from store import Snapshot

KINDS = ("tenants", "sources", "zones", "assets", "flows")
SHOWN = ("name", "section", "room", "kind", "criticality", "contact")


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time [start, end) µs in which no answer changes; `number` stands in the rows' column `p`."""

    number: int
    start: int
    end: int


class References:
    """The registers that a run reads, loaded once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._entries: dict[str, dict[str, list[Entry]]] = {}

    def entries(self, kind: str, tenants: Collection[str]) -> list[Entry]:
        """Every entry of these bodies; feeds belong to all."""
        if kind not in self._entries:
            found: dict[str, list[Entry]] = {}
            for entry in self._snapshot.entries(kind):
                found.setdefault("" if kind == "sources" else entry.tenant, []).append(entry)
            self._entries[kind] = found
        owners = [""] if kind == "sources" else sorted(tenants)
        return [e for owner in owners for e in self._entries[kind].get(owner, ())]

    def periods(self, tenants: Collection[str], first: int, last: int) -> list[Period]:
        """The periods of [first, last) µs, in order."""
        cuts = {
            at
            for kind in KINDS
            for e in self.entries(kind, tenants)
            for at in (e.valid_from, e.valid_to)
            if first < at < last
        }
        ends = [first, *sorted(cuts), last]
        return [Period(n, a, b) for n, (a, b) in enumerate(pairwise(ends))]

    def in_force(self, kind: str, tenants: Collection[str], at: int) -> list[Entry]:
        """The entries in force at an instant: of each key that with the greatest valid_from."""
        best: dict[tuple[str, str], Entry] = {}
        for e in self.entries(kind, tenants):
            held = best.get((e.tenant, e.key))
            if e.valid_from <= at < e.valid_to and (held is None or held.valid_from < e.valid_from):
                best[e.tenant, e.key] = e
        return list(best.values())


def table(names: Sequence[str], rows: Iterable[Sequence[Any]], types: Sequence[pa.DataType]) -> pa.Table:
    """Rows as an Arrow table."""
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table([pa.array(c, type=t) for c, t in zip(columns, types, strict=True)], names=list(names))


def span(prefix: str) -> tuple[bytes, bytes, int]:
    """First and last address of a prefix as 16 bytes, and its length (of 128)."""
    start, length = prefix_bits(prefix)
    return start.to_bytes(16, "big"), (start | ((1 << (128 - length)) - 1)).to_bytes(16, "big"), length


def bodies(refs: References, tenants: Collection[str], periods: Sequence[Period]) -> pa.Table:
    """(tenant, p, model, outbound_mail)."""
    rows = [
        (e.tenant, p.number, e.values.get("model") or "alpha", bool(e.values.get("outbound_mail", False)))
        for p in periods
        for e in refs.in_force("tenants", tenants, p.start)
    ]
    return table(("tenant", "p", "model", "mail"), rows, (pa.string(), pa.int32(), pa.string(), pa.bool_()))


def feeds(refs: References, tenants: Collection[str], periods: Sequence[Period]) -> pa.Table:
    """(source, p, kind, deny_only, nat, trusted): nat = its rows' body is found by address."""
    rows = [
        (
            e.values["id"], p.number, e.values.get("kind"), bool(e.values.get("deny_only", False)),
            e.values.get("body_by") == "address", bool(e.values.get("trusted_proxies")),
        )
        for p in periods
        for e in refs.in_force("sources", tenants, p.start)
    ]  # fmt: skip
    types = (pa.string(), pa.int32(), pa.string(), pa.bool_(), pa.bool_(), pa.bool_())
    return table(("source", "p", "kind", "deny_only", "nat", "trusted"), rows, types)


def networks(refs: References, tenants: Collection[str], periods: Sequence[Period]) -> pa.Table:
    """(tenant, p, low, high, broadcast): registered prefixes; broadcast is None where a prefix has none."""
    rows: list[tuple[object, ...]] = []
    for p in periods:
        for e in refs.in_force("zones", tenants, p.start):
            low, high, length = span(e.values["prefix"])
            last = high if ipaddress.ip_network(e.values["prefix"]).version == 4 and length < 127 else None
            rows.append((e.tenant, p.number, low, high, last))
    types = (pa.string(), pa.int32(), pa.binary(), pa.binary(), pa.binary())
    return table(("tenant", "p", "low", "high", "broadcast"), rows, types)


def terminals(refs: References, tenants: Collection[str], periods: Sequence[Period]) -> pa.Table:
    """(tenant, p, low, high, length, key, mac, name, section, kind, criticality, services, shown)."""
    rows: list[tuple[object, ...]] = []
    for p in periods:
        for e in refs.in_force("assets", tenants, p.start):
            v = e.values
            low, high, length = span(v["address"])
            shown = {
                "address": v["address"].removesuffix("/32").removesuffix("/128"),
                **{k: v[k] for k in SHOWN if v.get(k)},
            }
            rows.append(
                (
                    e.tenant, p.number, low, high, length, e.key, v.get("mac") or None, v.get("name") or None,
                    v.get("section") or None, v.get("kind") or None, v.get("criticality") or None,
                    v.get("services") or [],
                    json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
                )
            )  # fmt: skip
    s = pa.string()
    return table(
        ("tenant", "p", "low", "high", "length", "key", "mac", "name", "section", "kind", "criticality", "services", "shown"),
        rows, (s, pa.int32(), pa.binary(), pa.binary(), pa.int32(), s, s, s, s, s, s, pa.list_(s), s),
    )  # fmt: skip


def flows(refs: References, tenants: Collection[str], periods: Sequence[Period]) -> pa.Table:
    """特定通信, one row for each range of ports, also those that have run out by a period (`valid` false).

    (tenant, p, number, valid, id, src_zone, dst_zone, src_low, src_high, mac, dst_low, dst_high, protocol, port_low, port_high)
    """
    rows: list[tuple[object, ...]] = []
    for p in periods:
        now = {(e.tenant, e.key): e for e in refs.in_force("flows", tenants, p.start)}
        past: dict[tuple[str, str], Entry] = {}
        for e in refs.entries("flows", tenants):
            held = past.get((e.tenant, e.key))
            over = e.valid_to <= p.start and (e.tenant, e.key) not in now
            if over and (held is None or held.valid_from < e.valid_from):
                past[e.tenant, e.key] = e
        for valid, e in [*((True, e) for e in now.values()), *((False, e) for e in past.values())]:
            v = e.values
            (slow, shigh, _), (dlow, dhigh, _) = span(v["src"]), span(v["dst"])
            for low, high in _ranges(v.get("ports", "")):
                rows.append(
                    (
                        e.tenant, p.number, len(rows), valid, v["id"], v["src_zone"], v["dst_zone"], slow, shigh,
                        v.get("src_mac") or None, dlow, dhigh, v["protocol"].lower(), low, high,
                    )
                )  # fmt: skip
    s, b, i = pa.string(), pa.binary(), pa.int32()
    return table(
        ("tenant", "p", "number", "valid", "id", "src_zone", "dst_zone", "src_low", "src_high", "mac", "dst_low", "dst_high",
         "protocol", "port_low", "port_high"),
        rows, (s, i, i, pa.bool_(), s, s, s, b, b, s, b, b, s, i, i),
    )  # fmt: skip


def bodies_with_flows(refs: References, tenants: Collection[str], periods: Sequence[Period]) -> pa.Table:
    """(tenant, p): the bodies that have a 特定通信 in force."""
    rows = {(e.tenant, p.number) for p in periods for e in refs.in_force("flows", tenants, p.start)}
    return table(("tenant", "p"), sorted(rows), (pa.string(), pa.int32()))


def _ranges(ports: str) -> list[tuple[int, int]]:
    if not ports:
        return [(0, 65535)]
    parts = [part.partition("-") for part in ports.split(",")]
    return [(int(low), int(high or low)) for low, _, high in parts]


def versions(snapshot_seq: int, reads: Collection[str]) -> dict[str, int]:
    """Register kind → the seq as of which it was read, for the cell's record."""
    return dict.fromkeys(sorted(set(reads) & set(KINDS)), snapshot_seq)
