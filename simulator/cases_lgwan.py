"""Planted cases of the guideline's four findings towards LGWAN: (a) source, (b) protocol, (c) P2P, (d) mass access."""

from __future__ import annotations

import numpy as np

from core.time import day_start
from simulator.cases import Plan, attempts
from simulator.errands import left_over
from simulator.fortigate import FAILOVER, REBOOT, SIGNED_BEFORE, STARTED
from simulator.office import HOUR
from simulator.packets import ALLOW, CUT, EVENT, INET, LGC, LGW, MNU, SIGN, SPOOF, Flows, flows, joined
from simulator.prefecture import LGWAN, Body, ip

Random = np.random.Generator
PEERS = ip("198.18.200.0")
"""Addresses on the Internet that only planted cases speak to."""


def sources(plan: Plan) -> None:
    """(a): impossible, of another zone, of no zone, not as registered; and neighbours that are none of these."""
    at = plan.stage.start

    def from_inside(
        name: str, src: int, target: int, port: int, count: int, *, proto: int = 6, mac: int = 0, form: int = SPOOF,
        rng: Random, hours: tuple[float, float] = (9, 16), inn: int = LGC,
    ) -> Flows:  # fmt: skip
        return attempts(
            rng, at(name, *hours), 600, src, LGWAN + target, port, count=count, proto=proto, form=form, mac=mac, inn=inn
        )

    rogue = 0x02_00_53_0A_0B_0C
    plan.firewall(
        "a1-lgwan-inside", "a1", "a", "alert", 2,
        lambda b, r: from_inside("a1-lgwan-inside", LGWAN + 77, 12, 443, 6, rng=r, mac=rogue),
        "LGWAN's own address comes in by the LGC interface", src=lambda b: LGWAN + 77,
    )  # fmt: skip
    plan.firewall(
        "a1-loopback", "a1", "a", "alert", 4,
        lambda b, r: from_inside("a1-loopback", ip("127.0.0.1"), 12, 53, 4, rng=r, proto=17),
        "127.0.0.1 as sender", src=lambda b: ip("127.0.0.1"),
    )  # fmt: skip
    plan.firewall(
        "a1-multicast", "a1", "a", "alert", 6,
        lambda b, r: from_inside("a1-multicast", ip("224.0.1.60"), 20, 80, 2, rng=r, hours=(13, 17)),
        "a multicast address as sender", src=lambda b: ip("224.0.1.60"),
    )  # fmt: skip
    plan.firewall(
        "a2-mnu-on-lgc", "a2", "a", "alert", 1,
        lambda b, r: from_inside("a2-mnu-on-lgc", b.spare("MNU", 10), 30, 443, 8, rng=r),
        "a terminal of MNU is plugged into LGC; the protocol is allowed", src=lambda b: b.spare("MNU", 10),
    )  # fmt: skip
    plan.firewall(
        "a2-inc-on-lgc", "a2", "a", "alert", 6,
        lambda b, r: from_inside("a2-inc-on-lgc", b.spare("INC", 3), 31, 443, 5, rng=r),
        "a terminal of INC is plugged into LGC", src=lambda b: b.spare("INC", 3),
    )  # fmt: skip
    plan.firewall(
        "a3-router", "a3", "a", "alert", 3,
        lambda b, r: from_inside("a3-router", ip("192.168.11.2"), 30, 443, 12, rng=r, mac=rogue),
        "an address of a router's factory settings, in no zone of the body", src=lambda b: ip("192.168.11.2"),
    )  # fmt: skip
    plan.firewall(
        "a3-restored", "a3", "a", "alert", 8,
        lambda b, r: from_inside("a3-restored", ip("192.168.100.5"), 53, 53, 4, rng=r, proto=17, hours=(8.5, 10)),
        "a restored terminal with the address of its vendor's workshop", src=lambda b: ip("192.168.100.5"),
    )  # fmt: skip
    plan.firewall(
        "a3-unasked", "a3", "a", "none", 9,
        lambda b, r: from_inside("a3-unasked", ip("192.168.1.50"), 30, 443, 3, rng=r),
        "below: this body registered interfaces only, so `in no zone` can't be asked", src=lambda b: ip("192.168.1.50"),
    )  # fmt: skip
    plan.firewall(
        "a4-unregistered", "a4", "a", "alert", 2,
        lambda b, r: from_inside("a4-unregistered", b.spare("LGC", 18), 30, 443, 5, rng=r, form=0),
        "an address of LGC that the register of terminals does not know", src=lambda b: b.spare("LGC", 18),
    )  # fmt: skip
    plan.firewall(
        "a4-mismatch", "a4", "a", "alert", 3,
        lambda b, r: from_inside("a4-mismatch", b.spare("LGC", 0), 30, 443, 7, rng=r, form=0, mac=0x02_00_53_AA_BB_01),
        "a registered address with another hardware address", src=lambda b: b.spare("LGC", 0),
    )  # fmt: skip
    plan.firewall(
        "a4-no-mac", "a4", "a", "alert", 6,
        lambda b, r: from_inside("a4-no-mac", b.spare("LGC", 18), 30, 443, 4, rng=r, form=0),
        "not in the register; the device logs no hardware address", src=lambda b: b.spare("LGC", 18),
    )  # fmt: skip
    plan.firewall(
        "a4-behind-switch",
        "a4",
        "a",
        "none",
        5,
        lambda b, r: attempts(
            r,
            at("a4-behind-switch", 9, 15),
            3000,
            b.spare("LGC", 1),
            LGWAN + 30,
            443,
            count=10,
            again=False,
            form=ALLOW,
            policy=11,
            sent=900,
            rcvd=4200,
            dur=12,
        ),
        "below: registered, seen with the L3 switch's hardware address like everybody there",
        src=lambda b: b.spare("LGC", 1),
    )
    plan.firewall(
        "a4-no-register", "a4", "a", "none", 1,
        lambda b, r: from_inside("a4-no-register", b.spare("LGC", 2), 30, 443, 3, rng=r, form=0),
        "below: 端末台帳なし; an address of LGC towards a registered service", src=lambda b: b.spare("LGC", 2),
    )  # fmt: skip


