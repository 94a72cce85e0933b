"""What an event in CEF or LEEF is: class, verdict and outcome by what its fields say, whoever made the product.

Neither format says what kind of event a line is, so it goes by the content: a word of login and a user is
`authentication`; a word of attack, malware or filtering is a `finding`; two mail addresses are `email`; a URL is
`http`; a source with a destination or an action is `network`; all else is `system`.

References: ArcSight Common Event Format, implementation standard, version 26 (dictionary of the extension); IBM QRadar,
Log Event Extended Format version 2 (predefined attributes); read 2026-11-20.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from parsers._distinct import per_distinct
from parsers._format import Context
from parsers._times import read
from parsers._urls import split_urls
from parsers._views import no_values

FIELDS = (
    "vendor product code name level cat act app proto src spt dst dpt nat_src nat_spt nat_dst nat_dpt shost dhost smac "
    "dmac suser duser domain out in packets_out packets_in in_if out_if rule session url method agent referer status "
    "category xff msg outcome reason fname hash count device vdev when zone start duration_ms service qname "
    "subject login logout direction"
).split()
"""The text columns that `columns` wants, null where a format has no such field."""

_LOGIN = r"(?i)\blog(?:ged)?[ _-]?(?:in|on|out|off)\b|\bsign(?:ed)?[ _-]?(?:in|on|out|off)\b|authenticat|\blogon\b"
_LEFT = r"(?i)\b(?:log|sign)(?:ged|ed)?[ _-]?(?:out|off)\b"
_FINDING = (
    r"(?i)virus|malware|ransom|trojan|spyware|threat|attack|exploit|intrusion|\bips\b|\bids\b|\bids:|\bwaf\b|appfw|"
    r"\bdlp\b|data loss|anomal|phish|botnet|sandbox|suspicious|malicious|signature|violation|\bspam\b|vulnerab|eicar|"
    r"appcontrol|web ?filter|url ?filter|url block|injection|cross[- ]site|\bc&c\b|\bcnc\b|c2\b|reputation|"
    r"不正|脅威|ウイルス|ウィルス"
)
_KINDS = {
    "virus": r"virus|malware|ransom|trojan|eicar|ウイルス|ウィルス", "sandbox": r"sandbox|threat emulation",
    "waf": r"\bwaf\b|appfw|injection|cross[- ]site", "dlp": r"\bdlp\b|data loss", "email": r"spam|phish",
    "webfilter": r"web ?filter|url", "anomaly": r"anomal|flood|scan", "app": r"appcontrol|application control",
    "ips": r"\bips\b|\bids\b|\bids:|intrusion|exploit|attack|signature|vulnerab",
}  # fmt: skip
_ALLOW = (
    r"^(?:not[ _-]?block|allow|accept|permit|pass|forward|detect|log(?:$|ged)|alert|monitor|report|bypass|success|"
    r"ids:|notif|continue|transformed|許可)"
)
_DENY = (
    r"^(?:den[iy]|drop|block|reject|refuse|discard|reset|quarantine|delete|clean|terminat|prevent|abort|isolat|kill|"
    r"remove|遮断|拒否|隔離|駆除)"
)
_NAMED_ALLOW = r"(?i)(?:^|[ _:-])(?:allowed|accepted|permitted|passed)(?:$|[ _:.-])"
_NAMED_DENY = r"(?i)(?:^|[ _:-])(?:denied|deny|dropped|discarded|blocked|refused|rejected)(?:$|[ _:.-])"
_FAILED = r"(?i)fail|denied|invalid|incorrect|reject|unsuccess|失敗"
_PASSED = r"(?i)succe|^ok$|^pass|allow|grant|signed in|logged (?:in|on)|成功"
_NOWHERE = ("0.0.0.0", "::", "0:0:0:0:0:0:0:0")  # noqa: S104  an address in a log, nothing is bound
_CATEGORIES = [pl.when(pl.col("value").str.contains(f"(?i){how}")).then(pl.lit(what)) for what, how in _KINDS.items()]


def columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The events of a frame of `FIELDS`."""
    said = _said(df)
    verdict, finding = said["verdict"], said["finding"]
    df = df.with_columns(
        _verdict=verdict, _finding=finding, _kind=said["kind"], _login=said["login"], _left=said["left"],
        _outcome=said["outcome"],
    )  # fmt: skip
    user = pl.coalesce("suser", "duser")
    mails = pl.col("suser").str.contains("@", literal=True) & pl.col("duser").str.contains("@", literal=True)
    login = (pl.col("_login") & user.is_not_null()) | (pl.col("login") == "true") | (pl.col("logout") == "true")
    flow = pl.col("src").is_not_null() & (pl.col("dst").is_not_null() | pl.col("act").is_not_null())
    kind = (
        pl.when(login)
        .then(pl.lit("authentication"))
        .when(pl.col("_finding"))
        .then(pl.lit("finding"))
        .when(mails)
        .then(pl.lit("email"))
        .when(pl.col("url").is_not_null())
        .then(pl.lit("http"))
        .when(flow | pl.col("_verdict").is_not_null() & pl.coalesce("src", "dst", "dpt").is_not_null())
        .then(pl.lit("network"))
        .otherwise(pl.lit("system"))
    )
    df = df.with_columns(_class=kind)
    count = pl.col("count").cast(pl.Int64, strict=False)
    maker = pl.concat_str(pl.col("vendor", "product").str.strip_chars(), separator=" ", ignore_nulls=True)
    made = df.select(
        pl.col("_class").alias("class"), pl.col("code").alias("event_code"), pl.col("level").alias("severity"),
        pl.coalesce("msg", pl.when(pl.col("name") != pl.col("code")).then("name")).alias("message"),
        pl.col("act").alias("action"), pl.col("when").alias("time"),
        pl.col("zone").alias("time_zone"), "device", pl.col("vdev").alias("virtual_device"),
        *_flow(), *_decision(),
        pl.when(count > 1).then("count").alias("event_count"),
        pl.when(count > 1).then(pl.lit("aggregated")).alias("count_quality"),
        pl.col("duration_ms"), *_people(user, mails), *_web(df), *_finding_columns(),
        pl.coalesce("service", maker).alias("service"),
        pl.col("reason"), pl.col("name").alias("operation"),
        pl.coalesce("fname", maker).alias("object"), pl.coalesce("outcome", "status").alias("result"),
    ).hstack(split_urls(df["url"]))  # fmt: skip
    return made.with_columns(_started(df, context), pl.coalesce("dst_host", "url_host").alias("dst_host"))


