"""ALSI InterSafe WebFilter, GatewayConnection and CATS: access logs.

Reference: ALSI FAQ 5168 (InterSafe_http.log, 25 columns between tabs), 5032 (InterSafe_http_filtering.log), 5299 (CATS
Ver5.0: what the states mean), 5258 (the group in column 5); read 2026-11-20.
Read: the 25 columns and more behind them, and the older form of 16 columns between commas.
Not read: request (POST) logs, the logs of the administration server.

Verdict: Blocked and BlkPost (a posting) are deny; Proxied (unclassified or allowed category), Allowed (by a rule) and
Release (the user lifted the block for a while) are allow. `rule` is why it was decided (データベースマッチ …). What is
sent counts from the client.
Time: without zone, so the source's. Encoding: CP932, or UTF-8 where the source says so.
"""

from __future__ import annotations

import polars as pl

from parsers._delimited import delimited
from parsers._format import Context, Format
from parsers._lines import TAB, Lines
from parsers._urls import split_urls

_TABS = (
    "date", "clock", "protocol", "client", "group", "user", "agent", "state", "server", "status", "host", "took",
    "sent", "received", "mime", "spare", "reason", "category", "listed", "listed2", "security", "url", "version",
    "method", "referer",
)  # fmt: skip
_COMMAS = (
    "date", "clock", "protocol", "client", "group", "user", "agent", "state", "server", "status", "host", "took",
    "received", "mime", "category", "url",
)  # fmt: skip
_BY_TABS = delimited(*_TABS, separator="\t", quotes=False, brackets=False, collapse=False)
_BY_COMMAS = delimited(*_COMMAS, separator=",", brackets=False, collapse=False, nulls=("-",))
_STATES = {"Blocked": "deny", "BlkPost": "deny", "Proxied": "allow", "Allowed": "allow", "Release": "allow"}
_FAILED = ("0", "000", "502", "503", "504")


def _shape(lines: Lines) -> pl.DataFrame:
    """The columns of either form; `_fits`: as many tokens as the form has."""
    read = _BY_TABS(lines)
    made = read.with_columns(_fits=pl.col("_count") >= len(_TABS)).drop("_count", "_cut")
    tabbed = lines.following(TAB, lines.body) < lines.end
    if tabbed.all():
        return made
    found = _BY_COMMAS(lines)
    found = found.with_columns(_fits=pl.col("_count") == len(_COMMAS)).drop("_count", "_cut")
    which = pl.Series(tabbed)
    none = pl.lit(None, pl.String)
    return made.select(
        pl.when(which).then(pl.col(name)).otherwise(found[name] if name in found.columns else none).alias(name)
        for name in made.columns
    )


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    state, status = pl.col("state"), pl.col("status")
    verdict = state.replace_strict(_STATES, default=None)
    known = pl.col("_fits") & verdict.is_not_null()
    lost = status.is_null() | status.is_in(_FAILED)
    reached = pl.when(lost).then(pl.lit("attempted")).otherwise(pl.lit("established"))
    df = df.hstack(split_urls(df["url"], default_ports=True))
    return df.select(
        pl.when(known).then(pl.lit("http")).alias("class"),
        pl.when(~known).then(pl.lit("not the columns of an InterSafe access log")).alias("refused"),
        pl.concat_str("date", pl.lit(" "), "clock").alias("time"),
        pl.lit("proxy").alias("role"), pl.lit("tcp").alias("protocol"), pl.col("protocol").alias("app"),
        verdict.alias("verdict"), pl.when(verdict == "allow").then(reached).alias("outcome"), state.alias("action"),
        pl.col("reason").alias("rule"), pl.coalesce("category", "listed", "security").alias("category"),
        pl.col("client").alias("src_ip"), pl.col("server").alias("dst_ip"),
        pl.coalesce("host", "url_host").alias("dst_host"), pl.col("port").alias("dst_port"),
        pl.col("user"), pl.col("agent").alias("user_agent"), status.alias("status"),
        pl.col("mime").alias("content_type"),
        pl.col("took").alias("duration_ms"), pl.col("sent").alias("bytes_out"), pl.col("received").alias("bytes_in"),
        pl.col("method", "url", "url_scheme", "url_host", "url_port", "url_path", "url_query", "referer"),
    )  # fmt: skip


FORMAT = Format(
    name="alsi_intersafe",
    title="ALSI InterSafe WebFilter",
    reference="https://alsifaq.dga.jp/faq_detail.html?id=5168",
    shape=_shape,
    columns=_columns,
    encoding="cp932",
)