def _spread(b: Body, r: Random, start: int) -> Flows:
    """428 attempts on 445 and 3389 to 61 destinations in three episodes."""
    parts = []
    for minutes, seconds, count, port in ((0, 2880, 158, 445), (87, 2400, 140, 3389), (150, 1100, 130, 445)):
        dst = LGWAN + 80 + r.permutation(np.arange(count) % 61)
        parts.append(attempts(r, start + minutes * 60_000_000, seconds, b.spare("LGC", 1), dst, port, count=count))
    return joined(parts)


def protocols(plan: Plan) -> None:
    """(b): protocols that LGWAN's rules don't allow."""
    at = plan.stage.start
    plan.firewall(
        "b-ssh", "b", "b", "alert", 4,
        lambda b, r: attempts(r, at("b-ssh", 9, 17), 240, b.spare("LGC", 0), LGWAN + 14, 22, count=3),
        "few tries: SSH to one host of LGWAN", src=lambda b: b.spare("LGC", 0),
    )  # fmt: skip
    plan.firewall(
        "b-fanout", "b", "b", "alert", 3, lambda b, r: _spread(b, r, at("b-fanout", 11.4, 11.6)),
        "fan-out: SMB and RDP to 61 hosts in three episodes", src=lambda b: b.spare("LGC", 1),
    )  # fmt: skip
    plan.firewall(
        "b-snmp",
        "b",
        "b",
        "alert",
        9,
        lambda b, r: attempts(
            r, at("b-snmp", 13, 14), 10800, b.spare("LGC", 0), LGWAN + 16, 161, count=36, proto=17, regular=True
        ),
        "SNMP every five minutes to one host of LGWAN",
        src=lambda b: b.spare("LGC", 0),
    )
    plan.firewall(
        "b-mnu-ftp", "b", "b", "alert", 2,
        lambda b, r: attempts(r, at("b-mnu-ftp", 10, 15), 60, b.spare("MNU", 0), LGWAN + 18, 21, count=2, inn=MNU),
        "FTP from MNU to LGWAN", src=lambda b: b.spare("MNU", 0),
    )  # fmt: skip
    plan.firewall(
        "b-once", "b", "b", "aggregate", 5,
        lambda b, r: attempts(r, at("b-once", 10, 15), 5, b.spare("LGC", 2), LGWAN + 17, 8080, count=1),
        "below: a single stray attempt", src=lambda b: b.spare("LGC", 2),
    )  # fmt: skip


