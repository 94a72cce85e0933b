"""見本県: a prefecture in a store, as a busy afternoon would leave it. Names, addresses and numbers are invented.

Everything stands where the program itself would have put it: registers and raw lines through the store, the rest as
rows of the catalogue. Times count back from `now`.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

import polars as pl

from core import municipalities, time
from core.columns import EventClass
from core.registers import Entry
from store import Store
from store import tables as t
from tests.dashboards.rulebook import RULES

SECOND, MINUTE, HOUR, DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
PREFECTURE = municipalities.code("47000")
NAMES = ("青葉市", "桜丘市", "東浜市", "川上町", "若葉町", "松原町", "白波町", "緑野町", "北山村", "星見村")
PREFIXES = ("AOB", "SKR", "HGH", "KWK", "WKB", "MTB", "SRN", "MDN", "KTY", "HSM")
BODIES = {name: municipalities.code(f"47{901 + index}") for index, name in enumerate(NAMES)}
KINDS = ("lgwan_firewall", "proxy", "mail", "dns", "web")
SHORT = {"lgwan_firewall": "lgfw", "proxy": "proxy", "mail": "mail", "dns": "dns", "web": "web"}
FORMATS = {
    "lgwan_firewall": "fortinet_fortigate",
    "proxy": "squid",
    "mail": "postfix",
    "dns": "bind",
    "web": "apache",
}
AGO: dict[str, Sequence[int | None]] = {
    "青葉市": (3, 1, 12, 2, 4),
    "桜丘市": (5, 2, 31, 6, 9),
    "東浜市": (8, 2, 70, 4, 15),
    "川上町": (14, 6, 130, 21, 48),
    "若葉町": (22, 9, 190, 35, 75),
    "松原町": (19, 7, 0, 18, 130),
    "白波町": (41, 2520, 250, 52, 63),
    "緑野町": (18720, 11, 130, 65, 190),
    "北山村": (65, 24, 560, 190, None),
    "星見村": (130, 38, 850, None, None),
}
"""Seconds since the newest line of each kind; None: not registered, 0: registered, but nothing came yet."""


def source_id(body: str, kind: str) -> str:
    """Id of a body's feed."""
    return f"{PREFIXES[NAMES.index(body)].lower()}-{SHORT[kind]}"


def registers(store: Store, now: int) -> None:
    """Bodies, feeds, networks, and the terminals of those few that have a register."""
    store.register(
        "tenants",
        [
            Entry("tenants", PREFECTURE, PREFECTURE, {"code": PREFECTURE, "name": "見本県", "body": "prefecture"}),
            *(
                Entry(
                    "tenants",
                    code,
                    code,
                    {
                        "code": code,
                        "name": name,
                        "body": "municipality",
                        "model": "alpha",
                        "contact": "総務課 電算係 000-0000-0101",
                    },
                )
                for name, code in BODIES.items()
            ),
        ],
        "test",
    )
    feeds = []
    for body, ages in AGO.items():
        for kind, ago in zip(KINDS, ages, strict=True):
            if ago is None:
                continue
            name = source_id(body, kind)
            feeds.append(
                Entry(
                    "sources",
                    BODIES[body],
                    name,
                    {
                        "id": name,
                        "kind": kind,
                        "format": FORMATS[kind],
                        "timezone": "Asia/Tokyo",
                        "encoding": "utf-8",
                        "title": f"{body} {kind}",
                        "transport": "syslog",
                        "devices": [f"{PREFIXES[NAMES.index(body)]}-{SHORT[kind].upper()}-01"],
                        "deny_only": kind == "lgwan_firewall" and body not in ("青葉市", "桜丘市"),
                        "body_by": "fixed",
                    },
                )
            )
    store.register("sources", feeds, "test")
    store.register(
        "zones",
        [
            Entry(
                "zones",
                code,
                f"10.{20 + index}.{third}.0/24",
                {
                    "prefix": f"10.{20 + index}.{third}.0/24",
                    "zone": zone,
                    "name": where,
                },
            )
            for index, code in enumerate(BODIES.values())
            for third, zone, where in (
                (12, "LGC", "総務課 2階"),
                (30, "LGC", "建設課"),
                (64, "MNU", "住民課"),
                (80, "INC", "庁内インターネット"),
            )
        ],
        "test",
    )
    store.register(
        "assets",
        [
            Entry(
                "assets",
                BODIES[body],
                f"{address}/32|{mac}",
                {
                    "address": f"{address}/32",
                    "mac": mac,
                    "name": name,
                    "section": section,
                    "room": room,
                    "kind": "pc",
                    "criticality": "normal",
                    "contact": "総務課 電算係",
                },
            )
            for body, address, mac, name, section, room in TERMINALS
        ],
        "test",
    )


