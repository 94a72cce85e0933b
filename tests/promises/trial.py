"""One random trial of promise 3: lines in random cuts, orders, delays and repeats, with detection, compaction, imports of
registers and other engines in between; then what the catalogue holds against the reference."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from core import registers
from core.columns import EventClass
from core.registers import FOREVER
from detections import engine, evaluate, facts, parts, proving, reconcile
from detections.rule import Rule
from store import Store, ledger, places, tables
from tests.promises import reference
from tests.promises.pack_of_trials import RULES, trial_pack
from tests.promises.reference import DAY, HOUR, MINUTE, Row

MIDNIGHT = 1_775_055_600_000_000
"""2026-04-02 00:00 JST."""
TENANTS = ("131016", "131024", "131032")


@dataclass
class Shape:
    """How large a trial is, and what happens in it."""

    tenants: int = 3
    bursts: int = 10
    burst: tuple[int, int] = (5, 40)
    deliveries: tuple[int, int] = (2, 15)
    days: int = 4
    rules: tuple[Rule, ...] = RULES
    registers: bool = True
    lost: float = 0.05
    """Share of lines by which a device says that it lost lines."""
    findings: float = 0.3
    """Share of lines that are a device's findings."""
    kept: int = 3
    members: int = 1000
    coarse: float = 0.6
    """Share of bursts with stamps in whole seconds (or ten): ties."""
    detect: float = 0.5
    compact: float = 0.2
    commit_inside: float = 0.3
    rival: float = 0.1
    widths: Sequence[int] = (20_000_000, 100_000_000, 12 * MINUTE, 70 * MINUTE)
    steps: Sequence[int] = (1_000_000, 10_000_000, 60_000_000)
    in_time: float = 0.3
    """Share of trials whose lines are cut in the order of time."""
    edges: Sequence[int] = (0, 0, 0, DAY, -DAY, HOUR, 5 * HOUR)
    """Around which instants (µs from MIDNIGHT) bursts lie."""


@dataclass
class World:
    """The lines and registers of a trial."""

    rows: list[Row] = field(default_factory=list)
    imports: list[tuple[str, list[Any]]] = field(default_factory=list)

    def registers(self) -> dict[str, list[Any]]:
        found: dict[str, dict[Any, Any]] = {kind: {} for kind in registers.KINDS}
        for kind, entries in self.imports:
            for e in entries:
                found[kind][e.tenant, e.key, e.valid_from] = e
        return {kind: list(entries.values()) for kind, entries in found.items()}


def world(rnd: random.Random, shape: Shape) -> World:
    made = World()
    tenants = TENANTS[: shape.tenants]
    for _ in range(shape.bursts):
        made.rows += burst(rnd, shape, rnd.choice(tenants))
    rnd.shuffle(made.rows)
    if rnd.random() < shape.in_time:
        made.rows.sort(key=lambda r: int(r["t"]))
    if shape.registers:
        made.imports = imports(rnd, tenants)
    return made


def burst(rnd: random.Random, shape: Shape, tenant: str) -> Iterator[Row]:
    centre = MIDNIGHT + rnd.choice(list(shape.edges)) + rnd.randrange(-60, 60) * 1_000_000 * rnd.choice([1, 1, 30])
    width = rnd.choice(list(shape.widths))
    step = rnd.choice(list(shape.steps)) if rnd.random() < shape.coarse else 1
    sources = [f"10.1.{rnd.randrange(2)}.{rnd.randrange(5)}" for _ in range(rnd.choice([1, 1, 2, 6]))]
    targets = [f"10.2.0.{rnd.randrange(12)}" for _ in range(rnd.choice([1, 4, 12]))] + ["10.1.0.255"] * rnd.choice(
        [0, 0, 1]
    )
    ports = rnd.sample([53, 80, 137, 443, 4444, 8080, None], rnd.choice([1, 3, 7]))
    verdict = rnd.choice(["deny", "deny", "deny", "allow", None])
    many = rnd.choice([1, 1, 1, 20])
    for _ in range(rnd.randint(*shape.burst)):
        src, port = rnd.choice(sources), rnd.choice([1024, 1025, 1026, rnd.randrange(1024, 60000)])
        dst, dport = rnd.choice(targets), rnd.choice(ports)
        # What may differ between lines of one 5-tuple and time is only what no rule looks at: see `attempts`.
        fixed = random.Random(f"{src}/{port}/{dst}/{dport}")  # noqa: S311 - trials have to be repeatable
        finding = shape.findings > 0 and rnd.random() < shape.findings
        made = {
            "class": "finding" if finding else "network", "signature": rnd.choice(["worm", "scan"]) if finding else None,
            "t": (centre + rnd.randrange(-width, width)) // step * step, "tenant": tenant, "source": rnd.choice(["fw1", "fw2"]),
            "device": rnd.choice(["a", "b", None]), "src_ip": src, "src_port": port, "dst_ip": dst, "dst_port": dport,
            "protocol": "udp" if dport == 137 else fixed.choice(["tcp", "tcp", "udp"]),
            "src_zone": fixed.choice(["MNU", "LGC", "UNKNOWN"]), "dst_zone": fixed.choice(["LGWAN", "LGWAN", "LGC", None]),
            "verdict": verdict, "outcome": fixed.choice([None, None, "attempted", "established", "blocked_later"]),
            "event_count": rnd.randint(1, 20) if rnd.random() < 0.1 * many / 2 else 1,
            "src_mac": fixed.choice([None, f"02:00:00:00:00:0{int(src[-1]) % 3}", "02:00:00:00:00:0f"]),
            "user": fixed.choice([None, None, "sato", "10.1.0.1"]),
            "time_quality": rnd.choice(["exact"] * 9 + ["zone_assumed", "received"]),
            "count_quality": rnd.choice(["exact"] * 30 + ["aggregated", "lower_bound"]),
        }  # fmt: skip
        yield notice(rnd, made) if rnd.random() < shape.lost else made


