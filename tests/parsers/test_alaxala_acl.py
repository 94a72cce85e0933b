"""ALAXALA: what an access list dropped, in its frame and out of it, and the switch's other messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.parsers.making import decided
from tests.parsers.making import one as answer

_FRAME = "2026/11/20 10:00:01 JST 1-1(A) S6 ACLLOG 2d000004 00 000000000000 "
_DENY = ("deny", None, None)


def one(line: str) -> dict[str, Any]:
    return answer("alaxala_acl", line)


def told(message: str) -> tuple[Any, ...]:
    row = one(_FRAME + message)
    names = ("protocol", "src_ip", "src_port", "in_interface", "dst_ip", "dst_port", "event_count")
    return tuple(row.get(name) for name in names)


MESSAGES = {
    "denied:6 10.0.0.1(1024)(VLAN0010) -> 10.0.0.2(80), 3": ("tcp", "10.0.0.1", 1024, "VLAN0010", "10.0.0.2", 80, 3),
    "denied:(4095)tcp 10.0.0.1(1024)(Ethernet1/1) -> 10.0.0.2(80), 1 packet": ("tcp", "10.0.0.1", 1024, "Ethernet1/1", "10.0.0.2", 80, 1),
    "denied:udp 10.0.0.1(1024) -> 10.0.0.2(53), 2 packets": ("udp", "10.0.0.1", 1024, None, "10.0.0.2", 53, 2),
    "denied:6 10.0.0.1(1024) -> 10.0.0.2(80), 3": ("tcp", "10.0.0.1", 1024, None, "10.0.0.2", 80, 3),
    "denied:(100)17 10.0.0.1(53)(geth1/1) -> 10.0.0.2(1024), 1": ("udp", "10.0.0.1", 53, "geth1/1", "10.0.0.2", 1024, 1),
    "denied:1 10.0.0.1(VLAN0010) -> 10.0.0.2, 1": ("icmp", "10.0.0.1", None, "VLAN0010", "10.0.0.2", None, 1),
    "denied:1 10.0.0.1 -> 10.0.0.2, 1": ("icmp", "10.0.0.1", None, None, "10.0.0.2", None, 1),
    "denied:89 10.0.0.1 -> 224.0.0.5, 9": ("ospf", "10.0.0.1", None, None, "224.0.0.5", None, 9),
    "denied:6 2001:db8::1(1024)(VLAN1) -> 2001:db8::2(80), 3": ("tcp", "2001:db8::1", 1024, "VLAN1", "2001:db8::2", 80, 3),
    "denied:58 fe80::1%VLAN1(VLAN1) -> ff02::1, 2": ("ipv6-icmp", "fe80::1", None, "VLAN1", "ff02::1", None, 2),
    "denied:6 10.0.0.1(1024)(if)] -> ...": ("tcp", "10.0.0.1", 1024, "if", None, None, 1),
}  # fmt: skip

DECISIONS = [
    *((_FRAME + message, _DENY) for message in MESSAGES),
    *((f"<190>Nov 20 10:00:01 ax {message}", _DENY) for message in MESSAGES),
    ("denied:0200.5e20.0011(0x0800)(geth1/3) -> 0200.5e10.0002, 5", _DENY),
    ("denied:0200.5e20.0011(0x0806) -> ffff.ffff.ffff, 1", _DENY),
    ("2026/11/20 10:00:07 JST 1-2(S) S4 PORT GigabitEthernet1/3 25000001 00 000000000000 link down", (None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), DECISIONS, ids=[line[-60:] for line, _ in DECISIONS])
def test_an_access_list_that_logs_has_dropped(line: str, expected: tuple[Any, ...]) -> None:
    assert decided("alaxala_acl", line) == expected


@pytest.mark.parametrize("message", MESSAGES)
def test_a_value_in_brackets_is_a_port_or_an_interface(message: str) -> None:
    assert told(message) == MESSAGES[message]


def test_a_line_counts_its_packets() -> None:
    row = one(_FRAME + "denied:6 10.0.0.1(1024) -> 10.0.0.2(80), 12")
    assert (row["event_count"], row["count_quality"], row["event_code"], row["severity"]) == (
        12,
        "aggregated",
        "2d000004",
        "S6",
    )
    assert one(_FRAME + "denied:6 10.0.0.1(1024) -> 10.0.0.2(80), 1")["count_quality"] == "exact"


@pytest.mark.parametrize(
    ("front", "device"),
    [
        (_FRAME, None),
        (f"Nov 20 10:00:02 ax-honcho {_FRAME}", "ax-honcho"),
        ("<190>Nov 20 10:00:01 ax-honcho ", "ax-honcho"),
        ("<190>2026/11/20 10:00:01 JST 1-1(A) S6 ACLLOG 2d000004 00 000000000000 ", None),
        ("2026/11/20 01:00:01 UTC 1-1(A) S6 ACLLOG 2d000004 00 000000000000 ", None),
    ],
)
def test_any_header_and_the_frame_s_own_time(front: str, device: str | None) -> None:
    row = one(front + "denied:6 10.0.0.1(1024) -> 10.0.0.2(80), 1")
    assert (row["event_time"], row.get("device"), row["dst_port"]) == (datetime(2026, 11, 20, 1, 0, 1), device, 80)


def test_layer_2_has_hardware_addresses() -> None:
    row = one(_FRAME + "denied:0200.5e20.0011(0x0800)(geth1/3) -> 0200.5e10.0002, 5")
    assert (row["src_mac"], row["dst_mac"]) == ("02:00:5e:20:00:11", "02:00:5e:10:00:02")
    assert (row["app"], row["in_interface"], row["event_count"]) == ("0x0800", "geth1/3", 5)
    assert "src_ip" not in row


@pytest.mark.parametrize("protocol", ["17", "(4095)udp"])
def test_a_line_cut_anywhere_says_nothing_wrong(protocol: str) -> None:
    line = f"denied:{protocol} 10.16.4.42(50122)(VLAN0010) -> 203.0.113.80(445), 3"
    whole = one(_FRAME + line)
    for end in range(1, len(line)):
        row = one(_FRAME + line[:end])
        for name in ("protocol", "src_ip", "src_port", "dst_ip", "dst_port", "src_host", "dst_host"):
            assert row.get(name) in (None, whole.get(name)), line[:end]
        assert row.get("verdict") in (None, "deny")


def test_other_messages_are_the_switch_s_own() -> None:
    row = one(
        "2026/11/20 10:00:07 JST 1-2(S) S4 PORT GigabitEthernet1/3 25000001 00 000000000000 リンクがダウンしました。"
    )
    assert (row["class"], row["operation"], row["object"]) == ("system", "port", "GigabitEthernet1/3")
    assert (row["event_code"], row["severity"], row["message"]) == ("25000001", "S4", "リンクがダウンしました。")
    row = one("Nov 20 10:00:01 ax sshd[3]: denied:6 of nothing")
    assert (row["class"], row["message"]) == ("system", "denied:6 of nothing")
