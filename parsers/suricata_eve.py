"""Suricata EVE: alerts, flows, and the transactions of every protocol that Suricata knows, as JSON.

Reference: Suricata 8.0 user guide, "EVE JSON Format" and "EVE JSON Output", and the differences of 4.1 to 7.0 (DNS
versions 1 to 3, `flow` with addresses from 7.0 on); read 2026-11-20.
Read besides: the same objects behind a syslog header.
Not read: the counters of `stats` (kept as `message`, but for packets missed since the last line, operation log_loss,
where `deltas` is on), payloads and packets, fast.log (see snort_fast).

Class: `alert`, `anomaly` and `fileinfo` (category `file`) are findings; `http` and `tls` (server name and version) are
`http`; `dns`, `smtp` (email), `dhcp` and `krb5` (authentication) have their own; `stats` and `engine` are `system`;
`flow`, `netflow`, `drop` and all other protocols are `network`, with the protocol's object as `message`.
src is who began. A packet's record (an alert, an anomaly, a drop, a file, an answer) has the packet's sender first:
the addresses of `flow`, `direction`, port 53 of an answer, port 67 of a lease and the GET of a file (or SMB's READ)
tell when that was the server. Where nothing tells, they stay as written; so do the two records of `netflow`, one for
each direction.
Verdict: alert: `verdict.action` before `alert.action`; drop: deny, with the signature as `rule`; a flow that was
dropped: deny. A sensor decides nothing about transactions. A Kerberos error is a failed login, but for
"pre-authentication required".
Time: `timestamp` with its offset.
"""

from __future__ import annotations

import json
from functools import cache

import polars as pl

from parsers._distinct import by_distinct
from parsers._format import Context, Format
from parsers._json import json_lines
from parsers._times import read
from parsers._urls import split_urls

_OTHERS = (
    "ssh", "ftp", "ftp_data", "smb", "rdp", "rfb", "snmp", "sip", "ike", "tftp", "nfs", "mqtt", "quic", "telnet",
    "pgsql", "modbus", "dnp3", "dcerpc", "websocket", "bittorrent_dht", "arp", "enip", "ldap", "mdns", "pop3", "sdp",
)  # fmt: skip
"""Protocols whose objects have few columns here."""

_shape = json_lines(
    "timestamp", "event_type", "flow_id", "in_iface", "src_ip", "src_port", "dest_ip", "dest_port", "proto",
    "app_proto", "direction", "host", "xff", "log_level", "ether.src_mac", "ether.dest_mac", "verdict.action",
    "alert.action", "alert.signature_id", "alert.signature", "alert.category", "alert.severity", "alert.xff",
    "anomaly.type", "anomaly.event", "anomaly.code", "anomaly.layer", "drop.reason",
    "flow.src_ip", "flow.src_port", "flow.pkts_toserver", "flow.pkts_toclient", "flow.bytes_toserver",
    "flow.bytes_toclient", "flow.start", "flow.end", "flow.state", "flow.reason", "flow.action", "tcp.tcp_flags_tc",
    "netflow.pkts", "netflow.bytes", "netflow.start", "netflow.end",
    "http.hostname", "http.url", "http.http_user_agent", "http.http_content_type", "http.http_method", "http.status",
    "http.length", "http.http_refer", "http.http_port", "http.xff", "http.http_user",
    "dns.type", "dns.rrname", "dns.rrtype", "dns.rcode", "dns.rdata", "dns.rd", "dns.answers", "dns.queries",
    "dns.grouped", "dns.query", "dns.answer.rcode", "dns.answer.answers", "dns.answer.rrname", "dns.answer.rrtype",
    "tls.sni", "tls.version", "tls.subject", "tls.issuerdn",
    "smtp.helo", "smtp.mail_from", "smtp.rcpt_to", "email.from", "email.to", "email.subject", "email.attachment",
    "email.message_id", "fileinfo.filename", "fileinfo.sha256", "fileinfo.sha1", "fileinfo.md5", "fileinfo.state",
    "fileinfo.magic", "fileinfo.size",
    "dhcp.type", "dhcp.dhcp_type", "dhcp.client_mac", "dhcp.assigned_ip", "dhcp.client_ip", "dhcp.requested_ip",
    "dhcp.hostname", "krb5.msg_type", "krb5.cname", "krb5.realm", "krb5.sname", "krb5.error_code", "krb5.encryption",
    "smb.command", "smb.ntlmssp.user", "smb.ntlmssp.domain", "rdp.cookie", "ftp.command", "ftp.command_data",
    "engine.message", "stats", "stats.capture.kernel_drops_delta", *_OTHERS,
)  # fmt: skip

