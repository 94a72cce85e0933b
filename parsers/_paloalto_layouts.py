"""Where PAN-OS writes what: for each type of log, name → place of the value, from 0.

Reference: PAN-OS "Syslog Field Descriptions" of 6.1, 7.1, 8.0, 9.1, 10.1, 10.2, 11.1 (the Format line of each type),
read 2026-11-20. Later versions only add behind; the configuration log alone has two layouts: the change before and
after stands in between, or not at all (then the action flags stand there). A line that ends earlier has no value there.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from parsers._distinct import distinct_of
from parsers._lines import Ints
from parsers._records import Layout

_FLOW = {
    "generated": 6, "src": 7, "dst": 8, "nat_src": 9, "nat_dst": 10, "rule": 11, "user": 12, "app": 14, "vsys": 15,
    "in": 18, "out": 19, "session": 22, "repeat": 23, "sport": 24, "dport": 25, "nat_sport": 26, "nat_dport": 27,
    "protocol": 29, "action": 30,
}  # fmt: skip
"""What TRAFFIC, THREAT, DECRYPTION, tunnel inspection, GTP and SCTP have in common."""
TRAFFIC = _FLOW | {
    "sent": 32, "received": 33, "start": 35, "elapsed": 36, "packets_sent": 44,
    "sequence": 39, "packets_received": 45, "reason": 46, "device": 52, "src_name": 82, "src_mac": 83,
    "dst_name": 90, "dst_mac": 91, "exact_time": 102,
}  # fmt: skip
THREAT = _FLOW | {
    "misc": 31, "threat": 32, "category": 33, "severity": 34, "sequence": 36, "content_type": 41, "digest": 43,
    "agent": 46, "forwarded": 48, "referer": 49, "sender": 50, "subject": 51, "recipient": 52, "device": 59,
    "method": 63, "src_name": 86, "src_mac": 87, "dst_name": 94, "dst_mac": 95, "exact_time": 107,
}  # fmt: skip
DECRYPTION = _FLOW | {
    "tls_version": 39, "policy": 43, "error_index": 45, "sni": 63, "error": 64, "exact_time": 72, "src_name": 79,
    "src_mac": 80, "dst_name": 87, "dst_mac": 88, "device": 96,
}  # fmt: skip
TUNNEL = _FLOW | {
    "severity": 31, "device": 41, "sent": 48, "received": 49, "packets_sent": 51,
    "packets_received": 52, "reason": 59, "start": 61, "elapsed": 62, "exact_time": 71,
}  # fmt: skip
SCTP = _FLOW | {"protocol": 30, "action": 31, "device": 37}
SYSTEM = {
    "generated": 6, "vsys": 7, "event": 8, "object": 9, "severity": 13, "description": 14, "sequence": 15, "device": 22,
    "exact_time": 25,
}  # fmt: skip
_CONFIG = {
    "generated": 6, "src": 7, "vsys": 8, "action": 9, "user": 10, "client": 11, "result": 12, "object": 13,
}  # fmt: skip
CONFIG_SHORT = _CONFIG | {"sequence": 14, "device": 21, "comment": 23, "exact_time": 25}
CONFIG = _CONFIG | {"before": 14, "after": 15, "sequence": 16, "device": 23, "comment": 25, "exact_time": 27}
GLOBALPROTECT = {
    "generated": 6, "vsys": 7, "event": 8, "stage": 9, "method": 10, "tunnel": 11, "user": 12, "src_name": 14,
    "src": 15, "src_v6": 16, "nat_src": 17, "nat_src_v6": 18, "repeat": 24, "reason": 25, "error": 26,
    "description": 27, "status": 28, "elapsed": 30, "portal": 33, "exact_time": 36, "gateway": 41, "device": 47,
}  # fmt: skip
USERID = {
    "generated": 6, "vsys": 7, "src": 8, "user": 9, "origin": 10, "event": 11, "repeat": 12, "method": 17, "device": 25,
    "factor": 27, "tag": 32, "exact_time": 33,
}  # fmt: skip
HIPMATCH = {
    "generated": 6, "user": 7, "vsys": 8, "src_name": 9, "src": 11, "object": 12, "repeat": 13, "hip_type": 14,
    "device": 24, "src_v6": 26, "src_mac": 29, "exact_time": 30,
}  # fmt: skip
AUTHENTICATION = {
    "generated": 6, "vsys": 7, "src": 8, "user": 9, "object": 11, "rule": 12, "repeat": 13,
    "vendor": 15, "description": 18, "client": 19, "event": 20, "device": 29, "method": 31,
    "exact_time": 33, "src_name": 40, "src_mac": 41, "session": 45,
}  # fmt: skip
CORRELATION = {
    "generated": 6, "src": 7, "user": 8, "vsys": 9, "category": 10, "severity": 11, "device": 17, "object": 19,
    "threat": 20, "description": 21,
}  # fmt: skip
IPTAG = {
    "generated": 6, "vsys": 7, "src": 8, "tag": 9, "event": 10, "repeat": 11, "origin": 13, "device": 23,
    "exact_time": 25,
}  # fmt: skip
AUDIT = {"generated": 1, "event": 4, "user": 5, "object": 6, "result": 7}
OTHER = {"generated": 6}

LAYOUTS: tuple[Layout, ...] = (
    TRAFFIC, THREAT, SYSTEM, CONFIG, CONFIG_SHORT, GLOBALPROTECT, USERID, HIPMATCH, AUTHENTICATION, DECRYPTION, TUNNEL,
    _FLOW, CORRELATION, IPTAG, AUDIT, OTHER, SCTP,
)  # fmt: skip
_KINDS: dict[str, int] = {
    "TRAFFIC": 0, "THREAT": 1, "SYSTEM": 2, "CONFIG": 3, "GLOBALPROTECT": 5, "USERID": 6, "HIPMATCH": 7,
    "HIP-MATCH": 7, "AUTHENTICATION": 8, "DECRYPTION": 9, "START": 10, "END": 10, "GTP": 11, "SCTP": 16,
    "CORRELATION": 12, "IPTAG": 13,
}  # fmt: skip
_SHORT_CONFIG, _AUDIT, _OTHER = 4, 14, 15
_LONG_CONFIG = 24
"""Values of a configuration log with the change before and after, at least."""
_FLAGS = "^0x[0-9a-f]+$"
TYPES = (
    "traffic", "threat", "system", "config", "config", "globalprotect", "userid", "hipmatch", "authentication",
    "decryption", "tunnel", "flow", "correlation", "iptag", "audit", "other", "flow",
)  # fmt: skip
"""Number of a layout → what its lines are."""

_STAMP = r"^20[0-9]{2}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"


def layout_of(df: pl.DataFrame) -> Ints:
    """Which layout each line has, by its type and its count of values; −1 where it is no line of PAN-OS."""
    kind = _by_type(df["_3"])
    config = np.flatnonzero(kind == _KINDS["CONFIG"])
    if len(config):
        short = (pl.col("_count") < _LONG_CONFIG) | pl.col("_15").str.contains(_FLAGS).fill_null(value=False)
        kind[config[df[config].select(short).to_series().to_numpy()]] = _SHORT_CONFIG
    unknown = np.flatnonzero(kind < 0)
    if not len(unknown):
        return kind
    stamped = pl.col("_1").str.contains(_STAMP)
    audit = stamped & (pl.col("_2").str.to_lowercase() == "audit") & (pl.col("_count") >= 7)
    other = stamped & pl.col("_3").str.contains("^[A-Z][A-Z-]{2,}$") & (pl.col("_count") >= 8)
    rest = df[unknown].select(kind=pl.when(audit).then(_AUDIT).when(other).then(_OTHER).otherwise(-1))
    kind[unknown] = rest["kind"].to_numpy()
    return kind


def _by_type(types: pl.Series) -> Ints:
    """The layout by the word of the type."""
    distinct, index = distinct_of(types)
    numbers = np.array([*(_KINDS.get(name.upper(), -1) for name in distinct.to_list()), -1])
    return numbers.take(index.fill_null(len(distinct)).to_numpy())
