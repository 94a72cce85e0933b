"""Zones by the longest prefix in force."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RegisterError
from core.zones import UNKNOWN, Network, ZoneTable

BODY = "131016"
OTHER = "132047"


def test_the_longest_prefix_wins_for_both_families() -> None:
    table = ZoneTable([
        Network(BODY, "10.0.0.0/8", "LGC"), Network(BODY, "10.1.0.0/16", "MNU"), Network(BODY, "10.1.2.3/32", "DC"),
        Network(BODY, "2001:db8::/32", "INC"), Network(BODY, "2001:db8:1::/48", "LGC"),
    ])  # fmt: skip
    answers = {
        a: table.lookup(BODY, a, 0) for a in ("10.9.9.9", "10.1.9.9", "10.1.2.3", "2001:db8::1", "2001:db8:1::1")
    }
    assert list(answers.values()) == ["LGC", "MNU", "DC", "INC", "LGC"]
    assert table.lookup(BODY, "::ffff:10.1.2.3", 0) == "DC"


def test_no_answer_is_unknown_never_the_internet() -> None:
    table = ZoneTable([Network(BODY, "10.0.0.0/8", "LGC")])
    for address in ("192.0.2.1", "2001:db8::1", "", "pc-01"):
        assert table.lookup(BODY, address, 0) == UNKNOWN
    assert table.lookup(OTHER, "10.0.0.1", 0) == UNKNOWN


def test_a_zone_holds_from_its_first_instant_to_before_its_last() -> None:
    table = ZoneTable([Network(BODY, "10.0.0.0/8", "LGC", 100, 200), Network(BODY, "10.0.0.0/8", "INC", 200)])
    assert [table.lookup(BODY, "10.0.0.1", t) for t in (99, 100, 199, 200)] == [UNKNOWN, "LGC", "LGC", "INC"]
    assert table.bounds(BODY)[:2] == [100, 200]


def test_answers_change_only_at_edges() -> None:
    prefixes = {"10.0.0.0/8": "LGC", "10.9.0.0/16": "INC", "ff00::/8": "MNU"}
    table = ZoneTable(Network(BODY, prefix, zone) for prefix, zone in prefixes.items())
    first = 0xFFFF_0000_0000
    assert table.edges(BODY) == [
        0, first | 10 << 24, first | 10 << 24 | 9 << 16, first | 10 << 24 | 10 << 16, first | 11 << 24, 0xFF << 120
    ]  # fmt: skip
    assert table.edges("131024") == [0]


def test_one_prefix_with_two_zones_at_once_is_refused() -> None:
    with pytest.raises(RegisterError, match=r"10\.0\.0\.0/8 is LGC and INC"):
        ZoneTable([Network(BODY, "10.0.0.0/8", "LGC", 0, 200), Network(BODY, "10.0.0.0/8", "INC", 199)])


@given(
    st.lists(
        st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32), st.sampled_from(["MNU", "LGC", "INC"])), max_size=8
    ),
    st.integers(0, 2**32 - 1),
)
def test_lookup_equals_a_search_through_all_prefixes(prefixes: list[tuple[int, int, str]], address: int) -> None:
    chosen = {ipaddress.ip_network((bits, length), strict=False): zone for bits, length, zone in prefixes}
    table = ZoneTable(Network(BODY, str(p), z) for p, z in chosen.items())
    ip = ipaddress.ip_address(address)
    holding = [(p.prefixlen, z) for p, z in chosen.items() if ip in p]
    assert table.lookup(BODY, str(ip), 0) == (max(holding)[1] if holding else UNKNOWN)
