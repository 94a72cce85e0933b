"""PAN-OS logs of what happened to the firewall and who logged in: all types that are no session and no threat.

Reference: as `paloalto_panos`; "Event Descriptions for the GlobalProtect Logs in PAN-OS" 10.1; read 2026-11-20. The
manual does not list the texts of system logs: those of logins and leases are read as devices write them.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from parsers._messages import match

_ADDRESS = r"[0-9A-Fa-f.:]{3,45}"
_TEXTS = {
    "login": rf"User (?P<who>.*) (?P<way>logged in|logged out) via (?P<how>[A-Za-z ]+) from (?P<ip>{_ADDRESS})"
    r"(?: using (?P<by>\w+))?\.?",
    "failed": r"[Ff]ailed authentication for user '?(?P<who>.*?)'?\.\s+Reason: (?P<why>.*?)\.? "
    rf"(?:[Aa]uth(?:entication)? [Pp]rofile '?(?P<profile>[^',]*).*)?From: (?P<ip>{_ADDRESS}?)\.?\s*",
    "passed": rf"authenticated for user '(?P<who>.*?)'\..*From: (?P<ip>{_ADDRESS}?)\.?\s*",
    "vpn": r"GlobalProtect (?P<part>\w+) user (?P<how>[\w ]+) (?P<way>succeeded|failed)\. "
    rf"Login from: (?P<ip>{_ADDRESS}).*?, User name: (?P<who>.*?)(?:, Client OS version: .*?)?"
    r"(?:, Reason: (?P<why>.*?))?(?:, Auth type: (?P<by>[^,.]*))?(?:, Client OS version: .*)?\.?\s*",
    "vpn_out": r"GlobalProtect (?P<part>\w+) user (?P<way>logout) succeeded\. User name: (?P<who>.*?),.*?"
    r"(?:Reason: (?P<why>[^,]*?))?\.?\s*",
    "lease": rf"DHCP lease (?P<way>\w+) ip (?P<lease>{_ADDRESS}) --> mac (?P<mac>[0-9A-Fa-f:]{{17}})"
    r"(?: - hostname (?P<client_name>[^,]*))?(?:, interface (?P<interface>\S+))?.*",
}
"""The device writes the address last, so of two that a user's name forges the last counts."""
_SUBTYPES = ("auth", "general", "globalprotect", "dhcp")
"""System logs that may say one of these."""
_OPERATIONS = {"ha": "ha", "port": "link", "dhcp": "dhcp", "hw": "hardware", "ntpd": "ntp"}
_SAID = {
    "log_loss": r"(?i)\blogs? (?:\w+ )?(?:lost|discarded|dropped)",
    "log_full": r"(?i)\blog\w* .*\b(?:quota|disk)\b.*(?:full|exceed|purg)",
    "reboot": r"(?i)\b(?:reboot|restart|power|shut ?down)",
    "upgrade": r"(?i)\b(?:upgraded?|installed|update job)\b",
    "config_change": r"(?i)\b(?:config|commit)\w* (?:installed|job|succeeded|completed)|cleared by user",
}
_FAILED = r"(?i)fail|denied|deny|invalid|reject|timed? ?out|error"
_PASSED = r"(?i)succe|allow|accept|complete"


def repeated() -> list[pl.Expr]:
    """One line for sessions that came again within five seconds."""
    again = pl.col("repeat").cast(pl.Int64, strict=False) > 1
    return [
        pl.when(again).then("repeat").alias("event_count"),
        pl.when(again).then(pl.lit("aggregated")).alias("count_quality"),
    ]


def columns(name: str, df: pl.DataFrame) -> pl.DataFrame:
    """The rows of one of these types."""
    made = _MAKERS[name](df)
    if "event_code" not in made.columns:
        code = pl.concat_str("_3", pl.lit("/"), pl.col("_4").fill_null(""))
        made = made.with_columns(df.select(code.alias("event_code")))
    return made


