"""Snort: alerts as fast.log, syslog, CSV and JSON, of Snort 2.9 and 3.

Reference: Snort 3 User Manual, "Alert modules" (alert_fast, alert_syslog, alert_csv, alert_json) and Snort 2.9 Users
Manual, "Output modules"; pfSense's Snort package (alert file); read 2026-11-20.
Read: alert_fast with and without year, and Suricata's fast.log (where its decoder's alerts have no addresses);
alert_syslog; the default columns of alert_csv of both versions and those of pfSense; alert_json with the members that
`fields` can name.
Not read: CSV with columns of one's own, `alert_full`, unified2.

An alert is a finding of the packet's sender: src is the sender, also of an answer (`dir` S2C turns it round, since
Snort 3 knows who began). Verdict: `[Drop]`, drop, block, reset and reject deny, allow and pass allow; fast.log without
a mark decides nothing. `would_drop` decides nothing either.
Time: without zone the source's, without year the nearest to the receipt; `seconds` of JSON is an epoch and wins.
"""

from __future__ import annotations

import polars as pl

from parsers._delimited import delimited
from parsers._format import Context, Format
from parsers._json import json_lines
from parsers._lines import Lines
from parsers._messages import match
from parsers._views import strings

_TIME = r"(?P<month>[0-9]{2})/(?P<day>[0-9]{2})(?:/(?P<year>[0-9]{2,4}))?-(?P<clock>[0-9:]{8}(?:\.[0-9]+)?)"
_RULE = r"\[(?P<gid>[0-9]+):(?P<sid>[0-9]+):(?P<rev>[0-9]+)\] "
_TAIL = (
    r"(?:\[Classification: (?P<class>[^\]]*)\] )?(?:\[Priority: (?P<priority>[0-9]+)\]:? )?(?:\[AppID: "
    r"(?P<app>[^\]]*)\] )?(?:<(?P<iface>[^>]*)> )?"
    r"(?:\{(?P<proto>[^}]+)\} (?P<src>[^ ]+) -> (?P<dst>[^ ]+)|\[\*\*\] \[Raw pkt: .*)"
)
_LINES = {
    "fast": _TIME + r" +(?:\[(?P<action>[A-Za-z_ ]+)\] )?\[\*\*\] " + _RULE + r'"?(?P<msg>.*?)"? \[\*\*\] ' + _TAIL,
    "syslog": r"(?:\[(?P<action>[A-Za-z_ ]+)\] )?" + _RULE + r'"?(?P<msg>.*?)"? ' + _TAIL,
}
_END = r"^\[?(?P<ip>[^ \]]*?)\]?(?::(?P<port>[0-9]{1,5}))?$"
_TYPED = r"^((?:[0-9]+\.){3}[0-9]+|(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}):[0-9]{1,3}$"
"""Suricata writes type and code of ICMP as if they were ports, behind an address in full."""
_RULE_ID = "^[0-9]+:[0-9]+:[0-9]+$"
_CSV = delimited(*(f"_{i}" for i in range(29)), separator=",", brackets=False, collapse=False, nulls=())
_CSV2 = ("stamp", "gid", "sid", "rev", "msg", "proto", "src", "sport", "dst", "dport", "smac", "dmac")
_PFSENSE = ("stamp", "gid", "sid", "rev", "msg", "proto", "src", "sport", "dst", "dport", "id", "class", "priority",
            "action", "disposition")  # fmt: skip
_CSV3 = ("stamp", "number", "proto", "packet", "length", "dir", "src_ap", "dst_ap", "rule", "action")
_JSON = ("seconds", "timestamp", "action", "class", "dir", "src_addr", "src_port", "dst_addr", "dst_port", "eth_src",
         "eth_dst", "gid", "sid", "rev", "rule", "msg", "priority", "proto", "service", "iface", "src_ap", "dst_ap",
         "flowstart_time", "client_pkts", "server_pkts", "client_bytes", "server_bytes", "sgt", "vlan")  # fmt: skip
