"""Zscaler Internet Access: feeds of the Nanolog Streaming Service (NSS) and of Cloud NSS.

Reference: Zscaler help, "NSS Feed Output Format: Web / Firewall / DNS / Admin Audit / Endpoint DLP / Alerts" (names of
fields; client and server source and destination; in and out seen from the client), "Sandbox report API"; read
2026-11-20.
Read: JSON ({"sourcetype": "zscalernss-web", "event": {…}}), key=value between tabs (or ^^), and values between commas
where the option `feed` gives the feed output format; web, firewall, DNS, audit, endpoint DLP and tunnel feeds, sandbox
reports, the alerts of the NSS server.
Not read: ZPA (LSS) feeds, CASB and email DLP (kept whole, class `system`); CEF and LEEF feeds (`cef`, `leef`).

src is the client's own address (cintip where the feed has it), nat_src_ip the one the cloud sees. Firewall: client
source and destination before translation, server source and destination after it; a line for n sessions is aggregated.
A blocked line with a threat is a `finding`. Verdict: Allow… is allow, anything that blocks, drops or resets deny.
Time: the feed's own zone where it is in the line, else the source's.
"""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from parsers._delimited import delimited
from parsers._format import Context, Format
from parsers._json import json_lines
from parsers._keyvalue import keyvalue
from parsers._lines import Lines
from parsers._urls import split_urls
from parsers._zscaler_fields import FIELDS, NOTHING, SANDBOX

_KEYS = tuple(dict.fromkeys(name for names in FIELDS.values() for name in names))
_JSON = json_lines("sourcetype", *(f"event.{name}" for name in _KEYS), *SANDBOX.values())
_PAIRS = keyvalue(*_KEYS, separator="\t")
_COMMAS = delimited(*(f"_{i}" for i in range(80)), separator=",", brackets=False, collapse=False, nulls=())
_BRACE, _QUOTE = b'{"'
_ENOUGH = 4
"""So many pairs between tabs make a record."""
_ADDRESS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+"
_ALERT = rf"^\[(?P<device>{_ADDRESS})\] (?:(?P<name>ZscalerNSS): )?(?P<said>.*)$"
_KINDS = {
    "zscalernss-web": "web", "zscalernss": "web", "zscalernss-fw": "fw", "zscalernss-dns": "dns",
    "zscalernss-audit": "audit", "zscalernss-edlp": "dlp", "zscalernss-endpointdlp": "dlp",
    "zscalernss-tunnel": "tunnel",
}  # fmt: skip
_CODES = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")
_NO_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - what the feed writes where nothing was translated
_DENIED = "(?i)block|drop|reset|den(?:y|ied)|quarantin|isolat"


def _shape(lines: Lines) -> pl.DataFrame:
    """The values of `FIELDS` whatever wrote them; `_form`: json, pairs or null; `_type`: the source type."""
    first = lines.text[lines.body]
    read = _PAIRS(lines)
    made = read.select(
        *(pl.coalesce(names).alias(value) for value, names in FIELDS.items()),
        pl.lit(value=False).alias("_cut"),
        pl.when(pl.col("_keys") >= _ENOUGH).then(pl.lit("pairs")).alias("_form"),
        pl.lit(None, pl.String).alias("_type"),
    )
    if (first == _BRACE).any():
        read = _JSON(lines)
        sandbox = pl.when(pl.col(SANDBOX["hash"]).is_not_null()).then(pl.lit("sandbox"))
        members = {value: [f"event.{name}" for name in names] for value, names in FIELDS.items()}
        members = {value: [*names, *([SANDBOX[value]] if value in SANDBOX else [])] for value, names in members.items()}
        found = read.select(
            *(pl.coalesce(names).alias(value) for value, names in members.items()),
            pl.col("_cut"),
            pl.lit("json").alias("_form"),
            pl.coalesce("sourcetype", sandbox).alias("_type"),
        )
        there = read["_json"]
        made = made.select(
            pl.when(there).then(found[name]).otherwise(pl.col(name)).alias(name) for name in made.columns
        )
    if (first == _QUOTE).any():
        made = made.hstack(_COMMAS(lines).drop("_cut"))
    return made


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    df = _between_marks(_listed(df, context.options.get("feed", "")))
    names = list(FIELDS)
    df = df.with_columns(pl.when(~pl.col(names).is_in(NOTHING)).then(pl.col(names)).name.keep())
    alert = df["body"].str.extract_groups(_ALERT).struct.unnest()
    leading = pl.when(pl.col("_form") == "pairs").then(pl.col("body").str.extract(r"^([0-9-]+ [0-9:]+)\t", 1))
    df = df.with_columns(_kind(), pl.coalesce("at", leading).alias("at"), **alert.to_dict())
    url = split_urls(df["url"])
    bare = split_urls(df.select(pl.concat_str(pl.lit("http://"), "url")).to_series())
    whole = url["url_scheme"].is_not_null()
    df = df.with_columns(pl.when(whole).then(url[name]).otherwise(bare[name]).alias(name) for name in url.columns)
    return df.with_columns(url_scheme=url["url_scheme"]).select(_meaning())