def _system(df: pl.DataFrame) -> pl.DataFrame:
    said = pl.when(pl.col("_4").is_in(_SUBTYPES)).then("description")
    df = df.hstack(match(df.select(said).to_series(), _TEXTS)).with_columns(
        _login=pl.col("pattern").is_in(["login", "failed", "passed", "vpn", "vpn_out"]),
        _lease=pl.col("pattern") == "lease",
    )
    failed = (pl.col("pattern") == "failed") | (pl.col("way") == "failed")
    vpn = pl.col("pattern").str.starts_with("vpn") | pl.col("event").str.starts_with("globalprotect")
    administrator = (pl.col("pattern") == "login") | pl.col("description").str.contains("admin role", literal=True)
    out = pl.col("way").is_in(["logged out", "logout"])
    described = [
        pl.when(pl.col("description").str.contains(how)).then(pl.lit(what))
        for what, how in _SAID.items()
    ]  # fmt: skip
    operation = pl.coalesce(pl.col("_4").replace_strict(_OPERATIONS, default=None), *described, "_4")
    # Which columns a row keeps goes by its class.
    return df.select(
        pl.when("_login").then(pl.lit("authentication")).when("_lease").then(pl.lit("dhcp"))
        .otherwise(pl.lit("system")).alias("class"),
        pl.coalesce("event", pl.concat_str("_3", pl.lit("/"), "_4")).alias("event_code"),
        "severity", pl.col("description").alias("message"), operation.alias("operation"),
        pl.when("_login").then("profile").otherwise(pl.col("object").replace(" ", None)).alias("object"),
        pl.col("ip").alias("src_ip"), pl.col("who").alias("user"), pl.col("way").alias("action"),
        pl.when(out).then(None).when(failed).then(pl.lit("failure")).when("_login").then(pl.lit("success"))
        .alias("outcome"),
        pl.when(vpn).then(pl.lit("globalprotect")).when(administrator).then(pl.lit("administration")).alias("service"),
        pl.when(vpn).then(pl.lit("vpn")).when(administrator).then(pl.lit("administrator")).alias("auth_role"),
        pl.coalesce("by", "how").alias("auth_method"), pl.col("why").alias("reason"),
        pl.col("lease").alias("lease_ip"), pl.col("mac").alias("lease_mac"), pl.col("client_name").alias("lease_name"),
        pl.when("_lease").then("interface").alias("in_interface"),
    )  # fmt: skip


def _config(df: pl.DataFrame) -> pl.DataFrame:
    return df.select(
        pl.lit("system").alias("class"), pl.lit("config_change").alias("operation"), "action", "user", "result",
        pl.col("src").alias("src_ip"), pl.col("object").str.strip_chars(" "), pl.col("before").alias("old"),
        pl.col("after").alias("new"), pl.coalesce("comment", "client").alias("message"),
        pl.concat_str(pl.lit("CONFIG/"), "action").alias("event_code"),
    )  # fmt: skip


def _globalprotect(df: pl.DataFrame) -> pl.DataFrame:
    """Stages of a VPN connection; only an authentication tells that somebody logged in or failed to."""
    login = pl.col("event").str.contains("-auth$|login$") & ~pl.col("event").str.contains("prelogin", literal=True)
    failed = pl.col("status").str.contains(_FAILED)
    outcome = pl.when(login & failed).then(pl.lit("failure")).when(login).then(pl.lit("success"))
    return df.select(
        pl.lit("authentication").alias("class"), pl.lit("globalprotect").alias("service"),
        pl.lit("vpn").alias("auth_role"), outcome.alias("outcome"), pl.col("event").alias("event_code"),
        pl.col("stage").alias("action"), pl.coalesce("method", "tunnel").alias("auth_method"), "user",
        *_client(), pl.coalesce(_set("nat_src"), _set("nat_src_v6")).alias("nat_src_ip"),
        pl.coalesce("reason", "error").alias("reason"), pl.coalesce("description", "status").alias("message"),
        pl.coalesce("gateway", "portal").alias("target"),
        (pl.col("elapsed").cast(pl.Int64, strict=False) * 1000).replace(0, None).alias("duration_ms"), *repeated(),
    )  # fmt: skip