def notice(rnd: random.Random, line: Row) -> Row:
    """A line of the same time and device that says (mostly) that log lines were lost."""
    kept = {name: line[name] for name in ("t", "tenant", "source", "device")}
    return dict.fromkeys(line) | kept | {
        "class": "system", "operation": rnd.choice(["log_loss", "log_loss", "reboot"]), "event_count": 1,
        "tenant_quality": rnd.choice(["given", "given", "unattributed"]),
    }  # fmt: skip


def imports(rnd: random.Random, tenants: Sequence[str]) -> list[tuple[str, list[Any]]]:
    """Imports of registers, in any order; a later one may correct an earlier one (and then it comes later)."""
    spans = [
        (0, FOREVER),
        (MIDNIGHT - DAY, MIDNIGHT + rnd.randrange(-HOUR, HOUR)),
        (MIDNIGHT + rnd.randrange(-HOUR, HOUR), FOREVER),
    ]

    def one(kind: str, tenant: str, values: dict[str, Any]) -> Any:
        start, end = rnd.choice(spans)
        if kind == "zones":
            start, end = 0, FOREVER
        key = "|".join(str(values.get(k, "")) for k in registers.KINDS[kind].key)
        return registers.Entry(kind, "" if kind == "sources" else tenant, key, values, start, end, "a", "b", "")

    out: list[tuple[str, list[Any]]] = []
    for tenant in tenants:
        assets = {}
        for _ in range(rnd.choice([0, 3, 8])):
            v: dict[str, Any] = {"address": f"10.1.{rnd.randrange(2)}.{rnd.randrange(5)}/32"}
            v["mac"] = rnd.choice(["", f"02:00:00:00:00:0{rnd.randrange(3)}"])
            v |= {"kind": rnd.choice(["pc", "server", "router"]), "name": rnd.choice(["pc1", "scanner", "pc2"])}
            made = one("assets", tenant, {k: x for k, x in v.items() if x})
            # Two entries in force for one address would make the kind of a row depend on which is meant.
            assets.setdefault(v["address"], made)
        out += [("assets", [e]) for e in assets.values()]
        out += [("zones", [one("zones", tenant, {"prefix": "10.1.0.0/24", "zone": "LGC"})])] * rnd.choice([0, 1])
        out += [
            ("tenants", [one("tenants", tenant, {"code": tenant, "name": "x", "model": rnd.choice(["alpha", "beta"])})])
        ] * rnd.choice([0, 1])
        for n in range(rnd.choice([0, 2, 5])):
            flow = {
                "id": f"f{n}", "src_zone": "MNU", "dst_zone": rnd.choice(["LGWAN", "LGWAN", "LGC"]), "src": f"10.1.{rnd.randrange(2)}.{rnd.randrange(5)}/32",
                "dst": f"10.2.0.{rnd.randrange(12)}/32", "protocol": rnd.choice(["tcp", "udp"]),
                "ports": rnd.choice(["", "80,443", "53"]), "src_mac": rnd.choice(["", "02:00:00:00:00:01"]),
            }  # fmt: skip
            out.append(("flows", [one("flows", tenant, {k: x for k, x in flow.items() if x})]))
    for name in ("fw1", "fw2"):
        values = {
            "id": name,
            "kind": "lgwan_firewall",
            "format": "x",
            "timezone": "Asia/Tokyo",
            "deny_only": rnd.random() < 0.5,
        }
        out.append(("sources", [one("sources", "", values | {"body_by": rnd.choice(["fixed", "address"])})]))
    rnd.shuffle(out)
    corrections = []
    for kind, (entry,) in out:
        if kind == "assets" and rnd.random() < 0.2:
            values = {**entry.values, "name": "corrected"}
            corrections.append(
                (kind, [registers.Entry(kind, entry.tenant, entry.key, values, entry.valid_from, entry.valid_to)])
            )
    return out + corrections


