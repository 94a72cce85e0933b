r"""NEC UNIVERGE IX routers, unverified: filtered packets as general knowledge describes them, other events by their id.

Reference: https://jpn.nec.com/univerge/ix/index.html (UNIVERGE IX2000/IX3000). Unverified: the lines of packets that no
filter matched (`show logging`) are in users' published notes of 2015 and 2026, read 2026-11-20; that of a match is what
people tell of these routers, and nobody has held it against a device. Send lines of a real one to the maintainers
before relying on it.
Read: `FLT.0xx: BLOCK tcp 198.51.100.9:40001 > 203.0.113.4:23, match ACL, GigaEthernet0.0 in`, the same with `not match
any filters` or `no match` (no `rule`, the words are the message), behind any header or none, with the router's own time
(`2026/11/20 10:00:00 FLT.008: …`) or without, and any other event `SYS.001: text` as class `system` with its id.
Not read: everything else; lines of other programs are kept by their header.

Verdict: BLOCK deny, PASS and PERMIT allow; any other word decides nothing. `rule` is the access list, `event_code` the
id. The filter keeps no state that the line tells of, so path is empty. A line that ends before its access list keeps
what is whole of it.
Time: the router's own, else the header's.
"""

from __future__ import annotations

import polars as pl

from parsers._format import Context, Format
from parsers._messages import match, whole

_V4 = r"(?P<{0}_ip>[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)(?::(?P<{0}_port>[0-9]+))?"
_V6 = r"\[?(?P<{0}_ip>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%[0-9A-Za-z.]+)?)(?:\]:(?P<{0}_port>[0-9]+))?\]?"
_AT = r"(?:(?P<time>[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}) )?"
_ID = rf"{_AT}(?P<code>[A-Z][A-Z0-9]{{1,9}}\.[0-9]{{3}}): "
_FILTERED = rf"{_AT}(?P<code>FLT\.[0-9]{{3}}): (?P<action>[A-Z]+) (?P<protocol>[0-9A-Za-z-]+) "
_TAIL = (
    r", (?:match (?P<rule>[^,]+)|(?P<message>not match any filters|no match))"
    r"(?:, (?P<interface>[^ ,]+)(?: (?P<way>in|out))?)?"
)
_MESSAGES = {
    "packet": f"{_FILTERED}{_V4.format('src')} > {_V4.format('dst')}{_TAIL}",
    "packet6": f"{_FILTERED}{_V6.format('src')} > {_V6.format('dst')}{_TAIL}",
    "packet_cut": rf"{_FILTERED}(?:{_V4.format('src')} .*|[^ ]*)",
    "event": f"{_ID}(?P<message>.*)",
}
_VERDICTS = {"BLOCK": "deny", "PASS": "allow", "PERMIT": "allow"}
_UNREADABLE = "no event of a UNIVERGE IX: neither SYS.001: nor FLT.001:"


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    program = df["syslog_program"]
    # `FLT.001:` stands where a program would; behind any other program's name somebody else may have written.
    tagged = program.str.contains(r"^[A-Z][A-Z0-9]{1,9}\.[0-9]{3}$").fill_null(value=False)
    df = df.select(
        pl.when(pl.lit(tagged)).then(pl.concat_str("syslog_program", pl.lit(": "), "body"))
        .when(pl.lit(program.is_null())).then("body").alias("body")
    )  # fmt: skip
    df = match(df["body"], _MESSAGES)
    pattern, subsystem = pl.col("pattern"), pl.col("code").str.extract(r"^([A-Z0-9]+)").str.to_lowercase()
    packet, cut = pattern.str.starts_with("packet"), pattern == "packet_cut"
    return df.select(
        pl.when(packet).then(pl.lit("network")).when(pattern.is_not_null()).then(pl.lit("system")).alias("class"),
        pl.when(pattern.is_null()).then(pl.lit(_UNREADABLE)).alias("refused"),
        pl.col("time", "action"),
        pl.col("action").replace_strict(_VERDICTS, default=None, return_dtype=pl.String).alias("verdict"),
        pl.when(~cut | pl.col("src_ip").is_not_null()).then("protocol").alias("protocol"),
        pl.col("src_ip", "src_port", "dst_ip", "dst_port", "message"),
        pl.when(pl.col("way").is_not_null()).then("rule").alias("rule"),
        pl.when(pl.col("way") == "in").then("interface").alias("in_interface"),
        pl.when(pl.col("way") == "out").then("interface").alias("out_interface"),
        pl.col("code").alias("event_code"),
        pl.when(pattern == "event").then(subsystem).alias("operation"),
        (cut | (packet & pl.col("way").is_null())).alias("cut"),
    )  # fmt: skip


FORMAT = Format(
    name="nec_ix",
    title="NEC UNIVERGE IX (unverified)",
    reference="https://jpn.nec.com/univerge/ix/index.html",
    shape=whole(),
    columns=_columns,
)
