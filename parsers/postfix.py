"""Postfix: what its programs say of connections, messages and deliveries, and of the filters beside it.

Reference: Postfix 3.10 manual pages smtpd(8), postscreen(8), cleanup(8), qmgr(8), smtp(8), bounce(8), anvil(8),
POSTSCREEN_README and SASL_README, the sources for the wording; policyd-spf (Python and Perl), postgrey, opendkim,
opendmarc, amavis and clamav-milter as they write into the same log. Read 2026-11-20.
Read besides: several instances (`postfix-mx/smtpd`: `virtual_device`), services of master.cf (`app`, from
`postfix/submission/smtpd`), long queue ids, lines without a header or with <PRI> alone (`postfix/smtpd[1]: …`), lines
cut short. What TLS was agreed on (`tls=`, Postfix 3.11) is stepped over.
Not read: debug output (`-v`) beyond its queue id and text; Dovecot; other filters.

Each line is a row: a delivery is put together from its rows by device and `queue_id`. `stage` is the program. `action`
is Postfix's word (connect, reject, sent, PASS NEW, lost connection …), `event_code` the SMTP command or the part of the
message at which it came (RCPT, END-OF-MESSAGE, header). src is the SMTP client, dst what a delivery went to
(`relay=host[ip]:port`). `mail_from` is `<>` for the null sender of a bounce. `message` of a refusal is the whole reply,
of `to=…` the other server's answer, with the next queue id (`queued as`).

Verdict: deny where Postfix or a filter refused or threw away (reject, milter-reject, proxy-reject, discard, limit
exceeded, greylist, Blocked), for now or for good (`dsn` tells); allow for PASS, ALLOWLISTED and what a filter passed.
What another server refused (bounced, deferred) is no verdict of this one: `status` says it. A failed SASL login is of
class `authentication`; a successful one stays with its message: `user`, outcome `success`. What amavis (INFECTED,
BANNED) and clamav-milter found is a finding.
Time: no year and no zone (RFC 3164), unless the syslog daemon writes ISO 8601.
Before Postfix 3.5, or with `info_log_address_format = internal`, an address such as `"a> to=<b"@example.org` is logged
without its quotes, and can't be told from two fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import numpy as np
import polars as pl

from parsers._assemble import assembled, overlaid
from parsers._distinct import by_distinct, distinct_of, per_distinct
from parsers._format import Context, Format
from parsers._lines import Ints
from parsers._messages import extract, match, whole
from parsers._postfix_lines import BEHIND, COMMON, FILTERS, RARE, RECIPIENT, REFUSAL

_PROGRAMS = frozenset(
    "anvil bounce cleanup discard dnsblog error flush lmtp local master nqmgr oqmgr pickup pipe postalias postconf "
    "postdrop postlog postlogd postmap postmulti postqueue postscreen postsuper proxymap proxywrite qmgr qmqpd relay "
    "retry scache sendmail showq smtp smtpd spawn tlsmgr tlsproxy trace trivial-rewrite verify virtual".split()
)
_SYSTEM = (
    "master", "postalias", "postconf", "postfix", "postfix-script", "postlog", "postlogd", "postmap", "postmulti",
    "postqueue", "proxymap", "proxywrite", "scache", "tlsmgr",
)  # fmt: skip
"""Programs that speak of Postfix itself, not of mail."""
_FILTERS = {name: name for name in FILTERS} | {
    "pypolicyd-spf": "policyd-spf", "policy-spf": "policyd-spf", "amavisd": "amavis", "amavisd-new": "amavis",
}  # fmt: skip
_OUTWARD = ("smtp", "lmtp", "relay")
"""Programs that connect to another server: the host they name is where the mail goes."""
_DENIED = ("reject", "milter-reject", "proxy-reject", "discard", "milter-discard", "greylist", "Blocked")
_ALLOWED = ("PASS OLD", "PASS NEW", "WHITELISTED", "ALLOWLISTED", "proxy-accept", "pass", "Passed", "Clean")
_STATUS = {
    "reject": "rejected", "milter-reject": "rejected", "proxy-reject": "rejected",
    "discard": "discarded", "milter-discard": "discarded",
    "hold": "held", "milter-hold": "held", "quarantine": "held",
}  # fmt: skip
_SAID = {
    "DKIM verification successful": "pass", "bad signature data": "fail", "signature verification failed": "fail",
    "no signature data": "none", "Temporary": "temperror", "Permanent": "permerror",
}  # fmt: skip
_KINDS = {
    "policyd-spf": "spf=", "opendkim": "dkim=", "opendmarc": "dmarc=", "amavis": "", "clamav-milter": "clamav=",
}  # fmt: skip
_SCANNERS = ("amavis", "clamav-milter")
_FINDINGS = {"INFECTED": "virus", "BANNED": "dlp"}


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    program, body = df["syslog_program"], df["body"]
    if program.null_count():
        program, body = _without_header(program, body)
    who, kinds = _programs(program)
    made = who.hstack(_read(body, who, kinds))
    none = pl.Series(kinds == _NONE)
    mail = pl.when(~none).then(pl.lit("email")) if none.any() else pl.lit("email")
    made = made.with_columns((pl.coalesce("class", mail) if "class" in made.columns else mail).alias("class"))
    if none.any():
        refused = pl.lit("not a line of Postfix or of a filter beside it")
        made = made.with_columns(pl.when(none).then(refused).alias("refused"))
    return made


def _without_header(program: pl.Series, body: pl.Series) -> tuple[pl.Series, pl.Series]:
    """`postfix/smtpd[1]: …` stands first where there is no time, or <PRI> alone."""
    rows = program.is_null().arg_true()
    found = body.gather(rows).str.extract_groups(r"^([0-9A-Za-z_./-]{2,80})(?:\[[0-9]+\])?: (.*)$").struct
    name = by_distinct(found[0], lambda text: text if _stage(text) else None)
    rows, own = rows.filter(name.is_not_null()), name.is_not_null()
    # scatter changes the columns themselves.
    return program.clone().scatter(rows, name.filter(own)), body.clone().scatter(rows, found[1].filter(own))


def _stage(program: str) -> str | None:
    """The program's name without instance and service; None where it is neither Postfix's nor a filter's."""
    first, *more = program.strip("/").split("/")
    name = more[-1] if more else first
    if name in _FILTERS:
        return _FILTERS[name]
    return name if first.startswith("postfix") or (more and name in _PROGRAMS) else None