def _said(df: pl.DataFrame) -> pl.DataFrame:
    """What the words of the event say, each worked out once for each distinct text."""
    act = per_distinct(
        df["act"].str.to_lowercase().str.strip_chars(),
        allow=pl.col("value").str.contains(_ALLOW), deny=pl.col("value").str.contains(_DENY),
    )  # fmt: skip
    name = per_distinct(
        df["name"], allow=pl.col("value").str.contains(_NAMED_ALLOW), deny=pl.col("value").str.contains(_NAMED_DENY)
    )
    words = df.select(pl.concat_str("name", "cat", "product", "act", separator=" ", ignore_nulls=True)).to_series()
    event = per_distinct(
        words, finding=pl.col("value").str.contains(_FINDING), kind=pl.coalesce(*_CATEGORIES),
        login=pl.col("value").str.contains(_LOGIN), left=pl.col("value").str.contains(_LEFT),
    )  # fmt: skip
    ended = per_distinct(
        df.select(pl.concat_str("outcome", "act", "name", "cat", separator=" ", ignore_nulls=True)).to_series(),
        failed=pl.col("value").str.contains(_FAILED), passed=pl.col("value").str.contains(_PASSED),
    )  # fmt: skip
    unsaid = df["act"].is_null()
    deny = pl.select(pl.when(unsaid).then(name["deny"]).otherwise(act["deny"] & ~act["allow"])).to_series()
    allow = pl.select(pl.when(unsaid).then(name["allow"]).otherwise(act["allow"])).to_series()
    return pl.select(
        verdict=pl.when(deny).then(pl.lit("deny")).when(allow).then(pl.lit("allow")),
        finding=event["finding"].fill_null(value=False), kind=event["kind"],
        login=event["login"].fill_null(value=False), left=event["left"].fill_null(value=False),
        outcome=pl.when(ended["failed"]).then(pl.lit("failure")).when(ended["passed"]).then(pl.lit("success")),
    )  # fmt: skip


