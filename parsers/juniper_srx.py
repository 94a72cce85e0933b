"""Juniper SRX and vSRX (Junos): sessions, AppTrack, screens, IDP, UTM, threat feeds, filters, logins, the system.

Reference: Junos System Log Explorer and "System Log Messages Reference" (tags, sentences and the names of their values:
RT, APPTRACK, IDP, AV, WEBFILTER, ANTISPAM, CONTENT_FILTERING, AAMW, SECINTEL, PFE, UI, LOGIN, SSHD, FWAUTH, KMD),
"Information Provided in Session Log Entries for SRX Series" (fields, reasons of closing); read 2026-11-20.
Read: `sd-syslog` (RFC 5424 with `[junos@2636… key="value"]`, also without the id), `syslog` (RFC 3164 and sentences),
`explicit-priority` (`%USER-6-TAG:`), logical systems (`…_LS`).
Not read: the formats `welf`, `binary` and `protobuf`; sentences that the reference has in another wording keep tag and
message; ALG, GTP and routing messages are `system` with tag, message and the values that their pairs name.

Verdict: a created or closed session and AppTrack are allow, a denied one deny; AppTrack tells of the same sessions as
RT_FLOW. A close is established where both sides sent, attempted where only the client did. Screens drop before any
policy (deny, no outcome); `alarm-without-drop` and messages without action decide nothing. What UTM, IDP, SecIntel and
AAMW stop was let through first: deny, `blocked_later`. IDP's NONE and IGNORE decide nothing. PFE filter: A allow, D and
R deny. Path: zone junos-host is the device itself (local_in, local_out); a SYN check is out_of_state; a screen and a
filter don't know the way. src is who began, as the device says; only of a virus message is it the file's sender, often
a server, because that is its `source-address`. `message` of a session is its reason of closing or denial.
Counts: a filter line stands for n packets; an IDP record that was repeated n times stands for n at least.
Time: with offset; sentences have the header's, without year and zone. IDP's `epoch-time` (of the attack) isn't used.
"""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from parsers._assemble import overlaid
from parsers._distinct import distinct_of
from parsers._format import Context, Format
from parsers._juniper_srx_lines import PATTERNS, shape
from parsers._messages import match

