"""Addresses: one form for each, and nothing is made one that is none."""

from __future__ import annotations

import ipaddress

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers._addresses import address_of, addresses, mac_of
from parsers._names import PROTOCOLS, protocol_of

CASES = {
    "10.0.0.1": "10.0.0.1", "0.0.0.0": "0.0.0.0", "255.255.255.255": "255.255.255.255", " 192.0.2.1 ": "192.0.2.1",  # noqa: S104 - an address in a log
    "2001:DB8:0:0:0:0:0:1": "2001:db8::1", "2001:db8::": "2001:db8::", "::": "::", "::1": "::1", "fe80::1%eth0": "fe80::1",
    "[2001:db8::5]": "2001:db8::5", "::ffff:10.1.2.3": "10.1.2.3", "::FFFF:0A01:0203": "10.1.2.3", "::1.2.3.4": "::102:304",
    "2001:db8:0:1:1:1:1:1": "2001:db8:0:1:1:1:1:1", "2001:0:0:1:0:0:0:1": "2001:0:0:1::1", "64:ff9b::192.0.2.1": "64:ff9b::c000:201",
}  # fmt: skip
HOSTS = [
    "010.0.0.1", "10.0.0.01", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1..2.3", "1.2.3.", ".1.2.3", "1234.1.1.1", "1.2.3.4a", "a.b.c.d", "1.2.3.4444",
    "www.example.lg.jp", "localhost", "2001:db8", "2001:db8:::1", "12345::", "g::1", "1:2:3:4:5:6:7:8:9", "٣.1.1.1", "+1.1.1.1", "1.1.1.1/24", "庁内",
]  # fmt: skip


def packed(text: str) -> bytes:
    made = ipaddress.ip_address(text)
    return made.packed if made.version == 6 else bytes(10) + b"\xff\xff" + made.packed


@pytest.mark.parametrize(("text", "expected"), CASES.items(), ids=CASES)
def test_an_address_has_one_form(text: str, expected: str) -> None:
    ip, octets, host = addresses(pl.Series([text, None]))
    assert ip.to_list() == [expected, None]
    assert octets.to_list() == [packed(expected), None]
    assert host is None
    assert address_of(text) == (expected, packed(expected))


@pytest.mark.parametrize("text", HOSTS)
def test_what_is_no_address_is_a_host(text: str) -> None:
    ip, octets, host = addresses(pl.Series([text, None]))
    assert (ip.to_list(), octets.to_list()) == ([None, None], [None, None])
    assert host is not None
    assert host.to_list() == [text, None]


def test_all_together_are_read_as_each_alone() -> None:
    texts: list[str | None] = [*CASES, None, *HOSTS, "", *CASES]
    ip, octets, host = addresses(pl.Series(texts))
    for i, text in enumerate(texts):
        one = addresses(pl.Series([text], dtype=pl.String))
        assert (ip[i], octets[i], (host[i] if host is not None else None)) == (
            one[0][0],
            one[1][0],
            one[2][0] if one[2] is not None else None,
        )


@pytest.mark.parametrize("distinct", [3, 3000])
def test_a_long_column_is_read_like_a_short_one(distinct: int) -> None:
    """Its IPv4 and canonical IPv6 addresses are read side by side, all others one by one."""
    some = [*CASES, *HOSTS, *(f"10.1.{i // 256}.{i % 256}" for i in range(distinct))]
    texts: list[str | None] = [None if i % 17 == 0 else some[i * 7 % len(some)] for i in range(5000)]
    ip, octets, host = addresses(pl.Series(texts))
    assert host is not None
    for i, text in enumerate(texts):
        known = address_of(text) if text is not None and text not in HOSTS else None
        assert (ip[i], octets[i]) == (known or (None, None))
        assert host[i] == (text if known is None else None)


