"""Squid access log: the native format, and the common and combined HTTP formats as Squid writes them.

Reference: Squid 6 directive `logformat` (predefined formats `squid`, `common`, `combined`) and the wiki's
"SquidFaq/SquidLogs" (result and hierarchy codes); read 2026-11-20.
Read besides: `log_mime_hdrs on` (headers behind the line are left out), a client's name instead of its address, URLs
with blanks (`uri_whitespace allow`), and lines of cache.log, which become rows of class `system`.
A `logformat` of one's own is read where the source gives it (option `logformat`) and holds the result (%Ss).
Not read: the `referrer` and `useragent` formats, which say neither result nor size.

Verdict: …DENIED… is deny, 407 (log in first) included, told apart by `status`. NONE with an error means that there was
no request to decide on: empty, but for a CONNECT whose server could not be reached (502 to 504). Everything else was
let through. dst is the origin server: a parent proxy's address (`…_PARENT/…`) is nobody's destination and is left out.
`bytes_in` counts what the client got, headers included.
Time: seconds since 1970 (native) or with an offset, so always exact; cache.log has the source's zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

import numpy as np
import polars as pl

from parsers._accesses import with_nulls
from parsers._delimited import delimited
from parsers._distinct import by_distinct, distinct_of
from parsers._format import Context, Format
from parsers._logformat import squid_pattern
from parsers._messages import match
from parsers._times import read
from parsers._urls import split_urls
from parsers._views import Texts, holds, no_values, strings, words
from parsers._zones import EXACT

_FIELDS = ("time", "elapsed", "client", "result", "size", "method", "url", "user", "hierarchy", "mime")
_OTHER = {
    "http": r'(?P<client>\S+) (?P<ident>\S+) (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<request>[^"]*)" '
    r'(?P<status>\d{3}|-) (?P<size>\d+|-)(?: "(?P<referer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)")? '
    r"(?P<result>[A-Z_]+):(?P<hierarchy>[A-Z_0-9]+)",
    "blanks": r"(?P<time>\d{9,10}(?:\.\d+)?) +(?P<elapsed>-?\d+) (?P<client>\S+) (?P<result>[A-Z_]+/\d{1,3}) "
    r"(?P<size>\d+) (?P<method>\S+) (?P<url>.+) (?P<user>\S+) (?P<hierarchy>[A-Z_0-9]+/\S+) (?P<mime>\S+)",
    "cache": r"(?P<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)(?: kid\d+)?\| *(?P<note>.*)",
}
_FAILED = ("000", "0", "502", "503", "504")


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    times, decided = read(df["time"], context), _decided(df["result"])
    fits = decided["known"].fill_null(value=False) & pl.Series(times.valid & (times.quality == EXACT))
    if df["_count"].max() != len(_FIELDS):
        # More words are logged headers, `[…] […]`; else it is a URL with blanks, which may pretend to be the rest.
        headers = pl.col("headers").str.starts_with("[") & pl.col("body").str.ends_with("]")
        placed = df.select((pl.col("_count") <= len(_FIELDS)) | headers)
        fits &= placed.to_series().fill_null(value=False)
    forms = dict(_OTHER)
    if given := context.options.get("logformat"):
        fits &= False
        forms = {"custom": squid_pattern(given), **_OTHER}
    df = df.hstack(decided).with_columns(fits=fits, event_time=pl.Series(times.us).cast(pl.Datetime("us")))
    if not fits.all():
        df = _with_others(df, forms)
    if holds(df["user"], b"%"):
        df = df.with_columns(by_distinct(df["user"], unquote))
    df = df.with_columns(server=_server(df["hierarchy"])).hstack(split_urls(df["url"], default_ports=True))
    return df.select(_meaning(df))


def _with_others(df: pl.DataFrame, forms: Mapping[str, str]) -> pl.DataFrame:
    """Fills the rows that don't fit from the other forms, and empties what fits none."""
    rows, kept = (~df["fits"]).arg_true(), (*_FIELDS, "code", "status", "verdict", "outcome")
    other = with_nulls(match(df["body"].gather(rows), forms), ("way", "peer"))
    if other["pattern"].null_count() == len(rows):
        return df.with_columns(pl.when("fits").then(name).alias(name) for name in kept)
    request = pl.col("request").str.extract_groups(r"^(?P<the_method>\S+) (?P<the_url>.*?)(?: HTTP/[\d.]+)?$")
    # The HTTP forms have the status apart: put together as the native one writes it.
    result = other.select(pl.coalesce(pl.concat_str("result", pl.lit("/"), "status"), "result")).to_series()
    other = other.with_columns(request).unnest("request").with_columns(
        method=pl.coalesce("method", "the_method"), url=pl.coalesce("url", "the_url"),
        hierarchy=pl.coalesce(pl.concat_str("way", pl.lit("/"), "peer"), "way", "hierarchy"),
    ).drop("status").hstack(_decided(result))  # fmt: skip
    dashed = ("user", "mime", "size", "referer", "agent")
    other = other.with_columns(pl.when(pl.col(name) != "-").then(name).alias(name) for name in dashed)
    filled = [df[name].scatter(rows, other[name]) for name in kept if name in other.columns]
    more = [
        no_values(df.height).scatter(rows, other[name]).alias(name)
        for name in _REST
        if other[name].null_count() < len(rows)
    ]
    return df.with_columns(*filled, *more)


