"""FortiGate event logs: logins, DHCP leases, VPN, and what happened to the device itself.

Reference: FortiOS 7.6 "Log Message Reference", Event (message ids are the last six digits of logid); read 2026-11-20.
"""

from __future__ import annotations

from functools import cache

import polars as pl

KEYS = tuple(
    "ui method reason authproto remip locip remport locport outintf interface tunneltype vpntunnel role init xauthuser "
    "assignip tunnelip dhcp_msg mac ip cfgpath cfgobj cfgattr userfrom remote_ip remote_port name result oldvalue "
    "newvalue".split()
)
"""Keys that only events have."""

_LOGINS = {
    "login": "administrator", "logout": "administrator", "authentication": "user", "NTLM-auth": "user",
    "auth-logon": "user",
    "auth-logout": "user", "FSSO-logon": "user", "FSSO-logoff": "user", "RSSO-logon": "user", "radius": "user",
    "ssl-login": "vpn", "ssl-login-fail": "vpn",
}  # fmt: skip
"""action → as what somebody logged in or out."""
_ENDS = ("logout", "auth-logout", "FSSO-logoff", "tunnel-down")
"""Not a login: no outcome, so that nobody counts them as one."""
_FAILED = ("failed", "failure", "fail", "denied", "timeout", "timed_out", "error")
_OPERATIONS = {
    "032102": "config_change", "044544": "config_change", "044545": "config_change", "044546": "config_change",
    "044547": "config_change", "032138": "reboot", "032009": "reboot", "032200": "reboot", "020099": "link",
    "040704": "performance", "041000": "update", "041001": "update", "041006": "update",
}  # fmt: skip
"""Last six digits of logid → operation; the others are called after what `logdesc` says, or after their subtype."""
_DESCRIBED = {
    "log_loss": r"(?i)\blogs?\b.*(?:discarded|dropped|lost)",
    "log_full": r"(?i)\blog.*\bfull|\bfull.*\blog",
    "reboot": r"(?i)reboot|restarted|shut ?down",
    "upgrade": r"(?i)firmware|image.*(?:upgrade|restore)",
    "config_change": r"(?i)config\w* (?:changed|restored)",
}


def columns(df: pl.DataFrame) -> pl.DataFrame:
    """The rows of type event."""
    df = df.with_columns(action=pl.col("action").fill_null(_said_action()))
    action, subtype = pl.col("action"), pl.col("subtype")
    ssl = pl.col("tunneltype").str.starts_with("ssl") | action.str.starts_with("ssl-")
    role = _role()
    event_class = (
        pl.when(pl.col("dhcp_msg").is_not_null())
        .then(pl.lit("dhcp"))
        .when(role.is_not_null())
        .then(pl.lit("authentication"))
        .otherwise(pl.lit("system"))
    )
    service = (
        pl.when(ssl)
        .then(pl.lit("ssl-vpn"))
        .when(subtype == "vpn")
        .then(pl.lit("ipsec-vpn"))
        .when(role == "administrator")
        .then(pl.lit("administration"))
        .when(action.str.contains("^[FR]SSO"))
        .then(action.str.head(4).str.to_lowercase())
        .when(role.is_not_null())
        .then(pl.lit("firewall-user"))
    )
    change = pl.col("cfgattr").str.extract_groups(r"^[^\[\]]*\[(?P<old>[^\[\]]*?)->(?P<new>[^\[\]]*)\]$").struct
    changed = pl.concat_str("cfgpath", "cfgobj", separator=" ", ignore_nulls=True).replace("", None)
    return df.select(
        event_class.alias("class"), "action", *_ends(ssl),
        pl.coalesce("srcintf", "interface").alias("in_interface"), pl.col("proto").alias("protocol"),
        pl.coalesce("dstintf", "outintf").alias("out_interface"), pl.col("policyid").alias("rule"),
        _person().alias("user"),
        pl.coalesce("sessionid", "session_id").replace("0", None).alias("session_id"),
        pl.coalesce("level", "pri").alias("severity"), pl.coalesce("msg", "logdesc", "desc").alias("message"),
        (pl.col("duration").cast(pl.Int64, strict=False) * 1000).alias("duration_ms"),
        pl.coalesce("tunnelip", "assignip").alias("nat_src_ip"),
        _outcome(role).alias("outcome"), service.alias("service"), role.alias("auth_role"),
        pl.coalesce("method", pl.col("authproto").str.extract(r"^([^(]+)", 1), "tunneltype").alias("auth_method"),
        pl.when(~pl.col("reason").is_in(["none", "N/A"])).then("reason").alias("reason"),
        pl.col("vpntunnel").alias("target"),
        pl.col("ip").alias("lease_ip"), pl.col("mac").alias("lease_mac"), pl.col("hostname").alias("lease_name"),
        _operation().alias("operation"), pl.coalesce("status", "result").alias("result"),
        pl.coalesce(changed, "url", "vpntunnel", "name", "interface").alias("object"),
        pl.coalesce(change.field("old"), "oldvalue").alias("old"),
        # Of several attributes, or of a new object, all is said at once.
        pl.coalesce(change.field("new"), "newvalue", pl.col("cfgattr").replace("", None)).alias("new"),
    )  # fmt: skip


