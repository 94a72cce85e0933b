"""Allied Telesis: the firewall's packets and connections, inspection, and what AlliedWare's names say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.parsers.making import decided
from tests.parsers.making import one as answer

_HEAD = "2026 Nov 20 10:00:01 kern.info awplus kernel: "
_IPS = "2026 Nov 20 10:00:01 local5.info awplus IPS[2014]: "
_ENDS = "SRC=192.168.1.42 DST=198.51.100.80 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=1 DF"


def one(line: str) -> dict[str, Any]:
    return answer("allied_telesis", line)


def packet(action: str, ways: str = "IN=vlan1 OUT=eth1", flags: str = "SYN ") -> str:
    return f"{_HEAD}Firewall {action} {ways} {_ENDS} PROTO=TCP SPT=50122 DPT=443 WINDOW=1 RES=0x00 {flags}URGP=0"


def connection(word: str, answered: str = "2", source: str = "192.168.1.42", port: str = "50122") -> str:
    counts = ("orig_pkts=2 orig_bytes=168 ", f" reply_pkts={answered} reply_bytes=168") if word == "END" else ("", "")
    front = f"{word} proto=TCP orig_src=192.168.1.42 orig_dst=198.51.100.80 orig_sport=50122 orig_dport=443 {counts[0]}"
    return f"{front}reply_src=198.51.100.80 reply_dst={source} reply_sport=443 reply_dport={port}{counts[1]}"


DECISIONS = [
    (packet("rule 10: PERMIT"), ("allow", None, "forward")),
    (packet("rule 10: DENY"), ("deny", None, "forward")),
    (packet("rule 10: REJECT"), ("deny", None, "forward")),
    (packet("rule 10: LOG"), (None, None, "forward")),
    (packet(": DENY").replace("Firewall :", "Firewall:"), ("deny", None, "forward")),
    (packet("rule 10: DENY", "IN=eth1 OUT="), ("deny", None, "local_in")),
    (packet("rule 10: PERMIT", "IN= OUT=eth1"), ("allow", None, "local_out")),
    (packet("rule 10: DENY", flags="ACK FIN "), ("deny", None, "out_of_state")),
    (packet("rule 10: DENY", flags="ACK SYN "), ("deny", None, "out_of_state")),
    (packet("rule 10: PERMIT", flags="ACK "), ("allow", None, "forward")),
    (connection("NEW"), ("allow", None, None)),
    (connection("END"), ("allow", "established", None)),
    (connection("END", "0"), ("allow", "attempted", None)),
    (f"{_IPS}[Drop] IPREP: DDoS Source [icmp] 198.51.100.92 -> 203.0.113.4", ("deny", None, None)),
    (f"{_IPS}[Alert] IPREP: DDoS Source [icmp] 198.51.100.92 -> 203.0.113.4", (None, None, None)),
    (f"{_IPS}[Drop] MALWARE: Virus [tcp] 198.51.100.92:2 -> 192.168.1.42:1", ("deny", "blocked_later", None)),
    (f"{_IPS}[Drop] URLFILTER: URL:http://a.example.lg.jp/ [http] 192.168.1.42:5 -> 198.51.100.90:80", ("deny", "blocked_later", None)),
    (f"{_IPS}[Http] URL:http://a.example.lg.jp/ 192.168.1.42:5 -> 198.51.100.90:80", ("allow", None, None)),
    ("20 10:01:08 3 FIRE FIRE INDTCP from 198.51.100.9:1 to 203.0.113.4:23", ("deny", None, None)),
    ("20 10:01:08 3 FIRE FIRE OUTAUDP from 192.168.1.53:1024 to 198.51.100.53:53", ("allow", None, None)),
    ("3 FIRE FIRE INDDICMP from 198.51.100.9 to 203.0.113.4", ("deny", None, None)),
    ("20 10:01:08 4 FIRE P2P WINNY WINNY from 192.168.1.42:49152 to 198.51.100.216:7743 denied", ("deny", None, None)),
    ("20 10:01:08 4 FIRE P2P WINNY WINNY from 192.168.1.42:49152 to 198.51.100.216:7743", (None, None, None)),
    ("20 10:01:11 3 LOG REST NORM Router startup", (None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), DECISIONS, ids=[line[:90] for line, _ in DECISIONS])
def test_the_device_s_words_decide(line: str, expected: tuple[Any, ...]) -> None:
    assert decided("allied_telesis", line) == expected


@pytest.mark.parametrize(
    "front",
    [
        _HEAD,
        "<6>Nov 20 10:00:01 awplus kernel: ",
        "<6>1 2026-11-20T10:00:01+09:00 awplus kernel - - - ",
        "<6>2026 Nov 20 10:00:01 awplus kernel: ",
        "<6> 2026 Nov 20 10:00:01 awplus kernel: ",
    ],
)
def test_any_header(front: str) -> None:
    row = one(packet("rule 10: DENY").replace(_HEAD, front))
    assert (row["event_time"], row["device"], row["rule"]) == (datetime(2026, 11, 20, 1, 0, 1), "awplus", "10")
    assert (row["src_ip"], row["dst_port"], row["in_interface"], row["severity"]) == ("192.168.1.42", 443, "vlan1", "informational")  # fmt: skip


def test_a_translation_is_where_answers_go_and_come_from() -> None:
    row = one(connection("NEW"))
    assert not {"nat_src_ip", "nat_src_port", "nat_dst_ip", "nat_dst_port"} & set(row)
    row = one(connection("END", source="203.0.113.4", port="61022"))
    assert (row["nat_src_ip"], row["nat_src_port"]) == ("203.0.113.4", 61022)
    assert (row["bytes_out"], row["packets_in"]) == (168, 2)
    row = one(connection("NEW").replace("reply_src=198.51.100.80", "reply_src=10.0.0.80"))
    assert (row["nat_dst_ip"], row["nat_dst_port"]) == ("10.0.0.80", 443)
    assert "nat_src_ip" not in row


def test_what_carries_an_answer_is_read_from_the_client_s_side() -> None:
    row = one(
        f"{_IPS}[Drop] MALWARE: Virus URL:http://a.example.lg.jp/x.exe [http] 198.51.100.92:80 -> 192.168.1.42:60784"
    )
    assert (row["src_ip"], row["src_port"], row["dst_ip"], row["dst_port"]) == (
        "192.168.1.42",
        60784,
        "198.51.100.92",
        80,
    )
    assert (row["signature"], row["url_host"], row["protocol"], row["app"]) == (
        "Virus",
        "a.example.lg.jp",
        "tcp",
        "http",
    )


def test_a_url_cannot_speak_for_the_device() -> None:
    row = one(f"{_IPS}[Http] URL:http://a.example.lg.jp/?10.0.0.1:1->10.0.0.2:2 192.168.1.42:5 -> 198.51.100.90:80")
    assert (row["class"], row["src_ip"], row["dst_ip"]) == ("http", "192.168.1.42", "198.51.100.90")


@pytest.mark.parametrize("line", [packet("rule 10: DENY"), connection("NEW", source="203.0.113.4", port="6")])
def test_a_line_cut_anywhere_says_nothing_wrong(line: str) -> None:
    whole = one(line)
    for end in range(1, len(line)):
        row = one(line[:end])
        for name in ("src_ip", "src_port", "dst_ip", "dst_port", "verdict", "nat_src_ip", "rule", "in_interface"):
            assert row.get(name) in (None, whole.get(name), "default" if name == "rule" else None), line[:end]


def test_winny_is_a_finding_and_other_modules_are_the_device_s_own() -> None:
    row = one("20 10:01:08 4 FIRE P2P WINNY WINNY from 192.168.1.42:49152 to 198.51.100.216:7743 denied")
    assert (row["class"], row["signature"], row["finding_category"], row["dst_port"]) == (
        "finding",
        "WINNY",
        "app",
        7743,
    )
    row = one("20 10:01:11 3 LOG REST NORM Router startup")
    assert (row["class"], row["event_code"], row["severity"]) == ("system", "LOG/REST/NORM", "3")
    row = one("2026 Nov 20 10:00:01 auth.info awplus sshd[5]: Server listening on 0.0.0.0 port 22.")
    assert (row["class"], row["device"]) == ("system", "awplus")
