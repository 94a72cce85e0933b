"""Zeek: connections, transactions, notices and what it knows of hosts, as tables with `#fields` or as JSON.

Reference: Zeek 7.0 documentation, "Zeek Log Formats and Inspection", "Zeek Logs" and the script reference of each log
(Conn::Info, DNS::Info, HTTP::Info …); Bro 2.6 for the older names; read 2026-11-20.
Read: the ASCII writer's tables (`#fields` and `#path` hold until the next ones, over deliveries too), its JSON, and
JSON streaming logs. JSON without `_path` is told by its keys.
Not read: tables with another separator than the tab. A SIP request stands in `message`.

Class: conn is `network`; dns, http, smtp (email) and dhcp have their own; ssl and quic (server name and version) are
`http`; notice, weird (category `anomaly`), signatures, intel, files (category `file`) and suricata_corelight are
findings; kerberos, ntlm, radius, and ssh, rfb and a bind of LDAP where the outcome of a login is known, are
`authentication`. What has an originator is `network` else; what has none is `system`, with the log's name as
`operation`, and log_loss where the sensor lost packets (capture_loss, stats, the notices of both).
src is the originator. Of a file without a connection it is the receiver, where `is_orig` says that the responder sent
it. A sensor decides nothing; a notice that dropped the address and the rules of NetControl do. `outcome` of a
connection is by `conn_state`: an answered handshake is established, OTH (midstream) says nothing.
bytes are those of the IP packets; where they were not counted, of the payload.
Time: `ts`, an epoch or ISO 8601 in UTC: the connection's begin.
"""

from __future__ import annotations

import json
from functools import cache

import polars as pl

from parsers._distinct import by_distinct
from parsers._fields import Fields
from parsers._format import Context, Format, State
from parsers._json import json_lines
from parsers._lines import Lines
from parsers._urls import split_urls
from parsers._zeek_fields import CLASSES, FIELDS, LISTS, kind_by_keys

_TABLE = Fields(
    wanted=[name for name in FIELDS if name != "_path"], mark="#fields", separator="\t", nulls=("-", "(empty)"),
    quotes=False, kept={"#path": "_path"},
)  # fmt: skip
_tokens, _objects = _TABLE.shape(), json_lines(*FIELDS)
_BRACE = 123


def _shape(lines: Lines) -> pl.DataFrame:
    """The tokens of tables; beside them, if a line is JSON, its members with a colon before their names."""
    df = _tokens(lines)
    if not (lines.text[lines.body] == _BRACE).any():
        return df
    found = _objects(lines)
    lists = [by_distinct(found[name], _joined) for name in LISTS]
    return df.hstack(found.with_columns(lists).rename(lambda name: f":{name}"))


def _joined(array: str) -> str:
    """The texts of a JSON array, a blank between; another text as it is."""
    try:
        found = json.loads(array)
    except (ValueError, RecursionError):
        return array
    return " ".join(map(str, found)) if isinstance(found, list) else array


def _learn(df: pl.DataFrame, state: State) -> tuple[pl.DataFrame, State]:
    df, state = _TABLE.learn(df, state)
    df = df.with_columns(pl.col(name).str.replace_all(",", " ", literal=True) for name in LISTS)
    if ":_json" not in df.columns:
        return df.with_columns(kind=pl.when(pl.col("_named")).then("_path")), state
    brace = pl.col(":_json")
    df = df.with_columns(
        *(pl.when(brace).then(f":{name}").otherwise(name).alias(name) for name in FIELDS),
        pl.when(brace).then(pl.col(":_cut")).otherwise("_cut").alias("_cut"),
    )
    known = pl.when(brace).then(pl.coalesce("_path", kind_by_keys())).when(pl.col("_named")).then("_path")
    df = df.with_columns(kind=known)
    return df.drop(name for name in df.columns if name[0] == ":"), state


