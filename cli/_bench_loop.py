"""The measure of `hinomi bench parse`: a plain Python loop with `re` over the same lines, as one would write it.

One compiled expression a line (pairs by `findall` for key=value, two steps for postfix), times by `strptime` behind a
cache, numbers as numbers, columns to Arrow and Parquet (zstd 1) every 100,000 rows. It reads the main columns and no
more: no canonical addresses, no 16-byte addresses, no places, and it knows only the one form of line that is there.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

Row = tuple[Any, ...]
Reader = Callable[[str], Row | None]
ROWS = 100_000
_JST = timezone(timedelta(hours=9))
_YEAR = 2026
TEXT, NUMBER, TIME = pa.string(), pa.int64(), pa.timestamp("us")


@lru_cache(8192)
def _us(text: str, form: str) -> int:
    at = datetime.strptime(text, form)
    return int((at if at.tzinfo else at.replace(tzinfo=_JST)).timestamp()) * 1_000_000


def _number(text: str | None) -> int | None:
    return int(text) if text and text != "-" else None


def _some(text: str | None) -> str | None:
    return None if not text or text == "-" else text


# ------------------------------------------------------------------------------------------------------------- formats

_COMBINED = re.compile(
    r'(\S+) \S+ (\S+) \[([^\]]+)\] "(\S+) ([^"?\s]*)(?:\?([^"\s]*))? HTTP/[\d.]+" (\d{3}) (\d+|-)'
    r' "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"$'
)


def _apache(line: str) -> Row | None:
    m = _COMBINED.match(line)
    if not m:
        return None
    ip, user, at, method, path, query, status, size, referer, agent = m.groups()
    verdict = "deny" if status in ("401", "403", "407", "429", "451") else "allow"
    return (
        _us(at, "%d/%b/%Y:%H:%M:%S %z"), ip, _some(user), method, path, query, status, _number(size) or 0,
        _some(referer), _some(agent), verdict,
    )  # fmt: skip


_SQUID = re.compile(
    r"(\d+)\.(\d{3}) +(\d+) (\S+) ([A-Z_]+)/(\d{3}) (\d+) ([A-Z]+)"
    r" (?:([a-z]+)://)?([^/:?\s]+)(?::([^/?\s]+))?(/[^?\s]*)?(?:\?(\S*))? (\S+) ([A-Z_]+)/(\S+) (\S+)$"
)


def _squid(line: str) -> Row | None:
    m = _SQUID.match(line)
    if not m:
        return None
    s, ms, took, ip, result, status, size, method, scheme, host, port, path, query, user, _, server, kind = m.groups()
    return (
        int(s) * 1_000_000 + int(ms) * 1000, int(took), ip, result, status, int(size), method, scheme, host,
        int(port) if port and port.isdigit() else None, path, query, _some(user), _some(server), _some(kind),
        "deny" if "DENIED" in result else "allow",
    )  # fmt: skip


_PAIR = re.compile(r'([A-Za-z_]\w*)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')
_ALLOWED = frozenset("accept start close timeout client-rst server-rst ip-conn dns".split())


def _fortinet_fortigate(line: str) -> Row | None:
    pairs = {key: quoted or bare for key, quoted, bare in _PAIR.findall(line)}
    if "type" not in pairs or "srcip" not in pairs:
        return None
    get = pairs.get
    action = pairs["action"]
    return (
        int(pairs["eventtime"]) // 1000, get("devname"), get("vd"), get("logid"), get("subtype"), get("level"),
        pairs["srcip"], _number(get("srcport")), get("srcname"), get("srcmac"), get("srcintf"), get("dstip"),
        _number(get("dstport")), get("dstintf"), int(pairs["proto"]), get("service"), get("app"), action,
        "deny" if action == "deny" else "allow" if action in _ALLOWED else None, get("policyid"), get("sessionid"),
        _number(get("duration")), _number(get("sentbyte")), _number(get("rcvdbyte")), _number(get("sentpkt")),
        _number(get("rcvdpkt")), get("transip"), _number(get("transport")),
    )  # fmt: skip


_QUERY = re.compile(
    r"(\S+ \d\d:\d\d:\d\d)\.(\d{3}) ([\w-]+): (\w+): client (?:@\S+ )?([0-9A-Fa-f.:]+)#(\d+) \(([^)]*)\): "
    r"query: (\S+) (\w+) (\w+) ([+-])(\S*) \(([0-9A-Fa-f.:]+)\)$"
)


def _bind(line: str) -> Row | None:
    m = _QUERY.match(line)
    if not m:
        return None
    at, ms, category, level, ip, port, _, name, klass, kind, recursion, flags, server = m.groups()
    return (
        _us(at, "%d-%b-%Y %H:%M:%S") + int(ms) * 1000, category, level, ip, int(port), name.lower(), klass, kind,
        recursion == "+", "tcp" if "T" in flags else "udp", server,
    )  # fmt: skip


_HEAD = re.compile(
    r"(\w{3} [ \d]\d \d\d:\d\d:\d\d) (\S+) postfix(?:/[\w-]+)*/([\w-]+)\[(\d+)\]: (?:(NOQUEUE|[0-9A-Za-z]{6,}): )?(.*)$"
)
_FIELD = re.compile(r"(\w[\w-]*)=(?:<([^>]*)>|([^,\s]*))")
_STATUS = re.compile(r"status=(\w+) \((.*)\)$")
_PEER = re.compile(r"(?:from|client=) ?([^\s\[]+)\[([0-9A-Fa-f.:]+)\]")
_REPLY = re.compile(r"reject: \w+ from \S+: (\d{3}) (\d\.\d+\.\d+)? ?(.*?); from=")


def _postfix(line: str) -> Row | None:
    m = _HEAD.match(line)
    if not m:
        return None
    at, host, stage, pid, queue, rest = m.groups()
    fields = {key: angled or plain for key, angled, plain in _FIELD.findall(rest)}
    get = fields.get
    status = _STATUS.search(rest) if "status=" in rest else None
    peer = _PEER.search(rest)
    reply = _REPLY.match(rest) if queue == "NOQUEUE" else None
    delay = get("delay")
    return (
        _us(f"{_YEAR} {at}", "%Y %b %d %H:%M:%S"), host, stage, pid, queue, peer[1] if peer else None,
        peer[2] if peer else None, get("from"), get("to"), _number(get("size")), get("relay"), get("message-id"),
        get("helo"), (reply[2] if reply else None) or get("dsn"), float(delay) if delay else None,
        "rejected" if reply else status[1] if status else None, rest, "deny" if reply else None,
    )  # fmt: skip


_ADDRESS = r"(\d+\.\d+\.\d+\.\d+|[0-9A-Fa-f:]+)"
_PACKET = re.compile(
    r"(\w{3} [ \d]\d \d\d:\d\d:\d\d) (\S+) (\S+) (Rejected|Passed) at (IN|OUT)\((\w+)\) filter: (\w+) "
    rf"{_ADDRESS}(?:[.:](\d+))? > {_ADDRESS}(?:[.:](\d+))?(?: : (.*))?$"
)
_SESSION = re.compile(
    r"(\w{3} [ \d]\d \d\d:\d\d:\d\d) (\S+) \[INSPECT\] (\w+)\[(in|out)\]\[(\d+)\] (\w+) "
    rf"{_ADDRESS}[.:](\d+) > {_ADDRESS}[.:](\d+) \(([\d/]+ [\d:]+)\)$"
)


def _yamaha_rtx(line: str) -> Row | None:
    m = _PACKET.match(line)
    if m:
        at, host, interface, word, way, rule, protocol, src, sport, dst, dport, note = m.groups()
        begun, verdict = None, "deny" if word == "Rejected" else "allow"
    else:
        m = _SESSION.match(line)
        if not m:
            return None
        at, host, interface, way, rule, protocol, src, sport, dst, dport, text = m.groups()
        word, verdict, note, begun = "session", "allow", None, _us(text, "%Y/%m/%d %H:%M:%S")
    return (
        _us(f"{_YEAR} {at}", "%Y %b %d %H:%M:%S"), begun, host, interface, way.lower(), word, verdict, rule,
        protocol.lower(), src, _number(sport), dst, _number(dport), note,
    )  # fmt: skip


def _nginx(line: str) -> Row | None:
    head, colon, rest = line.partition(" nginx: ")
    row = _apache(rest) if colon else None
    return (*row, head[16:]) if row else None


def _paloalto_panos(line: str) -> Row | None:
    f = line.split(",") if '"' not in line else next(csv.reader([line]))
    if len(f) < 60 or f[3] != "TRAFFIC":
        return None
    return (
        _us(f[6], "%Y/%m/%d %H:%M:%S"), _us(f[35], "%Y/%m/%d %H:%M:%S"), f[2], f[4], f[7], f[8], f[9], f[10], f[11],
        _some(f[12]), f[14], f[15], f[16], f[17], f[18], f[19], f[22], int(f[23]), int(f[24]), int(f[25]), int(f[26]),
        int(f[27]), f[29], f[30], int(f[32]), int(f[33]), int(f[36]), int(f[44]), int(f[45]), f[46],
        "allow" if f[30] == "allow" else "deny",
    )  # fmt: skip


_ASA = re.compile(r"<\d+>(\w{3} \d\d \d{4} [\d:]{8}) (\S+) : %ASA-(\d)-(\d{6}): (.*)$")
_ASA_TEXT = {
    "106023": re.compile(
        rf'Deny (\w+) src (\w+):{_ADDRESS}/(\d+) dst (\w+):{_ADDRESS}/(\d+) by access-group "([^"]*)"'
    ),
    "302013": re.compile(
        rf"Built (?:in|out)bound (\w+) connection (\d+) for (\w+):{_ADDRESS}/(\d+) \({_ADDRESS}/(\d+)\)"
        rf" to (\w+):{_ADDRESS}/(\d+) \({_ADDRESS}/(\d+)\)"
    ),
    "302014": re.compile(
        rf"Teardown (\w+) connection (\d+) for (\w+):{_ADDRESS}/(\d+) to (\w+):{_ADDRESS}/(\d+)"
        r" duration (\d+):(\d\d):(\d\d) bytes (\d+)(?: (.*))?"
    ),
    "305011": re.compile(rf"Built \w+ (\w+) translation from (\w+):{_ADDRESS}/(\d+) to (\w+):{_ADDRESS}/(\d+)"),
    "106015": re.compile(
        rf"Deny (TCP) \(no connection\) from {_ADDRESS}/(\d+) to {_ADDRESS}/(\d+) flags (.*) on interface (\w+)"
    ),
}
_ASA_TEXT |= {"302015": _ASA_TEXT["302013"], "302016": _ASA_TEXT["302014"]}


def _cisco_asa(line: str) -> Row | None:
    head = _ASA.match(line)
    if not head:
        return None
    at, host, severity, code, text = head.groups()
    pattern = _ASA_TEXT.get(code)
    m = pattern.match(text) if pattern else None
    if not m:
        return None
    g = m.groups()
    row: Row
    if code == "106023":
        row = (g[0], g[2], int(g[3]), g[5], int(g[6]), g[1], g[4], g[7], None, None, None, "deny")
    elif code in ("302013", "302015"):
        row = (g[0], g[8], int(g[9]), g[3], int(g[4]), g[7], g[2], None, g[1], None, None, "allow")
    elif code in ("302014", "302016"):
        took = (int(g[8]) * 3600 + int(g[9]) * 60 + int(g[10])) * 1000
        row = (g[0], g[3], int(g[4]), g[6], int(g[7]), g[2], g[5], g[12], g[1], took, int(g[11]), "allow")
    elif code == "305011":
        row = (g[0], g[2], int(g[3]), g[5], int(g[6]), g[1], g[4], None, None, None, None, None)
    else:
        row = (g[0], g[1], int(g[2]), g[3], int(g[4]), g[6], None, g[5], None, None, None, "deny")
    return (_us(at, "%b %d %Y %H:%M:%S"), host, severity, code, *row)


_SRX = re.compile(r"<\d+>1 (\S+) (\S+) (\S+) \S+ (RT_FLOW_SESSION_\w+) \[(.*)\]$")
_SRX_PAIR = re.compile(r'([a-z-]+)="([^"]*)"')


def _juniper_srx(line: str) -> Row | None:
    m = _SRX.match(line)
    if not m:
        return None
    at, host, _, code, rest = m.groups()
    get = dict(_SRX_PAIR.findall(rest)).get
    return (
        _us(at[:19] + at[23:], "%Y-%m-%dT%H:%M:%S%z") + int(at[20:23]) * 1000, host, code, get("source-address"),
        _number(get("source-port")), get("destination-address"), _number(get("destination-port")), get("protocol-id"),
        get("policy-name"), get("application"), get("packet-incoming-interface"), get("reason"), get("session-id"),
        _number(get("bytes-from-client")), _number(get("bytes-from-server")), _number(get("packets-from-client")),
        _number(get("packets-from-server")), _number(get("elapsed-time")), get("nat-source-address"),
        _number(get("nat-source-port")), "deny" if code.endswith("DENY") else "allow",
    )  # fmt: skip


def _suricata_eve(line: str) -> Row | None:
    try:
        o = json.loads(line)
    except ValueError:
        return None
    if not isinstance(o, dict) or "event_type" not in o:
        return None
    get, dns, http, tls = o.get, o.get("dns", {}), o.get("http", {}), o.get("tls", {})
    flow, alert, at = o.get("flow", {}), o.get("alert", {}), o["timestamp"]
    return (
        _us(at[:19] + at[26:], "%Y-%m-%dT%H:%M:%S%z") + int(at[20:26]), o["event_type"], get("in_iface"),
        get("src_ip"), get("src_port"), get("dest_ip"), get("dest_port"), get("proto"), get("app_proto"),
        str(get("flow_id")), dns.get("rrname"), dns.get("rrtype"), http.get("hostname"), http.get("url"),
        http.get("http_user_agent"), http.get("http_method"), http.get("status"), http.get("length"), tls.get("sni"),
        flow.get("bytes_toserver"), flow.get("bytes_toclient"), alert.get("signature_id"), alert.get("signature"),
        alert.get("category"), alert.get("severity"), alert.get("action"),
    )  # fmt: skip


_T, _N, _W = TEXT, NUMBER, TIME
READERS: Mapping[str, tuple[Reader, tuple[pa.DataType, ...]]] = {
    "apache": (_apache, (_W, _T, _T, _T, _T, _T, _T, _N, _T, _T, _T)),
    "squid": (_squid, (_W, _N, _T, _T, _T, _N, _T, _T, _T, _N, _T, _T, _T, _T, _T, _T)),
    "fortinet_fortigate": (
        _fortinet_fortigate,
        (_W, *(_T,) * 6, _N, *(_T,) * 4, _N, _T, _N, *(_T,) * 6, *(_N,) * 5, _T, _N),
    ),
    "bind": (_bind, (_W, _T, _T, _T, _N, _T, _T, _T, pa.bool_(), _T, _T)),
    "postfix": (_postfix, (_W, *(_T,) * 8, _N, *(_T,) * 4, pa.float64(), _T, _T, _T)),
    "yamaha_rtx": (_yamaha_rtx, (_W, _W, *(_T,) * 7, _T, _N, _T, _N, _T)),
    "nginx": (_nginx, (_W, _T, _T, _T, _T, _T, _T, _N, _T, _T, _T, _T)),
    "paloalto_panos": (_paloalto_panos, (_W, _W, *(_T,) * 15, *(_N,) * 5, _T, _T, *(_N,) * 5, _T, _T)),
    "cisco_asa": (_cisco_asa, (_W, *(_T,) * 5, _N, _T, _N, *(_T,) * 4, _N, _N, _T)),
    "juniper_srx": (_juniper_srx, (_W, *(_T,) * 3, _N, _T, _N, *(_T,) * 6, *(_N,) * 5, _T, _N, _T)),
    "suricata_eve": (
        _suricata_eve,
        (_W, *(_T,) * 3, _N, _T, _N, *(_T,) * 9, _N, _N, _T, _N, _N, _N, _T, _T, _N, _T),
    ),
}
"""Format → its function, and the types of what it returns."""


def read(format: str, path: Path, out: Path) -> tuple[int, int]:
    """Read a file into Parquet files in `out`; lines and good lines."""
    reader, types = READERS[format]
    lines, good = 0, 0
    rows: list[Row] = []
    with path.open(encoding="utf-8", errors="replace", newline="\n") as f:
        for line in f:
            lines += 1
            row = reader(line.rstrip("\n"))
            if row is None:
                continue
            rows.append((lines, *row))
            if len(rows) == ROWS:
                good += _write(rows, types, out / f"{good}.parquet")
    return lines, good + _write(rows, types, out / f"{good}.parquet")


def _write(rows: list[Row], types: tuple[pa.DataType, ...], path: Path) -> int:
    if not rows:
        return 0
    columns = [pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), (_N, *types), strict=True)]
    table = pa.table(columns, names=[f"c{i}" for i in range(len(columns))])
    pl.DataFrame(pl.from_arrow(table)).write_parquet(path, compression="zstd", compression_level=1)
    count = len(rows)
    rows.clear()
    return count
