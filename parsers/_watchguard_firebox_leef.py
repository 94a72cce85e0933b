"""Firebox messages in IBM LEEF: the parts of a message as attributes.

Reference: Fireware Help, "Configure Syslog Server Settings" (log format IBM LEEF: msg_id is the event id, without its
hyphen); it was not at hand on 2026-11-20: the attributes are those of public examples, the translated addresses but
for the source's those of IBM QRadar "LEEF version 2".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from parsers._cef import leef
from parsers._lines import Lines

PREFIX = "leef_"
_NAMES = {"src_ip_nat": "srcPostNAT", "src_port_nat": "srcPostNATPort", "dst_ip_nat": "dstPostNAT",
          "dst_port_nat": "dstPostNATPort"}  # fmt: skip
"""Key of a message → its attribute, where the two differ."""
_PARTS = {
    "said": "disp", "in_if": "in_if", "out_if": "out_if", "protocol": "proto", "src_ip": "src", "src_port": "srcPort",
    "dst_ip": "dst", "dst_port": "dstPort", "flags": "tcp_flag", "policy": "policy", "rest": "msg",
}  # fmt: skip
"""Part of a message that has no key → its attribute."""


def firebox_leef(keys: Sequence[str]) -> Callable[[Lines], pl.DataFrame]:
    """A text column for each of `keys`, and with `PREFIX` the parts that have no key; null where it is none of Firebox.

    `serial` is the name of the box, else its serial number.
    """
    attributes = {key: _NAMES.get(key, key) for key in keys if key != "msg_id"}
    tokens = leef(*dict.fromkeys((*attributes.values(), *_PARTS.values(), "host_name", "serial")))

    def shape(lines: Lines) -> pl.DataFrame:
        theirs = (pl.col("_vendor").str.to_lowercase() == "watchguard").fill_null(value=False)
        found = {
            **{key: pl.col(name) for key, name in attributes.items()},
            **{f"{PREFIX}{part}": pl.col(name) for part, name in _PARTS.items()},
            "msg_id": pl.col("_event").str.replace("^([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})$", "$1-$2"),
            f"{PREFIX}serial": pl.coalesce("host_name", "serial"),
        }
        return tokens(lines).select(pl.when(theirs).then(value).alias(name) for name, value in found.items())

    return shape
