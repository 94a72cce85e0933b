r"""The shape of Junos lines: a tag with structured data (`[junos@… key="value"]`), or a tag with a sentence.

The sentences are those of the system log reference; the pairs carry the same values under the reference's names.
"""

from __future__ import annotations

import re
from copy import copy

import numpy as np
import polars as pl

from parsers._keyvalue import keyvalue
from parsers._lines import SPACE, Ints, Lines
from parsers._views import no_values, strings, words

NAMES: dict[str, tuple[str, ...]] = {
    "virtual_device": ("logical-system-name",),
    "src_ip": ("source-address", "client-ip", "client-address", "local-address"),
    "src_port": ("source-port",),
    "dst_ip": ("destination-address",),
    "dst_port": ("destination-port",),
    "remote": ("remote-address",),
    "nat_src_ip": ("nat-source-address",),
    "nat_src_port": ("nat-source-port",),
    "nat_dst_ip": ("nat-destination-address",),
    "nat_dst_port": ("nat-destination-port",),
    "protocol": ("protocol-id", "protocol-name"),
    "service": ("service-name",),
    "app": ("application", "application-name", "ddos-application-name"),
    "nested": ("nested-application",),
    "rule": ("policy-name", "profile", "profile-name"),
    "src_zone": ("source-zone-name", "source-zone"),
    "dst_zone": ("destination-zone-name", "destination-zone"),
    "in_interface": ("packet-incoming-interface", "source-interface-name"),
    "out_interface": ("destination-interface-name",),
    "interface": ("interface-name",),
    "session_id": ("session-id-32", "session-id"),
    "packets_out": ("packets-from-client", "outbound-packets"),
    "bytes_out": ("bytes-from-client", "outbound-bytes"),
    "packets_in": ("packets-from-server", "inbound-packets"),
    "bytes_in": ("bytes-from-server", "inbound-bytes"),
    "seconds": ("elapsed-time",),
    "user": ("username",),
    "reason": ("reason", "error-message"),
    "action": ("action",),
    "detail": ("action-detail",),
    "attack": ("attack-name", "name", "malware-info"),
    "feed": ("feed-name", "sub-category"),
    "category": ("category",),
    "url": ("obj",),
    "named": ("url",),
    "url_host": ("http-host",),
    "file_name": ("filename", "file-name"),
    "file_hash": ("sample-sha256",),
    "repeat": ("repeat-count",),
    "threat": ("threat-severity",),
    "src_host": ("source-name",),
    "peer": ("hostname", "host-name"),
    "ssh": ("ssh-connection",),
    "mode": ("client-mode",),
    "object": ("command", "pathname", "index1", "tty-name"),
    "state": ("operational-status",),
    "old": ("old-value",),
    "new": ("value", "new-value"),
    "note": ("message",),
}
"""Our raw column → the names that structured data has for it, the first that is there."""
_WANTED = tuple(key for keys in NAMES.values() for key in keys)
_pairs = keyvalue(*_WANTED, nulls=("N/A", "N/A ", "NA", "NA NA"), escaped='"\\]')
_CUT = re.compile(
    rb"(?:<[0-9]{1,3}>)? ?[0-9] (?P<time>[^ ]+) (?P<host>[^ ]+) (?P<program>[^ ]+) [^ ]+ (?P<tag>[^ ]+) \["
)
"""A header whose structured data never ends, so that nobody has read it."""
_JUNOS = b"[junos@"


def shape(lines: Lines) -> pl.DataFrame:
    """The raw columns of lines with structured data, and `tag`, which the others lack here; see `NAMES`.

    Besides them `structured`: whether the structured data is one of Junos, null where a line has none.
    """
    text, count = lines.text, len(lines)
    begin, end = (part.copy() for part in lines.data or (np.zeros(count, np.int64),) * 2)
    cut_host: list[str | None] = [None] * count
    cut_time: list[str | None] = [None] * count
    cut = np.zeros(count, np.bool_)
    for row in np.flatnonzero((begin == end) & (text[lines.body] - 48 <= 9) & (text[lines.body + 1] == SPACE)).tolist():
        got = _CUT.match(text[lines.body[row] : lines.end[row]].tobytes())
        if got:
            begin[row], end[row] = lines.body[row] + got.end() - 1, lines.end[row] + 1
            cut[row] = True
            cut_time[row] = got["time"].decode("utf-8", "replace")
            cut_host[row] = got["host"].decode("utf-8", "replace")
    there = begin < end
    nothing = no_values(count)
    if not there.any():
        return pl.DataFrame(dict.fromkeys(("tag", "host", *NAMES), nothing)).with_columns(
            told=nothing, time=nothing, structured=pl.lit(None, pl.Boolean), cut=pl.Series(cut)
        )
    found = _pairs(_inside(lines, begin + 1, np.maximum(end - 1, begin + 1)))
    filled = {values.name for values in found if values.null_count() < count}
    raw = found.select(
        pl.coalesce(*([key for key in keys if key in filled] or keys[:1])).alias(name) for name, keys in NAMES.items()
    )
    spaces = lines.positions(SPACE)
    tag = spaces[np.searchsorted(spaces, np.where(there, begin - 1, 0)) - 1] + 1
    mark = words(text, "<u8")[begin] & np.uint64((1 << 8 * len(_JUNOS)) - 1)
    mine = pl.Series(mark == int.from_bytes(_JUNOS, "little"))
    return raw.with_columns(
        strings(text, tag, begin - 1, there).alias("tag"),
        strings(text, lines.body, lines.end, there & ~cut & (lines.body < lines.end)).alias("told"),
        pl.Series("host", cut_host, dtype=pl.String),
        pl.Series("time", cut_time, dtype=pl.String),
        structured=pl.select(pl.when(pl.Series(there)).then(mine)).to_series(),
        cut=pl.Series(cut) | found["_cut"],
    )