_OUTCOMES = {
    **dict.fromkeys(("SF", "S1", "S2", "S3", "RSTO", "RSTR"), "established"),
    **dict.fromkeys(("S0", "REJ", "RSTOS0", "RSTRH", "SH", "SHR"), "attempted"),
}
_TRUE, _FALSE = ("T", "true"), ("F", "false")
_LOGINS = {"ssh": "auth_success", "kerberos": "success", "ntlm": "success", "rfb": "auth"}
_QCLASSES = {"C_INTERNET": "IN", "C_CHAOS": "CH", "C_HESIOD": "HS", "C_NONE": "NONE", "C_ANY": "ANY"}


@cache
def _of(*kinds: str) -> pl.Expr:
    return pl.col("kind").is_in(kinds).fill_null(value=False)


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    kind = pl.col("kind")
    if df["uri"].null_count() < df.height:
        df = df.hstack(split_urls(df["uri"]))
    else:
        df = df.with_columns(pl.lit(None, pl.String).alias(name) for name in _URL)
    df = df.with_columns(began=pl.coalesce("id.orig_h", "src_addr", "src", "client_addr", "orig_h"), login=_login())
    told = pl.col("id.orig_h").is_not_null() & ~_of("syslog")
    known = (kind.is_not_null() | (told & pl.col("uid").is_not_null())) & pl.col("ts").is_not_null()
    by_login = pl.when(_of("ssh", "rfb", "ldap") & pl.col("login").is_not_null()).then(pl.lit("authentication"))
    flow = pl.when(told | _of("traceroute", "netcontrol_drop")).then(pl.lit("network")).otherwise(pl.lit("system"))
    by_kind = kind.replace_strict(CLASSES, default=None, return_dtype=pl.String)
    return df.select(
        pl.when(known & _lost()).then(pl.lit("system")).when(known).then(pl.coalesce(by_login, by_kind, flow))
        .alias("class"),
        pl.when(~known)
        .then(pl.lit("neither under a #fields line of Zeek nor JSON of one of its logs"))
        .alias("refused"),
        pl.col("ts").alias("time"), kind.alias("event_code"), pl.col("_cut").alias("cut"),
        *_flow(), *_decided(), *_http(), *_dns(), *_email(), *_findings(), *_others(),
    )  # fmt: skip


_HOST = r"^\[?([^\]]*?)\]?(?::[0-9]+)?$"
_URL = ("url_scheme", "url_host", "url_port", "url_path", "url_query")


@cache
def _login() -> pl.Expr:
    """Whether a login went well, as text; null where that is not known."""
    by_flag = pl.coalesce(pl.when(_of(kind)).then(flag) for kind, flag in _LOGINS.items())
    radius = pl.when(_of("radius")).then("result")
    bind = pl.when(_of("ldap") & pl.col("opcode").str.starts_with("bind")).then("result")
    going = bind == "SASL bind in progress"
    asks = pl.col("error_msg").str.contains("PREAUTH_REQUIRED", literal=True)  # the first step of every Kerberos logon
    return (
        pl.when(asks | going).then(None)
        .when(by_flag.is_in(_TRUE) | (radius == "success") | (bind == "success")).then(pl.lit("success"))
        .when(by_flag.is_in(_FALSE) | (radius == "failed") | bind.is_not_null()).then(pl.lit("failure"))
    )  # fmt: skip