def _programs(program: pl.Series) -> tuple[pl.DataFrame, Ints]:
    """Of each line the stage, and the service of master.cf (`submission`) and the instance where they are named.

    Besides the kind of each line: its place in `COMMON`, `_RARE` for another program of Postfix, `_FILTER`, `_NONE`.
    """
    distinct, index = distinct_of(program)
    names = distinct.to_list()
    stages = [_stage(name) for name in names]
    parts = [name.strip("/").split("/") if stage else [] for name, stage in zip(names, stages, strict=True)]
    columns = {
        "stage": stages,
        "app": ["/".join(part[1:-1]) or None for part in parts],
        "virtual_device": [part[0] if len(part) > 1 and part[0] != "postfix" else None for part in parts],
    }
    who = {
        name: pl.Series(values, dtype=pl.String) for name, values in columns.items() if any(values) or name == "stage"
    }
    kinds = np.array([*(_kind(stage) for stage in stages), _NONE], np.int64)
    row = index.fill_null(len(names)).to_numpy()
    return pl.DataFrame({name: values.gather(index) for name, values in who.items()}), kinds[row]


def _kind(stage: str | None) -> int:
    if stage is None or stage in FILTERS:
        return _NONE if stage is None else _FILTER
    return next((at for at, (stages, _) in enumerate(COMMON) if stage in stages), _RARE)


_NONE, _RARE, _FILTER = -1, -2, -3


