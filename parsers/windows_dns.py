r"""Windows DNS Server: the debug log's packets and events, and audit events as text.

Reference: Microsoft Learn, "DNS Logging and Diagnostics" (Windows Server 2012 R2 to 2025; audit events 513 to 582) and
[MS-DNSP] 2.2.9.1.1, and the message logging key that the debug log's file begins with; read 2026-11-20.
Read: dates as the server's locale writes them: 2026/11/20 10:00:00, with 午前/午後 or AM/PM before or after the clock,
11/20/2026 (month first; day first where the source's option `day_first` is yes), 20.11.2026 and 20-Nov-26.
Not read: the lines of a packet's details (skipped as part of the packet's line), analytic events (ETW).

A packet: src is the client that asked. `Rcv` without R is a question from a client, `Snd R` the answer to it; `Snd`
without R is the server's own question to another server (local_out), `Rcv R` that server's answer, so src is missing:
the log does not tell the server's own address. Verdict: an answer that was sent denies with REFUSED, allows with
NOERROR or NXDOMAIN. `rcode` is that of answers only. The name's `(3)www(7)example(0)` becomes www.example; a dot in a
label comes out as \046.
Time: without zone, the source's. Audit events as bare text have none.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import polars as pl

from parsers._distinct import by_distinct
from parsers._format import Context, Format
from parsers._messages import match, whole
from parsers._views import no_values

_DATE = r"(?P<date>[0-9]{1,4}[/.-][0-9A-Za-z]{1,3}[/.-][0-9]{1,4})"
_CLOCK = r"(?:(?P<before>午前|午後|AM|PM) ?)?(?P<clock>[0-9]{1,2}:[0-9]{2}:[0-9]{2})(?: (?P<after>AM|PM|午前|午後))?"
_HEAD = rf"{_DATE} {_CLOCK} (?P<thread>[0-9A-Fa-f]{{3,5}}) "
_PATTERNS = {
    "packet": _HEAD + r"PACKET +(?P<context>[0-9A-Fa-f]{8,16}) (?P<proto>UDP|TCP) (?P<way>Rcv|Snd) "
    r"(?P<peer>[^ ]+) +(?P<xid>[0-9A-Fa-f]{4}) (?P<reply>[R ]) (?P<opcode>[A-Z?]) \[(?P<hex>[0-9A-Fa-f]{4}) "
    r"(?P<flags>[ ATDR]*?) *(?P<rcode>[A-Z0-9]+)\] (?P<qtype>[^ ]+) +(?P<qname>\(.*)",
    "event": _HEAD + r"(?P<context>[A-Za-z_-]+):? *(?P<rest>.*)",
}
_AUDIT = {
    "record": r"A (?:resource )?record of type (?P<qtype>[0-9]+), (?:name|QNAME) (?P<qname>[^ ,]+)"
    r"(?:, TTL [0-9]+)?(?: and RDATA (?P<rdata>.*?))? was (?P<what>created|deleted|purged|scavenged)(?P<rest> .*)",
    "set": r"All resource records of type (?P<qtype>[0-9]+), name (?P<qname>[^ ,]+) were (?P<what>deleted)"
    r"(?P<rest> .*)",
    "zone": r"The (?P<object>(?:zone|scope|forwarders?|trust point|key) .*?|root hints|global query block list) "
    r"(?:was|were|has been|have been) (?P<what>[a-z]+)(?P<rest>.*)",
    "policy": r"A (?P<object>(?:server|zone) level policy .*?) has been (?P<what>created|deleted|updated|modified)"
    r"(?P<rest> .*)",
    "setting": r"The (?P<object>setting [^ ]+ on [^ ]+(?: [^ ]+)?) has been (?P<what>set|changed)(?P<rest> .*)",
    "client": r"The (?P<object>client subnet record .*?|Rrl .*?|resource record .*?) has been (?P<what>[a-z]+)"
    r"(?P<rest>.*)",
}
_AUDITED = ("qtype", "qname", "rdata", "what", "object")
_TYPES = {
    "1": "A", "2": "NS", "5": "CNAME", "6": "SOA", "12": "PTR", "15": "MX", "16": "TXT", "28": "AAAA", "33": "SRV",
    "35": "NAPTR", "41": "OPT", "43": "DS", "46": "RRSIG", "47": "NSEC", "48": "DNSKEY", "65": "HTTPS", "251": "IXFR",
    "252": "AXFR", "255": "ANY", "257": "CAA",
}  # fmt: skip
_RECORD = r"^[0-9]{1,4}[/.-][0-9A-Za-z]{1,3}[/.-][0-9]{1,4} "
"""What begins with a date is no detail of the packet above it, whatever follows."""
_TITLE = re.compile(
    r"^(?:DNS Server log file creation at|Log file wrap at|Message logging key|\s+Field #|\s+[0-9-]+\s{2,}|"
    r"\s*-{3,}|DNS サーバー ログ|メッセージ ログ)"
)
_OPCODES = {"Q": "query", "N": "notify", "U": "update", "?": "unknown"}


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    body = df["body"]
    found = match(body, _PATTERNS)
    rest = found["pattern"].is_null()
    audit = match(body.zip_with(rest, no_values(df.height)), _AUDIT)
    more = audit.select(audited="pattern", **{f"a_{name}": name for name in _AUDITED})
    other = rest & audit["pattern"].is_null()
    found = found.hstack(more).with_columns(
        body.alias("body"), _skipped(found["pattern"] == "packet", other, body).alias("skipped")
    )
    names = by_distinct(found["qname"], _name)
    return found.with_columns(name=names).select(*_packets(context), *_events())


def _skipped(packet: pl.Series, other: pl.Series, body: pl.Series) -> pl.Series:
    """Why a line carries no event: the details of the packet above it, or the words at the file's beginning."""
    reasons: list[str | None] = [None] * len(body)
    if not other.any():
        return pl.Series(reasons, dtype=pl.String)
    begins = body.str.contains(_RECORD).fill_null(value=False)
    known = np.flatnonzero((~other | begins).to_numpy())
    places = np.flatnonzero((other & ~begins).to_numpy())
    before = np.searchsorted(known, places) - 1
    packets = packet.fill_null(value=False).to_numpy()
    texts = body.gather(places).to_list()
    for place, last, text in zip(places.tolist(), before.tolist(), texts, strict=True):
        if _TITLE.match(text):
            reasons[place] = "heading"
        elif text.strip() and last >= 0 and packets[known[last]]:
            reasons[place] = f"part of line {int(known[last]) + 1}"
    return pl.Series(reasons, dtype=pl.String)