_KINDS = (
    (r"(?:RT_)?FLOW_SESSION_", "session"), (r"APPTRACK_SESSION_", "track"), (r"RT_SCREEN_", "screen"),
    (r"WEBFILTER_URL_", "web"), (r"AV_.*(?:DETECTED|DROP|NOT_SCANNED|SKIPPED)", "virus"),
    (r"CONTENT_FILTERING_", "content"), (r"ANTISPAM_SPAM", "spam"), (r"IDP_ATTACK_LOG", "attack"),
    (r"IDP_APPDDOS_", "flood"), (r"SECINTEL_ACTION|SECINTEL_NETWORK", "feed"),
    (r"(?:SRX_)?AAMW_(?:ACTION|MALWARE|HOST_INFECTED)", "malware"), (r"FLOW_IP_ACTION", "screen"),
    (r"PFE_FW_SYSLOG_", "filter"),
)  # fmt: skip
_CATEGORIES = {
    "screen": "anomaly", "flood": "anomaly", "attack": "ips", "web": "webfilter", "virus": "virus", "content": "file",
    "spam": "email", "feed": "reputation", "malware": "sandbox",
}  # fmt: skip
_LOGINS = (
    (r"SSHD_LOGIN_(?:FAILED|ATTEMPTS)", "failure", "ssh", "administrator"),
    (r"LOGIN_(?:INFORMATION|ROOT)", "success", "login", "administrator"),
    (r"LOGIN_(?:FAILED|PAM|MALFORMED|REFUSED|TIMED|ABORTED)", "failure", "login", "administrator"),
    (r"UI_(?:LOGIN|AUTH)_EVENT", "success", "cli", "administrator"),
    (r"UI_LOGOUT_EVENT", None, "cli", "administrator"),
    (r"UI_(?:AUTH|LOGIN)_", "failure", "cli", "administrator"),
    (r"(?:WEB|JADE)_AUTH_SUCCESS", "success", "j-web", "administrator"),
    (r"(?:WEB|JADE)_AUTH_(?:FAIL|ERROR)", "failure", "j-web", "administrator"),
    (r"FWAUTH_.*(?:_OK|SUCCESS)", "success", "firewall-user", "user"),
    (r"FWAUTH_.*(?:FAIL|REJECT)", "failure", "firewall-user", "user"),
    (r"DYNAMIC_VPN_AUTH_OK", "success", "dynamic-vpn", "vpn"),
    (r"DYNAMIC_VPN_.*FAIL", "failure", "dynamic-vpn", "vpn"),
    (r"SNMPD_AUTH_FAILURE", "failure", "snmp", "administrator"),
)  # fmt: skip
"""Tag → how somebody's login ended, at what, and as what."""
_OPERATIONS = (
    (r"UI_(?:COMMIT|CFG_AUDIT|LOAD)", "config_change"), (r"UI_DBASE", "config_session"),
    (r"UI_(?:CMDLINE|NETCONF|CHILD|JUNOSCRIPT)", "command"), (r"SNMP_TRAP_LINK", "link"), (r"JSRPD_", "ha"),
    (r"KMD_|IKE", "vpn"), (r"CHASSISD_|SNMP_TRAP_", "hardware"), (r"RPD_|BFDD_", "routing"), (r"LICENSE_", "licence"),
    (r".*(?:REBOOT|SHUTDOWN|HALT)", "reboot"), (r".*(?:LOG_LOSS|LOGS?_DROPPED)", "log_loss"),
    (r".*LOG_(?:FILE_)?FULL", "log_full"),
    (r"(?:X?NTPD?|NTPDATE)_", "time"), (r"J?DHCPD_", "dhcp"), (r"IDP_|AV_|WEBFILTER_|AAMWD?_|SECINTELD?_", "update"),
)  # fmt: skip
_ACTIONS = {
    "RT_FLOW_SESSION_CREATE": "session created", "RT_FLOW_SESSION_CLOSE": "session closed",
    "RT_FLOW_SESSION_DENY": "session denied", "FLOW_SESSION_CREATE": "session created",
    "FLOW_SESSION_CLOSE": "session closed", "FLOW_SESSION_DENY": "session denied",
    "APPTRACK_SESSION_CREATE": "AppTrack session created", "APPTRACK_SESSION_CLOSE": "AppTrack session closed",
    "APPTRACK_SESSION_VOL_UPDATE": "AppTrack volume update", "APPTRACK_SESSION_ROUTE_UPDATE": "AppTrack route update",
    "WEBFILTER_URL_BLOCKED": "URL Blocked", "WEBFILTER_URL_PERMITTED": "URL Permitted",
}  # fmt: skip
_DECIDED = (("BLOCKED|DROP|DETECTED|REDIRECT", "deny"), ("PERMITTED|NOT_SCANNED|SKIPPED|PASSED", "allow"))
_PROTOCOLS = {"RT_SCREEN_TCP": "tcp", "RT_SCREEN_UDP": "udp", "RT_SCREEN_ICMP": "icmp"}
_OWN_TAGS = (
    r"(?:RT_|FLOW_|APPTRACK_|IDP_|AV_|WEBFILTER_|ANTISPAM_|CONTENT_FILTERING_|AAMW|SRX_AAMW|SECINTEL|PFE_|UI_|LOGIN_|"
    r"SSHD_LOGIN|FWAUTH_|KMD_|RPD_|SNMPD?_|CHASSISD_|JSRPD_|NSD_|UTMD_|DYNAMIC_VPN_|EVENTD_|LICENSE_|SYSTEM_|JADE_|ASP_)"
)
_STOPPED = r"(?i)^(?:TRAFFIC_IPACTION_)?(?:block|drop|close|reject|deny|discard|redirect)"
_PASSED = r"(?i)^(?:permit|pass|allow|accept|tag|skip)"
_ITSELF = ("junos-host", "junos-self")
_NOTHING = ("UNKNOWN", "None", "NONE", "unknown", "N/A", "")
_UNREADABLE = "no Junos tag, and no message that Junos is known for"
_TAG = "^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+){2,}$"
"""A tag that stands where a program does."""
_ENDS = ("src_ip", "src_port", "dst_ip", "dst_port", "nat_src_ip", "nat_src_port", "nat_dst_ip", "nat_dst_port")
_MORE = ("signature_id", "local", "local_port", "remote_port", "pattern")


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Brings pairs and sentences under the same raw names, and says what they mean."""
    sentence = df["tag"].is_null()
    if df["cut"].any():
        # What stands at the end of a cut line may be half an address.
        half = [pl.col("cut") & pl.col("text").str.ends_with(pl.col(name)) for name in _ENDS]
        df = df.with_columns(
            pl.when(~at.fill_null(value=False)).then(name) for at, name in zip(half, _ENDS, strict=True)
        )
    df = df.with_columns(pl.lit(None, pl.String).alias(name) for name in _MORE)
    if sentence.any():
        program = pl.col("syslog_program")
        tagged = pl.when(program.str.contains(_TAG)).then(pl.format("{}: {}", program, "body")).otherwise("body")
        found = match(df.filter(sentence).select(tagged).to_series(), PATTERNS)
        df = overlaid(df, sentence, found.select(values for values in found if values.null_count() < len(values)))
    df = df.hstack(_of_tags(df["tag"])).with_columns(_ssh(df["ssh"]))
    return df.select(*_record(), *_flow(), *_decision(), *_content(), *_own_state())


def _of_tags(tags: pl.Series) -> pl.DataFrame:
    """What the tag alone says, worked out once for each."""
    distinct, index = distinct_of(tags)
    told = [_told(tag) for tag in distinct.to_list()]
    names = ("kind", "login", "login_service", "role", "operation", "by_tag", "decided", "transport", "mine")
    made = pl.DataFrame({name: pl.Series([row[at] for row in told], dtype=pl.String) for at, name in enumerate(names)})
    return made.select(pl.all().gather(index))


def _told(tag: str) -> tuple[str | None, ...]:
    plain = tag.removesuffix("_LS")
    kind = next((kind for pattern, kind in _KINDS if re.match(pattern, tag)), None)
    login: tuple[str | None, ...] = (None, None, None)
    for pattern, *said in _LOGINS:
        if re.match(pattern, tag):
            kind, login = "login", tuple(said)
            break
    operation = next((name for pattern, name in _OPERATIONS if re.match(pattern, tag)), None)
    if operation is None and (first := re.match("[A-Z0-9]+", tag)):
        operation = first[0].lower()
    decided = next((verdict for pattern, verdict in _DECIDED if re.search(pattern, tag)), None)
    transport = next((name for start, name in _PROTOCOLS.items() if tag.startswith(start)), None)
    mine = "yes" if re.match(_OWN_TAGS, tag) else None
    return (kind or "system", *login, operation, _ACTIONS.get(plain), decided, transport, mine)


def _ssh(connections: pl.Series) -> list[pl.Series]:
    """Address and port of the client, then of the device."""
    names = [f"ssh_{i}" for i in range(4)]
    if connections.null_count() == len(connections):
        return [connections.alias(name) for name in names]
    return connections.str.split_exact(" ", 3).struct.rename_fields(names).struct.unnest().get_columns()


@cache
def _is(*kinds: str) -> pl.Expr:
    return pl.col("kind").is_in(kinds).fill_null(value=False)


def _known(name: str) -> pl.Expr:
    return pl.col(name).replace(_NOTHING, None)


_FILTER = pl.col("pattern").is_in(["filter", "filter6"]).fill_null(value=False)
_PASSWORD = pl.col("pattern").eq_missing("password")
_FINDING = ("screen", "web", "virus", "content", "spam", "attack", "flood", "feed", "malware")


@cache
def _record() -> list[pl.Expr]:
    """Class, whether the line is of this format, and what every record has."""
    read = pl.col("tag").is_not_null() | pl.col("pattern").is_not_null()
    network = _is("session", "track") | _FILTER
    login = _is("login") | _PASSWORD
    program = pl.col("syslog_program").str.contains(r"^RT_")
    own = pl.any_horizontal(
        pl.col("structured").fill_null(value=False), program.fill_null(value=False) & read,
        pl.col("mine").is_not_null(), _FILTER, pl.col("pattern").eq_missing("ike"),
    )  # fmt: skip
    # Another vendor's structured data is not ours, whatever its message id.
    foreign = pl.col("structured").is_not_null() & ~own
    repeat = pl.col("repeat").cast(pl.Int64, strict=False)
    repeated = _FILTER | pl.col("pattern").eq_missing("repeated")
    counted = pl.when(_FILTER & (repeat > 1)).then(repeat).when(pl.col("pattern") == "repeated").then(repeat)
    counted = counted.when(_is("attack", "flood") & (repeat > 0)).then(repeat)
    return [
        pl.when(network).then(pl.lit("network")).when(_is(*_FINDING)).then(pl.lit("finding"))
        .when(login).then(pl.lit("authentication")).otherwise(pl.lit("system")).alias("class"),
        pl.when(~read | foreign).then(pl.lit(_UNREADABLE)).alias("refused"),
        own.alias("own"),
        pl.col("time", "virtual_device", "cut"),
        pl.col("host").alias("device"),
        pl.col("tag").alias("event_code"),
        pl.when(_is("attack", "flood", "feed")).then("threat").alias("severity"),
        pl.coalesce("told", pl.col("note").replace("-", None), "reason").alias("message"),
        counted.alias("event_count"),
        pl.when(counted.is_null() | (repeated & (repeat <= 1))).then(pl.lit("exact"))
        .when(repeated).then(pl.lit("aggregated")).otherwise(pl.lit("lower_bound")).alias("count_quality"),
    ]  # fmt: skip


@cache
def _flow() -> list[pl.Expr]:
    """Who spoke with whom."""
    login = pl.when(_is("login"))
    answering = pl.col("mode").str.to_lowercase() == "responder"
    ike = pl.col("pattern").eq_missing("ike") & pl.col("mode").is_not_null()
    vpn = pl.when(_is("system")).then("remote")

    def end(column: str, others: list[pl.Expr | str], local: str, remote: str) -> pl.Expr:
        negotiated = pl.when(ike & answering).then(remote).when(ike).then(local)
        return pl.coalesce(column, *others, negotiated).alias(column)

    clock = pl.col("seconds").cast(pl.Int64, strict=False) * 1000
    named = pl.col("url_host").replace(_NOTHING, None)
    return [
        end("src_ip", ["ssh_0", login.then(pl.coalesce("remote", "peer"))], "local", "remote"),
        end("src_port", ["ssh_1"], "local_port", "remote_port"),
        end("dst_ip", ["ssh_2", pl.when(~ike).then(vpn)], "remote", "local"),
        end("dst_port", ["ssh_3"], "remote_port", "local_port"),
        pl.coalesce("src_host", pl.when(_is("malware")).then("peer")).alias("src_host"),
        pl.when(_is(*_FINDING)).then(pl.coalesce(named, pl.when(_is("web")).then("named"))).alias("dst_host"),
        pl.when(pl.col("protocol") != "0").then("protocol").otherwise("transport").alias("protocol"),
        pl.coalesce(_known("nested"), _known("app"), _known("service")).alias("app"),
        pl.col("rule", "session_id", "packets_out", "bytes_out", "packets_in", "bytes_in"),
        pl.col("user").replace(("N/A", "unknown"), None),
        pl.coalesce("in_interface", pl.when(_is("screen")).then("interface")).alias("in_interface"),
        pl.col("out_interface"),
        pl.when(clock > 0).then(clock).when(_is("session", "track")).then(clock).alias("duration_ms"),
        *(pl.col(name).replace(("0.0.0.0", "::"), None) for name in ("nat_src_ip", "nat_dst_ip")),  # noqa: S104  an address in a log, nothing is bound
        *(pl.col(name).replace("0", None) for name in ("nat_src_port", "nat_dst_port")),
    ]  # fmt: skip


@cache
def _decision() -> list[pl.Expr]:
    """Verdict, outcome and path."""
    action = pl.col("action")
    denied = pl.col("by_tag").eq_missing("session denied")
    sorted_out = _is("web", "virus", "content")
    by_word = pl.when(action.str.contains(_STOPPED)).then(pl.lit("deny"))
    passing = _is("spam", "feed", "malware") & action.str.contains(_PASSED)
    verdict = (
        pl.when(denied).then(pl.lit("deny"))
        .when(_is("session", "track")).then(pl.when(pl.col("by_tag").is_not_null()).then(pl.lit("allow")))
        .when(_FILTER).then(pl.when(action == "A").then(pl.lit("allow")).otherwise(pl.lit("deny")))
        .when(sorted_out).then("decided")
        .when(passing).then(pl.lit("allow"))
        .when(_is(*_FINDING)).then(by_word)
    )  # fmt: skip
    later = _is("web", "virus", "content", "spam", "attack", "feed", "malware") & (verdict == "deny")
    answered = pl.col("bytes_in").cast(pl.Int64, strict=False) > 0
    ended = pl.col("by_tag").str.ends_with("session closed")
    sshd = action.replace_strict({"Failed": "failure", "Accepted": "success"}, default=None, return_dtype=pl.String)
    outcome = (
        pl.when(later).then(pl.lit("blocked_later"))
        .when(ended & answered).then(pl.lit("established"))
        .when(ended & pl.col("bytes_in").is_not_null()).then(pl.lit("attempted"))
        .when(_PASSWORD).then(sshd).otherwise("login")
    )  # fmt: skip
    path = (
        pl.when(denied & pl.col("reason").str.contains("(?i)syn.?check")).then(pl.lit("out_of_state"))
        .when(pl.col("dst_zone").is_in(_ITSELF)).then(pl.lit("local_in"))
        .when(pl.col("src_zone").is_in(_ITSELF)).then(pl.lit("local_out"))
        .when(pl.col("dst_zone").is_not_null() & ~_is("system")).then(pl.lit("forward"))
        .when(_FILTER & pl.col("in_interface").str.starts_with("lo0")).then(pl.lit("local_in"))
    )  # fmt: skip
    said = pl.concat_str("action", "detail", separator=" ", ignore_nulls=True)
    filtered = pl.when(_FILTER).then(action.replace({"A": "accept", "D": "discard", "R": "reject"}))
    return [
        verdict.alias("verdict"),
        outcome.alias("outcome"),
        path.alias("path"),
        pl.coalesce("by_tag", filtered, action).alias("action"),
        pl.when(_is(*_FINDING)).then(pl.coalesce(said.replace("", None), "by_tag")).alias("disposition"),
    ]  # fmt: skip


@cache
def _content() -> list[pl.Expr]:
    """What the finding is about."""
    web = pl.when(_is("web"))
    found = (
        pl.when(_is("web")).then("category").when(_is("content")).then("reason")
        .when(_is("feed")).then("feed").otherwise("attack")
    )  # fmt: skip
    return [
        found.alias("signature"),
        pl.col("signature_id", "file_name", "file_hash"),
        pl.when(_is(*_FINDING))
        .then(pl.col("kind").replace_strict(_CATEGORIES, default=None))
        .alias("finding_category"),
        pl.when(_is("web", "feed")).then("category").alias("category"),
        pl.coalesce(web.then("url"), pl.when(_is("malware")).then("named")).alias("url"),
        web.then("url").str.extract(r"^([^?]*)").alias("url_path"),
        web.then("url").str.extract(r"^[^?]*\?(.*)$").alias("url_query"),
        pl.coalesce(_known("url_host"), web.then("named")).alias("url_host"),
    ]


@cache
def _own_state() -> list[pl.Expr]:
    """Columns of the classes system and authentication."""
    by_pattern = pl.col("pattern").replace_strict(
        {"ike": "vpn", "repeated": "repeated"}, default=None, return_dtype=pl.String
    )
    link = pl.col("tag").str.starts_with("SNMP_TRAP_LINK")
    return [
        pl.coalesce(by_pattern, "operation").alias("operation"),
        pl.coalesce("object", pl.when(link).then("interface")).alias("object"),
        pl.col("old").str.strip_chars('"'),
        pl.coalesce(pl.col("new").str.strip_chars('"'), pl.col("state").str.extract("^([a-z]+)")).alias("new"),
        pl.when(pl.col("pattern") == "ike").then(pl.coalesce("reason", "action")).alias("result"),
        pl.coalesce(pl.when(_PASSWORD).then(pl.lit("ssh")), "login_service").alias("service"),
        pl.coalesce(pl.when(_PASSWORD).then(pl.lit("administrator")), "role").alias("auth_role"),
        pl.when(_is("login") | _PASSWORD).then("mode").alias("auth_method"),
    ]


FORMAT = Format(
    name="juniper_srx",
    title="Juniper SRX/vSRX",
    reference="https://www.juniper.net/documentation/us/en/software/junos/network-mgmt/topics/topic-map/system-log-messages.html",
    shape=shape,
    columns=_columns,
)
