"""nginx: access logs and the error log.

Reference: nginx.org, ngx_http_log_module (combined; escape=default writes \\xXX, escape=json), index of variables,
ngx_core_module error_log, and the messages in the sources of 1.26; ingress-nginx, "Log format" (upstreaminfo); read
2026-11-20.
Read: combined and what nginx.conf calls main, with or without a server's name or a list of forwarded-for addresses in
front, the form of ingress-nginx; lines of JSON whose names are those of nginx's variables, or (option `log_format`)
any form that the source uses; the error log, and what nginx says on the terminal; each with or without a syslog header.
Not read: further lines of a message that a script wrote. Lines of the combined form look like Apache's: they are read,
but only a syslog header says that they are nginx's.

Class, verdict and outcome of an access are those of `apache`; 444, 495 and 496 are deny, 444 and 499 attempted. Of an
error: forbidden by a rule, over a limit, or by who somebody is not (outcome `failure`) is deny. What the client wrote
stands before and behind its address in the error log: where more than one place may be it, none is taken.
`nat_dst_ip` is the server behind. A line that nginx could not write to its log is log_loss, whosever request it was.
Time: with its offset in access logs; the error log has none, so the source's zone.
"""

from __future__ import annotations

import json

import polars as pl

from parsers._accesses import ADDRESS_AND_PORT, Reader, accesses, custom_accesses, plain_accesses, with_nulls
from parsers._apache_lines import shape
from parsers._apache_messages import LINES, REQUESTS
from parsers._assemble import overlaid
from parsers._format import Context, Format
from parsers._json import json_columns, json_lines
from parsers._logformat import NGINX, LogFormatError, nginx_pattern
from parsers._messages import match
from parsers._nginx_messages import (
    DENIALS,
    ERRORS,
    FIRST,
    LAST,
    LINE,
    LOGINS,
    MODSECURITY,
    OPERATIONS,
    TERMINAL,
)
from parsers._urls import split_urls

_PROGRAM = "^nginx"
_FORMS = {"json": r"(?P<json>\{.*)", "error": LINE, **TERMINAL, "access": LINES["access"]}
_INGRESS = (
    r"^ (?P<received>[0-9]+) (?P<seconds>[0-9.]+) \[[^\]]*\] \[[^\]]*\] (?P<upstream>(?:[^ ,]+, )*[^ ,]+) "
    r"(?:[0-9-]+, )*[0-9-]+ (?:[0-9.-]+, )*[0-9.-]+ (?:[0-9-]+, )*[0-9-]+ (?P<session>[0-9A-Fa-f]+)$"
)
_TWICE = ", client: .*, client: "
_JSON_NAMES = {
    **{name: value for name, (value, _) in NGINX.items() if value},
    "time": "time", "timestamp": "time", "@timestamp": "time", "client_ip": "client", "user_agent": "agent",
    "referer": "referer", "referrer": "referer", "method": "method", "bytes": "size",
    "x_forwarded_for": "forwarded_for",
}  # fmt: skip
"""Member of a line of JSON → value of `_logformat`."""


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    given = context.options.get("log_format", "").strip()
    names = _json_names(given)
    custom = nginx_pattern(given) if given and not names else ""
    readers = {"json": _json(names or _JSON_NAMES), "error": _errors, "access": _accesses}
    readers |= dict.fromkeys(TERMINAL, _errors)
    made = accesses(df, context, custom, _FORMS, readers, _PROGRAM)
    said = df["syslog_program"].str.contains(_PROGRAM).fill_null(value=False)
    own = made["own"].fill_null(value=False) if "own" in made.columns else pl.lit(value=False)
    foreign = pl.col("message").str.contains(f"^{MODSECURITY}").fill_null(value=False)
    made = with_nulls(made, ("message",)).with_columns(own=(own | said | pl.lit(bool(given))) & ~foreign)
    if "vhost" not in made.columns:
        return made
    # What stands in front is the name or address that was asked for ($host), or the server's own.
    asked = pl.when(pl.col("vhost").str.contains(r"^[0-9]+(?:\.[0-9]+){3}$|:")).then("vhost")
    made = with_nulls(made, ("url_host", "dst_ip"))
    return made.with_columns(url_host=pl.coalesce("url_host", "vhost"), dst_ip=pl.coalesce("dst_ip", asked))


def _json_names(given: str) -> dict[str, str]:
    """Member → value, of a `log_format` that writes JSON (`{"ip": "$remote_addr"}`); empty for any other."""
    text = given.strip("'").replace("' '", "").replace('\\"', '"')
    if not text.startswith("{"):
        return {}
    try:
        names = {
            key: NGINX[value.strip("${}")][0]
            for key, value in json.loads(text).items()
            if isinstance(value, str) and value.strip("${}") in NGINX
        }
        json_lines(*names)  # names that can't be looked for
    except ValueError as error:
        raise LogFormatError(f"log format: {error}") from error
    return names


