"""Security events of Firepower Threat Defense, 430001 to 430005: `Key: value, Key: value`.

430001 intrusion, 430002 beginning and 430003 end of a connection, 430004 file, 430005 malware. Nothing is quoted, and
clients write the values of some keys. Keys that stand before the first of these are taken where they come first, the
others only where they come once: a client can hide such a value, but not put its own in its place.
"""

from __future__ import annotations

import polars as pl

from parsers._lines import Ints
from parsers._urls import split_urls

WITHOUT_ID = 1
"""The id of an event that came without one."""
_BY_CLIENT = r", (?:UserAgent|DNSQuery|HTTPReferer|ReferencedHost|URL|URI|FileName|OriginalClientSrcIP|SSLServerName): "
_BEFORE = {
    "SrcIP": "src_ip", "SrcPort": "src_port", "DstIP": "dst_ip", "DstPort": "dst_port", "Protocol": "protocol",
    "IngressInterface": "in_interface", "EgressInterface": "out_interface", "NAT_InitiatorIP": "nat_src_ip",
    "NAT_InitiatorPort": "nat_src_port", "NAT_ResponderIP": "nat_dst_ip", "NAT_ResponderPort": "nat_dst_port",
    "AccessControlRuleAction": "action", "AccessControlRuleName": "rule", "AccessControlRuleReason": "reason",
    "User": "user", "ConnectionID": "session_id", "FirstPacketSecond": "first", "InlineResult": "inline", "GID": "gid",
    "SID": "sid", "Message": "signature", "Classification": "classification", "FileAction": "file_action",
    "FileSHA256": "file_hash", "SHA_Disposition": "disposition", "ThreatName": "threat", "ICMPType": "icmp",
}  # fmt: skip
_ANYWHERE = {
    "ApplicationProtocol": "app", "WebApplication": "web_app", "ConnectionDuration": "seconds",
    "InitiatorBytes": "bytes_out", "ResponderBytes": "bytes_in", "InitiatorPackets": "packets_out",
    "ResponderPackets": "packets_in", "DNSQuery": "qname", "DNSRecordType": "record", "HTTPResponse": "status",
    "ReferencedHost": "host", "URL": "url", "URI": "uri", "FileName": "file_name",
}  # fmt: skip
_FREE = (
    "AccessControlRuleName", "AccessControlRuleReason", "Message", "Classification", "ThreatName", "URL", "URI",
    "FileName",
)  # fmt: skip
"""Keys whose values may hold commas."""
_VERDICTS = (
    (r"(?i)^(?:allow|trust|monitor|fastpath|interactive block bypass)", "allow"),
    (r"(?i)block|deny|reset", "deny"),
)
_FILES = {
    "Block": "deny", "Malware Block": "deny", "Block Malware": "deny", "Block With Reset": "deny", "Detect": "allow",
    "Malware Cloud Lookup": "allow", "Cloud Lookup": "allow", "Custom Detection Block": "deny",
    "Archive Block": "deny", "Malware Allow List": "allow", "TID Block": "deny",
}  # fmt: skip
_TYPES = {
    "a host address": "A", "IP6 Address": "AAAA", "the canonical name for an alias": "CNAME",
    "mail exchange": "MX", "an authoritative name server": "NS", "a domain name pointer": "PTR",
    "marks the start of a zone of authority": "SOA", "Server Selection": "SRV", "text strings": "TXT",
}  # fmt: skip
_NOBODY = (
    "No Authentication Required",
    "Unknown",
    "Not Found",
    "unknown",
    "Special Identities\\No Authentication Required",
)


