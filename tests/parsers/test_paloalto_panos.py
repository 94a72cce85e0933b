"""PAN-OS: what it decided, the columns of every version, and that a value can't shift its neighbours."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import Chunk
from parsers._lines import lines_of
from parsers._records import records
from tests.parsers.making import decided, one

_AT = "2026/11/20 10:00:00"
_NONE = "0.0.0.0"  # noqa: S104  an address in a log, nothing is bound


def line(kind: str, subtype: str = "end", count: int = 65, **places: str) -> str:
    """A line of `count` values; `p31="…"` is the value at place 31."""
    values = [""] * count
    given = {0: "1", 1: _AT, 2: "012801096514", 3: kind, 4: subtype, 5: "2817", 6: _AT}
    flow = {7: "10.16.4.21", 8: "203.0.113.80", 9: _NONE, 10: _NONE, 11: "rule1", 14: "ssl", 15: "vsys1", 18: "eth1",
            19: "eth2", 22: "227", 23: "1", 24: "55113", 25: "443", 26: "0", 27: "0", 29: "tcp", 30: "allow"}  # fmt: skip
    made = given | (flow if kind in ("TRAFFIC", "THREAT", "DECRYPTION", "GTP", "SCTP", "END") else {})
    made |= {int(place[1:]): value for place, value in places.items()}
    for place, value in made.items():
        if place < count:
            values[place] = value
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(values)
    return out.getvalue()


def traffic(subtype: str = "end", sent: str = "9", received: str = "8", reason: str = "tcp-fin", **places: str) -> str:
    return line("TRAFFIC", subtype, p31="3000", p32="1000", p33="2000", p44=sent, p45=received, p46=reason, **places)


def threat(subtype: str, action: str, **places: str) -> str:
    return line("THREAT", subtype, 75, p30=action, p32="A name(12345)", p33="any", p34="high", **places)


LINES: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    (traffic(), ("allow", "established", "forward")),
    (traffic(received="0", reason="aged-out"), ("allow", "attempted", "forward")),
    (traffic("start", "1", "0", "n/a"), ("allow", None, "forward")),
    (traffic(reason="threat"), ("deny", "blocked_later", "forward")),
    (traffic(reason="decrypt-error"), ("deny", "blocked_later", "forward")),
    (traffic(reason="resources-unavailable"), ("allow", "established", "forward")),
    (traffic("deny", reason="policy-deny", p30="reset-both"), ("deny", None, "forward")),
    (traffic("deny", reason="policy-deny", p30="deny"), ("deny", None, "forward")),
    (traffic("drop", "1", "0", "policy-deny", p30="drop"), ("deny", None, "forward")),
    (traffic("drop", "1", "0", "policy-deny", p30="drop ICMP"), ("deny", None, "forward")),
    (traffic("drop", "1", "0", "policy-deny", p14="non-syn-tcp", p30="drop"), ("deny", None, "out_of_state")),
    (traffic(p14="non-syn-tcp"), ("allow", "established", "out_of_state")),
    (line("TRAFFIC", count=46, p31="3", p32="1", p33="2", p44="1", p45="0"), ("allow", "attempted", "forward")),
    (line("END", count=84, p48="100", p49="50", p51="1", p52="1"), ("allow", "established", "forward")),
    (threat("url", "alert"), ("allow", None, "forward")),
    (threat("url", "continue"), ("allow", None, "forward")),
    (threat("url", "block-url"), ("deny", "blocked_later", "forward")),
    (threat("url", "block-continue"), ("deny", "blocked_later", "forward")),
    (threat("url", "override-lockout"), ("deny", "blocked_later", "forward")),
    (threat("virus", "reset-both"), ("deny", "blocked_later", "forward")),
    (threat("spyware", "sinkhole"), ("deny", "blocked_later", "forward")),
    (threat("vulnerability", "drop-packet"), ("deny", "blocked_later", "forward")),
    (threat("wildfire", "block"), ("deny", "blocked_later", "forward")),
    (threat("wildfire", "wildfire-upload-success"), (None, None, "forward")),
    (threat("file", "forward"), (None, None, "forward")),
    (threat("flood", "random-drop"), ("deny", None, "forward")),
    (threat("flood", "syncookie-sent"), ("allow", None, "forward")),
    (threat("scan", "drop"), ("deny", None, "forward")),
    (line("DECRYPTION", "0", 106), ("allow", None, "forward")),
    (line("DECRYPTION", "0", 106, p30="reset-both"), ("deny", "blocked_later", "forward")),
    (line("GLOBALPROTECT", "0", 49, p8="gateway-auth", p28="success"), (None, "success", None)),
    (line("GLOBALPROTECT", "0", 49, p8="portal-auth", p28="failure"), (None, "failure", None)),
    (line("GLOBALPROTECT", "0", 49, p8="gateway-logout", p28="success"), (None, None, None)),
    (line("CONFIG", "0", 28, p9="set", p12="Succeeded"), (None, None, None)),
    (line("USERID", "login", 34, p8="10.16.4.21", p9="tanaka"), (None, "success", None)),
    (line("USERID", "logout", 34, p8="10.16.4.21", p9="tanaka"), (None, None, None)),
    (line("AUTHENTICATION", "auth", 46, p20="Authentication succeeded"), (None, "success", None)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_verdict(text: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert decided("paloalto_panos", text) == expected


@pytest.mark.parametrize("count", [46, 47, 59, 65, 78, 103, 115, 117, 140])
def test_every_version_is_read_as_far_as_it_goes(count: int) -> None:
    text = line("TRAFFIC", count=count, p32="1000", p44="3", p45="4", p46="aged-out", p52="fw01", p83="020000000001")
    answer = one("paloalto_panos", text)
    assert (answer["bytes_out"], answer["packets_out"], answer["packets_in"]) == (1000, 3, 4)
    assert answer.get("message") == ("aged-out" if count > 46 else None)
    assert answer["device"] == ("fw01" if count > 52 else "012801096514")
    assert answer.get("src_mac") == ("02:00:00:00:00:01" if count > 83 else None)


@pytest.mark.parametrize(
    "head",
    [
        "", "<14>", "Nov 20 10:00:01 ", "<14>Nov 20 10:00:01 fw01 ", "<14>1 2026-11-20T01:00:01Z fw01 - - - - ",
        "2026-11-20T10:00:01+09:00 fw01 ", "<14>1 2026-11-20T01:00:01Z fw01 ",
    ],
)  # fmt: skip
def test_the_header_may_be_any_or_none(head: str) -> None:
    answer = one("paloalto_panos", head + traffic())
    assert (answer["src_ip"], answer["dst_port"], answer["verdict"]) == ("10.16.4.21", 443, "allow")
    assert answer["device"] in ("fw01", "012801096514")
    assert answer["event_time"] == datetime(2026, 11, 20, 1)


TIMES: dict[str, tuple[datetime, str]] = {
    "": (datetime(2026, 11, 20, 1), "zone_assumed"),
    "2026-11-20T10:00:00.437+09:00": (datetime(2026, 11, 20, 1, 0, 0, 437000), "exact"),
    "2026-11-20T10:00:02.002+09:00": (datetime(2026, 11, 20, 1), "exact"),
    "2026-11-20T10:00:00.437-05:00": (datetime(2026, 11, 20, 15, 0, 0, 437000), "exact"),
    "2026-11-20T10:00:00.437Z": (datetime(2026, 11, 20, 10, 0, 0, 437000), "exact"),
    "1970-01-01T09:00:00.000+09:00": (datetime(2026, 11, 20, 1), "zone_assumed"),
    "nonsense": (datetime(2026, 11, 20, 1), "zone_assumed"),
}


@pytest.mark.parametrize(("stamp", "expected"), TIMES.items(), ids=TIMES)
def test_time(stamp: str, expected: tuple[datetime, str]) -> None:
    answer = one("paloalto_panos", line("TRAFFIC", count=115, p35="2026/11/20 09:59:00", p102=stamp))
    assert (answer["event_time"], answer["time_quality"]) == expected
    assert (expected[0] - answer["start_time"]).total_seconds() // 1 == 60


def test_a_configuration_log_is_read_by_its_count_of_values() -> None:
    long = one("paloalto_panos", line("CONFIG", "0", 26, p9="set", p13=" path", p14="before", p15="after", p23="fw01"))
    middle = one("paloalto_panos", line("CONFIG", "0", 22, p9="set", p13=" path", p14="77", p15="0x0", p21="fw01"))
    short = one("paloalto_panos", line("CONFIG", "0", 16, p9="set", p13=" path", p14="77", p15="0x0"))
    assert (long["old"], long["new"], long["device"]) == ("before", "after", "fw01")
    assert {"old", "new"} & (middle.keys() | short.keys()) == set()
    assert middle["device"] == "fw01"
    assert long["object"] == middle["object"] == short["object"] == "path"


@pytest.mark.parametrize(
    "lure",
    [
        'x","10.99.99.99","deny', '"', '""', ',,,,,"allow"', "'. From: 10.99.99.99.", "\\", '\\",', "a\tb",
        "1,2026/11/20 10:00:00,0,TRAFFIC,end,0,", "火,水",
    ],
)  # fmt: skip
def test_a_value_shifts_no_other(lure: str) -> None:
    plain = one("paloalto_panos", threat("url", "alert", p31="x", p46="x", p49="x"))
    answer = one("paloalto_panos", threat("url", "alert", p31=lure, p46=lure, p49=lure))
    own = {"length", "user_agent", "referer", *(key for key in answer if key.startswith("url"))}
    assert {k: v for k, v in answer.items() if k not in own} == {k: v for k, v in plain.items() if k not in own}
    assert answer["user_agent"] == lure == answer["url"]


def test_a_users_name_forges_no_address() -> None:
    text = "failed authentication for user 'x'.  Reason: y. From: 10.99.99.99.'.  Reason: Bad. From: 198.51.100.7."
    answer = one("paloalto_panos", line("SYSTEM", "auth", 26, p8="auth-fail", p14=text))
    assert (answer["class"], answer["outcome"], answer["src_ip"]) == ("authentication", "failure", "198.51.100.7")


@pytest.mark.parametrize(
    "text",
    [
        "once upon a time", "1,2,3,4,5,6,7,8,9", "a,b,c,TRAFFI,end", "", ",,,,,,,,,", "1,2026/11/20 10:00:00,x,lower,y,,,,",
    ],
)  # fmt: skip
def test_what_is_no_line_of_it_is_refused(text: str) -> None:
    assert {"refused", "skipped"} & one("paloalto_panos", text + "\n").keys()


@pytest.mark.parametrize("count", [27, 28])
def test_a_configuration_log_is_read_with_the_change_and_without_it(count: int) -> None:
    change = {14: "before", 15: "after"} if count == 28 else {}
    behind = ["7600101", "0x8000000000000000", *"0000", "", "pano1", "0", "why", "0", "2026-11-20T10:00:00.000+09:00"]
    flags = 17 if change else 15
    rest = dict(enumerate(behind, start=flags - 1))
    places = {9: "commit-and-push", 10: "sato", 12: "Succeeded"} | change | rest
    found = one("paloalto_panos", line("CONFIG", "0", count, **{f"p{place}": value for place, value in places.items()}))
    assert (found["sequence"], found["device"], found["message"]) == (7600101, "pano1", "why")
    assert (found.get("old"), found.get("new")) == (("before", "after") if change else (None, None))
    assert (found["time_quality"], found["user"]) == ("exact", "sato")


@pytest.mark.parametrize(
    ("behind", "user", "reason", "method"),
    [
        ("User name: sato, Auth type: profile, Client OS version: Microsoft Windows 11 Pro , 64-bit", "sato", None, "profile"),
        ("User name: sato, Client OS version: Windows, Reason: no such user, Auth type: profile.", "sato", "no such user", "profile"),
        ("Source region: JP, User name: sato, Reason: no such user", "sato", "no such user", "authentication"),
        ("User name: x, User name: root, Auth type: profile", "x, User name: root", None, "profile"),
    ],
)  # fmt: skip
def test_a_vpn_user_ends_where_the_next_word_of_the_device_begins(
    behind: str, user: str, reason: str | None, method: str
) -> None:
    text = f"GlobalProtect gateway user authentication failed. Login from: 198.51.100.7, {behind}"
    found = one("paloalto_panos", line("SYSTEM", "globalprotect", 23, p8="globalprotectgateway-auth-fail", p14=text))
    assert (found["user"], found.get("reason"), found["auth_method"]) == (user, reason, method)
    assert (found["src_ip"], found["outcome"]) == ("198.51.100.7", "failure")


_SHAPE = records(
    range(2),
    lambda df: np.where((df["_0"] == "a").fill_null(value=False).to_numpy(), 0, 1),
    ({"x": 2, "y": 4}, {"x": 1}),
)
_PIECES = ("a", ",", '"', '""', "b", "x", " ", "値", "\\", 'a,"b,c",', ',"d""e",')


def _expected(text: str) -> dict[str, Any]:
    values = next(csv.reader([text]), [])
    layout = {"x": 2, "y": 4} if values[:1] == ["a"] else {"x": 1}
    return {k: values[i] for k, i in layout.items() if i < len(values) and values[i]} | {"_count": len(values)}


def _read(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if v is not None} for row in frame.select("x", "y", "_count").to_dicts()]


def test_quoted_lines_are_read_as_csv_is() -> None:
    texts = ["a,b,c,d,e", '"a",b,"c,c",,"e""e"', 'a,"",x', "b,y", '"b","q,q"', "a", 'a,b,"c', 'a,b,x"y,d,e']
    raw = "".join(text + "\n" for text in texts).encode()
    assert _read(_SHAPE(lines_of(Chunk(raw), "utf-8"))) == [_expected(text) for text in texts]


@given(texts=st.lists(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=12).map("".join), min_size=1, max_size=5))
def test_a_line_is_read_alike_alone_and_among_others(texts: list[str]) -> None:
    def rows(*some: str) -> list[dict[str, Any]]:
        return _SHAPE(lines_of(Chunk("".join(text + "\n" for text in some).encode()), "utf-8")).to_dicts()

    together = rows(*texts)
    assert together == [rows(text)[0] for text in texts]
