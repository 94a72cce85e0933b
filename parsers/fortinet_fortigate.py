"""FortiGate: traffic, UTM, anomaly and event logs as key=value, with or without a syslog header.

Reference: FortiOS 7.4 and 7.6 "Log Message Reference" (fields of traffic, UTM and event logs; action: deny = blocked by
policy, all others = allowed, and how the session was closed), FortiOS 5.2 for the older names of fields, Fortinet
community "Enabling logging of no session matched"; read 2026-11-20.
Read besides: `format csv` (commas for blanks), JSON (keys of the log, or a shipper's object with the line in
`message`), CEF (`_fortinet_cef`), lines of FortiManager and FortiAnalyzer as far as they have the same fields.
Not read: fields that no column has room for. A quote that an old FortiOS did not escape within a value ends the value.

Verdict. Traffic: deny is deny; accept, start, close, timeout, client-rst, server-rst are allow; ip-conn and dns are
allow too, but no answer came (`attempted`); utmaction block on an allowed session, or on a denied one that got an
answer, is deny with outcome `blocked_later`; a one-arm sniffer decides nothing. UTM: the action's word; a DoS policy
stands before the firewall policy, so what it drops was never allowed. Path: `local` traffic is to the device
(local_in), or from it where it came in by no interface (local_out); "no session matched" is out_of_state; policy 0 is
the implicit deny only on forwarded traffic. A DNS filter's log of a query that passed is class `dns`; all other UTM
logs are findings, also what merely passed. The remote end of an SSL VPN, and of an IPsec tunnel with a user
(`xauthuser`), is its client, so src; of any other IPsec negotiation whoever began it.
Time: the manual has two: `date` and `time`, when the record was written, in the device's zone (`tz`, or the source's
where old versions leave it out), and `eventtime`, when it was triggered, an epoch (s, ms, µs or ns), which "might not
match" the first. The record's time counts; where `eventtime` says the same second it lends its fraction and its
certainty.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from parsers import _fortinet_events as events
from parsers._assemble import assembled
from parsers._format import Chunk, Context, Format
from parsers._fortinet_cef import fortinet_cef
from parsers._keyvalue import keyvalue
from parsers._lines import Lines, lines_of
from parsers._times import read
from parsers._urls import split_urls
from parsers._views import no_values, strings, window
from parsers._zones import EXACT, QUALITIES

_KEYS = (
    # header
    "date", "time", "tz", "eventtime", "timestamp", "devname", "devid", "device_id", "vd", "logid", "log_id", "type",
    "subtype", "eventtype", "level", "pri", "severity", "logdesc", "desc", "msg", "action", "status", "utmaction",
    # flow
    "srcip", "src", "srcport", "src_port", "srcintf", "src_int", "srcname", "srcmac", "mastersrcmac", "dstip", "dst",
    "dstport", "dst_port", "dstintf", "dst_int", "dstname", "dstmac", "proto", "service", "app", "policyid",
    "policy_id", "policytype", "sessionid", "session_id", "duration", "sentbyte", "sent", "rcvdbyte", "rcvd",
    "sentpkt", "sent_pkt", "rcvdpkt", "rcvd_pkt", "trandisp", "transip", "transport", "tranip", "tranport", "user",
    "unauthuser", "direction",
    # UTM
    "virus", "virusid", "attack", "attackid", "appid", "cat", "catdesc", "hostname", "url", "httpmethod", "agent",
    "referralurl", "forwardedfor", "contenttype", "filename", "analyticscksum", "filehash", "dlpextra",
    "filtername", "count", "qname", "qtype", "qclass", "rcode", "ipaddr", "from", "to", "subject", "sni", "tlsver",
    # events
    *events.KEYS,
)  # fmt: skip
_NULLS = ("N/A", "(null)", "n/a")
_blanks = keyvalue(*_KEYS, nulls=_NULLS)
_commas = keyvalue(*_KEYS, separator=",", nulls=_NULLS)
_cef = fortinet_cef(_KEYS, _NULLS)

_UTM_TYPES = tuple(
    "utm anomaly ips virus webfilter app-ctrl dlp emailfilter spam voip waf dns ssl ssh cifs file-filter icap casb "
    "attack".split()
)
_ALLOWED = tuple("accept start close timeout client-rst server-rst ip-conn dns allowed pass".split())
_DENIED = tuple("deny violation blocked block denied drop dropped".split())
_CUT_OFF = tuple("block blocked reset dropped drop deny quarantine".split())
_UTM_DENY = tuple(
    "blocked block dropped drop reset reset_client reset_server drop_session clear_session deny redirect quarantine "
    "block-botnet discard".split()
)
_UTM_ALLOW = tuple(
    "pass passthrough monitored monitor detected permit allow allowed exempt exempted bypass accept pass_session "
    "log-only filtered".split()
)
_CATEGORIES = {
    "app-ctrl": "app", "emailfilter": "email", "spam": "email", "cifs": "file", "file-filter": "file", "attack": "ips",
}  # fmt: skip


def _shape(lines: Lines) -> pl.DataFrame:
    """CEF where a line begins with it, else blank-separated pairs or CSV or JSON."""
    marked = (window(lines.text, lines.body, lines.end, len(_MARK)).T == _MARK).all(axis=1)
    if not marked.any():
        return _pairs_of(lines)
    made = _cef(lines).with_columns(_cut=pl.lit(value=False))
    if marked.all():
        return made
    df, rows = _pairs_of(lines), pl.Series(marked).arg_true()
    return df.with_columns(df[name].scatter(rows, made[name].gather(rows)) for name in made.columns)


_MARK = np.frombuffer(b"CEF:", np.uint8)


def _pairs_of(lines: Lines) -> pl.DataFrame:
    """Blank-separated pairs; lines in CSV or JSON are read again in their own way."""
    df = _blanks(lines)
    first = lines.text[lines.body]
    other = (first == 123) | (df["date"].str.contains(",", literal=True).fill_null(value=False).to_numpy())
    if not other.any():
        return df
    rows = pl.Series(other).arg_true()
    texts = strings(lines.text, lines.body, lines.end).gather(rows).to_list()
    braces = [text.startswith("{") for text in texts]
    again = lines_of(Chunk("".join(_pairs(text) + "\n" for text in texts).encode("utf-8", "replace")), "utf-8")
    again.repaired[:] = False
    blank, comma = _blanks(again), _commas(again)
    chosen = [pl.select(pl.when(pl.Series(braces)).then(blank[c]).otherwise(comma[c])).to_series() for c in df.columns]
    return df.with_columns(df[name].scatter(rows, part) for name, part in zip(df.columns, chosen, strict=True))


_PRIORITY = re.compile(r"^<\d{1,3}> *")


def _pairs(text: str) -> str:
    """A JSON object as key="value" text; any other text as it is."""
    if not text.startswith("{"):
        return text
    try:
        found: dict[str, Any] = json.loads(text)
    except (ValueError, RecursionError):
        # A shipper's object with its quotes escaped once too often, or cut short.
        inner = text.replace('\\"', '"')
        return _PRIORITY.sub("", inner.partition('"message":"')[2].removesuffix('"}') or inner)
    # A text that begins with a brace and is JSON is an object.
    line = found.get("message", found.get("log"))
    if isinstance(line, str) and "=" in line:
        return _PRIORITY.sub("", " ".join(line.splitlines()))
    pairs = found.items()
    quoted = [(key, str(value).replace("\\", "\\\\").replace('"', '\\"')) for key, value in pairs if key.isidentifier()]
    return " ".join(f'{key}="{value}"' for key, value in quoted).replace("\n", " ")


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Deals the rows out by type, since each type fills columns of its own."""
    df = df.with_columns(_times(df, context))
    kind = pl.col("type").str.to_lowercase()
    logged = pl.coalesce("logid", "log_id").is_not_null() | (
        pl.col("date").is_not_null() & pl.coalesce("msg", "desc").is_not_null()
    )
    df = df.with_columns(
        part=pl.when(kind == "traffic").then(pl.lit("traffic")).when(kind.is_in(_UTM_TYPES)).then(pl.lit("utm"))
        .when(kind.is_not_null() | logged).then(pl.lit("event")),
    )  # fmt: skip
    makers = {"traffic": _traffic, "utm": _utm, "event": events.columns}
    present = [name for name in makers if (df["part"] == name).any()]
    if not present:
        return df.select(refused=pl.repeat(_REFUSED, pl.len()))
    if len(present) == 1:
        made, known = makers[present[0]](df).hstack(_common(df)), df["part"].is_not_null()
        if known.all():
            return made
        return made.select(pl.when(known).then(pl.all()), pl.when(~known).then(pl.lit(_REFUSED)).alias("refused"))
    parts = []
    for name in present:
        rows = (df["part"] == name).fill_null(value=False)
        some = df.filter(rows)
        parts.append((np.flatnonzero(rows.to_numpy()), makers[name](some).hstack(_common(some))))
    rows = df["part"].is_null()
    parts.append((np.flatnonzero(rows.to_numpy()), pl.DataFrame({"refused": [_REFUSED] * int(rows.sum())})))
    return assembled(parts, df.height)


