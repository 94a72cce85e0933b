"""Windows security log: who came from where and how it ended, in every form that an event has."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import pytest

from parsers import format_called
from tests.parsers.making import decided, one, parse_all

_FROM = {"TargetUserName": "tanaka", "TargetDomainName": "EXAMPLE", "IpAddress": "10.20.30.41", "IpPort": "51022"}
_LOGON = _FROM | {"LogonType": "3", "WorkstationName": "PC-0123", "AuthenticationPackageName": "Kerberos"}


def beat(number: int, channel: str = "Security", **data: str) -> str:
    log = {
        "channel": channel, "computer_name": "DC01", "event_id": str(number), "event_data": data,
        "provider_name": "Microsoft-Windows-Security-Auditing", "keywords": ["Audit Success"],
    }  # fmt: skip
    return json.dumps({"@timestamp": "2026-11-20T01:00:00.500Z", "winlog": log}, ensure_ascii=False)


def nxlog(number: int, **data: str) -> str:
    head: dict[str, Any] = {
        "EventTime": "2026-11-20 10:00:00.500", "Hostname": "DC01", "EventID": number, "Channel": "Security",
        "SourceName": "Microsoft-Windows-Security-Auditing", "EventType": "AUDIT_SUCCESS",
    }  # fmt: skip
    return json.dumps(head | data, ensure_ascii=False)


def xml(number: int, new_line: str = "", **data: str) -> str:
    parts = (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>", "<System>",
        "<Provider Name='Microsoft-Windows-Security-Auditing' Guid='{0}'/>", f"<EventID>{number}</EventID>",
        "<Keywords>0x8020000000000000</Keywords>", "<TimeCreated SystemTime='2026-11-20T01:00:00.5000000Z'/>",
        "<Channel>Security</Channel>", "<Computer>DC01</Computer>", "</System>", "<EventData>",
        *(f"<Data Name='{name}'>{escape(value)}</Data>" for name, value in data.items()), "</EventData>", "</Event>",
    )  # fmt: skip
    return new_line.join(parts)


def snare(number: int, kind: str, text: str, host: str = "DC01\t") -> str:
    values = (
        "MSWinEventLog", "1", "Security", "2174", "Fri Nov 20 10:00:00 2026", str(number),
        "Microsoft-Windows-Security-Auditing", "N/A", "N/A", kind, "DC01", "Logon", "", text, "2174",
    )  # fmt: skip
    return host + "\t".join(values)


_SUBJECT = "Subject:   Security ID:  S-1-5-18   Account Name:  DC01$   Account Domain:  EXAMPLE   Logon ID:  0x3e7"
_ACCOUNT = "Security ID:  S-1-5-21   Account Name:  tanaka   Account Domain:  EXAMPLE"
_PLACE = "Network Information:   Workstation Name: PC-0123   Source Network Address: 10.20.30.41   Source Port:  51022"


_GOOD = ("allow", "success", None)
_BAD = ("deny", "failure", None)
_NONE = (None, None, None)
DECISIONS: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    (beat(4624, **_LOGON), _GOOD),
    (beat(4625, **_LOGON, Status="0xc000006d"), _BAD),
    *((beat(number, **_FROM, Status="0x0"), _GOOD) for number in (4768, 4769, 4770, 4776)),
    *((beat(number, **_FROM, Status="0x6"), _BAD) for number in (4768, 4769, 4776)),
    (beat(4771, **_FROM, Status="0x18"), _BAD),
    (beat(4768, **_FROM, Status="0x19"), _NONE),
    *((beat(number, **_FROM), _NONE) for number in (4634, 4647, 4648, 4672, 4778, 4779, 4800)),
    *((beat(number, **_FROM), _NONE) for number in (4720, 4724, 4728, 4740, 4767, 1102, 4719)),
    (beat(5156, Direction="%%14593", SourceAddress="192.0.2.10"), ("allow", None, "local_out")),
    (beat(5157, Direction="%%14592", SourceAddress="198.51.100.9"), ("deny", None, "local_in")),
    (beat(5152, Direction="%%14592", SourceAddress="198.51.100.9"), ("deny", None, "local_in")),
    *((nxlog(number, SubjectUserName="tanaka"), _GOOD) for number in (6272, 6277, 6278)),
    (nxlog(6273, SubjectUserName="tanaka", ReasonCode="16"), _BAD),
    *((nxlog(number, SubjectUserName="tanaka"), _NONE) for number in (6274, 6275, 6276, 6279, 6280)),
    (nxlog(4624, **_LOGON), _GOOD),
    (xml(4625, **_LOGON, SubStatus="0xC000006A"), _BAD),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_decision(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("windows_security", line) == expected


@pytest.mark.parametrize(
    "head", ["DC01\t", "", "<14>Nov 20 10:00:01 dc01 ", "<14>1 2026-11-20T01:00:01Z dc01 - - - - "]
)
def test_snares_values_between_tabs(head: str) -> None:
    text = (
        f"An account failed to log on.    {_SUBJECT}    Logon Type:   3    Account For Which Logon Failed:   {_ACCOUNT}"
        "    Failure Information:   Failure Reason:  %%2313   Status:   0xC000006D   Sub Status:  0xC000006A    "
        f"{_PLACE}    Detailed Authentication Information:   Logon Process:  NtLmSsp    Authentication Package: NTLM   "
    )
    answer = one("windows_security", snare(4625, "Failure Audit", text, head))
    assert (answer["class"], answer["event_code"], answer["device"]) == ("authentication", "4625", "DC01")
    assert answer["event_time"] == datetime(2026, 11, 20, 1)
    assert (answer["user"], answer["user_domain"], answer["src_ip"]) == ("tanaka", "EXAMPLE", "10.20.30.41")
    assert (answer["src_port"], answer["src_host"], answer["service"]) == (51022, "PC-0123", "network")
    assert (answer["verdict"], answer["reason"]) == ("deny", "0xC000006A wrong password")
    assert (answer["auth_method"], answer["message"]) == ("NTLM", "An account failed to log on.")


@pytest.mark.parametrize(
    ("number", "text", "expected"),
    [
        (4634, f"An account was logged off.    Subject:   {_ACCOUNT}   Logon ID:  0x1", {"user": "tanaka"}),
        (4740, f"A user account was locked out.    {_SUBJECT}    Account That Was Locked Out:   {_ACCOUNT}",
         {"user": "DC01$", "object": "tanaka", "operation": "account_locked"}),
        (4728, (f"A member was added.    {_SUBJECT}    Member:   Security ID:  S-1   Account Name:  cn=a    Group:   "
               "Security ID:  S-2   Group Name:  Domain Admins   Group Domain:  EXAMPLE"),
         {"user": "DC01$", "object": "Domain Admins", "new": "cn=a"}),
        (5157, ("The Windows Filtering Platform has blocked a connection.    Network Information:   Direction:  Inbound"
               "   Source Address:  198.51.100.9   Source Port:  51022   Destination Address: 192.0.2.10   "
               "Destination Port:  445   Protocol:  6"),
         {"src_ip": "198.51.100.9", "dst_ip": "192.0.2.10", "dst_port": 445, "verdict": "deny", "path": "local_in"}),
        (4625, "アカウントがログオンに失敗しました。", {"verdict": "deny", "outcome": "failure"}),
    ],
)  # fmt: skip
def test_the_labels_of_an_english_text_name_who_and_where(number: int, text: str, expected: dict[str, Any]) -> None:
    answer = one("windows_security", snare(number, "Success Audit", text))
    assert {name: answer.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("station", "expected"),
    [
        ("00-00-5E-00-53-01", {"src_mac": "00:00:5e:00:53:01"}),
        ("00005e005301", {"src_mac": "00:00:5e:00:53:01"}),
        ("198.51.100.9", {"src_ip": "198.51.100.9"}),
        ("-", {}),
    ],
)
@pytest.mark.parametrize("form", [beat, nxlog, xml])
def test_the_network_policy_server_names_station_and_access_server(
    form: Any, station: str, expected: dict[str, str]
) -> None:
    answer = one("windows_security", form(
        6273, SubjectUserName="tanaka", SubjectDomainName="EXAMPLE", CallingStationID=station, ClientName="AP-1F",
        NASIPv4Address="10.20.30.5", NASIPv6Address="-", ClientIPAddress="10.20.30.6", NetworkPolicyName="庁内無線",
        AuthenticationType="EAP", EAPType="-", ReasonCode="66", Reason="方式が有効でありません。",
    ))  # fmt: skip
    assert (answer["class"], answer["user"], answer["user_domain"]) == ("authentication", "tanaka", "EXAMPLE")
    assert (answer["dst_ip"], answer["dst_host"], answer["rule"]) == ("10.20.30.5", "AP-1F", "庁内無線")
    assert (answer["auth_method"], answer["reason"]) == ("EAP", "66 方式が有効でありません。")
    assert {name: answer[name] for name in ("src_ip", "src_mac", "src_host") if name in answer} == expected


@pytest.mark.parametrize("head", ["", "<14>Nov 20 10:00:01 collector01 winevt: "])
@pytest.mark.parametrize("form", [beat, nxlog, xml])
def test_every_form_reads_alike(form: Any, head: str) -> None:
    answer = one("windows_security", head + form(4624, **_LOGON))
    assert (answer["class"], answer["event_code"], answer["device"]) == ("authentication", "4624", "DC01")
    assert answer["event_time"] == datetime(2026, 11, 20, 1, 0, 0, 500000)
    assert (answer["user"], answer["user_domain"], answer["src_ip"]) == ("tanaka", "EXAMPLE", "10.20.30.41")
    assert (answer["src_port"], answer["src_host"], answer["service"]) == (51022, "PC-0123", "network")
    assert answer["auth_method"] == "Kerberos"


@pytest.mark.parametrize("size", [1, 300, 100_000])
def test_an_event_of_several_lines_is_read_at_its_first(size: int) -> None:
    log_format = format_called("windows_security")
    data = f"<Events>\n{xml(4624, chr(10), **_LOGON)}\n{xml(4634, **_FROM)}\n</Events>\n"
    answers = parse_all(log_format, data.encode(), size=size)
    assert [a["event_code"] for a in answers if "class" in a] == ["4624", "4634"]
    assert (answers[1]["user"], answers[0]["skipped"], answers[-1]["skipped"]) == ("tanaka", "heading", "heading")
    assert {a["skipped"] for a in answers[2:-2]} == {"part of line 2"}


def test_a_line_end_or_control_character_in_a_value_is_written_out() -> None:
    text = xml(4624, **_LOGON).replace("<Computer>DC01<", "<Computer>DC\n01&#10;<")
    assert one("windows_security", text)["device"] == r"DC\x0a01\x0a"


def test_an_event_without_an_end_is_cut() -> None:
    whole = xml(4624, **_LOGON)
    log_format = format_called("windows_security")
    answers = parse_all(log_format, f"{whole[:-40]}\n{whole}\n".encode())
    assert [(a["event_code"], a["text_quality"]) for a in answers] == [("4624", "cut"), ("4624", "clean")]


@pytest.mark.parametrize("form", [beat, nxlog, xml])
def test_a_name_forges_no_other_member(form: Any) -> None:
    name = 'x</Data><Data Name=\'IpAddress\'>192.0.2.66</Data>","IpAddress":"192.0.2.66'
    answer = one("windows_security", form(4625, **(_LOGON | {"TargetUserName": name})))
    assert (answer["user"], answer["src_ip"]) == (name, "10.20.30.41")


@pytest.mark.parametrize(
    ("status", "sub", "reason"),
    [
        ("0xc000006d", "0xc000006a", "0xc000006a wrong password"),
        ("0xC0000234", "0x0", "0xC0000234 account locked out"),
        ("0xc000006d", "0xdeadbeef", "0xdeadbeef"),
    ],
)
def test_why_a_logon_failed(status: str, sub: str, reason: str) -> None:
    assert one("windows_security", beat(4625, **_LOGON, Status=status, SubStatus=sub))["reason"] == reason


def test_who_changed_which_account() -> None:
    data = {"SubjectUserName": "kanri", "SubjectDomainName": "EXAMPLE", "TargetUserName": "Domain Admins"}
    answer = one("windows_security", beat(4728, **data, MemberName="CN=佐藤,DC=example"))
    assert (answer["class"], answer["operation"], answer["user"]) == ("system", "group_member_added", "kanri")
    assert (answer["object"], answer["new"]) == ("Domain Admins", "CN=佐藤,DC=example")


def test_no_address_is_no_address() -> None:
    for nothing in ("-", "LOCAL", ""):
        answer = one("windows_security", beat(4624, **(_LOGON | {"IpAddress": nothing, "IpPort": "0"})))
        assert (answer.get("src_ip"), answer.get("src_port"), answer["src_host"]) == (None, None, "PC-0123")


def test_another_channel_is_kept_and_other_json_refused() -> None:
    answer = one("windows_security", beat(7045, "System", ServiceName="x"))
    assert (answer["class"], answer["object"]) == ("system", "x")
    assert "refused" in one("windows_security", '{"event_id":4624,"message":"hello"}')
    assert "refused" in one("windows_security", "<Eventful>4624</Eventful>")
