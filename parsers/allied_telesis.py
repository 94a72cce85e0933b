r"""Allied Telesis: AlliedWare Plus firewalls and switches, and the log of the older AlliedWare routers.

Reference: https://www.manualslib.com/manual/1571155/Allied-Telesis-Ar-Series.html ("Advanced Network Protection",
C613-22104-00 REV B, pages 65 to 74: log messages of the firewall, its connections, IP reputation, malware protection,
URL filtering and UTM offload, with examples); CentreCOM AR550S コマンドリファレンス 2.9, "運用・管理/ログ" and ENABLE
FIREWALL POLICY (names of the firewall's events), P2PFILTER; read 2026-11-20.
Read: `show log` of AlliedWare Plus (`2026 Nov 20 10:00:00 kern.info awplus kernel: …`), the same without facility and
level behind a priority, as it sends them, and syslog with any header.
Not read: what other programs of the device say beyond their header. No published line of AlliedWare's firewall, filters
or ACLs was found: of an AlliedWare line (`20 09:24:47 3 FIRE FIRE INDTC message`, `show log`) severity, module, type
and subtype are read, of the firewall's events also what their name says (IN or OUT, A allow or D deny, protocol) and
addresses after from/source and to/dest; a line that names Winny is a finding.

Verdict: PERMIT allow, DENY and REJECT deny; `NEW` and `END` are connections that the firewall let through; [Drop] is
deny, [Alert] decides nothing, [Http] is a request that was let through. A connection's source is who began it: in
what malware protection writes of an answer (`[http] server:80 -> client`) the ends are swapped. `reply_…` tells the
translation: nat_src is where answers go, nat_dst where they come from, where they differ. An END without packets of the
other side is attempted. `rule` is the firewall's rule, `default` where the line names none.
Time: the line's own before the header's; an AlliedWare line has a day without month, which is no time.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from parsers import _netfilter as netfilter
from parsers._assemble import assembled
from parsers._format import Context, Format
from parsers._keyvalue import keyvalue
from parsers._lines import Lines
from parsers._messages import match
from parsers._urls import split_urls
from parsers._views import strings

_CONNECTION = (
    "proto", "orig_src", "orig_dst", "orig_sport", "orig_dport", "orig_pkts", "orig_bytes",
    "reply_src", "reply_dst", "reply_sport", "reply_dport", "reply_pkts", "reply_bytes",
)  # fmt: skip
_pairs = keyvalue(*netfilter.KEYS, *_CONNECTION)
_SHOWN = (
    r"^(?P<year>[0-9]{4}) (?P<month>[A-Z][a-z]{2}) +(?P<day>[0-9]{1,2}) (?P<clock>[0-9:.]{8,15}) "
    r"(?:[a-z0-9]+\.(?P<level>[a-z]+) )?(?P<host>[^ ]+) (?P<program>[^ :\[]+)(?:\[[0-9]+\])?: ?(?P<message>.*)$"
)
_LEVELS = {
    "emerg": "emergency", "crit": "critical", "err": "error", "warn": "warning", "info": "informational",
}  # fmt: skip
_RULE = r"^Firewall(?: rule (?P<rule>[^ :]+))?: (?P<action>[A-Z]+)"
_VERDICTS = {"PERMIT": "allow", "DENY": "deny", "REJECT": "deny", "Drop": "deny", "Http": "allow", "Https": "allow"}
_END = r"\[?(?P<{0}_ip>[0-9.]+|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*?)\]?(?::(?P<{0}_port>[0-9]+))?"
_MODULES = "FIRE|IPG|IPSEC|ISAK|ENCO|LOG|SYS|USER|TTY|PPP|SWI|VLAN|SNMP|SSH|DHCP|TELN|HTTP|FILE|LOAD|SCR|TRG|INST|BRG"
_MESSAGES = {
    "url": r"\[(?P<action>Alert|Drop)\] (?P<kind>[A-Z]+): ?[\[(]?URL:(?P<url>[^ ]*?)[\])]? "
    rf"\[(?P<protocol>[a-z0-9-]+)\] {_END.format('src')} -> {_END.format('dst')}",
    "alert": r"\[(?P<action>Alert|Drop)\] (?P<kind>[A-Z]+): ?(?:(?P<signature>.*?) )?"
    rf"(?:[\[(]?URL:(?P<url>[^ ]*?)[\])]? )?\[(?P<protocol>[a-z0-9-]+)\] {_END.format('src')} -> {_END.format('dst')}",
    "request": rf"\[(?P<action>Https?)\] URL:(?P<url>[^ ]+) {_END.format('src')} -> {_END.format('dst')}",
    "older": rf"(?:[0-9]{{2}} [0-9:]{{8}} )?(?P<severity>[0-7]) (?P<module>{_MODULES}) +(?:(?P<kind>[A-Z0-9]+) +)?"
    r"(?P<subtype>[A-Z0-9]+) +(?P<message>.*)",
}
_OLDER_ENDS = (
    rf"(?i)(?:from|source|src)[: ]+{_END.format('src')}\b.*?(?:to|dest(?:ination)?|dst)[: ]+{_END.format('dst')}\b"
)
_EVENT = "^(?P<way>IN|OUT)(?P<decision>A|D)D?(?P<what>TC|UD|IC|OT)"
"""INATCP, INDDUDP, OUTDOTHER and the like, the names of ENABLE FIREWALL POLICY; a log may cut them short."""
_PROTOCOLS = {"TC": "tcp", "UD": "udp", "IC": "icmp"}
_CATEGORIES = {"MALWARE": "virus", "URLFILTER": "webfilter", "IPREP": "reputation", "IPS": "ips"}
_WELL_KNOWN = 1024
_UNREADABLE = "no message that AlliedWare is known to write"


def _shape(lines: Lines) -> pl.DataFrame:
    """The pairs, what stands in front of a packet, the parts of the device's own header, and the message (`note`)."""
    body = strings(lines.text, lines.body, lines.end)
    shown = body.str.extract_groups(_SHOWN).struct.unnest()
    note = shown["message"].fill_null(body).alias("note")
    return _pairs(lines).hstack(shown.drop("message")).hstack(netfilter.front(note)).with_columns(note)


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    note = df["note"]
    firewall = (note.str.contains(_RULE) & df["in"].is_not_null()).to_numpy()
    connection = (note.str.contains("^(?:NEW|END) proto=") & df["orig_src"].is_not_null()).to_numpy()
    kinds = ((firewall, _packets), (connection, _connections), (~firewall & ~connection, _others))
    parts = [(np.flatnonzero(rows), read(df.filter(pl.Series(rows)))) for rows, read in kinds if rows.any()]
    made = assembled(parts, df.height)
    time = pl.concat_str("day", pl.lit(" "), "month", pl.lit(" "), "year", pl.lit(" "), "clock")
    level = pl.col("level").replace(_LEVELS)
    severity = pl.coalesce(level, made["severity"]) if "severity" in made.columns else level
    return made.with_columns(df.select(time.alias("time"), pl.col("host").alias("device"), severity.alias("severity")))


