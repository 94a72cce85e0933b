"""Apache HTTP Server 2.2 and 2.4: access logs and the error log.

Reference: httpd 2.4, mod_log_config (format strings; bytes that cannot be printed are written \\xhh, a quote \\", a
backslash \\\\), core directive ErrorLogFormat, the log formats that Debian and httpd.conf define (common, combined,
vhost_combined, combinedio) and the SSL example's ssl_request; docs/log-message-tags for AH numbers; read 2026-11-20.
Read: these, with or without a syslog header; a list of forwarded-for addresses in front of the line, or quoted behind
the user agent; numbers behind the size (%D) are stepped over; the error log with or without time, module, process.
Not read: other formats of one's own (`hinomi` knows no LogFormat); mod_security's audit log; a second line of CGI.

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

import ipaddress
from collections.abc import Callable

import polars as pl

from parsers._addresses import address_of, by_distinct
from parsers._apache_lines import shape
from parsers._apache_messages import (
    DENIALS,
    ERRORS,
    HEADS,
    HOPS,
    LINES,
    LOGINS,
    NOTES,
    OPERATIONS,
    REQUESTS,
)
from parsers._assemble import overlaid
from parsers._format import Context, Format
from parsers._messages import match
from parsers._urls import split_urls

_DENIED = ("401", "403", "407", "429", "451")
_UNREAD = ("400", "408", "414", "431")
_UNREADABLE = "neither an access log nor an error log of Apache"
_PROGRAM = r"^(?:apache2?|httpd)(?:\b|_)"
_ADDRESS_AND_PORT = r"^([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})$"
_PORT_BEHIND_V6 = r"^([0-9A-Fa-f:]*:[0-9A-Fa-f:]*):([0-9]{1,5})$"
_RARE = {"vhost": "vhost", "vport": "dst_port", "forwarded_for": "forwarded_for"}
"""Columns that ordinary lines may have, and what they are called."""
_SQUID = r"^ [A-Z_]+:[A-Z_0-9]+$"
"""Squid's own two fields behind the formats that it shares."""


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    if "forwarded_for" in df.columns:
        hops = pl.col("forwarded_for").str.contains(f"^(?:{HOPS})$")
        df = df.with_columns(forwarded_for=pl.when(hops).then("forwarded_for"))
        df = df.with_columns(client=_spoken_for(df["client"], df["forwarded_for"], context.trusted_proxies))
    made = df.select(
        *_served(pl.col("status"), pl.col("method").is_not_null()),
        pl.col("client").alias("src_ip"),
        pl.col("time", "user", "method", "url", "url_path", "url_query", "referer"),
        pl.col("agent").alias("user_agent"),
        _size(),
        *(pl.col(name).alias(_RARE[name]) for name in _RARE if name in df.columns),
    )
    if "odd" not in df.columns:
        return made
    odd = ~df["regular"]
    some = df.filter(odd).select("odd", "syslog_program")
    found = match(some["odd"], LINES)
    named = some["syslog_program"].str.contains(_PROGRAM).fill_null(value=False)
    part = pl.DataFrame({"class": pl.Series([None], dtype=pl.String).new_from_index(0, len(some))}).with_columns(
        pl.when(named).then(pl.lit("system")).alias("class"),
        pl.when(~named).then(pl.lit(_UNREADABLE)).alias("refused"),
        pl.when(named).then(some["odd"]).alias("message"),
    )
    for names, reader in ((("access", "ssl"), _accesses), (("error", "startup"), _errors)):
        which = found["pattern"].is_in(names).fill_null(value=False)
        if which.any():
            part = overlaid(part, which, reader(found.filter(which), context))
    missing = [pl.lit(None, made.schema[name]).alias(name) for name in made.columns if name not in part.columns]
    return overlaid(made, odd, part.with_columns(missing))


def _served(status: pl.Expr, asked: pl.Expr) -> list[pl.Expr]:
    """Class, verdict and outcome of an access."""
    verdict = pl.when(status.is_in(_DENIED)).then(pl.lit("deny")).otherwise(pl.lit("allow"))
    outcome = pl.when(asked | (status != "408")).then(pl.lit("established")).otherwise(pl.lit("attempted"))
    return [
        pl.lit("http").alias("class"),
        pl.lit("web").alias("role"),
        pl.lit("tcp").alias("protocol"),
        status.alias("status"),
        pl.when(asked & ~status.is_in(_UNREAD)).then(verdict).alias("verdict"),
        pl.when(status.is_not_null()).then(outcome).alias("outcome"),
    ]


def _size() -> pl.Expr:
    return pl.col("size").fill_null("0").alias("bytes_in")


