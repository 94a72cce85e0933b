"""What an ASA means by its messages: who began, what was decided, what a client can't forge, and every form of header."""

from __future__ import annotations

import pytest

from parsers import format_called
from tests.parsers.making import alone, one, parse_all

HEAD = "<166>Nov 20 2026 09:00:00 fw01 : "
_A, _B = "198.51.100.7/40001", "10.1.20.15/443"
_BUILT = "connection 1 for outside:198.51.100.7/40001 (198.51.100.7/40001) to inside:10.1.20.15/443 (203.0.113.9/443)"
_TORN = (
    "%ASA-6-302014: Teardown TCP connection 1 for outside:198.51.100.7/40001 to inside:10.1.20.15/443 duration 0:00:30"
)
_IKE = "Group = g, Username = u, IP = 198.51.100.7, "

DECISIONS: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    (f"%ASA-6-302013: Built inbound TCP {_BUILT}", ("allow", None, "forward")),
    (f"%ASA-6-302015: Built outbound UDP {_BUILT}", ("allow", None, "forward")),
    (f"%ASA-6-302015: Built inbound UDP {_BUILT}".replace("inside", "identity"), ("allow", None, "local_in")),
    (f"%ASA-6-302015: Built outbound UDP {_BUILT}".replace("inside", "identity"), ("allow", None, "local_out")),
    (f"{_TORN} bytes 10 TCP FINs", ("allow", "established", "forward")),
    (f"{_TORN} bytes 0 TCP FINs", ("allow", "established", "forward")),
    (f"{_TORN} bytes 0 SYN Timeout", ("allow", "attempted", "forward")),
    (f"{_TORN} bytes 0 TCP Reset-O", ("allow", None, "forward")),
    (f"{_TORN} bytes 10 Flow closed by inspection", ("deny", "blocked_later", "forward")),
    (f"{_TORN} bytes 10 Flow terminated by IPS", ("deny", "blocked_later", "forward")),
    (f"{_TORN.replace('TCP', 'UDP').replace('302014', '302016')} bytes 148", ("allow", None, "forward")),
    (f"%ASA-6-305011: Built dynamic TCP translation from inside:{_B} to outside:203.0.113.9/443", (None, None, None)),
    (f'%ASA-4-106023: Deny tcp src outside:{_A} dst inside:{_B} by access-group "a" [0x0, 0x0]', ("deny", None, "forward")),
    ("%ASA-6-106100: access-list a permitted tcp i/10.1.1.1(5) -> o/198.51.100.7(80) hit-cnt 1 first hit [0x0, 0x0]",
     ("allow", None, "forward")),
    ("%ASA-6-106100: access-list a denied tcp i/10.1.1.1(5) -> o/198.51.100.7(80) hit-cnt 9 300-second interval [0x0, 0x0]",
     ("deny", None, "forward")),
    (f"%ASA-2-106001: Inbound TCP connection denied from {_A} to {_B} flags SYN  on interface outside", ("deny", None, "forward")),
    (f"%ASA-2-106007: Deny inbound UDP from {_A} to {_B} due to DNS Response", ("deny", None, "out_of_state")),
    (f"%ASA-2-106007: Deny inbound UDP from {_A} to {_B} due to DNS Query", ("deny", None, "forward")),
    (f"%ASA-6-106015: Deny TCP (no connection) from {_A} to {_B} flags RST  on interface outside", ("deny", None, "out_of_state")),
    ("%ASA-4-313004: Denied ICMP type=0, from laddr 10.1.1.1 on interface i to 10.1.2.2: no matching session",
     ("deny", None, "out_of_state")),
    ("%ASA-3-313001: Denied ICMP type=8, code=0 from 198.51.100.7 on interface outside", ("deny", None, "local_in")),
    (f"%ASA-3-710003: TCP access denied by ACL from {_A} to outside:{_B}", ("deny", None, "local_in")),
    (f"%ASA-6-710002: TCP access permitted from {_A} to outside:{_B}", ("allow", None, "local_in")),
    (f"%ASA-7-710005: UDP request discarded from {_A} to outside:{_B}", ("deny", None, "local_in")),
    (f'%ASA-6-605004: Login denied from {_A} to outside:10.1.0.1/ssh for user "x"', ("deny", "failure", "local_in")),
    (f'%ASA-6-605005: Login permitted from {_A} to outside:10.1.0.1/ssh for user "x"', ("allow", "success", "local_in")),
    ("%ASA-6-611102: User authentication failed: IP address: 198.51.100.7, Uname: x", ("deny", "failure", "local_in")),
    (f"%ASA-5-713120: {_IKE}PHASE 2 COMPLETED (msgid=1)", (None, None, None)),
    ("%ASA-5-111008: User 'admin' executed the 'write memory' command.", (None, None, None)),
    (f"%ASA-4-420002: IPS requested to drop TCP packet from inside:{_B} to outside:{_A}", ("deny", "blocked_later", None)),
    (f"%ASA-3-421001: TCP flow from inside:{_B} to outside:{_A} is dropped because application has failed", ("deny", None, None)),
    (f"%ASA-3-421007: TCP flow from inside:{_B} to outside:{_A} is skipped because application has failed", (None, None, None)),
    (f"%ASA-6-201010: Embryonic connection limit exceeded 9/9 for input packet from {_A} to {_B} on interface o",
     ("deny", None, None)),
    (f"%ASA-6-201012: Per-client embryonic connection limit exceeded 9/9 for input packet from {_A} to {_B} on interface o",
     (None, None, None)),
    ("%ASA-4-209005: Discard IP fragment set with more than 24 elements:  src = 198.51.100.7, dest = 10.1.1.1, proto = UDP, id = 1",
     ("deny", None, None)),
    ("%ASA-4-400023: IPS:2150 Fragmented ICMP Traffic from 198.51.100.7 to 10.1.1.1 on interface o", (None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("way", "source", "hop_in"), [("inbound", "198.51.100.7", "outside"), ("outbound", "10.1.20.15", "inside")]
)
def test_who_began_stands_first_only_in_an_inbound_connection(way: str, source: str, hop_in: str) -> None:
    found = one("cisco_asa", f"{HEAD}%ASA-6-302013: Built {way} TCP {_BUILT}")
    assert (found["src_ip"], found["direction"], found["in_interface"]) == (source, way, hop_in)
    assert found["session_id"] == "1"
    inner = "nat_dst_ip" if way == "inbound" else "nat_src_ip"
    assert found[inner] == "203.0.113.9"
    assert {"nat_src_ip", "nat_dst_ip"} & set(found) == {inner}


def test_a_teardown_names_the_connection_its_length_bytes_and_reason_but_not_who_began() -> None:
    found = one("cisco_asa", f"{HEAD}{_TORN} bytes 4711 TCP Reset-I from inside (LOCAL\\sato)")
    assert (found["session_id"], found["duration_ms"], found["direction"]) == ("1", 30_000, "unknown")
    assert found["message"] == "bytes 4711 TCP Reset-I from inside"
    assert (found["src_ip"], found["user"], found["user_domain"]) == ("198.51.100.7", "sato", "LOCAL")
    assert not {"bytes_in", "bytes_out"} & set(found)


@pytest.mark.parametrize(
    ("hits", "count", "quality"),
    [("1 first hit", 1, "exact"), ("1 300-second interval", 1, "aggregated"), ("57 300-second interval", 57, "aggregated")],
)  # fmt: skip
def test_hits_are_counted(hits: str, count: int, quality: str) -> None:
    line = f"access-list a denied udp i/2001:db8::1(5) -> o/198.51.100.7(80) hit-cnt {hits} [0x0, 0x0]"
    found = one("cisco_asa", f"{HEAD}%ASA-6-106100: {line}")
    assert (found["event_count"], found["count_quality"], found["src_ip"]) == (count, quality, "2001:db8::1")


@pytest.mark.parametrize(
    ("line", "device", "quality"),
    [
        ("%ASA-6-", None, "received"),
        ("<166>Nov 20 2026 09:00:00: %ASA-6-", None, "zone_assumed"),
        ("<166>:Nov 20 09:00:00 JST: %ASA-6-", None, "year_inferred"),
        ("Nov 20 2026 09:00:00 JST: %ASA-6-", None, "exact"),
        ("Nov 20 2026 09:00:00 EDT: %ASA-6-", None, "zone_assumed"),
        ("Nov 20 2026 09:00:00 EDT fw01 : %ASA-6-", "fw01", "zone_assumed"),
        ("<166>Nov 20 2026 09:00:00 fw01: %ASA-session-6-", "fw01", "zone_assumed"),
        ("<166>2026-11-20T00:00:00Z fw01 : %FTD-6-", "fw01", "exact"),
        ("<166>2026-11-20T00:00:00Z: %FTD-6-", None, "exact"),
        ("Nov 20 2026 09:00:00 fw01 CiscoASA[99]: %ASA-6-", "fw01", "zone_assumed"),
        ("<166>Nov 20 11:11:11 192.0.2.250 Nov 20 2026 09:00:00 fw01 : %ASA-6-", "fw01", "zone_assumed"),
        ("<166>Nov 20 11:11:11 192.0.2.250 Nov 20 2026 09:00:00: %FWSM-6-", "192.0.2.250", "zone_assumed"),
        ("<166><166>Nov 20 2026 09:00:00 fw01 : %ASA-6-", "fw01", "zone_assumed"),
        ("132 <166>Nov 20 2026 09:00:00 fw01 : %ASA-6-", "fw01", "zone_assumed"),
        ("Nov 20 11:11:11 relay <166>Nov 20 2026 09:00:00: %ASA-6-", "relay", "zone_assumed"),
        ("<166>Nov 20 2026 09:00:00 2001:db8::fe : %PIX-6-", "2001:db8::fe", "zone_assumed"),
    ],
)
def test_the_head_of_a_line(line: str, device: str | None, quality: str) -> None:
    found = one("cisco_asa", f"{line}302013: Built inbound TCP {_BUILT}")
    assert (found.get("device"), found["time_quality"], found["event_code"]) == (device, quality, "302013")
    assert (found["src_ip"], found["severity"]) == ("198.51.100.7", "6")
    if quality != "received":
        assert f"{found['event_time']:%F %T}" == "2026-11-20 00:00:00"


@pytest.mark.parametrize(
    ("message", "operation"),
    [
        ("1-106101: Number of cached deny-flows for ACL log has reached limit (4096)", "log_loss"),
        ("3-414003: TCP Syslog Server inside:10.1.0.30/1470 not responding. New connections are denied based on", "log_loss"),
        ("6-414004: TCP Syslog Server inside:10.1.0.30/1470 - Connection restored", "logging"),
        ("6-414008: New connections are now allowed due to change of logging permit-hostdown policy.", "logging"),
        ("4-711004: Task ran for 120 msec, Process = a, PC = 0, Call stack = 0x0", None),
    ],
)  # fmt: skip
def test_a_log_server_that_is_back_and_a_busy_processor_lose_no_lines(message: str, operation: str | None) -> None:
    assert one("cisco_asa", f"{HEAD}%ASA-{message}").get("operation") == operation


def test_an_address_of_an_unknown_message_is_whole_or_left_out() -> None:
    found = one(
        "cisco_asa", f"{HEAD}%ASA-5-999998: Blocks from inside:10.1.1.1 to outside:203.0.113.5/1024-1535 are gone."
    )
    assert (found["src_ip"], found["dst_ip"]) == ("10.1.1.1", "203.0.113.5")
    assert not {"dst_host", "dst_port"} & set(found)


def test_an_unknown_message_keeps_its_id_severity_and_text() -> None:
    found = one(
        "cisco_asa", f"{HEAD}%ASA-5-999998: Something from inside:10.1.1.1/5 (x) to dmz:10.2.2.2/6, nobody knows"
    )
    assert (found["class"], found["event_code"], found["severity"]) == ("system", "999998", "5")
    assert found["message"].startswith("Something from ")
    assert (found["src_ip"], found["src_port"], found["dst_ip"], found["out_interface"]) == (
        "10.1.1.1",
        5,
        "10.2.2.2",
        "dmz",
    )
    twice = one("cisco_asa", f"{HEAD}%ASA-5-999998: Mail from 10.6.6.6 to 10.7.7.7 from 10.1.1.1 to 10.2.2.2")
    assert not {"src_ip", "dst_ip"} & set(twice)


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("716039: Group <g> User <x> IP <10.66.66.66> y> IP <198.51.100.7> Authentication: rejected, Session Type: WebVPN.",
         {"src_ip": "198.51.100.7", "outcome": "failure"}),
        (("113005: AAA user authentication Rejected : reason = no : server = 10.1.0.2 : user = x : user IP = 10.66.66.66 : "
         "user IP = 198.51.100.7"), {"src_ip": "198.51.100.7", "dst_ip": "10.1.0.2"}),
        (("605004: Login denied from 198.51.100.7/5 to o:10.1.0.1/ssh for user \"x\" from 10.66.66.66/1 to o:10.6.6.6/ssh for "
         'user "y"'), {"src_ip": "198.51.100.7", "dst_ip": "10.1.0.1"}),
        (("109006: Authentication failed for user 'x' from 10.66.66.66/1 to 10.6.6.6/2 on interface z' from 198.51.100.7/5 to "
         "10.1.1.1/80 on interface outside"), {"src_ip": "198.51.100.7", "dst_ip": "10.1.1.1", "in_interface": "outside"}),
        (("109034: Authentication failed for network user x from 10.66.66.66/1 to 10.6.6.6/2. Interactive from 198.51.100.7/5 to "
          "10.1.1.1/21. Interactive challenge processing is not supported for FTP connections"),
         {"src_ip": "198.51.100.7", "dst_ip": "10.1.1.1"}),
        (("303004: FTP X, terminating connection from a:10.66.66.66/1 to b:10.6.6.6/2 command unsupported - failed strict "
          "inspection, terminating connection from inside:198.51.100.7/5 to outside:10.1.1.1/21"),
         {"src_ip": "198.51.100.7", "dst_ip": "10.1.1.1"}),
        ("304002: Access denied URL http://a.example.lg.jp/ SRC 10.66.66.66 DEST 10.6.6.6 SRC 10.1.1.1 DEST 198.51.100.7",
         {"src_ip": "10.1.1.1", "dst_ip": "198.51.100.7"}),
        ("611102: User authentication failed: IP address: 198.51.100.7, Uname: x, IP address: 10.66.66.66, Uname: y",
         {"src_ip": "198.51.100.7"}),
    ],
)  # fmt: skip
def test_a_user_or_url_cannot_bring_an_address_of_its_own(message: str, wanted: dict[str, str]) -> None:
    found = one("cisco_asa", f"{HEAD}%ASA-6-{message}")
    assert {key: found[key] for key in wanted} == wanted


