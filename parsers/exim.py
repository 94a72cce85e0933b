"""Exim: the main log, the reject log and the panic log.

Reference: Exim 4.98 specification, chapter "Log files" (flags, fields), chapter "Access control lists" for the wording
of refusals, and the sources (receive.c, deliver.c, smtp_in.c, acl.c); sa-exim for `SA: Action`. Read 2026-11-20.
Read besides: `log_selector` with pid, milliseconds, zone, interface, port, subject, recipients, queue time; message ids
of 16 and of 23 characters; syslog, with Exim's own time or without, entries that it splits (`[1\\2]`).
Not read: the headers of refused messages in the reject log (skipped); output of `-v` and of filters.

Each line is a row; a message is put together by device and `queue_id`, and ends with `Completed`. `action` is Exim's
flag (`<=`, `=>`, `->`, `>>`, `*>`, `**`, `==`) or word (rejected, temporarily rejected, dropped, no MAIL …),
`event_code` the SMTP command or ACL at which it came. `stage` is arrival, the transport of a delivery, or server. src
is the SMTP client, dst of an arrival the interface, of a delivery the host it went to. `mail_to` of a delivery is the
final address; where that is a local name, pipe or file, the original one. `user` is the authenticated id, or the local
user of a submission. `message` is the reason, or the other server's answer (`C=`). `helo` is what stood in parentheses.

Verdict: deny where an ACL, a check or a limit refused, dropped or threw away, for now (temporarily) or for good; allow
where a filter says that it accepted. An arrival or delivery is no verdict; `status` says what became of it: sent,
deferred, bounced, rejected, discarded, held (frozen).
Time: no zone, so the source's, unless `log_timezone` is on.
Where `helo_accept_junk_hosts` lets a HELO hold `) [`, it can pretend to be another client: Exim writes it as it came.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import polars as pl

from parsers._assemble import assembled, overlaid
from parsers._distinct import by_distinct, per_distinct
from parsers._exim_lines import ARRIVAL, ARRIVED, FLAGGED, HEADER, INTERFACE, NO_HOST, PEER, PREFIX, QUEUED, RARE
from parsers._format import Context, Format
from parsers._lines import Ints
from parsers._messages import match, whole

_PROGRAM = re.compile(r"(?:.*/)?exim[0-9]?(?:[-_.][0-9A-Za-z.-]+)?", re.ASCII)
_STATUS = {
    "=>": "sent", "->": "sent", ">>": "sent", "**": "bounced", "==": "deferred", "rejected": "rejected",
    "temporarily rejected": "rejected", "dropped": "rejected", "refused": "rejected", "discarded": "discarded",
    "Message is frozen": "held", "Frozen": "held",
}  # fmt: skip
_SCANS = (("rejected", "rejected", "deny"), ("tossed", "discarded", "deny"), ("accepted", None, "allow"),
          ("isn't spam", None, "allow"))  # fmt: skip
_OPERATIONS = {"daemon started": "start", "SIGHUP received": "reload"}
_DKIM = {"verification succeeded": "dkim=pass", "verification failed": "dkim=fail", "invalid": "dkim=fail"}
_CODE = r"\b[245][0-9]{2}[ -]([245]\.[0-9]{1,3}\.[0-9]{1,3})\b"
_INWARD = ("decided", "verified", "warning", "incomplete", "protocol", "synchronisation", "call", "idle", "closed",
           "opened", "refused", "refused_from", "login", "place", "unresolved", "unnamed", "decided_helo", "too_big",
           "unqualified")  # fmt: skip


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    program = df["syslog_program"]
    head = _head(df["body"])
    made = head.select("device", "time", "queue_id").hstack(_read(head))
    written = by_distinct(program, lambda name: "" if _PROGRAM.fullmatch(name) else None).is_not_null()
    own = written | ((head["time"].is_not_null() | head["device"].is_not_null()) & made["known"].fill_null(value=False))
    readable = own | (head["time"].is_not_null() & program.is_null())
    made = made.drop("known").with_columns(own=own)
    if readable.all():
        return made
    headers = df["text"].str.contains(HEADER) & ~own
    return made.with_columns(
        skipped=pl.when(headers).then(pl.lit("header of a refused message")),
        refused=pl.when(~readable).then(pl.lit("not a line of Exim")),
    )


def _head(body: pl.Series) -> pl.DataFrame:
    """Time, message id and the rest; where a line says it, the device too."""
    found = body.str.extract_groups(QUEUED).struct.unnest().with_columns(device=pl.lit(None, pl.String))
    others = found["rest"].is_null()
    if not others.any():
        return found
    return overlaid(found, others, body.filter(others).str.extract_groups(PREFIX).struct.unnest())


def _read(head: pl.DataFrame) -> pl.DataFrame:
    """The columns of every line; `known`: whether only Exim writes such a message."""
    parts: list[tuple[Ints, pl.DataFrame]] = []
    places, rest = np.arange(len(head)), head["rest"]
    for pattern, meaning in ((ARRIVAL, _arrival), (FLAGGED, _flagged)):
        found = rest.gather(places).str.extract_groups(pattern).struct.unnest()
        fits = found["flag"].is_not_null() & head["queue_id"].is_not_null().gather(places)
        parts.append((places[fits.to_numpy()], meaning(found.filter(fits))))
        places = places[~fits.to_numpy()]
    found = match(rest.gather(places), RARE).hstack(head.select("queue_id", "rest")[places])
    parts.append((places, _other(found)))
    made = assembled([(at, part) for at, part in parts if len(at)], len(head))
    return made if "known" in made.columns else made.with_columns(known=pl.lit(value=False))


def _arrival(df: pl.DataFrame) -> pl.DataFrame:
    """`<=` from a client by SMTP, in its ordinary form: without anything between quotes."""
    return df.select(
        pl.lit("email").alias("class"), pl.lit("<=").alias("action"), pl.lit("arrival").alias("stage"),
        pl.col("address").alias("mail_from"), pl.col("ip").alias("src_ip"), pl.col("host").alias("src_host"),
        pl.col("port").alias("src_port"), pl.col("to_ip").alias("dst_ip"), pl.col("to_port").alias("dst_port"),
        "helo", "user", "size", "message_id", pl.lit(value=True).alias("known"),
        pl.when(pl.col("method").is_not_null()).then(pl.lit("success")).alias("outcome"),
    )  # fmt: skip


def _flagged(df: pl.DataFrame) -> pl.DataFrame:
    """Arrivals and deliveries in whatever form."""
    flag, address, fields = pl.col("flag"), pl.col("address"), pl.col("fields")
    arrival = flag.is_in(["<=", "(="])
    df = df.with_columns(plain=fields.str.replace_all(r'"(?:[^"\\]|\\.)*"', '""'))
    # The host stands before anything that another party wrote between quotes, as message id or as reason.
    lead = pl.col("plain").str.splitn(" id=", 2).struct[0].str.splitn(": ", 2).struct[0]
    df = df.with_columns(front=lead)
    peer = df["front"].str.extract_groups(PEER).struct.unnest()
    interface = df["front"].str.extract_groups(INTERFACE).struct.unnest()
    arrived = df["fields"].str.extract_groups(ARRIVED).struct.unnest()
    df = df.hstack(peer).hstack(interface).hstack(arrived)
    # `** a@example.org: Unrouteable address` where no router took it.
    unrouted = flag.is_in(["**", "=="]) & address.str.ends_with(":")
    address = pl.when(unrouted).then(address.str.strip_suffix(":")).otherwise(address)
    original = fields.str.extract(r"^(?: [^<=]*)? <([^<>]*)>(?: |:|$)")
    to = pl.when(address.str.contains("@", literal=True) & ~address.str.contains(r"^[|/:]")).then(address)
    # A whole message that an ACL discarded: `=> blackhole (DATA ACL discarded recipients)`.
    gone = (flag == "=>") & (address == "blackhole") & fields.str.starts_with(" (")
    thrown = (flag.is_in(["=>", "->"]) & (address == ":blackhole:")) | gone
    login = pl.col("front").str.extract_groups(r" A=(?P<method>[^: ]+)(?::(?P<user>[^ :]+))?").struct
    local = pl.when(pl.col("ip").is_null()).then(pl.col("front").str.extract(r" U=([^ ]+)"))
    answer = fields.str.extract(r' C="((?:[^"\\]|\\.)*)"')
    behind = fields.str.strip_chars_start()
    reason = pl.when(unrouted).then(behind).otherwise(fields.str.extract(r"^[^\"]*?: (.*)$"))
    why = pl.when(flag.is_in(["**", "=="])).then(reason).when(gone).then(behind)
    message = pl.when(~arrival).then(pl.coalesce(answer, why))
    sender = pl.when(address.is_in(["<>"])).then(address).otherwise(address.str.strip_prefix("<").str.strip_suffix(">"))
    by = pl.coalesce(pl.col("front").str.extract(f" {field}=([^ :]+)") for field in "TR")
    found = df.select(
        pl.lit("email").alias("class"), pl.lit(value=True).alias("known"),
        flag.alias("action"),
        pl.when(arrival).then(pl.lit("arrival")).otherwise(by).alias("stage"),
        pl.when(thrown).then(pl.lit("discarded")).otherwise(flag.replace_strict(_STATUS, default=None)).alias("status"),
        pl.when(thrown).then(pl.lit("deny")).alias("verdict"),
        pl.when(arrival).then(sender).otherwise(fields.str.extract(r' [FP]=<([^<>"]*)>')).alias("mail_from"),
        pl.when(arrival).then(pl.col("recipients").str.replace_all(" ", ",", literal=True))
        .otherwise(pl.coalesce(to, original, pl.when(~gone).then(address))).alias("mail_to"),
        pl.when(arrival).then("ip").alias("src_ip"), pl.when(arrival).then("host").alias("src_host"),
        pl.when(arrival).then("port").alias("src_port"), pl.when(arrival).then("helo").alias("helo"),
        pl.when(arrival).then("to_ip").otherwise("ip").alias("dst_ip"),
        pl.when(arrival).then("to_port").otherwise("port").alias("dst_port"),
        pl.when(~arrival).then("host").alias("dst_host"), pl.when(~arrival).then("relay").alias("relay"),
        pl.when(arrival).then(pl.col("plain").str.extract(r" S=([0-9]+)")).alias("size"),
        pl.when(arrival).then("message_id").alias("message_id"),
        pl.when(arrival).then(pl.col("subject").str.strip_prefix('"').str.strip_suffix('"')).alias("subject"),
        pl.when(arrival).then(pl.coalesce(login.field("user"), local)).alias("user"),
        pl.when(arrival & login.field("method").is_not_null()).then(pl.lit("success")).alias("outcome"),
        message.alias("message"), message.str.extract(_CODE).alias("dsn"),
        (pl.col("plain").str.count_matches('"', literal=True) % 2 == 1).alias("cut"),
        pl.when(~arrival).then(pl.col("plain").str.extract(r" QT=([^ ]+)")).alias("delay"),
    )  # fmt: skip
    return found.drop("delay").hstack(per_distinct(found["delay"], delay_ms=_milliseconds()))


@cache
def _milliseconds() -> pl.Expr:
    """Of `1w2d3h4m5s` or `0.345s`."""
    part = (
        pl.col("value")
        .str.extract_groups(
            r"^(?:([0-9]{1,4})w)?(?:([0-9]{1,4})d)?(?:([0-9]{1,4})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,6}(?:\.[0-9]{1,6})?)s)?$"
        )
        .struct
    )
    total = pl.lit(0.0)
    for place, seconds in enumerate((604_800, 86_400, 3600, 60, 1), 1):
        total += part.field(str(place)).cast(pl.Float64).fill_null(0) * seconds
    read = pl.any_horizontal(part.field(str(place)).is_not_null() for place in range(1, 6))
    return pl.when(read).then((total * 1000).round().cast(pl.Int64))


def _other(df: pl.DataFrame) -> pl.DataFrame:
    """What was refused, what clients did without sending mail, and Exim's own state."""
    kind, message = pl.col("pattern"), pl.col("message")
    verb = pl.coalesce("verb", "verb1")
    login, scan = kind == "login", kind == "scanned"
    inward = kind.is_in(_INWARD) | (kind == "scanned")
    # A client's command that holds a host of its own making: neither is believed.
    doubtful = (kind == "synchronisation") & (pl.col("rest").str.count_matches(" H=", literal=True) > 1)
    outward = (kind == "outward") & pl.col("queue_id").is_not_null()
    source = (inward & ~doubtful) | ((kind == "outward") & pl.col("queue_id").is_null())
    dropped = (kind == "closed") & (verb == "closed by DROP in ACL")
    status = verb.replace_strict(_STATUS, default=None, return_dtype=pl.String)
    verdict: pl.Expr = pl.when(status.is_in(["rejected", "discarded"]) | dropped | login).then(pl.lit("deny"))
    for word, ended, said in _SCANS:
        here = scan & verb.str.contains(word, literal=True)
        status = pl.when(here).then(pl.lit(ended)).otherwise(status)
        verdict = pl.when(here).then(pl.lit(said)).otherwise(verdict)
    bare = (
        kind.is_in(["daemon", "other", "unnamed", "unresolved"]) & pl.col("queue_id").is_null() & pl.col("ip").is_null()
    )
    phase = pl.coalesce("phase", "phase1", "phase2", "phase3")
    command = pl.when(kind == "protocol").then(pl.col("argument").str.extract(r"^([A-Za-z]+)").str.to_uppercase())
    helo = pl.when(pl.col("phase3") == "EHLO or HELO").then("argument1")
    sender = pl.coalesce("mail_from", "bare_from", "first_from", pl.when(phase == "MAIL").then("argument"))
    return df.select(
        pl.when(login).then(pl.lit("authentication")).when(bare).then(pl.lit("system")).otherwise(pl.lit("email"))
        .alias("class"),
        pl.when(login).then(pl.lit("authenticator failed")).when(kind == "protocol")
        .then(pl.concat_str(verb, pl.lit(" error"))).otherwise(verb.str.strip_suffix("=")).alias("action"),
        pl.when(inward & ~bare).then(pl.lit("server")).when(kind == "queue").then(pl.lit("queue")).alias("stage"),
        pl.when(~login).then(status).alias("status"), verdict.alias("verdict"),
        pl.when(login).then(pl.lit("failure")).alias("outcome"),
        pl.when(sender == "").then(pl.lit("<>")).otherwise(sender).alias("mail_from"),
        pl.coalesce("mail_to", "bare_to").alias("mail_to"),
        pl.when(source).then("ip").alias("src_ip"),
        pl.when(source & (pl.col("host") != "NULL")).then("host").alias("src_host"),
        pl.when(source).then("port").alias("src_port"),
        pl.when(source).then(pl.coalesce(pl.when(helo != "").then(helo), "helo")).alias("helo"),
        pl.when(outward).then("ip").when(source).then("to_ip").alias("dst_ip"),
        pl.when(outward).then("port").when(source).then("to_port").alias("dst_port"),
        pl.when(outward).then("host").alias("dst_host"), "user",
        pl.col("auth_method").str.to_uppercase(), pl.when(login).then(pl.lit("smtp")).alias("service"),
        pl.when(login).then(pl.concat_str(message, pl.col("more").fill_null(""))).alias("reason"),
        pl.when(~login).then(message).alias("message"),
        pl.coalesce(command, phase.str.strip_prefix("after ")).alias("event_code"),
        message.str.extract(_CODE).alias("dsn"),
        message.str.extract(r"black list at ([0-9A-Za-z.-]+)").alias("rule"),
        pl.col("result").replace_strict(_DKIM, default=None, return_dtype=pl.String).alias("spam_verdict"),
        pl.when(bare).then(verb.replace_strict(_OPERATIONS, default=None, return_dtype=pl.String)).alias("operation"),
        pl.lit(value=False).alias("cut"),
        per_distinct(df["delay"], delay_ms=_milliseconds()).to_series(),
        ((kind != "other") | pl.col("queue_id").is_not_null()).alias("known"),
    )  # fmt: skip


FORMAT = Format(
    name="exim",
    title="Exim",
    reference="https://www.exim.org/exim-html-current/doc/html/spec_html/ch-log_files.html",
    shape=whole(),
    columns=_columns,
    not_a_host=NO_HOST,
)
