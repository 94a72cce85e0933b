"""LEEF (Log Event Extended Format) 1.0 and 2.0 of any product, as it is made for QRadar.

Reference: IBM QRadar "Log Event Extended Format (LEEF) version 2", components and predefined event attributes; JSA
"LEEF guide"; read 2026-11-20. Read besides: `action`, `msg`, `fileName` and the like, which many products add.
Not read: attributes that only one product knows, QRadar's identity fields but for the name of the host. What kind of
event a line is goes by its content (`_cef_events`), login and logout by `isLoginEvent` and `isLogoutEvent` too. The
LEEF of Check Point and of WatchGuard is recognised by their own modules.
Time: `devTime`, whatever its `devTimeFormat` if it has year, month and day in an order that can't be mistaken; an
offset or `Z` in it wins, else the source's zone. Without it the header's.
"""

from __future__ import annotations

import polars as pl

from parsers import _cef_events as events
from parsers._cef import leef
from parsers._format import Context, Format

_KEYS = {
    "cat": "cat", "action": "act", "act": "act", "Action": "act", "disposition": "act", "app": "app",
    "application": "app", "proto": "proto", "srcPreNAT": "src", "src": "src", "identSrc": "src",
    "srcPreNATPort": "spt", "srcPort": "spt", "dstPreNAT": "dst", "dst": "dst", "dstPreNATPort": "dpt",
    "dstPort": "dpt", "srcPostNAT": "nat_src", "srcPostNATPort": "nat_spt", "dstPostNAT": "nat_dst",
    "dstPostNATPort": "nat_dpt", "identHostName": "shost", "shost": "shost", "srcHost": "shost", "dhost": "dhost",
    "dstHost": "dhost", "srcMAC": "smac", "identMAC": "smac", "dstMAC": "dmac", "usrName": "suser",
    "accountName": "suser", "suser": "suser", "domain": "domain", "srcBytes": "out", "dstBytes": "in",
    "srcPackets": "packets_out", "dstPackets": "packets_in", "policy": "rule", "rule": "rule", "ruleName": "rule",
    "sessionID": "session", "sessionId": "session", "url": "url", "resource": "url", "request": "url",
    "method": "method", "requestMethod": "method", "userAgent": "agent", "referer": "referer", "status": "status",
    "urlCategory": "category", "xForwardedFor": "xff", "msg": "msg", "message": "msg", "outcome": "outcome",
    "reason": "reason", "fileName": "fname", "filename": "fname", "filePath": "fname", "fileHash": "hash",
    "sha256": "hash", "md5": "hash", "count": "count", "cnt": "count", "devName": "device", "deviceName": "device",
    "dvchost": "device", "vSrcName": "vdev", "devTime": "when", "sev": "level", "isLoginEvent": "login",
    "isLogoutEvent": "logout", "name": "name", "subject": "subject",
}  # fmt: skip
"""Key → field of `_cef_events`. Of several keys for one field the first that a line has counts."""
_MODULES = ("check point", "watchguard")
"""Makers whose own module reads their LEEF."""


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    found: dict[str, list[pl.Expr]] = {}
    for key, name in _KEYS.items():
        found.setdefault(name, []).append(pl.col(key))
    found |= {"vendor": [pl.col("_vendor")], "product": [pl.col("_product")], "code": [pl.col("_event")]}
    found["name"].append(pl.col("_event"))
    # A resource is a URL only where it looks like one.
    resource = pl.when(pl.col("resource").str.contains("://", literal=True)).then("resource")
    found["url"] = [pl.col("url"), resource, pl.col("request")]
    for name in ("login", "logout"):
        found[name] = [pl.col(f"is{name.title()}Event").str.to_lowercase()]
    nothing = pl.lit(None, pl.String)
    fields = [pl.coalesce(found.get(name) or [nothing]).alias(name) for name in events.FIELDS]
    made = events.columns(df.select(fields), context)
    more = df.select(
        own=pl.col("_leef") & ~pl.col("_vendor").str.to_lowercase().is_in(_MODULES).fill_null(value=False),
        refused=pl.when(~pl.col("_leef")).then(pl.lit("no LEEF: five fields between bars behind LEEF: are wanted")),
    )
    return made.hstack(more)


FORMAT = Format(
    name="leef",
    title="LEEF (Log Event Extended Format)",
    reference="https://www.ibm.com/docs/en/dsm?topic=leef-overview",
    shape=leef(*_KEYS),
    columns=_columns,
    header="host",
    not_a_host="^LEEF:",
)