_EVENT = (
    "%FTD-1-430003: AccessControlRuleAction: Allow, SrcIP: 10.1.20.15, DstIP: 198.51.100.80, SrcPort: 57177, DstPort: 80, "
    "Protocol: tcp, AccessControlRuleName: 庁内, 全部, User: EXAMPLE\\sato, UserAgent: {}, Client: Web browser, "
    "InitiatorPackets: 6, ResponderPackets: 4, InitiatorBytes: 503, ResponderBytes: 690, URL: http://www.example.lg.jp/"
)


@pytest.mark.parametrize(("action", "verdict"), [("Allow", "allow"), ("Block with reset", "deny")])
def test_a_connection_of_ftd_is_a_connection_whatever_it_asked_for(action: str, verdict: str) -> None:
    found = one("cisco_asa", HEAD + _EVENT.format("curl/8.5").replace("Allow", action))
    assert (found["class"], found["verdict"], found["dst_ip"]) == ("network", verdict, "198.51.100.80")
    assert (found["outcome"], found["rule"], found["user"]) == ("established", "庁内, 全部", "sato")
    assert (found["bytes_out"], found["bytes_in"]) == (503, 690)
    assert (found["url"], found["url_host"]) == ("http://www.example.lg.jp/", "www.example.lg.jp")


