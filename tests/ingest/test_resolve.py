"""Bodies and zones of rows: interface first, longest prefix, dated, unattributed rows to the prefecture."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.columns import EventClass
from core.errors import RegisterError
from core.registers import Entry
from core.time import parse_instant
from core.zones import UNKNOWN, address_bits
from ingest.resolve import Resolver, zone_table

PREFECTURE, BODY, OTHER = "130001", "131016", "132047"
CHANGED = parse_instant("2026-11-20T00:00:00+09:00")
EARLIER = CHANGED - 10**9
BEFORE, AFTER = datetime(2026, 11, 19, 14, 59, 59), datetime(2026, 11, 19, 15, 0, 0)


def zone(tenant: str, prefix: str, zone: str, **span: int) -> Entry:
    return Entry("zones", tenant, prefix, {"prefix": prefix, "zone": zone}, **span)


def source(tenant: str = BODY, **values: Any) -> Entry:
    return Entry("sources", tenant, "s", {"id": "s", "body_by": "fixed"} | values)


def rows(**columns: list[Any]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    columns = {"event_time": [AFTER] * height} | columns
    for end in ("src", "dst"):
        if f"{end}_ip" in columns:
            columns[f"{end}_addr"] = [a and address_bits(a).to_bytes(16, "big") for a in columns[f"{end}_ip"]]
    return pl.DataFrame(columns, schema_overrides={"event_time": pl.Datetime("us")})


def resolved(entry: Entry, frame: pl.DataFrame, *zones: Entry) -> list[dict[str, Any]]:
    out = Resolver(entry, zone_table(zones), PREFECTURE)(EventClass.NETWORK, frame)
    assert out.height == frame.height
    return out.to_dicts()


def test_the_interface_says_the_zone_and_a_differing_prefix_is_kept_beside_it() -> None:
    fw = source(interfaces={"port1": "LGC", "port2": "LGWAN"})
    frame = rows(src_ip=["10.9.0.1", "10.1.0.1", "10.1.0.1"], dst_ip=["198.51.100.1"] * 3,
                 in_interface=["port1", "port1", "port9"], out_interface=["port2", None, "port2"])  # fmt: skip
    first, second, third = resolved(fw, frame, zone(BODY, "10.0.0.0/8", "LGC"), zone(BODY, "10.9.0.0/16", "INC"))
    assert (first["src_zone"], first["dst_zone"], first["zone_conflict"]) == ("LGC", "LGWAN", "src=INC")
    assert (second["src_zone"], second["dst_zone"], second["zone_conflict"]) == ("LGC", "UNKNOWN", None)
    assert third["src_zone"] == "LGC"


def test_addresses_repeat_between_bodies_and_never_answer_for_another() -> None:
    (row,) = resolved(source(BODY), rows(src_ip=["10.0.0.1"], dst_ip=[None]), zone(OTHER, "10.0.0.0/8", "MNU"))
    assert (row["src_zone"], row["dst_zone"]) == ("UNKNOWN", "UNKNOWN")


def test_the_zone_is_the_one_in_force_when_it_happened() -> None:
    frame = rows(event_time=[BEFORE, AFTER, BEFORE], src_ip=["10.0.0.1"] * 3)
    zones = zone(BODY, "10.0.0.0/8", "LGC", valid_to=CHANGED), zone(BODY, "10.0.0.0/8", "INC", valid_from=CHANGED)
    assert [r["src_zone"] for r in resolved(source(), frame, *zones)] == ["LGC", "INC", "LGC"]


@pytest.mark.parametrize(
    ("by", "bodies", "columns", "tenants"),
    [
        ("address", {"10.250.1.0/24": BODY, "10.250.1.9/32": OTHER}, {"src_ip": ["10.250.1.1", "10.250.1.9", "10.9.9.9"]},
         [BODY, OTHER, None]),
        ("vhost", {"www.city.aoba.example.lg.jp": BODY}, {"vhost": ["www.city.aoba.example.lg.jp:443", "x.example", None]},
         [BODY, None, None]),
        ("mail_domain", {"aoba.example.lg.jp": BODY}, {"mail_to": ["<a@Aoba.example.lg.jp>", "b@mail.aoba.example.lg.jp", "c@x"],
         "mail_from": ["q@x", None, "d@aoba.example.lg.jp"]}, [BODY, BODY, BODY]),
        ("dns_zone", {"aoba.example.lg.jp": BODY}, {"qname": ["www.aoba.example.lg.jp", "notaoba.example.lg.jp", "."]},
         [BODY, None, None]),
    ],
)  # fmt: skip
def test_a_shared_source_finds_the_body_in_the_row(
    by: str, bodies: dict[str, str], columns: dict[str, list[Any]], tenants: list[str | None]
) -> None:
    out = resolved(source(PREFECTURE, body_by=by, bodies=bodies), rows(**columns))
    assert [r["tenant"] for r in out] == [t or PREFECTURE for t in tenants]
    assert [r["tenant_quality"] for r in out] == ["derived" if t else "unattributed" for t in tenants]


def test_the_longest_prefix_says_whose_an_address_is() -> None:
    bodies = {"0.0.0.0/0": OTHER, "10.0.0.0/8": BODY, "10.1.0.0/16": OTHER, "2001:db8::/32": BODY, "ff00::/8": OTHER}
    expected = {
        "0.0.0.1": OTHER, "9.255.255.255": OTHER, "10.0.0.0": BODY, "10.1.0.0": OTHER, "10.1.255.255": OTHER,
        "10.2.0.0": BODY, "10.255.255.255": BODY, "11.0.0.0": OTHER, "255.255.255.255": OTHER, "2001:db8::": BODY,
        "2001:db9::": PREFECTURE, "::": PREFECTURE, "ffff::1": OTHER, None: PREFECTURE,
    }  # fmt: skip
    out = resolved(source(PREFECTURE, body_by="address", bodies=bodies), rows(src_ip=[*expected]))
    assert [r["tenant"] for r in out] == [*expected.values()]


def test_a_shared_server_stands_in_the_prefectures_own_network() -> None:
    proxy = source(PREFECTURE, body_by="address", bodies={"10.250.1.0/24": BODY})
    frame = rows(src_ip=["10.250.1.1"], dst_ip=["203.0.113.10"])
    (row,) = resolved(proxy, frame, zone(PREFECTURE, "203.0.113.0/24", "SECC"), zone(BODY, "10.250.1.0/24", "INC"))
    assert (row["src_zone"], row["dst_zone"]) == ("INC", "SECC")


_ADDRESSES = (
    "10.0.0.0 10.0.1.255 10.0.2.0 10.255.255.255 11.0.0.0 203.0.113.9 2001:db8:: 2001:db8:0:1::5 :: "
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
).split()
_PREFIXES = (
    "0.0.0.0/0 10.0.0.0/8 10.0.0.0/23 10.0.1.255/32 203.0.113.0/24 ::/0 2001:db8::/32 2001:db8:0:1::/64 ff00::/8"
).split()


@given(
    st.lists(st.tuples(st.sampled_from([BODY, OTHER, PREFECTURE]), st.sampled_from(_PREFIXES),
                       st.sampled_from([0, EARLIER, CHANGED]), st.sampled_from(["LGC", "INC"])), max_size=12,
             unique_by=lambda n: n[:3]),
    st.lists(st.tuples(st.sampled_from([None, *_ADDRESSES]), st.sampled_from([EARLIER - 1, EARLIER, CHANGED - 1, CHANGED])), min_size=1),
    st.booleans(),
)  # fmt: skip
def test_zones_of_a_column_are_those_of_each_address(
    networks: list[tuple[str, str, int, str]], ends: list[tuple[str | None, int]], fixed: bool
) -> None:
    lasts = {since: {0: EARLIER, EARLIER: CHANGED, CHANGED: 2**62}[since] for _, _, since, _ in networks}
    zones = [
        zone(body, prefix, name, valid_from=since, valid_to=lasts[since]) for body, prefix, since, name in networks
    ]
    own = source() if fixed else source(PREFECTURE, body_by="address", bodies={"10.0.0.0/9": BODY, "::/1": OTHER})
    out = resolved(
        own,
        rows(
            src_ip=[a for a, _ in ends], event_time=[datetime(1970, 1, 1) + timedelta(microseconds=t) for _, t in ends]
        ),
        *zones,
    )
    table = zone_table(zones)
    for row, (address, at) in zip(out, ends, strict=True):
        expected = table.lookup(row["tenant"], address or "", at)
        if expected == UNKNOWN and not fixed:
            expected = table.lookup(PREFECTURE, address or "", at)
        assert row["src_zone"] == expected


def test_a_fixed_source_without_a_body_is_refused() -> None:
    with pytest.raises(RegisterError, match="needs a tenant"):
        Resolver(source(""), zone_table([]), PREFECTURE)
