"""The noise of a deny feed that never leaves a segment: broadcasts, multicasts, IPv6 link-local, talk to the firewall.

Classes N01–N42 and shares: the catalogue of ordinary noise in a municipal LGWAN firewall's deny feed. Every class
is one row of a table here: how often a terminal and a server do it, with which ports, to whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator import office
from simulator.packets import (
    EVENT,
    LGC,
    LGW,
    LIMITED,
    LOCAL,
    NOWHERE,
    ROOT,
    SIDE,
    V6_GROUP,
    V6_HOST,
    Flows,
    ephemeral,
    flows,
    joined,
    tries,
)  # fmt: skip
from simulator.prefecture import LGWAN, Addresses, Body, ip

CLASSES = {
    "N01": "NetBIOS名前解決",
    "N02": "NetBIOSブラウザ",
    "N03": "旧ドライブ割当(SMB)",
    "N04": "LLMNR",
    "N05": "mDNS",
    "N06": "SSDP",
    "N07": "WS-Discovery",
    "N08": "DHCP",
    "N09": "NTP 機器既定",
    "N10": "NTP LGWAN 許可漏れ",
    "N11": "DNS ルートヒント",
    "N12": "他領域の DNS",
    "N13": "接続確認(NCSI)",
    "N14": "OS・Office の自動通信",
    "N15": "Windows Update 直接",
    "N16": "更新・管理の他領域参照",
    "N17": "証明書確認",
    "N18": "ブラウザ更新・プッシュ",
    "N19": "プリンタ探索",
    "N20": "複合機の遠隔保守",
    "N21": "ICMP",
    "N22": "終わったTCPの遅れ",
    "N23": "遅れたUDP応答",
    "N24": "IPv6 リンクローカル",
    "N25": "DHCPv6",
    "N26": "Teredo",
    "N27": "IGMP・VRRP",
    "N28": "ライセンス探索",
    "N29": "認証サーバの他領域参照",
    "N30": "監視の取得",
    "N31": "ファイアウォール宛て",
    "N42": "LGWAN-ASP 未登録",
}
"""Code of the noise catalogue → what it is."""
LABELS = {name: i + 1 for i, name in enumerate(CLASSES)}
"""Class → the number by which rows carry it (0: ordinary traffic that no truth row counts)."""
FIRST_CASE = 1000
"""Labels of planted cases begin here."""
AGGREGATED = frozenset("N03 N09 N10 N11 N12 N13 N14 N15 N16 N17 N18 N19 N20 N26 N29 N42".split())
"""Classes of which a body gets one low case a day; the others are counted only."""

SUBNET = -1
"""Destination: the broadcast address of the sender's /24."""


@dataclass(frozen=True)
class Today:
    """A body on one JST day: which terminals are on and since when. Times in µs since JST midnight."""

    body: Body
    day: date
    working: bool
    on: dict[str, Addresses]
    since: dict[str, office.Times]
    rng: np.random.Generator

    @property
    def monday(self) -> bool:
        return self.day.weekday() == 0

    def spread(self, zone: str, mean: float, rate: float = 1.0) -> tuple[Addresses, office.Times]:
        """Events of terminals that are on: `mean` a terminal, after they were switched on."""
        pool = self.on[zone]
        counts = self.rng.poisson(mean * rate, len(pool))
        src, since = np.repeat(pool, counts), np.repeat(self.since[zone], counts)
        t = office.sample(self.rng, len(src), "pc" if self.working else "duty", monday=self.monday)
        late = since + self.rng.integers(10_000_000, 900_000_000, len(src))
        return src, np.maximum(t, late)

    def steady(self, pool: Addresses, mean: float, rate: float = 1.0) -> tuple[Addresses, office.Times]:
        """Events of machines that are always on: `mean` a machine."""
        src = np.repeat(pool, self.rng.poisson(mean * rate, len(pool)))
        return src, office.sample(self.rng, len(src), "server")

    def regular(self, address: int, seconds: float, rate: float = 1.0) -> tuple[Addresses, office.Times]:
        """One machine that polls every so many seconds, with a little jitter."""
        count = max(1, int(86_400 / seconds * rate))
        t = (np.arange(count) + self.rng.random()) * (office.DAY / count)
        t += self.rng.normal(0, 200_000, count)
        return np.full(count, address, np.int64), np.clip(t, 0, office.DAY - 1).astype(np.int64)


def today(body: Body, day: date, rng: np.random.Generator) -> Today:
    """Who is at work in a body on that day."""
    open_ = office.is_office_day(day)
    on, since = {}, {}
    for zone in ("LGC", "MNU", "INC"):
        pool = body.terminals(zone)
        on[zone] = np.sort(pool[rng.random(len(pool)) < (0.88 if open_ else 0.05)])
        since[zone] = office.boots(rng, len(on[zone]), office=open_)
    return Today(body, day, open_, on, since, rng)


