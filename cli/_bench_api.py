"""The part of `hinomi bench` that asks the API: a prefecture with a million alerts, and the questions people ask of it.

The rows go straight into the tables of the catalogue, as detection writes them: a year of a prefecture's alerts
would take days to detect. There are no log lines behind them, so routes that read lines are not among the questions.
The server is `hinomi serve` in a process of its own; questions come one after the other over HTTP on loopback.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import islice
from math import ceil
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from urllib.parse import quote

from core import time
from core.errors import HinomiError
from core.municipalities import code
from core.registers import WATCHED_KINDS, Entry
from store import Store, keys, tables
from store import questions as q

BODIES = tuple(code(f"13{n}") for n in range(101, 141))
DAYS = 365
ALERTS_A_CASE = 4
"""Days that a case goes on, on the average."""
COUNTED_DAYS = 31
"""Days of which denied rows are counted by hour."""
_CHUNK = 20_000
_SETTLED = ("closed", "dismissed")
FRESH_DAYS = 7
_OPEN_SHARE = 0.6
"""Of the cases of the last days; older ones are settled, but for a few that are watched or an incident."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the store, as far as the questions need it."""

    now: int
    alerts: int
    cases: int
    open: int
    rules: Sequence[str]
    some_alerts: Sequence[str]
    some_cases: Sequence[str]


# ------------------------------------------------------------------------------------------------------------ the rows


def filled(home: Path, number: int) -> tuple[Filled, float]:
    """A store with so many alerts in a directory, or the one that is there already; and what it took in CPU s."""
    from detections.loading import load

    note = home / "bench.json"
    if note.exists():
        return Filled(**json.loads(note.read_text("utf-8"))), 0.0
    start = process_time()
    with Store.open(home, create=True, durable=False) as store:
        made = _fill(store, number, sorted(load(None).rules), now=time.now_us())
    note.write_text(json.dumps(asdict(made)), "utf-8")
    return made, process_time() - start