def _read(body: pl.Series, who: pl.DataFrame, kinds: Ints) -> pl.DataFrame:
    """The columns of every line, by whichever expression reads it."""
    parts: list[tuple[Ints, pl.DataFrame]] = []
    rare = [np.flatnonzero(kinds == _RARE)]
    for kind, (_, expressions) in enumerate(COMMON):
        places = np.flatnonzero(kinds == kind)
        for pattern in expressions:
            if not len(places):
                break
            lines = body.gather(places)
            found, fits = extract(lines, pattern)
            if "after" in found.columns:
                found = _with_replies(found)
                fits = found["verb"].is_not_null().to_numpy()
            if fits.all():
                parts.append((places, _meaning(found)))
                places = places[:0]
            else:
                parts.append((places[fits], _meaning(found.filter(fits))))
                places = places[~fits]
        rare.append(places)
    places = np.concatenate(rare)
    if len(places):
        parts.append((places, _meaning(match(body.gather(places), RARE).hstack(who[places]))))
    for name in FILTERS if (kinds == _FILTER).any() else ():
        places = (who["stage"] == name).arg_true().to_numpy()
        if len(places):
            parts.append((places, _meaning(_filtered(body.gather(places), FILTERS[name]).hstack(who[places]))))
    return assembled(parts, len(body))


def _with_replies(found: pl.DataFrame) -> pl.DataFrame:
    """The reply, port, sender, recipient and greeting of refusals; those with another end don't fit (no verb)."""
    refused = found["verb"].str.starts_with("reject").fill_null(value=False)
    if not refused.any():
        return found
    after = found["after"].filter(refused)
    ends = after.str.extract_groups(REFUSAL).struct.unnest().with_columns(after.alias("text"))
    ends = ends.with_columns(pl.col("text").str.extract(r"^:([0-9]+): ").alias("port"))
    text = pl.col("text").str.strip_suffix(pl.col("end"))
    mark = pl.when(pl.col("port").is_null()).then(pl.lit(": ")).otherwise(pl.format(":{}: ", "port"))
    ends = ends.with_columns(pl.when(pl.col("end").is_not_null()).then(text.str.strip_prefix(mark)).alias("message"))
    found = overlaid(found, refused, ends.drop("end", "text"))
    return found.with_columns(pl.when(~refused | pl.col("message").is_not_null()).then("verb"))


def _filtered(lines: pl.Series, patterns: Mapping[str, str]) -> pl.DataFrame:
    """What a filter says; a message of it that is not known is kept as it is."""
    found = match(lines, {**patterns, "other": "(?P<message>.*)"})
    if "after" not in found.columns:
        return found
    behind = (pl.col("after").str.extract(pattern).alias(name) for name, pattern in BEHIND.items())
    return found.with_columns(*behind, mail_to=pl.col("recipients").str.replace_all(RECIPIENT, "$1$2")).drop(
        "after", "recipients"
    )


@cache
def _act(verb: str) -> tuple[str, str | None, str | None, str | None]:
    """What a verb says: the action, the SMTP command at which it was done, the verdict and the status.

    `reject: RCPT from` → reject, RCPT, deny, rejected; `lost connection after DATA (120 bytes) from` → lost connection,
    DATA; `HANGUP after 1 from` → HANGUP.
    """
    short = re.sub(r"(?: from| to| for| with|=)? ?$", "", verb).partition(" after ")[0]
    action = re.sub(r"^([A-Z]+) [0-9]+$|^([a-z_-]+): [A-Z-]+$", r"\1\2", short)
    command = re.match(r"(?:.* after|[a-z_-]+:) ([A-Z][A-Z-]+)(?: .*)? from", verb)
    denied = action in _DENIED or action.endswith("limit exceeded")
    verdict = "deny" if denied else "allow" if action in _ALLOWED else None
    return action, command[1] if command else None, verdict, _STATUS.get(action)