@cache
def _flow() -> list[pl.Expr]:
    sent = pl.col("is_orig").is_in(_TRUE)
    file_src = pl.when(sent).then("tx_hosts").otherwise("rx_hosts").str.extract(r"^([^ ]+)")
    file_dst = pl.when(sent).then("rx_hosts").otherwise("tx_hosts").str.extract(r"^([^ ]+)")
    epoch = pl.when(_of("conn", "conn_long")).then(pl.col("ts").cast(pl.Float64, strict=False) * 1e6).round()
    port = pl.when(pl.col("proto").ne_missing("icmp"))  # of ICMP these are type and code
    offered = pl.when(pl.col("port_num").is_not_null()).then("host")
    local_orig, local_resp = pl.col("local_orig"), pl.col("local_resp")
    seconds = pl.coalesce("duration", "rtt").cast(pl.Float64, strict=False)
    app = (
        pl.when(_of("conn", "conn_long", "suricata_corelight"))
        .then("service")
        .when(pl.col("id.orig_h").is_not_null() & _protocol())
        .then("kind")
    )
    return [
        pl.coalesce("began", pl.when(_of("files")).then(file_src)).alias("src_ip"),
        pl.coalesce(
            "id.resp_h", "dst_addr", "dst", "server_addr", "resp_h", pl.when(_of("files")).then(file_dst), offered,
        ).alias("dst_ip"),
        port.then(pl.coalesce("id.orig_p", "src_port", "client_port", "orig_p")).alias("src_port"),
        port.then(pl.coalesce("id.resp_p", "dst_port", pl.when(_of("notice")).then("p"), "server_port", "resp_p",
                              "port_num")).alias("dst_port"),
        pl.coalesce("server_name", pl.when(_of("http")).then(pl.col("host").str.extract(_HOST))).alias("dst_host"),
        pl.coalesce("orig_l2_addr", pl.when(_of("dhcp", "radius")).then("mac")).alias("src_mac"),
        pl.col("resp_l2_addr").alias("dst_mac"), pl.col("proto").alias("protocol"), app.alias("app"),
        pl.when(local_orig.is_in(_TRUE) & local_resp.is_in(_FALSE)).then(pl.lit("outbound"))
        .when(local_orig.is_in(_FALSE) & local_resp.is_in(_TRUE)).then(pl.lit("inbound")).alias("direction"),
        pl.coalesce("orig_ip_bytes", "orig_bytes", pl.when(_of("http")).then("request_body_len")).alias("bytes_out"),
        pl.coalesce("resp_ip_bytes", "resp_bytes", pl.when(_of("http")).then("response_body_len")).alias("bytes_in"),
        pl.col("orig_pkts").alias("packets_out"), pl.col("resp_pkts").alias("packets_in"),
        (seconds * 1000).round().cast(pl.Int64).alias("duration_ms"), pl.col("uid").alias("session_id"),
        epoch.cast(pl.Int64, strict=False).cast(pl.Datetime("us")).alias("start_time"),
        pl.coalesce("_system_name", "peer", "peer_descr", "peer_name").alias("device"),
    ]  # fmt: skip


@cache
def _protocol() -> pl.Expr:
    """Logs that are called after a protocol."""
    return ~_of(
        "notice", "weird", "signatures", "intel", "files", "analyzer", "dpd", "tunnel", "conn", "conn_long",
        "notice_alarm", "suricata_corelight",
    )  # fmt: skip


@cache
def _decided() -> list[pl.Expr]:
    done = pl.col("state").str.ends_with("SUCCEEDED") & _of("netcontrol")
    rule = pl.col("action").str.to_uppercase()
    denied = (
        (_of("notice") & pl.col("dropped").is_in(_TRUE)) | _of("netcontrol_drop") | (done & rule.str.contains("DROP"))
    )
    allowed = (done & rule.str.contains("WHITELIST")) | (pl.col("alert.action") == "allowed")
    denied |= (pl.col("alert.action") == "blocked").fill_null(value=False)
    replied = pl.when(_of("http") & pl.col("status_code").is_not_null()).then(pl.lit("established"))
    return [
        pl.when(denied).then(pl.lit("deny")).when(allowed).then(pl.lit("allow")).alias("verdict"),
        pl.coalesce(pl.col("conn_state").replace_strict(_OUTCOMES, default=None), "login", replied).alias("outcome"),
        pl.coalesce("conn_state", "actions", "msg_types", "alert.action", "opcode", "action", "command",
                    "request_type", "func", "fc_request",
                    "cmd", "operation", pl.when(_of("sip")).then("method")).alias("action"),
    ]  # fmt: skip


