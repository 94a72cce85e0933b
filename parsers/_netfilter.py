"""The part of a packet that the kernel's netfilter logs: what stands behind the prefix, for all who send such lines.

A line is read as text columns: the pairs by their keys (`KEYS`), `prefix`, `in`, `out` (from `front`) and `note`, the
whole message. `marked` adds what the columns need, and whoever reads the prefix adds `verdict`, `invalid` (the prefix
says so) and `early` (logged before routing).
"""

from __future__ import annotations

from functools import cache

import polars as pl

KEYS = (
    "MAC", "MACSRC", "MACDST", "SRC", "DST", "PROTO", "SPT", "DPT", "TYPE", "CODE", "LEN", "WINDOW", "DESCR", "IPSRC",
    "IPDST", "OPCODE",
)  # fmt: skip
_FRONT = (
    r"^(?:(?:[0-9a-z]+\.[a-z]+ )?kernel: ?)?"
    r"(?:\[ *[0-9]+\.[0-9]+\] ?)?(?P<prefix>.*?)IN=(?P<in>[^ ]*) OUT=(?P<out>[^ ]*)(?: |$)"
)
_ETHERNET = r"^((?:[0-9a-f]{2}:){5}[0-9a-f]{2}):((?:[0-9a-f]{2}:){5}[0-9a-f]{2}):[0-9a-f]{2}:[0-9a-f]{2}(?::|$)"
_FLAGS = r" (?:RES=0x[0-9A-Fa-f]+|WINDOW=[0-9]+) ((?:[A-Z]{2,3} )*)URGP="
_UNFINISHED = r"(?:^| )(SRC|DST|SPT|DPT|IPSRC|IN|OUT|PROTO)=[^ ]*$"
_WHOLE = r" PROTO=(?:TCP|UDP|UDPLITE|ICMP|ICMPv6|AH|ESP|[0-9]+)$"
_LAST = 52
"""Characters in which the longest `key=address` at a line's end fits."""


def front(note: pl.Series) -> pl.DataFrame:
    """prefix, in and out; null where the line is no packet."""
    return note.str.extract_groups(_FRONT).struct.unnest()


def marked(df: pl.DataFrame) -> pl.DataFrame:
    """`last`, the key in whose value the line ends, and `flags`, those of TCP."""
    tail = pl.col("note").str.slice(-_LAST)
    last = pl.when(~tail.str.contains(_WHOLE)).then(tail.str.extract(_UNFINISHED))
    # The kernel goes on behind the ports; a line without its TTL has been shortened by somebody, and may end there.
    shortened = last.is_in(["SPT", "DPT"]) & ~pl.col("note").str.contains(" (?:TTL|HOPLIMIT)=")
    return df.with_columns(
        last=pl.when(~shortened.fill_null(value=False)).then(last),
        flags=pl.col("note").str.extract(_FLAGS),
    )


def columns() -> list[pl.Expr]:
    """path, ends, interfaces, protocol, app (type and code of ICMP) and cut."""
    return [
        _path().alias("path"),
        *_ends(),
        _whole("IN", "in").alias("in_interface"),
        _whole("OUT", "out").alias("out_interface"),
        _whole("PROTO", "PROTO").alias("protocol"),
        pl.concat_str(pl.lit("TYPE="), "TYPE", pl.lit(" CODE="), "CODE").alias("app"),
        (pl.col("last").is_not_null() | pl.col("in").is_null() | _portless()).alias("cut"),
    ]


@cache
def _path() -> pl.Expr:
    """What the kernel knew of the packet's way when it logged it."""
    opens = pl.col("flags").str.contains("SYN", literal=True) & ~pl.col("flags").str.contains("ACK", literal=True)
    stray = pl.col("invalid") | ((pl.col("verdict") == "deny") & (pl.col("PROTO") == "TCP") & ~opens)
    inward, outward = pl.col("in") != "", pl.col("out") != ""
    return (
        pl.when(stray).then(pl.lit("out_of_state"))
        .when(pl.col("early") | (pl.col("last").is_in(["IN", "OUT"]))).then(None)
        .when(inward & outward).then(pl.lit("forward"))
        .when(inward).then(pl.lit("local_in"))
        .when(outward).then(pl.lit("local_out"))
    )  # fmt: skip


def _whole(key: str, name: str) -> pl.Expr:
    """A value, where the line does not end within it: half an address or port is another one."""
    return pl.when((pl.col("last") != key).fill_null(value=True)).then(name)


@cache
def _portless() -> pl.Expr:
    """Nothing says what is carried, or its ports are missing: the line ends too early. A fragment has none."""
    note = pl.col("note")
    told = note.str.contains(r" (?:FRAG:|INCOMPLETE \[|TRUNCATED)")
    ported = pl.col("PROTO").is_in(["TCP", "UDP", "UDPLITE"])
    return (pl.col("PROTO").is_null() & pl.col("OPCODE").is_null() & ~told) | (ported & pl.col("DPT").is_null() & ~told)


@cache
def _ends() -> list[pl.Expr]:
    """Addresses, ports and hardware addresses. What stands in the packet within an ICMP error is another flow's."""
    ported = ~pl.col("PROTO").str.to_lowercase().str.starts_with("icmp").fill_null(value=False)
    mac = pl.col("MAC").str.extract_groups(_ETHERNET).struct
    arp = pl.col("OPCODE").is_not_null()
    return [
        pl.coalesce(_whole("SRC", "SRC"), pl.when(arp).then(_whole("IPSRC", "IPSRC"))).alias("src_ip"),
        pl.coalesce(_whole("DST", "DST"), pl.when(arp).then("IPDST")).alias("dst_ip"),
        pl.when(ported).then(_whole("SPT", "SPT")).alias("src_port"),
        pl.when(ported).then(_whole("DPT", "DPT")).alias("dst_port"),
        pl.coalesce(mac[1], "MACSRC").alias("src_mac"),
        pl.coalesce(mac[0], "MACDST").alias("dst_mac"),
    ]