def _winny(
    r: Random, start: int, src: int, peers: int, first: int, *, count: int, seconds: float, out: int, ports: int = 0
) -> Flows:
    """Attempts on peers that each listen on one high port; `ports` limits how many different ones there are."""
    listen = r.integers(1024, 65536, ports or peers)
    which = np.concatenate([np.arange(peers), r.integers(0, peers, max(0, count - peers))])[:count]
    return attempts(r, start, seconds, src, first + which, listen[which % len(listen)], count=count, out=out)


def file_sharing(plan: Plan) -> None:
    """(c): a device's signature, fan-out like Winny's, known ports; and neighbours that are too thin or too slow."""
    at = plan.stage.start

    def signature(b: Body, r: Random, name: str, spare: int, app: int, count: int) -> Flows:
        row = attempts(
            r,
            at(name, 10, 16),
            900,
            b.spare("LGC", spare),
            LGWAN + 90 + np.arange(count) % 5,
            r.integers(7000, 40000, count),
            count=count,
            again=False,
            form=CUT,
            policy=11,
            sent=680,
            rcvd=220,
            dur=6,
        )
        said = row.copy()
        said["form"], said["app"] = SIGN, app
        said["t"] -= SIGNED_BEFORE
        return joined([said, row])

    plan.firewall(
        "c1-winny", "c1", "c", "alert", 0, lambda b, r: signature(b, r, "c1-winny", 0, 0, 4),
        "application control names Winny in an allowed session and cuts it", src=lambda b: b.spare("LGC", 0),
    )  # fmt: skip
    plan.firewall(
        "c1-bittorrent", "c1", "c", "alert", 5, lambda b, r: signature(b, r, "c1-bittorrent", 3, 1, 2),
        "application control names BitTorrent", src=lambda b: b.spare("LGC", 3),
    )  # fmt: skip

    def bursts(b: Body, r: Random) -> Flows:
        start = at("c2-bursts", 9, 11)
        parts = [
            _winny(r, start + n * 2 * HOUR, b.spare("LGC", 0), 38, PEERS, count=90, seconds=540, out=INET)
            for n in range(3)
        ]
        known = attempts(
            r, start + 20_000_000, 400, b.spare("LGC", 0), PEERS + np.arange(32) % 6, 6881, count=32, out=INET
        )
        return joined([*parts, known])

    plan.firewall(
        "c2-bursts",
        "c2",
        "c",
        "alert",
        6,
        bursts,
        "38 peers on as many high ports, three times a day, some on 6881: (ii) and (iii)",
        src=lambda b: b.spare("LGC", 0),
    )
    plan.firewall(
        "c2-lgwan",
        "c2",
        "c",
        "alert",
        1,
        lambda b, r: _winny(
            r, at("c2-lgwan", 12, 16), b.spare("LGC", 3), 26, LGWAN + 170, count=52, seconds=500, out=LGW, ports=18
        ),
        "26 hosts of LGWAN on 18 high ports within ten minutes",
        src=lambda b: b.spare("LGC", 3),
    )
    plan.firewall(
        "c2-thin",
        "c2",
        "c",
        "aggregate",
        2,
        lambda b, r: _winny(
            r, at("c2-thin", 10, 16), b.spare("LGC", 1), 14, PEERS + 64, count=28, seconds=560, out=INET, ports=7
        ),
        "below: 14 peers on 7 ports in ten minutes",
        src=lambda b: b.spare("LGC", 1),
    )
    plan.firewall(
        "c2-slow",
        "c2",
        "c",
        "aggregate",
        0,
        lambda b, r: _winny(
            r, at("c2-slow", 9, 11), b.spare("LGC", 1), 30, PEERS + 96, count=30, seconds=14400, out=INET
        ),
        "below: 30 peers, but one in eight minutes",
        src=lambda b: b.spare("LGC", 1),
    )
    plan.firewall(
        "c3-ports", "c3", "c", "alert", 5,
        lambda b, r: attempts(r, at("c3-ports", 10, 16), 900, b.spare("LGC", 4), PEERS + 128 + np.arange(12) % 4,
                              np.array([6346, 6881, 4662, 6699])[np.arange(12) % 4], count=12, out=INET),
        "known ports alone, four peers", src=lambda b: b.spare("LGC", 4),
    )  # fmt: skip
    plan.firewall(
        "c3-one", "c3", "c", "aggregate", 4,
        lambda b, r: attempts(r, at("c3-one", 10, 16), 60, b.spare("LGC", 1), PEERS + 140, 6881, count=2, out=INET),
        "below: a known port, one peer", src=lambda b: b.spare("LGC", 1),
    )  # fmt: skip


