import csv
import io
import re
import tomllib
from pathlib import Path

import pytest

from core import municipalities, registers, time
from core.zones import Network, ZoneTable
from ingest.registers import kind_of
from simulator import Summary
from simulator.prefecture import PREFECTURE_CODE, bodies

RECORDED = time.parse_instant("2026-11-20T09:00:00+09:00")
REAL_CODES = re.compile(r"13(1\d\d|20[1-9]|21\d|22[0-9]|30[3-8]|36[1-4]|38[12]|40[12]|421)\d")


def records(path: Path) -> list[dict[str, object]]:
    kind = kind_of(path)
    assert kind is not None
    if path.suffix == ".toml":
        found: list[dict[str, object]] = tomllib.loads(path.read_text("utf-8"))[kind]
        return found
    encoding = "cp932" if "-" in path.stem else "utf-8"
    return [dict(row) for row in csv.DictReader(io.StringIO(path.read_bytes().decode(encoding), newline=""))]


def entries(prefecture: Summary, kind: str) -> list[registers.Entry]:
    return [
        registers.entry(kind, record, where=f"{path.name}:{n}", recorded=RECORDED)
        for path in sorted((prefecture.out / "config").glob(f"{kind}*"))
        for n, record in enumerate(records(path))
    ]


@pytest.mark.parametrize("kind", registers.KINDS)
def test_every_register_can_be_imported(prefecture: Summary, kind: str) -> None:
    found = entries(prefecture, kind)
    assert found
    assert len({(e.tenant, e.key, e.valid_from) for e in found}) == len(found)


def test_codes_are_valid_and_no_real_bodies(prefecture: Summary) -> None:
    codes = [e.tenant for e in entries(prefecture, "tenants")]
    assert len(codes) == 11
    for code in [*codes, *(b.code for b in bodies(120, 1.0))]:
        assert municipalities.checked(code) == code
        assert not REAL_CODES.fullmatch(code)
        assert municipalities.prefecture_code(code) == PREFECTURE_CODE
    assert len({b.code for b in bodies(120, 1.0)}) == len({b.source for b in bodies(120, 1.0)}) == 120


def test_zones_do_not_overlap_and_one_body_has_none(prefecture: Summary) -> None:
    found = entries(prefecture, "zones")
    table = ZoneTable(Network(e.tenant, e.values["prefix"], e.values["zone"]) for e in found)
    for body in bodies(10, 0.1):
        zone = table.lookup(body.code, "198.51.100.30", RECORDED)
        assert zone == ("LGWAN" if body.prefixes else "UNKNOWN")
    assert len({e.tenant for e in found}) == 10


def test_addresses_repeat_between_bodies(prefecture: Summary) -> None:
    owners = {e.tenant for e in entries(prefecture, "zones") if e.values["prefix"] == "172.16.0.0/19"}
    assert len(owners) == 3


def test_half_of_the_bodies_have_a_register_and_one_of_them_in_cp932(prefecture: Summary) -> None:
    found = entries(prefecture, "assets")
    assert len({e.tenant for e in found}) == 5
    raw = (prefecture.out / "config" / "assets-shiranami.csv").read_bytes()
    assert raw.startswith("団体コード".encode("cp932"))
    assert {e.values["kind"] for e in found} >= {"pc", "server", "router", "printer", "monitor"}


def test_flows_name_what_they_limit_and_one_has_ended(prefecture: Summary) -> None:
    found = entries(prefecture, "flows")
    personal = [e for e in found if e.values["src_zone"] == "MNU"]
    assert personal
    assert all(e.values["dst_zone"] == "LGWAN" and e.values["ports"] for e in personal)
    assert any(e.valid_to < RECORDED for e in personal)
    assert any("src_mac" in e.values for e in personal)


def test_sources_say_how_a_rows_body_is_found(prefecture: Summary) -> None:
    found = {e.key: e for e in entries(prefecture, "sources")}
    assert {p.name for p in (prefecture.out / "logs").iterdir()} == set(found)
    assert {found[s].values["body_by"] for s in ("proxy", "mail", "dns", "web")} == {
        "address", "mail_domain", "dns_zone", "vhost",
    }  # fmt: skip
    assert found["fw-aoba"].values["deny_only"] is False
    assert found["fw-kawakami"].values["deny_only"] is True
