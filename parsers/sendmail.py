"""Sendmail: arrivals, deliveries, refusals by rulesets and milters, logins, TLS and sessions without mail.

Reference: Sendmail Installation and Operation Guide 8.18, section "Log Level", and the sources (deliver.c, headers.c,
srvrsmtp.c, milter.c, tls.c) for the wording; read 2026-11-20.
Read besides: instances under other names (`sm-mta`, `sm-msp-queue`, `sm-acceptingconnections`); programs of appliances
built on it, under any name, by sendmail's queue id and statements; `<mail.notice> host` of FreeBSD's syslogd -v; lines
without a header or with <PRI> alone; lines cut short.
Not read: the dialogue of log levels above 14 beyond its queue id and text; filters beside it (their own formats).

Each line is a row; a message is put together by device and `queue_id`. `action` is sendmail's word (from, the word of
`stat=`, reject, discard, did not issue …), `stage` what speaks: arrival, the mailer of a delivery, ruleset, milter,
server, auth, tls. `rule` is the ruleset or milter, `event_code` the SMTP command or milter action. src is the SMTP
client, dst what a delivery went to. Several recipients of one delivery stand in `mail_to` with commas between.
`message` is the reply of a refusal, or the other server's answer with the next queue id (`… Message accepted for
delivery`). `mail_from` is `<>` for the null sender. Of a user as RFC 1413 tells (`user@host [ip]`) only the host is
kept.

Verdict: deny where a ruleset or milter refused or threw away, for now or for good (`dsn` tells), and where the daemon
refuses commands; allow where a milter accepted. What another server refused is no verdict of this one: `status` says it
(sent, deferred, bounced, queued, held). A login is of class `authentication`, the daemon's own state of `system`.
Time: no year and no zone (RFC 3164), unless the syslog daemon writes ISO 8601.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import polars as pl

from parsers._assemble import assembled
from parsers._distinct import by_distinct, per_distinct
from parsers._format import Context, Format
from parsers._lines import Ints
from parsers._messages import match, whole
from parsers._sendmail_lines import ARRIVAL, DELIVERY, RARE, SURELY, WITHOUT_PROGRAM

_PROGRAM = re.compile(r"(?:.*/)?(?:sendmail|sm-[0-9A-Za-z-]+|newaliases)(?:[-.][0-9A-Za-z.-]+)?", re.ASCII)
_STAGES = {
    "ruleset": "ruleset", "ruleset_odd": "ruleset", "login": "auth", "auth_failure": "auth", "tls": "tls",
    "tls_other": "tls", "milter_action": "milter", "milter_held": "milter", "milter_decided": "milter",
    "milter_connect": "milter", "milter_passed": "milter", "milter": "milter", "returned": "bounce", "idle": "server",
    "asked": "server", "pregreeting": "server", "noticed": "server", "wrappers": "server", "place": "server",
    "refused": "server",
}  # fmt: skip
_STATUS = {
    "reject": "rejected", "tempfail": "rejected", "shutdown": "rejected", "rejecting commands": "rejected",
    "temp failing commands": "rejected", "rejection": "rejected", "[rejected]": "rejected", "discard": "discarded",
    "quarantine": "held",
}  # fmt: skip
_OPERATIONS = {
    "starting": "start", "restarting": "restart", "stopping": "stop", "rejecting connections": "overload",
    "deferring connections": "overload", "accepting connections": "recovered",
}  # fmt: skip
_ENDS = {"Sent": "sent", "Deferred": "deferred", "queued": "queued", "quarantined": "held"}
_PEER = r"(?:(?P<host>[^ \[\]@,]+?)\.? )?\[(?:IPv6:)?(?P<ip>[0-9A-Fa-f.:]+(?:%[0-9A-Za-z]+)?)\](?: \(may be forged\))?$"
_NAME = r"^(?:[^ ]*@)?([^ \[\]@]+?)\.?$"
_CODE = r"^(?:[0-9]{3}[ -])?([245]\.[0-9]{1,3}\.[0-9]{1,3})\b"


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    program, body = df["syslog_program"], df["body"]
    apart = pl.DataFrame()
    if program.null_count():
        program, body, apart = _without_program(program, body)
    made = _read(body)
    own = by_distinct(program, lambda name: "" if _PROGRAM.fullmatch(name) else None).is_not_null()
    own |= made["surely"] & program.is_not_null()
    if not own.all():
        made = made.with_columns(refused=pl.when(~own).then(pl.lit("not a line of sendmail")))
    return made.drop("surely").hstack(apart)


def _without_program(program: pl.Series, body: pl.Series) -> tuple[pl.Series, pl.Series, pl.DataFrame]:
    """Program and message of lines whose header does not tell them; and the severity and host that stood before."""
    nothing = pl.Series([None], dtype=pl.String)
    found = body.zip_with(program.is_null(), nothing).str.extract_groups(WITHOUT_PROGRAM).struct.unnest()
    told = found["rest"].is_not_null()
    apart = found.select(pl.col("level").alias("severity"), "device")
    return program.zip_with(~told, found["program"]), body.zip_with(~told, found["rest"]), apart


def _read(body: pl.Series) -> pl.DataFrame:
    """The columns of every line; `surely`: whether the message alone tells sendmail."""
    parts: list[tuple[Ints, pl.DataFrame]] = []
    places = np.arange(len(body))
    for pattern, key, meaning in ((DELIVERY, "stat", _delivery), (ARRIVAL, "relay", _arrival)):
        found = body.gather(places).str.extract_groups(pattern).struct.unnest()
        fits = found[key].is_not_null()
        parts.append((places[fits.to_numpy()], meaning(found.filter(fits))))
        places = places[~fits.to_numpy()]
    found = match(body.gather(places), RARE).with_columns(_listed(pl.col("mail_to")))
    kind = pl.col("pattern").str.strip_suffix("_cut")
    for rows, meaning in (
        (found.select(kind == "delivery").to_series(), _delivery),
        (found.select(kind == "arrival").to_series(), _arrival),
        (found.select(~kind.is_in(["delivery", "arrival"])).to_series(), _other),
    ):
        some = rows.fill_null(value=False)
        parts.append((places[some.to_numpy()], meaning(found.filter(some))))
    made = assembled([(at, part) for at, part in parts if len(at)], len(body))
    return made if "surely" in made.columns else made.with_columns(surely=pl.lit(value=False))


def _delivery(df: pl.DataFrame) -> pl.DataFrame:
    """`to=…, stat=…`: one attempt to deliver, to one server."""
    stat = r"^(?P<word>[^(:]*?) ?(?:\((?P<answer>.*)|: ?(?P<why>.*))?$"
    df = df.hstack(df["stat"].str.extract_groups(stat).struct.unnest())
    ended = pl.col("word").replace_strict(_ENDS, default=None, return_dtype=pl.String)
    delivered = pl.col("dsn").str.starts_with("2").fill_null(value=False)
    final = pl.when(delivered).then(pl.lit("sent")).when(pl.col("word").is_not_null()).then(pl.lit("bounced"))
    status = pl.coalesce(ended, final)
    answer = pl.col("answer")
    found = df.select(
        pl.lit("email").alias("class"), "queue_id", "dsn", "relay",
        "mail_to", pl.col("mailer").fill_null("delivery").alias("stage"),
        pl.col("word").alias("action"), status.alias("status"),
        pl.coalesce(answer.str.strip_suffix(")"), "why", pl.when(ended.is_null()).then("word")).alias("message"),
        (pl.col("stat").is_null() | ~answer.str.ends_with(")")).fill_null(value=False).alias("cut"),
        pl.lit(value=True).alias("surely"),
    )  # fmt: skip
    relay = per_distinct(df["relay"], **_end("dst"))
    return found.hstack(relay).hstack(per_distinct(df["delay"], delay_ms=_milliseconds()))


def _arrival(df: pl.DataFrame) -> pl.DataFrame:
    """`from=…`: a message that came in, or that a client at least began."""
    sender, bare = pl.col("mail_from"), pl.col("message_id").str.strip_prefix("<")
    found = df.select(
        pl.lit("email").alias("class"), pl.lit("arrival").alias("stage"), pl.lit("from").alias("action"),
        "queue_id", "size",
        pl.when(sender.is_in(["", "<>"])).then(pl.lit("<>"))
        .otherwise(sender.str.strip_prefix("<").str.strip_suffix(">")).alias("mail_from"),
        bare.str.strip_suffix(">").alias("message_id"),
        pl.col("relay").is_null().alias("cut"), pl.lit(value=True).alias("surely"),
    )  # fmt: skip
    return found.hstack(per_distinct(df["relay"], **_end("src")))


def _end(side: str) -> dict[str, pl.Expr]:
    """Host and address of `mail.example.com. [192.0.2.1] (may be forged)`."""
    part = pl.col("value").str.extract_groups(_PEER).struct
    host = pl.coalesce(part.field("host"), pl.col("value").str.extract(_NAME))
    return {f"{side}_host": host, f"{side}_ip": part.field("ip")}


@cache
def _milliseconds() -> pl.Expr:
    """Of `1+02:03:04`: days, hours, minutes, seconds."""
    part = pl.col("value").str.extract_groups(r"^(?:([0-9]{1,5})\+)?([0-9]{1,6}):([0-9]{2}):([0-9]{2})$").struct
    days, hours, minutes, seconds = (part.field(str(i)).cast(pl.Int64) for i in range(1, 5))
    return (((days.fill_null(0) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000


def _listed(addresses: pl.Expr) -> pl.Expr:
    """`<a@example.org>,<b@example.org>` without its brackets."""
    return addresses.str.replace_all(r'(^|,)<((?:[^"<>]|"(?:[^"\\]|\\.)*")*)>', "${1}${2}").str.strip_suffix(",")


def _other(df: pl.DataFrame) -> pl.DataFrame:
    """What was refused, who logged in, what a client did without sending mail, and the daemon's own state."""
    kind, message, code = pl.col("pattern"), pl.col("message"), pl.col("phase").str.to_uppercase()
    # The argument of a header's ruleset is free text, which may pretend to be what follows it.
    doubtful = (
        (kind == "ruleset") & ~pl.col("arg").str.starts_with("<") & message.str.contains(", relay=", literal=True)
    )
    doubtful = doubtful.fill_null(value=False)
    verb = pl.coalesce("verb", "verb1", "verb2").str.strip_chars_start()
    verb = pl.when(doubtful & message.str.contains(", reject=", literal=True)).then(pl.lit("reject")).otherwise(verb)
    login, failed = kind == "login", kind == "auth_failure"
    queue_id = pl.when(pl.col("queue_id") != "NOQUEUE").then("queue_id")
    system = (kind == "daemon") | (kind.is_in(["error", "other"]) & queue_id.is_null())
    outward = pl.col("end") == "client"
    inward = ~outward.fill_null(value=False) & ~doubtful
    status = pl.when(kind == "refused").then(pl.lit("rejected")).otherwise(
        verb.replace_strict(_STATUS, default=None, return_dtype=pl.String)
    )  # fmt: skip
    passed = verb.is_in(["accepted", "accept"]) | (login & ~outward)
    argument = pl.col("arg").str.strip_prefix("<").str.strip_suffix(">")
    sender = (pl.col("rule") == "check_mail") | (pl.col("phase") == "from")
    receiver = (pl.col("rule") == "check_rcpt") | (pl.col("phase") == "to")
    host = pl.coalesce("host", "name").str.extract(r"([^@]+?)\.?$")
    return df.select(
        pl.when(login | failed).then(pl.lit("authentication")).when(system).then(pl.lit("system"))
        .otherwise(pl.lit("email")).alias("class"),
        queue_id.alias("queue_id"),
        kind.replace_strict(_STAGES, default=None, return_dtype=pl.String).alias("stage"),
        pl.when(login).then(pl.lit("AUTH")).when(failed).then(pl.lit("AUTH failure"))
        .when(kind.is_in(["tls", "tls_other"])).then(pl.lit("STARTTLS"))
        .when(kind == "asked").then(pl.concat_str(code, verb, separator=" ", ignore_nulls=True))
        .otherwise(verb).alias("action"),
        pl.when(status.is_in(["rejected", "discarded"]) | failed).then(pl.lit("deny"))
        .when(passed).then(pl.lit("allow")).alias("verdict"),
        pl.when(login).then(pl.lit("success")).when(failed).then(pl.lit("failure")).alias("outcome"),
        pl.when(~(login | failed)).then(status).alias("status"),
        pl.when(inward).then("ip").alias("src_ip"), pl.when(inward).then(host).alias("src_host"),
        pl.when(outward).then("ip").alias("dst_ip"), pl.when(outward).then(host).alias("dst_host"),
        pl.when(sender & ~doubtful).then(pl.when(argument == "").then(pl.lit("<>")).otherwise(argument))
        .alias("mail_from"),
        pl.when(receiver & ~doubtful).then(argument).otherwise("mail_to").alias("mail_to"),
        pl.when(pl.col("phase") == "helo").then(argument).alias("helo"),
        pl.coalesce("rule", "filter").alias("rule"), code.alias("event_code"), "user",
        pl.col("auth_method").str.to_uppercase(), pl.when(login | failed).then(pl.lit("smtp")).alias("service"),
        pl.when(failed).then(message).alias("reason"), pl.when(~failed).then(message).alias("message"),
        message.str.extract(_CODE).alias("dsn"),
        pl.when(system).then(verb.replace_strict(_OPERATIONS, default=None, return_dtype=pl.String)).alias("operation"),
        kind.is_in(SURELY).alias("surely"),
    )  # fmt: skip


FORMAT = Format(
    name="sendmail",
    title="Sendmail",
    reference="https://www.sendmail.org/~ca/email/doc8.12/op-sh-2.html",
    shape=whole(),
    columns=_columns,
)