TERMINALS = (
    ("川上町", "10.23.12.57", "00:00:5e:00:53:1c", "KWK-SOMU-014", "総務課", "本庁舎2階 窓側"),
    ("川上町", "10.23.12.58", "00:00:5e:00:53:1d", "KWK-SOMU-015", "総務課", "本庁舎2階"),
    ("青葉市", "10.20.12.31", "00:00:5e:00:53:31", "AOB-KIKAKU-031", "企画課", "本庁舎3階"),
    ("白波町", "10.26.30.7", "00:00:5e:00:53:07", "SRN-KENSETSU-007", "建設課", "分庁舎"),
    ("若葉町", "10.24.12.21", "00:00:5e:00:53:21", "WKB-SOMU-021", "総務課", "本庁舎1階"),
)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def arrivals(store: Store, now: int) -> None:
    """One delivery a feed, received when its last line came, with the counts of a day."""
    with store.catalogue.write() as tx:
        for body, ages in AGO.items():
            for kind, ago in zip(KINDS, ages, strict=True):
                if not ago:
                    continue
                source, received = source_id(body, kind), now - ago * SECOND
                seq = tx.seq("batch", actor=source, at=received)
                name = _digest(f"{source}{received}")
                lines = 900_000 + len(source) * 10_007 + ago * 13
                refused = 12 if source == "kwk-mail" else 0
                tx.execute(
                    t.deliveries.insert(),
                    {
                        "id": name[:32],
                        "source": source,
                        "name": "syslog",
                        "received": received,
                        "sha256_sent": name,
                        "sha256_content": name,
                        "bytes": lines * 200,
                        "skip_bytes": 0,
                        "state": "committed",
                        "torn": False,
                    },
                )
                tx.execute(
                    t.batches.insert(),
                    {
                        "seq": seq,
                        "delivery": name[:32],
                        "part": 0,
                        "source": source,
                        "received": received,
                        "content_from": 0,
                        "content_to": lines * 200,
                        "lines": lines,
                        "parsed": lines - refused,
                        "refused": refused,
                        "skipped": 0,
                        "rows": lines - refused,
                        "first_event": received - DAY,
                        "last_event": received,
                        "parser": "test 1",
                        "state": "{}",
                        "object": f"archive/{name}.zst",
                        "bytes": lines * 20,
                    },
                )


def hours(store: Store, now: int) -> None:
    """Denied rows towards LGWAN of eight days, evaluated cells of thirty, and a run that has just ended."""
    last = time.hour_of(now)
    random_ = random.Random(8)  # noqa: S311 - the same picture every time
    shape = (18, 16, 15, 14, 14, 14, 14, 22, 60, 82, 74, 68, 52, 76, 72, 66, 64, 42, 26, 20, 17, 16, 16, 17)
    noise = {"config": 74, "reply": 37, "local": 6, "self": 2, "health": 9, "none": 12}
    with store.catalogue.write() as tx:
        counts = []
        for hour in range(last - 8 * 24 + 1, last + 1):
            of_day = (hour + 9) % 24
            for index, code in enumerate(BODIES.values()):
                share = shape[of_day] * (10 - index * 0.8) / 10
                attack = share * 0.9
                if hour == last and index == 1:
                    attack = 4_821
                if hour == last - 12 and index == 2:
                    attack = 1_700
                bins = {name: share * weight / 9 for name, weight in noise.items()} | {"alert": attack}
                for name, rows in bins.items():
                    exact = int(rows * random_.uniform(0.92, 1.08)) if rows != 4_821 else 4_821
                    counts.append(
                        {
                            "hour": hour,
                            "tenant": code,
                            "dst_zone": "LGWAN",
                            "bin": name,
                            "name": "" if name in ("alert", "none") else name,
                            "rows": exact,
                            "events": exact,
                        }
                    )
        tx.execute(t.counts.insert(), counts)
        seq = tx.seq("alert", at=now - 2 * MINUTE)
        cells = [
            {
                "producer": rule,
                "hour": hour,
                "candidate": False,
                "mark": seq,
                "fingerprint": _digest(rule),
                "state": "done",
                "versions": "{}",
                "evaluated": now - 2 * MINUTE,
            }
            for hour in range(last - 27 * 24, last + 1)
            for rule in RULES
        ]
        tx.execute(t.cells.insert(), cells)
        tx.execute(
            t.runs.insert(),
            {
                "started": now - 2 * MINUTE - 9 * SECOND,
                "ended": now - 2 * MINUTE,
                "seq": seq,
                "cells": 10,
                "alerts": 3,
                "error": "",
            },
        )


