"""Infoblox NIOS: DNS queries and responses, DHCP leases, and the audit log of the grid, by syslog.

Reference: Infoblox NIOS 8.6 and 9.0 Administrator Guide, "Monitoring Tools" (audit log, syslog), "Capturing DNS Queries
and Responses" (`infoblox-responses`), "RPZ syslog messages" (CEF), "Monitoring through Syslog" (threat
protection), and the messages of ISC DHCP 4.4 (dhcpd, dhcpdv6); read 2026-11-20.
Read besides: a member's address between host and program. A message of named is read as `bind` reads it, so a feed of
queries alone is recognised as `bind`.
Not read: records of the Reporting and Grid services, DNS capture files. Another program's line is kept by its header.

DHCP: src is the client, its address the one that is lent; dst the server where the request names one. ACK and OFFER
allow; NAK, "not allowed" and "ignored" deny. Relay agents of DHCPv6 are src.
Audit: a login is class `authentication`, every other action `system`; `\\040` stands for a blank.
Threat protection: class `finding`; DROP denies, PASS allows.
Responses: REFUSED denies, an answer (NXDOMAIN too) allows. RPZ denies, but for PASSTHRU.
Time: the message's own (with Z in the audit log) before the header's, which has neither year nor zone.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from parsers import bind
from parsers._assemble import assembled
from parsers._bind_lines import shape
from parsers._distinct import by_distinct
from parsers._format import Context, Format
from parsers._messages import match

_MAC = r"(?:[0-9A-Fa-f]{2}:){5,}[0-9A-Fa-f]{2}"
_DHCP = {
    "lease": r"(?P<action>(?:DHCP|BOOT)[A-Z]+|RELEASE|EXPIRE) (?:on|for|of|to) (?P<lease>[0-9.]+)"
    rf"(?: \((?P<given>[^)]*)\))?(?: (?:from|to) (?P<mac>{_MAC}))?(?:(?: \((?P<name>.*)\))? via (?P<via>[^ :]+))?"
    r"(?P<rest>(?:[ :].*)?)",
    "ask": rf"(?P<action>(?:DHCP|BOOT)[A-Z]+) from (?:(?P<mac>{_MAC})|(?P<lease>[0-9.]+))"
    r"(?:(?: \((?P<name>.*)\))? via (?P<via>[^ :]+))?(?P<rest>(?:[ :].*)?)",
    "lent6": r"(?P<action>[A-Z][a-z]+ (?:NA|TA|PD)): address (?P<lease>[0-9A-Fa-f:]+) to client with duid "
    r"(?P<session>[^ ]+)(?P<rest>.*)",
    "heard6": r"(?P<action>[A-Z][A-Za-z -]+) message from (?P<src>[0-9A-Fa-f:]+) port (?P<port>[0-9]+)(?P<rest>.*)",
    "sent6": r"(?P<action>[A-Z][A-Za-z-]+ [A-Z][A-Za-z-]+) message (?:to send )?to (?P<src>[0-9A-Fa-f:]+) port "
    r"(?P<port>[0-9]+)(?P<rest>.*)",
    "map": r"(?P<action>(?:Unable to add|Added new|Removed) (?:forward|reverse) map) from (?P<name>[^ ]+) to "
    r"(?P<lease>[0-9A-Fa-f.:]+?)(?: by server (?P<server>[^ #]+)#(?P<server_port>[0-9]+))?(?P<rest>(?:[: ].*)?)",
    "unmapped": r"(?P<action>Reverse map update) for (?P<lease>[0-9A-Fa-f.:]+)(?P<rest> .*)",
}
_AUDIT = {
    "login": r"(?P<time>[0-9-]+ [0-9:.]+Z) \[(?P<user>.*?)\]: (?P<action>[A-Za-z_]*(?:Login|Logout|Password)[A-Za-z_]*)"
    r" - - (?P<rest>.*)",
    "call": r"(?P<time>[0-9-]+ [0-9:.]+Z) \[(?P<user>.*?)\]: (?P<action>Called) - (?P<object>[^ :]+)(?P<rest>.*)",
    "change": r"(?P<time>[0-9-]+ [0-9:.]+Z) \[(?P<user>.*?)\]: (?P<action>[A-Z][A-Za-z_]+)"
    r" (?P<object>[A-Za-z0-9]+(?: [^ =]+?)?)(?P<rest>:? .*|:?)",
}
_DNS = {
    "response": r"(?:[a-z-]+: )?(?P<time>[0-9]+-[A-Za-z]+-[0-9]+ [0-9:.]+) client (?P<src>[^ #]+)#(?P<port>[0-9]+):? "
    r"(?:view (?P<view>[^:]+): )?(?P<proto>UDP|TCP): query: (?P<qname>[^ ]+) (?P<qclass>[A-Z]+) (?P<qtype>[^ ]+) "
    r"response: (?P<rcode>[A-Z0-9]+) (?P<flags>[+-][A-Z]*)(?: (?P<records>.*))?",
    "rewrite": r"(?:[a-z-]+: )?client (?:@0x[0-9a-f]+ )?(?P<src>[^ #]+)#(?P<port>[0-9]+)(?: \([^ ]+\))?: "
    r"(?:view (?P<view>[^:]+): )?(?P<action>rewriting query name) '(?P<qname>[^']+)' to '(?P<answers>[^']+)', type "
    r"(?P<qtype>[A-Z0-9-]+)",
    "rpz": r"CEF:0\|Infoblox\|NIOS\|[^|]*\|(?P<action>RPZ-[A-Z-]+)\|(?P<policy>[^|]+)\|"
    r"(?P<severity>[^|]*)\|(?P<rest>.*)",
}
_THREAT = {
    "threat": r"(?:adp: )?CEF:0\|Infoblox\|NIOS Threat\|[^|]*\|(?P<rule>[^|]*)\|(?P<signature>[^|]*)\|"
    r"(?P<severity>[^|]*)\|src=(?P<src>[^ ]+) spt=(?P<port>[0-9]+) dst=(?P<server>[^ ]+) dpt=(?P<server_port>[0-9]+) "
    r'act="(?P<action>[^"]*)" cat="(?P<category>[^"]*)"(?P<rest>.*)'
}
_ASKED = r" fqdn=(.*?)(?: hit_count=[0-9]+\.?)?$"
_HITS = r" hit_count=([0-9]+)\.?$"
_RPZ = {
    "src": r"(?:^| )src=([^ ]+)", "port": r" spt=([0-9]+)", "server": r" dst=([^ ]+)", "view": r" view=([^ ]+)",
    "qtype": r" qtype=([^ ]+)", "qname": r'msg="?rpz [A-Z-]+ [A-Za-z-]+ rewrite ([^ ]+) ', "rule": r' via ([^ "]+)',
}  # fmt: skip
_RECORD = r'[^ ;]+ [0-9]+ [A-Z]+ [A-Z0-9]+ ((?:"[^"]*"|[^;"])*);? ?'
_SPECIAL = r" response: [A-Z0-9]+ [+-]|^CEF:0\|Infoblox\||: rewriting query name '"
_BEFORE = r"^(?:[0-9A-Fa-f.:]+ )?(?P<name>[a-z][a-z0-9_-]+)(?:\[[0-9]*\])?: (?P<message>.*)$"
_OCTAL = re.compile(r"\\([0-7]{3})")


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Each program's rows read by their own expressions."""
    behind = pl.when(pl.col("syslog_program").is_null()).then("body").str.extract_groups(_BEFORE).struct
    found = df.select(
        program=pl.coalesce("syslog_program", behind.field("name")),
        message=pl.coalesce(behind.field("message"), "body"),
    )
    program, message = found["program"], found["message"]
    special = (program == "named") & message.str.contains(_SPECIAL)
    makers = ((program.is_in(["dhcpd", "dhcpdv6"]), _DHCP, _leases), (program == "httpd", _AUDIT, _audited),
              (program == "threat-protect-log", _THREAT, _threatened), (special, _DNS, _answered))  # fmt: skip
    rest = np.ones(df.height, np.bool_)
    parts = []
    for chosen, patterns, meaning in makers:
        rows = chosen.fill_null(value=False)
        if rows.any():
            texts = message.filter(rows)
            read = match(texts, patterns)
            made = meaning(read.with_columns(text=texts))
            parts.append((rows.arg_true().to_numpy(), made))
            rest &= ~rows.to_numpy()
    if rest.any():
        made = bind.FORMAT.columns(df.filter(pl.Series(rest)), context)
        drop = [name for name in ("device", "own") if name in made.columns]
        parts.append((np.flatnonzero(rest), made.drop(drop).with_columns(own=pl.lit(value=False))))
    return assembled(parts, df.height)


