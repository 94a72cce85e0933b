"""FortiGate: what it decided, whose session it was, and that a value can't pretend to be anything else."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns import EventClass
from parsers import Context, chunks, format_called, formats, parse
from tests.parsers.making import decided, one, parse_all

_HEAD = 'date=2026-11-20 time=10:00:00 tz="+0900" logid="0000000013" vd="root" srcip=10.20.30.41 srcport=50000 '
_FORWARD = 'type="traffic" subtype="forward" srcintf="lan1" dstip=192.0.2.80 dstport=443 dstintf="wan1" proto=6 '
_LOCAL = 'type="traffic" subtype="local" dstip=192.0.2.254 dstport=443 proto=6 '
_UTM = 'type="utm" srcintf="lan1" dstip=192.0.2.80 dstport=443 dstintf="wan1" proto=6 policytype="policy" '

TRAFFIC = {
    'action="deny" policyid=0': ("deny", None, "forward"),
    'action="deny" policyid=12 sentbyte=0 rcvdbyte=0': ("deny", None, "forward"),
    'action="accept" sentbyte=70 rcvdbyte=210': ("allow", "established", "forward"),
    'action="accept" sentbyte=70 rcvdbyte=0': ("allow", "attempted", "forward"),
    'action="accept"': ("allow", None, "forward"),
    'action="start" sentbyte=0 rcvdbyte=0': ("allow", None, "forward"),
    'action="close" sentbyte=412 rcvdbyte=2286': ("allow", "established", "forward"),
    'action="timeout" sentbyte=180 rcvdbyte=0': ("allow", "attempted", "forward"),
    'action="client-rst" sentbyte=1 rcvdbyte=1': ("allow", "established", "forward"),
    'action="server-rst" sentbyte=60 rcvdbyte=40': ("allow", "established", "forward"),
    'action="ip-conn"': ("allow", "attempted", "forward"),
    'action="dns"': ("allow", "attempted", "forward"),
    'action="close" sentbyte=412 rcvdbyte=2286 utmaction="allow"': ("allow", "established", "forward"),
    'action="close" sentbyte=412 rcvdbyte=2286 utmaction="block"': ("deny", "blocked_later", "forward"),
    'action="deny" sentbyte=60 rcvdbyte=3050 utmaction="block"': ("deny", "blocked_later", "forward"),
    'action="deny" sentbyte=60 rcvdbyte=0 utmaction="block"': ("deny", None, "forward"),
    'action="server-rst" sentbyte=412 rcvdbyte=2286 utmaction="reset"': ("deny", "blocked_later", "forward"),
    'action="deny" utmaction="block"': ("deny", None, "forward"),
    'action="deny" msg="no session matched"': ("deny", None, "out_of_state"),
    'action="whatever"': (None, None, "forward"),
    'status="deny"': ("deny", None, "forward"),
    'action="violation"': ("deny", None, "forward"),
}
LOCAL = {
    'action="deny" policytype="local-in-policy" srcintf="lan1" dstintf="root"': ("deny", None, "local_in"),
    'action="deny" srcintf="lan1" dstintf="unknown0"': ("deny", None, "local_in"),
    'action="close" sentbyte=1 rcvdbyte=1 srcintf="lan1" dstintf="root"': ("allow", "established", "local_in"),
    'action="accept" sentbyte=70 rcvdbyte=210 srcintf="unknown-0" dstintf="wan1"': (
        "allow",
        "established",
        "local_out",
    ),
    'action="accept" sentbyte=70 rcvdbyte=210 srcintf="root" dstintf="wan1"': ("allow", "established", "local_out"),
    'action="accept" sentbyte=70 rcvdbyte=0 srcintf="unknown0" dstintf="unknown0"': ("allow", "attempted", "local_in"),
}
UTM = {
    'subtype="webfilter" action="blocked"': ("deny", "blocked_later", "forward"),
    'subtype="webfilter" action="passthrough"': ("allow", None, "forward"),
    'subtype="virus" action="blocked"': ("deny", "blocked_later", "forward"),
    'subtype="virus" action="monitored"': ("allow", None, "forward"),
    'subtype="virus" eventtype="analytics" action="analytics"': (None, None, "forward"),
    'subtype="ips" action="dropped"': ("deny", "blocked_later", "forward"),
    'subtype="ips" action="detected"': ("allow", None, "forward"),
    'subtype="ips" action="reset_server"': ("deny", "blocked_later", "forward"),
    'subtype="app-ctrl" action="pass"': ("allow", None, "forward"),
    'subtype="app-ctrl" action="block"': ("deny", "blocked_later", "forward"),
    'subtype="ssl" action="exempt"': ("allow", None, "forward"),
    'subtype="ssl" action="info"': (None, None, "forward"),
    'subtype="dlp" action="block"': ("deny", "blocked_later", "forward"),
    'subtype="dns" action="redirect" qname="c2.example.com"': ("deny", "blocked_later", "forward"),
    'subtype="dns" action="pass" qname="www.example.lg.jp"': ("allow", None, "forward"),
}
# A DoS policy stands before the firewall policy: what it drops was never let through.
DOS = {
    'type="utm" subtype="anomaly" policytype="DoS-policy" action="clear_session"': ("deny", None, "forward"),
    'type="anomaly" subtype="anomaly" action="dropped"': ("deny", None, "forward"),
    'type="utm" subtype="anomaly" policytype="DoS-policy" action="detected"': ("allow", None, "forward"),
    # A sniffer sees a copy and decides nothing.
    'type="traffic" subtype="sniffer" action="accept" sentbyte=1 rcvdbyte=1': (None, None, None),
}
TABLE = [
    *((_FORWARD + words, expected) for words, expected in TRAFFIC.items()),
    *((_LOCAL + words, expected) for words, expected in LOCAL.items()),
    *((_UTM + words, expected) for words, expected in UTM.items()),
    *DOS.items(),
]
LINES = [(_HEAD + words, expected) for words, expected in TABLE]


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[words for words, _ in TABLE])
def test_verdict(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("fortinet_fortigate", line) == expected


CLASSES = {
    'type="traffic" subtype="forward" action="deny"': "network",
    'type="traffic" subtype="forward" policytype="proxy-policy" action="deny" url="http://www.example.lg.jp/"': "http",
    'type="utm" subtype="webfilter" action="passthrough" url="/"': "finding",
    'type="utm" subtype="dns" eventtype="dns-query" qname="www.example.lg.jp"': "dns",
    'type="utm" subtype="dns" action="block" qname="c2.example.com"': "finding",
    'type="anomaly" subtype="anomaly" action="clear_session"': "finding",
    'type="event" subtype="system" action="login" status="success"': "authentication",
    'type="event" subtype="user" action="authentication" status="failure"': "authentication",
    'type="event" subtype="vpn" action="ssl-login-fail" user="a"': "authentication",
    'type="event" subtype="vpn" action="tunnel-up" tunneltype="ssl-tunnel" user="a"': "authentication",
    'type="event" subtype="vpn" action="tunnel-up" tunneltype="ipsec" user="N/A" vpntunnel="t"': "system",
    'type="event" subtype="system" dhcp_msg="Ack" mac="02:00:5e:10:00:01" ip=10.1.1.1': "dhcp",
    'type="event" subtype="ha"': "system",
    'type="gtp" subtype="gtp-all"': "system",
    'subtype="odd" msg="a type that nobody knows"': "system",
}


@pytest.mark.parametrize(("words", "expected"), CLASSES.items(), ids=CLASSES)
def test_event_class(words: str, expected: str) -> None:
    assert one("fortinet_fortigate", _HEAD + words)["class"] == expected


def test_a_failed_login_of_an_administrator() -> None:
    words = 'type="event" subtype="system" logdesc="Admin login failed" user="admin" ui="https(203.0.113.9)" method="https" '
    answer = one(
        "fortinet_fortigate",
        'logid="0100032002" ' + words + 'srcip=203.0.113.9 action="login" status="failed" reason="x"',
    )
    assert (answer["outcome"], answer["user"], answer["src_ip"], answer["auth_role"]) == (
        "failure",
        "admin",
        "203.0.113.9",
        "administrator",
    )
    assert (answer["service"], answer["auth_method"], answer["reason"]) == ("administration", "https", "x")


def test_leaving_is_no_success() -> None:
    for words in (
        'subtype="system" action="logout"',
        'subtype="user" action="FSSO-logoff"',
        'subtype="vpn" action="tunnel-down" user="a"',
    ):
        answer = one("fortinet_fortigate", f'logid="1" type="event" {words} status="success"')
        assert answer["class"] == "authentication"
        assert "outcome" not in answer


def test_the_remote_end_of_an_ssl_vpn_is_the_client() -> None:
    words = 'logid="0101039948" type="event" subtype="vpn" action="tunnel-down" tunneltype="ssl-tunnel" user="a" '
    answer = one(
        "fortinet_fortigate", words + "remip=203.0.113.11 tunnelip=10.212.134.200 sentbyte=91000 rcvdbyte=12000"
    )
    assert (answer["src_ip"], answer["nat_src_ip"], answer["bytes_out"], answer["bytes_in"]) == (
        "203.0.113.11",
        "10.212.134.200",
        12000,
        91000,
    )


@pytest.mark.parametrize(
    ("words", "src"),
    [('role="initiator" init="local"', "198.51.100.1"), ('role="responder" init="remote"', "203.0.113.1")],
)
def test_an_ipsec_negotiation_comes_from_whoever_began(words: str, src: str) -> None:
    line = f'logid="1" type="event" subtype="vpn" action="negotiate" remip=203.0.113.1 locip=198.51.100.1 remport=500 locport=500 {words}'
    answer = one("fortinet_fortigate", line)
    assert {answer["src_ip"], answer["dst_ip"]} == {"203.0.113.1", "198.51.100.1"}
    assert answer["src_ip"] == src


def test_translations_of_both_ends() -> None:
    words = (
        _HEAD
        + _FORWARD
        + 'action="close" trandisp="snat+dnat" transip=198.51.100.7 transport=40000 tranip=10.80.0.10 tranport=8443'
    )
    answer = one("fortinet_fortigate", words)
    assert (answer["nat_src_ip"], answer["nat_src_port"]) == ("198.51.100.7", 40000)
    assert (answer["nat_dst_ip"], answer["nat_dst_port"]) == ("10.80.0.10", 8443)
    untouched = one("fortinet_fortigate", words.replace("snat+dnat", "noop"))
    assert not any(key.startswith("nat_") for key in untouched)


def test_units_and_counts() -> None:
    answer = one(
        "fortinet_fortigate",
        _HEAD + _FORWARD + 'action="close" duration=61 sentbyte=4120 rcvdbyte=91822 sentpkt=40 rcvdpkt=81',
    )
    assert (answer["duration_ms"], answer["bytes_out"], answer["bytes_in"]) == (61000, 4120, 91822)
    assert (answer["packets_out"], answer["packets_in"], answer["event_count"], answer["count_quality"]) == (
        40,
        81,
        1,
        "exact",
    )
    flood = one(
        "fortinet_fortigate", _HEAD + 'type="utm" subtype="anomaly" action="clear_session" count=51 attack="icmp_flood"'
    )
    assert (flood["event_count"], flood["count_quality"]) == (51, "aggregated")


TIMES = {
    # The record's own time; eventtime lends its fraction only where it says the same second.
    'date=2026-11-20 time=10:00:00 tz="+0900" eventtime=1795136400123456789': (
        datetime(2026, 11, 20, 1, 0, 0, 123456),
        "exact",
    ),
    'date=2026-11-20 time=10:00:00 tz="+0900" eventtime=1795130000000000000': (datetime(2026, 11, 20, 1), "exact"),
    'date=2026-11-20 time=10:00:00 tz="-0500" eventtime=1795136400': (datetime(2026, 11, 20, 15), "exact"),
    "date=2026-11-20 time=10:00:00 eventtime=1795136400": (datetime(2026, 11, 20, 1), "exact"),
    "date=2026-11-20 time=10:00:00 eventtime=1795161600": (datetime(2026, 11, 20, 1), "zone_assumed"),
    "date=2026-11-20 time=10:00:00": (datetime(2026, 11, 20, 1), "zone_assumed"),
    'date=2026-11-20 time=10:00:00 tz="UTC+9:00"': (datetime(2026, 11, 20, 1), "exact"),
    "eventtime=1795136400123": (datetime(2026, 11, 20, 1, 0, 0, 123000), "exact"),
    "timestamp=1795136400": (datetime(2026, 11, 20, 1), "exact"),
    "date=2026-13-45 time=10:00:00": (datetime(2026, 11, 20, 1, 5), "received"),
    "": (datetime(2026, 11, 20, 1, 5), "received"),
}


@pytest.mark.parametrize(("words", "expected"), TIMES.items(), ids=TIMES)
def test_time(words: str, expected: tuple[datetime, str]) -> None:
    answer = one(
        "fortinet_fortigate", f'{words} logid="0000000013" type="traffic" subtype="forward" action="deny"'.strip()
    )
    assert (answer["event_time"], answer["time_quality"]) == expected


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_LURES = (
    "srcip=203.0.113.9", ' srcip=203.0.113.9 action="accept"', '" srcip=203.0.113.9 "', "type=event", "a=b=c", "=", "\\", '"', " ", "",
    'date=2020-01-01 time=00:00:00 logid="1" type="traffic" srcip=203.0.113.9 action="accept" policyid=1', "末尾の\\",
)  # fmt: skip


@pytest.mark.parametrize("key", ["msg", "user", "url", "unknownkey"])
@pytest.mark.parametrize("lure", _LURES)
def test_a_quoted_value_changes_no_other_column(key: str, lure: str) -> None:
    check_lure(key, lure)


@settings(max_examples=150)
@given(
    st.sampled_from(("msg", "user", "unknownkey")), st.lists(st.sampled_from(_LURES) | st.text(max_size=5), max_size=4)
)
def test_no_quoted_value_changes_another_column(key: str, parts: list[str]) -> None:
    text = "".join(letter for letter in "".join(parts) if letter.isprintable() and not "\ud800" <= letter <= "\udfff")
    check_lure(key, text)


def check_lure(key: str, lure: str) -> None:
    # Before and after the true keys: what a client can write may stand anywhere.
    plain = one("fortinet_fortigate", _HEAD + _FORWARD + 'action="deny" policyid=7')
    column = {"msg": "message", "user": "user"}.get(key, "")
    for line in (
        f"{key}={_quoted(lure)} {_HEAD}{_FORWARD}" + 'action="deny" policyid=7',
        f"{_HEAD}{_FORWARD}{key}={_quoted(lure)} " + 'action="deny" policyid=7',
    ):
        answer = one("fortinet_fortigate", line)
        moved = {"length", "user", "user_domain", "message", "class"} | (
            {"role", *[k for k in answer if k.startswith("url")]} if key == "url" else set()
        )
        assert {k: v for k, v in answer.items() if k not in moved} == {k: v for k, v in plain.items() if k not in moved}
        if column == "message" and lure:
            assert answer["message"] == lure


def test_a_key_that_comes_twice_counts_the_first_time() -> None:
    answer = one("fortinet_fortigate", _HEAD + _FORWARD + 'action="deny" srcip=203.0.113.9 action="accept"')
    assert (answer["src_ip"], answer["action"]) == ("10.20.30.41", "deny")


def test_a_line_cut_in_a_value_is_read_as_far_as_it_goes() -> None:
    answer = one("fortinet_fortigate", _HEAD + _FORWARD + 'action="deny" msg="cut in the mid')
    assert (answer["text_quality"], answer["message"], answer["verdict"]) == ("cut", "cut in the mid", "deny")


_CEF = (
    "CEF:0|Fortinet|Fortigate|v7.4.4|00013|traffic:forward deny|3|FTNTFGTlogid=0000000013 cat=traffic:forward "
    "FTNTFGTeventtime=1795136400 src=10.20.30.41 spt=50000 deviceInboundInterface=lan1 dst=192.0.2.80 dpt=443 "
    "deviceOutboundInterface=wan1 proto=6 FTNTFGTvd=root "
)

FORMS: dict[str, Any] = {
    "syslog": "Nov 20 10:00:00 fw01 " + _HEAD + _FORWARD + 'action="deny"',
    "priority": "<189>" + _HEAD + _FORWARD + 'action="deny"',
    "rfc5424": "<189>1 2026-11-20T01:00:00Z fw01 - - - - " + _HEAD + _FORWARD + 'action="deny"',
    "csv": (_HEAD + _FORWARD + 'action="deny"').replace(" ", ","),
    "unquoted": (_HEAD + _FORWARD + "action=deny").replace('"', ""),
    "cef": _CEF + "act=deny",
    "cef without a host": "Nov 20 10:00:01 " + _CEF + "act=deny",
    "cef with a blank": "<189>Nov 20 10:00:01 fw01 " + _CEF.replace("CEF:0", "CEF: 0") + "act=deny",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_line_says_the_same(form: str) -> None:
    answer = one("fortinet_fortigate", FORMS[form])
    assert (answer["src_ip"], answer["src_port"], answer["dst_ip"], answer["dst_port"]) == (
        "10.20.30.41",
        50000,
        "192.0.2.80",
        443,
    )
    assert (answer["verdict"], answer["in_interface"], answer["out_interface"]) == ("deny", "lan1", "wan1")
    assert answer["event_time"] == datetime(2026, 11, 20, 1)
    assert answer["time_quality"] == "exact"


def test_the_generic_module_reads_the_common_columns_of_cef_alike() -> None:
    line = _CEF + "act=accept out=100 in=2000 duser=tanaka sourceTranslatedAddress=198.51.100.1 sourceTranslatedPort=7"
    own, generic = (one(name, line) for name in ("fortinet_fortigate", "cef"))
    common = ("class", "src_ip", "src_port", "dst_ip", "dst_port", "protocol", "action", "verdict", "outcome", "path",
              "user", "bytes_out", "bytes_in", "nat_src_ip", "nat_src_port", "in_interface", "out_interface")  # fmt: skip
    assert {key: own.get(key) for key in common} == {key: generic.get(key) for key in common}
    assert (own["bytes_out"], own["outcome"], own["user"]) == (100, "established", "tanaka")


_OWN_FIELDS = ("vd=root", "logid=0000000013", "subtype=forward", "eventtime=1795136400", "policyid=7", "duration=3")


@pytest.mark.parametrize("prefix", ["FTNTFGT", "FortinetFortiGate", "ad.", ""])
def test_the_prefix_of_own_fields_in_cef_does_not_matter(prefix: str) -> None:
    own = " ".join(f"{prefix}{field}" for field in _OWN_FIELDS)
    answer = one(
        "fortinet_fortigate",
        f"CEF:0|Fortinet|FortiGate-100F|7.2.8|0000000013|traffic forward close|3|cat=traffic {own} src=10.20.30.41 "
        "dst=192.0.2.80 act=close out=1 in=2 msg=vd\\=x ad.vd policyid\\=9",
    )
    told = ("virtual_device", "rule", "duration_ms", "verdict", "path", "message", "time_quality")
    assert {key: answer[key] for key in told} == {
        "virtual_device": "root", "rule": "7", "duration_ms": 3000, "verdict": "allow", "path": "forward",
        "message": "vd=x ad.vd policyid=9", "time_quality": "exact",
    }  # fmt: skip


@pytest.mark.parametrize(("zone", "quality"), [("ad.tz=+0900", "exact"), ('tz="+0000"', "zone_assumed")])
def test_the_start_of_fortianalyzer_is_in_the_zone_of_the_fortigate(zone: str, quality: str) -> None:
    answer = one(
        "fortinet_fortigate",
        "CEF:0|Fortinet|FortiGate-100F|7.2.8|0000000013|traffic forward close|3|start=Nov 20 2026 10:00:00 "
        f"ad.logid=0000000013 cat=traffic act=close {zone}",
    )
    assert (answer["event_time"], answer["time_quality"]) == (datetime(2026, 11, 20, 1), quality)


def test_cef_of_another_maker_is_none_of_this_format() -> None:
    assert "refused" in one("fortinet_fortigate", _CEF.replace("Fortinet", "Example") + "act=deny")


def test_a_custom_field_holds_the_policy_where_its_label_says_so() -> None:
    for label, expected in (("Policy Id", "10"), ("Other", None)):
        assert one("fortinet_fortigate", f"{_CEF}act=close cs5=10 cs5Label={label}").get("rule") == expected


def test_json_that_nests_too_deeply_is_refused_and_nothing_else() -> None:
    assert "refused" in one("fortinet_fortigate", '{"a":' + "[" * 100_000)


def test_a_line_of_another_program_takes_nothing_from_the_lines_around_it() -> None:
    stray = b'Nov 20 10:03:00 fw-honcho date=2026-11-20 time=10:03:00 "\n'
    own = b'date=2026-11-20 time=10:02:00 devname="a" type="event"\n'
    context = Context(ZoneInfo("Asia/Tokyo"), 1795136520_000000)

    def system(raw: bytes) -> dict[str, object]:
        (chunk,) = chunks([raw])
        parsed, _ = parse(formats()["fortinet_fortigate"], chunk, context, {})
        row = parsed.rows[EventClass.SYSTEM].row(-1, named=True)
        return {k: v for k, v in row.items() if v is not None and k not in ("line", "offset")}

    assert system(own + stray) == system(stray)
    assert system(stray)["time_quality"] == "year_inferred"


def test_a_quote_that_cef_leaves_open_cuts_nothing_beside_other_lines() -> None:
    cef = b'<189>Nov 20 10:10:01 fw CEF:0|Fortinet|" srcip="Fortigate|v7|13|x|3|cat=traffic:forward src=10.20.30.41 act=close'
    alone, beside = (parse_all(format_called("fortinet_fortigate"), first + cef)[-1] for first in (b"", b'""no CEF\n'))
    assert alone["text_quality"] == beside["text_quality"] == "clean"
