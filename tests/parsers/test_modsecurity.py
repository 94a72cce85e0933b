"""ModSecurity: what it refused, records of several lines, and clients that write rules and boundaries."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parsers import format_called
from tests.parsers.making import ROOT, decided, one, parse_all

_APACHE = "[Fri Nov 20 09:30:01.000003 2026] [security2:error] [pid 1:tid 2] [client 198.51.100.7:50123] [client 198.51.100.7] "
_NGINX = "2026/11/20 09:30:03 [error] 1#1: *7 [client 198.51.100.7] "
_RULE = '[file "/a.conf"] [line "1"] [id "942100"] [msg "SQL Injection"] [severity "CRITICAL"] [hostname "h"] [uri "/"] [unique_id "u"]'


def older(messages: list[str], *, intercepted: bool | None = None, **transaction: Any) -> str:
    audit: dict[str, Any] = {"messages": messages}
    if intercepted is not None:
        audit["action"] = {"intercepted": intercepted}
    at = {"time": "20/Nov/2026:09:30:00 +0900", "remote_address": "198.51.100.7"} | transaction
    return json.dumps(
        {
            "transaction": at,
            "request": {"request_line": "GET / HTTP/1.1"},
            "audit_data": {**audit, "engine_mode": "ENABLED"},
        }
    )


def newer(*, rules: tuple[str, ...] = ("942100",), status: int = 200, **transaction: Any) -> str:
    messages = [{"message": f"rule {rule}", "details": {"match": "x", "ruleId": rule}} for rule in rules]
    at = {"time_stamp": "Fri Nov 20 09:30:00 2026", "client_ip": "198.51.100.7", "messages": messages} | transaction
    return json.dumps({"transaction": {**at, "response": {"http_code": status}}})


_ALLOW, _DENY, _NOTHING = ("allow", None, None), ("deny", None, None), (None, None, None)
_ALL = [
    (head + f"ModSecurity: Access denied with code {code} (phase {phase}). " + _RULE, _DENY)
    for head in (_APACHE, _NGINX)
    for code, phase in ((403, 1), (403, 2), (406, 2), (500, 4))
]
DECISIONS = [
    *_ALL,
    *(
        (head + f"ModSecurity: Warning. {why} " + _RULE, _NOTHING)
        for head in (_APACHE, _NGINX)
        for why in ("Match.", "Found.")
    ),
    (older(["Access denied with code 403 (phase 2). " + _RULE], intercepted=True), _DENY),
    (older(["Access denied with code 403 (phase 2). " + _RULE]), _DENY),
    (older(["Warning. " + _RULE], intercepted=True), _DENY),
    (older(["Warning. " + _RULE], intercepted=False), _ALLOW),
    (older(["Warning. " + _RULE]), _ALLOW),
    (older([]), _ALLOW),
    (newer(is_interrupted=True, status=403), _DENY),
    (newer(is_interrupted=False), _ALLOW),
    (newer(), _NOTHING),
    (newer(rules=()), _NOTHING),
    (
        "2026/11/20 09:29:59 [notice] 1#1: ModSecurity-nginx v1.0.3 (rules loaded inline/local/remote: 0/911/0)",
        _NOTHING,
    ),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_what_modsecurity_decided(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("modsecurity", line) == expected


@pytest.mark.parametrize(
    "client", ["198.51.100.7:50123", "[2001:db8::7]:50123", "2001:db8::7:50123", "2001:db8::7", "198.51.100.7"]
)
def test_who_came(client: str) -> None:
    address = "2001:db8::7" if "db8" in client else "198.51.100.7"
    line = f"[Fri Nov 20 09:30:01.000003 2026] [:error] [pid 1:tid 2] [client {client}] [client {address}] ModSecurity: Warning. {_RULE}"
    answer = one("modsecurity", line)
    assert (answer["src_ip"], answer.get("src_port")) == (address, 50123 if client.endswith(":50123") else None)


def test_a_rule_that_a_client_wrote_is_not_believed() -> None:
    answer = one("modsecurity", _NGINX + 'ModSecurity: Warning. Matched (Value: `[id "1"] [msg "fine"]\' ) ' + _RULE)
    assert (answer["class"], answer.get("signature_id"), answer.get("signature")) == ("finding", None, None)
    escaped = _APACHE + 'ModSecurity: Warning. Pattern match "[id \\"1\\"]" at ARGS. ' + _RULE
    assert one("modsecurity", escaped)["signature_id"] == "942100"
    inside = newer(rules=()).replace(
        '"messages": []',
        '"messages": [{"message": "x", "details": {"match": "\\"ruleId\\":\\"1\\"", "ruleId": "942100"}}]',
    )
    assert one("modsecurity", inside)["signature_id"] == "942100"


def records(text: str, size: int = 8_000_000) -> list[dict[str, Any]]:
    return [a for a in parse_all(format_called("modsecurity"), text.encode(), size=size) if "class" in a]


def record(boundary: str, client: str, body: str = "", *, ended: bool = True) -> str:
    return (
        f"--{boundary}-A--\n[20/Nov/2026:09:30:00 +0900] id {client} 50123 10.0.2.10 443\n--{boundary}-B--\nGET /a HTTP/1.1\n"
        f"Host: www.example.lg.jp\n\n--{boundary}-C--\n{body}\n--{boundary}-F--\nHTTP/1.1 403 Forbidden\n\n"
        f"--{boundary}-H--\nMessage: Access denied with code 403. {_RULE}\n"
        + (f"--{boundary}-Z--\n\n" if ended else "")
    )


@pytest.mark.parametrize("size", [64, 500, 8_000_000])
def test_records_are_read_at_their_first_line(size: int) -> None:
    found = records(record("3e4b5f7a", "198.51.100.7") + record("3e4b5f7b", "198.51.100.8"), size)
    assert [(a["src_ip"], a["status"], a["signature_id"], a["url"], a["verdict"]) for a in found] == [
        ("198.51.100.7", "403", "942100", "/a", "deny"),
        ("198.51.100.8", "403", "942100", "/a", "deny"),
    ]


def test_a_body_cannot_be_a_record() -> None:
    forged = record("aaaaaaaa", "192.0.2.66")
    found = records(record("3e4b5f7a", "198.51.100.7", forged) + record("3e4b5f7b", "198.51.100.8"))
    assert [a["src_ip"] for a in found] == ["198.51.100.7", "198.51.100.8"]


@pytest.mark.parametrize("size", [64, 8_000_000])
def test_a_record_without_end_costs_no_other(size: int) -> None:
    found = records(record("3e4b5f7a", "198.51.100.7", ended=False) + record("3e4b5f7b", "198.51.100.8"), size)
    assert [a["src_ip"] for a in found] == ["198.51.100.7", "198.51.100.8"]


def test_a_sample_is_read_whole() -> None:
    found = parse_all(format_called("modsecurity"), (ROOT / "sample_logs/modsecurity/serial.log").read_bytes())
    assert found[0]["status"] == "403"
    assert {a.get("skipped") for a in found if "skipped" in a} == {"part of the record above", "blank line"}