def _listed(df: pl.DataFrame, feed: str) -> pl.DataFrame:
    """The values between commas under the names that the feed output format gives them."""
    wanted = re.findall(r"\{(\w+)\}", feed)
    if not wanted or "_0" not in df.columns:
        return df
    listed = pl.col("_form").is_null() & (pl.col("_count") == len(wanted))
    place = {name: i for i, name in enumerate(wanted[:80])}
    found = {
        value: [f"_{place[name]}" for name in names if name in place]
        for value, names in FIELDS.items()
        if any(name in place for name in names)
    }
    return df.with_columns(
        *(
            pl.when(listed).then(pl.coalesce(columns)).otherwise(pl.col(value)).alias(value)
            for value, columns in found.items()
        ),
        pl.when(listed).then(pl.lit("commas")).otherwise("_form").alias("_form"),
    )  # fmt: skip


def _between_marks(df: pl.DataFrame) -> pl.DataFrame:
    """Pairs that stand between ^^ instead of tabs."""
    which = df["_form"].is_null() & df["body"].str.contains("=.*\\^\\^.*=")
    if not which.any():
        return df
    text = pl.when(which).then(pl.concat_str(pl.lit("^^"), "body", pl.lit("^^")))
    found = (
        pl.coalesce(text.str.extract(rf"\^\^{re.escape(name)}=(.*?)\^\^", 1) for name in names).alias(value)
        for value, names in FIELDS.items()
    )
    df = df.with_columns(found=pl.struct(found))
    return df.with_columns(
        *(
            pl.when(which).then(pl.col("found").struct.field(name)).otherwise(pl.col(name)).alias(name)
            for name in FIELDS
        ),
        pl.when(which).then(pl.lit("pairs")).otherwise("_form").alias("_form"),
    )  # fmt: skip


@cache
def _kind() -> pl.Expr:
    """web, fw, dns, audit, dlp, tunnel, sandbox; null for what is no record of a feed."""
    said = pl.col("_type").replace_strict(_KINDS, default=pl.when(pl.col("_type") == "sandbox").then(pl.lit("sandbox")))
    by_fields = (
        pl.when(pl.col("qname").is_not_null()).then(pl.lit("dns"))
        .when(pl.col("cdip").is_not_null() | pl.col("csip").is_not_null()).then(pl.lit("fw"))
        .when(pl.col("url").is_not_null() & pl.col("action").is_not_null()).then(pl.lit("web"))
    )  # fmt: skip
    return pl.when(pl.col("_form").is_not_null()).then(pl.coalesce(said, by_fields)).alias("_kind")


