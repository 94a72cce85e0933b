"""What alerts there have to be: the slow, obvious way. One pass over all rows, sorted; no cells, no windows, no SQL.

It shares with the engine only what the rules say (limits, severity tables), written down once more as plain Python.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
HOUR, DAY, JST = 3_600_000_000, 86_400_000_000, 9 * 3_600_000_000
MINUTE = 60_000_000
QUALITIES = ["exact", "zone_assumed", "year_inferred", "received", "implausible"]

COUNTED = ["exact", "aggregated", "lower_bound"]


def day_of(t: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=t + JST)).date().isoformat()


def last_address(prefix: str) -> str:
    a, b, _, _ = prefix.split("/")[0].split(".")
    return {"24": f"{prefix.rsplit('.', 1)[0]}.255", "16": f"{a}.{b}.255.255"}[prefix.split("/")[1]]


# ------------------------------------------------------------------------------------- what registers say of the rows


def in_force(entries: Iterable[Any], tenant: str, at: int) -> list[Any]:
    best: dict[str, Any] = {}
    for e in entries:
        held = best.get(e.key)
        if e.tenant == tenant and e.valid_from <= at < e.valid_to and (held is None or held.valid_from < e.valid_from):
            best[e.key] = e
    return [best[key] for key in sorted(best)]


def enrich(rows: Sequence[Row], registers: dict[str, list[Any]]) -> None:
    for r in rows:
        assets = in_force(registers["assets"], r["tenant"], r["t"])
        mine = [e for e in assets if e.values["address"] == f"{r['src_ip']}/32"]
        same = [e for e in mine if r["src_mac"] and e.values.get("mac") == r["src_mac"]]
        r["asset"] = (same or mine or [None])[0]
        r["src_name"] = r["asset"].values.get("name") if r["asset"] else None
        r["src_kind"] = r["asset"].values.get("kind") if r["asset"] else None
        r["mac_match"] = mac_match(r, rows, assets, mine, same)
        zones = in_force(registers["zones"], r["tenant"], r["t"])
        r["dst_broadcast"] = any(last_address(e.values["prefix"]) == r["dst_ip"] for e in zones)
        tenants = in_force(registers["tenants"], r["tenant"], r["t"])
        r["model"] = (tenants[0].values.get("model") if tenants else None) or "alpha"
        sources = [
            e for e in registers["sources"] if e.values["id"] == r["source"] and e.valid_from <= r["t"] < e.valid_to
        ]
        r["deny_only"] = any(e.values.get("deny_only") for e in sources)
        nat = any(e.values.get("body_by") == "address" for e in sources)
        r["identity"] = r["user"] or r["src_ip"]
        r["identity_type"] = "user" if r["user"] else "nat" if nat else "address"
        router = behind_router(r, rows, assets)
        r["policy"] = policy(r, registers["flows"], None if router else r["src_mac"])
        r["flow_register"] = bool(in_force(registers["flows"], r["tenant"], r["t"]))
    flows = [r for r in rows if r["class"] == "network"]
    notices = [r for r in rows if r["class"] == "system" and r["operation"] == "log_loss"]
    for r in rows:
        if any(tells_of(n, r) for n in notices):
            r["count_quality"] = "lower_bound"
        r["attempts"] = r["event_count"]
        if r["verdict"] == "deny" and r["protocol"] == "tcp" and r["event_count"] <= 1:
            tries = [o for o in rows if tuple5(o) == tuple5(r) and o["verdict"] == "deny" and o["class"] == r["class"]]
            first = min(o["t"] for o in tries)
            # Of several at that time one counts: which, is not said here; no rule looks at what they differ in.
            tied = [o for o in tries if o["t"] == first]
            r["attempts"] = int(r is min(tied, key=lambda o: (o["event_count"], id(o))))
        group = [o for o in flows if o["tenant"] == r["tenant"] and o["dst_port"] == 137 and o["src_ip"] == r["src_ip"]
                 and o["t"] // HOUR == r["t"] // HOUR and o["t"] // (10 * MINUTE) == r["t"] // (10 * MINUTE)]  # fmt: skip
        targets = len({o["dst_ip"] for o in group})
        name = (r["protocol"] == "udp" and r["dst_port"] == 137) or r["dst_broadcast"]
        r["noise"] = "names" if (
            r["class"] == "network" and r["verdict"] == "deny" and r["outcome"] != "blocked_later" and name and not (targets >= 3 or r["src_kind"] == "server")
        ) else None  # fmt: skip


def tells_of(notice: Row, r: Row) -> bool:
    same = notice["source"] == r["source"] and (notice["device"] or r["device"]) == (r["device"] or notice["device"])
    everyone = notice["tenant_quality"] == "unattributed"
    return same and notice["t"] // MINUTE == r["t"] // MINUTE and (everyone or notice["tenant"] == r["tenant"])


def tuple5(r: Row) -> tuple[Any, ...]:
    return (r["tenant"], r["src_ip"], r["src_port"], r["dst_ip"], r["dst_port"], r["protocol"], r["t"] // 30_000_000)


def behind_router(r: Row, rows: Sequence[Row], assets: list[Any]) -> bool:
    mac = r["src_mac"]
    seen = {
        o["src_ip"]
        for o in rows
        if o["class"] == "network" and o["tenant"] == r["tenant"] and o["src_mac"] == mac and day_of(o["t"]) == day_of(r["t"])
    }  # fmt: skip
    registered = any(e.values.get("mac") == mac and e.values.get("kind") == "router" for e in assets)
    return bool(mac) and (len(seen) >= 4 or registered)


def mac_match(r: Row, rows: Sequence[Row], assets: list[Any], mine: list[Any], same: list[Any]) -> str | None:
    mac = r["src_mac"]
    if not mac:
        return "not_logged" if assets else None
    if same:
        return "match"
    if behind_router(r, rows, assets):
        return "behind_router"
    if any(e.values.get("mac") for e in mine) or any(e.values.get("mac") == mac for e in assets):
        return "mismatch"
    return None


def policy(r: Row, flows: list[Any], mac: str | None) -> tuple[str | None, str | None, str | None]:
    zones = (r["src_zone"], r["dst_zone"])
    if zones == ("LGC", "LGWAN"):
        if r["dst_port"] in (53, 80):
            return "F12", "allow", None
        return ("default", "deny", None) if r["model"] == "alpha" else (None, None, None)
    if zones not in (("MNU", "LGWAN"), ("MNU", "LGC")):
        return None, None, None
    row, otherwise = ("F05", "cond") if zones == ("MNU", "LGWAN") else ("F01", "deny")
    best: tuple[Any, ...] | None = None
    for e in {e.key: e for e in sorted(flows, key=lambda e: e.valid_from) if e.tenant == r["tenant"]}.values():
        v, failed = e.values, []
        if (v["src_zone"], v["dst_zone"]) != zones:
            continue
        if f"{r['src_ip']}/32" != v["src"]:
            failed.append("src")
        if v.get("src_mac") and mac and v["src_mac"] != mac:
            failed.append("mac")
        if f"{r['dst_ip']}/32" != v["dst"]:
            failed.append("dst")
        if v["protocol"] != r["protocol"]:
            failed.append("protocol")
        if v.get("ports") and str(r["dst_port"]) not in v["ports"].split(","):
            failed.append("port")
        valid = e.valid_from <= r["t"] < e.valid_to
        over = e.valid_to <= r["t"]
        if {"src", "dst"} <= set(failed) or not (valid or (over and not failed)):
            continue
        rank = 2 if failed else 0 if valid else 1
        mark = (rank, len(failed), v["id"], "+".join(failed))
        best = mark if best is None else min(best, mark)
    if best is None:
        return row, otherwise, None
    if best[0] == 0:
        return row, "allow", None
    return row, otherwise, "expired" if best[0] == 1 else best[3]


# ------------------------------------------------------------------------------------------------- the rules, in Python


@dataclass
class Layer:
    name: str
    window: int
    selects: Callable[[Row], bool]
    fires: Callable[[Sequence[Row]], int]
    """Rows of the window that ends in a row → its measure, 0 where it doesn't fire."""
    input: str = "network"