def _leases(df: pl.DataFrame) -> pl.DataFrame:
    """Leases of dhcpd and dhcpdv6; its other messages are its own state."""
    known, word = pl.col("pattern").is_not_null(), pl.col("action").str.strip_prefix("DHCP")
    ours = pl.col("given").str.contains(_MAC)
    address = pl.col("via").str.contains(r"^[0-9.]+$")
    denied = (word == "NAK") | pl.col("rest").str.contains(r"not allowed|ignored")
    lent = word.is_in(["ACK", "OFFER"]) | word.str.contains(r"^(?:Advertise|Reply) ")
    mac = pl.coalesce("mac", pl.when(ours).then("given"))
    return df.select(
        pl.when(known).then(pl.lit("dhcp")).otherwise(pl.lit("system")).alias("class"),
        pl.when(~known).then(pl.lit("dhcp")).alias("operation"),
        pl.col("action").alias("event_code"), pl.col("action"), pl.when(known).then(pl.lit("udp")).alias("protocol"),
        pl.when(denied).then(pl.lit("deny")).when(lent).then(pl.lit("allow")).alias("verdict"),
        pl.coalesce("src", "lease").alias("src_ip"), pl.col("port").alias("src_port"), mac.alias("src_mac"),
        pl.coalesce("server", pl.when(~ours).then("given")).alias("dst_ip"), pl.col("server_port").alias("dst_port"),
        pl.when(~address).then("via").alias("in_interface"),
        pl.col("lease").alias("lease_ip"), mac.alias("lease_mac"), pl.col("name").alias("lease_name"),
        pl.col("session").alias("session_id"), pl.col("text").alias("message"),
    )  # fmt: skip


