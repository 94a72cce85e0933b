"""HAProxy: HTTP, HTTPS and TCP logs, connections that failed, and what the process says of itself.

Reference: HAProxy 2.8 configuration manual, 8.2 (log formats), 8.4 (timing events), 8.5 (session state at
disconnection), 8.6 (special characters: written #XX), 8.8 (captured headers); read 2026-11-20.
Read: `option httplog`, `httpslog`, `tcplog`, `httplog clf`, the default and the error format, with or without captured
headers and cookies; a host that stands between server and timers. What the captured request headers are, the option
`request_headers` says. Not read: a `log-format` of one's own.

Class: `http` where a request was read, `network` for TCP, connections and handshakes. `virtual_device` is the frontend,
`rule` backend/server, `action` the termination state. Verdict: PR is deny but for what could not be read (400), PT
(tarpit) too; PH (an answer that a filter held back) is deny, blocked_later; what HAProxy itself could not do (R, I) was
no decision. Else by the status, as in `apache`. No connection to a server, or no answer of it, is attempted.
Time: when the request or connection came, without zone, so the source's.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from parsers._accesses import served, with_nulls
from parsers._apache_messages import REQUESTS
from parsers._format import Context, Format
from parsers._messages import match, whole
from parsers._urls import split_urls

_WHEN = r"[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2}[.0-9]{0,7}(?: [+-][0-9]{4})?"
_NAME = r"(?:haproxy\[[0-9]+\]: )?"
"""Where the header has no time, the program is the line's first word."""
_FRONT = rf"{_NAME}(?P<client>[^ ]+):(?P<port>[0-9]+) \[(?P<time>{_WHEN})\] (?P<frontend>[^ ~:]+)~?"
_COUNTS = r"[0-9]+/[0-9]+/[0-9]+/[0-9]+/\+?[0-9]+ [0-9]+/[0-9]+"
_FORMS = {
    "http": rf"{_FRONT} (?P<server>[^ ]+)(?: (?P<host>[^ /]+))? (?P<timers>(?:-?[0-9]+/){{3,4}}\+?-?[0-9]+) "
    r"(?P<status>-1|[0-9]{1,3}) \+?(?P<size>[0-9]+) [^ ]+ [^ ]+ (?P<state>[A-Za-z-]{4}) "
    rf"{_COUNTS}(?: (?P<asked>\{{[^}}]*\}}))?(?: \{{[^}}]*\}})? "
    r'"(?P<request>[^"]*)(?P<end>"?)(?: [^ /]+/[^ /]+/[^ /]+/[^ /]+/[^ /]+ (?P<sni>[^ /]*)/(?P<tls>[^ /]+)/[^ ]+)?',
    "tcp": rf"{_FRONT} (?P<server>[^ ]+) (?P<timers>-?[0-9]+/-?[0-9]+/\+?-?[0-9]+) \+?(?P<size>[0-9]+) "
    rf"(?P<state>[A-Za-z-]{{2}}) {_COUNTS}",
    "connect": rf"{_NAME}Connect from (?P<client>[^ ]+):(?P<port>[0-9]+) to (?P<to>[^ ]+):(?P<to_port>[0-9]+) "
    r"\((?P<frontend>[^/]+)/(?:HTTP|TCP)\)",
    "error": rf"{_FRONT.removesuffix('~?').replace('~:', '~:/')}/[^ ]+: (?P<said>.*)",
    "clf": rf'"?(?P<client>[^ "]+)"? - - \[(?P<time>{_WHEN})\] "(?P<request>[^"]*)(?P<end>"?) (?P<status>-1|[0-9]+) '
    r'(?P<size>[0-9]+) "" "" (?P<port>[0-9]+) [0-9]+ "(?P<frontend>[^"~]+)~?" "(?P<backend>[^"]*)" "(?P<name>[^"]*)" '
    r'(?:-?[0-9]+ ){4}(?P<took>-?[0-9]+) "(?P<state>[A-Za-z-]{4})".*',
}
"""A line behind its syslog header. A line that ends within the request has no `end`."""
_OWN = r"^(?:\[(?P<level>[A-Z]+)\] +(?:[0-9]+/[0-9]+ )?\([0-9]+\) : )?(?P<told>.*)$"
"""What the process says of itself; on the terminal with its level and process number in front."""
_OPERATIONS = {
    r"^(?:sendmsg|sendto)\b.* logger #[0-9]+": "log_loss",
    r"^(?:Backup )?Server .* is (?:DOWN|going DOWN|stopping)|has no server available": "backend_down",
    r"^(?:Backup )?Server .* is (?:UP|going UP)": "backend_up",
    r"^Health check": "health_check",
    r"^Proxy .* started|^New worker": "start",
    r"^Proxy .* stopped|^Stopping|^Pausing": "stop",
    r"reached (?:the configured maximum connection|process FD|system FD|system memory) limit": "performance",
}
_HEADERS = {"host": "host", "referer": "referer", "user-agent": "agent", "x-forwarded-for": "forwarded_for"}
"""Names of captured request headers → the value that they are."""


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    found = match(df["body"], _FORMS)
    wanted = [name.strip().lower() for name in context.options.get("request_headers", "").split(",")]
    given = pl.col("asked").str.strip_chars("{}").str.split("|")
    captured = {
        _HEADERS[name]: given.list.get(i, null_on_oob=True) for i, name in enumerate(wanted) if name in _HEADERS
    }
    host = pl.coalesce("host", captured.pop("host")) if "host" in captured else pl.col("host")
    found = found.with_columns(host=host, **captured)
    found = with_nulls(found, ("referer", "agent", "forwarded_for"))
    asked = match(found["request"], REQUESTS)
    found = found.with_columns(
        method=asked["method"], url=asked["url"], program=df["syslog_program"], body=df["body"]
    ).hstack(split_urls(asked["url"]))
    return found.select(_meaning())


