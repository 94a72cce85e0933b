"""Accesses of web servers: what Apache and nginx say of a request, whoever wrote the line.

Ordinary lines come from `_apache_lines` in columns; the others are read by regular expressions, and end in the same
columns. The client is the connecting peer, or whom a trusted one speaks for.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from functools import cache

import polars as pl

from parsers._addresses import address_of
from parsers._apache_messages import HEADS, HOPS, REQUESTS
from parsers._assemble import overlaid
from parsers._distinct import by_distinct
from parsers._format import Context
from parsers._messages import match
from parsers._urls import split_urls
from parsers._views import no_values

_DENIED = ("401", "403", "407", "429", "451", "444", "495", "496")
_UNREAD = ("400", "408", "414", "431", "494", "497")
_UNSEEN = ("444", "499")
"""Statuses of nginx that no client ever saw: the server hung up, or the client did."""
_NOWHERE = ("-", "unix:")
"""What stands for the client's address where the connection has none."""
ADDRESS_AND_PORT = r"^([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})$"
_RARE = {"vhost": "vhost", "vport": "dst_port", "forwarded_for": "forwarded_for"}
"""Columns that ordinary lines may have, and what they are called."""
_SQUID = r"^ [A-Z_]+:[A-Z_0-9]+$"
"""Squid's own two fields behind the formats that it shares."""

Reader = Callable[[pl.DataFrame, Context], pl.DataFrame]


def accesses(
    df: pl.DataFrame, context: Context, custom: str, forms: Mapping[str, str], readers: Mapping[str, Reader], kept: str
) -> pl.DataFrame:
    """The columns of the lines of `_apache_lines.shape`.

    Args:
        df: Its columns and those that every format gets.
        context: The source's.
        custom: The expression of the source's own log format; empty for none.
        forms: Named expressions for the lines that are not ordinary.
        readers: Name of an expression → what makes columns of its groups.
        kept: Programs whose other lines are kept as the server's own word, as a regular expression.
    """
    if "forwarded_for" in df.columns:
        hops = pl.col("forwarded_for").str.contains(f"^(?:{HOPS})$")
        df = df.with_columns(forwarded_for=pl.when(hops).then("forwarded_for"))
        df = df.with_columns(client=spoken_for(df["client"], df["forwarded_for"], context.trusted_proxies))
    made = df.select(
        *served(pl.col("status"), pl.col("method").is_not_null()),
        pl.col("client").alias("src_ip"),
        _user(),
        pl.col("time", "method", "url", "url_path", "url_query", "referer"),
        pl.col("agent").alias("user_agent"),
        pl.col("size").fill_null("0").alias("bytes_in"),
        *(pl.col(name).alias(_RARE[name]) for name in _RARE if name in df.columns),
    )
    if custom:
        forms, readers = {"custom": custom, **forms}, {"custom": custom_accesses, **readers}
        odd, texts = pl.Series([True]).new_from_index(0, len(df)), df["body"]
    elif "odd" in df.columns:
        odd, texts = ~df["regular"], df["odd"]
    else:
        return made
    found = match(texts.filter(odd), forms)
    program = df["syslog_program"].filter(odd)
    named = program.str.contains(kept).fill_null(value=False)
    nothing = no_values(len(named))
    part = pl.DataFrame({"class": nothing, "text": texts.filter(odd)}).select(
        pl.when(named).then(pl.lit("system")).alias("class"),
        pl.when(~named).then(pl.lit("neither an access log nor an error log")).alias("refused"),
        pl.when(named).then("text").alias("message"),
    )
    for reader in dict.fromkeys(readers.values()):
        names = [name for name, its in readers.items() if its is reader]
        which = found["pattern"].is_in(names).fill_null(value=False)
        if which.any():
            part = overlaid(part, which, reader(found.filter(which), context))
    missing = [pl.lit(None, made.schema[name]).alias(name) for name in made.columns if name not in part.columns]
    return overlaid(made, odd, part.with_columns(missing))


def served(status: pl.Expr, asked: pl.Expr) -> list[pl.Expr]:
    """Class, verdict and outcome of an access."""
    verdict = pl.when(status.is_in(_DENIED)).then(pl.lit("deny")).otherwise(pl.lit("allow"))
    unseen = status.is_in(_UNSEEN) | (~asked & (status == "408"))
    outcome = pl.when(unseen).then(pl.lit("attempted")).otherwise(pl.lit("established"))
    return [
        pl.lit("http").alias("class"),
        pl.lit("web").alias("role"),
        pl.lit("tcp").alias("protocol"),
        status.alias("status"),
        pl.when(asked & ~status.is_in(_UNREAD)).then(verdict).alias("verdict"),
        pl.when(status.is_not_null()).then(outcome).alias("outcome"),
    ]


@cache
def _user() -> pl.Expr:
    r"""The user; the backslash behind a domain is written `\\` by Apache and `\x5C` by nginx."""
    return pl.col("user").str.replace(r"\\(?:\\|x5[Cc])", "\\")


_PLAIN = ("vhost", "vport", "client", "tls", "more", "rest", "size", "referer", "q1", "agent", "q2")