@dataclass
class Plain:
    id: str
    entity: Callable[[Row], tuple[str, ...]]
    entity_type: Callable[[Row], str]
    layers: list[Layer]
    severity: Callable[[dict[str, Any]], tuple[str, str]]
    values: dict[str, Callable[[Row], Any]]
    counts: dict[str, Callable[[Row], bool]]
    gaps: dict[str, int]
    """By input."""


def at_least(n: int, limit: int) -> int:
    return n if n >= limit else 0


def pair(w: Sequence[Row]) -> int:
    n = len({(r["dst_ip"], r["protocol"]) for r in w})
    return n if n >= 6 and len({r["dst_port"] for r in w if r["dst_port"] is not None}) >= 3 else 0


def denied(r: Row) -> bool:
    return not r["noise"] and r["verdict"] == "deny"


def low(f: dict[str, Any]) -> tuple[str, str]:
    return "low", "その他"


def judged(r: Row) -> str:
    row, decision, failed = r["policy"]
    return f"{row} {decision}" + (f" {failed}" if failed else "") + (" listed" if r["flow_register"] else "")


PLAIN = [
    Plain(
        "t_threshold", lambda r: (r["src_ip"],), lambda r: "address",
        [Layer("burst", 10 * MINUTE, lambda r: not r["noise"] and r["verdict"] == "deny",
               lambda w: at_least(sum(r["attempts"] for r in w), 12))],
        lambda f: ("high", "多い") if f["peak"] >= 25 else low(f), {}, {"web": lambda r: r["dst_port"] == 80},
        {"network": 10 * MINUTE},
    ),
    Plain(
        "t_spread", lambda r: (r["src_ip"],), lambda r: "address", [Layer("fan", HOUR, lambda r: True, pair)],
        lambda f: ("critical", "許可あり")
        if len(f["values"]["destinations"]["list"]) >= 5 and f["verdicts"]["allow"] else low(f), {}, {}, {"network": HOUR},
    ),
    Plain(
        "t_layers", lambda r: (r["dst_ip"], "" if r["dst_port"] is None else str(r["dst_port"])), lambda r: "server",
        [
            Layer("port", 0, lambda r: not r["noise"] and r["dst_port"] == 4444, lambda w: 1),
            Layer("many", 90_000_000, lambda r: not r["noise"] and r["dst_port"] not in (None, 137),
                  lambda w: at_least(sum(r["event_count"] for r in w), 30)),
            Layer("sources", 5 * MINUTE, lambda r: not r["noise"] and r["dst_port"] not in (None, 137),
                  lambda w: at_least(len({r["src_ip"] for r in w}), 4)),
        ],
        lambda f: ("high", "両方") if {"port", "many"} <= set(f["layers"]) else low(f),
        {"mac_first": lambda r: r["src_mac"].split(":")[5] if r["src_mac"] else None}, {}, {"network": 5 * MINUTE},
    ),
    Plain(
        "t_flows", lambda r: (r["identity"],), lambda r: r["identity_type"],
        [Layer("main", 0, lambda r: not r["noise"] and r["policy"][1] in ("deny", "cond") and r["src_name"] != "scanner",
               lambda w: 1)],
        low, {"judged": judged}, {"forbidden": lambda r: r["policy"][1] == "deny"},
        {"network": 10 * MINUTE},
    ),
    Plain(
        "t_both", lambda r: (r["src_ip"],), lambda r: "address",
        [
            Layer("fan", 10 * MINUTE, denied, lambda w: at_least(len({r["dst_ip"] for r in w}), 4)),
            Layer("named", 0, lambda r: r["signature"] == "worm", lambda w: 1, "finding"),
            Layer("often", HOUR, lambda r: True, lambda w: at_least(sum(r["event_count"] for r in w), 3), "finding"),
            Layer("named", 0, lambda r: denied(r) and r["dst_port"] == 4444, lambda w: 1),
        ],
        lambda f: ("high", "両方") if {"fan", "named"} <= set(f["layers"]) else low(f),
        {"signatures": lambda r: r["signature"]},
        {"worms": lambda r: r["signature"] == "worm", "web": lambda r: r["dst_port"] == 80},
        {"network": 10 * MINUTE, "finding": HOUR},
    ),
]  # fmt: skip

