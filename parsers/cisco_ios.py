"""Cisco IOS, IOS-XE and NX-OS: `%FACILITY-SEVERITY-MNEMONIC: text` of routers and switches.

Reference: Cisco IOS System Message Guide ("Message Format"), `service timestamps`, `service sequence-numbers`, `logging
origin-id`, `access-list … log` and `log-input` (IOS Security Configuration Guide, "IP Access List Logging"),
`ip inspect log drop-pkt` and `parameter-map type inspect … audit-trail` (Zone-Based Policy Firewall), `login on-failure
log` (Login Enhancements), NX-OS System Messages Reference. The manuals were not at hand on 2026-11-20: the texts are
those of public examples and of general knowledge.
Read: messages with and without each of priority, sequence numbers, origin id, time (`*` not set, `.` not synchronised,
milliseconds, year, NX-OS's year first), zone, or time since the start (`2y10w`, `00:01:02`), behind a relay's header or
not, with the priority twice, an octet count; a message of the forwarding plane within `IOSXE-…-PLATFORM`; a wireless
controller's task in front (`*task: `).
Not read: IOS-XR, debugging output beyond its text, NetFlow; a message without rule of its own keeps facility, severity,
mnemonic (`event_code`) and text, class `system`.

An access list (IPACCESSLOGP, DP, NP, RP, S, SP, their IPv6 and IOS-XE forms) counts: `1 packet` is exact, n packets are
aggregated. It looks at packets one by one, so src is the packet's sender, and what passes through or to the router is
not told (path is empty). IPACCESSLOGRL says how many were not logged: `system`, at least that many. A zone-based
firewall's session is allowed and both sides' bytes tell whether it came about; a pair with the zone `self` is not told
from others, so path is empty too. `message` of an ICMP packet is type/code. Of NX-OS's SYSTEM_MSG only what the login
program says is `authentication`.
Time: the device's own; without it (uptime) the relay's or receipt; without zone the source's. A zone's name is free
text of the configuration: one that the source's zone doesn't use is ignored.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from parsers._assemble import assembled
from parsers._cisco_ios_messages import MESSAGES, OPERATIONS, STATES, VERDICTS
from parsers._cisco_messages import FRAMED, Message, read
from parsers._cisco_zones import ABBREVIATIONS
from parsers._distinct import distinct_of
from parsers._format import Context, Format
from parsers._lines import Ints
from parsers._messages import whole
from parsers._views import no_values

_HOST = "[^ %:*.][^ %]*?"
_ORIGIN = (
    rf":? ?(?:(?P<first>[0-9]+): +)?(?:(?P<host>{_HOST}): +(?:(?P<second>[0-9]+): +)?"
    rf"|(?P<name>{_HOST}) +(?P<third>[0-9]+): +)?(?:(?P<last>[0-9]+): +)?"
)
"""Which of the numbers in front is the router's own: the last one; those before it are a relay's."""
_TIME = (
    r"(?:[A-Z][a-z]{2} +[0-9]{1,2} (?:[0-9]{4} )?|[0-9]{4} [A-Z][a-z]{2} +[0-9]{1,2} )[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
    r"(?:\.[0-9]+)?"
)
_STAMPED = (
    rf"{FRAMED}{_ORIGIN}(?:\*[0-9A-Za-z_]+: +)?[*.]?(?:(?P<time>{_TIME})(?: (?P<zone>[A-Za-z][0-9A-Za-z:+-]*))?"
    r"|(?:[0-9]+[ywdh])+[0-9]*|[0-9]{2,}:[0-9]{2}:[0-9]{2}): +(?P<note>.*)$"
)
_UNSTAMPED = rf"{FRAMED}(?:(?:{ABBREVIATIONS}): +)?{_ORIGIN}(?P<note>%.*)$"
_NEXUS = (
    r"^(?P<time>[0-9]{4} [A-Z][a-z]{2} +[0-9]{1,2} [0-9:]+(?:\.[0-9]+)?) (?P<host>[^ %]+) +"
    r"(?:[A-Z][a-z]{2} +[0-9]{1,2} [0-9:.]+ +)?(?P<note>%.*)$"
)
_TAG = r"^%(?P<code>[0-9A-Z_-]+)(?: ?:| ) *(?P<text>.*)$"
_CODE = re.compile(r"([0-9A-Z_]+)(?:-[0-9A-Z_]+)*?-([0-7])-(?=[0-9_]*[A-Z])([0-9A-Z_]+)")
_FORWARDING = r"^%IOSXE-[0-7]-PLATFORM: +[0-9A-Za-z/]+: +[a-z_]+: +QFP:[0-9.]+ +Thread:[0-9]+ +TS:[0-9]+ +(%.*)$"
_REPEATED = r"^last message repeated ([0-9]+) times?$"
_READABLE = r"^(?:(?:UTC|GMT)?[+-][0-9:]+|[A-Za-z]{1,5}|(?:UTC|GMT)[+-][0-9:]+)$"
_PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6")
_SERVICES = {"22": "ssh", "23": "telnet", "80": "http", "443": "https", "0": "console"}
_KINDS = {name: number for number, kind in enumerate(MESSAGES) for name in kind.ids.split()}
_UNREADABLE = "no %FACILITY-SEVERITY-MNEMONIC and no time of a router"


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    head = _heads(df["body"])
    notes = head["note"]
    within = notes.str.contains("%IOSXE-", literal=True).fill_null(value=False)
    if within.any():
        notes = notes.str.extract(_FORWARDING).fill_null(notes)
    tag = notes.str.extract_groups(_TAG).struct.unnest()
    told = _told(tag["code"])
    untold = told["number"].is_null()
    unreadable = notes.is_null() | (untold & notes.str.starts_with("%"))
    text = tag["text"].zip_with(~untold, notes)
    numbers = told["number"].fill_null(-1).to_numpy()

    def unread(rows: Ints) -> pl.DataFrame:
        return pl.DataFrame({"message": text.gather(rows), "operation": told["operation"].gather(rows)})

    parts: list[tuple[Ints, pl.DataFrame]] = []
    for number in np.unique(numbers[numbers >= 0]).tolist():
        kind = MESSAGES[number]
        found = read(text, np.flatnonzero(numbers == number), kind, unread)
        parts += [(rows, _finished(groups, kind)) for rows, groups in found]
    rest = np.flatnonzero((numbers < 0) & ~unreadable.to_numpy())
    if len(rest):
        parts.append((rest, _untagged(text.gather(rest))))
    made = assembled(parts, df.height)
    nothing = pl.lit(None, pl.String)
    return made.with_columns(
        pl.select(pl.when(unreadable).then(pl.lit(_UNREADABLE))).to_series().alias("refused"),
        (~untold).alias("own"),
        pl.select(pl.when(~untold).then(tag["code"]).otherwise(nothing)).to_series().alias("event_code"),
        told["severity"],
        head["time"], head["time_zone"], head["host"].alias("device"), head["sequence"],
    )  # fmt: skip


def _heads(body: pl.Series) -> pl.DataFrame:
    """The message and what stands in front of it: the device's name, its time and zone."""
    nothing = no_values(len(body))
    bare = body.str.starts_with("%")
    rest = nothing.zip_with(bare, body)
    stamped = rest.str.extract_groups(_STAMPED).struct.unnest()
    rest = nothing.zip_with(stamped["note"].is_not_null(), rest)
    time, zone, note = stamped["time"], stamped["zone"], stamped["note"]
    host = stamped["host"].fill_null(stamped["name"])
    sequence = _last_number(stamped)
    if rest.null_count() < len(rest):
        nexus = rest.str.extract_groups(_NEXUS).struct.unnest()
        plain = rest.str.extract_groups(_UNSTAMPED).struct.unnest()
        time = time.fill_null(nexus["time"])
        sequence = sequence.fill_null(nothing.zip_with(nexus["note"].is_not_null(), _last_number(plain)))
        host = host.fill_null(nexus["host"]).fill_null(nothing.zip_with(nexus["note"].is_not_null(), plain["host"]))
        note = note.fill_null(nexus["note"]).fill_null(plain["note"])
    return pl.DataFrame({
        # NX-OS writes the year first.
        "time": time.str.replace(r"^([0-9]{4}) (.*)$", "$2 $1"),
        "time_zone": zone.zip_with(zone.str.contains(_READABLE).fill_null(value=False), nothing),
        "host": host,
        "sequence": sequence,
        "note": body.zip_with(bare, note),
    })  # fmt: skip


