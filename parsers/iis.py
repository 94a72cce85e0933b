"""Microsoft IIS: W3C extended log files, the error log of HTTP.sys (HTTPERR), and IIS's own format.

Reference: Microsoft, "W3C Extended Log File Format", "IIS Log File Format", "Error logging in HTTP APIs" (s-reason),
"Configure Logging in IIS" (default fields; UTC; blanks in headers are logged as +), "HTTP status codes in
IIS"; read 2026-11-20.
Read: what `#Fields:` names, in force from its line on; without it the layouts of IIS 6, 7 and 8 and that of all
fields, with or without forwarded-for addresses behind; HTTPERR; IIS's own format; the FTP service (`x-session`).
Not read: the NCSA format (that is `apache`'s common form); the SMTP service; centralised binary logs.

Verdict and outcome of an access are those of `apache`; a 404 whose substatus tells of request filtering or of a
restriction (404.5 to 404.8, 404.10 to 404.15, 404.18 to 404.20, 404.2, 404.501 to 404.504) is deny. `event_code` is
status and substatus where IIS has one (403.4). HTTP.sys decides only over `Forbidden` and `ConnLimit`; what it timed
out or was reset is attempted. A `+` in the user agent may have been one: it is read as a blank. `virtual_device` is the
site.
Of the FTP service a password is class `authentication` (230 allow, 530 deny), another command `network`, undecided.
Time: W3C is UTC; IIS's own format has the source's zone, month before day.
"""

from __future__ import annotations

import polars as pl

from parsers._accesses import served, spoken_for, with_nulls
from parsers._assemble import overlaid
from parsers._fields import Fields
from parsers._format import Context, Format
from parsers._iis_layouts import PATTERNS
from parsers._messages import match
from parsers._w3c import group

_READ = (
    "date", "time", "s-ip", "s-port", "c-ip", "c-port", "cs-method", "cs-uri", "cs-uri-stem", "cs-uri-query",
    "cs-username", "cs-version", "cs-host", "cs(Host)", "cs(User-Agent)", "cs(Referer)", "sc-status", "sc-substatus",
    "sc-win32-status", "sc-bytes", "cs-bytes", "time-taken", "s-sitename", "s-computername", "s-reason", "s-siteid",
    "X-Forwarded-For", "x-forwarded-for", "X-FORWARDED-FOR", "cs(X-Forwarded-For)", "crypt-protocol",
    "x-session",
)  # fmt: skip
_FIELDS = Fields(_READ, quotes=False, kept={"#Software:": "_software", "#Date:": "_date"})
_MICROSOFT = "^Microsoft (?:Internet Information|HTTP)"
_DECIDED = ("Forbidden", "ConnLimit")
_FILTERED = ("2", "5", "6", "7", "8", "10", "11", "12", "13", "14", "15", "18", "19", "20", "501", "502", "503", "504")
"""Substatuses of 404 that say what was refused: by request filtering, the ISAPI and CGI or the IP restrictions."""
_TLS = {"40": "TLSv1.0", "100": "TLSv1.1", "400": "TLSv1.2", "1000": "TLSv1.3", "10": "SSLv3", "4": "SSLv2"}
"""crypt-protocol: flags of SChannel in hexadecimal."""


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    names = {name: group(name) for name in _READ}
    forwarded = pl.coalesce("X-Forwarded-For", "x-forwarded-for", "X-FORWARDED-FOR", "cs(X-Forwarded-For)")
    host = pl.coalesce("cs-host", "cs(Host)")
    df = df.with_columns(forwarded.alias("X-Forwarded-For"), host.alias("cs-host"))
    df = df.drop("x-forwarded-for", "X-FORWARDED-FOR", "cs(X-Forwarded-For)", "cs(Host)")
    df = df.rename({name: alias for name, alias in names.items() if name in df.columns})
    day = pl.coalesce("date", pl.col("_date").str.extract(r"^([0-9-]+)", 1))
    df = df.with_columns(at=pl.concat_str(day, pl.lit(" "), "time"), zone=pl.lit("UTC"))
    beyond, status = df["_beyond"].fill_null(0), df["sc_status"].str.contains("^[0-9]{3}$")
    # IIS writes as many values as it names; more of them are read where the status stands in its place all the same.
    unnamed = ~df["_named"] | (beyond < 0) | ~pl.select(status.fill_null(beyond == 0)).to_series()
    if unnamed.any():
        df = overlaid(df, unnamed, _default(df["body"].filter(unnamed)))
    return _meaning(df, context)


def _default(bodies: pl.Series) -> pl.DataFrame:
    """The fields of lines that no header line explains, or whose fields are none of those in force."""
    found = with_nulls(match(bodies, PATTERNS), tuple(map(group, _READ)))
    local = found["month"].is_not_null()
    us = pl.concat_str(
        pl.lit("20"), "year", pl.lit("-"), pl.col("month").str.zfill(2), pl.lit("-"), pl.col("day").str.zfill(2),
        pl.lit(" "), pl.col("clock").str.zfill(8),
    )  # fmt: skip
    known = dict.fromkeys(group(name) for name in _READ)
    return found.select(
        *(pl.when(pl.col(name) != "-").then(name).alias(name) for name in known),
        pl.when(local).then(us).otherwise(pl.concat_str("date", pl.lit(" "), "time")).alias("at"),
        pl.when(~local).then(pl.lit("UTC")).alias("zone"),
        pl.col("pattern").is_not_null().alias("_named"),
        pl.when(pl.col("pattern").is_not_null()).then(pl.lit("Microsoft HTTP")).alias("_software"),
    )