def _packets(df: pl.DataFrame) -> pl.DataFrame:
    """What the firewall's rules log: the kernel's packet behind `Firewall rule 10: DENY`."""
    df = df.hstack(df["prefix"].str.extract_groups(_RULE).struct.unnest())
    verdict = pl.col("action").replace_strict(_VERDICTS, default=None, return_dtype=pl.String)
    df = df.with_columns(verdict=verdict, invalid=pl.lit(False), early=pl.lit(False))
    rule = pl.coalesce("rule", pl.lit("default")).alias("rule")
    return netfilter.marked(df).select(
        pl.lit("network").alias("class"), "action", "verdict", rule, *netfilter.columns()
    )


def _connections(df: pl.DataFrame) -> pl.DataFrame:
    """Connections that the firewall let through, at their beginning and end; `reply_…` is the answer's direction."""
    action = pl.col("note").str.slice(0, 3)
    ended, answered = action == "END", pl.col("reply_pkts") != "0"
    outcome = pl.when(ended & answered).then(pl.lit("established")).when(ended & ~answered).then(pl.lit("attempted"))
    ported = pl.col("orig_sport").is_not_null()
    whole = pl.when(ported).then("reply_dport").otherwise("reply_dst").is_not_null()
    source = whole & (_differ("reply_dst", "orig_src") | _differ("reply_dport", "orig_sport"))
    destination = whole & (_differ("reply_src", "orig_dst") | _differ("reply_sport", "orig_dport"))
    behind = pl.coalesce("orig_pkts", "reply_src").is_not_null()
    return df.select(
        pl.lit("network").alias("class"),
        action.alias("action"),
        pl.lit("allow").alias("verdict"),
        outcome.alias("outcome"),
        pl.when(pl.col("orig_src").is_not_null()).then("proto").alias("protocol"),
        pl.when(pl.col("orig_dst").is_not_null()).then("orig_src").alias("src_ip"),
        pl.when(pl.col("orig_dport").is_not_null()).then("orig_sport").alias("src_port"),
        pl.when(behind | ported).then("orig_dst").alias("dst_ip"),
        pl.when(behind).then("orig_dport").alias("dst_port"),
        pl.when(source).then("reply_dst").alias("nat_src_ip"),
        pl.when(source).then("reply_dport").alias("nat_src_port"),
        pl.when(destination).then("reply_src").alias("nat_dst_ip"),
        pl.when(destination).then("reply_sport").alias("nat_dst_port"),
        pl.col("orig_pkts").alias("packets_out"),
        pl.col("orig_bytes").alias("bytes_out"),
        pl.col("reply_pkts").alias("packets_in"),
        pl.col("reply_bytes").alias("bytes_in"),
        (~whole | (ended & pl.col("reply_bytes").is_null())).alias("cut"),
    )


def _differ(one: str, other: str) -> pl.Expr:
    return (pl.col(one) != pl.col(other)).fill_null(value=False)


