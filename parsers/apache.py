"""Apache HTTP Server 2.2 and 2.4: access logs and the error log.

Reference: httpd 2.4, mod_log_config (format strings; bytes that cannot be printed are written \\xhh, a quote \\", a
backslash \\\\), core directive ErrorLogFormat, the log formats that Debian and httpd.conf define (common, combined,
vhost_combined, combinedio) and the SSL example's ssl_request; docs/log-message-tags for AH numbers; read 2026-11-20.
Read: these, with or without a syslog header; a list of forwarded-for addresses in front of the line, or quoted behind
the user agent; numbers behind the size (%D) are stepped over; the error log with or without time, module, process.
Any other LogFormat is read where the source gives it (option `log_format`).
Not read: mod_security's audit log (`modsecurity`); a second line of CGI.

Class: `http` where a client is named, `system` otherwise. `src_ip` is the connecting peer, or where the source names it
as a trusted proxy the last forwarded-for address that is none. `vhost` is the server's own name (%v), not the client's
Host. Request, referer and user agent are as logged, escapes included. What the client sent instead of a request line
stands in `message`, and has neither method nor url. `bytes_in` is the size of the answer (%b: body, `-` is 0; %O: all).
Verdict of an access: 401, 403, 407, 429 and 451 are deny, all other answers to a request allow; where the server got
no request, or could not read it (400, 408, 414, 431), there was nothing to decide. Of an error: denied by
configuration, by a module, or by who somebody is not (outcome `failure`) is deny; that something is missing or broken
is no decision. The referer of an error stands behind the last `, referer: `.
Time: with its offset in access logs; the error log has none, so the source's zone.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from parsers._accesses import ADDRESS_AND_PORT, accesses, plain_accesses
from parsers._apache_lines import shape
from parsers._apache_messages import DENIALS, ERRORS, LINES, LOGINS, NOTES, OPERATIONS, REQUESTS
from parsers._format import Context, Format
from parsers._logformat import apache_pattern
from parsers._messages import match
from parsers._urls import split_urls

_PROGRAM = r"^(?:apache2?|httpd)(?:\b|_)"
_PORT_BEHIND_V6 = r"^([0-9A-Fa-f:]*:[0-9A-Fa-f:]*):([0-9]{1,5})$"


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    given = context.options.get("log_format")
    made = accesses(df, context, apache_pattern(given) if given else "", LINES, _READERS, _PROGRAM)
    others = df["syslog_program"].str.contains("^(?:nginx|haproxy)").fill_null(value=False)
    return made.with_columns(own=~others & (made["own"].fill_null(value=True) if "own" in made.columns else True))


def _errors(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The error log: the header, the client, and what the message means."""
    notes = match(df["note"], NOTES)
    parts = notes["told"].str.extract_groups(r"^(?P<told>.*), referer: (?P<referer>.*)$").struct.unnest()
    told, referer = parts["told"].fill_null(notes["told"]), parts["referer"]
    said = match(told, ERRORS)
    asked = match(said["request"], REQUESTS)
    url = asked["url"].fill_null(said["url"])
    newer = df["module"].is_not_null() | df["pid"].is_not_null()
    client = notes["client"]
    behind = (
        client.zip_with(newer, pl.Series([None], dtype=pl.String)).str.extract_groups(_PORT_BEHIND_V6).struct.unnest()
    )
    plain = client.str.extract_groups(ADDRESS_AND_PORT).struct.unnest()
    action = said["pattern"]
    named = client.is_not_null()
    web = pl.when(named).then(pl.lit("web"))
    system = pl.when(~named)
    frame = pl.DataFrame({"told": told}).hstack(split_urls(url))
    return frame.select(
        pl.when(named).then(pl.lit("http")).otherwise(pl.lit("system")).alias("class"),
        web.alias("role"),
        pl.when(named).then(pl.lit("tcp")).alias("protocol"),
        df["time"],
        df["level"].alias("severity"),
        df["module"].alias("app"),
        notes["code"].alias("event_code"),
        plain["1"].fill_null(behind["1"]).fill_null(client).alias("src_ip"),
        plain["2"].fill_null(behind["2"]).alias("src_port"),
        action.alias("action"),
        pl.when(action.is_in(DENIALS)).then(pl.lit("deny")).alias("verdict"),
        pl.when(action.is_in(LOGINS)).then(pl.lit("failure")).alias("outcome"),
        said["user"],
        said["rule"],
        said["sni"],
        asked["method"].fill_null(said["method"]),
        url.alias("url"),
        pl.col("url_path", "url_query"),
        referer.alias("referer"),
        pl.col("told").alias("message"),
        system.then(pl.coalesce(_operations(), df["module"])).alias("operation"),
        pl.lit(None, pl.String).alias("refused"),
        ~pl.col("told").str.contains(r"^(?:\[client [^\]]+\] )?ModSecurity\b").fill_null(value=False).alias("own"),
    )


@cache
def _operations() -> pl.Expr:
    return pl.coalesce(pl.when(pl.col("told").str.contains(p)).then(pl.lit(name)) for p, name in OPERATIONS.items())


_READERS = {"access": plain_accesses, "ssl": plain_accesses, "error": _errors, "startup": _errors}

FORMAT = Format(
    name="apache",
    title="Apache HTTP Server",
    reference="https://httpd.apache.org/docs/2.4/logs.html",
    shape=shape,
    columns=_columns,
    check=lambda options: apache_pattern(options["log_format"]) if "log_format" in options else None,
    options={"log_format": "the LogFormat of the access log, as httpd.conf has it"},
)