def _inside(lines: Lines, begin: Ints, end: Ints) -> Lines:
    """The same lines, of which only the structured data is read."""
    inner = copy(lines)
    inner.body, inner.end = begin, end
    return inner


_IP = "[0-9A-Fa-f:.]+"
_PRE = r"(?:(?:[a-z][0-9a-z_-]*(?:\[[0-9]+\])?|RT_[A-Z]+): )?(?:%(?:[A-Z_]+-)?(?:[0-7]-)?)?"
_ENDS = rf"(?P<src_ip>{_IP})/(?P<src_port>[0-9]+)->(?P<dst_ip>{_IP})/(?P<dst_port>[0-9]+)"
_TAGS = " 0x[0-9a-fA-F]+"
_NAT = (
    rf"(?P<nat_src_ip>{_IP})/(?P<nat_src_port>[0-9]+)->(?P<nat_dst_ip>{_IP})/(?P<nat_dst_port>[0-9]+)(?:{_TAGS})?"
    r"(?:(?: (?:(?:source|destination|static) rule|N/A) [^ ]+){2}| [^ ]+ [^ ]+) "
    r"(?P<protocol>[0-9]+) (?P<rule>[^ ]+) (?P<src_zone>[^ ]+) (?P<dst_zone>[^ ]+) "
    r"(?P<session_id>[0-9]+)"
)
_LSYS = "(?:(?:Lsys )?(?P<virtual_device>[^ ]+): )?"
"""The logical system, which messages whose tag ends in `_LS` begin with."""
_COUNTS = (
    r" (?P<packets_out>[0-9]+)\((?P<bytes_out>[0-9]+)\) (?P<packets_in>[0-9]+)\((?P<bytes_in>[0-9]+)\) "
    r"(?P<seconds>[0-9]+)"
)
_USER = r"(?P<user>[^(]*)\([^)]*\) (?P<in_interface>[^ ]+)"
_APPS = r"(?P<app>[^ ]+) (?P<nested>[^ ]+)"
_SCREEN = (
    rf"{_PRE}(?P<tag>RT_SCREEN_{{0}}): (?P<attack>[^:]*?),? ?{{1}},? (?:protocol-id: (?P<protocol>[0-9]+), )?"
    r"zone name: (?P<src_zone>[^,]*), interface name: (?P<interface>[^,]*?)(?:, action: (?P<action>.*))?\.?"
)

