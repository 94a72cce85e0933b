"""What a firewall saw, as one array of numbers: packets and sessions before they become a device's words.

Addresses are numbers: IPv4 as it is; `V6_HOST` + IPv4 is the link-local IPv6 address of that host; `V6_GROUP` + n is
`GROUPS[n]`. Hardware addresses are 48-bit numbers; 0 = as the segment gives it, -1 = not logged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.prefecture import Body, dotted

FLOW = np.dtype(
    [
        ("t", "i8"), ("src", "i8"), ("dst", "i8"), ("mac", "i8"), ("sport", "i4"), ("dport", "i4"), ("proto", "u1"),
        ("form", "u1"), ("inn", "u1"), ("out", "u1"), ("label", "i4"), ("policy", "i2"), ("sent", "i4"), ("rcvd", "i4"),
        ("dur", "i4"), ("app", "i1"),
    ]
)  # fmt: skip
"""t in µs since 1970 UTC; ICMP carries its type in sport and its code in dport; `label` is what truth.jsonl counts."""

Flows = NDArray[Any]

DENY, LOCAL, LATE, ALLOW, CUT, SIGN, EVENT, SPOOF = range(8)
"""Forms: denied on the way through, to the firewall itself, without a session, allowed, allowed but cut by inspection,
the inspection's own finding, an event of the device (`app` says which), and denied where it came in."""

NOWHERE, MNU, LGC, INC, LGW, INET, ROOT = range(7)
"""Interfaces, by the zone that lies behind them."""
SIDE = {"MNU": MNU, "LGC": LGC, "INC": INC}

V6_HOST = 1 << 40
V6_GROUP = 1 << 41
GROUPS = ("ff02::1", "ff02::2", "ff02::16", "ff02::1:2", "ff02::1:3", "ff02::fb", "ff02::1:ff00:1", "::")
LIMITED = 0xFFFF_FFFF
"""255.255.255.255"""


def flows(count: int, **columns: Any) -> Flows:
    """`count` rows with these columns (arrays or single values); the rest is 0."""
    made = np.zeros(count, FLOW)
    made["proto"] = 6
    for name, value in columns.items():
        made[name] = value
    return made


def joined(parts: Sequence[Flows]) -> Flows:
    """All rows of the parts, in their order."""
    return np.concatenate(parts) if parts else np.zeros(0, FLOW)


def tries(rng: np.random.Generator, rows: Flows, gaps: Sequence[int]) -> Flows:
    """Each row and its retransmissions `gaps` µs after the first (a few ms of jitter): the same five values again."""
    again = np.repeat(rows, len(gaps) + 1)
    offsets = np.tile(np.array([0, *gaps], np.int64), len(rows))
    again["t"] += offsets + (offsets > 0) * rng.integers(0, 9000, len(again))
    return again


def ephemeral(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Source ports as Windows gives them."""
    return rng.integers(49152, 65536, count)


def with_macs(rows: Flows, body: Body) -> Flows:
    """Fill in what a FortiGate logs as srcmac: the terminal's own, or the switch's for what came through it."""
    unset = rows["mac"] == 0
    inside = np.isin(rows["inn"], (MNU, LGC, INC))
    src = rows["src"] & 0xFFFF_FFFF
    own = 0x02 << 40 | (body.index + 1) << 32 | src
    if body.switch:
        near = (src >> 8) == (body.server("LGC", 0) >> 8)
        own = np.where(near, own, body.switch_mac)
    rows["mac"] = np.where(unset, np.where(inside, own, -1), rows["mac"])
    return rows


def _texts(codes: NDArray[np.int64], one: Callable[[int], str]) -> list[str]:
    unique, inverse = np.unique(codes, return_inverse=True)
    words = [one(int(c)) for c in unique]
    return [words[i] for i in inverse.tolist()]


def _address(number: int) -> str:
    if number >= V6_GROUP:
        return GROUPS[number - V6_GROUP]
    if number >= V6_HOST:
        return f"fe80::200:5eff:{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}"
    return dotted(number)


def address_texts(codes: NDArray[np.int64]) -> list[str]:
    """Addresses as text."""
    return _texts(codes, _address)


def mac_text(number: int) -> str:
    """A hardware address as text."""
    return ":".join(f"{number >> s & 255:02x}" for s in (40, 32, 24, 16, 8, 0))


def mac_texts(codes: NDArray[np.int64], form: str) -> list[str]:
    """Hardware addresses in `form` ({0} is the address), nothing where none is logged."""
    return _texts(codes, lambda n: form.format(mac_text(n)) if n > 0 else "")
