"""A FortiGate's lines, key=value, as FortiOS 7 sends them.

Reference: FortiOS Log Message Reference (message ids 13 forward, 14 local, 7 invalid, 28704/28705 app-ctrl, system
events), https://docs.fortinet.com/document/fortigate/7.4.0/fortios-log-message-reference. eventtime is in ns.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np

from simulator.office import DAY
from simulator.packets import ALLOW, CUT, DENY, EVENT, LATE, LOCAL, SIGN, SPOOF, Flows, address_texts, mac_texts
from simulator.prefecture import Body

INTERFACES = {"mnu": "MNU", "lgc": "LGC", "inc": "INC", "lgwan": "LGWAN", "wan": "INET"}
"""Interface → zone, as it is registered. `root` and `unknown0` have no zone."""
_SIDES = (
    ("unknown0", "undefined"),
    ("mnu", "lan"),
    ("lgc", "lan"),
    ("inc", "lan"),
    ("lgwan", "wan"),
    ("wan", "wan"),
    ("root", "undefined"),
)
_SERVICES = {
    (6, 21): "FTP",
    (6, 22): "SSH",
    (6, 23): "TELNET",
    (6, 25): "SMTP",
    (6, 53): "DNS",
    (17, 53): "DNS",
    (6, 80): "HTTP",
    (17, 123): "NTP",
    (6, 389): "LDAP",
    (6, 443): "HTTPS",
    (6, 445): "SMB",
    (6, 139): "SAMBA",
    (6, 636): "LDAPS",
    (17, 161): "SNMP",
    (6, 3389): "RDP",
    (17, 67): "DHCP",
    (17, 547): "DHCP6",
    (6, 1433): "MS-SQL",
    (6, 5900): "VNC",
    (6, 88): "KERBEROS",
    (17, 1812): "RADIUS",
}
_COUNTRIES = 'srccountry="Reserved" dstcountry="Reserved"'
_ACTIONS = ("close", "client-rst", "server-rst", "timeout", "accept", "ip-conn")
SIGNED_BEFORE = 3_000_000
"""A finding is logged so many µs before its session, whose number it carries."""
APPS = ((16, "Winny", "P2P", "elevated"), (6, "BitTorrent", "P2P", "high"))
_ADMIN = 'user="kanri" ui="https({nms})"'
_FROM = 'sn="{sn}" {admin} method="https" srcip={nms} dstip={own}'
_CLUSTER = 'msg="Virtual cluster\'s member state moved" ha_role="primary" vcluster=1'
_EVENTS = tuple(
    f'logid="{number}" type="event" subtype="{subtype}" level="{level}" vd="root" logdesc="{title}" {rest}'
    for number, subtype, level, title, rest in (
        (
            "0100032001", "system", "information", "Admin login successful",
            _FROM + ' action="login" status="success" reason="none" profile="prof_admin" '
            'msg="Administrator kanri logged in successfully from https({nms})"',
        ),
        (
            "0100032003", "system", "information", "Admin logout successful",
            _FROM + ' action="logout" status="success" duration=612 reason="exit" '
            'msg="Administrator kanri logged out from https({nms})"',
        ),
        (
            "0100032138", "system", "critical", "Device rebooted",
            '{admin} action="reboot" msg="User kanri rebooted the device from https({nms}). The reason is firmware"',
        ),
        ("0100032009", "system", "warning", "FortiGate started", 'msg="FortiGate started"'),
        (
            "0108037892", "ha", "notice", "Virtual cluster member state moved",
            '{cluster} vcluster_state="work" vcluster_member=1 hostname="{dev}" sn="{serial}"',
        ),
    )
)  # fmt: skip
LOGIN, LOGOUT, REBOOT, STARTED, FAILOVER = range(len(_EVENTS))


@cache
def clock() -> list[str]:
    """HH:MM:SS of every second of a day."""
    return [f"{h:02d}:{m:02d}:{s:02d}" for h in range(24) for m in range(60) for s in range(60)]


def serial(body: Body, unit: int = 1) -> str:
    """The device's serial number."""
    return f"FG100FTK26{body.index + 1:03d}{unit:03d}"