# ------------------------------------------------------------------------------------------------------------ one trial


def run(seed: int, shape: Shape, *, change: Callable[[pytest.MonkeyPatch], None] | None = None) -> list[str]:
    """Differences between the store after a trial and the reference; none when the promise is kept."""
    rnd = random.Random(seed)  # noqa: S311 - trials have to be repeatable
    made = world(rnd, shape)
    pack = trial_pack(*shape.rules)
    with pytest.MonkeyPatch.context() as patch, Store.temporary(threads=1) as store:
        for module in (evaluate, facts):
            patch.setattr(module, "KEPT", shape.kept)
        patch.setattr(reconcile, "MEMBERS", shape.members)
        patch.setattr(reconcile, "PER_TRANSACTION", rnd.choice([1, 5, 600]))
        patch.setattr(parts, "ROWS_AT_ONCE", rnd.choice([20, *[1_500_000] * 7]))
        patch.setattr(parts, "IN_VAIN", rnd.choice([0, 100_000, 100_000, 100_000]))
        if change:
            change(patch)
        steps = plan(rnd, made, shape)
        with interleaved(patch, rnd, shape, store, pack, steps):
            while steps:
                steps.pop(0)(store)
                if rnd.random() < shape.compact:
                    store.compact()
                if rnd.random() < shape.detect:
                    engine.run(store, pack, only=some(rnd, pack))
        engine.run(store, pack)
        return compare(store, made, shape)


def plan(rnd: random.Random, made: World, shape: Shape) -> list[Callable[[Store], None]]:
    """Deliveries (some of them again) and imports, in random order; corrections stay after what they correct."""
    cuts = sorted(rnd.sample(range(1, len(made.rows)), min(len(made.rows) - 1, rnd.randint(*shape.deliveries))))
    pieces = [made.rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(made.rows)], strict=True)]
    for r in made.rows:
        r["text"] = json.dumps(row_of(r), ensure_ascii=False, default=str, sort_keys=True)

    def deliver(number: int) -> Callable[[Store], None]:
        return lambda store: give(store, number, pieces[number])

    def register(number: int) -> Callable[[Store], None]:
        kind, entries = made.imports[number]
        return lambda store: void(store.register(kind, entries, "test"))

    order: list[tuple[float, Callable[[Store], None]]] = []
    for number in range(len(pieces)):
        order += [(rnd.random(), deliver(number)) for _ in range(rnd.choice([1, 1, 1, 2, 3]))]
    early = rnd.random() < 0.3
    times = sorted(rnd.random() * (0.1 if early else 1.1) for _ in made.imports)
    order += [(at, register(number)) for number, at in enumerate(times)]
    return [act for _, act in sorted(order, key=lambda step: step[0])]


def some(rnd: random.Random, pack: Any) -> list[str] | None:
    """Some of the rules; mostly all of them, and now and then the accounting too."""
    if rnd.random() < 0.2:
        return None
    return sorted(pack.rules) if rnd.random() < 0.7 else [rnd.choice(sorted(pack.rules))]


def void(_: object) -> None:
    return None


def row_of(r: Row) -> dict[str, Any]:
    return {"event_time": r["t"], **{k: v for k, v in r.items() if k not in ("t", "text") and v is not None}}


def give(store: Store, number: int, piece: Sequence[Row]) -> None:
    proving.deliver(store, EventClass.NETWORK, [row_of(r) for r in piece], name=f"piece {number}")


@contextmanager
def interleaved(
    patch: pytest.MonkeyPatch,
    rnd: random.Random,
    shape: Shape,
    store: Store,
    pack: Any,
    steps: list[Callable[[Store], None]],
) -> Iterator[None]:
    """Between a run's snapshot and its reconcile other things are committed, and now and then another engine runs."""
    original, inside = reconcile.apply, False

    def apply(*args: Any, **named: Any) -> Any:
        nonlocal inside
        if not inside and steps and rnd.random() < shape.commit_inside:
            steps.pop(0)(store)
        if not inside and rnd.random() < shape.rival:
            inside = True
            engine.run(store, pack, only=some(rnd, pack))
            inside = False
        return original(*args, **named)

    patch.setattr(reconcile, "apply", apply)
    yield
    patch.setattr(reconcile, "apply", original)


