"""WatchGuard Firebox (Fireware): traffic, proxy actions, alarms, events and diagnostics.

Reference: Fireware v12.3 and v12.6 "Log Message Catalog" (ids and texts of traffic, alarm, event and diagnostic
messages), Fireware Help, "Read a Log Message" (disposition, interfaces, sizes, policy, src_ip_nat, sent_bytes); read
2026-11-20.
Read: syslog (`80… (2026-11-20T01:00:00) firewall: msg_id="3000-0148" Allow 1-Trusted 0-External 52 tcp 20 127 …`)
with and without serial number, time and id; IBM LEEF; Traffic Monitor (`Allow 10.0.1.2 192.0.2.80 http/tcp …`).
Not read: WGL/XML files of WSM; sentences that the catalog has in another form keep id and text.

Verdict: the first word, Allow or Deny, also where a proxy stripped, locked or replaced the content (`action` is then
the proxy's word). A proxy, IPS, antivirus or application control decides within a connection: Deny is
`blocked_later`. What proxies allow or deny is a finding, their `… request` records are http, email, dns or network.
An alarm that says how many packets were dropped stands for these (aggregated, deny); blocked sites and ports are
deny; what is only detected has no verdict. A connection is established where both sides sent; sent_bytes are the
client's.
Path: the interface Firebox is the box itself (local_in, local_out); `tcp syn checking failed`, and a denied packet
whose flags are no lone S, are out_of_state. `rule` is the policy. Of an ICMP message the two numbers are no ports. Of
two interfaces with blanks in their names only Firebox is told apart.
Time: the one in brackets is UTC; without it, and in LEEF, the header's.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from parsers._assemble import overlaid
from parsers._cef import begins
from parsers._distinct import distinct_of
from parsers._format import Context, Format
from parsers._keyvalue import keyvalue
from parsers._lines import Lines
from parsers._messages import match
from parsers._watchguard_firebox_leef import PREFIX, firebox_leef
from parsers._watchguard_firebox_messages import (
    ALARMS,
    FLOW,
    HEAD,
    LEASES,
    LOGINS,
    MONITOR,
    NAMED,
    NAMES,
    STATES,
    USUAL,
    meaning,
)

_KEYS = (
    "msg_id", "msg", "op", "method", "dstname", "arg", "host", "path", "sni", "cn", "sent_bytes", "rcvd_bytes",
    "sent_pkts", "rcvd_pkts", "duration", "elapsed_time", "src_user", "authenticated_user", "user", "src_ip_nat",
    "src_port_nat", "dst_ip_nat", "dst_port_nat", "app_name", "app_id", "signature_name", "signature_id", "severity",
    "virus", "md5", "sha256", "cats", "reputation", "dlp_rule", "dlp_sensor", "threat_level", "sender", "recipients",
    "from", "to", "address", "filename", "file_name", "file", "attachment", "content_type", "tls_version", "email_len",
    "question", "query_type", "record_type", "query_class", "action", "error", "rule_name",
)  # fmt: skip
_FOUND = (
    "pattern", "attack", "src_ip", "src_port", "dst_ip", "dst_port", "src_mac", "count", "reason", "policy", "user",
    "result", "what", "lent", "object", "old", "new", "role", "local", "local_port", "remote", "remote_port", "in_if",
    "user2", "lease_ip", "lease_mac", "lease_name",
)  # fmt: skip
_OUTCOMES = {
    "logged in": "success", "accepted": "success", "Created": "success", "authenticated": "success",
    "rejected": "failure", "log in attempt was rejected": "failure", "failed": "failure", "error": "failure",
    "Rejected": "failure", "failed to meet": "failure",
}  # fmt: skip
_SERVICES = (
    (r"(?i)^(?:management|wsm|webui|cli)", "administration"), (r"(?i)ssl", "ssl-vpn"),
    (r"(?i)vpn|ipsec|ikev2|l2tp", "ipsec-vpn"), (r"(?i)mobile device|fireclient", "mobile-security"),
)  # fmt: skip
_UNREADABLE = "no Firebox message: neither an id nor Allow or Deny in its place"


_pairs, _leef = keyvalue(*_KEYS), firebox_leef(_KEYS)


def _shape(lines: Lines) -> pl.DataFrame:
    """LEEF where a line begins with it, else the pairs of a message."""
    begin = begins(lines, b"LEEF:")
    marked = (begin >= lines.body) & (begin <= lines.body + len("Member99 "))
    df = _pairs(lines)
    if not marked.any():
        return df
    made = _leef(lines).with_columns(_cut=pl.lit(value=False))
    rows = pl.Series(marked).arg_true()
    parts = [name for name in made.columns if name not in df.columns]
    return df.with_columns(
        df[name].scatter(rows, made[name].gather(rows)) for name in made.columns if name in df.columns
    ).with_columns(made.select(parts), _leef=marked)


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    df = df.with_columns(pl.col("user").alias("user_key"))
    df = df.hstack(_heads(df["body"]))
    flow = _with_names(df["rest"], df["rest"].str.extract_groups(FLOW).struct.unnest())
    flow = flow.with_columns(pl.lit(None, pl.String).alias(name) for name in ("service", "policy"))
    if flow["said"].null_count():
        flow = _with_monitor(df, flow)
    df = df.drop("user").hstack(flow).with_columns(pl.coalesce("code", "msg_id").alias("code"))
    if "_leef" in df.columns:
        parts = [name.removeprefix(PREFIX) for name in df.columns if name.startswith(PREFIX)]
        df = df.with_columns(pl.when("_leef").then(f"{PREFIX}{name}").otherwise(name).alias(name) for name in parts)
    df = df.hstack(_meanings(df))
    found = _told(df.select(pl.when(pl.col("said").is_null() & _mine()).then("rest")).to_series())
    df = df.with_columns(
        pl.coalesce(pl.col(name), found[name]).alias(name) for name in found.columns if name in df.columns
    )
    df = df.hstack(found.drop([name for name in found.columns if name in df.columns]))
    return df.select(*_record(), *_flow(), *_decision(), *_content(), *_own_state())


def _heads(bodies: pl.Series) -> pl.DataFrame:
    """Serial number, member, time, message id, and the message itself."""
    head = bodies.str.extract_groups(USUAL).struct.unnest().with_columns(pl.lit(None, pl.String).alias("member"))
    odd = head["rest"].is_null()
    if odd.any():
        other = bodies.filter(odd).str.extract_groups(HEAD).struct.unnest()
        other = other.with_columns(pl.coalesce("rest", bodies.filter(odd)).alias("rest"))
        head = overlaid(head, odd, other.select(head.columns))
    return head


@cache
def _mine() -> pl.Expr:
    """Lines with a message id or the box's own time."""
    return pl.col("code").is_not_null() | pl.col("utc").is_not_null()