_REFUSED = "no FortiGate log: neither type= nor logid="


def _times(df: pl.DataFrame, context: Context) -> list[pl.Series]:
    """event_time and time_quality from the record's time and the trigger's; null where a line has neither."""
    zone = pl.when(pl.col("tz").is_not_null()).then(pl.lit(" ") + pl.col("tz")).otherwise(pl.lit(""))
    written = read(df.select(pl.concat_str("date", pl.lit(" "), "time", zone)).to_series(), context)
    event = read(df.select(pl.coalesce("eventtime", "timestamp")).to_series(), context)
    lends = event.valid & (~written.valid | (np.abs(event.us - written.us) < 1_000_000))
    us, quality = np.where(lends, event.us, written.us), np.where(lends, EXACT, written.quality)
    known = pl.Series(written.valid | event.valid)
    words = pl.Series(QUALITIES, dtype=pl.String).gather(pl.Series(quality.astype(np.uint32)))
    times = pl.Series(us).cast(pl.Datetime("us"))
    return [
        times.zip_with(known, no_values(df.height, pl.Datetime("us"))).alias("event_time"),
        words.alias("time_quality"),
    ]


def _common(df: pl.DataFrame) -> pl.DataFrame:
    """What all types have."""
    return df.select(
        "event_time",
        "time_quality",
        # CEF has no devname; there the header's host is the FortiGate itself.
        device=pl.coalesce("devname", pl.when(pl.col("date").is_null()).then("syslog_host"), "devid", "device_id"),
        virtual_device="vd",
        event_code=pl.coalesce("logid", "log_id"),
        cut="_cut",
    )


