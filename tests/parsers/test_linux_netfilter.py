"""netfilter: what a prefix says, which way a packet went, and lines that lost an end."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from tests.parsers.making import decided
from tests.parsers.making import one as answer

_HEAD = "Nov 20 10:01:05 fw-soumu kernel: "
_ENDS = "SRC=10.16.4.43 DST=203.0.113.80 LEN=52 TOS=0x00 PREC=0x00 TTL=63 ID=901 DF"
_SYN = f"{_ENDS} PROTO=TCP SPT=51022 DPT=443 WINDOW=2853 RES=0x00 SYN URGP=0"


def one(line: str) -> dict[str, Any]:
    return answer("linux_netfilter", line)


def flagged(flags: str) -> str:
    return f"DROP IN=eth1 OUT=eth0 {_ENDS} PROTO=TCP SPT=443 DPT=51022 WINDOW=2853 RES=0x00 {flags}URGP=0"


FORWARD, LOCAL_IN, LOCAL_OUT = f"IN=eth1 OUT=eth0 {_SYN}", f"IN=eth1 OUT= {_SYN}", f"IN= OUT=eth0 {_SYN}"
DECISIONS = [
    (_HEAD + message, expected)
    for message, expected in (
        (f"[UFW BLOCK] {LOCAL_IN}", ("deny", None, "local_in")),
        (f"[UFW LIMIT BLOCK] {LOCAL_IN}", ("deny", None, "local_in")),
        (f"[UFW ALLOW] {LOCAL_OUT}", ("allow", None, "local_out")),
        (f"[UFW AUDIT] {FORWARD}", (None, None, "forward")),
        (f"[UFW AUDIT INVALID] {FORWARD}", (None, None, "out_of_state")),
        (f"[WAN_IN-2000-A]{FORWARD}", ("allow", None, "forward")),
        (f"[WAN_IN-2000-D]{FORWARD}", ("deny", None, "forward")),
        (f"[WAN_IN-default-R]{FORWARD}", ("deny", None, "forward")),
        (f"[BLOCK_GUESTS-A-2147483647] {FORWARD}", ("allow", None, "forward")),
        (f"[LAN_LOCAL-RET-10] {LOCAL_IN}", (None, None, "local_in")),
        (f"[PREROUTING-DNAT-3] {LOCAL_IN}", (None, None, None)),
        (f'DESCR="[WAN_LOCAL]Block All Traffic" {LOCAL_IN}', ("deny", None, "local_in")),
        (f"filter_IN_public_REJECT: {LOCAL_IN}", ("deny", None, "local_in")),
        (f"STATE_INVALID_DROP: {FORWARD}", ("deny", None, "out_of_state")),
        (f"nft-Dropped: {FORWARD}", ("deny", None, "forward")),
        (f"DROP{FORWARD}", ("deny", None, "forward")),
        (f"INPUT denied: {LOCAL_IN}", ("deny", None, "local_in")),
        (f"accepted {FORWARD}", ("allow", None, "forward")),
        (f"allowlist {FORWARD}", (None, None, "forward")),
        (f"ACCEPT or DROP {FORWARD}", (None, None, "forward")),
        (f"CHAIN=INPUT fwlog {LOCAL_IN}", (None, None, "local_in")),
        (f"Shorewall:net2fw:DROP:{LOCAL_IN}", ("deny", None, "local_in")),
        (f"Firewall: *TCP_IN Blocked* {LOCAL_IN}", ("deny", None, "local_in")),
        (f"reject wan in: {LOCAL_IN}", ("deny", None, "local_in")),
        (f"[ipv4-NAM-WAN_LOCAL-default-D]{LOCAL_IN}", ("deny", None, "local_in")),
        (FORWARD, (None, None, "forward")),
        (flagged("ACK "), ("deny", None, "out_of_state")),
        (flagged("ACK SYN "), ("deny", None, "out_of_state")),
        (flagged("RST "), ("deny", None, "out_of_state")),
        (flagged(""), ("deny", None, "out_of_state")),
        (flagged("ECE CWR SYN "), ("deny", None, "forward")),
        (flagged("ACK ").replace("DROP", "ACCEPT"), ("allow", None, "forward")),
        ("IPv4: martian source 10.16.4.255 from 198.51.100.99, on dev eth0", ("deny", None, None)),
        ("net_ratelimit: 12 callbacks suppressed", (None, None, None)),
    )
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS, ids=[line.removeprefix(_HEAD)[:40] for line, _ in DECISIONS])
def test_the_verdict_is_the_prefix_s_and_the_path_the_packet_s(line: str, expected: tuple[Any, ...]) -> None:
    assert decided("linux_netfilter", line) == expected


@pytest.mark.parametrize(
    ("front", "device", "rule"),
    [
        (_HEAD + "DENY: ", "fw-soumu", "DENY"),
        ("Nov 20 10:01:05 DENY: ", None, "DENY"),
        ("Nov 20 10:01:05 DROP ", None, "DROP"),
        ("Nov 20 10:01:05 fw-soumu DENY: ", "fw-soumu", "DENY"),
        ("Nov 20 10:01:05 fw-soumu ulogd[12]: DENY ", "fw-soumu", "DENY"),
        (_HEAD + "[16571.459614] DROP ", "fw-soumu", "DROP"),
        (_HEAD + "[  307.757925] ", "fw-soumu", None),
        ("Nov 20 10:01:05 gw user.info kernel: DROP ", "gw", "DROP"),
        ("<4>[  307.757925] DROP ", None, "DROP"),
        ("DROP ", None, "DROP"),
    ],
)
def test_any_header_and_the_kernel_s_own_stamp(front: str, device: str | None, rule: str | None) -> None:
    row = one(front + FORWARD)
    assert (row.get("device"), row.get("rule"), row["dst_port"]) == (device, rule, 443)


def test_the_packet_within_an_icmp_error_is_another_flow_s() -> None:
    inner = "[SRC=203.0.113.80 DST=198.51.100.191 LEN=60 TTL=54 ID=0 DF PROTO=UDP SPT=21458 DPT=62936 LEN=40 ]"
    row = one(f"{_HEAD}DROP IN=eth0 OUT= {_ENDS} PROTO=ICMP TYPE=3 CODE=3 {inner}")
    assert (row["src_ip"], row["dst_ip"], row["protocol"]) == ("10.16.4.43", "203.0.113.80", "icmp")
    assert row["app"] == "TYPE=3 CODE=3"
    assert not {"src_port", "dst_port"} & set(row)


@pytest.mark.parametrize(
    ("mac", "src", "dst"),
    [
        ("MAC=02:00:5e:10:00:01:02:00:5e:20:00:09:08:00 ", "02:00:5e:20:00:09", "02:00:5e:10:00:01"),
        ("MAC=02:00:5e:10:00:01:02:00:5e:20:00:09:86:dd:60:00 ", "02:00:5e:20:00:09", "02:00:5e:10:00:01"),
        ("MACSRC=02:00:5e:20:00:09 MACDST=02:00:5e:10:00:01 MACPROTO=0800 ", "02:00:5e:20:00:09", "02:00:5e:10:00:01"),
        ("MAC=45:00:00:34 TUNNEL=192.0.2.1->192.0.2.2 ", None, None),
        ("MAC= ", None, None),
    ],
)
def test_mac_holds_destination_source_and_type(mac: str, src: str | None, dst: str | None) -> None:
    row = one(f"{_HEAD}DROP IN=eth0 OUT= {mac}{_SYN}")
    assert (row.get("src_mac"), row.get("dst_mac")) == (src, dst)


WHOLE = one(f"{_HEAD}DROP IN=eth1 OUT=eth0 {_SYN}")


@pytest.mark.parametrize("end", range(len(_HEAD) + 5, len(f"{_HEAD}DROP IN=eth1 OUT=eth0 {_SYN}")))
def test_a_line_cut_anywhere_says_nothing_wrong(end: int) -> None:
    row = one(f"{_HEAD}DROP IN=eth1 OUT=eth0 {_SYN}"[:end])
    assert row["class"] in ("network", "system")
    for name in ("src_ip", "src_port", "dst_ip", "dst_port", "in_interface", "out_interface", "verdict"):
        assert row.get(name) in (None, WHOLE[name]), name
    assert row.get("path") in (None, "forward", "out_of_state")
    if row["class"] == "network" and "dst_port" not in row:
        assert row["text_quality"] == "cut"


def test_a_line_that_lost_its_beginning_keeps_its_ports() -> None:
    row = one(
        "Nov 20 10:01:05 gw user.info kernel: TL=126 ID=4622 DF PROTO=TCP SPT=389 DPT=49209 WINDOW=8192 RES=0x00 SYN URGP=0"
    )
    assert (row["class"], row["src_port"], row["dst_port"], row["text_quality"]) == ("network", 389, 49209, "cut")
    assert not {"src_ip", "verdict", "path", "in_interface"} & set(row)


def test_a_line_that_somebody_shortened_may_end_with_its_ports() -> None:
    row = one(
        "IN=eth0 OUT= MAC=02:00:5e:10:00:01:02:00:5e:20:00:09:08:00 SRC=10.0.0.1 DST=10.0.0.2 LEN=40 PROTO=TCP SPT=1024 DPT=445"
    )
    assert (row["src_port"], row["dst_port"], row["text_quality"]) == (1024, 445, "clean")


@pytest.mark.parametrize("host", [None, "gw-bunkan"])
def test_facility_and_level_are_no_host(host: str | None) -> None:
    front = f"Nov 20 10:01:05 {host}" if host else "Fri Nov 20 10:01:05 2026"
    row = one(f"{front} kern.warn kernel: [31.5] reject wan in: {LOCAL_IN}")
    assert (row.get("device"), row["severity"], row["rule"]) == (host, "warning", "reject wan in")
    assert (row["event_time"], row["verdict"]) == (datetime(2026, 11, 20, 1, 1, 5), "deny")
    other = one(f"{front} daemon.err dnsmasq: DROP {LOCAL_IN}")
    assert (other["class"], other["severity"], "src_ip" in other) == ("system", "error", False)


def test_what_one_line_stands_for() -> None:
    row = one(f"{_HEAD}[UFW BLOCK] {LOCAL_IN}")
    assert (row["event_count"], row["count_quality"]) == (1, "lower_bound")
    row = one(f"{_HEAD}message repeated 4 times: [ [ 12.5] DROP {LOCAL_IN} ]")
    assert (row["event_count"], row["count_quality"], row["rule"], row["dst_port"]) == (4, "aggregated", "DROP", 443)
    row = one(f"{_HEAD}last message repeated 7 times")
    assert (row["class"], row["event_count"], row["count_quality"]) == ("system", 7, "aggregated")


@pytest.mark.parametrize(
    ("message", "what", "number"),
    [
        ("net_ratelimit: 23807 callbacks suppressed", "net_ratelimit", "23807"),
        ("[ 12.5] nf_log: 9 callbacks suppressed", "nf_log", "9"),
        ("imjournal: 236 messages lost due to rate-limiting", "imjournal", "236"),
        ("imuxsock lost 12 messages from pid 345 due to rate-limiting", "imuxsock", "12"),
        ("imjournal: begin to drop messages due to rate-limiting", "imjournal", None),
        ("Suppressed 917 messages from /system.slice/ulogd.service", "/system.slice/ulogd.service", "917"),
        ("Missed 1427 kernel messages", None, "1427"),
        ("/dev/kmsg buffer overrun, some messages lost.", "/dev/kmsg", None),
        ("[ 12.5] printk: 12 messages suppressed.", "printk", "12"),
    ],
)
def test_lost_lines_are_told(message: str, what: str | None, number: str | None) -> None:
    row = one(_HEAD + message)
    assert (row["class"], row["operation"]) == ("system", "log_loss")
    assert (row.get("object"), row.get("new")) == (what, number)


def test_the_kernel_s_own_findings() -> None:
    row = one(f"{_HEAD}[16581.2] IPv4: martian source 10.16.4.255 from 198.51.100.99, on dev eth0")
    assert (row["src_ip"], row["dst_ip"], row["in_interface"]) == ("198.51.100.99", "10.16.4.255", "eth0")
    assert row["action"] == "martian source"
    for text, port in (("port 443. Sending cookies.", 443), ("port [::]:80. Dropping request.", 80)):
        row = one(f"{_HEAD}TCP: request_sock_TCP: Possible SYN flooding on {text}")
        assert (row["class"], row["finding_category"], row["dst_port"]) == ("finding", "anomaly", port)
        assert row["signature"] == "Possible SYN flooding"
    assert one(f"{_HEAD}nf_conntrack: nf_conntrack: table full, dropping packet")["operation"] == "table_full"


def test_the_journal_s_entries() -> None:
    entry = {
        "__REALTIME_TIMESTAMP": "1795136523123456",
        "PRIORITY": "4",
        "_HOSTNAME": "fw",
        "MESSAGE": f"DROP {FORWARD} ",
    }
    row = one(json.dumps(entry))
    assert (row["device"], row["severity"], row["verdict"], row["path"]) == ("fw", "warning", "deny", "forward")
    assert row["event_time"] == datetime(2026, 11, 20, 1, 2, 3, 123456)
    other = one(json.dumps(entry | {"MESSAGE": "begun\nby hand", "SYSLOG_IDENTIFIER": "httpd"}))
    assert (other["class"], other["message"], other["device"]) == ("system", r"begun\x0aby hand", "fw")
    assert "refused" in one(json.dumps({"message": FORWARD}))
    assert one('{"MESSAGE":"' + FORWARD[:40])["text_quality"] == "cut"


@pytest.mark.parametrize(
    "front", ["Nov 20 10:01:05 fw sshd[1]: Invalid user ", "Nov 20 10:01:05 fw auth.info sshd[1]: Invalid user "]
)
def test_what_a_client_writes_is_no_packet(front: str) -> None:
    row = one(f"{front}DROP {FORWARD}")
    assert row["class"] == "system"
    assert not {"verdict", "src_ip"} & set(row)
    entry = {"__REALTIME_TIMESTAMP": "1795136523123456", "SYSLOG_IDENTIFIER": "sshd", "MESSAGE": f"DROP {FORWARD}"}
    assert one(json.dumps(entry))["class"] == "system"


def test_other_programs_are_kept_by_their_header() -> None:
    row = one("Nov 20 10:01:05 fw-soumu sshd[1]: Accepted publickey for kanri from 10.16.0.50 port 50000 ssh2")
    assert (row["class"], row["device"]) == ("system", "fw-soumu")
    assert not {"verdict", "src_ip"} & set(row)
