"""YAMAHA routers: what their words mean, with and without a header, whole and cut short."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.parsers.making import one as answer


def one(line: str) -> dict[str, Any]:
    return answer("yamaha_rtx", line)


def ends(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in ("src_ip", "src_port", "dst_ip", "dst_port"))


SESSION = "TCP 192.168.1.73:54791 > 203.0.113.13:443 (2026/10/06 18:52:57)"
PACKET = "TCP 198.51.100.9:1024 > 203.0.113.1:23"

# message, class, verdict, action, outcome, rule, in_interface, out_interface
MEANINGS = [
    (f"[INSPECT] LAN2[out][101098] {SESSION}", "network", "allow", "INSPECT", None, "101098", None, "LAN2"),
    (f"[INSPECT] LAN1[in][33] {SESSION}", "network", "allow", "INSPECT", None, "33", "LAN1", None),
    (f"[INSPECT] PP[01][out][101] {SESSION}", "network", "allow", "INSPECT", None, "101", None, "PP[01]"),
    (f"[INSPECT] TUNNEL[1][out][300] {SESSION}", "network", "allow", "INSPECT", None, "300", None, "TUNNEL[1]"),
    (f"PP[01] Rejected at IN(2000) filter: {PACKET}", "network", "deny", "Rejected", None, "2000", "PP[01]", None),
    (f"PP[01] Rejected at IN(default) filter: {PACKET}", "network", "deny", "Rejected", None, "default", "PP[01]", None),
    (f"LAN2 Rejected at OUT(200099) filter: {PACKET}", "network", "deny", "Rejected", None, "200099", None, "LAN2"),
    (f"LAN2 Passed at OUT(100) filter: {PACKET}", "network", "allow", "Passed", None, "100", None, "LAN2"),
    (f"LAN1/1 Passed at IN(100) filter: {PACKET}", "network", "allow", "Passed", None, "100", "LAN1/1", None),
    ("LAN1(port3) Rejected at IN(10) filter: 02:00:5e:10:00:01 > ff:ff:ff:ff:ff:ff IP", "network", "deny", "Rejected", None, "10", "LAN1", None),
    ("PP[01] Rejected at OUT(default) filter: UDP 192.168.1.1:10395 >", "network", "deny", "Rejected", None, "default", None, "PP[01]"),
    ("[NAT(1):PP01] Bound TCP 203.0.113.5.60001 <-> 192.168.0.2.1234 ==> 198.51.100.1.80", "network", None, "Bound", None, "1", None, "PP[01]"),
    ("[INSPECT] PP[01][in] SYN flood 198.51.100.9 > 203.0.113.1", "finding", None, "INSPECT", None, None, "PP[01]", None),
    ("[INSPECT] LAN2[in] TCP SYN and FIN 198.51.100.9:1 > 203.0.113.1:80 (reject)", "finding", "deny", "INSPECT", None, None, "LAN2", None),
    ("[INSPECT] LAN2[out] Winny 10.16.4.77:49152 > 198.51.100.216:7743", "finding", None, "INSPECT", None, None, None, "LAN2"),
    ("Login succeeded for TELNET: 10.16.0.50", "authentication", "allow", "succeeded", "success", None, None, None),
    ("Login failed for SSH: 10.16.4.42 admin", "authentication", "deny", "failed", "failure", None, None, None),
    ("'administrator' succeeded for HTTP: 10.16.0.50 kanri", "authentication", "allow", "succeeded", "success", None, None, None),
    ("'administrator' failed for Serial", "authentication", "deny", "failed", "failure", None, None, None),
    ("Logout from TELNET: 10.16.0.50", "authentication", None, "Logout", None, None, None, None),
    ("[DHCPD] LAN1(port10) Allocates 192.168.1.27: 02:00:5e:20:00:01", "dhcp", None, "Allocates", None, None, "LAN1", None),
    ("[IKE] initiate ISAKMP phase to 203.0.113.2 (local address 192.168.1.1)", "system", None, "initiate", None, None, None, None),
    ("IP Tunnel[1] Up", "system", None, None, None, None, None, None),
    ("same message repeated 3 times", "system", None, None, None, None, None, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("message", "event_class", "verdict", "action", "outcome", "rule", "inward", "outward"),
    MEANINGS,
    ids=[m[0][:60] for m in MEANINGS],
)
def test_verdicts_follow_the_router_s_own_words(
    message: str, event_class: str, verdict: str | None, action: str | None, outcome: str | None,
    rule: str | None, inward: str | None, outward: str | None,
) -> None:  # fmt: skip
    row = one(f"<189>{message}")
    names = ("class", "verdict", "action", "outcome", "rule", "in_interface", "out_interface")
    assert tuple(row.get(name) for name in names) == (event_class, verdict, action, outcome, rule, inward, outward)
    assert "path" not in row


HEADERS = [
    ("<189>", "received", None),
    ("<13> ", "received", None),
    ("2026/10/06 18:54:52: ", "zone_assumed", None),
    ("Oct  6 18:54:52 192.0.2.1  ", "year_inferred", "192.0.2.1"),
    ("Oct  6 18:54:52 rtx-soumu ", "year_inferred", "rtx-soumu"),
    ("Oct  6 18:54:52 192.0.2.1 2026/10/06 18:54:52: ", "zone_assumed", "192.0.2.1"),
    ("2026-10-06T18:54:52+09:00 rtx-soumu ", "exact", "rtx-soumu"),
    ("<189>1 2026-10-06T18:54:52+09:00 rtx-soumu - - - - ", "exact", "rtx-soumu"),
]


@pytest.mark.parametrize(("header", "quality", "device"), HEADERS, ids=[h[0] or "none" for h in HEADERS])
def test_any_header_or_none(header: str, quality: str, device: str | None) -> None:
    for message, there in (
        (f"[INSPECT] LAN2[out][101098] {SESSION}", ("192.168.1.73", 54791, "203.0.113.13", 443)),
        (f"PP[01] Rejected at IN(2000) filter: {PACKET}", ("198.51.100.9", 1024, "203.0.113.1", 23)),
    ):
        row = one(header + message)
        assert (ends(row), row["time_quality"], row.get("device")) == (there, quality, device)
        if quality != "received":
            assert row["event_time"] == datetime(2026, 10, 6, 9, 54, 52)


def test_a_message_right_behind_the_time_is_no_host() -> None:
    row = one(f"Oct  6 18:54:52 PP[01] Rejected at IN(2000) filter: {PACKET}")
    assert (row["verdict"], row["in_interface"], row["dst_port"]) == ("deny", "PP[01]", 23)
    assert "device" not in row
    row = one("Oct  6 18:54:52 LAN2 something new")
    assert (row["event_time"], row["message"]) == (datetime(2026, 10, 6, 9, 54, 52), "something new")
    assert "device" not in row


def test_the_time_in_brackets_is_when_the_session_began() -> None:
    row = one(f"2026/10/06 18:54:52: [INSPECT] LAN2[out][101098] {SESSION}")
    assert row["start_time"] == datetime(2026, 10, 6, 9, 52, 57)
    assert row["event_time"] == datetime(2026, 10, 6, 9, 54, 52)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("TCP 2001:db8:80::5.443 > 2001:db8:4::42.56609", ("2001:db8:80::5", 443, "2001:db8:4::42", 56609)),
        ("UDP fe80::1%1.546 > ff02::1:2.547", ("fe80::1", 546, "ff02::1:2", 547)),
        ("ICMP 198.51.100.202 > 203.0.113.1 : echo request", ("198.51.100.202", None, "203.0.113.1", None)),
        ("ICMPv6 fe80::1 > ff02::1 : router advertisement", ("fe80::1", None, "ff02::1", None)),
        ("GRE 198.51.100.203 > 203.0.113.1", ("198.51.100.203", None, "203.0.113.1", None)),
        ("TCP 10.0.0.1:1025 > 10.0.0.2:netbios_ssn", ("10.0.0.1", 1025, "10.0.0.2", 139)),
        ("UDP 10.0.0.1:68 > 255.255.255.255:67", ("10.0.0.1", 68, "255.255.255.255", 67)),
        ("UDP 192.168.1.1:10395 >", ("192.168.1.1", 10395, None, None)),
        ("UDP 192.168.1.1:10395", (None, None, None, None)),
        ("TCP 192.168.1.1:10395 > 203.0.1", ("192.168.1.1", 10395, None, None)),
    ],
)
def test_ends_of_packets(text: str, there: tuple[Any, ...]) -> None:
    row = one(f"<189>LAN2 Rejected at IN(11) filter: {text}")
    assert ends(row) == there
    assert (row["text_quality"] == "cut") == (there[2] is None)


@pytest.mark.parametrize(
    ("word", "protocol"), [("GRE", "gre"), ("50", "esp"), ("ICMPv6", "ipv6-icmp"), ("2", "igmp"), ("IGMP", "igmp")]
)
def test_protocols_are_keywords(word: str, protocol: str) -> None:
    assert one(f"<189>LAN2 Rejected at IN(1) filter: {word} 198.51.100.1 > 203.0.113.1")["protocol"] == protocol


def test_icmp_words_are_the_application() -> None:
    assert (
        one("<189>LAN2 Rejected at IN(1) filter: ICMP 198.51.100.1 > 203.0.113.1 : echo request")["app"]
        == "echo request"
    )


WHOLE = (
    ("[INSPECT] LAN2[out][101098] TCP 192.168.1.73:54791 > 203.0.113.13:443 (2026/10/06 08:52:57)", "allow"),
    ("[INSPECT] PP[01][out][101] UDP 2001:db8::1.5479 > 2001:db8::2.443 (2026/10/06 08:52:57)", "allow"),
    ("PP[01] Rejected at IN(default) filter: UDP 198.51.100.201:500 > 203.0.113.1:500", "deny"),
)


@pytest.mark.parametrize(("line", "verdict"), WHOLE, ids=[w[0][:20] for w in WHOLE])
def test_a_line_cut_anywhere_says_nothing_wrong(line: str, verdict: str) -> None:
    """`192.168.1.7` may be the beginning of `192.168.1.73`; and half a session is no attack."""
    whole = one(f"<189>{line}")
    for end in range(line.index("]" if "INSPECT" in line else " ") + 1, len(line) - 3):
        row = one(f"<189>{line[:end]}")
        assert row["class"] in ("network", "system"), line[:end]
        assert row.get("verdict") in (None, verdict), line[:end]
        for name in ("src_ip", "src_port", "dst_ip"):
            assert row.get(name) in (None, whole[name]), line[:end]


@pytest.mark.parametrize(
    ("text", "signature", "category"),
    [
        ("LAN2[out] Winny 10.16.4.77:49152 > 198.51.100.216:7743", "Winny", "app"),
        ("LAN2[out] Share: TCP 10.16.4.77:49152 > 198.51.100.216:7743 (2026/10/06 13:00:07)", "Share", "app"),
        ("PP[01][in] port scan: 198.51.100.211:40000 > 203.0.113.1:23", "port scan", "ips"),
        ("PP[01][in] UDP bomb UDP 198.51.100.211:53 > 203.0.113.1:53", "UDP bomb", "ips"),
        ("LAN2[in] TCP FIN and no ACK 198.51.100.9:1 > 203.0.113.1:80", "TCP FIN and no ACK", "ips"),
    ],
)
def test_what_the_router_detected_is_a_finding_with_its_name(text: str, signature: str, category: str) -> None:
    row = one(f"<189>[INSPECT] {text}")
    assert (row["class"], row["signature"], row["finding_category"]) == ("finding", signature, category)
    assert row["message"] == f"[INSPECT] {text}"
    assert {"src_ip", "dst_ip"} <= set(row)


def test_a_repetition_counts_for_itself() -> None:
    row = one("<189>same message repeated 27 times")
    assert (row["event_count"], row["count_quality"], row["class"]) == (27, "aggregated", "system")


def test_a_translation_has_three_ends() -> None:
    row = one("<190>[NAT(1000):LAN2] Released UDP 172.16.20.3.44249 <-> 192.168.20.254.10708 ==> 198.51.100.1.53")
    assert ends(row) == ("192.168.20.254", 10708, "198.51.100.1", 53)
    assert (row["nat_src_ip"], row["nat_src_port"], row["rule"]) == ("172.16.20.3", 44249, "1000")


def test_an_ethernet_filter_has_hardware_addresses_and_the_port() -> None:
    row = one("<189>LAN1(port5) Rejected at IN(10) filter: 02:00:5E:10:00:02 > 33:33:00:00:00:01 IP6")
    assert (row["src_mac"], row["dst_mac"], row["app"], row["message"]) == (
        "02:00:5e:10:00:02", "33:33:00:00:00:01", "IP6", "LAN1(port5)",
    )  # fmt: skip


def test_a_lease_has_address_hardware_address_and_name() -> None:
    row = one("<190>[DHCPD] LAN1(port2) Allocates 192.168.1.28: 02:00:5e:20:00:04 (総務課PC)")
    assert (row["lease_ip"], row["lease_mac"], row["lease_name"]) == ("192.168.1.28", "02:00:5e:20:00:04", "総務課PC")


@pytest.mark.parametrize(
    ("text", "operation", "thing", "new"),
    [
        ("IP Tunnel[3] Down", "tunnel", "TUNNEL[3]", "down"),
        ("LAN1: PORT4 link up (1000BASE-T Full Duplex)", "link", "LAN1: PORT4", "up"),
        ("LAN2: link down", "link", "LAN2", "down"),
        ("PPPOE[01] PPPoE Connect", "link", "PPPOE[01]", "up"),
        ("PPPOE[02] Disconnected, cause [PPP: Authentication failed]", "link", "PPPOE[02]", "down"),
        ("PP[01] PPP/IPCP up  (Local: 203.0.113.1, Remote: 203.0.113.254)", "link", "PP[01]", "up"),
        ('Configuration saved in "CONFIG0" by HTTP(192.168.1.200)', "config_save", "CONFIG0", None),
        ("RTX1300 Rev.23.00.12 (Wed Aug 10 11:40:27 2026) starts", "reboot", "RTX1300", "Rev.23.00.12"),
        ("Restart by restart command", "reboot", None, None),
        ("[IKE][1] DPD: send R-U-THERE", "vpn", None, None),
        ("[LUA] Lua script function was enabled.", "script", None, None),
    ],
)
def test_the_router_s_own_state(text: str, operation: str, thing: str | None, new: str | None) -> None:
    row = one(f"<190>{text}")
    assert (row["class"], row["operation"], row.get("object"), row.get("new")) == ("system", operation, thing, new)


@pytest.mark.parametrize("mark", ["2026/10/06 01:42:39: ", "<190>", "Oct  6 01:42:39 192.0.2.1 "])
def test_an_unknown_message_of_a_router_is_kept(mark: str) -> None:
    row = one(f"{mark}something new: c0 21 01 01")
    assert (row["class"], row["message"]) == ("system", "something new: c0 21 01 01")


def test_what_no_router_wrote_is_refused() -> None:
    assert one("once upon a time")["refused"] == "not a message of a YAMAHA router"