def _with_names(rests: pl.Series, flow: pl.DataFrame) -> pl.DataFrame:
    """Messages with blanks in the names of interfaces: where the one name ends only `Firebox` tells."""
    wide = flow["said"].is_null() & rests.str.contains("^(?:Allow|Deny) ").fill_null(value=False)
    if not wide.any():
        return flow
    found = rests.filter(wide).str.extract_groups(NAMED).struct.unnest()
    ways, box = pl.col("ways"), "Firebox"
    found = found.with_columns(
        in_if=pl.when(ways.str.starts_with(f"{box} ")).then(pl.lit(box)).otherwise(ways.str.extract(f"^(.*) {box}$")),
        out_if=pl.when(ways.str.ends_with(f" {box}")).then(pl.lit(box)).otherwise(ways.str.extract(f"^{box} (.*)$")),
    )
    return overlaid(flow, wide, found.select(flow.columns))


def _with_monitor(df: pl.DataFrame, flow: pl.DataFrame) -> pl.DataFrame:
    """Lines of Traffic Monitor, where the others leave a gap."""
    bodies = df.select(pl.when(flow["said"].is_null()).then("body")).to_series()
    if not bodies.str.contains("^(?:Member[0-9]+ )?(?:Allow|Deny) ").any():
        return flow
    shown = bodies.str.extract_groups(MONITOR).struct.unnest()
    return flow.with_columns(
        pl.coalesce(pl.col(name), shown[name]).alias(name) for name in shown.columns if name in flow.columns
    )


