"""What IOS means by its messages: access lists that count, firewall sessions, logins, and every form of header."""

from __future__ import annotations

import pytest

from tests.parsers.making import one

HEAD = "<190>1: rt01: Nov 20 2026 09:00:00.123 JST: "
_SESSION = "initiator (10.1.1.1:5) sent {} bytes -- responder (198.51.100.80:80) sent {} bytes"
_LOGIN = "[user: admin] [Source: 10.1.1.5] [localport: 22]"

DECISIONS: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    ("%SEC-6-IPACCESSLOGP: list 1 denied tcp 10.1.1.1(5) -> 198.51.100.80(80), 1 packet", ("deny", None, None)),
    ("%SEC-6-IPACCESSLOGP: list 1 permitted tcp 10.1.1.1(5) -> 198.51.100.80(80), 7 packets", ("allow", None, None)),
    ("%SEC-6-IPACCESSLOGDP: list 1 denied icmp 10.1.1.1 -> 198.51.100.80 (8/0), 1 packet", ("deny", None, None)),
    ("%SEC-6-IPACCESSLOGNP: list 1 permitted 47 10.1.1.1 -> 198.51.100.80, 1 packet", ("allow", None, None)),
    ("%SEC-6-IPACCESSLOGS: list 1 denied 10.1.1.1 1 packet", ("deny", None, None)),
    ("%IPV6_ACL-6-ACCESSLOGP: list a/10 denied tcp 2001:db8::1(5) -> 2001:db8::2(80), 1 packet", ("deny", None, None)),
    ("%SEC-6-IPACCESSLOGRL: access-list logging rate-limited or missed 18 packets", (None, None, None)),
    (f"%FW-6-SESS_AUDIT_TRAIL: tcp session {_SESSION.format(22, 208)}", ("allow", "established", None)),
    (f"%FW-6-SESS_AUDIT_TRAIL: (target:class)-(a:b):Stop tcp session: {_SESSION.format(22, 0)}",
     ("allow", "attempted", None)),
    (("%FW-6-SESS_AUDIT_TRAIL_START: (target:class)-(a:b):Start tcp session: initiator (10.1.1.1:5) -- responder "
     "(198.51.100.80:80)"), ("allow", None, None)),
    ("%FW-6-DROP_PKT: Dropping tcp pkt 10.1.1.1:5 => 198.51.100.80:80 due to Out-Of-Order Segment", ("deny", None, None)),
    ("%FW-6-PASS_PKT: Passing tcp pkt 10.1.1.1:5 => 198.51.100.80:80 with ip ident 0", ("allow", None, None)),
    ("%FW-6-LOG_SUMMARY: 3 tcp packets were dropped from 10.1.1.1:5 => 198.51.100.80:80 (target:class)-(a:b)",
     ("deny", None, None)),
    (f"%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success {_LOGIN} at 09:00:00 JST Fri Nov 20 2026", ("allow", "success", "local_in")),
    (f"%SEC_LOGIN-4-LOGIN_FAILED: Login failed {_LOGIN} [Reason: x] at 09:00:00 JST Fri Nov 20 2026",
     ("deny", "failure", "local_in")),
    ("%SYS-6-LOGOUT: User admin has exited tty session 3(10.1.1.5)", (None, None, "local_in")),
    ("%SNMP-3-AUTHFAIL: Authentication failure for SNMP req from host 10.1.20.99", ("deny", "failure", "local_in")),
    ("%DOT1X-5-SUCCESS: Authentication succeeded for client (0050.56ab.cdef) on Interface Gi1/0/16", ("allow", "success", None)),
    ("%TCP-6-BADAUTH: No MD5 digest from 198.51.100.1:64999 to 203.0.113.1:179", ("deny", None, "local_in")),
    ("%DAEMON-3-SYSTEM_MSG: error: PAM: Authentication failure for illegal user x from 198.51.100.7 - sshd[1]",
     ("deny", "failure", "local_in")),
    ("%DAEMON-3-SYSTEM_MSG: NTP: Peer 192.0.2.123 is unreachable - ntpd[1]", (None, None, None)),
    ("%SYS-5-PRIV_AUTH_FAIL: Authentication to privilege level 15 failed by x on vty0 (10.1.1.5)", ("deny", "failure", "local_in")),
    ("%DMI-5-AUTH_PASSED: R0/0: dmiauthd: User 'x' authenticated successfully from 10.1.1.5:7540 and was authorized for netconf",
     ("allow", "success", "local_in")),
    ("%SYS-5-CONFIG_I: Configured from console by admin on vty0 (10.1.1.5)", (None, None, None)),
    ("%LINK-3-UPDOWN: Interface Gi0/1, changed state to down", (None, None, None)),
    ("%IPS-4-SIGNATURE: Sig:2004 Subsig:0 Sev:25 ICMP Echo [198.51.100.7:0 -> 10.1.20.15:0] VRF:NONE", (None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("packets", "count", "quality"), [("1 packet", 1, "exact"), ("12 packets", 12, "aggregated")])
def test_an_access_list_counts_its_packets(packets: str, count: int, quality: str) -> None:
    line = (
        f"%SEC-6-IPACCESSLOGP: list 101 denied tcp 10.1.1.1(5) (Gi0/1 0050.56ab.cdef) -> 198.51.100.80(23), {packets}"
    )
    found = one("cisco_ios", HEAD + line)
    assert (found["event_count"], found["count_quality"], found["rule"]) == (count, quality, "101")
    assert (found["in_interface"], found["src_mac"], found["dst_port"]) == ("Gi0/1", "00:50:56:ab:cd:ef", 23)


@pytest.mark.parametrize(
    ("text", "event_class"),
    [
        ("pam_aaa:Authentication failed from 198.51.100.7 - sshd[1]", "authentication"),
        ("error: PAM: Authentication failure for x from 10.66.66.66 - y from 198.51.100.7 - sshd[1]", "authentication"),
        ("ftp disabled, removing - xinetd[1]", "system"),
    ],
)
def test_only_a_login_among_the_messages_of_the_system_is_one(text: str, event_class: str) -> None:
    found = one("cisco_ios", f"2026 Nov 20 09:00:00 nx01 %DAEMON-3-SYSTEM_MSG: {text}")
    assert (found["class"], found["event_code"]) == (event_class, "DAEMON-3-SYSTEM_MSG")
    assert found.get("src_ip") == ("198.51.100.7" if event_class == "authentication" else None)


def test_what_was_not_logged_is_at_least_so_much() -> None:
    found = one("cisco_ios", f"{HEAD}%SEC-6-IPACCESSLOGRL: access-list logging rate-limited or missed 18 packets")
    assert (found["class"], found["event_count"], found["count_quality"]) == ("system", 18, "lower_bound")
    assert found["operation"] == "log_loss"


@pytest.mark.parametrize(
    ("words", "operation"),
    [("stopped - CLI initiated", "log_loss"), ("failed", "log_loss"), ("started - CLI initiated", "logging")],
)
def test_a_router_that_stops_sending_its_log_loses_it(words: str, operation: str) -> None:
    found = one("cisco_ios", f"{HEAD}%SYS-6-LOGGINGHOST_STARTSTOP: Logging to host 10.1.0.30 port 514 {words}")
    assert (found["operation"], found["new"]) == (operation, words.split(" ")[0])


def test_a_message_of_the_forwarding_plane_is_read_within_that_of_the_platform() -> None:
    inner = (
        "%FW-6-DROP_PKT: Dropping udp pkt from Gi0/0/2 10.1.1.1:5 => 198.51.100.80:6881(target:class)-(a:b) due to x"
    )
    found = one("cisco_ios", f"{HEAD}%IOSXE-6-PLATFORM: R0/0: cpp_cp: QFP:0.0 Thread:001 TS:0001380783 {inner}")
    assert (found["event_code"], found["verdict"], found["rule"], found["in_interface"]) == (
        "FW-6-DROP_PKT", "deny", "a:b", "Gi0/0/2",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("front", "device", "quality"),
    [
        ("", None, "received"),
        ("*Nov 20 09:00:00.123: ", None, "year_inferred"),
        ("<189>.Nov 20 2026 09:00:00: ", None, "zone_assumed"),
        ("<189>7: 2y10w: ", None, "received"),
        ("<189>7: sw01: 00:10:11: ", "sw01", "received"),
        ("<189>7: Nov 20 2026 09:00:00 JST: ", None, "exact"),
        ("<189>7: sw01: 000007: *Nov 20 2026 00:00:00.5 UTC: ", "sw01", "exact"),
        ("<189>7: sw01: Nov 20 2026 09:00:00 VIENNA: ", "sw01", "zone_assumed"),
        ("<189>7: sw01: Nov 20 2026 09:00:00 EDT: ", "sw01", "zone_assumed"),
        ("<189>: sw01: Nov 20 2026 09:00:00: ", "sw01", "zone_assumed"),
        ("<189>7: 2001:db8::fe: Nov 20 2026 09:00:00: ", "2001:db8::fe", "zone_assumed"),
        ("<189>Nov 20 2026 09:00:00 EDT: ", None, "zone_assumed"),
        ("<189>Nov 20 11:11:11 192.0.2.9 7: Nov 20 2026 09:00:00: ", "192.0.2.9", "zone_assumed"),
        ("<189>Nov 20 2026 09:00:00 192.0.2.9 ", "192.0.2.9", "zone_assumed"),
        ("<189>: 2026 Nov 20 09:00:00 JST: ", None, "exact"),
        ("2026 Nov 20 09:00:00.123 sw02 ", "sw02", "zone_assumed"),
    ],
)
def test_the_head_of_a_line(front: str, device: str | None, quality: str) -> None:
    found = one("cisco_ios", f"{front}%SYS-5-CONFIG_I: Configured from console by admin on vty0 (10.1.1.5)")
    assert (found.get("device"), found["time_quality"], found["event_code"]) == (device, quality, "SYS-5-CONFIG_I")
    assert (found["src_ip"], found["severity"], found["user"]) == ("10.1.1.5", "5", "admin")
    if quality != "received":
        assert f"{found['event_time']:%F %T}" == "2026-11-20 00:00:00"


@pytest.mark.parametrize(
    ("message", "source"),
    [
        (("SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: x] [Source: 10.66.66.66] [localport: 1] y] [Source: 198.51.100.7] "
         "[localport: 22] [Reason: Login Authentication Failed] at 09:00:00 JST Fri Nov 20 2026"), "198.51.100.7"),
        ("SYS-6-LOGOUT: User x has exited tty session 1(10.66.66.66) has exited tty session 3(198.51.100.7)", "198.51.100.7"),
        (("SSH-5-SSH2_USERAUTH: User 'x' authentication for SSH2 Session from 10.66.66.66 (tty = 0)' authentication for SSH2 "
         "Session from 198.51.100.7 (tty = 0) using crypto cipher 'a', hmac 'b' Failed"), "198.51.100.7"),
    ],
)  # fmt: skip
def test_a_user_cannot_bring_an_address_of_its_own(message: str, source: str) -> None:
    assert one("cisco_ios", f"{HEAD}%{message}")["src_ip"] == source


def test_an_unknown_message_keeps_facility_severity_and_text() -> None:
    found = one("cisco_ios", f"{HEAD}%NEW_THING-SP-3-NEVER_SEEN: something")
    assert (found["class"], found["event_code"], found["severity"]) == ("system", "NEW_THING-SP-3-NEVER_SEEN", "3")
    assert (found["operation"], found["message"]) == ("new_thing", "something")


def test_a_firewall_of_the_same_maker_is_not_ios() -> None:
    assert "refused" in one(
        "cisco_ios", "%ASA-6-302013: Built inbound TCP connection 1 for a:10.1.1.1/5 to b:10.2.2.2/6"
    )
