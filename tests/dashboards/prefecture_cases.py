"""The cases of 見本県: one of each sort that the pages know, and a crowd of ordinary ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core import time
from store import Store
from store import tables as t
from store.places import pack
from tests.dashboards.prefecture import BODIES, DAY, HOUR, MINUTE, NAMES, PLACE, PREFIXES, TERMINALS, _digest, source_id
from tests.dashboards.rulebook import RULES


@dataclass(frozen=True, slots=True)
class Told:
    """One case as the tests tell it; times in minutes before now."""

    rule: str
    body: str
    entity: str
    severity: str
    count: int
    first: float
    last: float
    destinations: tuple[str, ...]
    ports: tuple[str, ...]
    verdict: str = "deny"
    status: str = "new"
    assignee: str = ""
    continuity: str = "new"
    days: int = 1
    due: float | None = None
    notified: float | None = None
    reason: str = ""
    until: int | None = None
    entity_type: str = "address"
    values: dict[str, list[str]] = field(default_factory=dict)
    previous: int = 0
    peak: int = 0


def _many(stem: str, first: int, number: int) -> tuple[str, ...]:
    return tuple(f"{stem}.{first + n}" for n in range(number))


TOLD = (
    Told("web_mass", "青葉市", "203.0.113.77", "critical", 14_220, 12, 5, ("www.aoba.example.lg.jp",), ("tcp/443",),
         verdict="allow", status="evaluating", assignee="佐藤", due=-4, entity_type="forwarded"),
    Told("inside_scan", "東浜市", "10.22.12.140", "high", 2_310, 90, 1, _many("198.51.100", 10, 24),
         ("tcp/22", "tcp/23", "tcp/80", "tcp/135", "tcp/445", "tcp/3389"), continuity="continuing", days=2, due=-11, peak=23),
    Told("lgwan_mass", "桜丘市", "10.21.4.9", "high", 4_821, 24, 2, ("198.51.100.10",), ("tcp/80",), due=-18, peak=2_140),
    Told("lgwan_protocol", "川上町", "10.23.12.57", "high", 1_284, 180, 10, _many("198.51.100", 12, 61), ("tcp/445", "tcp/3389"),
         status="in_progress", assignee="佐藤", due=130, notified=138, peak=23),
    Told("flow_allowed", "青葉市", "10.20.12.77", "high", 212, 320, 35, ("10.20.64.12",), ("tcp/1433",), verdict="allow",
         status="evaluating", assignee="鈴木", continuity="recurring", previous=49, due=280, notified=267),
    Told("lgwan_p2p", "白波町", "10.26.30.7", "high", 906, 4_400, 21, _many("203.0.113", 20, 38),
         ("tcp/6881", "tcp/6882", "udp/6881"), status="in_progress", assignee="鈴木", continuity="continuing", days=4,
         due=4_300, notified=4_310, peak=24),
    Told("lgwan_source", "川上町", "192.168.11.1", "high", 37, 350, 132, ("198.51.100.20",), ("tcp/443",),
         status="in_progress", assignee="田中", due=320, notified=330),
    Told("web_mass", "桜丘市", "203.0.113.18", "medium", 640, 62, 20, ("vpn.sakuraoka.example.lg.jp",), ("tcp/443",),
         status="evaluating", assignee="佐藤", due=5, notified=7, entity_type="forwarded"),
    Told("dns_across", "若葉町", "10.24.12.53", "medium", 6_120, 15_800, 1, ("10.24.64.53",), ("udp/53",),
         status="in_progress", assignee="鈴木", continuity="continuing", days=12, due=15_700, notified=15_600),
    Told("config_noise", "松原町", "config", "low", 1_152, 7_300, 3, ("203.0.113.123",), ("udp/123",),
         continuity="continuing", days=6, entity_type="class"),
    Told("lgwan_protocol", "青葉市", "10.20.12.102", "high", 87, 1_330, 1_310, _many("198.51.100", 12, 19), ("tcp/445",),
         status="in_progress", assignee="田中", due=1_290, notified=1_280),
    Told("lgwan_protocol", "若葉町", "10.24.12.21", "medium", 12, 320, 315, _many("198.51.100", 12, 4), ("tcp/445",),
         status="evaluating", assignee="佐藤", due=260, notified=270),
    Told("dns_across", "緑野町", "10.27.12.9", "medium", 44, 3_000, 200, ("10.27.64.53",), ("udp/53",), status="watching",
         assignee="田中", continuity="continuing", days=3, until=7),
    Told("lgwan_mass", "北山村", "10.28.12.4", "low", 410, 2_000, 1_990, ("198.51.100.9",), ("tcp/443",),
         continuity="retroactive"),
    Told("lgwan_protocol", "川上町", "10.23.12.90", "medium", 31, 110_000, 109_900, ("198.51.100.7",), ("tcp/445",),
         status="dismissed", reason="misconfiguration", assignee="鈴木"),
    Told("lgwan_protocol", "川上町", "10.23.12.200", "medium", 8, 220_000, 219_000, ("198.51.100.8",), ("tcp/161",),
         status="dismissed", reason="registered_test", assignee="田中"),
)  # fmt: skip


def _crowd() -> list[Told]:
    made = []
    for body, number in (("青葉市", 12), ("桜丘市", 8), ("東浜市", 4)):
        old = body != "東浜市"
        for n in range(number):
            address = f"10.{NAMES.index(body) + 20}.12.{100 + n}"
            first = 3_500 - n * 60 if old else 290
            chain = {"continuity": "continuing", "days": 3} if old else {}
            made.append(Told("remote_control", body, address, "medium", 90 + n * 13, first, 10 + n * 3, ("203.0.113.60",),
                             ("tcp/5938",), due=-41 if n == 0 else -60, **chain))  # fmt: skip
    some = (0, 0, 1, 2, 2, 3, 3, 4, 5, 6, 7, 9)
    for n, index in enumerate(some):
        rule = ("dns_across", "lgwan_source", "flow_allowed")[n % 3]
        made.append(Told(rule, NAMES[index], f"10.{index + 20}.12.{40 + n}", ("medium", "low")[n % 4 == 3], 30 + n * 17,
                         400 + n * 90, 40 + n * 9, (f"10.{index + 20}.64.{n + 1}",), ("tcp/445",),
                         status="in_progress" if n % 2 else "evaluating", assignee=("佐藤", "鈴木", "田中")[n % 3],
                         due=300 + n * 80, notified=310 + n * 80))  # fmt: skip
    return made


def _terminal(body: str, address: str) -> list[dict[str, str]]:
    return [
        {"address": a, "name": name, "section": section, "room": room, "kind": "pc", "criticality": "normal"}
        for b, a, _, name, section, room in TERMINALS
        if (b, a) == (body, address)
    ]


def _mac(body: str, address: str) -> list[dict[str, str]]:
    return [{"mac": mac, "match": "match"} for b, a, mac, *_ in TERMINALS if (b, a) == (body, address)]


def facts(told: Told, now: int, samples: list[dict[str, Any]]) -> dict[str, Any]:
    """Facts as detections/facts.py documents them."""
    firewall = told.entity_type != "forwarded"
    values: dict[str, list[str]] = {
        "destinations": list(told.destinations),
        "ports": list(told.ports),
        "src_zones": ["LGC" if firewall else "INET"],
        "dst_zones": ["LGWAN" if firewall else "SECC"],
        "sources": [source_id(told.body, "lgwan_firewall" if firewall else "web")],
        "devices": [f"{PREFIXES[NAMES.index(told.body)]}-LGFW-01"],
    } | told.values
    layer = RULES[told.rule].layers[0].name
    return {
        "count": told.count,
        "lines": told.count,
        "attempts": max(told.count // 3, 1),
        "carried": 0,
        "first_seen": now - int(told.first * MINUTE),
        "last_seen": now - int(told.last * MINUTE),
        "episodes": 3 if told.peak else 1,
        "hours": 3,
        "peak": told.peak,
        "peaks": {layer: told.peak},
        "layers": [layer],
        "verdicts": {"allow": 0, "deny": 0, "blocked_later": 0, "none": 0} | {told.verdict: told.count},
        "outcomes": {"established" if told.verdict == "allow" else "attempted": told.count},
        "counts": {},
        "values": {name: {"list": kept, "more": False} for name, kept in values.items()},
        "terminals": {"list": _terminal(told.body, told.entity), "more": False},
        "macs": {"list": _mac(told.body, told.entity), "more": False},
        "nat": {"list": [], "more": False},
        "samples": samples,
        "time_quality": "zone_assumed",
        "count_quality": "exact",
        "deny_only": firewall and told.verdict == "deny",
        "severity_line": "通信先が10分に5以上",
    }


def cases(store: Store, now: int, lines: list[PLACE]) -> dict[str, str]:
    """Write all of them; body and entity → case id."""
    ids: dict[str, str] = {}
    all_told = [*TOLD, *_crowd()]
    with store.catalogue.write() as tx:
        for number, told in enumerate(all_told):
            _write(tx, told, f"K-2611-{431 - number:04d}", now, lines)
            ids[f"{told.body} {told.entity}"] = f"K-2611-{431 - number:04d}"
        _joined(tx, ids["川上町 10.23.12.57"], now)
    return ids


def _joined(tx: Any, into: str, now: int) -> None:
    """A younger case whose alert has gone into an older one."""
    day = time.day_of(now).isoformat()
    row = {
        "id": "K-2611-0001", "rule": "lgwan_protocol", "tenant": BODIES["川上町"], "entity": '["10.23.12.57"]', "entity_type": "address",
        "status": "new", "reason": "", "until": None, "assignee": "", "severity": "high", "continuity": "new", "verdict": "deny",
        "count": 0, "first_day": day, "last_day": day, "first_seen": now, "last_seen": now, "opened": now, "due": None,
        "taken": None, "notified": None, "triaged": "", "version": 2, "joined_into": into,
    }  # fmt: skip
    tx.execute(t.cases.insert(), row)


def _write(tx: Any, told: Told, case_id: str, now: int, lines: list[PLACE]) -> None:
    first, last = now - int(told.first * MINUTE), now - int(told.last * MINUTE)
    entity = json.dumps([told.entity], ensure_ascii=False, separators=(",", ":"))
    is_kawakami = (told.body, told.entity) == ("川上町", "10.23.12.57")
    chosen = (("first", 0), ("firing", 31), ("last", 59)) if is_kawakami else ()
    samples = [{"kind": kind, "time": lines[i][2], "batch": lines[i][0], "line": lines[i][1]} for kind, i in chosen]
    fact = facts(told, now, samples)
    last_day, first_day = time.day_of(last), date.fromordinal(time.day_of(last).toordinal() - told.days + 1)
    opened = min(first + 21 * MINUTE, (first + last) // 2 + MINUTE)
    due = None if told.due is None else now - int(told.due * MINUTE)
    notified = None if told.notified is None else now - int(told.notified * MINUTE)
    taken = None if told.status == "new" else opened + 5 * MINUTE
    alert = _digest(f"{told.rule}{told.body}{told.entity}{last_day}")
    tx.execute(
        t.cases.insert(),
        {
            "id": case_id,
            "rule": told.rule,
            "tenant": BODIES[told.body],
            "entity": entity,
            "entity_type": told.entity_type,
            "status": told.status,
            "reason": told.reason,
            "until": None if told.until is None else now + told.until * DAY,
            "assignee": told.assignee,
            "severity": told.severity,
            "continuity": told.continuity,
            "verdict": told.verdict,
            "count": told.count,
            "first_day": first_day.isoformat(),
            "last_day": last_day.isoformat(),
            "first_seen": first,
            "last_seen": last,
            "opened": opened,
            "due": due,
            "taken": taken,
            "notified": notified,
            "triaged": "{}",
            "version": 3,
            "joined_into": "",
        },
    )
    # A chain of days is told in full where there are few of them.
    back = told.days if told.rule == "lgwan_p2p" else 1
    for ago in range(back):
        day = date.fromordinal(last_day.toordinal() - ago)
        row = {
            "id": alert if not ago else _digest(f"{alert}{ago}"), "rule": told.rule, "tenant": BODIES[told.body],
            "entity_type": told.entity_type, "entity": entity, "day": day.isoformat(), "candidate": False, "state": "live",
            "reason": "", "severity": told.severity if not ago else "medium", "verdict": told.verdict, "count": told.count // back,
            "carried": 0, "first_seen": first if back == 1 else last - ago * DAY - HOUR, "last_seen": last - ago * DAY,
            "facts": json.dumps(fact, ensure_ascii=False), "fingerprint": _digest(told.rule), "revision": 4 if is_kawakami else 1,
            "seq": 1, "created": opened, "revised": now - 7 * MINUTE, "received": last + MINUTE, "case_id": case_id,
        }  # fmt: skip
        tx.execute(t.alerts.insert(), row)
    if taken is not None:
        _log(tx, case_id, taken, told.assignee, "status", "new", "evaluating", "")
    if told.status not in ("new", "evaluating"):
        _log(
            tx,
            case_id,
            opened + 30 * MINUTE,
            told.assignee,
            "status",
            "evaluating",
            told.status,
            {"dismissed": "旧ファイルサーバのドライブ割当(通信先 1 台)"}.get(
                told.status, "団体へ電話し、状況を説明した。"
            ),
        )
    if is_kawakami:
        _history(tx, case_id, alert, first, now)
        row = {
            "producer": told.rule, "hour": time.hour_of(first), "candidate": False, "tenant": BODIES[told.body],
            "entity_type": told.entity_type, "entity": entity, "day": last_day.isoformat(), "fired": True, "body": "{}",
            "places": pack((batch, line) for batch, line, _ in lines),
        }  # fmt: skip
        tx.execute(t.facts.insert(), row)
    if told.previous:
        before = now - told.previous * DAY
        tx.execute(
            t.cases.insert(),
            {
                "id": f"K-2610-{told.previous:04d}",
                "rule": told.rule,
                "tenant": BODIES[told.body],
                "entity": entity,
                "entity_type": "address",
                "status": "closed",
                "reason": "",
                "until": None,
                "assignee": "鈴木",
                "severity": "high",
                "continuity": "new",
                "verdict": "allow",
                "count": 20,
                "first_day": time.day_of(before).isoformat(),
                "last_day": time.day_of(before).isoformat(),
                "first_seen": before,
                "last_seen": before,
                "opened": before,
                "due": before,
                "taken": before,
                "notified": before,
                "triaged": "{}",
                "version": 2,
                "joined_into": "",
            },
        )
        _log(
            tx,
            f"K-2610-{told.previous:04d}",
            before + HOUR,
            "鈴木",
            "status",
            "in_progress",
            "closed",
            "設定を修正し、止まったことを確かめた。",
        )


def _log(tx: Any, case_id: str, at: int, actor: str, act: str, before: str, after: str, comment: str) -> None:
    tx.execute(
        t.case_log.insert(),
        {
            "case_id": case_id,
            "at": at,
            "actor": actor if actor == "hinomi" else f"{actor} (0a1b2c3d)",
            "act": act,
            "before": before,
            "after": after,
            "comment": comment,
        },
    )


def _kept(destinations: int, *ports: str) -> dict[str, Any]:
    values = {"destinations": _many("198.51.100", 12, destinations), "ports": ports}
    return {name: {"list": list(found), "more": False} for name, found in values.items()}


def _history(tx: Any, case_id: str, alert: str, first: int, now: int) -> None:
    """Three revisions; the third brought what had been held up on the line, and the case came back."""
    was = first + 15 * MINUTE
    for revision, at, changes, material in (
        (1, first + 20 * MINUTE, {}, "new"),
        (
            2,
            first + 90 * MINUTE,
            {"count": [41, 391], "values": [_kept(14, "tcp/445"), _kept(58, "tcp/445", "tcp/3389")]},
            "port",
        ),
        (
            3,
            first + 125 * MINUTE,
            {"first_seen": [was, first], "count": [391, 1_240], "values": [_kept(58), _kept(61)]},
            "late",
        ),
        (4, now - 7 * MINUTE, {"count": [1_240, 1_284]}, ""),
    ):
        tx.execute(
            t.revisions.insert(),
            {
                "alert": alert,
                "revision": revision,
                "at": at,
                "seq": revision,
                "state": "live",
                "severity": "high",
                "changes": json.dumps(changes),
                "material": material,
            },
        )
    _log(tx, case_id, first + 125 * MINUTE, "hinomi", "returned", "in_progress", "in_progress", "late")
