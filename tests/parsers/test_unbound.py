"""Unbound: queries, replies, local and policy zones, and the forms of its lines."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.parsers.making import decided, one

_HEAD = "[1795136400] unbound[812:0] "
_ASKED = "10.20.30.41@40001 www.example.com. A IN"


def reply(rcode: str, cached: str = "0") -> str:
    return f"{_HEAD}info: 10.20.30.41 www.example.com. A IN {rcode} 0.012345 {cached} 62"


def zone(kind: str) -> str:
    return f"{_HEAD}info: example.com. {kind} {_ASKED}"


def rpz(policy: str) -> str:
    return f"{_HEAD}info: rpz: applied [jlis] www.example.com. {policy} {_ASKED}"


DECISIONS: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    (f"{_HEAD}info: 10.20.30.41 www.example.com. A IN", (None, None, None)),
    (reply("NOERROR"), ("allow", "established", None)),
    (reply("NXDOMAIN", "1"), ("allow", "established", None)),
    (reply("REFUSED"), ("deny", "established", None)),
    (reply("SERVFAIL"), (None, "established", None)),
    *(
        (zone(kind), ("deny", None, None))
        for kind in ("deny", "refuse", "always_nxdomain", "always_null", "inform_deny")
    ),
    *((zone(kind), ("allow", None, None)) for kind in ("transparent", "inform")),
    *((zone(kind), (None, None, None)) for kind in ("static", "redirect")),
    *((rpz(kind), ("deny", None, None)) for kind in ("rpz-nxdomain", "rpz-nodata", "rpz-drop", "rpz-local-data")),
    (rpz("rpz-passthru"), ("allow", None, None)),
    *((rpz(kind), (None, None, None)) for kind in ("rpz-disabled", "rpz-tcp-only")),
    (f"{_HEAD}info: refused query from ip4 198.51.100.9 port 40006", ("deny", None, None)),
    (f"{_HEAD}notice: ip_ratelimit exceeded 198.51.100.9 1000(cookie) (no query name)", ("deny", None, None)),
    (
        f"{_HEAD}notice: ratelimit exceeded example.com. 9 query www.example.com. IN A from 10.20.30.41",
        ("deny", None, None),
    ),
    (f"{_HEAD}info: 198.51.100.9 - - - FORMERR - - - ", (None, "established", None)),
    (f"{_HEAD}info: start of service (unbound 1.20.0).", (None, None, None)),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_decision(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("unbound", line) == expected


@pytest.mark.parametrize(
    "head",
    [
        "[1795136400] unbound[812:0] info: ",
        "[Nov 20 10:00:00] unbound[812:0] info: ",
        "2026-11-20T10:00:00+09:00 unbound[812:0] info: ",
        "Nov 20 10:00:00 dns01 unbound[812]: [812:0] info: ",
        "<30>Nov 20 10:00:00 dns01 unbound: [812:0] info: ",
        "<30>1 2026-11-20T10:00:00+09:00 dns01 unbound 812 - - [812:0] info: ",
    ],
)
def test_every_head_reads_alike(head: str) -> None:
    answer = one("unbound", f"{head}10.20.30.41 WWW.example.com. AAAA IN NOERROR 0.012345 1 62")
    assert answer["event_time"] == datetime(2026, 11, 20, 1)
    assert (answer["qname"], answer["qtype"], answer["action"]) == ("www.example.com", "AAAA", "cached reply")
    assert (answer["duration_ms"], answer["bytes_in"], answer["severity"]) == (12, 62, "info")


def test_the_address_that_was_asked_may_follow() -> None:
    answer = one("unbound", reply("NOERROR") + " dot 10.20.0.53 853")
    assert (answer["dst_ip"], answer["dst_port"], answer["protocol"], answer["app"]) == (
        "10.20.0.53",
        853,
        "tcp",
        "dot",
    )


@pytest.mark.parametrize(
    ("text", "rule", "src"),
    [
        ("[jlis] www.example.com. rpz-drop 10.20.30.41@40001 www.example.com. A IN", "www.example.com.", "10.20.30.41"),
        (
            "[jlis] clientip 10.20.30.0/24 rpz-drop 10.20.30.41@40001 www.example.com. A IN",
            "10.20.30.0/24",
            "10.20.30.41",
        ),
        ("nsip 203.0.113.0/24 rpz-drop  www.example.com. A IN", "203.0.113.0/24", None),
    ],
)
def test_policy_zones_of_every_trigger(text: str, rule: str, src: str | None) -> None:
    answer = one("unbound", f"{_HEAD}info: rpz: applied {text}")
    assert (answer["rule"], answer.get("src_ip"), answer["qname"]) == (rule, src, "www.example.com")


def test_an_exceeded_limit_is_logged_once_for_many() -> None:
    answer = one("unbound", f"{_HEAD}notice: ip_ratelimit exceeded 198.51.100.9 1000 www.example.com. IN ANY")
    assert (answer["class"], answer["count_quality"]) == ("dns", "lower_bound")
    assert (answer["qname"], answer["qtype"]) == ("www.example.com", "ANY")


def test_a_name_that_looks_like_a_reply_stays_a_query() -> None:
    answer = one("unbound", r"[1795136400] unbound[812:0] info: 10.20.30.41 a\032A\032IN\032NOERROR.example.com. A IN")
    assert (answer["action"], answer.get("rcode")) == ("query", None)


def test_another_programs_line_is_none_of_unbound() -> None:
    assert "refused" in one("unbound", "info: something else entirely")
    answer = one("unbound", "<30>Nov 20 10:00:00 dns01 dnsmasq[1]: info: hello")
    assert (answer["class"], "operation" in answer) == ("system", False)