def floods(plan: Plan) -> None:
    """(d): mass access from one, to one; a burst over midnight; and a reboot, which is none."""
    stage, at = plan.stage, plan.stage.start
    plan.firewall(
        "d-source",
        "d_source",
        "d",
        "alert",
        1,
        lambda b, r: attempts(
            r, at("d-source", 13.5, 15), 1320, b.spare("LGC", 4), LGWAN + 10, 80, count=4821, again=False
        ),
        "4,821 attempts in 22 minutes",
        src=lambda b: b.spare("LGC", 4),
    )
    plan.firewall(
        "d-source-dns",
        "d_source",
        "d",
        "alert",
        8,
        lambda b, r: attempts(
            r, at("d-source-dns", 19, 22), 300, b.spare("LGC", 0), LGWAN + 53, 53, count=2400, proto=17
        ),
        "2,400 queries to LGWAN's DNS in 5 minutes of an evening",
        src=lambda b: b.spare("LGC", 0),
    )
    plan.firewall(
        "d-source-midnight",
        "d_source",
        "d",
        "alert",
        9,
        lambda b, r: attempts(
            r,
            day_start(stage.days[0]) + int(23.83 * HOUR),
            1440,
            b.spare("LGC", 1),
            LGWAN + 30,
            443,
            count=2600,
            again=False,
        ),
        "2,600 attempts in 24 minutes over JST midnight",
        src=lambda b: b.spare("LGC", 1),
    )
    plan.firewall(
        "d-source-little", "d_source", "d", "aggregate", 2,
        lambda b, r: attempts(r, at("d-source-little", 9, 15), 1800, b.spare("LGC", 2), LGWAN + 151, 443, count=60),
        "below: a program that retries an unregistered LGWAN-ASP twice a minute", src=lambda b: b.spare("LGC", 2),
    )  # fmt: skip

    def everybody(
        b: Body, r: Random, name: str, most: int, count: int, seconds: float, target: int, again: bool
    ) -> Flows:
        who = b.terminals("LGC")[:most]
        return attempts(
            r,
            at(name, 10, 16),
            seconds,
            who[np.arange(count) % len(who)],
            LGWAN + target,
            443,
            count=count,
            again=again,
        )

    plan.firewall(
        "d-destination", "d_destination", "d", "alert", 0,
        lambda b, r: everybody(b, r, "d-destination", 160, 3200, 600, 70, False),
        "3,200 attempts of up to 160 terminals on one host in 10 minutes", dst=LGWAN + 70,
    )  # fmt: skip
    plan.firewall(
        "d-destination-few", "d_destination", "d", "aggregate", 5,
        lambda b, r: everybody(b, r, "d-destination-few", 25, 50, 1800, 71, True),
        "below: a link in a circular; 25 terminals follow it twice in half an hour", dst=LGWAN + 71,
    )  # fmt: skip

    restart = at("reboot", 10, 11.5)

    def reboot(b: Body, r: Random) -> Flows:
        who = np.repeat(b.terminals("LGC")[:400], 6)
        t = restart + 150_000_000 + r.integers(2_000_000, 360_000_000, len(who))
        said = flows(2, t=[restart, restart + 150_000_000], form=EVENT, app=[REBOOT, STARTED])
        return joined([said, left_over(r, who, t, np.full(len(who), LGWAN + 30), LGC, both=True)])

    plan.firewall(
        "reboot", "reboot", "d", "aggregate", 2, reboot,
        "the firewall is restarted: 150 s of silence, then six minutes of late TCP from every terminal; no attack",
        down=(restart + 1_000_000, restart + 149_000_000),
    )  # fmt: skip
    failover = at("failover", 13, 14)
    plan.firewall(
        "failover",
        "reboot",
        "d",
        "aggregate",
        0,
        lambda b, r: flows(1, t=failover, form=EVENT, app=FAILOVER),
        "an HA pair changes over: the other unit's name from here on; no attack",
        moved=failover,
        match='logid="0108037892"',
    )