PATTERNS: dict[str, str] = {
    "closed": rf"{_PRE}(?P<tag>RT_FLOW_SESSION_CLOSE(?:_LS)?): {_LSYS}session closed (?P<reason>[^:]*): "
    rf"{_ENDS}(?:{_TAGS})? (?P<service>[^ ]+) {_NAT}{_COUNTS}(?: {_APPS} {_USER})?(?: .*)?",
    "created": rf"{_PRE}(?P<tag>RT_FLOW_SESSION_CREATE(?:_LS)?): {_LSYS}session created "
    rf"{_ENDS}(?:{_TAGS})? (?P<service>[^ ]+) {_NAT}(?: {_USER}(?: {_APPS})?)?(?: .*)?",
    "denied": rf"{_PRE}(?P<tag>RT_FLOW_SESSION_DENY(?:_LS)?): {_LSYS}session denied "
    rf"{_ENDS}(?:{_TAGS})? (?P<service>[^ ]+) (?P<protocol>[0-9]+)\([0-9]*\) (?P<rule>[^ ]+) (?P<src_zone>[^ ]+) "
    rf"(?P<dst_zone>[^ ]+)(?: {_APPS} {_USER}(?: [^ ]+(?: (?P<reason>[A-Za-z][^0-9]*?))?)?)?(?: [0-9].*)?",
    "tracked": rf"{_PRE}(?P<tag>APPTRACK_SESSION_[A-Z_]+): {_LSYS}AppTrack [a-z]+ [a-z]+ ?(?:(?P<reason>[^:]*):)? "
    rf"{_ENDS}(?:{_TAGS})? (?P<service>[^ ]+) {_APPS} {_NAT}(?:{_COUNTS})? (?P<user>[^ ]+) [^ ]+ [^ ]+(?: .*)?",
    "older": rf"{_PRE}(?P<tag>FLOW_SESSION_(?:CLOSE|CREATE|DENY)): session [a-z]+ ?(?:(?P<reason>[^:]*):)? ?"
    rf"{_ENDS},(?P<protocol>[0-9]+)(?:\([0-9]*\))?: (?P<rule>[^ ,]+)(?:[ ,].*)?",
    "screen_ports": _SCREEN.format(
        "(?:TCP|UDP)(?:_LS)?",
        rf"source: (?P<src_ip>{_IP}):(?P<src_port>[0-9]+), destination: (?P<dst_ip>{_IP}):(?P<dst_port>[0-9]+)",
    ),
    "screen": _SCREEN.format("[A-Z_]+", rf"(?:source: (?P<src_ip>{_IP}))?(?:, )?(?:destination: (?P<dst_ip>{_IP}))?"),
    "web": rf'{_PRE}(?P<tag>WEBFILTER_URL_[A-Z_]+): WebFilter: ACTION="(?P<action>[^"]*)" (?P<src_ip>{_IP})'
    rf"\((?P<src_port>[0-9]+)\)->(?P<dst_ip>{_IP})\((?P<dst_port>[0-9]+)\)[^\"]* "
    r'CATEGORY="(?P<category>[^"]*)" REASON="(?P<reason>[^"]*)" PROFILE="(?P<rule>[^"]*)" URL=(?P<named>[^ ]*) '
    r"OBJ=(?P<url>.*?)(?: (?:username |USERNAME=)(?P<user>[^ ]*) (?:roles |ROLES=)[^ ]*"
    r"(?: (?:application|urlcategory)-[^ ]+ [^ ]+)*)?",
    "attack": rf"{_PRE}(?P<tag>IDP_ATTACK_LOG_EVENT(?:_LS)?): IDP: at [0-9]+, [A-Za-z]+ Attack log "
    rf"<(?P<src_ip>{_IP})[/:](?P<src_port>[0-9]+)->(?P<dst_ip>{_IP})[/:](?P<dst_port>[0-9]+)> for (?P<protocol>[^ ]+) "
    r"protocol and service (?P<service>[^ ]+)(?: application (?P<app>[^ ]+))? by rule [^ ]+ of rulebase [^ ]+ in "
    r"policy (?P<rule>[^ ]+?)\. attack: (?:id=(?P<signature_id>[0-9]+), )?repeat=(?P<repeat>[0-9]+), "
    r"action=(?P<action>[^,]+), (?:threat-)?severity=(?P<threat>[^,]+), name=(?P<attack>[^,]*)"
    rf"(?:, NAT <(?P<nat_src_ip>{_IP})[/:](?P<nat_src_port>[0-9]+)->(?P<nat_dst_ip>{_IP})[/:]"
    r"(?P<nat_dst_port>[0-9]+)>)?"
    r"(?:, time-elapsed=(?P<seconds>[0-9]+))?(?:, inbytes=(?P<bytes_in>[0-9]+), outbytes=(?P<bytes_out>[0-9]+), "
    r"inpackets=(?P<packets_in>[0-9]+), outpackets=(?P<packets_out>[0-9]+))?"
    r"(?:, intf:(?P<src_zone>[^:,]*):(?P<in_interface>[^,]*?)->(?P<dst_zone>[^:,]*):(?P<out_interface>[^,]*))?(?:,.*)?",
    "spam": rf"{_PRE}(?P<tag>ANTISPAM_SPAM_DETECTED_MT(?:_LS)?): AntiSpam: SPAM detected: (?P<src_host>[^ ]*) "
    rf"\((?P<src_ip>{_IP})\) (?P<action>.*?) reason: (?P<reason>.*)",
    "virus": rf"{_PRE}(?P<tag>AV_[A-Z_]+): (?P<note>AntiVirus: .*?from (?P<src_ip>{_IP}):(?P<src_port>[0-9]+) to "
    rf"(?P<dst_ip>{_IP}):(?P<dst_port>[0-9]+)(?: source-zone (?P<src_zone>[^ ]+))?"
    r"(?:.* file (?P<file_name>.*) virus (?P<attack>[^ ]+) URL:.*|.*))",
    "filter": rf"(?:.*(?P<tag>PFE_FW_SYSLOG_[A-Z0-9_]+): )?FW: +(?P<in_interface>[^ ]+) +(?P<action>[ADR]) +"
    rf"(?P<protocol>[^ ]+) +(?P<src_ip>{_IP}) +(?P<dst_ip>{_IP}) +(?P<src_port>[0-9]+) +(?P<dst_port>[0-9]+)"
    r"(?: +\((?P<repeat>[0-9]+) packets?\))? *",
    "filter6": r"(?:.*(?P<tag>PFE_FW_SYSLOG_IP6_[A-Z_]+): )FW: +(?P<in_interface>[^ ]+) +(?P<action>[ADR]) +"
    rf"(?P<protocol>[^ ]+) +SA +(?P<src_ip>{_IP}) +DA +(?P<dst_ip>{_IP})"
    r"(?: +sport +(?P<src_port>[0-9]+) +dport +(?P<dst_port>[0-9]+)| .*?)?"
    r"(?: *\((?P<repeat>[0-9]+) packets?\))? *",
    "login": rf"{_PRE}(?P<tag>[A-Z]+_LOGIN_FAILED|LOGIN_FAILED): (?P<note>Login failed for user '?(?P<user>.*?)'? "
    r"from host '?(?P<peer>[^' ]+?)'?\.?)",
    "limit": rf"{_PRE}(?P<tag>[A-Z]*_?LOGIN_[A-Z_]+): (?P<note>.* for user '(?P<user>.*)' reached from "
    r"'(?P<peer>[^']+)'.*)",
    "logged_in": rf"{_PRE}(?P<tag>LOGIN_[A-Z]+): (?P<note>User '?(?P<user>.*?)'? logged in (?:as root )?from host "
    r"'?(?P<peer>[^' ]+)'? on device (?P<object>[^ ]+))",
    "session": rf"{_PRE}(?P<tag>UI_LOGIN_EVENT): (?P<note>User '(?P<user>[^']*)' login, class '[^']*' \[[0-9]+\], "
    r"ssh-connection '(?P<ssh>[^']*)', client-mode '(?P<mode>[^']*)')",
    "command": rf"{_PRE}(?P<tag>UI_[A-Z_]+): (?P<note>User '(?P<user>[^']*)',? (?:used [^ ]+ client to run )?command "
    r"'(?P<object>.*)' *)",
    "audit": rf"{_PRE}(?P<tag>UI_CFG_AUDIT_[A-Z_]+): (?P<note>User '(?P<user>[^']*)' (?P<action>[a-z]+): "
    r"(?P<object>\[[^\]]*\])(?: (?P<old>.*?) -> (?P<new>.*))?.*)",
    "operation": rf"{_PRE}(?P<tag>UI_[A-Z_]+): (?P<note>User '(?P<user>[^']*)' requested '(?P<action>[^']*)' "
    r"operation.*)",
    "by_user": rf"{_PRE}(?P<tag>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+): "
    r"(?P<note>(?:Authenticated user|User) '(?P<user>[^']*)'.*)",
    "at_address": rf"{_PRE}(?P<tag>(?:FWAUTH|DYNAMIC_VPN|JADE|WEB)_[A-Z0-9_]+): "
    rf"(?P<note>User (?P<user>[^ ]+) .*?(?:at|from) (?P<src_ip>{_IP}) .*)",
    "link": rf"{_PRE}(?P<tag>SNMP_TRAP_LINK_[A-Z]+): (?P<note>.*ifOperStatus (?P<state>[a-z]+)\([0-9]\), "
    r"ifName (?P<interface>[^ ]+).*)",
    "community": rf"{_PRE}(?P<tag>SNMPD_AUTH_FAILURE): (?P<note>.* from (?P<src_ip>{_IP}) to (?P<dst_ip>{_IP}).*)",
    "tagged": rf"{_PRE}(?P<tag>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+): ?(?P<note>.*)",
    "password": r"(?P<note>(?P<action>Failed|Accepted) (?P<mode>[^ ]+) for (?:invalid user )?(?P<user>.*) from "
    rf"(?P<src_ip>{_IP}) port (?P<src_port>[0-9]+)(?: ssh2)?.*)",
    "ike": r"(?P<note>(?P<action>(?:IKE|IPSec) negotiation [a-z ]+?)(?: with error: (?P<reason>.*?)\. IKE|\. IKE) "
    rf"Version: [0-9]+, VPN: (?P<object>[^ ,]*),? Gateway: [^,]*, Local: (?P<local>{_IP})/(?P<local_port>[0-9]+), "
    rf"Remote: (?P<remote>{_IP})/(?P<remote_port>[0-9]+),.*?(?:Role: (?P<mode>[A-Za-z]+))?)",
    "repeated": r"(?P<note>last message repeated (?P<repeat>[0-9]+) times?)",
}
"""Messages without structured data, in this order; `tagged` reads every tag that has no sentence of its own here."""
