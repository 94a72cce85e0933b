r"""Linux netfilter: packets that iptables, nftables, ufw, firewalld, EdgeOS, VyOS and UniFi log, whatever the prefix.

Reference: https://ipset.netfilter.org/iptables-extensions.man.html "LOG"; the Linux kernel's
net/netfilter/nf_log_syslog.c (5.13 to 6.x; nf_log_ipv4.c and ipt_LOG.c before), which writes every line; ufw(8)
"LOGGING", VyOS "Firewall" (log prefixes), net/ipv4/route.c (martians), net/ipv4/tcp_input.c (SYN flooding),
net/netfilter/nf_conntrack_core.c; read 2026-11-20.
Read: lines of syslog, of dmesg (`[16571.459614] …`), of ulogd's LOGEMU and of the journal as JSON (`journalctl -o
json`) and of OpenWrt's logread (`kern.warn kernel: …`); ARP; lines that have lost their beginning on the way, as UniFi
gateways send them.
Not read: lengths (of one packet: no bytes of a flow), TTL, marks, UID and GID of the sending process, the packet within
an ICMP error, MAC= of links that are no Ethernet.

A packet is logged by a rule with a prefix of somebody's choice, and what became of it is another rule's business. So
the verdict comes from the prefix alone: the action in `[WAN_IN-2000-D]` (A accept, D drop, R reject; RET decides
nothing), else the words DROP, REJECT, BLOCK, DENY, ACCEPT, ALLOW as whole words; empty where it has none or both kinds.
`rule` is the prefix, `action` its word, `message` the DESCR of UniFi.
Path: a prefix with INVALID, and a denied TCP packet that does not ask for a connection (no SYN, or SYN and ACK), are
out_of_state; no OUT is local_in, no IN local_out; in PREROUTING nothing is known yet. ufw logs with `limit`, so its
lines are a lower bound. A martian is a packet that the kernel dropped for its address. What the kernel or the syslog
daemon did not log is class `system`, operation log_loss, `new` the number.
Time: the header's or the journal's; dmesg counts from the boot, which is no time.
"""

from __future__ import annotations

from copy import copy
from functools import cache

import numpy as np
import polars as pl

from parsers import _netfilter as netfilter
from parsers._assemble import overlaid
from parsers._distinct import per_distinct
from parsers._format import Chunk, Context, Format
from parsers._json import json_columns
from parsers._keyvalue import keyvalue
from parsers._lines import Lines, lines_of
from parsers._messages import match
from parsers._syslog import SEVERITIES
from parsers._views import strings

_pairs = keyvalue(*netfilter.KEYS)
_JOURNAL = (
    "MESSAGE",
    "SYSLOG_IDENTIFIER",
    "_HOSTNAME",
    "_SOURCE_REALTIME_TIMESTAMP",
    "__REALTIME_TIMESTAMP",
    "PRIORITY",
)
_BRACE = 123

_DENY = "DROP(?:PED|PING)?|REJECT(?:ED|ING)?|BLOCK(?:ED|ING)?|DENY|DENIED"
_ALLOW = "ACCEPT(?:ED|ING)?|ALLOW(?:ED|ING)?"
_CODED = r"\[([^\[\]]*?)-(A|D|R|RET)(-[0-9]+)?\]"
_CODES = {"A": "allow", "D": "deny", "R": "deny"}
_AT = r"[0-9A-Fa-f.:]+"
_BOOT = r"(?:(?:[0-9a-z]+\.[a-z]+ )?kernel: ?)?(?:\[ *[0-9]+\.[0-9]+\] ?)?"
_NOTICES = {
    "martian": rf"{_BOOT}(?:IPv4: )?(?P<action>martian (?:source|destination)) (?P<dst_ip>{_AT}) from "
    rf"(?P<src_ip>{_AT}), (?:on )?dev (?P<device>[^ ]+)",
    "flood": rf"{_BOOT}(?P<message>(?:TCP: )?(?:request_sock_TCP(?:v6)?: )?(?P<signature>[Pp]ossible SYN flooding) on "
    r"port (?:\[?(?P<dst_ip>[0-9A-Fa-f.:]+?)\]?:)?(?P<dst_port>[0-9]+)\..*)",
    "full": rf"{_BOOT}(?P<message>(?P<object>(?:nf|ip)_conntrack): .*table full, dropping packet.*)",
    "suppressed": rf"{_BOOT}(?P<message>(?P<object>[0-9A-Za-z_]+): (?P<new>[0-9]+) (?:callbacks|messages) "
    r"suppressed\.?)",
    "lost": r"(?P<message>(?P<object>.*?)(?::| lost) (?P<new>[0-9]+) messages (?:lost|from .*) due to "
    r"rate-limiting.*)",
    "losing": r"(?P<message>(?P<object>.*?):? begins? to drop messages.* due to rate-limiting.*)",
    "journal": r"(?P<message>(?:Suppressed|Missed) (?P<new>[0-9]+) (?:kernel )?messages(?: from (?P<object>.*))?)",
    "overrun": r"(?P<message>(?P<object>/dev/kmsg) buffer overrun, some messages lost\.)",
    "repeated": r"(?P<message>last message repeated (?P<times>[0-9]+) times)",
}
_OPERATIONS = {
    "full": "table_full", "suppressed": "log_loss", "lost": "log_loss", "losing": "log_loss", "journal": "log_loss",
    "overrun": "log_loss", "repeated": "repeated",
}  # fmt: skip
_OTHER_MAKER = "(?:^|kernel: )Firewall(?: rule [^ :]+)?: [A-Z]+ $"
"""The prefix of AlliedWare Plus: such lines are read, but are no sign of this format."""
_UNREADABLE = "neither a packet that netfilter logged nor a line with a header"


