"""The public web servers of all bodies: Apache's vhost_combined, one virtual host a body.

Reference: https://httpd.apache.org/docs/2.4/mod/mod_log_config.html, LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O …".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import office
from simulator.fortigate import clock
from simulator.prefecture import Addresses, Body, dotted, ip

VISIT = np.dtype(
    [
        ("t", "i8"),
        ("client", "i8"),
        ("host", "i2"),
        ("path", "i2"),
        ("status", "i2"),
        ("size", "i4"),
        ("agent", "u1"),
        ("label", "i4"),
    ]
)
Rows = NDArray[Any]

PREFECTURE_HOST = "www.pref.mihon.example.lg.jp"
V6 = 1 << 40
"""A client number from here on is 2001:db8:1::/48."""
_CITIZENS = ip("198.18.0.0")
PATHS = (
    "/",
    "/kurashi/",
    "/kurashi/gomi/",
    "/kurashi/zei/",
    "/kosodate/",
    "/kosodate/hoiku/nyuen.html",
    "/bosai/",
    "/bosai/hazard.html",
    "/shisetsu/",
    "/shisetsu/toshokan.html",
    "/gyosei/",
    "/gyosei/koho/2026/11.pdf",
    "/gyosei/nyusatsu/",
    "/kanko/",
    "/access.html",
    "/sitemap.html",
    "/search?q=%E3%82%B4%E3%83%9F",
    "/juminhyo/",
    "/iryo/kyukyu.html",
    "/saiyo/r8.html",
)
_ASSETS = ("/css/style.css", "/js/common.js", "/img/logo.png", "/img/banner1.jpg", "/favicon.ico")
_PROBES = (
    "/wp-login.php",
    "/.env",
    "/phpmyadmin/index.php",
    "/xmlrpc.php",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
    "/.git/config",
)
_ALL = (*PATHS, *_ASSETS, *_PROBES, "/robots.txt", "/health")
_ROBOTS, _HEALTH = len(_ALL) - 2, len(_ALL) - 1
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +http://www.example.com/bot.html)",
    "Mozilla/5.0 zgrab/0.x",
    "python-requests/2.32.3",
    "ELB-HealthChecker/2.0",
    "-",
)
_CHROME, _PHONE, _DROID, BOT, _GRAB, SCRIPT, _PROBE, _NONE = range(8)


def _visits(rng: np.random.Generator, host: int, visitors: int, midnight: int) -> Rows:
    """People: a page with its assets, some pages a visit."""
    client = _CITIZENS + np.minimum(rng.zipf(1.25, visitors), 60_000) * 7 % 65_000
    client = np.where(rng.random(visitors) < 0.12, V6 + client, client)
    pages = 1 + rng.poisson(1.6, visitors)
    who = np.repeat(np.arange(visitors), pages)
    start = office.sample(rng, visitors, "citizen")
    step = np.concatenate([np.arange(n) for n in pages.tolist()]) if visitors else np.zeros(0, np.int64)
    t = start[who] + step * 45_000_000 + rng.integers(0, 30_000_000, len(who))
    hits = 1 + (step == 0) * rng.integers(2, 6, len(who))
    each = np.repeat(np.arange(len(who)), hits)
    order = np.concatenate([np.arange(n) for n in hits.tolist()]) if len(hits) else np.zeros(0, np.int64)
    row = np.zeros(len(each), VISIT)
    row["t"] = midnight + t[each] + order * 120_000
    row["client"], row["host"] = client[who[each]], host
    page = np.minimum(rng.zipf(1.5, len(who)) - 1, 10**6) % len(PATHS)
    row["path"] = np.where(order == 0, page[each], len(PATHS) + (order - 1) % len(_ASSETS))
    row["status"] = np.where(
        (order > 0) & (rng.random(len(each)) < 0.3), 304, np.where(rng.random(len(each)) < 0.015, 404, 200)
    )
    row["size"] = np.where(row["status"] == 200, rng.lognormal(9, 1, len(each)), 512).astype(np.int64)
    row["agent"] = rng.choice([_CHROME, _PHONE, _PHONE, _DROID], visitors)[who[each]]
    return row


def _machines(rng: np.random.Generator, host: int, share: float, midnight: int) -> Rows:
    """Search robots, scanners that ask for what is not there, and the load balancer's probe."""
    parts = []
    for robot, count in ((ip("203.0.113.20"), 160), (ip("203.0.113.21"), 60)):
        n = int(rng.poisson(count * share))
        parts.append(
            (
                robot,
                office.sample(rng, n, "server"),
                np.where(rng.random(n) < 0.05, _ROBOTS, rng.integers(0, len(PATHS), n)),
                200,
                BOT,
            )
        )
    for _ in range(int(rng.poisson(3))):
        n = int(rng.integers(4, 20))
        first = len(PATHS) + len(_ASSETS)
        t = int(rng.integers(0, office.DAY - 60_000_000)) + np.sort(rng.integers(0, 40_000_000, n))
        parts.append(
            (ip("198.18.130.0") + int(rng.integers(0, 2000)), t, first + rng.integers(0, len(_PROBES), n), 404, _GRAB)
        )
    beat = np.arange(0, office.DAY, 300_000_000) + host * 1_000_000
    parts.append((ip("192.0.2.5"), beat, np.full(len(beat), _HEALTH), 200, _PROBE))
    rows = []
    for client, t, path, status, agent in parts:
        row = np.zeros(len(t), VISIT)
        row["t"], row["client"], row["host"], row["path"], row["status"], row["agent"] = (
            midnight + t,
            client,
            host,
            path,
            status,
            agent,
        )
        row["size"] = 7000 if status == 200 else 420
        rows.append(row)
    return np.concatenate(rows)


