"""ISC BIND 9 (named): queries, refusals, updates, transfers, notifies, policy zones, rate limits, resolution.

Reference: BIND 9.20 Administrator Reference Manual, "logging" (categories, print-time, print-category, print-severity),
and the messages in lib/ns (client.c, query.c, update.c, xfrout.c, notify.c), lib/dns (rrl.c, resolver.c, validator.c,
zone.c, xfrin.c) and bin/named, versions 9.9 to 9.20; read 2026-11-20. Stale answers, keymgr,
frozen zones, check-names, delegation-only and the quota of the address database go by general knowledge.
Read: lines with or without each of syslog header, host and program, time (local, iso8601, iso8601-utc,
iso8601-tzinfo), category and severity; a client with or without its object (@0x…), key, name and view.
Not read: dnstap; the message dumps of category `unmatched`, whose lines are refused.

Class: `dns` where a query or something like it (transfer, update, notify) is told of; `authentication` where the
command channel turned somebody away; all else is the server's own state, `system`. A query is logged before it is
decided on, so it has no verdict; its refusal is another line (`denied`: deny, REFUSED). A policy zone (rpz) denies, but
for PASSTHRU, which allows, and TCP-ONLY and `disabled`, which decide nothing. Rate limiting denies while it drops,
slips or limits; `would …` and `stop …` don't. Where named asks another server (transfers from it, resolution), dst is
that server.
`action` is the message's own phrase, `event_code` the category, `virtual_device` the view, `user` the TSIG key. `role`
is told by the kind of message; a plain query doesn't tell. `protocol` comes from the flag T. A network that is limited
is no address: it stands in src_host. `message` is the message, but of a query only what follows the server's address.
Time: the line's own before the header's; without zone the source's.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from parsers._assemble import overlaid
from parsers._bind_lines import CATEGORIES, shape
from parsers._bind_messages import (
    CLIENT,
    MESSAGES,
    ODD_CLIENT,
    OF_ZONES,
    OPERATIONS,
    RCODES,
    ROLES,
    SERVER,
    SERVERS,
    SILENT,
)
from parsers._format import Context, Format
from parsers._messages import match

_UNREADABLE = "neither time, category, severity nor program, and no message that named is known for"


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    df = df.with_columns(nothing.alias(name) for name in ("client_view", "host") if name not in df.columns)
    if df["syslog_program"].null_count() < df.height:  # a header that holds the category where a program stands
        program = pl.col("syslog_program")
        df = df.with_columns(category=pl.coalesce("category", pl.when(program.is_in(CATEGORIES)).then(program)))
    made = df.select(
        pl.lit("dns").alias("class"),
        pl.lit("query").alias("action"),
        pl.col("time", "dst_ip", "qname", "qclass", "qtype", "recursion_desired"),
        pl.col("client_ip").alias("src_ip"),
        pl.col("client_port").alias("src_port"),
        pl.col("client_view").alias("virtual_device"),
        pl.col("category").alias("event_code"),
        pl.col("level").alias("severity"),
        pl.col("host").alias("device"),
        pl.when("tcp").then(pl.lit("tcp")).otherwise(pl.lit("udp")).alias("protocol"),
    )
    if "note" not in df.columns:
        return made
    return overlaid(made, ~df["plain"], _told(df.filter(~pl.col("plain"))))


def _told(df: pl.DataFrame) -> pl.DataFrame:
    """The columns of every message but the plain queries."""
    df = df.drop("dst_ip", "qname", "qclass", "qtype", "recursion_desired")
    df = _odd_clients(df) if df["odd"].any() else df.with_columns(client_key=pl.lit(None, pl.String))
    df = df.hstack(match(df["note"], MESSAGES))
    df = df.with_columns(_event_class().alias("class"), _rcode().alias("rcode"))
    return df.with_columns(_verdict().alias("verdict")).select(*_flow(), *_dns(), *_own_state())


def _odd_clients(df: pl.DataFrame) -> pl.DataFrame:
    """Reads the clients that carry a key or no address."""
    odd = match(df.select(pl.when("odd").then("note")).to_series(), ODD_CLIENT)
    read = odd["pattern"].is_not_null()
    names = ("client_ip", "client_port", "client_name", "client_view")
    return df.with_columns(
        *(pl.when(read).then(odd[name]).otherwise(name).alias(name) for name in names),
        client=pl.col("client") | read,
        client_key=odd["client_key"],
        note=pl.coalesce(odd["note"], "note"),
    )


@cache
def _is(*patterns: str) -> pl.Expr:
    return pl.col("pattern").is_in(patterns).fill_null(value=False)


@cache
def _event_class() -> pl.Expr:
    server = _is(*SERVERS) | (~pl.col("client") & (_is("crowded", "unsent") | pl.col("pattern").is_null()))
    other = pl.when(server).then(pl.lit("system")).otherwise(pl.lit("dns"))
    return pl.when(_is("command", "statistics")).then(pl.lit("authentication")).otherwise(other)


@cache
def _rcode() -> pl.Expr:
    """The answer's code where the message tells or implies one."""
    decision, kind = pl.col("decision"), pl.coalesce("kind", "policy").str.strip_chars_end()
    unfit = _is("notify") & pl.col("rest").str.contains("not authoritative", literal=True)
    named = pl.when(_is("resolving")).then("what").when(_is("failed", "fetch", "transfer_in")).then("rest")
    return pl.coalesce(
        "rcode",
        pl.when(_is("not_primary", "no_view") | (decision == "denied")).then(pl.lit("REFUSED")),
        pl.when(decision == "disabled").then(pl.lit("NOTIMP")),
        pl.when(unfit).then(pl.lit("NOTAUTH")),
        pl.when(_is("failed_before")).then(pl.lit("SERVFAIL")),
        pl.when(_is("bad_notify")).then(pl.lit("FORMERR")),
        pl.when(_is("delegation_only")).then(pl.lit("NXDOMAIN")),
        pl.when(kind == "NODATA").then(pl.lit("NOERROR")),
        pl.when(kind.str.contains(f"^(?:{RCODES})$")).then(kind),
        named.str.extract(rf"\b({RCODES})\b", 1),
    )


