"""Windows DHCP Server: the audit log (DhcpSrvLog-Mon.log, DhcpV6SrvLog-Mon.log).

Reference: Microsoft Learn, "Analyze DHCP server log files" (event ids 00 to 64, QResult) and the table of meanings that
each file begins with, Windows Server 2003 to 2025; read 2026-11-20.
Read: lines of 7 columns (Windows 2000) to 19 (2012 R2 and later), of English and Japanese servers; DHCPv6 (ids from
11000 on, 1103 and its like of the search for rogue servers); each behind a syslog header too. The heading and the table
of meanings are skipped.
Not read: the service's own events in the event log.

What happened is told by the id, since the description is in the server's language. src is the client with the address
that is lent. Verdict: an assigned or renewed lease allows; a denied one (15), and a packet that NAP dropped (33, or
QResult 2), deny; an exhausted scope or an address in use decides nothing. Ids of leases and of their DNS updates are
class `dhcp`, those of the service and of the search for rogue servers `system`.
Time: month/day/year of two digits, without zone: the source's.
"""

from __future__ import annotations

import polars as pl

from parsers._delimited import delimited
from parsers._format import Context, Format

_FIELDS = (
    "id", "date", "clock", "description", "address", "host", "f6", "f7", "f8", "f9", "probation", "correlation",
    "dhcid", "vendor_hex", "vendor", "user_hex", "user_class", "relay", "dns_error",
)  # fmt: skip
_LEASES = (
    *range(10, 24), *range(30, 37), *range(11000, 11010), *range(11014, 11020), *range(11022, 11025), 11028, 11029,
    11032,
)  # fmt: skip
_WORDS = {
    "00": "start", "01": "stop", "02": "log_paused", "24": "cleanup", "25": "cleanup", "11010": "start",
    "11011": "stop", "11012": "log_paused", "11020": "cleanup", "11021": "cleanup", "11030": "cleanup",
    "11031": "cleanup",
}  # fmt: skip
_ALLOW = ("10", "11", "20", "21", "11001")
_DENY = ("15", "33")
_FULL = ("14", "22")
"""Here the address is that of the scope."""
_HEADING = (
    r"^(?:ID,|\s*Microsoft (?:Windows )?(?:DHCP|DHCPv6) |Event ID |QResult|[0-9]{1,5}\+?\t|[0-9] ?: ?|\s*イベント)"
)


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    kind = pl.col("id")
    dated = pl.col("date").str.contains(r"^(?:[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2})$")
    clock = pl.col("clock").str.contains("^[0-9]{1,2}:[0-9]{2}:[0-9]{2}$")
    known = kind.str.contains("^(?:[0-9]{2}|1103|11[0-9]{3})$") & dated & clock & (pl.col("_count") >= 7)
    known = known.fill_null(value=False)
    six = kind.str.len_bytes() > 2
    lease = kind.cast(pl.Int64, strict=False).is_in(_LEASES)
    parts = pl.col("date").str.extract_groups("^(?P<a>[0-9]+)/(?P<b>[0-9]+)/(?P<c>[0-9]+)$").struct
    a, b, c = (parts.field(name) for name in "abc")
    first = a.str.len_bytes() == 4
    year = pl.when(first).then(a).when(c.str.len_bytes() == 2).then(pl.concat_str(pl.lit("20"), c)).otherwise(c)
    month, day = pl.when(first).then(b).otherwise(a), pl.when(first).then(c).otherwise(b)
    stamp = pl.format("{}-{}-{} {}", year, month.str.zfill(2), day.str.zfill(2), pl.col("clock").str.zfill(8))
    dropped = ~six & (pl.col("f9").str.strip_chars() == "2")
    mac = pl.when(~six & pl.col("f6").str.contains("^[0-9A-Fa-f]{12}$")).then("f6")
    denied = kind.is_in(_DENY) | dropped.fill_null(value=False)
    full = kind.is_in(_FULL)
    lent = pl.when(lease & ~full).then("address")
    heading = pl.col("body").str.contains(_HEADING)
    return df.select(
        pl.when(known).then(pl.when(lease).then(pl.lit("dhcp")).otherwise(pl.lit("system"))).alias("class"),
        pl.when(~known & heading).then(pl.lit("heading")).alias("skipped"),
        pl.when(~known).then(pl.lit("not the columns of the DHCP audit log")).alias("refused"),
        pl.when(known).then(stamp).alias("time"), pl.col("_cut").alias("cut"),
        kind.alias("event_code"), pl.col("description").alias("action"),
        pl.when(lease).then(pl.lit("udp")).alias("protocol"),
        lent.alias("src_ip"), mac.alias("src_mac"),
        lent.alias("lease_ip"), mac.alias("lease_mac"),
        pl.when(lease).then("host").alias("lease_name"),
        pl.when(six).then("f9").otherwise("f7").alias("user"),
        pl.when(~six).then(pl.col("f8").str.strip_chars().replace("0", None)).otherwise("f8").alias("session_id"),
        pl.when(lease & denied).then(pl.lit("deny")).when(lease & kind.is_in(_ALLOW)).then(pl.lit("allow"))
        .alias("verdict"),
        pl.when(known & ~lease).then(kind.replace_strict(_WORDS, default="rogue_detection")).alias("operation"),
        pl.when(known & ~lease).then(pl.coalesce("host", "address")).alias("object"),
        pl.when(full).then("address").when(~six).then("vendor").alias("message"),
    )  # fmt: skip


FORMAT = Format(
    name="windows_dhcp",
    title="Windows DHCP Server",
    reference="https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/dd183591(v=ws.10)",
    shape=delimited(*_FIELDS, separator=",", brackets=False, collapse=False, nulls=()),
    columns=_columns,
    encoding="cp932",
)