@cache
def _meaning() -> list[pl.Expr]:
    kind = pl.col("_kind")
    web, fw, dns, audit = (kind == name for name in ("web", "fw", "dns", "audit"))
    action = pl.when(dns).then(pl.coalesce("resaction", "reqaction")).otherwise("action")
    text = (
        pl.when(dns).then(pl.concat_str("reqaction", "resaction", separator=" ", ignore_nulls=True)).otherwise(action)
    )
    denied = text.str.contains(_DENIED)
    decides = kind.is_in(["web", "fw", "dns", "dlp"])
    verdict = pl.when(decides & denied).then(pl.lit("deny")).when(decides & text.str.contains("(?i)allow|caution"))
    bad = pl.col("threat").is_not_null() & denied
    login = audit & pl.col("category").fill_null("").str.contains("(?i)login|sign_?in")
    ours = (
        kind.is_null()
        & pl.col("_form").is_null()
        & pl.col("said").is_not_null()
        & pl.col("syslog_severity").is_not_null()
    )
    unread = (kind.is_null() & pl.col("_type").str.starts_with("zscalernss-")).fill_null(value=False)
    outer = pl.when(unread).then("body")
    event_class = (
        pl.when(bad & (web | fw) | kind.is_in(["dlp", "sandbox"])).then(pl.lit("finding"))
        .when(web).then(pl.lit("http")).when(fw).then(pl.lit("network")).when(dns).then(pl.lit("dns"))
        .when(login).then(pl.lit("authentication"))
        .when(audit | (kind == "tunnel") | ours | unread).then(pl.lit("system"))
    )  # fmt: skip
    coded = pl.col("answer").is_in(_CODES)
    inside = pl.coalesce("inside", "client")
    outside = pl.when(pl.col("inside").is_not_null()).then("client").otherwise("outside")
    target = pl.when(ours).then(pl.col("said").str.extract(r" to +([0-9A-Fa-f.:]+):[0-9]+ ", 1))
    hidden = ~pl.col("ssip").is_in(_NO_ADDRESS)
    other = (pl.col("sdip") != pl.col("cdip")) | (pl.col("sdport") != pl.col("cdport"))
    moved = ~pl.col("sdip").is_in(_NO_ADDRESS) & other
    usual = pl.col("protocol").str.to_lowercase().replace_strict({"http": 80, "https": 443, "ftp": 21}, default=None)
    many = pl.col("sessions").cast(pl.Int64, strict=False)
    done = pl.col("result").str.to_lowercase()
    allowed = verdict.then(pl.lit("allow"))
    answered = pl.when(web).then(pl.col("status").is_not_null()).otherwise(pl.col("inbytes").fill_null("0") != "0")
    return [
        event_class.alias("class"),
        pl.when(event_class.is_null()).then(pl.lit("no record of a Zscaler feed")).alias("refused"),
        pl.coalesce("at", "epoch", outer.str.extract(r'"time" ?: ?"([^"]*)"', 1)).alias("time"),
        pl.coalesce("zone", outer.str.extract(r'"tz" ?: ?"([^"]*)"', 1)).alias("time_zone"),
        pl.coalesce(pl.when(fw).then("csip"), inside, "admin_ip", "source_ip").alias("src_ip"),
        pl.coalesce("csport", "client_port").alias("src_port"),
        pl.coalesce(pl.when(fw).then("cdip"), "server", "destination_ip", target).alias("dst_ip"),
        pl.coalesce(
            "cdport", pl.when(dns).then("server_port"), pl.when(web).then(pl.coalesce("url_port", usual)),
            pl.when(ours).then(pl.col("said").str.extract(r" to +[0-9A-Fa-f.:]+:([0-9]+) ", 1)),
        ).alias("dst_port"),
        pl.coalesce("cdfqdn", pl.when(web).then("host")).alias("dst_host"),
        pl.when(fw & hidden).then("ssip").when(web).then(outside).alias("nat_src_ip"),
        pl.when(hidden).then("ssport").alias("nat_src_port"),
        pl.when(moved).then("sdip").alias("nat_dst_ip"), pl.when(moved).then("sdport").alias("nat_dst_port"),
        pl.when(fw).then(pl.col("protocol").str.to_lowercase()).when(web).then(pl.lit("tcp")).alias("protocol"),
        pl.coalesce("app", pl.when(web).then("protocol")).alias("app"),
        allowed.alias("verdict"),
        pl.when(login & done.str.starts_with("succ")).then(pl.lit("success"))
        .when(login & done.str.starts_with("fail")).then(pl.lit("failure"))
        .when((allowed == "allow") & (web | fw)).then(
            pl.when(answered).then(pl.lit("established")).otherwise(pl.lit("attempted")))
        .alias("outcome"),
        action.alias("action"),
        pl.when(dns).then(pl.coalesce("resrule", "reqrule")).otherwise("rule").alias("rule"),
        pl.coalesce("user", "admin").alias("user"), pl.col("id").alias("session_id"),
        pl.coalesce("duration", "client_time").alias("duration_ms"),
        pl.coalesce("outbytes", "sent").alias("bytes_out"), pl.coalesce("inbytes", "received").alias("bytes_in"),
        pl.when(fw & (many > 1)).then(many).otherwise(1).alias("event_count"),
        pl.when(fw & (many > 1)).then(pl.lit("aggregated")).otherwise(pl.lit("exact")).alias("count_quality"),
        pl.when(web).then(pl.lit("proxy")).when(dns).then(pl.lit("resolver")).alias("role"),
        pl.col("method", "url", "url_path", "url_query", "referer", "status", "severity"),
        pl.coalesce("url_host", pl.when(web).then("host")).alias("url_host"), pl.col("url_port"),
        pl.coalesce("url_scheme", pl.when(web & usual.is_not_null()).then(pl.col("protocol").str.to_lowercase()))
        .alias("url_scheme"),
        pl.col("agent").alias("user_agent"), pl.col("content").alias("content_type"),
        pl.coalesce("url_category", pl.when(dns).then("category")).alias("category"),
        pl.col("tls").alias("tls_version"), pl.col("client_name").alias("src_host"),
        pl.col("qname"), pl.col("qtype").str.strip_suffix(" record"), pl.when(~coded).then("answer").alias("answers"),
        pl.when(coded).then("answer").alias("rcode"),
        pl.coalesce("threat", "ips", "dictionary").alias("signature"),
        pl.when(kind == "dlp").then(pl.lit("dlp")).when(kind == "sandbox").then(pl.lit("sandbox"))
        .otherwise(pl.coalesce("threat_category", pl.lit("virus"))).alias("finding_category"),
        action.alias("disposition"), pl.col("file").alias("file_name"), pl.col("hash").alias("file_hash"),
        pl.lit("Zscaler admin portal").alias("service"), pl.lit("administrator").alias("auth_role"),
        pl.when(done.str.starts_with("fail")).then("error").alias("reason"),
        pl.coalesce(
            pl.when(audit | (kind == "tunnel")).then(pl.coalesce("action", "record")),
            pl.when(ours & pl.col("said").str.contains("lost|unavailable")).then(pl.lit("log_loss")),
        ).alias("operation"),
        pl.coalesce("resource", "sub").alias("object"), pl.col("result"),
        pl.coalesce(pl.when(ours).then("said"), outer, pl.when(web | fw).then("reason"))
        .alias("message"),
        pl.col("device"), pl.when(pl.col("_form") == "json").then("_cut").alias("cut"),
        (kind.is_not_null() | (ours & pl.col("name").is_not_null())).alias("own"),
    ]  # fmt: skip


FORMAT = Format(
    name="zscaler_nss",
    title="Zscaler NSS",
    reference="https://help.zscaler.com/zia/documentation-knowledgebase/analytics/nss/nss-feeds",
    shape=_shape,
    columns=_columns,
    not_a_host=r"^\[|\t",
    options={"feed": "the feed output format of a feed with values between commas, as the portal has it"},
)