STANDARD: dict[str, Callable[[Row], Any]] = {
    "destinations": lambda r: r["dst_ip"],
    "ports": lambda r: r["protocol"] + ("" if r["dst_port"] is None else f"/{r['dst_port']}"),
    "dst_zones": lambda r: r["dst_zone"], "src_zones": lambda r: r["src_zone"], "sources": lambda r: r["source"],
    "devices": lambda r: r["device"], "users": lambda r: r["user"],
    "nat": lambda r: None,
    "macs": lambda r: (r["src_mac"], r["mac_match"]) if r["src_mac"] else None,
    "terminals": lambda r: terminal(r["asset"]),
}  # fmt: skip


def terminal(asset: Any) -> Any:
    if asset is None:
        return None
    kept = {k: asset.values[k] for k in ("name", "section", "kind") if asset.values.get(k)}
    return tuple(sorted({"address": asset.values["address"].removesuffix("/32"), **kept}.items()))


def alerts(
    rows: Sequence[Row], registers: dict[str, list[Any]], *, kept: int, members: int, rules: Iterable[str]
) -> tuple[dict[Any, Any], set[tuple[str, str]]]:
    """(rule, tenant, entity type, entity, day) → facts, with `severity`, `verdict` and the texts of samples and lines;
    and (tenant, text) of every line that is evidence of anything, carried ones too."""
    proof: set[tuple[str, str]] = set()
    enrich(rows, registers)
    out: dict[Any, Any] = {}
    for rule in PLAIN:
        if rule.id not in rules:
            continue
        groups: dict[Any, list[Row]] = defaultdict(list)
        for r in rows:
            groups[r["tenant"], rule.entity_type(r), rule.entity(r)].append(r)
        days: dict[Any, dict[Any, list[Any]]] = defaultdict(dict)
        for (tenant, kind, entity), mine in groups.items():
            for day, told in entity_days(rule, mine, proof).items():
                days[tenant, day][kind, entity] = told
        for (tenant, day), entities in days.items():
            if len(entities) > members:
                kind = "identity" if rule.id == "t_flows" else next(iter(entities))[0]
                whole = [entities[key] for key in sorted(entities)]
                out[rule.id, tenant, kind, ("*",), day] = facts(rule, whole, kept) | {"entities": len(entities)}
            else:
                for (kind, entity), told in entities.items():
                    out[rule.id, tenant, kind, entity, day] = facts(rule, [told], kept)
    return out, proof


