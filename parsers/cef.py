"""CEF (ArcSight Common Event Format) of any product: antivirus, sandboxes, application firewalls, mail gateways …

Reference: "ArcSight Common Event Format (CEF) implementation standard", version 26, its extension dictionary; Fortinet,
Check Point and SonicWall write bytes the other way round (FortiOS "CEF support", Check Point "Log Exporter"; read
2026-11-20; SonicWall by public examples), and SonicWall numbers its messages in `cnt`.
Read: the header, the keys of the dictionary, custom fields whose label says what they are (rule, session, IPv6
addresses, category, duration, virtual system, status), keys of NetScaler. What kind of event a line is goes by its
content (`_cef_events`). A product that Hinomi has a module for (Fortinet FortiGate, Check Point, SonicWall, Infoblox
NIOS) is read alike but is recognised by that module.
Not read: keys that only one product knows, file permissions, process ids, geographic coordinates.
Time: `rt`, else `end`, else `start`, else the header's; in epoch milliseconds it is exact, a clock takes `dtz` where
that is an offset, and the source's zone otherwise. `in` flows from source to destination, as the standard says.
"""

from __future__ import annotations

import polars as pl

from parsers import _cef_events as events
from parsers._cef import cef
from parsers._distinct import per_distinct
from parsers._format import Context, Format

_CUSTOM = tuple(f"{kind}{i}" for kind, count in (("cs", 6), ("cn", 3), ("c6a", 4)) for i in range(1, count + 1))
_KEYS = {
    "cat": "cat", "act": "act", "deviceAction": "act", "app": "app", "proto": "proto", "src": "src", "spt": "spt",
    "dst": "dst", "dpt": "dpt", "sourceTranslatedAddress": "nat_src", "sourceTranslatedPort": "nat_spt",
    "destinationTranslatedAddress": "nat_dst", "destinationTranslatedPort": "nat_dpt", "shost": "shost",
    "dhost": "dhost", "smac": "smac", "dmac": "dmac", "suser": "suser", "duser": "duser", "sntdom": "domain",
    "dntdom": "domain", "deviceInboundInterface": "in_if", "deviceOutboundInterface": "out_if", "externalId": "session",
    "request": "url", "requestMethod": "method", "method": "method", "requestClientApplication": "agent",
    "requestContext": "referer", "msg": "msg", "message": "msg", "outcome": "outcome", "categoryOutcome": "outcome",
    "reason": "reason", "fname": "fname", "filePath": "fname", "fileHash": "hash", "cnt": "count",
    "baseEventCount": "count", "dvchost": "device", "dvc": "device", "deviceExternalId": "device", "rt": "when",
    "end": "when", "start": "when", "dtz": "zone", "destinationServiceName": "service",
    "sourceServiceName": "service", "deviceDirection": "direction", "destinationDnsDomain": "qname",
}  # fmt: skip
"""Key → field of `_cef_events`. Of several keys for one field the first that a line has counts."""
_LABELS = {
    "rule": ("rule", "rulename", "ruleid", "policy", "policyid", "policyname", "accessrule", "ruleuid", "acl"),
    "src": ("sourceipv6address", "sourceipv6", "srcipv6"),
    "dst": ("destinationipv6address", "destinationipv6", "dstipv6"),
    "session": ("sessionid", "session", "connectionid"),
    "category": ("urlcategory", "category", "categories", "webcategory"),
    "vdev": ("virtualsystem", "vsys", "vdom", "context"),
    "status": ("httpstatus", "httpstatuscode", "statuscode", "responsecode", "httpresponsecode", "httpresponse"),
    "subject": ("subject", "mailsubject", "emailsubject"),
    "xff": ("xforwardedfor", "xff"),
    "duration": ("durationinseconds", "duration", "elapsedtimeinseconds", "elapsedtime"),
}
"""Field → what the label of a custom field says, in small letters and digits alone."""
_FIELD = (
    pl.col("value").str.to_lowercase().str.replace_all("[^a-z0-9]", "")
    .replace_strict({word: name for name, words in _LABELS.items() for word in words}, default=None)
)  # fmt: skip
"""Which field a label means."""
_MODULES = (("Fortinet", "Fortigate"), ("Check Point", ""), ("SonicWall", ""), ("Infoblox", "NIOS"))
"""Makers (and products, where not all) whose own module reads their CEF."""
_OTHER_WAY = ("fortinet", "check point", "sonicwall")
"""Makers whose `in` is what the client received."""


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    made = events.columns(df.select(fields(df)), context)
    vendor, product = pl.col("_vendor").str.to_lowercase(), pl.col("_product").str.to_lowercase()
    elsewhere = [(vendor == v.lower()) & product.str.starts_with(p.lower()) for v, p in _MODULES]
    more = df.select(
        own=pl.col("_cef") & ~pl.any_horizontal(elsewhere).fill_null(value=False),
        refused=pl.when(~pl.col("_cef")).then(pl.lit("no CEF: seven fields between bars behind CEF: are wanted")),
    )
    return made.hstack(more)


def fields(df: pl.DataFrame) -> list[pl.Expr]:
    """The fields of `_cef_events` from the keys of CEF."""
    found: dict[str, list[pl.Expr]] = {}
    for key, name in _KEYS.items():
        found.setdefault(name, []).append(pl.col(key))
    for custom in _CUSTOM:
        named = per_distinct(df[f"{custom}Label"], field=_FIELD)["field"]
        for name in named.unique().drop_nulls().to_list():
            found.setdefault(name, []).append(pl.when(pl.lit(named) == name).then(custom))
    # What an id from outside means is up to the product, a label says it.
    found["session"] = [*found["session"][1:], found["session"][0]]
    maker = pl.col("_vendor").str.to_lowercase()
    swapped = maker.is_in(_OTHER_WAY).fill_null(value=False)
    found |= {
        "vendor": [pl.col("_vendor")], "product": [pl.col("_product")], "code": [pl.col("_signature")],
        "url": [pl.col("request").str.strip_chars('"')], "name": [pl.col("_name")], "level": [pl.col("_severity")],
        "out": [pl.when(swapped).then("out").otherwise("in")], "in": [pl.when(swapped).then("in").otherwise("out")],
        "count": [pl.when(maker.ne_missing("sonicwall")).then(pl.coalesce(found["count"]))],
        "start": [pl.when(pl.coalesce("rt", "end").is_not_null()).then("start")],
        "zone": [pl.when(pl.col("dtz").str.contains(r"^(?:UTC|GMT|Z)?(?:[+-][0-9]{1,2}:?[0-9]{0,2})?$")).then("dtz")],
        "duration_ms": [(e.cast(pl.Float64, strict=False) * 1000).cast(pl.Int64) for e in found.pop("duration", [])],
        "direction": [pl.col("deviceDirection").replace_strict({"0": "inbound", "1": "outbound"}, default=None)],
    }  # fmt: skip
    nothing = pl.lit(None, pl.String)
    return [pl.coalesce(found.get(name) or [nothing]).alias(name) for name in events.FIELDS]


FORMAT = Format(
    name="cef",
    title="CEF (Common Event Format)",
    reference="https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors-8.3/cef-implementation-standard/",
    shape=cef(*_KEYS, "in", "out", *_CUSTOM, *(f"{name}Label" for name in _CUSTOM)),
    columns=_columns,
    header="host",
    not_a_host="^CEF:",
)
