"""SonicWall (SonicOS 3 to 7): connections, dropped packets, attacks, web sites, logins and the device itself.

Reference: SonicOS Log Event Reference Guide 5.8, 6.5, 7.0 ("Index of Log Event Messages", "Index of Syslog Tag Field
Descriptions": src and dst are address:port:interface:name, srcV6 and dstV6 beside them, cdur in ms, dur in s, op 1 GET
2 POST 3 HEAD, fw_action drop | forward | mgmt | NA); read 2026-11-20.
Read: default and enhanced syslog with or without header, `appName='a b'` in single quotes, ArcSight (CEF).
Not read: WebTrends without `sn=` of other makers, connection reports over NetFlow.

What an event is, its number `m` says; an unknown one is judged by `fw_action`, then by its words, else it is `system`.
Verdict: opened and closed connections are allow, `…dropped`, `…denied` deny; fw_action drop is deny, forward and mgmt
allow, NA nothing. What IPS, antivirus, application or content filter stop was let through before (`blocked_later`);
floods, spoofs, scans, listed countries and botnets were not; what is only detected has no verdict. A closed connection
is established where both sides sent. A `Web site hit` (m=97) is class `http`, and allow unless fw_action says drop.
Path: fw_action mgmt, and dst = `fw` without translation, are local_in; src = `fw` is local_out; TCP without connection
and a note of flags other than a lone SYN are out_of_state. `n` counts messages of this number, not events: it is the
`sequence`.
src is as written, for a rejected packet of a finished connection the answering side. A `NAT Mapping` (m=1197) tells
the translated source in its note.
Time: `time`, with UTC where the device is set so, else the source's zone; CEF has only the header's.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from parsers._distinct import distinct_of
from parsers._format import Context, Format
from parsers._keyvalue import keyvalue
from parsers._lines import CR, LF, SPACE, Lines
from parsers._quotes import QUOTE
from parsers._sonicwall_cef import sonicwall_cef
from parsers._sonicwall_events import NAMES, meaning
from parsers._syslog import SEVERITIES
from parsers._urls import split_urls
from parsers._views import window

_KEYS = (
    "id", "sn", "time", "fw", "pri", "c", "m", "msg", "note", "src", "dst", "srcV6", "dstV6", "srcMac", "dstMac",
    "natSrc", "natDst", "natSrcV6", "natDstV6", "proto", "sent", "rcvd", "spkt", "rpkt", "cdur", "dur", "rule",
    "policy", "usr", "user", "appName", "appcat", "fw_action", "dstname", "arg", "op", "result", "Category",
    "category", "agent", "referer", "sid", "ipscat", "spycat", "filename", "fileid", "oldValue", "newValue", "n",
    "sess",
)  # fmt: skip
_pairs = keyvalue(*_KEYS, nulls=("N/A", "NA"))
_cef = sonicwall_cef(_KEYS)
_MARK = np.frombuffer(b"CEF:", np.uint8)
_APOSTROPHE = 39
_SINGLE = np.frombuffer(b" appName=", np.uint8)
_METHODS = {"1": "GET", "2": "POST", "3": "HEAD"}
_REFUSED = "no SonicOS log: no id= and time= with sn= or with m= and n="


def _shape(lines: Lines) -> pl.DataFrame:
    """CEF where a line begins with it, else pairs."""
    marked = (window(lines.text, lines.body, lines.end, len(_MARK)).T == _MARK).all(axis=1)
    df = _tags(lines).with_columns(_marked=marked)
    if not marked.any():
        return df
    made, rows = _cef(lines).with_columns(_cut=pl.lit(value=False)), pl.Series(marked).arg_true()
    return df.with_columns(df[name].scatter(rows, made[name].gather(rows)) for name in made.columns)


def _tags(lines: Lines) -> pl.DataFrame:
    """The pairs; a name of an application in single quotes is one in double quotes."""
    text = lines.text
    at = lines.positions(_APOSTROPHE)
    opening = at[at >= len(_SINGLE)]
    for i, byte in enumerate(_SINGLE):
        opening = opening[text[opening - len(_SINGLE) + i] == byte]
    if not len(opening):
        return _pairs(lines)
    row = np.searchsorted(lines.start, opening, side="right") - 1
    quotes = lines.positions(QUOTE)
    before = np.searchsorted(quotes, opening) - np.searchsorted(quotes, lines.start[row])
    after = text[at + 1]
    closing = at[(after == SPACE) | (after == LF) | (after == CR)]
    place = np.searchsorted(closing, opening + 1)
    good = (before & 1 == 0) & (place < len(closing))
    close = closing[np.minimum(place, len(closing) - 1)] if len(closing) else opening
    good &= close < lines.end[row]
    # A double quote within would end the name.
    good &= np.searchsorted(quotes, close) == np.searchsorted(quotes, opening)
    changed = text.copy()
    changed[opening[good]] = changed[close[good]] = QUOTE
    inner = Lines(
        changed, lines.start, lines.end, lines.line, lines.offset, lines.length, lines.repaired, lines.oversize
    )
    inner.body = lines.body
    return _pairs(inner)


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    df = df.hstack(_meanings(df)).with_columns(*_ends("src"), *_ends("dst"))
    scheme = pl.col("proto").str.extract("/(https?)$", 1)
    whole = pl.concat_str(scheme, pl.lit("://"), "dstname", "arg")
    df = df.with_columns(pl.when(pl.col("arg").is_not_null()).then(pl.coalesce(whole, "arg")).alias("url"))
    df = df.hstack(split_urls(df["url"])) if df["url"].null_count() < df.height else df.with_columns(_no_url())
    return df.select(*_record(), *_flow(), *_decision(), *_content(), *_own_state())


@cache
def _no_url() -> list[pl.Expr]:
    names = ("url_scheme", "url_host", "url_port", "url_path", "url_query")
    return [pl.lit(None, pl.String).alias(name) for name in names]


def _meanings(df: pl.DataFrame) -> pl.DataFrame:
    """What each event is: worked out once for each distinct number, category, action and text."""
    parts = [pl.col(name).fill_null("") for name in ("m", "c", "fw_action", "msg")]
    distinct, index = distinct_of(df.select(pl.concat_str(*parts, separator="\x00")).to_series())
    told = [meaning(*text.split("\x00", 3)) for text in distinct.to_list()]
    made = {name: pl.Series([row[at] for row in told], dtype=pl.String) for at, name in enumerate(NAMES)}
    return pl.DataFrame(made).select(pl.all().gather(index).name.prefix("_"))


def _ends(name: str) -> list[pl.Expr]:
    """address:port:interface:name; an IPv6 address stands alone, in brackets, or in a key of its own."""
    text = pl.col(name)
    part = text.str.splitn(":", 4).struct
    wide = text.str.contains(r"^(?:\[|[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f]*$)")
    rest = text.str.extract_groups(r"^\[?([0-9A-Fa-f:%]+)\]?(?::([0-9]*)(?::([^:]*)(?::(.*))?)?)?$").struct
    bracketed = text.str.starts_with("[")

    def either(at: int) -> pl.Expr:
        alone = text if at == 0 else pl.lit(None, pl.String)
        return pl.when(wide & bracketed).then(rest[at]).when(wide).then(alone).otherwise(part[at])

    made = [
        either(at).replace("", None).alias(f"_{name}_{what}") for at, what in enumerate(("ip", "port", "if", "host"))
    ]
    made[0] = pl.coalesce(f"{name}V6", either(0).replace("", None)).alias(f"_{name}_ip")
    return made


@cache
def _is(*classes: str) -> pl.Expr:
    return pl.col("_class").is_in(classes)


@cache
def _record() -> list[pl.Expr]:
    """Class, time, device, and whether the line is of SonicOS at all."""
    own = pl.col("id").is_not_null() & pl.col("time").is_not_null()
    own &= pl.col("sn").is_not_null() | (pl.col("m").is_not_null() & pl.col("n").is_not_null())
    own |= pl.col("_marked") & pl.col("id").is_not_null()
    levels = {str(number): word for number, word in enumerate(SEVERITIES)}
    said = pl.concat_str(pl.col("msg").replace("", None), "note", separator=": ", ignore_nulls=True)
    return [
        pl.when(own).then("_class").alias("class"),
        pl.when(~own).then(pl.lit(_REFUSED)).alias("refused"),
        pl.col("time"),
        pl.col("_cut").alias("cut"),
        pl.when(pl.col("id") != "firewall").then("id")
        .when(pl.col("syslog_host").is_null()).then("sn").alias("device"),
        pl.col("m").alias("event_code"),
        pl.col("n").alias("sequence"),
        pl.col("pri").replace_strict(levels, default=None, return_dtype=pl.String).alias("severity"),
        said.replace("", None).alias("message"),
    ]  # fmt: skip


@cache
def _flow() -> list[pl.Expr]:
    proto = pl.col("proto").str.splitn("/", 2).struct
    name = proto[1]
    clock = pl.coalesce(pl.col("cdur").cast(pl.Int64, strict=False), pl.col("dur").cast(pl.Int64, strict=False) * 1000)
    made = [
        pl.col("_src_ip").alias("src_ip"), pl.col("_src_port").alias("src_port"),
        pl.col("_src_if").alias("in_interface"), pl.col("_src_host").alias("src_host"),
        pl.col("srcMac").alias("src_mac"), pl.col("_dst_ip").alias("dst_ip"),
        pl.col("_dst_port").alias("dst_port"), pl.col("_dst_if").alias("out_interface"),
        pl.coalesce("_dst_host", pl.when(_is("http", "finding")).then("dstname")).alias("dst_host"),
        pl.col("dstMac").alias("dst_mac"), proto[0].alias("protocol"),
        pl.coalesce("appName", pl.when(~name.str.contains("^[0-9]+$")).then(name)).alias("app"),
        pl.coalesce("rule", "policy").alias("rule"), pl.coalesce("usr", "user").alias("user"),
        pl.col("sent").alias("bytes_out"), pl.col("rcvd").alias("bytes_in"), pl.col("spkt").alias("packets_out"),
        pl.col("rpkt").alias("packets_in"), clock.alias("duration_ms"),
    ]  # fmt: skip
    mapped = pl.when(pl.col("m") == "1197").then("note").str.extract_groups(r"^Source: *([^ ,]+), *([0-9]+),").struct
    nothing = pl.lit(None, pl.String)
    # Of ICMP the second number is no port.
    port = pl.when(~proto[0].str.to_lowercase().str.starts_with("icmp")).then(mapped[1])
    for end, made_name, told in (("Src", "nat_src", (mapped[0], port)), ("Dst", "nat_dst", (nothing, nothing))):
        text = pl.col(f"nat{end}")
        wide = pl.coalesce(f"nat{end}V6", pl.when(text.str.starts_with("[")).then(text))
        old = pl.when(~text.str.starts_with("[")).then(text).str.splitn(":", 2).struct
        six = wide.str.extract_groups(r"^\[?([^\]]*)\]?(?::([0-9]+))?$").struct
        made += [
            pl.coalesce(old[0], six[0], told[0]).alias(f"{made_name}_ip"),
            pl.coalesce(old[1], six[1], told[1]).alias(f"{made_name}_port"),
        ]
    return made


@cache
def _decision() -> list[pl.Expr]:
    """Verdict, outcome and path."""
    sent, received = (pl.col(name).cast(pl.Int64, strict=False) for name in ("sent", "rcvd"))
    closed = pl.col("m").eq_missing("537") | (_is("http") & (pl.col("_verdict") == "allow"))
    outcome = (
        pl.when(closed & (received > 0)).then(pl.lit("established"))
        .when(closed & (sent > 0)).then(pl.lit("attempted")).otherwise("_outcome")
    )  # fmt: skip
    flags = pl.col("note").str.extract(r"(?i)TCP flag\(?s?\)?: *((?:SYN|ACK|FIN|RST|PSH|URG|ECE|CWR|[ ,|])+)", 1)
    stray = flags.is_not_null() & (flags.str.strip_chars() != "SYN") & (pl.col("_verdict") == "deny")
    to = pl.col("_dst_ip") == pl.col("fw")
    unmoved = pl.coalesce(pl.col("natDst").str.splitn(":", 2).struct[0] == pl.col("_dst_ip"), pl.lit(value=True))
    path = (
        pl.when((pl.col("_state") == "out_of_state") | stray).then(pl.lit("out_of_state"))
        .when((pl.col("_state") == "local_in") | (to & unmoved)).then(pl.lit("local_in"))
        .when(pl.col("_src_ip") == pl.col("fw")).then(pl.lit("local_out"))
        .when(pl.col("_dst_ip").is_not_null()).then(pl.lit("forward"))
    )  # fmt: skip
    return [
        pl.col("_verdict").alias("verdict"),
        outcome.alias("outcome"),
        pl.when(_is("network", "http", "finding")).then(path).alias("path"),
        pl.coalesce(
            "fw_action", "_stopped", pl.when(_is("network", "http")).then(pl.col("msg").replace("", None))
        ).alias("action"),
    ]


@cache
def _content() -> list[pl.Expr]:
    """What was asked of a web site, and what was found."""
    finding = pl.when(_is("finding"))
    web = pl.col("_category") == "webfilter"
    named = pl.col("msg").str.extract(r"Alert: (.+?)(?:, SID: [0-9]+.*)?$", 1)
    plain = pl.col("msg").str.extract(r"^(.*?)(?: on (?:WAN )?IF .*)?$", 1)
    signature = pl.coalesce("ipscat", "spycat", named, plain)
    category = pl.coalesce("Category", "category")
    return [
        pl.col("url", "url_scheme", "url_port", "url_path", "url_query"),
        pl.coalesce("dstname", "url_host").alias("url_host"),
        pl.when(_is("http")).then(pl.lit("proxy")).alias("role"),
        pl.col("op").replace_strict(_METHODS, default=None, return_dtype=pl.String).alias("method"),
        pl.col("result").alias("status"), pl.col("agent").alias("user_agent"), pl.col("referer"),
        category.alias("category"),
        finding.then(pl.coalesce("sid", pl.col("msg").str.extract(", SID: ([0-9]+)", 1))).alias("signature_id"),
        finding.then(pl.when(web).then(category).otherwise(signature)).alias("signature"),
        pl.col("_category").alias("finding_category"),
        finding.then(pl.coalesce("fw_action", "_stopped")).alias("disposition"),
        finding.then(pl.coalesce("filename", "fileid")).alias("file_name"),
    ]  # fmt: skip


@cache
def _own_state() -> list[pl.Expr]:
    """Columns of the classes system and authentication."""
    changed = pl.col("msg").str.extract_groups(r"'([^']*)' *, changed from \[(.*?)\], changed to \[(.*)\]$").struct
    why = pl.col("msg").str.extract(r"(?: - |denied due to |denied from )(.+)$", 1)
    failed = pl.col("msg").str.contains(r"(?i)\bfail(?:ed|ure)?\b|incomplete|invalid")
    return [
        pl.col("_operation").alias("operation"),
        changed[0].alias("object"),
        pl.coalesce(changed[1], "oldValue").alias("old"),
        pl.coalesce(changed[2], "newValue").alias("new"),
        pl.when(_is("system") & failed).then(pl.lit("failed")).alias("result"),
        pl.col("_service").alias("service"),
        pl.col("_role").alias("auth_role"),
        pl.when(_is("authentication")).then("sess").alias("auth_method"),
        pl.when(_is("authentication") & (pl.col("_outcome") == "failure")).then(why).alias("reason"),
    ]


FORMAT = Format(
    name="sonicwall",
    title="SonicWall SonicOS",
    reference="https://www.sonicwall.com/support/technical-documentation/",
    shape=_shape,
    columns=_columns,
    header="host",
    not_a_host="^CEF:",
)
