"""Zeek: tables whose header lines name their columns, JSON with and without `_path`, outcomes and who began."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parsers import format_called
from tests.parsers.making import alone, decided, one, parse_all

_ENDS = {"id.orig_h": "10.20.30.41", "id.orig_p": 51022, "id.resp_h": "192.0.2.80", "id.resp_p": 443}
_HEAD = (
    "#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tconn_state\n"
)
_ROW = "1795136400.5\tC1\t10.20.30.41\t51022\t192.0.2.80\t443\ttcp\tSF\n"


def line(path: str | None, ends: bool = True, **more: Any) -> str:
    found = {"ts": 1795136400.5, **(_ENDS if ends else {}), **more}
    return json.dumps(found if path is None else {"_path": path, **found}, ensure_ascii=False)


def conn(state: str) -> str:
    return line("conn", uid="C1", proto="tcp", conn_state=state)


def rule(action: str, state: str = "NetControl::SUCCEEDED") -> str:
    return line("netcontrol", False, action=action, state=state, entity="198.51.100.9/32")


DECISIONS: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    *((conn(state), (None, "established", None)) for state in ("SF", "S1", "S2", "S3", "RSTO", "RSTR")),
    *((conn(state), (None, "attempted", None)) for state in ("S0", "REJ", "RSTOS0", "RSTRH", "SH", "SHR")),
    (conn("OTH"), (None, None, None)),
    (line("notice", note="Scan::Port_Scan", dropped=True), ("deny", None, None)),
    (line("notice", note="Scan::Port_Scan", dropped=False), (None, None, None)),
    (rule("NetControl::DROP"), ("deny", None, None)),
    (rule("NetControl::DROP", "NetControl::REQUESTED"), (None, None, None)),
    (rule("NetControl::WHITELIST"), ("allow", None, None)),
    (line("netcontrol_drop", False, rule_id="2", orig_h="198.51.100.9", expire=600.0), ("deny", None, None)),
    (line("dns", query="a.example.com", rcode_name="REFUSED", rejected=True), (None, None, None)),
    (line("http", uri="/", status_code=403), (None, "established", None)),
    (line("ssh", auth_success=True, auth_attempts=1), (None, "success", None)),
    (line("ssh", auth_success=False, auth_attempts=3), (None, "failure", None)),
    (line("ssh", auth_attempts=0), (None, None, None)),
    (line("kerberos", request_type="AS", success=False), (None, "failure", None)),
    (line("kerberos", request_type="AS", success=False, error_msg="KDC_ERR_PREAUTH_REQUIRED"), (None, None, None)),
    (line("ntlm", username="tanaka", success=True), (None, "success", None)),
    (line("radius", username="tanaka", result="failed"), (None, "failure", None)),
    (line("rfb", authentication_method="VNC", auth=True), (None, "success", None)),
]


@pytest.mark.parametrize(("text", "expected"), DECISIONS)
def test_decision(text: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("zeek", text) == expected


def test_a_table_without_its_header_lines_is_refused() -> None:
    assert "refused" in one("zeek", _ROW)


def test_what_the_header_lines_say_holds_until_the_next_over_deliveries_too() -> None:
    other = "#path\tweird\n#fields\tts\tuid\tid.orig_h\tname\n1795136401.0\tC2\t10.20.30.42\tbad_TCP_checksum\n"
    answers = alone(format_called("zeek"), (_HEAD + _ROW + other).encode().split(b"\n")[:-1])
    kept = [(a["event_code"], a["src_ip"]) for a in answers if "class" in a]
    assert kept == [("conn", "10.20.30.41"), ("weird", "10.20.30.42")]
    assert sum("skipped" in a for a in answers) == 5


def test_tables_and_json_may_follow_each_other() -> None:
    data = (_HEAD + _ROW + conn("REJ") + "\n" + _ROW).encode()
    answers = [a for a in parse_all(format_called("zeek"), data) if "class" in a]
    assert [a["action"] for a in answers] == ["SF", "REJ", "SF"]


def test_a_member_called_like_a_token_changes_no_row_of_a_table() -> None:
    data = (_HEAD + _ROW + line("http", uri="/\tx\tSF", method="GET") + "\n").encode()
    answers = [a for a in parse_all(format_called("zeek"), data) if "class" in a]
    assert [a.get("url") for a in answers] == [None, "/\tx\tSF"]


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"conn_state": "SF"}, "conn"),
        ({"trans_id": 1, "query": "a.example.com"}, "dns"),
        ({"trans_depth": 1, "method": "GET", "uri": "/"}, "http"),
        ({"trans_depth": 1, "helo": "mx"}, "smtp"),
        ({"trans_depth": 0, "method": "INVITE", "call_id": "1"}, "sip"),
        ({"version": "TLSv12", "cipher": "x"}, "ssl"),
        ({"request_type": "TGS", "cipher": "x"}, "kerberos"),
        ({"name": "bad_TCP_checksum", "notice": False}, "weird"),
        ({"action": "SMB::FILE_OPEN"}, "smb_files"),
        ({"username": "tanaka", "result": "success"}, "radius"),
    ],
)
def test_json_without_a_path_is_told_by_its_keys(members: dict[str, Any], kind: str) -> None:
    assert one("zeek", line(None, uid="C1", **members))["event_code"] == kind


def test_an_unknown_log_keeps_its_flow_and_another_makers_json_is_refused() -> None:
    answer = one("zeek", line(None, uid="C1", something=1))
    assert (answer["class"], answer["dst_port"]) == ("network", 443)
    assert "refused" in one("zeek", '{"ts":1795136400.5,"level":"info","msg":"hello"}')


@pytest.mark.parametrize(("is_orig", "src"), [(False, "10.20.30.41"), (True, "192.0.2.80")])
def test_the_originator_of_a_file_is_told_by_is_orig(is_orig: bool, src: str) -> None:
    text = line("files", False, tx_hosts=["192.0.2.80"], rx_hosts=["10.20.30.41"], is_orig=is_orig, seen_bytes=1)
    assert one("zeek", text)["src_ip"] == src


def test_sets_of_tables_and_arrays_read_alike() -> None:
    table = "#path\tdns\n#fields\tts\tuid\tquery\tanswers\n1795136400.5\tC1\ta.example.com\tb.example.com,192.0.2.1\n"
    of_table = parse_all(format_called("zeek"), table.encode())[2]
    of_json = one("zeek", line("dns", query="a.example.com", answers=["b.example.com", "192.0.2.1"]))
    assert of_table["answers"] == of_json["answers"] == "b.example.com 192.0.2.1"


def test_mail_has_its_envelope_before_its_headers() -> None:
    mail = {"mailfrom": "<a@example.lg.jp>", "rcptto": ["b@example.com", "<c@example.com>"], "subject": "件名"}
    answer = one("zeek", line("smtp", **mail, **{"from": "総務課 <z@example.lg.jp>", "to": ["y@example.com"]}))
    assert (answer["mail_from"], answer["mail_to"]) == ("a@example.lg.jp", "b@example.com, c@example.com")
    assert (
        one("zeek", line("smtp", helo="mx", **{"from": "総務課 <z@example.lg.jp>"}))["mail_from"] == "z@example.lg.jp"
    )


@pytest.mark.parametrize(("lost", "operation"), [(1.456, "log_loss"), (0.0, "capture_loss")])
def test_a_sensor_that_saw_all_lost_nothing(lost: float, operation: str) -> None:
    line = {"_path": "capture_loss", "ts": 1795136417.25, "peer": "zeek", "gaps": 3, "acks": 206, "percent_lost": lost}
    assert one("zeek", json.dumps(line))["operation"] == operation


@pytest.mark.parametrize(
    ("kind", "members", "operation"),
    [
        ("stats", {"pkts_proc": 26, "pkts_dropped": 7}, "log_loss"),
        ("stats", {"pkts_proc": 26, "pkts_dropped": 0}, "stats"),
        ("notice", {"note": "PacketFilter::Dropped_Packets", "msg": "4 packets dropped"}, "log_loss"),
        ("notice", {"note": "CaptureLoss::Too_Much_Loss", "msg": "loss rate of 12.5%"}, "log_loss"),
        ("notice", {"note": "CaptureLoss::Too_Little_Traffic", "msg": "0 TCP ACKs"}, None),
    ],
)
def test_packets_that_the_sensor_lost_are_lost_log_lines(
    kind: str, members: dict[str, Any], operation: str | None
) -> None:
    answer = one("zeek", json.dumps({"_path": kind, "ts": 1795136417.25, "peer": "zeek"} | members))
    assert answer.get("operation") == operation


@pytest.mark.parametrize(
    ("opcode", "result", "expected"),
    [
        ("bind simple", "success", ("authentication", "success", "tanaka", None)),
        ("bind simple", "invalid credentials", ("authentication", "failure", "tanaka", "invalid credentials")),
        ("bind SASL", "SASL bind in progress", ("network", None, None, None)),
        ("bind SASL", "success", ("authentication", "success", "tanaka", None)),
        ("bind simple", None, ("network", None, None, None)),
        ("modify", "success", ("network", None, None, None)),
    ],
)
def test_a_bind_of_ldap_is_a_login(opcode: str, result: str | None, expected: tuple[str | None, ...]) -> None:
    answer = one("zeek", line(None, opcode=opcode, result=result, object="tanaka@example.lg.jp", argument="REDACTED"))
    assert (answer["event_code"], answer["action"]) == ("ldap", opcode)
    assert tuple(answer.get(name) for name in ("class", "outcome", "user", "reason")) == expected


@pytest.mark.parametrize(("word", "verdict"), [("allowed", "allow"), ("blocked", "deny")])
def test_suricata_in_corelights_words(word: str, verdict: str) -> None:
    alert = {"action": word, "signature_id": 9000001, "signature": "LOCAL x", "category": "Misc", "severity": 1}
    answer = one("zeek", line("suricata_corelight", service="tls", **{f"alert.{k}": v for k, v in alert.items()}))
    assert (answer["class"], answer["verdict"], answer["finding_category"]) == ("finding", verdict, "ips")
    assert (answer["signature_id"], answer["signature"], answer["severity"]) == ("9000001", "LOCAL x", "1")
    assert (answer["message"], answer["app"]) == ("Misc", "tls")