def entity_days(rule: Plain, rows: Sequence[Row], proof: set[tuple[str, str]]) -> dict[str, Any]:
    """Day → (evidence, fired, peaks, carried, episodes) of one entity."""
    fired: dict[str, list[tuple[Row, int]]] = defaultdict(list)
    evidence: dict[int, Row] = {}
    covers: list[tuple[Row, Row]] = []
    for layer in rule.layers:
        chosen = [r for r in rows if r["class"] == layer.input and layer.selects(r)]
        for r in chosen:
            window = [o for o in chosen if r["t"] - layer.window < o["t"] <= r["t"]] if layer.window else [r]
            if measure := layer.fires(window):
                fired[layer.name].append((r, measure))
                evidence.update({id(o): o for o in window})
                covers += [(r, o) for o in window]
    proof |= {(r["tenant"], r["text"]) for r in evidence.values()}
    out = {}
    begun: list[int] = []
    for event_class, gap in rule.gaps.items():
        times = sorted({r["t"] for r in evidence.values() if r["class"] == event_class})
        begun += [t for i, t in enumerate(times) if i == 0 or t - times[i - 1] >= gap]
    for day in {day_of(r["t"]) for hits in fired.values() for r, _ in hits}:
        hits = {name: [(r, m) for r, m in found if day_of(r["t"]) == day] for name, found in fired.items()}
        carried = {id(o): o for r, o in covers if day_of(r["t"]) == day and day_of(o["t"]) < day}
        out[day] = (
            [r for r in evidence.values() if day_of(r["t"]) == day],
            [r for found in hits.values() for r, _ in found],
            {name: max(m for _, m in found) for name, found in hits.items() if found},
            sum(o["event_count"] for o in carried.values()), sum(day_of(t) == day for t in begun),
        )  # fmt: skip
    return out


def order(r: Row) -> tuple[Any, ...]:
    last = (1, "")  # an empty value comes after every other
    names = (
        "src_ip", "dst_ip", "protocol", "dst_port", "src_port", "verdict", "outcome", "event_count", "source", "device",
        "src_mac", "user", "src_zone", "dst_zone", "time_quality",
    )  # fmt: skip
    return (r["t"], r["class"], *(last if r[k] is None else (0, r[k]) for k in names))


