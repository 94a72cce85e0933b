from datetime import datetime

import pytest

from tests.parsers.making import decided, one

_HEAD = 'id=firewall sn=0006B1000001 time="2026-11-20 10:00:00" fw=198.51.100.1 pri=6 '
_ENDS = " src=10.20.30.41:50000:X0 dst=192.0.2.80:443:X1 proto=tcp/https"
_TO_BOX = " src=203.0.113.9:50000:X1 dst=198.51.100.1:443:X1 proto=tcp/https"


def event(number: int, message: str, more: str = _ENDS, category: int = 0) -> str:
    return f'{_HEAD}c={category} m={number} msg="{message}" n=1{more}'


DECISIONS = [
    (event(98, "Connection Opened"), ("allow", None, "forward")),
    (event(98, "Connection Opened", _TO_BOX), ("allow", None, "local_in")),
    (event(98, "Connection Opened", _TO_BOX + " natDst=10.20.40.80:443"), ("allow", None, "forward")),
    (event(98, "Connection Opened", " src=198.51.100.1:5:X1 dst=192.0.2.1:53:X1"), ("allow", None, "local_out")),
    (event(537, "Connection Closed", _ENDS + " sent=60 rcvd=70"), ("allow", "established", "forward")),
    (event(537, "Connection Closed", _ENDS + " sent=60 spkt=1"), ("allow", "attempted", "forward")),
    (event(537, "Connection Closed"), ("allow", None, "forward")),
    (event(36, "TCP connection dropped"), ("deny", None, "forward")),
    (event(36, "TCP connection dropped", _TO_BOX), ("deny", None, "local_in")),
    (event(36, "TCP connection dropped", _ENDS + ' note="TCP Flag(s): SYN"'), ("deny", None, "forward")),
    (event(36, "TCP connection dropped", _ENDS + ' note="TCP Flag(s): ACK FIN"'), ("deny", None, "out_of_state")),
    (event(37, "UDP packet dropped"), ("deny", None, "forward")),
    (event(38, "ICMP packet dropped"), ("deny", None, "forward")),
    (event(713, "", _ENDS + ' fw_action="drop"'), ("deny", None, "out_of_state")),
    (event(888, "TCP packet received on non-existent/closed connection; TCP packet dropped"), ("deny", None, "out_of_state")),
    (event(526, "Web management request allowed", ' src=10.20.1.5:5:X0 dst=10.20.1.1:443:X0 fw_action="mgmt"'), ("allow", None, "local_in")),
    (event(1235, "", _ENDS + ' fw_action="forward"'), ("allow", None, "forward")),
    (event(1197, "NAT Mapping"), (None, None, "forward")),
    (event(1153, "SSL VPN Traffic"), (None, None, "forward")),
    (event(97, "Web site hit", _ENDS + " sent=9 rcvd=9 dstname=www.example.com arg=/"), ("allow", "established", "forward")),
    (event(97, "Web site hit", _ENDS + ' sent=9 rcvd=9 fw_action="drop"'), ("deny", "blocked_later", "forward")),
    (event(14, "Web site access denied", _ENDS + " dstname=www.example.com arg=/"), ("deny", "blocked_later", "forward")),
    (event(16, "Web site access allowed"), ("allow", None, "forward")),
    (event(608, "IPS Detection Alert: x", category=32), (None, None, "forward")),
    (event(609, "IPS Prevention Alert: x", category=32), ("deny", "blocked_later", "forward")),
    (event(794, "Anti-Spyware Prevention Alert: x", category=32), ("deny", "blocked_later", "forward")),
    (event(82, "Possible port scan detected", category=32), (None, None, "forward")),
    (event(267, "TCP Xmas Tree dropped", category=32), ("deny", None, "forward")),
    (event(1198, "Initiator from country blocked: x"), ("deny", None, "forward")),
    (event(9999, "Some packet dropped"), ("deny", None, "forward")),
    (event(9999, "whatever", _ENDS + ' fw_action="drop"'), ("deny", None, "forward")),
    (event(29, "Administrator login allowed"), (None, "success", None)),
    (event(30, "Administrator login denied due to bad credentials", category=32), (None, "failure", None)),
    (event(262, "Administrator logged out - inactivity timer expired"), (None, None, None)),
    (event(1382, "Configuration succeeded: x"), (None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_verdict(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("sonicwall", line) == expected


CLASSES = {
    event(98, "Connection Opened"): "network",
    event(97, "Web site hit"): "http",
    event(14, "Web site access denied"): "finding",
    event(866, "Possible SYN Flood on IF X0 - src: 10.1.1.1:1 dst: 10.1.1.2:2", category=32): "finding",
    event(32, "User login denied due to bad credentials"): "authentication",
    event(1230, "Failed on updating time from NTP server"): "system",
    event(8888, "Something that nobody knows", ""): "system",
}


@pytest.mark.parametrize(("line", "expected"), CLASSES.items(), ids=[str(n) for n in range(len(CLASSES))])
def test_event_class(line: str, expected: str) -> None:
    answer = one("sonicwall", line)
    assert answer["class"] == expected
    assert answer["event_code"] in line


ENDS = {
    "src=10.20.30.41:50000:X0:pc.example.lg.jp": ("10.20.30.41", 50000, "X0", "pc.example.lg.jp"),
    "src=10.20.30.41::X0": ("10.20.30.41", None, "X0", None),
    "src=10.20.30.41:50000": ("10.20.30.41", 50000, None, None),
    "src=10.20.30.41": ("10.20.30.41", None, None, None),
    "src=:50000:X0:pc srcV6=2001:db8::1": ("2001:db8::1", 50000, "X0", "pc"),
    "src=::X0 srcV6=fe80::1%X0": ("fe80::1", None, "X0", None),
    "src=2001:db8::41": ("2001:db8::41", None, None, None),
    "src=[2001:db8::41]:50000:X0": ("2001:db8::41", 50000, "X0", None),
    "srcV6=2001:db8::41": ("2001:db8::41", None, None, None),
}


@pytest.mark.parametrize(("words", "expected"), ENDS.items(), ids=ENDS)
def test_every_form_of_an_end(words: str, expected: tuple[str | None, int | None, str | None, str | None]) -> None:
    answer = one("sonicwall", f'{_HEAD}c=0 m=36 msg="x" n=1 {words} dst=192.0.2.1:1:X1')
    assert (
        answer.get("src_ip"),
        answer.get("src_port"),
        answer.get("in_interface"),
        answer.get("src_host"),
    ) == expected


@pytest.mark.parametrize(
    ("words", "ip", "port"),
    [
        ("natSrc=198.51.100.1:40000", "198.51.100.1", 40000),
        ("natSrc=198.51.100.1", "198.51.100.1", None),
        ("natSrcV6=[2001:db8::1]:1234", "2001:db8::1", 1234),
        ("natSrcV6=2001:db8::1", "2001:db8::1", None),
        ("natSrcV6=not_an_address", None, None),
    ],
)
def test_translations(words: str, ip: str | None, port: int | None) -> None:
    answer = one("sonicwall", event(98, "Connection Opened", f"{_ENDS} {words}"))
    assert (answer.get("nat_src_ip"), answer.get("nat_src_port")) == (ip, port)


@pytest.mark.parametrize("name", ["General HTTPS", "a=b", "O'Reilly", "x dst=203.0.113.9", "日本語 名"])
def test_a_name_in_single_quotes(name: str) -> None:
    answer = one("sonicwall", event(98, "Connection Opened", f"{_ENDS} app=1 appName='{name}' rule=\"7\""))
    assert (answer["app"], answer["rule"], answer["dst_ip"]) == (name, "7", "192.0.2.80")


_LURES = (
    "src=203.0.113.9:1:X1",
    "appName='x' src=203.0.113.9",
    'fw_action="drop"',
    "m=36",
    "' src=203.0.113.9 '",
    "=",
    "火",
)


@pytest.mark.parametrize("lure", _LURES)
def test_a_quoted_value_changes_no_other_column(lure: str) -> None:
    quoted = lure.replace('"', '\\"')
    plain = one("sonicwall", event(98, "Connection Opened"))
    for line in (
        event(98, "Connection Opened", f'{_ENDS} usr="{quoted}"'),
        event(98, "Connection Opened", f' usr="{quoted}"{_ENDS}'),
    ):
        answer = one("sonicwall", line)
        moved = {"length", "user", "user_domain"}
        assert {k: v for k, v in answer.items() if k not in moved} == {k: v for k, v in plain.items() if k not in moved}


def test_a_path_cannot_undo_that_the_site_was_denied() -> None:
    answer = one(
        "sonicwall",
        event(14, "Web site access denied", f"{_ENDS} dstname=a.example.com arg=/ src=203.0.113.9 fw_action=forward"),
    )
    assert (answer["src_ip"], answer["url_host"], answer["finding_category"]) == (
        "10.20.30.41",
        "a.example.com",
        "webfilter",
    )
    assert (answer["verdict"], answer["outcome"]) == ("deny", "blocked_later")


TIMES = {
    'time="2026-11-20 10:00:00"': (datetime(2026, 11, 20, 1), "zone_assumed"),
    'time="2026-11-20 01:00:00 UTC"': (datetime(2026, 11, 20, 1), "exact"),
}


@pytest.mark.parametrize(("words", "expected"), TIMES.items(), ids=TIMES)
def test_time(words: str, expected: tuple[datetime, str]) -> None:
    answer = one("sonicwall", f"Nov 20 11:11:11 10.1.1.1 id=firewall sn=0 {words} fw=198.51.100.1 pri=6 m=98 n=1")
    assert (answer["event_time"], answer["time_quality"]) == expected


def test_the_device_is_called_by_its_id_its_header_or_its_serial_number() -> None:
    rest = ' sn=0006B1000001 time="2026-11-20 10:00:00" fw=198.51.100.1 pri=6 m=98 n=1'
    assert one("sonicwall", "id=SW-Honcho" + rest)["device"] == "SW-Honcho"
    assert one("sonicwall", "Nov 20 10:00:00 sw01 id=firewall" + rest)["device"] == "sw01"
    assert one("sonicwall", "id=firewall" + rest)["device"] == "0006B1000001"


def test_how_a_change_is_told() -> None:
    answer = one(
        "sonicwall",
        event(1382, "Configuration succeeded:  'ログ' , changed from [ALERT], changed to [WARNING]", ' usr="admin"'),
    )
    assert (answer["operation"], answer["object"], answer["old"], answer["new"]) == (
        "config_change",
        "ログ",
        "ALERT",
        "WARNING",
    )


def test_pairs_of_another_maker_are_refused() -> None:
    assert "refused" in one("sonicwall", 'id=firewall time="2026-11-20 10:00:00" fw=198.51.100.1 pri=6 src=10.1.1.1')


_CEF = "CEF:0|SonicWall|NSa 2700|7.0.1|537|Connection Closed|4|cat=1024 "


def test_cef_says_what_the_tags_of_syslog_say() -> None:
    own = (
        _HEAD + 'c=1024 m=537 msg="Connection Closed" n=2100000011 src=10.20.30.41:50000:X0 natSrc=198.51.100.1:40000 '
        'dst=192.0.2.80:443:X1 proto=tcp/https sent=60 rcvd=70 spkt=3 rpkt=4 cdur=900 usr="tanaka" rule="15 (LAN->WAN)"'
    )
    cef = (
        _CEF + "cnt=2100000011 src=10.20.30.41 spt=50000 deviceInboundInterface=X0 cs1Label=198.51.100.1 snpt=40000 "
        "dst=192.0.2.80 dpt=443 deviceOutboundInterface=X1 proto=tcp/https out=60 in=70 cn2Label=3 cn1Label=4 "
        'cn3Label=900 susr="tanaka" cs1="15 (LAN->WAN)" fw_action="NA"'
    )
    left_out = ("event_time", "time_quality", "device", "severity", "length")
    answers = [{k: v for k, v in one("sonicwall", line).items() if k not in left_out} for line in (own, cef)]
    assert answers[0] == answers[1]
    assert answers[1]["sequence"] == 2100000011


def test_cef_of_another_maker_is_none_of_sonicwall() -> None:
    assert "refused" in one("sonicwall", _CEF.replace("SonicWall", "Example") + "src=10.20.30.41")


def test_the_generic_module_counts_no_message_numbers_as_events() -> None:
    answer = one("cef", _CEF + "cnt=2100000011 src=10.20.30.41 dst=192.0.2.80 out=60 in=70")
    assert (answer["event_count"], answer["bytes_out"], answer["bytes_in"]) == (1, 60, 70)


@pytest.mark.parametrize(("proto", "port"), [("udp", 40012), ("icmp", None)])
def test_a_nat_mapping_tells_the_translated_source_in_its_note(proto: str, port: int | None) -> None:
    note = 'note="Source: 198.51.100.1, 40012, Destination: 192.0.2.80, 53, Protocol: 17"'
    answer = one(
        "sonicwall", event(1197, "NAT Mapping", f" src=10.20.30.41::X0 dst=192.0.2.80::X1 proto={proto} {note}")
    )
    assert (answer["nat_src_ip"], answer.get("nat_src_port")) == ("198.51.100.1", port)
