"""The proxy that all bodies share: squid's native access.log.

Terminals come through their body's address translation: squid sees the 中間プライベートIP, and in one body of three
a user. Reference: https://wiki.squid-cache.org/Features/LogFormat (native). A time is the end of a request.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.noise import today
from simulator.prefecture import Body, dotted

REQUEST = np.dtype(
    [
        ("t", "i8"),
        ("client", "i8"),
        ("elapsed", "i4"),
        ("word", "u1"),
        ("size", "i4"),
        ("host", "i4"),
        ("user", "i4"),
        ("label", "i4"),
    ]
)
Rows = NDArray[Any]

_WORDS = (
    "www",
    "news",
    "cdn",
    "static",
    "img",
    "api",
    "portal",
    "login",
    "map",
    "mail",
    "shop",
    "video",
    "docs",
    "blog",
)
_DOMAINS = (
    "example.com",
    "example.net",
    "example.org",
    "example.jp",
    "example.co.jp",
    "example.ne.jp",
    "example.or.jp",
    "example.ac.jp",
)
HOSTS = [f"{w}{n or ''}.{d}" for n in range(4) for w in _WORDS for d in _DOMAINS]
"""Who is asked, most popular first."""
_FORMS: tuple[tuple[float, str], ...] = (
    # share, line after the time with {e} elapsed, {c} client, {s} size, {h} host, {u} user, {p} peer
    (0.70, "{e:6d} {c} TCP_TUNNEL/200 {s} CONNECT {h}:443 {u} HIER_DIRECT/{p} -"),
    (0.09, "{e:6d} {c} TCP_MISS/200 {s} GET http://{h}/ {u} HIER_DIRECT/{p} text/html"),
    (0.05, "{e:6d} {c} TCP_MISS/200 {s} GET http://{h}/img/{k}.png {u} HIER_DIRECT/{p} image/png"),
    (0.04, "{e:6d} {c} TCP_MEM_HIT/200 {s} GET http://{h}/style.css {u} HIER_NONE/- text/css"),
    (
        0.03,
        "{e:6d} {c} TCP_REFRESH_UNMODIFIED/304 312 GET http://{h}/script.js {u} HIER_DIRECT/{p} application/javascript",
    ),
    (0.02, "{e:6d} {c} TCP_MISS/302 418 GET http://{h}/login?next=%2Fhome {u} HIER_DIRECT/{p} text/html"),
    (0.02, "{e:6d} {c} TCP_MISS/404 1245 GET http://{h}/favicon.ico {u} HIER_DIRECT/{p} text/html"),
    (0.02, "{e:6d} {c} TCP_MISS/200 {s} POST http://{h}/ocsp {u} HIER_DIRECT/{p} application/ocsp-response"),
    (0.02, "     0 {c} TCP_DENIED/403 3961 CONNECT {h}:443 {u} HIER_NONE/- text/html"),
    (0.004, "     0 {c} TCP_DENIED/403 3905 GET http://{h}/download.exe {u} HIER_NONE/- text/html"),
    (0.003, "{e:6d} {c} TCP_MISS_ABORTED/000 0 GET http://{h}/large.zip {u} HIER_DIRECT/{p} -"),
    (0.003, "{e:6d} {c} TCP_MISS/503 4120 GET http://{h}/ {u} HIER_NONE/- text/html"),
)


def requests(
    bodies: Sequence[Body], day: date, midnight: int, rngs: Sequence[np.random.Generator], rate: float
) -> Rows:
    """What the terminals of INC ask for on one day."""
    parts = []
    share = np.array([s for s, _ in _FORMS])
    for body, rng in zip(bodies, rngs, strict=True):
        now = today(body, day, rng)
        src, t = now.spread("INC", 150, rate)
        n = len(src)
        row = np.zeros(n, REQUEST)
        who = np.searchsorted(body.terminals("INC"), src)
        row["t"] = midnight + t
        row["client"] = body.egress + 1 + who % (3 if body.sizes[2] > 60 else 1)
        row["elapsed"] = np.minimum(rng.lognormal(5.2, 1.3, n), 900_000).astype(np.int64)
        row["word"] = rng.choice(len(_FORMS), n, p=share / share.sum())
        row["size"] = np.minimum(rng.lognormal(8.6, 1.5, n), 2e8).astype(np.int64)
        row["host"] = np.minimum(rng.zipf(1.35, n) - 1, 10**7) % len(HOSTS)
        row["user"] = who + 1 if body.index % 3 == 0 else 0
        row["user"] += body.index * 1_000_000
        parts.append(row)
    return np.concatenate(parts)


def render(rows: Rows, bodies: Sequence[Body]) -> list[str]:
    """The lines of these rows, in their order."""
    lines = []
    for t, client, elapsed, word, size, host, user, _ in rows.tolist():
        number = user % 1_000_000
        name = f"{bodies[user // 1_000_000].mark.lower()}{number:04d}" if number else "-"
        peer = f"198.18.{60 + host % 60}.{host % 250 + 1}"
        rest = _FORMS[word][1].format(e=elapsed, c=dotted(client), s=size, h=HOSTS[host], u=name, p=peer, k=size % 97)
        lines.append(f"{t // 1_000_000}.{t // 1000 % 1000:03d} {rest}")
    return lines
