"""The configuration: bodies, feeds, zones, terminals and 特定通信, in the import form of core.registers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from simulator import fortigate, yamaha
from simulator.packets import mac_text
from simulator.prefecture import LGWAN, OFFSET, PREFECTURE, PREFECTURE_CODE, SPARES, Body, dotted

SECTIONS = (
    ("SOMU", "総務課", "本庁舎2階"),
    ("KIKAKU", "企画課", "本庁舎2階"),
    ("ZEIMU", "税務課", "本庁舎1階"),
    ("JUMIN", "住民課", "本庁舎1階"),
    ("FUKUSHI", "福祉課", "本庁舎1階"),
    ("KENSETSU", "建設課", "本庁舎3階"),
    ("SANGYO", "産業課", "本庁舎3階"),
    ("SUIDO", "水道課", "分庁舎"),
    ("KYOIKU", "教育委員会", "分庁舎"),
    ("KAIKEI", "会計課", "本庁舎1階"),
    ("GIKAI", "議会事務局", "本庁舎4階"),
)
SPARE_SECTIONS = ("SOMU", "総務課", "本庁舎2階 窓側"), ("KENSETSU", "建設課", "本庁舎3階 奥")
REGISTERED_SPARES = SPARES - 2
"""The last two spare terminals of LGC stand in no register."""
_SERVER_NAMES = {
    10: ("DC", "ad;ntp"),
    20: ("WSUS", "update"),
    25: ("MAIL", "mail"),
    40: ("FILE", "file"),
    50: ("NMS", "monitor"),
    53: ("DNS", "dns"),
}
_HEADINGS = {
    "tenant": "団体コード",
    "address": "IPアドレス",
    "mac": "MACアドレス",
    "name": "端末名",
    "section": "課室",
    "room": "設置場所",
    "kind": "種別",
    "services": "サービス",
    "criticality": "重要度",
}


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(k, ensure_ascii=False)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _toml(kind: str, records: Iterable[Mapping[str, Any]]) -> str:
    parts = [f"# {PREFECTURE}(架空)。hinomi simulate が書きました。\n"]
    for record in records:
        parts.append(
            f"\n[[{kind}]]\n" + "".join(f"{k} = {_value(v)}\n" for k, v in record.items() if v not in ("", None))
        )
    return "".join(parts)


def _csv(records: Iterable[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(_HEADINGS), lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    writer.writerows(records)
    return text.getvalue()


def tenants(bodies: list[Body]) -> list[dict[str, Any]]:
    """The prefecture and its municipalities."""
    made: list[dict[str, Any]] = [
        {"code": PREFECTURE_CODE, "name": PREFECTURE, "body": "prefecture", "contact": "デジタル推進課 000-0000-0001"}
    ]
    for b in bodies:
        made.append({
            "code": b.code, "name": b.name, "body": "municipality", "model": "alpha_prime" if b.quiet else "alpha",
            "contact": f"{b.name} 総務課 電算係 000-0000-{101 + b.index:04d}",
        })  # fmt: skip
    return made


def sources(bodies: list[Body]) -> list[dict[str, Any]]:
    """An LGWAN firewall for each body, and the proxy, mail relay, DNS and web servers that all share."""
    made: list[dict[str, Any]] = []
    for b in bodies:
        maker = yamaha if b.yamaha else fortigate
        pair = [b.device, f"{b.device[:-1]}2"] if b.kind == 0 else [b.device]
        made.append({
            "id": b.source, "tenant": b.code, "kind": "lgwan_firewall",
            "format": "yamaha_rtx" if b.yamaha else "fortinet_fortigate", "timezone": "Asia/Tokyo", "encoding": "utf-8",
            "title": f"{b.name} LGWAN用FW", "transport": "syslog", "line": "IP-VPN" if b.yamaha else "情報ハイウェイ",
            "devices": pair, "deny_only": not b.permits, "interfaces": maker.INTERFACES, "body_by": "fixed",
        })  # fmt: skip
    common = {"tenant": PREFECTURE_CODE, "timezone": "Asia/Tokyo", "encoding": "utf-8", "transport": "syslog"}
    made += [
        {"id": "proxy", "kind": "proxy", "format": "squid", **common, "title": "プロキシ", "devices": ["proxy01"],
         "body_by": "address", "bodies": {f"{dotted(b.egress)}/28": b.code for b in bodies}},
        {"id": "mail", "kind": "mail", "format": "postfix", **common, "title": "メールリレー", "devices": ["relay01"],
         "body_by": "mail_domain", "bodies": {b.domain: b.code for b in bodies}},
        {"id": "dns", "kind": "dns", "format": "bind", **common, "title": "外部DNS", "devices": ["ns1"],
         "body_by": "dns_zone", "bodies": {b.domain: b.code for b in bodies}},
        {"id": "web", "kind": "web", "format": "apache", **common, "title": "公開Web", "devices": ["web01"],
         "body_by": "vhost", "bodies": {b.vhost: b.code for b in bodies}},
    ]  # fmt: skip
    return made


def zones(bodies: list[Body]) -> list[dict[str, Any]]:
    """Address ranges of the three layers and of LGWAN; nothing for a body that registered its interfaces only."""
    made = [{"tenant": PREFECTURE_CODE, "prefix": "192.0.2.0/24", "zone": "SECC", "name": "セキュリティクラウド DMZ"}]
    for b in (b for b in bodies if b.prefixes):
        for zone, first in OFFSET.items():
            start = b.base + first
            made.append({"tenant": b.code, "prefix": f"{dotted(start)}/19", "zone": zone, "name": f"{zone} 全体"})
            floors = sorted({int(a) >> 8 for a in b.terminals(zone)})
            named = [(start + (1 << 8), "サーバ"), (start + (2 << 8), "プリンタ・複合機")]
            named += [(f << 8, f"執務室 {i}") for i, f in enumerate(floors, 1)]
            made += [{"tenant": b.code, "prefix": f"{dotted(a)}/24", "zone": zone, "name": n} for a, n in named]
        made.append(
            {
                "tenant": b.code,
                "prefix": f"{dotted(LGWAN)}/24",
                "zone": "LGWAN",
                "name": "LGWAN(参加団体から見える範囲)",
            }
        )
        made.append({"tenant": b.code, "prefix": f"{dotted(b.egress)}/28", "zone": "INC", "name": "中間プライベートIP"})
    return made


def assets(body: Body) -> list[dict[str, str]]:
    """The register of terminals: everything that ordinarily speaks, and the spares but the last two of LGC."""
    made: list[dict[str, str]] = []

    def add(
        address: int, name: str, section: str, room: str, kind: str, services: str = "", level: str = "normal"
    ) -> None:
        made.append(
            {
                "tenant": body.code,
                "address": dotted(address),
                "mac": mac_text(body.mac(address)),
                "name": f"{body.mark}-{name}",
                "section": section,
                "room": room,
                "kind": kind,
                "services": services,
                "criticality": level,
            }
        )

    for zone in OFFSET:
        word = "" if zone == "LGC" else f"{zone}-"
        for last in (
            (10, 20, 25, 40, 50, 53)
            if zone == "LGC"
            else (10, 20, 25, 40, 53, 30, 31, 32, 33)
            if zone == "INC"
            else (10, 40)
        ):
            name, services = _SERVER_NAMES.get(last, (f"VDI{last}", "vdi"))
            add(body.server(zone, last), f"{word}{name}", "総務課", "サーバ室", "monitor" if last == 50 else "server",
                "" if last == 50 else services, "high")  # fmt: skip
        pool = body.terminals(zone)
        for i, address in enumerate(pool.tolist()):
            mark, section, room = SECTIONS[i * len(SECTIONS) // len(pool)]
            add(address, f"{word}{mark}-{i + 1:03d}", section, room, "pc", level="high" if zone == "MNU" else "normal")
        for i in range(REGISTERED_SPARES if zone == "LGC" else SPARES):
            mark, section, room = SPARE_SECTIONS[i % 2]
            add(
                body.spare(zone, i),
                f"{word}{mark}-{801 + i}",
                section,
                room,
                "pc",
                level="high" if zone == "MNU" else "normal",
            )
    for i, address in enumerate(body.servers.tolist()[6:]):
        add(address, f"SV-{i + 1:02d}", "総務課", "サーバ室", "server")
    for i, address in enumerate(body.printers.tolist()):
        add(address, f"MFP-{i + 1:02d}", "総務課", "各階", "printer")
    add(body.server("LGC", 2), "L3SW", "総務課", "サーバ室", "router")
    return made


def flows(bodies: list[Body], start: date) -> list[dict[str, Any]]:
    """特定通信 in force since the first of April, and one that ended the day before."""
    year = start.year - (start.month < 4)
    made: list[dict[str, Any]] = []
    for b in bodies:
        if b.kind in (8, 9):
            continue
        count = 0

        def add(src_zone: str, src: str, dst_zone: str, dst: str, protocol: str, ports: str, peer: str, line: str, *,
                mac: str = "", to: str = "", year: int = year, b: Body = b) -> None:  # fmt: skip
            nonlocal count
            count += 1
            made.append({
                "tenant": b.code, "id": f"{b.mark}-T{count:02d}", "src_zone": src_zone, "src": src, "src_mac": mac,
                "dst_zone": dst_zone, "dst": dst, "protocol": protocol, "ports": ports, "peer": peer, "line": line,
                "valid_from": f"{year}-04-01T00:00:00+09:00", "valid_to": to, "approver": "総務課長",
                "second_approver": "副市町村長", "document": f"特定通信登録票 {b.mark}-{count:02d}",
            })  # fmt: skip

        lgc = f"{dotted(b.base)}/19"
        add("LGC", lgc, "LGWAN", "198.51.100.30/31", "tcp", "443", "LGWAN-ASP(財務・電子申請)", "LGWAN")
        add("LGC", f"{dotted(b.server('LGC', 53))}/32", "LGWAN", "198.51.100.53/32", "udp", "53", "LGWAN DNS", "LGWAN")
        add(
            "LGC", f"{dotted(b.server('LGC', 10))}/32", "LGWAN", "198.51.100.123/32", "udp", "123", "LGWAN NTP", "LGWAN"
        )
        add(
            "LGC", f"{dotted(b.server('LGC', 25))}/32", "LGWAN", "198.51.100.25/32", "tcp", "25", "LGWANメール", "LGWAN"
        )
        add(
            "LGC",
            f"{dotted(b.server('LGC', 20))}/32",
            "LGWAN",
            "198.51.100.60/32",
            "tcp",
            "80,443",
            "更新 LGWAN-ASP",
            "LGWAN",
        )
        add("LGC", lgc, "INC", f"{dotted(b.server('INC', 30))}/31", "tcp", "4172,443", "仮想デスクトップ", "庁内")
        add("LGC", lgc, "INC", f"{dotted(b.server('INC', 32))}/31", "tcp", "4172,443", "仮想デスクトップ", "庁内")
        add(
            "INC",
            f"{dotted(b.server('INC', 25))}/32",
            "LGC",
            f"{dotted(b.server('LGC', 25))}/32",
            "tcp",
            "25",
            "無害化メール",
            "庁内",
        )
        few = [int(a) for a in b.terminals("MNU")[:5]] + [b.spare("MNU", n) for n in (2, 3)]
        for a in few:
            add(
                "MNU",
                f"{dotted(a)}/32",
                "LGWAN",
                "198.51.100.40/32",
                "tcp",
                "443",
                "コンビニ交付",
                "LGWAN",
                mac=mac_text(b.mac(a)),
            )
        add(
            "MNU",
            f"{dotted(b.spare('MNU', 4))}/32",
            "LGWAN",
            "198.51.100.41/32",
            "tcp",
            "443",
            "中間サーバー(旧)",
            "LGWAN",
            to=f"{year}-04-01T00:00:00+09:00",
            year=year - 1,
        )
    return made


def write(out: Path, bodies: list[Body], start: date) -> list[Path]:
    """Write config/*.toml and assets*.csv below `out`; returns the files."""
    folder = out / "config"
    folder.mkdir(parents=True, exist_ok=True)
    with_register = [b for b in bodies if b.register]
    texts = {
        "tenants.toml": _toml("tenants", tenants(bodies)),
        "sources.toml": _toml("sources", sources(bodies)),
        "zones.toml": _toml("zones", zones(bodies)),
        "flows.toml": _toml("flows", flows(bodies, start)),
        "assets.csv": _csv(a for b in with_register if b.kind != 6 for a in assets(b)),
    }
    encoded = {name: text.encode() for name, text in texts.items()}
    encoded |= {f"assets-{b.slug}.csv": _csv(assets(b)).encode("cp932") for b in with_register if b.kind == 6}
    for name, content in encoded.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in sorted(encoded)]