def _meaning(df: pl.DataFrame) -> pl.DataFrame:
    """The columns, from whichever parts were found."""
    there = set(df.columns)
    if "verb" in there:
        distinct, index = distinct_of(df["verb"])
        acts = [_act(verb) for verb in distinct.to_list()]
        for at, name in enumerate(("action", "command", "verdict", "standing")):
            df = df.with_columns(pl.Series(name, [act[at] for act in acts], dtype=pl.String).gather(index))
    if "relay" in there:
        parts = pl.col("value").str.extract_groups(_RELAY).struct
        df = df.hstack(per_distinct(df["relay"], **{name: parts.field(name) for name in _RELAY_PARTS}))
    made = {name: pl.col(name) for name in _AS_WRITTEN if name in there}
    if "queue_id" in there:
        made["queue_id"] = pl.when(pl.col("queue_id") != "NOQUEUE").then("queue_id")
    if "mail_from" in there:
        made["mail_from"] = pl.when(pl.col("mail_from") == "").then(pl.lit("<>")).otherwise("mail_from")
    if "message_id" in there:
        bare = pl.when(~pl.col("message_id").str.starts_with("<")).then("message_id")
        made["message_id"] = pl.coalesce(pl.col("message_id").str.extract(r"^<([^>]*)>$"), bare)
    if "delay" in there:
        made["delay_ms"] = (pl.col("delay").cast(pl.Float64) * 1000).round().cast(pl.Int64)
    if "status" in there:
        made["action"] = made["status"] = pl.col("status").str.to_lowercase()
    if "said" in there:
        answer = pl.col("said").str.strip_suffix(")")
        queued = pl.col("mail_to").is_null() if "pattern" in there else pl.lit("mail_to" not in there)
        made["message"] = pl.when(queued).then("said").otherwise(answer)
        made["cut"] = ~pl.col("said").str.ends_with(")")
    made |= _ends(there)
    if "verb" in there:
        made |= _decision(there)
    if "pattern" in there:
        made |= _rare(there, made) if "reason" in there else _filter(there, made)
    return df.select(**made)


_AS_WRITTEN = (
    "mail_to", "helo", "size", "relay", "user", "message", "severity", "auth_method", "reason", "signature", "rule",
    "dsn", "subject",
)  # fmt: skip


_RELAY_PARTS = ("relay_host", "relay_ip", "relay_port")
_RELAY = r"^(?P<relay_host>[^\[]*)\[(?P<relay_ip>[0-9A-Fa-f.:]+)\](?::(?P<relay_port>[0-9]+))?$"


def _ends(there: set[str]) -> dict[str, pl.Expr]:
    """src is the client, dst the server that a program connects to."""
    made: dict[str, pl.Expr] = {}
    if "ip" in there:
        outward = pl.col("stage").is_in(_OUTWARD)
        ends: dict[str, pl.Expr] = {"ip": pl.when(pl.col("ip") != "unknown").then("ip")}
        ends |= {"host": pl.when(pl.col("host") != "unknown").then("host")} if "host" in there else {}
        ends |= {"port": pl.col("port")} if "port" in there else {}
        for name, value in ends.items():
            if "stage" in there:
                made[f"src_{name}"], made[f"dst_{name}"] = pl.when(~outward).then(value), pl.when(outward).then(value)
            else:
                made[f"src_{name}"] = value
    if "to_ip" in there:
        made["dst_ip"], made["dst_port"] = (
            pl.coalesce("to_ip", made["dst_ip"]),
            pl.coalesce("to_port", made["dst_port"]),
        )
    if "relay" in there:
        named = pl.when(pl.col("relay_host") != pl.col("relay_ip")).then("relay_host")
        for name, value in (("ip", pl.col("relay_ip")), ("host", named), ("port", pl.col("relay_port"))):
            key = f"dst_{name}"
            made[key] = pl.coalesce(made[key], value) if key in made else value
    return made


def _decision(there: set[str]) -> dict[str, pl.Expr]:
    """What was done, at which command, and whether that let the mail or the client pass."""
    phase = pl.coalesce("phase", "command") if "phase" in there else pl.col("command")
    made = {"event_code": phase, "verdict": pl.col("verdict"), "action": pl.col("action"), "status": pl.col("standing")}
    if "status" in there:
        status = pl.col("status").str.to_lowercase()
        made |= {"action": pl.coalesce("action", status), "status": pl.coalesce(status, "standing")}
    if "message" in there:
        reply = pl.when(phase.is_not_null()).then("message")
        made["dsn"] = reply.str.extract(r"^(?:[0-9]{3}[ -])?([245]\.[0-9]{1,3}\.[0-9]{1,3}) ")
        made["rule"] = reply.str.extract(r"blocked using ([0-9A-Za-z._-]+)")
        for name in ("dsn", "rule"):
            made[name] = pl.coalesce(name, made[name]) if name in there else made[name]
    if "after" in there:
        client = pl.col("verb") == "client="
        behind = pl.col("after").str.strip_chars_start(", ")
        made["message"] = pl.coalesce("message", behind) if "message" in there else behind
        login = pl.when(client).then("after").str.extract(r", sasl_username=([^,]+)")
        made["user"] = pl.coalesce("user", login) if "user" in there else login
        made["outcome"] = pl.when(login.is_not_null()).then(pl.lit("success"))
    return made


