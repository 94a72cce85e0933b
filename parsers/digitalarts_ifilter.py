"""Digital Arts i-FILTER and D-SPA: access logs and the block log.

Reference: Digital Arts FAQ 4301 (D-SPA Ver.4 and i-FILTER Ver.10, 35 columns), 2196 (D-SPA Ver.1 and 2, 29 columns),
2800 (block log, 17 columns), 3306 (the column behind the action is the object ID: which rule), 5614 (i-FILTER@Cloud,
placeholders); of these pages only the beginnings were at hand on 2026-11-20.
Read: these three with or without a syslog header, the access log of Ver.9, and a customised access log whose columns
the option `columns` names. Japanese text, blanks and slashes in values are URL-encoded and are decoded.
Not read: filter reasons as words (the number stands in no column), POST and SSL decode logs.

Verdict: `block` in the action is deny, anything else was let through; 502 to 504 of such a request is attempted. src
is who connected to i-FILTER, or where the source names it as a trusted proxy the client it forwarded for. The block
log's last column names a virus: then it is a `finding`.
Time: when the access began, with its offset.
"""

from __future__ import annotations

from functools import cache
from urllib.parse import unquote_to_bytes

import polars as pl

from parsers._accesses import spoken_for, with_nulls
from parsers._apache_messages import REQUESTS
from parsers._distinct import by_distinct
from parsers._format import Context, Format
from parsers._lines import written_out
from parsers._messages import match, whole
from parsers._urls import split_urls

_CLOCK = "[0-9]{2}:[0-9]{2}:[0-9]{1,2}"
_TIME = rf"[0-9]{{2}}/[A-Z][a-z]{{2}}/[0-9]{{4}}:{_CLOCK} ?[+-][0-9]{{4}}"
_HEAD = (
    rf"(?:[A-Z][a-z]{{2}} +[0-9]{{1,2}} {_CLOCK} )?[0-9]+ [0-9]+/[0-9]*/[^ ]* [^ ]+ "
    r"(?:(?P<server>[^ ]+) (?P<peer>[^ ]+) )?(?P<client>[^ ]+) (?P<host>[^ ]+) (?P<user>[^ ]+) "
    rf"\[(?P<time>{_TIME})\] "
)
_RESULT = r"(?P<status>[0-9]{3}|0|-) (?P<sent>[0-9]+|-) (?P<received>[0-9]+|-) (?P<action>[A-Za-z_-]+)"
_FORMS = {
    "access": rf"{_HEAD}{_RESULT} (?P<rule>[^ ]+) [^ ]+ (?P<category>[^ ]+)(?: [^ \"]+){{3,10}}"
    r' "(?P<request>[^"]*)(?P<end>"?)(?: (?P<referer>[^ ]+) (?P<agent>[^ ]+) (?P<mime>[^ ]+) (?P<id>[^ ]+))?(?: .*)?',
    "old": rf'{_HEAD}"(?P<request>[^"]*)(?P<end>") ?"?(?P<referer>[^" ]+)"? ?(?P<agent>[^ ]+) {_RESULT}'
    r" [^ ]+ [^ ]+ [^ ]+ [^ ]+ (?P<mime>[^ ]+) [^ ]+ [^ ]+ [^ ]+ (?P<id>[^ ]+)",
    "block": rf"[0-9]+ (?P<client>[0-9A-Fa-f.:]+) (?P<user>[^ ]+) [^ ]+ [^ ]+ (?P<time>{_TIME}) (?P<url>[^ ]+) "
    r"(?P<action>[A-Za-z_-]+) (?P<rule>[^ ]+)(?: [^ ]+){6} (?P<virus>[^ ]+)",
}
_KNOWN = {
    "%dadr": "server", "%sip": "peer", "%>a": "client", "%>A": "host", "%ul": "user",
    "server": "server", "peer": "peer", "client": "client", "host": "host", "user": "user", "time": "time",
    "status": "status", "sent": "sent", "received": "received", "action": "action", "rule": "rule",
    "category": "category", "request": "request", "url": "url", "method": "method", "referer": "referer",
    "agent": "agent", "content_type": "mime", "id": "id",
}  # fmt: skip
"""Name of a column in the option, or its placeholder → value."""
_VALUES = (
    "server", "peer", "client", "host", "user", "time", "status", "sent", "received", "action", "rule", "category",
    "request", "end", "url", "method", "referer", "agent", "mime", "id", "virus",
)  # fmt: skip
_HELD = "(?i)block"


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    given = context.options.get("columns", "").replace(",", " ").split()
    forms = {"custom": _custom(given), **_FORMS} if given else _FORMS
    found = with_nulls(match(df["body"], forms), _VALUES)
    found = found.with_columns(pl.when(pl.col(_VALUES) != "-").then(pl.col(_VALUES)).name.keep())
    found = found.with_columns(by_distinct(found[name], _decoded) for name in ("user", "agent", "mime", "virus"))
    asked = match(found["request"], REQUESTS)
    peer = pl.coalesce("peer", "client")
    found = found.with_columns(
        method=pl.coalesce(asked["method"], "method"), url=pl.coalesce(asked["url"], "url"), peer=peer
    )
    forwarded = found.select(pl.when(pl.col("client") != pl.col("peer")).then("client").alias("f")).to_series()
    client = spoken_for(found["peer"], forwarded, context.trusted_proxies)
    found = found.with_columns(client=client, forwarded=forwarded).hstack(split_urls(found["url"], default_ports=True))
    return found.select(_meaning())