@cache
def _flow() -> list[pl.Expr]:
    """The columns that traffic and UTM fill alike."""
    return [
        pl.coalesce("srcip", "src").alias("src_ip"), pl.coalesce("srcport", "src_port").alias("src_port"),
        pl.coalesce("dstip", "dst").alias("dst_ip"), pl.coalesce("dstport", "dst_port").alias("dst_port"),
        pl.coalesce("srcintf", "src_int").alias("in_interface"),
        pl.coalesce("dstintf", "dst_int").alias("out_interface"),
        pl.col("srcname").alias("src_host"), pl.coalesce("srcmac", "mastersrcmac").alias("src_mac"),
        pl.col("dstmac").alias("dst_mac"), pl.col("proto").alias("protocol"),
        pl.coalesce("app", "service").alias("app"),
        pl.coalesce("policyid", "policy_id").alias("rule"), pl.coalesce("user", "unauthuser").alias("user"),
        pl.coalesce("sessionid", "session_id").replace("0", None).alias("session_id"),
        pl.coalesce("sentbyte", "sent").alias("bytes_out"), pl.coalesce("rcvdbyte", "rcvd").alias("bytes_in"),
        pl.col("msg").alias("message"),
    ]  # fmt: skip


def _traffic(df: pl.DataFrame) -> pl.DataFrame:
    # FortiOS 5.0 wrote the action into status.
    df = df.with_columns(action=pl.coalesce("action", "status"))
    sniffer = pl.col("subtype").eq_missing("sniffer")
    verdict, outcome = _decided(sniffer)
    made = df.select(
        pl.lit("network").alias("class"), *_flow(), "action", verdict.alias("verdict"), outcome.alias("outcome"),
        _path(sniffer).alias("path"), pl.col("dstname").alias("dst_host"),
        pl.coalesce("level", "pri").alias("severity"),
        (pl.col("duration").cast(pl.Int64, strict=False) * 1000).alias("duration_ms"),
        pl.coalesce("sentpkt", "sent_pkt").alias("packets_out"), pl.coalesce("rcvdpkt", "rcvd_pkt").alias("packets_in"),
        *_translated(sniffer),
    )  # fmt: skip
    return made if df["url"].null_count() == df.height else _proxied(df, made)