def _blanks(text: str) -> str:
    r"""A text whose blanks are written `\040`."""
    return _OCTAL.sub(lambda got: chr(int(got[1], 8)), text)


def _audited(df: pl.DataFrame) -> pl.DataFrame:
    known, action, rest = pl.col("pattern").is_not_null(), pl.col("action"), pl.col("rest")
    login = pl.col("pattern").eq_missing("login")
    denied, passed = action.str.contains("Denied|Error"), action.str.contains("Login_Allowed|First_Login")

    def told(key: str) -> pl.Series:
        value = rest.str.extract(rf"(?:^| ){key}=([^ ]+)")
        return by_distinct(df.select(pl.when(login).then(value)).to_series(), _blanks)

    changed = action.is_in(["Created", "Modified", "Deleted"])
    operation = pl.when(changed).then(pl.lit("config_change")).otherwise(action.str.to_lowercase())
    return df.select(
        pl.when(login).then(pl.lit("authentication")).otherwise(pl.lit("system")).alias("class"),
        pl.when(known).then(None).otherwise(pl.lit(value=False)).alias("own"),
        pl.col("time"), pl.lit(by_distinct(df["user"], _blanks)).alias("user"), "action", action.alias("event_code"),
        pl.when(login & denied).then(pl.lit("deny")).when(login & passed).then(pl.lit("allow")).alias("verdict"),
        pl.when(login & denied).then(pl.lit("failure")).when(login & passed).then(pl.lit("success")).alias("outcome"),
        pl.lit(told("ip")).alias("src_ip"), pl.lit(told("to")).alias("service"),
        pl.lit(told("auth")).alias("auth_method"),
        pl.when(login).then(pl.lit("administrator")).alias("auth_role"),
        pl.coalesce(pl.lit(told("error")), pl.lit(told("info")), pl.lit(told("trigger_event"))).alias("reason"),
        pl.lit(told("apparently_via")).alias("app"),
        operation.alias("operation"), pl.col("object"), pl.col("text").alias("message"),
    )  # fmt: skip