def _name(text: str) -> str:
    """`(3)www(7)example(0)` as a name; the root is a dot."""
    labels, at = [], 0
    while (got := re.compile(r"\(([0-9]+)\)").match(text, at)) is not None:
        size, at = int(got[1]), got.end()
        if not size:
            break
        labels.append(text[at : at + size].replace(".", r"\046"))
        at += size
    return ".".join(labels) or "."


def _time(context: Context) -> pl.Expr:
    """The date with its year first, and the clock of 24 hours."""
    parts = pl.col("date").str.extract_groups(r"^(?P<a>[0-9]+)[/.-](?P<b>[0-9A-Za-z]+)[/.-](?P<c>[0-9]+)$").struct
    a, b, c = (parts.field(name) for name in "abc")
    dots = pl.col("date").str.contains(".", literal=True) | b.str.contains("[A-Za-z]")
    day_first = dots | pl.lit(context.options.get("day_first") == "yes")
    year_first = a.str.len_bytes() == 4
    months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    middle = b.str.to_lowercase().replace({name: str(number) for number, name in enumerate(months, 1)})
    year = pl.when(year_first).then(a).when(c.str.len_bytes() == 2).then(pl.concat_str(pl.lit("20"), c)).otherwise(c)
    month = pl.when(year_first | day_first).then(middle).otherwise(a)
    day = pl.when(year_first).then(c).when(day_first).then(a).otherwise(b)
    half = pl.coalesce("before", "after").replace({"午前": "AM", "午後": "PM"})
    hour = pl.col("clock").str.extract("^([0-9]+)").cast(pl.Int64)
    hour = pl.when(half.is_null()).then(hour).when(half == "PM").then(hour % 12 + 12).otherwise(hour % 12)
    stamp = pl.format("{}-{}-{} {}", year, month.str.zfill(2), day.str.zfill(2), hour.cast(pl.String).str.zfill(2))
    return pl.concat_str(stamp, pl.col("clock").str.extract("(:.*)$"))


