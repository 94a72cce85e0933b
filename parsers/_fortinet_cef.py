"""FortiGate logs in CEF, with the names of their fields put back.

Reference: FortiOS 5.6, 6.0, 6.2, 7.0 and 7.2 "Log Message Reference", "CEF support" (examples and tables of traffic,
event, antivirus, web filter, DLP, IPS and VoIP logs); read 2026-11-20. A field that CEF has no name for has the prefix
FTNTFGT; `cat` is type:subtype; older versions kept the policy in a custom field. CEF has no `date` and `time`: the
time is `FTNTFGTeventtime`, else the header's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from parsers._cef import cef
from parsers._lines import Lines

_PREFIX = "FTNTFGT"
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
_OTHERS = ("cat", "duser", "suser", "deviceDirection", "cs5", "cs5Label")
_MAIL = ("emailfilter", "spam", "voip")
"""Subtypes whose users are the sender and the recipient."""


def fortinet_cef(keys: Sequence[str], nulls: tuple[str, ...]) -> Callable[[Lines], pl.DataFrame]:
    """A text column for each of `keys`, FortiOS's names; all null where a line is no CEF of a FortiGate."""
    own = [f"{_PREFIX}{key}" for key in keys]
    tokens = cef(*own, *_STANDARD, *_OTHERS, nulls=nulls)

    def shape(lines: Lines) -> pl.DataFrame:
        df = tokens(lines)
        theirs = (pl.col("_vendor").str.to_lowercase() == "fortinet").fill_null(value=False)
        subtype = pl.coalesce(f"{_PREFIX}subtype", pl.col("cat").str.extract("^[^:]*:(.*)$", 1))
        utm, mail = pl.col("cat").str.starts_with("utm:"), subtype.is_in(_MAIL)
        users = pl.coalesce("duser", "suser")
        found = {key: [pl.col(name)] for key, name in zip(keys, own, strict=True)}
        for key, name in _STANDARD.items():
            found[name].append(pl.col(key))
        found["type"].append(pl.col("cat").str.extract("^([^:]*)", 1))
        found["subtype"] = [subtype]
        found["logid"].append(pl.col("_signature"))
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