# ----------------------------------------------------------------------------------------------------------- comparison


def compare(store: Store, made: World, shape: Shape) -> list[str]:
    ids = [rule.id for rule in shape.rules]
    expected, proof = reference.alerts(made.rows, made.registers(), kept=shape.kept, members=shape.members, rules=ids)
    found = standing(store)
    out = [f"missing {key}" for key in sorted(set(expected) - set(found), key=str)]
    out += [f"too many {key}" for key in sorted(set(found) - set(expected), key=str)]
    for key in sorted(set(found) & set(expected), key=str):
        out += [f"{key}: {what}" for what in differences(found[key], expected[key])]
    with store.catalogue.read() as tx:
        if left := ledger.due(tx):
            out.append(f"still due: {left[:3]}")
        if left := ledger.due(tx, exact=True):
            out.append(f"due by all touches: {left[:3]}")
    if not out:
        if (now := cases(store)) != (then := reference.cases(expected)):
            out.append(f"cases: {sorted(map(str, now ^ then))[:4]}")
        out += accounting(store, made, proof)
    return out


def differences(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    out = []
    for name in sorted(set(found) | set(expected)):
        is_, should = found.get(name), expected.get(name)
        if name == "samples" and not should:
            continue
        if is_ != should:
            out.append(f"{name} is {is_!r}, expected {should!r}")
    return out


def standing(store: Store) -> dict[Any, dict[str, Any]]:
    """The live alerts with all their facts, samples and lines as texts."""
    out: dict[Any, dict[str, Any]] = {}
    with store.catalogue.read() as tx:
        rows = [dict(r) for r in tx.execute(tables.alerts.select().where(tables.alerts.c.state == "live")).mappings()]
        kept = [dict(r) for r in tx.execute(tables.facts.select()).mappings()]
    for row in rows:
        f = json.loads(row["facts"])
        for name in ("count", "carried", "first_seen", "last_seen"):
            assert f[name] == row[name]
        mine = [
            k for k in kept
            if (k["producer"], k["tenant"], k["day"]) == (row["rule"], row["tenant"], row["day"])
            and (row["entity"] == '["*"]' or (k["entity_type"], k["entity"]) == (row["entity_type"], row["entity"]))
        ]  # fmt: skip
        if row["entity"] == '["*"]':
            fired = {(k["entity_type"], k["entity"]) for k in mine if k["fired"]}
            mine = [k for k in mine if (k["entity_type"], k["entity"]) in fired]
        lines = [tuple(p) for k in mine for p in places.unpack(k["places"]).tolist()]
        f["texts"] = sorted(text.decode() for text in store.lines(lines))
        samples = store.lines([(s["batch"], s["line"]) for s in f["samples"]])
        f["samples"] = {s["kind"]: (s["time"], text.decode()) for s, text in zip(f["samples"], samples, strict=True)}
        f["macs"]["list"] = [(m["mac"], m["match"]) for m in f["macs"]["list"]]
        f["terminals"]["list"] = [tuple(sorted(x.items())) for x in f["terminals"]["list"]]
        f |= {"severity": row["severity"], "verdict": row["verdict"]}
        out[row["rule"], row["tenant"], row["entity_type"], tuple(json.loads(row["entity"])), row["day"]] = f
    return out


def cases(store: Store) -> set[tuple[Any, ...]]:
    with store.catalogue.read() as tx:
        c = tables.cases
        rows = tx.execute(c.select().where(c.c.joined_into == "", c.c.count > 0)).mappings()
        return {
            (r["rule"], r["tenant"], r["entity_type"], tuple(json.loads(r["entity"])), r["first_day"], r["last_day"], r["count"], r["severity"])
            for r in rows
        }  # fmt: skip


def accounting(store: Store, made: World, proof: set[tuple[str, str]]) -> list[str]:
    """Promise 6: every denied row in exactly one bin."""
    found: Counter[Any] = Counter()
    with store.catalogue.read() as tx:
        for r in tx.execute(tables.counts.select()):
            found[r.hour, r.tenant, r.dst_zone, r.bin] += r.rows
    wanted = {
        key: rows
        for key, (rows, _) in reference.counted(made.rows, lambda r: (r["tenant"], r["text"]) in proof).items()
    }
    return (
        [] if dict(found) == wanted else [f"counts: {sorted(map(str, set(found.items()) ^ set(wanted.items())))[:6]}"]
    )
