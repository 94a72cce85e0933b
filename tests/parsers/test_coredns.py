"""CoreDNS: queries and what became of them, errors, and lines that a shipper wrapped."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from tests.parsers.making import decided, one


def query(rcode: str, proto: str = "udp", name: str = "www.example.lg.jp.") -> str:
    return f'[INFO] 10.20.30.41:42114 - 64820 "A IN {name} {proto} 57 false 1232" {rcode} qr,rd 66 0.000150566s'


def error(cause: str, code: str = "2") -> str:
    return f"[ERROR] plugin/errors: {code} www.example.com. A: {cause}"


_TO = "read udp 10.20.0.53:39548->203.0.113.53:53: "
DECISIONS: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    (query("NOERROR"), ("allow", "established", None)),
    (query("NXDOMAIN"), ("allow", "established", None)),
    (query("REFUSED"), ("deny", "established", None)),
    *((query(code), (None, "established", None)) for code in ("SERVFAIL", "FORMERR", "NOTIMP", "NOTAUTH", "YXDOMAIN")),
    (query("-"), (None, None, None)),
    *((query("NOERROR", proto), ("allow", "established", None)) for proto in ("tcp", "tls", "https", "quic", "grpc")),
    (error(f"{_TO}i/o timeout"), (None, "attempted", None)),
    (error(f"{_TO}connect: no route to host"), (None, "attempted", None)),
    (error(f"{_TO}connection refused"), (None, "attempted", None)),
    (error("plugin/forward: no healthy upstreams"), (None, None, None)),
    ("[ERROR] plugin/errors: 4 errors like '^.*$' occurred in last 2s", (None, None, None)),
    ("[INFO] plugin/reload: Running configuration SHA512 = 01", (None, None, None)),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_decision(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("coredns", line) == expected


@pytest.mark.parametrize("member", ["message", "log"])
def test_a_wrapped_line_reads_like_the_line_itself(member: str) -> None:
    wrapped = json.dumps({member: query("NOERROR") + "\n", "time": "2026-11-20T01:00:06.25Z"})
    answer = one("coredns", wrapped)
    assert answer["event_time"] == datetime(2026, 11, 20, 1, 0, 6, 250000)
    assert (answer["qname"], answer["bytes_out"], answer["bytes_in"]) == ("www.example.lg.jp", 57, 66)


def test_a_name_with_blanks_and_quotes_forges_nothing() -> None:
    name = 'x. udp 1 true 1" NOERROR qr 9 1s "A IN y.example.com.'
    answer = one("coredns", query("REFUSED", name=name))
    assert (answer["rcode"], answer["verdict"], answer["qname"]) == ("REFUSED", "deny", name.lower().rstrip("."))


def test_an_error_names_whom_coredns_asked() -> None:
    answer = one("coredns", error("dial tcp [2001:db8::53]:853: connect: no route to host"))
    assert (answer["dst_ip"], answer["dst_port"], answer["protocol"]) == ("2001:db8::53", 853, "tcp")
    assert (answer["qname"], answer["rcode"]) == ("www.example.com", "SERVFAIL")


def test_a_line_for_several_errors_has_their_number() -> None:
    answer = one("coredns", "[WARNING] plugin/errors: 4 errors like '^.*$' occurred in last 30s")
    assert (answer["class"], answer["event_count"], answer["count_quality"]) == ("system", 4, "aggregated")


def test_another_programs_line_is_none_of_coredns() -> None:
    assert "refused" in one("coredns", "[INFO] something else entirely")
    assert "refused" in one("coredns", '{"message":"hello","time":"2026-11-20T01:00:06Z"}')
