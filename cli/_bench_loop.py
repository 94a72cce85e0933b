"""The measure of `hinomi bench parse`: a plain Python loop with `re` over the same lines, as one would write it.

One compiled expression a line (pairs by `findall` for key=value, two steps for postfix), times by `strptime` behind a
cache, numbers as numbers, columns to Arrow and Parquet (zstd 1) every 100,000 rows. It reads the main columns and no
more: no canonical addresses, no 16-byte addresses, no places, and it knows only the one form of line that is there.
"""

from __future__ import annotations

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