@cache
def _verdict() -> pl.Expr:
    """What named decided, not what became of it; that it could not is no decision."""
    decision, rcode, policy = pl.col("decision"), pl.col("rcode"), pl.col("policy")
    really = pl.col("would").is_null()
    limits = _is("limited", "limiting") & really & ~pl.col("what").str.starts_with("stop")
    refuses = _is("bad_transfer", "signature", "dropped", "no_view", "not_primary", "quota")
    refused = _is("failed", "response", "update_failed", "notify") & rcode.is_in(["REFUSED", "NOTAUTH"])
    rewritten = _is("rpz") & really & ~policy.is_in(["PASSTHRU", "TCP-ONLY"])
    unfit = _is("delegation_only") | (_is("names") & pl.col("what").str.ends_with("failure"))
    deny = decision.is_in(["denied", "disabled"]) | limits | refuses | refused | rewritten | unfit
    served = _is("transfer_out", "update", "notified", "forwarded") | (_is("rpz") & really & (policy == "PASSTHRU"))
    answered = _is("response") & rcode.is_in(["NOERROR", "NXDOMAIN"])
    allow = pl.when((decision == "approved") | served | answered).then(pl.lit("allow"))
    return pl.when(deny).then(pl.lit("deny")).otherwise(allow)


@cache
def _outcome() -> pl.Expr:
    rest, asks = pl.col("rest"), _is("resolving", "fetch", "transfer_in")
    silent = asks & (pl.col("what").str.contains(SILENT) | rest.str.contains(SILENT))
    done = asks & rest.str.contains(r"^Transfer (?:completed|status: success)|^success/|^ after ")
    ended = _is("transfer_out") & pl.col("what").str.ends_with("ended")
    both = done | ended | _is("response") | (asks & pl.col("rcode").is_not_null())
    established = pl.when(both).then(pl.lit("established"))
    attempted = pl.when(silent).then(pl.lit("attempted")).otherwise(established)
    return pl.when(_is("command", "statistics")).then(pl.lit("failure")).otherwise(attempted)


@cache
def _known() -> pl.Expr:
    """Lines that only named writes, as far as one line can tell."""
    program = pl.col("syslog_program")
    named = program.str.contains(r"\bnamed|^bind9?\b") | program.is_in(CATEGORIES)
    told = pl.col("headed") | pl.col("pattern").is_not_null() | pl.col("host").is_not_null()
    infoblox = pl.col("note").str.contains(r" response: [A-Z0-9]+ [+-]|^CEF:0\|")
    return (named.fill_null(value=False) | (program.is_null() & told) | pl.col("client")) & ~infoblox