def _meanings(df: pl.DataFrame) -> pl.DataFrame:
    parts = [pl.col(name).fill_null("") for name in ("code", "said", "msg")]
    distinct, index = distinct_of(df.select(pl.concat_str(*parts, separator="\x00")).to_series())
    told = [meaning(*text.split("\x00", 2)) for text in distinct.to_list()]
    made = {name: pl.Series([row[at] for row in told], dtype=pl.String) for at, name in enumerate(NAMES)}
    return pl.DataFrame(made).select(pl.all().gather(index).name.prefix("_"))


def _told(texts: pl.Series) -> pl.DataFrame:
    """What the sentences say that are no traffic."""
    found = match(texts, ALARMS | LOGINS | LEASES | STATES)
    missing = [name for name in _FOUND if name not in found.columns]
    return found.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)


@cache
def _is(*classes: str) -> pl.Expr:
    return pl.col("_class").is_in(classes).fill_null(value=False)


def _told_as(table: dict[str, str]) -> pl.Expr:
    return pl.col("pattern").is_in(list(table)).fill_null(value=False)


_POLICY = pl.col("pattern").eq_missing("policy")
_ALARM = pl.col("pattern").is_in([name for name in ALARMS if name != "policy"]).fill_null(value=False)


@cache
def _finding() -> pl.Expr:
    return _is("finding") | _ALARM


@cache
def _record() -> list[pl.Expr]:
    """Class, time, and the text of a message beside its numbers."""
    other = (
        pl.when(_ALARM).then(pl.lit("finding")).when(_POLICY).then(pl.lit("network"))
        .when(_told_as(LOGINS)).then(pl.lit("authentication")).when(_told_as(LEASES)).then(pl.lit("dhcp"))
        .otherwise(pl.lit("system"))
    )  # fmt: skip
    read = pl.col("said").is_not_null() | _mine()
    words = pl.when(pl.col("msg").is_null()).then("tail").str.extract(r"^([^=]*?) *(?:\([^()]*\))?$", 1)
    count = pl.col("count").cast(pl.Int64, strict=False)
    return [
        pl.when(read).then(pl.coalesce("_class", other)).alias("class"),
        pl.when(~read).then(pl.lit(_UNREADABLE)).alias("refused"),
        pl.concat_str(pl.col("utc"), pl.lit("Z")).alias("time"),
        pl.col("_cut").alias("cut"),
        pl.when(pl.col("syslog_host").is_null()).then(pl.coalesce("serial", "member")).alias("device"),
        pl.col("code").alias("event_code"),
        pl.col("severity").alias("severity"),
        pl.when(pl.col("said").is_null()).then("rest").otherwise(pl.coalesce("msg", words)).alias("message"),
        pl.when(count > 1).then(count).alias("event_count"),
        pl.when(count > 1).then(pl.lit("aggregated")).otherwise(pl.lit("exact")).alias("count_quality"),
    ]