def _threatened(df: pl.DataFrame) -> pl.DataFrame:
    """What the threat protection detected; `hit_count` hits of a rule stand in one line."""
    known, rest, action = pl.col("pattern").is_not_null(), pl.col("rest"), pl.col("action")
    hits, asked = rest.str.extract(_HITS), rest.str.extract(_ASKED)
    return df.select(
        pl.when(known).then(pl.lit("finding")).otherwise(pl.lit("system")).alias("class"),
        pl.col("src").alias("src_ip"), pl.col("port").alias("src_port"), pl.col("server").alias("dst_ip"),
        pl.col("server_port").alias("dst_port"), "severity", "rule", "signature", pl.col("rule").alias("signature_id"),
        pl.col("category").alias("finding_category"), "action", action.alias("disposition"),
        pl.when(action == "DROP").then(pl.lit("deny")).when(action == "PASS").then(pl.lit("allow")).alias("verdict"),
        pl.when(asked != "NA").then(asked).alias("qname"),
        hits.cast(pl.Int64, strict=False).alias("event_count"),
        pl.when(hits.is_not_null()).then(pl.lit("aggregated")).alias("count_quality"),
        pl.col("text").alias("message"),
    )  # fmt: skip


def _answered(df: pl.DataFrame) -> pl.DataFrame:
    """Responses, rewritten names, and policy zones."""
    rest, rcode = pl.col("rest"), pl.col("rcode")
    df = df.with_columns(
        pl.coalesce(name, rest.str.extract(pattern)).alias(name) if name in df.columns
        else rest.str.extract(pattern).alias(name) for name, pattern in _RPZ.items()
    )  # fmt: skip
    records = pl.col("records").str.replace_all(_RECORD, "${1} ").str.strip_chars()
    policy = pl.col("policy").str.to_uppercase()
    denied = rcode.is_in(["REFUSED", "NOTAUTH"]) | (policy != "PASSTHRU")
    allowed = rcode.is_in(["NOERROR", "NXDOMAIN"]) | (policy == "PASSTHRU")
    response = (pl.col("pattern") == "response").fill_null(value=False)
    by_policy = policy.replace_strict({"NXDOMAIN": "NXDOMAIN", "NODATA": "NOERROR"}, default=None)
    phrase = pl.concat_str("action", policy, separator=" ", ignore_nulls=True)
    return df.select(
        pl.when(pl.col("pattern").is_not_null()).then(pl.lit("dns")).otherwise(pl.lit("system")).alias("class"),
        "time", pl.col("src").alias("src_ip"), pl.col("port").alias("src_port"),
        pl.col("server").alias("dst_ip"), pl.col("proto").alias("protocol"), pl.col("view").alias("virtual_device"),
        "qname", "qtype", "qclass", pl.coalesce("rcode", by_policy).alias("rcode"), "rule", "severity",
        pl.coalesce("answers", records).alias("answers"),
        pl.when(response).then(pl.lit("response")).otherwise(phrase).alias("action"),
        pl.col("pattern").replace({"response": "responses", "rewrite": "queries"}).alias("event_code"),
        pl.col("flags").str.starts_with("+").alias("recursion_desired"),
        pl.when(denied).then(pl.lit("deny")).when(allowed).then(pl.lit("allow")).alias("verdict"),
        pl.when(response).then(pl.lit("established")).alias("outcome"),
        pl.when(~response).then("text").alias("message"),
    )  # fmt: skip


FORMAT = Format(
    name="infoblox_nios",
    title="Infoblox NIOS",
    reference="https://docs.infoblox.com/space/nios90/280400764/Using+a+Syslog+Server",
    shape=shape,
    columns=_columns,
    not_a_host="^(?:client|debug)$",
)