def _meaning(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    query = pl.concat_str("cs_uri_stem", pl.lit("?"), "cs_uri_query")
    reason = pl.col("s_reason")
    asked = pl.col("cs_method").is_not_null()
    kernel = reason.is_not_null()
    vital = pl.any_horizontal(pl.col("c_ip", "sc_status", "cs_uri_stem", "cs_uri").is_not_null())
    known = pl.col("_named") & vital
    forwarded = df["x_forwarded_for"].str.replace_all("+", " ", literal=True)
    sub = pl.col("sc_substatus")
    made = {column.meta.output_name(): column for column in served(pl.col("sc_status"), asked)}
    deny = pl.when(reason.is_in(_DECIDED)).then(pl.lit("deny"))
    filtered = pl.when((pl.col("sc_status") == "404") & sub.is_in(_FILTERED)).then(pl.lit("deny"))
    lost = pl.when(reason.str.contains("^(?:Timer_|Connection|Client_Reset)")).then(pl.lit("attempted"))
    uri = pl.col("cs_uri").str.split_exact("?", 1).struct
    microsoft = pl.col("_software").str.contains(_MICROSOFT)
    unsigned = pl.col("_software").is_null() & (pl.col("sc_win32_status").is_not_null() | kernel)
    # Only the FTP service names its sessions; there, a method is a command, and 230 or 530 answers a password.
    ftp = pl.col("x_session").is_not_null()
    login = ftp & (pl.col("cs_method") == "PASS")
    entered = login & (pl.col("sc_status") == "230")
    turned_away = login & (pl.col("sc_status") == "530")
    of_ftp = pl.when(login).then(pl.lit("authentication")).otherwise(pl.lit("network"))
    decided = pl.when(entered).then(pl.lit("allow")).when(turned_away).then(pl.lit("deny"))
    ended = pl.when(entered).then(pl.lit("success")).when(turned_away).then(pl.lit("failure"))
    return df.with_columns(x_forwarded_for=forwarded).select(
        pl.when(known).then(pl.when(ftp).then(of_ftp).otherwise(made["class"])).alias("class"),
        pl.when(~known).then(pl.lit("neither the #Fields in force nor a default layout of IIS fits")).alias("refused"),
        made["role"], made["protocol"], made["status"],
        pl.when(ftp).then(decided).when(kernel).then(deny).otherwise(pl.coalesce(filtered, made["verdict"]))
        .alias("verdict"),
        pl.when(ftp).then(ended).when(kernel).then(pl.coalesce(lost, made["outcome"])).otherwise(made["outcome"])
        .alias("outcome"),
        pl.col("at").alias("time"), pl.col("zone").alias("time_zone"),
        spoken_for(df["c_ip"], forwarded, context.trusted_proxies).alias("src_ip"),
        pl.col("c_port").alias("src_port"), pl.col("s_ip").alias("dst_ip"), pl.col("s_port").alias("dst_port"),
        pl.col("x_forwarded_for").alias("forwarded_for"),
        pl.col("cs_username").alias("user"), pl.col("cs_method").alias("method"),
        pl.coalesce("cs_uri", query, "cs_uri_stem").alias("url"),
        pl.coalesce(uri[0], "cs_uri_stem").alias("url_path"), pl.coalesce(uri[1], "cs_uri_query").alias("url_query"),
        pl.col("cs_host").str.replace(r":[0-9]{1,5}$", "").alias("url_host"),
        pl.col("cs_host").str.extract(r"[^:]:([0-9]{1,5})$|^\[.*\]:([0-9]{1,5})$", 1).alias("url_port"),
        pl.col("cs_user_agent").str.replace_all("+", " ", literal=True).alias("user_agent"),
        pl.col("cs_referer").alias("referer"),
        pl.col("sc_bytes").alias("bytes_in"), pl.col("cs_bytes").alias("bytes_out"),
        pl.col("time_taken").alias("duration_ms"),
        pl.coalesce("s_sitename", "s_siteid").alias("virtual_device"), pl.col("s_computername").alias("device"),
        pl.when(sub != "0").then(pl.concat_str("sc_status", pl.lit("."), sub)).alias("event_code"),
        pl.col("crypt_protocol").replace_strict(_TLS, default=pl.col("crypt_protocol")).alias("tls_version"),
        pl.coalesce(pl.when(ftp).then("cs_method"), reason).alias("action"),
        pl.when(ftp).then(pl.lit("ftp")).alias("app"), pl.when(ftp).then(pl.lit("ftp")).alias("service"),
        pl.col("x_session").alias("session_id"),
        (microsoft | unsigned).fill_null(value=False).alias("own"),
    )  # fmt: skip


FORMAT = Format(
    name="iis",
    title="Microsoft IIS",
    reference="https://learn.microsoft.com/en-us/windows/win32/http/w3c-logging",
    shape=_FIELDS.shape(),
    columns=_columns,
    comment="#",
    learn=_FIELDS.learn,
)