def visits(
    bodies: Sequence[Body], day: date, midnight: int, rngs: Sequence[np.random.Generator], rate: float, scale: float
) -> Rows:
    """What the web servers were asked on one day; host -1 is the prefecture's own. `scale` is that of the terminals."""
    parts = []
    for body, rng in zip(bodies, rngs, strict=True):
        size = sum(body.sizes[:3]) / scale
        visitors = int(rng.poisson((60 + 1.1 * size) * rate * scale * (1 if office.is_office_day(day) else 0.7)))
        parts.append(_visits(rng, body.index, visitors, midnight))
        parts.append(_machines(rng, body.index, 1 + size / 400, midnight))
    parts.append(_visits(rngs[0], -1, int(900 * rate * scale), midnight))
    return np.concatenate(parts)


def requests(
    rng: np.random.Generator,
    body: Body,
    start: int,
    seconds: float,
    clients: Addresses,
    *,
    agent: int,
    regular: bool = False,
) -> Rows:
    """Requests for pages of one virtual host, one for each entry of `clients`, over some seconds."""
    n = len(clients)
    row = np.zeros(n, VISIT)
    row["t"] = start + ((np.arange(n) + (0 if regular else rng.random(n))) * (seconds * 1e6 / n)).astype(np.int64)
    row["client"], row["host"], row["agent"] = clients, body.index, agent
    row["path"] = rng.integers(0, 4, n) if agent != BOT else rng.integers(0, len(PATHS), n)
    row["status"], row["size"] = np.where(rng.random(n) < 0.1, 503, 200), 5321
    return row


def render(rows: Rows, bodies: Sequence[Body], day: date, midnight: int) -> list[str]:
    """The lines of rows of one JST day, in their order."""
    hms, stamp = clock(), f"{day:%d/%b/%Y}:"
    names = [b.vhost for b in bodies]
    lines = []
    for t, client, host, path, status, size, agent, _ in rows.tolist():
        name = names[host] if host >= 0 else PREFECTURE_HOST
        who = f"2001:db8:1:{client & 0xFFFF:x}::{client % 251 + 1:x}" if client >= V6 else dotted(client)
        referer = f"https://{name}/" if path >= len(PATHS) and agent < BOT else "-"
        lines.append(
            f"{name}:443 {who} - - [{stamp}{hms[(t - midnight) // 1_000_000]} +0900] "
            f'"GET {_ALL[path]} HTTP/1.1" {status} {size} "{referer}" "{AGENTS[agent]}"'
        )
    return lines