@cache
def _http() -> list[pl.Expr]:
    http = pl.when(_of("http"))
    host = pl.col("host").str.extract(_HOST)
    port = pl.col("host").str.extract(r":([0-9]+)$").cast(pl.UInt16, strict=False)
    return [
        http.then("method").alias("method"), http.then("uri").alias("url"),
        *(http.then(name).alias(name) for name in ("url_scheme", "url_path", "url_query")),
        http.then(pl.coalesce("url_host", host)).alias("url_host"),
        http.then(pl.coalesce(pl.col("url_port").cast(pl.UInt16, strict=False), port)).alias("url_port"),
        http.then("status_code").alias("status"), http.then("resp_mime_types").alias("content_type"),
        http.then("user_agent").alias("user_agent"), http.then("referrer").alias("referer"),
        http.then(pl.col("proxied").str.extract("X-FORWARDED-FOR -> (.*)")).alias("forwarded_for"),
        pl.col("server_name").alias("sni"),
        pl.when(_of("ssl")).then("version").alias("tls_version"),
    ]  # fmt: skip


@cache
def _dns() -> list[pl.Expr]:
    recursion = pl.when(_of("dns") & pl.col("RD").is_not_null()).then(pl.col("RD").is_in(_TRUE))
    return [
        pl.when(_of("dns")).then("query").alias("qname"),
        pl.col("qtype_name").replace("*", "ANY").alias("qtype"),
        pl.col("qclass_name").replace(_QCLASSES).alias("qclass"), pl.col("rcode_name").alias("rcode"),
        pl.col("answers"), recursion.alias("recursion_desired"),
    ]  # fmt: skip


@cache
def _email() -> list[pl.Expr]:
    mail = pl.when(_of("smtp"))

    def bare(name: str) -> pl.Expr:
        return mail.then(pl.col(name).str.extract(r"<([^<>]*)>|^([^<>]*)$", 0).str.strip_chars("<>"))

    several = pl.col("rcptto").str.replace_all(r"[<>]", "").str.replace_all(" +", ", ")
    return [
        mail.then("helo").alias("helo"), pl.coalesce(bare("mailfrom"), bare("from")).alias("mail_from"),
        pl.coalesce(mail.then(several), bare("to")).alias("mail_to"), mail.then("subject").alias("subject"),
        bare("msg_id").alias("message_id"),
    ]  # fmt: skip


@cache
def _findings() -> list[pl.Expr]:
    category = {
        "notice": "notice", "notice_alarm": "notice", "weird": "anomaly", "signatures": "ips", "intel": "intel",
        "files": "file", "suricata_corelight": "ips",
    }  # fmt: skip
    name = pl.when(_of("weird")).then("name").when(_of("intel")).then("seen.indicator")
    return [
        pl.coalesce("sig_id", "alert.signature_id", pl.when(_of("notice", "notice_alarm")).then("note"))
        .alias("signature_id"),
        pl.coalesce(name, "note", "alert.signature").alias("signature"),
        pl.col("kind").replace_strict(category, default=None).alias("finding_category"),
        pl.coalesce(pl.when(_of("notice")).then("actions"), "alert.action").alias("disposition"),
        pl.col("filename").alias("file_name"),
        pl.coalesce("sha256", "sha1", "md5").alias("file_hash"),
    ]  # fmt: skip


@cache
def _lost() -> pl.Expr:
    """Whether the sensor says that it missed packets; `pkts_dropped` counts those since the last line."""
    missed = _of("capture_loss") & (pl.col("percent_lost").cast(pl.Float64, strict=False) > 0)
    dropped = _of("stats") & (pl.col("pkts_dropped").cast(pl.Int64, strict=False) > 0)
    noticed = _of("notice") & pl.col("note").is_in(["CaptureLoss::Too_Much_Loss", "PacketFilter::Dropped_Packets"])
    return (missed | dropped | noticed).fill_null(value=False)


