"""Snort: the forms of its alerts, who began, and what was decided."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from tests.parsers.making import decided, one

_RULE = "[1:9000001:2] LOCAL 不審な通信"
_TAIL = "[Classification: Misc activity] [Priority: 3] {TCP} 10.20.30.41:51022 -> 192.0.2.80:80"


def fast(mark: str = "", stamp: str = "11/20-10:00:00.123456") -> str:
    return f"{stamp} {mark} [**] {_RULE} [**] {_TAIL}"


def csv(action: str, disposition: str) -> str:
    return (
        '11/20/26-10:00:00.123456 ,1,9000001,2,"LOCAL 不審な通信",TCP,10.20.30.41,51022,192.0.2.80,80,54321,'
        f"Misc activity,3,{action},{disposition}"
    )


def alert(**more: Any) -> str:
    found = {
        "seconds": 1795136400, "class": "Misc activity", "gid": 1, "sid": 9000001, "rev": 2, "priority": 3,
        "proto": "TCP", "rule": "1:9000001:2", "src_addr": "10.20.30.41", "src_port": 51022, "dst_addr": "192.0.2.80",
        "dst_port": 80, "msg": "LOCAL 不審な通信",
    }  # fmt: skip
    return json.dumps(found | more, ensure_ascii=False)


DECISIONS: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    (fast(), (None, None, None)),
    (fast("[Drop]"), ("deny", None, None)),
    (fast("[Block]"), ("deny", None, None)),
    (fast("[Would Drop]"), (None, None, None)),
    (f"<33>Nov 20 10:00:00 ids01 snort: {_RULE} {_TAIL}", (None, None, None)),
    (f"<33>Nov 20 10:00:00 ids01 snort[1]: [Drop] {_RULE} {_TAIL}", ("deny", None, None)),
    (csv("alert", "Allow"), ("allow", None, None)),
    (csv("drop", "Drop"), ("deny", None, None)),
    (csv("reject", "Reject"), ("deny", None, None)),
    (csv("alert", ""), (None, None, None)),
    ("11/20-10:00:00.1, 1, TCP, raw, 60, C2S, 10.20.30.41:51022, 192.0.2.80:80, 1:9:1, allow", ("allow", None, None)),
    ("11/20-10:00:00.1, 1, TCP, raw, 60, C2S, 10.20.30.41:51022, 192.0.2.80:80, 1:9:1, block", ("deny", None, None)),
    *((alert(action=word), ("allow", None, None)) for word in ("allow", "pass")),
    *((alert(action=word), ("deny", None, None)) for word in ("drop", "block", "reset", "reject")),
    *((alert(action=word), (None, None, None)) for word in ("would_drop", "alert", "rewrite")),
]


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_decision(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("snort_fast", line) == expected


@pytest.mark.parametrize(
    "line",
    [
        fast(),
        fast(stamp="11/20/26-10:00:00.123456"),
        fast(stamp="11/20/2026-10:00:00"),
        f"<33>Nov 20 10:00:00 ids01 snort: {_RULE} {_TAIL}",
        csv("alert", "Allow"),
        alert(),
        alert(dir="C2S"),
        alert(dir="S2C", src_addr="192.0.2.80", src_port=80, dst_addr="10.20.30.41", dst_port=51022),
    ],
)
def test_every_form_reads_alike(line: str) -> None:
    answer = one("snort_fast", line)
    assert answer["event_time"].replace(microsecond=0) == datetime(2026, 11, 20, 1)
    assert (answer["src_ip"], answer["src_port"]) == ("10.20.30.41", 51022)
    assert (answer["dst_ip"], answer["dst_port"], answer["protocol"]) == ("192.0.2.80", 80, "tcp")
    assert (answer["signature_id"], answer["event_code"]) == ("9000001", "1:9000001:2")
    assert (answer["signature"], answer["severity"], answer["message"]) == ("LOCAL 不審な通信", "3", "Misc activity")


@pytest.mark.parametrize(
    ("ends", "src", "port"),
    [
        ("{IPV6-ICMP} 2001:db8:20::41 -> ff02::1", "2001:db8:20::41", None),
        ("{UDP} [2001:db8:20::41]:40000 -> [2001:db8::53]:53", "2001:db8:20::41", 40000),
        ("{UDP} 2001:db8:20::41:40000 -> 2001:db8::53:53", "2001:db8:20::41", 40000),
        ("{ICMP} 10.20.30.41 -> 192.0.2.80", "10.20.30.41", None),
        ("{ICMP} 10.20.30.41:8 -> 192.0.2.80:0", "10.20.30.41", None),
        ("{IPv6-ICMP} 2001:0db8:0:0:0:0:0:0041:128 -> 2001:0db8:0:0:0:0:0:0053:0", "2001:db8::41", None),
        ("{IPV6-ICMP} 2001:db8:20::1:2 -> ff02::1:2", "2001:db8:20::1:2", None),
    ],
)
def test_ends_with_and_without_ports(ends: str, src: str, port: int | None) -> None:
    answer = one("snort_fast", f"11/20-10:00:00.000000  [**] {_RULE} [**] [Priority: 3] {ends}")
    assert (answer["src_ip"], answer.get("src_port")) == (src, port)


def test_a_quoted_text_may_hold_commas_and_quotes() -> None:
    line = csv("alert", "Allow").replace("LOCAL 不審な通信", 'a ""b"", 192.0.2.66,1')
    answer = one("snort_fast", line)
    assert (answer["signature"], answer["src_ip"]) == ('a "b", 192.0.2.66,1', "10.20.30.41")


@pytest.mark.parametrize(
    ("protocol", "end", "src", "port"),
    [
        ("TCP", "10.20.30.41:51022", "10.20.30.41", 51022),
        ("UDP", "2001:db8:20::41:546", "2001:db8:20::41", 546),
        ("UDP", "[2001:db8:20::41]:546", "2001:db8:20::41", 546),
        ("ICMP", "10.20.30.41:0", "10.20.30.41", None),
        ("ICMP6", "2001:db8:20::41:0", "2001:db8:20::41", None),
    ],
)
def test_the_usual_columns_of_snort_3_name_address_and_port_together(
    protocol: str, end: str, src: str, port: int | None
) -> None:
    row = {
        "timestamp": "11/20-10:00:14.000000", "pkt_num": 2, "proto": protocol, "pkt_gen": "raw", "pkt_len": 60,
        "dir": "C2S", "src_ap": end, "dst_ap": end, "rule": "1:9:3", "action": "block",
    }  # fmt: skip
    for line in (json.dumps(row), ", ".join(map(str, row.values()))):
        answer = one("snort_fast", line)
        assert (answer["src_ip"], answer.get("src_port"), answer["dst_ip"]) == (src, port, src)
        assert (answer["event_code"], answer["signature_id"], answer["verdict"]) == ("1:9:3", "9", "deny")


def test_an_alert_of_suricatas_decoder_has_no_addresses() -> None:
    answer = one("snort_fast", f"11/20/2026-10:00:00.000000  [**] {_RULE} [**] [Classification: (null)] [Priority: 3] "
                 "[**] [Raw pkt: 00 00 5E 00 ] [pcap file packet: 1]")  # fmt: skip
    assert answer["signature"] == "LOCAL 不審な通信"
    assert not {"message", "src_ip", "src_host", "protocol"} & answer.keys()


def test_what_is_no_alert_is_refused() -> None:
    assert "refused" in one("snort_fast", '{"seconds":1,"msg":"hello"}')
    assert "refused" in one("snort_fast", "11/20-10:00:00.1,1,2")
