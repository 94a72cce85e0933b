from datetime import datetime

import pytest

from tests.parsers.making import decided, one

_HEAD = "<142>Nov 20 10:00:00 fb01 801002A3B4C5D (2026-11-20T01:00:00) firewall[10]: "
_ENDS = "10.20.30.41 192.0.2.80 50000 443"


def packet(
    said: str, ways: str = "1-Trusted 0-External", flags: str = "S", more: str = "", code: str = "3000-0148"
) -> str:
    return f'{_HEAD}msg_id="{code}" {said} {ways} 52 tcp 20 127 {_ENDS} offset 8 {flags} 1000000001 win 8192{more} (HTTPS-00)'


def proxy(code: str, said: str, message: str, more: str = "") -> str:
    return (
        f'{_HEAD}msg_id="{code}" {said} 1-Trusted 0-External tcp {_ENDS} msg="{message}" proxy_act="A.1"{more} (P-00)'
    )


def told(code: str, text: str) -> str:
    return f'{_HEAD}msg_id="{code}" {text}'


DECISIONS = [
    (packet("Allow"), ("allow", None, "forward")),
    (packet("Deny"), ("deny", None, "forward")),
    (packet("Deny", "0-External Firebox"), ("deny", None, "local_in")),
    (packet("Allow", "0-External Firebox"), ("allow", None, "local_in")),
    (packet("Allow", "Firebox 0-External"), ("allow", None, "local_out")),
    (packet("Deny", flags="R"), ("deny", None, "out_of_state")),
    (packet("Deny", flags="AF"), ("deny", None, "out_of_state")),
    (packet("Allow", flags="AF"), ("allow", None, "forward")),
    (packet("Deny", more=' msg="tcp syn checking failed"'), ("deny", None, "out_of_state")),
    (packet("Deny", "0-External Firebox", more=" blocked sites", code="3000-0173"), ("deny", None, "local_in")),
    (packet("Allow", more=' msg="Application identified" app_name="HTTP"', code="3000-0149"), ("allow", None, "forward")),
    (packet("Deny", flags="A", more=' msg="IPS detected" signature_name="x"', code="3000-0150"), ("deny", "blocked_later", "forward")),
    (proxy("3000-0151", "Allow", "", ' sent_bytes="6" rcvd_bytes="4"'), ("allow", "established", "forward")),
    (proxy("3000-0151", "Allow", "", ' sent_bytes="6" rcvd_bytes="0"'), ("allow", "attempted", "forward")),
    (proxy("1AFF-0024", "Allow", "HTTP request", ' sent_bytes="6" rcvd_bytes="4"'), ("allow", "established", "forward")),
    (proxy("1AFF-0021", "Deny", "ProxyDeny: HTTP Request categories"), ("deny", "blocked_later", "forward")),
    (proxy("1AFF-0018", "Allow", "ProxyAllow: HTTP header Content Type match"), ("allow", None, "forward")),
    (proxy("1BFF-000D", "Allow", "ProxyStrip: SMTP Virus found"), ("allow", None, "forward")),
    (proxy("1AFF-0041", "Deny", "ProxyAllow: HTTP DNSWatch content filtered domain"), ("deny", "blocked_later", "forward")),
    (proxy("1DFF-000F", "Allow", "DNS request", ' question="a.example.com"'), ("allow", None, "forward")),
    (told("3000-0153", "SYN flood attack against 10.0.1.51 from 203.0.113.9 detected. 500 SYN packets dropped since last alarm. (IPS)"), ("deny", None, None)),
    (told("3000-0159", "PORT scan attack against 10.0.1.51 from 203.0.113.9 detected. (IPS)"), (None, None, None)),
    (told("3000-0168", "Blocked site: Traffic detected from 10.0.1.2 to 203.0.113.9. (B)"), ("deny", None, None)),
    (told("3000-0169", "IP spoofing: Traffic detected from 10.0.1.2 to 203.0.113.9. (B)"), (None, None, None)),
    (told("3E00-0002", "Management user admin from 10.0.1.2 logged in"), (None, "success", None)),
    (told("3E00-0003", "Management user admin from 10.0.1.2 log in attempt was rejected."), (None, "failure", None)),
    (told("3E00-0004", "Management user admin from 10.0.1.2 logged out"), (None, None, None)),
    (told("5501-0023", "System integrity check started"), (None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_verdict(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("watchguard_firebox", line) == expected


CLASSES = {
    packet("Allow"): ("network", None),
    proxy("1AFF-0024", "Allow", "HTTP request"): ("http", None),
    proxy("2CFF-0000", "Allow", "HTTPS Request"): ("http", None),
    proxy("1BFF-000F", "Allow", "SMTP request"): ("email", None),
    proxy("1DFF-000F", "Allow", "DNS request"): ("dns", None),
    proxy("1CFF-000C", "Allow", "FTP request"): ("network", None),
    proxy("1AFF-0028", "Deny", "ProxyDrop: HTTP Virus found"): ("finding", "virus"),
    proxy("1AFF-0026", "Deny", "ProxyDeny: HTTP header IPS match"): ("finding", "ips"),
    proxy("1AFF-0021", "Deny", "ProxyDeny: HTTP Request categories"): ("finding", "webfilter"),
    proxy("1AFF-0035", "Deny", "ProxyDrop: HTTP APT detected"): ("finding", "sandbox"),
    proxy("1AFF-0030", "Allow", "ProxyAllow: HTTP DLP violation found"): ("finding", "dlp"),
    proxy("1BFF-0019", "Deny", "ProxyDeny: SMTP Classified as confirmed SPAM"): ("finding", "email"),
    proxy("1AFF-000C", "Deny", "ProxyDeny: HTTP chunk size line oversize"): ("finding", "proxy"),
    told("3000-0161", "DDOS from client 10.0.1.34 detected. (IPS)"): ("finding", "anomaly"),
    told("1100-0004", "Authentication of firewall user [a@Firebox-DB] from 10.0.1.2 was accepted"): (
        "authentication",
        None,
    ),
    told("FFFF-0000", "Something that nobody knows"): ("system", None),
}


@pytest.mark.parametrize(("line", "expected"), CLASSES.items(), ids=[str(n) for n in range(len(CLASSES))])
def test_event_class(line: str, expected: tuple[str, str | None]) -> None:
    answer = one("watchguard_firebox", line)
    assert (answer["class"], answer.get("finding_category")) == expected


def test_syslog_and_traffic_monitor_say_the_same() -> None:
    first = one("watchguard_firebox", packet("Deny"))
    second = one(
        "watchguard_firebox",
        "2026-11-20 10:00:00 Member2 Deny 10.20.30.41 192.0.2.80 https/tcp 50000 443 1-Trusted 0-External Denied 52 127 "
        '(HTTPS-00) proc_id="firewall" rc="101" tcp_info="offset 8 S 1000000001 win 8192" msg_id="3000-0148"',
    )
    for key in (
        "event_time",
        "src_ip",
        "src_port",
        "dst_ip",
        "dst_port",
        "protocol",
        "verdict",
        "path",
        "rule",
        "in_interface",
        "event_code",
    ):
        assert first[key] == second[key], key


FORMS = {
    "no id": (_HEAD.replace("firewall[10]", "firewall") + f"Deny 1-Trusted 0-External tcp {_ENDS} (P-00)", "fb01"),
    "no header": (packet("Deny").partition("fb01 ")[2], "801002A3B4C5D"),
    "no time of its own": (packet("Deny").replace("801002A3B4C5D (2026-11-20T01:00:00) ", ""), "fb01"),
    "no length": (packet("Deny").replace(" 52 tcp 20 127", " tcp"), "fb01"),
}


@pytest.mark.parametrize(("line", "device"), FORMS.values(), ids=FORMS)
def test_every_form_of_a_packet(line: str, device: str) -> None:
    answer = one("watchguard_firebox", line)
    assert (answer["class"], answer["src_ip"], answer["src_port"], answer["dst_ip"], answer["dst_port"]) == (
        "network", "10.20.30.41", 50000, "192.0.2.80", 443,
    )  # fmt: skip
    assert (answer["protocol"], answer["verdict"], answer["device"]) == ("tcp", "deny", device)
    assert answer["event_time"] == datetime(2026, 11, 20, 1) or device == "fb01"


@pytest.mark.parametrize("protocol", ["icmp", "ipv6-icmp", "2"])
def test_type_and_code_are_no_ports(protocol: str) -> None:
    answer = one(
        "watchguard_firebox",
        f'{_HEAD}msg_id="3000-0148" Deny 1-Trusted Firebox 84 {protocol} 20 64 10.1.1.1 10.1.1.2 8 0 (Ping-00)',
    )
    assert (answer["src_ip"], answer["dst_ip"]) == ("10.1.1.1", "10.1.1.2")
    assert "src_port" not in answer
    assert "dst_port" not in answer


def test_an_alarm_stands_for_the_packets_it_counts() -> None:
    answer = one("watchguard_firebox", DECISIONS[20][0])
    assert (answer["event_count"], answer["count_quality"], answer["src_ip"], answer["dst_ip"]) == (
        500,
        "aggregated",
        "203.0.113.9",
        "10.0.1.51",
    )
    assert (answer["signature"], answer["rule"]) == ("SYN flood attack", "IPS")


_LURES = (
    'dstname="evil.example"',
    "Deny 1-Trusted 0-External tcp 203.0.113.9 203.0.113.8 1 2",
    "(evil-00)",
    "=",
    "src_ip_nat=203.0.113.9",
    "火",
    "\\x0d\\x0a",
)


@pytest.mark.parametrize("lure", _LURES)
def test_what_a_client_writes_changes_no_other_column(lure: str) -> None:
    quoted = lure.replace('"', '\\"')
    plain = one("watchguard_firebox", proxy("1AFF-000C", "Deny", "ProxyDeny: x", ' header="x"'))
    answer = one("watchguard_firebox", proxy("1AFF-000C", "Deny", "ProxyDeny: x", f' header="{quoted}"'))
    assert {k: v for k, v in answer.items() if k != "length"} == {k: v for k, v in plain.items() if k != "length"}


@pytest.mark.parametrize(
    ("line", "user", "src"),
    [
        (told("3E00-0003", "Management user x from 203.0.113.9 logged in from 10.1.1.1 log in attempt was rejected."), "x from 203.0.113.9 logged in", "10.1.1.1"),
        (told("1100-0005", "Authentication of firewall user [a] from 203.0.113.9 was accepted b] from 10.1.1.1 was rejected, because"), "a] from 203.0.113.9 was accepted b", "10.1.1.1"),
    ],
)  # fmt: skip
def test_who_logs_in_cannot_write_from_where_or_how_it_ended(line: str, user: str, src: str) -> None:
    answer = one("watchguard_firebox", line)
    assert (answer["user"], answer["src_ip"], answer["outcome"]) == (user, src, "failure")


@pytest.mark.parametrize(("role", "src"), [("initiator", "198.51.100.1"), ("responder", "203.0.113.1")])
def test_a_tunnel_comes_from_whoever_began(role: str, src: str) -> None:
    answer = one(
        "watchguard_firebox",
        told(
            "0208-0001",
            f"BOVPN phase-1 mainmode completed successfully as {role} for 'g' gateway endpoint. localgw:198.51.100.1:500 remotegw:203.0.113.1:4500 SA ID:0x9",
        ),
    )
    assert (answer["class"], answer["src_ip"], answer["operation"]) == ("system", src, "vpn")


def test_the_boxs_own_time_is_utc() -> None:
    answer = one("watchguard_firebox", packet("Allow").replace("T01:00:00", "T02:03:04"))
    assert (answer["event_time"], answer["time_quality"]) == (datetime(2026, 11, 20, 2, 3, 4), "exact")


def test_another_programs_line_is_only_kept_by_its_header() -> None:
    answer = one("watchguard_firebox", "Nov 20 10:00:00 fb01 dhcpd: DHCPACK on 10.1.1.1")
    assert (answer["class"], answer["message"]) == ("system", "dhcpd: DHCPACK on 10.1.1.1")


@pytest.mark.parametrize("tab", ["\t", "#011"])
def test_leef_says_what_syslog_says(tab: str) -> None:
    more = ' sent_bytes="6" rcvd_bytes="4" src_ip_nat="198.51.100.1" msg="x"'
    syslog = one("watchguard_firebox", packet("Allow", code="3000-0151", more=more))
    parts = (
        "serial=801002A3B4C5D", "policy=HTTPS-00", "disp=Allow", "in_if=1-Trusted", "out_if=0-External",
        "src=10.20.30.41", "srcPort=50000", "srcPostNAT=198.51.100.1", "dst=192.0.2.80", "dstPort=443", "proto=tcp",
        "tcp_flag=S", "sent_bytes=6", "rcvd_bytes=4", "msg=x",
    )  # fmt: skip
    leef = one(
        "watchguard_firebox",
        "<142>Nov 20 10:00:00 fb01 LEEF:1.0|WatchGuard|XTM|12.10.3|30000151|" + tab.join(parts),
    )
    for answer in (syslog, leef):
        for key in ("length", "time_quality"):
            del answer[key]
    assert leef == syslog


@pytest.mark.parametrize("maker", ["WatchGuard", "Example"])
def test_only_the_leef_of_watchguard_is_read(maker: str) -> None:
    answer = one("watchguard_firebox", f"LEEF:1.0|{maker}|XTM|12|30000148|disp=Deny\tsrc=10.0.0.1\tdst=192.0.2.1")
    assert ("refused" in answer) == (maker == "Example")


LEASES = {
    "DHCPACK on 10.20.30.52 to 02:00:5e:10:00:6b (pc-0052) via eth1": ("10.20.30.52", "02:00:5e:10:00:6b", "pc-0052", "eth1"),
    "DHCPREQUEST for 10.20.30.52 (10.20.30.1) from 02:00:5e:10:00:6b via eth1": ("10.20.30.52", "02:00:5e:10:00:6b", None, "eth1"),
    "DHCPDISCOVER from 02:00:5e:10:00:6b via eth1: network 10.20.30.0/24: no free leases": (None, "02:00:5e:10:00:6b", None, "eth1"),
    "DHCPRELEASE of 10.20.30.52 from 02:00:5e:10:00:6b via 10.20.30.1 (found)": ("10.20.30.52", "02:00:5e:10:00:6b", None, None),
}  # fmt: skip


@pytest.mark.parametrize("text", LEASES)
def test_a_lease(text: str) -> None:
    answer = one("watchguard_firebox", told("1600-0065", text))
    assert answer["class"] == "dhcp"
    assert tuple(answer.get(key) for key in ("lease_ip", "lease_mac", "lease_name", "in_interface")) == LEASES[text]


WAYS = {
    "WAN - Honcho Firebox": ("WAN - Honcho", "Firebox", "local_in"),
    "1-Trusted WAN - Honcho": ("1-Trusted", "WAN - Honcho", "forward"),
    "LAN 2F East Firebox": ("LAN 2F East", "Firebox", "local_in"),
    "Firebox LAN 2F East": ("Firebox", "LAN 2F East", "local_out"),
    "LAN 2F East WAN 1": (None, None, "forward"),
}


@pytest.mark.parametrize("ways", WAYS)
def test_names_of_interfaces_may_have_blanks(ways: str) -> None:
    answer = one("watchguard_firebox", packet("Deny", ways))
    assert (answer.get("in_interface"), answer.get("out_interface"), answer["path"]) == WAYS[ways]
    assert (answer["verdict"], answer["src_ip"], answer["dst_port"], answer["rule"]) == (
        "deny",
        "10.20.30.41",
        443,
        "HTTPS-00",
    )


def test_a_serial_number_and_a_name_without_a_time_are_a_header() -> None:
    line = packet("Allow", more=' record_type="AAAA" question="www.example.lg.jp"').replace(
        "(2026-11-20T01:00:00)", "FW-HONCHO"
    )
    answer = one("watchguard_firebox", line.replace("<142>Nov 20 10:00:00", "2026-11-20T01:00:00.5+00:00"))
    told = ("class", "device", "event_code", "verdict", "qname", "qtype")
    assert tuple(answer[key] for key in told) == ("network", "fb01", "3000-0148", "allow", "www.example.lg.jp", "AAAA")