def _service(number: int) -> str:
    proto, sport, dport = number >> 32, number >> 16 & 0xFFFF, number & 0xFFFF
    if proto == 1:
        return "PING" if sport == 8 else f"icmp/{sport}/{dport}"
    if proto == 58:
        return f"icmp6/{sport}/{dport}"
    if proto == 89:
        return "OSPF"
    if proto in (6, 17):
        return _SERVICES.get((proto, dport), f"{'tcp' if proto == 6 else 'udp'}/{dport}")
    return "other"


def _services(rows: Flows) -> list[str]:
    proto = rows["proto"].astype(np.int64)
    sport = np.where(np.isin(proto, (1, 58)), rows["sport"], 0)
    unique, inverse = np.unique(proto << 32 | sport << 16 | rows["dport"], return_inverse=True)
    words = [_service(int(n)) for n in unique]
    return [words[i] for i in inverse.tolist()]


def _ends(rows: Flows, side: str, port: str) -> list[str]:
    """`srcip=… srcport=… srcintf=… srcintfrole=…`, or the same of dst; without a port where the protocol has none."""
    name, columns = ("src", ("src", "sport", "inn")) if side == "src" else ("dst", ("dst", "dport", "out"))
    interface = [f' {name}intf="{i}" {name}intfrole="{role}"' for i, role in _SIDES]
    addresses = address_texts(rows[columns[0]])
    middle = rows[columns[2]].tolist()
    if port:
        ports = rows[columns[1]].tolist()
        return [f"{name}ip={a} {name}port={p}{interface[i]}" for a, p, i in zip(addresses, ports, middle, strict=True)]
    extra = " identifier=1" if side == "src" else ""
    return [f"{name}ip={a}{extra}{interface[i]}" for a, i in zip(addresses, middle, strict=True)]


def _bodies_of_lines(rows: Flows, session: list[int], form: int) -> list[str]:
    """What follows the time in the lines of one form; all rows have ports, or none has."""
    port = "port" if rows["proto"][0] in (6, 17) else ""
    src, dst = _ends(rows, "src", port), _ends(rows, "dst", port)
    protos = rows["proto"].tolist()
    services = _services(rows)
    macs = mac_texts(rows["mac"], ' mastersrcmac="{0}" srcmac="{0}" srcserver=0')
    nobody = 'duration=0 sentbyte=0 rcvdbyte=0 sentpkt=0 rcvdpkt=0 appcat="unscanned"'
    columns = zip(src, dst, session, protos, services, macs, strict=True)
    if form in (DENY, SPOOF):
        head = 'logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" '
        tail = f'trandisp="noop" {nobody} crscore=30 craction=131072 crlevel="high"'
        return [
            f'{head}{s} {d} {_COUNTRIES} sessionid={n} proto={p} action="deny" policyid=0'
            f' policytype="policy" service="{v}" {tail}{m}'
            for s, d, n, p, v, m in columns
        ]
    if form == LATE:
        head = 'logid="0000000007" type="traffic" subtype="forward" level="warning" vd="root" '
        tail = f'trandisp="noop" {nobody} msg="no session matched"'
        return [
            f'{head}{s} {d} {_COUNTRIES} sessionid=0 proto={p} action="deny" policyid=0'
            f' policytype="policy" service="{v}" {tail}{m}'
            for s, d, n, p, v, m in columns
        ]
    if form == LOCAL:
        head = 'logid="0001000014" type="traffic" subtype="local" level="notice" vd="root" '
        six = [" " if a < 1 << 40 else "6 " for a in rows["src"].tolist()]
        kind = {" ": '"local-in-policy" ', "6 ": '"local-in-policy6" '}
        return [
            f'{head}{s} {d} {_COUNTRIES} sessionid={n} proto={p} action="deny" policyid=0'
            f' policytype={kind[x]}service="{v}" trandisp="noop" app="{v}" {nobody}{m}'
            for (s, d, n, p, v, m), x in zip(columns, six, strict=True)
        ]
    return _sessions(rows, list(columns), form)


