"""A YAMAHA RTX's filter log as a syslog server keeps it: RFC 3164 header with the router's address, whole seconds.

Reference: ヤマハネットワーク機器 コマンドリファレンス「syslog notice」「ip filter」, http://www.rtpro.yamaha.co.jp/RT/manual/.
A packet is rejected where it comes in (IN) or where it would leave (OUT): the other interface is not in the line.
"""

from __future__ import annotations

from datetime import date

from simulator.fortigate import clock
from simulator.office import DAY
from simulator.packets import EVENT, INC, INET, LATE, LGC, LGW, LOCAL, MNU, SPOOF, V6_HOST, Flows, address_texts
from simulator.prefecture import Body, dotted

INTERFACES = {"LAN1": "LGC", "LAN2": "LGWAN", "LAN3": "MNU", "LAN4": "INC", "PP[01]": "INET"}
"""Interface → zone, as it is registered."""
_SIDE = {MNU: "LAN3", LGC: "LAN1", INC: "LAN4", LGW: "LAN2", INET: "PP[01]"}
_ICMP = {0: "echo reply", 3: "destination unreachable", 8: "echo request", 11: "time exceeded"}
_EVENTS = ("Login succeeded for TELNET: {nms}", "Logout from TELNET: {nms}")


def speaks(rows: Flows) -> Flows:
    """Which rows this router logs: no sessions, no ICMPv6, no other protocols."""
    keep = (rows["proto"] == 6) | (rows["proto"] == 17) | ((rows["proto"] == 1) & (rows["src"] < V6_HOST))
    kept: Flows = rows[keep]
    return kept


def _place(form: int, inn: int, out: int) -> str:
    if form == SPOOF:
        return f"{_SIDE[inn]} Rejected at IN(101099)"
    if form in (LOCAL, LATE):
        return f"{_SIDE[inn]} Rejected at IN(default)"
    return f"{_SIDE[out]} Rejected at OUT({ {LGW: 200099, INET: 500099}.get(out, 300099) })"


def render(rows: Flows, body: Body, day: date, midnight: int) -> list[str]:
    """The lines of rows of one JST day, in their order; `midnight` is its first instant (µs UTC)."""
    hms = clock()
    start = f"{day:%b} {day.day:>2} "
    host = dotted(body.egress + 14)
    sources, targets = address_texts(rows["src"]), address_texts(rows["dst"])
    names = ("t", "form", "inn", "out", "proto", "sport", "dport", "src", "app")
    places: dict[tuple[int, int, int], str] = {}
    lines = []
    for t, form, inn, out, proto, sport, dport, src, app, a, b in zip(
        *(rows[n].tolist() for n in names), sources, targets, strict=True
    ):
        head = f"{start}{hms[(t - midnight) // 1_000_000 % (DAY // 1_000_000)]} {host} "
        if form == EVENT:
            lines.append(head + _EVENTS[app].format(nms=dotted(body.server("LGC", 50))))
            continue
        place = places.get((form, inn, out)) or places.setdefault((form, inn, out), _place(form, inn, out))
        if proto == 1:
            lines.append(f"{head}{place} filter: ICMP {a} > {b} : {_ICMP[sport]}")
        else:
            mark = "." if src >= V6_HOST else ":"
            lines.append(f"{head}{place} filter: {'TCP' if proto == 6 else 'UDP'} {a}{mark}{sport} > {b}{mark}{dport}")
    return lines
