"""FortiGate event logs: logins, DHCP leases, VPN, and what happened to the device itself.

Reference: FortiOS 7.6 "Log Message Reference", Event (message ids are the last six digits of logid); read 2026-11-20.
"""

from __future__ import annotations

import polars as pl

KEYS = (
    "ui", "method", "reason", "authproto", "group", "server", "remip", "locip", "remport", "locport", "outintf", "interface",
    "tunneltype", "vpntunnel", "role", "init", "xauthuser", "assignip", "tunnelip", "dhcp_msg", "mac", "ip", "lease", "cfgpath",
    "cfgobj", "cfgattr", "userfrom", "remote_ip", "remote_port", "name", "sn", "result", "path", "oldvalue", "newvalue", "ha_role",
)  # fmt: skip
"""Keys that only events have."""

_LOGINS = {
    "login": "administrator", "logout": "administrator", "authentication": "user", "auth-logon": "user", "auth-logout": "user",
    "FSSO-logon": "user", "FSSO-logoff": "user", "RSSO-logon": "user", "ssl-login": "vpn", "ssl-login-fail": "vpn",
    "radius": "user",
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
    "log_loss": r"(?i)\blog.*\bfull|\bfull.*\blog|log.*(?:discarded|lost)", "reboot": r"(?i)reboot|restarted|shut ?down",
    "upgrade": r"(?i)firmware|image.*(?:upgrade|restore)", "config_change": r"(?i)config\w* (?:changed|restored)",
}  # fmt: skip


def columns(df: pl.DataFrame) -> pl.DataFrame:
    """The rows of type event."""
    df = df.with_columns(action=pl.col("action").fill_null(_manager_action()))
    action, subtype, status = pl.col("action"), pl.col("subtype"), pl.col("status").str.to_lowercase()
    ssl = pl.col("tunneltype").str.starts_with("ssl") | action.str.starts_with("ssl-")
    tunnel = action.is_in(["tunnel-up", "tunnel-down"])
    someone = pl.coalesce("user", "xauthuser").is_not_null()
    login = action.replace_strict(_LOGINS, default=None)
    login = pl.when((login == "administrator") & subtype.is_in(["system", "admin"]).not_()).then(None).otherwise(login)
    vpn_login = (subtype == "vpn") & tunnel & someone
    role = pl.when(vpn_login).then(pl.lit("vpn")).otherwise(login)
    lease = pl.col("dhcp_msg").is_not_null()
    event_class = (
        pl.when(lease).then(pl.lit("dhcp")).when(role.is_not_null()).then(pl.lit("authentication")).otherwise(pl.lit("system"))
    )  # fmt: skip
    said = pl.coalesce("logdesc", "desc")
    failed = status.is_in(_FAILED) | action.str.contains("fail", literal=True) | said.str.contains("(?i)fail")
    # Who began: the client of an SSL VPN, the other side where this one only answered.
    inward = ssl.fill_null(value=False) | pl.col("role").eq_missing("responder") | pl.col("init").eq_missing("remote")
    near, far = pl.coalesce("srcip", "locip"), pl.coalesce("dstip", "remip")
    code = pl.coalesce("logid", "log_id").str.slice(-6)
    change = pl.col("cfgattr").str.extract_groups(r"^[^\[]*\[(?P<old>.*?)->(?P<new>.*)\]$").struct
    origin = pl.coalesce("ui", "userfrom").str.extract(r"\(([0-9A-Fa-f:.]{3,45})\)", 1)
    return df.select(
        event_class.alias("class"), "action",
        pl.when(inward).then(pl.coalesce("srcip", "remip")).otherwise(pl.coalesce(near, "remote_ip", origin)).alias("src_ip"),
        pl.when(inward).then(pl.coalesce("dstip", "locip")).otherwise(far).alias("dst_ip"),
        pl.when(inward).then(pl.coalesce("srcport", "remport")).otherwise(pl.coalesce("srcport", "locport", "remote_port")).alias("src_port"),
        pl.when(inward).then(pl.coalesce("dstport", "locport")).otherwise(pl.coalesce("dstport", "remport")).alias("dst_port"),
        pl.coalesce("srcintf", "interface").alias("in_interface"), pl.coalesce("dstintf", "outintf").alias("out_interface"),
        pl.col("proto").alias("protocol"), pl.coalesce("user", "xauthuser").alias("user"), pl.coalesce("policyid").alias("rule"),
        pl.coalesce("sessionid", "session_id").alias("session_id"), pl.coalesce("level", "pri").alias("severity"),
        (pl.col("duration").cast(pl.Int64, strict=False) * 1000).alias("duration_ms"),
        pl.when(inward).then("rcvdbyte").otherwise("sentbyte").alias("bytes_out"),
        pl.when(inward).then("sentbyte").otherwise("rcvdbyte").alias("bytes_in"),
        pl.coalesce("msg", "logdesc", "desc").alias("message"), pl.coalesce("tunnelip", "assignip").alias("nat_src_ip"),
        pl.when(role.is_null() | action.is_in(_ENDS)).then(None).when(failed).then(pl.lit("failure"))
        .otherwise(pl.lit("success")).alias("outcome"),
        pl.when(ssl).then(pl.lit("ssl-vpn")).when(subtype == "vpn").then(pl.lit("ipsec-vpn"))
        .when(role == "administrator").then(pl.lit("administration"))
        .when(action.str.contains("^[FR]SSO")).then(action.str.head(4).str.to_lowercase())
        .when(role.is_not_null()).then(pl.lit("firewall-user")).alias("service"),
        pl.coalesce("method", pl.col("authproto").str.extract(r"^([^(]+)", 1), "tunneltype").alias("auth_method"), role.alias("auth_role"),
        pl.when(~pl.col("reason").is_in(["none", "N/A"])).then("reason").alias("reason"), pl.col("vpntunnel").alias("target"),
        pl.col("ip").alias("lease_ip"), pl.col("mac").alias("lease_mac"), pl.col("hostname").alias("lease_name"),
        pl.coalesce(code.replace_strict(_OPERATIONS, default=None),
                    *(pl.when(said.str.contains(how)).then(pl.lit(what)) for what, how in _DESCRIBED.items()), subtype)
        .alias("operation"),
        pl.coalesce("cfgpath", "cfgobj", "url", "vpntunnel", "name", "interface").alias("object"),
        pl.coalesce(change.field("old"), "oldvalue").alias("old"), pl.coalesce(change.field("new"), "newvalue").alias("new"),
        pl.coalesce("status", "result").alias("result"),
    )  # fmt: skip


def _manager_action() -> pl.Expr:
    """FortiManager and FortiAnalyzer say in words what FortiGate says in `action`; DHCP says it in `dhcp_msg`."""
    said = pl.col("desc").str.to_lowercase()
    return (
        pl.when(said.str.contains(r"user login|login.*(?:failed|success)")).then(pl.lit("login"))
        .when(pl.col("dhcp_msg").is_not_null()).then("dhcp_msg")
    )  # fmt: skip