@cache
def _others() -> list[pl.Expr]:
    """Leases, logins, what Zeek knows of hosts, its own state, and free text."""
    kerberos = pl.when(_of("kerberos")).then("client").str.extract_groups(r"^(?P<name>.*?)(?:/(?P<realm>[^/]*))?$")
    said = pl.concat_str("msg", "sub", separator=" ", ignore_nulls=True)
    seen = pl.concat_str("seen.indicator_type", "seen.where", "sources", separator=" ", ignore_nulls=True)
    heard = pl.when(_of("ssh")).then(pl.concat_str("client", "server", separator=" ", ignore_nulls=True))
    call = pl.when(_of("sip")).then(pl.concat_str("method", "uri", "status_code", separator=" ", ignore_nulls=True))
    shared = pl.when(_of("smb_files", "smb_mapping")).then(
        pl.concat_str("path", "name", separator="\\", ignore_nulls=True)
    )
    loss = pl.coalesce(
        pl.when(_of("capture_loss")).then(pl.concat_str("percent_lost", pl.lit("% lost"))),
        pl.when(_of("stats")).then(pl.concat_str("pkts_dropped", pl.lit(" packets dropped"))),
    )
    stated = pl.when(pl.col("began").is_null() | _of("syslog")).then("kind")
    lost = pl.when(_lost()).then(pl.lit("log_loss")).otherwise(stated)
    bound = pl.when(_of("ldap")).then(pl.concat_str("result", "diagnostic_message", separator=" ", ignore_nulls=True))
    asked = pl.when(_of("ldap", "ldap_search")).then(
        pl.concat_str(
            "object", "base_object", "filter", "result", "diagnostic_message", separator=" ", ignore_nulls=True
        )
    )
    attempts = pl.concat_str("auth_attempts", pl.lit(" attempts"))
    reason = pl.when(pl.col("login") == "failure").then(
        pl.coalesce("error_msg", pl.when(_of("radius")).then("reply_msg"), bound.replace("", None), attempts)
    )
    messages = (
        said.replace("", None), call, shared, asked.replace("", None), "alert.category",
        pl.when(_of("weird")).then("addl"), "event_msg", seen.replace("", None),
        "message", "failure_reason", "last_reply", "validation_status", "reply_msg", loss, heard.replace("", None),
        "arg", "status_msg", "mime_type", "tunnel_type", "unparsed_version", "certificate.issuer", "named_pipe",
        "response", "subject",
    )  # fmt: skip
    return [
        pl.coalesce("assigned_addr", "assigned_ip", "requested_addr", pl.when(_of("dhcp")).then("client_addr"))
        .alias("lease_ip"),
        pl.when(_of("dhcp")).then("mac").alias("lease_mac"),
        pl.coalesce("host_name", "client_fqdn").alias("lease_name"),
        pl.coalesce("username", "user", kerberos.struct.field("name"), "cookie",
                    pl.when(_of("ldap") & pl.col("login").is_not_null()).then("object")).alias("user"),
        pl.coalesce("domainname", kerberos.struct.field("realm")).alias("user_domain"),
        pl.when(_of("kerberos")).then("service").otherwise("kind").alias("service"),
        pl.when(_of("rfb")).then("authentication_method").alias("auth_method"), reason.alias("reason"),
        lost.alias("operation"), pl.coalesce("host", "certificate.subject", "entity", "location").alias("object"),
        pl.when(_of("netcontrol")).then("state").alias("result"), pl.col("rule_id").alias("rule"),
        pl.coalesce("severity", "severity.name", "alert.severity", "level").alias("severity"),
        pl.coalesce(messages).alias("message"),
    ]  # fmt: skip


FORMAT = Format(
    name="zeek",
    title="Zeek",
    reference="https://docs.zeek.org/en/master/logs/index.html",
    shape=_shape,
    columns=_columns,
    comment="#",
    learn=_learn,
)
