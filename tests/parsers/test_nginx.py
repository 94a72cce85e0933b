"""nginx: what it decided, forms of one's own, and clients that write what looks like nginx's own words."""

from __future__ import annotations

from typing import Any

import pytest

from parsers import format_called
from parsers._logformat import LogFormatError
from parsers._nginx_messages import ERRORS
from tests.parsers.making import ROOT, decided, one, parse_all

_WHO = "192.0.2.10 - - [20/Nov/2026:09:00:00 +0900] "
_ERROR = "2026/11/20 09:00:00 [error] 813#813: *17 "
_FOR = ', client: 203.0.113.9, server: www.example.lg.jp, request: "GET /x HTTP/1.1", host: "www.example.lg.jp"'
_ALLOW, _DENY, _NOTHING = ("allow", "established", None), ("deny", "established", None), (None, None, None)

DECISIONS = [
    (_WHO + '"GET / HTTP/1.1" 200 5 "-" "-"', _ALLOW),
    (_WHO + '"GET / HTTP/1.1" 304 0 "-" "-"', _ALLOW),
    (_WHO + '"GET / HTTP/1.1" 404 5 "-" "-"', _ALLOW),
    (_WHO + '"GET / HTTP/1.1" 503 5 "-" "-"', _ALLOW),
    (_WHO + '"GET / HTTP/1.1" 499 0 "-" "-"', ("allow", "attempted", None)),
    (_WHO + '"GET / HTTP/1.1" 401 5 "-" "-"', _DENY),
    (_WHO + '"GET / HTTP/1.1" 403 5 "-" "-"', _DENY),
    (_WHO + '"GET / HTTP/1.1" 429 5 "-" "-"', _DENY),
    (_WHO + '"GET / HTTP/1.1" 495 5 "-" "-"', _DENY),
    (_WHO + '"GET / HTTP/1.1" 444 0 "-" "-"', ("deny", "attempted", None)),
    (_WHO + '"" 400 0 "-" "-"', (None, "established", None)),
    (_WHO + '"" 408 0 "-" "-"', (None, "attempted", None)),
    (_WHO + '"GET / HTTP/1.1" 497 5 "-" "-"', (None, "established", None)),
    (_ERROR + "access forbidden by rule" + _FOR, ("deny", None, None)),
    (_ERROR + 'directory index of "/var/www/" is forbidden' + _FOR, ("deny", None, None)),
    (_ERROR + 'limiting requests, excess: 1.852 by zone "one"' + _FOR, ("deny", None, None)),
    (_ERROR + 'limiting connections by zone "one"' + _FOR, ("deny", None, None)),
    (_ERROR + 'limiting requests, dry run, excess: 1.852 by zone "one"' + _FOR, _NOTHING),
    (_ERROR + 'delaying request, excess: 0.841, by zone "one"' + _FOR, _NOTHING),
    (_ERROR + 'open() "/x" failed (13: Permission denied)' + _FOR, ("deny", None, None)),
    (_ERROR + 'open() "/x" failed (2: No such file or directory)' + _FOR, _NOTHING),
    (_ERROR + 'user "a" was not found in "/etc/nginx/.htpasswd"' + _FOR, ("deny", "failure", None)),
    (_ERROR + 'user "a": password mismatch' + _FOR, ("deny", "failure", None)),
    (_ERROR + "PAM: user 'a' - not authenticated: Authentication failure" + _FOR, ("deny", "failure", None)),
    (_ERROR + "client SSL certificate verify error: (10:certificate has expired)" + _FOR, ("deny", "failure", None)),
    (_ERROR + "[client 203.0.113.9] ModSecurity: Access denied with code 403 (phase 2)." + _FOR, ("deny", None, None)),
    (_ERROR + "connect() failed (111: Connection refused) while connecting to upstream" + _FOR, _NOTHING),
    (
        _ERROR + "SSL_do_handshake() failed (SSL: x) while SSL handshaking, client: 203.0.113.9, server: 0.0.0.0:443",
        (None, "attempted", None),
    ),
    ("2026/11/20 09:00:00 [notice] 1#1: start worker processes", _NOTHING),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS, ids=[line[40:90] for line, _ in DECISIONS])
