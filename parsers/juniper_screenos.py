"""NetScreen and SSG firewalls (ScreenOS 4 to 6.3): traffic, screens, deep inspection, logins, VPN, the device itself.

Reference: ScreenOS Message Log Reference Guide 5.4, 6.2 and 6.3 (message ids, severities and texts), Concepts &
Examples, "Fundamentals" (traffic log: start_time, duration, policy_id, sent, rcvd, translated addresses, reason);
read 2026-11-20 in parts: deep inspection, URL filtering, leases and some logins go by general knowledge of the guide.
Read: syslog of `NetScreen device_id=… [vsys]system-level-00257(traffic): …`, whatever stands in front, and stored logs
(`[00001] 2026-11-20 10:00:00 [Root]system-…`).
Not read: WebTrends (WELF) and NSM's CSV; texts that the guide has in another form, antivirus among them, keep id,
level and message.

Verdict: Permit and Tunnel are allow, Deny and Reject deny. A closed session is established where both sides sent,
attempted where only the client did; `Creation` says nothing of it. Screens and deep inspection don't tell whether they
dropped (no verdict), but for what is `blocked`; they count (`Occurred n times`: aggregated).
Path: zone self is the device itself (local_in, local_out), and so is policy 320001. `rule` is policy_id,
`virtual_device` the vsys, `message` of a session its reason. sent is the client's. ICMP has no ports. A line that ends
within or right behind its destination has none: it may be half an address.
Time: `event_time` is the record's (header; the time in brackets behind a message; of traffic without a header's time
start and duration), `start_time` when a session began. All in the source's zone.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from parsers._assemble import assembled
from parsers._distinct import distinct_of
from parsers._format import Context, Format
from parsers._juniper_screenos_messages import CUT, HEAD, OTHERS, STORED, TRAFFIC
from parsers._lines import Ints
from parsers._messages import match, whole
from parsers._times import read

_STAMPED = r"^(?:<[0-9]{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} +[0-9]|[0-9]{4}-[0-9]{2}-)"
"""A header with a time."""
_OUTCOMES = {"logged on": "success", "accepted": "success", "successful": "success", "failed": "failure",
             "rejected": "failure", "denied": "failure"}  # fmt: skip
_LOGINS = ("web_login", "admin_session", "admin_checked", "timed_out", "ssh", "local", "user_checked")
_FINDINGS = {"attack": "anomaly", "older_attack": "anomaly", "inspected": "ips", "url": "webfilter"}
_OPERATIONS = {"policy": "config_change", "saved": "config_change", "changed": "config_change", "link": "link",
               "tunnel": "vpn", "ike_rejected": "vpn", "replayed": "vpn", "bad_spi": "vpn", "ike": "vpn"}  # fmt: skip
_WORDS = {
    "log_loss": r"(?i)\blog\b.*\b(?:overflow|lost)",
    "log_full": r"(?i)\blog\b.*\bfull",
    "log_cleared": r"(?i)\blog\b.*\bcleared",
    "vpn": r"(?i)\b(?:IKE|VPN|IPSec|L2TP|tunnel)\b",
    "ha": r"(?i)\b(?:NSRP|VSD|failover|HA)\b",
    "time": r"(?i)\b(?:NTP|system clock)\b",
    "reboot": r"(?i)\b(?:reset|reboot|restart|operational)\b",
    "routing": r"(?i)\b(?:OSPF|BGP|RIP|route)\b",
    "update": r"(?i)\b(?:signature|pattern file|licen[cs]e|subscription)\b",
}
_UNREADABLE = "no ScreenOS message: neither NetScreen device_id= nor system-level-id"


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Deals traffic and the other messages out, each read by its own expression."""
    head = _heads(df)
    traffic = head["note"].str.starts_with("start_time=").fill_null(value=False)
    parts: list[tuple[Ints, pl.DataFrame]] = []
    for wanted, make in ((traffic, _traffic), (head["note"].is_not_null() & ~traffic, _others)):
        rows = np.flatnonzero(wanted.to_numpy())
        if len(rows):
            parts.append((rows, make(head.filter(wanted), context)))
    made = assembled(parts, df.height)
    return made.hstack(
        head.select(
            pl.when(pl.col("note").is_null()).then(pl.lit(_UNREADABLE)).alias("refused"),
            pl.when(pl.col("note").is_not_null())
            .then(pl.coalesce("name", "syslog_program", "device_id"))
            .alias("device"),
            pl.when(pl.col("vsys") != "No Name").then("vsys").alias("virtual_device"),
            pl.col("code").alias("event_code"),
            pl.col("level").alias("severity"),
        )
    )