@cache
def _flow() -> list[pl.Expr]:
    rest, flags = pl.col("rest"), pl.col("flags")
    mine = pl.when(_is("transfer_in")).then(rest).str.extract_groups(f"^connected using {CLIENT}").struct
    peer = pl.when(_is("zone")).then(rest).str.extract_groups(f"(?:primary|master|notify to) {SERVER}").struct
    net = pl.when(~pl.col("net").is_in(["/32", "/128"])).then(pl.concat_str("src_ip", "net"))
    over = pl.when(flags.str.contains("T", literal=True)).then(pl.lit("tcp")).otherwise(pl.lit("udp"))
    seconds = pl.coalesce("seconds", rest.str.extract(r"([0-9.]+) secs", 1)).cast(pl.Float64, strict=False)
    transfer = pl.when(_is("transfer_out", "transfer_in")).then(rest)
    return [
        pl.col("class", "time", "verdict"),
        pl.when(~_known() & (pl.col("time").is_null() | pl.col("syslog_program").is_not_null()))
        .then(pl.lit(_UNREADABLE))
        .alias("refused"),
        _known().alias("own"),
        pl.col("host").alias("device"),
        pl.coalesce("client_view", "view").alias("virtual_device"),
        pl.col("category").alias("event_code"),
        pl.col("level").alias("severity"),
        pl.when(_asked()).then(pl.lit("query")).otherwise(_phrase()).alias("action"),
        (_asked() & pl.col("pattern").is_null()).alias("cut"),
        _outcome().alias("outcome"),
        pl.coalesce("client_ip", net, "src_ip", mine.field("src_ip")).alias("src_ip"),
        pl.coalesce("client_port", "src_port", mine.field("src_port")).alias("src_port"),
        pl.coalesce("dst_ip", peer.field("dst_ip")).alias("dst_ip"),
        pl.coalesce("dst_port", peer.field("dst_port")).alias("dst_port"),
        pl.when(flags.is_not_null() & pl.col("dst_ip").is_not_null()).then(over).alias("protocol"),
        transfer.str.extract(r"([0-9]+) bytes,", 1).alias("bytes_in"),
        (seconds * 1000).round().cast(pl.Int64).alias("duration_ms"),
        # A key is a name, whose signs named escapes: PC1\$\@REALM.
        pl.coalesce("user", "client_key").str.replace_all(r"\\([^0-9])", "$1").alias("user"),
        pl.when(_is("query")).then("rest").otherwise("note").alias("message"),
    ]


@cache
def _asked() -> pl.Expr:
    return pl.col("client") & pl.col("note").str.starts_with("query: ")


@cache
def _phrase() -> pl.Expr:
    return pl.concat_str("what", "decision", separator=" ", ignore_nulls=True)


@cache
def _dns() -> list[pl.Expr]:
    asked = pl.when(_is("denied")).then("what")
    by_ask = pl.when(asked.is_in(["query (cache)", "recursion"])).then(pl.lit("resolver"))
    zones = pl.when(asked.is_not_null() & (asked != "query-on")).then(pl.lit("authoritative"))
    by_message = pl.col("pattern").replace_strict(ROLES, default=None, return_dtype=pl.String)
    return [
        pl.col("qclass", "qtype", "rcode", "rule", "answers", "dst_host"),
        pl.coalesce("record", "qname", "client_name").alias("qname"),
        pl.coalesce(by_ask, zones, by_message).alias("role"),
        pl.col("flags").str.starts_with("+").alias("recursion_desired"),
    ]


@cache
def _own_state() -> list[pl.Expr]:
    """Columns of the classes system and authentication."""
    system, command = pl.col("class") == "system", pl.when(_is("command", "statistics"))
    of_zone = pl.when(_is("zone")).then(pl.coalesce(_operation("rest", OF_ZONES), pl.lit("zone")))
    control = pl.when(_is("control")).then(pl.lit("control"))
    operation = pl.coalesce(control, of_zone, _operation("note", OPERATIONS), "category")
    return [
        pl.when(system).then(operation).alias("operation"),
        pl.col("object"),
        pl.coalesce("new", pl.when(_is("zone")).then(pl.col("rest").str.extract(r"serial ([0-9]+)", 1))).alias("new"),
        pl.col("result").str.strip_chars_start(),
        command.then(pl.when(_is("statistics")).then(pl.lit("statistics")).otherwise(pl.lit("rndc"))).alias("service"),
        command.then(pl.lit("administrator")).alias("auth_role"),
        command.then("rest").alias("reason"),
    ]


def _operation(text: str, table: dict[str, str]) -> pl.Expr:
    return pl.coalesce(pl.when(pl.col(text).str.contains(p)).then(pl.lit(name)) for p, name in table.items())


FORMAT = Format(
    name="bind",
    title="ISC BIND 9",
    reference="https://bind9.readthedocs.io/en/v9.20/reference.html#logging-block-grammar",
    shape=shape,
    columns=_columns,
    not_a_host="^(?:client|debug)$",
)
