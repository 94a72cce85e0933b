"""Windows DNS: dates of all locales, who asked whom, and the lines that belong to a packet."""

from __future__ import annotations

from datetime import datetime

import pytest

from parsers import format_called
from tests.parsers.making import decided, one, parse_all


def packet(way: str = "Rcv", reply: str = " ", rcode: str = "NOERROR", flags: str = "  D  ", date: str = "") -> str:
    return (
        f"{date or '2026/11/20 10:00:01'} 0730 PACKET  0000001803F56190 UDP {way} 10.20.30.41     b261 {reply} Q "
        f"[0001 {flags} {rcode}] A      (3)www(7)example(2)lg(2)jp(0)"
    )


DECISIONS: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    (packet(), (None, None, "local_in")),
    (packet("Snd", "R"), ("allow", "established", "local_in")),
    (packet("Snd", "R", "NXDOMAIN"), ("allow", "established", "local_in")),
    (packet("Snd", "R", "REFUSED"), ("deny", "established", "local_in")),
    *((packet("Snd", "R", code), (None, "established", "local_in")) for code in ("SERVFAIL", "FORMERR", "NOTIMP")),
    (packet("Snd"), (None, None, "local_out")),
    *(
        (packet("Rcv", "R", code), (None, "established", "local_out"))
        for code in ("NOERROR", "NXDOMAIN", "REFUSED", "SERVFAIL", "NOTAUTH")
    ),
    *((packet("Snd", "R", flags=f), ("allow", "established", "local_in")) for f in ("A DR ", "A    ", "  DR ", "     ")),
    ("2026/11/20 10:00:07 0E74 EVENT   The DNS server has started.", (None, None, None)),
    ("The root hints have been modified.", (None, None, None)),
    ("A resource record of type 1, name www, TTL 60 and RDATA 0x1 was created in scope Default of zone example.lg.jp.",
     (None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), DECISIONS)
def test_decision(line: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("windows_dns", line) == expected


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026/11/20 10:00:01", datetime(2026, 11, 20, 1, 0, 1)),
        ("2026/11/2 9:00:01", datetime(2026, 11, 2, 0, 0, 1)),
        ("2026/11/20 午前 10:00:01", datetime(2026, 11, 20, 1, 0, 1)),
        ("2026/11/20 午後 10:00:01", datetime(2026, 11, 20, 13, 0, 1)),
        ("2026/11/20 午前 12:00:01", datetime(2026, 11, 19, 15, 0, 1)),
        ("2026/11/20 午後0:00:01", datetime(2026, 11, 20, 3, 0, 1)),
        ("11/20/2026 12:00:01 PM", datetime(2026, 11, 20, 3, 0, 1)),
        ("11/20/2026 12:00:01 AM", datetime(2026, 11, 19, 15, 0, 1)),
        ("2026-11-20 10:00:01", datetime(2026, 11, 20, 1, 0, 1)),
        ("20.11.2026 10:00:01", datetime(2026, 11, 20, 1, 0, 1)),
        ("20-Nov-26 10:00:01", datetime(2026, 11, 20, 1, 0, 1)),
    ],
)
def test_dates_of_all_locales(date: str, expected: datetime) -> None:
    answer = one("windows_dns", packet(date=date))
    assert (answer["event_time"], answer["time_quality"]) == (expected, "zone_assumed")


@pytest.mark.parametrize(("says", "day"), [({}, None), ({"day_first": "yes"}, 20)])
def test_the_day_may_stand_first(says: dict[str, str], day: int | None) -> None:
    answer = one("windows_dns", packet(date="20/11/2026 10:00:01"), options=says)
    assert (answer["event_time"].day == day and answer["time_quality"] == "zone_assumed") == (day is not None)


def test_the_client_is_src_and_an_asked_server_dst() -> None:
    assert one("windows_dns", packet())["src_ip"] == one("windows_dns", packet("Snd", "R"))["src_ip"] == "10.20.30.41"
    for asked in (packet("Snd"), packet("Rcv", "R")):
        answer = one("windows_dns", asked)
        assert (answer.get("src_ip"), answer["dst_ip"], answer["role"]) == (None, "10.20.30.41", "resolver")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("(3)www(7)example(2)lg(2)jp(0)", "www.example.lg.jp"),
        ("(0)", "."),
        ("(10)a.b(3)evil(7)example(0)", r"a\046b(3)evil.example"),
        ("(3)www(7)exam", "www.exam"),
    ],
)
def test_labels_are_counted(name: str, expected: str) -> None:
    line = packet().replace("(3)www(7)example(2)lg(2)jp(0)", name)
    assert one("windows_dns", line)["qname"] == expected


@pytest.mark.parametrize("size", [1, 100, 100_000])
def test_the_details_belong_to_their_packet(size: int) -> None:
    data = f"Log file wrap at 2026/11/20 10:00:00\n{packet()}\nUDP question info at 00\n  Socket = 532\n\n{packet()}\n"
    answers = parse_all(format_called("windows_dns"), data.encode(), size=size)
    assert [a.get("skipped") for a in answers] == [
        "heading",
        None,
        "part of line 2",
        "part of line 2",
        "blank line",
        None,
    ]


def test_what_is_no_part_of_anything_is_refused() -> None:
    assert "refused" in one("windows_dns", "hello")
    assert "refused" in one("windows_dns", "2026/11/20 10:00:00 hello")


def test_audit_events_name_the_record() -> None:
    answer = one("windows_dns", "A record of type 28, QNAME www.example.lg.jp. was purged from scope Default in cache.")
    assert (answer["class"], answer["qname"], answer["qtype"], answer["action"]) == (
        "dns",
        "www.example.lg.jp",
        "AAAA",
        "purged",
    )


def test_what_begins_with_a_date_is_no_detail_of_the_packet_above() -> None:
    lines = [packet(), '2026/11/20 "10:00:01 0730 PACKET', "  Socket = 532", packet(), "  Socket = 533"]
    found = parse_all(format_called("windows_dns"), "\n".join(lines).encode())
    assert [answer.get("skipped", "refused" in answer) for answer in found] == [
        False, True, True, False, "part of line 4",
    ]  # fmt: skip