@cache
def _meaning() -> list[pl.Expr]:
    form, status = pl.col("pattern"), pl.when(pl.col("status") != "-1").then("status")
    web = form.is_in(["http", "clf"])
    ours = pl.col("program").str.starts_with("haproxy").fill_null(value=False)
    known = pl.when(web).then(pl.lit("http")).when(form.is_in(["tcp", "connect", "error"])).then(pl.lit("network"))
    said = {column.meta.output_name(): column for column in served(status, pl.col("method").is_not_null())}
    took = pl.coalesce("took", pl.col("timers").str.extract(r"([0-9]+)$", 1))
    timers = pl.col("timers").str.split("/")
    name = pl.coalesce("server", pl.concat_str("backend", pl.lit("/"), "name"))
    host = pl.col("host").str.replace(r":[0-9]{1,5}$", "")
    alone = pl.when(form.is_null() & ours).then("body").str.extract_groups(_OWN).struct
    return [
        known.when(ours).then(pl.lit("system")).alias("class"),
        pl.when(form.is_null() & ~ours).then(pl.lit("none of HAProxy's log formats")).alias("refused"),
        pl.col("time"), pl.when(~pl.col("client").is_in(["-", "unix"])).then("client").alias("src_ip"),
        pl.col("port").alias("src_port"),
        pl.col("to").alias("dst_ip"), pl.col("to_port").alias("dst_port"),
        pl.when(known.otherwise(None).is_not_null()).then(pl.lit("tcp")).alias("protocol"),
        pl.when(web).then(pl.lit("web")).alias("role"),
        _verdict(form, status, said["verdict"]).alias("verdict"),
        _outcome(form, status, timers).alias("outcome"),
        pl.col("state").alias("action"), pl.col("frontend").alias("virtual_device"), name.alias("rule"),
        pl.col("size").alias("bytes_in"), took.alias("duration_ms"), status.alias("status"),
        pl.col("method", "url", "url_scheme", "url_path", "url_query", "referer", "forwarded_for"),
        pl.coalesce("url_host", host, "sni").alias("url_host"), pl.col("url_port"),
        pl.when(pl.col("sni") != "-").then("sni").alias("sni"),
        pl.when(pl.col("tls") != "-").then("tls").alias("tls_version"), pl.col("agent").alias("user_agent"),
        pl.coalesce(
            "said", pl.when(pl.col("method").is_null()).then("request"), pl.when(form.is_null() & ours).then("body"),
        ).alias("message"),
        alone.field("level").str.to_lowercase().alias("severity"),
        pl.coalesce(
            pl.when(alone.field("told").str.contains(p)).then(pl.lit(n)) for p, n in _OPERATIONS.items()
        ).alias("operation"),
        (web & (pl.col("end") == "")).alias("cut"),
        (ours | form.is_in(["http", "tcp", "error", "clf"])).fill_null(value=False).alias("own"),
    ]  # fmt: skip


def _verdict(form: pl.Expr, status: pl.Expr, by_status: pl.Expr) -> pl.Expr:
    state = pl.col("state")
    refused = (state.str.starts_with("PR") & (status.fill_null("") != "400")) | state.str.contains("^P[TH]")
    nothing = state.str.contains("^(?:[RI]|P[CDQ]|P.$|[Cc]R)") | (state.str.starts_with("PR") & (status == "400"))
    return (
        pl.when(refused).then(pl.lit("deny"))
        .when(nothing | (form == "error")).then(None)
        .when(form.is_in(["tcp", "connect"])).then(pl.lit("allow"))
        .otherwise(by_status)
    )  # fmt: skip


def _outcome(form: pl.Expr, status: pl.Expr, timers: pl.Expr) -> pl.Expr:
    state = pl.col("state")
    lost = state.str.contains("^[CcSs][RQCH]") | state.str.contains("^[RI]") | (form == "error")
    unreached = (form == "tcp") & (timers.list.get(1, null_on_oob=True) == "-1")
    return (
        pl.when(state.str.starts_with("PH")).then(pl.lit("blocked_later"))
        .when(state.str.contains("^P[RT]")).then(None)
        .when(lost | unreached | status.is_in(["502", "503", "504"])).then(pl.lit("attempted"))
        .when(form.is_in(["http", "tcp", "connect", "clf"])).then(pl.lit("established"))
    )  # fmt: skip


FORMAT = Format(
    name="haproxy",
    title="HAProxy",
    reference="https://docs.haproxy.org/2.8/configuration.html",
    shape=whole(),
    columns=_columns,
    options={"request_headers": "the captured request headers in their order, for example host,referer,user-agent"},
)
