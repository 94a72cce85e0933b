"""Windows DHCP: what each id means, and lines of all versions."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.parsers.making import decided, one

_REST = ",10.20.30.41,PC-0123,00005E005301,,2783541251,{},,,,,MSFT 5.0,,,,0"


def line(number: str, result: str = "0", words: str = "x") -> str:
    return f"{number},11/20/26,10:00:01,{words}{_REST.format(result)}"


DECISIONS: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    *((line(number), ("allow", None, None)) for number in ("10", "11", "20", "21")),
    *((line(number), ("deny", None, None)) for number in ("15", "33")),
    (line("10", "2"), ("deny", None, None)),
    *((line(number), (None, None, None)) for number in ("00", "01", "12", "13", "14", "16", "17", "18", "24", "25")),
    *((line(number), (None, None, None)) for number in ("30", "31", "32", "36", "51")),
    ("11001,11/20/26,10:00:15,Advertise,2001:db8::41,PC,,14,0001,,,", ("allow", None, None)),
    ("11002,11/20/26,10:00:15,Request,2001:db8::41,PC,,14,0001,,,", (None, None, None)),
]


@pytest.mark.parametrize(("text", "expected"), DECISIONS)
def test_decision(text: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("windows_dhcp", text) == expected


@pytest.mark.parametrize(
    "text",
    [
        line("10", words="Assign"),
        line("10", words="割り当て"),
        "10,11/20/26,10:00:01,Assign,10.20.30.41,PC-0123,00005E005301",
        "10,2026/11/20,10:00:01,割り当て,10.20.30.41,PC-0123,00005E005301",
        '10,11/20/26,10:00:01,"Assign, again",10.20.30.41,PC-0123,00005E005301,',
        "<13>Nov 20 10:00:09 dhcp01 " + line("10"),
        "<13>1 2026-11-20T01:00:09Z dhcp01 DHCP - - - " + line("10"),
    ],
)
def test_lines_of_all_versions_read_alike(text: str) -> None:
    answer = one("windows_dhcp", text)
    assert (answer["class"], answer["event_time"]) == ("dhcp", datetime(2026, 11, 20, 1, 0, 1))
    assert (answer["lease_ip"], answer["src_ip"], answer["lease_name"]) == ("10.20.30.41", "10.20.30.41", "PC-0123")
    assert answer["lease_mac"] == answer["src_mac"] == "00:00:5e:00:53:01"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1103,11/20/26,10:00:15,Authorized(servicing),,example.lg.jp,,,,,,,,", ("system", "rogue_detection")),
        ("11030,11/20/26,10:00:15,0 DHCPV6 Stateless client records purged,,,,,,,,,,", ("system", "cleanup")),
        ("11022,11/20/26,10:00:15,DNS IPv6 Update Request,2001:db8::41,PC,,,,,,,,", ("dhcp", None)),
        ("51,11/20/26,10:00:15,Authorization succeeded,,example.lg.jp,,,0,6", ("system", "rogue_detection")),
    ],
)
def test_what_the_server_does_for_itself_is_no_lease(text: str, expected: tuple[str, str | None]) -> None:
    answer = one("windows_dhcp", text)
    assert (answer["class"], answer.get("operation")) == expected


def test_the_address_of_a_full_scope_is_no_client() -> None:
    answer = one("windows_dhcp", line("14"))
    assert (answer.get("lease_ip"), answer["message"]) == (None, "10.20.30.41")


def test_a_duid_is_no_hardware_address() -> None:
    answer = one("windows_dhcp", "11004,11/20/26,10:00:15,Renew,2001:db8::41,PC,0,6,00005E005301,,,")
    assert ("lease_mac" in answer, answer["session_id"]) == (False, "00005E005301")


@pytest.mark.parametrize(
    "text", ["\t\tMicrosoft DHCP Service Activity Log", "00\tThe log was started.", "ID,日付,時刻"]
)
def test_the_heading_is_skipped(text: str) -> None:
    assert one("windows_dhcp", text)["skipped"] == "heading"


@pytest.mark.parametrize("text", ["10,20,30,40,50,60,70,80", "hello", "10,99/99/99,10:00,Assign,10.20.30.41,PC,00"])
def test_other_csv_is_refused(text: str) -> None:
    assert "refused" in one("windows_dhcp", text)
