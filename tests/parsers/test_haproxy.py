"""HAProxy: what its termination states say, captured headers, and requests that try to be more than one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.making import decided, one

_FRONT = "Nov 20 09:00:00 lb01 haproxy[14389]: 192.0.2.10:33317 [20/Nov/2026:09:00:00.655] "
_ALLOW, _LOST, _DENY, _NOTHING = (
    ("allow", "established", None), ("allow", "attempted", None), ("deny", None, None), (None, None, None),
)  # fmt: skip


def http(
    status: int = 200, state: str = "----", timers: str = "10/0/30/69/109", request: str = "GET / HTTP/1.1"
) -> str:
    return f'{_FRONT}www-in~ app/web1 {timers} {status} 2750 - - {state} 1/1/1/1/0 0/0 "{request}"'


def tcp(state: str = "--", timers: str = "0/0/5007", server: str = "ldap/srv1") -> str:
    return f"{_FRONT}ldaps-in {server} {timers} 212 {state} 0/0/0/0/3 0/0"


DECISIONS = [
    (http(), _ALLOW),
    (http(404), _ALLOW),
    (http(304, "--VN"), _ALLOW),
    (http(200, "cD--"), _ALLOW),
    (http(301, "LR--"), _ALLOW),
    (http(401), ("deny", "established", None)),
    (http(403), ("deny", "established", None)),
    (http(429), ("deny", "established", None)),
    (http(403, "PR--"), _DENY),
    (http(401, "PR--"), _DENY),
    (http(500, "PT--"), _DENY),
    (http(502, "PH--"), ("deny", "blocked_later", None)),
    (http(400, "PR--", request="<BADREQ>"), _NOTHING),
    (http(408, "cR--", request="<BADREQ>"), (None, "attempted", None)),
    (http(503, "SC--"), _LOST),
    (http(503, "sQ--"), _LOST),
    (http(504, "sH--"), _LOST),
    (http(502, "SH--"), _LOST),
    (http(503, "CC--"), _LOST),
    (http(503, "RC--"), (None, "attempted", None)),
    (tcp(), _ALLOW),
    (tcp("cD"), _ALLOW),
    (tcp("SC", "0/-1/3001"), _LOST),
    (tcp("PR", "-1/-1/0", "ldap/<NOSRV>"), _DENY),
    (_FRONT + "www-https/1: SSL handshake failure", (None, "attempted", None)),
    ("Nov 20 09:00:00 lb01 haproxy[1]: Connect from 192.0.2.10:33312 to 10.0.3.31:8012 (www/HTTP)", _ALLOW),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_what_haproxy_decided(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("haproxy", line) == expected


CLIENTS: dict[str, dict[str, Any]] = {
    "192.0.2.10:33317": {"src_ip": "192.0.2.10", "src_port": 33317},
    "2001:db8::1234:58430": {"src_ip": "2001:db8::1234", "src_port": 58430},
    "::ffff:192.0.2.10:58430": {"src_ip": "192.0.2.10", "src_port": 58430},
    "-:47625": {"src_ip": None, "src_host": None, "src_port": 47625},
    "unix:1": {"src_ip": None, "src_port": 1},
}


@pytest.mark.parametrize(("text", "expected"), CLIENTS.items(), ids=CLIENTS)
def test_who_came(text: str, expected: dict[str, Any]) -> None:
    for line in (http(), tcp()):
        answer = one("haproxy", line.replace("192.0.2.10:33317", text))
        assert {name: answer.get(name) for name in expected} == expected


def test_the_fields_of_an_access() -> None:
    answer = one("haproxy", http(timers="10/0/30/69/+109", request="GET /a?b=c HTTP/1.1"))
    expected = {
        "virtual_device": "www-in", "rule": "app/web1", "action": "----", "duration_ms": 109, "bytes_in": 2750,
        "method": "GET", "url": "/a?b=c", "url_path": "/a", "url_query": "b=c", "device": "lb01",
    }  # fmt: skip
    assert {name: answer.get(name) for name in expected} == expected
    assert answer["event_time"].isoformat() == "2026-11-20T00:00:00.655000"
    assert answer["time_quality"] == "zone_assumed"


def test_captured_headers_are_named_by_the_source() -> None:
    line = http().replace('0/0 "GET', '0/0 {www.example.lg.jp:8443|Mozilla/5.0 (X11)|192.0.2.77} {gzip} "GET')
    answer = one("haproxy", line, options={"request_headers": "Host, User-Agent, X-Forwarded-For"})
    assert (answer["url_host"], answer["user_agent"], answer["forwarded_for"]) == (
        "www.example.lg.jp", "Mozilla/5.0 (X11)", "192.0.2.77",
    )  # fmt: skip
    assert "user_agent" not in one("haproxy", line)


def test_a_request_that_looks_like_a_line_stays_a_request() -> None:
    lure = "GET /#22 200 1 - - ---- 1/1/1/1/0 0/0 #22GET /x HTTP/1.1"
    answer = one("haproxy", http(403, "PR--", request=lure))
    assert (answer["status"], answer["verdict"], answer["url"]) == ("403", "deny", lure[4:-9])


def test_a_line_that_ends_in_the_request_is_cut() -> None:
    answer = one("haproxy", http(request="GET /" + "a" * 50)[:-1])
    assert (answer["text_quality"], answer["status"]) == ("cut", "200")


def test_other_programs_are_kept_by_their_header() -> None:
    assert one("haproxy", "Nov 20 09:00:00 lb01 sshd[1]: hello")["class"] == "system"
    assert "refused" in one("haproxy", "hello")