KAWAKAMI = (
    (
        b'date={day} time={clock} devname="KWK-LGFW-01" type="traffic" subtype="forward" level="notice" vd="root" '
        b'srcip=10.23.12.57 srcport={port} srcintf="lgc" srcmac="00:00:5e:00:53:1c" dstip=198.51.100.{host} '
        b'dstport=445 dstintf="lgwan" proto=6 action="deny" policyid=0 service="SMB" sentbyte=0 rcvdbyte=0'
    ),
    (
        b'date={day} time={clock} devname="KWK-LGFW-01" type="traffic" subtype="forward" level="notice" vd="root" '
        b'srcip=10.23.12.57 srcname="KWK-SOMU-014\x1b[2J\x00\xe3\x81" srcport={port} srcintf="lgc" '
        b'dstip=198.51.100.{host} dstport=3389 dstintf="lgwan" proto=6 action="deny" policyid=0 service="RDP" sentbyte=0 rcvdbyte=0'
    ),
)


PLACE = tuple[int, int, int]
"""Batch, line in it, and time of the line (µs)."""
NOTHING = pl.DataFrame(schema={"line": pl.Int64, "offset": pl.Int64, "length": pl.Int64, "reason": pl.String})


def lines(store: Store, now: int) -> list[PLACE]:
    """Sixty raw lines of 川上町's firewall in the archive: the first five came after a quarter of an hour, the rest now."""
    made = []
    for number in range(60):
        at = now - 3 * HOUR + number * 170 * SECOND
        local = time.from_us(at).astimezone(time.JST)
        line = KAWAKAMI[1 if number == 31 else 0]
        for name, text in (
            ("day", f"{local:%Y-%m-%d}"), ("clock", f"{local:%H:%M:%S}"), ("port", str(51_700 + number * 7)), ("host", str(12 + number)),
        ):  # fmt: skip
            line = line.replace(f"{{{name}}}".encode(), text.encode())
        made.append((at, line))
    return [*_delivered(store, made[:5], now - 3 * HOUR + 15 * MINUTE), *_delivered(store, made[5:], now - 14 * SECOND)]


def _delivered(store: Store, made: Sequence[tuple[int, bytes]], received: int) -> list[PLACE]:
    content = b"".join(line + b"\n" for _, line in made)
    digest = hashlib.sha256(content).hexdigest()
    delivery = store.deliver("kwk-lgfw", "syslog", received, digest, digest, len(content))
    offsets = [0]
    for _, line in made:
        offsets.append(offsets[-1] + len(line) + 1)
    frame = pl.DataFrame({
        "line": range(1, len(made) + 1), "offset": offsets[:-1], "length": [len(line) for _, line in made],
        "tenant": [BODIES["川上町"]] * len(made), "source": ["kwk-lgfw"] * len(made),
        "event_time": pl.Series([at for at, _ in made]).cast(pl.Datetime("us")),
    })  # fmt: skip
    with store.batch(delivery) as batch:
        batch.add(content, {EventClass("network"): frame}, NOTHING)
        receipt = batch.commit(
            lines=len(made), parsed=len(made), refused=0, skipped=0, content_from=0, content_to=len(content),
            parser="fortinet_fortigate 1", state={},
        )  # fmt: skip
    store.finish(delivery)
    return [(receipt.seq, number, at) for number, (at, _) in enumerate(made, start=1)]