def _custom(names: list[str]) -> str:
    """The expression for a customised log: its columns in order, with one blank between."""
    parts, seen = [], set()
    for name in names:
        value = _KNOWN.get(name)
        if value is None or value in seen:
            parts.append(r'(?:"[^"]*"|\[[^\]]*\]|[^ ]+)')
            continue
        seen.add(value)
        if value == "time":
            parts.append(rf"\[?(?P<time>{_TIME})\]?")
        elif value == "request":
            parts.append('"(?P<request>[^"]*)(?P<end>")')
        else:
            parts.append(f"(?P<{value}>[^ ]+)")
    return " +".join(parts)


def _decoded(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    raw = unquote_to_bytes(text.replace("+", " "))
    try:
        return written_out(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return written_out(raw.decode("cp932", "backslashreplace"))


@cache
def _meaning() -> list[pl.Expr]:
    known = pl.col("pattern").is_not_null()
    action, status = pl.col("action"), pl.col("status")
    held = action.str.contains(_HELD).fill_null(value=False)
    told = known & (action.is_not_null() | status.is_not_null())
    lost = status.is_null() | (status == "0") | status.is_in(["502", "503", "504"])
    own = pl.col("forwarded").is_null() | (pl.col("forwarded") == pl.col("client"))
    virus = pl.col("virus").is_not_null()
    at = pl.col("server").str.extract_groups(r"^(?P<address>.+?)(?::(?P<port>[0-9]{1,5}))?$").struct
    return [
        pl.when(virus).then(pl.lit("finding")).when(known).then(pl.lit("http")).alias("class"),
        pl.when(~known).then(pl.lit("no line of an access or block log of i-FILTER")).alias("refused"),
        pl.when(pl.col("time").str.contains(r"[0-9][+-]")).then(pl.col("time").str.replace(r"([0-9])([+-])", "$1 $2"))
        .otherwise("time").str.replace(r":([0-9]) ", ":0$1 ").alias("time"),
        pl.lit("proxy").alias("role"), pl.lit("tcp").alias("protocol"),
        pl.when(held).then(pl.lit("deny")).when(told).then(pl.lit("allow")).alias("verdict"),
        pl.when(told & ~held & lost).then(pl.lit("attempted"))
        .when(told & ~held).then(pl.lit("established")).alias("outcome"),
        action.alias("action"), pl.col("rule"), pl.col("category"), status.alias("status"),
        pl.col("client").alias("src_ip"), pl.when(own).then("host").alias("src_host"),
        pl.col("forwarded").alias("forwarded_for"),
        at.field("address").alias("dst_ip"), pl.col("url_host").alias("dst_host"),
        pl.coalesce(at.field("port").cast(pl.Int64, strict=False), "port").alias("dst_port"),
        pl.col("sent").alias("bytes_out"), pl.col("received").alias("bytes_in"), pl.col("user"),
        pl.col("method", "url", "url_scheme", "url_host", "url_port", "url_path", "url_query", "referer"),
        pl.col("agent").alias("user_agent"), pl.col("mime").alias("content_type"), pl.col("id").alias("session_id"),
        pl.when(pl.col("method").is_null()).then("request").alias("message"),
        pl.col("virus").alias("signature"), pl.lit("virus").alias("finding_category"), action.alias("disposition"),
        (pl.col("end") == "").fill_null(value=False).alias("cut"),
    ]  # fmt: skip


FORMAT = Format(
    name="digitalarts_ifilter",
    title="Digital Arts i-FILTER, D-SPA",
    reference="https://www.pa-solution.net/daj/bs/faq/detail.aspx?id=4301",
    shape=whole(),
    columns=_columns,
    encoding="cp932",
    not_a_host=r"^[0-9]+$",
    options={
        "columns": "the columns of a customised access log in their order, by these names (- for any other): "
        + " ".join(name for name in _KNOWN if "%" not in name)
    },
)
