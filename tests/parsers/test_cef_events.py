"""CEF and LEEF of any product: what an event is, what was decided, and that a value can't pretend to be another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from parsers import Chunk, format_called
from parsers._parse import parse_counted
from tests.parsers.making import context_of, decided, one

Decision = tuple[str | None, str | None, str | None]
_FLOW = "src=10.16.4.21 spt=50001 dst=203.0.113.80 dpt=443 proto=6 "
_PAIRS = _FLOW.strip().replace("spt=", "srcPort=").replace("dpt=", "dstPort=").replace(" ", "\t")


def event(extension: str, name: str = "event", signature: str = "7", vendor: str = "Example|Gateway") -> str:
    return f"CEF:0|{vendor}|1.0|{signature}|{name}|3|{extension}"


def attributes(pairs: str, code: str = "event", vendor: str = "Example|Gateway") -> str:
    return f"LEEF:1.0|{vendor}|1.0|{code}|{pairs}"


WORDS: dict[str, str | None] = {
    "Allow": "allow", "accepted": "allow", "permit": "allow", "passed": "allow", "not blocked": "allow",
    "detected": "allow", "Log": "allow", "Deny": "deny", "denied": "deny", "Drop": "deny",
    "blocked": "deny", "reject": "deny", "Refuse": "deny", "discard": "deny", "Reset": "deny", "quarantined": "deny",
    "遮断": "deny", "none": None, "42": None,
}  # fmt: skip
"""act of a flow → verdict."""


def _path(verdict: str | None) -> str | None:
    return "forward" if verdict else None


LINES: list[tuple[str, Decision]] = [
    *((event(f"{_FLOW}act={word}"), (verdict, None, _path(verdict))) for word, verdict in WORDS.items()),
    (event(_FLOW + "act=allow in=100 out=200"), ("allow", "established", "forward")),
    (event(_FLOW + "act=allow in=100 out=0"), ("allow", None, "forward")),
    (event(_FLOW, "Connection_Discarded"), ("deny", None, "forward")),
    (event(_FLOW, "Connection_Allowed"), ("allow", None, "forward")),
    (event(_FLOW + "act=block", "Virus found"), ("deny", None, None)),
    (event(_FLOW + "act=detect", "SQL injection attack"), ("allow", None, None)),
    (event("suser=a@example.com duser=b@example.lg.jp act=reject"), ("deny", None, None)),
    (event("src=10.1.1.1 request=https://www.example.lg.jp/ act=allowed"), ("allow", None, None)),
    (event("duser=suzuki outcome=failure", "User login"), (None, "failure", None)),
    (event("suser=kanri", "User Signed In"), (None, "success", None)),
    (event(_FLOW + "act=IDS:Reset", "A rule"), ("allow", None, None)),
    (event("suser=kanri outcome=/Success", "Authentication"), (None, "success", None)),
    (event("suser=kanri", "User logged out successfully"), (None, None, None)),
    (event("msg=restarted"), (None, None, None)),
]
LEEF_LINES: list[tuple[str, Decision]] = [
    *((attributes(f"{_PAIRS}\taction={word}"), (verdict, None, _path(verdict))) for word, verdict in WORDS.items()),
    (attributes(_PAIRS + "\taction=Allow\tsrcBytes=10\tdstBytes=20"), ("allow", "established", "forward")),
    (attributes("isLoginEvent=true\tusrName=a\tcat=Failed"), (None, "failure", None)),
    (attributes("isLoginEvent=true\tusrName=a\tcat=Success"), (None, "success", None)),
    (attributes("isLogoutEvent=true\tusrName=a"), (None, None, None)),
]


@pytest.mark.parametrize("name", ["CnC Callback", "Data Loss Prevention", "Spyware Detected", "IPS alert"])
def test_what_a_product_detects_is_a_finding_though_it_has_a_url(name: str) -> None:
    assert one("cef", event("src=10.1.1.1 request=http://c2.example.com act=Block", name))["class"] == "finding"


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_verdict(line: str, expected: Decision) -> None:
    assert decided("cef", line) == expected


@pytest.mark.parametrize(("line", "expected"), LEEF_LINES)
def test_verdict_of_leef(line: str, expected: Decision) -> None:
    assert decided("leef", line) == expected


CLASSES: dict[tuple[str, str], str] = {
    ("event", _FLOW + "act=allow"): "network",
    ("event", _FLOW): "network",
    ("Intrusion detected", _FLOW): "finding",
    ("User login failed", "duser=a"): "authentication",
    ("User login page blocked by WAF", "request=http://www.example.lg.jp/"): "finding",
    ("event", "suser=a@example.com duser=b@example.lg.jp"): "email",
    ("event", "request=http://www.example.lg.jp/ src=10.1.1.1"): "http",
    ("event", "msg=x"): "system",
    ("event", "src=10.1.1.1"): "system",
}


@pytest.mark.parametrize(("said", "expected"), CLASSES.items())
def test_event_class(said: tuple[str, str], expected: str) -> None:
    assert one("cef", event(said[1], said[0]))["class"] == expected


LABELS: dict[str, tuple[str, Any]] = {
    "cs1=R7 cs1Label=Rule Name": ("rule", "R7"),
    "cs6=R7 cs6Label=policy-id": ("rule", "R7"),
    "cn3=77 cn3Label=SessionID": ("session_id", "77"),
    "cs2=vsys2 cs2Label=Virtual System": ("virtual_device", "vsys2"),
    "cn1=5 cn1Label=Duration in Seconds": ("duration_ms", 5000),
    "c6a2=2001:DB8::1 c6a2Label=Source IPv6 Address": ("src_ip", "2001:db8::1"),
    "c6a3=2001:db8::2 c6a3Label=Destination IPv6 Address": ("dst_ip", "2001:db8::2"),
}


@pytest.mark.parametrize(("pairs", "expected"), LABELS.items(), ids=LABELS)
def test_a_custom_field_is_what_its_label_says(pairs: str, expected: tuple[str, Any]) -> None:
    answer = one("cef", event(f"spt=1 dpt=2 act=allow {pairs}"))
    assert answer[expected[0]] == expected[1]
    assert expected[0] not in one("cef", event(f"spt=1 dpt=2 act=allow {pairs}").replace("Label=", "Label=Other "))


def test_bytes_flow_as_the_standard_says_but_for_makers_who_say_otherwise() -> None:
    flow = _FLOW + "act=allow in=100 out=2000"
    for vendor, expected in (("Example|Gateway", (100, 2000)), ("Fortinet|Fortigate", (2000, 100))):
        answer = one("cef", event(flow, vendor=vendor))
        assert (answer["bytes_out"], answer["bytes_in"]) == expected


TIMES: dict[str, tuple[datetime, str]] = {
    "rt=1795136400123": (datetime(2026, 11, 20, 1, 0, 0, 123000), "exact"),
    "rt=Nov 20 2026 10:00:00": (datetime(2026, 11, 20, 1), "zone_assumed"),
    "rt=Nov 20 2026 10:00:00.250 JST": (datetime(2026, 11, 20, 1, 0, 0, 250000), "exact"),
    "rt=Nov 20 2026 10:00:00 dtz=-05:00": (datetime(2026, 11, 20, 15), "exact"),
    "rt=Nov 20 2026 10:00:00 dtz=Asia/Tokyo": (datetime(2026, 11, 20, 1), "zone_assumed"),
    "end=Nov 20 2026 10:00:00 start=Nov 20 2026 09:00:00": (datetime(2026, 11, 20, 1), "zone_assumed"),
    "start=Nov 20 2026 10:00:00": (datetime(2026, 11, 20, 1), "zone_assumed"),
    "msg=none": (datetime(2026, 11, 20, 1, 5), "received"),
}


@pytest.mark.parametrize(("pairs", "expected"), TIMES.items(), ids=TIMES)
def test_time(pairs: str, expected: tuple[datetime, str]) -> None:
    answer = one("cef", event(pairs))
    assert (answer["event_time"], answer["time_quality"]) == expected


@pytest.mark.parametrize("vendor", ["Fortinet|Fortigate", "Check Point|VPN-1 & FireWall-1"])
def test_a_product_with_its_own_module_is_read_but_not_recognised(vendor: str) -> None:
    log_format = format_called("cef")
    line = event(_FLOW + "act=allow", vendor=vendor)
    parsed, own, _ = parse_counted(log_format, Chunk(line.encode() + b"\n"), context_of(log_format), {})
    assert (len(parsed.rows), own) == (1, 0)


@pytest.mark.parametrize(
    "lure", [r"x src\=10.99.99.99 act\=allow", "x|CEF:0|a", r"a\nact\=allow", "値 LEEF:1.0|", '" src']
)
def test_a_value_changes_no_other_column(lure: str) -> None:
    plain, answer = (one("cef", event(f"{_FLOW}act=deny msg={text}")) for text in ("x", lure))
    assert {k: v for k, v in answer.items() if k not in ("length", "message")} == {
        k: v for k, v in plain.items() if k not in ("length", "message")
    }
