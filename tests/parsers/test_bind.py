"""BIND 9: verdicts by named's own meaning, roles and codes, and names that try to be more than a name."""

from __future__ import annotations

from itertools import product
from typing import Any

import polars as pl
import pytest

from parsers import format_called
from parsers._bind_messages import MESSAGES, ROLES, SERVERS
from parsers._messages import match
from tests.parsers.making import ROOT, alone, decided, one, parse_all, without_place

_CLIENT = "20-Nov-2026 09:00:00.123 security: info: client @0x7f91b8005490 198.51.100.7#4711 (www.example.com): "
_SERVER = "20-Nov-2026 09:00:00.123 general: info: "
_QUERY = "client @0x7f91b8005490 192.0.2.10#53124 (www.example.com): query: www.example.com IN AAAA +E(0)K (192.0.2.53)"
_ALLOW, _DENY, _NOTHING = ("allow", None, None), ("deny", None, None), (None, None, None)
_RPZ = "rewrite www.example.com/A/IN via www.example.com.rpz.example.lg.jp"

DECISIONS = [
    (_CLIENT + "query: www.example.com IN A + (192.0.2.53)", _NOTHING),
    (_CLIENT + "query (cache) 'www.example.com/A/IN' denied", _DENY),
    (_CLIENT + "query (cache) 'www.example.com/A/IN' denied (allow-query-cache did not match)", _DENY),
    (_CLIENT + "query 'www.example.com/A/IN' denied", _DENY),
    (_CLIENT + "query 'www.example.com/A/IN' approved", _ALLOW),
    (_CLIENT + "zone transfer 'example.com/AXFR/IN' denied", _DENY),
    (_CLIENT + "bad zone transfer request: 'example.com/IN': non-authoritative zone (NOTAUTH)", _DENY),
    (_CLIENT + "transfer of 'example.com/IN': AXFR started (serial 7)", _ALLOW),
    (_CLIENT + "transfer of 'example.com/IN': AXFR ended", ("allow", "established", None)),
    (_CLIENT + "update 'example.com/IN' denied", _DENY),
    (_CLIENT + "update forwarding 'example.com/IN' disabled", _DENY),
    (_CLIENT + 'signer "key.example.com" approved', _ALLOW),
    (_CLIENT + 'signer "key.example.com" denied', _DENY),
    (_CLIENT + "updating zone 'example.com/IN': adding an RR at 'a.example.com' A 192.0.2.1", _ALLOW),
    (_CLIENT + "updating zone 'example.com/IN': update failed: rejected by secure update (REFUSED)", _DENY),
    (_CLIENT + "updating zone 'example.com/IN': update unsuccessful: a.example.com/A: 'x' not satisfied (NXRRSET)", _NOTHING),
    (_CLIENT + "received notify for zone 'example.com'", _NOTHING),
    (_CLIENT + "received notify for zone 'example.com': not authoritative", _DENY),
    (_CLIENT + f"rpz QNAME NXDOMAIN {_RPZ}", _DENY),
    (_CLIENT + f"rpz QNAME DROP {_RPZ}", _DENY),
    (_CLIENT + f"rpz QNAME Local-Data {_RPZ}", _DENY),
    (_CLIENT + f"rpz QNAME PASSTHRU {_RPZ}", _ALLOW),
    (_CLIENT + f"rpz QNAME TCP-ONLY {_RPZ}", _NOTHING),
    (_CLIENT + f"disabled rpz QNAME NXDOMAIN {_RPZ}", _NOTHING),
    (_CLIENT + "rate limit drop response to 198.51.100.0/24 for www.example.com IN A  (00a1b2c3)", _DENY),
    (_CLIENT + "would rate limit drop response to 198.51.100.0/24 for www.example.com IN A  (00a1b2c3)", _NOTHING),
    (_SERVER + "limit responses to 198.51.100.0/24 for www.example.com IN A  (00a1b2c3)", _DENY),
    (_SERVER + "stop limiting responses to 198.51.100.0/24 for www.example.com IN A  (00a1b2c3)", _NOTHING),
    (_CLIENT + "query failed (REFUSED) for www.example.com/IN/A at query.c:5544", _DENY),
    (_CLIENT + "query failed (SERVFAIL) for www.example.com/IN/A at query.c:7838", _NOTHING),
    (_CLIENT + "no more recursive clients (1000/900/1000): quota reached", _NOTHING),
    (_CLIENT + "response: www.example.com IN A NXDOMAIN 0 1 0 + (192.0.2.53)", ("allow", "established", None)),
    (_CLIENT + "response: www.example.com IN A REFUSED 0 0 0 + (192.0.2.53)", ("deny", "established", None)),
    (_CLIENT + "request has invalid signature: TSIG k.example.com: tsig verify failure (BADSIG)", _DENY),
    (_SERVER + "zone example.com/IN: refused notify from non-primary: 198.51.100.7#53", _DENY),
    (_SERVER + "zone example.com/IN: notify from 192.0.2.53#53: zone is up to date", _ALLOW),
    (_SERVER + "timed out resolving 'www.example.com/A/IN': 203.0.113.53#53", (None, "attempted", None)),
    (_SERVER + "REFUSED unexpected RCODE resolving 'www.example.com/A/IN': 203.0.113.53#53", (None, "established", None)),
    (_SERVER + "transfer of 'example.com/IN' from 192.0.2.53#53: failed to connect: timed out", (None, "attempted", None)),
    (_SERVER + "invalid command from 192.0.2.99#40112: bad auth", (None, "failure", None)),
    (_SERVER + "rejected statistics connection from 198.51.100.9#40113", (None, "failure", None)),
    (_CLIENT + "forwarding update for zone 'city.example.lg.jp/IN'", _ALLOW),
    (_CLIENT + "request has valid signature: k.example.com", _NOTHING),
    (_CLIENT + "request is signed by a nonauthoritative key", _NOTHING),
    (_CLIENT + "servfail cache hit www.example.com/A (CD=0)", _NOTHING),
    (_CLIENT + "www.example.com resolver failure, stale answer used (timed out)", _NOTHING),
    (_CLIENT + "rpz QNAME rewrite www.example.com via a.rpz.example.lg.jp failed: : SERVFAIL", _NOTHING),
    (_CLIENT + "recursive-clients soft limit exceeded (901/900/1000), aborting oldest query", _NOTHING),
    (_SERVER + "check-names failure pc_01.example.com/A/IN", _DENY),
    (_SERVER + "check-names warning pc_01.example.com/A/IN", _NOTHING),
    (_SERVER + "enforced delegation-only for 'com' (nai.example.com/A/IN) from 203.0.113.53#53", _DENY),
    (_SERVER + "too many simultaneous fetches for example.com (allowed 100 spilled 7)", _NOTHING),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), DECISIONS, ids=[line[-60:] for line, _ in DECISIONS])
