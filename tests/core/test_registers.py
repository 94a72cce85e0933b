"""Entries of registers: headings in two languages, checks with their place, approvals."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import RegisterError
from core.registers import ALWAYS, FOREVER, KINDS, entry
from core.time import parse_instant

NOW = parse_instant("2026-11-20T00:00:00+09:00")
FLOW = {
    "tenant": "131016", "id": "T-01", "src_zone": "MNU", "src": "10.1.0.5", "dst_zone": "LGWAN", "dst": "198.51.100.7",
    "protocol": "tcp", "ports": "443, 8000-8099", "approver": "統括", "valid_from": "2026-11-21",
}  # fmt: skip


def make(kind: str, /, **record: Any) -> Any:
    return entry(kind, record, where="file.csv:7", recorded=NOW)


def test_japanese_and_english_headings_give_the_same_entry() -> None:
    japanese = entry(
        "assets",
        {
            "団体コード": "131016",
            "IPアドレス": "10.0.0.5",
            "MACアドレス": "AA-BB-CC-00-11-22",
            "端末名": "PC-1",
            "課室": "総務課",
        },
        where="x",
        recorded=NOW,
    )
    english = make(
        "assets", tenant="131016", address="10.0.0.5/32", mac="aabb.cc00.1122", name="PC-1", section="総務課"
    )
    assert japanese == english
    assert japanese.values["mac"] == "aa:bb:cc:00:11:22"
    assert (japanese.valid_from, japanese.valid_to) == (ALWAYS, FOREVER)


@pytest.mark.parametrize(
    ("kind", "record", "says"),
    [
        ("zones", {"tenant": "131015", "prefix": "10.0.0.0/8", "zone": "LGC"}, "wrong check digit"),
        ("zones", {"tenant": "131016", "prefix": "10.0.0.1/8", "zone": "LGC"}, "host bits"),
        ("zones", {"tenant": "131016", "prefix": "10.0.0.0/8", "zone": "LAN"}, "none of MNU"),
        ("zones", {"tenant": "131016", "zone": "LGC"}, "prefix is missing"),
        ("zones", {"tenant": "131016", "prefix": "10.0.0.0/8", "zone": "LGC", "zoen": "x"}, "unknown field 'zoen'"),
        ("assets", {"tenant": "131016", "address": "10.0.0.1", "mac": "00:11"}, "six bytes"),
        (
            "sources",
            {"id": "a", "kind": "proxy", "format": "squid", "timezone": "JST", "body_by": "address"},
            "Asia/Tokyo",
        ),
        (
            "tenants",
            {"code": "131016", "name": "千代田区", "valid_from": "2026-02-01", "valid_to": "2026-01-01"},
            "after",
        ),
        ("flows", FLOW | {"ports": "70000"}, "port 70000"),
        ("flows", FLOW | {"approver": ""}, "needs an approver"),
        ("flows", FLOW | {"dst_zone": "INET"}, "F01–F04"),
        ("flows", FLOW | {"src_zone": "VENDOR", "dst_zone": "LGC"}, "closed line"),
        ("flows", FLOW | {"valid_from": "2026-11-01"}, "second approver"),
        ("flows", FLOW | {"valid_from": "2026-11-01", "second_approver": "統括"}, "second approver"),
    ],
)
def test_a_wrong_record_is_refused_with_its_place(kind: str, record: dict[str, Any], says: str) -> None:
    with pytest.raises(RegisterError, match=says) as error:
        make(kind, **record)
    assert str(error.value).startswith("file.csv:7: ")


def test_a_correction_of_the_past_takes_a_second_approver() -> None:
    corrected = make("flows", **FLOW | {"valid_from": "2026-11-01", "second_approver": "副統括"})
    assert corrected.valid_from == parse_instant("2026-11-01T00:00:00+09:00")
    assert corrected.values["ports"] == "443,8000-8099"


def test_every_field_that_japanese_files_may_head_is_named_once() -> None:
    for kind in KINDS.values():
        words = [f.ja for f in kind.fields if f.ja]
        assert len(words) == len(set(words))
        assert set(kind.key) <= {f.name for f in kind.fields}