def _heads(df: pl.DataFrame) -> pl.DataFrame:
    """Name, device, vsys, level, id, and the message itself (`note`)."""
    head = df["body"].str.extract_groups(HEAD).struct.unnest().with_columns(pl.lit(None, pl.String).alias("at"))
    if head["note"].null_count():
        stored = df["text"].str.extract_groups(STORED).struct.unnest()
        head = head.with_columns(pl.coalesce(pl.col(name), stored[name]).alias(name) for name in stored.columns)
    return head.with_columns(df["text"].str.contains(_STAMPED).alias("stamped"), df["syslog_program"])


def _instants(texts: pl.Series, context: Context) -> tuple[pl.Series, pl.Series]:
    """µs UTC of times in the device's zone, read once for each text, and which rows have one."""
    distinct, index = distinct_of(texts)
    found = read(distinct, context)
    valid = pl.Series(found.valid).gather(index).fill_null(value=False)
    return pl.Series(found.us).gather(index), valid


def _traffic(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    flow = df["note"].str.extract_groups(TRAFFIC).struct.unnest()
    # TCP and UDP have ports behind the destination.
    ends = flow["protocol"].is_in(["6", "17"]) & flow["src_port"].is_null() & flow["behind"].is_null()
    cut = (flow["start"].is_null() | ends).fill_null(value=True)
    flow = flow.with_columns(pl.when(~cut).then("dst_ip").alias("dst_ip"))
    if flow["start"].null_count():
        less = df["note"].str.extract_groups(CUT).struct.unnest()
        flow = flow.with_columns(pl.coalesce(pl.col(name), less[name]).alias(name) for name in less.columns)
    us, valid = _instants(flow["start"], context)
    seconds = pl.col("seconds").cast(pl.Int64, strict=False)
    began = pl.when(valid).then(us)
    ended = pl.when(valid & ~df["stamped"]).then(
        us + flow["seconds"].cast(pl.Int64, strict=False).fill_null(0) * 1_000_000
    )
    action, reason = pl.col("action"), pl.col("reason").str.strip_chars()
    allowed = action.str.to_lowercase().is_in(["permit", "tunnel"])
    denied = action.str.to_lowercase().is_in(["deny", "reject"])
    sent, received = pl.col("sent").cast(pl.Int64, strict=False), pl.col("received").cast(pl.Int64, strict=False)
    portless = pl.col("protocol").is_in(["1", "58"])
    return flow.select(
        pl.lit("network").alias("class"),
        began.cast(pl.Datetime("us")).alias("start_time"),
        ended.cast(pl.Datetime("us")).alias("event_time"),
        pl.when(ended.is_not_null()).then(pl.lit("zone_assumed")).alias("time_quality"),
        cut.alias("cut"),
        pl.col("src_ip", "dst_ip", "protocol", "rule", "action"),
        *(pl.when(~portless).then(name).alias(name) for name in ("src_port", "dst_port")),
        *(pl.col(name).replace(("0.0.0.0", "::"), None) for name in ("nat_src_ip", "nat_dst_ip")),  # noqa: S104  an address in a log, nothing is bound
        *(pl.col(name).replace("0", None) for name in ("nat_src_port", "nat_dst_port", "session_id")),
        pl.col("service").replace("", None).alias("app"),
        sent.alias("bytes_out"),
        received.alias("bytes_in"),
        (seconds * 1000).alias("duration_ms"),
        pl.when(allowed).then(pl.lit("allow")).when(denied).then(pl.lit("deny")).alias("verdict"),
        pl.when(allowed & (received > 0)).then(pl.lit("established"))
        .when(allowed & (sent > 0)).then(pl.lit("attempted")).alias("outcome"),
        pl.when(reason.str.contains("(?i)syn check|non-?syn")).then(pl.lit("out_of_state"))
        .when((pl.col("dst_zone").str.to_lowercase() == "self") | (pl.col("rule") == "320001")).then(pl.lit("local_in"))
        .when(pl.col("src_zone").str.to_lowercase() == "self").then(pl.lit("local_out"))
        .when(pl.col("dst_ip").is_not_null()).then(pl.lit("forward")).alias("path"),
        reason.alias("message"),
    )  # fmt: skip


def _others(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Screens, inspection, logins, leases, changes and all else."""
    stamp = df["note"].str.extract(r"\(([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})\)\s*$", 1)
    note = df["note"].str.replace(r"\s*\([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\)\s*$", "")
    found = match(note, OTHERS)
    missing = [name for name in _READ if name not in found.columns]
    found = found.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
    pattern = pl.col("pattern")
    login, finding = (
        pattern.is_in(_LOGINS).fill_null(value=False),
        pattern.is_in(list(_FINDINGS)).fill_null(value=False),
    )
    count = pl.col("count").cast(pl.Int64, strict=False)
    blocked = finding & (pl.col("attack").str.contains("(?i)blocked") | pl.col("action").str.contains("(?i)^block"))
    passed = finding & pl.col("action").str.contains("(?i)^permit")
    web = pl.col("result").is_null() & (pattern == "web_login")
    outcome = (
        pl.when(blocked).then(pl.lit("blocked_later")).when(web).then(pl.lit("success"))
        .when(login).then(pl.col("result").replace_strict(_OUTCOMES, default=None, return_dtype=pl.String))
    )  # fmt: skip
    described = [pl.when(pl.col("note").str.contains(how)).then(pl.lit(what)) for what, how in _WORDS.items()]
    table = pattern.replace_strict(_OPERATIONS, default=None, return_dtype=pl.String)
    content = pl.col("attack").str.contains("^(?:ZIP|EXE) file|^Java|^ActiveX")
    kind = (
        pl.when(content)
        .then(pl.lit("file"))
        .when(finding)
        .then(pattern.replace_strict(_FINDINGS, default=None, return_dtype=pl.String))
    )
    user = pattern == "user_checked"
    return found.with_columns(note.alias("note")).select(
        pl.when(finding).then(pl.lit("finding")).when(login).then(pl.lit("authentication"))
        .when(pattern == "lease").then(pl.lit("dhcp")).otherwise(pl.lit("system")).alias("class"),
        pl.coalesce(stamp, df["at"]).alias("time"),
        pl.col("src_ip", "dst_port", "protocol", "rule", "in_interface", "lease_ip", "lease_mac", "object"),
        pl.col("src_port").replace("0", None),
        pl.coalesce("dst_ip", "peer").alias("dst_ip"),
        pl.col("user").str.strip_chars("\"'"),
        pl.col("new").str.to_lowercase(),
        pl.col("note").str.strip_chars().alias("message"),
        pl.when(count > 1).then(count).alias("event_count"),
        pl.when(count > 1).then(pl.lit("aggregated")).otherwise(pl.lit("exact")).alias("count_quality"),
        pl.when(blocked).then(pl.lit("deny")).when(passed).then(pl.lit("allow")).alias("verdict"),
        outcome.alias("outcome"),
        pl.coalesce("action", "result").alias("action"),
        pl.when(finding).then("action").alias("disposition"),
        kind.alias("finding_category"),
        pl.when(finding).then(pl.coalesce("attack", "category")).alias("signature"),
        pl.when(finding).then("url").alias("url"),
        pl.col("category"),
        pl.when(login).then(pl.when(user).then(pl.lit("firewall-user")).otherwise(pl.lit("administration"))).alias("service"),
        pl.when(login).then(pl.when(user).then(pl.lit("user")).otherwise(pl.lit("administrator"))).alias("auth_role"),
        pl.when(login).then("mode").alias("auth_method"),
        pl.col("reason"),
        pl.coalesce(table, *described, pl.lit("event")).alias("operation"),
    )  # fmt: skip


_READ = (
    "attack", "src_ip", "src_port", "dst_ip", "dst_port", "protocol", "in_interface", "count", "rule", "action",
    "url", "category", "reason", "user", "mode", "result", "lease_ip", "lease_mac", "object", "new", "peer",
)  # fmt: skip


FORMAT = Format(
    name="juniper_screenos",
    title="Juniper NetScreen/SSG (ScreenOS)",
    reference="https://www.juniper.net/documentation/software/screenos/screenos6.3.0/630_Messages.pdf",
    shape=whole(),
    columns=_columns,
)