def _last_number(head: pl.DataFrame) -> pl.Series:
    return head.select(pl.coalesce("last", "third", "second", "first")).to_series()


def _told(codes: pl.Series) -> pl.DataFrame:
    """Of each code: which of `MESSAGES` it is, its severity, what its facility is about; null for no code of IOS."""
    distinct, index = distinct_of(codes)
    found = [_CODE.fullmatch(code) for code in distinct.to_list()]
    return pl.DataFrame({
        "number": pl.Series([got and _KINDS.get(f"{got[1]}-{got[3]}", 0) for got in found], dtype=pl.Int64),
        "severity": pl.Series([got and got[2] for got in found], dtype=pl.String),
        "operation": pl.Series([got and OPERATIONS.get(got[1], got[1].lower()) for got in found], dtype=pl.String),
    }).select(pl.all().gather(index))  # fmt: skip


def _untagged(text: pl.Series) -> pl.DataFrame:
    """Messages without facility: debugging output, and how often the one before came again."""
    again = text.str.extract(_REPEATED)
    return pl.select(
        pl.lit("system").alias("class"),
        pl.when(again.is_not_null()).then(pl.lit("repeated")).alias("operation"),
        again.alias("event_count"),
        pl.when(again.is_not_null()).then(pl.lit("aggregated")).alias("count_quality"),
        text.alias("message"),
    )