def _decided(sniffer: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Verdict and outcome of traffic."""
    action = pl.col("action")
    sent, received = pl.coalesce("sentbyte", "sent") != "0", pl.coalesce("rcvdbyte", "rcvd") != "0"
    cut_off = pl.col("utmaction").is_in(_CUT_OFF)
    denied, allowed = action.is_in(_DENIED), action.is_in(_ALLOWED)
    verdict = (
        pl.when(sniffer).then(None).when(denied | cut_off).then(pl.lit("deny")).when(allowed).then(pl.lit("allow"))
    )
    outcome = (
        # Only what a policy accepts is inspected, and only then an answer comes back.
        pl.when(denied & cut_off & received & ~sniffer)
        .then(pl.lit("blocked_later"))
        .when(denied | sniffer | ~allowed)
        .then(None)
        .when(cut_off)
        .then(pl.lit("blocked_later"))
        .when(action.is_in(["ip-conn", "dns"]))
        .then(pl.lit("attempted"))
        .when(sent & received)
        .then(pl.lit("established"))
        .when(sent | received)
        .then(pl.lit("attempted"))
    )
    return verdict, outcome


def _path(sniffer: pl.Expr) -> pl.Expr:
    """An interface that is unknown or called like the vdom is none: that end is the device itself."""

    def itself(interface: str) -> pl.Expr:
        return pl.col(interface).str.starts_with("unknown") | (pl.col(interface) == pl.col("vd"))

    local = (pl.col("subtype") == "local") | pl.col("policytype").str.starts_with("local-in-policy")
    return (
        pl.when(sniffer)
        .then(None)
        .when(pl.col("msg").str.contains("no session matched", literal=True))
        .then(pl.lit("out_of_state"))
        .when(local & itself("srcintf") & ~itself("dstintf").fill_null(value=False))
        .then(pl.lit("local_out"))
        .when(local)
        .then(pl.lit("local_in"))
        .otherwise(pl.lit("forward"))
    )


def _translated(sniffer: pl.Expr) -> list[pl.Expr]:
    """transip, transport: of the source; tranip, tranport: of the destination. noop and 0.0.0.0 are no translation."""
    translated = ~sniffer & ~pl.col("trandisp").eq_missing("noop")
    ends = (("transip", "transport", "nat_src"), ("tranip", "tranport", "nat_dst"))
    return [
        pl.when(translated & ~pl.col(ip).is_in(_NOWHERE)).then(key).alias(f"{made}_{part}")
        for ip, port, made in ends
        for key, part in ((ip, "ip"), (port, "port"))
    ]


_NOWHERE = ("0.0.0.0", "::")  # noqa: S104  an address in a log, nothing is bound


def _proxied(df: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """Traffic through the explicit web proxy has a URL: class `http`."""
    url = pl.col("url").is_not_null()
    more = df.select("url", user_agent="agent", referer="referralurl", role=pl.when(url).then(pl.lit("proxy")))
    event_class = df.select(pl.when(url).then(pl.lit("http")).otherwise(pl.lit("network")).alias("class"))
    return made.drop("class").hstack(more).hstack(split_urls(df["url"])).hstack(event_class)


def _utm(df: pl.DataFrame) -> pl.DataFrame:
    subtype = pl.when(pl.col("type") == "utm").then("subtype").otherwise(pl.coalesce("subtype", "type"))
    df = df.with_columns(subtype=subtype).hstack(split_urls(df["url"]))
    action, subtype = pl.col("action"), pl.col("subtype")
    denied, allowed = action.is_in(_UTM_DENY), action.is_in(_UTM_ALLOW)
    dos = pl.col("policytype").eq_missing("DoS-policy") | subtype.eq_missing("anomaly")
    query = pl.col("qname").is_not_null() & subtype.eq_missing("dns") & ~denied.fill_null(value=False)
    category = (
        pl.when(pl.col("eventtype") == "analytics").then(pl.lit("sandbox")).otherwise(subtype.replace(_CATEGORIES))
    )
    counted = subtype.is_in(["ips", "anomaly"]) & (pl.col("count").cast(pl.Int64, strict=False) > 1)
    direction = pl.col("direction").replace_strict({"incoming": "inbound", "outgoing": "outbound"}, default=None)
    mail = subtype.is_in(["emailfilter", "spam"])
    return df.select(
        pl.when(query).then(pl.lit("dns")).otherwise(pl.lit("finding")).alias("class"), *_flow(), action,
        pl.when(denied).then(pl.lit("deny")).when(allowed).then(pl.lit("allow")).alias("verdict"),
        pl.when(denied & ~dos).then(pl.lit("blocked_later")).alias("outcome"), pl.lit("forward").alias("path"),
        pl.when(~query).then(action).alias("disposition"), pl.coalesce("severity", "level", "pri").alias("severity"),
        direction.alias("direction"), pl.coalesce("dstname", "hostname", "url_host").alias("dst_host"),
        category.alias("finding_category"), *_signature(),
        pl.when(counted).then("count").alias("event_count"),
        pl.when(counted).then(pl.lit("aggregated")).alias("count_quality"),
        *_web(), pl.col("catdesc").alias("category"), pl.col("filename").alias("file_name"),
        pl.coalesce("analyticscksum", "filehash").alias("file_hash"), "sni", pl.col("tlsver").alias("tls_version"),
        "qname", "qtype", "qclass", "rcode", pl.col("ipaddr").str.replace_all(", *", " ").alias("answers"),
        pl.when(mail).then("from").alias("mail_from"), pl.when(mail).then("to").alias("mail_to"),
        pl.when(mail).then("subject").alias("subject"),
    )  # fmt: skip


@cache
def _signature() -> list[pl.Expr]:
    """Name and id of what was found, which each kind of inspection keeps in fields of its own."""
    application = pl.col("subtype") == "app-ctrl"
    rated = pl.col("subtype").is_in(["webfilter", "dns"])
    other = pl.coalesce("virus", "attack", "dlpextra", "filtername", "catdesc")
    name = pl.when(application).then("app").when(rated).then(pl.coalesce("attack", "catdesc")).otherwise(other)
    identity = pl.when(application).then("appid").when(rated).then("cat")
    return [
        name.alias("signature"),
        identity.otherwise(pl.coalesce("virusid", "attackid", "cat")).alias("signature_id"),
    ]


@cache
def _web() -> list[pl.Expr]:
    """A path alone takes its scheme from the service and its host from the handshake or the Host header."""
    by_service = pl.col("service").replace_strict({"HTTP": "http", "HTTPS": "https"}, default=None)
    scheme = pl.coalesce("url_scheme", pl.when(pl.col("url").is_not_null()).then(by_service))
    return [
        pl.col("url", "url_port", "url_path", "url_query"), scheme.alias("url_scheme"),
        pl.coalesce("hostname", "url_host").alias("url_host"), pl.col("httpmethod").alias("method"),
        pl.col("agent").alias("user_agent"), pl.col("referralurl").alias("referer"),
        pl.col("forwardedfor").alias("forwarded_for"), pl.col("contenttype").alias("content_type"),
    ]  # fmt: skip


FORMAT = Format(
    name="fortinet_fortigate",
    title="Fortinet FortiGate",
    reference="https://docs.fortinet.com/document/fortigate/7.6.1/fortios-log-message-reference",
    shape=_shape,
    columns=_columns,
    header="host",
    not_a_host="^CEF:",
)