def _sessions(rows: Flows, columns: list[tuple[str, str, int, int, str, str]], form: int) -> list[str]:
    volume = list(zip(*(rows[c].tolist() for c in ("policy", "sent", "rcvd", "dur", "app")), strict=True))
    if form == SIGN:
        lines = []
        for (s, d, n, p, v, _), (policy, *_, app) in zip(columns, volume, strict=True):
            number, name, category, risk = APPS[app]
            lines.append(
                'logid="1059028705" type="utm" subtype="app-ctrl" eventtype="signature" level="warning" vd="root" '
                f'appid={number} {s} {d} {_COUNTRIES} proto={p} service="{v}" '
                f'direction="outgoing" policyid={policy} poluuid="c1d2a0e6-0000-51ee-8000-00005e0053{policy:02x}" '
                f'sessionid={n} applist="lgwan-default" action="block" appcat="{category}" app="{name}" '
                f'incidentserialno={100000 + n % 100000} msg="{category}: {name}" apprisk="{risk}"'
            )
        return lines
    head = 'logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" '
    cut = ' utmaction="block" countapp=1' if form == CUT else ""
    return [
        f"{head}{s} {d} {_COUNTRIES} sessionid={n} proto={p} "
        f'action="{_ACTIONS[app] if form == ALLOW else "close"}" policyid={policy} policytype="policy" service="{v}" '
        f'trandisp="noop" duration={dur} sentbyte={sent} rcvdbyte={rcvd} sentpkt={1 + sent // 800} '
        f'rcvdpkt={(rcvd + 1199) // 1200} appcat="unscanned"{cut}{m}'
        for (s, d, n, p, v, m), (policy, sent, rcvd, dur, app) in zip(columns, volume, strict=True)
    ]


def render(rows: Flows, body: Body, day: date, midnight: int, *, moved: int) -> list[str]:
    """The lines of rows of one JST day, in their order.

    `midnight` is the day's first instant and `moved` the instant from which the other unit of an HA pair writes
    (both µs UTC; a `moved` beyond the day: never).
    """
    seconds = ((rows["t"] - midnight) // 1_000_000 % (DAY // 1_000_000)).tolist()
    begun = rows["t"] + np.where(rows["form"] == SIGN, SIGNED_BEFORE, 0) - midnight
    session = ((begun // 700 + body.index * 1_000_003) % 4_000_000_000 + 1000).tolist()
    said: list[str] = [""] * len(rows)
    ports = np.isin(rows["proto"], (6, 17))
    for form in np.unique(rows["form"]).tolist():
        if form == EVENT:
            continue
        for has in (True, False):
            at = np.flatnonzero((rows["form"] == form) & (ports == has))
            if len(at):
                for i, text in zip(
                    at.tolist(), _bodies_of_lines(rows[at], [session[j] for j in at.tolist()], form), strict=True
                ):
                    said[i] = text
    from_nms = address_texts(np.array([body.server("LGC", 50), body.firewall], np.int64))
    for i in np.flatnonzero(rows["form"] == EVENT).tolist():
        t = int(rows["t"][i])
        said[i] = _EVENTS[rows["app"][i]].format(
            admin=_ADMIN.format(nms=from_nms[0]),
            cluster=_CLUSTER,
            sn=t // 1_000_000,
            nms=from_nms[0],
            own=from_nms[1],
            dev=body.device,
            serial=serial(body),
        )
    unit = [f'devname="{body.device[:-1]}{u}" devid="{serial(body, u)}" eventtime=' for u in (1, 2)]
    hms, start = clock(), f"{'<189>' if body.kind in (3, 9) else ''}date={day} time="
    return [
        f'{start}{hms[s]} {unit[t >= moved]}{t}{t % 997:03d} tz="+0900" {text}'
        for s, t, text in zip(seconds, rows["t"].tolist(), said, strict=True)
    ]