@given(st.lists(st.ip_addresses(), max_size=30))
def test_the_library_agrees(given: list[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> None:
    ip, octets, host = addresses(
        pl.Series([str(a) for a in given] + [a.exploded.upper() for a in given], dtype=pl.String)
    )
    expected = [str(getattr(a, "ipv4_mapped", None) or a) for a in given]
    assert ip.to_list() == expected * 2
    assert octets.to_list() == [packed(text) for text in expected] * 2
    assert host is None


@st.composite
def nearly_canonical(draw: st.DrawFn) -> str:
    """Eight groups, many of them zero, any run of them (or none) as `::`."""
    groups = [f"{n:x}" for n in draw(st.lists(st.sampled_from([0, 0, 1, 0xFFFF, 0xA0]), min_size=7, max_size=9))]
    begin, end = sorted(draw(st.tuples(st.integers(0, 9), st.integers(0, 9))))
    return ":".join(groups[:begin]) + "::" + ":".join(groups[end:]) if begin < end else ":".join(groups)


@given(st.lists(nearly_canonical(), max_size=40))
def test_ipv6_is_read_together_as_alone(texts: list[str]) -> None:
    ip, octets, host = addresses(pl.Series(texts, dtype=pl.String))
    for i, text in enumerate(texts):
        known = address_of(text)
        assert (ip[i], octets[i], None if host is None else host[i]) == (
            (*known, None) if known else (None, None, text)
        )


@given(st.lists(st.text("0123456789.:abf%[] ", max_size=20), max_size=20))
def test_no_text_is_read_other_than_the_library_would(texts: list[str]) -> None:
    ip, _, _ = addresses(pl.Series(texts, dtype=pl.String))
    for text, got in zip(texts, ip.to_list(), strict=True):
        bare = text.strip().removeprefix("[").removesuffix("]").partition("%")[0]
        try:
            made = ipaddress.ip_address(bare)
            expected = str(getattr(made, "ipv4_mapped", None) or made)
        except ValueError:
            expected = None
        if got != expected:
            # Blanks within the brackets, and a scope id on IPv4, are refused where Python is lenient or the reverse.
            assert bare != text.strip() or got is None


MACS = {
    "02:00:5E:10:00:01": "02:00:5e:10:00:01", "02-00-5e-10-00-01": "02:00:5e:10:00:01", "0200.5e10.0001": "02:00:5e:10:00:01",
    "02005e100001": "02:00:5e:10:00:01", " 02:00:5e:10:00:01 ": "02:00:5e:10:00:01", "02:00:5e:10:00": None, "xx:00:5e:10:00:01": None,
    "02:00:5e:10:00:01:02": None, "": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MACS.items(), ids=MACS)
def test_a_hardware_address_has_one_form(text: str, expected: str | None) -> None:
    assert mac_of(text) == expected


WORDS = {
    "6": "tcp", "17": "udp", "1": "icmp", "58": "ipv6-icmp", "TCP": "tcp", "icmp6": "ipv6-icmp", "ICMPv6": "ipv6-icmp", "ospfigp": "ospf",
    "200": "200", "256": "256", "udp": "udp", "sctp": "sctp", "foo": "foo", "": None, "006": "tcp",
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WORDS.items(), ids=WORDS)
def test_a_protocol_is_its_keyword(text: str, expected: str | None) -> None:
    assert protocol_of(text) == expected


def test_keywords_are_lower_case_and_each_has_one_number() -> None:
    assert all(word == word.lower() for word in PROTOCOLS.values())
    assert len(set(PROTOCOLS.values())) == len(PROTOCOLS)


def test_the_given_column_stays_as_it_is() -> None:
    """Also where all of a repetitive column are addresses, some in a form that is not the canonical one."""
    texts = ["2001:DB8::1", "10.0.0.1", "::FFFF:10.0.0.2"] * 1000
    given = pl.Series(texts)
    ip, _, host = addresses(given)
    assert given.to_list() == texts
    assert host is None
    assert ip.to_list() == ["2001:db8::1", "10.0.0.1", "10.0.0.2"] * 1000
