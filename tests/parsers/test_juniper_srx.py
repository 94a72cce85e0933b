from datetime import datetime

import pytest

from tests.parsers.making import decided, one

_SD = "<14>1 2026-11-20T10:00:00.012+09:00 srx RT_{0} - {1} [junos@2636.1.1.1.2.129 {2}]"
_ENDS = 'source-address="10.20.30.41" source-port="50000" destination-address="192.0.2.80" destination-port="443"'
_ZONES = ' source-zone-name="inc" destination-zone-name="inet"'
_PLAIN = "<14>Nov 20 10:00:00 srx RT_"
_V4 = "10.20.30.41/50000->192.0.2.80/443"
_NAT = "198.51.100.7/40000->192.0.2.80/443"


def flow(tag: str, more: str = _ZONES) -> str:
    return _SD.format("FLOW", tag, _ENDS + more)


def found(program: str, tag: str, more: str) -> str:
    return _SD.format(program, tag, f"{_ENDS} {more}")


def counted(sent: int, received: int) -> str:
    return f'{_ZONES} packets-from-client="1" bytes-from-client="{sent}" packets-from-server="1" bytes-from-server="{received}"'


DECISIONS = [
    (flow("RT_FLOW_SESSION_CREATE"), ("allow", None, "forward")),
    (flow("RT_FLOW_SESSION_CREATE_LS"), ("allow", None, "forward")),
    (flow("RT_FLOW_SESSION_CLOSE", counted(60, 70)), ("allow", "established", "forward")),
    (flow("RT_FLOW_SESSION_CLOSE", counted(60, 0)), ("allow", "attempted", "forward")),
    (flow("RT_FLOW_SESSION_CLOSE"), ("allow", None, "forward")),
    (flow("RT_FLOW_SESSION_DENY"), ("deny", None, "forward")),
    (flow("RT_FLOW_SESSION_DENY", _ZONES.replace("inet", "junos-host")), ("deny", None, "local_in")),
    (flow("RT_FLOW_SESSION_CREATE", _ZONES.replace('"inc"', '"junos-host"')), ("allow", None, "local_out")),
    (flow("RT_FLOW_SESSION_DENY", _ZONES + ' reason="TCP SYN check failed"'), ("deny", None, "out_of_state")),
    (flow("APPTRACK_SESSION_CREATE"), ("allow", None, "forward")),
    (flow("APPTRACK_SESSION_CLOSE", counted(1, 1)), ("allow", "established", "forward")),
    (flow("APPTRACK_SESSION_VOL_UPDATE", counted(1, 1)), ("allow", None, "forward")),
    (_PLAIN + f"FLOW: RT_FLOW_SESSION_DENY: session denied {_V4} None 6(0) p inc lgwan", ("deny", None, "forward")),
    (_PLAIN + f"FLOW: RT_FLOW_SESSION_CREATE: session created {_V4} None {_NAT} s None 6 p inc inet 7", ("allow", None, "forward")),
    (_PLAIN + f"FLOW: RT_FLOW_SESSION_CLOSE: session closed TCP RST: {_V4} None {_NAT} s None 6 p inc inet 7 1(9) 1(0) 2", ("allow", "attempted", "forward")),
    (found("IDS", "RT_SCREEN_TCP", 'attack-name="SYN flood!" action="drop"'), ("deny", None, None)),
    (found("IDS", "RT_SCREEN_TCP", 'attack-name="SYN flood!" action="alarm-without-drop"'), (None, None, None)),
    (found("IDS", "RT_SCREEN_TCP", 'attack-name="SYN flood!"'), (None, None, None)),
    (found("UTM", "WEBFILTER_URL_BLOCKED", 'url="a"'), ("deny", "blocked_later", None)),
    (found("UTM", "WEBFILTER_URL_PERMITTED", 'url="a"'), ("allow", None, None)),
    (found("UTM", "AV_VIRUS_DETECTED_MT", 'name="EICAR"'), ("deny", "blocked_later", None)),
    (found("UTM", "AV_HUGE_FILE_NOT_SCANNED_MT", 'filename="a"'), ("allow", None, None)),
    (found("UTM", "CONTENT_FILTERING_BLOCKED_MT", 'action="drop"'), ("deny", "blocked_later", None)),
    (found("UTM", "ANTISPAM_SPAM_DETECTED_MT", 'action="tag subject"'), ("allow", None, None)),
    (found("IDP", "IDP_ATTACK_LOG_EVENT", 'action="CLOSE_CLIENT"'), ("deny", "blocked_later", None)),
    (found("IDP", "IDP_ATTACK_LOG_EVENT", 'action="NONE"'), (None, None, None)),
    (found("SECINTEL", "SECINTEL_ACTION_LOG", 'action="BLOCK"'), ("deny", "blocked_later", None)),
    (found("AAMW", "SRX_AAMW_ACTION_LOG", 'action="PERMIT"'), ("allow", None, None)),
    (found("AAMW", "AAMW_MALWARE_EVENT_LOG", 'verdict-number="9"'), (None, None, None)),
    ("<14>Nov 20 10:00:00 srx fpc0 PFE_FW_SYSLOG_IP: FW: ge-0/0/0.0 R tcp 203.0.113.9 10.1.1.1 5 22 (1 packets)", ("deny", None, None)),
    ("<14>Nov 20 10:00:00 srx fpc0 PFE_FW_SYSLOG_IP: FW: lo0.0 A tcp 203.0.113.9 10.1.1.1 5 22 (1 packets)", ("allow", None, "local_in")),
    ("<14>Nov 20 10:00:00 srx backup PFE_FW_SYSLOG_IP: FW: ge-0/0/0.0  A  tcp 203.0.113.9  10.1.1.1  5  22 (1 packets)", ("allow", None, None)),
    ("<14>Nov 20 10:00:00 srx fpc0 PFE_FW_SYSLOG_IP6_GEN: FW: lo0.0 D esp SA 2001:db8::9 DA 2001:db8::1 (1 packets)", ("deny", None, "local_in")),
    ("Nov 20 10:00:00 srx sshd: SSHD_LOGIN_FAILED: Login failed for user 'a' from host '10.1.1.1'", (None, "failure", None)),
    ("Nov 20 10:00:00 srx login[1]: LOGIN_INFORMATION: User a logged in from host 10.1.1.1 on device p0", (None, "success", None)),
    ("Nov 20 10:00:00 srx mgd[1]: UI_LOGOUT_EVENT: User 'a' logout", (None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_verdict(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("juniper_srx", line) == expected


def test_pairs_and_sentence_say_the_same() -> None:
    pairs = (
        f'{_ENDS} service-name="junos-https" nat-source-address="198.51.100.7" nat-source-port="40000" '
        'nat-destination-address="192.0.2.80" nat-destination-port="443" protocol-id="6" policy-name="p"'
        f'{_ZONES} session-id-32="7" packets-from-client="2" bytes-from-client="90" packets-from-server="3" '
        'bytes-from-server="80" elapsed-time="4" application="SSL" nested-application="UNKNOWN" username="tanaka" '
        'roles="staff" packet-incoming-interface="ge-0/0/1.0" encrypted="No" reason="TCP FIN"'
    )
    sentence = (
        f"FLOW: RT_FLOW_SESSION_CLOSE: session closed TCP FIN: {_V4} 0x0 junos-https {_NAT} 0x0 source rule s N/A N/A "
        "6 p inc inet 7 2(90) 3(80) 4 SSL UNKNOWN tanaka(staff) ge-0/0/1.0 No N/A N/A 4"
    )
    same = {"line", "offset", "length", "event_time", "time_quality"}
    first = one("juniper_srx", _SD.format("FLOW", "RT_FLOW_SESSION_CLOSE", pairs))
    second = one("juniper_srx", _PLAIN + sentence)
    assert {k: v for k, v in first.items() if k not in same} == {k: v for k, v in second.items() if k not in same}
    assert (first["bytes_out"], first["bytes_in"], first["duration_ms"]) == (90, 80, 4000)
    assert (first["nat_src_ip"], first["nat_src_port"], first["session_id"]) == ("198.51.100.7", 40000, "7")


@pytest.mark.parametrize(
    "rules", ["s None", "1 None", "source rule s N/A N/A", "source rule 6 destination rule 17", "N/A N/A N/A N/A"]
)
def test_names_of_translation_rules_shift_nothing(rules: str) -> None:
    answer = one(
        "juniper_srx",
        f"{_PLAIN}FLOW: RT_FLOW_SESSION_CREATE: session created {_V4} 0x0 None {_NAT} 0x0 {rules} 17 1 V40 V30 99 N/A(N/A) ge-0/0/0.0",
    )
    assert (answer["protocol"], answer["rule"], answer["session_id"], answer["in_interface"]) == (
        "udp",
        "1",
        "99",
        "ge-0/0/0.0",
    )
    assert "user" not in answer


_LURES = (
    '\\" source-address=\\"203.0.113.9',
    "\\]",
    "a] b [c",
    'x" action="permit',
    "source-address=203.0.113.9",
    "\\\\",
    "=",
    "火",
)


@pytest.mark.parametrize("lure", _LURES)
def test_a_name_changes_no_other_column(lure: str) -> None:
    plain = one("juniper_srx", flow("RT_FLOW_SESSION_DENY", _ZONES + ' username="x"'))
    quoted = lure if "\\" in lure else lure.replace("]", "\\]").replace('"', '\\"')
    answer = one("juniper_srx", flow("RT_FLOW_SESSION_DENY", f'{_ZONES} username="{quoted}"'))
    moved = {"length", "user", "user_domain"}
    assert {k: v for k, v in answer.items() if k not in moved} == {k: v for k, v in plain.items() if k not in moved}
    assert answer["text_quality"] == "clean"


def test_a_path_cannot_name_a_user() -> None:
    text = 'UTM: WEBFILTER_URL_PERMITTED: WebFilter: ACTION="URL Permitted" 10.1.1.1(5)->192.0.2.1(80) CATEGORY="a" REASON="b" PROFILE="c" URL=d.example.com OBJ='
    answer = one("juniper_srx", f"{_PLAIN}{text}/x username admin roles y username tanaka roles N/A")
    assert (answer["user"], answer["url"], answer["verdict"]) == ("tanaka", "/x username admin roles y", "allow")


@pytest.mark.parametrize("begin", ["Lsys LSYS1: ", "LSYS1: "])
def test_a_logical_system_is_a_virtual_device(begin: str) -> None:
    answer = one(
        "juniper_srx", f"{_PLAIN}FLOW: RT_FLOW_SESSION_DENY_LS: {begin}session denied {_V4} None 6(0) p inc lgwan"
    )
    assert (answer["virtual_device"], answer["verdict"], answer["src_ip"]) == ("LSYS1", "deny", "10.20.30.41")


def test_a_session_message_that_nobody_knows_decides_nothing() -> None:
    answer = one("juniper_srx", flow("RT_FLOW_SESSION_SOMETHING"))
    assert (answer["class"], answer["src_ip"]) == ("network", "10.20.30.41")
    assert "verdict" not in answer


def test_an_escaped_bracket_is_one() -> None:
    assert one("juniper_srx", flow("RT_FLOW_SESSION_DENY", ' reason="a\\]b\\"c"'))["message"] == 'a]b"c'


@pytest.mark.parametrize(
    ("line", "user", "src"),
    [
        ("Nov 20 10:00:00 srx sshd: SSHD_LOGIN_FAILED: Login failed for user 'x' from host '203.0.113.9' from host '10.1.1.1'", "x' from host '203.0.113.9", "10.1.1.1"),
        ("Nov 20 10:00:00 srx sshd[7]: Failed password for a from 203.0.113.9 port 1 ssh2 from 10.1.1.1 port 50000 ssh2", "a from 203.0.113.9 port 1 ssh2", "10.1.1.1"),
        ("Nov 20 10:00:00 srx login[7]: LOGIN_FAILED_LIMIT: Specified number of login failures (3) for user 'a' reached from '10.1.1.1'", "a", "10.1.1.1"),
        ("Nov 20 10:00:00 srx mgd[7]: UI_LOGIN_EVENT: User 'a' login, class 'j-super-user' [7], ssh-connection '10.1.1.1 50000 10.1.1.2 22', client-mode 'cli'", "a", "10.1.1.1"),
    ],
)  # fmt: skip
def test_who_logs_in_cannot_write_from_where(line: str, user: str, src: str) -> None:
    answer = one("juniper_srx", line)
    assert (answer["class"], answer["user"], answer["src_ip"]) == ("authentication", user, src)


def test_a_cut_line_has_no_half_address() -> None:
    line = flow("RT_FLOW_SESSION_DENY", "")
    answer = one("juniper_srx", line[: line.index('0.2.80"') + 5])
    assert (answer["text_quality"], answer["src_ip"], answer["src_port"]) == ("cut", "10.20.30.41", 50000)
    assert "dst_ip" not in answer
    assert answer["event_time"] == datetime(2026, 11, 20, 1, 0, 0, 12000)
    assert answer["device"] == "srx"


@pytest.mark.parametrize("front", ["Nov 20 10:00:00 srx RT_FLOW: ", "RT_FLOW: ", ""])
def test_a_sentence_with_and_without_its_header(front: str) -> None:
    text = "RT_FLOW_SESSION_DENY: session denied 10.1.1.5/5->10.2.2.9/445 None 6(0) p a b unknown unknown unknown(unknown) ge-0/0/0.0"
    answer = one("juniper_srx", front + text)
    assert (answer["class"], answer["verdict"], answer["dst_port"]) == ("network", "deny", 445)
    assert (answer["event_code"], answer["in_interface"]) == ("RT_FLOW_SESSION_DENY", "ge-0/0/0.0")
    assert "user" not in answer


def test_one_line_may_stand_for_more() -> None:
    packets = one(
        "juniper_srx",
        "<14>Nov 20 10:00:00 srx fpc0 PFE_FW_SYSLOG_IP: FW: ge-0/0/0.0 D udp 203.0.113.9 10.1.1.1 5 53 (12 packets)",
    )
    assert (packets["event_count"], packets["count_quality"]) == (12, "aggregated")
    newer = one(
        "juniper_srx",
        "Nov 20 10:00:00 srx fpc0 PFE_FW_SYSLOG_IP6_TCP_UDP: FW: ge-0/0/0.0 D udp SA 2001:db8::9 DA 2001:db8::1 sport 5 dport 53 (12 packets)",
    )
    assert (newer["event_count"], newer["count_quality"]) == (12, "aggregated")
    assert (newer["src_ip"], newer["src_port"], newer["dst_ip"], newer["dst_port"]) == (
        "2001:db8::9",
        5,
        "2001:db8::1",
        53,
    )
    attack = one("juniper_srx", found("IDP", "IDP_ATTACK_LOG_EVENT", 'repeat-count="4" action="DROP"'))
    assert (attack["event_count"], attack["count_quality"]) == (4, "lower_bound")
    single = one("juniper_srx", found("IDP", "IDP_ATTACK_LOG_EVENT", 'repeat-count="0" action="DROP"'))
    assert (single["event_count"], single["count_quality"]) == (1, "exact")


@pytest.mark.parametrize(("role", "src"), [("Initiator", "198.51.100.1"), ("Responder", "203.0.113.1")])
def test_a_tunnel_comes_from_whoever_began(role: str, src: str) -> None:
    text = "IKE negotiation failed with error: Timed out. IKE Version: 1, VPN: v Gateway: g, Local: 198.51.100.1/500, Remote: 203.0.113.1/4500, Role: "
    answer = one("juniper_srx", f"<27>Nov 20 10:00:00 srx kmd[1]: {text}{role}")
    assert (answer["class"], answer["src_ip"], answer["operation"], answer["object"]) == ("system", src, "vpn", "v")
    assert {answer["src_ip"], answer["dst_ip"]} == {"198.51.100.1", "203.0.113.1"}


def test_an_unknown_tag_keeps_tag_and_message() -> None:
    answer = one("juniper_srx", "<13>Nov 20 10:00:00 srx foo[1]: RT_SOMETHING_NEW: 何かが起きた")
    assert (answer["class"], answer["event_code"], answer["message"]) == ("system", "RT_SOMETHING_NEW", "何かが起きた")


def test_another_vendors_structured_data_is_only_kept_by_its_header() -> None:
    answer = one(
        "juniper_srx", '<14>1 2026-11-20T10:00:00Z host app - AUTH_LOGIN_FAIL [other@1 source-address="10.1.1.1"] text'
    )
    assert (answer["class"], answer["message"]) == ("system", "text")
    assert "src_ip" not in answer


def test_what_is_told_behind_the_structured_data_is_no_value() -> None:
    told = 'a="1" source-address="203.0.113.9" reason="b'
    answer = one("juniper_srx", f"{flow('RT_FLOW_SESSION_DENY')} {told}")
    assert (answer["src_ip"], answer["verdict"], answer["message"]) == ("10.20.30.41", "deny", told)
    assert answer["text_quality"] == "clean"


def test_a_bracket_in_the_header_hides_no_tag() -> None:
    answer = one("juniper_srx", flow("RT_FLOW_SESSION_DENY").replace(" srx ", " srx[1] "))
    assert (answer["event_code"], answer["verdict"], answer["device"]) == ("RT_FLOW_SESSION_DENY", "deny", "srx[1]")


def test_what_structured_data_escapes_is_read_plain() -> None:
    name = r"a \"b\" [c\] d\\e \x"
    answer = one("juniper_srx", flow("RT_FLOW_SESSION_DENY", f'{_ZONES} policy-name="{name}"'))
    assert answer["rule"] == r'a "b" [c] d\e \x'