def test_what_named_decided(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("bind", line) == expected


@pytest.mark.parametrize(
    ("line", "rcode", "role"),
    [
        (_CLIENT + "query (cache) 'www.example.com/A/IN' denied", "REFUSED", "resolver"),
        (_CLIENT + "query 'www.example.com/A/IN' denied", "REFUSED", "authoritative"),
        (_CLIENT + "zone transfer 'example.com/AXFR/IN' denied", "REFUSED", "authoritative"),
        (_CLIENT + "update forwarding 'example.com/IN' disabled", "NOTIMP", "authoritative"),
        (_CLIENT + f"rpz QNAME NXDOMAIN {_RPZ}", "NXDOMAIN", "resolver"),
        (_CLIENT + f"rpz QNAME NODATA {_RPZ}", "NOERROR", "resolver"),
        (_CLIENT + "rate limit slip NXDOMAIN response to 198.51.100.0/24 for example.com  (00a1b2c3)", "NXDOMAIN", None),
        (_SERVER + "unexpected RCODE (SERVFAIL) resolving 'www.example.com/A/IN': 203.0.113.53#53", "SERVFAIL", "resolver"),
        (_SERVER + "transfer of 'example.com/IN' from 192.0.2.53#53: failed: REFUSED", "REFUSED", "authoritative"),
        (_CLIENT + "query: www.example.com IN A + (192.0.2.53)", None, None),
    ],
)  # fmt: skip
def test_code_and_role_are_told_or_empty(line: str, rcode: str | None, role: str | None) -> None:
    answer = one("bind", line)
    assert (answer.get("rcode"), answer.get("role")) == (rcode, role)


_STAMPS = ("", "20-Nov-2026 09:00:00.123 ", "2026-11-20T09:00:00.123 ", "2026-11-20T00:00:00.123Z ")
_HEADERS = ("", "<134>", "Nov 20 09:00:00 ns1 named[7]: ", "<134>Nov 20 09:00:00 ns1 named: ", "ns1 named[7]: ",
            "<134>1 2026-11-20T09:00:00+09:00 ns1 named 7 - - ")  # fmt: skip


@pytest.mark.parametrize(("header", "stamp"), list(product(_HEADERS, _STAMPS)))
@pytest.mark.parametrize("category", ["", "queries: "])
@pytest.mark.parametrize("severity", ["", "info: ", "debug 3: "])
def test_a_query_is_the_same_whatever_stands_in_front(header: str, stamp: str, category: str, severity: str) -> None:
    answer = one("bind", header + stamp + category + severity + _QUERY)
    asked = ("src_ip", "src_port", "dst_ip", "qname", "qtype", "qclass", "recursion_desired", "protocol", "action")
    assert [answer.get(name) for name in asked] == [
        "192.0.2.10", 53124, "192.0.2.53", "www.example.com", "AAAA", "IN", True, "udp", "query",
    ]  # fmt: skip
    assert answer.get("event_code") == (category.strip(": ") or None)
    if "T" in stamp and not category and header in ("", "<134>"):
        return  # an ISO time in front of a word and a colon is a syslog header, whose host is that word
    assert answer.get("device") == ("ns1" if "ns1" in header else None)
    if severity:
        assert answer["severity"] == severity.split()[0].strip(":")
    if stamp:
        assert answer["event_time"].isoformat() == "2026-11-20T00:00:00.123000"
        assert answer["time_quality"] == ("exact" if stamp.endswith("Z ") else "zone_assumed")


@pytest.mark.parametrize("header", ["Nov 20 09:00:00 ", "<134>2026-11-20T09:00:00.123Z ", "<134>Nov 20 09:00:00 "])
def test_a_client_right_behind_the_time_is_no_host(header: str) -> None:
    for who in ("client @0x7f91 192.0.2.10#53124", "client 192.0.2.10#53124"):
        answer = one("bind", f"{header}{who} (www.example.com): query: www.example.com IN A + (192.0.2.53)")
        assert (answer["src_ip"], answer["qname"], answer.get("device")) == ("192.0.2.10", "www.example.com", None)


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("client 192.0.2.10#53124: ", {}),
        ("client @0x7f91 192.0.2.10#53124: ", {}),
        ("client 192.0.2.10#53124 (www.example.com): ", {}),
        ("client 192.0.2.10#53124: view internal: ", {"virtual_device": "internal"}),
        ("client @0x7f91 192.0.2.10#53124 (www.example.com): view internal: ", {"virtual_device": "internal"}),
        ("client @0x7f91 192.0.2.10#53124/key k.example.com (www.example.com): ", {"user": "k.example.com"}),
        (
            "client @0x7f91 192.0.2.10#53124/key k.example.com: view a: ",
            {"user": "k.example.com", "virtual_device": "a"},
        ),
    ],
)
@pytest.mark.parametrize("flags", ["+E(0)DK", "-SE(0)TDCV", "+", "-T"])
def test_a_client_is_read_in_all_of_its_forms(who: str, expected: dict[str, Any], flags: str) -> None:
    answer = one("bind", f"{who}query: www.example.com IN TYPE65 {flags} (2001:db8::53)")
    assert (answer["src_ip"], answer["src_port"], answer["dst_ip"]) == ("192.0.2.10", 53124, "2001:db8::53")
    assert (answer["qname"], answer["qtype"]) == ("www.example.com", "TYPE65")
    assert answer["recursion_desired"] is flags.startswith("+")
    assert answer["protocol"] == ("tcp" if "T" in flags else "udp")
    assert {name: answer.get(name) for name in ("user", "virtual_device")} == {
        "user": None, "virtual_device": None, **expected,
    }  # fmt: skip


