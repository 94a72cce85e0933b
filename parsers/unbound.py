"""Unbound: queries, replies, refusals, local zones, policy zones, validation, and the server's own messages.

Reference: unbound.conf(5) of Unbound 1.20 (`log-queries`, `log-replies`, `log-tag-queryreply`, `log-local-actions`,
`log-servfail`, `log-time-ascii`, `log-time-iso`, `use-syslog`, `rpz-log`), read 2026-11-20, and the messages in
util/log.c, util/net_help.c, services/localzone.c, services/rpz.c and daemon/worker.c.
Read: `[epoch] unbound[pid:thread] level: `, the same with an ASCII or ISO time, and syslog (`unbound[pid]: [pid:0]
info: `).
Not read: dnstap; debug lines of verbosity 3 and more are kept as messages of the server.

Verdict: a reply with REFUSED denies, another answer (NXDOMAIN too) allows, SERVFAIL decides nothing; a local zone
denies by `deny`, `refuse`, `always_…`, `inform_deny` and `block_a`, and allows by `transparent` and `inform`; a policy
zone denies, but for `rpz-passthru`, which allows, and `rpz-disabled` and `rpz-tcp-only`, which decide nothing.
Local data (`static`, `redirect`) are an answer, no decision.
A query is logged before it is decided on. Exceeding a rate limit is logged once, so its count is a lower bound.
`duration_ms` is the time to the reply; `cache_result` has no column here, so a reply from the cache has action
`cached reply`. `bytes_in` is the reply's size.
Time: the line's own before the header's; without zone the source's.
"""

from __future__ import annotations

import polars as pl

from parsers._format import Context, Format
from parsers._lines import Lines
from parsers._messages import match
from parsers._views import strings

_CLASS = "(?P<qclass>IN|CH|HS|ANY|NONE|CLASS[0-9]+)"
_TYPE = rf"(?P<qtype>[A-Z][A-Z0-9-]*) {_CLASS}"
_CLIENT = r"(?P<src_ip>[0-9A-Fa-f.:]+)(?:%[^ @]+)?"
_PORT = r"(?P<src_ip>[0-9A-Fa-f.:]+)(?:%[^ @]+)?@(?P<src_port>[0-9]+)"
_HEAD = (
    r"^(?:\[(?P<time>[0-9]{9,10}|[A-Z][a-z]{2} [ 0-9]{2} [0-9:]+)\] |(?P<stamp>[0-9-]+T[0-9:.+-]+Z?|"
    r"[A-Z][a-z]{2} +[0-9]+ [0-9:]+) )?(?:unbound(?:\[[0-9:]+\])?:? )?(?:\[(?P<thread>[0-9]+:[0-9a-f]+)\] )?"
    r"(?P<level>info|notice|warning|error|fatal error|debug|query|reply): (?P<message>.*)$"
)
_MESSAGES = {
    "reply": rf"{_CLIENT} (?P<qname>[^ ]+) {_TYPE} (?P<rcode>[A-Z]+[0-9]*) (?P<seconds>[0-9.]+) (?P<cached>[01]) "
    r"(?P<size>[0-9]+)(?: (?P<proto>udp|tcp|dot|doh|doq) (?P<server>[0-9A-Fa-f.:]+) (?P<server_port>[0-9]+))?",
    "unread": rf"{_CLIENT} - - - (?P<rcode>FORMERR) - - - ?",
    "query": rf"{_CLIENT} (?P<qname>[^ ]+) {_TYPE}",
    "cached": rf"reply from <(?P<zone>[^>]*)> {_CLIENT} (?P<qname>[^ ]+) {_TYPE} (?P<rcode>[A-Z]+[0-9]*) "
    r"(?P<seconds>[0-9.]+) (?P<cached>[01])(?: (?P<size>[0-9]+))?",
    "rpz": r"(?:rpz: )?applied (?:\[(?P<zone>[^\]]*)\] )?(?:(?P<trigger>[a-z]+) )?(?P<rule>[^ ]+) "
    rf"(?P<policy>rpz-[a-z-]+) (?:{_PORT})? ?(?P<qname>[^ ]+) {_TYPE}",
    "local": rf"(?P<rule>[^ ]+) (?P<policy>[a-z_]+) {_PORT} (?P<qname>[^ ]+) {_TYPE}",
    "servfail": rf"(?P<what>SERVFAIL) <(?P<qname>[^ ]+) {_TYPE}>: (?P<rest>.*)",
    "bogus": rf"(?P<what>validation failure) <?(?P<qname>[^ <]+) {_TYPE}>?(?P<rest>(?::? .*)?)",
    "refused": r"(?P<what>(?:refused|dropped) query) from (?:ip[46] )?(?P<src_ip>[0-9A-Fa-f.:]+) port "
    r"(?P<src_port>[0-9]+)(?P<rest>.*)",
    "limited": rf"(?P<what>ip_ratelimit exceeded) {_CLIENT} [0-9]+(?:\(cookie\))? "
    rf"(?:(?P<qname>[^ ]+) {_CLASS} (?P<qtype>[A-Z][A-Z0-9-]*)|\(no query name\))",
    "limiting": r"(?P<what>ratelimit exceeded) (?P<rule>[^ ]+) [0-9]+ query (?P<qname>[^ ]+) "
    rf"{_CLASS} (?P<qtype>[A-Z][A-Z0-9-]*)(?: from {_CLIENT})?",
    "service": r"(?P<what>[Ss]tart of (?:service|unbound)|service stopped|server stats|generate keytag|init module"
    r"|[Rr]estart of) ?(?P<rest>.*)",
}
_DENY = (
    "deny", "refuse", "always_deny", "always_refuse", "always_nxdomain", "always_nodata", "always_null", "inform_deny",
    "block_a", "rpz-nxdomain", "rpz-nodata", "rpz-drop", "rpz-local-data",
    "rpz-cname-override",
)  # fmt: skip
_ASKED = (
    "reply", "unread", "query", "cached", "rpz", "local", "servfail", "bogus", "refused", "limited", "limiting",
)  # fmt: skip
"""Messages about a query."""
_OPERATIONS = {
    "start of service": "start", "Start of unbound": "start", "start of unbound": "start", "service stopped": "stop",
    "restart of": "restart", "Restart of": "restart",
}  # fmt: skip
"""What the service says of itself → operation; the rest is called by its own words."""
_ALLOW = ("transparent", "typetransparent", "always_transparent", "inform", "rpz-passthru")