def events(notes: pl.Series, codes: Ints) -> pl.DataFrame:
    """The columns of security events: a connection is `network`, and what it asked for stands beside it."""
    df = _values(notes).with_columns(pl.Series("number", codes))
    number = pl.col("number")
    intrusion = (number == 430001) | ((number == WITHOUT_ID) & pl.col("signature").is_not_null())
    file = number.is_in([430004, 430005])
    decided = pl.coalesce(pl.when(pl.col("action").str.contains(p)).then(pl.lit(v)) for p, v in _VERDICTS)
    stopped = pl.col("inline").str.contains("(?i)^(?:blocked|dropped|block$)")
    of_file = pl.col("file_action").replace_strict(_FILES, default=None, return_dtype=pl.String)
    url = pl.coalesce("url", "uri")
    df = df.with_columns(
        pl.when(file).then(of_file).when(intrusion).then(pl.when(stopped).then(pl.lit("deny"))).otherwise(decided)
        .alias("verdict"),
        url.alias("url"),
        pl.col("record").replace(_TYPES).alias("qtype"),
    )  # fmt: skip
    parts = split_urls(df["url"])
    df = df.hstack(parts).with_columns(pl.coalesce("url_host", "host").alias("url_host"))
    end = pl.when(number == 430003)
    return df.select(
        pl.when(intrusion | file).then(pl.lit("finding")).otherwise(pl.lit("network")).alias("class"), *_FLOW,
        pl.when(intrusion & stopped | ~intrusion & ~file & pl.col("later")).then(pl.lit("blocked_later"))
        .when((pl.col("packets_out").cast(pl.Int64, strict=False) > 0)
              & (pl.col("packets_in").cast(pl.Int64, strict=False) > 0)).then(pl.lit("established"))
        .when(end.then(pl.col("packets_in")) == "0").then(pl.lit("attempted")).alias("outcome"),
        pl.lit("forward").alias("path"),
        pl.when(~pl.col("user").is_in(_NOBODY)).then("user").alias("user"),
        pl.coalesce("app", "web_app").alias("app"),
        pl.coalesce("action", "file_action", "inline").alias("action"),
        (pl.col("seconds").cast(pl.Int64, strict=False) * 1000).alias("duration_ms"),
        pl.col("first").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False, time_unit="us").alias("start_time"),
        pl.when(intrusion).then(pl.concat_str("gid", pl.lit(":"), "sid")).alias("signature_id"),
        pl.when(intrusion).then(pl.col("signature").str.strip_chars('"')).when(file).then("threat").alias("signature"),
        pl.when(intrusion).then(pl.lit("ips")).when(number == 430005).then(pl.lit("virus"))
        .when(file).then(pl.lit("file")).alias("finding_category"),
        pl.when(file).then(pl.coalesce("disposition", "file_action")).otherwise("inline").alias("disposition"),
        pl.coalesce("reason", "classification", "icmp").alias("message"),
        pl.when(url.is_not_null()).then(pl.lit("proxy")).alias("role"),
    )  # fmt: skip


_FLOW = (
    "src_ip", "src_port", "dst_ip", "dst_port", "protocol", "in_interface", "out_interface", "nat_src_ip",
    "nat_src_port", "nat_dst_ip", "nat_dst_port", "rule", "session_id", "verdict", "bytes_out", "bytes_in",
    "packets_out", "packets_in", "qname", "qtype", "status", "url", "url_scheme", "url_host", "url_port", "url_path",
    "url_query", "file_name", "file_hash",
)  # fmt: skip


def _values(notes: pl.Series) -> pl.DataFrame:
    """The values of the keys that are known."""
    df = notes.alias("note").to_frame().select(pl.concat_str(pl.lit(", "), pl.col("note")).alias("note"))
    df = df.with_columns(pl.col("note").str.replace(rf"{_BY_CLIENT}.*$", "").alias("before"))
    made = [_value("before", key).alias(name) for key, name in _BEFORE.items()]
    made += [
        pl.when(pl.col("note").str.count_matches(f", {key}: ", literal=True) == 1).then(_value("note", key)).alias(name)
        for key, name in _ANYWHERE.items()
    ]
    later = pl.col("reason").str.contains("Intrusion Block|File Block").fill_null(value=False)
    return df.select(made).with_columns(later.alias("later"))


def _value(column: str, key: str) -> pl.Expr:
    """What stands behind a key; only free text has commas, and goes as far as the next key."""
    text = r"(.*?)(?:, [A-Z][0-9A-Za-z_ ]{1,40}:(?: |,)|$)" if key in _FREE else "([^,]*)"
    value = pl.col(column).str.extract(f", {key}: {text}")
    return pl.when(value != "").then(value)