def test_a_name_changes_no_other_column() -> None:
    plain = one("bind", _CLIENT + "query: a.example.com IN A + (192.0.2.53)")
    for name in (
        r"a\032IN\032TXT\032-\032\(203.0.113.1\).example.com",
        "it's.example.com",
        "x/AAAA/CH.example.com",
        "denied",
    ):
        answer = one("bind", _CLIENT + f"query: {name} IN A + (192.0.2.53)")
        assert answer["qname"] == name.lower()
        assert {k: v for k, v in answer.items() if k not in ("qname", "length")} == {
            k: v for k, v in plain.items() if k not in ("qname", "length")
        }
        refused = one("bind", _CLIENT + f"query (cache) '{name}/A/IN' denied")
        assert (refused["qname"], refused["qtype"], refused["verdict"]) == (name.lower(), "A", "deny")


@pytest.mark.parametrize("length", range(20, len(_CLIENT + "query: www.example.com IN A +E(0) (192.0.2.53)")))
def test_a_cut_line_is_read_as_far_as_it_goes(length: int) -> None:
    answer = one("bind", (_CLIENT + "query: www.example.com IN A +E(0) (192.0.2.53)")[:length])
    assert "class" in answer
    assert answer.get("qtype") in (None, "A")
    assert answer.get("src_ip") in (None, "198.51.100.7")
    assert answer.get("verdict") is None


