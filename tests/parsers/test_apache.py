"""Apache: verdicts by meaning, whose address counts, and requests that try to be a line of their own."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from parsers import format_called
from parsers._apache_messages import ERRORS
from parsers._logformat import LogFormatError, apache_pattern
from tests.parsers.making import ROOT, alone, decided, one, parse_all, without_place

_WHO = "192.0.2.10 - - [20/Nov/2026:09:00:00 +0900] "
_ERROR = "[Fri Nov 20 09:30:01.000003 2026] [core:error] [pid 3121:tid 140124] [client 198.51.100.7:50123] "
_SERVER = "[Fri Nov 20 09:30:01.000003 2026] [core:notice] [pid 3121:tid 140124] "
_ALLOW, _DENY, _NOTHING = ("allow", "established", None), ("deny", "established", None), (None, None, None)

DECISIONS = [
    (_WHO + '"GET / HTTP/1.1" 200 5', _ALLOW),
    (_WHO + '"GET / HTTP/1.1" 304 -', _ALLOW),
    (_WHO + '"GET / HTTP/1.1" 404 5', _ALLOW),
    (_WHO + '"GET / HTTP/1.1" 503 5', _ALLOW),
    (_WHO + '"GET / HTTP/1.1" 401 5', _DENY),
    (_WHO + '"GET / HTTP/1.1" 403 5', _DENY),
    (_WHO + '"CONNECT www.example.com:443 HTTP/1.1" 407 5', _DENY),
    (_WHO + '"GET / HTTP/1.1" 429 5', _DENY),
    (_WHO + '"GET / HTTP/1.1" 451 5', _DENY),
    (_WHO + '"GET /%2e%2e HTTP/1.1" 400 5', (None, "established", None)),
    (_WHO + '"GET / HTTP/1.1" 414 5', (None, "established", None)),
    (_WHO + r'"\x16\x03\x01" 400 5', (None, "established", None)),
    (_WHO + '"-" 408 -', (None, "attempted", None)),
    (_WHO + '"GET / HTTP/1.1" - -', _NOTHING),
    ('[20/Nov/2026:09:00:00 +0900] 192.0.2.10 TLSv1.3 TLS_AES_256_GCM_SHA384 "GET / HTTP/1.1" 5', _NOTHING),
    (_ERROR + "AH01630: client denied by server configuration: /var/www/x", ("deny", None, None)),
    (_ERROR + "AH01618: user admin not found: /x", ("deny", "failure", None)),
    (_ERROR + 'AH01617: user admin: authentication failure for "/x": Password Mismatch', ("deny", "failure", None)),
    (_ERROR + "AH01792: user admin: password mismatch: /x", ("deny", "failure", None)),
    (_ERROR + "AH01776: invalid nonce x received - hash is not y", ("deny", "failure", None)),
    (_ERROR + "AH01276: Cannot serve directory /x/: forbidden by Options directive", ("deny", None, None)),
    (_ERROR + "AH00035: access to /x denied because search permissions are missing", ("deny", None, None)),
    (_ERROR + "mod_qos(031): access denied, QS_SrvMaxConnPerIP rule", ("deny", None, None)),
    (_ERROR + "ModSecurity: Access denied with code 403 (phase 2).", ("deny", None, None)),
    (_ERROR + "ModSecurity: Warning. Pattern match", _NOTHING),
    (_ERROR + "AH00128: File does not exist: /var/www/x", _NOTHING),
    (_ERROR + "AH10244: invalid URI path (/cgi-bin/.%2e/)", _NOTHING),
    (_SERVER + "AH00163: Apache/2.4.62 configured -- resuming normal operations", _NOTHING),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS, ids=[line[-60:] for line, _ in DECISIONS])
def test_what_apache_decided(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("apache", line) == expected


_FRONTS: dict[str, dict[str, Any]] = {
    "192.0.2.10": {"src_ip": "192.0.2.10"},
    "2001:db8::10": {"src_ip": "2001:db8::10"},
    "::ffff:192.0.2.10": {"src_ip": "192.0.2.10"},
    "pc01.city.example.lg.jp": {"src_host": "pc01.city.example.lg.jp"},
    "192.0.2.10:50123": {"src_ip": "192.0.2.10", "src_port": 50123},
    "[2001:db8::10]:50123": {"src_ip": "2001:db8::10", "src_port": 50123},
    "www.example.lg.jp:443 192.0.2.10": {"src_ip": "192.0.2.10", "vhost": "www.example.lg.jp", "dst_port": 443},
    "www.example.lg.jp 192.0.2.10": {"src_ip": "192.0.2.10", "vhost": "www.example.lg.jp"},
    "www.example.lg.jp:80 pc01.example.lg.jp": {
        "src_host": "pc01.example.lg.jp",
        "vhost": "www.example.lg.jp",
        "dst_port": 80,
    },
}
_BACKS: dict[str, dict[str, Any]] = {
    "": {"bytes_in": 5321},
    ' "-" "-"': {"bytes_in": 5321},
    ' "https://www.example.com/" "Mozilla/5.0 (X11)"': {
        "bytes_in": 5321,
        "referer": "https://www.example.com/",
        "user_agent": "Mozilla/5.0 (X11)",
    },
    ' "-" "Mozilla/5.0" 412 6001': {"bytes_in": 6001, "bytes_out": 412, "user_agent": "Mozilla/5.0"},
    ' "-" "Mozilla/5.0" "203.0.113.9"': {
        "bytes_in": 5321,
        "user_agent": "Mozilla/5.0",
        "forwarded_for": "203.0.113.9",
    },
    ' 7713 "-" "Mozilla/5.0"': {"bytes_in": 5321, "user_agent": "Mozilla/5.0"},
}
_HEADERS = ("", "Nov 20 09:00:01 web01 httpd[7]: ", "<134>1 2026-11-20T09:00:01+09:00 web01 httpd 7 - - ")


@pytest.mark.parametrize(("front", "back"), list(product(_FRONTS, _BACKS)))
@pytest.mark.parametrize("header", _HEADERS)
def test_an_access_is_read_in_all_of_its_forms(front: str, back: str, header: str) -> None:
    line = f'{header}{front} - yamada [20/Nov/2026:09:00:00 +0900] "GET /a/b?c=d HTTP/1.1" 200 5321{back}'
    answer = one("apache", line)
    expected = {
        "class": "http", "role": "web", "method": "GET", "url": "/a/b?c=d", "url_path": "/a/b", "url_query": "c=d",
        "status": "200", "user": "yamada", "protocol": "tcp", **_FRONTS[front], **_BACKS[back],
    }  # fmt: skip
    optional = (
        "src_ip",
        "src_host",
        "src_port",
        "dst_port",
        "vhost",
        "referer",
        "user_agent",
        "forwarded_for",
        "bytes_out",
    )
    assert {name: answer.get(name) for name in {*expected, *optional}} == {**dict.fromkeys(optional), **expected}
    assert answer["event_time"].isoformat() == "2026-11-20T00:00:00"
    assert answer["time_quality"] == "exact"


_OWN = {
    r'"%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %D"': (
        '192.0.2.10 - yamada [20/Nov/2026:09:00:00 +0900] "GET /a?b HTTP/1.1" 403 5 "-" "Mozilla (X11)" 1500',
        {"user": "yamada", "url": "/a?b", "duration_ms": 1, "verdict": "deny", "user_agent": "Mozilla (X11)"},
    ),
    '%{%Y-%m-%dT%H:%M:%S}t %{%z}t %v:%p %a %m %U%q %>s %I %O %{SSL_PROTOCOL}x "%{X-Forwarded-For}i"': (
        '2026-11-20T09:00:00 +0900 www.example.lg.jp:443 192.0.2.10 GET /a?b=c 200 90 5120 TLSv1.3 "192.0.2.77, 10.0.0.1"',
        {
            "vhost": "www.example.lg.jp", "dst_port": 443, "method": "GET", "url": "/a?b=c", "url_query": "b=c",
            "bytes_in": 5120, "bytes_out": 90, "tls_version": "TLSv1.3", "forwarded_for": "192.0.2.77, 10.0.0.1",
        },
    ),
    "%{remote}p|%a|%{sec}t|%{ms}T|%{Host}i|%r|%s|100%%|%L|%X": (
        "50123|192.0.2.10|1795132800|12|www.example.lg.jp:8443|GET /a HTTP/1.1|304|100%|-|+",
        {"src_port": 50123, "duration_ms": 12, "url_host": "www.example.lg.jp", "url_port": 8443, "status": "304"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "line", "expected"), [(k, *v) for k, v in _OWN.items()])
def test_a_log_format_of_its_own(given: str, line: str, expected: dict[str, Any]) -> None:
    answer = one("apache", line, options={"log_format": given})
    assert {name: answer.get(name) for name in expected} == expected
    assert (answer["src_ip"], answer["time_quality"]) == ("192.0.2.10", "exact")
    assert answer["event_time"].isoformat() == "2026-11-20T00:00:00"
    error = _ERROR + "AH01630: client denied by server configuration: /var/www/x"
    assert one("apache", error, options={"log_format": given})["verdict"] == "deny"


@pytest.mark.parametrize(
    ("given", "where"), [("%h %", "character 4"), ("%h %{Referer", "character 4"), ("none", "no directive")]
)
def test_a_log_format_that_cannot_be_read_is_told_with_its_place(given: str, where: str) -> None:
    with pytest.raises(LogFormatError, match=where):
        apache_pattern(given)


_REQUESTS = [
    ("GET /a#b?c HTTP/1.1", "GET", "/a#b?c", "/a", None),
    ("GET /? HTTP/1.1", "GET", "/?", "/", None),
    ("GET /a b HTTP/1.1", "GET", "/a b", "/a b", None),
    ("GET /a", "GET", "/a", "/a", None),
    ("GET http://www.example.com/x?y HTTP/1.0", "GET", "http://www.example.com/x?y", "/x", "y"),
    ("OPTIONS * HTTP/1.0", "OPTIONS", "*", None, None),
    ("VERSION-CONTROL /x HTTP/1.1", "VERSION-CONTROL", "/x", "/x", None),
    (r"GET /\xe3\x81\x8f HTTP/1.1", "GET", r"/\xe3\x81\x8f", r"/\xe3\x81\x8f", None),
    ("GET /くらし HTTP/1.1", "GET", "/くらし", "/くらし", None),
    (r"GET /a\"b\\ HTTP/1.1", "GET", r"/a\"b\\", r"/a\"b\\", None),
    ("GET / HTTP/2.0", "GET", "/", "/", None),
    ("-", None, None, None, None),
    ("SSH-2.0-Go", None, None, None, None),
    ("EHLO mail.example.com", None, None, None, None),
]


@pytest.mark.parametrize(("request_line", "method", "url", "path", "query"), _REQUESTS, ids=[r[0] for r in _REQUESTS])
def test_a_request_line_in_its_parts(
    request_line: str, method: str | None, url: str | None, path: str | None, query: str | None
) -> None:
    answer = one("apache", f'{_WHO}"{request_line}" 400 5')
    got = [answer.get(name) for name in ("method", "url", "url_query")]
    assert got == [method, url, query]
    assert path is None or answer["url_path"] == path
    assert answer.get("message") == (request_line if method is None and request_line != "-" else None)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("10.1.0.5", "203.0.113.9", (), "10.1.0.5"),
        ("10.1.0.5", "203.0.113.9", ("10.1.0.0/24",), "203.0.113.9"),
        ("10.1.0.5", "192.0.2.66, 203.0.113.9, 10.1.0.4", ("10.1.0.0/24",), "203.0.113.9"),
        ("198.51.100.7", "192.0.2.66", ("10.1.0.0/24",), "198.51.100.7"),
        ("10.1.0.5", "10.1.0.9, 10.1.0.4", ("10.1.0.0/24",), "10.1.0.9"),
        ("10.1.0.5", "unknown", ("10.1.0.0/24",), "10.1.0.5"),
        ("10.1.0.5", "2001:db8::9, 10.1.0.4", ("10.1.0.4", "10.1.0.5"), "2001:db8::9"),
        ("10.1.0.5", "203.0.113.9:40112", ("10.1.0.5",), "203.0.113.9"),
        ("10.1.0.5", "[2001:db8::9]:40112", ("10.1.0.5",), "2001:db8::9"),
        ("2001:db8::5", "203.0.113.9", ("2001:db8::/64",), "203.0.113.9"),
    ],
)
@pytest.mark.parametrize("more", ["", " 12 34"])
def test_whom_a_trusted_proxy_speaks_for(
    peer: str, forwarded: str, trusted: tuple[str, ...], expected: str, more: str
) -> None:
    line = f'{peer} - - [20/Nov/2026:09:00:00 +0900] "GET / HTTP/1.1" 200 5 "-" "x" "{forwarded}"{more}'
    answer = one("apache", line, trusted_proxies=trusted)
    assert answer["src_ip"] == expected
    assert answer["forwarded_for"] == forwarded


@pytest.mark.parametrize(
    ("client", "newer", "expected"),
    [
        ("198.51.100.7", False, ("198.51.100.7", None)),
        ("2001:db8::7", False, ("2001:db8::7", None)),
        ("198.51.100.7:50123", True, ("198.51.100.7", 50123)),
        ("2001:db8::7:50123", True, ("2001:db8::7", 50123)),
        ("[2001:db8::7]:50123", True, ("2001:db8::7", 50123)),
        ("pc01.example.lg.jp", False, (None, None)),
    ],
)
def test_the_client_of_an_error(client: str, newer: bool, expected: tuple[str | None, int | None]) -> None:
    level = "[core:error] [pid 7]" if newer else "[error]"
    answer = one("apache", f"[Fri Nov 20 09:30:01 2026] {level} [client {client}] File does not exist: /x")
    assert answer["class"] == "http"
    assert (answer.get("src_ip"), answer.get("src_port")) == expected


_WHOLE = '203.0.113.1 - admin [01/Jan/2026:00:00:00 +0000] \\"GET /forged HTTP/1.1\\" 403 1 \\"-\\" \\"x\\"'


@pytest.mark.parametrize(
    "value", [_WHOLE, r"\" 403 9", r"x\\", r"\\\" \"", '[01/Jan/2026:00:00:00 +0000] \\"', "} ${x}"]
)
def test_a_quoted_value_changes_no_other_column(value: str) -> None:
    plain = one("apache", f'{_WHO}"GET / HTTP/1.1" 200 5321 "ref" "agent"')
    for column, line in (
        ("user_agent", f'{_WHO}"GET / HTTP/1.1" 200 5321 "ref" "{value}"'),
        ("user_agent", f'{_WHO}"GET / HTTP/1.1" 200 5321 "ref" "{value}" "-"'),
        ("referer", f'{_WHO}"GET / HTTP/1.1" 200 5321 "{value}" "agent"'),
    ):
        answer = one("apache", line)
        assert answer[column] == value
        ignored = (column, "length")
        assert {k: v for k, v in answer.items() if k not in ignored} == {
            k: v for k, v in plain.items() if k not in ignored
        }
    asked = one("apache", f'{_WHO}"GET /{value} HTTP/1.1" 200 5321 "ref" "agent"')
    assert (asked["url"], asked["status"], asked["referer"], asked["user_agent"]) == (
        f"/{value}",
        "200",
        "ref",
        "agent",
    )
    named = one("apache", f'192.0.2.10 - {value} [20/Nov/2026:09:00:00 +0900] "GET / HTTP/1.1" 200 5321 "ref" "agent"')
    assert (named["src_ip"], named["url"], named["status"]) == ("192.0.2.10", "/", "200")
    assert named["event_time"] == plain["event_time"]


def test_a_path_in_an_error_names_no_client() -> None:
    answer = one("apache", _ERROR + "AH00128: File does not exist: /x/[client 203.0.113.1] user root not found")
    assert (answer["src_ip"], answer.get("user"), answer.get("verdict")) == ("198.51.100.7", None, None)


@pytest.mark.parametrize("line", [f'{_WHO}"GET /a/b HTTP/1.1" 200 5321 "https://www.example.com/" "Mozilla/5.0 (X11)"'])
def test_a_cut_line_is_read_as_far_as_it_goes(line: str) -> None:
    for length in range(len(_WHO) + 7, len(line)):
        answer = one("apache", line[:length])
        assert answer["src_ip"] == "192.0.2.10", line[:length]
        assert line[len(_WHO) + 1 :].startswith(answer.get("method", ""))
        assert "https://www.example.com/".startswith(answer.get("referer", ""))


def test_neighbours_lend_a_line_nothing() -> None:
    pieces = [
        "a", "a b c [", "a - - [20/Nov/2026:09:00:00 +0900]", '"', '"GET / HTTP/1.1" 200 5', _WHO, _WHO + '"GET',
        _WHO + '"GET / HTTP/1.1', _WHO + '"GET / HTTP/1.1"', _WHO + '"GET / HTTP/1.1" 200', _WHO + '"GET / HTTP/1.1" 200 5',
        _WHO + '"GET / HTTP/1.1" 200 5 ', _WHO + '"GET / HTTP/1.1" 200 5 "', _WHO + '"GET / HTTP/1.1" 200 5 "a" "b"',
        _WHO + '"GET /?x HTTP/1.1" 200 - "a" "b"', _WHO + '"GET /#x HTTP/1.1" 200 5 "a" "', "", _ERROR, _SERVER + "x",
    ]  # fmt: skip
    lines = [piece.encode() for pair in product(pieces, pieces) for piece in pair]
    apache = format_called("apache")
    apart = {line: without_place(alone(apache, [line])[0]) for line in set(lines)}
    for line, answer in zip(lines, parse_all(apache, b"\n".join(lines) + b"\n"), strict=True):
        assert without_place(answer) == apart[line], line


def test_squids_own_lines_are_not_taken_for_apaches() -> None:
    from parsers import Chunk
    from parsers._parse import parse_counted
    from tests.parsers.making import TOKYO

    line = f'{_WHO}"GET http://www.example.com/ HTTP/1.1" 200 5 "-" "x" TCP_MISS:HIER_DIRECT\n'
    assert parse_counted(format_called("apache"), Chunk(line.encode()), TOKYO, {})[1] == 0


def test_every_action_has_a_sample() -> None:
    seen = {
        answer.get("action")
        for path in (ROOT / "sample_logs" / "apache").glob("*.log")
        for answer in parse_all(format_called("apache"), path.read_bytes())
    }
    assert set(ERRORS) <= seen