def plain_accesses(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Access log lines that `_apache_lines` leaves, of the groups of `_apache_messages.LINES`."""
    df = with_nulls(df, _PLAIN)
    unfinished = (pl.col("pattern") == "access") & pl.col("status").is_null() | pl.col("q0").is_null()
    df = df.with_columns(cut=unfinished | _open("referer", "q1") | _open("agent", "q2"))
    dashed = ("first", "status", "size", "referer", "agent")
    df = df.with_columns(pl.when(pl.col(name) != "-").then(name).alias(name) for name in dashed)
    heads = match(df["head"], HEADS)
    asked = match(df["request"], REQUESTS)
    df = df.with_columns(
        client=pl.coalesce("client", heads["client"]),
        user=heads["user"].str.replace(r'^(?:[- ]+|"")$', ""),
        vhost=pl.coalesce("vhost", heads["vhost"]),
        vport=pl.coalesce("vport", heads["vport"]),
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
        *served(pl.col("status"), pl.col("method").is_not_null()),
        pl.col("time").str.strip_chars(),
        _user(),
        pl.col("vhost", "method", "url", "url_scheme", "url_host", "url_port", "url_path", "url_query", "referer"),
        pl.col("src_ip", "src_port", "forwarded_for", "bytes_out", "own", "cut"),
        pl.lit(None, pl.String).alias("refused"),
        pl.col("vport").alias("dst_port"),
        pl.col("agent").alias("user_agent"),
        pl.when(pl.col("tls") != "-").then("tls").alias("tls_version"),
        pl.when(absent).then("request").alias("message"),
        sized,
    )


_CUSTOM = (
    "client", "peer", "port", "user", "time", "zone", "request", "method", "url", "path", "query", "status", "size",
    "sent", "received", "seconds", "ms", "us", "referer", "agent", "forwarded_for", "host", "vhost", "vport", "server",
    "scheme", "tls", "sni", "upstream", "cache", "mime", "session", "device",
)  # fmt: skip
"""The values of `_logformat` that this module reads."""


def custom_accesses(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Lines of a format of the source's own, or of JSON: the values that `_logformat` names."""
    df = with_nulls(df, _CUSTOM)
    empty = pl.col(_CUSTOM).is_in(["-", ""])
    df = df.with_columns(pl.when(~empty).then(pl.col(_CUSTOM)))
    asked = match(df["request"], REQUESTS)
    query = pl.col("query").str.strip_prefix("?")
    whole = pl.when(query.str.len_bytes() > 0).then(pl.concat_str("path", pl.lit("?"), query)).otherwise(pl.col("path"))
    df = df.with_columns(
        client=pl.coalesce("peer", "client"),
        method=pl.coalesce(asked["method"], "method"),
        url=pl.coalesce(asked["url"], "url", whole),
        absent=pl.when(asked["method"].is_null()).then("request"),
    )
    df = df.hstack(split_urls(df["url"])).with_columns(_peers(df, context))
    at = split_urls(df["host"])
    upstream = df["upstream"].str.extract(r"([^ ,]+)$", 1).str.extract_groups(ADDRESS_AND_PORT).struct
    return df.select(
        *served(pl.col("status"), pl.col("method").is_not_null()),
        pl.lit(None, pl.String).alias("refused"),
        pl.col("zone").alias("time_zone"),
        _user(),
        pl.col("time", "vhost", "method", "url", "url_path", "url_query", "referer", "device", "sni", "src_ip"),
        pl.coalesce("scheme", "url_scheme").alias("url_scheme"),
        pl.coalesce("url_host", at["url_host"], "host").alias("url_host"),
        pl.coalesce("url_port", at["url_port"]).alias("url_port"),
        pl.coalesce("src_port", "port").alias("src_port"),
        pl.col("forwarded_for"),
        pl.col("server").alias("dst_ip"),
        pl.col("vport").alias("dst_port"),
        pl.coalesce("sent", "size").alias("bytes_in"),
        pl.col("received").alias("bytes_out"),
        _milliseconds().alias("duration_ms"),
        pl.col("agent").alias("user_agent"),
        pl.col("mime").alias("content_type"),
        pl.col("cache").alias("cache_result"),
        pl.col("tls").alias("tls_version"),
        pl.col("session").alias("session_id"),
        upstream.field("1").alias("nat_dst_ip"),
        upstream.field("2").alias("nat_dst_port"),
        pl.col("absent").alias("message"),
    )


@cache
def _milliseconds() -> pl.Expr:
    seconds = (pl.col("seconds").cast(pl.Float64, strict=False) * 1000).round().cast(pl.Int64)
    micro = pl.col("us").cast(pl.Int64, strict=False) // 1000
    return pl.coalesce(pl.col("ms").cast(pl.Int64, strict=False), micro, seconds)


def with_nulls(df: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """The frame with a null column for each of `names` that it doesn't have."""
    return df.with_columns(pl.lit(None, pl.String).alias(name) for name in names if name not in df.columns)


def _open(value: str, quote: str) -> pl.Expr:
    return pl.col(value).is_not_null() & pl.col(quote).is_null()


def _peers(df: pl.DataFrame, context: Context) -> list[pl.Series]:
    """src_ip and src_port: the peer, or whom a trusted one speaks for."""
    parts = df["client"].str.extract_groups(ADDRESS_AND_PORT).struct.unnest().rename({"1": "address", "2": "port"})
    named = df.select(pl.when(~pl.col("client").is_in(_NOWHERE)).then("client")).to_series()
    peer, port = parts["address"].fill_null(named), parts["port"]
    client = spoken_for(peer, df["forwarded_for"], context.trusted_proxies)
    same = client.eq_missing(peer)
    return [client.alias("src_ip"), port.zip_with(same, pl.Series([None], dtype=pl.String)).alias("src_port")]


def spoken_for(peer: pl.Series, forwarded: pl.Series, trusted: tuple[str, ...]) -> pl.Series:
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