_objects = json_lines(*_JSON)
_NAMES = ("pattern", "month", "day", "year", "clock", "stamp", "seconds", "action", "disposition", "gid", "sid", "rev",
          "msg", "class", "priority", "app", "iface", "proto", "src", "sport", "dst", "dport", "smac", "dmac", "dir",
          "client_pkts", "server_pkts", "client_bytes", "server_bytes")  # fmt: skip
_STAMP = r"^[0-9]{2}/[0-9]{2}(?:/[0-9]{2,4})?-[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)? ?$"
_BRACE = 123


def _shape(lines: Lines) -> pl.DataFrame:
    """One set of columns from whichever form a line has."""
    brace = lines.text[lines.body] == _BRACE
    made = match(strings(lines.text, lines.body, lines.end, ~brace), _LINES)
    cut = pl.Series([False]).new_from_index(0, len(lines))
    made = made.with_columns(pl.lit(None, pl.String).alias(name) for name in _NAMES if name not in made.columns)
    if made["pattern"].null_count() > brace.sum():
        made = _from_csv(made, _CSV(lines))
    if brace.any():
        found = _objects(lines)
        made, cut = _from_json(made, found), found["_cut"]
    return made.select(*_NAMES, _cut=cut)


def _chosen(made: pl.DataFrame, rows: pl.Series, pattern: str, columns: dict[str, pl.Series]) -> pl.DataFrame:
    """`made` with these columns where `rows`."""
    put = {**columns, "pattern": pl.Series([pattern]).new_from_index(0, made.height)}
    return made.with_columns(values.zip_with(rows, made[name]).alias(name) for name, values in put.items())


def _from_csv(made: pl.DataFrame, df: pl.DataFrame) -> pl.DataFrame:
    stamped = made["pattern"].is_null() & df["_0"].str.contains(_STAMP).fill_null(value=False)
    stamp = df["_0"].str.strip_chars_end()
    for name, count, fields in (("csv2", 27, _CSV2), ("pfsense", 15, _PFSENSE), ("csv3", 10, _CSV3)):
        rows = stamped & (df["_count"] == count)
        if not rows.any():
            continue
        columns = {field: df[f"_{i}"] for i, field in enumerate(fields)} | {"stamp": stamp}
        if name == "csv3":
            columns = {field: values.str.strip_chars() for field, values in columns.items()}
            columns |= _joined(columns["src_ap"], "src", "sport") | _joined(columns["dst_ap"], "dst", "dport")
            columns |= _rule(columns["rule"])
        columns = {field: values for field, values in columns.items() if field in _NAMES}
        made = _chosen(made, rows, name, columns)
    return made


def _joined(both: pl.Series, end: str, port: str) -> dict[str, pl.Series]:
    """Address and port apart: Snort 3 always writes a port behind the address, 0 where there is none."""
    parts = both.str.extract_groups(r"^\[?(?P<ip>.*?)\]?:(?P<port>[0-9]{1,5})$").struct
    return {end: parts.field("ip"), port: parts.field("port")}


def _rule(rule: pl.Series) -> dict[str, pl.Series]:
    parts = rule.str.split_exact(":", 2).struct
    return {name: parts.field(f"field_{i}") for i, name in enumerate(("gid", "sid", "rev"))}


