"""The noise of a deny feed that tries to leave its zone: automatic Internet traffic, wrong settings, late answers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator import office
from simulator.noise import LABELS, Today
from simulator.packets import DENY, INC, INET, LATE, LGC, LGW, MNU, Flows, ephemeral, flows, joined, tries
from simulator.prefecture import LGWAN, Addresses, ip

SYN = (1_000_000, 3_000_000)
"""A refused SYN is sent twice more: after one second and two seconds later."""


def _pool(first: str, count: int, step: int = 1) -> Addresses:
    return ip(first) + np.arange(count, dtype=np.int64) * step


_FLEET: tuple[tuple[str, float, int, int, Addresses], ...] = (
    # class, events a terminal, protocol, port, addresses on the Internet
    ("N13", 1.1, 6, 80, _pool("198.18.4.10", 6)),
    ("N14", 2.3, 6, 443, _pool("198.18.8.16", 14, 96)),
    ("N15", 0.35, 6, 443, _pool("198.18.24.5", 6, 40)),
    ("N15", 0.2, 6, 80, _pool("198.18.24.5", 6, 40)),
    ("N17", 0.45, 6, 80, _pool("198.18.32.20", 5)),
    ("N18", 0.3, 6, 443, _pool("198.18.40.30", 6)),
    ("N18", 0.3, 17, 443, _pool("198.18.40.30", 6)),
    ("N18", 0.1, 6, 5228, _pool("198.18.44.3", 3)),
    ("N26", 0.06, 17, 3544, _pool("203.0.113.44", 1)),
)


def automatic(now: Today, midnight: int, rate: float) -> Flows:
    """N13–N18, N26: what a Windows terminal of LGC asks the Internet for by itself. Terminals of MNU are managed."""
    parts = []
    for name, mean, proto, port, pool in _FLEET:
        src, t = now.spread("LGC", mean, rate)
        n = len(src)
        row = flows(
            n,
            t=t + midnight,
            src=src,
            dst=now.rng.choice(pool, n),
            sport=ephemeral(now.rng, n),
            dport=port,
            proto=proto,
            form=DENY,
            inn=LGC,
            out=INET,
            label=LABELS[name],
        )
        parts.append(tries(now.rng, row, SYN if proto == 6 else (300_000, 900_000)))
    return joined(parts)


def _one(
    now: Today, midnight: int, name: str, found: tuple[Addresses, office.Times], dst: int | Addresses, port: int, *,
    proto: int = 6, inn: int = LGC, out: int = INC, sport: int = 0, gaps: tuple[int, ...] | None = None,
) -> Flows:  # fmt: skip
    src, t = found
    n = len(src)
    row = flows(
        n,
        t=t + midnight,
        src=src,
        dst=now.rng.choice(dst, n) if isinstance(dst, np.ndarray) else dst,
        sport=sport or (ephemeral(now.rng, n) if proto != 1 else 8),
        dport=port,
        proto=proto,
        form=DENY,
        inn=inn,
        out=out,
        label=LABELS[name],
    )
    return tries(now.rng, row, gaps if gaps is not None else SYN if proto == 6 else ())


def settings(now: Today, midnight: int, rate: float) -> Flows:
    """N03, N09–N12, N16, N19–N21, N29, N30, N42: single wrong settings, each of one server or a few terminals."""
    body, on, lgc = now.body, now.on["LGC"], len(now.on["LGC"])
    parts: list[Flows] = []

    def add(name: str, found: tuple[Addresses, office.Times], dst: int | Addresses, port: int, **more: object) -> None:
        parts.append(_one(now, midnight, name, found, dst, port, **more))  # type: ignore[arg-type]  # passed on as it came

    def few(first: int, share: int, mean: float) -> tuple[Addresses, office.Times]:
        """The same terminals every day, counted from `first`; one in `share` of them, at least one."""
        chosen = body.terminals("LGC")[first :: max(1, share)][: max(1, len(body.terminals("LGC")) // share)]
        at = np.flatnonzero(np.isin(on, chosen))
        src = np.repeat(on[at], now.rng.poisson(mean * rate, len(at)))
        t = office.sample(now.rng, len(src), "pc" if now.working else "duty", monday=now.monday)
        return src, np.maximum(
            t, np.repeat(now.since["LGC"][at], np.bincount(np.searchsorted(on[at], src), minlength=len(at)))
        )

    add("N03", few(3, 10_000, 40), body.server("INC", 40), 445)
    devices = body.printers[: max(2, lgc // 90)]
    for device in devices.tolist():
        add("N09", now.regular(device, 1024, rate), ip("203.0.113.123"), 123, proto=17, out=INET, sport=123)
    add("N10", now.regular(body.server("LGC", 40), 3600, rate), LGWAN + 123, 123, proto=17, out=LGW, sport=123)
    if body.kind in (1, 6):
        asked = now.steady(np.array([body.server("LGC", 53)], np.int64), 2.2 * lgc)
        add("N11", asked, _pool("203.0.113.200", 13), 53, proto=17, out=INET, gaps=(800_000,))
    if body.kind in (4, 2):
        add(
            "N12",
            now.steady(np.array([body.server("LGC", 10)], np.int64), 1.2 * lgc),
            body.server("INC", 53),
            53,
            proto=17,
        )
    add("N16", few(5, 30, 8), body.server("INC", 20), 8530)
    add("N16", few(7, 90, 3), body.server("INC", 20), 1688)
    if body.register:
        for port, mean in ((88, 3.0), (389, 5.0), (135, 2.0)):
            add("N29", few(11, 50, mean), body.server("INC", 10), port)
    add("N19", few(13, 150, 6), body.server("INC", 90), 9100)
    add("N20", now.steady(body.printers[:2], 5, rate), _pool("203.0.113.70", 2), 443, out=INET)
    add("N21", now.regular(body.server("LGC", 50), 300, rate), LGWAN + 1, 0, proto=1, out=LGW)
    add("N21", now.regular(body.server("LGC", 25), 600, rate), body.server("INC", 1), 0, proto=1)
    add("N30", now.regular(body.server("LGC", 50), 600, rate), body.server("INC", 1), 161, proto=17)
    add("N42", few(17, 40, 2), LGWAN + 150, 443, out=LGW)
    errors = now.steady(np.array([body.server("LGC", 53)], np.int64), 0.5 * lgc)
    n = len(errors[0])
    parts.append(
        flows(n, t=errors[1] + midnight, src=errors[0], dst=LGWAN + 53, sport=3, dport=3, proto=1, form=DENY, inn=LGC,
              out=LGW, label=LABELS["N21"])
    )  # fmt: skip
    return joined(parts)


def late(now: Today, midnight: int, rate: float, mean: float = 3.4) -> Flows:
    """N22, N23: packets of sessions that the firewall no longer knows, and DNS answers that came too late."""
    body, rng = now.body, now.rng
    parts = []
    for zone, inn, often, servers in (
        ("LGC", LGC, mean, LGWAN + np.array([30, 31, 30, 33, 25])), ("MNU", MNU, mean / 6, LGWAN + np.array([40, 41])),
    ):  # fmt: skip
        src, t = now.spread(zone, often, rate)
        parts.append(left_over(rng, src, t + midnight, rng.choice(servers, len(src)), inn, both=not body.yamaha))
    src, t = now.steady(np.array([body.server("LGC", 53)], np.int64), 0.5 * mean * len(now.on["LGC"]), rate)
    n = len(t)
    parts.append(
        flows(n, t=t + midnight, src=LGWAN + 53, dst=src, sport=53, dport=ephemeral(rng, n), proto=17,
              form=LATE if body.yamaha else DENY, inn=LGW, out=LGC, label=LABELS["N23"])
    )  # fmt: skip
    return joined(parts)


def left_over(
    rng: np.random.Generator, client: Addresses, t: office.Times, server: Addresses, inn: int, *, both: bool
) -> Flows:
    """Late TCP between clients and servers of LGWAN: FIN or RST, repeated; from both sides or the server's only."""
    n = len(client)
    near = rng.random(n) < 0.5 if both else np.zeros(n, np.bool_)
    port, service = ephemeral(rng, n), np.where(server == LGWAN + 25, 25, 443)
    row = flows(
        n,
        t=t,
        src=np.where(near, client, server),
        dst=np.where(near, server, client),
        sport=np.where(near, port, service),
        dport=np.where(near, service, port),
        form=LATE,
        inn=np.where(near, inn, LGW),
        out=np.where(near, LGW, inn),
        label=LABELS["N22"],
    )
    return tries(rng, row, (300_000, 900_000))


ERRANDS: tuple[Callable[[Today, int, float], Flows], ...] = (automatic, settings, late)
