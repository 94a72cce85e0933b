"""YAMAHA RTX, NVR and FWX routers: filtered packets, sessions, translations, leases, logins and the router's own state.

Reference: ヤマハネットワーク機器 コマンドリファレンス (`syslog notice`, `ip filter`, `ip filter dynamic`, `ip INTERFACE
intrusion detection`, `nat descriptor log`, `ethernet filter`) and the examples of network.yamaha.com/setting/
router_firewall/ts_router (RTX810 to RTX1300); read 2026-11-20.
A router sends neither time nor name: `<189>[INSPECT] …`. Read besides: what a syslog server puts in front (RFC 3164,
5424, ISO), and `show log` with the router's own time (`2026/10/06 12:00:00: …`).
Not read: packet dumps and debug output beyond their text; what VoIP models say of calls. The exact words of the
intrusion detection are in no public page that we found: an `[INSPECT]` line that is no session is read as interface,
name of the attack and addresses, whatever stands between them.

Verdict: Passed and a session (`[INSPECT]`: the dynamic filter let it through) are allow, Rejected is deny; an attack
that was only detected has none. The time in brackets of a session is its beginning (`start_time`), the line comes at
its end; whether the other side answered is not said (outcome is empty), nor which addresses are the router's own (path
is empty). `rule` is the filter's number or `default`. IN names the interface by which a packet came, OUT the one by
which it would leave; the other one is not in the line. A packet cut within its destination has none. An Ethernet filter
has hardware addresses only; `message` keeps the port. A translation has src, its address outside (nat_src) and dst.
`app` holds the words of an ICMP message. `same message repeated n times` is a row of its own that counts n: a line is
judged alone, so what was repeated is not said.
Time: the router's own counts where it stands, else the header's, else the moment of receipt; without zone, so the
source's.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import polars as pl

from parsers._assemble import assembled
from parsers._distinct import by_distinct, distinct_of
from parsers._format import Context, Format
from parsers._lines import Ints
from parsers._messages import extract, match, whole
from parsers._times import read as read_times
from parsers._views import begin_with_letters, first_bytes, no_values
from parsers._yamaha_lines import COMMON, RARE

_NETWORK = ("session", "packet", "frame", "packet_cut", "session_cut", "translation")
_CLASSES = (
    dict.fromkeys(_NETWORK, "network") | dict.fromkeys(("intrusion", "intrusion_alone"), "finding")
    | dict.fromkeys(("login", "logout"), "authentication") | {"lease": "dhcp"}
)  # fmt: skip
_OPERATIONS = {
    "repeated": "repeated", "config_save": "config_save", "link": "link", "line": "link", "tunnel": "tunnel",
    "ike": "vpn", "ike_answer": "vpn", "dial_up": "dial_up", "dial_up_dns": "dial_up", "vpn_client": "vpn",
    "version": "reboot", "restart": "reboot", "address": "address", "of_interface": "link",
}  # fmt: skip
_TAGS = {
    "IKE": "vpn", "IPSEC": "vpn", "L2TP": "vpn", "PPTP": "vpn", "LUA": "script", "SCHEDULE": "schedule", "NTP": "time",
    "SNTP": "time", "SWCTL": "switch", "VRRP": "ha", "BACKUP": "ha", "CONFIG": "config_change", "DHCPD": "dhcp",
}  # fmt: skip
_P2P = "(?i)winny|share|perfect ?dark|bittorrent|p2p"
_PORTS = {
    "ftpdata": "20", "ftp": "21", "ssh": "22", "telnet": "23", "smtp": "25", "time": "37", "domain": "53",
    "dhcps": "67", "dhcpc": "68", "tftp": "69", "gopher": "70", "finger": "79", "www": "80", "pop3": "110",
    "sunrpc": "111", "ident": "113", "nntp": "119", "ntp": "123", "netbios_ns": "137", "netbios_dgm": "138",
    "netbios_ssn": "139", "imap": "143", "snmp": "161", "snmptrap": "162", "bgp": "179", "ldap": "389",
    "https": "443", "syslog": "514", "printer": "515", "rip": "520", "submission": "587",
}  # fmt: skip
"""The names that `ip filter` knows for ports."""
_VERDICTS = {"INSPECT": "allow", "Passed": "allow", "Rejected": "deny", "succeeded": "allow", "failed": "deny"}
_OWN_STAMP = r"^[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}: "
_MARKED = rf"^<[0-9]{{1,3}}>|{_OWN_STAMP}"
"""What shows that a router wrote the line, whatever it says: a priority, or its own time in front."""
_NO_HOST = (
    r"^(?:(?:PP|PPPOE|TUNNEL|LANC?|WAN|ONU|BRIDGE|VLAN)[0-9\[]"
    r"|(?:IP|Login|Logout|same|Configuration|Add|Restart|main)$|')"
)
"""Words with which a message begins; no names of hosts."""


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    body, time = _bodies(df)
    inspected = body.str.starts_with("[INSPECT] ").to_numpy()
    rest = np.ones(len(body), np.bool_)
    common: list[tuple[Ints, pl.DataFrame]] = []
    for inspect, pattern in COMMON:
        places = np.flatnonzero(rest & (inspected == inspect))
        if len(places):
            found, fits = extract(body.gather(places), pattern)
            common.append((places[fits], found.filter(fits)))
            rest[places[fits]] = False
    parts: list[tuple[Ints, pl.DataFrame]] = []
    if not rest.all():
        read = pl.concat([found for _, found in common], how="diagonal", rechunk=True)
        parts.append((np.concatenate([places for places, _ in common]), _common(read, context)))
    places = np.flatnonzero(rest)
    if len(places):
        lines = body.gather(places)
        stamped = df["text"].gather(places).str.contains(_MARKED) | time.gather(places).is_not_null()
        told = match(lines, RARE).with_columns(lines.alias("line"), stamped.alias("stamped"))
        parts.append((places, _rare(_with_cuts(_with_ends(_with_places(told, context))))))
    return assembled(parts, df.height).with_columns(time.alias("time"))


def _bodies(df: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """The messages, and the router's own times where they stand behind another header."""
    body = df["body"]
    if not ((first_bytes(body) - 48) <= 9).any() or not (stamped := body.str.contains(_OWN_STAMP)).any():
        return body, no_values(len(body))
    parts = body.zip_with(stamped, no_values(1)).str.extract_groups(r"^(.{19}): ?(.*)$").struct
    return body.zip_with(~stamped, parts[1]), parts[0]


