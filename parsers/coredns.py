"""CoreDNS: queries of the `log` plugin (common and combined format), the `errors` plugin, and the server's own lines.

Reference: CoreDNS 1.11 plugins "log" and "errors" (https://coredns.io/plugins/log/), read 2026-11-20.
Read besides: a time in front (`log` of older versions, journald, a container's `stdout F`), a syslog header, and lines
that a container runtime or shipper wrapped in JSON (`message` or `log`, `time`).
Not read: a format of one's own in the Corefile.

Class: a query is `dns`, and so is an error, which tells the name, type and cause; the rest is the server's own state,
`system`. A line of `errors` that stands for several ("4 errors like … occurred in last 2s") has their number.
Verdict: REFUSED denies, an answer (NXDOMAIN too) allows, a failure decides nothing. A code that CoreDNS has no name for
stays a number. A query without an answer has no flags: it is attempted, whatever code stands there. `bytes_out` is the
query's size, `bytes_in` the answer's.
Time: CoreDNS itself writes none: the shipper's or the header's, else the time of receipt.
"""

from __future__ import annotations

import polars as pl

from parsers._format import Context, Format
from parsers._json import json_columns
from parsers._lines import Lines
from parsers._messages import match
from parsers._views import no_values, strings

_TIME = r"(?:(?P<time>[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[ T][0-9:.]+(?:Z|[+-][0-9:]+)?) (?:std(?:out|err) [FP] )?)?"
_LEVEL = _TIME + r"(?:\[(?P<level>[A-Z]+)\] )?"
_CLIENT = r"(?:\[(?P<ip6>[0-9A-Fa-f:.%a-z]+)\]|(?P<ip>[0-9.]+)):(?P<port>[0-9]+)"
_PATTERNS = {
    "query": _LEVEL + _CLIENT + r' - (?P<id>[0-9]+) "(?P<qtype>[^ "]+) (?P<qclass>[^ "]+) (?P<qname>.*) '
    r'(?P<proto>udp|tcp|tls|https|quic|grpc) (?P<asked>[0-9]+) (?P<do>true|false) (?P<bufsize>[0-9]+)" '
    r"(?P<rcode>[A-Z0-9]+|-) (?P<flags>[a-z,]+|-) (?P<answered>[0-9]+|-) (?P<seconds>[0-9.]+)s(?P<rest>(?: .*)?)",
    "several": _LEVEL + r"plugin/errors: (?P<count>[0-9]+) (?P<rest>errors like .*)",
    "error": _LEVEL + r"plugin/errors: (?P<rcode>[0-9-]+) (?P<qname>.*?) (?P<qtype>[A-Z][A-Z0-9]*): (?P<rest>.*)",
    "own": _TIME + r"\[(?P<level>[A-Z]+)\] (?P<rest>(?:plugin/[^:]+|CoreDNS|Reloading|SIG[A-Z]+|Running configuration"
    r"|linux/|Recovered from panic in server|No files matching import glob).*)",
    "start": r"(?P<rest>CoreDNS-[0-9.]+.*)",
}
_RCODES = {
    "0": "NOERROR", "1": "FORMERR", "2": "SERVFAIL", "3": "NXDOMAIN", "4": "NOTIMP", "5": "REFUSED", "6": "YXDOMAIN",
    "7": "YXRRSET", "8": "NXRRSET", "9": "NOTAUTH", "10": "NOTZONE",
}  # fmt: skip
_NET = r"(?P<net>udp|tcp) (?:[^ ]+->)?(?P<server>[0-9.]+|\[[0-9A-Fa-f:.]+\]):(?P<server_port>[0-9]+): "
_BRACE = 123


def _shape(lines: Lines) -> pl.DataFrame:
    """The groups of the message, which may stand in a JSON object."""
    texts = strings(lines.text, lines.body, lines.end)
    outer = no_values(len(texts)).alias("outer")
    if (lines.text[lines.body] == _BRACE).any():
        found = json_columns(texts, "message", "log", "time", "@timestamp")
        outer = found.select(pl.coalesce("time", "@timestamp")).to_series().alias("outer")
        inner = found.select(pl.coalesce("message", "log").str.strip_suffix(r"\x0a")).to_series()
        texts = inner.zip_with(inner.is_not_null(), texts)
    return match(texts, _PATTERNS).with_columns(outer)


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    kind, rest = pl.col("pattern"), pl.col("rest")
    query, error = kind == "query", kind == "error"
    rcode = pl.col("rcode").replace(_RCODES).replace({"-": None})
    # Until 1.8.4 a query that got no answer has the code NOERROR, yet no flags.
    unanswered = query & (pl.col("flags") == "-")
    rcode = pl.when(~unanswered).then(rcode)
    answered = query & rcode.is_in(["NOERROR", "NXDOMAIN"])
    server = pl.when(error).then("rest").str.extract_groups(_NET).struct
    unread = rest.str.contains(r"(?:timeout|no route to host|refused|unreachable|EOF)$")
    return df.select(
        pl.when(query | error).then(pl.lit("dns")).when(kind.is_not_null()).then(pl.lit("system")).alias("class"),
        pl.when(kind.is_null()).then(pl.lit("no line of CoreDNS")).alias("refused"),
        pl.coalesce("time", "outer").alias("time"), pl.col("level").alias("severity"),
        pl.coalesce("ip6", "ip").alias("src_ip"), pl.col("port").alias("src_port"),
        pl.when(query | error).then(pl.lit("resolver")).alias("role"),
        server.field("server").str.strip_chars("[]").alias("dst_ip"), server.field("server_port").alias("dst_port"),
        pl.coalesce(pl.col("proto").replace({"tls": "tcp", "https": "tcp", "grpc": "tcp", "quic": "udp"}),
                    server.field("net")).alias("protocol"),
        pl.when(pl.col("proto").is_in(["tls", "https", "grpc", "quic"])).then("proto").alias("app"),
        "qname", "qtype", "qclass", rcode.alias("rcode"),
        pl.when(pl.col("flags") != "-").then(pl.col("flags").str.contains(r"\brd\b")).alias("recursion_desired"),
        pl.col("asked").alias("bytes_out"), pl.col("answered").alias("bytes_in"),
        (pl.col("seconds").cast(pl.Float64, strict=False) * 1000).round().cast(pl.Int64).alias("duration_ms"),
        pl.col("id").alias("session_id"),
        pl.when(query & (rcode == "REFUSED")).then(pl.lit("deny")).when(answered).then(pl.lit("allow"))
        .alias("verdict"),
        pl.when(query & rcode.is_not_null()).then(pl.lit("established")).when(unanswered | error & unread)
        .then(pl.lit("attempted")).alias("outcome"),
        pl.when(query).then(pl.lit("query")).when(kind.is_in(["error", "several"])).then(pl.lit("error"))
        .alias("action"),
        pl.when(kind.is_in(["own", "start", "several"]))
        .then(pl.coalesce(pl.when(kind == "several").then(pl.lit("errors")), rest.str.extract(r"^plugin/([a-z0-9_]+)"),
                          pl.lit("server"))).alias("operation"),
        pl.col("count").cast(pl.Int64, strict=False).alias("event_count"),
        pl.when(pl.col("count").is_not_null()).then(pl.lit("aggregated")).alias("count_quality"),
        pl.when(~query).then("rest").alias("message"),
    )  # fmt: skip


FORMAT = Format(
    name="coredns",
    title="CoreDNS",
    reference="https://coredns.io/plugins/log/",
    shape=_shape,
    columns=_columns,
)
