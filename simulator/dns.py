"""The external DNS of all bodies: BIND's query log and its refusals.

Reference: BIND 9 Administrator Reference Manual, logging categories queries, security, update-security; print-time,
print-category and print-severity are on. Times have milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import office
from simulator.fortigate import clock
from simulator.prefecture import Body, dotted, ip

QUERY = np.dtype(
    [
        ("t", "i8"),
        ("client", "i8"),
        ("port", "i4"),
        ("zone", "i2"),
        ("name", "i4"),
        ("type", "u1"),
        ("form", "u1"),
        ("label", "i4"),
    ]
)
Rows = NDArray[Any]

V6 = 1 << 40
_RESOLVERS = ip("198.18.150.1")
_NAMES = ("", "www.", "mail.", "ns1.", "_dmarc.", "www2.", "autodiscover.", "kosodate.", "bosai.", "vpn.")
RANDOM = 1000
"""Names from here on are random words below the zone: water torture."""
_TYPES = ("A", "AAAA", "MX", "TXT", "NS", "SOA", "ANY", "HTTPS", "DS", "PTR")
_FOREIGN = ("example.com", "example.org", "isc.example.net", "sl", "version.bind")
ASKED, CACHE, TRANSFER, UPDATE = range(4)


def queries(
    bodies: Sequence[Body], day: date, midnight: int, rngs: Sequence[np.random.Generator], rate: float, scale: float
) -> Rows:
    """What resolvers asked on one day, transfers and recursion that were refused among it."""
    parts = []
    for body, rng in zip(bodies, rngs, strict=True):
        size = sum(body.sizes[:3]) / scale
        n = int(rng.poisson((1500 + 5 * size) * rate * scale * (1 if office.is_office_day(day) else 0.75)))
        row = np.zeros(n, QUERY)
        row["t"] = midnight + office.sample(rng, n, "citizen")
        client = _RESOLVERS + np.minimum(rng.zipf(1.2, n), 40_000) * 3 % 4000
        row["client"] = np.where(rng.random(n) < 0.15, client + V6, client)
        row["port"], row["zone"] = rng.integers(1024, 65536, n), body.index
        row["name"] = rng.choice(len(_NAMES), n, p=[0.16, 0.5, 0.1, 0.04, 0.06, 0.02, 0.03, 0.04, 0.04, 0.01])
        row["type"] = rng.choice(len(_TYPES), n, p=[0.44, 0.24, 0.09, 0.09, 0.02, 0.02, 0.002, 0.08, 0.017, 0.001])
        parts.append(row)
        odd = int(rng.poisson(14))
        row = np.zeros(odd, QUERY)
        row["t"], row["client"] = (
            midnight + office.sample(rng, odd, "server"),
            ip("203.0.113.90") + rng.integers(0, 12, odd),
        )
        row["port"], row["zone"] = rng.integers(1024, 65536, odd), body.index
        row["form"] = rng.choice([CACHE, CACHE, CACHE, TRANSFER, TRANSFER, UPDATE], odd)
        row["name"], row["type"] = rng.integers(0, len(_FOREIGN), odd), rng.choice([0, 6], odd)
        parts.append(row)
    return np.concatenate(parts)


def asked(
    rng: np.random.Generator, body: Body, start: int, seconds: float, client: int, count: int, *, random: bool
) -> Rows:
    """`count` queries of one client for one zone: random names below it, or its usual names."""
    row = np.zeros(count, QUERY)
    row["t"] = start + np.sort(rng.integers(0, int(seconds * 1e6), count))
    row["client"], row["zone"], row["port"] = client, body.index, rng.integers(1024, 65536, count)
    row["name"] = RANDOM + rng.integers(0, 2**30, count) if random else rng.integers(0, 4, count)
    return row


def render(rows: Rows, bodies: Sequence[Body], day: date, midnight: int) -> list[str]:
    """The lines of rows of one JST day, in their order."""
    hms, stamp = clock(), f"{day:%d-%b-%Y} "
    zones = [b.domain for b in bodies]
    lines = []
    for t, client, port, zone, name, kind, form, _ in rows.tolist():
        who = f"2001:db8:53:{client & 0xFFFF:x}::{client % 13 + 1:x}" if client >= V6 else dotted(client)
        start = f"{stamp}{hms[(t - midnight) // 1_000_000]}.{t // 1000 % 1000:03d}"
        whom = f"client @0x7f{(port * 2654435761 + client) & 0xFFFFFFFF:08x}a8 {who}#{port}"
        if form == ASKED:
            full = f"{name:x}.{zones[zone]}" if name >= RANDOM else _NAMES[name] + zones[zone]
            flags = "-E(0)DC" if port % 3 else "-E(0)D" if port % 2 else "-"
            lines.append(
                f"{start} queries: info: {whom} ({full}): query: {full} IN {_TYPES[kind]} {flags} (192.0.2.53)"
            )
        elif form == CACHE:
            full = _FOREIGN[name]
            lines.append(
                f"{start} security: info: {whom} ({full}): query (cache) '{full}/{_TYPES[kind]}/IN' denied"
                " (allow-query-cache did not match)"
            )
        elif form == TRANSFER:
            lines.append(
                f"{start} security: error: {whom} ({zones[zone]}): zone transfer '{zones[zone]}/AXFR/IN' denied"
            )
        else:
            lines.append(f"{start} update-security: error: {whom}: update '{zones[zone]}/IN' denied")
    return lines