def _accesses(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Access log lines that `_apache_lines` leaves: they are read by regular expressions."""
    unfinished = (pl.col("pattern") == "access") & pl.col("status").is_null() | pl.col("q0").is_null()
    df = df.with_columns(cut=unfinished | _open("referer", "q1") | _open("agent", "q2"))
    dashed = ("first", "status", "size", "referer", "agent")
    df = df.with_columns(pl.when(pl.col(name) != "-").then(name).alias(name) for name in dashed)
    heads = match(df["head"], HEADS)
    asked = match(df["request"], REQUESTS)
    df = df.drop("pattern", "note").with_columns(
        client=pl.coalesce("client", heads["client"]),
        user=heads["user"].str.replace(r"^[- ]+$", ""),
        vhost=heads["vhost"],
        vport=heads["vport"],
        method=asked["method"],
        url=asked["url"],
        more=pl.coalesce("more", "rest"),
        forwarded_for=pl.coalesce("first", heads["forwarded_for"]),
    )
    moved = pl.col("more").str.extract_groups(r"^ (?P<in>[0-9]+) (?P<out>[0-9]+)$").struct
    df = df.with_columns(
        forwarded_for=pl.coalesce("forwarded_for", pl.col("more").str.extract(f'"({HOPS})"', 1)),
        bytes_out=moved.field("in"),
        size=pl.coalesce(moved.field("out"), "size"),
        own=~pl.col("more").str.contains(_SQUID).fill_null(value=False),
    )
    df = df.with_columns(_peers(df, context)).hstack(split_urls(df["url"]))
    absent = pl.col("method").is_null() & (pl.col("request") != "-")
    sized = (
        pl.when(~pl.col("cut") | pl.col("referer").is_not_null()).then(pl.col("size").fill_null("0")).alias("bytes_in")
    )
    return df.select(
        *_served(pl.col("status"), pl.col("method").is_not_null()),
        pl.col("time").str.strip_chars(),
        pl.col(
            "user", "vhost", "method", "url", "url_scheme", "url_host", "url_port", "url_path", "url_query", "referer"
        ),
        pl.col("src_ip", "src_port", "forwarded_for", "bytes_out", "own", "cut"),
        pl.lit(None, pl.String).alias("refused"),
        pl.col("vport").alias("dst_port"),
        pl.col("agent").alias("user_agent"),
        pl.when(pl.col("tls") != "-").then("tls").alias("tls_version"),
        pl.when(absent).then("request").alias("message"),
        sized,
    )


def _open(value: str, quote: str) -> pl.Expr:
    return pl.col(value).is_not_null() & pl.col(quote).is_null()


def _peers(df: pl.DataFrame, context: Context) -> list[pl.Series]:
    """src_ip and src_port: the peer, or whom a trusted one speaks for."""
    parts = df["client"].str.extract_groups(_ADDRESS_AND_PORT).struct.unnest().rename({"1": "address", "2": "port"})
    peer, port = parts["address"].fill_null(df["client"]), parts["port"]
    client = _spoken_for(peer, df["forwarded_for"], context.trusted_proxies)
    same = client.eq_missing(peer)
    return [client.alias("src_ip"), port.zip_with(same, pl.Series([None], dtype=pl.String)).alias("src_port")]


def _spoken_for(peer: pl.Series, forwarded: pl.Series, trusted: tuple[str, ...]) -> pl.Series:
    """The peers; where one is trusted, or not logged, the address it forwarded for."""
    logged = peer.fill_null("-")
    asked = forwarded.is_not_null() if trusted else forwarded.is_not_null() & (logged == "-")
    if not asked.any():
        return peer
    pairs = pl.select(pl.when(asked).then(pl.concat_str(logged, pl.lit("\t"), forwarded))).to_series()
    return by_distinct(pairs, _forwarded(trusted)).fill_null(peer).alias(peer.name)


def _forwarded(trusted: tuple[str, ...]) -> Callable[[str], str | None]:
    """A function from `peer<tab>list` to the client's address; None where the peer is not believed."""
    networks = [ipaddress.ip_network(text, strict=False) for text in trusted]

    def believed(text: str) -> bool:
        address = address_of(text)
        return address is not None and any(ipaddress.ip_address(address[0]) in network for network in networks)

    def client(pair: str) -> str | None:
        peer, _, line = pair.partition("\t")
        if peer != "-" and not believed(peer):
            return None
        hops = [hop for text in line.split(",") if (hop := _hop(text))]
        others = [hop for hop in hops if not believed(hop)]
        return others[-1] if others else hops[0] if hops else None

    return client


def _hop(text: str) -> str | None:
    """The address of one entry, without a port."""
    text = text.strip()
    if text.startswith("[") or text.count(":") == 1:
        text = text.partition("]")[0].removeprefix("[") if text.startswith("[") else text.partition(":")[0]
    found = address_of(text)
    return found[0] if found else None


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
    plain = client.str.extract_groups(_ADDRESS_AND_PORT).struct.unnest()
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
        asked["method"],
        url.alias("url"),
        pl.col("url_path", "url_query"),
        referer.alias("referer"),
        pl.col("told").alias("message"),
        system.then(pl.coalesce(_operations(), df["module"])).alias("operation"),
        pl.lit(None, pl.String).alias("refused"),
    )


def _operations() -> pl.Expr:
    return pl.coalesce(pl.when(pl.col("told").str.contains(p)).then(pl.lit(name)) for p, name in OPERATIONS.items())


FORMAT = Format(
    name="apache",
    title="Apache HTTP Server",
    reference="https://httpd.apache.org/docs/2.4/logs.html",
    shape=shape,
    columns=_columns,
)