def _rare(there: set[str], made: dict[str, pl.Expr]) -> dict[str, pl.Expr]:
    """What only the rare lines say: failed logins, headers of messages, Postfix's own state, lines cut short."""
    pattern, message, stage = pl.col("pattern"), pl.col("message"), pl.col("stage")
    login, content, smtp = pattern == "sasl", pattern == "content", pl.lit("smtp")
    system = stage.is_in(_SYSTEM)
    delivery = (pattern == "delivery") & pl.col("status").is_null()
    odd = pl.when(pl.col("message_id").str.starts_with("<") & made["message_id"].is_null()).then("message_id")
    return {
        "class": pl.when(login).then(pl.lit("authentication")).when(system).then(pl.lit("system"))
        .otherwise(pl.lit("email")),
        "service": pl.when(login).then(pl.coalesce("app", smtp) if "app" in there else smtp),
        "action": pl.when(login).then(pl.lit("authentication failed")).otherwise(made["action"]),
        "verdict": pl.when(login).then(pl.lit("deny")).otherwise(made["verdict"]),
        "outcome": pl.when(login).then(pl.lit("failure")),
        "auth_method": pl.col("auth_method").str.to_uppercase(),
        "reason": pl.when(login).then("reason"),
        "subject": pl.when(content).then(message.str.extract(r"^(?i)Subject: (.*)$")),
        "message": pl.when(content & pl.col("reason").is_not_null()).then(pl.format("{}: {}", "message", "reason"))
        .otherwise(pl.coalesce(made["message"], "message", odd)),
        "cut": made["cut"].fill_null(value=False) | delivery | ((pattern == "decided_cut") & (stage != "postscreen"))
        | (pattern == "decided_stub") | (odd.is_not_null() & ~odd.str.ends_with(">"))
        | ((pattern == "queued") & pl.col("said").is_null()),
        "operation": pl.when(system).then(message.str.extract(_OPERATION).replace_strict(_OPERATIONS, default=None)),
    }  # fmt: skip


_OPERATION = r"^(?:the Postfix mail system is |the )?(starting|stopping|refreshing|daemon started|reload|terminating)"
_OPERATIONS = {
    "starting": "start", "daemon started": "start", "stopping": "stop", "terminating": "stop", "refreshing": "reload",
    "reload": "reload",
}  # fmt: skip


def _filter(there: set[str], made: dict[str, pl.Expr]) -> dict[str, pl.Expr]:
    """What a filter found; a virus is a finding."""
    if "result" not in there:
        return {}
    stage, result = pl.col("stage"), pl.col("result")
    word = result.replace_strict(_SAID, default=result)
    word = pl.when(stage == "amavis").then(word).otherwise(word.str.to_lowercase())
    kind = stage.replace_strict(_KINDS, default="")
    found = pl.when(stage.is_in(_SCANNERS)).then(result.str.to_uppercase().replace_strict(_FINDINGS, default=None))
    refused = pl.col("pattern").is_in(["refused", "refused_by_policy"])
    nothing = pl.lit(None, pl.String)
    return {
        "class": pl.when(found.is_not_null()).then(pl.lit("finding")).otherwise(pl.lit("email")),
        "spam_verdict": pl.concat_str(kind, word),
        "finding_category": found,
        "disposition": pl.when(found.is_not_null()).then(made.get("action", nothing)),
        "action": pl.when(refused).then(pl.lit("reject")).otherwise(made.get("action", nothing)),
        "status": pl.when(refused).then(pl.lit("rejected")).otherwise(made.get("status", nothing)),
        "verdict": pl.when(refused).then(pl.lit("deny")).otherwise(made.get("verdict", nothing)),
    }


FORMAT = Format(
    name="postfix",
    title="Postfix",
    reference="https://www.postfix.org/smtpd.8.html",
    shape=whole(),
    columns=_columns,
)
