"""What a firewall that logs permits allows on an ordinary day: LGWAN services, VDI, mail between two servers."""

from __future__ import annotations

import numpy as np

from simulator.noise import Today
from simulator.office import Times
from simulator.packets import ALLOW, INC, LGC, LGW, MNU, Flows, ephemeral, flows, joined
from simulator.prefecture import LGWAN, Addresses


def allowed(now: Today, midnight: int, rate: float) -> Flows:
    """Sessions that the policy allows, logged at their end."""
    body, rng = now.body, now.rng
    lgc = len(now.on["LGC"])

    def one(
        found: tuple[Addresses, Times], dst: Addresses, port: int, policy: int, inn: int, out: int, proto: int = 6
    ) -> Flows:
        src, t = found
        n = len(src)
        duration = rng.exponential(60, n).astype(np.int64) + 1 if proto == 6 else np.full(n, 180)
        sent = rng.lognormal(7, 1, n).astype(np.int64) if proto == 6 else rng.integers(60, 90, n)
        word = rng.choice([0, 0, 0, 0, 0, 0, 0, 1, 2, 3], n) if proto == 6 else np.full(n, 4)
        silent = rng.random(n) < 0.004
        return flows(
            n, t=t + midnight, src=src, dst=rng.choice(dst, n), sport=ephemeral(rng, n), dport=port, proto=proto,
            form=ALLOW, inn=inn, out=out, policy=policy, sent=sent, dur=duration,
            rcvd=np.where(silent, 0, sent * rng.integers(2, 12, n)), app=np.where(silent, 5, word),
        )  # fmt: skip

    def at(zone: str, last: int, mean: float) -> tuple[Addresses, Times]:
        return now.steady(np.array([body.server(zone, last)], np.int64), mean, rate)

    registered = np.isin(now.on["MNU"], body.terminals("MNU")[:5])
    few = Today(
        body, now.day, now.working, {"MNU": now.on["MNU"][registered]}, {"MNU": now.since["MNU"][registered]}, rng
    )
    vdi = np.array([body.server("INC", n) for n in (30, 31, 32, 33)], np.int64)
    return joined([
        one(now.spread("LGC", 10, rate), LGWAN + np.array([30, 31, 31]), 443, 11, LGC, LGW),
        one(now.spread("LGC", 3, rate), vdi, 4172, 21, LGC, INC),
        one(few.spread("MNU", 30, rate), LGWAN + np.array([40]), 443, 12, MNU, LGW),
        one(at("LGC", 53, 2.5 * lgc), LGWAN + np.array([53]), 53, 13, LGC, LGW, 17),
        one(at("LGC", 25, 0.8 * lgc), LGWAN + np.array([25]), 25, 14, LGC, LGW),
        one(at("LGC", 20, 48), LGWAN + np.array([60]), 443, 15, LGC, LGW),
        one(at("LGC", 10, 96), LGWAN + np.array([123]), 123, 16, LGC, LGW, 17),
        one(at("INC", 25, 0.7 * lgc), np.array([body.server("LGC", 25)]), 25, 22, INC, LGC),
    ])  # fmt: skip