def _shape(lines: Lines) -> pl.DataFrame:
    """The pairs, the part in front of them and the message itself (`note`); entries of the journal by their MESSAGE."""
    note = strings(lines.text, lines.body, lines.end)
    entry = pl.Series(lines.text[lines.body] == _BRACE)
    if entry.any():
        # There is nothing to look for in the text of an object.
        lines = copy(lines)
        lines.body = np.where(entry.to_numpy(), lines.end, lines.body)
    df = _read(lines, note).with_columns(pl.lit(None, pl.String).alias(name) for name in _JOURNAL)
    if not entry.any():
        return df
    rows = entry.arg_true()
    journal = json_columns(note.gather(rows), *_JOURNAL)
    texts = journal["MESSAGE"].fill_null("")
    inner = lines_of(Chunk("".join(text + "\n" for text in texts.to_list()).encode()), "utf-8")
    found = _read(inner, texts).hstack(journal)
    return df.with_columns(df[name].scatter(rows, found[name]) for name in df.columns)


def _read(lines: Lines, note: pl.Series) -> pl.DataFrame:
    return _pairs(lines).hstack(netfilter.front(note)).with_columns(note.alias("note"))


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    headless = (
        pl.all_horizontal(pl.col("PROTO", "SPT", "DPT").is_not_null()) & pl.coalesce("LEN", "WINDOW").is_not_null()
    )
    headed = pl.col("in").is_not_null() & pl.coalesce("SRC", "PROTO", "IPSRC", "MAC", "MACSRC").is_not_null()
    packet = ((headed | headless) & _by_the_kernel()).fill_null(value=False)
    df = df.with_columns(packet=packet).hstack(_prefixes(df))
    df = netfilter.marked(df)
    made = df.select(
        pl.when("packet").then(pl.lit("network")).alias("class"),
        pl.when(~pl.col("packet")).then(pl.lit(_UNREADABLE)).alias("refused"),
        (~pl.col("prefix").str.contains(_OTHER_MAKER).fill_null(value=False)).alias("own"),
        pl.col("rule", "action", "verdict"),
        *netfilter.columns(),
        pl.col("DESCR").alias("message"),
        pl.when("limited").then(pl.lit("lower_bound")).alias("count_quality"),
        *_journal(),
    )  # fmt: skip
    other = ~df["packet"]
    return overlaid(made, other, _others(df.filter(other))) if other.any() else made


@cache
def _by_the_kernel() -> pl.Expr:
    """No other program's text, which a client may have written; `DENY:` in its place is the prefix of a rule."""
    program = pl.coalesce("syslog_program", "SYSLOG_IDENTIFIER")
    forwarded = pl.col("prefix").str.contains(r"^[0-9a-z]+\.[a-z]+ [^ ]+: ").fill_null(value=False)
    return (program.is_null() & ~forwarded) | program.is_in(_PROGRAMS) | (pl.col("prefix") == "")


