"""IIS: fields that header lines name and change, layouts without them, and what HTTP.sys decided."""

from __future__ import annotations

import pytest

from parsers import format_called
from tests.parsers.making import decided, one, parse_all

_IIS8 = "2026-11-20 00:00:01 10.0.2.10 GET / - 443 - 203.0.113.9 Mozilla/5.0 - {} 0 0 15"
_KERNEL = "2026-11-20 00:00:01 203.0.113.9 2780 10.0.2.10 80 HTTP/1.1 GET / - {} - {} -"
_ALLOW, _DENY, _NOTHING = ("allow", "established", None), ("deny", "established", None), (None, "established", None)

DECISIONS = [
    *((_IIS8.format(status), _ALLOW) for status in (200, 206, 301, 304, 404, 405, 500, 502, 503)),
    *((_IIS8.format(status), _DENY) for status in (401, 403, 407, 429, 451)),
    *((_IIS8.format("404").replace(" 404 0", f" 404 {sub}"), _DENY) for sub in (2, 5, 8, 11, 15, 19, 503)),
    *((_IIS8.format("404").replace(" 404 0", f" 404 {sub}"), _ALLOW) for sub in (3, 4, 9, 17)),
    *((_IIS8.format(status), _NOTHING) for status in (400, 408, 414, 431)),
    (_KERNEL.format(403, "Forbidden"), _DENY),
    (_KERNEL.format(503, "ConnLimit"), _DENY),
    (_KERNEL.format(503, "AppOffline"), _NOTHING),
    (_KERNEL.format(503, "QueueFull"), _NOTHING),
    (_KERNEL.format(400, "URL"), _NOTHING),
    (_KERNEL.format(400, "Hostname"), _NOTHING),
    (_KERNEL.format("-", "Timer_MinBytesPerSecond"), (None, "attempted", None)),
    (_KERNEL.format("-", "Client_Reset"), (None, "attempted", None)),
    (_KERNEL.format("-", "Connection_Abandoned_By_ReqQueue"), (None, "attempted", None)),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_what_iis_decided(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("iis", line) == expected


def test_fields_hold_from_their_line_on() -> None:
    data = (
        b"#Software: Microsoft Internet Information Services 10.0\n#Date: 2026-11-20 00:00:00\n"
        b"#Fields: time c-ip cs-method cs-uri-stem sc-status\n00:00:01 192.0.2.10 GET /a 200\n"
        b"#Fields: cs-uri-stem c-ip sc-status date time cs-method\n/b 192.0.2.11 403 2026-11-21 00:00:02 POST\n"
    )
    found = parse_all(format_called("iis"), data)
    assert [a.get("skipped") for a in found[:3]] == ["comment"] * 3
    first, second = found[3], found[5]
    assert (first["src_ip"], first["url"], first["event_time"].isoformat()) == (
        "192.0.2.10", "/a", "2026-11-20T00:00:01",
    )  # fmt: skip
    assert (second["src_ip"], second["verdict"], second["event_time"].isoformat()) == (
        "192.0.2.11", "deny", "2026-11-21T00:00:02",
    )  # fmt: skip
    assert first["time_quality"] == "exact"


def test_a_line_that_the_fields_do_not_fit_is_read_by_its_own_layout() -> None:
    data = (
        b"#Fields: date time sc-status c-ip cs-method cs-uri-stem\n" + _IIS8.format(200).encode() + b"\nand no line\n"
    )
    found = parse_all(format_called("iis"), data)
    assert (found[1]["src_ip"], found[1]["status"], found[1]["url"]) == ("203.0.113.9", "200", "/")
    assert "refused" in found[2]


def test_a_line_of_all_fields_is_not_read_by_fewer() -> None:
    fields = (
        b"#Fields: date time s-sitename cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-host sc-status\n"
    )
    every = (
        b"2026-11-20 00:00:01 W3SVC1 WEB01 10.0.2.10 GET / - 80 - - HTTP/1.1 Mozilla/5.0 - - www.example.lg.jp"
        b" 200 0 0 123 456 789\n"
    )
    few, more = b"2026-11-20 00:00:01 W3SVC1 GET /\n", b"2026-11-20 00:00:01 W3SVC1 GET / - 80 - 203.0.113.9 - 200 x\n"
    found = parse_all(format_called("iis"), fields + every + few + more)
    assert (found[1]["device"], found[1]["dst_ip"], found[1]["method"], found[1]["status"]) == (
        "WEB01", "10.0.2.10", "GET", "200",
    )  # fmt: skip
    assert "refused" in found[2]
    assert (found[3]["src_ip"], found[3]["status"]) == ("203.0.113.9", "200")


def test_the_fields_of_all() -> None:
    line = (
        "2026-11-20 00:00:07 W3SVC2 WEB01 10.0.2.10 GET /login a=b 443 EXAMPLE\\yamada 203.0.113.9 HTTP/2 Mozilla/5.0+(X11)"
        " id=1 https://x.example.lg.jp/ www.example.lg.jp:8443 403 4 5 5120 412 12"
    )
    answer = one("iis", line)
    expected = {
        "src_ip": "203.0.113.9", "dst_ip": "10.0.2.10", "dst_port": 443, "user": "yamada", "user_domain": "EXAMPLE",
        "method": "GET", "url": "/login?a=b", "url_path": "/login", "url_query": "a=b", "url_host": "www.example.lg.jp",
        "url_port": 8443, "user_agent": "Mozilla/5.0 (X11)", "referer": "https://x.example.lg.jp/", "status": "403",
        "event_code": "403.4", "bytes_in": 5120, "bytes_out": 412, "duration_ms": 12, "device": "WEB01",
        "virtual_device": "W3SVC2", "protocol": "tcp",
    }  # fmt: skip
    assert {name: answer.get(name) for name in expected} == expected


def test_a_trusted_proxy_speaks_for_its_client() -> None:
    line = _IIS8.format(200).replace("203.0.113.9", "10.0.0.1") + " 198.51.100.7,10.0.0.7"
    assert one("iis", line, trusted_proxies=("10.0.0.0/8",))["src_ip"] == "198.51.100.7"
    assert one("iis", line)["src_ip"] == "10.0.0.1"


def test_its_own_format_has_the_month_first() -> None:
    line = r"10.0.1.50, -, 03/04/26, 9:00:07, W3SVC1, WEB01, 10.0.2.10, 4502, 163, 3223, 200, 0, GET, /a, b=c,"
    answer = one("iis", line)
    assert answer["event_time"].isoformat() == "2026-03-04T00:00:07"
    assert (answer["url"], answer["bytes_out"], answer["bytes_in"]) == ("/a?b=c", 163, 3223)


@pytest.mark.parametrize(
    ("command", "status", "expected"),
    [
        ("PASS *** {}", 230, ("authentication", "allow", "success")),
        ("PASS *** {}", 530, ("authentication", "deny", "failure")),
        ("STOR 報告.pdf {}", 226, ("network", None, None)),
        ("ControlChannelOpened - {}", "-", ("network", None, None)),
    ],
)
def test_the_ftp_service_serves_no_pages(command: str, status: object, expected: tuple[str | None, ...]) -> None:
    data = (
        "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time c-ip cs-username s-ip s-port "
        "cs-method cs-uri-stem sc-status sc-win32-status sc-substatus x-session x-fullpath\n"
        f"2026-11-20 00:00:01 203.0.113.9 - 10.0.2.10 21 {command.format(status)} 0 0 8124db49-68d2 -\n"
    )
    row = parse_all(format_called("iis"), data.encode())[2]
    assert (row["class"], row.get("verdict"), row.get("outcome")) == expected
    assert (row["src_ip"], row["app"], row["action"], row["session_id"]) == (
        "203.0.113.9", "ftp", command.split()[0], "8124db49-68d2",
    )  # fmt: skip
