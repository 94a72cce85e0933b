"""Shapes of lines that makers and their users have published, each with what a person reads in it.

For formats of which no log of real lines is at hand: the shapes are those of manuals, FAQs and articles, the values
are our own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.parsers.making import one

V6 = "2001:db8:4::42"
ALLOW, DENY = "allow", "deny"

YAMAHA: dict[str, dict[str, Any]] = {
    "<13> [INSPECT] LAN2[out][200102] TCP 192.168.1.73:40980 > 203.0.113.80:80 (2026/10/19 10:10:44)": {
        "class": "network", "verdict": ALLOW, "rule": "200102", "out_interface": "LAN2", "protocol": "tcp",
        "src_ip": "192.168.1.73", "src_port": 40980, "dst_ip": "203.0.113.80", "dst_port": 80,
        "start_time": datetime(2026, 10, 19, 1, 10, 44), "device": None,
    },
    "<13> [INSPECT] LAN2[out][200102] TCP xx.xx.xx.xx:40980 > xx.xx.xx.xx:80 (2026/10/19 10:10:44)": {
        "class": "network", "verdict": ALLOW, "rule": "200102", "src_ip": None, "src_port": 40980, "dst_ip": None,
        "dst_host": None, "dst_port": 80, "start_time": datetime(2026, 10, 19, 1, 10, 44),
    },
    "[INSPECT] PP[01][out][101] TCP xxx.xxx.xx.xxx:xxx > xxx.xx.xx.xxx:443 (2026/02/23 10:59:24)": {
        "class": "network", "verdict": ALLOW, "rule": "101", "out_interface": "PP[01]", "src_port": None, "dst_port": 443,
    },
    f"[INSPECT] LAN2[out][31] TCP {V6}.56609 > 2001:db8:80::1.443 (2026/09/06 12:33:02)": {
        "class": "network", "verdict": ALLOW, "src_ip": V6, "src_port": 56609, "dst_ip": "2001:db8:80::1", "dst_port": 443,
    },
    "[INSPECT] LAN2[out][31] TCP <v6>.56609 > <v6>.443 (2026/09/06 12:33:02)": {
        "class": "network", "verdict": ALLOW, "src_ip": None, "src_port": 56609, "dst_port": 443,
    },
    "Oct  7 18:54:52 192.0.2.1  [INSPECT] LAN2[out][101098] TCP 192.168.1.73:54791 > 203.0.113.13:443 (2026/10/07 18:52:57)": {
        "device": "192.0.2.1", "event_time": datetime(2026, 10, 7, 9, 54, 52), "start_time": datetime(2026, 10, 7, 9, 52, 57),
        "src_ip": "192.168.1.73", "dst_ip": "203.0.113.13",
    },
    "PP[01] Rejected at IN(2000) filter: TCP 198.51.100.9:1024 > 203.0.113.1:23": {
        "class": "network", "verdict": DENY, "rule": "2000", "in_interface": "PP[01]", "src_ip": "198.51.100.9", "dst_port": 23,
    },
    "PP[01] Rejected at IN(2000) filter: TCP a.b.c.d:p > e.f.g.h:q": {
        "class": "network", "verdict": DENY, "protocol": "tcp", "src_ip": None, "src_port": None, "dst_ip": None,
    },
    "PP[01] Rejected at IN(2000) filter: TCP xx.xxx.xxx.xx:xxx": {
        "class": "network", "verdict": DENY, "src_ip": None, "text_quality": "cut",
    },
    "TUNNEL[1] Rejected at IN(300) filter: UDP A.B.C.D:67 > A.B.C.D:68": {
        "class": "network", "verdict": DENY, "in_interface": "TUNNEL[1]", "src_port": 67, "dst_port": 68, "src_ip": None,
    },
    "2026/10/06 12:00:00: PP[01] Rejected at IN(default) filter: UDP 198.51.100.x:10000 > 203.0.113.1:500": {
        "event_time": datetime(2026, 10, 6, 3), "verdict": DENY, "rule": "default", "src_ip": None, "src_port": 10000,
        "dst_ip": "203.0.113.1", "dst_port": 500,
    },
    "2026/04/17 16:13:36: PP[01] Rejected at OUT(default) filter: UDP 192.168.1.1:10395 >": {
        "verdict": DENY, "out_interface": "PP[01]", "src_ip": "192.168.1.1", "src_port": 10395, "dst_ip": None,
        "text_quality": "cut",
    },
    "LAN1(port4) Rejected at IN(10) filter: 02:00:5e:10:00:01 > ff:ff:ff:ff:ff:ff IP": {
        "class": "network", "verdict": DENY, "rule": "10", "in_interface": "LAN1", "src_mac": "02:00:5e:10:00:01",
        "dst_mac": "ff:ff:ff:ff:ff:ff",
    },
    "[NAT(1):PP01] Bound TCP 203.0.113.5.60001 <-> 192.168.0.2.1234 ==> 198.51.100.1.80": {
        "class": "network", "verdict": None, "nat_src_ip": "203.0.113.5", "nat_src_port": 60001, "src_ip": "192.168.0.2",
        "src_port": 1234, "dst_ip": "198.51.100.1", "dst_port": 80,
    },
    "[DHCPD] LAN1(port10) Allocates 192.168.1.27: 02:00:5e:20:00:01": {
        "class": "dhcp", "lease_ip": "192.168.1.27", "lease_mac": "02:00:5e:20:00:01", "in_interface": "LAN1",
    },
    "[IKE] initiate ISAKMP phase to 203.0.113.2 (local address 192.168.1.1)": {
        "class": "system", "operation": "vpn", "src_ip": "192.168.1.1", "dst_ip": "203.0.113.2",
    },
    "PPPOE[01] Disconnected, cause [PPP: Authentication failed]": {
        "class": "system", "operation": "link", "object": "PPPOE[01]", "new": "down",
    },
    "IP Tunnel[1] Up": {"class": "system", "operation": "tunnel", "object": "TUNNEL[1]", "new": "up"},
    "same message repeated 3 times": {"class": "system", "event_count": 3, "count_quality": "aggregated"},
}  # fmt: skip

_ORIGINAL = "orig_src=192.168.1.42 orig_dst=198.51.100.80"
ALLIED_TELESIS: dict[str, dict[str, Any]] = {
    f"NEW proto=TCP {_ORIGINAL} orig_sport=55532 orig_dport=80 reply_src=198.51.100.80 reply_dst=203.0.113.4 "
    "reply_sport=80 reply_dport=61532": {
        "class": "network", "verdict": ALLOW, "action": "NEW", "protocol": "tcp", "src_ip": "192.168.1.42",
        "src_port": 55532, "dst_ip": "198.51.100.80", "dst_port": 80, "nat_src_ip": "203.0.113.4", "nat_src_port": 61532,
        "nat_dst_ip": None,
    },
    f"END proto=TCP {_ORIGINAL} orig_sport=55532 orig_dport=80 orig_pkts=7 orig_bytes=522 reply_src=198.51.100.80 "
    "reply_dst=192.168.1.42 reply_sport=80 reply_dport=55532 reply_pkts=4 reply_bytes=811": {
        "verdict": ALLOW, "outcome": "established", "packets_out": 7, "bytes_out": 522, "packets_in": 4, "bytes_in": 811,
        "nat_src_ip": None,
    },
    f"END proto=ICMP {_ORIGINAL} orig_pkts=2 orig_bytes=168 reply_src=198.51.100.80 reply_dst=192.168.1.42 reply_pkts=2 "
    "reply_bytes=168": {"protocol": "icmp", "src_ip": "192.168.1.42", "dst_ip": "198.51.100.80", "bytes_in": 168},
    "2026 Nov 17 02:48:01 kern.info awplus kernel: Firewall rule 20: DENY IN=vlan1 OUT=eth1 SRC=192.168.1.42 "
    "DST=198.51.100.80 MARK=0x0 PROTO=TCP SPT=1024 DPT=25": {
        "class": "network", "verdict": DENY, "rule": "20", "src_ip": "192.168.1.42", "dst_port": 25, "path": "forward",
        "event_time": datetime(2026, 11, 16, 17, 48, 1), "device": "awplus",
    },
    "2026 Nov 17 02:48:19 local5.info awplus IPS[2015]: [Alert] IPREP: DDoSAttacker: IPREP DDoS Source [icmp] "
    "198.51.100.92 -> 203.0.113.4": {
        "class": "finding", "verdict": None, "signature": "DDoSAttacker: IPREP DDoS Source", "src_ip": "198.51.100.92",
    },
    "2026 Nov 17 02:33:59 local5.info awplus IPS[1913]: [Drop] MALWARE: File with known bad MD5 detected (ITW) "
    "URL:http:/[198.51.100.92]/data/md5/sample [http] 198.51.100.92:80 -> 192.168.1.42:60820": {
        "class": "finding", "verdict": DENY, "signature": "File with known bad MD5 detected (ITW)",
        "url": "http:/[198.51.100.92]/data/md5/sample", "src_ip": "192.168.1.42", "dst_ip": "198.51.100.92", "dst_port": 80,
    },
    "2026 Nov 17 02:02:21 local5.info awplus IPS[2039]: [Drop] URLFILTER: URL:http://warui.example.lg.jp/ [http] "
    "192.168.1.1:58272 -> 198.51.100.2:80": {
        "class": "finding", "verdict": DENY, "finding_category": "webfilter", "url_host": "warui.example.lg.jp",
    },
    "2026 Apr 12 03:47:21 local5.info awplus IPS[3885]: [Http] URL:http://198.51.100.2/ 192.168.1.1:53698 -> 198.51.100.2:80": {
        "class": "http", "verdict": ALLOW, "url_path": "/", "src_port": 53698, "dst_ip": "198.51.100.2",
    },
}  # fmt: skip

ALAXALA: dict[str, dict[str, Any]] = {
    "denied:6 192.0.2.1(1024)(VLAN0010) -> 198.51.100.1(80), 3": {
        "class": "network", "verdict": DENY, "protocol": "tcp", "src_ip": "192.0.2.1", "src_port": 1024,
        "in_interface": "VLAN0010", "dst_ip": "198.51.100.1", "dst_port": 80, "event_count": 3, "count_quality": "aggregated",
    },
    "denied:(100)17 192.0.2.1(53) -> 198.51.100.1(1024), 1": {"protocol": "udp", "src_port": 53, "event_count": 1},
    f"denied:58 {V6}(VLAN0010) -> 2001:db8:80::1, 2": {"protocol": "ipv6-icmp", "src_ip": V6, "in_interface": "VLAN0010"},
    "denied:0200.5e20.0011(0x0800)(VLAN0010) -> 0200.5e10.0002, 5": {
        "verdict": DENY, "src_mac": "02:00:5e:20:00:11", "dst_mac": "02:00:5e:10:00:02", "event_count": 5,
    },
    "denied:6 192.0.2.1(1024)(if)] -> ...": {
        "verdict": DENY, "src_ip": "192.0.2.1", "src_port": 1024, "in_interface": "if", "dst_ip": None, "text_quality": "cut",
    },
}  # fmt: skip

NEC: dict[str, dict[str, Any]] = {
    "FLT.043: BLOCK tcp 198.51.100.9:1024 > 203.0.113.4:23, match deny-all, GigaEthernet0.0 in": {
        "class": "network", "verdict": DENY, "event_code": "FLT.043", "rule": "deny-all", "in_interface": "GigaEthernet0.0",
        "src_ip": "198.51.100.9", "src_port": 1024, "dst_ip": "203.0.113.4", "dst_port": 23, "protocol": "tcp",
    },
}  # fmt: skip

NETFILTER: dict[str, dict[str, Any]] = {
    "IN=eth0 OUT= MAC=02:00:5e:10:00:01:02:00:5e:20:00:09:08:00 SRC=198.51.100.9 DST=203.0.113.4 LEN=40 PROTO=TCP "
    "SPT=1024 DPT=23": {
        "class": "network", "verdict": None, "path": "local_in", "in_interface": "eth0", "src_mac": "02:00:5e:20:00:09",
        "dst_mac": "02:00:5e:10:00:01", "src_ip": "198.51.100.9", "src_port": 1024, "dst_port": 23,
    },
}  # fmt: skip

PUBLISHED = [
    (name, line, expected)
    for name, lines in {
        "yamaha_rtx": YAMAHA, "allied_telesis": ALLIED_TELESIS, "alaxala_acl": ALAXALA, "nec_ix": NEC,
        "linux_netfilter": NETFILTER,
    }.items()
    for line, expected in lines.items()
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "line", "expected"), PUBLISHED, ids=[f"{name}-{line[:70]}" for name, line, _ in PUBLISHED]
)
def test_a_published_shape_reads_as_a_person_reads_it(name: str, line: str, expected: dict[str, Any]) -> None:
    row = one(name, line)
    assert {key: row.get(key) for key in expected} == expected