def _prefixes(df: pl.DataFrame) -> pl.DataFrame:
    """What the prefix says; a log has few of them."""
    program = pl.col("syslog_program")
    named = program.is_not_null() & ~program.is_in(_PROGRAMS)
    prefix = df.select(pl.when((pl.col("prefix") == "") & named).then("syslog_program").otherwise("prefix")).to_series()
    value = pl.col("value")
    code, upper = value.str.extract(_CODED, 2), value.str.to_uppercase()
    word = pl.coalesce(
        value.str.extract(r"\[UFW ([A-Z ]+)\]", 1),
        upper.str.extract(rf"(?:^|[^A-Z])({_DENY}|{_ALLOW})(?:[^A-Z]|$)", 1),
    )
    denies, allows = (upper.str.contains(rf"(?:^|[^A-Z])(?:{words})(?:[^A-Z]|$)") for words in (_DENY, _ALLOW))
    said = pl.when(denies & ~allows).then(pl.lit("deny")).when(allows & ~denies).then(pl.lit("allow"))
    plain = value.str.replace(r'DESCR="[^"]*"?', "").str.strip_chars(' :[]"')
    coded = pl.concat_str(value.str.extract(_CODED, 1), value.str.extract(_CODED, 3).fill_null(""))
    return per_distinct(
        prefix,
        rule=pl.when(code.is_not_null()).then(coded).otherwise(plain),
        action=pl.coalesce(code, word),
        verdict=pl.when(code.is_not_null()).then(code.replace_strict(_CODES, default=None)).otherwise(said),
        invalid=upper.str.contains(r"(?:^|[^A-Z])INVALID(?:[^A-Z]|$)"),
        early=upper.str.contains("PRE-?_?ROUTING"),
        limited=value.str.contains("[UFW ", literal=True),
    )


@cache
def _journal() -> list[pl.Expr]:
    level = pl.col("PRIORITY").replace_strict({str(n): word for n, word in enumerate(SEVERITIES)}, default=None)
    written = pl.col("note").str.extract(f"^{_LEVEL} ").replace_strict(_LEVELS, default=None)
    return [
        pl.coalesce("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP").alias("time"),
        pl.col("_HOSTNAME").alias("device"),
        pl.coalesce(level, written).alias("severity"),
    ]


def _others(df: pl.DataFrame) -> pl.DataFrame:
    """What else the kernel says of packets, and what was not logged; entries of the journal by their fields."""
    df = df.drop("action").hstack(match(df["note"], _NOTICES))
    pattern, entry = pl.col("pattern"), pl.col("__REALTIME_TIMESTAMP").is_not_null() & (pl.col("note") != "")
    martian, flood, known = pattern == "martian", pattern == "flood", pattern.is_not_null()
    event_class = (
        pl.when(martian).then(pl.lit("network")).when(flood).then(pl.lit("finding")).otherwise(pl.lit("system"))
    )
    return df.select(
        pl.when(known | entry).then(event_class).alias("class"),
        pl.when(~known & ~entry).then(pl.lit(_UNREADABLE)).alias("refused"),
        (known & (pattern != "repeated")).fill_null(value=False).alias("own"),
        pl.when(martian).then(pl.lit("deny")).alias("verdict"),
        pl.col("action", "src_ip", "dst_ip", "dst_port", "signature"),
        pl.when(martian).then("device").alias("in_interface"),
        pl.when(flood).then(pl.lit("tcp")).alias("protocol"),
        pl.when(flood).then(pl.lit("anomaly")).alias("finding_category"),
        pattern.replace_strict(_OPERATIONS, default=None).alias("operation"),
        pl.col("object", "new"),
        pl.coalesce("message", "note").alias("message"),
        pl.lit(None, pl.String).alias("path"), pl.lit(False).alias("cut"),
        pl.col("times").alias("event_count"),
        pl.when(pl.col("times").is_not_null()).then(pl.lit("aggregated")).alias("count_quality"),
    )  # fmt: skip


_PROGRAMS = ("kernel", "ulogd", "ulogd2")
_LEVEL = r"(?:kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7])\.(?P<level>[a-z]+)"
"""Facility and level, which OpenWrt's `logread` and BusyBox write in front of the program."""
_LEVELS = dict(zip(("emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"), SEVERITIES, strict=True))
_NO_HOST = rf"^(?i:{_LEVEL}|(?:iptables|ip6tables|nftables|nft|netfilter|UFW|{_DENY}|{_ALLOW})(?:[:_-].*)?)$"

FORMAT = Format(
    name="linux_netfilter",
    title="Linux netfilter (iptables, nftables, ufw, UniFi)",
    reference="https://ipset.netfilter.org/iptables-extensions.man.html",
    shape=_shape,
    columns=_columns,
    not_a_host=_NO_HOST,
)