def _finished(df: pl.DataFrame, kind: Message) -> pl.DataFrame:
    """What the groups of an expression mean, and what the mnemonic says."""
    df = df.with_columns(pl.lit(value).alias(name) for name, value in kind.says.items())
    for group, step in _STEPS.items():
        if group in df.columns:
            df = df.with_columns(step)
    if {"protocol", "src_port"} <= set(df.columns):
        with_ports = ~pl.col("protocol").is_in(["icmp", "icmpv6", "1", "58"]).fill_null(value=False)
        df = df.with_columns(pl.when(with_ports).then(name).alias(name) for name in ("src_port", "dst_port"))
    return df.drop(_GROUPS, strict=False)


def _count(group: str, quality: str) -> list[pl.Expr]:
    many = pl.col(group) != "1"
    return [
        pl.col(group).alias("event_count"),
        pl.when(many).then(pl.lit(quality)).otherwise(pl.lit("exact")).alias("count_quality"),
    ]


_SENT, _ANSWERED = (pl.col(name).cast(pl.Int64, strict=False) for name in ("bytes_out", "bytes_in"))
_STEPS: dict[str, list[pl.Expr]] = {
    "word": [pl.col("word").replace_strict(VERDICTS, default=None).alias("verdict"), pl.col("word").alias("action")],
    "packets": _count("packets", "aggregated"),
    "lost": [pl.col("lost").alias("event_count"), pl.lit("lower_bound").alias("count_quality")],
    "ended": [
        pl.when(pl.col("ended").is_not_null()).then(pl.lit("log_loss")).otherwise("operation").alias("operation")
    ],
    "state": [
        pl.col("state").replace_strict(STATES, default=None).alias("outcome"),
        pl.col("state").replace_strict(STATES, default=None)
        .replace_strict({"success": "allow", "failure": "deny"}, default=None).alias("verdict"),
    ],
    "bytes_out": [
        pl.when((_SENT > 0) & (_ANSWERED > 0)).then(pl.lit("established"))
        .when(_ANSWERED == 0).then(pl.lit("attempted")).alias("outcome")
    ],
    "zone_pair": [pl.coalesce("rule", "zones", "zone_pair").alias("rule")],
    "service_of": [
        pl.when(pl.col("service_of").is_in(_PROTOCOLS)).then("service_of").alias("protocol"),
        pl.when(~pl.col("service_of").is_in(_PROTOCOLS)).then("service_of").alias("app"),
    ],
    "login": [
        pl.lit("authentication").alias("class"), pl.lit("local_in").alias("path"),
        pl.lit("administrator").alias("auth_role"),
    ],
    "localport": [
        pl.col("localport").alias("dst_port"),
        pl.col("localport").replace_strict(_SERVICES, default=None).alias("service"),
    ],
}  # fmt: skip
"""Group → what it means."""
_GROUPS = ["word", "packets", "lost", "ended", "state", "zone_pair", "zones", "service_of", "login", "localport"]

FORMAT = Format(
    name="cisco_ios",
    title="Cisco IOS, IOS-XE, NX-OS",
    reference="https://www.cisco.com/c/en/us/td/docs/ios/system/messages/guide/consol_smg.html",
    shape=whole(),
    columns=_columns,
    header="host",
    not_a_host=":$",
)
