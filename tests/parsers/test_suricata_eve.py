"""Suricata EVE: what was decided, who began, and the three versions of its DNS records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.parsers.making import decided, one

Ends = tuple[str, int]
_CLIENT, _SERVER = ("10.20.30.41", 51022), ("192.0.2.80", 80)


def event(kind: str, src: Ends = _CLIENT, dst: Ends = _SERVER, **more: Any) -> str:
    ends = {"src_ip": src[0], "src_port": src[1], "dest_ip": dst[0], "dest_port": dst[1], "proto": "TCP"}
    return json.dumps({"timestamp": "2026-11-20T10:00:00.123456+0900", "event_type": kind, **ends, **more})


def alert(action: str, verdict: str | None = None, **more: Any) -> str:
    decision = {} if verdict is None else {"verdict": {"action": verdict}}
    return event("alert", alert={"action": action, "signature_id": 9, "signature": "LOCAL test"}, **decision, **more)


def flow(state: str, back: int = 1, **more: Any) -> str:
    return event("flow", flow={"state": state, "pkts_toserver": 3, "pkts_toclient": back, **more})


def kerberos(kind: str, **more: str) -> str:
    return event("krb5", krb5={"msg_type": kind, "cname": "tanaka", **more})


DECISIONS: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    (alert("allowed"), ("allow", None, None)),
    (alert("blocked"), ("deny", None, None)),
    (alert("allowed", "alert"), ("allow", None, None)),
    (alert("allowed", "pass"), ("allow", None, None)),
    (alert("allowed", "accept"), ("allow", None, None)),
    (alert("blocked", "drop"), ("deny", None, None)),
    (alert("allowed", "reject"), ("deny", None, None)),
    (alert("something"), (None, None, None)),
    (event("anomaly", anomaly={"type": "decode", "event": "decoder.ipv4.trunc_pkt"}), (None, None, None)),
    (event("drop", drop={"reason": "rules"}), ("deny", None, None)),
    (flow("established"), (None, "established", None)),
    (flow("closed"), (None, "established", None)),
    (flow("bypassed"), (None, "established", None)),
    (flow("new", 0), (None, "attempted", None)),
    (flow("established", action="drop"), ("deny", None, None)),
    (event("flow", flow={"state": "closed"}, tcp={"tcp_flags_tc": "14"}), (None, "attempted", None)),
    (event("http", http={"url": "/", "status": 403}), (None, "established", None)),
    (event("http", http={"url": "/"}), (None, None, None)),
    (event("dns", dns={"type": "answer", "rcode": "REFUSED", "rrname": "a.example.lg.jp"}), (None, None, None)),
    (kerberos("KRB_AS_REP"), (None, "success", None)),
    (kerberos("KRB_ERROR", error_code="KDC_ERR_PREAUTH_FAILED"), (None, "failure", None)),
    (kerberos("KRB_ERROR", error_code="KDC_ERR_PREAUTH_REQUIRED"), (None, None, None)),
    (event("fileinfo", fileinfo={"filename": "/a.exe", "state": "CLOSED"}), (None, None, None)),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_decision(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("suricata_eve", line) == expected


_BEGAN = {"flow": {"src_ip": _CLIENT[0], "src_port": _CLIENT[1], "dest_ip": _SERVER[0], "dest_port": _SERVER[1]}}


@pytest.mark.parametrize(
    "line",
    [
        alert("allowed"),
        alert("allowed", direction="to_server", **_BEGAN),
        alert("allowed", src=_SERVER, dst=_CLIENT, direction="to_client"),
        alert("allowed", src=_SERVER, dst=_CLIENT, **_BEGAN),
        event("fileinfo", _SERVER, _CLIENT, http={"http_method": "GET"}, fileinfo={"filename": "a"}),
        event("fileinfo", http={"http_method": "POST"}, fileinfo={"filename": "a"}),
    ],
)
def test_who_began_is_src(line: str) -> None:
    answer = one("suricata_eve", line)
    assert (answer["src_ip"], answer["src_port"]) == _CLIENT
    assert (answer["dst_ip"], answer["dst_port"]) == _SERVER


def test_a_connection_of_a_host_to_itself_is_told_by_its_ports() -> None:
    began = {"src_ip": "10.20.30.41", "src_port": 51022, "dest_ip": "10.20.30.41", "dest_port": 80}
    back = alert("allowed", src=("10.20.30.41", 80), dst=("10.20.30.41", 51022), flow=began)
    there = alert("allowed", dst=("10.20.30.41", 80), flow=began)
    assert [one("suricata_eve", line)["src_port"] for line in (back, there)] == [51022, 51022]


_ASKED = {"rrname": "WWW.example.lg.jp", "rrtype": "A"}
_GOT = [{"rrtype": "CNAME", "rdata": "web.example.lg.jp"}, {"rrtype": "A", "rdata": "192.0.2.80"}, {"rrtype": "SOA"}]


@pytest.mark.parametrize(
    ("dns", "answers"),
    [
        ({"type": "query", **_ASKED}, None),
        ({"type": "answer", "rcode": "NOERROR", **_ASKED, "rdata": "192.0.2.80"}, "192.0.2.80"),
        (
            {"version": 2, "type": "answer", "rcode": "NOERROR", **_ASKED, "answers": _GOT},
            "web.example.lg.jp 192.0.2.80",
        ),
        ({"version": 3, "type": "request", "rd": True, "queries": [_ASKED]}, None),
        ({"version": 3, "type": "response", "queries": [_ASKED], "answers": _GOT}, "web.example.lg.jp 192.0.2.80"),
    ],
)
def test_dns_of_all_versions(dns: dict[str, Any], answers: str | None) -> None:
    resolver, client = ("10.20.0.53", 53), ("10.20.30.41", 40000)
    for src, dst in ((client, resolver), (resolver, client))[: 2 if "answer" in dns["type"] else 1]:
        answer = one("suricata_eve", event("dns", src, dst, dns=dns))
        assert answer["class"] == "dns"
        assert (answer["src_ip"], answer["dst_port"]) == ("10.20.30.41", 53)
        assert (answer["qname"], answer["qtype"], answer.get("answers")) == ("www.example.lg.jp", "A", answers)
        assert answer.get("recursion_desired") == dns.get("rd")


def test_what_a_client_writes_forges_no_other_member() -> None:
    url = '/","alert":{"action":"blocked"},"src_ip":"203.0.113.66","x":"'
    answer = one("suricata_eve", event("http", http={"url": url, "http_method": "GET", "hostname": "h.example.lg.jp"}))
    assert (answer["url"], answer["src_ip"]) == (url, "10.20.30.41")
    assert "verdict" not in answer


def test_an_event_of_an_unknown_kind_keeps_its_flow() -> None:
    answer = one("suricata_eve", event("newproto", newproto={"x": 1}))
    assert (answer["class"], answer["app"], answer["dst_ip"]) == ("network", "newproto", "192.0.2.80")


def test_an_object_of_another_maker_is_refused() -> None:
    assert "refused" in one("suricata_eve", '{"timestamp":"2026-11-20T10:00:00Z","event":"alert"}')


def test_mail_has_all_recipients_and_attachments() -> None:
    smtp = {"helo": "mx", "mail_from": "<a@example.lg.jp>", "rcpt_to": ["<b@example.com>", "<c@example.com>"]}
    line = event("smtp", smtp=smtp, email={"subject": "件名", "attachment": ["議事録.docx", "b.zip"]})
    answer = one("suricata_eve", line)
    assert (answer["mail_from"], answer["mail_to"]) == ("a@example.lg.jp", "b@example.com, c@example.com")
    assert (answer["subject"], answer["attachments"]) == ("件名", "議事録.docx, b.zip")


@pytest.mark.parametrize(
    ("grouped", "answers"),
    [
        ({"CNAME": ["a.example.lg.jp"], "A": ["192.0.2.1", "192.0.2.2"]}, "a.example.lg.jp 192.0.2.1 192.0.2.2"),
        ({"SOA": [{"mname": "ns.example.lg.jp"}]}, None),
        ([1], None),
    ],
)
def test_answers_by_their_types_are_answers_too(grouped: Any, answers: str | None) -> None:
    line = event("dns", dns={"version": 2, "type": "answer", "rrname": "www.example.lg.jp", "grouped": grouped})
    assert one("suricata_eve", line).get("answers") == answers


def test_a_drop_names_the_signature_that_dropped() -> None:
    line = event("drop", drop={"len": 60}, alert={"action": "blocked", "signature_id": 9, "signature": "LOCAL 遮断"})
    answer = one("suricata_eve", line)
    assert (answer["class"], answer["rule"], answer["message"]) == ("network", "9", "LOCAL 遮断")


@pytest.mark.parametrize(("command", "src"), [("READ", "10.20.30.41"), ("WRITE", "192.0.2.80")])
def test_a_file_that_was_read_comes_from_the_server(command: str, src: str) -> None:
    line = event("fileinfo", _SERVER, _CLIENT, smb={"command": f"SMB2_COMMAND_{command}"}, fileinfo={"filename": "x"})
    assert one("suricata_eve", line)["src_ip"] == src


@pytest.mark.parametrize(("missed", "operation"), [(2, "log_loss"), (0, "stats"), (None, "stats")])
def test_packets_missed_since_the_last_line_are_lost_log_lines(missed: int | None, operation: str) -> None:
    line = event("stats", stats={"capture": {"kernel_drops": 7, "kernel_drops_delta": missed}})
    assert one("suricata_eve", line)["operation"] == operation


def test_no_port_of_http_is_no_port() -> None:
    assert "url_port" not in one("suricata_eve", event("http", http={"http_port": 0, "status": 400}))