_LOCALS: tuple[tuple[str, float, float, int, int, int, int, tuple[int, ...]], ...] = (
    # class, events a terminal, events a server, protocol, source port (0: any), port, destination, repeats (ms)
    ("N01", 4.2, 24.0, 17, 137, 137, SUBNET, (750, 1500)),
    ("N02", 4.0, 48.0, 17, 138, 138, SUBNET, ()),
    ("N04", 0.6, 1.5, 17, 0, 5355, ip("224.0.0.252"), (410,)),
    ("N05", 0.5, 1.0, 17, 5353, 5353, ip("224.0.0.251"), (1000,)),
    ("N06", 0.4, 1.0, 17, 0, 1900, ip("239.255.255.250"), (1000, 2000, 3000)),
    ("N07", 0.35, 1.0, 17, 0, 3702, ip("239.255.255.250"), (200, 700)),
    ("N08", 0.5, 0.0, 17, 68, 67, LIMITED, (4000,)),
    ("N19", 0.6, 0.2, 17, 0, 161, SUBNET, (1000,)),
    ("N19", 0.5, 0.0, 17, 8612, 8612, SUBNET, (1000,)),
    ("N28", 0.7, 0.6, 17, 0, 1947, SUBNET, (1000,)),
    ("N04", 0.4, 0.5, 17, 0, 5355, V6_GROUP + 4, (410,)),
    ("N24", 0.6, 2.0, 58, 143, 0, V6_GROUP + 2, (500,)),
    ("N24", 0.4, 0.2, 58, 133, 0, V6_GROUP + 1, (4000,)),
    ("N24", 0.3, 1.0, 58, 135, 0, V6_GROUP + 6, ()),
    ("N25", 0.4, 0.5, 17, 546, 547, V6_GROUP + 3, (1000, 3000)),
)  # fmt: skip


def local(now: Today, midnight: int, rate: float) -> Flows:
    """N01–N08, N19, N24, N25, N28: what terminals shout into their segment, as far as the firewall hears it.

    Behind an L3 switch only the servers' segment is heard.
    """
    body, parts = now.body, []
    for name, terminals, servers, proto, sport, dport, target, repeats in _LOCALS:
        heard: list[tuple[tuple[Addresses, office.Times], int]] = []
        if servers:
            heard.append((now.steady(body.servers, servers * (2.4 if body.switch else 0.5), rate), LGC))
        if not body.switch:
            heard += [(now.spread(zone, terminals, rate), SIDE[zone]) for zone in ("LGC", "MNU") if terminals]
        for (src, t), inn in heard:
            n = len(src)
            six = target >= V6_GROUP
            dst = np.full(n, target, np.int64) if target != SUBNET else src | 255
            mac = 0x02 << 40 | (body.index + 1) << 32 | src
            port = sport or (ephemeral(now.rng, n) if proto == 17 else 0)
            row = flows(
                n, t=t + midnight, src=src + V6_HOST if six else src, dst=dst, mac=mac, sport=port, dport=dport,
                proto=proto, form=LOCAL, inn=inn, out=ROOT if six else NOWHERE, label=LABELS[name],
            )  # fmt: skip
            if name == "N08":
                row["src"] = 0
            parts.append(tries(now.rng, row, [ms * 1000 for ms in repeats]))
    return joined(parts)


def firewall(now: Today, midnight: int, rate: float) -> Flows:
    """N27, N31 and the device's own events: the monitor asks it by SNMP, LGWAN's router pings it, somebody logs in."""
    body, rng = now.body, now.rng
    parts = []
    src, t = now.regular(body.server("LGC", 50), 900, rate)
    parts.append(
        flows(len(t), t=t + midnight, src=src, dst=body.firewall, sport=ephemeral(rng, len(t)), dport=161, proto=17,
              form=LOCAL, inn=LGC, out=ROOT, label=LABELS["N31"])
    )  # fmt: skip
    src, t = now.regular(LGWAN + 1, 1800, rate)
    parts.append(
        flows(len(t), t=t + midnight, src=src, dst=LGWAN + 2, sport=8, proto=1, form=LOCAL, inn=LGW, out=ROOT,
              label=LABELS["N31"])
    )  # fmt: skip
    if body.switch and not body.yamaha:
        src, t = now.regular(body.server("LGC", 2), 250, rate)
        parts.append(
            flows(len(t), t=t + midnight, src=src, dst=ip("224.0.0.1"), proto=2, form=LOCAL, inn=LGC, out=ROOT,
                  mac=body.switch_mac, label=LABELS["N27"])
        )  # fmt: skip
    if now.working:
        t = midnight + 9 * office.HOUR + rng.integers(0, 7 * office.HOUR, 2)
        parts.append(flows(2, t=t, form=EVENT, app=0))
        parts.append(flows(2, t=t + 612_000_000, form=EVENT, app=1))
    return joined(parts)
