"""Planted cases of the flow policy: forbidden flows allowed, cut or denied, and 特定通信 that match in part."""

from __future__ import annotations

import numpy as np

from simulator.cases import Plan, attempts
from simulator.packets import ALLOW, CUT, INC, INET, LGC, LGW, MNU, Flows
from simulator.prefecture import LGWAN, Body, ip

Random = np.random.Generator
OUTSIDE = ip("203.0.113.0")


def _session(
    r: Random,
    start: int,
    seconds: float,
    src: int,
    dst: int,
    port: int,
    count: int,
    *,
    inn: int,
    out: int,
    policy: int,
    form: int = ALLOW,
) -> Flows:
    sent = r.integers(400, 4000, count)
    return attempts(
        r,
        start,
        seconds,
        src,
        dst,
        port,
        count=count,
        again=False,
        inn=inn,
        out=out,
        form=form,
        policy=policy,
        sent=sent,
        rcvd=sent * r.integers(2, 9, count),
        dur=r.integers(1, 90, count),
    )


def flow_policy(plan: Plan) -> None:
    """Allowed (gravest), cut by inspection, denied; and registered flows of which one dimension differs."""
    at = plan.stage.start

    def allowed(
        name: str,
        place: int,
        zone: str,
        spare: int,
        dst: int | None,
        port: int,
        count: int,
        policy: int,
        note: str,
        *,
        form: int = ALLOW,
        last: int = 0,
    ) -> None:
        def build(b: Body, r: Random) -> Flows:
            target = b.server("INC", last) if dst is None else dst
            return _session(
                r, at(name, 9, 12), 14400 if count > 50 else 2400, b.spare(zone, spare), target, port, count,
                inn=MNU if zone == "MNU" else LGC, out=INC if dst is None else INET, policy=policy, form=form,
            )  # fmt: skip

        kind = "flow_cut" if form == CUT else "flow_allowed"
        plan.firewall(name, kind, "flow", "alert", place, build, note, src=lambda b: b.spare(zone, spare))

    allowed("flow-mnu-inet", 0, "MNU", 0, OUTSIDE + 200, 443, 6, 37, "MNU to the Internet, allowed by policy 37 (F04)")
    allowed(
        "flow-lgc-inc",
        0,
        "LGC",
        2,
        None,
        1433,
        212,
        38,
        "LGC to a database in INC, allowed by policy 38 (F16)",
        last=12,
    )
    allowed("flow-lgc-inet", 5, "LGC", 5, OUTSIDE + 201, 443, 9, 41, "LGC to the Internet, allowed by policy 41 (F16)")
    allowed(
        "flow-cut-lgc",
        5,
        "LGC",
        6,
        OUTSIDE + 203,
        80,
        5,
        41,
        "LGC to the Internet, allowed and then cut by inspection",
        form=CUT,
    )
    allowed(
        "flow-cut-mnu",
        0,
        "MNU",
        1,
        OUTSIDE + 204,
        443,
        3,
        37,
        "MNU to the Internet, allowed and then cut by inspection",
        form=CUT,
    )

    def denied(
        name: str, place: int, zone: str, spare: int, dst: int | None, port: int, count: int, out: int, note: str, *,
        expected: str = "alert", to: tuple[str, int] = ("INC", 44), kind: str = "flow_denied", mac: int = 0,
        seconds: float = 1500,
    ) -> None:  # fmt: skip
        def build(b: Body, r: Random) -> Flows:
            target = b.server(*to) if dst is None else dst
            side = {"MNU": MNU, "LGC": LGC, "INC": INC}[zone]
            return attempts(
                r, at(name, 9, 16), seconds, b.spare(zone, spare), target, port, count=count, inn=side, out=out, mac=mac
            )

        plan.firewall(name, kind, "flow", expected, place, build, note, src=lambda b: b.spare(zone, spare))

    denied("flow-denied-mnu-inet", 3, "MNU", 0, OUTSIDE + 202, 443, 12, INET, "MNU to the Internet, denied (F04)")
    denied(
        "flow-denied-mnu-lgc",
        2,
        "MNU",
        1,
        None,
        445,
        5,
        LGC,
        "MNU to a file server of LGC, denied (F01)",
        to=("LGC", 40),
    )
    denied(
        "flow-denied-remote",
        1,
        "LGC",
        5,
        OUTSIDE + 60,
        5938,
        30,
        INET,
        "remote-control software, denied (N35)",
        seconds=7200,
    )
    denied("flow-denied-inc-mnu", 4, "INC", 0, None, 3389, 4, MNU, "INC to MNU by RDP, denied (F03)", to=("MNU", 10))
    denied(
        "flow-denied-mnu-asp", 1, "MNU", 3, LGWAN + 45, 443, 4, LGW, "MNU to an LGWAN-ASP that no 特定通信 names (F05)"
    )
    denied(
        "flow-denied-once",
        6,
        "LGC",
        1,
        None,
        8080,
        1,
        INC,
        "below: a bookmark of INC opened in LGC, once",
        expected="aggregate",
    )

    denied(
        "flow-partial-port",
        5,
        "MNU",
        2,
        LGWAN + 40,
        8443,
        4,
        LGW,
        "registered for 443, tries 8443",
        kind="flow_partial",
    )
    denied("flow-partial-mac", 2, "MNU", 2, LGWAN + 40, 443, 5, LGW, "registered pair with another hardware address",
           kind="flow_partial", mac=0x02_00_53_AA_BB_02)  # fmt: skip
    denied(
        "flow-partial-ended",
        3,
        "MNU",
        4,
        LGWAN + 41,
        443,
        6,
        LGW,
        "its registration has ended; denied",
        kind="flow_partial",
    )

    def ended(b: Body, r: Random) -> Flows:
        return _session(
            r,
            at("flow-partial-ended-allowed", 9, 16),
            3000,
            b.spare("MNU", 4),
            LGWAN + 41,
            443,
            8,
            inn=MNU,
            out=LGW,
            policy=12,
        )

    plan.firewall(
        "flow-partial-ended-allowed", "flow_partial", "flow", "alert", 0, ended,
        "its registration has ended; the firewall still allows it", src=lambda b: b.spare("MNU", 4),
    )  # fmt: skip
