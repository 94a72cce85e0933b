"""SonicOS events in CEF ("ArcSight" syslog), with the tags of SonicOS's own syslog put back.

Reference: SonicOS 7.0 Log Events Reference Guide, "Index of Syslog Tag Field Descriptions" (column ArcSight); it was
not at hand on 2026-11-20: the mapping is that of public examples and of other projects. Several tags stand in what CEF
keeps for labels: cs1Label is the translated source, cn3Label the duration. `in` is what came back, `cnt` counts
messages. There is no time: the header's counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from parsers._cef import cef
from parsers._lines import Lines

_TAGS = {
    "cat": "c", "cnt": "n", "smac": "srcMac", "dmac": "dstMac", "in": "rcvd", "out": "sent", "cn1Label": "rpkt",
    "cn2Label": "spkt", "cn3Label": "cdur", "cs6Label": "dur", "cs1": "rule", "cs5Label": "sess", "cs6": "note",
    "susr": "usr", "proto": "proto", "appName": "appName", "appcat": "appcat", "fw_action": "fw_action", "sid": "sid",
    "ipscat": "ipscat", "spycat": "spycat", "fileid": "fileid", "srcV6": "srcV6", "dstV6": "dstV6",
    "natSrcV6": "natSrcV6", "natDstV6": "natDstV6",
}  # fmt: skip
"""Key of CEF → tag of SonicOS."""
_ENDS = {
    "src": ("src", "spt", "deviceInboundInterface"), "dst": ("dst", "dpt", "deviceOutboundInterface"),
    "natSrc": ("cs1Label", "snpt"), "natDst": ("cs2Label", "dnpt"),
}  # fmt: skip
"""Tag of an end → keys of CEF that it is made of, with colons between."""
_OTHERS = ("msg", "request", "reason")


def sonicwall_cef(keys: Sequence[str]) -> Callable[[Lines], pl.DataFrame]:
    """A text column for each of `keys`, SonicOS's tags; all null where a line is no CEF of a SonicWall.

    `id` stands where it is one.
    """
    parts = dict.fromkeys(part for end in _ENDS.values() for part in end)
    tokens = cef(*_TAGS, *parts, *_OTHERS, nulls=('"NA"',))

    def shape(lines: Lines) -> pl.DataFrame:
        df = tokens(lines).with_columns(pl.col(*_TAGS, *_OTHERS).str.strip_chars('"').replace("", None))
        theirs = (pl.col("_vendor").str.to_lowercase() == "sonicwall").fill_null(value=False)
        found = {tag: pl.col(key) for key, tag in _TAGS.items()}
        for tag, (address, *rest) in _ENDS.items():
            wide = pl.when(pl.col(address).str.contains(":", literal=True))
            whole = wide.then(pl.concat_str(pl.lit("["), address, pl.lit("]"))).otherwise(address)
            found[tag] = pl.concat_str(
                whole.fill_null(""), *(pl.col(part).fill_null("") for part in rest), separator=":"
            )
        found |= {
            "id": pl.lit("firewall"), "m": pl.col("_signature"), "msg": pl.coalesce("msg", "_name"),
            "dstname": pl.col("request").str.extract("^([^/]+)"), "arg": pl.col("request").str.extract("^[^/]*(/.*)$"),
            "Category": pl.col("reason").str.extract(r'Category-"?([^"]*)', 1),
        }  # fmt: skip
        nothing = pl.lit(None, pl.String)
        return df.select(pl.when(theirs).then(found.get(key, nothing)).alias(key) for key in keys)

    return shape