@cache
def _flow() -> list[pl.Expr]:
    """Who spoke with whom."""
    responder = pl.col("role") == "responder"
    portless = pl.col("protocol").str.contains("(?i)^(?:icmp|igmp|ipv6-icmp|icmpv6|1|2|58)")
    seconds = [pl.col(name).str.extract("^([0-9.]+)", 1) for name in ("duration", "elapsed_time")]
    duration = pl.coalesce(seconds).cast(pl.Float64, strict=False) * 1000

    def end(name: str, initiator: str, answering: str) -> pl.Expr:
        negotiated = pl.when(responder).then(answering).otherwise(initiator)
        return pl.coalesce(name, negotiated).alias(name)

    policy = pl.coalesce("policy", pl.when(~pl.col("_cut")).then(pl.col("rest").str.extract(r" \(([^()=]*)\) *$", 1)))
    return [
        end("src_ip", "local", "remote"),
        end("dst_ip", "remote", "local"),
        pl.when(~portless.fill_null(value=False)).then(end("src_port", "local_port", "remote_port")),
        pl.when(~portless.fill_null(value=False)).then(end("dst_port", "remote_port", "local_port")),
        pl.col("src_mac", "protocol"),
        pl.coalesce("app_name", "service", "_app").alias("app"),
        pl.when(pl.col("said").is_not_null() | _ALARM | _POLICY).then(policy).alias("rule"),
        pl.col("in_if").alias("in_interface"), pl.col("out_if").alias("out_interface"),
        pl.col("sent_bytes").alias("bytes_out"), pl.col("rcvd_bytes").alias("bytes_in"),
        pl.col("sent_pkts").alias("packets_out"), pl.col("rcvd_pkts").alias("packets_in"),
        duration.round().cast(pl.Int64).alias("duration_ms"),
        pl.coalesce("src_user", "authenticated_user", "user_key", "user", "user2").alias("user"),
        pl.coalesce("src_ip_nat", "lent").alias("nat_src_ip"), pl.col("src_port_nat").alias("nat_src_port"),
        pl.col("dst_ip_nat").alias("nat_dst_ip"), pl.col("dst_port_nat").alias("nat_dst_port"),
        pl.coalesce("dstname", "host", "sni").alias("dst_host"),
    ]  # fmt: skip


@cache
def _decision() -> list[pl.Expr]:
    """Verdict, outcome and path."""
    said, code = pl.col("said"), pl.col("code")
    dropped = pl.col("count").is_not_null() | pl.col("attack").is_in(["Blocked site", "Blocked port"])
    dropped |= pl.col("attack") == "Temporarily blocking host"
    verdict = (
        pl.when(said == "Allow").then(pl.lit("allow")).when(said == "Deny").then(pl.lit("deny"))
        .when(dropped).then(pl.lit("deny"))
    )  # fmt: skip
    sent, received = (pl.col(name).cast(pl.Int64, strict=False) for name in ("sent_bytes", "rcvd_bytes"))
    passed = (said == "Allow") & _is("network", "http", "email", "dns")
    login = pl.col("result").replace_strict(_OUTCOMES, default=None, return_dtype=pl.String)
    outcome = (
        pl.when(_is("finding")).then("_later")
        .when(passed & (received > 0)).then(pl.lit("established"))
        .when(passed & (sent > 0)).then(pl.lit("attempted"))
        .when(_told_as(LOGINS)).then(login)
    )  # fmt: skip
    stray = pl.col("rest").str.contains("(?i)tcp syn checking failed")
    stray |= (
        _is("network") & (said == "Deny") & code.is_in(["3000-0148", "3000-0173"]) & ~pl.col("flags").is_in(["S", ""])
    )
    path = (
        pl.when(said.is_null()).then(None)
        .when(stray).then(pl.lit("out_of_state"))
        .when(pl.col("out_if") == "Firebox").then(pl.lit("local_in"))
        .when(pl.col("in_if") == "Firebox").then(pl.lit("local_out")).otherwise(pl.lit("forward"))
    )  # fmt: skip
    word = pl.coalesce("_word", said)
    return [
        verdict.alias("verdict"),
        outcome.alias("outcome"),
        path.alias("path"),
        pl.coalesce(word, pl.when(_told_as(STATES | LOGINS | LEASES)).then("result")).alias("action"),
        pl.when(_is("finding")).then(word).alias("disposition"),
    ]