_CLASSES = {
    "alert": "finding", "anomaly": "finding", "fileinfo": "finding", "http": "http", "http2": "http", "tls": "http",
    "dns": "dns", "smtp": "email", "dhcp": "dhcp", "krb5": "authentication", "stats": "system", "engine": "system",
}  # fmt: skip
_ANSWERS = ("answer", "response")
_DENY, _ALLOW = ("blocked", "drop", "reject", "dropped"), ("allowed", "alert", "pass", "accept")


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    kind = pl.col("event_type")
    known = kind.is_not_null() & pl.col("timestamp").is_not_null()
    swapped = _swapped()
    df = df.hstack(split_urls(df["http.url"])).with_columns(
        swapped=swapped.fill_null(value=False),
        start=pl.coalesce("flow.start", "netflow.start"),
        end=pl.coalesce("flow.end", "netflow.end"),
    )
    start, end = read(df["start"], context), read(df["end"], context)
    df = df.with_columns(
        started=pl.select(pl.when(pl.Series(start.valid)).then(pl.Series(start.us))).to_series(),
        lasted=pl.select(
            pl.when(pl.Series(start.valid & end.valid)).then(pl.Series((end.us - start.us) // 1000))
        ).to_series(),
    )
    return df.select(
        pl.when(known).then(
            pl.coalesce(
                kind.replace_strict(_CLASSES, default=None),
                pl.when(pl.col("src_ip").is_null()).then(pl.lit("system")).otherwise(pl.lit("network")),
            )
        ).alias("class"),
        pl.when(~known).then(pl.lit("no EVE object: event_type or timestamp is missing")).alias("refused"),
        pl.col("timestamp").alias("time"), pl.col("_cut").alias("cut"), kind.alias("event_code"),
        *_flow(), *_decided(), *_http(), *_dns(df), *_email(df), *_others(df),
    )  # fmt: skip


@cache
def _swapped() -> pl.Expr:
    """Whether the record has the server first."""
    kind = pl.col("event_type")
    answer = (kind == "dns") & pl.col("dns.type").is_in(_ANSWERS)
    answer &= (pl.col("src_port") == "53") & (pl.col("dest_port") != "53")
    lease = (kind == "dhcp") & (pl.col("src_port") == "67") & (pl.col("dest_port") == "68")
    began = pl.col("flow.src_ip")
    by_flow = (began == pl.col("dest_ip")) & (pl.col("flow.src_port") == pl.col("dest_port")).fill_null(value=True)
    download = (kind == "fileinfo") & pl.coalesce(
        pl.col("http.http_method").is_in(["GET", "HEAD"]), pl.col("smb.command").str.contains("_COMMAND_READ")
    )
    return (
        pl.when(began.is_not_null())
        .then(by_flow & (began != pl.col("src_ip")) | by_flow & (pl.col("flow.src_port") != pl.col("src_port")))
        .when(pl.col("direction").is_not_null())
        .then(pl.col("direction") == "to_client")
        .otherwise(answer | download | lease)
    )


@cache
def _flow() -> list[pl.Expr]:
    def end(first: str, second: str) -> pl.Expr:
        return pl.when("swapped").then(second).otherwise(first)

    kind, app = pl.col("event_type"), pl.col("app_proto")
    plain = pl.when(kind.is_in(["flow", "netflow", "drop", "alert", "anomaly", "fileinfo", "stats", "engine"]))
    length = pl.when(kind.is_in(["http", "http2", "fileinfo"])).then("http.length")
    return [
        end("src_ip", "dest_ip").alias("src_ip"), end("src_port", "dest_port").alias("src_port"),
        end("dest_ip", "src_ip").alias("dst_ip"), end("dest_port", "src_port").alias("dst_port"),
        end("ether.src_mac", "ether.dest_mac").alias("src_mac"),
        end("ether.dest_mac", "ether.src_mac").alias("dst_mac"),
        pl.coalesce(pl.col("tls.sni").str.strip_suffix("."), "http.hostname").alias("dst_host"),
        pl.col("proto").alias("protocol"), pl.col("in_iface").alias("in_interface"), pl.col("host").alias("device"),
        pl.coalesce(pl.when(app != "failed").then(app), plain.then(None).otherwise(kind)).alias("app"),
        pl.col("flow_id").alias("session_id"), pl.col("started").cast(pl.Datetime("us")).alias("start_time"),
        pl.col("lasted").alias("duration_ms"),
        pl.coalesce("flow.bytes_toserver", "netflow.bytes").alias("bytes_out"),
        pl.coalesce("flow.bytes_toclient", length).alias("bytes_in"),
        pl.coalesce("flow.pkts_toserver", "netflow.pkts").alias("packets_out"),
        pl.col("flow.pkts_toclient").alias("packets_in"),
        pl.coalesce("alert.severity", "log_level").alias("severity"),
        pl.when(kind == "drop").then("alert.signature_id").alias("rule"),
    ]  # fmt: skip


@cache
def _decided() -> list[pl.Expr]:
    kind, state = pl.col("event_type"), pl.col("flow.state")
    alert = pl.when(kind == "alert").then(pl.coalesce("verdict.action", "alert.action"))
    dropped = (kind == "drop") | ((kind == "flow") & (pl.col("flow.action") == "drop").fill_null(value=False))
    verdict = pl.when(dropped | alert.is_in(_DENY)).then(pl.lit("deny")).when(alert.is_in(_ALLOW)).then(pl.lit("allow"))
    reset = (state == "closed") & (pl.col("tcp.tcp_flags_tc") == "14").fill_null(value=False)
    error = pl.col("krb5.error_code")
    preauthentication = error.str.contains("PREAUTH_REQUIRED", literal=True)
    login = (kind == "krb5") & pl.col("krb5.msg_type").is_not_null()
    outcome = (
        pl.when(dropped.not_() & (kind == "flow") & ((state == "new") | reset)).then(pl.lit("attempted"))
        .when(dropped.not_() & (kind == "flow") & state.is_not_null()).then(pl.lit("established"))
        .when(kind.is_in(["http", "http2"]) & pl.col("http.status").is_not_null()).then(pl.lit("established"))
        .when(login & error.is_null()).then(pl.lit("success"))
        .when(login & ~preauthentication).then(pl.lit("failure"))
    )  # fmt: skip
    action = pl.coalesce(
        alert, pl.when(kind == "drop").then(pl.coalesce("drop.reason", pl.lit("drop"))), "flow.action",
        pl.when(kind == "flow").then("flow.state"), "dns.type", "dhcp.dhcp_type", "krb5.msg_type", "ftp.command",
        "fileinfo.state", "anomaly.type",
    )  # fmt: skip
    return [verdict.alias("verdict"), outcome.alias("outcome"), action.alias("action")]


@cache
def _http() -> list[pl.Expr]:
    port = pl.col("http.http_port").cast(pl.UInt16, strict=False)
    return [
        pl.col("http.http_method").alias("method"), pl.col("http.url").alias("url"),
        pl.col("url_scheme", "url_path", "url_query"),
        pl.coalesce("url_host", "http.hostname").alias("url_host"),
        pl.coalesce("url_port", pl.when(port > 0).then(port)).alias("url_port"),
        pl.col("http.status").alias("status"), pl.col("http.http_content_type").alias("content_type"),
        pl.col("http.http_user_agent").alias("user_agent"), pl.col("http.http_refer").alias("referer"),
        pl.coalesce("http.xff", "alert.xff", "xff").alias("forwarded_for"),
        pl.col("tls.sni").str.strip_suffix(".").alias("sni"),
        pl.when(pl.col("tls.version") != "UNDETERMINED").then("tls.version").alias("tls_version"),
    ]  # fmt: skip


def _dns(df: pl.DataFrame) -> list[pl.Expr]:
    queries = pl.coalesce("dns.queries", "dns.query")
    answers = df.select(pl.coalesce("dns.answers", "dns.answer.answers")).to_series()
    return [
        pl.coalesce("dns.rrname", queries.str.json_path_match("$[0].rrname"), "dns.answer.rrname").alias("qname"),
        pl.coalesce("dns.rrtype", queries.str.json_path_match("$[0].rrtype"), "dns.answer.rrtype").alias("qtype"),
        pl.when(~pl.col("dns.type").is_in(["query", "request"]).fill_null(value=False))
        .then(pl.coalesce("dns.rcode", "dns.answer.rcode"))
        .alias("rcode"),
        pl.coalesce(
            "dns.rdata", pl.lit(by_distinct(answers, _data)), pl.lit(by_distinct(df["dns.grouped"], _grouped))
        ).alias("answers"),
        pl.when(pl.col("dns.rd").is_not_null()).then(pl.col("dns.rd") == "true").alias("recursion_desired"),
    ]


def _data(answers: str) -> str | None:
    """The data of the answers' records, one space between."""
    found = _items(answers)
    return " ".join(str(one["rdata"]) for one in found if isinstance(one, dict) and one.get("rdata")) or None


def _grouped(answers: str) -> str | None:
    """The texts of the answers by their types, one space between; a record of several parts is left out."""
    try:
        found = json.loads(answers)
    except (ValueError, RecursionError):
        return None
    groups = found.values() if isinstance(found, dict) else []
    return " ".join(one for group in groups for one in group if isinstance(one, str)) or None


def _list(texts: str) -> str | None:
    """The words of a JSON array, a comma between; another text as it is."""
    found = _items(texts)
    return ", ".join(one.removeprefix("<").removesuffix(">") for one in found if isinstance(one, str)) or None


def _items(text: str) -> list[object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return [text]
    return found if isinstance(found, list) else [text]


def _email(df: pl.DataFrame) -> list[pl.Expr]:
    bare = r"^<?(.*?)>?$"
    recipients = df.select(pl.coalesce("smtp.rcpt_to", "email.to")).to_series()
    return [
        pl.coalesce(pl.col("smtp.mail_from").str.extract(bare), "email.from").alias("mail_from"),
        pl.lit(by_distinct(recipients, _list)).alias("mail_to"),
        pl.col("smtp.helo").alias("helo"), pl.col("email.subject").alias("subject"),
        pl.col("email.message_id").str.extract(bare).alias("message_id"),
        pl.lit(by_distinct(df["email.attachment"], _list)).alias("attachments"),
    ]  # fmt: skip


def _others(df: pl.DataFrame) -> list[pl.Expr]:
    """Findings, leases, logins, the engine's own state, and what is left of the other protocols."""
    kind = pl.col("event_type")
    event = pl.coalesce("anomaly.event", pl.concat_str("anomaly.type", "anomaly.code", separator=" "))
    category = kind.replace_strict({"alert": "ips", "anomaly": "anomaly", "fileinfo": "file"}, default=None)
    given = pl.when(pl.col("ftp.command") == "USER").then("ftp.command_data")
    lent = pl.coalesce(
        pl.when(name != "0.0.0.0").then(name)  # noqa: S104  an address in a log
        for name in (pl.col("dhcp.assigned_ip"), pl.col("dhcp.client_ip"), pl.col("dhcp.requested_ip"))
    )
    missed = pl.col("stats.capture.kernel_drops_delta").cast(pl.Int64, strict=False)
    certificate = pl.when(kind == "tls").then("tls.subject")
    details = [pl.when(kind == name).then(name) for name in _OTHERS if df[name].null_count() < df.height]
    return [
        pl.col("alert.signature_id").alias("signature_id"),
        pl.coalesce("alert.signature", event).alias("signature"), category.alias("finding_category"),
        pl.when(kind == "alert").then(pl.coalesce("verdict.action", "alert.action")).alias("disposition"),
        pl.col("fileinfo.filename").alias("file_name"),
        pl.coalesce("fileinfo.sha256", "fileinfo.sha1", "fileinfo.md5").alias("file_hash"),
        pl.coalesce(pl.when(kind == "drop").then("alert.signature"), "alert.category", "fileinfo.magic", certificate,
                    "engine.message", "stats", *details)
        .alias("message"),
        lent.alias("lease_ip"), pl.col("dhcp.client_mac").alias("lease_mac"),
        pl.col("dhcp.hostname").alias("lease_name"),
        pl.coalesce("krb5.cname", "smb.ntlmssp.user", "rdp.cookie", given, "http.http_user").alias("user"),
        pl.coalesce("krb5.realm", "smb.ntlmssp.domain").alias("user_domain"),
        pl.when(kind == "krb5").then(pl.lit("kerberos")).alias("auth_method"),
        pl.col("krb5.sname").alias("service"), pl.col("krb5.error_code").alias("reason"),
        pl.when(missed > 0).then(pl.lit("log_loss")).when(kind.is_in(["stats", "engine"])).then(kind)
        .alias("operation"),
    ]  # fmt: skip


FORMAT = Format(
    name="suricata_eve",
    title="Suricata EVE JSON",
    reference="https://docs.suricata.io/en/latest/output/eve/eve-json-format.html",
    shape=_shape,
    columns=_columns,
)
