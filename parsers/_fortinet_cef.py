"""FortiGate logs in CEF, with the names of their fields put back.

Reference: FortiOS 5.6, 6.0, 6.2, 7.0 and 7.2 "Log Message Reference", "CEF support" (examples and tables of traffic,
event, antivirus, web filter, DLP, IPS and VoIP logs); Fortinet community "FortiAnalyzer log forwarding CEF version";
read 2026-11-20. A field that CEF has no name for has the prefix FTNTFGT (of some FortiOS 6.0 and 6.2:
FortinetFortiGate); where FortiAnalyzer forwards the log it has the prefix `ad.` or none. `cat` is type:subtype, or
FortiAnalyzer's type alone; older versions kept the policy in a custom field. The time is `eventtime`, else
FortiAnalyzer's `start` in the device's zone, else the header's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from parsers._cef import begins, cef
from parsers._lines import Lines

_PREFIXES = ("FTNTFGT", "FortinetFortiGate", "ad.", "")
"""What stands before a field of FortiOS's own; the first also where no field tells."""
_STANDARD = {
    "deviceExternalId": "devid", "dvchost": "devname", "src": "srcip", "shost": "srcname", "spt": "srcport",
    "smac": "srcmac", "dst": "dstip", "dhost": "dstname", "dpt": "dstport", "dmac": "dstmac",
    "deviceInboundInterface": "srcintf", "deviceOutboundInterface": "dstintf", "externalId": "sessionid",
    "proto": "proto", "act": "action", "app": "service", "sourceTranslatedAddress": "transip",
    "sourceTranslatedPort": "transport", "destinationTranslatedAddress": "tranip",
    "destinationTranslatedPort": "tranport", "out": "sentbyte", "in": "rcvdbyte", "request": "url",
    "requestClientApplication": "agent", "requestMethod": "httpmethod", "requestContext": "catdesc",
    "fname": "filename", "fileHash": "filehash", "msg": "msg", "outcome": "status", "reason": "reason", "sproc": "ui",
    "sourceServiceName": "role", "cnt": "count",
}  # fmt: skip
"""Key of CEF → field of FortiOS."""
_OTHERS = ("cat", "duser", "suser", "deviceDirection", "deviceSeverity", "start", "cs5", "cs5Label")
_START = r"^([A-Z][a-z]{2} [0-9]{1,2} [0-9]{4}) ([0-9]{2}:[0-9]{2}:[0-9]{2})$"
_MAIL = ("emailfilter", "spam", "voip")
"""Subtypes whose users are the sender and the recipient."""


def fortinet_cef(keys: Sequence[str], nulls: tuple[str, ...]) -> Callable[[Lines], pl.DataFrame]:
    """A text column for each of `keys`, FortiOS's names; all null where a line is no CEF of a FortiGate."""
    first, *others = [_prefixed(prefix, keys, nulls) for prefix in _PREFIXES]
    marks = [f" {prefix}logid=".encode() for prefix in _PREFIXES[1:]]

    def shape(lines: Lines) -> pl.DataFrame:
        df = first(lines)
        for mark, read in zip(marks, others, strict=True):
            rows = pl.Series(np.flatnonzero(begins(lines, mark) >= 0))
            if len(rows):
                made = read(lines)
                df = df.with_columns(df[name].scatter(rows, made[name].gather(rows)) for name in made.columns)
        return df

    return shape


def _prefixed(prefix: str, keys: Sequence[str], nulls: tuple[str, ...]) -> Callable[[Lines], pl.DataFrame]:
    """The same for lines whose own fields have this prefix."""
    own = {key: f"{prefix}{key}" for key in keys if prefix or key not in (*_STANDARD, *_OTHERS)}
    tokens = cef(*own.values(), *_STANDARD, *_OTHERS, nulls=nulls)

    def shape(lines: Lines) -> pl.DataFrame:
        df = tokens(lines)
        theirs = (pl.col("_vendor").str.to_lowercase() == "fortinet").fill_null(value=False)
        found = {key: [pl.col(own[key])] if key in own else [pl.lit(None, pl.String)] for key in keys}
        subtype = pl.coalesce(*found["subtype"], pl.col("cat").str.extract("^[^:]*:(.*)$", 1))
        utm, mail = pl.col("cat").str.contains("^utm(?::|$)"), subtype.is_in(_MAIL)
        users = pl.coalesce("duser", "suser")
        for key, name in _STANDARD.items():
            found[name].append(pl.col(key))
        found["type"].append(pl.col("cat").str.extract("^([^:]*)", 1))
        found["subtype"] = [subtype]
        found["level"].append(pl.col("deviceSeverity"))
        found["logid"].append(pl.col("_signature"))
        found["date"].append(pl.col("start").str.extract(_START, 1))
        found["time"].append(pl.col("start").str.extract(_START, 2))
        # Behind the device's zone FortiAnalyzer writes its own, in quotes.
        found["tz"] = [found["tz"][0].str.extract("^([+-][0-9]{4})$", 1)]
        found["hostname"].append(pl.when(utm).then("dhost"))
        found["from"].append(pl.when(mail).then("suser"))
        found["to"].append(pl.when(mail).then("duser"))
        found["user"].append(pl.when(~mail.fill_null(value=False)).then(users))
        found["policyid"].append(pl.when(pl.col("cs5Label") == "Policy Id").then("cs5"))
        found["direction"].append(
            pl.col("deviceDirection").replace_strict({"0": "incoming", "1": "outgoing"}, default=None)
        )
        return df.select(pl.when(theirs).then(pl.coalesce(exprs)).alias(key) for key, exprs in found.items())

    return shape