@cache
def _content() -> list[pl.Expr]:
    """What was asked, mailed or found."""
    url = pl.coalesce("arg", "path")
    web, finding = _is("http", "finding"), pl.when(_finding())
    mail = pl.col("_app").is_in(["smtp", "pop3", "imap"])
    address = pl.col("msg").str.extract(r"(From|To) address|Mail (From) address", 0)
    named = pl.coalesce("signature_name", "virus", "app_name", "dlp_rule", "attack", "cats")
    alarm = pl.when(_ALARM & (pl.col("pattern") == "apt")).then(pl.lit("sandbox")).when(_ALARM).then(pl.lit("anomaly"))
    return [
        pl.when(_is("http")).then(pl.lit("proxy")).alias("role"),
        pl.coalesce("op", "method").alias("method"),
        url.alias("url"),
        url.str.extract(r"^([^?]*)").alias("url_path"),
        url.str.extract(r"^[^?]*\?(.*)$").alias("url_query"),
        pl.when(web).then(pl.coalesce("dstname", "host", "sni")).alias("url_host"),
        pl.col("sni", "content_type", "tls_version"),
        pl.col("cats").alias("category"),
        pl.col("question").alias("qname"), pl.coalesce("query_type", "record_type").alias("qtype"),
        pl.col("query_class").alias("qclass"),
        pl.coalesce("sender", "from", pl.when(address.str.contains("From")).then("address")).alias("mail_from"),
        pl.coalesce("recipients", "to", pl.when(address.str.contains("To")).then("address")).alias("mail_to"),
        pl.col("email_len").alias("size"),
        pl.when(mail).then(pl.coalesce("filename", "file_name", "attachment")).alias("attachments"),
        pl.when(mail).then(pl.col("msg").str.extract("Classified as (.*)$", 1)).alias("spam_verdict"),
        finding.then(named.fill_null(pl.col("msg").str.replace("^Proxy[A-Za-z]+: ", ""))).alias("signature"),
        finding.then(pl.coalesce("signature_id", "app_id")).alias("signature_id"),
        pl.coalesce(pl.when(_is("finding")).then("_category"), alarm).alias("finding_category"),
        finding.then(pl.coalesce("file_name", "filename", "file", "attachment")).alias("file_name"),
        finding.then(pl.coalesce("sha256", "md5")).alias("file_hash"),
    ]  # fmt: skip


@cache
def _own_state() -> list[pl.Expr]:
    """Columns of the classes system and authentication."""
    login, linked = pl.when(_told_as(LOGINS)), pl.col("pattern").is_in(["link", "monitored"])
    services = [pl.when(pl.col("what").str.contains(pattern)).then(pl.lit(name)) for pattern, name in _SERVICES]
    service = pl.coalesce(*services, pl.lit("firewall-user"))
    role = service.replace_strict({"administration": "administrator", "firewall-user": "user"}, default="vpn")
    failed = pl.col("rest").str.contains(r"(?i)\bfail(?:ed|ure)?\b|cannot|could not|crashed")
    return [
        pl.when(linked).then(pl.lit("link")).otherwise("_operation").alias("operation"),
        pl.col("object", "old", "lease_ip", "lease_mac", "lease_name"),
        pl.col("new").str.to_lowercase(),
        pl.when(failed).then(pl.lit("failed")).alias("result"),
        login.then(service).alias("service"),
        login.then(role).alias("auth_role"),
        pl.coalesce(pl.col("reason").str.strip_chars(" ."), "error").alias("reason"),
    ]  # fmt: skip


FORMAT = Format(
    name="watchguard_firebox",
    title="WatchGuard Firebox",
    reference="https://www.watchguard.com/help/docs/help-center/en-US/Content/en-US/Fireware/logging/read_log-msg.html",
    shape=_shape,
    columns=_columns,
    header="host",
    not_a_host="^(?:LEEF:.*|Allow|Deny|Member[0-9]+)$",
)