def _from_json(made: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    named = found["msg"].is_not_null() & (found["rule"].is_not_null() | found["sid"].is_not_null())
    usual = found["rule"].str.contains(_RULE_ID).fill_null(value=False) & found["proto"].is_not_null()
    rows = found["_json"] & (named | usual)
    by_rule = _rule(found["rule"])
    columns = {name: found[name] for name in _JSON if name in _NAMES}
    columns |= {name: found[name].zip_with(found[name].is_not_null(), part) for name, part in by_rule.items()}
    columns |= {
        "stamp": found["timestamp"],
        "smac": found["eth_src"],
        "dmac": found["eth_dst"],
        "app": found["service"],
    }
    for end, port in (("src", "sport"), ("dst", "dport")):
        both = _joined(found[f"{end}_ap"], end, port)
        alone = found[f"{end}_addr"].is_not_null()
        columns[end] = found[f"{end}_addr"].zip_with(alone, both[end])
        columns[port] = found[f"{end}_port"].zip_with(found[f"{end}_port"].is_not_null() | alone, both[port])
    return _chosen(made, rows, "json", columns)


_DENY = ("drop", "block", "blocked", "reset", "reject", "dropped", "sdrop")
_ALLOW = ("allow", "pass", "allowed")


def _end(address: str, port: str) -> tuple[pl.Expr, pl.Expr]:
    """Address and port of an end; ICMP has no ports, so all of an IPv6 address without brackets is its address."""
    icmp = pl.col("proto").str.contains(r"(?i)icmp").fill_null(value=False)
    both = pl.when(~icmp & pl.col(port).is_null()).then(address).str.extract_groups(_END).struct
    typed = pl.when(icmp).then(pl.col(address).str.extract(_TYPED))
    ip = pl.coalesce(both.field("ip"), typed, pl.col(address).str.strip_chars("[]"))
    return ip, pl.when(~icmp).then(pl.coalesce(pl.col(port).replace("", None), both.field("port")))


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    known = pl.col("pattern").is_not_null()
    stamp = pl.col("stamp").str.extract_groups(_TIME.join("^$")).struct
    day = [pl.coalesce(name, stamp.field(name)) for name in ("month", "day", "clock")]
    year = pl.coalesce("year", stamp.field("year"))
    full = pl.when(year.str.len_bytes() == 2).then(pl.concat_str(pl.lit("20"), year)).otherwise(year)
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    word = day[0].replace_strict({f"{i:02}": name for i, name in enumerate(months, 1)}, default=None)
    dated = pl.concat_str(full, day[0], pl.concat_str(day[1], day[2], separator=" "), separator="-")
    time = pl.coalesce("seconds", dated, pl.concat_str(word, day[1], day[2], separator=" "))
    src_ip, src_port = _end("src", "sport")
    dst_ip, dst_port = _end("dst", "dport")
    back = (pl.col("dir") == "S2C").fill_null(value=False)
    said = pl.coalesce(pl.col("disposition").replace("", None), pl.col("action").replace("", None))
    word_ = said.str.to_lowercase()

    def end(first: pl.Expr, second: pl.Expr) -> pl.Expr:
        return pl.when(back).then(second).otherwise(first)

    return df.select(
        pl.when(known).then(pl.lit("finding")).alias("class"),
        pl.when(~known).then(pl.lit("no alert of Snort")).alias("refused"),
        time.alias("time"), pl.col("_cut").alias("cut"),
        end(src_ip, dst_ip).alias("src_ip"), end(dst_ip, src_ip).alias("dst_ip"),
        end(src_port, dst_port).alias("src_port"), end(dst_port, src_port).alias("dst_port"),
        end(pl.col("smac"), pl.col("dmac")).alias("src_mac"), end(pl.col("dmac"), pl.col("smac")).alias("dst_mac"),
        pl.col("proto").str.replace("^PROTO:0*", "").alias("protocol"),
        pl.when(pl.col("app") != "unknown").then("app").alias("app"), pl.col("iface").alias("in_interface"),
        pl.when(known).then(pl.lit("ips")).alias("finding_category"), pl.col("sid").alias("signature_id"),
        pl.col("msg").alias("signature"), pl.concat_str("gid", "sid", "rev", separator=":").alias("event_code"),
        pl.col("priority").alias("severity"),
        pl.when(~pl.col("class").is_in(["none", "(null)"])).then("class").alias("message"),
        said.alias("action"), said.alias("disposition"),
        pl.when(word_.is_in(_DENY)).then(pl.lit("deny")).when(word_.is_in(_ALLOW)).then(pl.lit("allow")).alias("verdict"),
        pl.col("client_pkts").alias("packets_out"), pl.col("server_pkts").alias("packets_in"),
        pl.col("client_bytes").alias("bytes_out"), pl.col("server_bytes").alias("bytes_in"),
    )  # fmt: skip


FORMAT = Format(
    name="snort_fast",
    title="Snort",
    reference="https://docs.snort.org/start/alert_logging",
    shape=_shape,
    columns=_columns,
)