def _fill(store: Store, number: int, rules: Sequence[str], *, now: int) -> Filled:
    """A prefecture of 40 bodies, the five feeds of each, and `number` alerts of a year with their cases.

    Shape: the same for the same number, rules and day. One entity in three comes back over several days.
    """
    draw = random.Random(11)  # noqa: S311 - the same alerts on every run
    _registers(store)
    _detection(store, rules, draw, now=now)
    some_alerts: list[str] = []
    some_cases: list[str] = []
    alerts = opened = number_cases = 0
    rows = _chains(draw, rules, number, now=now)
    while chunk := list(islice(rows, _CHUNK // ALERTS_A_CASE)):
        log = [
            {"case_id": case["id"], "at": case["taken"], "actor": "analyst", "act": "status", "before": "new",
             "after": case["status"], "comment": ""}
            for case, _ in chunk if case["taken"]
        ]  # fmt: skip
        found = [alert for _, chain in chunk for alert in chain]
        with store.catalogue.write() as tx:
            tx.execute(tables.cases.insert(), [case for case, _ in chunk])
            tx.execute(tables.alerts.insert(), found)
            if log:
                tx.execute(tables.case_log.insert(), log)
        alerts += len(found)
        number_cases += len(chunk)
        opened += sum(case["status"] in q.OPEN for case, _ in chunk)
        some_alerts.append(draw.choice(found)["id"])
        some_cases += [draw.choice(chunk)[0]["id"], *(c["id"] for c, _ in chunk[:20] if c["status"] in q.OPEN)]
    return Filled(now, alerts, number_cases, opened, rules, some_alerts, some_cases)


def _chains(
    draw: random.Random, rules: Sequence[str], number: int, *, now: int
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Cases with their alerts, the oldest first."""
    first_day = time.day_of(now) - timedelta(days=DAYS - 1)
    written, n = 0, 0
    while written < number:
        days = min(number - written, draw.choice((1, 1, 1, 2, 3, 7, 13)))
        day = first_day + timedelta(days=int((DAYS - days) * written / number))
        yield _chain(draw, rules, n, day, days, now=now)
        written, n = written + days, n + 1


def _chain(
    draw: random.Random, rules: Sequence[str], n: int, day: date, days: int, *, now: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    rule, tenant = rules[min(int(draw.expovariate(4) * len(rules)), len(rules) - 1)], draw.choice(BODIES)
    address = f"10.{draw.randrange(64)}.{n >> 8 & 255}.{n & 255}"
    entity, case_id = json.dumps([address]), f"K-{day:%y%m}-{n:06d}"
    severity = draw.choices(q.SEVERITIES, (1, 6, 20, 40, 33))[0]
    verdict = draw.choices((*q.VERDICTS, ""), (10, 4, 80, 6))[0]
    alerts = []
    for at in range(days):
        start = time.day_start(day + timedelta(days=at))
        seen = min(start + draw.randrange(time.DAY_US - 1), now - 1)
        facts: dict[str, Any] = {
            "attempts": draw.randrange(20, 5000), "dst_count": draw.randrange(1, 900), "src_ip": address,
            "dst_ports": [445, 139], "devices": [f"fw-{tenant}"], "src_zones": ["LGC"], "dst_zones": ["LGWAN"],
            "first_seen": start, "last_seen": seen,
        }  # fmt: skip
        key = json.dumps([rule, tenant, entity, str(day + timedelta(days=at)), False])
        alerts.append({
            "id": hashlib.sha256(key.encode()).hexdigest(), "rule": rule, "tenant": tenant, "entity_type": "address",
            "entity": entity, "day": str(day + timedelta(days=at)), "candidate": False,
            "state": "retracted" if draw.random() < 0.01 else "live", "reason": "", "severity": severity,
            "verdict": verdict, "count": facts["attempts"], "carried": 0, "first_seen": min(start, seen),
            "last_seen": seen, "facts": json.dumps(facts), "fingerprint": "f" * 64, "revision": 1, "seq": 1,
            "created": seen, "revised": seen, "received": seen, "case_id": case_id,
        })  # fmt: skip
    last = alerts[-1]["last_seen"]
    fresh = last > now - FRESH_DAYS * time.DAY_US
    going = draw.random() < (_OPEN_SHARE if fresh else 0.002)
    status = draw.choice(q.OPEN if fresh else ("watching", "incident")) if going else draw.choice(_SETTLED)
    opened = alerts[0]["created"]
    until = now + time.DAY_US if status == "watching" else None
    case = {
        "id": case_id, "rule": rule, "tenant": tenant, "entity": entity, "entity_type": "address", "status": status,
        "reason": "benign" if status == "dismissed" else "", "until": until,
        "assignee": "" if status == "new" else draw.choice(("sato", "suzuki")), "severity": severity,
        "verdict": verdict, "continuity": "new" if days == 1 else "continuing",
        "count": sum(alert["count"] for alert in alerts), "first_day": alerts[0]["day"], "last_day": alerts[-1]["day"],
        "first_seen": alerts[0]["first_seen"], "last_seen": last, "opened": opened,
        "due": opened + time.HOUR_US if severity in ("critical", "high") else None,
        "taken": None if status == "new" else opened + time.HOUR_US // 4,
        "notified": None if status in q.OPEN else opened + time.HOUR_US // 2, "triaged": "{}", "version": 1,
        "joined_into": "",
    }  # fmt: skip
    return case, alerts


def _registers(store: Store) -> None:
    store.register("tenants", [
        Entry("tenants", one, one, {"code": one, "name": f"第{n}市", "body": "municipality"})
        for n, one in enumerate(BODIES, 1)
    ], "bench")  # fmt: skip
    formats = {
        "lgwan_firewall": "fortinet_fortigate",
        "proxy": "squid",
        "mail": "postfix",
        "dns": "bind",
        "web": "apache",
    }
    store.register("sources", [
        Entry("sources", one, f"{kind}-{one}", {
            "id": f"{kind}-{one}", "kind": kind, "format": formats[kind], "timezone": "Asia/Tokyo", "body_by": "fixed",
            "devices": [f"{kind}-{one}"],
        }) for one in BODIES for kind in WATCHED_KINDS
    ], "bench")  # fmt: skip


def _detection(store: Store, rules: Sequence[str], draw: random.Random, *, now: int) -> None:
    """Denied rows by hour, and cells that have seen everything."""
    last = time.hour_of(now)
    hours = range(last - 24 * COUNTED_DAYS + 1, last + 1)
    with store.catalogue.write() as tx:
        for hour in hours:
            tx.execute(tables.counts.insert(), [
                {"hour": hour, "tenant": one, "dst_zone": "LGWAN", "bin": where, "name": "", "rows": number,
                 "events": number}
                for one in BODIES for where in ("alert", "stray", "none") for number in [draw.randrange(4000)]
            ])  # fmt: skip
            tx.execute(tables.cells.insert(), [
                {"producer": rule, "hour": hour, "candidate": False, "mark": 1, "fingerprint": "f" * 64,
                 "state": "done", "versions": "{}", "evaluated": now} for rule in rules
            ])  # fmt: skip
        tx.execute(tables.runs.insert(), {
            "started": now - 60_000_000, "ended": now, "seq": 1, "cells": len(rules), "alerts": 0, "error": "",
        })  # fmt: skip


# ------------------------------------------------------------------------------------------------------- the questions

Ask = Callable[[int], str]
"""The path of the nth asking; each asks for something else."""


def questions(filled: Filled) -> dict[str, Ask]:
    """What is asked of the API, by name."""
    rules, some, cases, now = filled.rules, filled.some_alerts, filled.some_cases, filled.now

    def body(n: int) -> str:
        return BODIES[n * 7 % len(BODIES)]

    def rule(n: int) -> str:
        return rules[n * 3 % len(rules)]

    def day(n: int) -> str:
        return str(time.day_of(now) - timedelta(days=n * 5 % DAYS))

    def instant(ago: int) -> str:
        return quote(time.iso(now - ago * time.HOUR_US))

    return {
        "alerts": lambda n: f"/v1/alerts?limit={50 + n % 3}",
        "alerts, counted": lambda n: f"/v1/alerts?total=true&limit={50 + n % 3}",
        "alerts of a body": lambda n: f"/v1/alerts?tenant={body(n)}",
        "alerts of a body, counted": lambda n: f"/v1/alerts?total=true&tenant={body(n)}",
        "alerts of a rule": lambda n: f"/v1/alerts?rule={rule(n)}",
        "alerts of a rule, counted": lambda n: f"/v1/alerts?total=true&rule={rule(n)}",
        "alerts of a body and rule": lambda n: f"/v1/alerts?tenant={body(n)}&rule={rule(n)}",
        "alerts of a severity": lambda n: f"/v1/alerts?severity={q.SEVERITIES[n % 5]}",
        "alerts that were let through": lambda n: f"/v1/alerts?verdict=allow&tenant={body(n)}",
        "alerts of open cases": lambda n: f"/v1/alerts?case_status={q.OPEN[n % 3]}",
        "alerts of a day": lambda n: f"/v1/alerts?day_from={day(n)}&day_to={day(n)}",
        "alerts of a week, counted": lambda n: f"/v1/alerts?total=true&day_from={day(n + 2)}&day_to={day(n)}",
        "alerts of addresses": lambda n: f"/v1/alerts?entity=10.{n % 64}.{n * 5 % 250}.",
        "alerts by severity": lambda n: f"/v1/alerts?sort=severity&tenant={body(n)}",
        "alerts by change": lambda n: f"/v1/alerts?sort=revised&rule={rule(n)}",
        "alerts that were taken back": lambda n: f"/v1/alerts?state=retracted&tenant={body(n)}",
        "one alert": lambda n: f"/v1/alerts/{some[n % len(some)]}",
        "the queue": lambda n: f"/v1/queue?limit={50 + n % 3}",
        "the queue, ungrouped": lambda n: f"/v1/queue?group=false&limit={50 + n % 3}",
        "the queue by severity": lambda n: f"/v1/queue?sort=severity&limit={50 + n % 3}",
        "the queue of a body": lambda n: f"/v1/queue?tenant={body(n)}",
        "the queue, late": lambda n: f"/v1/queue?overdue=true&limit={50 + n % 3}",
        "the queue, searched": lambda n: f"/v1/queue?text=10.{n % 64}.",
        "cases": lambda n: f"/v1/cases?limit={50 + n % 3}",
        "cases, counted": lambda n: f"/v1/cases?total=true&status=new&status=evaluating&limit={50 + n % 3}",
        "cases of a body": lambda n: f"/v1/cases?tenant={body(n)}",
        "cases settled of a day": lambda n: f"/v1/cases?status=closed&since={instant(24)}&limit={50 + n % 3}",
        "one case": lambda n: f"/v1/cases/{cases[n * 11 % len(cases)]}",
        "bodies": lambda n: "/v1/bodies",
        "sources": lambda n: "/v1/sources",
        "feeds": lambda n: "/v1/feeds",
        "denied rows of a day": lambda n: "/v1/denied?dst_zone=LGWAN",
        "denied rows of a month": lambda n: f"/v1/denied?since={instant(24 * 30 - n % 9)}",
        "coverage": lambda n: "/v1/coverage",
        "status": lambda n: "/v1/status",
        "deliveries": lambda n: "/v1/deliveries",
        "rules": lambda n: "/v1/rules",
    }


def pages(filled: Filled) -> dict[str, Ask]:
    """The pages that people open, by name."""
    cases = filled.some_cases
    return {
        "page: 県全体": lambda n: "/overview",
        "page: 案件": lambda n: "/cases",
        "page: 案件詳細": lambda n: f"/cases/{cases[n * 11 % len(cases)]}",
    }


# -------------------------------------------------------------------------------------------------------------- asking


@dataclass(frozen=True, slots=True)
class Answered:
    """What one question took: milliseconds of each asking, by the clock and of the server's processor time."""

    name: str
    page: bool
    clock: tuple[float, ...]
    cpu: tuple[float, ...]
    """Empty where the system doesn't tell."""
    bytes: int


def within(each: Sequence[float], share: float) -> float | None:
    """The milliseconds within which that share of some askings was answered; None of none."""
    return sorted(each)[max(0, ceil(len(each) * share) - 1)] if each else None


def ask(home: Path, filled: Filled, times: int) -> Iterator[Answered]:
    """Asks every question `times` times, after once to warm up, and yields it with what it took.

    Raises:
        HinomiError: The server did not start, or an answer was not 200.
    """
    with Store.open(home) as store, _served(home) as (address, process):
        connection = http.client.HTTPConnection(address, timeout=120)
        for asked, is_page in ((questions(filled), False), (pages(filled), True)):
            for name, path in asked.items():
                yield _asked(connection, _headers(store, filled.now, is_page), process, name, path, times, is_page)
        connection.close()


def _headers(store: Store, now: int, page: bool) -> Mapping[str, str]:
    """A key of its own for each question, so that none meets the limit of requests of a key."""
    text = keys.create(store, name="bench", role="analyst", tenants=(), now=now)
    if not page:
        return {"Authorization": f"Bearer {text}"}
    reader = keys.authenticate(store, text, now=now)
    if reader is None:
        raise HinomiError("bench: the key that was just made is not known")
    return {"Cookie": f"hinomi_session={keys.log_in(store, reader, now=now)}"}


def _asked(
    connection: http.client.HTTPConnection, headers: Mapping[str, str], process: int, name: str, path: Ask, times: int,
    page: bool,
) -> Answered:  # fmt: skip
    clock, cpu, size = [], [], 0
    for n in range(times + 1):
        before, start = _cpu(process), perf_counter()
        connection.request("GET", path(n), headers=dict(headers))
        answer = connection.getresponse()
        body = answer.read()
        clock.append((perf_counter() - start) * 1000)
        cpu.append(_cpu(process) - before)
        if answer.status != 200:
            raise HinomiError(
                f"bench: {path(n)} was answered with {answer.status}: {body[:200].decode(errors='replace')}"
            )
        size = max(size, len(body))
    return Answered(name, page, tuple(clock[1:]), tuple(cpu[1:]) if any(cpu) else (), size)


def _cpu(process: int) -> float:
    """Milliseconds of processor time of all threads of a process; 0 where the system doesn't tell (Linux does)."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text("ascii").split()[0]) for thread in threads) / 1e6


@contextmanager
def _served(home: Path) -> Iterator[tuple[str, int]]:
    """`hinomi serve` over a data directory: its address, and the number of its process."""
    command = [sys.executable, "-P", "-c", "from cli.main import run; raise SystemExit(run(['serve', '--port', '0']))"]
    environment = dict(os.environ) | {"HINOMI_HOME": str(home)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)  # noqa: S603 - our own
    try:
        said = process.stdout.readline().strip() if process.stdout else ""
        if not said:
            raise HinomiError("bench: the server did not start; what it said stands above")
        yield said.removeprefix("http://").rstrip("/"), process.pid
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()