def _json(names: dict[str, str]) -> Reader:
    def read(df: pl.DataFrame, context: Context) -> pl.DataFrame:
        found = json_columns(df["json"], *names)
        values: dict[str, list[str]] = {}
        for name, value in names.items():
            values.setdefault(value, []).append(name)
        texts = found.select(pl.coalesce(members).alias(value) for value, members in values.items() if value)
        made = custom_accesses(texts, context)
        known = pl.any_horizontal(pl.col("src_ip", "url", "status").is_not_null())
        # Another program's object may name a URL or a status too, but not who asked in nginx' words.
        named = pl.col("src_ip").is_not_null() & pl.any_horizontal(pl.col("url", "status").is_not_null())
        return made.with_columns(
            pl.when(known).then("class").alias("class"),
            pl.when(~known).then(pl.lit("no values of an access in it")).alias("refused"),
            named.alias("own"),
        )

    return read


def _accesses(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    made = plain_accesses(df, context)
    more = pl.coalesce(df["more"], df["rest"])
    behind = df.select(more.str.extract_groups(_INGRESS)).to_series().struct.unnest()
    there = behind["received"].is_not_null()
    upstream = behind["upstream"].str.extract(r"([^ ]+)$", 1).str.extract_groups(ADDRESS_AND_PORT).struct
    return made.with_columns(
        bytes_out=pl.coalesce("bytes_out", behind["received"]),
        duration_ms=(behind["seconds"].cast(pl.Float64) * 1000).round().cast(pl.Int64),
        nat_dst_ip=upstream.field("1"),
        nat_dst_port=upstream.field("2"),
        session_id=behind["session"],
        own=there,
    )


def _errors(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The error log: the message, for whom it was written, and what it means."""
    told = _told(df["note"])
    said = match(told["told"], ERRORS)
    asked = match(told["request"], REQUESTS)
    server = split_urls(told["host"])
    upstream = told["upstream"].str.replace(r"^[a-z]+://", "").str.extract(r"^([^/]*)", 1)
    behind = upstream.str.extract_groups(ADDRESS_AND_PORT).struct.unnest()
    listening = told["server"].str.extract_groups(ADDRESS_AND_PORT).struct.unnest()
    action = said["pattern"]
    lost = (action == "log lost").fill_null(value=False)
    named = (told["client"].is_not_null() | df["note"].str.contains(_TWICE)) & ~lost
    somewhere = listening["1"].str.contains("[1-9a-fA-F]")
    operation = pl.coalesce(
        pl.when(lost).then(pl.lit("log_loss")),
        *(pl.when(told["told"].str.contains(p)).then(pl.lit(name)) for p, name in OPERATIONS.items()),
        pl.when(df["level"] == "emerg").then(pl.lit("failure")),
    )
    return told.hstack(split_urls(asked["url"])).select(
        pl.when(named).then(pl.lit("http")).otherwise(pl.lit("system")).alias("class"),
        pl.when(named).then(pl.lit("web")).alias("role"),
        pl.when(named).then(pl.lit("tcp")).alias("protocol"),
        df["time"],
        df["level"].alias("severity"),
        pl.when(pl.col("client") != "unix:").then("client").alias("src_ip"),
        pl.when(somewhere).then(listening["1"]).alias("dst_ip"),
        listening["2"].alias("dst_port"),
        behind["1"].alias("nat_dst_ip"),
        behind["2"].alias("nat_dst_port"),
        action.alias("action"),
        pl.when(action.is_in(DENIALS)).then(pl.lit("deny")).alias("verdict"),
        pl.when(action.is_in(LOGINS))
        .then(pl.lit("failure"))
        .when(action == "TLS handshake failed")
        .then(pl.lit("attempted"))
        .alias("outcome"),
        pl.coalesce(said["user"], "login").alias("user"),
        said["rule"],
        asked["method"],
        asked["url"],
        pl.col("url_path", "url_query", "referer"),
        pl.coalesce("url_host", server["url_host"], "host").alias("url_host"),
        pl.coalesce("url_port", server["url_port"]).alias("url_port"),
        pl.when(listening["1"].is_null() & (pl.col("server") != "")).then("server").alias("vhost"),
        pl.col("out").alias("bytes_out"),
        pl.col("in").alias("bytes_in"),
        df["connection"].alias("session_id"),
        pl.col("told").alias("message"),
        pl.when(~named).then(operation).alias("operation"),
        pl.lit(None, pl.String).alias("refused"),
        pl.lit(value=True).alias("own"),
    )


def _told(notes: pl.Series) -> pl.DataFrame:
    """Message, client and what else is said of it; where two clients may be meant, only the whole message."""
    first = match(notes, {"client": FIRST, "server": r"(?P<told>.*)"})
    twice = notes.str.contains(_TWICE)
    if not twice.any():
        return first
    last = match(notes.filter(twice), {"client": LAST, "server": r"(?P<told>.*)"})
    same = last["told"] == first.filter(twice)["told"]
    sure = last.select(pl.when(same).then(pl.all())).with_columns(pl.col("told").fill_null(notes.filter(twice)))
    return overlaid(first, twice, sure)


FORMAT = Format(
    name="nginx",
    title="nginx",
    reference="https://nginx.org/en/docs/http/ngx_http_log_module.html",
    shape=shape,
    columns=_columns,
    check=lambda options: (
        _json_names(options["log_format"]) or nginx_pattern(options["log_format"]) if options else None
    ),
    options={"log_format": "the log_format of the access log, as nginx.conf has it"},
)
