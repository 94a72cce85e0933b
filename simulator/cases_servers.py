"""Planted cases on what all bodies share: floods on a virtual host and on DNS, and busy days that are none."""

from __future__ import annotations

import re

import numpy as np

from simulator import dns, web
from simulator.cases import Plan
from simulator.prefecture import ip

CROWD = ip("198.19.64.0")
"""Clients of planted crowds, and of nothing else."""


def floods(plan: Plan) -> None:
    """(d) on web servers and DNS: one client, many clients, and neighbours within the ordinary."""
    at = plan.stage.start
    last = plan.stage.group * 2

    def client(number: int) -> str:
        return f"203.0.113.{number + last}"

    def one(name: str, place: int, who: str, count: int, seconds: float, agent: int, expected: str, note: str) -> None:
        plan.server(
            name,
            "d_web_client",
            "d",
            expected,
            place,
            "web",
            lambda b: who,
            lambda b: rf":443 {re.escape(who)} ",
            lambda b, r: web.requests(
                r, b, at(name, 9, 20), seconds, np.full(count, ip(who)), agent=agent, regular=agent == web.BOT
            ),
            note,
        )

    one(
        "web-client",
        1,
        client(30),
        18_000,
        600,
        web.SCRIPT,
        "alert",
        "30 requests a second for ten minutes from one client",
    )
    one("web-crawler", 4, client(31), 1440, 3600, web.BOT, "none", "below: a crawler, one page in 2.5 seconds")

    def crowd(name: str, place: int, first: int, clients: int, each: int, expected: str, note: str) -> None:
        start = CROWD + first + plan.stage.group * 16 * 256
        thirds = sorted({(start + n) >> 8 & 255 for n in range(clients)})
        second = start >> 16 & 255
        plan.server(
            name,
            "d_web_vhost",
            "d",
            expected,
            place,
            "web",
            lambda b: b.vhost,
            lambda b: rf"^{re.escape(b.vhost)}:443 198\.{second}\.({'|'.join(map(str, thirds))})\.",
            lambda b, r: web.requests(
                r, b, at(name, 9, 20), 600, start + r.permutation(np.arange(clients * each) % clients), agent=0
            ),
            note,
        )

    crowd("web-crowd", 4, 0, 2000, 6, "alert", "2,000 clients in ten minutes on a town's virtual host")
    crowd(
        "web-news",
        2,
        8 * 256,
        60,
        3,
        "none",
        "below: a storm warning; 60 clients in ten minutes on a city's virtual host",
    )

    def resolver(
        name: str, place: int, who: str, count: int, seconds: float, random: bool, expected: str, note: str
    ) -> None:
        plan.server(
            name, "d_dns", "d", expected, place, "dns", lambda b: who, lambda b: rf" {re.escape(who)}#",
            lambda b, r: dns.asked(r, b, at(name, 9, 21), seconds, ip(who), count, random=random), note,
        )  # fmt: skip

    resolver(
        "dns-flood",
        0,
        client(60),
        15_000,
        300,
        True,
        "alert",
        "50 queries a second for five minutes, random names below the zone",
    )
    resolver(
        "dns-busy",
        5,
        client(61),
        200,
        600,
        False,
        "none",
        "below: a large provider's resolver after its cache was emptied",
    )