def test_a_connection_of_ftd_tells_the_name_that_was_asked_for() -> None:
    asked = (
        "ApplicationProtocol: DNS, DNSQuery: WWW.example.lg.jp, DNSRecordType: IP6 Address, DNSResponseType: No error"
    )
    found = one("cisco_asa", HEAD + _EVENT.format("-").replace("URL: http://www.example.lg.jp/", asked))
    assert (found["class"], found["qname"], found["qtype"]) == ("network", "www.example.lg.jp", "AAAA")


def test_a_client_of_ftd_cannot_write_a_key() -> None:
    agent = "x, SrcIP: 10.66.66.66, AccessControlRuleAction: Block, User: root, InitiatorBytes: 9"
    found = one("cisco_asa", HEAD + _EVENT.format(agent))
    assert (found["src_ip"], found["verdict"], found["user"], found["bytes_in"]) == ("10.1.20.15", "allow", "sato", 690)
    assert "bytes_out" not in found


def test_a_message_in_other_words_says_the_same_among_others_as_alone() -> None:
    lines = [f"{HEAD}{line}" for line, _ in DECISIONS]
    ids = sorted({line.split(":")[0] for line, _ in DECISIONS})
    lines += [f"{HEAD}{front}: in other words, from 10.1.1.1/5 to 10.2.2.2/6" for front in ids]
    data = "".join(f"{line}\n" for line in lines).encode()
    together = parse_all(format_called("cisco_asa"), data)
    apart = alone(format_called("cisco_asa"), data.splitlines())
    strip = [{k: v for k, v in answer.items() if k not in ("line", "offset")} for answer in together]
    assert [{k: v for k, v in answer.items() if k not in ("line", "offset")} for answer in apart] == strip
    assert all(answer["src_ip"] == "10.1.1.1" for answer in together[-len(ids) :])


@pytest.mark.parametrize("line", ["%ASA-6-30201: x", "100% of ASA-6-302013: x", "a %ASA-6-302013: x: y", "%ASA-6-"])
def test_what_has_no_id_at_its_head_is_refused(line: str) -> None:
    assert ("refused" in one("cisco_asa", line)) is (line[0] != "a")