def test_neighbours_lend_a_line_nothing() -> None:
    pieces = [
        "named", "foo]:", "client", "client ", "client @0x7f91", "client 192.0.2.1#5", "security:", "debug", "debug 3:", "",
        "20-Nov-2026 09:00:00", "20-Nov-2026 09:00:00.123", "view a:", "query:", "a b c d e f g h", "named[7]: client",
        _CLIENT + "query:", _CLIENT + "query: a IN A +", _CLIENT + "view", _QUERY, "(192.0.2.53)", "ns1 named[7]:",
    ]  # fmt: skip
    lines = [piece.encode() for pair in product(pieces, pieces) for piece in pair]
    bind = format_called("bind")
    apart = {line: without_place(alone(bind, [line])[0]) for line in set(lines)}
    together = parse_all(bind, b"\n".join(lines) + b"\n")
    for line, answer in zip(lines, together, strict=True):
        assert without_place(answer) == apart[line], line


def test_another_programs_line_is_kept_by_its_header() -> None:
    answer = one("bind", "Nov 20 09:00:00 ns1 systemd[1]: warning: Stopping BIND Domain Name Server...")
    assert answer["class"] == "system"
    assert answer["message"] == "warning: Stopping BIND Domain Name Server..."
    assert "refused" in one("bind", "once upon a time")


def test_every_message_has_a_sample_and_there_are_enough() -> None:
    asked, notes = set(), []
    for path in sorted((ROOT / "sample_logs" / "bind").glob("*.log")):
        for answer in parse_all(format_called("bind"), path.read_bytes()):
            asked |= {"query"} if answer.get("action") == "query" else set()
            notes.append(str(answer.get("message", "")))
    seen = asked | set(match(pl.Series(notes), MESSAGES)["pattern"].drop_nulls().to_list())
    assert seen == set(MESSAGES)
    assert len(seen) >= 60
    assert set(ROLES) | SERVERS <= seen
