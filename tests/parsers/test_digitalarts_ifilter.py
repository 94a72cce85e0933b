"""i-FILTER: its columns in three versions, URL-encoded Japanese, customised logs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.making import decided, one


def access(
    status: str = "200", action: str = "-", *, request: str = "GET https://www.example.lg.jp/a HTTP/1.1", **more: str
) -> str:
    value = {
        "user": "yamada",
        "server": "192.0.2.82:443",
        "peer": "10.20.30.41",
        "client": "10.20.30.41",
        "agent": "x",
    } | more
    return (
        f"Nov 20 09:00:01 4872 1000/01/ - {value['server']} {value['peer']} {value['client']} - {value['user']}"
        f" [20/Nov/2026:09:00:01 +0900] {status} 12 1207 {action} 63 87 87/127 -1 0 1518 0 group01 - 0 -"
        f' "{request}" - {value["agent"]} text%2Fhtml A667FEFF'
    )


def old(status: str, action: str) -> str:
    return (
        "Nov 20 09:00:01 5207 104/01/ - 10.20.30.41 - yamada [20/Nov/2026:09:00:1 +0900]"
        f' "GET http://www.example.com/ HTTP/1.1""http://www.example.com/s"Mozilla%2F4.0 {status} 0 886 {action} 25 19 108 G'
        " text%2Fhtml 0 - - 951ACEEA"
    )


def block(action: str, virus: str = "-") -> str:
    return f"4582 10.20.30.41 u g 7 20/Nov/2026:09:00:01 +0900 http://a.example.com/ {action} 43 3 99 28 0 -1 0 {virus}"


_ALLOW, _LOST, _DENY = ("allow", "established", None), ("allow", "attempted", None), ("deny", None, None)

DECISIONS = [
    *((access(status), _ALLOW) for status in ("200", "204", "301", "304", "401", "403", "404", "500")),
    *((access(status), _LOST) for status in ("502", "503", "504", "0")),
    *((access(status, "block"), _DENY) for status in ("503", "403", "200")),
    (old("200", "-"), _ALLOW),
    (old("503", "-"), _LOST),
    (old("503", "block"), _DENY),
    (block("block"), _DENY),
    (block("block", "EICAR-Test-File"), _DENY),
    (block("BLOCK"), _DENY),
    (access(request="CONNECT mail.example.com:443 HTTP/1.1"), _ALLOW),
    ("Nov 20 09:00:01 proxy01 if_proxy: started", (None, None, None)),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_what_ifilter_decided(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("digitalarts_ifilter", line) == expected


USERS = {
    "yamada": ("yamada", None),
    "EXAMPLE%5Cyamada": ("yamada", "EXAMPLE"),
    "%E5%B1%B1%E7%94%B0": ("山田", None),
    "%8ER%93c": ("山田", None),
    "%E5%B1%B1+%E7%94%B0": ("山 田", None),
    "-": (None, None),
}


@pytest.mark.parametrize(("text", "expected"), USERS.items(), ids=USERS)
def test_values_are_decoded(text: str, expected: tuple[str | None, str | None]) -> None:
    answer = one("digitalarts_ifilter", access(user=text))
    assert (answer.get("user"), answer.get("user_domain")) == expected


def test_a_control_character_stays_written_out() -> None:
    assert one("digitalarts_ifilter", access(agent="a%0A%1Bb"))["user_agent"] == "a\\x0a\\x1bb"


def test_the_fields_of_35_columns() -> None:
    answer = one("digitalarts_ifilter", access("403", "block"))
    expected = {
        "src_ip": "10.20.30.41", "dst_ip": "192.0.2.82", "dst_port": 443, "dst_host": "www.example.lg.jp", "rule": "63",
        "category": "87/127", "bytes_out": 12, "bytes_in": 1207, "status": "403", "action": "block", "method": "GET",
        "content_type": "text/html", "session_id": "A667FEFF", "device": None, "time_quality": "exact",
    }  # fmt: skip
    assert {name: answer.get(name) for name in expected} == expected


def test_the_fields_of_29_columns() -> None:
    answer = one("digitalarts_ifilter", old("503", "block"))
    expected = {
        "src_ip": "10.20.30.41", "referer": "http://www.example.com/s", "user_agent": "Mozilla/4.0", "bytes_in": 886,
        "url": "http://www.example.com/", "dst_ip": None, "rule": None,
    }  # fmt: skip
    assert {name: answer.get(name) for name in expected} == expected
    assert answer["event_time"].isoformat() == "2026-11-20T00:00:01"


def test_a_trusted_proxy_speaks_for_its_client() -> None:
    line = access(peer="10.1.1.8", client="10.20.30.42")
    assert one("digitalarts_ifilter", line)["src_ip"] == "10.1.1.8"
    assert one("digitalarts_ifilter", line, trusted_proxies=("10.1.1.0/24",))["src_ip"] == "10.20.30.42"


@pytest.mark.parametrize(
    "given",
    [
        "time client user status received action request",
        "time, %>a, %ul, status, received, action, request",
    ],
)
def test_a_customised_log(given: str) -> None:
    line = '[20/Nov/2026:09:00:01 +0900] 10.20.30.41 %E5%B1%B1 503 385 block "GET http://www.example.com/ HTTP/1.0"'
    answer = one("digitalarts_ifilter", line, options={"columns": given})
    expected: dict[str, Any] = {
        "src_ip": "10.20.30.41",
        "user": "山",
        "verdict": "deny",
        "bytes_in": 385,
        "method": "GET",
    }
    assert {name: answer.get(name) for name in expected} == expected
    assert "refused" in one("digitalarts_ifilter", line)


def test_a_value_moves_no_other() -> None:
    lure = access("503", "block", agent="200+12+1207+-+10.9.9.9")
    assert decided("digitalarts_ifilter", lure) == _DENY
    lure = access("503", "block", request="GET http://a.example.com/ - 200 0 0 allow HTTP/1.1")
    assert decided("digitalarts_ifilter", lure) == _DENY
