"""InterSafe: its states, 25 columns between tabs and 16 between commas, CP932 and UTF-8."""

from __future__ import annotations

import pytest

from tests.parsers.making import decided, one

_ALLOW, _LOST, _DENY, _NOTHING = (
    ("allow", "established", None), ("allow", "attempted", None), ("deny", None, None), (None, None, None),
)  # fmt: skip


def tabs(state: str, status: str = "200", **more: str) -> str:
    value = {
        "user": "yamada",
        "server": "-",
        "url": "http://www.example.lg.jp/a?b=c",
        "agent": "-",
        "group": "総務課",
    } | more
    return "\t".join((
        "2026/11/20", "09:00:01", "HTTP", "10.20.30.41", value["group"], value["user"], value["agent"], state,
        value["server"], status, "www.example.lg.jp", "120", "33", "5120", "text/html", "-", "データベースマッチ",
        "ITサービス\\IT", "ITサービス\\IT", "-", "-", value["url"], "HTTP/1.1", "GET", "-",
    ))  # fmt: skip


def commas(state: str, status: str = "200") -> str:
    return (
        f"2026/11/20,09:00:01,HTTP,10.20.30.41,総務課,yamada,-,{state},-,{status},www.example.lg.jp,120,5120,text/html,"
        'IT,"http://www.example.lg.jp/a,b"'
    )


DECISIONS = [
    *((make(state, status), _ALLOW) for make in (tabs, commas) for state in ("Proxied", "Allowed", "Release")
      for status in ("200", "404")),
    *((make("Proxied", status), _LOST) for make in (tabs, commas) for status in ("502", "503")),
    *((make(state, "403"), _DENY) for make in (tabs, commas) for state in ("Blocked", "BlkPost")),
    (tabs("Blocked", "-"), _DENY),
    (tabs("Allowed", "-"), _LOST),
    ("<134>Nov 20 09:00:01 filter01 InterSafe: started", _NOTHING),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_what_intersafe_decided(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("alsi_intersafe", line) == expected


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_the_fields_of_25_columns(encoding: str) -> None:
    answer = one("alsi_intersafe", tabs("Blocked", "403", server="192.0.2.82", user="EXAMPLE\\山田"), encoding=encoding)
    expected = {
        "src_ip": "10.20.30.41", "dst_ip": "192.0.2.82", "dst_port": 80, "dst_host": "www.example.lg.jp", "user": "山田",
        "user_domain": "EXAMPLE", "duration_ms": 120, "bytes_out": 33, "bytes_in": 5120, "rule": "データベースマッチ",
        "category": "ITサービス\\IT", "method": "GET", "url_query": "b=c", "action": "Blocked", "app": "HTTP",
    }  # fmt: skip
    assert {name: answer.get(name) for name in expected} == expected
    assert answer["event_time"].isoformat() == "2026-11-20T00:00:01"
    assert answer["time_quality"] == "zone_assumed"


def test_the_fields_of_16_columns() -> None:
    answer = one("alsi_intersafe", commas("Proxied"))
    expected = {
        "bytes_in": 5120,
        "bytes_out": None,
        "url": "http://www.example.lg.jp/a,b",
        "category": "IT",
        "method": None,
    }
    assert {name: answer.get(name) for name in expected} == expected


def test_more_columns_behind_are_stepped_over() -> None:
    assert decided("alsi_intersafe", tabs("Blocked") + "\t-\t新しい項目") == _DENY


@pytest.mark.parametrize("line", [tabs("Unknown"), "\t".join(tabs("Blocked").split("\t")[:20]), "a,b,c", "2026/11/20"])
def test_what_is_no_access_is_refused(line: str) -> None:
    assert one("alsi_intersafe", line)["refused"] == "not the columns of an InterSafe access log"


def test_a_value_moves_no_other() -> None:
    answer = one("alsi_intersafe", tabs("Blocked", agent='"a,Allowed,200', url="http://x.example.com/,Proxied,-"))
    assert (answer["verdict"], answer["url"]) == ("deny", "http://x.example.com/,Proxied,-")