def _set(name: str) -> pl.Expr:
    """An address that is not the empty one."""
    return pl.when(~pl.col(name).is_in(["0.0.0.0", "::"])).then(name)  # noqa: S104  nothing is bound


@cache
def _client() -> list[pl.Expr]:
    return [
        pl.coalesce(_set("src"), _set("src_v6")).alias("src_ip"), pl.col("src_name").alias("src_host"),
        pl.col("src_mac"),
    ]  # fmt: skip


def _userid(df: pl.DataFrame) -> pl.DataFrame:
    """Who is behind an address, as the firewall learnt it."""
    subtype = pl.col("_4")
    login = subtype.is_in(["login", "logout"])
    return df.select(
        pl.when(login).then(pl.lit("authentication")).otherwise(pl.lit("system")).alias("class"), *_client(), "user",
        subtype.alias("action"), pl.lit("user-id").alias("service"), pl.lit("user").alias("auth_role"),
        pl.when(subtype == "login").then(pl.lit("success")).alias("outcome"),
        pl.coalesce("factor", "method").alias("auth_method"), pl.col("origin").alias("target"),
        subtype.alias("operation"), pl.col("tag").alias("object"), *repeated(),
    )  # fmt: skip


def _hipmatch(df: pl.DataFrame) -> pl.DataFrame:
    return df.select(
        pl.lit("system").alias("class"), pl.lit("hip_match").alias("operation"), *_client(), "user", "object",
        pl.col("hip_type").alias("result"), *repeated(),
    )  # fmt: skip


def _authentication(df: pl.DataFrame) -> pl.DataFrame:
    """An authentication policy asked somebody who he is."""
    said = pl.coalesce("event", "_4")
    outcome = (
        pl.when(said.str.contains(_FAILED))
        .then(pl.lit("failure"))
        .when(said.str.contains(_PASSED))
        .then(pl.lit("success"))
    )
    return df.select(
        pl.lit("authentication").alias("class"), *_client(), outcome.alias("outcome"), "user", "rule",
        pl.col("event").alias("action"), pl.coalesce("client", pl.lit("authentication-policy")).alias("service"),
        pl.lit("user").alias("auth_role"), pl.coalesce("method", "vendor").alias("auth_method"),
        pl.col("object").alias("target"), pl.col("description").alias("message"),
        pl.when(outcome == "failure").then("description").alias("reason"), pl.col("session").alias("session_id"),
        *repeated(),
    )  # fmt: skip


def _correlation(df: pl.DataFrame) -> pl.DataFrame:
    return df.select(
        pl.lit("finding").alias("class"), pl.lit("correlation").alias("finding_category"), *_client(), "user",
        pl.col("object").alias("signature"), pl.col("threat").alias("signature_id"), "severity", "category",
        pl.col("description").alias("message"),
    )  # fmt: skip


def _iptag(df: pl.DataFrame) -> pl.DataFrame:
    return df.select(
        pl.lit("system").alias("class"), pl.lit("ip_tag").alias("operation"), *_client(), pl.col("_4").alias("action"),
        pl.col("tag").alias("object"), pl.col("origin").alias("message"), *repeated(),
    )  # fmt: skip


def _audit(df: pl.DataFrame) -> pl.DataFrame:
    return df.select(
        pl.lit("system").alias("class"), pl.lit("command").alias("operation"), pl.col("event").alias("action"), "user",
        "object", "result", pl.concat_str(pl.lit("AUDIT/"), "event").alias("event_code"),
    )  # fmt: skip


def _other(df: pl.DataFrame) -> pl.DataFrame:
    """A type that no manual names: its header, and the whole line."""
    return df.select(
        pl.lit("system").alias("class"),
        pl.col("_3").str.to_lowercase().alias("operation"),
        pl.col("body").alias("message"),
    )


_MAKERS = {
    "system": _system, "config": _config, "globalprotect": _globalprotect, "userid": _userid, "hipmatch": _hipmatch,
    "authentication": _authentication, "correlation": _correlation, "iptag": _iptag, "audit": _audit, "other": _other,
}  # fmt: skip
