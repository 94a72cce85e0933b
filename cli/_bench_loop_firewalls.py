"""What the loop of `cli._bench_loop` reads of firewalls and routers."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping

from cli._bench_loop_values import (
    ADDRESS,
    PROTOCOLS,
    SECONDS,
    Reader,
    Row,
    Table,
    address,
    constants,
    instant,
    iso_time,
    remembered,
    syslog_time,
)

_NETWORK = "network"
_ENDS = ("src_ip", "src_addr", "src_port", "dst_ip", "dst_addr", "dst_port")
_UNTRANSLATED: tuple[str | None, int | None] = (None, None)

# ---------------------------------------------------------------------------------------------------------- fortigate

_PAIR = re.compile(r'([a-z]+)=("[^"]*"|[^ ]*)')
_ACTIONS = {
    **dict.fromkeys("accept start close timeout client-rst server-rst ip-conn dns allowed pass".split(), "allow"),
    **dict.fromkeys("deny violation blocked block denied drop dropped".split(), "deny"),
}
_TRAFFIC = (
    "event_time", "device", "virtual_device", "event_code", "severity", *_ENDS, "src_host", "src_mac", "in_interface",
    "out_interface", "protocol", "app", "verdict", "action", "outcome", "path", "rule", "bytes_out", "bytes_in",
    "packets_out", "packets_in", "duration_ms", "session_id", "nat_src_ip", "nat_src_port",
)  # fmt: skip


def _fortinet_fortigate(line: str) -> Row | None:
    # Most values are in quotes, and most are not asked for: they are taken out of them one by one.
    pairs = dict(_PAIR.findall(line))
    if pairs.get("type") != '"traffic"':
        return None
    action, sent, received = pairs["action"][1:-1], int(pairs["sentbyte"]), int(pairs["rcvdbyte"])
    verdict, outcome, app, nat = _ACTIONS.get(action), None, pairs.get("app") or pairs["service"], _UNTRANSLATED
    if verdict == "allow":
        outcome = "established" if sent and received else "attempted" if sent or received else None
    if pairs["trandisp"] != '"noop"':
        nat = address(pairs["transip"])[0], int(pairs["transport"])
    return (
        _NETWORK, int(pairs["eventtime"]) // 1000, pairs["devname"][1:-1], pairs["vd"][1:-1], pairs["logid"][1:-1],
        pairs["level"][1:-1], *address(pairs["srcip"]), int(pairs["srcport"]), *address(pairs["dstip"]),
        int(pairs["dstport"]), pairs["srcname"][1:-1], pairs["srcmac"][1:-1].lower(), pairs["srcintf"][1:-1],
        pairs["dstintf"][1:-1], PROTOCOLS[pairs["proto"]], app[1:-1], verdict, action, outcome,
        "local_in" if pairs["subtype"] == '"local"' else "forward", pairs["policyid"], sent, received,
        int(pairs["sentpkt"]), int(pairs["rcvdpkt"]), int(pairs["duration"]) * 1000, pairs["sessionid"], *nat,
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------------- panos

_SESSIONS = (
    "event_time", "start_time", "device", "virtual_device", "sequence", *_ENDS, "protocol", "app", "verdict", "action",
    "outcome", "rule", "in_interface", "out_interface", "bytes_out", "bytes_in", "packets_out", "packets_in",
    "duration_ms", "session_id", "nat_src_ip", "nat_src_port", "nat_dst_ip", "nat_dst_port", "event_code", "message",
)  # fmt: skip


def _paloalto_panos(line: str) -> Row | None:
    f = line.split(",", 53) if '"' not in line else next(csv.reader([line]))
    if f[3] != "TRAFFIC":
        return None
    action, session = f[30], f[22]
    packets_out, packets_in = int(f[44]), int(f[45])
    verdict, outcome = "deny", None
    if action == "allow":
        verdict = "allow"
        outcome = "established" if packets_out and packets_in else "attempted" if packets_out or packets_in else None
    return (
        _NETWORK, _slashed_time(f[6]), _slashed_time(f[35]), f[52], f[15], int(f[39]),
        *address(f[7]), int(f[24]), *address(f[8]), int(f[25]), f[29], f[14], verdict, action, outcome, f[11], f[18],
        f[19] or None, int(f[32]), int(f[33]), packets_out, packets_in, int(f[36]) * 1000,
        None if session == "0" else session, *_translated(f[9], f[26]), *_translated(f[10], f[27]),
        "TRAFFIC/" + f[4], f[46],
    )  # fmt: skip


@remembered(SECONDS)
def _slashed_time(text: str) -> int:
    """`2026/11/19 00:00:00`."""
    return instant(text, "%Y/%m/%d %H:%M:%S")


_NOWHERE = ("0.0.0.0", "::")  # noqa: S104 - an address in a log, nothing is bound


def _translated(ip: str | None, port: str | None) -> tuple[str | None, int | None]:
    return (address(ip)[0], int(port)) if ip and port and ip not in _NOWHERE else _UNTRANSLATED


# ----------------------------------------------------------------------------------------------------------------- asa

_ASA = r"<\d+>(\w{3} \d\d \d{4} [\d:]{8}) (\S+) : %ASA-(\d)-(\d{6}): "
_END = rf"(\w+):{ADDRESS}/(\d+)"
_DENY = re.compile(_ASA + rf'Deny (\w+) src {_END} dst {_END} by access-group "([^"]*)"')
_BUILT = re.compile(
    _ASA + rf"Built (\w+) (\w+) connection (\d+) for {_END} \({ADDRESS}/(\d+)\) to {_END} \({ADDRESS}/(\d+)\)"
)
_TEARDOWN = re.compile(
    _ASA + rf"Teardown (\w+) connection (\d+) for {_END} to {_END} duration (\d+):(\d\d):(\d\d) (bytes (\d+).*)$"
)
_TRANSLATION = re.compile(_ASA + rf"Built \w+ (\w+) translation from {_END} to {_END}")
_STRAY = re.compile(
    _ASA + rf"Deny TCP \(no connection\) from {ADDRESS}/(\d+) to {ADDRESS}/(\d+) (flags .*) on interface (\w+)"
)
_CONNECTIONS = (
    "event_time", "device", "severity", "event_code", "action", "verdict", "path", "direction", "protocol", *_ENDS,
    "in_interface", "out_interface", "rule", "session_id", "duration_ms", "message", "outcome", "nat_src_ip",
    "nat_src_port",
)  # fmt: skip
_NOBODY = (None, None, None)


@remembered(SECONDS)
def _asa_time(text: str) -> int:
    """`Nov 19 2026 00:00:00`."""
    return instant(text, "%b %d %Y %H:%M:%S")


def _head(at: str, host: str, severity: str, code: str) -> Row:
    return _NETWORK, _asa_time(at), host, severity, code


def _denied(at: str, host: str, severity: str, code: str, *rest: str) -> Row:
    protocol, inside, src, sport, outside, dst, dport, rule = rest
    return (
        *_head(at, host, severity, code), "Deny", "deny", "forward", None, PROTOCOLS[protocol], *address(src),
        int(sport), *address(dst), int(dport), inside, outside, rule, None, None, None, None, *_UNTRANSLATED,
    )  # fmt: skip


def _built(at: str, host: str, severity: str, code: str, *rest: str) -> Row:
    (
        way, protocol, session, outside, dst, dport, mapped_dst, mapped_dport, inside, src, sport, mapped_src,
        mapped_sport,
    ) = rest  # fmt: skip
    if way == "inbound":
        outside, dst, dport, inside, src, sport = inside, src, sport, outside, dst, dport
        mapped_src, mapped_sport = mapped_dst, mapped_dport
    mapped = mapped_src != src or mapped_sport != sport
    return (
        *_head(at, host, severity, code), "Built", "allow", "forward", way, PROTOCOLS[protocol], *address(src),
        int(sport), *address(dst), int(dport), inside, outside, None, session, None, None, None,
        *((address(mapped_src)[0], int(mapped_sport)) if mapped else _UNTRANSLATED),
    )  # fmt: skip


def _torn_down(at: str, host: str, severity: str, code: str, *rest: str) -> Row:
    protocol, session, one, src, sport, two, dst, dport, hours, minutes, seconds, why, size = rest
    return (
        *_head(at, host, severity, code), "Teardown", "allow", "forward", "unknown", PROTOCOLS[protocol],
        *address(src), int(sport), *address(dst), int(dport), one, two, None, session,
        (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 1000, why,
        "established" if protocol == "TCP" and (size != "0" or "TCP FINs" in why) else None, *_UNTRANSLATED,
    )  # fmt: skip


def _translation(at: str, host: str, severity: str, code: str, *rest: str) -> Row:
    protocol, inside, src, sport, outside, mapped, mport = rest
    return (
        *_head(at, host, severity, code), "Built", None, None, None, PROTOCOLS[protocol], *address(src), int(sport),
        *_NOBODY, inside, outside, None, None, None, None, None, address(mapped)[0], int(mport),
    )  # fmt: skip


def _stray(at: str, host: str, severity: str, code: str, *rest: str) -> Row:
    src, sport, dst, dport, flags, inside = rest
    return (
        *_head(at, host, severity, code), "Deny", "deny", "out_of_state", None, "tcp", *address(src), int(sport),
        *address(dst), int(dport), inside, None, None, None, None, flags, None, *_UNTRANSLATED,
    )  # fmt: skip


_ASA_MESSAGES: Mapping[str, tuple[re.Pattern[str], Callable[..., Row]]] = {
    "106023": (_DENY, _denied), "302013": (_BUILT, _built), "302015": (_BUILT, _built),
    "302014": (_TEARDOWN, _torn_down), "302016": (_TEARDOWN, _torn_down), "305011": (_TRANSLATION, _translation),
    "106015": (_STRAY, _stray),
}  # fmt: skip


def _cisco_asa(line: str) -> Row | None:
    at = line.find("%ASA-") + 7
    found = _ASA_MESSAGES.get(line[at : at + 6])
    m = found[0].match(line) if found else None
    return found[1](*m.groups()) if found and m else None


# ----------------------------------------------------------------------------------------------------------------- srx

_SRX = re.compile(r"<(\d+)>1 (\S{19})\.(\d{3})(\S+) (\S+) \S+ \S+ (RT_FLOW_SESSION_\w+) \[(.*)\]$")
_SRX_PAIR = re.compile(r' ([^=]+)="([^"]*)"')
_SEVERITIES = (
    "emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug",
)  # fmt: skip
_SRX_ACTIONS = {
    "RT_FLOW_SESSION_CREATE": "session created", "RT_FLOW_SESSION_CLOSE": "session closed",
    "RT_FLOW_SESSION_DENY": "session denied",
}  # fmt: skip
_SRX_COLUMNS = (
    "event_time", "severity", "device", "event_code", "action", *_ENDS, "protocol", "rule", "in_interface", "message",
    "app", "verdict", "outcome", "bytes_out", "bytes_in", "packets_out", "packets_in", "duration_ms", "session_id",
    "nat_src_ip", "nat_src_port", "nat_dst_ip", "nat_dst_port",
)  # fmt: skip
_NO_SESSION = (None,) * 11


def _juniper_srx(line: str) -> Row | None:
    m = _SRX.match(line)
    if not m:
        return None
    priority, at, ms, zone, host, code, rest = m.groups()
    pairs = dict(_SRX_PAIR.findall(rest))
    app = pairs["application"]
    row = (
        _NETWORK, iso_time(at + zone) + int(ms) * 1000, _SEVERITIES[int(priority) & 7], host, code, _SRX_ACTIONS[code],
        *address(pairs["source-address"]), int(pairs["source-port"]), *address(pairs["destination-address"]),
        int(pairs["destination-port"]), PROTOCOLS[pairs["protocol-id"]], pairs["policy-name"],
        pairs["packet-incoming-interface"], pairs["reason"], pairs["service-name"] if app == "UNKNOWN" else app,
    )  # fmt: skip
    if code == "RT_FLOW_SESSION_DENY":
        return (*row, "deny", *_NO_SESSION)
    received = int(pairs["bytes-from-server"])
    return (
        *row, "allow", "established" if received else "attempted", int(pairs["bytes-from-client"]), received,
        int(pairs["packets-from-client"]), int(pairs["packets-from-server"]), int(pairs["elapsed-time"]) * 1000,
        pairs["session-id"], *_translated(pairs["nat-source-address"], pairs["nat-source-port"]),
        *_translated(pairs["nat-destination-address"], pairs["nat-destination-port"]),
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------------------------- rtx

_RTX = r"(\w{3} [ \d]\d [\d:]{8}) (\S+) "
_PACKET = re.compile(
    _RTX + rf"(\S+) (Rejected|Passed) at (IN|OUT)\((\w+)\) filter: (\w+) {ADDRESS}(?:[.:](\d+))? > "
    rf"{ADDRESS}(?:[.:](\d+))?(?: : (.*))?$"
)
_SESSION = re.compile(
    _RTX + rf"\[INSPECT\] (\w+)\[(in|out)\]\[(\d+)\] (\w+) {ADDRESS}[.:](\d+) > {ADDRESS}[.:](\d+) \(([\d/]+ [\d:]+)\)$"
)
_PACKETS = (
    "event_time", "device", "in_interface", "out_interface", "action", "verdict", "rule", "protocol", *_ENDS, "app",
    "start_time",
)  # fmt: skip
_WORDS = {"Rejected": "deny", "Passed": "allow"}


def _yamaha_rtx(line: str) -> Row | None:
    if "[INSPECT]" in line:
        m = _SESSION.match(line)
        if not m:
            return None
        at, host, interface, way, rule, protocol, src, sport, dst, dport, begun = m.groups()
        into, out = (interface, None) if way == "in" else (None, interface)
        return (
            _NETWORK, syslog_time(at), host, into, out, "INSPECT", "allow", rule,
            PROTOCOLS[protocol], *address(src), int(sport), *address(dst), int(dport), None, _slashed_time(begun),
        )  # fmt: skip
    m = _PACKET.match(line)
    if not m:
        return None
    at, host, interface, word, way, rule, protocol, src, sport, dst, dport, note = m.groups()
    into, out = (interface, None) if way == "IN" else (None, interface)
    return (
        _NETWORK, syslog_time(at), host, into, out, word, _WORDS[word], rule,
        PROTOCOLS[protocol], *address(src), sport and int(sport), *address(dst), dport and int(dport), note, None,
    )  # fmt: skip


READERS: Mapping[str, tuple[Reader, Mapping[str, Table]]] = {
    "fortinet_fortigate": (_fortinet_fortigate, {_NETWORK: Table(_TRAFFIC, constants("fortinet_fortigate", "exact"))}),
    "paloalto_panos": (
        _paloalto_panos, {_NETWORK: Table(_SESSIONS, constants("paloalto_panos", "zone_assumed", path="forward"))}
    ),
    "cisco_asa": (_cisco_asa, {_NETWORK: Table(_CONNECTIONS, constants("cisco_asa", "zone_assumed"))}),
    "juniper_srx": (_juniper_srx, {_NETWORK: Table(_SRX_COLUMNS, constants("juniper_srx", "exact", path="forward"))}),
    "yamaha_rtx": (_yamaha_rtx, {_NETWORK: Table(_PACKETS, constants("yamaha_rtx", "year_inferred"))}),
}  # fmt: skip
