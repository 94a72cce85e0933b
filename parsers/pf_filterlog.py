r"""pf of pfSense, OPNsense and the BSDs: filtered packets, and what the firewall's daemons say of leases and logins.

Reference: https://docs.netgate.com/pfsense/en/latest/monitoring/logs/raw-filter-format.html; filterlog's
description.txt in the ports of pfSense and OPNsense (25.x: labels instead of numbers, ICMP by type and code); pflog(4),
pf.conf(5) and tcpdump(8) of FreeBSD and OpenBSD; messages of ISC dhcpd, Kea, dnsmasq, OpenVPN, sshd, php-fpm and audit;
read 2026-11-20.
Read: filterlog's values by commas with any header or none; one-line `tcpdump -n -e` of pflog0; DHCP, logins to VPN,
web and ssh, changes of the configuration, CARP, links, `last message repeated n times` (counts n). Every other
program's line is kept by its header.
Not read: lengths (of one packet: no bytes of a flow), sequence numbers and TCP options, IPv6 extension headers beyond
the first, tcpdump's second lines (`-v`), what IPsec, Unbound, HAProxy and Squid say beyond their header.

Verdict: pass is allow, block and synproxy-drop deny, rdr, nat, binat and scrub decide nothing. `rule` is the tracker or
label, else the rule's number. `in` names the interface by which the packet came, `out` the one by which it leaves; the
device has no word for inside and outside, so direction is empty. Path: a blocked TCP packet that does not ask for a
connection and `state-mismatch` are out_of_state; which addresses are the firewall's own is not said, so it is empty
else. `message` is the reason where it is not `match`, `app` the type of ICMP, or carp. A value at the end of a line
that ends too early may be half of one and is left out.
Time: the header's; tcpdump's own date or epoch where it prints one.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from parsers import _pf_messages as messages
from parsers._assemble import overlaid
from parsers._delimited import delimited
from parsers._format import Context, Format
from parsers._messages import match

_COMMON = ("rulenr", "subrule", "anchor", "tracker", "interface", "reason", "action", "way", "version")
_SIXTEEN = tuple(f"v{number}" for number in range(9, 24))
_V4 = {
    "number": "v15",
    "src_ip": "v18",
    "dst_ip": "v19",
    "src_port": "v20",
    "dst_port": "v21",
    "length": "v22",
    "flags": "v23",
}
_V6 = {
    "number": "v13",
    "src_ip": "v15",
    "dst_ip": "v16",
    "src_port": "v17",
    "dst_port": "v18",
    "length": "v19",
    "flags": "v20",
}
_VERDICTS = {"pass": "allow", "block": "deny", "synproxy-drop": "deny"}
_ACTIONS = ("pass", "block", "scrub", "nat", "binat", "rdr", "synproxy-drop")
_UNREADABLE = "neither filterlog's values nor a packet of pflog nor a line with a header"


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    program = pl.col("syslog_program")
    packet = (
        (program.is_null() | (program == "filterlog"))
        & pl.col("action").is_in(_ACTIONS)
        & pl.col("way").is_in(["in", "out", "in/out"])
        & pl.col("version").is_in(["4", "6"])
    ).fill_null(value=False)
    df = df.with_columns(packet=packet, newer=pl.col("version") == "6")
    df = df.with_columns(
        pl.when("newer").then(six).otherwise(four).alias(name)
        for name, four, six in ((name, _V4[name], _V6[name]) for name in _V4)
    )
    made = df.select(_packet())
    other = ~df["packet"]
    return overlaid(made, other, _others(df.filter(other))) if other.any() else made


@cache
def _packet() -> list[pl.Expr]:
    newer = pl.col("newer")
    behind = pl.col("_count").cast(pl.Int64) - pl.when(newer).then(17).otherwise(20)  # values behind the addresses
    number = pl.when(behind >= -2).then("number")
    ported = number.is_in(["6", "17"])
    fragment = ~newer & ~pl.col("v13").is_in(["0", ""]).fill_null(value=True)  # its line ends with the addresses
    kind, code = pl.col("src_port"), pl.col("length")
    typed = pl.when(kind.str.starts_with("datalength=")).then(_joined("dst_port", code)).otherwise(kind)
    return [
        pl.when("packet").then(pl.lit("network")).alias("class"),
        pl.when(~pl.col("packet")).then(pl.lit(_UNREADABLE)).alias("refused"),
        pl.col("action"),
        _verdict().alias("verdict"),
        _path(number == "6", pl.col("flags"), "A").alias("path"),
        number.alias("protocol"),
        pl.when(~pl.col("tracker").is_in(["0", ""])).then("tracker").otherwise("rulenr").alias("rule"),
        *_interfaces(),
        pl.when(behind >= 0).then("src_ip").alias("src_ip"),
        pl.when((behind > 0) | fragment).then("dst_ip").alias("dst_ip"),
        pl.when(ported & (behind > 1)).then("src_port").alias("src_port"),
        pl.when(ported & (behind > 2)).then("dst_port").alias("dst_port"),
        pl.when(number == "112").then(pl.lit("carp")).when(number.is_in(["1", "58"])).then(typed).alias("app"),
        _reason().alias("message"),
        (behind < pl.when(fragment).then(0).when(ported).then(3).otherwise(1)).alias("cut"),
    ]


def _joined(name: str, more: pl.Expr) -> pl.Expr:
    return pl.when(more != "").then(pl.concat_str(name, pl.lit(" "), more)).otherwise(name)


@cache
def _verdict() -> pl.Expr:
    return pl.col("action").replace_strict(_VERDICTS, default=None, return_dtype=pl.String)


@cache
def _reason() -> pl.Expr:
    return pl.when(pl.col("reason") != "match").then("reason")


def _path(tcp: pl.Expr, flags: pl.Expr, answer: str) -> pl.Expr:
    """`answer` is how the flags tell of ACK; a packet whose flags are not in the line says nothing."""
    opens = flags.str.contains("S", literal=True) & ~flags.str.contains(answer, literal=True)
    stray = (_verdict() == "deny") & tcp & ~opens & (flags != "")
    return pl.when(stray | (pl.col("reason") == "state-mismatch")).then(pl.lit("out_of_state"))


@cache
def _interfaces() -> list[pl.Expr]:
    return [
        pl.when(pl.col("way") == "in").then("interface").alias("in_interface"),
        pl.when(pl.col("way") == "out").then("interface").alias("out_interface"),
    ]


def _others(df: pl.DataFrame) -> pl.DataFrame:
    """tcpdump's lines, the daemons', and the rest, which is kept by its header or refused."""
    df = df.select("body", "syslog_program")
    printed = df["body"].str.extract_groups(messages.PACKET).struct.unnest()
    # The BSDs' syslogd says without a name how often it was told the same.
    told = pl.concat_str(pl.col("syslog_program").fill_null("syslogd"), pl.lit(": "), "body")
    daemon = match(df.select(told).to_series(), messages.DAEMONS)
    packet = printed["action"].is_in(_ACTIONS).fill_null(value=False)
    return overlaid(daemon.select(_told()), packet, printed.filter(packet).select(_printed()))


@cache
def _printed() -> list[pl.Expr]:
    rest, header = pl.col("rest"), pl.col("header").str.extract(r"proto [A-Za-z0-9-]+ \(([0-9]+)\)", 1)
    flags = rest.str.extract_groups(messages.TCP_FLAGS).struct
    found = pl.coalesce(flags[0], flags[1])
    word = rest.str.extract(r"^(?:HBH )?(?i:(icmp6?|igmp|esp|ah|gre|sctp|carp|ospf|pim|udp))", 1).str.to_lowercase()
    named = word.replace({"carp": "vrrp"})
    ported = pl.coalesce("src_port", "dst_port").is_not_null()
    protocol = (
        pl.when(found.is_not_null()).then(pl.lit("tcp"))
        .otherwise(pl.coalesce(header, named, pl.when(ported).then(pl.lit("udp"))))
    )  # fmt: skip
    answered = (
        pl.when(rest.str.contains(r"^[SFRPEWU.]+ .*\back ")).then(pl.concat_str(found, pl.lit("."))).otherwise(found)
    )
    return [
        pl.lit("network").alias("class"),
        pl.lit(None, pl.String).alias("refused"),
        pl.lit(True).alias("own"),
        pl.col("time").str.strip_chars_end(),
        pl.col("action", "src_port", "dst_port"),
        _verdict().alias("verdict"),
        _path(found.is_not_null(), answered, ".").alias("path"),
        pl.col("rule").str.replace("/$", ""),
        *_interfaces(),
        pl.coalesce("src4", "src6").alias("src_ip"),
        pl.coalesce("dst4", "dst6").alias("dst_ip"),
        protocol.alias("protocol"),
        pl.when(word == "carp").then(pl.lit("carp")).otherwise(
            rest.str.extract(r"^(?:HBH )?(?i:icmp6?)[,:]? ([^,\[]+)", 1)
        ).alias("app"),
        _reason().alias("message"),
    ]  # fmt: skip


@cache
def _told() -> list[pl.Expr]:
    pattern, action = pl.col("pattern"), pl.col("action")
    known = pattern.is_not_null()
    login, lease = pattern.is_in(list(messages.LOGINS)), pattern.is_in(messages.DHCP)
    event_class = (
        pl.when(login).then(pl.lit("authentication")).when(lease).then(pl.lit("dhcp")).otherwise(pl.lit("system"))
    )
    failed, over = action.str.contains(messages.FAILED), action.str.contains(messages.ENDED)
    outcome = pl.when(failed).then(pl.lit("failure")).when(~over).then(pl.lit("success"))
    verdict = pl.when(failed).then(pl.lit("deny")).when(~over).then(pl.lit("allow"))
    services = {name: service for name, (service, _) in messages.LOGINS.items()}
    roles = {name: role for name, (_, role) in messages.LOGINS.items()}
    service = pl.coalesce(pattern.replace_strict(services, default=None, return_dtype=pl.String), "service")
    return [
        pl.when(known).then(event_class).alias("class"),
        pl.when(~known).then(pl.lit(_UNREADABLE)).alias("refused"),
        pl.lit(False).alias("own"),
        action,
        pl.when(login).then(verdict).alias("verdict"),
        pl.when(login).then(outcome).alias("outcome"),
        pl.when(login).then(service.str.to_lowercase()).alias("service"),
        pattern.replace_strict(roles, default=None, return_dtype=pl.String).alias("auth_role"),
        pattern.replace_strict(messages.OPERATIONS, default=None, return_dtype=pl.String).alias("operation"),
        pl.coalesce("user", "named").alias("user"),
        pl.col("src_ip", "src_port", "dst_ip", "lease_ip", "lease_mac", "lease_name", "auth_method"),
        pl.when(lease).then("interface").alias("in_interface"),
        pl.col("object", "old", "new", "message"),
        pl.col("times").alias("event_count"),
        pl.when(pl.col("times").is_not_null()).then(pl.lit("aggregated")).alias("count_quality"),
        pl.when(lease).then(pl.lit("udp")).when(pattern == "ssh").then(pl.lit("tcp")).alias("protocol"),
        pl.lit(None, pl.String).alias("path"), pl.lit(None, pl.String).alias("rule"),
        pl.lit(None, pl.String).alias("out_interface"), pl.lit(None, pl.String).alias("app"),
        pl.lit(None, pl.String).alias("dst_port"), pl.lit(False).alias("cut"),
    ]  # fmt: skip


FORMAT = Format(
    name="pf_filterlog",
    title="pf (pfSense, OPNsense, FreeBSD, OpenBSD)",
    reference="https://docs.netgate.com/pfsense/en/latest/monitoring/logs/raw-filter-format.html",
    shape=delimited(*_COMMON, *_SIXTEEN, separator=",", quotes=False, brackets=False, collapse=False, nulls=()),
    columns=_columns,
    not_a_host="^rule$",
)