def _others(df: pl.DataFrame) -> pl.DataFrame:
    """Findings and requests of the inspection, AlliedWare's own lines, and other programs of the device."""
    df = df.select("note", "host", "level").hstack(match(df["note"], _MESSAGES))
    pattern = df["pattern"].fill_null("")
    inspected, older = pattern.is_in(["url", "alert", "request"]).to_numpy(), (pattern == "older").to_numpy()
    kinds = ((inspected, _inspected), (older, _older), (~inspected & ~older, _foreign))
    parts = [(np.flatnonzero(rows), read(df.filter(pl.Series(rows)))) for rows, read in kinds if rows.any()]
    return assembled(parts, df.height)


def _inspected(df: pl.DataFrame) -> pl.DataFrame:
    alert, dropped = pl.col("pattern") != "request", pl.col("action") == "Drop"
    port = {end: pl.col(f"{end}_port").cast(pl.Int64, strict=False) for end in ("src", "dst")}
    answer = alert & (port["src"] < _WELL_KNOWN) & (port["dst"] >= _WELL_KNOWN)
    swapped = [
        pl.when(answer).then(f"{other}_{part}").otherwise(f"{end}_{part}").alias(f"{end}_{part}")
        for end, other in (("src", "dst"), ("dst", "src"))
        for part in ("ip", "port")
    ]
    application = (
        pl.when(pl.col("pattern") == "request").then(pl.col("action").str.to_lowercase()).otherwise("protocol")
    )
    carried = (
        pl.when(application.is_in(_CARRIERS)).then(application).when(port["src"].is_not_null()).then(pl.lit("tcp"))
    )
    category = pl.col("kind").replace_strict(_CATEGORIES, default=pl.col("kind").str.to_lowercase())
    return df.hstack(split_urls(df["url"])).select(
        pl.when(alert).then(pl.lit("finding")).otherwise(pl.lit("http")).alias("class"),
        "action",
        pl.col("action").replace_strict(_VERDICTS, default=None, return_dtype=pl.String).alias("verdict"),
        pl.when(dropped & (pl.col("kind") != "IPREP")).then(pl.lit("blocked_later")).alias("outcome"),
        *swapped,
        carried.alias("protocol"),
        pl.when(~application.is_in(_CARRIERS)).then(application).alias("app"),
        pl.when(alert).then("action").alias("disposition"),
        pl.when(alert).then(category).alias("finding_category"),
        pl.coalesce("signature", "kind").str.strip_chars_end(": ").alias("signature"),
        pl.col("url", "url_scheme", "url_host", "url_port", "url_path", "url_query"),
    )


_CARRIERS = ("tcp", "udp", "icmp", "icmpv6", "ipv6-icmp", "sctp", "gre", "esp")


def _older(df: pl.DataFrame) -> pl.DataFrame:
    """AlliedWare: what the names of an event say, and addresses where the words around them say whose they are."""
    event = df["subtype"].str.extract_groups(_EVENT).struct.unnest()
    ends = df["message"].str.extract_groups(_OLDER_ENDS).struct.unnest()
    df = df.drop("src_ip", "src_port", "dst_ip", "dst_port", "action").hstack(event).hstack(ends)
    firewall = (pl.col("module") == "FIRE") & pl.col("way").is_not_null()
    winny = pl.col("message").str.contains("(?i)winny")
    denied = pl.col("message").str.contains("(?i)deny|denied|drop|discard|破棄|拒否")
    decided = pl.col("decision").replace_strict({"A": "allow", "D": "deny"}, default=None)
    verdict = pl.when(winny & denied).then(pl.lit("deny")).when(firewall & ~winny).then(decided)
    other = pl.when(firewall).then(pl.lit("network")).otherwise(pl.lit("system"))
    return df.select(
        pl.when(winny).then(pl.lit("finding")).otherwise(other).alias("class"),
        pl.when(firewall).then("subtype").alias("action"),
        verdict.alias("verdict"),
        pl.when(firewall).then(pl.col("what").replace_strict(_PROTOCOLS, default=None)).alias("protocol"),
        pl.col("src_ip", "src_port", "dst_ip", "dst_port", "severity", "message"),
        pl.concat_str("module", "kind", "subtype", separator="/", ignore_nulls=True).alias("event_code"),
        pl.col("module").str.to_lowercase().alias("operation"),
        pl.when(winny).then(pl.lit("WINNY")).alias("signature"),
        pl.when(winny).then(pl.lit("app")).alias("finding_category"),
    )


def _foreign(df: pl.DataFrame) -> pl.DataFrame:
    """Other programs: kept by the device's own header, or by that of syslog.

    A year in front says less than a facility: others write that, too.
    """
    shown = pl.col("host").is_not_null()
    return df.select(
        pl.when(shown).then(pl.lit("system")).alias("class"),
        pl.when(~shown).then(pl.lit(_UNREADABLE)).alias("refused"),
        pl.when(shown).then("note").alias("message"),
        pl.col("level").is_not_null().alias("own"),
    )


FORMAT = Format(
    name="allied_telesis",
    title="Allied Telesis AlliedWare Plus, AlliedWare",
    reference="https://www.manualslib.com/manual/1571155/Allied-Telesis-Ar-Series.html",
    shape=_shape,
    columns=_columns,
    not_a_host="^(?:Firewall|NEW|END)$",
)
