"""Check Point gateways and management: Log Exporter (syslog, CEF, LEEF), `fw log` and LEA clients, R77 to R82.

Reference: Check Point "Logging and Monitoring" administration guide R81.20 (actions, blades), sk144192 "Log fields",
sk122323 "Log Exporter"; read 2026-11-20. The forms of lines are in `_checkpoint_lines`.
Not read: Splunk and JSON forms, SmartEvent correlation, layers of a rule base after the first.

Class: a flow of the firewall or VPN is `network`, also with a URL; what a blade of threat prevention, application
control, URL filtering or DLP says of a flow or with a signature is a `finding`; logins of administrators, identities
and remote access are `authentication`; all else is `system`.
Verdict: accept, allow, encrypt, decrypt, detect, inspect, bypass, inform, monitor let it through; drop, reject, block,
prevent, redirect, quarantine did not; "ask user" decided nothing. What inspection (block, prevent …) stopped after the
rule base had let it through is `blocked_later`. Path: zone Local is the gateway itself (local_in, local_out); "First
packet isn't SYN" and `tcp_packet_out_of_state` are out_of_state. Bytes: what came in from the client went to the
server. A log that stands for suppressed ones counts them (aggregated). A user as `Name (login)` is read as the login.
Time: `time` (epoch s or ms, ISO 8601, or as `fw log` writes it, in the source's zone), else the header's.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from parsers._checkpoint_lines import FEW, shape
from parsers._format import Context, Format
from parsers._times import read
from parsers._urls import split_urls
from parsers._views import no_values

_ALLOW = (
    r"^(?:accept|allow|encrypt|decrypt|authcrypt|detect|inspect|https inspect|bypass|https bypass|inform|monitor|"
    r"authorize|extract|vpn routing|trust)"
)
_DENY = r"^(?:drop|reject|block|prevent|redirect|quarantine|deauthorize|deny|discard|cleaned|delete)"
_INSPECTED = r"(?i)^(?:block|prevent|redirect|quarantine)"
"""What only inspection does: the rule base drops and rejects."""
_FIREWALL = r"(?i)^(?:VPN-1|VPN & FireWall|Firewall|FireWall-1|Log Update$|VPN$|NAT$|Firewall-1|Core$)"
_BLADES = {
    "ips": r"IPS|SmartDefense|Anti-?Bot|Anti Bot", "virus": r"Anti-?Virus|Anti Virus|Anti Malware|Anti-Malware",
    "sandbox": r"Threat Emulation|Threat Extraction|Zero Phishing", "webfilter": r"URL Filtering",
    "app": r"Application Control", "dlp": r"DLP|Data Loss|Content Awareness", "email": r"Anti-?Spam|Email|MTA",
    "ssl": r"HTTPS Inspection", "anomaly": r"DDoS|Suspicious",
}  # fmt: skip
_ADMINISTRATION = r"(?i)SmartConsole|WEB_API|Web-UI|SmartDashboard|Expert Shell|Management|Gaia|CLI"
_LOGIN = r"(?i)^(?:failed )?log ?(?:in|out)$|^(?:failed )?log(?:in|out)$|^authenticat"
_FAILED = r"(?i)fail|denied|reject|invalid|wrong|unsuccess"
_CHANGES = r"(?i)object manipulation|revision control|policy installation|install policy|publish|set object"
_NOWHERE = ("0.0.0.0", "::")  # noqa: S104  an address in a log, nothing is bound
_REFUSED = "no Check Point log: none of the fields that all of its logs have"


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    known = pl.coalesce("loguid", "layer_uuid", "rule_uid", "originsicname", "sequencenum").is_not_null()
    flow = pl.coalesce("origin", "orig", "src", "ifdir", "i/f_dir").is_not_null()
    own = pl.col("_maker") | known | (pl.col("product").is_not_null() & flow & pl.col("action").is_not_null())
    df = df.with_columns(_own=own & (pl.col("_fields") >= FEW))
    action, product = pl.col("action").str.to_lowercase(), pl.col("product")
    blades = [pl.when(product.str.contains(f"(?i){how}")).then(pl.lit(what)) for what, how in _BLADES.items()]
    did = pl.coalesce("operation", "action")
    signed = pl.coalesce("attack", "protection_name", "malware_action", "dlp_data_type_name", "appi_name")
    df = df.with_columns(
        _allow=action.str.contains(_ALLOW).fill_null(value=False),
        _deny=action.str.contains(_DENY).fill_null(value=False),
        _category=pl.coalesce(blades), _said=pl.when(did.str.contains(_LOGIN)).then(did),
        _any=pl.coalesce("src", "dst", "client_inbound_bytes", "service").is_not_null(),
        _signed=signed.is_not_null(),
    ).with_columns(_class=_class())  # fmt: skip
    made = df.select(
        pl.when("_own").then("_class").alias("class"), pl.when(~pl.col("_own")).then(pl.lit(_REFUSED)).alias("refused"),
        _time(), pl.col("_cut").alias("cut"), pl.coalesce("orig_name", "origin", "orig", "syslog_host").alias("device"),
        *_flow(), *_decision(), *_people(), *_found(), *_happened(),
    )  # fmt: skip
    parts = split_urls(df["resource"])
    asked = pl.coalesce(parts["url_host"], df["http_host"], df["tls_server_host_name"])
    return made.hstack(parts).with_columns(_began(df, context), url_host=asked, dst_host=pl.coalesce("dst_host", asked))


@cache
def _class() -> pl.Expr:
    blade = pl.col("_category").is_not_null()
    finding = (blade | pl.col("_any")) & pl.col("_signed") | (blade & pl.col("_any"))
    flow = pl.col("_any") & (pl.col("product").str.contains(_FIREWALL) | pl.col("product").is_null())
    return (
        pl.when(pl.col("_said").is_not_null())
        .then(pl.lit("authentication"))
        .when(finding)
        .then(pl.lit("finding"))
        .when(flow | (pl.col("src").is_not_null() & pl.col("dst").is_not_null()))
        .then(pl.lit("network"))
        .otherwise(pl.lit("system"))
    )


@cache
def _time() -> pl.Expr:
    """`26Sep2017 20:18:31` of LEA clients with its parts apart; all other times as they are."""
    return pl.col("time").str.replace(r"^([0-9]{1,2})([A-Za-z]{3})([0-9]{4}) ", "$1-$2-$3 ").alias("time")


def _began(df: pl.DataFrame, context: Context) -> pl.Series:
    found = read(df["start_time"], context)
    times = pl.Series(found.us).cast(pl.Datetime("us"))
    nothing = no_values(df.height, pl.Datetime("us"))
    return times.zip_with(pl.Series(found.valid), nothing).alias("start_time")


@cache
def _flow() -> list[pl.Expr]:
    """The ends of a flow. `service` is the port where it is a number, the name of the service otherwise."""
    port = pl.coalesce("d_port", pl.when(pl.col("service").str.contains("^[0-9]+$")).then("service"))
    named = pl.when(~pl.col("service").str.contains("^[0-9]+$")).then("service")
    way = pl.coalesce("ifdir", "i/f_dir")
    interface = pl.coalesce("ifname", "i/f_name").replace("daemon", None)
    translated = [
        pl.when(~pl.col(f"xlate{end}").is_in(_NOWHERE)).then(f"xlate{end}").alias(f"nat_{end}_ip")
        for end in ("src", "dst")
    ]
    ports = [
        pl.col(f"xlate{end}port").replace("0", None).alias(f"nat_{made}_port")
        for end, made in (("s", "src"), ("d", "dst"))
    ]
    return [
        pl.coalesce("src", "client_ip", "ip_address").alias("src_ip"), pl.col("s_port").alias("src_port"),
        pl.col("dst").alias("dst_ip"), port.alias("dst_port"), pl.col("proto").alias("protocol"),
        pl.coalesce("appi_name", "service_id", named).alias("app"), *translated, *ports,
        pl.col("src_machine_name").alias("src_host"), pl.col("dst_machine_name").alias("dst_host"),
        pl.coalesce("src_mac_address", "mac_address").alias("src_mac"),
        pl.coalesce("rule_name", "malware_rule_id", "rule", "rule_uid").alias("rule"),
        pl.coalesce("client_inbound_interface", pl.when(way == "inbound").then(interface)).alias("in_interface"),
        pl.coalesce("server_outbound_interface", pl.when(way == "outbound").then(interface)).alias("out_interface"),
        _out().alias("bytes_out"), _in().alias("bytes_in"), pl.col("client_inbound_packets").alias("packets_out"),
        pl.col("client_outbound_packets").alias("packets_in"), pl.coalesce("session_id", "loguid").alias("session_id"),
        pl.col("sequencenum").alias("sequence"),
        (pl.col("elapsed").cast(pl.Int64, strict=False) * 1000).alias("duration_ms"),
        pl.col("proxy_src_ip").alias("forwarded_for"),
    ]  # fmt: skip


@cache
def _out() -> pl.Expr:
    return pl.coalesce("client_inbound_bytes", "sent_bytes")


@cache
def _in() -> pl.Expr:
    return pl.coalesce("client_outbound_bytes", "received_bytes")


@cache
def _decision() -> list[pl.Expr]:
    decided = pl.col("_class").is_in(["network", "finding"])
    denied, allowed = pl.col("_deny") & decided, pl.col("_allow") & decided
    sent, received = _out().cast(pl.Int64, strict=False) > 0, _in().cast(pl.Int64, strict=False) > 0
    stray = pl.coalesce("tcp_packet_out_of_state", "message_info", "attack_info", "message").str.contains(
        r"(?i)first packet isn't syn|out of state"
    )
    login = (pl.col("_class") == "authentication") & ~pl.col("_said").str.contains("(?i)out$")
    failed = pl.concat_str(
        "action", "audit_status", "auth_status", "login_status", "reason", separator=" ", ignore_nulls=True
    ).str.contains(_FAILED) | pl.col("additional_info").str.contains(r"(?i)^administrator failed")
    count = pl.col("suppressed_logs").cast(pl.Int64, strict=False)
    return [
        pl.when(denied).then(pl.lit("deny")).when(allowed).then(pl.lit("allow")).alias("verdict"),
        pl.coalesce("operation", "action").alias("action"),
        pl.when(login & failed.fill_null(value=False))
        .then(pl.lit("failure"))
        .when(login)
        .then(pl.lit("success"))
        .when(denied & ((pl.col("_class") == "finding") | pl.col("action").str.contains(_INSPECTED)))
        .then(pl.lit("blocked_later"))
        .when(allowed & sent & received)
        .then(pl.lit("established"))
        .when(allowed & (sent | received))
        .then(pl.lit("attempted"))
        .alias("outcome"),
        pl.when(~decided)
        .then(None)
        .when(stray.fill_null(value=False) | pl.col("tcp_packet_out_of_state").is_not_null())
        .then(pl.lit("out_of_state"))
        .when(pl.col("outzone") == "Local")
        .then(pl.lit("local_in"))
        .when(pl.col("inzone") == "Local")
        .then(pl.lit("local_out"))
        .when(pl.col("src").is_not_null())
        .then(pl.lit("forward"))
        .alias("path"),
        pl.when(count > 1).then("suppressed_logs").alias("event_count"),
        pl.when(count > 1).then(pl.lit("aggregated")).alias("count_quality"),
    ]


@cache
def _people() -> list[pl.Expr]:
    name = pl.coalesce("src_user_name", "user", "administrator")
    administrator = pl.col("administrator").is_not_null() | pl.col("product").str.contains(_ADMINISTRATION)
    remote = pl.col("product").str.contains(r"(?i)Connectra|Mobile Access|VPN|Endpoint|Remote")
    return [
        pl.coalesce(name.str.extract(r"^.* \(([^()]+)\)$", 1), name).alias("user"),
        pl.col("product").alias("service"),
        pl.when(administrator.fill_null(value=False))
        .then(pl.lit("administrator"))
        .when(remote)
        .then(pl.lit("vpn"))
        .when(pl.col("product").is_not_null())
        .then(pl.lit("user"))
        .alias("auth_role"),
        pl.coalesce("auth_method", pl.col("additional_info").str.extract("^Authentication method: (.*)$", 1)).alias(
            "auth_method"
        ),
        pl.coalesce("reason", pl.col("additional_info").str.extract("failed to log in: *(.*)$", 1)).alias("reason"),
    ]


@cache
def _found() -> list[pl.Expr]:
    mail = pl.col("from").str.contains("@", literal=True) | pl.col("to").str.contains("@", literal=True)
    return [
        pl.col("_category").alias("finding_category"), pl.col("action").alias("disposition"),
        pl.coalesce("protection_name", "attack", "malware_family", "dlp_data_type_name", "appi_name", "malware_action",
                    "matched_category", "verdict").alias("signature"),
        pl.col("protection_id").alias("signature_id"), pl.col("severity"),
        pl.col("resource").alias("url"), pl.col("method"), pl.col("user_agent"), pl.col("referrer").alias("referer"),
        pl.col("http_status").alias("status"), pl.col("content_type"), pl.col("tls_server_host_name").alias("sni"),
        pl.coalesce("matched_category", "app_category").alias("category"), pl.col("file_name"),
        pl.coalesce("file_sha256", "file_sha1", "file_md5").alias("file_hash"),
        pl.when(mail).then("from").alias("mail_from"), pl.when(mail).then("to").alias("mail_to"),
        pl.col("email_subject").alias("subject"),
    ]  # fmt: skip


@cache
def _happened() -> list[pl.Expr]:
    changed = pl.coalesce("subject", "operation").str.contains(_CHANGES)
    text = (
        "message_info", "attack_info", "sys_message", "description", "information", "default_device_message",
        "tcp_packet_out_of_state", "action_reason", "additional_info", "comment", "message", "msg", "cluster_info",
        "fieldschanges", "malware_action", "ike", "reject_category", "vpn_feature_name", "subscription_stat_desc",
        "reason",
    )  # fmt: skip
    return [
        pl.coalesce(text).alias("message"), pl.coalesce("operation_number", "product").alias("event_code"),
        pl.when(changed).then(pl.lit("config_change")).otherwise(pl.coalesce("operation", "package_action", "product"))
        .alias("operation"),
        pl.coalesce("objectname", "client_name", "contract_name", "peer_gateway").alias("object"),
        pl.col("fieldschanges").alias("new"), pl.coalesce("audit_status", "status", "update_status",
                                                          "cp_component_operation_results").alias("result"),
    ]  # fmt: skip


FORMAT = Format(
    name="checkpoint",
    title="Check Point",
    reference="https://sc1.checkpoint.com/documents/Log_Exporter/EN/Content/Topics/Appendix.htm",
    shape=shape,
    columns=_columns,
    header="host",
    not_a_host="^(?:CEF|LEEF):",
)
