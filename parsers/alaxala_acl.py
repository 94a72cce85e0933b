r"""ALAXALA AX switches and routers: packets that access lists drop (ACLLOG), and all other system messages.

Reference: https://www.alaxala.com/jp/techinfo/archive/manual/AX8600R/HTML/12_9/LOGREF/0042.HTM (AX8600R メッセージ・
ログレファレンス 12.9, 6.1 "ACLLOG": 2d000003 to 2d000005), 1.1.3 "運用ログのフォーマット" of AX8600S (the frame of a
system message) and its コンフィグレーションガイド Vol.2, 11.1.1 (examples: protocols by name too); read 2026-11-20.
Read: `denied:…` alone, behind any header, and in its frame (time, zone, BCU and state, level, kind, details, identifier
and codes); any other message in the frame is class `system` with its level, kind, identifier and text.
Not read: the tag of a VLAN (no column), the frames of other AX series (their messages are kept by their header).

Verdict: an access list that logs has dropped: always deny. It keeps no state, so path is empty. One line stands for the
packets that it counts (aggregated, when more than one). A single value in brackets behind the source is its port if it
is a number, else the interface. A layer 2 line has hardware addresses and the header behind them (`app`).
Time: the frame's, with its zone where that is one of the source's; else the header's.
"""

from __future__ import annotations

import polars as pl

from parsers._format import Context, Format
from parsers._messages import match, whole

_FRAME = (
    r"^(?:(?P<time>[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:.]{8,12})(?: (?P<zone>[A-Z]{3,5}|[+-][0-9:]{5,6}))? )?"
    r"(?:[A-Z]{3,5} )?[0-9]+-[0-9]+\([AS]\) (?P<level>[SEPR][0-7]) (?P<kind>[A-Z0-9_-]+) (?:(?P<details>.*?) )?"
    r"(?P<code>[0-9a-f]{8}) [0-9a-f]{2} [0-9a-f]{12} ?(?P<text>.*)$"
)
_MAC = r"[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}|[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}"
_IP = r"[0-9.]+|[0-9a-fA-F]*:[0-9a-fA-F:.]*(?:%[^ (]+)?"
_COUNT = r", (?P<count>[0-9]+)(?: packets?)?\.?"
_BY = r"(?:\((?P<interface>[^)]*)\))?"
_PROTOCOL = r"denied: ?(?:\([0-9]+\))?(?P<protocol>[0-9]{1,3}|tcp|udp|icmp6?|igmp|gre|esp|ah|ospf|pim|vrrp|ipinip|ip) "
_FROM = rf"(?P<src_ip>{_IP})(?:\((?P<src_port>[0-9]+)\))?{_BY}"
_FRAME_FROM = rf"denied: ?(?P<src_mac>{_MAC})\((?P<app>[^)]*)\){_BY}"
_DENIED = {
    "packet": rf"{_PROTOCOL}{_FROM} -> (?P<dst_ip>{_IP})(?:\((?P<dst_port>[0-9]+)\))?{_COUNT}",
    "frame": rf"{_FRAME_FROM} -> (?P<dst_mac>{_MAC}){_COUNT}",
    "packet_cut": rf"{_PROTOCOL}(?:{_FROM}[\]( ].*|[0-9a-fA-F:.]*)",
    "frame_cut": rf"{_FRAME_FROM}.*",
}
_UNREADABLE = "neither a message of an access list nor a system message in its frame"


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    frame = df["body"].str.extract_groups(_FRAME).struct.unnest()
    # Behind the name of a program stands what somebody else may have written.
    texts = df.select(pl.when(pl.col("syslog_program").is_null()).then(frame["text"].fill_null(df["body"]))).to_series()
    df = frame.with_columns(texts.alias("text")).hstack(match(texts, _DENIED))
    denied, cut = pl.col("pattern").is_not_null(), pl.col("pattern").str.ends_with("_cut")
    framed, count = pl.col("code").is_not_null(), pl.col("count").cast(pl.Int64, strict=False)
    known = denied | framed
    other = pl.when(framed & ~denied)
    return df.select(
        pl.when(denied).then(pl.lit("network")).when(framed).then(pl.lit("system")).alias("class"),
        pl.when(~known).then(pl.lit(_UNREADABLE)).alias("refused"),
        pl.concat_str("time", pl.lit(" ") + pl.col("zone").fill_null("")).str.strip_chars_end().alias("time"),
        pl.when(denied).then(pl.lit("denied")).alias("action"),
        pl.when(denied).then(pl.lit("deny")).alias("verdict"),
        pl.col("protocol", "src_ip", "src_port", "src_mac", "dst_ip", "dst_port", "dst_mac", "app"),
        pl.col("interface").alias("in_interface"),
        count.fill_null(1).alias("event_count"),
        pl.when(count > 1).then(pl.lit("aggregated")).otherwise(pl.lit("exact")).alias("count_quality"),
        pl.col("code").alias("event_code"),
        pl.col("level").alias("severity"),
        other.then(pl.col("kind").str.to_lowercase()).alias("operation"),
        other.then("details").alias("object"),
        other.then("text").alias("message"),
        cut.alias("cut"),
    )


FORMAT = Format(
    name="alaxala_acl",
    title="ALAXALA AX (ACLLOG)",
    reference="https://www.alaxala.com/jp/techinfo/archive/manual/AX8600R/HTML/12_9/LOGREF/0042.HTM",
    shape=whole(),
    columns=_columns,
    not_a_host=r"^(?:[A-Z]{3,5}|[0-9]+-[0-9]+\([AS]\)|denied:.*)$",
)