@cache
def _flow() -> list[pl.Expr]:
    made = (("src", "src_ip"), ("spt", "src_port"), ("dst", "dst_ip"), ("dpt", "dst_port"), ("shost", "src_host"),
            ("dhost", "dst_host"), ("smac", "src_mac"), ("dmac", "dst_mac"), ("proto", "protocol"), ("app", "app"),
            ("rule", "rule"), ("in_if", "in_interface"), ("out_if", "out_interface"), ("out", "bytes_out"),
            ("in", "bytes_in"), ("packets_out", "packets_out"), ("packets_in", "packets_in"),
            ("session", "session_id"), ("direction", "direction"))  # fmt: skip
    translated = [
        pl.when(~pl.col(f"nat_{end}").is_in(_NOWHERE)).then(f"nat_{part}").alias(f"nat_{end}_{column}")
        for end, ports in (("src", "spt"), ("dst", "dpt"))
        for part, column in ((end, "ip"), (ports, "port"))
    ]
    return [*(pl.col(given).alias(name) for given, name in made), *translated]


@cache
def _decision() -> list[pl.Expr]:
    """Verdict, outcome and path: nothing is decided in an event of login or of the device itself."""
    decided = pl.col("_class").is_in(["network", "finding", "http", "email"])
    both = (pl.col("out").cast(pl.Int64, strict=False) > 0) & (pl.col("in").cast(pl.Int64, strict=False) > 0)
    login = pl.col("_class") == "authentication"
    return [
        pl.when(decided).then("_verdict").alias("verdict"),
        pl.when(login & ~pl.col("_left"))
        .then("_outcome")
        .when((pl.col("_class") == "network") & (pl.col("_verdict") == "allow") & both)
        .then(pl.lit("established"))
        .alias("outcome"),
        pl.when((pl.col("_class") == "network") & pl.col("_verdict").is_not_null())
        .then(pl.lit("forward"))
        .alias("path"),
    ]


def _people(user: pl.Expr, mails: pl.Expr) -> list[pl.Expr]:
    """Who it was; of two mail addresses neither is a user."""
    mail = mails.fill_null(value=False) & (pl.col("_class") != "authentication")
    account = pl.when(pl.col("_class") == "authentication").then(pl.coalesce("duser", "suser")).otherwise(user)
    return [
        pl.when(~mail).then(account).alias("user"), pl.col("domain").alias("user_domain"),
        pl.when(pl.col("suser") != pl.col("duser")).then("suser").alias("target"),
        pl.when(mail | pl.col("suser").str.contains("@", literal=True)).then("suser").alias("mail_from"),
        pl.when(mail | pl.col("duser").str.contains("@", literal=True)).then("duser").alias("mail_to"),
        pl.col("subject"),
    ]  # fmt: skip


def _web(df: pl.DataFrame) -> list[pl.Expr]:
    return [
        pl.when(pl.col("_class") == "http").then(pl.lit("proxy")).alias("role"), pl.col("url"), pl.col("method"),
        pl.col("agent").alias("user_agent"), pl.col("referer"), pl.col("status"), pl.col("category"),
        pl.col("xff").alias("forwarded_for"), pl.col("qname"),
    ]  # fmt: skip


@cache
def _finding_columns() -> list[pl.Expr]:
    return [
        pl.col("code").alias("signature_id"), pl.col("name").alias("signature"),
        pl.coalesce("_kind", pl.col("cat")).alias("finding_category"), pl.col("act").alias("disposition"),
        pl.col("fname").alias("file_name"), pl.col("hash").alias("file_hash"),
    ]  # fmt: skip


def _started(df: pl.DataFrame, context: Context) -> pl.Series:
    """When it began, where the event tells that besides its own time."""
    found = read(df["start"], context)
    times = pl.Series(found.us).cast(pl.Datetime("us"))
    nothing = no_values(df.height, pl.Datetime("us"))
    return times.zip_with(pl.Series(found.valid), nothing).alias("start_time")