def _decided(result: pl.Series) -> pl.DataFrame:
    """Code, status, verdict and outcome; there are few different results, so they are worked out once for each.

    `known` says whether the result has the form of the native format.
    """
    distinct, index = distinct_of(result)
    told = pl.DataFrame([_decision(text) for text in distinct.to_list()], schema=_DECIDED, orient="row")
    return pl.DataFrame([column.gather(index) for column in told])


_DECIDED = {"known": pl.Boolean} | dict.fromkeys(("code", "status", "verdict", "outcome"), pl.String)


def _decision(result: str) -> tuple[bool, str, str | None, str | None, str | None]:
    known = re.fullmatch(r"[A-Z_]{3,40}/[0-9]{1,3}", result) is not None
    code, *more = result.split("/")
    status = more[0] if more and more[0] != "-" else None
    if "DENIED" in code:
        return known, code, status, "deny", None
    if code.startswith("UDP_"):
        return known, code, status, "allow", "established"
    if code.startswith(("NONE", "TAG_NONE")) and (not more or more[0] in _FAILED or more[0].startswith("4")):
        return known, code, status, None, None
    return known, code, status, "allow", "attempted" if status in _FAILED else "established"


def _server(hierarchy: pl.Series) -> pl.Series:
    """The origin server that was asked, without a parent proxy between."""
    texts = Texts.of(hierarchy)
    word = words(texts.text, "<u8")
    first, behind = word[texts.start], texts.start + len(_DIRECT)
    direct = (first == _WORDS[0]) & (word[texts.start + 4] == _WORDS[1]) & (behind < texts.end)
    server = strings(texts.text, behind, texts.end, direct)
    rest = np.flatnonzero(texts.valid & ~direct & (first != _NOBODY))
    return server.scatter(rest, hierarchy.gather(rest).str.extract(_ASKED, 1)) if len(rest) else server


_DIRECT, _NOBODY = b"HIER_DIRECT/", np.frombuffer(b"HIER_NON", np.uint64)[0]
_WORDS = np.frombuffer(_DIRECT[:8] + _DIRECT[4:], np.uint64)
_ASKED = "^[^/]*(?:DIRECT|ORIGINAL_DST|PINNED)[^/]*/([^/]*)"


def _meaning(df: pl.DataFrame) -> list[pl.Expr]:
    code, known = pl.col("code"), pl.col("code").is_not_null()
    # Until Squid 6 a tunnel whose server could not be reached has no other result (bug 5148).
    lost = (
        (pl.col("method") == "CONNECT")
        & code.str.contains("^(?:TAG_)?NONE")
        & pl.col("status").is_in(["502", "503", "504"])
    )
    made: list[pl.Expr] = [
        pl.when(~pl.col("fits")).then("time").alias("time"), pl.when("fits").then("event_time").alias("event_time"),
        pl.col("method", "url", "user", "status", "url_scheme", "url_host", "url_port", "url_path", "url_query"),
        pl.when(lost).then(pl.lit("allow")).otherwise("verdict").alias("verdict"),
        pl.when(lost).then(pl.lit("attempted")).otherwise("outcome").alias("outcome"),
        pl.col("client").alias("src_ip"), pl.col("elapsed").alias("duration_ms"),
        pl.col("server").alias("dst_ip"), pl.col("url_host").alias("dst_host"),
        pl.col("port").alias("dst_port"), pl.col("size").alias("bytes_in"), pl.col("mime").alias("content_type"),
        code.alias("action"), code.alias("cache_result"),
        pl.when(code.str.starts_with("UDP_")).then(pl.lit("udp")).when(known).then(pl.lit("tcp")).alias("protocol"),
        pl.when(known).then(pl.lit("proxy")).alias("role"),
        (pl.col("fits") & (pl.col("_count") < len(_FIELDS))).alias("cut"),
    ]  # fmt: skip
    made += [pl.col(name).alias(column) for name, column in _REST.items() if name in df.columns]
    event_class: pl.Expr = pl.when(known).then(pl.lit("http"))
    if "note" in df.columns:
        note = pl.col("note").is_not_null()
        event_class = pl.when(note).then(pl.lit("system")).otherwise(event_class)
        known |= note
    refused = pl.when(~known).then(pl.lit("not the fields of a Squid access log"))
    return [*made, event_class.alias("class"), refused.alias("refused")]


_REST = {"referer": "referer", "agent": "user_agent", "note": "message"}


FORMAT = Format(
    name="squid",
    title="Squid",
    reference="https://wiki.squid-cache.org/SquidFaq/SquidLogs",
    shape=delimited(*_FIELDS, "headers", quotes=False, brackets=False),
    columns=_columns,
    not_a_host=r"^kid[0-9]+\|$",
    check=lambda options: squid_pattern(options["logformat"]) if "logformat" in options else None,
    options={"logformat": "the logformat of the access log, as squid.conf has it; it needs %Ss"},
)
