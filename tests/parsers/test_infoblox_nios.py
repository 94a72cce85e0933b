"""Infoblox NIOS: leases, logins and changes of the grid, responses and policy zones; the rest of named is BIND's."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.parsers.making import decided, one

_HEAD = "<30>Nov 20 10:00:00 ns1.example.lg.jp "
_LEASE = "on 10.20.30.41 to 00:00:5e:00:53:01 (PC-0123) via eth1"


def dhcp(text: str) -> str:
    return f"{_HEAD}dhcpd[1]: {text}"


def audit(text: str) -> str:
    return f"{_HEAD}httpd: 2026-11-20 01:00:00.087Z [admin]: {text}"


def response(rcode: str, records: str = "", before: str = "") -> str:
    return (
        f"{_HEAD}named[1]: 20-Nov-2026 10:00:10.043 client 10.20.30.41#57398: {before}UDP: query: www.example.lg.jp IN "
        f"TXT response: {rcode} +ED{records}"
    )


def rpz(policy: str) -> str:
    return (
        f"{_HEAD}named[1]: CEF:0|Infoblox|NIOS|9.0.3|RPZ-QNAME|{policy}|7|app=DNS dst=10.20.0.53 src=10.20.30.41 "
        f'spt=51424 view=_default qtype=A msg="rpz QNAME {policy} rewrite bad.example.com [A] via b.example.com" CAT=RPZ'
    )


DECISIONS: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    (dhcp(f"DHCPOFFER {_LEASE}"), ("allow", None, None)),
    (dhcp(f"DHCPACK {_LEASE} relay 10.20.30.1 lease-duration 1800 (RENEW)"), ("allow", None, None)),
    (dhcp("DHCPNAK on 10.20.30.41 to 00:00:5e:00:53:01 via 10.20.30.1"), ("deny", None, None)),
    (dhcp("DHCPREQUEST for 10.20.30.41 from 00:00:5e:00:53:01 via eth1 TransID 1: ignored (x)."), ("deny", None, None)),
    (dhcp("DHCPLEASEQUERY from 10.20.30.41: LEASEQUERY not allowed, query ignored"), ("deny", None, None)),
    (dhcp("DHCPDISCOVER from 00:00:5e:00:53:01 via eth1 TransID 1"), (None, None, None)),
    (dhcp("DHCPRELEASE of 10.20.30.41 from 00:00:5e:00:53:01 via eth1 (found)"), (None, None, None)),
    (dhcp("DHCPEXPIRE on 10.20.30.41 to 00:00:5e:00:53:01"), (None, None, None)),
    (dhcp("DHCPINFORM from 10.20.30.41 via eth1"), (None, None, None)),
    (dhcp("Advertise NA: address 2001:db8::41 to client with duid 00:01 iaid = 1"), ("allow", None, None)),
    (audit("Login_Allowed - - to=AdminConnector ip=10.20.1.10 auth=LOCAL"), ("allow", "success", None)),
    (audit("First_Login - - to=AdminConnector ip=10.20.1.10 auth=LOCAL"), ("allow", "success", None)),
    (audit("Login_Denied - - to=AdminConnector ip=10.20.1.10 info=Local"), ("deny", "failure", None)),
    (audit("Password_Reset_Error - - to=AdminConnector auth=LOCAL"), ("deny", "failure", None)),
    (audit("Logout - - ip=10.20.1.10 group=admin-group"), (None, None, None)),
    (audit("Modified Network 10.20.30.0/24 network_view=default: Changed comment:a->b"), (None, None, None)),
    (response("NOERROR"), ("allow", "established", None)),
    (response("NXDOMAIN"), ("allow", "established", None)),
    (response("REFUSED"), ("deny", "established", None)),
    (response("SERVFAIL"), (None, "established", None)),
    (rpz("NXDOMAIN"), ("deny", None, None)),
    (rpz("PASSTHRU"), ("allow", None, None)),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_decision(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("infoblox_nios", line) == expected


def test_a_members_address_may_stand_between_host_and_program() -> None:
    line = f"{_HEAD}10.20.0.1 dhcpd[1]: DHCPACK to 10.20.30.42 (00:00:5e:00:53:02) via eth1"
    answer = one("infoblox_nios", line)
    assert (answer["device"], answer["lease_ip"], answer["lease_mac"]) == (
        "ns1.example.lg.jp",
        "10.20.30.42",
        "00:00:5e:00:53:02",
    )
    assert "dst_ip" not in answer


def test_what_the_client_calls_itself_forges_no_interface() -> None:
    name = "x) via eth9 relay 192.0.2.66 (y"
    line = dhcp(f"DHCPACK on 10.20.30.41 to 00:00:5e:00:53:01 ({name}) via eth1 lease-duration 1800 (RENEW)")
    answer = one("infoblox_nios", line)
    assert (answer["lease_name"], answer["in_interface"]) == (name, "eth1")


def test_blanks_of_the_audit_log_are_written_in_octal() -> None:
    line = audit(r"Login_Denied - - to=Serial\040Console apparently_via=Direct error=invalid\040login")
    answer = one("infoblox_nios", line.replace("[admin]", r"[tanaka\040taro]"))
    assert (answer["user"], answer["service"], answer["reason"]) == ("tanaka taro", "Serial Console", "invalid login")
    assert answer["event_time"] == datetime(2026, 11, 20, 1, 0, 0, 87000)
    assert answer["time_quality"] == "exact"


@pytest.mark.parametrize(
    ("text", "action", "told"),
    [
        ("Modified Network 10.20.30.0/24 network_view=default: Changed a:b->c", "Modified", "Network 10.20.30.0/24"),
        ('Created Ruleset Block: Set comment=""', "Created", "Ruleset Block"),
        ("Called - RestartService: Args services=[]", "Called", "RestartService"),
        ("Deleted Network", "Deleted", "Network"),
    ],
)
def test_changes_name_what_was_changed(text: str, action: str, told: str) -> None:
    answer = one("infoblox_nios", audit(text))
    assert (answer["class"], answer["action"], answer["object"], answer["user"]) == ("system", action, told, "admin")


def test_records_of_a_response_may_hold_a_semicolon() -> None:
    records = ' www.example.lg.jp. 3600 IN TXT "k=rsa; p=abc" "def"; www.example.lg.jp. 3600 IN A 192.0.2.80;'
    answer = one("infoblox_nios", response("NOERROR", records, "view 1: "))
    assert answer["answers"] == '"k=rsa; p=abc" "def" 192.0.2.80'
    assert (answer["virtual_device"], answer["protocol"], answer["qtype"]) == ("1", "udp", "TXT")


def test_a_policy_zone_names_the_client_the_name_and_the_rule() -> None:
    answer = one("infoblox_nios", rpz("NXDOMAIN"))
    assert (answer["src_ip"], answer["src_port"], answer["dst_ip"]) == ("10.20.30.41", 51424, "10.20.0.53")
    assert (answer["qname"], answer["qtype"], answer["rule"]) == ("bad.example.com", "A", "b.example.com")
