"""Check Point: what it decided, the forms of its lines, and that a value can't pretend to be another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.parsers.making import decided, one

Decision = tuple[str | None, str | None, str | None]
_HEAD = "<134>1 2026-11-20T01:00:00Z mgmt01 CheckPoint 1930 - "
_FLOW = {"src": "10.16.4.21", "s_port": "50001", "dst": "203.0.113.80", "service": "443", "proto": "6"}


def line(action: str, product: str = "VPN-1 & FireWall-1", **fields: str) -> str:
    made = {"action": action, "loguid": "{0x1,0x0}", "origin": "192.0.2.254", "time": "1795136400", "product": product}
    pairs = (made | fields).items()
    escaped = ((key, value.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")) for key, value in pairs)
    return f"{_HEAD}[" + "; ".join(f'{key}:"{value}"' for key, value in escaped) + "]"


def flow(action: str, product: str = "VPN-1 & FireWall-1", **fields: str) -> str:
    return line(action, product, **(_FLOW | fields))


LINES: list[tuple[str, Decision]] = [
    (flow("Accept"), ("allow", None, "forward")),
    (flow("Accept", client_inbound_bytes="10", client_outbound_bytes="20"), ("allow", "established", "forward")),
    (flow("Accept", client_inbound_bytes="10", client_outbound_bytes="0"), ("allow", "attempted", "forward")),
    (flow("Encrypt"), ("allow", None, "forward")),
    (flow("Decrypt"), ("allow", None, "forward")),
    (flow("Drop"), ("deny", None, "forward")),
    (flow("Drop", client_inbound_bytes="10", client_outbound_bytes="20"), ("deny", None, "forward")),
    (flow("Reject"), ("deny", None, "forward")),
    (flow("Block", reason="Application Control"), ("deny", "blocked_later", "forward")),
    (flow("Drop", outzone="Local"), ("deny", None, "local_in")),
    (flow("Accept", outzone="Local"), ("allow", None, "local_in")),
    (flow("Accept", inzone="Local"), ("allow", None, "local_out")),
    (flow("Drop", tcp_packet_out_of_state="First packet isn't SYN"), ("deny", None, "out_of_state")),
    (flow("Drop", message_info="TCP packet out of state"), ("deny", None, "out_of_state")),
    (flow("Key Install"), (None, None, "forward")),
    (flow("Prevent", "IPS", protection_name="x"), ("deny", "blocked_later", "forward")),
    (flow("Detect", "IPS", protection_name="x"), ("allow", None, "forward")),
    (flow("Block", "URL Filtering"), ("deny", "blocked_later", "forward")),
    (flow("Redirect", "URL Filtering"), ("deny", "blocked_later", "forward")),
    (flow("Allow", "Application Control"), ("allow", None, "forward")),
    (flow("Ask User", "Application Control"), (None, None, "forward")),
    (flow("Bypass", "HTTPS Inspection"), ("allow", None, "forward")),
    (line("Log In", "Identity Awareness", src="10.1.1.1", user="a"), (None, "success", None)),
    (line("Failed Log In", "Connectra", user="a"), (None, "failure", None)),
    (line("Log Out", "Identity Awareness", user="a"), (None, None, None)),
    (line("Accept", "SmartConsole", operation="Log In", administrator="a"), (None, "success", None)),
    (line("Accept", "SmartConsole", operation="Log In", audit_status="Failure"), (None, "failure", None)),
    (line("Accept", "SmartConsole", operation="Publish", administrator="a"), (None, None, None)),
]


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_verdict(text: str, expected: Decision) -> None:
    assert decided("checkpoint", text) == expected


CLASSES = {
    flow("Accept"): "network",
    flow("Accept", resource="http://www.example.lg.jp/"): "network",
    flow("Detect", "Anti Malware"): "finding",
    flow("Drop", attack="Port scan"): "finding",
    line("Update", "New Anti Virus", subscription_stat="valid"): "system",
    line("Accept", "SmartConsole", operation="Install Policy"): "system",
    line("Log In", "Identity Awareness"): "authentication",
}


@pytest.mark.parametrize(("text", "expected"), CLASSES.items())
def test_event_class(text: str, expected: str) -> None:
    assert one("checkpoint", text)["class"] == expected


_NATIVE = "; ".join(f"{key}: {value}" for key, value in _FLOW.items())
_PAIRS = ";".join(f"{key}={value}" for key, value in _FLOW.items())
FORMS: dict[str, str] = {
    "syslog": flow("Accept"),
    "syslog with a blank behind": flow("Accept") + " \t",
    "structured": f'{_HEAD}[Fields@1.3.6.1.4.1.2620 action="Accept" loguid="1" '
    + " ".join(f'{k}="{v}"' for k, v in _FLOW.items())
    + "]",
    "fw log": f"10:00:00 Accept 192.0.2.254 >eth1 product: VPN-1 & FireWall-1; {_NATIVE};",
    "fw log R80": f"20Nov2026 10:00:00 5 N/A 1 Accept 192.0.2.254 > eth1 LogId: 0; loguid: 1; {_NATIVE};",
    "semicolons": f"action=Accept;orig=192.0.2.254;product=VPN-1 & FireWall-1;{_PAIRS}",
    "bars": f"loc=1|action=Accept|orig=192.0.2.254|product=VPN-1 & FireWall-1|{_PAIRS.replace(';', '|')}",
    "cef": "CEF:0|Check Point|VPN-1 & FireWall-1|Check Point|Log|https|Unknown|act=Accept src=10.16.4.21 spt=50001 "
    "dst=203.0.113.80 dpt=443 proto=6",
    "leef": "LEEF:2.0|Check Point|VPN-1 & FireWall-1|1.0|Accept|src=10.16.4.21\tsrcPort=50001\tdst=203.0.113.80\t"
    "dstPort=443\tproto=6",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_every_form_says_the_same(text: str) -> None:
    answer = one("checkpoint", text)
    wanted = {"src_ip": "10.16.4.21", "src_port": 50001, "dst_ip": "203.0.113.80", "dst_port": 443, "protocol": "tcp"}
    assert {key: answer.get(key) for key in wanted} == wanted
    assert (answer["class"], answer["verdict"]) == ("network", "allow")


@pytest.mark.parametrize("form", ["cef", "leef"])
def test_the_generic_module_reads_the_common_columns_alike(form: str) -> None:
    extra = {
        "cef": " in=200 out=100 act=Accept sourceTranslatedAddress=192.0.2.1 sourceTranslatedPort=41001 suser=a",
        "leef": "\tsrcBytes=100\tdstBytes=200\taction=Accept\tsrcPostNAT=192.0.2.1\tsrcPostNATPort=41001\tusrName=a",
    }
    own, generic = (one(name, FORMS[form] + extra[form]) for name in ("checkpoint", form))
    common = ("src_ip", "src_port", "dst_ip", "dst_port", "protocol", "action", "verdict", "outcome", "path", "user",
              "bytes_out", "bytes_in", "nat_src_ip", "nat_src_port", "class")  # fmt: skip
    assert {key: own.get(key) for key in common} == {key: generic.get(key) for key in common}
    assert (own["bytes_out"], own["bytes_in"], own["outcome"]) == (100, 200, "established")


TIMES: dict[str, tuple[str, str]] = {
    "1795136400": ("2026-11-20T01:00:00", "exact"),
    "1795136400123": ("2026-11-20T01:00:00.123000", "exact"),
    "2026-11-20T01:00:00Z": ("2026-11-20T01:00:00", "exact"),
    "20Nov2026 10:00:00": ("2026-11-20T01:00:00", "zone_assumed"),
    "soon": ("2026-11-20T01:00:00", "exact"),
}


@pytest.mark.parametrize(("text", "expected"), TIMES.items(), ids=TIMES)
def test_time(text: str, expected: tuple[str, str]) -> None:
    answer = one("checkpoint", flow("Accept", time=text))
    assert (answer["event_time"], answer["time_quality"]) == (datetime.fromisoformat(expected[0]), expected[1])


@pytest.mark.parametrize(
    "lure",
    [
        'x"; src:"10.99.99.99', 'x"; action:"Accept"]', "]", "[src:", 'a\\"', "\\", 'src="10.99.99.99"', "CEF:0|a|b|",
        "LEEF:1.0|a|", "火; dst:水", '"', ';action="Accept',
    ],
)  # fmt: skip
def test_a_value_changes_no_other_column(lure: str) -> None:
    def but(answer: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in answer.items() if k not in ("length", "message")}

    plain, answer = (one("checkpoint", flow("Drop", message_info=text, rule="7")) for text in ("x", lure))
    assert but(answer) == but(plain)
    assert answer["message"] == lure


def test_a_line_cut_in_a_value_is_read_as_far_as_it_goes() -> None:
    answer = one("checkpoint", flow("Drop", message_info="cut in the mid").removesuffix('"]'))
    assert (answer["text_quality"], answer["message"], answer["verdict"]) == ("cut", "cut in the mid", "deny")


def test_suppressed_logs_are_counted() -> None:
    answer = one("checkpoint", flow("Drop", suppressed_logs="6"))
    assert (answer["event_count"], answer["count_quality"]) == (6, "aggregated")


def test_a_login_behind_a_name_is_the_user() -> None:
    assert one("checkpoint", flow("Accept", src_user_name="田中 太郎 (tanaka)"))["user"] == "tanaka"


def test_what_lea_calls_otherwise_is_found() -> None:
    line = (
        'time="1795136400" action="ctl" orig="198.51.100.1" i/f_dir="inbound" log_type="system" log_sequence_num="7" '
        'origin_sic_name="CN=log,O=example" log_sys_message="Log file has been switched to: a.log"'
    )
    answer = one("checkpoint", line)
    assert (answer["sequence"], answer["message"]) == (7, "Log file has been switched to: a.log")


def test_a_failed_negotiation_says_why() -> None:
    line = (
        '[action:"Reject"; ifdir:"inbound"; ifname:"daemon"; loguid:"{0x0}"; origin:"198.51.100.1"; src:"203.0.113.9"; '
        'dst:"198.51.100.1"; ike::"Main Mode Failed to match proposal"; reject_category:"IKE failure"; '
        'vpn_feature_name:"IKE"; ]'
    )
    assert one("checkpoint", line)["message"] == "Main Mode Failed to match proposal"