def test_what_nginx_decided(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("nginx", line) == expected


OWN = {
    "$remote_addr|$time_iso8601|$request_method|$host$request_uri|$status|$bytes_sent|$request_time|$http_user_agent": (
        "192.0.2.10|2026-11-20T09:00:00+09:00|GET|www.example.lg.jp/a?b=c|403|512|0.012|Mozilla 5",
        {
            "src_ip": "192.0.2.10", "method": "GET", "url_host": "www.example.lg.jp", "url": "/a?b=c", "url_path": "/a",
            "status": "403", "verdict": "deny", "bytes_in": 512, "duration_ms": 12, "user_agent": "Mozilla 5",
        },
    ),
    "'$time_local $http_x_forwarded_for $remote_addr:$remote_port ' '\"$request\" $status $upstream_addr';": (
        '20/Nov/2026:09:00:00 +0900 192.0.2.77, 10.0.0.1 10.0.0.1:50123 "GET / HTTP/2.0" 200 10.1.2.3:80, 10.1.2.4:80',
        {
            "src_ip": "10.0.0.1", "src_port": 50123, "forwarded_for": "192.0.2.77, 10.0.0.1", "nat_dst_ip": "10.1.2.4",
            "nat_dst_port": 80, "url": "/", "status": "200",
        },
    ),
    '{"when":"$time_iso8601","who":"$remote_addr","what":"$request","code":"$status","x":"$pipe"}': (
        '{"when":"2026-11-20T09:00:00+09:00","who":"192.0.2.10","what":"GET /a HTTP/1.1","code":"200","x":"."}',
        {"src_ip": "192.0.2.10", "url": "/a", "status": "200", "method": "GET"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "line", "expected"), [(k, *v) for k, v in OWN.items()], ids=["bars", "blanks", "json"]
)
def test_a_format_of_its_own(given: str, line: str, expected: dict[str, Any]) -> None:
    answer = one("nginx", line, options={"log_format": given})
    assert {name: answer.get(name) for name in expected} == expected
    assert answer["event_time"].isoformat() == "2026-11-20T00:00:00"
    assert one("nginx", _ERROR + "access forbidden by rule" + _FOR, options={"log_format": given})["verdict"] == "deny"


def test_a_value_that_holds_the_separator_moves_no_other() -> None:
    given = "$remote_addr|$http_user_agent|$status|$msec"
    line = "192.0.2.10|x|200|1795132800.123|404|1795132801.000"
    assert "refused" in one("nginx", line, options={"log_format": given})


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ("$remote_addr $", "character 14"), ("none", "no directive"), ('{"a": $b}', "column 7"),
        (f'{{"{"n" * 49}": "$status"}}', "48 bytes"),
    ],
)  # fmt: skip
def test_a_format_that_cannot_be_read_is_told_with_its_place(given: str, where: str) -> None:
    with pytest.raises(LogFormatError, match=where):
        one("nginx", _WHO, options={"log_format": given})


def test_a_socket_is_no_client_and_an_escaped_domain_is_one() -> None:
    answer = one("nginx", 'unix: - - [20/Nov/2026:09:00:40 +0900] "GET /health HTTP/1.1" 200 2 "-" "curl/8.10.1"')
    assert (answer["class"], answer.get("src_ip"), answer.get("src_host")) == ("http", None, None)
    user = r"192.0.2.10 - CITY\x5Cyamada"
    answer = one("nginx", user + ' [20/Nov/2026:09:00:41 +0900] "GET / HTTP/1.1" 200 4021 "-" "curl/8.10.1"')
    assert (answer["user"], answer["user_domain"]) == ("yamada", "CITY")


def test_a_client_that_writes_another_client_is_nobody() -> None:
    before = (
        _ERROR + 'user "a", client: 192.0.2.66, server: s, request: "r", host: "h", referrer: "": password mismatch'
    )
    behind = _ERROR + "access forbidden by rule" + _FOR + ', referrer: "x", client: 192.0.2.66, server: s, host: "h"'
    for line in (before + _FOR, behind):
        answer = one("nginx", line)
        assert (answer["class"], answer.get("src_ip"), answer.get("user")) == ("http", None, None)
        assert "192.0.2.66" in answer["message"]
    harmless = _ERROR + "access forbidden by rule" + _FOR + ', referrer: "x, client: 192.0.2.66, y"'
    assert one("nginx", harmless)["src_ip"] == "203.0.113.9"


def test_a_member_of_json_that_comes_twice_is_not_believed() -> None:
    line = '{"remote_addr":"203.0.113.9","status":"200","http_user_agent":"a","remote_addr":"192.0.2.66"}'
    assert one("nginx", line)["src_ip"] == "203.0.113.9"


def test_a_trusted_proxy_speaks_for_its_client() -> None:
    line = '10.0.0.1 - - [20/Nov/2026:09:00:00 +0900] "GET / HTTP/1.1" 200 5 "-" "-" "192.0.2.77"'
    assert one("nginx", line, trusted_proxies=("10.0.0.0/8",))["src_ip"] == "192.0.2.77"
    assert one("nginx", line)["src_ip"] == "10.0.0.1"


def test_the_samples_show_most_messages() -> None:
    log_format = format_called("nginx")
    found = {a.get("action") for a in parse_all(log_format, (ROOT / "sample_logs/nginx/error.log").read_bytes())}
    assert len(found & set(ERRORS)) >= 12