def facts(rule: Plain, told: Sequence[Any], kept: int) -> dict[str, Any]:
    """The facts of an alert about one entity, or about several together."""
    evidence = [r for one in told for r in one[0]]
    fired = [r for one in told for r in one[1]]
    hours = sum(len({r["t"] // HOUR for r in one[1]}) for one in told)
    layers = sorted({name for one in told for name in one[2]})

    def verdict(r: Row) -> str:
        return "blocked_later" if r["outcome"] == "blocked_later" else r["verdict"] or "none"

    def total(test: Callable[[Row], bool]) -> int:
        return sum(r["event_count"] for r in evidence if test(r))

    f: dict[str, Any] = {
        "count": total(lambda r: True), "lines": len(evidence), "attempts": sum(r["attempts"] for r in evidence),
        "carried": sum(one[3] for one in told), "first_seen": min(r["t"] for r in evidence),
        "last_seen": max(r["t"] for r in evidence), "episodes": sum(one[4] for one in told), "hours": hours,
        "layers": layers, "peaks": {name: max(one[2].get(name, 0) for one in told) for name in layers},
        "verdicts": {v: total(lambda r, v=v: verdict(r) == v) for v in ("allow", "deny", "blocked_later", "none")},
        "outcomes": {o: total(lambda r, o=o: r["outcome"] == o) for o in sorted({r["outcome"] for r in evidence if r["outcome"]})},
        "counts": {name: total(test) for name, test in sorted(rule.counts.items())},
        "time_quality": max((r["time_quality"] for r in evidence), key=QUALITIES.index),
        "count_quality": max((r["count_quality"] for r in evidence), key=COUNTED.index),
        "deny_only": all(r["deny_only"] for r in evidence),
    }  # fmt: skip
    f["peak"] = max(f["peaks"].values())
    lists = {name: earliest(evidence, value, kept) for name, value in sorted({**STANDARD, **rule.values}.items())}
    f["macs"], f["nat"], f["terminals"] = (lists.pop(name) for name in ("macs", "nat", "terminals"))
    f["values"] = lists
    f["severity"], f["severity_line"] = rule.severity(f)
    f["verdict"] = next((v for v in ("allow", "blocked_later", "deny") if f["verdicts"][v]), "")
    # Of one time that of the first input is shown.
    ends = {"first": min(evidence, key=order), "firing": min(fired, key=order)}
    latest = [r for r in evidence if r["t"] == f["last_seen"]]
    ends["last"] = max((r for r in latest if r["class"] == min(o["class"] for o in latest)), key=order)
    if len(told) > 1:  # several entities: the earliest by time; which of one time is not compared
        ends = {}
    f["samples"] = {kind: (r["t"], r["text"]) for kind, r in ends.items()}
    f["texts"] = sorted(r["text"] for r in evidence)
    return f


def earliest(evidence: Sequence[Row], value: Callable[[Row], Any], kept: int) -> dict[str, Any]:
    first: dict[Any, int] = {}
    for r in evidence:
        v = value(r)
        if v is not None:
            first[v] = min(r["t"], first.get(v, r["t"]))
    ranked = sorted(first, key=lambda v: (first[v], as_text(v)))
    return {"list": ranked[:kept], "more": len(ranked) > kept}


def as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    import json

    if value and isinstance(value[0], tuple):
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return value[0] + (f" {value[1]}" if value[1] else "")


def chains(days: Iterable[str]) -> list[list[str]]:
    out: list[list[str]] = []
    for day in sorted(days):
        near = out and datetime.fromisoformat(day) - datetime.fromisoformat(out[-1][-1]) <= timedelta(days=7)
        if near:
            out[-1].append(day)
        else:
            out.append([day])
    return out


def cases(found: dict[Any, Any]) -> set[tuple[Any, ...]]:
    """(rule, tenant, entity type, entity, first day, last day, count, severity) of every case."""
    entities: dict[Any, dict[str, Any]] = defaultdict(dict)
    for (rule, tenant, kind, entity, day), f in found.items():
        entities[rule, tenant, kind, entity][day] = f
    levels = ("critical", "high", "medium", "low", "info")
    return {
        (
            *key,
            days[0],
            days[-1],
            sum(of[d]["count"] for d in days),
            min((of[d]["severity"] for d in days), key=levels.index),
        )
        for key, of in entities.items()
        for days in chains(of)
    }


def counted(rows: Sequence[Row], in_alert: Callable[[Row], bool]) -> dict[tuple[int, str, str, str], tuple[int, int]]:
    """(hour, tenant, dst zone, bin) → (denied rows, events)."""
    out: dict[Any, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for r in rows:
        if r["class"] == "network" and r["verdict"] == "deny":
            name = "alert" if in_alert(r) else "local" if r["noise"] else "none"
            key = (r["t"] // HOUR, r["tenant"], r["dst_zone"] or "UNKNOWN", name)
            out[key] = (out[key][0] + 1, out[key][1] + r["event_count"])
    return dict(out)