@cache
def _said_action() -> pl.Expr:
    """FortiManager and FortiAnalyzer say in words what FortiGate says in `action`; DHCP says it in `dhcp_msg`."""
    login = pl.col("desc").str.contains(r"(?i)user login|login.*(?:failed|success)")
    return pl.when(login).then(pl.lit("login")).when(pl.col("dhcp_msg").is_not_null()).then("dhcp_msg")


@cache
def _person() -> pl.Expr:
    """Of an IPsec tunnel `user` is the id of the peer, often its address; who logged in is `xauthuser`."""
    return pl.coalesce("xauthuser", pl.when(pl.col("user").ne_missing(pl.col("remip"))).then("user"))


@cache
def _role() -> pl.Expr:
    """As what somebody logged in or out; null where nobody did."""
    login = pl.col("action").replace_strict(_LOGINS, default=None)
    elsewhere = (login == "administrator") & pl.col("subtype").is_in(["system", "admin"]).not_()
    tunnel = pl.col("action").is_in(["tunnel-up", "tunnel-down"]) & _person().is_not_null()
    return pl.when((pl.col("subtype") == "vpn") & tunnel).then(pl.lit("vpn")).when(~elsewhere).then(login)


def _outcome(role: pl.Expr) -> pl.Expr:
    action, said = pl.col("action"), pl.coalesce("logdesc", "desc")
    failed = pl.col("status").str.to_lowercase().is_in(_FAILED) | action.str.contains("fail", literal=True)
    return (
        pl.when(role.is_null() | action.is_in(_ENDS))
        .then(None)
        .when(failed | said.str.contains("(?i)fail"))
        .then(pl.lit("failure"))
        .otherwise(pl.lit("success"))
    )


def _ends(ssl: pl.Expr) -> list[pl.Expr]:
    """Who began and who was asked: the client of a VPN began, and the other side where this one only answered."""
    inward = ssl.fill_null(value=False) | pl.col("role").eq_missing("responder") | pl.col("init").eq_missing("remote")
    inward |= pl.col("xauthuser").is_not_null() & pl.coalesce("role", "init").is_null()
    origin = pl.coalesce("ui", "userfrom").str.extract(r"\(([0-9A-Fa-f:.]{3,45})\)", 1)

    def either(name: str, theirs: tuple[str, ...], ours: tuple[str | pl.Expr, ...]) -> pl.Expr:
        return pl.when(inward).then(pl.coalesce(*theirs)).otherwise(pl.coalesce(*ours)).alias(name)

    return [
        either("src_ip", ("srcip", "remip"), ("srcip", "locip", "remote_ip", origin)),
        either("dst_ip", ("dstip", "locip"), ("dstip", "remip")),
        either("src_port", ("srcport", "remport"), ("srcport", "locport", "remote_port")),
        either("dst_port", ("dstport", "locport"), ("dstport", "remport")),
        either("bytes_out", ("rcvdbyte",), ("sentbyte",)),
        either("bytes_in", ("sentbyte",), ("rcvdbyte",)),
    ]


@cache
def _operation() -> pl.Expr:
    code, said = pl.coalesce("logid", "log_id").str.slice(-6), pl.coalesce("logdesc", "desc")
    described = [pl.when(said.str.contains(how)).then(pl.lit(what)) for what, how in _DESCRIBED.items()]
    return pl.coalesce(code.replace_strict(_OPERATIONS, default=None), *described, "subtype")
