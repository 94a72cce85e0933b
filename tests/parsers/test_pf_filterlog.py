"""pf: filterlog's values of IPv4 and IPv6, tcpdump's words, and the daemons of pfSense and OPNsense."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.parsers.making import decided
from tests.parsers.making import one as answer

_HEAD = "<134>Nov 20 10:00:01 filterlog[72237]: "


def one(line: str) -> dict[str, Any]:
    return answer("pf_filterlog", line)


def four(rest: str, *, number: int = 6, action: str = "block", reason: str = "match", way: str = "in") -> str:
    name = {6: "tcp", 17: "udp", 1: "icmp", 112: "carp"}.get(number, "x")
    front = f"146,,,1535324496,igb1.12,{reason},{action},{way},4,0x0,,63,12617,0,DF,{number},{name},60"
    return f"{_HEAD}{front},10.16.4.42,203.0.113.80{rest}"


def six(rest: str, *, number: int = 6) -> str:
    front = f"6,,,1000000105,igb1,match,block,in,6,0x00,0xf6279,1,X,{number},32"
    return f"{_HEAD}{front},2001:db8::1,2001:db8:80::5{rest}"


def tcp(flags: str, **changes: Any) -> str:
    return four(f",49724,443,0,{flags},1891286705,,64240,,mss;sackOK", **changes)


def printed(rest: str, action: str = "block") -> str:
    return f"rule 5/0(match): {action} in on em0: {rest}"


DECISIONS = [
    (tcp("S"), ("deny", None, None)),
    (tcp("SEC"), ("deny", None, None)),
    (tcp("A"), ("deny", None, "out_of_state")),
    (tcp("FA"), ("deny", None, "out_of_state")),
    (tcp("RA"), ("deny", None, "out_of_state")),
    (tcp("PA"), ("deny", None, "out_of_state")),
    (tcp("SA"), ("deny", None, "out_of_state")),
    (tcp("R"), ("deny", None, "out_of_state")),
    (tcp("A", action="pass"), ("allow", None, None)),
    (tcp("A", action="pass", reason="state-mismatch"), ("allow", None, "out_of_state")),
    (tcp("S", action="synproxy-drop"), ("deny", None, None)),
    (tcp("S", action="rdr"), (None, None, None)),
    (tcp("S", action="nat"), (None, None, None)),
    (tcp("S", action="scrub"), (None, None, None)),
    (four(",123,123,56", number=17), ("deny", None, None)),
    (four(",request,37728,164", number=1, action="pass"), ("allow", None, None)),
    (six(",546,547,32", number=17), ("deny", None, None)),
    (six(",443,51022,0,RA,1,2,3,,"), ("deny", None, "out_of_state")),
    (printed("192.0.2.5.51000 > 192.0.2.1.80: Flags [S], seq 1"), ("deny", None, None)),
    (printed("192.0.2.5.80 > 192.0.2.1.51000: Flags [S.], seq 1"), ("deny", None, "out_of_state")),
    (printed("192.0.2.5.80 > 192.0.2.1.51000: S 1:1(0) ack 2 win 3"), ("deny", None, "out_of_state")),
    (printed("192.0.2.5.51000 > 192.0.2.1.80: S 1:1(0) win 3"), ("deny", None, None)),
    (printed("192.0.2.5.80 > 192.0.2.1.51000: . ack 2 win 3"), ("deny", None, "out_of_state")),
    (printed("192.0.2.5.80 > 192.0.2.1.51000: Flags [.], ack 2", "pass"), ("allow", None, None)),
    ("Nov 20 10:00:01 openvpn[1]: user 'kanri' authenticated", ("allow", "success", None)),
    ("Nov 20 10:00:01 openvpn[1]: user 'kanri' could not authenticate.", ("deny", "failure", None)),
    ("Nov 20 10:00:01 php-fpm[1]: /index.php: User logged out for user 'a' from: 10.0.0.1", (None, None, None)),
    ("Nov 20 10:00:01 fw sshd[1]: Failed password for root from 198.51.100.9 port 4 ssh2", ("deny", "failure", None)),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS, ids=[line[-48:] for line, _ in DECISIONS])
def test_the_action_decides_and_the_flags_tell_what_answers(line: str, expected: tuple[Any, ...]) -> None:
    assert decided("pf_filterlog", line) == expected


def ends(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in ("src_ip", "src_port", "dst_ip", "dst_port"))


@pytest.mark.parametrize("line", [tcp("S"), six(",49724,443,0,S,1,,2,,mss"), four(",123,123,56", number=17)])
def test_a_line_cut_anywhere_says_nothing_wrong(line: str) -> None:
    whole = one(line)
    for end in range(len(_HEAD) + 1, len(line)):
        row = one(line[:end])
        assert row["class"] in ("network", "system")
        assert all(found in (None, right) for found, right in zip(ends(row), ends(whole), strict=True)), line[:end]
        if row["class"] == "network" and None in ends(row):
            assert row["text_quality"] == "cut"


def test_a_fragment_is_no_cut_line() -> None:
    row = one(four("", number=17).replace("12617,0,DF", "12617,1480,none"))
    assert (ends(row), row["text_quality"]) == (("10.16.4.42", None, "203.0.113.80", None), "clean")


@pytest.mark.parametrize(
    ("line", "protocol", "app"),
    [
        (four(",request,1,2", number=1), "icmp", "request"),
        (four(",unreachport,198.51.100.23,UDP,5336", number=1), "icmp", "unreachport"),
        (four(",datalength=40,unreach,port-unr,,,", number=1), "icmp", "unreach port-unr"),
        (six(",datalength=32,neighbrsol,,,,", number=58), "ipv6-icmp", "neighbrsol"),
        (four(",advertise,255,2,2,0,1", number=112), "vrrp", "carp"),
        (four(",datalength=8", number=2), "igmp", None),
        (six(",HBH,PADN,RTALERT,0x0000,", number=0), "hopopt", None),
        (printed("192.0.2.5 > 192.0.2.1: ICMP echo request, id 1, seq 1"), "icmp", "echo request"),
        (printed("192.0.2.5 > 192.0.2.1: icmp: echo request"), "icmp", "echo request"),
        (printed("fe80::1 > ff02::16: HBH ICMP6, multicast listener report v2, 2 group"), "ipv6-icmp", "multicast listener report v2"),
        (printed("10.0.0.1.53 > 10.0.0.2.4000: 9340+ A? www.example.lg.jp. (35)"), "udp", None),
        (printed("10.0.0.1 > 10.0.0.2: GREv0, length 4"), "gre", None),
        (printed("10.0.0.1 > 224.0.0.18: CARPv2-advertise 36: vhid=1"), "vrrp", "carp"),
        (printed("(tos 0x0, ttl 4, flags [DF], proto SCTP (132), length 40) 10.0.0.1.5 > 10.0.0.2.6: sctp"), "sctp", None),
    ],
)  # fmt: skip
def test_protocols_are_keywords_and_icmp_has_its_type(line: str, protocol: str, app: str | None) -> None:
    row = one(line)
    assert (row["protocol"], row.get("app")) == (protocol, app)
    if protocol not in ("udp", "sctp"):
        assert not {"src_port", "dst_port"} & set(row)


def test_the_rule_is_its_tracker_or_label_and_else_its_number() -> None:
    assert one(tcp("S"))["rule"] == "1535324496"
    assert one(tcp("S").replace(",1535324496,", ",0,"))["rule"] == "146"
    assert one(tcp("S").replace(",1535324496,", ",4d1c5b7a,"))["rule"] == "4d1c5b7a"
    assert one(printed("10.0.0.1 > 10.0.0.2: GREv0").replace("5/0", "3.users.12/0"))["rule"] == "3.users.12"


def test_the_way_names_one_interface() -> None:
    assert one(tcp("S"))["in_interface"] == "igb1.12"
    row = one(tcp("S", way="out"))
    assert row["out_interface"] == "igb1.12"
    assert not {"in_interface", "direction"} & set(row)


@pytest.mark.parametrize(
    ("front", "when"),
    [
        ("Nov 20 10:01:01.013365 ", datetime(2026, 11, 20, 1, 1, 1, 13365)),
        ("2026-11-20 10:01:03.123456 ", datetime(2026, 11, 20, 1, 1, 3, 123456)),
        ("1795136464.126272 ", datetime(2026, 11, 20, 1, 1, 4, 126272)),
        ("Nov 20 10:01:06 gw pf: 00:00:00.000001 ", datetime(2026, 11, 20, 1, 1, 6)),
    ],
)
def test_tcpdump_s_clocks(front: str, when: datetime) -> None:
    row = one(front + printed("192.0.2.5.51000 > 192.0.2.1.80: Flags [S], seq 1"))
    assert row["event_time"] == when
    assert ends(row) == ("192.0.2.5", 51000, "192.0.2.1", 80)
    assert row.get("device") == ("gw" if "gw" in front else None)


LEASES = [
    ("dhcpd: DHCPACK on 10.16.4.56 to 02:00:5e:20:00:11 (pc01) via igb1", ("10.16.4.56", "02:00:5e:20:00:11", "pc01")),
    ("dhcpd: DHCPACK on 10.16.4.56 to 02:00:5e:20:00:11 via igb1", ("10.16.4.56", "02:00:5e:20:00:11", None)),
    ("dhcpd: DHCPACK on 10.16.4.56 to 02:00:5e:20:00:11 (a) via b) via igb1", ("10.16.4.56", "02:00:5e:20:00:11", "a) via b")),
    ("dhcpd: DHCPRELEASE of 10.16.4.56 from 02:00:5e:20:00:11 (pc01) via igb1 (found)", ("10.16.4.56", "02:00:5e:20:00:11", "pc01")),
    ("dhcpd: DHCPACK to 10.16.4.56 (02:00:5e:20:00:11) via igb1", ("10.16.4.56", "02:00:5e:20:00:11", None)),
    ("dnsmasq-dhcp: DHCPACK(igb1) 10.16.4.56 02:00:5e:20:00:11 pc01", ("10.16.4.56", "02:00:5e:20:00:11", "pc01")),
    ("kea-dhcp4: INFO  [kea-dhcp4.leases.0x1] DHCP4_LEASE_ALLOC [hwtype=1 02:00:5e:20:00:11], tid=0x1: lease 10.16.4.56 has", ("10.16.4.56", "02:00:5e:20:00:11", None)),
    ("kea-dhcp4: INFO  [kea-dhcp4.leases] DHCP4_RELEASE [hwtype=1 02:00:5e:20:00:11], tid=0x1: address 10.16.4.56 was released properly.", ("10.16.4.56", "02:00:5e:20:00:11", None)),
]  # fmt: skip


@pytest.mark.parametrize(("message", "lent"), LEASES, ids=[m[:40] for m, _ in LEASES])
def test_leases(message: str, lent: tuple[Any, ...]) -> None:
    row = one(f"Nov 20 10:00:01 fw {message}")
    assert row["class"] == "dhcp"
    assert tuple(row.get(name) for name in ("lease_ip", "lease_mac", "lease_name")) == lent


def test_a_client_cannot_name_another_address() -> None:
    row = one(
        "Nov 20 10:00:01 fw sshd[1]: Failed password for invalid user x from 192.0.2.1 port 9 ssh2 from 198.51.100.9 port 4 ssh2"
    )
    assert (row["src_ip"], row["src_port"]) == ("198.51.100.9", 4)
    row = one(
        "Nov 20 10:00:01 php-fpm[1]: /index.php: webConfigurator authentication error for user 'x' from: 192.0.2.1' from: 198.51.100.9"
    )
    assert (row["src_ip"], row["user"]) == ("198.51.100.9", "x' from: 192.0.2.1")
    row = one(f"Nov 20 10:00:01 fw nginx: {tcp('S').removeprefix(_HEAD)}")
    assert row["class"] == "system"
    assert not {"src_ip", "verdict"} & set(row)


@pytest.mark.parametrize("front", ["fw syslogd: ", "syslogd: ", "fw "])
def test_repeated_messages_count(front: str) -> None:
    row = one(f"Nov 20 10:00:01 {front}last message repeated 7 times")
    assert (row["class"], row["operation"]) == ("system", "repeated")
    assert (row["event_count"], row["count_quality"]) == (7, "aggregated")


def test_what_the_firewall_tells_of_itself() -> None:
    row = one("Nov 20 10:00:01 fw kernel: arp: 10.16.4.42 moved from 02:00:5e:20:00:11 to 02:00:5e:20:00:12 on igb1")
    assert (row["operation"], row["object"], row["new"]) == ("arp", "10.16.4.42", "02:00:5e:20:00:12")
    row = one(
        "Nov 20 10:00:01 fw audit[1]: user root@10.16.0.50 changed configuration to /conf/backup/a.xml in /x.php made changes"
    )
    assert (row["operation"], row["user"], row["src_ip"]) == ("config_change", "root", "10.16.0.50")
    row = one("Nov 20 10:00:01 fw openvpn[1]: kanri/198.51.100.149:37849 MULTI_sva: pool returned IPv4=10.8.0.2")
    assert (row["operation"], row["user"], row["src_ip"]) == ("vpn", "kanri", "198.51.100.149")
