"""Blue Coat (Symantec, Broadcom) ProxySG and Edge SWG: W3C extended access logs.

Reference: Broadcom, "ProxySG Log Fields and Substitutions, SGOS 6.5.x through 7.3.x" (fields, date and time in GMT),
"Access Log Formats" (main, bcreportermain_v1, bcreporterssl_v1), "Exceptions"; read 2026-11-20.
Read: what `#Fields:` names, in force from its line on; without it (as syslog brings them) main, bcreportermain_v1
and bcreporterssl_v1, of SGOS 6 and 7.
Not read: the event log of the appliance, CIFS, streaming and MAPI logs beyond the fields that they share.

Verdict: an exception of policy, of the content filter or of authentication is deny. DENIED with an exception of the
network (tcp_error, dns_unresolved_hostname …) was let through and did not get there: allow, attempted. Without an
exception, DENIED of the filter or in `s-action` is deny. `event_code` is the exception. A virus makes the line a
`finding`. dst is the server (r-ip, or the supplier where the request went direct), never the appliance (s-ip).
Time: UTC.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from parsers._accesses import with_nulls
from parsers._assemble import overlaid
from parsers._fields import Fields
from parsers._format import Context, Format
from parsers._messages import match
from parsers._urls import split_urls
from parsers._w3c import group, pattern

_READ = (
    "date", "time", "x-timestamp-unix", "timestamp", "gmttime", "localtime", "time-taken", "c-ip", "c-port", "r-ip",
    "r-port", "r-dns", "s-supplier-ip", "r-supplier-ip", "s-supplier-name", "s-hierarchy", "cs-ip", "cs-username",
    "cs-user", "cs-auth-group", "x-exception-id", "sc-filter-result", "sc-filter-category", "cs-categories",
    "cs(Referer)", "sc-status", "s-action", "cs-method", "rs(Content-Type)", "cs-uri", "cs-uri-scheme", "cs-host",
    "cs-uri-host", "cs-uri-port", "cs-uri-path", "cs-uri-stem", "cs-uri-query", "cs(User-Agent)", "cs(X-Forwarded-For)",
    "s-ip", "s-computername", "sc-bytes", "cs-bytes", "x-virus-id", "x-bluecoat-application-name",
    "x-cs-connection-negotiated-ssl-version", "x-rs-connection-negotiated-ssl-version", "x-cs-ssl-server-hostname",
    "x-bluecoat-transaction-uuid", "x-bluecoat-transaction-id", "x-bluecoat-appliance-name", "cs-userdn",
)  # fmt: skip
_FIELDS = Fields(_READ, kept={"#Software:": "_software", "#Remark:": "_remark"})
_SUPPLIERS = (
    "date time time-taken c-ip cs-username cs-auth-group s-supplier-name s-supplier-ip s-supplier-country "
    "s-supplier-failures x-exception-id sc-filter-result cs-categories"
)
_LAYOUTS = {
    "main": "date time time-taken c-ip sc-status s-action sc-bytes cs-bytes cs-method cs-uri-scheme cs-host "
    "cs-uri-port cs-uri-path cs-uri-query cs-username cs-auth-group s-hierarchy s-supplier-name rs(Content-Type) "
    "cs(Referer) cs(User-Agent) sc-filter-result cs-categories x-virus-id s-ip",
    "main of SGOS 6": "date time time-taken c-ip sc-status s-action sc-bytes cs-bytes cs-method cs-uri-scheme cs-host "
    "cs-uri-port cs-uri-path cs-uri-query cs-username cs-auth-group s-supplier-name rs(Content-Type) cs(Referer) "
    "cs(User-Agent) sc-filter-result cs-categories x-virus-id s-ip",
    "bcreporterssl_v1": f"{_SUPPLIERS} sc-status s-action cs-method rs(Content-Type) cs-uri-scheme cs-host cs-uri-port "
    "cs-uri-extension cs(User-Agent) s-ip sc-bytes cs-bytes x-virus-id x-bluecoat-application-name",
    "bcreportermain_v1 of SGOS 7": f"{_SUPPLIERS} cs(Referer) sc-status s-action cs-method rs(Content-Type) "
    "cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query cs-uri-extension cs(User-Agent) s-ip sc-bytes cs-bytes "
    "x-virus-id x-bluecoat-application-name",
    "bcreportermain_v1": "date time time-taken c-ip cs-username cs-auth-group x-exception-id sc-filter-result "
    "cs-categories cs(Referer) sc-status s-action cs-method rs(Content-Type) cs-uri-scheme cs-host cs-uri-port "
    "cs-uri-path cs-uri-query cs-uri-extension cs(User-Agent) s-ip sc-bytes cs-bytes x-virus-id",
}
_FORMS = {"s-action": "-|[A-Z_]+", "sc-filter-result": "-|OBSERVED|DENIED|PROXIED"}
_PATTERNS = {
    name: pattern(layout, other=r'"[^"]*"|[^ "]+', forms=_FORMS) + "(?: .*)?" for name, layout in _LAYOUTS.items()
}
_POLICY = (
    r"denied|^policy_|^authentication|^authorization|^user_|^virus|^adult|^license|^methods_denied|^transformation"
    r"|^spoof|^user-defined|^silent_denied|^content_filter|_blocked$|^redirected"
)
_BROKEN = r"^invalid_|^bad_|^client_protocol|^unsupported|_malformed|^request_"
_FAILED = ("0", "000", "502", "503", "504")
_PORTS = {"http": "80", "https": "443", "ftp": "21", "tcp": "", "ssl": "443"}


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    df = df.rename({name: group(name) for name in _READ if name in df.columns})
    unnamed = ~df["_named"]
    if unnamed.any():
        df = overlaid(df, unnamed, _default(df["body"].filter(unnamed)))
    df = df.with_columns(_url())
    made = df.select(_meaning())
    return made.hstack(split_urls(df["whole"]).select("url_path", "url_query")) if len(df) else made


def _default(bodies: pl.Series) -> pl.DataFrame:
    """The fields of lines that no header line explains."""
    found = with_nulls(match(bodies, _PATTERNS), tuple(map(group, _READ)))
    known = pl.col("pattern").is_not_null()
    values = ((name, pl.col(name).str.strip_chars('"')) for name in map(group, _READ))
    return found.select(
        *(pl.when(value != "-").then(value).alias(name) for name, value in values), known.alias("_named")
    )


@cache
def _url() -> pl.Expr:
    """The URL as a browser would write it, of its parts; host and port of CONNECT."""
    scheme, host = pl.col("cs_uri_scheme"), pl.coalesce("cs_host", "cs_uri_host")
    usual = scheme.replace_strict(_PORTS, default=None)
    port = pl.when(pl.col("cs_uri_port") != usual).then(pl.concat_str(pl.lit(":"), "cs_uri_port")).otherwise(pl.lit(""))
    path = pl.coalesce("cs_uri_path", "cs_uri_stem").fill_null("")
    query = pl.concat_str(pl.lit("?"), pl.col("cs_uri_query").str.strip_prefix("?"), ignore_nulls=False).fill_null("")
    tunnel = (pl.col("cs_method") == "CONNECT") | (scheme == "tcp")
    bracketed = (
        pl.when(host.str.contains(r"^[^\[]*:")).then(pl.concat_str(pl.lit("["), host, pl.lit("]"))).otherwise(host)
    )
    connect = pl.concat_str(bracketed, pl.lit(":"), "cs_uri_port")
    built = pl.concat_str(scheme.fill_null("http"), pl.lit("://"), bracketed, port, path, query)
    return pl.coalesce("cs_uri", pl.when(tunnel).then(connect), built).alias("whole")


@cache
def _meaning() -> list[pl.Expr]:
    exception = pl.col("x_exception_id")
    action, status = pl.col("s_action"), pl.col("sc_status")
    denied = (pl.col("sc_filter_result").str.to_uppercase() == "DENIED") | action.str.contains("DENIED")
    broken = exception.str.contains(_BROKEN)
    network = exception.is_not_null() & ~exception.str.contains(_POLICY)
    # A tunnel has no answer by HTTP: its status is 0.
    lost = network | action.str.contains("ERR|FAILED") | (status.is_in(_FAILED) & (action != "TUNNELED"))
    policy = exception.str.contains(_POLICY) | (exception.is_null() & denied & ~action.str.contains("ERR"))
    told = pl.any_horizontal(action.is_not_null(), status.is_not_null(), pl.col("sc_filter_result").is_not_null())
    verdict = pl.when(policy.fill_null(value=False)).then(pl.lit("deny")).when(~broken.fill_null(value=False) & told)
    known = pl.col("_named") & pl.any_horizontal(pl.col("c_ip", "cs_host", "cs_uri", "s_action").is_not_null())
    application = pl.when(pl.col("x_bluecoat_application_name") != "none").then("x_bluecoat_application_name")
    direct = pl.col("s_hierarchy").str.contains("DIRECT")
    virus = pl.col("x_virus_id").is_not_null()
    allowed = ~policy.fill_null(value=False) & ~broken.fill_null(value=False) & told
    return [
        pl.when(known & virus).then(pl.lit("finding")).when(known).then(pl.lit("http")).alias("class"),
        pl.when(~known).then(pl.lit("no #Fields before it, and none of the layouts of ProxySG")).alias("refused"),
        pl.coalesce(pl.concat_str("date", pl.lit(" "), "time"), "x_timestamp_unix", "timestamp").alias("time"),
        pl.when(pl.col("date").is_not_null()).then(pl.lit("UTC")).alias("time_zone"),
        pl.lit("proxy").alias("role"), pl.lit("tcp").alias("protocol"),
        verdict.then(pl.lit("allow")).alias("verdict"),
        pl.when(allowed & lost.fill_null(value=False)).then(pl.lit("attempted"))
        .when(allowed & status.is_not_null()).then(pl.lit("established")).alias("outcome"),
        pl.coalesce(action, "sc_filter_result").alias("action"), action.alias("cache_result"),
        exception.alias("event_code"),
        pl.col("c_ip").alias("src_ip"), pl.col("c_port").alias("src_port"),
        pl.coalesce("r_ip", "r_supplier_ip", "s_supplier_ip", pl.when(direct).then("s_supplier_name"), "cs_ip")
        .alias("dst_ip"),
        pl.coalesce("cs_host", "cs_uri_host", "r_dns").alias("dst_host"),
        pl.coalesce("cs_uri_port", "r_port").alias("dst_port"),
        pl.coalesce("cs_username", "cs_user", "cs_userdn").alias("user"), pl.col("cs_method").alias("method"),
        pl.col("whole").alias("url"), pl.col("cs_uri_scheme").alias("url_scheme"),
        pl.coalesce("cs_host", "cs_uri_host").alias("url_host"), pl.col("cs_uri_port").alias("url_port"),
        status.alias("status"), pl.col("rs_content_type").alias("content_type"),
        pl.col("cs_user_agent").alias("user_agent"), pl.col("cs_referer").alias("referer"),
        pl.coalesce("cs_categories", "sc_filter_category").alias("category"),
        pl.col("cs_x_forwarded_for").alias("forwarded_for"),
        pl.col("sc_bytes").alias("bytes_in"), pl.col("cs_bytes").alias("bytes_out"),
        pl.col("time_taken").alias("duration_ms"), application.alias("app"),
        pl.coalesce(
            "x_cs_connection_negotiated_ssl_version", "x_rs_connection_negotiated_ssl_version"
        ).alias("tls_version"),
        pl.col("x_cs_ssl_server_hostname").alias("sni"),
        pl.coalesce("x_bluecoat_transaction_uuid", "x_bluecoat_transaction_id").alias("session_id"),
        pl.col("x_virus_id").alias("signature"), pl.when(virus).then(pl.lit("virus")).alias("finding_category"),
        pl.coalesce(
            "s_computername", "x_bluecoat_appliance_name", pl.col("_remark").str.extract(r'^[0-9]+ "([^"]*)"', 1)
        ).alias("device"),
        (pl.col("_software").str.contains("SGOS|ProxySG|Blue ?Coat") | action.is_not_null()).fill_null(value=False)
        .alias("own"),
    ]  # fmt: skip


FORMAT = Format(
    name="bluecoat_proxysg",
    title="Blue Coat ProxySG",
    reference="https://techdocs.broadcom.com/us/en/symantec-security-software/web-and-network-security/proxysg/7-3.html",
    shape=_FIELDS.shape(),
    columns=_columns,
    comment="#",
    learn=_FIELDS.learn,
)
