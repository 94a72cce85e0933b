"""UNIVERGE IX: the shape that is told of its filter log, and that of packets no filter matched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from parsers import format_called
from tests.parsers.making import decided
from tests.parsers.making import one as answer

_HEAD = "<190>Nov 20 10:00:01 ix-kensho "
_PACKET = "tcp 198.51.100.9:40001 > 203.0.113.4:23, match deny-all, GigaEthernet0.0 in"
_DENY = ("deny", None, None)


def one(line: str) -> dict[str, Any]:
    return answer("nec_ix", line)


PACKETS = (
    _PACKET,
    "udp 10.16.4.42:137 > 10.24.4.255:137, match deny-all, GigaEthernet1.0 in",
    "icmp 198.51.100.23 > 203.0.113.4, match deny-all, GigaEthernet0.0 in",
    "tcp 10.16.4.42:50122 > 203.0.113.6:6667, match out-1, GigaEthernet0.0 out",
    "tcp 2001:db8:4::42 > 2001:db8:80::1, match v6, GigaEthernet0.0 in",
    "tcp [2001:db8:4::42]:1024 > [2001:db8:80::1]:443, match v6, Tunnel0.0 out",
    "gre 198.51.100.23 > 203.0.113.4, match deny-all, GigaEthernet0.0 in",
    "udp 198.51.100.100:500 > 203.0.113.4:500, not match any filters, GigaEthernet0.1 in",
    "icmp 10.16.4.42 > 10.24.4.254, no match, BVI20 out",
)
DECISIONS = [
    *((f"{_HEAD}FLT.043: BLOCK {packet}", _DENY) for packet in PACKETS),
    *((f"FLT.043: BLOCK {packet}", _DENY) for packet in PACKETS),
    *((f"{_HEAD}FLT.044: PASS {packet}", ("allow", None, None)) for packet in PACKETS[:4]),
    (f"{_HEAD}FLT.045: COUNT {_PACKET}", (None, None, None)),
    (f"{_HEAD}SYS.001: System started", (None, None, None)),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS, ids=[line[-70:] for line, _ in DECISIONS])
def test_the_word_decides(line: str, expected: tuple[Any, ...]) -> None:
    assert decided("nec_ix", line) == expected


def test_the_format_says_that_it_is_unverified() -> None:
    assert "unverified" in format_called("nec_ix").title


@pytest.mark.parametrize(
    ("packet", "there"),
    [
        (PACKETS[0], ("tcp", "198.51.100.9", 40001, "203.0.113.4", 23, "deny-all", "GigaEthernet0.0", None)),
        (PACKETS[2], ("icmp", "198.51.100.23", None, "203.0.113.4", None, "deny-all", "GigaEthernet0.0", None)),
        (PACKETS[3], ("tcp", "10.16.4.42", 50122, "203.0.113.6", 6667, "out-1", None, "GigaEthernet0.0")),
        (PACKETS[4], ("tcp", "2001:db8:4::42", None, "2001:db8:80::1", None, "v6", "GigaEthernet0.0", None)),
        (PACKETS[5], ("tcp", "2001:db8:4::42", 1024, "2001:db8:80::1", 443, "v6", None, "Tunnel0.0")),
        (PACKETS[7], ("udp", "198.51.100.100", 500, "203.0.113.4", 500, None, "GigaEthernet0.1", None)),
        (PACKETS[8], ("icmp", "10.16.4.42", None, "10.24.4.254", None, None, None, "BVI20")),
    ],
)
def test_ends_list_and_interface(packet: str, there: tuple[Any, ...]) -> None:
    row = one(f"{_HEAD}FLT.043: BLOCK {packet}")
    names = ("protocol", "src_ip", "src_port", "dst_ip", "dst_port", "rule", "in_interface", "out_interface")
    assert tuple(row.get(name) for name in names) == there
    assert (row["device"], row["event_code"]) == ("ix-kensho", "FLT.043")


@pytest.mark.parametrize("front", ["", "<190>", _HEAD])
def test_the_router_s_own_time(front: str) -> None:
    row = one(f"{front}2026/11/20 10:00:08 FLT.008: BLOCK {PACKETS[7]}")
    assert (row["event_time"], row["verdict"]) == (datetime(2026, 11, 20, 1, 0, 8), "deny")
    assert (row["text_quality"], row["message"], row["dst_port"]) == ("clean", "not match any filters", 500)


@pytest.mark.parametrize("packet", [_PACKET, PACKETS[7]])
def test_a_line_cut_anywhere_says_nothing_wrong(packet: str) -> None:
    line = f"{_HEAD}FLT.043: BLOCK {packet}"
    whole = one(line)
    for end in range(len(_HEAD) + 1, len(line)):
        row = one(line[:end])
        for name in ("protocol", "src_ip", "src_port", "dst_ip", "dst_port", "rule", "in_interface", "src_host"):
            assert row.get(name) in (None, whole.get(name)), line[:end]
        if row["class"] == "network":
            assert row["text_quality"] == "cut"


def test_another_program_s_line_is_kept_by_its_header() -> None:
    row = one(f"{_HEAD}sshd[1]: FLT.043: BLOCK {_PACKET}")
    assert row["class"] == "system"
    assert not {"src_ip", "verdict"} & set(row)