def _shape(lines: Lines) -> pl.DataFrame:
    """Time and level in front, and the groups of the message behind them."""
    head = strings(lines.text, lines.body, lines.end).str.extract_groups(_HEAD).struct.unnest()
    return head.hstack(match(head["message"], _MESSAGES).drop("time", strict=False))


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    kind, rcode, policy = pl.col("pattern"), pl.col("rcode"), pl.col("policy")
    program = pl.col("syslog_program") == "unbound"
    named = pl.col("message").is_not_null() & (pl.col("syslog_program").is_null() | program)
    # Without its name only a message that Unbound is known for tells that it is Unbound's.
    sure = program.fill_null(value=False) | pl.col("text").str.contains(r"\bunbound\b") | kind.is_not_null()
    asked = kind.is_in(_ASKED)
    failed = pl.when(pl.col("level") == "fatal error").then(pl.lit("failure"))
    answered = kind.is_in(["reply", "unread", "cached"])
    denied = (answered & (rcode == "REFUSED")) | policy.is_in(_DENY) | kind.is_in(["refused", "limited", "limiting"])
    allowed = (answered & rcode.is_in(["NOERROR", "NXDOMAIN"])) | policy.is_in(_ALLOW)
    action = (
        pl.when(answered & ((pl.col("cached") == "1") | pl.col("zone").is_not_null())).then(pl.lit("cached reply"))
        .when(answered).then(pl.lit("reply")).when(kind == "query").then(pl.lit("query"))
        .otherwise(pl.coalesce("policy", "what"))
    )  # fmt: skip
    codes = {
        "servfail": "SERVFAIL",
        "bogus": "SERVFAIL",
    }
    by_policy = {"rpz-nxdomain": "NXDOMAIN", "always_nxdomain": "NXDOMAIN", "rpz-nodata": "NOERROR",
                 "always_nodata": "NOERROR", "refuse": "REFUSED", "always_refuse": "REFUSED"}  # fmt: skip
    return df.select(
        pl.when(named & sure)
        .then(pl.when(asked.fill_null(value=False)).then(pl.lit("dns")).otherwise(pl.lit("system"))).alias("class"),
        pl.when(~(named & sure)).then(pl.lit("no message of Unbound")).alias("refused"),
        pl.coalesce("time", "stamp").alias("time"), pl.col("level").alias("severity"),
        "src_ip", "src_port", pl.col("server").alias("dst_ip"), pl.col("server_port").alias("dst_port"),
        pl.col("proto").replace({"dot": "tcp", "doh": "tcp", "doq": "udp"}).alias("protocol"),
        pl.when(pl.col("proto").is_in(["dot", "doh", "doq"])).then("proto").alias("app"),
        pl.when(asked).then(pl.lit("resolver")).alias("role"), "qname", "qtype", "qclass",
        pl.coalesce(rcode, kind.replace_strict(codes, default=None), policy.replace_strict(by_policy, default=None))
        .alias("rcode"),
        "rule", action.alias("action"), kind.alias("event_code"),
        pl.when(denied).then(pl.lit("deny")).when(allowed).then(pl.lit("allow")).alias("verdict"),
        pl.when(kind.is_in(["limited", "limiting"])).then(pl.lit("lower_bound")).alias("count_quality"),
        pl.when(answered).then(pl.lit("established")).alias("outcome"), pl.col("size").alias("bytes_in"),
        (pl.col("seconds").cast(pl.Float64, strict=False) * 1000).round().cast(pl.Int64).alias("duration_ms"),
        pl.when(~asked | kind.is_null())
        .then(pl.coalesce(pl.col("what").replace(_OPERATIONS), failed, pl.lit("server"))).alias("operation"),
        pl.when(~kind.is_in(["reply", "unread", "query", "cached"]) | kind.is_null()).then("message").alias("message"),
    )  # fmt: skip


FORMAT = Format(
    name="unbound",
    title="Unbound",
    reference="https://unbound.docs.nlnetlabs.nl/en/latest/manpages/unbound.conf.html",
    shape=_shape,
    columns=_columns,
    not_a_host=r"^(?:unbound)?\[",
)
