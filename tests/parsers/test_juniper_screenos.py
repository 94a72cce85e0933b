from datetime import datetime

import pytest

from tests.parsers.making import decided, one

_HEAD = "Nov 20 10:00:05 fw01 ssg5: NetScreen device_id=ssg5  [Root]system-"


def traffic(
    action: str,
    more: str = "",
    zones: str = "src zone=Trust dst zone=Untrust",
    counts: str = "sent=0 rcvd=0",
    policy: int = 7,
) -> str:
    return (
        f'{_HEAD}notification-00257(traffic): start_time="2026-11-20 10:00:00" duration=5 policy_id={policy} service=https proto=6 '
        f"{zones} action={action} {counts} src=10.20.30.41 dst=192.0.2.80 src_port=50000 dst_port=443{more}"
    )


def event(level: str, code: str, text: str) -> str:
    return f"{_HEAD}{level}-{code}: {text} (2026-11-20 10:00:00)"


_SELF = "src zone=Null dst zone=self"
_ATTACK = "From 203.0.113.9:5 to 198.51.100.1:406, proto TCP (zone Untrust, int ethernet0/0). Occurred 1 times."

DECISIONS = [
    (traffic("Permit", " session_id=9 reason=Creation"), ("allow", None, "forward")),
    (traffic("Permit", " session_id=9 reason=Close - TCP FIN", counts="sent=500 rcvd=900"), ("allow", "established", "forward")),
    (traffic("Permit", " session_id=9 reason=Close - AGE OUT", counts="sent=500 rcvd=0"), ("allow", "attempted", "forward")),
    (traffic("Tunnel", counts="sent=500 rcvd=900"), ("allow", "established", "forward")),
    (traffic("Deny"), ("deny", None, "forward")),
    (traffic("Deny", " session_id=0 reason=Traffic Denied"), ("deny", None, "forward")),
    (traffic("Reject"), ("deny", None, "forward")),
    (traffic("Deny", zones=_SELF), ("deny", None, "local_in")),
    (traffic("Deny", counts="sent=0 rcvd=60", policy=320001), ("deny", None, "local_in")),
    (traffic("Permit", zones="src zone=self dst zone=Untrust"), ("allow", None, "local_out")),
    (traffic("Permit", zones="src zone=Trust dst zone=self", counts="sent=5 rcvd=6"), ("allow", "established", "local_in")),
    (traffic("Deny", " reason=TCP SYN CHECK FAIL"), ("deny", None, "out_of_state")),
    (traffic("Whatever"), (None, None, "forward")),
    (event("alert", "00016", f"Port scan! {_ATTACK}"), (None, None, None)),
    (event("critical", "00433", f"EXE file blocked! {_ATTACK}"), ("deny", "blocked_later", None)),
    (event("warning", "00556", "UF-MGR: URL BLOCKED: 10.1.1.1(5)->192.0.2.1(80) a.example.com/ CATEGORY: a REASON: b"), ("deny", "blocked_later", None)),
    (event("warning", "00519", 'Admin user "a" logged in for Web(http) management (port 80) from 10.1.1.1:5'), (None, "success", None)),
    (event("warning", "00518", 'Admin user "a" login attempt for Web(http) management (port 80) from 10.1.1.1:5 failed.'), (None, "failure", None)),
    (event("warning", "00515", "Admin user a has logged on via SSH from 10.1.1.1:5"), (None, "success", None)),
    (event("warning", "00515", "Admin user a has logged out via SSH from 10.1.1.1:5"), (None, None, None)),
    (event("notification", "00525", "User a at 10.1.1.1 has been accepted via the RADIUS server at 10.1.1.2"), (None, "success", None)),
    (event("notification", "00018", "Policy (5, a->b, x->y,ANY, Deny) was modified by a via web from host 10.1.1.1 to 10.1.1.2:443."), (None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_verdict(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("juniper_screenos", line) == expected


def test_the_record_and_the_beginning_of_a_session() -> None:
    answer = one("juniper_screenos", traffic("Permit"))
    assert (answer["event_time"], answer["start_time"]) == (datetime(2026, 11, 20, 1, 0, 5), datetime(2026, 11, 20, 1))
    assert answer["duration_ms"] == 5000
    bare = one("juniper_screenos", traffic("Permit").partition("fw01 ")[2].replace("10:00:00", "11:00:00"))
    assert (bare["event_time"], bare["start_time"]) == (datetime(2026, 11, 20, 2, 0, 5), datetime(2026, 11, 20, 2))
    assert bare["time_quality"] == "zone_assumed"


def test_every_field_of_a_translated_session() -> None:
    more = " src-xlated ip=198.51.100.7 port=3303 dst-xlated ip=10.20.40.80 port=8443 session_id=15683 reason=Close - TCP RST"
    answer = one("juniper_screenos", traffic("Permit", more, counts="sent=134 rcvd=70"))
    assert (answer["nat_src_ip"], answer["nat_src_port"]) == ("198.51.100.7", 3303)
    assert (answer["nat_dst_ip"], answer["nat_dst_port"]) == ("10.20.40.80", 8443)
    assert (answer["bytes_out"], answer["bytes_in"], answer["session_id"]) == (134, 70, "15683")
    assert (answer["rule"], answer["app"], answer["message"]) == ("7", "https", "Close - TCP RST")
    assert (answer["device"], answer["virtual_device"], answer["event_code"]) == ("ssg5", "Root", "00257")
    assert answer["text_quality"] == "clean"


FORMS = {
    "priority alone": (f"<133>{traffic('Deny').partition('fw01 ')[2]}", "ssg5"),
    "nothing in front": (traffic("Deny").partition("fw01 ")[2], "ssg5"),
    "a name beside a serial number": (traffic("Deny").replace("device_id=ssg5", "device_id=0133022009000047"), "ssg5"),
    "ISO time": (traffic("Deny").replace("Nov 20 10:00:05 fw01", "2026-11-20T10:00:05+09:00 10.1.1.1"), "ssg5"),
    "escaped quotes": (traffic("Deny").replace('"', '\\"'), "ssg5"),
    "no vsys": (traffic("Deny").replace("[Root]", "[No Name]"), "ssg5"),
}


@pytest.mark.parametrize(("line", "device"), FORMS.values(), ids=FORMS)
def test_every_form_of_a_line(line: str, device: str) -> None:
    answer = one("juniper_screenos", line)
    assert (answer["src_ip"], answer["src_port"], answer["dst_ip"], answer["dst_port"]) == (
        "10.20.30.41",
        50000,
        "192.0.2.80",
        443,
    )
    assert (answer["verdict"], answer["event_time"], answer["device"]) == (
        "deny",
        datetime(2026, 11, 20, 1, 0, 5),
        device,
    )
    assert ("virtual_device" in answer) == ("No Name" not in line)


@pytest.mark.parametrize("name", ["msrpc Endpoint Mapper(tcp)", "udp/port:17210", "業務 src=203.0.113.9", ""])
def test_a_service_of_several_words(name: str) -> None:
    answer = one("juniper_screenos", traffic("Deny").replace("service=https", f"service={name}"))
    assert (answer.get("app", ""), answer["src_ip"], answer["verdict"]) == (name, "10.20.30.41", "deny")


def test_icmp_has_no_ports() -> None:
    line = (
        traffic("Permit")
        .replace("proto=6", "proto=1")
        .replace("src_port=50000 dst_port=443", "icmp type=8 icmp code=0 session_id=5")
    )
    answer = one("juniper_screenos", line)
    assert (answer["protocol"], answer["dst_ip"], answer["session_id"]) == ("icmp", "192.0.2.80", "5")
    assert "src_port" not in answer


@pytest.mark.parametrize("end", ["dst=192.0.2.80", "dst=192.0.2.8", "dst=192.0", "src=10.20.30.41", "action=Deny"])
def test_a_cut_line_has_no_half_address(end: str) -> None:
    line = traffic("Deny")
    answer = one("juniper_screenos", line[: line.index(end) + len(end)])
    assert (answer["class"], answer["text_quality"], answer["rule"]) == ("network", "cut", "7")
    assert "dst_ip" not in answer


@pytest.mark.parametrize(
    ("text", "user", "src"),
    [
        ("SSH: Password authentication failed for admin user 'x' at host 203.0.113.9' at host 10.1.1.1.", "x' at host 203.0.113.9", "10.1.1.1"),
        ('Admin user "x" logged in for Web(http) management (port 80) from 203.0.113.9:5" login attempt for Web(http) management (port 80) from 10.1.1.1:5 failed.', 'x" logged in for Web(http) management (port 80) from 203.0.113.9:5', "10.1.1.1"),
        ("User x at 203.0.113.9 has been accepted y at 10.1.1.1 has been rejected via the RADIUS server at 10.1.1.2", "x at 203.0.113.9 has been accepted y", "10.1.1.1"),
    ],
)  # fmt: skip
def test_who_logs_in_cannot_write_from_where_or_how_it_ended(text: str, user: str, src: str) -> None:
    answer = one("juniper_screenos", event("warning", "00518", text))
    assert (answer["user"], answer["src_ip"], answer["outcome"]) == (user, src, "failure")


def test_a_screen_counts() -> None:
    answer = one(
        "juniper_screenos", event("alert", "00016", f"Port scan! {_ATTACK}".replace("Occurred 1", "Occurred 12"))
    )
    assert (answer["event_count"], answer["count_quality"], answer["signature"]) == (12, "aggregated", "Port scan")
    assert (answer["src_ip"], answer["dst_port"], answer["protocol"], answer["in_interface"]) == (
        "203.0.113.9",
        406,
        "tcp",
        "ethernet0/0",
    )
    ping = one(
        "juniper_screenos",
        event(
            "alert",
            "00017",
            "Address sweep! From 203.0.113.9 to 198.51.100.1, proto 1 (zone Untrust int  e0). Occurred 1 times.",
        ),
    )
    assert (ping["src_ip"], ping["dst_ip"], ping["protocol"], ping["count_quality"]) == (
        "203.0.113.9",
        "198.51.100.1",
        "icmp",
        "exact",
    )


def test_a_sweep_has_no_one_target() -> None:
    text = "TCP sweep! From 203.0.113.9 to zone Untrust, proto TCP (int ethernet0/0). Occurred 11 times."
    answer = one("juniper_screenos", event("alert", "00442", text))
    assert (answer["class"], answer["signature"], answer["src_ip"]) == ("finding", "TCP sweep", "203.0.113.9")
    assert (answer["event_count"], answer["in_interface"], "dst_ip" in answer) == (11, "ethernet0/0", False)


def test_a_screen_in_the_words_of_older_releases() -> None:
    text = (
        "Port scan has been detected! From 203.0.113.9:5 to 198.51.100.1:80, using protocol TCP, and arriving at "
        "interface v1-untrust in zone V1-Untrust.The attack occurred 2 times."
    )
    answer = one("juniper_screenos", event("alert", "00016", text))
    assert (answer["class"], answer["signature"], answer["event_count"]) == ("finding", "Port scan", 2)
    assert (answer["src_ip"], answer["dst_port"], answer["in_interface"]) == ("203.0.113.9", 80, "v1-untrust")


@pytest.mark.parametrize(
    "text",
    [
        "Rejected an IKE packet on e0/0 from 203.0.113.9:5 to 198.51.100.1:500 with cookies a and b because an initial",
        "Replay packet detected on IPSec tunnel on e0/0 with tunnel ID 0x67! From 203.0.113.9 to 198.51.100.1/96, ESP, SPI",
        "IPSec tunnel on interface e0/0 with tunnel ID 0x9a received a packet with a bad SPI. 203.0.113.9->198.51.100.1/96, ESP, SPI",
    ],
)
def test_who_sent_what_a_tunnel_refused(text: str) -> None:
    answer = one("juniper_screenos", event("critical", "00042", text))
    assert (answer["class"], answer["operation"], answer["in_interface"]) == ("system", "vpn", "e0/0")
    assert (answer["src_ip"], answer["dst_ip"]) == ("203.0.113.9", "198.51.100.1")


def test_a_stored_message_has_its_own_time() -> None:
    answer = one(
        "juniper_screenos", "[00001] 2026-11-20 10:00:19 [Root]system-critical-00041: VPN 'v' from 203.0.113.1 is down."
    )
    assert (answer["event_time"], answer["operation"], answer["object"], answer["new"]) == (
        datetime(2026, 11, 20, 1, 0, 19),
        "vpn",
        "v",
        "down",
    )


def test_an_unknown_message_keeps_id_level_and_text() -> None:
    answer = one("juniper_screenos", event("information", "99999", "誰も知らない"))
    assert (answer["class"], answer["event_code"], answer["severity"], answer["message"]) == (
        "system",
        "99999",
        "information",
        "誰も知らない",
    )


def test_another_programs_line_keeps_its_host() -> None:
    answer = one("juniper_screenos", "Nov 20 10:00:00 loghost sshd[7]: Accepted publickey")
    assert (answer["class"], answer["device"], answer["message"]) == ("system", "loghost", "Accepted publickey")
