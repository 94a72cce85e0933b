"""Squid: what it decided, whom the client asked for, and the forms of its lines."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.parsers.making import decided, one

RESULTS = {
    "TCP_HIT/200": ("allow", "established"),
    "TCP_MEM_HIT/200": ("allow", "established"),
    "TCP_MISS/200": ("allow", "established"),
    "TCP_MISS/404": ("allow", "established"),
    "TCP_REFRESH_UNMODIFIED/304": ("allow", "established"),
    "TCP_TUNNEL/200": ("allow", "established"),
    "TCP_MISS_ABORTED/000": ("allow", "attempted"),
    "TCP_MISS/502": ("allow", "attempted"),
    "TCP_MISS/503": ("allow", "attempted"),
    "TCP_TUNNEL/503": ("allow", "attempted"),
    "TCP_DENIED/403": ("deny", None),
    "TCP_DENIED/407": ("deny", None),
    "TCP_DENIED_REPLY/403": ("deny", None),
    "TCP_DENIED_ABORTED/403": ("deny", None),
    "UDP_DENIED/000": ("deny", None),
    "NONE/400": (None, None),
    "NONE/405": (None, None),
    "NONE_NONE/000": (None, None),
    "TAG_NONE/503": (None, None),
    "NONE/200": ("allow", "established"),
    "NONE_NONE/200": ("allow", "established"),
}


def native(
    result: str = "TCP_MISS/200",
    url: str = "http://www.example.lg.jp/",
    user: str = "-",
    way: str = "HIER_DIRECT/192.0.2.82",
    method: str = "GET",
) -> str:
    return f"1795136400.123    182 10.20.30.41 {result} 18342 {method} {url} {user} {way} text/html"


@pytest.mark.parametrize(("result", "expected"), RESULTS.items(), ids=RESULTS)
def test_verdict(result: str, expected: tuple[str | None, str | None]) -> None:
    assert decided("squid", native(result)) == (*expected, None)
    code, _, status = result.partition("/")
    form = f'10.20.30.41 - - [20/Nov/2026:10:00:00 +0900] "GET http://www.example.lg.jp/ HTTP/1.1" {status} 18342 "-" "-" {code}:HIER_DIRECT'
    assert decided("squid", form) == (*expected, None)


def test_the_fields_of_the_native_form() -> None:
    answer = one("squid", native(url="http://www.example.lg.jp:8080/a/b?c=d", user="tanaka"))
    expected = {
        "class": "http", "event_time": datetime(2026, 11, 20, 1, 0, 0, 123000), "time_quality": "exact", "role": "proxy",
        "src_ip": "10.20.30.41", "dst_ip": "192.0.2.82", "dst_port": 8080, "dst_host": "www.example.lg.jp", "protocol": "tcp",
        "duration_ms": 182, "bytes_in": 18342, "method": "GET", "status": "200", "user": "tanaka", "content_type": "text/html",
        "url": "http://www.example.lg.jp:8080/a/b?c=d", "url_scheme": "http", "url_host": "www.example.lg.jp", "url_port": 8080,
        "url_path": "/a/b", "url_query": "c=d", "action": "TCP_MISS", "cache_result": "TCP_MISS",
    }  # fmt: skip
    assert {key: answer.get(key) for key in expected} == expected


WAYS = {
    "HIER_DIRECT/192.0.2.82": "192.0.2.82",
    "DIRECT/192.0.2.82": "192.0.2.82",
    "PINNED/192.0.2.82": "192.0.2.82",
    "ORIGINAL_DST/192.0.2.82": "192.0.2.82",
    "HIER_DIRECT/2001:DB8::82": "2001:db8::82",
    # A parent proxy is on the way, not the one that was asked.
    "FIRSTUP_PARENT/10.1.1.8": None,
    "ROUNDROBIN_PARENT/10.1.1.8": None,
    "TIMEOUT_HIER_DIRECT/192.0.2.82": "192.0.2.82",
    "HIER_NONE/-": None,
}


@pytest.mark.parametrize(("way", "expected"), WAYS.items(), ids=WAYS)
def test_who_was_asked(way: str, expected: str | None) -> None:
    assert one("squid", native(way=way)).get("dst_ip") == expected


def test_an_address_in_the_url_is_who_was_asked() -> None:
    answer = one("squid", native("TCP_DENIED/403", "203.0.113.66:8443", way="HIER_NONE/-", method="CONNECT"))
    assert (answer["dst_ip"], answer["dst_port"], answer.get("dst_host")) == ("203.0.113.66", 8443, None)
    assert answer["dst_addr"][-4:] == bytes((203, 0, 113, 66))
    # A DIRECT peer is the better answer, and stays.
    answer = one("squid", native(url="http://203.0.113.66/", way="HIER_DIRECT/192.0.2.82"))
    assert answer["dst_ip"] == "192.0.2.82"


USERS = {
    "tanaka": ("tanaka", None),
    "EXAMPLE\\tanaka": ("tanaka", "EXAMPLE"),
    "EXAMPLE%5Ctanaka": ("tanaka", "EXAMPLE"),
    "tanaka@EXAMPLE.LG.JP": ("tanaka", "EXAMPLE.LG.JP"),
    "%E7%94%B0%E4%B8%AD": ("田中", None),
    "-": (None, None),
}


@pytest.mark.parametrize(("text", "expected"), USERS.items(), ids=USERS)
def test_user(text: str, expected: tuple[str | None, str | None]) -> None:
    answer = one("squid", native(user=text))
    assert (answer.get("user"), answer.get("user_domain")) == expected


def test_blanks_in_a_url_move_no_other_field() -> None:
    lure = "http://www.example.lg.jp/ x HIER_DIRECT/203.0.113.9 text/plain"
    answer = one("squid", native(url=lure, user="tanaka"))
    assert (answer["url"], answer["user"], answer["dst_ip"], answer["content_type"]) == (
        lure,
        "tanaka",
        "192.0.2.82",
        "text/html",
    )


def test_headers_behind_the_line_move_no_other_field() -> None:
    answer = one("squid", native() + r" [Host: x\r\nX: 1 HIER_DIRECT/203.0.113.9 text/plain] [HTTP/1.1 200 OK\r\n]")
    assert (answer["url"], answer["dst_ip"], answer["content_type"]) == (
        "http://www.example.lg.jp/",
        "192.0.2.82",
        "text/html",
    )


@pytest.mark.parametrize("words", range(4, 10))
def test_a_line_cut_short_is_read_as_far_as_it_goes(words: int) -> None:
    answer = one("squid", " ".join(native().split()[:words]))
    assert (answer["text_quality"], answer["src_ip"], answer["verdict"]) == ("cut", "10.20.30.41", "allow")


@pytest.mark.parametrize(
    "line", ["1795136400.123", "1795136400.123 182 10.20.30.41", "GET http://www.example.lg.jp/", "10.20.30.41 - -"]
)
def test_what_has_no_result_is_refused(line: str) -> None:
    assert one("squid", line)["refused"] == "not the fields of a Squid access log"


def test_an_apache_line_is_none_of_squid() -> None:
    line = '10.20.30.41 - - [20/Nov/2026:10:00:00 +0900] "GET / HTTP/1.1" 200 5120 "-" "Mozilla/5.0"'
    assert "refused" in one("squid", line)


def test_the_cache_log_is_kept_as_the_devices_own_word() -> None:
    answer = one("squid", "2026/11/20 10:00:06 kid1| Starting Squid Cache")
    assert (answer["class"], answer["message"], answer["time_quality"]) == (
        "system",
        "Starting Squid Cache",
        "zone_assumed",
    )


_SQUID_OWN = {
    '%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt "%{Referer}>h" "%{User-Agent}>h"': (
        native(user="tanaka") + ' "http://x.example.lg.jp/" "Mozilla (X11)"',
        {"duration_ms": 182, "dst_ip": "192.0.2.82", "content_type": "text/html", "user_agent": "Mozilla (X11)"},
    ),
    '%>a %ui %un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st "%{User-Agent}>h" %Ss:%Sh %ssl::>sni': (
        (
            '10.20.30.41 - tanaka [20/Nov/2026:10:00:00 +0900] "GET http://www.example.lg.jp/ HTTP/1.1" 200 18342 "curl" '
            "TCP_MISS:HIER_DIRECT www.example.lg.jp"
        ),
        {"user_agent": "curl", "bytes_in": 18342},
    ),
}


@pytest.mark.parametrize(
    ("given", "line", "expected"), [(k, *v) for k, v in _SQUID_OWN.items()], ids=["native", "http"]
)
def test_a_logformat_of_its_own(given: str, line: str, expected: dict[str, object]) -> None:
    answer = one("squid", line, options={"logformat": given})
    expected = {
        "src_ip": "10.20.30.41",
        "user": "tanaka",
        "url": "http://www.example.lg.jp/",
        "status": "200",
        **expected,
    }
    assert {name: answer.get(name) for name in expected} == expected
    assert (answer["verdict"], answer["time_quality"], answer["cache_result"]) == ("allow", "exact", "TCP_MISS")
    assert one("squid", line.replace("TCP_MISS", "TCP_DENIED"), options={"logformat": given})["verdict"] == "deny"


@pytest.mark.parametrize(("method", "meaning"), [("CONNECT", ("allow", "attempted")), ("GET", (None, None))])
def test_a_tunnel_whose_server_could_not_be_reached_was_let_through(
    method: str, meaning: tuple[str | None, str | None]
) -> None:
    row = one("squid", native("TAG_NONE/503", "www.example.com:443", way="HIER_NONE/-", method=method))
    assert (row.get("verdict"), row.get("outcome")) == meaning


def test_an_answer_by_icp_is_udp_and_no_failure() -> None:
    row = one("squid", native("UDP_MISS/000", "http://www.example.com/", way="HIER_NONE/-", method="ICP_QUERY"))
    assert (row["protocol"], row["verdict"], row["outcome"]) == ("udp", "allow", "established")
