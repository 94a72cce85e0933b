"""ModSecurity 2 and 3: audit logs (JSON and serial) and its lines in the error logs of Apache and nginx.

Reference: ModSecurity 2.9 and 3.0 reference manual ("Audit log", parts A to Z; SecAuditLogFormat JSON; the form of rule
messages: [file][line][id][msg]…); read 2026-11-20.
Read: JSON of both versions, the serial log, error log lines with and without a syslog header, what the module says of
itself when it starts.
Not read: the concurrent log's index file; bodies (parts C, E, I, J).

Class: `finding` where a rule spoke, `http` where a request was only recorded, `system` without a client. The rule is
the first that spoke. An interception or "Access denied" is deny, an audit record that tells of none allow; a warning
alone decides nothing. A rule message is believed where only one place of the line can be one: what the client sent
stands in it too. "Access allowed" is allow, a body over the limit deny. A rule that could not be run (PCRE limits) did
not speak; what could not be written to the audit log is log_loss.
A record of the serial log is read at its first line.
Time: with its offset in version 2, without in version 3 and in error logs, so the source's.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from parsers._accesses import ADDRESS_AND_PORT, with_nulls
from parsers._apache_messages import REQUESTS
from parsers._assemble import assembled
from parsers._format import Context, Format
from parsers._json import json_columns
from parsers._lines import Ints
from parsers._messages import match, whole
from parsers._modsecurity_records import BEGINS, learn, values_of
from parsers._urls import split_urls

_T, _Q, _R = "transaction", "request", "response"
_JSON = {
    "time": (f"{_T}.time", f"{_T}.time_stamp"), "id": (f"{_T}.transaction_id", f"{_T}.unique_id", f"{_T}.id"),
    "client": (f"{_T}.remote_address", f"{_T}.client_ip"), "port": (f"{_T}.remote_port", f"{_T}.client_port"),
    "server": (f"{_T}.local_address", f"{_T}.host_ip"), "server_port": (f"{_T}.local_port", f"{_T}.host_port"),
    "user": (f"{_T}.remote_user",), "request": (f"{_Q}.request_line",), "method": (f"{_T}.{_Q}.method",),
    "url": (f"{_T}.{_Q}.uri",), "status": (f"{_R}.status", f"{_T}.{_R}.http_code"),
    "intercepted": ("audit_data.action.intercepted", f"{_T}.is_interrupted"),
    "whole": ("audit_data.producer", "audit_data.engine_mode"),
    "messages": ("audit_data.messages", f"{_T}.messages"), "device": ("audit_data.server_name",),
    **{
        value: tuple(f"{part}headers.{spelt}" for part in parts for spelt in (name, name.lower(), name.upper()))
        for value, name, parts in (
            ("host", "Host", (f"{_Q}.", f"{_T}.{_Q}.")), ("agent", "User-Agent", (f"{_Q}.", f"{_T}.{_Q}.")),
            ("referer", "Referer", (f"{_Q}.", f"{_T}.{_Q}.")), ("sent", "Content-Length", (f"{_Q}.", f"{_T}.{_Q}.")),
            ("forwarded_for", "X-Forwarded-For", (f"{_Q}.", f"{_T}.{_Q}.")),
            ("mime", "Content-Type", (f"{_R}.", f"{_T}.{_R}.")),
            ("received", "Content-Length", (f"{_R}.", f"{_T}.{_R}.")),
        )
    },
}  # fmt: skip
"""Value → the members of either version that hold it."""
_PATHS = tuple(dict.fromkeys(path for paths in _JSON.values() for path in paths))
_VALUES = (*_JSON, "said", "level", "rule", "signature", "severity", "peer")

_TIME = r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}[.0-9]{0,7} [0-9]{4}"
_LINES = {
    "apache": rf"(?:\[(?P<time>{_TIME})\] )?(?:\[(?:[a-z0-9_]*:)?(?P<level>[a-z0-9]+)\] ?)?(?:\[pid [^\]]*\] ?)?"
    r"(?:\[client (?P<client>\[[^\]]*\](?::[0-9]+)?|[^\]]*)\] ?)?(?:\[client (?P<peer>[^\]]*)\] )?"
    r"(?P<said>ModSecurity(?: for .*|: .*))",
    "nginx": r"(?:(?:[^ ]+ )?nginx(?:\[[0-9]+\])?: ){0,2}(?P<time>[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8}) "
    r"\[(?P<level>[a-z]+)\] [0-9]+#[0-9]+:(?: \*[0-9]+)?(?: \[client (?P<client>[^\]]*)\])? "
    r"(?P<said>ModSecurity(?:-nginx .*|: .*))",
}
_RULE = r'\[id "(?P<rule>[0-9]+)"\](?: \[rev "[^"]*"\])?(?: \[msg "(?P<signature>(?:[^"\\]|\\.)*)"\])?'
_SEVERITY = r'\[severity "([^"]+)"\]'
_END = (
    r'^.*\[hostname "(?P<host>[^"]*)"\] \[uri "(?P<uri>[^"]*)"\] \[unique_id "(?P<id>[^"]*)"\](?: \[ref "[^"]*"\])?'
    r"(?P<tail>, (?:client|referer): .*)?$"
)
_UNRUN = r"^(?:ModSecurity: )?Rule [0-9a-f]+ \["
"""A rule that could not be run."""
_V3 = r'"message":"(?P<signature>(?:[^"\\]|\\.)*)","details":\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*"ruleId":"(?P<rule>[0-9]+)"'
_V3_SEVERITY = r'"ruleId":"[0-9]+"(?:[^{}"]|"(?:[^"\\]|\\.)*")*"severity":"([^"]*)"'


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    record = df["_record"].to_numpy()
    first = record == np.arange(len(df))
    known = first.copy()
    parts: list[tuple[Ints, pl.DataFrame]] = []
    if first.any():
        parts.append((np.flatnonzero(first), values_of(df, np.flatnonzero(first))))
    outside = np.flatnonzero(record == -1)
    bodies = df["body"].gather(outside)
    json = bodies.str.starts_with("{").fill_null(value=False)
    if json.any():
        places, found = outside[json.to_numpy()], _from_json(bodies.filter(json))
        parts.append((places, found))
        known[places] = (
            found.select(pl.col("client").is_not_null() & pl.col("time").is_not_null()).to_series().to_numpy()
        )
    if not json.all():
        places, found = outside[(~json).to_numpy()], match(bodies.filter(~json), _LINES)
        parts.append((places, found.drop("pattern")))
        known[places] = found["pattern"].is_not_null().to_numpy()
    values = with_nulls(assembled(parts, len(df)), _VALUES)
    values = values.with_columns(known=pl.Series(known), part=pl.Series((record != -1) & ~first))
    values = values.with_columns(part=pl.col("part") & (df["text"].str.strip_chars(" \t") != ""))
    return _read(values).select(_meaning())


def _from_json(bodies: pl.Series) -> pl.DataFrame:
    found = json_columns(bodies, *_PATHS)
    made = found.select(pl.coalesce(paths).alias(value) for value, paths in _JSON.items())
    newer = made["messages"].str.extract_groups(_V3).struct.unnest()
    said = pl.col("messages").str.extract(r'^\["((?:[^"\\]|\\.)*)"', 1).str.replace_all(r'\\(["\\])', "$1")
    denied = pl.col("messages").str.contains("Access denied", literal=True).fill_null(value=False)
    return made.with_columns(
        said=said,
        intercepted=pl.when((pl.col("intercepted") == "true") | denied).then(pl.lit("true"))
        .when((pl.col("intercepted") == "false") | pl.col("whole").is_not_null()).then(pl.lit("false")),
        severity=pl.col("messages").str.extract(_V3_SEVERITY, 1),
        **newer.to_dict(),
    ).drop("messages", "whole")  # fmt: skip


def _read(df: pl.DataFrame) -> pl.DataFrame:
    """The rule, the request and the addresses that the values tell."""
    told = pl.col("said").str.count_matches(r'\[id "') == 1
    rule = df["said"].str.extract_groups(_RULE).struct.unnest()
    end = df["said"].str.extract_groups(_END).struct.unnest()
    behind = end["tail"].str.extract(r"^, client: ([^, ]+)", 1)
    df = df.with_columns(
        rule=pl.coalesce("rule", pl.when(told).then(rule["rule"])),
        signature=pl.coalesce("signature", pl.when(told).then(rule["signature"])),
        severity=pl.coalesce("severity", pl.when(told).then(pl.col("said").str.extract(_SEVERITY, 1)), "level"),
        host=pl.coalesce("host", end["tail"].str.extract(r', host: "([^"]*)"', 1), end["host"]),
        uri=end["uri"],
        id=pl.coalesce("id", end["id"]),
        request=pl.coalesce("request", end["tail"].str.extract(r', request: "([^"]*)"', 1)),
    )
    df = df.with_columns(client=pl.coalesce("client", behind))
    asked = match(df["request"], REQUESTS)
    port = pl.col("client").str.strip_chars_start("[").str.strip_prefix(pl.col("peer"))
    peer = df["client"].str.extract_groups(ADDRESS_AND_PORT).struct.unnest()
    df = df.with_columns(
        method=pl.coalesce(asked["method"], "method"),
        url=pl.coalesce(asked["url"], "url", "uri"),
        client=pl.coalesce("peer", peer["1"], "client"),
        port=pl.coalesce("port", port.str.extract(r"^\]?:([0-9]{1,5})$", 1), peer["2"]),
        odd=pl.when(asked["method"].is_null()).then("request"),
    )
    at = split_urls(df["host"])
    df = df.with_columns(
        host=pl.coalesce(at["url_host"], pl.col("host").str.strip_chars("[]")), host_port=at["url_port"]
    )
    return df.hstack(split_urls(df["url"]))


@cache
def _meaning() -> list[pl.Expr]:
    said = pl.col("said")
    client, spoke = pl.col("client").is_not_null(), pl.col("rule").is_not_null() | pl.col("signature").is_not_null()
    spoke = spoke | said.str.contains(r"^(?:ModSecurity: )?(?:Access (?:denied|allowed)|Warning)")
    spoke = spoke & ~said.str.contains(_UNRUN).fill_null(value=False)
    passed = said.str.contains("^(?:ModSecurity: )?Access allowed").fill_null(value=False)
    refused = said.str.contains(r"^(?:ModSecurity: )?Request body .*\. Deny with code \([0-9]+\)")
    denied = (pl.col("intercepted") == "true") | said.str.contains("^(?:ModSecurity: )?Access denied")
    lost = said.str.contains("^ModSecurity: Audit log: Failed").fill_null(value=False) & pl.col("intercepted").is_null()
    event_class = (
        pl.when(lost).then(pl.lit("system"))
        .when(client & spoke.fill_null(value=False)).then(pl.lit("finding"))
        .when(client | pl.col("request").is_not_null()).then(pl.lit("http")).otherwise(pl.lit("system"))
    )  # fmt: skip
    known = pl.col("known")
    denied = denied.fill_null(value=False)
    action = (
        pl.when(denied).then(pl.lit("Access denied")).when(passed).then(pl.lit("Access allowed"))
        .when(spoke.fill_null(value=False)).then(pl.lit("Warning"))
    )  # fmt: skip
    return [
        pl.when(known).then(event_class).alias("class"),
        pl.when("part").then(pl.lit("part of the record above")).alias("skipped"),
        pl.when(~known).then(pl.lit("no line of ModSecurity")).alias("refused"),
        pl.col("time"), pl.lit("web").alias("role"),
        pl.when(client).then(pl.lit("tcp")).alias("protocol"),
        pl.when(denied | refused.fill_null(value=False)).then(pl.lit("deny"))
        .when(passed | (pl.col("intercepted") == "false")).then(pl.lit("allow")).alias("verdict"),
        action.alias("action"), action.alias("disposition"), pl.lit("waf").alias("finding_category"),
        pl.col("rule").alias("signature_id"), pl.col("signature"), pl.col("rule"), pl.col("severity"),
        pl.col("client").alias("src_ip"), pl.col("port").alias("src_port"), pl.col("server").alias("dst_ip"),
        pl.col("server_port").alias("dst_port"), pl.col("user"), pl.col("id").alias("session_id"),
        pl.col("method", "url", "url_scheme", "url_path", "url_query", "referer", "status", "forwarded_for"),
        pl.coalesce("url_host", "host").alias("url_host"), pl.coalesce("url_port", "host_port").alias("url_port"),
        pl.col("agent").alias("user_agent"), pl.col("mime").alias("content_type"),
        pl.col("sent").alias("bytes_out"), pl.col("received").alias("bytes_in"),
        pl.coalesce(said.str.strip_prefix("ModSecurity: "), "odd").alias("message"),
        pl.when(lost).then(pl.lit("log_loss")).when(~client & known).then(pl.lit("start")).alias("operation"),
        pl.col("device"),
    ]  # fmt: skip


FORMAT = Format(
    name="modsecurity",
    title="ModSecurity",
    reference="https://github.com/owasp-modsecurity/ModSecurity/wiki/Reference-Manual-(v3.x)",
    shape=whole(),
    columns=_columns,
    learn=learn,
    record=BEGINS,
)
