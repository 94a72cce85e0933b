"""The fields of Zeek's logs that are read, and how a JSON line without `_path` tells which log it is of."""

from __future__ import annotations

import polars as pl

FIELDS = (
    # all
    "_path", "_system_name", "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service",
    "peer", "peer_descr", "peer_name",
    # conn
    "duration", "orig_bytes", "resp_bytes", "conn_state", "local_orig", "local_resp", "orig_pkts", "orig_ip_bytes",
    "resp_pkts", "resp_ip_bytes", "orig_l2_addr", "resp_l2_addr",
    # dns
    "trans_id", "rtt", "query", "qclass_name", "qtype_name", "rcode_name", "RD", "answers",
    # http, sip
    "trans_depth", "method", "host", "uri", "referrer", "user_agent", "request_body_len", "response_body_len",
    "status_code", "status_msg", "username", "proxied", "resp_mime_types", "call_id",
    # ssl, quic
    "version", "cipher", "server_name", "established", "subject", "validation_status", "last_alert",
    # smtp
    "helo", "mailfrom", "rcptto", "from", "to", "msg_id", "last_reply",
    # files
    "fuid", "tx_hosts", "rx_hosts", "is_orig", "filename", "md5", "sha1", "sha256", "mime_type", "seen_bytes",
    # notice, weird, signatures, intel
    "note", "msg", "sub", "src", "dst", "p", "actions", "dropped", "suppress_for", "name", "addl", "notice",
    "src_addr", "src_port", "dst_addr", "dst_port", "sig_id", "event_msg", "sub_msg", "seen.indicator",
    "seen.indicator_type", "seen.where", "sources",
    # dhcp
    "msg_types", "client_addr", "server_addr", "client_port", "server_port", "mac", "host_name", "client_fqdn",
    "requested_addr", "assigned_addr", "assigned_ip",
    # ssh, kerberos, ntlm, radius, rdp, rfb, socks, ftp, irc, mysql
    "auth_success", "auth_attempts", "client", "server", "request_type", "success", "error_msg", "domainname",
    "server_nb_computer_name", "hostname", "result", "reply_msg", "cookie", "security_protocol",
    "authentication_method", "auth", "request_p", "status", "user", "command", "arg", "reply_code", "nick", "value",
    "cmd", "response",
    # smb, dce_rpc, industrial protocols, tunnel, snmp, ntp, dpd and analyzer
    "action", "path", "share_type", "tree_service", "argument",
    "named_pipe", "endpoint", "operation", "func", "fc_request", "tunnel_type",
    "community", "stratum", "analyzer", "analyzer_name", "analyzer_kind", "failure_reason",
    # what Zeek knows of hosts and files, and of itself
    "certificate.subject", "certificate.issuer", "certStatus", "serialNumber", "compile_ts", "machine",
    "software_type", "unparsed_version", "port_num", "port_proto", "issuer_subject", "facility", "severity", "message",
    "level", "location", "pkts_proc", "pkts_dropped", "percent_lost", "gaps", "acks",
    # ldap, ldap_search, quic
    "opcode", "diagnostic_message", "object", "base_object", "filter", "client_initial_dcid",
    # Corelight's Suricata
    "alert.action", "alert.signature_id", "alert.signature", "alert.category", "alert.severity", "severity.name",
    # netcontrol
    "rule_id", "state", "entity", "orig_h", "orig_p", "resp_h", "resp_p", "expire",
)  # fmt: skip
"""Every field that some log of Zeek has and some column is filled from."""

LISTS = ("answers", "rcptto", "to", "tx_hosts", "rx_hosts", "actions", "sources", "msg_types", "resp_mime_types")
"""Sets and vectors: JSON arrays, or values between commas."""

CLASSES = {
    "conn": "network", "dns": "dns", "http": "http", "ssl": "http", "quic": "http", "smtp": "email",
    "files": "finding", "notice": "finding", "notice_alarm": "finding", "weird": "finding", "signatures": "finding",
    "intel": "finding", "dhcp": "dhcp", "kerberos": "authentication", "ntlm": "authentication",
    "radius": "authentication", "netcontrol_drop": "network",
    "suricata_corelight": "finding",
}  # fmt: skip
"""Log → class. Another one with an originator is `network`, without one `system`."""

_BY_KEYS: dict[str, tuple[str, ...]] = {
    "conn": ("conn_state",),
    "dhcp": ("msg_types",),
    "dns": ("trans_id",),
    "sip": ("call_id",),
    "smtp": ("helo", "mailfrom", "last_reply"),
    "http": ("trans_depth",),
    "kerberos": ("request_type",),
    "files": ("seen_bytes",),
    "notice": ("suppress_for", "dropped"),
    "signatures": ("sig_id",),
    "intel": ("seen.indicator",),
    "ssh": ("auth_attempts", "auth_success"),
    "quic": ("client_initial_dcid",),
    "ssl": ("established", "cipher", "server_name"),
    "ntlm": ("domainname", "server_nb_computer_name"),
    "rdp": ("security_protocol", "cookie"),
    "rfb": ("authentication_method",),
    "socks": ("request_p",),
    "syslog": ("facility",),
    "ftp": ("reply_code",),
    "smb_mapping": ("share_type",),
    "ldap": ("opcode",),
    "ldap_search": ("base_object",),
    "smb_cmd": ("tree_service", "argument"),
    "dce_rpc": ("named_pipe", "endpoint"),
    "modbus": ("func",),
    "dnp3": ("fc_request",),
    "tunnel": ("tunnel_type",),
    "snmp": ("community",),
    "ntp": ("stratum",),
    "analyzer": ("analyzer_kind", "analyzer_name"),
    "dpd": ("failure_reason",),
    "x509": ("certificate.subject",),
    "ocsp": ("certStatus",),
    "pe": ("compile_ts",),
    "software": ("software_type",),
    "known_services": ("port_proto",),
    "known_certs": ("issuer_subject",),
    "stats": ("pkts_proc",),
    "capture_loss": ("percent_lost",),
    "netcontrol": ("entity",),
    "mysql": ("cmd",),
    "irc": ("nick",),
}


def kind_by_keys() -> pl.Expr:
    """The log that has such keys, the first that fits; null where none does."""
    weird = pl.col("name").is_not_null() & pl.col("notice").is_not_null()
    smb = pl.col("action").str.starts_with("SMB::")
    radius = pl.col("result").is_not_null() & (pl.col("username").is_not_null() | pl.col("mac").is_not_null())
    irc = pl.col("command").is_not_null() & pl.col("value").is_not_null()
    traceroute = pl.col("src").is_not_null() & pl.col("dst").is_not_null() & pl.col("note").is_null()
    reporter = pl.col("level").str.starts_with("Reporter::")
    host = pl.col("text").str.contains(r'^\{"ts": ?[^,]+, ?"host": ?"[^"]*"\}$')
    more = {
        "weird": weird, "smb_files": smb, "radius": radius, "irc": irc, "reporter": reporter, "known_hosts": host,
        "traceroute": traceroute & pl.col("proto").is_not_null(),
    }  # fmt: skip
    by_keys = [
        pl.when(pl.any_horizontal(pl.col(key).is_not_null() for key in keys)).then(pl.lit(name))
        for name, keys in _BY_KEYS.items()
    ]
    return pl.coalesce(*by_keys, *(pl.when(found).then(pl.lit(name)) for name, found in more.items()))