def _place(text: str) -> tuple[str, str | None, str | None]:
    """`LAN2[out][101]` → LAN2, OUT, 101; `LAN1(port3)` → LAN1; `PP01` → PP[01]."""
    got = re.match(r"(.*?)(?:\[(in|out)\](?:\[(.*)\])?)?(?:\([^)]*\))?$", text)
    name, way, rule = got.groups() if got else (text, None, None)
    return re.sub(r"^(PP|TUNNEL)([0-9]+)$", r"\1[\2]", name), way and way.upper(), rule


def _with_places(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Interface, way and filter out of `LAN2[out][101]`; the time in brackets."""
    distinct, index = distinct_of(df["place"])
    told = [_place(text) for text in distinct.to_list()]
    columns = [
        pl.Series(name, [values[at] for values in told], dtype=pl.String).gather(index)
        for at, name in enumerate(("interface", "way", "rule"))
    ]
    df = df.with_columns(
        df[values.name].zip_with(df[values.name].is_not_null(), values) if values.name in df.columns else values
        for values in columns
    )
    return df.with_columns(_instants(df["start"], context).alias("start_time"))


def _instants(texts: pl.Series, context: Context) -> pl.Series:
    """Many sessions begin in one second: each text is read once."""
    distinct, index = distinct_of(texts)
    found = read_times(distinct, context)
    return (
        pl.select(pl.when(pl.Series(found.valid)).then(pl.Series(found.us)))
        .to_series()
        .cast(pl.Datetime("us"))
        .gather(index)
    )


def _ports(names: pl.Series) -> pl.Series:
    """Ports as numbers, where a router writes `www` and the like."""
    return by_distinct(names, lambda name: _PORTS.get(name, name)) if begin_with_letters(names) else names


def _common(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Complete sessions, packets and frames."""
    distinct, index = distinct_of(df["place"])
    told = [_told(text) for text in distinct.to_list()]
    made = {
        name: pl.Series([values[at] for values in told], dtype=pl.String).gather(index)
        for at, name in enumerate(("in_interface", "out_interface", "rule", "action", "verdict", "message"))
    }
    made |= {name: df[name] for name in ("app", *_FLOW) if name in df.columns}
    made |= {name: _ports(made[name]) for name in ("src_port", "dst_port") if name in made}
    if "src_mac" in made:
        made["message"] = no_values(len(df)).zip_with(made["src_mac"].is_null(), made["message"])
    else:
        del made["message"]
    if "start" in df.columns:
        made["start_time"] = _instants(df["start"], context)
    return pl.DataFrame(made).with_columns(pl.lit("network").alias("class"))


def _told(text: str) -> tuple[str | None, ...]:
    """What `LAN2[out][101]`, or `LAN1 Passed at IN(100)`, says: the columns, and the place itself."""
    got = re.fullmatch(r"([^ ]+) (Rejected|Passed) at (IN|OUT)\((.*)\)", text)
    place = got[1] if got else text
    name, way, rule = _place(place)
    action = got[2] if got else "INSPECT"
    if got:
        way, rule = got[3], got[4]
    return name if way == "IN" else None, name if way == "OUT" else None, rule, action, _VERDICTS[action], place


_FLOW = (
    "protocol", "src_ip", "src_port", "src_mac", "dst_ip", "dst_port", "dst_mac", "nat_src_ip", "nat_src_port",
)  # fmt: skip


@cache
def _interfaces() -> list[pl.Expr]:
    """By which interface a packet came in, or by which it would leave."""
    return [
        pl.when(pl.col("way") == "IN").then("interface").alias("in_interface"),
        pl.when(pl.col("way") == "OUT").then("interface").alias("out_interface"),
    ]


def _verdict(action: pl.Expr) -> pl.Expr:
    return action.replace_strict(_VERDICTS, default=None, return_dtype=pl.String).alias("verdict")


def _with_ends(df: pl.DataFrame) -> pl.DataFrame:
    """Addresses and ports out of `192.0.2.1:80`, `192.0.2.1.80` (translations) and `2001:db8::1.80`."""
    made = []
    for name, key in (("src", "src"), ("dst", "dst"), ("nat", "nat_src")):
        if name in df.columns:
            ends = df[name].str.extract_groups(_END).struct
            made += [
                ends[0].fill_null(ends[2]).alias(f"{key}_ip"),
                _ports(ends[1].fill_null(ends[3]).fill_null(ends[4])).alias(f"{key}_port"),
            ]
    return df.with_columns(made)


def _with_cuts(df: pl.DataFrame) -> pl.DataFrame:
    """Which lines end too early; a destination at such an end may be half an address, so there is none."""
    pattern, with_ports = pl.col("pattern"), pl.col("src_port").is_not_null() & pl.col("dst_port").is_null()
    cut = pattern.is_in(["session", "packet"]) & (with_ports | pl.col("dst").is_null())
    cut |= pattern.is_in(["session_cut", "packet_cut"]) | ((pattern == "session") & pl.col("closed").is_null())
    df = df.with_columns(cut.alias("cut"))
    within = pl.col("cut") & pl.col("start").is_null()
    return df.with_columns(pl.when(~within).then(name).alias(name) for name in ("dst_ip", "dst_port"))


_END = (
    r"^(?:([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)(?:[.:]([0-9A-Za-z_-]+))?"
    r"|([0-9A-Fa-f]*:[0-9A-Fa-f:]*)(?:%[^.]*)?(?:\.([0-9A-Za-z_-]+))?"
    r"|(?:[0-9A-Za-z.]+:|<v6>\.)([0-9]+))$"
)


def _rare(df: pl.DataFrame) -> pl.DataFrame:
    """All other lines: their class, and what it has."""
    pattern, tag = pl.col("pattern"), pl.col("tag").str.to_uppercase()
    unknown = pattern.is_null()
    attack, login = pattern.is_in(["intrusion", "intrusion_alone"]), pattern == "login"
    stopped = attack & pl.col("note").str.contains("(?i)reject|discard|drop|破棄|遮断")
    action = pl.when(attack | pattern.is_in(["session", "session_cut"])).then(pl.lit("INSPECT")).otherwise("action")
    way = _interfaces()
    role = pl.col("auth_role").str.strip_chars("'").replace({"Login": "user"})
    outcome = pl.col("action").replace_strict({"succeeded": "success", "failed": "failure"}, default=None)
    kind = pl.when(pl.col("signature").str.contains(_P2P)).then(pl.lit("app")).otherwise(pl.lit("ips"))
    event_class = pattern.replace_strict(_CLASSES, default="system", return_dtype=pl.String)
    operation = pattern.replace_strict(_OPERATIONS, default=None, return_dtype=pl.String)
    tagged = tag.str.strip_chars_end("0123456789").replace_strict(_TAGS, default=tag.str.to_lowercase())
    known = ~unknown | pl.col("stamped")
    return df.select(
        *_AS_WRITTEN,
        pl.when(known).then(event_class).alias("class"),
        pl.when(~known).then(pl.lit("not a message of a YAMAHA router")).alias("refused"),
        (~unknown).alias("own"),
        pl.when(pattern == "lease").then("interface").otherwise(way[0]).alias("in_interface"),
        pl.when(pattern == "translation").then("interface").otherwise(way[1]).alias("out_interface"),
        action.alias("action"),
        pl.when(stopped).then(pl.lit("deny")).when(~attack).then(_verdict(action)).alias("verdict"),
        pl.when(stopped).then(pl.lit("reject")).alias("disposition"),
        pl.when(attack).then(kind).alias("finding_category"),
        pl.when(login).then(outcome).alias("outcome"),
        pl.col("service").str.to_lowercase(),
        role.alias("auth_role"),
        pl.when(pattern == "tagged").then(tagged).otherwise(operation).alias("operation"),
        pl.when(pattern == "tunnel").then(pl.col("object").str.to_uppercase()).otherwise("object").alias("object"),
        pl.when(pattern.is_in(["tunnel", "link", "line"])).then(_up_or_down()).otherwise("new").alias("new"),
        pl.coalesce(pl.col("count").cast(pl.Int64, strict=False), 1).alias("event_count"),
        pl.when(pl.col("count").is_not_null()).then(pl.lit("aggregated")).otherwise(pl.lit("exact")).alias("count_quality"),
        pl.when(unknown | attack | (pattern == "repeated")).then("line")
        .when(pattern == "frame").then("place").otherwise(pl.coalesce("message", "note")).alias("message"),
    )  # fmt: skip


_AS_WRITTEN = (
    *_FLOW, "app", "rule", "start_time", "signature", "lease_ip", "lease_mac", "lease_name", "user", "cut",
)  # fmt: skip


@cache
def _up_or_down() -> pl.Expr:
    return pl.when(pl.col("new").str.contains("(?i)up$|Connect$")).then(pl.lit("up")).otherwise(pl.lit("down"))


FORMAT = Format(
    name="yamaha_rtx",
    title="YAMAHA RTX/NVR/FWX",
    reference="https://www.rtpro.yamaha.co.jp/RT/manual/rt-common/index.html",
    shape=whole(),
    columns=_columns,
    header="host",
    not_a_host=_NO_HOST,
)