def _packets(context: Context) -> list[pl.Expr]:
    packet, reply, sent = pl.col("pattern") == "packet", pl.col("reply") == "R", pl.col("way") == "Snd"
    client = packet & (sent == reply)  # the question of a client, or the answer to it
    answered = packet & reply
    return [
        pl.when(packet | pl.col("a_qname").is_not_null()).then(pl.lit("dns"))
        .when(pl.col("pattern").is_not_null() | pl.col("audited").is_not_null()).then(pl.lit("system")).alias("class"),
        pl.col("skipped"),
        pl.when(pl.col("pattern").is_null() & pl.col("audited").is_null())
        .then(pl.lit("no line of the debug log and no audit event")).alias("refused"),
        _time(context).alias("time"), pl.col("proto").alias("protocol"),
        pl.when(client).then("peer").alias("src_ip"), pl.when(packet & ~client).then("peer").alias("dst_ip"),
        pl.when(packet & ~client).then(pl.lit("local_out")).when(client).then(pl.lit("local_in")).alias("path"),
        _role(packet, client).alias("role"), pl.col("xid").str.to_lowercase().alias("session_id"),
        pl.coalesce("name", "a_qname").alias("qname"),
        pl.coalesce(pl.col("qtype").replace("ALL", "ANY"), pl.col("a_qtype").replace(_TYPES)).alias("qtype"),
        pl.when(answered).then("rcode").alias("rcode"), pl.col("a_rdata").alias("answers"),
        pl.when(packet).then(pl.col("flags").str.contains("D", literal=True)).alias("recursion_desired"),
        pl.when(answered & sent & (pl.col("rcode") == "REFUSED")).then(pl.lit("deny"))
        .when(answered & sent & pl.col("rcode").is_in(["NOERROR", "NXDOMAIN"])).then(pl.lit("allow")).alias("verdict"),
        pl.when(answered).then(pl.lit("established")).alias("outcome"),
    ]  # fmt: skip


def _role(packet: pl.Expr, client: pl.Expr) -> pl.Expr:
    """Authoritative by the flag A; a resolver where it asks another server itself."""
    authoritative = pl.when(packet & pl.col("flags").str.contains("A", literal=True)).then(pl.lit("authoritative"))
    return pl.when(packet & ~client).then(pl.lit("resolver")).otherwise(authoritative)


@cache
def _events() -> list[pl.Expr]:
    word = pl.col("opcode").replace_strict(_OPCODES, default="unknown", return_dtype=pl.String)
    asked = pl.concat_str(word, pl.when(pl.col("reply") == "R").then(pl.lit(" response")).otherwise(pl.lit("")))
    event = pl.col("pattern") == "event"
    return [
        pl.coalesce(pl.when(pl.col("pattern") == "packet").then(asked), "a_what").alias("action"),
        pl.coalesce(pl.when(pl.col("pattern") == "packet").then(pl.lit("PACKET")).when(event).then("context"),
                    "audited").alias("event_code"),
        pl.when(event).then(pl.col("context").str.to_lowercase())
        .when(pl.col("audited").is_not_null()).then(pl.lit("config_change")).alias("operation"),
        pl.col("a_object").alias("object"),
        pl.when(event).then("rest").when(pl.col("audited").is_not_null()).then("body").alias("message"),
    ]  # fmt: skip


FORMAT = Format(
    name="windows_dns",
    title="Windows DNS Server",
    reference="https://learn.microsoft.com/en-us/windows-server/networking/dns/dns-logging-and-diagnostics",
    shape=whole(),
    columns=_columns,
    header="none",
    encoding="cp932",
    options={"day_first": "yes where the server writes the day before the month (20/11/2026)"},
    record=_RECORD,
)
